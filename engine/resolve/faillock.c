/* The source `faillock`: faillock.conf, then the arguments of the module, and whether stacks that ask for passwords
   count failures and refuse by them (pam_faillock.c, faillock.conf(5)). */
#include "resolve/pam.h"

#include <string.h>

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
enum { DENY, FAIL_INTERVAL, UNLOCK_TIME, ROOT_UNLOCK_TIME, KEYS = sizeof keys / sizeof *keys };

/* What one call of the module, or the file alone, makes of the keys. */
struct values {
	struct {
		kj_str text;
		bool set;
		struct kj_origin origin;
		KJ_VEC(struct kj_overridden) overrides;
	} key[KEYS];
};

/* What becomes of one kind of stack. */
struct verdict {
	kj_str scope;
	bool called;
	kj_str why;
	struct kj_origin at;
	struct values values;
};

struct faillock {
	struct kj_host *host;
	struct kj_resolved *out;
	const struct kj_reads *conf;
	KJ_VEC(struct verdict) verdicts;
	struct kj_map seen; /* stacks by what is in them */
};

/* The number that a text begins with, as sscanf reads it: "600s" is 600. */
static bool leading_number(kj_str text, int64_t *n)
{
	size_t digits = 0;
	text = kj_str_trim_left(text);
	while (digits < text.n && kj_is_digit(text.p[digits]))
		digits++;
	return digits && kj_num_int(kj_str_upto(text, digits), n);
}

enum { MAX_TIME = 604800 };

/* Keys have case here. What is bad is logged and passed over; false then. */
static bool set(struct faillock *f, struct values *v, kj_str name, kj_str value, struct kj_origin origin)
{
	size_t k = 0;
	int64_t n = 0;
	while (k < KEYS && !kj_str_eq(keys[k].name, name))
		k++;
	if (k == KEYS)
		return false;
	bool never = (k == UNLOCK_TIME || k == ROOT_UNLOCK_TIME) && kj_str_eq(value, KJ_STR("never"));
	if (k <= ROOT_UNLOCK_TIME && !never && (!leading_number(value, &n) || (n > MAX_TIME && k != DENY)))
		return false;
	if (k == DENY) /* an unsigned short */
		n &= 0xffff;
	if (v->key[k].set)
		KJ_PUSH(f->host->arena, &v->key[k].overrides, (struct kj_overridden){v->key[k].text, v->key[k].origin});
	v->key[k].text = keys[k].flag            ? KJ_STR("yes")
	                 : k <= ROOT_UNLOCK_TIME ? kj_str_fmt(f->host->arena, "%lld", (long long)n)
	                                         : value;
	v->key[k].set = true;
	v->key[k].origin = origin;
	return true;
}

static void take_file(struct faillock *f, struct values *v, const struct kj_read *read, bool note)
{
	for (size_t i = 0; i < read->rows->list.n; i++) {
		const struct kj_row *row = &read->rows->list.at[i];
		bool good = !row->bad && set(f, v, kj_row_cell(read->rows, row, KJ_STR("key")),
		                             kj_row_cell(read->rows, row, KJ_STR("value")), kj_origin_of(row));
		if (!good && note)
			KJ_PUSH(f->host->arena, &f->out->bad, *row);
	}
}

/* The defaults, the file, the arguments of a call (NULL: none). */
static struct values values_of(struct faillock *f, const struct kj_pam_entry *e)
{
	struct values v;
	memset(&v, 0, sizeof v);
	for (size_t k = 0; k < KEYS; k++)
		v.key[k].text = keys[k].preset;
	for (size_t i = 0; i < f->conf->list.n; i++)
		take_file(f, &v, &f->conf->list.at[i], false);
	for (size_t i = 0; e && i < e->args; i++) {
		size_t equals = kj_str_find(e->arg[i], '=');
		set(f, &v, kj_str_upto(e->arg[i], equals), kj_str_from(e->arg[i], equals + 1), kj_origin_of(e->row));
	}
	return v;
}

/* ---- what a stack does ---- */

/* Modules that check passwords. */
static bool checks_passwords(const struct kj_pam_entry *e)
{
	static const char *const names[] = {"pam_unix", "pam_unix2", "pam_tcb",     "pam_sss",
	                                    "pam_ldap", "pam_krb5",  "pam_winbind", "pam_himmelblau"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_pam_is(e, names[i]))
			return true;
	return false;
}

