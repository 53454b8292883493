/* The captured output of sshd -T takes the place of what the files say for every connection; that of sshd -T -C … is the
   truth for its connection. Where the files say otherwise, they are configured and not in force. */
#include "resolve/openssh_values.h"
#include "resolve/sshd.h"

#include <string.h>

/* The settings of a key that hold for every connection. */
struct group {
	KJ_VEC(size_t) index;
	bool shown;
};

static struct group *group_at(struct kj_arena *arena, struct kj_map *groups, kj_str key)
{
	void **place = kj_map_at(arena, groups, key);
	if (!*place)
		*place = KJ_NEW(arena, struct group);
	return *place;
}

/* sshd -T shows what Match all says, too. */
static bool is_global(const struct kj_setting *s)
{
	return !s->scope.n || kj_str_eq(s->scope, KJ_STR("all"));
}

static struct kj_map group_all(struct kj_arena *arena, const struct kj_resolved *of)
{
	struct kj_map groups = {0};
	for (size_t i = 0; i < of->settings.n; i++) {
		if (!is_global(&of->settings.at[i]))
			continue;
		struct group *group = group_at(arena, &groups, of->settings.at[i].key);
		KJ_PUSH(arena, &group->index, i);
	}
	return groups;
}

/* ---- the same in meaning ---- */

static const struct sshd_line *line_at(const struct sshd_config *c, struct kj_origin origin)
{
	for (size_t i = 0; i < c->lines.n; i++)
		if (c->lines.at[i].row->text == origin.text && c->lines.at[i].row->line == origin.line)
			return &c->lines.at[i];
	return NULL;
}

static bool has_name(kj_str list, kj_str pattern)
{
	kj_str name;
	while (kj_str_cut(&list, ',', &name))
		if (openssh_matches(pattern, name))
			return true;
	return false;
}

/* A list that changes the default, which each build has its own: does the captured one bear it out? */
static bool bears_out(kj_str captured, kj_str written)
{
	char how = written.p[0];
	kj_str names = kj_str_from(written, 1), name;
	if (how == '^' && !kj_str_starts(captured, names) && kj_str_find_any(names, KJ_STR("*?")) == names.n)
		return false;
	while (kj_str_cut(&names, ',', &name))
		if (has_name(captured, name) == (how == '-'))
			return false;
	return true;
}

static bool same_value(const struct sshd_config *c, const struct kj_setting *captured, const struct kj_setting *file)
{
	const struct sshd_line *line = file->origin.text ? line_at(c, file->origin) : NULL;
	if (kj_str_eq(kj_str_trim(captured->value), kj_str_trim(file->value)))
		return true;
	if (!line || line->key->read != openssh_read_algorithms || !line->written.n)
		return false;
	bool changes = kj_str_find_any(kj_str_upto(line->written, 1), KJ_STR("+-^")) == 0;
	return changes && bears_out(captured->value, line->written);
}

static bool is_among(const struct sshd_config *c, const struct kj_setting *captured, const struct kj_resolved *files,
                     const struct group *group)
{
	for (size_t i = 0; i < group->index.n; i++)
		if (same_value(c, captured, &files->settings.at[group->index.at[i]]))
			return true;
	return false;
}

/* Addresses are printed in an order of their own. */
static bool same_values(const struct sshd_config *c, const struct kj_resolved *captured, const struct group *left,
                        const struct kj_resolved *files, const struct group *right)
{
	if (left->index.n != right->index.n)
		return false;
	for (size_t i = 0; i < left->index.n; i++) {
		const struct kj_setting *s = &captured->settings.at[left->index.at[i]];
		bool any = kj_str_eq(s->key, KJ_STR("listenaddress"));
		if (any ? !is_among(c, s, files, right) : !same_value(c, s, &files->settings.at[right->index.at[i]]))
			return false;
	}
	return true;
}

/* ---- captured beside files ---- */

/* The files' settings of a key go into the overrides of the captured one. */
static void note_files(struct sshd_config *c, struct kj_setting *captured, const struct kj_resolved *files,
                       const struct group *group)
{
	for (size_t i = 0; i < group->index.n; i++) {
		const struct kj_setting *s = &files->settings.at[group->index.at[i]];
		if (s->state == KJ_STATE_DEFAULT || s->state == KJ_STATE_NOT_COLLECTED)
			continue;
		kj_setting_override(c->host, captured, s->value, s->origin);
		if (i < 3)
			kj_setting_note(c->host, captured, "'%.*s' line %u says %.*s: configured, not in force",
			                KJ_FMT(s->origin.text->name), s->origin.line, KJ_FMT(s->value));
	}
}

/* Are we sure what holds when no line says anything? Paths are the build's own, and so are lists of algorithms, but
   for Debian's. */
static bool default_is_known(const struct sshd_config *c, const struct openssh_key *key)
{
	static const char *const own[] = {"pidfile", "modulifile",      "xauthlocation", "versionaddendum",
	                                  "hostkey", "sshdsessionpath", "sshdauthpath",  "gssapikexalgorithms"};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (kj_str_eq(key->name, kj_str_of(own[i])))
			return false;
	return c->sure && c->build.version.n && (key->read != openssh_read_algorithms || c->build.debian);
}

