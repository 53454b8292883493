#!/usr/bin/env python3
"""Compares `kijun show ssh TREE -o json` with what the real ssh prints (`ssh -G`) for generated and fixed trees.

ssh reads each tree in a chroot, as several users and for several hosts; what kijun shows in scopes is evaluated for each of
these connections here. Needs root and OpenSSH's ssh; skips elsewhere.
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys

import oracle_common as common
from openssh_chroot import Chroot, own_namespace
from sshd_oracle import ALGORITHMS, expand_algorithms, pattern_list
from ssh_generate import Tree, probes

HERE = os.path.dirname(os.path.abspath(__file__))

# ssh prints a line for each value of these.
MANY = {"dynamicforward", "localforward", "remoteforward", "identityfile", "certificatefile", "sendenv", "setenv"}
GATHER = MANY - {"setenv"}
# Nothing is printed for "none".
NONE_IS_NOTHING = {"localcommand", "remotecommand", "proxycommand", "proxyjump", "controlpath", "revokedhostkeys",
                   "pkcs11provider", "securitykeyprovider", "knownhostscommand"}
# Keys of which kijun may say nothing, or only its own default.
OF_THE_BUILD = ALGORITHMS | {"securitykeyprovider", "xauthlocation", "gssapikexalgorithms", "pkcs11provider"}
# Heeded in blocks that do not hold, too.
ANYWHERE = {"syslogfacility", "streamlocalbindmask"}
# The connection's own, not the configuration's.
NOT_COMPARED = {"host"}


# --- the scopes of kijun's settings -------------------------------------------------------------------------------

class Connection:
    """A run of ssh: who runs it for which host, and what the configuration has made of that so far."""

    def __init__(self, local, host, user):
        self.local, self.original, self.user = local, host, user
        self.hostname = None  # HostName
        self.second = False   # the files are read again

    def name(self):
        if self.second:
            return (self.hostname or self.original).lower()
        return (self.hostname or self.original).replace("%h", self.original)


def words_of(scope):
    return [w.strip('"') for w in re.findall(r'"[^"]*"|\S+', scope)]


def criterion_holds(name, pattern, c):
    if name in ("final", "canonical"):
        return c.second
    if name == "host":
        return pattern_list(c.name(), pattern, fold=True)
    if name == "originalhost":
        return pattern_list(c.original, pattern, fold=True)
    if name == "user":
        return pattern_list(c.user or c.local, pattern)
    if name == "localuser":
        return pattern_list(c.local, pattern)
    if name == "exec":
        return pattern == "true"
    raise common.KijunError("kijun's scope has the unknown criterion '%s'" % name)


def block_holds(text, c):
    """Of a Host ("host a b !c") or Match ("match user root host a,b") line as it is now."""
    words = words_of(text)
    if words[0] == "host":
        return pattern_list(c.name() if c.second else c.original, ",".join(words[1:]))
    words.pop(0)
    while words:
        name = words.pop(0)
        pattern = "" if name in ("final", "canonical") else words.pop(0)
        if criterion_holds(name.lstrip("!"), pattern, c) == name.startswith("!"):
            return False
    return True


def holds(scope, c):
    return all(block_holds(text, c) for text in scope.split(" / ")) if scope else True


class Lines:
    """The lines of a tree's files: which Host or Match a line stands under."""

    def __init__(self, tree):
        self.tree, self.files = tree, {}

    def block(self, setting):
        """The keyword and the criteria of the block around a setting, in lower case; ("", "") outside of all."""
        path = setting["artifact"]
        if path not in self.files:
            with open(common.resolve(self.tree, path), encoding="utf-8", errors="replace") as f:
                self.files[path] = f.read().split("\n")
        for line in reversed(self.files[path][: setting["line"]]):
            m = re.match(r"\s*(host|match)\b[\s=]*(.*)", line, re.I)
            if m:
                return m.group(1).lower(), m.group(2).lower()
        return "", ""


