/* Accounts: what glibc, pam_unix and initgroups(3) make of passwd, shadow and group. Checked with getent, chage, passwd
   -S and unix_chkpwd in a chroot (tests/oracle/account_oracle.py). Today is 2026-11-23, day 20780. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define PASSWD      "--- etc/passwd\n"
#define SHADOW      "--- etc/shadow\n"
#define GROUP       "--- etc/group\n"
#define U(password) PASSWD "u:" password ":1000:1000::/home/u:/bin/bash\n"
#define SHA         "$6$salt$hash"

static void test_passwords(void **state)
{
	(void)state;
#define STATE "@effective\n|: password_state passwordless locked hash key_login\n"
	static const struct resolve_case cases[] = {
	        {"set", "account", U("x") SHADOW "u:" SHA ":19000:0:99999:7:::\n", STATE "|set|no|no|sha512|yes|\n"},
	        {"an empty field is no password at all", "account", U("x") SHADOW "u::19000:0:99999:7:::\n",
	         STATE "|none|yes|no|none|yes|\n"},
	        {"locked with the hash kept: a key still opens it", "account",
	         U("x") SHADOW "u:!" SHA ":19000:0:99999:7:::\n", STATE "|locked|no|yes|sha512|yes|\n"},
	        {"!!, as Red Hat makes accounts", "account", U("x") SHADOW "u:!!:19000:0:99999:7:::\n",
	         STATE "|locked|no|yes|none|yes|\n"},
	        {"!*, as systemd-sysusers does", "account", U("x") SHADOW "u:!*:19000::::::\n",
	         STATE "|locked|no|yes|none|yes|\n"},
	        {"a word that no password gives", "account", U("x") SHADOW "u:x:19000:0:99999:7:::\n",
	         STATE "|unusable|no|yes|none|yes|\n"},
	        {"DES", "account", U("x") SHADOW "u:abJnggxhB/yWI:19000:0:99999:7:::\n", STATE "|set|no|no|des|yes|\n"},
	        {"a method nobody here knows", "account", U("x") SHADOW "u:$argon2id$x:19000:0:99999:7:::\n",
	         STATE "|set|no|no|unknown|yes|\n"},
	        {"a hash in passwd counts, and shadow does not", "account",
	         U("$1$a$b") SHADOW "u:!:19000:0:99999:7::1:\n", STATE "|set|no|no|md5|yes|\n"},
	        {"an empty field in passwd", "account", U("") SHADOW "u:!:19000:0:99999:7:::\n",
	         STATE "|none|yes|no|none|yes|\n"},
	        {"no line in shadow: the account stage fails too", "account", U("x") SHADOW "root:*:19000::::::\n",
	         STATE "|unusable|no|yes|none|no|\n"},
	        {"eight fields of nine, the last empty: no entry for glibc", "account",
	         U("x") SHADOW "u:" SHA ":18648:1::::\n", STATE "|unusable|no|yes|none|no|\n"},
	        {"a later line counts where the first one is bad", "account",
	         U("x") SHADOW "u:!:many:::::::\nu:" SHA ":19000:0:99999:7:::\n", STATE "|set|no|no|sha512|yes|\n"},
	        {"CRLF spoils shadow", "account", U("x") SHADOW "u:" SHA ":19000:0:99999:7:::\r\n",
	         STATE "|unusable|no|yes|none|no|\n"},
	        {"the first of two lines counts", "account",
	         U("x") SHADOW "u:!:19000:0:99999:7:::\nu::19000:0:99999:7:::\n", STATE "|locked|no|yes|none|yes|\n"},
	        {"shadow was not collected", "account", U("x"), STATE "|?|?|?|?|?|\n", true},
	        {"…but the field in passwd decides by itself", "account", U(""), STATE "|none|yes|no|none|yes|\n",
	         true},
	        {"…and without a shell no key helps", "account", PASSWD "u:x:33:33::/:/usr/sbin/nologin\n",
	         STATE "|?|?|?|?|no|\n", true},
	        {"what getent prints stands above the file", "account",
	         U("x") SHADOW "u::19000:0:99999:7:::\n--- captured/getent_shadow.txt\nu:!:19000:0:99999:7:::\n",
	         STATE "|locked|no|yes|none|yes|\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_aging(void **state)
{
	(void)state;
#define AGE "|: expired change_due changed min max warn inactive expires password_expires\n"
	static const struct resolve_case cases[] = {
	        {"in time", "account", U("x") SHADOW "u:*:20780:1:90:7:30::\n",
	         AGE "|no|no|2026-11-23|1|90|7|30|never|2027-02-21|\n"},
	        {"nothing is said: -1, and no day of the last change", "account", U("x") SHADOW "u:*:::::::\n",
	         AGE "|no|no|?|-1|-1|-1|-1|never|never|\n"},
	        {"0 wants a change at the next login", "account", U("x") SHADOW "u:*:0:0:90:7:::\n",
	         AGE "|no|yes|?|0|90|7|-1|never|1970-01-01|\n"},
	        {"the last day", "account", U("x") SHADOW "u:*:20690:0:90:7:::\n",
	         AGE "|no|no|2026-08-25|0|90|7|-1|never|2026-11-23|\n"},
	        {"the day after", "account", U("x") SHADOW "u:*:20689:0:90:7:::\n",
	         AGE "|no|yes|2026-08-24|0|90|7|-1|never|2026-11-22|\n"},
	        {"and the days of grace are over", "account", U("x") SHADOW "u:*:20659:0:90:7:30::\n",
	         AGE "|yes|no|2026-07-25|0|90|7|30|never|2026-10-23|\n"},
	        {"the account ends today", "account", U("x") SHADOW "u:*:20780:0:99999:7::20780:\n",
	         AGE "|yes|no|2026-11-23|0|99999|7|-1|2026-11-23|never|\n"},
	        {"day 0 is over as well", "account", U("x") SHADOW "u:*:20780:0:99999:7::0:\n",
	         AGE "|yes|no|2026-11-23|0|99999|7|-1|1970-01-01|never|\n"},
	        {"the old form of five fields", "account", U("x") SHADOW "u:*:20780:0:90\n",
	         AGE "|no|no|2026-11-23|0|90|-1|-1|never|2027-02-21|\n"},
	        {"a number below zero spoils the line", "account", U("x") SHADOW "u:*:20780:0:-1:7:::\n",
	         AGE "|no|no|?|-1|-1|-1|-1|never|never|\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_lines(void **state)
{
	(void)state;
#define KIND "|: name uid shell login_shell interactive system name_lines uid_names\n"
	static const struct resolve_case cases[] = {
	        {"people, services, nobody, root", "account",
	         PASSWD
	         "root:x:0:0::/root:/bin/bash\nwww:x:33:33::/:/bin/sh\nu:x:1000:1000::/:\nn:x:65534:5::/:/bin/sh\n"
	         "s:x:4:4::/bin:/bin/sync\ng:x:1001:5::/:/usr/bin/git-shell\n",
	         KIND "|root|0|/bin/bash|yes|yes|no|1|root|\n|www|33|/bin/sh|yes|no|yes|1|www|\n"
	              "|u|1000|/bin/sh|yes|yes|no|1|u|\n|n|65534|/bin/sh|yes|no|yes|1|n|\n"
	              "|s|4|/bin/sync|no|no|yes|1|s|\n|g|1001|/usr/bin/git-shell|no|no|no|1|g|\n"},
	        {"UID_MIN of login.defs", "account",
	         PASSWD "u:x:500:5::/:/bin/sh\nv:x:499:5::/:/bin/sh\n--- etc/login.defs\nUID_MIN 500\n",
	         KIND "|u|500|/bin/sh|yes|yes|no|1|u|\n|v|499|/bin/sh|yes|no|yes|1|v|\n"},
	        {"login.defs was not collected", "account", PASSWD "u:x:500:5::/:/bin/sh\nv:x:99:5::/:/bin/sh\n",
	         KIND "|u|500|/bin/sh|yes|?|?|1|u|\n|v|99|/bin/sh|yes|no|yes|1|v|\n", true},
	        {"a second root by another name", "account", PASSWD "root:x:0:0::/:/bin/sh\ntoor:x:-0:0::/:/bin/sh\n",
	         KIND "|root|0|/bin/sh|yes|yes|no|1|root,toor|\n|toor|0|/bin/sh|yes|yes|no|1|root,toor|\n"},
	        {"the first line of a name counts", "account", PASSWD "u:x:1000:5::/:/bin/sh\nu:x:0:0::/:/bin/sh\n",
	         KIND "|u|1000|/bin/sh|yes|yes|no|2|u|\n"},
	        {"lines that glibc passes over", "account",
	         PASSWD "#c:x:1:1::/:/bin/sh\n\n  i:x:5:5::/:/bin/sh\nshort:x:1:\nhex:x:0x10:1::/:\nneg:x:-1:1::/:\n"
	                "big:x:4294967296:1::/:\nlast:x:6:6",
	         KIND "|i|5|/bin/sh|yes|no|yes|1|i|\n|last|6|/bin/sh|yes|no|yes|1|last|\n"},
	        {"the shell takes the rest of the line", "account", PASSWD "u:x:1000:1::/:/bin/sh:x\n",
	         KIND "|u|1000|/bin/sh:x|yes|yes|no|1|u|\n"},
	        {"lines of NIS mean nothing to files", "account",
	         PASSWD "u:x:1000:1::/:/bin/sh\n+::::::\n--- etc/nsswitch.conf\npasswd: files\n",
	         KIND "|u|1000|/bin/sh|yes|yes|no|1|u|\n"},
	        {"and everything to compat", "account",
	         PASSWD "-v\nv:x:0:0::/:/bin/sh\nu:x:1000:1::/:/bin/sh\n+\n--- etc/nsswitch.conf\npasswd: compat\n",
	         KIND "|u|1000|/bin/sh|yes|yes|no|1|u|\n|+|?|?|?|?|?|?|?|\n"},
	        {"or perhaps, without nsswitch.conf", "account", PASSWD "u:x:1000:1::/:/bin/sh\n+::::::\n",
	         KIND "|u|1000|/bin/sh|yes|yes|no|1|u|\n|+|?|?|?|?|?|?|?|\n", true},
	        {"getent prints accounts of directories too", "account",
	         PASSWD
	         "u:x:1000:1::/:/bin/sh\nold:x:7:7::/:/bin/sh\n--- captured/getent_passwd.txt\nu:x:1000:1::/:/bin/sh\n"
	         "ldap:x:9000:1::/:/bin/sh\n",
	         "@effective # configured in /etc/passwd, not in force, since 'getent passwd' does not print it: "
	         "old\n" KIND "|u|1000|/bin/sh|yes|yes|no|1|u|\n|ldap|9000|/bin/sh|yes|yes|no|1|ldap|\n"},
	        {"a directory that was not asked", "account",
	         PASSWD "u:x:1000:1::/:/bin/sh\n--- etc/nsswitch.conf\npasswd: files systemd sss [NOTFOUND=return]\n",
	         "@effective # nsswitch.conf also takes accounts from sss\n"},
	        {"nothing collected", "account", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	        {"binary", "account", "--- etc/passwd\n\x01\x02\n", "@error\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_groups(void **state)
{
	(void)state;
#define ADMIN   "|: name group groups admin admin_by\n"
#define TWO     PASSWD "u:x:1000:1000::/:/bin/sh\nv:x:1001:10::/:/bin/sh\n"
#define NO_SUDO "--- etc/sudoers\n"
	static const struct resolve_case cases[] = {
	        {"members, and whose primary group it is", "account", NO_SUDO TWO GROUP "wheel:x:10:u\nu:x:1000:\n",
	         ADMIN "|u|u|u,wheel|yes|group wheel|\n|v|wheel|wheel|yes|primary group wheel|\n"},
	        {"uid 0", "account", NO_SUDO PASSWD "toor:x:0:5::/:/bin/sh\n" GROUP "g:x:5:\n",
	         ADMIN "|toor|g|g|yes|uid 0|\n"},
	        {"groups that are as good as root", "account", NO_SUDO TWO GROUP "docker:x:999:u\nsalt:x:10:v\n",
	         ADMIN "|u|1000|1000,docker|yes|group docker (as good as root)|\n|v|salt|salt|no||\n"},
	        {"the number counts, not the name of the line", "account",
	         NO_SUDO TWO GROUP "guests:x:27:u\nsudo:x:27:\n",
	         ADMIN "|u|1000|1000,guests|yes|group sudo|\n|v|10|10|no||\n"},
	        {"every line of a name counts", "account", NO_SUDO TWO GROUP "sudo:x:27:\nsudo:x:28:u\n",
	         ADMIN "|u|1000|1000,sudo|yes|group sudo|\n|v|10|10|no||\n"},
	        {"a line that is commented out counts at login", "account",
	         NO_SUDO TWO GROUP "sudo:x:27:\n#sudo:x:27:u\n#x:x:5:v\n",
	         ADMIN
	         "|u|1000|1000,sudo|yes|group sudo (by the line '#sudo', which counts at login)|\n|v|10|10,5|no||\n"},
	        {"blanks before a member go, blanks after it stay", "account",
	         NO_SUDO TWO GROUP "a:x:1:, u,,v \nb:x:2:u\r\n", ADMIN "|u|1000|1000,a|no||\n|v|10|10|no||\n"},
	        {"who may add members, and who may switch", "account",
	         NO_SUDO TWO GROUP "wheel:x:4:\nsudo:x:5:\nx:x:6:\n--- etc/gshadow\nwheel:!:u:\nsudo:!::v\nx:!:v:v\n",
	         ADMIN "|u|1000|1000|yes|administrator of group wheel (gshadow)|\n"
	               "|v|10|10|yes|group sudo by newgrp (gshadow)|\n"},
	        {"what sudo gives counts", "account",
	         "--- etc/sudoers\nu ALL=(ALL) NOPASSWD: ALL\nv ALL=(ALL) /bin/ls\n" TWO "root:x:0:0::/:/bin/sh\n" GROUP
	         "u:x:1000:\n",
	         ADMIN
	         "|u|u|u|yes|sudo without a password: u may run NOPASSWD: ALL|\n|v|10|10|no||\n|root|0|0|yes|uid 0|\n"},
	        {"sudoers was not collected: not no, but unknown", "account", TWO GROUP "u:x:1000:\nwheel:x:10:\n",
	         ADMIN "|u|u|u|?|?|\n|v|wheel|wheel|yes|primary group wheel|\n", true},
	        {"no group file: not no, but unknown", "account", TWO, ADMIN "|u|?|?|?|?|\n|v|?|?|?|?|\n", true},
	        {"groups of NIS", "account",
	         NO_SUDO PASSWD "u:x:1000:1000::/:/bin/sh\n" GROUP
	                        "wheel:x:10:\n+\n--- etc/nsswitch.conf\ngroup: compat\n",
	         ADMIN "|u|1000|?|?|?|\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_other_groups(void **state)
{
	(void)state;
#define OTHER "|: name groups other_groups\n"
	static const struct resolve_case cases[] = {
	        {"the private group is none of them, also where its line names the account", "account",
	         TWO GROUP "u:x:1000:u\nstaff:x:50:u,v\nv:x:10:\n", OTHER "|u|u,staff|staff|\n|v|v,staff|staff|\n"},
	        {"a primary group of another name, and one without a line", "account", TWO GROUP "users:x:1000:\n",
	         OTHER "|u|users|users|\n|v|10|10|\n"},
	        {"its number is that of sudo", "account", TWO GROUP "v:x:10:\nsudo:x:10:\nu:x:1000:\n",
	         OTHER "|u|u||\n|v|v|v|\n"},
	        {"group 0 by another name", "account",
	         PASSWD "u:x:1000:0::/:/bin/sh\nr:x:0:5::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n" GROUP "u:x:0:\nr:x:5:\n",
	         OTHER "|u|u|u|\n|r|r||\n|root|u|u|\n"},
	        {"as good as root, by its own name", "account",
	         PASSWD "docker:x:1000:999::/:/bin/sh\n" GROUP "docker:x:999:\n", OTHER "|docker|docker|docker|\n"},
	        {"a second group of the account's name", "account", TWO GROUP "u:x:1000:\nu:x:50:u\nv:x:10:\n",
	         OTHER "|u|u|u|\n|v|v||\n"},
	        {"no group file: unknown", "account", TWO, OTHER "|u|?|?|\n|v|?|?|\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_group_source(void **state)
{
	(void)state;
#define NAMES "@effective\n|: name gid members name_lines gid_names\n"
	static const struct resolve_case cases[] = {
	        {"names and numbers that several lines have", "group", GROUP "a:x:1:\na:x:2:u\nb:x:02:\n",
	         NAMES "|a|1||2|a|\n|a|2|u|2|a,b|\n|b|2||1|a,b|\n"},
	        {"lines that are none", "group", GROUP "#c:x:1:\n+\n+n:x:5:\nshort:x\nbad:x:y:\nlast:x:7",
	         NAMES "|last|7||1|last|\n"},
	        {"getent stands above the file", "group", GROUP "a:x:1:\n--- captured/getent_group.txt\na:x:1:u\n",
	         NAMES "|a|1|u|1|a|\n"},
	        {"not collected", "group", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

/* Checked with useradd (tests/oracle/login_defs_oracle.py). */
static void test_login_defs(void **state)
{
	(void)state;
#define DEFS "--- etc/login.defs\n"
	static const struct resolve_case cases[] = {
	        {"the last line counts", "login_defs", DEFS "PASS_MAX_DAYS 90\nPASS_MAX_DAYS\t60\n",
	         "@effective\nPASS_MAX_DAYS=60 effective etc/login.defs:2 (90 etc/login.defs:1)\n"},
	        {"a comment after the value makes it no number", "login_defs", DEFS "PASS_MAX_DAYS 90 # x\n",
	         "PASS_MAX_DAYS=-1 default (90 # x etc/login.defs:1) # 'etc/login.defs' line 1: '90 # x' is no number, "
	         "so "
	         "the default holds\n"},
	        {"also where an earlier line was one", "login_defs", DEFS "PASS_MIN_DAYS 7\nPASS_MIN_DAYS 7d\n",
	         "PASS_MIN_DAYS=-1 default (7d etc/login.defs:2)\n"},
	        {"an equals sign makes no line", "login_defs", DEFS "PASS_MAX_DAYS=90\nUID_MIN\n",
	         "PASS_MAX_DAYS=-1 default\nUID_MIN=1000 default\n"},
	        {"quotes, other bases, blanks", "login_defs",
	         DEFS "PASS_MAX_DAYS \"90\" x\n  PASS_MIN_DAYS 0x5a \r\nUID_MIN 010\nUMASK 022\n",
	         "PASS_MAX_DAYS=90 effective etc/login.defs:1\nPASS_MIN_DAYS=90 effective etc/login.defs:2\n"
	         "UID_MIN=8 effective etc/login.defs:3\nUMASK=022 effective etc/login.defs:4\n"},
	        {"drop-ins are SUSE's", "login_defs", DEFS "UID_MIN 500\n--- etc/login.defs.d/a.defs\nUID_MIN 600\n",
	         "UID_MIN=500 effective etc/login.defs:1\n"},
	        {"there they come last", "login_defs",
	         DEFS "UID_MIN 500\n--- etc/login.defs.d/a.defs\nUID_MIN 600\n--- etc/os-release\nID=opensuse-leap\n",
	         "UID_MIN=600 effective etc/login.defs.d/a.defs:1 (500 etc/login.defs:1)\n"},
	        {"not seen, they hide nothing elsewhere", "login_defs",
	         DEFS "UID_MIN 500\n--- etc/os-release\nID=debian\n",
	         "@effective\nUID_MIN=500 effective etc/login.defs:1\n", true},
	        {"but there", "login_defs", DEFS "UID_MIN 500\n--- etc/os-release\nID=sles\nID_LIKE=suse\n",
	         "@not_collected\n", true},
	        {"or on a host that may be one of theirs", "login_defs", DEFS "UID_MIN 500\n", "@not_collected\n",
	         true},
	        {"no file", "login_defs", "--- etc/profile\n", "@absent\nUID_MIN=1000 default\n"},
	        {"not collected", "login_defs", "--- etc/os-release\nID=debian\n", "@not_collected\nUID_MIN -\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_passwords),    cmocka_unit_test(test_aging),
	        cmocka_unit_test(test_lines),        cmocka_unit_test(test_groups),
	        cmocka_unit_test(test_other_groups), cmocka_unit_test(test_group_source),
	        cmocka_unit_test(test_login_defs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
