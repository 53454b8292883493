/* Surveys as JSON. */
#include "firewall/join.h"
#include "firewall/prefix.h"
#include "firewall/print.h"
#include "firewall/review.h"

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
	struct kj_fw_prefix_walk walk = {.of = intervals};
	struct kj_fw_prefix prefix;
	char text[KJ_FW_PREFIX_TEXT];
	kj_json_key(json, key);
	kj_json_array(json);
	while (kj_fw_prefix_next(&walk, &prefix))
		kj_json_str(json, kj_fw_prefix_str(&prefix, text));
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
		kj_fw_put_numbers(&numbers, &part->protos);
		kj_json_pair_str(json, "protos", kj_buf_str(&numbers));
	}
	if (kj_fw_part_has_ports(part))
		kj_json_pair_str(json, "ports", kj_fw_part_ports(arena, part));
	if (kj_fw_part_has_types(part)) {
		kj_json_key(json, "icmp");
		kj_json_array(json);
		json_types(arena, json, part);
		kj_json_array_end(json);
	}
	kj_fw_json_addresses(json, "from", &part->src);
	kj_fw_json_addresses(json, "to", &part->dst);
}

void kj_fw_json_place(struct kj_json *json, const struct kj_fw_ruleset *rs, uint32_t line)
{
	const struct kj_text *artifact = kj_fw_ruleset_place(rs, &line);
	kj_json_pair_str(json, "artifact", artifact->name);
	kj_json_pair_int(json, "line", line);
}

void kj_fw_json_rules(struct kj_json *json, const char *key, const struct kj_fw_ruleset *rs,
                      const struct kj_fw_decider *deciders, size_t n)
{
	kj_json_key(json, key);
	kj_json_array(json);
	for (size_t i = 0; i < n; i++) {
		kj_json_object(json);
		kj_fw_json_place(json, rs, deciders[i].line);
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
		uint32_t line = rs->notes.at[i].line;
		const struct kj_text *artifact = kj_fw_ruleset_place(rs, &line);
		if (!kj_str_eq(artifact->name, rs->text->name))
			kj_json_pair_str(json, "artifact", artifact->name);
		kj_json_pair_int(json, "line", line);
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
