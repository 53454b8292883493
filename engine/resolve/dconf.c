/* The sources `dconf` and `dconf_gdm`: the databases that a profile names, their keyfiles, compiled files and locks
   (dconf(7)); keys as /org/gnome/… What counts is the compiled file; where the export has only the keyfiles, what
   `dconf update` makes of them stands for it. Order and locks as in dconf_engine_read. */
#include "resolve/dconf.h"

enum kind { USER_DB, SERVICE_DB, SYSTEM_DB, FILE_DB };

struct database {
	enum kind kind;
	kj_str name, path;          /* of the compiled file, without a slash */
	struct kj_dconf_table told; /* what is in force */
	struct kj_dconf_table dead; /* keyfiles that are not, and why */
	kj_str why_dead;
	kj_str unknown; /* nobody can say what is in force, and why */
};

struct dconf {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	struct kj_reads reads;
	struct kj_rows *rows;
	KJ_VEC(struct database *) databases; /* strongest first, as in the profile */
	KJ_VEC(struct database *) strays;    /* that no profile names */
	struct kj_dconf_table schemas;       /* defaults that the distribution overrides */
	struct kj_map keys;                  /* every key, in order of appearance */
};

const char *const kj_dconf_columns[] = {"database", "key", "value", "type", "kind", NULL};
enum { DATABASE, KEY, VALUE, TYPE, KIND };

/* ---- one database ---- */

static kj_str with(const struct dconf *d, const char *name)
{
	const struct kj_node *node = kj_doc_get(d->source->with, kj_str_of(name));
	return node ? node->text : KJ_STR("");
}

static void read_folder(struct dconf *d, struct kj_dconf_table *table, kj_str folder, bool locks)
{
	enum kj_presence presence;
	kj_str glob = kj_str_fmt(d->host->arena, "%.*s/*", KJ_FMT(folder));
	struct kj_entry_list found = kj_export_glob(d->host->export, d->host->arena, glob, &presence);
	if ((presence == KJ_NOT_COLLECTED && !locks) || presence == KJ_UNREADABLE)
		d->reads.hidden = kj_str_fmt(d->host->arena, "/%.*s", KJ_FMT(folder));
	for (size_t i = 0; i < found.paths.n; i++) {
		size_t before = d->reads.list.n;
		kj_read_path(d->host, &d->reads, NULL, found.paths.at[i], KJ_STR(""), NULL);
		if (d->reads.list.n == before)
			continue;
		const struct kj_artifact *artifact = d->reads.list.at[before].artifact;
		if (locks)
			kj_dconf_locks(d->host, table, artifact);
		else
			kj_dconf_keyfile(d->host, table, artifact, false);
	}
}

static void note_keys(struct dconf *d, struct database *db, const struct kj_dconf_table *table)
{
	struct kj_row row = {0};
	for (const struct kj_map_entry *e = table->values.first; e; e = e->next) {
		const struct kj_dconf_value *value = e->value;
		*kj_map_at(d->host->arena, &d->keys, e->key) = d;
		row = (struct kj_row){.text = value->origin.text, .line = value->origin.line, .col = 1};
		kj_str *cells = kj_rows_append(d->host, d->rows, &row);
		cells[DATABASE] = db->name;
		cells[KEY] = e->key;
		cells[VALUE] = value->v.plain;
		cells[TYPE] = value->v.type;
		cells[KIND] = KJ_STR("value");
	}
	for (const struct kj_map_entry *e = table->locks.first; e; e = e->next) {
		const struct kj_origin *origin = e->value;
		*kj_map_at(d->host->arena, &d->keys, e->key) = d;
		row = (struct kj_row){.text = origin->text, .line = origin->line, .col = 1};
		kj_str *cells = kj_rows_append(d->host, d->rows, &row);
		cells[DATABASE] = db->name;
		cells[KEY] = e->key;
		cells[KIND] = KJ_STR("lock");
	}
}

static bool same(const struct kj_gvariant *a, const struct kj_gvariant *b)
{
	return kj_str_eq(a->type, b->type) && kj_str_eq(a->plain, b->plain);
}

/* What the compiled file has from a keyfile is shown there: that is the line a person can change. What it has not, is
   not in force. */
