/* From what got through to the answer: every accepted packet in one class with those who let it in, each class as parts
   that can be written down. */
#ifndef KJ_FIREWALL_PARTS_H
#define KJ_FIREWALL_PARTS_H

#include "firewall/analysis.h"
#include "firewall/eval.h"

/* What a hit stands for in an answer. */
struct kj_fw_decider kj_fw_decider_of(const struct kj_fw_hit *hit);

/* What a base chain at the asked hook let in. */
struct kj_fw_layer {
	struct kj_fw_hits hits;
	bool kept; /* later, none of it was dropped or changed */
};

struct kj_fw_layers {
	KJ_VEC(struct kj_fw_layer) at;
};

/* As many are named for one part; there may be more. */
enum { KJ_FW_DECIDERS_MAX = 8 };

struct kj_fw_class {
	kj_bdd set; /* of protocol, source, destination, port, and (by_oif) leaving interface */
	KJ_VEC(struct kj_fw_decider) deciders;
};

struct kj_fw_classes {
	struct kj_fw_space *space;
	KJ_VEC(struct kj_fw_class) at; /* may overlap until kj_fw_classes_parts parts them */
	size_t work;                   /* comparisons done for overlaps */
	kj_bdd every_oif;              /* the set of all leaving interfaces there are */
};

/* Adds the packets `open`: by whom they were rewritten (or NULL), and what let them in. The sets are of the fields of
   struct kj_fw_class only. */
void kj_fw_classes_add(struct kj_fw_classes *classes, kj_bdd open, const struct kj_fw_rule *by,
                       const struct kj_fw_layers *layers);

/* Writes all classes as parts, apart in `certain` and not. */
void kj_fw_classes_parts(struct kj_fw_classes *classes, kj_bdd certain, struct kj_fw_answer *answer);

#endif
