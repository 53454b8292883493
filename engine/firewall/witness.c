#include "firewall/witness.h"

#include "firewall/intervals.h"
#include "firewall/services.h"

/* The first of the values that is in the set, else its own first. */
static uint64_t number(const struct kj_fw_intervals *set, const uint16_t *known, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_fw_intervals_have(set, known[i]))
			return known[i];
	}
	return set->at.at[0].first.lo;
}

static uint16_t port_of(const struct kj_fw_part *part, unsigned proto)
{
	static const uint16_t ports[] = {22, 80, 443, 53}, types[] = {8 * 256}, types6[] = {128 * 256};
	static const struct kj_fw_interval all = {.last = {0, UINT16_MAX}};
	struct kj_fw_interval whole = all;
	struct kj_fw_intervals set = part->ports;
	if (!set.at.n) {
		set.at.at = &whole;
		set.at.n = 1;
	}
	if (proto == KJ_FW_ICMP)
		return (uint16_t)number(&set, types, 1);
	if (proto == KJ_FW_ICMPV6)
		return (uint16_t)number(&set, types6, 1);
	return kj_fw_proto_has_ports(proto) ? (uint16_t)number(&set, ports, sizeof ports / sizeof *ports) : 0;
}

struct kj_fw_key kj_fw_witness_address(const struct kj_fw_intervals *set, bool destination)
{
	static const char *const examples[2][2] = {{"203.0.113.9", "2001:db8:ffff::9"},
	                                           {"198.51.100.1", "2001:db8::1"}};
	struct kj_range example;
	for (size_t i = 0; i < set->at.n; i++) {
		const struct kj_fw_interval *in = &set->at.at[i];
		struct kj_range range = kj_fw_interval_range(in);
		kj_range_parse(kj_str_of(examples[destination][in->version == 6]), &example);
		if (kj_range_within(&example, &range))
			return kj_fw_interval_addr(&example).first;
	}
	struct kj_fw_key first = set->at.at[0].first, last = set->at.at[0].last;
	if (first.hi < last.hi || (first.lo | 1) <= last.lo)
		first.lo |= 1; /* the first address of a network is no host's */
	return first;
}

struct kj_fw_packet kj_fw_witness(const struct kj_fw_part *part)
{
	static const uint16_t protos[] = {KJ_FW_TCP, KJ_FW_UDP};
	struct kj_fw_packet packet = {.version = part->src.at.at[0].version};
	packet.proto = (unsigned char)number(&part->protos, protos, 2);
	packet.port = port_of(part, packet.proto);
	packet.src = kj_fw_witness_address(&part->src, false);
	packet.dst = kj_fw_witness_address(&part->dst, true);
	return packet;
}

kj_str kj_fw_address_str(struct kj_arena *arena, struct kj_fw_key address, unsigned char version)
{
	struct kj_fw_interval one = {address, address, version, false};
	struct kj_range range = kj_fw_interval_range(&one);
	return kj_addr_str(arena, &range.first);
}

kj_str kj_fw_packet_str(struct kj_arena *arena, const struct kj_fw_packet *packet, bool to)
{
	struct kj_buf out = KJ_BUF(arena);
	const char *name = kj_fw_proto_name(packet->proto);
	bool icmp = packet->proto == KJ_FW_ICMP || packet->proto == KJ_FW_ICMPV6;
	if (name)
		kj_buf_put(&out, kj_str_of(name));
	else
		kj_buf_fmt(&out, "protocol %u", packet->proto);
	kj_buf_fmt(&out, " %.*s →", KJ_FMT(kj_fw_address_str(arena, packet->src, packet->version)));
	if (to)
		kj_buf_fmt(&out, " %.*s", KJ_FMT(kj_fw_address_str(arena, packet->dst, packet->version)));
	if (kj_fw_proto_has_ports(packet->proto))
		kj_buf_fmt(&out, " port %u", packet->port);
	else if (icmp)
		kj_buf_fmt(&out, " type %u code %u", packet->port / 256u, packet->port % 256u);
	return kj_buf_str(&out);
}

bool kj_fw_everywhere(const struct kj_fw_intervals *set)
{
	const struct kj_fw_interval *in = set->at.at;
	if (set->at.n != 1 || in->first.hi || in->first.lo)
		return false;
	return in->version == 4 ? in->last.lo == UINT32_MAX : in->last.hi == UINT64_MAX && in->last.lo == UINT64_MAX;
}
