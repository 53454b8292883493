"""Rulesets at random for iptables-restore and ip6tables-restore, as legacy and as nft. Standard library only."""

from firewall_world import FLAGS, IFACES, OUTSIDE, Pieces, Ruleset, STATES, without_own_destinations, WORLDS


class Iptables:
    """One ruleset for iptables-restore: table by table, rules of matches and a target."""

    def __init__(self, rnd, version, loader):
        self.rnd, self.version, self.loader = rnd, version, loader
        self.pieces = Pieces(rnd, WORLDS[version])
        self.chance = self.pieces.chance
        self.exact, self.dnat = True, False
        self.stateful = self.chance(20)
        self.nat = self.chance(30)
        # A packet that REDIRECT turns to "this host" has an address that no dump shows.
        self.names_destinations = not self.nat or self.chance(40)
        self.sets = {}

    def ruleset(self):
        if self.chance(40):
            self.make_sets()
        text = ""
        for table, percent in (("raw", 35), ("mangle", 35)):
            text += self.table(table) if self.chance(percent) else ""
        text += self.nat_table() if self.nat else ""
        text += self.table("filter")
        text = without_own_destinations(text) if self.dnat else text
        return Ruleset(self.loader, (self.version,), text, "".join(self.sets.values()), self.exact, self.dnat)

    # sets

    def make_sets(self):
        for i, kind in enumerate(self.rnd.sample(sorted(SET_KINDS), 2)):
            name = "set%d" % i
            lines = ["create %s %s family inet%s" % (name, kind, "6" if self.version == 6 else "")]
            if kind == "bitmap:port":
                lines = ["create %s bitmap:port range 0-65535" % name]
            for _ in range(self.rnd.randrange(1, 7)):
                lines.append("add %s %s -exist" % (name, SET_KINDS[kind](self)))
            if kind == "hash:net" and self.chance(40):
                lines.append("add %s %s nomatch -exist" % (name, self.pieces.prefix_text(self.chance(30))))
            self.sets[(name, kind)] = "\n".join(lines) + "\n"

    def match_set(self):
        name, kind = self.rnd.choice(sorted(self.sets))
        parts = kind.partition(":")[2].split(",")
        flags = [("dst" if part == "port" or self.chance(25) else "src") for part in parts]
        return "-m set %s--match-set %s %s" % (self.no(), name, ",".join(flags))

    # matches

    def no(self, percent=25):
        return "! " if self.chance(percent) else ""

    def match_address(self, of_destination):
        option = "-d" if of_destination else "-s"
        if self.chance(25):
            word = "dst" if of_destination else "src"
            return "-m iprange %s--%s-range %s-%s" % (self.no(), word, *self.pieces.range(of_destination))
        if self.chance(15):
            return "%s %s" % (option, ",".join(self.pieces.prefix_text(of_destination) for _ in range(3)))
        return "%s%s %s" % (self.no(), option, self.pieces.prefix_text(of_destination))

    def match_iface(self, option):
        return "%s%s %s" % (self.no(), option, self.rnd.choice(("eth0", "eth1", "eth+", "lo", "wan0", "e+")))

    def port_text(self):
        first, last = self.pieces.ports()
        return str(first) if first == last else "%d:%d" % (first, last)

    def match_ports(self, proto):
        if self.chance(30):
            option = self.rnd.choice(("--dports", "--dports", "--dports", "--sports", "--ports"))
            ports = ",".join(self.port_text() for _ in range(self.rnd.randrange(1, 7)))
            return "-m multiport %s%s %s" % (self.no(), option, ports)
        option = "--dport" if self.chance(85) else "--sport"
        return "-m %s %s%s %s" % (proto, self.no(), option, self.port_text())

    def match_flags(self):
        if self.chance(40):
            return "-m tcp %s--syn" % self.no()
        mask = self.rnd.sample(FLAGS, self.rnd.randrange(1, 5))
        value = [flag for flag in mask if self.chance(40)]
        return "-m tcp %s--tcp-flags %s %s" % (self.no(), ",".join(mask), ",".join(value) or "NONE")

    def match_icmp(self):
        kind, code = self.rnd.choice(WORLDS[self.version].icmp)
        text = "%d/%d" % (kind, code) if self.chance(35) else str(kind)
        if self.version == 6:
            return "-p ipv6-icmp -m icmp6 %s--icmpv6-type %s" % (self.no(15), text)
        return "-p icmp -m icmp %s--icmp-type %s" % (self.no(15), text)

    def protocol(self):
        """A match of the protocol with what belongs to it."""
        rnd = self.rnd
        if self.chance(12):
            return [self.match_icmp()]
        if self.chance(12):
            return ["%s-p %s" % (self.no(40), rnd.choice(("tcp", "udp", "47", "gre", "esp", "89", "all")))
                    ] if self.chance(80) else ["! -p tcp"]
        proto = rnd.choice(("tcp", "tcp", "udp"))
        parts = ["-p " + proto]
        if self.chance(85):
            parts.append(self.match_ports(proto))
        if proto == "tcp" and self.chance(15):
            parts.append(self.match_flags())
        return parts

    def match_state(self):
        states = self.rnd.sample(STATES, self.rnd.randrange(1, 4))
        if self.chance(40):
            return "-m state %s--state %s" % (self.no(), ",".join(states))
        if self.chance(15):
            states.append(self.rnd.choice(("DNAT", "SNAT")))
        return "-m conntrack %s--ctstate %s" % (self.no(), ",".join(states))

    def match_other(self):
        """Marks, kinds of addresses, comments, and (when the ruleset may) what no dump can tell."""
        odd = ("-m limit --limit 5/min --limit-burst 3", "-m statistic --mode random --probability 0.5",
               "-m recent --name r --set", "-m recent --name r --rcheck", "-m mac --mac-source 02:00:00:00:00:99",
               "-m length --length 0:45", "-m connlimit --connlimit-above 2", "-m time --timestart 01:00:00",
               "-m hashlimit --hashlimit-upto 2/min --hashlimit-name h --hashlimit-mode srcip")
        if self.stateful and self.chance(60):
            self.exact = False
            return self.rnd.choice(odd)
        return self.rnd.choice((
            "-m mark %s--mark 0x%x/0x%x" % (self.no(), self.rnd.randrange(4), self.rnd.choice((1, 2, 3, 0xffffffff))),
            "-m connmark %s--mark 0x%x" % (self.no(), self.rnd.randrange(3)),
            "-m comment --comment \"-j DROP \\\" ! 'x'\"",
            "-m addrtype %s--dst-type LOCAL" % self.no(),
            "-m conntrack --ctdir %s" % self.rnd.choice(("ORIGINAL", "REPLY"))))

    def matches(self, table, hook):
        """`hook`: the base chain's name, or None in a chain of its own."""
        parts = []
        for percent, make in ((40, lambda: self.match_address(False)),
                              (20 if self.names_destinations else 0, lambda: self.match_address(True)),
                              (15, lambda: self.match_iface("-i"))):
            if self.chance(percent):
                parts.append(make())
        if hook == "FORWARD" and self.chance(25):
            parts.append(self.match_iface("-o"))
        parts += self.protocol() if self.chance(60) else []
        if self.sets and self.chance(25):
            parts.append(self.match_set())
        if table != "raw" and self.chance(20):
            parts.append(self.match_state())
        if self.chance(12) and table != "raw":
            parts.append(self.match_other())
        return parts

    # targets and chains

    def target(self, table, later):
        """`later`: the chains that a rule may lead to without a loop."""
        if later and self.chance(35):
            return "%s %s" % ("-g" if self.chance(30) else "-j", self.rnd.choice(later))
        if table == "raw" and self.chance(30):
            return self.rnd.choice(("-j CT --notrack", "-j NOTRACK"))
        if table == "mangle" and self.chance(40):
            return self.rnd.choice(("-j MARK --set-mark %d", "-j MARK --or-mark %d", "-j MARK --set-xmark %d/0x3",
                                    "-j CONNMARK --set-mark %d", "-j MARK --and-mark %d")) % self.rnd.randrange(4)
        if table == "filter" and self.chance(10):
            return "-j REJECT"
        if self.chance(5):
            return self.rnd.choice(("-j LOG --log-prefix \"-j ACCEPT \"", ""))
        return "-j " + self.rnd.choice(("ACCEPT", "ACCEPT", "ACCEPT", "DROP", "DROP", "RETURN"))

    def chain_rules(self, table, chain, hook, later):
        lines = []
        for _ in range(self.rnd.randrange(1, 9) if hook else self.rnd.randrange(0, 6)):
            target = self.target(table, later)
            terminal = target in ("-j ACCEPT", "-j DROP", "-j REJECT")
            parts = self.matches(table, hook)
            if not parts and terminal and self.chance(90):
                parts = self.protocol()
            lines.append(" ".join(["-A " + chain] + parts + [target]).strip())
        return lines

    def table(self, table):
        bases = {"raw": ["PREROUTING"], "mangle": ["PREROUTING", "INPUT", "FORWARD"],
                 "filter": ["INPUT", "FORWARD"]}[table]
        open_by_default = 45 if table == "filter" else 90
        own = ["%s-%d" % (table, i) for i in range(self.rnd.randrange(0, 6))]
        lines = ["*" + table]
        lines += [":%s %s [0:0]" % (b, "ACCEPT" if self.chance(open_by_default) else "DROP") for b in bases]
        lines += [":%s - [0:0]" % name for name in own]
        for base in bases:
            lines += self.chain_rules(table, base, base, own)
        for i, name in enumerate(own):
            lines += self.chain_rules(table, name, None, own[i + 1:])
        return "\n".join(lines + ["COMMIT", ""])

    def new_destination(self):
        if self.chance(55):
            return "-j REDIRECT" + (" --to-ports %d" % self.pieces.port() if self.chance(90) else "")
        self.dnat = True
        self.exact = False
        world = WORLDS[self.version]
        address = self.rnd.choice([a for a in world.destinations() if a not in OUTSIDE])
        if self.chance(50):
            return "-j DNAT --to-destination %s" % address
        bracketed = address if self.version == 4 else "[%s]" % address
        return "-j DNAT --to-destination %s:%d" % (bracketed, self.pieces.port())

    def nat_table(self):
        lines = ["*nat", ":PREROUTING ACCEPT [0:0]", ":own-nat - [0:0]"]
        self.exact = self.exact and not self.names_destinations
        for chain in ["PREROUTING"] * self.rnd.randrange(1, 5) + ["own-nat"] * 2:
            parts = [self.match_address(self.chance(40)), "-p " + self.rnd.choice(("tcp", "tcp", "udp"))]
            parts.append(self.match_ports(parts[1][3:]))
            target = self.new_destination() if self.chance(70) else self.rnd.choice(("-j ACCEPT", "-j RETURN"))
            if chain == "PREROUTING" and self.chance(25):
                target = self.rnd.choice(("-j own-nat", "-g own-nat"))
            lines.append(" ".join(["-A " + chain] + parts[self.chance(50):] + [target]))
        return "\n".join(lines + ["COMMIT", ""])


def short_range(m):
    first = m.pieces.port()
    return "%d-%d" % (first, min(65535, first + m.rnd.randrange(40)))


def protocol_port(m):
    return "%s:%d" % (m.rnd.choice(("tcp", "udp")), m.pieces.port())


SET_KINDS = {
    "hash:ip": lambda m: m.pieces.address(m.chance(25)),
    "hash:net": lambda m: m.pieces.prefix_text(m.chance(25)),
    "hash:ip,port": lambda m: "%s,%s" % (m.pieces.address(m.chance(20)), protocol_port(m)),
    "hash:net,port": lambda m: "%s,%s" % (m.pieces.prefix_text(m.chance(20)), protocol_port(m)),
    "hash:net,iface": lambda m: "%s,%s" % (m.pieces.prefix_text(False), m.rnd.choice(IFACES)),
    "hash:ip,port,ip": lambda m: "%s,tcp:%d,%s" % (m.pieces.address(False), m.pieces.port(), m.pieces.address(True)),
    "bitmap:port": short_range,
}
