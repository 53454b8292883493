/* Exports: what was collected from one subject. A folder now, archives later: both become an index of entries that is
   resolved in memory, so that no path, link or `..` leads out of the export. */
#ifndef KJ_EXPORT_EXPORT_H
#define KJ_EXPORT_EXPORT_H

#include "base/diag.h"
#include "base/map.h"
#include "doc/doc.h"

enum kj_entry_kind { KJ_ENTRY_FILE, KJ_ENTRY_DIR, KJ_ENTRY_LINK, KJ_ENTRY_OTHER };

struct kj_entry {
	kj_str path; /* inside the export, no leading slash, '/' between */
	enum kj_entry_kind kind;
	uint64_t size;
	kj_str target; /* of a link */
	/* From a manifest, else from the file system (`stat_trusted` false: the copy's owner, not the host's). */
	uint32_t mode;
	kj_str owner, group; /* names, or decimal ids */
	bool stat_trusted;
	kj_str content;   /* of an export that is held in memory; p NULL: on disk */
	bool listed_only; /* only a manifest tells of it: its content was not collected */
	kj_str problem;   /* of a folder: why what is in it could not be listed; empty: it could */
};

/* Is an artifact there, and if not, what does that mean? */
enum kj_presence {
	KJ_PRESENT,
	KJ_ABSENT,        /* the export shows that the host has none */
	KJ_NOT_COLLECTED, /* nothing shows whether the host has one */
	KJ_UNREADABLE,    /* below a folder that could not be listed, or a loop of links: kj_export_read says why */
};

/* What was collected, decided from evidence. */
struct kj_export {
	kj_str root;     /* the folder on this machine, as given */
	kj_str name;     /* of the subject: fleet.yml, the host's own hostname artifact, else the folder's name */
	kj_str kind;     /* host, pc, account, firewall, organisation; as far as the evidence tells, else pc for a PC's
	                    system and host */
	kj_str platform; /* linux, windows, macos, network, aws …; empty: unknown */
	kj_str distro;   /* os-release ID, e.g. debian; empty: unknown */
	kj_str distro_like;
	kj_str distro_version; /* VERSION_ID */
	kj_str layout;         /* rootfs, etc (the root is the host's /etc), sosreport, insights, windows, bag, file */
	kj_str prefix; /* where the host's `/` is below the root: "" or "host/" or "rootfs/"; ends with '/' unless empty
	                */
	bool complete_etc;              /* etc/ is a full copy: a file missing there is missing on the host */
	bool as_root;                   /* who collected could read what only root can */
	bool partial;                   /* a cap was hit while listing: nothing is shown absent */
	bool lists_root, lists_etc;     /* a manifest lists all of / or of /etc */
	const struct kj_entry *entries; /* sorted by path */
	size_t entry_count;
	struct kj_map by_path;
	struct kj_map cache; /* decoded artifacts by path */
	struct kj_map heads; /* the beginnings of files that were looked into by name */
	struct kj_arena *arena;
	struct kj_diags *diags; /* what was odd about the export itself */
	const struct kj_export_limits *limits;
	struct kj_held *held; /* what is open at the moment */
	const struct kj_capture_place *captures; /* where captured output may be (command.c); NULL: not looked for yet */
	size_t capture_count;
};

struct kj_export_limits {
	uint64_t file_bytes; /* 64 MiB: a larger artifact is an error when a rule needs it */
	size_t line_bytes;   /* 1 MiB */
	size_t entries;      /* 500,000 */
	size_t depth;        /* 64 folders */
};
extern const struct kj_export_limits kj_export_limits_default;

/* Is there something at a path, readable or not? */
bool kj_export_is_there(struct kj_arena *arena, kj_str path);

/* Opens a folder (or a single dump file, layout "file") and indexes it. `name`: of the subject, empty to find it in the
   export. `limits` NULL: the default ones; they must live as long as the export. NULL and an error in diags: not there,
   not readable, empty. Symbolic links are recorded, never followed by the operating system. */
struct kj_export *kj_export_open(struct kj_arena *arena, kj_str path, kj_str name,
                                 const struct kj_export_limits *limits, struct kj_diags *diags);

/* What the organisation keeps in a fleet's folder: registers/ and records/, and nothing of its hosts. Kind, platform and
   layout are `organisation`. As kj_export_open. */
struct kj_export *kj_export_open_organisation(struct kj_arena *arena, kj_str fleet, kj_str name,
                                              const struct kj_export_limits *limits, struct kj_diags *diags);

/* An export held in memory, for examples in policies: paths inside the export, texts as the files' bytes. The files must live as long as the export. A
   file `manifest.tsv` gives owners and modes as in a folder. */