static bool counts_failures(const struct kj_pam_entry *e)
{
	return kj_pam_is(e, "pam_faillock") && kj_pam_has_arg(e, KJ_STR("authfail"));
}

struct asked {
	const struct kj_pam_stack *stack;
	bool locked;   /* the account is locked: every call of the module refuses */
	bool counting; /* are failures remembered? */
};

/* ELSEWISE: by a finger, a key, … after a wrong password; VOUCHED: before any. */
enum { UNTRIED, WRONG, RIGHT, COUNTED, ELSEWISE, VOUCHED };

/* A password that is tried: right, wrong, or not looked at by this module. */
static size_t try_password(unsigned mark, struct kj_pam_outcome *out)
{
	out[0] = (struct kj_pam_outcome){KJ_PAM_GOOD_CODES, RIGHT};
	out[1] =
	        (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_AUTH_ERR), mark == UNTRIED || mark == VOUCHED ? WRONG : mark};
	out[2] = (struct kj_pam_outcome){KJ_PAM_ANY_CODE & ~KJ_PAM_GOOD_CODES & ~KJ_PAM_BIT(KJ_PAM_AUTH_ERR), mark};
	return 3;
}

/* Modules that let nobody in by themselves. */
static bool knows_no_user(const struct kj_pam_entry *e)
{
	static const char *const names[] = {"pam_env",       "pam_permit",  "pam_deny",       "pam_faillock",
	                                    "pam_faildelay", "pam_nologin", "pam_succeed_if", "pam_usertype",
	                                    "pam_localuser", "pam_group"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_pam_is(e, names[i]))
			return true;
	return false;
}

static size_t call(void *context, size_t i, unsigned mark, struct kj_pam_outcome *out)
{
	const struct asked *a = context;
	const struct kj_pam_entry *e = &a->stack->list.at[i];
	if (checks_passwords(e))
		return try_password(mark, out);
	out[0] = (struct kj_pam_outcome){kj_pam_codes(e, KJ_PAM_USERS), mark};
	if (!knows_no_user(e)) {
		unsigned good = mark == WRONG ? ELSEWISE : mark == UNTRIED ? VOUCHED : mark;
		out[1] = (struct kj_pam_outcome){out[0].codes & KJ_PAM_GOOD_CODES, good};
		out[0].codes &= ~KJ_PAM_GOOD_CODES;
		return 2;
	}
	if (!kj_pam_is(e, "pam_faillock"))
		return 1;
	if (a->locked)
		out[0].codes = KJ_PAM_BIT(KJ_PAM_AUTH_ERR);
	else if (counts_failures(e))
		out[0] = (struct kj_pam_outcome){KJ_PAM_BIT(KJ_PAM_CODE_IGNORE), mark == WRONG ? COUNTED : mark};
	else
		out[0].codes = KJ_PAM_BIT(KJ_PAM_SUCCESS);
	/* authsucc forgets them all; called after a wrong password too, or before any, it does so at every attempt */
	bool forgets_all = mark == WRONG || mark == COUNTED || mark == UNTRIED;
	if (a->counting && kj_pam_has_arg(e, KJ_STR("authsucc")) && forgets_all)
		out[0].mark = KJ_PAM_FOUND;
	return 1;
}

static bool lets_in(void *context, bool success, unsigned mark)
{
	(void)context;
	return success && mark == RIGHT;
}

static bool forgets(void *context, bool success, unsigned mark)
{
	(void)context;
	return mark == WRONG || (success && mark == COUNTED);
}

static bool ask(struct faillock *f, const struct kj_pam_stack *stack, bool locked,
                bool (*end)(void *context, bool success, unsigned mark))
{
	struct asked a = {stack, locked, end == forgets};
	return kj_pam_walk(f->host, stack, &(struct kj_pam_question){&a, call, end});
}

static const char uncalled[] = "nothing calls pam_faillock";

static bool is_uncalled(const struct verdict *v)
{
	return kj_str_eq(v->why, kj_str_of(uncalled));
}

