#!/usr/bin/env python3
"""Compares kijun with util-linux over generated hosts: fstab, mounts and block devices.

findmnt says what a generated fstab means; what findmnt prints in each of its forms, of the same file, must give kijun's
source `mounts` the same rows. lsblk is given a made /sys (--sysroot) with disks, partitions, LUKS, LVM and RAID; what it
prints in each of its forms must give kijun's `block_devices` the devices, mount points and encryption that were made.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import oracle_common as common


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=60, check=False,
                          env=dict(os.environ, LC_ALL="C.UTF-8")).stdout.decode("utf-8", "surrogateescape")


# --- fstab --------------------------------------------------------------------------------------------------------

def fstab_line(r, n):
    device = r.choice(["/dev/sda%d" % n, "UUID=0a1b-%d" % n, "LABEL=data%d" % n, "tmpfs", "srv:/export\\040x", "/dev/sd\\134y", "a#b",
                       "LABEL=\"a b\""])
    place = r.choice(["/", "/home", "/var/log", "/mnt/a\\040b", "/mnt/t\\011c", "none", "swap", "/srv/\\303\\244", "/x\\04", "/q\\x20r",
                      "/tmp", "/mnt/" + "long" * r.choice([1, 12])]) if n else "/"
    kind = r.choice(["ext4", "xfs", "tmpfs", "nfs4", "swap", "vfat", "auto"])
    options = r.choice(["defaults", "rw,nosuid,nodev", "ro", "noexec,nosuid,nodev,size=1G", "user,exec", "sw", "errors=remount-ro",
                        "x-systemd.automount,noauto", "uid=1000,context=\"a:b:c\""])
    text = [device, place, kind, options, r.choice(["0", "1", "-1", "x"] + ["0"] * 9), r.choice(["0", "1", "2", "y"] + ["0"] * 9)]
    fields = r.choice([6] * 8 + [5, 4, 4, 3, 2, 1])
    blank = r.choice(["\t", " ", "   ", " \t"])
    return r.choice([""] * 6 + [" ", "\t"]) + blank.join(text[:fields]) + r.choice([""] * 8 + [" ", " # why", "\t#x", " more"])


def fstab(r):
    lines = []
    for n in range(r.choice([1, 3, 5, 8])):
        lines.append(fstab_line(r, n))
        if r.random() < 0.2:
            lines.append(r.choice(["", "# /dev/x /y ext4", "   # x", "   ", "#"]))
    end = r.choice(["\n"] * 9 + ["\r\n"])
    return end.join(lines) + end


def flat(nodes):
    for node in nodes:
        yield node
        yield from flat(node.get("children", []))


def cells(row, names):
    return tuple(row.get(n, "") for n in names)


def judge_fstab(kijun, tree):
    path = os.path.join(tree, "etc/fstab")
    said = run("findmnt", "--tab-file", path, "-J", "-o", "SOURCE,TARGET,FSTYPE,OPTIONS,FREQ,PASSNO")
    want = [(n["source"], n["target"], n["fstype"], n["options"] or "", int(n["freq"]), int(n["passno"]))
            for n in flat(json.loads(said)["filesystems"])] if said.strip() else []
    got = [cells(row, ["device", "mount_point", "type", "options"]) + (int(row["dump"] or 0), int(row["pass"] or 0))
           for row in common.kijun_show(kijun, "fstab", tree).get("rows", []) if "problem" not in row]
    return [] if want == got else ["fstab: findmnt %s" % want, "       kijun   %s" % got]


FORMS = {"findmnt -J": ["-J"], "findmnt": ["--tree"], "findmnt -l": ["-l"], "findmnt -P": ["-P"], "mount": None}


def judge_mounts(kijun, tree, r):
    """What findmnt prints of fstab, as if it were captured, must come back as the same mounts."""
    path, problems, seen = os.path.join(tree, "etc/fstab"), [], {}
    said = run("findmnt", "--tab-file", path, "-J", "-o", "TARGET,SOURCE,FSTYPE,OPTIONS")
    nodes = list(flat(json.loads(said)["filesystems"])) if said.strip() else []
    if any(any(ord(c) < 32 for c in n["target"]) or len(n["target"]) > 60 for n in nodes):
        nodes = []
    for n in nodes:
        seen[n["target"]] = (n["source"], n["fstype"], n["options"] or "")
    for command, form in r.sample(sorted(FORMS.items()), 2):
        if form is None:
            text = "".join("%s on %s type %s (%s)\n" % (n["source"], n["target"], n["fstype"], n["options"] or "")
                           for n in nodes if n["target"].startswith("/"))
            want = {k: v for k, v in seen.items() if k.startswith("/")}
        else:
            text = run("findmnt", "--tab-file", path, "-o", "TARGET,SOURCE,FSTYPE,OPTIONS", *form)
            want = seen
        if not nodes or not text:
            continue
        common.write_tree(tree + "-mounts", dict(common.HOST_FILES,
                                                 **{"captured/%s.txt" % command.replace(" ", "_"): text}))
        rows = common.kijun_show(kijun, "mounts", tree + "-mounts").get("rows", [])
        got = {row["mount_point"]: cells(row, ["device", "type", "options"]) for row in rows if row["mounted"] == "yes"}
        shutil.rmtree(tree + "-mounts")
        if got != want:
            problems += ["%s: made %s" % (command, want), "        kijun %s" % got]
    return problems


# --- block devices ------------------------------------------------------------------------------------------------

class Disks:
    """A made /sys, /proc/self/mountinfo and udev database, with the truth about each device."""

    def __init__(self, r):
        self.files, self.truth, self.number, self.mounts = {}, {}, 0, []
        for n in range(r.choice([1, 2, 2, 3])):
            self.disk(r, "sd" + "abc"[n])
        for _ in range(r.choice([0, 1, 2, 3, 4])):
            self.mapping(r)
        for name in sorted(self.truth):
            if not self.truth[name]["above"] and r.random() < 0.8 and self.truth[name]["fstype"] in ("ext4", "swap"):
                self.mount(r, name)
        self.files["proc/self/mountinfo"] = "".join(self.mounts)
        self.files["proc/swaps"] = "Filename Type Size Used Priority\n"

    def device(self, name, kind, fstype, parents, label):
        self.number += 1
        dev = "8:%d" % self.number if kind in ("disk", "part") else "253:%d" % self.number
        self.truth[name] = {"kind": kind, "fstype": fstype, "parents": parents, "above": [], "dev": dev, "mounts": [], "label": label}
        for parent in parents:
            self.truth[parent]["above"].append(name)
        self.files[("dev/%s" if kind in ("disk", "part") else "dev/mapper/%s") % label] = "ID_FS_TYPE=%s\n" % fstype
        return dev

    def disk(self, r, name):
        whole = r.random() < 0.2
        dev = self.device(name, "disk", r.choice(["crypto_LUKS", "ext4"]) if whole else "", [], name)
        base = "sys/block/%s/" % name
        self.node(base, dev, name)
        for p in range(0 if whole else r.choice([1, 2, 3])):
            part = "%s%d" % (name, p + 1)
            dev = self.device(part, "part", r.choice(["ext4", "crypto_LUKS", "LVM2_member", "linux_raid_member", "swap"]), [name], part)
            self.node(base + part + "/", dev, part)
            self.files[base + part + "/partition"] = "%d\n" % (p + 1)
            self.files[base + part + "/start"] = "2048\n"

    def node(self, base, dev, name):
        self.files[base + "dev"] = dev + "\n"
        self.files[base + "size"] = "2097152\n"
        self.files[base + "ro"] = self.files[base + "removable"] = "0\n"
        self.files[base + "holders/"] = self.files[base + "slaves/"] = ""
        self.files["sys/dev/block/" + dev] = common.Link("../../" + base[4:-1])

    def mapping(self, r):
        free = [n for n, t in self.truth.items() if t["fstype"] in ("crypto_LUKS", "LVM2_member", "linux_raid_member") and not t["above"]]
        if not free:
            return
        first = r.choice(sorted(free))
        kind = {"crypto_LUKS": "crypt", "LVM2_member": "lvm", "linux_raid_member": "lvm"}[self.truth[first]["fstype"]]
        parents = [first]
        if kind == "lvm" and r.random() < 0.4:
            more = [n for n in sorted(free) if n != first and self.truth[n]["fstype"] == self.truth[first]["fstype"]]
            parents += more[:1]
        node = "dm-%d" % self.number
        label = r.choice(["vg-root%d", "luks-0a1b-%d", "data%d"]) % self.number
        dev = self.device(node, kind, r.choice(["ext4", "ext4", "swap", "LVM2_member", "crypto_LUKS"]), parents, label)
        base = "sys/block/%s/" % node
        self.node(base, dev, node)
        self.files[base + "dm/name"] = label + "\n"
        self.files[base + "dm/uuid"] = ("CRYPT-LUKS2-%d-x\n" if kind == "crypt" else "LVM-%d\n") % self.number
        for parent in parents:
            where = "sys/block/%s/" % parent if self.truth[parent]["kind"] != "part" else "sys/block/%s/%s/" % (parent[:3], parent)
            self.files["%sslaves/%s" % (base, parent)] = common.Link("../../" + parent)
            self.files["%sholders/%s" % (where, node)] = common.Link("../../" + node)

    def mount(self, r, name):
        place = "/" if not self.mounts else r.choice(["/home", "/var/lib/x", "/boot", "/srv/a\\040b", "/mnt/%s" % name])
        for at in [place] + (["/more/" + name, "/third/" + name][:r.choice([0, 0, 1, 2])]):
            self.mounts.append("%d 1 %s / %s rw,relatime - ext4 /dev/%s rw\n" % (
                len(self.mounts) + 20, self.truth[name]["dev"], at, name))
            self.truth[name]["mounts"].append(at.replace("\\040", " "))

    def encrypted(self, name):
        t = self.truth[name]
        if t["kind"] == "crypt":
            return True
        return bool(t["parents"]) and all(self.truth[p]["fstype"] == "crypto_LUKS" or self.encrypted(p) for p in t["parents"])

    def wanted(self):
        """{(name, mount point): encrypted}"""
        return {(t["label"], m): "yes" if self.encrypted(n) else "no" for n, t in self.truth.items() for m in t["mounts"] or [""]}


LSBLK = {"lsblk": [], "lsblk -J": ["-J"], "lsblk -a": ["-i"], "lsblk -p": ["-o", "NAME,SIZE,FSTYPE,TYPE,MOUNTPOINTS,RO"],
         "lsblk -P": ["-P", "-o", "NAME,KNAME,PKNAME,TYPE,FSTYPE,MOUNTPOINTS"], "lsblk --json": ["-J", "-o", "NAME,FSTYPE,TYPE,MOUNTPOINT"],
         "lsblk -f": ["-f"]}


def judge_devices(kijun, work, disks, r):
    root, problems = os.path.join(work, "sysroot"), []
    common.write_tree(root, disks.files)
    want = disks.wanted()
    for command, form in r.sample(sorted(LSBLK.items()), 3):
        text = run("lsblk", "--sysroot", root, *form)
        tree = os.path.join(work, "lsblk")
        common.write_tree(tree, dict(common.HOST_FILES, **{"captured/%s.txt" % command.replace(" ", "_"): text}))
        rows = common.kijun_show(kijun, "block_devices", tree).get("rows", [])
        got = {(row["name"], row["mountpoint"]): row["encrypted"] for row in rows}
        shutil.rmtree(tree)
        expected = want
        if command == "lsblk --json":  # one mount point a device
            places = {}
            for name, place in sorted(got):
                places[name] = place
            expected = {(n, p): e for (n, p), e in want.items() if places.get(n) == p}
        if got != expected:
            problems += ["%s %s:" % (command, form), text, "made  %s" % sorted(expected.items()), "kijun %s" % sorted(got.items())]
    shutil.rmtree(root)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this host alone")
    options = parser.parse_args()
    if not shutil.which("findmnt") or not shutil.which("lsblk"):
        common.skip("findmnt and lsblk of util-linux are needed")
    kijun, tally = common.find_kijun(options.kijun), common.Tally("storage")
    for n in [options.only] if options.only is not None else range(options.count):
        r = random.Random(options.seed * 1000003 + n)
        tree = tally.tree("host-%d" % n, {"etc/fstab": fstab(r)})
        problems = judge_fstab(kijun, tree) + judge_mounts(kijun, tree, r)
        work = tempfile.mkdtemp(dir=tally.work)
        problems += judge_devices(kijun, work, Disks(r), r)
        shutil.rmtree(work)
        tally.note(tree, "tests/oracle/storage_oracle.py --seed %d --only %d" % (options.seed, n), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