static void compare_keyfiles(struct dconf *d, struct database *db, const struct kj_dconf_table *files)
{
	for (const struct kj_map_entry *e = files->values.first; e; e = e->next) {
		struct kj_dconf_value *told = kj_map_get(&db->told.values, e->key), *file = e->value;
		if (told && !told->damaged && same(&told->v, &file->v))
			*told = *file;
		else
			*kj_map_at(d->host->arena, &db->dead.values, e->key) = file;
	}
	for (const struct kj_map_entry *e = files->locks.first; e; e = e->next) {
		bool told = kj_map_get(&db->told.locks, e->key);
		*kj_map_at(d->host->arena, told ? &db->told.locks : &db->dead.locks, e->key) = e->value;
	}
	db->why_dead = files->broken.n
	                       ? kj_str_fmt(d->host->arena, "%.*s, so 'dconf update' fails", KJ_FMT(files->broken))
	                       : KJ_STR("'dconf update' has not been run since");
}

/* Keyfiles without a compiled file that can be read. */
static void judge_keyfiles(struct dconf *d, struct database *db, const struct kj_dconf_table *files, bool absent)
{
	struct kj_arena *arena = d->host->arena;
	bool any = files->values.n || files->locks.n || files->broken.n;
	if (!files->broken.n && !(absent && any)) {
		db->told = *files;
		return;
	}
	db->dead = *files;
	if (files->broken.n)
		db->why_dead = kj_str_fmt(arena, "%.*s, so 'dconf update' fails and the database is not in force",
		                          KJ_FMT(files->broken));
	else
		db->why_dead =
		        kj_str_fmt(arena, "there is no /%.*s: 'dconf update' has not been run", KJ_FMT(db->path));
	if (!absent)
		db->unknown =
		        kj_str_fmt(arena, "%.*s, so 'dconf update' fails, and what an older /%.*s holds is not known",
		                   KJ_FMT(files->broken), KJ_FMT(db->path));
}

static void note_broken(struct dconf *d, const struct kj_dconf_table *files)
{
	if (!files->broken.n)
		return;
	struct kj_row row = {files->broken_at.text, files->broken_at.line, 1, true, NULL, NULL};
	row.problem = kj_str_zero(d->host->arena, files->broken);
	KJ_PUSH(d->host->arena, &d->out->bad, row);
}

static void load(struct dconf *d, struct database *db)
{
	struct kj_dconf_table files = {0};
	enum kj_presence presence;
	const struct kj_entry *entry = kj_export_find(d->host->export, db->path, &presence);
	bool made =
	        kj_str_starts(db->path, KJ_STR("etc/dconf/db/")); /* `dconf update` makes each NAME there of NAME.d */
	bool compiled = entry && kj_dconf_compiled(d->host, entry, &db->told);
	if (made) {
		kj_str folder = kj_str_fmt(d->host->arena, "%.*s.d", KJ_FMT(db->path)), hidden = d->reads.hidden;
		read_folder(d, &files, folder, false);
		read_folder(d, &files, kj_str_fmt(d->host->arena, "%.*s/locks", KJ_FMT(folder)), true);
		d->reads.hidden = compiled ? hidden : d->reads.hidden; /* it says all by itself */
	}
	note_broken(d, &files);
	if (compiled)
		compare_keyfiles(d, db, &files);
	else if (made)
		judge_keyfiles(d, db, &files, !entry && presence == KJ_ABSENT);
	else if (db->kind == FILE_DB && (entry || presence != KJ_ABSENT))
		db->unknown = kj_str_fmt(d->host->arena, "/%.*s was not collected", KJ_FMT(db->path));
	note_keys(d, db, &db->told);
	note_keys(d, db, &db->dead);
}

/* ---- the profile ---- */

static void add_database(struct dconf *d, enum kind kind, kj_str name)
{
	struct database *db = KJ_NEW(d->host->arena, struct database);
	db->kind = kind;
	db->name = name;
	db->path =
	        kind == SYSTEM_DB ? kj_str_fmt(d->host->arena, "etc/dconf/db/%.*s", KJ_FMT(name)) : kj_host_path(name);
	KJ_PUSH(d->host->arena, &d->databases, db);
	if (kind == SYSTEM_DB || kind == FILE_DB)
		load(d, db);
}

/* A line of a profile (dconf_engine_source_new); others are passed over. */
static void read_line(struct dconf *d, kj_str line)
{
	static const kj_str kinds[] = {[USER_DB] = KJ_STR_INIT("user-db:"),
	                               [SERVICE_DB] = KJ_STR_INIT("service-db:"),
	                               [SYSTEM_DB] = KJ_STR_INIT("system-db:"),
	                               [FILE_DB] = KJ_STR_INIT("file-db:")};
	line = kj_str_trim(kj_str_upto(line, kj_str_find(line, '#')));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kj_str_starts(line, kinds[i]) && line.n > kinds[i].n)
			add_database(d, (enum kind)i, kj_str_from(line, kinds[i].n));
}

