/* The source `kscreenlocker`: kscreenlockerrc of the system and of each user, as KConfig reads them (kconfigini.cpp): the
   user's file beats /etc/xdg unless a key, its group or the file is marked immutable with [$i]. */
#include "resolve/work.h"

#include <string.h>

struct entry {
	kj_str group, value;
	struct kj_origin origin;
	bool locked;
	bool taken_back; /* by [$d] in a file of the system */
	KJ_VEC(struct kj_overridden) overrides;
};

struct config {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	struct kj_map entries;   /* "Group/Key" → struct entry */
	struct kj_map immutable; /* groups that later files cannot change */
	bool all_immutable;      /* a file is: later ones are not even read */
};

/* While one file is read. */
struct reading {
	struct config *config;
	const struct kj_text *text;
	uint32_t line;
	kj_str group;
	bool system, file_locked, group_locked, skip;
	struct kj_map locked; /* groups that it makes immutable: that counts from the next file on */
};

static void bad(struct reading *r, const char *problem)
{
	struct kj_row row = {.text = r->text, .line = r->line, .col = 1, .bad = true, .problem = problem};
	KJ_PUSH(r->config->host->arena, &r->config->out->bad, row);
}

/* [a][b][$i]: a group within a group, immutable; [$i] alone makes the whole file so. */
static void take_group(struct reading *r, kj_str line)
{
	struct kj_arena *arena = r->config->host->arena;
	struct kj_buf name = KJ_BUF(arena);
	r->group_locked = r->file_locked;
	while (kj_str_starts(line, KJ_STR("["))) {
		size_t end = kj_str_find(line, ']');
		kj_str part = kj_str_from(kj_str_upto(line, end), 1);
		if (end == line.n) {
			bad(r, "a group without its ']'");
			return;
		}
		line = kj_str_from(line, end + 1);
		if (!line.n && kj_str_eq(part, KJ_STR("$i"))) {
			*(name.n ? &r->group_locked : &r->file_locked) = true;
			continue;
		}
		if (name.n)
			kj_buf_char(&name, KJ_PARSE_LIST);
		kj_buf_put(&name, part);
	}
	r->group = kj_buf_str(&name);
	r->skip = kj_map_get(&r->config->immutable, r->group);
	if (r->group_locked && !r->skip)
		*kj_map_at(arena, &r->locked, r->group) = r;
}

/* The letters of [$ie] at the key's end, which are taken off; false when a bracket is not closed. What stands
   after a d in its brackets, or left of them, is not looked at. */
static bool take_options(kj_str *key, bool *locked, bool *deleted, bool *translated)
{
	for (size_t open; !*deleted && (open = kj_str_find_last(*key, '[')) < key->n; *key = kj_str_upto(*key, open)) {
		kj_str inside = kj_str_from(*key, open + 1);
		size_t close = kj_str_find(inside, ']');
		if (close == inside.n)
			return false;
		inside = kj_str_upto(inside, close);
		bool options = inside.n > 1 && inside.p[0] == '$';
		size_t d = options ? kj_str_find(inside, 'd') : inside.n;
		*translated = *translated || !options;
		*locked = *locked || (options && kj_str_find(inside, 'i') < d);
		*deleted = d < inside.n;
	}
	return true;
}

static void set(struct reading *r, kj_str key, kj_str value, bool locked, bool deleted)
{
	struct kj_arena *arena = r->config->host->arena;
	kj_str group = r->group.n ? r->group : KJ_STR("<default>");
	kj_str name =
	        kj_str_eq(group, KJ_STR("Daemon")) ? key : kj_str_fmt(arena, "%.*s/%.*s", KJ_FMT(group), KJ_FMT(key));
	struct entry *entry = kj_map_get(&r->config->entries, name);
	struct kj_origin origin = {r->text, r->line, 1};
	if (!entry)
		*kj_map_at(arena, &r->config->entries, name) = entry = KJ_NEW(arena, struct entry);
	/* [$d] is never noted among the defaults, which are what a later line of the system is held against
	   (KEntryMap::setEntry) */
	if (entry->locked && !(r->system && entry->taken_back)) {
		KJ_PUSH(arena, &entry->overrides, (struct kj_overridden){value, origin});
		return;
	}
	if (entry->value.p)
		KJ_PUSH(arena, &entry->overrides, (struct kj_overridden){entry->value, entry->origin});
	entry->group = r->group;
	entry->value = deleted ? (kj_str){NULL, 0} : value;
	entry->origin = origin;
	entry->locked = locked;
	entry->taken_back = deleted && r->system;
}

static void take_entry(struct reading *r, kj_str line)
{
	size_t equals = kj_str_find(line, '=');
	kj_str key = kj_str_trim(kj_str_upto(line, equals)), value = kj_str_trim(kj_str_from(line, equals + 1));
	bool locked = r->group_locked, deleted = false, translated = false;
	if (!take_options(&key, &locked, &deleted, &translated))
		bad(r, "a '[' in a key without its ']'");
	else if (!key.n || (equals == line.n && !deleted))
		bad(r, "neither a group nor a key with a value");
	else if (deleted || !translated)
		set(r, key, value, locked, deleted);
}

static void read_file(struct config *c, const struct kj_text *text, bool system)
{
	struct reading r = {.config = c, .text = text, .system = system};
	kj_str rest = text->bytes, line;
	while (kj_str_line(&rest, &line)) {
		r.line++;
		line = kj_str_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (line.p[0] == '[')
			take_group(&r, line);
		else if (!r.skip)
			take_entry(&r, line);
	}
	for (const struct kj_map_entry *e = r.locked.first; e; e = e->next)
		*kj_map_at(c->host->arena, &c->immutable, e->key) = c;
	c->all_immutable = c->all_immutable || r.file_locked;
}

