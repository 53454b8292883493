/* The matches of iptables: one row an option. */
#include "base/num.h"
#include "firewall/dialects/iptables.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The first packet of an ordinary connection: how long it is and what is left of its TTL when it arrives. */
enum { PLAIN_LENGTH_MIN = 40, PLAIN_LENGTH_MAX = 84, PLAIN_TTL_MIN = 32, PLAIN_TTL_MAX = 128 };

typedef bool take_fn(struct kj_ipt_rule *r, kj_str arg, bool negated);

/* -- classic ones -- */

static bool add_ranges(struct kj_fw_ruleset *rs, struct kj_fw_set *set, kj_str list)
{
	kj_str piece;
	struct kj_range range;
	while (kj_str_cut(&list, ',', &piece)) {
		if (!kj_ipt_range(piece, &range))
			return false;
		kj_fw_set_addr(rs, set, &range);
	}
	return set->at.n > 0;
}

static bool take_addr(struct kj_ipt_rule *r, enum kj_fw_field field, kj_str arg, bool negated)
{
	struct kj_fw_set *set = kj_fw_set(r->rs, 1);
	if (!add_ranges(r->rs, set, arg))
		return false;
	kj_fw_test(r->rs, r->rule, field, negated, set);
	return true;
}

static bool take_src(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_addr(r, KJ_FW_SRC, arg, negated);
}

static bool take_dst(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_addr(r, KJ_FW_DST, arg, negated);
}

static bool take_iface(struct kj_ipt_rule *r, enum kj_fw_field field, kj_str arg, bool negated)
{
	bool wildcard = kj_str_ends(arg, KJ_STR("+"));
	kj_fw_test_iface(r->rs, r->rule, field, negated, kj_str_upto(arg, arg.n - wildcard), wildcard);
	return arg.n > 0;
}

static bool take_in(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_iface(r, KJ_FW_IIF, arg, negated);
}

static bool take_out(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_iface(r, KJ_FW_OIF, arg, negated);
}

static bool take_proto(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	unsigned proto;
	if (kj_str_eq_fold(arg, KJ_STR("all")) || kj_str_eq(arg, KJ_STR("0")))
		return !negated;
	if (!kj_fw_proto_parse(arg, &proto))
		return false;
	kj_fw_test_num(r->rs, r->rule, KJ_FW_PROTO, negated, proto, proto);
	return true;
}

/* Later fragments: never seen, connection tracking puts packets together first. */
static bool take_fragment(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	(void)arg;
	if (!negated)
		kj_fw_test(r->rs, r->rule, KJ_FW_PROTO, false, kj_fw_set(r->rs, 1));
	return true;
}

static bool take_nothing(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	(void)r, (void)arg, (void)negated;
	return true;
}

/* -- ports -- */

static bool take_port(struct kj_ipt_rule *r, enum kj_fw_field field, kj_str arg, bool negated)
{
	uint16_t first, last;
	if (!kj_ipt_ports(arg, ':', &first, &last))
		return false;
	kj_fw_test_num(r->rs, r->rule, field, negated, first, last);
	return true;
}

static bool take_sport(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_port(r, KJ_FW_SPORT, arg, negated);
}

static bool take_dport(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_port(r, KJ_FW_DPORT, arg, negated);
}

static struct kj_fw_set *port_set(struct kj_ipt_rule *r, kj_str list)
{
	struct kj_fw_set *set = kj_fw_set(r->rs, 1);
	kj_str piece;
	uint16_t first, last;
	while (kj_str_cut(&list, ',', &piece)) {
		if (!kj_ipt_ports(piece, ':', &first, &last))
			return NULL;
		kj_fw_set_num(r->rs, set, first, last);
	}
	return set;
}

static bool take_port_list(struct kj_ipt_rule *r, enum kj_fw_field field, kj_str arg, bool negated)
{
	struct kj_fw_set *set = port_set(r, arg);
	if (set)
		kj_fw_test(r->rs, r->rule, field, negated, set);
	return set;
}

static bool take_sports(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_port_list(r, KJ_FW_SPORT, arg, negated);
}

static bool take_dports(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_port_list(r, KJ_FW_DPORT, arg, negated);
}

