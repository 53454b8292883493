#include "eval/detours.h"

#include "firewall/intervals.h"
#include "firewall/lead.h"

/* As many are worth telling. */
enum { DETOURS_MAX = 100 };

/* ---- who may rewrite a part ---- */

struct choice {
	KJ_VEC(const struct kj_fw_decider *) at; /* NULL: nobody */
	bool sure;
};

static struct choice choice_of(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct choice choice = {{0}};
	bool first = part->deciders.n && kj_fw_lead(&part->deciders.at[0]);
	if (!first)
		KJ_PUSH(arena, &choice.at, NULL);
	for (size_t i = 0; i < part->deciders.n; i++) {
		if (kj_fw_lead(&part->deciders.at[i]))
			KJ_PUSH(arena, &choice.at, &part->deciders.at[i]);
	}
	choice.sure = choice.at.n == 1;
	return choice;
}

static struct kj_fw_set as_set(const struct kj_fw_intervals *in)
{
	struct kj_fw_set set = {.dims = 1, .declared = true};
	set.at.at = in->at.at;
	set.at.n = set.at.cap = in->at.n;
	return set;
}

static bool same_addresses(struct kj_arena *arena, const struct kj_fw_set *a, const struct kj_fw_set *b)
{
	struct kj_fw_intervals in_a = {{0}}, in_b = {{0}};
	bool whole_a, whole_b;
	if (!a || !b || a == b)
		return a == b;
	for (size_t i = 0; i < a->at.n; i++)
		KJ_PUSH(arena, &in_a.at, a->at.at[i]);
	for (size_t i = 0; i < b->at.n; i++)
		KJ_PUSH(arena, &in_b.at, b->at.at[i]);
	kj_fw_intervals_meet(arena, &in_b, a, &whole_b);
	kj_fw_intervals_meet(arena, &in_a, b, &whole_a);
	return whole_a && whole_b;
}

/* Of one family all addresses are; what is not known is the same where the same rule says it. */
static bool same_end(struct kj_arena *arena, const struct kj_fw_decider *a, const struct kj_fw_decider *b)
{
	const struct kj_fw_rewrite *x = kj_fw_lead(a), *y = kj_fw_lead(b);
	if (!x || !y)
		return x == y;
	if (x->unknown || y->unknown)
		return x->unknown == y->unknown && kj_str_eq(a->text, b->text);
	if (x->to_self != y->to_self || x->has_port != y->has_port)
		return false;
	if (x->has_port && (x->port_first != y->port_first || x->port_last != y->port_last))
		return false;
	return same_addresses(arena, x->addr, y->addr);
}

static const struct kj_fw_decider *const *stray(struct kj_arena *arena, const struct choice *of,
                                                const struct choice *in)
{
	for (size_t i = 0; i < of->at.n; i++) {
		bool found = false;
		for (size_t k = 0; k < in->at.n && !found; k++)
			found = same_end(arena, of->at.at[i], in->at.at[k]);
		if (!found)
			return &of->at.at[i];
	}
	return NULL;
}

/* ---- what two parts share ---- */

static bool touch(const struct kj_fw_intervals *a, const struct kj_fw_intervals *b)
{
	for (size_t i = 0; i < a->at.n; i++) {
		for (size_t k = 0; k < b->at.n; k++) {
			const struct kj_fw_interval *x = &a->at.at[i], *y = &b->at.at[k];
			bool before =
			        x->last.hi < y->first.hi || (x->last.hi == y->first.hi && x->last.lo < y->first.lo);
			bool after =
			        x->first.hi > y->last.hi || (x->first.hi == y->last.hi && x->first.lo > y->last.lo);
			if (x->version == y->version && !before && !after)
				return true;
		}
	}
	return a->at.n == 0 || b->at.n == 0; /* no ports: every one */
}

static struct kj_fw_intervals common(struct kj_arena *arena, const struct kj_fw_intervals *a,
                                     const struct kj_fw_intervals *b)
{
	struct kj_fw_set set = as_set(b);
	bool whole;
	if (a->at.n == 0 || b->at.n == 0)
		return a->at.n ? *a : *b;
	return kj_fw_intervals_meet(arena, a, &set, &whole);
}

