/* What glibc makes of passwd, shadow, group and gshadow, line by line. A line that it cannot read is passed over as if
   it were not there; none of them stops the reading. */
#include "resolve/nss.h"

#include <string.h>

/* ---- fields ---- */

/* What is left of a line; p NULL once it ended. */
struct fields {
	kj_str rest;
	bool good;
};

static bool is_c_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static kj_str skip_space(kj_str s)
{
	size_t i = 0;
	while (i < s.n && is_c_space(s.p[i]))
		i++;
	return kj_str_from(s, i);
}

static kj_str take_text(struct fields *f)
{
	size_t colon = kj_str_find(f->rest, ':');
	kj_str text = kj_str_upto(f->rest, colon);
	f->rest = kj_str_from(f->rest, colon + 1);
	return text;
}

/* strtoul(3), base 10, on 64 bits: blanks, a sign, digits. *end: how much of it was read; 0: no number. */
static uint64_t to_unsigned(kj_str s, size_t *end)
{
	kj_str text = skip_space(s);
	size_t i = text.n && (text.p[0] == '+' || text.p[0] == '-');
	bool negative = i && text.p[0] == '-', over = false;
	uint64_t value = 0;
	size_t digits = i;
	for (; i < text.n && kj_is_digit(text.p[i]); i++) {
		uint64_t digit = (uint64_t)(text.p[i] - '0');
		over |= value > (UINT64_MAX - digit) / 10;
		value = value * 10 + digit;
	}
	*end = i > digits ? (size_t)(text.p - s.p) + i : 0;
	return over ? UINT64_MAX : negative ? 0 - value : value;
}

/* A number and the colon after it. More than 32 bits spoil the line; `may_lack`: no number is `lacking`, but the line
   must not end before the field. */
static uint32_t take_number(struct fields *f, bool may_lack, uint32_t lacking)
{
	size_t end;
	uint64_t value = to_unsigned(f->rest, &end);
	if ((may_lack && !f->rest.n) || (!may_lack && !end) || value > UINT32_MAX)
		f->good = false;
	if (end < f->rest.n && f->rest.p[end] != ':')
		f->good = false;
	f->rest = kj_str_from(f->rest, end + 1);
	return end ? (uint32_t)value : lacking;
}

/* A name alone, with + or -, is a whole line for nss_compat. */
static bool is_bare_compat(const struct fields *f, kj_str name)
{
	return !f->rest.n && kj_nss_is_compat(name);
}

/* ---- lines ---- */

static bool add_passwd(struct kj_arena *arena, struct kj_nss *db, kj_str line, struct kj_origin origin)
{
	struct fields f = {line, true};
	struct kj_nss_passwd e = {.origin = origin, .name = take_text(&f)};
	if (!is_bare_compat(&f, e.name)) {
		e.password = take_text(&f);
		e.uid = take_number(&f, kj_nss_is_compat(e.name), 0);
		e.gid = take_number(&f, kj_nss_is_compat(e.name), 0);
		e.gecos = take_text(&f);
		e.home = take_text(&f);
		e.shell = f.rest; /* colons included */
	}
	if (f.good)
		KJ_PUSH(arena, &db->passwd, e);
	return f.good;
}

static bool add_group(struct kj_arena *arena, struct kj_nss *db, kj_str line, struct kj_origin origin)
{
	struct fields f = {line, true};
	struct kj_nss_group e = {.origin = origin, .name = take_text(&f), .comment = line.p[0] == '#'};
	if (!is_bare_compat(&f, e.name)) {
		e.password = take_text(&f);
		e.gid = take_number(&f, kj_nss_is_compat(e.name), 0);
		e.members = f.rest;
	}
	if (f.good)
		KJ_PUSH(arena, &db->group, e);
	return f.good || e.comment;
}

/* Days are kept in an int: 4294967295 is -1, which is none. */
static int32_t take_days(struct fields *f)
{
	return (int32_t)take_number(f, true, UINT32_MAX);
}

