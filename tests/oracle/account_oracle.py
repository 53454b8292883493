#!/usr/bin/env python3
"""Compares `kijun show account TREE -o json` with what the real programs make of generated account files.

The files lie in a chroot with glibc and the programs: getent says who is an account and in which groups, `passwd
-S` and `chage -l` what shadow holds, and unix_chkpwd (pam_unix's own helper) whether a password opens the account and
whether it is too old. Needs root; skips elsewhere.
"""

import argparse
import datetime
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

PROGRAMS = ("getent", "chage", "passwd", "unix_chkpwd")
PASSWORD = "correct horse"
WORTH = ("wheel", "sudo", "admin", "docker", "lxd", "incus-admin", "libvirt", "disk")  # as policies/sources/linux/account.yml
EPOCH = datetime.date(1970, 1, 1)
# Exit statuses of `unix_chkpwd USER chkexpiry`: PAM's own numbers.
# 20: the password may not be changed yet; the module lets the account in all the same.
GOOD, NO_ENTRY, CHANGE_DUE, EXPIRED = {0, 20}, {9}, {12}, {13, 27}
# With these a tree is a full copy of /etc, made by root: what it lacks, the host lacks.
WHOLE = {path: "" for path in ("etc/gshadow", "etc/fstab", "etc/hosts", "etc/shells", "etc/profile", "etc/login.defs")}
# What crypt(3) makes of PASSWORD.
METHOD_OF = {
    "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1XXuzvo6"
    "kbx7UOloZKONqEk5H3JrQA4NOfU8BmqFPrpGqwA1": "sha512",
    "$5$rounds=1000$saltsalt$R6e4P8ccT9iMqkYg7Z8YtpId/lfsIfnuPkp8WXposU8": "sha256",
    "$1$saltsalt$NuzA7WTAelpl95xgBGWN60": "md5",
    "abhfCpXqd4GrI": "des",
    "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e": "bcrypt",
    "$y$j75$saltsalt$5wlMXHz82Iqiv0ywbT8h3LCVssbi3h0Xh43jM7E7Tr2": "yescrypt",
    "$gy$j75$saltsalt$Xm9A06cSx8F8nMilXIOZasjGmTGYYPpDSSFrTJ5xad2": "gost-yescrypt",
    "$7$101..../....saltsalt$RDG2OiU4ikxx/qweycXs9iO55jykxjwLoMpDY6s2c2C": "scrypt",
}
HASHES = list(METHOD_OF)


# --- a root for the programs ----------------------------------------------------------------------------------------

def find(program):
    return shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")


def copy_in(root, path):
    target = root + path
    if not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(path, target)


class Root:
    def __init__(self, path, programs=PROGRAMS):
        self.path = path
        for program in programs + ("sh",):
            binary = find(program)
            if not binary:
                common.skip("no '%s'" % program)
            copy_in(path, binary)
            libraries = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
            for library in re.findall(r"(/\S+)", libraries):
                copy_in(path, library)
        libc = re.search(r"(/\S+/libc\.so\.6)", subprocess.run(["ldd", find("sh")], capture_output=True,
                                                               text=True).stdout).group(1)
        copy_in(path, os.path.join(os.path.dirname(libc), "libnss_compat.so.2"))
        os.makedirs(os.path.join(path, "dev"))
        open(os.path.join(path, "dev/null"), "w").close()

    def set_files(self, files):
        shutil.rmtree(os.path.join(self.path, "etc"), ignore_errors=True)
        common.write_tree(self.path, files)

    def run(self, program, *args, stdin=b""):
        return subprocess.run(["chroot", self.path, find(program)] + list(args), input=stdin, capture_output=True,
                              env={"LC_ALL": "C", "PATH": "/usr/bin:/usr/sbin:/bin:/sbin"}, timeout=60)

    def lines(self, program, *args):
        return self.run(program, *args).stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]

    def for_each(self, names, command):
        """One shell in the chroot runs the command for each name: (exit status, output) by name."""
        script = "for u in \"$@\"; do printf '\\001%s\\002' \"$u\"; " + command + "; printf '\\002%s' $?; done"
        out = self.run("sh", "-c", script, "sh", *names).stdout.decode("utf-8", "surrogateescape")
        answers = (part.split("\2") for part in out.split("\1")[1:])
        return {name: (int(status), text) for name, text, status in answers}


