/* What modules demand of a new password, and whether every password that a stack stores is held to it. */
#ifndef KJ_RESOLVE_PASSWORD_H
#define KJ_RESOLVE_PASSWORD_H

#include "resolve/pwquality.h"

/* What one module demands. */
struct kj_pw_demand {
	int64_t min_length;
	bool needs[3];    /* by enum kj_demand */
	int64_t remember; /* former passwords that are refused */
	bool root;        /* root is held to it too */
	bool lax;         /* the module only warns; the note says why */
	bool garbled;     /* the module cannot read its options, and fails whatever the password is */
	struct kj_origin length_at, needs_at[3], remember_at;
	kj_str note;
	kj_str whom; /* who is not held to it */
};

/* What the demands are read from, besides the entries. */
struct kj_pw_config {
	struct kj_host *host;
	const struct kj_pwquality *pwquality;
	kj_str unseen; /* a file that a module reads and that was not collected */
};

/* False: the module judges no passwords. */
bool kj_pw_demands(struct kj_pw_config *config, const struct kj_pam_entry *entry, struct kj_pw_demand *demand);
bool kj_pw_judges(const struct kj_pam_entry *entry);
/* Does the module store new passwords? */
bool kj_pw_stores(const struct kj_pam_entry *entry);
/* Can the stack change a password at all? */
bool kj_pw_can_store(struct kj_host *host, const struct kj_pam_stack *stack);

/* ---- password_token.c: the way of a new password from module to module ---- */

/* Is a password that entry i did not accept stored nowhere? *why: else, what lets it through. */
bool kj_pw_holds(struct kj_host *host, const struct kj_pam_stack *stack, size_t i, const struct kj_pw_demand *demand,
                 kj_str *why);
/* The same for root, where `demand->root`. */
bool kj_pw_holds_root(struct kj_host *host, const struct kj_pam_stack *stack, size_t i,
                      const struct kj_pw_demand *demand);

#endif
