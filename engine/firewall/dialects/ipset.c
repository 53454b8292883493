/* Sets of addresses as `ipset save` prints them (ipset(8)): create NAME TYPE …, add NAME ELEMENT …. */
#include "firewall/dialects/iptables.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Lines of sets that are read for all rulesets of one text. */
#define LINES_MAX 20000000u

enum { TCP = 6, UDP = 17 };

/* The parts of an element. A port is a protocol and a port: two dimensions of the set. KIND_BARE_PORT is one of tcp and
   of udp, and of no other protocol (ip_set_get_ip_port of the kernel). */
enum kind { KIND_NONE, KIND_ADDR, KIND_PORT, KIND_BARE_PORT, KIND_MAC, KIND_IFACE, KIND_MARK };

static const struct type {
	const char *name;
	unsigned char kind[3];
} types[] = {
        {"hash:ip", {KIND_ADDR}},
        {"hash:net", {KIND_ADDR}},
        {"bitmap:ip", {KIND_ADDR}},
        {"hash:mac", {KIND_MAC}},
        {"bitmap:port", {KIND_BARE_PORT}},
        {"hash:ip,port", {KIND_ADDR, KIND_PORT}},
        {"hash:net,port", {KIND_ADDR, KIND_PORT}},
        {"hash:ip,mac", {KIND_ADDR, KIND_MAC}},
        {"bitmap:ip,mac", {KIND_ADDR, KIND_MAC}},
        {"hash:ip,mark", {KIND_ADDR, KIND_MARK}},
        {"hash:net,iface", {KIND_ADDR, KIND_IFACE}},
        {"hash:net,net", {KIND_ADDR, KIND_ADDR}},
        {"hash:ip,port,ip", {KIND_ADDR, KIND_PORT, KIND_ADDR}},
        {"hash:ip,port,net", {KIND_ADDR, KIND_PORT, KIND_ADDR}},
        {"hash:net,port,net", {KIND_ADDR, KIND_PORT, KIND_ADDR}},
};

static const struct type *find_type(kj_str name)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (kj_str_eq(name, kj_str_of(types[i].name)))
			return &types[i];
	}
	return NULL;
}

static unsigned dims_of(const struct type *type)
{
	unsigned dims = 0;
	for (unsigned i = 0; i < 3 && type->kind[i] != KIND_NONE; i++)
		dims += type->kind[i] == KIND_PORT || type->kind[i] == KIND_BARE_PORT ? 2 : 1;
	return dims;
}

/* -- elements -- */

/* One part of an element into the set; false when it cannot be read. */
static bool add_part(struct kj_fw_ruleset *rs, struct kj_fw_set *set, enum kind kind, kj_str s)
{
	struct kj_range range;
	uint16_t first, last;
	unsigned proto = TCP; /* tcp where none is named */
	uint32_t mark;
	if (kind == KIND_ADDR && kj_ipt_range(s, &range)) {
		kj_fw_set_addr(rs, set, &range);
		return true;
	}
	if (kind == KIND_IFACE) {
		uint32_t id = kj_fw_iface_id(rs, s, false);
		kj_fw_set_num(rs, set, id, id);
		return !kj_str_starts(s, KJ_STR("physdev:"));
	}
	if (kind == KIND_MARK && kj_ipt_number(s, &mark)) {
		kj_fw_set_num(rs, set, mark, mark);
		return true;
	}
	if (kind != KIND_PORT && kind != KIND_BARE_PORT)
		return false;
	size_t colon = kj_str_find(s, ':');
	if (colon < s.n && !kj_fw_proto_parse(kj_str_upto(s, colon), &proto))
		return false;
	if (colon < s.n)
		s = kj_str_from(s, colon + 1);
	kj_fw_set_num(rs, set, proto, proto);
	unsigned type, code_first, code_last;
	bool icmp = proto == 1 || proto == 58;
	if (icmp && kj_fw_icmp_parse(s, proto == 1 ? 4 : 6, &type, &code_first, &code_last)) {
		kj_fw_set_num(rs, set, type * 256 + code_first, type * 256 + code_last);
		return true;
	}
	if (icmp || !kj_ipt_ports(s, '-', &first, &last))
		return false;
	kj_fw_set_num(rs, set, first, last);
	return true;
}