/* Five fields are the old form. Of more there must be nine, the last of which may end the line. */
static bool add_shadow(struct kj_arena *arena, struct kj_nss *db, kj_str line, struct kj_origin origin)
{
	struct fields f = {line, true};
	struct kj_nss_shadow e = {
	        .origin = origin, .changed = -1, .min = -1, .max = -1, .warn = -1, .inactive = -1, .expires = -1};
	e.name = take_text(&f);
	if (!is_bare_compat(&f, e.name)) {
		e.password = take_text(&f);
		e.changed = take_days(&f);
		e.min = take_days(&f);
		e.max = take_days(&f);
		f.rest = skip_space(f.rest);
		if (f.rest.n) {
			e.warn = take_days(&f);
			e.inactive = take_days(&f);
			e.expires = take_days(&f);
			size_t end; /* the reserved field is a number, and nothing follows */
			uint64_t flag = to_unsigned(f.rest, &end);
			f.good &= end == f.rest.n && flag <= UINT32_MAX;
		}
	}
	if (f.good)
		KJ_PUSH(arena, &db->shadow, e);
	return f.good;
}

static bool add_gshadow(struct kj_arena *arena, struct kj_nss *db, kj_str line, struct kj_origin origin)
{
	struct fields f = {line, true};
	struct kj_nss_gshadow e = {.origin = origin, .name = take_text(&f)};
	e.password = take_text(&f);
	e.admins = take_text(&f);
	e.members = f.rest;
	KJ_PUSH(arena, &db->gshadow, e);
	return true;
}

static const struct {
	kj_str source;
	bool (*add)(struct kj_arena *arena, struct kj_nss *db, kj_str line, struct kj_origin origin);
} databases[] = {
        {KJ_STR_INIT("passwd"), add_passwd},
        {KJ_STR_INIT("shadow"), add_shadow},
        {KJ_STR_INIT("group"), add_group},
        {KJ_STR_INIT("gshadow"), add_gshadow},
};

static void read_text(struct kj_arena *arena, struct kj_nss *db, size_t kind, const struct kj_text *text)
{
	kj_str rest = text->bytes, raw;
	for (uint32_t number = 1; kj_str_cut(&rest, '\n', &raw); number++) {
		kj_str line = skip_space(kj_str_upto(raw, kj_str_find(raw, '\0')));
		struct kj_origin origin = {text, number, (uint32_t)(line.p - raw.p) + 1};
		bool comment = line.n && line.p[0] == '#' && databases[kind].add != add_group;
		if (!line.n || comment || databases[kind].add(arena, db, line, origin))
			continue;
		KJ_PUSH(arena, &db->bad,
		        (struct kj_row){.text = text,
		                        .line = number,
		                        .col = origin.col,
		                        .bad = true,
		                        .problem = "a field is missing or no number: the line is passed over"});
	}
}

bool kj_nss_member(kj_str *rest, kj_str *member)
{
	while (kj_str_cut(rest, ',', member)) {
		*member = skip_space(*member);
		if (member->n)
			return true;
	}
	return false;
}

/* ---- names of a number, lines of a name ---- */

struct kj_nss_shared *kj_nss_shared(struct kj_arena *arena, struct kj_map *map, kj_str key)
{
	void **place = kj_map_at(arena, map, key);
	if (!*place) {
		struct kj_nss_shared *shared = KJ_NEW(arena, struct kj_nss_shared);
		shared->names = KJ_BUF(arena);
		*place = shared;
	}
	return *place;
}

void kj_nss_share(struct kj_nss_shared *shared, kj_str name)
{
	enum { NAMES_SHOWN = 20 };
	if (shared->n && shared->n < NAMES_SHOWN)
		kj_buf_char(&shared->names, KJ_PARSE_LIST);
	if (shared->n++ < NAMES_SHOWN)
		kj_buf_put(&shared->names, name);
}

/* ---- databases ---- */

