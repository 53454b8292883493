/* Which origins unattended-upgrade takes packages from: get_allowed_origins() and match_whitelist_string() of its
   source. */
#include "resolve/unattended.h"

struct origins {
	struct kj_host *host;
	struct kj_origins *out;
	kj_str distro_id, codename; /* what `lsb_release -i` and `-c` say */
};

/* ---- the host's distribution ---- */

static kj_str release_field(struct kj_host *host, kj_str key)
{
	const struct kj_source *source = kj_program_source(host->program, KJ_STR("os_release"));
	const struct kj_setting_list *list = source ? kj_resolved_get(kj_resolve(host, source), key) : NULL;
	return list && list->list.n ? list->list.at[0]->value : KJ_STR("");
}

/* Debian's lsb_release makes it of ID in os-release. */
static kj_str lsb_id(struct kj_host *host)
{
	kj_str id = host->export->distro;
	if (!id.n)
		return id;
	char first = id.p[0] >= 'a' && id.p[0] <= 'z' ? (char)(id.p[0] - 'a' + 'A') : id.p[0];
	return kj_str_fmt(host->arena, "%c%.*s", first, KJ_FMT(kj_str_from(id, 1)));
}

/* ---- variables ---- */

static bool is_name_byte(char c)
{
	return kj_is_alnum(c) || c == '_';
}

/* As Python's string.Template: ${name}, $name, $$. Anything else after a $ is an error. */
static bool substitute(struct origins *o, kj_str text, kj_str *out)
{
	struct kj_buf buf = KJ_BUF(o->host->arena);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '$') {
			kj_buf_char(&buf, text.p[i]);
			continue;
		}
		kj_str rest = kj_str_from(text, i + 1), name;
		bool braced = kj_str_starts(rest, KJ_STR("{"));
		size_t n = braced;
		while (n < rest.n && is_name_byte(rest.p[n]))
			n++;
		name = kj_str_from(kj_str_upto(rest, n), braced);
		if (kj_str_starts(rest, KJ_STR("$")))
			kj_buf_char(&buf, '$');
		else if (kj_str_eq(name, KJ_STR("distro_id")))
			kj_buf_put(&buf, o->distro_id);
		else if (kj_str_eq(name, KJ_STR("distro_codename")))
			kj_buf_put(&buf, o->codename);
		else
			return false;
		if (braced && (n >= rest.n || rest.p[n] != '}'))
			return false;
		i += kj_str_starts(rest, KJ_STR("$")) ? 1 : n + braced;
	}
	*out = kj_buf_str(&buf);
	return true;
}

/* ---- patterns ---- */

static void stop(struct origins *o, const struct kj_setting *s, const char *why)
{
	if (o->out->broken.n)
		return;
	o->out->broken = kj_str_fmt(o->host->arena, "%.*s \"%.*s\": %s, so unattended-upgrade stops", KJ_FMT(s->key),
	                            KJ_FMT(s->value), why);
	o->out->broken_at = s->origin;
}

/* The text with commas quoted, and `\:` as a colon. */
static kj_str quote(struct kj_arena *arena, kj_str text)
{
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == ':')
			continue;
		if (text.p[i] == ',' && i && text.p[i - 1] != '\\')
			kj_buf_char(&buf, '\\');
		kj_buf_char(&buf, text.p[i]);
	}
	return kj_buf_str(&buf);
}

/* Allowed-Origins: `id:suite`, or the two with a blank between. */
static bool split_legacy(kj_str value, kj_str *id, kj_str *suite)
{
	size_t colons = 0, at = value.n;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == ':' && (!i || value.p[i - 1] != '\\')) {
			colons++;
			at = i;
		}
	*id = kj_str_upto(value, at);
	*suite = kj_str_from(value, at + 1);
	kj_str rest = value, more;
	return colons == 1 ||
	       (!colons && kj_str_word(&rest, id) && kj_str_word(&rest, suite) && !kj_str_word(&rest, &more));
}

