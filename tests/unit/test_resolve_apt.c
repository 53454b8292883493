/* The sources around apt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define PARTS "--- etc/apt/apt.conf.d/"

static void test_apt(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"files by name, apt.conf last; keys without case, in the spelling that came first", "apt",
	         PARTS "20b\nAPT::Periodic::Enable \"2\";\n" PARTS
	               "10a\napt::periodic::ENABLE \"1\";\n--- etc/apt/apt.conf\n"
	               "APT::PERIODIC::Enable \"3\";\n",
	         "@effective\nAPT::periodic::ENABLE=3 effective etc/apt/apt.conf:1 (1 etc/apt/apt.conf.d/10a:1, 2 "
	         "etc/apt/apt.conf.d/20b:1)\n"},
	        {"names that apt passes over", "apt",
	         PARTS "a.bak\nA \"1\";\n" PARTS ".b\nA \"2\";\n" PARTS "c.\nA \"3\";\n" PARTS "d e\nA \"4\";\n" PARTS
	               "f.conf\nA \"5\";\n" PARTS "g~\nA \"6\";\n",
	         "@effective\nA=5 effective etc/apt/apt.conf.d/f.conf:1\n"},
	        {"lists", "apt", PARTS "1\nA::L { \"x\"; \"y\"; };\nA::L:: \"z\";\n",
	         "@effective\nA::L::=x effective etc/apt/apt.conf.d/1:1\nA::L::=y effective "
	         "etc/apt/apt.conf.d/1:1\nA::L::=z effective etc/apt/apt.conf.d/1:2\n"},
	        {"what #clear takes, and an empty value", "apt",
	         PARTS "1\nA::L { \"x\"; B \"y\"; };\nA::V \"1\";\n" PARTS "2\n#clear A::L;\nA::V \"\";\n",
	         "@effective\nA::L::=x not_in_force etc/apt/apt.conf.d/1:1 # cleared by 'etc/apt/apt.conf.d/2' line 1\n"
	         "A::L::B=y not_in_force etc/apt/apt.conf.d/1:1 # cleared by 'etc/apt/apt.conf.d/2' line 1\n"
	         "A::V= not_in_force etc/apt/apt.conf.d/2:2 (1 etc/apt/apt.conf.d/1:2) # set to nothing, which is as "
	         "if it "
	         "were not set\n"},
	        {"defaults: built in, and of those who ask", "apt", "--- etc/apt/apt.conf.d/\n--- etc/apt/apt.conf\n",
	         "@effective\nAPT::Install-Recommends=1 default\nAPT::Periodic::Unattended-Upgrade=0 default\n"},
	        {"a mistake in one file: nothing is in force", "apt",
	         PARTS "1\nA \"1\";\n" PARTS "2\nB \"1\"\n" PARTS "3\nC \"1\";\n",
	         "@not_in_force # 'etc/apt/apt.conf.d/2' line 1: no ';' at the end: apt stops with an error\n"
	         "A=1 not_in_force etc/apt/apt.conf.d/1:1\nC=1 not_in_force etc/apt/apt.conf.d/3:1\n"},
	        {"includes: a file, a folder, one that is not there", "apt",
	         PARTS "1\n#include \"/etc/apt/more\";\n#include \"/etc/apt/d/\";\n--- etc/apt/more\nA \"1\";\n--- "
	               "etc/apt/d/x.bak\nA \"2\";\n--- etc/apt/d/y\nB \"3\";\n",
	         "@effective\nA=1 effective etc/apt/more:1\nB=3 effective etc/apt/d/y:1\n"},
	        {"a missing include", "apt", PARTS "1\nA \"1\";\n#include \"/etc/apt/none\";\n",
	         "@not_in_force # 'etc/apt/apt.conf.d/1' line 2: there is no such file to include: apt stops with an "
	         "error\n"},
	        {"includes in a circle", "apt", PARTS "1\n#include \"/etc/apt/apt.conf.d/1\";\n",
	         "@not_in_force # 'etc/apt/apt.conf.d/1' line 1: too many nested includes: apt stops with an error\n"},
	        {"the main file elsewhere", "apt",
	         PARTS "1\nDir::Etc::main \"other\";\n--- etc/apt/other\nA \"1\";\n--- etc/apt/apt.conf\nA \"2\";\n",
	         "@effective\nA=1 effective etc/apt/other:1\n"},
	        {"a byte order mark belongs to the first word", "apt",
	         PARTS "1\n\xef\xbb\xbf"
	               "A \"1\";\nB \"1\";\n",
	         "@effective\nA -\n%ef%bb%bfA=1 effective etc/apt/apt.conf.d/1:1\nB=1 effective "
	         "etc/apt/apt.conf.d/1:2\n"},
	        {"passwords are not shown", "apt", PARTS "1\nA \"http://u:pass@p:8080/\";\n--- etc/apt/apt.conf\n",
	         "@effective\nA=http://u:[redacted]@p:8080/ effective etc/apt/apt.conf.d/1:1\n"},
	        {"a captured dump beats the files", "apt",
	         PARTS "1\nA::V \"1\";\nA::W \"1\";\nA::L { \"x\"; \"y\"; };\n--- captured/apt-config_dump.txt\nA "
	               "\"\";\nA::V \"2\";\nA::L:: \"y\";\nA::L:: \"z\";\nA::Q \"\"\";\n",
	         "@effective\nA -\nA::V=2 effective captured/apt-config_dump.txt:2 (1 etc/apt/apt.conf.d/1:1) # "
	         "'etc/apt/apt.conf.d/1' line 1 says 1: configured, not in force\n"
	         "A::L::=y effective captured/apt-config_dump.txt:3 (y etc/apt/apt.conf.d/1:3)\n"
	         "A::L::=z effective captured/apt-config_dump.txt:4\n"
	         "A::L::=x not_in_force etc/apt/apt.conf.d/1:3\nA::Q=\" effective captured/apt-config_dump.txt:5\n"
	         "A::W=1 not_in_force etc/apt/apt.conf.d/1:2 # configured, but the captured output does not have it\n"},
	        {"a dump that is none", "apt", "--- captured/apt-config_dump.txt\nsh: apt-config: not found\n",
	         "@error\n"},
	        {"no apt", "apt", "--- etc/x\n", "@absent\n"},
	        {"not collected", "apt", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	        {"only the folder was collected: apt.conf would have the last word", "apt", PARTS "1\nA \"1\";\n",
	         "@not_collected # /etc/apt/apt.conf was not collected\n", true},
	        {"binary", "apt", PARTS "1\n\x01\x02\x03\x7f\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\n", "@error\n"},
	};
	RESOLVE_CHECK(cases);
}

#define LIST "--- etc/apt/sources.list\n"

static void test_apt_sources(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"one line an entry", "apt_sources",
	         LIST "# deb http://old/ s main\ndeb http://a/debian stable main contrib # x\ndeb-src [ arch=amd64 "
	              "trusted=true "
	              "signed-by=/k#1.gpg] https://b/ ./\n--- etc/apt/sources.list.d/\n",
	         "@effective\n|deb|http://a/debian/|stable|main "
	         "contrib|yes||||\n|deb-src|https://b/|./||yes|yes|/k#1.gpg||\n"},
	        {"paragraphs: every type with every URI and suite; what is switched off is told", "apt_sources",
	         LIST "--- etc/apt/sources.list.d/a.sources\n# c\nTypes: deb\nURIs: http://a\n http://b/\nSuites: s "
	              "s-updates\n"
	              "Components: main\nSigned-By: /k.gpg\n\nTypes: deb\nURIs: http://c\nSuites: s\nComponents: "
	              "main\nEnabled: "
	              "no\nTrusted: yes\n",
	         "@effective\n|deb|http://a/|s|main|yes||/k.gpg||\n|deb|http://a/|s-updates|main|yes||/k.gpg||\n"
	         "|deb|http://b/|s|main|yes||/k.gpg||\n|deb|http://b/|s-updates|main|yes||/k.gpg||\n|deb|http://c/"
	         "|s|main|no|"
	         "yes|||\n"},
	        {"names that apt passes over", "apt_sources",
	         LIST
	         "--- etc/apt/sources.list.d/a.list.bak\ndeb http://a/ s main\n--- etc/apt/sources.list.d/b~.list\ndeb "
	         "http://b/ s main\n--- etc/apt/sources.list.d/c.list\ndeb http://c/ s main\n",
	         "@effective\n|deb|http://c/|s|main|yes||||\n"},
	        {"passwords are not shown", "apt_sources",
	         LIST "deb http://u:pass@a/x s main\ndeb http://u@b:80/x:y@z s main\n--- etc/apt/sources.list.d/\n",
	         "@effective\n|deb|http://u:[redacted]@a/x/|s|main|yes||||\n|deb|http://u@b:80/x:y@z/"
	         "|s|main|yes||||\n"},
	        {"a malformed entry", "apt_sources",
	         LIST "deb http://a/ s main\ndeb http://a/ s\n--- etc/apt/sources.list.d/\n",
	         "@not_in_force # 'etc/apt/sources.list' line 2: no component: apt stops with an error\n"},
	        {"no apt", "apt_sources", "--- etc/x\n", "@absent\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_apt), cmocka_unit_test(test_apt_sources)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
