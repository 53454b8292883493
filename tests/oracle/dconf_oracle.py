#!/usr/bin/env python3
"""Compares `kijun show dconf` with dconf and GSettings over generated trees of /etc/dconf.

`dconf update` compiles each tree in a chroot, `dconf dump`, `dconf list-locks` and `gsettings` say what holds. kijun is
asked twice: with the compiled files in the tree (it must read them), and with keyfiles alone (it must foresee them, and
which mistake makes `dconf update` fail).
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common
from own_root import Root, own_namespace

KNOWN = {  # key → (schema, name)
    "/org/gnome/desktop/session/idle-delay": ("org.gnome.desktop.session", "idle-delay"),
    "/org/gnome/desktop/screensaver/lock-enabled": ("org.gnome.desktop.screensaver", "lock-enabled"),
    "/org/gnome/desktop/screensaver/lock-delay": ("org.gnome.desktop.screensaver", "lock-delay"),
    "/org/gnome/desktop/lockdown/disable-lock-screen": ("org.gnome.desktop.lockdown", "disable-lock-screen"),
}
STAND_IN = "GVariant\n"  # a compiled file whose content the collector left out

# --- generated trees ----------------------------------------------------------------------------------------------

GOOD = ["uint32 600", "uint32 0", "uint32 0600", "uint32 0x1f", "true", "false", "600", "-5", "'text'", '"te\'xt"',
        "'a\\nb'", "'\\u3042'", "''", "@as []", "['a', 'b']", "[1, 2, 3]", "[1, uint32 2]", "(1, 'a')", "('a',)", "()",
        "{'a': <1>}", "{'a': 1, 'b': 2}", "<uint32 5>", "1.5", "5.", ".5", "1e3", "double 5", "int64 -9000000000",
        "uint64 18446744073709551615", "byte 200", "just 'x'", "[just 1, nothing]", "@mi nothing", "b'abc'",
        "objectpath '/a/b'", "signature 'a{sv}'", "@a{sv} {}", "[[], [1]]", "[(1, 'a'), (2, 'b')]", "+5",
        "uint16 65535", "boolean true", "string 'x'", "@u 5", " uint32  7 ", "{'a', 1}", "[<1>, <'b'>]", "@(su) ('x', 1)",
        "@aas [['a'], []]", "@a{us} {1: 'x'}", "[true, false]", "(true, uint32 5, 'x', 2.5, byte 1)", "@ab []"]
BAD = ["True", "yes", "", "600s", "uint32 -1", "3000000000", "byte 300", "[]", "{}", "[1, 'a']", "text", "'open",
       "1 # note", "uint32 true", "('a')", "[1,]", "nothing", "0x", "08", "objectpath 'a'", "'a' 'b'", "'\\u00'",
       "uint32", "@q 70000", "<1", "[1 2]", "{1: 2, 'a': 3}", "@z 1", "int16 70000", "uint32 600;", "false,"]
GROUPS = ["org/gnome/desktop/session", "org/gnome/desktop/screensaver", "org/gnome/desktop/lockdown", "a", "a/b", "/"]
BAD_LINES = ["x", "x y", "[a]x", "[a", "=1", "[a/]\nx=1", "[/a]\nx=1", "[a//b]\nx=1", "x/=1", "[]", "[a[b]", "x[ja=1",
             "[a\tb]", "Encoding=1"]
ODD_LINES = ["# note", "", "  ", "#x=True", "x[ja]='a'", "y/z=1", "x y=1", "[/c]", "[ d ]\nx=1", ";x=1", "  # z",
             "[b]\t", "\tw=1"]


def value_for(r, key):
    if r.random() < 0.03:
        return r.choice(BAD)
    if key in ("idle-delay", "lock-delay"):
        return r.choice(["uint32 600", "uint32 300", "uint32 0", "uint32 900", "600", "@u 120", "int64 5", "'600'"])
    if key in ("lock-enabled", "disable-lock-screen"):
        return r.choice(["true", "false", "true", "boolean true", "'true'", "1"])
    return r.choice(GOOD)


def keyfile(r, clean):
    lines = []
    for _ in range(r.randint(1, 3)):
        group = r.choice(GROUPS)
        lines.append("[%s]" % group)
        keys = {"session": ["idle-delay"], "screensaver": ["lock-enabled", "lock-delay"],
                "lockdown": ["disable-lock-screen"]}.get(group.split("/")[-1], ["x", "y", "z", "idle-delay"])
        for key in r.sample(keys, r.randint(1, len(keys))):
            value = r.choice(GOOD) if clean and key in "xyz" else value_for(r, key)
            if clean and value in BAD:
                value = "true"
            lines.append(r.choice(["", "", "", " "]) + key + r.choice(["=", "=", " = ", "\t="]) + value)
        if r.random() < 0.2:
            lines.append(r.choice(ODD_LINES))
        if not clean and r.random() < 0.02:
            lines.append(r.choice(BAD_LINES))
    if not clean and r.random() < 0.01:
        lines.insert(0, r.choice(["x=1", "\ufeff"]))
    end = r.choice(["\n"] * 12 + ["\r\n"])
    return end.join(lines) + r.choice([end] * 8 + [""])


def locks(r):
    lines = []
    for _ in range(r.randint(1, 4)):
        key = r.choice(list(KNOWN) * 2 + ["/a/x", "/a/b/y", "/x", "/org/gnome/desktop/", "/none"])
        lines.append(r.choice([key] * 10 + [key + " ", " " + key, "#" + key, key.rstrip("y") + "\t"]))
    return r.choice(["\n"] * 12 + ["\r\n"]).join(lines) + r.choice(["\n"] * 8 + [""])


def profile(r):
    first = r.choice(["user-db:user"] * 8 + ["service-db:keyfile/user", "system-db:local", "# note", "user-db:own"])
    rest = r.sample(["system-db:local", "system-db:site", "system-db:distro", "system-db:none", "file-db:/etc/dconf/db/site",
                     "system-db:", "nonsense", "user-db:user", "# system-db:local", "  system-db:site  # the site's"],
                    r.randint(1, 4))
    return "\n".join([first] + rest) + r.choice(["\n"] * 6 + [""])


def database(r, files, name, clean):
    for file in r.sample(["00-a", "10-b", "Z", "a", "é", ".hidden"], r.randint(1, 3)):
        files["etc/dconf/db/%s.d/%s" % (name, file)] = keyfile(r, clean)
    for file in r.sample(["00", "locks", ".x"], r.choice([0, 1, 1, 2])):
        files["etc/dconf/db/%s.d/locks/%s" % (name, file)] = locks(r)


def generate(seed):
    """(files, files that were compiled before them or None, the user's own keyfile or None)."""
    r = random.Random(seed)
    files = {}
    for name in r.sample(["local", "site", "distro"], r.randint(1, 3)):
        database(r, files, name, False)
    if r.random() < 0.93:
        files["etc/dconf/profile/user"] = profile(r)
    before = None
    if r.random() < 0.4:
        before = {}
        for name in ("local", "site"):
            database(r, before, name, True)
    return files, before, keyfile(r, True) if r.random() < 0.4 else None


# --- dconf --------------------------------------------------------------------------------------------------------

TYPES = r"(?:uint32|uint16|uint64|int16|int64|byte|handle|objectpath|signature|@[a-z(){}]+) "


def plain(text):
    """A value as dconf prints it, as kijun shows it: without types; a string at the top without quotes."""
    parts = re.split(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", text)
    maybe = text.startswith("@m")
    parts[0::2] = [re.sub(r"0x[0-9a-f]{2}", lambda m: str(int(m.group(), 16)), re.sub(TYPES, "", p)) for p in parts[0::2]]
    if not maybe and len(parts) == 3 and not parts[0] and not parts[2]:
        letters = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
        return re.sub(r"\\(.)", lambda m: letters.get(m.group(1), m.group(1)), parts[1][1:-1])
    return "".join(parts)


def read_dump(text):
    values, group = {}, None
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            group = "/" if line == "[/]" else "/%s/" % line[1:-1]
        elif line:
            key, _, value = line.partition("=")
            values[group + key] = plain(value)
    return values


class Dconf:
    def __init__(self, root):
        self.root = root

    def update(self):
        """False when one of the databases was refused; {name} of those."""
        run = self.root.run(["dconf", "update", "/etc/dconf/db"])
        return set(re.findall(r"db/(\w+)\.d: ", run.stderr.decode("utf-8", "replace")))

    def compiled(self):
        folder = os.path.join(self.root.path, "etc/dconf/db")
        return {n: open(os.path.join(folder, n), "rb").read() for n in os.listdir(folder)
                if os.path.isfile(os.path.join(folder, n))}

    def ask(self, home, *args):
        run = self.root.run(list(args), {"HOME": home, "XDG_RUNTIME_DIR": "/tmp", "GSETTINGS_BACKEND": "dconf"})
        return run.stdout.decode("utf-8", "replace")


# --- comparison ---------------------------------------------------------------------------------------------------

def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def compare_values(answer, dump, scope):
    """What kijun has in force against what dconf has; known keys of a wrong type are GSettings' matter."""
    have = {s["key"]: s for s in answer["settings"] if s["scope"] == scope and s["state"] == "effective"}
    problems = []
    for key in sorted(set(dump) | set(have)):
        want, shown = dump.get(key), have[key]["value"] if key in have else None
        if key in KNOWN or want == shown or (want and shown and number(want) == number(shown)):
            continue
        problems.append("%s%s: dconf has %r, kijun %r" % (key, " [%s]" % scope if scope else "", want, shown))
    return problems


def compare_locks(answer, listed):
    everything = "/" in listed
    return ["%s: dconf says locked %s, kijun %s" % (s["key"], everything or s["key"] in listed, s["locked"])
            for s in answer["settings"] if not s["scope"] and (everything or s["key"] in listed) != s["locked"]]


def compare_known(dconf, answer, r):
    problems = []
    for key, (schema, name) in r.sample(sorted(KNOWN.items()), 2):
        value = plain(dconf.ask("/root", "gsettings", "get", schema, name).strip())
        writable = dconf.ask("/root", "gsettings", "writable", schema, name).strip() == "true"
        have = [s for s in answer["settings"] if s["key"] == key and not s["scope"]][0]
        shown = have["value"]
        if have["state"] == "not_in_force":  # what is shown then is not what holds
            shown = {"idle-delay": "300", "lock-enabled": "true", "lock-delay": "0"}.get(name, "false")
        if shown != value or have["locked"] == writable:
            problems.append("%s: gsettings has %s, writable %s; kijun %s, locked %s" % (
                key, value, writable, shown, have["locked"]))
    return problems


def named_databases(files):
    """The databases that the tree's profile names, as kijun must see them."""
    text = files.get("etc/dconf/profile/user", "user-db:user\n")
    return {m.group(1) for m in re.finditer(r"(?m)^\s*(?:system-db:|file-db:/etc/dconf/db/)(\w+)", text)}


def judge(kijun, dconf, tally, name, made, seed):
    files, before, own = made
    r = random.Random(seed + "/known")
    tree = tally.tree(name, files)
    if before:
        old = tally.tree(name + "-before", before)
        dconf.root.load(old)
        shutil.rmtree(old)
        dconf.update()
        kept = dconf.compiled()
        common.write_tree(tree, {"etc/dconf/db/" + n: c for n, c in kept.items()})
    dconf.root.load(tree)
    refused = dconf.update()
    if own:
        common.write_tree(tree, {"tmp/own.d/a": own})
        dconf.root.load(tree)
        dconf.update()
        dconf.root.run(["mkdir", "-p", "/home/alice/.config/dconf"])
        for db in ("user", "own"):
            dconf.root.run(["dconf", "compile", "/home/alice/.config/dconf/" + db, "/tmp/own.d"])
    dump = read_dump(dconf.ask("/root", "dconf", "dump", "/"))
    listed = set(dconf.ask("/root", "dconf", "list-locks", "/").split("\n")) - {""}
    problems = []
    # 1: the compiled files are in the tree
    for n, content in dconf.compiled().items():
        common.write_tree(tree, {"etc/dconf/db/" + n: content})
    if own:
        shutil.copytree(os.path.join(dconf.root.path, "home"), os.path.join(tree, "home"), dirs_exist_ok=True)
    # a name that the profile gives and /etc does not have is shown absent by the complete copy of /etc
    answer = common.kijun_show(kijun, "dconf", tree)
    missing = refused & named_databases(files) - set(dconf.compiled())
    state = "effective" if "etc/dconf/profile/user" in files else "not_collected"
    if answer["state"] != state:
        problems.append("with compiled files kijun says %s: %s" % (answer["state"], answer.get("message", "")))
    problems += compare_values(answer, dump, "") + compare_locks(answer, listed)
    problems += compare_known(dconf, answer, r)
    if own:
        mine = read_dump(dconf.ask("/home/alice", "dconf", "dump", "/"))
        scoped = [s for s in answer["settings"] if s["scope"] == "user alice"]
        for s in scoped:
            if s["state"] == "effective" and number(mine.get(s["key"], "")) != number(s["value"]):
                problems.append("alice has %s = %r, kijun says %r" % (s["key"], mine.get(s["key"]), s["value"]))
        for key in sorted(k for k in mine if mine[k] != dump.get(k) and k not in KNOWN):
            if key not in {s["key"] for s in scoped}:
                problems.append("alice has %s = %r, kijun shows no scope for it" % (key, mine[key]))
    # 2: keyfiles alone; what was compiled before is not known then
    for n in dconf.compiled():
        common.write_tree(tree, {"etc/dconf/db/" + n: STAND_IN})
    answer = common.kijun_show(kijun, "dconf", tree)
    doubtful = (refused & named_databases(files)) - missing
    if state == "effective" and (answer["state"] == "error") != bool(doubtful):
        problems.append("'dconf update' refused %s, kijun says %s" % (sorted(refused) or "nothing", answer["state"]))
    stale = bool(before)
    if state == "effective" and not doubtful and not stale:
        problems += ["keyfiles alone: " + p for p in compare_values(answer, dump, "") + compare_locks(answer, listed)]
    return tree, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=60, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    own_namespace({"dconf": "dconf-cli", "gsettings": "libglib2.0-bin"})
    schemas = subprocess.run(["gsettings", "get", "org.gnome.desktop.session", "idle-delay"], capture_output=True)
    if schemas.returncode != 0:
        common.skip("no schemas of GNOME here (package gsettings-desktop-schemas)")
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("dconf")
    root = Root(tally.work)
    dconf = Dconf(root)
    for i in range(args.count) if args.only is None else [args.only]:
        seed = "%s/%d" % (args.seed, i)
        tree = None
        try:
            tree, found = judge(kijun, dconf, tally, "%04d" % i, generate(seed), seed)
        except common.KijunError as e:
            found = [str(e)]
        tally.note(tree or os.path.join(tally.work, "%04d" % i), "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    root.close()
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
