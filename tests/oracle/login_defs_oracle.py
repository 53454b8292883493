#!/usr/bin/env python3
"""Compares `kijun show login_defs TREE -o json` with what useradd makes of generated /etc/login.defs.

useradd runs in a chroot and makes one account: its uid, and the days that shadow then has for it, are those of
login.defs as the shadow suite reads it. Needs root; skips elsewhere.
"""

import argparse
import os
import random
import sys

import oracle_common as common
from account_oracle import WHOLE, Root

KEYS = ("PASS_MAX_DAYS", "PASS_MIN_DAYS", "PASS_WARN_AGE", "UID_MIN")
DAYS = ["90", "7", "0", "-1", "99999", "365", "0x5a", "010", "089", "+5", "1 2", "90 # x", '"30"', '"30', '30"1', "",
        '""', "7d", "2147483648", "99999999999", "1e3", " 14", "-5", "\t3", "'9'"]
UIDS = ["1000", "500", "3000", "0x7d0", "05000", "x", "", '"2000"', "1500 # people"]
ACCOUNTS = {"etc/passwd": "root:x:0:0::/:/bin/sh\n", "etc/shadow": "root:*:1::::::\n", "etc/group": "root:x:0:\n",
            "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\n"}


def line(r, key, values):
    name = r.choice([key] * 12 + [key.lower(), "#" + key, "# " + key, key + "="])
    between = r.choice([" ", "\t", "   ", " \t ", "=", " = ", ""]) if r.randrange(5) == 0 else " "
    return r.choice(["", "", "", " ", "\t"]) + name + between + r.choice(values) + r.choice(["", "", "", " ", "\t", "\r"])


def generate(seed):
    r = random.Random(seed)
    lines = []
    for key in KEYS:
        for _ in range(r.choice([0, 1, 1, 1, 2, 3])):
            lines.append(line(r, key, UIDS if key == "UID_MIN" else DAYS))
    r.shuffle(lines)
    for _ in range(r.randrange(3)):
        lines.insert(r.randrange(len(lines) + 1), r.choice(["", "# PASS_MAX_DAYS 1", "MAIL_DIR /var/mail", "\x01junk", "UMASK 022"]))
    return "\n".join(lines) + ("\n" if r.randrange(6) else "")


def useradd(root, text):
    """What the new account got: key to value; None and the message when useradd refuses."""
    root.set_files(dict(ACCOUNTS, **{"etc/login.defs": text, "etc/gshadow": ""}))
    run = root.run("useradd", "-M", "u")

    def fields(name):
        with open(os.path.join(root.path, "etc", name), encoding="utf-8") as f:
            return [e.split(":") for e in f.read().split("\n") if e.startswith("u:")]

    passwd, shadow = fields("passwd"), fields("shadow")
    if not passwd or not shadow:
        return None, run.stderr.decode("utf-8", "replace")
    low, high, warn = (days or "-1" for days in shadow[0][3:6])
    return {"UID_MIN": passwd[0][2], "PASS_MIN_DAYS": low, "PASS_MAX_DAYS": high, "PASS_WARN_AGE": warn}, ""


def judge(kijun, root, tree, text):
    real, message = useradd(root, text)
    if real is None:
        return ["useradd made no account: " + message]
    try:
        shown = common.kijun_show(kijun, "login_defs", tree)
    except common.KijunError as e:
        return [str(e)]
    values = {s["key"]: s["value"] for s in shown["settings"]}
    return ["%s: useradd takes %s, kijun says %s" % (k, v, values.get(k)) for k, v in real.items() if values.get(k) != v]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many files to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge file N alone")
    args = parser.parse_args()
    if os.geteuid() != 0:
        common.skip("chroot needs root")
    kijun, tally = common.find_kijun(args.kijun), common.Tally("login-defs")
    root = Root(os.path.join(tally.work, "root"), ("useradd",))
    for i in range(args.count) if args.only is None else [args.only]:
        text = generate("%s/%d" % (args.seed, i))
        tree = tally.tree("%04d" % i, dict(WHOLE, **{"etc/login.defs": text}))
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), judge(kijun, root, tree, text))
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
