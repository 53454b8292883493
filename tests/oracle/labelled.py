#!/usr/bin/env python3
"""kijun against the labelled host trees of the corpus: other people's verdicts on whole hosts.

For each group, labelled/GROUP.yml is a policy whose rules have the ids of the labelled rules (with - for _);
`{{variable}}` stands for the case's variable. labelled/GROUP.tsv explains what we judge otherwise, and names the
labelled rules that no policy of ours decides:

    rule <TAB> product <TAB> scenario <TAB> verdict <TAB> why        globs; verdict: what kijun says instead
    rule <TAB> *       <TAB> *        <TAB> -       <TAB> why        not decided by our sources

A disagreement without an explanation fails, and so does an explanation that explains nothing.
"""

import argparse
import concurrent.futures
import fnmatch
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from oracle_common import find_kijun, skip

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "shared")


class Explanations:
    """What GROUP.tsv says; remembers which lines were needed."""

    def __init__(self, path):
        self.lines, self.used = [], set()
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                if line.strip() and not line.startswith("#"):
                    fields = line.rstrip("\n").split("\t")
                    if len(fields) != 5 or not fields[4].strip():
                        sys.exit("%s:%d: five fields with tabs between, the last of them the reason" % (path, number))
                    self.lines.append((number, fields))

    def undecided(self, rule):
        for number, fields in self.lines:
            if fields[3] == "-" and fnmatch.fnmatchcase(rule, fields[0]):
                self.used.add(number)
                return True
        return False

    def explains(self, case, verdict):
        for number, (rule, product, scenario, said, _) in self.lines:
            if (said == verdict and fnmatch.fnmatchcase(case["rule"], rule) and
                    fnmatch.fnmatchcase(case["product"], product) and fnmatch.fnmatchcase(case["scenario"], scenario)):
                self.used.add(number)
                return True
        return False

    def unused(self):
        return [line for line in self.lines if line[0] not in self.used]


def policy_for(template, variables, folder):
    """The path of the policy with the case's variables filled in; None and the name of one that the case lacks."""
    names = sorted(set(re.findall(r"\{\{(\w+)\}\}", template)))
    values = tuple(str(variables.get(n, "")) for n in names)
    path = os.path.join(folder, "%08x.yml" % (hash(values) & 0xFFFFFFFF))
    if not os.path.exists(path):
        text = re.sub(r"\{\{(\w+)\}\}", lambda m: str(variables.get(m.group(1), "")), template)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    return path


def split_rules(text):
    """(head, {rule id: its text}) of a policy: one rule is loaded at a time, with one case's variables."""
    head, rest = text.split("\nrules:\n", 1)
    parts = re.split(r"(?m)^(?=  - id: )", rest)
    return head + "\nrules:\n", {re.match(r"  - id: (\S+)", p).group(1): p for p in parts if p.startswith("  - id: ")}


def judge(kijun, policy, rule, folder):
    """kijun's verdict of a rule on a case, and its message."""
    run = subprocess.run([kijun, "scan", "-p", policy, "-o", "json", "--today", "2026-11-28", folder],
                         capture_output=True, timeout=60, env=dict(os.environ, LC_ALL="C", TZ="UTC", NO_COLOR="1"))
    try:
        report = json.loads(run.stdout)
        finding = [f for f in report["subjects"][0]["findings"] if f["rule"] == rule][0]
    except (ValueError, IndexError, KeyError):
        return "died", "status %d: %s" % (run.returncode, run.stderr.decode("utf-8", "replace")[-800:])
    found = "; ".join("%s:%s found %s" % (e["artifact"], e["line"], e.get("found", "")) for e in finding["evidence"][:2])
    return finding["verdict"], "%s [%s]" % (finding["message"], found)


def run_group(options, group, cases, work):
    """(agreed, explained, undecided, problems) of one group."""
    base = os.path.join(HERE, "labelled", group)
    with open(base + ".yml", encoding="utf-8") as f:
        head, rules = split_rules(f.read())
    known = Explanations(base + ".tsv")
    jobs, undecided, problems = [], 0, []
    for case in cases:
        rule = case["rule"].replace("_", "-")
        if options.rule and not fnmatch.fnmatchcase(case["rule"], options.rule):
            continue
        if rule in rules:
            folder = os.path.join(work, group + "-" + rule)
            os.makedirs(folder, exist_ok=True)
            jobs.append((case, rule, policy_for(head + rules[rule], case["variables"], folder)))
        elif known.undecided(case["rule"]):
            undecided += 1
        else:
            problems.append("%s: neither a rule in labelled/%s.yml nor a reason in %s.tsv" % (case["rule"], group, group))
    agreed = explained = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda j: judge(options.kijun, j[2], j[1], j[0]["folder"]), jobs)
        for (case, rule, _), (verdict, message) in zip(jobs, answers):
            if verdict == case["expected"]:
                agreed += 1
            elif known.explains(case, verdict):
                explained += 1
            else:
                problems.append("%s\n    label %s, kijun %s: %s" % (case["folder"], case["expected"], verdict, message))
    if not options.rule:
        problems += ["labelled/%s.tsv:%d explains nothing: %s" % (group, n, " ".join(f[:4])) for n, f in known.unused()]
    return agreed, explained, undecided, sorted(set(problems))


def read_cases(folder):
    cases = {}
    for path in sorted(glob.glob(os.path.join(folder, "*", "*", "*", "case.json"))):
        with open(path, encoding="utf-8") as f:
            case = json.load(f)
        case["folder"] = os.path.dirname(path)
        cases.setdefault(case["group"], []).append(case)
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", required=True)
    parser.add_argument("--groups", help="only these, with commas between")
    parser.add_argument("--rule", help="only these labelled rules (a glob)")
    parser.add_argument("--unpacked", help="a folder that holds the unpacked trees already")
    options = parser.parse_args()
    options.kijun = find_kijun(options.kijun)
    groups = options.groups.split(",") if options.groups else sorted(
        os.path.basename(p)[:-4] for p in glob.glob(os.path.join(HERE, "labelled", "*.yml")))
    pack = os.path.join(SHARED, "corpus", "linux", "labelled.jsonl.gz")
    if not options.unpacked and not os.path.exists(pack):
        skip("the labelled host trees are not here (%s)" % os.path.normpath(pack))
    with tempfile.TemporaryDirectory(prefix="kijun-labelled-") as work:
        trees = options.unpacked
        if not trees:
            trees = os.path.join(work, "trees")
            subprocess.run([sys.executable, os.path.join(SHARED, "tools", "labelled.py"), pack, trees, "--groups",
                            ",".join(groups)], check=True, stdout=subprocess.DEVNULL)
        cases, failed, total = read_cases(trees), 0, 0
        for group in groups:
            agreed, explained, undecided, problems = run_group(options, group, cases.get(group, []), work)
            for line in problems:
                print("FAILED " + line)
            print("%-22s %3d agreed, %3d explained, %3d not decided by our sources, %3d failed" % (
                group, agreed, explained, undecided, len(problems)))
            failed, total = failed + len(problems), total + agreed + explained
    print("%d passed, %d failed" % (total, failed))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
