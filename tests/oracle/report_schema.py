#!/usr/bin/python3
"""The JSON report of the sample fleet, and of a run with errors, against include/kijun/report.schema.json, by Debian's python3-jsonschema; and the shipped
policies and sources against their schemas. The schemas themselves are checked too.

    tests/oracle/report_schema.py [--kijun build/kijun]
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return json.load(f)


def report_of(kijun, *exports):
    run = subprocess.run([kijun, "scan", "--today", "2026-11-23", "-o", "json", *exports], capture_output=True, cwd=ROOT)
    return json.loads(run.stdout.decode("utf-8", "strict"))


def broken_fleet(folder):
    for name, text in (("good", b"ID=debian\n"), ("odd \xff\x1b[31m", b"\x00\x01\x02"), ("empty", None)):
        path = os.path.join(os.fsencode(folder), name, b"etc") if isinstance(name, bytes) else os.path.join(
            os.fsencode(folder), name.encode("latin-1"), b"etc")
        os.makedirs(path)
        if text is not None:
            with open(os.path.join(path, b"os-release"), "wb") as f:
                f.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default=os.path.join(ROOT, "build", "kijun"))
    kijun = os.path.abspath(parser.parse_args().kijun)
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    schemas = ["include/kijun/report.schema.json", *sorted(glob.glob("policies/*.schema.json", root_dir=ROOT))]
    passed, failed = 0, 0
    for path in schemas:
        jsonschema.Draft202012Validator.check_schema(load(path))
        passed += 1
    validator = jsonschema.Draft202012Validator(load(schemas[0]))
    with tempfile.TemporaryDirectory() as folder:
        broken_fleet(folder)
        for exports in (["samples/fleet"], ["samples/fleet/half01"], [folder]):
            problems = [e.message for e in validator.iter_errors(report_of(kijun, *exports))]
            passed += not problems
            failed += bool(problems)
            for problem in problems[:5]:
                print("FAILED %s: %s" % (exports, problem))
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
