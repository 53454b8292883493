/* Whom lists of users mean: the accounts of /etc/passwd as sets of bits (match.c: the last that matches decides). */
#include "resolve/nss.h"
#include "resolve/sudoers_policy.h"

#include <string.h>

enum { BITS = 64 };

/* ---- masks ---- */

static uint64_t *bits_of(const struct sudo_policy *policy)
{
	return KJ_NEW_ARRAY(policy->host->arena, uint64_t, policy->people.words);
}

static bool has(const uint64_t *bits, size_t i)
{
	return bits[i / BITS] >> i % BITS & 1;
}

static void set(uint64_t *bits, size_t i)
{
	bits[i / BITS] |= (uint64_t)1 << i % BITS;
}

static void unset(uint64_t *bits, size_t i)
{
	bits[i / BITS] &= ~((uint64_t)1 << i % BITS);
}

unsigned sudo_people_of(const struct sudo_people_mask *mask, size_t i)
{
	return (has(mask->allow, i) ? SUDO_ALLOW : 0) | (has(mask->deny, i) ? SUDO_DENY : 0) |
	       (has(mask->silent, i) ? SUDO_SILENT : 0);
}

static struct sudo_people_mask silent(const struct sudo_policy *policy)
{
	struct sudo_people_mask mask = {bits_of(policy), bits_of(policy), bits_of(policy)};
	memset(mask.silent, 0xff, policy->people.words * sizeof *mask.silent);
	return mask;
}

/* One account is surely meant. */
static void meant(struct sudo_people_mask *mask, size_t i, bool negated)
{
	set(negated ? mask->deny : mask->allow, i);
	unset(negated ? mask->allow : mask->deny, i);
	unset(mask->silent, i);
}

static void maybe(struct sudo_people_mask *mask, size_t i, bool negated)
{
	set(negated ? mask->deny : mask->allow, i);
}

/* ---- passwd and group ---- */

static bool id_of(kj_str text, uint64_t *id)
{
	int64_t n;
	if (!kj_num_int(text, &n) || n < 0 || n >= UINT32_MAX)
		return false;
	*id = (uint64_t)n;
	return true;
}

static void index_name(struct sudo_policy *policy, struct kj_map *map, kj_str name, size_t index)
{
	size_t *place = KJ_NEW(policy->host->arena, size_t);
	void **at = kj_map_at(policy->host->arena, map, kj_str_lower(policy->host->arena, name));
	*place = index;
	policy->people.twins |= *at != NULL;
	*at = *at ? *at : place;
}

static void load_accounts(struct sudo_policy *policy)
{
	const struct kj_nss *passwd = kj_nss_load(policy->host, KJ_STR("passwd"));
	policy->people.known = passwd->state == KJ_STATE_EFFECTIVE;
	for (size_t i = 0; i < passwd->passwd.n; i++) {
		const struct kj_nss_passwd *e = &passwd->passwd.at[i];
		if (!e->name.n || (kj_nss_is_compat(e->name) && !passwd->captured))
			continue;
		index_name(policy, &policy->people.by_name, e->name, policy->people.accounts.n);
		KJ_PUSH(policy->host->arena, &policy->people.accounts,
		        (struct sudo_account){.name = e->name, .uid = e->uid, .gid = e->gid});
	}
	policy->people.words = policy->people.accounts.n / BITS + 1;
}

static struct sudo_group *group_by_gid(struct sudo_people *people, uint64_t gid, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (people->groups.at[i].gid == gid)
			return &people->groups.at[i];
	return NULL;
}

static void join(struct sudo_policy *policy, struct sudo_group *group, kj_str members)
{
	kj_str name;
	while (kj_nss_member(&members, &name)) {
		const size_t *index = kj_map_get(&policy->people.by_name, kj_str_lower(policy->host->arena, name));
		for (size_t i = index ? *index : policy->people.accounts.n; i < policy->people.accounts.n; i++) {
			if (kj_str_eq(policy->people.accounts.at[i].name, name)) {
				set(group->members, i);
				break;
			}
		}
	}
}

static kj_str number(struct sudo_policy *policy, uint64_t gid)
{
	return kj_str_fmt(policy->host->arena, "%llu", (unsigned long long)gid);
}

/* The group of a number; a new one has no name yet. */
static struct sudo_group *group_at(struct sudo_policy *policy, struct kj_map *gids, uint64_t gid)
{
	struct sudo_people *people = &policy->people;
	void **place = kj_map_at(policy->host->arena, gids, number(policy, gid));
	if (!*place) {
		size_t *index = KJ_NEW(policy->host->arena, size_t);
		*index = people->groups.n;
		*place = index;
		KJ_PUSH(policy->host->arena, &people->groups,
		        (struct sudo_group){.gid = gid, .members = bits_of(policy)});
	}
	return &people->groups.at[*(const size_t *)*place];
}

