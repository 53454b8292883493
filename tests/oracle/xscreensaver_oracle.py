#!/usr/bin/env python3
"""Compares `kijun show xscreensaver` with xscreensaver over generated ~/.xscreensaver files and app-defaults.

The daemon starts on an X server of its own (Xvfb), with HOME in the tree and, in a mount namespace, the tree's app-defaults
in place of the machine's; --verbose makes it say "blank after" and "lock after", the latter only when it locks.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys

import oracle_common as common

TIMES = ["0:10:00", "0:05:00", "10", "600", "0:600", "00:10", ":30", "0:0:30", "0:00:03", "0", "0:00:00", "1:00:00", "0:90", "0:61:00",
         "1:61:00", "0:10:60", "0:10:00x", "5m", "", " 0 : 07 : 30 ", "0:100:00", "0:1:2:3", "-1", "+5", "0:-5", "99999999999", "::5",
         "0:10:", "10 0", "0:\\\n08:00", "0:03:\\00", "1:2:3"]
KEYS = ["timeout"] * 8 + ["lock"] * 6 + ["lockTimeout"] * 5 + ["mode", "Timeout", "LOCK", "locktimeout", "lock ", "dpmsOff"]
PREFIX = [""] * 15 + ["*", "XScreenSaver.", "."]


def line(r, star):
    key = r.choice(KEYS)
    if key.lower().strip() == "lock":
        value = r.choice(["True"] * 12 + ["true", "TRUE", "False", "yes", "on", "1", "", "True # x", "true\\", "tr\\\nue", "t\\rue"])
    else:
        value = r.choice(["off", "random", "Off"]) if key == "mode" else r.choice(TIMES)
    text = "%s%s:%s%s" % (r.choice(PREFIX) if not star else r.choice(["*", "*", ""]), key, r.choice(["\t", " ", "", "\t\t"]), value)
    return r.choice(["%s"] * 25 + ["#%s", "!%s", ";%s", "  %s", "%s  ", "# x \\\n%s"]) % text


def generate(r, star):
    rare = ["programs:\t\\\n\tmaze -root \\n\\\n  timeout: 3", "lock True", "", "# comment", "\\", "%s" % ("x" * 1500)]
    lines = [r.choice(rare) if r.random() < 0.08 else line(r, star) for _ in range(r.randint(1, 8))]
    return "\n".join(lines) + r.choice(["\n"] * 5 + [""])


FIXED = [  # what taught something: (app-defaults, ~/.xscreensaver)
    ("*timeout:\t0:10:00\n*lock:\tTrue\n", None),
    ("timeout:\t0:10:00\nlock:\tTrue\n", None),
    ("*lock: True\n", "timeout:\t0:10:00\nlock:\t\tTrue\n"),
    ("", "timeout: 600\nlock: true\n"),
    ("", "timeout: 0:00:03\nlock: true\nlockTimeout: 0:01:00\n"),
    ("", "timeout : 0:05:00\nlock: yes\n"),
]


class Screen:
    """An X server without a screen."""

    def __init__(self):
        ends = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(ends[1]), "-screen", "0", "64x64x8", "-nolisten", "tcp"],
                                       pass_fds=[ends[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ends[1])
        self.name = ":" + os.read(ends[0], 20).decode().strip()
        os.close(ends[0])

    def close(self):
        self.server.terminate()
        self.server.wait()


def ask(screen, tree):
    """(timeout, lock timeout or None) that the daemon says it has."""
    script = 'mount --bind "$1/etc/X11/app-defaults" /etc/X11/app-defaults && exec xscreensaver --verbose --no-splash'
    run = subprocess.Popen(["unshare", "-m", "sh", "-c", script, "sh", tree], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           env={"PATH": os.environ["PATH"], "HOME": os.path.join(tree, "home/sato"), "DISPLAY": screen.name,
                                "LC_ALL": "C.UTF-8"})
    blank, lock = None, None
    for raw in run.stdout:
        text = raw.decode("utf-8", "replace")
        if "blank after:" in text:
            blank = int(text.rsplit(":", 1)[1])
        elif "lock after:" in text:
            lock = int(text.rsplit(":", 1)[1])
        elif "running in process" in text:
            break
    run.kill()
    run.stdout.close()
    run.wait()
    return blank, lock


def judge(kijun, screen, tree):
    blank, lock = ask(screen, tree)
    if blank is None:
        return ["xscreensaver says nothing"]
    have = {}
    for s in common.kijun_show(kijun, "xscreensaver", tree)["settings"]:
        if s["state"] == "error":
            return ["%s is left open: %s" % (s["key"], s.get("note"))]
        if s.get("scope") in ("user sato", "", None):
            have[s["key"]] = s["value"]
    told = {"timeout": str(blank), "lock": "false" if lock is None else "true"}
    if lock is not None:
        told["lockTimeout"] = str(lock)
        told["lock_after"] = str(blank + lock) if have["mode"] == "on" else "0"
    else:
        told["lock_after"] = "0"
    return ["%s: xscreensaver has %r, kijun %r" % (k, told[k], have.get(k)) for k in told if told[k] != have.get(k)]


def files_of(r, fixed):
    defaults, own = fixed or (generate(r, True), generate(r, False) if r.random() < 0.85 else None)
    files = dict(common.HOST_FILES)
    files["etc/X11/app-defaults/XScreenSaver"] = defaults
    files["home/sato/.xscreensaver" if own is not None else "home/sato/.profile"] = own or ""
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    for program, package in (("xscreensaver", "xscreensaver"), ("Xvfb", "xvfb")):
        if not shutil.which(program):
            common.skip("no '%s' here (package %s)" % (program, package))
    if os.geteuid() != 0:
        common.skip("mount namespaces need root")
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "xscreensaver"], capture_output=True, text=True).stdout
    if not version.startswith("6.06"):
        common.skip("the trees are those of Debian 12, whose xscreensaver is 6.06, not '%s'" % version)
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("xscreensaver")
    screen = Screen()
    try:
        for i in range(args.count) if args.only is None else [args.only]:
            r = random.Random("%s/%d" % (args.seed, i))
            tree = tally.tree("%04d" % i, files_of(r, FIXED[i] if i < len(FIXED) else None))
            try:
                found = judge(kijun, screen, tree)
            except common.KijunError as e:
                found = [str(e)]
            tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    finally:
        screen.close()
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
