#include "firewall/analysis.h"

#include "firewall/answer.h"
#include "firewall/domain.h"

#include <stdlib.h>

#define NODES_DEFAULT ((size_t)4 << 20)

/* What the questions before made is kept (the next one wants much of it again) until it is this many nodes. */
#define NODES_KEPT ((size_t)1 << 19)

/* This many questions may reach a limit; no further ones are tried then. */
#define FAILURES_MAX 3

struct kj_fw_analysis {
	struct kj_fw_space *space;
	struct kj_fw_domain domain;
	struct kj_fw_machine *machine;
	KJ_VEC(const struct kj_fw_chain *)
	way[KJ_FW_HOOKS]; /* the base chains of each hook, in the order packets meet them */
	size_t nodes;     /* that all questions share */
	unsigned failures;
	bool too_large; /* the rules alone, or the work of one question, are over the limit */
};

/* One question at work. */
struct course {
	struct kj_fw_analysis *a;
	struct kj_bdd_store *bdd;
	const struct kj_fw_question *question;
	const uint32_t *each; /* of kj_fw_ask_each */
	size_t n;
	struct kj_fw_found found;
	struct kj_fw_answer *answers;
	const struct kj_fw_packet *packet; /* of kj_fw_turned_away */
	struct kj_fw_decider *by;
	bool turned, ok;
};

/* -- preparing -- */

