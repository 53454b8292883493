#!/usr/bin/env python3
"""kijun against sudo: generated and mutated sudoers trees, in a chroot inside a mount namespace of its own (root).

Of each tree are compared: the lines that sudo complains of (and whether visudo accepts the file); the policy as
cvtsudoers prints it, which kijun must read as it reads the files; values of Defaults as sudo -V prints them; and for each
account whether it may run a shell, su, or a command that only ALL stands for as root (sudo -l -U), and whether it is
asked for a password (sudo -n).
"""

import argparse
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys

import oracle_common as common

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = "oracle01"
USERS = ["alice", "bob", "carol", "dave"]
PASSWD = """root:x:0:0:root:/root:/bin/sh
alice:x:1000:1000::/:/bin/sh
bob:x:1001:10::/:/bin/sh
carol:x:1002:1002::/:/bin/sh
dave:x:1003:50::/:/bin/sh
"""
GROUP = """root:x:0:
wheel:x:10:alice
staff:x:50:
ops:x:60:carol,dave
ops2:x:60:bob
alice:x:1000:
carol:x:1002:
"""
FILES = {
    "etc/passwd": PASSWD,
    "etc/group": GROUP,
    "etc/os-release": common.OS_RELEASE,
    "etc/hostname": HOST + "\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 %s\n" % HOST,
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/login.defs": "",
    "etc/shells": "/bin/sh\n",
}
# What kijun asks about, and what in a tree makes it worth while to ask sudo: of ALL always.
PROBES = [("/opt/any/command", ""), ("/bin/sh", "sh|/bin/"), ("/bin/bash", "ba|/bin/"), ("/bin/bash -l", "bash -|/bin/"), ("/bin/dash", "da"),
          ("/bin/su", "su|s\\[|/bin/"), ("/bin/su -", "su -"), ("/bin/su root", "su r"), ("/bin/su - root", "su - |su \\^")]
# sudo -V says it so. Flags: there or not.
PRINTED = {
    "timestamp_timeout": r"Authentication timestamp timeout: (.*) minutes",
    "passwd_timeout": r"Password prompt timeout: (.*) minutes",
    "passwd_tries": r"Number of tries to enter a password: (.*)",
    "umask": r"Umask to use or 0777 to use user's: (.*)",
    "logfile": r"Path to log file: (.*)",
    "runas_default": r"Default user to run commands as: (.*)",
    "secure_path": r"Value to override user's \$PATH with: (.*)",
    "exempt_group": r"Users in this group are exempt from password and PATH requirements: (.*)",
    "listpw": r"When to require a password for 'list' pseudocommand: (.*)",
    "syslog": r"Syslog facility if syslog is being used for logging: (.*)",
    "loglinelen": r"Length at which to wrap log file lines \(0 for no wrap\): (.*)",
}
FLAGS = {
    "use_pty": "Always run commands in a pseudo-tty",
    "insults": "Insult the user when they enter an incorrect password",
    "authenticate": "Require users to authenticate by default",
    "env_reset": "Reset the environment to a default set of variables",
    "rootpw": "Prompt for root's password, not the users's",
    "set_home": "Set $HOME to the target user when starting a shell with -s",
    "case_insensitive_user": "Ignore case when matching user names",
    "noexec": "Preload the sudo_noexec library which replaces the exec functions",
    "mail_badpass": "Send mail if user authentication fails",
    "root_sudo": "Root may run sudo",
}

# --- generation ---------------------------------------------------------------------------------------------------

NAMES = ["alice", "bob", "carol", "dave", "root", "#1001", "#1003", "%wheel", "%ops", "%ops2", "%#10", "%staff", "Alice",
         "CAROL", "%WHEEL", "%nosuch", '"%domain admins"', "%:ad", "nosuch", "\\x62ob"]
HOSTS = [HOST, "web", "oracle*", "ORACLE01", "w*", "oracle0[1-3]"]
RUNAS = ["(ALL)", "(ALL:ALL)", "(root)", "(bob)", "(:ops)", "()", "(RA)", "(#0)", "(%wheel)", "(ALL, !root)", "(root:ops)",
         "(!root)", "(ROOT)", "(:)", "(RB, carol)", "(%root)"]
