"""Random rulesets of iptables and nftables for firewall_brute.py, and what they mean: iptables(8), iptables-extensions(8), ipset(8), nft(8),
libnftables-json(5). The meaning is that of chains: first match wins, `goto` does not come back, `accept` ends one base chain only, dropping is final."""
import functools
import json

from brute_space import Case, Cond, ICMP, NUMBERS, Rule, SpanOf, TARGETS, number, packets, some_nets, some_spans, walk

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


# -- iptables --

class Tables:
    """A ruleset of one family in the making: chains by table, each a list of (Rule, words for iptables-save)."""

    def __init__(self, rng, listed):
        self.rng, self.listed, self.fam = rng, listed, rng.choice((4, 6))
        self.chains, self.policies, self.sets = {}, {}, []
        self.sports = False

    def net(self, field):
        rng = self.rng
        net = some_nets(rng, field, self.fam, 1, ranges=rng.random() < 0.3)[0]
        return Cond("net", (field, net), net_test(field, [net]), rng.random() < 0.25)

    def proto(self, name):
        return Cond("proto", name, lambda p, m: p.proto == name)

    def ports(self, field):
        many = self.rng.random() < 0.4
        found = some_spans(self.rng, 3 if many else 1, field)
        self.sports |= field == "sport"
        return Cond("ports", (field, found, many), port_test(field, found), self.rng.random() < 0.2)

    def icmp(self):
        kind, code = self.rng.choice(((13, None), (8, 0), (3, None), (3, 1)) if self.fam == 4 else ((139, None), (128, 0), (1, None), (1, 4)))
        low, high = kind * 256 + (code or 0), kind * 256 + (255 if code is None else code)
        return Cond("icmp", (kind, code), lambda p, m: low <= p.port <= high, self.rng.random() < 0.2)

    def match_set(self):
        rng = self.rng
        if rng.random() < 0.15:
            return Cond("set", ("gone", "src"), lambda p, m: None)
        name = "set%d" % len(self.sets)
        if rng.random() < 0.5:
            nets = some_nets(rng, "src", self.fam)
            out = [n for n in some_nets(rng, "src", self.fam, 3) if n.single][:rng.randint(0, 1)]
            out = [n for n in out if all(n.first != o.first or not o.single for o in nets)]
            self.sets.append((name, "hash:net", [n.plain for n in nets] + [n.plain + " nomatch" for n in out]))
            held, left_out = net_test("src", nets), net_test("src", out)
            # the most specific entry decides, and those left out are single addresses
            return Cond("set", (name, "src"), lambda p, m: held(p, m) and not left_out(p, m), rng.random() < 0.2)
        pairs = {(n.first, port): n for n in some_nets(rng, "src", self.fam, 3) if n.single for port in rng.sample((22, 23, 80), 2)}
        self.sets.append((name, "hash:ip,port", ["%s,%s:%d" % (n.plain, "tcp", port) for (_, port), n in pairs.items()]))
        return Cond("set", (name, "src,dst"), lambda p, m: p.proto == "tcp" and (p.src, p.port) in pairs, rng.random() < 0.2)

    def state(self):
        found = self.rng.sample(STATES, self.rng.randint(1, 3))
        return Cond("state", found, state_test(found), self.rng.random() < 0.2)

    def extra(self):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.3:
            return [self.state()]
        if kind < 0.5:
            return [self.match_set()]
        if kind < 0.65:
            return [maybe("limit")]
        if kind < 0.8:
            value = rng.randint(0, 2)
            return [Cond("mark", value, lambda p, m: m == value, rng.random() < 0.2)]
        return [Cond("comment", "it's -j ACCEPT" if self.listed else "-j ACCEPT it's", lambda p, m: True)]

    def conds(self, forward):
        rng, out = self.rng, []
        if rng.random() < 0.4:
            out.append(self.net("src"))
        if rng.random() < 0.2:
            out.append(self.net("dst"))
        for field in ("iif", "oif") if forward else ("iif",):
            if rng.random() < 0.3:
                name = pick_iface(rng)
                out.append(Cond("iface", (field, name), iface_test(field, name), rng.random() < 0.25))
        kind = rng.random()
        if kind < 0.5:
            out.append(self.proto(rng.choice(("tcp", "tcp", "udp"))))
            for field in ("port", "sport"):
                if rng.random() < (0.75 if field == "port" else 0.12):
                    out.append(self.ports(field))
            if out[-1].value == "tcp" and rng.random() < 0.2:
                out.append(Cond("syn", None, lambda p, m: True, rng.random() < 0.3))
        elif kind < 0.65:
            out.append(self.proto(ICMP[self.fam]))
            if rng.random() < 0.7:
                out.append(self.icmp())
        elif kind < 0.72:
            name = rng.choice(("tcp", "gre"))
            out.append(Cond("proto", name, lambda p, m: p.proto == name, True))
        if rng.random() < 0.25:
            out += self.extra()
        return out

    def rule(self, table, later, forward):
        rng, kind = self.rng, self.rng.random()
        conds = self.conds(forward)
        if kind < 0.35:
            return Rule(conds, "A", text="ACCEPT")
        if kind < 0.55:
            return Rule(conds, "D", text=rng.choice(("DROP", "DROP", "REJECT")))
        if kind < 0.65:
            return Rule(conds, "return", text="RETURN")
        if kind < 0.9 and later:
            return Rule(conds, rng.choice(("jump", "jump", "goto")), rng.choice(later))
        if kind < 0.94:
            return Rule(conds, "mark", rng.randint(1, 2), text="MARK")
        if kind < 0.96:
            return Rule(conds, "unsure", text="NFQUEUE")
        return Rule(conds, "none", text=rng.choice(("LOG", "")))

    def table(self, table, base, names, forward=False):
        chains = self.chains.setdefault(table, {})
        names = [base] + names
        self.policies[table, base] = self.rng.choice("DDA") if table == "filter" else "A"
        for i, name in enumerate(names):
            most = 5 if table == "filter" else 2
            chains[name] = [self.rule(table, names[i + 1:], forward) for _ in range(self.rng.randint(0, most))]

    def fill(self):
        rng = self.rng
        self.table("filter", "INPUT", ["in-%d" % i for i in range(rng.randint(0, 3))])
        self.table("filter", "FORWARD", ["fwd-%d" % i for i in range(rng.randint(0, 2))], forward=True)
        self.chains["filter"]["OUTPUT"], self.policies["filter", "OUTPUT"] = [], "A"
        if rng.random() < 0.3:
            self.table(rng.choice(("raw", "mangle")), "PREROUTING", ["pre"] if rng.random() < 0.5 else [])
            for chains in (self.chains.get("raw"), self.chains.get("mangle")):
                for rules in (chains or {}).values():
                    rules[:] = [r for r in rules if not any(c.kind == "state" for c in r.conds) or chains is not self.chains.get("raw")]
        self.redirects = [Rule([self.proto("tcp"), self.one_port()], "redirect", rng.choice((22, 80, 443)))] if rng.random() < 0.15 else []
        return self

    def one_port(self):
        found = [SpanOf(self.rng.choice(((8080, 8080), (22, 23))))]
        return Cond("ports", ("port", found, False), port_test("port", found))

    def case(self, dump):
        order = {"raw": -300, "mangle": -150, "filter": 0}
        hooks = {"PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward"}
        bases = [Base(hooks[name], order[table], self.chains[table], name, policy, (self.fam,))
                 for (table, name), policy in self.policies.items() if name in hooks]
        asked = ("input",) if self.redirects else ("input", "forward")
        marked = any(r.verdict == "mark" for b in bases if b.hook == "prerouting" for rules in b.chains.values() for r in rules)
        return Case(dump, functools.partial(outcomes, bases, self.redirects), packets((self.fam,), asked), self.sports,
                    lambda p: marked and any(r.matches(p, 0) for r in self.redirects))

    def set_lines(self):
        for name, kind, entries in self.sets:
            yield "create %s %s family inet%s hashsize 1024 maxelem 65536" % (name, kind, "6" if self.fam == 6 else "")
            yield from ("add %s %s" % (name, e) for e in entries)


