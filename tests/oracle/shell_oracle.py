#!/usr/bin/env python3
"""Compares `kijun show shell` with bash: TMOUT, whether it is read-only, and the umask after generated profile files.

Each tree has an /etc/profile in a distribution's manner, files in profile.d, bashrc files and users' own; an interactive
login bash reads them in a chroot. Where kijun names conditions that it cannot see, bash's value must be one of those
that it names.
"""

import argparse
import os
import random
import re
import sys

import oracle_common as common
from own_root import Root, own_namespace

# --- generated trees ----------------------------------------------------------------------------------------------

DEBIAN = """if [ "$(id -u)" -eq 0 ]; then
  PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
else
  PATH="/usr/local/bin:/usr/bin:/bin"
fi
export PATH
if [ "${PS1-}" ]; then
  if [ "${BASH-}" ] && [ "$BASH" != "/bin/sh" ]; then
    if [ -f /etc/bash.bashrc ]; then
      . /etc/bash.bashrc
    fi
  else
    PS1='$ '
  fi
fi
@
if [ -d /etc/profile.d ]; then
  for i in /etc/profile.d/*.sh; do
    if [ -r $i ]; then
      . $i
    fi
  done
  unset i
fi
"""
RUN_PARTS = """if [ -d /etc/profile.d ]; then
  for i in $(run-parts --list --regex '^[a-zA-Z0-9_][a-zA-Z0-9._-]*\\.sh$' /etc/profile.d); do
    if [ -r "$i" ]; then
      . "$i"
    fi
  done
  unset i
fi
@
"""
RHEL = """pathmunge () {
    case ":${PATH}:" in
        *:"$1":*)
            ;;
        *)
            PATH=$1:$PATH
    esac
}
@
for i in /etc/profile.d/*.sh /etc/profile.d/sh.local ; do
    if [ -r "$i" ]; then
        if [ "${-#*i}" != "$-" ]; then
            . "$i"
        else
            . "$i" >/dev/null
        fi
    fi
done
unset i
unset -f pathmunge
if [ -n "${BASH_VERSION-}" ] ; then
        if [ -f /etc/bashrc ] ; then
                . /etc/bashrc
       fi
fi
"""
ARCH = """if test -d /etc/profile.d/; then
  for profile in /etc/profile.d/*.sh; do
    test -r "$profile" && . "$profile"
  done
  unset profile
fi
@
if test "$BASH" && test "$PS1" && test -z "$POSIXLY_CORRECT" && test -r /etc/bash.bashrc; then
  . /etc/bash.bashrc
fi
"""
SUSE = """@
test -z "$PROFILEREAD" && for s in /etc/profile.d/*.sh ; do test -r $s && . $s ; done
test -s /etc/profile.local && . /etc/profile.local
"""
PLAIN = """@
[ -f /etc/bashrc ] && . /etc/bashrc
"""
BASHRC = """case $- in
    *i*) ;;
      *) return;;
esac
@
"""
BASHRC_RHEL = """if [ "$PS1" ]; then
  @
fi
"""
USER = """if [ -n "$BASH_VERSION" ]; then
    if [ -f "$HOME/.bashrc" ]; then
        . "$HOME/.bashrc"
    fi
fi
@
"""


def value(r):
    return r.choice(["600", "900", "0", "300", "600", "60", "10m", "'600'", '"900"', "0600", "-1", "$X", "x", ""])


def mask(r):
    return r.choice(["022", "027", "077", "0027", "22", "2", "u=rwx,g=rx,o=", "-S 077", "000", "002"])


def condition(r):
    return r.choice(['[ -f /etc/passwd ]', '[ -e /etc/none ]', '[ ! -e /etc/none ]', '[ -n "$PS1" ]', '[ -z "$PS1" ]',
                     '[ "$UNSEEN" = a ]', '[ -z "$UNSEEN" ]', '[ -z "$TMOUT" ]', '[ -n "${TMOUT}" ]', '[[ -d /etc ]]',
                     '[ "$(id -u)" -eq 0 ]', '[ $UID -gt 199 ]', 'true', 'false', '! true', 'test -d /etc/profile.d',
                     '[ -f /etc/passwd ] && [ -e /etc/none ]', '[ -e /etc/none ] || [ -n "$BASH_VERSION" ]',
                     '[ -n "$ZSH_VERSION" ]', '[ "$BASH" != "/bin/sh" ]', 'shopt -q login_shell', '[ "${-#*i}" != "$-" ]',
                     '[ -r /etc/group ] && ! [ -d /etc/none ]', 'grep -q x /etc/passwd', '[ "a" ]', '[ "" ]'])


