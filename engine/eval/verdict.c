#include "eval/eval.h"

static const struct {
	const char *name;
	int rank; /* in a summary, the higher wins */
} verdicts[KJ_VERDICTS] = {
        [KJ_PASS] = {"pass", 1},     [KJ_FAIL] = {"fail", 5},     [KJ_UNKNOWN] = {"unknown", 3},
        [KJ_ERRORED] = {"error", 4}, [KJ_WAIVED] = {"waived", 2}, [KJ_NOT_APPLICABLE] = {"not_applicable", 0},
};

const char *kj_verdict_name(enum kj_verdict verdict)
{
	return verdicts[verdict].name;
}

bool kj_verdict_find(kj_str name, enum kj_verdict *out)
{
	for (int i = 0; i < KJ_VERDICTS; i++) {
		if (kj_str_eq(name, kj_str_of(verdicts[i].name))) {
			*out = (enum kj_verdict)i;
			return true;
		}
	}
	return false;
}

enum kj_verdict kj_verdict_worse(enum kj_verdict a, enum kj_verdict b)
{
	return verdicts[a].rank >= verdicts[b].rank ? a : b;
}
