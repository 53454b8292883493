"""Random host and cloud firewalls for firewall_brute.py: ufw(8), firewalld.zone(5), firewalld.richlanguage(5), Windows Defender Firewall (netsh,
Get-NetFirewallRule; block rules beat allow rules), Amazon VPC security groups (a union of allow rules) and network ACLs (by rule number)."""
import json

from brute_space import Case, Cond, ICMP, NUMBERS, Rule, SpanOf, apart, first_match, packets, some_nets, some_spans

BOTH = (4, 6)
ASKED_TYPES = {4: ((13, 0), (8, 0)), 6: ((139, 0), (128, 0))}  # errors without a connection are invalid, and dropped
PLAIN_TYPES = {4: ((13, 0),), 6: ((139, 0),)}  # that none of these lets in by itself


def has_net(field, nets):
    return Cond("net", None, lambda p, m: any(n.holds(p.fam, getattr(p, field)) for n in nets))


def has_proto(*names):
    return Cond("proto", None, lambda p, m: p.proto in names)


def has_port(field, found):
    return Cond("ports", None, lambda p, m: p.proto in ("tcp", "udp") and any(s.holds(getattr(p, field)) for s in found))


def has_iface(field, name):
    return Cond("iface", None, lambda p, m: getattr(p, field) == name)


def of_family(fam):
    return Cond("family", None, lambda p, m: p.fam == fam)


PERHAPS = Cond("unknown", None, lambda p, m: None)


def outcome(packet, rules, default):
    return first_match(rules, packet, {default} if isinstance(default, str) else default)


# -- ufw --

