#!/usr/bin/env python3
"""Compares `kijun show sshd TREE -o json` with what the real sshd prints (`sshd -T`) for generated and fixed trees.

sshd reads each tree in a chroot inside a mount namespace of its own, so that absolute names (Include, links, users,
groups, host keys) mean the tree's files and nothing of this machine. Needs root and OpenSSH's sshd; skips elsewhere.
"""

import argparse
import fnmatch
import glob
import ipaddress
import os
import re
import shutil
import subprocess
import sys

import oracle_common as common
from openssh_chroot import Chroot, own_namespace
from sshd_generate import HOST_KEYS, Tree, mutated, probes

HERE = os.path.dirname(os.path.abspath(__file__))

# Keywords with another name that sshd prints (servconf.c, keywords[]).
ALIASES = {
    "hostdsakey": "hostkey", "dsaauthentication": "pubkeyauthentication", "keepalive": "tcpkeepalive",
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms", "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
}
# Names that versions before 8.5 print; kijun always has the present ones.
NOW_CALLED = {"hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
              "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms"}
ALGORITHMS = {"ciphers", "macs", "kexalgorithms", "hostkeyalgorithms", "pubkeyacceptedalgorithms",
              "hostbasedacceptedalgorithms", "casignaturealgorithms", "gssapikexalgorithms"}
# Keys whose default an export can't tell: kijun may say nothing, or anything marked as a default, as long as sshd's
# value is that of an empty configuration too. Every other default must be kijun's as well.
DEFAULT_OF_THE_BUILD = {
    **{key: "the algorithms that this build knows" for key in ALGORITHMS},
    "hostkey": "the key files that exist", "listenaddress": "made from port and addressfamily, compared as such",
    "usepam": "a choice of the distribution", "pidfile": "a path of the build", "sshdsessionpath": "a path of the build", "sshdauthpath": "a path of the build",
    "rdomain": "only old versions print it on Linux", "modulifile": "a path of the build",
    "xauthlocation": "a path of the build", "versionaddendum": "a choice of the distribution",
    "kerberosauthentication": "only builds with Kerberos", "kerberosorlocalpasswd": "only builds with Kerberos",
    "kerberosticketcleanup": "only builds with Kerberos", "gssapiauthentication": "only builds with GSSAPI",
    "gssapicleanupcredentials": "only builds with GSSAPI", "gssapikeyexchange": "a patch of Debian and Red Hat",
    "gssapistrictacceptorcheck": "only builds with GSSAPI", "gssapistorecredentialsonrekey": "a patch of Debian",
}
# Accepted by sshd 9.2 and never printed: kijun may show them (another version may heed them).
NEVER_PRINTED = {
    "debianbanner", "protocol", "keyregenerationinterval", "serverkeybits", "useprivilegeseparation", "uselogin",
    "rsaauthentication", "rhostsrsaauthentication", "rhostsauthentication", "authorizedkeysfile2", "checkmail",
    "pamauthenticationviakbdint", "verifyreversemapping", "reversemappingcheck", "kerberosgetafstoken",
    "kerberostgtpassing", "afstokenpassing",
}
# Of these the build has the default, and kijun does not say that a line has gone.
NOT_NOTED = {"pidfile", "modulifile", "xauthlocation", "versionaddendum", "hostkey", "gssapikexalgorithms"}
# sshd prints all values of these on one line; kijun may print one setting a value.
ONE_LINE = {"authorizedkeysfile", "authenticationmethods", "logverbose", "channeltimeout", "permitopen", "permitlisten",
            "pubkeyauthoptions", "ipqos", "rekeylimit"}
# One line of sshd's, and one setting of kijun's, a value.
MANY = {"port", "listenaddress", "hostkey", "hostcertificate", "allowusers", "denyusers", "allowgroups", "denygroups",
        "acceptenv", "setenv", "subsystem"}
# These gather the values of every Match block that holds; of all others the first such block decides.
# Of several Match blocks that hold the last one counts for these: servconf.c stores them without asking whether they are set.
LAST_IN_MATCH = {"ipqos", "streamlocalbindmask"}
GATHER_IN_MATCH = {"allowusers", "denyusers", "allowgroups", "denygroups", "acceptenv"}

DURATIONS = {"logingracetime", "clientaliveinterval"}
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
SIZES = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


# No connection at all: only 'Match all' holds. (Plain `sshd -T` fails when some Match names LocalPort.)
NOBODY = {"lport": "1"}


