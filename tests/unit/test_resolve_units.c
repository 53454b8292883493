/* Units of systemd. What systemctl says of such files was seen with systemctl --root 252 (tests/oracle/units_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define USR(name)   "--- usr/lib/systemd/system/" name "\n"
#define ETC(name)   "--- etc/systemd/system/" name
#define WANTS(name) ETC("multi-user.target.wants/" name)
#define WANTED      "[Install]\nWantedBy=multi-user.target\n"
#define LINKS                                                                                                          \
	"--- etc/mtab -> ../proc/self/mounts\n" ETC(                                                                   \
	        "x.target.wants/y.service") " -> /usr/lib/systemd/system/y.service\n"
#define LIST "--- captured/systemctl_list-unit-files_--no-pager.txt\n"

static void test_files(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a link in .wants enables, whatever it leads to", "units",
	         WANTS("a.service") " -> /usr/lib/systemd/system/a.service\n" USR("a.service") WANTED USR("b.service")
	                 WANTED USR("c.service") "[Service]\n" USR("d.service") "[Install]\nAlso=a.service\n",
	         "@effective\na.service=enabled effective etc/systemd/system/multi-user.target.wants/a.service:1\n"
	         "b.service=disabled effective usr/lib/systemd/system/b.service:1\n"
	         "c.service=static effective usr/lib/systemd/system/c.service:1\n"
	         "d.service=indirect effective usr/lib/systemd/system/d.service:1\n"},
	        {"only /etc was copied: links tell what is enabled, and nothing else does", "units",
	         WANTS("a.service") " -> /usr/lib/systemd/system/a.service\n",
	         "@effective\na.service=enabled effective etc/systemd/system/multi-user.target.wants/a.service:1\n"
	         "b.service -\n"},
	        {"a link to /dev/null masks, an empty file too, below /run until the next boot", "units",
	         ETC("a.service") " -> /dev/null\n" ETC("b.service") "\n" USR("b.service") WANTED
	         "--- run/systemd/system/c.service -> /dev/null\n" WANTS("a.service") " -> /usr/lib/a\n",
	         "a.service=masked effective etc/systemd/system/a.service:1\n"
	         "b.service=masked effective etc/systemd/system/b.service:1\n"
	         "c.service=masked-runtime effective run/systemd/system/c.service:1\n"},
	        {"an alias, and what it stands for", "units",
	         ETC("alt.service") " -> /usr/lib/systemd/system/a.service\n" USR(
	                 "a.service") "[Install]\nAlias=alt.service\n",
	         "alt.service=alias effective usr/lib/systemd/system/a.service:1\n"
	         "a.service=enabled effective etc/systemd/system/alt.service:1\n"},
	        {"an alias that [Install] does not know is no enabling", "units",
	         ETC("alt.service") " -> /usr/lib/systemd/system/a.service\n" USR("a.service") WANTED,
	         "a.service=indirect effective etc/systemd/system/alt.service:1\n"},
	        {"linked from elsewhere", "units", ETC("a.service") " -> /opt/a.service\n--- opt/a.service\n" WANTED,
	         "a.service=linked effective etc/systemd/system/a.service:1\n"},
	        {"instances of a template, and the template by its default one", "units",
	         WANTS("t@x.service") " -> /usr/lib/systemd/system/t@.service\n" USR("t@.service")
	                 WANTED WANTS("d@one.service") " -> /usr/lib/systemd/system/d@.service\n" USR("d@.service")
	                         WANTED "DefaultInstance=one\n",
	         "t@x.service=enabled effective etc/systemd/system/multi-user.target.wants/t@x.service:1\n"
	         "t@.service=indirect effective etc/systemd/system/multi-user.target.wants/t@x.service:1\n"
	         "d@.service=enabled effective etc/systemd/system/multi-user.target.wants/d@one.service:1\n"},
	        {"a drop-in's [Install] counts, an empty assignment clears", "units",
	         LINKS USR("a.service") "[Service]\n" ETC("a.service.d/i.conf\n") WANTED USR("b.service")
	                 WANTED ETC("b.service.d/i.conf\n") "[Install]\nWantedBy=\n",
	         "a.service=disabled effective usr/lib/systemd/system/a.service:1\n"
	         "b.service=static effective usr/lib/systemd/system/b.service:1\n"},
	        {"generated, and enabled until the next boot", "units",
	         LINKS "--- run/systemd/generator/a.mount\n[Mount]\n--- run/systemd/system/x.target.wants/b.service -> "
	               "/usr/lib/systemd/system/b.service\n" USR("b.service") WANTED,
	         "a.mount=generated effective run/systemd/generator/a.mount:1\nb.service=enabled-runtime effective "
	         "run/systemd/system/x.target.wants/b.service:1\n"},
	        {"a copy without any link tells nothing", "units", ETC("a.service\n") WANTED,
	         "@effective\na.service=disabled effective etc/systemd/system/a.service:1\n"},
	        {"not even that", "units", "--- etc/systemd/system/\n", "@not_collected\n"},
	        {"files in .wants where links were followed", "units", WANTS("a.service\n") WANTED,
	         "a.service=enabled effective etc/systemd/system/multi-user.target.wants/a.service:1\n"},
	        {"another init", "units", "--- etc/mtab -> ../proc/mounts\n", "@absent\n"},
	        {"nothing collected", "units", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	        {"links in a circle, and into themselves", "units",
	         ETC("a.service") " -> b.service\n" ETC("b.service") " -> a.service\n" ETC(
	                 "c.service") " -> c.service\n",
	         "@effective\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_captured(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"with PRESET and without", "units",
	         LIST "UNIT FILE   STATE    PRESET\na.service   enabled  disabled\nb.socket    static   -\n\n2 unit "
	              "files listed.\n",
	         "@effective\na.service=enabled effective captured/systemctl_list-unit-files_--no-pager.txt:2\n"
	         "b.socket=static effective captured/systemctl_list-unit-files_--no-pager.txt:3\n"
	         "|a.service|service|enabled|disabled|?|?|?||\n"
	         "|b.socket|socket|static||?|?|?||\n",
	         true},
	        {"it beats the files", "units",
	         LIST
	         "UNIT FILE STATE\na.service disabled\n" WANTS("a.service") " -> /usr/lib/systemd/system/a.service\n",
	         "a.service=disabled effective captured/systemctl_list-unit-files_--no-pager.txt:2 (enabled "
	         "etc/systemd/system/multi-user.target.wants/a.service:1) # "
	         "'etc/systemd/system/multi-user.target.wants/a.service' line 1 says enabled: configured, not in "
	         "force\n"},
	        {"one unit alone", "units", "--- captured/systemctl_is-enabled_sshd.txt\nenabled\n",
	         "@effective\nsshd.service=enabled effective captured/systemctl_is-enabled_sshd.txt:1\n", true},
	        {"after the words of a redirection", "units",
	         "--- captured/systemctl_is-enabled_x.socket.txt\nx.socket is not a native service, "
	         "redirecting\nmasked\n",
	         "x.socket=masked effective captured/systemctl_is-enabled_x.socket.txt:2\n", true},
	        {"list-units tells what runs, and leaves units out", "units",
	         "--- sos_commands/systemd/systemctl_list-units\n  UNIT      LOAD   ACTIVE SUB     DESCRIPTION\n  "
	         "a.service loaded active running The A\n"
	         "* b.service not-found inactive dead b.service\n",
	         "@effective\na.service -\n"
	         "|a.service|service|?||active|running|The A||\n"
	         "|b.service|service|?||inactive|dead|b.service||\n"
	         "|?|?|?|?|?|?|?|?|\n",
	         true},
	        {"bytes that are no list", "units",
	         LIST "\x01\x02 \x03\n.service enabled\n@.service enabled\na.service\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_files),
	        cmocka_unit_test(test_captured),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
