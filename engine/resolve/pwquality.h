/* The settings of libpwquality as one call of pam_pwquality would have them. */
#ifndef KJ_RESOLVE_PWQUALITY_H
#define KJ_RESOLVE_PWQUALITY_H

#include "resolve/pam.h"

enum kj_pwq {
	KJ_PWQ_DIFOK,
	KJ_PWQ_MINLEN,
	KJ_PWQ_DCREDIT,
	KJ_PWQ_UCREDIT,
	KJ_PWQ_LCREDIT,
	KJ_PWQ_OCREDIT,
	KJ_PWQ_MINCLASS,
	KJ_PWQ_MAXREPEAT,
	KJ_PWQ_MAXCLASSREPEAT,
	KJ_PWQ_MAXSEQUENCE,
	KJ_PWQ_GECOSCHECK,
	KJ_PWQ_DICTCHECK,
	KJ_PWQ_USERCHECK,
	KJ_PWQ_USERSUBSTR,
	KJ_PWQ_ENFORCING,
	KJ_PWQ_BADWORDS,
	KJ_PWQ_DICTPATH,
	KJ_PWQ_RETRY,
	KJ_PWQ_ENFORCE_FOR_ROOT,
	KJ_PWQ_LOCAL_USERS_ONLY,
	KJ_PWQ_KEYS,
};

struct kj_pwq_value {
	kj_str text;
	int64_t num;
	bool set;
	struct kj_origin origin;
	KJ_VEC(struct kj_overridden) overrides;
};

struct kj_pwquality {
	struct kj_pwq_value value[KJ_PWQ_KEYS];
	struct kj_reads reads;
	const struct kj_row *stopped; /* the line at which reading ended; NULL: none. Its problem says why */
};

/* Defaults of the installed version, then pwquality.conf.d and pwquality.conf. */
struct kj_pwquality kj_pwquality_read(struct kj_host *host);
/* What the arguments of a pam_pwquality entry change. */
void kj_pwquality_args(struct kj_host *host, struct kj_pwquality *pwq, const struct kj_pam_entry *entry);

/* What credits and classes demand: of pwquality and cracklib alike. Credits as written: below zero a demand, above a
   discount. */
struct kj_credits {
	int64_t minlen, digit, upper, lower, other, minclass;
};
/* The length of the shortest password that passes. */
int64_t kj_credits_shortest(const struct kj_credits *credits);
enum kj_demand { KJ_DEMAND_LETTER, KJ_DEMAND_DIGIT, KJ_DEMAND_SYMBOL };
/* Does every password that passes hold such a character? */
bool kj_credits_demand(const struct kj_credits *credits, enum kj_demand what);

#endif