# --- generated files ------------------------------------------------------------------------------------------------

NAMES = ["root", "alice", "bob", "carol", "dave", "svc", "www-data", "toor", "eve"]
GROUPS = ["root", "wheel", "sudo", "docker", "staff", "users", "games", "alice", "bob"]
SHELLS = ["/bin/bash", "/bin/sh", "", "/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/bin/sync", "/usr/bin/git-shell",
          "/bin/rbash", "/bin/zsh "]
NUMBERS = ["0", "1", "00", "-0", "+7", " 5", "\t6", "x", "", "10", "27", "100", "999", "1000", "1001", "1002", "65534",
           "4294967294", "4294967296", "0x10", "5 ", "-1", "99999999999999999999"]


def mutate(r, line, colons=True):
    """Now and then a line is damaged as editors and scripts damage it. getent cannot print a group whose members have
    colons: none are added there."""
    kind = r.randrange(40)
    if kind == 0:
        return line[: r.randrange(len(line) + 1)]
    if kind == 1:
        return line + r.choice([":", "\r", " ", ":x", "::"] if colons else ["\r", " ", ","])
    if kind == 2:
        return r.choice(["#", " #", " ", "\t", "+", "-"]) + line
    if kind == 3:
        return line.replace(":", ";", 1)
    if kind == 4 and colons:
        return line.replace(":", r.choice(["::", " : ", ": "]), r.randrange(1, 4))
    return line


def number(r, usual, odd=tuple(NUMBERS)):
    return r.choice(odd) if r.randrange(12) == 0 else r.choice(usual)


def field(r, name):
    """A password field of shadow, or of a passwd without shadow."""
    return r.choice(["", "*", "!", "!!", "!*", "x", "*LK*", "NP", "abc"] + HASHES + [r.choice("!*") + r.choice(HASHES),
                                                                                    "!!" + r.choice(HASHES), "##" + name])


def passwd_file(r, names):
    lines = []
    for name in names:
        password = "x" if r.randrange(6) else field(r, name)
        uid = "0" if name == "root" and r.randrange(8) else number(r, ["0", "1", "33", "999", "1000", "1001", "1002", "60001"])
        lines.append(mutate(r, ":".join([name, password, uid, number(r, ["0", "10", "27", "100", "998", "1000", "1001"]),
                                         r.choice(["", "A B,,,", name]), "/home/" + name, r.choice(SHELLS)])))
    if r.randrange(6) == 0:
        lines.insert(r.randrange(len(lines) + 1), r.choice(["+", "+::::::", "-bob", "-alice::::::", "# x", "", "  ", "junk"]))
    return lines + ["last:x:0:0::/:/bin/sh"]  # chage and passwd want to know who runs them


def day(r, today):
    near = [today, today - 1, today + 1, today - 90, today - 91, today - 89, today - 120, today - 121, today - 119]
    return str(r.choice(near + [0, 1, 18000, 19000, today - 400, 2147483647, 4294967295]))


def shadow_file(r, names, today):
    lines, odd = [], NUMBERS[:-1]  # of a number beyond 64 bits chage(1) never comes back
    for name in names:
        if r.randrange(10) == 0:
            continue
        days = [r.choice(["", day(r, today), day(r, today), day(r, today)]), number(r, ["0", "1", "7", ""], odd),
                number(r, ["99999", "90", "90", "365", "0", "", "9999", "10000"], odd), number(r, ["7", "14", "", "0"], odd),
                number(r, ["", "30", "0", "", "100"], odd), r.choice(["", "", "", day(r, today)]), ""]
        if r.randrange(15) == 0:
            days = days[: r.randrange(8)]
        lines.append(mutate(r, ":".join([name, field(r, name)] + days)))
    if r.randrange(8) == 0 and lines:
        lines.append(r.choice(lines))
    return lines


