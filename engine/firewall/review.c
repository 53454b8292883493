#include "firewall/review.h"

#include "firewall/eval.h"
#include "firewall/print.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX ((size_t)4 << 20)
/* Rules tried in the search for what shadows dead ones: about a second. */
#define SEARCH_MAX 30000000u
#define DEPTH_MAX  256
#define BY_MAX     8

/* -- every packet there is, through every base chain -- */

/* One family at work. */
struct walk {
	const struct kj_fw_ruleset *rs;
	const struct kj_fw_analysis *asked; /* the survey's; NULL: there is none */
	struct kj_fw_space *space;
	struct kj_fw_machine *machine;
	kj_bdd wanted; /* what the rules match of which the survey saw no packet */
	unsigned family;
	bool ok;
};

struct reviewing {
	struct kj_arena *arena;
	struct kj_fw_work *work;
	struct kj_fw_review *review;
	struct walk walk[2];
	bool *matched; /* by rule: some packet can match it */
	bool *reached; /* by chain: some packet comes there */
	size_t tried;
};

/* The packets that a base chain may see: interfaces are there or not. */
static kj_bdd packets_at(const struct walk *w, enum kj_fw_hook hook)
{
	struct kj_bdd_store *bdd = w->space->bdd;
	uint32_t none = kj_fw_no_iface(w->rs);
	kj_bdd no_in = kj_fw_space_iface(w->space, KJ_FW_IIF, none);
	kj_bdd no_out = kj_fw_space_iface(w->space, KJ_FW_OIF, none);
	kj_bdd f = kj_fw_space_is(w->space, KJ_FW_FAMILY, w->family == KJ_FW_V4 ? 4 : 6);
	if (kj_fw_space_uses(w->space, KJ_FW_IIF) && hook == KJ_FW_OUTPUT)
		f = kj_bdd_and(bdd, f, no_in);
	else if (kj_fw_space_uses(w->space, KJ_FW_IIF) && hook != KJ_FW_POSTROUTING)
		f = kj_bdd_diff(bdd, f, no_in);
	if (!kj_fw_space_uses(w->space, KJ_FW_OIF))
		return f;
	bool leaves = hook != KJ_FW_PREROUTING && hook != KJ_FW_INPUT;
	return leaves ? kj_bdd_diff(bdd, f, no_out) : kj_bdd_and(bdd, f, no_out);
}

static bool was_matched(const struct walk *w, const struct kj_fw_rule *rule)
{
	return w->asked && kj_fw_was_matched(w->asked, rule);
}

static void find_wanted(struct walk *w)
{
	struct matches {
		KJ_VEC(kj_bdd) at;
	} matches = {{0}};
	for (size_t i = 0; i < w->rs->rules.n; i++) {
		const struct kj_fw_rule *rule = w->rs->rules.at[i];
		if (!was_matched(w, rule))
			KJ_PUSH(w->space->scratch, &matches.at, kj_fw_space_match(w->space, rule).up);
	}
	w->wanted = kj_bdd_or_all(w->space->bdd, matches.at.at, matches.at.n);
}

/* The survey asked for new connections by plain packets; here whatever else there is comes too, as far as a rule that was
   not matched yet would match it. */
static void pass_all(void *ctx)
{
	struct walk *w = ctx;
	find_wanted(w);
	for (size_t i = 0; i < w->rs->chains.n && w->ok; i++) {
		const struct kj_fw_chain *chain = w->rs->chains.at[i];
		if (chain->hook == KJ_FW_NO_HOOK || !(chain->families & w->family))
			continue;
		kj_bdd in = kj_bdd_and(w->space->bdd, w->wanted, packets_at(w, chain->hook));
		w->ok = kj_fw_eval(w->machine, chain, in, NULL);
	}
}

