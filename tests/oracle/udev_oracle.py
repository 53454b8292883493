#!/usr/bin/env python3
"""Compares `kijun show udev` with udev over generated folders of rules.

`udevadm test` runs in a mount namespace over a made /sys (tmpfs) with USB storage devices and their interfaces, so udev really
writes their `authorized`. Three things must agree: which rules udev drops (by file and line), what values the others have, and
who is let in: where kijun says storage yes, all are kept out; where it says no alone, some get in (root).
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

UDEVADM = "udevadm"
DIRS = ["etc/udev/rules.d", "run/udev/rules.d", "usr/local/lib/udev/rules.d", "usr/lib/udev/rules.d"]
# name: vendor, subclass, protocol
STICKS = {"1-1": ("0781", "06", "50"), "1-2": ("1234", "06", "62"), "2-1.4": ("abcd", "04", "00")}

SCRIPT = r"""
tree=$1
mount -t tmpfs tmpfs /sys && cp -a "$2"/. /sys/ || exit 3
mount -t tmpfs tmpfs /run && mkdir -p /run/udev /usr/local/lib/udev/rules.d || exit 3
mount --bind /usr/local/lib /usr/local/lib || exit 3
for d in etc run usr/local/lib usr/lib; do
  mkdir -p "$tree/$d/udev/rules.d"
  [ $d = run ] && { mkdir -p /run/udev/rules.d && cp -a "$tree/run/udev/rules.d/." /run/udev/rules.d/ || exit 3; } && continue
  mount --bind "$tree/$d/udev/rules.d" /$d/udev/rules.d || exit 3
