/* Policy files on this machine's disk. (Exports have a reader of their own: they are hostile, these are the user's.) */
#include "lib/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MAX = 16, POLICY_FILES_MAX = 10000 };

static struct kj_text *named(struct kj_arena *arena, kj_str path)
{
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	text->name = path;
	return text;
}

static void complain(struct kj_arena *arena, struct kj_diags *diags, kj_str path, const char *what)
{
	struct kj_span span = {.text = named(arena, path)};
	kj_error(diags, span, "%s", what);
}

static ssize_t read_all(int fd, char *to, size_t room)
{
	size_t have = 0;
	while (have < room) {
		ssize_t got = read(fd, to + have, room - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

bool kj_file_read(struct kj_arena *arena, kj_str path, size_t cap, struct kj_text *out, struct kj_diags *diags)
{
	struct stat st;
	const char *name = kj_str_zero(arena, path);
	*out = (struct kj_text){.name = path};
	if (stat(name, &st) != 0) {
		complain(arena, diags, path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		complain(arena, diags, path,
		         S_ISDIR(st.st_mode) ? "this is a folder, a file was wanted" : "this is no regular file");
		return false;
	}
	if ((uint64_t)st.st_size > cap) {
		complain(arena, diags, path, "this file is larger than the limit for policies (4 MiB)");
		return false;
	}
	/* The buffer comes first: an arena that is full must not leave a descriptor behind. */
	char *bytes = kj_alloc_text(arena, (size_t)st.st_size + 1);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read_all(fd, bytes, (size_t)st.st_size);
	int problem = errno;
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		complain(arena, diags, path, strerror(problem));
		return false;
	}
	out->bytes = (kj_str){bytes, (size_t)n};
	return true;
}

kj_str kj_file_identity(struct kj_arena *arena, kj_str path)
{
	struct stat st;
	if (stat(kj_str_zero(arena, path), &st) != 0)
		return (kj_str){0};
	return kj_str_fmt(arena, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
}

/* ---- folders ---- */

static int by_bytes(const void *a, const void *b)
{
	return kj_str_cmp(*(const kj_str *)a, *(const kj_str *)b);
}

static bool is_yaml(kj_str name)
{
	return kj_str_ends(name, KJ_STR(".yml")) || kj_str_ends(name, KJ_STR(".yaml"));
}

static void close_folder(void *folder)
{
	closedir(folder);
}

/* The names in a folder, sorted. An arena that overflows meanwhile closes the folder as it goes. */
static struct kj_paths names_in(struct kj_arena *arena, kj_str path)
{
	struct kj_paths names = {{0}};
	struct kj_arena *reading = kj_arena_new(KJ_MIB);
	DIR *folder = opendir(kj_str_zero(arena, path));
	if (!folder) {
		kj_arena_free(reading);
		return names;
	}
	kj_defer(reading, close_folder, folder);
	for (const struct dirent *e; (e = readdir(folder)) && names.list.n < POLICY_FILES_MAX;) {
		if (e->d_name[0] != '.')
			KJ_PUSH(arena, &names.list, kj_str_copy(arena, kj_str_of(e->d_name)));
	}
	kj_arena_free(reading);
	if (names.list.n)
		qsort(names.list.at, names.list.n, sizeof *names.list.at, by_bytes);
	return names;
}

static void find_below(struct kj_arena *arena, kj_str path, unsigned depth, struct kj_paths *out)
{
	struct kj_paths names = names_in(arena, path);
	for (size_t i = 0; i < names.list.n && out->list.n < POLICY_FILES_MAX; i++) {
		kj_str child = kj_str_fmt(arena, "%.*s/%.*s", KJ_FMT(path), KJ_FMT(names.list.at[i]));
		struct stat st;
		if (stat(kj_str_zero(arena, child), &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH_MAX)
			find_below(arena, child, depth + 1, out);
		else if (S_ISREG(st.st_mode) && is_yaml(child))
			KJ_PUSH(arena, &out->list, child);
	}
}

bool kj_files_find(struct kj_arena *arena, kj_str path, struct kj_paths *out, struct kj_diags *diags)
{
	struct stat st;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (stat(kj_str_zero(arena, path), &st) != 0) {
		complain(arena, diags, path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		KJ_PUSH(arena, &out->list, path);
		return true;
	}
	size_t before = out->list.n;
	find_below(arena, path, 0, out);
	if (out->list.n == before)
		complain(arena, diags, path, "no policy here: no file of this folder ends in .yml or .yaml");
	return out->list.n > before;
}
