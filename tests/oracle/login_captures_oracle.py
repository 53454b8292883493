#!/usr/bin/env python3
"""Compares `kijun show lastlog`, `aging` and `passwd_status` with what lastlog, chage and passwd -S were given to print.

The test writes /var/log/lastlog and /etc/shadow of a chroot, lets the real lastlog, chage and passwd print them, in English and,
where localedef can make it, in Japanese, and holds kijun's reading of the captures to what was written. Needs root; skips
elsewhere.
"""

import argparse
import datetime
import os
import random
import shutil
import struct
import subprocess
import sys

import oracle_common as common
from account_oracle import EPOCH, Root, find

NAMES = ["root", "alice", "bob", "svc-backup", "a-very-long-name-of-somebody", "x", "user.name", "www-data"]
PORTS = ["pts/0", "tty1", "ssh", "console", "pts/1234", ":0"]
HOSTS = ["", "192.0.2.1", "2001:db8::1", "host.example.com", "a-very-long-host-name.of.some.provider.example.co.jp", ":0.0"]


# What passwd -S says of a password.
WORDS = [("*", "L"), ("!", "L"), ("", "NP"), ("x", "P"), ("!$6$a$b", "L"), ("$6$a$b", "P")]


def prepare_japanese(root):
    """The locale and the messages; False when this machine cannot make them."""
    messages = "/usr/share/locale/ja/LC_MESSAGES/shadow.mo"
    if not find("localedef") or not os.path.exists(messages):
        return False
    os.makedirs(root.path + "/usr/lib/locale", exist_ok=True)
    made = subprocess.run(["localedef", "-i", "ja_JP", "-f", "UTF-8", root.path + "/usr/lib/locale/ja_JP.UTF-8"],
                          capture_output=True)
    if made.returncode:
        return False
    os.makedirs(os.path.dirname(root.path + messages), exist_ok=True)
    shutil.copy(messages, root.path + messages)
    return True


def show(root, language, *command):
    run = subprocess.run(["chroot", root.path, find(command[0])] + list(command[1:]), capture_output=True, timeout=60,
                         env={"LC_ALL": language, "TZ": "UTC", "PATH": "/usr/bin:/usr/sbin"})
    return run.stdout


def generate(seed):
    """(passwd, shadow, logins): uid to (time, port, host); account to its six days."""
    r = random.Random(seed)
    names = ["root"] + r.sample(NAMES[1:], r.randrange(1, len(NAMES)))
    ids = {name: 0 if name == "root" else 1000 + i for i, name in enumerate(names)}
    logins = {n: (r.randrange(946684800, 1796000000), r.choice(PORTS), r.choice(HOSTS)) for n in names if r.randrange(3)}
    days = {n: [r.choice(["0", "", "19000", "20780", str(r.randrange(1, 30000))]), r.choice(["0", "", "7"]),
                r.choice(["", "0", "90", "9999", "99999"]), r.choice(["", "7", "14"]), r.choice(["", "0", "30"]),
                r.choice(["", "", "0", "20000", str(r.randrange(30000))])] for n in names}
    return ids, days, logins


def write(root, ids, days, logins):
    root.set_files({
        "etc/passwd": "".join("%s:x:%d:100::/:/bin/sh\n" % (n, i) for n, i in ids.items()),
        "etc/shadow": "".join("%s:%s:%s:\n" % (n, WORDS[(i + len(days)) % len(WORDS)][0], ":".join(d))
                              for i, (n, d) in enumerate(days.items())),
        "etc/nsswitch.conf": "passwd: files\nshadow: files\n", "etc/group": "", "etc/login.defs": ""})
    os.makedirs(root.path + "/var/log", exist_ok=True)
    with open(root.path + "/var/log/lastlog", "wb") as f:
        for name, (when, port, host) in logins.items():
            f.seek(ids[name] * 292)
            f.write(struct.pack("<i32s256s", when, port.encode(), host.encode()))


