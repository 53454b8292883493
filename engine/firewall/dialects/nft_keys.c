/* The keys and data types of nftables: names to fields, texts to values. */
#include "base/num.h"
#include "firewall/analysis.h"
#include "firewall/dialects/nft.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* -- keys -- */

/* A row without a field: every other field of the head. */
static const struct row {
	const char *head, *field;
	enum kj_nft_type type;
	int to;
	unsigned char family;
	short proto;
} rows[] = {
        {"ip", "saddr", KJ_NFT_IPV4, KJ_FW_SRC, 4, -1},
        {"ip", "daddr", KJ_NFT_IPV4, KJ_FW_DST, 4, -1},
        {"ip", "protocol", KJ_NFT_PROTO, KJ_FW_PROTO, 4, -1},
        {"ip", "ttl", KJ_NFT_TTL, KJ_NFT_BEYOND, 4, -1},
        {"ip", "length", KJ_NFT_LENGTH, KJ_NFT_BEYOND, 4, -1},
        {"ip", "dscp", KJ_NFT_DSCP, KJ_NFT_BEYOND, 4, -1},
        {"ip", "frag-off", KJ_NFT_FRAGMENT, KJ_NFT_BEYOND, 4, -1},
        {"ip", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 4, -1},
        {"ip6", "saddr", KJ_NFT_IPV6, KJ_FW_SRC, 6, -1},
        {"ip6", "daddr", KJ_NFT_IPV6, KJ_FW_DST, 6, -1},
        {"ip6", "nexthdr", KJ_NFT_PROTO, KJ_FW_PROTO, 6, -1},
        {"ip6", "hoplimit", KJ_NFT_TTL, KJ_NFT_BEYOND, 6, -1},
        {"ip6", "dscp", KJ_NFT_DSCP, KJ_NFT_BEYOND, 6, -1},
        {"ip6", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 6, -1},
        {"tcp", "dport", KJ_NFT_PORT, KJ_FW_DPORT, 0, KJ_FW_TCP},
        {"tcp", "sport", KJ_NFT_PORT, KJ_FW_SPORT, 0, KJ_FW_TCP},
        {"tcp", "flags", KJ_NFT_FLAGS, KJ_FW_FLAGS, 0, KJ_FW_TCP},
        {"tcp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, KJ_FW_TCP},
        {"udp", "dport", KJ_NFT_PORT, KJ_FW_DPORT, 0, KJ_FW_UDP},
        {"udp", "sport", KJ_NFT_PORT, KJ_FW_SPORT, 0, KJ_FW_UDP},
        {"udp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, KJ_FW_UDP},
        {"udplite", "dport", KJ_NFT_PORT, KJ_FW_DPORT, 0, KJ_FW_UDPLITE},
        {"udplite", "sport", KJ_NFT_PORT, KJ_FW_SPORT, 0, KJ_FW_UDPLITE},
        {"udplite", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, KJ_FW_UDPLITE},
        {"sctp", "dport", KJ_NFT_PORT, KJ_FW_DPORT, 0, KJ_FW_SCTP},
        {"sctp", "sport", KJ_NFT_PORT, KJ_FW_SPORT, 0, KJ_FW_SCTP},
        {"sctp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, KJ_FW_SCTP},
        {"dccp", "dport", KJ_NFT_PORT, KJ_FW_DPORT, 0, KJ_FW_DCCP},
        {"dccp", "sport", KJ_NFT_PORT, KJ_FW_SPORT, 0, KJ_FW_DCCP},
        {"dccp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, KJ_FW_DCCP},
        {"th", "dport", KJ_NFT_PORT, KJ_FW_DPORT, 0, -1},
        {"th", "sport", KJ_NFT_PORT, KJ_FW_SPORT, 0, -1},
        {"icmp", "type", KJ_NFT_ICMP_TYPE, KJ_FW_DPORT, 4, KJ_FW_ICMP},
        {"icmp", "code", KJ_NFT_ICMP_CODE, KJ_FW_DPORT, 4, KJ_FW_ICMP},
        {"icmp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 4, KJ_FW_ICMP},
        {"icmpv6", "type", KJ_NFT_ICMPV6_TYPE, KJ_FW_DPORT, 6, KJ_FW_ICMPV6},
        {"icmpv6", "code", KJ_NFT_ICMPV6_CODE, KJ_FW_DPORT, 6, KJ_FW_ICMPV6},
        {"icmpv6", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 6, KJ_FW_ICMPV6},
        {"igmp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 4, 2},
        {"esp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, 50},
        {"ah", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, 51},
        {"comp", NULL, KJ_NFT_OTHER, KJ_NFT_BEYOND, 0, 108},
        {"ether", "saddr", KJ_NFT_MAC, KJ_FW_MAC, 0, -1},
        {"ether", "type", KJ_NFT_ETHER_TYPE, KJ_FW_FAMILY, 0, -1},
        {"meta", "iifname", KJ_NFT_IFNAME, KJ_FW_IIF, 0, -1},
        {"meta", "oifname", KJ_NFT_IFNAME, KJ_FW_OIF, 0, -1},
        {"meta", "iif", KJ_NFT_IFINDEX, KJ_FW_IIF, 0, -1},
        {"meta", "oif", KJ_NFT_IFINDEX, KJ_FW_OIF, 0, -1},
        {"meta", "l4proto", KJ_NFT_PROTO, KJ_FW_PROTO, 0, -1},
        {"meta", "nfproto", KJ_NFT_FAMILY, KJ_FW_FAMILY, 0, -1},
        {"meta", "protocol", KJ_NFT_ETHER_TYPE, KJ_FW_FAMILY, 0, -1},
        {"meta", "mark", KJ_NFT_MARK, KJ_FW_MARK, 0, -1},
        {"meta", "pkttype", KJ_NFT_PKT_TYPE, KJ_FW_DST_TYPE, 0, -1},
        {"meta", "length", KJ_NFT_LENGTH, KJ_NFT_BEYOND, 0, -1},
        {"ct", "state", KJ_NFT_STATE, KJ_FW_STATE, 0, -1},
        {"ct", "status", KJ_NFT_STATUS, KJ_FW_DNATED, 0, -1},
        {"ct", "mark", KJ_NFT_MARK, KJ_FW_CTMARK, 0, -1},
        {"ct", "direction", KJ_NFT_DIRECTION, KJ_FW_STATE, 0, -1},
};

struct kj_nft_key kj_nft_key_of(kj_str head, kj_str field)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		if (!kj_str_eq(head, kj_str_of(row->head)) || (row->field && !kj_str_eq(field, kj_str_of(row->field))))
			continue;
		return (struct kj_nft_key){row->type, row->to, row->family, row->proto, kj_str_eq(head, KJ_STR("th"))};
	}
	return (struct kj_nft_key){.field = KJ_NFT_BEYOND, .proto = -1};
}

struct kj_nft_key kj_nft_key_fib(kj_str what, bool several, kj_str result)
{
	struct kj_nft_key key = {.field = KJ_NFT_BEYOND, .proto = -1};
	if (several || !kj_str_eq(result, KJ_STR("type")))
		return key;
	key.type = KJ_NFT_ADDR_TYPE;
	if (kj_str_eq(what, KJ_STR("saddr")))
		key.field = KJ_FW_SRC_TYPE;
	else if (kj_str_eq(what, KJ_STR("daddr")))
		key.field = KJ_FW_DST_TYPE;
	return key;
}

struct kj_nft_key kj_nft_key_other(kj_str head)
{
	static const char *const headers[] = {"exthdr", "rt", "frag", "hbh", "dst", "mh", "srh"};
	struct kj_nft_key key = {.field = KJ_NFT_BEYOND, .proto = -1};
	for (size_t i = 0; i < COUNT(headers); i++) {
		if (kj_str_eq(head, kj_str_of(headers[i])))
			key.type = KJ_NFT_HEADER;
	}
	return key;
}

/* -- data types -- */

static const struct type {
	const char *name;
	enum kj_nft_type type;
} types[] = {
        {"ipv4_addr", KJ_NFT_IPV4},
        {"ipv6_addr", KJ_NFT_IPV6},
        {"inet_service", KJ_NFT_PORT},
        {"inet_proto", KJ_NFT_PROTO},
        {"ifname", KJ_NFT_IFNAME},
        {"iface_index", KJ_NFT_IFINDEX},
        {"mark", KJ_NFT_MARK},
        {"ether_addr", KJ_NFT_MAC},
        {"icmp_type", KJ_NFT_ICMP_TYPE},
        {"icmpv6_type", KJ_NFT_ICMPV6_TYPE},
        {"nf_proto", KJ_NFT_FAMILY},
        {"ether_type", KJ_NFT_ETHER_TYPE},
        {"fib_addrtype", KJ_NFT_ADDR_TYPE},
        {"ct_dir", KJ_NFT_DIRECTION},
        {"ct_state", KJ_NFT_STATE},
        {"tcp_flag", KJ_NFT_FLAGS},
        {"pkt_type", KJ_NFT_PKT_TYPE},
};

enum kj_nft_type kj_nft_type_named(kj_str name)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (kj_str_eq(name, kj_str_of(types[i].name)))
			return types[i].type;
	}
	return KJ_NFT_OTHER;
}

/* Words for values, as `nft describe` lists them. Families and addresses' types as in the model. */
enum { NO_SUCH = 1 << 16 }; /* a word of the type for what the model never sees */

static const struct word {
	enum kj_nft_type type;
	const char *name;
	unsigned value;
} words[] = {
        {KJ_NFT_ICMP_CODE, "net-unreachable", 0},
        {KJ_NFT_ICMP_CODE, "host-unreachable", 1},
        {KJ_NFT_ICMP_CODE, "prot-unreachable", 2},
        {KJ_NFT_ICMP_CODE, "port-unreachable", 3},
        {KJ_NFT_ICMP_CODE, "frag-needed", 4},
        {KJ_NFT_ICMP_CODE, "net-prohibited", 9},
        {KJ_NFT_ICMP_CODE, "host-prohibited", 10},
        {KJ_NFT_ICMP_CODE, "admin-prohibited", 13},
        {KJ_NFT_ICMPV6_CODE, "no-route", 0},
        {KJ_NFT_ICMPV6_CODE, "admin-prohibited", 1},
        {KJ_NFT_ICMPV6_CODE, "addr-unreachable", 3},
        {KJ_NFT_ICMPV6_CODE, "port-unreachable", 4},
        {KJ_NFT_ICMPV6_CODE, "policy-fail", 5},
        {KJ_NFT_ICMPV6_CODE, "reject-route", 6},
        {KJ_NFT_ICMP_TYPE, "echo-reply", 0},
        {KJ_NFT_ICMP_TYPE, "destination-unreachable", 3},
        {KJ_NFT_ICMP_TYPE, "source-quench", 4},
        {KJ_NFT_ICMP_TYPE, "redirect", 5},
        {KJ_NFT_ICMP_TYPE, "echo-request", 8},
        {KJ_NFT_ICMP_TYPE, "router-advertisement", 9},
        {KJ_NFT_ICMP_TYPE, "router-solicitation", 10},
        {KJ_NFT_ICMP_TYPE, "time-exceeded", 11},
        {KJ_NFT_ICMP_TYPE, "parameter-problem", 12},
        {KJ_NFT_ICMP_TYPE, "timestamp-request", 13},
        {KJ_NFT_ICMP_TYPE, "timestamp-reply", 14},
        {KJ_NFT_ICMP_TYPE, "info-request", 15},
        {KJ_NFT_ICMP_TYPE, "info-reply", 16},
        {KJ_NFT_ICMP_TYPE, "address-mask-request", 17},
        {KJ_NFT_ICMP_TYPE, "address-mask-reply", 18},
        {KJ_NFT_ICMPV6_TYPE, "destination-unreachable", 1},
        {KJ_NFT_ICMPV6_TYPE, "packet-too-big", 2},
        {KJ_NFT_ICMPV6_TYPE, "time-exceeded", 3},
        {KJ_NFT_ICMPV6_TYPE, "parameter-problem", 4},
        {KJ_NFT_ICMPV6_TYPE, "echo-request", 128},
        {KJ_NFT_ICMPV6_TYPE, "echo-reply", 129},
        {KJ_NFT_ICMPV6_TYPE, "mld-listener-query", 130},
        {KJ_NFT_ICMPV6_TYPE, "mld-listener-report", 131},
        {KJ_NFT_ICMPV6_TYPE, "mld-listener-done", 132},
        {KJ_NFT_ICMPV6_TYPE, "mld-listener-reduction", 132},
        {KJ_NFT_ICMPV6_TYPE, "nd-router-solicit", 133},
        {KJ_NFT_ICMPV6_TYPE, "nd-router-advert", 134},
        {KJ_NFT_ICMPV6_TYPE, "nd-neighbor-solicit", 135},
        {KJ_NFT_ICMPV6_TYPE, "nd-neighbor-advert", 136},
        {KJ_NFT_ICMPV6_TYPE, "nd-redirect", 137},
        {KJ_NFT_ICMPV6_TYPE, "router-renumbering", 138},
        {KJ_NFT_ICMPV6_TYPE, "ind-neighbor-solicit", 141},
        {KJ_NFT_ICMPV6_TYPE, "ind-neighbor-advert", 142},
        {KJ_NFT_ICMPV6_TYPE, "mld2-listener-report", 143},
        {KJ_NFT_FAMILY, "ipv4", 4},
        {KJ_NFT_FAMILY, "ipv6", 6},
        {KJ_NFT_FAMILY, "2", 4},
        {KJ_NFT_FAMILY, "10", 6},
        {KJ_NFT_ETHER_TYPE, "ip", 4},
        {KJ_NFT_ETHER_TYPE, "ip6", 6},
        {KJ_NFT_ETHER_TYPE, "0x0800", 4},
        {KJ_NFT_ETHER_TYPE, "2048", 4},
        {KJ_NFT_ETHER_TYPE, "0x86dd", 6},
        {KJ_NFT_ETHER_TYPE, "34525", 6},
        {KJ_NFT_ETHER_TYPE, "arp", NO_SUCH},
        {KJ_NFT_ETHER_TYPE, "vlan", NO_SUCH},
        {KJ_NFT_ETHER_TYPE, "8021q", NO_SUCH},
        {KJ_NFT_ETHER_TYPE, "8021ad", NO_SUCH},
        {KJ_NFT_ADDR_TYPE, "unspec", KJ_FW_TYPE_UNSPEC},
        {KJ_NFT_ADDR_TYPE, "unicast", KJ_FW_TYPE_UNICAST},
        {KJ_NFT_ADDR_TYPE, "local", KJ_FW_TYPE_LOCAL},
        {KJ_NFT_ADDR_TYPE, "broadcast", KJ_FW_TYPE_BROADCAST},
        {KJ_NFT_ADDR_TYPE, "anycast", KJ_FW_TYPE_ANYCAST},
        {KJ_NFT_ADDR_TYPE, "multicast", KJ_FW_TYPE_MULTICAST},
        {KJ_NFT_PKT_TYPE, "other", NO_SUCH},
        {KJ_NFT_PKT_TYPE, "broadcast", KJ_FW_TYPE_BROADCAST},
        {KJ_NFT_PKT_TYPE, "multicast", KJ_FW_TYPE_MULTICAST},
        {KJ_NFT_STATE, "new", KJ_FW_NEW},
        {KJ_NFT_STATE, "established", KJ_FW_ESTABLISHED},
        {KJ_NFT_STATE, "related", KJ_FW_RELATED},
        {KJ_NFT_STATE, "invalid", KJ_FW_INVALID},
        {KJ_NFT_STATE, "untracked", KJ_FW_UNTRACKED},
        {KJ_NFT_DSCP, "cs0", 0},
        {KJ_NFT_DSCP, "cs1", 8},
        {KJ_NFT_DSCP, "cs2", 16},
        {KJ_NFT_DSCP, "cs3", 24},
        {KJ_NFT_DSCP, "cs4", 32},
        {KJ_NFT_DSCP, "cs5", 40},
        {KJ_NFT_DSCP, "cs6", 48},
        {KJ_NFT_DSCP, "cs7", 56},
        {KJ_NFT_DSCP, "af11", 10},
        {KJ_NFT_DSCP, "af12", 12},
        {KJ_NFT_DSCP, "af13", 14},
        {KJ_NFT_DSCP, "af21", 18},
        {KJ_NFT_DSCP, "af22", 20},
        {KJ_NFT_DSCP, "af23", 22},
        {KJ_NFT_DSCP, "af31", 26},
        {KJ_NFT_DSCP, "af32", 28},
        {KJ_NFT_DSCP, "af33", 30},
        {KJ_NFT_DSCP, "af41", 34},
        {KJ_NFT_DSCP, "af42", 36},
        {KJ_NFT_DSCP, "af43", 38},
        {KJ_NFT_DSCP, "ef", 46},
};

/* -- values -- */

bool kj_nft_number(kj_str text, uint64_t *out)
{
	if (kj_str_starts(text, KJ_STR("0x")))
		return kj_num_base(kj_str_from(text, 2), 16, out);
	int64_t number;
	bool ok = text.n && kj_is_digit(text.p[0]) && kj_num_int(text, &number);
	if (ok)
		*out = (uint64_t)number;
	return ok;
}

static bool named_value(enum kj_nft_type type, kj_str text, uint64_t *out)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		if (words[i].type == type && kj_str_eq_fold(text, kj_str_of(words[i].name))) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

/* Types whose values are numbers, and the greatest one; 0: words only. */
static uint64_t most(enum kj_nft_type type)
{
	static const uint64_t table[] = {
	        [KJ_NFT_PORT] = 65535,      [KJ_NFT_PROTO] = 255,       [KJ_NFT_MARK] = UINT32_MAX,
	        [KJ_NFT_ICMP_TYPE] = 255,   [KJ_NFT_ICMPV6_TYPE] = 255, [KJ_NFT_ICMP_CODE] = 255,
	        [KJ_NFT_ICMPV6_CODE] = 255, [KJ_NFT_TTL] = 255,         [KJ_NFT_LENGTH] = UINT32_MAX,
	        [KJ_NFT_DSCP] = 63,         [KJ_NFT_FRAGMENT] = 65535,
	};
	return type < COUNT(table) ? table[type] : 0;
}

static bool one_value(enum kj_nft_type type, kj_str text, uint64_t *out)
{
	unsigned proto;
	uint16_t port;
	if (named_value(type, text, out))
		return true;
	if (kj_nft_number(text, out))
		return most(type) && *out <= most(type);
	if (type == KJ_NFT_PROTO && kj_fw_proto_parse(text, &proto)) {
		*out = proto;
		return true;
	}
	if (type == KJ_NFT_PORT && kj_fw_port_parse(text, &port)) {
		*out = port;
		return true;
	}
	return false;
}

/* "a", or "a-b" where names may have hyphens as well. */
static bool value_range(enum kj_nft_type type, kj_str text, uint64_t *first, uint64_t *last)
{
	if (one_value(type, text, first)) {
		*last = *first;
		return true;
	}
	for (size_t i = 1; i < text.n && text.n < 128; i++) {
		if (text.p[i] == '-' && one_value(type, kj_str_trim(kj_str_upto(text, i)), first) &&
		    one_value(type, kj_str_trim(kj_str_from(text, i + 1)), last))
			return *first <= *last;
	}
	return false;
}

static enum kj_nft_got encode_addr(kj_str text, unsigned char version, struct kj_fw_interval *out)
{
	struct kj_range range;
	if (!kj_range_parse(text, &range) || range.first.version != version)
		return KJ_NFT_STRANGE;
	*out = kj_fw_interval_addr(&range);
	return KJ_NFT_VALUE;
}

static enum kj_nft_got encode_mac(kj_str text, struct kj_fw_interval *out)
{
	uint64_t mac = 0, byte;
	kj_str piece;
	unsigned n = 0;
	for (; kj_str_cut(&text, ':', &piece); n++) {
		if (!kj_num_base(piece, 16, &byte) || byte > 255)
			return KJ_NFT_STRANGE;
		mac = mac << 8 | byte;
	}
	*out = kj_fw_interval_num(mac, mac);
	return n == 6 ? KJ_NFT_VALUE : KJ_NFT_STRANGE;
}

/* "eth0"; "eth*" is a beginning, and "eth\*" has a star in its name. */
static enum kj_nft_got encode_iface(struct kj_fw_ruleset *rs, kj_str text, bool index, struct kj_fw_interval *out)
{
	uint64_t number;
	if (!text.n || (index && kj_nft_number(text, &number)))
		return KJ_NFT_STRANGE; /* an index without a name: the interface is gone */
	bool star = kj_str_ends(text, KJ_STR("*")), escaped = kj_str_ends(text, KJ_STR("\\*"));
	if (escaped)
		text = kj_str_fmt(rs->arena, "%.*s*", KJ_FMT(kj_str_upto(text, text.n - 2)));
	bool wildcard = star && !escaped;
	uint32_t id = kj_fw_iface_id(rs, kj_str_upto(text, text.n - wildcard), wildcard);
	*out = kj_fw_interval_num(id, id);
	return KJ_NFT_VALUE;
}

/* A first packet goes in the original direction, and one without a connection in none. */
static enum kj_nft_got encode_direction(kj_str text, struct kj_fw_interval *out)
{
	bool original = kj_str_eq(text, KJ_STR("original")) || kj_str_eq(text, KJ_STR("0"));
	bool reply = kj_str_eq(text, KJ_STR("reply")) || kj_str_eq(text, KJ_STR("1"));
	*out = original ? kj_fw_interval_num(KJ_FW_NEW, KJ_FW_RELATED)
	                : kj_fw_interval_num(KJ_FW_ESTABLISHED, KJ_FW_ESTABLISHED);
	return original || reply ? KJ_NFT_VALUE : KJ_NFT_STRANGE;
}

/* "echo-request", "8-10", and "destination-unreachable/frag-needed" for one type with its codes. */
static enum kj_nft_got encode_icmp(enum kj_nft_type type, kj_str text, struct kj_fw_interval *out)
{
	enum kj_nft_type code = type == KJ_NFT_ICMP_TYPE ? KJ_NFT_ICMP_CODE : KJ_NFT_ICMPV6_CODE;
	uint64_t first, last, code_first = 0, code_last = 255;
	size_t slash = kj_str_find(text, '/');
	if (!value_range(type, kj_str_upto(text, slash), &first, &last))
		return KJ_NFT_STRANGE;
	if (slash < text.n &&
	    (first != last || !value_range(code, kj_str_from(text, slash + 1), &code_first, &code_last)))
		return KJ_NFT_STRANGE;
	*out = kj_fw_interval_num(first * 256 + code_first, last * 256 + code_last);
	return KJ_NFT_VALUE;
}

static enum kj_nft_got encode_number(enum kj_nft_type type, kj_str text, struct kj_fw_interval *out)
{
	static const char *const elsewhere[] = {"blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve"};
	uint64_t first, last;
	unsigned bits;
	for (size_t i = 0; type == KJ_NFT_ADDR_TYPE && i < COUNT(elsewhere); i++) {
		if (kj_str_eq(text, kj_str_of(elsewhere[i]))) {
			*out = kj_fw_interval_num(KJ_FW_TYPE_OTHER, KJ_FW_TYPE_OTHER);
			return KJ_NFT_VALUE;
		}
	}
	if (type == KJ_NFT_FLAGS) {
		if (!kj_nft_bits(type, text, &bits))
			return KJ_NFT_STRANGE;
		*out = kj_fw_interval_num(bits, bits);
		return bits < 256 ? KJ_NFT_VALUE : KJ_NFT_NEVER;
	}
	if (!value_range(type, text, &first, &last))
		return KJ_NFT_STRANGE;
	if (first == NO_SUCH)
		return KJ_NFT_NEVER;
	*out = kj_fw_interval_num(first, last);
	return KJ_NFT_VALUE;
}

enum kj_nft_got kj_nft_encode(struct kj_fw_ruleset *rs, enum kj_nft_type type, kj_str text, struct kj_fw_interval *out)
{
	switch (type) {
	case KJ_NFT_OTHER:
	case KJ_NFT_HEADER:
	case KJ_NFT_STATUS:
		return KJ_NFT_STRANGE;
	case KJ_NFT_IPV4:
		return encode_addr(text, 4, out);
	case KJ_NFT_IPV6:
		return encode_addr(text, 6, out);
	case KJ_NFT_IFNAME:
	case KJ_NFT_IFINDEX:
		return encode_iface(rs, text, type == KJ_NFT_IFINDEX, out);
	case KJ_NFT_MAC:
		return encode_mac(text, out);
	case KJ_NFT_DIRECTION:
		return encode_direction(text, out);
	case KJ_NFT_ICMP_TYPE:
	case KJ_NFT_ICMPV6_TYPE:
		return encode_icmp(type, text, out);
	default:
		return encode_number(type, text, out);
	}
}

/* -- bits -- */

static const struct bit {
	enum kj_nft_type type;
	const char *name;
	unsigned bit;
} bit_words[] = {
        {KJ_NFT_STATE, "invalid", 1},     {KJ_NFT_STATE, "established", 2}, {KJ_NFT_STATE, "related", 4},
        {KJ_NFT_STATE, "new", 8},         {KJ_NFT_STATE, "untracked", 64},  {KJ_NFT_STATUS, "expected", 1},
        {KJ_NFT_STATUS, "seen-reply", 2}, {KJ_NFT_STATUS, "assured", 4},    {KJ_NFT_STATUS, "confirmed", 8},
        {KJ_NFT_STATUS, "snat", 16},      {KJ_NFT_STATUS, "dnat", 32},      {KJ_NFT_STATUS, "dying", 512},
        {KJ_NFT_FLAGS, "fin", 1},         {KJ_NFT_FLAGS, "syn", 2},         {KJ_NFT_FLAGS, "rst", 4},
        {KJ_NFT_FLAGS, "psh", 8},         {KJ_NFT_FLAGS, "ack", 16},        {KJ_NFT_FLAGS, "urg", 32},
        {KJ_NFT_FLAGS, "ecn", 64},        {KJ_NFT_FLAGS, "cwr", 128},
};

unsigned kj_nft_state_bit(enum kj_fw_state state)
{
	static const unsigned bits[KJ_FW_STATES] = {8, 2, 4, 1, 64};
	return bits[state];
}

static bool one_bit(enum kj_nft_type type, kj_str word, unsigned *bits)
{
	uint64_t number;
	for (size_t i = 0; i < COUNT(bit_words); i++) {
		if (bit_words[i].type == type && kj_str_eq(word, kj_str_of(bit_words[i].name))) {
			*bits |= bit_words[i].bit;
			return true;
		}
	}
	if (!kj_nft_number(word, &number) || number > UINT32_MAX)
		return false;
	*bits |= (unsigned)number;
	return true;
}

bool kj_nft_bits(enum kj_nft_type type, kj_str text, unsigned *bits)
{
	*bits = 0;
	if (text.n > 1 && text.p[0] == '(' && text.p[text.n - 1] == ')')
		text = kj_str_upto(kj_str_from(text, 1), text.n - 2);
	do {
		size_t end = kj_str_find_any(text, KJ_STR(",|"));
		if (!one_bit(type, kj_str_trim(kj_str_upto(text, end)), bits))
			return false;
		text = end < text.n ? kj_str_from(text, end + 1) : KJ_STR("");
	} while (text.n);
	return true;
}