/* A bare port, read as one of tcp: also of udp. `ipset save` writes every port of a range: those in a row are one. */
static void add_bare_port(struct kj_fw_ruleset *rs, struct kj_fw_set *set, const struct kj_fw_interval *port)
{
	struct kj_fw_interval *last = set->at.n >= 4 ? &set->at.at[set->at.n - 4] : NULL;
	if (last && last[1].last.lo + 1 == port->first.lo) {
		last[1].last = last[3].last = port->last;
		return;
	}
	kj_fw_set_num(rs, set, TCP, TCP);
	KJ_PUSH(rs->arena, &set->at, *port);
	kj_fw_set_num(rs, set, UDP, UDP);
	KJ_PUSH(rs->arena, &set->at, *port);
}

/* An element that cannot be read makes the set one whose elements are not all known. */
static void add_element(struct kj_fw_ruleset *rs, struct kj_fw_set *set, kj_str element, bool except, uint32_t line)
{
	const struct type *type = find_type(set->type);
	struct kj_fw_set one = {.dims = set->dims};
	kj_str piece, whole = element;
	bool ok = type;
	for (unsigned i = 0; ok && i < 3 && type->kind[i] != KIND_NONE; i++)
		ok = kj_str_cut(&element, ',', &piece) && add_part(rs, &one, (enum kind)type->kind[i], piece);
	if (!ok || element.p || one.at.n != set->dims) {
		set->partial = true;
		kj_fw_note(rs, line, "element '%.*s' of set '%.*s' is not understood", KJ_FMT(whole),
		           KJ_FMT(set->name));
		return;
	}
	if (type->kind[0] == KIND_BARE_PORT) {
		add_bare_port(rs, set, &one.at.at[1]);
		return;
	}
	for (size_t i = 0; i < one.at.n; i++) {
		if (except)
			KJ_PUSH(rs->arena, &set->except, one.at.at[i]);
		else
			KJ_PUSH(rs->arena, &set->at, one.at.at[i]);
	}
}

/* Which of several networks in a set decides: see ipset(8) under "hash:net,iface", and "nomatch". */
static void settle(struct kj_fw_ruleset *rs, struct kj_fw_set *set)
{
	bool iface = kj_str_eq(set->type, KJ_STR("hash:net,iface"));
	bool two = kj_str_eq(set->type, KJ_STR("hash:net,net")) || kj_str_eq(set->type, KJ_STR("hash:net,port,net"));
	unsigned net = kj_str_eq(set->type, KJ_STR("hash:ip,port,net")) ? set->dims - 1 : 0;
	if (!set->declared || (!set->except.n && !iface))
		return;
	if (!two) {
		kj_ipset_smallest_decides(rs, set, net, iface);
		return;
	}
	set->declared = false;
	kj_fw_note(rs, set->line, "'nomatch' in set '%.*s' of two networks is not understood", KJ_FMT(set->name));
}

/* A list of sets takes what its member has so far: `ipset save` prints members first. */
static void add_member(struct kj_fw_ruleset *rs, struct kj_fw_set *list, kj_str name, uint32_t line)
{
	struct kj_fw_set *member = kj_fw_set_named(rs, name, line);
	settle(rs, member);
	bool fits = member->declared && !member->except.n && find_type(member->type) &&
	            (!list->at.n || member->dims == list->dims);
	if (!fits) {
		list->partial = true;
		kj_fw_note(rs, line, "set '%.*s' in list '%.*s' is not understood", KJ_FMT(name), KJ_FMT(list->name));
		return;
	}
	list->dims = member->dims;
	list->partial |= member->partial;
	for (size_t i = 0; i < member->at.n; i++)
		KJ_PUSH(rs->arena, &list->at, member->at.at[i]);
}

/* -- lines -- */

static void create(struct kj_fw_ruleset *rs, kj_str rest, uint32_t line)
{
	kj_str name, type;
	if (!kj_str_word(&rest, &name) || !kj_str_word(&rest, &type))
		return;
	struct kj_fw_set *set = kj_fw_set_named(rs, name, 0);
	const struct type *row = find_type(type);
	set->type = type;
	set->line = line;
	set->declared = row || kj_str_eq(type, KJ_STR("list:set"));
	set->dims = row ? dims_of(row) : 1;
	if (!set->declared)
		kj_fw_note(rs, line, "sets of type '%.*s' are not understood", KJ_FMT(type));
}

