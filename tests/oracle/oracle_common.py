"""What the oracle tests share: export trees on disk, the case format, kijun's answer, the closing line."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77  # meson's exit status for a skipped test

PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
sshd:x:102:65534::/run/sshd:/usr/sbin/nologin
alice:x:1000:1000:Alice:/home/alice:/bin/bash
bob:x:1001:1001:Bob:/home/bob:/bin/bash
carol:x:1002:1002:Carol:/home/carol:/bin/sh
deploy:x:1003:1003:Deploy:/home/deploy:/bin/bash
"""
GROUP = """root:x:0:
daemon:x:1:
nogroup:x:65534:
alice:x:1000:
bob:x:1001:
carol:x:1002:
deploy:x:1003:
wheel:x:10:alice
staff:x:50:alice,bob
sftponly:x:1100:carol
"""
OS_RELEASE = """PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
"""
# The files that make a tree a complete copy of a host's /etc.
HOST_FILES = {
    "etc/passwd": PASSWD,
    "etc/group": GROUP,
    "etc/os-release": OS_RELEASE,
    "etc/hostname": "oracle01\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


class Link(str):
    """The content of a tree's entry that is a symbolic link: its target."""


def to_bytes(content):
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")


def write_tree(root, files):
    """Write {path: str, bytes or Link} under root; parents are made; a path that ends in '/' is an empty folder."""
    for path, content in files.items():
        full = os.path.join(root, path)
        if path.endswith("/"):
            os.makedirs(full, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if isinstance(content, Link):
            os.symlink(content, full)
            continue
        with open(full, "wb") as f:
            f.write(to_bytes(content))


def resolve(root, path):
    """The file that a tree's path means when symbolic links are followed inside the tree."""
    todo, real = path.strip("/").split("/"), root
    for _ in range(100):
        if not todo:
            return real
        step = os.path.join(real, todo.pop(0))
        if os.path.islink(step):
            target = os.readlink(step)
            todo = target.strip("/").split("/") + todo
            real = root if target.startswith("/") else real
        else:
            real = os.path.normpath(step)
    raise OSError("too many links: '%s'" % path)


def read_case(path):
    """Read a .tree file: (options, files).

    Lines before the first '--- ' are 'name: value' options or '#' comments. '--- PATH' starts a file, '--- PATH (crlf)'
    one with CRLF line ends, '--- PATH (cut)' one without its last newline, '--- PATH -> TARGET' is a symbolic link,
    and a PATH that ends in '/' an empty folder.
    """
    options, files, name, flag = {}, {}, None, None
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as f:
        lines = f.read().split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    body = {}
    for line in lines:
        if line.startswith("--- "):
            name, flag = line[4:], None
            if " -> " in name:
                name, target = name.split(" -> ", 1)
                files[name] = Link(target)
                name = None
                continue
            for mark in ("crlf", "cut"):
                if name.endswith(" (%s)" % mark):
                    name, flag = name[: -len(mark) - 3], mark
            body[name] = (flag, [])
        elif name is not None:
            body[name][1].append(line)
        elif line and not line.startswith("#"):
            key, value = line.split(":", 1)
            options.setdefault(key.strip(), []).append(value.strip())
    for name, (flag, lines) in body.items():
        end = "\r\n" if flag == "crlf" else "\n"
        text = "".join(line + end for line in lines)
        files[name] = text[: -len(end)] if flag == "cut" and text else text
    return options, files


class KijunError(Exception):
    pass


def kijun_show(kijun, source, tree, *options):
    """The answer of `kijun show SOURCE TREE -o json`, checked for the members that the contract promises."""
    run = subprocess.run([kijun, "show", source, tree, "-o", "json", *options], capture_output=True, timeout=60,
                         env=dict(os.environ, LC_ALL="C", TZ="UTC", NO_COLOR="1"))
    err = run.stderr.decode("utf-8", "replace").strip()
    if run.returncode < 0 or "Sanitizer" in err:
        raise KijunError("kijun died (status %d): %s" % (run.returncode, err[-2000:]))
    try:
        answer = json.loads(run.stdout)
    except ValueError as e:
        raise KijunError("kijun printed no JSON (status %d): %s; %s" % (run.returncode, e, err[-500:])) from e
    missing = {"schema", "source", "state", "settings"} - set(answer)
    if missing or answer["schema"] != 1 or answer["source"] != source:
        raise KijunError("kijun's JSON breaks the contract: %s" % json.dumps(answer)[:300])
    for s in answer["settings"]:
        missing = {"key", "value", "scope", "artifact", "line", "default", "overrides"} - set(s)
        if missing:
            raise KijunError("a setting lacks %s: %s" % (", ".join(sorted(missing)), json.dumps(s)[:300]))
    return answer


def find_kijun(path):
    """The absolute path of the program under test; ends the run when it isn't there."""
    if not os.access(path, os.X_OK):
        print("no program '%s' (build it first, or name it with --kijun)" % path, file=sys.stderr)
        sys.exit(2)
    return os.path.abspath(path)


def skip(why):
    print("skipped: " + why)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(SKIPPED)


def open_trees(name):
    """{(seed, tree)} of an oracle's known disagreements (open.tsv): each is printed, and none is forgotten when mended."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "open.tsv")
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    return {(row[1], row[2]) for row in rows if row[0] == name and row[3]}


class Tally:
    """Counts trees, prints each mismatch, keeps the trees of the mismatches."""

    def __init__(self, name):
        self.work = tempfile.mkdtemp(prefix="kijun-%s-" % name)
        self.passed = self.failed = self.open = 0
        self.known = open_trees(name)

    def tree(self, name, files):
        root = os.path.join(self.work, name)
        write_tree(root, dict(HOST_FILES, **files))
        return root

    def note(self, tree, again, problems):
        """One tree is judged: no problems means passed."""
        seed, only = re.search(r"--seed (\S+)", again), re.search(r"--only (\d+)", again)
        known = bool(seed and only and (seed.group(1), only.group(1)) in self.known)
        if known and problems:
            self.open += 1
            print("OPEN %s: %s" % (again, problems[0]))
            shutil.rmtree(tree)
            return
        if known:
            problems = ["this tree agrees now: take it out of open.tsv"]
        if not problems:
            self.passed += 1
            shutil.rmtree(tree)
            return
        self.failed += 1
        print("FAILED %s" % tree)
        print("  again: %s" % again)
        for line in problems[:40]:
            print("  " + line)
        if len(problems) > 40:
            print("  … and %d more lines" % (len(problems) - 40))

    def close(self):
        """Print the closing line; the exit status."""
        if self.failed == 0:
            shutil.rmtree(self.work, ignore_errors=True)
        print("%d passed, %d failed%s" % (self.passed, self.failed, ", %d open" % self.open if self.open else ""))
        return 1 if self.failed or not (self.passed or self.open) else 0