def compare_lastlog(shown, ids, logins):
    rows = {row["user"]: row for row in shown.get("rows", [])}
    problems = [] if set(rows) == set(ids) else ["lastlog: accounts %s, kijun %s" % (sorted(ids), sorted(rows))]
    for name in set(ids) & set(rows):
        when, port, host = logins.get(name, (0, "", ""))
        want = {"never": "no" if when else "yes", "port": port[:8], "from": host,
                "last": (EPOCH + datetime.timedelta(when // 86400)).isoformat() if when else ""}
        # lastlog cuts host names to its column
        problems += ["lastlog %s: %s is %r, kijun says %r" % (name, c, w, rows[name][c]) for c, w in want.items()
                     if rows[name][c] != w and not (c == "from" and len(host) > 38 and host.startswith(rows[name][c]))]
    return problems


def day(number):
    return (EPOCH + datetime.timedelta(number)).isoformat()


def compare_aging(shown, days):
    rows = {row["user"]: row for row in shown.get("rows", [])}
    problems = [] if set(rows) == set(days) else ["chage: accounts %s, kijun %s" % (sorted(days), sorted(rows))]
    for name in set(days) & set(rows):
        changed, low, high, warn, inactive, expires = (int(d or -1) for d in days[name])
        ages = changed > 0 and 0 <= high < 10000
        want = {"changed": day(changed) if changed > 0 else "never", "min": str(low), "max": str(high), "warn": str(warn),
                "password_expires": day(changed + high) if ages else "never",
                "password_inactive": day(changed + high + inactive) if ages and inactive >= 0 else "never",
                "expires": day(expires) if expires >= 0 else "never", "must_change": "yes" if changed == 0 else "no"}
        problems += ["chage %s: %s is %r, kijun says %r" % (name, c, w, rows[name][c]) for c, w in want.items() if rows[name][c] != w]
    return problems


def compare_status(shown, days):
    rows = {row["user"]: row for row in shown.get("rows", [])}
    problems = [] if set(rows) == set(days) else ["passwd -S: accounts %s, kijun %s" % (sorted(days), sorted(rows))]
    for i, name in enumerate(days):
        changed, low, high, warn, inactive, _ = (int(d or -1) for d in days[name])
        want = {"state": WORDS[(i + len(days)) % len(WORDS)][1], "changed": day(changed) if changed >= 0 else "never", "min": str(low),
                "max": str(high), "warn": str(warn), "inactive": str(inactive)}
        problems += ["passwd -S %s: %s is %r, kijun says %r" % (name, c, w, rows[name][c]) for c, w in want.items()
                     if name in rows and rows[name][c] != w]
    return problems


def judge(kijun, root, tally, name, languages, seed):
    ids, days, logins = generate(seed)
    r = random.Random(seed + "/captures")
    language = r.choice(languages)
    write(root, ids, days, logins)
    captures = {"captured/lastlog.txt": show(root, language, "lastlog"),
                "captured/passwd_-S_-a.txt": show(root, language, "passwd", "-S", "-a")}
    # what chage was not asked for comes from shadow
    asked = [n for n in ids if r.randrange(4)]
    for user in asked:
        options = ["-i"] if r.randrange(3) == 0 else []
        captures["captured/chage_%s-l_%s.txt" % ("-i_" if options else "", user)] = show(root, language, "chage", *options, "-l", user)
    with open(root.path + "/etc/passwd", "rb") as p, open(root.path + "/etc/shadow", "rb") as s:
        captures.update({"etc/passwd": p.read(), "etc/shadow": s.read()})
    tree = tally.tree(name, captures)
    try:
        return tree, (compare_lastlog(common.kijun_show(kijun, "lastlog", tree), ids, logins) +
                      compare_aging(common.kijun_show(kijun, "aging", tree), days) +
                      compare_status(common.kijun_show(kijun, "passwd_status", tree), days))
    except common.KijunError as e:
        return tree, [str(e)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100, help="how many hosts to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge host N alone")
    args = parser.parse_args()
    if os.geteuid() != 0:
        common.skip("chroot needs root")
    kijun, tally = common.find_kijun(args.kijun), common.Tally("login-captures")
    root = Root(os.path.join(tally.work, "root"), ("lastlog", "chage", "passwd"))
    languages = ["C", "ja_JP.UTF-8"] if prepare_japanese(root) else ["C"]
    for i in range(args.count) if args.only is None else [args.only]:
        tree, problems = judge(kijun, root, tally, "%04d" % i, languages, "%s/%d" % (args.seed, i))
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    print("languages: " + ", ".join(languages))
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
