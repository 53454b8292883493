/* What the resolvers share: artifacts read once, settings under construction. Private to this layer. */
#ifndef KJ_RESOLVE_WORK_H
#define KJ_RESOLVE_WORK_H

#include "base/buf.h"
#include "base/glob.h"
#include "base/num.h"
#include "resolve/resolve.h"

/* ---- inputs.c: which artifacts, and their rows ---- */

/* An artifact that belongs to a source, in reading order. */
struct kj_read {
	const struct kj_input *input; /* NULL: the resolver found it itself */
	kj_str path;                  /* of the host, no leading slash; of a command: its name */
	const struct kj_artifact *artifact;
	const struct kj_rows *rows;
};

struct kj_reads {
	KJ_VEC(struct kj_read) list; /* what could be read */
	/* What could not be seen. `hidden`: one that decides; `veiled`: only a vendor's folder, which the
	   administrator's files beat. */
	kj_str hidden, veiled;
	const struct kj_artifact *broken; /* there, and unreadable */
	kj_str broken_path;
	kj_str looked_for; /* for messages: all paths and commands */
};

/* The rows of an artifact's text: parsed once for each parser and options. `node`: options as the source writes them,
   or NULL. */
const struct kj_rows *kj_host_rows(struct kj_host *host, const struct kj_artifact *artifact, kj_str parser,
                                   const struct kj_node *node);

/* One host path, added to *reads when it is there. `parser` empty: not parsed. */
enum kj_presence kj_read_path(struct kj_host *host, struct kj_reads *reads, const struct kj_input *input, kj_str path,
                              kj_str parser, const struct kj_node *options);
/* All inputs of a source. `effective` true: only the captured truth of the running program; false: only the others. */
void kj_read_inputs(struct kj_host *host, const struct kj_source *source, bool effective, struct kj_reads *reads);

/* Sets state and message of a source from its reads: ERROR, NOT_COLLECTED, ABSENT or EFFECTIVE. True: there is
   something to resolve. */
bool kj_judge_reads(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out);
/* Did the artifact begin with a byte order mark, which decoding took away? Programs on Linux read it as part of the
   first word. */
bool kj_has_mark(const struct kj_artifact *artifact);
void kj_note_texts(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out);

/* A path without its leading slashes. */
kj_str kj_host_path(kj_str path);

/* Is the host surely one of SUSE's? */
bool kj_export_is_suse(const struct kj_export *export);

/* ---- options.c ---- */

/* The options of a parser from YAML. Mistakes are reported when `diags` is given (bind), and left out. */
const struct kj_parse_options *kj_options_read(struct kj_arena *arena, const struct kj_parser *parser,
                                               const struct kj_node *node, struct kj_diags *diags);

/* ---- settings.c ---- */

struct kj_origin kj_origin_of(const struct kj_row *row);
/* Appends a setting; the pointer is good until the next one. */
struct kj_setting *kj_setting_add(struct kj_host *host, struct kj_resolved *out, kj_str key, kj_str value,
                                  enum kj_state state, struct kj_origin origin);
void kj_setting_override(struct kj_host *host, struct kj_setting *setting, kj_str value, struct kj_origin origin);
/* The first setting of a key in a scope, or NULL. Linear: for few keys. */
struct kj_setting *kj_setting_find(struct kj_resolved *out, kj_str key, kj_str scope);
/* Adds to a setting's note; several are joined by "; ". */
__attribute__((format(printf, 3, 4))) void kj_setting_note(struct kj_host *host, struct kj_setting *setting,
                                                           const char *format, ...);
/* Settles what files configure against `out`, which holds what a captured command says is in force: where both have a
   key in a scope, the file's value becomes an override, with a note ("configured, not in force") when they disagree in
   more than white space; a key that only files have is shown and not judged. Defaults of `files` are passed over. */
void kj_settings_compare(struct kj_host *host, struct kj_resolved *out, const struct kj_resolved *files);
/* Fills by_key. Settings that are `unjudged` are shown but not judged. Called once by resolve.c. */
void kj_settings_index(struct kj_host *host, struct kj_resolved *out);

