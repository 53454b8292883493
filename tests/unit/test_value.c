#include "policies.h"

/* What each type reads, what it refuses (`shown` NULL), and how it shows. */
static const struct {
	enum kj_type type;
	kj_str text;
	int64_t num;
	const char *shown;
} rows[] = {
        {KJ_TYPE_TEXT, S(" a b "), 0, " a b "},
        {KJ_TYPE_TEXT, S(""), 0, "(empty)"},
        {KJ_TYPE_INT, S("0"), 0, "0"},
        {KJ_TYPE_INT, S(" -5\t"), -5, "-5"},
        {KJ_TYPE_INT, S("9223372036854775807"), INT64_MAX, "9223372036854775807"},
        {KJ_TYPE_INT, S("-9223372036854775808"), INT64_MIN, "-9223372036854775808"},
        {KJ_TYPE_INT, S("9223372036854775808"), 0, NULL},
        {KJ_TYPE_INT, S("0x10"), 0, NULL},
        {KJ_TYPE_INT, S("8x"), 0, NULL},
        {KJ_TYPE_INT, S("8.0"), 0, NULL},
        {KJ_TYPE_INT, S(""), 0, NULL},
        {KJ_TYPE_BOOL, S("true"), 1, "true"},
        {KJ_TYPE_BOOL, S("YES"), 1, "true"},
        {KJ_TYPE_BOOL, S("On"), 1, "true"},
        {KJ_TYPE_BOOL, S("1"), 1, "true"},
        {KJ_TYPE_BOOL, S("False"), 0, "false"},
        {KJ_TYPE_BOOL, S("no"), 0, "false"},
        {KJ_TYPE_BOOL, S("off"), 0, "false"},
        {KJ_TYPE_BOOL, S("0"), 0, "false"},
        {KJ_TYPE_BOOL, S("2"), 0, NULL},
        {KJ_TYPE_BOOL, S(""), 0, NULL},
        {KJ_TYPE_SECONDS, S("600"), 600, "600 s (10 min)"},
        {KJ_TYPE_SECONDS, S("0"), 0, "0 s"},
        {KJ_TYPE_SECONDS, S("59"), 59, "59 s"},
        {KJ_TYPE_SECONDS, S("5461"), 5461, "5461 s (1 h 31 min 1 s)"},
        {KJ_TYPE_SECONDS, S("1h30m"), 5400, "5400 s (1 h 30 min)"},
        {KJ_TYPE_SECONDS, S("never"), INT64_MAX, "never"},
        {KJ_TYPE_SECONDS, S("-1"), 0, NULL},
        {KJ_TYPE_SECONDS, S("uint32 600"), 0, NULL},
        {KJ_TYPE_MINUTES, S("10"), 600, "600 s (10 min)"},
        {KJ_TYPE_MINUTES, S("90s"), 90, "90 s (1 min 30 s)"},
        {KJ_TYPE_MINUTES, S("9223372036854775807"), 0, NULL},
        {KJ_TYPE_DURATION, S("90d"), 7776000, "7776000 s (90 d)"},
        {KJ_TYPE_DURATION, S("90"), 90, "90 s (1 min 30 s)"},
        {KJ_TYPE_PERIOD, S("90 days"), 90, "90 days"},
        {KJ_TYPE_PERIOD, S("90d"), 90, "90 days"},
        {KJ_TYPE_PERIOD, S("1 week"), 7, "7 days"},
        {KJ_TYPE_PERIOD, S("12 months"), 0, "1 year"},
        {KJ_TYPE_PERIOD, S("6 months"), 0, "6 months"},
        {KJ_TYPE_PERIOD, S("1 month"), 0, "1 month"},
        {KJ_TYPE_PERIOD, S("3 years"), 0, "3 years"},
        {KJ_TYPE_PERIOD, S("90"), 0, NULL},
        {KJ_TYPE_PERIOD, S("-1 day"), 0, NULL},
        {KJ_TYPE_PERIOD, S("1m"), 0, NULL}, /* a month or a minute? */
        {KJ_TYPE_PERIOD, S("1.5 years"), 0, NULL},
        {KJ_TYPE_PERIOD, S("999999 days"), 0, NULL},
        {KJ_TYPE_PERIOD, S("never"), 0, NULL},
        {KJ_TYPE_DURATION, S("infinity"), INT64_MAX, "never"},
        {KJ_TYPE_DURATION, S("500ms"), 0, NULL},
        {KJ_TYPE_DAYS, S("90"), 7776000, "90 d"},
        {KJ_TYPE_DAYS, S("0"), 0, "0 d"},
        {KJ_TYPE_DAYS, S("36h"), 129600, "129600 s (1 d 12 h)"},
        {KJ_TYPE_DAYS, S("99999"), 8639913600, "99999 d"},
        {KJ_TYPE_DAYS, S("never"), INT64_MAX, "never"},
        {KJ_TYPE_DAYS, S("-1"), 0, NULL},
        {KJ_TYPE_DAYS, S("106751991167301"), 0, NULL},
        {KJ_TYPE_SIZE, S("10M"), 10485760, "10485760 B (10 MiB)"},
        {KJ_TYPE_SIZE, S("1000"), 1000, "1000 B"},
        {KJ_TYPE_SIZE, S("3K"), 3072, "3072 B (3 KiB)"},
        {KJ_TYPE_SIZE, S("0"), 0, "0 B"},
        {KJ_TYPE_SIZE, S("2048T"), 2251799813685248, "2251799813685248 B (2048 TiB)"},
        {KJ_TYPE_SIZE, S("-1"), 0, NULL},
        {KJ_TYPE_SIZE, S("9999999T"), 0, NULL},
        {KJ_TYPE_MODE, S("0640"), 0640, "0640"},
        {KJ_TYPE_MODE, S("0o640"), 0640, "0640"},
        {KJ_TYPE_MODE, S("0"), 0, "0000"},
        {KJ_TYPE_MODE, S("7777"), 07777, "7777"},
        {KJ_TYPE_MODE, S("10000"), 0, NULL},
        {KJ_TYPE_MODE, S("0800"), 0, NULL},
        {KJ_TYPE_MODE, S("0o"), 0, NULL},
        {KJ_TYPE_DATE, S("1970-01-02"), 1, "1970-01-02"},
        {KJ_TYPE_DATE, S("2026-11-23"), 20780, "2026-11-23"},
        {KJ_TYPE_DATE, S("2026-02-29"), 0, NULL},
        {KJ_TYPE_DATE, S("2026/11/23"), 0, NULL},
        {KJ_TYPE_VERSION, S("9.2p1"), 0, "9.2p1"},
        {KJ_TYPE_VERSION, S("v1.2"), 0, "v1.2"},
        {KJ_TYPE_VERSION, S("1:9.2p1-2+deb12u3"), 0, "1:9.2p1-2+deb12u3"},
        {KJ_TYPE_VERSION, S("OpenSSH_9.2"), 0, NULL},
        {KJ_TYPE_VERSION, S("9.2 9.3"), 0, NULL},
        {KJ_TYPE_VERSION, S(""), 0, NULL},
        {KJ_TYPE_ADDRESS, S("192.0.2.7/24"), 0, "192.0.2.0/24"},
        {KJ_TYPE_ADDRESS, S("192.0.2.1-192.0.2.9"), 0, "192.0.2.1-192.0.2.9"},
        {KJ_TYPE_ADDRESS, S("2001:db8::1"), 0, "2001:db8::1"},
        {KJ_TYPE_ADDRESS, S("any"), 0, NULL},
        {KJ_TYPE_ADDRESS, S("192.0.2.256"), 0, NULL},
        {KJ_TYPE_LIST, S("a, b\tc,,d"), 0, "a, b, c, d"},
        {KJ_TYPE_LIST, S(" , "), 0, "(empty)"},
        {KJ_TYPE_LIST, S(""), 0, "(empty)"},
        {KJ_TYPE_LIST,
         S("a b\x1f"
           "c,d\x1f"),
         0, "a b, c,d"},
};

