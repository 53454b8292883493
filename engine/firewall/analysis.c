#include "firewall/analysis.h"

#include "firewall/domain.h"
#include "firewall/eval.h"
#include "firewall/parts.h"

#include <stdlib.h>

#define NODES_DEFAULT ((size_t)4 << 20)

/* What the questions before made is kept (the next one wants much of it again) until it is this many nodes. */
#define NODES_KEPT ((size_t)1 << 19)

#define BIT(field) (1u << (field))
/* What no sender chooses and no answer tells. */
#define UNSEEN                                                                                                         \
	(BIT(KJ_FW_FAMILY) | BIT(KJ_FW_STATE) | BIT(KJ_FW_FLAGS) | BIT(KJ_FW_IIF) | BIT(KJ_FW_OIF) |                   \
	 BIT(KJ_FW_SRC_TYPE) | BIT(KJ_FW_DST_TYPE) | BIT(KJ_FW_MAC) | BIT(KJ_FW_MARK) | BIT(KJ_FW_CTMARK) |            \
	 BIT(KJ_FW_DNATED))

/* What the sender chooses beside what the answer tells: a source port, odd headers. */
#define CHOSEN (BIT(KJ_FW_SPORT) | ((BIT(KJ_FW_ODDS) - 1) << KJ_FW_ODD))

struct kj_fw_analysis {
	struct kj_fw_space *space;
	struct kj_fw_domain domain;
	struct kj_fw_machine *machine;
	KJ_VEC(const struct kj_fw_chain *)
	way[KJ_FW_HOOKS]; /* the base chains of each hook, in the order packets meet them */
	size_t nodes;     /* that all questions share */
	bool too_large;   /* the rules alone, or the work of one question, are over the limit */
};

/* Packets on their way that have the same rewriting behind them. */
struct stream {
	const struct kj_fw_rule *by;      /* the rule that rewrote; NULL: as sent */
	kj_bdd sent;                      /* as the sender wrote them, of the seen fields; used when rewritten */
	bool kept;                        /* rewritten, but for the address */
	kj_bdd now;                       /* as they are */
	bool here, away;                  /* may be bound for this host; for another */
	bool thinned;                     /* some were taken out since the last layer that has rules */
	KJ_VEC(struct kj_fw_hits) layers; /* what let them in, for each base chain of the asked hook */
};

/* One question at work. */
struct course {
	struct kj_fw_analysis *a;
	struct kj_bdd_store *bdd;
	const struct kj_fw_question *question;
	struct kj_fw_answer *answer;
	KJ_VEC(struct stream) streams;
	uint32_t unseen; /* fields that do not come into the answer */
	kj_bdd dropped;  /* as sent, of the seen fields */
	bool ok;
};

/* -- preparing -- */

static int way_order(const void *a, const void *b)
{
	const struct kj_fw_chain *x = *(const struct kj_fw_chain *const *)a, *y = *(const struct kj_fw_chain *const *)b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->index < y->index ? -1 : 1;
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
			qsort(a->way[hook].at, a->way[hook].n, sizeof *a->way[hook].at, way_order);
	}
}

