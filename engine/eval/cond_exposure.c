/* `exposure`: what the host's rule dumps let in from a zone, against what may be let in. */
#include "eval/exposure.h"
#include "firewall/print.h"

void kj_exposure_note(struct kj_exposure *q, enum kj_truth truth, struct kj_bilingual reason,
                      const struct kj_text *text)
{
	q->truth = kj_truth_and(q->truth, truth);
	struct kj_proof *proof = q->proofs ? kj_prove(q->c, q->proofs, truth) : NULL;
	if (!proof)
		return;
	kj_proof_at(q->c, proof, text, 0);
	proof->reason = reason;
}

/* ---- what is too much ---- */

static bool covers(const struct kj_service *service, unsigned proto)
{
	return service->proto < 0 ? proto == KJ_FW_TCP || proto == KJ_FW_UDP : (unsigned)service->proto == proto;
}

/* The first stretch of [first, last] that no allowed service covers; false when all is covered. */
static bool uncovered(const struct kj_services *allowed, unsigned proto, unsigned first, unsigned last,
                      struct kj_excess *out)
{
	for (unsigned at = first; at <= last;) {
		unsigned next = at;
		for (size_t i = 0; i < allowed->list.n; i++) {
			const struct kj_service *s = &allowed->list.at[i];
			if (covers(s, proto) && s->first <= at && s->last >= next)
				next = s->last + 1u;
		}
		if (next == at) {
			*out = (struct kj_excess){proto, at, last};
			for (size_t i = 0; i < allowed->list.n; i++) {
				const struct kj_service *s = &allowed->list.at[i];
				if (covers(s, proto) && s->first > at && s->first <= out->last)
					out->last = s->first - 1u;
			}
			return true;
		}
		at = next;
	}
	return false;
}

/* Some port of [first, last] that a forbidden service names. */
static bool forbidden(const struct kj_services *none, unsigned proto, unsigned first, unsigned last,
                      struct kj_excess *out)
{
	for (size_t i = 0; i < none->list.n; i++) {
		const struct kj_service *s = &none->list.at[i];
		if (!covers(s, proto) || s->last < first || s->first > last)
			continue;
		*out = (struct kj_excess){proto, s->first > first ? s->first : first, s->last < last ? s->last : last};
		return true;
	}
	return false;
}

/* The question of items 6-4 and 5-11 is about ports: ICMP is none, and IPv6 does not work without it. */
static bool is_icmp(unsigned proto)
{
	return proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6;
}

/* Of all these ports of the part's protocols. `bounded`: what is not allowed is too much, not only what is forbidden. */
static bool too_much(const struct kj_exposure *q, const struct kj_fw_intervals *protos,
                     const struct kj_fw_intervals *ports, bool bounded, struct kj_excess *out)
{
	for (size_t p = 0; p < protos->at.n; p++) {
		unsigned first = (unsigned)protos->at.at[p].first.lo, last = (unsigned)protos->at.at[p].last.lo;
		for (unsigned proto = first; proto <= last; proto++) {
			size_t n = ports->at.n;
			for (size_t i = 0; i < (n ? n : 1); i++) {
				unsigned from = n ? (unsigned)ports->at.at[i].first.lo : 0,
				         to = n ? (unsigned)ports->at.at[i].last.lo : 65535;
				if (forbidden(&q->forbidden, proto, from, to, out))
					return true;
				if (bounded && q->has_allowed && !is_icmp(proto) &&
				    uncovered(&q->allowed, proto, from, to, out))
					return true;
			}
		}
	}
	return false;
}

static const struct kj_fw_decider *last_decider(const struct kj_fw_part *part)
{
	return part->deciders.n ? &part->deciders.at[part->deciders.n - 1] : NULL;
}

/* ---- judging a part ---- */

/* No rule of the dump looks at it. */
static bool is_unfiltered(const struct kj_fw_part *part)
{
	for (size_t i = 0; i < part->deciders.n; i++) {
		if (part->deciders.at[i].rule || part->deciders.at[i].base)
			return false;
	}
	return true;
}

/* Does the kernel forward at all? False too where sysctl was not collected. */
static bool surely_forwards(const struct kj_exposure *q, const struct kj_fw_part *part)
{
	const struct kj_source *source = kj_map_get(&q->c->bench->program->source_by_id, KJ_STR("sysctl"));
	bool v6 = part->src.at.n && part->src.at.at[0].version == 6;
	if (!source)
		return false;
	const struct kj_setting_list *settings =
	        kj_resolved_get(kj_resolve(q->c->host, source),
	                        v6 ? KJ_STR("net.ipv6.conf.all.forwarding") : KJ_STR("net.ipv4.ip_forward"));
	for (size_t i = 0; settings && i < settings->list.n; i++) {
		const struct kj_setting *s = settings->list.at[i];
		if (s->state == KJ_STATE_EFFECTIVE && !kj_str_eq(s->value, KJ_STR("0")))
			return true;
	}
	return false;
}

