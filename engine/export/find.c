/* Host paths and globs to entries. */
#include "export/internal.h"

#include "base/glob.h"

#include <stdlib.h>

const struct kj_entry *kj_export_find(const struct kj_export *export, kj_str path, enum kj_presence *why)
{
	struct kj_trail trail = kj_trail_follow(export, path, KJ_SPACE_HOST);
	if (why)
		*why = kj_presence_of(export, &trail);
	return trail.end == KJ_TRAIL_FOUND ? trail.entry : NULL;
}

/* --- globs --- */

#define STEPS_MAX 200000 /* links to their own folder make the paths that match a pattern countless */

struct match {
	kj_str path;
	const struct kj_entry *entry;
};

struct search {
	const struct kj_export *export;
	struct kj_arena *arena;
	KJ_VEC(struct match) found;
	kj_str problem;
	size_t steps;
};

static bool spend(struct search *s)
{
	if (s->steps++ < STEPS_MAX)
		return true;
	s->problem = kj_str_fmt(s->arena, "more than %d paths match the pattern", STEPS_MAX);
	return false;
}

/* The link's own entry, when a path ends at a link whose target is not there. */
static const struct kj_entry *own_entry(const struct search *s, kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	bool top = slash == path.n;
	struct kj_trail folder = kj_trail_follow(s->export, top ? KJ_STR("") : kj_str_upto(path, slash), KJ_SPACE_HOST);
	if (folder.end != KJ_TRAIL_FOUND)
		return NULL;
	kj_str name = top ? path : kj_str_from(path, slash + 1);
	return kj_index_get(s->export, kj_path_join(s->arena, folder.key, name));
}

static void add_match(struct search *s, kj_str path)
{
	struct kj_trail trail = kj_trail_follow(s->export, path, KJ_SPACE_HOST);
	enum kj_presence presence = kj_presence_of(s->export, &trail);
	if (presence == KJ_UNREADABLE)
		s->problem = trail.problem;
	const struct kj_entry *entry = presence == KJ_NOT_COLLECTED ? own_entry(s, path) : trail.entry;
	if (entry && entry->kind != KJ_ENTRY_DIR)
		KJ_PUSH(s->arena, &s->found, (struct match){path, entry});
}

static void expand(struct search *s, kj_str done, kj_str pattern);

/* Has the folder at `key` a direct child here? Its name, or an empty string. */
static kj_str child_name(kj_str path, kj_str below)
{
	kj_str name = kj_str_from(path, below.n);
	return kj_str_find(name, '/') == name.n ? name : KJ_STR("");
}

/* One part of the pattern against the children of a folder. */
static void expand_children(struct search *s, kj_str done, kj_str key, kj_str part, kj_str after)
{
	const struct kj_export *export = s->export;
	kj_str below = kj_index_below(s->arena, key);
	for (size_t i = kj_index_from(export, below); i < export->entry_count; i++) {
		if (!kj_str_starts(export->entries[i].path, below))
			break;
		kj_str name = child_name(export->entries[i].path, below);
		if (!name.n || !kj_glob(part, name, true))
			continue;
		if (!spend(s))
			return;
		expand(s, kj_path_join(s->arena, done, name), after);
	}
}

/* A pattern with `**` against everything below a folder; links are not gone through. */
static void expand_below(struct search *s, kj_str done, kj_str key, kj_str pattern)
{
	const struct kj_export *export = s->export;
	kj_str below = kj_index_below(s->arena, key);
	for (size_t i = kj_index_from(export, below); i < export->entry_count; i++) {
		const struct kj_entry *e = &export->entries[i];
		if (!kj_str_starts(e->path, below))
			break;
		kj_str path = kj_str_from(e->path, below.n);
		if (e->kind == KJ_ENTRY_DIR && e->problem.n)
			s->problem = kj_str_fmt(s->arena, "folder '%.*s': %.*s", KJ_FMT(e->path), KJ_FMT(e->problem));
		else if (e->kind != KJ_ENTRY_DIR && kj_glob(pattern, path, true))
			add_match(s, kj_path_join(s->arena, done, path));
	}
}

/* The pattern's first part, and what follows it. */
static kj_str cut_part(kj_str pattern, kj_str *after)
{
	size_t slash = kj_str_find(pattern, '/');
	*after = kj_str_from(pattern, slash + 1);
	return kj_str_upto(pattern, slash);
}

static bool is_deep(kj_str part)
{
	return kj_str_find_str(part, KJ_STR("**")) < part.n;
}

/* The plain parts at the pattern's beginning go to *done. */
static kj_str skip_plain(struct search *s, kj_str *done, kj_str pattern)
{
	while (pattern.n) {
		kj_str after, part = cut_part(pattern, &after);
		if (kj_glob_is(part))
			break;
		if (part.n)
			*done = kj_path_join(s->arena, *done, part);
		pattern = after;
	}
	return pattern;
}

