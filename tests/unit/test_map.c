#include "base/map.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_get_and_put(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	struct kj_map map = {0};
	int one = 1, two = 2;
	assert_null(kj_map_get(&map, KJ_STR("a")));
	*kj_map_at(arena, &map, KJ_STR("a")) = &one;
	*kj_map_at(arena, &map, KJ_STR("a\0")) = &two;
	assert_null(*kj_map_at(arena, &map, KJ_STR("")));
	assert_ptr_equal(kj_map_get(&map, KJ_STR("a")), &one);
	assert_ptr_equal(kj_map_get(&map, KJ_STR("a\0")), &two);
	assert_null(kj_map_get(&map, KJ_STR("A")));
	*kj_map_at(arena, &map, KJ_STR("a")) = &two;
	assert_ptr_equal(kj_map_get(&map, KJ_STR("a")), &two);
	assert_int_equal(map.n, 3);
	struct kj_map moved = map;
	assert_ptr_equal(kj_map_get(&moved, KJ_STR("a\0")), &two);
	kj_arena_free(arena);
}

static size_t depth(const struct kj_map_entry *entry)
{
	size_t most = 0;
	for (int i = 0; entry && i < 4; i++) {
		size_t below = depth(entry->child[i]);
		most = below > most ? below : most;
	}
	return entry ? most + 1 : 0;
}

static void test_many_keys_keep_their_order(void **state)
{
	(void)state;
	enum { MANY = 100000 };
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_map map = {0};
	static int values[MANY];
	for (int i = 0; i < MANY; i++)
		*kj_map_at(arena, &map, kj_str_fmt(arena, "key %d", i)) = &values[i];
	assert_int_equal(map.n, MANY);
	int i = 0;
	for (const struct kj_map_entry *e = map.first; e; e = e->next, i++) {
		assert_ptr_equal(e->value, &values[i]);
		assert_ptr_equal(kj_map_get(&map, kj_str_fmt(arena, "key %d", i)), &values[i]);
	}
	assert_int_equal(i, MANY);
	assert_null(kj_map_get(&map, KJ_STR("key 100000")));
	/* About log4(100000), which is 8.3: a lopsided hash would show here. */
	assert_true(depth(map.root) < 24);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_get_and_put),
	        cmocka_unit_test(test_many_keys_keep_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