/* The call that refuses: its arguments say from how many failures on. Without a word it is preauth. */
static const struct kj_pam_entry *refuser(struct faillock *f, const struct kj_pam_stack *stack)
{
	const struct kj_pam_entry *first = NULL;
	for (size_t i = 0; i < stack->list.n; i++) {
		const struct kj_pam_entry *e = &stack->list.at[i];
		if (!kj_pam_is(e, "pam_faillock") || counts_failures(e))
			continue;
		first = first ? first : e;
		if (kj_pam_is_fatal(f->host, stack, i))
			return e;
	}
	return first;
}

/* authfail counts up to its own `deny` and no further: a greater one of the call that refuses is never reached. */
static bool counts_too_little(struct faillock *f, const struct kj_pam_stack *stack, const struct values *refusing)
{
	int64_t deny = 0, own = 0;
	leading_number(refusing->key[DENY].text, &deny);
	for (size_t i = 0; i < stack->list.n; i++) {
		if (!counts_failures(&stack->list.at[i]))
			continue;
		struct values v = values_of(f, &stack->list.at[i]);
		if (leading_number(v.key[DENY].text, &own) && own > 0 && own < deny)
			return true;
	}
	return false;
}

static const struct kj_pam_entry *first_call(const struct kj_pam_stack *stack)
{
	for (size_t i = 0; i < stack->list.n; i++)
		if (kj_pam_is(&stack->list.at[i], "pam_faillock"))
			return &stack->list.at[i];
	return NULL;
}

static void judge_stack(struct faillock *f, const struct kj_pam_stack *stack)
{
	if (!ask(f, stack, false, lets_in))
		return; /* no password gets in here */
	const struct kj_pam_entry *e = refuser(f, stack), *any = first_call(stack);
	struct verdict v = {.scope = stack->service, .values = values_of(f, e)};
	v.at = kj_origin_of(e ? e->row : any ? any->row : stack->list.at[0].row);
	if (!any)
		v.why = kj_str_of(uncalled);
	else if (!e)
		v.why = KJ_STR("pam_faillock never refuses: there is neither preauth nor authsucc");
	else if (ask(f, stack, true, lets_in))
		v.why = KJ_STR("the right password gets a locked account in all the same");
	else if (ask(f, stack, false, forgets))
		v.why = KJ_STR("a wrong password can be tried without pam_faillock counting it");
	else if (counts_too_little(f, stack, &v.values))
		v.why = KJ_STR("authfail counts up to its own deny, which is less than that of the call that refuses");
	else
		v.called = true;
	KJ_PUSH(f->host->arena, &f->verdicts, v);
}

static bool seen_before(struct faillock *f, const struct kj_pam_stack *stack)
{
	struct kj_buf key = KJ_BUF(f->host->arena);
	for (size_t i = 0; i < stack->list.n; i++)
		kj_buf_fmt(&key, "%.*s:%u ", KJ_FMT(stack->list.at[i].row->text->name), stack->list.at[i].row->line);
	void **place = kj_map_at(f->host->arena, &f->seen, kj_buf_str(&key));
	bool seen = *place != NULL;
	*place = f;
	return seen;
}

static bool has_own_lines(const struct kj_pam_stack *stack)
{
	for (size_t i = 0; i < stack->list.n; i++)
		if (!kj_str_ends(stack->list.at[i].row->text->name, stack->file))
			return false;
	return true;
}

static void judge_stacks(struct faillock *f, const struct kj_pam *pam, bool own)
{
	for (size_t i = 0; i < pam->stacks.n; i++) {
		struct kj_pam_stack auth = kj_pam_of_type(f->host, pam, &pam->stacks.at[i], KJ_STR("auth"));
		if (auth.list.n && !auth.is_other && has_own_lines(&auth) == own && !seen_before(f, &auth))
			judge_stack(f, &auth);
	}
}

/* ---- what is shown ---- */

static bool same(const struct verdict *a, const struct verdict *b)
{
	bool equal = a->called == b->called;
	for (size_t k = 0; k < KEYS; k++)
		equal &= kj_str_eq(a->values.key[k].text, b->values.key[k].text);
	return equal;
}

