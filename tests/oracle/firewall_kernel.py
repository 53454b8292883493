#!/usr/bin/env python3
"""Holds `kijun firewall` to what the Linux kernel does with generated rulesets.

  firewall_kernel.py [--kijun build/kijun] [--count 300] [--seed 1] [--sweep 5] [--only N] [--verbose]

Each ruleset of firewall_generate.py is loaded in a network namespace (iptables legacy and nft, ip6tables, nft), packets
are sent at it (firewall_wire.py), and the dumps that the kernel's own tools print are given to kijun: iptables-save with
`ipset save`, `iptables -L -n -v` (of every other ruleset), `nft list ruleset`, `nft -j list ruleset`. Every row
(interface, sender, addressee) gets packets to the tcp and udp ports at the edges of all numbers in the ruleset and to
others, ICMP types, other protocols; one row of every --sweep-th ruleset gets all 65,535 ports of tcp or of udp.

Gates: nothing that the kernel lets in is closed for kijun; nothing that is surely open for kijun is turned away by the
kernel; where the ruleset holds nothing beyond what a dump tells, the two are equal. `--compare` with the ruleset before
of the same kind: what surely opens was closed and is open, what differs for the kernel is named.

Needs root and Linux. A mismatch keeps the dumps and tells the command that makes that ruleset again, with those before
it that it may be compared with. Standard library only.
"""

import argparse
import functools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import firewall_answers as answers
import firewall_wire as wire_of
import oracle_common
from firewall_generate import LOADERS, generate
from firewall_world import PORTS, WORLDS

ROWS = 8
BLOCK = 8 * len(LOADERS)  # rulesets that are asked about the same rows, so that they can be compared
MOST_PORTS = 300
TABLES = ("raw", "mangle", "nat", "filter")
CHAINS = (("PREROUTING",), ("PREROUTING", "INPUT", "FORWARD"), ("PREROUTING",), ("INPUT", "FORWARD"))
EMPTY = "".join("*%s\n%sCOMMIT\n" % (table, "".join(":%s ACCEPT\n" % chain for chain in chains))
                for table, chains in zip(TABLES, CHAINS))
TOOLS = ("ip", "nft", "ipset", "iptables-legacy", "ip6tables-legacy", "iptables-nft", "ip6tables-nft")
# What has to occur in the rulesets, and how it looks.
MUST_OCCUR = {
    "jump": r"-j [a-z]+-\d| jump c\d", "goto": r"-g [a-z]+-\d| goto c\d", "return": r"-j RETURN|\breturn\b",
    "negation": r"! -|!= ", "multiport": "-m multiport", "ipset": "--match-set", "set of nft": r"@s\d",
    "interval": r"dport \{[^}]*\d-\d", "concatenation": r"addr \. (tcp|udp) dport", "state": "--state|--ctstate|ct state",
    "verdict map": r" vmap ", "mark": "--set-x?mark|mark set", "REDIRECT": r"REDIRECT|\bredirect\b",
    "DNAT": r"DNAT --to|\bdnat ", "iptables, IPv6": "ip6tables", "nft, IPv6": "ip6 saddr",
}


# -- loading --

def run(words, text=""):
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False)


class Loader:
    """Puts rulesets into the kernel. What a tool refuses line by line is left out."""

    def __init__(self):
        self.used = set()

    def clear(self):
        run(["nft", "flush", "ruleset"])
        for name in self.used:
            run([name + "-restore"], EMPTY)
        if self.used:
            run(["ipset", "destroy"])
        self.used.clear()

    def load(self, ruleset):
        """The text that was loaded, or None."""
        self.clear()
        if ruleset.loader == "nft":
            return self.without_refused(["nft", "-f", "-"], ruleset.rules)
        self.used.add(ruleset.loader)
        if ruleset.sets and self.without_refused(["ipset", "restore"], ruleset.sets) is None:
            return None
        return self.without_refused([ruleset.loader + "-restore"], ruleset.rules)

    @staticmethod
    def without_refused(words, text):
        lines = text.split("\n")
        for _ in range(40):
            done = run(words, "\n".join(lines))
            if done.returncode == 0:
                return "\n".join(lines)
            refused = {int(n) for n in re.findall(r"(?:stdin:|line:? )(\d+)", done.stderr)}
            lines = [line for i, line in enumerate(lines, 1) if i not in refused or line in ("COMMIT", "}", "\t}")]
            if not refused:
                return None
        return None


