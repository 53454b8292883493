/* The source `unattended_upgrades`: whether and how often this host upgrades itself: apt.systemd.daily, by its timers, and
   unattended-upgrade. */
#include "resolve/unattended.h"

#include "resolve/packages.h"
#include "resolve/units.h"

/* ---- values of apt's configuration ---- */

static const struct kj_setting *apt_setting(const struct kj_resolved *apt, kj_str key)
{
	const struct kj_setting_list *list = kj_resolved_get(apt, key);
	return list && list->list.n ? list->list.at[0] : NULL;
}

/* StringToBool() of apt: a number that is 0 or 1, or one of ten words; else the default. */
static bool apt_bool(const struct kj_resolved *apt, kj_str key, bool preset)
{
	static const kj_str no[] = {KJ_STR_INIT("no"), KJ_STR_INIT("false"), KJ_STR_INIT("without"), KJ_STR_INIT("off"),
	                            KJ_STR_INIT("disable")};
	static const kj_str yes[] = {KJ_STR_INIT("yes"), KJ_STR_INIT("true"), KJ_STR_INIT("with"), KJ_STR_INIT("on"),
	                             KJ_STR_INIT("enable")};
	const struct kj_setting *s = apt_setting(apt, key);
	int64_t n;
	if (!s)
		return preset;
	if (kj_num_c(s->value, &n) && (n == 0 || n == 1))
		return n == 1;
	for (size_t i = 0; i < 5; i++)
		if (kj_str_eq_fold(s->value, yes[i]) || kj_str_eq_fold(s->value, no[i]))
			return kj_str_eq_fold(s->value, yes[i]);
	return preset;
}

/* ---- intervals: check_stamp() of apt.systemd.daily ---- */

/* dash's arithmetic; nothing is 0. */
static bool shell_number(kj_str s, int64_t *n)
{
	*n = 0;
	return !s.n || kj_num_c(s, n);
}

