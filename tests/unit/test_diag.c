#include "base/diag.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define S(literal)  KJ_STR_INIT(literal)
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const struct kj_text policy = {S("policies/a.yml"),
                                      S("x: 1\n    titel: x\r\n\n\t\xe6\x97\xa5\xe6\x9c\xac: \x1b[31m!\n")};
static const struct kj_text other = {S("b\nc"), S("one\ntwo")};

static void test_places(void **state)
{
	(void)state;
	static const struct {
		size_t offset;
		uint32_t line, col;
	} rows[] = {{0, 1, 1}, {4, 1, 5}, {5, 2, 1}, {9, 2, 5}, {19, 3, 1}, {20, 4, 1}, {39, 5, 1}, {1000, 5, 1}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kj_span span = kj_span_at(&policy, rows[i].offset, 3);
		assert_ptr_equal(span.text, &policy);
		assert_int_equal(span.line, rows[i].line);
		assert_int_equal(span.col, rows[i].col);
		assert_int_equal(span.len, 3);
	}
	struct kj_span part = kj_span_of(&policy, (kj_str){policy.bytes.p + 9, 5});
	assert_true(part.line == 2 && part.col == 5 && part.len == 5);
	assert_int_equal(kj_span_of(&policy, KJ_STR("elsewhere")).line, 0);
	assert_int_equal(kj_span_of(&policy, (kj_str){NULL, 0}).line, 0);
	assert_ptr_equal(kj_span_whole(&policy).text, &policy);
	assert_int_equal(kj_span_whole(&policy).line, 0);
}

static void test_lines(void **state)
{
	(void)state;
	static const struct {
		uint32_t line;
		kj_str want;
	} rows[] = {{0, S("")}, {1, S("x: 1")}, {2, S("    titel: x")}, {3, S("")}, {5, S("")}, {UINT32_MAX, S("")}};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(kj_str_eq(kj_text_line(&policy, rows[i].line), rows[i].want));
}

