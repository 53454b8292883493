/* The matches of nftables: keys compared with values become tests. */
#include "firewall/analysis.h"
#include "firewall/dialects/nft.h"

/* The first packet of an ordinary connection: how long it is, what is left of its TTL when it arrives … */
static const struct plain {
	enum kj_nft_type type;
	unsigned first, last;
} plains[] = {
        {KJ_NFT_TTL, 32, 128},
        {KJ_NFT_LENGTH, 40, 84},
        {KJ_NFT_DSCP, 0, 0},
        {KJ_NFT_FRAGMENT, 0, 0},
};

static bool is_icmp_type(enum kj_nft_type type)
{
	return type == KJ_NFT_ICMP_TYPE || type == KJ_NFT_ICMPV6_TYPE;
}

static bool is_icmp_code(enum kj_nft_type type)
{
	return type == KJ_NFT_ICMP_CODE || type == KJ_NFT_ICMPV6_CODE;
}

/* -- what a key implies -- */

/* The field has the one value. */
static void test_one(struct kj_nft *nft, enum kj_fw_field field, const struct kj_fw_set **shared, unsigned value)
{
	if (!*shared) {
		struct kj_fw_set *set = kj_fw_set(nft->rs, 1);
		kj_fw_set_num(nft->rs, set, value, value);
		*shared = set;
	}
	kj_fw_test(nft->rs, &nft->draft, field, false, *shared);
}

static void depend_proto(struct kj_nft *nft, unsigned proto)
{
	if (nft->proto == (short)proto)
		return;
	nft->proto = (short)proto;
	nft->ports |= kj_fw_proto_has_ports(proto);
	test_one(nft, KJ_FW_PROTO, &nft->proto_is[proto & 255], proto);
}

static void depend_family(struct kj_nft *nft, unsigned family)
{
	if (nft->family == family || nft->table->families == (family == 4 ? KJ_FW_V4 : KJ_FW_V6))
		return;
	nft->family = family;
	test_one(nft, KJ_FW_FAMILY, &nft->family_is[family], family);
}

/* What is known of a connection only packets of one have: not those that are invalid or untracked. */
static void depend_connection(struct kj_nft *nft)
{
	if (!nft->connection)
		kj_fw_test_connected(nft->rs, &nft->draft);
	nft->connection = true;
}

void kj_nft_depend(struct kj_nft *nft, const struct kj_nft_match *match)
{
	for (unsigned i = 0; i < match->n; i++) {
		enum kj_nft_type type = match->key[i].type;
		if (match->key[i].field == KJ_FW_CTMARK || type == KJ_NFT_STATUS || type == KJ_NFT_DIRECTION)
			depend_connection(nft);
		if (match->key[i].family)
			depend_family(nft, match->key[i].family);
		if (match->key[i].proto >= 0)
			depend_proto(nft, (unsigned)match->key[i].proto);
	}
}

/* -- sets -- */

/* Every value of one field. */
static void add_all(struct kj_nft *nft, struct kj_fw_set *set, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		kj_fw_set_any(nft->rs, set);
}

static bool is_host(const struct kj_nft_element *element)
{
	return kj_str_eq(element->part[0], KJ_STR("host")) || kj_str_eq(element->part[0], KJ_STR("unicast"));
}

/* What the link layer addressed to this host: as the destination lets expect, not broadcast and not multicast. */
static void add_host(struct kj_nft *nft, struct kj_fw_set *set)
{
	kj_fw_set_num(nft->rs, set, KJ_FW_TYPE_UNSPEC, KJ_FW_TYPE_LOCAL);
	kj_fw_set_num(nft->rs, set, KJ_FW_TYPE_ANYCAST, KJ_FW_TYPE_ANYCAST);
	kj_fw_set_num(nft->rs, set, KJ_FW_TYPE_OTHER, KJ_FW_TYPE_OTHER);
}

/* A code goes with any type. */
static void add_codes(struct kj_nft *nft, struct kj_fw_set *set, const struct kj_fw_interval *codes)
{
	for (unsigned type = 0; type < 256; type++)
		kj_fw_set_num(nft->rs, set, type * 256 + codes->first.lo, type * 256 + codes->last.lo);
}

