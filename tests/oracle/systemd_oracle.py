#!/usr/bin/env python3
"""Compares `kijun show logind TREE -o json` with what systemd does with generated trees of logind.conf and its drop-ins.

`systemd-analyze cat-config --root=TREE` says which files count, in which order; the real systemd-logind, started in a mount
namespace of its own where the tree's files stand at their places, names every line that it does not take (it ends by itself,
since there is no bus). Together they say which line decides each key. Time spans are compared with `systemd-analyze timespan`.
Needs root and systemd; skips elsewhere.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

MAINS = ["etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"]
LOGIND = "/usr/lib/systemd/systemd-logind"
SECONDS = ["0", "30", "10min", "1h 30min", "1.5h", "1h 30", "infinity", "5 m i n", "banana", "", "-1", "+5", ".5h", "1Min", "90S",
           "1year", "2 weeks", "1e3", "500ms", "5 5", "1,5h", "9999999999999999999"]
BOOLEANS = ["yes", "no", "Yes", "TRUE", "f", "on", "OFF", "1", "0", "2", "", "maybe", '"yes"', "yes no"]
ACTIONS = ["ignore", "lock", "poweroff", "suspend", "Lock", "", "none", "reboot", "hibernate", "locked", "lock # x", "yes"]
SIZES = ["10K", "10M", "1.5G", "1G 5M", "5M 1G", "10KB", "10k", "0x10", "", "10 K", "10%", "7", "-1", "1K2", "1.K", "3B", "1T", "+1K"]
MEMORY = ["10%", "0%", "100%", "101%", "10.5%", "10.55%", "10.555%", "64M", "0", "", "1G", "x%", "10 %"]
NUMBERS = ["5", "0x10", "010", "08", "0o10", "0b11", "-1", "+5", "5.0", "", "99999999999999999999", "4294967296", "x"]
LISTS = ["alice bob", "", "carol", '"dave" eve', 'a "b', "mallory\\", "x  y"]
KEYS = {
    "IdleActionSec": SECONDS, "StopIdleSessionSec": SECONDS, "InhibitDelayMaxSec": SECONDS, "HoldoffTimeoutSec": SECONDS,
    "KillUserProcesses": BOOLEANS, "RemoveIPC": BOOLEANS, "LidSwitchIgnoreInhibited": BOOLEANS,
    "IdleAction": ACTIONS, "HandleLidSwitch": ACTIONS, "HandlePowerKey": ACTIONS,
    "RuntimeDirectoryInodesMax": SIZES, "RuntimeDirectorySize": MEMORY, "InhibitorsMax": NUMBERS, "ReserveVT": NUMBERS,
    "KillOnlyUsers": LISTS, "KillExcludeUsers": LISTS,
}
# What systemd 252 takes in a list of words is more than it seems; only these are lists here.
LIST_KEYS = {"KillOnlyUsers", "KillExcludeUsers"}
SENTINEL = "IdleActionSec=read-to-the-end"


# --- trees ------------------------------------------------------------------------------------------------------------

def assignment(r):
    key = r.choice(list(KEYS))
    value = r.choice(KEYS[key])
    if r.random() < 0.04:
        key = r.choice(["idleaction", "Foo", "X-Bar", "Idle Action", ""])
    line = "%s%s%s" % (key, r.choice(["=", "=", "=", " = ", "= ", "\t="]), value)
    if r.random() < 0.06:
        cut = r.randrange(len(line) + 1)
        line = line[:cut] + "\\\n" + r.choice(["", "  ", "# a comment\n", "; another\n", "\n"]) + line[cut:]
    return r.choice(["", "", "", " ", "\t"]) + line + r.choice(["", "", "", " ", "\r"])


def content(r):
    if r.random() < 0.06:
        return r.choice(["", "\n", "# nothing\n"])
    lines = [] if r.random() < 0.05 else [r.choice(["[Login]"] * 30 + [" [Login] ", "[Login", "[Login ]", "\ufeff[Login]", "[login]"])]
    for _ in range(r.randrange(1, 8)):
        odd = r.random()
        if odd < 0.05:
            lines.append(r.choice(["[Other]", "[Login]", "[X-Mine]", "[Login]", "[]", "[Bad", "[Login] # x"]))
        elif odd < 0.15:
            lines.append(r.choice(["# a comment", ";IdleAction=lock", "", "   ", "no equals sign", "# ends with \\", "IdleAction"]))
        lines.append(assignment(r))
    lines.append(SENTINEL)
    text = "\n".join(lines)
    return text + r.choice(["\n", "\n", "\n", "", "\\", "\\\n"])


def generate(seed):
    r = random.Random(seed)
    files = {}
    if r.random() < 0.7: # systemd 252 looks for it nowhere else; cat-config does
        files["etc/systemd/logind.conf"] = content(r)
    names = ["%s.conf" % n for n in ("00-a", "10-lock", "50-site", "99-z", "Z", "b")]
    for folder in MAINS:
        drop = folder + "/logind.conf.d/"
        files[drop] = ""
        for name in r.sample(names, r.choice([0, 0, 1, 1, 2, 3])):
            mask = r.random()
            files[drop + name] = (common.Link("/dev/null") if mask < 0.08 else common.Link("10-lock.conf.off") if mask < 0.11
                                  else content(r))
        files[drop + "10-lock.conf.off"] = "[Login]\nIdleAction=poweroff\n"
        if r.random() < 0.2:
            files[drop + r.choice([".hidden.conf", "backup.conf~", "x.CONF", "conf"])] = content(r)
    return files


def add_manifest(tree):
    """A list of everything in the tree: what is not in it the host has not."""
    lines = ["0755\t0\t0\troot\troot\td\t0\t/"]
    for folder, folders, names in os.walk(tree):
        for name in sorted(folders + names):
            path = os.path.join(folder, name)
            kind = "l" if os.path.islink(path) else "d" if os.path.isdir(path) else "f"
            target = " -> " + os.readlink(path) if kind == "l" else ""
            mode = "0755" if kind == "d" else "0644"
            lines.append("%s\t0\t0\troot\troot\t%s\t0\t/%s%s" % (mode, kind, os.path.relpath(path, tree), target))
    with open(os.path.join(tree, "manifest.tsv"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


# --- systemd ------------------------------------------------------------------------------------------------------------

def files_in_order(tree):
    run = subprocess.run(["systemd-analyze", "cat-config", "systemd/logind.conf", "--root=" + tree], capture_output=True, timeout=60)
    text = run.stdout.decode("utf-8", "replace")
    paths = re.findall(r"^# (\S+/logind\.conf(?:\.d/[^/\n]+\.conf)?)$", text, re.M)
    return [p[len(tree):] if p.startswith(tree) else p for p in paths]


class Place:
    """A namespace of this process where the places of systemd's configuration are empty folders in memory."""

    def __init__(self, work):
        self.logind = os.path.join(work, "systemd-logind")
        shutil.copy(LOGIND, self.logind)
        self.folders = ["/etc/systemd", "/run", "/usr/local/lib", "/usr/lib/systemd"]
        for folder in self.folders:
            subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)

    def complaints(self, tree):
        """{(path, line): message} and whether the reading was ended."""
        for folder in self.folders:
            for name in os.listdir(folder):
                shutil.rmtree(os.path.join(folder, name))  if os.path.isdir(os.path.join(folder, name)) \
                    else os.unlink(os.path.join(folder, name))
            if os.path.isdir(tree + folder):
                shutil.copytree(tree + folder, folder, symlinks=True, dirs_exist_ok=True)
        run = subprocess.run([self.logind], capture_output=True, timeout=20,
                             env={"SYSTEMD_LOG_TARGET": "console", "SYSTEMD_LOG_LEVEL": "debug", "PATH": "/usr/bin"})
        out = {}
        for path, line, what in re.findall(r"^(/\S+):(\d+): (.*)$", run.stderr.decode("utf-8", "replace"), re.M):
            out.setdefault((path, int(line)), what)
        return out


