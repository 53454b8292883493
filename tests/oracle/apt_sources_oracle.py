#!/usr/bin/env python3
"""Compares `kijun show apt_sources` with apt's own library over generated sources.list and sources.list.d.

Debian's python3-apt asks the library (pkgSourceList), which is told where the files are by Dir::Etc; it needs no network and
no lists for this question. Which key a source names is not to be had from it.
"""

import argparse
import json
import os
import random
import subprocess
import sys

import oracle_common as common

URIS = ["http://deb.example/debian", "https://deb.example/debian/", "http://mirror.example:8080/x", "file:/srv/repo", "cdrom:[Debian 12]/"]
SUITES = ["stable", "bookworm-security", "bookworm/updates", "./", "sub/dir/"]
OPTIONS = ["arch=amd64", "trusted=yes", "trusted=no", "signed-by=/usr/share/keyrings/k.gpg", "allow-insecure=yes", "lang=none",
           "trusted=true", "check-valid-until=no"]
WRONG = ["deb", "deb http://a.example/", "deb http://a.example/ stable", "dep http://a.example/ s main", "deb noturi stable main",
         "deb http://a.example/ ./ main", "deb [trusted] http://a.example/ s main", "deb [trusted=] http://a.example/ s main",
         "deb [arch=amd64 http://a.example/ s main", "[x]", "rpm http://a.example/ s main"]
WRONG_STANZAS = ["Types: deb\nURIs: http://a.example\n", "URIs: http://a.example\nSuites: s\nComponents: main\n",
                 "Types: dep\nURIs: http://a.example\nSuites: s\nComponents: main\n",
                 "Types: deb\nURIs: http://a.example\nSuites: s\n", "Types: deb\nURIs: a.example\nSuites: s\nComponents: main\n",
                 "Types: deb\nURIs: http://a.example\nSuites: ./\nComponents: main\n"]


def one_line(r, uri):
    suite = r.choice(SUITES)
    chosen = r.sample(OPTIONS, r.choice([0, 0, 1, 2]))
    options = ["", "[%s] " % " ".join(chosen), "[ %s ] " % "  ".join(chosen)][bool(chosen) + (bool(chosen) and r.random() < 0.5)]
    components = "" if suite.endswith("/") else " " + r.choice(["main", "main contrib", "main  non-free-firmware"])
    text = "%s %s%s %s%s" % (r.choice(["deb", "deb", "deb-src"]), options, uri, suite, components)
    return r.choice(["", "", "", "  ", "\t"]) + text + r.choice(["", "", "", " # note", "#note", "  ", "\r"])


def stanza(r, uris):
    suites = r.choice([["stable"], ["bookworm", "bookworm-updates"], ["./"]])
    fields = ["Types: " + r.choice(["deb", "deb deb-src", "deb-src"]), "URIs: " + r.choice([" ", "\n ", "  "]).join(uris),
              "Suites: " + r.choice([" ", "\n  "]).join(suites)]
    if suites != ["./"]:
        fields.append("Components: main" + r.choice(["", " contrib"]))
    if r.random() < 0.4:
        fields.append(r.choice(["Enabled: no", "Enabled: yes", "enabled: false", "Enabled: maybe", "Enabled: 0"]))
    if r.random() < 0.3:
        fields.append(r.choice(["Trusted: yes", "Trusted: no", "trusted: true"]))
    if r.random() < 0.4:
        fields.append("Signed-By: /usr/share/keyrings/k.gpg")
    if r.random() < 0.2:
        fields.append("Architectures: amd64")
    r.shuffle(fields)
    if r.random() < 0.3:
        fields.insert(r.randint(0, len(fields)), "# comment: x")
    return "\n".join(fields) + "\n"