static bool take_either_ports(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	struct kj_fw_set *set = port_set(r, arg);
	if (set)
		kj_fw_test_either(r->rs, r->rule, KJ_FW_SPORT, KJ_FW_DPORT, negated, set);
	return set;
}

/* -- TCP flags, ICMP types -- */

static bool flag_bits(kj_str list, unsigned *bits)
{
	static const struct flag {
		const char *name;
		unsigned char bits;
	} flags[] = {{"FIN", 1},  {"SYN", 2},  {"RST", 4},  {"PSH", 8},
	             {"ACK", 16}, {"URG", 32}, {"ALL", 63}, {"NONE", 0}};
	kj_str piece;
	int64_t number;
	*bits = 0;
	if (kj_str_starts(list, KJ_STR("0x")) && kj_num_c(list, &number)) { /* as iptables -L prints them */
		*bits = (unsigned)number & 255;
		return true;
	}
	while (kj_str_cut(&list, ',', &piece)) {
		size_t i = 0;
		while (i < COUNT(flags) && !kj_str_eq_fold(piece, kj_str_of(flags[i].name)))
			i++;
		if (i == COUNT(flags))
			return false;
		*bits |= flags[i].bits;
	}
	return true;
}

static bool take_flags(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	unsigned mask, value;
	if (!flag_bits(arg, &mask) || !flag_bits(kj_ipt_next(r), &value))
		return false;
	kj_fw_test_flags(r->rs, r->rule, negated, mask, value);
	return true;
}

static bool take_syn(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	(void)arg;
	kj_fw_test_flags(r->rs, r->rule, negated, 1 | 2 | 4 | 16, 2);
	return true;
}

static bool take_icmp(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	unsigned type, first, last;
	if (!kj_fw_icmp_parse(arg, r->version, &type, &first, &last))
		return false;
	if (type != 255) /* "any" */
		kj_fw_test_icmp(r->rs, r->rule, negated, type, first, last);
	return type != 255 || !negated;
}

/* -- connection tracking -- */

static bool state_of(kj_str word, enum kj_fw_state *state)
{
	static const char *const names[KJ_FW_STATES] = {"NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"};
	for (unsigned i = 0; i < KJ_FW_STATES; i++) {
		if (kj_str_eq_fold(word, kj_str_of(names[i]))) {
			*state = (enum kj_fw_state)i;
			return true;
		}
	}
	return false;
}

/* States; DNAT and SNAT are facts about the connection beside its state, and SNAT is never one of a first packet. */
static bool take_state(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	static const enum kj_fw_field fields[] = {KJ_FW_STATE, KJ_FW_DNATED};
	struct kj_fw_set *set = kj_fw_set(r->rs, 2);
	kj_str piece;
	enum kj_fw_state state;
	while (kj_str_cut(&arg, ',', &piece)) {
		bool dnat = kj_str_eq_fold(piece, KJ_STR("DNAT"));
		if (kj_str_eq_fold(piece, KJ_STR("SNAT")))
			continue;
		if (!dnat && !state_of(piece, &state))
			return false;
		if (dnat) {
			kj_fw_set_any(r->rs, set);
			kj_fw_set_num(r->rs, set, 1, 1);
		} else {
			kj_fw_set_num(r->rs, set, state, state);
			kj_fw_set_any(r->rs, set);
		}
	}
	kj_fw_test_tuple(r->rs, r->rule, fields, 2, negated, set);
	return true;
}

static bool is_any(kj_str word, const char *a, const char *b)
{
	return kj_str_eq(word, kj_str_of(a)) || kj_str_eq(word, kj_str_of(b));
}

/* Does the same -m that is being read tell states, too? */
static bool tells_states(const struct kj_ipt_rule *r)
{
	const kj_str *words = r->words->at.at;
	size_t i = r->words->next;
	while (i > 0 && !is_any(words[i - 1], "-m", "--match"))
		i--;
	for (; i < r->words->at.n && !is_any(words[i], "-m", "--match"); i++) {
		if (kj_str_eq(words[i], KJ_STR("--ctstate")))
			return true;
	}
	return false;
}

/* First packets go in the original direction. Without a connection conntrack matches by the states it tells, or, where
   it tells none, not at all (conntrack_mt of the kernel's xt_conntrack.c). */
