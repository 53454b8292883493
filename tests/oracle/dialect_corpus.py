#!/usr/bin/env python3
"""Holds `kijun firewall` to public samples of every format: no line of theirs is passed over in silence, and of AWS exports every packet is judged as by
a second reading.

  dialect_corpus.py [--corpus DIR] [--only TEXT] [--kijun build/kijun]

The lines of iptables-save, iptables -S, iptables -L, nft (text and JSON), ufw and firewalld: corpus_lines.py. Of Windows there are no public samples.
Reads every describe-security-groups and describe-network-acls of the corpus with Python's json, and asks for each group (each network ACL) and each
address, protocol and port at the edge of some rule: open, perhaps open (the rule names a group or a prefix list), or closed? kijun must say the same;
it must know every group and name none that is not there. Of official examples in prose only the groups are compared, and one that is no JSON must
get a message with its line. Without the corpus: skipped.
Standard library only.
"""
import argparse
import glob
import ipaddress
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

import corpus_lines
from oracle_common import SKIPPED

PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
OUTSIDERS = ["8.8.8.8", "2001:4860::8888"]


def find_lists(node, key):
    """Every list under `key`, at any depth."""
    if isinstance(node, dict):
        for name, inner in node.items():
            if name == key and isinstance(inner, list):
                yield inner
            yield from find_lists(inner, key)
    elif isinstance(node, list):
        for inner in node:
            yield from find_lists(inner, key)


class Rule:
    def __init__(self, proto, low, high, networks, unknown, allow=True):
        self.proto = PROTOCOLS.get(proto, proto)
        self.low, self.high = (0, 65535) if low in (None, -1) else (low, high)
        self.networks = [ipaddress.ip_network(n, strict=False) for n in networks]
        self.unknown, self.allow = unknown, allow

    def matches(self, address, proto, port):
        """True, False, or None: perhaps."""
        if self.proto not in ("-1", proto) or (self.proto != "-1" and not self.low <= port <= self.high):
            return False
        if any(address in n for n in self.networks if n.version == address.version):
            return True
        return None if self.unknown else False


def group_rules(group, key):
    rules = []
    for item in group[key]:
        networks = [r["CidrIp"] for r in item.get("IpRanges", [])] + [r["CidrIpv6"] for r in item.get("Ipv6Ranges", [])]
        unknown = bool(item.get("UserIdGroupPairs") or item.get("PrefixListIds"))
        low, high = item.get("FromPort"), item.get("ToPort")
        if item["IpProtocol"].startswith("icmp") and low not in (None, -1):
            low, high = (low * 256, low * 256 + 255) if high in (None, -1) else (low * 256 + high,) * 2
        rules.append(Rule(item["IpProtocol"], low, high, networks, unknown))
    return rules


def acl_rules(acl, egress):
    rules = []
    for item in sorted((e for e in acl["Entries"] if e["Egress"] == egress), key=lambda e: e["RuleNumber"]):
        ports = item.get("PortRange") or {}
        network = item.get("CidrBlock") or item["Ipv6CidrBlock"]
        rules.append(Rule(item["Protocol"], ports.get("From"), ports.get("To"), [network], False, item["RuleAction"] == "allow"))
    return rules


def truth(rules, address, proto, port):
    perhaps = False
    for rule in rules:
        match = rule.matches(address, proto, port)
        if match:
            return rule.allow and True
        perhaps |= match is None
    return None if perhaps else False


def answer(hook, side, address, proto, port):
    """What kijun says, as truth() does."""
    for part in hook["accepts"]:
        if not any(address in ipaddress.ip_network(n) for n in part[side] if (":" in n) == (address.version == 6)):
            continue
        if part["proto"] not in ("any", proto):
            continue
        spans = [t.split("/") for t in part.get("icmp", [])]
        if part["proto"] == "any" or any_port(part, spans, port):
            return True if part["certain"] else None
    return False


def any_port(part, types, port):
    for kind, codes in types:
        low, _, high = codes.partition("-")
        if int(kind) == port // 256 and int(low) <= port % 256 <= int(high or low):
            return True
    for piece in filter(None, part.get("ports", "").split(",")):
        low, _, high = piece.partition("-")
        if int(low) <= port <= int(high or low):
            return True
    return not types and "ports" not in part


def edges(rules):
    addresses = {ipaddress.ip_address(a) for a in OUTSIDERS}
    ports = {0, 65535}
    for rule in rules:
        for network in rule.networks:
            addresses |= {network[0], network[-1]}
        ports |= {p for p in (rule.low - 1, rule.low, rule.high, rule.high + 1) if 0 <= p <= 65535}
    return sorted(addresses, key=lambda a: (a.version, int(a))), sorted(ports)


