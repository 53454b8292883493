"""Random rulesets of nftables for firewall_brute.py, as text and as JSON: nft(8), libnftables-json(5)."""
import functools
import json

from brute_linux import Base, STATES, iface_test, maybe, net_test, outcomes, pick_iface, port_test, state_test
from brute_space import Case, Cond, ICMP, Rule, SpanOf, packets, some_nets, some_spans


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


DIALECTS = {"nft": nft_text, "nft-json": nft_json}
