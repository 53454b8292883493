#!/usr/bin/env python3
"""Compares kijun with what the real PAM modules do in generated stacks (pam_ask.c, in a root folder of its own).

Two trees in three change a user's password, as passwd would, with passwords of every mixture of classes and with several in
a row: `kijun show password` must demand no less and no more than what is stored in the end, and `kijun show pam_unix`
must name the method of the hash. Every third tree is for lockouts: wrong passwords, then the right one, and
`kijun show faillock` must say whether and after how many the right one is refused.
"""

import argparse
import itertools
import os
import random
import re
import subprocess
import sys

import oracle_common as common
import pam_world

CLASSES = {"digit": "0123456789", "upper": "ABCDEFGHJKLMNPQRSTUVWXYZ", "lower": "abcdefghjkmnopqrstuvwxyz",
           "other": "!#$%&()*+,-./:;<=>?@[]^_{|}~"}
USER, UID, OLD, USED = "alice", "1000", "Wf7,kQ2;zR9!", "Tq4%mZ8&xB3?nJ"
STRONG = ["Hd6$wL1^vT5=", "Yp2#sG8+cN7~kE"]
PREFIXES = {"$1$": "md5", "$5$": "sha256", "$6$": "sha512", "$y$": "yescrypt", "$gy$": "gost_yescrypt", "$2b$": "blowfish"}
MAX_WRONG = 7


def md5_hash(password):
    run = subprocess.run(["openssl", "passwd", "-1", "-salt", "abcdefgh", password], capture_output=True, text=True, check=True)
    return run.stdout.strip()


# --- passwords ----------------------------------------------------------------------------------------------------

def password(r, classes, length):
    """A password with at least one character of each class, no digit at the end and no capital in front (pam_passwdqc does
    not count those)."""
    chars = [r.choice(CLASSES[c]) for c in classes]
    chars += [r.choice(CLASSES[r.choice(classes)]) for _ in range(length - len(chars))]
    for _ in range(20):
        r.shuffle(chars)
        if not chars[0].isupper() and not chars[-1].isdigit():
            break
    return "".join(chars)


def class_sets():
    names = sorted(CLASSES)
    return [c for n in range(1, 5) for c in itertools.combinations(names, n)]


def attempts(r, lengths):
    """Lists of passwords that the user types one after the other."""
    tries = []
    for length in sorted(set(n for n in lengths if n > 0)):
        for classes in class_sets():
            if len(classes) <= length:
                tries += [[password(r, classes, length)] for _ in range(2)]
    weak = password(r, ("lower",), 6)
    some = [password(r, (c,), n) for c in CLASSES for n in sorted(set(lengths))[:3] if n > 0]
    mixed = [password(r, tuple(CLASSES), n) for n in sorted(set(lengths))[:3] if n > 3]
    for first in [STRONG[0], USED, OLD[:10], weak] + [password(r, tuple(CLASSES), n) for n in (7, 8)]:
        tries += [[first, p] for p in some] + [[first, USED], [first, STRONG[1]]]
    # pam_passwdqc gives up after three
    return tries + [[weak, weak, weak, p] for p in some + mixed + [USED]] + [[USED], [STRONG[1]]]


# --- trees for passwords ------------------------------------------------------------------------------------------

def control(r):
    return r.choice(["required"] * 4 + ["requisite"] * 6 + ["optional", "sufficient", "[success=ok default=die]",
                     "[success=ok default=bad]", "[default=ignore]", "[success=1 default=ignore]", "[success=ok default=1]",
                     "[success=ok authtok_err=bad maxtries=bad default=ignore]"])


def quality_line(r, has):
    kind = r.random()
    token = r.choice(["", "", "", " use_authtok", " try_first_pass"])
    if kind < 0.7:
        args = "".join(" " + a for a in r.sample(["retry=3", "minlen=%d" % r.choice([8, 9, 10, 12]), "minclass=%d" % r.choice([2, 3, 4]),
                                                  "dcredit=-1", "ocredit=-1", "lcredit=-1", "ucredit=-1", "dcredit=1",
                                                  "enforce_for_root", "enforcing=0", "local_users_only"], r.choice([0, 1, 2, 3])))
        return "password %s pam_pwquality.so%s%s" % (control(r), args, token)
    if kind < 0.9 and has("pam_passwdqc"):
        args = r.choice(["", " min=disabled,24,11,8,7", " min=disabled,disabled,disabled,disabled,10", " min=8,8,8,8,8",
                         " min=disabled,20,12,9,8 passphrase=0", " enforce=none", " enforce=users", " config=/etc/passwdqc.conf",
                         " min=8,9,8,8,8", " minn=8", " max=40 similar=deny match=4"])
        return "password %s pam_passwdqc.so%s%s" % (control(r), args, token)
    return None


