#!/usr/bin/env python3
"""Compares kijun with the real libpam over generated stacks of a module that logs its calls (pam_probe.c).

Every way through a stack is gone (pam_ask walk): `kijun show pam` must list the modules in the order in which they are
called, and say rightly which of them are reached, skippable and fatal.
"""

import argparse
import os
import random
import re
import sys

import oracle_common as common
import pam_world

# What _pam_types.h numbers.
CODES = {"success": 0, "open_err": 1, "symbol_err": 2, "service_err": 3, "system_err": 4, "buf_err": 5, "perm_denied": 6,
         "auth_err": 7, "cred_insufficient": 8, "authinfo_unavail": 9, "user_unknown": 10, "maxtries": 11,
         "new_authtok_reqd": 12, "acct_expired": 13, "session_err": 14, "cred_unavail": 15, "cred_expired": 16,
         "cred_err": 17, "no_module_data": 18, "conv_err": 19, "authtok_err": 20, "authtok_recover_err": 21,
         "authtok_lock_busy": 22, "authtok_disable_aging": 23, "try_again": 24, "ignore": 25, "abort": 26,
         "authtok_expired": 27, "module_unknown": 28, "bad_item": 29}
REFUSALS = {"auth": {7}, "account": {7, 6, 13}, "password": {20, 11}, "session": {14}}
TYPES = list(REFUSALS)
RUNS = 2500


# --- generated trees ----------------------------------------------------------------------------------------------

def action(r, left):
    return r.choice(["ok", "done", "bad", "die", "ignore", "reset", str(r.randint(1, max(1, left))), "1", "ok", "ignore",
                     "die"])


def bracket(r, left):
    pairs = []
    for _ in range(r.choice([1, 2, 2, 3])):
        code = r.choice(["success", "success", "default", "default", "ignore", "auth_err", "authtok_err", "user_unknown",
                         "new_authtok_reqd", "maxtries", r.choice(list(CODES))])
        pairs.append("%s=%s" % (code, action(r, left)))
    if r.random() < 0.5 and not any(p.startswith("default") for p in pairs):
        pairs.append("default=" + action(r, left))
    text = r.choice([" ", " ", "  "]).join(pairs)
    damage = r.random()
    if damage < 0.03:
        text = text.upper()
    elif damage < 0.06:
        text = text.replace("=", " = ", 1)
    elif damage < 0.09:
        text = text.replace(" ", "", 1)
    elif damage < 0.12:
        text = r.choice(["", "success", "success=", "success=0", "foo=ok", "success=okay", "ignore=ok bad"])
    return "[%s]" % text


def control(r, left):
    if r.random() < 0.55:
        word = r.choice(["required", "requisite", "sufficient", "optional"])
        return r.choice([word] * 6 + [word.upper(), word + "d", word.capitalize()])
    return bracket(r, left)


