#include "export/internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

const struct kj_export_limits kj_export_limits_default = {
        .file_bytes = 64 * KJ_MIB,
        .line_bytes = KJ_MIB,
        .entries = 500000,
        .depth = 64,
};

static const struct kj_span nowhere;

kj_str kj_path_plain(kj_str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path = kj_str_upto(path, path.n - 1);
	return path;
}

/* "." and ".." have no name of their own. */
static kj_str folder_name(struct kj_arena *arena, kj_str path)
{
	kj_str name = kj_base_name(path);
	if (name.n && !kj_str_eq(name, KJ_STR(".")) && !kj_str_eq(name, KJ_STR("..")))
		return name;
	char real[PATH_MAX];
	if (!realpath(kj_str_zero(arena, path), real))
		return path;
	name = kj_base_name(kj_str_of(real));
	return name.n ? kj_str_copy(arena, name) : KJ_STR("/");
}

/* One dump file: an export of one entry, in the file's folder. */
static void take_file(struct kj_export *export, kj_str path, const struct stat *st, kj_entries *entries)
{
	size_t slash = kj_str_find_last(path, '/');
	export->layout = KJ_STR("file");
	export->root = KJ_STR(".");
	if (slash < path.n)
		export->root = slash ? kj_str_upto(path, slash) : KJ_STR("/");
	struct kj_entry entry = {
	        .path = kj_base_name(path),
	        .kind = KJ_ENTRY_FILE,
	        .size = (uint64_t)st->st_size,
	        .mode = st->st_mode & 07777,
	        .owner = kj_str_fmt(export->arena, "%lu", (unsigned long)st->st_uid),
	        .group = kj_str_fmt(export->arena, "%lu", (unsigned long)st->st_gid),
	};
	KJ_PUSH(export->arena, entries, entry);
}

static bool has_files(const kj_entries *entries)
{
	for (size_t i = 0; i < entries->n; i++) {
		/* What could not be listed may hold files; that is no empty export. */
		if (entries->at[i].kind != KJ_ENTRY_DIR || entries->at[i].problem.n)
			return true;
	}
	return false;
}

static bool take_all(struct kj_export *export, kj_str path, kj_entries *entries)
{
	struct stat st;
	if (stat(kj_str_zero(export->arena, path), &st) != 0) {
		int error = errno;
		kj_str why = kj_errno_words(export->arena, error);
		if (error == ENOENT || error == ENOTDIR)
			kj_error(export->diags, nowhere, "there is no '%.*s'", KJ_FMT(path));
		else
			kj_error(export->diags, nowhere, "'%.*s': %.*s", KJ_FMT(path), KJ_FMT(why));
		return false;
	}
	if (S_ISREG(st.st_mode)) {
		take_file(export, path, &st, entries);
		return true;
	}
	if (!S_ISDIR(st.st_mode)) {
		kj_error(export->diags, nowhere, "'%.*s' is neither a folder nor a file", KJ_FMT(path));
		return false;
	}
	if (!kj_folder_list(export, entries, true))
		return false;
	if (has_files(entries))
		return true;
	kj_error(export->diags, nowhere, "'%.*s' is empty: nothing was exported", KJ_FMT(path));
	return false;
}

static struct kj_export *begin(struct kj_arena *arena, kj_str root, kj_str name, const struct kj_export_limits *limits,
                               struct kj_diags *diags)
{
	struct kj_export *export = KJ_NEW(arena, struct kj_export);
	export->arena = arena;
	export->diags = diags;
	export->root = root;
	export->name = name;
	export->limits = limits ? limits : &kj_export_limits_default;
	export->held = kj_held_new(arena);
	return export;
}

/* From the bare entries to what they are an export of. */
static void understand(struct kj_export *export, kj_entries *entries)
{
	kj_index_set(export, entries);
	kj_layout_detect(export);
	kj_manifest_apply(export);
	kj_presence_judge(export);
	kj_host_detect(export);
}

struct kj_export *kj_export_open(struct kj_arena *arena, kj_str path, kj_str name,
                                 const struct kj_export_limits *limits, struct kj_diags *diags)
{
	path = kj_path_plain(kj_str_copy(arena, path));
	struct kj_export *export = begin(arena, path, name, limits, diags);
	kj_entries entries = {0};
	if (!take_all(export, path, &entries))
		return NULL;
	understand(export, &entries);
	if (!export->name.n)
		export->name = folder_name(arena, path);
	return export;
}

struct kj_export *kj_export_open_organisation(struct kj_arena *arena, kj_str fleet, kj_str name,
                                              const struct kj_export_limits *limits, struct kj_diags *diags)
{
	static const kj_str parts[] = {KJ_STR_INIT("registers"), KJ_STR_INIT("records")};
	struct kj_export *export = begin(arena, kj_path_plain(kj_str_copy(arena, fleet)), name, limits, diags);
	kj_entries entries = {0};
	if (!kj_folder_list_parts(export, &entries, parts, sizeof parts / sizeof *parts))
		return NULL;
	kj_index_set(export, &entries);
	export->layout = export->kind = export->platform = KJ_STR("organisation");
	return export;
}

/* The folders that a path lies in. */
static void take_folders(struct kj_export *export, kj_str path, struct kj_map *seen, kj_entries *entries)
{
	for (size_t at = kj_str_find(path, '/'); at < path.n;) {
		kj_str folder = kj_str_upto(path, at);
		void **known = kj_map_at(export->arena, seen, folder);
		if (!*known) {
			*known = export;
			KJ_PUSH(export->arena, entries,
			        (struct kj_entry){.path = folder, .kind = KJ_ENTRY_DIR, .mode = 0755});
		}
		at += 1 + kj_str_find(kj_str_from(path, at + 1), '/');
	}
}

struct kj_export *kj_export_of_files(struct kj_arena *arena, const struct kj_memory_file *files, size_t n, kj_str name,
                                     const struct kj_export_limits *limits, struct kj_diags *diags)
{
	struct kj_export *export = begin(arena, KJ_STR("."), name, limits, diags);
	kj_entries entries = {0};
	struct kj_map seen = {0};
	for (size_t i = 0; i < n; i++) {
		take_folders(export, files[i].path, &seen, &entries);
		struct kj_entry entry = {
		        .path = files[i].path, .kind = KJ_ENTRY_FILE, .mode = 0644, .size = files[i].text.n};
		entry.content = files[i].text.n ? files[i].text : KJ_STR("");
		KJ_PUSH(arena, &entries, entry);
	}
	understand(export, &entries);
	return export;
}
