#!/usr/bin/env python3
"""Holds kijun's reading of firewalld's files to firewalld's own.

  firewalld_files.py [--kijun build/kijun] [--count 40] [--seed 1] [--only N] [--verbose]

Trees of zone files, ipsets and firewalld.conf are generated from a seed; `firewall-offline-cmd --list-all-zones` prints
what firewalld makes of them, and `kijun firewall --compare` must find that list and the files the same. Every third tree
holds one thing that firewalld leaves out or refuses: there the files may be in doubt, but nothing may differ for certain.
The files of a host whose nft rules were measured (the shared corpus) are held to what its kernel did.
Needs firewalld's firewall-offline-cmd (no daemon, no root), or the corpus. Standard library only.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from xml.sax.saxutils import quoteattr

import firewall_twins
import oracle_common

SHIPPED = "/usr/lib/firewalld"
SAME, PERHAPS = 0, 3
ZONES = ("public", "dmz", "work", "internal", "mine", "a")
SERVICES = ("ssh", "http", "https", "mdns", "samba", "dhcpv6-client", "dns", "ipsec", "upnp-client", "tftp")
PORTS = ("22", "80", "8000-8100", "514", "60000-61000", "443")
PROTOCOLS = ("tcp", "udp", "sctp", "dccp")
ICMP = ("echo-request", "timestamp-request", "destination-unreachable", "router-advertisement")
ADDRESSES = ("192.0.2.0/24", "192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "198.51.100.0/255.255.255.0")
IPSETS = ("bad", "good")

# What firewalld leaves out with a warning, or refuses the file for.
ODD = (
    "<flurb/>", "<port port='9-9' protocol='tcp'/>", "<service name='ssh' flurb='1'/>", "<protocol value='flurb'/>",
    "<rule><source address='192.0.2.0/24'/><drop/></rule>", "<rule><service name='ssh'/><drop/><accept/></rule>",
    "<rule><service name='ssh'/><service name='http'/><drop/></rule>", "<rule><port port='9-9' protocol='tcp'/><drop/></rule>",
    "<rule><reject type='icmp-host-prohibited'/></rule>", "<rule><icmp-block name='echo-request'/><accept/></rule>",
    "<rule><forward-port port='99' protocol='tcp' to-port='22'/></rule>", "<rule><log level='err'/><drop/></rule>",
    "<rule><drop><limit value='1/x'/></drop></rule>", "<rule priority='99999'><drop/></rule>",
    "<rule family='ipv4'><source address='192.0.2.0/24'/><source address='10.0.0.0/8'/><drop/></rule>",
    "<rule><drop/></rule>", "<rule><destination ipset='bad'/><drop/></rule>",
    "<source address='192.0.2.77' invert='true'/>", "<source address='192.0.2.77' ipset='bad'/>", "<limit value='1/m'/>",
)


def element(tag, inner="", **attributes):
    words = "".join(" %s=%s" % (k.replace("_", "-"), quoteattr(v)) for k, v in attributes.items() if v is not None)
    return "<%s%s>%s</%s>" % (tag, words, inner, tag) if inner else "<%s%s/>" % (tag, words)


def family_of(address):
    return "ipv6" if ":" in address else "ipv4"


class Tree:
    """The files of one host, {path below the folder: text}."""

    def __init__(self, seed, number):
        self.random = random.Random("%d/%d" % (seed, number))
        self.odd = number % 3 == 2
        self.files, self.bound = {}, set()
        names = self.random.sample(ZONES, self.random.randint(1, len(ZONES)))
        self.default = self.random.choice(names + ["public"])
        self.files["firewalld.conf"] = "# made up\nDefaultZone=%s\n" % self.default
        for name in IPSETS:
            self.files["ipsets/%s.xml" % name] = self.ipset()
        for name in names:
            self.files["zones/%s.xml" % name] = self.zone()
        if self.odd:
            path = "zones/%s.xml" % self.random.choice(names)
            self.files[path] = self.files[path].replace("</zone>", self.random.choice(ODD) + "\n</zone>")

    def some(self, values, most):
        return self.random.sample(values, self.random.randint(0, min(most, len(values))))

    def maybe(self, chance):
        return self.random.random() < chance

    def ipset(self):
        entries = "".join("\n  <entry>%s</entry>" % a for a in self.some(("203.0.113.0/25", "198.51.100.9", "10.9.0.0/16"), 3))
        return '<?xml version="1.0" encoding="utf-8"?>\n<ipset type="hash:net">%s\n</ipset>\n' % entries

    def to_addr(self):
        """Whether an address is the host's own is not known, so what is sent there is in doubt."""
        if self.odd and self.maybe(0.5):
            return "10.0.0.9"
        return None

    def bindings(self):
        for kind, values in (("interface", ("eth0", "eth1", "wlan0", "vm+")), ("source", ADDRESSES), ("ipset", IPSETS)):
            for value in self.some(values, 2):
                if value in self.bound:
                    continue  # firewalld refuses what two zones claim
                self.bound.add(value)
                yield element("interface", name=value) if kind == "interface" else \
                    element("source", **{"address" if kind == "source" else "ipset": value})

    def rule(self):
        address, far = self.random.choice(ADDRESSES + (None,) * 3), self.random.choice(ADDRESSES + (None,) * 9)
        if address and far and family_of(address) != family_of(far):
            far = None
        family = family_of(address or far) if address or far else self.random.choice((None, None, "ipv4", "ipv6"))
        parts, forwards = [], False
        priority = str(self.random.choice((-100, -1, 1, 5))) if self.maybe(0.4) else None
        invert = self.random.choice((None, None, "True"))
        if address:
            parts.append(element("source", address=address, invert=invert))
        elif self.maybe(0.2):
            parts.append(element("source", ipset=self.random.choice(IPSETS), invert=invert))
        if far:
            parts.append(element("destination", address=far))
        kind = self.random.randrange(8)
        port, proto = self.random.choice(PORTS), self.random.choice(PROTOCOLS)
        if kind < 2:
            parts.append(element("service", name=self.random.choice(SERVICES)))
        elif kind == 2:
            parts.append(element("port", port=port, protocol=proto))
        elif kind == 3:
            parts.append(element("source-port", port=port, protocol=proto))
        elif kind == 4:
            parts.append(element("protocol", value=self.random.choice(("esp", "gre", "47", "udp"))))
        elif kind == 5:
            parts.append(element("icmp-type", name=self.random.choice(ICMP[:2])))
            family = "ipv4" if family != "ipv6" else family
        elif kind == 6 and family == "ipv4":
            forwards = True
            parts.append(element("forward-port", port=port, protocol="tcp", to_port="2222",
                                 to_addr=self.to_addr()))
        if kind == 5 and family == "ipv6":
            return ""  # these types are of IPv4 alone
        if not parts and not priority:
            return ""
        if self.maybe(0.3):
            parts.append(element("log", self.random.choice(("", '<limit value="3/m"/>')), prefix="a 'b", level="info"))
        if not forwards:
            parts.append(element(self.random.choice(("accept", "accept", "drop", "reject"))))
        return element("rule", "\n    " + "\n    ".join(parts) + "\n  ", family=family, priority=priority)

    def zone(self):
        r = self.random
        lines = [element("short", "Made &amp; up"), element("description", "x")]
        lines += self.bindings()
        lines += [element("service", name=s) for s in self.some(SERVICES, 4)]
        lines += [element("port", port=p, protocol=r.choice(PROTOCOLS)) for p in self.some(PORTS, 3)]
        lines += [element("source-port", port=p, protocol="udp") for p in self.some(PORTS[:2], 1)]
        lines += [element("protocol", value=p) for p in self.some(("esp", "gre"), 1)]
        lines += [element("icmp-block", name=i) for i in self.some(ICMP, 2)]
        lines += [element("forward-port", port="2022", protocol="tcp", to_port="22", to_addr=self.to_addr())
                  for _ in self.some((1,), 1)]
        lines += filter(None, (self.rule() for _ in range(r.randint(0, 4))))
        lines += [element(e) for e in self.some(("forward", "masquerade", "icmp-block-inversion"), 2)]
        r.shuffle(lines)
        target = r.choice((None, None, None, "ACCEPT", "DROP", "%%REJECT%%"))
        return '<?xml version="1.0" encoding="utf-8"?>\n%s\n' % element("zone", "\n  " + "\n  ".join(lines) + "\n",
                                                                        target=target)


