#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_text(kj_str found, const char *wanted)
{
	assert_int_equal(found.n, kj_str_of(wanted).n);
	assert_memory_equal(found.p, wanted, found.n);
}

static void test_next(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		int32_t character;
		size_t at;
	} rows[] = {
	        {KJ_STR_INIT("a"), 'a', 1},
	        {KJ_STR_INIT("\0"), 0, 1},
	        {KJ_STR_INIT("\x7f"), 0x7f, 1},
	        {KJ_STR_INIT("\xc2\x80"), 0x80, 2},
	        {KJ_STR_INIT("\xdf\xbf"), 0x7ff, 2},
	        {KJ_STR_INIT("\xe0\xa0\x80"), 0x800, 3},
	        {KJ_STR_INIT("基"), 0x57fa, 3},
	        {KJ_STR_INIT("\xef\xbf\xbf"), 0xffff, 3},
	        {KJ_STR_INIT("\xf0\x90\x80\x80"), 0x10000, 4},
	        {KJ_STR_INIT("\xf4\x8f\xbf\xbf"), 0x10ffff, 4},
	        {KJ_STR_INIT("\x80"), -1, 1},             /* a continuation alone */
	        {KJ_STR_INIT("\xc0\x80"), -1, 1},         /* overlong */
	        {KJ_STR_INIT("\xc1\xbf"), -1, 1},         /* overlong */
	        {KJ_STR_INIT("\xe0\x9f\xbf"), -1, 1},     /* overlong */
	        {KJ_STR_INIT("\xf0\x8f\xbf\xbf"), -1, 1}, /* overlong */
	        {KJ_STR_INIT("\xed\xa0\x80"), -1, 1},     /* a surrogate */
	        {KJ_STR_INIT("\xf4\x90\x80\x80"), -1, 1}, /* above U+10FFFF */
	        {KJ_STR_INIT("\xf8\x88\x80\x80\x80"), -1, 1},
	        {KJ_STR_INIT("\xff"), -1, 1},
	        {KJ_STR_INIT("\xe5\x9f"), -1, 1}, /* cut off */
	        {KJ_STR_INIT("\xe5\x9f!"), -1, 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t at = 0;
		assert_int_equal(kj_utf8_next(rows[i].in, &at), rows[i].character);
		assert_int_equal(at, rows[i].at);
		assert_int_equal(kj_utf8_valid(rows[i].in), rows[i].character >= 0);
	}
	assert_int_equal(kj_utf8_bad(KJ_STR("基a\xff基")), 4);
	assert_true(kj_utf8_valid(KJ_STR("")));
}

static void test_put(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	for (uint32_t c = 0; c <= 0x110000; c += c < 0x3000 ? 1 : 17) {
		struct kj_buf buf = KJ_BUF(arena);
		size_t at = 0;
		bool good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		kj_utf8_put(&buf, c);
		assert_int_equal(kj_utf8_next(kj_buf_str(&buf), &at), good ? c : KJ_UTF8_REPLACEMENT);
		assert_int_equal(at, buf.n);
		if (kj_arena_used(arena) > KJ_MIB / 2) {
			kj_arena_free(arena);
			arena = kj_arena_new(KJ_MIB);
		}
	}
	kj_arena_free(arena);
}

static void test_width(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		size_t width;
	} rows[] = {
	        {KJ_STR_INIT(""), 0},          {KJ_STR_INIT("abc"), 3},
	        {KJ_STR_INIT("基準"), 4},      {KJ_STR_INIT("ｱ"), 1},
	        {KJ_STR_INIT("Ａ"), 2},        {KJ_STR_INIT("é"), 1},
	        {KJ_STR_INIT("e\xcc\x81"), 1}, {KJ_STR_INIT("か\xe3\x82\x99"), 2},
	        {KJ_STR_INIT("🙂"), 2},      {KJ_STR_INIT("한"), 2},
	        {KJ_STR_INIT("\xff"), 1},      {KJ_STR_INIT("…"), 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(kj_str_width(rows[i].in), rows[i].width);
}

static void test_safe(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		size_t max;
		const char *out;
	} rows[] = {
	        {KJ_STR_INIT("plain 基準"), 0, "plain 基準"},
	        {KJ_STR_INIT("\x1b[31mred\a\0\x7f"), 0, "^[[31mred^G^@^?"},
	        {KJ_STR_INIT("a\tb\r\n"), 0, "a b^M^J"},
	        {KJ_STR_INIT("\xc2\x9b"
	                     "31m"),
	         0, "\\x9b31m"},
	        {KJ_STR_INIT("\x9b\xff"), 0, "\\x9b\\xff"},
	        {KJ_STR_INIT("a\xe2\x80\xae"
	                     "b\xe2\x81\xa6\xe2\x80\xa8"),
	         0, "a\\u202eb\\u2066\\u2028"},
	        {KJ_STR_INIT("abcdef"), 6, "abcdef"},
	        {KJ_STR_INIT("abcdef"), 5, "abcd…"},
	        {KJ_STR_INIT("基準です"), 8, "基準です"},
	        {KJ_STR_INIT("基準です"), 7, "基準で…"},
	        {KJ_STR_INIT("基準です"), 6, "基準…"},
	        {KJ_STR_INIT("ab\x1b\x1b"), 5, "ab^[…"},
	        {KJ_STR_INIT("abc"), 1, "…"},
	        {KJ_STR_INIT(""), 1, ""},
	};
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_buf buf = KJ_BUF(arena);
		kj_buf_put(&buf, KJ_STR("> "));
		kj_buf_safe(&buf, rows[i].in, rows[i].max);
		assert_text(kj_str_from(kj_buf_str(&buf), 2), rows[i].out);
	}
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_next),
	        cmocka_unit_test(test_put),
	        cmocka_unit_test(test_width),
	        cmocka_unit_test(test_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