class Ufw:
    """The user's rules, in their order: of each its row in `ufw status` (one for each family it holds for) and its lines in user.rules."""

    def __init__(self, rng):
        self.rng, self.sports = rng, False
        self.rules = {(hook, fam): [] for hook in ("input", "forward", "output") for fam in BOTH}
        self.rows, self.lines = {4: [], 6: []}, {4: [], 6: []}

    def service(self, proto, field="port"):
        """Ports: a range or a list needs a protocol."""
        many = proto and self.rng.random() < 0.4
        found = some_spans(self.rng, 3 if many else 1, field)
        return found if many or proto else [s for s in found if s.single] or [SpanOf((22, 22))]

    def add(self):
        rng = self.rng
        hook = rng.choice(("input",) * 5 + ("output", "forward"))
        action = rng.choice(("ALLOW", "ALLOW", "ALLOW", "DENY", "REJECT", "LIMIT"))
        proto = rng.choice(("tcp", "udp", "", "", "gre"))
        found = self.service(proto) if proto != "gre" and rng.random() < 0.75 else []
        proto = proto if found or proto == "gre" else ""
        from_ports = self.service(proto, "sport") if proto in ("tcp", "udp") and rng.random() < 0.1 else []
        fam = rng.choice((4, 4, 6))
        # the far end of what comes in is its sender
        src = some_nets(rng, "dst" if hook == "output" else "src", fam, 1)[0] if rng.random() < 0.5 else None
        dst = some_nets(rng, "src" if hook == "output" else "dst", fam, 1)[0] if rng.random() < 0.25 else None
        in_dev = rng.choice(("eth0", "eth1")) if hook != "output" and rng.random() < 0.25 else ""
        out_dev = rng.choice(("eth0", "eth1")) if hook != "input" and rng.random() < 0.25 else ""
        families = (fam,) if src or dst else BOTH
        log = rng.random() < 0.1
        for family in families:
            self.rows[family].append(self.row(hook, action, proto, found, from_ports, src, dst, in_dev, out_dev, family, log))
            self.lines[family] += self.commands(hook, action, proto, found, from_ports, src, dst, in_dev, out_dev, family)
            conds = [has_net("src", [src])] * bool(src) + [has_net("dst", [dst])] * bool(dst)
            conds += [has_iface("iif", in_dev)] * bool(in_dev) + [has_iface("oif", out_dev)] * bool(out_dev)
            conds += [has_proto(proto)] if proto else []
            conds += [has_port("port", found)] * bool(found) + [has_port("sport", from_ports)] * bool(from_ports)
            self.sports |= bool(from_ports)
            into = self.rules[hook, family]
            if action == "LIMIT":  # until there were too many
                into.append(Rule(conds + [PERHAPS], "A"))
                into.append(Rule(conds, "D"))
            else:
                into.append(Rule(conds, "A" if action == "ALLOW" else "D"))

    @staticmethod
    def end(net, found, proto, dev, family, shown_proto):
        text = net.plain if net else "Anywhere" if not found else ""
        if found:
            text += (" " if text else "") + ",".join(s.text(":") for s in found) + ("/" + proto if proto else "")
        elif proto and shown_proto:
            text += "/" + proto
        if family == 6 and not net:
            text += " (v6)"
        return text + (" on " + dev if dev else "")

    def row(self, hook, action, proto, found, from_ports, src, dst, in_dev, out_dev, family, log):
        way = {"input": "IN", "output": "OUT", "forward": "FWD"}[hook]
        to_dev, from_dev = (in_dev, "") if hook == "input" else ("", out_dev) if hook == "output" else (out_dev, in_dev)
        to = self.end(dst, found, proto, to_dev, family, True)
        source = self.end(src, from_ports, proto, from_dev, family, False)
        notes = [w for w, on in (("log", log), ("out", hook == "output")) if on]
        tail = " (%s)" % ", ".join(notes) if notes else ""
        return "%-26s %-11s %s" % (to, action + " " + way, "%-26s%s" % (source, tail))

    @staticmethod
    def commands(hook, action, proto, found, from_ports, src, dst, in_dev, out_dev, family):
        chain = "ufw%s-user-%s" % ("6" if family == 6 else "", hook)
        target = {"ALLOW": "-j ACCEPT", "DENY": "-j DROP", "REJECT": "-j REJECT"}.get(action)
        for name in [proto] if proto or not found else ["tcp", "udp"]:
            words = ["-A " + chain]
            words += ["-i " + in_dev] * bool(in_dev) + ["-o " + out_dev] * bool(out_dev) + ["-p " + name] * bool(name)
            for option, spans in (("dport", found), ("sport", from_ports)):
                text = ",".join(s.text(":") for s in spans)
                words += ["-m multiport --%ss %s" % (option, text)] if len(spans) > 1 or (spans and not spans[0].single) else (
                    ["--%s %s" % (option, text)] if spans else [])
            words += ["-%s %s" % (option, net.plain) for option, net in (("d", dst), ("s", src)) if net]
            text = " ".join(words)
            if target:
                yield text + " " + target
            else:
                limit = "ufw%s-user-limit" % ("6" if family == 6 else "")
                yield text + " -m conntrack --ctstate NEW -m recent --set"
                yield text + " -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 -j " + limit
                yield text + " -j %s-accept" % limit

    def fill(self):
        for _ in range(self.rng.randint(1, 7)):
            self.add()
        return self

    def case(self, dump, defaults, families=BOTH):
        def judge(packet):
            return outcome(packet, self.rules[packet.hook, packet.fam], defaults[packet.hook])
        return Case(dump, judge, packets(families, ("input", "forward", "output"), types=PLAIN_TYPES), self.sports)


def ufw_status(rng):
    ufw = Ufw(rng).fill()
    words = {"A": "allow", "D": rng.choice(("deny", "reject"))}
    defaults = {hook: rng.choice(choices) for hook, choices in (("input", "DDA"), ("output", "AAD"), ("forward", "DA"))}
    numbered = rng.random() < 0.25
    lines = ["Status: active"]
    if not numbered:
        lines += ["Logging: on (low)", "Default: %s (incoming), %s (outgoing), %s (routed)" % tuple(
            words[defaults[h]] for h in ("input", "output", "forward")), "New profiles: skip"]
    pad = "     " if numbered else ""
    lines += ["", pad + "To                         Action      From", pad + "--                         ------      ----"]
    rows = ufw.rows[4] + ufw.rows[6]
    lines += ["[%2d] %s" % (i, row) if numbered else row for i, row in enumerate(rows, 1)]
    if numbered:
        defaults = dict.fromkeys(defaults, {"A", "D"})
    case = ufw.case("\n".join(lines) + "\n\n", defaults)
    if not ufw.rows[6]:  # ufw may have been told to leave IPv6 alone: then it is closed
        closed = {h: {"A", "D"} if d == "A" else d for h, d in defaults.items()}
        four = case.outcomes
        case.outcomes = lambda p: four(p) if p.fam == 4 else outcome(p, [], closed[p.hook])
    return case