class Comparison:
    def __init__(self):
        self.cells = self.wrong = self.files = 0

    def complain(self, path, what):
        self.wrong += 1
        if self.wrong <= 20:
            print(f"{path}: {what}")

    def compare(self, path, dump, way, rules):
        hook_name, side = ("output", "to") if way else ("input", "from")
        hook = next(h for h in dump["hooks"] if h["hook"] == hook_name)
        addresses, ports = edges(rules)
        for address, proto, port in itertools.product(addresses, ("tcp", "udp", "icmp", "icmpv6"), ports):
            if proto.startswith("icmp") and (proto == "icmpv6") != (address.version == 6):
                continue
            want, got = truth(rules, address, proto, port), answer(hook, side, address, proto, port)
            self.cells += 1
            if want is not got:
                self.complain(path, f"{dump.get('name')} {hook_name} {address} {proto} {port}: {got}, should be {want}")

    def file(self, path, dumps):
        text = open(path, encoding="utf-8").read()
        self.files += 1
        if path.endswith(".rst"):
            wanted = set(re.findall(r'"GroupId": "(sg-\w+)",\n(?!.*UserId)', text))
            missing = wanted - {d.get("name") for d in dumps} if "describe-security-groups" in path else set()
            for name in sorted(missing):
                if re.search(r'"IpPermissions"(?:.|\n)*' + name, text):
                    self.complain(path, f"{name} is not read")
            return
        data = json.loads(text)
        owners = {g["GroupId"]: (g, "group") for groups in find_lists(data, "SecurityGroups") for g in groups if "IpPermissions" in g}
        owners |= {a["NetworkAclId"]: (a, "acl") for acls in find_lists(data, "NetworkAcls") for a in acls}
        named = {d.get("name"): d for d in dumps}
        if set(named) != set(owners):
            self.complain(path, f"rulesets {sorted(map(str, named))}, should be {sorted(owners)}")
            return
        for name, (owner, kind) in owners.items():
            for way, key in enumerate(("IpPermissions", "IpPermissionsEgress")):
                if kind == "acl" or key in owner:
                    rules = acl_rules(owner, bool(way)) if kind == "acl" else group_rules(owner, key)
                    self.compare(path, named[name], way, rules)


def aws_files(corpus):
    for path in sorted(glob.glob(os.path.join(corpus, "cloud", "aws-*", "**", "*"), recursive=True)):
        if os.path.isfile(path) and path.endswith((".json", ".rst")):
            text = open(path, encoding="utf-8", errors="replace").read()
            if '"IpPermissions"' in text or '"RuleNumber"' in text:
                yield path


def main():
    here = os.path.join(os.path.dirname(__file__), "..", "..")
    shared = os.environ.get("KIJUN_SHARED", os.path.join(here, "..", "shared"))
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", default=os.path.join(shared, "corpus"))
    parser.add_argument("--only", default="")
    parser.add_argument("--kijun", default=os.path.join(here, "build", "kijun"))
    args = parser.parse_args()
    if not os.path.isdir(args.corpus):
        print(f"skipped: no corpus at {args.corpus}")
        return SKIPPED
    comparison = Comparison()
    for path in aws_files(args.corpus):
        if args.only not in path:
            continue
        run = subprocess.run([args.kijun, "firewall", "-o", "json", path], capture_output=True, text=True)
        try:
            comparison.file(path, json.loads(run.stdout)["dumps"])
        except ValueError:
            if path.endswith(".rst") and re.search(r"\.rst:\d+:\d+: error: ", run.stderr):
                continue
            comparison.complain(path, f"no JSON: {run.stderr.strip()}")
    lines, dumps = compare_lines(args, comparison)
    print(f"{comparison.files} files, {comparison.cells} packets; {dumps} dumps, {lines} lines")
    print(f"{comparison.cells + lines - comparison.wrong} passed, {comparison.wrong} failed")
    return 1 if comparison.wrong or not (comparison.cells or lines) else 0


def compare_lines(args, comparison):
    """The numbers of lines and of dumps that were tried."""
    lines = dumps = 0
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        def ask(text):
            file.seek(0)
            file.truncate()
            file.write(text)
            file.flush()
            run = subprocess.run([args.kijun, "firewall", "-o", "json", "--hook", "input", file.name], capture_output=True, text=True)
            return json.loads(run.stdout)["dumps"] if run.stdout.strip() else None
        for path in corpus_lines.files(args.corpus):
            if args.only in path:
                found = corpus_lines.check(path, ask, comparison.complain)
                lines += found
                dumps += found > 0
    return lines, dumps


if __name__ == "__main__":
    sys.exit(main())
