/* The source `faillock`: faillock.conf, then the arguments of the module, and whether the stack really calls it
   (pam_faillock(8), faillock.conf(5)). */
#include "resolve/pam.h"

static const struct {
	kj_str name;
	kj_str preset;
	bool flag;
} keys[] = {
        {KJ_STR_INIT("deny"), KJ_STR_INIT("3"), false},
        {KJ_STR_INIT("fail_interval"), KJ_STR_INIT("900"), false},
        {KJ_STR_INIT("unlock_time"), KJ_STR_INIT("600"), false},
        {KJ_STR_INIT("root_unlock_time"), KJ_STR_INIT(""), false},
        {KJ_STR_INIT("dir"), KJ_STR_INIT("/var/run/faillock"), false},
        {KJ_STR_INIT("admin_group"), KJ_STR_INIT(""), false},
        {KJ_STR_INIT("even_deny_root"), KJ_STR_INIT("no"), true},
        {KJ_STR_INIT("audit"), KJ_STR_INIT("no"), true},
        {KJ_STR_INIT("silent"), KJ_STR_INIT("no"), true},
        {KJ_STR_INIT("no_log_info"), KJ_STR_INIT("no"), true},
        {KJ_STR_INIT("local_users_only"), KJ_STR_INIT("no"), true},
        {KJ_STR_INIT("nodelay"), KJ_STR_INIT("no"), true},
};
enum { DENY, FAIL_INTERVAL, UNLOCK_TIME, ROOT_UNLOCK_TIME, EVEN_DENY_ROOT = 6, KEYS = sizeof keys / sizeof *keys };

struct faillock {
	struct kj_host *host;
	struct kj_resolved *out;
};

/* Keys have case here. A bad line is logged and passed over; false then. */
static bool set(struct faillock *f, kj_str name, kj_str value, struct kj_origin origin)
{
	size_t k = 0;
	int64_t n;
	while (k < KEYS && !kj_str_eq(keys[k].name, name))
		k++;
	if (k == KEYS)
		return false;
	bool number = k <= ROOT_UNLOCK_TIME;
	bool never = k >= UNLOCK_TIME && k <= ROOT_UNLOCK_TIME && kj_str_eq(value, KJ_STR("never"));
	if (number && !never && (!kj_num_int(value, &n) || n < 0 || (n > 604800 && k != DENY)))
		return false;
	struct kj_setting *s = kj_setting_find(f->out, name, KJ_STR(""));
	if (s)
		kj_setting_override(f->host, s, s->value, s->origin);
	else
		s = kj_setting_add(f->host, f->out, keys[k].name, value, KJ_STATE_EFFECTIVE, origin);
	s->value = keys[k].flag ? KJ_STR("yes") : never ? KJ_STR("0") : value;
	s->origin = origin;
	if (k == ROOT_UNLOCK_TIME) /* it implies even_deny_root */
		set(f, keys[EVEN_DENY_ROOT].name, KJ_STR(""), origin);
	return true;
}

static void take_file(struct faillock *f, const struct kj_read *read)
{
	for (size_t i = 0; i < read->rows->list.n; i++) {
		const struct kj_row *row = &read->rows->list.at[i];
		bool good = !row->bad && set(f, kj_row_cell(read->rows, row, KJ_STR("key")),
		                             kj_row_cell(read->rows, row, KJ_STR("value")), kj_origin_of(row));
		if (!good)
			KJ_PUSH(f->host->arena, &f->out->bad, *row);
	}
}

static void take_args(struct faillock *f, const struct kj_pam_entry *e)
{
	for (size_t i = 0; i < e->args; i++) {
		size_t equals = kj_str_find(e->arg[i], '=');
		set(f, kj_str_upto(e->arg[i], equals), kj_str_from(e->arg[i], equals + 1), kj_origin_of(e->row));
	}
}

/* What the stacks do with the module. */
struct calls {
	const struct kj_pam_entry *preauth, *authfail, *account;
	const struct kj_pam_entry *first;
};

static bool can_refuse(const struct kj_pam_entry *e)
{
	enum kj_pam_action action = e->on[KJ_PAM_AUTH_ERR].action;
	return action == KJ_PAM_BAD || action == KJ_PAM_DIE;
}