static void show_values(struct faillock *f, const struct values *v, kj_str scope, kj_str why)
{
	for (size_t k = 0; k < KEYS; k++) {
		kj_str text = v->key[k].text;
		bool set = v->key[k].set;
		struct kj_origin origin = v->key[k].origin;
		if (k == ROOT_UNLOCK_TIME && !set) { /* as unlock_time */
			text = v->key[UNLOCK_TIME].text;
			origin = v->key[UNLOCK_TIME].origin;
		}
		if (!text.n)
			continue;
		enum kj_state state = why.n ? KJ_STATE_NOT_IN_FORCE : set ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT;
		struct kj_setting *s = kj_setting_add(f->host, f->out, keys[k].name, text, state, origin);
		s->scope = scope;
		s->note = why;
		for (size_t i = 0; i < v->key[k].overrides.n; i++)
			kj_setting_override(f->host, s, v->key[k].overrides.at[i].value,
			                    v->key[k].overrides.at[i].origin);
	}
}

static void show(struct faillock *f, const struct verdict *v, kj_str scope)
{
	struct kj_setting *s = kj_setting_add(f->host, f->out, KJ_STR("called"),
	                                      v->called ? KJ_STR("yes") : KJ_STR("no"), KJ_STATE_EFFECTIVE, v->at);
	s->scope = scope;
	s->note = v->why;
	show_values(f, &v->values, scope, v->why);
}

/* Stacks of the same outcome are shown once, under the name of the first; one outcome for all without a name. */
static void show_verdicts(struct faillock *f)
{
	for (size_t i = 0; i < f->verdicts.n; i++) {
		size_t before = 0, same_as = 0;
		for (size_t k = 0; k < f->verdicts.n; k++) {
			same_as += same(&f->verdicts.at[i], &f->verdicts.at[k]);
			before += k < i && same(&f->verdicts.at[i], &f->verdicts.at[k]);
		}
		if (!before)
			show(f, &f->verdicts.at[i], same_as == f->verdicts.n ? KJ_STR("") : f->verdicts.at[i].scope);
	}
}

/* No stack is in force. */
static void show_nothing(struct faillock *f, bool no_file)
{
	bool calls = false;
	for (size_t i = 0; i < f->verdicts.n; i++)
		calls |= !is_uncalled(&f->verdicts.at[i]);
	if (!calls && no_file)
		kj_resolved_state(f->host, f->out, KJ_STATE_ABSENT,
		                  "no PAM stack calls pam_faillock, and there is no faillock.conf");
	else if (!calls)
		kj_resolved_state(f->host, f->out, KJ_STATE_NOT_IN_FORCE, "no PAM stack calls pam_faillock");
	else
		kj_resolved_state(f->host, f->out, KJ_STATE_NOT_IN_FORCE, "%.*s", KJ_FMT(f->verdicts.at[0].why));
	if (!f->verdicts.n) {
		struct values v = values_of(f, NULL);
		show(f, &(struct verdict){.why = f->out->message, .values = v}, KJ_STR(""));
	}
}

void kj_resolve_faillock(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads conf = {0};
	kj_read_inputs(host, source, false, &conf);
	struct faillock f = {.host = host, .out = out, .conf = &conf};
	bool unreadable = !kj_judge_reads(host, &conf, out) && out->state != KJ_STATE_ABSENT;
	bool no_file = out->state == KJ_STATE_ABSENT;
	struct values all;
	memset(&all, 0, sizeof all);
	for (size_t i = 0; i < conf.list.n; i++)
		take_file(&f, &all, &conf.list.at[i], true);
	struct kj_pam pam = kj_pam_load(host);
	kj_str conf_message = out->message;
	enum kj_state conf_state = out->state;
	if (!kj_judge_reads(host, &pam.reads, out) && out->state != KJ_STATE_ABSENT)
		return;
	kj_str unseen = kj_pam_unseen(&pam, KJ_STR("auth"));
	judge_stacks(&f, &pam, true);
	judge_stacks(&f, &pam, false);
	bool called = false, calls = false;
	for (size_t i = 0; i < f.verdicts.n; i++) {
		called |= f.verdicts.at[i].called;
		calls |= !is_uncalled(&f.verdicts.at[i]);
	}
	if (unreadable && calls) { /* what the calls do is in that file */
		kj_resolved_state(host, out, conf_state, "%.*s", KJ_FMT(conf_message));
		return;
	}
	show_verdicts(&f);
	if (unseen.n)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the PAM file '%.*s' was not collected",
		                  KJ_FMT(unseen));
	else if (!called)
		show_nothing(&f, no_file);
	else
		out->state = KJ_STATE_EFFECTIVE;
}
