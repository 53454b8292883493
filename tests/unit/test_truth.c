/* Kleene's tables with "broken" as the louder unknown, and the order of verdicts. */
#include "eval/truth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const enum kj_truth F = KJ_FALSE, T = KJ_TRUE, M = KJ_MAYBE, B = KJ_BROKEN;

static void and_or_not(void **state)
{
	(void)state;
	const struct {
		enum kj_truth a, b, both, either;
	} rows[] = {
	        {F, F, F, F}, {F, T, F, T}, {F, M, F, M}, {F, B, F, B}, {T, T, T, T},
	        {T, M, M, T}, {T, B, B, T}, {M, M, M, M}, {M, B, B, B}, {B, B, B, B},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(kj_truth_and(rows[i].a, rows[i].b), rows[i].both);
		assert_int_equal(kj_truth_and(rows[i].b, rows[i].a), rows[i].both);
		assert_int_equal(kj_truth_or(rows[i].a, rows[i].b), rows[i].either);
		assert_int_equal(kj_truth_or(rows[i].b, rows[i].a), rows[i].either);
	}
	assert_int_equal(kj_truth_not(T), F);
	assert_int_equal(kj_truth_not(F), T);
	assert_int_equal(kj_truth_not(M), M);
	assert_int_equal(kj_truth_not(B), B);
}

static void worst_verdict(void **state)
{
	(void)state;
	/* fail > error > unknown > waived > pass > not_applicable */
	static const enum kj_verdict order[] = {KJ_FAIL, KJ_ERRORED, KJ_UNKNOWN, KJ_WAIVED, KJ_PASS, KJ_NOT_APPLICABLE};
	for (size_t i = 0; i < KJ_VERDICTS; i++) {
		for (size_t k = i; k < KJ_VERDICTS; k++) {
			assert_int_equal(kj_verdict_worse(order[i], order[k]), order[i]);
			assert_int_equal(kj_verdict_worse(order[k], order[i]), order[i]);
		}
	}
}

static void verdict_names(void **state)
{
	(void)state;
	for (int i = 0; i < KJ_VERDICTS; i++) {
		enum kj_verdict back;
		assert_true(kj_verdict_find(kj_str_of(kj_verdict_name((enum kj_verdict)i)), &back));
		assert_int_equal(back, i);
	}
	enum kj_verdict none;
	assert_false(kj_verdict_find(KJ_STR("passed"), &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(and_or_not),
	        cmocka_unit_test(worst_verdict),
	        cmocka_unit_test(verdict_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
