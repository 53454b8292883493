/* What the parts of the sshd resolver share. The reference is OpenSSH's servconf.c (9.2p1, and what differs by
   version). */
#ifndef KJ_RESOLVE_SSHD_H
#define KJ_RESOLVE_SSHD_H

#include "resolve/work.h"

enum sshd_flag {
	SSHD_GLOBAL = 1, /* not allowed in a Match block */
	SSHD_LAST = 2,   /* the last line wins */
	SSHD_GATHER = 4, /* every line adds */
	SSHD_MANY = 8,   /* one setting a value; else the values of a line make one */
	SSHD_MUTE = 16,  /* accepted, without effect, never printed */
};

struct sshd_value;

struct sshd_word {
	const char *written, *printed;
};

/* A keyword. */
struct sshd_key {
	kj_str name;
	kj_str printed; /* the name that sshd -T prints; empty: the same */
	bool (*read)(struct sshd_value *value);
	unsigned flags;
	const char *preset; /* the default; NULL: none, or made elsewhere */
	const void *with;   /* what `read` needs: words, the name of an algorithm list */
	const char *since;  /* the version that brought it, where that is after 9.2 */
};

kj_str sshd_key_name(const struct sshd_key *key);
/* Keywords have no case. NULL: there is none. */
const struct sshd_key *sshd_key_find(kj_str keyword);
const struct sshd_key *sshd_keys(size_t *n);

/* The product at work: what decides defaults. */
struct sshd_build {
	struct kj_host *host;
	kj_str version; /* of OpenSSH, "9.2"; empty: unknown */
	bool debian;
};
struct sshd_build sshd_build_of(struct kj_host *host);
/* Is the version known and older (or not)? Unknown: false for both. */
bool sshd_older(const struct sshd_build *build, const char *version);

/* The arguments of one line on their way to what sshd -T prints. */
struct sshd_value {
	const struct sshd_build *build;
	const struct sshd_key *key;
	const kj_str *arg;
	size_t args, used;
	kj_str raw;
	KJ_VEC(kj_str) out;
	kj_str problem;
};
/* False when sshd refuses the line: *problem says why. */
bool sshd_value_read(struct sshd_value *value);

/* ---- sshd_algorithms.c ---- */
enum sshd_list { SSHD_CIPHERS, SSHD_MACS, SSHD_KEX, SSHD_SIGNATURES, SSHD_CA, SSHD_LISTS };
/* The build's default list; empty when it is not known. */
kj_str sshd_algorithms_default(const struct sshd_build *build, enum sshd_list list);
/* kex_assemble_names: what + - ^ and patterns make of the list. False: a name that no version knows (*bad). */
bool sshd_algorithms_expand(const struct sshd_build *build, enum sshd_list list, kj_str written, kj_str *out,
                            kj_str *bad);

/* ---- sshd_match.c ---- */

/* Where a line stands. */
struct sshd_scope {
	kj_str text;   /* the criteria in one spelling; empty: the global part */
	bool all;      /* `Match all` alone */
	bool inactive; /* some criteria that are not `all` */
};
/* Reads what follows Match. False when sshd refuses it. */
bool sshd_match_read(const struct sshd_build *build, kj_str raw, struct sshd_scope *scope, kj_str *problem);
/* The scope of a Match in a file that is included from another scope. */
struct sshd_scope sshd_scope_within(struct kj_arena *arena, struct sshd_scope outer, struct sshd_scope inner);
/* "user@10.1.2.3/8": sshd refuses masks with host bits. */
bool sshd_mask_clean(kj_str list);

/* ---- sshd_apply.c ---- */

struct sshd_line {
	const struct sshd_key *key;
	const struct kj_row *row;
	struct sshd_scope scope;
	const kj_str *value;
	size_t values;
	bool demoted; /* cannot take effect: another line always beats it */
};

struct sshd_config {
	struct kj_host *host;
	struct sshd_build build;
	struct kj_resolved *out;
	KJ_VEC(struct sshd_line) lines; /* in the order in which sshd meets them */
};
/* Lines to settings. */
void sshd_apply(struct sshd_config *config);
/* The captured output of sshd -T takes the place of the global part. */
void sshd_apply_captured(struct sshd_config *config, const struct kj_rows *rows);

#endif
