/* What the parts of the ssh resolver share. */
#ifndef KJ_RESOLVE_SSH_H
#define KJ_RESOLVE_SSH_H

#include "resolve/openssh.h"

extern const struct openssh_keys ssh_keys;

/* ---- ssh_match.c ---- */

/* Where a line stands. */
struct ssh_scope {
	kj_str text; /* the criteria in one spelling; empty: every connection */
	bool never;  /* none at all */
	bool final;  /* only when ssh reads its files again, after all that it found the first time */
};
/* Both false when ssh refuses the line. */
bool ssh_host_read(struct kj_arena *arena, struct openssh_args args, struct ssh_scope *scope, kj_str *problem);
bool ssh_match_read(const struct openssh_build *build, struct openssh_args args, struct ssh_scope *scope,
                    kj_str *problem);
/* The scope of a Host or Match in a file that is included from another scope. */
struct ssh_scope ssh_scope_within(struct kj_arena *arena, struct ssh_scope outer, struct ssh_scope inner);

/* ---- ssh_apply.c ---- */

struct ssh_line {
	const struct openssh_key *key;
	const struct kj_row *row;
	struct ssh_scope scope;
	const kj_str *value;
	size_t values;
};

struct ssh_config {
	struct kj_host *host;
	struct openssh_build build;
	struct kj_resolved *out;
	kj_str user; /* whose file it is; empty: the system's */
	KJ_VEC(struct ssh_line) lines;
};
/* Lines to settings; with the defaults when the file is the system's. */
void ssh_apply(struct ssh_config *config);

#endif
