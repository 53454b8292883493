/* The source `pwquality`: libpwquality's settings, as the calls of pam_pwquality have them. */
#include "resolve/password.h"

static const char *const names[KJ_PWQ_KEYS] = {
        "difok",     "minlen",         "dcredit",     "ucredit",    "lcredit",          "ocredit",         "minclass",
        "maxrepeat", "maxclassrepeat", "maxsequence", "gecoscheck", "dictcheck",        "usercheck",       "usersubstr",
        "enforcing", "badwords",       "dictpath",    "retry",      "enforce_for_root", "local_users_only"};

/* The calls by which the module has a say: no password that it refuses is stored. */
static struct kj_pam_calls find_calls(struct kj_host *host, const struct kj_pam *pam)
{
	struct kj_pam_calls all = kj_pam_find_calls(host, pam, "pam_pwquality", KJ_STR("password")), counting = {0};
	for (size_t i = 0; i < all.list.n; i++) {
		struct kj_pw_demand demand = {.min_length = INT32_MAX};
		kj_str why;
		if (kj_pw_holds(host, all.list.at[i].stack, all.list.at[i].at, &demand, &why))
			KJ_PUSH(host->arena, &counting.list, all.list.at[i]);
	}
	return counting;
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
                       const struct kj_pam_calls *calls)
{
	struct kj_pwquality first = with_args(host, conf, calls->list.at[0].entry);
	bool same = true;
	for (size_t i = 1; i < calls->list.n; i++) {
		struct kj_pwquality other = with_args(host, conf, calls->list.at[i].entry);
		same &= same_values(&first, &other);
	}
	for (size_t i = 0; i < (same ? 1 : calls->list.n); i++) {
		struct kj_pwquality pwq = with_args(host, conf, calls->list.at[i].entry);
		show(host, out, &pwq, same ? KJ_STR("") : calls->list.at[i].scope);
	}
}

void kj_resolve_pwquality(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct kj_pwquality conf = kj_pwquality_read(host);
	struct kj_pam pam = kj_pam_load(host);
	struct kj_pam_calls calls = find_calls(host, &pam);
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
		kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE,
		                  "no PAM password stack calls pam_pwquality so that it counts");
		kj_settings_out_of_force(host, out);
	}
}
