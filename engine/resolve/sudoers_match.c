/* What lists of hosts, accounts to run as, and commands say (match.c, match_command.c): the last member that matches
   decides. */
#include "resolve/sudoers_policy.h"

/* What one member says when it matches (or surely does not); its `!` is applied by the walk over the list. */
typedef unsigned member_says(struct sudo_policy *policy, const struct kj_sudo_member *m, const void *asked);

enum { MATCHES = SUDO_ALLOW, MATCHES_NOT = SUDO_SILENT, MAY_MATCH = SUDO_ALLOW | SUDO_SILENT };

static unsigned negate(unsigned says)
{
	return (says & SUDO_SILENT) | (says & SUDO_ALLOW ? SUDO_DENY : 0) | (says & SUDO_DENY ? SUDO_ALLOW : 0);
}

static unsigned list_says(struct sudo_policy *policy, const struct kj_sudo_list *list, enum kj_sudo_scope aliases,
                          member_says *says, const void *asked);

/* False: there is no such alias here. */
static bool alias_says(struct sudo_policy *policy, kj_str name, enum kj_sudo_scope aliases, member_says *says,
                       const void *asked, unsigned *answer)
{
	struct sudo_named *named = kj_map_get(&policy->aliases[aliases], name);
	*answer = SUDO_SILENT;
	if (!named || named->busy)
		return false;
	if (!sudo_policy_enter(policy))
		return true;
	named->busy = true;
	*answer = list_says(policy, &named->alias->members, aliases, says, asked);
	named->busy = false;
	policy->nesting--;
	return true;
}

static unsigned list_says(struct sudo_policy *policy, const struct kj_sudo_list *list, enum kj_sudo_scope aliases,
                          member_says *says, const void *asked)
{
	unsigned all = 0;
	for (size_t i = list->of.n; i-- && sudo_policy_work(policy, 1);) {
		const struct kj_sudo_member *m = &list->of.at[i];
		unsigned one;
		if (m->kind != KJ_SUDO_ALIAS || !alias_says(policy, m->name, aliases, says, asked, &one))
			one = says(policy, m, asked);
		if (m->negated)
			one = negate(one);
		all |= one & (SUDO_ALLOW | SUDO_DENY);
		if (!(one & SUDO_SILENT))
			return all;
	}
	return all | SUDO_SILENT;
}

/* ---- hosts ---- */

static unsigned host_says(struct sudo_policy *policy, const struct kj_sudo_member *m, const void *asked)
{
	(void)asked;
	if (m->kind == KJ_SUDO_ALL)
		return MATCHES;
	if (m->kind == KJ_SUDO_NETGROUP || m->kind == KJ_SUDO_ADDRESS || !policy->host_short.n)
		return MAY_MATCH;
	bool dotted = kj_str_find(m->name, '.') < m->name.n;
	bool resolved = dotted && policy->fqdn && kj_str_find(policy->host_long, '.') == policy->host_long.n;
	kj_str host = kj_str_lower(policy->host->arena, dotted ? policy->host_long : policy->host_short);
	kj_str pattern = kj_str_lower(policy->host->arena, m->name);
	if (kj_glob_is(pattern) ? kj_glob(pattern, host, false) : kj_str_eq(pattern, host))
		return MATCHES;
	return resolved ? MAY_MATCH : MATCHES_NOT;
}

unsigned sudo_match_host(struct sudo_policy *policy, const struct kj_sudo_list *hosts)
{
	return list_says(policy, hosts, KJ_SUDO_HOST, host_says, NULL);
}

/* ---- run as ---- */

struct target {
	size_t account; /* its index; accounts.n: root, where passwd was not seen */
	kj_str name;
	uint64_t uid;
};

static struct target target_of(const struct sudo_policy *policy, size_t account)
{
	if (account < policy->people.accounts.n)
		return (struct target){account, policy->people.accounts.at[account].name,
		                       policy->people.accounts.at[account].uid};
	return (struct target){account, KJ_STR("root"), 0};
}

static bool is_named(const struct sudo_policy *policy, kj_str name, const struct target *target)
{
	int64_t uid;
	if (kj_str_starts(name, KJ_STR("#")) && kj_num_int(kj_str_from(name, 1), &uid) && uid >= 0 &&
	    (uint64_t)uid == target->uid)
		return true;
	return policy->fold_users ? kj_str_eq_fold(name, target->name) : kj_str_eq(name, target->name);
}

static unsigned runas_says(struct sudo_policy *policy, const struct kj_sudo_member *m, const void *asked)
{
	const struct target *target = asked;
	bool seen = target->account < policy->people.accounts.n && policy->people.groups_known;
	switch (m->kind) {
	case KJ_SUDO_ALL:
		return MATCHES;
	case KJ_SUDO_NETGROUP:
		return MAY_MATCH;
	case KJ_SUDO_GROUP:
		if (!seen || kj_str_starts(m->name, KJ_STR("%:")))
			return policy->group_plugin || !seen ? MAY_MATCH : MATCHES_NOT;
		return sudo_people_in_group(policy, target->account, kj_str_from(m->name, 1)) ? MATCHES : MATCHES_NOT;
	case KJ_SUDO_SELF:
		return MATCHES_NOT;
	default:
		return is_named(policy, m->name, target) ? MATCHES : MATCHES_NOT;
	}
}

unsigned sudo_match_runas_list(struct sudo_policy *policy, const struct kj_sudo_list *list, size_t account)
{
	struct target target = target_of(policy, account);
	return list_says(policy, list, KJ_SUDO_RUNAS, runas_says, &target);
}

