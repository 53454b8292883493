/* swayidle and what sway starts. What swayidle takes was checked with swayidle 1.8 (tests/oracle/swayidle_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define SWAY  "--- etc/sway/config\n"
#define START SWAY "exec swayidle\n"
#define IDLE  "--- etc/swayidle/config\n"
#define SATO  "--- home/sato/.config/sway/config\n"
#define OWN   "--- home/sato/.config/swayidle/config\n"

static void test_start(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"as sway(5) shows it: continued lines and a variable", "swayidle",
	         SWAY
	         "set $lock 'swaylock -f'\n# exec swayidle \\\nexec swayidle -w \\\n  timeout 300 '$lock' \\\n  "
	         "timeout 600 "
	         "'swaymsg \"output * power off\"' resume 'swaymsg \"output * power on\"' \\\n  before-sleep '$lock'\n",
	         "@effective\nlock_after=300 effective etc/sway/config:3\nbefore-sleep=swaylock -f effective "
	         "etc/sway/config:3\n||timeout|300|swaylock -f||yes|\n||timeout|600|swaymsg \"output * power "
	         "off\"|swaymsg \"output * power on\"|no|\n||before-sleep||swaylock -f||yes|\n"},
	        {"unquoted, the command's options are swayidle's: it does not start", "swayidle",
	         SWAY "exec swayidle -w timeout 300 swaylock -f\n",
	         "lock_after=300 not_in_force etc/sway/config:1 # no event of swayidle (quote the command): it does "
	         "not "
	         "start\n"},
	        {"a variable lost its quotes", "swayidle",
	         SWAY "set $lock 'swaylock -f'\nexec swayidle timeout 9 $lock\n",
	         "lock_after=9 not_in_force etc/sway/config:2\n"},
	        {"the file of swayidle counts as well; the least", "swayidle",
	         SWAY "exec swayidle -w timeout 900 swaylock\n" IDLE "timeout 600 'swaylock -f'\n",
	         "lock_after=600 effective etc/swayidle/config:1\n"},
	        {"a user's replaces it", "swayidle",
	         START IDLE "timeout 600 'swaylock -f'\n" SATO "exec swayidle\n" OWN "timeout 60 'swaymsg x'\n",
	         "lock_after=600 effective etc/swayidle/config:1\n"
	         "lock_after=0 [user sato] effective\n"},
	        {"whose own sway may start another one", "swayidle", START OWN "timeout 60 swaylock\n",
	         "lock_after=0 effective\nlock_after=60 [user sato] not_collected "
	         "home/sato/.config/swayidle/config:1\n"},
	        {"nothing starts it", "swayidle", SWAY "# nothing\n" IDLE "timeout 600 swaylock\n",
	         "lock_after=600 not_collected etc/swayidle/config:1 # nothing was seen that starts swayidle\n"},
	        {"not in a block, not in a comment, not when it is killed", "swayidle",
	         SWAY "bar {\n exec swayidle timeout 5 swaylock\n}\n#exec swayidle timeout 5 swaylock\nexec pkill "
	              "swayidle\n",
	         "lock_after=0 not_collected\n"},
	        {"included, in a list of commands", "swayidle",
	         SWAY
	         "include /etc/sway/config.d/*\n--- etc/sway/config.d/50\nexec_always \"pkill swayidle; exec swayidle "
	         "timeout 400 'swaylock'\"\n",
	         "lock_after=400 effective etc/sway/config.d/50:1\n"},
	        {"its file by -C", "swayidle",
	         SATO "exec swayidle -wC ~/idle timeout 900 swaylock\n--- home/sato/idle\ntimeout 120 swaylock\n",
	         "lock_after=120 [user sato] effective home/sato/idle:1\n"},
	        {"none, and not collected", "swayidle", "--- etc/passwd\nroot:x:0:0:root:/root:/bin/sh\n",
	         "@absent\nlock_after -\n"},
	        {"nothing collected", "swayidle", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_events(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"one bad line ends it all", "swayidle", START IDLE "timeout 600 swaylock\nlockscreen x\n",
	         "lock_after=600 not_in_force etc/swayidle/config:1 # no event of swayidle: it ends\n"},
	        {"a character that wordexp refuses", "swayidle", START IDLE "timeout 600 swaylock &\n",
	         "lock_after=0 not_in_force etc/swayidle/config:1\n"},
	        {"600s is no number", "swayidle", START IDLE "timeout 600s swaylock\n",
	         "lock_after=0 not_in_force etc/swayidle/config:1\n"},
	        {"seconds that the shell makes up", "swayidle",
	         START IDLE "timeout $IDLE swaylock\ntimeout 600 swaylock\n",
	         "lock_after=600 error etc/swayidle/config:2 # the shell makes up the seconds of a timeout\n"},
	        {"0 is never; the beginning of a name will do", "swayidle",
	         START IDLE "timeout 0 swaylock\nt 700 swaylock\n 800 900 swaylock\n",
	         "lock_after=700 effective etc/swayidle/config:2\n"},
	        {"loginctl locks when the event lock does", "swayidle",
	         START IDLE "timeout 600 'loginctl lock-session'\nlock 'swaylock -f'\n",
	         "lock_after=600 effective etc/swayidle/config:1\nlock=swaylock -f effective etc/swayidle/config:2\n"},
	        {"and does nothing without it", "swayidle", START IDLE "timeout 600 'loginctl lock-session'\n",
	         "lock_after=0 effective # no timeout runs a locker\n"},
	        {"so with sleep", "swayidle",
	         START IDLE "timeout 600 'systemctl suspend'\nbefore-sleep 'swaylock -f'\n",
	         "lock_after=600 effective etc/swayidle/config:1\n"},
	        {"unless it runs already, and with more around it", "swayidle",
	         START IDLE "timeout 600 'pgrep -x swaylock || exec /usr/bin/swaylock -f'\ntimeout 500 'X=1 gtklock & "
	                    "swaymsg x'\n",
	         "lock_after=500 effective etc/swayidle/config:2\n"},
	        {"a script that nobody knows, and a condition, leave it open", "swayidle",
	         START IDLE "timeout 600 '~/bin/lock.sh'\n" SATO "exec swayidle\n" OWN
	                    "timeout 700 'on_battery && swaylock'\n",
	         "lock_after=600 error etc/swayidle/config:1\nlock_after=700 [user sato] error "
	         "home/sato/.config/swayidle/config:1\n"},
	        {"a locker named in words of another program is none", "swayidle",
	         START IDLE "timeout 600 'notify-send swaylock'\ntimeout 700 'echo \"; swaylock\"'\n",
	         "lock_after=0 effective\n"},
	        {"garbage", "swayidle", START "exec\nset\ninclude\nexec swayidle 'x\n}\n}\n" IDLE "'\n",
	         "lock_after=0 not_in_force etc/swayidle/config:1\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_start), cmocka_unit_test(test_events)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
