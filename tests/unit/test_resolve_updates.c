/* Repositories of dnf, and what installs updates by itself on RHEL and SUSE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define REPOS "--- etc/yum.repos.d/"

static void test_repos(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"enabled unless it says no; gpgcheck from [main]; the first of an id counts", "repos",
	         "--- etc/dnf/dnf.conf\n[main]\ngpgcheck=1\nenabled=0\n" REPOS
	         "a.repo\n[base]\nname=Base\nbaseurl=http://m/1\n  http://m/2\n[off]\nenabled = "
	         "False\ngpgcheck=0\n" REPOS "b.repo\n[base]\nenabled=0\n# [no]\n" REPOS "c.repo.bak\n[c]\n",
	         "@effective\n|base|Base|yes|yes|no|yes|http://m/1 http://m/2||||\n|off||no|no|no|yes|||||\n"},
	        {"what is no boolean is passed over; without dnf.conf, yum.conf", "repos",
	         "--- etc/yum.conf\n[main]\nsslverify=off\n" REPOS "a.repo\n[x]\nenabled=maybe\nmetalink=https://l\n",
	         "@effective\n|x||yes|no|no|no||https://l|||\n"},
	        {"of two values the last counts, even where it is none", "repos",
	         "--- etc/dnf/dnf.conf\n" REPOS "a.repo\n[x]\nenabled=no\nenabled=maybe\n",
	         "@effective\n|x||yes|no|no|yes|||||\n"},
	        {"dnf5's overrides, by pattern", "repos",
	         "--- etc/dnf/dnf.conf\n" REPOS "a.repo\n[epel]\nname=E\n[epel-testing]\nname=T\n--- "
	         "etc/dnf/repos.override.d/99.repo\n[epel*]\nenabled=0\n",
	         "@effective\n|epel|E|no|no|no|yes|||||\n|epel-testing|T|no|no|no|yes|||||\n"},
	        {"a host without dnf", "repos", "--- etc/x\n", "@absent\n"},
	        {"not collected", "repos", "--- etc/os-release\nID=rhel\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define AUTOMATIC(value) "--- etc/dnf/automatic.conf\n[commands]\nupgrade_type = security\napply_updates = " value "\n"
#define UNITS(lines)                                                                                                   \
	"--- captured/systemctl_list-unit-files.txt\nUNIT FILE STATE PRESET\n" lines "\n9 unit files listed.\n"

static void test_automatic(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the timer that obeys", "dnf_automatic",
	         AUTOMATIC("yes") UNITS("dnf-automatic.timer enabled disabled\n"),
	         "@effective\nenabled=yes effective etc/dnf/automatic.conf:3 # dnf-automatic.timer runs, and the file "
	         "says so\n"
	         "commands.upgrade_type=security effective etc/dnf/automatic.conf:2\n"},
	        {"dnf5's timer", "dnf_automatic", AUTOMATIC("1") UNITS("dnf5-automatic.timer enabled disabled\n"),
	         "@effective\nenabled=yes effective etc/dnf/automatic.conf:3\n"},
	        {"no timer", "dnf_automatic", AUTOMATIC("yes") UNITS("dnf-automatic.timer disabled disabled\n"),
	         "@effective\nenabled=no effective etc/dnf/automatic.conf:3 # dnf-automatic.timer is not enabled\n"},
	        {"one that only tells", "dnf_automatic",
	         AUTOMATIC("yes") UNITS("dnf-automatic-notifyonly.timer enabled x\n"),
	         "@effective\nenabled=no effective etc/dnf/automatic.conf:3\n"},
	        {"the file says no", "dnf_automatic", AUTOMATIC("no") UNITS("dnf-automatic.timer enabled disabled\n"),
	         "@effective\nenabled=no effective etc/dnf/automatic.conf:3 # commands.apply_updates is not yes\n"},
	        {"one that installs whatever the file says", "dnf_automatic",
	         AUTOMATIC("no") UNITS("dnf-automatic-install.timer enabled disabled\n"),
	         "@effective\nenabled=yes effective # dnf-automatic-install.timer installs whatever the file says\n"},
	        {"nothing shows the timers", "dnf_automatic", "--- etc/os-release\nID=rhel\n" AUTOMATIC("yes"),
	         "@not_collected # whether dnf-automatic-install.timer is enabled was not collected\n", true},
	        {"no file", "dnf_automatic", "--- etc/x\n", "@absent\nenabled=no effective\n"},
	        {"yum-cron", "yum_cron",
	         "--- etc/yum/yum-cron.conf\n[commands]\nupdate_cmd = security\napply_updates = yes\n" UNITS(
	                 "yum-cron.service enabled\n"),
	         "@effective\nenabled=yes effective etc/yum/yum-cron.conf:3\ncommands.update_cmd=security effective "
	         "etc/yum/yum-cron.conf:2\n"},
	        {"SUSE", "zypper_online_update",
	         "--- etc/sysconfig/automatic_online_update\nAOU_ENABLE_CRONJOB=\"true\"\n",
	         "@effective\nenabled=yes effective etc/sysconfig/automatic_online_update:1\n"},
	        {"SUSE, transactional", "zypper_online_update",
	         "--- etc/sysconfig/automatic_online_update\nAOU_ENABLE_CRONJOB=\"false\"\n" UNITS(
	                 "transactional-update.timer enabled enabled\n"),
	         "@effective\nenabled=yes effective # transactional-update.timer installs whatever the file says\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_repos), cmocka_unit_test(test_automatic)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