def dumps_of(ruleset, number):
    """{name: (text, whether it tells all that the ruleset says)}"""
    if ruleset.loader == "nft":
        return {"nft": (run(["nft", "list", "ruleset"]).stdout, True),
                "json": (run(["nft", "-j", "list", "ruleset"]).stdout, True)}
    sets = run(["ipset", "save"]).stdout if ruleset.sets else ""
    out = {"save": (run([ruleset.loader + "-save"]).stdout + sets, True)}
    tables = [table for table in TABLES if "*" + table in ruleset.rules]
    if number % 2 == 0:
        out["list"] = ("".join(run([ruleset.loader, "-t", t, "-L", "-n", "-v"]).stdout for t in tables) + sets, False)
    if ruleset.loader.endswith("-nft"):
        out["nft"] = (run(["nft", "list", "ruleset"]).stdout, False)
    return out


# -- asking the kernel --

def rows_of(seed, number, version):
    """The rows that ruleset `number` is asked about."""
    rnd = random.Random("rows %s %d %d" % (seed, number // BLOCK, version))
    world = WORLDS[version]
    every = [(i, s, d) for i in wire_of.IFACES for s in world.sources for d in world.destinations()]
    sport = rnd.choice((40000, 53, 1023, 1024, 65535))
    return [wire_of.Row(version, *row, sport) for row in rnd.sample(every, ROWS)]


def sweeps_of(options, number, ruleset):
    """{version: protocol} of the row, the first one, that gets packets to all ports."""
    turn, none = divmod(number, options.sweep)
    return {} if none else {ruleset.families[turn % len(ruleset.families)]: (6, 17)[turn // 2 % 2]}


def edge_ports(text, rnd):
    """Where answers may change: at the numbers of the ruleset; and some more."""
    numbers = {int(n) for n in re.findall(r"(?<![\w.:])\d{1,5}(?![\w.])", text)}
    edges = sorted({n + d for n in numbers for d in (-1, 0, 1) if 1 <= n + d <= 65535} - set(PORTS))
    picked = rnd.sample(edges, min(len(edges), MOST_PORTS)) + [rnd.randrange(1, 65536) for _ in range(10)]
    return tuple(sorted(set(picked) | set(PORTS)))


sent_set = functools.lru_cache(64)(answers.of_numbers)


class Measured:
    """What the kernel did with the packets of one row: sets of numbers as in firewall_answers.py."""

    def __init__(self):
        self.sent, self.came = {}, {}  # {proto: set}, {(place, proto): set}

    def add(self, proto, numbers, came):
        self.sent[proto] = sent_set(numbers)
        for place, there in came.items():
            self.came[(place, proto)] = answers.of_numbers(there)


def measure(wire, row, ports, sweep=None):
    """`sweep`: the protocol of which every port is tried."""
    out, icmp = Measured(), WORLDS[row.version].icmp
    wire.forget_connections()
    for proto in (6, 17):
        to = range(1, 65536) if proto == sweep else ports
        out.add(proto, to, wire.send_ports(row, proto, to))
    types = tuple(kind << 8 | code for kind, code in icmp)
    out.add(wire_of.ICMP[row.version], types, wire.send_types(row, icmp))
    for proto in wire_of.OTHERS:
        out.add(proto, (0,), wire.send_other(row, proto))
    return out


# -- judging --

def places_of(row):
    """(place, hook, oface, whether DNAT brought it there, whether packets come there by themselves)"""
    world = WORLDS[row.version]
    own = row.dst in world.own
    yield "input", "input", None, not own, own
    for iface in wire_of.IFACES:
        yield iface, "forward", iface, own, not own and world.hosts[row.dst] == iface


class Judge:
    def __init__(self, options):
        self.options = options
        self.work = tempfile.mkdtemp(prefix="kijun-firewall-kernel-")
        self.passed = self.failed = self.cells = self.rows = 0
        self.problems = []

    def path(self, number, name):
        return os.path.join(self.work, "%d.%s" % (number, name))

    def kijun(self, words):
        done = run([self.options.kijun, "firewall", "-o", "json"] + words)
        if done.returncode not in (0, 1, 3):
            self.problems.append("kijun %s: status %d: %s" % (" ".join(words), done.returncode, done.stderr[-500:]))
            return None
        return json.loads(done.stdout)

    def answer(self, words):
        document = self.kijun(words)
        return answers.Answer(document["dumps"][0]) if document else None

    def tell(self, what, row, proto, place, numbers):
        shown = answers.members(numbers)
        if proto in (1, 58):
            shown = ["%d/%d" % divmod(n, 256) for n in shown]
        self.problems.append("%s: %s from %s by %s to %s, sport %d, protocol %d, at %s: %s%s" % (
            what, row.version, row.src, row.iface, row.dst, row.sport, proto, place, " ".join(map(str, shown[:10])),
            " …" if len(shown) > 10 else ""))

    def row(self, name, answer, ruleset, exact, row, measured, alone=None):
        """One answer against what the kernel did with one row's packets. `alone`: it is about this place only."""
        self.rows += 1
        for proto, sent in measured.sent.items():
            self.cells += sent.bit_count()
            for place, hook, oface, diverted, natural in places_of(row):
                if alone and place != alone:
                    continue
                came = measured.came.get((place, proto), 0)
                packet = (hook, row.iface, oface, row.src, row.dst, proto)
                may = answer.accepted(packet, diverted, False) & sent
                must = answer.accepted(packet, diverted, True) & sent
                # Where forwarded packets leave by, DNAT and the routes tell: surely open is "if it leaves by there".
                told = hook == "input" or (natural and not ruleset.dnat)
                if came & ~may:
                    self.tell(name + ": closed but open", row, proto, place, came & ~may)
                if told and must & ~came:
                    self.tell(name + ": surely open but closed", row, proto, place, must & ~came)
                if told and exact and (may != must or must != came):
                    self.tell(name + ": not exact", row, proto, place, (may & ~must) | (may ^ came))

    def ruleset(self, number, ruleset, results):
        """All dumps of a ruleset. {form: path} of those that were made."""
        paths = {}
        for name, (text, whole) in dumps_of(ruleset, number).items():
            paths[name] = self.path(number, name)
            with open(paths[name], "w") as file:
                file.write(text)
            for version in ruleset.families:
                rows = [row for row in results if row.version == version]
                answer = self.answer(["--sport", str(rows[0].sport), paths[name]])
                for row in rows if answer else ():
                    self.row(name, answer, ruleset, ruleset.exact and whole, row, results[row])
        self.direct(number, ruleset, paths, results)
        return paths

    def direct(self, number, ruleset, paths, results):
        """One row asked for with all options, of the dump that tells most."""
        rnd = random.Random("direct %d" % number)
        row = rnd.choice(sorted(results))
        path = paths.get("save") or paths[rnd.choice(("nft", "json"))]
        place, hook, oface, _, _ = next(p for p in places_of(row) if p[4])
        words = ["--hook", hook, "--iface", row.iface, "--from", row.src, "--to", row.dst, "--sport", str(row.sport)]
        answer = self.answer(words + (["--oface", oface] if oface else []) + [path])
        if answer:
            self.row("asked for %s alone" % place, answer, ruleset, False, row, results[row], place)

    def finish(self, number):
        """Counts the ruleset."""
        if not self.problems:
            self.passed += 1
            return
        self.failed += 1
        print("FAILED ruleset %d of seed %s: the dumps are %s" % (number, self.options.seed, self.path(number, "*")))
        print("  again: %s --seed %s --only %d" % (sys.argv[0], self.options.seed, number))
        for problem in self.problems[:None if self.options.verbose else 6]:
            print("  " + problem)
        if len(self.problems) > 6 and not self.options.verbose:
            print("  … and %d more" % (len(self.problems) - 6))
        self.problems = []

    # `kijun firewall --compare`

    def compare(self, old, new, ruleset):
        """`old`, `new`: (path, {row: Measured}, whether DNAT is in it) of rulesets that speak of the same families."""
        dnat = old[2] or new[2]
        for version in ruleset.families:
            rows = [row for row in new[1] if row.version == version and row in old[1]]
            if not rows:
                continue
            words = ["--sport", str(rows[0].sport)]
            document = self.kijun(words + ["--compare", old[0], new[0]])
            known = [self.answer(words + [path]) for path in (old[0], new[0])]
            if not document or not all(known):
                continue
            names = [known[0].names[i] | known[1].names[i] for i in range(2)]  # of each way
            changes = {way: Changes(document["compare"][way], names) for way in ("opens", "closes")}
            for row in rows:
                self.compare_row(changes, row, old[1][row], new[1][row], dnat)

    def compare_row(self, changes, row, old, new, dnat):
        for proto, sent in new.sent.items():
            sent &= old.sent[proto]
            for place, hook, oface, diverted, natural in places_of(row):
                if hook == "forward" and dnat:
                    continue  # what DNAT leads to may be the host's own for the kernel: no dump tells
                before, after = (m.came.get((place, proto), 0) & sent for m in (old, new))
                packet = (hook, row.iface, oface, row.src, row.dst, proto)
                for way, change in (("opens", after & ~before), ("closes", before & ~after)):
                    named = changes[way].named(packet, diverted, False) & sent
                    surely = changes[way].named(packet, diverted, True) & sent
                    if change & ~named:
                        self.tell("compare: %s and not named" % way, row, proto, place, change & ~named)
                    if (hook == "input" or natural) and surely & ~change:
                        self.tell("compare: surely %s but does not" % way, row, proto, place, surely & ~change)


class Changes:
    """What --compare says of one way; `names` of interfaces that either dump tells apart, in and out."""

    def __init__(self, raw, names):
        self.names = names
        self.at = [(change, answers.Part(change)) for change in raw]

    def named(self, packet, diverted, certain):
        hook, iface, oface, src, dst, proto = packet
        out, src, dst = 0, answers.address(src), answers.address(dst)
        for change, part in self.at:
            if change["hook"] != hook or change.get("diverted", False) != diverted or part.certain < certain:
                continue
            if answers.known_as(iface, self.names[0]) not in change["ifaces"]:
                continue
            if oface and "ofaces" in change and answers.known_as(oface, self.names[1]) not in change["ofaces"]:
                continue
            out |= part.lets(src, dst, proto)
        return out


# -- the run --

def check_wire(wire):
    """Without rules everything comes where it should: else there is nothing to judge by."""
    for version, world in WORLDS.items():
        for iface in wire_of.IFACES:
            for i, dst in enumerate(world.destinations()):
                row = wire_of.Row(version, iface, world.sources[i % len(world.sources)], dst, 40000)
                sweep = (6 if version == 4 else 17) if i == 0 and iface == "eth0" else None
                measured = measure(wire, row, PORTS, sweep)
                place = next(p[0] for p in places_of(row) if p[4])
                for proto, sent in measured.sent.items():
                    if measured.came.get((place, proto)) != sent:
                        sys.exit("the namespace loses packets without any rule: %s, protocol %d" % (row, proto))


def make_wire():
    """The namespace, or why there can be none."""
    if os.geteuid():
        oracle_common.skip("sending packets needs root")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        oracle_common.skip("not installed: " + ", ".join(missing))
    try:
        wire = wire_of.Wire()
    except (OSError, subprocess.CalledProcessError) as error:
        oracle_common.skip("no network namespace with veths: %s" % error)
    probes = [["nft", "add", "table", "inet", "probe"], ["ipset", "create", "probe", "hash:ip"]]
    for name in TOOLS[3:]:
        probes += [[name, "-t", table, "-S"] for table in TABLES]
    for words in probes:
        done = run(words)
        if done.returncode:
            oracle_common.skip("the kernel can't do '%s': %s" % (" ".join(words), done.stderr.strip()))
    return wire


def numbers_of(options):
    """The rulesets to make: --only with the rest of its block."""
    if options.only is None:
        return range(options.count)
    return range(options.only - options.only % BLOCK, options.only + 1)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun", help="the program")
    parser.add_argument("--count", type=int, default=300, help="rulesets")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--sweep", type=int, default=5, help="all ports of one protocol for a row of every Nth ruleset")
    parser.add_argument("--only", type=int, help="this ruleset alone, and those before it that it is compared with")
    parser.add_argument("--verbose", action="store_true", help="all problems of a ruleset")
    return parser.parse_args()


class Run:
    def __init__(self, options):
        self.options, self.wire, self.loader, self.judge = options, make_wire(), Loader(), Judge(options)
        self.texts, self.before, self.refused = [], {}, 0
        self.loader.used.update(LOADERS[:4])  # their tables came into being when the tools were tried
        self.loader.clear()

    def measured(self, number, ruleset):
        """What the kernel does with the packets of each row."""
        ports = edge_ports(self.texts[-1], random.Random(number))
        results, sweeps = {}, sweeps_of(self.options, number, ruleset)
        for version in ruleset.families:
            for row in rows_of(self.options.seed, number, version):
                results[row] = measure(self.wire, row, ports, sweeps.pop(version, None))
        self.wire.forget_bursts()
        return results

    def ruleset(self, number):
        ruleset = generate(self.options.seed, number)
        text = self.loader.load(ruleset)
        if text is None:
            self.refused += 1
            return
        self.texts.append(ruleset.loader + "\n" + ruleset.sets + text)
        results = self.measured(number, ruleset)
        paths = self.judge.ruleset(number, ruleset, results)
        kind = (ruleset.loader, tuple(ruleset.families), number // BLOCK)
        now = (paths.get("save") or paths["nft"], results, ruleset.dnat)
        if kind in self.before:
            self.judge.compare(self.before[kind], now, ruleset)
        self.before[kind] = now
        self.judge.finish(number)

    def close(self):
        """A run that leaves out what it is for has proved nothing."""
        counts = {what: sum(bool(re.search(look, text)) for text in self.texts) for what, look in MUST_OCCUR.items()}
        print("rulesets with " + ", ".join("%s %d" % pair for pair in counts.items()))
        if len(self.texts) >= 100 and not all(counts.values()):
            print("FAILED something never occurred")
            self.judge.failed += 1
        if self.refused * 20 > len(self.texts):
            print("FAILED %d rulesets could not be loaded" % self.refused)
            self.judge.failed += 1


def main():
    options = read_options()
    options.kijun = oracle_common.find_kijun(options.kijun)
    start, work = time.monotonic(), Run(options)
    check_wire(work.wire)
    for number in numbers_of(options):
        work.ruleset(number)
    work.close()
    judge = work.judge
    print("rulesets %d, rows %d, packets judged %d, %.1f s" % (
        len(work.texts), judge.rows, judge.cells, time.monotonic() - start))
    print("%d passed, %d failed" % (judge.passed, judge.failed))
    if not judge.failed:
        shutil.rmtree(judge.work)
    return 1 if judge.failed or not judge.passed else 0


if __name__ == "__main__":
    sys.exit(main())