enum kj_nft_got kj_nft_add_element(struct kj_nft *nft, struct kj_fw_set *set, const enum kj_nft_type *types, unsigned n,
                                   const struct kj_nft_element *element)
{
	struct kj_fw_interval parts[KJ_FW_DIMS];
	enum kj_nft_got got = KJ_NFT_VALUE;
	if (element->n == 1 && kj_str_eq(element->part[0], KJ_STR("*"))) {
		add_all(nft, set, n);
		return KJ_NFT_VALUE;
	}
	if (element->n != n)
		return KJ_NFT_STRANGE;
	if (n == 1 && types[0] == KJ_NFT_PKT_TYPE && is_host(element)) {
		add_host(nft, set);
		return KJ_NFT_VALUE;
	}
	for (unsigned i = 0; i < n; i++) {
		enum kj_nft_got one = kj_nft_encode(nft->rs, types[i], element->part[i], &parts[i]);
		got = one < got ? one : got;
	}
	bool codes = is_icmp_code(types[0]);
	for (unsigned i = 0; got == KJ_NFT_VALUE && i < n; i++) {
		if (codes && n == 1)
			add_codes(nft, set, &parts[i]);
		else
			KJ_PUSH(nft->rs->arena, &set->at, parts[i]);
	}
	return got;
}

struct kj_nft_set *kj_nft_find_set(const struct kj_nft *nft, kj_str name)
{
	struct kj_arena *arena = nft->rs->arena;
	return kj_map_get(&nft->sets, kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(nft->table->name), KJ_FMT(name)));
}

static bool is_iface(enum kj_nft_type type)
{
	return type == KJ_NFT_IFNAME || type == KJ_NFT_IFINDEX;
}

/* The named set, when its elements are of the kind that the keys ask for. */
static const struct kj_fw_set *named_set(struct kj_nft *nft, const struct kj_nft_match *match)
{
	struct kj_nft_set *set = kj_nft_find_set(nft, match->set);
	if (!set) {
		kj_str name = kj_str_fmt(nft->rs->arena, "%.*s %.*s", KJ_FMT(nft->table->name), KJ_FMT(match->set));
		return kj_fw_set_named(nft->rs, name, nft->draft.line);
	}
	if (set->map || set->limited || set->n != match->n)
		return NULL;
	for (unsigned i = 0; i < match->n; i++) {
		enum kj_nft_type want = match->key[i].type;
		if (set->type[i] != want && !(is_iface(set->type[i]) && is_iface(want)))
			return NULL;
	}
	if (!set->set->used)
		set->set->used = nft->draft.line;
	return set->set;
}

static void key_types(const struct kj_nft_match *match, enum kj_nft_type *types)
{
	for (unsigned i = 0; i < match->n; i++)
		types[i] = match->key[i].type;
}

/* The elements as a set; not all known where one is not understood. NULL: nothing is known of it. */
static const struct kj_fw_set *given_set(struct kj_nft *nft, const struct kj_nft_match *match)
{
	enum kj_nft_type types[KJ_FW_DIMS];
	key_types(match, types);
	struct kj_fw_set *set = kj_fw_set(nft->rs, match->n);
	set->at.cap = match->elements.n * match->n; /* no more room than it needs, for there are many */
	set->at.at = KJ_NEW_ARRAY(nft->rs->arena, struct kj_fw_interval, set->at.cap + 1);
	for (size_t i = 0; i < match->elements.n; i++) {
		const struct kj_nft_element *element = &match->elements.at[i];
		if (!element->limited && kj_nft_add_element(nft, set, types, match->n, element) != KJ_NFT_STRANGE)
			continue;
		if (match->elements.n == 1)
			return NULL;
		set->partial = true;
	}
	if (set->partial)
		kj_fw_note(nft->rs, nft->draft.line, "'%.*s' has elements that are not evaluated", KJ_FMT(match->text));
	return set;
}

/* -- the kinds of matches; false: beyond the model -- */