static bool take_direction(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	bool original = kj_str_eq_fold(arg, KJ_STR("ORIGINAL")), never = original == negated, states = tells_states(r);
	if (never && !states)
		kj_fw_test(r->rs, r->rule, KJ_FW_PROTO, false, kj_fw_set(r->rs, 1));
	else if (never)
		kj_fw_test_num(r->rs, r->rule, KJ_FW_STATE, false, KJ_FW_INVALID, KJ_FW_UNTRACKED);
	else if (!states)
		kj_fw_test_connected(r->rs, r->rule);
	return original || kj_str_eq_fold(arg, KJ_STR("REPLY"));
}

/* -- kinds of addresses, ranges, hardware addresses, marks -- */

static bool take_type(struct kj_ipt_rule *r, enum kj_fw_field field, kj_str arg, bool negated)
{
	static const char *const names[] = {"UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST"};
	static const char *const others[] = {"BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE"};
	struct kj_fw_set *set = kj_fw_set(r->rs, 1);
	kj_str piece;
	while (kj_str_cut(&arg, ',', &piece)) {
		size_t before = set->at.n;
		for (unsigned i = 0; i < COUNT(names); i++) {
			if (kj_str_eq_fold(piece, kj_str_of(names[i])))
				kj_fw_set_num(r->rs, set, i, i);
			if (kj_str_eq_fold(piece, kj_str_of(others[i])))
				kj_fw_set_num(r->rs, set, KJ_FW_TYPE_OTHER, KJ_FW_TYPE_OTHER);
		}
		if (set->at.n == before)
			return false;
	}
	kj_fw_test(r->rs, r->rule, field, negated, set);
	return true;
}

static bool take_src_type(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_type(r, KJ_FW_SRC_TYPE, arg, negated);
}

static bool take_dst_type(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_type(r, KJ_FW_DST_TYPE, arg, negated);
}

/* How the link layer carried it: as its destination address lets expect. */
static bool take_pkttype(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	struct kj_fw_set *set = kj_fw_set(r->rs, 1);
	bool unicast = kj_str_eq_fold(arg, KJ_STR("unicast")) || kj_str_eq_fold(arg, KJ_STR("host"));
	bool broadcast = kj_str_eq_fold(arg, KJ_STR("broadcast"));
	kj_fw_set_num(r->rs, set, broadcast ? KJ_FW_TYPE_BROADCAST : KJ_FW_TYPE_MULTICAST,
	              broadcast ? KJ_FW_TYPE_BROADCAST : KJ_FW_TYPE_MULTICAST);
	if (unicast)
		kj_fw_set_num(r->rs, set, KJ_FW_TYPE_BROADCAST, KJ_FW_TYPE_BROADCAST);
	kj_fw_test(r->rs, r->rule, KJ_FW_DST_TYPE, negated != unicast, set);
	return unicast || broadcast || kj_str_eq_fold(arg, KJ_STR("multicast"));
}

static bool take_mac(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	uint64_t mac = 0, byte;
	kj_str piece;
	unsigned n = 0;
	for (; kj_str_cut(&arg, ':', &piece); n++) {
		if (!kj_num_base(piece, 16, &byte) || byte > 255)
			return false;
		mac = mac << 8 | byte;
	}
	kj_fw_test_num(r->rs, r->rule, KJ_FW_MAC, negated, mac, mac);
	return n == 6;
}

static bool take_mark(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	uint32_t value, mask;
	if (!kj_ipt_masked(arg, &value, &mask))
		return false;
	if (kj_str_eq(r->module, KJ_STR("connmark")))
		kj_fw_test_connmark(r->rs, r->rule, negated, value, mask);
	else
		kj_fw_test_mark(r->rs, r->rule, negated, value, mask);
	return true;
}

static bool take_match_set(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	kj_str flags = kj_ipt_next(r);
	kj_ipset_test(r, arg, flags, negated);
	return true;
}

/* -- what senders choose -- */

