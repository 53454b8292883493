#!/usr/bin/env python3
"""Compares `kijun show modprobe` with modprobe of kmod over generated trees of modprobe.d.

modprobe runs in a chroot with a few made modules (depmod): `modprobe -c` says what it read, `modprobe -n -v NAME` and
`modprobe -n -v ALIAS` what it would do for a module by its name and by an alias of the hardware. Nothing is loaded.
"""

import argparse
import fnmatch
import os
import random
import shutil
import subprocess
import sys
import tempfile

import oracle_common as common

MODPROBE, DEPMOD = "/sbin/modprobe", "/sbin/depmod"
RELEASE = os.uname().release
DIRS = ["etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d"]
MODULES = ["usb-storage", "uas", "dccp", "cramfs", "firewire-core", "snd_pcsp"]
NAMES = MODULES + ["usb_storage", "firewire_core", "snd-pcsp"]


# --- generated trees ----------------------------------------------------------------------------------------------

COMMANDS = ["/bin/false", "/bin/false", "/bin/true", "/usr/bin/true", "/sbin/modprobe --ignore-install %s", "/bin/false # x",
            "/bin/echo no", "true; /sbin/modprobe -i %s", " /bin/false"]


def line(r):
    name = r.choice(NAMES)
    kind = r.random()
    blank = lambda: r.choice([" "] * 6 + ["  ", "\t", " \\\n "])
    start = r.choice([""] * 8 + [" ", "\t"])
    if kind < 0.35:
        text = "blacklist" + blank() + name + r.choice(["", "", "", " ", " # why", " uas"])
    elif kind < 0.65:
        pattern = r.choice([name] * 6 + ["usb*", "fire[wx]ire-core", "*", "u?s"])
        command = r.choice(COMMANDS)
        text = "install" + blank() + pattern + blank() + (command % name if "%s" in command else command)
    elif kind < 0.75:
        text = "options" + blank() + name + blank() + r.choice(["quirks=1:2:u", "a=1 b=2", "delay_use=0"])
    elif kind < 0.82:
        text = "softdep" + blank() + name + " " + r.choice(["pre: cramfs", "post: dccp", "pre: nosuch", "pre:", "cramfs",
                                                            "pre: nosuch post: uas"])
    elif kind < 0.88:
        text = "alias" + blank() + r.choice(["my-alias", "net-pf-31"]) + blank() + r.choice([name, "off"])
    else:
        text = r.choice(["# blacklist " + name, "#blacklist %s \\\nblacklist uas" % name, "  # indented", "blacklist",
                         "install dccp", "include /etc/x", "Blacklist dccp", "blacklist usb[x", "options uas", ""])
    return start + text


def conf_file(r):
    text = "\n".join(line(r) for _ in range(r.choice([1, 2, 3, 4, 6]))) + "\n"
    if r.random() < 0.04:
        text = text.replace("\n", "\r\n")
    return text[:-1] if r.random() < 0.1 else text


def generate(seed):
    r = random.Random(seed)
    names = ["blacklist.conf", "50-site.conf", "9.conf", "A.conf", "z.conf", "x.alias"]
    files = {}
    for folder in DIRS:
        files[folder + "/README"] = "install dccp /bin/false\n"
        for name in r.sample(names, r.choice([0, 1, 1, 2])):
            files["%s/%s" % (folder, name)] = conf_file(r)
    if r.random() < 0.15:
        files["etc/modprobe.d/" + r.choice(names)] = common.Link("/dev/null")
    if r.random() < 0.15:
        files["etc/modprobe.d/" + r.choice(["x.conf.bak", ".hidden.conf", "y.conf~"])] = conf_file(r)
    if r.random() < 0.3:
        files["proc/cmdline"] = "ro quiet " + r.choice(["modprobe.blacklist=uas", "modprobe.blacklist=usb-storage,dccp",
                                                        "modprobe.blacklist=usb_storage", "usb-storage.quirks=x"]) + "\n"
    return files


# --- modprobe -----------------------------------------------------------------------------------------------------

