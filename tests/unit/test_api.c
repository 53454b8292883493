/* The public header alone: everything here goes through <kijun/kijun.h>. */
#include <kijun/kijun.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void scans_the_sample_fleet(void **state)
{
	(void)state;
	struct kijun *k = kijun_new(KJ_SOURCE_ROOT "/policies");
	assert_non_null(k);
	assert_int_equal(kijun_add_policy(k, NULL), 0);
	assert_int_equal(kijun_add_export(k, KJ_SOURCE_ROOT "/samples/fleet"), 0);
	assert_int_equal(kijun_set_today(k, "2026-11-23"), 0);
	assert_int_equal(kijun_scan(k, 2), 0);
	size_t fails = 0;
	for (size_t i = 0; i < kijun_finding_count(k); i++) {
		struct kijun_finding f = kijun_finding(k, i);
		assert_true(*f.subject && *f.rule && *f.item && *f.severity && *f.message);
		fails += f.verdict == KIJUN_FAIL;
		for (size_t e = 0; e < f.evidence_count; e++)
			assert_non_null(kijun_finding_evidence(k, i, e).artifact);
	}
	assert_true(fails > 0);
	assert_int_equal(strncmp(kijun_report(k, "json"), "{", 1), 0);
	assert_string_equal(kijun_report(k, "no such format"), "");
	assert_int_equal(kijun_scan(k, 1), -1);
	kijun_free(k);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	struct kijun *k = kijun_new(KJ_SOURCE_ROOT "/policies");
	assert_int_equal(kijun_add_policy(k, "/no/such/policy.yml"), -1);
	assert_non_null(strstr(kijun_messages(k), "/no/such/policy.yml"));
	assert_int_equal(kijun_set_today(k, "2026-02-30"), -1);
	assert_int_equal(kijun_scan(k, 1), -1);
	assert_int_equal(kijun_finding_count(k), 0);
	struct kijun_finding none = kijun_finding(k, 7);
	assert_string_equal(none.rule, "");
	kijun_free(k);
	kijun_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(scans_the_sample_fleet),
	        cmocka_unit_test(says_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