static void walk_family(struct reviewing *r, const struct kj_fw_survey *survey, unsigned i)
{
	struct walk *w = &r->walk[i];
	const struct kj_fw_ruleset *rs = r->review->rs;
	*w = (struct walk){.rs = rs, .asked = survey->analysis[i], .family = i ? KJ_FW_V6 : KJ_FW_V4, .ok = true};
	if (!(rs->families & w->family))
		return;
	w->space = kj_fw_space_begin(r->work->arena, rs, i ? 6 : 4);
	kj_fw_space_ready(w->space, NODES_MAX);
	w->machine = kj_fw_machine_new(w->space);
	kj_arena_clear(w->space->scratch);
	w->ok = kj_guard(w->space->scratch, pass_all, w) && w->ok && !kj_bdd_over(w->space->bdd);
	r->review->complete = r->review->complete && w->ok;
	for (size_t k = 0; k < rs->rules.n && w->ok; k++)
		r->matched[k] |= was_matched(w, rs->rules.at[k]) || kj_fw_rule_matched(w->machine, rs->rules.at[k]);
}

/* Base chains, and those that a rule which can match leads to: to match, it is in a chain that is reached itself. */
static void find_reached(struct reviewing *r)
{
	const struct kj_fw_ruleset *rs = r->review->rs;
	for (size_t i = 0; i < rs->chains.n; i++)
		r->reached[i] = rs->chains.at[i]->hook != KJ_FW_NO_HOOK;
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct kj_fw_rule *rule = rs->rules.at[i];
		if (rule->target && r->matched[rule->index])
			r->reached[rule->target->index] = true;
	}
}

/* -- who takes a dead rule's packets -- */

/* A rule that never matches, for one family. */
struct search {
	const struct kj_fw_rule *rule;
	size_t dead; /* index of its line in the review */
	kj_bdd may;  /* its packets, if nothing before it took them */
	bool *on;    /* by chain: on a way from base chains to it */
};

struct searches {
	KJ_VEC(struct search) at;
};

/* The work of comes_to. */
struct way {
	struct reviewing *r;
	const struct walk *w;
	struct search *search;
	kj_bdd match;
	kj_bdd *known; /* by chain, where `done` */
	bool *done;
};

/* What of the rule's packets may come to a chain. */
static kj_bdd comes_to(struct way *way, const struct kj_fw_chain *chain, unsigned depth)
{
	const struct walk *w = way->w;
	struct kj_bdd_store *bdd = w->space->bdd;
	kj_bdd f = KJ_BDD_FALSE;
	if (way->done[chain->index])
		return way->known[chain->index];
	way->done[chain->index] = way->search->on[chain->index] = true; /* a loop adds nothing */
	if (chain->hook != KJ_FW_NO_HOOK && chain->families & w->family)
		f = kj_bdd_and(bdd, way->match, packets_at(w, chain->hook));
	for (size_t i = 0; i < w->rs->rules.n && depth < DEPTH_MAX; i++) {
		const struct kj_fw_rule *caller = w->rs->rules.at[i];
		if (caller->target != chain)
			continue;
		kj_bdd before = comes_to(way, caller->chain, depth + 1);
		if (before != KJ_BDD_FALSE)
			f = kj_bdd_or(bdd, f, kj_bdd_and(bdd, before, kj_fw_space_match(w->space, caller).up));
	}
	way->r->tried += w->rs->rules.n;
	return way->known[chain->index] = f;
}

static void add_taker(struct reviewing *r, struct kj_fw_dead *dead, const struct kj_fw_rule *rule)
{
	for (size_t i = 0; i < dead->by.n; i++) {
		if (dead->by.at[i]->line == rule->line)
			return;
	}
	if (dead->by.n < BY_MAX)
		KJ_PUSH(r->arena, &dead->by, rule);
}

/* Whether a rule keeps packets from coming to the dead one: what leaves a chain on the way to it will not come back; what
   leaves another goes on. */
static bool keeps(const struct search *search, const struct kj_fw_rule *rule)
{
	bool leaves = rule->verdict == KJ_FW_RETURN || rule->verdict == KJ_FW_GOTO;
	return !leaves || (search->on[rule->chain->index] && !(rule->target && search->on[rule->target->index]));
}

/* A taker on the way that by itself takes all packets of the dead rule: the others need no mention. NULL: there is
   none. */
static const struct kj_fw_rule *covers(const struct walk *w, const struct search *search, kj_bdd may,
                                       const struct kj_fw_hit *hit)
{
	const struct kj_fw_rule *rule = hit->rule;
	if (!search->on[rule->chain->index])
		return NULL;
	kj_bdd lacks = kj_bdd_diff(w->space->bdd, may, kj_fw_space_match(w->space, rule).lo);
	return lacks == KJ_BDD_FALSE ? rule : NULL;
}

