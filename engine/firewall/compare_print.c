/* Comparisons for programs and for people. */
#include "firewall/compare.h"

#include "base/utf8.h"
#include "firewall/lead.h"
#include "firewall/print.h"
#include "firewall/services.h"
#include "firewall/table.h"
#include "firewall/witness.h"

/* -- what could not be compared -- */

struct gaps {
	KJ_VEC(kj_str) at;
};

static struct gaps gaps_of(struct kj_arena *arena, const struct kj_fw_comparison *comparison)
{
	static const char *const names[KJ_FW_SIDES] = {"old", "new"};
	struct gaps gaps = {0};
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		for (unsigned version = 4; version <= 6; version += 2) {
			if (comparison->only[side] & (version == 4 ? KJ_FW_V4 : KJ_FW_V6))
				KJ_PUSH(arena, &gaps.at,
				        kj_str_fmt(arena, "IPv%u is not compared: only the %s side speaks of it",
				                   version, names[side]));
		}
		if (comparison->extra[side])
			KJ_PUSH(arena, &gaps.at,
			        kj_str_fmt(arena, "not compared: %zu more of the %s side's dumps than the other has",
			                   comparison->extra[side], names[side]));
	}
	if (comparison->unseen.n)
		KJ_PUSH(arena, &gaps.at,
		        kj_str_fmt(arena,
		                   "set '%.*s' is in neither dump: whether its elements are the same is not known",
		                   KJ_FMT(comparison->unseen)));
	if (!comparison->complete)
		KJ_PUSH(arena, &gaps.at,
		        KJ_STR("the analysis reached its limit: there may be differences that are not told"));
	return gaps;
}

/* -- JSON -- */

static void json_ifaces(struct kj_json *json, const char *key, const struct kj_fw_ifaces *ifaces)
{
	kj_json_key(json, key);
	kj_json_array(json);
	for (size_t i = 0; i < ifaces->at.n; i++)
		kj_json_str(json, ifaces->at.at[i]);
	kj_json_array_end(json);
}

static void json_witness(struct kj_json *json, const struct kj_fw_packet *packet)
{
	struct kj_arena *arena = json->out->arena;
	const char *name = kj_fw_proto_name(packet->proto);
	bool icmp = packet->proto == KJ_FW_ICMP || packet->proto == KJ_FW_ICMPV6;
	kj_json_key(json, "witness");
	kj_json_object(json);
	kj_json_pair_str(json, "proto", name ? kj_str_of(name) : kj_str_fmt(arena, "%u", packet->proto));
	kj_json_pair_str(json, "from", kj_fw_address_str(arena, packet->src, packet->version));
	kj_json_pair_str(json, "to", kj_fw_address_str(arena, packet->dst, packet->version));
	if (kj_fw_proto_has_ports(packet->proto))
		kj_json_pair_int(json, "port", packet->port);
	else if (icmp)
		kj_json_pair_str(json, "icmp", kj_str_fmt(arena, "%u/%u", packet->port / 256u, packet->port % 256u));
	kj_json_object_end(json);
}

/* Where the connections go on one side. Neither "to" nor "ports": as they were sent. */
static void json_lead(struct kj_json *json, const char *key, const struct kj_fw_ruleset *rs,
                      const struct kj_fw_decider *by, unsigned char version)
{
	const struct kj_fw_rewrite *rewrite = kj_fw_lead(by);
	kj_json_key(json, key);
	kj_json_object(json);
	if (!kj_fw_lead_keeps_address(rewrite)) {
		struct kj_fw_intervals to = kj_fw_lead_to(json->out->arena, rewrite, version);
		if (rewrite->to_self || !to.at.n)
			kj_json_pair_bool(json, rewrite->to_self ? "self" : "unknown", true);
		else
			kj_fw_json_addresses(json, "to", &to);
	}
	if (rewrite && rewrite->has_port)
		kj_json_pair_str(json, "ports",
		                 kj_str_fmt(json->out->arena,
		                            rewrite->port_first == rewrite->port_last ? "%u" : "%u-%u",
		                            rewrite->port_first, rewrite->port_last));
	kj_fw_json_rules(json, "rules", rs, by, rewrite ? 1 : 0);
	kj_json_object_end(json);
}

