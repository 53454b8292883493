#include "firewall/dialects/windows_match.h"

#include "base/num.h"
#include "firewall/analysis.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool is_any(kj_str word)
{
	return !word.n || kj_str_eq_fold(word, KJ_STR("Any")) || kj_str_eq(word, KJ_STR("*")) ||
	       kj_str_eq(word, KJ_STR("任意"));
}

bool kj_win_any(const struct kj_win_words *words)
{
	bool any = !words->at.n;
	for (size_t i = 0; i < words->at.n; i++)
		any |= is_any(words->at.at[i]);
	return any;
}

/* -- ports -- */

/* Keywords of MS-FASP 2.2.17 and MS-GPFAS 2.2.2.5, of netsh and of PowerShell. Windows hands out dynamic ports from 1025 on (netsh int ipv4 set
   dynamicport). */
static const struct keyword {
	kj_str word;
	uint16_t first, last;
	bool sure;
} keywords[] = {
        {KJ_STR_INIT("RPC"), 1025, 65535, false},
        {KJ_STR_INIT("RPC-EPMap"), 135, 135, true},
        {KJ_STR_INIT("RPCEPMap"), 135, 135, true},
        {KJ_STR_INIT("Teredo"), 1025, 65535, false},
        {KJ_STR_INIT("IPHTTPS"), 443, 443, false},
        {KJ_STR_INIT("IPHTTPSIn"), 443, 443, false},
        {KJ_STR_INIT("IPHTTPSOut"), 443, 443, false},
        {KJ_STR_INIT("IPTLSIn"), 443, 443, false},
        {KJ_STR_INIT("IPTLSOut"), 443, 443, false},
        {KJ_STR_INIT("Ply2Disc"), 1025, 65535, false},
        {KJ_STR_INIT("PlayToDiscovery"), 1025, 65535, false},
        {KJ_STR_INIT("mDNS"), 5353, 5353, true},
};

/* Any port, for words that we do not know. */
static const struct keyword unknown = {.first = 0, .last = 65535};

static bool number(kj_str s, uint64_t most, uint16_t *out)
{
	int64_t value;
	bool ok = kj_num_int(kj_str_trim(s), &value) && value >= 0 && (uint64_t)value <= most;
	*out = ok ? (uint16_t)value : 0;
	return ok;
}

/* "80", "5000-5020". */
static bool port_range(kj_str word, uint16_t *first, uint16_t *last)
{
	size_t dash = kj_str_find(word, '-');
	if (!number(kj_str_upto(word, dash), 65535, first))
		return false;
	*last = *first;
	return dash == word.n || (number(kj_str_from(word, dash + 1), 65535, last) && *first <= *last);
}

static const struct keyword *find_keyword(struct kj_fw_ruleset *rs, kj_str word, uint32_t line)
{
	for (size_t i = 0; i < COUNT(keywords); i++) {
		if (kj_str_eq_fold(keywords[i].word, word))
			return &keywords[i];
	}
	kj_fw_note(rs, line, "'%.*s' is not evaluated as a port", KJ_FMT(word));
	return &unknown;
}

struct kj_win_ports kj_win_ports(struct kj_fw_ruleset *rs, const struct kj_win_words *words, uint32_t line)
{
	struct kj_win_ports ports = {.any = kj_win_any(words)};
	if (ports.any)
		return ports;
	ports.sure = kj_fw_set(rs, 1);
	ports.all = kj_fw_set(rs, 1);
	for (size_t i = 0; i < words->at.n; i++) {
		uint16_t first, last;
		bool sure = port_range(words->at.at[i], &first, &last);
		if (!sure) {
			const struct keyword *keyword = find_keyword(rs, words->at.at[i], line);
			first = keyword->first;
			last = keyword->last;
			sure = keyword->sure;
		}
		if (sure)
			kj_fw_set_num(rs, ports.sure, first, last);
		kj_fw_set_num(rs, ports.all, first, last);
	}
	return ports;
}

/* -- protocols -- */

