/* cron and timers. What Debian's cron takes was seen with `crontab -n` (tests/oracle/cron_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define TAB      "--- etc/crontab\n"
#define D(name)  "--- etc/cron.d/" name "\n"
#define RHEL     "--- etc/os-release\nID=rhel\nVERSION_ID=9\n"
#define SPOOL    "--- var/spool/cron/crontabs/root\n"
#define NO_SPOOL "|?|?|?|?|?|?|\n"

static void test_cron(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"system tables name a user, others do not", "cron",
	         TAB "SHELL=/bin/sh\n17 *\t* * * root\tcd / && run x\n" D(
	                 "a") "@daily bob /b arg%input\n" SPOOL "1-5/2,9 * * jan mon-Fri echo 10\\% off\n",
	         "@effective\n|17 *\t* * *|root|cd / && run x|crontab|yes||\n|@daily|bob|/b arg|cron.d|yes||\n|1-5/2,9 "
	         "* * jan "
	         "mon-Fri|root|echo 10% off|user|yes||\n"},
	        {"Debian's cron runs nothing of a table with a mistake", "cron",
	         D("a") "* * * * * root /a\n61 * * * * root /b\n" SPOOL "#\n",
	         "|* * * * *|root|/a|cron.d|no|line 2: bad minute, so Debian's cron runs nothing of the table|\n"},
	        {"cronie passes over the line", "cron",
	         RHEL D("a") "* * * * * root /a\n61 * * * * root /b\n" SPOOL "#\n",
	         "|* * * * *|root|/a|cron.d|yes||\n"},
	        {"nor of one that ends without a newline", "cron",
	         "--- var/spool/cron/crontabs/bob\n* * * * * /a\n--- etc/cron.d/\n", "|* * * * *|bob|/a|user|yes||\n"},
	        {"names that count, Debian", "cron",
	         D("a.sh") "* * * * * root /a\n" D("b_1-X") "* * * * * root /b\n" SPOOL "#\n",
	         "|* * * * *|root|/a|cron.d|no|a name with other characters than letters, digits, _ and - is passed "
	         "over|\n|* * * * *|root|/b|cron.d|yes||\n"},
	        {"names that count, cronie", "cron",
	         RHEL D("a.sh") "* * * * * root /a\n" D("b.rpmsave") "* * * * * root /b\n" SPOOL "#\n",
	         "|* * * * *|root|/a|cron.d|yes||\n|* * * * *|root|/b|cron.d|no|the name is that of a left-over, which "
	         "is "
	         "passed over|\n"},
	        {"scripts, anacron; the users' tables were not collected", "cron",
	         "--- etc/cron.daily/logrotate\n#!/bin/sh\n--- etc/anacrontab\nSHELL=/bin/sh\n# x\n7 5 weekly "
	         "run-parts "
	         "/w\n@monthly 45 m /m\n",
	         "@effective\n|@daily|root|/etc/cron.daily/logrotate|script|?||\n|every 7 "
	         "days|root|run-parts /w|anacron|yes||\n|@monthly|root|/m|anacron|yes||\n" NO_SPOOL},
	        {"captured tables of users", "cron",
	         "--- captured/crontab_-l_-u_alice.txt\n* * * * * /a\n--- captured/crontab_-l.txt\nno crontab for "
	         "root\n",
	         "@effective\n|* * * * *|alice|/a|user|yes||\n"},
	        {"nothing collected", "cron", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	        {"bytes of any kind", "cron", TAB "\x01\n@\n= = =\n%\n\"\n*/\n1-\n" SPOOL "#\n", "@effective\n"},
	};
	RESOLVE_CHECK(cases);
}

#define USR(name)   "--- usr/lib/systemd/system/" name "\n"
#define WANTS(name) "--- etc/systemd/system/timers.target.wants/" name " -> /usr/lib/systemd/system/" name "\n"

static void test_timers(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"from the file and its drop-ins", "timers",
	         WANTS("a.timer") USR(
	                 "a.timer") "[Timer]\nOnCalendar=daily\nOnBootSec=5m\nPersistent=true\n[Install]\nWantedBy="
	                            "timers.target\n"
	                            "--- etc/systemd/system/a.timer.d/b.conf\n[Timer]\nOnCalendar=\nOnCalendar=*-*-* "
	                            "6,18:00\nOnCalendar=Sun 3:00\nUnit=b.service\n",
	         "@effective\n|a.timer|b.service|*-*-* 6,18:00; Sun "
	         "3:00|5m||true|enabled|?|/usr/lib/systemd/system/a.timer|\n"},
	        {"only its link was collected", "timers", WANTS("a.timer"),
	         "@effective\n|a.timer|a.service|?|?|?|?|enabled|?||\n"},
	        {"with the list of timers", "timers",
	         "--- captured/systemctl_list-timers_--all.txt\n"
	         "NEXT                        LEFT     LAST                        PASSED  UNIT    ACTIVATES\n"
	         "Sun 2026-11-29 00:00:00 UTC 3h left  Sat 2026-11-28 00:00:04 UTC 20h ago a.timer a.service\n"
	         "n/a                         n/a      n/a                         n/a     b.timer c.service\n\n2 "
	         "timers listed.\n",
	         "@effective\n|a.timer|a.service|?|?|?|?|?|2026-11-28||\n|b.timer|c.service|?|?|?|?|?|never||\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_unit_files(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"an empty assignment clears, the last one counts", "unit_files",
	         "--- etc/mtab -> x\n" USR("a@.service") "[Service]\nExecStart=/a\nType=simple\nType=exec\n"
	                                                 "--- "
	                                                 "etc/systemd/system/a@.service.d/"
	                                                 "x.conf\n[Service]\nExecStart=\nExecStart=/b \\\n -c\n",
	         "@effective\n|a@.service|Service|Type|simple|no|\n|a@.service|Service|Type|exec|yes|\n"
	         "|a@.service|Service|ExecStart|/b   -c|yes|\n"},
	        {"a unit that only a link names", "unit_files", WANTS("a.timer"), "|a.timer|?|?|?|?|\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cron),
	        cmocka_unit_test(test_timers),
	        cmocka_unit_test(test_unit_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
