/* What sudo lets the accounts of a host do, for the sources that speak of administrators. */
#ifndef KJ_RESOLVE_SUDOERS_H
#define KJ_RESOLVE_SUDOERS_H

#include "resolve/work.h"

enum kj_sudo_answer { KJ_SUDO_NO, KJ_SUDO_YES, KJ_SUDO_UNKNOWN };

/* What one account gets as root on this host, after aliases, groups, host lists, and the last match. */
struct kj_sudo_user {
	kj_str name;
	enum kj_sudo_answer root;     /* may run any command, a shell, or su as root */
	enum kj_sudo_answer password; /* must give a password for that; NO: NOPASSWD, !authenticate or exempt_group */
	struct kj_origin by;          /* the line that decides; text NULL when root is NO */
	kj_str why; /* "%sudo ALL=(ALL:ALL) ALL" as it was understood; of UNKNOWN: what was not seen */
};

struct kj_sudo {
	/* Of sudo's policy as a whole: EFFECTIVE; ABSENT (no sudoers file); NOT_IN_FORCE (sudo refuses the file: nobody
	   gets anything); NOT_COLLECTED and ERROR (every answer is UNKNOWN). */
	enum kj_state state;
	kj_str message;
	bool elsewhere; /* rules may also come from a directory (nsswitch.conf says sss or ldap), and were not seen */
	KJ_VEC(struct kj_sudo_user) users;    /* every account of /etc/passwd, in its order */
	KJ_VEC(const struct kj_text *) texts; /* the artifacts that were read */
};

const struct kj_sudo *kj_sudo_load(struct kj_host *host);
/* The answer for an account by name: UNKNOWN where it is not in /etc/passwd or nothing can be said. */
struct kj_sudo_user kj_sudo_find(const struct kj_sudo *sudo, kj_str name);

#endif
