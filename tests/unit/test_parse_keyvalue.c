#include "parse_rows.h"

#define PWQUALITY                                                                                                      \
	{                                                                                                              \
		.separators = KJ_STR_INIT(" ="), .comment = KJ_STR_INIT("#"), .comment_anywhere = true,                \
		.bare_keys = true                                                                                      \
	}
#define LOGIN_DEFS                                                                                                     \
	{                                                                                                              \
		.separators = KJ_STR_INIT(" "), .comment = KJ_STR_INIT("#"), .quotes = KJ_STR_INIT("\"")               \
	}
#define SYSTEMD                                                                                                        \
	{                                                                                                              \
		.separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#;"), .sections = true, .backslash = true      \
	}
#define DCONF                                                                                                          \
	{                                                                                                              \
		.separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#"), .sections = true,                         \
		.quotes = KJ_STR_INIT("'\"")                                                                           \
	}
#define OS_RELEASE                                                                                                     \
	{                                                                                                              \
		.separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#"), .quotes = KJ_STR_INIT("\"'"),             \
		.escapes = true                                                                                        \
	}
#define SYSCONFIG                                                                                                      \
	{                                                                                                              \
		.separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#"), .comment_after_blank = true,              \
		.quotes = KJ_STR_INIT("\"'")                                                                           \
	}
#define FAIL2BAN                                                                                                       \
	{                                                                                                              \
		.separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#;"), .sections = true, .indent = true         \
	}

static const struct parse_case cases[] = {
        /* pwquality: key, value, an optional =; # anywhere; flags */
        {"keyvalue", PWQUALITY, "minlen = 8\n", "1:1||minlen|8\n"},
        {"keyvalue", PWQUALITY, "minlen 8\nminlen=9\n\tminlen\t=\t10\n",
         "1:1||minlen|8\n2:1||minlen|9\n3:2||minlen|10\n"},
        {"keyvalue", PWQUALITY, "# minlen = 8\n  # x\nminlen = 8 # or more\nminlen = 8#x\n",
         "3:1||minlen|8\n4:1||minlen|8\n"},
        {"keyvalue", PWQUALITY, "enforce_for_root\nocredit = - 1\n", "1:1||enforce_for_root|\n2:1||ocredit|- 1\n"},
        {"keyvalue", PWQUALITY, "a = = b\n=5\n", "1:1||a|= b\n-2:1|||5\n"},
        {"keyvalue", PWQUALITY, "", ""},
        {"keyvalue", PWQUALITY, "\n \n\t\r\n", ""},
        {"keyvalue", PWQUALITY, "minlen = 8", "1:1||minlen|8\n"},
        {"keyvalue", PWQUALITY, "minlen = 8\r\ndcredit = -1\r\n", "1:1||minlen|8\n2:1||dcredit|-1\n"},
        {"keyvalue", PWQUALITY, "minlen = 8\rdcredit = -1\r", "1:1||minlen|8\rdcredit = -1\n"},
        /* login.defs: # only at the start, so `90 # x` is a bad number, and here a value that says so */
        {"keyvalue", LOGIN_DEFS, "PASS_MAX_DAYS\t90\n", "1:1||PASS_MAX_DAYS|90\n"},
        {"keyvalue", LOGIN_DEFS, "PASS_MAX_DAYS 90 # x\n #PASS_MAX_DAYS 1\n", "1:1||PASS_MAX_DAYS|90 # x\n"},
        {"keyvalue", LOGIN_DEFS, "ENCRYPT_METHOD \"SHA512\"\nALONE\n", "1:1||ENCRYPT_METHOD|SHA512\n-2:1||ALONE|\n"},
        {"keyvalue", LOGIN_DEFS, "A=1 2\n", "1:1||A=1|2\n"},
        /* systemd: sections, # and ; at the start, a backslash goes on, comments between are passed over */
        {"keyvalue", SYSTEMD, "[Login]\nIdleAction=lock\n;x\nIdleActionSec = 10min # no comment\n",
         "2:1|Login|IdleAction|lock\n4:1|Login|IdleActionSec|10min # no comment\n"},
        {"keyvalue", SYSTEMD, "A=1 \\\n# c\n  2\\\n3\nB=x\\\\\nC=\n", "1:1||A|1  2 3\n5:1||B|x\\\\\n6:1||C|\n"},
        {"keyvalue", SYSTEMD, "A=1\\", "1:1||A|1 \n"},
        {"keyvalue", SYSTEMD, "# c \\\nA=1\n", "2:1||A|1\n"},
        {"keyvalue", SYSTEMD, "[a\nk=v\n[b] x\nk=v\nnothing\n",
         "-1:1|a||\n2:1|a|k|v\n-3:1|b||\n4:1|b|k|v\n-5:1|b|nothing|\n"},
        /* KDE: groups in groups, and the mark of what the user cannot change */
        {"keyvalue", SYSTEMD, "[Daemon][$i]\nTimeout[$i]=10\n", "2:1|Daemon][$i|Timeout[$i]|10\n"},
        /* dconf: values are GVariant text */
        {"keyvalue", DCONF, "[org/gnome/desktop/session]\nidle-delay=uint32 600\npicture-uri='file:///x'\n",
         "2:1|org/gnome/desktop/session|idle-delay|uint32 600\n3:1|org/gnome/desktop/session|picture-uri|file:///x\n"},
        {"keyvalue", DCONF, "a=['x', 'y']\nb='x' 'y'\nc='x\n", "1:1||a|['x', 'y']\n2:1||b|'x' 'y'\n-3:1||c|'x\n"},
        /* os-release and sysconfig */
        {"keyvalue", OS_RELEASE, "NAME=\"Debian GNU/Linux\"\nID=debian\nX=\"a \\\"b\\\" \\$c\"\n",
         "1:1||NAME|Debian GNU/Linux\n2:1||ID|debian\n3:1||X|a \"b\" $c\n"},
        {"keyvalue", OS_RELEASE, "A=\"x\\\"\nB=\"\"\nC=\"\n", "-1:1||A|\"x\\\"\n2:1||B|\n-3:1||C|\"\n"},
        {"keyvalue", SYSCONFIG, "A=\"x # y\" # z\nB=1#2\nC=it's # d\n# E=1\n",
         "1:1||A|x # y\n2:1||B|1#2\n3:1||C|it's\n"},
        /* sysctl -a and sshd -T */
        {"keyvalue",
         {.separators = KJ_STR_INIT("=")},
         "net.ipv4.ip_forward = 0\nkernel.x = 1\t2\nsysctl: denied\n",
         "1:1||net.ipv4.ip_forward|0\n2:1||kernel.x|1\t2\n-3:1||sysctl: denied|\n"},
        {"keyvalue",
         {.separators = KJ_STR_INIT(" "), .bare_keys = true},
         "port 22\nbanner none\nforcecommand\n",
         "1:1||port|22\n2:1||banner|none\n3:1||forcecommand|\n"},
        /* indented lines go on */
        {"keyvalue", FAIL2BAN, "[sshd]\naction = a\n  b\n# c\n\n   d\nbantime = 10m\n",
         "2:1|sshd|action|a b d\n7:1|sshd|bantime|10m\n"},
        {"keyvalue", FAIL2BAN, "  a = 1\nb = 2\n  \n", "1:3||a|1\n2:1||b|2\n"},
        /* no option at all: = between */
        {"keyvalue", {.rest = false}, "a=1\n#b=2\n", "1:1||a|1\n2:1||#b|2\n"},
};

