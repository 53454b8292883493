"""The small world of firewall_brute.py: its packets, what rules ask of them, and the plain reading of chains.

Every answer is a set of outcomes: "A" accepted, "D" refused; both where the dump leaves it open. Only first packets of connections are tried.
"""
import ipaddress
import itertools

IFACES = ("eth0", "eth1", "wlan9")
SOURCES = {4: ("10.0.0.1", "10.0.0.9", "192.0.2.7"), 6: ("2001:db8::1", "2001:db8::9", "2001:db8:ffff::7")}
TARGETS = {4: ("198.51.100.1", "198.51.100.2"), 6: ("2001:db8:f::1", "2001:db8:f::2")}
PORTS = (22, 23, 80, 443, 8080)
SPORTS = (40000, 7, 51, 53, 55, 700)  # one of each kind that SPORT_SPANS tells apart
ICMP = {4: "icmp", 6: "icmpv6"}
# Types and codes that no program lets in by itself.
TYPES = {4: ((13, 0), (8, 0), (3, 1)), 6: ((139, 0), (128, 0), (1, 4))}
NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "icmpv6": 58}


class Packet:
    __slots__ = ("hook", "fam", "iif", "oif", "src", "dst", "proto", "port", "sport")

    def __init__(self, hook, fam, iif, oif, src, dst, proto, port, sport):
        self.hook, self.fam, self.iif, self.oif, self.src, self.dst = hook, fam, iif, oif, src, dst
        self.proto, self.port, self.sport = proto, port, sport

    def __str__(self):
        port = "%d/%d" % divmod(self.port, 256) if self.proto.startswith("icmp") else self.port
        return "%s iif %s oif %s %s -> %s %s %s" % (self.hook, self.iif, self.oif, ipaddress.ip_address(self.src), ipaddress.ip_address(self.dst),
                                                    self.proto, port)

    def copy(self):
        return Packet(self.hook, self.fam, self.iif, self.oif, self.src, self.dst, self.proto, self.port, self.sport)


def number(address):
    return int(ipaddress.ip_address(address))


def services(fam, types, few=False):
    yield from (("tcp", p) for p in PORTS[::2 if few else 1])
    yield from (("udp", p) for p in (22, 80))
    yield from ((ICMP[fam], t * 256 + c) for t, c in types[fam][:2 if few else 3])
    yield ("gre", 0)


def packets(families, hooks, ifaces=IFACES, types=TYPES):
    """All packets of the space, but for the source port, which the sender chooses."""
    for hook, fam in itertools.product(hooks, families):
        ins = ifaces if hook != "output" else (None,)
        outs = ifaces if hook != "input" else (None,)
        places = itertools.product(ins, outs, map(number, SOURCES[fam]), map(number, TARGETS[fam]), services(fam, types, hook != "input"))
        for iif, oif, src, dst, (proto, port) in places:
            if hook == "output":
                src, dst = dst, src
            yield Packet(hook, fam, iif, oif, src, dst, proto, port, 0)


class Net:
    """A prefix or a range of addresses."""

    def __init__(self, text):
        first, _, last = text.partition("-")
        net = ipaddress.ip_network(first) if not last else None
        self.text = text
        self.range = bool(last)
        self.fam = net.version if net else ipaddress.ip_address(first).version
        self.first = int(net[0]) if net else number(first)
        self.last = int(net[-1]) if net else number(last)
        self.single = self.first == self.last
        self.bits = net.prefixlen if net else None
        self.ends = "%s-%s" % (self.address(self.first), self.address(self.last))

    def address(self, value):
        return str((ipaddress.IPv4Address if self.fam == 4 else ipaddress.IPv6Address)(value))

    @property
    def cidr(self):
        return "%s/%d" % (self.address(self.first), self.bits)

    @property
    def plain(self):
        """As most programs print it: no prefix length for one address."""
        return self.address(self.first) if self.single else self.text

    @property
    def masked(self):
        return "%s/%s" % (self.address(self.first), ipaddress.ip_network(self.text).netmask)

    def holds(self, fam, value):
        return fam == self.fam and self.first <= value <= self.last


