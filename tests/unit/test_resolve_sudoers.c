/* sudoers: what is expected was checked with sudo 1.9.13p3 (Debian 12): sudo -l -U, sudo -V, visudo -c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define PASSWD                                                                                                         \
	"--- etc/passwd\nroot:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/:/bin/sh\nbob:x:1001:10::/:/bin/sh\n"    \
	"carol:x:1002:1002::/:/bin/sh\n--- etc/group\nroot:x:0:\nwheel:x:10:alice\nalice:x:1000:\nops:x:50:carol\n"
#define MAIN       PASSWD "--- etc/sudoers\n"
#define PART(name) "--- etc/sudoers.d/" name "\n"

static void test_admins(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"members of a group: by its line, and by primary gid", "sudo_admins",
	         MAIN "root ALL=(ALL:ALL) ALL\n%wheel ALL=(ALL) ALL\n",
	         "@effective\n|root|yes|no|root may run ALL|\n|alice|yes|yes|%wheel may run ALL|\n"
	         "|bob|yes|yes|%wheel may run ALL|\n"},
	        {"members as a login finds them: lines that are commented out, a blank before a name", "sudo_admins",
	         "--- etc/passwd\nroot:x:-0:0::/:/bin/sh\nalice:x:1000:5::/:/bin/sh\nbob:x:1001:5::/:/bin/sh\n"
	         "carol:x:1002:5::/:/bin/sh\ndave:x:1003:5::/:/bin/sh\n--- etc/group\n#wheel:x:10:alice\n"
	         "wheel:x:10: carol\n#solo:x:61:bob\nstaff:x:+62:dave\n--- etc/sudoers\n#0 ALL=ALL\n%wheel ALL=ALL\n"
	         "%solo ALL=NOPASSWD: ALL\n%#61 ALL=ALL\n%#62 ALL=ALL\n",
	         "|root|yes|no|#0 may run ALL|\n|alice|yes|yes|%wheel may run ALL|\n|bob|yes|yes|%#61 may run ALL|\n"
	         "|carol|yes|yes|%wheel may run ALL|\n|dave|yes|yes|%#62 may run ALL|\n"},
	        {"the last match wins, for passwords too", "sudo_admins",
	         MAIN "alice ALL=NOPASSWD: ALL\nalice ALL=PASSWD: ALL\nbob ALL=ALL\nbob ALL=!ALL\n"
	              "carol ALL=ALL\ncarol ALL=NOPASSWD: ALL\n",
	         "|alice|yes|yes|alice may run ALL|\n|carol|yes|no|carol may run NOPASSWD: ALL|\n"},
	        {"aliases, negation, names in other case, uids", "sudo_admins",
	         MAIN "User_Alias A = ALL, !B : B = ROOT, #1001\nA ALL=ALL\n",
	         "|alice|yes|yes|A may run ALL|\n|carol|yes|yes|A may run ALL|\n"},
	        {"an alias within itself is a name that nobody has", "sudo_admins",
	         MAIN "User_Alias A = B, alice : B = A, bob\nB ALL=ALL\n",
	         "|alice|yes|yes|B may run ALL|\n|bob|yes|yes|B may run ALL|\n"},
	        {"a shell and su are as good as ALL; something else is not", "sudo_admins",
	         MAIN "alice ALL=/usr/bin/bash\nbob ALL=/bin/su - root\ncarol ALL=/bin/su - www, /usr/bin/less\n",
	         "|alice|yes|yes|alice may run /usr/bin/bash|\n|bob|yes|yes|bob may run /bin/su - root|\n"},
	        {"excluding commands from ALL leaves ALL", "sudo_admins", MAIN "alice ALL=ALL, !/bin/bash, !/bin/su\n",
	         "|alice|yes|yes|alice may run ALL|\n"},
	        {"other hosts, other accounts to run as, groups alone, and the past do not count", "sudo_admins",
	         MAIN "alice web*=ALL\nbob ALL=(carol) ALL\ncarol ALL=(:ops) ALL\nalice ALL=(alice) ALL\nalice "
	              "ALL=NOTAFTER=20200101000000Z "
	              "ALL\n",
	         "@effective\n"},
	        {"what decides and was not seen makes an answer unknown", "sudo_admins",
	         MAIN "+admins ALL=ALL\nalice ALL=PASSWD: ALL\nbob 10.0.0.0/8=ALL\n",
	         "|root|unknown|no|+admins may run ALL|\n|alice|yes|yes|alice may run ALL|\n"
	         "|bob|unknown|yes|bob may run ALL|\n|carol|unknown|yes|+admins may run ALL|\n"},
	        {"!authenticate and exempt_group", "sudo_admins",
	         MAIN
	         "Defaults:alice !authenticate\nDefaults exempt_group=ops\n%wheel ALL=ALL\ncarol ALL=PASSWD: ALL\n",
	         "|alice|yes|no|%wheel may run ALL|\n|bob|yes|yes|%wheel may run ALL|\n|carol|yes|no|carol may run "
	         "ALL|\n"},
	        {"Defaults of commands come last; a later one for everybody beats that for a user", "sudo_admins",
	         MAIN "Defaults:alice !authenticate\nDefaults!/bin/su !authenticate\nDefaults authenticate\nalice "
	              "ALL=ALL\nbob "
	              "ALL=/bin/su\n",
	         "|alice|yes|no|alice may run ALL|\n|bob|yes|no|bob may run /bin/su|\n"},
	        {"runas_default", "sudo_admins",
	         MAIN "Defaults runas_default=carol\nalice ALL=ALL\nbob ALL=(root) ALL\n",
	         "|bob|yes|yes|bob may run ALL|\n"},
	        {"rules may also come from a directory", "sudo_admins",
	         MAIN "root ALL=ALL\n--- etc/nsswitch.conf\npasswd: files\nsudoers: files sss\n",
	         "|root|yes|no|root may run ALL|\n"
	         "|alice|unknown|unknown|rules of sudo may also come from a directory, which was not collected|\n"
	         "|bob|unknown|unknown|rules of sudo may also come from a directory, which was not collected|\n"
	         "|carol|unknown|unknown|rules of sudo may also come from a directory, which was not collected|\n"},
	        {"an include that was not collected", "sudo_admins",
	         PASSWD "--- etc/os-release\nID=debian\n--- etc/sudoers\nroot ALL=ALL\n@include /opt/x\n",
	         "@not_collected\n|root|unknown|unknown|/opt/x was not collected|\n"
	         "|alice|unknown|unknown|/opt/x was not collected|\n|bob|unknown|unknown|/opt/x was not collected|\n"
	         "|carol|unknown|unknown|/opt/x was not collected|\n",
	         true},
	};
	RESOLVE_CHECK(cases);
}

/* user users others host here runas_user runas_group as_root command negated nopasswd setenv noexec tags options decides */
static void test_rows(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"aliases are written out", "sudoers",
	         MAIN "Cmnd_Alias C = /bin/a, !/bin/b : D = !C\n%wheel, !bob ALL=(ALL:ALL) NOPASSWD: C, D, NONE\n",
	         "|%wheel, !bob|alice|no|ALL|yes|ALL|ALL|yes|/bin/a|no|yes|no|no|NOPASSWD||no|\n"
	         "|%wheel, !bob|alice|no|ALL|yes|ALL|ALL|yes|/bin/b|yes|no|no|no|NOPASSWD||no|\n"
	         "|%wheel, !bob|alice|no|ALL|yes|ALL|ALL|yes|/bin/a|yes|no|no|no|NOPASSWD||yes|\n"
	         "|%wheel, !bob|alice|no|ALL|yes|ALL|ALL|yes|/bin/b|no|yes|no|no|NOPASSWD||yes|\n"
	         "|%wheel, !bob|alice|no|ALL|yes|ALL|ALL|yes|NONE|no|yes|no|no|NOPASSWD||yes|\n"},
	        {"an entry that is overridden decides nothing", "sudoers",
	         MAIN "alice ALL=NOPASSWD: /bin/a\n%wheel ALL=PASSWD: ALL\nbob ALL=/bin/b\n",
	         "|alice|alice|no|ALL|yes|root||yes|/bin/a|no|yes|no|no|NOPASSWD||no|\n"
	         "|%wheel|alice,bob|no|ALL|yes|root||yes|ALL|no|no|yes|no|PASSWD||yes|\n"
	         "|bob|bob|no|ALL|yes|root||yes|/bin/b|no|no|no|no|||yes|\n"},
	        {"where, as whom, when", "sudoers",
	         MAIN
	         "alice host01=(bob) NOEXEC: /bin/a\nbob web=NOTAFTER=20990101000000Z ALL\ncarol 10.1.2.3=() /bin/a\n",
	         "|alice|alice|no|host01|yes|bob||no|/bin/a|no|no|no|yes|NOEXEC||yes|\n"
	         "|bob|bob|no|web|no|root||yes|ALL|no|no|yes|no||NOTAFTER=20990101000000Z|no|\n"
	         "|carol|carol|no|10.1.2.3|unknown|()||no|/bin/a|no|no|no|no|||yes|\n"},
	        {"people of a directory", "sudoers",
	         MAIN "%domain\\ admins ALL=ALL\n--- etc/nsswitch.conf\npasswd: files sss\n",
	         "|\"%domain admins\"||yes|ALL|yes|root||yes|ALL|no|no|yes|no|||yes|\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_settings(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the last wins, lists add up, faulty ones are passed over", "sudoers",
	         MAIN "Defaults timestamp_timeout=5, use_pty\nDefaults timestamp_timeout=x, passwd_tries=2x\nDefaults "
	              "timestamp_timeout=10\nDefaults env_keep=A, env_keep+=\"B C\"\nDefaults env_keep-=A\n",
	         "@effective\ntimestamp_timeout=10 effective etc/sudoers:3 (5 etc/sudoers:1)\n"
	         "use_pty=yes effective etc/sudoers:1\npasswd_tries=3 default\n"
	         "env_keep=B C effective etc/sudoers:5 (A etc/sudoers:4, A B C etc/sudoers:4)\n"},
	        {"scopes", "sudoers",
	         MAIN "Defaults:alice !use_pty\nDefaults use_pty\nDefaults:bob !use_pty\nDefaults@web "
	              "use_pty\nDefaults@host01 "
	              "insults\nDefaults>root !log_host\nDefaults!/bin/a noexec\n",
	         "use_pty=no [:alice] not_in_force etc/sudoers:1 # 'etc/sudoers' line 2 says otherwise for everybody, "
	         "and "
	         "comes later\n"
	         "use_pty=yes effective etc/sudoers:2\nuse_pty=no [:bob] effective etc/sudoers:3\n"
	         "use_pty=yes [@web] not_in_force etc/sudoers:4 # for other hosts\n"
	         "insults=yes effective etc/sudoers:5\nlog_host=no [>root] effective etc/sudoers:6\nlog_host=no "
	         "default\n"
	         "noexec=yes [!/bin/a] effective etc/sudoers:7\nnoexec=no default\n"},
	        {"what is negated", "sudoers",
	         MAIN "Defaults logfile=/var/log/sudo.log, !logfile, !umask, !timestamp_timeout, !lecture\n",
	         "logfile= not_in_force etc/sudoers:1 (/var/log/sudo.log etc/sudoers:1) # unset by !logfile\n"
	         "umask=0777 effective etc/sudoers:1\ntimestamp_timeout=0 effective etc/sudoers:1\n"
	         "lecture=never effective etc/sudoers:1\n"},
	        {"built in, by version and distribution", "sudoers", MAIN "root ALL=ALL\n",
	         "timestamp_timeout=15 default\nuse_pty=no default\nauthenticate=yes default\nlogfile -\n"},
	        {"built in: Debian 13", "sudoers",
	         MAIN "root ALL=ALL\n--- etc/os-release\nID=debian\nVERSION_ID=\"13\"\n", "use_pty=yes default\n"},
	        {"built in: not known", "sudoers", MAIN "root ALL=ALL\n--- etc/os-release\nID=other\n",
	         "use_pty -\ntimestamp_timeout -\nauthenticate=yes default\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_files(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"includes in place, in byte order, without names with a dot or a tilde", "sudoers",
	         MAIN
	         "Defaults passwd_tries=1\n#includedir /etc/sudoers.d\nDefaults "
	         "umask=027\n" PART("b") "Defaults passwd_tries=3, umask=022\n" PART(
	                 "a") "Defaults passwd_tries=2\n" PART("c.bak") "Defaults "
	                                                                "passwd_tries="
	                                                                "9\n" PART("d~") "Defaults passwd_tries=9\n",
	         "passwd_tries=3 effective etc/sudoers.d/b:1 (1 etc/sudoers:1, 2 "
	         "etc/sudoers.d/a:1)\n"
	         "umask=027 effective etc/sudoers:3 (022 etc/sudoers.d/b:1)\n"},
	        {"relative names and the host's name", "sudoers",
	         MAIN "@include sudoers.d/%h.x\n@include \"sudoers.d/a b\"\n" PART(
	                 "host01.x") "Defaults umask=027\n" PART("a b") "Defaults insults\n",
	         "umask=027 effective etc/sudoers.d/host01.x:1\ninsults=yes effective "
	         "etc/sudoers.d/a b:1\n"},
	        {"an include that is missing costs nothing else", "sudoers",
	         MAIN "@include /etc/nosuch\nDefaults umask=027\n@includedir /etc/nosuch.d\n",
	         "@effective\numask=027 effective etc/sudoers:2\n"},
	        {"sudo 1.9.9 drops the line behind it", "sudoers",
	         MAIN "@include /etc/nosuch\nDefaults umask=027\nDefaults insults\n--- "
	              "etc/os-release\nID=ubuntu\n"
	              "VERSION_ID=\"22.04\"\n",
	         "@effective\numask=022 default\ninsults=yes effective etc/sudoers:3\n"},
	        {"sudo 1.8 refuses the whole policy for one line", "sudoers",
	         MAIN "Defaults umask=027\nalice ALL=ls\n--- "
	              "etc/os-release\nID=ubuntu\nVERSION_ID=\"20.04\"\n",
	         "@not_in_force # 'etc/sudoers' line 2: expected a fully-qualified path name: "
	         "sudo refuses the file\n"
	         "umask=027 not_in_force etc/sudoers:1\n"},
	        {"a regular expression needs 1.9.10", "sudo_admins",
	         MAIN "alice ALL=^/bin/.*$\nbob ALL=ALL\n--- "
	              "etc/os-release\nID=debian\nVERSION_ID=\"11\"\n",
	         "|bob|yes|yes|bob may run ALL|\n"},
	        {"the second alias of a name is dropped, with the rest of its line", "sudo_admins",
	         MAIN "User_Alias A = alice\nUser_Alias A = bob : B = carol\nA, B ALL=ALL\n",
	         "|alice|yes|yes|A, B may run ALL|\n"},
	        {"others may write to it", "sudoers",
	         MAIN "Defaults umask=027\n#includedir /etc/sudoers.d\n" PART("a") "Defaults insults\n" PART(
	                 "b") "Defaults log_host\n--- "
	                      "manifest."
	                      "tsv\n0440\t0\t0\troot\troot\tf\t9"
	                      "\t/etc/sudoers\n"
	                      "0646\t0\t0\troot\troot\tf\t9\t/"
	                      "etc/sudoers.d/"
	                      "a\n0640\t1000\t0\talice\troot\tf"
	                      "\t9\t/etc/sudoers.d/b\n",
	         "@effective\numask=027 effective etc/sudoers:1\ninsults=no "
	         "default\nlog_host=no default\n"},
	        {"others may write to the main file", "sudoers",
	         MAIN "Defaults umask=027\n--- "
	              "manifest.tsv\n0442\t0\t0\troot\troot\tf\t9\t/etc/sudoers\n",
	         "@not_in_force # 'etc/sudoers' line 1: it is world writable: sudo refuses the "
	         "file\n"
	         "umask=027 not_in_force etc/sudoers:1\n"},
	        {"a line that goes on behind the end of the file", "sudoers", MAIN "root ALL=ALL\nalice ALL=ALL \\\n",
	         "@not_in_force\n"},
	        {"the host has no sudo", "sudoers",
	         PASSWD "--- "
	                "manifest.tsv\n0755\t0\t0\troot\troot\td\t0\t/\n0755\t0\t0\troot\troot\td\t0\t/"
	                "etc\n0644\t0\t0\troot\troot\tf\t9\t/etc/passwd\n",
	         "@absent\numask -\n"},
	        {"nothing was collected", "sudoers", "--- etc/os-release\nID=debian\n", "@not_collected\numask -\n",
	         true},
	        {"nsswitch.conf leaves the files out", "sudoers",
	         MAIN "root ALL=ALL\n--- etc/nsswitch.conf\nsudoers: sss\n", "@not_in_force\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_admins),
	        cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_settings),
	        cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