def group_file(r, names):
    lines = []
    for name in r.sample(GROUPS, r.randrange(2, len(GROUPS))) + ([r.choice(GROUPS)] if r.randrange(6) == 0 else []):
        members = r.sample(names, r.randrange(min(4, len(names)) + 1))
        joined = r.choice([",", ",", ",", ", ", ",,", " ,"]).join(members)
        lines.append(mutate(r, ":".join([name, "x", number(r, ["0", "10", "27", "100", "998", "1000", "1001", "5"]), joined]), False))
    return lines


def generate(seed, today):
    r = random.Random(seed)
    names = r.sample(NAMES, r.randrange(2, len(NAMES)))
    if r.randrange(5) == 0:
        names.append(r.choice(names))
    end = "\r\n" if r.randrange(25) == 0 else "\n"
    files = {}
    for path, lines in (("etc/passwd", passwd_file(r, names)), ("etc/shadow", shadow_file(r, names, today)),
                        ("etc/group", group_file(r, names))):
        # glibc 2.36 reads the last letters of an indented line twice when no newline follows
        cut = r.randrange(8) == 0 and lines and not lines[-1][:1].isspace()
        text = end.join(lines) + ("" if cut else end)
        if path != "etc/shadow" or r.randrange(15):
            files[path] = text
    services = r.choice(["files", "files systemd", "files", "compat", None])
    if services:
        files["etc/nsswitch.conf"] = "".join("%s: %s\n" % (db, services) for db in ("passwd", "group", "shadow"))
    return files


# --- fixed cases: what taught something -----------------------------------------------------------------------------

def cases(today):
    """name: files. Users are without shells' trouble; each has a line that looks like another."""
    passwd = "root:x:0:0::/root:/bin/bash\nu:x:1000:1000::/home/u:/bin/bash\n"

    def shadow(line):
        return {"etc/passwd": passwd, "etc/group": "root:x:0:\n", "etc/shadow": "root:*:19000::::::\nu:%s\n" % line}

    return {
        "eight-fields-and-no-expiry": shadow("!!:18648:1::::"),
        "five-fields": shadow("%s:19000:0:99999" % HASHES[0]),
        "five-fields-and-a-colon": shadow("%s:19000:0:99999:" % HASHES[0]),
        "five-fields-the-last-empty": shadow("%s:19000:0:" % HASHES[0]),
        "days-below-zero": shadow("%s:-1:0:99999:7:::" % HASHES[0]),
        "expires-0": shadow("%s:19000:0:99999:7::0:" % HASHES[0]),
        "expires-today": shadow("%s:19000:0:99999:7::%d:" % (HASHES[0], today)),
        "max-reached-today": shadow("%s:%d:0:90:7:30::" % (HASHES[0], today - 90)),
        "inactive-since-today": shadow("%s:%d:0:90:7:30::" % (HASHES[0], today - 121)),
        "inactive-0": shadow("%s:%d:0:90:7:0::" % (HASHES[0], today - 91)),
        "changed-tomorrow": shadow("%s:%d:0:1:7:0::" % (HASHES[0], today + 1)),
        "second-line-counts-where-the-first-is-bad": {
            "etc/passwd": passwd, "etc/group": "", "etc/shadow": "u:!:x:\nu:%s:19000:0:99999:7:::\n" % HASHES[0]},
        "crlf": {"etc/passwd": passwd.replace("\n", "\r\n"), "etc/group": "wheel:x:10:u\r\n",
                 "etc/shadow": "u:%s:19000:0:99999:7:::\r\n" % HASHES[0]},
        "wheel-under-another-name": {"etc/passwd": passwd, "etc/group": "guests:x:10:u\nwheel:x:10:\n", "etc/shadow": ""},
        "two-lines-of-wheel": {"etc/passwd": passwd, "etc/group": "wheel:x:10:\nwheel:x:500:u\n", "etc/shadow": ""},
        "a-comment-that-counts": {"etc/passwd": passwd, "etc/group": "#wheel:x:10:u\n+docker:x:27:u\n", "etc/shadow": ""},
        "blanks-in-members": {"etc/passwd": passwd, "etc/group": "a:x:5: u\nb:x:6:u ,x\nc:x:7:,,u\n", "etc/shadow": ""},
        "hash-in-passwd": {"etc/passwd": "u:%s:1000:1000::/:\n" % HASHES[3], "etc/group": "",
                           "etc/shadow": "u:!:19000:0:99999:7::1:\n"},
        "nothing-in-passwd": {"etc/passwd": "u::1000:1000::/:\n", "etc/group": "", "etc/shadow": "u:!:19000:0:99999:7:::\n"},
        "hidden-by-compat": {"etc/passwd": "-u\n" + passwd, "etc/group": "", "etc/shadow": "",
                             "etc/nsswitch.conf": "passwd: compat\n"},
    }


