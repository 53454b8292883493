#include "base/buf.h"
#include "base/pool.h"
#include "base/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct setup {
	struct kj_arena *arena;
	struct kj_regex_set *set;
	struct kj_regex_scratch *scratch;
};

static const struct kj_regex *compile(struct setup *s, kj_str pattern, unsigned flags)
{
	struct kj_regex_error error;
	const struct kj_regex *regex = kj_regex_compile(s->set, pattern, flags, &error);
	assert_non_null(regex);
	return regex;
}

static const struct {
	kj_str pattern;
	unsigned flags;
	kj_str subject;
	enum kj_regex_result result;
	size_t at, n; /* of the whole match */
} rows[] = {
        {KJ_STR_INIT("b+"), 0, KJ_STR_INIT("abbc"), KJ_REGEX_YES, 1, 2},
        {KJ_STR_INIT("B+"), 0, KJ_STR_INIT("abbc"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("B+"), KJ_REGEX_FOLD, KJ_STR_INIT("abbc"), KJ_REGEX_YES, 1, 2},
        {KJ_STR_INIT("É"), KJ_REGEX_FOLD, KJ_STR_INIT("é"), KJ_REGEX_YES, 0, 2},
        {KJ_STR_INIT("^b"), 0, KJ_STR_INIT("a\nb"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("^b"), KJ_REGEX_MULTILINE, KJ_STR_INIT("a\nb"), KJ_REGEX_YES, 2, 1},
        {KJ_STR_INIT("a.b"), 0, KJ_STR_INIT("a\nb"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("a.b"), KJ_REGEX_DOTALL, KJ_STR_INIT("a\nb"), KJ_REGEX_YES, 0, 3},
        {KJ_STR_INIT("no|none"), KJ_REGEX_WHOLE, KJ_STR_INIT("none"), KJ_REGEX_YES, 0, 4},
        {KJ_STR_INIT("no"), KJ_REGEX_WHOLE, KJ_STR_INIT("none"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("no"), KJ_REGEX_WHOLE, KJ_STR_INIT("no\n"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("one"), KJ_REGEX_WHOLE, KJ_STR_INIT("none"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("^.$"), 0, KJ_STR_INIT("基"), KJ_REGEX_YES, 0, 3},
        {KJ_STR_INIT("^.$"), 0, KJ_STR_INIT("\xff"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("[^x]"), 0, KJ_STR_INIT("\xff\xfe"), KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("b"), 0, KJ_STR_INIT("\xff\xe5 b\xff"), KJ_REGEX_YES, 3, 1}, /* goes on behind it */
        {KJ_STR_INIT("a.*b"), KJ_REGEX_WHOLE,
         KJ_STR_INIT("a\xff"
                     "b"),
         KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("a\\x00b"), 0, KJ_STR_INIT("xa\0b"), KJ_REGEX_YES, 1, 3},
        {KJ_STR_INIT("a\0b"), 0, KJ_STR_INIT("xa\0b"), KJ_REGEX_YES, 1, 3},
        {KJ_STR_INIT(""), 0, {NULL, 0}, KJ_REGEX_YES, 0, 0},
        {KJ_STR_INIT("x"), 0, {NULL, 0}, KJ_REGEX_NO, 0, 0},
        {KJ_STR_INIT("^$"), 0, KJ_STR_INIT(""), KJ_REGEX_YES, 0, 0},
        /* the limits hold */
        {KJ_STR_INIT("^(a+)+$"), 0, KJ_STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), KJ_REGEX_LIMIT, 0,
         0},
};

static void test_find(void **state)
{
	struct setup *s = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_match match;
		const struct kj_regex *regex = compile(s, rows[i].pattern, rows[i].flags);
		enum kj_regex_result result = kj_regex_find(regex, s->scratch, rows[i].subject, 0, &match);
		if (result != rows[i].result)
			fail_msg("'%s' on '%s': %d", rows[i].pattern.p, rows[i].subject.p, result);
		assert_int_equal(kj_regex_find(regex, s->scratch, rows[i].subject, 0, NULL), result);
		if (result != KJ_REGEX_YES)
			continue;
		assert_int_equal(match.group[0].n, rows[i].n);
		assert_non_null(match.group[0].p);
		if (rows[i].subject.p)
			assert_int_equal(match.group[0].p - rows[i].subject.p, rows[i].at);
	}
}

/* A recursion that eats the JIT stack: neither a match nor none. */
static void test_stack(void **state)
{
	struct setup *s = *state;
	static char deep[400000];
	memset(deep, '(', sizeof deep / 2);
	memset(deep + sizeof deep / 2, ')', sizeof deep / 2);
	const struct kj_regex *regex = compile(s, KJ_STR("^(\\((?1)*\\))$"), 0);
	assert_int_equal(kj_regex_find(regex, s->scratch, (kj_str){deep, sizeof deep}, 0, NULL), KJ_REGEX_LIMIT);
	assert_int_equal(kj_regex_find(regex, s->scratch, KJ_STR("(()())"), 0, NULL), KJ_REGEX_YES);
}

static void test_from(void **state)
{
	struct setup *s = *state;
	kj_str subject = KJ_STR("基x基");
	const struct kj_regex *regex = compile(s, KJ_STR("基"), 0), *look = compile(s, KJ_STR("(?<=x)基"), 0);
	struct kj_match match;
	static const size_t found_at[] = {0, 4, 4, 4, 4, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
	for (size_t from = 0; from < sizeof found_at / sizeof *found_at; from++) {
		bool yes = kj_regex_find(regex, s->scratch, subject, from, &match) == KJ_REGEX_YES;
		assert_int_equal(yes, found_at[from] != SIZE_MAX);
		if (yes)
			assert_int_equal(match.group[0].p - subject.p, found_at[from]);
	}
	assert_int_equal(kj_regex_find(look, s->scratch, subject, 4, NULL), KJ_REGEX_YES);
}

static void test_groups(void **state)
{
	struct setup *s = *state;
	struct kj_match match;
	const struct kj_regex *regex = compile(s, KJ_STR("(a)|(b)(c)?(d)?()"), 0);
	assert_int_equal(kj_regex_captures(regex), 5);
	assert_int_equal(kj_regex_find(regex, s->scratch, KJ_STR("bd"), 0, &match), KJ_REGEX_YES);
	assert_int_equal(match.groups, 6);
	assert_null(match.group[1].p);
	assert_true(kj_str_eq(match.group[2], KJ_STR("b")));
	assert_null(match.group[3].p);
	assert_true(kj_str_eq(match.group[4], KJ_STR("d")));
	assert_non_null(match.group[5].p);
	assert_int_equal(match.group[5].n, 0);
	assert_int_equal(kj_regex_find(regex, s->scratch, KJ_STR("a"), 0, &match), KJ_REGEX_YES);
	assert_int_equal(match.groups, 6);
	assert_null(match.group[2].p);
	regex = compile(s, KJ_STR("(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(b)(c)(d)"), 0);
	assert_int_equal(kj_regex_find(regex, s->scratch, KJ_STR("aaaaaaaaaaaaaabcd"), 0, &match), KJ_REGEX_YES);
	assert_int_equal(match.groups, KJ_REGEX_GROUPS);
	assert_true(kj_str_eq(match.group[15], KJ_STR("b")));
}

static void test_same_object(void **state)
{
	struct setup *s = *state;
	char pattern[] = "a.b";
	const struct kj_regex *regex = compile(s, (kj_str){pattern, 3}, 0);
	pattern[0] = 'x';
	assert_ptr_equal(compile(s, KJ_STR("a.b"), 0), regex);
	assert_ptr_not_equal(compile(s, KJ_STR("a.b"), KJ_REGEX_FOLD), regex);
	assert_ptr_not_equal(compile(s, KJ_STR("a.c"), 0), regex);
	assert_true(kj_str_eq(kj_regex_pattern(regex), KJ_STR("a.b")));
}

static void test_refused(void **state)
{
	struct setup *s = *state;
	static const struct {
		kj_str pattern;
		size_t offset;
	} patterns[] = {
	        {KJ_STR_INIT("a(b"), 3},    {KJ_STR_INIT("a)b"), 1}, {KJ_STR_INIT("ab\\C"), 4},
	        {KJ_STR_INIT("基\xff"), 3}, {KJ_STR_INIT("*"), 0},
	};
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct kj_regex_error error = {0};
		assert_null(kj_regex_compile(s->set, patterns[i].pattern, 0, &error));
		assert_true(error.message.n > 0);
		assert_int_equal(error.offset, patterns[i].offset);
	}
	static char longest[70000];
	struct kj_regex_error error = {0};
	memset(longest, 'a', sizeof longest);
	assert_null(kj_regex_compile(s->set, (kj_str){longest, sizeof longest}, 0, &error));
}

struct shared {
	struct setup *s;
	const struct kj_regex *regex;
	struct kj_regex_scratch *scratch[4];
	atomic_int wrong;
};

static void find_one(void *ctx, size_t index, unsigned worker)
{
	struct shared *shared = ctx;
	kj_str subject = index % 2 ? KJ_STR("key = value") : KJ_STR("key : value");
	enum kj_regex_result wanted = index % 2 ? KJ_REGEX_YES : KJ_REGEX_NO;
	if (kj_regex_find(shared->regex, shared->scratch[worker], subject, 0, NULL) != wanted)
		atomic_fetch_add(&shared->wrong, 1);
}

static void test_threads(void **state)
{
	struct shared shared = {.s = *state};
	shared.regex = compile(shared.s, KJ_STR("^(\\w+)\\s*=\\s*(\\w+)$"), 0);
	for (size_t i = 0; i < 4; i++)
		shared.scratch[i] = kj_regex_scratch_new(shared.s->arena);
	kj_pool_run(4, 20000, find_one, &shared);
	assert_int_equal(shared.wrong, 0);
}

static void fill_set(void *ctx)
{
	struct kj_arena *arena = ctx;
	struct kj_regex_set *set = kj_regex_set_new(arena);
	struct kj_regex_error error;
	for (int i = 0;; i++) {
		kj_regex_scratch_new(arena);
		kj_regex_compile(set, kj_str_fmt(arena, "a{%d}", i), 0, &error);
	}
}

/* What PCRE2 holds goes with the arena, also when that overflows in between (a leak checker sees it). */
static void test_overflow(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 16 * KJ_KIB; cap += 997) {
		struct kj_arena *arena = kj_arena_new(cap);
		assert_false(kj_guard(arena, fill_set, arena));
		kj_arena_free(arena);
	}
}

static int setup(void **state)
{
	static struct setup s;
	s.arena = kj_arena_new(8 * KJ_MIB);
	s.set = kj_regex_set_new(s.arena);
	s.scratch = kj_regex_scratch_new(s.arena);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;
	kj_arena_free(s->arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_find),    cmocka_unit_test(test_stack),       cmocka_unit_test(test_from),
	        cmocka_unit_test(test_groups),  cmocka_unit_test(test_same_object), cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_threads), cmocka_unit_test(test_overflow),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
