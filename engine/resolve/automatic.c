/* The sources `dnf_automatic`, `yum_cron` and `zypper_online_update`: a file that says whether updates are installed, and
   units that start the program. `with`: key is the setting of the file that decides; `obeying` are the units that heed
   it, `forcing` those that install whatever it says. Without obeying units (cron.daily) the file alone decides. */
#include "resolve/unattended.h"

struct automatic {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	kj_str unseen; /* a unit of which nobody can tell whether it runs */
};

/* Does one of the units run? Those that were not seen are remembered. */
static kj_str running_unit(struct automatic *a, kj_str list)
{
	const struct kj_node *names = kj_doc_get(a->source->with, list);
	for (size_t i = 0; names && i < names->n; i++) {
		enum kj_running running = kj_timer_runs(a->host, names->items[i]->text);
		if (running == KJ_RUNNING)
			return names->items[i]->text;
		if (running == KJ_RUNNING_UNSEEN && !a->unseen.n)
			a->unseen = names->items[i]->text;
	}
	return KJ_STR("");
}

static bool is_yes(kj_str value)
{
	static const kj_str yes[] = {KJ_STR_INIT("1"), KJ_STR_INIT("yes"), KJ_STR_INIT("true"), KJ_STR_INIT("on")};
	for (size_t i = 0; i < 4; i++)
		if (kj_str_eq_fold(kj_str_trim(value), yes[i]))
			return true;
	return false;
}

static void add_enabled(struct automatic *a, bool enabled, struct kj_origin at, const char *note, kj_str what)
{
	struct kj_setting *s = kj_setting_add(a->host, a->out, KJ_STR("enabled"),
	                                      enabled ? KJ_STR("yes") : KJ_STR("no"), KJ_STATE_EFFECTIVE, at);
	kj_setting_note(a->host, s, "%.*s %s", KJ_FMT(what), note);
}

void kj_resolve_automatic(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct automatic a = {.host = host, .source = source, .out = out};
	const struct kj_node *key = kj_doc_get(source->with, KJ_STR("key"));
	const struct kj_node *obeying = kj_doc_get(source->with, KJ_STR("obeying"));
	kj_resolve_plain(host, source, out);
	if (!key || (out->state != KJ_STATE_EFFECTIVE && out->state != KJ_STATE_ABSENT))
		return;
	kj_str forced = running_unit(&a, KJ_STR("forcing"));
	if (forced.n) {
		add_enabled(&a, true, (struct kj_origin){0}, "installs whatever the file says", forced);
		return;
	}
	kj_str forced_unseen = a.unseen;
	const struct kj_setting *s = kj_setting_find(out, key->text, KJ_STR(""));
	bool wanted = s && is_yes(s->value);
	kj_str unit = wanted && obeying ? running_unit(&a, KJ_STR("obeying")) : KJ_STR("");
	if (wanted && (!obeying || unit.n))
		add_enabled(&a, true, s->origin, unit.n ? "runs, and the file says so" : "says so",
		            unit.n ? unit : key->text);
	else if (wanted ? a.unseen.n : forced_unseen.n && out->state != KJ_STATE_ABSENT)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "whether %.*s is enabled was not collected",
		                  KJ_FMT(a.unseen));
	else if (wanted)
		add_enabled(&a, false, s->origin, "is not enabled", obeying->items[0]->text);
	else
		add_enabled(&a, false, s ? s->origin : (struct kj_origin){0}, "is not yes", key->text);
}