# --- the same value, spelled otherwise: numbers and their units only; words must be sshd's own -----------------------

def seconds(text):
    if not re.fullmatch(r"(\d+[smhdwSMHDW]?)+", text):
        return text
    return str(sum(int(n) * UNITS[unit.lower()] for n, unit in re.findall(r"(\d+)([smhdwSMHDW]?)", text)))


def rekey_limit(text):
    size, _, interval = text.partition(" ")
    m = re.fullmatch(r"(\d+)([bkmg]?)", size.lower())
    size = "0" if size == "default" else str(int(m.group(1)) * SIZES[m.group(2)]) if m else size
    return "%s %s" % (size, "0" if interval in ("", "none") else seconds(interval))


def spelled_as_sshd(key, value):
    if key in DURATIONS:
        return seconds(value)
    if key == "unusedconnectiontimeout":
        return "none" if value in ("0", "none") else seconds(value)
    if key == "rekeylimit":
        return rekey_limit(value)
    if key == "maxstartups" and value.isdigit():
        return "%s:30:%s" % (value, value)
    if key == "streamlocalbindmask" and re.fullmatch("[0-7]+", value):
        return "0%o" % int(value, 8)
    if key == "ipqos" and " " not in value:
        return "%s %s" % (value, value)
    if key == "permitlisten":
        return " ".join("*:" + v if v.isdigit() else v for v in value.split(" "))
    return value


def expand_algorithms(value, default):
    """kex_assemble_names() of OpenSSH: what '+', '-' and '^' do to the default list."""
    if value[:1] not in ("+", "-", "^"):
        return value
    names, base = value[1:].split(","), default.split(",")
    if value[0] == "-":
        return ",".join(b for b in base if not any(fnmatch.fnmatchcase(b, n) for n in names))
    joined = names + base if value[0] == "^" else base + names
    return ",".join(dict.fromkeys(joined))


def expand_listen(values, ports, family):
    """What sshd listens on, from ListenAddress values as they are written."""
    out = []
    for value in values or ["[::]", "0.0.0.0"]:
        m = re.fullmatch(r"\[([^]]*)\](?::(\d+))?", value) or re.fullmatch(r"([^:]*)(?::(\d+))?", value)
        address, port = m.groups() if m else (value, None)
        v6 = ":" in address
        if (family == "inet" and v6) or (family == "inet6" and not v6):
            continue
        host = "[%s]" % ipaddress.ip_address(address) if v6 else address
        out += ["%s:%s" % (host, p) for p in ([port] if port else ports)]
    return out


# --- the scopes of kijun's settings -------------------------------------------------------------------------------

def pattern_list(text, patterns, fold=False):
    """match_pattern_list() of OpenSSH: a negated match beats all others."""
    found = False
    for pattern in patterns.split(","):
        negated, pattern = pattern.startswith("!"), pattern.lstrip("!")
        pattern = re.escape(pattern.lower() if fold else pattern).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(pattern, text.lower() if fold else text, re.S):
            if negated:
                return False
            found = True
    return found


def address_list(address, patterns):
    found = False
    for pattern in patterns.split(","):
        negated, pattern = pattern.startswith("!"), pattern.lstrip("!")
        try:
            hit = ipaddress.ip_address(address) in ipaddress.ip_network(pattern)
        except ValueError:
            hit = pattern_list(address, pattern)
        if hit and negated:
            return False
        found = found or hit
    return found


def groups_of(user, tree):
    """The names of the user's groups by the tree's passwd and group; none for an unknown user."""
    def rows(name):
        with open(os.path.join(tree, "etc", name), encoding="utf-8") as f:
            return [line.rstrip("\n").split(":") for line in f]
    gids = {row[3] for row in rows("passwd") if row[0] == user}
    if not gids:
        return []
    return [row[0] for row in rows("group") if row[2] in gids or user in row[3].split(",")]


