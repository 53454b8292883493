/* sshd_config and blocks. What sshd makes of the first was read in its source; `sshd -T -f` shows it. */
#include "parse_rows.h"

#define SSHD                                                                                                           \
	"directives",                                                                                                  \
	{                                                                                                              \
		.rest = false                                                                                          \
	}
#define NGINX                                                                                                          \
	"blocks",                                                                                                      \
	{                                                                                                              \
		.rest = false                                                                                          \
	}
#define NAMED                                                                                                          \
	"blocks",                                                                                                      \
	{                                                                                                              \
		.slash_comments = true                                                                                 \
	}

static const struct parse_case sshd_cases[] = {
        {SSHD, "PermitRootLogin no\n", "1:1||PermitRootLogin|no|no|no\n"},
        {SSHD, "  Port=22\nPort = 23\nPort\t24  \f\nPort =25\r\n",
         "1:3||Port|22|22|22\n2:1||Port|23|23|23\n3:1||Port|24|24|24\n4:1||Port|25|25|25\n"},
        {SSHD, "Port ==26\n", "1:1||Port|=26|=26|=26\n"},
        {SSHD, "#Port 22\n # x\n\n\t\nPort 22 # trailing\nBanner a#b\n",
         "5:1||Port|22|22|22 # trailing\n6:1||Banner|a#b|a#b|a#b\n"},
        {SSHD, "AllowUsers  a \"b c\" 'd e' f\\ g h\\\"i\n",
         "1:1||AllowUsers|a b c d e f g h\"i|a~b c~d e~f g~h\"i|a \"b c\" 'd e' f\\ g h\\\"i\n"},
        {SSHD, "Banner \"a\\ b\"\nBanner a\\nb\\\n",
         "1:1||Banner|a\\ b|a\\ b|\"a\\ b\"\n2:1||Banner|a\\nb\\|a\\nb\\|a\\nb\\\n"},
        {SSHD, "Banner \"\"\nBanner \"a\nBanner a'b\n", "1:1||Banner|||\"\"\n-2:1||Banner|||\"a\n-3:1||Banner|||a'b\n"},
        {SSHD, "Port\nPort # 22\n", "-1:1||Port|||\n2:1||Port|||# 22\n"},
        /* quotes in the keyword; one without an end makes sshd pass over the line */
        {SSHD, "\"Port\" 22\nPo\"rt\" 23\n\"Port 24\n=Port 25\n\"Port\"=26\n",
         "1:1||Port|22|22|22\n2:1||Port|23|23|23\n4:1||Port|25|25|25\n5:1||Port|=26|=26|=26\n"},
        {SSHD, "Subsystem\tsftp\t/usr/lib/sftp-server -f AUTH\n",
         "1:1||Subsystem|sftp /usr/lib/sftp-server -f "
         "AUTH|sftp~/usr/lib/sftp-server~-f~AUTH|sftp\t/usr/lib/sftp-server -f AUTH\n"},
        {SSHD, "X11Forwarding no\nMatch User a,b Address 10.0.0.0/8\n  X11Forwarding yes\nmatch all\nPort 1\n",
         "1:1||X11Forwarding|no|no|no\n2:1|User a,b Address 10.0.0.0/8|Match|User a,b Address "
         "10.0.0.0/8|User~a,b~Address~10.0.0.0/8|User a,b Address 10.0.0.0/8\n"
         "3:3|User a,b Address 10.0.0.0/8|X11Forwarding|yes|yes|yes\n4:1|all|match|all|all|all\n5:1|all|Port|1|1|1\n"},
        {SSHD, "Match\nPort 1\nMatch User \"a\nPort 2\nMatch # x\nPort 3\n",
         "-1:1|?|Match|||\n2:1|?|Port|1|1|1\n-3:1|?|Match|User|User|User \"a\n4:1|?|Port|2|2|2\n-5:1|?|Match|||# "
         "x\n6:1|?|Port|3|3|3\n"},
        {SSHD,
         "AllowUsers a\x1f"
         "b\n",
         "-1:1||AllowUsers|a~b|a~b|a~b\n"},
        {SSHD, "Port 22\rPermitRootLogin yes\n",
         "1:1||Port|22\rPermitRootLogin yes|22\rPermitRootLogin~yes|22\rPermitRootLogin yes\n"},
};

static const struct parse_case block_cases[] = {
        {NGINX, "user www;\nhttp {\n  server {\n    listen 80 default_server; # x\n  }\n}\n",
         "1:1||user|www|www|directive\n2:1||http|||block\n3:3|http|server|||block\n"
         "4:5|http > server|listen|80 default_server|80~default_server|directive\n"},
        {NGINX, "location ~ \"\\.(a|b)$\" { return 200 \"a;b{}\\\"\"; }\n",
         "1:1||location|~ \\.(a|b)$|~~\\.(a|b)$|block\n1:25|location ~ \\.(a|b)$|return|200 "
         "a;b{}\"|200~a;b{}\"|directive\n"},
        {NGINX, "set $x ${y}z;a 'b\nc';\nd e",
         "1:1||set|$x ${y}z|$x~${y}z|directive\n1:14||a|b^c|b^c|directive\n-3:1||d|e|e|directive\n"},
        {NGINX, "a { b }\n}\nc {\n", "1:1||a|||block\n-1:5|a|b|||directive\n-2:1|||||\n3:1||c|||block\n-3:3|||||\n"},
        {NGINX, ";;{}\nx \"y", "1:3|||||block\n-2:1||x|y|y|directive\n"},
        {NGINX, "a//b /*c*/;\n", "1:1||a//b|/*c*/|/*c*/|directive\n"},
        {NAMED, "// x\noptions { /* a;\n b */ recursion no; };\n# y",
         "2:1||options|||block\n3:7|options|recursion|no|no|directive\n"},
};

static void test_sshd(void **state)
{
	(void)state;
	CHECK_CASES(sshd_cases);
}

static void test_blocks(void **state)
{
	(void)state;
	CHECK_CASES(block_cases);
}

/* Nested far deeper than any cap: the rows are bad, memory stays small. */
static void test_deep_blocks(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_buf input = KJ_BUF(arena);
	for (int i = 0; i < 20000; i++)
		kj_buf_put(&input, KJ_STR("a_rather_long_name {\nx;\n"));
	struct kj_text text = {KJ_STR("test"), kj_buf_str(&input)};
	const struct kj_rows *rows = kj_parse_text(arena, kj_parser_find(KJ_STR("blocks")), NULL, &text, 0);
	assert_int_equal(rows->list.n, 40001);
	assert_false(rows->list.at[10].bad);
	assert_true(rows->list.at[39999].bad);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sshd),
	        cmocka_unit_test(test_blocks),
	        cmocka_unit_test(test_deep_blocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