# --- judging --------------------------------------------------------------------------------------------------------

def names_in(files):
    """The names that the programs are asked for: plain ones only, since options and NUL are not names."""
    text = files["etc/passwd"] + files.get("etc/shadow", "")
    found = (line.strip(" \t\r").split(":")[0] for line in re.split("[\n\0]", text))
    return sorted({n for n in found if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", n)})


class Answer:
    """What kijun says: rows by name."""

    def __init__(self, kijun, tree, today):
        shown = common.kijun_show(kijun, "account", tree, "--today", today.isoformat())
        self.state = shown["state"]
        rows = shown.get("rows", [])
        self.rows = {row["name"]: row for row in rows if row["uid"] is not None}
        # Without a NIS server the real programs stop at a line that asks for its accounts.
        self.nis = min([row["line"] for row in rows if row["uid"] is None], default=sys.maxsize)

    def list(self, name, column):
        cell = self.rows[name][column]
        return [] if not cell else cell.split("\x1f")


def compare_accounts(root, names, answer):
    problems, real = [], {}
    for line in root.lines("getent", "passwd", "--", *names):
        parts = line.split(":", 6)
        real[parts[0]] = parts
    # getent prints no entry with a colon in its shell, though it knows it
    odd = {n for n, row in answer.rows.items() if ":" in row["shell"]}
    for name in set(names) - odd:
        if (name in real) != (name in answer.rows):
            problems.append("%s: getent %s it, kijun %s" % (name, "knows" if name in real else "does not know",
                                                            "has a row" if name in answer.rows else "has none"))
    both = [n for n in names if n in real and n in answer.rows]
    for name in both:
        row, (_, _, uid, gid, gecos, home, shell) = answer.rows[name], real[name]
        want = {"uid": uid, "gid": gid, "gecos": gecos, "home": home, "shell": shell or "/bin/sh"}
        problems += ["%s: %s is %r, kijun says %r" % (name, c, w, row[c]) for c, w in want.items() if row[c] != w]
    return both, real, problems


def compare_groups(root, both, real, answer):
    """initgroups(3), as every login does it: `id` asks by number, and mixes accounts that share one."""
    problems, numbers = [], {}
    for line in root.lines("getent", "initgroups", "--", *both) if both else []:
        name, gids = re.fullmatch(r"(.*?)((?: +\d+)*) *", line).groups()
        numbers[name] = set(gids.split()) | {real[name][3]}
    every = sorted({gid for gids in numbers.values() for gid in gids})
    names = dict(zip(every, every))
    for line in root.lines("getent", "group", "--", *every):
        names[line.split(":")[2]] = line.split(":")[0]
    worth = {line.split(":")[2] for line in root.lines("getent", "group") if line.split(":")[0] in WORTH}
    for name, gids in numbers.items():
        if answer.rows[name]["groups"] is None:  # NIS may add some
            continue
        want, got = sorted({names[g] for g in gids}), sorted(answer.list(name, "groups"))
        if want != got:
            problems.append("%s: initgroups says %s, kijun %s" % (name, want, got))
        own = real[name][3]
        private = names[own] == name and own not in worth and (own != "0" or real[name][2] == "0")
        want, got = sorted({names[g] for g in gids if g != own or not private}), sorted(answer.list(name, "other_groups"))
        if want != got:
            problems.append("%s: the groups but its own are %s, kijun says %s" % (name, want, got))
    return problems


def compare_password(root, both, answer):
    problems = []
    opens = root.for_each(both, "printf '%s\\0' '" + PASSWORD + "' | unix_chkpwd \"$u\" nullok >/dev/null 2>&1")
    blank = root.for_each(both, "printf '\\0' | unix_chkpwd \"$u\" nullok >/dev/null 2>&1")
    for name in both:
        row = answer.rows[name]
        if row["password_state"] is None:  # without a shadow file nobody can tell whether it was left out of the copy
            continue
        usable, empty = row["password_state"] == "set", row["passwordless"] == "yes"
        if (opens[name][0] == 0) != (usable or empty):
            problems.append("%s: the right password %s, kijun says password_state %s" % (
                name, "opens" if opens[name][0] == 0 else "does not open (%d)" % opens[name][0], row["password_state"]))
        if (blank[name][0] == 0) != empty:
            problems.append("%s: no password %s, kijun says passwordless %s" % (
                name, "opens" if blank[name][0] == 0 else "does not open", row["passwordless"]))
        if (row["locked"] == "yes") != (not usable and not empty):
            problems.append("%s: locked %s does not go with password_state %s" % (name, row["locked"], row["password_state"]))
    return problems


def compare_expiry(root, both, answer):
    problems = []
    for name, (status, _) in root.for_each(both, 'unix_chkpwd "$u" chkexpiry </dev/null >/dev/null 2>&1').items():
        row = answer.rows[name]
        if row["expired"] is None:
            continue
        want = (status in EXPIRED, status in CHANGE_DUE)
        got = (row["expired"] == "yes", row["change_due"] == "yes")
        if want != got or status not in GOOD | NO_ENTRY | CHANGE_DUE | EXPIRED:
            problems.append("%s: pam_unix says %d, kijun expired %s, change_due %s" % (
                name, status, row["expired"], row["change_due"]))
        if status in EXPIRED | NO_ENTRY and row["key_login"] != "no":
            problems.append("%s: the account stage fails (%d), kijun says key_login %s" % (name, status, row["key_login"]))
    return problems


CHAGE = ("changed", "password_expires", None, "expires", "min", "max", "warn")
CHAGE_MISSES = ("does not exist in", "Cannot determine")  # its own reading of passwd is stricter than glibc's


def day_of(text):
    return (EPOCH + datetime.timedelta(int(text))).isoformat()


def compare_getent(name, row, entry):
    """The numbers of shadow as glibc reads them."""
    changed, low, high, warn, inactive, expires = (int(f or -1) for f in entry[2:8])
    want = {"min": str(low), "max": str(high), "warn": str(warn), "inactive": str(inactive)}
    if expires < 2000000:
        want["expires"] = "never" if expires < 0 else day_of(expires)
    if changed < 2000000:
        want["changed"] = day_of(changed) if changed > 0 else None
    return ["%s: getent says %s %r, kijun %r" % (name, c, w, row[c]) for c, w in want.items() if row[c] != w]


def chage_words(column, row):
    cell = row[column]
    if column == "changed" and cell is None:
        return {"never", "password must be changed"}
    if column == "password_expires" and (cell == "1970-01-01" or row["changed"] is None):
        return {cell, "password must be changed"}
    return {cell}


def compare_shadow(root, files, both, answer):
    """`getent shadow`, `passwd -S` and `chage -l`."""
    problems, entries = [], {}
    for line in root.lines("getent", "shadow", "--", *both) if both else []:
        entries.setdefault(line.split(":")[0], line.split(":"))
    status = root.for_each(both, 'passwd -S -- "$u" 2>&1')
    aging = root.for_each(both, 'chage -i -l -- "$u" 2>&1')
    for name in both:
        row = answer.rows[name]
        if name not in entries:
            if row["max"] is None and "etc/shadow" not in files:
                continue
            if row["max"] != "-1" or row["expires"] != "never":
                problems.append("%s: shadow has no such entry, kijun says max %s" % (name, row["max"]))
            continue
        problems += compare_getent(name, row, entries[name])
        # a blank before a name is part of it for the shadow suite, not for glibc
        if any(m in aging[name][1] for m in CHAGE_MISSES) or re.search(r"(?m)^[ \t]+%s:" % name, files["etc/shadow"]):
            continue
        said = [line.split(":", 1)[1].strip() for line in aging[name][1].split("\n") if ":" in line]
        problems += ["%s: chage says %s %r, kijun %r" % (name, column, word, row[column])
                     for column, word in zip(CHAGE, said) if column and word not in chage_words(column, row)]
    return problems, entries, status


def compare_state(both, real, answer, entries, status):
    """`passwd -S` looks at shadow alone: comparable where passwd sends there."""
    problems = []
    words = {"locked": "L", "none": "NP", "set": "P", "unusable": "P"}
    for name in both:
        row = answer.rows[name]
        if name not in entries or real[name][1] != "x":
            continue
        if any(m in status[name][1] for m in CHAGE_MISSES):
            continue
        said = status[name][1].split()[1]
        if words[row["password_state"]] != said:
            problems.append("%s: passwd -S says %s, kijun %s" % (name, said, row["password_state"]))
        hashed = entries[name][1].lstrip("!*")
        if row["hash"] != METHOD_OF.get(hashed, "none"):
            problems.append("%s: the hash is %s, kijun says %s" % (name, METHOD_OF.get(hashed, "none"), row["hash"]))
    return problems


def judge(kijun, root, tree, files, today):
    root.set_files(files)
    try:
        answer = Answer(kijun, tree, today)
        names = [n for n in names_in(files) if n not in answer.rows or answer.rows[n]["line"] < answer.nis]
    except common.KijunError as e:
        return [str(e)]
    both, real, problems = compare_accounts(root, names, answer)
    problems += compare_groups(root, both, real, answer)
    problems += compare_password(root, both, answer)
    problems += compare_expiry(root, both, answer)
    more, entries, status = compare_shadow(root, files, both, answer)
    return problems + more + compare_state(both, real, answer, entries, status)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--case", metavar="NAME", help="judge one fixed case alone")
    args = parser.parse_args()
    if os.geteuid() != 0:
        common.skip("chroot needs root")
    kijun, tally = common.find_kijun(args.kijun), common.Tally("account")
    root = Root(os.path.join(tally.work, "root"))
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = (today - EPOCH).days
    for name, files in cases(days).items():
        if args.only is None and args.case in (None, name):
            tree = tally.tree("case-" + name, dict(WHOLE, **files))
            tally.note(tree, "%s --case %s" % (sys.argv[0], name), judge(kijun, root, tree, files, today))
    for i in range(args.count) if args.only is None and not args.case else [args.only] if args.only is not None else []:
        files = generate("%s/%d" % (args.seed, i), days)
        tree = tally.tree("%04d" % i, dict(WHOLE, **files))
        for path in ("etc/shadow", "etc/nsswitch.conf"):
            if path not in files and os.path.exists(os.path.join(tree, path)):
                os.remove(os.path.join(tree, path))
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), judge(kijun, root, tree, files, today))
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
