/* Rules of udev. What is wanted here was seen with udevadm 252. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "resolve_check.h"

#define RULES "--- etc/udev/rules.d/60-x.rules\n"
#define DENY  "SUBSYSTEM==\"usb\", ATTR{bInterfaceClass}==\"08\", ATTR{authorized}=\"0\"\n"

/* Two rules, a line of 16384 bytes, and one that udev never reads. */
static const char *long_line(void)
{
	static char text[20000] = RULES "TAG+=\"a\"\n#";
	size_t n = strlen(text);
	if (text[n - 1] == '#') {
		memset(text + n, 'x', 16383);
		strcpy(text + n + 16383, "\nTAG+=\"b\"\n");
	}
	return text;
}

static void test_tokens(void **state)
{
	(void)state;
	const struct resolve_case cases[] = {
	        {"tokens, commas or not, lines that go on past a comment, escapes", "udev",
	         RULES " ACTION==\"add\" , KERNEL != \"xy*\"ENV{A}:=\"q\\\"\\n\",\\\n# c\n  "
	               "NAME+=e\"\\x41\\u3042\\101\\s\"\n",
	         "@effective\n|/etc/udev/rules.d/60-x.rules:3|match|ACTION||==|add||\n"
	         "|/etc/udev/rules.d/60-x.rules:3|match|KERNEL||!=|xy*||\n"
	         "|/etc/udev/rules.d/60-x.rules:3|assignment|ENV|A|=|q\"\\n||\n"
	         "|/etc/udev/rules.d/60-x.rules:3|assignment|NAME||=|Aあ\x41 ||\n"},
	        {"one mistake costs its rule and no other", "udev",
	         RULES
	         "ENV{A}=\"1\", FOO=\"1\"\nACTION=\"add\"\nENV{DEVPATH}=\"x\"\nENV{A}=x\nENV{A}=\"x\nTAG{a}=\"x\"\n"
	         "NAME=\"%k\"\nRUN{builtin}=\"nosuch\"\nTEST{9}==\"/\", TAG+=\"x\"\nENV{A}=e\"\\q\"\nKERNEL==\"a\"\n"
	         "OPTIONS+=\"link_priority=x\"\nTAG+=\"ok\"\n",
	         "|: rule value\n|/etc/udev/rules.d/60-x.rules:13|ok|\n"},
	        {"a passed-over option leaves the rule", "udev", RULES "OPTIONS+=\"what\", TAG+=\"ok\"\n",
	         "|: key value\n|TAG|ok|\n"},
	        {"a last line that goes on", "udev", RULES "TAG+=\"a\"\nTAG+=\"b\", \\\n", "|: value\n|a|\n"},
	        {"folders: by name, hidden by a stronger one, masked", "udev",
	         RULES
	         "TAG+=\"etc\"\n--- usr/lib/udev/rules.d/60-x.rules\nTAG+=\"no\"\n--- run/udev/rules.d/10-a.rules\n"
	         "TAG+=\"run\"\n--- usr/lib/udev/rules.d/70-m.rules\nTAG+=\"masked\"\n"
	         "--- etc/udev/rules.d/70-m.rules -> /dev/null\n--- usr/lib/udev/rules.d/80-z.conf\nTAG+=\"no\"\n",
	         "|: value\n|run|\n|etc|\n"},
	        {"empty and broken bytes", "udev", RULES "\n\\\n{\n}=\"\n\"\ne\"\n\xff=\"\\\n", "@effective\n"},
	        {"not collected", "udev", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	        {"none in /etc, and the vendor's were not collected", "udev", "--- etc/x\n", "@not_collected\n"},
	        {"longer than a line of udev", "udev", long_line(), "|: value\n|a|\n"},
	};
	RESOLVE_CHECK(cases);
}

#define STORAGE(text) "|: key attribute storage\n" text

static void test_storage(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"every interface of class 08", "udev",
	         RULES "ATTR{bInterfaceClass}==\"0[18]|09\", ATTR{../authorized}=\"0\"\n",
	         STORAGE("|ATTR|bInterfaceClass||\n|ATTR|../authorized|yes|\n")},
	        {"every USB device", "udev", RULES "ACTION==\"add\", SUBSYSTEMS==\"usb\", ATTR{authorized}=\"0\"\n",
	         STORAGE("|ACTION|||\n|SUBSYSTEMS|||\n|ATTR|authorized|yes|\n")},
	        {"../authorized of a device is the hub's", "udev",
	         RULES "ENV{DEVTYPE}==\"usb_device\", ATTR{../authorized}=\"0\"\n",
	         STORAGE("|ENV|DEVTYPE||\n|ATTR|../authorized|no|\n")},
	        {"some only: another class, a vendor, a subclass", "udev",
	         RULES "ATTR{bInterfaceClass}==\"03\", ATTR{authorized}=\"0\"\nATTR{idVendor}==\"1234\", "
	               "ATTR{authorized}=\"0\"\n"
	               "ATTR{bInterfaceClass}==\"08\", ATTR{bInterfaceSubClass}==\"06\", ATTR{authorized}=\"0\"\n",
	         STORAGE("|ATTR|bInterfaceClass||\n|ATTR|authorized|no|\n|ATTR|idVendor||\n|ATTR|authorized|no|\n"
	                 "|ATTR|bInterfaceClass||\n|ATTR|bInterfaceSubClass||\n|ATTR|authorized|no|\n")},
	        {"drivers come after the event, bind is not add", "udev",
	         RULES "DRIVER==\"usb-storage\", ATTR{authorized}=\"0\"\nACTION==\"bind\", ATTR{authorized}=\"0\"\n",
	         STORAGE("|DRIVER|||\n|ATTR|authorized|?|\n|ACTION|||\n|ATTR|authorized|?|\n")},
	        {"GOTO past it: for others, for some", "udev",
	         RULES "SUBSYSTEM!=\"usb\", GOTO=\"end\"\nATTR{bInterfaceClass}!=\"08\", "
	               "GOTO=\"end\"\nATTR{authorized}=\"0\"\n"
	               "ENV{OK}==\"1\", "
	               "GOTO=\"end\"\nATTR{../authorized}=\"0\"\nGOTO=\"end\"\nATTR{authorized}=\"0\"\nLABEL=\"end\"\n",
	         "|: attribute "
	         "storage\n|||\n|||\n|bInterfaceClass||\n|||\n|authorized|yes|\n|OK||\n|||\n|../"
	         "authorized|?|\n|||\n|authorized|no|\n|||\n"},
	        {"a GOTO without its label does nothing", "udev", RULES "GOTO=\"nowhere\"\n" DENY,
	         "|: attribute storage\n|||\n|||\n|bInterfaceClass||\n|authorized|yes|\n"},
	        {"set back for some, for all", "udev", RULES DENY "ATTRS{idVendor}==\"1234\", ATTR{authorized}=\"1\"\n",
	         "|: attribute storage\n|||\n|bInterfaceClass||\n|authorized|?|\n|idVendor||\n|authorized|no|\n"},
	        {"set back for all, in a later file", "udev",
	         RULES DENY "--- usr/lib/udev/rules.d/90-y.rules\nATTR{authorized}=\"1\"\n",
	         "|: attribute storage\n|||\n|bInterfaceClass||\n|authorized|no|\n|authorized|no|\n"},
	        {"what is written before does not matter, except at other actions", "udev",
	         RULES "ATTR{authorized}=\"1\"\n" DENY "ACTION==\"add\", " DENY,
	         "|: attribute "
	         "storage\n|authorized|no|\n|||\n|bInterfaceClass||\n|authorized|yes|\n|||\n|||\n|bInterfaceClass||\n"
	         "|authorized|?|\n"},
	        {"commands, and what comes later", "udev",
	         RULES "RUN+=\"/bin/sh -c 'echo 0 >/sys$devpath/authorized'\"\nATTR{authorized_default}=\"0\"\n",
	         STORAGE("|RUN||?|\n|ATTR|authorized_default|?|\n")},
	        {"a dropped rule denies nothing; one that lets in leaves a doubt", "udev",
	         RULES "ATTR{authorized}=\"0\", BAD=\"1\"\nATTR{authorized}=\"1\", BAD=\"1\"\n", "|: storage\n"},
	        {"a doubt", "udev", RULES DENY "ATTR{authorized}=\"1\", BAD=\"1\"\n",
	         "|: attribute storage\n|||\n|bInterfaceClass||\n|authorized|?|\n"},
	        {"before Linux 4.4 an interface has no authorized", "udev",
	         "--- etc/os-release\nID=\"centos\"\nVERSION_ID=\"7\"\n" RULES DENY
	         "ATTR{bInterfaceClass}==\"08\", ATTR{../authorized}=\"0\"\n",
	         "|: attribute "
	         "storage\n|||\n|bInterfaceClass||\n|authorized|no|\n|bInterfaceClass||\n|../authorized|yes|\n",
	         true},
	        {"a byte order mark costs the first rule", "udev", RULES "\xef\xbb\xbf" DENY "TAG+=\"x\"\n",
	         "|: value\n|x|\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_tokens),
	        cmocka_unit_test(test_storage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
