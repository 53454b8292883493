/* Windows: the screen lock and the password rule, from registry exports and secedit. */
#include "resolve/work.h"

/* The first setting of a key of another source, or NULL; *state: of that source. */
static const struct kj_setting *look_up(struct kj_host *host, const char *source_id, const char *key,
                                        enum kj_state *state, struct kj_resolved *out)
{
	const struct kj_source *source = kj_program_source(host->program, kj_str_of(source_id));
	*state = KJ_STATE_NOT_COLLECTED;
	if (!source)
		return NULL;
	const struct kj_resolved *r = kj_resolve(host, source);
	*state = r->state;
	if (r->state == KJ_STATE_ERROR && out->state != KJ_STATE_ERROR) {
		out->at = r->at;
		kj_resolved_state(host, out, KJ_STATE_ERROR, "%.*s", KJ_FMT(r->message));
	}
	const struct kj_setting_list *list = kj_resolved_get(r, kj_str_of(key));
	return list && list->list.n ? list->list.at[0] : NULL;
}

static struct kj_setting *give(struct kj_host *host, struct kj_resolved *out, const char *key, kj_str value,
                               const struct kj_setting *from)
{
	struct kj_origin at = from ? from->origin : (struct kj_origin){0};
	return kj_setting_add(host, out, kj_str_of(key), value, from ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT, at);
}

static kj_str yes_no(bool yes)
{
	return yes ? KJ_STR("yes") : KJ_STR("no");
}

static int64_t number(const struct kj_setting *s)
{
	int64_t n;
	return s && kj_num_int(s->value, &n) ? n : 0;
}

/* ---- the lock ---- */

#define SYSTEM_POLICY "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\InactivityTimeoutSecs"
#define USER_POLICY   "HKCU\\Software\\Policies\\Microsoft\\Windows\\Control Panel\\Desktop\\"
#define USER_OWN      "HKCU\\Control Panel\\Desktop\\"

/* The machine's limit locks with a password, and no user can change it. */
static const struct kj_setting *machine_limit(struct kj_host *host, struct kj_resolved *out)
{
	enum kj_state state;
	const struct kj_setting *s = look_up(host, "registry", "HKLM\\" SYSTEM_POLICY, &state, out);
	return s ? s : look_up(host, "secedit", "MACHINE\\" SYSTEM_POLICY, &state, out);
}

/* One value of the screen saver: the policy's beats the user's own. */
struct saver {
	const struct kj_setting *active, *secure, *timeout, *program;
	bool own;  /* one of them the user's own to change */
	bool seen; /* the export holds some of them */
};

static const struct kj_setting *saver_value(struct kj_host *host, struct kj_resolved *out, struct saver *saver,
                                            const char *policy, const char *own)
{
	enum kj_state state;
	const struct kj_setting *s = look_up(host, "registry", policy, &state, out);
	if (!s) {
		s = look_up(host, "registry", own, &state, out);
		saver->own = true;
	}
	saver->seen |= s != NULL;
	return s;
}

static struct saver read_saver(struct kj_host *host, struct kj_resolved *out)
{
	struct saver s = {0};
	s.active = saver_value(host, out, &s, USER_POLICY "ScreenSaveActive", USER_OWN "ScreenSaveActive");
	s.secure = saver_value(host, out, &s, USER_POLICY "ScreenSaverIsSecure", USER_OWN "ScreenSaverIsSecure");
	s.timeout = saver_value(host, out, &s, USER_POLICY "ScreenSaveTimeOut", USER_OWN "ScreenSaveTimeOut");
	s.program = saver_value(host, out, &s, USER_POLICY "SCRNSAVE.EXE", USER_OWN "SCRNSAVE.EXE");
	return s;
}

