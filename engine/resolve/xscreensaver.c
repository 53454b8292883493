/* The source `xscreensaver`: when XScreenSaver locks: its app-defaults, then each user's ~/.xscreensaver, as the daemon
   reads them (driver/xscreensaver.c, driver/prefs.c, utils/resources.c of 5.45 to 6.15). Versions read differently; where
   the version is not known, only what all of them agree on is told. */
#include "resolve/packages.h"

#include <string.h>

/* 5.x reads X resources; 6.00 to 6.06 look for bare keys, which the app-defaults do not have ("*lock"), and so go by
   users' files alone; 6.07 and later take the star off. */
enum edition { RESOURCES, BARE, STARRED, EDITIONS };
enum key { TIMEOUT, LOCK, LOCK_TIMEOUT, MODE, KEYS };
static const char *const names[KEYS] = {"timeout", "lock", "lockTimeout", "mode"};

struct value {
	int64_t number; /* seconds; of lock 0 or 1; of mode 1 for off */
	struct kj_origin origin;
	KJ_VEC(struct kj_overridden) overrides;
};

struct saver {
	struct value value[KEYS];
};

struct reader {
	struct kj_host *host;
	struct kj_resolved *out; /* NULL: bad lines were told already */
	struct saver *saver;
	const struct kj_text *text;
	enum edition edition;
	bool own; /* ~/.xscreensaver, not the app-defaults */
	uint32_t line;
};

static void bad(struct reader *r, const char *problem)
{
	struct kj_row row = {.text = r->text, .line = r->line, .col = 1, .bad = true, .problem = problem};
	if (r->out)
		KJ_PUSH(r->host->arena, &r->out->bad, row);
}

/* ---- values ---- */

/* %u of sscanf, at most `width` bytes: blanks, a sign, digits; what is too large keeps its lower half. */
static bool take_number(kj_str *rest, size_t width, uint32_t *number)
{
	kj_str s = kj_str_trim_left(*rest);
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'), first = i;
	uint64_t value = 0;
	for (; i < s.n && i < width && kj_is_digit(s.p[i]); i++)
		value = value > UINT64_MAX / 10 - 1 ? UINT64_MAX : value * 10 + (uint64_t)(s.p[i] - '0');
	*number = (uint32_t)(first && s.p[0] == '-' && value != UINT64_MAX ? 0 - value : value);
	*rest = kj_str_from(s, i);
	return i > first;
}

/* h:mm:ss, m:ss, :ss, or minutes; -1: no time. */
static int64_t as_time(kj_str text)
{
	uint32_t part[3] = {0}, hms[3] = {0};
	size_t n = 0;
	bool colon = kj_str_starts(kj_str_trim_left(text), KJ_STR(":"));
	kj_str rest = kj_str_from(kj_str_trim_left(text), colon);
	do {
		rest = n ? kj_str_from(rest, 1) : rest;
		if (n == 3u - colon || !take_number(&rest, n || colon ? 2 : SIZE_MAX, &part[n]))
			return -1;
		n++;
		rest = kj_str_trim_left(rest);
	} while (kj_str_starts(rest, KJ_STR(":")));
	if (rest.n)
		return -1;
	size_t skip = n == 1 && !colon ? 1 : 3 - n;
	memcpy(hms + skip, part, n * sizeof *part);
	bool mixed = (hms[2] >= 60 && (hms[0] || hms[1])) || (hms[1] >= 60 && hms[0]);
	return mixed ? -1 : (int32_t)(hms[0] * 3600 + hms[1] * 60 + hms[2]);
}

static int64_t as_lock(const struct reader *r, kj_str text)
{
	bool lock = kj_str_eq_fold(text, KJ_STR("true"));
	bool more = kj_str_eq_fold(text, KJ_STR("on")) || kj_str_eq_fold(text, KJ_STR("yes"));
	return lock || (r->edition == RESOURCES && more);
}