/* Whether every tuple of the set asks for a protocol with ports in this place. */
static bool only_ports(const struct kj_fw_set *set, unsigned dims, unsigned place)
{
	for (size_t i = place; i < set->at.n; i += dims) {
		const struct kj_fw_interval *in = &set->at.at[i];
		if (in->any || in->first.lo != in->last.lo || !kj_fw_proto_has_ports((unsigned)in->first.lo))
			return false;
	}
	return set->declared && !set->partial && set->dims == dims;
}

/* Are all the fields known? `th dport` needs a protocol with ports: before, or in the same tuple. */
static bool fields_known(const struct kj_nft *nft, const struct kj_nft_match *match, const struct kj_fw_set *set)
{
	bool ports = nft->ports;
	for (unsigned i = 0; i < match->n; i++) {
		if (match->key[i].field == KJ_FW_PROTO && set)
			ports |= match->op != KJ_NFT_NE && only_ports(set, match->n, i);
	}
	for (unsigned i = 0; i < match->n; i++) {
		const struct kj_nft_key *key = &match->key[i];
		bool code = is_icmp_code(key->type);
		if (key->field == KJ_NFT_BEYOND || (key->ports && !ports) || (code && match->n > 1))
			return false;
	}
	return true;
}

static void test_fields(struct kj_nft *nft, const struct kj_nft_match *match, const struct kj_fw_set *set, bool negated)
{
	enum kj_fw_field fields[KJ_FW_DIMS];
	for (unsigned i = 0; i < match->n; i++) {
		fields[i] = (enum kj_fw_field)match->key[i].field;
		nft->ports |= fields[i] == KJ_FW_PROTO && !negated && only_ports(set, match->n, i);
	}
	kj_fw_test_tuple(nft->rs, &nft->draft, fields, match->n, negated, set);
}

static bool match_set(struct kj_nft *nft, const struct kj_nft_match *match)
{
	if (match->op > KJ_NFT_NE || match->mask.n)
		return false;
	for (unsigned i = 0; i < match->n; i++) {
		if (match->key[i].field == KJ_NFT_BEYOND)
			return false;
	}
	const struct kj_fw_set *set = match->set.n ? named_set(nft, match) : given_set(nft, match);
	if (!set || !fields_known(nft, match, set))
		return false;
	test_fields(nft, match, set, match->op == KJ_NFT_NE);
	return true;
}

/* KEY < VALUE and its like. */
static bool match_order(struct kj_nft *nft, const struct kj_nft_match *match)
{
	static const enum kj_nft_type numbers[] = {KJ_NFT_PORT, KJ_NFT_PROTO, KJ_NFT_MARK};
	static const uint64_t ends[] = {65535, 255, UINT32_MAX};
	struct kj_fw_interval value;
	if (match->mask.n || !fields_known(nft, match, NULL))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		if (match->key[0].type != numbers[i] ||
		    kj_nft_encode(nft->rs, numbers[i], match->elements.at[0].part[0], &value) != KJ_NFT_VALUE)
			continue;
		uint64_t v = value.first.lo;
		bool least = match->op == KJ_NFT_GT || match->op == KJ_NFT_LE; /* v itself belongs to the lower half */
		bool lower = match->op == KJ_NFT_LT || match->op == KJ_NFT_LE;
		struct kj_fw_set *set = kj_fw_set(nft->rs, 1);
		if (least || v > 0)
			kj_fw_set_num(nft->rs, set, 0, least ? v : v - 1);
		if (v <= ends[i])
			test_fields(nft, match, set, !lower);
		return true;
	}
	return false;
}

