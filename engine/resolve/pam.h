/* PAM stacks as libpam runs them, and what can be said of an entry of one. */
#ifndef KJ_RESOLVE_PAM_H
#define KJ_RESOLVE_PAM_H

#include "resolve/work.h"

enum kj_pam_action { KJ_PAM_IGNORE, KJ_PAM_BAD, KJ_PAM_DIE, KJ_PAM_OK, KJ_PAM_DONE, KJ_PAM_RESET, KJ_PAM_JUMP };

/* The return codes of modules that are looked at. */
enum kj_pam_code {
	KJ_PAM_SUCCESS,
	KJ_PAM_NEW_AUTHTOK_REQD,
	KJ_PAM_CODE_IGNORE,
	KJ_PAM_USER_UNKNOWN,
	KJ_PAM_AUTH_ERR,
	KJ_PAM_AUTHTOK_ERR,
	KJ_PAM_PERM_DENIED,
	KJ_PAM_AUTHINFO_UNAVAIL,
	KJ_PAM_SERVICE_ERR,
	KJ_PAM_MAXTRIES,
	KJ_PAM_CODES,
};

struct kj_pam_entry {
	const struct kj_row *row; /* in its file */
	kj_str type, control;     /* in lower case */
	kj_str module;            /* "pam_unix": without folder and .so; of a substack the file's name */
	kj_str path;              /* as written */
	kj_str arg_cell;
	const kj_str *arg;
	size_t args;
	unsigned level; /* of substacks: 0 is the service itself */
	bool substack;  /* only marks where one begins */
	bool silent;    /* "-type": passed over when the module is not installed */
	bool broken;    /* libpam puts a module here that always fails */
	struct {
		enum kj_pam_action action;
		int32_t jump;
	} on[KJ_PAM_CODES]; /* what the control does */
	size_t reach;       /* in a stack of one type: the farthest entry that can come next, 0: only the next one */
};

/* An included file that cannot be spliced in. */
struct kj_pam_missing {
	kj_str name;
	kj_str type; /* of the entries that it would have given; empty: all */
	bool unseen; /* not collected; else the host has none, and libpam refuses the service */
};

/* All entries of one service, includes spliced in. */
struct kj_pam_stack {
	kj_str service;
	kj_str file; /* host path */
	KJ_VEC(struct kj_pam_entry) list;
	KJ_VEC(struct kj_pam_missing) missing;
};

struct kj_pam {
	KJ_VEC(struct kj_pam_stack) stacks; /* by name */
	struct kj_reads reads;              /* what was read, and what could not be seen */
};
struct kj_pam kj_pam_load(struct kj_host *host);
/* The first file with entries of that type (empty: of any) that a stack includes and that was not collected; empty:
   all were. */
kj_str kj_pam_unseen(const struct kj_pam *pam, kj_str type);

/* The entries of one type ("password"), levels kept. */
struct kj_pam_stack kj_pam_of_type(struct kj_host *host, const struct kj_pam_stack *stack, kj_str type);

/* Fills in `on` from the control. */
void kj_pam_learn(struct kj_pam_entry *entry);
/* Fills in `reach` of all entries. */
void kj_pam_measure(struct kj_pam_stack *stack);

/* All of these speak of an entry in a stack of one type. */

/* Can the stack, at entry j, go past entry i > j without calling it and without a failure? *landing: the nearest
   entry it then goes on with, list.n for the end. */
bool kj_pam_passes(const struct kj_pam_stack *stack, size_t j, size_t i, size_t *landing);
/* Does the entry only tell root from others? */
bool kj_pam_asks_for_root(const struct kj_pam_entry *entry);
/* The first entry that lets somebody but root go past entry i, or list.n. */
size_t kj_pam_skipped_by(const struct kj_pam_stack *stack, size_t i);
/* Does the stack as a whole fail when entry i refuses a password? */
bool kj_pam_is_fatal(const struct kj_pam_stack *stack, size_t i);
bool kj_pam_has_arg(const struct kj_pam_entry *entry, kj_str name);
/* The value of the last "name=value" among the arguments; false when there is none. */
bool kj_pam_arg(const struct kj_pam_entry *entry, kj_str name, kj_str *value);

#endif