/* What a key's text comes to; -1: the program leaves what it has. */
static int64_t number_of(struct reader *r, enum key key, kj_str text)
{
	if (key == LOCK)
		return as_lock(r, text);
	if (key == MODE)
		return kj_str_eq_fold(text, KJ_STR("off"));
	int64_t time = as_time(text);
	if (time < 0)
		bad(r, "no time of the forms h:mm:ss, mm:ss or minutes");
	if (r->edition == RESOURCES)
		return time < 0 ? 0 : time;
	return time > 0 || key == LOCK_TIMEOUT ? time : -1;
}

static kj_str shown(struct kj_arena *arena, enum key key, int64_t number)
{
	if (key == LOCK)
		return number ? KJ_STR("true") : KJ_STR("false");
	if (key == MODE)
		return number ? KJ_STR("off") : KJ_STR("on");
	return kj_str_fmt(arena, "%lld", (long long)number);
}

/* ---- lines ---- */

/* The key that a word names in this file; KEYS: none of ours. */
static enum key key_of(const struct reader *r, kj_str word)
{
	static const char *const programs[] = {
	        "*", ".", "XScreenSaver*", "XScreenSaver.", "xscreensaver*", "xscreensaver."};
	if (r->edition == RESOURCES && !r->own) {
		size_t i = 0;
		while (i < 6 && !kj_str_starts(word, kj_str_of(programs[i])))
			i++;
		if (i == 6)
			return KEYS;
		word = kj_str_trim_right(kj_str_from(word, strlen(programs[i])));
	} else if (r->edition == STARRED && word.n && (word.p[0] == '*' || word.p[0] == '.')) {
		word = kj_str_from(word, 1);
	}
	bool fold = r->edition == RESOURCES && r->own;
	size_t k = 0;
	while (k < KEYS && !(fold ? kj_str_eq_fold : kj_str_eq)(word, kj_str_of(names[k])))
		k++;
	return (enum key)k;
}

static void take(struct reader *r, enum key key, kj_str text)
{
	struct value *value = &r->saver->value[key];
	int64_t number = number_of(r, key, text);
	if (number < 0)
		return;
	if (value->origin.text) {
		struct kj_overridden before = {shown(r->host->arena, key, value->number), value->origin};
		KJ_PUSH(r->host->arena, &value->overrides, before);
	}
	value->number = number;
	value->origin = (struct kj_origin){r->text, r->line, 1};
}

/* The next line with those that a backslash at the end joins to it; *lines: how many. */
static bool next_line(struct reader *r, kj_str *rest, kj_str *line, uint32_t *lines)
{
	struct kj_buf joined = KJ_BUF(r->host->arena);
	*lines = 0;
	while (rest->n) {
		size_t end = kj_str_find(*rest, '\n');
		kj_str part = kj_str_upto(*rest, end);
		bool goes_on = end < rest->n && kj_str_ends(part, KJ_STR("\\")) && joined.n + part.n > 1;
		*rest = kj_str_from(*rest, end + 1);
		++*lines;
		kj_buf_put(&joined, kj_str_upto(part, part.n - goes_on));
		if (!goes_on)
			break;
	}
	*line = kj_buf_str(&joined);
	return *lines > 0;
}

static kj_str unescape(struct kj_arena *arena, kj_str s)
{
	static const char letters[] = "nrt", meant[] = "\n\r\t";
	struct kj_buf out = KJ_BUF(arena);
	if (kj_str_find(s, '\\') == s.n)
		return s;
	for (size_t i = 0; i < s.n; i++) {
		bool escape = s.p[i] == '\\';
		i += escape;
		if (i == s.n) /* one at the end of the file */
			break;
		const char *letter = escape ? memchr(letters, s.p[i], 3) : NULL;
		kj_buf_char(&out, letter ? meant[letter - letters] : s.p[i]);
	}
	return kj_buf_str(&out);
}

static void read_file(struct reader *r, const struct kj_text *text)
{
	kj_str rest = text->bytes, line;
	r->text = text;
	r->line = 1;
	for (uint32_t lines; next_line(r, &rest, &line, &lines); r->line += lines) {
		line = kj_str_trim(unescape(r->host->arena, line));
		size_t colon = kj_str_find(line, ':');
		if (!line.n || kj_str_find_any(kj_str_upto(line, 1), KJ_STR("#!;")) == 0)
			continue;
		if (colon == line.n) {
			bad(r, "no ':' after the key");
			continue;
		}
		enum key key = key_of(r, kj_str_upto(line, colon));
		if (key < KEYS)
			take(r, key, kj_str_trim(kj_str_from(line, colon + 1)));
	}
	int64_t *timeout = &r->saver->value[TIMEOUT].number;
	if (r->edition == RESOURCES && *timeout < 15)
		*timeout = 15; /* stop_the_insanity() */
	else if (r->edition != RESOURCES && *timeout < 5)
		*timeout = 36000; /* read_init_files() */
}

