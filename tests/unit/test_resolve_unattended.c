/* The source `unattended_upgrades`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define BOOKWORM "--- etc/os-release\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"
#define CONF     "--- etc/apt/apt.conf\n--- etc/apt/apt.conf.d/50x\n"
#define DAILY    "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n"
#define SECURITY "Unattended-Upgrade::Origins-Pattern:: \"o=Debian,n=${distro_codename}-security,l=Debian-Security\";\n"
#define PACKAGE  "--- captured/dpkg_-l.txt\nii  unattended-upgrades 2.9 all x\n"
#define TIMERS                                                                                                         \
	"--- captured/systemctl_list-unit-files.txt\nUNIT FILE STATE PRESET\napt-daily.timer enabled enabled\n"        \
	"apt-daily-upgrade.timer enabled enabled\n\n2 unit files listed.\n"

static void test_enabled(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"all is there", "unattended_upgrades", BOOKWORM CONF DAILY SECURITY PACKAGE TIMERS,
	         "@effective\nenabled=yes effective\nsecurity=yes effective\nupdate_lists_every=1d effective "
	         "etc/apt/apt.conf.d/50x:1\nreboot=no default\norigin=o=Debian,n=bookworm-security,l=Debian-Security "
	         "effective "
	         "etc/apt/apt.conf.d/50x:3\n"},
	        {"the package is not there", "unattended_upgrades",
	         BOOKWORM CONF DAILY SECURITY TIMERS
	         "--- captured/dpkg_-l.txt\nii  bash 5 all x\nrc  unattended-upgrades 2.9 "
	         "all x\n",
	         "@effective\nenabled=no effective # the package unattended-upgrades is not installed\n"},
	        {"nothing is set: off", "unattended_upgrades", BOOKWORM CONF PACKAGE TIMERS,
	         "@effective\nenabled=no effective # APT::Periodic::Update-Package-Lists is 0\nupgrade_every=never "
	         "default\n"},
	        {"switched off as a whole", "unattended_upgrades",
	         BOOKWORM CONF DAILY SECURITY "APT::Periodic::Enable \"0\";\n" PACKAGE TIMERS,
	         "@effective\nenabled=no effective etc/apt/apt.conf.d/50x:4 # APT::Periodic::Enable is 0\n"},
	        {"what is no number does not switch it off", "unattended_upgrades",
	         BOOKWORM CONF DAILY SECURITY "APT::Periodic::Enable \"false\";\n" PACKAGE TIMERS,
	         "@effective\nenabled=yes effective\n"},
	        {"a mistake in apt's configuration", "unattended_upgrades",
	         BOOKWORM CONF DAILY SECURITY "A \"1\"\n" PACKAGE,
	         "@effective\nenabled=no effective etc/apt/apt.conf.d/50x:4 # 'etc/apt/apt.conf.d/50x' line 4: no ';' "
	         "at the "
	         "end: apt stops with an error\n"},
	        {"a variable that nobody knows", "unattended_upgrades",
	         BOOKWORM CONF DAILY "Unattended-Upgrade::Origins-Pattern:: \"n=${codename}\";\n" PACKAGE TIMERS,
	         "@effective\nsecurity=no effective\nenabled=no effective etc/apt/apt.conf.d/50x:3 # "
	         "Unattended-Upgrade::Origins-Pattern:: \"n=${codename}\": no such variable, so unattended-upgrade "
	         "stops\n"},
	        {"no origin", "unattended_upgrades", BOOKWORM CONF DAILY PACKAGE TIMERS,
	         "@effective\nenabled=no effective # no origin is allowed\n"},
	        {"what was collected does not tell whether the package is there", "unattended_upgrades",
	         BOOKWORM CONF DAILY SECURITY TIMERS,
	         "@not_collected # whether the package unattended-upgrades is installed was not "
	         "collected\nsecurity=yes "
	         "effective\n"},
	        {"apt's configuration was not collected", "unattended_upgrades", "--- etc/os-release\nID=debian\n",
	         "@not_collected\n", true},
	        {"no apt", "unattended_upgrades", "--- etc/x\n", "@absent\n"},
	};
	RESOLVE_CHECK(cases);
}

#define INTERVAL(value) BOOKWORM CONF "APT::Periodic::Unattended-Upgrade \"" value "\";\n"
#define EVERY(value)    "upgrade_every=" value " effective etc/apt/apt.conf.d/50x:1\n"
#define PATTERN(value)  BOOKWORM CONF "Unattended-Upgrade::Origins-Pattern:: \"" value "\";\n"
#define LEGACY(value)   BOOKWORM CONF "Unattended-Upgrade::Allowed-Origins:: \"" value "\";\n"
#define YES             "security=yes effective\n"
#define NO              "security=no effective\n"

static void test_grammar(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"always", "unattended_upgrades", INTERVAL("always"), EVERY("0s")},
	        {"days", "unattended_upgrades", INTERVAL("7"), EVERY("7d")},
	        {"hours", "unattended_upgrades", INTERVAL("12h"), EVERY("43200s")},
	        {"minutes", "unattended_upgrades", INTERVAL("1440m"), EVERY("1d")},
	        {"0 is never, 00 is not 0", "unattended_upgrades", INTERVAL("00"), EVERY("0s")},
	        {"no number", "unattended_upgrades", INTERVAL("daily"), EVERY("never")},
	        {"octal", "unattended_upgrades", INTERVAL("010"), EVERY("8d")},
	        {"nothing is 0 to arithmetic, but not the word 0", "unattended_upgrades", INTERVAL(""), EVERY("0s")},
	        {"the suite by age, as of the day: 12 is oldstable", "unattended_upgrades",
	         PATTERN("a=oldstable-security"), YES},
	        {"stable is 13", "unattended_upgrades", PATTERN("o=Debian,a=stable-security"), NO},
	        {"a pattern", "unattended_upgrades", PATTERN("origin=Deb*, label = *-Security"), YES},
	        {"the main archive is not that of security", "unattended_upgrades", PATTERN("o=Debian,l=Debian"), NO},
	        {"a mistake", "unattended_upgrades", PATTERN("o=Debian,"), NO},
	        {"old words", "unattended_upgrades", LEGACY("${distro_id}:oldstable-security"), YES},
	        {"old words with a blank", "unattended_upgrades", LEGACY("Debian oldstable-security"), YES},
	        {"a codename is no suite", "unattended_upgrades", LEGACY("Debian:${distro_codename}-security"), NO},
	        {"Ubuntu", "unattended_upgrades",
	         "--- etc/os-release\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy\n" CONF
	         "Unattended-Upgrade::Allowed-Origins { \"${distro_id}:${distro_codename}-security\"; };\n",
	         YES},
	        {"a distribution that we do not know", "unattended_upgrades",
	         "--- etc/os-release\nID=kali\nID_LIKE=debian\n" CONF
	         "Unattended-Upgrade::Origins-Pattern:: \"o=Kali\";\n",
	         "security=no error\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_enabled), cmocka_unit_test(test_grammar)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
