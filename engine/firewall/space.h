/* The packet space of one question: every field's values are cut where some rule or the question tells values apart,
   and each piece gets its number (rank). Exact, keeps the order, and makes IPv4, IPv6 and ports alike a few bits wide.
   Sets of packets are decision diagrams over the bits of the ranks. */
#ifndef KJ_FIREWALL_SPACE_H
#define KJ_FIREWALL_SPACE_H

#include "firewall/bdd.h"
#include "firewall/model.h"

/* One field: piece i holds the values cut[i] .. cut[i+1]-1 (the last one up to the field's greatest value). */
struct kj_fw_axis {
	KJ_VEC(struct kj_fw_key) cuts; /* sorted, the first is 0; interfaces: unused */
	size_t n;                      /* pieces; 1: nobody asks for the field */
	unsigned bits, var;            /* variables var .. var+bits-1, the most significant bit first */
};

struct kj_fw_space {
	struct kj_arena *arena;
	struct kj_arena *results; /* for answers; the same, unless somebody wants them to live longer */
	struct kj_arena *scratch; /* for what one question needs; cleared before the next one */
	const struct kj_fw_ruleset *rs;
	unsigned char version; /* 4 or 6 */
	struct kj_fw_axis axis[KJ_FW_FIELDS];
	uint32_t *iface_rank,
	        *iface_last;  /* of each interface name: its rank, and the rank of the last one that it covers */
	unsigned char *group; /* the field of each variable */
	struct kj_bdd_store *bdd;
	const struct kj_fw_set *narrow[KJ_FW_FIELDS]; /* kj_fw_space_narrow */
	struct kj_map cut_sets, known_sets;           /* large sets whose cuts are made; whose diagrams are */
};

/* The number that stands for "no interface" (what -i sees on output, -o on input). */
uint32_t kj_fw_no_iface(const struct kj_fw_ruleset *rs);

/* Steps of making one: begin; cut for every constant of the question; then all the rules' constants and the variables
   in `ready`. */
struct kj_fw_space *kj_fw_space_begin(struct kj_arena *arena, const struct kj_fw_ruleset *rs, unsigned char version);
void kj_fw_space_cut(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set);
/* Before any cut: no packet of the question has a value outside the set (of one dim), so that values there need not be
   told apart. A question about one address costs little then, however many addresses the rules name. */
void kj_fw_space_narrow(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set);
void kj_fw_space_cut_num(struct kj_fw_space *space, enum kj_fw_field field, uint64_t first, uint64_t last);
void kj_fw_space_ready(struct kj_fw_space *space, size_t max_nodes);

/* The field's greatest value. */
struct kj_fw_key kj_fw_field_most(const struct kj_fw_space *space, enum kj_fw_field field);

/* Whether some rule or the question looks at the field. */
bool kj_fw_space_uses(const struct kj_fw_space *space, enum kj_fw_field field);

/* The packets whose field is in the set (IPv4 elements only in an IPv4 space, and so on), or in first..last; whose
   interface is just this one. The constants must have been cut for. */
kj_bdd kj_fw_space_in(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set);
kj_bdd kj_fw_space_num(struct kj_fw_space *space, enum kj_fw_field field, uint64_t first, uint64_t last);
kj_bdd kj_fw_space_is(struct kj_fw_space *space, enum kj_fw_field field, uint64_t value);
/* The number of the interface of a rank. */
uint32_t kj_fw_space_iface_at(const struct kj_fw_space *space, uint32_t rank);
kj_bdd kj_fw_space_iface(struct kj_fw_space *space, enum kj_fw_field field, uint32_t id);

/* What a rule matches: at least `lo`, at most `up`. */
struct kj_fw_match {
	kj_bdd up, lo;
};
struct kj_fw_match kj_fw_space_match(struct kj_fw_space *space, const struct kj_fw_rule *rule);

/* A function as pieces along one field: `first`..`last` are ranks, `rest` what remains to be asked of later fields;
   pieces where it is false are left out. f must not depend on earlier fields. The pieces lie in `scratch`. */
struct kj_fw_piece {
	uint32_t first, last;
	kj_bdd rest;
};
struct kj_fw_pieces {
	KJ_VEC(struct kj_fw_piece) at;
};
void kj_fw_space_split(struct kj_fw_space *space, kj_bdd f, enum kj_fw_field field, struct kj_fw_pieces *out);
/* The values of ranks first..last. */
struct kj_fw_interval kj_fw_space_values(const struct kj_fw_space *space, enum kj_fw_field field, uint32_t first,
                                         uint32_t last);

#endif
