/* Files that complete each other, as one dump: `ipset save` and the dump of iptables whose rules name its sets; what netsh
   says of rules and of profiles, and the objects of PowerShell; the files of firewalld. Those of one folder belong to one
   host. */
#ifndef KJ_FIREWALL_GATHER_H
#define KJ_FIREWALL_GATHER_H

#include "firewall/join.h"

struct kj_fw_gathered {
	KJ_VEC(const struct kj_fw_joined *) at;
};

/* Sorts n texts, whose names are paths, into dumps: each stands alone, or with those that it takes to be understood; in
   the order of the first of each. A text of no known dialect stands alone: kj_fw_read says so. */
void kj_fw_gather(struct kj_arena *arena, const struct kj_text *const *texts, size_t n, struct kj_fw_gathered *out);

#endif
