#!/usr/bin/env python3
"""Holds kijun's answers about other forms of a ruleset to what the kernel did with the ruleset itself.

  firewall_twins.py [--kijun build/kijun] [--only TEXT] [--verbose]

  lists      every public iptables-save dump is loaded in a network namespace of its own and printed by `iptables -L` in several forms, all tables one
             after the other (root, unshare, iptables; left out without them)
  ufw        `ufw status verbose`, `status numbered` and user.rules of a host whose iptables rules were measured
  firewalld  `firewall-cmd --list-all-zones` of a host whose nft rules were measured
Truths are those of firewall_truth.py. Gates: nothing open for the kernel is closed for kijun, nothing certainly open for kijun is closed for the kernel; and
`iptables -L -n -v` says as exactly what is open as the dump does. Standard library only.
"""
import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import firewall_truth as truth_of
import oracle_common

# Name, backend, options, and whether the form shows all that the dump has.
FORMS = (("nv", "legacy", ["-n", "-v"], True), ("nvx", "nft", ["-n", "-v", "-x", "--line-numbers"], True), ("n", "nft", ["-n"], False),
         ("v", "legacy", ["-v"], False))
MANY = 400  # rules: beyond, no forms that ask for the names of hosts


# -- printing a dump, inside a network namespace of its own --

def load_oracle(path):
    spec = importlib.util.spec_from_file_location("kernel_oracle", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def restore(program, table, rows):
    """Loads a table; lines that the kernel refuses are left out, as they were when the truth was measured."""
    rows = list(rows)
    for _ in range(400):
        text = "*%s\n%s\nCOMMIT\n" % (table, "\n".join(rows))
        run = subprocess.run([program + "-restore"], input=text, capture_output=True, text=True)
        if run.returncode == 0:
            return True
        found = re.search(r"line:? ?(\d+)", run.stderr)
        line = int(found.group(1)) - 2 if found else -1
        if not 0 <= line < len(rows):
            return False
        del rows[line]
    return False


def print_forms(options):
    oracle = load_oracle(options.oracle)
    with open(options.print, encoding="utf-8", errors="replace") as file:
        dump = oracle.split_dumps(file.read())[0]
    rules = oracle.rewrite(dump, None, set())
    many = sum(len(rows) for rows in rules.values()) > MANY
    out = {}
    for name, backend, words, _ in FORMS:
        program = ("ip6tables" if options.family == 6 else "iptables") + "-" + backend
        tables = [t for t in options.tables.split(",") if t in rules]
        if (name == "v" and many) or not all(restore(program, t, rules[t]) for t in tables):
            continue
        out[name] = "".join(subprocess.run([program, "-t", t, "-L"] + words, capture_output=True, text=True).stdout for t in tables)
        for table in tables:
            subprocess.run([program, "-t", table, "-F"], check=False)
            subprocess.run([program, "-t", table, "-X"], check=False)
    json.dump(out, sys.stdout)


# -- judging --

class Judge:
    def __init__(self, command, verbose):
        self.runner, self.verbose = truth_of.Runner(command), verbose
        self.rows = self.closed = self.certain = self.unsure = self.as_dump = self.measured = 0

    def file(self, label, path, truth, families=(4, 6), whole=False, snapshot=0, dump=None):
        """Every row of the truth against the file's answer. `dump`: the form says all that this dump does, and must be as exact."""
        known = truth_of.truth_rows(truth)
        others = [row for rows in known.values() for _, row in rows]
        for rows in known.values():
            row = rows[0][1]
            family = 6 if ":" in row["src"] else 4
            # Link-local addresses aren't the test host's own: routing decides before the rules do.
            if row.get("flags", 2) != 2 or family not in families or row["dst"].startswith("fe80"):
                continue
            universe = truth_of.probed(rows) - truth_of.moved_elsewhere(row, others)
            may, must = self.sets(path, row, family, snapshot, universe)
            self.judge(label, rows, may, must, universe)
            if whole and dump:
                self.measured += 1
                same = self.sets(dump, row, family, 0, universe) == (may, must)
                self.as_dump += same
                if not same and self.verbose:
                    self.tell(label, row, (("not as the dump says", may),))

    def judge(self, label, rows, may, must, universe):
        truths = [truth_of.accepted_of(row) & universe for _, row in rows]
        missing, too_sure = set.union(*truths) - may, must - set.intersection(*truths)
        self.rows += 1
        self.closed += bool(missing)
        self.certain += bool(too_sure)
        unsure = may - must
        self.unsure += bool(unsure)
        if missing or too_sure or (unsure and self.verbose):
            self.tell(label, rows[0][1], (("closed but open", missing), ("certain but closed", too_sure), ("maybe", unsure)))

    @staticmethod
    def tell(label, row, findings):
        print("%s %s" % (label, {k: v for k, v in row.items() if k not in ("accepted", "probed")}))
        for name, values in findings:
            if values:
                print("   %s: %s" % (name, truth_of.show(values)))

    def sets(self, path, row, family, snapshot, universe):
        answer = truth_of.Answer(self.runner.ask(path, row), snapshot, row, family)
        return answer.accepted(row["proto"], False, universe), answer.accepted(row["proto"], True, universe)


def with_variants(truth):
    """The truth of nft rulesets has no variants: it is all of one kind."""
    return truth if "variants" in truth else dict(truth, variants={"asis/nft": truth})


def read_truth(path):
    with open(path) as file:
        return with_variants(json.load(file))


def judge_lists(judge, options, work):
    if os.geteuid() or not all(shutil.which(p) for p in ("unshare", "iptables-legacy", "iptables-nft", "ip6tables-legacy", "ip6tables-nft")):
        print("left out: lists need root, unshare and iptables")
        return
    folder = os.path.join(options.shared, "corpus/firewall/iptables")
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".dump") and options.only in n):
        dump = os.path.join(folder, name)
        truth = read_truth(dump[:-5] + ".json")
        if truth.get("peer_mac"):
            continue  # no option tells the sender's hardware address
        tables = "raw,mangle,filter" + (",nat" if any(v.endswith("/nat") for v in truth["variants"]) else "")
        command = ["unshare", "-n", sys.executable, os.path.abspath(__file__), "--print", dump, "--family", str(truth["family"]),
                   "--tables", tables, "--oracle", os.path.join(options.shared, "tools/kernel_oracle.py")]
        forms = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for form, _, _, whole in FORMS:
            if form not in forms:
                continue
            path = os.path.join(work, name + "." + form)
            with open(path, "w") as file:
                file.write(forms[form])
            whole = whole and not truth["refused_lines"]  # else the kernel has less than the dump
            judge.file("%s, -L %s" % (name, form), path, truth, (truth["family"],), whole, dump=dump)


