#include "firewall/print.h"

#include "base/utf8.h"
#include "firewall/review.h"
#include "firewall/services.h"
#include "firewall/table.h"

/* -- addresses -- */

struct prefix {
	struct kj_fw_interval block;
	unsigned free; /* bits behind the prefix */
};

static struct kj_fw_key plus(struct kj_fw_key key, unsigned bit)
{
	struct kj_fw_key sum = key;
	if (bit >= 64)
		sum.hi += (uint64_t)1 << (bit - 64);
	else
		sum.lo += (uint64_t)1 << bit;
	sum.hi += sum.lo < key.lo;
	return sum;
}

/* first + 2^bits - 1 */
static struct kj_fw_key block_end(struct kj_fw_key first, unsigned bits)
{
	first.lo |= bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
	if (bits > 64)
		first.hi |= bits >= 128 ? UINT64_MAX : ((uint64_t)1 << (bits - 64)) - 1;
	return first;
}

static bool aligned(struct kj_fw_key key, unsigned bits)
{
	struct kj_fw_key ones = block_end((struct kj_fw_key){0, 0}, bits);
	return !(key.lo & ones.lo) && !(key.hi & ones.hi);
}

static bool above(struct kj_fw_key a, struct kj_fw_key b)
{
	return a.hi > b.hi || (a.hi == b.hi && a.lo > b.lo);
}

/* Goes through the fewest prefixes that make up some intervals. */
struct walk {
	const struct kj_fw_intervals *of;
	size_t done;                /* intervals */
	struct kj_fw_interval rest; /* of the present one */
	bool inside;
};

static bool next_prefix(struct walk *walk, struct prefix *out)
{
	if (!walk->inside && walk->done == walk->of->at.n)
		return false;
	if (!walk->inside)
		walk->rest = walk->of->at.at[walk->done];
	unsigned width = walk->rest.version == 4 ? 32 : 128, bits = 0;
	while (bits < width && aligned(walk->rest.first, bits + 1) &&
	       !above(block_end(walk->rest.first, bits + 1), walk->rest.last))
		bits++;
	*out = (struct prefix){walk->rest, bits};
	out->block.last = block_end(walk->rest.first, bits);
	walk->inside = above(walk->rest.last, out->block.last);
	walk->done += !walk->inside;
	walk->rest.first = plus(out->block.last, 0);
	return true;
}

enum { PREFIX_TEXT = KJ_ADDR_TEXT + 4 };

/* "192.0.2.0/24", or the address where it is but one. */
static kj_str prefix_str(const struct prefix *prefix, char text[PREFIX_TEXT])
{
	struct kj_range range = kj_fw_interval_range(&prefix->block);
	unsigned length = (prefix->block.version == 4 ? 32 : 128) - prefix->free;
	size_t n = kj_addr_write(&range.first, text);
	if (!prefix->free)
		return (kj_str){text, n};
	text[n++] = '/';
	if (length >= 100)
		text[n++] = '1';
	if (length >= 10)
		text[n++] = (char)('0' + length / 10 % 10);
	text[n++] = (char)('0' + length % 10);
	return (kj_str){text, n};
}

