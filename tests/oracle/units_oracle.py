#!/usr/bin/env python3
"""Compares `kijun show units TREE -o json` with `systemctl --root=TREE list-unit-files` and `is-enabled`.

The trees have unit files in several folders, made up and then treated with real `systemctl --root` commands (enable, disable, mask, link,
add-wants, preset) and by hand: links into the void, empty files, links in /run, aliases. Needs systemctl; skips elsewhere.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys

import oracle_common as common
from systemd_oracle import add_manifest

USR, LOCAL, ETC, RUN = "usr/lib/systemd/system/", "usr/local/lib/systemd/system/", "etc/systemd/system/", "run/systemd/system/"
NAMES = ["alpha.service", "beta.service", "gamma.socket", "delta.timer", "eps@.service", "zeta.service", "eta.target", "theta.path"]
INSTANCES = ["eps@one.service", "eps@two.service"]
INSTALLS = [
    "", "", "[Install]\nWantedBy=multi-user.target\n", "[Install]\nWantedBy=multi-user.target\n", "[Install]\nRequiredBy=eta.target\n",
    "[Install]\nAlso=beta.service\n", "[Install]\nWantedBy=timers.target\nAlias=%(alias)s\n", "[Install]\nAlias=%(alias)s\n",
    "[Install]\nWantedBy=\n", "[Install]\nWantedBy=multi-user.target\nDefaultInstance=one\n", "[install]\nWantedBy=multi-user.target\n",
    "[Install]\nWantedBy=a.target b.target\nAlso=gamma.socket\n",
]
PRESETS = ["enable alpha*\ndisable *\n", "disable beta.service\n", "enable eps@.service one\ndisable eps@.service\n", "# nothing\n", "enable *\n",
           "disable *.timer\nenable delta.timer\nbroken\n", "ignore zeta.service\ndisable zeta.service\n"]


def suffix(name):
    return name[name.rindex("."):]


def unit(r, name):
    stem = name[:name.rindex(".")].rstrip("@")
    alias = "alias-%s%s%s" % (stem, "@" if "@" in name else "", suffix(name))
    body = {"service": "[Service]\nExecStart=/bin/true\n", "socket": "[Socket]\nListenStream=1\n", "timer": "[Timer]\nOnCalendar=daily\n",
            "target": "", "path": "[Path]\nPathExists=/x\n"}[suffix(name)[1:]]
    return "[Unit]\nDescription=%s\n%s%s" % (stem, body, r.choice(INSTALLS) % {"alias": alias})


def generate(r):
    files = {ETC: "", RUN: "", USR: "", LOCAL: "", "usr/lib/systemd/system-preset/": "", "etc/systemd/system-preset/": ""}
    for name in NAMES:
        for folder, chance in ((USR, 0.85), (LOCAL, 0.1), (ETC, 0.15), (RUN, 0.08)):
            if r.random() < chance:
                files[folder + name] = unit(r, name) if r.random() < 0.93 else ""
    if r.random() < 0.5:
        files["opt/linked.service"] = unit(r, "linked.service")
    if r.random() < 0.4:
        name = r.choice(NAMES)
        files["%s%s.d/10-install.conf" % (r.choice([ETC, USR]), name)] = r.choice(
            ["[Install]\nWantedBy=multi-user.target\n", "[Unit]\nDescription=x\n", "[Install]\nWantedBy=\n"])
    for _ in range(r.choice([0, 1, 1, 2])):
        files["%s/systemd/system-preset/%02d.preset" % (r.choice(["etc", "usr/lib"]), r.randrange(3))] = r.choice(PRESETS)
    return files


def systemctl(tree, *args):
    run = subprocess.run(["systemctl", "--root=" + tree, "--no-pager"] + list(args), capture_output=True, timeout=60, text=True,
                         env={"PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C", "SYSTEMD_LOG_LEVEL": "err"})
    return run.stdout


def treat(r, tree):
    """Real commands, then links that nobody made with a command."""
    for _ in range(r.randrange(6)):
        name = r.choice(NAMES + INSTANCES)
        verb = r.choice(["enable", "enable", "enable", "disable", "mask", "preset", "unmask", "add-wants", "link", "mask-runtime",
                         "enable-runtime"])
        runtime = ["--runtime"] if verb.endswith("-runtime") else []
        verb = verb.replace("-runtime", "")
        args = [verb] + runtime + (["extra.target", name] if verb == "add-wants" else ["/opt/linked.service"] if verb == "link" else [name])
        systemctl(tree, *args)
    for _ in range(r.choice([0, 0, 1, 2, 3])):
        name = r.choice(NAMES + INSTANCES)
        source = "eps@.service" if name.startswith("eps@") else name
        path, target = r.choice([
            (ETC + "multi-user.target.wants/" + name, "/nowhere/" + source),
            (ETC + "multi-user.target.wants/" + name, "/" + USR + source),
            (ETC + "multi-user.target.wants/" + name, "../" + source),
            (RUN + "x.target.requires/" + name, "/" + USR + source),
            (USR + "x.target.wants/" + name, "../" + source),
            (ETC + "hand-made" + suffix(name), "/" + USR + source),
            (USR + "vendor-alias" + suffix(name), source),
            (ETC + name, "/dev/null"),
            (RUN + name, "/dev/null"),
            (USR + name, "/dev/null"),
            (ETC + name, "/" + USR + source if source != name else "/opt/" + name), # of its own name, systemctl --root 252 finds a loop
        ])
        full = os.path.join(tree, path)
        if not os.path.lexists(full):
            os.makedirs(os.path.dirname(full), exist_ok=True)
            os.symlink(target, full)


def truth(tree):
    """{unit: (state, preset)}."""
    out = {}
    for line in systemctl(tree, "list-unit-files", "--no-legend", "--full").splitlines():
        words = line.split()
        if len(words) >= 3:
            out[words[0]] = (words[1], words[2].replace("-", "") if words[2] == "-" else words[2])
    for name in INSTANCES:
        state = systemctl(tree, "is-enabled", name).strip()
        if state:
            out[name] = (state, None)
    return out


def leads_to_itself(tree, name):
    """A link to a weaker folder's file of the same name: systemctl --root 252 takes it for a loop."""
    return any(os.path.islink(os.path.join(tree, f, name)) and os.path.basename(os.readlink(os.path.join(tree, f, name))) == name
               for f in (ETC, RUN))