static void json_change(struct kj_json *json, const struct kj_fw_change *change, bool elsewhere)
{
	const struct kj_fw_part *part = &change->part;
	kj_json_object(json);
	kj_json_pair_str(json, "hook", kj_str_of(kj_fw_hook_name(change->hook)));
	json_ifaces(json, change->hook == KJ_FW_OUTPUT ? "ofaces" : "ifaces", &change->ifaces);
	if (change->hook == KJ_FW_FORWARD && !change->ofaces.every)
		json_ifaces(json, "ofaces", &change->ofaces);
	if (change->diverted)
		kj_json_pair_bool(json, "diverted", true);
	kj_fw_json_what(json->out->arena, json, part);
	kj_json_pair_bool(json, "certain", part->certain);
	if (elsewhere) {
		json_lead(json, "old", change->against, change->leads[KJ_FW_OLD], change->witness.version);
		json_lead(json, "new", change->by, change->leads[KJ_FW_NOW], change->witness.version);
	} else {
		kj_fw_json_rules(json, "rules", change->by, part->deciders.at, part->deciders.n);
	}
	if (change->has_closer)
		kj_fw_json_rules(json, "closed_by", change->against, &change->closer, 1);
	json_witness(json, &change->witness);
	kj_json_object_end(json);
}

static void json_changes(struct kj_json *json, const char *key, const struct kj_fw_changes *changes, bool elsewhere)
{
	kj_json_key(json, key);
	kj_json_array(json);
	for (size_t i = 0; i < changes->at.n; i++)
		json_change(json, &changes->at.at[i], elsewhere);
	kj_json_array_end(json);
}