/* sudo asks for a user's group ids, as a login does, and for their names: of several groups with one id it sees the
   first name alone, and lines that count for a login only (kj_nss_is_group) give none. */
static void load_groups(struct sudo_policy *policy)
{
	struct sudo_people *people = &policy->people;
	const struct kj_nss *db = kj_nss_load(policy->host, KJ_STR("group"));
	bool compat = kj_nss_services(policy->host, KJ_STR("group")).compat;
	struct kj_map gids = {0};
	people->groups_known = db->state == KJ_STATE_EFFECTIVE;
	for (size_t i = 0; i < db->group.n; i++) {
		const struct kj_nss_group *line = &db->group.at[i];
		bool named = kj_nss_is_group(db, line);
		if (!named && compat)
			continue;
		if (!sudo_policy_work(policy, people->words))
			return;
		struct sudo_group *group = group_at(policy, &gids, line->gid);
		join(policy, group, line->members);
		if (!named || group->name.n)
			continue;
		group->name = line->name;
		index_name(policy, &people->group_by_name, line->name, (size_t)(group - people->groups.at));
	}
	for (size_t i = 0; i < people->accounts.n; i++) {
		const size_t *index = kj_map_get(&gids, number(policy, people->accounts.at[i].gid));
		if (index)
			set(people->groups.at[*index].members, i);
	}
}

/* Others may come from where nsswitch.conf says. */
void sudo_people_load(struct sudo_policy *policy)
{
	struct kj_nss_services services = kj_nss_services(policy->host, KJ_STR("passwd"));
	load_accounts(policy);
	load_groups(policy);
	policy->people.directory = !policy->people.known || !services.known || services.elsewhere.n;
}

/* ---- members ---- */

/* Several accounts may have names that differ in case alone. */
static bool meant_name(struct sudo_policy *policy, struct sudo_people_mask *mask, kj_str name, bool negated)
{
	const struct sudo_people *people = &policy->people;
	const size_t *first = kj_map_get(&people->by_name, kj_str_lower(policy->host->arena, name));
	bool found = false;
	for (size_t i = first ? *first : people->accounts.n; i < people->accounts.n; i++) {
		kj_str have = people->accounts.at[i].name;
		if (!(policy->fold_users ? kj_str_eq_fold(have, name) : kj_str_eq(have, name)))
			continue;
		found = true;
		meant(mask, i, negated);
		if (!people->twins)
			break;
	}
	return found;
}

static void add_word(struct sudo_policy *policy, struct sudo_people_mask *mask, kj_str name, bool negated)
{
	uint64_t uid;
	bool found = false;
	const struct sudo_people *people = &policy->people;
	if (kj_str_starts(name, KJ_STR("#")) && id_of(kj_str_from(name, 1), &uid)) {
		for (size_t i = 0; i < people->accounts.n; i++) {
			if (people->accounts.at[i].uid == uid) {
				found = true;
				meant(mask, i, negated);
			}
		}
	}
	found |= meant_name(policy, mask, name, negated);
	if (!found)
		maybe(mask, people->accounts.n, negated);
}

static const struct sudo_group *find_group(struct sudo_policy *policy, kj_str name)
{
	struct sudo_people *people = &policy->people;
	uint64_t gid;
	if (kj_str_starts(name, KJ_STR("#")))
		return id_of(kj_str_from(name, 1), &gid) ? group_by_gid(people, gid, people->groups.n) : NULL;
	const size_t *index = kj_map_get(&people->group_by_name, kj_str_lower(policy->host->arena, name));
	if (!index)
		return NULL;
	const struct sudo_group *group = &people->groups.at[*index];
	return policy->fold_groups || kj_str_eq(group->name, name) ? group : NULL;
}

/* A gid may be an account's own without any line in /etc/group. */
static void add_gid(struct sudo_policy *policy, struct sudo_people_mask *mask, kj_str name, bool negated)
{
	uint64_t gid;
	if (!kj_str_starts(name, KJ_STR("#")) || !id_of(kj_str_from(name, 1), &gid))
		return;
	for (size_t i = 0; i < policy->people.accounts.n; i++)
		if (policy->people.accounts.at[i].gid == gid)
			meant(mask, i, negated);
}

static void maybe_all(struct sudo_policy *policy, struct sudo_people_mask *mask, bool negated)
{
	memset(negated ? mask->deny : mask->allow, 0xff, policy->people.words * sizeof(uint64_t));
}