static void note_call(struct calls *calls, const struct kj_pam_entry *e)
{
	if (!calls->first)
		calls->first = e;
	if (kj_str_eq(e->type, KJ_STR("account")))
		calls->account = e;
	else if (kj_pam_has_arg(e, KJ_STR("authfail")))
		calls->authfail = e;
	else if (kj_pam_has_arg(e, KJ_STR("preauth")) && can_refuse(e))
		calls->preauth = e;
}

/* Both a call that refuses beforehand and one that counts failures are needed, in one stack (pam_faillock(8)). */
static bool stack_calls(struct faillock *f, const struct kj_pam_stack *stack, struct calls *calls)
{
	struct kj_pam_stack auth = kj_pam_of_type(f->host, stack, KJ_STR("auth"));
	struct kj_pam_stack account = kj_pam_of_type(f->host, stack, KJ_STR("account"));
	for (size_t i = 0; i < auth.list.n; i++)
		if (kj_str_eq(auth.list.at[i].module, KJ_STR("pam_faillock")) && !auth.list.at[i].broken)
			note_call(calls, &auth.list.at[i]);
	for (size_t i = 0; i < account.list.n; i++)
		if (kj_str_eq(account.list.at[i].module, KJ_STR("pam_faillock")) && !account.list.at[i].broken)
			note_call(calls, &account.list.at[i]);
	return calls->authfail && (calls->preauth || calls->account);
}

static void add_defaults(struct faillock *f)
{
	for (size_t k = 0; k < KEYS; k++)
		if (keys[k].preset.n && !kj_setting_find(f->out, keys[k].name, KJ_STR("")))
			kj_setting_add(f->host, f->out, keys[k].name, keys[k].preset, KJ_STATE_DEFAULT,
			               (struct kj_origin){0});
}

static void add_called(struct faillock *f, const struct calls *calls, bool called, kj_str why)
{
	struct kj_origin at = calls->first ? kj_origin_of(calls->first->row) : (struct kj_origin){0};
	struct kj_setting *s = kj_setting_add(f->host, f->out, KJ_STR("called"), called ? KJ_STR("yes") : KJ_STR("no"),
	                                      KJ_STATE_EFFECTIVE, at);
	s->note = why;
}

void kj_resolve_faillock(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct faillock f = {host, out};
	struct kj_reads conf = {0};
	kj_read_inputs(host, source, false, &conf);
	bool unreadable = !kj_judge_reads(host, &conf, out) && out->state != KJ_STATE_ABSENT;
	for (size_t i = 0; i < conf.list.n; i++)
		take_file(&f, &conf.list.at[i]);
	struct kj_pam pam = kj_pam_load(host);
	struct calls found = {0};
	bool called = false;
	for (size_t i = 0; i < pam.stacks.n && !called; i++) {
		struct calls calls = {0};
		called = stack_calls(&f, &pam.stacks.at[i], &calls);
		if (called || !found.first)
			found = calls;
	}
	if (found.preauth)
		take_args(&f, found.preauth);
	if (found.authfail)
		take_args(&f, found.authfail);
	add_defaults(&f);
	bool no_file = out->state == KJ_STATE_ABSENT;
	if (unreadable || (!kj_judge_reads(host, &pam.reads, out) && out->state != KJ_STATE_ABSENT))
		return;
	kj_str unseen = called ? KJ_STR("") : kj_pam_unseen(&pam, KJ_STR("auth"));
	if (unseen.n) {
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the PAM file '%.*s' was not collected",
		                  KJ_FMT(unseen));
		return;
	}
	if (!called && no_file && !found.first)
		kj_resolved_state(host, out, KJ_STATE_ABSENT,
		                  "no PAM stack calls pam_faillock, and there is no faillock.conf");
	if (!called) {
		kj_str why = found.first ? KJ_STR("pam_faillock needs authfail, and preauth or account, in one stack")
		                         : KJ_STR("no PAM stack calls pam_faillock");
		if (out->state != KJ_STATE_ABSENT)
			kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE, "%.*s", KJ_FMT(why));
		for (size_t i = 0; i < out->settings.n; i++)
			out->settings.at[i].state = KJ_STATE_NOT_IN_FORCE;
		add_called(&f, &found, false, why);
		return;
	}
	add_called(&f, &found, true, KJ_STR(""));
}