static void add(struct kj_fw_ruleset *rs, kj_str rest, uint32_t line)
{
	kj_str name, element, word;
	if (!kj_str_word(&rest, &name) || !kj_str_word(&rest, &element))
		return;
	struct kj_fw_set *set = kj_fw_set_named(rs, name, 0);
	bool except = false;
	while (kj_str_word(&rest, &word))
		except |= kj_str_eq(word, KJ_STR("nomatch"));
	if (kj_str_eq(set->type, KJ_STR("list:set")))
		add_member(rs, set, element, line);
	else if (set->declared)
		add_element(rs, set, element, except, line);
}

bool kj_ipset_recognise(kj_str text)
{
	kj_str line, word;
	while (kj_str_line(&text, &line)) {
		if (!kj_str_word(&line, &word) || word.p[0] == '#')
			continue;
		kj_str name, type;
		return kj_str_eq(word, KJ_STR("create")) && kj_str_word(&line, &name) && kj_str_word(&line, &type) &&
		       kj_str_find(type, ':') < type.n;
	}
	return false;
}

struct kj_ipset_line {
	kj_str rest; /* behind the word */
	uint32_t number;
	bool creates;
};

static void find_lines(struct kj_arena *arena, kj_str text, struct kj_ipset_lines *lines)
{
	kj_str line, word;
	for (uint32_t number = 1; kj_str_line(&text, &line); number++) {
		if (!kj_str_word(&line, &word))
			continue;
		if (kj_str_eq(word, KJ_STR("ipset")) && !kj_str_word(&line, &word))
			continue;
		bool creates = kj_str_eq(word, KJ_STR("create"));
		if (creates || kj_str_eq(word, KJ_STR("add")))
			KJ_PUSH(arena, &lines->at, (struct kj_ipset_line){line, number, creates});
	}
	lines->found = true;
}

void kj_ipset_read(struct kj_fw_ruleset *rs, kj_str text, struct kj_ipset_lines *lines)
{
	if (!lines->found)
		find_lines(rs->arena, text, lines);
	if (lines->read > LINES_MAX) {
		kj_fw_note(rs, 0, "the sets are too many to be read for so many dumps");
		return;
	}
	lines->read += lines->at.n;
	for (size_t i = 0; i < lines->at.n; i++) {
		const struct kj_ipset_line *line = &lines->at.at[i];
		if (line->creates)
			create(rs, line->rest, line->number);
		else
			add(rs, line->rest, line->number);
	}
	for (const struct kj_map_entry *entry = rs->set_by_name.first; entry; entry = entry->next)
		settle(rs, entry->value);
}

/* -- the match -- */

/* The fields of one part, by "src" or "dst". */
static unsigned fields_of(enum kind kind, bool src, enum kj_fw_field *fields)
{
	switch (kind) {
	case KIND_ADDR:
		fields[0] = src ? KJ_FW_SRC : KJ_FW_DST;
		return 1;
	case KIND_PORT:
	case KIND_BARE_PORT:
		fields[0] = KJ_FW_PROTO;
		fields[1] = src ? KJ_FW_SPORT : KJ_FW_DPORT;
		return 2;
	case KIND_IFACE:
		fields[0] = src ? KJ_FW_IIF : KJ_FW_OIF;
		return 1;
	case KIND_MARK:
		fields[0] = KJ_FW_MARK;
		return 1;
	default:
		fields[0] = KJ_FW_MAC;
		return 1;
	}
}

void kj_ipset_test(struct kj_ipt_rule *r, kj_str name, kj_str flags, bool negated)
{
	const struct kj_fw_set *set = kj_fw_set_named(r->rs, name, r->rule->line);
	const struct type *type = find_type(set->type);
	enum kj_fw_field fields[KJ_FW_DIMS + 1] = {KJ_FW_SRC};
	kj_str flag = KJ_STR("src");
	unsigned n = 0;
	if (!type && kj_str_eq(set->type, KJ_STR("list:set")))
		type = find_type(set->dims == 1 ? KJ_STR("hash:net") : KJ_STR("hash:net,port"));
	for (unsigned i = 0; type && i < 3 && type->kind[i] != KIND_NONE; i++) {
		if (!kj_str_cut(&flags, ',', &flag))
			flag = KJ_STR("src");
		n += fields_of((enum kind)type->kind[i], kj_str_starts(flag, KJ_STR("src")), &fields[n]);
	}
	if (!set->declared || !type || n != set->dims) {
		r->rule->maybe = true; /* kj_fw_finish says that the set is not in the dump */
		return;
	}
	kj_fw_test_tuple(r->rs, r->rule, fields, n, negated, set);
}
