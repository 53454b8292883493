/* Sources at work on one host: artifacts + parser + precedence -> rows and settings. */
#ifndef KJ_RESOLVE_RESOLVE_H
#define KJ_RESOLVE_RESOLVE_H

#include "export/fleet.h"
#include "parse/parse.h"
#include "policy/policy.h"

/* The five truths of a setting (design §3). */
enum kj_state {
	KJ_STATE_EFFECTIVE,
	KJ_STATE_NOT_IN_FORCE, /* set, but nothing acts on it */
	KJ_STATE_DEFAULT,      /* not set in what was collected: the product's default holds */
	KJ_STATE_ABSENT,       /* the host has no such file */
	KJ_STATE_NOT_COLLECTED,
	KJ_STATE_ERROR, /* there, and could not be read or judged */
};
const char *kj_state_name(enum kj_state state); /* effective, not_in_force, default, absent, not_collected, error */

struct kj_origin {
	const struct kj_text *text; /* NULL: no artifact (a default) */
	uint32_t line, col;
};

struct kj_overridden {
	kj_str value;
	struct kj_origin origin;
};

struct kj_setting {
	kj_str key;   /* in the program's own spelling: sshd in lower case */
	kj_str value; /* the effective one, normalised by the resolver */
	kj_str scope; /* "" is global; sshd: the criteria of the Match */
	/* EFFECTIVE, DEFAULT, NOT_IN_FORCE, ERROR; or NOT_COLLECTED: a file that decides it was not, and `note` says
	   which */
	enum kj_state state;
	struct kj_origin origin;
	bool locked;      /* the user cannot change it (dconf locks, readonly, machine policy) */
	bool lockable;    /* locks have a meaning for this source */
	bool lock_unseen; /* … and what would show them was not collected */
	bool unjudged;    /* shown only: kj_resolved_get does not know it, since nobody can tell whether it holds */
	kj_str note; /* why it is not in force, what is odd ("the file says no: configured, not in force"), or empty */
	KJ_VEC(struct kj_overridden) overrides;
};

/* What a source says about one host. */
struct kj_resolved {
	const struct kj_source *source;
	enum kj_state state; /* of the source as a whole */
	bool refused;   /* NOT_IN_FORCE because the program refuses the file: nothing can be said of the running one */
	kj_str message; /* why, when not EFFECTIVE; names the artifact or the files that were looked for */
	struct kj_origin at; /* the place the message speaks of */
	KJ_VEC(struct kj_setting)
	settings;             /* in order of appearance; a key may stand several times (scopes, accumulated values) */
	struct kj_map by_key; /* key (folded when the source folds) → struct kj_setting_list* */
	const struct kj_rows *rows;           /* what `rows:` sees; never NULL */
	KJ_VEC(struct kj_row) bad;            /* bad lines met */
	KJ_VEC(const struct kj_text *) texts; /* the artifacts that were read */
};
struct kj_setting_list {
	KJ_VEC(const struct kj_setting *) list;
};

/* One host while it is judged. Everything is in its arena. */
struct kj_host {
	struct kj_arena *arena;
	struct kj_export *export;
	const struct kj_program *program;
	struct kj_regex_scratch *scratch;
	struct kj_date today;
	/* Who answers for sources of the fleet: itself, or the organisation, which was asked for all of them before it was
	   shared between threads; NULL: the export belongs to no fleet. */
	struct kj_host *organisation;
	const struct kj_fleet *fleet;        /* of an organisation: whose, … */
	const struct kj_subjects *subjects;  /* … and the hosts among these; NULL: those of an example */
	const struct kj_resolved **resolved; /* by source index; NULL: not asked yet */
	struct kj_map parsed;                /* rows by "parser options path": parsed once */
	const struct kj_packages *packages;  /* NULL: not asked yet */
	struct kj_pam *pam;                  /* PAM's stacks, read once; NULL: not yet */
	struct kj_units *units, *unit_files; /* systemd's units, and what files alone tell of them; the same */
	struct kj_pam_room *pam_room;        /* of resolve/pam_walk.c */
};

struct kj_host *kj_host_new(struct kj_arena *arena, struct kj_export *export, const struct kj_program *program,
                            struct kj_regex_scratch *scratch, struct kj_date today);

/* Resolves a source, once; later calls give the same object. Never NULL. */
const struct kj_resolved *kj_resolve(struct kj_host *host, const struct kj_source *source);

/* The settings of a key: NULL when it is neither set nor has a default. Case as the source says. */
const struct kj_setting_list *kj_resolved_get(const struct kj_resolved *resolved, kj_str key);

/* Checks what policy/ could not see: parser names, their options, resolver names, columns named by rules. Once, after
   loading; false when there were errors. */
bool kj_program_bind(struct kj_program *program, struct kj_diags *diags);

/* ---- for resolvers ---- */

/* A named resolver: fills *out (state ABSENT/NOT_COLLECTED… set by it too). One file, one row in the table of
   resolve.c. */
struct kj_resolver {
	kj_str name;
	void (*run)(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out);
	const char *const *columns; /* of the rows it makes; NULL: the parser's */
	const char *about;
	/* Where the source itself declares them in `with`: its columns, and what is wrong with the declaration. */
	const char *const *(*columns_of)(struct kj_arena *arena, const struct kj_source *source);
	void (*check)(const struct kj_source *source, struct kj_diags *diags);
};
const struct kj_resolver *kj_resolvers(size_t *n);
const struct kj_resolver *kj_resolver_find(kj_str name);

#endif