/* A range of something that plain packets have between two values. */
static bool take_plain_range(struct kj_ipt_rule *r, kj_str text, uint16_t first, uint16_t last, unsigned low,
                             unsigned high, bool negated)
{
	bool all = first <= low && high <= last, none = last < low || high < first;
	kj_str what = kj_str_fmt(r->rs->arena, "%.*s%s %.*s", KJ_FMT(r->module), negated ? " !" : "", KJ_FMT(text));
	if (all || none)
		kj_fw_test_odd(r->rs, r->rule, all != negated, what);
	else
		kj_fw_beyond(r->rs, r->rule, what);
	return true;
}

static bool take_length(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	uint16_t first, last;
	return kj_ipt_ports(arg, ':', &first, &last) &&
	       take_plain_range(r, arg, first, last, PLAIN_LENGTH_MIN, PLAIN_LENGTH_MAX, negated);
}

static bool take_ttl(struct kj_ipt_rule *r, kj_str arg, bool negated, int order)
{
	uint32_t ttl;
	if (!kj_ipt_number(arg, &ttl) || ttl > 255)
		return false;
	uint16_t first = (uint16_t)(order < 0 ? 0 : order > 0 ? ttl + 1 : ttl);
	uint16_t last = (uint16_t)(order > 0 ? 255 : order < 0 && ttl ? ttl - 1 : ttl);
	kj_str text = kj_str_fmt(r->rs->arena, "%s %.*s", order < 0 ? "<" : order > 0 ? ">" : "=", KJ_FMT(arg));
	return take_plain_range(r, text, first, last, PLAIN_TTL_MIN, PLAIN_TTL_MAX, negated);
}

static bool take_ttl_eq(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_ttl(r, arg, negated, 0);
}

static bool take_ttl_lt(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_ttl(r, arg, negated, -1);
}

static bool take_ttl_gt(struct kj_ipt_rule *r, kj_str arg, bool negated)
{
	return take_ttl(r, arg, negated, 1);
}

/* -- the table -- */

static const struct option {
	const char *name;
	bool bare; /* without a value */
	take_fn *take;
} options[] = {
        {"-s", false, take_src},
        {"--src", false, take_src},
        {"--source", false, take_src},
        {"-d", false, take_dst},
        {"--dst", false, take_dst},
        {"--destination", false, take_dst},
        {"-i", false, take_in},
        {"--in-interface", false, take_in},
        {"-o", false, take_out},
        {"--out-interface", false, take_out},
        {"-p", false, take_proto},
        {"--proto", false, take_proto},
        {"--protocol", false, take_proto},
        {"--ctproto", false, take_proto},
        {"-f", true, take_fragment},
        {"--fragment", true, take_fragment},
        {"--fragments", true, take_fragment},
        {"--sport", false, take_sport},
        {"--source-port", false, take_sport},
        {"--dport", false, take_dport},
        {"--destination-port", false, take_dport},
        {"--sports", false, take_sports},
        {"--source-ports", false, take_sports},
        {"--dports", false, take_dports},
        {"--destination-ports", false, take_dports},
        {"--ports", false, take_either_ports},
        {"--port", false, take_either_ports},
        {"--tcp-flags", false, take_flags},
        {"--syn", true, take_syn},
        {"--icmp-type", false, take_icmp},
        {"--icmpv6-type", false, take_icmp},
        {"--state", false, take_state},
        {"--ctstate", false, take_state},
        {"--ctdir", false, take_direction},
        {"--src-type", false, take_src_type},
        {"--dst-type", false, take_dst_type},
        {"--pkt-type", false, take_pkttype},
        {"--src-range", false, take_src},
        {"--dst-range", false, take_dst},
        {"--mac-source", false, take_mac},
        {"--mark", false, take_mark},
        {"--match-set", false, take_match_set},
        {"--length", false, take_length},
        {"--ttl-eq", false, take_ttl_eq},
        {"--ttl-lt", false, take_ttl_lt},
        {"--ttl-gt", false, take_ttl_gt},
        {"--hl-eq", false, take_ttl_eq},
        {"--hl-lt", false, take_ttl_lt},
        {"--hl-gt", false, take_ttl_gt},
        {"--comment", false, take_nothing},
        {"-c", false, take_nothing},
        {"-4", true, take_nothing},
        {"-6", true, take_nothing},
        {"--ipv4", true, take_nothing},
        {"--ipv6", true, take_nothing},
};

