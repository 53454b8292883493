/* What the parts of the sshd resolver share. */
#ifndef KJ_RESOLVE_SSHD_H
#define KJ_RESOLVE_SSHD_H

#include "resolve/openssh.h"

extern const struct openssh_keys sshd_keys;

/* ---- sshd_match.c ---- */

/* Where a line stands. */
struct sshd_scope {
	kj_str text;   /* the criteria in one spelling; empty: the global part */
	bool all;      /* `Match all` alone */
	bool inactive; /* some criteria that are not `all` */
};
/* Reads what follows Match. False when sshd refuses it. */
bool sshd_match_read(const struct openssh_build *build, struct openssh_args args, struct sshd_scope *scope,
                     kj_str *problem);
/* The scope of a Match in a file that is included from another scope. */
struct sshd_scope sshd_scope_within(struct kj_arena *arena, struct sshd_scope outer, struct sshd_scope inner);

/* ---- sshd_apply.c ---- */

struct sshd_line {
	const struct openssh_key *key;
	const struct kj_row *row;
	struct sshd_scope scope;
	const kj_str *value;
	size_t values;
	bool demoted;   /* cannot take effect: another line always beats it */
	kj_str written; /* its first argument, as it stands */
};

struct sshd_config {
	struct kj_host *host;
	struct openssh_build build;
	struct kj_resolved *out;
	KJ_VEC(struct sshd_line) lines; /* in the order in which sshd meets them */
	size_t policy_unseen;           /* how many lines stood before crypto-policies' file, + 1; 0: it was seen */
	bool sure;                      /* all files were seen: what no line says is not configured */
};
/* Lines to settings. */
void sshd_apply(struct sshd_config *config);

/* ---- sshd_command.c ---- */
#define SSHD_POLICY "etc/crypto-policies/back-ends/opensshserver.config"

/* What sshd is started with. */
struct sshd_command {
	KJ_VEC(const struct kj_rows *) lines; /* of -o and the like, one row each */
	kj_str file;                          /* -f; empty: the usual one */
	bool port;                            /* -p: Port in the file is passed over */
	bool policy_unseen;
	kj_str unseen; /* what could not be seen of it; empty: nothing */
};
void sshd_command_read(struct sshd_config *config, struct sshd_command *out);
/* Is it a keyword that crypto-policies sets? */
bool sshd_is_policy_key(const struct openssh_key *key);
void sshd_apply_unseen_policy(struct sshd_config *config);

/* ---- sshd_captured.c ---- */
/* The captured output of sshd -T takes the place of the global part. */
void sshd_apply_captured(struct sshd_config *config, const struct kj_rows *rows);
/* That of sshd -T -C … adds a scope for its connection. */
void sshd_apply_connection(struct sshd_config *config, kj_str connection, const struct kj_rows *rows);

#endif
