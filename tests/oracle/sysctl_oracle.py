#!/usr/bin/env python3
"""Compares `kijun show sysctl` with what systemd-sysctl and procps' `sysctl --system` make of generated trees.

Each program runs in a chroot inside a network namespace of its own, where only keys of net.* are set, and the values are
read back from /proc/sys: what the kernel then has is right. Nothing outside of the namespace changes.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

import oracle_common as common

SYSTEMD, PROCPS = "/lib/systemd/systemd-sysctl", "/sbin/sysctl"
OS_RELEASE = {"systemd": "ID=debian\nVERSION_ID=12\n", "procps": "ID=devuan\nVERSION_ID=5\n"}
DIRS = ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d"]

# Keys that hold 0, 1 and 2, and whose writing changes no other key.
CONF4 = ["rp_filter", "send_redirects", "secure_redirects", "log_martians", "accept_source_route", "shared_media",
         "accept_redirects", "arp_ignore"]
CONF6 = ["accept_ra", "accept_redirects", "accept_source_route", "autoconf"]
PLACES = ["all", "default", "lo", "eth0", "eth0.100"]
SINGLE = ["net.ipv4.icmp_echo_ignore_broadcasts", "net.ipv4.icmp_ignore_bogus_error_responses", "net.ipv4.ip_forward",
          "net.ipv4.tcp_timestamps", "net.ipv4.ip_default_ttl", "net.ipv4.ip_local_port_range"]


def path_keys():
    """Every key under test, as a path below /proc/sys."""
    keys = ["net/ipv4/conf/%s/%s" % (p, leaf) for p in PLACES for leaf in CONF4]
    keys += ["net/ipv6/conf/%s/%s" % (p, leaf) for p in PLACES for leaf in CONF6]
    return keys + [k.replace(".", "/") for k in SINGLE]


def printed(path):
    """The path as `sysctl -a` prints the key."""
    return path.translate(str.maketrans("./", "/."))


# --- generated trees ----------------------------------------------------------------------------------------------

def spelled(r, path, program):
    if r.random() >= 0.25:
        return printed(path)
    if program == "systemd" and r.random() < 0.3:  # procps keeps such slashes, and no pattern then meets the key
        return r.choice(["/" + path, path.replace("/ipv4", "//ipv4")])
    return path


def any_path(r):
    kind = r.random()
    if kind < 0.45:
        return "net/ipv4/conf/%s/%s" % (r.choice(PLACES), r.choice(CONF4[:4] if r.random() < 0.7 else CONF4))
    if kind < 0.6:
        return "net/ipv6/conf/%s/%s" % (r.choice(PLACES), r.choice(CONF6))
    if kind < 0.8:
        return r.choice(["net/ipv4/conf/*/%s", "net/ipv4/conf/*/%s", "net/ipv4/conf/eth*/%s", "net/ipv4/conf/[al]*/%s",
                         "net/ipv4/conf/l?/%s", "net/ipv4/conf/none*/%s"]) % r.choice(CONF4[:4])
    return r.choice(SINGLE).replace(".", "/")


def value_for(r, path):
    if path.endswith("ip_local_port_range"):
        return r.choice(["20000 30000", "32768\t60999", "1024 65535"])
    if path.endswith("ttl"):
        return r.choice(["64", "128", "32"])
    return r.choice(["0", "1"] * 8 + ["1 # why", "0x1", "01", "", "yes", "1x", "+1", "1;", "on", "1 0"])


def line(r, program):
    path = any_path(r)
    text = spelled(r, path, program) + r.choice([" = ", "=", " =", "= ", "\t=\t"]) + value_for(r, path)
    kind = r.random()
    if kind < 0.06:
        return spelled(r, path, program)  # no '=': skipped
    if kind < 0.16:
        return "-" + spelled(r, path, program)  # an exclusion
    if kind < 0.26:
        text = "-" + text
        if program == "systemd" and r.random() < 0.3:
            text = "- " + text[1:]
    return r.choice([""] * 6 + ["  ", "\t"]) + text + r.choice([""] * 8 + ["  ", "\t"])


HARMLESS = ["", "   ", "# net.ipv4.ip_forward = 1", ";net.ipv4.ip_forward = 1", "net.ipv4.nosuch = 1", "[section]",
            "net.ipv4.conf.nosuch.rp_filter = 1"]


def conf_file(r, program):
    lines = []
    for _ in range(r.choice([1, 2, 3, 3, 4, 6])):
        lines.append(line(r, program))
        if r.random() < 0.25:
            lines.append(r.choice(HARMLESS))
    end = "\r\n" if r.random() < 0.06 else "\n"
    text = end.join(lines) + end
    return text[:-len(end)] if r.random() < 0.1 else text


def generate(seed):
    """(program, files of the tree)"""
    r = random.Random(seed)
    program = r.choice(["systemd", "systemd", "procps"])
    files = {"etc/os-release": OS_RELEASE[program]}
    names = ["10-a.conf", "50-default.conf", "60-b.conf", "99-sysctl.conf", "99-z.conf", "A.conf", "9.conf"]
    files["lib"] = common.Link("usr/lib")
    for folder in DIRS:
        files[folder + "/README"] = ""  # all of them are shown, so that what is in none has the kernel's default
        for name in r.sample(names, r.choice([0, 0, 1, 1, 2])):
            files["%s/%s" % (folder, name)] = conf_file(r, program)
    if r.random() < 0.7:
        files["etc/sysctl.conf"] = conf_file(r, program)
        if r.random() < 0.6:
            files["etc/sysctl.d/99-sysctl.conf"] = common.Link("../sysctl.conf")
    if r.random() < 0.2:
        files["etc/sysctl.d/" + r.choice(names)] = common.Link("/dev/null")
    if r.random() < 0.15:
        files["etc/sysctl.d/" + r.choice(["README", "x.conf.bak", "y.conf~"])] = conf_file(r, program)
    return program, files


# --- the programs -------------------------------------------------------------------------------------------------

SCRIPT = """
set -e
root=$1
mount -t proc proc "$root/proc"
ip link add eth0 type veth peer name eth0.100
show() { while read -r key; do read -r value < "/proc/sys/$key"; printf '%s=%s\\n' "$key" "$value"; done < "$2"; }
show before "$2"
echo --
shift
chroot "$root" "${@:2}" >/dev/null 2>&1 || true
show after "$1"
"""


class Programs:
    """A root folder with the two programs and their libraries, into which a tree's files are put."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="kijun-sysctl-root-")
        for program in (SYSTEMD, PROCPS):
            self.copy(program)
            ldd = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
            for word in ldd.split():
                if word.startswith("/"):
                    self.copy(word)
        os.makedirs(self.root + "/proc")
        os.makedirs(self.root + "/dev")
        with open(self.root + "/dev/null", "w", encoding="ascii"):
            pass  # an empty file masks as well
        self.keys = os.path.join(self.root, "keys")
        with open(self.keys, "w", encoding="ascii") as f:
            f.write("".join(k + "\n" for k in path_keys()))

    def copy(self, path):
        target = self.root + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            shutil.copy(path, target)

    def ask(self, program, tree):
        """({key: value before}, {key: value after})"""
        for folder in DIRS:
            shutil.rmtree(os.path.join(self.root, folder), ignore_errors=True)
            if os.path.isdir(os.path.join(tree, folder)):
                shutil.copytree(os.path.join(tree, folder), os.path.join(self.root, folder), symlinks=True)
        conf = os.path.join(self.root, "etc/sysctl.conf")
        if os.path.lexists(conf):
            os.remove(conf)
        if os.path.exists(os.path.join(tree, "etc/sysctl.conf")):
            os.makedirs(os.path.dirname(conf), exist_ok=True)
            shutil.copy(os.path.join(tree, "etc/sysctl.conf"), conf)
        command = [SYSTEMD] if program == "systemd" else [PROCPS, "--system"]
        run = subprocess.run(["unshare", "-n", "-m", "bash", "-c", SCRIPT, "oracle", self.root, self.keys] + command,
                             capture_output=True, text=True, timeout=60, check=False,
                             env=dict(os.environ, LC_ALL="C"))
        if run.returncode:
            raise RuntimeError(run.stderr)
        before, after = run.stdout.split("--\n")
        return tuple(dict(line.split("=", 1) for line in part.splitlines()) for part in (before, after))


