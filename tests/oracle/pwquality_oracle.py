#!/usr/bin/env python3
"""Compares kijun with libpwquality over generated trees (pwquality.conf, drop-ins, PAM arguments).

First `kijun show pwquality` with the settings that the library itself reads, then `kijun show password` with the
passwords that the library accepts. The library is asked through pwquality_read (pwquality_read.c).
"""

import argparse
import functools
import itertools
import os
import random
import subprocess
import sys

import oracle_common as common

CONF = "etc/security/pwquality.conf"
NUMBERS = ["difok", "minlen", "dcredit", "ucredit", "lcredit", "ocredit", "minclass", "maxrepeat", "maxclassrepeat",
           "maxsequence", "gecoscheck", "dictcheck", "usercheck", "usersubstr", "enforcing", "retry"]
FLAGS = ["enforce_for_root", "local_users_only"]
WORDS = ["badwords", "dictpath"]
# How often a key is set: the ones that decide length and classes mostly.
WEIGHTS = [1, 6, 4, 4, 4, 4, 3, 1, 1, 1, 1, 5, 1, 1, 2, 1]

LOWEST_MINLEN, MOST_CLASSES = 6, 4  # PWQ_BASE_MIN_LENGTH, PWQ_NUM_CLASSES: the library clamps to these
CRACKLIB_MINIMUM = 6  # cracklib's MINLEN: what dictcheck refuses as too short
PAM_UNIX_MINIMUM = 6  # pam_unix(8) of Debian, which stores the password in every tree here, takes none shorter

CLASSES = {"digit": "0123456789", "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "lower": "abcdefghijklmnopqrstuvwxyz",
           "other": "!#$%&()*+,-./:;<=>?@[]^_{|}~"}


# --- generated trees ----------------------------------------------------------------------------------------------

def number_for(r, key):
    if key == "minlen":
        return r.choice([0, 4, 6, 7, 8, 8, 9, 10, 12, 14, 15])
    if key.endswith("credit"):
        return r.choice([-3, -2, -1, -1, -1, 0, 0, 1, 1, 2, 3])
    if key == "minclass":
        return r.choice([0, 1, 2, 3, 3, 4, 5])
    if key in ("gecoscheck", "dictcheck", "usercheck", "enforcing"):
        return r.choice([0, 1, 1])
    return r.randint(0, 5)


def spelled(r, key):
    return r.choice([key] * 8 + [key.upper(), key.capitalize(), key.swapcase()])


def number_text(r, key):
    n = number_for(r, key)
    return r.choice([str(n)] * 9 + ["%+d" % n, "%03d" % n])


def setting_line(r):
    kind = r.random()
    equals = r.choice([" = "] * 4 + ["=", " ", "\t", " =", "= ", "   =\t"])
    if kind < 0.85:
        key = r.choices(NUMBERS, WEIGHTS)[0]
        text = spelled(r, key) + equals + number_text(r, key)
    elif kind < 0.95:
        text = spelled(r, r.choice(FLAGS)) + r.choice([""] * 5 + [" = 0", " = no", " = 1", " yes"])
    else:
        text = spelled(r, "badwords") + equals + r.choice(["", "company", "company secret", "a=b", '"quoted words"'])
    return r.choice([""] * 6 + ["  ", "\t"]) + text + r.choice([""] * 8 + [" # why", "#why", "  ", "\t", "\r", "\v"])


# Each stops the reading; what stands after it in any file isn't heeded.
STOPPERS = ["foo = 1", "minlength = 12", "ocredit = - 1", "minlen = 8x", "minlen = eight", "minlen", "minlen =",
            "minlen = 8 9", "minlen == 8", "minlen : 8", "[settings]", "; minlen = 8", "minlen = 99999999999", "= 8",
            "dcredit = -1 ; note", "minlen = 0x10", "minlen = 8.5", "badwords" + "x" * 1100, "maxrepeat = 2147483647"]
HARMLESS = ["", "   ", "\t", "#", "# minlen = 20", "  # minlen 20", "#minlen=20", "# " + "long " * 150]


def conf_file(r, settings, stop):
    lines = []
    for _ in range(settings):
        lines.append(setting_line(r))
        if r.random() < 0.3:
            lines.append(r.choice(HARMLESS))
    if stop:
        lines.insert(r.randint(0, len(lines)), r.choice(STOPPERS))
    text = "\n".join(lines) + "\n"
    return text[:-1] if r.random() < 0.1 else text