def simple(r):
    v = value(r)
    return r.choice([
        "TMOUT=%s" % v, "TMOUT=%s" % v, "export TMOUT=%s" % v, "readonly TMOUT=%s" % v, "TMOUT=%s; export TMOUT" % v,
        "declare -xr TMOUT=%s" % v, "typeset -xr TMOUT=%s" % v, "readonly TMOUT", "export TMOUT", "unset TMOUT",
        "TMOUT=%s true" % v, ": ${TMOUT:=%s}" % v.strip("'\""), "TMOUT=%s export X=1" % v, "declare TMOUT=%s" % v,
        "TMOUT+=0", "# TMOUT=%s" % v, "echo TMOUT=%s" % v, "export -n TMOUT", "umask %s" % mask(r), "umask %s" % mask(r),
        "umask >/dev/null", "X=1", "(TMOUT=%s)" % v, "TMOUT=%s | cat" % v, "f() { TMOUT=%s; }" % v, "env TMOUT=%s true" % v])


def statement(r, depth=0):
    k = r.random()
    if k < 0.55 or depth > 2:
        return simple(r)
    if k < 0.68:
        return "if %s; then\n  %s\nfi" % (condition(r), statement(r, depth + 1).replace("# TMOUT", ": TMOUT"))
    if k < 0.76:
        return "if %s; then\n  %s\nelse\n  %s\nfi" % (
            condition(r), *(statement(r, depth + 1).replace("# TMOUT", ": TMOUT") for _ in range(2)))
    if k < 0.84:
        return "%s %s %s" % (condition(r), r.choice(["&&", "||"]), simple(r).split(";")[0].split("f() {")[0].replace("#", ":") or "true")
    if k < 0.87:
        return "%s && return" % condition(r)
    if k < 0.90:
        return "case $- in\n *i*) %s ;;\n *) %s ;;\nesac" % tuple(simple(r).replace("#", ":") for _ in range(2))
    if k < 0.93:
        return ". %s" % r.choice(["/etc/site.sh", "/etc/none.sh", "'/etc/site.sh'"])
    if k < 0.95:
        return "[ -f /etc/site.sh ] && . /etc/site.sh"
    if k < 0.97:
        return "cat <<EOF >/dev/null\nTMOUT=5\nEOF"
    return "{ %s; }" % simple(r).split("#")[0].rstrip(" ;") if "#" not in (s := simple(r)) else "true"


def body(r, most):
    return "\n".join(statement(r) for _ in range(r.randint(0, most)))


def generate(seed):
    r = random.Random(seed)
    profile = r.choice([DEBIAN, DEBIAN, RHEL, RHEL, ARCH, SUSE, PLAIN, RUN_PARTS])
    files = {"etc/profile": profile.replace("@", body(r, 2)), "etc/profile.d/": ""}
    for name in r.sample(["00-a.sh", "tmout.sh", "x.csh", "zz.sh", ".hidden.sh", "sh.local", "a.sh.bak"], r.randint(0, 3)):
        files["etc/profile.d/" + name] = body(r, 3) + "\n"
    for name in ("etc/bash.bashrc", "etc/bashrc"):
        if r.random() < 0.5:
            files[name] = r.choice([BASHRC, BASHRC_RHEL]).replace("@", body(r, 2) or "true") + "\n"
    for name in ("etc/site.sh", "etc/profile.local"):
        if r.random() < 0.4:
            files[name] = body(r, 2) + "\n"
    for name in r.sample([".bash_profile", ".bash_login", ".profile"], r.choice([0, 0, 1, 2])):
        files["home/alice/" + name] = USER.replace("@", body(r, 1))
        files["home/alice/.bashrc"] = body(r, 2) + "\n"
    return files


