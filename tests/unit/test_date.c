#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(literal)  KJ_STR_INIT(literal)
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void assert_date(struct kj_date got, int year, int month, int day)
{
	assert_int_equal(got.year, year);
	assert_int_equal(got.month, month);
	assert_int_equal(got.day, day);
}

static void test_parse(void **state)
{
	(void)state;
	static const struct {
		kj_str s;
		bool ok;
		int64_t days;
	} rows[] = {
	        {S("1970-01-01"), true, 0},       {S("1969-12-31"), true, -1},
	        {S("2000-02-29"), true, 11016},   {S("2026-11-23"), true, 20780},
	        {S("0000-01-01"), true, -719528}, {S("9999-12-31"), true, 2932896},
	        {S("1900-02-29"), false, 0},      {S("2023-02-29"), false, 0},
	        {S("2026-04-31"), false, 0},      {S("2026-00-10"), false, 0},
	        {S("2026-13-10"), false, 0},      {S("2026-01-00"), false, 0},
	        {S("2026-1-1"), false, 0},        {S("2026-01-1 "), false, 0},
	        {S("2026-01-+1"), false, 0},      {S("-026-01-01"), false, 0},
	        {S("2026/01/01"), false, 0},      {S("2026-01-011"), false, 0},
	        {S("2026-01-0\0"), false, 0},     {S(""), false, 0},
	};
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kj_date date;
		assert_int_equal(kj_date_parse(rows[i].s, &date), rows[i].ok);
		if (!rows[i].ok)
			continue;
		assert_int_equal(kj_date_days(date), rows[i].days);
		assert_true(kj_str_eq(kj_date_str(arena, date), rows[i].s));
	}
	kj_arena_free(arena);
}

static void test_days_and_back(void **state)
{
	(void)state;
	struct kj_date before = kj_date_from_days(-1000001);
	for (int64_t days = -1000000; days <= 1000000; days++) {
		struct kj_date date = kj_date_from_days(days);
		assert_int_equal(kj_date_days(date), days);
		bool next_day = date.day == before.day + 1 && date.month == before.month && date.year == before.year;
		bool next_month = date.day == 1 && date.month == before.month % 12 + 1 &&
		                  date.year == before.year + (before.month == 12);
		assert_true(next_day || next_month);
		before = date;
	}
	assert_date(kj_date_from_days(INT64_MAX), INT32_MAX, 12, 31);
	assert_date(kj_date_from_days(INT64_MIN), INT32_MIN, 1, 1);
}

static void test_add_months(void **state)
{
	(void)state;
	static const struct {
		struct kj_date from;
		int months;
		struct kj_date to;
	} rows[] = {
	        {{2026, 1, 31}, 1, {2026, 2, 28}},   {{2024, 1, 31}, 1, {2024, 2, 29}},
	        {{2026, 11, 23}, 2, {2027, 1, 23}},  {{2026, 3, 31}, -1, {2026, 2, 28}},
	        {{2026, 1, 15}, -1, {2025, 12, 15}}, {{2024, 2, 29}, 12, {2025, 2, 28}},
	        {{2026, 5, 31}, 0, {2026, 5, 31}},   {{2026, 12, 1}, -24, {2024, 12, 1}},
	        {{2100, 1, 29}, 1, {2100, 2, 28}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kj_date want = rows[i].to;
		assert_date(kj_date_add_months(rows[i].from, rows[i].months), want.year, want.month, want.day);
	}
}

static void test_today(void **state)
{
	(void)state;
	struct kj_date today = kj_date_today(), parsed;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	assert_true(kj_date_parse(kj_date_str(arena, today), &parsed));
	assert_true(today.year >= 2024);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_parse),
	        cmocka_unit_test(test_days_and_back),
	        cmocka_unit_test(test_add_months),
	        cmocka_unit_test(test_today),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