/* Why a part is doubtful that the rules by themselves decide; empty: it is not. */
static struct kj_bilingual doubt(const struct kj_exposure *q, const struct kj_fw_part *part)
{
	if (q->target >= KJ_TO_ZONE && is_unfiltered(part) && !surely_forwards(q, part))
		return kj_say(
		        q->c->arena,
		        "no rule filters what is forwarded, and whether the host forwards is not known (sysctl -a%s)",
		        "転送を制限するルールがなく、転送が有効かどうかも不明です（sysctl -a%s）", "");
	unsigned char version = part->src.at.n ? part->src.at.at[0].version : 4;
	if (q->unregistered.n &&
	    !kj_zone_is_whole(q->c->arena, kj_zone_set(q->c->arena, q->c->subject->fleet, KJ_STR("internet")),
	                      &part->src, version))
		return kj_say(q->c->arena,
		              "whether these sources are registered is not known: fleet.yml has no zone '%.*s'",
		              "登録済みの接続元か判断できません: fleet.yml にゾーン '%.*s' がありません",
		              KJ_FMT(q->unregistered));
	return (struct kj_bilingual){0};
}

static struct kj_bilingual uncertain(const struct kj_exposure *q, const struct kj_fw_ruleset *rs,
                                     const struct kj_fw_part *part)
{
	kj_str service = kj_fw_part_service(q->c->arena, part);
	if (rs->ifaces.n > 1 && !q->c->subject->interfaces)
		return kj_say(
		        q->c->arena,
		        "%.*s may be open: a rule could not be evaluated in full, or depends on the interface, and "
		        "fleet.yml does not say which zones are behind which (hosts: interfaces)",
		        "%.*s は開いている可能性があります（完全には評価できないルールがあるか、"
		        "fleet.yml の hosts にインターフェースごとのゾーン（interfaces）が書かれていません）",
		        KJ_FMT(service));
	return kj_say(q->c->arena, "%.*s may be open: a rule could not be evaluated in full",
	              "%.*s は開いている可能性があります（完全には評価できないルールがあります）", KJ_FMT(service));
}

/* Once: what is sent to others and what is sent to the host often meet the same rules. */
static void tell_excess(struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part,
                        const struct kj_reach *reach, struct kj_excess excess)
{
	struct kj_bilingual reason = doubt(q, part);
	if (!reason.en.n && !reach->certain)
		reason = uncertain(q, rs, part);
	enum kj_truth truth = reason.en.n ? KJ_MAYBE : KJ_FALSE;
	q->truth = kj_truth_and(q->truth, truth);
	const struct kj_fw_decider *by = last_decider(part);
	uint32_t line = by ? by->line : 0;
	const struct kj_text *text = kj_fw_ruleset_place(rs, &line);
	kj_str found = kj_exposure_found(q, rs, part, reach, excess, line);
	struct kj_proof *proof = kj_proofs_found(q->proofs, found) ? NULL : kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	kj_proof_at(q->c, proof, text, line);
	proof->evidence.found = found;
	proof->evidence.wanted = kj_exposure_wanted(q);
	proof->reason = reason;
}

/* Asked about one zone behind the host, it is certain when the packets surely end there. */
static bool is_certain(const struct kj_exposure *q, const struct kj_fw_part *part, const struct kj_reaches *ends)
{
	bool certain = !q->to && part->certain;
	for (size_t i = 0; i < ends->at.n; i++)
		certain = certain || ends->at.at[i].certain;
	return certain;
}

/* What is offered at the host's own addresses is what others see there: the port as sent. What must not be reached must
   not be reached by another port either. */
static void judge_own(struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_reaches ends = kj_reaches_in(q->c->arena, part, q->to);
	struct kj_reach as_sent = {.dst = part->dst, .ports = part->ports, .certain = is_certain(q, part, &ends)};
	struct kj_excess excess;
	if (ends.at.n && too_much(q, &part->protos, &part->ports, true, &excess)) {
		tell_excess(q, rs, part, &as_sent, excess);
		return;
	}
	for (size_t i = 0; i < ends.at.n; i++) {
		if (too_much(q, &part->protos, &ends.at.at[i].ports, false, &excess))
			tell_excess(q, rs, part, &ends.at.at[i], excess);
	}
}

