#!/usr/bin/env python3
"""Measures `kijun firewall`: the largest public dumps of ../shared (where they are), and long lists of rules made up here.

    tests/bench/firewall.py [--kijun build/kijun] [--runs 3] [--rules 100000,1000000]

For each dump and question: the best of the runs' seconds of processor time, the peak of resident memory and the bytes of
JSON. Questions: the whole dump (every hook and interface, and the review), one hook, one sender. Standard library only.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PUBLIC = ("chair-iptables-20.10.2013.dump", "chair-iptables-save-2015-05-13-10-53-20.dump",
          "chair-ip6tables-save-2016-03-16-13-53-28.dump")
QUESTIONS = ([], ["--hook", "input"], ["--hook", "forward"], ["--hook", "input", "--from", "203.0.113.9"])


def make_rules(path, count):
    rnd = random.Random(count)
    with open(path, "w") as file:
        file.write("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n")
        for _ in range(count):
            address = "%d.%d.%d.%d" % (rnd.randrange(1, 224), *(rnd.randrange(256) for _ in range(3)))
            file.write("-A INPUT -s %s/32 -p tcp -m tcp --dport %d -j ACCEPT\n" % (address, rnd.choice((22, 80, 443, 3306))))
        file.write("COMMIT\n")


def run(command, out):
    """(seconds, kibibytes, exit status) of one run in a process of its own, whose children are counted alone."""
    pid = os.fork()
    if pid == 0:
        status = subprocess.run(command, stdout=open(out, "wb"), stderr=subprocess.DEVNULL).returncode
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(out + ".used", "w") as file:
            print(used.ru_utime + used.ru_stime, used.ru_maxrss, status, file=file)
        os._exit(0)
    os.waitpid(pid, 0)
    with open(out + ".used") as file:
        seconds, memory, status = file.read().split()
    return float(seconds), int(memory), int(status)


def measure(kijun, dump, question, runs, folder):
    out = os.path.join(folder, "out.json")
    results = [run([kijun, "firewall", "-o", "json", *question, dump], out) for _ in range(runs)]
    seconds, memory, status = min(results)
    note = "" if status == 0 else "  status %d" % status
    print("%-50s %-34s %7.2f s %6d MiB %12d bytes%s" % (
        os.path.basename(dump), " ".join(question) or "all", seconds, memory // 1024, os.path.getsize(out), note))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default=os.path.join(ROOT, "build", "kijun"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rules", default="100000,1000000", help="lengths of the made lists, with commas")
    options = parser.parse_args()
    corpus = os.path.join(os.environ.get("KIJUN_SHARED", os.path.join(ROOT, "..", "shared")), "corpus/firewall/iptables")
    with tempfile.TemporaryDirectory() as folder:
        for name in PUBLIC:
            for question in QUESTIONS if os.path.exists(os.path.join(corpus, name)) else ():
                measure(options.kijun, os.path.join(corpus, name), question, options.runs, folder)
        for count in map(int, filter(None, options.rules.split(","))):
            path = os.path.join(folder, "%d.rules" % count)
            make_rules(path, count)
            for question in QUESTIONS:
                measure(options.kijun, path, question, 1, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
