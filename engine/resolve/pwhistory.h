/* The settings of pam_pwhistory as one call of it has them. */
#ifndef KJ_RESOLVE_PWHISTORY_H
#define KJ_RESOLVE_PWHISTORY_H

#include "resolve/pam.h"

enum kj_pwh { KJ_PWH_REMEMBER, KJ_PWH_RETRY, KJ_PWH_ENFORCE_FOR_ROOT, KJ_PWH_FILE, KJ_PWH_KEYS };

struct kj_pwh_value {
	kj_str text;
	int64_t num;
	bool set;
	struct kj_origin origin;
	KJ_VEC(struct kj_overridden) overrides;
};

struct kj_pwhistory {
	struct kj_pwh_value value[KJ_PWH_KEYS];
	kj_str unseen; /* its file, when that was not collected */
	struct kj_reads reads;
	bool no_file; /* this version reads none */
};
/* Defaults, then pwhistory.conf, then the arguments. */
struct kj_pwhistory kj_pwhistory_of(struct kj_host *host, const struct kj_pam_entry *entry);

#endif
