#include "base/arena.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static bool all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i])
			return false;
	}
	return true;
}

static void test_objects_are_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 7, 16, 17, 1000, 20000, 65536, 300000, 1 << 20};
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	char *objects[10 * 20];
	size_t n = 0, total = 0;
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			char *text = kj_alloc_text(arena, 3);
			memset(text, 'x', 3);
			char *p = kj_alloc(arena, sizes[i], 1);
			assert_int_equal((uintptr_t)p % 16, 0);
			assert_true(all_zero(p, sizes[i]));
			memset(p, (int)n, sizes[i]);
			objects[n++] = p;
			total += sizes[i] + 3;
		}
	}
	assert_int_equal(kj_arena_used(arena), total);
	for (size_t i = 0; i < n; i++) {
		size_t size = sizes[i % 10];
		assert_true(size == 0 || (objects[i][0] == (char)i && objects[i][size - 1] == (char)i));
	}
	kj_arena_free(arena);
	kj_arena_free(NULL);
}

struct request {
	struct kj_arena *arena;
	size_t count, size;
	bool returned;
};

static void allocate(void *ctx)
{
	struct request *request = ctx;
	kj_alloc(request->arena, request->count, request->size);
	request->returned = true;
}

static void test_cap_and_overflow_end_in_the_guard(void **state)
{
	(void)state;
	static const struct {
		size_t cap, count, size;
		bool fits;
	} rows[] = {
	        {100, 100, 1, true},
	        {100, 101, 1, false},
	        {100, 10, 11, false},
	        {SIZE_MAX, SIZE_MAX / 2 + 2, 2, false}, /* the product would be 2 */
	        {SIZE_MAX, SIZE_MAX, 1, false},
	        {0, 0, 8, true},
	        {0, 1, 1, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct request request = {kj_arena_new(rows[i].cap), rows[i].count, rows[i].size, false};
		assert_int_equal(kj_guard(request.arena, allocate, &request), rows[i].fits);
		assert_int_equal(request.returned, rows[i].fits);
		kj_arena_free(request.arena);
	}
}

struct nest {
	struct kj_arena *arena;
	bool inner, outer_went_on;
};

static void guard_inside(void *ctx)
{
	struct nest *nest = ctx;
	struct request request = {nest->arena, 1000, 1, false};
	nest->inner = kj_guard(nest->arena, allocate, &request);
	nest->outer_went_on = true;
	kj_alloc(nest->arena, 1000, 1);
}

static void test_guards_nest(void **state)
{
	(void)state;
	struct nest nest = {.arena = kj_arena_new(100), .inner = true};
	assert_false(kj_guard(nest.arena, guard_inside, &nest));
	assert_false(nest.inner);
	assert_true(nest.outer_went_on);
	kj_arena_free(nest.arena);
}

static void test_regrow(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	char *p = kj_regrow(arena, NULL, 0, 10);
	memcpy(p, "0123456789", 10);
	char *grown = kj_regrow(arena, p, 10, 1000);
	assert_ptr_equal(grown, p);
	assert_int_equal(kj_arena_used(arena), 1000);
	assert_ptr_equal(kj_regrow(arena, p, 1000, 100), p);
	assert_int_equal(kj_arena_used(arena), 100);
	kj_alloc(arena, 1, 1);
	char *moved = kj_regrow(arena, p, 100, 200);
	assert_ptr_not_equal(moved, p);
	assert_memory_equal(moved, "0123456789", 10);
	assert_ptr_equal(kj_regrow(arena, p, 100, 50), p);
	char *large = kj_regrow(arena, moved, 200, 5 * KJ_MIB);
	assert_memory_equal(large, "0123456789", 10);
	memset(large, 1, 5 * KJ_MIB);
	kj_arena_free(arena);
}

struct note {
	char **at;
	char mark;
};

static void put_mark(void *object)
{
	const struct note *note = object;
	*(*note->at)++ = note->mark;
}

static void test_deferred_run_last_first_even_over_the_cap(void **state)
{
	(void)state;
	char text[4] = "", *at = text;
	struct note notes[] = {{&at, '1'}, {&at, '2'}, {&at, '3'}};
	struct kj_arena *arena = kj_arena_new(0);
	for (size_t i = 0; i < 3; i++)
		kj_defer(arena, put_mark, &notes[i]);
	assert_string_equal(text, "");
	kj_arena_free(arena);
	assert_string_equal(text, "321");
}

static void test_vec(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	KJ_VEC(int64_t) numbers = {0};
	KJ_VEC(char) letters = {0};
	for (int i = 0; i < 100000; i++) {
		KJ_PUSH(arena, &numbers, i);
		if (i % 100 == 0)
			KJ_PUSH(arena, &letters, 'a');
	}
	assert_int_equal(numbers.n, 100000);
	assert_int_equal(letters.n, 1000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(numbers.at[i], i);
	KJ_RESERVE(arena, &letters, 5000);
	assert_true(letters.cap >= 6000);
	kj_arena_free(arena);
}

struct vec_request {
	struct kj_arena *arena;
	size_t more;
};

static void reserve_more(void *ctx)
{
	struct vec_request *request = ctx;
	KJ_VEC(int64_t) numbers = {0};
	KJ_PUSH(request->arena, &numbers, 1);
	KJ_RESERVE(request->arena, &numbers, request->more);
}

static void test_vec_overflow(void **state)
{
	(void)state;
	static const size_t more[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 8, SIZE_MAX / 16};
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		struct vec_request request = {kj_arena_new(SIZE_MAX), more[i]};
		assert_false(kj_guard(request.arena, reserve_more, &request));
		kj_arena_free(request.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_objects_are_zeroed_aligned_and_apart),
	        cmocka_unit_test(test_cap_and_overflow_end_in_the_guard),
	        cmocka_unit_test(test_guards_nest),
	        cmocka_unit_test(test_regrow),
	        cmocka_unit_test(test_deferred_run_last_first_even_over_the_cap),
	        cmocka_unit_test(test_vec),
	        cmocka_unit_test(test_vec_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
