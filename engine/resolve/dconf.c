/* The source `dconf`: the databases that the profile `user` names, their keyfiles and locks (dconf(7)); keys as
   /org/gnome/… */
#include "resolve/gvariant.h"
#include "resolve/work.h"

#include <string.h>

struct value {
	kj_str text; /* bare */
	const struct kj_row *row;
	KJ_VEC(struct kj_overridden) overrides;
};

struct database {
	kj_str name;          /* "local" */
	struct kj_map values; /* key → struct value */
	struct kj_map locks;  /* key → struct kj_row */
	kj_str broken;        /* why what is in its folder is not in force; empty: it is */
	struct kj_origin broken_at;
};

struct dconf {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	struct kj_reads reads;
	KJ_VEC(struct database *) databases; /* strongest first */
	bool user_first;                     /* the user's own database comes before them */
	struct kj_map keys;                  /* every key, in order of appearance */
};

/* ---- one database ---- */

static void read_keyfile(struct dconf *d, struct database *db, const struct kj_read *read)
{
	struct kj_arena *arena = d->host->arena;
	for (size_t i = 0; i < read->rows->list.n; i++) {
		const struct kj_row *row = &read->rows->list.at[i];
		kj_str section = kj_row_cell(read->rows, row, KJ_STR("section")), plain;
		const char *why = row->bad ? row->problem : !section.n ? "a key before the first section" : NULL;
		if (!why && !kj_gvariant_read(arena, kj_row_cell(read->rows, row, KJ_STR("value")), &plain))
			why = "not a value in GVariant's text format";
		if (why) {
			KJ_PUSH(arena, &d->out->bad, *row);
			if (!db->broken.n)
				db->broken = kj_str_fmt(
				        arena,
				        "'%.*s' line %u: %s, so 'dconf update' fails and the database is not in force",
				        KJ_FMT(row->text->name), row->line, why);
			db->broken_at = db->broken_at.text ? db->broken_at : kj_origin_of(row);
			continue;
		}
		bool root = kj_str_eq(section, KJ_STR("/"));
		kj_str key = kj_str_fmt(arena, "/%.*s%s%.*s", KJ_FMT(root ? KJ_STR("") : section), root ? "" : "/",
		                        KJ_FMT(kj_row_cell(read->rows, row, KJ_STR("key"))));
		void **place = kj_map_at(arena, &db->values, key);
		struct value *value = *place ? *place : KJ_NEW(arena, struct value);
		if (*place)
			KJ_PUSH(arena, &value->overrides,
			        (struct kj_overridden){value->text, kj_origin_of(value->row)});
		*place = value;
		value->text = plain;
		value->row = row;
		*kj_map_at(arena, &d->keys, key) = d;
	}
}

static void read_locks(struct dconf *d, struct database *db, const struct kj_read *read)
{
	for (size_t i = 0; i < read->rows->list.n; i++) {
		const struct kj_row *row = &read->rows->list.at[i];
		kj_str key = kj_str_trim(row->cell[0]);
		if (!kj_str_starts(key, KJ_STR("/")))
			continue;
		struct kj_row *copy = KJ_NEW(d->host->arena, struct kj_row);
		*copy = *row;
		*kj_map_at(d->host->arena, &db->locks, key) = copy;
		*kj_map_at(d->host->arena, &d->keys, key) = d;
	}
}

static void read_folder(struct dconf *d, struct database *db, kj_str folder, bool locks)
{
	enum kj_presence presence;
	kj_str glob = kj_str_fmt(d->host->arena, "%.*s/*", KJ_FMT(folder));
	struct kj_entry_list found = kj_export_glob(d->host->export, d->host->arena, glob, &presence);
	if ((presence == KJ_NOT_COLLECTED && !locks) || presence == KJ_UNREADABLE)
		d->reads.hidden = kj_str_fmt(d->host->arena, "/%.*s", KJ_FMT(folder));
	for (size_t i = 0; i < found.paths.n; i++) {
		size_t before = d->reads.list.n;
		kj_read_path(d->host, &d->reads, NULL, found.paths.at[i], locks ? KJ_STR("lines") : d->source->parser,
		             locks ? NULL : d->source->options);
		if (d->reads.list.n > before)
			(locks ? read_locks : read_keyfile)(d, db, &d->reads.list.at[before]);
	}
}