/* Seconds; INT64_MAX for never. False where the script stops with an error. */
static bool interval_of(kj_str value, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	int64_t unit = 86400;
	kj_str rest = value, word = KJ_STR("");
	kj_str_word(&rest, &word);
	*seconds = 0;
	if (kj_str_eq(word, KJ_STR("always")))
		return true;
	if (!word.n || kj_str_eq(word, KJ_STR("0"))) {
		*seconds = INT64_MAX;
		return true;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (word.p[word.n - 1] == units[i].unit) {
			unit = units[i].seconds;
			word = kj_str_upto(word, word.n - 1);
			break;
		}
	if (!shell_number(word, seconds) || *seconds > INT64_MAX / unit)
		return false;
	*seconds = *seconds < 0 ? 0 : *seconds * unit;
	return true;
}

static kj_str interval_text(struct kj_arena *arena, int64_t seconds)
{
	if (seconds == INT64_MAX)
		return KJ_STR("never");
	if (seconds && seconds % 86400 == 0)
		return kj_str_fmt(arena, "%lldd", (long long)seconds / 86400);
	return kj_str_fmt(arena, "%llds", (long long)seconds);
}

/* ---- the pieces ---- */

struct unattended {
	struct kj_host *host;
	struct kj_resolved *out;
	const struct kj_resolved *apt;
	struct kj_origins origins;
	kj_str why_not; /* why nothing is upgraded; empty: it is, as far as is known */
	struct kj_origin at;
	kj_str unseen; /* what was not collected and would decide */
};

__attribute__((format(printf, 3, 4))) static void say_no(struct unattended *u, struct kj_origin at, const char *format,
                                                         ...)
{
	if (u->why_not.n)
		return;
	struct kj_buf buf = KJ_BUF(u->host->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	u->why_not = kj_buf_str(&buf);
	u->at = at;
}

static void add(struct unattended *u, kj_str key, kj_str value, const struct kj_setting *from)
{
	bool set = from && from->state != KJ_STATE_DEFAULT;
	struct kj_setting *s = kj_setting_add(u->host, u->out, key, value, set ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT,
	                                      from ? from->origin : (struct kj_origin){0});
	if (from && from->note.n && !from->unjudged)
		s->note = from->note;
}

/* To the script, a key that is set to nothing is there, and its arithmetic takes nothing for 0: at every run. */
static const struct kj_setting *emptied_setting(const struct unattended *u, kj_str key)
{
	for (size_t i = 0; i < u->apt->settings.n; i++) {
		const struct kj_setting *s = &u->apt->settings.at[i];
		if (s->unjudged && !s->value.n && kj_str_eq_fold(s->key, key))
			return s;
	}
	return NULL;
}

static void add_interval(struct unattended *u, kj_str key, kj_str apt_key)
{
	const struct kj_setting *emptied = emptied_setting(u, apt_key),
	                        *s = emptied ? emptied : apt_setting(u->apt, apt_key);
	int64_t seconds = emptied ? 0 : INT64_MAX;
	bool good = emptied || !s || interval_of(s->value, &seconds);
	seconds = good ? seconds : INT64_MAX;
	add(u, key, interval_text(u->host->arena, seconds), s);
	if (!good)
		say_no(u, s->origin, "%.*s \"%.*s\": apt.systemd.daily stops at what is no number", KJ_FMT(apt_key),
		       KJ_FMT(s->value));
	else if (seconds == INT64_MAX)
		say_no(u, s ? s->origin : (struct kj_origin){0}, "%.*s is 0", KJ_FMT(apt_key));
}

/* `[ $AutoAptEnable -eq 0 ]`: what is no number is not 0. */
static void check_enable(struct unattended *u)
{
	const struct kj_setting *s = apt_setting(u->apt, KJ_STR("APT::Periodic::Enable"));
	int64_t n;
	if (s && kj_num_int(kj_str_trim(s->value), &n) && n == 0)
		say_no(u, s->origin, "APT::Periodic::Enable is %.*s", KJ_FMT(s->value));
}

static void check_package(struct unattended *u)
{
	enum kj_presence why;
	if (kj_export_find(u->host->export, KJ_STR("usr/bin/unattended-upgrade"), &why))
		return;
	enum kj_presence presence = kj_package_presence(u->host, KJ_STR("unattended-upgrades"));
	if (presence == KJ_ABSENT)
		say_no(u, (struct kj_origin){0}, "the package unattended-upgrades is not installed");
	else if (presence != KJ_PRESENT && !u->unseen.n)
		u->unseen = KJ_STR("whether the package unattended-upgrades is installed");
}

enum kj_running kj_timer_runs(struct kj_host *host, kj_str name)
{
	const struct kj_source *source = kj_program_source(host->program, KJ_STR("units"));
	const struct kj_resolved *units = source ? kj_resolve(host, source) : NULL;
	const struct kj_setting_list *list = units ? kj_resolved_get(units, name) : NULL;
	static const kj_str running[] = {KJ_STR_INIT("enabled"), KJ_STR_INIT("enabled-runtime"), KJ_STR_INIT("static"),
	                                 KJ_STR_INIT("generated")};
	if (list && list->list.n && list->list.at[0]->value.n) {
		for (size_t i = 0; i < sizeof running / sizeof *running; i++)
			if (kj_str_eq(list->list.at[0]->value, running[i]))
				return KJ_RUNNING;
		return KJ_NOT_RUNNING;
	}
	const struct kj_units *all = kj_units_of(host);
	bool whole = all->state != KJ_STATE_NOT_COLLECTED && !all->unseen.n;
	return whole && !list ? KJ_NOT_RUNNING : KJ_RUNNING_UNSEEN;
}

static void check_timers(struct unattended *u)
{
	static const kj_str timers[] = {KJ_STR_INIT("apt-daily.timer"), KJ_STR_INIT("apt-daily-upgrade.timer")};
	for (size_t i = 0; i < 2; i++) {
		enum kj_running running = kj_timer_runs(u->host, timers[i]);
		if (running == KJ_NOT_RUNNING)
			say_no(u, (struct kj_origin){0}, "%.*s is not enabled", KJ_FMT(timers[i]));
		else if (running == KJ_RUNNING_UNSEEN && !u->unseen.n)
			u->unseen = kj_str_fmt(u->host->arena, "whether %.*s is enabled", KJ_FMT(timers[i]));
	}
}

static void add_lists(struct unattended *u)
{
	for (size_t i = 0; i < u->origins.patterns.n; i++)
		KJ_PUSH(u->host->arena, &u->out->settings, u->origins.patterns.at[i]);
	for (size_t i = 0; i < u->apt->settings.n; i++) {
		const struct kj_setting *s = &u->apt->settings.at[i];
		if (s->state == KJ_STATE_EFFECTIVE &&
		    kj_str_starts_fold(s->key, KJ_STR("Unattended-Upgrade::Package-Blacklist::")))
			add(u, KJ_STR("blacklist"), s->value, s);
	}
}

static void add_origins(struct unattended *u)
{
	u->origins = kj_origins_read(u->host, u->apt);
	if (u->origins.broken.n)
		say_no(u, u->origins.broken_at, "%.*s", KJ_FMT(u->origins.broken));
	else if (!u->origins.patterns.n)
		say_no(u, (struct kj_origin){0}, "no origin is allowed");
	bool security = u->origins.security && !u->origins.broken.n;
	struct kj_setting *s =
	        kj_setting_add(u->host, u->out, KJ_STR("security"), security ? KJ_STR("yes") : KJ_STR("no"),
	                       KJ_STATE_EFFECTIVE, (struct kj_origin){0});
	s->note = u->origins.broken;
	if (!u->origins.known && u->origins.patterns.n && !u->origins.broken.n) {
		s->state = KJ_STATE_ERROR;
		kj_setting_note(u->host, s, "where '%.*s' has its security updates is not known here",
		                KJ_FMT(u->host->export->distro));
	}
}

static void add_reboot(struct unattended *u)
{
	kj_str key = KJ_STR("Unattended-Upgrade::Automatic-Reboot");
	const struct kj_setting *when = apt_setting(u->apt, KJ_STR("Unattended-Upgrade::Automatic-Reboot-Time"));
	bool reboots = apt_bool(u->apt, key, false);
	add(u, KJ_STR("reboot"), reboots ? KJ_STR("yes") : KJ_STR("no"), apt_setting(u->apt, key));
	if (reboots)
		add(u, KJ_STR("reboot_time"), when ? when->value : KJ_STR("now"), when);
}

static void add_enabled(struct unattended *u)
{
	struct kj_setting *s = kj_setting_add(u->host, u->out, KJ_STR("enabled"),
	                                      u->why_not.n ? KJ_STR("no") : KJ_STR("yes"), KJ_STATE_EFFECTIVE, u->at);
	s->note = u->why_not;
	if (!u->why_not.n && u->unseen.n)
		kj_resolved_state(u->host, u->out, KJ_STATE_NOT_COLLECTED, "%.*s was not collected", KJ_FMT(u->unseen));
}

void kj_resolve_unattended(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	const struct kj_source *apt = kj_program_source(host->program, KJ_STR("apt"));
	if (!apt)
		return;
	struct unattended u = {.host = host, .out = out, .apt = kj_resolve(host, apt)};
	out->state = u.apt->state;
	out->message = u.apt->message;
	out->at = u.apt->at;
	for (size_t i = 0; i < u.apt->texts.n; i++)
		KJ_PUSH(host->arena, &out->texts, u.apt->texts.at[i]);
	if (u.apt->state == KJ_STATE_NOT_COLLECTED || u.apt->state == KJ_STATE_ERROR || u.apt->state == KJ_STATE_ABSENT)
		return;
	out->state = KJ_STATE_EFFECTIVE;
	if (u.apt->refused)
		say_no(&u, u.apt->at, "%.*s", KJ_FMT(u.apt->message));
	check_enable(&u);
	add_interval(&u, KJ_STR("update_lists_every"), KJ_STR("APT::Periodic::Update-Package-Lists"));
	add_interval(&u, KJ_STR("upgrade_every"), KJ_STR("APT::Periodic::Unattended-Upgrade"));
	check_package(&u);
	add_origins(&u);
	check_timers(&u);
	add_reboot(&u);
	add_lists(&u);
	add_enabled(&u);
}