static int way_order(const void *a, const void *b)
{
	const struct kj_fw_chain *x = *(const struct kj_fw_chain *const *)a, *y = *(const struct kj_fw_chain *const *)b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* The same, of one priority the last one first. */
static int latest_order(const void *a, const void *b)
{
	const struct kj_fw_chain *x = *(const struct kj_fw_chain *const *)a, *y = *(const struct kj_fw_chain *const *)b;
	return x->priority == y->priority ? way_order(b, a) : way_order(a, b);
}

static void lay_way(struct kj_fw_analysis *a, struct kj_arena *arena, unsigned family)
{
	const struct kj_fw_ruleset *rs = a->space->rs;
	for (size_t i = 0; i < rs->chains.n; i++) {
		const struct kj_fw_chain *chain = rs->chains.at[i];
		if (chain->hook != KJ_FW_NO_HOOK && chain->families & family)
			KJ_PUSH(arena, &a->way[chain->hook], chain);
	}
	for (unsigned hook = 0; hook < KJ_FW_HOOKS; hook++) {
		if (a->way[hook].n)
			qsort(a->way[hook].at, a->way[hook].n, sizeof *a->way[hook].at,
			      rs->latest_first ? latest_order : way_order);
	}
}

struct kj_fw_analysis *kj_fw_analysis_new(struct kj_arena *arena, const struct kj_fw_ruleset *rs,
                                          const struct kj_fw_scope *scope)
{
	struct kj_fw_analysis *a = KJ_NEW(arena, struct kj_fw_analysis);
	a->space = kj_fw_space_begin(arena, rs, scope->version);
	if (scope->results)
		a->space->results = scope->results;
	kj_fw_domain_cut(a->space, scope);
	kj_fw_space_ready(a->space, scope->max_nodes ? scope->max_nodes : NODES_DEFAULT);
	kj_fw_domain_make(&a->domain, a->space, scope);
	a->machine = kj_fw_machine_new(a->space);
	lay_way(a, arena, scope->version == 4 ? KJ_FW_V4 : KJ_FW_V6);
	a->nodes = kj_bdd_nodes(a->space->bdd);
	a->too_large = kj_bdd_over(a->space->bdd);
	return a;
}

/* -- one base chain -- */

static kj_bdd seen(const struct course *course, kj_bdd set)
{
	return kj_bdd_exists(course->bdd, set, course->found.unseen);
}

static void lose(struct course *course, const struct kj_fw_stream *stream, kj_bdd set)
{
	kj_bdd sent = kj_fw_as_sent(&course->found, stream, set);
	course->found.dropped = kj_bdd_or(course->bdd, course->found.dropped, sent);
}

/* A stream of its own for packets that a rule rewrote; `kept`: their address is what it was. */
static void follow(struct course *course, struct kj_fw_stream stream, kj_bdd set)
{
	if (set == KJ_BDD_FALSE)
		return;
	stream.sent = seen(course, set);
	stream.now = kj_fw_domain_rewrite(&course->a->domain, set, stream.by->rewrite, stream.kept, stream.here,
	                                  stream.away);
	KJ_PUSH(course->a->space->scratch, &course->found.streams, stream);
}

/* What a rule rewrites: leaves as it is, because it has that destination already; may leave at its address; sends to
   another one. */
static void divert(struct course *course, struct kj_fw_stream from, const struct kj_fw_hit *hit)
{
	const struct kj_fw_domain *domain = &course->a->domain;
	const struct kj_fw_rewrite *rewrite = hit->rule->rewrite;
	struct kj_fw_stream same = {.by = hit->rule, .kept = true, .here = from.here, .away = from.away}, moved = same;
	bool one;
	same.now = kj_fw_domain_unmoved(domain, hit->set, rewrite);
	same.sent = seen(course, same.now);
	if (same.now != KJ_BDD_FALSE)
		KJ_PUSH(course->a->space->scratch, &course->found.streams, same);
	kj_bdd rest = kj_bdd_diff(course->bdd, hit->set, same.now);
	kj_bdd held = kj_fw_domain_held(domain, rest, rewrite, &one);
	if (course->question->diverted) /* by what is asked, the rule leads elsewhere */
		held = KJ_BDD_FALSE;
	follow(course, same, held);
	moved.kept = !rewrite->addr && !rewrite->to_self && !rewrite->unknown;
	kj_fw_domain_leads(domain, rewrite, course->question->hook, &moved.here, &moved.away);
	follow(course, moved, one ? kj_bdd_diff(course->bdd, rest, held) : rest);
}

/* A nat chain sees the first packets of tracked connections, each until it is rewritten; the others pass it by. */
static kj_bdd beside_nat(const struct course *course, const struct kj_fw_chain *base, const struct kj_fw_stream *stream)
{
	if (!base->nat)
		return KJ_BDD_FALSE;
	return stream->by ? stream->now : kj_bdd_diff(course->bdd, stream->now, course->a->domain.natted);
}

/* Of what happened to the packet in a base chain, the first that may have ended its way. */
static void blame(struct course *course, const struct kj_fw_hits *takes)
{
	static const bool goes_on[KJ_FW_VERDICTS] = {[KJ_FW_ACCEPT] = true,
	                                             [KJ_FW_RETURN] = true,
	                                             [KJ_FW_GOTO] = true,
	                                             [KJ_FW_CONTINUE] = true,
	                                             [KJ_FW_REWRITE] = true};
	for (size_t i = 0; i < takes->at.n && !course->turned; i++) {
		const struct kj_fw_hit *hit = &takes->at.at[i];
		if (goes_on[hit->rule ? hit->rule->verdict : hit->base->policy])
			continue;
		course->turned = true;
		*course->by = kj_fw_decider_of(hit);
	}
}

static void pass_stream(struct course *course, const struct kj_fw_chain *base, size_t index, bool asked)
{
	struct kj_arena *arena = course->a->space->scratch;
	struct kj_fw_stream *stream = &course->found.streams.at[index];
	struct kj_fw_outcome out;
	struct kj_fw_hits takes = {0};
	kj_bdd beside = beside_nat(course, base, stream);
	kj_fw_watch(course->a->machine, course->packet ? &takes : NULL);
	course->ok &= kj_fw_eval(course->a->machine, base, kj_bdd_diff(course->bdd, stream->now, beside), &out);
	blame(course, &takes);
	stream->now = kj_bdd_or(course->bdd, out.accepted, beside);
	if (beside != KJ_BDD_FALSE)
		KJ_PUSH(arena, &out.accepts.at, (struct kj_fw_hit){NULL, base, beside});
	if (asked)
		KJ_PUSH(arena, &stream->passed, (struct kj_fw_passed){out.accepts, stream->now});
	lose(course, stream, out.dropped);
	for (size_t i = 0; i < out.rewrites.at.n; i++)
		divert(course, course->found.streams.at[index], &out.rewrites.at.at[i]);
}

/* -- the way -- */

static void track(struct course *course)
{
	for (size_t i = 0; i < course->found.streams.n; i++) {
		struct kj_fw_stream *stream = &course->found.streams.at[i];
		stream->now = kj_fw_domain_track(&course->a->domain, stream->now);
	}
}

static void pass_hook(struct course *course, enum kj_fw_hook hook)
{
	bool asked = hook == course->question->hook, first = hook == KJ_FW_PREROUTING || hook == KJ_FW_OUTPUT;
	bool tracked = !first;
	for (size_t i = 0; i < course->a->way[hook].n; i++) {
		const struct kj_fw_chain *base = course->a->way[hook].at[i];
		if (!tracked && base->priority >= KJ_FW_PRIORITY_CONNTRACK) {
			track(course);
			tracked = true;
		}
		size_t streams = course->found.streams.n;
		for (size_t s = 0; s < streams && course->ok; s++)
			pass_stream(course, base, s, asked);
	}
	if (!tracked)
		track(course);
}

/* What is bound for somewhere else does not come to the asked hook. */
static void route(struct course *course)
{
	bool here = course->question->hook == KJ_FW_INPUT;
	for (size_t i = 0; i < course->found.streams.n; i++) {
		struct kj_fw_stream *stream = &course->found.streams.at[i];
		bool other = here ? stream->away : stream->here, fits = here ? stream->here : stream->away;
		if (other)
			lose(course, stream, stream->now);
		if (!fits)
			stream->now = KJ_BDD_FALSE;
	}
}

static kj_bdd like(struct kj_fw_space *space, const struct kj_fw_packet *packet)
{
	struct kj_fw_interval src = {packet->src, packet->src, packet->version, false};
	struct kj_fw_interval dst = {packet->dst, packet->dst, packet->version, false};
	struct kj_fw_set from = {.dims = 1, .declared = true, .at = {.at = &src, .n = 1}};
	struct kj_fw_set to = {.dims = 1, .declared = true, .at = {.at = &dst, .n = 1}};
	kj_bdd f = kj_fw_space_is(space, KJ_FW_DPORT, packet->port);
	f = kj_bdd_and(space->bdd, kj_fw_space_in(space, KJ_FW_DST, &to), f);
	f = kj_bdd_and(space->bdd, kj_fw_space_in(space, KJ_FW_SRC, &from), f);
	return kj_bdd_and(space->bdd, kj_fw_space_is(space, KJ_FW_PROTO, packet->proto), f);
}

/* Which way the packets go that nothing rewrites. */
static void set_out(struct course *course)
{
	const struct kj_fw_question *question = course->question;
	struct kj_fw_ways ways = kj_fw_domain_ways(&course->a->domain, question, course->each, course->n);
	kj_fw_fix(course->a->machine, ways.given, ways.cube);
	struct kj_fw_stream first = {.now = kj_fw_domain_packets(&course->a->domain, question, ways.open)};
	if (course->packet)
		first.now = kj_bdd_and(course->bdd, first.now, like(course->a->space, course->packet));
	first.here = (question->hook == KJ_FW_INPUT) != question->diverted;
	first.away = !first.here;
	if (question->hook == KJ_FW_OUTPUT)
		first.here = !(first.away = true);
	KJ_PUSH(course->a->space->scratch, &course->found.streams, first);
}

static void travel(struct course *course)
{
	set_out(course);
	if (course->question->hook == KJ_FW_OUTPUT) {
		pass_hook(course, KJ_FW_OUTPUT);
	} else {
		pass_hook(course, KJ_FW_PREROUTING);
		route(course);
		pass_hook(course, course->question->hook);
	}
	if (course->question->hook != KJ_FW_INPUT)
		pass_hook(course, KJ_FW_POSTROUTING);
}

/* -- asking -- */

static void go(void *ctx)
{
	struct course *course = ctx;
	travel(course);
	if (!course->ok || kj_bdd_over(course->bdd) || course->packet)
		return;
	if (course->n)
		kj_fw_found_each(&course->found, course->each, course->n, course->answers);
	else
		kj_fw_found_one(&course->found, course->answers);
}

static bool run(struct course *course)
{
	struct kj_fw_analysis *a = course->a;
	struct kj_fw_space *space = a->space;
	bool output = course->question->hook == KJ_FW_OUTPUT;
	if (a->too_large)
		return false;
	kj_arena_clear(space->scratch);
	if (kj_bdd_over(space->bdd) || kj_bdd_nodes(space->bdd) > a->nodes + NODES_KEPT)
		kj_bdd_reset(space->bdd, a->nodes);
	course->bdd = space->bdd;
	course->ok = true;
	course->found = (struct kj_fw_found){.space = space, .domain = &a->domain};
	course->found.field = kj_fw_each_field(course->question->hook);
	course->found.unseen = kj_fw_unseen(course->question->by_oif || (course->n && output), course->n && !output);
	bool done = kj_guard(space->scratch, go, course);
	if (done && course->ok && !kj_bdd_over(space->bdd))
		return true;
	a->too_large |= !done; /* broken off in the midst of its work */
	return false;
}

bool kj_fw_ask(struct kj_fw_analysis *analysis, const struct kj_fw_question *question, struct kj_fw_answer *answer)
{
	struct course course = {.a = analysis, .question = question, .answers = answer};
	*answer = (struct kj_fw_answer){0};
	if (run(&course))
		return true;
	analysis->too_large |= ++analysis->failures >= FAILURES_MAX;
	*answer = (struct kj_fw_answer){0};
	return false;
}

bool kj_fw_turned_away(struct kj_fw_analysis *analysis, const struct kj_fw_question *question,
                       const struct kj_fw_packet *packet, struct kj_fw_decider *by)
{
	struct course course = {.a = analysis, .question = question, .packet = packet, .by = by};
	return run(&course) && course.turned;
}

bool kj_fw_was_matched(const struct kj_fw_analysis *analysis, const struct kj_fw_rule *rule)
{
	return kj_fw_rule_matched(analysis->machine, rule);
}

enum kj_fw_field kj_fw_each_field(enum kj_fw_hook hook)
{
	return hook == KJ_FW_OUTPUT ? KJ_FW_OIF : KJ_FW_IIF;
}

bool kj_fw_ask_each(struct kj_fw_analysis *analysis, const struct kj_fw_question *question, const uint32_t *ifaces,
                    size_t n, struct kj_fw_answer *answers)
{
	struct kj_fw_question all = *question;
	struct course course = {.a = analysis, .question = &all, .each = ifaces, .n = n, .answers = answers};
	*(question->hook == KJ_FW_OUTPUT ? &all.oif : &all.iif) = KJ_FW_ANY_IFACE;
	if (n == 1) { /* rules are narrowed to one that is given */
		*(question->hook == KJ_FW_OUTPUT ? &all.oif : &all.iif) = *ifaces;
		return kj_fw_ask(analysis, &all, answers);
	}
	return run(&course);
}