def pam_arguments(r):
    args = ["retry=3"]
    if r.random() < 0.4:
        key = r.choices(NUMBERS, WEIGHTS)[0]
        args.append(r.choice(["%s=%s" % (key, number_text(r, key)), "enforce_for_root", "local_users_only",
                              "minlen=x", "unknown=1", "MINLEN=10", "dcredit=", "type=UNIX",
                              "authtok_type=X", "try_first_pass", "debug", "badwords=a"]))
    r.shuffle(args)
    return args


def generate(seed):
    """(files of the tree, the arguments of pam_pwquality)."""
    r = random.Random(seed)
    files = {}
    if r.random() < 0.9:
        files[CONF] = conf_file(r, r.randint(0, 8), r.random() < 0.12)
    names = ["10-site.conf", "20-more.conf", "9-nine.conf", "A.conf", "b.conf", "Z.conf"]
    for name in r.sample(names, r.choice([0, 0, 1, 2, 3])):
        files["%s.d/%s" % (CONF, name)] = conf_file(r, r.randint(0, 4), r.random() < 0.10)
    if r.random() < 0.2:
        # A leading dot doesn't hide a drop-in; another ending does.
        name = r.choice(["x.conf.bak", "README", "y.conf~", ".hidden.conf", "z.cnf"])
        files["%s.d/%s" % (CONF, name)] = conf_file(r, 2, False)
    args = pam_arguments(r)
    files["etc/pam.d/common-password"] = (
        "password\trequisite\t\t\tpam_pwquality.so %s\n"
        "password\t[success=1 default=ignore]\tpam_unix.so obscure use_authtok try_first_pass yescrypt\n"
        "password\trequisite\t\t\tpam_deny.so\npassword\trequired\t\t\tpam_permit.so\n" % " ".join(args))
    files["etc/pam.d/passwd"] = "@include common-password\n"
    return files, args


# --- the library --------------------------------------------------------------------------------------------------

class Library:
    def __init__(self, reader):
        self.reader = reader

    def ask(self, tree, args, passwords=()):
        """({key: value}, [accepted?]) for the tree's files and the module's arguments."""
        run = subprocess.run([self.reader, os.path.join(tree, CONF)] + args, capture_output=True, check=True,
                             timeout=60, env=dict(os.environ, LC_ALL="C"),
                             input="".join(p + "\n" for p in passwords).encode())
        lines = run.stdout.decode("utf-8", "surrogateescape").split("\n")
        count = len(NUMBERS) + len(FLAGS) + len(WORDS)
        settings = dict(line.split(" ", 1) for line in lines[:count])
        return settings, [line == "accepted" for line in lines[count:] if line]


def password(r, counts):
    """A random password with so many digits, capitals, small letters and others; never a palindrome."""
    letters = [r.choice(CLASSES[c]) for c, n in counts.items() for _ in range(n)]
    for _ in range(20):
        r.shuffle(letters)
        if [c.lower() for c in letters] != [c.lower() for c in reversed(letters)]:
            break
    return "".join(letters)


def compositions(length):
    """Ways to make a password of that length from the four classes."""
    for d, u, l in itertools.product(range(length + 1), repeat=3):
        if d + u + l <= length:
            yield {"digit": d, "upper": u, "lower": l, "other": length - d - u - l}


# --- comparison ---------------------------------------------------------------------------------------------------

def as_number(text):
    """The number that strtol() reads, clamped by nobody; None when it is none."""
    try:
        return int(str(text))
    except ValueError:
        return None


def as_truth(text):
    return {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}.get(str(text).lower())


def agrees(key, want, setting, default_words):
    """Does kijun's setting (None when it shows none) mean the library's value?"""
    if key in WORDS:
        have = "" if setting is None or setting["value"] is None else setting["value"]
        return have == want or (have == "" or setting["default"]) and want == default_words[key]
    if key in FLAGS:
        # A flag without a value is set by being there: kijun may show the empty value of the line.
        truth = False if setting is None else True if setting["value"] == "" and not setting["default"] \
            else as_truth(setting["value"])
        return truth == (want == "1")
    have = None if setting is None else as_number(setting["value"])
    if have is not None and key == "minlen":
        have = max(have, LOWEST_MINLEN)
    if have is not None and key == "minclass":
        have = min(have, MOST_CLASSES)
    return have == int(want)


def compare_settings(want, answer, default_words):
    have, problems = {}, []
    for s in answer["settings"]:
        if s["key"] in have:
            problems.append("kijun shows %s twice" % s["key"])
        have[s["key"]] = s
    for key in sorted(set(have) - set(want)):
        problems.append("kijun shows %s = %s, which is no setting" % (key, have[key]["value"]))
    for key, value in want.items():
        if not agrees(key, value, have.get(key), default_words):
            shown = "nothing" if key not in have else "'%s' (%s:%s)" % (
                have[key]["value"], have[key]["artifact"], have[key]["line"])
            problems.append("%s: the library has '%s', kijun shows %s" % (key, value, shown))
    return problems


