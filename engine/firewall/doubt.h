/* Where two dumps are in doubt alike. What depends on a match that the model does not have may be open and may be closed;
   where the same rules, by their text, are the reason in both dumps, and the same rules may let in, it is the same doubt
   and no difference. */
#ifndef KJ_FIREWALL_DOUBT_H
#define KJ_FIREWALL_DOUBT_H

#include "firewall/analysis.h"
#include "firewall/space.h"

/* Cuts for the rules that are in doubt; before kj_fw_space_ready. */
void kj_fw_doubt_cut(struct kj_fw_space *space, const struct kj_fw_ruleset *rs);

/* The packets (protocol, addresses, destination port) that rules in doubt may match which only one of the two dumps has,
   or which stand in another order. A superset. */
kj_bdd kj_fw_doubt_differs(struct kj_fw_space *space, const struct kj_fw_ruleset *a, const struct kj_fw_ruleset *b);

/* The name of a set that rules of both ask for and that neither declares, so that nothing tells whether its elements are
   the same; empty: there is none. */
kj_str kj_fw_doubt_unseen(const struct kj_fw_ruleset *a, const struct kj_fw_ruleset *b);

/* The texts of the deciders, without counters and handles: equal where the same rules decide. */
kj_str kj_fw_doubt_key(struct kj_arena *arena, const struct kj_fw_part *part);

#endif