static void json_side(struct kj_json *json, const char *key, const struct kj_fw_rulesets *rulesets)
{
	kj_json_key(json, key);
	kj_json_array(json);
	for (size_t i = 0; i < rulesets->at.n; i++) {
		const struct kj_fw_ruleset *rs = rulesets->at.at[i];
		kj_json_object(json);
		kj_json_pair_str(json, "artifact", rs->text->name);
		kj_json_pair_str(json, "dialect", rs->dialect);
		if (rs->name.n)
			kj_json_pair_str(json, "name", rs->name);
		kj_fw_json_notes(json, rs);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

void kj_fw_compare_json(struct kj_buf *out, const struct kj_fw_comparison *comparison, const struct kj_fw_rulesets *old,
                        const struct kj_fw_rulesets *now, int indent)
{
	struct kj_json json = KJ_JSON(out, indent);
	struct gaps gaps = gaps_of(out->arena, comparison);
	kj_json_object(&json);
	kj_json_pair_int(&json, "schema", 1);
	kj_json_key(&json, "compare");
	kj_json_object(&json);
	json_side(&json, "old", old);
	json_side(&json, "new", now);
	json_changes(&json, "opens", &comparison->opens, false);
	json_changes(&json, "closes", &comparison->closes, false);
	json_changes(&json, "leads_elsewhere", &comparison->elsewhere, true);
	kj_json_key(&json, "not_compared");
	kj_json_array(&json);
	for (size_t i = 0; i < gaps.at.n; i++)
		kj_json_str(&json, gaps.at.at[i]);
	kj_json_array_end(&json);
	kj_json_object_end(&json);
	kj_json_object_end(&json);
	kj_buf_char(out, '\n');
}

/* -- for people -- */

/* ", arriving at eth0, eth1" */
static void put_ifaces(struct kj_buf *out, const char *before, const struct kj_fw_ifaces *ifaces)
{
	for (size_t i = 0; !ifaces->every && i < ifaces->at.n; i++) {
		kj_str name = ifaces->at.at[i];
		kj_buf_fmt(out, "%s", i ? ", " : before);
		kj_buf_put(out, kj_str_eq(name, KJ_STR("*")) ? KJ_STR("any other interface") : name);
	}
}

static kj_str heading_of(struct kj_arena *arena, const struct kj_fw_change *change)
{
	struct kj_buf out = KJ_BUF(arena);
	bool output = change->hook == KJ_FW_OUTPUT;
	kj_buf_fmt(&out, "  %s", kj_fw_hook_name(change->hook));
	put_ifaces(&out, output ? ", leaving by " : ", arriving at ", &change->ifaces);
	if (change->hook == KJ_FW_FORWARD)
		put_ifaces(&out, ", leaving by ", &change->ofaces);
	if (change->diverted)
		kj_buf_put(&out, change->hook == KJ_FW_FORWARD ? KJ_STR(" (sent to this host, passed on by DNAT)")
		                                               : KJ_STR(" (sent to others, taken in by REDIRECT)"));
	return kj_buf_str(&out);
}

/* The witness, and who turns it away where nothing lets it in. */
static kj_str example_of(struct kj_arena *arena, const struct kj_fw_change *change, const char *other)
{
	struct kj_buf out = KJ_BUF(arena);
	bool to = change->hook != KJ_FW_INPUT || !kj_fw_everywhere(&change->part.dst);
	kj_buf_put(&out, kj_fw_packet_str(arena, &change->witness, to));
	if (change->has_closer) {
		kj_buf_fmt(&out, "; in the %s dump %sturned away by ", other, change->part.certain ? "" : "perhaps ");
		kj_buf_put(&out, kj_fw_decider_str(arena, change->against, &change->closer));
	} else if (!change->against) {
		kj_buf_fmt(&out, "; the %s dump does not have it", other);
	}
	return kj_buf_str(&out);
}

/* "old: to 10.30.0.10 port 22 by 8: -A PREROUTING …" */
static kj_str lead_of(struct kj_arena *arena, const struct kj_fw_change *change, enum kj_fw_side side)
{
	const struct kj_fw_decider *by = change->leads[side];
	kj_str to = kj_fw_lead_words(arena, by, change->witness.version);
	kj_str other = kj_fw_lead_words(arena, change->leads[KJ_FW_SIDES - 1 - side], change->witness.version);
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_fmt(&out, "%s: %sto %.*s", side == KJ_FW_OLD ? "old" : "new", change->part.certain ? "" : "perhaps ",
	           KJ_FMT(to));
	if (kj_str_eq(to, other)) /* the rules are others */
		kj_buf_put(&out, KJ_STR(" or elsewhere"));
	if (by)
		kj_buf_fmt(&out, " by %.*s",
		           KJ_FMT(kj_fw_decider_str(arena, side == KJ_FW_OLD ? change->against : change->by, by)));
	return kj_buf_str(&out);
}

/* One list of a comparison. */
struct section {
	const struct kj_fw_changes *changes;
	const char *heading, *nothing;
	const char *other; /* the side that does not let them in; NULL: both do */
};

static void add_change(struct kj_arena *arena, struct kj_fw_table *table, const struct section *section,
                       const struct kj_fw_change *change)
{
	enum { ADDRESSES_SHOWN = 4 };
	const struct kj_fw_part *part = &change->part;
	if (!table->rows.n)
		kj_fw_table_add(arena, table,
		                (struct kj_fw_cells){{KJ_STR("SERVICE"), KJ_STR("FROM"), KJ_STR("TO"),
		                                      KJ_STR("CERTAIN"), KJ_STR("RULE")}});
	struct kj_fw_cells cells = {
	        {kj_fw_part_service(arena, part), kj_fw_addresses(arena, &part->src, ADDRESSES_SHOWN),
	         kj_fw_addresses(arena, &part->dst, ADDRESSES_SHOWN), part->certain ? KJ_STR("yes") : KJ_STR("maybe")}};
	if (section->other) {
		cells.cell[4] = kj_fw_deciders_str(arena, change->by, part);
		cells.below[0] = example_of(arena, change, section->other);
	} else {
		cells.below[0] = lead_of(arena, change, KJ_FW_OLD);
		cells.below[1] = lead_of(arena, change, KJ_FW_NOW);
		cells.below[2] = kj_fw_packet_str(arena, &change->witness, true);
	}
	kj_fw_table_add(arena, table, cells);
}

static void put_section(struct kj_buf *out, const struct section *section)
{
	struct kj_fw_table empty = {.columns = section->other ? 5 : 4}, table = empty;
	const struct kj_fw_changes *changes = section->changes;
	kj_str heading = {0};
	kj_buf_fmt(out, "%s\n", changes->at.n ? section->heading : section->nothing);
	for (size_t i = 0; i < changes->at.n; i++) {
		kj_str own = heading_of(out->arena, &changes->at.at[i]);
		if (!kj_str_eq(own, heading)) {
			kj_fw_table_put(out, &table);
			table = empty;
			kj_buf_safe(out, own, 0);
			kj_buf_char(out, '\n');
			heading = own;
		}
		add_change(out->arena, &table, section, &changes->at.at[i]);
	}
	kj_fw_table_put(out, &table);
}

static void put_side(struct kj_buf *out, const char *label, const struct kj_fw_rulesets *rulesets)
{
	for (size_t i = 0; i < rulesets->at.n; i++) {
		const struct kj_fw_ruleset *rs = rulesets->at.at[i];
		kj_buf_put(out, kj_str_of(label));
		kj_fw_put_name(out, rs);
		kj_fw_put_notes(out, rs, "  ");
	}
}

/* What was not compared comes first: after it "opens nothing" is read as it should be. */
void kj_fw_compare_text(struct kj_buf *out, const struct kj_fw_comparison *comparison, const struct kj_fw_rulesets *old,
                        const struct kj_fw_rulesets *now)
{
	struct gaps gaps = gaps_of(out->arena, comparison);
	put_side(out, "old: ", old);
	put_side(out, "new: ", now);
	for (size_t i = 0; i < gaps.at.n; i++)
		kj_buf_fmt(out, "%.*s\n", KJ_FMT(gaps.at.at[i]));
	put_section(out, &(struct section){&comparison->opens, "opens:", "opens nothing", "old"});
	put_section(out, &(struct section){&comparison->closes, "closes:", "closes nothing", "new"});
	put_section(out,
	            &(struct section){&comparison->elsewhere, "leads elsewhere:", "leads nothing elsewhere", NULL});
}