def logical_lines(text):
    """(first line, the line that systemd names, text) of each line that is no comment, continued ones joined."""
    text = text[1:] if text.startswith("\ufeff") else text
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    held, first = None, 0
    for number, line in enumerate(lines, 1):
        line = line[:-1] if line.endswith("\r") else line
        if line.lstrip(" \t\r")[:1] in ("#", ";"):
            continue
        first = number if held is None else first
        line = (held or "") + line
        trailing = len(line) - len(line.rstrip("\\"))
        held = None
        if trailing % 2:
            held = line[:-1] + " "
            continue
        yield first, number, line.strip(" \t\r\n")
    if held is not None:
        yield first, len(lines) + 1, held.strip(" \t\r\n")


def truth(tree, paths, complaints):
    """{key: (path, line, words of a list)}: the lines that decide."""
    out = {}
    for path in paths:
        real = common.resolve(tree, path)
        if not os.path.isfile(real):
            continue
        with open(real, encoding="utf-8", newline="") as f:
            text = f.read()
        section = None
        for first, last, line in logical_lines(text):
            what = complaints.get((path, last), "")
            if "Invalid section header" in what:
                return out
            if line.startswith("["):
                section = line[1:-1]
            elif "=" in line and section == "Login" and not what and not line.startswith("X-"):
                key, value = (part.strip(" \t\r\n") for part in line.split("=", 1))
                if not key:
                    continue
                words = []
                if key in LIST_KEYS and value:
                    words = out.get(key, (0, 0, []))[2] + re.sub("[\"']", "", value).split()
                out[key] = (os.path.relpath(real, tree), first, words)
    return out


