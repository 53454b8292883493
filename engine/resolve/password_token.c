/* The way of a new password through a stack: PAM_AUTHTOK, which modules ask for, judge, take back and store
   (pam_get_authtok.c, pam_unix_passwd.c, pam_pwhistory.c of Linux-PAM, pam_pwquality.c, pam_passwdqc.c). */
#include "resolve/password.h"

enum token { NONE, OTHER, ACCEPTED }; /* by the entry that is asked about */

struct holding {
	const struct kj_pam_stack *stack;
	size_t entry;
	const struct kj_pw_demand *demand;
	enum kj_pam_who who;
	bool debian;
	bool uncalled; /* ways without the entry only */
	bool obedient; /* no later module refuses what the entry accepted */
};

#define FAILURES (KJ_PAM_ANY_CODE & ~KJ_PAM_GOOD_CODES & ~KJ_PAM_BIT(KJ_PAM_CODE_IGNORE))

/* Takes what is there, or fails. */
static bool never_asks(const struct kj_pam_entry *e)
{
	return kj_pam_has_arg(e, KJ_STR("use_authtok")) || kj_pam_has_arg(e, KJ_STR("use_first_pass"));
}

/* pam_passwdqc has a way of its own: without use_authtok it asks even when there is a password, and what it refuses stays
   where it was. */
static bool is_passwdqc(const struct kj_pam_entry *e)
{
	return kj_pam_is(e, "pam_passwdqc");
}

static size_t judged_by_it(const struct holding *h, const struct kj_pam_entry *e, unsigned mark,
                           struct kj_pam_outcome *out)
{
	unsigned refused = is_passwdqc(e) ? mark : NONE;
	if (h->uncalled)
		return 0;
	out[0] = (struct kj_pam_outcome){FAILURES, refused};
	out[1] = (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_SUCCESS), ACCEPTED};
	return mark == NONE && never_asks(e) ? 1 : 2;
}

/* How often a module asks before it gives up; the first time for what is there already. */
static bool asks_again(const struct kj_pam_entry *e)
{
	kj_str text;
	int64_t n;
	return !never_asks(e) && kj_pam_arg(e, KJ_STR("retry"), &text) && kj_num_int(text, &n) && n > 1;
}

/* pam_pwhistory then goes out of the way. */
static bool is_history_off(const struct kj_pam_entry *e)
{
	kj_str text;
	int64_t n;
	return kj_pam_is(e, "pam_pwhistory") && kj_pam_arg(e, KJ_STR("remember"), &text) && kj_num_int(text, &n) &&
	       n <= 0;
}

static size_t judged_by_other(const struct holding *h, const struct kj_pam_entry *e, unsigned mark,
                              struct kj_pam_outcome *out)
{
	bool replaces = is_passwdqc(e) && !never_asks(e);
	if (is_history_off(e)) {
		out[0] = (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_CODE_IGNORE), mark};
		return 1;
	}
	out[0] = (struct kj_pam_outcome){FAILURES, is_passwdqc(e) ? mark : NONE};
	out[1] = (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_SUCCESS), mark == NONE || replaces ? OTHER : mark};
	out[2] = (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_SUCCESS), OTHER};
	if (mark == NONE && never_asks(e))
		return 1;
	return asks_again(e) && !h->obedient ? 3 : 2;
}

/* What pam_unix checks with Debian's `obscure`, libpwquality checks too, but for mixtures of few characters. */
static bool covers_obscure(const struct holding *h)
{
	bool judged = false;
	for (size_t i = 0; i <= h->entry && i < h->stack->list.n; i++)
		judged |= kj_pam_is(&h->stack->list.at[i], "pam_pwquality");
	return judged && h->demand->min_length >= 8;
}

/* Can pam_unix refuse what was good enough for the entry? It then asks up to three times. */
static bool may_refuse(const struct holding *h, const struct kj_pam_entry *e)
{
	kj_str text;
	int64_t n;
	if (h->obedient || h->who == KJ_PAM_ROOT || !kj_pam_is(e, "pam_unix"))
		return false;
	return (h->debian && kj_pam_has_arg(e, KJ_STR("obscure")) && !covers_obscure(h)) ||
	       kj_pam_arg(e, KJ_STR("remember"), &text) ||
	       (kj_pam_arg(e, KJ_STR("minlen"), &text) && kj_num_int(text, &n) && n > h->demand->min_length);
}

static size_t stored(const struct holding *h, const struct kj_pam_entry *e, unsigned mark, struct kj_pam_outcome *out)
{
	bool asks = !never_asks(e);
	out[0] = (struct kj_pam_outcome){FAILURES | KJ_PAM_BIT(KJ_PAM_CODE_IGNORE), mark};
	if (mark == NONE && !asks)
		return 1;
	bool loose = mark != ACCEPTED || (asks && may_refuse(h, e));
	out[1] = (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_SUCCESS), loose ? KJ_PAM_FOUND : mark};
	out[2] = (struct kj_pam_outcome){FAILURES, NONE};
	return 3;
}

