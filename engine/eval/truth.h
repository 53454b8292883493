/* Three-valued logic (Kleene) with a fourth word: what could not be judged is unknown too, but says so louder. */
#ifndef KJ_EVAL_TRUTH_H
#define KJ_EVAL_TRUTH_H

#include "eval/eval.h"

enum kj_truth { KJ_FALSE, KJ_TRUE, KJ_MAYBE, KJ_BROKEN /* evidence is there but cannot be judged */ };

static inline enum kj_truth kj_truth_of(bool b)
{
	return b ? KJ_TRUE : KJ_FALSE;
}

static inline enum kj_truth kj_truth_not(enum kj_truth a)
{
	return a == KJ_TRUE ? KJ_FALSE : a == KJ_FALSE ? KJ_TRUE : a;
}

/* One false part decides a conjunction; else the broken one is heard before the unknown one. */
static inline enum kj_truth kj_truth_and(enum kj_truth a, enum kj_truth b)
{
	static const unsigned char weight[] = {[KJ_FALSE] = 3, [KJ_BROKEN] = 2, [KJ_MAYBE] = 1, [KJ_TRUE] = 0};
	return weight[a] >= weight[b] ? a : b;
}

static inline enum kj_truth kj_truth_or(enum kj_truth a, enum kj_truth b)
{
	return kj_truth_not(kj_truth_and(kj_truth_not(a), kj_truth_not(b)));
}

/* ---- what conditions leave behind ---- */

/* One piece of evidence together with what it says: the raw material of findings. */
struct kj_proof {
	enum kj_truth truth;
	struct kj_evidence evidence;
	struct kj_bilingual reason; /* why unknown, broken or out of force; empty: found and wanted say it all */
};

struct kj_proofs {
	KJ_VEC(struct kj_proof) list;
	size_t dropped; /* beyond KJ_PROOFS_MAX of one condition */
};
enum { KJ_PROOFS_MAX = 50 };

/* Everything a condition may look at. */
struct kj_case {
	const struct kj_bench *bench;
	struct kj_host *host;
	const struct kj_subject *subject;
	const struct kj_value *params; /* by kj_param.index */
	struct kj_arena *arena;        /* the host's */
	struct kj_map features;        /* id → struct kj_feature_truth: decided once a host */
	const struct kj_dumps *dumps;  /* the host's rule dumps; NULL: not asked yet */
	unsigned depth;                /* of nested features */
	/* What "@column" means: the row that the check looks at; in a look-up, the row that has the `in`. NULL: none. */
	const struct kj_rows *at_rows;
	const struct kj_row *at_row;
	struct kj_map indexes; /* of rows that were looked up in, by source and column (lookup.c) */
};

/* Decides a check; proofs are appended. */
enum kj_truth kj_condition(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);

/* The leaves, one file each. */
enum kj_truth kj_condition_setting(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);
enum kj_truth kj_condition_rows(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);
enum kj_truth kj_condition_text(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);
enum kj_truth kj_condition_file(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);
enum kj_truth kj_condition_exposure(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);

/* `exposure: {compare: approved}` (cond_approved.c). */
enum kj_truth kj_condition_approved(struct kj_case *c, struct kj_proofs *proofs);

/* Does the feature hold for the host? */
enum kj_truth kj_feature_holds(struct kj_case *c, const struct kj_feature *feature, struct kj_bilingual *reason);
/* Does the rule's `for` hold? *reason says what was missing when that is unknown. */
enum kj_truth kj_applies(struct kj_case *c, const struct kj_applies *applies, struct kj_bilingual *reason);

/* ---- comparing (compare.c) ---- */

const struct kj_value *kj_operand_value(const struct kj_case *c, const struct kj_operand *operand);
/* The first operand that is a cell nobody could see, or NULL. */
const struct kj_operand *kj_unseen_operand(const struct kj_case *c, const struct kj_test *test);
/* Compares a text with a test: false/true, or broken with *reason when the text is not of the test's type or a pattern hit its limit. *shown: the
   found value for people. */
enum kj_truth kj_compare(struct kj_case *c, const struct kj_test *test, kj_str found, kj_str *shown,
                         struct kj_bilingual *reason);
/* Of a count of which so many are sure, and so many more may be: unknown, or broken, when they can make a difference. */
enum kj_truth kj_compare_count(struct kj_case *c, const struct kj_test *test, size_t yes, size_t maybe, size_t broken);
/* What the test wants, for people. */
kj_str kj_wanted(const struct kj_case *c, const struct kj_test *test);

/* ---- proofs (proof.c) ---- */

/* Appends and returns a proof; NULL once the cap is reached (then it is only counted). */
struct kj_proof *kj_prove(struct kj_case *c, struct kj_proofs *proofs, enum kj_truth truth);
/* Has one of them found this already? */
bool kj_proofs_found(const struct kj_proofs *proofs, kj_str found);
/* Fills in artifact, line and the redacted excerpt. */
void kj_proof_at(struct kj_case *c, struct kj_proof *proof, const struct kj_text *text, uint32_t line);
/* A text in both languages. The same arguments serve both formats, in the same order. */
__attribute__((format(printf, 2, 4))) __attribute__((format(printf, 3, 4))) struct kj_bilingual
kj_say(struct kj_arena *arena, const char *en, const char *ja, ...);
/* For the rows of a source: the secret columns of a row are taken out of the excerpt. `from`: the cell that decided
   stood elsewhere; NULL: in the row's own line. */
void kj_proof_row(struct kj_case *c, struct kj_proof *proof, const struct kj_resolved *resolved,
                  const struct kj_row *row, const struct kj_cell_from *from);
/* The proof that a source as a whole gives no settings: not collected, unreadable, refused. */
enum kj_truth kj_prove_state(struct kj_case *c, struct kj_proofs *proofs, const struct kj_resolved *resolved);

/* What the host's rule dump lets in from each zone, for the report. Nothing when there is no dump. */
void kj_open_services(struct kj_case *c, struct kj_result *result);

#endif
