/* Captured output of commands. Collectors name the file after the command, each in its own spelling: sos `sshd_-T`,
 * others `sshd-T.txt`. */
#include "export/internal.h"

/* Where to look, best first; empty: the top level itself. */
static const kj_str folders[] = {
        KJ_STR_INIT("captured/"),          KJ_STR_INIT("commands/"), KJ_STR_INIT("sos_commands/"),
        KJ_STR_INIT("insights_commands/"), KJ_STR_INIT(""),
};
#define FOLDERS (sizeof folders / sizeof *folders)

static const kj_str extensions[] = {KJ_STR_INIT(".txt"), KJ_STR_INIT(".out"), KJ_STR_INIT(".log"),
                                    KJ_STR_INIT(".json")};

/* Reads a name as words and marks between them, whatever the marks are: `sshd -T` and `sshd_-T` alike. */
struct spelling {
	kj_str s;
	size_t at;
};

/* The next letter or digit; '_' for any run of other bytes between two of them; -1 at the end. */
static int next_char(struct spelling *spelling)
{
	size_t from = spelling->at;
	kj_str s = spelling->s;
	while (spelling->at < s.n && !kj_is_alnum(s.p[spelling->at]))
		spelling->at++;
	if (spelling->at == s.n)
		return -1;
	if (from && spelling->at > from)
		return '_';
	return (unsigned char)s.p[spelling->at++];
}

enum likeness { UNLIKE, LIKE_FOLDED, LIKE };

static enum likeness compare(kj_str a, kj_str b)
{
	struct spelling left = {a, 0}, right = {b, 0};
	enum likeness likeness = LIKE;
	for (;;) {
		int x = next_char(&left), y = next_char(&right);
		if (x < 0 || y < 0)
			return x == y ? likeness : UNLIKE;
		if (x == y)
			continue;
		if (kj_lower((char)x) != kj_lower((char)y))
			return UNLIKE;
		likeness = LIKE_FOLDED;
	}
}

/* `/usr/sbin/sshd -T` is `sshd -T`. */
static kj_str without_folder(kj_str command)
{
	command = kj_str_trim(command);
	kj_str rest = command, word;
	if (!kj_str_word(&rest, &word))
		return command;
	size_t slash = kj_str_find_last(word, '/');
	return slash < word.n ? kj_str_from(command, slash + 1) : command;
}

static kj_str without_extension(kj_str name)
{
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
		if (kj_str_ends_fold(name, extensions[i]))
			return kj_str_upto(name, name.n - extensions[i].n);
	}
	return name;
}

/* The rank of the folder that the path lies in; FOLDERS: none of them. */
static size_t rank_of(const struct kj_export *export, kj_str path)
{
	if (export->prefix.n && kj_str_starts(path, export->prefix))
		path = kj_str_from(path, export->prefix.n);
	for (size_t i = 0; i + 1 < FOLDERS; i++) {
		if (kj_str_starts(path, folders[i]))
			return i;
	}
	return kj_str_find(path, '/') == path.n ? FOLDERS - 1 : FOLDERS;
}

/* An entry that may be captured output: sources ask for hundreds of commands, and most entries are none. */
struct kj_capture_place {
	const struct kj_entry *entry;
	size_t rank;
};

static void find_places(struct kj_export *export)
{
	KJ_VEC(struct kj_capture_place) list = {0};
	for (size_t i = 0; i < export->entry_count; i++) {
		const struct kj_entry *entry = &export->entries[i];
		size_t rank = entry->kind == KJ_ENTRY_DIR ? FOLDERS : rank_of(export, entry->path);
		if (rank < FOLDERS)
			KJ_PUSH(export->arena, &list, (struct kj_capture_place){entry, rank});
	}
	export->capture_count = list.n;
	export->captures = list.n ? list.at : KJ_NEW(export->arena, struct kj_capture_place);
}

struct best {
	const struct kj_entry *entry;
	enum likeness likeness;
	size_t rank;
};

static void consider(struct best *best, const struct kj_entry *entry, size_t rank, kj_str command)
{
	kj_str name = kj_base_name(entry->path);
	enum likeness likeness = compare(name, command);
	enum likeness shorter = compare(without_extension(name), command);
	if (shorter > likeness)
		likeness = shorter;
	if (likeness > best->likeness || (likeness && likeness == best->likeness && rank < best->rank))
		*best = (struct best){entry, likeness, rank};
}

const struct kj_artifact *kj_export_command(struct kj_export *export, kj_str command)
{
	kj_str wanted = without_folder(command);
	struct best best = {0};
	if (!export->captures)
		find_places(export);
	for (size_t i = 0; wanted.n && i < export->capture_count; i++)
		consider(&best, export->captures[i].entry, export->captures[i].rank, wanted);
	if (best.entry)
		return kj_read_cached(export, best.entry);
	return kj_artifact_without(export, KJ_ARTIFACT_NOT_COLLECTED, command, KJ_STR(""));
}

/* What stands behind the command in a file's name; p NULL: the name does not begin with it, or nothing follows. */
static kj_str rest_of(kj_str name, kj_str command)
{
	struct spelling left = {name, 0}, right = {command, 0};
	for (;;) {
		int y = next_char(&right);
		if (y < 0)
			break;
		if (next_char(&left) != y)
			return (kj_str){NULL, 0};
	}
	kj_str rest = kj_str_from(name, left.at);
	if (!rest.n || kj_is_alnum(rest.p[0]))
		return (kj_str){NULL, 0};
	while (rest.n && !kj_is_alnum(rest.p[0]))
		rest = kj_str_from(rest, 1);
	return rest.n ? rest : (kj_str){NULL, 0};
}

size_t kj_export_command_all(struct kj_export *export, kj_str command, const struct kj_captured **out)
{
	KJ_VEC(struct kj_captured) list = {0};
	if (!export->captures)
		find_places(export);
	for (size_t i = 0; i < export->capture_count; i++) {
		const struct kj_entry *entry = export->captures[i].entry;
		kj_str rest = rest_of(without_extension(kj_base_name(entry->path)), command);
		if (rest.n)
			KJ_PUSH(export->arena, &list, (struct kj_captured){kj_read_cached(export, entry), rest});
	}
	*out = list.at;
	return list.n;
}
