/* PAM, pwquality, the password rule and faillock. What the stacks do was checked with pamtester, Linux-PAM 1.5.2 and
   libpwquality 1.4.5 (Debian 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve/pwquality.h"
#include "resolve_check.h"

#define PAM(name) "--- etc/pam.d/" name "\n"
#define CONF      "--- etc/security/pwquality.conf\n"
#define COMMON    PAM("common-password")
#define DEBIAN                                                                                                         \
	COMMON "password requisite pam_pwquality.so retry=3\n"                                                         \
	       "password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt\n"                        \
	       "password requisite pam_deny.so\npassword required pam_permit.so\n" PAM(                                \
	               "passwd") "@include common-password\n"
#define STRONG CONF "minlen = 8\ndcredit = -1\nlcredit = -1\nocredit = -1\n"
#define RHEL   "--- etc/os-release\nID=almalinux\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.6\"\n"

static void test_stacks(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"include splices lines of its type, substack too, @include all; each service a stack", "pam",
	         PAM("a") "auth include b\npassword substack b\n@include c\n" PAM("b") "auth required pam_unix.so "
	                                                                               "nullok\npassword sufficient "
	                                                                               "pam_unix.so\n" PAM(
	                                                                                       "c") "session optional "
	                                                                                            "pam_umask.so "
	                                                                                            "umask=027\n",
	         "@effective\n|a|auth|required|pam_unix.so|nullok|etc/pam.d/b|no|no|yes|\n"
	         "|a|password|sufficient|pam_unix.so||etc/pam.d/b|no|no|no|\n"
	         "|a|session|optional|pam_umask.so|umask=027|etc/pam.d/c|no|no|no|\n"
	         "|b|auth|required|pam_unix.so|nullok|etc/pam.d/b|no|no|yes|\n|b|password|sufficient|pam_unix.so||etc/"
	         "pam.d/b|no|no|no|\n"
	         "|c|session|optional|pam_umask.so|umask=027|etc/pam.d/c|no|no|no|\n"},
	        {"a jump goes over the next line, and what fails is fatal by its control", "pam",
	         PAM("x") "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required "
	                  "pam_permit.so\n",
	         "|x|auth|success=1 default=ignore|pam_unix.so||etc/pam.d/x|no|no|no|\n"
	         "|x|auth|requisite|pam_deny.so||etc/pam.d/x|no|yes|yes|\n|x|auth|required|pam_permit.so||etc/pam.d/"
	         "x|no|no|yes|\n"},
	        {"/etc/pam.d beats /usr/lib/pam.d as a whole; editors' leftovers are no services", "pam",
	         PAM("x") "auth required pam_a.so\n" PAM(
	                 "x.dpkg-old") "auth required pam_b.so\n--- usr/lib/pam.d/x\nauth required pam_c.so\n"
	                               "--- usr/lib/pam.d/y\n-auth Required pam_d.so\n",
	         "|x|auth|required|pam_a.so||etc/pam.d/x|no|no|yes|\n|y|auth|required|pam_d.so||usr/lib/pam.d/"
	         "y|yes|no|yes|\n"},
	        {"a substack keeps done to itself", "pam",
	         PAM("x") "password substack y\npassword required pam_z.so\n" PAM(
	                 "y") "password sufficient pam_a.so\npassword required pam_b.so\n",
	         "|x|password|sufficient|pam_a.so||etc/pam.d/y|no|no|no|\n|x|password|required|pam_b.so||etc/pam.d/"
	         "y|no|yes|yes|\n"
	         "|x|password|required|pam_z.so||etc/pam.d/x|no|no|yes|\n|y|password|sufficient|pam_a.so||etc/pam.d/"
	         "y|no|no|no|\n"
	         "|y|password|required|pam_b.so||etc/pam.d/y|no|yes|yes|\n"},
	        {"not collected", "pam", "--- etc/os-release\nID=debian\n",
	         "@not_collected # /etc/pam.d was not collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_pwquality(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"drop-ins first, the main file overrides them, then the module's arguments", "pwquality",
	         COMMON
	         "password requisite pam_pwquality.so minlen=12\npassword required pam_unix.so use_authtok\n" CONF
	         "minlen=10\nminclass=0\n"
	         "--- etc/security/pwquality.conf.d/50-x.conf\nMinClass 4\ndcredit=-1\n--- "
	         "etc/security/pwquality.conf.d/60-y.conf\ndcredit = -2\n",
	         "@effective\nminlen=12 effective etc/pam.d/common-password:1 (10 etc/security/pwquality.conf:1)\n"
	         "minclass=0 effective etc/security/pwquality.conf:2 (4 etc/security/pwquality.conf.d/50-x.conf:1)\n"
	         "dcredit=-2 effective etc/security/pwquality.conf.d/60-y.conf:1 (-1 "
	         "etc/security/pwquality.conf.d/50-x.conf:2)\n"
	         "ucredit=0 default\n"},
	        {"a bad line ends the reading of this and all later files", "pwquality",
	         DEBIAN CONF
	         "ocredit=-1\n--- etc/security/pwquality.conf.d/a.conf\nminlen=14\ndcredit = - 1\nlcredit=-1\n",
	         "minlen=14 effective etc/security/pwquality.conf.d/a.conf:1 # libpwquality stopped reading at "
	         "'etc/security/pwquality.conf.d/a.conf' line 2: not a whole number\nocredit=0 default\nlcredit=0 "
	         "default\n"},
	        {"an unknown key, too", "pwquality", DEBIAN CONF "minlength = 12\nminlen = 12\n", "minlen=8 default\n"},
	        {"flags take no value, and any value sets them; a # anywhere begins a comment", "pwquality",
	         DEBIAN CONF "enforce_for_root = no\nminlen = 9 # nine\nminlen=4#\n",
	         "enforce_for_root=1 effective etc/security/pwquality.conf:1\nlocal_users_only=0 default\n"
	         "minlen=6 effective etc/security/pwquality.conf:3 (9 etc/security/pwquality.conf:2)\n"},
	        {"a bad argument of the module is passed over", "pwquality",
	         COMMON "password requisite pam_pwquality.so minlen=x use_authok dcredit=-1\npassword required "
	                "pam_unix.so use_authtok\n",
	         "minlen=8 default\ndcredit=-1 effective etc/pam.d/common-password:1\n"},
	        {"nobody calls the module: not in force", "pwquality", COMMON "password required pam_unix.so\n" STRONG,
	         "@not_in_force # no PAM password stack calls pam_pwquality\nminlen=8 not_in_force "
	         "etc/security/pwquality.conf:1\n"},
	        {"two calls that differ are two scopes", "pwquality",
	         RHEL PAM("system-auth") "password requisite pam_pwquality.so minlen=9\npassword required pam_unix.so "
	                                 "use_authtok\n" PAM("password-auth") "password requisite pam_pwquality.so "
	                                                                      "minlen=10\npassword required "
	                                                                      "pam_unix.so use_authtok\n",
	         "minlen=10 [password-auth] effective etc/pam.d/password-auth:1\nminlen=9 [system-auth] effective "
	         "etc/pam.d/system-auth:1\n"},
	        {"before 1.3.0 every class gave a credit", "pwquality",
	         "--- etc/os-release\nID=centos\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\n" DEBIAN,
	         "minlen=9 default\ndcredit=1 default\n"},
	        {"a main file that was not collected", "pwquality", "--- etc/os-release\nID=debian\n" DEBIAN,
	         "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

static void test_password(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"Debian with pwquality and three classes demanded", "password", DEBIAN STRONG,
	         "@effective\nmin_length=8 [common-password] effective etc/security/pwquality.conf:1\n"
	         "demands_letter=yes [common-password] effective etc/security/pwquality.conf:3\n"
	         "demands_digit=yes [common-password] effective etc/security/pwquality.conf:2\n"
	         "demands_symbol=yes [common-password] effective etc/security/pwquality.conf:4\n"
	         "enforced=yes [common-password] effective etc/pam.d/common-password:1\n"
	         "root_enforced=no [common-password] effective etc/pam.d/common-password:1\n"
	         "module=pam_pwquality pam_unix [common-password] effective etc/pam.d/common-password:1\n"},
	        {"a file of comments: length 8, no class", "password", DEBIAN CONF "# minlen = 14\n# dcredit = -1\n",
	         "min_length=8 [common-password] effective etc/pam.d/common-password:1\n"
	         "demands_digit=no [common-password] effective etc/pam.d/common-password:1\n"},
	        {"credits shorten it, down to 6", "password",
	         DEBIAN CONF "minlen=8\ndcredit=1\nucredit=1\nlcredit=1\nocredit=1\n",
	         "min_length=6 [common-password] effective etc/security/pwquality.conf:1\n"},
	        {"three classes of four prove no symbol, four do", "password", DEBIAN CONF "minclass=3\n",
	         "demands_symbol=no [common-password] effective etc/security/pwquality.conf:1\n"},
	        {"four classes", "password", DEBIAN CONF "minclass=4\n",
	         "demands_symbol=yes [common-password] effective etc/security/pwquality.conf:1\n"
	         "demands_letter=yes [common-password] effective etc/security/pwquality.conf:1\n"},
	        {"PASS_MIN_LEN is nothing to PAM; pam_unix of Debian wants 6", "password",
	         "--- etc/login.defs\nPASS_MIN_LEN 12\n" COMMON
	         "password [success=1 default=ignore] pam_unix.so obscure\npassword requisite pam_deny.so\n" STRONG,
	         "min_length=6 [common-password] effective etc/pam.d/common-password:1\ndemands_digit=no "
	         "[common-password] effective "
	         "etc/pam.d/common-password:1\nmodule=pam_unix [common-password] effective "
	         "etc/pam.d/common-password:1\n"},
	        {"pam_unix elsewhere wants nothing", "password",
	         RHEL PAM("system-auth") "password sufficient pam_unix.so sha512\n",
	         "min_length=0 [system-auth] effective etc/pam.d/system-auth:1\nenforced=no [system-auth] effective "
	         "etc/pam.d/system-auth:1\n"
	         "module=none [system-auth] effective etc/pam.d/system-auth:1\n"},
	        {"optional", "password",
	         COMMON "password optional pam_pwquality.so\npassword required pam_unix.so use_authtok\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:1 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 1 does "
	         "not count: with the control 'optional' its refusal is not the stack's\nmin_length=6 "
	         "[common-password] effective "
	         "etc/pam.d/common-password:2\n"},
	        {"required, and pam_unix asks again by itself (use_authok is a typo)", "password",
	         COMMON "password required pam_pwquality.so\npassword required pam_unix.so use_authok\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:1 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 1 does "
	         "not count: after a refusal pam_unix on line 2 asks for a password again, since it has no "
	         "use_authtok\n"},
	        {"requisite ends the stack, so pam_unix is not reached", "password",
	         COMMON "password requisite pam_pwquality.so\npassword required pam_unix.so\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:1\n"},
	        {"the password is stored first", "password",
	         COMMON "password required pam_unix.so\npassword requisite pam_pwquality.so\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:2 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 2 does "
	         "not count: the password is stored before it, on line 1\n"},
	        {"sufficient pam_unix before it ends the stack", "password",
	         COMMON "password sufficient pam_unix.so\npassword requisite pam_pwquality.so\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:2\n"},
	        {"a jump over it", "password",
	         COMMON "password [success=1 default=ignore] pam_succeed_if.so user ingroup staff\npassword requisite "
	                "pam_pwquality.so\n"
	                "password required pam_unix.so use_authtok\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:2 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 2 does not "
	         "count: pam_succeed_if on line 1 can end the stack or jump over it\n"},
	        {"a jump for root alone", "password",
	         COMMON "password [success=1 default=ignore] pam_succeed_if.so user = root\npassword requisite "
	                "pam_pwquality.so enforce_for_root\n"
	                "password required pam_unix.so use_authtok\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:2\nroot_enforced=no "
	         "[common-password] effective "
	         "etc/pam.d/common-password:2\n"},
	        {"a stack that ends before anything is stored is no way round", "password",
	         COMMON "password sufficient pam_permit.so\npassword requisite pam_pwquality.so\npassword required "
	                "pam_unix.so use_authtok\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:2\n"},
	        {"enforcing = 0 only warns", "password", DEBIAN STRONG "enforcing = 0\n",
	         "enforced=no [common-password] effective etc/pam.d/common-password:1 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 1 does not "
	         "count: enforcing is 0: bad passwords are only warned of\ndemands_digit=no [common-password] "
	         "effective "
	         "etc/pam.d/common-password:2\n"},
	        {"each stack is judged: one of two lacks the module", "password",
	         RHEL PAM("system-auth") "password requisite pam_pwquality.so\npassword sufficient pam_unix.so "
	                                 "use_authtok\npassword required pam_deny.so\n" PAM(
	                                         "password-auth") "password sufficient pam_unix.so\npassword required "
	                                                          "pam_deny.so\n" PAM("passwd") "password substack "
	                                                                                        "system-auth\n" STRONG,
	         "enforced=no [password-auth] effective etc/pam.d/password-auth:1\nenforced=yes [system-auth] "
	         "effective "
	         "etc/pam.d/system-auth:1\n"},
	        {"a service that can set no password has no say", "password",
	         PAM("other") "password required pam_deny.so\n" DEBIAN STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:1\n"},
	        {"pam_cracklib: credits of 1 unless said", "password",
	         COMMON
	         "password requisite pam_cracklib.so minlen=12 dcredit= 2\npassword required pam_unix.so use_authtok\n",
	         "min_length=8 [common-password] effective etc/pam.d/common-password:1\n"},
	        {"pam_passwdqc", "password",
	         COMMON "password requisite pam_passwdqc.so min=disabled,disabled,disabled,disabled,10\npassword "
	                "required pam_unix.so use_authtok\n",
	         "min_length=10 [common-password] effective etc/pam.d/common-password:1\ndemands_symbol=yes "
	         "[common-password] effective "
	         "etc/pam.d/common-password:1\nroot_enforced=yes [common-password] effective "
	         "etc/pam.d/common-password:1\n"},
	        {"pam_passwdqc with its file", "password",
	         COMMON "password requisite pam_passwdqc.so config=/etc/passwdqc.conf\npassword required pam_unix.so "
	                "use_authtok\n"
	                "--- etc/passwdqc.conf\nmin=disabled,24,11,9,8\nenforce=users\n",
	         "min_length=8 [common-password] effective etc/passwdqc.conf:1\ndemands_digit=no [common-password] "
	         "effective "
	         "etc/passwdqc.conf:1\nroot_enforced=no [common-password] effective etc/pam.d/common-password:1\n"},
	        {"a file that was not collected, of another type", "password",
	         PAM("x") "auth include nowhere\n" DEBIAN STRONG,
	         "@effective\nenforced=yes [common-password] effective etc/pam.d/common-password:1\n"},
	        {"of this type", "password", PAM("x") "password include nowhere\n" DEBIAN STRONG, "@not_collected\n"},
	        {"an include that is not there", "password",
	         COMMON "password include /etc/nothing\npassword required pam_unix.so\n",
	         "enforced= [common-password] error etc/pam.d/common-password:2 # the stack includes '/etc/nothing', "
	         "which "
	         "is not there\n"},
	        {"pwquality.conf was not collected", "password", "--- etc/os-release\nID=debian\n" DEBIAN,
	         "@not_collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

#define LOCKOUT                                                                                                        \
	PAM("common-auth")                                                                                             \
	"auth required pam_faillock.so preauth\nauth [success=1 default=ignore] pam_unix.so\n"                         \
	"auth [default=die] pam_faillock.so authfail deny=5\nauth required pam_permit.so\n" PAM(                       \
	        "common-account") "account required pam_faillock.so\n"

static void test_faillock(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"file, then arguments; keys have case, bad lines are passed over", "faillock",
	         LOCKOUT "--- etc/security/faillock.conf\ndeny = 4\nDENY = 9\nunlock_time = never\nfail_interval = "
	                 "soon\neven_deny_root\n",
	         "@effective\ncalled=yes effective etc/pam.d/common-auth:1\n"
	         "deny=5 effective etc/pam.d/common-auth:3 (4 etc/security/faillock.conf:1)\nunlock_time=0 effective "
	         "etc/security/faillock.conf:3\n"
	         "fail_interval=900 default\neven_deny_root=yes effective etc/security/faillock.conf:5\n"},
	        {"authfail without preauth or account is not enough", "faillock",
	         PAM("common-auth") "auth [default=die] pam_faillock.so authfail\n--- etc/security/faillock.conf\ndeny "
	                            "= 4\n",
	         "@not_in_force\ncalled=no effective etc/pam.d/common-auth:1\ndeny=4 not_in_force "
	         "etc/security/faillock.conf:1\n"},
	        {"nobody calls it, and there is no file", "faillock", PAM("common-auth") "auth required pam_unix.so\n",
	         "@absent\n"},
	};
	RESOLVE_CHECK(cases);
}

/* The arithmetic, against a count of all ways to mix the classes. */
static bool accepts(const struct kj_credits *c, const int64_t *n)
{
	const int64_t credit[4] = {c->digit, c->upper, c->lower, c->other};
	int64_t size = c->minlen, length = 0, classes = 0;
	for (int i = 0; i < 4; i++) {
		length += n[i];
		classes += n[i] > 0;
		if (credit[i] < 0 && n[i] < -credit[i])
			return false;
		if (credit[i] >= 0)
			size -= n[i] < credit[i] ? n[i] : credit[i];
	}
	return size <= length && classes >= (c->minclass > 4 ? 4 : c->minclass) && length > 0;
}

