#include "doc/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct reading {
	struct kj_arena *arena;
	struct kj_text text;
	struct kj_diags diags;
	const struct kj_node *root;
};

static struct reading read_limited(kj_str bytes, struct kj_doc_limits limits)
{
	struct reading r = {.arena = kj_arena_new(256 * KJ_MIB)};
	r.text = (struct kj_text){KJ_STR("t.json"), bytes};
	r.diags.arena = r.arena;
	r.root = kj_json_read(r.arena, &r.text, limits, &r.diags);
	assert_int_equal(r.root == NULL, r.diags.errors > 0);
	return r;
}

static struct reading read_text(kj_str bytes)
{
	return read_limited(bytes, (struct kj_doc_limits){0});
}

static void write_node(struct kj_json *json, const struct kj_node *node)
{
	if (node->kind == KJ_MAP) {
		kj_json_object(json);
		for (size_t i = 0; i < node->n; i++) {
			kj_json_key_str(json, node->pairs[i].key->text);
			write_node(json, node->pairs[i].value);
		}
		kj_json_object_end(json);
	} else if (node->kind == KJ_SEQ) {
		kj_json_array(json);
		for (size_t i = 0; i < node->n; i++)
			write_node(json, node->items[i]);
		kj_json_array_end(json);
	} else if (node->kind == KJ_NULL) {
		kj_json_null(json);
	} else if (node->kind == KJ_BOOL) {
		kj_json_bool(json, node->num);
	} else if (node->kind == KJ_INT) {
		kj_json_int(json, node->num);
	} else {
		kj_json_str(json, node->text);
	}
}

