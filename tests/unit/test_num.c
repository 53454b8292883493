#include "base/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S(literal)  KJ_STR_INIT(literal)
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define REFUSED     INT64_C(-987654321)

struct row {
	kj_str s;
	int64_t value;
};

static void check(bool (*parse)(kj_str s, int64_t *out), const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t got = 0;
		bool ok = parse(rows[i].s, &got);
		if (ok != (rows[i].value != REFUSED) || (ok && got != rows[i].value))
			fail_msg("'%.*s' gave %d, %lld", KJ_FMT(rows[i].s), ok, (long long)got);
	}
}

static void test_int(void **state)
{
	(void)state;
	static const struct row rows[] = {
	        {S("0"), 0},
	        {S("-7"), -7},
	        {S("+007"), 7},
	        {S("9223372036854775807"), INT64_MAX},
	        {S("9223372036854775808"), REFUSED},
	        {S("-9223372036854775808"), INT64_MIN},
	        {S("-9223372036854775809"), REFUSED},
	        {S("99999999999999999999999"), REFUSED},
	        {S(""), REFUSED},
	        {{NULL, 0}, REFUSED},
	        {S("-"), REFUSED},
	        {S("--1"), REFUSED},
	        {S("+-1"), REFUSED},
	        {S(" 1"), REFUSED},
	        {S("1 "), REFUSED},
	        {S("1\0"), REFUSED},
	        {S("1a"), REFUSED},
	        {S("0x1"), REFUSED},
	        {S("1.0"), REFUSED},
	        {S("\xef\xbc\x91"), REFUSED},
	};
	check(kj_num_int, rows, COUNT(rows));
}

static void test_c(void **state)
{
	(void)state;
	static const struct row rows[] = {
	        {S("0"), 0},        {S("00"), 0},       {S("017"), 15},
	        {S("08"), REFUSED}, {S("0x1F"), 31},    {S("0Xff"), 255},
	        {S("-0x10"), -16},  {S("-010"), -8},    {S("10"), 10},
	        {S("0x"), REFUSED}, {S("x1"), REFUSED}, {S("0x8000000000000000"), REFUSED},
	        {S(""), REFUSED},   {S("1g"), REFUSED}, {S("-0x8000000000000000"), INT64_MIN},
	};
	check(kj_num_c, rows, COUNT(rows));
}