kj_str kj_fw_addresses(struct kj_arena *arena, const struct kj_fw_intervals *intervals, size_t most)
{
	struct walk walk = {.of = intervals};
	struct prefix prefix;
	struct kj_buf out = KJ_BUF(arena);
	char text[PREFIX_TEXT];
	size_t n = 0;
	for (; next_prefix(&walk, &prefix); n++) {
		if (n >= most)
			continue;
		kj_buf_put(&out, n ? KJ_STR(", ") : KJ_STR(""));
		kj_buf_put(&out, prefix_str(&prefix, text));
	}
	if (n > most)
		kj_buf_fmt(&out, " and %zu more", n - most);
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
static void put_numbers(struct kj_buf *out, const struct kj_fw_intervals *intervals)
{
	for (size_t i = 0; i < intervals->at.n; i++) {
		const struct kj_fw_interval *in = &intervals->at.at[i];
		kj_buf_fmt(out, i ? ",%u" : "%u", (unsigned)in->first.lo);
		if (in->last.lo > in->first.lo)
			kj_buf_fmt(out, "-%u", (unsigned)in->last.lo);
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

static bool has_ports(const struct kj_fw_part *part)
{
	return single(&part->protos) && kj_fw_proto_has_ports((unsigned)part->protos.at.at[0].first.lo);
}

static bool has_types(const struct kj_fw_part *part)
{
	return single(&part->protos) && is_icmp(part->protos.at.at[0].first.lo) && !whole(&part->ports, 65535);
}

kj_str kj_fw_part_ports(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	if (has_ports(part))
		put_numbers(&out, &part->ports);
	return kj_buf_str(&out);
}

/* -- JSON -- */

/* The greatest code that has a meaning (IANA, ICMP and ICMPv6 parameters); codes above it are told as a range. */
static unsigned known_codes(uint64_t proto, unsigned type)
{
	static const struct {
		unsigned char proto, type, code;
	} rows[] = {{KJ_FW_ICMP, 3, 15},  {KJ_FW_ICMP, 5, 3},   {KJ_FW_ICMP, 11, 1}, {KJ_FW_ICMP, 12, 2},
	            {KJ_FW_ICMPV6, 1, 8}, {KJ_FW_ICMPV6, 3, 1}, {KJ_FW_ICMPV6, 4, 3}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].proto == proto && rows[i].type == type)
			return rows[i].code;
	}
	return 0;
}

/* "8/0", "8/1-255" …: codes that have a meaning one by one. */
static void json_types(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_part *part)
{
	uint64_t proto = part->protos.at.at[0].first.lo;
	for (size_t i = 0; i < part->ports.at.n; i++) {
		unsigned code = (unsigned)part->ports.at.at[i].first.lo, last = (unsigned)part->ports.at.at[i].last.lo;
		while (code <= last) {
			unsigned type = code / 256, known = type * 256 + known_codes(proto, type);
			unsigned to = code <= known ? code : last < type * 256 + 255 ? last : type * 256 + 255;
			kj_json_str(json, to > code ? kj_str_fmt(arena, "%u/%u-%u", type, code % 256, to % 256)
			                            : kj_str_fmt(arena, "%u/%u", type, code % 256));
			code = to + 1;
		}
	}
}

void kj_fw_json_addresses(struct kj_json *json, const char *key, const struct kj_fw_intervals *intervals)
{
	struct walk walk = {.of = intervals};
	struct prefix prefix;
	char text[PREFIX_TEXT];
	kj_json_key(json, key);
	kj_json_array(json);
	while (next_prefix(&walk, &prefix))
		kj_json_str(json, prefix_str(&prefix, text));
	kj_json_array_end(json);
}

/* The leaving interfaces that a part is for; nothing when it is for all. */
static void json_oifs(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_ruleset *rs,
                      const struct kj_fw_part *part)
{
	if (!part->oifs.n)
		return;
	kj_json_key(json, "oface");
	kj_json_array(json);
	for (size_t i = 0; i < part->oifs.n; i++)
		kj_json_str(json, kj_fw_iface_name(arena, rs, part->oifs.at[i]));
	kj_json_array_end(json);
}

void kj_fw_json_what(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_part *part)
{
	kj_str proto = kj_fw_part_proto(arena, part);
	kj_json_pair_str(json, "proto", proto);
	if (kj_str_eq(proto, KJ_STR("other"))) {
		struct kj_buf numbers = KJ_BUF(arena);
		put_numbers(&numbers, &part->protos);
		kj_json_pair_str(json, "protos", kj_buf_str(&numbers));
	}
	if (has_ports(part))
		kj_json_pair_str(json, "ports", kj_fw_part_ports(arena, part));
	if (has_types(part)) {
		kj_json_key(json, "icmp");
		kj_json_array(json);
		json_types(arena, json, part);
		kj_json_array_end(json);
	}
	kj_fw_json_addresses(json, "from", &part->src);
	kj_fw_json_addresses(json, "to", &part->dst);
}

void kj_fw_json_rules(struct kj_json *json, const char *key, const struct kj_fw_ruleset *rs,
                      const struct kj_fw_decider *deciders, size_t n)
{
	kj_json_key(json, key);
	kj_json_array(json);
	for (size_t i = 0; i < n; i++) {
		kj_json_object(json);
		kj_json_pair_str(json, "artifact", rs->text->name);
		kj_json_pair_int(json, "line", deciders[i].line);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void json_part(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_ruleset *rs,
                      const struct kj_fw_part *part)
{
	kj_json_object(json);
	kj_fw_json_what(arena, json, part);
	json_oifs(arena, json, rs, part);
	kj_json_pair_bool(json, "certain", part->certain);
	kj_fw_json_rules(json, "rules", rs, part->deciders.at, part->deciders.n);
	kj_json_object_end(json);
}

static void json_entry(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_ruleset *rs,
                       const struct kj_fw_entry *entry)
{
	kj_json_object(json);
	kj_json_pair_str(json, "hook", kj_str_of(kj_fw_hook_name(entry->hook)));
	kj_json_pair_str(json, "iface", entry->iface);
	if (entry->hook != KJ_FW_INPUT)
		kj_json_pair_str(json, "oface", entry->oface);
	if (entry->diverted)
		kj_json_pair_bool(json, "diverted", true);
	kj_json_key(json, "accepts");
	kj_json_array(json);
	for (size_t i = 0; i < entry->answer.parts.n; i++)
		json_part(arena, json, rs, &entry->answer.parts.at[i]);
	kj_json_array_end(json);
	kj_json_object_end(json);
}

void kj_fw_json_notes(struct kj_json *json, const struct kj_fw_ruleset *rs)
{
	kj_json_key(json, "unsupported");
	kj_json_array(json);
	for (size_t i = 0; i < rs->notes.n; i++) {
		kj_json_object(json);
		kj_json_pair_int(json, "line", rs->notes.at[i].line);
		kj_json_pair_str(json, "what", rs->notes.at[i].what);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void json_dump(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_survey *survey)
{
	kj_json_object(json);
	kj_json_pair_str(json, "artifact", survey->rs->text->name);
	kj_json_pair_str(json, "dialect", survey->rs->dialect);
	if (survey->rs->name.n)
		kj_json_pair_str(json, "name", survey->rs->name);
	kj_json_key(json, "hooks");
	kj_json_array(json);
	for (size_t e = 0; e < survey->entries.n; e++)
		json_entry(arena, json, survey->rs, &survey->entries.at[e]);
	kj_json_array_end(json);
	kj_fw_json_notes(json, survey->rs);
	if (survey->review)
		kj_fw_review_json(json, survey->review);
	if (!survey->complete)
		kj_json_pair_str(json, "limit",
		                 KJ_STR("the analysis reached its limit; where it did, everything may be open"));
	kj_json_object_end(json);
}

void kj_fw_json_dumps(struct kj_json *json, const struct kj_fw_survey *surveys, size_t n)
{
	kj_json_key(json, "dumps");
	kj_json_array(json);
	for (size_t i = 0; i < n; i++)
		json_dump(json->out->arena, json, &surveys[i]);
	kj_json_array_end(json);
}

void kj_fw_print_json(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n, int indent)
{
	struct kj_json json = KJ_JSON(out, indent);
	kj_json_object(&json);
	kj_json_pair_int(&json, "schema", 1);
	kj_fw_json_dumps(&json, surveys, n);
	kj_json_object_end(&json);
	kj_buf_char(out, '\n');
}

/* -- for people -- */

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

kj_str kj_fw_part_service(struct kj_arena *arena, const struct kj_fw_part *part)
{
	kj_str proto = kj_fw_part_proto(arena, part), ports = kj_fw_part_ports(arena, part);
	struct kj_buf types = KJ_BUF(arena);
	if (kj_str_eq(proto, KJ_STR("other"))) {
		put_numbers(&types, &part->protos);
		return kj_str_fmt(arena, "protocols %.*s", KJ_FMT(kj_buf_str(&types)));
	}
	if (has_types(part))
		put_types(&types, part);
	if (types.n)
		return kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(proto), KJ_FMT(kj_buf_str(&types)));
	if (!has_ports(part) || whole(&part->ports, 65535))
		return kj_str_fmt(arena, "%.*s%s", KJ_FMT(proto), has_ports(part) ? ", every port" : "");
	const char *name = single(&part->ports) ? kj_fw_service_name((unsigned)part->protos.at.at[0].first.lo,
	                                                             (unsigned)part->ports.at.at[0].first.lo)
	                                        : NULL;
	return name ? kj_str_fmt(arena, "%s (%.*s %.*s)", name, KJ_FMT(proto), KJ_FMT(ports))
	            : kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(proto), KJ_FMT(ports));
}

enum { ADDRESSES_SHOWN = 4 };

/* "0.0.0.0/0", "10.0.0.0/8 by eth1" */
static kj_str destinations(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_put(&out, kj_fw_addresses(arena, &part->dst, ADDRESSES_SHOWN));
	for (size_t i = 0; i < part->oifs.n; i++) {
		kj_buf_put(&out, i ? KJ_STR(", ") : KJ_STR(" by "));
		kj_str name = kj_fw_iface_name(arena, rs, part->oifs.at[i]);
		kj_buf_put(&out, kj_str_eq(name, KJ_STR("*")) ? KJ_STR("any other") : name);
	}
	return kj_buf_str(&out);
}

kj_str kj_fw_decider_str(struct kj_arena *arena, const struct kj_fw_decider *decider)
{
	return decider->line ? kj_str_fmt(arena, "%u: %.*s", decider->line, KJ_FMT(decider->text)) : decider->text;
}

kj_str kj_fw_deciders_str(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < part->deciders.n; i++) {
		kj_buf_put(&out, i ? KJ_STR("; ") : KJ_STR(""));
		kj_buf_put(&out, kj_fw_decider_str(arena, &part->deciders.at[i]));
	}
	return kj_buf_str(&out);
}

/* "input, arriving at eth0:" */
static void put_heading(struct kj_buf *out, const struct kj_fw_entry *entry)
{
	struct kj_buf line = KJ_BUF(out->arena);
	kj_buf_fmt(&line, "%s", kj_fw_hook_name(entry->hook));
	bool other_in = kj_str_eq(entry->iface, KJ_STR("*")), other_out = kj_str_eq(entry->oface, KJ_STR("*"));
	if (entry->hook != KJ_FW_OUTPUT && !other_in)
		kj_buf_fmt(&line, ", arriving at %.*s", KJ_FMT(entry->iface));
	else if (entry->hook != KJ_FW_OUTPUT)
		kj_buf_put(&line, KJ_STR(", arriving at any other interface"));
	if (entry->hook != KJ_FW_INPUT && !other_out)
		kj_buf_fmt(&line, ", leaving by %.*s", KJ_FMT(entry->oface));
	else if (entry->hook == KJ_FW_OUTPUT)
		kj_buf_put(&line, KJ_STR(", leaving by any other interface"));
	if (entry->diverted)
		kj_buf_put(&line, entry->hook == KJ_FW_FORWARD ? KJ_STR(" (sent to this host, passed on by DNAT)")
		                                               : KJ_STR(" (sent to others, taken in by REDIRECT)"));
	kj_buf_safe(out, kj_buf_str(&line), 0);
	kj_buf_char(out, '\n');
}

static void text_entry(struct kj_buf *out, const struct kj_fw_ruleset *rs, const struct kj_fw_entry *entry)
{
	struct kj_arena *arena = out->arena;
	struct kj_fw_table table = {.columns = 5};
	put_heading(out, entry);
	if (!entry->answer.parts.n) {
		kj_buf_put(out, KJ_STR("  nothing gets in\n"));
		return;
	}
	kj_fw_table_add(arena, &table,
	                (struct kj_fw_cells){
	                        {KJ_STR("SERVICE"), KJ_STR("FROM"), KJ_STR("TO"), KJ_STR("CERTAIN"), KJ_STR("RULE")}});
	for (size_t i = 0; i < entry->answer.parts.n; i++) {
		const struct kj_fw_part *part = &entry->answer.parts.at[i];
		kj_fw_table_add(arena, &table,
		                (struct kj_fw_cells){{kj_fw_part_service(arena, part),
		                                      kj_fw_addresses(arena, &part->src, ADDRESSES_SHOWN),
		                                      destinations(arena, rs, part),
		                                      part->certain ? KJ_STR("yes") : KJ_STR("maybe"),
		                                      kj_fw_deciders_str(arena, part)}});
	}
	kj_fw_table_put(out, &table);
}

void kj_fw_put_name(struct kj_buf *out, const struct kj_fw_ruleset *rs)
{
	kj_buf_safe(out, rs->text->name, 0);
	kj_buf_put(out, rs->name.n ? KJ_STR(" ") : KJ_STR(""));
	kj_buf_safe(out, rs->name, 0);
	kj_buf_fmt(out, " (%.*s)\n", KJ_FMT(rs->dialect));
}

void kj_fw_print_text(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct kj_fw_survey *survey = &surveys[i];
		kj_buf_put(out, i ? KJ_STR("\n") : KJ_STR(""));
		kj_fw_put_name(out, survey->rs);
		for (size_t e = 0; e < survey->entries.n; e++)
			text_entry(out, survey->rs, &survey->entries.at[e]);
		if (!survey->complete)
			kj_buf_put(out, KJ_STR("the analysis reached its limit; what is missing here is not known to "
			                       "be closed\n"));
		for (size_t note = 0; note < survey->rs->notes.n; note++) {
			kj_buf_fmt(out, "line %u: ", survey->rs->notes.at[note].line);
			kj_buf_safe(out, survey->rs->notes.at[note].what, 0);
			kj_buf_char(out, '\n');
		}
		if (survey->review)
			kj_fw_review_text(out, survey->review);
	}
}