/* Of what was taken, in the order it happened, the rules that kept the packets from coming to the dead one. */
static void add_takers(struct reviewing *r, const struct walk *w, const struct search *search, kj_bdd may,
                       const struct kj_fw_hits *takes)
{
	struct kj_fw_dead *dead = &r->review->dead.at[search->dead];
	const struct kj_fw_rule *alone = NULL;
	struct takers {
		KJ_VEC(const struct kj_fw_rule *) at;
	} takers = {{0}};
	kj_bdd left = may;
	for (size_t i = 0; i < takes->at.n && left != KJ_BDD_FALSE && !alone; i++) {
		const struct kj_fw_hit *hit = &takes->at.at[i];
		if (!hit->rule || kj_bdd_and(w->space->bdd, hit->set, left) == KJ_BDD_FALSE ||
		    !keeps(search, hit->rule))
			continue;
		KJ_PUSH(w->space->scratch, &takers.at, hit->rule);
		left = kj_bdd_diff(w->space->bdd, left, hit->set);
		alone = covers(w, search, may, hit);
	}
	for (size_t i = alone ? takers.at.n - 1 : 0; i < takers.at.n; i++)
		add_taker(r, dead, takers.at.at[i]);
	r->tried += takes->at.n;
}

/* All searches of one family. */
struct explaining {
	struct reviewing *r;
	const struct walk *w;
	struct searches searches;
};

/* What all dead rules miss; one that there is no time for is told without. */
static kj_bdd find_packets(struct explaining *e)
{
	const struct walk *w = e->w;
	size_t chains = w->rs->chains.n;
	struct way way = {.r = e->r, .w = w};
	kj_bdd all = KJ_BDD_FALSE;
	way.known = KJ_NEW_ARRAY(w->space->scratch, kj_bdd, chains);
	way.done = KJ_NEW_ARRAY(w->space->scratch, bool, chains);
	for (size_t i = 0; i < e->searches.at.n; i++) {
		struct search *search = &e->searches.at.at[i];
		struct kj_fw_dead *dead = &e->r->review->dead.at[search->dead];
		if (e->r->tried > SEARCH_MAX)
			dead->looked = false;
		if (!dead->looked)
			continue;
		memset(way.done, 0, chains * sizeof *way.done);
		search->on = KJ_NEW_ARRAY(w->space->scratch, bool, chains);
		way.search = search;
		way.match = kj_fw_space_match(w->space, search->rule).up;
		search->may = comes_to(&way, search->rule->chain, 0);
		dead->impossible &= search->may == KJ_BDD_FALSE;
		all = kj_bdd_or(w->space->bdd, all, search->may);
	}
	return all;
}

static void explain_family(void *ctx)
{
	struct explaining *e = ctx;
	const struct walk *w = e->w;
	kj_bdd all = find_packets(e);
	for (size_t i = 0; i < w->rs->chains.n && all != KJ_BDD_FALSE; i++) {
		const struct kj_fw_chain *base = w->rs->chains.at[i];
		struct kj_fw_hits takes = {0};
		if (base->hook == KJ_FW_NO_HOOK || !(base->families & w->family))
			continue;
		kj_bdd here = packets_at(w, base->hook);
		kj_fw_watch(w->machine, &takes);
		kj_fw_eval(w->machine, base, kj_bdd_and(w->space->bdd, all, here), NULL);
		kj_fw_watch(w->machine, NULL);
		for (size_t k = 0; k < e->searches.at.n; k++) {
			const struct search *search = &e->searches.at.at[k];
			struct kj_fw_dead *dead = &e->r->review->dead.at[search->dead];
			if (e->r->tried > SEARCH_MAX)
				dead->looked = false;
			if (dead->looked && search->on[i])
				add_takers(e->r, w, search, kj_bdd_and(w->space->bdd, search->may, here), &takes);
		}
	}
}