TAGS = ["NOPASSWD:", "PASSWD:", "NOEXEC:", "EXEC:", "SETENV:", "NOSETENV:", "LOG_INPUT:", "NOLOG_OUTPUT:", "MAIL:", "FOLLOW :"]
COMMANDS = ["ALL", "ALL", "ALL", "/bin/sh", "/usr/bin/bash", "/bin/su", "/bin/su -", "/bin/su - root", "/bin/su root",
            "/opt/own/tool", "/opt/own/", "/bin/", "/usr/bin/*", "/bin/ba*", "sudoedit", "sudoedit /etc/motd", "list",
            "^/bin/(ba|da)?sh$", "^/usr/bin/s[hu]$ ^$", '/bin/bash ""', "/bin/bash -l", "/bin/bash -*", "/bin/ls -l \\, \\:x",
            "/bin/sh -c *", "/opt/o[v-w]n/tool", "CA", "CB", "CC", "/bin/dash", "/bin/su ^-.*$"]
SETTINGS = ["use_pty", "!use_pty", "insults", "authenticate", "!authenticate", "!authenticate", "timestamp_timeout=5",
            "timestamp_timeout=-1", "timestamp_timeout = 2.5", "!timestamp_timeout", "passwd_tries=2",
            "umask=027", "!umask", "logfile=/var/log/sudo.log", "!logfile", 
            'secure_path="/bin:/usr/bin"', "!secure_path", "exempt_group=ops", "!exempt_group", "runas_default=root",
            "runas_default=carol", "env_keep+=\"A B\"", "env_keep -= A", "env_keep=A", "env_reset", "!env_reset", "rootpw",
            "listpw=all", "!listpw", "syslog=auth", "!syslog", "syslog", 
            "case_insensitive_user", "!case_insensitive_user", "!case_insensitive_group", "loglinelen=10", "!loglinelen",
            "passwd_timeout=1.5", "noexec", "mail_badpass", "!path_info",
            "umask=0022", "badpass_message=\"a, b\"", "verifypw=any"]
FAULTY = ["timestamp_timeout=x", "!passwd_tries", "umask=9", "logfile=log", "set_home=yes", "nosuch", "listpw=some", "syslog=x",
          "loglinelen=-1", "passwd_timeout+=1", "passwd_tries=0x3", "logfile", "timestamp_timeout=1.x", "umask=01000", "syslog+=auth",
          "passwd_tries=99999999999", "fdexec=maybe", "rlimit_core=1\\,x", "env_keep", "editor=vi"]
BINDINGS = [":alice", ":%wheel", ":UA", ":bob, carol", ":!alice", "@" + HOST, "@web", "@HA", "!/bin/sh", "!CA", "!/bin/bash,/bin/su",
            "!ALL", ":#1001", "@!web", "@w*,oracle*"]
OPTIONS = ["TIMEOUT=1h", "NOTBEFORE=20200101000000Z", "NOTAFTER=2020010100", "NOTAFTER=20990101000000+0900", "CWD=/tmp",
           "ROLE=r", "TIMEOUT=1d2h3m4"]
DIGEST = "sha256:" + "ab" * 32