static void test_types(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kj_value value = {.type = KJ_TYPES, .num = 77};
		bool read = kj_value_read(arena, rows[i].type, rows[i].text, &value);
		assert_int_equal(read, rows[i].shown != NULL);
		if (!read) {
			assert_int_equal(value.type, KJ_TYPES);
			assert_int_equal(value.num, 77);
			continue;
		}
		assert_int_equal(value.type, rows[i].type);
		assert_true(value.num == rows[i].num);
		assert_str(kj_value_show(arena, &value), rows[i].shown);
	}
	kj_arena_free(arena);
}

static void test_list(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	struct kj_value value;
	assert_true(kj_value_read(arena, KJ_TYPE_LIST, KJ_STR("\n a  bc,d \n"), &value));
	assert_int_equal(value.n, 3);
	assert_str(value.text, "a  bc,d");
	assert_str(value.items[1].text, "bc");
	assert_int_equal(value.items[1].type, KJ_TYPE_TEXT);
	kj_arena_free(arena);
}

static void test_names(void **state)
{
	(void)state;
	size_t n;
	const struct kj_type_info *types = kj_types(&n);
	assert_int_equal(n, KJ_TYPES);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(types[i].type, i);
		assert_ptr_equal(kj_type_find(types[i].name), &types[i]);
		assert_string_equal(kj_type_about(types[i].type), types[i].about);
	}
	assert_null(kj_type_find(KJ_STR("Int")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_types),
	        cmocka_unit_test(test_list),
	        cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
