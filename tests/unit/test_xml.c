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
	struct kj_text *text = KJ_NEW(r.arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("t.xml"), bytes};
	r.diags.arena = r.arena;
	r.root = kj_xml_read(r.arena, text, limits, &r.diags);
	assert_int_equal(r.root == NULL, r.diags.errors > 0);
	return r;
}

static struct reading read_text(kj_str bytes)
{
	return read_limited(bytes, (struct kj_doc_limits){0});
}

/* name(attribute=value ...)[what it holds], text in quotes */
static void put(struct kj_buf *out, const struct kj_node *node)
{
	if (node->kind == KJ_STRING) {
		kj_buf_fmt(out, "\"%.*s\"", KJ_FMT(node->text));
		return;
	}
	const struct kj_node *map = node->items[0];
	assert_int_equal(node->kind, KJ_SEQ);
	assert_int_equal(map->kind, KJ_MAP);
	kj_buf_fmt(out, "%.*s", KJ_FMT(node->text));
	for (size_t i = 0; i < map->n; i++)
		kj_buf_fmt(out, "%s%.*s=%.*s%s", i ? " " : "(", KJ_FMT(map->pairs[i].key->text),
		           KJ_FMT(map->pairs[i].value->text), i + 1 == map->n ? ")" : "");
	for (size_t i = 1; i < node->n; i++) {
		kj_buf_char(out, i == 1 ? '[' : ' ');
		put(out, node->items[i]);
	}
	if (node->n > 1)
		kj_buf_char(out, ']');
}

static void test_read(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
	        {"<a/>", "a"},
	        {"\xef\xbb\xbf<?xml version='1.0' encoding='Shift_JIS'?>\r\n<!-- x --><a>\r\n</a>\n", "a"},
	        {"<a b=\"1\" c='x &lt;&amp;&#65;&#x57fa; y'/>", "a(b=1 c=x <&A基 y)"},
	        {"<a> x <b/>y<b c=''>z</b>\n</a>", "a[\" x \" b \"y\" b(c=)[\"z\"]]"},
	        {"<a>x<!-- one -->y<![CDATA[<z>&amp;]]><?p q?></a>", "a[\"xy<z>&amp;\"]"},
	        {"<n:a xmlns:n='u' n:b='1'/>", "n:a(xmlns:n=u n:b=1)"},
	        {"<!DOCTYPE a><a/>", "a"},
	        {"<!DOCTYPE a PUBLIC 'x' 'http://192.0.2.1/a.dtd'><a b='&quot;&#39;'>&lt;&gt;&apos;</a>",
	         "a(b=\"')[\"<>'\"]"},
	        {"<a>基準</a>", "a[\"基準\"]"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_text(kj_str_of(rows[i].in));
		struct kj_buf out = KJ_BUF(r.arena);
		if (!r.root)
			fail_msg("%s: %.*s", rows[i].in, KJ_FMT(r.diags.list.at[0].message));
		put(&out, r.root);
		kj_buf_char(&out, '\0');
		assert_string_equal(out.p, rows[i].out);
		kj_arena_free(r.arena);
	}
}

#define DECLARES "a document type with declarations of its own is not read"
#define FOREIGN  "an entity that is declared in another file"

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		kj_str in;
		uint32_t line, col;
		const char *message;
	} rows[] = {
	        {KJ_STR_INIT(""), 1, 1, "not well-formed XML: no element found"},
	        {KJ_STR_INIT("<!-- only -->\n"), 2, 1, "not well-formed XML: no element found"},
	        {KJ_STR_INIT("<a>\n <b>基</a>"), 2, 10, "not well-formed XML: mismatched tag"},
	        {KJ_STR_INIT("<a>\n<b c='1"), 2, 1, "not well-formed XML: unclosed token"},
	        {KJ_STR_INIT("<a>\n"), 2, 1, "not well-formed XML: no element found"},
	        {KJ_STR_INIT("<a/>\n<b/>"), 2, 1, "not well-formed XML: junk after document element"},
	        {KJ_STR_INIT("<a b='1' b='2'/>"), 1, 10, "not well-formed XML: duplicate attribute"},
	        {KJ_STR_INIT("<a b=1/>"), 1, 6, "not well-formed XML: not well-formed (invalid token)"},
	        {KJ_STR_INIT("<a>\xff</a>"), 1, 4, "not well-formed XML: not well-formed (invalid token)"},
	        {KJ_STR_INIT("<a>\0</a>"), 1, 4, "not well-formed XML: not well-formed (invalid token)"},
	        {KJ_STR_INIT("<a>&b;</a>"), 1, 4, "not well-formed XML: undefined entity"},
	        {KJ_STR_INIT("<a>&#0;</a>"), 1, 4, "not well-formed XML: reference to invalid character number"},
	        /* entities that grow, from files, in attributes; defaults that nobody wrote */
	        {KJ_STR_INIT("<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]>\n<a>&c;</a>"), 1, 13, DECLARES},
	        {KJ_STR_INIT("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"), 1, 13, DECLARES},
	        {KJ_STR_INIT("<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://192.0.2.1/'> %b;]><a/>"), 1, 13, DECLARES},
	        {KJ_STR_INIT("<!DOCTYPE a [<!ATTLIST a b CDATA 'x'>]><a/>"), 1, 13, DECLARES},
	        {KJ_STR_INIT("<!DOCTYPE a SYSTEM 'a.dtd'>\n<a>&b;</a>"), 2, 4, FOREIGN},
	        {KJ_STR_INIT("<!DOCTYPE a PUBLIC 'x' 'a.dtd'>\n<a b='&lt;&b;'/>"), 2, 11, FOREIGN},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_text(rows[i].in);
		assert_null(r.root);
		const struct kj_diag *diag = &r.diags.list.at[0];
		assert_int_equal(r.diags.errors, 1);
		assert_string_equal(kj_str_zero(r.arena, diag->message), rows[i].message);
		if (diag->span.line != rows[i].line || diag->span.col != rows[i].col)
			fail_msg("%s: at %u:%u, not %u:%u", rows[i].in.p, diag->span.line, diag->span.col, rows[i].line,
			         rows[i].col);
		kj_arena_free(r.arena);
	}
}