def generate(seed):
    r = random.Random(seed)
    files, n = {"etc/apt/sources.list.d/": ""}, [0]

    def uri():
        n[0] += 1
        return r.choice(URIS[:4]).rstrip("/") + "/r%d" % n[0] + r.choice(["", "/"])
    if r.random() < 0.7:
        files["etc/apt/sources.list"] = "\n".join(
            r.choice(["# deb http://x.example/ s main", ""]) if r.random() < 0.3 else one_line(r, uri()) for _ in range(r.randint(0, 4))) + "\n"
    for name in r.sample(["a.list", "b.sources", "c.list", "d.sources", "e.list.bak", "f", "g.list~", "h:i.list", ".j.list", "k.sources"],
                         r.choice([0, 1, 2, 3])):
        if name.endswith(".sources"):
            text = r.choice(["\n", "\n\n", "\n \n"]).join(stanza(r, [uri() for _ in range(r.choice([1, 1, 2]))])
                                                        for _ in range(r.randint(1, 3)))
        else:
            text = "\n".join(one_line(r, uri()) for _ in range(r.randint(0, 3))) + "\n"
        if r.random() < 0.12:
            text += "\n" + (r.choice(WRONG_STANZAS) if name.endswith(".sources") else r.choice(WRONG) + "\n")
        files["etc/apt/sources.list.d/" + name] = text
    return files


PYTHON = "/usr/bin/python3"


def answer_sources():
    """Run by Debian's python3: for each tree of standard input a line of JSON: the rows, or null when apt stops."""
    import apt_pkg  # python3-apt: only Debian's python3 has it
    apt_pkg.init_config()
    for key in ("APT::Architecture", "APT::Architectures"):
        apt_pkg.config.set(key, "amd64")
    apt_pkg.init_system()
    for line in sys.stdin:
        tree = line.rstrip("\n")
        apt_pkg.config.set("Dir::Etc", tree + "/etc/apt/")
        apt_pkg.config.set("Dir::State", tree + "/state")
        sources, rows = apt_pkg.SourceList(), set()
        try:
            sources.read_main_list()
        except apt_pkg.Error as e:
            print(json.dumps([None, str(e)]), flush=True)
            continue
        for m in sources.list:
            for f in m.index_files:
                words = f.describe.split(" (")[0].split()  # URI SUITE/COMPONENT [ARCH] Packages|Sources
                if words[-1] in ("Packages", "Sources"):
                    component = "" if m.dist.endswith("/") else words[1][len(m.dist) + 1:]
                    rows.add(("deb" if words[-1] == "Packages" else "deb-src", m.uri, m.dist, component, m.is_trusted))
        print(json.dumps([sorted(rows), ""]), flush=True)


def ask_apt(trees):
    run = subprocess.run([PYTHON, "-W", "ignore", os.path.abspath(__file__), "--answer-sources"], capture_output=True, timeout=300,
                         input="".join(t + "\n" for t in trees).encode(), env=dict(os.environ, LC_ALL="C.UTF-8", APT_CONFIG="/dev/null"))
    answers = [json.loads(line) for line in run.stdout.decode().splitlines()]
    if len(answers) != len(trees):
        sys.exit("apt's library died: " + run.stderr.decode()[-2000:])
    return answers


def expand(answer):
    rows = set()
    for r in answer.get("rows", []):
        if r["enabled"] != "no":
            for component in r["components"].split() or [""]:
                rows.add((r["type"], r["uri"], r["suite"], component, r["trusted"] == "yes"))
    return rows


def judge(args, tree, want, errors):
    answer = common.kijun_show(args.kijun, "apt_sources", tree)
    if want is None:
        return [] if answer["state"] == "not_in_force" else ["apt stops (%s), kijun says %s" % (errors, answer["state"])]
    if answer["state"] not in ("effective", "absent"):
        return ["apt is content, kijun says %s: %s" % (answer["state"], answer.get("message"))]
    want, have = {tuple(w) for w in want}, expand(answer)
    return ["apt has %s" % (w,) for w in sorted(want - have)] + ["kijun has %s" % (h,) for h in sorted(have - want)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--answer-sources", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.answer_sources:
        return answer_sources()
    if not os.path.exists(PYTHON) or subprocess.run([PYTHON, "-c", "import apt_pkg"], capture_output=True).returncode:
        common.skip("no python3-apt")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("apt-sources")
    numbers = range(args.count) if args.only is None else [args.only]
    trees = [tally.tree("%04d" % i, dict(generate("%s/%d" % (args.seed, i)), **{"state/lists/partial/": ""})) for i in numbers]
    for i, tree, (want, errors) in zip(numbers, trees, ask_apt(trees)):
        try:
            problems = judge(args, tree, want, errors)
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
