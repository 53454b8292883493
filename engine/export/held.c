/* Opening what is below a folder without leaving it, and closing what was opened. */
#include "export/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void kj_held_release(struct kj_held *held)
{
	if (held->dir)
		closedir(held->dir);
	held->dir = NULL;
	close_one(&held->file);
	close_one(&held->root);
}

static void release(void *held)
{
	kj_held_release(held);
}

struct kj_held *kj_held_new(struct kj_arena *arena)
{
	struct kj_held *held = KJ_NEW(arena, struct kj_held);
	*held = (struct kj_held){.root = -1, .file = -1};
	kj_defer(arena, release, held);
	return held;
}

/* One component, as openat(2) wants it. */
static int open_part(int folder, kj_str part, int flags)
{
	char name[NAME_MAX + 1];
	if (part.n > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, part.p, part.n);
	name[part.n] = '\0';
	return openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int kj_open_beneath(int root, kj_str path, int flags)
{
	int folder = root;
	kj_str part;
	while (kj_str_cut(&path, '/', &part)) {
		bool last = !path.p;
		int fd = open_part(folder, part, last ? flags : O_RDONLY | O_DIRECTORY);
		int error = errno;
		if (folder != root)
			close(folder);
		errno = error;
		if (fd < 0 || last)
			return fd;
		folder = fd;
	}
	errno = ENOENT;
	return -1;
}

static const struct {
	int error;
	kj_str words;
} words[] = {
        {EACCES, KJ_STR_INIT("permission denied")},
        {EPERM, KJ_STR_INIT("permission denied")},
        {ENOENT, KJ_STR_INIT("was there and has gone while it was read")},
        {ELOOP, KJ_STR_INIT("has become a symbolic link while it was read")},
        {ENOTDIR, KJ_STR_INIT("has changed while it was read")},
        {ENXIO, KJ_STR_INIT("is a device, pipe or socket")},
        {EIO, KJ_STR_INIT("the disk gave a read error")},
        {EMFILE, KJ_STR_INIT("too many files are open")},
        {ENFILE, KJ_STR_INIT("too many files are open")},
};

kj_str kj_errno_words(struct kj_arena *arena, int error)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].error == error)
			return words[i].words;
	}
	char text[128];
	if (strerror_r(error, text, sizeof text))
		return kj_str_fmt(arena, "the system gave error %d", error);
	text[0] = kj_lower(text[0]);
	return kj_str_copy(arena, kj_str_of(text));
}