static void add_pattern(struct origins *o, const struct kj_setting *s, kj_str pattern)
{
	struct kj_setting p = {
	        .key = KJ_STR("origin"), .value = pattern, .state = KJ_STATE_EFFECTIVE, .origin = s->origin};
	KJ_PUSH(o->host->arena, &o->out->patterns, p);
}

static void take_legacy(struct origins *o, const struct kj_setting *s)
{
	kj_str id, suite;
	if (!split_legacy(s->value, &id, &suite))
		stop(o, s, "not an origin and a suite");
	else if (!substitute(o, quote(o->host->arena, id), &id) || !substitute(o, quote(o->host->arena, suite), &suite))
		stop(o, s, "no such variable");
	else
		add_pattern(o, s, kj_str_fmt(o->host->arena, "o=%.*s,a=%.*s", KJ_FMT(id), KJ_FMT(suite)));
}

static void take_pattern(struct origins *o, const struct kj_setting *s)
{
	kj_str pattern;
	if (substitute(o, s->value, &pattern))
		add_pattern(o, s, pattern);
	else
		stop(o, s, "no such variable");
}

/* ---- matching ---- */

/* What the Release file of an archive says. */
struct archive {
	kj_str origin, label, suite, codename, component;
	const kj_str *sites;
};

enum { FIELDS = 6 };
static const struct {
	kj_str name;
	size_t field;
} matchers[] = {
        {KJ_STR_INIT("o"), 0},       {KJ_STR_INIT("origin"), 0},    {KJ_STR_INIT("l"), 1},
        {KJ_STR_INIT("label"), 1},   {KJ_STR_INIT("a"), 2},         {KJ_STR_INIT("suite"), 2},
        {KJ_STR_INIT("archive"), 2}, {KJ_STR_INIT("n"), 3},         {KJ_STR_INIT("codename"), 3},
        {KJ_STR_INIT("c"), 4},       {KJ_STR_INIT("component"), 4}, {KJ_STR_INIT("site"), 5},
};

static bool matches_any(kj_str pattern, const kj_str *texts)
{
	for (; texts->n; texts++)
		if (kj_glob(pattern, *texts, false))
			return true;
	return false;
}

/* One `what=value`. False, with *why, when unattended-upgrade stops at it. */
static bool match_token(kj_str token, const struct archive *a, bool *match, const char **why)
{
	size_t equals = kj_str_find(token, '=');
	kj_str what = kj_str_trim(kj_str_upto(token, equals)), value = kj_str_trim(kj_str_from(token, equals + 1));
	*why = "not what=value with commas between";
	if (equals == token.n || kj_str_find(value, '=') < value.n)
		return false;
	const kj_str fields[FIELDS - 1] = {a->origin, a->label, a->suite, a->codename, a->component};
	for (size_t i = 0; i < sizeof matchers / sizeof *matchers; i++) {
		if (!kj_str_eq(what, matchers[i].name))
			continue;
		*match = matchers[i].field == FIELDS - 1 ? matches_any(value, a->sites)
		                                         : kj_glob(value, fields[matchers[i].field], false);
		return true;
	}
	*why = "no such matcher";
	return false;
}

/* Does a pattern let an archive in? Commas quoted by `\` are left whole: no official archive has one. */
static bool lets_in(struct origins *o, const struct kj_setting *pattern, const struct archive *a)
{
	kj_str rest = kj_str_trim(pattern->value), token;
	bool all = true;
	if (!rest.n) /* "empty match string matches nothing" */
		return false;
	while (rest.p && kj_str_cut(&rest, ',', &token)) {
		const char *why;
		bool match = false;
		while (rest.p && kj_str_ends(token, KJ_STR("\\"))) {
			kj_str more = KJ_STR("");
			kj_str_cut(&rest, ',', &more);
			token = (kj_str){token.p, token.n + 1 + more.n};
		}
		if (!match_token(token, a, &match, &why)) {
			stop(o, pattern, why);
			return false;
		}
		all &= match;
	}
	return all;
}

/* ---- where distributions have their security updates ---- */