static void expand(struct search *s, kj_str done, kj_str pattern)
{
	pattern = skip_plain(s, &done, pattern);
	if (!pattern.n) {
		add_match(s, done);
		return;
	}
	struct kj_trail trail = kj_trail_follow(s->export, done, KJ_SPACE_HOST);
	if (trail.end == KJ_TRAIL_BLOCKED)
		s->problem = trail.problem;
	if (trail.end != KJ_TRAIL_FOUND || (trail.entry && trail.entry->kind != KJ_ENTRY_DIR))
		return;
	if (trail.entry && trail.entry->problem.n)
		s->problem =
		        kj_str_fmt(s->arena, "folder '%.*s': %.*s", KJ_FMT(trail.key), KJ_FMT(trail.entry->problem));
	kj_str after, part = cut_part(pattern, &after);
	if (is_deep(part))
		expand_below(s, done, trail.key, pattern);
	else
		expand_children(s, done, trail.key, part, after);
}

/* A folder without the file looked for: was all of it collected? A drop-in folder is copied whole or not at all. */
static enum kj_presence folder_presence(const struct search *s, kj_str folder, kj_str key)
{
	if (kj_presence_in(s->export, folder) == KJ_ABSENT)
		return KJ_PRESENT;
	kj_str below = kj_index_below(s->arena, key);
	size_t i = kj_index_from(s->export, below);
	bool holds = i < s->export->entry_count && kj_str_starts(s->export->entries[i].path, below);
	return holds && kj_str_ends(folder, KJ_STR(".d")) ? KJ_PRESENT : KJ_NOT_COLLECTED;
}

static enum kj_presence presence_without_match(struct search *s, kj_str pattern)
{
	kj_str folder = KJ_STR("");
	bool plain = !skip_plain(s, &folder, pattern).n;
	struct kj_trail trail = kj_trail_follow(s->export, folder, KJ_SPACE_HOST);
	if (trail.end != KJ_TRAIL_FOUND)
		return kj_presence_of(s->export, &trail);
	if (plain || (trail.entry && trail.entry->kind != KJ_ENTRY_DIR))
		return KJ_ABSENT;
	return folder_presence(s, folder, trail.key);
}

static int by_path(const void *a, const void *b)
{
	const struct match *left = a, *right = b;
	return kj_str_cmp(left->path, right->path);
}

struct kj_entry_list kj_export_glob(const struct kj_export *export, struct kj_arena *arena, kj_str glob,
                                    enum kj_presence *presence)
{
	struct search s = {.export = export, .arena = arena};
	expand(&s, KJ_STR(""), glob);
	if (s.found.n)
		qsort(s.found.at, s.found.n, sizeof *s.found.at, by_path);
	struct kj_entry_list out = {.problem = s.problem};
	for (size_t i = 0; i < s.found.n; i++) {
		KJ_PUSH(arena, &out.list, s.found.at[i].entry);
		KJ_PUSH(arena, &out.paths, s.found.at[i].path);
	}
	if (presence && s.problem.n)
		*presence = KJ_UNREADABLE;
	else if (presence)
		*presence = s.found.n ? KJ_PRESENT : presence_without_match(&s, glob);
	return out;
}

/* --- folders --- */

struct kj_entry_list kj_export_list(const struct kj_export *export, struct kj_arena *arena, kj_str folder,
                                    enum kj_presence *presence)
{
	struct search s = {.export = export, .arena = arena};
	struct kj_entry_list out = {0};
	struct kj_trail trail = kj_trail_follow(export, folder, KJ_SPACE_HOST);
	*presence = kj_presence_of(export, &trail);
	out.problem = trail.problem;
	if (trail.end != KJ_TRAIL_FOUND)
		return out;
	if (trail.entry && trail.entry->kind != KJ_ENTRY_DIR) {
		*presence = KJ_ABSENT;
		return out;
	}
	kj_str below = kj_index_below(arena, trail.key);
	for (size_t i = kj_index_from(export, below); i < export->entry_count; i++) {
		const struct kj_entry *e = &export->entries[i];
		if (!kj_str_starts(e->path, below))
			break;
		kj_str name = child_name(e->path, below);
		if (!name.n)
			continue;
		KJ_PUSH(arena, &out.list, e);
		KJ_PUSH(arena, &out.paths, kj_path_join(arena, folder, name));
	}
	out.problem = trail.entry ? trail.entry->problem : KJ_STR("");
	*presence = out.problem.n ? KJ_UNREADABLE : out.list.n ? KJ_PRESENT : folder_presence(&s, folder, trail.key);
	return out;
}
