#!/usr/bin/env python3
"""Compares `kijun show kscreenlocker` with KConfig over generated kscreenlockerrc files of the system and of a user.

kreadconfig5 says what a key's value is, for a user without a file and for one with it; kwriteconfig5, which cannot write
what is immutable, says what is locked.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys

import oracle_common as common

KEYS = ["Autolock", "Timeout", "LockGrace", "LockOnResume", "Other"]
NOTHING = "nothing-is-set"


def value(r, key):
    if key in ("Autolock", "LockOnResume"):
        return r.choice(["true", "false", "no", "off", "0", "1", "True", "FALSE", "yes", "on"])
    return r.choice(["5", "10", "0", "300", "15"])


def config(r):
    lines = [r.choice(["", "", "", "", "# note", "[$i]"])]
    for _ in range(r.randint(1, 3)):
        lines.append(r.choice(["[Daemon]"] * 6 + ["[Daemon][$i]"] * 3 + ["[Greeter]", "[Daemon][Sub]", "[Daemon", " [Daemon] ",
                                                                    "[Greeter][$i]", "[$i]"]))
        for _ in range(r.randint(0, 4)):
            key = r.choice(KEYS)
            lines.append(r.choice(["", "", " "]) + key + r.choice([""] * 8 + ["[$i]", "[$i]", "[$e]", "[ja]", "[$ie]", "[$", "[$d]"])
                         + r.choice(["=", "=", " = "]) + value(r, key) + r.choice(["", "", " "]))
        if r.random() < 0.2:
            lines.append(r.choice(["# Timeout=1", "Timeout", "=5", "", "#", "Other", "Timeout[$d]"]))
    end = r.choice(["\n"] * 9 + ["\r\n"])
    return end.join(lines) + end


def generate(seed):
    r = random.Random(seed)
    files = {"etc/xdg/x": ""}
    if r.random() < 0.9:
        files["etc/xdg/kscreenlockerrc"] = config(r)
    if r.random() < 0.7:
        files["home/alice/.config/kscreenlockerrc"] = config(r)
    return files


class KConfig:
    def __init__(self, tree, home):
        self.env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CONFIG_HOME": os.path.join(home, ".config"),
                    "XDG_CONFIG_DIRS": os.path.join(tree, "etc/xdg"), "LC_ALL": "C"}
        self.home = home

    def _run(self, program, *args):
        run = subprocess.run([program, "--file", "kscreenlockerrc", "--group", "Daemon", "--key"] + list(args),
                             capture_output=True, timeout=60, env=self.env)
        return run.stdout.decode("utf-8", "replace").strip("\n")

    def read(self, key):
        return self._run("kreadconfig5", key, "--default", NOTHING)

    def is_locked(self, key):
        """Can a value of the user's own not come through? Asked with a copy of the home."""
        before = self.home + ".kept"
        shutil.copytree(self.home, before)
        self._run("kwriteconfig5", key, "written")
        locked = self.read(key) != "written"
        shutil.rmtree(self.home)
        os.rename(before, self.home)
        return locked


def truth(key, text):
    if key in ("Autolock", "LockOnResume"):
        return "false" if text.lower() in ("false", "no", "off", "0") else "true"
    return text


def judge(kijun, tree):
    answer = common.kijun_show(kijun, "kscreenlocker", tree)
    problems = []
    probed = random.Random(tree[-4:]).sample(KEYS, 1)
    for user in ("nobody", "alice"):
        home = os.path.join(tree, "home", user)
        os.makedirs(home, exist_ok=True)
        asked = KConfig(tree, home)
        for key in KEYS:
            found = [s for s in answer["settings"] if s["key"] == key and s["scope"] == "user " + user] or [
                s for s in answer["settings"] if s["key"] == key and not s["scope"]]
            text = asked.read(key)
            want = None if text == NOTHING else truth(key, text)
            have = found[0]["value"] if found and not found[0]["default"] else None
            if want != have:
                problems.append("%s of %s: KConfig has %r, kijun %r" % (key, user, want, have))
            if user == "nobody" and key in probed and found and asked.is_locked(key) != found[0]["locked"]:
                problems.append("%s: KConfig says locked %s, kijun %s" % (key, not found[0]["locked"], found[0]["locked"]))
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=40, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    for program in ("kreadconfig5", "kwriteconfig5"):
        if not shutil.which(program):
            common.skip("no '%s' here (package libkf5config-bin)" % program)
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("kscreenlocker")
    for i in range(args.count) if args.only is None else [args.only]:
        tree = tally.tree("%04d" % i, generate("%s/%d" % (args.seed, i)))
        try:
            found = judge(kijun, tree)
        except common.KijunError as e:
            found = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
