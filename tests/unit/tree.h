/* Trees of files for tests, in a folder of their own. */
#ifndef KJ_TESTS_TREE_H
#define KJ_TESTS_TREE_H

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree {
	struct kj_arena *arena;
	char root[64];
};

static inline const char *tree_path(struct tree *tree, const char *path)
{
	return kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%s/%s", tree->root, path));
}

static inline void tree_begin(struct tree *tree)
{
	tree->arena = kj_arena_new(256 * KJ_MIB);
	strcpy(tree->root, "/tmp/kijun-test-XXXXXX");
	if (!mkdtemp(tree->root) || chmod(tree->root, 0755) != 0)
		abort();
}

static inline void tree_remove(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	for (struct dirent *d; dir && (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			tree_remove(fd, d->d_name);
	}
	if (dir)
		closedir(dir);
	unlinkat(folder, name, dir ? AT_REMOVEDIR : 0);
}

static inline void tree_end(struct tree *tree)
{
	tree_remove(AT_FDCWD, tree->root);
	kj_arena_free(tree->arena);
}

/* The folders that the path needs. */
static inline void tree_parents(struct tree *tree, const char *path)
{
	char *full = kj_alloc_text(tree->arena, strlen(path) + 80);
	strcpy(full, tree_path(tree, path));
	for (char *p = full + strlen(tree->root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(full, 0755) != 0 && errno != EEXIST)
			abort();
		*p = '/';
	}
}

static inline void tree_bytes(struct tree *tree, const char *path, kj_str bytes)
{
	tree_parents(tree, path);
	FILE *f = fopen(tree_path(tree, path), "wb");
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
		abort();
}

static inline void tree_file(struct tree *tree, const char *path, const char *text)
{
	tree_bytes(tree, path, kj_str_of(text));
}

static inline void tree_dir(struct tree *tree, const char *path)
{
	tree_file(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%s/x", path)), "");
	remove(tree_path(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%s/x", path))));
}

static inline void tree_link(struct tree *tree, const char *path, const char *target)
{
	tree_parents(tree, path);
	if (symlink(target, tree_path(tree, path)) != 0)
		abort();
}

/* A whole copy of /etc, as far as the evidence for it goes. */
static inline void tree_etc(struct tree *tree, const char *prefix)
{
	static const char *const files[][2] = {
	        {"etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"},
	        {"etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"},
	        {"etc/group", "root:x:0:\n"},
	        {"etc/login.defs", "PASS_MAX_DAYS 99999\n"},
	        {"etc/hostname", "web01\n"},
	        {"etc/hosts", "127.0.0.1 localhost\n"},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		tree_file(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%s%s", prefix, files[i][0])),
		          files[i][1]);
}

static inline int open_descriptors(void)
{
	int n = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

#endif