static void read_lines(struct dconf *d, const struct kj_text *text)
{
	kj_str rest = text->bytes, line;
	while (kj_str_line(&rest, &line))
		read_line(d, line);
}

/* The first folder that has the profile; without one, a profile `user` is the user's own database alone, and any other
   is empty (dconf-engine-profile.c). False: it may be in a folder that was not collected. */
static bool read_profile(struct dconf *d, kj_str name)
{
	static const char *const folders[] = {"etc", "usr/local/share", "usr/share"};
	bool hidden = false;
	for (size_t i = 0; i < 3; i++) {
		kj_str path = kj_str_fmt(d->host->arena, "%s/dconf/profile/%.*s", folders[i], KJ_FMT(name));
		size_t before = d->reads.list.n;
		enum kj_presence presence = kj_read_path(d->host, &d->reads, NULL, path, KJ_STR(""), NULL);
		if (d->reads.list.n > before)
			read_lines(d, &d->reads.list.at[before].artifact->text);
		if (presence == KJ_PRESENT)
			return true;
		/* no package installs anything in /usr/local */
		hidden = hidden || (presence == KJ_NOT_COLLECTED && i != 1);
	}
	if (kj_str_eq(name, KJ_STR("user")))
		add_database(d, USER_DB, name);
	if (hidden)
		d->reads.veiled = kj_str_fmt(d->host->arena, "/usr/share/dconf/profile/%.*s", KJ_FMT(name));
	return !hidden;
}

static bool is_named(const struct dconf *d, kj_str name)
{
	kj_str path = kj_str_fmt(d->host->arena, "etc/dconf/db/%.*s", KJ_FMT(name));
	for (size_t i = 0; i < d->databases.n; i++)
		if (kj_str_eq(d->databases.at[i]->path, path))
			return true;
	return false;
}

/* Databases that no profile names: shown, and not in force. */
static void read_strays(struct dconf *d, kj_str why)
{
	enum kj_presence presence;
	struct kj_entry_list found =
	        kj_export_glob(d->host->export, d->host->arena, KJ_STR("etc/dconf/db/*.d/*"), &presence);
	kj_str last = KJ_STR(""), leave = with(d, "leave"), only = with(d, "only");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str name = kj_str_from(found.paths.at[i], sizeof "etc/dconf/db/" - 1);
		name = kj_str_upto(name, kj_str_find(name, '/') - 2);
		bool known = kj_str_eq(name, last) || kj_str_eq(name, leave) || is_named(d, name) ||
		             (only.n && !kj_str_eq(name, only));
		last = name;
		if (known)
			continue;
		struct database *db = KJ_NEW(d->host->arena, struct database);
		*db = (struct database){.kind = SYSTEM_DB, .name = name, .why_dead = why};
		kj_str folder = kj_str_fmt(d->host->arena, "etc/dconf/db/%.*s.d", KJ_FMT(name));
		read_folder(d, &db->dead, folder, false);
		note_keys(d, db, &db->dead);
		KJ_PUSH(d->host->arena, &d->strays, db);
	}
}

/* ---- defaults ---- */

/* Distributions override the schemas' defaults; of two files the later name wins (glib-compile-schemas(1)). */
static void read_schemas(struct dconf *d)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(d->host->export, d->host->arena,
	                                            KJ_STR("usr/share/glib-2.0/schemas/*.gschema.override"), &presence);
	for (size_t i = 0; i < found.paths.n; i++) {
		const struct kj_artifact *artifact = kj_export_read(d->host->export, found.paths.at[i]);
		if (artifact->state == KJ_ARTIFACT_OK)
			kj_dconf_keyfile(d->host, &d->schemas, artifact, true);
	}
}

static kj_str upstream_default(const struct dconf *d, kj_str key)
{
	for (size_t i = 0; i < d->source->default_count; i++) {
		const struct kj_default *group = &d->source->defaults[i];
		for (size_t k = 0; kj_when_holds(d->host, group->when) && k < group->n; k++)
			if (kj_str_eq(group->pair[k].key->text, key))
				return group->pair[k].value->text;
	}
	return (kj_str){NULL, 0};
}

