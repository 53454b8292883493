#!/usr/bin/env python3
"""Compares `kijun show repos` with dnf itself over generated dnf.conf and yum.repos.d.

Debian's python3-dnf reads the tree's files as dnf does before it does anything; it needs neither rpm's database nor a network.
"""

import argparse
import json
import os
import random
import subprocess
import sys

import oracle_common as common

PYTHON = "/usr/bin/python3"
BOOLEANS = ["0", "1", "yes", "no", "True", "FALSE", "on", "off", "2", "maybe", "", "enabled"]
IDS = ["base", "updates", "epel", "epel-testing", "a.b", "x_1", "Extra"]
ASKED = ("enabled", "gpgcheck", "repo_gpgcheck", "sslverify")


# --- generated trees ----------------------------------------------------------------------------------------------

def option(r, key, value):
    text = "%s%s%s" % (key, r.choice(["=", "=", " = ", "= ", " ="]), value)
    return text + r.choice(["", "", "", "  "])


def repo(r, name):
    lines = ["[%s]" % name]
    body = ["name=" + name, "baseurl=http://mirror.example/%s/" % name]
    if r.random() < 0.2:
        body[1] = "baseurl = http://mirror.example/%s/\n  http://other.example/%s/" % (name, name)
    for key in ASKED:
        if r.random() < 0.5:
            body.append(option(r, key, r.choice(BOOLEANS[:8] if r.random() < 0.8 else BOOLEANS)))
            if r.random() < 0.15:
                body.append(option(r, key, r.choice(BOOLEANS[:8])))
    r.shuffle(body)
    if r.random() < 0.3:
        body.insert(r.randint(0, len(body)), r.choice(["# enabled=0", ";enabled=0", "", "#"]))
    return "\n".join(lines + body) + "\n"


def generate(seed):
    r = random.Random(seed)
    main = "".join(option(r, k, r.choice(BOOLEANS[:8])) + "\n" for k in ASKED[1:] if r.random() < 0.4)
    files = {"etc/yum.repos.d/": "", "etc/dnf/dnf.conf": "[main]\n" + main}
    if r.random() < 0.15:
        files["etc/dnf/dnf.conf"] += repo(r, r.choice(IDS))
    for name in r.sample(["a.repo", "b.repo", "Z.repo", "9.repo", "c.repo.rpmsave", "d.conf", "README"], r.randint(1, 4)):
        files["etc/yum.repos.d/" + name] = r.choice(["", "", "\n"]).join(repo(r, i) for i in r.sample(IDS, r.randint(0, 3)))
    return files


# --- dnf ----------------------------------------------------------------------------------------------------------

def answer_repos():
    """Run by Debian's python3: for each tree of standard input a line of JSON: {id: [enabled, gpgcheck, …]}."""
    import dnf  # only Debian's python3 has it
    import logging
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        tree = line.rstrip("\n")
        base = dnf.Base()
        base.conf.substitutions.update(releasever="9", arch="x86_64", basearch="x86_64")
        base.conf.config_file_path = tree + "/etc/dnf/dnf.conf"
        answer = None
        try:
            base.conf.read(base.conf.config_file_path)
            base.conf.reposdir = [tree + "/etc/yum.repos.d"]
            base.conf.varsdir = []
            base.read_all_repos()
            answer = {i: [bool(getattr(repo, key)) for key in ASKED] for i, repo in base.repos.items()}
        except Exception as e:
            answer = {"": str(e)}
        print(json.dumps(answer), flush=True)


def ask_dnf(trees):
    run = subprocess.run([PYTHON, "-W", "ignore", os.path.abspath(__file__), "--answer-repos"], capture_output=True, timeout=300,
                         input="".join(t + "\n" for t in trees).encode(), env=dict(os.environ, LC_ALL="C.UTF-8"))
    answers = [json.loads(line) for line in run.stdout.decode().splitlines()]
    if len(answers) != len(trees):
        sys.exit("dnf died: " + run.stderr.decode()[-2000:])
    return answers


# --- comparison ---------------------------------------------------------------------------------------------------

def judge(args, tree, want):
    if "" in want:
        return ["dnf refuses: " + want[""]]
    answer = common.kijun_show(args.kijun, "repos", tree)
    have = {r["id"]: [r[key] == "yes" for key in ASKED] for r in answer.get("rows", [])}
    return ["%s: dnf %s, kijun %s" % (i, want.get(i), have.get(i)) for i in sorted(set(want) | set(have)) if want.get(i) != have.get(i)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--answer-repos", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.answer_repos:
        return answer_repos()
    if not os.path.exists(PYTHON) or subprocess.run([PYTHON, "-c", "import dnf"], capture_output=True).returncode:
        common.skip("no python3-dnf")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("repos")
    numbers = range(args.count) if args.only is None else [args.only]
    trees = [tally.tree("%04d" % i, generate("%s/%d" % (args.seed, i))) for i in numbers]
    for i, tree, want in zip(numbers, trees, ask_dnf(trees)):
        try:
            problems = judge(args, tree, want)
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
