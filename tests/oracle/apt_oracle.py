#!/usr/bin/env python3
"""Compares `kijun show apt` with `apt-config dump` over generated trees of /etc/apt (apt.conf.d, apt.conf, includes).

apt reads each tree in a mount namespace of the test's own, where the tree's etc/apt lies over /etc/apt. Half of the
trees are then judged once more as an export that holds the dump, which must say the same.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

# Keys that a tree does not need to set for apt to have them: computed while apt starts, after the files were read.
COMPUTED = re.compile(r"^(APT::(Architecture|Architectures::|Compressor::.*|Sandbox::User|Acquire::Translation)|Acquire::.*|"
                      r"DPkg::.*|Binary|Binary::.*|CommandLine|CommandLine::.*|Dir::State::(status|extended_states)|"
                      r"Dir::Cache::Backup|Dir::Bin::.*|Dir::Log::.*|RootDir|Dir::Ignore-Files-Silently::|"
                      r"Dir::Etc::.*|Dir::Boot)$", re.I)
# What kijun adds for those who ask (policies/sources/linux/apt.yml); apt-config does not know it.
ASKED = re.compile(r"^(APT::Periodic::|Unattended-Upgrade::|APT::Get::AllowUnauthenticated|Acquire::)", re.I)

ODD = re.compile("^$|^::|::::")  # names that make a new item each time, as a list does

NAMES = ["APT::Periodic::Enable", "APT::Periodic::Update-Package-Lists", "APT::Periodic::Unattended-Upgrade",
         "Unattended-Upgrade::Automatic-Reboot", "Unattended-Upgrade::Mail", "Acquire::http::Proxy", "A::B", "A::B::C",
         "A", "Dir::Log", "APT::Install-Recommends", "Acquire::Languages", "x::y-z_1", "A::::B", "A:::B", "::A"]
LISTS = ["Unattended-Upgrade::Allowed-Origins", "Unattended-Upgrade::Origins-Pattern", "DPkg::Post-Invoke", "A::B",
         "APT::NeverAutoRemove", "APT::Build-Essential", "Unattended-Upgrade::Package-Blacklist"]
VALUES = ["0", "1", "7", "always", "true", "false", "", "origin=Debian,label=Debian-Security", "${distro_id}:stable",
          "http://proxy.example:3128/", "a b", "a\tb", "/* x */", "# x", "// x", "a;b", "{}", "100%", "%41b", "a'b", "é",
          "x" * 900, "x" * 1100, "a\\b", "[x", "3d"]


# --- generated trees ----------------------------------------------------------------------------------------------

def cased(r, name):
    return r.choice([name] * 6 + [name.lower(), name.upper(), name.swapcase()])


def blank(r):
    return r.choice([""] * 5 + [" ", "  ", "\t", "\n", "\n\n", "\n  ", " /* c */ ", " // c\n", " # c\n", "\r\n"])


def value(r):
    text = r.choice(VALUES)
    kind = r.random()
    if kind < 0.8 or re.search(r"[\s;{}#]|//|/\*|^$", text):
        return '"%s"' % text
    return text if kind < 0.9 else '"%s"%s"%s"' % (text[:2], r.choice(["", " ", "  "]), text[2:])


def assignment(r, depth):
    if r.random() < 0.3:
        return "%s:: %s;" % (cased(r, r.choice(LISTS)), value(r))
    name = cased(r, r.choice(NAMES))
    if depth:
        name = name.split("::")[-1] or name
    return "%s%s%s;" % (name, r.choice([" ", "  ", "\t", "\n", " \n "]), value(r))


def block(r, depth):
    name = cased(r, r.choice(LISTS if r.random() < 0.6 else NAMES))
    inner = []
    for _ in range(r.randint(0, 4)):
        kind = r.random()
        inner.append("%s;" % value(r) if kind < 0.4 else assignment(r, depth + 1) if kind < 0.8 or depth > 2
                     else block(r, depth + 1))
    opening = r.choice([" {", "{", "\n{", ' "x" {'] if r.random() < 0.2 else [" {", "{"])
    return name + opening + "".join(blank(r) + i + blank(r) for i in inner) + r.choice(["}", "};", "};", "};", "} ;"])


def directive(r, includes):
    kind = r.random()
    if kind < 0.6:
        return "#clear %s;" % cased(r, r.choice(LISTS + NAMES))
    if kind < 0.9 and includes:
        return '#include %s;' % r.choice(['"%s"', "%s"]) % r.choice(includes)
    return r.choice(["#clear A", "# clear A::B;", "#clear A::B ;", '#clear "A";', "#CLEAR A;"])


MISTAKES = ["A::B \"x\"", "};", "} }", "{ };", "A { #clear A; };", '"A" "b" c;', "A b c;", "A \"unclosed;\n", "#clear;",
            "#unknown x;", "#include \"/etc/apt/none\";", "A [b;", "A { \"v\" };", "A::B = \"x\";", "/* never closed",
            "A \"x\" \"y;", "* x;", "\\", "A::B 'x y';", "#include \"/etc/apt/loop\";", "#clear A B;", ";;;", "\"\" x;",
            "A \"a\nb\";", "A::B %22;"]


def conf_file(r, includes, wrong):
    parts = []
    for _ in range(r.randint(0, 7)):
        kind = r.random()
        parts.append(assignment(r, 0) if kind < 0.5 else block(r, 0) if kind < 0.8 else directive(r, includes)
                     if kind < 0.9 else r.choice(["// c", "# c", "/* c */", "/* c\n c */", "//", "#", "/* // */", "# /*"]) + "\n")
    if wrong:
        parts.insert(r.randint(0, len(parts)), r.choice(MISTAKES))
    return "".join(blank(r) + p + r.choice(["\n", "\n", "\n", " ", ""]) for p in parts)


FILE_NAMES = ["00a", "10b.conf", "20auto-upgrades", "50unattended-upgrades", "9x", "Z", "a_b", "a:b", "70debconf",
              "x.bak", "y.conf~", ".hidden", "z.dpkg-old", "q.conf.conf", "w.", "v.conf.", "u v", "t+", "S.CONF", "é.conf"]


def generate(seed):
    """The files of the tree, below etc/apt."""
    r = random.Random(seed)
    includes = ["/etc/apt/inc/one", "/etc/apt/inc/", "/etc/apt/inc.conf"] if r.random() < 0.3 else []
    files = {"etc/apt/apt.conf.d/": ""}
    mistakes = r.random() < 0.3
    for name in r.sample(FILE_NAMES, r.choice([1, 2, 3, 4, 5])):
        files["etc/apt/apt.conf.d/" + name] = conf_file(r, includes, mistakes and r.random() < 0.4)
    if r.random() < 0.4:
        files["etc/apt/apt.conf"] = conf_file(r, includes, False)
    if includes:
        files["etc/apt/inc/one"] = conf_file(r, ["/etc/apt/inc.conf"], False)
        files["etc/apt/inc/two.bak"] = conf_file(r, [], True)
        files["etc/apt/inc.conf"] = conf_file(r, [], r.random() < 0.1)
    if mistakes:
        files["etc/apt/loop"] = "#include \"/etc/apt/loop\";\n"
    if r.random() < 0.05:
        files["etc/apt/apt.conf.d/00main"] = 'Dir::Etc::main "other.conf";\n'
        files["etc/apt/other.conf"] = 'A::Other "1";\n'
    if r.random() < 0.05:
        files["etc/apt/apt.conf.d/01mark"] = b"\xef\xbb\xbf" + conf_file(r, [], False).encode("utf-8", "surrogateescape")
    return files


# --- apt ----------------------------------------------------------------------------------------------------------

ASK = """for tree in "$@"; do
  mount --bind "$tree/etc/apt" /etc/apt || exit 1
  apt-config dump >"$tree/dump" 2>"$tree/errors"; echo $? >"$tree/status"
  umount /etc/apt