def ufw_rules(rng):
    ufw, fam = Ufw(rng).fill(), rng.choice(BOTH)
    prefix = "ufw6" if fam == 6 else "ufw"
    names = ["user-input", "user-output", "user-forward", "before-logging-input", "user-limit", "user-limit-accept"]
    lines = ["*filter"] + [":%s-%s - [0:0]" % (prefix, n) for n in names] + ["### RULES ###", ""] + ufw.lines[fam]
    lines += ["", "### END RULES ###", "", "### RATE LIMITING ###",
              '-A %s-user-limit -m limit --limit 3/minute -j LOG --log-prefix "[UFW LIMIT BLOCK] "' % prefix, "-A %s-user-limit -j REJECT" % prefix,
              "-A %s-user-limit-accept -j ACCEPT" % prefix, "### END RATE LIMITING ###", "COMMIT"]
    case = ufw.case("\n".join(lines) + "\n", dict.fromkeys(("input", "forward", "output"), {"A", "D"}), (fam,))
    return case


# -- firewalld --

SERVICES = {"ssh": [("tcp", 22)], "https": [("tcp", 443)], "http": [("tcp", 80)], "telnet": [("tcp", 23)], "http3": [("udp", 443)]}
# Names of types that are of one family only.
FWD_TYPES = {"timestamp-request": (4, 13), "echo-request": (None, {4: 8, 6: 128}), "destination-unreachable": (None, {4: 3, 6: 1})}


def icmp_named(name):
    fam, kinds = FWD_TYPES[name]

    def test(packet, mark):
        kind = kinds if fam else kinds[packet.fam]
        return packet.proto == ICMP[packet.fam] and fam in (None, packet.fam) and packet.port // 256 == kind
    return Cond("icmp", None, test)


