#include "policies.h"

#include <stdio.h>
#include <stdlib.h>

/* The schemas under policies/ are what the loader's tables say. With KIJUN_UPDATE=1 in the environment the test writes
   them anew. */

static kj_str path_of(struct kj_arena *arena, const char *name)
{
	return kj_str_fmt(arena, "%s/policies/%s", KJ_SOURCE_ROOT, name);
}

static void update(struct kj_arena *arena, const char *name, kj_str text)
{
	FILE *file = fopen(kj_str_zero(arena, path_of(arena, name)), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
	assert_int_equal(fclose(file), 0);
}

static kj_str read_file(struct kj_arena *arena, const char *name)
{
	struct kj_buf out = KJ_BUF(arena);
	FILE *file = fopen(kj_str_zero(arena, path_of(arena, name)), "rb");
	char bytes[4096];
	size_t n;
	assert_non_null(file);
	while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
		kj_buf_put(&out, (kj_str){bytes, n});
	fclose(file);
	return kj_buf_str(&out);
}

static void test_files(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	for (size_t i = 0; kj_schema_name(i); i++) {
		struct kj_buf out = KJ_BUF(arena);
		kj_schema_write(i, &out);
		if (getenv("KIJUN_UPDATE"))
			update(arena, kj_schema_name(i), kj_buf_str(&out));
		if (!kj_str_eq(read_file(arena, kj_schema_name(i)), kj_buf_str(&out)))
			fail_msg("policies/%s is not what the loader reads; KIJUN_UPDATE=1 writes it anew",
			         kj_schema_name(i));
	}
	kj_arena_free(arena);
}

/* The schema is JSON, and knows every operator and item. */
static void test_content(void **state)
{
	(void)state;
	struct loaded to = load_given();
	struct kj_buf out = KJ_BUF(to.arena);
	kj_schema_write(0, &out);
	struct kj_text text = {KJ_STR(""), kj_buf_str(&out)};
	const struct kj_node *schema = kj_json_read(to.arena, &text, (struct kj_doc_limits){0}, &to.diags);
	assert_string_equal(messages(&to), "");
	const struct kj_node *rule = kj_doc_path(schema, "properties.rules.items.properties");
	assert_int_equal(kj_doc_path(rule, "item.enum")->n, 36);
	const struct kj_node *column = kj_doc_path(schema, "$defs.column.anyOf")->items[1];
	size_t n;
	const struct kj_operator *op = kj_operators(&n);
	for (size_t i = 0; i < n; i++)
		assert_non_null(kj_doc_get(kj_doc_get(column, KJ_STR("properties")), op[i].name));
	assert_int_equal(kj_doc_path(schema, "$defs.check.anyOf")->n, 10);
	kj_arena_free(to.arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_files),
	        cmocka_unit_test(test_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