class Demands:
    """What kijun says that a new password must have (source `password`)."""

    def __init__(self, answer):
        values = {s["key"]: s["value"] for s in answer["settings"]}
        for key in ("min_length", "demands_letter", "demands_digit", "demands_symbol"):
            if key not in values:
                raise common.KijunError("`kijun show password` lacks %s" % key)
        self.min_length = as_number(values["min_length"])
        self.of = {c: as_truth(values["demands_" + c]) for c in ("letter", "digit", "symbol")}
        if self.min_length is None or None in self.of.values():
            raise common.KijunError("`kijun show password` has odd values: %s" % values)


def demanded_by_library(library, tree, args, r):
    """{class: demanded?}: a long password that lacks only the class is refused."""
    lacking = {"letter": {"digit": 15, "upper": 0, "lower": 0, "other": 15},
               "digit": {"digit": 0, "upper": 15, "lower": 15, "other": 15},
               "symbol": {"digit": 15, "upper": 15, "lower": 15, "other": 0}}
    _, accepted = library.ask(tree, args, [password(r, c) for c in lacking.values()])
    return {name: not ok for name, ok in zip(lacking, accepted)}


@functools.cache
def one_of_each_way():
    """A password for every way to mix the classes; 16 characters satisfy every generated configuration."""
    r = random.Random(0)
    return [password(r, c) for n in range(2, 17) for c in compositions(n)]


def shortest_accepted(library, tree, args, dictcheck):
    """The length of the shortest password that the library accepts."""
    _, accepted = library.ask(tree, args, one_of_each_way())
    shortest = min(len(p) for p, ok in zip(one_of_each_way(), accepted) if ok)
    return max(shortest, CRACKLIB_MINIMUM) if dictcheck else max(shortest, PAM_UNIX_MINIMUM)


def by_credits_alone(settings):
    """The length that follows from minlen and the positive credits; classes that are demanded may need more."""
    credits = sum(max(0, int(settings[k])) for k in ("dcredit", "ucredit", "lcredit", "ocredit"))
    return int(settings["minlen"]) - credits


def compare_demands(library, tree, args, settings, demands, seed):
    r = random.Random(seed + "/passwords")
    if settings["enforcing"] == "0":
        return ["enforcing is 0, so no %s is demanded, but kijun says so" % c for c, d in demands.of.items() if d]
    problems = []
    for c, demanded in demanded_by_library(library, tree, args, r).items():
        if demanded != demands.of[c]:
            problems.append("demands_%s: the library %s, kijun says %s" % (
                c, "refuses without" if demanded else "accepts without", "yes" if demands.of[c] else "no"))
    shortest = shortest_accepted(library, tree, args, settings["dictcheck"] != "0")
    if demands.min_length > shortest:
        problems.append("min_length: kijun says %d, the library accepts %d characters" % (demands.min_length, shortest))
    if demands.min_length < min(shortest, by_credits_alone(settings)):
        problems.append("min_length: kijun says %d, the library accepts none shorter than %d" % (
            demands.min_length, shortest))
    return problems


def judge(args, library, default_words, tree, pam_args, seed):
    settings, _ = library.ask(tree, pam_args)
    try:
        problems = compare_settings(settings, common.kijun_show(args.kijun, "pwquality", tree), default_words)
        demands = Demands(common.kijun_show(args.kijun, "password", tree))
        return problems + compare_demands(library, tree, pam_args, settings, demands, seed)
    except common.KijunError as e:
        return [str(e)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--reader", default="build/tests/oracle/pwquality_read", help="the built pwquality_read.c")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    if not os.access(args.reader, os.X_OK):
        common.skip("no '%s' (built when libpwquality-dev is installed)" % args.reader)
    args.kijun = common.find_kijun(args.kijun)
    library = Library(os.path.abspath(args.reader))
    tally = common.Tally("pwquality")
    bare = tally.tree("empty", {CONF: ""})
    default_words = library.ask(bare, [])[0]
    for i in range(args.count) if args.only is None else [args.only]:
        seed = "%s/%d" % (args.seed, i)
        files, pam_args = generate(seed)
        tree = tally.tree("%04d" % i, files)
        found = judge(args, library, default_words, tree, pam_args, seed)
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