static void test_places(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("<?xml version='1.0'?>\r\n<a>\n\t<基/><b c='1'>\n  x\n</b></a>"));
	const struct kj_node *wide = r.root->items[1], *b = r.root->items[2], *x = b->items[1];
	static const uint32_t wanted[][3] = {{2, 1, 3}, {3, 2, 6}, {3, 8, 9}, {3, 8, 9}, {3, 17, 1}};
	const struct kj_node *const nodes[] = {r.root, wide, b, b->items[0]->pairs[0].value, x};
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		assert_int_equal(nodes[i]->span.line, wanted[i][0]);
		assert_int_equal(nodes[i]->span.col, wanted[i][1]);
		assert_int_equal(nodes[i]->span.len, wanted[i][2]);
	}
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
	        {KJ_STR_INIT("<a><b/></a>"), {.depth = 2}, true, 0},
	        {KJ_STR_INIT("<a><b><c/></b></a>"), {.depth = 2}, false, 7},
	        {KJ_STR_INIT("<a>x</a>"), {.nodes = 3}, true, 0},
	        {KJ_STR_INIT("<a>x</a>"), {.nodes = 2}, false, 4},
	        {KJ_STR_INIT("<a b='1'/>"), {.nodes = 4}, true, 0},
	        {KJ_STR_INIT("<a b='1'/>"), {.nodes = 3}, false, 1},
	        {KJ_STR_INIT("<a/>"), {.bytes = 4}, true, 0},
	        {KJ_STR_INIT("<a/> "), {.bytes = 4}, false, 0},
	        {KJ_STR_INIT("<a/>"), {.bytes = SIZE_MAX}, true, 0},
	        {{deep, sizeof deep - 2}, {0}, false, 64 * 3 + 1},
	};
	for (size_t i = 0; i < sizeof deep; i++)
		deep[i] = "<a>"[i % 3];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reading r = read_limited(rows[i].in, rows[i].limits);
		assert_int_equal(r.root != NULL, rows[i].good);
		if (!rows[i].good)
			assert_int_equal(r.diags.list.at[0].span.col, rows[i].col);
		kj_arena_free(r.arena);
	}
}

static void test_words(void **state)
{
	(void)state;
	struct reading r = read_text(KJ_STR("<a b='1' c=''><d/> x <d e='2'/>y</a>"));
	assert_true(kj_xml_is(r.root, "a"));
	assert_false(kj_xml_is(r.root, "b"));
	assert_false(kj_xml_is(r.root->items[2], " x "));
	assert_true(kj_str_eq(kj_xml_attribute(r.root, "b"), KJ_STR("1")));
	assert_non_null(kj_xml_attribute(r.root, "c").p);
	assert_null(kj_xml_attribute(r.root, "d").p);
	assert_ptr_equal(kj_xml_child(r.root, "d"), r.root->items[1]);
	assert_null(kj_xml_child(r.root, "e"));
	assert_true(kj_str_eq(kj_xml_text(r.root), KJ_STR("x")));
	assert_int_equal(kj_xml_text(r.root->items[1]).n, 0);
	kj_arena_free(r.arena);
}

static void test_root(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
	        {"<a/>", true},  {"\xef\xbb\xbf<?xml version='1.0'?>\n<!DOCTYPE a>\n<!-- <b> -->\n <a b='1'>", true},
	        {"<a\n", true},  {"<a", false},
	        {"<ab>", false}, {"<b><a/>", false},
	        {"x<a>", false}, {"<!-- <a>", false},
	        {"", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(kj_xml_is_root(kj_str_of(rows[i].text), KJ_STR("a")), rows[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_read),   cmocka_unit_test(test_refused), cmocka_unit_test(test_places),
	        cmocka_unit_test(test_limits), cmocka_unit_test(test_words),   cmocka_unit_test(test_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
