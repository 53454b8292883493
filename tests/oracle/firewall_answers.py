"""What `kijun firewall -o json` says, to be asked about single packets.

Sets of ports are whole numbers: bit N is port N, or ICMP type * 256 + code; a protocol that has neither has bit 0.
Standard library only.
"""

import functools
import ipaddress

EVERY = (1 << 65536) - 1
NAMES = {1: ("icmp",), 6: ("tcp",), 17: ("udp",), 47: ("gre",), 50: ("esp",), 58: ("icmpv6", "ipv6-icmp"),
         89: ("ospf", "ospfigp")}


def span(first, last):
    return (1 << (last + 1)) - (1 << first)


def ranges(text):
    """(22, 22), (80, 90) of "22,80-90"."""
    for piece in filter(None, text.split(",")):
        low, _, high = piece.partition("-")
        yield int(low), int(high or low)


def numbers_set(text, shift=0):
    """Of "22,80-90"."""
    out = 0
    for low, high in ranges(text):
        out |= span(shift + low, shift + high)
    return out


def types_set(items):
    """Of "8/0", "3/1-255", "13"."""
    out = 0
    for item in items:
        kind, _, codes = item.partition("/")
        out |= numbers_set(codes or "0-255", int(kind) * 256)
    return out


def of_numbers(numbers):
    text = bytearray(b"0") * 65536
    for number in numbers:
        text[65535 - number] = 49  # "1"
    return int(text, 2)


def digits(bits):
    """A text whose Nth character is "1" where N is in the set."""
    return format(bits, "065536b")[::-1]


def members(bits):
    """The numbers in a set, in order."""
    text = digits(bits)
    found, at = [], text.find("1")
    while at >= 0:
        found.append(at)
        at = text.find("1", at + 1)
    return found


@functools.lru_cache(None)
def network(text):
    net = ipaddress.ip_network(text)
    return net.version, int(net.network_address), int(net.broadcast_address)


@functools.lru_cache(None)
def address(text):
    of = ipaddress.ip_address(text)
    return of.version, int(of)


def within(at, networks):
    version, value = at
    return any(of == version and first <= value <= last for of, first, last in map(network, networks))


class Part:
    """One part of an answer: of "accepts", "opens", "closes"."""

    def __init__(self, raw):
        self.raw, self.certain, self.proto = raw, raw["certain"], raw["proto"]
        self.protos = numbers_set(raw["protos"]) if "protos" in raw else 0

    @functools.cached_property
    def numbers(self):
        if "ports" in self.raw:
            return numbers_set(self.raw["ports"])
        return types_set(self.raw["icmp"]) if "icmp" in self.raw else EVERY

    def lets(self, src, dst, proto):
        """What it says of a protocol between two addresses (results of address())."""
        named = self.proto == "any" or self.proto == str(proto) or self.proto in NAMES.get(proto, ())
        if not (named or self.protos >> proto & 1):
            return 0
        return self.numbers if within(src, self.raw["from"]) and within(dst, self.raw["to"]) else 0


@functools.lru_cache(None)
def known_as(name, names):
    """The one of `names` (a frozenset) (of interfaces: "eth0", "eth+", "*") that an interface goes by."""
    fits = [n for n in names if n == name or (n.endswith("+") and name.startswith(n[:-1]))]
    return name if name in fits else max(fits, key=len, default="*")


class Answer:
    """What one member of "dumps" says; `dump` is that JSON."""

    def __init__(self, dump):
        self.entries = {}
        names = ({"*"}, {"*"})
        for entry in dump["hooks"]:
            key = (entry["hook"], entry.get("diverted", False), entry["iface"])
            parts = [Part(raw) for raw in entry["accepts"]]
            self.entries.setdefault(key, []).extend(parts)
            names[0].add(entry["iface"])
            names[1].add(entry.get("oface", "*"))
            names[1].update(*[part.raw.get("oface", ()) for part in parts])
        self.names = tuple(map(frozenset, names))  # of interfaces: packets come in by, leave by

    def accepted(self, packet, diverted, certain):
        """What is open, or surely so, for a packet: hook, iface, oface (or None), src, dst, proto."""
        hook, iface, oface, src, dst, proto = packet
        out, src, dst = 0, address(src), address(dst)
        for part in self.entries.get((hook, diverted, known_as(iface, self.names[0])), ()):
            only = part.raw.get("oface")
            if part.certain >= certain and (not only or oface is None or known_as(oface, self.names[1]) in only):
                out |= part.lets(src, dst, proto)
        return out
