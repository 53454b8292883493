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
	struct kj_fw_analysis *analysis[2]; /* IPv4, IPv6; NULL: not asked for */
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

/* Asks both families. Without anything accepted there is an entry only when `always`. */
static void ask(struct work *work, const struct kj_fw_question *question, bool always)
{
	struct kj_fw_entry entry = {.hook = question->hook, .diverted = question->diverted};
	entry.iface = work->request->iface.n ? work->request->iface
	                                     : kj_fw_iface_name(work->arena, work->survey->rs, question->iif);
	entry.oface = work->request->oface.n ? work->request->oface
	                                     : kj_fw_iface_name(work->arena, work->survey->rs, question->oif);
	for (unsigned i = 0; i < 2; i++) {
		struct kj_fw_answer answer;
		if (!work->analysis[i])
			continue;
		if (!kj_fw_ask(work->analysis[i], question, &answer)) {
			work->survey->complete = false;
			KJ_PUSH(work->arena, &answer.parts, all_perhaps(work->arena, i ? 6 : 4));
		}
		for (size_t p = 0; p < answer.parts.n; p++)
			KJ_PUSH(work->arena, &entry.answer.parts, answer.parts.at[p]);
	}
	if (always || entry.answer.parts.n)
		KJ_PUSH(work->arena, &work->survey->entries, entry);
}

static bool is_loopback(const struct work *work, uint32_t id)
{
	const struct kj_fw_iface *iface = &work->survey->rs->ifaces.at[id];
	return !iface->wildcard && kj_str_eq(iface->name, KJ_STR("lo"));
}

static void ask_input(struct work *work)
{
	for (size_t i = 0; i < work->in.at.n; i++) {
		struct kj_fw_question question = {
		        .hook = KJ_FW_INPUT, .iif = work->in.at.at[i], .oif = KJ_FW_ANY_IFACE};
		ask(work, &question, true);
		question.diverted = true;
		ask(work, &question, false);
	}
}

static void ask_output(struct work *work)
{
	for (size_t i = 0; i < work->out.at.n; i++) {
		struct kj_fw_question question = {
		        .hook = KJ_FW_OUTPUT, .iif = KJ_FW_ANY_IFACE, .oif = work->out.at.at[i]};
		ask(work, &question, true);
	}
}

static void ask_forward(struct work *work)
{
	for (size_t i = 0; i < work->in.at.n; i++) {
		struct kj_fw_question question = {
		        .hook = KJ_FW_FORWARD, .iif = work->in.at.at[i], .oif = KJ_FW_ANY_IFACE};
		question.by_oif = !work->request->oface.n;
		if (!question.by_oif)
			question.oif = work->out.at.at[0];
		if (is_loopback(work, question.iif))
			continue; /* what comes from here is not forwarded */
		ask(work, &question, true);
		question.diverted = true;
		ask(work, &question, false);
	}
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
		*scope = (struct kj_fw_scope){i ? 6 : 4,          request->src,   request->dst,   request->local,
		                              request->has_sport, request->sport, request->flags, request->max_nodes};
		if (rs->families & (i ? KJ_FW_V6 : KJ_FW_V4) && speaks(request->src, scope->version) &&
		    speaks(request->dst, scope->version))
			work->analysis[i] = kj_fw_analysis_new(work->arena, rs, scope);
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

void kj_fw_survey(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_request *request,
                  struct kj_fw_survey *survey)
{
	*survey = (struct kj_fw_survey){.rs = rs, .complete = true};
	struct work work = {.arena = arena, .request = request, .survey = survey};
	prepare(&work, rs);
	if (!request->has_hook || request->hook == KJ_FW_INPUT)
		ask_input(&work);
	if (!request->has_hook || request->hook == KJ_FW_FORWARD)
		ask_forward(&work);
	if (!request->has_hook || request->hook == KJ_FW_OUTPUT)
		ask_output(&work);
}