static void lock_by_saver(struct kj_host *host, struct kj_resolved *out, const struct saver *s)
{
	bool runs = number(s->active) == 1 && s->program && s->program->value.n &&
	            !kj_str_eq_fold(s->program->value, KJ_STR("(none)"));
	const struct kj_setting *any = s->timeout  ? s->timeout
	                               : s->active ? s->active
	                               : s->secure ? s->secure
	                                           : s->program;
	kj_str seconds = runs && number(s->timeout) > 0 ? s->timeout->value : KJ_STR("0");
	struct kj_setting *t = give(host, out, "timeout_seconds", seconds,
	                            runs        ? (s->timeout ? s->timeout : any)
	                            : s->active ? s->active
	                                        : any);
	if (!runs)
		kj_setting_note(host, t,
		                number(s->active) == 1 ? "no SCRNSAVE.EXE is set, so no screen saver starts"
		                                       : "ScreenSaveActive is not 1, so no screen saver starts");
	give(host, out, "password_required", yes_no(number(s->secure) == 1), s->secure ? s->secure : any);
	struct kj_setting *change = give(host, out, "user_can_change", yes_no(s->own), any);
	if (s->own)
		kj_setting_note(host, change, "not all four values are set by policy");
}

void kj_resolve_windows_lock(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	const struct kj_setting *limit = machine_limit(host, out);
	struct saver saver = read_saver(host, out);
	if (out->state == KJ_STATE_ERROR)
		return;
	out->state = KJ_STATE_EFFECTIVE;
	bool policy = saver.seen && !saver.own && number(saver.active) == 1 && number(saver.secure) == 1 &&
	              number(saver.timeout) > 0;
	if (number(limit) > 0 && !(policy && number(saver.timeout) < number(limit))) {
		give(host, out, "timeout_seconds", limit->value, limit);
		give(host, out, "password_required", KJ_STR("yes"), limit);
		give(host, out, "user_can_change", KJ_STR("no"), limit);
	} else if (saver.seen) {
		lock_by_saver(host, out, &saver);
	} else if (host->export->platform.n && !kj_str_eq(host->export->platform, KJ_STR("windows"))) {
		kj_resolved_state(host, out, KJ_STATE_ABSENT, "this is not Windows");
	} else {
		kj_resolved_state(
		        host, out, KJ_STATE_NOT_COLLECTED,
		        limit ? "InactivityTimeoutSecs is 0, and the screen saver's registry values were not collected"
		              : "neither InactivityTimeoutSecs nor the screen saver's registry values were collected");
	}
}

/* ---- the password rule ---- */

void kj_resolve_password_windows(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	static const struct {
		const char *key, *from;
		bool flag;
	} keys[] = {{"min_length", "MinimumPasswordLength", false},
	            {"complexity", "PasswordComplexity", true},
	            {"clear_text", "ClearTextPassword", true}};
	const struct kj_source *secedit = kj_program_source(host->program, KJ_STR("secedit"));
	const struct kj_resolved *from = secedit ? kj_resolve(host, secedit) : NULL;
	if (!from || from->state != KJ_STATE_EFFECTIVE) {
		out->state = from ? from->state : KJ_STATE_NOT_COLLECTED;
		out->message = from ? from->message : KJ_STR("there is no source 'secedit'");
		return;
	}
	out->state = KJ_STATE_EFFECTIVE;
	for (size_t i = 0; i < from->texts.n; i++)
		KJ_PUSH(host->arena, &out->texts, from->texts.at[i]);
	/* What is not configured is 0 on a machine of its own. */
	for (size_t i = 0; i < 3; i++) {
		const struct kj_setting_list *list = kj_resolved_get(from, kj_str_of(keys[i].from));
		const struct kj_setting *s = list && list->list.n ? list->list.at[0] : NULL;
		kj_str value = keys[i].flag ? yes_no(number(s) == 1) : s ? s->value : KJ_STR("0");
		struct kj_setting *mine = give(host, out, keys[i].key, value, s);
		for (size_t k = 0; s && k < s->overrides.n; k++)
			kj_setting_override(host, mine, s->overrides.at[k].value, s->overrides.at[k].origin);
	}
}