static void assert_printed(const struct kj_diags *diags, bool color, const char *want)
{
	static char got[100000];
	FILE *file = tmpfile();
	assert_non_null(file);
	kj_diags_print(diags, file, color);
	rewind(file);
	got[fread(got, 1, sizeof got - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(got, want);
}

static void test_one_message(void **state)
{
	(void)state;
	static const struct {
		struct kj_span span;
		kj_str message, hint;
		const char *want;
	} rows[] = {
	        {{&policy, 2, 5, 5},
	         S("unknown key 'titel'"),
	         S("did you mean 'title'?"),
	         "policies/a.yml:2:5: error: unknown key 'titel'\n"
	         "    2 |     titel: x\n"
	         "      |     ^^^^^\n"
	         "      = hint: did you mean 'title'?\n"},
	        /* Columns count characters, carets stand under columns. */
	        {{&policy, 4, 5, 3},
	         S("m"),
	         S(""),
	         "policies/a.yml:4:3: error: m\n"
	         "    4 |  \xe6\x97\xa5\xe6\x9c\xac: ^[[31m!\n"
	         "      |    ^^\n"},
	        /* In the middle of a character; a control character takes two columns. */
	        {{&policy, 4, 6, 7},
	         S("m"),
	         S(""),
	         "policies/a.yml:4:3: error: m\n"
	         "    4 |  \xe6\x97\xa5\xe6\x9c\xac: ^[[31m!\n"
	         "      |    ^^^^^^^\n"},
	        /* Past the end of the line, or of the text. */
	        {{&policy, 1, 5, 9}, S("m"), S(""), "policies/a.yml:1:5: error: m\n    1 | x: 1\n      |     ^\n"},
	        {{&policy, 1, 9, 9}, S("m"), S(""), "policies/a.yml:1:9: error: m\n    1 | x: 1\n      |     ^\n"},
	        {{&policy, 1, 1, UINT32_MAX},
	         S("m"),
	         S(""),
	         "policies/a.yml:1:1: error: m\n    1 | x: 1\n      | ^^^^\n"},
	        {{&policy, 3, 1, 1}, S("m"), S("h"), "policies/a.yml:3:1: error: m\n      = hint: h\n"},
	        {{&policy, 9, 1, 1}, S("m"), S(""), "policies/a.yml:9:1: error: m\n"},
	        {{&other, 0, 0, 0}, S("m\n\x1b[2J"), S("\t\x7f"), "b^Jc: error: m^J^[[2J\n      = hint:  ^?\n"},
	        {{NULL, 0, 0, 0}, S("m"), S(""), "kijun: error: m\n"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kj_diags diags = {.arena = kj_arena_new(KJ_MIB)};
		struct kj_diag *diag = kj_error(&diags, rows[i].span, "%.*s", KJ_FMT(rows[i].message));
		if (rows[i].hint.n)
			kj_hint(&diags, diag, "%.*s", KJ_FMT(rows[i].hint));
		assert_printed(&diags, false, rows[i].want);
		assert_int_equal(diags.errors, 1);
		kj_arena_free(diags.arena);
	}
}

static void test_color(void **state)
{
	(void)state;
	struct kj_diags diags = {.arena = kj_arena_new(KJ_MIB)};
	kj_warning(&diags, (struct kj_span){&other, 2, 1, 2}, "m");
	assert_printed(&diags, true,
	               "\x1b[1mb^Jc:2:1:\x1b[0m \x1b[1;35mwarning:\x1b[0m m\n"
	               "    2 | two\n"
	               "      | \x1b[1;35m^^\x1b[0m\n");
	assert_int_equal(diags.warnings, 1);
	assert_int_equal(diags.errors, 0);
	kj_arena_free(diags.arena);
}

static void test_order_and_repetition(void **state)
{
	(void)state;
	struct kj_diags diags = {.arena = kj_arena_new(KJ_MIB)};
	static const struct kj_text none = {S("z"), S("")}, early = {S("a"), S("")};
	kj_error(&diags, (struct kj_span){&none, 2, 1, 1}, "last");
	kj_error(&diags, (struct kj_span){&early, 10, 1, 1}, "line ten");
	kj_error(&diags, (struct kj_span){&early, 9, 2, 1}, "second");
	kj_warning(&diags, (struct kj_span){&early, 9, 2, 1}, "again");
	kj_error(&diags, (struct kj_span){&early, 9, 2, 1}, "second");
	kj_error(&diags, (struct kj_span){&early, 9, 2, 1}, "again");
	kj_warning(&diags, (struct kj_span){&early, 9, 2, 9}, "again");
	kj_error(&diags, (struct kj_span){&early, 9, 1, 1}, "second");
	kj_error(&diags, (struct kj_span){0}, "nowhere");
	assert_printed(&diags, false,
	               "kijun: error: nowhere\n"
	               "a:9:1: error: second\n"
	               "a:9:2: error: second\n"
	               "a:9:2: warning: again\n"
	               "a:9:2: error: again\n"
	               "a:10:1: error: line ten\n"
	               "z:2:1: error: last\n");
	kj_arena_free(diags.arena);
}

static void test_long_lines_are_cut_around_the_place(void **state)
{
	(void)state;
#define TEN   "0123456789"
#define FORTY TEN TEN TEN TEN
	static char bytes[100000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)('0' + i % 10);
	static const struct kj_text text = {S("l"), {bytes, sizeof bytes}};
	static const struct {
		struct kj_span span;
		const char *want;
	} rows[] = {
	        {{&text, 1, 11, 2}, "l:1:11: error: m\n    1 | " FORTY FORTY TEN "012345678…\n      |           ^^\n"},
	        {{&text, 1, 5001, 3},
	         "l:1:5001: error: m\n"
	         "    1 | …" FORTY FORTY TEN "01234567…\n"
	         "      |                                                              ^^^\n"},
	        {{&text, 1, 100000, 300},
	         "l:1:100000: error: m\n"
	         "    1 | …9" FORTY TEN TEN "\n"
	         "      |                                                              ^\n"},
	};
#undef FORTY
#undef TEN
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kj_diags diags = {.arena = kj_arena_new(KJ_MIB)};
		kj_error(&diags, rows[i].span, "m");
		assert_printed(&diags, false, rows[i].want);
		kj_arena_free(diags.arena);
	}
}

static void test_too_many_are_counted(void **state)
{
	(void)state;
	struct kj_diags diags = {.arena = kj_arena_new(KJ_MIB)};
	for (int i = 0; i < KJ_DIAG_MAX + 7; i++) {
		struct kj_diag *diag = kj_error(&diags, kj_span_whole(&policy), "always the same");
		assert_int_equal(diag != NULL, i < KJ_DIAG_MAX);
		kj_hint(&diags, diag, "h");
	}
	assert_int_equal(diags.errors, KJ_DIAG_MAX + 7);
	assert_int_equal(diags.list.n, KJ_DIAG_MAX);
	assert_printed(&diags, false,
	               "policies/a.yml: error: always the same\n"
	               "      = hint: h\n"
	               "kijun: 7 more messages are not shown\n");
	kj_arena_free(diags.arena);
}

static void test_nearest(void **state)
{
	(void)state;
	static const kj_str keys[] = {S("title"),    S("severity"), S("description"),
	                              S("describe"), S("id"),       S("remediation")};
	static const struct {
		kj_str word, want;
	} rows[] = {
	        {S("titel"), S("title")},
	        {S("tilet"), S("")},
	        {S("titl"), S("title")},
	        {S("Title"), S("title")},
	        {S("serverity"), S("severity")},
	        {S("descripton"), S("description")},
	        {S("remed"), S("remediation")},
	        {S("desc"), S("")}, /* two begin so */
	        {S("re"), S("")},
	        {S("if"), S("id")},
	        {S("x"), S("")},
	        {S(""), S("")},
	        {S("nothing like it"), S("")},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		kj_str got = kj_nearest(rows[i].word, keys, COUNT(keys));
		if (!kj_str_eq(got, rows[i].want))
			fail_msg("'%.*s' gave '%.*s'", KJ_FMT(rows[i].word), KJ_FMT(got));
	}
	assert_int_equal(kj_nearest(KJ_STR("abc"), NULL, 0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_places),
	        cmocka_unit_test(test_lines),
	        cmocka_unit_test(test_one_message),
	        cmocka_unit_test(test_color),
	        cmocka_unit_test(test_order_and_repetition),
	        cmocka_unit_test(test_long_lines_are_cut_around_the_place),
	        cmocka_unit_test(test_too_many_are_counted),
	        cmocka_unit_test(test_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
