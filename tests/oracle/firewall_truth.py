#!/usr/bin/env python3
"""Compares what a program says about public firewall dumps with what the Linux kernel did with them.

  firewall_truth.py [--corpus DIR] [--only TEXT] [--verbose] COMMAND...

COMMAND is `build/kijun firewall` or another program with the options and the JSON of `kijun firewall -o json`; rows whose first packet is no SYN
need its option --flags and are left out unless --flags is given here. The corpus holds X.dump and X.json (what the kernel accepted); its README tells
the format. Rows of several variants of one dump (limiters fresh, exhausted) are all true at one time or another. With --ext .nft or .nft.json: rulesets of
nftables. Rules that look up routes (rpfilter, fib) are beyond any dump: rows of such dumps count for the first two gates only.

Gates: nothing open for the kernel is closed for the program; nothing certainly open for the program is closed for the kernel; of the rows that no limiter
decides at least 99 in 100 (--exact) are exact. Dumps that take a second are named. Standard library only.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

import firewall_answers as answers

PROTOCOLS = {4: {"tcp": 6, "udp": 17, "icmp": 1}, 6: {"tcp": 6, "udp": 17, "icmp": 58}}


def parse_ranges(text):
    out = set()
    for low, high in answers.ranges(text):
        out.update(range(low, high + 1))
    return out


class Answer:
    """May and must sets of ports (or ICMP types) of one question, by protocol."""

    def __init__(self, document, snapshot, row, family):
        self.row, self.numbers = row, PROTOCOLS[family]
        self.said = answers.Answer(document["dumps"][snapshot])

    def accepted(self, proto, certain, universe):
        """Those of `universe`: ports, or (type, code)."""
        row = self.row
        packet = (row["hook"], row["iface"], row.get("oif"), row["src"], row["dst"], self.numbers[proto])
        said = answers.digits(self.said.accepted(packet, False, certain))
        return {u for u in universe if said[u[0] * 256 + u[1] if proto == "icmp" else u] == "1"}


class Runner:
    def __init__(self, command):
        self.command, self.known, self.slowest = command, {}, (0, "")

    def ask(self, dump, row):
        options = ["--hook", row["hook"], "--iface", row["iface"], "--from", row["src"], "--to", row["dst"]]
        if "oif" in row:
            options += ["--oface", row["oif"]]
        if "sport" in row:
            options += ["--sport", str(row["sport"])]
        if row.get("flags", 2) != 2:
            options += ["--flags", str(row["flags"])]
        key = (dump, *options)
        if key not in self.known:
            start = time.monotonic()
            run = subprocess.run(self.command + ["-o", "json"] + options + [dump], capture_output=True, text=True)
            if run.returncode not in (0, 1, 3):
                sys.exit("%s: status %d: %s" % (" ".join(self.command + options + [dump]), run.returncode, run.stderr))
            self.slowest = max(self.slowest, (time.monotonic() - start, dump))
            self.known[key] = json.loads(run.stdout)
        return self.known[key]


ROUTES = re.compile(r"rpfilter|\bfib [a-z. ]*\boif\b|\"result\": \"oif\"")


# Rows that no dump can tell: the kernel's routes lead elsewhere. (dump, incoming interface, destination): ports or ICMP types left out.
EXPLAINED = {
    ("fw4-03-rules-07-redirect", "wwan0", None): {24},  # rewritten to an address behind another interface than the row's
    ("fw4-03-rules-07-redirect", "pppoe-wan", "192.0.2.9"): {22, 23},
    ("hand-firewalld1", "zzother0", "fe80::1"): {(134, 0), (135, 0)},  # link-local addresses are not routed
}


def explained(name, row):
    found = [EXPLAINED.get((name, row["iface"], dst), set()) for dst in (None, row["dst"])] if row["hook"] == "forward" else []
    return set().union(*found)


def moved_elsewhere(row, others):
    """Ports that this row can't show: they are rewritten to an address that is reached by another interface."""
    same = [r for r in others if all(r.get(k) == row.get(k) for k in ("hook", "iface", "src", "dst", "proto", "sport"))]
    ports = set().union(*[map(int, r.get("rewritten", {})) for r in same])
    return ports - set(map(int, row.get("rewritten", {}))) - parse_ranges(row["accepted"] if row["proto"] != "icmp" else "")


def truth_rows(truth):
    """Rows by question: {key: (row, [accepted set of each variant], stateless)}. Where a dump was loaded with its nat table too, that is the truth of it."""
    variants = truth["variants"] if "variants" in truth else {"asis": truth}
    with_nat = any(v.endswith("/nat") for v in variants)
    rows = {}
    for variant, result in variants.items():
        if with_nat and not variant.endswith("/nat"):
            continue
        for row in result["results"]:
            key = tuple(str(row.get(k)) for k in ("hook", "iface", "oif", "src", "dst", "proto", "sport", "flags"))
            rows.setdefault(key, []).append((variant, row))
    return rows