# --- bash ---------------------------------------------------------------------------------------------------------

UNTOUCHED = "0123"
REFUSED = "a syntax error"
ASK = 'echo "@@${TMOUT-}"; [[ ${TMOUT@a} == *r* ]] && echo @@r || echo @@-; echo "@@$(umask)"'


def ask(root, home):
    """(TMOUT as bash reads it, read-only?, umask)."""
    run = root.run(["/bin/sh", "-c", "umask %s; exec bash -lic '%s'" % (UNTOUCHED, ASK)],
                   {"HOME": home, "PS1": "$ ", "TERM": "dumb"})
    if b"syntax error" in run.stderr or b"unexpected EOF" in run.stderr:
        return REFUSED
    found = re.findall(r"(?m)^@@(.*)$", run.stdout.decode("utf-8", "replace"))
    if len(found) != 3:
        return None
    digits = re.match(r"\s*[-+]?\d+", found[0])
    seconds = int(digits.group()) if digits else 0
    return str(max(seconds, 0)), found[1] == "r", found[2]


# --- comparison ---------------------------------------------------------------------------------------------------

def settings_for(answer, key, user):
    own = [s for s in answer["settings"] if s["key"] == key and s["scope"].split(",")[0] == "user " + user]
    general = [s for s in answer["settings"] if s["key"] == key and not s["scope"].startswith("user ")]
    return [s for s in own or general if s["state"] != "not_in_force"]


def compare(answer, key, user, want, absent, tally):
    """A decided value must be bash's; else bash's must be among those that are named."""
    found = settings_for(answer, key, user)
    certain = len(found) == 1 and found[0]["state"] in ("effective", "default") and "condition" not in found[0]["scope"]
    if not found:
        tally["decided"] += 1
        return [] if want == absent else ["%s of %s: bash has %s, kijun says it is not set" % (key, user, want)]
    if certain:
        tally["decided"] += 1
        return [] if found[0]["value"] == want else [
            "%s of %s: bash has %s, kijun %s" % (key, user, want, found[0]["value"])]
    tally["open"] += 1
    values = {s["value"] for s in found}
    unknown = any(s["state"] == "error" for s in found)
    return [] if want in values or unknown else [
        "%s of %s: bash has %s, kijun names %s" % (key, user, want, ", ".join(sorted(values)))]


def judge(kijun, root, tree, tally):
    root.load(tree)
    answer = common.kijun_show(kijun, "shell", tree)
    problems = []
    for user, home in (("root", "/root"), ("alice", "/home/alice")):
        told = ask(root, home)
        broken = answer["state"] == "error" or any(
            s["state"] == "error" and s["scope"] == "user " + user for s in answer["settings"])
        if not told:
            continue  # a file ended the shell
        if told == REFUSED:
            problems += [] if broken else ["bash finds a syntax error for %s, kijun none" % user]
            continue
        if answer["state"] == "error":
            problems.append("kijun says error, bash finds none for %s" % user)
            continue
        seconds, readonly, umask = told
        problems += compare(answer, "TMOUT", user, seconds, "0", tally)
        problems += compare(answer, "umask", user, umask, UNTOUCHED, tally)
        locked = {s["locked"] for s in settings_for(answer, "TMOUT", user)}
        if True in locked and not readonly:
            problems.append("TMOUT of %s: kijun says locked, bash's is not read-only" % user)
        if locked == {False} and readonly and all(s["scope"] in ("", "user " + user) for s in settings_for(answer, "TMOUT", user)):
            tally["lock missed"] += 1
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=150, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    own_namespace({"bash": "bash"})
    kijun = common.find_kijun(args.kijun)
    tally = common.Tally("shell")
    counts = {"decided": 0, "open": 0, "lock missed": 0}
    root = Root(tally.work)
    for i in range(args.count) if args.only is None else [args.only]:
        tree = tally.tree("%04d" % i, generate("%s/%d" % (args.seed, i)))
        try:
            found = judge(kijun, root, tree, counts)
        except common.KijunError as e:
            found = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), found)
    root.close()
    print("values decided: %(decided)d, left to conditions: %(open)d; read-only by a condition: %(lock missed)d" % counts)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