static void judge_part(struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_excess excess;
	if (q->target < KJ_TO_ZONE) {
		judge_own(q, rs, part);
		return;
	}
	struct kj_reaches ends = kj_reaches_in(q->c->arena, part, q->to);
	for (size_t i = 0; i < ends.at.n; i++) {
		if (too_much(q, &part->protos, &ends.at.at[i].ports, true, &excess))
			tell_excess(q, rs, part, &ends.at.at[i], excess);
	}
}

/* ---- the condition ---- */

static void add_operands(struct kj_exposure *q, const struct kj_operand *operands, size_t n,
                         struct kj_services *services)
{
	for (size_t i = 0; i < n; i++) {
		const struct kj_value *value = kj_operand_value(q->c, &operands[i]);
		for (size_t k = 0; value->type == KJ_TYPE_LIST && k < value->n; k++)
			kj_services_add(q->c, services, value->items[k].text);
		if (value->type != KJ_TYPE_LIST)
			kj_services_add(q->c, services, value->text);
	}
}

static void read_except(struct kj_exposure *q)
{
	const struct kj_check *check = q->check;
	const struct kj_fleet *fleet = q->c->subject->fleet;
	KJ_VEC(kj_str) names = {0};
	for (size_t i = 0; i < check->exposure.excepts; i++) {
		const struct kj_value *value = kj_operand_value(q->c, &check->exposure.except[i]);
		for (size_t k = 0; value->type == KJ_TYPE_LIST && k < value->n; k++)
			KJ_PUSH(q->c->arena, &names, value->items[k].text);
		if (value->type != KJ_TYPE_LIST)
			KJ_PUSH(q->c->arena, &names, value->text);
	}
	for (size_t i = 0; i < names.n && !q->unregistered.n; i++) {
		if (!kj_str_eq(names.at[i], KJ_STR("internet")) && !(fleet && kj_fleet_zone(fleet, names.at[i])))
			q->unregistered = names.at[i];
	}
	q->except = names.at;
	q->excepts = names.n;
	if (q->unregistered.n)
		kj_exposure_note(
		        q, KJ_MAYBE,
		        kj_say(q->c->arena, "the zone '%.*s' of registered sources is not declared in fleet.yml",
		               "登録済みの接続元のゾーン '%.*s' が fleet.yml にありません", KJ_FMT(q->unregistered)),
		        NULL);
}

static bool read_services(struct kj_exposure *q)
{
	const struct kj_check *check = q->check;
	struct kj_bilingual reason;
	q->allowed = (struct kj_services){{0}};
	q->forbidden = (struct kj_services){{0}};
	q->has_allowed = check->exposure.limits;
	if (check->exposure.at_most_role && !kj_services_of_role(q->c, q->zone, &q->allowed, &reason)) {
		kj_exposure_note(q, KJ_MAYBE, reason, NULL);
		return false;
	}
	add_operands(q, check->exposure.at_most, check->exposure.n, &q->allowed);
	add_operands(q, check->exposure.none_of, check->exposure.none, &q->forbidden);
	kj_str problem = q->allowed.problem.n ? q->allowed.problem : q->forbidden.problem;
	if (problem.n)
		kj_exposure_note(q, KJ_BROKEN,
		                 kj_say(q->c->arena, "'%.*s' is no service that kijun knows",
		                        "'%.*s' というサービスは未知です", KJ_FMT(problem)),
		                 NULL);
	return !problem.n;
}

static enum kj_target target_of(kj_str to)
{
	static const struct {
		kj_str word;
		enum kj_target target;
	} words[] = {{KJ_STR_INIT("self"), KJ_TO_SELF},
	             {KJ_STR_INIT("local"), KJ_TO_LOCAL},
	             {KJ_STR_INIT("anywhere"), KJ_TO_ANYWHERE}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (kj_str_eq(to, words[i].word))
			return words[i].target;
	}
	return KJ_TO_ZONE;
}

static void judge_zone(struct kj_exposure *q, kj_str zone)
{
	const struct kj_fleet *fleet = q->c->subject->fleet;
	for (size_t i = 0; i < q->excepts; i++) {
		if (kj_str_eq(q->except[i], zone))
			return;
	}
	q->zone = zone;
	q->from = kj_zone_set_but(q->c->arena, fleet, zone, q->except, q->excepts);
	q->to = q->target == KJ_TO_ZONE ? kj_zone_set(q->c->arena, fleet, q->check->exposure.to) : NULL;
	if (!q->from || (q->target == KJ_TO_ZONE && !q->to)) {
		kj_str missing = q->from ? q->check->exposure.to : zone;
		kj_exposure_note(q, KJ_MAYBE,
		                 kj_say(q->c->arena, "the zone '%.*s' is not declared in fleet.yml",
		                        "ゾーン '%.*s' が fleet.yml にありません", KJ_FMT(missing)),
		                 NULL);
		return;
	}
	if (read_services(q))
		kj_exposure_ask(q, judge_part);
}

