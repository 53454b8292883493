#!/usr/bin/env python3
"""Compares kijun with USBGuard over generated rules and configurations of its daemon.

usbguard-rule-parser says of each rule whether it is one, and what it means. The daemon itself is started over a /sys without
devices, in namespaces of its own: it must start exactly when kijun says that files are in force, and `usbguard list-rules` and
`get-parameter` must be what `kijun show` has (root; every tenth tree).
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

PARSER, DAEMON = "usbguard-rule-parser", "usbguard-daemon"
WORDS = {"id": "id", "name": "name", "serial": "serial", "hash": "hash", "parent-hash": "parent_hash", "via-port": "via_port",
         "with-interface": "with_interface", "with-connect-type": "with_connect_type", "label": "label"}


# --- generated rules ----------------------------------------------------------------------------------------------

def value(r, name):
    if name == "label":
        return r.choice(['"x"', '"a b"'])  # an empty one may be followed by another
    if name == "id":
        return r.choice(["1234:5678", "0aBc:*", "*:*", "1234:*"] + ["*:1234", "12:34"][: r.random() < 0.1])
    if name == "with-interface":
        return r.choice(["08:06:50", "08:*:*", "03:01:*", "03:00:01", "FF:ff:00", "09:*:*"] + ["08:*", "*:*:*"][: r.random() < 0.1])
    return r.choice(['"x"', '""', '"a b"', '"1-2.3"', '"q\\"q"', '"\\x41z"', '"# no comment"'] + ["x", "'x'"][: r.random() < 0.1])


def attribute(r):
    name = r.choice(list(WORDS) + ["with-interface", "id"])
    kind = r.random()
    if kind < 0.55:
        return "%s %s" % (name, value(r, name))
    operator = r.choice(["", "one-of ", "all-of ", "none-of ", "equals ", "equals-ordered ", "match-all ", "any-of "[: 8 * (r.random() < 0.1)]])
    values = [value(r, name) for _ in range(r.choice([1, 1, 2, 3] + [0][: r.random() < 0.2]))]
    inside = r.choice(["{ %s }", "{ %s }", "{%s}", "{ %s}"])
    return "%s %s%s" % (name, operator, inside % " ".join(values))


def rule(r):
    parts = [r.choice(["allow"] * 5 + ["block", "reject", "block", "match"] + ["Allow", "permit"][: r.random() < 0.1])]
    if r.random() < 0.3:
        parts.append(value(r, "id"))
    parts += [attribute(r) for _ in range(r.choice([0, 1, 1, 2, 3]))]
    if r.random() < 0.2:
        parts.append(r.choice(["if true", "if !false", "if allowed-matches(1234:*)", "if one-of { true random(0.5) }", "if foo",
                               "if localtime(08:00-17:00)", "if {true}", "if ! true"]))
    text = r.choice([" "] * 8 + ["  ", "\t"]).join(parts)
    return r.choice([""] * 20 + [" "]) + text + r.choice([""] * 8 + [" # why", "#x", "  "])


# --- usbguard-rule-parser -----------------------------------------------------------------------------------------

def understood(text):
    """The rule as usbguard-rule-parser prints it: {column: values}, or None."""
    run = subprocess.run([PARSER, text], capture_output=True, timeout=20, check=False)
    out = [t for t in run.stdout.decode("utf-8", "replace").split("\n") if t.startswith("OUTPUT: ")]
    if run.returncode or not out or "EXCEPTION" in out[0]:
        return None
    said, rest = {"condition": ""}, out[0][8:]
    said["target"], _, rest = rest.partition(" ")
    while rest:
        name, _, rest = rest.partition(" ")
        if name == "if":  # the label and the type of connection come behind it
            end = re.search(r" (?:label|with-connect-type) |$", rest)
            said["condition"], rest = re.sub(r"[\s{}]|one-of|equals", "", rest[:end.start()]), rest[end.start():].lstrip()
            continue
        operator = ""
        match = re.match(r"([a-z-]+) (?=\{)", rest)
        if match:
            operator, rest = match.group(1), rest[match.end():]
        values = re.match(r"\{(?: (?:\"(?:\\.|[^\"\\])*\"|[^\s}]+))+ \}|\"(?:\\.|[^\"\\])*\"|\S+", rest).group(0)
        rest = rest[len(values):].lstrip()
        items = re.findall(r"\"(?:\\.|[^\"\\])*\"|[^\s{}]+", values)
        said[WORDS[name]] = (operator or "equals", [re.sub(r"\\(.)", r"\1", i[1:-1]) if i[0] == '"' else i.lower() for i in items])
    return said


def shown(row):
    said = {"target": row["target"], "condition": re.sub(r"[\s{}]|one-of|equals", "", row["condition"])}
    others = dict(part.rsplit(" ", 1) for part in row["operators"].split(", ") if part)
    for word, column in WORDS.items():
        operator = {"id": row["id_operator"], "with-interface": row["interface_operator"]}.get(word, others.get(word, ""))
        if row[column] or operator:
            said[column] = (operator or "equals", row[column].split("\x1f"))
    return said


def judge_rules(kijun, tree, lines):
    answer = common.kijun_show(kijun, "usbguard_rules", tree)
    rows = {row["line"]: row for row in answer.get("rows", [])}
    problems, good = [], True
    for number, text in enumerate(lines, 1):
        want, row = understood(text), rows.get(number)
        good &= want is not None
        if (want is None) != (row is None or "problem" in row):
            problems.append("'%s': usbguard says %s, kijun %s" % (text, want, row))
        elif want is not None:
            got = shown(row)
            want = {k: v for k, v in want.items() if not (isinstance(v, tuple) and v == ("equals", [""]))}
            if got != want:
                problems.append("'%s': usbguard %s, kijun %s" % (text, want, got))
    if (answer["state"] == "effective") != good:
        problems.append("kijun says %s, and all rules can be read: %s" % (answer["state"], good))
    return problems


# --- the daemon ---------------------------------------------------------------------------------------------------

SCRIPT = """
mount -t tmpfs tmpfs /sys/bus && mkdir -p /sys/bus/usb/devices && mount --bind "$1" /etc/usbguard || exit 3
timeout 8 %s -K -P -c /etc/usbguard/usbguard-daemon.conf >/dev/null 2>&1 &
daemon=$!
for i in 1 2 3 4 5 6 7 8; do
  sleep 0.4
  usbguard get-parameter ImplicitPolicyTarget 2>/dev/null && usbguard list-rules && break
  kill -0 $daemon 2>/dev/null || break
