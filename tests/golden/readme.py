#!/usr/bin/env python3
"""Every YAML example of policies/README.md is a policy that lints and whose examples hold.

    tests/golden/readme.py [--kijun build/kijun]

A block begins with ```yaml and the line `# example: NAME.yml`.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def blocks(text):
    for body in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S):
        name = re.match(r"# example: (\S+\.yml)\n", body)
        yield (name.group(1) if name else None), body


def check(kijun, folder, name, body):
    if not name:
        return "a block of YAML without the line '# example: NAME.yml': %s…" % body[:60].strip()
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(body)
    for command in ("lint", "test"):
        run = subprocess.run([kijun, command, path], capture_output=True, text=True)
        if run.returncode != 0:
            return "kijun %s %s ends with %d\n%s%s" % (command, name, run.returncode, run.stdout, run.stderr)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default=os.path.join(ROOT, "build", "kijun"))
    kijun = os.path.abspath(parser.parse_args().kijun)
    with open(os.path.join(ROOT, "policies", "README.md"), encoding="utf-8") as f:
        found = list(blocks(f.read()))
    failed = 0 if found else 1
    with tempfile.TemporaryDirectory() as folder:
        for name, body in found:
            problem = check(kijun, folder, name, body)
            failed += problem is not None
            if problem:
                print("FAILED %s\n  %s" % (name, problem))
    print("%d passed, %d failed" % (len(found) - min(failed, len(found)), failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
