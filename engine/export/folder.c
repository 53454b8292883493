/* Lists a folder, level by level. Links are recorded and never followed. */
#include "export/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct kj_span nowhere;

static enum kj_entry_kind kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return KJ_ENTRY_FILE;
	if (S_ISDIR(mode))
		return KJ_ENTRY_DIR;
	return S_ISLNK(mode) ? KJ_ENTRY_LINK : KJ_ENTRY_OTHER;
}

static kj_str link_target(struct kj_arena *arena, int folder, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(folder, name, target, sizeof target);
	return n > 0 ? kj_str_copy(arena, (kj_str){target, (size_t)n}) : KJ_STR("");
}

static void add(struct kj_export *export, kj_entries *entries, kj_str folder, const char *name)
{
	int fd = dirfd(export->held->dir);
	struct stat st = {0};
	int error = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
	struct kj_entry entry = {
	        .path = kj_path_join(export->arena, folder, kj_str_of(name)),
	        .kind = kind_of(st.st_mode),
	        .problem = error ? kj_errno_words(export->arena, error) : KJ_STR(""),
	        .size = st.st_size > 0 ? (uint64_t)st.st_size : 0,
	        .mode = st.st_mode & 07777,
	        .owner = kj_str_fmt(export->arena, "%lu", (unsigned long)st.st_uid),
	        .group = kj_str_fmt(export->arena, "%lu", (unsigned long)st.st_gid),
	};
	if (entry.kind == KJ_ENTRY_LINK)
		entry.target = link_target(export->arena, fd, name);
	KJ_PUSH(export->arena, entries, entry);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Adds what is in the open folder; false at the cap on entries. */
static bool add_all(struct kj_export *export, kj_entries *entries, kj_str folder)
{
	for (struct dirent *d; (d = readdir(export->held->dir));) {
		if (is_dots(d->d_name))
			continue;
		if (entries->n == export->limits->entries)
			return false;
		add(export, entries, folder, d->d_name);
	}
	return true;
}

static size_t depth_of(kj_str path)
{
	size_t depth = 1;
	for (size_t i = 0; i < path.n; i++)
		depth += path.p[i] == '/';
	return depth;
}

/* Opens a folder for reading; empty, or why it cannot be. */
static kj_str open_folder(struct kj_export *export, kj_str path)
{
	if (depth_of(path) > export->limits->depth)
		return kj_str_fmt(export->arena, "is nested deeper than %zu folders, the limit", export->limits->depth);
	struct kj_held *held = export->held;
	int fd = kj_open_beneath(held->root, path, O_RDONLY | O_DIRECTORY);
	held->dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (held->dir)
		return KJ_STR("");
	int error = errno;
	if (fd >= 0)
		close(fd);
	return kj_errno_words(export->arena, error);
}

static void close_folder(struct kj_held *held)
{
	closedir(held->dir);
	held->dir = NULL;
}

/* Lists the folder that is entry `i`; false at the cap on entries. */
static bool list_entry(struct kj_export *export, kj_entries *entries, size_t i)
{
	kj_str path = entries->at[i].path;
	kj_str problem = open_folder(export, path);
	if (problem.n) {
		entries->at[i].problem = problem;
		kj_warning(export->diags, nowhere, "folder '%.*s' of '%.*s': %.*s: what is in it cannot be known",
		           KJ_FMT(path), KJ_FMT(export->root), KJ_FMT(problem));
		return true;
	}
	bool whole = add_all(export, entries, path);
	close_folder(export->held);
	return whole;
}

static bool list_root(struct kj_export *export, kj_entries *entries)
{
	struct kj_held *held = export->held;
	int fd = openat(held->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	held->dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!held->dir) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	bool whole = add_all(export, entries, KJ_STR(""));
	close_folder(held);
	return whole;
}

static bool list_below(struct kj_export *export, kj_entries *entries)
{
	bool whole = true;
	for (size_t i = 0; whole && i < entries->n; i++) {
		if (entries->at[i].kind == KJ_ENTRY_DIR)
			whole = list_entry(export, entries, i);
	}
	return whole;
}

/* Keeps the folders that are named. */
static void keep_parts(kj_entries *entries, const kj_str *parts, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < entries->n; i++) {
		bool wanted = false;
		for (size_t k = 0; k < n && !wanted; k++)
			wanted = kj_str_eq(entries->at[i].path, parts[k]);
		if (wanted)
			entries->at[kept++] = entries->at[i];
	}
	entries->n = kept;
}

static void say_partial(struct kj_export *export)
{
	export->partial = true;
	kj_error(export->diags, nowhere, "'%.*s' has more than %zu entries, the limit: the rest is not read",
	         KJ_FMT(export->root), export->limits->entries);
}

static bool open_root(struct kj_export *export)
{
	const char *root = kj_str_zero(export->arena, export->root);
	export->held->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (export->held->root < 0) {
		kj_str why = kj_errno_words(export->arena, errno);
		kj_error(export->diags, nowhere, "'%.*s': %.*s", KJ_FMT(export->root), KJ_FMT(why));
		return false;
	}
	return true;
}

bool kj_folder_list(struct kj_export *export, kj_entries *entries, bool deep)
{
	if (!open_root(export))
		return false;
	if (!list_root(export, entries) || (deep && !list_below(export, entries)))
		say_partial(export);
	kj_held_release(export->held);
	return true;
}

bool kj_folder_list_parts(struct kj_export *export, kj_entries *entries, const kj_str *parts, size_t n)
{
	if (!open_root(export))
		return false;
	bool whole = list_root(export, entries);
	keep_parts(entries, parts, n);
	if (!whole || !list_below(export, entries))
		say_partial(export);
	kj_held_release(export->held);
	return true;
}

bool kj_export_is_there(struct kj_arena *arena, kj_str path)
{
	struct stat st;
	return lstat(kj_str_zero(arena, path), &st) == 0;
}