struct kj_fw_analysis *kj_fw_analysis_new(struct kj_arena *arena, const struct kj_fw_ruleset *rs,
                                          const struct kj_fw_scope *scope)
{
	struct kj_fw_analysis *a = KJ_NEW(arena, struct kj_fw_analysis);
	a->space = kj_fw_space_begin(arena, rs, scope->version);
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

/* The packets as their senders wrote them, without the unseen fields. Over-approximates where a choice of the firewall
   or an unseen field is involved; accepted and dropped packets alike, so what remains certain is so. */
static kj_bdd as_sent(const struct course *course, const struct stream *stream, kj_bdd set)
{
	if (!stream->by)
		return kj_bdd_exists(course->bdd, set, course->unseen);
	uint32_t changed = (stream->kept ? 0 : BIT(KJ_FW_DST)) | (stream->by->rewrite->has_port ? BIT(KJ_FW_DPORT) : 0);
	return kj_bdd_and(course->bdd, stream->sent, kj_bdd_exists(course->bdd, set, course->unseen | changed));
}

static void lose(struct course *course, const struct stream *stream, kj_bdd set)
{
	course->dropped = kj_bdd_or(course->bdd, course->dropped, as_sent(course, stream, set));
}

/* A stream of its own for packets that a rule rewrote; `kept`: their address is what it was. */
static void follow(struct course *course, struct stream stream, kj_bdd set)
{
	if (set == KJ_BDD_FALSE)
		return;
	stream.sent = kj_bdd_exists(course->bdd, set, course->unseen);
	stream.now = kj_fw_domain_rewrite(&course->a->domain, set, stream.by->rewrite, stream.kept, stream.here,
	                                  stream.away);
	KJ_PUSH(course->a->space->scratch, &course->streams, stream);
}

/* What a rule rewrites: leaves as it is, because it has that destination already; may leave at its address; sends to
   another one. */
static void divert(struct course *course, struct stream from, const struct kj_fw_hit *hit)
{
	const struct kj_fw_domain *domain = &course->a->domain;
	const struct kj_fw_rewrite *rewrite = hit->rule->rewrite;
	struct stream same = {.by = hit->rule, .kept = true, .here = from.here, .away = from.away}, moved = same;
	bool one;
	same.now = kj_fw_domain_unmoved(domain, hit->set, rewrite);
	same.sent = kj_bdd_exists(course->bdd, same.now, course->unseen);
	if (same.now != KJ_BDD_FALSE)
		KJ_PUSH(course->a->space->scratch, &course->streams, same);
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
static kj_bdd beside_nat(const struct course *course, const struct kj_fw_chain *base, const struct stream *stream)
{
	if (!base->nat)
		return KJ_BDD_FALSE;
	return stream->by ? stream->now : kj_bdd_diff(course->bdd, stream->now, course->a->domain.natted);
}

static void pass_stream(struct course *course, const struct kj_fw_chain *base, size_t index, bool asked)
{
	struct kj_arena *arena = course->a->space->scratch;
	struct stream *stream = &course->streams.at[index];
	struct kj_fw_outcome out;
	kj_bdd beside = beside_nat(course, base, stream);
	course->ok &= kj_fw_eval(course->a->machine, base, kj_bdd_diff(course->bdd, stream->now, beside), &out);
	kj_bdd left = kj_bdd_or(course->bdd, out.accepted, beside);
	bool tells = asked && out.accepts.at.n && (out.accepts.at.n > 1 || out.accepts.at.at[0].rule);
	stream->thinned = !tells && (stream->thinned || left != stream->now);
	stream->now = left;
	if (beside != KJ_BDD_FALSE)
		KJ_PUSH(arena, &out.accepts.at, (struct kj_fw_hit){NULL, base, beside});
	if (asked)
		KJ_PUSH(arena, &stream->layers, out.accepts);
	lose(course, stream, out.dropped);
	for (size_t i = 0; i < out.rewrites.at.n; i++)
		divert(course, course->streams.at[index], &out.rewrites.at.at[i]);
}

/* -- the way -- */

static void track(struct course *course)
{
	for (size_t i = 0; i < course->streams.n; i++)
		course->streams.at[i].now = kj_fw_domain_track(&course->a->domain, course->streams.at[i].now);
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
		size_t streams = course->streams.n;
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
	for (size_t i = 0; i < course->streams.n; i++) {
		struct stream *stream = &course->streams.at[i];
		bool other = here ? stream->away : stream->here, fits = here ? stream->here : stream->away;
		if (other)
			lose(course, stream, stream->now);
		if (!fits)
			stream->now = KJ_BDD_FALSE;
	}
}

/* Which way the packets go that nothing rewrites. */
static void set_out(struct course *course)
{
	const struct kj_fw_question *question = course->question;
	uint32_t given;
	kj_bdd cube = kj_fw_domain_given(&course->a->domain, question, &given);
	kj_fw_fix(course->a->machine, given, cube);
	struct stream first = {.now = kj_fw_domain_packets(&course->a->domain, question)};
	first.here = (question->hook == KJ_FW_INPUT) != question->diverted;
	first.away = !first.here;
	if (question->hook == KJ_FW_OUTPUT)
		first.here = !(first.away = true);
	KJ_PUSH(course->a->space->scratch, &course->streams, first);
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

/* -- the answer -- */

static void add_streams(struct course *course, struct kj_fw_classes *classes)
{
	for (size_t i = 0; i < course->streams.n; i++) {
		struct stream *stream = &course->streams.at[i];
		kj_bdd open = kj_bdd_exists(course->bdd, as_sent(course, stream, stream->now), CHOSEN);
		for (size_t layer = 0; layer < stream->layers.n; layer++) {
			struct kj_fw_hits *hits = &stream->layers.at[layer];
			for (size_t h = 0; h < hits->at.n; h++)
				hits->at.at[h].set =
				        kj_bdd_exists(course->bdd, as_sent(course, stream, hits->at.at[h].set), CHOSEN);
		}
		kj_fw_classes_add(classes, open, stream->by, stream->layers.at, stream->layers.n, !stream->thinned);
	}
}

/* All that may get in, and what of it certainly does: some plain packet, with a source port of the sender's choice,
   gets in and is nowhere dropped. */
static void settle(struct course *course)
{
	kj_bdd open = KJ_BDD_FALSE;
	for (size_t i = 0; i < course->streams.n; i++)
		open = kj_bdd_or(course->bdd, open, as_sent(course, &course->streams.at[i], course->streams.at[i].now));
	kj_bdd certain =
	        kj_bdd_and(course->bdd, kj_bdd_diff(course->bdd, open, course->dropped), course->a->domain.plain);
	certain = kj_bdd_exists(course->bdd, certain, CHOSEN);
	struct kj_fw_classes classes = {.space = course->a->space};
	classes.every_oif = kj_fw_domain_ifaces(&course->a->domain, KJ_FW_OIF);
	add_streams(course, &classes);
	if (!course->ok || kj_bdd_over(course->bdd))
		return;
	kj_fw_classes_parts(&classes, certain, course->answer);
}

static void go(void *ctx)
{
	struct course *course = ctx;
	travel(course);
	settle(course);
}

bool kj_fw_ask(struct kj_fw_analysis *analysis, const struct kj_fw_question *question, struct kj_fw_answer *answer)
{
	struct kj_bdd_store *bdd = analysis->space->bdd;
	struct course course = {.a = analysis, .bdd = bdd, .question = question, .answer = answer, .ok = true};
	*answer = (struct kj_fw_answer){0};
	if (analysis->too_large)
		return false;
	course.unseen = UNSEEN & ~(question->by_oif ? BIT(KJ_FW_OIF) : 0);
	kj_arena_clear(analysis->space->scratch);
	if (kj_bdd_over(bdd) || kj_bdd_nodes(bdd) > analysis->nodes + NODES_KEPT)
		kj_bdd_reset(bdd, analysis->nodes);
	bool done = kj_guard(analysis->space->scratch, go, &course);
	if (done && course.ok && !kj_bdd_over(bdd))
		return true;
	analysis->too_large |= !done; /* broken off in the midst of its work */
	*answer = (struct kj_fw_answer){0};
	return false;
}
