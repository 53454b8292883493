/* Trees of conditions: which parts decided, and so which evidence is worth showing. */
#include "eval/truth.h"

typedef enum kj_truth condition_fn(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs);

static enum kj_truth join(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs, bool any);
static condition_fn all_of, any_of, none_of, negated, some_of;

static condition_fn *const conditions[] = {
        [KJ_CHECK_ALL] = all_of,
        [KJ_CHECK_ANY] = any_of,
        [KJ_CHECK_NONE] = none_of,
        [KJ_CHECK_NOT] = negated,
        [KJ_CHECK_SOME_OF] = some_of,
        [KJ_CHECK_SETTING] = kj_condition_setting,
        [KJ_CHECK_ROWS] = kj_condition_rows,
        [KJ_CHECK_TEXT] = kj_condition_text,
        [KJ_CHECK_FILE] = kj_condition_file,
        [KJ_CHECK_EXPOSURE] = kj_condition_exposure,
};

enum kj_truth kj_condition(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	return conditions[check->kind](c, check, proofs);
}

static void take(struct kj_case *c, struct kj_proofs *to, const struct kj_proofs *from, bool invert)
{
	for (size_t i = 0; i < from->list.n; i++) {
		struct kj_proof proof = from->list.at[i];
		if (invert)
			proof.truth = kj_truth_not(proof.truth);
		KJ_PUSH(c->arena, &to->list, proof);
	}
	to->dropped += from->dropped;
}

/* Keeps the proofs of those children whose truth is the whole's: the others did not decide. */
static enum kj_truth join(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs, bool any)
{
	struct kj_proofs *part = KJ_NEW_ARRAY(c->arena, struct kj_proofs, check->n);
	enum kj_truth *truth = KJ_NEW_ARRAY(c->arena, enum kj_truth, check->n);
	enum kj_truth whole = any ? KJ_FALSE : KJ_TRUE;
	for (size_t i = 0; i < check->n; i++) {
		truth[i] = kj_condition(c, check->child[i], &part[i]);
		whole = any ? kj_truth_or(whole, truth[i]) : kj_truth_and(whole, truth[i]);
	}
	for (size_t i = 0; i < check->n; i++) {
		if (truth[i] == whole)
			take(c, proofs, &part[i], false);
	}
	return whole;
}

static enum kj_truth all_of(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	return join(c, check, proofs, false);
}

static enum kj_truth any_of(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	return join(c, check, proofs, true);
}

static enum kj_truth none_of(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct kj_proofs inner = {0};
	enum kj_truth truth = kj_truth_not(join(c, check, &inner, true));
	take(c, proofs, &inner, true);
	return truth;
}

static enum kj_truth negated(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct kj_proofs inner = {0};
	enum kj_truth truth = kj_truth_not(kj_condition(c, check->child[0], &inner));
	take(c, proofs, &inner, true);
	return truth;
}

static enum kj_truth some_of(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct kj_proofs *part = KJ_NEW_ARRAY(c->arena, struct kj_proofs, check->n);
	enum kj_truth *truth = KJ_NEW_ARRAY(c->arena, enum kj_truth, check->n);
	int64_t count[4] = {0};
	for (size_t i = 0; i < check->n; i++) {
		truth[i] = kj_condition(c, check->child[i], &part[i]);
		count[truth[i]]++;
	}
	enum kj_truth whole = KJ_FALSE;
	if (count[KJ_TRUE] >= check->at_least)
		whole = KJ_TRUE;
	else if (count[KJ_TRUE] + count[KJ_MAYBE] + count[KJ_BROKEN] >= check->at_least)
		whole = count[KJ_BROKEN] > 0 ? KJ_BROKEN : KJ_MAYBE;
	for (size_t i = 0; i < check->n; i++) {
		if (truth[i] == whole)
			take(c, proofs, &part[i], false);
	}
	return whole;
}