def copied(path, settings):
    """May the kernel have copied the value? devinet_copy_dflt_conf gives what is written to `default` to the interfaces
    whose own value was never written; and systemd-sysctl writes nothing where the kernel has the value already."""
    parts = path.split("/")
    if len(parts) < 5 or parts[1] != "ipv4":
        return False
    said = settings.get(printed("/".join(parts[:3] + ["default", parts[4]])), {"state": "default"})
    return parts[3] not in ("all", "default") and said["state"] != "default"


# --- the comparison -----------------------------------------------------------------------------------------------

def judge(kijun, programs, program, tree):
    answer = common.kijun_show(kijun, "sysctl", tree)
    before, after = programs.ask(program, tree)
    settings = {}
    for s in answer["settings"]:
        settings.setdefault(s["key"], []).append(s)
    first = {key: said[0] for key, said in settings.items()}
    problems, router = [], before["net/ipv4/ip_forward"] != after["net/ipv4/ip_forward"]
    for path, value in after.items():
        said = settings.get(printed(path), [])
        if path.endswith("accept_redirects") and router and "/ipv4/" in path:
            continue  # forwarding closes them, before or after they are set
        if len(said) > 1:
            problems.append("%s: %d settings" % (path, len(said)))
        elif said and said[0]["state"] in ("effective", "default"):
            if said[0]["value"].split() != value.split() and not (value != before[path] and copied(path, first)):
                problems.append("%s: kernel '%s', kijun '%s' %s %s:%d" % (
                    path, value, said[0]["value"], said[0]["state"], said[0]["artifact"], said[0]["line"]))
        elif copied(path, first):
            continue
        elif said and said[0]["state"] == "not_in_force" and value != before[path]:
            problems.append("%s: kernel '%s', kijun says that '%s' is not in force" % (path, value, said[0]["value"]))
        elif not said and value != before[path] and "/eth0" not in path:
            problems.append("%s: kernel '%s' instead of '%s', kijun knows of nothing" % (path, value, before[path]))
    return problems