__attribute__((format(printf, 4, 5))) void kj_resolved_state(struct kj_host *host, struct kj_resolved *out,
                                                             enum kj_state state, const char *format, ...);
/* Marks every setting as not in force, with the source's message as note. */
void kj_settings_out_of_force(struct kj_host *host, struct kj_resolved *out);

/* ---- rows a resolver makes ---- */

/* Empty rows with these columns (NULL at the end). */
struct kj_rows *kj_rows_make(struct kj_host *host, const char *const *columns);
/* A further row with all cells empty; its cells may be filled. */
kj_str *kj_rows_append(struct kj_host *host, struct kj_rows *rows, const struct kj_row *from);
/* A cell of the row added last, whose cells are `cells`, that nobody could see: `why` says it, and tests on the cell are
   unknown. */
void kj_rows_unseen(struct kj_host *host, struct kj_rows *rows, kj_str *cells, size_t column, kj_str why);
/* A further row for all those that may be there and were not seen. */
void kj_rows_add_unseen(struct kj_host *host, struct kj_rows *rows, kj_str why);

/* ---- defaults.c ---- */

/* Does a `when` hold for this host? NULL holds. */
bool kj_when_holds(const struct kj_host *host, const struct kj_node *when);
/* Adds the defaults of the source for keys that are not set, in the global scope. */
void kj_defaults_add(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
bool kj_when_check(const struct kj_node *when, struct kj_diags *diags);

/* The items of a list cell (KJ_PARSE_LIST between them); n 0 for an empty cell. */
size_t kj_cell_items(struct kj_arena *arena, kj_str cell, const kj_str **items);

/* ---- plain.c ---- */
void kj_resolve_plain(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
bool kj_plain_check(const struct kj_source *source, struct kj_diags *diags);

/* ---- systemd.c ---- */
bool kj_systemd_check(const struct kj_source *source, struct kj_diags *diags);

/* ---- the named ones ---- */
void kj_resolve_account(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_aging(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_automatic(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_repos(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_apt(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_apt_sources(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_automatic(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_block_devices(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_dconf(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_exports(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_faillock(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_group(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_lslogins(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_lastlog(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_last_update(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_listening(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_login_defs(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_modprobe(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_packages(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_mounts(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_kscreenlocker(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_pam(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_pam_unix(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_password(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_password_windows(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_pwhistory(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_pwquality(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_registry(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_register(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_repos(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_shell(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_ssh(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_sshd(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_swayidle(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_sysctl(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_systemd(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_sudo_admins(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_sudoers(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_cron(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_timers(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_unit_files(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_units(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_unattended(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_tmux(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_udev(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_usbguard(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_usbguard_rules(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_windows_lock(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
void kj_resolve_xscreensaver(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
extern const char *const kj_account_columns[];
extern const char *const kj_aging_columns[];
extern const char *const kj_apt_columns[];
extern const char *const kj_apt_sources_columns[];
extern const char *const kj_group_columns[];
extern const char *const kj_lastlog_columns[];
extern const char *const kj_lslogins_columns[];
extern const char *const kj_listening_columns[];
/* What `with` declares. */
const char *const *kj_register_columns(struct kj_arena *arena, const struct kj_source *source);
void kj_register_check(const struct kj_source *source, struct kj_diags *diags);
extern const char *const kj_dconf_columns[];
extern const char *const kj_block_devices_columns[];
extern const char *const kj_modprobe_columns[];
extern const char *const kj_packages_columns[];
extern const char *const kj_exports_columns[];
extern const char *const kj_mounts_columns[];
extern const char *const kj_pam_columns[];
extern const char *const kj_cron_columns[];
extern const char *const kj_timers_columns[];
extern const char *const kj_unit_files_columns[];
extern const char *const kj_pam_unix_columns[];
extern const char *const kj_units_columns[];
extern const char *const kj_registry_columns[];
extern const char *const kj_repos_columns[];
extern const char *const kj_udev_columns[];
extern const char *const kj_usbguard_columns[];
extern const char *const kj_sudo_admins_columns[];
extern const char *const kj_sudoers_columns[];
extern const char *const kj_swayidle_columns[];

#endif