/* The type that the key's schema wants; empty: not known. */
static kj_str wanted_type(const struct dconf *d, kj_str key)
{
	const struct kj_node *types = kj_doc_get(d->source->with, KJ_STR("types"));
	const struct kj_node *type = types ? kj_doc_get(types, key) : NULL;
	return type ? kj_gvariant_type(type->text) : KJ_STR("");
}

static bool fits(const struct dconf *d, kj_str key, const struct kj_dconf_value *value)
{
	kj_str type = wanted_type(d, key);
	return !type.n || kj_str_eq(type, value->v.type);
}

static struct kj_setting preset(const struct dconf *d, kj_str key)
{
	struct kj_setting s = {
	        .key = key, .value = upstream_default(d, key), .state = KJ_STATE_DEFAULT, .lockable = true};
	const struct kj_dconf_value *vendor = kj_map_get(&d->schemas.values, key);
	if (vendor && fits(d, key, vendor)) {
		s.value = vendor->v.plain;
		s.origin = vendor->origin;
	}
	return s;
}

/* ---- keys ---- */

static bool writable(const struct dconf *d)
{
	return d->databases.n && d->databases.at[0]->kind <= SERVICE_DB;
}

/* The weakest database that locks a key decides from where on values count; locks of the first one are ignored. 0: no
   lock. */
static size_t lock_level(const struct dconf *d, kj_str key)
{
	for (size_t i = d->databases.n; i-- > 1;)
		if (kj_map_get(&d->databases.at[i]->told.locks, key))
			return i;
	return 0;
}

static void add_override(struct dconf *d, struct kj_setting *s, const struct kj_dconf_value *value)
{
	kj_setting_override(d->host, s, value->v.plain, value->origin);
	for (size_t i = 0; i < value->overrides.n; i++)
		kj_setting_override(d->host, s, value->overrides.at[i].value, value->overrides.at[i].origin);
}

static void note_dead(struct dconf *d, struct kj_setting *s, const struct database *db,
                      const struct kj_dconf_value **first)
{
	const struct kj_dconf_value *value = kj_map_get(&db->dead.values, s->key);
	const struct kj_origin *lock = kj_map_get(&db->dead.locks, s->key);
	if (value) {
		*first = *first ? *first : value;
		add_override(d, s, value);
		kj_setting_note(d->host, s, "'%.*s' line %u says %.*s, not in force: %.*s",
		                KJ_FMT(value->origin.text->name), value->origin.line, KJ_FMT(value->v.plain),
		                KJ_FMT(db->why_dead));
	}
	if (lock)
		kj_setting_note(d->host, s, "the lock in '%.*s' line %u is not in force: %.*s",
		                KJ_FMT(lock->text->name), lock->line, KJ_FMT(db->why_dead));
}

/* GSettings passes over a value of another type than the schema's, and takes the default: uint32 is no int32. */
static void take_winner(struct dconf *d, struct kj_setting *s, const struct kj_dconf_value *winner)
{
	if (fits(d, s->key, winner)) {
		s->value = winner->v.plain;
		s->state = winner->damaged ? KJ_STATE_ERROR : KJ_STATE_EFFECTIVE;
		s->origin = winner->origin;
		if (winner->damaged)
			kj_setting_note(d->host, s, "the value in '%.*s' cannot be read",
			                KJ_FMT(winner->origin.text->name));
		for (size_t i = 0; i < winner->overrides.n; i++)
			kj_setting_override(d->host, s, winner->overrides.at[i].value, winner->overrides.at[i].origin);
		return;
	}
	add_override(d, s, winner);
	kj_setting_note(d->host, s,
	                "'%.*s' line %u has a value of type %.*s, the schema wants %.*s: GNOME takes the default",
	                KJ_FMT(winner->origin.text->name), winner->origin.line, KJ_FMT(winner->v.type),
	                KJ_FMT(wanted_type(d, s->key)));
}

/* The setting of everybody who has no value of his own. */
static struct kj_setting resolve_key(struct dconf *d, kj_str key, bool *any)
{
	size_t level = lock_level(d, key);
	struct kj_setting s = preset(d, key);
	s.locked = level || !writable(d);
	const struct kj_dconf_value *winner = NULL, *dead = NULL;
	for (size_t i = 0; i < d->databases.n; i++) {
		const struct kj_dconf_value *value = kj_map_get(&d->databases.at[i]->told.values, key);
		if (value && !winner && i >= level)
			take_winner(d, &s, winner = value);
		else if (value)
			add_override(d, &s, value);
		note_dead(d, &s, d->databases.at[i], &dead);
	}
	for (size_t i = 0; i < d->strays.n; i++)
		note_dead(d, &s, d->strays.at[i], &dead);
	if (!winner && dead) {
		s.value = dead->v.plain;
		s.state = KJ_STATE_NOT_IN_FORCE;
		s.origin = dead->origin;
	}
	*any = winner || dead || s.value.p;
	return s;
}

