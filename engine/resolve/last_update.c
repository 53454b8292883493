/* The source `last_update`: the day of the last upgrade of a package. Removals and first installations are none. */
#include "resolve/packages.h"

#include <stdlib.h>

struct search {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_setting found; /* the latest; its overrides are what other evidence has */
	struct kj_reads reads;
	kj_str looked_at; /* logs that told of no upgrade */
};

/* ---- dates ---- */

static bool number_at(kj_str s, size_t at, size_t digits, int *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		if (at + i >= s.n || !kj_is_digit(s.p[at + i]))
			return false;
		*out = *out * 10 + (s.p[at + i] - '0');
	}
	return true;
}

static bool is_date(struct kj_date d)
{
	struct kj_date same = kj_date_from_days(kj_date_days(d));
	return d.year >= 1990 && d.month >= 1 && d.month <= 12 && d.day >= 1 && same.month == d.month &&
	       same.day == d.day;
}

/* 2026-11-23, anywhere in the text */
static bool find_iso(kj_str s, struct kj_date *date)
{
	for (size_t i = 0; i + 10 <= s.n; i++)
		if (s.p[i + 4] == '-' && s.p[i + 7] == '-' && number_at(s, i, 4, &date->year) &&
		    number_at(s, i + 5, 2, &date->month) && number_at(s, i + 8, 2, &date->day) && is_date(*date))
			return true;
	return false;
}

/* The number of at most two digits before `mark`. */
static bool number_before(kj_str s, kj_str mark, int *out)
{
	size_t end = kj_str_find_str(s, mark), start = end;
	while (end < s.n && start && kj_is_digit(s.p[start - 1]))
		start--;
	return end < s.n && end > start && end - start <= 4 && number_at(s, start, end - start, out);
}

/* 2026年11月23日 */
static bool find_japanese(kj_str s, struct kj_date *date)
{
	return number_before(s, KJ_STR("年"), &date->year) && number_before(s, KJ_STR("月"), &date->month) &&
	       number_before(s, KJ_STR("日"), &date->day) && is_date(*date);
}

static int month_of(kj_str word)
{
	static const kj_str months = KJ_STR_INIT("JanFebMarAprMayJunJulAugSepOctNovDec");
	for (size_t i = 0; word.n == 3 && i < 12; i++)
		if (kj_str_eq_fold(word, kj_str_upto(kj_str_from(months, 3 * i), 3)))
			return (int)i + 1;
	return 0;
}

/* Mon 12 May 2025 10:00:00 AM UTC; Tue May  3 10:21:33 2022 */
static bool find_english(kj_str s, struct kj_date *date)
{
	kj_str word;
	*date = (struct kj_date){0};
	while (kj_str_word(&s, &word)) {
		int64_t n;
		if (!date->month && month_of(word))
			date->month = month_of(word);
		else if (word.n == 4 && kj_num_int(word, &n))
			date->year = (int)n;
		else if (word.n <= 2 && !date->day && kj_num_int(word, &n) && n > 0)
			date->day = (int)n;
	}
	return is_date(*date);
}

static bool find_date(kj_str s, struct kj_date *date)
{
	return find_iso(s, date) || find_japanese(s, date) || find_english(s, date);
}

/* ---- what is found ---- */

static void take(struct search *s, kj_str value, struct kj_origin origin, const char *note)
{
	struct kj_setting *f = &s->found;
	if (f->value.n && kj_str_cmp(value, f->value) <= 0) {
		kj_setting_override(s->host, f, value, origin);
		return;
	}
	if (f->value.n)
		kj_setting_override(s->host, f, f->value, f->origin);
	f->key = KJ_STR("date");
	f->value = value;
	f->origin = origin;
	f->state = KJ_STATE_EFFECTIVE;
	f->note = kj_str_of(note);
}

/* The latest date of one artifact. */
struct latest {
	struct kj_date date;
	uint32_t line;
};

static void keep_later(struct latest *latest, struct kj_date date, uint32_t line)
{
	if (latest->line && kj_date_days(date) <= kj_date_days(latest->date))
		return;
	*latest = (struct latest){date, line};
}

/* ---- logs ---- */

