#include "firewall/survey.h"

kj_str kj_fw_iface_name(struct kj_arena *arena, const struct kj_fw_ruleset *rs, uint32_t id)
{
	if (id >= rs->ifaces.n)
		return KJ_STR("*");
	const struct kj_fw_iface *iface = &rs->ifaces.at[id];
	return iface->wildcard ? kj_str_fmt(arena, "%.*s+", KJ_FMT(iface->name)) : iface->name;
}

/* The numbers of the interfaces that tests of one field name, 0 (any other) first. */
struct ifaces {
	KJ_VEC(uint32_t) at;
};

static void add_test(const struct kj_fw_ruleset *rs, const struct kj_fw_test *test, enum kj_fw_field field, bool *named)
{
	for (unsigned dim = 0; dim < test->dims; dim++) {
		for (size_t i = dim; test->field[dim] == field && i < test->set->at.n; i += test->set->dims) {
			const struct kj_fw_interval *in = &test->set->at.at[i];
			for (uint64_t id = in->first.lo; !in->any && id <= in->last.lo && id < rs->ifaces.n; id++)
				named[id] = true;
		}
	}
}

/* Every interface that the rules name in the field; names that are the beginning of every name tell nothing apart. */
static void find_ifaces(struct kj_arena *arena, const struct kj_fw_ruleset *rs, enum kj_fw_field field,
                        struct ifaces *out)
{
	bool *named = KJ_NEW_ARRAY(arena, bool, rs->ifaces.n);
	for (size_t i = 0; i < rs->rules.n; i++) {
		for (size_t t = 0; t < rs->rules.at[i]->tests.n; t++)
			add_test(rs, &rs->rules.at[i]->tests.at[t], field, named);
	}
	KJ_PUSH(arena, &out->at, 0);
	for (uint32_t id = 1; id < rs->ifaces.n; id++) {
		if (named[id] && rs->ifaces.at[id].name.n)
			KJ_PUSH(arena, &out->at, id);
	}
}

/* -- one survey -- */

struct work {
	struct kj_arena *arena;
	const struct kj_fw_request *request;
	struct kj_fw_survey *survey;
	struct ifaces in, out;
};

/* Everything, perhaps: what is said of a question that could not be answered. */
static struct kj_fw_part all_perhaps(struct kj_arena *arena, unsigned char version)
{
	struct kj_fw_part part = {.certain = false};
	struct kj_fw_interval every = {.last = {version == 6 ? UINT64_MAX : 0, version == 6 ? UINT64_MAX : UINT32_MAX}};
	every.version = version;
	KJ_PUSH(arena, &part.protos.at, kj_fw_interval_num(0, 255));
	KJ_PUSH(arena, &part.src.at, every);
	KJ_PUSH(arena, &part.dst.at, every);
	KJ_PUSH(arena, &part.deciders, (struct kj_fw_decider){.text = KJ_STR("the analysis reached its limit")});
	return part;
}

static struct kj_fw_question question_of(const struct work *work, enum kj_fw_hook hook, bool diverted, uint32_t id)
{
	struct kj_fw_question question = {
	        .hook = hook, .iif = KJ_FW_ANY_IFACE, .oif = KJ_FW_ANY_IFACE, .diverted = diverted};
	*(hook == KJ_FW_OUTPUT ? &question.oif : &question.iif) = id;
	if (hook == KJ_FW_FORWARD && work->request->oface.n)
		question.oif = work->out.at.at[0];
	question.by_oif = hook == KJ_FW_FORWARD && !work->request->oface.n;
	return question;
}

/* The answers of one family for all interfaces: at once, or one by one where that is too much. */
static struct kj_fw_answer *answers_of(struct work *work, unsigned family, const struct kj_fw_question *question,
                                       const struct ifaces *ifaces)
{
	struct kj_fw_analysis *analysis = work->survey->analysis[family];
	struct kj_fw_answer *answers = KJ_NEW_ARRAY(work->arena, struct kj_fw_answer, ifaces->at.n);
	if (!analysis || kj_fw_ask_each(analysis, question, ifaces->at.at, ifaces->at.n, answers))
		return answers;
	for (size_t i = 0; i < ifaces->at.n; i++) {
		struct kj_fw_question one = question_of(work, question->hook, question->diverted, ifaces->at.at[i]);
		if (kj_fw_ask(analysis, &one, &answers[i]))
			continue;
		work->survey->complete = false;
		KJ_PUSH(work->arena, &answers[i].parts, all_perhaps(work->arena, family ? 6 : 4));
	}
	return answers;
}

/* The answers of both families to one question, for all interfaces. */
struct round {
	struct kj_fw_question question;
	const struct kj_fw_answer *answers[2];
};

static struct round ask(struct work *work, enum kj_fw_hook hook, bool diverted, const struct ifaces *ifaces)
{
	struct round round = {.question = question_of(work, hook, diverted, KJ_FW_ANY_IFACE)};
	for (unsigned i = 0; i < 2; i++)
		round.answers[i] = answers_of(work, i, &round.question, ifaces);
	return round;
}

static kj_str name_of(const struct work *work, kj_str asked, uint32_t id)
{
	return asked.n ? asked : kj_fw_iface_name(work->arena, work->survey->rs, id);
}