static void show(struct dconf *d, kj_str key)
{
	bool any;
	struct kj_setting s = resolve_key(d, key, &any);
	if (any)
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

/* ---- users' own databases ---- */

/* The user's tables stand in the profile's places; true when there is one. */
static bool load_user(struct dconf *d, kj_str home)
{
	bool any = false;
	for (size_t i = 0; i < d->databases.n; i++) {
		struct database *db = d->databases.at[i];
		if (db->kind != USER_DB)
			continue;
		kj_str path = kj_str_fmt(d->host->arena, "%.*s/.config/dconf/%.*s", KJ_FMT(home), KJ_FMT(db->name));
		const struct kj_entry *entry = kj_export_find(d->host->export, path, NULL);
		db->told = (struct kj_dconf_table){0};
		any |= entry && kj_dconf_compiled(d->host, entry, &db->told);
	}
	return any;
}

/* What the user has otherwise than everybody. */
static void show_key_of_user(struct dconf *d, kj_str key, kj_str scope)
{
	bool any;
	struct kj_setting s = resolve_key(d, key, &any);
	const struct kj_setting *general = kj_setting_find(d->out, key, KJ_STR(""));
	bool same = general && kj_str_eq(general->value, s.value) && general->state == s.state;
	s.scope = scope;
	if (any && !same && !kj_setting_find(d->out, key, scope))
		KJ_PUSH(d->host->arena, &d->out->settings, s);
}

static void show_user(struct dconf *d, kj_str home)
{
	if (!load_user(d, home))
		return;
	kj_str scope =
	        kj_str_fmt(d->host->arena, "user %.*s", KJ_FMT(kj_str_from(home, kj_str_find_last(home, '/') + 1)));
	if (kj_str_find(home, '/') == home.n)
		scope = KJ_STR("user root");
	for (size_t i = 0; i < d->databases.n; i++)
		if (d->databases.at[i]->kind == USER_DB)
			for (const struct kj_map_entry *e = d->databases.at[i]->told.values.first; e; e = e->next)
				show_key_of_user(d, e->key, scope);
}

/* Where a key is not locked, what a user has chosen holds for that user. */
static void show_users(struct dconf *d)
{
	enum kj_presence presence;
	if (kj_str_eq(with(d, "users"), KJ_STR("no")))
		return;
	struct kj_entry_list found =
	        kj_export_glob(d->host->export, d->host->arena, KJ_STR("home/*/.config/dconf/*"), &presence);
	kj_str last = KJ_STR("");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str home =
		        kj_str_upto(found.paths.at[i], kj_str_find_str(found.paths.at[i], KJ_STR("/.config/dconf/")));
		if (!kj_str_eq(home, last))
			show_user(d, home);
		last = home;
	}
	show_user(d, KJ_STR("root"));
}

/* ---- captured output of gsettings and dconf ---- */

/* `SCHEMA KEY VALUE` as `gsettings list-recursively` prints it; SCHEMA:PATH where the schema has no path of its own. */
static bool split_captured(struct dconf *d, kj_str line, kj_str *key, struct kj_gvariant *v)
{
	kj_str schema, name;
	const char *why;
	if (!kj_str_word(&line, &schema) || !kj_str_word(&line, &name))
		return false;
	size_t colon = kj_str_find(schema, ':');
	struct kj_buf path = KJ_BUF(d->host->arena);
	kj_buf_put(&path, colon < schema.n ? kj_str_from(schema, colon + 1) : KJ_STR("/"));
	for (size_t i = 0; colon == schema.n && i < schema.n; i++)
		kj_buf_char(&path, schema.p[i] == '.' ? '/' : schema.p[i]);
	kj_buf_fmt(&path, "%s%.*s", colon < schema.n ? "" : "/", KJ_FMT(name));
	*key = kj_buf_str(&path);
	return kj_gvariant_read(d->host->arena, kj_str_trim(line), v, &why);
}