/* (KEY & MASK) == VALUE for numbers: marks, and ports one by one. */
static bool match_masked(struct kj_nft *nft, const struct kj_nft_match *match)
{
	uint64_t mask, value;
	const struct kj_nft_key *key = &match->key[0];
	bool known = match->op <= KJ_NFT_NE && !match->braces && fields_known(nft, match, NULL) &&
	             kj_nft_number(match->mask, &mask) && kj_nft_number(match->elements.at[0].part[0], &value);
	if (known && key->type == KJ_NFT_MARK && mask <= UINT32_MAX && value <= UINT32_MAX) {
		bool packet = key->field == KJ_FW_MARK;
		(packet ? kj_fw_test_mark : kj_fw_test_connmark)(nft->rs, &nft->draft, match->op == KJ_NFT_NE,
		                                                 (uint32_t)value, (uint32_t)mask);
		return true;
	}
	if (!known || key->type != KJ_NFT_PORT)
		return false;
	struct kj_fw_set *set = kj_fw_set(nft->rs, 1);
	for (unsigned port = 0; port < 65536; port++) {
		if ((port & mask) == value)
			kj_fw_set_num(nft->rs, set, port, port);
	}
	test_fields(nft, match, set, match->op == KJ_NFT_NE);
	return true;
}

/* (ADDRESS & MASK) == ADDRESS, for masks without holes. */
static bool match_prefix(struct kj_nft *nft, const struct kj_nft_match *match)
{
	struct kj_range range;
	struct kj_addr mask;
	kj_str value = match->elements.at[0].part[0];
	if (match->op > KJ_NFT_NE || match->braces || !kj_addr_parse(match->mask, &mask))
		return false;
	if (!kj_range_parse(kj_str_fmt(nft->rs->arena, "%.*s/%.*s", KJ_FMT(value), KJ_FMT(match->mask)), &range))
		return false;
	kj_fw_test_addr(nft->rs, &nft->draft, (enum kj_fw_field)match->key[0].field, match->op == KJ_NFT_NE, &range);
	return true;
}

/* -- sets of bits -- */

struct bits {
	enum kj_nft_op op;
	unsigned value, mask;
	bool masked;
};

static bool bits_hold(const struct bits *b, unsigned v)
{
	unsigned got = b->masked ? v & b->mask : v;
	switch (b->op) {
	case KJ_NFT_NE:
		return got != b->value;
	case KJ_NFT_NONE_OF:
		return !(got & b->value);
	case KJ_NFT_IS:
		return b->masked || !b->value ? got == b->value : (got & b->value) != 0;
	default:
		return got == b->value;
	}
}

/* Of the facts of a connection, the model has one; of these it knows that first packets do not have them. */
enum { STATUS_DNAT = 32, STATUS_KNOWN = 2 | 4 | 16 | 32 | 512 };

static bool status_known(const struct bits *b)
{
	if (b->masked)
		return !(b->mask & ~(unsigned)STATUS_KNOWN);
	return (b->op == KJ_NFT_IS || b->op == KJ_NFT_NONE_OF) && b->value && !(b->value & ~(unsigned)STATUS_KNOWN);
}

/* The values of the model's field, and their bits. */
static unsigned bits_of(enum kj_nft_type type, unsigned value)
{
	if (type == KJ_NFT_STATE)
		return kj_nft_state_bit((enum kj_fw_state)value);
	return type == KJ_NFT_STATUS ? value * STATUS_DNAT : value;
}

static bool match_bits(struct kj_nft *nft, const struct kj_nft_match *match)
{
	enum kj_nft_type type = match->key[0].type;
	unsigned count = type == KJ_NFT_STATE ? KJ_FW_STATES : type == KJ_NFT_STATUS ? 2 : 256;
	kj_str text = match->elements.at[0].part[0];
	struct bits b = {.op = match->op, .masked = match->mask.n};
	if (!kj_nft_bits(type, text, &b.value) || (b.masked && !kj_nft_bits(type, match->mask, &b.mask)))
		return false;
	bool comma =
	        kj_str_find(text, ',') < text.n; /* several with "==": older programs wrote so what is now "any of" */
	if ((b.op == KJ_NFT_EQ && !b.masked && comma) || (b.op > KJ_NFT_NE && b.op != KJ_NFT_NONE_OF) ||
	    (type == KJ_NFT_STATUS && !status_known(&b)))
		return false;
	struct kj_fw_set *set = kj_fw_set(nft->rs, 1);
	for (unsigned first = 0; first < count; first++) {
		unsigned end = first;
		while (end < count && bits_hold(&b, bits_of(type, end)))
			end++;
		if (end > first)
			kj_fw_set_num(nft->rs, set, first, end - 1);
		first = end;
	}
	test_fields(nft, match, set, false);
	return true;
}