def settings_for(answer, local):
    """The settings that concern a local user, the user's own first, with scopes freed of the user's name."""
    mine, system = [], []
    prefix = "localuser %s" % local
    for s in answer["settings"]:
        if s["state"] == "not_in_force":
            continue
        if not s["artifact"].startswith(("home/", "root/")):
            system.append(s)
        elif s["artifact"].startswith(("home/%s/" % local, local + "/")):
            mine.append(dict(s, scope=s["scope"][len(prefix):].lstrip(" /")))
    return mine + system


def in_order(settings, lines):
    """(settings of the first pass, all settings with what only a second pass finds last, is there a second pass)"""
    first, second = [], []
    for s in settings:
        words = words_of(s["scope"].replace("/", " "))
        kind, text = ("", "") if s["default"] else lines.block(s)
        late = "final" in words or "canonical" in words or (
            not s["scope"] and s["key"] not in ANYWHERE and kind == "match" and re.search(r"(^|\s)(final|canonical)\b", text))
        (second if late else first).append(s)
    return first, second


def values_for(settings, lines, c, again):
    """{key: [values]} and the keys that are defaults, for a connection."""
    result, defaults = {}, set()
    first, second = in_order(settings, lines)

    def take(s):
        key = "proxycommand" if s["key"] == "proxyjump" else s["key"]
        if key == "proxycommand" and (s["key"], s["value"]) == ("proxyjump", "none"):
            key = "no proxyjump"  # Debian's ssh: it shuts out what would jump, and no command
        elif s["key"] == "proxyjump" and "no proxyjump" in result:
            return
        if key not in result or s["key"] in GATHER:
            result.setdefault(key, [])
            if (s["key"], s["value"]) not in result[key]:
                result[key].append((s["key"], s["value"]))
        elif (s["key"] in MANY and (s["artifact"], s["line"]) == origin.get(key)
              and (s["key"], s["value"]) not in result[key]):
            result[key].append((s["key"], s["value"]))
        origin.setdefault(key, (s["artifact"], s["line"]))
        if s["key"] == "hostname" and c.hostname is None:
            c.hostname = s["value"].replace("%h", c.original)
        if s["key"] == "user" and c.user is None:
            c.user = s["value"]

    origin = {}
    for number, batch in enumerate([first, second + first] if again else [first]):
        c.second, block, open_ = number == 1, None, True
        if c.second and c.hostname is not None:
            c.hostname = c.hostname.lower()
        for s in sorted(batch, key=lambda s: 0) if number == 0 else by_line(batch, settings):
            if s["default"]:
                continue
            here = (s["scope"], s["artifact"]) + lines.block(s)
            if here != block:  # the criteria are looked at where the block begins
                block, open_ = here, holds(s["scope"], c)
            if open_:
                take(s)
    for s in settings:
        key = "proxycommand" if s["key"] == "proxyjump" else s["key"]
        if s["default"] and (key not in result or (s["key"] in GATHER and key in defaults)):
            result.setdefault(key, []).append((s["key"], s["value"]))
            defaults.add(key)
    return result, defaults


def by_line(batch, settings):
    """In the order in which ssh meets the lines; settings come so, but for those of the second pass."""
    order = {}
    for s in settings:
        order.setdefault(s["artifact"], len(order))
    return sorted(batch, key=lambda s: (order[s["artifact"]], s["line"]))


# --- comparison ---------------------------------------------------------------------------------------------------

