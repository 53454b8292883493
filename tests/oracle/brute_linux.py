"""What rulesets of iptables and nftables mean, for firewall_brute.py: iptables(8), nft(8). The meaning is that of chains: first match wins,
`goto` does not come back, `accept` ends one base chain only, dropping is final."""
from brute_space import Cond, ICMP, TARGETS, number, walk

OTHER_TARGETS = {4: ("198.51.100.5", "203.0.113.9"), 6: ("2001:db8:f::5", "2001:db8:aaaa::9")}
STATES = ("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED")


class Base:
    """A base chain: where it stands and what its end means."""

    def __init__(self, hook, priority, chains, name, policy, families):
        self.hook, self.priority, self.chains, self.name, self.policy, self.families = hook, priority, chains, name, policy, families


def outcomes(bases, redirects, packet):
    """What becomes of a packet: base chains one after the other, in the order of hooks and priorities."""
    return set().union(*(outcomes_of(bases, packet, moved) for moved in redirected(redirects, packet)))


def outcomes_of(bases, packet, moved):
    """`moved`: as it is behind PREROUTING."""
    marks, out = {0}, set()
    for base in sorted(bases, key=lambda b: (b.hook != "prerouting", b.priority)):
        if base.hook not in ("prerouting", packet.hook) or packet.fam not in base.families:
            continue
        if base.hook != "prerouting":
            packet = moved
        after = set()
        for mark in marks:
            for outcome, changed in walk(base.chains, base.name, packet, mark):
                verdict = base.policy if outcome == "N" else outcome
                if verdict == "A":
                    after.add(changed)
                else:
                    out.add("D")
        marks = after
    return out | ({"A"} if marks else set())


def redirected(rules, packet):
    """REDIRECT leads to an address of the host, on the interface the packet came in by: which that is, no dump tells."""
    rule = next((r for r in rules if r.matches(packet, 0)), None)
    if not rule:
        yield packet
        return
    for address in TARGETS[packet.fam] + OTHER_TARGETS[packet.fam]:
        moved = packet.copy()
        moved.dst, moved.port = number(address), rule.target
        yield moved


# -- what rules ask --

def net_test(field, nets):
    return lambda p, m: any(n.holds(p.fam, getattr(p, field)) for n in nets)


def iface_test(field, name):
    wild = name.endswith("*")
    return lambda p, m: getattr(p, field).startswith(name[:-1]) if wild else getattr(p, field) == name


def port_test(field, found, protos=("tcp", "udp")):
    return lambda p, m: p.proto in protos and any(s.holds(getattr(p, field)) for s in found)


def state_test(names):
    return lambda p, m: state_of(p) in names


def state_of(packet):
    """An ICMP error that belongs to no connection is invalid."""
    return "INVALID" if packet.proto in ("icmp", "icmpv6") and packet.port in (3 * 256 + 1, 256 + 4) else "NEW"


def maybe(text):
    return Cond("unknown", text, lambda p, m: None)


def pick_iface(rng):
    return rng.choice(("eth0", "eth0", "eth1", "eth*"))
