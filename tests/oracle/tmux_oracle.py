#!/usr/bin/env python3
"""Compares `kijun show tmux` with tmux over generated tmux.conf files: lock-after-time and lock-command.

Each file is given to a server on a socket of its own (`tmux -f FILE start-server ; show -g`). Where kijun says error, it
leaves the value open; a share of the files must be decided.
"""

import argparse
import os
import random
import shlex
import shutil
import subprocess
import sys

import oracle_common as common

DECIDED_AT_LEAST = 0.6


def line(r):
    n = r.choice(["600", "900", "0", "5", "007", "-1", "600s", "'300'", '"60"', "99999999999", "0x10", "$X", "1 2", ""])
    command = r.choice(["vlock", "'vlock -a'", '"vlock -n"', "\"a'b\"", "'x # y'", "a\\ b", "''", "vlock -a"])
    return r.choice([
        "set -g lock-after-time " + n, "set-option -g lock-after-time " + n, "set -g lock-command " + command,
        "set -g lock-after-time %s; set -g lock-command %s" % (n, command), "set -g lock-after-time %s # note" % n,
        "set lock-after-time " + n, "set -gu lock-after-time", "set -ga lock-command " + command, "set -go lock-after-time 5",
        "set -gw lock-after-time 7", "setw -g lock-after-time 8", "set -g lock-after 6", "set -g lock-c vlock", "# set -g lock-after-time 1",
        "set -g status off", "bind x lock-server", "bind r source-file ~/.tmux.conf", "set -g @plugin 'x'", "  set -g  lock-after-time  9 ",
        "set -g \\\nlock-after-time 8", "set -gF lock-after-time 4", "X=5", "bind y { set -g lock-after-time 3 }", "set -gq nothing 1",
        "set -t x lock-after-time 8", "set -g lock-after-time 5 \\; set -g status on", "set -g -F lock-after-time '#{?1,4,5}'", "",
        "set -g lock-after-time 1;set -g lock-after-time 2", "unbind C-b", "set -g prefix C-a", "set -as terminal-overrides ',x:y'"])


def rare(r):
    return r.choice(["foo", "if-shell true 'set -g lock-after-time 3'", "%if 1\nset -g lock-after-time 3\n%endif", "set -g 'x",
                     "%if 0\nset -g lock-after-time 3\n%endif", "if-shell false { set -g lock-after-time 3 }", "set -g", "{", "}"])


def generate(seed):
    r = random.Random(seed)
    lines = [rare(r) if r.random() < 0.04 else line(r) for _ in range(r.randint(1, 8))]
    return "\n".join(lines) + r.choice(["\n"] * 5 + [""])


def ask(path, socket):
    """{option: value} of a server that read the file."""
    run = subprocess.run(["tmux", "-S", socket, "-f", path, "start-server", ";", "show", "-g", "lock-after-time", ";", "show", "-g",
                          "lock-command", ";", "kill-server"], capture_output=True, timeout=60,
                         env={"PATH": os.environ["PATH"], "HOME": os.path.dirname(path), "LC_ALL": "C.UTF-8", "TERM": "dumb"})
    result = {}
    for text in run.stdout.decode("utf-8", "replace").splitlines():
        key, _, value = text.partition(" ")
        result[key] = " ".join(shlex.split(value)) if value else ""
    return result


def judge(kijun, tree, counts):
    told = ask(os.path.join(tree, "etc/tmux.conf"), os.path.join(tree, "s"))
    if set(told) != {"lock-after-time", "lock-command"}:
        return ["tmux says nothing: %s" % told]
    answer = common.kijun_show(kijun, "tmux", tree)
    problems = []
    for s in answer["settings"]:
        if s["state"] == "error":
            counts["open"] += 1
            continue
        counts["decided"] += 1
        if s["value"] != told[s["key"]]:
            problems.append("%s: tmux has %r, kijun %r" % (s["key"], told[s["key"]], s["value"]))
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many files to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge file N alone")
    args = parser.parse_args()
    if not shutil.which("tmux"):
        common.skip("no 'tmux' here (package tmux)")
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("tmux")
    counts = {"open": 0, "decided": 0}
    for i in range(args.count) if args.only is None else [args.only]:
        tree = tally.tree("%04d" % i, {"etc/tmux.conf": generate("%s/%d" % (args.seed, i))})
        try:
            found = judge(kijun, tree, counts)
        except common.KijunError as e:
            found = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    print("values decided: %(decided)d, left open: %(open)d" % counts)
    if args.only is None and counts["decided"] < DECIDED_AT_LEAST * sum(counts.values()):
        print("too few values are decided")
        tally.failed += 1
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