done
mount --bind -o ro /proc/sys /proc/sys
export SYSTEMD_DEVICE_VERIFY_SYSFS=0
for action in add change; do
  for path in "${@:3}"; do
    [ "$(cat "${path%/*}/authorized" 2>/dev/null)" = 0 ] && continue
    echo "EVENT $action $path"
    udevadm test --action=$action "$path" 2>&1 | tr '\0' ' '
  done
done
for path in "${@:3}"; do echo "STATE $path $(cat "$path/authorized")"; done
"""


def make_sys(root):
    """A folder to be /sys; the paths of the events in their order."""
    events = []
    for folder in ("bus/usb/drivers/usb-storage", "bus/usb/devices", "class"):
        os.makedirs(os.path.join(root, folder))
    for name, (vendor, subclass, protocol) in STICKS.items():
        device = "devices/pci0000:00/usb1/" + name
        interface = "%s/%s:1.0" % (device, name)
        files = {device: {"uevent": "DEVTYPE=usb_device\nDRIVER=usb\n", "authorized": "1", "idVendor": vendor, "idProduct": "5678",
                          "bDeviceClass": "00", "product": "Stick"},
                 interface: {"uevent": "DEVTYPE=usb_interface\nINTERFACE=8/%d/%d\nMODALIAS=usb:v%sp5678d0100dc00dsc00dp00ic08isc%sip%s"
                             "in00\n" % (int(subclass, 16), int(protocol, 16), vendor.upper(), subclass, protocol),
                             "authorized": "1", "bInterfaceClass": "08", "bInterfaceSubClass": subclass,
                             "bInterfaceProtocol": protocol, "bInterfaceNumber": "00"}}
        for folder, attributes in files.items():
            os.makedirs(os.path.join(root, folder))
            os.symlink("/sys/bus/usb", os.path.join(root, folder, "subsystem"))
            for attribute, text in attributes.items():
                with open(os.path.join(root, folder, attribute), "w", encoding="ascii") as f:
                    f.write(text + ("" if attribute == "uevent" else "\n"))
            events.append("/sys/" + folder)
    return events


# --- generated rules ----------------------------------------------------------------------------------------------

MATCHES = ['SUBSYSTEM=="usb"'] * 4 + ['ATTR{bInterfaceClass}=="08"'] * 4 + [
    'ACTION=="add"', 'ACTION=="add|change"', 'ACTION!="remove"', 'ACTION=="bind"', 'ENV{DEVTYPE}=="usb_interface"',
    'ENV{DEVTYPE}=="usb_device"', 'SUBSYSTEMS=="usb"', 'ATTRS{idVendor}=="1234"', 'ATTR{idVendor}=="1234"',
    'ATTR{idVendor}!="1234"', 'ATTR{bInterfaceSubClass}=="06"', 'DRIVER=="usb-storage"', 'ENV{INTERFACE}=="8/*"',
    'ENV{MODALIAS}=="*ic08*"', 'KERNEL=="*"', 'KERNEL=="1-*"', 'KERNEL=="*:*"', 'TEST=="authorized"', 'TEST=="../authorized"',
    'TEST=="nosuch"', 'ATTR{authorized}=="1"', 'ATTR{bInterfaceClass}=="0[0-9]"', 'ATTR{bInterfaceClass}!="08"',
    'ATTR{bInterfaceClass}=="03|08"', 'ENV{UNSET}==""', 'SUBSYSTEM!="usb"', 'SUBSYSTEM=="usb|block"', 'SUBSYSTEM=="u?b"',
    'ATTRS{bInterfaceClass}=="08"', 'ATTRS{authorized}=="0"', 'ENV{ACTION}=="add"', 'SUBSYSTEMS=="pci"', 'SUBSYSTEM=="bus"',
    'ATTR{idProduct}=="?*"', 'ATTR{nosuch}!="1"', 'SUBSYSTEM==""', 'SUBSYSTEM=="|usb"', 'ENV{ID_USB_DRIVER}=="usb-storage"']
SETS = ['ATTR{authorized}="0"'] * 4 + ['ATTR{../authorized}="0"'] * 3 + [
    'ATTR{authorized}="1"', 'ATTR{../authorized}="1"', 'ATTR{authorized}+="0"', 'ATTR{authorized}:="0"']
# one mistake or doubt each
ODD = ['FOO="1"', 'ACTION="add"', 'ATTR{authorized}-="0"', 'ATTR=="1"', 'ENV{}="x"', 'ENV{DEVPATH}="x"', 'NAME="%k"', 'NAME=""',
       'NAME+="n"', 'SYMLINK-="x"', 'SYMLINK+="x"', 'TAG-="x"', 'TAG:="x"', 'CONST{arch}=="x"', 'CONST{no}=="x"', 'KERNEL{x}=="y"',
       'KERNEL{}=="y"', 'TEST{0644}=="/x"', 'TEST{9}=="/x"', 'TEST{}=="/x"', 'TEST="/x"', 'OPTIONS+="watch"', 'OPTIONS+="what"',
       'OPTIONS+="link_priority=-10"', 'OPTIONS+="link_priority=0x1f"', 'OPTIONS+="link_priority=x"', 'OPTIONS=="watch"',
       'OPTIONS+="log_level=debug"', 'OPTIONS+="log_level=loud"', 'OPTIONS+="string_escape=replace"', 'OPTIONS+="static_node=x"',
       'OWNER="root"', 'OWNER=="root"', 'GROUP+="0"', 'MODE="0600"', 'MODE-="0600"', 'MODE="x"', 'SECLABEL{selinux}="x"',
       'SECLABEL="x"', 'RUN+="/bin/true"', 'RUN{builtin}+="kmod load x"', 'RUN{builtin}+="nosuch"', 'RUN{builtin}+="km"', 'RUN{x}="y"',
       'RUN{}="y"', 'RUN=="y"', 'IMPORT{db}=="X"', 'IMPORT{db}="X"', 'IMPORT{no}="X"', 'IMPORT="X"', 'IMPORT{builtin}="nosuch"',
       'IMPORT{cmdline}="nosuch"', 'PROGRAM-="x"', 'RESULT=="x"', 'RESULT="x"', 'SYSCTL{kijun/none}=="1"', 'SYSCTL{a}-="1"',
       'ATTRS{x}="1"', 'TAGS=="x"', 'DRIVERS=="x"', 'KERNELS=="x"', 'DEVPATH=="x"', 'ATTR{x}', 'ENV{A}=x', 'ENV{A}="x', "ENV{A}='x'",
       'ENV{A="x"', '="x"', 'ENV {A}="x"', 'ENV{A} "x"', 'ENV{A}=e"\\q"', 'ENV{A}=i"x"', 'ENV{A}=E"x"', 'last_rule', 'env{A}="x"',
       'ENV{A}=="x\\"', 'GOTO=="x"', 'LABEL+="x"', 'GOTO{x}="y"', 'ENV{A}=e"\\x00"', 'ENV{A}=e"\\777"', 'ENV{A}=e"\\U00110000"', '\ufeff']
VALUES = ['"plain"', '"a b"', '"q\\"q"', '"back\\\\slash"', '"a\\tb"', 'e"a\\tb"', 'e"\\x41\\101\\u3042"', 'e"q\\"q"', 'e"\\s."', '"#no"',
          '"a=b,c"', '"end\\\\"', 'e"\\U0001F600"', '"日本"', '"a}b"', "e\"\\'x\""]
LABELS = ["end", "storage", "x"]


def rule(r, n):
    kind = r.random()
    tokens = r.sample(MATCHES, r.choice([0, 1, 1, 2, 2, 3]))
    if kind < 0.42:
        tokens.append(r.choice(SETS))
    elif kind < 0.55:
        tokens.append('GOTO="%s"' % r.choice(LABELS + ["nosuch"]))
    elif kind < 0.65:
        tokens = ['LABEL="%s"' % r.choice(LABELS)]
    elif kind < 0.8:
        tokens = ["ENV{V%d}%s%s" % (n, r.choice(["=", "+=", ":="]), r.choice(VALUES))]
    elif kind < 0.84:
        tokens += ['GOTO="end"', 'GOTO="x"']
    if r.random() < 0.25:
        tokens.insert(r.randrange(len(tokens) + 1), r.choice(ODD))
    text = tokens[0] if tokens else r.choice(["", "  ", "# c", "# c \\", ","])
    for token in tokens[1:]:
        text += r.choice([", "] * 8 + [" ", ",", "", " , ,", ", \\\n  ", ", \\\n# between\n ", ", \\\n\n", ",\\ \n", " \\\r\n", ",\\\\\n"]) + token
    if r.random() < 0.1:
        text = re.sub(r"(==|!=|\+=|=)", lambda m: r.choice([" ", "", "\t"]) + m.group(1) + r.choice([" ", ""]), text)
    if r.random() < 0.04:  # any mutation
        at = r.randrange(len(text) + 1)
        text = text[:at] + r.choice(['"', "\\", "=", "{", "}", ",", " ", "e", "#", "\r", "\\\n"]) + text[at + r.choice([0, 1]):]
    return r.choice([""] * 10 + [" ", "\t", ","]) + text + r.choice([""] * 12 + [",", " ", ", ", "\\", "# c", " # c"])


def generate(seed):
    r = random.Random(seed)
    files, n = {}, 0
    for folder in DIRS:
        for name in r.sample(["10-a.rules", "60-usb.rules", "99-z.rules", "A.rules", "x.conf"], r.choice([0, 0, 1, 1])):
            lines = []
            for _ in range(r.choice([1, 2, 3, 5, 7])):
                n += 1
                lines.append(rule(r, n))
            end = r.choice(["\n"] * 12 + ["\r\n", "\n\n", "\r"])
            files["%s/%s" % (folder, name)] = end.join(lines) + r.choice([end] * 8 + [""])
    if r.random() < 0.1:
        files["etc/udev/rules.d/60-usb.rules"] = common.Link("/dev/null")
    if r.random() < 0.5:
        files["etc/udev/rules.d/70-deny.rules"] = r.choice([
            'ACTION=="add", SUBSYSTEM=="usb", ATTR{bInterfaceClass}=="08", ATTR{authorized}="0"\n',
            'SUBSYSTEM!="usb", GOTO="end"\nATTR{bInterfaceClass}!="08", GOTO="end"\nATTR{../authorized}="0"\nLABEL="end"\n',
            'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{authorized}="0"\n'])
    return {path: text for path, text in files.items() if text}


# --- udev ---------------------------------------------------------------------------------------------------------

DROPPED = re.compile(r"Invalid key/value pair|Invalid operator for|Invalid attribute for|Invalid key '|Ignoring NAME=|"
                     r"Invalid ENV attribute|Failed to parse (?:mode|link|log)|Unknown builtin|The line takes no effect, ignoring")


def ask_udev(tree, sys_root, events):
    run = subprocess.run(["unshare", "-m", "bash", "-c", SCRIPT, "oracle", tree, sys_root, *events], capture_output=True, timeout=120,
                         check=False)
    out = run.stdout.decode("utf-8", "replace")
    if "STATE " not in out:
        raise common.KijunError("udevadm did not run: %s %s" % (out[-500:], run.stderr.decode("utf-8", "replace")[-500:]))
    first = out.split("EVENT ")[1]
    read = re.findall(r"^Reading rules file: (\S+)", first, re.M)
    dropped = {m.group(1) for m in re.finditer(r"^(/\S+\.rules:\d+) (.*)", first, re.M) if DROPPED.search(m.group(2))}
    values = dict(re.findall(r"^(V\d+)=(.*)", first, re.M))
    state = dict(re.findall(r"^STATE (\S+) (.*)", out, re.M))
    return read, dropped, values, {path: value.strip() for path, value in state.items()}


def kept_out(state, events):
    """Is each storage device without an authorized interface of class 08?"""
    devices = [e for e in events if ":1." not in e]
    return all(state[d] == "0" or state["%s/%s:1.0" % (d, os.path.basename(d))] == "0" for d in devices)


def last_lines(tree, artifact):
    """The first line of each rule of a file: its last one, by which udev names it."""
    with open(os.path.join(tree, artifact), encoding="utf-8", errors="replace", newline="") as f:
        lines = re.split("\r\n|\n\r|\r|\n", f.read())
    said, first = {}, None
    for number, line in enumerate(lines, 1):
        line = line.lstrip(" \t")
        first = first or number
        if not line.startswith("#"):
            if line.endswith("\\"):
                continue
            said[first] = number
        first = None if number in said.values() or line.startswith("#") and first == number else first
    return said


def loose(tree, name):
    """A rule's name; without its number in a file with a CR alone, which ends a line for udev and not for kijun's numbers."""
    path, number = name.rsplit(":", 1)
    with open(tree + path, "rb") as f:
        return path if re.search(rb"\r(?!\n)", f.read()) else name


def judge(kijun, tree, sys_root, events):
    answer = common.kijun_show(kijun, "udev", tree)
    read, dropped, values, state = ask_udev(tree, sys_root, events)
    rows, problems = answer.get("rows", []), []
    bad = []
    for b in answer.get("bad", []):
        if "passes over" not in b["problem"] and "last line goes on" not in b["problem"]:
            bad.append("/%s:%s" % (b["artifact"], last_lines(tree, b["artifact"]).get(b["line"], b["line"])))
    bad, dropped = sorted(loose(tree, name) for name in bad), sorted(loose(tree, name) for name in dropped)
    if bad != dropped:
        problems.append("dropped by udev alone: %s; by kijun alone: %s" % ([x for x in dropped if x not in bad], [x for x in bad if x not in dropped]))
    order = list(dict.fromkeys(row["rule"].rsplit(":", 1)[0] for row in rows))
    if order != [name for name in read if name in order]:
        problems.append("udev reads %s, kijun %s" % (read, order))
    lonely = {}  # rules that only set a property
    for row in rows:
        lonely.setdefault(row["rule"], []).append(row)
    for tokens in lonely.values():
        row = tokens[0]
        if len(tokens) == 1 and re.fullmatch(r"V\d+", row["attribute"]) and row["kind"] == "assignment":
            want = values.get(row["attribute"])
            if want is not None and want.strip() != row["value"].strip():  # += puts a blank before
                problems.append("%s: udev '%s', kijun '%s'" % (row["attribute"], want, row["value"]))
    out = kept_out(state, events)
    said = [row["storage"] for row in rows if row["storage"] != ""]
    if "yes" in said and not out:
        problems.append("kijun says storage yes, and some get in: %s" % state)
    if said.count("no") == len(said) and out and len(said) < 2:  # two together may fit all
        problems.append("kijun says storage %s, and all are kept out" % said)
    return problems, "yes" if "yes" in said else "no" if said.count("no") == len(said) else "unknown", out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this tree alone")
    options = parser.parse_args()
    if os.geteuid() or not shutil.which(UDEVADM) or not shutil.which("unshare"):
        common.skip("udevadm, unshare and root are needed")
    kijun, tally, seen = common.find_kijun(options.kijun), common.Tally("udev"), {}
    sys_root = os.path.join(tally.work, "sys")
    events = make_sys(sys_root)
    for n in [options.only] if options.only is not None else range(options.count):
        tree = tally.tree("tree-%d" % n, generate(options.seed * 1000003 + n))
        problems, said, out = judge(kijun, tree, sys_root, events)
        seen[said, out] = seen.get((said, out), 0) + 1
        tally.note(tree, "tests/oracle/udev_oracle.py --seed %d --only %d" % (options.seed, n), problems)
    print("kijun's answer, kept out: " + ", ".join("%s %s: %d" % (said, out, count) for (said, out), count in sorted(seen.items())))
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
