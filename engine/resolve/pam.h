/* PAM stacks as libpam runs them, and what can be said of an entry of one. */
#ifndef KJ_RESOLVE_PAM_H
#define KJ_RESOLVE_PAM_H

#include "resolve/work.h"

enum kj_pam_action { KJ_PAM_IGNORE, KJ_PAM_OK, KJ_PAM_DONE, KJ_PAM_BAD, KJ_PAM_DIE, KJ_PAM_RESET, KJ_PAM_JUMP };

/* Return codes of modules, with the numbers of _pam_types.h. */
enum kj_pam_code {
	KJ_PAM_SUCCESS = 0,
	KJ_PAM_PERM_DENIED = 6,
	KJ_PAM_AUTH_ERR = 7,
	KJ_PAM_MAXTRIES = 11,
	KJ_PAM_NEW_AUTHTOK_REQD = 12,
	KJ_PAM_ACCT_EXPIRED = 13,
	KJ_PAM_SESSION_ERR = 14,
	KJ_PAM_AUTHTOK_ERR = 20,
	KJ_PAM_CODE_IGNORE = 25,
	KJ_PAM_INCOMPLETE = 31, /* goes back to the program at once; nobody returns it */
	KJ_PAM_CODES = 32,
};
#define KJ_PAM_BIT(code)  (UINT32_C(1) << (code))
#define KJ_PAM_ANY_CODE   (~KJ_PAM_BIT(KJ_PAM_INCOMPLETE))
#define KJ_PAM_GOOD_CODES (KJ_PAM_BIT(KJ_PAM_SUCCESS) | KJ_PAM_BIT(KJ_PAM_NEW_AUTHTOK_REQD))

/* What one or several return codes do. */
struct kj_pam_act {
	enum kj_pam_action action;
	int32_t jump;
	uint32_t codes;
};

struct kj_pam_entry {
	const struct kj_row *row; /* in its file */
	kj_str type, control;     /* type in lower case; control as written, without brackets */
	kj_str module;            /* "pam_unix": without folder and .so; of a substack the file's name */
	kj_str path;              /* as written */
	kj_str arg_cell;
	const kj_str *arg;
	size_t args;
	unsigned level;      /* of substacks: 0 is the service itself */
	bool substack;       /* only marks where one begins */
	bool silent;         /* "-type": libpam does not log when it cannot load the module. It fails all the same */
	bool broken;         /* libpam puts something here that always fails */
	const char *problem; /* why it is broken, or what is wrong with its control */
	struct kj_pam_act act[KJ_PAM_CODES]; /* what the control does; codes with the same effect together */
	size_t acts;
};

/* An included file that was not collected. One that the host does not have is a broken entry. */
struct kj_pam_missing {
	kj_str name;
	kj_str type; /* of the entries that it would have given; empty: all */
};

/* All entries of one service, includes spliced in. */
struct kj_pam_stack {
	kj_str service;
	kj_str file; /* host path */
	KJ_VEC(struct kj_pam_entry) list;
	KJ_VEC(struct kj_pam_missing) missing;
	const struct kj_row *refused; /* a line that makes libpam refuse the service as a whole, or NULL */
	const char *problem;
	bool included; /* other files include it: perhaps nobody's service */
	bool is_other; /* of kj_pam_of_type: the entries are those of the service `other` */
};

struct kj_pam {
	KJ_VEC(struct kj_pam_stack) stacks; /* by name */
	struct kj_reads reads;              /* what was read, and what could not be seen */
};
struct kj_pam kj_pam_load(struct kj_host *host);
/* The first file with entries of that type (empty: of any) that a stack includes and that was not collected; empty:
   all were. */
kj_str kj_pam_unseen(const struct kj_pam *pam, kj_str type);

/* The entries of one type ("password"), levels kept. A service that has none gets those of `other`. */
struct kj_pam_stack kj_pam_of_type(struct kj_host *host, const struct kj_pam *pam, const struct kj_pam_stack *stack,
                                   kj_str type);

/* ---- pam_control.c ---- */

/* Fills in `act` from the control; false when libpam cannot read it: then every code is a failure. */
bool kj_pam_control(struct kj_pam_entry *entry);
/* Every code does the same. */
void kj_pam_control_all(struct kj_pam_entry *entry, enum kj_pam_action action);

/* ---- pam_walk.c: all ways through a stack of one type ---- */

/* Some codes that a module may return, and what that makes of the question's own number. */
struct kj_pam_outcome {
	uint32_t codes;
	unsigned mark; /* under KJ_PAM_MARKS; KJ_PAM_FOUND ends the search: this way is what was looked for */
};
enum { KJ_PAM_OUTCOMES = 4, KJ_PAM_MARKS = 8, KJ_PAM_FOUND = KJ_PAM_MARKS };

struct kj_pam_question {
	void *context;
	/* What entry i may return when it is called; the number of outcomes, 0: no way goes on here. */
	size_t (*call)(void *context, size_t i, unsigned mark, struct kj_pam_outcome *out);
	/* Is an end like this what was looked for? */
	bool (*end)(void *context, bool success, unsigned mark);
};
/* Is there a way through the stack that the question looks for? Also true when there are too many ways to tell. */
bool kj_pam_walk(struct kj_host *host, const struct kj_pam_stack *stack, const struct kj_pam_question *question);

/* ---- pam_flow.c: of an entry in a stack of one type ---- */

/* Who the stack runs for. */
enum kj_pam_who { KJ_PAM_USERS, KJ_PAM_ROOT };
/* What a module may return, as far as its name tells. */
uint32_t kj_pam_codes(const struct kj_pam_entry *entry, enum kj_pam_who who);
/* The codes by which a module of that type refuses. */
uint32_t kj_pam_refusals(kj_str type);
/* Can it succeed, for somebody but root, without calling entry i? */
bool kj_pam_is_skippable(struct kj_host *host, const struct kj_pam_stack *stack, size_t i);
/* Can entry i be called at all? */
bool kj_pam_is_reached(struct kj_host *host, const struct kj_pam_stack *stack, size_t i);
/* Does the stack as a whole fail whenever entry i refuses? */
bool kj_pam_is_fatal(struct kj_host *host, const struct kj_pam_stack *stack, size_t i);

bool kj_pam_has_arg(const struct kj_pam_entry *entry, kj_str name);
/* The value of the last "name=value" among the arguments; false when there is none. */
bool kj_pam_arg(const struct kj_pam_entry *entry, kj_str name, kj_str *value);
bool kj_pam_is(const struct kj_pam_entry *entry, const char *module);

/* ---- pam_calls.c ---- */

struct kj_pam_call {
	const struct kj_pam_entry *entry;
	const struct kj_pam_stack *stack; /* the first, of one type, that calls it */
	size_t at;                        /* in that stack */
	kj_str scope; /* the name of the file that holds the line, with the line where it holds several */
};
struct kj_pam_calls {
	KJ_VEC(struct kj_pam_call) list;
};
/* The lines by which stacks of that type can call a module. */
struct kj_pam_calls kj_pam_find_calls(struct kj_host *host, const struct kj_pam *pam, const char *module, kj_str type);

/* Debian and what is made of it: its patches give PAM other defaults. */
bool kj_pam_debian(const struct kj_export *export);

#endif
