/* Who may do what: the last entry that matches user, host, account to run as, and command decides (parse.c,
   sudoers_lookup_check). Where something was not seen an answer may be either. */
#include "resolve/sudoers_policy.h"

/* A command that only ALL stands for, and those that give a shell. */
static const struct sudo_probe probes[] = {
        {KJ_STR_INIT(""), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/sh"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/bash"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/bash"), KJ_STR_INIT("-l")},
        {KJ_STR_INIT("/bin/dash"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/zsh"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/ksh"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/csh"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/tcsh"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/fish"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/su"), KJ_STR_INIT("")},
        {KJ_STR_INIT("/bin/su"), KJ_STR_INIT("-")},
        {KJ_STR_INIT("/bin/su"), KJ_STR_INIT("root")},
        {KJ_STR_INIT("/bin/su"), KJ_STR_INIT("- root")},
};
enum { PROBES = sizeof probes / sizeof *probes };

/* ---- one question ---- */

/* Does an entry speak of the account, here, now, as the target? ALLOW: it may; without SILENT: it surely does. */
static unsigned concerns(struct sudo_policy *policy, const struct sudo_question *q, const struct sudo_granted *granted,
                         unsigned host, const struct kj_sudo_spec *spec, kj_str runas_default)
{
	unsigned says[] = {sudo_people_of(&granted->people, q->account), host,
	                   sudo_match_runas(policy, spec, q->target, runas_default), sudo_match_time(policy, spec)};
	unsigned all = SUDO_ALLOW;
	for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
		if (!(says[i] & SUDO_ALLOW))
			return SUDO_SILENT;
		if (says[i] != SUDO_ALLOW)
			all |= SUDO_SILENT;
	}
	return all;
}

typedef bool visit(void *ctx, struct sudo_policy *policy, const struct sudo_question *q,
                   const struct sudo_granted *granted, const struct kj_sudo_spec *spec, unsigned says);

/* Calls `see` for each entry that may decide, the last first, until one surely does or `see` has enough. True when none
   surely does. */
static bool walk(struct sudo_policy *policy, const struct sudo_question *q, visit *see, void *ctx)
{
	kj_str runas_default = sudo_defaults_text(policy, KJ_STR("runas_default"), policy->runas_default, q->account,
	                                          q->target, &q->probe);
	for (size_t g = policy->grants.n; g-- && sudo_policy_work(policy, 1);) {
		const struct sudo_granted *granted = &policy->grants.at[g];
		if (!(sudo_people_of(&granted->people, q->account) & SUDO_ALLOW))
			continue;
		for (size_t p = granted->grant->privileges.n; p--;) {
			const struct kj_sudo_privilege *privilege = &granted->grant->privileges.at[p];
			unsigned host = sudo_match_host(policy, &privilege->hosts);
			for (size_t s = privilege->specs.n; s-- && sudo_policy_work(policy, 1);) {
				const struct kj_sudo_spec *spec = &privilege->specs.at[s];
				unsigned applies = concerns(policy, q, granted, host, spec, runas_default);
				if (!(applies & SUDO_ALLOW))
					continue;
				unsigned says = sudo_match_command(policy, &spec->command, &q->probe);
				if (!(says & (SUDO_ALLOW | SUDO_DENY)))
					continue;
				if (!see(ctx, policy, q, granted, spec, says))
					return false;
				if (applies == SUDO_ALLOW && !(says & SUDO_SILENT))
					return false;
			}
		}
	}
	return true;
}

unsigned sudo_password(struct sudo_policy *policy, const struct kj_sudo_spec *spec, const struct sudo_question *q)
{
	bool known = q->account < policy->people.accounts.n;
	if (known && policy->people.accounts.at[q->account].uid == 0)
		return SUDO_DENY; /* root is never asked */
	kj_str exempt = sudo_defaults_text(policy, KJ_STR("exempt_group"), policy->exempt_group, q->account, q->target,
	                                   &q->probe);
	if (known && exempt.n && sudo_people_in_group(policy, q->account, exempt))
		return SUDO_DENY;
	if (spec->tag[KJ_SUDO_NOPASSWD] != KJ_SUDO_UNSET)
		return spec->tag[KJ_SUDO_NOPASSWD] == KJ_SUDO_ON ? SUDO_DENY : SUDO_ALLOW;
	return sudo_defaults_authenticate(policy, q->account, q->target, &q->probe);
}

static bool see_verdict(void *ctx, struct sudo_policy *policy, const struct sudo_question *q,
                        const struct sudo_granted *granted, const struct kj_sudo_spec *spec, unsigned says)
{
	struct sudo_verdict *verdict = ctx;
	verdict->may |= says & (SUDO_ALLOW | SUDO_DENY);
	if (!(says & SUDO_ALLOW))
		return true;
	verdict->password |= sudo_password(policy, spec, q);
	if (!verdict->by) {
		verdict->by = spec;
		verdict->granted = granted;
	}
	return true;
}

struct sudo_verdict sudo_ask(struct sudo_policy *policy, const struct sudo_question *question)
{
	struct sudo_verdict verdict = {.may = 0};
	if (walk(policy, question, see_verdict, &verdict))
		verdict.may |= SUDO_SILENT;
	return verdict;
}

static bool see_spec(void *ctx, struct sudo_policy *policy, const struct sudo_question *q,
                     const struct sudo_granted *granted, const struct kj_sudo_spec *spec, unsigned says)
{
	const struct kj_sudo_spec **wanted = ctx;
	(void)policy;
	(void)q;
	(void)granted;
	(void)says;
	if (spec != *wanted)
		return true;
	*wanted = NULL;
	return false;
}

