/* What DNAT and REDIRECT do to sets of packets. */
#include "firewall/domain.h"

#include <string.h>

/* -- whose addresses -- */

static const struct kj_fw_interval loopbacks[] = {
        {.first = {0, 0x7f000000}, .last = {0, 0x7fffffff}, .version = 4},
        {.first = {0, 1}, .last = {0, 1}, .version = 6},
};

/* Whether the interval shares something with one of the n others; *whole: it lies in one of them. */
static bool overlaps(const struct kj_fw_interval *interval, const struct kj_fw_interval *others, size_t n, bool *whole)
{
	struct kj_range range = kj_fw_interval_range(interval);
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		struct kj_range other = kj_fw_interval_range(&others[i]);
		if (others[i].version != interval->version || kj_addr_cmp(&other.last, &range.first) < 0 ||
		    kj_addr_cmp(&range.last, &other.first) < 0)
			continue;
		any = true;
		*whole |= kj_range_within(&range, &other);
	}
	return any;
}

static bool is_single(const struct kj_fw_interval *in)
{
	return !in->any && in->first.hi == in->last.hi && in->first.lo == in->last.lo;
}

static kj_str address_key(struct kj_arena *arena, const struct kj_fw_interval *in)
{
	char *key = kj_alloc_text(arena, sizeof in->first);
	memcpy(key, &in->first, sizeof in->first);
	return (kj_str){key, sizeof in->first};
}

/* A rule that turns packets away may name any address; one that lets them through names where they go. */
static bool on_the_way_through(const struct kj_fw_rule *rule)
{
	if (rule->verdict != KJ_FW_ACCEPT && rule->verdict != KJ_FW_JUMP && rule->verdict != KJ_FW_GOTO)
		return false;
	for (size_t i = 0; i < rule->tests.n; i++) {
		if (rule->tests.at[i].field[0] == KJ_FW_OIF)
			return true;
	}
	return rule->chain->hook == KJ_FW_FORWARD;
}

/* Single destinations that the dump's rules for forwarding name: not this host's. */
void kj_fw_domain_find_passed_on(struct kj_fw_domain *domain)
{
	const struct kj_fw_ruleset *rs = domain->space->rs;
	for (size_t i = 0; i < rs->rules.n; i++) {
		for (size_t t = 0; t < rs->rules.at[i]->tests.n && on_the_way_through(rs->rules.at[i]); t++) {
			const struct kj_fw_test *test = &rs->rules.at[i]->tests.at[t];
			bool names = test->field[0] == KJ_FW_DST && !test->negated && test->set->at.n == 1;
			if (!names || !is_single(&test->set->at.at[0]))
				continue;
			kj_str key = address_key(domain->space->arena, &test->set->at.at[0]);
			*kj_map_at(domain->space->arena, &domain->passed_on, key) = domain;
		}
	}
}

/* May an address that a rule leads to be the host's own, for all that scope and dump tell? */
static bool may_be_own(const struct kj_fw_domain *domain, const struct kj_fw_interval *to)
{
	if (domain->scope->local)
		return false;
	return !is_single(to) || !kj_map_get(&domain->passed_on, address_key(domain->space->scratch, to));
}

void kj_fw_domain_leads(const struct kj_fw_domain *domain, const struct kj_fw_rewrite *rewrite, enum kj_fw_hook hook,
                        bool *here, bool *away)
{
	if (!rewrite->addr && !rewrite->to_self && !rewrite->unknown)
		return;
	const struct kj_fw_set *local = domain->scope->local;
	*here = rewrite->to_self || rewrite->unknown;
	*away = rewrite->unknown;
	for (size_t i = 0; rewrite->addr && i < rewrite->addr->at.n; i++) {
		const struct kj_fw_interval *to = &rewrite->addr->at.at[i];
		bool whole = false, part = overlaps(to, loopbacks, sizeof loopbacks / sizeof *loopbacks, &whole);
		if (local)
			part |= overlaps(to, local->at.at, local->at.n, &whole);
		*here |= part || (hook == KJ_FW_INPUT && may_be_own(domain, to));
		*away |= !whole;
	}
}

static bool leads_to_one(const struct kj_fw_rewrite *rewrite)
{
	return rewrite->addr && rewrite->addr->at.n == 1 && is_single(rewrite->addr->at.at);
}

kj_bdd kj_fw_domain_held(const struct kj_fw_domain *domain, kj_bdd set, const struct kj_fw_rewrite *rewrite, bool *one)
{
	struct kj_fw_space *space = domain->space;
	*one = leads_to_one(rewrite);
	return rewrite->addr ? kj_bdd_and(space->bdd, set, kj_fw_space_in(space, KJ_FW_DST, rewrite->addr))
	                     : KJ_BDD_FALSE;
}

kj_bdd kj_fw_domain_unmoved(const struct kj_fw_domain *domain, kj_bdd set, const struct kj_fw_rewrite *rewrite)
{
	struct kj_fw_space *space = domain->space;
	bool one_addr = leads_to_one(rewrite);
	bool one_port = rewrite->has_port && rewrite->port_first == rewrite->port_last;
	bool told = kj_fw_space_uses(space, KJ_FW_DNATED); /* else it makes no difference */
	if (!told || rewrite->to_self || rewrite->unknown || (rewrite->addr && !one_addr) ||
	    (rewrite->has_port && !one_port))
		return KJ_BDD_FALSE;
	if (one_addr)
		set = kj_bdd_and(space->bdd, set, kj_fw_space_in(space, KJ_FW_DST, rewrite->addr));
	if (one_port)
		set = kj_bdd_and(space->bdd, set,
		                 kj_fw_space_num(space, KJ_FW_DPORT, rewrite->port_first, rewrite->port_last));
	return set;
}

kj_bdd kj_fw_domain_rewrite(const struct kj_fw_domain *domain, kj_bdd set, const struct kj_fw_rewrite *rewrite,
                            bool kept, bool here, bool away)
{
	struct kj_fw_space *space = domain->space;
	struct kj_bdd_store *bdd = space->bdd;
	if (!kept) {
		kj_bdd type = here ? kj_fw_space_is(space, KJ_FW_DST_TYPE, KJ_FW_TYPE_LOCAL) : KJ_BDD_FALSE;
		if (away)
			type = kj_bdd_or(bdd, type, kj_fw_space_is(space, KJ_FW_DST_TYPE, KJ_FW_TYPE_UNICAST));
		set = kj_bdd_and(bdd, kj_bdd_exists(bdd, set, 1u << KJ_FW_DST | 1u << KJ_FW_DST_TYPE), type);
	}
	if (rewrite->addr && !kept)
		set = kj_bdd_and(bdd, set, kj_fw_space_in(space, KJ_FW_DST, rewrite->addr));
	if (rewrite->has_port)
		set = kj_bdd_and(bdd, kj_bdd_exists(bdd, set, 1u << KJ_FW_DPORT),
		                 kj_fw_space_num(space, KJ_FW_DPORT, rewrite->port_first, rewrite->port_last));
	return kj_bdd_and(bdd, kj_bdd_exists(bdd, set, 1u << KJ_FW_DNATED), kj_fw_space_is(space, KJ_FW_DNATED, 1));
}
