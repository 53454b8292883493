/* `exposure`: what the host's rule dumps let in from a zone, against what may be let in. */
#include "eval/dumps.h"
#include "eval/services.h"
#include "eval/zones.h"
#include "firewall/print.h"
#include "firewall/witness.h"

struct open_list {
	KJ_VEC(struct kj_open_service) at;
};

struct exposure_query {
	struct kj_case *c;
	const struct kj_check *check; /* NULL: for the report, nothing is judged */
	struct kj_proofs *proofs;
	kj_str zone;
	const struct kj_fw_set *from, *to; /* to NULL: the host itself */
	struct kj_services allowed, forbidden;
	bool has_allowed;
	enum kj_truth truth;
	struct kj_result *result; /* of the report; NULL when judging */
	struct open_list open;    /* what the report lists */
};

typedef void part_fn(struct exposure_query *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part);

/* ---- asking ---- */

static bool has_family(const struct kj_fw_set *set, unsigned version)
{
	for (size_t i = 0; i < set->at.n; i++) {
		if (set->at.at[i].version == version)
			return true;
	}
	return false;
}

static bool ask(struct exposure_query *q, const struct kj_fw_ruleset *rs, struct kj_fw_analysis *analysis,
                enum kj_fw_hook hook, bool diverted, part_fn *each)
{
	struct kj_fw_question question = {
	        .hook = hook, .iif = KJ_FW_ANY_IFACE, .oif = KJ_FW_ANY_IFACE, .diverted = diverted};
	struct kj_fw_answer answer = {{0}};
	if (!kj_fw_ask(analysis, &question, &answer))
		return false;
	for (size_t i = 0; i < answer.parts.n; i++)
		each(q, rs, &answer.parts.at[i]);
	return true;
}

/* All ways in: to the host itself, and what DNAT passes on from it (published container ports). For a zone behind it: forwarded packets. */
static bool ask_family(struct exposure_query *q, const struct kj_fw_ruleset *rs, unsigned char version, part_fn *each)
{
	struct kj_fw_scope scope = {.version = version, .src = q->from, .dst = q->to};
	struct kj_fw_analysis *analysis = kj_fw_analysis_new(q->c->arena, rs, &scope);
	if (q->to)
		return ask(q, rs, analysis, KJ_FW_FORWARD, false, each);
	bool ok = ask(q, rs, analysis, KJ_FW_INPUT, false, each);
	return ask(q, rs, analysis, KJ_FW_FORWARD, true, each) && ok;
}

static void note(struct exposure_query *q, enum kj_truth truth, struct kj_bilingual reason, const struct kj_text *text)
{
	q->truth = kj_truth_and(q->truth, truth);
	struct kj_proof *proof = q->proofs ? kj_prove(q->c, q->proofs, truth) : NULL;
	if (!proof)
		return;
	kj_proof_at(q->c, proof, text, 0);
	proof->reason = reason;
}

static void ask_all(struct exposure_query *q, const struct kj_dumps *dumps, part_fn *each)
{
	for (unsigned char version = 4; version <= 6; version += 2) {
		unsigned family = version == 4 ? KJ_FW_V4 : KJ_FW_V6;
		if (!has_family(q->from, version) || (q->to && !has_family(q->to, version)))
			continue;
		if (!(dumps->families & family))
			note(q, KJ_MAYBE,
			     kj_say(q->c->arena, "no rule dump for IPv%d was collected",
			            "IPv%d のルールが収集されていません", version),
			     NULL);
		for (size_t i = 0; i < dumps->rulesets.n; i++) {
			const struct kj_fw_ruleset *rs = dumps->rulesets.at[i];
			if ((rs->families & family) && !ask_family(q, rs, version, each))
				note(q, KJ_BROKEN,
				     kj_say(q->c->arena, "the rules are too many to be analysed within the limit%s",
				            "ルールが多すぎて上限内で解析できません%s", ""),
				     rs->text);
		}
	}
}

/* ---- what is too much ---- */

