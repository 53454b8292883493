#!/usr/bin/env python3
"""A second reading of every firewall dialect, by brute force over a small world of packets.

  firewall_brute.py [--kijun build/kijun] [--count 100] [--seed 1] [--dialect NAME] [--only N] [--keep DIR]

For each dialect it makes `count` small random rule lists with that dialect's own constructs, writes them as that dialect prints them, and decides
every packet by the plain reading of the documented meaning (brute_space.py, brute_linux.py and others: written from manual pages, not from kijun).
kijun must say open exactly where that is open, and certain exactly where no doubt is left (but for what REDIRECT brings when rules before it have
marked packets by their old destination: there it may be less certain). A failure shows the dump and the packets; `--dialect NAME
--only N` with the same seed makes it again. Standard library only; needs no rights.
"""
import argparse
import collections
import concurrent.futures
import functools
import ipaddress
import json
import os
import random
import subprocess
import sys
import tempfile

import brute_hosts
import brute_iptables
import brute_nft
import brute_space
import oracle_common

DIALECTS = {**brute_iptables.DIALECTS, **brute_nft.DIALECTS, **brute_hosts.DIALECTS}


class Part:
    """One line of kijun's answer, with what it holds of the space looked up but once."""

    def __init__(self, part):
        self.certain, self.proto, self.ofaces = part["certain"], part["proto"], part.get("oface")
        self.protos = spans(part["protos"]) if "protos" in part else None
        self.ports = spans(part["ports"]) if "ports" in part else None
        self.types = [t.split("/") for t in part["icmp"]] if "icmp" in part else None
        self.nets = [[ends_of(n) for n in part[side]] for side in ("from", "to")]
        self.known = {}

    def holds(self, packet):
        service, ends = (packet.proto, packet.port), (packet.fam, packet.src, packet.dst)
        if service not in self.known:
            self.known[service] = self.speaks_of(packet.proto) and self.has_port(packet)
        if self.known[service] and ends not in self.known:
            self.known[ends] = self.has_address(0, packet.fam, packet.src) and self.has_address(1, packet.fam, packet.dst)
        return self.known[service] and self.known[ends]

    def speaks_of(self, proto):
        if self.proto == "other":
            return within(self.protos, brute_space.NUMBERS[proto])
        return self.proto in ("any", proto)

    def has_port(self, packet):
        if self.types is not None:
            kind, code = divmod(packet.port, 256)
            return any(int(t) == kind and within(spans(codes), code) for t, codes in self.types)
        return self.ports is None or within(self.ports, packet.port)

    def has_address(self, side, fam, value):
        return any(version == fam and first <= value <= last for version, first, last in self.nets[side])


@functools.lru_cache(maxsize=None)
def ends_of(net):
    net = ipaddress.ip_network(net)
    return net.version, int(net[0]), int(net[-1])


def spans(text):
    return [tuple(int(n) for n in (s.split("-") * 2)[:2]) if "-" not in s else tuple(map(int, s.split("-"))) for s in text.split(",")]


def within(pairs, value):
    return any(low <= value <= high for low, high in pairs)


class Answer:
    """What kijun says of one ruleset."""

    def __init__(self, dump):
        self.entries = {}
        for hook in dump["hooks"]:
            if not hook.get("diverted"):
                name = hook["oface"] if hook["hook"] == "output" else hook["iface"]
                self.entries[hook["hook"], name] = [Part(p) for p in hook["accepts"]]
        self.outs = [n for h, n in self.entries if h == "output"]
        self.at = {}

    @staticmethod
    def named(name, names):
        """The name under which an interface is known: its own, the longest beginning ("eth+"), or "*"."""
        fits = [n for n in names if n == name or (n.endswith("+") and name.startswith(n[:-1]))]
        return max(fits, key=lambda n: (n == name, len(n))) if fits else "*"

    def judge(self, packet):
        way = (packet.hook, packet.iif, packet.oif)
        if way not in self.at:
            self.at[way] = list(self.parts(*way))
        certain = possible = False
        for part in self.at[way]:
            if part.holds(packet):
                possible = True
                certain |= part.certain
        return certain, possible

    def parts(self, hook, iif, oif):
        """Of packets that come in and leave there."""
        names = [n for h, n in self.entries if h == hook]
        for part in self.entries.get((hook, self.named(oif if hook == "output" else iif, names)), ()):
            if hook != "forward" or part.ofaces is None or self.named(oif, self.outs) in part.ofaces:
                yield part


WORDS = {(False, False): "closed", (False, True): "maybe", (True, True): "open"}


def ask(kijun, folder, name, dump):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(dump.encode("utf-8"))
    run = subprocess.run([kijun, "firewall", "-o", "json", path], capture_output=True, text=True)
    try:
        return path, json.loads(run.stdout)["dumps"], run.stderr
    except ValueError:
        return path, None, run.stderr


def judge_case(options, folder, dialect, n):
    """The dump of one case, the complaints about it, and how many packets were tried."""
    rng = random.Random("%d/%s/%d" % (options.seed, dialect, n))
    case = DIALECTS[dialect](rng)
    path, dumps, errors = ask(options.kijun, folder, "%s-%d" % (dialect, n), case.dump)
    if not dumps or len(dumps) != 1:
        return case.dump, ["%s: %s rulesets, should be one: %s" % (path, len(dumps or ()), errors.strip())], 0
    answer, wrong, cells = Answer(dumps[0]), collections.Counter(), 0
    examples = {}
    for packet in case.space:
        want, got = case.judge(packet), answer.judge(packet)
        cells += 1
        if want != got and not (got == (False, True) and case.loose(packet)):
            key = "%s, should be %s" % (WORDS[got], WORDS[want])
            wrong[key] += 1
            examples.setdefault(key, str(packet))
    notes = ["  line %d: %s" % (n["line"], n["what"]) for n in dumps[0]["unsupported"]] if wrong else []
    return case.dump, ["%s (%d packets), as %s" % (k, c, examples[k]) for k, c in wrong.items()] + notes, cells


def complain(options, dialect, n, dump, complaints, shown):
    print("%s case %d of seed %d  (--dialect %s --only %d --seed %d)" % (dialect, n, options.seed, dialect, n, options.seed))
    for line in complaints[:12]:
        print("   " + line)
    if shown <= 5:
        print("".join("%5d  %s\n" % (i, line) for i, line in enumerate(dump.split("\n"), 1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100, help="cases of each dialect")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialect", default="", help="only this one: " + ", ".join(DIALECTS))
    parser.add_argument("--only", type=int, help="only this case")
    parser.add_argument("--keep", help="folder for the dumps")
    options = parser.parse_args()
    options.kijun = oracle_common.find_kijun(options.kijun)
    passed = failed = cells = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ProcessPoolExecutor(2) as pool:
        numbers = range(options.count) if options.only is None else [options.only]
        todo = [(d, n) for d in DIALECTS if options.dialect in ("", d) for n in numbers]
        judge = functools.partial(judge_case, options, options.keep or folder)
        results = pool.map(judge, [d for d, _ in todo], [n for _, n in todo], chunksize=8)
        for (dialect, n), (dump, complaints, seen) in zip(todo, results):
            cells += seen
            passed += not complaints
            failed += bool(complaints)
            if complaints:
                complain(options, dialect, n, dump, complaints, failed)
    print("%d packets" % cells)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
