/* What lastlog and chage printed. Checked against the programs (tests/oracle/login_captures_oracle.py). */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_lastlog),
	        cmocka_unit_test(test_aging),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