static bool covers(const struct kj_service *service, unsigned proto)
{
	return service->proto < 0 ? proto == KJ_FW_TCP || proto == KJ_FW_UDP : (unsigned)service->proto == proto;
}

struct span {
	unsigned first, last;
};

/* The first stretch of [first, last] that no allowed service covers; false when all is covered. */
static bool uncovered(const struct kj_services *allowed, unsigned proto, unsigned first, unsigned last,
                      struct span *out)
{
	for (unsigned at = first; at <= last;) {
		unsigned next = at;
		for (size_t i = 0; i < allowed->list.n; i++) {
			const struct kj_service *s = &allowed->list.at[i];
			if (covers(s, proto) && s->first <= at && s->last >= next)
				next = s->last + 1u;
		}
		if (next == at) {
			*out = (struct span){at, last};
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
static bool forbidden(const struct kj_services *none, unsigned proto, unsigned first, unsigned last, struct span *out)
{
	for (size_t i = 0; i < none->list.n; i++) {
		const struct kj_service *s = &none->list.at[i];
		if (!covers(s, proto) || s->last < first || s->first > last)
			continue;
		*out = (struct span){s->first > first ? s->first : first, s->last < last ? s->last : last};
		return true;
	}
	return false;
}

/* The question of items 6-4 and 5-11 is about ports: ICMP is none, and IPv6 does not work without it. */
static bool is_icmp(unsigned proto)
{
	return proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6;
}

static bool too_much(const struct exposure_query *q, const struct kj_fw_part *part, unsigned *proto, struct span *ports)
{
	for (size_t p = 0; p < part->protos.at.n; p++) {
		unsigned first = (unsigned)part->protos.at.at[p].first.lo,
		         last = (unsigned)part->protos.at.at[p].last.lo;
		for (*proto = first; *proto <= last; (*proto)++) {
			size_t n = part->ports.at.n;
			for (size_t i = 0; i < (n ? n : 1); i++) {
				unsigned from = n ? (unsigned)part->ports.at.at[i].first.lo : 0,
				         to = n ? (unsigned)part->ports.at.at[i].last.lo : 65535;
				if (forbidden(&q->forbidden, *proto, from, to, ports))
					return true;
				if (q->has_allowed && !is_icmp(*proto) &&
				    uncovered(&q->allowed, *proto, from, to, ports))
					return true;
			}
		}
	}
	return false;
}

/* ---- saying it ---- */

/* An address of the part, for the witness. */
static kj_str witness_address(struct kj_arena *arena, const struct kj_fw_intervals *src)
{
	if (src->at.n == 0)
		return KJ_STR("any");
	return kj_fw_address_str(arena, kj_fw_witness_address(src, false), src->at.at[0].version);
}

static const struct kj_fw_decider *last_decider(const struct kj_fw_part *part)
{
	return part->deciders.n ? &part->deciders.at[part->deciders.n - 1] : NULL;
}

/* The sources of a part: the zone's name when it is all of it. */
static kj_str source_words(const struct exposure_query *q, const struct kj_fw_part *part)
{
	unsigned char version = part->src.at.n ? part->src.at.at[0].version : 4;
	if (kj_zone_is_whole(q->c->arena, q->from, &part->src, version))
		return kj_str_fmt(q->c->arena, "all of %.*s, IPv%d", KJ_FMT(q->zone), version);
	return kj_fw_addresses(q->c->arena, &part->src, 3);
}

static kj_str found_words(struct exposure_query *q, const struct kj_fw_part *part, unsigned proto, struct span ports,
                          uint32_t line)
{
	struct kj_arena *arena = q->c->arena;
	kj_str source = witness_address(arena, &part->src);
	struct kj_buf buf = KJ_BUF(arena);
	kj_str name = kj_fw_part_proto(arena, part);
	kj_buf_fmt(&buf, "%.*s ", KJ_FMT(kj_fw_proto_has_ports(proto) && part->ports.at.n == 0 ? KJ_STR("any") : name));
	kj_buf_fmt(&buf, "%.*s → ", KJ_FMT(source));
	if (part->ports.at.n == 0)
		kj_buf_put(&buf, KJ_STR("any port"));
	else if (ports.first == ports.last)
		kj_buf_fmt(&buf, "port %u", ports.first);
	else
		kj_buf_fmt(&buf, "ports %u-%u", ports.first, ports.last);
	kj_buf_put(&buf, part->certain ? KJ_STR(", accepted") : KJ_STR(", may be accepted"));
	if (line)
		kj_buf_fmt(&buf, " by line %u", (unsigned)line);
	kj_buf_fmt(&buf, " (from %.*s)", KJ_FMT(source_words(q, part)));
	return kj_buf_str(&buf);
}

static kj_str wanted_words(struct exposure_query *q)
{
	struct kj_buf buf = KJ_BUF(q->c->arena);
	if (q->has_allowed)
		kj_buf_fmt(&buf, "from %.*s at most %.*s", KJ_FMT(q->zone), KJ_FMT(kj_services_str(q->c, &q->allowed)));
	if (q->forbidden.list.n)
		kj_buf_fmt(&buf, "%snone of %.*s from %.*s", buf.n ? "; " : "",
		           KJ_FMT(kj_services_str(q->c, &q->forbidden)), KJ_FMT(q->zone));
	return kj_buf_str(&buf);
}

static void judge_part(struct exposure_query *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	unsigned proto;
	struct span ports;
	if (!too_much(q, part, &proto, &ports))
		return;
	enum kj_truth truth = part->certain ? KJ_FALSE : KJ_MAYBE;
	q->truth = kj_truth_and(q->truth, truth);
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	const struct kj_fw_decider *by = last_decider(part);
	uint32_t line = by ? by->line : 0;
	kj_proof_at(q->c, proof, kj_dumps_place(kj_dumps_of(q->c), rs, &line), line);
	proof->evidence.found = found_words(q, part, proto, ports, line);
	proof->evidence.wanted = wanted_words(q);
	if (!part->certain)
		proof->reason = kj_say(q->c->arena, "%.*s may be open: a rule could not be evaluated in full",
		                       "%.*s は開いている可能性があります（完全には評価できないルールがあります）",
		                       KJ_FMT(kj_fw_part_service(q->c->arena, part)));
}

/* ---- the condition ---- */

static void add_operands(struct exposure_query *q, const struct kj_operand *operands, size_t n,
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

static bool read_services(struct exposure_query *q)
{
	const struct kj_check *check = q->check;
	struct kj_bilingual reason;
	q->allowed = (struct kj_services){{0}};
	q->forbidden = (struct kj_services){{0}};
	q->has_allowed = check->exposure.limits;
	if (check->exposure.at_most_role && !kj_services_of_role(q->c, q->zone, &q->allowed, &reason)) {
		note(q, KJ_MAYBE, reason, NULL);
		return false;
	}
	add_operands(q, check->exposure.at_most, check->exposure.n, &q->allowed);
	add_operands(q, check->exposure.none_of, check->exposure.none, &q->forbidden);
	kj_str problem = q->allowed.problem.n ? q->allowed.problem : q->forbidden.problem;
	if (problem.n)
		note(q, KJ_BROKEN,
		     kj_say(q->c->arena, "'%.*s' is no service that kijun knows", "'%.*s' というサービスは未知です",
		            KJ_FMT(problem)),
		     NULL);
	return !problem.n;
}

static void judge_zone(struct exposure_query *q, kj_str zone)
{
	const struct kj_fleet *fleet = q->c->subject->fleet;
	bool self = kj_str_eq(q->check->exposure.to, KJ_STR("self")) || !q->check->exposure.to.n;
	q->zone = zone;
	q->from = kj_zone_set(q->c->arena, fleet, zone);
	q->to = self ? NULL : kj_zone_set(q->c->arena, fleet, q->check->exposure.to);
	if (!q->from || (!self && !q->to)) {
		kj_str missing = q->from ? q->check->exposure.to : zone;
		note(q, KJ_MAYBE,
		     kj_say(q->c->arena, "the zone '%.*s' is not declared in fleet.yml",
		            "ゾーン '%.*s' が fleet.yml にありません", KJ_FMT(missing)),
		     NULL);
		return;
	}
	if (read_services(q))
		ask_all(q, kj_dumps_of(q->c), judge_part);
}

static void each_zone(struct exposure_query *q, void (*fn)(struct exposure_query *q, kj_str zone))
{
	const struct kj_fleet *fleet = q->c->subject->fleet;
	fn(q, KJ_STR("internet"));
	for (size_t i = 0; fleet && i < fleet->zone_count; i++) {
		if (!kj_str_eq(fleet->zones[i].name, KJ_STR("internet")))
			fn(q, fleet->zones[i].name);
	}
}

/* Only the parts that decided are worth showing; a pass shows the dumps it was decided from. */
static void conclude(struct exposure_query *q, const struct kj_dumps *dumps, size_t from)
{
	size_t kept = from;
	for (size_t i = from; i < q->proofs->list.n; i++) {
		if (q->proofs->list.at[i].truth == q->truth)
			q->proofs->list.at[kept++] = q->proofs->list.at[i];
	}
	q->proofs->list.n = kept;
	for (size_t i = 0; q->truth == KJ_TRUE && i < dumps->rulesets.n; i++) {
		struct kj_proof *proof = kj_prove(q->c, q->proofs, KJ_TRUE);
		if (!proof)
			return;
		kj_proof_at(q->c, proof, dumps->rulesets.at[i]->text, 0);
		proof->evidence.found = KJ_STR("nothing more is accepted than may be");
	}
}

enum kj_truth kj_condition_exposure(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct exposure_query q = {.c = c, .check = check, .proofs = proofs, .truth = KJ_TRUE};
	const struct kj_dumps *dumps = kj_dumps_of(c);
	size_t from = proofs->list.n;
	if (check->exposure.compare.n)
		return kj_condition_approved(c, proofs);
	if (dumps->problem.en.n)
		note(&q, KJ_BROKEN, dumps->problem, dumps->broken);
	else if (dumps->rulesets.n == 0)
		note(&q, KJ_MAYBE,
		     kj_say(c->arena, "no firewall rule dump was collected%s",
		            "ファイアウォールのルールが収集されていません%s", ""),
		     NULL);
	if (dumps->rulesets.n && kj_str_eq(check->exposure.from, KJ_STR("each")))
		each_zone(&q, judge_zone);
	else if (dumps->rulesets.n)
		judge_zone(&q, check->exposure.from);
	conclude(&q, dumps, from);
	return q.truth;
}

/* ---- for the report ---- */

enum { OPEN_MAX = 500 };

static void list_part(struct exposure_query *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_arena *results = q->result->diags->arena;
	const struct kj_fw_decider *by = last_decider(part);
	uint32_t line = by ? by->line : 0;
	const struct kj_text *text = kj_dumps_place(kj_dumps_of(q->c), rs, &line);
	if (q->open.at.n >= OPEN_MAX)
		return;
	KJ_PUSH(results, &q->open.at,
	        (struct kj_open_service){
	                .zone = kj_str_copy(results, q->zone),
	                .proto = kj_fw_part_proto(results, part),
	                .ports = kj_fw_part_ports(results, part),
	                .from = kj_str_copy(results, source_words(q, part)),
	                .artifact = kj_str_copy(results, text->name),
	                .line = line,
	                .certain = part->certain,
	        });
}

static void list_zone(struct exposure_query *q, kj_str zone)
{
	q->zone = zone;
	q->from = kj_zone_set(q->c->arena, q->c->subject->fleet, zone);
	ask_all(q, kj_dumps_of(q->c), list_part);
}

void kj_open_services(struct kj_case *c, struct kj_result *result)
{
	struct exposure_query q = {.c = c, .truth = KJ_TRUE, .result = result};
	if (kj_dumps_of(c)->rulesets.n)
		each_zone(&q, list_zone);
	result->open = q.open.at.at;
	result->opens = q.open.at.n;
}
