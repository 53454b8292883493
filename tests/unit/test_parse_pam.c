#include "parse_rows.h"

#define PAM_D                                                                                                          \
	"pam",                                                                                                         \
	{                                                                                                              \
		.rest = false                                                                                          \
	}
#define PAM_CONF                                                                                                       \
	"pam",                                                                                                         \
	{                                                                                                              \
		.service_field = true                                                                                  \
	}

static const struct parse_case cases[] = {
        {PAM_D, "password requisite pam_pwquality.so retry=3 minlen=8\n",
         "1:1||password|requisite|pam_pwquality.so|retry=3~minlen=8|no\n"},
        {PAM_D, "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n",
         "1:1||auth|success=1 default=ignore|pam_unix.so|nullok|no\n"},
        {PAM_D, "-session  optional pam_x.so # c\n#auth required x\n  # y\n\n",
         "1:1||session|optional|pam_x.so||yes\n"},
        {PAM_D, "@include common-auth\n@include\n@INCLUDE b\n",
         "1:1||@include||common-auth||no\n-2:1||@include||||no\n3:1||@INCLUDE||b||no\n"},
        {PAM_D, "auth include system-auth\naccount substack x\n",
         "1:1||auth|include|system-auth||no\n2:1||account|substack|x||no\n"},
        {PAM_D, "auth required \\\n   pam_x.so \\  \n a\nauth optional y",
         "1:1||auth|required|pam_x.so|a|no\n4:1||auth|optional|y||no\n"},
        {PAM_D, "auth required pam_x.so a \\ # no continuation\nb\n",
         "1:1||auth|required|pam_x.so|a~\\|no\n-2:1||b||||no\n"},
        {PAM_D, "auth required \\\n# c\npam_x.so\n", "-1:1||auth|required|pam_x.so||no\n"},
        {PAM_D, "auth required x \\", "-1:1||auth|required|x||no\n"},
        {PAM_D, "\\\nauth required x\n", "1:1||auth|required|x||no\n"},
        {PAM_D, "auth required pam_sql.so [query=select a from b where c=\\]x]d\n",
         "1:1||auth|required|pam_sql.so|query=select a from b where c=]x~d|no\n"},
        {PAM_D, "auth [default=die pam_x.so\nauth\nauth required\n",
         "-1:1||auth|default=die pam_x.so|||no\n-2:1||auth||||no\n-3:1||auth|required|||no\n"},
        {PAM_D, "password requisite pam_cracklib.so dcredit= 2\r\n",
         "1:1||password|requisite|pam_cracklib.so|dcredit=~2|no\n"},
        {PAM_CONF, "sshd auth required pam_unix.so a\nother password required pam_deny.so\nsshd\n",
         "1:1|sshd|auth|required|pam_unix.so|a|no\n2:1|other|password|required|pam_deny.so||no\n-3:1|sshd|||||no\n"},
        {PAM_D,
         "auth required x a\x1f"
         "b\n",
         "-1:1||auth|required|x|a~b|no\n"},
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