bool sudo_may_decide(struct sudo_policy *policy, const struct sudo_question *question, const struct kj_sudo_spec *spec)
{
	const struct kj_sudo_spec *wanted = spec;
	walk(policy, question, see_spec, &wanted);
	return !wanted;
}

/* ---- root ---- */

size_t sudo_root_account(const struct sudo_policy *policy)
{
	for (size_t i = 0; i < policy->people.accounts.n; i++)
		if (kj_str_eq(policy->people.accounts.at[i].name, KJ_STR("root")))
			return i;
	return policy->people.accounts.n;
}

static kj_str words_of(struct sudo_policy *policy, const struct sudo_verdict *verdict)
{
	struct kj_arena *arena = policy->host->arena;
	kj_str users = kj_sudo_list_text(arena, &verdict->granted->grant->users);
	kj_str command = kj_sudo_member_text(arena, &verdict->by->command);
	uint8_t tag = verdict->by->tag[KJ_SUDO_NOPASSWD];
	return kj_str_fmt(arena, "%.*s may run %s%.*s", KJ_FMT(users), tag == KJ_SUDO_ON ? "NOPASSWD: " : "",
	                  KJ_FMT(command));
}

/* The better of what is known and one more verdict. */
static void better(struct sudo_policy *policy, struct kj_sudo_user *user, const struct sudo_verdict *verdict)
{
	if (!(verdict->may & SUDO_ALLOW))
		return;
	enum kj_sudo_answer root = verdict->may == SUDO_ALLOW ? KJ_SUDO_YES : KJ_SUDO_UNKNOWN;
	enum kj_sudo_answer password = verdict->password == SUDO_ALLOW  ? KJ_SUDO_YES
	                               : verdict->password == SUDO_DENY ? KJ_SUDO_NO
	                                                                : KJ_SUDO_UNKNOWN;
	bool first = user->root == KJ_SUDO_NO, surer = user->root == KJ_SUDO_UNKNOWN && root == KJ_SUDO_YES;
	bool freer = user->root == root && user->password != password &&
	             (password == KJ_SUDO_NO || user->password == KJ_SUDO_YES);
	if (!first && !surer && !freer)
		return;
	user->root = root;
	user->password = password;
	user->by = (struct kj_origin){verdict->granted->text, verdict->by->command.line, verdict->by->command.col};
	user->why = words_of(policy, verdict);
}

/* Behind the probes come those with /usr before them. */
static struct sudo_probe probe_at(const struct sudo_policy *policy, size_t i)
{
	if (i < PROBES)
		return probes[i];
	struct sudo_probe probe = probes[i - PROBES + 1];
	probe.path = kj_str_fmt(policy->host->arena, "/usr%.*s", KJ_FMT(probe.path));
	return probe;
}

static struct kj_sudo_user answer(struct sudo_policy *policy, size_t account)
{
	struct kj_sudo_user user = {.name = policy->people.accounts.at[account].name, .password = KJ_SUDO_YES};
	for (size_t target = 0; target < policy->people.accounts.n; target++) {
		if (policy->people.accounts.at[target].uid != 0)
			continue;
		for (size_t p = 0; p < (policy->typed ? (size_t)(2 * PROBES - 1) : PROBES); p++) {
			struct sudo_question question = {account, target, probe_at(policy, p)};
			struct sudo_verdict verdict = sudo_ask(policy, &question);
			better(policy, &user, &verdict);
			if (user.root == KJ_SUDO_YES && user.password == KJ_SUDO_NO)
				return user;
		}
	}
	return user;
}

static bool seen(enum kj_state state)
{
	return state == KJ_STATE_EFFECTIVE || state == KJ_STATE_ABSENT || state == KJ_STATE_NOT_IN_FORCE;
}

const struct kj_sudo *kj_sudo_load(struct kj_host *host)
{
	struct sudo_policy *policy = sudo_policy_load(host);
	struct kj_sudo *sudo = KJ_NEW(host->arena, struct kj_sudo);
	for (size_t i = 0; i < policy->people.accounts.n; i++) {
		struct kj_sudo_user user = {.name = policy->people.accounts.at[i].name, .password = KJ_SUDO_YES};
		if (policy->state == KJ_STATE_EFFECTIVE)
			user = answer(policy, i);
		if (user.root == KJ_SUDO_NO && policy->elsewhere && policy->beyond.n) {
			user.root = user.password = KJ_SUDO_UNKNOWN;
			user.why = kj_str_of(policy->beyond.at[0].problem);
		}
		KJ_PUSH(host->arena, &sudo->users, user);
	}
	for (size_t i = 0; i < sudo->users.n && !seen(policy->state); i++) {
		struct kj_sudo_user *user = &sudo->users.at[i];
		user->root = user->password = KJ_SUDO_UNKNOWN;
		user->why = policy->message;
		user->by = policy->at;
	}
	sudo->state = policy->state;
	sudo->message = policy->message;
	sudo->elsewhere = policy->elsewhere;
	for (size_t i = 0; i < policy->reads.list.n; i++)
		KJ_PUSH(host->arena, &sudo->texts, &policy->reads.list.at[i].artifact->text);
	return sudo;
}

struct kj_sudo_user kj_sudo_find(const struct kj_sudo *sudo, kj_str name)
{
	for (size_t i = 0; i < sudo->users.n; i++)
		if (kj_str_eq(sudo->users.at[i].name, name))
			return sudo->users.at[i];
	return (struct kj_sudo_user){.name = name, .root = KJ_SUDO_UNKNOWN, .password = KJ_SUDO_UNKNOWN};
}
