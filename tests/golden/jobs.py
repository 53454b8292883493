#!/usr/bin/env python3
"""The report is the same to the byte for every number of threads, locale, time zone and working folder.

    tests/golden/jobs.py [--kijun build/kijun]
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WAYS = [
    (["-j", "1"], {}),
    (["-j", "2"], {"LC_ALL": "ja_JP.UTF-8", "TZ": "Asia/Tokyo"}),
    (["-j", "7"], {"LC_ALL": "C", "TZ": "America/New_York"}),
]


def fleet_of_copies(folder):
    """Enough hosts that threads overtake each other."""
    fleet = os.path.join(folder, "fleet")
    for host in sorted(os.listdir(os.path.join(ROOT, "samples", "fleet"))):
        path = os.path.join(ROOT, "samples", "fleet", host)
        for i in range(8 if os.path.isdir(path) else 0):
            shutil.copytree(path, os.path.join(fleet, "%s-%d" % (host, i)), symlinks=True)
    return fleet


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default=os.path.join(ROOT, "build", "kijun"))
    kijun = os.path.abspath(parser.parse_args().kijun)
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        fleet = fleet_of_copies(folder)
        for form in ("text", "json"):
            command = [kijun, "scan", "--today", "2026-11-23", "-o", form]
            outputs = {subprocess.run(command + more + [fleet], capture_output=True, env={**os.environ, **env}).stdout
                       for more, env in WAYS}
            same = len(outputs) == 1 and b"" not in outputs
            passed += same
            failed += not same
            if not same:
                print("FAILED %s: %d different reports" % (form, len(outputs)))
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