class Tree:
    """Tree N of a seed."""

    def __init__(self, seed):
        self.r = random.Random("sudoers/%s" % seed)
        self.unsure = self.r.random() < 0.15  # with members that no copy of a host decides
        self.files = dict(FILES)
        self.faulty = self.r.random() < 0.5
        self.settings = SETTINGS + (FAULTY if self.r.random() < 0.3 else [])
        main = self.aliases() + self.lines(self.r.randint(2, 9))
        self.r.shuffle(main)
        if self.r.random() < 0.5:
            main.insert(self.r.randint(0, len(main)), self.r.choice(["#includedir /etc/sudoers.d", "@includedir sudoers.d"]))
            for name in self.r.sample(["10-a", "b", "B", "c.bak", "d~", "e f"], self.r.randint(1, 4)):
                self.files["etc/sudoers.d/" + name] = "\n".join(self.lines(self.r.randint(1, 4))) + self.r.choice(["\n", ""])
        if self.r.random() < 0.2:
            main.insert(self.r.randint(0, len(main)), self.r.choice(
                ["@include /etc/extra", '@include "extra"', "#include extra", "@include extra junk", "@include /etc/%h.x",
                 "@include /etc/nosuch"]))
            self.files["etc/extra"] = "\n".join(self.lines(2)) + "\n"
            self.files["etc/%s.x" % HOST] = "\n".join(self.lines(1)) + "\n"
        self.files["etc/sudoers"] = self.mutate("\n".join(main) + "\n")

    def some(self, pool, most=3):
        return [("!" if self.r.random() < 0.15 else "") + self.r.choice(pool) for _ in range(self.r.randint(1, most))]

    def users(self):
        pool = NAMES + ["UA", "UB", "ALL"] + (["+net"] if self.unsure else [])
        return self.r.choice([", ", ","]).join(self.some(pool))

    def hosts(self):
        if self.r.random() < 0.7:
            return "ALL"
        return ",".join(self.some(HOSTS + ["HA", "ALL"] + (["10.99.0.0/16", "+net"] if self.unsure else []), 2))

    def command(self):
        text = ("!" if self.r.random() < 0.15 else "") + self.r.choice(COMMANDS)
        return DIGEST + " " + text if self.unsure and self.r.random() < 0.2 and not re.search(r"C[ABC]$", text) else text

    def spec(self):
        out = [self.r.choice(RUNAS)] if self.r.random() < 0.5 else []
        if self.r.random() < 0.12:
            out.append(self.r.choice(OPTIONS))
        out += [self.r.choice(TAGS) for _ in range(self.r.choice([0, 0, 1, 1, 2]))]
        return " ".join(out + [self.command()])

    def grant(self):
        parts = ["%s%s%s" % (self.hosts(), self.r.choice(["=", " = "]), ", ".join(
            self.spec() for _ in range(self.r.choice([1, 1, 1, 2, 3])))) for _ in range(self.r.choice([1, 1, 1, 2]))]
        return self.users() + " " + " : ".join(parts)

    def setting(self):
        scope = self.r.choice(BINDINGS) if self.r.random() < 0.35 else ""
        return "Defaults%s %s" % (scope, self.r.choice([", ", ","]).join(
            self.r.choice(self.settings) for _ in range(self.r.choice([1, 1, 2, 3]))))

    def lines(self, n):
        out = []
        for _ in range(n):
            line = self.setting() if self.r.random() < 0.35 else self.grant()
            if self.r.random() < 0.1:
                line = line.replace(", ", ", \\\n\t", 1)
            if self.r.random() < 0.1:
                line += self.r.choice([" # comment", "\n# comment \\", "\n#- comment \\"] + (
                    ["\n#12 no comment", "\n#-1 no comment", "\r", "  \\"] if self.faulty else []))
            out.append(line)
        return out

    def aliases(self):
        pools = [("User_Alias", "UA", "UB", NAMES + ["UB", "ALL"]), ("Runas_Alias", "RA", "RB", ["root", "bob", "#0", "ALL", "%wheel"]),
                 ("Host_Alias", "HA", "HB", HOSTS + ["HB", "ALL"]), ("Cmnd_Alias", "CA", "CB", COMMANDS)]
        out = []
        for word, one, two, pool in pools:
            if self.r.random() < 0.8:
                text = "%s %s = %s" % (word, one, ", ".join(self.some(pool)))
                if self.r.random() < 0.5:
                    text += self.r.choice([" : ", "\n%s " % word]) + "%s = %s" % (two, ", ".join(self.some(pool)))
                out.append(text)
        if self.faulty and self.r.random() < 0.05:
            out.append("User_Alias UA = bob : UC = alice")
        return out

    def mutate(self, text):
        if not self.faulty:
            return text
        for _ in range(self.r.randint(1, 3)):
            at = self.r.randint(0, len(text) - 1)
            kind = self.r.random()
            if kind < 0.4:
                text = text[:at] + text[at + 1:]
            elif kind < 0.9:
                text = text[:at] + self.r.choice(',:=!()"\\#@%+ ^$\n\t*\'>-') + text[at:]
            else:
                text = text[:at] + text[at:at + 3] + text[at:]
        return text


# --- the real sudo ------------------------------------------------------------------------------------------------

