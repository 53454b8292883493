/* From what got through to the answer: every accepted packet in one class with those who let it in, each class as parts
   that can be written down. */
#ifndef KJ_FIREWALL_PARTS_H
#define KJ_FIREWALL_PARTS_H

#include "firewall/analysis.h"
#include "firewall/eval.h"

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

/* Adds the packets `open`: by whom they were rewritten (or NULL), and what let them in, for each base chain that they
   met at the asked hook. The sets are of the fields of struct kj_fw_class only. `all`: none of what the last layer with
   rules let in was dropped later. */
void kj_fw_classes_add(struct kj_fw_classes *classes, kj_bdd open, const struct kj_fw_rule *by,
                       const struct kj_fw_hits *layers, size_t n, bool all);

/* Writes all classes as parts, apart in `certain` and not. */
void kj_fw_classes_parts(struct kj_fw_classes *classes, kj_bdd certain, struct kj_fw_answer *answer);

#endif
