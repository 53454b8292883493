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
	r.text = (struct kj_text){KJ_STR("t.yml"), bytes};
	r.diags.arena = r.arena;
	r.root = kj_yaml_read(r.arena, &r.text, limits, &r.diags);
	assert_int_equal(r.root == NULL, r.diags.errors > 0);
	return r;
}

static struct reading read_text(kj_str bytes)
{
	return read_limited(bytes, (struct kj_doc_limits){0});
}

static void test_scalars(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		enum kj_node_kind kind;
		int64_t num;
		const char *text;
	} rows[] = {
	        {KJ_STR_INIT(""), KJ_NULL, 0, ""},
	        {KJ_STR_INIT("# only a comment\n"), KJ_NULL, 0, ""},
	        {KJ_STR_INIT("---\n"), KJ_NULL, 0, ""},
	        {KJ_STR_INIT("~"), KJ_NULL, 0, "~"},
	        {KJ_STR_INIT("null"), KJ_NULL, 0, "null"},
	        {KJ_STR_INIT("nULL"), KJ_STRING, 0, "nULL"},
	        {KJ_STR_INIT("true"), KJ_BOOL, 1, "true"},
	        {KJ_STR_INIT("False"), KJ_BOOL, 0, "False"},
	        {KJ_STR_INIT("yes"), KJ_STRING, 0, "yes"},
	        {KJ_STR_INIT("off"), KJ_STRING, 0, "off"},
	        {KJ_STR_INIT("'true'"), KJ_STRING, 0, "true"},
	        {KJ_STR_INIT("42"), KJ_INT, 42, "42"},
	        {KJ_STR_INIT("-42"), KJ_INT, -42, "-42"},
	        {KJ_STR_INIT("+42"), KJ_INT, 42, "+42"},
	        {KJ_STR_INIT("0644"), KJ_INT, 644, "0644"}, /* YAML 1.2: decimal */
	        {KJ_STR_INIT("0o644"), KJ_INT, 420, "0o644"},
	        {KJ_STR_INIT("0x1F"), KJ_INT, 31, "0x1F"},
	        {KJ_STR_INIT("0x"), KJ_STRING, 0, "0x"},
	        {KJ_STR_INIT("0xffffffffffffffff"), KJ_STRING, 0, "0xffffffffffffffff"},
	        {KJ_STR_INIT("9223372036854775807"), KJ_INT, INT64_MAX, "9223372036854775807"},
	        {KJ_STR_INIT("9223372036854775808"), KJ_REAL, 0, "9223372036854775808"},
	        {KJ_STR_INIT("1.5"), KJ_REAL, 0, "1.5"},
	        {KJ_STR_INIT("-.5e-3"), KJ_REAL, 0, "-.5e-3"},
	        {KJ_STR_INIT("1."), KJ_REAL, 0, "1."},
	        {KJ_STR_INIT(".inf"), KJ_REAL, 0, ".inf"},
	        {KJ_STR_INIT("."), KJ_STRING, 0, "."},
	        {KJ_STR_INIT("-"), KJ_SEQ, 0, ""},
	        {KJ_STR_INIT("1e"), KJ_STRING, 0, "1e"},
	        {KJ_STR_INIT("1_000"), KJ_STRING, 0, "1_000"},
	        {KJ_STR_INIT("12:30"), KJ_STRING, 0, "12:30"},
	        {KJ_STR_INIT("2026-11-23"), KJ_STRING, 0, "2026-11-23"},
	        {KJ_STR_INIT("10.0.0.0/8"), KJ_STRING, 0, "10.0.0.0/8"},
	        {KJ_STR_INIT("\"\""), KJ_STRING, 0, ""},
	        {KJ_STR_INIT("'it''s'"), KJ_STRING, 0, "it's"},
	        {KJ_STR_INIT("\"\\u57fa\\x41\\n\""), KJ_STRING, 0, "基A\n"},
	        {KJ_STR_INIT("|\n  a\n  b\n"), KJ_STRING, 0, "a\nb\n"},
	        {KJ_STR_INIT(">-\n  a\n  b\n"), KJ_STRING, 0, "a b"},
	        {KJ_STR_INIT("\xef\xbb\xbf"
	                     "42"),
	         KJ_INT, 42, "42"},
	        {KJ_STR_INIT("%YAML 1.2\n---\n42"), KJ_INT, 42, "42"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_text(rows[i].in);
		assert_non_null(r.root);
		if (r.root->kind != rows[i].kind)
			fail_msg("'%s' is %s", rows[i].in.p, kj_doc_kind_name(r.root->kind));
		assert_int_equal(r.root->num, rows[i].num);
		assert_string_equal(kj_str_zero(r.arena, r.root->text), rows[i].text);
		kj_arena_free(r.arena);
	}
}