NETS = {
    "src": {4: [Net(t) for t in ("10.0.0.1", "10.0.0.9", "10.0.0.0/29", "10.0.0.0/24", "192.0.2.0/28", "8.0.0.0/5", "10.0.0.5-10.0.0.200")],
            6: [Net(t) for t in ("2001:db8::1", "2001:db8::9", "2001:db8::/125", "2001:db8::/64", "2001:db8:ffff::/48", "2001:db8::5-2001:db8::ff")]},
    "dst": {4: [Net(t) for t in ("198.51.100.1", "198.51.100.2", "198.51.100.0/31", "198.51.100.0/24", "198.51.100.2-198.51.100.7")],
            6: [Net(t) for t in ("2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::/127", "2001:db8:f::/64", "2001:db8:f::2-2001:db8:f::7")]},
}
SPANS = ((22, 22), (23, 23), (80, 80), (443, 443), (8080, 8080), (20, 22), (23, 80), (81, 1023), (0, 22), (443, 65535))


def some_nets(rng, field, fam, most=2, ranges=False):
    pool = [n for n in NETS[field][fam] if ranges or not n.range]
    return apart(rng.sample(pool, rng.randint(1, most)))


SPORT_SPANS = ((53, 53), (0, 1023), (1024, 65535), (50, 60), (54, 65535))


def some_spans(rng, most=3, field="port"):
    pool = SPORT_SPANS if field == "sport" else SPANS
    return apart([SpanOf(s) for s in rng.sample(pool, rng.randint(1, most))])


class SpanOf:
    """First and last port."""

    def __init__(self, span):
        self.first, self.last = span
        self.single = self.first == self.last

    def text(self, between):
        return str(self.first) if self.single else "%d%s%d" % (self.first, between, self.last)

    def holds(self, port):
        return self.first <= port <= self.last


def apart(items):
    """Without those that overlap one before them: sets refuse such."""
    out = []
    for item in items:
        if all(item.last < o.first or o.last < item.first for o in out):
            out.append(item)
    return sorted(out, key=lambda i: i.first)


class Cond:
    """One thing that a rule asks. `value` is for the renderers; `test` says whether a packet has it, None: nobody knows."""

    def __init__(self, kind, value, test, negated=False):
        self.kind, self.value, self.test, self.negated = kind, value, test, negated

    def holds(self, packet, mark):
        got = self.test(packet, mark)
        return got if got is None else got != self.negated


class Rule:
    def __init__(self, conds, verdict, target=None, text=None):
        self.conds, self.verdict, self.target, self.text = conds, verdict, target, text

    def matches(self, packet, mark):
        known = True
        for cond in self.conds:
            got = cond.holds(packet, mark)
            if got is False:
                return False
            if got is None:
                known = None
        return known


def walk(chains, name, packet, mark):
    """{(outcome, mark)}; the outcome "N": came to the chain's end, or returned."""
    live, out = {mark}, set()
    for rule in chains[name]:
        after = set()
        for m in live:
            match = rule.matches(packet, m)
            if match is not True:
                after.add(m)
            if match is False:
                continue
            if rule.verdict in ("A", "D"):
                out.add((rule.verdict, m))
            elif rule.verdict == "return":
                out.add(("N", m))
            elif rule.verdict == "mark":
                after.add(rule.target)
            elif rule.verdict == "goto":
                out |= walk(chains, rule.target, packet, m)
            elif rule.verdict == "jump":
                for outcome, changed in walk(chains, rule.target, packet, m):
                    if outcome == "N":
                        after.add(changed)
                    else:
                        out.add((outcome, changed))
            elif rule.verdict == "unsure":
                out |= {("A", m), ("D", m)}
                after.add(m)
            else:
                after.add(m)
        live = after
    return out | {("N", m) for m in live}


def first_match(rules, packet, default):
    """Outcomes of a plain list."""
    got = {o for o, _ in walk({"list": rules}, "list", packet, 0)}
    return (got - {"N"}) | (default if "N" in got else set())


class Case:
    """A dump, what it means, and where that is asked: outcomes(packet) for every packet of the space. Where loose(packet), "maybe" will do."""

    def __init__(self, dump, outcomes, space, sports=False, loose=lambda packet: False):
        self.dump, self.outcomes, self.space, self.sports, self.loose = dump, outcomes, space, sports, loose

    def judge(self, packet):
        """(certain, possible): the sender takes the port that serves it best."""
        certain = possible = False
        for sport in SPORTS if self.sports and packet.proto in ("tcp", "udp") else SPORTS[:1]:
            packet.sport = sport if packet.proto in ("tcp", "udp") else 0
            got = self.outcomes(packet)
            certain |= got == {"A"}
            possible |= "A" in got
        return certain, possible
