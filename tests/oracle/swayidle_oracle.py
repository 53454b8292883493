#!/usr/bin/env python3
"""Compares `kijun show swayidle` with swayidle over generated command lines and configuration files.

Each tree has a user with a sway configuration that starts swayidle, and mostly a file of swayidle's own. swayidle reads both
before it looks for a compositor (there is none), and with -d it says what it took; sway's own part (variables, includes,
continued lines) is not run.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

SECONDS = ["600"] * 8 + ["300", "0", "-5", "+7", "600s", "", "''", "1e3", "99999999999", "4294967896", "3000000", "' 9'", "'9 '", "010"]
COMMANDS = ["'swaylock -f'"] * 5 + ["swaylock", "\"swaylock -f -c '000000'\"", "'swaymsg \"output * dpms off\"'", "swaylock\\ -f", "''",
                                    "'pgrep swaylock || swaylock -f'", "'loginctl lock-session'", "\"a \\\"b\\\" \\$c\"", "x'y'\"z\"", "resume"]
BAD = ["swaylock -f", "'open", "a|b", "a;b", "a&", "(x)", "\"x", "swaylock #x", "{x}"]


def event(r, name_of=lambda r, n: n):
    command = r.choice(BAD) if r.random() < 0.03 else r.choice(COMMANDS)
    name = r.choice(["timeout"] * 5 + ["before-sleep", "after-resume", "lock", "unlock", "idlehint"])
    name, seconds = name_of(r, name), r.choice(SECONDS) if r.random() < 0.3 else "600"
    if name.startswith("t"):
        text = "%s %s %s" % (name, seconds, command)
        return text + (" resume %s" % r.choice(COMMANDS) if r.random() < 0.3 else "")
    return "%s %s" % (name, seconds if name.startswith("i") else command)


def line(r):
    cut = lambda r, n: n[:r.randint(1, len(n))] if r.random() < 0.1 else n
    text = event(r, cut)
    kind = r.random()
    if kind < 0.06:
        return r.choice([" " + text, "#" + text, text + " more words", "", text.replace(" ", "\t", 1), "timeout 5 swaylock\r", "timeouts 5 x", "   "])
    return text.replace(" ", "  ", 1) if kind < 0.12 else text


def generate(seed):
    r = random.Random(seed)
    options = r.choice(["-w ", "", "", "-w -S seat0 ", "-wSseat0 "] + (["-x ", "-h ", "-S "] if r.random() < 0.1 else []))
    args = options + " ".join(event(r) for _ in range(r.randint(0, 3)))
    files = dict(common.HOST_FILES)
    if r.random() < 0.8:
        where = r.choice([".config/swayidle/config"] * 3 + [".swayidle/config"])
        files["home/sato/" + where] = "\n".join(line(r) for _ in range(r.randint(0, 4))) + r.choice(["\n"] * 5 + [""])
        if r.random() < 0.2:
            files["home/sato/.swayidle/config"] = "timeout 77 swaylock\n"
    return args, files


def ask(tree, args):
    """(rows, started) of swayidle: rows are (event, seconds or '', command)."""
    run = subprocess.run(["sh", "-c", "swayidle -d " + args], capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
                         env={"PATH": os.environ["PATH"], "HOME": os.path.join(tree, "home/sato"), "LC_ALL": "C.UTF-8"})
    said = [re.sub(r"^\S+ \S+ - \[Line \d+\] ", "", x) for x in run.stderr.decode("utf-8", "replace").split("\n")]
    rows = []
    for i, text in enumerate(said):
        seconds = re.match(r"Register (idle|idlehint) timeout at (-?\d+) ms", text)
        if seconds:
            value = str(max(int(seconds.group(2)), 0) // 1000)
            hint = seconds.group(1) == "idlehint"
            rows.append(["idlehint" if hint else "timeout", value, "" if hint else said[i + 2].partition("Command: ")[2]])
        for say, name in (("Setup sleep lock: ", "before-sleep"), ("Setup resume hook: ", "after-resume"), ("Setup lock hook: ", "lock"),
                          ("Setup unlock hook: ", "unlock")):
            if text.startswith(say):
                rows.append([name, "", text[len(say):]])
    return rows, any("Unable to connect" in x for x in said)


def judge(kijun, tree, args, counts):
    rows, started = ask(tree, args)
    answer = common.kijun_show(kijun, "swayidle", tree)
    state = [s["state"] for s in answer["settings"] if s["key"] == "lock_after" and s.get("scope") == "user sato"]
    counts["started" if started else "refused"] += 1
    if not started:
        return [] if state == ["not_in_force"] else ["swayidle ends, kijun says %s" % state]
    if state == ["not_in_force"]:
        return ["swayidle starts, kijun says that it does not"]
    have = [[x["event"], x["seconds"], x["command"]] for x in answer.get("rows", [])]
    return [] if have == rows else ["swayidle has %s" % rows, "kijun has    %s" % have]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    if not shutil.which("swayidle"):
        common.skip("no 'swayidle' here (package swayidle)")
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("swayidle")
    counts = {"started": 0, "refused": 0}
    for i in range(args.count) if args.only is None else [args.only]:
        line_args, files = generate("%s/%d" % (args.seed, i))
        files["home/sato/.config/sway/config"] = "exec swayidle %s\n" % line_args
        tree = tally.tree("%04d" % i, files)
        try:
            found = judge(kijun, tree, line_args, counts)
        except common.KijunError as e:
            found = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    print("swayidle started %(started)d times, ended %(refused)d times" % counts)
    if args.only is None and counts["started"] * 3 < args.count:
        print("too few of them start")
        tally.failed += 1
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