def accepted_of(row):
    if row["proto"] == "icmp":
        return {tuple(map(int, t.split("/"))) for t in row["accepted"]}
    return parse_ranges(row["accepted"])


def probed(rows):
    """What every variant has probed."""
    if rows[0][1]["proto"] == "icmp":
        return set(TYPES[":" in rows[0][1]["src"]])
    return set.intersection(*[parse_ranges(row["probed"]) for _, row in rows])


TYPES = {False: [(t, 0) for t in (0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 17)] + [(3, 4), (3, 3)],
         True: [(t, 0) for t in (1, 2, 3, 4, 128, 129, 130, 133, 134, 135, 136, 137)]}


def show(values):
    return " ".join(map(str, sorted(values)[:8])) + (" …" if len(values) > 8 else "")


class Score:
    def __init__(self, verbose):
        self.verbose = verbose
        self.closed = self.certain = self.exact = self.asis = self.rows = 0

    def judge(self, dump, rows, may, must, universe, routes):
        truths = [accepted_of(row) & universe for _, row in rows]
        missing, too_sure = set.union(*truths) - may, must - set.intersection(*truths)
        self.rows += 1
        self.closed += bool(missing)
        self.certain += bool(too_sure)
        stateless = all(v.startswith("asis") for v, _ in rows) and not routes
        exact = may == must == truths[0] and len(set(map(frozenset, truths))) == 1
        self.asis += stateless
        self.exact += stateless and exact
        if missing or too_sure or (stateless and not exact and self.verbose):
            row = {k: v for k, v in rows[0][1].items() if k not in ("accepted", "probed")}
            print("%s %s" % (dump, row))
            for name, values in (("closed but open", missing), ("certain but closed", too_sure),
                                 ("maybe but closed", may - must - set.union(*truths)), ("maybe but open", (may - must) & truths[0])):
                if values:
                    print("   %s: %s" % (name, show(values)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("KIJUN_SHARED", os.path.join(os.path.dirname(__file__), "../../../shared"))
    parser.add_argument("--corpus", default=os.path.join(shared, "corpus/firewall/iptables"))
    parser.add_argument("--ext", default=".dump", help="ending of the dumps' names")
    parser.add_argument("--only", default="", help="only dumps whose name has this in it")
    parser.add_argument("--exact", type=float, default=99, help="rows in 100 that must be exact")
    parser.add_argument("--flags", action="store_true", help="the command knows --flags")
    parser.add_argument("--verbose", action="store_true", help="show rows that are not exact, too")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not os.path.isdir(options.corpus):
        print("skipped: no corpus at %s" % options.corpus)
        return 77
    runner, score, slow = Runner(options.command), Score(options.verbose), []
    for name in sorted(os.listdir(options.corpus)):
        if not name.endswith(options.ext) or options.only not in name:
            continue
        dump = os.path.join(options.corpus, name)
        with open(dump[:-len(options.ext)] + ".json") as file:
            truth = json.load(file)
        if truth.get("peer_mac"):
            continue  # no option tells the sender's hardware address
        with open(dump, errors="replace") as file:
            routes = ROUTES.search(file.read())
        known = truth_rows(truth)
        others = [row for rows in known.values() for _, row in rows]
        for rows in known.values():
            row = rows[0][1]
            if row.get("flags", 2) != 2 and not options.flags:
                continue
            universe = probed(rows) - moved_elsewhere(row, others) - explained(name.partition(".nft")[0], row)
            answer = Answer(runner.ask(dump, row), 0, row, 6 if ":" in row["src"] else 4)
            score.judge(name, rows, answer.accepted(row["proto"], False, universe), answer.accepted(row["proto"], True, universe), universe,
                        routes)
        start = time.monotonic()
        subprocess.run(options.command + ["-o", "json", dump], stdout=subprocess.DEVNULL)
        if time.monotonic() - start >= 1:
            slow.append("%s %.2f s" % (name, time.monotonic() - start))
    share = score.exact / score.asis if score.asis else 0
    print("rows %d, closed but open %d, certain but closed %d, exact %d of %d without limiters (%.2f %%), slowest question %.2f s" % (
        score.rows, score.closed, score.certain, score.exact, score.asis, share * 100, runner.slowest[0]))
    for line in slow:
        print("slow: " + line)
    failed = score.closed + score.certain + (share * 100 < options.exact)
    print("%d passed, %d failed" % (max(score.rows - failed, 0), failed))
    return 0 if score.rows and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
