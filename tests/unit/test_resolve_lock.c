/* The shell's time-out, dconf, and Windows. dconf's rules were checked with `dconf compile` and `dconf read` 0.40. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define PROFILE "--- etc/profile\nfor i in /etc/profile.d/*.sh; do\n  . $i\ndone\n"
#define D(name) "--- etc/profile.d/" name ".sh\n"

static void test_shell(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"read-only", "shell", PROFILE D("t") "TMOUT=600\nreadonly TMOUT\nexport TMOUT\n",
	         "@effective\nTMOUT=600 effective etc/profile.d/t.sh:1 locked\n"},
	        {"declared in one line", "shell", PROFILE D("t") "typeset -xr TMOUT=300\n",
	         "TMOUT=300 effective etc/profile.d/t.sh:1 locked\n"},
	        {"not read-only", "shell", PROFILE D("t") "export TMOUT=600\n",
	         "TMOUT=600 effective etc/profile.d/t.sh:1\n"},
	        {"the last file wins", "shell", PROFILE D("a") "TMOUT=600\n" D("b") "TMOUT=0\n",
	         "TMOUT=0 effective etc/profile.d/b.sh:1 (600 etc/profile.d/a.sh:1)\n"},
	        {"unless the first made it read-only", "shell",
	         PROFILE D("a") "readonly TMOUT=600\n" D("b") "TMOUT=0\nunset TMOUT\n",
	         "TMOUT=600 effective etc/profile.d/a.sh:1 locked (0 etc/profile.d/b.sh:1,  etc/profile.d/b.sh:2)\n"},
	        {"what /etc/profile says after profile.d is said last", "shell",
	         PROFILE "TMOUT=60\n" D("a") "TMOUT=600\n",
	         "TMOUT=60 effective etc/profile:4 (600 etc/profile.d/a.sh:1)\n"},
	        {"what it says before is not", "shell",
	         "--- etc/profile\nTMOUT=60\n. /etc/profile.d/a.sh\n" D("a") "TMOUT=600\n",
	         "TMOUT=600 effective etc/profile.d/a.sh:1 (60 etc/profile:1)\n"},
	        {"unset again", "shell", PROFILE D("a") "TMOUT=600\n" D("b") "unset TMOUT\n",
	         "TMOUT=0 effective etc/profile.d/b.sh:1 (600 etc/profile.d/a.sh:1)\n"},
	        {"nowhere: never", "shell", PROFILE D("a") "# TMOUT=600\n", "TMOUT=0 default\n"},
	        {"read-only before it is set: nobody can set it any more", "shell",
	         PROFILE D("a") "readonly TMOUT\nTMOUT=600\n", "TMOUT=0 default locked (600 etc/profile.d/a.sh:2)\n"},
	        {"bash reads the digits at the beginning: 10m is ten seconds", "shell", PROFILE D("a") "TMOUT=10m\n",
	         "TMOUT=10 effective etc/profile.d/a.sh:1 # bash takes the digits at the beginning as seconds\n"},
	        {"tests of files and of the shell are answered", "shell",
	         "--- etc/profile\nif [ \"${PS1-}\" ]; then\n if [ \"${BASH-}\" ] && [ \"$BASH\" != \"/bin/sh\" ]; "
	         "then\n"
	         "  if [ -f /etc/bash.bashrc ]; then\n   . /etc/bash.bashrc\n  fi\n fi\nfi\n--- etc/bash.bashrc\n"
	         "case $- in\n *i*) ;;\n *) return;;\nesac\nif [ -e /etc/none ]; then TMOUT=5; else TMOUT=600; fi\n",
	         "@effective\nTMOUT=600 effective etc/bash.bashrc:5\n"},
	        {"profile.d counts where /etc/profile runs it", "shell",
	         "--- etc/profile\numask 022\n" D("a") "TMOUT=600\n",
	         "TMOUT=0 default\nTMOUT=600 not_in_force etc/profile.d/a.sh:1\n"
	         "umask=0022 effective etc/profile:1\n"},
	        {"by the test that RHEL has, by run-parts", "shell",
	         "--- etc/profile\nfor i in /etc/profile.d/*.sh /etc/profile.d/sh.local ; do\n if [ -r \"$i\" ]; then\n"
	         "  if [ \"${-#*i}\" != \"$-\" ]; then \n   . \"$i\"\n  else\n   . \"$i\" >/dev/null\n  fi\n "
	         "fi\ndone\n" D("a") "TMOUT=600\n",
	         "@effective\nTMOUT=600 effective etc/profile.d/a.sh:1\n"},
	        {"a return that an interactive shell comes to ends the file", "shell",
	         PROFILE D("a") "[ -n \"$PS1\" ] && return\nTMOUT=600\n", "TMOUT=0 default\n"},
	        {"a user's own file", "shell",
	         PROFILE D("a") "TMOUT=600\n--- home/sato/.profile\nif [ -f \"$HOME/.bashrc\" ]; then . "
	                        "\"$HOME/.bashrc\"; fi\n"
	                        "--- home/sato/.bashrc\nunset TMOUT\numask 027\n",
	         "TMOUT=600 effective etc/profile.d/a.sh:1\nTMOUT=0 [user sato] effective home/sato/.bashrc:1 (600 "
	         "etc/profile.d/a.sh:1)\numask=0027 [user sato] effective home/sato/.bashrc:2\n"},
	        {"which read-only forbids", "shell",
	         PROFILE D("a") "readonly TMOUT=600\n--- home/sato/.profile\nTMOUT=0\n",
	         "TMOUT=600 effective etc/profile.d/a.sh:1 locked\n"},
	        {"a file that is sourced and was not collected", "shell",
	         "--- etc/profile\n. /etc/site.sh\n--- etc/profile.d/\n--- etc/bash.bashrc\n--- etc/bashrc\n"
	         "--- etc/profile.local\n--- etc/os-release\nID=debian\n",
	         "@not_collected\n", true},
	        {"files that source each other end", "shell",
	         "--- etc/profile\nTMOUT=5\n. /etc/profile\n. /etc/profile\n", "TMOUT=5 effective etc/profile:1\n"},
	        {"symbolic masks depend on the one before", "shell", "--- etc/profile\numask 22\numask g-w\n",
	         "umask=g-w error etc/profile:2 (0022 etc/profile:1)\n"},
	        {"another value under a condition is a scope of its own", "shell",
	         PROFILE D("a") "TMOUT=600\nif [ $UID = 0 ]; then TMOUT=0; fi\n",
	         "TMOUT=600 effective etc/profile.d/a.sh:1\nTMOUT=0 [under a condition, etc/profile.d/a.sh line 2] "
	         "effective "
	         "etc/profile.d/a.sh:2\n"},
	        {"only under a condition: nobody can say", "shell", PROFILE D("a") "[ -n \"$X\" ] && TMOUT=600\n",
	         "TMOUT=600 [under a condition, etc/profile.d/a.sh line 1] error etc/profile.d/a.sh:1\n"},
	        {"a value that depends on others", "shell", PROFILE D("a") "TMOUT=$LIMIT\n",
	         "TMOUT=$LIMIT error etc/profile.d/a.sh:1\n"},
	        {"not collected", "shell", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define USER          "--- etc/dconf/profile/user\nuser-db:user\nsystem-db:local\n"
#define LOCAL         "--- etc/dconf/db/local\nGVariant\n"
#define KEYFILE(name) "--- etc/dconf/db/local.d/" name "\n"
#define LOCKS         "--- etc/dconf/db/local.d/locks/00\n"
#define DELAY         "/org/gnome/desktop/session/idle-delay"
#define IDLE(value)   "[org/gnome/desktop/session]\nidle-delay=" value "\n"

static void test_dconf(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the last keyfile in byte order wins, types go, locks lock", "dconf",
	         USER LOCAL KEYFILE("10-b") IDLE("uint32 600") KEYFILE("00-a") IDLE("uint32 900") LOCKS
	         "# a comment\n" DELAY "\n",
	         "@effective\n" DELAY
	         "=600 effective etc/dconf/db/local.d/10-b:2 locked (900 etc/dconf/db/local.d/00-a:2)\n"
	         "/org/gnome/desktop/screensaver/lock-enabled=true default\n"},
	        {"without a lock every user may change it", "dconf", USER LOCAL KEYFILE("a") IDLE("uint32 600"),
	         DELAY "=600 effective etc/dconf/db/local.d/a:2\n"},
	        {"a lock without a value locks the default", "dconf", USER LOCAL KEYFILE("a") LOCKS DELAY "\n",
	         DELAY "=300 default locked\n"},
	        {"True is no GVariant text: the compile fails, and nobody knows what the old compiled file holds",
	         "dconf",
	         USER LOCAL KEYFILE("a") IDLE("uint32 600")
	                 KEYFILE("b") "[org/gnome/desktop/screensaver]\nlock-enabled=True\n" LOCKS DELAY "\n",
	         "@error\n" DELAY "=600 not_in_force etc/dconf/db/local.d/a:2 (600 etc/dconf/db/local.d/a:2)\n"},
	        {"it fails, and there is no old one: nothing is in force", "dconf",
	         USER KEYFILE("a") IDLE("uint32 600") KEYFILE("b") "[a]\nx=True\n" LOCKS DELAY "\n",
	         "@effective\n" DELAY "=600 not_in_force etc/dconf/db/local.d/a:2 (600 etc/dconf/db/local.d/a:2) # "
	         "'etc/dconf/db/local.d/a' line 2 says 600, not in force: 'etc/dconf/db/local.d/b' line 2: no value of "
	         "GVariant's text format, so 'dconf update' fails and the database is not in force; the lock in "
	         "'etc/dconf/db/local.d/locks/00' line 1 is not in force: 'etc/dconf/db/local.d/b' line 2: no value of "
	         "GVariant's text format, so 'dconf update' fails and the database is not in force\n"},
	        {"a mistake that a later line of the file takes back costs nothing", "dconf",
	         USER LOCAL KEYFILE("a") "[a]\nx=True\nx=true\n",
	         "@effective\n/a/x=true effective etc/dconf/db/local.d/a:3\n"},
	        {"600 is no uint32: GNOME takes the default", "dconf",
	         USER LOCAL KEYFILE("a") IDLE("600") LOCKS DELAY "\n",
	         "@effective\n" DELAY
	         "=300 default locked (600 etc/dconf/db/local.d/a:2) # 'etc/dconf/db/local.d/a' line 2 "
	         "has a value of type i, the schema wants u: GNOME takes the default\n"},
	        {"a blank after the key makes the lock one of another key", "dconf",
	         USER LOCAL KEYFILE("a") IDLE("uint32 600") LOCKS DELAY " \n",
	         DELAY "=600 effective etc/dconf/db/local.d/a:2\n"},
	        {"and so does the CR of a Windows line end", "dconf",
	         USER LOCAL KEYFILE("a") IDLE("uint32 600") LOCKS DELAY "\r\n",
	         DELAY "=600 effective etc/dconf/db/local.d/a:2\n"},
	        {"0 is what the file says, and never: rules ask for 1 and more", "dconf",
	         USER LOCAL KEYFILE("a") IDLE("uint32 0") LOCKS DELAY "\n",
	         DELAY "=0 effective etc/dconf/db/local.d/a:2 locked\n"},
	        {"octal is octal", "dconf", USER LOCAL KEYFILE("a") IDLE("uint32 0600"),
	         DELAY "=384 effective etc/dconf/db/local.d/a:2\n"},
	        {"a profile that begins with a system database lets nobody write", "dconf",
	         "--- etc/dconf/profile/user\nsystem-db:local\nuser-db:user\n" LOCAL KEYFILE("a") IDLE("uint32 600"),
	         DELAY "=600 effective etc/dconf/db/local.d/a:2 locked\n"},
	        {"a distribution's default", "dconf",
	         USER LOCAL "--- usr/share/glib-2.0/schemas/10_x.gschema.override\n[org.gnome.desktop.session:GNOME]\n"
	                    "idle-delay=uint32 900\n[org.gnome.desktop.session:Budgie]\nidle-delay=uint32 5\n",
	         DELAY "=900 default usr/share/glib-2.0/schemas/10_x.gschema.override:2\n"},
	        {"captured output shows what one user has; the lock is of the files", "dconf",
	         USER LOCAL KEYFILE("a")
	                 IDLE("uint32 600") "--- captured/gsettings_list-recursively.txt\norg.gnome.desktop.session "
	                                    "idle-delay uint32 0\n",
	         DELAY "=600 effective etc/dconf/db/local.d/a:2\n" DELAY "=0 [the user who ran the command] effective "
	               "captured/gsettings_list-recursively.txt:1\n"},
	        {"a lock that is not what the program says", "dconf",
	         USER LOCAL KEYFILE("a") IDLE("uint32 600") LOCKS DELAY
	         "\n--- captured/gsettings_list-recursively.txt\norg.gnome.desktop.session idle-delay uint32 0\n",
	         DELAY "=0 effective captured/gsettings_list-recursively.txt:1 locked (600 etc/dconf/db/local.d/a:2) # "
	               "'etc/dconf/db/local.d/a' line 2 says 600: configured, not in force\n"},
	        {"captured output alone", "dconf",
	         "--- etc/os-release\nID=debian\n--- captured/dconf_dump_.txt\n[org/gnome/desktop/session]\n"
	         "idle-delay=uint32 60\n",
	         "@effective\n" DELAY "=60 effective captured/dconf_dump_.txt:2\n", true},
	        {"the login screen has its own profile", "dconf_gdm",
	         "--- etc/dconf/profile/gdm\nuser-db:user\nsystem-db:gdm\n--- etc/dconf/db/gdm\nGVariant\n"
	         "--- etc/dconf/db/gdm.d/00\n[org/gnome/login-screen]\ndisable-user-list=true\n"
	         "--- etc/dconf/db/gdm.d/locks/00\n/org/gnome/login-screen/disable-user-list\n",
	         "@effective\n/org/gnome/login-screen/disable-user-list=true effective etc/dconf/db/gdm.d/00:2 "
	         "locked\n"},
	        {"which may be in a folder that was not collected", "dconf_gdm", "--- etc/x\n", "@not_collected\n"},
	        {"dconf update was not run", "dconf", USER KEYFILE("a") IDLE("uint32 600"),
	         DELAY "=600 not_in_force etc/dconf/db/local.d/a:2 (600 etc/dconf/db/local.d/a:2)\n"},
	        {"a database that no profile names", "dconf",
	         "--- etc/dconf/profile/user\nuser-db:user\n" LOCAL KEYFILE("a") IDLE("uint32 600"),
	         DELAY "=600 not_in_force etc/dconf/db/local.d/a:2 (600 etc/dconf/db/local.d/a:2)\n"},
	        {"no profile in /etc: it may be in /usr/share", "dconf", LOCAL KEYFILE("a") IDLE("uint32 600"),
	         "@not_collected\n" DELAY
	         "=600 not_in_force etc/dconf/db/local.d/a:2 (600 etc/dconf/db/local.d/a:2)\n"},
	        {"of two databases the first one counts", "dconf",
	         "--- etc/dconf/profile/user\nuser-db:user\nsystem-db:local\nsystem-db:site\n" LOCAL
	         "--- etc/dconf/db/site\nGVariant\n" KEYFILE("a")
	                 IDLE("uint32 600") "--- etc/dconf/db/site.d/a\n" IDLE("uint32 60"),
	         DELAY "=600 effective etc/dconf/db/local.d/a:2 (60 etc/dconf/db/site.d/a:2)\n"},
	        {"unless the second one locks the key", "dconf",
	         "--- etc/dconf/profile/user\nuser-db:user\nsystem-db:local\nsystem-db:site\n" LOCAL
	         "--- etc/dconf/db/site\nGVariant\n" KEYFILE("a") IDLE("uint32 600") "--- etc/dconf/db/site.d/a\n" IDLE(
	                 "uint32 60") "--- etc/dconf/db/site.d/locks/a\n" DELAY "\n",
	         DELAY "=60 effective etc/dconf/db/site.d/a:2 locked (600 etc/dconf/db/local.d/a:2)\n"},
	        {"strings lose their quotes, other values stay as they are", "dconf",
	         USER LOCAL KEYFILE("a") "[a]\ns='x \\'y\\''\nl=['a', 'b']\nt=@as []\nd=<uint32 5>\n",
	         "/a/s=x 'y' effective etc/dconf/db/local.d/a:2\n/a/l=['a', 'b'] effective etc/dconf/db/local.d/a:3\n"},
	        {"nothing collected", "dconf", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define KDE     "--- etc/xdg/kscreenlockerrc\n"
#define KDE_OWN "--- home/sato/.config/kscreenlockerrc\n"

static void test_kde(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"minutes, and the user may change them", "kscreenlocker", KDE "[Daemon]\nTimeout=10\nAutolock=no\n",
	         "@effective\nTimeout=10 effective etc/xdg/kscreenlockerrc:2\nAutolock=false effective "
	         "etc/xdg/kscreenlockerrc:3\nLockGrace=5 default\nLockOnResume=true default\n"
	         "Lock=true default\nRequirePassword=true default\n"},
	        {"an immutable group locks what it does not name too", "kscreenlocker",
	         KDE "[Daemon][$i]\nTimeout=10\n" KDE_OWN "[Daemon]\nTimeout=0\nAutolock=false\n",
	         "Timeout=10 effective etc/xdg/kscreenlockerrc:2 locked\nAutolock=true default locked\n"},
	        {"so does an immutable file", "kscreenlocker",
	         KDE "[$i]\n[Daemon]\nTimeout=10\n" KDE_OWN "[Daemon]\nTimeout=0\n",
	         "Timeout=10 effective etc/xdg/kscreenlockerrc:3 locked\nAutolock=true default locked\n"},
	        {"an immutable key locks itself", "kscreenlocker", KDE "[Daemon]\nTimeout[$i]=10\n",
	         "Timeout=10 effective etc/xdg/kscreenlockerrc:2 locked\nAutolock=true default\n"},
	        {"of an immutable group the first value counts", "kscreenlocker",
	         KDE "[Daemon][$i]\nTimeout=10\nTimeout=90\n",
	         "Timeout=10 effective etc/xdg/kscreenlockerrc:2 locked (90 etc/xdg/kscreenlockerrc:3)\n"},
	        {"else the last", "kscreenlocker", KDE "[Daemon]\nTimeout=10\nTimeout=90\n",
	         "Timeout=90 effective etc/xdg/kscreenlockerrc:3 (10 etc/xdg/kscreenlockerrc:2)\n"},
	        {"what a user changes is a scope", "kscreenlocker",
	         KDE "[Daemon]\nTimeout=10\nLockGrace=0\n" KDE_OWN "[Daemon]\nTimeout=0\nLockGrace[$d]\nAutolock[$d]\n",
	         "Timeout=10 effective etc/xdg/kscreenlockerrc:2\nTimeout=0 [user sato] effective "
	         "home/sato/.config/kscreenlockerrc:2 (10 etc/xdg/kscreenlockerrc:2)\nLockGrace=0 effective "
	         "etc/xdg/kscreenlockerrc:3\nLockGrace=5 [user sato] default home/sato/.config/kscreenlockerrc:3 (0 "
	         "etc/xdg/kscreenlockerrc:3)\nAutolock=true default\n"},
	        {"a value taken back in an immutable group may be set again", "kscreenlocker",
	         KDE "[Daemon][$i]\nTimeout[$d]\nTimeout=7\n",
	         "Timeout=7 effective etc/xdg/kscreenlockerrc:3 locked\n"},
	        {"but not in the user's own file", "kscreenlocker",
	         KDE "[Daemon]\nTimeout=5\n" KDE_OWN
	             "[Daemon][$i]\nTimeout[$d]\nTimeout=7\nLockGrace[$d]\nLockGrace=9\n",
	         "Timeout=5 effective etc/xdg/kscreenlockerrc:2\nTimeout=5 [user sato] default "
	         "home/sato/.config/kscreenlockerrc:2 (5 etc/xdg/kscreenlockerrc:2, 7 "
	         "home/sato/.config/kscreenlockerrc:3)\nLockGrace=5 default\n"},
	        {"what the system takes back and locks keeps its default", "kscreenlocker",
	         KDE "[Daemon]\nTimeout[$id]\n" KDE_OWN "[Daemon]\nTimeout=7\n",
	         "Timeout=5 default locked\nAutolock=true default\n"},
	        {"an i after the d is not looked at", "kscreenlocker",
	         KDE "[Daemon]\nTimeout[$di]\n" KDE_OWN "[Daemon]\nTimeout=7\n",
	         "Timeout=5 default\nTimeout=7 [user sato] effective home/sato/.config/kscreenlockerrc:2\n"},
	        {"another group is another thing", "kscreenlocker", KDE "[Greeter]\nTimeout=10\n",
	         "Timeout=5 default\nGreeter/Timeout=10 effective etc/xdg/kscreenlockerrc:2\n"},
	        {"no file: the defaults", "kscreenlocker", "--- etc/xdg/\n--- etc/xdg/x\n",
	         "@absent\nTimeout=5 default\n"},
	        {"not collected", "kscreenlocker", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define TMUX "--- etc/tmux.conf\n"

static void test_tmux(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the last one counts", "tmux",
	         TMUX "set -g lock-after-time 600\nset-option -g lock-after-time 900 # why\nset -g lock-command 'vlock "
	              "-a'\n",
	         "@effective\nlock-after-time=900 effective etc/tmux.conf:2 (600 etc/tmux.conf:1)\nlock-command=vlock "
	         "-a effective "
	         "etc/tmux.conf:3\n"},
	        {"without -g a session is meant", "tmux", TMUX "set lock-after-time 600\n",
	         "lock-after-time=0 default\nlock-command=lock -np default\n"},
	        {"taken back", "tmux", TMUX "set -g lock-after-time 600\nset -gu lock-after-time\n",
	         "lock-after-time=0 default etc/tmux.conf:2 (600 etc/tmux.conf:1)\n"},
	        {"no number: the line is lost, and the commands after it on the line", "tmux",
	         TMUX "set -g lock-after-time 10m; set -g lock-command vlock\n",
	         "lock-after-time=0 default\nlock-command=lock -np default\n"},
	        {"a command that nobody knows: tmux may run no line", "tmux", TMUX "set -g lock-after-time 600\nfoo\n",
	         "lock-after-time=600 error etc/tmux.conf:1\n"},
	        {"conditions are left open", "tmux", TMUX "%if #{x}\nset -g lock-after-time 600\n%endif\n",
	         "lock-after-time=600 error etc/tmux.conf:2\n"},
	        {"what a key would do is not done", "tmux", TMUX "bind x { set -g lock-after-time 3 }\n",
	         "lock-after-time=0 default\n"},
	        {"another file, and the user's own", "tmux",
	         TMUX "source-file -q /etc/site.conf\n--- etc/site.conf\nset -g lock-after-time 600\n"
	              "--- home/sato/.tmux.conf\nset -g lock-after-time 0\n",
	         "lock-after-time=600 effective etc/site.conf:1\nlock-after-time=0 [user sato] effective "
	         "home/sato/.tmux.conf:1 (600 "
	         "etc/site.conf:1)\n"},
	        {"files that name each other end", "tmux",
	         TMUX "source /etc/tmux.conf\nsource /etc/tmux.conf\nset -g lock-after-time 5\n", "@effective\n"},
	        {"a block without an end", "tmux", TMUX "bind x {\nset -g lock-after-time 5\n",
	         "lock-after-time=0 error\n"},
	        {"not collected", "tmux", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define REG(name) "--- " name ".reg\nWindows Registry Editor Version 5.00\n\n"
#define SYSTEM    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System]\n"
#define POLICY    "[HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Windows\\Control Panel\\Desktop]\n"
#define OWN       "[HKEY_CURRENT_USER\\Control Panel\\Desktop]\n"
#define SECEDIT   "--- secedit.inf\n[Unicode]\nUnicode=yes\n[System Access]\n"
#define ALL_FOUR                                                                                                       \
	"\"ScreenSaveActive\"=\"1\"\n\"ScreenSaverIsSecure\"=\"1\"\n\"ScreenSaveTimeOut\"=\"600\"\n\"SCRNSAVE.EXE\"="  \
	"\"scrnsave.scr\"\n"

static void test_windows(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"dword values are hexadecimal in the file; policies are locked", "registry",
	         REG("a") SYSTEM "\"InactivityTimeoutSecs\"=dword:00000384\n" OWN "\"X\"=\"1\"\n",
	         "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\InactivityTimeoutSecs=900 "
	         "effective a.reg:4 locked\n"
	         "HKCU\\Control Panel\\Desktop\\X=1 effective a.reg:6\n",
	         true},
	        {"secedit keys as they are, registry values under their path", "secedit",
	         SECEDIT "MinimumPasswordLength = 8\n[Registry Values]\nMACHINE\\Software\\X\\Y=4,600\n",
	         "minimumpasswordlength=8 effective secedit.inf:4\nmachine\\software\\x\\y=600 effective "
	         "secedit.inf:6\n",
	         true},
	        {"the machine's limit", "lock", REG("a") SYSTEM "\"InactivityTimeoutSecs\"=dword:00000258\n",
	         "@effective\ntimeout_seconds=600 effective a.reg:4\npassword_required=yes effective "
	         "a.reg:4\nuser_can_change=no effective a.reg:4\n",
	         true},
	        {"the same from secedit", "lock",
	         SECEDIT "[Registry "
	                 "Values]"
	                 "\nMACHINE\\Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\InactivityTimeoutS"
	                 "ecs=4,900\n",
	         "timeout_seconds=900 effective secedit.inf:5\n", true},
	        {"0 is never, and the screen saver was not collected", "lock",
	         REG("a") SYSTEM "\"InactivityTimeoutSecs\"=dword:00000000\n", "@not_collected\n", true},
	        {"the four values by policy", "lock", REG("a") POLICY ALL_FOUR,
	         "timeout_seconds=600 effective a.reg:6\npassword_required=yes effective a.reg:5\nuser_can_change=no "
	         "effective a.reg:6\n",
	         true},
	        {"the user's own values can be changed", "lock", REG("a") OWN ALL_FOUR,
	         "timeout_seconds=600 effective a.reg:6\nuser_can_change=yes effective a.reg:6\n", true},
	        {"no saver, no lock", "lock",
	         REG("a") POLICY
	         "\"ScreenSaveActive\"=\"1\"\n\"ScreenSaverIsSecure\"=\"1\"\n\"ScreenSaveTimeOut\"=\"600\"\n",
	         "timeout_seconds=0 effective a.reg:4 # no SCRNSAVE.EXE is set, so no screen saver starts\n", true},
	        {"policy beats the user's own", "lock", REG("a") OWN "\"ScreenSaveTimeOut\"=\"60\"\n" POLICY ALL_FOUR,
	         "timeout_seconds=600 effective a.reg:8\n", true},
	        {"the password rule", "password_windows",
	         SECEDIT "MinimumPasswordLength = 12\nPasswordComplexity = 1\n",
	         "@effective\nmin_length=12 effective secedit.inf:4\ncomplexity=yes effective "
	         "secedit.inf:5\nclear_text=no default\n",
	         true},
	        {"no secedit export", "password_windows", REG("a") OWN "\"X\"=\"1\"\n", "@not_collected\n", true},
	        {"Windows' sources say nothing of Linux", "lock", "--- etc/hosts\n", "@absent\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_shell), cmocka_unit_test(test_dconf),   cmocka_unit_test(test_kde),
	        cmocka_unit_test(test_tmux),  cmocka_unit_test(test_windows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
