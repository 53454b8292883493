/* Comma-separated values (RFC 4180). */
#include "parse_rows.h"

static const struct parse_case cases[] = {
        {"csv", {.rest = false}, "name,joined\nsato,2020-04-01\nito,\n", "2:1|sato|2020-04-01\n3:1|ito|\n"},
        {"csv", {.rest = false}, "a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n", "2:1|x, y|say \"hi\"\n"},
        /* a line end in quotes: the next record is on line 4 */
        {"csv", {.rest = false}, "a,b\n\"one\ntwo\",2\nx,y", "2:1|one^two|2\n4:1|x|y\n"},
        {"csv", {.rest = false}, " a , b\n 1 , 2\n", "2:1| 1 | 2\n"},
        {"csv", {.rest = false}, "a,b\n1\n1,2,3\n1,2\n", "-2:1|1|\n-3:1|1|2\n4:1|1|2\n"},
        {"csv", {.rest = false}, "a,b\n,,\n\n , \nx,y\n", "5:1|x|y\n"},
        {"csv", {.rest = false}, "a,b\n\"x\"y,2\n\"never,closed\n1,2\n", "-2:1|x|2\n-3:1|never,closed^1,2^|\n"},
        {"csv", {.rest = false}, "#TYPE System.Object\na\n1\n", "3:1|1\n"},
        {"csv", {.rest = false}, "\n\na,b\n1,2\n", "4:1|1|2\n"},
        {"csv", {.rest = false}, "a,b,a\n1,2,3\n", "-1:1|||\n"},
        {"csv", {.rest = false}, "a,\"b\n1,2\n", "-1:1||\n"},
        {"csv", {.delimiter = KJ_STR_INIT(";")}, "a;b\n1,5;2\n", "2:1|1,5|2\n"},
        {"csv", {.rest = false}, "", ""},
        {"csv", {.rest = false}, "a,b", ""},
        {"csv", {.rest = false}, "a\n\"\"\n\"\"\"\"\n", "3:1|\"\n"},
        /* a lone CR is a byte like any other */
        {"csv", {.rest = false}, "a,b\n1\r2,3\n", "2:1|1\r2|3\n"},
};

static void test_cases(void **state)
{
	(void)state;
	CHECK_CASES(cases);
}

/* A header of more columns than any register has is refused, not taken for that many cells a row. */
static void test_columns(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_buf buf = KJ_BUF(arena);
	for (int i = 0; i < 1001; i++)
		kj_buf_fmt(&buf, "c%d,", i);
	kj_buf_put(&buf, KJ_STR("end\n1,2\n"));
	struct kj_text text = {KJ_STR("wide.csv"), kj_buf_str(&buf)};
	const struct kj_rows *rows = kj_parse_text(arena, kj_parser_find(KJ_STR("csv")), NULL, &text, 0);
	assert_int_equal(rows->list.n, 1);
	assert_true(rows->list.at[0].bad);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_columns)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