def history_line(r):
    if r.random() < 0.7:
        return None
    args = r.choice([" remember=3", " remember=3", "", " remember=0"]) + r.choice(["", "", " retry=3"])
    return "password %s pam_pwhistory.so%s%s" % (control(r), args, r.choice(["", " use_authtok", " use_authtok"]))


def unix_line(r):
    args = r.choice(["", " use_authtok", " use_authtok", " use_authtok", " try_first_pass"])
    args += r.choice(["", "", "", " obscure", " minlen=%d" % r.choice([4, 8, 9, 11]), " remember=3", " nullok"])
    args += r.choice([" md5", " md5", " sha512 rounds=1000", " sha256 rounds=1000", " sha512", "", " yescrypt rounds=3", " des md5",
                      " blowfish rounds=4"])
    words = ["required", "sufficient", "[success=1 default=ignore]", "[success=1 default=ignore]", "requisite"]
    return "password %s pam_unix.so%s" % (r.choice(words), args)


def other_line(r):
    return r.choice(["password required pam_permit.so", "password [success=1 default=ignore] pam_succeed_if.so quiet user = root",
                     "password sufficient pam_rootok.so", "password [success=2 default=ignore] pam_permit.so",
                     "password requisite pam_succeed_if.so quiet uid >= 1000", "password optional pam_deny.so",
                     "password [default=1] pam_permit.so", "password requird pam_permit.so", "passwd required pam_permit.so"])


def password_tree(r, has):
    lines = [quality_line(r, has), history_line(r), unix_line(r)]
    if r.random() < 0.12:
        second = quality_line(r, has)
        # not where a password is stored that either of the two accepted: kijun says then that neither counts
        lines[0] = lines[0] and re.sub(r"^password (\[.*?\]|\w+)", "password requisite", lines[0])
        lines.insert(1, second + " use_authtok" if second and "passwdqc" in second else second)
    elif r.random() < 0.12:
        r.shuffle(lines)
    if r.random() < 0.15:
        lines.insert(r.randrange(3), other_line(r))
    lines = [line for line in lines if line]
    lines += ["password requisite pam_deny.so", "password required pam_permit.so"] if "success=1" in lines[-1] else \
        r.choice([[], ["password required pam_deny.so"], ["password required pam_permit.so"], []])
    files = {"etc/pam.d/passwd": "\n".join(lines) + "\n", "etc/pam.d/other": "password required pam_deny.so\n"}
    if r.random() < 0.3:
        n = r.randint(0, len(lines))
        files["etc/pam.d/part"] = "\n".join(lines[n:]) + "\n"
        files["etc/pam.d/passwd"] = "\n".join(lines[:n] + [r.choice(["@include part", "password substack part", "password include part"])]) + "\n"
    conf = r.sample(["minlen = %d" % r.choice([7, 8, 10]), "minclass = %d" % r.choice([0, 2, 3, 4]), "dcredit = -1", "ocredit = -1",
                     "lcredit = -1", "ucredit = -1", "lcredit = 1"], r.choice([0, 0, 1, 2]))
    files["etc/security/pwquality.conf"] = "".join(line + "\n" for line in conf + ["dictcheck = 0", "usercheck = 0"])
    files["etc/passwdqc.conf"] = r.choice(["min=disabled,24,11,9,8\n", "# comment\nmin=9,9,9,9,9\n", "enforce=none\n"])
    files["etc/login.defs"] = r.choice(["", "ENCRYPT_METHOD SHA512\n", "ENCRYPT_METHOD MD5\n", "ENCRYPT_METHOD BCRYPT\n",
                                        "encrypt_method sha256 # x\nENCRYPT_METHOD MD5\nSHA_CRYPT_MAX_ROUNDS 2000\n"])
    return files


def scoped(answer, key):
    return [s for s in answer["settings"] if s["key"] == key]


def scoped_to(answer, scope):
    return [s for s in answer["settings"] if s["scope"] == scope]


