/* Packets that both sides let in and lead elsewhere: DNAT and REDIRECT. */
#ifndef KJ_FIREWALL_DETOURS_H
#define KJ_FIREWALL_DETOURS_H

#include "firewall/meeting.h"

struct kj_fw_detour {
	kj_bdd set, certain; /* the packets; those of them that surely end elsewhere */
	const struct kj_fw_decider
	        *leads[KJ_FW_SIDES]; /* who rewrites; NULL: nobody. Equal for all answers of a side */
};

struct kj_fw_detours {
	KJ_VEC(struct kj_fw_detour) at;
};

/* What stays as it is for all answers of one meeting; NULL where neither side rewrites. */
struct kj_fw_detouring;

/* Cuts for the addresses and ports that rules lead to; before kj_fw_space_ready. */
void kj_fw_detours_cut(struct kj_fw_space *space, const struct kj_fw_ruleset *rs);

/* Once there are the faces. */
struct kj_fw_detouring *kj_fw_detouring_new(struct kj_fw_meeting *m);

/* Compares the answers of both sides about one interface; either may be NULL: nothing is let in. Packets of different
   detours are apart. False when they were too many, and some are left out. */
bool kj_fw_detours_find(struct kj_fw_detouring *detouring, const struct kj_fw_face *old, const struct kj_fw_face *now,
                        struct kj_fw_detours *out);

#endif