unsigned sudo_match_runas(struct sudo_policy *policy, const struct kj_sudo_spec *spec, size_t account,
                          kj_str runas_default)
{
	struct target target = target_of(policy, account);
	if (spec->users)
		return sudo_match_runas_list(policy, spec->users, account);
	if (spec->groups)
		return SUDO_SILENT;
	return is_named(policy, runas_default, &target) ? SUDO_ALLOW : SUDO_SILENT;
}

/* ---- commands ---- */

/* /bin and /usr/bin are one folder where they are merged, and sudo compares the files themselves. */
static kj_str merged(kj_str path)
{
	kj_str below = kj_str_from(path, 4);
	bool merges = kj_str_starts(path, KJ_STR("/usr/")) &&
	              (kj_str_starts(below, KJ_STR("/bin/")) || kj_str_starts(below, KJ_STR("/sbin/")) ||
	               kj_str_starts(below, KJ_STR("/lib")));
	return merges ? below : path;
}

static unsigned regex_says(struct sudo_policy *policy, kj_str pattern, kj_str subject)
{
	struct kj_regex_error error;
	sudo_policy_work(policy, 1000);
	if (!policy->regexes)
		policy->regexes = kj_regex_set_new(policy->host->arena);
	bool fold = kj_str_starts(pattern, KJ_STR("^(?i)"));
	if (fold)
		pattern = kj_str_fmt(policy->host->arena, "^%.*s", KJ_FMT(kj_str_from(pattern, 5)));
	const struct kj_regex *regex = kj_regex_compile(policy->regexes, pattern, fold ? KJ_REGEX_FOLD : 0, &error);
	if (!regex || pattern.n > 1024)
		return MAY_MATCH;
	switch (kj_regex_find(regex, policy->host->scratch, subject, 0, NULL)) {
	case KJ_REGEX_YES:
		return MATCHES;
	case KJ_REGEX_NO:
		return MATCHES_NOT;
	case KJ_REGEX_LIMIT:
		break;
	}
	return MAY_MATCH;
}

static bool is_regex(kj_str text)
{
	return kj_str_starts(text, KJ_STR("^")) && kj_str_ends(text, KJ_STR("$"));
}

static unsigned args_say(struct sudo_policy *policy, const struct kj_sudo_member *m, kj_str args)
{
	if (!m->has_args)
		return MATCHES;
	if (kj_str_eq(m->args, KJ_STR("\"\"")))
		return args.n ? MATCHES_NOT : MATCHES;
	if (is_regex(m->args))
		return regex_says(policy, m->args, args);
	return kj_glob(m->args, args, false) ? MATCHES : MATCHES_NOT;
}

static unsigned path_says(struct sudo_policy *policy, kj_str name, kj_str typed)
{
	kj_str path = merged(typed);
	if (is_regex(name))
		return regex_says(policy, name, typed);
	name = merged(name);
	size_t slash = kj_str_find_last(path, '/');
	if (kj_str_ends(name, KJ_STR("/")))
		return kj_str_eq(name, kj_str_upto(path, slash + 1)) ? MATCHES : MATCHES_NOT;
	if (kj_glob_is(name))
		return kj_glob(name, path, true) ? MATCHES : MATCHES_NOT;
	return kj_str_eq(name, path) ? MATCHES : MATCHES_NOT;
}

static unsigned command_says(struct sudo_policy *policy, const struct kj_sudo_member *m, const void *asked)
{
	const struct sudo_probe *probe = asked;
	unsigned says = MATCHES;
	if (m->kind == KJ_SUDO_ALIAS)
		return MATCHES_NOT;
	if (m->kind != KJ_SUDO_ALL) {
		if (!probe->path.n || (m->name.n && m->name.p[0] != '/' && m->name.p[0] != '^'))
			return MATCHES_NOT;
		says = path_says(policy, m->name, probe->path);
		if (says != MATCHES_NOT)
			says = args_say(policy, m, probe->args) | (says & SUDO_SILENT);
	}
	/* whether the file has the digest, its content alone would tell */
	return says != MATCHES_NOT && m->digests.n ? MAY_MATCH : says;
}

unsigned sudo_match_commands(struct sudo_policy *policy, const struct kj_sudo_list *list,
                             const struct sudo_probe *probe)
{
	return list_says(policy, list, KJ_SUDO_CMND, command_says, probe);
}

unsigned sudo_match_command(struct sudo_policy *policy, const struct kj_sudo_member *command,
                            const struct sudo_probe *probe)
{
	struct kj_sudo_member one = *command;
	struct kj_sudo_list list = {.of = {.at = &one, .n = 1, .cap = 1}};
	return sudo_match_commands(policy, &list, probe);
}

/* ---- time ---- */

/* The day alone is compared: on the very day of either end nobody knows the hour. */
unsigned sudo_match_time(const struct sudo_policy *policy, const struct kj_sudo_spec *spec)
{
	struct kj_date today = policy->host->today;
	kj_str day = kj_str_fmt(policy->host->arena, "%04d%02d%02d", today.year, today.month, today.day);
	kj_str from = kj_str_upto(spec->option[KJ_SUDO_NOTBEFORE], 8);
	kj_str to = kj_str_upto(spec->option[KJ_SUDO_NOTAFTER], 8);
	int begun = from.n ? kj_str_cmp(day, from) : 1, over = to.n ? kj_str_cmp(day, to) : -1;
	if (begun < 0 || over > 0)
		return SUDO_SILENT;
	return begun == 0 || over == 0 ? MAY_MATCH : MATCHES;
}