/* ---- what comes of it ---- */

struct versions {
	struct kj_host *host;
	struct kj_resolved *out;
	enum edition first, last; /* those that it may be */
	struct saver saver[EDITIONS];
	bool homes_unseen;
};

static struct versions versions_of(struct kj_host *host, struct kj_resolved *out)
{
	static const struct kj_release releases[] = {{"debian", "12", "6.06", false}};
	struct versions v = {.host = host, .out = out, .first = RESOURCES, .last = STARRED};
	kj_str version = kj_package_version(host, KJ_STR("xscreensaver"));
	version = version.n ? version : kj_package_version(host, KJ_STR("xscreensaver-base"));
	version = version.n ? version : kj_release_version(host->export, releases, 1);
	if (version.n)
		v.first = v.last = kj_version_cmp(version, KJ_STR("6.07")) >= 0   ? STARRED
		                   : kj_version_cmp(version, KJ_STR("6.00")) >= 0 ? BARE
		                                                                  : RESOURCES;
	for (size_t e = 0; e < EDITIONS; e++)
		v.saver[e].value[TIMEOUT].number = e == RESOURCES ? 600 : 36000;
	return v;
}

static void read_all(struct versions *v, const struct kj_text *text, bool own)
{
	for (size_t e = v->first; e <= v->last; e++) {
		struct reader r = {.host = v->host,
		                   .out = e == v->first ? v->out : NULL,
		                   .saver = &v->saver[e],
		                   .edition = (enum edition)e,
		                   .own = own};
		read_file(&r, text);
	}
}

/* Which value says whether it locks. */
static enum key deciding(const struct saver *s)
{
	if (s->value[MODE].number)
		return MODE;
	if (!s->value[LOCK].number)
		return LOCK;
	static const enum key times[] = {TIMEOUT, LOCK_TIMEOUT};
	for (size_t i = 0; i < 2; i++)
		if (s->value[times[i]].origin.text)
			return times[i];
	return LOCK;
}

/* 0: never. */
static int64_t lock_after(const struct saver *s)
{
	bool locks = s->value[LOCK].number && !s->value[MODE].number;
	return locks ? s->value[TIMEOUT].number + s->value[LOCK_TIMEOUT].number : 0;
}

static bool agree_on(const struct versions *v, enum key key)
{
	for (size_t e = v->first; e < v->last; e++) {
		const struct saver *one = &v->saver[e], *other = &v->saver[e + 1];
		if (key == KEYS ? lock_after(one) != lock_after(other)
		                : one->value[key].number != other->value[key].number)
			return false;
	}
	return true;
}

static struct kj_setting *add(struct versions *v, const char *name, kj_str value, struct kj_origin origin, bool agreed,
                              kj_str scope)
{
	enum kj_state state = origin.text ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT;
	bool unseen = v->homes_unseen && !scope.n;
	struct kj_setting *s = kj_setting_add(v->host, v->out, kj_str_of(name), value,
	                                      unseen    ? KJ_STATE_NOT_COLLECTED
	                                      : !agreed ? KJ_STATE_ERROR
	                                                : state,
	                                      origin);
	s->scope = scope;
	s->lockable = true;
	if (!agreed)
		kj_setting_note(v->host, s,
		                "versions 5, 6.00 to 6.06 and later ones read it differently, and which "
		                "one is installed is not known");
	if (unseen)
		kj_setting_note(v->host, s, "users' ~/.xscreensaver were not collected, and they decide");
	return s;
}

