#!/usr/bin/env python3
"""Compares `kijun show lslogins` with what lslogins (util-linux) prints in its plainest form.

The test writes passwd, group, shadow, lastlog, wtmp and btmp of a chroot. lslogins prints all its columns there as pairs,
which a few lines of Python read; kijun is given one to three other captures of the same host (tables, raw, pairs, a line a
pair; chosen columns; three ways to write dates; English and Japanese) and must find the same. Needs root; skips elsewhere.
"""

import argparse
import datetime
import os
import random
import re
import struct
import subprocess
import sys

import oracle_common as common
from account_oracle import HASHES, Root, find
from login_captures_oracle import prepare_japanese

NOW = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
NAMES = ["alice", "bob", "svc-backup", "a-very-long-name-of-somebody", "x", "user.name", "www-data", "USER", "1234"]
GECOS = ["", "Alice", "Build 7", "Alice B,,,", "  two  blanks", "山田 太郎", "Zoë", "x\\x20y", 'a "quoted" $name', "-", "ends in 2024",
         "tab\there", "0", "ｶﾅ", "e\u0301 combined"]
HOMES = ["/", "/root", "/home/a", "/home/with blank", "/nonexistent", "/home/日本"]
SHELLS = ["/bin/bash", "/bin/sh", "/usr/sbin/nologin", "/bin/false", "/bin/my shell 5", ""]
PORTS = ["pts/0", "tty1", "ssh:notty", "pts/1234", ":0", ""]
HOSTS = ["", "192.0.2.1", "2001:db8::1", "host.example.com", "a-very-long-host-name.of.some.provider.example.co.jp", ":0.0"]
COLUMNS = ["USER", "UID", "GECOS", "HOMEDIR", "SHELL", "NOLOGIN", "PWD-LOCK", "PWD-EMPTY", "PWD-DENY", "PWD-METHOD", "GROUP", "GID",
           "SUPP-GROUPS", "SUPP-GIDS", "LAST-LOGIN", "LAST-TTY", "LAST-HOSTNAME", "FAILED-LOGIN", "FAILED-TTY", "HUSHED", "PWD-WARN",
           "PWD-CHANGE", "PWD-MIN", "PWD-MAX", "PWD-EXPIR", "CONTEXT", "PROC"]
DATES = {"LAST-LOGIN", "FAILED-LOGIN", "PWD-CHANGE", "PWD-EXPIR"}
DEFAULT = ["UID", "USER", "PROC", "PWD-LOCK", "PWD-DENY", "LAST-LOGIN", "GECOS"]
# What the options add to UID and USER.
SETS = {"-a": ["PWD-WARN", "PWD-MIN", "PWD-MAX", "PWD-CHANGE", "PWD-EXPIR"], "-f": ["FAILED-LOGIN", "FAILED-TTY"],
        "-G": ["GID", "GROUP", "SUPP-GIDS", "SUPP-GROUPS"], "-L": ["LAST-TTY", "LAST-HOSTNAME", "LAST-LOGIN"],
        "-p": ["PWD-EMPTY", "PWD-LOCK", "PWD-DENY", "NOLOGIN", "HUSHED", "PWD-METHOD"]}


def some_time(r):
    return r.choice([NOW - 60, NOW - 86400 * r.randrange(1, 300), r.randrange(946684800, NOW)])


def utmp(records):
    return b"".join(struct.pack("<hxxi32s4s32s256shhiii4i20x", 7, 1, line.encode(), b"1", user.encode(), host.encode(), 0, 0, 1, when,
                                0, 0, 0, 0, 0) for user, when, line, host in records)