/* By name, or (`shortened`) by the beginning of one name only, as getopt_long(3) has it. */
static const struct option *find_option(kj_str name, bool shortened)
{
	const struct option *found = NULL;
	for (size_t i = 0; i < COUNT(options); i++) {
		kj_str other = kj_str_of(options[i].name);
		if (kj_str_eq(name, other))
			return &options[i];
		if (shortened && name.n > 4 && kj_str_starts(other, name)) {
			if (found && found->take != options[i].take)
				return NULL;
			found = &options[i];
		}
	}
	return found;
}

bool kj_ipt_match(struct kj_ipt_rule *r, kj_str name, bool negated)
{
	const struct option *option = find_option(name, !r->unread);
	if (!option)
		return false;
	size_t from = r->words->next - 1;
	kj_str arg = KJ_STR("");
	if (!option->bare) {
		arg = kj_ipt_next(r);
		if (kj_str_eq(arg, KJ_STR("!"))) { /* the old place of the negation */
			negated = !negated;
			arg = kj_ipt_next(r);
		}
	}
	if (!arg.n && !option->bare && option->take != take_nothing) {
		kj_fw_beyond(r->rs, r->rule, name);
		return true;
	}
	size_t tests = r->rule->tests.n;
	if (option->take(r, arg, negated))
		return true;
	r->rule->tests.n = tests;
	kj_str last = r->words->at.at[r->words->next - 1], first = r->words->at.at[from];
	kj_fw_beyond(r->rs, r->rule, (kj_str){first.p, (size_t)(last.p + last.n - first.p)});
	return true;
}

/* -- modules -- */

/* Matches that need no word of ours: their options are in the table, or they say nothing about the packet. */
static const char *const known[] = {
        "tcp",       "udp",     "udplite", "sctp",      "dccp",    "icmp",     "icmp6",   "icmpv6",   "ipv6-icmp",
        "multiport", "mport",   "state",   "conntrack", "comment", "addrtype", "iprange", "mac",      "mark",
        "set",       "pkttype", "length",  "ttl",       "hl",      "esp",      "ah",      "connmark", "standard",
};

/* Extension headers that ordinary packets do not have. */
static const char *const headers[] = {"rt", "frag", "hbh", "dst", "mh", "ipv4options", "srh"};

static bool listed(kj_str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq(name, kj_str_of(list[i])))
			return true;
	}
	return false;
}

/* The words of the module's options: up to an option that we know, another module or the target. */
static kj_str module_words(const struct kj_ipt_rule *r, bool *negated)
{
	size_t from = r->words->next - 1, i = from + 1;
	*negated = false;
	for (; i < r->words->at.n; i++) {
		kj_str word = r->words->at.at[i];
		bool leaves = kj_str_eq(word, KJ_STR("-m")) || kj_str_eq(word, KJ_STR("--match")) ||
		              kj_str_eq(word, KJ_STR("-j")) || kj_str_eq(word, KJ_STR("-g"));
		if (leaves || (word.n > 1 && word.p[0] == '-' && find_option(word, false)))
			break;
		*negated |= kj_str_eq(word, KJ_STR("!"));
	}
	kj_str first = r->words->at.at[from], last = r->words->at.at[i - 1];
	return (kj_str){first.p, (size_t)(last.p + last.n - first.p)};
}

static bool has(kj_str text, const char *word)
{
	kj_str needle = kj_str_of(word);
	return kj_str_find_str(text, needle) < text.n;
}

/* `recent --set` alone always matches; it only takes note of the sender. */
static bool only_notes(kj_str name, kj_str text, bool negated)
{
	return kj_str_eq(name, KJ_STR("recent")) && !negated && has(text, "--set") && !has(text, "--rcheck") &&
	       !has(text, "--update") && !has(text, "--remove");
}

void kj_ipt_module(struct kj_ipt_rule *r, kj_str name)
{
	bool negated;
	r->module = name;
	r->unread = false;
	if (!name.n || listed(name, known, COUNT(known)))
		return;
	kj_str text = module_words(r, &negated);
	r->unread = true;
	if (only_notes(name, text, negated))
		return;
	if (listed(name, headers, COUNT(headers)) && !negated)
		kj_fw_test_odd(r->rs, r->rule, false, text);
	else
		kj_fw_beyond(r->rs, r->rule, text);
}
