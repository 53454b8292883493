/* Parts of answers in words. */
#include "firewall/join.h"
#include "firewall/prefix.h"
#include "firewall/print.h"
#include "firewall/services.h"

/* -- addresses -- */

static void put_prefixes(struct kj_buf *out, const struct kj_fw_intervals *intervals, size_t most)
{
	struct kj_fw_prefix_walk walk = {.of = intervals};
	struct kj_fw_prefix prefix;
	char text[KJ_FW_PREFIX_TEXT];
	size_t n = 0;
	for (; kj_fw_prefix_next(&walk, &prefix); n++) {
		if (n >= most)
			continue;
		kj_buf_put(out, n ? KJ_STR(", ") : KJ_STR(""));
		kj_buf_put(out, kj_fw_prefix_str(&prefix, text));
	}
	if (n > most)
		kj_buf_fmt(out, " and %zu more", n - most);
}

kj_str kj_fw_addresses(struct kj_arena *arena, const struct kj_fw_intervals *intervals, size_t most)
{
	static const struct kj_fw_key last[] = {{0, UINT32_MAX}, {UINT64_MAX, UINT64_MAX}};
	struct kj_buf out = KJ_BUF(arena);
	struct kj_fw_intervals others = {{0}};
	if (kj_fw_prefix_count(intervals) > most) /* the few that are left out are told sooner */
		others = kj_fw_complement(arena, intervals, last[intervals->at.at[0].version == 6]);
	bool but = others.at.n && kj_fw_prefix_count(&others) <= most;
	if (but)
		kj_buf_put(&out, KJ_STR("any but "));
	put_prefixes(&out, but ? &others : intervals, most);
	return kj_buf_str(&out);
}

/* -- protocols and ports -- */

static bool is_icmp(uint64_t proto)
{
	return proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6;
}

static bool single(const struct kj_fw_intervals *intervals)
{
	return intervals->at.n == 1 && intervals->at.at[0].first.lo == intervals->at.at[0].last.lo;
}

static bool whole(const struct kj_fw_intervals *intervals, uint64_t most)
{
	return intervals->at.n == 1 && intervals->at.at[0].first.lo == 0 && intervals->at.at[0].last.lo == most;
}

/* "22,80-90" */
void kj_fw_put_numbers(struct kj_buf *out, const struct kj_fw_intervals *intervals)
{
	for (size_t i = 0; i < intervals->at.n; i++) {
		const struct kj_fw_interval *in = &intervals->at.at[i];
		kj_buf_put(out, i ? KJ_STR(",") : KJ_STR(""));
		kj_buf_int(out, (int64_t)in->first.lo);
		if (in->last.lo == in->first.lo)
			continue;
		kj_buf_char(out, '-');
		kj_buf_int(out, (int64_t)in->last.lo);
	}
}

kj_str kj_fw_part_proto(struct kj_arena *arena, const struct kj_fw_part *part)
{
	unsigned first = (unsigned)part->protos.at.at[0].first.lo;
	if (whole(&part->protos, 255))
		return KJ_STR("any");
	if (!single(&part->protos))
		return KJ_STR("other");
	const char *name = kj_fw_proto_name(first);
	return name ? kj_str_of(name) : kj_str_fmt(arena, "%u", first);
}

bool kj_fw_part_has_ports(const struct kj_fw_part *part)
{
	return single(&part->protos) && kj_fw_proto_has_ports((unsigned)part->protos.at.at[0].first.lo);
}

bool kj_fw_part_has_types(const struct kj_fw_part *part)
{
	return single(&part->protos) && is_icmp(part->protos.at.at[0].first.lo) && !whole(&part->ports, 65535);
}

kj_str kj_fw_part_ports(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	if (kj_fw_part_has_ports(part))
		kj_fw_put_numbers(&out, &part->ports);
	return kj_buf_str(&out);
}

/* "8", "0-3", "3/4": a type alone means all of its codes. */
static void put_types(struct kj_buf *out, const struct kj_fw_part *part)
{
	for (size_t i = 0; i < part->ports.at.n; i++) {
		unsigned first = (unsigned)part->ports.at.at[i].first.lo, last = (unsigned)part->ports.at.at[i].last.lo;
		kj_buf_put(out, i ? KJ_STR(",") : KJ_STR(""));
		kj_buf_fmt(out, first % 256 ? "%u/%u" : last % 256 == 255 ? "%u" : "%u/%u", first / 256, first % 256);
		if (last / 256 != first / 256 || (last != first && (first % 256 || last % 256 != 255)))
			kj_buf_fmt(out, last % 256 == 255 ? "-%u" : "-%u/%u", last / 256, last % 256);
	}
}