/* Read, then written in one line; numbers with a fraction come out as text. */
static void test_round(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		const char *out;
	} rows[] = {
	        {KJ_STR_INIT("null"), "null"},
	        {KJ_STR_INIT(" \t\r\n[ true , false,null ]\n"), "[true,false,null]"},
	        {KJ_STR_INIT("\xef\xbb\xbf{}"), "{}"},
	        {KJ_STR_INIT("[]"), "[]"},
	        {KJ_STR_INIT("[[],{},[[]]]"), "[[],{},[[]]]"},
	        {KJ_STR_INIT("{\"a\":{\"b\":[1,{\"c\":-2}]},\"\":0}"), "{\"a\":{\"b\":[1,{\"c\":-2}]},\"\":0}"},
	        {KJ_STR_INIT("[-0,9223372036854775807,-9223372036854775808]"),
	         "[0,9223372036854775807,-9223372036854775808]"},
	        {KJ_STR_INIT("[9223372036854775808,1.5,-1e3,0E+2,1e400]"),
	         "[\"9223372036854775808\",\"1.5\",\"-1e3\",\"0E+2\",\"1e400\"]"},
	        {KJ_STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u57fa\""), "\"\\\"\\\\/\\b\\f\\n\\r\\tA基\""},
	        {KJ_STR_INIT("\"\\u0000\\u001b\\u007f\\u009b\\u202e\""), "\"\\u0000\\u001b\\u007f\\u009b\\u202e\""},
	        {KJ_STR_INIT("\"\\ud83d\\ude42\""), "\"🙂\""},
	        {KJ_STR_INIT("\"\\ud83d\""), "\"\xef\xbf\xbd\""},
	        {KJ_STR_INIT("\"\\ude42\\ud83d\""), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	        {KJ_STR_INIT("\"\\ud83d\\u0041\""), "\"\xef\xbf\xbd"
	                                            "A\""},
	        {KJ_STR_INIT("\"a\xff\xc3(\""), "\"a\xef\xbf\xbd\xef\xbf\xbd(\""},
	        {KJ_STR_INIT("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_text(rows[i].in);
		if (!r.root)
			fail_msg("%s: %.*s", rows[i].in.p, KJ_FMT(r.diags.list.at[0].message));
		struct kj_buf out = KJ_BUF(r.arena);
		write_node(&KJ_JSON(&out, 0), r.root);
		kj_buf_char(&out, '\0');
		assert_string_equal(out.p, rows[i].out);
		kj_arena_free(r.arena);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		uint32_t line, col;
		const char *message;
	} rows[] = {
	        {KJ_STR_INIT(""), 1, 1, "expected a value, but the text ends here"},
	        {KJ_STR_INIT("\n\n [1,\n  x]"), 4, 3, "expected a value, not 'x'"},
	        {KJ_STR_INIT("[1,]"), 1, 4, "expected a value, not ']'"},
	        {KJ_STR_INIT("[1 2]"), 1, 4, "expected ',' or ']', not '2'"},
	        {KJ_STR_INIT("[1}"), 1, 3, "expected ',' or ']', not '}'"},
	        {KJ_STR_INIT("["), 1, 2, "expected a value, but the text ends here"},
	        {KJ_STR_INIT("[1"), 1, 3, "expected ',' or ']', but the text ends here"},
	        {KJ_STR_INIT("{"), 1, 2, "expected a key in quotes or '}', but the text ends here"},
	        {KJ_STR_INIT("{a:1}"), 1, 2, "expected a key in quotes or '}', not 'a'"},
	        {KJ_STR_INIT("{\"a\" 1}"), 1, 6, "expected ':' after the key, not '1'"},
	        {KJ_STR_INIT("{\"a\":1,}"), 1, 8, "expected a key in quotes after ',', not '}'"},
	        {KJ_STR_INIT("{\"a\":}"), 1, 6, "expected a value, not '}'"},
	        {KJ_STR_INIT("{\"a\":1 \"b\"}"), 1, 8, "expected ',' or '}', not '\"'"},
	        {KJ_STR_INIT("]"), 1, 1, "expected a value, not ']'"},
	        {KJ_STR_INIT("1 1"), 1, 3, "expected nothing more after the value, not '1'"},
	        {KJ_STR_INIT("[]]"), 1, 3, "expected nothing more after the value, not ']'"},
	        {KJ_STR_INIT("truth"), 1, 1, "expected a value, not 't'"},
	        {KJ_STR_INIT("nullx"), 1, 5, "expected nothing more after the value, not 'x'"},
	        {KJ_STR_INIT("01"), 1, 2, "expected nothing more after the value, not '1'"},
	        {KJ_STR_INIT("-"), 1, 2, "expected a digit, but the text ends here"},
	        {KJ_STR_INIT("+1"), 1, 1, "expected a value, not '+'"},
	        {KJ_STR_INIT("1."), 1, 3, "expected a digit, but the text ends here"},
	        {KJ_STR_INIT(".5"), 1, 1, "expected a value, not '.'"},
	        {KJ_STR_INIT("1e+"), 1, 4, "expected a digit, but the text ends here"},
	        {KJ_STR_INIT("NaN"), 1, 1, "expected a value, not 'N'"},
	        {KJ_STR_INIT("'a'"), 1, 1, "expected a value, not '''"},
	        {KJ_STR_INIT("[1] // x"), 1, 5, "expected nothing more after the value, not '/'"},
	        {KJ_STR_INIT("\"abc"), 1, 5, "expected '\"' at the end of the string, but the text ends here"},
	        {KJ_STR_INIT("\"a\nb\""), 1, 3,
	         "expected an escape such as \\n for a control character in a string, not the byte 0x0a"},
	        {KJ_STR_INIT("\"a\0b\""), 1, 3,
	         "expected an escape such as \\n for a control character in a string, not the byte 0x00"},
	        {KJ_STR_INIT("\"\\x\""), 1, 3, "expected one of \" \\ / b f n r t u after '\\', not 'x'"},
	        {KJ_STR_INIT("\"\\"), 1, 3, "expected one of \" \\ / b f n r t u after '\\', but the text ends here"},
	        {KJ_STR_INIT("\"\\u12g4\""), 1, 4, "expected four hexadecimal digits after '\\u', not '1'"},
	        {KJ_STR_INIT("\"\\u12"), 1, 4, "expected four hexadecimal digits after '\\u', not '1'"},
	        {KJ_STR_INIT("\xff"), 1, 1, "expected a value, not the byte 0xff"},
	        {KJ_STR_INIT("\0"), 1, 1, "expected a value, not the byte 0x00"},
	        {KJ_STR_INIT("基"), 1, 1, "expected a value, not '基'"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_text(rows[i].in);
		assert_null(r.root);
		const struct kj_diag *diag = &r.diags.list.at[0];
		assert_int_equal(r.diags.errors, 1);
		assert_string_equal(kj_str_zero(r.arena, diag->message), rows[i].message);
		assert_int_equal(diag->span.line, rows[i].line);
		assert_int_equal(diag->span.col, rows[i].col);
		kj_arena_free(r.arena);
	}
}

static void test_places(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("{\n  \"基\": [true,\n  1.50],\n\t\"s\": \"a\\n\"}"));
	assert_int_equal(r.root->span.line, 1);
	assert_int_equal(r.root->span.len, 1);
	const struct kj_node *list = kj_doc_get(r.root, KJ_STR("基")), *s = kj_doc_path(r.root, "s");
	assert_int_equal(r.root->pairs[0].key->span.col, 3);
	assert_int_equal(r.root->pairs[0].key->span.len, 5);
	assert_int_equal(list->span.line, 2);
	assert_int_equal(list->span.col, 10);
	assert_int_equal(list->items[1]->span.line, 3);
	assert_int_equal(list->items[1]->span.col, 3);
	assert_int_equal(list->items[1]->span.len, 4);
	assert_true(list->items[1]->real > 1.49 && list->items[1]->real < 1.51);
	assert_int_equal(s->span.line, 4);
	assert_int_equal(s->span.col, 7);
	assert_int_equal(s->span.len, 5);
	assert_true(s->quoted);
	assert_int_equal(s->text.n, 2);
	kj_arena_free(r.arena);
}

static void test_duplicate(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("{\"a\":1,\n\"a\":2}"));
	assert_int_equal(kj_doc_path(r.root, "a")->num, 2);
	assert_int_equal(r.diags.warnings, 1);
	assert_int_equal(r.diags.list.at[0].span.line, 2);
	assert_string_equal(kj_str_zero(r.arena, r.diags.list.at[0].message),
	                    "the key 'a' is there already, in line 1; the last one counts");
	kj_arena_free(r.arena);
}

