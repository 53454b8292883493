/* Artifacts: opened without following links, read under the caps, decoded, kept. */
#include "export/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

kj_str kj_base_name(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	return slash < path.n ? kj_str_from(path, slash + 1) : path;
}

kj_str kj_size_words(struct kj_arena *arena, uint64_t bytes)
{
	static const struct {
		uint64_t size;
		const char *name;
	} units[] = {{1024 * 1024 * 1024, "GB"}, {1024 * 1024, "MB"}, {1024, "KB"}};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		uint64_t whole = bytes / units[i].size, tenth = bytes % units[i].size * 10 / units[i].size;
		if (!whole)
			continue;
		if (!tenth)
			return kj_str_fmt(arena, "%llu %s", (unsigned long long)whole, units[i].name);
		return kj_str_fmt(arena, "%llu.%llu %s", (unsigned long long)whole, (unsigned long long)tenth,
		                  units[i].name);
	}
	return kj_str_fmt(arena, "%llu bytes", (unsigned long long)bytes);
}

/* "has 90 MB, the limit is 64 MB"; to the byte when the two would read the same. */
static kj_str too_large(struct kj_arena *arena, uint64_t size, uint64_t limit)
{
	kj_str has = kj_size_words(arena, size), most = kj_size_words(arena, limit);
	if (kj_str_eq(has, most))
		return kj_str_fmt(arena, "has %llu bytes, the limit is %llu", (unsigned long long)size,
		                  (unsigned long long)limit);
	return kj_str_fmt(arena, "has %.*s, the limit is %.*s", KJ_FMT(has), KJ_FMT(most));
}

struct kj_artifact *kj_artifact_without(struct kj_export *export, enum kj_artifact_state state, kj_str name,
                                        kj_str message)
{
	struct kj_artifact *artifact = KJ_NEW(export->arena, struct kj_artifact);
	*artifact = (struct kj_artifact){.state = state, .text = {name, {"", 0}}, .message = message};
	return artifact;
}

typedef KJ_VEC(char) bytes_vec;

