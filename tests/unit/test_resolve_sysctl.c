/* Kernel parameters. What is wanted here was seen in the kernel with systemd 252 and procps 4.0.2 (tests/oracle/sysctl_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define VENDOR     "--- lib -> usr/lib\n--- usr/lib/sysctl.d/R\n--- usr/local/lib/sysctl.d/R\n--- run/sysctl.d/R\n"
#define D(name)    "--- etc/sysctl.d/" name ".conf\n"
#define MAIN       "--- etc/sysctl.conf\n"
#define LINKED     "--- etc/sysctl.d/99-sysctl.conf -> ../sysctl.conf\n"
#define DEVUAN     "--- etc/os-release\nID=devuan\nVERSION_ID=5\n"
#define ALL(leaf)  "net.ipv4.conf.all." leaf
#define GLOB(leaf) "net.ipv4.conf.*." leaf

static void test_files(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a slash first: the dots are of the interface's name", "sysctl",
	         D("a") "net/ipv4/conf/eth0.100/rp_filter = 1\nnet.ipv4.conf.eth1/7.rp_filter = "
	                "2\n/net//ipv4/ip_forward=1\n",
	         "@effective\nnet.ipv4.conf.eth0/100.rp_filter=1 effective etc/sysctl.d/a.conf:1\n"
	         "net.ipv4.conf.eth1/7.rp_filter=2 effective etc/sysctl.d/a.conf:2\n"
	         "net.ipv4.ip_forward=1 effective etc/sysctl.d/a.conf:3\n"},
	        {"a minus only hides errors", "sysctl", D("a") "- kernel.x = 1\n-kernel.y=2\n",
	         "kernel.x=1 effective etc/sysctl.d/a.conf:1\nkernel.y=2 effective etc/sysctl.d/a.conf:2\n"},
	        {"bad lines are skipped", "sysctl", D("a") "kernel.x\n= 1\n[x]\nkernel.y = 1\n; kernel.z = 1\n",
	         "kernel.y=1 effective etc/sysctl.d/a.conf:4\nkernel.x -\nkernel.z -\n"},
	        {"a CR alone ends a line for systemd", "sysctl", D("a") "kernel.x=1\rkernel.y=2\r\n",
	         "kernel.x=1 effective etc/sysctl.d/a.conf:1\nkernel.y=2 effective etc/sysctl.d/a.conf:1\n"},
	        {"the kernel stops at the blank behind a number", "sysctl", D("a") ALL("rp_filter") " = 1 # loose: 2\n",
	         ALL("rp_filter") "=1 effective etc/sysctl.d/a.conf:1\n"},
	        {"hexadecimal and octal numbers are numbers", "sysctl", D("a") "kernel.sysrq = 0x1b6\n",
	         "kernel.sysrq=438 effective etc/sysctl.d/a.conf:1\n"},
	        {"the kernel refuses what is none, and the value before is gone", "sysctl",
	         D("a") "net.ipv4.ip_forward = 1\n" D("b") "net.ipv4.ip_forward = off\n",
	         "net.ipv4.ip_forward=off not_in_force etc/sysctl.d/b.conf:1 (1 etc/sysctl.d/a.conf:1) # the kernel "
	         "refuses "
	         "the value: it is not a number\n"},
	        {"procps has written the value before", "sysctl",
	         DEVUAN D("a") "net.ipv4.ip_forward = 1\n" D("b") "net.ipv4.ip_forward = off\n",
	         "net.ipv4.ip_forward=1 effective etc/sysctl.d/a.conf:1 (1 etc/sysctl.d/a.conf:1, off "
	         "etc/sysctl.d/b.conf:1)\n"},
	        {"nothing set: the kernel's own", "sysctl", VENDOR D("a") "kernel.x=1\n",
	         "net.ipv4.ip_forward=0 default\nnet.ipv4.conf.default.accept_source_route=1 default\n"},
	        {"a vendor's file may set it, where their folders were not collected", "sysctl", D("a") "kernel.x=1\n",
	         "@effective\nnet.ipv4.ip_forward -\n"},
	        {"a router accepts no redirects", "sysctl", VENDOR D("a") "net.ipv4.ip_forward=1\n",
	         ALL("accept_redirects") "=0 default # net.ipv4.ip_forward turns it off\n"},
	        {"not collected", "sysctl", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_patterns(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a key beats a pattern, wherever it stands; -key keeps patterns off", "sysctl",
	         D("a") ALL("rp_filter") " = 0\n-net.ipv4.conf.lo.rp_filter\n" D("b") GLOB("rp_filter") " = 2\n",
	         ALL("rp_filter") "=0 effective etc/sysctl.d/a.conf:1\n"
	                          "net.ipv4.conf.default.rp_filter=2 effective etc/sysctl.d/b.conf:1\n"
	                          "net.ipv4.conf.lo.rp_filter -\n" GLOB(
	                                  "rp_filter") "=2 effective etc/sysctl.d/b.conf:1 # a "
	                                               "pattern: which keys it sets depends on the running kernel\n"},
	        {"of two patterns the last one", "sysctl",
	         D("a") GLOB("rp_filter") " = 2\nnet.ipv4.conf.[ad]*.rp_filter = 1\n",
	         ALL("rp_filter") "=1 effective etc/sysctl.d/a.conf:2 (2 etc/sysctl.d/a.conf:1)\n"
	                          "net.ipv4.conf.lo.rp_filter=2 effective etc/sysctl.d/a.conf:1\n"},
	        {"a pattern said twice keeps its place", "sysctl",
	         D("a") GLOB("rp_filter") " = 2\nnet.ipv4.conf.[ad]*.rp_filter = 1\n" GLOB("rp_filter") " = 2\n",
	         ALL("rp_filter") "=1 effective etc/sysctl.d/a.conf:2 (2 etc/sysctl.d/a.conf:3)\n"},
	        {"but not for procps", "sysctl",
	         DEVUAN D("a") GLOB("rp_filter") " = 2\nnet.ipv4.conf.[ad]*.rp_filter = 1\n" GLOB("rp_filter") " = 2\n",
	         ALL("rp_filter") "=2 effective etc/sysctl.d/a.conf:3 (2 etc/sysctl.d/a.conf:1)\n"},
	        {"patterns meet the captured keys", "sysctl",
	         D("a") GLOB("rp_filter") " = 1\n--- captured/sysctl_-a.txt\nnet.ipv4.conf.eth0/7.rp_filter = 0\n",
	         "net.ipv4.conf.eth0/7.rp_filter=0 effective captured/sysctl_-a.txt:1 (1 etc/sysctl.d/a.conf:1) # "
	         "'etc/sysctl.d/a.conf' line 1 says 1: configured, not in force\n" GLOB("rp_filter") " -\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_ways(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"systemd does not read sysctl.conf", "sysctl", D("a") "kernel.x=1\n" MAIN "kernel.y=1\nkernel.x=2\n",
	         "kernel.y=1 not_in_force etc/sysctl.conf:1 # systemd-sysctl does not read /etc/sysctl.conf, and "
	         "nothing in "
	         "sysctl.d links to it\n"
	         "kernel.x=1 effective etc/sysctl.d/a.conf:1 # 'sysctl --system' would set 2 ('etc/sysctl.conf' line "
	         "2): the "
	         "two ways of booting differ\n"},
	        {"unless a link leads there", "sysctl", MAIN "kernel.y=1\n" LINKED,
	         "@effective\nkernel.y=1 effective etc/sysctl.conf:1\n"},
	        {"no sysctl.d at all", "sysctl", VENDOR "--- etc/sysctl.d/R\n" MAIN "net.ipv4.ip_forward=1\n",
	         "@absent\nnet.ipv4.ip_forward=1 not_in_force etc/sysctl.conf:1\n"},
	        {"procps reads it last, after 99-z", "sysctl", DEVUAN MAIN "kernel.y=1\n" D("99-z") "kernel.y=2\n",
	         "kernel.y=1 effective etc/sysctl.conf:1 (2 etc/sysctl.d/99-z.conf:1) # systemd-sysctl would set 2 "
	         "('etc/sysctl.d/99-z.conf' line 1): the two ways of booting differ\n"},
	        {"ufw sets what its file says when it is enabled", "sysctl",
	         D("a") "kernel.x=1\nkernel.z=1\n--- etc/ufw/ufw.conf\nENABLED=yes\n--- "
	                "etc/ufw/sysctl.conf\nnet/ipv4/tcp_sack=1\nkernel/x=2\nkernel/z=1\n",
	         "net.ipv4.tcp_sack=1 effective etc/ufw/sysctl.conf:1\n"
	         "kernel.x=1 error etc/sysctl.d/a.conf:1 (2 etc/ufw/sysctl.conf:2) # ufw sets 2 ('etc/ufw/sysctl.conf' "
	         "line "
	         "2), and nothing says which of the two comes last\n"
	         "kernel.z=1 effective etc/sysctl.d/a.conf:2 (1 etc/ufw/sysctl.conf:3)\n"},
	        {"and not otherwise", "sysctl",
	         D("a") "kernel.x=1\n--- etc/ufw/ufw.conf\nENABLED=no\n--- etc/ufw/sysctl.conf\nkernel/x=2\n",
	         "kernel.x=1 effective etc/sysctl.d/a.conf:1\n"},
	        {"copied files of /proc/sys are what runs; the files say the rest", "sysctl",
	         D("a") "net.ipv4.ip_forward=0\nkernel.x=1\n--- proc/sys/net/ipv4/ip_forward\n1\n--- "
	                "proc/sys/net/ipv4/conf/eth0.1/rp_filter\n2\n",
	         "@effective\nnet.ipv4.ip_forward=1 effective proc/sys/net/ipv4/ip_forward:1 (0 etc/sysctl.d/a.conf:1) "
	         "# "
	         "'etc/sysctl.d/a.conf' line 1 says 0: configured, not in force\n"
	         "net.ipv4.conf.eth0/1.rp_filter=2 effective proc/sys/net/ipv4/conf/eth0.1/rp_filter:1\n"
	         "kernel.x=1 effective etc/sysctl.d/a.conf:2\n"},
	        {"they are enough alone", "sysctl", "--- etc/os-release\nID=debian\n--- proc/sys/kernel/x\n1\n",
	         "@effective\nkernel.x=1 effective proc/sys/kernel/x:1\nnet.ipv4.ip_forward -\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_files),
	        cmocka_unit_test(test_patterns),
	        cmocka_unit_test(test_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
