#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void assert_text(kj_str got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void test_pieces_are_joined(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	struct kj_buf buf = KJ_BUF(arena);
	assert_text(kj_buf_str(&buf), "");
	kj_buf_put(&buf, (kj_str){NULL, 0});
	kj_buf_put(&buf, KJ_STR("ab"));
	kj_buf_char(&buf, '-');
	kj_buf_int(&buf, INT64_MIN);
	kj_buf_char(&buf, ' ');
	kj_buf_int(&buf, INT64_MAX);
	kj_buf_fmt(&buf, " %s%%%d", "x", 5);
	kj_buf_fmt(&buf, "%s", "");
	assert_text(kj_buf_str(&buf), "ab--9223372036854775808 9223372036854775807 x%5");
	kj_arena_free(arena);
}

static void test_formats_of_every_length(void **state)
{
	(void)state;
	static const size_t lengths[] = {0, 1, 62, 63, 64, 65, 127, 128, 129, 4096, 1000000};
	static char text[1000001];
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	struct kj_buf all = KJ_BUF(arena);
	size_t total = 0;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		memset(text, 'a' + (int)i, lengths[i]);
		text[lengths[i]] = '\0';
		kj_str one = kj_str_fmt(arena, "<%s>", text);
		kj_buf_fmt(&all, "<%s>", text);
		assert_int_equal(one.n, lengths[i] + 2);
		assert_memory_equal(one.p + 1, text, lengths[i]);
		assert_int_equal(one.p[one.n - 1], '>');
		assert_memory_equal(all.p + total, one.p, one.n);
		total += one.n;
	}
	assert_int_equal(kj_buf_str(&all).n, total);
	kj_arena_free(arena);
}

static void test_many_small_additions(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_buf a = KJ_BUF(arena), b = KJ_BUF(arena);
	for (int i = 0; i < 500000; i++) {
		kj_buf_char(&a, (char)('a' + i % 26));
		if (i % 3 == 0)
			kj_buf_put(&b, KJ_STR("xyz"));
	}
	assert_int_equal(a.n, 500000);
	assert_int_equal(b.n, 500001);
	for (int i = 0; i < 500000; i++)
		assert_true(a.p[i] == (char)('a' + i % 26) && b.p[i] == "xyz"[i % 3]);
	kj_arena_free(arena);
}

static void test_short_strings_waste_nothing(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	assert_text(kj_str_fmt(arena, "%.*s", KJ_FMT(KJ_STR("abc"))), "abc");
	assert_text(kj_str_fmt(arena, "%.*s", KJ_FMT(((kj_str){NULL, 0}))), "");
	assert_int_equal(kj_arena_used(arena), 3);
	kj_arena_free(arena);
}

/* What a sink was given. */
struct taken {
	struct kj_sink sink;
	struct kj_buf all;
	size_t largest;
};

static void take(struct kj_sink *sink, kj_str bytes)
{
	struct taken *taken = (struct taken *)sink;
	kj_buf_put(&taken->all, bytes);
	if (bytes.n > taken->largest)
		taken->largest = bytes.n;
}

static void test_sink_takes_all_in_order(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct taken taken = {.sink = {take}, .all = KJ_BUF(arena)};
	struct kj_buf out = KJ_BUF_INTO(arena, &taken.sink), whole = KJ_BUF(arena);
	for (int i = 0; i < 300000; i++) {
		kj_buf_fmt(&out, "%d ", i);
		kj_buf_fmt(&whole, "%d ", i);
	}
	kj_buf_flush(&out);
	assert_int_equal(out.n, 0);
	assert_true(kj_str_eq(kj_buf_str(&taken.all), kj_buf_str(&whole)));
	assert_true(taken.largest < 128 * KJ_KIB && out.cap < KJ_MIB);
	kj_buf_flush(&whole); /* one without a sink keeps what it has */
	assert_true(whole.n > 0);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_pieces_are_joined),
	        cmocka_unit_test(test_formats_of_every_length),
	        cmocka_unit_test(test_many_small_additions),
	        cmocka_unit_test(test_short_strings_waste_nothing),
	        cmocka_unit_test(test_sink_takes_all_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