def scope_holds(scope, probe, tree):
    """Does the text of a Match line (and of those around it) hold for the connection?"""
    words = [w.strip('"') for w in re.findall(r'"[^"]*"|[^\s="]+', scope)]
    while words:
        name = words.pop(0).lower()
        if name == "all":
            continue
        arg = words.pop(0) if words else ""
        if name == "user":
            holds = "user" in probe and pattern_list(probe["user"], arg)
        elif name == "group":
            groups = groups_of(probe.get("user"), tree)
            negated = ",".join(p[1:] for p in arg.split(",") if p.startswith("!"))
            holds = any(pattern_list(g, arg) for g in groups) and not any(pattern_list(g, negated) for g in groups)
        elif name == "host":
            holds = "host" in probe and pattern_list(probe["host"], arg, fold=True)
        elif name in ("address", "localaddress"):
            at = "addr" if name == "address" else "laddr"
            holds = at in probe and address_list(probe[at], arg)
        elif name == "localport":
            holds = probe["lport"] == arg
        else:
            raise common.KijunError("kijun's scope '%s' has the unknown criterion '%s'" % (scope, name))
        if not holds:
            return False
    return True


def values_for(settings, probe, tree):
    """{key: [values]} and the keys that are defaults, for a connection.

    A Match block beats the global part: sshd copies what its second pass over the Match blocks has set over the first
    pass's values (servconf.c, parse_server_match_config).
    """
    result, defaults, by_scope = {}, set(), {}
    for s in settings:
        if s["scope"] == "":
            result.setdefault(s["key"], []).append(s["value"])
            if s["default"]:
                defaults.add(s["key"])
        else:
            by_scope.setdefault(s["scope"], {}).setdefault(s["key"], []).append(s["value"])
    matched = {}
    for scope, keys in by_scope.items():
        if not scope_holds(scope, probe, tree):
            continue
        for key, values in keys.items():
            if key in GATHER_IN_MATCH:
                matched.setdefault(key, []).extend(values)
            elif key in LAST_IN_MATCH:
                matched[key] = values
            else:
                matched.setdefault(key, values)
    result.update(matched)
    return result, defaults - set(matched)


# --- comparison ---------------------------------------------------------------------------------------------------

class Comparison:
    def __init__(self, empty, version):
        self.empty = empty  # what sshd prints for an empty configuration
        self.never = set(NEVER_PRINTED)
        if version:  # built without the distribution's patches
            self.never.update(k for k in DEFAULT_OF_THE_BUILD if k.startswith(("gssapi", "kerberos")))

    def values(self, key, have):
        """kijun's values of a key in the form in which sshd prints them."""
        values = [str(v) for v in have.get(key, [])]
        if key in ONE_LINE:
            values = [" ".join(values)] if values else []
        elif key not in MANY:
            values = values[:1]
        if key in ALGORITHMS:
            values = [expand_algorithms(v, self.empty.get(key, [""])[0]) for v in values]
        return [spelled_as_sshd(key, v) for v in values]

    def key(self, key, want, have, defaults):
        """None when kijun agrees on the key, else kijun's values."""
        values = self.values(key, have)
        if key == "listenaddress":
            ports, family = self.values("port", have) or ["22"], (self.values("addressfamily", have) or ["any"])[0]
            explicit = [] if key in defaults else values
            return None if sorted(expand_listen(explicit, ports, family)) == sorted(want) else values
        if values == want:
            return None
        if key in DEFAULT_OF_THE_BUILD and (key not in have or key in defaults) and want == self.empty.get(key, []):
            return None
        if not want and key in defaults and values in ([""], ["none"]):
            return None
        return values

    def run(self, want, have, defaults):
        """The keys on which kijun differs, as lines of a diff."""
        lines = []
        for key in sorted(set(want) | (set(have) - self.never)):
            values = self.key(key, want.get(key, []), have, defaults)
            if values is not None:
                lines += ["- sshd:  %s %s" % (key, v) for v in want.get(key, ["(prints nothing)"])]
                lines += ["+ kijun: %s %s" % (key, v) for v in values or ["(shows nothing)"]]
        return lines


def origin_problems(settings, tree):
    """Each setting that isn't a default, and each row it overrode, must name a line that holds its keyword."""
    problems = []
    for s in settings:
        if s["default"]:
            continue
        for row in [s] + s["overrides"]:
            try:
                with open(common.resolve(tree, row["artifact"]), "rb") as f:
                    lines = f.read().split(b"\n")
                line = lines[row["line"] - 1].decode("utf-8", "replace")
            except (OSError, IndexError, TypeError):
                problems.append("origin of %s: no line %s in '%s'" % (s["key"], row["line"], row["artifact"]))
                continue
            word = re.match(r'[ \t\r]*"?(\w*)', line).group(1).lower()
            if s["key"] not in (word, ALIASES.get(word)):
                problems.append("origin of %s: %s:%d is '%s'" % (s["key"], row["artifact"], row["line"], line.strip()))
    return problems