class Zone:
    """pre and post: rich rules by their priority; deny comes before allow."""

    def __init__(self, rng, name):
        self.rng, self.name = rng, name
        self.target = rng.choice(("default", "default", "%%REJECT%%", "DROP", "ACCEPT"))
        self.inverted = self.target == "default" and rng.random() < 0.15
        self.interfaces, self.sources, self.rich = [], [], []
        self.deny, self.allow, self.ranked = [], [], []
        self.sports = False
        self.services = rng.sample(sorted(SERVICES), rng.randint(0, 2))
        self.ports = [(s, rng.choice(("tcp", "udp"))) for s in some_spans(rng, 2)] if rng.random() < 0.5 else []
        self.source_ports = [(s, "tcp") for s in some_spans(rng, 1, "sport")] if rng.random() < 0.1 else []
        self.protocols = ["gre"] if rng.random() < 0.15 else []
        self.blocks = rng.sample(sorted(FWD_TYPES), rng.randint(0, 1)) if rng.random() < 0.4 else []
        self.listed()
        for _ in range(rng.randint(0, 3)):
            self.add_rich()

    def listed(self):
        for name in self.services:
            self.allow += [Rule([has_proto(proto), has_port("port", [SpanOf((port, port))])], "A") for proto, port in SERVICES[name]]
        self.allow += [Rule([has_proto(proto), has_port("port", [span])], "A") for span, proto in self.ports]
        self.allow += [Rule([has_proto(proto), has_port("sport", [span])], "A") for span, proto in self.source_ports]
        self.allow += [Rule([has_proto(proto)], "A") for proto in self.protocols]
        for name in self.blocks:
            (self.allow if self.inverted else self.deny).append(Rule([icmp_named(name)], "A" if self.inverted else "D"))
        self.sports = bool(self.source_ports)

    def add_rich(self):
        rng = self.rng
        priority = rng.choice((0, 0, 0, -10, -5, 20))
        words, conds = ["rule"], []
        if priority:
            words.append('priority="%d"' % priority)
        fam = rng.choice((4, 6, None))
        if fam:
            words.append('family="ipv%d"' % fam)
            conds.append(of_family(fam))
        if fam and rng.random() < 0.6:
            net, no = some_nets(rng, "src", fam, 1)[0], rng.random() < 0.25
            words.append('source %saddress="%s"' % ("NOT " if no else "", net.plain))
            conds.append(Cond("net", None, has_net("src", [net]).test, no))
        if fam and rng.random() < 0.2:
            net = some_nets(rng, "dst", fam, 1)[0]
            words.append('destination address="%s"' % net.plain)
            conds.append(has_net("dst", [net]))
        several = [[]]
        kind = rng.choice(("service", "port", "protocol", "icmp-type", "none" if len(conds) > 1 else "port"))
        if kind == "service":
            name = rng.choice(sorted(SERVICES))
            words.append('service name="%s"' % name)
            several = [[has_proto(proto), has_port("port", [SpanOf((port, port))])] for proto, port in SERVICES[name]]
        elif kind == "port":
            span, proto = some_spans(rng, 1)[0], rng.choice(("tcp", "udp"))
            words.append('port port="%s" protocol="%s"' % (span.text("-"), proto))
            several = [[has_proto(proto), has_port("port", [span])]]
        elif kind == "protocol":
            words.append('protocol value="gre"')
            several = [[has_proto("gre")]]
        elif kind == "icmp-type":
            name = rng.choice(sorted(FWD_TYPES))
            words.append('icmp-type name="%s"' % name)
            several = [[icmp_named(name)]]
        if rng.random() < 0.2:
            words.append('log prefix="accept " level="info"')
        action = rng.choice(("accept", "accept", "drop", "reject"))
        words.append(action)
        if action == "accept" and rng.random() < 0.15:
            words.append('limit value="2/m"')
            conds.append(PERHAPS)
        self.rich.append(" ".join(words))
        for more in several:
            rule = Rule(conds + more, "A" if action == "accept" else "D")
            self.ranked.append((priority, rule))

    def rules(self):
        """All of it in the order of firewalld.richlanguage(5): negative priorities, refusals, acceptances, positive priorities; then ICMP, the target."""
        by_rank = sorted(self.ranked, key=lambda r: r[0])
        out = [r for rank, r in by_rank if rank < 0]
        plain = [r for rank, r in by_rank if rank == 0]
        out += [r for r in plain if r.verdict == "D"] + self.deny + [r for r in plain if r.verdict == "A"] + self.allow
        out += [r for rank, r in by_rank if rank > 0]
        if self.target in ("default", "%%REJECT%%"):
            out.append(Rule([has_proto("icmp", "icmpv6")], "D" if self.inverted else "A"))
        return out + [Rule([], "A" if self.target == "ACCEPT" else "D")]

    def lines(self, attributes):
        yield self.name + (" (%s)" % attributes if attributes else "")
        yield "  target: " + self.target
        yield "  icmp-block-inversion: " + ("yes" if self.inverted else "no")
        for key, values in (("interfaces", self.interfaces), ("sources", self.sources), ("services", self.services),
                            ("ports", ["%s/%s" % (s.text("-"), p) for s, p in self.ports]), ("protocols", self.protocols)):
            yield "  %s: %s" % (key, " ".join(values))
        yield "  forward: no"
        yield "  masquerade: no"
        yield "  forward-ports: "
        yield "  source-ports: " + " ".join("%s/%s" % (s.text("-"), p) for s, p in self.source_ports)
        yield "  icmp-blocks: " + " ".join(self.blocks)
        yield "  rich rules: "
        yield from ("\t" + r for r in self.rich)


