/* The source `pwquality`: libpwquality's settings, as the calls of pam_pwquality have them. */
#include "resolve/pwquality.h"

static const char *const names[KJ_PWQ_KEYS] = {
        "difok",     "minlen",         "dcredit",     "ucredit",    "lcredit",          "ocredit",         "minclass",
        "maxrepeat", "maxclassrepeat", "maxsequence", "gecoscheck", "dictcheck",        "usercheck",       "usersubstr",
        "enforcing", "badwords",       "dictpath",    "retry",      "enforce_for_root", "local_users_only"};

/* The calls of pam_pwquality that count: each line of a file once. */
struct calls {
	KJ_VEC(struct kj_pam_entry) list;
};

static bool is_listed(const struct calls *calls, const struct kj_row *row)
{
	for (size_t i = 0; i < calls->list.n; i++)
		if (calls->list.at[i].row == row)
			return true;
	return false;
}

static struct calls find_calls(struct kj_host *host, const struct kj_pam *pam)
{
	struct calls calls = {0};
	for (size_t s = 0; s < pam->stacks.n; s++) {
		struct kj_pam_stack stack = kj_pam_of_type(host, &pam->stacks.at[s], KJ_STR("password"));
		for (size_t i = 0; i < stack.list.n; i++) {
			const struct kj_pam_entry *e = &stack.list.at[i];
			if (kj_str_eq(e->module, KJ_STR("pam_pwquality")) && !e->broken && !is_listed(&calls, e->row) &&
			    kj_pam_skipped_by(&stack, i) == stack.list.n)
				KJ_PUSH(host->arena, &calls.list, *e);
		}
	}
	return calls;
}

static void show(struct kj_host *host, struct kj_resolved *out, const struct kj_pwquality *pwq, kj_str scope)
{
	for (size_t i = 0; i < KJ_PWQ_KEYS; i++) {
		const struct kj_pwq_value *v = &pwq->value[i];
		if (!v->set && !v->text.n)
			continue;
		struct kj_setting *s = kj_setting_add(host, out, kj_str_of(names[i]), v->text,
		                                      v->set ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT, v->origin);
		s->scope = scope;
		for (size_t k = 0; k < v->overrides.n; k++)
			kj_setting_override(host, s, v->overrides.at[k].value, v->overrides.at[k].origin);
		if (pwq->stopped)
			kj_setting_note(host, s, "libpwquality stopped reading at '%.*s' line %u: %s",
			                KJ_FMT(pwq->stopped->text->name), pwq->stopped->line, pwq->stopped->problem);
	}
}

/* The values with a call's arguments. What earlier calls overrode is not this one's. */
static struct kj_pwquality with_args(struct kj_host *host, const struct kj_pwquality *conf,
                                     const struct kj_pam_entry *entry)
{
	struct kj_pwquality pwq = *conf;
	for (size_t i = 0; i < KJ_PWQ_KEYS; i++) {
		pwq.value[i].overrides.at = NULL;
		pwq.value[i].overrides.n = pwq.value[i].overrides.cap = 0;
		for (size_t k = 0; k < conf->value[i].overrides.n; k++)
			KJ_PUSH(host->arena, &pwq.value[i].overrides, conf->value[i].overrides.at[k]);
	}
	kj_pwquality_args(host, &pwq, entry);
	return pwq;
}

static bool same_values(const struct kj_pwquality *a, const struct kj_pwquality *b)
{
	for (size_t i = 0; i < KJ_PWQ_KEYS; i++)
		if (!kj_str_eq(a->value[i].text, b->value[i].text))
			return false;
	return true;
}

/* One scope for all calls when their values are the same, else one a call: the file that holds it. */
static void show_calls(struct kj_host *host, struct kj_resolved *out, const struct kj_pwquality *conf,
                       const struct calls *calls)
{
	struct kj_pwquality first = with_args(host, conf, &calls->list.at[0]);
	bool same = true;
	for (size_t i = 1; i < calls->list.n; i++) {
		struct kj_pwquality other = with_args(host, conf, &calls->list.at[i]);
		same &= same_values(&first, &other);
	}
	for (size_t i = 0; i < (same ? 1 : calls->list.n); i++) {
		struct kj_pwquality pwq = with_args(host, conf, &calls->list.at[i]);
		kj_str file = calls->list.at[i].row->text->name;
		size_t slash = kj_str_find_last(file, '/');
		show(host, out, &pwq, same ? KJ_STR("") : slash < file.n ? kj_str_from(file, slash + 1) : file);
	}
}

void kj_resolve_pwquality(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct kj_pwquality conf = kj_pwquality_read(host);
	struct kj_pam pam = kj_pam_load(host);
	struct calls calls = find_calls(host, &pam);
	bool readable = kj_judge_reads(host, &conf.reads, out) || out->state == KJ_STATE_ABSENT;
	if (conf.stopped)
		KJ_PUSH(host->arena, &out->bad, *conf.stopped);
	if (calls.list.n)
		show_calls(host, out, &conf, &calls);
	else
		show(host, out, &conf, KJ_STR(""));
	if (!readable)
		return;
	kj_str unseen = calls.list.n ? KJ_STR("") : kj_pam_unseen(&pam, KJ_STR("password"));
	bool nothing = out->state == KJ_STATE_ABSENT && !calls.list.n;
	if (!kj_judge_reads(host, &pam.reads, out) && out->state != KJ_STATE_ABSENT)
		return;
	if (unseen.n) {
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the PAM file '%.*s' was not collected",
		                  KJ_FMT(unseen));
	} else if (nothing) {
		out->settings.n = 0;
		kj_resolved_state(host, out, KJ_STATE_ABSENT,
		                  "no PAM stack calls pam_pwquality, and there is no pwquality.conf");
	} else if (!calls.list.n) {
		kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE, "no PAM password stack calls pam_pwquality");
		kj_settings_out_of_force(host, out);
	}
}