/* Reads on to the end; false past the cap, or when the system fails (*error). */
static bool read_to_end(struct kj_export *export, bytes_vec *bytes, int *error)
{
	uint64_t most = export->limits->file_bytes;
	for (;;) {
		KJ_RESERVE(export->arena, bytes, 4096);
		ssize_t n = read(export->held->file, bytes->at + bytes->n, bytes->cap - bytes->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			*error = errno;
		if (n <= 0)
			return n == 0;
		bytes->n += (size_t)n;
		if (bytes->n > most)
			return false;
	}
}

/* Opens the entry's file; 0, or an errno. */
static int open_file(struct kj_export *export, const struct kj_entry *entry)
{
	const char *root = kj_str_zero(export->arena, export->root);
	struct kj_held *held = export->held;
	held->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (held->root < 0)
		return errno;
	held->file = kj_open_beneath(held->root, entry->path, O_RDONLY);
	return held->file < 0 ? errno : 0;
}

/* The content of the open file, or *message. */
static bool read_open(struct kj_export *export, bytes_vec *bytes, kj_str *message)
{
	struct stat st;
	int error = 0;
	if (fstat(export->held->file, &st) != 0 || !S_ISREG(st.st_mode)) {
		*message = KJ_STR("is no regular file");
		return false;
	}
	uint64_t size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	if (size <= export->limits->file_bytes) {
		KJ_RESERVE(export->arena, bytes, (size_t)size + 4096);
		if (read_to_end(export, bytes, &error))
			return true;
		size = bytes->n;
	}
	*message = error ? kj_errno_words(export->arena, error)
	                 : too_large(export->arena, size, export->limits->file_bytes);
	return false;
}

static bool read_file(struct kj_export *export, const struct kj_entry *entry, kj_str *bytes, kj_str *message)
{
	if (entry->content.p) {
		*bytes = entry->content;
		return true;
	}
	bytes_vec content = {0};
	int error = open_file(export, entry);
	bool done = !error && read_open(export, &content, message);
	kj_held_release(export->held);
	if (error)
		*message = kj_errno_words(export->arena, error);
	*bytes = (kj_str){content.at ? content.at : "", content.n};
	return done;
}

kj_str kj_read_head(struct kj_export *export, const struct kj_entry *entry, size_t most)
{
	if (entry->content.p)
		return kj_str_upto(entry->content, most);
	char *bytes = kj_alloc_text(export->arena, most);
	size_t n = 0;
	bool open = entry->kind == KJ_ENTRY_FILE && !entry->listed_only && !open_file(export, entry);
	while (open && n < most) {
		ssize_t got = read(export->held->file, bytes + n, most - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	kj_held_release(export->held);
	return (kj_str){bytes, n};
}

kj_str kj_export_bytes(struct kj_export *export, const struct kj_entry *entry)
{
	kj_str bytes, message;
	bool readable = entry->kind == KJ_ENTRY_FILE && !entry->listed_only && !entry->problem.n;
	return readable && read_file(export, entry, &bytes, &message) ? bytes : (kj_str){NULL, 0};
}

/* Programs print JSON in one line, however long: its reader and the cap on files bound it. */
static bool is_json(kj_str text)
{
	text = kj_str_trim_left(kj_str_upto(text, 256));
	if (kj_str_starts(text, KJ_STR("[")))
		text = kj_str_trim_left(kj_str_from(text, 1));
	return kj_str_starts(text, KJ_STR("{\""));
}

/* Is no line longer than the cap? */
static bool lines_fit(struct kj_export *export, kj_str text, kj_str *message)
{
	if (is_json(text))
		return true;
	size_t number = 0;
	kj_str line;
	while (kj_str_line(&text, &line)) {
		number++;
		if (line.n <= export->limits->line_bytes)
			continue;
		kj_str why = too_large(export->arena, line.n, export->limits->line_bytes);
		*message = kj_str_fmt(export->arena, "line %zu %.*s", number, KJ_FMT(why));
		return false;
	}
	return true;
}

static kj_str refusal(const struct kj_entry *entry)
{
	if (entry->problem.n)
		return entry->problem;
	switch (entry->kind) {
	case KJ_ENTRY_FILE:
		return KJ_STR("");
	case KJ_ENTRY_DIR:
		return KJ_STR("is a folder");
	case KJ_ENTRY_LINK:
		return KJ_STR("is a symbolic link that leads nowhere");
	case KJ_ENTRY_OTHER:
		break;
	}
	return KJ_STR("is a device, pipe or socket");
}

struct kj_artifact *kj_read_entry(struct kj_export *export, const struct kj_entry *entry)
{
	struct kj_artifact *artifact = kj_artifact_without(export, KJ_ARTIFACT_ERROR, entry->path, refusal(entry));
	artifact->entry = entry;
	kj_str bytes;
	if (entry->listed_only)
		artifact->state = KJ_ARTIFACT_NOT_COLLECTED;
	else if (!artifact->message.n && read_file(export, entry, &bytes, &artifact->message) &&
	         kj_decode(export->arena, bytes, &artifact->text.bytes, &artifact->encoding, &artifact->message) &&
	         lines_fit(export, artifact->text.bytes, &artifact->message))
		artifact->state = KJ_ARTIFACT_OK;
	if (artifact->state != KJ_ARTIFACT_OK)
		artifact->text.bytes = KJ_STR("");
	return artifact;
}

static struct kj_artifact *read_missing(struct kj_export *export, kj_str path, const struct kj_trail *trail)
{
	static const enum kj_artifact_state states[] = {
	        [KJ_ABSENT] = KJ_ARTIFACT_ABSENT,
	        [KJ_NOT_COLLECTED] = KJ_ARTIFACT_NOT_COLLECTED,
	        [KJ_UNREADABLE] = KJ_ARTIFACT_ERROR,
	};
	while (kj_str_starts(path, KJ_STR("/")))
		path = kj_str_from(path, 1);
	if (trail->end == KJ_TRAIL_FOUND)
		return kj_artifact_without(export, KJ_ARTIFACT_ERROR, path, KJ_STR("is a folder"));
	path = kj_path_join(export->arena, export->prefix, path);
	return kj_artifact_without(export, states[kj_presence_of(export, trail)], path, trail->problem);
}

/* Where the cache keeps what a trail leads to. No path of an entry starts with a slash; those of nothing do. */
static struct kj_artifact **cached(struct kj_export *export, const struct kj_trail *trail, kj_str path)
{
	bool there = trail->end == KJ_TRAIL_FOUND && trail->entry;
	kj_str key = there ? trail->entry->path : kj_str_fmt(export->arena, "/%.*s", KJ_FMT(path));
	return (struct kj_artifact **)kj_map_at(export->arena, &export->cache, key);
}

static const struct kj_artifact *read_trail(struct kj_export *export, kj_str path, const struct kj_trail *trail)
{
	struct kj_artifact **kept = cached(export, trail, path);
	if (!*kept)
		*kept = trail->end == KJ_TRAIL_FOUND && trail->entry ? kj_read_entry(export, trail->entry)
		                                                     : read_missing(export, path, trail);
	return *kept;
}

const struct kj_artifact *kj_export_read(struct kj_export *export, kj_str path)
{
	struct kj_trail trail = kj_trail_follow(export, path, KJ_SPACE_HOST);
	return read_trail(export, path, &trail);
}

const struct kj_artifact *kj_read_cached(struct kj_export *export, const struct kj_entry *entry)
{
	struct kj_trail trail = kj_trail_follow(export, entry->path, KJ_SPACE_EXPORT);
	return read_trail(export, entry->path, &trail);
}
