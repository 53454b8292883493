#!/usr/bin/env python3
"""Measures `kijun scan` over a large fleet made of copies of the sample hosts.

    tests/bench/fleet.py [--kijun build/kijun] [--hosts 1000] [--distinct] [--jobs 1,2]

Prints seconds, hosts a second and the peak of resident memory for each number of threads, and fails when the reports
differ. The copies are hard links, so kijun meets every artifact many times over, as in a fleet built from one image;
--distinct adds a comment to the configuration files of each copy, so that no two are the same.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "..", "..", "samples", "fleet")
OWN_NAME = ("etc/hostname",)  # says which host it is, so never shared


def sample_hosts(samples):
    return sorted(n for n in os.listdir(samples)
                  if os.path.isdir(os.path.join(samples, n)) and n not in ("registers", "records", "approved"))


def copy_host(source, target, name, distinct):
    """A copy of a host's export under another name."""
    def copy(src, dst):
        if os.path.relpath(dst, target) in OWN_NAME:
            with open(dst, "w", encoding="utf-8") as f:
                f.write(name + "\n")
            return
        if not distinct:
            os.link(src, dst)
            return
        shutil.copyfile(src, dst)
        with open(dst, "r+b") as f:
            data = f.read()
            if re.search(rb"^#", data, re.M) and b"\0" not in data and data.endswith(b"\n"):
                f.write(b"# " + name.encode() + b"\n")
    shutil.copytree(source, target, copy_function=copy, symlinks=True)


def fleet_file(text, copies):
    """The sample's fleet.yml with a line for every copy in its hosts. Waivers name hosts that are gone: left out."""
    blocks = re.split(r"^(?=\S)", text, flags=re.M)
    out = []
    for block in blocks:
        if block.startswith("waivers:"):
            continue
        if block.startswith("hosts:"):
            lines = dict(re.findall(r"^  ([\w.-]+):(.*)$", block, re.M))
            block = "hosts:\n" + "".join("  %s:%s\n" % (copy, lines[host]) for copy, host in copies if host in lines)
        out.append(block)
    return "".join(out)


def build_fleet(samples, folder, count, distinct):
    hosts = sample_hosts(samples)
    copies = [("%s-%05d" % (hosts[i % len(hosts)], i), hosts[i % len(hosts)]) for i in range(count)]
    for name, host in copies:
        copy_host(os.path.join(samples, host), os.path.join(folder, name), name, distinct)
    with open(os.path.join(samples, "fleet.yml"), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(folder, "fleet.yml"), "w", encoding="utf-8") as f:
        f.write(fleet_file(text, copies))


def scan(kijun, fleet, jobs, report):
    """(seconds, peak resident memory in MiB) of one run; its JSON report goes to the file `report`.

    The kernel counts this process's own memory (about 15 MiB) as the child's until it starts the program.
    """
    with open(report, "wb") as out, open(report + ".err", "wb") as err:
        start = time.monotonic()
        command = [kijun, "scan", "--quiet", "-j", str(jobs), "-o", "json", fleet]
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        with open(report + ".err", encoding="utf-8", errors="replace") as f:
            sys.exit("kijun ends with status %d: %s" % (process.returncode, f.read()[-2000:]))
    return seconds, usage.ru_maxrss / 1024


def read(path):
    with open(path, "rb") as f:
        return f.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--samples", default=SAMPLES)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--jobs", default="1,2", help="numbers of threads, with commas")
    parser.add_argument("--distinct", action="store_true", help="no two hosts share a configuration file")
    args = parser.parse_args()
    kijun = os.path.abspath(args.kijun)
    if not os.access(kijun, os.X_OK):
        sys.exit("no program '%s' (build it first, or name it with --kijun)" % args.kijun)
    # Hard links need one file system: TMPDIR chooses it.
    with tempfile.TemporaryDirectory(prefix="kijun-bench-", dir=os.environ.get("TMPDIR", "/tmp")) as work:
        fleet = os.path.join(work, "fleet")
        os.mkdir(fleet)
        try:
            build_fleet(args.samples, fleet, args.hosts, args.distinct)
        except OSError as e:
            sys.exit("no links at '%s' (%s): set TMPDIR to the samples' file system, or --distinct" % (fleet, e))
        reports = []
        for jobs in args.jobs.split(","):
            reports.append(os.path.join(work, "report-" + jobs))
            seconds, peak = scan(kijun, fleet, int(jobs), reports[-1])
            print("-j%s: %d hosts in %.2f s, %.0f hosts/s, peak %.0f MiB" % (
                jobs, args.hosts, seconds, args.hosts / seconds, peak), flush=True)
        if any(read(r) != read(reports[0]) for r in reports):
            sys.exit("the reports differ between the numbers of threads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
