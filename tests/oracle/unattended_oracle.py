#!/usr/bin/env python3
"""Compares `kijun show unattended_upgrades` with the programs that upgrade a Debian host by themselves.

Allowed origins: unattended-upgrade's own functions say which of the distribution's archives a generated configuration
lets in, and where they stop. Intervals: apt.systemd.daily itself runs in a mount namespace (root), with the tree over
/etc/apt, stamps of some age, and with apt-get and unattended-upgrade replaced by programs that only note their calls.
"""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys

import oracle_common as common

UNATTENDED, DAILY, PYTHON = "/usr/bin/unattended-upgrade", "/usr/lib/apt/apt.systemd.daily", "/usr/bin/python3"
HOSTS = {"debian 12": ("Debian", "bookworm", 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'),
         "debian 13": ("Debian", "trixie", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n'),
         "debian 10": ("Debian", "buster", 'ID=debian\nVERSION_ID="10"\nVERSION_CODENAME=buster\n'),
         "ubuntu 22.04": ("Ubuntu", "jammy", 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n')}
# origin, label, suite, codename, component of the security archive, as of 2026-11-28
SECURITY = {"debian 12": ("Debian", "Debian-Security", "oldstable-security", "bookworm-security", "main"),
            "debian 13": ("Debian", "Debian-Security", "stable-security", "trixie-security", "main"),
            "debian 10": None, "ubuntu 22.04": ("Ubuntu", "Ubuntu", "jammy-security", "jammy", "main")}
TODAY = "2026-11-28"


# --- generated trees ----------------------------------------------------------------------------------------------

LEGACY = ["${distro_id}:${distro_codename}-security", "${distro_id}:${distro_codename}", "${distro_id} stable", "Debian:stable-security",
          "Debian:oldstable-security", "Ubuntu:jammy-security", "${distro_id}ESM:${distro_codename}-infra-security", "*:*",
          "Debian:*-security", "Google LLC:stable", "Google\\:x:stable", "a:b:c", "one", "$distro_id:$distro_codename-security",
          "${nothing}:stable", "$:x", "Debian:", "debian:oldstable-security", "Deb?an:[os]*-security", "a,b:stable"]
PATTERNS = ["origin=Debian,codename=${distro_codename},label=Debian", "origin=Debian,codename=${distro_codename},label=Debian-Security",
            "origin=Debian,codename=${distro_codename}-security,label=Debian-Security", "o=Debian,a=stable-security",
            "o=Debian,a=oldstable-security,l=Debian-Security", "origin=*", "site=security.debian.org", "site=mirror.example",
            "origin=Ubuntu,archive=${distro_codename}-security", "o=${distro_id},n=${distro_codename}", "label=*Security*",
            "origin=Debian, label = Debian-Security ", "origin=Debian,component=contrib", "c=main", "origin", "foo=bar", "a=b=c",
            "origin=Debian,", "${nothing}", "origin=Docker\\, Inc", "o=Debian,a=${distro_codename}-security", "origin=$distro_id", " "]
INTERVALS = ["0", "1", "1", "7", "always", "12h", "90m", "3600s", "2d", "30", "00", "-1", "true", "daily", "1.5", "7x", "08", "0x2",
             "1 d", "", "010", "d", "always ", "Always", "99999999"]
ENABLES = ["1", "0", "00", "false", "", "2", "no", "-0"]


def lines(r, name, values):
    chosen = [r.choice(values) for _ in range(r.choice([0, 1, 1, 2, 3]))]
    return "%s {\n%s};\n" % (name, "".join('  "%s";\n' % v for v in chosen)) if chosen else ""


def generate(seed):
    """(files, the name of the host's release)."""
    r = random.Random(seed)
    host = r.choice(list(HOSTS))
    text = ""
    if r.random() < 0.6:
        text += lines(r, "Unattended-Upgrade::Origins-Pattern", PATTERNS[:14] if r.random() < 0.7 else PATTERNS)
    if r.random() < 0.5:
        text += lines(r, "Unattended-Upgrade::Allowed-Origins", LEGACY[:8] if r.random() < 0.7 else LEGACY)
    for key in ("APT::Periodic::Update-Package-Lists", "APT::Periodic::Unattended-Upgrade"):
        if r.random() < 0.8:
            text += '%s "%s";\n' % (key, r.choice(INTERVALS))
    if r.random() < 0.4:
        text += 'APT::Periodic::Enable "%s";\n' % r.choice(ENABLES)
    if r.random() < 0.03:
        text += 'A::B "1"\n'
    if r.random() < 0.3:
        text += 'Unattended-Upgrade::Automatic-Reboot "%s";\n' % r.choice(["true", "0", "1", "on", "Yes", "2", "01", "with", "x"])
    return {"etc/os-release": HOSTS[host][2], "etc/apt/apt.conf.d/50x": text, "etc/apt/apt.conf": "",
            "usr/bin/unattended-upgrade": ""}, host


# --- unattended-upgrade -------------------------------------------------------------------------------------------

def answer_origins():
    """Run by Debian's python3: for each line "TREE\\tHOST" of standard input a line of JSON."""
    import apt_pkg  # python3-apt: only Debian's python3 has it
    loader = importlib.machinery.SourceFileLoader("unattended", UNATTENDED)
    spec = importlib.util.spec_from_loader("unattended", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)

    class Origin:
        pass
    apt_pkg.init_config()
    for line in sys.stdin:
        tree, host = line.rstrip("\n").split("\t")
        for key in ("Unattended-Upgrade", "APT::Periodic"):
            apt_pkg.config.clear(key)
        answer = {"refused": False, "stops": False, "security": None}
        try:
            apt_pkg.read_config_file(apt_pkg.config, tree + "/etc/apt/apt.conf.d/50x")
        except Exception:
            answer["refused"] = True
        module.DISTRO_ID, module.DISTRO_CODENAME = HOSTS[host][:2]
        answer["reboot"] = apt_pkg.config.find_b("Unattended-Upgrade::Automatic-Reboot", False)
        try:
            allowed = module.get_allowed_origins()
            answer["allowed"] = allowed
            if SECURITY[host]:
                o = Origin()
                o.origin, o.label, o.archive, o.codename, o.component = SECURITY[host]
                o.site = "security.debian.org" if host.startswith("debian") else "security.ubuntu.com"
                answer["security"] = module.is_allowed_origin(o, allowed)
        except Exception as e:
            answer["stops"] = str(e) or e.__class__.__name__
        print(json.dumps(answer), flush=True)


def ask_origins(trees):
    run = subprocess.run([PYTHON, "-W", "ignore", os.path.abspath(__file__), "--answer-origins"], timeout=300, capture_output=True,
                         input="".join("%s\t%s\n" % t for t in trees).encode(), env=dict(os.environ, LC_ALL="C.UTF-8", HOME="/root"))
    answers = [json.loads(line) for line in run.stdout.decode().splitlines()]
    if len(answers) != len(trees):
        sys.exit("unattended-upgrade's functions died: " + run.stderr.decode()[-2000:])
    return answers


# --- apt.systemd.daily --------------------------------------------------------------------------------------------

RUN = """set -e
for f in /var/lib/apt /var/backups /var/cache/apt; do mount -t tmpfs none $f; done
mkdir -p /var/lib/apt/periodic /var/cache/apt/archives
while read -r tree age; do
  mount --bind "$tree/etc/apt" /etc/apt
  for action in update install; do
    for stamp in update upgrade download-upgradeable; do touch -d "$age days ago" /var/lib/apt/periodic/$stamp-stamp; done
    CALLS="$tree/calls-$action" PATH="$1:/usr/bin:/bin" sh """ + DAILY + """ lock_is_held $action >/dev/null 2>&1 </dev/null || true
  done
  umount /etc/apt
done"""
STUB = """#!/bin/sh
case "$1" in --help) echo "--download-only"; exit 0;; esac
echo "$(basename "$0") $*" >>"$CALLS"
"""


def run_daily(work, trees):
    """Runs the script for [(tree, age of the stamps in days)]; it leaves calls-update and calls-install in the trees."""
    stubs = os.path.join(work, "stubs")
    os.makedirs(stubs, exist_ok=True)
    for name in ("apt-get", "unattended-upgrade"):
        path = os.path.join(stubs, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(STUB)
        os.chmod(path, 0o755)
    subprocess.run(["unshare", "-m", "sh", "-c", RUN, "sh", stubs], check=True, timeout=600, capture_output=True,
                   input="".join("%s %d\n" % t for t in trees).encode(), env=dict(os.environ, LC_ALL="C", TZ="UTC"))


def calls(tree, action):
    path = os.path.join(tree, "calls-" + action)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


# --- comparison ---------------------------------------------------------------------------------------------------

def seconds(text):
    return float("inf") if text == "never" else int(text[:-1]) * {"s": 1, "d": 86400}[text[-1]]


def compare_origins(answer, settings, state):
    want = answer["security"]
    problems = []
    enabled = settings["enabled"]
    if answer["refused"] and "apt stops" not in enabled.get("note", ""):
        problems.append("apt refuses the file, kijun says: %s" % enabled)
    if answer["refused"]:
        return problems
    if bool(answer["stops"]) != ("unattended-upgrade stops" in settings["security"].get("note", "")):
        problems.append("unattended-upgrade stops: %s; kijun: %s" % (answer["stops"], settings["security"]))
    elif not answer["stops"] and want is not None and (settings["security"]["value"] == "yes") != want:
        problems.append("security: %s, kijun %s" % (want, settings["security"]))
    if answer["reboot"] != (settings["reboot"]["value"] == "yes"):
        problems.append("reboot: %s, kijun %s" % (answer["reboot"], settings["reboot"]))
    return problems


def compare_daily(tree, age, settings):
    problems = []
    note = settings["enabled"].get("note", "")
    open_gate = not note.startswith("APT::Periodic::Enable") and "apt stops" not in note
    for action, key, call in (("update", "update_lists_every", "apt-get"), ("install", "upgrade_every", "unattended-upgrade")):
        runs = any(line.startswith(call) and ("update" in line if call == "apt-get" else "--download-only" not in line)
                   for line in calls(tree, action).splitlines())
        want = open_gate and seconds(settings[key]["value"]) <= age * 86400
        if runs != want:
            problems.append("%s: after %d days the script %s, kijun says every %s (%s)" % (
                action, age, "runs" if runs else "does not run", settings[key]["value"], note))
    return problems


def judge(args, tree, answer, age):
    shown = common.kijun_show(args.kijun, "unattended_upgrades", tree)
    settings = {}
    for s in shown["settings"]:
        settings.setdefault(s["key"], s)
    problems = compare_origins(answer, settings, shown["state"])
    return problems + (compare_daily(tree, age, settings) if age is not None else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--daily", type=int, default=10, metavar="N", help="run apt.systemd.daily over every Nth")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--answer-origins", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.answer_origins:
        return answer_origins()
    for path in (UNATTENDED, DAILY):
        if not os.path.exists(path):
            common.skip("no %s (Debian's unattended-upgrades and python3-apt; no test installs them, since they switch upgrades on)" % path)
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        common.skip("only root may put a tree over /etc/apt in a mount namespace")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("unattended")
    numbers = range(args.count) if args.only is None else [args.only]
    trees = []
    for i in numbers:
        files, host = generate("%s/%d" % (args.seed, i))
        trees.append((tally.tree("%04d" % i, files), host))
    answers = ask_origins(trees)
    ages = {t[0]: random.Random("%s/%d/age" % (args.seed, i)).choice([0, 1, 2, 7, 40]) for i, t in zip(numbers, trees)
            if i % args.daily == 0 or args.only is not None}
    run_daily(tally.work, list(ages.items()))
    for i, (tree, _), answer in zip(numbers, trees, answers):
        try:
            problems = judge(args, tree, answer, ages.get(tree))
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