class Maker:
    """One tree: files of pam.d, probes with names of their own."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.type = self.r.choice(TYPES)
        self.probes = 0
        self.files = {}
        self.fragments = 0

    def module(self):
        self.probes += 1
        kind = self.r.random()
        if kind < 0.06:
            return "pam_deny.so"
        if kind < 0.14:
            return "pam_permit.so"
        return self.r.choice(["pam_probe.so", "/lib/security/pam_probe.so"]) + " p%d" % self.probes

    def line(self, left, depth):
        r = self.r
        kind = r.random()
        word = r.choice([self.type] * 12 + [self.type.upper(), "-" + self.type])
        if kind < 0.04:
            return r.choice(["%s" % word, "%s required" % word, "authh required pam_probe.so x", "%s optional" % word,
                             "%s sufficient" % word, "passwort sufficient pam_permit.so", "# %s required pam_deny.so" % word,
                             "[%s required pam_permit.so" % word])
        if kind < 0.08:
            return "%s %s %s" % (r.choice(TYPES), control(r, left), "pam_permit.so")
        if kind < 0.24 and depth < 3 and self.fragments < 3:
            return self.include(word, depth)
        return "%s%s%s%s%s" % (word, r.choice([" ", "\t", "   "]), control(r, left), r.choice([" ", "\t"]), self.module())

    def include(self, word, depth):
        r = self.r
        self.fragments += 1
        name = "frag%d" % self.fragments
        kind = r.choice(["include", "substack", "substack", "Include", "@include"])
        # a missing @include inside an include fails by the control of the line before it: Debian's patch 031_pam_include
        # jumps over the place that clears it
        missing = [] if kind == "@include" and depth else ["usr/lib/pam.d/", None]
        where = r.choice(["etc/pam.d/"] * 6 + missing)
        if where:
            self.file(where + name, depth + 1)
        target = r.choice([name] * 5 + ["/etc/pam.d/" + name])
        return "@include %s" % target if kind == "@include" else "%s %s %s" % (word, kind, target)

    def file(self, path, depth):
        n = self.r.choice([1, 2, 3, 3, 4] if depth else [2, 3, 4, 5])
        lines = [self.line(n - i - 1, depth) for i in range(n)]
        ends = self.r.random() if path != "x" else 1 # more lines come after those of pam.conf
        if ends < 0.03:
            lines.append("%s required \\" % self.type)
        elif ends < 0.08:
            lines[-1] = lines[-1].replace(" ", " \\\n ", 1)
        self.files[path] = "\n".join(lines) + "\n"

    def make(self):
        r = self.r
        if r.random() < 0.05: # pam.conf, where there is no pam.d
            self.fragments = 3
            self.file("x", 0)
            own = "".join("%s %s\n" % (r.choice(["svc", "SVC"]), line) for line in self.files.pop("x").splitlines())
            self.files["etc/pam.conf"] = own + "other %s required pam_permit.so\nelse auth required pam_deny.so\n" % self.type
            return self.files, self.type
        self.file(r.choice(["etc/pam.d/svc"] * 8 + ["usr/lib/pam.d/svc"]), 0)
        if r.random() < 0.1:
            self.files["etc/pam.d/svc"] = "%s required pam_permit.so\n" % r.choice(TYPES)
        if r.random() < 0.7:
            self.file("etc/pam.d/other", 2)
        self.files.setdefault("etc/pam.d/", "")
        return self.files, self.type


def codes_for(files, kind):
    """The codes that the probes return: the refusals, those that a control names, and one that none does."""
    text = "".join(files.values())
    named = {CODES[w] for w in CODES if w in text}
    codes = {0, 25, 12} | REFUSALS[kind] | named
    codes |= {next(c for c in (15, 16, 17, 18, 19, 22, 23) if c not in named)}
    return sorted(codes)


# --- comparison ---------------------------------------------------------------------------------------------------

class Walk:
    """What libpam did: runs as (succeeded, [(name, code)])."""

    def __init__(self, lines):
        self.whole = "..." not in lines
        self.runs = []
        for line in lines:
            if line != "...":
                words = line.split()
                calls = [(w.split(":")[0], int(w.split(":")[1])) for w in words[1:]]
                self.runs.append((words[0] == "0", calls))


def is_in_order(names, listed):
    rest = iter(listed)
    return all(name in rest for name in names)


def compare_row(walk, row, kind):
    name = row["args"]
    problems = []
    reached = any(name in dict(calls) for _, calls in walk.runs)
    skipped = any(ok and name not in dict(calls) for ok, calls in walk.runs)
    refused = any(ok and dict(calls).get(name) in REFUSALS[kind] for ok, calls in walk.runs)
    for what, true, said in (("reached", reached, row["reached"] == "yes"), ("skippable", skipped, row["skippable"] == "yes"),
                             ("fatal", not refused, row["fatal"] == "yes")):
        sure = walk.whole or true == (what != "fatal")
        if sure and true != said:
            problems.append("%s (%s line %s): %s is %s, kijun says %s" % (name, row["artifact"], row["line"], what, true, said))
    return problems


def compare(walk, rows, kind):
    listed = [r["args"] for r in rows if r["module"] == "pam_probe.so"]
    listed = [name for name in listed if re.fullmatch(r"p\d+", name)]
    problems = []
    for ok, calls in walk.runs:
        if not is_in_order([n for n, _ in calls], listed):
            problems.append("libpam calls %s, kijun lists %s" % (" ".join(n for n, _ in calls), " ".join(listed)))
            break
    if len(set(listed)) < len(listed):
        return problems # a file that is spliced in twice: names do not tell which of its entries is called
    for row in rows:
        if row["args"] in listed:
            problems += compare_row(walk, row, kind)
    if walk.whole and not any(ok for ok, _ in walk.runs) and any(r["skippable"] == "yes" for r in rows):
        problems.append("the stack never succeeds, and kijun calls a module skippable")
    return problems


def judge(args, world, tree, files, kind):
    world.use(tree)
    walk = Walk(world.run(["walk", "svc", kind, str(RUNS)] + [str(c) for c in codes_for(files, kind)]))
    answer = common.kijun_show(args.kijun, "pam", tree)
    rows = [r for r in answer.get("rows", []) if r["service"] == "svc" and r["type"] == kind]
    return compare(walk, rows, kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--ask", default="build/tests/oracle/pam_ask", help="the built pam_ask.c")
    parser.add_argument("--probe", default="build/tests/oracle/pam_probe.so", help="the built pam_probe.c")
    parser.add_argument("--count", type=int, default=120, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    if os.geteuid() != 0:
        common.skip("needs root, for chroot")
    if not os.access(args.ask, os.X_OK) or not pam_world.module_folder():
        common.skip("no '%s' (built when libpam0g-dev is installed), or no PAM modules" % args.ask)
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("pam")
    world = pam_world.World(os.path.join(tally.work, "root"), args.ask, args.probe)
    for i in range(args.count) if args.only is None else [args.only]:
        files, kind = Maker("%s/%d" % (args.seed, i)).make()
        tree = tally.tree("%04d" % i, files)
        try:
            problems = judge(args, world, tree, files, kind)
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
