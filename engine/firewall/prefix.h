/* Sets of addresses as the fewest prefixes that make them up. */
#ifndef KJ_FIREWALL_PREFIX_H
#define KJ_FIREWALL_PREFIX_H

#include "firewall/analysis.h"

struct kj_fw_prefix {
	struct kj_fw_interval block;
	unsigned free; /* bits behind the prefix */
};

/* Goes through the prefixes of `of`, in order. */
struct kj_fw_prefix_walk {
	const struct kj_fw_intervals *of;
	size_t done;                /* intervals */
	struct kj_fw_interval rest; /* of the present one */
	bool inside;
};

bool kj_fw_prefix_next(struct kj_fw_prefix_walk *walk, struct kj_fw_prefix *out);
size_t kj_fw_prefix_count(const struct kj_fw_intervals *intervals);

/* "192.0.2.0/24", or the address where it is but one. */
enum { KJ_FW_PREFIX_TEXT = KJ_ADDR_TEXT + 4 };
kj_str kj_fw_prefix_str(const struct kj_fw_prefix *prefix, char text[KJ_FW_PREFIX_TEXT]);

/* All values up to `most` that are not in the intervals, which are in order and apart. */
struct kj_fw_intervals kj_fw_complement(struct kj_arena *arena, const struct kj_fw_intervals *intervals,
                                        struct kj_fw_key most);

#endif