static void test_quoted(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("[a, 'a', \"a\", 1]"));
	static const bool quoted[] = {false, true, true, false};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(r.root->items[i]->quoted, quoted[i]);
	kj_arena_free(r.arena);
}

static void assert_span(struct kj_span span, uint32_t line, uint32_t col, uint32_t len)
{
	assert_int_equal(span.line, line);
	assert_int_equal(span.col, col);
	assert_int_equal(span.len, len);
}

static void test_places(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("\xef\xbb\xbf"
	                                    "基: 準\r\n"
	                                    "list:   # x\r\n"
	                                    "  - {en: 'a b', ja: \"\\u57fa\"}\r\n"
	                                    "  -\r\n"
	                                    "  - 基, 準\r\n"
	                                    "text: |\r\n"
	                                    "  one\r\n"
	                                    "last: 1"));
	assert_span(r.root->span, 1, 4, 3);
	assert_span(r.root->pairs[0].key->span, 1, 4, 3);
	assert_span(r.root->pairs[0].value->span, 1, 9, 3);
	const struct kj_node *list = kj_doc_path(r.root, "list");
	assert_int_equal(list->n, 3);
	assert_span(list->span, 3, 3, 1);
	assert_span(list->items[0]->span, 3, 5, 1);
	assert_span(kj_doc_path(list->items[0], "en")->span, 3, 10, 5);
	assert_span(kj_doc_path(list->items[0], "ja")->span, 3, 21, 8);
	assert_int_equal(list->items[1]->kind, KJ_NULL);
	assert_int_equal(list->items[1]->span.line, 4);
	assert_span(list->items[2]->span, 5, 5, 8);
	assert_int_equal(kj_doc_path(r.root, "text")->span.line, 6);
	assert_int_equal(kj_doc_path(r.root, "text")->span.col, 7);
	assert_span(kj_doc_path(r.root, "last")->span, 8, 7, 1);
	kj_arena_free(r.arena);
}

static void test_json_too(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("{\"a\": [1, 2.5, {\"b\": null}], \"c\":\"d\"}"));
	assert_int_equal(kj_doc_path(r.root, "a")->n, 3);
	assert_true(kj_str_eq(kj_doc_path(r.root, "c")->text, KJ_STR("d")));
	kj_arena_free(r.arena);
}

