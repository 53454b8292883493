/* The entries of an export by path, and links followed among them in memory. */
#include "export/internal.h"

#include <stdlib.h>

#define HOPS_MAX  40   /* as Linux: path_resolution(7) */
#define PATH_MOST 4096 /* PATH_MAX: no host has a longer one */

static int by_path(const void *a, const void *b)
{
	const struct kj_entry *left = a, *right = b;
	return kj_str_cmp(left->path, right->path);
}

void kj_index_set(struct kj_export *export, kj_entries *entries)
{
	if (entries->n)
		qsort(entries->at, entries->n, sizeof *entries->at, by_path);
	export->entries = entries->at;
	export->entry_count = entries->n;
	export->by_path = (struct kj_map){0};
	for (size_t i = 0; i < entries->n; i++)
		*kj_map_at(export->arena, &export->by_path, entries->at[i].path) = &entries->at[i];
}

const struct kj_entry *kj_index_get(const struct kj_export *export, kj_str path)
{
	return kj_map_get(&export->by_path, path);
}

size_t kj_index_from(const struct kj_export *export, kj_str prefix)
{
	size_t low = 0, high = export->entry_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (kj_str_cmp(export->entries[middle].path, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

kj_str kj_path_join(struct kj_arena *arena, kj_str folder, kj_str name)
{
	struct kj_buf path = KJ_BUF(arena);
	kj_buf_put(&path, folder);
	if (folder.n && folder.p[folder.n - 1] != '/')
		kj_buf_char(&path, '/');
	kj_buf_put(&path, name);
	return kj_buf_str(&path);
}

kj_str kj_index_below(struct kj_arena *arena, kj_str key)
{
	return kj_path_join(arena, key, KJ_STR(""));
}

/* --- following a path --- */

struct walker {
	const struct kj_export *export;
	struct kj_buf at; /* where it is: the prefix, then the host path */
	size_t floor;     /* the root's length in it: `..` stays there, as in a chroot */
	bool is_etc;      /* the export's root is the host's /etc */
	kj_str rest;
	unsigned hops;
	struct kj_trail trail;
};

/* The path inside the export of where the walker is. False: outside of what an etc layout can hold. */
static bool key_of(const struct walker *w, kj_str *key)
{
	*key = kj_buf_str(&w->at);
	if (!w->is_etc || !key->n)
		return true;
	if (kj_str_eq(*key, KJ_STR("etc"))) {
		*key = KJ_STR("");
		return true;
	}
	bool inside = kj_str_starts(*key, KJ_STR("etc/"));
	*key = kj_str_from(*key, 4);
	return inside;
}

static void step_up(struct walker *w)
{
	kj_str below = kj_str_from(kj_buf_str(&w->at), w->floor);
	size_t slash = kj_str_find_last(below, '/');
	w->at.n = w->floor + (slash < below.n ? slash : 0);
}

static void step_down(struct walker *w, kj_str part)
{
	if (w->at.n > w->floor)
		kj_buf_char(&w->at, '/');
	kj_buf_put(&w->at, part);
}

static bool found(struct walker *w, const struct kj_entry *entry)
{
	w->trail = (struct kj_trail){.end = KJ_TRAIL_FOUND, .entry = entry, .key = entry->path};
	return false;
}

static bool block(struct walker *w, kj_str problem)
{
	w->trail = (struct kj_trail){.end = KJ_TRAIL_BLOCKED, .problem = problem};
	return false;
}

/* Nothing where the walker stands: because there is nothing, or because the folder could not be listed? */
static bool miss(struct walker *w)
{
	struct kj_arena *arena = w->export->arena;
	kj_str missing = kj_str_copy(arena, kj_str_from(kj_buf_str(&w->at), w->floor));
	step_up(w);
	kj_str key;
	const struct kj_entry *folder = key_of(w, &key) ? kj_index_get(w->export, key) : NULL;
	if (folder && folder->problem.n)
		return block(w, kj_str_fmt(arena, "folder '%.*s': %.*s", KJ_FMT(key), KJ_FMT(folder->problem)));
	w->trail = (struct kj_trail){.end = KJ_TRAIL_MISSING, .missing = missing, .rest = w->rest};
	return false;
}

/* The link that the walker stands on: back to its folder (or the root), with the target ahead. */
static bool follow_link(struct walker *w, const struct kj_entry *link)
{
	size_t ahead = link->target.n + w->rest.n;
	if (!link->target.n)
		return block(w, KJ_STR("is a symbolic link that could not be read"));
	if (++w->hops > HOPS_MAX || ahead > 2 * PATH_MOST)
		return block(w, KJ_STR("too many symbolic links follow each other (a loop)"));
	step_up(w);
	if (link->target.p[0] == '/')
		w->at.n = w->floor;
	struct kj_buf rest = KJ_BUF(w->export->arena);
	kj_buf_put(&rest, link->target);
	kj_buf_char(&rest, '/');
	kj_buf_put(&rest, w->rest);
	w->rest = kj_buf_str(&rest);
	return true;
}

static bool only_slashes(kj_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '/')
			return false;
	}
	return true;
}

/* Goes one part further; false at the end. */
static bool step(struct walker *w, kj_str part)
{
	if (!part.n || kj_str_eq(part, KJ_STR(".")))
		return true;
	if (kj_str_eq(part, KJ_STR(".."))) {
		step_up(w);
		return true;
	}
	step_down(w, part);
	kj_str key;
	bool inside = key_of(w, &key);
	if (inside && !key.n)
		return true;
	const struct kj_entry *entry = inside ? kj_index_get(w->export, key) : NULL;
	if (!entry)
		return miss(w);
	if (entry->kind == KJ_ENTRY_LINK && (entry->target.n || !entry->listed_only))
		return follow_link(w, entry);
	if (entry->kind == KJ_ENTRY_DIR)
		return true;
	if (only_slashes(w->rest))
		return found(w, entry);
	w->trail.end = KJ_TRAIL_NO_FOLDER;
	return entry->problem.n ? block(w, entry->problem) : false;
}

struct kj_trail kj_trail_follow(const struct kj_export *export, kj_str path, enum kj_space space)
{
	struct walker w = {.export = export, .at = KJ_BUF(export->arena), .rest = path};
	if (space == KJ_SPACE_HOST) {
		kj_buf_put(&w.at, export->prefix);
		w.is_etc = kj_str_eq(export->layout, KJ_STR("etc"));
	}
	w.floor = w.at.n;
	if (path.n > PATH_MOST) {
		w.trail.end = KJ_TRAIL_NO_FOLDER;
		return w.trail;
	}
	kj_str part;
	while (kj_str_cut(&w.rest, '/', &part)) {
		if (!step(&w, part))
			return w.trail;
	}
	kj_str key;
	key_of(&w, &key);
	return (struct kj_trail){.end = KJ_TRAIL_FOUND, .entry = kj_index_get(export, key), .key = key};
}
