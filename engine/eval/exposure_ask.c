/* Asking the firewall analysis for what is let in, to whom. */
#include "eval/exposure.h"
#include "firewall/survey.h"

/* ---- which interfaces ---- */

struct ifaces {
	KJ_VEC(uint32_t) at;
};

static bool lists(const struct kj_node *zones, kj_str zone)
{
	for (size_t i = 0; i < zones->n; i++) {
		if (kj_str_eq(zones->items[i]->text, zone))
			return true;
	}
	return false;
}

/* Those that fleet.yml puts the zone behind, and (`bare`) those that it puts none behind; any, where it does not say. */
static struct ifaces ifaces_of(const struct kj_exposure *q, const struct kj_fw_ruleset *rs, kj_str zone, bool bare)
{
	const struct kj_node *map = q->c->subject->interfaces;
	struct ifaces ifaces = {{0}};
	bool told = false;
	for (size_t i = 0; map && i < map->n; i++) {
		const struct kj_node *zones = map->pairs[i].value;
		if (lists(zones, zone) || (bare && !zones->n))
			KJ_PUSH(q->c->arena, &ifaces.at, kj_fw_iface_find(rs, map->pairs[i].key->text));
		told = told || lists(zones, zone);
	}
	if (!told) {
		ifaces.at.n = 0;
		KJ_PUSH(q->c->arena, &ifaces.at, KJ_FW_ANY_IFACE);
	}
	return ifaces;
}

static bool is_listed(const struct kj_node *map, const struct kj_fw_iface *iface)
{
	for (size_t i = 0; i < map->n; i++) {
		kj_str name = map->pairs[i].key->text;
		if (kj_str_eq(name, iface->name) || (iface->wildcard && kj_str_starts(name, iface->name)))
			return true;
	}
	return false;
}

static void check_ifaces(struct kj_exposure *q, const struct kj_fw_ruleset *rs)
{
	const struct kj_node *map = q->c->subject->interfaces;
	for (size_t i = 1; map && i < rs->ifaces.n; i++) {
		const struct kj_fw_iface *iface = &rs->ifaces.at[i];
		if (kj_str_eq(iface->name, KJ_STR("lo")) || !iface->name.n || is_listed(map, iface))
			continue;
		kj_exposure_note(
		        q, KJ_MAYBE,
		        kj_say(q->c->arena,
		               "the rules speak of the interface %.*s, and fleet.yml does not say who is behind it",
		               "ルールにあるインターフェース %.*s の先のゾーンが fleet.yml に書かれていません",
		               KJ_FMT(kj_fw_iface_name(q->c->arena, rs, (uint32_t)i))),
		        rs->text);
	}
}

void kj_exposure_check_ifaces(struct kj_exposure *q)
{
	const struct kj_dumps *dumps = kj_dumps_of(q->c);
	for (size_t i = 0; i < dumps->rulesets.n; i++)
		check_ifaces(q, dumps->rulesets.at[i]);
}

/* ---- asking ---- */

static bool has_family(const struct kj_fw_set *set, unsigned version)
{
	for (size_t i = 0; i < set->at.n; i++) {
		if (set->at.at[i].version == version)
			return true;
	}
	return false;
}

/* One question, by each way that the zone's packets come in. */
static bool ask(struct kj_exposure *q, const struct kj_fw_ruleset *rs, struct kj_fw_analysis *analysis,
                struct kj_fw_question question, kj_exposure_part *each)
{
	struct ifaces in = ifaces_of(q, rs, q->zone, false);
	for (size_t i = 0; i < in.at.n; i++) {
		struct kj_fw_answer answer = {{0}};
		question.iif = in.at.at[i];
		if (!kj_fw_ask(analysis, &question, &answer))
			return false;
		for (size_t k = 0; k < answer.parts.n; k++)
			each(q, rs, &answer.parts.at[k]);
	}
	return true;
}

/* What is forwarded to q->to, by the interfaces before its zone: sent to the host and led on, and (not to be asked for the
   host itself) sent to others. */
static bool ask_forward(struct kj_exposure *q, const struct kj_fw_ruleset *rs, struct kj_fw_analysis *analysis,
                        kj_str to, kj_exposure_part *each)
{
	struct ifaces out = ifaces_of(q, rs, to, kj_str_eq(to, KJ_STR("internet")));
	bool ok = true;
	for (size_t i = 0; i < out.at.n && ok; i++) {
		struct kj_fw_question question = {.hook = KJ_FW_FORWARD, .oif = out.at.at[i]};
		ok = q->target == KJ_TO_SELF || ask(q, rs, analysis, question, each);
		question.diverted = true;
		ok = ok && ask(q, rs, analysis, question, each);
	}
	return ok;
}