def by_order(tables):
    return [t for t in ("raw", "mangle", "nat", "filter") if t in tables]


# -- iptables-save --

def save_words(cond, fam):
    no = "! " if cond.negated else ""
    if cond.kind == "net":
        field, net = cond.value
        if net.range:
            return "-m iprange %s--%s-range %s" % (no, field, net.ends)
        return "%s-%s %s" % (no, field[0], net.cidr)
    if cond.kind == "iface":
        return "%s-%s %s" % (no, cond.value[0][0], cond.value[1].replace("*", "+"))
    if cond.kind == "proto":
        return "%s-p %s" % (no, "ipv6-icmp" if cond.value == "icmpv6" else cond.value)
    if cond.kind == "ports":
        field, found, many = cond.value
        option = "sport" if field == "sport" else "dport"
        text = ",".join(s.text(":") for s in found)
        return "-m multiport %s--%ss %s" % (no, option, text) if many else "%s--%s %s" % (no, option, text)
    if cond.kind == "icmp":
        kind, code = cond.value
        option = "-m icmp6 %s--icmpv6-type" if fam == 6 else "-m icmp %s--icmp-type"
        return option % no + " %d" % kind + ("" if code is None else "/%d" % code)
    if cond.kind == "state":
        return "-m conntrack %s--ctstate %s" % (no, ",".join(cond.value))
    if cond.kind == "set":
        return "-m set %s--match-set %s %s" % (no, *cond.value)
    if cond.kind == "mark":
        return "-m mark %s--mark 0x%x" % (no, cond.value)
    if cond.kind == "comment":
        return '-m comment --comment "%s"' % cond.value
    return {"unknown": "-m limit --limit 3/sec", "syn": "-m tcp %s--tcp-flags FIN,SYN,RST,ACK SYN" % no}[cond.kind]


