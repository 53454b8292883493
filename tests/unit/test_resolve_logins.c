/* What lastlog, chage and lslogins printed. Checked against the programs (tests/oracle/login_captures_oracle.py,
   lslogins_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define LASTLOG "--- captured/lastlog.txt\n"
#define HEADING "Username         Port     From                                       Latest\n"

static void test_lastlog(void **state)
{
	(void)state;
#define ROWS "@effective\n|: user port from last never\n"
	static const struct resolve_case cases[] = {
	        {"logins, and none", "lastlog",
	         LASTLOG HEADING
	         "root             pts/0    192.0.2.1                                 Mon Nov 24 16:00:00 +0000 2025\n"
	         "bin                                                                 **Never logged in**\n"
	         "alice            tty1                                               Tue Nov  4 22:13:20 +0900 2025\n",
	         ROWS "|root|pts/0|192.0.2.1|2025-11-24|no|\n|bin||||yes|\n|alice|tty1||2025-11-04|no|\n"},
	        {"long names and hosts shift and touch the other columns", "lastlog",
	         LASTLOG HEADING
	         "a-very-long-name-of-somebody ssh      a-host.of.some.provider.example.co.jpThu Nov 13 02:13:20 +0000 "
	         "2025\n"
	         "another-very-long-name-of-somebody                                           **Never logged in**\n",
	         ROWS "|a-very-long-name-of-somebody|ssh|a-host.of.some.provider.example.co.jp|2025-11-13|no|\n"
	              "|another-very-long-name-of-somebody||||yes|\n"},
	        {"in Japanese", "lastlog",
	         LASTLOG "ユーザ名         ポート   場所                                       最近のログイン\n"
	                 "root             pts/0    192.0.2.1        月 11月 24 16:00:00 +0900 2025\n"
	                 "bin                               **一度もログインしていません**\n",
	         ROWS "|root|pts/0|192.0.2.1|2025-11-24|no|\n|bin||||yes|\n"},
	        {"a line that is neither", "lastlog",
	         LASTLOG HEADING "root             pts/0    192.0.2.1          Mon Nov 24 16:00:00 +00\n",
	         ROWS "||||||\n"},
	        {"not collected; the binary file is no capture", "lastlog", "--- var/log/lastlog\n\x01\x02\n",
	         "@not_collected\n"},
	};
	RESOLVE_CHECK(cases);
}

#define CHAGE(user) "--- captured/chage_-l_" user ".txt\n"
#define ROOT                                                                                                           \
	"Last password change\t\t\t\t\t: Oct 04, 2024\nPassword expires\t\t\t\t\t: Jan 02, 2025\n"                     \
	"Password inactive\t\t\t\t\t: Feb 01, 2025\nAccount expires\t\t\t\t\t\t: never\n"                              \
	"Minimum number of days between password change\t\t: 0\n"                                                      \
	"Maximum number of days between password change\t\t: 90\n"                                                     \
	"Number of days of warning before password expires\t: 7\n"

static void test_aging(void **state)
{
	(void)state;
#define AGING "|: user changed password_expires password_inactive expires min max warn must_change\n"
	static const struct resolve_case cases[] = {
	        {"chage -l, and of the others shadow", "aging",
	         CHAGE("root") ROOT "--- etc/shadow\nroot:*:1:1:1:1:::\nu:$6$a$b:19000:0:90:7:30:20000:\n",
	         "@effective\n" AGING "|root|2024-10-04|2025-01-02|2025-02-01|never|0|90|7|no|\n"
	         "|u|2022-01-08|2022-04-08|2022-05-08|2024-10-04|0|90|7|no|\n"},
	        {"in Japanese, to be changed at the next login", "aging",
	         CHAGE("root") "最終パスワード変更日\t\t\t\t:パスワードは変更しなければなりません\n"
	                       "パスワード期限:\t\t\t\t\t: パスワードは変更しなければなりません\n"
	                       "パスワード無効化中\t\t\t\t\t: パスワードは変更しなければなりません\n"
	                       "アカウント期限切れ\t\t\t\t\t\t:  7月 01, 2027\n"
	                       "パスワードが変更できるまでの最短日数\t\t: 0\n"
	                       "パスワードを変更しなくてよい最長日数\t\t: 99999\n"
	                       "パスワード期限が切れる前に警告される日数\t\t: 7\n",
	         AGING "|root|never|never|never|2027-07-01|0|99999|7|yes|\n"},
	        {"the accounts that chage was not asked for are not known", "aging",
	         CHAGE("root") ROOT "--- etc/passwd\nroot:x:0:0::/:/bin/sh\nu:x:1:1::/:/bin/sh\n",
	         AGING "|root|2024-10-04|2025-01-02|2025-02-01|never|0|90|7|no|\n|?|?|?|?|?|?|?|?|?|\n", true},
	        {"no other language, and nothing else", "aging",
	         CHAGE("root") "chage: user 'root' does not exist in /etc/passwd\n--- etc/shadow\n",
	         "@effective\n|: user changed\n|root||\n"},
	        {"shadow alone", "aging", "--- etc/shadow\nu:*:0::::::\n",
	         AGING "|u|never|never|never|never|-1|-1|-1|yes|\n"},
	        {"neither", "aging", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define LSLOGINS "--- captured/lslogins.txt\n"
#define TABLE                                                                                                          \
	" UID USER           PROC PWD-LOCK PWD-DENY          LAST-LOGIN GECOS\n"                                       \
	"   0 root            126        0        0         Nov25/00:53 root\n"                                        \
	"1000 a.long.name       0        1        0          2018-Apr12 A B 7\n"

static void test_lslogins(void **state)
{
	(void)state;
#define LOGINS "@effective\n|: user uid proc pwd_lock last_login gecos pwd_empty\n"
	static const struct resolve_case cases[] = {
	        {"a table; the year of a date of this year is not known", "lslogins", LSLOGINS TABLE,
	         LOGINS "|root|0|126|0|?|root|?|\n|a.long.name|1000|0|1|2018-04-12|A B 7|?|\n"},
	        {"empty cells, blanks in values, values before right-aligned ones", "lslogins",
	         LSLOGINS "USER GECOS      UID               LAST-LOGIN SHELL    PWD-LOCK\n"
	                  "a    Build 7      5 Wed Nov  4 00:53:20 2020 /bin/sh\n"
	                  "b              1000                                          1\n"
	                  "c    2020       100                          /bin/x y        0\n",
	         LOGINS "|a|5|?||2020-11-04|Build 7|?|\n|b|1000|?|1|||?|\n|c|100|?|0||2020|?|\n"},
	        {"an address before a number of four digits is no time", "lslogins",
	         LSLOGINS "USER GECOS           UID PWD-LOCK\na    2001:db8::1    1005        0\n",
	         LOGINS "|a|1005|?|0|?|2001:db8::1|?|\n"},
	        {"in Japanese, with wide characters", "lslogins",
	         LSLOGINS "USER GECOS     UID  LAST-LOGIN LAST-TTY\n"
	                  "a    山田 太郎   5 2018- 4月12 pts/0\n"
	                  "b                6 2018-11月12\n",
	         LOGINS "|a|5|?|?|2018-04-12|山田 太郎|?|\n|b|6|?|?|2018-11-12||?|\n"},
	        {"raw", "lslogins",
	         LSLOGINS "UID USER PROC PWD-LOCK LAST-LOGIN GECOS\n0 root 1  2018-Apr12 A\\x20B\n1 USER 0   \n",
	         LOGINS "|root|0|1||2018-04-12|A B|?|\n|USER|1|0||||?|\n"},
	        {"raw, and the blanks at the ends of lines were lost", "lslogins",
	         LSLOGINS "USER UID GECOS PROC\nroot 0 x 1\nalice 1000\n",
	         LOGINS "|root|0|1|?|?|x|?|\n|alice|1000||?|?||?|\n"},
	        {"an account that is called USER", "lslogins", LSLOGINS "USER GECOS\na    b\nUSER\n",
	         LOGINS "|a|?|?|?|?|b|?|\n|USER|?|?|?|?||?|\n"},
	        {"colons, which values may have too", "lslogins",
	         LSLOGINS "USER:UID:LAST-LOGIN\nroot:0:2018-Apr12\nb:1:\nalice:1:21:06\n",
	         LOGINS "|root|0|?|?|2018-04-12|?|?|\n|b|1|?|?||?|?|\n|alice|1|||21|||\n"},
	        {"pairs", "lslogins",
	         LSLOGINS "USER=\"root\" UID=\"0\" PWD_LOCK=\"\" GECOS=\"a \\x22b\\x22\"\n"
	                  "USER=\"x\" UID=\"1\" PWD_LOCK=\"1\" GECOS=\"\" NEW-COLUMN=\"7\"\n",
	         LOGINS "|root|0|?||?|a \"b\"|?|\n|x|1|?|1|?||?|\n"},
	        {"a line a pair; the last one cut off", "lslogins",
	         LSLOGINS "UID=\"0\"\nUSER=\"root\"\nPROC=\"3\"\nUID=\"1\"\nUSER=\"x\"\nUID=\"2\"\nUSER=\"y\n",
	         LOGINS "|root|0|3|?|?|?|?|\n|x|1|?|?|?|?|?|\n||2||||||\n"},
	        {"several captures are joined", "lslogins",
	         LSLOGINS TABLE
	         "--- captured/lslogins_-p.txt\nUSER PWD-EMPTY PWD-LOCK\nroot         1        0\nz            0\n",
	         LOGINS "|root|0|126|0|?|root|1|\n|a.long.name|1000|0|1|2018-04-12|A B 7|?|\n|z|?|?||?|?|0|\n"},
	        {"no heading", "lslogins", LSLOGINS "0 root USER\n", LOGINS "||||||||\n"},
	        {"not under the heading", "lslogins", LSLOGINS "USER      UID\na-very-long-name 5\n",
	         LOGINS "||a-very-long-n||||||\n"},
	        {"bytes that are no UTF-8", "lslogins", LSLOGINS "USER UID GECOS\na      5 \xff\xc3\n",
	         "@effective\n|: user uid\n|a|5|\n"},
	        {"not collected", "lslogins", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_passwd_status(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"of all; one has no line in shadow", "passwd_status",
	         "--- captured/passwd_-S_-a.txt\nroot L 2025-05-20 0 99999 7 -1\nalice NP never -1 -1 -1 -1\nu P\n",
	         "@effective\n|root|L|2025-05-20|0|99999|7|-1|\n|alice|NP|never|-1|-1|-1|-1|\n|u|P||||||\n"},
	        {"of one: nothing is said of the others", "passwd_status",
	         "--- captured/passwd_-S_root.txt\nroot PS 2024-05-20 0 99999 7 -1 (Password set, SHA512 crypt.)\n",
	         "@not_collected\n"},
	        {"the file is no capture", "passwd_status", "--- etc/passwd\nroot:x:0:0::/:/bin/sh\n",
	         "@not_collected\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_lastlog),
	        cmocka_unit_test(test_aging),
	        cmocka_unit_test(test_lslogins),
	        cmocka_unit_test(test_passwd_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
