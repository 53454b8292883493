/* systemd's files. What the daemon does was seen with systemd-logind 252 (tests/oracle/systemd_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define MAIN          "--- etc/systemd/logind.conf\n"
#define ETC(name)     "--- etc/systemd/logind.conf.d/" name ".conf\n"
#define USR(name)     "--- usr/lib/systemd/logind.conf.d/" name ".conf\n"
#define LOCAL(name)   "--- usr/local/lib/systemd/logind.conf.d/" name ".conf\n"
#define L(assignment) "[Login]\n" assignment "\n"

static void test_order(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"drop-ins beat the main file, the vendor's too", "logind",
	         MAIN L("IdleAction=lock") USR("10") L("IdleAction=suspend"),
	         "@effective\nIdleAction=suspend effective usr/lib/systemd/logind.conf.d/10.conf:2 (lock "
	         "etc/systemd/logind.conf:2)\n"},
	        {"sorted by name, whatever the folder", "logind",
	         ETC("10") L("IdleAction=lock") USR("20") L("IdleAction=suspend") LOCAL("15") L("IdleAction=halt"),
	         "IdleAction=suspend effective usr/lib/systemd/logind.conf.d/20.conf:2 (lock "
	         "etc/systemd/logind.conf.d/10.conf:2, halt usr/local/lib/systemd/logind.conf.d/15.conf:2)\n"},
	        {"of one name only the strongest folder's file counts", "logind",
	         ETC("10") L("IdleAction=lock") USR("10") L("IdleActionSec=5"),
	         "IdleAction=lock effective etc/systemd/logind.conf.d/10.conf:2\nIdleActionSec -\n"},
	        {"a link to /dev/null masks, and so does an empty file", "logind",
	         "--- etc/systemd/logind.conf.d/10.conf -> /dev/null\n" USR("10") L("IdleAction=lock") ETC("20")
	                 USR("20") L("IdleAction=halt"),
	         "@effective\nIdleAction -\n"},
	        {"a link that leads nowhere hides the weaker file too", "logind",
	         "--- etc/systemd/logind.conf.d/10.conf -> gone\n" USR("10") L("IdleAction=lock"), "IdleAction -\n"},
	        {"where systemd 254 looks for a main file that /etc has not", "logind",
	         "--- usr/lib/systemd/logind.conf\n" L("IdleAction=lock"),
	         "IdleAction=lock effective usr/lib/systemd/logind.conf:2\n"},
	        {"hidden names and other suffixes are none", "logind",
	         MAIN L("IdleAction=lock") "--- etc/systemd/logind.conf.d/.a.conf\n" L("IdleAction=halt")
	                 ETC("b.off") "--- etc/systemd/logind.conf.d/c.conf~\n" L("IdleAction=halt"),
	         "IdleAction=lock effective etc/systemd/logind.conf:2\n"},
	        {"only /etc was copied: a vendor's drop-in may set what is not set here", "logind",
	         MAIN L("#IdleAction=lock"), "@effective\nIdleAction -\n"},
	        {"nothing collected", "logind", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_values(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a value that does not fit leaves the one before", "logind",
	         MAIN L("IdleActionSec=10min") ETC("a") L("IdleActionSec=banana"),
	         "IdleActionSec=10min effective etc/systemd/logind.conf:2 # 'etc/systemd/logind.conf.d/a.conf' line 2: "
	         "'banana' is not a time span: not in force\n"},
	        {"alone it is no value at all", "logind", MAIN L("KillUserProcesses=maybe"),
	         "KillUserProcesses=maybe not_in_force etc/systemd/logind.conf:2 # 'etc/systemd/logind.conf' line 2: "
	         "'maybe' is not a boolean: not in force\n"},
	        {"nor is an empty one", "logind", MAIN L("IdleAction=lock\nIdleAction="),
	         "IdleAction=lock effective etc/systemd/logind.conf:2\n"},
	        {"words have case", "logind", MAIN L("IdleAction=lock\nIdleAction=Halt\nidleaction=halt"),
	         "IdleAction=lock effective etc/systemd/logind.conf:2\n"},
	        {"booleans are spelled alike", "logind", MAIN L("RemoveIPC=T\nKillUserProcesses=off"),
	         "RemoveIPC=yes effective etc/systemd/logind.conf:2\nKillUserProcesses=no effective "
	         "etc/systemd/logind.conf:3\n"},
	        {"a bare number in a span is seconds", "logind", MAIN L("IdleActionSec=1h 30\nStopIdleSessionSec=0"),
	         "IdleActionSec=3630 effective etc/systemd/logind.conf:2\nStopIdleSessionSec=infinity effective "
	         "etc/systemd/logind.conf:3\n"},
	        {"sizes in falling order only", "logind",
	         MAIN L("RuntimeDirectoryInodesMax=1G 5M\nRuntimeDirectoryInodesMax=5M 1G\nInhibitorsMax=010"),
	         "RuntimeDirectoryInodesMax=1078984704 effective etc/systemd/logind.conf:2\nInhibitorsMax=8 effective "
	         "etc/systemd/logind.conf:4\n"},
	        {"lists add up, an empty assignment clears them", "logind",
	         MAIN L("KillOnlyUsers=a "
	                "b\nKillOnlyUsers=c\nKillExcludeUsers=x\nKillExcludeUsers=\nKillExcludeUsers=y"),
	         "KillOnlyUsers=a b c effective etc/systemd/logind.conf:3 (a b etc/systemd/logind.conf:2)\n"
	         "KillExcludeUsers=y effective etc/systemd/logind.conf:6 (x etc/systemd/logind.conf:4,  "
	         "etc/systemd/logind.conf:5)\n"},
	        {"an old name is the new one's", "journald",
	         "--- etc/systemd/journald.conf\n[Journal]\nRateLimitIntervalSec=5\nRateLimitInterval=7\n",
	         "RateLimitIntervalSec=7 effective etc/systemd/journald.conf:3 (5 etc/systemd/journald.conf:2)\n"},
	        {"a type or a word", "journald", "--- etc/systemd/journald.conf\n[Journal]\nCompress=5K\nCompress=x\n",
	         "Compress=5K effective etc/systemd/journald.conf:2\n"},
	        {"sections in keys where there are several", "networkd",
	         "--- etc/systemd/networkd.conf\n[Network]\nSpeedMeter=1\n[DHCPv4]\nDUIDType=vendor\n",
	         "Network.SpeedMeter=yes effective etc/systemd/networkd.conf:2\nDHCPv4.DUIDType=vendor effective "
	         "etc/systemd/networkd.conf:4\n"},
	        {"an emptied three-valued key is as if never set", "sleep",
	         "--- etc/systemd/sleep.conf\n[Sleep]\nAllowSuspend=no\nAllowSuspend=\n",
	         "AllowSuspend=yes default etc/systemd/sleep.conf:3 (no etc/systemd/sleep.conf:2)\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_syntax(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"keys of other sections, or of none", "logind",
	         MAIN "IdleAction=lock\n[Login ]\nIdleAction=lock\n[login]\nIdleAction=lock\n",
	         "@effective\nIdleAction -\n"},
	        {"continued lines, comments between", "logind",
	         MAIN L("IdleAction=\\\n# no\n  lock\nRemoveIPC\\\n = no"),
	         "IdleAction=lock effective etc/systemd/logind.conf:2\nRemoveIPC=no effective "
	         "etc/systemd/logind.conf:5\n"},
	        {"a backslash before a blank continues nothing", "logind", MAIN "[Login]\nFoo=x\\ \nIdleAction=lock\n",
	         "IdleAction=lock effective etc/systemd/logind.conf:3\n"},
	        {"# and ; begin a comment at the start of a line only", "logind",
	         MAIN L("  # IdleAction=halt\n;IdleAction=halt\nFoo=x # y"),
	         "IdleAction -\nFoo=x # y effective etc/systemd/logind.conf:4\n"},
	        {"a line without '=' is passed over", "logind", MAIN L("IdleAction\nIdleAction=lock"),
	         "IdleAction=lock effective etc/systemd/logind.conf:3\n"},
	        {"a broken section header ends the reading of all that follows", "logind",
	         MAIN "[Login]\nIdleAction=lock\n[Login\nIdleAction=halt\n" ETC("a")
	                 L("IdleAction=suspend\nRemoveIPC=no"),
	         "IdleAction=lock effective etc/systemd/logind.conf:2 # 'etc/systemd/logind.conf' line 4: 'halt' is "
	         "not "
	         "read: 'etc/systemd/logind.conf' line 3 stops the reading: not in force; "
	         "'etc/systemd/logind.conf.d/a.conf' line 2: 'suspend' is not read: 'etc/systemd/logind.conf' line 3 "
	         "stops "
	         "the reading: not in force\nRemoveIPC=no not_in_force etc/systemd/logind.conf.d/a.conf:3\n"},
	        {"a captured cat-config has all files, and the defaults hold", "logind",
	         "--- captured/systemd-analyze_cat-config_systemd_logind.conf\n# /etc/systemd/logind.conf\n[Login]\n"
	         "IdleAction=lock\n\n# "
	         "/usr/lib/systemd/logind.conf.d/a.conf\nIdleAction=halt\n[Login]\nIdleActionSec=5\n" MAIN L(
	                 "IdleActionSec=7"),
	         "@effective\nIdleAction=lock effective captured/systemd-analyze_cat-config_systemd_logind.conf:3\n"
	         "IdleActionSec=5 effective captured/systemd-analyze_cat-config_systemd_logind.conf:8 (7 "
	         "etc/systemd/logind.conf:2) # 'etc/systemd/logind.conf' line 2 says 7: configured, not in force\n"
	         "RemoveIPC=yes default\n"},
	        {"bytes of any kind", "logind", MAIN "[Login]\n=\n[\n]\n\\\n\x01\x02=\x03\n[]\n[[]]\n",
	         "IdleAction -\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_order),
	        cmocka_unit_test(test_values),
	        cmocka_unit_test(test_syntax),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