SAVE_OPTIONS = {"REJECT": " --reject-with icmp-port-unreachable", "LOG": ' --log-prefix "-A INPUT -j ACCEPT "'}


def save_rule(rng, chain, rule, fam):
    words = ["-A %s" % chain] + [save_words(c, fam) for c in rule.conds]
    if rule.verdict in ("jump", "goto"):
        target = "-%s %s" % (rule.verdict[0], rule.target)
    elif rule.verdict == "mark":
        target = "-j MARK --set-xmark 0x%x/0xffffffff" % rule.target
    elif rule.verdict == "redirect":
        target = "-j REDIRECT --to-ports %d" % rule.target
    elif rule.text == "REJECT" and fam == 6:
        target = "-j REJECT --reject-with icmp6-port-unreachable"
    else:
        target = "-j " + rule.text + SAVE_OPTIONS.get(rule.text, "") if rule.text else ""
    last = rule.conds[-1] if rule.conds else None
    # iptables-restore takes matches behind the target, too; old programs wrote them there.
    if last and last.kind in ("ports", "state") and rng.random() < 0.15:
        words.insert(-1, target)
    else:
        words.append(target)
    return " ".join(filter(None, words))


def iptables_save(rng):
    t = Tables(rng, False).fill()
    lines = list(t.set_lines())
    if t.redirects:
        t.chains["nat"], t.policies["nat", "PREROUTING"] = {"PREROUTING": t.redirects}, "A"
    lines.append("# Generated by %s-save v1.8.9" % ("ip6tables" if t.fam == 6 else "iptables"))
    for table in rng.sample(by_order(t.chains), len(t.chains)):
        chains = t.chains[table]
        lines.append("*" + table)
        for name in chains:
            policy = t.policies.get((table, name))
            lines.append(":%s %s [0:0]" % (name, {"A": "ACCEPT", "D": "DROP", None: "-"}[policy]))
        counters = rng.random() < 0.2
        for name, rules in sorted(chains.items(), key=lambda _: rng.random()) if rng.random() < 0.3 else chains.items():
            lines += [("[3:180] " if counters else "") + save_rule(rng, name, r, t.fam) for r in rules]
        lines.append("COMMIT")
    t.policies.pop(("nat", "PREROUTING"), None)
    return t.case("\n".join(lines) + "\n")


# -- iptables -L --