struct kj_memory_file {
	kj_str path, text;
};
struct kj_export *kj_export_of_files(struct kj_arena *arena, const struct kj_memory_file *files, size_t n, kj_str name,
                                     const struct kj_export_limits *limits, struct kj_diags *diags);

/* A path of the host ("/etc/ssh/sshd_config" or without the slash) to its entry, links followed inside the export
   (absolute ones from the host's root). NULL when there is nothing; *why (may be NULL) then tells absent from not
   collected. A link that leads nowhere inside the export: NULL, KJ_NOT_COLLECTED (its target was not collected), unless
   the target itself is shown absent. An entry with `listed_only` is found all the same: the host has it, and only its
   content is missing. */
const struct kj_entry *kj_export_find(const struct kj_export *export, kj_str path, enum kj_presence *why);

/* The entries (links followed; no folders) whose host path matches a glob, in byte order of their paths; a leading dot
   must be written, as for glob(3). A link whose target was not collected is listed as the link itself: kj_export_read
   of its path says so. *presence: KJ_PRESENT when some match or their folder was collected; else as for a single path.
   KJ_UNREADABLE, also when some match: a folder on the way could not be listed (`problem`). */
struct kj_entry_list {
	KJ_VEC(const struct kj_entry *) list; /* what was found (after links) */
	KJ_VEC(kj_str) paths;                 /* the host path that matched (no leading slash), same order */
	kj_str problem;
};
struct kj_entry_list kj_export_glob(const struct kj_export *export, struct kj_arena *arena, kj_str glob,
                                    enum kj_presence *presence);

/* What stands in a folder, itself, in byte order: links not followed, folders and names with a leading dot too. *presence:
   KJ_PRESENT when the folder was collected, even if nothing is in it; else as for kj_export_glob. */
struct kj_entry_list kj_export_list(const struct kj_export *export, struct kj_arena *arena, kj_str folder,
                                    enum kj_presence *presence);

/* An artifact's text: decoded to UTF-8 (BOM, UTF-16LE/BE, CP932 recognised), read once and kept. */
enum kj_artifact_state {
	KJ_ARTIFACT_OK,
	KJ_ARTIFACT_ABSENT,
	KJ_ARTIFACT_NOT_COLLECTED,
	KJ_ARTIFACT_ERROR, /* it is there and could not be read: `message` says why */
};
struct kj_artifact {
	enum kj_artifact_state state;
	struct kj_text text; /* name: the path inside the export, so that a person finds it there */
	kj_str message;      /* in plain words: "is a folder", "is binary", "has 90 MB, the limit is 64 MB", "permission
	                        denied", … */
	kj_str encoding;     /* utf-8, utf-16le, utf-16be, cp932, 8bit (none of these: bytes as they are), binary */
	const struct kj_entry *entry;
};
const struct kj_artifact *kj_export_read(struct kj_export *export, kj_str path);
/* The bytes of an entry as they are, for the few binary files that have a reader. p NULL: not a file, not collected, or
   larger than the limit. */
kj_str kj_export_bytes(struct kj_export *export, const struct kj_entry *entry);

/* The captured output of a command ("sshd -T", "ss -tulpn", "secedit /export"), found by its name in whatever spelling
   collectors use: captured/, commands/, sos_commands/, insights_commands/, or at the top level; `sshd_-T`,
   `sshd-T.txt`, `sshd_T.out`. All words must be there: "sysctl -a" is not `sysctl_-a_--deprecated`. Letter case decides
   only between two that are there. State KJ_ARTIFACT_NOT_COLLECTED when there is none. */
const struct kj_artifact *kj_export_command(struct kj_export *export, kj_str command);

/* The captured outputs of a command with further words behind it ("sshd -T -C" and a connection), by name. */
struct kj_captured {
	const struct kj_artifact *artifact;
	kj_str rest; /* of the file's name behind the command, as it is spelled there */
};
size_t kj_export_command_all(struct kj_export *export, kj_str command, const struct kj_captured **out);

/* The first artifact (in byte order) among those whose base name matches one of the globs (separated by blanks, case
   folded) and whose text begins like `sniff` (a literal that must occur in the first 4 KiB; empty: anything): the way
   of Windows bags of files. When there is none: the first of that name that could not be read (KJ_ARTIFACT_ERROR), else
   KJ_ARTIFACT_NOT_COLLECTED. Never NULL. */
const struct kj_artifact *kj_export_named(struct kj_export *export, kj_str globs, kj_str sniff);
/* All of them, and those of that name that could not be read (binary ones only when `sniff` is empty). */
size_t kj_export_named_all(struct kj_export *export, kj_str globs, kj_str sniff, const struct kj_artifact ***out);

/* Decoding alone, for tests and single files. *encoding as in kj_artifact. False and *message for binary data. */
bool kj_decode(struct kj_arena *arena, kj_str bytes, kj_str *out, kj_str *encoding, kj_str *message);

#endif