def judge_ufw(judge, options):
    folder, nft = (os.path.join(options.shared, "corpus/firewall", d) for d in ("ufw/p1", "nft"))
    truths = {4: read_truth(nft + "/tmp-ufw1-iptables-save.json"), 6: read_truth(nft + "/tmp-ufw1-ip6tables-save.json")}
    files = (("status_verbose.txt", 0, 0), ("status_numbered.txt", 0, 0), ("user.rules", 0, None), ("user6.rules", None, 0), ("show_raw.txt", 0, 1))
    for name, four, six in files:
        for family, snapshot in ((4, four), (6, six)):
            if snapshot is not None and options.only in name:
                judge.file("ufw " + name, os.path.join(folder, name), truths[family], (family,), snapshot=snapshot)


def judge_firewalld(judge, options, work):
    """The list as it was taken, and once more with what it leaves open: which zone is the default, and what is in the ipset."""
    path = os.path.join(options.shared, "corpus/firewall/firewalld/p1/list-all-zones.txt")
    truth = read_truth(os.path.join(options.shared, "corpus/firewall/nft/hand-firewalld1.json"))
    if options.only not in "list-all-zones.txt":
        return
    judge.file("firewalld list-all-zones.txt", path, truth)
    with open(path) as file:
        text = file.read().replace("public (active)", "public (default, active)")
    whole = os.path.join(work, "zones-and-ipset.txt")
    with open(whole, "w") as file:
        file.write(text + "\nbanned\n  type: hash:net\n  options: \n  entries: 203.0.113.128/25\n")
    before = judge.unsure
    judge.file("firewalld list-all-zones.txt with its ipset", whole, truth, (4,))
    if judge.unsure > before:
        print("firewalld: %d rows of IPv4 are not certain though the list tells them" % (judge.unsure - before))
        judge.closed += 1
    judge.file("firewalld list-all-zones.txt with its ipset", whole, truth, (6,))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", default=os.environ.get("KIJUN_SHARED", os.path.join(os.path.dirname(__file__), "../../../shared")))
    parser.add_argument("--only", default="", help="only files whose name has this in it")
    parser.add_argument("--verbose", action="store_true", help="show what is only maybe, too")
    parser.add_argument("--keep", help="folder for the printed lists")
    for hidden in ("--print", "--family", "--tables", "--oracle"):
        parser.add_argument(hidden, help=argparse.SUPPRESS, type=int if hidden == "--family" else str)
    parser.add_argument("--kijun", default="build/kijun", help="the program")
    options = parser.parse_args()
    if options.print:
        return print_forms(options)
    if not os.path.isdir(os.path.join(options.shared, "corpus/firewall")):
        oracle_common.skip("no corpus in %s" % options.shared)
    judge = Judge([oracle_common.find_kijun(options.kijun), "firewall"], options.verbose)
    with tempfile.TemporaryDirectory() as work:
        judge_lists(judge, options, options.keep or work)
        judge_ufw(judge, options)
        judge_firewalld(judge, options, work)
    print("rows %d, closed but open %d, certain but closed %d, as the dump says %d of %d" % (
        judge.rows, judge.closed, judge.certain, judge.as_dump, judge.measured))
    failed = judge.closed + judge.certain + judge.measured - judge.as_dump
    print("%d passed, %d failed" % (max(judge.rows - failed, 0), failed))
    return 1 if failed or not judge.rows else 0


if __name__ == "__main__":
    sys.exit(main())