static void test_base(void **state)
{
	(void)state;
	static const struct {
		kj_str s;
		int base;
		bool ok;
		uint64_t value;
	} rows[] = {
	        {S("0640"), 8, true, 0640},
	        {S("8"), 8, false, 0},
	        {S("0o7"), 8, false, 0},
	        {S("-1"), 8, false, 0},
	        {S("fF"), 16, true, 255},
	        {S("0x1"), 16, false, 0},
	        {S("g"), 16, false, 0},
	        {S(""), 16, false, 0},
	        {S("ffffffffffffffff"), 16, true, UINT64_MAX},
	        {S("10000000000000000"), 16, false, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t got = 0;
		assert_int_equal(kj_num_base(rows[i].s, rows[i].base, &got), rows[i].ok);
		assert_true(!rows[i].ok || got == rows[i].value);
	}
}

static void test_size(void **state)
{
	(void)state;
	static const struct row rows[] = {
	        {S("0"), 0},
	        {S("10"), 10},
	        {S("10B"), 10},
	        {S("10K"), 10240},
	        {S("10k"), 10240},
	        {S("10KiB"), 10240},
	        {S("10KB"), 10000},
	        {S("10M"), 10485760},
	        {S("10MB"), 10000000},
	        {S("3GiB"), INT64_C(3221225472)},
	        {S("3GB"), INT64_C(3000000000)},
	        {S("2T"), INT64_C(2199023255552)},
	        {S("2TB"), INT64_C(2000000000000)},
	        {S("8388608T"), REFUSED},
	        {S("8388607T"), INT64_C(9223370937343148032)},
	        {S("K"), REFUSED},
	        {S("10 K"), REFUSED},
	        {S("-1K"), REFUSED},
	        {S("10KK"), REFUSED},
	        {S("1.5G"), REFUSED},
	        {S(""), REFUSED},
	};
	check(kj_num_size, rows, COUNT(rows));
}

static void test_duration(void **state)
{
	(void)state;
	static const struct row rows[] = {
	        {S("90"), 90},
	        {S("0"), 0},
	        {S("90s"), 90},
	        {S("10m"), 600},
	        {S("10min"), 600},
	        {S("1h30m"), 5400},
	        {S("2 days"), 172800},
	        {S("2h 30min"), 9000},
	        {S("1w"), 604800},
	        {S("1M"), 2629800},
	        {S("1month"), 2629800},
	        {S("1y"), 31557600},
	        {S("1y 12month"), 63115200},
	        {S("55s500ms500ms"), 56},
	        {S("2000000us"), 2},
	        {S("3000000\xc2\xb5s"), 3},
	        {S("1.5h"), 5400},
	        {S("1.5h0.5m"), 5430},
	        {S("0.5s 500ms"), 1},
	        {S("1.5"), REFUSED},
	        {S("1.5s"), REFUSED},
	        {S("1.5.5m"), REFUSED},
	        {S("1.m"), REFUSED},
	        {S("500ms"), REFUSED},
	        {S("1s1us"), REFUSED},
	        {S("infinity"), INT64_MAX},
	        {S("never"), INT64_MAX},
	        {S("Infinity"), REFUSED},
	        {S(""), REFUSED},
	        {S("s"), REFUSED},
	        {S("-5"), REFUSED},
	        {S("-5s"), REFUSED},
	        {S("+5"), REFUSED},
	        {S("5 "), REFUSED},
	        {S(" 5s"), REFUSED},
	        {S("5s "), REFUSED},
	        {S("1h 30"), REFUSED},
	        {S("5 5"), REFUSED},
	        {S("5S"), REFUSED},
	        {S("5 fortnights"), REFUSED},
	        {S("5s\0"), REFUSED},
	        {S("9223372036854775807"), INT64_MAX},
	        {S("9223372036854775807m"), REFUSED},
	        {S("9223372036854775807s 1s"), REFUSED},
	};
	check(kj_num_duration, rows, COUNT(rows));
}

/* As `systemd-analyze timespan` of systemd 252 says. */
static void test_span(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t microseconds; /* 0: none */
	} rows[] = {
	        {"1h30", 3630000000},
	        {"1 h 30", 3630000000},
	        {"5 5", 10000000},
	        {"1h.5", 3600500000},
	        {".5h", 1800000000},
	        {" +5 ", 5000000},
	        {"1y2M", 36817200000000},
	        {"1hour30minutes", 5400000000},
	        {"1\xc2\xb5s", 1},
	        {"1.5555555555s", 1555555},
	        {"1.5 month", 3944700000000},
	        {"1.5 .5", 2000000},
	        {" infinity ", UINT64_MAX},
	        {"never", 0},
	        {"infinity5", 0},
	        {"12345678901234567890", 0},
	        {"99999999999y", 0},
	        {"1..5s", 0},
	        {"1.5.5", 0},
	        {"1.s", 0},
	        {".s", 0},
	        {"1e3", 0},
	        {"1Min", 0},
	        {"3 secs", 0},
	        {"5 m i n", 0},
	        {"-1", 0},
	        {"", 0},
	        {" ", 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t got;
		bool good = kj_num_span(kj_str_of(rows[i].text), &got);
		if (good != (rows[i].microseconds != 0) || (good && got != rows[i].microseconds))
			fail_msg("'%s' gives %d, %llu", rows[i].text, good, (unsigned long long)got);
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_version(void **state)
{
	(void)state;
	static const struct {
		kj_str a, b;
		int order;
	} rows[] = {
	        {S("1.0"), S("1.0"), 0},
	        {S("1.9"), S("1.10"), -1},
	        {S("1.0~rc1"), S("1.0"), -1},
	        {S("1.0~~"), S("1.0~~a"), -1},
	        {S("1.0~~a"), S("1.0~"), -1},
	        {S("1.0"), S("1.0a"), -1},
	        {S("1.0a"), S("1.0+"), -1},
	        {S("1.0a"), S("1.0-"), -1},
	        {S("9.6p1"), S("9.10p1"), -1},
	        {S("8.9p1"), S("8.9p2"), -1},
	        {S("007"), S("7"), 0},
	        {S("1."), S("1.0"), 0},
	        {S("a"), S("0a"), 1}, /* the letter stands against the digit */
	        {S(""), S("0"), 0},
	        {S(""), S("~"), 1},
	        {S("99999999999999999999999999"), S("100000000000000000000000000"), -1},
	        {S("1\xff"), S("1z"), 1},
	        {S("2:1"), S("10:1"), -1},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int got = sign(kj_version_cmp(rows[i].a, rows[i].b)), back = sign(kj_version_cmp(rows[i].b, rows[i].a));
		if (got != rows[i].order || back != -got)
			fail_msg("'%.*s' and '%.*s': %d, %d", KJ_FMT(rows[i].a), KJ_FMT(rows[i].b), got, back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_int),     cmocka_unit_test(test_c),        cmocka_unit_test(test_base),
	        cmocka_unit_test(test_size),    cmocka_unit_test(test_duration), cmocka_unit_test(test_span),
	        cmocka_unit_test(test_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
