/* Mounts and block devices. The forms are those of util-linux 2.38 (tests/oracle/storage_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define FSTAB      "--- etc/fstab\n"
#define MOUNTINFO  "--- proc/self/mountinfo\n"
#define LSBLK(how) "--- captured/lsblk" how ".txt\n"

static void test_fstab(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"octal escapes, comments at the start of lines only, what follows the sixth field", "fstab",
	         FSTAB "# /dev/x /x ext4\n/dev/a#1 /mnt/a\\040b ext4 rw 0 2 # why\nUUID=1 none swap\n",
	         "@effective\n|/dev/a#1|/mnt/a b|ext4|rw|0|2|\n|UUID=1|none|swap||||\n"},
	        {"crypttab", "crypttab",
	         "--- etc/crypttab\n# c\nroot UUID=1 none luks,discard\nswap /dev/sda2 /dev/urandom swap\nd e\n",
	         "|root|UUID=1|none|luks,discard|\n|swap|/dev/sda2|/dev/urandom|swap|\n|d|e|||\n"},
	        {"no crypttab", "crypttab", "--- etc/x\n", "@absent\n"},
	};
	RESOLVE_CHECK(cases);
}

/* device|mount_point|type|options|mounted|fstab_options|note */
static void test_mounts(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"fstab alone: what it would mount", "mounts",
	         FSTAB "/dev/a / ext4 defaults\n/dev/b /tmp/ ext4 user,exec\n/dev/c /u ext4 nodev,noexec,defaults,ro\n"
	               "/dev/d none swap sw\n/dev/e /o ext4 owner,size=1\nbad line\n",
	         "@effective\n|/dev/a|/|ext4|rw||rw||\n|/dev/b|/tmp|ext4|rw,nosuid,nodev,user||rw,nosuid,nodev,user||\n"
	         "|/dev/c|/u|ext4|ro||ro||\n|/dev/e|/"
	         "o|ext4|rw,nosuid,nodev,owner,size=1||rw,nosuid,nodev,owner,size=1||\n"},
	        {"what is mounted counts; what fstab asks for and the mount lacks is told", "mounts",
	         FSTAB "/dev/a /tmp ext4 nodev,nosuid\n/dev/b /srv ext4 ro\n" MOUNTINFO
	               "22 1 8:1 / /tmp rw,nosuid,relatime shared:1 - ext4 /dev/a rw,errors=x\n",
	         "|/dev/a|/tmp|ext4|rw,nosuid,relatime,errors=x|yes|rw,nosuid,nodev|fstab says nodev: configured, not "
	         "in force|\n"
	         "|/dev/b|/srv|ext4||no|ro|stands in fstab and is not mounted: configured, not in force|\n"},
	        {"of two on one place the last", "mounts",
	         "--- captured/mount.txt\nsystemd-1 on /x type autofs (rw)\n/dev/a b on /x type ext4 (ro,nodev)\n"
	         "/dev/c on /y (z) type ext4 (rw) [label]\n",
	         "|/dev/a b|/x|ext4|ro,nodev|yes|||\n|/dev/c|/y (z)|ext4|rw|yes|||\n"},
	        {"findmnt's tree", "mounts",
	         "--- captured/findmnt.txt\nTARGET      SOURCE   FSTYPE OPTIONS\n/           /dev/a   ext4   rw\n"
	         "├─/proc     proc     proc   rw,nosuid\n│ └─/proc/x systemd-1 autofs rw\n└─/a b      /dev/b   ext4   "
	         "ro\n",
	         "|/dev/a|/|ext4|rw|yes|||\n|proc|/proc|proc|rw,nosuid|yes|||\n|systemd-1|/proc/x|autofs|rw|yes|||\n"
	         "|/dev/b|/a b|ext4|ro|yes|||\n"},
	        {"findmnt's JSON", "mounts",
	         "--- captured/findmnt_-J.txt\n{\"filesystems\": [{\"target\":\"/\", \"source\":\"/dev/a\", "
	         "\"fstype\":\"ext4\", "
	         "\"options\":\"rw\", \"children\": [{\"target\":\"/x\", \"source\":\"t\", \"fstype\":\"tmpfs\", "
	         "\"options\":\"ro\"}]}]}\n",
	         "|/dev/a|/|ext4|rw|yes|||\n|t|/x|tmpfs|ro|yes|||\n"},
	        {"not collected", "mounts", "--- etc/os-release\nID=debian\n", "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

/* name|type|fstype|mountpoint|parents|encrypted */
static void test_devices(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a tree, several mount points, ASCII", "block_devices",
	         LSBLK("") "NAME          MAJ:MIN RM  SIZE RO TYPE  MOUNTPOINTS\nsda             8:0    0   20G  0 "
	                   "disk  \n"
	                   "|-sda1          8:1    0    1G  0 part  /boot\n`-sda2          8:2    0   19G  0 part  \n"
	                   "  `-luks-1    253:0    0   19G  0 crypt \n    |-vg-root 253:1    0   17G  0 lvm   /home\n"
	                   "    |                                     /\n    `-vg-swap 253:2    0    2G  0 lvm   "
	                   "[SWAP]\n",
	         "@effective\n|sda|disk||||no|\n|sda1|part||/"
	         "boot|sda|no|\n|sda2|part|||sda|no|\n|luks-1|crypt|||sda2|yes|\n"
	         "|vg-root|lvm||/home|luks-1|yes|\n|vg-root|lvm||/|luks-1|yes|\n|vg-swap|lvm||[SWAP]|luks-1|yes|\n",
	         true},
	        {"on two, of which one is not encrypted", "block_devices",
	         LSBLK("") "NAME     TYPE  MOUNTPOINT\nsda      disk  \n└─l      crypt \n  └─vg-a lvm   /a\nsdb      "
	                   "disk  \n"
	                   "└─vg-a   lvm   /a\n",
	         "|sda|disk||||no|\n|l|crypt|||sda|yes|\n|vg-a|lvm||/a|l,sdb|no|\n|sdb|disk||||no|\n", true},
	        {"by what is on the device, without TYPE", "block_devices",
	         LSBLK("_-f") "NAME    FSTYPE      LABEL UUID MOUNTPOINT\nsda                            \n"
	                      "├─sda1  crypto_LUKS       1    \n│ └─x   ext4              2    /\n└─sda2  ext4  "
	                      "            3    /boot\n",
	         "|sda|||||no|\n|sda1||crypto_LUKS||sda|no|\n|x||ext4|/|sda1|yes|\n|sda2||ext4|/boot|sda|no|\n", true},
	        {"neither TYPE nor FSTYPE: nobody can say", "block_devices",
	         LSBLK("_-f") "NAME    FSTYPE LABEL UUID MOUNTPOINT\nsda                      \n└─sda1                 "
	                      "   /\n",
	         "|sda||||||\n|sda1|||/|sda||\n", true},
	        {"a list does not show what a volume lies on", "block_devices",
	         LSBLK("_-l") "NAME TYPE MOUNTPOINT\nsda  disk \nvg-a lvm  /\n", "|sda|disk||||no|\n|vg-a|lvm||/|||\n",
	         true},
	        {"pairs, parents by the kernel's name", "block_devices",
	         LSBLK("_-O_-P") "NAME=\"sda1\" KNAME=\"sda1\" PKNAME=\"\" TYPE=\"part\" MOUNTPOINTS=\"\"\n"
	                         "NAME=\"luks-1\" KNAME=\"dm-0\" PKNAME=\"sda1\" TYPE=\"crypt\" MOUNTPOINTS=\"\"\n"
	                         "NAME=\"vg-a\" KNAME=\"dm-1\" PKNAME=\"dm-0\" TYPE=\"lvm\" "
	                         "MOUNTPOINTS=\"/a\\x20b\\x0a/c\"\n",
	         "|sda1|part||||no|\n|luks-1|crypt|||sda1|yes|\n|vg-a|lvm||/a "
	         "b|luks-1|yes|\n|vg-a|lvm||/c|luks-1|yes|\n",
	         true},
	        {"jc's list, without what lies on what", "block_devices",
	         LSBLK("") "[{\"name\":\"sda\",\"type\":\"disk\",\"mountpoint\":null},"
	                   "{\"name\":\"vg-a\",\"type\":\"lvm\",\"mountpoint\":\"/\"}]\n",
	         "@effective\n|sda|disk||||no|\n|vg-a|lvm||/|||\n", true},
	        {"JSON", "block_devices",
	         LSBLK("_-J") "{\"blockdevices\": [{\"name\":\"sda\", \"type\":\"disk\", \"mountpoints\":[null], "
	                      "\"children\": "
	                      "[{\"name\":\"x\", \"type\":\"crypt\", \"mountpoints\":[\"/\",\"/b\"]}]}]}\n",
	         "|sda|disk||||no|\n|x|crypt||/|sda|yes|\n|x|crypt||/b|sda|yes|\n", true},
	        {"a loop of parents", "block_devices",
	         LSBLK("_-P") "NAME=\"a\" PKNAME=\"b\" TYPE=\"lvm\"\nNAME=\"b\" PKNAME=\"a\" TYPE=\"lvm\"\n",
	         "|a|lvm|||b||\n|b|lvm|||a||\n", true},
	        {"not collected", "block_devices", "--- etc/os-release\nID=debian\n", "@not_collected\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_fstab),
	        cmocka_unit_test(test_mounts),
	        cmocka_unit_test(test_devices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