def write(root, r):
    names = ["root"] + r.sample(NAMES, r.randrange(1, len(NAMES)))
    ids = {name: 0 if name == "root" else r.choice([5, 90, 200, 1000, 60000, 123456]) + i for i, name in enumerate(names)}
    groups = ["root", "users", "wheel", "a-group-of-a-long-name"]
    passwd = ["%s:x:%d:%d:%s:%s:%s" % (n, i, r.randrange(4), r.choice(GECOS), r.choice(HOMES), r.choice(SHELLS)) for n, i in ids.items()]
    shadow = []
    for name in names:
        word = r.choice(["", "*", "!", "!!", "!*", "x"] + HASHES + ["!" + h for h in HASHES])
        days = [r.choice(["0", "", "19000", str(NOW // 86400), str(r.randrange(1, 22000))]), r.choice(["0", "", "7"]),
                r.choice(["", "0", "90", "99999"]), r.choice(["", "7", "14"]), "", r.choice(["", "", "0", "21500", str(NOW // 86400)])]
        if r.randrange(8):
            shadow.append("%s:%s:%s:" % (name, word, ":".join(days)))
    logins = [(r.choice(names), some_time(r), r.choice(PORTS), r.choice(HOSTS)) for _ in range(r.randrange(1, 12))]
    root.set_files({
        "etc/passwd": "".join(line + "\n" for line in passwd), "etc/shadow": "".join(line + "\n" for line in shadow),
        "etc/group": "".join("%s:x:%d:%s\n" % (g, i, ",".join(r.sample(names, r.randrange(min(4, len(names)) + 1))))
                             for i, g in enumerate(groups)),
        "etc/nsswitch.conf": "passwd: files\nshadow: files\ngroup: files\n", "etc/login.defs": ""})
    os.makedirs(root.path + "/var/log", exist_ok=True)
    with open(root.path + "/var/log/lastlog", "wb") as f:
        for name in names:
            if r.randrange(2):
                f.seek(ids[name] * 292)
                f.write(struct.pack("<i32s256s", some_time(r), r.choice(PORTS).encode(), r.choice(HOSTS).encode()))
    for path, records in (("wtmp", logins), ("btmp", [(r.choice(names), some_time(r), r.choice(PORTS), "") for _ in range(3)])):
        with open(root.path + "/var/log/" + path, "wb") as f:
            f.write(utmp(records))


def lslogins(root, language, *options):
    run = subprocess.run(["chroot", root.path, find("lslogins"), *options], capture_output=True, timeout=60,
                         env={"LC_ALL": language, "TZ": "UTC", "PATH": "/usr/bin:/usr/sbin"})
    return run.stdout


def reference(root, language):
    """{user: {column: value}}, dates as written with --time-format=iso."""
    text = lslogins(root, language, "--output-all", "-e", "--time-format=iso")
    rows = {}
    for line in text.split(b"\n")[:-1]:
        row = {name.decode(): re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m.group(1), 16)]), value).decode("utf-8", "replace")
               for name, value in re.findall(rb'([A-Z-]+)="([^"]*)"', line)}
        rows[row["USER"]] = row
    return rows


def capture(r):
    """(options, columns, time format)."""
    kind = r.randrange(5)
    if kind == 0:
        options, columns = [], DEFAULT
    elif kind == 1:
        chosen = r.sample(sorted(SETS), r.randrange(1, 4))
        options, columns = chosen, ["UID", "USER"] + [c for s in chosen for c in SETS[s]]
    elif kind == 2:
        options, columns = ["--output-all"], COLUMNS
    else:
        columns = ["USER"] + r.sample(COLUMNS[1:], r.randrange(1, 9))
        r.shuffle(columns)
        options = ["-o", ",".join(columns)]
    form = r.choice([[], [], [], [], ["-r"], ["-n"], ["-e"], ["-e", "-y"]])
    dates = r.choice(["short", "short", "iso", "full"])
    return options + form + ([] if dates == "short" and r.randrange(2) else ["--time-format=" + dates]), columns, dates


def blank(text):
    """What a cell is after its edges went: tables cannot tell them."""
    return text.strip(" \t")


def compare(shown, want, told):
    """`told`: column to the time format of the first capture that has it."""
    rows = {}
    for row in shown.get("rows", []):
        rows.setdefault(row["user"], row)
    if list(rows) != list(want) or len(shown.get("rows", [])) != len(want):
        return ["accounts are %s, kijun says %s" % (list(want), [row["user"] for row in shown.get("rows", [])])]
    problems = []
    for name, values in want.items():
        for column in COLUMNS:
            value, got = blank(values[column]), rows[name][column.lower().replace("-", "_")]
            if column in DATES and value:
                value = value[:10]
                if told.get(column) == "short" and value[:4] == str(datetime.datetime.now(datetime.timezone.utc).year):
                    value = None
            if column not in told:
                value = None
            if (got and blank(got)) != value:
                problems.append("%s: %s is %r, kijun says %r" % (name, column, value, got))
    return problems


def judge(kijun, root, tally, name, languages, seed):
    r = random.Random(seed)
    write(root, r)
    language = r.choice(languages)
    told, captures = {}, {}
    for i in range(r.choice([1, 1, 1, 2, 3])):
        options, columns, dates = capture(r)
        text = lslogins(root, language, *options)
        if r.randrange(6) == 0:  # copied from a terminal
            text = b"\n".join(line.rstrip(b" ") for line in text.split(b"\n"))
        captures["captured/lslogins_%d.txt" % i] = text
        for column in columns:
            told.setdefault(column, dates)
    tree = tally.tree(name, captures)
    try:
        return tree, len(captures), compare(common.kijun_show(kijun, "lslogins", tree), reference(root, language), told)
    except common.KijunError as e:
        return tree, len(captures), [str(e)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100, help="how many hosts to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge host N alone")
    args = parser.parse_args()
    if os.geteuid() != 0:
        common.skip("chroot needs root")
    kijun, tally = common.find_kijun(args.kijun), common.Tally("lslogins")
    root = Root(os.path.join(tally.work, "root"), ("lslogins",))
    languages = ["C", "ja_JP.UTF-8"] if prepare_japanese(root) else ["C"]
    captures = 0
    for i in range(args.count) if args.only is None else [args.only]:
        tree, n, problems = judge(kijun, root, tally, "%04d" % i, languages, "%s/%d" % (args.seed, i))
        captures += n
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    print("%d captures, languages: %s" % (captures, ", ".join(languages)))
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
