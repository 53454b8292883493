/* Where the packets of a part end up: at the address they were sent to, or where the rule that rewrote them leads. */
#ifndef KJ_EVAL_REACH_H
#define KJ_EVAL_REACH_H

#include "firewall/analysis.h"

struct kj_reach {
	struct kj_fw_intervals dst;     /* addresses; empty: not known */
	struct kj_fw_intervals ports;   /* as in parts: empty for every one */
	const struct kj_fw_decider *by; /* who rewrote; NULL: nobody */
	bool certain;
};

struct kj_reaches {
	KJ_VEC(struct kj_reach) at;
};

/* The ends of a part that lie in the set (NULL: anywhere). Several where it is not certain which rule rewrote. */
struct kj_reaches kj_reaches_in(struct kj_arena *arena, const struct kj_fw_part *part, const struct kj_fw_set *set);

#endif
