#include "firewall/detours.h"

#include "firewall/doubt.h"
#include "firewall/intervals.h"
#include "firewall/lead.h"
#include "firewall/parts.h"

/* As many for one interface are worth telling. */
#define DETOURS_MAX 20000

/* -- where a part may be led -- */

/* One way it may go on. */
struct end {
	const struct kj_fw_decider *by; /* NULL: as sent */
	kj_str addr, port;              /* in one form for all rules; empty: kept */
	bool known;
};

/* All ways that the packets of a part may go on, by the same rules. */
struct choice {
	KJ_VEC(struct end) at;
	kj_str rules; /* who rewrites: a key */
	kj_str ends;  /* where to: a key */
	bool sure;    /* it is one end, and known */
};

/* The packets of an answer that have one choice. */
struct way {
	const struct choice *choice;
	struct pieces {
		KJ_VEC(kj_bdd) at;
	} piece[2];          /* of parts that are not certain, and that are */
	kj_bdd set, certain; /* all; those that surely are let in */
};

/* The packets of an answer that are led to the same ends. */
struct ended {
	kj_bdd all, unsure;
};

struct ways {
	KJ_VEC(struct way) at; /* apart */
	kj_bdd all;
	kj_bdd *tree;       /* the unions of halves, of halves of halves … (build_tree) */
	struct kj_map ends; /* key → struct ended */
};

struct kj_fw_detouring {
	struct kj_fw_meeting *m;
	struct kj_map choices[KJ_FW_SIDES]; /* rules → struct choice */
	struct ways **ways[KJ_FW_SIDES];    /* of each face; NULL: not made yet */
};

/* The only address that it leads to, in *one; false: there are several, or none is known. */
static bool one_address(struct kj_arena *arena, const struct kj_fw_rewrite *rewrite, unsigned char version,
                        struct kj_fw_interval *one)
{
	struct kj_fw_intervals to = kj_fw_lead_to(arena, rewrite, version);
	if (to.at.n != 1 || kj_fw_key_cmp(to.at.at[0].first, to.at.at[0].last))
		return false;
	*one = to.at.at[0];
	return true;
}

static struct kj_fw_set set_of_one(struct kj_fw_interval *one)
{
	return (struct kj_fw_set){.dims = 1, .declared = true, .at = {.at = one, .n = 1, .cap = 1}};
}

void kj_fw_detours_cut(struct kj_fw_space *space, const struct kj_fw_ruleset *rs)
{
	struct kj_fw_interval one;
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct kj_fw_rewrite *rewrite = rs->rules.at[i]->rewrite;
		if (rewrite && one_address(space->scratch, rewrite, space->version, &one)) {
			struct kj_fw_set set = set_of_one(&one);
			kj_fw_space_cut(space, KJ_FW_DST, &set);
		}
		if (rewrite && rewrite->has_port)
			kj_fw_space_cut_num(space, KJ_FW_DPORT, rewrite->port_first, rewrite->port_last);
	}
}

/* What is not known is the same where the same rule says it. */
static kj_str unknown_key(struct kj_arena *arena, const struct kj_fw_decider *by)
{
	struct kj_fw_part part = {.certain = false};
	KJ_PUSH(arena, &part.deciders, *by);
	return kj_str_fmt(arena, "unknown %.*s", KJ_FMT(kj_fw_doubt_key(arena, &part)));
}

static struct end end_of(struct kj_arena *arena, const struct kj_fw_decider *by, unsigned char version)
{
	const struct kj_fw_rewrite *rewrite = kj_fw_lead(by);
	struct end end = {.by = by, .known = true};
	struct kj_buf addr = KJ_BUF(arena);
	if (rewrite && rewrite->has_port)
		end.port = kj_str_fmt(arena, "%u-%u", rewrite->port_first, rewrite->port_last);
	if (kj_fw_lead_keeps_address(rewrite))
		return end;
	struct kj_fw_intervals to = kj_fw_lead_to(arena, rewrite, version);
	for (size_t i = 0; i < to.at.n; i++) {
		const struct kj_fw_interval *in = &to.at.at[i];
		kj_buf_fmt(&addr, "%llx:%llx-%llx:%llx ", (unsigned long long)in->first.hi,
		           (unsigned long long)in->first.lo, (unsigned long long)in->last.hi,
		           (unsigned long long)in->last.lo);
	}
	end.known = rewrite->to_self || to.at.n;
	end.addr = rewrite->to_self ? KJ_STR("self") : end.known ? kj_buf_str(&addr) : unknown_key(arena, by);
	return end;
}

