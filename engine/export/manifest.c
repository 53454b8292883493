/* manifest.tsv: what a collector saw on the host itself. One line an entry: mode, uid, gid, owner, group, type, size,
   path; a tab between; the path absolute, ` -> target` behind it for a link; tabs in it as \t and bytes that are no
   UTF-8 as \xHH. */
#include "export/internal.h"

#include "base/num.h"

enum { MODE, UID, GID, OWNER, GROUP, TYPE, SIZE, PATH, FIELDS };

struct merge {
	struct kj_export *export;
	const struct kj_text *text;
	kj_entries added;
	struct kj_map added_at; /* their paths; the value is only a mark */
	bool damaged;
};

static enum kj_entry_kind kind_of(char type)
{
	switch (type) {
	case 'f':
		return KJ_ENTRY_FILE;
	case 'd':
		return KJ_ENTRY_DIR;
	case 'l':
		return KJ_ENTRY_LINK;
	default:
		return KJ_ENTRY_OTHER;
	}
}

/* The eight fields of a line; the last takes the rest. */
static bool cut_fields(kj_str line, kj_str field[FIELDS])
{
	for (int i = 0; i < PATH; i++) {
		if (!kj_str_cut(&line, '\t', &field[i]))
			return false;
	}
	field[PATH] = line;
	return line.n && line.p[0] == '/' && field[TYPE].n == 1;
}

static kj_str unescape(struct kj_arena *arena, kj_str s)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < s.n; i++) {
		uint64_t byte;
		kj_str rest = kj_str_from(s, i);
		if (kj_str_starts(rest, KJ_STR("\\t"))) {
			kj_buf_char(&out, '\t');
			i++;
		} else if (kj_str_starts(rest, KJ_STR("\\x")) &&
		           kj_num_base(kj_str_upto(kj_str_from(rest, 2), 2), 16, &byte)) {
			kj_buf_char(&out, (char)byte);
			i += 3;
		} else {
			kj_buf_char(&out, s.p[i]);
		}
	}
	return kj_buf_str(&out);
}

/* The path inside the export of a host path; false when the export has no place for it. */
static bool key_of(const struct kj_export *export, kj_str path, kj_str *key)
{
	while (kj_str_ends(path, KJ_STR("/")))
		path = kj_str_upto(path, path.n - 1);
	path = kj_str_from(path, 1);
	if (kj_str_eq(export->layout, KJ_STR("etc"))) {
		*key = kj_str_from(path, 4);
		return kj_str_starts(path, KJ_STR("etc/"));
	}
	*key = kj_path_join(export->arena, export->prefix, path);
	return path.n > 0;
}

/* The entry that a manifest's path names: as written, else with its escapes undone. */
static struct kj_entry *entry_at(struct merge *merge, kj_str path, kj_str *key)
{
	struct kj_export *export = merge->export;
	if (!key_of(export, path, key))
		return NULL;
	struct kj_entry *entry = kj_map_get(&export->by_path, *key);
	if (entry || kj_str_find(path, '\\') == path.n)
		return entry;
	kj_str plain;
	if (key_of(export, unescape(export->arena, path), &plain))
		entry = kj_map_get(&export->by_path, plain);
	*key = plain;
	return entry;
}

/* A folder for each part of the path that has none yet. */
static void add_parents(struct merge *merge, kj_str key)
{
	struct kj_arena *arena = merge->export->arena;
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] != '/')
			continue;
		kj_str folder = kj_str_upto(key, i);
		if (kj_map_get(&merge->export->by_path, folder))
			continue;
		void **mark = kj_map_at(arena, &merge->added_at, folder);
		if (*mark)
			continue;
		*mark = merge;
		struct kj_entry entry = {.path = folder, .kind = KJ_ENTRY_DIR, .listed_only = true};
		KJ_PUSH(arena, &merge->added, entry);
	}
}