struct kj_nss *kj_nss_read(struct kj_host *host, kj_str name, bool captured)
{
	struct kj_nss *db = KJ_NEW(host->arena, struct kj_nss);
	const struct kj_source *source = kj_program_source(host->program, name);
	struct kj_reads reads = {0};
	struct kj_resolved judged = {.source = source};
	size_t kind = 0;
	while (!kj_str_eq(databases[kind].source, name))
		kind++;
	db->captured = captured;
	db->state = KJ_STATE_NOT_COLLECTED;
	db->message = kj_str_fmt(host->arena, "there is no source '%.*s'", KJ_FMT(name));
	if (!source)
		return db;
	kj_read_inputs(host, source, captured, &reads);
	kj_judge_reads(host, &reads, &judged);
	db->state = judged.state;
	db->message = judged.message;
	db->at = judged.at;
	for (size_t i = 0; i < reads.list.n && db->state == KJ_STATE_EFFECTIVE; i++) {
		KJ_PUSH(host->arena, &db->texts, &reads.list.at[i].artifact->text);
		read_text(host->arena, db, kind, &reads.list.at[i].artifact->text);
	}
	return db;
}

void kj_nss_take(struct kj_host *host, const struct kj_nss *db, struct kj_resolved *out)
{
	for (size_t i = 0; i < db->texts.n; i++)
		KJ_PUSH(host->arena, &out->texts, db->texts.at[i]);
	for (size_t i = 0; i < db->bad.n; i++)
		KJ_PUSH(host->arena, &out->bad, db->bad.at[i]);
}

struct kj_nss *kj_nss_load(struct kj_host *host, kj_str source)
{
	struct kj_nss *captured = kj_nss_read(host, source, true);
	return captured->state == KJ_STATE_EFFECTIVE ? captured : kj_nss_read(host, source, false);
}

/* ---- nsswitch.conf ---- */

/* What stands after "DATABASE:" on its line; p NULL when there is none. The last line of a database counts. */
static kj_str services_of(kj_str text, kj_str database)
{
	kj_str line, found = {0};
	while (kj_str_line(&text, &line)) {
		kj_str trimmed = kj_str_trim(kj_str_upto(line, kj_str_find(line, '#')));
		size_t colon = kj_str_find(trimmed, ':');
		if (colon < trimmed.n && kj_str_eq(kj_str_trim(kj_str_upto(trimmed, colon)), database))
			found = kj_str_from(trimmed, colon + 1);
	}
	return found;
}

/* Services whose entries are in the files, or are made up for running programs (nss-systemd(8), nss-mymachines(8)). */
static bool is_local(kj_str service)
{
	static const kj_str local[] = {KJ_STR_INIT("files"), KJ_STR_INIT("compat"), KJ_STR_INIT("systemd"),
	                               KJ_STR_INIT("mymachines")};
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (kj_str_eq(service, local[i]))
			return true;
	return kj_str_starts(service, KJ_STR("[")) || kj_str_ends(service, KJ_STR("]"));
}

struct kj_nss_services kj_nss_services(struct kj_host *host, kj_str database)
{
	const struct kj_artifact *artifact = kj_export_read(host->export, KJ_STR("etc/nsswitch.conf"));
	struct kj_nss_services out = {.known = artifact->state == KJ_ARTIFACT_ABSENT};
	if (artifact->state != KJ_ARTIFACT_OK)
		return out;
	kj_str rest = services_of(artifact->text.bytes, database), service;
	struct kj_buf elsewhere = KJ_BUF(host->arena);
	out.known = true;
	while (kj_str_word(&rest, &service)) {
		out.compat |= kj_str_eq(service, KJ_STR("compat"));
		if (!is_local(service))
			kj_buf_fmt(&elsewhere, "%s%.*s", elsewhere.n ? " " : "", KJ_FMT(service));
	}
	out.elsewhere = kj_buf_str(&elsewhere);
	return out;
}
