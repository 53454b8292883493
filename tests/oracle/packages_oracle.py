#!/usr/bin/env python3
"""Compares `kijun show packages` with dpkg over generated status files.

dpkg-query reads each file by --admindir; then kijun is shown the file itself, the list of `dpkg -l` and that of
`dpkg-query -W`, which must all give what dpkg says (the last without the status).
"""

import argparse
import os
import random
import shutil
import subprocess
import sys

import oracle_common as common

STATUSES = ["install ok installed"] * 8 + ["deinstall ok config-files", "hold ok installed", "purge ok not-installed",
            "install ok unpacked", "install ok half-configured", "install reinstreq half-installed",
            "install ok triggers-pending", "install ok triggers-awaited", "deinstall ok installed"]
VERSIONS = ["1.0", "1:2.3-4", "0~rc1-1", "2.36-9+deb12u10", "20230101", "3.1.4-1ubuntu2.1", "1.2.3+dfsg-0.1~bpo12+1", "1-1-1"]
ARCHS = ["amd64", "amd64", "amd64", "all", "i386"]


def stanza(r, name, arch):
    status, multi = r.choice(STATUSES), r.choice(["same", "same", "foreign", None])
    if "triggers-pending" in status:
        extra = ["Triggers-Pending: ldconfig"]
    elif "triggers-awaited" in status:
        extra = ["Triggers-Awaited: libc-bin"]
    else:
        extra = []
    fields = ["Status: " + status, "Architecture: " + arch, "Version: " + r.choice(VERSIONS), "Maintainer: A <a@b.example>",
              "Description: short\n Version: 9.9\n .\n Package: no"] + extra
    if arch in ("i386", "amd64") and multi == "same":
        fields.append("Multi-Arch: same")
    r.shuffle(fields)
    first = ["Package: " + name]
    fields = first + fields if r.random() < 0.8 else fields[:1] + first + fields[1:]
    if r.random() < 0.2:
        fields = [f.split(":", 1)[0].swapcase() + ":" + f.split(":", 1)[1] for f in fields]
    if r.random() < 0.2:
        fields = [f.replace(": ", ":", 1) if "\n" not in f else f for f in fields]
    return "\n".join(fields) + "\n"


def generate(seed):
    r = random.Random(seed)
    names = r.sample(["bash", "libc6", "g++", "python3.11", "lib32z1", "xfonts-75dpi", "a2ps", "0ad", "linux-image-6.1.0-1-amd64",
                      "unattended-upgrades", "x11-utils", "r-base"], r.randint(1, 10))
    return r.choice(["\n", "\n", "\n\n"]).join(stanza(r, n, r.choice(ARCHS)) for n in names)


def ask(folder, *words):
    run = subprocess.run(["dpkg-query", "--admindir=" + folder] + list(words), capture_output=True, timeout=30,
                         env=dict(os.environ, LC_ALL="C", COLUMNS="400"))
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def rows(kijun, tree, with_status):
    answer = common.kijun_show(kijun, "packages", tree)
    return sorted((r["name"], r["version"], r["arch"], r["status"] if with_status else "") for r in answer.get("rows", [])
                  if r["status"] != "not-installed")


def judge(args, tally, number, text):
    name = "%04d" % number
    folder = os.path.join(tally.tree(name, {"var/lib/dpkg/status": text, "var/lib/dpkg/available": "", "var/lib/dpkg/updates/": "",
                                            "var/lib/dpkg/info/format": "1\n", "var/lib/dpkg/triggers/": ""}))
    status, out, errors = ask(folder + "/var/lib/dpkg", "-W", "-f", r"${Package}|${Version}|${Architecture}|${db:Status-Status}\n")
    if status not in (0, 1) or "error" in errors and "no packages found" not in errors:
        return folder, ["dpkg refuses the file: " + errors]
    want = sorted(tuple(line.split("|")) for line in out.split("\n") if line and not line.endswith("|not-installed"))
    have = rows(args.kijun, folder, True)
    problems = [] if have == want else ["status file: dpkg %s, kijun %s" % (want, have)]
    for words, captured, with_status in ((["-l"], "dpkg_-l.txt", True), (["-W"], "dpkg-query_-W.txt", False)):
        listed = ask(folder + "/var/lib/dpkg", *words)[1]
        tree = tally.tree(name + words[0], {"captured/" + captured: listed})
        # `dpkg-query -W` names the architecture only where a package may have several
        cut = [(n, v, a if with_status else "", s if with_status else "") for n, v, a, s in want]
        have = rows(args.kijun, tree, with_status) if want else []
        have = [(n, v, a if with_status else "", s) for n, v, a, s in have]
        if have != cut:
            problems.append("%s: dpkg %s, kijun %s" % (captured, cut, have))
        else:
            shutil.rmtree(tree)
    return folder, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100, help="how many files to generate; each is judged in three forms")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge file N alone")
    args = parser.parse_args()
    if not shutil.which("dpkg-query"):
        common.skip("no dpkg-query")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("packages")
    for i in range(args.count) if args.only is None else [args.only]:
        try:
            tree, problems = judge(args, tally, i, generate("%s/%d" % (args.seed, i)))
        except common.KijunError as e:
            tree, problems = tally.work, [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
