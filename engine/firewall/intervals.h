/* Sets of addresses or of numbers as lists of intervals. */
#ifndef KJ_FIREWALL_INTERVALS_H
#define KJ_FIREWALL_INTERVALS_H

#include "firewall/analysis.h"

int kj_fw_key_cmp(struct kj_fw_key a, struct kj_fw_key b);
/* Plus one, minus one; they wrap around. */
struct kj_fw_key kj_fw_key_next(struct kj_fw_key key);
struct kj_fw_key kj_fw_key_before(struct kj_fw_key key);

/* Whether the number is in one of the intervals. */
bool kj_fw_intervals_have(const struct kj_fw_intervals *intervals, uint64_t value);

/* Puts them in order and makes neighbours one; all are of one version. */
void kj_fw_intervals_tidy(struct kj_fw_intervals *intervals);

/* `from` without what is in `hole`. */
struct kj_fw_intervals kj_fw_intervals_without(struct kj_arena *arena, const struct kj_fw_intervals *from,
                                               const struct kj_fw_interval *hole);

/* What of `from` (of one version) is in the set (of one dim), tidy; *whole: all of it is. */
struct kj_fw_intervals kj_fw_intervals_meet(struct kj_arena *arena, const struct kj_fw_intervals *from,
                                            const struct kj_fw_set *set, bool *whole);

#endif
