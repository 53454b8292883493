/* `for`: does a rule concern a subject at all? Decided from evidence, else unknown. */
#include "eval/truth.h"

enum { FEATURE_DEPTH_MAX = 16 };

struct kj_feature_truth {
	enum kj_truth truth;
	struct kj_bilingual reason;
};

static struct kj_bilingual first_reason(const struct kj_proofs *proofs, enum kj_truth truth)
{
	for (size_t i = 0; i < proofs->list.n; i++) {
		if (proofs->list.at[i].truth == truth && proofs->list.at[i].reason.en.n)
			return proofs->list.at[i].reason;
	}
	return (struct kj_bilingual){0};
}

enum kj_truth kj_feature_holds(struct kj_case *c, const struct kj_feature *feature, struct kj_bilingual *reason)
{
	struct kj_feature_truth *known = kj_map_get(&c->features, feature->id);
	if (!known) {
		known = KJ_NEW(c->arena, struct kj_feature_truth);
		known->truth = KJ_BROKEN;
		struct kj_proofs proofs = {0};
		if (c->depth < FEATURE_DEPTH_MAX) {
			c->depth++;
			known->truth = kj_condition(c, feature->check, &proofs);
			c->depth--;
		}
		known->reason = first_reason(&proofs, known->truth);
		*kj_map_at(c->arena, &c->features, feature->id) = known;
	}
	if (reason && known->truth != KJ_TRUE)
		*reason = known->reason;
	return known->truth;
}

/* One of the words; a subject that does not say its own is unknown. */
static enum kj_truth one_of(struct kj_case *c, const kj_str *words, size_t n, kj_str own, const char *what_en,
                            const char *what_ja, struct kj_bilingual *reason)
{
	if (n == 0)
		return KJ_TRUE;
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq_fold(words[i], own))
			return KJ_TRUE;
	}
	if (own.n)
		return KJ_FALSE;
	*reason = kj_say(c->arena, "whether this rule applies is not known: the export does not show the %s%.0s",
	                 "この規則が当てはまるか不明です: エクスポートから%.0s%sが分かりません", what_en, what_ja);
	return KJ_MAYBE;
}

/* ID_LIKE names the families a distribution descends from (os-release(5)). */
static enum kj_truth distro(struct kj_case *c, const struct kj_applies *applies, struct kj_bilingual *reason)
{
	kj_str like = c->host->export->distro_like, word;
	while (applies->distros && kj_str_word(&like, &word)) {
		for (size_t i = 0; i < applies->distros; i++) {
			if (kj_str_eq_fold(applies->distro[i], word))
				return KJ_TRUE;
		}
	}
	return one_of(c, applies->distro, applies->distros, c->host->export->distro, "distribution",
	              "ディストリビューション", reason);
}

enum kj_truth kj_applies(struct kj_case *c, const struct kj_applies *applies, struct kj_bilingual *reason)
{
	const struct kj_export *export = c->host->export;
	enum kj_truth truth = one_of(c, applies->platform, applies->platforms, export->platform, "platform",
	                             "プラットフォーム", reason);
	if (truth == KJ_FALSE)
		return truth;
	truth = kj_truth_and(
	        truth, one_of(c, applies->kind, applies->kinds, export->kind, "kind of subject", "対象の種類", reason));
	truth = kj_truth_and(
	        truth, one_of(c, applies->role, applies->roles, c->subject->role, "role", "役割（ロール）", reason));
	truth = kj_truth_and(truth, distro(c, applies, reason));
	for (size_t i = 0; truth != KJ_FALSE && i < applies->features; i++)
		truth = kj_truth_and(truth, kj_feature_holds(c, applies->has[i], reason));
	return truth;
}