/* What counts is the compiled file; its folder is only what it is made of. */
static void check_compiled(struct dconf *d, struct database *db)
{
	enum kj_presence presence;
	kj_str path = kj_str_fmt(d->host->arena, "etc/dconf/db/%.*s", KJ_FMT(db->name));
	if (!kj_export_find(d->host->export, path, &presence) && presence == KJ_ABSENT &&
	    (db->values.n || db->locks.n) && !db->broken.n)
		db->broken =
		        kj_str_fmt(d->host->arena, "there is no /%.*s: 'dconf update' has not been run", KJ_FMT(path));
}

static struct database *read_database(struct dconf *d, kj_str name)
{
	struct database *db = KJ_NEW(d->host->arena, struct database);
	db->name = name;
	kj_str folder = kj_str_fmt(d->host->arena, "etc/dconf/db/%.*s.d", KJ_FMT(name));
	read_folder(d, db, folder, false);
	read_folder(d, db, kj_str_fmt(d->host->arena, "%.*s/locks", KJ_FMT(folder)), true);
	check_compiled(d, db);
	return db;
}

/* ---- the profile ---- */

static bool is_named(const struct dconf *d, kj_str name)
{
	for (size_t i = 0; i < d->databases.n; i++)
		if (kj_str_eq(d->databases.at[i]->name, name))
			return true;
	return false;
}

static void read_profile(struct dconf *d, const struct kj_read *profile)
{
	bool first = true;
	for (size_t i = 0; i < profile->rows->list.n; i++) {
		kj_str line = profile->rows->list.at[i].cell[0];
		line = kj_str_trim(kj_str_upto(line, kj_str_find(line, '#')));
		if (!line.n)
			continue;
		if (first)
			d->user_first = kj_str_starts(line, KJ_STR("user-db:"));
		first = false;
		if (kj_str_starts(line, KJ_STR("system-db:")) && !is_named(d, kj_str_from(line, 10)))
			KJ_PUSH(d->host->arena, &d->databases, read_database(d, kj_str_from(line, 10)));
	}
}

/* Databases that no profile names: shown, and not in force. */
static void read_strays(struct dconf *d, kj_str why)
{
	enum kj_presence presence;
	struct kj_entry_list found =
	        kj_export_glob(d->host->export, d->host->arena, KJ_STR("etc/dconf/db/*.d/*"), &presence);
	kj_str last = KJ_STR("");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str name = kj_str_from(found.paths.at[i], strlen("etc/dconf/db/"));
		name = kj_str_upto(name, kj_str_find(name, '/') - 2);
		bool known = kj_str_eq(name, last) || kj_str_eq(name, KJ_STR("gdm")) || is_named(d, name);
		last = name;
		if (known)
			continue;
		struct database *db = read_database(d, name);
		db->broken = why;
		KJ_PUSH(d->host->arena, &d->databases, db);
	}
}

/* ---- keys ---- */

static kj_str schema_default(const struct dconf *d, kj_str key)
{
	for (size_t i = 0; i < d->source->default_count; i++) {
		const struct kj_default *group = &d->source->defaults[i];
		for (size_t k = 0; kj_when_holds(d->host, group->when) && k < group->n; k++)
			if (kj_str_eq(group->pair[k].key->text, key))
				return group->pair[k].value->text;
	}
	return (kj_str){NULL, 0};
}

/* The weakest database that locks a key decides from where on values count (dconf_engine_read): databases.n when none
   does. */
