"""Random rulesets of iptables for firewall_brute.py, as iptables-save and iptables -L print them: iptables(8),
iptables-extensions(8), ipset(8)."""
import functools

from brute_linux import Base, STATES, iface_test, maybe, net_test, outcomes, pick_iface, port_test, state_test
from brute_space import Case, Cond, ICMP, NUMBERS, Rule, SpanOf, packets, some_nets, some_spans


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


DIALECTS = {"iptables-save": iptables_save, "iptables-list": iptables_list}
