/* Several artifacts of one host read as one text, for firewalls that need more than one command to tell what they do:
   `show allprofiles` beside `show rule`, `ipset save` beside iptables-save, a file for each zone. Lines are counted
   through; kj_fw_place() leads back. */
#ifndef KJ_FIREWALL_JOIN_H
#define KJ_FIREWALL_JOIN_H

#include "base/diag.h"

struct kj_fw_joined_part {
	const struct kj_text *text;
	uint32_t first; /* the line of the joined text that is the part's first */
};

struct kj_fw_joined {
	struct kj_text text; /* its name is that of the first part */
	KJ_VEC(struct kj_fw_joined_part) parts;
};

/* Joins n > 0 texts in their order, each begun on a line of its own. A byte order mark at the beginning of a part is left
   out. Views of a ruleset read from it lie in the joined bytes, in the arena; of one text alone, in its own. */
const struct kj_fw_joined *kj_fw_join(struct kj_arena *arena, const struct kj_text *const *texts, size_t n);

/* The artifact in which a line of the joined text stands; *line becomes its line there. Line 0 stays: the first
   artifact. */
const struct kj_text *kj_fw_place(const struct kj_fw_joined *joined, uint32_t *line);

/* The same for a ruleset, whether its text was joined or not. */
struct kj_fw_ruleset;
const struct kj_text *kj_fw_ruleset_place(const struct kj_fw_ruleset *rs, uint32_t *line);

#endif
