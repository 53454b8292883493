/* Kernel modules. What is wanted here was seen with modprobe of kmod 30 (tests/oracle/modprobe_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define D(name) "--- etc/modprobe.d/" name ".conf\n"

/* module|blacklisted|install|loadable|autoload|options|alias|softdep|at_boot|loaded|builtin|note */
static void test_modprobe(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a blacklist keeps only the hardware from loading it", "modprobe",
	         D("a") "blacklist usb-storage # why\n", "@effective\n|usb_storage|yes||yes|no||||no||no||\n"},
	        {"an install command that loads nothing keeps everything", "modprobe",
	         D("a") "install usb_storage /bin/false\ninstall uas /bin/true\n",
	         "|usb_storage|no|/bin/false|no|no||||no||no||\n|uas|no|/bin/true|no|no||||no||no||\n"},
	        {"the first install counts, by name of file", "modprobe",
	         D("b") "install uas /bin/false\n" D("a") "install uas /sbin/modprobe --ignore-install uas\n",
	         "|uas|no|/sbin/modprobe --ignore-install uas|yes|yes||||no||no||\n"},
	        {"patterns are commands too", "modprobe", D("a") "install u?s /bin/false\nblacklist uas\n",
	         "|u?s|no|/bin/false|no|no||||no||no||\n|uas|yes|/bin/false|no|no||||no||no||\n"},
	        {"a command that nobody knows", "modprobe", D("a") "install uas true && logger uas\n",
	         "|uas|no|true && logger uas|perhaps|perhaps||||no||no||\n"},
	        {"a name in /etc shadows the vendor's; other endings are not read", "modprobe",
	         D("a") "blacklist uas\n--- usr/lib/modprobe.d/a.conf\nblacklist dccp\n--- "
	                "etc/modprobe.d/b.bak\nblacklist cramfs\n",
	         "|uas|yes||yes|no||||no||no||\n"},
	        {"continued lines, comments too; an indented # is no comment", "modprobe",
	         D("a") "blacklist \\\n uas\n# blacklist \\\nblacklist dccp\n  # blacklist dccp\n",
	         "|uas|yes||yes|no||||no||no||\n"},
	        {"options gather, alias and softdep are shown", "modprobe",
	         D("a") "options uas a=1\noptions uas b=2\nalias my-alias uas\nsoftdep uas pre: cramfs\n",
	         "|uas|no||yes|yes|a=1 b=2||pre: cramfs|no||no||\n|my_alias|no||yes|yes||uas||no||no||\n"},
	        {"a softdep switches the install command off", "modprobe",
	         D("a") "install uas /bin/false\nsoftdep uas pre: cramfs\n",
	         "|uas|no|/bin/false|perhaps|perhaps|||pre: cramfs|no||no|modprobe ignores the install command of a "
	         "module "
	         "whose softdep names a module that exists|\n"},
	        {"the CR of a file from Windows belongs to the name", "modprobe", D("a") "blacklist uas\r\n",
	         "|uas\r|yes||yes|no||||no||no|the line ends in CR LF, and modprobe takes the CR for a part of the "
	         "name|\n"},
	        {"loaded all the same", "modprobe",
	         D("a") "install usb-storage /bin/false\n--- captured/lsmod.txt\nModule                  Size  Used "
	                "by\nusb_storage 70000 1 uas\nuas 3000 0\n",
	         "|usb_storage|no|/bin/false|no|no||||no|yes|no|loaded, although the files keep it from being loaded: "
	         "configured, not in force|\n|uas|no||yes|yes||||no|yes|no||\n"},
	        {"/proc/modules shows it too; what is not there is not loaded", "modprobe",
	         D("a") "blacklist uas\n--- proc/modules\nusb_storage 70000 0 - Live 0x0\n",
	         "|uas|yes||yes|no||||no|no|no||\n|usb_storage|no||yes|yes||||no|yes|no||\n"},
	        {"the kernel's command line; a dash is no underscore there", "modprobe",
	         D("a") "--- proc/cmdline\nro modprobe.blacklist=uas,usb-storage module_blacklist=dccp\n",
	         "|uas|yes||yes|no||||no||no||\n|usb-storage|yes||yes|no||||no||no||\n|dccp|no||no|no||||no||no||\n"},
	        {"loaded at boot, unless it is blacklisted", "modprobe",
	         D("a") "blacklist uas\n--- etc/modules-load.d/a.conf\nuas\nusb-storage\n; dccp\ninstall dccp "
	                "/bin/true\n",
	         "|uas|yes||yes|no||||no||no||\n|usb_storage|no||yes|yes||||yes||no||\n"},
	        {"built into the kernel", "modprobe",
	         D("a") "install usb-storage /bin/false\n--- "
	                "usr/lib/modules/6.1.0/modules.builtin\nkernel/drivers/usb/storage/usb-storage.ko\n",
	         "|usb_storage|no|/bin/false|yes|yes||||no||yes|built into the kernel: there is nothing to load, and "
	         "nothing to "
	         "keep from it|\n"},
	        {"nothing in /etc, and the vendor's folders were not collected", "modprobe", "--- etc/x\n",
	         "@not_collected\n"},
	        {"not collected", "modprobe", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_modprobe)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