static const struct {
	kj_str in;
	uint32_t line, col;
	const char *message;
	bool hint;
} refused[] = {
        {KJ_STR_INIT("a: &x 1"), 1, 4, "anchors ('&…') and aliases ('*…') are not supported", true},
        {KJ_STR_INIT("a: &x [1]"), 1, 4, "anchors ('&…') and aliases ('*…') are not supported", true},
        {KJ_STR_INIT("a: *x"), 1, 4, "anchors ('&…') and aliases ('*…') are not supported", true},
        {KJ_STR_INIT("a: *.conf"), 1, 4, "anchors ('&…') and aliases ('*…') are not supported", true},
        {KJ_STR_INIT("a: !!str 1"), 1, 4, "tags ('!…') are not supported", true},
        {KJ_STR_INIT("- !r:x"), 1, 3, "tags ('!…') are not supported", true},
        {KJ_STR_INIT("- ! x"), 1, 3, "tags ('!…') are not supported", true},
        {KJ_STR_INIT("- !a!b x"), 1, 3, "tags ('!…') are not supported", true},
        {KJ_STR_INIT("%TAG !a! tag:x,2000:\n---\nb"), 1, 1, "tags ('!…') are not supported", true},
        {KJ_STR_INIT("a: 1\n<<: {b: 2}"), 2, 1, "merge keys ('<<') are not supported", true},
        {KJ_STR_INIT("a: 1\n---\nb: 1"), 2, 1, "a second document begins here, but a file holds one", true},
        {KJ_STR_INIT("a: 1\nb: 2\na: 3"), 3, 1, "the key 'a' is there already, in line 1", false},
        {KJ_STR_INIT("a: 1\n'a': 3"), 2, 1, "the key 'a' is there already, in line 1", false},
        {KJ_STR_INIT("1: x"), 1, 1, "a key must be text, not a whole number", true},
        {KJ_STR_INIT("true: x"), 1, 1, "a key must be text, not true or false", true},
        {KJ_STR_INIT("[a]: x"), 1, 1, "a key must be text, not a list or a map", true},
        {KJ_STR_INIT("? {a: b}\n: x"), 1, 3, "a key must be text, not a list or a map", true},
        {KJ_STR_INIT("a: \xff"), 1, 4, "this byte is not UTF-8", true},
        {KJ_STR_INIT("a: b\0"), 1, 5, "a control character is not allowed here", true},
        {KJ_STR_INIT("\xef\xbb\xbf"
                     "a: \x1b"),
         1, 7, "a control character is not allowed here", true},
        {KJ_STR_INIT("a:\n\tb: 1"), 2, 1, "a tab is used for indentation", true},
        {KJ_STR_INIT("a:\n  b: 1\n\tc: 2"), 3, 1, "a tab is used for indentation", true},
        {KJ_STR_INIT("a: %x"), 1, 4, "a value cannot begin with '%'", true},
        {KJ_STR_INIT("a: @x"), 1, 4, "a value cannot begin with '@'", true},
        {KJ_STR_INIT("基: `x`"), 1, 6, "a value cannot begin with '`'", true},
        {KJ_STR_INIT("a: 'x\nb: 1\n"), 1, 4, "the quote that opens here is never closed", true},
        {KJ_STR_INIT("a: \"x\nb: 1\n"), 1, 4, "the quote that opens here is never closed", true},
        {KJ_STR_INIT("a: \"x\n---\n"), 1, 4, "the quote that opens here is never closed", true},
        {KJ_STR_INIT("a: \"\\d+\""), 1, 5, "unknown escape in double quotes", true},
        {KJ_STR_INIT("a: 1\nb:2\nc: 3"), 2, 1, "a blank is missing after ':'", true},
        {KJ_STR_INIT("a: 1\nb\nc: 3"), 2, 1, "a key without ':'", true},
        {KJ_STR_INIT("a: b: c"), 1, 5, "a ':' is not allowed here", true},
        {KJ_STR_INIT("a: - b"), 1, 4, "a list item is not allowed here", true},
        {KJ_STR_INIT("a: [1, 2\nb: 3"), 2, 2, "',' or ']' is expected here", true},
        {KJ_STR_INIT("a: {b: 1\nc: 3"), 2, 2, "',' or '}' is expected here", true},
        {KJ_STR_INIT("a: 'x' y"), 1, 8, "a key is expected here", true},
        {KJ_STR_INIT("  a: 1\n b: 2"), 2, 2, "the document is over before this", true},
        {KJ_STR_INIT("- a\nb: 1"), 2, 1, "a list item ('- ') is expected here", true},
        {KJ_STR_INIT("[a] b"), 1, 5, "the document is over before this", true},
        {KJ_STR_INIT("%YAML 3.0\n---\na"), 1, 1, "found incompatible YAML document", false},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct reading r = read_text(refused[i].in);
		if (r.root)
			fail_msg("accepted: %s", refused[i].in.p);
		const struct kj_diag *diag = &r.diags.list.at[0];
		const char *message = kj_str_zero(r.arena, diag->message);
		if (strcmp(message, refused[i].message) != 0 || diag->span.line != refused[i].line ||
		    diag->span.col != refused[i].col)
			fail_msg("'%s': %u:%u: %s", refused[i].in.p, diag->span.line, diag->span.col, message);
		assert_int_equal(diag->hint.n > 0, refused[i].hint);
		kj_arena_free(r.arena);
	}
}