class Kmod:
    """A root folder with modprobe, its libraries and the made modules."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="kijun-modprobe-root-")
        for program in (MODPROBE, DEPMOD):
            self.copy(program)
            for word in subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.split():
                if word.startswith("/"):
                    self.copy(word)
        for folder in ("dev", "proc", "sys"):
            os.makedirs(os.path.join(self.root, folder))
        with open(self.root + "/dev/null", "w", encoding="ascii"):
            pass
        folder = "%s/lib/modules/%s/kernel" % (self.root, RELEASE)
        os.makedirs(folder)
        for name in MODULES:
            under = name.replace("-", "_")
            source = ('__attribute__((section(".modinfo"), used)) static const char a[] = "alias=usb:v1234*%s";\n'
                      '__attribute__((section(".modinfo"), used)) static const char n[] = "name=%s";\n' % (under, under))
            subprocess.run(["cc", "-c", "-x", "c", "-", "-o", "%s/%s.ko" % (folder, name)], input=source.encode(), check=True)
        open("%s/lib/modules/%s/modules.order" % (self.root, RELEASE), "w", encoding="ascii").close()
        open("%s/lib/modules/%s/modules.builtin" % (self.root, RELEASE), "w", encoding="ascii").close()
        subprocess.run(["chroot", self.root, DEPMOD, RELEASE], check=True, capture_output=True)

    def copy(self, path):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        if not os.path.exists(self.root + path):
            shutil.copy(path, self.root + path)

    def put(self, tree):
        for folder in DIRS + ["proc"]:
            shutil.rmtree(os.path.join(self.root, folder), ignore_errors=True)
            if os.path.isdir(os.path.join(tree, folder)):
                shutil.copytree(os.path.join(tree, folder), os.path.join(self.root, folder), symlinks=True)
        # this kmod knows /lib/modprobe.d, where Debian's /lib is a link to /usr/lib
        target = os.path.join(self.root, "lib/modprobe.d")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(os.path.join(self.root, "usr/lib/modprobe.d"), target, symlinks=True)

    def run(self, *args):
        run = subprocess.run(["chroot", self.root, MODPROBE] + list(args), capture_output=True, timeout=60, check=False,
                             env={"PATH": "/sbin", "LC_ALL": "C"})
        return run.stdout.decode()

    def config(self):
        """{module: {command: [value, …]}} of `modprobe -c`, without what depmod made."""
        found = {}
        for text in self.run("-c").split("\n"):
            words = text.split(" ", 2)
            if len(words) < 2 or words[0].startswith("#") or "v1234" in text:
                continue
            found.setdefault(words[1], {}).setdefault(words[0], []).append(words[2].strip(" \t") if len(words) > 2 else "")
        return found


# --- the comparison -----------------------------------------------------------------------------------------------

def judge_files(rows, config):
    problems = []
    for name, said in config.items():
        row = rows.get(name)
        if not row:
            if set(said) - {"remove"}:
                problems.append("%s: modprobe -c has %s, kijun has no row" % (name, sorted(said)))
            continue
        if ("blacklist" in said) != (row["blacklisted"] == "yes"):
            problems.append("%s: blacklisted %s, kijun %s" % (name, "blacklist" in said, row["blacklisted"]))
        if said.get("alias", [""])[0] != row["alias"]:
            problems.append("%s: alias %s, kijun %s" % (name, said.get("alias"), row["alias"]))
        if " ".join(said.get("options", [])).split() != row["options"].split():
            problems.append("%s: options %s, kijun %s" % (name, said.get("options"), row["options"]))
    for name, row in rows.items():
        if row["blacklisted"] == "yes" and "blacklist" not in config.get(name, {}):
            problems.append("%s: kijun says blacklisted" % name)
    return problems


def command_of(output, name):
    """What `modprobe -n -v` would do for the module itself: "insmod", the words of a command, or nothing."""
    for text in output.split("\n"):
        if text.startswith("insmod") and "/%s.ko" % name in text:
            return ["insmod"]
    lines = [t.split() for t in output.split("\n") if t.startswith("install ")]
    return lines[-1][1:] if lines else []


def judge_modules(rows, kmod):
    problems = []
    for name in MODULES:
        row = rows.get(name.replace("-", "_"))
        if not row:
            if any(fnmatch.fnmatchcase(name.replace("-", "_"), r["module"]) for r in rows.values()):
                continue  # only a pattern speaks of it: kijun shows the pattern
            row = {"loadable": "yes", "autoload": "yes", "install": "", "blacklisted": "no", "options": ""}
        by_name = command_of(kmod.run("-n", "-v", name), name)
        by_alias = command_of(kmod.run("-n", "-v", "usb:v1234p1" + name.replace("-", "_")), name)
        if row["loadable"] == "perhaps" and not row["install"] and not by_name:
            continue  # an install line whose command is a CR
        wanted = ["insmod"] if not row["install"] else row["install"].split() + row["options"].split()
        if by_name != wanted and not (row["loadable"] != "no" and row["softdep"] and by_name == ["insmod"]):
            problems.append("%s: modprobe would do %s, kijun says %s, loadable %s" % (
                name, by_name, wanted, row["loadable"]))
        if by_alias != ([] if row["blacklisted"] == "yes" else by_name):
            problems.append("%s: by alias modprobe would do %s, kijun says blacklisted %s" % (
                name, by_alias, row["blacklisted"]))
        if (row["loadable"] == "no") != (by_name[:1] in (["/bin/false"], ["/bin/true"], ["/usr/bin/true"])) and not (
                row["loadable"] == "perhaps"):
            problems.append("%s: modprobe would do %s, kijun says loadable %s" % (name, by_name, row["loadable"]))
    return problems


def judge(kijun, kmod, tree):
    answer = common.kijun_show(kijun, "modprobe", tree)
    kmod.put(tree)
    rows = {row["module"]: row for row in answer.get("rows", [])}
    return judge_files(rows, kmod.config()) + judge_modules(rows, kmod)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this tree alone")
    options = parser.parse_args()
    if os.geteuid() or not all(os.access(p, os.X_OK) for p in (MODPROBE, DEPMOD)) or not shutil.which("cc"):
        common.skip("modprobe, depmod, a C compiler and root are needed")
    kijun, kmod, tally = common.find_kijun(options.kijun), Kmod(), common.Tally("modprobe")
    try:
        for n in [options.only] if options.only is not None else range(options.count):
            tree = tally.tree("tree-%d" % n, generate(options.seed * 1000003 + n))
            tally.note(tree, "tests/oracle/modprobe_oracle.py --seed %d --only %d" % (options.seed, n),
                       judge(kijun, kmod, tree))
    finally:
        shutil.rmtree(kmod.root, ignore_errors=True)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
