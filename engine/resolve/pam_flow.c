/* How control flows through a stack: pam.conf(5) and _pam_dispatch_aux of Linux-PAM. */
#include "resolve/pam.h"

/* ---- controls ---- */

static bool action_read(kj_str word, enum kj_pam_action *action, int64_t *jump)
{
	static const struct {
		kj_str name;
		enum kj_pam_action action;
	} actions[] = {{KJ_STR_INIT("ignore"), KJ_PAM_IGNORE}, {KJ_STR_INIT("bad"), KJ_PAM_BAD},
	               {KJ_STR_INIT("die"), KJ_PAM_DIE},       {KJ_STR_INIT("ok"), KJ_PAM_OK},
	               {KJ_STR_INIT("done"), KJ_PAM_DONE},     {KJ_STR_INIT("reset"), KJ_PAM_RESET}};
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (kj_str_eq(actions[i].name, word)) {
			*action = actions[i].action;
			return true;
		}
	*action = KJ_PAM_JUMP;
	return kj_num_int(word, jump) && *jump > 0;
}

static const kj_str code_names[KJ_PAM_CODES] = {
        [KJ_PAM_SUCCESS] = KJ_STR_INIT("success"),         [KJ_PAM_NEW_AUTHTOK_REQD] = KJ_STR_INIT("new_authtok_reqd"),
        [KJ_PAM_CODE_IGNORE] = KJ_STR_INIT("ignore"),      [KJ_PAM_USER_UNKNOWN] = KJ_STR_INIT("user_unknown"),
        [KJ_PAM_AUTH_ERR] = KJ_STR_INIT("auth_err"),       [KJ_PAM_AUTHTOK_ERR] = KJ_STR_INIT("authtok_err"),
        [KJ_PAM_PERM_DENIED] = KJ_STR_INIT("perm_denied"), [KJ_PAM_AUTHINFO_UNAVAIL] = KJ_STR_INIT("authinfo_unavail"),
        [KJ_PAM_SERVICE_ERR] = KJ_STR_INIT("service_err"), [KJ_PAM_MAXTRIES] = KJ_STR_INIT("maxtries"),
};

/* `[success=1 default=ignore]`: of a code that is named twice the last counts, and `default` is for those not named. */
static void learn_brackets(struct kj_pam_entry *e)
{
	bool named[KJ_PAM_CODES] = {false};
	kj_str rest = e->control, word;
	for (size_t c = 0; c < KJ_PAM_CODES; c++)
		e->on[c].action = KJ_PAM_BAD;
	while (kj_str_word(&rest, &word)) {
		size_t equals = kj_str_find(word, '=');
		kj_str name = kj_str_upto(word, equals);
		enum kj_pam_action action;
		int64_t jump = 0;
		if (!action_read(kj_str_from(word, equals + 1), &action, &jump))
			continue;
		bool preset = kj_str_eq(name, KJ_STR("default"));
		for (size_t c = 0; c < KJ_PAM_CODES; c++) {
			bool mine = kj_str_eq(name, code_names[c]);
			if (!mine && !(preset && !named[c]))
				continue;
			named[c] |= mine;
			e->on[c].action = action;
			e->on[c].jump = (int32_t)(jump < INT32_MAX ? jump : INT32_MAX);
		}
	}
}

/* required, requisite, sufficient and optional, as pam.conf(5) spells them out. */
static enum kj_pam_action by_word(kj_str control, enum kj_pam_code code)
{
	bool good = code == KJ_PAM_SUCCESS || code == KJ_PAM_NEW_AUTHTOK_REQD;
	if (kj_str_eq(control, KJ_STR("sufficient")))
		return good ? KJ_PAM_DONE : KJ_PAM_IGNORE;
	if (good)
		return KJ_PAM_OK;
	if (code == KJ_PAM_CODE_IGNORE || kj_str_eq(control, KJ_STR("optional")))
		return KJ_PAM_IGNORE;
	return kj_str_eq(control, KJ_STR("requisite")) ? KJ_PAM_DIE : KJ_PAM_BAD;
}

void kj_pam_learn(struct kj_pam_entry *e)
{
	if (kj_str_find(e->control, '=') < e->control.n) {
		learn_brackets(e);
		return;
	}
	for (size_t c = 0; c < KJ_PAM_CODES; c++)
		e->on[c].action = by_word(e->control, (enum kj_pam_code)c);
}