/* -- what senders choose -- */

/* Do all plain packets compare so, or none? 1, 0; -1: some do. */
static int plainly(const struct plain *plain, enum kj_nft_op op, uint64_t first, uint64_t last)
{
	uint64_t low = plain->first, high = plain->last;
	bool all = first <= low && high <= last, none = last < low || high < first;
	switch (op) {
	case KJ_NFT_NE:
		return none ? 1 : all ? 0 : -1;
	case KJ_NFT_LT:
		return high < first ? 1 : low >= first ? 0 : -1;
	case KJ_NFT_LE:
		return high <= first ? 1 : low > first ? 0 : -1;
	case KJ_NFT_GT:
		return low > first ? 1 : high <= first ? 0 : -1;
	case KJ_NFT_GE:
		return low >= first ? 1 : high < first ? 0 : -1;
	default:
		return all ? 1 : none ? 0 : -1;
	}
}

static bool match_odd(struct kj_nft *nft, const struct kj_nft_match *match)
{
	enum kj_nft_type type = match->key[0].type;
	kj_str text = match->elements.at[0].part[0];
	struct kj_fw_interval value;
	uint64_t mask = 0;
	if (type == KJ_NFT_HEADER) {
		kj_fw_test_odd(nft->rs, &nft->draft, kj_str_eq(text, KJ_STR("missing")), match->text);
		return true;
	}
	if (match->mask.n && (type != KJ_NFT_FRAGMENT || !kj_nft_number(match->mask, &mask) || mask & 0x4000))
		return false; /* 0x4000: "don't fragment", which some set and some do not */
	if ((type == KJ_NFT_FRAGMENT && !mask) || kj_nft_encode(nft->rs, type, text, &value) != KJ_NFT_VALUE)
		return false;
	for (unsigned i = 0; i < sizeof plains / sizeof *plains; i++) {
		if (plains[i].type != type)
			continue;
		int holds = plainly(&plains[i], match->op, value.first.lo, value.last.lo);
		if (holds >= 0)
			kj_fw_test_odd(nft->rs, &nft->draft, holds, match->text);
		return holds >= 0;
	}
	return false;
}

/* -- type and code -- */

/* "icmp type . icmp code" is one field of the model: each pair of parts becomes one, "type/code". */
static void join_codes(struct kj_nft *nft, struct kj_nft_match *match)
{
	unsigned at = 0;
	while (at + 1 < match->n && !(is_icmp_type(match->key[at].type) && is_icmp_code(match->key[at + 1].type)))
		at++;
	if (at + 1 >= match->n || match->set.n)
		return;
	for (size_t i = 0; i < match->elements.n; i++) {
		struct kj_nft_element *element = &match->elements.at[i];
		if (element->n != match->n)
			continue;
		element->part[at] = kj_str_fmt(nft->rs->arena, "%.*s/%.*s", KJ_FMT(element->part[at]),
		                               KJ_FMT(element->part[at + 1]));
		element->n--;
		for (unsigned p = at + 1; p < element->n; p++)
			element->part[p] = element->part[p + 1];
	}
	match->n--;
	for (unsigned p = at + 1; p < match->n; p++)
		match->key[p] = match->key[p + 1];
}

/* -- all of them -- */

static bool is_bits(enum kj_nft_type type)
{
	return type == KJ_NFT_STATE || type == KJ_NFT_STATUS || type == KJ_NFT_FLAGS;
}

static bool evaluate(struct kj_nft *nft, const struct kj_nft_match *match)
{
	if (match->unread || !match->n)
		return false;
	bool one = match->n == 1 && !match->set.n && !match->braces && match->elements.n == 1 &&
	           match->elements.at[0].n == 1;
	enum kj_nft_type type = match->key[0].type;
	if (one && is_bits(type))
		return match_bits(nft, match);
	if (one && type >= KJ_NFT_TTL)
		return match_odd(nft, match);
	if (one && match->mask.n)
		return type == KJ_NFT_IPV4 || type == KJ_NFT_IPV6 ? match_prefix(nft, match) : match_masked(nft, match);
	if (one && match->op >= KJ_NFT_LT && match->op <= KJ_NFT_GE)
		return match_order(nft, match);
	return match_set(nft, match);
}