/* dpkg.log: `2026-05-01 06:12:33 upgrade libc6:amd64 2.36-9 2.36-10` */
static void read_dpkg_log(kj_str text, struct latest *latest)
{
	kj_str line, day, time, action;
	struct kj_date date;
	for (uint32_t number = 1; kj_str_line(&text, &line); number++)
		if (kj_str_word(&line, &day) && kj_str_word(&line, &time) && kj_str_word(&line, &action) &&
		    kj_str_eq(action, KJ_STR("upgrade")) && kj_date_parse(day, &date))
			keep_later(latest, date, number);
}

/* apt's history.log: paragraphs; one with `Error:` did not do all it says. */
static void read_apt_history(kj_str text, struct latest *latest)
{
	kj_str line;
	struct kj_date date = {0};
	uint32_t upgrade = 0;
	bool dated = false, wrong = false;
	for (uint32_t number = 1; kj_str_line(&text, &line); number++) {
		if (kj_str_starts(line, KJ_STR("Start-Date:")))
			dated = find_iso(line, &date);
		else if (kj_str_starts(line, KJ_STR("Upgrade:")))
			upgrade = number;
		else if (kj_str_starts(line, KJ_STR("Error:")))
			wrong = true;
		if (line.n && text.n)
			continue;
		if (dated && upgrade && !wrong)
			keep_later(latest, date, upgrade);
		upgrade = 0;
		dated = wrong = false;
	}
}

static bool any_word(kj_str text, const kj_str *words, size_t n)
{
	kj_str word;
	while (kj_str_word(&text, &word))
		for (size_t i = 0; i < n; i++)
			if (kj_str_eq_fold(word, words[i]))
				return true;
	return false;
}

/* `dnf history`, `yum history`: id | command line | date | actions | altered. Actions are words (Upgrade), or letters
   where there are several (I, U). dnf5 has no bars, and only the command line tells. */
static void read_dnf_history(kj_str text, struct latest *latest)
{
	static const kj_str actions[] = {KJ_STR_INIT("U"), KJ_STR_INIT("U,"), KJ_STR_INIT("Upgrade"),
	                                 KJ_STR_INIT("Update")};
	static const kj_str commands[] = {KJ_STR_INIT("upgrade"), KJ_STR_INIT("update"), KJ_STR_INIT("upgrade-minimal"),
	                                  KJ_STR_INIT("update-minimal")};
	kj_str line;
	for (uint32_t number = 1; kj_str_line(&text, &line); number++) {
		struct kj_date date;
		kj_str rest = line, cell = KJ_STR("");
		for (size_t i = 0; i < 4; i++)
			if (!kj_str_cut(&rest, '|', &cell))
				cell = KJ_STR("");
		bool bars = kj_str_find(line, '|') < line.n;
		bool upgrade = bars ? any_word(cell, actions, sizeof actions / sizeof *actions)
		                    : any_word(line, commands, sizeof commands / sizeof *commands);
		if (upgrade && find_iso(line, &date))
			keep_later(latest, date, number);
	}
}

/* zypper's history: only its patches are surely upgrades. */
static void read_zypp_history(kj_str text, struct latest *latest)
{
	kj_str line, day, action;
	struct kj_date date;
	for (uint32_t number = 1; kj_str_line(&text, &line); number++) {
		if (kj_str_starts(line, KJ_STR("#")) || !kj_str_cut(&line, '|', &day) ||
		    !kj_str_cut(&line, '|', &action))
			continue;
		if (kj_str_starts(kj_str_trim(action), KJ_STR("patch")) && find_iso(day, &date))
			keep_later(latest, date, number);
	}
}

static const struct {
	kj_str path;
	void (*read)(kj_str text, struct latest *latest);
	bool command;
} logs[] = {
        {KJ_STR_INIT("var/log/dpkg.log"), read_dpkg_log, false},
        {KJ_STR_INIT("var/log/dpkg.log.1"), read_dpkg_log, false},
        {KJ_STR_INIT("var/log/apt/history.log"), read_apt_history, false},
        {KJ_STR_INIT("var/log/zypp/history"), read_zypp_history, false},
        {KJ_STR_INIT("dnf history"), read_dnf_history, true},
        {KJ_STR_INIT("dnf history list"), read_dnf_history, true},
        {KJ_STR_INIT("yum history"), read_dnf_history, true},
        {KJ_STR_INIT("yum history list"), read_dnf_history, true},
};

