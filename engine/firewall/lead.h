/* Where the rules that rewrite destinations (DNAT, REDIRECT) lead. */
#ifndef KJ_FIREWALL_LEAD_H
#define KJ_FIREWALL_LEAD_H

#include "firewall/analysis.h"

/* What a decider rewrites; NULL for NULL, a policy, and a rule that rewrites nothing. */
const struct kj_fw_rewrite *kj_fw_lead(const struct kj_fw_decider *decider);

/* Whether packets keep the address that they were sent to; NULL: as sent. */
bool kj_fw_lead_keeps_address(const struct kj_fw_rewrite *rewrite);

/* The new addresses of the family (4 or 6), tidy; none where they are not known, where it leads to the host itself, and
   where the address is kept. */
struct kj_fw_intervals kj_fw_lead_to(struct kj_arena *arena, const struct kj_fw_rewrite *rewrite,
                                     unsigned char version);

/* "10.30.0.10 port 22", "port 22", "the host itself", "an address that is not known", "where they were sent". */
kj_str kj_fw_lead_words(struct kj_arena *arena, const struct kj_fw_decider *decider, unsigned char version);

#endif