done"""


def ask_apt(trees):
    subprocess.run(["unshare", "-m", "sh", "-c", ASK, "sh"] + trees, check=True, timeout=600,
                   env=dict(os.environ, LC_ALL="C", APT_CONFIG="/dev/null"))


def read_dump(tree):
    """([(key, value)] or None when apt fails, what it said)."""
    status, errors, dump = (open(os.path.join(tree, name), "rb").read().decode("utf-8", "surrogateescape")
                            for name in ("status", "errors", "dump"))
    if status.strip() != "0":
        return None, errors
    lines = re.findall(r'(?m)^(\S*) "(.*)";$', dump)
    return [(key, text) for key, text in lines if text], errors


# --- comparison ---------------------------------------------------------------------------------------------------

def in_force(answer):
    return [(s["key"], s["value"]) for s in answer["settings"] if s.get("state") != "not_in_force" and
            not (s["default"] and ASKED.match(s["key"]))]


def of_files(pairs):
    return [(k, v) for k, v in pairs if not COMPUTED.match(k)]


def printable(text):
    """kijun shows bytes that are no UTF-8 as it shows them everywhere; they are not at issue here."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def compare(want, errors, answer):
    if want is None:
        return [] if answer["state"] == "not_in_force" else ["apt fails (%s), kijun says %s" % (
            errors.strip().split("\n")[0], answer["state"])]
    # With no file that it reads, kijun says that the host has none, and shows the defaults.
    if answer["state"] not in ("effective", "absent"):
        return ["apt is content, kijun says %s: %s" % (answer["state"], answer.get("message"))]
    want = [(printable(k), printable(v)) for k, v in of_files(want)]
    have = of_files(in_force(answer))
    problems = ["apt has %s \"%s\", kijun has not" % p for p in want if want.count(p) > have.count(p)]
    problems += ["kijun has %s \"%s\", apt has not" % p for p in have if have.count(p) > want.count(p)]
    if not problems and want != have:
        problems.append("the order differs: %s against %s" % (want, have))
    return problems


def judge(args, work, tree, number):
    want, errors = read_dump(tree)
    problems = compare(want, errors, common.kijun_show(args.kijun, "apt", tree))
    if want is not None and number % 2 == 0:
        os.makedirs(os.path.join(tree, "captured"))
        shutil.move(os.path.join(tree, "dump"), os.path.join(tree, "captured", "apt-config_dump.txt"))
        answer = common.kijun_show(args.kijun, "apt", tree)
        problems += ["with the dump: " + p for p in compare(want, errors, answer)]
        problems += ["with the dump: %s \"%s\" is said not to be in force" % (s["key"], s["value"]) for s in answer["settings"]
                     if "configured" in s.get("note", "") and (s["key"], s["value"]) in want and not ODD.search(s["key"])]
    return [p if len(p) < 200 else p[:200] + "…" for p in problems]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=300, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    if not shutil.which("apt-config"):
        common.skip("no apt-config")
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        common.skip("only root may put a tree over /etc/apt in a mount namespace")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("apt")
    numbers = range(args.count) if args.only is None else [args.only]
    trees = [tally.tree("%04d" % i, generate("%s/%d" % (args.seed, i))) for i in numbers]
    for i in range(0, len(trees), 200):
        ask_apt(trees[i:i + 200])
    for i, tree in zip(numbers, trees):
        try:
            problems = judge(args, tally.work, tree, i)
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