/* ---- flow ---- */

/* The entry at which a jump over n entries of the same level lands; it does not leave its substack. 0: it goes too
   far, and libpam fails. */
static size_t landing(const struct kj_pam_stack *stack, size_t from, int64_t n)
{
	unsigned level = stack->list.at[from].level;
	size_t i = from + 1;
	for (; i < stack->list.n && stack->list.at[i].level >= level; i++) {
		if (stack->list.at[i].level > level)
			continue;
		if (n == 0)
			return i;
		n--;
	}
	return n == 0 ? i : 0;
}

/* Where `done` leads: past the end of its substack, or of all. */
static size_t end_of_level(const struct kj_pam_stack *stack, size_t from)
{
	unsigned level = stack->list.at[from].level;
	size_t i = from + 1;
	while (i < stack->list.n && stack->list.at[i].level >= level && level > 0)
		i++;
	return level ? i : stack->list.n;
}

/* Where a code leads when it neither fails nor just goes on; 0: nowhere else. */
static size_t lands(const struct kj_pam_stack *stack, size_t j, size_t code)
{
	const struct kj_pam_entry *e = &stack->list.at[j];
	/* pam_permit returns nothing but success, pam_deny nothing but failure */
	if (e->substack || e->broken || kj_str_eq(e->module, KJ_STR("pam_deny")) ||
	    (code != KJ_PAM_SUCCESS && kj_str_eq(e->module, KJ_STR("pam_permit"))))
		return 0;
	return e->on[code].action == KJ_PAM_DONE   ? end_of_level(stack, j)
	       : e->on[code].action == KJ_PAM_JUMP ? landing(stack, j, e->on[code].jump)
	                                           : 0;
}

void kj_pam_measure(struct kj_pam_stack *stack)
{
	for (size_t j = 0; j < stack->list.n; j++) {
		stack->list.at[j].reach = 0;
		for (size_t c = 0; c < KJ_PAM_CODES; c++) {
			size_t at = lands(stack, j, c);
			if (at > stack->list.at[j].reach)
				stack->list.at[j].reach = at;
		}
	}
}

bool kj_pam_passes(const struct kj_pam_stack *stack, size_t j, size_t i, size_t *landing_at)
{
	*landing_at = SIZE_MAX;
	if (stack->list.at[j].reach <= i)
		return false;
	for (size_t c = 0; c < KJ_PAM_CODES; c++) {
		size_t at = lands(stack, j, c);
		if (at > i && at < *landing_at)
			*landing_at = at;
	}
	return true;
}

/* pam_succeed_if.so that asks for root and nothing else. */
bool kj_pam_asks_for_root(const struct kj_pam_entry *e)
{
	if (kj_str_eq(e->module, KJ_STR("pam_rootok")))
		return true;
	if (!kj_str_eq(e->module, KJ_STR("pam_succeed_if")))
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

size_t kj_pam_skipped_by(const struct kj_pam_stack *stack, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (stack->list.at[j].reach > i && !kj_pam_asks_for_root(&stack->list.at[j]))
			return j;
	return stack->list.n;
}

static bool resets(const struct kj_pam_entry *e)
{
	for (size_t c = 0; c < KJ_PAM_CODES; c++)
		if (!e->substack && e->on[c].action == KJ_PAM_RESET)
			return true;
	return false;
}

bool kj_pam_is_fatal(const struct kj_pam_stack *stack, size_t i)
{
	enum kj_pam_action refused = stack->list.at[i].on[KJ_PAM_AUTHTOK_ERR].action;
	enum kj_pam_action gave_up = stack->list.at[i].on[KJ_PAM_MAXTRIES].action;
	if ((refused != KJ_PAM_BAD && refused != KJ_PAM_DIE) || (gave_up != KJ_PAM_BAD && gave_up != KJ_PAM_DIE))
		return false;
	/* a later `reset` forgets the failure, unless the stack ended there */
	bool dies = refused == KJ_PAM_DIE && gave_up == KJ_PAM_DIE;
	for (size_t j = i + 1; !dies && j < stack->list.n; j++)
		if (resets(&stack->list.at[j]))
			return false;
	return true;
}

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