static bool same_end(const struct end *a, const struct end *b)
{
	return kj_str_eq(a->addr, b->addr) && kj_str_eq(a->port, b->port);
}

static int end_cmp(const struct end *a, const struct end *b)
{
	int order = kj_str_cmp(a->addr, b->addr);
	return order ? order : kj_str_cmp(a->port, b->port);
}

/* In order, equal ones once: few they are. */
static void add_end(struct kj_arena *arena, struct choice *choice, struct end end)
{
	size_t at = 0;
	while (at < choice->at.n && end_cmp(&choice->at.at[at], &end) < 0)
		at++;
	if (at < choice->at.n && same_end(&choice->at.at[at], &end))
		return;
	KJ_PUSH(arena, &choice->at, end);
	for (size_t i = choice->at.n - 1; i > at; i--)
		choice->at.at[i] = choice->at.at[i - 1];
	choice->at.at[at] = end;
}

/* `vague`: others than those named may rewrite it too. */
static struct choice *make_choice(struct kj_arena *arena, const struct kj_fw_part *part, unsigned char version,
                                  bool vague)
{
	struct choice *choice = KJ_NEW(arena, struct choice);
	struct kj_buf ends = KJ_BUF(arena);
	/* The rewriting rule comes first: where another does, the packets may as well go on as they were sent. */
	if (!part->deciders.n || !kj_fw_lead(&part->deciders.at[0]))
		add_end(arena, choice, (struct end){.known = true});
	for (size_t i = 0; i < part->deciders.n; i++) {
		if (kj_fw_lead(&part->deciders.at[i]))
			add_end(arena, choice, end_of(arena, &part->deciders.at[i], version));
	}
	for (size_t i = 0; i < choice->at.n; i++)
		kj_buf_fmt(&ends, "%.*s:%.*s\n", KJ_FMT(choice->at.at[i].addr), KJ_FMT(choice->at.at[i].port));
	choice->ends = kj_buf_str(&ends);
	choice->sure = !vague && choice->at.n == 1 && choice->at.at[0].known;
	return choice;
}

/* The choice of a part, one for all parts with the same rules. */
static const struct choice *choice_of(struct kj_fw_detouring *d, enum kj_fw_side side, const struct kj_fw_part *part,
                                      bool vague)
{
	struct kj_arena *arena = d->m->arena;
	struct kj_buf rules = KJ_BUF(d->m->space->scratch);
	vague |= part->deciders.n >= KJ_FW_DECIDERS_MAX;
	kj_buf_char(&rules, vague ? '?' : '!');
	kj_buf_char(&rules, part->deciders.n && kj_fw_lead(&part->deciders.at[0]) ? 'r' : 's');
	for (size_t i = 0; i < part->deciders.n; i++) {
		const struct kj_fw_decider *decider = &part->deciders.at[i];
		if (kj_fw_lead(decider))
			kj_buf_put(&rules, (kj_str){(const char *)&decider->rule, sizeof decider->rule});
	}
	struct choice *known = kj_map_get(&d->choices[side], kj_buf_str(&rules));
	if (known)
		return known;
	known = make_choice(arena, part, d->m->version, vague);
	known->rules = kj_str_copy(arena, kj_buf_str(&rules));
	*kj_map_at(arena, &d->choices[side], known->rules) = known;
	return known;
}

/* -- the ways of one answer -- */

static void finish_way(struct kj_fw_meeting *m, struct ways *ways, struct way *way)
{
	struct kj_bdd_store *bdd = m->space->bdd;
	way->certain = kj_bdd_or_all(bdd, way->piece[1].at.at, way->piece[1].at.n);
	way->set = kj_bdd_or(bdd, way->certain, kj_bdd_or_all(bdd, way->piece[0].at.at, way->piece[0].at.n));
	void **at = kj_map_at(m->arena, &ways->ends, way->choice->ends);
	if (!*at)
		*at = KJ_NEW(m->arena, struct ended);
	struct ended *ended = *at;
	ended->all = kj_bdd_or(bdd, ended->all, way->set);
	if (!way->choice->sure)
		ended->unsure = kj_bdd_or(bdd, ended->unsure, way->set);
}

/* Of the ways from `from` up to `to`: the union, in tree[node]; of its halves, in the two nodes below. */
static kj_bdd build_tree(struct kj_bdd_store *bdd, struct ways *ways, size_t node, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2;
	kj_bdd all = KJ_BDD_FALSE;
	if (to - from == 1)
		all = ways->at.at[from].set;
	else if (to > from)
		all = kj_bdd_or(bdd, build_tree(bdd, ways, 2 * node + 1, from, middle),
		                build_tree(bdd, ways, 2 * node + 2, middle, to));
	return ways->tree[node] = all;
}