class Sudo:
    """Runs sudo over trees in a chroot under the folder `work`. Expects namespaces of its own."""

    def __init__(self, work):
        self.root = os.path.join(work, "root")
        for name in ("etc", "run", "tmp", "proc", "var/log", "var/lib/sudo", "opt/any", "root"):
            os.makedirs(os.path.join(self.root, name))
        for name in ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev"):
            self._share(name)
        shutil.copy("/bin/true", os.path.join(self.root, "opt/any/command"))

    def _share(self, name):
        source, target = "/" + name, os.path.join(self.root, name)
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif os.path.isdir(source):
            os.mkdir(target)
            subprocess.run(["mount", "--rbind", source, target], check=True)

    def load(self, tree):
        etc = os.path.join(self.root, "etc")
        shutil.rmtree(etc)
        shutil.copytree(os.path.join(tree, "etc"), etc, symlinks=True)
        if os.path.exists("/etc/ld.so.cache"):
            shutil.copy("/etc/ld.so.cache", etc)
        os.makedirs(os.path.join(etc, "pam.d"))
        for name in ("su", "su-l"):
            with open(os.path.join(etc, "pam.d", name), "w", encoding="utf-8") as f:
                f.write("auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_permit.so\n")
        self.pam("pam_permit.so")
        for path in [os.path.join(etc, "sudoers")] + glob.glob(os.path.join(etc, "sudoers.d", "*")) + glob.glob(
                os.path.join(etc, "*.x")) + glob.glob(os.path.join(etc, "extra")):
            os.chmod(path, 0o440)

    def run(self, *args):
        run = subprocess.run(["chroot", self.root] + list(args), capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
                             env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
        return run.returncode, run.stdout.decode("utf-8", "replace"), run.stderr.decode("utf-8", "replace")

    def pam(self, module):
        """Does sudo's authentication succeed (pam_permit) or fail (pam_deny)?"""
        for name in ("sudo", "sudo-i"):
            with open(os.path.join(self.root, "etc/pam.d", name), "w", encoding="utf-8") as f:
                f.write("auth required %s\naccount required pam_permit.so\nsession required pam_permit.so\n" % module)
        shutil.rmtree(os.path.join(self.root, "run/sudo"), ignore_errors=True)

    def try_all(self, users, probes, options, refusal):
        """{(user, probe)} of what the users could run: sudo did not refuse it."""
        script = []
        for user in users:
            script.append("gid=$(id -g %s)" % user)
            for i, probe in enumerate(probes):
                script.append("setpriv --reuid=%s --regid=$gid --init-groups sudo %s -u root %s </dev/null >/dev/null 2>/tmp/err; "
                              "grep -qE '%s' /tmp/err || echo %s %d" % (user, options, probe, refusal, user, i))
        _, out, _ = self.run("sh", "-c", "\n".join(script))
        return {(line.split()[0], probes[int(line.split()[1])]) for line in out.splitlines()}

    def admins(self, users, probes):
        """{user: (may become root, without a password)}"""
        self.pam("pam_permit.so")
        allowed = self.try_all(users, probes, "", "not allowed|not in the sudoers|may not run")
        self.pam("pam_deny.so")
        wanted = sorted({p for _, p in allowed})
        free = self.try_all(users, wanted, "-n", "password is required|not allowed|not in the sudoers|may not run") if wanted else set()
        return {u: (any((u, p) in allowed for p in probes), any((u, p) in free and (u, p) in allowed for p in probes))
                for u in users}


COMPLAINT = re.compile(r"^(/etc/\S.*?):(\d+)(?::\d+)?: (.*)$")
FAULT_OF_DEFAULTS = re.compile("[a-z_]+: ")
# What visudo alone minds.
STRICT = ("sudoedit should not be specified with a path", "referenced but not defined", "cycle in", "unused",
          "invalid regular expression")


def complaints(err):
    found = set()
    for line in err.splitlines():
        m = COMPLAINT.match(line)
        if m and not any(s in m.group(3) for s in STRICT):
            found.add((m.group(1).lstrip("/"), int(m.group(2))))
    return found


# --- comparison ---------------------------------------------------------------------------------------------------

class Judge:
    def __init__(self, kijun, sudo):
        self.kijun, self.sudo, self.unknown, self.asked, self.converted = kijun, sudo, 0, 0, 0

    def problems(self, tree, text):
        self.sudo.load(tree)
        try:
            answer = common.kijun_show(self.kijun, "sudoers", tree)
            admins = common.kijun_show(self.kijun, "sudo_admins", tree)
        except common.KijunError as e:
            return [str(e)]
        _, listed, err = self.sudo.run("sudo", "-l", "-U", "root")
        if "no valid sudoers sources found" in err:
            return [] if answer["state"] == "not_in_force" else [
                "sudo refuses: " + err.splitlines()[0], "kijun says state '%s'" % answer["state"]]
        if answer["state"] == "not_collected" and not answer["message"].startswith("/etc/"):
            return []  # a mutated name leads out of the tree
        if answer["state"] == "error" and "ends in a backslash" in answer.get("message", ""):
            return []  # sudo goes on in the file that includes this one; kijun does not say what that gives
        if answer["state"] != "effective":
            return ["sudo takes the file, kijun says '%s': %s" % (answer["state"], answer.get("message"))]
        return (self.lines(answer, err) + self.settings(answer) +
                self.convert(tree, answer, text) + self.people(admins, text))

    def lines(self, answer, err):
        status, _, more = self.sudo.run("visudo", "-c", "-f", "/etc/sudoers")
        want = complaints(err) | complaints(more)
        bad = answer.get("bad", [])
        have = {(b["artifact"], b["line"]) for b in bad if not b["problem"].startswith("'/")}
        # behind a syntax error visudo does not look at Defaults, and sudo only at those for whom it works
        checked = not any(re.search("syntax|expected|unterminated|invalid|empty|Alias|digest|values for", line) for line in err.splitlines())
        if not checked:
            have -= {(b["artifact"], b["line"]) for b in bad if FAULT_OF_DEFAULTS.match(b["problem"])} - want
        out = ["- sudo complains: %s:%d" % x for x in sorted(want - have)]
        out += ["+ kijun does not take: %s:%d" % x for x in sorted(have - want)]
        if status == 0 and bad:
            out.append("visudo accepts the file")
        return out

    def settings(self, answer):
        _, out, _ = self.sudo.run("sudo", "-V")
        lines = out.splitlines()
        values = {}
        for s in answer["settings"]:
            values.setdefault(s["key"], []).append(s)
        problems = []
        for key, text in FLAGS.items():
            have = self.value(values.get(key, []))
            if have is not None and have != ("yes" if text in lines else "no"):
                problems.append("sudo -V: %s is %s, kijun says %s" % (key, text in lines, have))
        for key, pattern in PRINTED.items():
            have = self.value(values.get(key, []))
            want = [m.group(1) for m in (re.fullmatch(pattern, line) for line in lines) if m]
            if have is None or (want == [] and have == ""):
                continue
            if not want or not self.same(key, want[0], have):
                problems.append("sudo -V: %s is %s, kijun says '%s'" % (key, want, have))
        return problems

    @staticmethod
    def value(settings):
        """The value for everybody; None where a scope may hold for root too, '' for what is unset."""
        if any(s["scope"].startswith(("!", ">", ":")) for s in settings):
            return None
        for s in settings:
            if not s["scope"]:
                return "" if s.get("state") == "not_in_force" else s["value"]
        return ""

    @staticmethod
    def same(key, want, have):
        if key.endswith("_timeout"):
            return abs(float(want) - float(have)) < 0.06
        if key == "umask":
            return int(want, 8) == int(have, 8)
        return want == have

    def convert(self, tree, answer, text):
        """kijun must read what cvtsudoers prints as it reads the files."""
        status, out, _ = self.sudo.run("cvtsudoers", "-f", "json", "/etc/sudoers")
        if status != 0 or any(not FAULT_OF_DEFAULTS.match(b["problem"]) for b in answer.get("bad", [])):
            return []
        try:
            json.loads(out)
        except ValueError:
            return []  # cvtsudoers 1.9.13 prints CWD, ROLE and TYPE as no JSON
        self.converted += 1
        other = tree + "-json"
        shutil.copytree(tree, other, symlinks=True, ignore=shutil.ignore_patterns("sudoers", "sudoers.d"))
        common.write_tree(other, {"captured/cvtsudoers_-f_json.txt": out})
        try:
            shown = common.kijun_show(self.kijun, "sudoers", other)
        finally:
            shutil.rmtree(other)
        names = ("user", "users", "host", "runas_user", "runas_group", "as_root", "command", "negated", "nopasswd", "noexec")
        if not re.search("NOTBEFORE|NOTAFTER", text):  # cvtsudoers 1.9.13 drops them where it joins commands; SETENV too
            names += ("here", "decides")
        want = [[re.sub('"', "", row[n]) for n in names] for row in shown.get("rows", [])]
        have = [[re.sub('"', "", row[n]) for n in names] for row in answer.get("rows", [])]
        diff = [(w, h) for w, h in zip(want, have) if w != h][:2]
        problems = ["cvtsudoers: %d rows, files: %d rows; %s" % (len(want), len(have), diff)] if want != have else []
        if answer.get("bad"):
            return problems
        want, have = ({s["key"]: s["value"] for s in a["settings"] if not s["scope"]} for a in (shown, answer))
        return problems + ["cvtsudoers: %s is '%s', files: '%s'" % (k, want[k], have.get(k)) for k in want if want[k] != have.get(k)]

    def people(self, admins, text):
        probes = [p for p, sign in PROBES if re.search(sign, text)]
        if "^" in text:  # a regular expression is compared with the path as it was typed
            probes += ["/usr" + p for p in probes[1:]]
        real = self.sudo.admins(random.Random(text).sample(USERS, 2), probes)
        rows = {row["user"]: row for row in admins.get("rows", [])}
        problems = []
        for user, (root, free) in real.items():
            row = rows.get(user, {"root": "no", "password": "yes"})
            self.asked += 1
            if row["root"] == "unknown":
                self.unknown += 1
                continue
            if (row["root"] == "yes") != root:
                problems.append("%s: sudo says root %s, kijun %s (%s)" % (user, root, row["root"], row.get("why")))
            elif root and row["password"] != "unknown" and (row["password"] == "no") != free:
                problems.append("%s: sudo says free %s, kijun password %s (%s)" % (user, free, row["password"], row.get("why")))
        return problems


def run_cases(args, tally, judge):
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "sudoers", "*.tree"))):
        name = os.path.basename(path)[:-5]
        if args.case and args.case != name:
            continue
        _, files = common.read_case(path)
        tree = tally.tree("case-" + name, dict(FILES, **files))
        tally.note(tree, "%s --case %s" % (sys.argv[0], name), judge.problems(tree, str(files)))