static const struct {
	kj_str name;
	unsigned char proto;
} protocols[] = {
        {KJ_STR_INIT("ICMPv4"), KJ_FW_ICMP}, {KJ_STR_INIT("ICMPv6"), KJ_FW_ICMPV6},
        {KJ_STR_INIT("HOPOPT"), 0},          {KJ_STR_INIT("IGMP"), 2},
        {KJ_STR_INIT("IPv6"), 41},           {KJ_STR_INIT("IPv6-Route"), 43},
        {KJ_STR_INIT("IPv6-Frag"), 44},      {KJ_STR_INIT("GRE"), 47},
        {KJ_STR_INIT("IPv6-NoNxt"), 59},     {KJ_STR_INIT("IPv6-Opts"), 60},
        {KJ_STR_INIT("VRRP"), 112},          {KJ_STR_INIT("PGM"), 113},
        {KJ_STR_INIT("L2TP"), 115},
};

static bool find_protocol(kj_str name, unsigned *proto)
{
	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (kj_str_eq_fold(protocols[i].name, name)) {
			*proto = protocols[i].proto;
			return true;
		}
	}
	return kj_fw_proto_parse(name, proto);
}

/* FW_IP_PROTOCOL_ANY of MS-FASP. */
static bool is_any_protocol(kj_str name)
{
	return is_any(name) || kj_str_eq(name, KJ_STR("256"));
}

bool kj_win_portless_is_wide(kj_str protocol)
{
	unsigned proto;
	return is_any_protocol(protocol) || !find_protocol(protocol, &proto) || kj_fw_proto_has_ports(proto);
}

/* "8:0", "3:*", "8": a type and its codes. */
static bool icmp_type(kj_str word, uint16_t *type, uint16_t *first, uint16_t *last)
{
	size_t colon = kj_str_find(word, ':');
	kj_str code = kj_str_trim(kj_str_from(word, colon + 1));
	if (!number(kj_str_upto(word, colon), 255, type))
		return false;
	*first = 0;
	*last = 255;
	if (is_any(code))
		return true;
	bool ok = number(code, 255, first);
	*last = *first;
	return ok;
}

static void test_icmp(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const struct kj_win_words *words)
{
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	for (size_t i = 0; i < words->at.n; i++) {
		uint16_t type, first, last;
		kj_str word = words->at.at[i];
		if (is_any(kj_str_trim(kj_str_upto(word, kj_str_find(word, ':')))))
			return;
		if (icmp_type(word, &type, &first, &last)) {
			kj_fw_set_num(rs, set, type * 256u + first, type * 256u + last);
			continue;
		}
		kj_fw_note(rs, rule->line, "'%.*s' is not evaluated as an ICMP type", KJ_FMT(word));
		set->partial = true;
	}
	if (words->at.n)
		kj_fw_test(rs, rule, KJ_FW_DPORT, false, set);
}

void kj_win_test_protocol(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const struct kj_win_rule *from, bool ports)
{
	unsigned proto = 0;
	if (is_any_protocol(from->protocol)) {
		struct kj_fw_set *both = kj_fw_set(rs, 1);
		kj_fw_set_num(rs, both, KJ_FW_TCP, KJ_FW_TCP);
		kj_fw_set_num(rs, both, KJ_FW_UDP, KJ_FW_UDP);
		if (ports)
			kj_fw_test(rs, rule, KJ_FW_PROTO, false, both);
	} else if (find_protocol(from->protocol, &proto)) {
		kj_fw_test_num(rs, rule, KJ_FW_PROTO, false, proto, proto);
		if (proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6)
			test_icmp(rs, rule, &from->icmp);
	} else {
		kj_fw_beyond(rs, rule, from->protocol);
	}
}

/* -- addresses -- */

void kj_win_test_addresses(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field,
                           const struct kj_win_words *words)
{
	if (kj_win_any(words))
		return;
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	struct kj_fw_set *keyword = NULL;
	for (size_t i = 0; i < words->at.n; i++) {
		struct kj_range range;
		if (kj_range_parse(words->at.at[i], &range)) {
			kj_fw_set_addr(rs, set, &range);
			continue;
		}
		keyword = kj_fw_set_named(rs, words->at.at[i], rule->line);
		set->partial = true;
	}
	kj_fw_test(rs, rule, field, false, keyword && words->at.n == 1 ? keyword : set);
}