static void test_cases(void **state)
{
	(void)state;
	CHECK_CASES(cases);
}

static const struct kj_rows *parse_bytes(struct kj_arena *arena, const char *parser, kj_str bytes, size_t max)
{
	static const struct kj_parse_options options = PWQUALITY;
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("test"), bytes};
	return kj_parse_text(arena, kj_parser_find(kj_str_of(parser)), &options, text, max);
}

static void test_nul(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	const struct kj_rows *rows = parse_bytes(arena, "keyvalue", KJ_STR("a=1\nb=2\0 3\nc=4\n"), 0);
	assert_int_equal(rows->list.n, 3);
	assert_false(rows->list.at[0].bad);
	assert_true(rows->list.at[1].bad);
	assert_string_equal(rows->list.at[1].problem, "a NUL byte in the line");
	assert_false(rows->list.at[2].bad);
	kj_arena_free(arena);
}

static void test_cap(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	const struct kj_rows *rows = parse_bytes(arena, "keyvalue", KJ_STR("a=1\nb=2\nc=4\n"), 3);
	assert_int_equal(rows->list.n, 3);
	assert_false(rows->capped);
	rows = parse_bytes(arena, "keyvalue", KJ_STR("a=1\nb=2\nc=4\n"), 2);
	assert_int_equal(rows->list.n, 2);
	assert_true(rows->capped);
	kj_arena_free(arena);
}

static void test_tables(void **state)
{
	(void)state;
	size_t n, options;
	const struct kj_parser *parsers = kj_parsers(&n);
	const struct kj_option *table = kj_parse_options_table(&options);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || kj_str_cmp(parsers[i - 1].name, parsers[i].name) < 0);
		assert_ptr_equal(kj_parser_find(parsers[i].name), &parsers[i]);
		for (const char *const *name = parsers[i].takes; *name; name++) {
			size_t at = 0;
			while (at < options && !kj_str_eq(table[at].name, kj_str_of(*name)))
				at++;
			assert_true(at < options);
		}
	}
	assert_null(kj_parser_find(KJ_STR("toml")));
}

static void test_cells(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	const struct kj_rows *rows = parse_bytes(arena, "keyvalue", KJ_STR("minlen = 8\n"), 0);
	assert_int_equal(rows->column_count, 3);
	assert_int_equal(kj_rows_column(rows, KJ_STR("value")), 2);
	assert_int_equal(kj_rows_column(rows, KJ_STR("no")), 3);
	assert_true(kj_str_eq(kj_row_cell(rows, &rows->list.at[0], KJ_STR("value")), KJ_STR("8")));
	assert_int_equal(kj_row_cell(rows, &rows->list.at[0], KJ_STR("no")).n, 0);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cases),  cmocka_unit_test(test_nul),   cmocka_unit_test(test_cap),
	        cmocka_unit_test(test_tables), cmocka_unit_test(test_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
