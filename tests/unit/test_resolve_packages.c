/* Installed packages, and the day they were last upgraded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

static void test_packages(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"dpkg's status file: fields in any order, removed packages, several architectures", "packages",
	         "--- var/lib/dpkg/status\nPackage: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
	         "5.2-1\nDescription: shell\n Version: 9\n\nPackage: old\nVersion: 1:2.0\nArchitecture: all\nStatus: "
	         "deinstall "
	         "ok config-files\n\npackage: last\nstatus: hold ok installed\nVersion: 3\nDescription: x\n the end",
	         "@effective\n|bash|5.2-1|amd64|installed|\n|old|1:2.0|all|config-files|\n|last|3||installed|\n"},
	        {"dpkg -l", "packages",
	         "--- captured/dpkg_-l.txt\nDesired=Unknown/Install\n| Status=Not\n||/ Name Version\n+++-====-===\nii  "
	         "libc6:amd64  2.36-9  amd64  C library\nrc  acl 2.2 amd64 x\nun  none <none> <none> (no "
	         "description)\nhi held 1 "
	         "all x\niHR half 1 all x\n",
	         "@effective\n|libc6|2.36-9|amd64|installed|\n|acl|2.2|amd64|config-files|\n|none|||not-installed|\n|"
	         "held|1|all|"
	         "installed|\n|half|1|all|half-installed|\n"},
	        {"dpkg-query -W does not tell what was removed", "packages",
	         "--- captured/dpkg-query_-W.txt\nbash\t5.2-1\nlibc6:i386\t2.36\n",
	         "@effective\n|bash|5.2-1|||\n|libc6|2.36|i386||\n"},
	        {"rpm -qa --last, in Japanese", "packages",
	         "--- captured/rpm_-qa_--last.txt\nkernel-core-5.14.0-70.el9.x86_64   2026年11月01日 10時00分00秒\n"
	         "gpg-pubkey-3228467c-613798eb  2026年11月02日 10時00分00秒\nxorg-x11-fonts-7.5-33.el9.noarch Mon Jan  "
	         "1 2026\n",
	         "@effective\n|kernel-core|5.14.0-70.el9|x86_64|installed|\n|gpg-pubkey|3228467c-613798eb||installed|\n"
	         "|xorg-x11-fonts|7.5-33.el9|noarch|installed|\n"},
	        {"apt list, names alone", "packages",
	         "--- captured/packages.txt\nListing...\nadduser/stable,now 3.134 all [installed]\nbash\n",
	         "@effective\n|adduser|3.134|all|installed|\n|bash|||installed|\n"},
	        {"the command failed", "packages", "--- captured/rpm_-qa.txt\nsh: rpm: command not found\n",
	         "@error\n"},
	        {"nothing", "packages", "--- etc/x\n", "@not_collected\n"},
	};
	RESOLVE_CHECK(cases);
}

#define DPKG_LOG                                                                                                       \
	"--- var/log/dpkg.log\n2026-10-01 06:00:00 startup archives unpack\n2026-10-02 06:00:00 upgrade bash:amd64 1 " \
	"2\n"                                                                                                          \
	"2026-10-01 06:00:00 upgrade b:amd64 1 2\n2026-10-30 06:00:00 remove c:amd64 1 <none>\n2026-10-31 06:00:00 "   \
	"install "                                                                                                     \
	"d:amd64 <none> 1\n"

static void test_last_update(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"dpkg.log: upgrades only", "last_update", DPKG_LOG,
	         "@effective\ndate=2026-10-02 effective var/log/dpkg.log:2\n"},
	        {"history.log: what failed does not count; the latest of both counts", "last_update",
	         DPKG_LOG
	         "--- var/log/apt/history.log\n\nStart-Date: 2026-10-05  06:00:00\nUpgrade: a:amd64 (1, 2)\nEnd-Date: "
	         "2026-10-05  06:00:10\n\nStart-Date: 2026-10-06  06:00:00\nUpgrade: a:amd64 (1, 2)\nError: "
	         "Sub-process returned an error\n\nStart-Date: 2026-10-07  06:00:00\nRemove: a:amd64 (1)\n",
	         "@effective\ndate=2026-10-05 effective var/log/apt/history.log:3 (2026-10-02 var/log/dpkg.log:2)\n"},
	        {"the log before the last rotation", "last_update",
	         "--- var/log/dpkg.log\n--- var/log/dpkg.log.1\n2026-09-02 06:00:00 upgrade a 1 2\n",
	         "@effective\ndate=2026-09-02 effective var/log/dpkg.log.1:1\n"},
	        {"older logs are packed", "last_update", "--- var/log/dpkg.log\n--- var/log/dpkg.log.2.gz\nx",
	         "@not_collected # no upgrade in the logs that were read; packed ones are not read "
	         "('var/log/dpkg.log.2.gz')\n"},
	        {"a log without upgrades", "last_update",
	         "--- var/log/dpkg.log\n2026-10-31 06:00:00 install d <none> 1\n",
	         "@not_collected # 'var/log/dpkg.log' tells of no upgrade; what was before it was not collected\n"},
	        {"dnf history", "last_update",
	         "--- captured/dnf_history.txt\nID     | Command line | Date and time    | Action(s)      | "
	         "Altered\n-----\n     9 | install x  | 2026-11-20 10:00 | Install        |    1   \n     8 | update "
	         "-y  | "
	         "2026-11-10 10:00 | I, U           |   35 EE\n     7 |            | 2026-11-01 10:00 | Upgrade |    "
	         "3\n     6 | "
	         "remove upgrade | 2026-11-21 10:00 | Removed | 1\n",
	         "@effective\ndate=2026-11-10 effective captured/dnf_history.txt:4\n"},
	        {"yum history", "last_update",
	         "--- captured/yum_history.txt\nLoaded plugins: fastestmirror\nID     | Login user   | Date and time   "
	         " | "
	         "Action(s) | Altered\n     2 | root <root>  | 2020-05-01 10:00 | Update  |   35\n",
	         "@effective\ndate=2020-05-01 effective captured/yum_history.txt:3\n"},
	        {"rpm's dates, where nothing tells upgrades", "last_update",
	         "--- captured/installed-rpms.txt\nbash-5.1.8-6.el9.x86_64     Tue May  3 10:21:33 2022\n"
	         "zlib-1.2-1.el9.x86_64     Mon 12 May 2025 10:00:00 AM UTC\ngpg-pubkey-1-2   2026年11月02日 "
	         "10時00分00秒\n"
	         "xz-5-1.el9.x86_64   2026年10月02日 (金) 10時00分00秒\n",
	         "@effective\ndate=2026-10-02 effective captured/installed-rpms.txt:4 # the day of the last "
	         "installation: rpm "
	         "does not tell an upgrade from a new package\n"},
	        {"nothing", "last_update", "--- etc/x\n", "@not_collected\ndate -\n"},
	        {"zypper", "last_update",
	         "--- var/log/zypp/history\n# 2026-11-01 10:00:00 x\n2026-11-02 "
	         "10:00:00|install|a|1-1|x86_64||r|c|\n2026-11-01 "
	         "10:00:00|patch  |openSUSE-1|1|noarch|r|important|security|needed|applied|\n",
	         "@effective\ndate=2026-11-01 effective var/log/zypp/history:3\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_packages), cmocka_unit_test(test_last_update)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