def list_phrase(cond, protos, fam):
    no = "!" if cond.negated else ""
    if cond.kind == "net":
        return "%s IP range %s%s" % ("source" if cond.value[0] == "src" else "destination", no and "! ", cond.value[1].ends)
    if cond.kind == "ports":
        field, found, many = cond.value
        if many:
            return "multiport %ss %s%s" % ("sport" if field == "sport" else "dport", no and " !", ",".join(s.text(":") for s in found))
        word = "spt" if field == "sport" else "dpt"
        return "%s %s%s:%s%s" % (protos[0], word, "" if found[0].single else "s", no, found[0].text(":"))
    if cond.kind == "icmp":
        kind, code = cond.value
        return "%s%stype %d%s" % ("ipv6-icmp" if fam == 6 else "icmp", no and " !", kind, "" if code is None else " code %d" % code)
    if cond.kind == "state":
        return "%sctstate %s" % (no and "! ", ",".join(cond.value))
    if cond.kind == "set":
        return "%smatch-set %s %s" % (no and "! ", *cond.value)
    if cond.kind == "mark":
        return "mark match %s0x%x" % (no and "! ", cond.value)
    if cond.kind == "comment":
        return "/* %s */" % cond.value
    return {"unknown": "limit: avg 3/sec burst 5", "syn": "tcp flags:%s0x17/0x02" % no}[cond.kind]


LIST_OPTIONS = {"REJECT": "reject-with icmp-port-unreachable", "LOG": 'LOG flags 0 level 4 prefix "Chain INPUT (policy "',
                "NFQUEUE": "NFQUEUE num 0"}


def list_rule(rule, fam, numeric, counts):
    cells = {"src": "::/0" if fam == 6 else "0.0.0.0/0", "dst": "::/0" if fam == 6 else "0.0.0.0/0", "iif": "*", "oif": "*", "proto": "all"}
    rest, protos = [], [c.value for c in rule.conds if c.kind == "proto"]
    for cond in rule.conds:
        no = "!" if cond.negated else ""
        if cond.kind == "net" and not cond.value[1].range:
            cells[cond.value[0]] = no + cond.value[1].plain
        elif cond.kind == "iface":
            cells[cond.value[0]] = no + cond.value[1].replace("*", "+")
        elif cond.kind == "proto":
            name = "ipv6-icmp" if cond.value == "icmpv6" else cond.value
            cells["proto"] = no + (str(NUMBERS[cond.value]) if numeric else name)
        else:
            rest.append(list_phrase(cond, protos, fam))
    target = rule.target if rule.verdict in ("jump", "goto") else rule.text or ""
    if rule.verdict == "goto":
        rest.insert(0, " [goto] ")
    if rule.verdict == "mark":
        rest.append("MARK set 0x%x" % rule.target)
    if rule.verdict == "redirect":
        target = "REDIRECT"
        rest.append("redir ports %d" % rule.target)
    if target in LIST_OPTIONS:
        rest.append(LIST_OPTIONS[target].replace("icmp-", "icmp6-" if fam == 6 else "icmp-"))
    return "%s%-10s %-4s %-3s %-6s %-6s %-20s %-20s %s" % (counts, target, cells["proto"], "--", cells["iif"], cells["oif"], cells["src"],
                                                         cells["dst"], " ".join(rest))


def iptables_list(rng):
    t = Tables(rng, True).fill()
    numeric, exact = rng.random() < 0.5, rng.random() < 0.5
    lines = list(t.set_lines())
    numbered = rng.random() < 0.3
    if t.redirects:
        t.chains["nat"] = {"PREROUTING": t.redirects, "INPUT": [], "OUTPUT": [], "POSTROUTING": []}
        t.policies.update({("nat", n): "A" for n in t.chains["nat"]})
    for table in by_order(t.chains):
        lines.append("# ip%stables -t %s -L -n -v" % ("6" if t.fam == 6 else "", table))
        chains = t.chains[table]
        # built-in chains come first
        for name in sorted(chains, key=lambda n: (table, n) not in t.policies):
            policy = t.policies.get((table, name))
            words = {"A": "policy ACCEPT 12 packets, 3456 bytes", "D": "policy DROP 0 packets, 0 bytes", None: "1 references"}[policy]
            lines.append("Chain %s (%s)" % (name, words))
            lines.append("%s pkts bytes target     prot opt in     out     source               destination         "
                         % ("num  " if numbered else ""))
            for i, rule in enumerate(chains[name], 1):
                counts = ("%-4d " % i if numbered else "") + ("   12   345 " if exact else " 123K  45M ")
                lines.append(list_rule(rule, t.fam, numeric, counts))
            lines.append("")
    for name in ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"):
        t.policies.pop(("nat", name), None)
    return t.case("\n".join(lines) + "\n")


# -- nftables --