static size_t call(void *context, size_t i, unsigned mark, struct kj_pam_outcome *out)
{
	const struct holding *h = context;
	const struct kj_pam_entry *e = &h->stack->list.at[i];
	if (i == h->entry)
		return judged_by_it(h, e, mark, out);
	if (kj_pw_stores(e))
		return stored(h, e, mark, out);
	if (kj_pw_judges(e))
		return judged_by_other(h, e, mark, out);
	out[0] = (struct kj_pam_outcome){kj_pam_codes(e, h->who), mark};
	return 1;
}

static bool never(void *context, bool success, unsigned mark)
{
	(void)context, (void)success, (void)mark;
	return false;
}

static bool gets_past(struct kj_host *host, struct holding h)
{
	return kj_pam_walk(host, h.stack, &(struct kj_pam_question){&h, call, never});
}

static struct holding holding_of(struct kj_host *host, const struct kj_pam_stack *stack, size_t i,
                                 const struct kj_pw_demand *demand, enum kj_pam_who who)
{
	return (struct holding){
	        .stack = stack, .entry = i, .demand = demand, .who = who, .debian = kj_pam_debian(host->export)};
}

/* The first of two passes: modules say whether they are ready, and those that judge passwords are. */
static size_t prepare(void *context, size_t i, unsigned mark, struct kj_pam_outcome *out)
{
	const struct holding *h = context;
	const struct kj_pam_entry *e = &h->stack->list.at[i];
	uint32_t codes = kj_pam_codes(e, h->who);
	if (is_history_off(e))
		codes = KJ_PAM_BIT(KJ_PAM_CODE_IGNORE);
	else if (kj_pw_judges(e))
		codes = KJ_PAM_BIT(KJ_PAM_SUCCESS);
	out[0] = (struct kj_pam_outcome){codes, mark};
	return 1;
}

static bool is_ready(void *context, bool success, unsigned mark)
{
	(void)context, (void)mark;
	return success;
}

bool kj_pw_can_store(struct kj_host *host, const struct kj_pam_stack *stack)
{
	struct kj_pw_demand none = {0};
	struct holding h = holding_of(host, stack, stack->list.n, &none, KJ_PAM_USERS);
	return kj_pam_walk(host, stack, &(struct kj_pam_question){&h, prepare, is_ready}) && gets_past(host, h);
}

/* ---- why ---- */

static bool leaves(const struct kj_pam_entry *e)
{
	uint32_t codes = kj_pam_codes(e, KJ_PAM_USERS);
	for (size_t k = 0; !e->substack && k < e->acts; k++)
		if ((e->act[k].action == KJ_PAM_JUMP || e->act[k].action == KJ_PAM_DONE) && e->act[k].codes & codes)
			return true;
	return false;
}

static kj_str why_uncalled(struct kj_host *host, const struct holding *h)
{
	for (size_t k = 0; k < h->entry; k++) {
		const struct kj_pam_entry *e = &h->stack->list.at[k];
		if (leaves(e))
			return kj_str_fmt(host->arena, "%.*s on line %u can end the stack or jump over it",
			                  KJ_FMT(e->module), e->row->line);
	}
	for (size_t k = 0; k < h->entry; k++)
		if (kj_pw_stores(&h->stack->list.at[k]))
			return kj_str_fmt(host->arena, "the password is stored before it, on line %u",
			                  h->stack->list.at[k].row->line);
	return KJ_STR("the stack can store a password without it");
}

static kj_str why_again(struct kj_host *host, const struct holding *h, const char *when)
{
	for (size_t k = h->entry + 1; k < h->stack->list.n; k++) {
		const struct kj_pam_entry *e = &h->stack->list.at[k];
		bool asks = (kj_pw_stores(e) && !never_asks(e)) || (kj_pw_judges(e) && asks_again(e)) ||
		            (is_passwdqc(e) && !never_asks(e));
		if (asks)
			return kj_str_fmt(host->arena,
			                  "%s %.*s on line %u asks for a password again, since it has no use_authtok",
			                  when, KJ_FMT(e->module), e->row->line);
	}
	return kj_str_fmt(host->arena, "with the control '%.*s' its refusal is not the stack's",
	                  KJ_FMT(h->stack->list.at[h->entry].control));
}

bool kj_pw_holds(struct kj_host *host, const struct kj_pam_stack *stack, size_t i, const struct kj_pw_demand *demand,
                 kj_str *why)
{
	struct holding h = holding_of(host, stack, i, demand, KJ_PAM_USERS);
	struct holding uncalled = h, obedient = h;
	uncalled.uncalled = true;
	obedient.obedient = true;
	*why = KJ_STR("");
	if (demand->lax)
		*why = demand->note;
	else if (!gets_past(host, h))
		return true;
	else if (gets_past(host, uncalled))
		*why = why_uncalled(host, &h);
	else if (gets_past(host, obedient))
		*why = why_again(host, &h, "after a refusal");
	else
		*why = why_again(host, &h, "when it refuses by itself,");
	return false;
}

bool kj_pw_holds_root(struct kj_host *host, const struct kj_pam_stack *stack, size_t i,
                      const struct kj_pw_demand *demand)
{
	return demand->root && !demand->lax && !gets_past(host, holding_of(host, stack, i, demand, KJ_PAM_ROOT));
}