/* Zone by zone where fleet.yml tells by which interface a zone is reached, for only so it is known which rule holds. What
   is in no zone is on the internet or behind an interface without zones (containers); for all that fleet.yml tells it may
   be behind any other too. */
static bool ask_anywhere(struct kj_exposure *q, const struct kj_fw_ruleset *rs, struct kj_fw_analysis *analysis,
                         kj_exposure_part *each)
{
	const struct kj_fleet *fleet = q->c->subject->fleet;
	q->to = NULL;
	if (!q->c->subject->interfaces)
		return ask_forward(q, rs, analysis, KJ_STR(""), each);
	q->to = kj_zone_rest(q->c->arena, fleet);
	bool declared = fleet && kj_fleet_zone(fleet, KJ_STR("internet"));
	bool ok = declared || ask_forward(q, rs, analysis, KJ_STR("internet"), each);
	ok = ok && ask_forward(q, rs, analysis, KJ_STR(""), each);
	for (size_t i = 0; ok && fleet && i < fleet->zone_count; i++) {
		q->to = kj_zone_set(q->c->arena, fleet, fleet->zones[i].name);
		ok = ask_forward(q, rs, analysis, fleet->zones[i].name, each);
	}
	return ok;
}

/* All ways in: to the host itself, and what DNAT passes on from it (published container ports). For what lies behind it:
   forwarded packets. */
static bool ask_ways(struct kj_exposure *q, const struct kj_fw_ruleset *rs, struct kj_fw_analysis *analysis,
                     kj_exposure_part *each)
{
	struct kj_fw_question input = {.hook = KJ_FW_INPUT, .oif = KJ_FW_ANY_IFACE};
	if (q->target == KJ_TO_ZONE)
		return ask_forward(q, rs, analysis, q->check->exposure.to, each);
	if (q->target == KJ_TO_ANYWHERE)
		return ask_anywhere(q, rs, analysis, each);
	q->to = NULL;
	bool ok = ask(q, rs, analysis, input, each);
	input.diverted = true; /* sent to others, taken in by REDIRECT */
	ok = ask(q, rs, analysis, input, each) && ok;
	return q->target == KJ_TO_LOCAL ? ok : ask_anywhere(q, rs, analysis, each) && ok;
}

/* Where packets end up is told by the answers: those that DNAT leads to a zone were sent elsewhere. */
static bool ask_family(struct kj_exposure *q, const struct kj_fw_ruleset *rs, unsigned char version,
                       kj_exposure_part *each)
{
	struct kj_fw_work *work = kj_fw_work_new(q->c->arena);
	struct kj_fw_scope scope = {.version = version, .src = q->from, .results = q->c->arena};
	bool ok = ask_ways(q, rs, kj_fw_analysis_new(work->arena, rs, &scope), each);
	kj_fw_work_done(work);
	return ok;
}

void kj_exposure_ask(struct kj_exposure *q, kj_exposure_part *each)
{
	const struct kj_dumps *dumps = kj_dumps_of(q->c);
	for (unsigned char version = 4; version <= 6; version += 2) {
		unsigned family = version == 4 ? KJ_FW_V4 : KJ_FW_V6;
		if (!(dumps->families & family))
			kj_exposure_note(q, KJ_MAYBE,
			                 kj_say(q->c->arena, "no rule dump for IPv%d was collected",
			                        "IPv%d のルールが収集されていません", version),
			                 NULL);
		if (!has_family(q->from, version) || (q->target == KJ_TO_ZONE && !has_family(q->to, version)))
			continue;
		for (size_t i = 0; i < dumps->rulesets.n; i++) {
			const struct kj_fw_ruleset *rs = dumps->rulesets.at[i];
			if ((rs->families & family) && !ask_family(q, rs, version, each))
				kj_exposure_note(q, KJ_BROKEN,
				                 kj_say(q->c->arena,
				                        "the rules are too many to be analysed within the limit%s",
				                        "ルールが多すぎて上限内で解析できません%s", ""),
				                 rs->text);
		}
	}
}