# --- kijun --------------------------------------------------------------------------------------------------------------

def compare(want, answer):
    problems, have = [], {}
    for s in answer["settings"]:
        if s.get("state") == "not_in_force" or s["default"]:
            continue
        have[s["key"]] = s
    for key in sorted(set(have) - set(want)):
        if key in KEYS:
            problems.append("kijun has %s = %s (%s:%s), systemd has not" % (key, have[key]["value"], have[key]["artifact"], have[key]["line"]))
    for key, (path, line, words) in want.items():
        s = have.get(key)
        if not s:
            problems.append("%s: systemd takes %s:%d, kijun nothing" % (key, path, line))
        elif (s["artifact"], s["line"]) != (path, line):
            problems.append("%s: systemd takes %s:%d, kijun %s:%d" % (key, path, line, s["artifact"], s["line"]))
        elif key in LIST_KEYS and s["value"].split() != words:
            problems.append("%s: systemd has %s, kijun '%s'" % (key, words, s["value"]))
    return problems


def judge(args, place, tree):
    paths = files_in_order(tree)
    want = truth(tree, paths, place.complaints(tree))
    try:
        return compare(want, common.kijun_show(args.kijun, "logind", tree))
    except common.KijunError as e:
        return [str(e)]


# --- time spans ---------------------------------------------------------------------------------------------------------

UNITS = ["", "us", "usec", "µs", "ms", "msec", "s", "sec", "second", "seconds", "m", "min", "minute", "minutes", "h", "hr", "hour", "hours",
         "d", "day", "days", "w", "week", "weeks", "M", "month", "months", "y", "year", "years", "x", "S", "Min", "secs", "e3"]


def span(r):
    parts = []
    for _ in range(r.choice([1, 1, 1, 2, 2, 3])):
        number = r.choice(["0", "1", "5", "30", "90", "1.5", ".5", "0.25", "12.345678901", "5.", "+5", "-1", "1..5", "1.5.5", "100000"])
        parts.append(number + r.choice(["", "", " "]) + r.choice(UNITS))
    text = r.choice(["", " ", ""]).join(parts)
    return r.choice([text, text, text, " " + text, text + " ", "infinity", "9" * r.randrange(10, 22) + r.choice(UNITS)] )


def systemd_span(text):
    run = subprocess.run(["systemd-analyze", "timespan", "--", text], capture_output=True, timeout=20)
    m = re.search(r"^ *μs: (\d+)$", run.stdout.decode("utf-8", "replace"), re.M)
    return int(m.group(1)) if m else None


def judge_spans(args, reader):
    """The number of spans that agree, and a line for each that does not."""
    r = random.Random("%s/spans" % args.seed)
    spans = [span(r) for _ in range(args.spans)]
    run = subprocess.run([reader], input="\n".join(spans) + "\n", capture_output=True, timeout=60, text=True, check=True)
    good, problems = 0, []
    for text, line in zip(spans, run.stdout.splitlines()):
        want = systemd_span(text)
        have, seconds = (None if w == "-" else int(w) for w in line.split())
        if have != want:
            problems.append("'%s': systemd has %s, kijun %s" % (text, want, have))
        elif seconds is not None and want != 2 ** 64 - 1 and seconds < 2 ** 40 and (want is None or seconds != want // 10 ** 6):
            problems.append("'%s': systemd has %s µs, a policy reads %s s" % (text, want, seconds))
        else:
            good += 1
    return good, problems


# --- the run ------------------------------------------------------------------------------------------------------------

def in_own_namespace():
    """Starts this program again in a mount namespace of its own."""
    if os.environ.get("KIJUN_ORACLE_NAMESPACE"):
        return
    if os.geteuid() != 0:
        common.skip("not root")
    if not os.access(LOGIND, os.X_OK) or not shutil.which("systemd-analyze"):
        common.skip("no systemd-logind or systemd-analyze (Debian: systemd)")
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/run"], capture_output=True).returncode != 0:
        common.skip("no mount namespace can be made here")
    env = dict(os.environ, KIJUN_ORACLE_NAMESPACE="1")
    os.execvpe("unshare", ["unshare", "-m", sys.executable] + sys.argv, env)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--reader", default="build/tests/oracle/span_read", help="the built span_read.c")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--spans", type=int, default=300, help="how many time spans")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    in_own_namespace()
    args.kijun, reader = common.find_kijun(args.kijun), common.find_kijun(args.reader)
    tally = common.Tally("systemd")
    place = Place(tally.work)
    for i in range(args.count) if args.only is None else [args.only]:
        tree = tally.tree("%04d" % i, generate("%s/%d" % (args.seed, i)))
        add_manifest(tree)
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), judge(args, place, tree))
    if args.only is None:
        good, problems = judge_spans(args, reader)
        tally.passed += good
        tally.failed += len(problems)
        for line in problems[:40]:
            print("FAILED span " + line)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