static struct ways *make_ways(struct kj_fw_detouring *d, enum kj_fw_side side, const struct kj_fw_face *face)
{
	struct kj_arena *arena = d->m->arena;
	struct ways *ways = KJ_NEW(arena, struct ways);
	struct kj_map places = {0}; /* rules → 1 + the number of the way */
	for (size_t i = 0; i < face->n; i++) {
		const struct choice *choice = choice_of(d, side, face->part[i], face->entry->answer.vague);
		void **at = kj_map_at(arena, &places, choice->rules);
		size_t *place = *at ? *at : (*at = KJ_NEW(arena, size_t));
		if (!*place) {
			KJ_PUSH(arena, &ways->at, (struct way){.choice = choice});
			*place = ways->at.n;
		}
		KJ_PUSH(arena, &ways->at.at[*place - 1].piece[face->part[i]->certain].at, face->set[i]);
	}
	for (size_t i = 0; i < ways->at.n; i++)
		finish_way(d->m, ways, &ways->at.at[i]);
	ways->tree = KJ_NEW_ARRAY(arena, kj_bdd, 4 * ways->at.n + 1);
	ways->all = build_tree(d->m->space->bdd, ways, 0, 0, ways->at.n);
	return ways;
}

static const struct ways *ways_of(struct kj_fw_detouring *d, enum kj_fw_side side, const struct kj_fw_face *face)
{
	struct ways **ways = &d->ways[side][face - d->m->faces[side].at.at];
	if (!*ways)
		*ways = make_ways(d, side, face);
	return *ways;
}

/* -- two ways -- */

/* Packets of which both sides' ends are the same; and may be, for all that is known. */
struct places {
	kj_bdd same, perhaps;
};

/* Of the addresses alone. What nobody rewrites, and what a rule leads to the address it was sent to, end alike. Which
   of the host's addresses REDIRECT leads to is not known. */
static struct places same_addresses(struct kj_fw_space *space, enum kj_fw_hook hook, const struct end *a,
                                    const struct end *b)
{
	const struct end *kept = a->addr.n ? b : a, *led = a->addr.n ? a : b;
	const struct kj_fw_rewrite *x = kj_fw_lead(a->by), *y = kj_fw_lead(b->by);
	bool self = (x && x->to_self) || (y && y->to_self);
	struct kj_fw_interval one;
	if (kj_str_eq(a->addr, b->addr))
		return (struct places){KJ_BDD_TRUE, KJ_BDD_TRUE};
	if (self && hook == KJ_FW_INPUT)
		return (struct places){KJ_BDD_FALSE, KJ_BDD_TRUE};
	if (kept->addr.n || !one_address(space->scratch, kj_fw_lead(led->by), space->version, &one))
		return (struct places){KJ_BDD_FALSE, KJ_BDD_FALSE};
	struct kj_fw_set set = set_of_one(&one);
	kj_bdd in = kj_fw_space_in(space, KJ_FW_DST, &set);
	return (struct places){in, in};
}

static kj_bdd same_ports(struct kj_fw_space *space, const struct end *a, const struct end *b)
{
	const struct kj_fw_rewrite *led = kj_fw_lead(a->port.n ? a->by : b->by);
	if (kj_str_eq(a->port, b->port))
		return KJ_BDD_TRUE;
	if ((a->port.n && b->port.n) || led->port_first != led->port_last)
		return KJ_BDD_FALSE;
	return kj_fw_space_is(space, KJ_FW_DPORT, led->port_first);
}

/* Of two that are not the same: an end of `of` that `in` does not have; else one by a rule in doubt, or by any. */
static const struct kj_fw_decider *told(const struct choice *of, const struct choice *in)
{
	const struct kj_fw_decider *best = NULL;
	for (size_t i = 0; i < of->at.n; i++) {
		bool found = false;
		for (size_t k = 0; k < in->at.n && !found; k++)
			found = same_end(&of->at.at[i], &in->at.at[k]);
		if (!found)
			return of->at.at[i].by;
		const struct kj_fw_decider *by = of->at.at[i].by;
		if (by && (!best || (by->rule->maybe && !best->rule->maybe)))
			best = by;
	}
	return best;
}

/* The search for what meets one way of the new side. */
struct search {
	struct kj_fw_meeting *m;
	enum kj_fw_hook hook;
	const struct ways *old;
	const struct way *now;
	struct kj_fw_detours *out;
};