# --- the real sshd ------------------------------------------------------------------------------------------------

class Sshd(Chroot):
    """Runs sshd -T over trees."""

    def __init__(self, work, program):
        super().__init__(work)
        self.program, self.keys = program, os.path.join(work, "keys")
        os.mkdir(self.keys)
        for path in HOST_KEYS:
            kind = path.split("_")[-2]
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f",
                            os.path.join(self.keys, os.path.basename(path))], check=True)

    def load(self, tree):
        super().load(tree)
        for name in os.listdir(self.keys):
            shutil.copy(os.path.join(self.keys, name), os.path.join(self.root, "etc", "ssh", name))

    def ask(self, probe=None):
        """({key: [values]}, None) or (None, why sshd refuses)."""
        args = [self.program, "-T", "-f", "/etc/ssh/sshd_config"]
        if probe:
            args += ["-C", ",".join("%s=%s" % kv for kv in probe.items())]
        status, out, err = self.run(args)
        if status != 0:
            return None, err or "status %d" % status
        result = {}
        for line in out.splitlines():
            key, _, value = line.partition(" ")
            key = NOW_CALLED.get(key, key)
            result.setdefault(key, []).append(value.rstrip(" ") if key == "subsystem" else value)
        return result, None


class Judge:
    def __init__(self, kijun, sshd, empty, version):
        self.kijun, self.sshd, self.compare, self.version = kijun, sshd, Comparison(empty, version), version

    def problems(self, tree, expect_refused, connections):
        """What kijun gets wrong in the tree. `expect_refused`: None when a fixed case leaves it to sshd."""
        if self.version:
            common.write_tree(tree, {"etc/os-release": "ID=other\n", "captured/ssh_-V": "OpenSSH_%sp1\n" % self.version})
            expect_refused = None
        self.sshd.load(tree)
        # Old versions demand every part of a connection that some Match asks for.
        old = self.version and self.version < "8.4"
        want, refusal = self.sshd.ask(None if old else NOBODY)
        if refusal and self.version and "not in connection test specification" in refusal:
            want, refusal = self.sshd.ask(connections[0]) if connections else (None, None)
            connections, want = (connections, None) if refusal is None else ([], None)
        if expect_refused is not None and (refusal is not None) != expect_refused:
            return ["the generator is wrong: sshd says %s" % (refusal or "the configuration is fine")]
        try:
            answer = common.kijun_show(self.kijun, "sshd", tree)
            if refusal is not None:
                return [] if answer["state"] == "not_in_force" else [
                    "sshd refuses: " + refusal.splitlines()[-1], "kijun says state '%s'" % answer["state"]]
            if answer["state"] not in ("effective", "default"):
                return ["sshd accepts the configuration, kijun says state '%s'" % answer["state"]]
            return self._compare(tree, answer["settings"], want, connections)
        except common.KijunError as e:
            return [str(e)]

    def captured_problems(self, tree, before):
        """`tree` holds the files as they are now; `before` is what sshd -T printed of the files that it was started with."""
        self.sshd.load(tree)
        now, refusal = self.sshd.ask()
        try:
            answer = common.kijun_show(self.kijun, "sshd", tree)
        except common.KijunError as e:
            return [str(e)]
        if answer["state"] != "effective":
            return ["kijun says state '%s' beside a captured sshd -T" % answer["state"]]
        have, problems = {}, []
        for s in answer["settings"]:
            if s["scope"] == "" and s["artifact"].startswith("captured/"):
                have.setdefault(s["key"], []).append(s["value"].rstrip(" "))
        problems += ["- captured: %s %s, kijun: %s" % (k, v, have.get(k)) for k, v in before.items() if have.get(k) != v]
        noted = {s["key"] for s in answer["settings"] if s["scope"] == "" and "not in force" in s.get("note", "")
                 or "no file says so" in s.get("note", "") or "does not have it" in s.get("note", "")}
        if refusal is None:
            differ = {k for k in set(before) | set(now) if before.get(k) != now.get(k)} - NOT_NOTED
            problems += ["%s differs, and kijun does not say so" % k for k in sorted(differ - noted)]
            problems += ["kijun says that %s differs" % k for k in sorted(noted - differ - NOT_NOTED - NEVER_PRINTED)]
        return problems

    def _compare(self, tree, settings, want, connections):
        problems = origin_problems(settings, tree)
        general = self.compare.run(want, *values_for(settings, NOBODY, tree)) if want else []
        problems += general
        for probe in connections:
            want, refusal = self.sshd.ask(probe)
            label = "[%s] " % ",".join("%s=%s" % kv for kv in probe.items())
            if refusal is not None:
                problems.append(label + "sshd refuses: " + refusal)
                continue
            found = self.compare.run(want, *values_for(settings, probe, tree))
            problems += [label + line for line in found if line not in general]
        return problems