static void take_captured(struct dconf *d, kj_str key, const struct kj_gvariant *v, struct kj_origin origin, bool files)
{
	struct kj_setting *s = files ? kj_setting_find(d->out, key, KJ_STR("")) : NULL;
	if (s && s->state != KJ_STATE_NOT_IN_FORCE && kj_str_eq(s->value, v->plain))
		return;
	if (s && s->locked && s->state == KJ_STATE_EFFECTIVE) {
		kj_setting_note(d->host, s, "'%.*s' line %u says %.*s: configured, not in force",
		                KJ_FMT(s->origin.text->name), s->origin.line, KJ_FMT(s->value));
		kj_setting_override(d->host, s, s->value, s->origin);
		s->value = v->plain;
		s->origin = origin;
		return;
	}
	bool known = files && (s || upstream_default(d, key).p);
	s = kj_setting_add(d->host, d->out, key, v->plain, KJ_STATE_EFFECTIVE, origin);
	s->lockable = true;
	s->lock_unseen = !known;
	s->scope = known ? KJ_STR("the user who ran the command") : KJ_STR("");
}

static void take_lines(struct dconf *d, const struct kj_rows *rows, bool files)
{
	for (size_t i = 0; i < rows->list.n; i++) {
		kj_str key;
		struct kj_gvariant v;
		if (split_captured(d, rows->list.at[i].cell[0], &key, &v))
			take_captured(d, key, &v, kj_origin_of(&rows->list.at[i]), files);
		else
			KJ_PUSH(d->host->arena, &d->out->bad, rows->list.at[i]);
	}
}

/* `dconf dump /` prints a keyfile. */
static void take_dump(struct dconf *d, const struct kj_artifact *artifact, bool files)
{
	struct kj_dconf_table table = {0};
	kj_dconf_keyfile(d->host, &table, artifact, false);
	note_broken(d, &table);
	for (const struct kj_map_entry *e = table.values.first; e; e = e->next) {
		const struct kj_dconf_value *value = e->value;
		take_captured(d, e->key, &value->v, value->origin, files);
	}
}

static bool take_captures(struct dconf *d, bool files)
{
	struct kj_reads reads = {0};
	kj_read_inputs(d->host, d->source, true, &reads);
	kj_note_texts(d->host, &reads, d->out);
	for (size_t i = 0; i < reads.list.n; i++) {
		const struct kj_read *read = &reads.list.at[i];
		if (kj_str_starts(read->path, KJ_STR("dconf")))
			take_dump(d, read->artifact, files);
		else
			take_lines(d, read->rows, files);
	}
	return reads.list.n;
}

/* ---- the whole ---- */

/* A database of which nobody can say what it holds could hold any value, and lock any key. */
static void judge_unknown(struct dconf *d)
{
	for (size_t i = 0; i < d->databases.n && d->out->state == KJ_STATE_EFFECTIVE; i++) {
		const struct database *db = d->databases.at[i];
		if (!db->unknown.n)
			continue;
		bool broken = db->dead.broken.n;
		kj_resolved_state(d->host, d->out, broken ? KJ_STATE_ERROR : KJ_STATE_NOT_COLLECTED, "%.*s",
		                  KJ_FMT(db->unknown));
		d->out->at = db->dead.broken_at;
	}
}

void kj_resolve_dconf(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct dconf d = {.host = host, .source = source, .out = out, .rows = kj_rows_make(host, kj_dconf_columns)};
	kj_str profile = with(&d, "profile");
	d.reads.looked_for = kj_str_fmt(host->arena, "/etc/dconf/profile/%.*s, /etc/dconf/db/*.d", KJ_FMT(profile));
	bool seen = read_profile(&d, profile);
	read_strays(&d, kj_str_fmt(host->arena,
	                           d.reads.list.n ? "no system-db line of the profile '%.*s' names the database"
	                                          : "there is no profile '%.*s' to name the database",
	                           KJ_FMT(profile)));
	bool readable = kj_judge_reads(host, &d.reads, out) || (out->state == KJ_STATE_ABSENT && seen);
	if (readable && !seen)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED,
		                  "/usr/share/dconf/profile/%.*s was not collected, and there is none in /etc",
		                  KJ_FMT(profile));
	out->rows = d.rows;
	if (readable) {
		read_schemas(&d);
		show_all(&d);
		show_users(&d);
	}
	judge_unknown(&d);
	readable = readable && seen;
	if (take_captures(&d, readable) && !readable && out->state == KJ_STATE_NOT_COLLECTED)
		kj_resolved_state(host, out, KJ_STATE_EFFECTIVE, "%s", "");
}
