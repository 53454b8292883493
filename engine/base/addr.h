/* IP addresses and ranges, version 4 and 6. */
#ifndef KJ_BASE_ADDR_H
#define KJ_BASE_ADDR_H

#include "base/buf.h"

struct kj_addr {
	unsigned char byte[16]; /* network order; the first 4 for version 4, the rest zero */
	unsigned char version;  /* 4 or 6 */
};

struct kj_range {
	struct kj_addr first, last; /* inclusive, same version */
};

bool kj_addr_parse(kj_str s, struct kj_addr *out); /* inet_pton forms; a %zone is refused */
/* "192.0.2.1", "192.0.2.0/24", "192.0.2.0/255.255.255.0", "2001:db8::/32", "192.0.2.1-192.0.2.9". Host bits of a prefix are cleared.
   False also for a mask with holes. */
bool kj_range_parse(kj_str s, struct kj_range *out);
int kj_addr_cmp(const struct kj_addr *a, const struct kj_addr *b); /* version, then value */
bool kj_range_within(const struct kj_range *inner, const struct kj_range *outer);
kj_str kj_addr_str(struct kj_arena *arena, const struct kj_addr *addr);
/* The same into `text`, with a NUL behind it; gives its length. */
#define KJ_ADDR_TEXT 46
size_t kj_addr_write(const struct kj_addr *addr, char text[KJ_ADDR_TEXT]);
/* The shortest: an address, a prefix, or first-last. */
kj_str kj_range_str(struct kj_arena *arena, const struct kj_range *range);

#endif