def leads_to_nothing(tree, name):
    """A link to an empty file: now alias, now masked says systemctl's list."""
    return any(os.path.islink(os.path.join(tree, f, name)) and os.path.isfile(common.resolve(tree, f + name)) and
               not os.path.getsize(common.resolve(tree, f + name)) for f in (ETC, RUN, LOCAL, USR))


def compare(tree, want, answer):
    have = {s["key"]: s["value"] for s in answer["settings"]}
    problems = []
    for name, (state, _) in sorted(want.items()):
        if state == "bad" and leads_to_itself(tree, name):
            continue
        if name in INSTANCES and name not in have and state in ("disabled", "static", "indirect", "masked", "masked-runtime"):
            continue  # of instances only those that a link names are told
        if {state, have.get(name)} == {"alias", "masked"} and leads_to_nothing(tree, name):
            continue
        if have.get(name) != state:
            problems.append("%s: systemctl says %s, kijun %s" % (name, state, have.get(name)))
    return problems + ["%s: kijun says %s, systemctl does not list it" % (n, s) for n, s in sorted(have.items())
                       if n not in want and n.startswith(tuple(x.split(".")[0] for x in NAMES)) and s in ("enabled", "masked")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=100, help="how many trees to generate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="generate and judge tree N alone")
    args = parser.parse_args()
    if not shutil.which("systemctl"):
        common.skip("no systemctl (Debian: systemd)")
    args.kijun = common.find_kijun(args.kijun)
    tally = common.Tally("units")
    for i in range(args.count) if args.only is None else [args.only]:
        r = random.Random("%s/%d" % (args.seed, i))
        tree = tally.tree("%04d" % i, dict(generate(r), **{"etc/kept": common.Link("passwd")}))
        treat(r, tree)
        add_manifest(tree)
        try:
            problems = compare(tree, truth(tree), common.kijun_show(args.kijun, "units", tree))
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d" % (sys.argv[0], args.seed, i), problems)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
