"""The world of firewall_kernel.py: the addresses and interfaces of its namespace, what its rulesets speak about, and
the pieces that rulesets of every language are made of. Standard library only.
"""

import ipaddress
import re


class World:
    """The addresses of one family: who sends, the host's own, and who is reached through it by which interface."""

    def __init__(self, version, sources, own, hosts, icmp):
        self.version, self.sources, self.own, self.hosts, self.icmp = version, sources, own, hosts, icmp
        self.bits = 32 if version == 4 else 128

    def destinations(self):
        return list(self.own) + list(self.hosts)


WORLDS = {
    4: World(4, ["198.51.100.7", "198.51.100.130", "203.0.113.77", "10.1.2.3", "172.16.5.4", "192.168.7.9"],
             {"192.0.2.1": "eth0", "192.0.2.2": "eth0", "10.9.0.1": "eth1"},
             {"10.9.0.50": "eth1", "10.9.0.51": "eth1", "198.51.100.200": "eth0"},
             [(t, 0) for t in (0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 17, 30)] + [(3, 3), (3, 4), (5, 1), (8, 1)]),
    6: World(6, ["2001:db8:a::7", "2001:db8:a:1::82", "2001:db8:b::4d", "fd00:1::5", "2001:db8:c:ffff::1"],
             {"2001:db8:1::1": "eth0", "2001:db8:1::2": "eth0", "2001:db8:9::1": "eth1"},
             {"2001:db8:9::50": "eth1", "2001:db8:9::51": "eth1", "2001:db8:a::c8": "eth0"},
             [(t, 0) for t in (1, 2, 3, 4, 128, 129, 130, 133, 134, 135, 136, 137, 200)] + [(1, 4), (128, 1)]),
}
IFACES = ("eth0", "eth1")
PORTS = (1, 21, 22, 23, 25, 53, 80, 81, 110, 123, 143, 161, 443, 445, 514, 993, 1023, 1024, 1194, 1433, 2222, 3306,
         3389, 5432, 5900, 6000, 6379, 8000, 8080, 8443, 9000, 27017, 32767, 32768, 49152, 60999, 61000, 65534, 65535)

STATES = ("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED")
FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG")
OUTSIDE = ("198.51.100.200", "2001:db8:a::c8")


class Ruleset:
    """What is loaded. `exact`: nothing in it is beyond what a dump tells; `dnat`: it may send packets elsewhere."""

    def __init__(self, loader, families, rules, sets="", exact=True, dnat=False):
        self.loader, self.families, self.rules, self.sets = loader, families, rules, sets
        self.exact, self.dnat = exact, dnat


def without_own_destinations(text):
    """Leaves out rules about single addresses of the host: kijun takes it that what rules forward to is another's."""
    own = "|".join(re.escape(a) for world in WORLDS.values() for a in world.own)
    named = re.compile(r"(?:-d|daddr) (?:\S+,)?(?:%s)(?:/32|/128)?(?:[,\s]|$)" % own)
    return "\n".join(line for line in text.split("\n") if not named.search(line))


class Pieces:
    """Addresses and ports at random."""

    def __init__(self, rnd, world):
        self.rnd, self.world = rnd, world

    def chance(self, percent):
        return self.rnd.random() * 100 < percent

    def address(self, of_destination):
        return self.rnd.choice(self.world.destinations() if of_destination else self.world.sources)

    def prefix(self, of_destination):
        """A network around an address that comes, or near it; sometimes the address alone, seldom everything."""
        address = int(ipaddress.ip_address(self.address(of_destination)))
        bits = self.world.bits
        if self.chance(15):
            address ^= 1 << self.rnd.randrange(bits - 8)
        length = bits if self.chance(35) else self.rnd.randrange(bits // 4, bits + 1) if self.chance(95) else 1
        kind = ipaddress.IPv4Network if self.world.version == 4 else ipaddress.IPv6Network
        return kind((address, length), strict=False)

    def prefix_text(self, of_destination):
        network = self.prefix(of_destination)
        return str(network.network_address) if network.prefixlen == self.world.bits else str(network)

    def range(self, of_destination):
        """(first, last) around an address that comes, or beginning or ending right beside it."""
        address = int(ipaddress.ip_address(self.address(of_destination)))
        first, last = address - self.rnd.randrange(300), address + self.rnd.randrange(300)
        if self.chance(30):
            first = address + self.rnd.randrange(2)
        elif self.chance(30):
            last = address - self.rnd.randrange(2)
        kind = ipaddress.IPv4Address if self.world.version == 4 else ipaddress.IPv6Address
        return kind(min(first, last)), kind(max(first, last))

    def port(self):
        return self.rnd.choice(PORTS) if self.chance(75) else self.rnd.randrange(1, 65536)

    def ports(self):
        """(first, last)."""
        first = self.port()
        if self.chance(60):
            return first, first
        return tuple(sorted((first, self.port())))

    def disjoint_ports(self, count):
        cuts = sorted({self.port() for _ in range(2 * count)})
        return [(cuts[i], cuts[i] if self.chance(50) else cuts[i + 1]) for i in range(0, len(cuts) - 1, 2)]

