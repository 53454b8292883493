/* What `dconf update` makes of a folder of keyfiles, and what it has made: GKeyFile's syntax (glib/gkeyfile.c), paths
   (dconf's common/dconf-paths.c), values in GVariant's text. One mistake costs the whole database: bin/dconf.c gives up,
   and the old compiled file stays. */
#include "resolve/dconf.h"
#include "resolve/gvdb.h"

#include <string.h>

struct keyfile {
	struct kj_host *host;
	struct kj_dconf_table *table;
	const struct kj_text *text;
	uint32_t line;
	bool schemas;
	kj_str first, group; /* p NULL: none yet */
	struct kj_map pairs; /* group and key → struct pair: of a key that stands twice, only the last is looked at */
};

struct pair {
	kj_str path, text;
	uint32_t line;
};

static void refuse(struct keyfile *k, const char *why)
{
	if (k->table->broken.n)
		return;
	k->table->broken_at = (struct kj_origin){k->text, k->line, 1};
	k->table->broken = kj_str_fmt(k->host->arena, "'%.*s' line %u: %s", KJ_FMT(k->text->name), k->line, why);
}

/* g_key_file_is_group_name */
static bool is_group_name(kj_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '[' || s.p[i] == ']' || (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

/* g_key_file_is_key_name; *locale: it ends in [ja]. */
static bool is_key_name(kj_str s, bool *locale)
{
	size_t open = kj_str_find_any(s, KJ_STR("[]"));
	*locale = open < s.n;
	if (!open || s.p[0] == ' ' || s.p[open - 1] == ' ')
		return false;
	if (!*locale)
		return true;
	for (size_t i = open + 1; s.p[open] == '[' && i + 1 < s.n; i++)
		if (!kj_is_alnum(s.p[i]) && !memchr("-_.@", s.p[i], 4) && !((unsigned char)s.p[i] & 0x80))
			return false;
	return s.p[open] == '[' && s.n > open + 1 && s.p[s.n - 1] == ']';
}

static void take_group(struct keyfile *k, kj_str line)
{
	kj_str name = kj_str_from(kj_str_upto(line, kj_str_find(line, ']')), 1);
	if (!is_group_name(name))
		refuse(k, "a group's name that is none");
	if (!k->first.p)
		k->first = name;
	k->group = name;
}

/* dconf_is_key */
static bool is_path(kj_str path)
{
	return kj_str_find_str(path, KJ_STR("//")) == path.n && !kj_str_ends(path, KJ_STR("/"));
}

/* The key's path; p NULL when it is of a schema for another desktop (org.gnome.desktop.session:Budgie). */
static kj_str path_of(const struct keyfile *k, kj_str key)
{
	struct kj_arena *arena = k->host->arena;
	if (!k->schemas)
		return kj_str_eq(k->group, KJ_STR("/"))
		               ? kj_str_fmt(arena, "/%.*s", KJ_FMT(key))
		               : kj_str_fmt(arena, "/%.*s/%.*s", KJ_FMT(k->group), KJ_FMT(key));
	size_t colon = kj_str_find(k->group, ':');
	kj_str desktop = kj_str_from(k->group, colon + 1);
	bool ours = !desktop.n || kj_str_eq(desktop, KJ_STR("GNOME")) ||
	            (kj_str_eq(desktop, KJ_STR("ubuntu")) && kj_str_eq(k->host->export->distro, desktop));
	struct kj_buf path = KJ_BUF(arena);
	kj_buf_char(&path, '/');
	for (size_t i = 0; i < colon; i++)
		kj_buf_char(&path, k->group.p[i] == '.' ? '/' : k->group.p[i]);
	kj_buf_fmt(&path, "/%.*s", KJ_FMT(key));
	return ours ? kj_buf_str(&path) : (kj_str){NULL, 0};
}

/* Of two groups of a file that make one path ([a] b/c and [a/b] c) the first counts; else the later file. */
static void set(struct keyfile *k, const struct pair *pair, struct kj_gvariant v)
{
	void **place = kj_map_at(k->host->arena, &k->table->values, pair->path);
	struct kj_dconf_value *value = *place ? *place : KJ_NEW(k->host->arena, struct kj_dconf_value);
	if (*place && value->origin.text == k->text)
		return;
	if (*place)
		KJ_PUSH(k->host->arena, &value->overrides, (struct kj_overridden){value->v.plain, value->origin});
	*place = value;
	value->v = v;
	value->origin = (struct kj_origin){k->text, pair->line, 1};
}

static void take_pair(struct keyfile *k, kj_str line, size_t equals)
{
	kj_str key = kj_str_trim_right(kj_str_upto(line, equals)),
	       text = kj_str_trim_left(kj_str_from(line, equals + 1));
	bool locale;
	if (!k->group.p || !is_key_name(key, &locale)) {
		refuse(k, k->group.p ? "a key's name that is none" : "a key before the first group");
		return;
	}
	if (kj_str_eq(k->group, k->first) && kj_str_eq(key, KJ_STR("Encoding")) &&
	    !kj_str_eq_fold(text, KJ_STR("UTF-8")))
		refuse(k, "an encoding that is not UTF-8");
	if (locale) /* for languages of programs; dconf never asks for one */
		return;
	kj_str name = kj_str_fmt(k->host->arena, "%.*s\n%.*s", KJ_FMT(k->group), KJ_FMT(key));
	void **place = kj_map_at(k->host->arena, &k->pairs, name);
	struct pair *pair = *place ? *place : KJ_NEW(k->host->arena, struct pair);
	*place = pair;
	*pair = (struct pair){path_of(k, key), text, k->line};
}

static void take_pairs(struct keyfile *k)
{
	for (const struct kj_map_entry *e = k->pairs.first; e; e = e->next) {
		const struct pair *pair = e->value;
		struct kj_gvariant v;
		const char *why;
		k->line = pair->line;
		if (pair->path.p && !is_path(pair->path))
			refuse(k, "a path with two slashes together, or one at its end");
		else if (pair->path.p && kj_gvariant_read(k->host->arena, pair->text, &v, &why))
			set(k, pair, v);
		else if (pair->path.p)
			refuse(k, why);
	}
}

static bool only_blanks(kj_str line, size_t from)
{
	while (from < line.n && (line.p[from] == ' ' || line.p[from] == '\t'))
		from++;
	return from >= line.n;
}

static void take_line(struct keyfile *k, kj_str line)
{
	size_t equals = kj_str_find(line, '=');
	bool group =
	        line.p[0] == '[' && kj_str_find(line, ']') < line.n && only_blanks(line, kj_str_find(line, ']') + 1);
	if (line.p[0] == '#')
		return;
	if (group)
		take_group(k, line);
	else if (equals < line.n && equals > 0)
		take_pair(k, line, equals);
	else
		refuse(k, "neither a group, nor a key with a value, nor a comment");
}

void kj_dconf_keyfile(struct kj_host *host, struct kj_dconf_table *table, const struct kj_artifact *artifact,
                      bool schemas)
{
	struct keyfile k = {.host = host, .table = table, .text = &artifact->text, .line = 1, .schemas = schemas};
	kj_str rest = artifact->text.bytes, line;
	if (kj_has_mark(artifact))
		refuse(&k, "a byte order mark before the first group");
	k.line = 0;
	while (kj_str_line(&rest, &line)) {
		k.line++;
		if (kj_str_find(line, '\0') < line.n)
			refuse(&k, "a NUL byte in the line");
		line = kj_str_trim_left(line);
		if (line.n)
			take_line(&k, line);
	}
	take_pairs(&k);
}

/* The whole line is the key: a blank or CR at its end makes it another one, which locks nothing (dconf's
   read_locks_directory splits at \n alone). */
void kj_dconf_locks(struct kj_host *host, struct kj_dconf_table *table, const struct kj_artifact *artifact)
{
	kj_str rest = artifact->text.bytes, line;
	for (uint32_t number = 1; kj_str_cut(&rest, '\n', &line); number++) {
		if (!kj_str_starts(line, KJ_STR("/")) || (number == 1 && kj_has_mark(artifact)))
			continue;
		struct kj_origin *origin = KJ_NEW(host->arena, struct kj_origin);
		*origin = (struct kj_origin){&artifact->text, number, 1};
		*kj_map_at(host->arena, &table->locks, line) = origin;
	}
}

bool kj_dconf_compiled(struct kj_host *host, const struct kj_entry *entry, struct kj_dconf_table *table)
{
	struct kj_gvdb db;
	kj_str bytes = kj_export_bytes(host->export, entry);
	if (!bytes.p || !kj_gvdb_read(host->arena, bytes, &db))
		return false;
	struct kj_text *text = KJ_NEW(host->arena, struct kj_text);
	text->name = entry->path;
	for (size_t i = 0; i < db.values.n; i++) {
		struct kj_dconf_value *value = KJ_NEW(host->arena, struct kj_dconf_value);
		value->v = db.values.at[i].value;
		value->damaged = db.values.at[i].damaged;
		value->origin.text = text;
		*kj_map_at(host->arena, &table->values, db.values.at[i].key) = value;
	}
	for (size_t i = 0; i < db.locks.n; i++) {
		struct kj_origin *origin = KJ_NEW(host->arena, struct kj_origin);
		origin->text = text;
		*kj_map_at(host->arena, &table->locks, db.locks.at[i]) = origin;
	}
	return true;
}