class Comparison:
    def __init__(self, empty):
        self.empty = empty  # what ssh prints for an empty configuration

    def spelled(self, key, value, c):
        home = "/root" if c.local == "root" else "/home/" + c.local
        if key in ("userknownhostsfile", "controlpath", "identityagent"):
            value = re.sub(r"(^| )~/", r"\1%s/" % home, value)
        if key == "hostkeyalias":
            value = value.lower()
        if key in ALGORITHMS:
            value = expand_algorithms(value, self.empty[key][0])
        return value

    def flatten(self, result, c):
        have = {}
        for pairs in result.values():
            for key, value in pairs:
                if key in NONE_IS_NOTHING and value == "none":
                    have.setdefault("proxy off" if key.startswith("proxy") else "off", [])
                else:
                    have.setdefault(key, []).append(self.spelled(key, value, c))
        sent = []  # SendEnv -NAME takes back what was named so far
        for value in have.pop("sendenv", []):
            if value.startswith("-"):
                sent = [v for v in sent if not pattern_list(v, value[1:])]
            else:
                sent.append(value)
        have.update({"sendenv": sent} if sent else {})
        have.setdefault("hostname", [c.original])
        have["hostname"] = [c.name().lower()]
        have["user"] = [c.user or c.local]
        return have

    def depends(self, have, defaults):
        """Defaults that hang on other settings."""
        if "updatehostkeys" in defaults:
            files = have.get("userknownhostsfile", [""])[0]
            plain = re.fullmatch(r"\S+/\.ssh/known_hosts( \S+/\.ssh/known_hosts2)?", files)
            have["updatehostkeys"] = ["true" if plain and have["verifyhostkeydns"] == ["false"] else "false"]
        if "serveraliveinterval" in defaults and have.get("batchmode") == ["yes"]:
            have["serveraliveinterval"] = ["300"]
        if "proxyjump" in have:
            have["proxyusefdpass"] = ["no"]

    def run(self, want, result, defaults, c):
        have, lines = self.flatten(result, c), []
        # ssh 9.2 prints a LocalForward to a socket under DynamicForward as well.
        sockets = {v.split(" ")[0] for v in have.get("localforward", []) if v.split(" ")[1].startswith("/")}
        want = dict(want, dynamicforward=[v for v in want.get("dynamicforward", []) if v not in sockets])
        self.depends(have, defaults)
        for key in sorted((set(want) | set(have)) - NOT_COMPARED - {"off", "proxy off"}):
            w, h = want.get(key, []), have.get(key, [])
            if key in GATHER:
                w, h = list(dict.fromkeys(w)), list(dict.fromkeys(h))
            if w == h or (key in OF_THE_BUILD and (key not in have or key in defaults) and w == self.empty.get(key, [])):
                continue
            lines += ["- ssh:   %s %s" % (key, v) for v in w or ["(prints nothing)"]]
            lines += ["+ kijun: %s %s" % (key, v) for v in h or ["(shows nothing)"]]
        return lines


# --- the real ssh -------------------------------------------------------------------------------------------------

class Ssh(Chroot):
    def ask(self, local, host, user=None):
        """({key: [values]}, None) or (None, why ssh gives up)."""
        args = ["/usr/bin/ssh", "-G"] + (["-l", user] if user else []) + [host]
        status, out, err = self.run(args, local)
        if status != 0:
            return None, err or "status %d" % status
        result = {}
        for line in out.splitlines():
            key, _, value = line.partition(" ")
            result.setdefault(key.lower(), []).append(value)
        return result, None


def asks_again(tree, local):
    """Does a file that ssh reads for the user have Match final (or !final)?"""
    read, found, names = "", set(), ["etc/ssh/ssh_config", "home/%s/.ssh/config" % local]
    while names:
        path = os.path.join(tree, names.pop(0))
        if not os.path.isfile(path) or path in found:
            continue
        found.add(path)
        with open(path, encoding="utf-8", errors="replace") as f:
            text = f.read()
        read += text + "\n"
        base = ".ssh" if "/.ssh/" in path else "ssh"
        for name in " ".join(re.findall(r"(?im)^\s*include\s+([^#\r\n]*)", text)).split():
            name = name.replace("~/.ssh/", "")
            folder = "home/%s/.ssh" % local if base == ".ssh" else "etc/ssh"
            pattern = name.lstrip("/") if name.startswith("/") else folder + "/" + name
            names += [os.path.relpath(p, tree) for p in glob.glob(os.path.join(tree, pattern))]
    return re.search(r"(?im)^\s*match\b.*\bfinal\b", read) is not None