static void compare_parts(struct kj_arena *arena, const struct kj_fw_part *old, const struct kj_fw_part *now,
                          struct kj_detours *out)
{
	if (!touch(&old->protos, &now->protos) || !touch(&old->ports, &now->ports) || !touch(&old->dst, &now->dst) ||
	    !touch(&old->src, &now->src))
		return;
	struct choice was = choice_of(arena, old), is = choice_of(arena, now);
	const struct kj_fw_decider *const *left = stray(arena, &was, &is), *const *came = stray(arena, &is, &was);
	if (!left && !came)
		return;
	struct kj_detour detour = {.part = *now, .now = came ? *came : is.at.at[0], .old = left ? *left : was.at.at[0]};
	detour.part.protos = common(arena, &now->protos, &old->protos);
	detour.part.ports = common(arena, &now->ports, &old->ports);
	detour.part.src = common(arena, &now->src, &old->src);
	detour.part.dst = common(arena, &now->dst, &old->dst);
	detour.certain = was.sure && is.sure && old->certain && now->certain;
	KJ_PUSH(arena, &out->at, detour);
}

static bool rewrites(const struct kj_fw_part *part)
{
	for (size_t i = 0; i < part->deciders.n; i++) {
		if (kj_fw_lead(&part->deciders.at[i]))
			return true;
	}
	return false;
}

static void compare_answers(struct kj_arena *arena, const struct kj_fw_answer *old, const struct kj_fw_answer *now,
                            struct kj_detours *out)
{
	for (size_t i = 0; i < now->parts.n; i++) {
		bool one = rewrites(&now->parts.at[i]);
		for (size_t k = 0; k < old->parts.n && out->at.n < DETOURS_MAX; k++) {
			if (one || rewrites(&old->parts.at[k]))
				compare_parts(arena, &old->parts.at[k], &now->parts.at[i], out);
		}
	}
}

/* ---- asking ---- */

static bool has_rewrites(const struct kj_fw_ruleset *rs)
{
	for (size_t i = 0; i < rs->rules.n; i++) {
		if (rs->rules.at[i]->rewrite)
			return true;
	}
	return false;
}

/* The interfaces that either dump names; the first is any other. */
struct names {
	KJ_VEC(kj_str) at;
};

static void add_names(struct kj_arena *arena, const struct kj_fw_ruleset *rs, struct names *names)
{
	for (size_t i = 1; i < rs->ifaces.n; i++) {
		kj_str name = rs->ifaces.at[i].name;
		bool known = kj_str_eq(name, KJ_STR("lo"));
		for (size_t k = 0; k < names->at.n && !known; k++)
			known = kj_str_eq(names->at.at[k], name);
		if (!known)
			KJ_PUSH(arena, &names->at, name);
	}
}

static bool ask(struct kj_fw_analysis *analysis, const struct kj_fw_ruleset *rs, kj_str iface, enum kj_fw_hook hook,
                bool diverted, struct kj_fw_answer *answer)
{
	struct kj_fw_question question = {.hook = hook,
	                                  .iif = iface.n ? kj_fw_iface_find(rs, iface) : 0,
	                                  .oif = KJ_FW_ANY_IFACE,
	                                  .by_oif = hook == KJ_FW_FORWARD,
	                                  .diverted = diverted};
	return kj_fw_ask(analysis, &question, answer);
}

bool kj_detours_find(struct kj_arena *arena, const struct kj_fw_ruleset *old, const struct kj_fw_ruleset *now,
                     unsigned char version, struct kj_detours *out)
{
	struct kj_fw_scope scope = {.version = version};
	struct names names = {{0}};
	if (!has_rewrites(old) && !has_rewrites(now))
		return true;
	struct kj_fw_analysis *was = kj_fw_analysis_new(arena, old, &scope),
	                      *is = kj_fw_analysis_new(arena, now, &scope);
	KJ_PUSH(arena, &names.at, KJ_STR(""));
	add_names(arena, old, &names);
	add_names(arena, now, &names);
	for (size_t i = 0; i < names.at.n; i++) {
		for (unsigned way = 0; way < 4; way++) {
			enum kj_fw_hook hook = way & 1 ? KJ_FW_FORWARD : KJ_FW_INPUT;
			struct kj_fw_answer before, after;
			if (!ask(was, old, names.at.at[i], hook, way & 2, &before) ||
			    !ask(is, now, names.at.at[i], hook, way & 2, &after))
				return false;
			compare_answers(arena, &before, &after, out);
		}
	}
	return true;
}
