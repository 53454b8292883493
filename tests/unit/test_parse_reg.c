#include "parse_rows.h"

#define REG                                                                                                            \
	"reg",                                                                                                         \
	{                                                                                                              \
		.rest = false                                                                                          \
	}
#define V5 "Windows Registry Editor Version 5.00\r\n\r\n"

static const struct parse_case cases[] = {
        {REG, V5 "[HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\r\n\"InactivityTimeoutSecs\"=dword:00000384\r\n@=\"dflt\"\r\n",
         "4:1|HKLM\\SOFTWARE\\X|InactivityTimeoutSecs|dword|900\n5:1|HKLM\\SOFTWARE\\X|@|sz|dflt\n"},
        {REG, V5 "[HKEY_CURRENT_USER\\A]\n\"a\\\\b\\\"c\"=\"C:\\\\x \\\"y\\\"\"\n\"ScreenSaveTimeOut\"=\"600\"\n",
         "4:1|HKCU\\A|a\\b\"c|sz|C:\\x \"y\"\n5:1|HKCU\\A|ScreenSaveTimeOut|sz|600\n"},
        {REG,
         V5 "[HKEY_USERS\\S-1-5]\n\"e\"=hex(2):25,00,41,00,25,00,00,00\n\"m\"=hex(7):61,00,00,00,\\\n  "
            "62,00,63,00,00,00,\\\n  00,00\n"
            "\"b\"=hex:01,aB,ff\n\"q\"=hex(b):01,00,00,00,01,00,00,00\n\"u\"=hex(2):3d,d8,00,de,00,d8\n\"o\"=hex(8):"
            "00\n\"z\"=hex(7):\n",
         "4:1|HKU\\S-1-5|e|expand_sz|%A%\n5:1|HKU\\S-1-5|m|multi_sz|a~bc\n8:1|HKU\\S-1-5|b|binary|01abff\n"
         "9:1|HKU\\S-1-5|q|qword|4294967297\n10:1|HKU\\S-1-5|u|expand_sz|😀�\n11:1|HKU\\S-1-5|o|hex(8)|00\n12:1|HKU\\S-"
         "1-5|z|multi_sz|\n"},
        {REG, "REGEDIT4\n\n[HKEY_LOCAL_MACHINE]\n\"e\"=hex(2):25,41,25,00\n\"m\"=hex(7):61,00,62,63,00,00\n",
         "4:1|HKLM|e|expand_sz|%A%\n5:1|HKLM|m|multi_sz|a~bc\n"},
        {REG, V5 "[-HKEY_LOCAL_MACHINE\\Gone]\n\"x\"=\"y\"\n[HKEY_CLASSES_ROOT\\k]\n\"n\"=-\n; comment\n@=-\n",
         "3:1|HKLM\\Gone||delete|\n-4:1||x||\n6:1|HKCR\\k|n|delete|\n8:1|HKCR\\k|@|delete|\n"},
        /* a text over several lines, as reg export writes a logon notice */
        {REG, V5 "[K]\n\"t\"=\"one\r\ntwo\"\n\"n\"=dword:1\n", "4:1|K|t|sz|one\r^two\n6:1|K|n|dword|1\n"},
        /* one whose quote is missing swallows up to the next quote: bad, and so is what is left of that line */
        {REG, V5 "[K]\n\"t\"=\"one\n\"n\"=dword:1\n\"m\"=dword:2\n", "-4:1|K|t|sz|one^\n6:1|K|m|dword|2\n"},
};

static void test_cases(void **state)
{
	(void)state;
	CHECK_CASES(cases);
}

static const struct parse_case bad_cases[] = {
        {REG, "[K]\n\"a\"=dword:1\n", "-1:1||||\n2:1|K|a|dword|1\n"},
        {REG,
         V5 "\"a\"=dword:1\n[K\n\"a\"\nx=1\n\"b\"=dword:123456789\n\"c\"=dword:x\n\"d\"=hex:0g\n\"e\"=foo:1\n\"f\"=\n",
         "-3:1||a||\n-4:1|K|||\n-5:1|K|a||\n-6:1|K|||\n-7:1|K|b|dword|123456789\n-8:1|K|c|dword|x\n-9:1|K|d|binary|hex:"
         "0g\n"
         "-10:1|K|e||foo:1\n-11:1|K|f||\n"},
        {REG, V5 "[K]\n\"a\"=hex:01,\\\n zz,\\\n 02\n\"b\"=dword:2\n\"c\"=hex:01,\\",
         "-4:1|K|a|binary|hex:01,\\\n7:1|K|b|dword|2\n-8:1|K|c|binary|hex:01,\\\n"},
        {REG, V5 "[K]\n\"a\"=\"x\"y\n\"b\"=\"x\" ; c\n\"c\"=\"open\nnext\n",
         "-4:1|K|a|sz|x\n5:1|K|b|sz|x\n-6:1|K|c|sz|\n-7:1|K|||\n"},
        {REG, V5 "[K]\n\"a\"=hex(4):01,00\n\"b\"=hex(b):01,00,00,00,00,00,00,00\n\"c\"=hex:01 02\n",
         "-4:1|K|a|dword|1\n5:1|K|b|qword|1\n-6:1|K|c|binary|hex:01 02\n"},
};

static void test_bad(void **state)
{
	(void)state;
	CHECK_CASES(bad_cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_bad)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