static void test_limits(void **state)
{
	(void)state;
	static char brackets[200000], braces[200000], dashes[200000], questions[200000];
	static const struct {
		kj_str in;
		struct kj_doc_limits limits;
		const char *message; /* NULL: fine */
	} rows[] = {
	        {KJ_STR_INIT("[[1]]"), {.depth = 2}, NULL},
	        {KJ_STR_INIT("a:\n  b:\n    c: 1"), {.depth = 2}, "lists and maps are nested more than 2 deep"},
	        {KJ_STR_INIT("[1, 2, 3]"), {.nodes = 4}, NULL},
	        {KJ_STR_INIT("[1, 2, 3]"), {.nodes = 3}, "more than 3 values in one document"},
	        {KJ_STR_INIT("a: 1"), {.bytes = 4}, NULL},
	        {KJ_STR_INIT("a: 1\n"), {.bytes = 4}, "the text has 5 bytes, more than the limit of 4"},
	        {{brackets, sizeof brackets}, {0}, "lists and maps are nested more than 64 deep"},
	        {{braces, sizeof braces}, {0}, "lists and maps are nested more than 64 deep"},
	        {{dashes, sizeof dashes}, {0}, "lists and maps are nested more than 64 deep"},
	        {{questions, sizeof questions}, {0}, "a key must be text, not a list or a map"},
	};
	memset(brackets, '[', sizeof brackets);
	memset(braces, '{', sizeof braces);
	for (size_t i = 0; i < sizeof braces; i++) {
		braces[i] = "{a: "[i % 4];
		dashes[i] = "- "[i % 2];
		questions[i] = "? "[i % 2];
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_limited(rows[i].in, rows[i].limits);
		assert_int_equal(r.root == NULL, rows[i].message != NULL);
		if (rows[i].message)
			assert_string_equal(kj_str_zero(r.arena, r.diags.list.at[0].message), rows[i].message);
		kj_arena_free(r.arena);
	}
}

/* Texts of 2 MB, as one line and as many maps: places must not be found by walking from the start each time. */
static void test_large(void **state)
{
	(void)state;
	static char line[2000001], maps[2000000];
	memset(line, ' ', sizeof line);
	for (size_t i = 1; i + 10 < sizeof line; i += 10)
		memcpy(line + i, "ab,", 3);
	line[0] = '[';
	line[sizeof line - 1] = ']';
	struct reading r = read_text((kj_str){line, sizeof line});
	assert_non_null(r.root);
	assert_int_equal(r.root->n, 199999);
	assert_int_equal(r.root->items[199998]->span.col, 1999982);
	kj_arena_free(r.arena);
	for (size_t i = 0; i < sizeof maps; i++)
		maps[i] = "- a: 'xxxxxxxxxxxx'\n"[i % 20];
	r = read_text((kj_str){maps, sizeof maps});
	assert_non_null(r.root);
	assert_int_equal(r.root->n, 100000);
	assert_int_equal(r.root->items[99999]->span.line, 100000);
	assert_int_equal(r.root->items[99999]->span.col, 3);
	kj_arena_free(r.arena);
}

struct overflow {
	struct kj_arena *arena;
	struct kj_diags diags;
};

static void read_much(void *ctx)
{
	struct overflow *overflow = ctx;
	static const struct kj_text text = {KJ_STR_INIT("t"),
	                                    KJ_STR_INIT("a: [b, 'c', \"d\"]\ne: {f: g, h: [i, j, k]}\n")};
	overflow->diags.arena = overflow->arena;
	kj_yaml_read(overflow->arena, &text, (struct kj_doc_limits){0}, &overflow->diags);
}

/* What libyaml holds goes with the arena, wherever that overflows (a leak checker sees it). */
static void test_overflow(void **state)
{
	(void)state;
	size_t good = 0, cap = 0;
	for (; cap < 16 * KJ_KIB; cap += 61) {
		struct overflow overflow = {.arena = kj_arena_new(cap)};
		good += kj_guard(overflow.arena, read_much, &overflow);
		kj_arena_free(overflow.arena);
	}
	assert_in_range(good, 1, cap / 61 - 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_scalars),  cmocka_unit_test(test_quoted),   cmocka_unit_test(test_places),
	        cmocka_unit_test(test_json_too), cmocka_unit_test(test_refused),  cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_large),    cmocka_unit_test(test_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