static void test_limits(void **state)
{
	(void)state;
	static char deep[200000];
	static const struct {
		kj_str in;
		struct kj_doc_limits limits;
		bool good;
		uint32_t col;
	} rows[] = {
	        {KJ_STR_INIT("[[1]]"), {.depth = 2}, true, 0},
	        {KJ_STR_INIT("[{\"a\":[]}]"), {.depth = 2}, false, 7},
	        {KJ_STR_INIT("[1,2,3]"), {.nodes = 4}, true, 0},
	        {KJ_STR_INIT("[1,2,3]"), {.nodes = 3}, false, 6},
	        {KJ_STR_INIT("{\"a\":1}"), {.nodes = 2}, false, 6},
	        {KJ_STR_INIT("[1]"), {.bytes = 3}, true, 0},
	        {KJ_STR_INIT("[1] "), {.bytes = 3}, false, 0},
	        {{deep, sizeof deep}, {0}, false, 65},
	};
	memset(deep, '[', sizeof deep);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_limited(rows[i].in, rows[i].limits);
		assert_int_equal(r.root != NULL, rows[i].good);
		if (!rows[i].good)
			assert_int_equal(r.diags.list.at[0].span.col, rows[i].col);
		kj_arena_free(r.arena);
	}
}

static void test_get(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("{\"a\":{\"b\":{\"c\":7}},\"x\":[1]}"));
	assert_int_equal(kj_doc_path(r.root, "a.b.c")->num, 7);
	assert_null(kj_doc_path(r.root, "a.c.c"));
	assert_null(kj_doc_path(r.root, "a.b.c.d"));
	assert_null(kj_doc_path(r.root, "x.0"));
	assert_null(kj_doc_get(NULL, KJ_STR("a")));
	assert_string_equal(kj_doc_kind_name(r.root->kind), "a map");
	kj_arena_free(r.arena);
}

static void test_write(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	struct kj_buf out = KJ_BUF(arena);
	struct kj_json json = KJ_JSON(&out, 2);
	kj_json_object(&json);
	kj_json_pair_int(&json, "schema", 1);
	kj_json_key(&json, "list");
	kj_json_array(&json);
	kj_json_str(&json, KJ_STR("a\"\n\xff"));
	kj_json_object(&json);
	kj_json_object_end(&json);
	kj_json_null(&json);
	kj_json_array_end(&json);
	kj_json_pair_bool(&json, "ok", false);
	kj_json_key(&json, "none");
	kj_json_array(&json);
	kj_json_array_end(&json);
	kj_json_pair_str(&json, "ソ", KJ_STR("基準"));
	kj_json_object_end(&json);
	kj_buf_char(&out, '\0');
	assert_string_equal(
	        out.p, "{\n  \"schema\": 1,\n  \"list\": [\n    \"a\\\"\\n\xef\xbf\xbd\",\n    {},\n    null\n  ],\n"
	               "  \"ok\": false,\n  \"none\": [],\n  \"ソ\": \"基準\"\n}");
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_round),     cmocka_unit_test(test_refused), cmocka_unit_test(test_places),
	        cmocka_unit_test(test_duplicate), cmocka_unit_test(test_limits),  cmocka_unit_test(test_get),
	        cmocka_unit_test(test_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