static int64_t shortest_by_counting(const struct kj_credits *c)
{
	for (int64_t length = 1;; length++)
		for (int64_t d = 0; d <= length; d++)
			for (int64_t u = 0; d + u <= length; u++)
				for (int64_t l = 0; d + u + l <= length; l++)
					if (accepts(c, (int64_t[]){d, u, l, length - d - u - l}))
						return length;
}

static void test_credits(void **state)
{
	(void)state;
	static const int64_t credit[] = {-2, -1, 0, 1, 3};
	static const int64_t minlen[] = {6, 8, 13};
	for (size_t i = 0; i < 5 * 5 * 5 * 5; i++)
		for (size_t m = 0; m < 3; m++)
			for (int64_t minclass = 0; minclass < 6; minclass++) {
				struct kj_credits c = {minlen[m],          credit[i % 5],       credit[i / 5 % 5],
				                       credit[i / 25 % 5], credit[i / 125 % 5], minclass};
				if (kj_credits_shortest(&c) != shortest_by_counting(&c))
					fail_msg("minlen %d credits %d %d %d %d minclass %d: %d, not %d", (int)c.minlen,
					         (int)c.digit, (int)c.upper, (int)c.lower, (int)c.other, (int)minclass,
					         (int)kj_credits_shortest(&c), (int)shortest_by_counting(&c));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_stacks),   cmocka_unit_test(test_pwquality), cmocka_unit_test(test_password),
	        cmocka_unit_test(test_faillock), cmocka_unit_test(test_credits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
