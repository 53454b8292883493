#!/usr/bin/env python3
"""Runs the built kijun on every folder of cases/ and compares what it prints, byte by byte.

A case holds: cmd (one line, the arguments after `kijun`; {tmp} is an empty folder made for the case), status (the exit
status, written by hand: it is a contract, so --update leaves it alone), expected.out, expected.err when standard error
counts too, and setup.sh when files are needed (run by sh inside {tmp}; exit 77 skips the case). Dumps that several cases
use are in dumps/. The program runs in the project's root with TZ=UTC, LC_ALL=C and NO_COLOR=1; {tmp}'s path is written
back as {tmp} in what it printed.
"""

import argparse
import difflib
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENT = {"TZ": "UTC", "LC_ALL": "C", "NO_COLOR": "1", "HOME": "/nonexistent",
               "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
SKIPPED = 77
# Kept from the caller: where the shared corpus is, and how the sanitizers behave.
PASSED_ON = ("KIJUN_SHARED", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


class Case:
    def __init__(self, folder):
        self.folder, self.name = folder, os.path.basename(folder)

    def file(self, name):
        return os.path.join(self.folder, name)

    def run(self, kijun, tmp):
        """(status, stdout, stderr) of the program, or None when the setup skips the case."""
        env = dict(ENVIRONMENT, **{k: os.environ[k] for k in PASSED_ON if k in os.environ})
        if os.path.exists(self.file("setup.sh")):
            setup = subprocess.run(["sh", "-eu", self.file("setup.sh")], cwd=tmp, env=env, capture_output=True)
            if setup.returncode == SKIPPED:
                return None
            if setup.returncode != 0:
                raise OSError("setup.sh fails: " + setup.stderr.decode("utf-8", "replace"))
        command = (read(self.file("cmd")) or b"").decode("utf-8").strip()
        args = [arg.replace("{tmp}", tmp) for arg in shlex.split(command)]
        run = subprocess.run([kijun] + args, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                             timeout=120)
        return run.returncode, *(out.replace(tmp.encode(), b"{tmp}") for out in (run.stdout, run.stderr))

    def compare(self, name, got, update):
        """Lines of a diff with the expectation; none when equal, or when there is none to hold standard error to."""
        path = self.file(name)
        want = read(path)
        if update and (want is not None or name == "expected.out"):
            write(path, got)
            return []
        if want is None:
            return ["no expected.out yet: look at it, then --update"] if name == "expected.out" else []
        def lines(data):
            return data.decode("utf-8", "backslashreplace").splitlines(keepends=True)
        return [line.rstrip("\n") for line in difflib.unified_diff(lines(want), lines(got), name, "printed")]

    def problems(self, kijun, update):
        """What differs, or None when the case is skipped."""
        with tempfile.TemporaryDirectory(prefix="kijun-golden-") as tmp:
            try:
                result = self.run(kijun, tmp)
            finally:
                subprocess.run(["chmod", "-R", "u+rwX", tmp], check=False)
        if result is None:
            return None
        status, out, err = result
        wanted = int((read(self.file("status")) or b"-1").strip() or b"-1")
        found = self.compare("expected.out", out, update) + self.compare("expected.err", err, update)
        if status != wanted:
            found.append("exit status %d, wanted %d" % (status, wanted))
            found += ["stderr: " + line for line in err.decode("utf-8", "replace").splitlines()[:20]]
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--update", action="store_true", help="rewrite expected.out, and expected.err where it exists")
    parser.add_argument("name", nargs="*", help="cases to run (default: all)")
    args = parser.parse_args()
    kijun = os.path.abspath(args.kijun)
    if not os.access(kijun, os.X_OK):
        sys.exit("no program '%s' (build it first, or name it with --kijun)" % args.kijun)
    cases = os.path.join(HERE, "cases")
    names = args.name or sorted(n for n in os.listdir(cases) if os.path.isdir(os.path.join(cases, n)))
    passed = failed = skipped = 0
    for name in names:
        try:
            found = Case(os.path.join(cases, name)).problems(kijun, args.update)
        except (OSError, ValueError, subprocess.TimeoutExpired) as e:
            found = [str(e)]
        skipped += found is None
        passed += found == []
        failed += bool(found)
        if found:
            print("FAILED %s" % name)
            print("\n".join("  " + line for line in found))
    print("%d passed, %d failed" % (passed, failed) + (", %d skipped" % skipped if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