/* `both`: packets of both ways whose ends are not known to be the same by their keys. */
static void compare_ways(const struct search *s, const struct way *old, kj_bdd both)
{
	struct kj_fw_space *space = s->m->space;
	struct kj_bdd_store *bdd = space->bdd;
	const struct choice *was = old->choice, *is = s->now->choice;
	struct kj_fw_detour detour = {.set = both, .certain = KJ_BDD_FALSE};
	if (was->sure && is->sure) {
		struct places addr = same_addresses(space, s->hook, &was->at.at[0], &is->at.at[0]);
		kj_bdd port = same_ports(space, &was->at.at[0], &is->at.at[0]);
		detour.set = kj_bdd_diff(bdd, both, kj_bdd_and(bdd, addr.same, port));
		detour.certain = kj_bdd_diff(bdd, detour.set, kj_bdd_and(bdd, addr.perhaps, port));
		detour.certain = kj_bdd_and(bdd, kj_bdd_and(bdd, old->certain, s->now->certain), detour.certain);
	}
	if (detour.set == KJ_BDD_FALSE)
		return;
	detour.leads[KJ_FW_OLD] = told(was, is);
	detour.leads[KJ_FW_NOW] = told(is, was);
	KJ_PUSH(s->m->arena, &s->out->at, detour);
}

static void search_tree(const struct search *s, size_t node, size_t from, size_t to, kj_bdd set)
{
	size_t middle = from + (to - from) / 2;
	set = kj_bdd_and(s->m->space->bdd, set, s->old->tree[node]);
	if (set == KJ_BDD_FALSE || s->out->at.n >= DETOURS_MAX || kj_bdd_over(s->m->space->bdd))
		return;
	if (to - from == 1) {
		compare_ways(s, &s->old->at.at[from], set);
		return;
	}
	search_tree(s, 2 * node + 1, from, middle, set);
	search_tree(s, 2 * node + 2, middle, to, set);
}

/* -- two answers -- */

/* What both let in, but for what goes to the same ends. Where it is not sure which of them, the same rules must be the
   reason. */
static kj_bdd moved(const struct kj_fw_meeting *m, const struct ways *old, const struct ways *now)
{
	struct kj_bdd_store *bdd = m->space->bdd;
	struct pieces same = {{0}};
	for (const struct kj_map_entry *entry = old->ends.first; entry; entry = entry->next) {
		const struct ended *was = entry->value, *is = kj_map_get(&now->ends, entry->key);
		if (!is)
			continue;
		kj_bdd both = kj_bdd_and(bdd, was->all, is->all), unsure = kj_bdd_or(bdd, was->unsure, is->unsure);
		both = kj_bdd_diff(bdd, both, kj_bdd_and(bdd, unsure, m->differs));
		KJ_PUSH(m->space->scratch, &same.at, both);
	}
	return kj_bdd_diff(bdd, kj_bdd_and(bdd, old->all, now->all), kj_bdd_or_all(bdd, same.at.at, same.at.n));
}

bool kj_fw_detours_find(struct kj_fw_detouring *d, const struct kj_fw_face *old, const struct kj_fw_face *now,
                        struct kj_fw_detours *out)
{
	if (!d || !old || !now)
		return true;
	struct kj_bdd_store *bdd = d->m->space->bdd;
	const struct ways *were = ways_of(d, KJ_FW_OLD, old), *are = ways_of(d, KJ_FW_NOW, now);
	kj_bdd elsewhere = moved(d->m, were, are);
	struct search search = {.m = d->m, .hook = now->entry->hook, .old = were, .out = out};
	for (size_t i = 0; i < are->at.n && elsewhere != KJ_BDD_FALSE && !kj_bdd_over(bdd); i++) {
		search.now = &are->at.at[i];
		search_tree(&search, 0, 0, were->at.n, kj_bdd_and(bdd, search.now->set, elsewhere));
	}
	return out->at.n < DETOURS_MAX;
}

struct kj_fw_detouring *kj_fw_detouring_new(struct kj_fw_meeting *m)
{
	bool rewrites = false;
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		if (!m->survey[side])
			return NULL;
		rewrites |= kj_fw_rewrites(m->survey[side]->rs);
	}
	if (!rewrites)
		return NULL;
	struct kj_fw_detouring *detouring = KJ_NEW(m->arena, struct kj_fw_detouring);
	detouring->m = m;
	for (unsigned side = 0; side < KJ_FW_SIDES; side++)
		detouring->ways[side] = KJ_NEW_ARRAY(m->arena, struct ways *, m->faces[side].at.n + 1);
	return detouring;
}