def judge_captured(kijun, programs, program, tree):
    """The same host with `sysctl -a` from before the boot: kijun must say which keys would change, eth0 too."""
    before, after = programs.ask(program, tree)
    by_files = {s["key"]: s for s in common.kijun_show(kijun, "sysctl", tree)["settings"]}
    common.write_tree(tree, {"captured/sysctl_-a.txt": "".join("%s = %s\n" % (printed(k), v) for k, v in before.items())})
    settings = {s["key"]: s for s in common.kijun_show(kijun, "sysctl", tree)["settings"]}
    problems, router = [], before["net/ipv4/ip_forward"] != after["net/ipv4/ip_forward"]
    for path in after:
        s = settings[printed(path)]
        if path.endswith("accept_redirects") and router and "/ipv4/" in path:
            continue
        differs = before[path].split() != after[path].split()
        noted = "configured, not in force" in s.get("note", "")
        if s["value"].split() != before[path].split() or s["state"] != "effective":
            problems.append("%s: captured '%s', kijun '%s' %s" % (path, before[path], s["value"], s["state"]))
        if differs and not noted and not copied(path, by_files):
            problems.append("%s: files make '%s' of '%s', and kijun does not say so" % (path, after[path], before[path]))
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this tree alone")
    options = parser.parse_args()
    if os.geteuid() or not all(os.access(p, os.X_OK) for p in (SYSTEMD, PROCPS)):
        common.skip("systemd-sysctl, procps' sysctl and root are needed")
    if subprocess.run(["unshare", "-n", "-m", "ip", "link", "add", "eth0", "type", "veth"], capture_output=True,
                      check=False).returncode:
        common.skip("no network namespace of its own, or no veth interface in it")
    kijun, programs, tally = common.find_kijun(options.kijun), Programs(), common.Tally("sysctl")
    try:
        for n in [options.only] if options.only is not None else range(options.count):
            program, files = generate(options.seed * 1000003 + n)
            tree = tally.tree("tree-%d" % n, files)
            problems = judge(kijun, programs, program, tree)
            if n % 4 == 0:
                problems += judge_captured(kijun, programs, program, tree)
            tally.note(tree, "tests/oracle/sysctl_oracle.py --seed %d --only %d  (%s)" % (options.seed, n, program),
                       problems)
    finally:
        shutil.rmtree(programs.root, ignore_errors=True)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