static void explain(struct reviewing *r, const struct searches *searches)
{
	bool ok = true;
	for (unsigned i = 0; i < 2; i++) {
		struct explaining e = {.r = r, .w = &r->walk[i]};
		if (!e.w->space)
			continue;
		for (size_t k = 0; k < searches->at.n; k++)
			KJ_PUSH(r->arena, &e.searches.at, searches->at.at[k]);
		kj_arena_clear(e.w->space->scratch);
		ok = kj_guard(e.w->space->scratch, explain_family, &e) && !kj_bdd_over(e.w->space->bdd) && ok;
	}
	for (size_t i = 0; i < r->review->dead.n; i++) {
		struct kj_fw_dead *dead = &r->review->dead.at[i];
		dead->looked &= ok;
		dead->impossible &= dead->looked;
		if (!dead->looked)
			dead->by.n = 0;
	}
}

/* -- dead lines -- */

static int by_line(const void *a, const void *b)
{
	const struct kj_fw_rule *x = *(const struct kj_fw_rule *const *)a, *y = *(const struct kj_fw_rule *const *)b;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* One line may make many rules (lists, maps): it is dead when all of them are, and stands in a chain that is reached. */
static void find_dead(struct reviewing *r)
{
	const struct kj_fw_ruleset *rs = r->review->rs;
	struct searches searches = {{0}};
	const struct kj_fw_rule **rule = KJ_NEW_ARRAY(r->arena, const struct kj_fw_rule *, rs->rules.n + 1);
	for (size_t i = 0; i < rs->rules.n; i++)
		rule[i] = rs->rules.at[i];
	if (rs->rules.n)
		qsort(rule, rs->rules.n, sizeof *rule, by_line);
	for (size_t i = 0, next; i < rs->rules.n; i = next) {
		bool alive = rule[i]->line == 0, reached = false;
		for (next = i; next < rs->rules.n && rule[next]->line == rule[i]->line; next++) {
			alive |= r->matched[rule[next]->index];
			reached |= r->reached[rule[next]->chain->index];
		}
		if (alive || !reached)
			continue;
		for (size_t k = i; k < next; k++)
			KJ_PUSH(r->arena, &searches.at, (struct search){.rule = rule[k], .dead = r->review->dead.n});
		KJ_PUSH(r->arena, &r->review->dead,
		        (struct kj_fw_dead){
		                .line = rule[i]->line, .text = rule[i]->text, .looked = true, .impossible = true});
	}
	explain(r, &searches);
}

static void find_unreached(struct reviewing *r)
{
	const struct kj_fw_ruleset *rs = r->review->rs;
	for (size_t i = 0; i < rs->chains.n; i++) {
		if (!r->reached[i] && rs->chains.at[i]->declared && rs->chains.at[i]->rules.n)
			KJ_PUSH(r->arena, &r->review->unreached, rs->chains.at[i]);
	}
}

/* -- open to everyone -- */

/* Not globally reachable, or no unicast: IANA IPv4 and IPv6 Special-Purpose Address Registries, and 2000::/3 alone is
   given out as global unicast. */
static const char *const not_internet[] = {
        "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/3",  "::/3",           "2001::/23",      "2001:db8::/32",  "2002::/16",
        "3fff::/20",      "4000::/2",     "8000::/1",
};

/* Addresses by their upper 64 bits (IPv4: all 32), which is exact enough to count by. */
static double value_of(const struct kj_fw_interval *in, bool last)
{
	struct kj_fw_key key = last ? in->last : in->first;
	return in->version == 4 ? (double)key.lo : (double)key.hi;
}

/* The next of the list above, of that version. */
static bool next_special(size_t *at, unsigned char version, struct kj_fw_interval *out)
{
	struct kj_range range;
	while (*at < sizeof not_internet / sizeof *not_internet) {
		if (kj_range_parse(kj_str_of(not_internet[(*at)++]), &range) && range.first.version == version) {
			*out = kj_fw_interval_addr(&range);
			return true;
		}
	}
	return false;
}

/* How many addresses of the internet are not among the sources, which are in order as the list above is. */
static double missing(const struct kj_fw_interval *src, size_t n, unsigned char version)
{
	struct kj_fw_interval special = {.version = version};
	size_t at = 0;
	bool more = next_special(&at, version, &special);
	double total = 0, next = 0; /* next: the first address that neither has held yet */
	while (more || n) {
		bool take = n && (!more || value_of(src, false) < value_of(&special, false));
		const struct kj_fw_interval in = take ? *src : special;
		if (value_of(&in, false) > next)
			total += value_of(&in, false) - next;
		if (value_of(&in, true) + 1 > next)
			next = value_of(&in, true) + 1;
		if (take) {
			src++;
			n--;
		} else {
			more = next_special(&at, version, &special);
		}
	}
	return total; /* the list holds the last addresses of both versions */
}

bool kj_fw_is_everyone(const struct kj_fw_intervals *src)
{
	if (!src->at.n)
		return false;
	unsigned char version = src->at.at[0].version;
	return missing(src->at.at, src->at.n, version) < missing(NULL, 0, version) / 256;
}

static struct kj_fw_wide *wide_of(struct reviewing *r, const struct kj_fw_decider *decider)
{
	for (size_t i = 0; i < r->review->wide.n; i++) {
		const struct kj_fw_decider *known = &r->review->wide.at[i].decider;
		if (known->line == decider->line && kj_str_eq(known->text, decider->text))
			return &r->review->wide.at[i];
	}
	KJ_PUSH(r->arena, &r->review->wide, (struct kj_fw_wide){.decider = *decider});
	return &r->review->wide.at[r->review->wide.n - 1];
}

struct words {
	KJ_VEC(kj_str) at;
};

static bool has_word(const kj_str *at, size_t n, kj_str word)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq(at[i], word))
			return true;
	}
	return false;
}