/* nft prints what iptables-nft has loaded through the translations of libxtables, and some (seen with 1.8.9) lose words:
   "ct status dnat" is all that is left of `--ctstate NEW,DNAT` and of its negation; and of `--ports`, negated or not,
   each range is left as two ports. */
static bool distorted(const struct kj_nft *nft, const struct kj_nft_match *match)
{
	static const char *const tables[] = {"filter", "nat", "mangle", "raw", "security"};
	kj_str table = kj_str_from(nft->table->name, kj_str_find(nft->table->name, ' ') + 1);
	if (match->n == 2 && match->key[0].field == KJ_FW_SPORT && match->key[1].field == KJ_FW_DPORT && match->braces)
		return match->elements.n && kj_str_eq(match->elements.at[0].part[0], KJ_STR("0-65535"));
	bool status = match->key[0].type == KJ_NFT_STATUS && match->op == KJ_NFT_IS && !match->mask.n;
	if (!status || kj_str_starts(nft->table->name, KJ_STR("inet ")) || !kj_str_eq(nft->rs->dialect, KJ_STR("nft")))
		return false;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		if (kj_str_eq(table, kj_str_of(tables[i])))
			return true;
	}
	return false;
}

void kj_nft_match(struct kj_nft *nft, struct kj_nft_match *match)
{
	kj_nft_settle(nft);
	if (match->n && !match->unread && distorted(nft, match)) {
		kj_fw_beyond(nft->rs, &nft->draft, match->text);
		return;
	}
	kj_nft_depend(nft, match);
	join_codes(nft, match);
	if (!evaluate(nft, match))
		kj_fw_beyond(nft->rs, &nft->draft, match->text);
}

void kj_nft_reject(struct kj_nft *nft, kj_str with)
{
	kj_nft_settle(nft);
	if (kj_str_eq(with, KJ_STR("icmp")))
		depend_family(nft, 4);
	else if (kj_str_eq(with, KJ_STR("icmpv6")))
		depend_family(nft, 6);
	else if (kj_str_starts(with, KJ_STR("tcp")))
		depend_proto(nft, 6);
	kj_nft_verdict(nft, KJ_FW_REJECT, KJ_STR(""));
}

/* -- for maps -- */

bool kj_nft_test_element(struct kj_nft *nft, const struct kj_nft_match *match, const struct kj_nft_element *element)
{
	enum kj_nft_type types[KJ_FW_DIMS];
	key_types(match, types);
	struct kj_fw_set *set = kj_fw_set(nft->rs, match->n);
	set->at.at = KJ_NEW_ARRAY(nft->rs->arena, struct kj_fw_interval, match->n);
	set->at.cap = match->n;
	enum kj_nft_got got = match->mask.n ? KJ_NFT_STRANGE : kj_nft_add_element(nft, set, types, match->n, element);
	if (got == KJ_NFT_NEVER)
		return false;
	if (got == KJ_NFT_STRANGE || element->limited || !fields_known(nft, match, set))
		nft->draft.maybe = true;
	else
		test_fields(nft, match, set, false);
	return true;
}

void kj_nft_test_none(struct kj_nft *nft, const struct kj_nft_match *match, const struct kj_nft_element *at, size_t n)
{
	enum kj_nft_type types[KJ_FW_DIMS];
	key_types(match, types);
	struct kj_fw_set *set = kj_fw_set(nft->rs, match->n);
	bool known = !match->mask.n && fields_known(nft, match, NULL);
	for (size_t i = 0; i < n; i++) {
		bool rest = at[i].n == 1 && kj_str_eq(at[i].part[0], KJ_STR("*"));
		if (!rest)
			known &= kj_nft_add_element(nft, set, types, match->n, &at[i]) != KJ_NFT_STRANGE;
	}
	if (known)
		test_fields(nft, match, set, true);
	else
		nft->draft.maybe = true;
}