def whole_in_part(tree):
    """The service is the file `part` and nothing more: then it is shown under that name."""
    with open(os.path.join(tree, "etc/pam.d/passwd"), encoding="utf-8") as f:
        return len(f.read().splitlines()) == 1


def has_class(text, name):
    letters = CLASSES["upper"] + CLASSES["lower"]
    return any(c in (letters if name == "letter" else CLASSES["other" if name == "symbol" else name]) for c in text)


def compare_passwords(settings, stored, has_several):
    """What kijun says of a stack, and what was stored through it."""
    problems = []
    least = int(settings["min_length"])
    shortest = min(stored, key=len, default=None)
    if shortest is None:
        return ["nothing was ever stored, and kijun says that a password of %d can be" % least]
    if len(shortest) < least:
        problems.append("kijun says min_length %d, and '%s' was stored" % (least, shortest))
    if len(shortest) > least + (3 if has_several else 0):
        problems.append("kijun says min_length %d, and nothing shorter than '%s' was stored" % (least, shortest))
    for what in ("letter", "digit", "symbol"):
        without = [p for p in stored if not has_class(p, what)]
        if settings["demands_" + what] == "yes" and without:
            problems.append("kijun says that a %s is demanded, and '%s' was stored" % (what, without[0]))
        if settings["demands_" + what] == "no" and not without:
            problems.append("kijun says that no %s is demanded, and none without was stored" % what)
    if settings["remember"] != "0" and USED in stored:
        problems.append("kijun says remember %s, and a used password was stored" % settings["remember"])
    if settings["remember"] == "0" and USED not in stored:
        problems.append("kijun says remember 0, and the used password was not stored")
    return problems


def compare_hash(answer, hashes):
    methods = {s["value"] for s in scoped(answer, "method")}
    real = {next((m for p, m in PREFIXES.items() if h.startswith(p)), "des") for h in hashes}
    problems = ["kijun says method %s, the hash is %s" % (methods, real)] if real and real != methods else []
    rounds = {int(m.group(1)) for h in hashes for m in [re.match(r"\$[56]\$rounds=(\d+)\$", h)] if m}
    said = {int(s["value"]) for s in scoped(answer, "rounds")} - {5000}
    if methods & {"sha256", "sha512"} and rounds != said and real:
        problems.append("kijun says rounds %s, the hash has %s" % (said, rounds))
    return problems


def judge_passwords(args, world, tree, r):
    world.use(tree)
    answer = common.kijun_show(args.kijun, "password", tree)
    scopes = {s["scope"] for s in answer["settings"]}
    mine = scoped_to(answer, "passwd" if "passwd" in scopes else "part" if whole_in_part(tree) else "")
    settings = {s["key"]: s["value"] for s in mine}
    least = int(settings.get("min_length", 8))
    tries = attempts(r, {least - 1, least, least + 1, r.choice([6, 8, 10]), 13, 24})
    lines = world.run(["passwd", "passwd", USER, UID, OLD], "".join("\t".join(t) + "\n" for t in tries))
    stored, hashes = [], set()
    for t, line in zip(tries, lines):
        _, number, *rest = line.split(" ")
        if int(number) > 0:
            stored.append(t[int(number) - 1])
            hashes.add(rest[0])
        elif int(number) < 0:
            stored.append(None)
    if None in stored:
        return ["a hash of an unknown password was stored"]
    if "min_length" not in settings:
        return ["kijun says that no password can be set, and '%s' was stored" % stored[0]] if stored else []
    several = len(settings["module"].split()) > 1
    return compare_passwords(settings, stored, several) + compare_hash(common.kijun_show(args.kijun, "pam_unix", tree), hashes)


# --- trees for lockouts -------------------------------------------------------------------------------------------

def faillock_args(r):
    return "".join(" " + a for a in r.sample(["deny=%d" % r.choice([2, 3, 4, 5]), "silent", "unlock_time=900", "deny=4x", "audit"],
                                             r.choice([0, 0, 1])))