static void add_entry(struct merge *merge, struct kj_entry entry)
{
	struct kj_arena *arena = merge->export->arena;
	void **mark = kj_map_at(arena, &merge->added_at, entry.path);
	if (*mark || merge->added.n >= merge->export->limits->entries)
		return;
	*mark = merge;
	entry.listed_only = true;
	KJ_PUSH(arena, &merge->added, entry);
	add_parents(merge, entry.path);
}

static void note_scope(struct kj_export *export, kj_str path)
{
	export->lists_root |= kj_str_eq(path, KJ_STR("/"));
	export->lists_etc |= kj_str_eq(path, KJ_STR("/etc"));
}

static kj_str cut_target(kj_str *path)
{
	kj_str arrow = KJ_STR(" -> ");
	size_t at = kj_str_find_str(*path, arrow);
	kj_str target = kj_str_from(*path, at + arrow.n);
	*path = kj_str_upto(*path, at);
	return target;
}

static bool merge_line(struct merge *merge, kj_str line)
{
	kj_str field[FIELDS];
	uint64_t mode;
	int64_t size;
	if (!cut_fields(line, field) || !kj_num_base(field[MODE], 8, &mode) || !kj_num_int(field[SIZE], &size))
		return false;
	struct kj_entry seen = {
	        .kind = kind_of(field[TYPE].p[0]),
	        .size = size > 0 ? (uint64_t)size : 0,
	        .mode = (uint32_t)(mode & 07777),
	        .owner = field[OWNER],
	        .group = field[GROUP],
	        .stat_trusted = true,
	};
	if (seen.kind == KJ_ENTRY_LINK)
		seen.target = cut_target(&field[PATH]);
	note_scope(merge->export, field[PATH]);
	struct kj_entry *entry = entry_at(merge, field[PATH], &seen.path);
	if (entry) {
		entry->mode = seen.mode;
		entry->owner = seen.owner;
		entry->group = seen.group;
		entry->stat_trusted = true;
	} else if (seen.path.n) {
		add_entry(merge, seen);
	}
	return true;
}

static void merge_all(struct merge *merge)
{
	kj_str rest = merge->text->bytes, line;
	while (kj_str_line(&rest, &line)) {
		if (!line.n || line.p[0] == '#' || merge_line(merge, line))
			continue;
		if (!merge->damaged)
			kj_warning(merge->export->diags, kj_span_of(merge->text, line),
			           "this line is not 'mode uid gid owner group type size path' with tabs between; the "
			           "manifest no longer proves that a file is absent");
		merge->damaged = true;
	}
}

/* Entries as a list of its own again, so that they can be sorted anew with those added. */
static void index_again(struct merge *merge)
{
	struct kj_export *export = merge->export;
	kj_entries all = {0};
	KJ_RESERVE(export->arena, &all, export->entry_count + merge->added.n);
	for (size_t i = 0; i < export->entry_count; i++)
		KJ_PUSH(export->arena, &all, export->entries[i]);
	for (size_t i = 0; i < merge->added.n; i++)
		KJ_PUSH(export->arena, &all, merge->added.at[i]);
	kj_index_set(export, &all);
}

void kj_manifest_apply(struct kj_export *export)
{
	const struct kj_entry *entry = kj_index_get(export, KJ_STR("manifest.tsv"));
	if (!entry)
		return;
	const struct kj_artifact *artifact = kj_read_entry(export, entry);
	if (artifact->state != KJ_ARTIFACT_OK) {
		kj_warning(export->diags, kj_span_whole(&artifact->text), "%.*s", KJ_FMT(artifact->message));
		return;
	}
	struct merge *merge = KJ_NEW(export->arena, struct merge);
	*merge = (struct merge){.export = export, .text = &artifact->text};
	merge_all(merge);
	if (merge->damaged)
		export->lists_root = export->lists_etc = false;
	if (merge->added.n)
		index_again(merge);
}
