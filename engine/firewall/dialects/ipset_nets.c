/* Networks of an ipset that lie in one another. */
#include "firewall/dialects/iptables.h"
#include "firewall/intervals.h"

#include <stdlib.h>

/* One element: its dimensions, as many as the set has. */
struct element {
	const struct kj_fw_interval *part;
	unsigned dims, net; /* `net`: which part is the network */
	bool any;           /* the other parts do not part the elements into groups */
	bool except;
};

/* Elements with the same network (and, but for `any`, the same other parts), and how far smaller ones have taken it. */
struct level {
	const struct element *from, *end;
	struct kj_fw_key next; /* the first address that is still its own */
	bool over;             /* there is none left */
};

static int interval_order(const struct kj_fw_interval *a, const struct kj_fw_interval *b)
{
	int order = a->version - b->version;
	order = order ? order : kj_fw_key_cmp(a->first, b->first);
	return order ? order : kj_fw_key_cmp(b->last, a->last); /* the larger one first */
}

static int group_order(const struct element *a, const struct element *b)
{
	int order = 0;
	for (unsigned i = 0; i < a->dims && !order && !a->any; i++)
		order = i == a->net ? 0 : interval_order(&a->part[i], &b->part[i]);
	return order ? order : a->part[a->net].version - b->part[b->net].version;
}

static int element_order(const void *left, const void *right)
{
	const struct element *a = left, *b = right;
	int order = group_order(a, b);
	return order ? order : interval_order(&a->part[a->net], &b->part[b->net]);
}

/* Adds first..last of the level's network to the set. */
static void give(struct kj_fw_ruleset *rs, struct kj_fw_set *set, const struct level *level, struct kj_fw_key first,
                 struct kj_fw_key last)
{
	for (const struct element *e = level->from; e < level->end; e++) {
		for (unsigned i = 0; i < e->dims && !e->except; i++) {
			struct kj_fw_interval part = e->part[i];
			part.first = i == e->net ? first : part.first;
			part.last = i == e->net ? last : part.last;
			KJ_PUSH(rs->arena, &set->at, part);
		}
	}
}

static const struct kj_fw_interval *net_of(const struct level *level)
{
	return &level->from->part[level->from->net];
}

/* Gives the rest of a level that nothing smaller comes in any more. */
static void close(struct kj_fw_ruleset *rs, struct kj_fw_set *set, const struct level *level)
{
	if (!level->over)
		give(rs, set, level, level->next, net_of(level)->last);
}

/* A network begins inside another: what lies before it is the other's own. False when it ends outside. */
static bool cut(struct kj_fw_ruleset *rs, struct kj_fw_set *set, struct level *outer, const struct kj_fw_interval *net)
{
	struct kj_fw_key last = net_of(outer)->last;
	if (!outer->over && kj_fw_key_cmp(outer->next, net->first) < 0)
		give(rs, set, outer, outer->next, kj_fw_key_before(net->first));
	outer->over = kj_fw_key_cmp(net->last, last) >= 0;
	outer->next = kj_fw_key_next(net->last);
	return kj_fw_key_cmp(net->last, last) <= 0;
}

/* From sorted elements to parts of which each is decided by one network. False when networks overlap and none holds the
   other. */
static bool part(struct kj_fw_ruleset *rs, struct kj_fw_set *set, const struct element *at, size_t n)
{
	KJ_VEC(struct level) open = {0};
	bool ok = true;
	for (size_t i = 0, j; i < n; i = j) {
		const struct kj_fw_interval *net = &at[i].part[at[i].net];
		for (j = i + 1; j < n && element_order(&at[i], &at[j]) == 0;)
			j++;
		while (open.n && (group_order(open.at[open.n - 1].from, &at[i]) ||
		                  kj_fw_key_cmp(net_of(&open.at[open.n - 1])->last, net->first) < 0))
			close(rs, set, &open.at[--open.n]);
		ok = (!open.n || cut(rs, set, &open.at[open.n - 1], net)) && ok;
		struct level level = {.from = &at[i], .end = &at[j], .next = net->first};
		KJ_PUSH(rs->arena, &open, level);
	}
	while (open.n)
		close(rs, set, &open.at[--open.n]);
	return ok;
}

void kj_ipset_smallest_decides(struct kj_fw_ruleset *rs, struct kj_fw_set *set, unsigned net, bool any)
{
	size_t given = set->at.n / set->dims, n = given + set->except.n / set->dims;
	struct element *at = KJ_NEW_ARRAY(rs->arena, struct element, n);
	for (size_t i = 0; i < n; i++) {
		const struct kj_fw_interval *of =
		        i < given ? &set->at.at[i * set->dims] : &set->except.at[(i - given) * set->dims];
		at[i] = (struct element){of, set->dims, net, any, i >= given};
	}
	if (n > 1)
		qsort(at, n, sizeof *at, element_order);
	set->at.at = NULL;
	set->at.n = set->at.cap = set->except.n = 0;
	if (part(rs, set, at, n))
		return;
	set->declared = false;
	kj_fw_note(rs, set->line, "networks of set '%.*s' overlap in part", KJ_FMT(set->name));
}
