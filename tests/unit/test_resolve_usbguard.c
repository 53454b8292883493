/* USBGuard. What is wanted here was seen with usbguard-daemon and usbguard-rule-parser 1.1.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define CONF  "--- etc/usbguard/usbguard-daemon.conf\n"
#define RULES "--- etc/usbguard/rules.conf\n"

static void test_daemon(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the last value counts, blanks around the key and the value do not", "usbguard",
	         CONF "# c\nImplicitPolicyTarget=allow\n ImplicitPolicyTarget = reject\n",
	         "@effective\nImplicitPolicyTarget=reject effective etc/usbguard/usbguard-daemon.conf:3 (allow "
	         "etc/usbguard/usbguard-daemon.conf:2)\nPresentDevicePolicy=apply-policy default\n"},
	        {"an unknown key", "usbguard", CONF "ImplicitPolicyTarget=block\nFoo=1\n",
	         "@not_in_force # 'etc/usbguard/usbguard-daemon.conf' line 2: unknown key: usbguard-daemon does not "
	         "start\n"
	         "ImplicitPolicyTarget=block not_in_force etc/usbguard/usbguard-daemon.conf:1\n"},
	        {"a comment that does not begin the line", "usbguard", CONF "  # c\n", "@not_in_force\n"},
	        {"a target that is none", "usbguard", CONF "ImplicitPolicyTarget=Block\n", "@not_in_force\n"},
	        {"not collected", "usbguard", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	        {"not there", "usbguard", "--- etc/x\n", "@absent\n"},
	};
	RESOLVE_CHECK(cases);
}

/* target|id|id_operator|with_interface|interface_operator|name|serial|hash|parent_hash|via_port|with_connect_type|label|
   condition|operators|storage */
static void test_rules(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"attributes with and without braces, comments", "usbguard_rules",
	         RULES "# c\n\nallow 1234:5678 name \"a \\\"b\" # x\nallow with-interface { 03:00:01 08:*:* } serial "
	               "one-of { \"1\" "
	               "\"2\" }\n",
	         "@effective\n|allow|1234:5678|equals|||a \"b|||||||||yes|\n"
	         "|allow|||03:00:01,08:*:*|equals||1,2|||||||serial one-of|yes|\n"},
	        {"which rules decide on storage", "usbguard_rules",
	         RULES "allow with-interface 03:00:01\nallow with-interface one-of { 03:00:01 }\nallow with-interface "
	               "none-of { "
	               "08:*:* }\nallow with-interface none-of { 08:06:50 }\nallow if true\n",
	         "|allow|||03:00:01|equals||||||||||no|\n|allow|||03:00:01|one-of||||||||||composite|\n"
	         "|allow|||08:*:*|none-of||||||||||no|\n|allow|||08:06:50|none-of||||||||||yes|\n|allow||||||||||||"
	         "true||yes|\n"},
	        {"none after a rule that stops them all", "usbguard_rules",
	         RULES "reject with-interface one-of { 08:*:* }\nallow\n",
	         "|reject|||08:*:*|one-of||||||||||yes|\n|allow||||||||||||||no|\n"},
	        {"but not after one with conditions, nor with equals", "usbguard_rules",
	         RULES "block with-interface 08:*:*\nblock with-interface one-of { 08:*:* } if true\nallow\n",
	         "|block|||08:*:*|equals||||||||||yes|\n|block|||08:*:*|one-of||||||||true||yes|\n|allow||||||||||||||"
	         "yes|\n"},
	        {"every file of the folder, behind the file", "usbguard_rules",
	         CONF "RuleFile=/etc/usbguard/rules.conf\nRuleFolder=/etc/usbguard/rules.d/\n" RULES
	              "allow 1111:0001\n--- etc/usbguard/rules.d/b.conf\nallow 1111:0003\n--- "
	              "etc/usbguard/rules.d/.a\nallow "
	              "1111:0002\n",
	         "|allow|1111:0001|equals||||||||||||yes|\n|allow|1111:0002|equals||||||||||||yes|\n"
	         "|allow|1111:0003|equals||||||||||||yes|\n"},
	        {"one bad rule: the daemon does not start", "usbguard_rules", RULES "allow\nallow id 12:34\n",
	         "@not_in_force # 'etc/usbguard/rules.conf' line 2: not a value of the attribute: usbguard-daemon does "
	         "not "
	         "start\n"},
	        {"a blank at the end is enough", "usbguard_rules", RULES "allow \n", "@not_in_force\n"},
	        {"a CR too", "usbguard_rules", RULES "allow\r\n", "@not_in_force\n"},
	        {"what runs stands above the files", "usbguard_rules",
	         RULES "allow\n--- captured/usbguard_list-rules.txt\n3: block id 1234:*\n",
	         "@effective\n|block|1234:*|equals||||||||||||yes|\n"},
	        {"not collected", "usbguard_rules", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_daemon),
	        cmocka_unit_test(test_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