static void show(struct versions *v, kj_str scope, const struct kj_text *own)
{
	struct kj_arena *arena = v->host->arena;
	const struct saver *saver = &v->saver[v->first];
	for (size_t k = 0; k < KEYS; k++) {
		const struct value *value = &saver->value[k];
		if (own && value->origin.text != own)
			continue;
		struct kj_setting *s = add(v, names[k], shown(arena, (enum key)k, value->number), value->origin,
		                           agree_on(v, (enum key)k), scope);
		for (size_t i = 0; i < value->overrides.n; i++)
			kj_setting_override(v->host, s, value->overrides.at[i].value, value->overrides.at[i].origin);
	}
	int64_t after = lock_after(saver);
	enum key why = deciding(saver);
	bool agreed = agree_on(v, KEYS);
	add(v, "locks", after ? KJ_STR("yes") : KJ_STR("no"), saver->value[why].origin, agreed, scope);
	struct kj_setting *s = add(v, "lock_after", kj_str_fmt(arena, "%lld", (long long)after),
	                           saver->value[why].origin, agreed, scope);
	if (!after && agreed)
		kj_setting_note(v->host, s,
		                why == MODE ? "mode is off: it never blanks"
		                            : "lock is not true: it blanks "
		                              "and does not lock");
}

static void show_user(const struct versions *system, kj_str path)
{
	struct versions own = *system;
	kj_str home = kj_str_upto(path, kj_str_find_last(path, '/'));
	kj_str name = kj_str_from(home, kj_str_find_last(home, '/') == home.n ? 0 : kj_str_find_last(home, '/') + 1);
	kj_str scope = kj_str_fmt(own.host->arena, "user %.*s", KJ_FMT(name));
	const struct kj_artifact *artifact = kj_export_read(own.host->export, path);
	for (size_t e = 0; e < EDITIONS; e++)
		for (size_t k = 0; k < KEYS; k++)
			memset(&own.saver[e].value[k].overrides, 0, sizeof own.saver[e].value[k].overrides);
	if (artifact->state == KJ_ARTIFACT_OK) {
		read_all(&own, &artifact->text, true);
		KJ_PUSH(own.host->arena, &own.out->texts, &artifact->text);
		show(&own, scope, &artifact->text);
		return;
	}
	struct kj_setting *s = add(&own, "lock_after", KJ_STR(""), (struct kj_origin){NULL, 0, 0}, true, scope);
	s->state = artifact->state == KJ_ARTIFACT_ERROR ? KJ_STATE_ERROR : KJ_STATE_NOT_COLLECTED;
	kj_setting_note(own.host, s, "'%.*s': %.*s", KJ_FMT(path),
	                KJ_FMT(artifact->message.n ? artifact->message : KJ_STR("not collected")));
}

/* The app-defaults: /etc beats /usr/share. Debian has XScreenSaver-gl and -nogl, and a link to one of them, which may be
   lost on the way; they have the same values. */
static const struct kj_text *app_defaults(const struct kj_reads *reads)
{
	for (size_t i = 0; i < reads->list.n; i++)
		if (kj_str_eq(reads->list.at[i].path, KJ_STR("etc/X11/app-defaults/XScreenSaver")))
			return &reads->list.at[i].artifact->text;
	return reads->list.n ? &reads->list.at[0].artifact->text : NULL;
}

void kj_resolve_xscreensaver(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	enum kj_presence homes, root;
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out) && out->state == KJ_STATE_ERROR)
		return;
	struct kj_entry_list users = kj_export_glob(host->export, host->arena, KJ_STR("home/*/.xscreensaver"), &homes);
	struct kj_entry_list roots = kj_export_glob(host->export, host->arena, KJ_STR("root/.xscreensaver"), &root);
	struct versions v = versions_of(host, out);
	v.homes_unseen = homes != KJ_PRESENT && homes != KJ_ABSENT;
	const struct kj_text *system = app_defaults(&reads);
	if (system)
		read_all(&v, system, false);
	if (out->state == KJ_STATE_EFFECTIVE)
		show(&v, KJ_STR(""), NULL);
	for (size_t i = 0; i < users.paths.n; i++)
		show_user(&v, users.paths.at[i]);
	for (size_t i = 0; i < roots.paths.n; i++)
		show_user(&v, roots.paths.at[i]);
}