def run_generated(args, tally, judge):
    for i in range(args.count) if args.only is None else [args.only]:
        made = Tree("%s/%d" % (args.seed, i))
        tree = tally.tree("%04d" % i, made.files)
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), judge.problems(tree, str(made.files)))


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=40, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    parser.add_argument("--case", metavar="NAME", help="judge the fixed tree cases/sudoers/NAME.tree alone")
    return parser.parse_args()


def own_namespace():
    """Start again in private mount and UTS namespaces, once: the chroot's mounts and the host's name end with them."""
    if os.environ.get("KIJUN_ORACLE_NAMESPACE"):
        return
    if os.geteuid() != 0:
        common.skip("the sudoers oracle needs root for namespaces and chroot")
    for program in ("sudo", "visudo", "cvtsudoers", "setpriv"):
        if not shutil.which(program):
            common.skip("no %s here (packages sudo, util-linux)" % program)
    unshare = ["unshare", "--mount", "--uts", "--propagation", "private", "--"]
    if subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        common.skip("no namespaces can be made here")
    os.environ["KIJUN_ORACLE_NAMESPACE"] = "1"
    os.execvp("unshare", unshare + [sys.executable] + sys.argv)


def main():
    args = parse_args()
    own_namespace()
    subprocess.run(["hostname", HOST], check=True)
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("sudoers")
    work = tally.work + "-root"
    os.mkdir(work)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", work], check=True)
    judge = Judge(kijun, Sudo(work))
    if args.only is None:
        run_cases(args, tally, judge)
    if args.case is None:
        run_generated(args, tally, judge)
    print("%d accounts asked about, %d not decided; %d policies by cvtsudoers" % (judge.asked, judge.unknown, judge.converted))
    subprocess.run(["umount", "-l", work], check=True)
    os.rmdir(work)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