/* What sshd has now and no line says: the line has gone since it was started, or another file was read. */
static void note_gone(struct sshd_config *c, struct kj_setting *captured, const struct kj_resolved *files,
                      const struct group *group)
{
	const struct kj_setting *s = group->index.n ? &files->settings.at[group->index.at[0]] : NULL;
	const struct openssh_key *key = openssh_key_find(&sshd_keys, &c->build, captured->key);
	if (!key || !default_is_known(c, key) || (s && s->state != KJ_STATE_DEFAULT))
		return;
	if (s)
		kj_setting_note(c->host, captured, "no file says so, and the default is %.*s", KJ_FMT(s->value));
	else
		kj_setting_note(c->host, captured, "no file says so");
}

static void take_captured(struct sshd_config *c, struct kj_resolved *captured, const struct kj_resolved *files)
{
	struct kj_arena *arena = c->host->arena;
	struct kj_map seen = group_all(arena, captured), said = group_all(arena, files);
	for (size_t i = 0; i < captured->settings.n; i++) {
		struct kj_setting *s = &captured->settings.at[i];
		struct group *mine = group_at(arena, &seen, s->key), *theirs = group_at(arena, &said, s->key);
		if (!mine->shown && !same_values(c, captured, mine, files, theirs)) {
			note_files(c, s, files, theirs);
			if (!s->note.n)
				note_gone(c, s, files, theirs);
		}
		mine->shown = true;
		KJ_PUSH(arena, &c->out->settings, *s);
	}
}

/* Match blocks, and what the captured output does not have. */
static void keep_files(struct sshd_config *c, const struct kj_resolved *captured, const struct kj_resolved *files)
{
	struct kj_arena *arena = c->host->arena;
	struct kj_map seen = group_all(arena, captured);
	for (size_t i = 0; i < files->settings.n; i++) {
		const struct kj_setting *s = &files->settings.at[i];
		bool lost = s->state != KJ_STATE_DEFAULT && !kj_map_get(&seen, s->key);
		if (is_global(s) && !lost)
			continue;
		KJ_PUSH(arena, &c->out->settings, *s);
		if (!is_global(s))
			continue;
		struct kj_setting *kept = &c->out->settings.at[c->out->settings.n - 1];
		kept->unjudged = true;
		kj_setting_note(c->host, kept, "configured, but the captured output does not have it");
	}
}

/* The rows of a captured output as settings, by the names that the keywords have now. */
static struct kj_resolved settings_of(struct sshd_config *c, const struct kj_rows *rows, kj_str scope)
{
	struct kj_host *host = c->host;
	struct kj_resolved out = {0};
	struct kj_map names = {0};
	for (size_t i = 0; i < rows->list.n; i++)
		*kj_map_at(host->arena, &names,
		           kj_str_lower(host->arena, kj_row_cell(rows, &rows->list.at[i], KJ_STR("key")))) = c;
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		kj_str key = kj_str_lower(host->arena, kj_row_cell(rows, row, KJ_STR("key")));
		const struct openssh_key *known = openssh_key_find(&sshd_keys, &c->build, key);
		if (known && !kj_map_get(&names, openssh_key_name(known)))
			key = openssh_key_name(known);
		if (row->bad)
			continue;
		struct kj_setting *s = kj_setting_add(host, &out, key, kj_row_cell(rows, row, KJ_STR("value")),
		                                      KJ_STATE_EFFECTIVE, kj_origin_of(row));
		s->scope = scope;
	}
	return out;
}

void sshd_apply_captured(struct sshd_config *config, const struct kj_rows *rows)
{
	struct kj_resolved files = *config->out, captured = settings_of(config, rows, KJ_STR(""));
	memset(&config->out->settings, 0, sizeof config->out->settings);
	take_captured(config, &captured, &files);
	keep_files(config, &captured, &files);
}

/* ---- one connection ---- */

static bool has_match(const struct kj_resolved *files)
{
	for (size_t i = 0; i < files->settings.n; i++)
		if (files->settings.at[i].scope.n)
			return true;
	return false;
}

/* Of sshd -T -C … only what differs from what holds for every connection is worth a scope. */
void sshd_apply_connection(struct sshd_config *config, kj_str connection, const struct kj_rows *rows)
{
	struct kj_arena *arena = config->host->arena;
	struct kj_resolved base = *config->out;
	kj_str scope = kj_str_fmt(arena, "connection %.*s", KJ_FMT(connection));
	struct kj_resolved captured = settings_of(config, rows, scope);
	struct kj_map said = group_all(arena, &base), mine = {0};
	bool match = has_match(&base);
	for (size_t i = 0; i < captured.settings.n; i++) {
		struct group *group = group_at(arena, &mine, captured.settings.at[i].key);
		KJ_PUSH(arena, &group->index, i);
	}
	for (size_t i = 0; i < captured.settings.n; i++) {
		struct kj_setting *s = &captured.settings.at[i];
		struct group *own = group_at(arena, &mine, s->key), *theirs = group_at(arena, &said, s->key);
		if (same_values(config, &captured, own, &base, theirs))
			continue;
		if (!match && !own->shown)
			note_files(config, s, &base, theirs);
		own->shown = true;
		KJ_PUSH(arena, &config->out->settings, *s);
	}
}
