/* What the files of this layer share. */
#ifndef KJ_EXPORT_INTERNAL_H
#define KJ_EXPORT_INTERNAL_H

#include "base/buf.h"
#include "export/export.h"

#include <dirent.h>

/* --- held.c: descriptors --- */

/* What is open while memory is taken. Should the arena run over its cap in between, they are closed when it goes. */
struct kj_held {
	int root, file; /* -1: none */
	DIR *dir;
};
struct kj_held *kj_held_new(struct kj_arena *arena);
/* Closes all of it. */
void kj_held_release(struct kj_held *held);

/* Opens a path below the folder `root`, refusing symbolic links in every component. -1 and errno. */
int kj_open_beneath(int root, kj_str path, int flags);
/* An errno in plain words: "permission denied". */
kj_str kj_errno_words(struct kj_arena *arena, int error);

/* --- folder.c --- */

typedef KJ_VEC(struct kj_entry) kj_entries;

/* Lists everything below the export's root into *entries, or (`deep` false) what is directly in it. False and an error
   in diags when the root itself cannot be listed. */
bool kj_folder_list(struct kj_export *export, kj_entries *entries, bool deep);
/* The same of some folders directly in the root only: them and everything below. */
bool kj_folder_list_parts(struct kj_export *export, kj_entries *entries, const kj_str *parts, size_t n);

/* --- index.c --- */

/* Sorts the entries and makes them the export's. */
void kj_index_set(struct kj_export *export, kj_entries *entries);
/* By the path inside the export; links not followed. */
const struct kj_entry *kj_index_get(const struct kj_export *export, kj_str path);
/* The position of the first entry whose path starts with `prefix`, or where it would be. */
size_t kj_index_from(const struct kj_export *export, kj_str prefix);
/* What every path below a folder starts with: its path and a slash. */
kj_str kj_index_below(struct kj_arena *arena, kj_str key);
kj_str kj_path_join(struct kj_arena *arena, kj_str folder, kj_str name);

enum kj_trail_end {
	KJ_TRAIL_FOUND,
	KJ_TRAIL_MISSING,
	KJ_TRAIL_NO_FOLDER, /* a part on the way is a file: the host has nothing there */
	KJ_TRAIL_BLOCKED,   /* a folder on the way could not be listed, or links turn in a circle */
};

/* Where following a path ends. */
struct kj_trail {
	enum kj_trail_end end;
	const struct kj_entry *entry; /* found; NULL: the root folder */
	kj_str key;                   /* found: the path inside the export */
	kj_str missing;               /* missing: the host path of the first part that is not there, … */
	kj_str rest;                  /* … and what was to follow it */
	kj_str problem;               /* blocked: by what */
};
enum kj_space { KJ_SPACE_HOST, KJ_SPACE_EXPORT }; /* from the host's root, or from the export's */
/* Memory for the way is taken from the export's arena. */
struct kj_trail kj_trail_follow(const struct kj_export *export, kj_str path, enum kj_space space);

/* --- presence.c --- */

/* Decides complete_etc and as_root from what is there. */
void kj_presence_judge(struct kj_export *export);
/* What it means that a trail did not end at an entry. */
enum kj_presence kj_presence_of(const struct kj_export *export, const struct kj_trail *trail);
/* The same for anything, of whatever name, in a folder that is there. */
enum kj_presence kj_presence_in(const struct kj_export *export, kj_str folder);

/* --- manifest.c --- */

/* Reads manifest.tsv at the export's top, when there is one: trusted modes and owners, entries that were not collected.
 */
void kj_manifest_apply(struct kj_export *export);

/* --- read.c --- */

/* Reads and decodes a file's entry, without the cache. */
struct kj_artifact *kj_read_entry(struct kj_export *export, const struct kj_entry *entry);
/* The first bytes of a file, as they are; empty when it cannot be read. */
kj_str kj_read_head(struct kj_export *export, const struct kj_entry *entry, size_t most);
/* With the cache. The entry may be a link: it is followed inside the export. */
const struct kj_artifact *kj_read_cached(struct kj_export *export, const struct kj_entry *entry);
/* An artifact that has no text. */
struct kj_artifact *kj_artifact_without(struct kj_export *export, enum kj_artifact_state state, kj_str name,
                                        kj_str message);

/* --- named.c --- */

/* Is the path so near the export's top that what lies there is of this host? Deeper down, in a folder that holds everything (a home, a repository), files
   of that name may be of any host. */
bool kj_named_is_near(kj_str path);

/* --- layout.c, host.c --- */

/* layout and prefix, from names alone. */
void kj_layout_detect(struct kj_export *export);
/* Is it a name that output of a Windows tool usually gets? */
bool kj_layout_is_windows_name(struct kj_arena *arena, kj_str name);
/* platform, kind, distro and, when it is not given, the name. */
void kj_host_detect(struct kj_export *export);

/* --- cp932.c --- */

/* Decodes Windows code page 932 (Shift_JIS). Bytes that are none become U+FFFD and are counted in *bad. False: this
 * system cannot. */
bool kj_cp932_decode(struct kj_arena *arena, kj_str bytes, kj_str *out, size_t *bad);

/* --- fleet_yaml.c --- */

struct kj_fleet;
/* Checks the tree of fleet.yml and fills what comes from it. False when there was an error. */
bool kj_fleet_read(struct kj_arena *arena, struct kj_fleet *fleet, struct kj_diags *diags);

/* --- words --- */

/* "90 MB", "512 bytes"; at most one decimal. */
kj_str kj_size_words(struct kj_arena *arena, uint64_t bytes);
/* Without the slashes at the end. */
kj_str kj_path_plain(kj_str path);
/* The last part of a path. */
kj_str kj_base_name(kj_str path);

#endif