static size_t lock_level(const struct dconf *d, kj_str key)
{
	for (size_t i = d->databases.n; i-- > 0;)
		if (!d->databases.at[i]->broken.n && kj_map_get(&d->databases.at[i]->locks, key))
			return i;
	return d->databases.n;
}

static void add_override(struct dconf *d, struct kj_setting *s, const struct value *value)
{
	kj_setting_override(d->host, s, value->text, kj_origin_of(value->row));
	for (size_t i = 0; i < value->overrides.n; i++)
		kj_setting_override(d->host, s, value->overrides.at[i].value, value->overrides.at[i].origin);
}

/* Values in databases that are not in force. */
static void note_broken(struct dconf *d, struct kj_setting *s, const struct database *db, const struct value *value)
{
	add_override(d, s, value);
	kj_setting_note(d->host, s, "'%.*s' line %u says %.*s, not in force: %.*s", KJ_FMT(value->row->text->name),
	                value->row->line, KJ_FMT(value->text), KJ_FMT(db->broken));
}

static void show(struct dconf *d, kj_str key)
{
	size_t level = lock_level(d, key);
	bool locked = level < d->databases.n || !d->user_first;
	kj_str preset = schema_default(d, key);
	struct kj_setting s = {
	        .key = key, .value = preset, .state = KJ_STATE_DEFAULT, .lockable = true, .locked = locked};
	const struct value *winner = NULL, *dead = NULL;
	for (size_t i = 0; i < d->databases.n; i++) {
		const struct database *db = d->databases.at[i];
		const struct value *value = kj_map_get(&db->values, key);
		if (!value)
			continue;
		if (db->broken.n) {
			dead = dead ? dead : value;
			note_broken(d, &s, db, value);
		} else if (!winner && (i >= level || level == d->databases.n)) {
			winner = value;
		} else {
			add_override(d, &s, value);
		}
	}
	if (winner) {
		s.value = winner->text;
		s.state = KJ_STATE_EFFECTIVE;
		s.origin = kj_origin_of(winner->row);
		for (size_t i = 0; i < winner->overrides.n; i++)
			kj_setting_override(d->host, &s, winner->overrides.at[i].value, winner->overrides.at[i].origin);
	} else if (dead) {
		s.value = dead->text;
		s.state = KJ_STATE_NOT_IN_FORCE;
		s.origin = kj_origin_of(dead->row);
	}
	if (winner || dead || preset.p)
		KJ_PUSH(d->host->arena, &d->out->settings, s);
}

static void show_all(struct dconf *d)
{
	for (size_t i = 0; i < d->source->default_count; i++)
		for (size_t k = 0; k < d->source->defaults[i].n; k++)
			*kj_map_at(d->host->arena, &d->keys, d->source->defaults[i].pair[k].key->text) = d;
	for (const struct kj_map_entry *e = d->keys.first; e; e = e->next)
		show(d, e->key);
}

void kj_resolve_dconf(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct dconf d = {.host = host, .source = source, .out = out, .user_first = true};
	enum kj_presence presence =
	        kj_read_path(host, &d.reads, NULL, KJ_STR("etc/dconf/profile/user"), KJ_STR("lines"), NULL);
	d.reads.looked_for = KJ_STR("/etc/dconf/profile/user, /etc/dconf/db/*.d");
	size_t profiles = d.reads.list.n;
	if (profiles)
		read_profile(&d, &d.reads.list.at[0]);
	read_strays(&d, profiles ? KJ_STR("no system-db line of /etc/dconf/profile/user names the database")
	                         : KJ_STR("there is no /etc/dconf/profile/user to name the database"));
	bool readable = kj_judge_reads(host, &d.reads, out) || (out->state == KJ_STATE_ABSENT && presence == KJ_ABSENT);
	if (readable || out->state == KJ_STATE_EFFECTIVE)
		show_all(&d);
}