/* ---- what comes of it ---- */

/* KConfig's booleans: what is not false, no, off or 0 is true. */
static kj_str normal(kj_str key, kj_str value)
{
	static const char *const booleans[] = {"Autolock", "Lock", "LockOnResume", "LockOnStart", "RequirePassword"};
	static const char *const no[] = {"false", "no", "off", "0"};
	for (size_t i = 0; i < sizeof booleans / sizeof *booleans; i++) {
		if (!kj_str_eq(key, kj_str_of(booleans[i])))
			continue;
		for (size_t k = 0; k < sizeof no / sizeof *no; k++)
			if (kj_str_eq_fold(value, kj_str_of(no[k])))
				return KJ_STR("false");
		return KJ_STR("true");
	}
	return value;
}

static void add(struct config *c, kj_str key, const struct entry *entry, kj_str scope)
{
	struct kj_setting *s =
	        kj_setting_add(c->host, c->out, key, normal(key, entry->value), KJ_STATE_EFFECTIVE, entry->origin);
	s->scope = scope;
	s->lockable = true;
	/* what a user's own file marks, the user can take away again */
	s->locked = !scope.n && (entry->locked || c->all_immutable || kj_map_get(&c->immutable, entry->group));
	for (size_t i = 0; i < entry->overrides.n; i++)
		kj_setting_override(c->host, s, entry->overrides.at[i].value, entry->overrides.at[i].origin);
}

static void show_system(struct config *c)
{
	for (const struct kj_map_entry *e = c->entries.first; e; e = e->next) {
		const struct entry *entry = e->value;
		if (entry->value.p)
			add(c, e->key, entry, KJ_STR(""));
	}
	size_t before = c->out->settings.n;
	kj_defaults_add(c->host, c->source, c->out);
	for (size_t i = before; i < c->out->settings.n; i++) {
		struct kj_setting *s = &c->out->settings.at[i];
		const struct entry *taken_back = kj_map_get(&c->entries, s->key);
		s->lockable = true;
		s->locked = c->all_immutable || kj_map_get(&c->immutable, KJ_STR("Daemon")) ||
		            (taken_back && taken_back->locked);
	}
}

/* KEY[$d] takes back what files before have: the program's default holds again. */
static void add_default(struct config *c, kj_str key, const struct entry *entry, kj_str scope)
{
	add(c, key, entry, scope);
	struct kj_setting *s = &c->out->settings.at[c->out->settings.n - 1];
	s->state = KJ_STATE_DEFAULT;
	s->value = KJ_STR("");
	for (size_t d = 0; d < c->source->default_count; d++)
		for (size_t i = 0; i < c->source->defaults[d].n; i++)
			if (kj_str_eq(c->source->defaults[d].pair[i].key->text, key))
				s->value = c->source->defaults[d].pair[i].value->text;
}

/* What the user's file makes otherwise. */
static void show_user(const struct config *system, const struct kj_text *text, kj_str user)
{
	struct config own = {
	        .host = system->host, .source = system->source, .out = system->out, .immutable = system->immutable};
	for (const struct kj_map_entry *e = system->entries.first; e; e = e->next) {
		struct entry *copy = KJ_NEW(own.host->arena, struct entry);
		*copy = *(const struct entry *)e->value;
		memset(&copy->overrides, 0, sizeof copy->overrides);
		*kj_map_at(own.host->arena, &own.entries, e->key) = copy;
	}
	read_file(&own, text, false);
	kj_str scope = kj_str_fmt(own.host->arena, "user %.*s", KJ_FMT(user));
	for (const struct kj_map_entry *e = own.entries.first; e; e = e->next) {
		const struct entry *entry = e->value, *before = kj_map_get(&system->entries, e->key);
		if (entry->origin.text == text && entry->value.p)
			add(&own, e->key, entry, scope);
		else if (entry->origin.text == text && before && before->value.p)
			add_default(&own, e->key, entry, scope);
	}
}

static void show_users(const struct config *system)
{
	enum kj_presence presence;
	static const char *const globs[] = {"home/*/.config/kscreenlockerrc", "root/.config/kscreenlockerrc"};
	for (size_t g = 0; g < 2; g++) {
		struct kj_entry_list found =
		        kj_export_glob(system->host->export, system->host->arena, kj_str_of(globs[g]), &presence);
		for (size_t i = 0; i < found.paths.n; i++) {
			const struct kj_artifact *artifact = kj_export_read(system->host->export, found.paths.at[i]);
			kj_str home =
			        kj_str_upto(found.paths.at[i], kj_str_find_str(found.paths.at[i], KJ_STR("/.config")));
			if (artifact->state == KJ_ARTIFACT_OK)
				show_user(system, &artifact->text,
				          g ? home : kj_str_from(home, kj_str_find_last(home, '/') + 1));
		}
	}
}

void kj_resolve_kscreenlocker(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct config c = {.host = host, .source = source, .out = out};
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out) && out->state != KJ_STATE_ABSENT)
		return;
	for (size_t i = 0; i < reads.list.n; i++)
		read_file(&c, &reads.list.at[i].artifact->text, true);
	show_system(&c);
	if (!c.all_immutable)
		show_users(&c);
}