static kj_str way_of(struct kj_arena *arena, const struct kj_fw_entry *entry)
{
	const char *hook = kj_fw_hook_name(entry->hook);
	return kj_str_eq(entry->iface, KJ_STR("*"))
	               ? kj_str_of(hook)
	               : kj_str_fmt(arena, "%s, arriving at %.*s", hook, KJ_FMT(entry->iface));
}

static void find_wide(struct reviewing *r, const struct kj_fw_entry *entry)
{
	for (size_t i = 0; i < entry->answer.parts.n; i++) {
		const struct kj_fw_part *part = &entry->answer.parts.at[i];
		if (!part->certain || !kj_fw_is_everyone(&part->src))
			continue;
		kj_str service = kj_fw_part_service(r->arena, part), way = way_of(r->arena, entry);
		for (size_t d = 0; d < part->deciders.n; d++) {
			const struct kj_fw_decider *decider = &part->deciders.at[d];
			if (!decider->rule && !decider->base && entry->hook == KJ_FW_FORWARD)
				continue; /* most hosts pass nothing on, and have no rules for it */
			struct kj_fw_wide *wide = wide_of(r, decider);
			if (!has_word(wide->services.at, wide->services.n, service))
				KJ_PUSH(r->arena, &wide->services, service);
			if (!has_word(wide->ways.at, wide->ways.n, way))
				KJ_PUSH(r->arena, &wide->ways, way);
		}
	}
}

static int wide_order(const void *a, const void *b)
{
	const struct kj_fw_wide *x = a, *y = b;
	if (x->decider.line != y->decider.line)
		return x->decider.line < y->decider.line ? -1 : 1;
	return kj_str_cmp(x->decider.text, y->decider.text);
}

void kj_fw_review(struct kj_arena *arena, const struct kj_fw_survey *survey, struct kj_fw_review *review)
{
	const struct kj_fw_ruleset *rs = survey->rs;
	*review = (struct kj_fw_review){.rs = rs, .complete = true};
	struct reviewing r = {.arena = arena, .work = kj_fw_work_new(arena), .review = review};
	r.matched = KJ_NEW_ARRAY(arena, bool, rs->rules.n + 1);
	r.reached = KJ_NEW_ARRAY(arena, bool, rs->chains.n + 1);
	walk_family(&r, survey, 0);
	walk_family(&r, survey, 1);
	if (review->complete) {
		find_reached(&r);
		find_unreached(&r);
		find_dead(&r);
	}
	kj_fw_work_done(r.work);
	for (size_t i = 0; i < survey->entries.n; i++) {
		const struct kj_fw_entry *entry = &survey->entries.at[i];
		if (entry->hook != KJ_FW_OUTPUT && !kj_str_eq(entry->iface, KJ_STR("lo")))
			find_wide(&r, entry);
	}
	if (review->wide.n)
		qsort(review->wide.at, review->wide.n, sizeof *review->wide.at, wide_order);
}
