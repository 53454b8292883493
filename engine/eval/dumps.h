/* The rule dumps of one host: which were collected, and what they speak for. */
#ifndef KJ_EVAL_DUMPS_H
#define KJ_EVAL_DUMPS_H

#include "eval/truth.h"
#include "firewall/analysis.h"
#include "firewall/join.h"

struct kj_dumps {
	KJ_VEC(const struct kj_fw_ruleset *) rulesets;
	unsigned families;            /* KJ_FW_V4 | KJ_FW_V6: those that some ruleset speaks about */
	struct kj_bilingual problem;  /* an artifact that is there and could not be read; empty: none */
	const struct kj_text *broken; /* that artifact */
	struct kj_bilingual missing;  /* why there are no rulesets */
	struct kj_bilingual
	        hidden; /* what lets packets in that these rules do not show; empty: nothing that is known */
};

/* Found and parsed once a host. */
const struct kj_dumps *kj_dumps_of(struct kj_case *c);

/* Of the proofs from `from` on keeps those that decided; a pass shows the dumps that it was decided from, and `found`. */
void kj_dumps_conclude(struct kj_case *c, const struct kj_dumps *dumps, enum kj_truth truth, kj_str found, size_t from,
                       struct kj_proofs *proofs);

/* The dumps of another export; where none is named as its command is, every file that is one by its content. */
const struct kj_dumps *kj_dumps_in(struct kj_case *c, struct kj_export *export);

#endif
