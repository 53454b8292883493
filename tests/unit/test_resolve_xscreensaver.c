/* XScreenSaver: its files by version. What 6.06 does was checked with the daemon (tests/oracle/xscreensaver_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define AD   "--- etc/X11/app-defaults/XScreenSaver\n"
#define SATO "--- home/sato/.xscreensaver\n"
#define ABE  "--- home/abe/.xscreensaver\nverbose: False\n"
#define DPKG(v)                                                                                                        \
	"--- var/lib/dpkg/status\nPackage: xscreensaver\nStatus: install ok installed\nArchitecture: "                 \
	"amd64\nVersion: " v "\n\n"
#define DEFAULTS AD "*timeout: 0:10:00\n*lock: True\n*lockTimeout: 0:01:00\n"

static void test_versions(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"5 reads the app-defaults", "xscreensaver", DPKG("5.45+dfsg1-1") DEFAULTS ABE,
	         "@effective\ntimeout=600 effective etc/X11/app-defaults/XScreenSaver:1\nlock=true effective "
	         "etc/X11/app-defaults/XScreenSaver:2\nlockTimeout=60 effective etc/X11/app-defaults/XScreenSaver:3\n"
	         "mode=on default\nlock_after=660 effective etc/X11/app-defaults/XScreenSaver:1\n"
	         "lock_after=660 [user abe] effective etc/X11/app-defaults/XScreenSaver:1\n"},
	        {"6.06 passes over them: it blanks after ten hours and does not lock", "xscreensaver",
	         DPKG("6.06+dfsg1-3") DEFAULTS ABE,
	         "@effective\ntimeout=36000 default\nlock=false default\nlocks=no default\nlocks=no [user abe] "
	         "default\n"},
	        {"6.07 reads them", "xscreensaver", DPKG("6.08+dfsg1-1") DEFAULTS ABE,
	         "locks=yes effective etc/X11/app-defaults/XScreenSaver:1\n"
	         "locks=yes [user abe] effective etc/X11/app-defaults/XScreenSaver:1\n"},
	        {"where the version is not known, what they agree on is told", "xscreensaver",
	         "--- etc/os-release\nID=arch\n" DEFAULTS SATO "timeout: 0:05:00\nlock: True\nlockTimeout: 0:00:30\n",
	         "lock_after=660 error etc/X11/app-defaults/XScreenSaver:1\n"
	         "lock_after=330 [user sato] effective home/sato/.xscreensaver:1\nmode=on default\n"},
	        {"yes is true in 5 only, which does not mind the case of a user's keys", "xscreensaver",
	         DPKG("5.45") DEFAULTS SATO "LOCK: off\nlock: yes\n",
	         "lock=true effective etc/X11/app-defaults/XScreenSaver:2\n"
	         "lock=true [user sato] effective home/sato/.xscreensaver:2 (true "
	         "etc/X11/app-defaults/XScreenSaver:2, false home/sato/.xscreensaver:1)\n"},
	        {"yes is not true in 6", "xscreensaver", DPKG("6.08") DEFAULTS SATO "lock: yes\n",
	         "lock=true effective etc/X11/app-defaults/XScreenSaver:2\n"
	         "lock=false [user sato] effective home/sato/.xscreensaver:1 (true "
	         "etc/X11/app-defaults/XScreenSaver:2)\n"},
	        {"5 takes what is no time for 0, and 0 for 15 seconds", "xscreensaver",
	         DPKG("5.45") AD "*lock: on\nXScreenSaver.timeout: 5m\nOther.timeout: 0:01:00\n" ABE,
	         "timeout=15 effective etc/X11/app-defaults/XScreenSaver:2\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_files(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the user's file", "xscreensaver", AD "*lock: True\n" SATO "timeout:\t0:10:00\nlock:\t\tTrue\n",
	         "timeout=36000 default\ntimeout=600 [user sato] effective home/sato/.xscreensaver:1\n"
	         "lock=false default\nlock=true [user sato] effective home/sato/.xscreensaver:2\n"
	         "lock_after=0 default\nlock_after=600 [user sato] effective home/sato/.xscreensaver:1\n"},
	        {"a bare number is minutes", "xscreensaver", AD SATO "lock: true\ntimeout: 600\n",
	         "lock_after=0 default\nlock_after=36000 [user sato] effective home/sato/.xscreensaver:2\n"},
	        {"mode off never blanks", "xscreensaver", AD SATO "lock: true\ntimeout: 10\nmode: Off\n",
	         "lock_after=0 default # lock is not true: it blanks and does not lock\nlock_after=0 [user sato] "
	         "effective "
	         "home/sato/.xscreensaver:3 # mode is off: it never blanks\n"},
	        {"what is no time leaves what was; the last counts", "xscreensaver",
	         AD SATO "timeout: 0:20:00\ntimeout: 0:10:00\ntimeout: 5m\n",
	         "timeout=36000 default\n"
	         "timeout=600 [user sato] effective home/sato/.xscreensaver:2 (1200 home/sato/.xscreensaver:1)\n"},
	        {"less than 5 seconds is ten hours", "xscreensaver", AD SATO "timeout: 0:00:04\n",
	         "timeout=36000 default\ntimeout=36000 [user sato] effective home/sato/.xscreensaver:1\n"},
	        {"comments, a blank before the colon, a star, a line that goes on", "xscreensaver",
	         AD SATO "#lock: true\n!lock: true\n;lock: true\nlock : true\n*lock: true\n# x \\\nlock: true\n"
	                 "timeout: \\\n0:07:00\n",
	         "lock=false default\ntimeout=36000 default\ntimeout=420 [user sato] effective "
	         "home/sato/.xscreensaver:8\n"},
	        {"homes not collected: nothing is certain", "xscreensaver", AD "*lock: True\n",
	         "locks=no not_collected # users' ~/.xscreensaver were not collected, and they decide\n"},
	        {"root's file, and a link that leads nowhere", "xscreensaver",
	         AD "--- root/.xscreensaver\nlock: True\n--- home/sato/.xscreensaver -> /srv/x\n",
	         "lock_after=0 default\nlock_after= [user sato] not_collected\n"
	         "lock_after=36000 [user root] effective root/.xscreensaver:1\n"},
	        {"not collected", "xscreensaver", "--- etc/os-release\nID=debian\n", "@not_collected\nlock_after -\n",
	         true},
	        {"none", "xscreensaver", ABE, "@not_collected\nlock_after=0 [user abe] default\n"},
	        {"garbage", "xscreensaver", AD SATO "\\\n\\\\\n:::\nlock\ntimeout:::::\nlock:\\",
	         "locks=no default\nlocks=no [user sato] effective home/sato/.xscreensaver:6\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_versions), cmocka_unit_test(test_files)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