def ask(folder, *args):
    run = subprocess.run(["firewall-offline-cmd", "--system-config", folder] + list(args), capture_output=True, text=True)
    return run.returncode, run.stdout


def listed(tree, folder):
    """What firewalld says of the folder, as kijun reads it; None when it refuses the folder."""
    status, zones = ask(folder, "--list-all-zones")
    default = ask(folder, "--get-default-zone")[1].strip()
    if status != 0 or not zones.strip():
        return None
    # firewall-offline-cmd 1.x does not mark the default zone in the list
    heading = re.compile(r"^%s( \(active\))?$" % re.escape(default), re.M)
    if not heading.search(zones):
        return None
    zones = heading.sub("%s (default, active)" % default, zones)
    return zones + "".join("\n" + ask(folder, "--info-ipset=" + name)[1] for name in IPSETS)


def joined(tree, folder):
    """All files in one text, as `tail -n +1` prints them."""
    paths = [os.path.join(folder, path) for path in sorted(tree.files)]
    for below in ("zones", "services"):
        paths += sorted(os.path.join(SHIPPED, below, name) for name in os.listdir(os.path.join(SHIPPED, below)))
    return subprocess.run(["tail", "-n", "+1"] + paths, capture_output=True, text=True, check=True).stdout


def judge(kijun, tree, folder):
    """What is wrong, or None."""
    for name in ("zones", "ipsets", "services"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    oracle_common.write_tree(folder, tree.files)
    says = listed(tree, folder)
    if says is None:
        return None if tree.odd else "firewalld refuses the files: %s" % ask(folder, "--check-config")[1]
    oracle_common.write_tree(folder, {"list.txt": says, "files.txt": joined(tree, folder)})
    compare = [kijun, "firewall", "--compare", os.path.join(folder, "list.txt"), os.path.join(folder, "files.txt")]
    # Of IPv6 IPv6_rpfilter leaves everything in doubt, in either form.
    for question, good in ((["--from", "0.0.0.0/0"], (SAME, PERHAPS) if tree.odd else (SAME,)), ([], (SAME, PERHAPS))):
        run = subprocess.run(compare + question, capture_output=True, text=True)
        if run.returncode not in good:
            return "status %d of %s\n%s%s" % (run.returncode, " ".join(compare[1:] + question), run.stdout[:4000], run.stderr)
    return None


def measured(kijun, shared):
    """(rows, failed) of the host of the corpus; nothing without it."""
    host = os.path.join(shared, "corpus/firewall/firewalld/p1/etc-firewalld")
    if not os.path.isdir(host):
        return 0, 0
    truth = firewall_twins.read_truth(os.path.join(shared, "corpus/firewall/nft/hand-firewalld1.json"))
    judge = firewall_twins.Judge([kijun, "firewall"], False)
    paths = [os.path.join(folder, name) for folder, _, names in sorted(os.walk(host)) for name in sorted(names)]
    with tempfile.TemporaryDirectory() as work:
        whole = os.path.join(work, "files.txt")
        with open(whole, "wb") as file:
            file.write(subprocess.run(["tail", "-n", "+1"] + paths, capture_output=True, check=True).stdout)
        judge.file("firewalld's files", whole, truth, (4,))
        doubt = judge.unsure  # the files tell all of IPv4
        judge.file("firewalld's files", whole, truth, (6,))
    print("what the kernel did: rows %d, closed but open %d, certain but closed %d, unsure of IPv4 %d" % (
        judge.rows, judge.closed, judge.certain, doubt))
    return judge.rows, judge.closed + judge.certain + doubt


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--shared", default=os.environ.get("KIJUN_SHARED", os.path.join(os.path.dirname(__file__), "../../../shared")))
    args = parser.parse_args()
    kijun = oracle_common.find_kijun(args.kijun)
    numbers = [args.only] if args.only is not None else range(args.count)
    rows, wrong = measured(kijun, args.shared)
    if not shutil.which("firewall-offline-cmd") or not os.path.isdir(SHIPPED):
        numbers = []
        print("firewall-offline-cmd is not installed (Debian: firewalld): no trees")
    if not rows and not numbers:
        oracle_common.skip("neither firewalld nor the corpus is there")
    failed = refused = 0
    for number in numbers:
        folder = tempfile.mkdtemp(prefix="kijun-firewalld-")
        tree = Tree(args.seed, number)
        problem = judge(kijun, tree, folder)
        refused += not os.path.exists(os.path.join(folder, "list.txt"))
        if problem:
            failed += 1
            print("FAILED tree %d of seed %d, in %s\n%s" % (number, args.seed, folder, problem))
        elif args.verbose:
            print("%d: %s" % (number, folder))
        if not problem and not args.verbose:
            shutil.rmtree(folder)
    print("%d trees, %d of them refused by firewalld" % (len(numbers), refused))
    print("%d passed, %d failed" % (len(numbers) - failed + max(rows - wrong, 0), failed + wrong))
    return 1 if failed or wrong or (numbers and refused == len(numbers)) else 0


if __name__ == "__main__":
    sys.exit(main())