def configuration_text(tree):
    text = []
    for folder, _, names in os.walk(os.path.join(tree, "etc")):
        for name in names:
            if name not in ("passwd", "group", "os-release", "hostname", "nsswitch.conf"):
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, encoding="utf-8", errors="replace") as f:
                        text.append(f.read())
    return "\n".join(text)


def parse_probe(text):
    probe = {"laddr": "192.0.2.1", "lport": "22", "host": "host.example.net", "addr": "203.0.113.9", "user": "nosuch"}
    probe.update(part.split("=", 1) for part in text.split(","))
    return probe


def run_cases(args, tally, judge):
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "sshd", "*.tree"))):
        name = os.path.basename(path)[:-5]
        if args.case and args.case != name:
            continue
        options, files = common.read_case(path)
        tree = tally.tree("case-" + name, files)
        expect = {"yes": True, "no": False}[options["refused"][0]] if "refused" in options else None
        found = judge.problems(tree, expect, [parse_probe(p) for p in options.get("probe", [])])
        tally.note(tree, "%s --case %s" % (sys.argv[0], name), found)


def run_generated(args, tally, judge):
    for i in range(args.count) if args.only is None else [args.only]:
        seed = "%s/%d" % (args.seed, i)
        made = Tree(seed)
        tree = tally.tree("%04d" % i, made.files)
        found = judge.problems(tree, made.refused is not None, probes(seed, configuration_text(tree)))
        if found and made.refused:
            found.insert(0, "refused for the line: %s" % made.refused)
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)


def run_captured(args, tally, judge):
    """sshd -T of one configuration beside the files of another."""
    for i in range(args.count // 2) if args.captured is None else [args.captured]:
        seed = "%s/captured/%d" % (args.seed, i)
        made = Tree(seed)
        if made.refused:
            continue
        tree = tally.tree("captured-%04d" % i, made.files)
        judge.sshd.load(tree)
        before, refusal = judge.sshd.ask()
        shutil.rmtree(tree)
        if refusal:
            continue  # plain sshd -T does not run where some Match names LocalPort
        text = "".join("%s %s\n" % (k, v) for k, values in before.items() for v in values)
        tree = tally.tree("captured-%04d" % i, dict(mutated(seed, made.files), **{"captured/sshd_-T.txt": text}))
        tally.note(tree, "%s --seed %s --captured %d" % (sys.argv[0], args.seed, i), judge.captured_problems(tree, before))


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=250, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--captured", type=int, metavar="N", help="judge captured output N alone")
    parser.add_argument("--case", metavar="NAME", help="judge the fixed tree cases/sshd/NAME.tree alone")
    parser.add_argument("--sshd", default="/usr/sbin/sshd", help="another build of it, below /usr")
    parser.add_argument("--version", help="the version of another build, one without a distribution's patches: 8.0")
    return parser.parse_args()


def main():
    args = parse_args()
    own_namespace("sshd", ["/usr/sbin/sshd", "/usr/bin/ssh-keygen"])
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("sshd")
    # The chroot lies beside the kept trees; rmtree must never walk into its mounts, so it has a folder of its own.
    work = tally.work + "-root"
    os.mkdir(work)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", work], check=True)
    sshd = Sshd(work, args.sshd)
    bare = tally.tree("empty", {"etc/ssh/sshd_config": ""})
    sshd.load(bare)
    empty, refusal = sshd.ask()
    shutil.rmtree(bare)
    if refusal:
        sys.exit("sshd does not run in the chroot: " + refusal)
    judge = Judge(kijun, sshd, empty, args.version)
    if args.only is None and args.captured is None:
        run_cases(args, tally, judge)
    if args.case is None and args.captured is None:
        run_generated(args, tally, judge)
    if args.case is None and args.only is None and not args.version:
        run_captured(args, tally, judge)
    subprocess.run(["umount", "-l", work], check=True)
    os.rmdir(work)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