class Judge:
    def __init__(self, kijun, ssh, empty):
        self.kijun, self.ssh, self.compare = kijun, ssh, Comparison(empty)

    def problems(self, tree, refused, connections):
        """What kijun gets wrong. `refused`: the users for whom ssh must give up, "" for all; None: ssh decides."""
        self.ssh.load(tree)
        everybody = self.ssh.ask("carol", "nowhere.example")[1]
        if refused is not None and (everybody is not None) != ("" in refused):
            return ["the generator is wrong: ssh says %s" % (everybody or "the configuration is fine")]
        try:
            answer = common.kijun_show(self.kijun, "ssh", tree)
            if everybody:
                return [] if answer["state"] == "not_in_force" else [
                    "ssh gives up: " + everybody.splitlines()[-1], "kijun says state '%s'" % answer["state"]]
            if answer["state"] != "effective":
                return ["ssh takes the configuration, kijun says state '%s'" % answer["state"]]
            return self._compare(tree, answer, connections)
        except common.KijunError as e:
            return [str(e)]

    def _compare(self, tree, answer, connections):
        problems, lines = [], Lines(tree)
        for local, host, user in connections:
            label = "[%s: ssh %s%s] " % (local, user + "@" if user else "", host)
            want, why = self.ssh.ask(local, host, user)
            shown = [s for s in answer["settings"] if s["artifact"].startswith("home/%s/" % local)]
            out = any("ssh refuses the file" in s.get("note", "") for s in shown)
            if why and "jumphost loop" in why:  # refused for this host, whatever kijun says
                continue
            if why is not None or out:
                if why is None or (shown and not out):
                    problems.append(label + "ssh says %s, kijun %s" % (why, "refused" if out else "effective"))
                continue
            c = Connection(local, host, user)
            again = asks_again(tree, local)
            result, defaults = values_for(settings_for(answer, local), lines, c, again)
            problems += [label + line for line in self.compare.run(want, result, defaults, c)]
        return problems


def parse_probe(text):
    local, host = text.split(" ", 1)
    user, _, host = host.rpartition("@")
    return local, host, user or None


def run_cases(args, tally, judge):
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "ssh", "*.tree"))):
        name = os.path.basename(path)[:-5]
        if args.case and args.case != name:
            continue
        options, files = common.read_case(path)
        tree = tally.tree("case-" + name, files)
        refused = {"yes": {""}, "no": set()}[options["refused"][0]] if "refused" in options else None
        found = judge.problems(tree, refused, [parse_probe(p) for p in options.get("probe", [])])
        tally.note(tree, "%s --case %s" % (sys.argv[0], name), found)


def run_generated(args, tally, judge):
    for i in range(args.count) if args.only is None else [args.only]:
        seed = "%s/%d" % (args.seed, i)
        made = Tree(seed)
        tree = tally.tree("%04d" % i, made.files)
        found = judge.problems(tree, made.refused, probes(seed))
        if found and made.refused:
            found.insert(0, "refused for: %s" % made.refused)
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=150, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--case", metavar="NAME", help="judge the fixed tree cases/ssh/NAME.tree alone")
    args = parser.parse_args()
    own_namespace("ssh", ["/usr/bin/ssh"])
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("ssh")
    # The chroot lies beside the kept trees; rmtree must never walk into its mounts, so it has a folder of its own.
    work = tally.work + "-root"
    os.mkdir(work)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", work], check=True)
    os.chmod(work, 0o755)
    ssh = Ssh(work)
    bare = tally.tree("empty", {"etc/ssh/ssh_config": ""})
    ssh.load(bare)
    empty, refusal = ssh.ask("root", "nowhere.example")
    shutil.rmtree(bare)
    if refusal:
        sys.exit("ssh does not run in the chroot: " + refusal)
    judge = Judge(kijun, ssh, empty)
    if args.only is None:
        run_cases(args, tally, judge)
    if args.case is None:
        run_generated(args, tally, judge)
    subprocess.run(["umount", "-l", work], check=True)
    os.rmdir(work)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
