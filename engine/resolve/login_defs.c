/* The source `login_defs`: /etc/login.defs as the shadow suite reads it (lib/getdef.c of shadow 4.13). */
#include "resolve/work.h"

/* Keys that getdef.c reads as numbers (strtol, base 0): what is none leaves the default. UMASK and HOME_MODE are read
   by others too, with another base, and stay as they are written. */
static const kj_str numbers[] = {
        KJ_STR_INIT("FAIL_DELAY"),
        KJ_STR_INIT("GID_MAX"),
        KJ_STR_INIT("GID_MIN"),
        KJ_STR_INIT("LOGIN_RETRIES"),
        KJ_STR_INIT("LOGIN_TIMEOUT"),
        KJ_STR_INIT("MAX_MEMBERS_PER_GROUP"),
        KJ_STR_INIT("PASS_CHANGE_TRIES"),
        KJ_STR_INIT("PASS_MAX_DAYS"),
        KJ_STR_INIT("PASS_MAX_LEN"),
        KJ_STR_INIT("PASS_MIN_DAYS"),
        KJ_STR_INIT("PASS_MIN_LEN"),
        KJ_STR_INIT("PASS_WARN_AGE"),
        KJ_STR_INIT("SHA_CRYPT_MAX_ROUNDS"),
        KJ_STR_INIT("SHA_CRYPT_MIN_ROUNDS"),
        KJ_STR_INIT("SUB_GID_COUNT"),
        KJ_STR_INIT("SUB_GID_MAX"),
        KJ_STR_INIT("SUB_GID_MIN"),
        KJ_STR_INIT("SUB_UID_COUNT"),
        KJ_STR_INIT("SUB_UID_MAX"),
        KJ_STR_INIT("SUB_UID_MIN"),
        KJ_STR_INIT("SYS_GID_MAX"),
        KJ_STR_INIT("SYS_GID_MIN"),
        KJ_STR_INIT("SYS_UID_MAX"),
        KJ_STR_INIT("SYS_UID_MIN"),
        KJ_STR_INIT("UID_MAX"),
        KJ_STR_INIT("UID_MIN"),
        KJ_STR_INIT("YESCRYPT_COST_FACTOR"),
};

struct login_defs {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_map at; /* key → size_t: its place among the settings */
};

static bool is_number(kj_str key)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (kj_str_eq(numbers[i], key))
			return true;
	return false;
}

/* ---- lines ---- */

static kj_str skip(kj_str s, kj_str bytes)
{
	size_t i = 0;
	while (i < s.n && kj_str_find(bytes, s.p[i]) < bytes.n)
		i++;
	return kj_str_from(s, i);
}

/* Blanks and quotes before the value go, and from the next quote on everything. A key alone is no setting. */
static bool cut_line(kj_str raw, kj_str *key, kj_str *value)
{
	kj_str line = skip(kj_str_trim_right(raw), KJ_STR(" \t"));
	size_t end = kj_str_find_any(line, KJ_STR(" \t"));
	*key = kj_str_upto(line, end);
	*value = skip(kj_str_from(line, end), KJ_STR(" \"\t"));
	*value = kj_str_upto(*value, kj_str_find(*value, '"'));
	return end < line.n && line.p[0] != '#';
}

/* The last line of a key counts. */
static void take(struct login_defs *d, kj_str key, kj_str value, struct kj_origin origin)
{
	void **place = kj_map_at(d->host->arena, &d->at, key);
	if (!*place) {
		size_t *index = KJ_NEW(d->host->arena, size_t);
		*index = d->out->settings.n;
		*place = index;
		kj_setting_add(d->host, d->out, key, value, KJ_STATE_EFFECTIVE, origin);
		return;
	}
	const size_t *index = *place;
	struct kj_setting *s = &d->out->settings.at[*index];
	kj_setting_override(d->host, s, s->value, s->origin);
	s->value = value;
	s->origin = origin;
}

static void take_text(struct login_defs *d, const struct kj_text *text)
{
	kj_str rest = text->bytes, line, key, value;
	for (uint32_t number = 1; kj_str_line(&rest, &line); number++)
		if (cut_line(line, &key, &value))
			take(d, key, value, (struct kj_origin){text, number, (uint32_t)(key.p - line.p) + 1});
}

/* ---- numbers ---- */

/* As strtol(…, 0) and an int. */
static bool read_number(kj_str text, int64_t *value)
{
	return kj_num_c(kj_str_trim_left(text), value) && *value >= INT32_MIN && *value <= INT32_MAX;
}

/* Takes out the settings that are no numbers; they come back as notes on the default that holds instead. */
static void settle_numbers(struct login_defs *d, const struct kj_source *source)
{
	struct kj_resolved *out = d->out;
	KJ_VEC(struct kj_setting) bad = {0};
	size_t kept = 0;
	for (size_t i = 0; i < out->settings.n; i++) {
		struct kj_setting s = out->settings.at[i];
		int64_t value;
		bool number = is_number(s.key);
		if (number && !read_number(s.value, &value)) {
			KJ_PUSH(d->host->arena, &bad, s);
			continue;
		}
		if (number)
			s.value = kj_str_fmt(d->host->arena, "%lld", (long long)value);
		out->settings.at[kept++] = s;
	}
	out->settings.n = kept;
	kj_defaults_add(d->host, source, out);
	for (size_t i = 0; i < bad.n; i++) {
		struct kj_setting *s = kj_setting_find(out, bad.at[i].key, KJ_STR(""));
		if (!s)
			continue;
		kj_setting_override(d->host, s, bad.at[i].value, bad.at[i].origin);
		kj_setting_note(d->host, s, "'%.*s' line %u: '%.*s' is no number, so the default holds",
		                KJ_FMT(bad.at[i].origin.text->name), bad.at[i].origin.line, KJ_FMT(bad.at[i].value));
	}
}

/* login.defs.d belongs to builds with libeconf, which are SUSE's. */
static bool is_read(const struct kj_host *host, const struct kj_read *read)
{
	return !kj_str_starts(read->path, KJ_STR("etc/login.defs.d/")) || kj_export_is_suse(host->export);
}

void kj_resolve_login_defs(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct login_defs d = {.host = host, .out = out};
	struct kj_reads reads = {0};
	kj_read_inputs(host, source, false, &reads);
	bool seen = kj_judge_reads(host, &reads, out);
	for (size_t i = 0; i < reads.list.n; i++)
		if (is_read(host, &reads.list.at[i]))
			take_text(&d, &reads.list.at[i].artifact->text);
	if (seen || out->state == KJ_STATE_ABSENT)
		settle_numbers(&d, source);
}