def firewalld(rng):
    zones = [Zone(rng, name) for name in ("drop", "internal", "public", "work")]
    bound = []
    for iface in ("eth0", "eth1"):
        if rng.random() < 0.6:
            zone = rng.choice(zones)
            zone.interfaces.append(iface)
            bound.append((iface, zone))
    sources = []
    for fam in BOTH:
        for net in some_nets(rng, "src", fam, 1) if rng.random() < 0.5 else []:
            zone = rng.choice(zones)
            zone.sources.append(net.plain)
            sources.append((net, zone))
    default = rng.choice(zones)
    rules = {z.name: z.rules() for z in zones}

    def judge(packet):
        zone = next((z for net, z in sources if net.holds(packet.fam, packet.src)), None)
        zone = zone or next((z for name, z in bound if name == packet.iif), default)
        got = outcome(packet, rules[zone.name], "D")
        # IPv6_rpfilter (firewalld.conf(5)) drops what comes in by the wrong interface; which that is, the list does not tell
        return got | {"D"} if packet.fam == 6 else got

    lines = []
    for zone in zones:
        words = ["default"] * (zone is default) + ["active"] * bool(zone.interfaces or zone.sources or zone is default)
        lines += [*zone.lines(", ".join(words)), ""]
    return Case("\n".join(lines) + "\n", judge, packets(BOTH, ("input",), types=ASKED_TYPES), any(z.sports for z in zones))


# -- Windows --

PROFILES = ("Domain", "Private", "Public")
PROFILE_BITS = {"Domain": 1, "Private": 2, "Public": 4}