static void read_logs(struct search *s)
{
	for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
		const struct kj_artifact *a = logs[i].command ? kj_export_command(s->host->export, logs[i].path)
		                                              : kj_export_read(s->host->export, logs[i].path);
		struct latest latest = {0};
		if (a->state == KJ_ARTIFACT_ERROR && !s->reads.broken) {
			s->reads.broken = a;
			s->reads.broken_path = logs[i].path;
		}
		if (a->state != KJ_ARTIFACT_OK)
			continue;
		KJ_PUSH(s->host->arena, &s->out->texts, &a->text);
		logs[i].read(a->text.bytes, &latest);
		if (latest.line)
			take(s, kj_date_str(s->host->arena, latest.date), (struct kj_origin){&a->text, latest.line, 1},
			     "");
		else
			s->looked_at = a->text.name;
	}
}

/* ---- lists of rpm with dates ---- */

/* `rpm -qa --last`, installed-rpms: the day each package was installed, of which rpm does not say whether an older one
   was there before. Keys (gpg-pubkey) are no programs. */
static void read_rpm_dates(struct search *s)
{
	static const kj_str lists[] = {KJ_STR_INIT("rpm -qa --last"), KJ_STR_INIT("installed-rpms")};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const struct kj_artifact *a = kj_export_command(s->host->export, lists[i]);
		struct latest latest = {0};
		if (a->state != KJ_ARTIFACT_OK)
			continue;
		kj_str text = a->text.bytes, line, package;
		for (uint32_t number = 1; kj_str_line(&text, &line); number++) {
			struct kj_date date;
			if (kj_str_word(&line, &package) && !kj_str_starts(package, KJ_STR("gpg-pubkey-")) &&
			    find_date(line, &date))
				keep_later(&latest, date, number);
		}
		KJ_PUSH(s->host->arena, &s->out->texts, &a->text);
		if (latest.line)
			take(s, kj_date_str(s->host->arena, latest.date), (struct kj_origin){&a->text, latest.line, 1},
			     "the day of the last installation: rpm does not tell an upgrade from a new package");
		else
			s->looked_at = a->text.name;
	}
}

/* Logs that were rotated and packed. */
static kj_str packed_log(struct search *s)
{
	static const kj_str globs[] = {KJ_STR_INIT("var/log/dpkg.log*.gz"), KJ_STR_INIT("var/log/apt/history.log*.gz"),
	                               KJ_STR_INIT("var/log/zypp/history*.xz")};
	enum kj_presence presence;
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
		struct kj_entry_list found = kj_export_glob(s->host->export, s->host->arena, globs[i], &presence);
		if (found.paths.n)
			return found.paths.at[0];
	}
	return KJ_STR("");
}

static void nothing_found(struct search *s)
{
	kj_str packed = packed_log(s);
	if (s->reads.broken)
		kj_resolved_state(s->host, s->out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(s->reads.broken_path),
		                  KJ_FMT(s->reads.broken->message));
	else if (packed.n)
		kj_resolved_state(s->host, s->out, KJ_STATE_NOT_COLLECTED,
		                  "no upgrade in the logs that were read; packed ones are not read ('%.*s')",
		                  KJ_FMT(packed));
	else if (s->looked_at.n)
		kj_resolved_state(s->host, s->out, KJ_STATE_NOT_COLLECTED,
		                  "'%.*s' tells of no upgrade; what was before it was not collected",
		                  KJ_FMT(s->looked_at));
	else
		kj_resolved_state(s->host, s->out, KJ_STATE_NOT_COLLECTED,
		                  "no log of dpkg or apt, no 'dnf history' and no 'rpm -qa --last' was collected");
}

void kj_resolve_last_update(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct search s = {.host = host, .out = out};
	read_logs(&s);
	if (!s.found.value.n)
		read_rpm_dates(&s);
	if (!s.found.value.n) {
		nothing_found(&s);
		return;
	}
	out->state = KJ_STATE_EFFECTIVE;
	KJ_PUSH(host->arena, &out->settings, s.found);
}
