/* The parsers whose rows are single lines of fields: table, lines, inf. */
#include "parse_rows.h"

#define PASSWD                                                                                                         \
	{                                                                                                              \
		.delimiter = KJ_STR_INIT(":"), .columns = KJ_STR_INIT("name password uid gid gecos home shell")        \
	}
#define FSTAB                                                                                                          \
	{                                                                                                              \
		.delimiter = KJ_STR_INIT(" "), .columns = KJ_STR_INIT("device mount type options dump pass"),          \
		.min_fields = 4, .comment = KJ_STR_INIT("#")                                                           \
	}
#define CRONTAB                                                                                                        \
	{                                                                                                              \
		.delimiter = KJ_STR_INIT(" "), .columns = KJ_STR_INIT("minute hour command"), .rest = true             \
	}

static const struct parse_case cases[] = {
        {"table", PASSWD, "root:x:0:0:root:/root:/bin/bash\n", "1:1|root|x|0|0|root|/root|/bin/bash\n"},
        {"table", PASSWD, "a::1:1:::\n+::::::\n# b:x\n\n", "1:1|a||1|1|||\n2:1|+||||||\n-3:1|# b|x|||||\n"},
        {"table", PASSWD, "a:x:1:1:g:h:s:more\nb:x:1\r\n", "-1:1|a|x|1|1|g|h|s\n-2:1|b|x|1||||\n"},
        {"table", PASSWD, "#a:x:1:1:g:/ h:s", "1:1|#a|x|1|1|g|/ h|s\n"},
        {"table",
         {.delimiter = KJ_STR_INIT(":"), .columns = KJ_STR_INIT("a b"), .skip = 1, .rest = true},
         "x:y\na:b:c\nd\ne:\n",
         "2:1|a|b:c\n-3:1|d|\n4:1|e|\n"},
        {"table", FSTAB, "# x\n/dev/sda1 / ext4 defaults 0 1\n  tmpfs\t/tmp  tmpfs nodev  # y\nbad /x\n",
         "2:1|/dev/sda1|/|ext4|defaults|0|1\n3:3|tmpfs|/tmp|tmpfs|nodev|#|y\n-4:1|bad|/x||||\n"},
        {"table", CRONTAB, "1 2  run  me now \n1 2\n", "1:1|1|2|run  me now\n-2:1|1|2|\n"},
        {"table", {.rest = false}, "a:b\n", "1:1|a:b\n"},
        {"lines", {.rest = false}, "  one \n\ntwo\r\n# three", "1:3|one\n3:1|two\n4:1|# three\n"},
        {"lines", {.comment = KJ_STR_INIT("#")}, "#a\n /org/gnome # b\n", "2:2|/org/gnome # b\n"},
        {"lines", {.comment = KJ_STR_INIT("#"), .comment_after_blank = true}, "/a # b\n/a#b\n", "1:1|/a\n2:1|/a#b\n"},
        /* secedit /export */
        {"inf",
         {.rest = false},
         "[Unicode]\r\nUnicode=yes\r\n[System Access]\r\nMinimumPasswordLength = 8\r\nNewGuestName = \"Visitor\"\r\n",
         "2:1|Unicode|Unicode|yes||yes\n4:1|System Access|MinimumPasswordLength|8||8\n5:1|System "
         "Access|NewGuestName|Visitor||Visitor\n"},
        {"inf",
         {.rest = false},
         "[Registry Values]\nMACHINE\\Software\\X\\InactivityTimeoutSecs=4,900\n"
         "MACHINE\\A=1,\"O:BAG:BAD:(A;;RC;;;BA)\"\nMACHINE\\B=7,one,two;three\nMACHINE\\C=5\n",
         "2:1|Registry Values|MACHINE\\Software\\X\\InactivityTimeoutSecs|4,900|4|900\n"
         "3:1|Registry Values|MACHINE\\A|1,\"O:BAG:BAD:(A;;RC;;;BA)\"|1|O:BAG:BAD:(A;;RC;;;BA)\n"
         "4:1|Registry Values|MACHINE\\B|7,one,two;three|7|one,two;three\n"
         "-5:1|Registry Values|MACHINE\\C|5||5\n"},
        {"inf",
         {.rest = false},
         "; c\n[Privilege Rights]\nSeDebugPrivilege =\nSeX = *S-1-5-32-544,Name\n[Service General "
         "Setting]\n\"W32Time\",4,\"D:(A;;X)\"\nnothing\n[x\n = 1\n",
         "3:1|Privilege Rights|SeDebugPrivilege|||\n4:1|Privilege Rights|SeX|*S-1-5-32-544,Name||*S-1-5-32-544,Name\n"
         "6:1|Service General Setting|W32Time|4,\"D:(A;;X)\"||4,\"D:(A;;X)\"\n"
         "-7:1|Service General Setting|nothing|||\n-8:1|x||||\n-9:2|x||1||1\n"},
};

static void test_cases(void **state)
{
	(void)state;
	CHECK_CASES(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
