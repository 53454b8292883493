"""Rulesets at random for nft -f. Standard library only."""

from firewall_world import FLAGS, IFACES, OUTSIDE, Pieces, Ruleset, STATES, without_own_destinations, WORLDS

VERSIONS = {"ip": (4,), "ip6": (6,), "inet": (4, 6)}
IP = {4: "ip", 6: "ip6"}
ADDR = {4: "ipv4_addr", 6: "ipv6_addr"}
PRIORITIES = ("-310", "raw", "-250", "mangle", "-120", "filter", "filter", "filter + 10", "security", "200")
DSTNAT = ("dstnat", "-110", "-90")


class Nft:
    """One ruleset for nft -f: tables of one or both families, sets, maps, several base chains at a hook."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.exact, self.dnat = True, False
        self.stateful = rnd.random() < 0.2
        self.nat = rnd.random() < 0.25
        self.names_destinations = not self.nat or rnd.random() < 0.4
        self.exact = not (self.nat and self.names_destinations)

    def ruleset(self):
        families = self.rnd.choice((["ip"], ["ip6"], ["inet"], ["inet"], ["inet", "ip"], ["ip", "ip6"],
                                    ["inet", "inet"]))
        text = "".join(self.table(family, "t%d" % i) for i, family in enumerate(families))
        versions = sorted({v for family in families for v in VERSIONS[family]})
        text = without_own_destinations(text) if self.dnat else text
        return Ruleset("nft", versions, text, "", self.exact, self.dnat)

    def table(self, family, name):
        self.family = family
        self.pieces = {v: Pieces(self.rnd, WORLDS[v]) for v in VERSIONS[family]}
        self.any = self.pieces[VERSIONS[family][0]]
        self.chance = self.any.chance
        self.chains = ["c%d" % i for i in range(self.rnd.randrange(0, 6))]
        self.named = []
        self.maps = []
        text = "".join(self.named_set(i) for i in range(self.rnd.randrange(0, 4)))
        text += "".join(self.named_map(i) for i in range(self.rnd.randrange(0, 3))) if self.chains else ""
        bodies = "".join(self.base_chain("b%d" % i) for i in range(self.rnd.randrange(1, 5)))
        bodies += self.nat_chain() if self.nat and self.chance(80) else ""
        own = "".join(self.chain(c, "", None, self.chains[i + 1:]) for i, c in reversed(list(enumerate(self.chains))))
        return "table %s %s {\n%s%s%s}\n" % (family, name, own, text, bodies)

    # values

    def begin_rule(self):
        """A rule speaks of one family and of one protocol: nft refuses others."""
        self.version = self.rnd.choice(VERSIONS[self.family])
        self.l4 = self.rnd.choice(("tcp", "tcp", "udp"))

    def no(self, percent=25):
        return "!= " if self.chance(percent) else ""

    def net(self, version, destination=False):
        """An element of an interval set of addresses."""
        if self.chance(30):
            return "%s-%s" % self.pieces[version].range(destination)
        return self.pieces[version].prefix_text(destination)

    def port(self):
        first, last = self.any.ports()
        return str(first) if first == last else "%d-%d" % (first, last)

    def many(self, make, most=6):
        return "{ %s }" % ", ".join(dict.fromkeys(make() for _ in range(self.rnd.randrange(1, most + 1))))

    def one_or_many(self, make):
        return make() if self.chance(60) else self.many(make)

    def side(self):
        return "daddr" if self.names_destinations and self.chance(30) else "saddr"

    # named sets and maps

    def named_set(self, i):
        """Declares one; `self.named` tells how rules use it."""
        self.begin_rule()
        version, side, l4, name = self.version, self.side(), self.l4, "s%d" % i
        destination, addr, ip = side == "daddr", ADDR[version], IP[version]
        one = lambda: self.pieces[version].address(destination)
        net = lambda: self.net(version, destination)
        port = lambda: str(self.any.port())
        proto = lambda: self.rnd.choice(("tcp", "udp"))
        kind, flags, element, use = self.rnd.choice((
            (addr, "", one, "%s %s" % (ip, side)),
            (addr, "flags interval; auto-merge;", net, "%s %s" % (ip, side)),
            (addr, "flags interval; auto-merge;", net, "%s %s" % (ip, side)),
            ("inet_service", "flags interval; auto-merge;", self.port, "%s dport" % l4),
            ("inet_service", "", port, "%s dport" % l4),
            ("inet_proto", "", proto, "meta l4proto"),
            ("ifname", "", lambda: self.rnd.choice(('"eth0"', '"eth1"', '"wan0"')), "iifname"),
            (addr + " . inet_service", "", lambda: "%s . %s" % (one(), port()), "%s %s . %s dport" % (ip, side, l4)),
            (addr + " . inet_service", "flags interval;", lambda: "%s . %s" % (net(), self.port()),
             "%s %s . %s dport" % (ip, side, l4)),
            (addr + " . inet_proto . inet_service", "flags interval;",
             lambda: "%s . %s . %s" % (net(), proto(), self.port()), "%s %s . meta l4proto . th dport" % (ip, side)),
            ("ifname . %s" % addr, "", lambda: "%s . %s" % (self.rnd.choice(('"eth0"', '"eth1"')), one()),
             "iifname . %s %s" % (ip, side)),
        ))
        self.named.append((version, l4, "%s %%s@%s" % (use, name)))
        elements = self.many(element, 3 if "." in kind else 6)
        return "\tset %s {\n\t\ttype %s; %s\n\t\telements = %s\n\t}\n" % (name, kind, flags, elements)

    def named_map(self, i):
        self.begin_rule()
        version, side, l4, name = self.version, self.side(), self.l4, "m%d" % i
        ip, addr = IP[version], ADDR[version]
        kind, flags, pairs, use = self.rnd.choice((
            (addr, "", lambda: self.pairs(lambda: self.pieces[version].address(side == "daddr")), "%s %s" % (ip, side)),
            ("inet_service", "flags interval;", self.port_pairs, "%s dport" % l4),
            ("ifname", "", lambda: self.pairs(lambda: self.rnd.choice(('"eth0"', '"eth1"'))), "iifname"),
            (addr + " . inet_service", "flags interval;",
             lambda: self.pairs(lambda: "%s . %s" % (self.net(version, side == "daddr"), self.port()), 2),
             "%s %s . %s dport" % (ip, side, l4)),
        ))
        self.maps.append((version, l4, "%s vmap @%s" % (use, name)))
        return "\tmap %s {\n\t\ttype %s : verdict; %s\n\t\telements = { %s }\n\t}\n" % (name, kind, flags, pairs())

    def pairs(self, key, most=4, later=None):
        found = {key(): self.verdict(self.chains if later is None else later)
                 for _ in range(self.rnd.randrange(1, most + 1))}
        return ", ".join("%s : %s" % pair for pair in found.items())

    def port_pairs(self, later=None):
        later = self.chains if later is None else later
        ranges = self.any.disjoint_ports(self.rnd.randrange(1, 4)) or [(22, 22)]
        return ", ".join("%s : %s" % (a if a == b else "%d-%d" % (a, b), self.verdict(later)) for a, b in ranges)

    # matches

    def match_address(self):
        version, side = self.version, self.side()
        ip = "%s %s" % (IP[version], side)
        if version == 4 and self.chance(6):
            self.exact = False  # bits with holes, for addresses: beyond the model
            return "%s & 255.0.0.255 %s 198.0.0.7" % (ip, self.rnd.choice(("==", "!=")))
        return "%s %s%s" % (ip, self.no(), self.one_or_many(lambda: self.net(version, side == "daddr")))

    def match_ports(self):
        if self.chance(15):
            return "meta l4proto { tcp, udp } th dport %s%s" % (self.no(), self.one_or_many(self.port))
        if self.l4 == "tcp" and self.chance(6):
            return "tcp dport & 0xff == %d" % self.rnd.choice((22, 80, 187))
        if self.chance(8):
            return "%s dport %s %s" % (self.l4, self.rnd.choice("<>"), self.any.port())
        field = "dport" if self.chance(88) else "sport"
        return "%s %s %s%s" % (self.l4, field, self.no(), self.one_or_many(self.port))

    def match_tuple(self):
        version, side, l4 = self.version, self.side(), self.l4
        one = lambda: self.pieces[version].address(side == "daddr")
        net = lambda: self.net(version, side == "daddr")
        ip = "%s %s" % (IP[version], side)
        return self.rnd.choice((
            lambda: "%s . %s dport %s%s" % (ip, l4, self.no(), self.many(lambda: "%s . %s" % (net(), self.port()), 3)),
            lambda: "iifname . %s dport %s" % (
                l4, self.many(lambda: '"%s" . %d' % (self.rnd.choice(IFACES), self.any.port()))),
            lambda: "meta l4proto . th dport %s" % self.many(
                lambda: "%s . %d" % (self.rnd.choice(("tcp", "udp")), self.any.port())),
            lambda: "%s . meta l4proto %s" % (
                ip, self.many(lambda: "%s . %s" % (one(), self.rnd.choice(("tcp", "udp", "icmp"))))),
        ))()

    def match_icmp(self):
        version = self.version
        name = "icmp" if version == 4 else "icmpv6"
        kinds = WORLDS[version].icmp
        if self.chance(25):
            return "%s code %s%d" % (name, self.no(), self.rnd.choice(kinds)[1])
        return "%s type %s%s" % (name, self.no(), self.one_or_many(lambda: str(self.rnd.choice(kinds)[0])))

    def match_flags(self):
        flags = [f.lower() for f in self.rnd.sample(FLAGS, self.rnd.randrange(1, 4))]
        return self.rnd.choice((
            "tcp flags & (%s) == %s" % (" | ".join(flags), flags[0]), "tcp flags & (%s) != 0" % " | ".join(flags),
            "tcp flags syn / fin,syn,rst,ack", "tcp flags != syn", "tcp flags %s" % flags[0],
            "tcp flags & (syn | ack) != syn", "tcp flags { syn, %s }" % flags[0]))

    def match_state(self):
        states = ",".join(s.lower() for s in self.rnd.sample(STATES, self.rnd.randrange(1, 4)))
        if self.chance(10):
            return "ct status %s" % self.rnd.choice(("dnat", "snat", "dnat,snat"))
        return "ct state %s%s" % (self.no(), "{ %s }" % states if self.chance(40) else states)

    def match_iface(self, hook):
        word = "oif" if hook == "forward" and self.chance(40) else "iif"
        if self.chance(15):
            return "%s %s%s" % (word, self.no(), self.rnd.choice(IFACES))
        names = lambda: self.rnd.choice(('"eth0"', '"eth1"', '"eth*"', '"wan0"'))
        plain = lambda: self.rnd.choice(('"eth0"', '"eth1"', '"lo"'))
        return "%sname %s%s" % (word, self.no(), names() if self.chance(70) else self.many(plain, 3))

    def match_protocol(self):
        protos = lambda: self.rnd.choice(("tcp", "udp", "icmp", "ipv6-icmp", "gre", "esp", "89"))
        if self.family == "inet" and self.chance(30):
            return "meta nfproto %s" % self.rnd.choice(("ipv4", "ipv6"))
        if self.family == "ip" and self.chance(30):
            return "ip protocol %s%s" % (self.no(), self.one_or_many(protos))
        return "meta l4proto %s%s" % (self.no(), self.one_or_many(protos))

    def match_other(self):
        if self.stateful and self.chance(60):
            self.exact = False
            return self.rnd.choice(("limit rate 2/minute", "limit rate over 3/minute burst 1 packets", "ip ttl 64",
                                    "meta length 40-60", "ether saddr 02:00:00:00:00:99", "numgen random mod 2 0",
                                    "meta hour \"01:00\"-\"02:00\"", "ip dscp cs1"))
        return self.rnd.choice(("meta mark %s%d" % (self.no(), self.rnd.randrange(4)), "meta mark & 1 == 1",
                                "ct mark %d" % self.rnd.randrange(3), "fib daddr type %slocal" % self.no(),
                                "ct direction original", "meta mark 1-2", "counter", "log prefix \"drop \""))

    def match_layer4(self):
        makes = (self.match_ports, self.match_icmp, self.match_flags, self.match_tuple, self.match_protocol)
        make = self.rnd.choices(makes, (60, 10, 8 if self.l4 == "tcp" else 0, 11, 11))[0]
        return make()

    def matches(self, hook):
        parts = []
        for percent, make in ((35, self.match_address), (15, lambda: self.match_iface(hook)), (70, self.match_layer4),
                              (15, self.match_state), (8, self.match_other)):
            if self.chance(percent):
                parts.append(make())
        named = [use for version, l4, use in self.named if (version, l4) == (self.version, self.l4)]
        if named and self.chance(35):
            parts.append(self.rnd.choice(named) % self.no())
        return parts

    # verdicts and chains

    def verdict(self, later):
        if later and self.chance(35):
            return "%s %s" % ("goto" if self.chance(30) else "jump", self.rnd.choice(later))
        return self.rnd.choice(("accept", "accept", "accept", "drop", "drop", "return", "continue"))

    def verdict_map(self, later):
        """A match and a verdict in one."""
        version, l4 = self.version, self.l4
        maps = [use for of, proto, use in self.maps if (of, proto) == (version, l4)]
        if maps and later == self.chains and self.chance(40):
            return self.rnd.choice(maps)
        side = self.side()
        address = lambda: self.pieces[version].address(side == "daddr")
        states = lambda: self.rnd.choice(STATES).lower()
        kinds = lambda: str(self.rnd.choice(WORLDS[version].icmp)[0])
        icmp = "icmp" if version == 4 else "icmpv6"
        return self.rnd.choice((
            lambda: "%s dport vmap { %s }" % (l4, self.port_pairs(later)),
            lambda: "%s %s vmap { %s }" % (IP[version], side, self.pairs(address, 4, later)),
            lambda: "ct state vmap { %s }" % self.pairs(states, 4, later),
            lambda: "%s type vmap { %s }" % (icmp, self.pairs(kinds, 4, later)),
            lambda: "meta l4proto vmap { %s }" % self.pairs(lambda: self.rnd.choice(("tcp", "udp", "gre")), 3, later),
            lambda: "iifname vmap { %s }" % self.pairs(lambda: '"%s"' % self.rnd.choice(IFACES), 2, later),
            lambda: "%s %s . %s dport vmap { %s }" % (
                IP[version], side, l4, self.pairs(lambda: "%s . %s" % (address(), self.any.port()), 4, later)),
        ))()

    def action(self, hook, priority, later):
        if self.chance(8):
            mark = self.rnd.choice(("meta mark set %d", "ct mark set %d", "meta mark set meta mark | %d",
                                    "meta mark set meta mark & 0xfffffffe ^ %d")) % self.rnd.randrange(4)
            self.exact = self.exact and "^" not in mark  # nft prints several operations, which kijun does not read
            return mark
        if self.chance(3):
            self.exact = False  # a mark that a map tells is beyond the model
            return "meta mark set %s dport map { 22 : 1, 80-90 : 2, 443 : 3 }" % self.l4
        if hook == "prerouting" and priority in ("-310", "raw", "-250") and self.chance(20):
            return "notrack"
        if hook in ("input", "forward") and self.chance(8):
            return "reject"
        if self.chance(4):
            return self.rnd.choice(("counter", "log prefix \"accept \"", ""))
        return self.verdict(later)

    def chain(self, name, header, hook, later, priority=None):
        lines = []
        for _ in range(self.rnd.randrange(1, 8) if hook else self.rnd.randrange(0, 6)):
            self.begin_rule()
            parts = self.matches(hook)
            if self.chance(14):
                parts = parts[:1] + [self.verdict_map(later)]
            else:
                action = self.action(hook, priority, later)
                if not parts and action in ("accept", "drop", "reject"):
                    parts = [self.match_ports()]
                parts += ["counter"] if self.chance(10) else []
                parts.append(action)
            line = " ".join(p for p in parts if p)
            lines += ["\t\t" + line + (' comment "it\'s %s"' % name if self.chance(5) else "")] if line else []
        return "\tchain %s {\n%s%s\n\t}\n" % (name, header, "\n".join(lines))

    def base_chain(self, name):
        hook = self.rnd.choice(("prerouting", "input", "input", "input", "forward", "forward"))
        # Behind 100 the kernel may have changed the sender's port where many packets were redirected to one port.
        priority = self.rnd.choice(PRIORITIES[:-1] if self.nat else PRIORITIES)
        policy = "drop" if hook != "prerouting" and self.chance(45) else "accept"
        header = "\t\ttype filter hook %s priority %s; policy %s;\n" % (hook, priority, policy)
        return self.chain(name, header, hook, self.chains, priority)

    def nat_chain(self):
        lines = ["\t\ttype nat hook prerouting priority %s; policy accept;" % self.rnd.choice(DSTNAT)]
        for _ in range(self.rnd.randrange(1, 5)):
            self.begin_rule()
            match = self.match_address() + " " if self.chance(40) else ""
            l4 = self.l4
            port, other = self.any.port(), self.any.port()
            version = self.version
            to = self.rnd.choice([a for a in WORLDS[version].destinations() if a not in OUTSIDE])
            actions = ["redirect to :%d" % port, "redirect to :%d" % port, "redirect", "accept", "return",
                       "redirect to :%s dport map { %d : %d, %d : %d }" % (l4, port, other, port % 65535 + 1, port),
                       "dnat %s to %s" % (IP[version], to) if self.family == "inet" else "dnat to %s" % to]
            action = self.rnd.choice(actions)
            if action.startswith("dnat"):
                self.dnat, self.exact = True, False
            lines.append("\t\t%s%s dport %s %s" % (match, l4, self.one_or_many(self.port), action))
        return "\tchain nat-pre {\n%s\n\t}\n" % "\n".join(lines)
