#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-2, appendix B, and the empty message. */
static void test_vectors(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		const char *digest;
	} rows[] = {
	        {{NULL, 0}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	        {KJ_STR_INIT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	        {KJ_STR_INIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	struct kj_arena *arena = kj_arena_new(2 * KJ_MIB);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kj_str digest = kj_sha256(arena, rows[i].in);
		assert_int_equal(digest.n, 64);
		assert_memory_equal(digest.p, rows[i].digest, 64);
	}
	char *million = kj_alloc_text(arena, 1000000);
	memset(million, 'a', 1000000);
	assert_memory_equal(kj_sha256(arena, (kj_str){million, 1000000}).p,
	                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 64);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
