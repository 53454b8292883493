#include "parse_rows.h"

#define APT                                                                                                            \
	"apt_conf",                                                                                                    \
	{                                                                                                              \
		.rest = false                                                                                          \
	}

/* key value kind */
static const struct parse_case cases[] = {
        {APT,
         "APT::Periodic::Enable \"1\";\nAPT { Periodic {\n\tEnable \"0\"; Verbose 2; } };\n"
         "DPkg::Post-Invoke { \"a\"; \"b c\"; };\nA:: \"x\";\n",
         "1:1|APT::Periodic::Enable|1|set\n3:2|APT::Periodic::Enable|0|set\n3:14|APT::Periodic::Verbose|2|set\n"
         "4:21|DPkg::Post-Invoke::|a|set\n4:26|DPkg::Post-Invoke::|b c|set\n5:1|A::|x|set\n"},
        /* comments; a # that is a directive is none; quotes shelter them */
        {APT,
         "// a\n# b \"\n/* c\n; */ A \"1\"; // d\nB \"# // /* */\"; # e\n#clear A;\n#include \"/x/\";\n# clear B;\nC "
         "\"1\" /* "
         "f */ ;\n",
         "4:6|A|1|set\n5:1|B|# // /* */|set\n6:1|A||clear\n7:1|/x/||include\n9:1|C|1|set\n"},
        /* a // hides the end of a long comment on the same line */
        {APT, "/* // */ A \"1\";\nB \"1\";\n*/ C \"1\";\n", "3:4|C|1|set\n"},
        /* a value on several lines, of several parts; a block with a value; words with %41 */
        {APT, "A\n  \"1\"\n;B \"x\"\"y\"  \"z\"; C \"v\" { D %41; };\n",
         "1:1|A|1|set\n3:2|B|xy z|set\n3:17|C|v|set\n3:25|C::D|A|set\n"},
        /* quotes count within a line only */
        {APT, "A \"x\ny\"; B \"1\"; \"\n;\n", "-3:1|||\n"},
        {APT, "A:: 1;; } } B \"\";\n", "1:1|A::|1|set\n1:13|B||set\n"},
        /* at a mistake apt stops */
        {APT, "A \"1\";\nB \"1\" \"2;\nC \"1\";\n", "1:1|A|1|set\n-3:1|||\n"},
        {APT, "A b c;\nB \"1\";\n", "-1:1|||\n"},
        {APT, "{ };\n", "-1:1|||\n"},
        {APT, "A \"1\"\n", "-1:1|||\n"},
        {APT, "A { #clear B; };\n", "-1:1|||\n"},
        {APT, "#clear;\n", "-1:1|||\n"},
        {APT, "#clears A;\n", "-1:1|||\n"},
        {APT, "A [x;\n", "-1:1|||\n"},
        {APT, "A { B \"1\";\n/* open\n", "1:5|A::B|1|set\n"},
        {APT, "", ""},
};

static void test_cases(void **state)
{
	(void)state;
	CHECK_CASES(cases);
}

/* Blocks without end cost no more than a line says. */
static void test_deep(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; i < 100000; i++)
		kj_buf_put(&buf, KJ_STR("block {"));
	struct kj_text text = {KJ_STR("deep"), kj_buf_str(&buf)};
	const struct kj_rows *rows = kj_parse_text(arena, kj_parser_find(KJ_STR("apt_conf")), NULL, &text, 0);
	assert_int_equal(rows->list.n, 1);
	assert_true(rows->list.at[0].bad);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_deep)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
