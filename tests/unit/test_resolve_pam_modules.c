/* pam_unix and pam_pwhistory: what their calls do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define PAM(name) "--- etc/pam.d/" name "\n"
#define RHEL      "--- etc/os-release\nID=almalinux\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.6\"\n"

static void test_unix(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"arguments beat login.defs; the last of them counts", "pam_unix",
	         PAM("x") "auth required pam_unix.so nullok_secure\naccount required pam_unix.so "
	                  "broken_shadow\npassword required pam_unix.so md5 sha512 rounds=65536 minlen=12 remember=5 "
	                  "obscure use_authtok\n"
	                  "--- etc/login.defs\nENCRYPT_METHOD MD5\n",
	         "@effective\nnullok=yes [x] effective etc/pam.d/x:1\nbroken_shadow=yes [x] effective "
	         "etc/pam.d/x:2\nno_pass_expiry=no [x] default\n"
	         "method=sha512 [x] effective etc/pam.d/x:3 (MD5 etc/login.defs:1)\nrounds=65536 [x] effective "
	         "etc/pam.d/x:3\nminlen=12 [x] effective etc/pam.d/x:3\n"
	         "remember=5 [x] effective etc/pam.d/x:3\nobscure=yes [x] effective etc/pam.d/x:3\nuse_authtok=yes [x] "
	         "effective etc/pam.d/x:3\n"},
	        {"login.defs: the first line of a key, in any case, # anywhere", "pam_unix",
	         PAM("x") "password required pam_unix.so\n--- etc/login.defs\nencrypt_method sha256 # "
	                  "x\nENCRYPT_METHOD YESCRYPT\nSHA_CRYPT_MAX_ROUNDS 2000\n",
	         "method=sha256 [x] effective etc/login.defs:1\nrounds=2000 [x] effective etc/login.defs:3\nminlen=6 "
	         "[x] default\n"},
	        {"a method that pam_unix does not know is DES", "pam_unix",
	         RHEL PAM("x") "password required pam_unix.so\n--- etc/login.defs\nENCRYPT_METHOD BCRYPT\n",
	         "method=des [x] effective etc/login.defs:1 # pam_unix knows no ENCRYPT_METHOD 'BCRYPT'\nminlen=0 [x] "
	         "default\nobscure -\n"},
	        {"nothing said is DES", "pam_unix", PAM("x") "password required pam_unix.so\n--- etc/login.defs\n",
	         "method=des [x] default\nrounds -\n"},
	        {"rounds that make no sense", "pam_unix",
	         PAM("x") "password required pam_unix.so yescrypt rounds=65536\npassword required pam_unix.so sha512 "
	                  "rounds=10\n",
	         "rounds=5 [x line 1] effective etc/pam.d/x:1\nrounds=5000 [x line 2] effective etc/pam.d/x:2\n"},
	        {"a row a call", "pam_unix",
	         PAM("x") "auth required pam_unix.so nullok\npassword required pam_unix.so sha512 rounds=65536\n",
	         "|x|auth|yes|||||||||\n|x|password||||sha512|65536|6|0|no|no|\n"},
	        {"a line that is never reached is not shown", "pam_unix",
	         PAM("x") "auth requisite pam_deny.so\nauth required pam_unix.so nullok\n", "@absent\nnullok -\n"},
	        {"login.defs was not collected, and decides", "pam_unix", PAM("x") "password required pam_unix.so\n",
	         "@not_collected\n", true},
	        {"login.defs was not collected, and does not", "pam_unix",
	         "--- etc/os-release\nID=debian\n" PAM("x") "password required pam_unix.so yescrypt\n",
	         "@effective\nmethod=yescrypt [x] effective etc/pam.d/x:1\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define HISTORY "password requisite pam_pwhistory.so "
#define STORE   "\npassword required pam_unix.so use_authtok\n"
#define NEW     "--- etc/os-release\nID=debian\nVERSION_ID=\"13\"\n"

static void test_pwhistory(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"defaults, the file (the first line of a key), arguments", "pwhistory",
	         NEW PAM("x") HISTORY
	         "retry=2" STORE
	         "--- etc/security/pwhistory.conf\nremember = 24\nREMEMBER=3\nenforce_for_root\nretry = x\n",
	         "@effective\nremember=24 effective etc/security/pwhistory.conf:1\nretry=2 effective "
	         "etc/pam.d/x:1\nenforce_for_root=yes effective "
	         "etc/security/pwhistory.conf:3\nfile=/etc/security/opasswd default\n"},
	        {"Debian 12's version reads no file", "pwhistory",
	         PAM("x") HISTORY STORE "--- etc/security/pwhistory.conf\nremember = 24\n",
	         "remember=10 default\nenforce_for_root=no default\n"},
	        {"numbers are bounded", "pwhistory", PAM("x") HISTORY "remember=1000 retry=-1" STORE,
	         "remember=400 effective etc/pam.d/x:1\nretry=1 effective etc/pam.d/x:1\n"},
	        {"behind the module that stores", "pwhistory",
	         PAM("x") "password sufficient pam_unix.so\n" HISTORY "remember=5\n",
	         "remember=5 not_in_force etc/pam.d/x:2 # pam_unix on line 1 can end the stack or jump over it\n"},
	        {"two calls", "pwhistory", PAM("x") HISTORY "remember=5" STORE PAM("y") HISTORY "remember=7" STORE,
	         "remember=5 [x] effective etc/pam.d/x:1\nremember=7 [y] effective etc/pam.d/y:1\n"},
	        {"nobody calls it", "pwhistory",
	         NEW PAM("x") "password required pam_unix.so\n--- etc/security/pwhistory.conf\nremember = 24\n",
	         "@not_in_force # no PAM password stack calls pam_pwhistory\nremember=24 not_in_force "
	         "etc/security/pwhistory.conf:1\n"},
	        {"and there is no file", "pwhistory", PAM("x") "password required pam_unix.so\n", "@absent\n"},
	        {"the file was not collected", "pwhistory",
	         "--- etc/os-release\nID=debian\nVERSION_ID=\"13\"\n" PAM("x") HISTORY STORE, "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_unix), cmocka_unit_test(test_pwhistory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