def lockout_tree(r):
    pre = "auth %s pam_faillock.so%s%s" % (r.choice(["required"] * 4 + ["requisite", "optional", "[success=ok default=ignore]"]),
                                           r.choice([" preauth"] * 4 + [""]), faillock_args(r))
    fail = "auth %s pam_faillock.so authfail%s" % (r.choice(["[default=die]"] * 3 + ["required", "optional", "sufficient"]), faillock_args(r))
    done = "auth %s pam_faillock.so authsucc%s" % (r.choice(["sufficient", "required"]), faillock_args(r))
    unix = "auth %s pam_unix.so" % r.choice(["sufficient"] * 3 + ["[success=1 default=ignore]"] * 3 + ["[success=1 default=bad]",
                                             "[success=2 default=ignore]", "required", "requisite"])
    body = [line for line in [pre, unix, fail, done] if r.random() < (0.25 if line is done else 0.9)]
    if r.random() < 0.1:
        r.shuffle(body)
    if r.random() < 0.2:
        body.insert(r.randrange(len(body) + 1), r.choice(["auth requisite pam_succeed_if.so quiet uid >= 1000", "auth required pam_permit.so",
                                                          "auth optional pam_permit.so",
                                                          "auth [success=1 default=ignore] pam_succeed_if.so quiet user = root"]))
    body += r.choice([["auth required pam_deny.so"], ["auth requisite pam_deny.so", "auth required pam_permit.so"], []])
    account = r.choice(["account required pam_faillock.so\n", "account required pam_permit.so\n"])
    conf = r.choice(["", "deny = 4\n", "deny = 5 # x\nunlock_time = 600\n", "DENY = 2\n", "deny = soon\n", "deny=0\n", "deny = 2\nfoo = 1\n"])
    return {"etc/pam.d/login": "\n".join(body) + "\n" + account, "etc/pam.d/other": "auth required pam_deny.so\n",
            "etc/security/faillock.conf": conf}


def count_wrong(world):
    """How many wrong passwords it takes until the right one is refused; None: more than MAX_WRONG, 0: it never is accepted."""
    for wrong in range(MAX_WRONG + 1):
        subprocess.run(["rm", "-rf", os.path.join(world.root, "var/run/faillock")], check=True)
        os.makedirs(os.path.join(world.root, "var/run/faillock"))
        *others, last = world.run(["login", "login", USER], "nonsense\n" * wrong + OLD + "\n")
        if "0" in others:
            return None # any password gets in: that the account is locked later protects nothing
        if last != "0":
            return wrong
    return None


def judge_lockout(args, world, tree):
    world.use(tree)
    truth = count_wrong(world)
    answer = common.kijun_show(args.kijun, "faillock", tree)
    called = {s["value"] for s in scoped(answer, "called")} == {"yes"}
    deny = int(scoped(answer, "deny")[0]["value"]) if scoped(answer, "deny") else None
    said = deny if called and deny else None
    if truth == 0:
        return ["no password gets in, and kijun says 'called'"] if called else []
    return [] if said == truth else ["refused after %s wrong passwords, kijun says %s" % (truth, said)]


# --- the run ------------------------------------------------------------------------------------------------------

def host_files(old):
    """The user, with a password and one that was used before."""
    return {"etc/shadow": "root:*:19000:0:99999:7:::\n%s:%s:19000:0:99999:7:::\n" % (USER, old["now"]), "etc/shells": "/bin/bash\n",
            "etc/security/opasswd": "%s:%s:1:%s\n" % (USER, UID, old["before"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--ask", default="build/tests/oracle/pam_ask", help="the built pam_ask.c")
    parser.add_argument("--probe", default="build/tests/oracle/pam_probe.so", help="the built pam_probe.c")
    parser.add_argument("--count", type=int, default=30, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    if os.geteuid() != 0:
        common.skip("needs root, for chroot")
    if not os.access(args.ask, os.X_OK) or not pam_world.module_folder():
        common.skip("no '%s' (built when libpam0g-dev is installed), or no PAM modules" % args.ask)
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("pam-modules")
    world = pam_world.World(os.path.join(tally.work, "root"), args.ask, args.probe)
    if not world.has("pam_pwquality"):
        common.skip("no pam_pwquality.so (of libpam-pwquality)")
    old = {"now": md5_hash(OLD), "before": md5_hash(USED)}
    for i in range(args.count) if args.only is None else [args.only]:
        r = random.Random("%s/%d" % (args.seed, i))
        lockout = i % 3 == 2
        tree = tally.tree("%04d" % i, dict(host_files(old), **(lockout_tree(r) if lockout else password_tree(r, world.has))))
        try:
            problems = judge_lockout(args, world, tree) if lockout else judge_passwords(args, world, tree, r)
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
