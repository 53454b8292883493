#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define S(literal)  KJ_STR_INIT(literal)
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void assert_str(kj_str got, kj_str want)
{
	assert_int_equal(got.n, want.n);
	assert_true(got.n == 0 || memcmp(got.p, want.p, got.n) == 0);
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_compare(void **state)
{
	(void)state;
	static const struct {
		kj_str a, b;
		int order;
		bool fold, starts, starts_fold, ends, ends_fold; /* a with b */
	} rows[] = {
	        {S("abc"), S("abc"), 0, true, true, true, true, true},
	        {S("abc"), S("ABC"), 1, true, false, true, false, true},
	        {S("abc"), S("ab"), 1, false, true, true, false, false},
	        {S("abc"), S("BC"), 1, false, false, false, false, true},
	        {S("ab"), S("abc"), -1, false, false, false, false, false},
	        {S("a\0b"), S("a\0c"), -1, false, false, false, false, false},
	        {S("a\0b"), S("a\0B"), 1, true, false, true, false, true},
	        {S("\xff"), S("a"), 1, false, false, false, false, false},
	        {S(""), S(""), 0, true, true, true, true, true},
	        {{NULL, 0}, S(""), 0, true, true, true, true, true},
	        {S("[@"), S("{`"), -1, false, false, false, false, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		kj_str a = rows[i].a, b = rows[i].b;
		assert_int_equal(sign(kj_str_cmp(a, b)), rows[i].order);
		assert_int_equal(sign(kj_str_cmp(b, a)), -rows[i].order);
		assert_int_equal(kj_str_eq(a, b), rows[i].order == 0);
		assert_int_equal(kj_str_eq_fold(a, b), rows[i].fold);
		assert_int_equal(kj_str_starts(a, b), rows[i].starts);
		assert_int_equal(kj_str_starts_fold(a, b), rows[i].starts_fold);
		assert_int_equal(kj_str_ends(a, b), rows[i].ends);
		assert_int_equal(kj_str_ends_fold(a, b), rows[i].ends_fold);
	}
}

static void test_find(void **state)
{
	(void)state;
	static const struct {
		kj_str s, needle;
		size_t first, last, whole, any; /* first and last: of the needle's first byte */
	} rows[] = {
	        {S("a=b=c"), S("=c"), 1, 3, 3, 1}, {S("abc"), S("x"), 3, 3, 3, 3}, {S("aaab"), S("ab"), 0, 2, 2, 0},
	        {S("a\0b"), S("\0b"), 1, 1, 1, 1}, {S(""), S("x"), 0, 0, 0, 0},    {{NULL, 0}, S("x"), 0, 0, 0, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(kj_str_find(rows[i].s, rows[i].needle.p[0]), rows[i].first);
		assert_int_equal(kj_str_find_last(rows[i].s, rows[i].needle.p[0]), rows[i].last);
		assert_int_equal(kj_str_find_str(rows[i].s, rows[i].needle), rows[i].whole);
		assert_int_equal(kj_str_find_any(rows[i].s, rows[i].needle), rows[i].any);
	}
	assert_int_equal(kj_str_find_str(KJ_STR("abc"), KJ_STR("")), 0);
	assert_int_equal(kj_str_find_any(KJ_STR("abc"), KJ_STR("")), 3);
}

static void test_slices_clamp(void **state)
{
	(void)state;
	assert_str(kj_str_from(KJ_STR("abc"), 1), KJ_STR("bc"));
	assert_str(kj_str_from(KJ_STR("abc"), SIZE_MAX), KJ_STR(""));
	assert_str(kj_str_upto(KJ_STR("abc"), 2), KJ_STR("ab"));
	assert_str(kj_str_upto(KJ_STR("abc"), SIZE_MAX), KJ_STR("abc"));
	assert_null(kj_str_from((kj_str){NULL, 0}, 4).p);
}

static void test_trim(void **state)
{
	(void)state;
	static const struct {
		kj_str s, both, left, right;
	} rows[] = {
	        {S(" a b\t\r\n"), S("a b"), S("a b\t\r\n"), S(" a b")},
	        {S("\v\f \t"), S(""), S(""), S("")},
	        {S("\0 "), S("\0"), S("\0 "), S("\0")},
	        {S(""), S(""), S(""), S("")},
	        {{NULL, 0}, S(""), S(""), S("")},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_str(kj_str_trim(rows[i].s), rows[i].both);
		assert_str(kj_str_trim_left(rows[i].s), rows[i].left);
		assert_str(kj_str_trim_right(rows[i].s), rows[i].right);
	}
}

enum cutter { CUT, LINE, WORD };

static bool cut(enum cutter cutter, kj_str *rest, kj_str *piece)
{
	if (cutter == CUT)
		return kj_str_cut(rest, ',', piece);
	return cutter == LINE ? kj_str_line(rest, piece) : kj_str_word(rest, piece);
}

static void test_pieces(void **state)
{
	(void)state;
	static const struct {
		enum cutter cutter;
		kj_str s;
		size_t n;
		kj_str pieces[4];
	} rows[] = {
	        {CUT, S("a,b"), 2, {S("a"), S("b")}},
	        {CUT, S("a,"), 2, {S("a"), S("")}},
	        {CUT, S(","), 2, {S(""), S("")}},
	        {CUT, S(""), 1, {S("")}},
	        {CUT, {NULL, 0}, 0, {{0}}},
	        {LINE, S("a\nb\n"), 2, {S("a"), S("b")}},
	        {LINE, S("a\r\n\r\nb"), 3, {S("a"), S(""), S("b")}},
	        {LINE, S("a\rb\r\r\nc\r"), 2, {S("a\rb\r"), S("c\r")}},
	        {LINE, S("\n"), 1, {S("")}},
	        {LINE, S(""), 0, {{0}}},
	        {WORD, S("  a\tbc \n"), 2, {S("a"), S("bc")}},
	        {WORD, S("a\0b c"), 2, {S("a\0b"), S("c")}},
	        {WORD, S(" "), 0, {{0}}},
	        {WORD, {NULL, 0}, 0, {{0}}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		kj_str rest = rows[i].s, piece;
		for (size_t k = 0; k < rows[i].n; k++) {
			assert_true(cut(rows[i].cutter, &rest, &piece));
			assert_str(piece, rows[i].pieces[k]);
		}
		assert_false(cut(rows[i].cutter, &rest, &piece));
		assert_false(cut(rows[i].cutter, &rest, &piece));
	}
}

static void test_copies(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	kj_str source = KJ_STR("a\0b");
	kj_str copy = kj_str_copy(arena, source);
	assert_ptr_not_equal(copy.p, source.p);
	assert_str(copy, source);
	assert_string_equal(kj_str_zero(arena, kj_str_upto(KJ_STR("abc"), 2)), "ab");
	assert_string_equal(kj_str_zero(arena, (kj_str){NULL, 0}), "");
	assert_str(kj_str_of("xy"), KJ_STR("xy"));
	assert_str(kj_str_of(NULL), KJ_STR(""));
	kj_str small = KJ_STR("a[\xc3\x84z");
	assert_ptr_equal(kj_str_lower(arena, small).p, small.p);
	assert_str(kj_str_lower(arena, KJ_STR("aB\xc3\x84Z@[")), KJ_STR("ab\xc3\x84z@["));
	kj_arena_free(arena);
}

static void test_characters(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
		assert_int_equal(kj_is_space((char)c), c && strchr(" \t\r\n\v\f", c));
		assert_int_equal(kj_is_digit((char)c), digit);
		assert_int_equal(kj_is_alnum((char)c), letter || digit);
		assert_int_equal((unsigned char)kj_lower((char)c), c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
}

static void test_hash(void **state)
{
	(void)state;
	char text[20] = "abcdefghijklmnopqrs";
	/* Every length, every changed byte and every other seed must show. */
	for (size_t n = 0; n < 20; n++) {
		kj_str s = {text, n};
		size_t hash = kj_str_hash(s, 1);
		assert_int_equal(hash, kj_str_hash(s, 1));
		assert_int_not_equal(hash, kj_str_hash(s, 2));
		assert_int_not_equal(hash, kj_str_hash((kj_str){text, n ? n - 1 : 1}, 1));
		for (size_t i = 0; i < n; i++) {
			text[i] ^= 1;
			assert_int_not_equal(hash, kj_str_hash(s, 1));
			text[i] ^= 1;
		}
	}
	assert_int_not_equal(kj_str_hash(KJ_STR("a"), 1), kj_str_hash(KJ_STR("a\0"), 1));
}

static void test_distance(void **state)
{
	(void)state;
	static char many[5000];
	memset(many, 'a', sizeof many);
	kj_str huge = {many, sizeof many};
	static const struct {
		kj_str a, b;
		size_t cap, distance;
	} rows[] = {
	        {S("kitten"), S("sitting"), 9, 3}, {S("title"), S("titel"), 9, 1}, {S("ca"), S("abc"), 9, 3},
	        {S("abcd"), S("badc"), 9, 2},      {S("Title"), S("tITLE"), 9, 0}, {S(""), S("abc"), 9, 3},
	        {S("abc"), S(""), 2, 2},           {S("abc"), S("ac"), 9, 1},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(kj_str_distance(rows[i].a, rows[i].b, rows[i].cap), rows[i].distance);
		assert_int_equal(kj_str_distance(rows[i].b, rows[i].a, rows[i].cap), rows[i].distance);
	}
	assert_int_equal(kj_str_distance(huge, KJ_STR("a"), 7), 7);
	assert_int_equal(kj_str_distance(huge, huge, 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_compare),    cmocka_unit_test(test_find),   cmocka_unit_test(test_slices_clamp),
	        cmocka_unit_test(test_trim),       cmocka_unit_test(test_pieces), cmocka_unit_test(test_copies),
	        cmocka_unit_test(test_characters), cmocka_unit_test(test_hash),   cmocka_unit_test(test_distance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
