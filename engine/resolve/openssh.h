/* What the resolvers of sshd and ssh share: keywords and their values, lists of algorithms, the build. The reference is
   OpenSSH's servconf.c and readconf.c (9.2p1, and what differs by version). */
#ifndef KJ_RESOLVE_OPENSSH_H
#define KJ_RESOLVE_OPENSSH_H

#include "resolve/work.h"

enum openssh_flag {
	OPENSSH_GLOBAL = 1,    /* not allowed in a Match block */
	OPENSSH_LAST = 2,      /* the last line wins */
	OPENSSH_GATHER = 4,    /* every line adds */
	OPENSSH_MANY = 8,      /* one setting a value; else the values of a line make one */
	OPENSSH_MUTE = 16,     /* accepted, without effect, never printed */
	OPENSSH_ANYWHERE = 32, /* heeded in blocks that do not hold, too: ssh forgets to ask */
};

struct openssh_value;

struct openssh_word {
	const char *written, *printed;
};

/* Whose patches are in the build. */
enum openssh_vendor { OPENSSH_ANY, OPENSSH_DEBIAN, OPENSSH_REDHAT, OPENSSH_PATCHED /* both of them */ };

/* A keyword. */
struct openssh_key {
	kj_str name;
	kj_str printed; /* the name that is printed; empty: the same */
	bool (*read)(struct openssh_value *value);
	unsigned flags;
	const char *preset; /* the default; NULL: none, or made elsewhere */
	const void *with;   /* what `read` needs: words, an algorithm list */
	/* The versions that know it: from `since`, and before `until`. NULL: all of them, back to 7.4. Of two rows with
	   a name each holds for its own versions. */
	const char *since, *until;
	enum openssh_vendor vendor;
};

struct openssh_keys {
	const struct openssh_key *at;
	size_t n;
};

/* The product at work: what decides keywords and defaults. */
struct openssh_build {
	struct kj_host *host;
	kj_str version; /* of OpenSSH, "9.2"; empty: unknown */
	bool debian, redhat;
	bool client; /* ssh, not sshd */
};
/* `packages`: what the program is shipped in, NULL at the end. */
struct openssh_build openssh_build_of(struct kj_host *host, const char *const *packages);
/* Is the version known and older (or not)? Unknown: false for both. */
bool openssh_older(const struct openssh_build *build, const char *version);

kj_str openssh_key_name(const struct openssh_key *key);
/* Does the build know the keyword? A build of which nothing is known may know every one. */
bool openssh_key_known(const struct openssh_build *build, const struct openssh_key *key);
/* Does it have a value there? A keyword with another name in older versions is shown by the name that it has now. */
bool openssh_key_shown(const struct openssh_keys *keys, const struct openssh_build *build,
                       const struct openssh_key *key);
/* Keywords have no case. NULL: the build has none of the name. */
const struct openssh_key *openssh_key_find(const struct openssh_keys *keys, const struct openssh_build *build,
                                           kj_str keyword);

/* What follows the keyword of a line. */
struct openssh_args {
	kj_str raw; /* as it stands */
	const kj_str *arg;
	size_t n;
};
struct openssh_args openssh_args_of(const struct openssh_build *build, const struct kj_rows *rows,
                                    const struct kj_row *row);
/* Versions before 8.7 take words for arguments; what `directives` calls bad there may be fine. */
bool openssh_reads_words(const struct openssh_build *build);
/* The criteria of Match with their values, as words. `known`: the names of criteria that take a value, NULL at the
   end. */
struct openssh_args openssh_criteria(const struct openssh_build *build, struct openssh_args args,
                                     const char *const *known);

/* match_pattern of match.c: * and ?, and nothing else is special. */
bool openssh_matches(kj_str pattern, kj_str name);

/* The arguments of one line on their way to what sshd -T and ssh -G print. */
struct openssh_value {
	const struct openssh_build *build;
	const struct openssh_key *key;
	const kj_str *arg;
	size_t args, used;
	kj_str raw;
	KJ_VEC(kj_str) out;
	kj_str problem;
};
/* False when the program refuses the line: *problem says why. */
bool openssh_value_read(struct openssh_value *value);

/* ---- openssh_algorithms.c ---- */
enum openssh_list { OPENSSH_CIPHERS, OPENSSH_MACS, OPENSSH_KEX, OPENSSH_SIGNATURES, OPENSSH_CA, OPENSSH_LISTS };
/* The build's default list; empty when it is not known. */
kj_str openssh_algorithms_default(const struct openssh_build *build, enum openssh_list list);
/* kex_assemble_names: what + - ^ and patterns make of the list. False: a name that no version knows (*bad). */
bool openssh_algorithms_expand(const struct openssh_build *build, enum openssh_list list, kj_str written, kj_str *out,
                               kj_str *bad);

/* "user@10.1.2.3/8": OpenSSH refuses masks with host bits. */
bool openssh_mask_clean(kj_str list);

#endif