done
kill $daemon 2>/dev/null
exit 0
""" % DAEMON

CONF = ["ImplicitPolicyTarget=reject", "ImplicitPolicyTarget = allow", " ImplicitPolicyTarget=block", "ImplicitPolicyTarget=Allow",
        "Foo=1", "garbage", "# c", "  # c", "PresentDevicePolicy=keep", "PresentDevicePolicy=block"]


def daemon_tree(r, lines):
    conf = ["RuleFile=/etc/usbguard/rules.conf", "RuleFolder=/etc/usbguard/rules.d/", "IPCAllowedUsers=root",
            "AuditBackend=FileAudit", "AuditFilePath=/dev/null"] + r.sample(CONF, r.choice([0, 1, 2]))
    half = len(lines) // 2
    files = {"etc/usbguard/usbguard-daemon.conf": "\n".join(conf) + "\n",
             "etc/usbguard/rules.conf": "".join(t + "\n" for t in lines[:half])}
    for name in r.sample(["20-b.conf", "10-a.conf", ".hidden", "z.bak"], 2):
        files["etc/usbguard/rules.d/" + name] = "".join(t + "\n" for t in lines[half:])
    return files


def judge_daemon(kijun, tree):
    run = subprocess.run(["unshare", "-n", "-m", "bash", "-c", SCRIPT, "oracle", os.path.join(tree, "etc/usbguard")],
                         capture_output=True, text=True, timeout=60, check=False)
    out = run.stdout.split("\n")
    started = len(out) > 1
    conf, rules = common.kijun_show(kijun, "usbguard", tree), common.kijun_show(kijun, "usbguard_rules", tree)
    force = conf["state"] == "effective" and rules["state"] in ("effective", "absent")
    if started != force:
        return ["the daemon starts: %s; kijun: %s, %s" % (started, conf["state"], rules["state"])]
    if not started:
        return []
    problems = []
    target = [s["value"] for s in conf["settings"] if s["key"] == "ImplicitPolicyTarget"]
    if target != out[0:1]:
        problems.append("ImplicitPolicyTarget: usbguard %s, kijun %s" % (out[0], target))
    listed = [understood(re.sub(r"^\d+: ", "", t)) for t in out[1:] if t]
    got = [shown(row) for row in rules.get("rows", [])]
    blank = lambda rule: {k: v for k, v in rule.items() if v != ("equals", [""])}
    if [blank(w) for w in listed] != got:
        problems += ["list-rules: %s" % listed, "kijun:      %s" % got]
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this tree alone")
    options = parser.parse_args()
    if not shutil.which(PARSER):
        common.skip("usbguard-rule-parser is needed")
    with_daemon = os.geteuid() == 0 and shutil.which(DAEMON) is not None
    kijun, tally = common.find_kijun(options.kijun), common.Tally("usbguard")
    for n in [options.only] if options.only is not None else range(options.count):
        r = random.Random(options.seed * 1000003 + n)
        lines = [rule(r) for _ in range(r.choice([1, 2, 4, 6]))]
        tree = tally.tree("tree-%d" % n, {"etc/usbguard/rules.conf": "".join(t + "\n" for t in lines)})
        problems = judge_rules(kijun, tree, lines)
        if with_daemon and n % 10 == 0:
            good = [t for t in lines if understood(t)] or ["allow 1234:5678"]
            shutil.rmtree(tree)
            tree = tally.tree("tree-%d" % n, daemon_tree(r, good))
            problems += judge_daemon(kijun, tree)
        tally.note(tree, "tests/oracle/usbguard_oracle.py --seed %d --only %d" % (options.seed, n), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