class WindowsRule:
    def __init__(self, rng, n):
        self.name, self.inbound, self.enabled = "rule %d" % n, rng.random() < 0.75, rng.random() < 0.85
        self.profiles = list(PROFILES) if rng.random() < 0.5 else [p for p in PROFILES if rng.random() < 0.5] or ["Public"]
        self.allow = rng.random() < 0.65
        self.proto = rng.choice(("TCP", "TCP", "TCP", "UDP", "Any", "ICMPv4", "ICMPv6", "47"))
        ported = self.proto in ("TCP", "UDP")
        self.local_ports = some_spans(rng, 3, "port" if self.inbound else "sport") if ported and rng.random() < (0.8 if self.inbound else 0.2) else []
        self.remote_ports = some_spans(rng, 2, "sport" if self.inbound else "port") if ported and rng.random() < (0.1 if self.inbound else 0.7) else []
        self.types = [(rng.choice((13, 8, 3) if self.proto == "ICMPv4" else (139, 128, 1)), None)] if self.proto.startswith("ICMP") and rng.random() < 0.7 else []
        near, far = ("dst", "src")
        fam = rng.choice(BOTH)
        self.remote = self.nets(rng, far, fam) if rng.random() < 0.4 else []
        self.local = self.nets(rng, near, fam) if rng.random() < 0.2 else []
        self.subnet = rng.random() < 0.07  # LocalSubnet: which it is, the dump does not tell
        self.program = rng.choice(("C:\\app.exe", "System")) if rng.random() < 0.12 else "Any"

    @staticmethod
    def nets(rng, field, fam):
        found = some_nets(rng, field, fam, 2, ranges=True)
        return found if rng.random() < 0.7 else apart(found + some_nets(rng, field, 10 - fam, 1))

    def conds(self):
        out = [Cond("profile", None, lambda p, m: (p.iif or p.oif) in self.profiles)]
        names = {"TCP": "tcp", "UDP": "udp", "ICMPv4": "icmp", "ICMPv6": "icmpv6", "47": "gre"}
        if self.proto != "Any":
            out.append(has_proto(names[self.proto]))
        here, there = ("port", "sport") if self.inbound else ("sport", "port")
        out += [has_port(here, self.local_ports)] * bool(self.local_ports) + [has_port(there, self.remote_ports)] * bool(self.remote_ports)
        if self.types:
            out.append(Cond("icmp", None, lambda p, m: p.port // 256 == self.types[0][0]))
        near, far = ("dst", "src") if self.inbound else ("src", "dst")
        out += [has_net(near, self.local)] * bool(self.local)
        if self.subnet:
            listed = self.remote
            out.append(Cond("subnet", None, lambda p, m: True if any(n.holds(p.fam, getattr(p, far)) for n in listed) else None))
        else:
            out += [has_net(far, self.remote)] * bool(self.remote)
        return out + [PERHAPS] * (self.program != "Any")


class Windows:
    def __init__(self, rng):
        self.rng = rng
        self.rules = [WindowsRule(rng, n) for n in range(rng.randint(1, 7))]
        self.on = {p: rng.random() < 0.85 for p in PROFILES}
        self.policy = {p: (rng.choice(("BlockInbound", "BlockInbound", "BlockInbound", "AllowInbound", "BlockInboundAlways")),
                           rng.choice(("AllowOutbound", "AllowOutbound", "BlockOutbound"))) for p in PROFILES}

    def case(self, dump):
        inbound, outbound = ([Rule(r.conds(), "D") for r in self.rules if r.enabled and r.inbound == way and not r.allow] +
                             [Rule(r.conds(), "A") for r in self.rules if r.enabled and r.inbound == way and r.allow] for way in (True, False))

        def judge(packet):
            profile = packet.iif or packet.oif
            into, out_of = self.policy[profile]
            if not self.on[profile]:
                return {"A"}
            if packet.hook == "input":
                return {"D"} if into == "BlockInboundAlways" else outcome(packet, inbound, "A" if into == "AllowInbound" else "D")
            return outcome(packet, outbound, "A" if out_of == "AllowOutbound" else "D")
        sports = any(r.remote_ports if r.inbound else r.local_ports for r in self.rules)
        return Case(dump, judge, packets(BOTH, ("input", "output"), PROFILES), sports)


LABELS = {
    "English": ("Rule Name", "Enabled", "Direction", "Profiles", "Grouping", "LocalIP", "RemoteIP", "Protocol", "LocalPort", "RemotePort",
                "Edge traversal", "Program", "InterfaceTypes", "Security", "Rule source", "Action"),
    "Japanese": ("規則名", "有効", "方向", "プロファイル", "グループ", "ローカル IP", "リモート IP", "プロトコル", "ローカル ポート", "リモート ポート",
                 "エッジ トラバーサル", "プログラム", "インターフェイスの種類", "セキュリティ", "規則のソース", "操作"),
}
WORDS = {"English": {}, "Japanese": {"Yes": "はい", "No": "いいえ", "In": "入力", "Out": "出力", "Allow": "許可", "Block": "ブロック", "Any": "任意",
                                     "Domain": "ドメイン", "Private": "プライベート", "Public": "パブリック", "ON": "オン", "OFF": "オフ"}}
DASHES = "-" * 70


def netsh_rule(rule, language):
    say = lambda word: WORDS[language].get(word, word)
    nets = lambda found: ",".join(n.ends if n.range else n.cidr for n in found)
    remote = nets(rule.remote) + ("," if rule.subnet and rule.remote else "") + ("LocalSubnet" if rule.subnet else "")
    spans = lambda found: ",".join(s.text("-") for s in found)
    values = [rule.name, say("Yes" if rule.enabled else "No"), say("In" if rule.inbound else "Out"), ",".join(map(say, rule.profiles)), "",
              nets(rule.local) or say("Any"), remote or say("Any"), say(rule.proto)]
    if rule.types:
        values.append(None)
    values += [spans(rule.local_ports) or say("Any"), spans(rule.remote_ports) or say("Any")] if rule.proto in ("TCP", "UDP") else [None, None]
    values += [say("No"), rule.program if rule.program != "Any" else None, say("Any"), "NotRequired", "Local Setting",
               say("Allow" if rule.allow else "Block")]
    if rule.types:
        del values[8]
    for i, (label, value) in enumerate(zip(LABELS[language], values)):
        if value is not None:
            yield "%-38s%s" % (label + ":", value)
        if i == 0:
            yield DASHES
        if i == 7 and rule.types:
            yield "                                      Type    Code"
            yield "                                      %-8d%s" % (rule.types[0][0], say("Any"))


def netsh(language):
    def make(rng):
        windows, lines = Windows(rng), [""]
        say = lambda word: WORDS[language].get(word, word)
        titles = "%s Profile Settings: " if language == "English" else "%s プロファイル 設定:"
        state, policy = ("State", "Firewall Policy") if language == "English" else ("状態", "ファイアウォール ポリシー")
        for profile in PROFILES:
            lines += [titles % say(profile), DASHES, "%-38s%s" % (state, say("ON" if windows.on[profile] else "OFF")),
                      "%-38s%s" % (policy, ",".join(windows.policy[profile])), "%-38s%s" % ("LocalFirewallRules", "N/A (GPO-store only)"), ""]
        rules = ["Ok.", ""] if language == "English" else ["OK", ""]
        for rule in windows.rules:
            rules += [*netsh_rule(rule, language), ""]
        end = rules[0]
        lines = rules[1:] + [end, ""] + lines + [end] if rng.random() < 0.5 else lines + rules + [end]
        return windows.case("\r\n".join(lines) + "\r\n")
    return make


def windows_json(rng):
    windows, numbers, objects = Windows(rng), rng.random() < 0.5, {"rules": [], "ports": [], "addresses": [], "programs": []}
    pick = lambda name, value: value if numbers else name
    for n, rule in enumerate(windows.rules):
        key = "{%08d}" % n
        bits = sum(PROFILE_BITS[p] for p in rule.profiles)
        objects["rules"].append({
            "Name": key, "InstanceID": key, "DisplayName": rule.name, "Enabled": pick("True", 1) if rule.enabled else pick("False", 2),
            "Profile": 0 if bits == 7 and numbers else bits if numbers else "Any" if bits == 7 else ", ".join(rule.profiles),
            "Direction": pick("Inbound", 1) if rule.inbound else pick("Outbound", 2),
            "Action": pick("Allow", 2) if rule.allow else pick("Block", 4)})
        words = lambda found: "Any" if not found else found[0] if len(found) == 1 else found
        spans = lambda found: words([s.text("-") for s in found])
        nets = lambda found: [n.ends if n.range else n.plain if n.single or n.fam == 6 else n.masked for n in found]
        objects["ports"].append({"InstanceID": key, "Protocol": rule.proto, "LocalPort": spans(rule.local_ports), "RemotePort": spans(rule.remote_ports),
                                 "IcmpType": str(rule.types[0][0]) if rule.types else "Any", "DynamicTarget": pick("Any", 0)})
        remote = nets(rule.remote) + ["LocalSubnet"] * rule.subnet
        objects["addresses"].append({"InstanceID": key, "LocalAddress": words(nets(rule.local)), "RemoteAddress": words(remote)})
        objects["programs"].append({"InstanceID": key, "Program": rule.program, "Package": None})
    objects["profiles"] = []
    for name in PROFILES:
        into, out_of = windows.policy[name]
        objects["profiles"].append({
            "Name": name, "Enabled": pick("True", 1) if windows.on[name] else pick("False", 0),
            "DefaultInboundAction": pick("Allow", 2) if into == "AllowInbound" else pick("Block", 4),
            "DefaultOutboundAction": pick("Allow", 2) if out_of == "AllowOutbound" else pick("Block", 4),
            "AllowInboundRules": pick("False", 0) if into == "BlockInboundAlways" else pick("True", 1),
            "AllowLocalFirewallRules": pick("NotConfigured", 2)})
    for found in objects.values():
        rng.shuffle(found)
    if rng.random() < 0.5:
        return windows.case(json.dumps(objects, indent=2))
    return windows.case("\n".join(json.dumps(v if len(v) > 1 else v[0], indent=1) for v in objects.values()))


# -- Amazon --

def aws_ports(rng, proto):
    """(from, to, condition) of one protocol."""
    if proto in ("tcp", "udp"):
        span = some_spans(rng, 1)[0]
        return span.first, span.last, has_port("port", [span])
    kind, code = rng.choice((((13, -1), (8, -1), (3, 1), (-1, -1)) if proto == "icmp" else ((139, -1), (128, 0), (1, 4), (-1, -1))))
    return kind, code, Cond("icmp", None, lambda p, m: kind < 0 or (p.port // 256 == kind and code in (-1, p.port % 256)))


def aws_group(rng):
    rules, lists = {"input": [], "output": []}, {"input": [], "output": []}
    sides = {"input": ("src", "src"), "output": ("dst", "src")}
    for hook in rules:
        side, pool = sides[hook]
        for _ in range(rng.randint(0, 4)):
            proto = rng.choice(("tcp", "tcp", "udp", "icmp", "icmpv6", "47", "-1"))
            entry, conds = {"IpProtocol": proto, "UserIdGroupPairs": [], "PrefixListIds": []}, []
            if proto not in ("-1", "47"):
                entry["FromPort"], entry["ToPort"], cond = aws_ports(rng, proto)
                conds.append(cond)
            if proto != "-1":
                conds.append(has_proto("gre" if proto == "47" else proto))
            found = [n for fam in BOTH for n in some_nets(rng, pool, fam, 2) if rng.random() < 0.5]
            entry["IpRanges"] = [{"CidrIp": n.cidr, "Description": "deny"} for n in found if n.fam == 4]
            entry["Ipv6Ranges"] = [{"CidrIpv6": n.cidr} for n in found if n.fam == 6]
            named = rng.random() < 0.15
            if named:
                entry["UserIdGroupPairs"] = [{"GroupId": "sg-0000000b", "UserId": "111122223333"}]
            lists[hook].append(entry)
            if found:
                rules[hook].append(Rule(conds + [has_net(side, found)], "A"))
            if named:
                rules[hook].append(Rule(conds + [PERHAPS], "A"))
    dump = {"SecurityGroups": [{"GroupName": "web", "GroupId": "sg-0000000a", "IpPermissions": lists["input"],
                                "IpPermissionsEgress": lists["output"], "VpcId": "vpc-1"}]}
    return Case(json.dumps(dump, indent=4), lambda p: outcome(p, rules[p.hook], "D"), packets(BOTH, ("input", "output"), ("eth0",)))


def aws_acl(rng):
    rules, entries = {"input": [], "output": []}, []
    for hook in rules:
        side, pool = ("src", "src") if hook == "input" else ("dst", "src")
        numbers = rng.sample(range(1, 400), rng.randint(0, 5))
        ordered = []
        for n in numbers:
            proto, fam = rng.choice(("tcp", "tcp", "udp", "icmp", "gre", "-1")), rng.choice(BOTH)
            proto = ICMP[fam] if proto == "icmp" else proto
            net, allow = some_nets(rng, pool, fam, 1)[0], rng.random() < 0.6
            entry = {"Egress": hook == "output", "Protocol": "-1" if proto == "-1" else str(NUMBERS[proto]), "RuleAction": "allow" if allow else "deny",
                     "RuleNumber": n, "CidrBlock" if fam == 4 else "Ipv6CidrBlock": net.cidr}
            conds = [has_net(side, [net])] + ([has_proto(proto)] if proto != "-1" else [])
            if proto not in ("-1", "gre"):
                low, high, cond = aws_ports(rng, proto)
                conds.append(cond)
                if proto.startswith("icmp"):
                    entry["IcmpTypeCode"] = {"Type": low, "Code": high}
                else:
                    entry["PortRange"] = {"From": low, "To": high}
            entries.append(entry)
            ordered.append((n, Rule(conds, "A" if allow else "D")))
        rules[hook] = [r for _, r in sorted(ordered, key=lambda o: o[0])]
        for block, everywhere in (("CidrBlock", "0.0.0.0/0"), ("Ipv6CidrBlock", "::/0")):
            entries.append({"Egress": hook == "output", "Protocol": "-1", "RuleAction": "deny", block: everywhere,
                            "RuleNumber": 32767 if block == "CidrBlock" else 32768})
    rng.shuffle(entries)
    dump = {"NetworkAcls": [{"Associations": [], "Entries": entries, "IsDefault": False, "NetworkAclId": "acl-1", "VpcId": "vpc-1"}]}
    return Case(json.dumps(dump, indent=4), lambda p: outcome(p, rules[p.hook], "D"), packets(BOTH, ("input", "output"), ("eth0",)))


DIALECTS = {"ufw-status": ufw_status, "ufw-rules": ufw_rules, "firewalld": firewalld, "netsh": netsh("English"), "netsh-japanese": netsh("Japanese"),
            "windows-json": windows_json, "aws-group": aws_group, "aws-acl": aws_acl}
