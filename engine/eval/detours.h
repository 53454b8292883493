/* Where two dumps lead the same packets: the same may be let in by both, and end elsewhere (DNAT, REDIRECT). */
#ifndef KJ_EVAL_DETOURS_H
#define KJ_EVAL_DETOURS_H

#include "firewall/analysis.h"

/* Packets that both dumps let in and rewrite differently. */
struct kj_detour {
	struct kj_fw_part part;                /* the packets as sent, of the present dump */
	const struct kj_fw_decider *now, *old; /* who rewrites; NULL: nobody */
	bool certain;                          /* each of them surely does */
};

struct kj_detours {
	KJ_VEC(struct kj_detour) at;
};

/* Compares two rulesets for one family (4 or 6), interface by interface. Everything lives in the arena. False when a limit was reached. */
bool kj_detours_find(struct kj_arena *arena, const struct kj_fw_ruleset *old, const struct kj_fw_ruleset *now,
                     unsigned char version, struct kj_detours *out);

#endif