static const struct {
	const char *codename, *released; /* Debian's stable releases, newest first */
} debian[] = {{"trixie", "2025-08-09"}, {"bookworm", "2023-06-10"}, {"bullseye", "2021-08-14"},
              {"buster", "2019-07-06"}, {"stretch", "2017-06-17"},  {"jessie", "2015-04-25"}};

/* Debian names its suites by age: stable, oldstable, oldoldstable. */
static kj_str debian_suite(const struct kj_host *host, kj_str codename)
{
	static const kj_str ages[] = {KJ_STR_INIT("stable"), KJ_STR_INIT("oldstable"), KJ_STR_INIT("oldoldstable")};
	size_t newer = 0;
	for (size_t i = 0; i < sizeof debian / sizeof *debian; i++) {
		struct kj_date released = {0};
		if (kj_str_eq(codename, kj_str_of(debian[i].codename)))
			return newer < 3 ? ages[newer] : KJ_STR("");
		kj_date_parse(kj_str_of(debian[i].released), &released);
		newer += kj_date_days(released) <= kj_date_days(host->today);
	}
	return KJ_STR("");
}

static bool security_archive(struct origins *o, struct archive *a)
{
	static const kj_str of_debian[] = {
	        KJ_STR_INIT("security.debian.org"), KJ_STR_INIT("deb.debian.org"), {NULL, 0}};
	static const kj_str of_ubuntu[] = {
	        KJ_STR_INIT("security.ubuntu.com"), KJ_STR_INIT("archive.ubuntu.com"), {NULL, 0}};
	struct kj_arena *arena = o->host->arena;
	a->component = KJ_STR("main");
	if (kj_str_eq(o->host->export->distro, KJ_STR("ubuntu")) && o->codename.n) {
		a->origin = a->label = KJ_STR("Ubuntu");
		a->suite = kj_str_fmt(arena, "%.*s-security", KJ_FMT(o->codename));
		a->codename = o->codename;
		a->sites = of_ubuntu;
		return true;
	}
	kj_str suite = debian_suite(o->host, o->codename);
	if (!kj_str_eq(o->host->export->distro, KJ_STR("debian")) || !suite.n)
		return false;
	/* since Debian 11 the names end with -security */
	bool old = kj_version_cmp(o->host->export->distro_version, KJ_STR("11")) < 0;
	const char *end = old ? "" : "-security";
	a->origin = KJ_STR("Debian");
	a->label = KJ_STR("Debian-Security");
	a->suite = kj_str_fmt(arena, "%.*s%s", KJ_FMT(suite), end);
	a->codename = kj_str_fmt(arena, "%.*s%s", KJ_FMT(o->codename), end);
	a->sites = of_debian;
	return true;
}

static bool is_item_of(const struct kj_setting *s, kj_str list)
{
	kj_str below = kj_str_from(s->key, list.n);
	return s->state == KJ_STATE_EFFECTIVE && kj_str_starts_fold(s->key, list) &&
	       kj_str_find_str(below, KJ_STR("::")) == below.n;
}

struct kj_origins kj_origins_read(struct kj_host *host, const struct kj_resolved *apt)
{
	struct kj_origins out = {0};
	struct origins o = {host, &out, lsb_id(host), release_field(host, KJ_STR("VERSION_CODENAME"))};
	struct archive security = {0};
	for (size_t i = 0; i < apt->settings.n; i++)
		if (is_item_of(&apt->settings.at[i], KJ_STR("Unattended-Upgrade::Allowed-Origins::")))
			take_legacy(&o, &apt->settings.at[i]);
	for (size_t i = 0; i < apt->settings.n; i++)
		if (is_item_of(&apt->settings.at[i], KJ_STR("Unattended-Upgrade::Origins-Pattern::")))
			take_pattern(&o, &apt->settings.at[i]);
	out.known = security_archive(&o, &security);
	/* the first that lets an archive in decides, so that mistakes after it are not met for that one */
	for (size_t i = 0; out.known && i < out.patterns.n && !out.security && !out.broken.n; i++)
		out.security = lets_in(&o, &out.patterns.at[i], &security);
	return out;
}