static void add_group(struct sudo_policy *policy, struct sudo_people_mask *mask, kj_str name, bool negated)
{
	size_t beyond = policy->people.accounts.n;
	name = kj_str_from(name, 1);
	if (kj_str_starts(name, KJ_STR(":")) && policy->group_plugin) {
		maybe_all(policy, mask, negated);
		return;
	}
	const struct sudo_group *group = find_group(policy, name);
	if (!group && !policy->people.groups_known) {
		maybe_all(policy, mask, negated);
		return;
	}
	for (size_t i = 0; group && i < beyond; i++)
		if (has(group->members, i))
			meant(mask, i, negated);
	add_gid(policy, mask, name, negated);
	maybe(mask, beyond, negated);
}

/* `inner` as a member of `mask`, bit by bit. */
static void add_mask(const struct sudo_policy *policy, struct sudo_people_mask *mask,
                     const struct sudo_people_mask *inner, bool negated)
{
	const uint64_t *allow = negated ? inner->deny : inner->allow, *deny = negated ? inner->allow : inner->deny;
	for (size_t w = 0; w < policy->people.words; w++) {
		uint64_t on = inner->silent[w];
		mask->allow[w] = (mask->allow[w] & on) | allow[w];
		mask->deny[w] = (mask->deny[w] & on) | deny[w];
		mask->silent[w] &= on;
	}
}

static struct sudo_people_mask members(struct sudo_policy *policy, const struct kj_sudo_list *list, bool *looped);

/* What is within a loop depends on where one comes in: it is worked out each time. */
static bool add_alias(struct sudo_policy *policy, struct sudo_people_mask *mask, kj_str name, bool negated,
                      bool *looped)
{
	struct sudo_named *named = kj_map_get(&policy->aliases[KJ_SUDO_USER], name);
	if (!named)
		return false;
	if (named->busy) {
		*looped = true;
		return false;
	}
	if (named->people) {
		add_mask(policy, mask, named->people, negated);
		return true;
	}
	bool within = false;
	if (!sudo_policy_enter(policy))
		return true;
	named->busy = true;
	struct sudo_people_mask *inner = KJ_NEW(policy->host->arena, struct sudo_people_mask);
	*inner = members(policy, &named->alias->members, &within);
	named->busy = false;
	policy->nesting--;
	if (!within)
		named->people = inner;
	*looped |= within;
	add_mask(policy, mask, inner, negated);
	return true;
}

static void add_member(struct sudo_policy *policy, struct sudo_people_mask *mask, const struct kj_sudo_member *m,
                       bool *looped)
{
	switch (m->kind) {
	case KJ_SUDO_ALL:
		for (size_t i = 0; i <= policy->people.accounts.n; i++)
			meant(mask, i, m->negated);
		break;
	case KJ_SUDO_NETGROUP:
		maybe_all(policy, mask, m->negated);
		break;
	case KJ_SUDO_GROUP:
		add_group(policy, mask, m->name, m->negated);
		break;
	case KJ_SUDO_ALIAS:
		if (add_alias(policy, mask, m->name, m->negated, looped))
			break;
		add_word(policy, mask, m->name, m->negated);
		break;
	case KJ_SUDO_WORD:
		add_word(policy, mask, m->name, m->negated);
		break;
	default:
		break;
	}
}

/* `looped`: an alias was met within itself, so the answer holds only here. */
static struct sudo_people_mask members(struct sudo_policy *policy, const struct kj_sudo_list *list, bool *looped)
{
	struct sudo_people_mask mask = silent(policy);
	for (size_t i = 0; i < list->of.n && sudo_policy_work(policy, policy->people.words); i++)
		add_member(policy, &mask, &list->of.at[i], looped);
	return mask;
}

struct sudo_people_mask sudo_people_list(struct sudo_policy *policy, const struct kj_sudo_list *list)
{
	bool looped = false;
	return members(policy, list, &looped);
}

void sudo_people_apply(struct sudo_policy *policy)
{
	for (size_t i = 0; i < policy->grants.n; i++)
		policy->grants.at[i].people = sudo_people_list(policy, &policy->grants.at[i].grant->users);
}

bool sudo_people_in_group(const struct sudo_policy *policy, size_t account, kj_str group)
{
	const struct sudo_people *people = &policy->people;
	uint64_t gid;
	bool number = kj_str_starts(group, KJ_STR("#")) && id_of(kj_str_from(group, 1), &gid);
	if (number && people->accounts.at[account].gid == gid)
		return true;
	for (size_t i = 0; i < people->groups.n; i++) {
		const struct sudo_group *g = &people->groups.at[i];
		bool same = number                ? g->gid == gid
		            : policy->fold_groups ? kj_str_eq_fold(g->name, group)
		                                  : kj_str_eq(g->name, group);
		if (same && (number || g->name.n) && has(g->members, account))
			return true;
	}
	return false;
}