static void each_zone(struct kj_exposure *q, void (*fn)(struct kj_exposure *q, kj_str zone))
{
	const struct kj_fleet *fleet = q->c->subject->fleet;
	fn(q, KJ_STR("internet"));
	for (size_t i = 0; fleet && i < fleet->zone_count; i++) {
		if (!kj_str_eq(fleet->zones[i].name, KJ_STR("internet")))
			fn(q, fleet->zones[i].name);
	}
}

enum kj_truth kj_condition_exposure(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct kj_exposure q = {.c = c, .check = check, .proofs = proofs, .truth = KJ_TRUE};
	const struct kj_dumps *dumps = kj_dumps_of(c);
	size_t from = proofs->list.n;
	if (check->exposure.compare.n)
		return kj_condition_approved(c, proofs);
	q.target = target_of(check->exposure.to);
	read_except(&q);
	kj_exposure_check_ifaces(&q);
	if (dumps->problem.en.n)
		kj_exposure_note(&q, KJ_BROKEN, dumps->problem, dumps->broken);
	else if (dumps->rulesets.n == 0)
		kj_exposure_note(&q, KJ_MAYBE, dumps->missing, NULL);
	if (dumps->hidden.en.n && q.target != KJ_TO_LOCAL)
		kj_exposure_note(&q, KJ_MAYBE, dumps->hidden, dumps->rulesets.at[0]->text);
	if (dumps->rulesets.n && kj_str_eq(check->exposure.from, KJ_STR("each")))
		each_zone(&q, judge_zone);
	else if (dumps->rulesets.n)
		judge_zone(&q, check->exposure.from);
	kj_dumps_conclude(c, dumps, q.truth, KJ_STR("nothing more is accepted than may be"), from, proofs);
	return q.truth;
}

/* ---- for the report ---- */

enum { OPEN_MAX = 500 };

/* One that is listed already, from another zone that it may be led on to; it is certain when one of them is. */
static bool is_listed(struct kj_exposure *q, const struct kj_open_service *service)
{
	for (size_t i = 0; i < q->open.at.n; i++) {
		struct kj_open_service *known = &q->open.at.at[i];
		if (known->line != service->line || !kj_str_eq(known->zone, service->zone) ||
		    !kj_str_eq(known->proto, service->proto) || !kj_str_eq(known->ports, service->ports) ||
		    !kj_str_eq(known->from, service->from) || !kj_str_eq(known->artifact, service->artifact))
			continue;
		known->certain = known->certain || service->certain;
		return true;
	}
	return false;
}

static void list_part(struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_arena *results = q->result->diags->arena;
	const struct kj_fw_decider *by = last_decider(part);
	uint32_t line = by ? by->line : 0;
	const struct kj_text *text = kj_fw_ruleset_place(rs, &line);
	struct kj_reaches ends = kj_reaches_in(q->c->arena, part, q->to);
	if (q->open.at.n >= OPEN_MAX || !ends.at.n)
		return;
	struct kj_open_service service = {
	        .zone = kj_str_copy(results, q->zone),
	        .proto = kj_fw_part_proto(results, part),
	        .ports = kj_fw_part_ports(results, part),
	        .from = kj_str_copy(results, kj_exposure_source(q, part)),
	        .artifact = kj_str_copy(results, text->name),
	        .line = line,
	        .certain = is_certain(q, part, &ends),
	};
	if (!is_listed(q, &service))
		KJ_PUSH(results, &q->open.at, service);
}

static void list_zone(struct kj_exposure *q, kj_str zone)
{
	q->zone = zone;
	q->from = kj_zone_set(q->c->arena, q->c->subject->fleet, zone);
	kj_exposure_ask(q, list_part);
}

void kj_open_services(struct kj_case *c, struct kj_result *result)
{
	struct kj_exposure q = {.c = c, .truth = KJ_TRUE, .result = result};
	if (kj_dumps_of(c)->rulesets.n)
		each_zone(&q, list_zone);
	result->open = q.open.at.at;
	result->opens = q.open.at.n;
}
