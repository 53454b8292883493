/* One base chain at work on a set of packets. */
#ifndef KJ_FIREWALL_EVAL_H
#define KJ_FIREWALL_EVAL_H

#include "firewall/space.h"

/* What a rule, or the policy of a base chain (rule NULL), let through. */
struct kj_fw_hit {
	const struct kj_fw_rule *rule;
	const struct kj_fw_chain *base;
	kj_bdd set;
};

struct kj_fw_hits {
	KJ_VEC(struct kj_fw_hit) at;
};

/* What may come out of a base chain. A packet is in `accepted` and in `dropped` both where the dump does not decide. */
struct kj_fw_outcome {
	kj_bdd accepted, dropped;   /* `accepted` without what was rewritten */
	struct kj_fw_hits accepts;  /* parts of `accepted`, in the order of the rules as they are met */
	struct kj_fw_hits rewrites; /* as they were before the rewriting */
};

/* The rules of a space, ready to be asked. */
struct kj_fw_machine;

struct kj_fw_machine *kj_fw_machine_new(struct kj_fw_space *space);
/* From now on a packet's interfaces are given: `cube` says which, of the fields in the bit set `fields` (KJ_BDD_TRUE
   and 0: none are). Rules are narrowed to them, so that sets of packets need not say it, and most of what one
   interface's questions made serves the next one's. */
void kj_fw_fix(struct kj_fw_machine *machine, uint32_t fields, kj_bdd cube);
/* Sends the packets `in` through a base chain. False at a limit (nodes, or rules tried). `out` NULL: only to see what they
   meet (kj_fw_watch, kj_fw_rule_matched). */
bool kj_fw_eval(struct kj_fw_machine *machine, const struct kj_fw_chain *base, kj_bdd in, struct kj_fw_outcome *out);
/* From now on every rule, and every policy of a base chain (rule NULL), that ends a packet's way through its chain (accept,
   drop, return, goto …, and whatever may do so) is added to `takes` with what it took, in the order it happens. NULL: no
   more. */
void kj_fw_watch(struct kj_fw_machine *machine, struct kj_fw_hits *takes);
/* Whether any packet may have matched the rule, in all the questions so far. */
bool kj_fw_rule_matched(const struct kj_fw_machine *machine, const struct kj_fw_rule *rule);

#endif