class Nft:
    """Tables in the making. A condition has its text and its JSON; a statement (text, JSON, rules): a verdict map is several rules."""

    def __init__(self, rng):
        self.rng = rng
        self.tables, self.bases, self.sports = [], [], False
        self.fam = self.transport = None  # of the rule in the making

    # conditions: (Cond, text, JSON)

    def match(self, left, right, text, op="==", cond=None):
        return cond, text, {"match": {"op": op, "left": left, "right": right}}

    def payload(self, proto, field):
        return {"payload": {"protocol": proto, "field": field}}

    def net_json(self, net):
        if net.single:
            return net.plain
        return {"range": net.ends.split("-")} if net.range else {"prefix": {"addr": net.address(net.first), "len": net.bits}}

    def span_json(self, span):
        return span.first if span.single else {"range": [span.first, span.last]}

    def given(self, items, text_of, json_of, kind):
        """One value, a set in braces, or the name of a set of the table."""
        texts, values = [text_of(i) for i in items], [json_of(i) for i in items]
        if self.rng.random() < 0.3:
            name = "s%d" % len(self.table["sets"])
            self.table["sets"].append((name, kind, texts, values, None))
            return "@" + name, "@" + name
        if len(items) == 1 and self.rng.random() < 0.7:
            return texts[0], values[0]
        return "{ %s }" % ", ".join(texts), {"set": values}

    def op(self):
        no = self.rng.random() < 0.2
        return no, "!= " if no else "", "!=" if no else "=="

    def net(self, field):
        fam = self.fam
        nets = some_nets(self.rng, field, fam, 3, ranges=self.rng.random() < 0.3)
        no, mark, op = self.op()
        proto = "ip6" if fam == 6 else "ip"
        text, value = self.given(nets, lambda n: n.plain if not n.range else n.ends, self.net_json, "ipv6_addr" if fam == 6 else "ipv4_addr")
        held = net_test(field, nets)

        def test(packet, m):
            return packet.fam == fam and held(packet, m) != no
        return self.match(self.payload(proto, field[0] + "addr"), value, "%s %saddr %s%s" % (proto, field[0], mark, text), op,
                          Cond("net", None, test))

    def iface(self, field):
        names = [pick_iface(self.rng)]
        if names[0] == "eth0" and self.rng.random() < 0.4:
            names.append(self.rng.choice(("eth1", "wlan9")))
        no, mark, op = self.op()
        text = '"%s"' % names[0] if len(names) == 1 else "{ %s }" % ", ".join('"%s"' % n for n in names)
        value = names[0] if len(names) == 1 else {"set": names}
        tests = [iface_test(field, n) for n in names]
        return self.match({"meta": {"key": field + "name"}}, value, "%sname %s%s" % (field, mark, text), op,
                          Cond("iface", None, lambda p, m: any(t(p, m) for t in tests), no))

    def ports(self, field):
        proto = self.transport = self.transport or self.rng.choice(("tcp", "tcp", "udp"))
        found = some_spans(self.rng, 3, field)
        no, mark, op = self.op()
        name = "dport" if field == "port" else "sport"
        self.sports |= field == "sport"
        text, value = self.given(found, lambda s: s.text("-"), self.span_json, "inet_service")
        held = port_test(field, found)
        return self.match(self.payload(proto, name), value, "%s %s %s%s" % (proto, name, mark, text), op,
                          Cond("ports", None, lambda p, m: p.proto == proto and held(p, m) != no))

    def both(self):
        """Any protocol of two, and its port: two matches."""
        self.transport = "both"
        found = some_spans(self.rng, 1)
        held = port_test("port", found)
        text = "meta l4proto { tcp, udp } th dport %s" % found[0].text("-")
        first = {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": {"set": ["tcp", "udp"]}}}
        second = {"match": {"op": "==", "left": self.payload("th", "dport"), "right": self.span_json(found[0])}}
        return Cond("both", None, held), text, [first, second]

    def l4proto(self):
        self.transport = "any"
        names = self.rng.sample(("tcp", "udp", "gre", "icmp"), self.rng.randint(1, 2))
        no, mark, op = self.op()
        text = names[0] if len(names) == 1 else "{ %s }" % ", ".join(names)
        return self.match({"meta": {"key": "l4proto"}}, names[0] if len(names) == 1 else {"set": names}, "meta l4proto %s%s" % (mark, text), op,
                          Cond("proto", None, lambda p, m: p.proto in names, no))

    def icmp(self):
        fam, self.transport = self.fam, "icmp"
        names = ("timestamp-request", "echo-request", "destination-unreachable") if fam == 4 else ("echo-request", "destination-unreachable")
        kinds = {"timestamp-request": 13, "echo-request": 8 if fam == 4 else 128, "destination-unreachable": 3 if fam == 4 else 1}
        chosen = self.rng.sample(names, self.rng.randint(1, 2))
        no, mark, op = self.op()
        text = chosen[0] if len(chosen) == 1 else "{ %s }" % ", ".join(chosen)
        wanted = {kinds[n] for n in chosen}
        return self.match(self.payload(ICMP[fam], "type"), chosen[0] if len(chosen) == 1 else {"set": chosen},
                          "%s type %s%s" % (ICMP[fam], mark, text), op,
                          Cond("icmp", None, lambda p, m: p.proto == ICMP[fam] and (p.port // 256 in wanted) != no))

    def state(self):
        found = self.rng.sample(STATES, self.rng.randint(1, 3))
        names = [s.lower() for s in found]
        braces = len(names) > 1 and self.rng.random() < 0.4
        text = "{ %s }" % ", ".join(names) if braces else ",".join(names)
        value = {"set": names} if braces else names if len(names) > 1 else names[0]
        return self.match({"ct": {"key": "state"}}, value, "ct state " + text, "==" if braces else "in",
                          Cond("state", None, state_test(found)))

    def concat(self):
        fam, self.transport = self.fam, "tcp"
        proto = "ip6" if fam == 6 else "ip"
        nets = [n for n in some_nets(self.rng, "src", fam, 3) if n.single] or some_nets(self.rng, "src", fam, 1)
        pairs = [(n, SpanOf((p, p))) for n in nets for p in self.rng.sample((22, 23, 80), self.rng.randint(1, 2))]
        no, mark, op = self.op()

        def test(p, m):
            hit = any(n.holds(p.fam, p.src) and s.holds(p.port) for n, s in pairs)
            return p.fam == fam and p.proto == "tcp" and hit != no
        text, value = self.given(pairs, lambda e: "%s . %s" % (e[0].plain, e[1].text("-")),
                                 lambda e: {"concat": [self.net_json(e[0]), self.span_json(e[1])]},
                                 ["ipv6_addr" if fam == 6 else "ipv4_addr", "inet_service"])
        if not text.startswith("@") and len(pairs) == 1:
            text, value = "{ %s }" % text.strip("{} "), value if isinstance(value, dict) and "set" in value else {"set": [value]}
        return self.match({"concat": [self.payload(proto, "saddr"), self.payload("tcp", "dport")]}, value,
                          "%s saddr . tcp dport %s%s" % (proto, mark, text), op, Cond("concat", None, test))

    def family(self):
        fam = self.rng.choice((4, 6))
        return self.match({"meta": {"key": "nfproto"}}, "ipv%d" % fam, "meta nfproto ipv%d" % fam, "==",
                          Cond("family", None, lambda p, m: p.fam == fam))

    def mark_is(self):
        value = self.rng.randint(0, 2)
        no, mark, op = self.op()
        return self.match({"meta": {"key": "mark"}}, value, "meta mark %s0x%08x" % (mark, value), op,
                          Cond("mark", None, lambda p, m: m == value, no))

    def syn(self):
        if self.transport == "udp":
            return self.limit()
        self.transport = "tcp"
        flags = {"|": [{"|": [{"|": ["fin", "syn"]}, "rst"]}, "ack"]}
        return self.match({"&": [self.payload("tcp", "flags"), flags]}, "syn", "tcp flags & (fin | syn | rst | ack) == syn", "==",
                          Cond("syn", None, lambda p, m: p.proto == "tcp"))

    def limit(self):
        return maybe("limit"), "limit rate 3/second", {"limit": {"rate": 3, "burst": 5, "per": "second"}}

    def conds(self, hook):
        rng, out = self.rng, []
        if rng.random() < 0.3:
            out.append(self.iface("iif"))
        if hook == "forward" and rng.random() < 0.3:
            out.append(self.iface("oif"))
        kind = rng.random()
        if kind < 0.12:
            out.append(self.concat())
        elif kind < 0.45:
            out.append(self.net("src"))
        if rng.random() < 0.15:
            out.append(self.net("dst"))
        kind = rng.random()
        for share, make in ((0.4, lambda: self.ports("port")), (0.47, lambda: self.ports("sport")), (0.52, self.syn), (0.6, self.both),
                            (0.7, self.l4proto), (0.8, self.icmp)):
            if kind < share:
                if kind < 0.52 or not self.transport:
                    out.append(make())
                break
        kind = rng.random()
        for share, make in ((0.12, self.state), (0.17, self.mark_is), (0.22, self.limit), (0.27, self.family)):
            if kind < share and (make != self.family or len(self.table["families"]) == 2):
                out.append(make())
                break
        return out

    # statements

    def verdict(self, later):
        """(verdict, target, text, JSON) of a plain one."""
        rng = self.rng
        kind = rng.choice(("accept", "accept", "accept", "drop", "drop", "return", "jump", "jump", "goto", "goto"))
        if kind in ("jump", "goto") and not later:
            kind = "accept"
        if kind in ("jump", "goto"):
            target = rng.choice(later)
            return kind, target, "%s %s" % (kind, target), {kind: {"target": target}}
        return {"accept": "A", "drop": "D", "return": "return"}[kind], None, kind, {kind: None}

    def statement(self, hook, later):
        rng = self.rng
        self.fam, self.transport = rng.choice(self.table["families"]), None  # nft refuses a rule that speaks of two
        found = self.conds(hook)
        conds = [c for c, _, _ in found]
        text = [t for _, t, _ in found]
        expr = [e for _, _, j in found for e in (j if isinstance(j, list) else [j])]
        kind = rng.random()
        if kind < 0.2 and (later or kind < 0.1):
            return self.verdict_map(conds, text, expr, later)
        if kind < 0.25:
            value = rng.randint(1, 2)
            text.append("meta mark set 0x%08x" % value)
            expr.append({"mangle": {"key": {"meta": {"key": "mark"}}, "value": value}})
            return text, expr, [Rule(conds, "mark", value)]
        if rng.random() < 0.2:
            text.append("counter packets 3 bytes 180")
            expr.append({"counter": {"packets": 3, "bytes": 180}})
        if kind < 0.3:
            text.append('log prefix "accept "')
            expr.append({"log": {"prefix": "accept "}})
            return text, expr, [Rule(conds, "none")]
        if kind < 0.35 and hook != "prerouting":
            text.append("reject")
            expr.append({"reject": None})
            return text, expr, [Rule(conds, "D")]
        verdict, target, word, value = self.verdict(later)
        return text + [word], expr + [value], [Rule(conds, verdict, target)]

    def verdict_map(self, conds, text, expr, later):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4 and self.transport in (None, "tcp"):
            spans = some_spans(rng)
            keys = [(s.text("-"), self.span_json(s), (lambda s: lambda p, m: p.proto == "tcp" and s.holds(p.port))(s)) for s in spans]
            key, key_json, of = "tcp dport", self.payload("tcp", "dport"), "inet_service"
        elif kind < 0.7:
            names = rng.sample(("eth0", "eth1", "wlan9"), rng.randint(1, 3))
            keys = [('"%s"' % n, n, iface_test("iif", n)) for n in names]
            key, key_json, of = "iifname", {"meta": {"key": "iifname"}}, "ifname"
        else:
            names = rng.sample(("established", "new", "invalid"), rng.randint(1, 3))
            keys = [(n, n, state_test([n.upper()])) for n in names]
            key, key_json, of = "ct state", {"ct": {"key": "state"}}, "ct_state"
        pairs = [(k, self.verdict(later)) for k in keys]
        rules = [Rule(conds + [Cond("element", None, k[2])], v[0], v[1]) for k, v in pairs]
        texts = ["%s : %s" % (k[0], v[2]) for k, v in pairs]
        values = [[k[1], v[3]] for k, v in pairs]
        if rng.random() < 0.3:
            name = "m%d" % len(self.table["sets"])
            self.table["sets"].append((name, of, texts, values, "verdict"))
            return text + ["%s vmap @%s" % (key, name)], expr + [{"vmap": {"key": key_json, "data": "@" + name}}], rules
        return text + ["%s vmap { %s }" % (key, ", ".join(texts))], expr + [{"vmap": {"key": key_json, "data": {"set": values}}}], rules

    # chains and tables

    def add_table(self, name, family, hooks):
        self.table = {"name": name, "family": family, "sets": [], "chains": [],
                      "families": {"inet": (4, 6), "ip": (4,), "ip6": (6,)}[family]}
        self.tables.append(self.table)
        for hook, priority in hooks:
            names = [hook] + ["%s_%d" % (hook, i) for i in range(self.rng.randint(0, 3))]
            policy = self.rng.choice("DDA") if hook != "prerouting" else "A"
            chains = {}
            for i, chain in enumerate(names):
                most = 5 if hook != "prerouting" else 2
                statements = [self.statement(hook, names[i + 1:]) for _ in range(self.rng.randint(0, most))]
                chains[chain] = [r for _, _, rules in statements for r in rules]
                self.table["chains"].append((chain, hook if not i else None, priority, policy, statements))
            self.bases.append(Base(hook, priority, chains, hook, policy, self.table["families"]))

    def fill(self):
        rng = self.rng
        hooks = [("input", rng.choice((0, 0, 10))), ("forward", 0)]
        if rng.random() < 0.3:
            hooks.insert(0, ("prerouting", -150))
        self.add_table("filter", rng.choice(("inet", "inet", "ip", "ip6")), hooks)
        if rng.random() < 0.35:
            self.add_table("guard", rng.choice(("inet", "ip", "ip6")), [("input", rng.choice((-10, 20)))])
        return self

    def case(self, dump):
        families = sorted({f for t in self.tables for f in t["families"]})
        return Case(dump, functools.partial(outcomes, self.bases, ()), packets(families, ("input", "forward")), self.sports)


def interval(texts):
    return any("-" in t.split(" : ")[0] or "/" in t for t in texts)


def nft_text(rng):
    nft, out = Nft(rng).fill(), []
    for table in nft.tables:
        out.append("table %s %s {" % (table["family"], table["name"]))
        for name, kind, texts, _, of in table["sets"]:
            out += ["\t%s %s {" % ("map" if of else "set", name),
                    "\t\ttype %s%s" % (" . ".join([kind] if isinstance(kind, str) else kind), " : " + of if of else "")]
            if interval(texts):
                out.append("\t\tflags interval")
            between = ",\n\t\t\t     " if rng.random() < 0.5 else ", "
            out += ["\t\telements = { %s }" % between.join(texts), "\t}", ""]
        for name, hook, priority, policy, statements in table["chains"]:
            out.append("\tchain %s {" % name)
            if hook:
                words = {0: "filter", 10: "filter + 10", -10: "filter - 10", -150: "mangle"}.get(priority, str(priority))
                out.append("\t\ttype filter hook %s priority %s; policy %s;" % (hook, words, "accept" if policy == "A" else "drop"))
            out += ["\t\t" + " ".join(text) for text, _, _ in statements] + ["\t}", ""]
        out += ["}"]
    return nft.case("\n".join(out) + "\n")


def nft_json(rng):
    nft, out = Nft(rng).fill(), [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}}]
    for table in nft.tables:
        where = {"family": table["family"], "table": table["name"]}
        out.append({"table": {"family": table["family"], "name": table["name"], "handle": 1}})
        chains, rules = [], []
        for name, hook, priority, policy, statements in table["chains"]:
            chain = {**where, "name": name, "handle": 2}
            if hook:
                chain.update(type="filter", hook=hook, prio=priority, policy="accept" if policy == "A" else "drop")
            chains.append({"chain": chain})
            rules += [{"rule": {**where, "chain": name, "handle": 3, "expr": expr}} for _, expr, _ in statements]
        sets = []
        for name, kind, texts, values, of in table["sets"]:
            entry = {**where, "name": name, "type": kind, "handle": 4, "elem": values}
            if of:
                entry["map"] = of
            if interval(texts):
                entry["flags"] = ["interval"]
            sets.append({"map" if of else "set": entry})
        out += chains + sets + rules if rng.random() < 0.5 else sets + chains + rules
    return nft.case(json.dumps({"nftables": out}, indent=rng.choice((None, 1))) + "\n")


DIALECTS = {"iptables-save": iptables_save, "iptables-list": iptables_list, "nft": nft_text, "nft-json": nft_json}