/* "any but icmp,tcp,udp"; "protocols 47,50" */
static kj_str other_protocols(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	struct kj_fw_intervals others = kj_fw_complement(arena, &part->protos, (struct kj_fw_key){0, 255});
	bool but = part->protos.at.n > 1 && part->protos.at.at[part->protos.at.n - 1].last.lo == 255;
	if (!but) {
		kj_buf_put(&out, KJ_STR("protocols "));
		kj_fw_put_numbers(&out, &part->protos);
	}
	for (size_t i = 0; but && i < others.at.n; i++) {
		for (uint64_t proto = others.at.at[i].first.lo; proto <= others.at.at[i].last.lo; proto++) {
			const char *name = kj_fw_proto_name((unsigned)proto);
			kj_buf_put(&out, out.n ? KJ_STR(",") : KJ_STR("any but "));
			if (name)
				kj_buf_put(&out, kj_str_of(name));
			else
				kj_buf_int(&out, (int64_t)proto);
		}
	}
	return kj_buf_str(&out);
}

/* "22,80-90"; "every port but 22" where that is shorter */
static void put_ports(struct kj_buf *out, const struct kj_fw_intervals *ports)
{
	struct kj_fw_intervals others = kj_fw_complement(out->arena, ports, (struct kj_fw_key){0, 65535});
	bool but = others.at.n < ports->at.n;
	kj_buf_put(out, !others.at.n ? KJ_STR(", every port") : but ? KJ_STR(", every port but ") : KJ_STR(" "));
	if (others.at.n)
		kj_fw_put_numbers(out, but ? &others : ports);
}

kj_str kj_fw_part_service(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_str proto = kj_fw_part_proto(arena, part);
	const char *name = NULL;
	if (kj_str_eq(proto, KJ_STR("other")))
		return other_protocols(arena, part);
	if (kj_fw_part_has_ports(part) && single(&part->ports))
		name = kj_fw_service_name((unsigned)part->protos.at.at[0].first.lo,
		                          (unsigned)part->ports.at.at[0].first.lo);
	if (name)
		kj_buf_fmt(&out, "%s (", name);
	kj_buf_put(&out, proto);
	if (kj_fw_part_has_types(part)) {
		kj_buf_char(&out, ' ');
		put_types(&out, part);
	}
	if (kj_fw_part_has_ports(part))
		put_ports(&out, &part->ports);
	kj_buf_put(&out, name ? KJ_STR(")") : KJ_STR(""));
	return kj_buf_str(&out);
}

kj_str kj_fw_base_name(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	return slash < path.n ? kj_str_from(path, slash + 1) : path;
}

/* Columns of blanks tell nothing in a line that stands alone. */
static void put_words(struct kj_buf *out, kj_str text)
{
	kj_str word;
	for (bool first = true; kj_str_word(&text, &word); first = false) {
		kj_buf_put(out, first ? KJ_STR("") : KJ_STR(" "));
		kj_buf_put(out, word);
	}
}

kj_str kj_fw_line_str(struct kj_arena *arena, const struct kj_fw_ruleset *rs, uint32_t line, kj_str text)
{
	const struct kj_text *artifact = kj_fw_ruleset_place(rs, &line);
	struct kj_buf out = KJ_BUF(arena);
	if (line && !kj_str_eq(artifact->name, rs->text->name)) {
		kj_buf_put(&out, kj_fw_base_name(artifact->name));
		kj_buf_char(&out, ':');
	}
	if (line)
		kj_buf_fmt(&out, "%u: ", line);
	put_words(&out, text);
	return kj_buf_str(&out);
}

kj_str kj_fw_decider_str(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_decider *decider)
{
	return kj_fw_line_str(arena, rs, decider->line, decider->text);
}

kj_str kj_fw_deciders_str(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < part->deciders.n; i++) {
		kj_buf_put(&out, i ? KJ_STR("; ") : KJ_STR(""));
		kj_buf_put(&out, kj_fw_decider_str(arena, rs, &part->deciders.at[i]));
	}
	return kj_buf_str(&out);
}
