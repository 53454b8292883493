/* What can be said of one entry of a stack: questions to pam_walk.c. */
#include "resolve/pam.h"

bool kj_pam_is(const struct kj_pam_entry *e, const char *module)
{
	return !e->substack && !e->broken && kj_str_eq(e->module, kj_str_of(module));
}

/* ---- what modules return ---- */

/* pam_succeed_if.so that asks for root and nothing else; pam_rootok.so. */
static bool asks_for_root(const struct kj_pam_entry *e)
{
	if (kj_pam_is(e, "pam_rootok"))
		return true;
	if (!kj_pam_is(e, "pam_succeed_if"))
		return false;
	const kj_str *words[3];
	size_t n = 0;
	for (size_t i = 0; i < e->args; i++) {
		kj_str arg = e->arg[i];
		if (kj_str_starts(arg, KJ_STR("quiet")) || kj_str_eq(arg, KJ_STR("use_uid")) ||
		    kj_str_eq(arg, KJ_STR("debug")))
			continue;
		if (n == 3)
			return false;
		words[n++] = &e->arg[i];
	}
	if (n != 3)
		return false;
	bool user = kj_str_eq(*words[0], KJ_STR("user")) && kj_str_eq(*words[1], KJ_STR("=")) &&
	            kj_str_eq(*words[2], KJ_STR("root"));
	bool uid = kj_str_eq(*words[0], KJ_STR("uid")) &&
	           (kj_str_eq(*words[1], KJ_STR("=")) || kj_str_eq(*words[1], KJ_STR("eq"))) &&
	           kj_str_eq(*words[2], KJ_STR("0"));
	return user || uid;
}

uint32_t kj_pam_refusals(kj_str type)
{
	if (kj_str_eq(type, KJ_STR("password")))
		return KJ_PAM_BIT(KJ_PAM_AUTHTOK_ERR) | KJ_PAM_BIT(KJ_PAM_MAXTRIES);
	if (kj_str_eq(type, KJ_STR("session")))
		return KJ_PAM_BIT(KJ_PAM_SESSION_ERR);
	if (kj_str_eq(type, KJ_STR("account")))
		return KJ_PAM_BIT(KJ_PAM_AUTH_ERR) | KJ_PAM_BIT(KJ_PAM_PERM_DENIED) | KJ_PAM_BIT(KJ_PAM_ACCT_EXPIRED);
	return KJ_PAM_BIT(KJ_PAM_AUTH_ERR);
}

uint32_t kj_pam_codes(const struct kj_pam_entry *e, enum kj_pam_who who)
{
	if (e->broken)
		return KJ_PAM_BIT(KJ_PAM_PERM_DENIED);
	if (kj_pam_is(e, "pam_permit"))
		return KJ_PAM_BIT(KJ_PAM_SUCCESS);
	if (kj_pam_is(e, "pam_deny")) /* one code for each type, which is among these */
		return kj_pam_refusals(e->type) &
		       (KJ_PAM_BIT(KJ_PAM_AUTH_ERR) | KJ_PAM_BIT(KJ_PAM_AUTHTOK_ERR) | KJ_PAM_BIT(KJ_PAM_SESSION_ERR));
	if (who == KJ_PAM_USERS && asks_for_root(e))
		return KJ_PAM_ANY_CODE & ~KJ_PAM_GOOD_CODES;
	return KJ_PAM_ANY_CODE;
}

/* ---- questions ---- */

struct asked {
	const struct kj_pam_stack *stack;
	size_t entry;   /* the one that is asked about, or list.n */
	uint32_t codes; /* it may return only these; 0: it is not called */
};

static size_t call(void *context, size_t i, unsigned mark, struct kj_pam_outcome *out)
{
	const struct asked *a = context;
	uint32_t codes = kj_pam_codes(&a->stack->list.at[i], KJ_PAM_USERS);
	if (i == a->entry) {
		codes &= a->codes;
		mark = 1;
	}
	*out = (struct kj_pam_outcome){codes, mark};
	return 1;
}

static bool succeeds(void *context, bool success, unsigned mark)
{
	(void)context, (void)mark;
	return success;
}

static bool succeeds_by_it(void *context, bool success, unsigned mark)
{
	(void)context;
	return success && mark == 1;
}

static bool is_called(void *context, bool success, unsigned mark)
{
	(void)context, (void)success;
	return mark == 1;
}

static bool ask(struct kj_host *host, struct asked a, bool (*end)(void *context, bool success, unsigned mark))
{
	return kj_pam_walk(host, a.stack, &(struct kj_pam_question){&a, call, end});
}

bool kj_pam_is_skippable(struct kj_host *host, const struct kj_pam_stack *stack, size_t i)
{
	return ask(host, (struct asked){stack, i, 0}, succeeds);
}

bool kj_pam_is_reached(struct kj_host *host, const struct kj_pam_stack *stack, size_t i)
{
	return ask(host, (struct asked){stack, i, KJ_PAM_ANY_CODE}, is_called);
}

bool kj_pam_is_fatal(struct kj_host *host, const struct kj_pam_stack *stack, size_t i)
{
	uint32_t refusals = kj_pam_refusals(stack->list.at[i].type);
	if (stack->list.at[i].broken)
		refusals = KJ_PAM_BIT(KJ_PAM_PERM_DENIED);
	return !ask(host, (struct asked){stack, i, refusals}, succeeds_by_it);
}

/* ---- arguments ---- */

bool kj_pam_has_arg(const struct kj_pam_entry *entry, kj_str name)
{
	for (size_t i = 0; i < entry->args; i++)
		if (kj_str_eq(entry->arg[i], name))
			return true;
	return false;
}

bool kj_pam_arg(const struct kj_pam_entry *entry, kj_str name, kj_str *value)
{
	bool found = false;
	for (size_t i = 0; i < entry->args; i++) {
		kj_str arg = entry->arg[i];
		if (!kj_str_starts(arg, name) || arg.n <= name.n || arg.p[name.n] != '=')
			continue;
		*value = kj_str_from(arg, name.n + 1);
		found = true;
	}
	return found;
}

bool kj_pam_debian(const struct kj_export *export)
{
	return kj_str_eq(export->distro, KJ_STR("debian")) ||
	       kj_str_find_str(export->distro_like, KJ_STR("debian")) < export->distro_like.n;
}
