#!/usr/bin/env python3
"""Compares `kijun show cron TREE -o json` with Debian's cron, whose `crontab -n FILE` says whether it would take a table.

Tables are generated from good lines and mutations of them. Debian's cron runs nothing of a table with a mistake; each of its lines must be as kijun
says. Needs the package cron; skips elsewhere.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys

import oracle_common as common

PARTS = ["*", "*/5", "0", "5", "59", "1-5", "1-10/2", "1,2,3", "10-20,30", "mon", "Jan", "sun-tue", "0-7", "5-3", "7", "12", "31", "01"]
BROKEN = ["60", "5/2", "*/0", "", "x", "5x", "1,", ",1", "1,,2", "-1", "+1", "?", "L", "~", "5#2", "*5", "1-", "1-x", "*/x", "January",
          "1-2-3", "*/5-10", "99999999999", "0x1", "8", "24", "13", "32", "mon,fri", "a,b", "*,5", "*-5"]
COMMANDS = ["/bin/true", "echo a%b", "echo a\\%b", "x=1 y", "test -x /a && /b", "# nothing", "", "  spaced  ", "/usr/bin/find / -name 'a b'"]
VARIABLES = ["SHELL=/bin/sh", "MAILTO=root", "PATH = /bin:/usr/bin", "A=\"b c\"", "\"A B\"=c", "A='b", "A=", "=b", "A=b\"c", "A = 'b' c",
             "A B=c", "A=b=c", "'A=B'=c", "MAILTO=\"\"", "A\t=\tb "]
NICKNAMES = ["@daily", "@reboot", "@hourly", "@midnight", "@yearly", "@annually", "@monthly", "@weekly", "@Daily", "@every", "@", "@ daily"]


def line(r, wild):
    kind = r.random()
    if kind < 0.1:
        return r.choice(["", "# a comment", "   ", "  # indented", "\t"])
    if kind < 0.25:
        return r.choice(VARIABLES[:5] if not wild else VARIABLES)
    if kind < 0.4:
        return "%s %s" % (r.choice(NICKNAMES[:8] if not wild else NICKNAMES), r.choice(COMMANDS))
    fields = [r.choice(["*", "*/5", "0", "5", "1-5", "1-10/2", "1,2,3", "10"]), r.choice(["*", "3", "1-5", "*/2"]), r.choice(["*", "1", "31"]),
              r.choice(["*", "jan", "JAN-mar", "12"]), r.choice(["*", "mon", "0-7", "Sun", "1,5"])]
    if wild:
        fields[r.randrange(5)] = r.choice(PARTS + BROKEN)
    text = r.choice([" ", " ", "\t", "  "]).join(fields) + " " + r.choice(COMMANDS)
    return r.choice(["", "", " "]) + text


def generate(r):
    wild = r.random()
    lines = [line(r, False) for _ in range(r.randrange(4))]
    if wild < 0.8:
        lines.insert(r.randrange(len(lines) + 1), line(r, True))
    return "\n".join(lines) + r.choice(["\n"] * 12 + ["", "\n\n"])


def takes(path):
    run = subprocess.run(["crontab", "-n", path], capture_output=True, timeout=20, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    return run.returncode == 0, (run.stdout + run.stderr).strip()


def judge(args, tree, path):
    good, said = takes(path)
    try:
        answer = common.kijun_show(args.kijun, "cron", tree)
    except common.KijunError as e:
        return [str(e)]
    jobs = [row for row in answer.get("rows", []) if row.get("kind") == "user"]
    bad = answer.get("bad", [])
    return ["cron says '%s', and kijun: %s" % (said, row) for row in jobs if (row["runs"] == "yes") != good] + \
        (["cron takes the table, and kijun says: %s" % bad] if good and bad else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many tables to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge table N alone")
    args = parser.parse_args()
    if not shutil.which("crontab") or "-n" not in subprocess.run(["crontab", "-h"], capture_output=True, text=True).stderr:
        common.skip("no crontab with the option -n (Debian: cron)")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("cron")
    for i in range(args.count) if args.only is None else [args.only]:
        text = generate(random.Random("%s/%d" % (args.seed, i)))
        # A last job that is good shows whether the table as a whole runs.
        text = "0 0 * * * /bin/last\n" + text
        tree = tally.tree("%04d" % i, {"var/spool/cron/crontabs/root": text})
        problems = judge(args, tree, os.path.join(tree, "var/spool/cron/crontabs/root"))
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
