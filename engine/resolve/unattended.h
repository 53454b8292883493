/* The parts of the source `unattended_upgrades`. */
#ifndef KJ_RESOLVE_UNATTENDED_H
#define KJ_RESOLVE_UNATTENDED_H

#include "resolve/work.h"

/* What unattended-upgrade may take packages from. */
struct kj_origins {
	KJ_VEC(struct kj_setting) patterns; /* as "origin=Debian,label=Debian-Security", without variables */
	bool known;                         /* we know where this distribution has its security updates */
	bool security;                      /* one of them lets these in */
	kj_str broken;                      /* why unattended-upgrade stops; empty: it does not */
	struct kj_origin broken_at;
};

struct kj_origins kj_origins_read(struct kj_host *host, const struct kj_resolved *apt);

/* Does the program run that a unit starts? */
enum kj_running { KJ_RUNNING, KJ_NOT_RUNNING, KJ_RUNNING_UNSEEN };
/* By the source `units`: whether a timer is enabled. */
enum kj_running kj_timer_runs(struct kj_host *host, kj_str name);

#endif