/* The parts of both families. */
static struct kj_fw_answer joined(struct kj_arena *arena, const struct kj_fw_answer *a, const struct kj_fw_answer *b)
{
	struct kj_fw_answer both = *a;
	if (!a->parts.n)
		return *b;
	if (!b->parts.n)
		return *a;
	both.parts.cap = both.parts.n = 0;
	both.parts.at = NULL;
	both.vague |= b->vague;
	KJ_RESERVE(arena, &both.parts, a->parts.n + b->parts.n);
	for (size_t i = 0; i < a->parts.n; i++)
		KJ_PUSH(arena, &both.parts, a->parts.at[i]);
	for (size_t i = 0; i < b->parts.n; i++)
		KJ_PUSH(arena, &both.parts, b->parts.at[i]);
	return both;
}

/* Without anything accepted there is an entry only when `always`. */
static void add_entry(struct work *work, const struct round *round, size_t index, uint32_t id, bool always)
{
	struct kj_fw_entry entry = {.hook = round->question.hook, .diverted = round->question.diverted};
	entry.question = question_of(work, entry.hook, entry.diverted, id);
	entry.iface = name_of(work, work->request->iface, entry.question.iif);
	entry.oface = name_of(work, work->request->oface, entry.question.oif);
	entry.answer = joined(work->arena, &round->answers[0][index], &round->answers[1][index]);
	if (always || entry.answer.parts.n)
		KJ_PUSH(work->arena, &work->survey->entries, entry);
}

/* `strays`: also what DNAT brings to the hook that is not for it by itself. */
static void ask_hook(struct work *work, enum kj_fw_hook hook, const struct ifaces *ifaces, bool strays)
{
	struct round round = ask(work, hook, false, ifaces), stray = {0};
	if (strays)
		stray = ask(work, hook, true, ifaces);
	for (size_t i = 0; i < ifaces->at.n; i++) {
		add_entry(work, &round, i, ifaces->at.at[i], true);
		if (strays)
			add_entry(work, &stray, i, ifaces->at.at[i], false);
	}
}

static bool is_loopback(const struct work *work, uint32_t id)
{
	const struct kj_fw_iface *iface = &work->survey->rs->ifaces.at[id];
	return !iface->wildcard && kj_str_eq(iface->name, KJ_STR("lo"));
}

/* What comes from here is not forwarded. */
static void ask_forward(struct work *work)
{
	struct ifaces ifaces = {0};
	for (size_t i = 0; i < work->in.at.n; i++) {
		if (!is_loopback(work, work->in.at.at[i]))
			KJ_PUSH(work->arena, &ifaces.at, work->in.at.at[i]);
	}
	if (ifaces.at.n)
		ask_hook(work, KJ_FW_FORWARD, &ifaces, true);
}

/* Whether a set has an address of the family, or is not given. */
static bool speaks(const struct kj_fw_set *set, unsigned version)
{
	for (size_t i = 0; set && i < set->at.n; i++) {
		if (set->at.at[i].version == version)
			return true;
	}
	return !set;
}

static void prepare(struct work *work, const struct kj_fw_ruleset *rs)
{
	const struct kj_fw_request *request = work->request;
	for (unsigned i = 0; i < 2; i++) {
		struct kj_fw_scope *scope = KJ_NEW(work->arena, struct kj_fw_scope);
		*scope = (struct kj_fw_scope){i ? 6 : 4,      request->src,       request->dst,
		                              request->local, request->has_sport, request->sport,
		                              request->flags, request->max_nodes, work->arena};
		if (rs->families & (i ? KJ_FW_V6 : KJ_FW_V4) && speaks(request->src, scope->version) &&
		    speaks(request->dst, scope->version))
			work->survey->analysis[i] = kj_fw_analysis_new(work->survey->work->arena, rs, scope);
	}
	find_ifaces(work->arena, rs, KJ_FW_IIF, &work->in);
	find_ifaces(work->arena, rs, KJ_FW_OIF, &work->out);
	if (request->iface.n) {
		work->in.at.n = 0;
		KJ_PUSH(work->arena, &work->in.at, kj_fw_iface_find(rs, request->iface));
	}
	if (request->oface.n) {
		work->out.at.n = 0;
		KJ_PUSH(work->arena, &work->out.at, kj_fw_iface_find(rs, request->oface));
	}
}

static void end_work(void *object)
{
	kj_fw_work_done(object);
}

struct kj_fw_work *kj_fw_work_new(struct kj_arena *arena)
{
	struct kj_fw_work *work = KJ_NEW(arena, struct kj_fw_work);
	work->arena = kj_arena_new(SIZE_MAX / 2);
	if (!work->arena)
		kj_alloc(arena, SIZE_MAX, 2); /* gives up, as any allocation does that cannot be had */
	kj_defer(arena, end_work, work);
	return work;
}

void kj_fw_work_done(struct kj_fw_work *work)
{
	kj_arena_free(work->arena);
	work->arena = NULL;
}

void kj_fw_survey_done(struct kj_fw_survey *survey)
{
	kj_fw_work_done(survey->work);
	survey->analysis[0] = survey->analysis[1] = NULL;
}

void kj_fw_survey(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_request *request,
                  struct kj_fw_survey *survey)
{
	*survey = (struct kj_fw_survey){.rs = rs, .work = kj_fw_work_new(arena), .complete = true};
	struct work work = {.arena = arena, .request = request, .survey = survey};
	prepare(&work, rs);
	if (!request->has_hook || request->hook == KJ_FW_INPUT)
		ask_hook(&work, KJ_FW_INPUT, &work.in, true);
	if (!request->has_hook || request->hook == KJ_FW_FORWARD)
		ask_forward(&work);
	if (!request->has_hook || request->hook == KJ_FW_OUTPUT)
		ask_hook(&work, KJ_FW_OUTPUT, &work.out, false);
}
