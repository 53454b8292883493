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
	         "@effective\n|a|auth|required|pam_unix.so|nullok|etc/pam.d/b|no|yes|no|yes||\n"
	         "|a|password|sufficient|pam_unix.so||etc/pam.d/b|no|yes|no|yes||\n"
	         "|a|session|optional|pam_umask.so|umask=027|etc/pam.d/c|no|yes|no|yes||\n"
	         "|b|auth|required|pam_unix.so|nullok|etc/pam.d/b|no|yes|no|yes||\n"
	         "|b|password|sufficient|pam_unix.so||etc/pam.d/b|no|yes|no|yes||\n"
	         "|c|session|optional|pam_umask.so|umask=027|etc/pam.d/c|no|yes|no|yes||\n"},
	        {"a jump goes over the next line; that the stack fails without it makes pam_unix fatal", "pam",
	         PAM("x") "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required "
	                  "pam_permit.so\n",
	         "|x|auth|success=1 default=ignore|pam_unix.so||etc/pam.d/x|no|yes|no|yes||\n"
	         "|x|auth|requisite|pam_deny.so||etc/pam.d/x|no|yes|yes|yes||\n"
	         "|x|auth|required|pam_permit.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"jumps count as nothing: a stack of jumps alone never succeeds", "pam",
	         PAM("x") "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n",
	         "|x|auth|success=1 default=ignore|pam_unix.so||etc/pam.d/x|no|yes|no|yes||\n"
	         "|x|auth|requisite|pam_deny.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"what comes after a module that ends the stack is not reached", "pam",
	         PAM("x") "auth requisite pam_deny.so\nauth required pam_unix.so\n",
	         "|x|auth|requisite|pam_deny.so||etc/pam.d/x|no|yes|no|yes||\n|x|auth|required|pam_unix.so||etc/pam.d/"
	         "x|no|no|no|yes||\n"},
	        {"sufficient does not end a stack that has failed", "pam",
	         PAM("x") "auth required pam_a.so\nauth sufficient pam_b.so\nauth required pam_c.so\n",
	         "|x|auth|required|pam_a.so||etc/pam.d/x|no|yes|no|yes||\n|x|auth|sufficient|pam_b.so||etc/pam.d/"
	         "x|no|yes|no|no||\n"
	         "|x|auth|required|pam_c.so||etc/pam.d/x|no|yes|yes|yes||\n"},
	        {"reset forgets a failure, at the top all of them", "pam",
	         PAM("x") "auth required pam_a.so\nauth [success=reset default=ignore] pam_b.so\nauth required "
	                  "pam_permit.so\n",
	         "|x|auth|required|pam_a.so||etc/pam.d/x|no|yes|no|no||\n|x|auth|success=reset "
	         "default=ignore|pam_b.so||etc/pam.d/x|no|yes|no|no||\n"
	         "|x|auth|required|pam_permit.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"brackets have case and are read from left to right; what libpam cannot read fails whatever is "
	         "returned",
	         "pam",
	         PAM("x") "auth [SUCCESS=OK] pam_a.so\nauth sufficient pam_b.so\n" PAM(
	                 "y") "auth required pam_permit.so\nauth [default=ignore success=okdefault=bad] pam_c.so\n",
	         "|x|auth|SUCCESS=OK|pam_a.so||etc/pam.d/x|no|yes|no|yes|libpam cannot read the control: the module "
	         "fails whatever it says|\n"
	         "|x|auth|sufficient|pam_b.so||etc/pam.d/x|no|yes|no|yes||\n"
	         "|y|auth|required|pam_permit.so||etc/pam.d/y|no|yes|no|yes||\n"
	         "|y|auth|default=ignore success=okdefault=bad|pam_c.so||etc/pam.d/y|no|yes|no|no||\n"},
	        {"an unknown type is one of auth that fails; by its own control", "pam",
	         PAM("x") "autth optional pam_a.so\nauth required pam_permit.so\n",
	         "|x|auth|optional|||etc/pam.d/x|no|yes|no|no|an unknown type|\n"
	         "|x|auth|required|pam_permit.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"an included file that is not there fails, and does not stop the stack", "pam",
	         PAM("x") "auth include gone\nauth required pam_permit.so\n",
	         "|x|auth|include|||etc/pam.d/x|no|yes|no|yes|the included file is not there|\n"
	         "|x|auth|required|pam_permit.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"but of Debian's @include libpam refuses the service as a whole", "pam",
	         PAM("x") "auth sufficient pam_permit.so\n@include gone\n",
	         "|x|auth||||etc/pam.d/x|no|yes|no|yes|the included file is not there|\n"
	         "|x|auth|sufficient|pam_permit.so||etc/pam.d/x|no|no|no|yes||\n"
	         "|x|account||||etc/pam.d/x|no|yes|no|yes|the included file is not there|\n"
	         "|x|password||||etc/pam.d/x|no|yes|no|yes|the included file is not there|\n"
	         "|x|session||||etc/pam.d/x|no|yes|no|yes|the included file is not there|\n"},
	        {"elsewhere @include is an unknown type", "pam",
	         RHEL PAM("x") "@include gone\nauth required pam_permit.so\n",
	         "|x|auth||||etc/pam.d/x|no|yes|no|yes|an unknown type|\n"
	         "|x|auth|required|pam_permit.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"Debian looks for what is included in /etc/pam.d alone, others everywhere", "pam",
	         RHEL PAM("x") "auth include y\n--- usr/lib/pam.d/y\nauth required pam_permit.so\n",
	         "|x|auth|required|pam_permit.so||usr/lib/pam.d/y|no|yes|no|yes||\n|y|auth|required|pam_permit.so||usr/"
	         "lib/pam.d/y|no|yes|no|yes||\n"},
	        {"a type that a service lacks comes from other", "pam",
	         PAM("x") "auth required pam_a.so\n" PAM(
	                 "other") "auth required pam_deny.so\nsession required pam_b.so\n",
	         "|other|auth|required|pam_deny.so||etc/pam.d/"
	         "other|no|yes|no|yes||\n|other|session|required|pam_b.so||etc/pam.d/other|no|yes|no|yes||\n"
	         "|x|auth|required|pam_a.so||etc/pam.d/x|no|yes|no|yes||\n|x|session|required|pam_b.so||etc/pam.d/"
	         "other|no|yes|no|yes||\n"},
	        {"pam.conf, where there is no pam.d", "pam",
	         "--- etc/pam.conf\nX auth required pam_a.so\nother auth required pam_deny.so\n",
	         "|other|auth|required|pam_deny.so||etc/pam.conf|no|yes|no|yes||\n|x|auth|required|pam_a.so||etc/"
	         "pam.conf|no|yes|no|yes||\n"},
	        {"and not where there is", "pam",
	         PAM("x") "auth required pam_a.so\n--- etc/pam.conf\ny auth required pam_b.so\n",
	         "|x|auth|required|pam_a.so||etc/pam.d/x|no|yes|no|yes||\n"},
	        {"/etc/pam.d beats /usr/lib/pam.d as a whole; editors' leftovers and names with capitals are no "
	         "services",
	         "pam",
	         PAM("x") "auth required pam_a.so\n" PAM("x.dpkg-old") "auth required pam_b.so\n" PAM(
	                 "Big") "auth required pam_b.so\n--- usr/lib/pam.d/x\nauth required pam_c.so\n"
	                        "--- usr/lib/pam.d/y\n-auth Required pam_d.so\n",
	         "|x|auth|required|pam_a.so||etc/pam.d/x|no|yes|no|yes||\n|y|auth|Required|pam_d.so||usr/lib/pam.d/"
	         "y|yes|yes|no|yes||\n"},
	        {"a substack keeps done to itself", "pam",
	         PAM("x") "password substack y\npassword required pam_z.so\n" PAM(
	                 "y") "password sufficient pam_a.so\npassword required pam_b.so\n",
	         "|x|password|sufficient|pam_a.so||etc/pam.d/y|no|yes|no|no||\n|x|password|required|pam_b.so||etc/"
	         "pam.d/"
	         "y|no|yes|yes|yes||\n"
	         "|x|password|required|pam_z.so||etc/pam.d/x|no|yes|no|yes||\n|y|password|sufficient|pam_a.so||etc/"
	         "pam.d/y|no|yes|no|no||\n"
	         "|y|password|required|pam_b.so||etc/pam.d/y|no|yes|yes|yes||\n"},
	        {"a file that includes itself ends in a failure", "pam",
	         PAM("x") "auth substack x\nauth sufficient pam_a.so\n", "@effective\n"},
	        {"files that multiply are an error", "pam",
	         PAM("x") "auth include x\nauth include x\nauth required pam_a.so\n", "@error\n"},
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
	         "@not_in_force # no PAM password stack calls pam_pwquality so that it counts\nminlen=8 not_in_force "
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
	         "password [success=1 default=ignore] pam_unix.so obscure\npassword requisite pam_deny.so\npassword "
	         "required pam_permit.so\n" STRONG,
	         "min_length=6 [common-password] effective etc/pam.d/common-password:1\ndemands_digit=no "
	         "[common-password] effective "
	         "etc/pam.d/common-password:1\nmodule=pam_unix [common-password] effective "
	         "etc/pam.d/common-password:1\n"},
	        {"pam_unix elsewhere wants nothing", "password",
	         RHEL PAM("system-auth") "password sufficient pam_unix.so sha512\n",
	         "min_length=0 [system-auth] effective etc/pam.d/system-auth:1\nenforced=no [system-auth] effective "
	         "etc/pam.d/system-auth:1\n"
	         "module=none [system-auth] effective etc/pam.d/system-auth:1\n"},
	        {"optional: what it refuses is taken back, and use_authtok stores nothing else", "password",
	         COMMON "password optional pam_pwquality.so\npassword required pam_unix.so use_authtok\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:1\nmin_length=8 [common-password] "
	         "effective etc/security/pwquality.conf:1\n"},
	        {"optional, and pam_unix asks by itself", "password",
	         COMMON "password optional pam_pwquality.so\npassword required pam_unix.so\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:1 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 1 does not count: after a refusal pam_unix on line 2 asks for a "
	         "password again, since it has no "
	         "use_authtok\nmin_length=6 [common-password] effective etc/pam.d/common-password:2\n"},
	        {"pam_passwdqc that is optional leaves what it refused", "password",
	         COMMON "password requisite pam_pwquality.so\npassword optional pam_passwdqc.so use_authtok "
	                "min=12,12,12,12,12\npassword required pam_unix.so use_authtok\n" STRONG,
	         "min_length=8 [common-password] effective etc/security/pwquality.conf:1\nmodule=pam_pwquality "
	         "pam_unix [common-password] effective etc/pam.d/common-password:1\n"},
	        {"a used password makes pam_unix ask again, past pam_pwquality", "password",
	         COMMON "password requisite pam_pwquality.so\npassword required pam_unix.so remember=5\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:1 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 1 does not count: "
	         "when it refuses by itself, pam_unix on line 2 asks for a password again, since it has no "
	         "use_authtok\nremember=5 [common-password] effective etc/pam.d/common-password:2\n"},
	        {"so does pam_pwhistory with retry", "password",
	         COMMON "password requisite pam_pwquality.so\npassword requisite pam_pwhistory.so remember=5 "
	                "retry=3\npassword required pam_unix.so use_authtok\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:1\nremember=5 [common-password] "
	         "effective etc/pam.d/common-password:2\n"},
	        {"pam_pwhistory that takes what pam_pwquality accepted", "password",
	         COMMON "password requisite pam_pwquality.so\npassword requisite pam_pwhistory.so remember=5 "
	                "use_authtok\npassword required pam_unix.so use_authtok\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:1\nremember=5 [common-password] "
	         "effective etc/pam.d/common-password:2\n"},
	        {"obscure refuses nothing that pam_pwquality accepted, so the history holds", "password",
	         COMMON "password required pam_pwquality.so\npassword requisite pam_pwhistory.so use_authtok\npassword "
	                "sufficient pam_unix.so obscure\n" STRONG,
	         "remember=10 [common-password] effective etc/pam.d/common-password:2\n"},
	        {"a history behind the password is none", "password",
	         COMMON "password required pam_unix.so\npassword required pam_pwhistory.so remember=5\n",
	         "remember=0 [common-password] effective etc/pam.d/common-password:1\n"},
	        {"nobody asks for a password: none can be set", "password",
	         COMMON "password required pam_unix.so use_authtok\n", "@effective\nmin_length -\n"},
	        {"two jumps that end nowhere: none can be set", "password",
	         COMMON "password [success=1 default=ignore] pam_unix.so\npassword requisite pam_deny.so\n",
	         "min_length -\n"},
	        {"a jump of Debian over a module that counts", "password",
	         COMMON "password [success=1 default=ignore] pam_succeed_if.so user = root\npassword requisite "
	                "pam_pwquality.so\npassword [success=1 default=ignore] pam_unix.so use_authtok\n"
	                "password requisite pam_deny.so\npassword required pam_permit.so\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:2\n"},
	        {"two lines of pam_pwquality: the stronger counts", "password",
	         COMMON "password requisite pam_pwquality.so minlen=8\npassword requisite pam_pwquality.so minlen=14 "
	                "use_authtok\npassword required pam_unix.so use_authtok\n",
	         "min_length=14 [common-password] effective etc/pam.d/common-password:2\n"},
	        {"minlen=15 with four credits of -1 (K-ISMS)", "password",
	         DEBIAN CONF "minlen = 15\ndcredit=-1\nucredit=-1\nlcredit=-1\nocredit=-1\n",
	         "min_length=15 [common-password] effective etc/security/pwquality.conf:1\ndemands_symbol=yes "
	         "[common-password] effective etc/security/pwquality.conf:5\n"},
	        {"three classes with digits and symbols demanded prove letters", "password",
	         DEBIAN CONF "minclass=3\ndcredit=-1\nocredit=-1\n",
	         "demands_letter=yes [common-password] effective etc/security/pwquality.conf:1\n"},
	        {"local_users_only leaves others out", "password", DEBIAN CONF "local_users_only\n",
	         "enforced=yes [common-password] effective etc/pam.d/common-password:1 # local_users_only: users of "
	         "other directories are not held to it\n"},
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
	                "password required pam_unix.so\n" STRONG,
	         "enforced=no [common-password] effective etc/pam.d/common-password:2 # pam_pwquality at "
	         "'etc/pam.d/common-password' line 2 does not "
	         "count: pam_succeed_if on line 1 can end the stack or jump over it\n"},
	        {"a jump over it, to a module that takes what is there: nothing is there", "password",
	         COMMON "password [success=1 default=ignore] pam_succeed_if.so user ingroup staff\npassword requisite "
	                "pam_pwquality.so\npassword required pam_unix.so use_authtok\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:2\n"},
	        {"a jump for root alone", "password",
	         COMMON "password [success=1 default=ignore] pam_succeed_if.so user = root\npassword requisite "
	                "pam_pwquality.so enforce_for_root\n"
	                "password required pam_unix.so\n" STRONG,
	         "enforced=yes [common-password] effective etc/pam.d/common-password:2\nroot_enforced=no "
	         "[common-password] effective "
	         "etc/pam.d/common-password:2\n"},
	        {"a stack that ends before anything is stored is no way round", "password",
	         COMMON "password sufficient pam_localuser.so\npassword requisite pam_pwquality.so\npassword required "
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
	        {"of this type", "password", RHEL PAM("x") "password include nowhere\n" DEBIAN STRONG,
	         "@not_collected\n"},
	        {"that Debian would not look for elsewhere: x sets no password", "password",
	         PAM("x") "password include nowhere\npassword required pam_unix.so\n" DEBIAN STRONG,
	         "@effective\nenforced=yes [common-password] effective etc/pam.d/common-password:1\nenforced= [x] "
	         "error etc/pam.d/x:1\n"},
	        {"an include that is not there", "password",
	         COMMON "password include /etc/nothing\npassword required pam_unix.so\n",
	         "enforced= [common-password] error etc/pam.d/common-password:1 # no password can be set here: "
	         "'etc/pam.d/common-password' line 1: the included file is not there\n"},
	        {"an option that pam_passwdqc does not know", "password",
	         COMMON "password requisite pam_passwdqc.so min=8,9,8,8,8\npassword required pam_unix.so use_authtok\n",
	         "enforced= [common-password] error etc/pam.d/common-password:1 # no password can be set here: "
	         "'etc/pam.d/common-password' line 1: it takes no 'min=8,9,8,8,8', and fails\n"},
	        {"pam_passwdqc's random passwords alone", "password",
	         COMMON "password requisite pam_passwdqc.so min=disabled,24,11,8,7 passphrase=0 "
	                "enforce=users\npassword required pam_unix.so use_authtok\n",
	         "min_length=7 [common-password] effective etc/pam.d/common-password:1\nroot_enforced=no "
	         "[common-password] effective etc/pam.d/common-password:1\n"},
	        {"a service without password lines has those of other", "password",
	         PAM("sshd") "auth required pam_unix.so\n" PAM("other") "password required pam_unix.so\n",
	         "min_length=6 [other] effective etc/pam.d/other:1\n"},
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
	        {"the call that refuses decides, authfail does not; keys have case, bad lines are passed over",
	         "faillock",
	         LOCKOUT "--- etc/security/faillock.conf\ndeny = 4\nDENY = 9\nunlock_time = never\nfail_interval = "
	                 "soon\neven_deny_root\n",
	         "@effective\ncalled=yes effective etc/pam.d/common-auth:1\n"
	         "deny=4 effective etc/security/faillock.conf:1\nunlock_time=0 effective etc/security/faillock.conf:3\n"
	         "fail_interval=900 default\neven_deny_root=yes effective "
	         "etc/security/faillock.conf:5\nroot_unlock_time=0 default etc/security/faillock.conf:3\n"},
	        {"its arguments beat the file; numbers are read as far as they go", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so deny=5 unlock_time=900s\nauth sufficient "
	                            "pam_unix.so\nauth [default=die] pam_faillock.so authfail\n--- "
	                            "etc/security/faillock.conf\ndeny = 6\n",
	         "called=yes effective etc/pam.d/common-auth:1\ndeny=5 effective etc/pam.d/common-auth:1 (6 "
	         "etc/security/faillock.conf:1)\nunlock_time=900 effective etc/pam.d/common-auth:1\n"},
	        {"authfail counts, and nothing refuses; account only resets", "faillock",
	         PAM("common-auth") "auth sufficient pam_unix.so\nauth [default=die] pam_faillock.so authfail\naccount "
	                            "required pam_faillock.so\n--- etc/security/faillock.conf\ndeny "
	                            "= 4\n",
	         "@not_in_force\ncalled=no effective etc/pam.d/common-auth:2 # pam_faillock never refuses: there is "
	         "neither preauth nor authsucc\ndeny=4 not_in_force "
	         "etc/security/faillock.conf:1\n"},
	        {"any password gets in", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so preauth\nauth sufficient pam_unix.so\n",
	         "called=no effective etc/pam.d/common-auth:1 # a wrong password can be tried without pam_faillock "
	         "counting it\n"},
	        {"a wrong password is counted, and gets in", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so preauth\nauth [success=1 default=ignore] "
	                            "pam_unix.so\nauth sufficient pam_faillock.so authfail\n",
	         "called=no effective etc/pam.d/common-auth:1\n"},
	        {"authfail that is called after right passwords refuses, too", "faillock",
	         PAM("common-auth") "auth optional pam_faillock.so preauth\nauth required pam_unix.so\nauth required "
	                            "pam_faillock.so authfail\n",
	         "called=yes effective etc/pam.d/common-auth:1\n"},
	        {"authfail counts up to its own deny", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so preauth deny=5\nauth sufficient pam_unix.so\nauth "
	                            "[default=die] pam_faillock.so authfail\n",
	         "called=no effective etc/pam.d/common-auth:1 # authfail counts up to its own deny, which is less than "
	         "that of the call that refuses\n"},
	        {"authsucc that is called after wrong passwords, too", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so preauth\nauth [success=1 default=ignore] "
	                            "pam_unix.so\nauth sufficient pam_faillock.so authfail\nauth sufficient "
	                            "pam_faillock.so authsucc\nauth required pam_deny.so\n",
	         "called=no effective etc/pam.d/common-auth:1\n"},
	        {"authsucc that is called before any password forgets them at every attempt", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so authsucc\nauth required pam_faillock.so preauth\n"
	                            "auth [success=2 default=ignore] pam_unix.so\nauth required pam_faillock.so "
	                            "authfail\nauth required pam_deny.so\n",
	         "called=no effective etc/pam.d/common-auth:1\n"},
	        {"authsucc refuses", "faillock",
	         PAM("common-auth") "auth [success=1 default=bad] pam_unix.so\nauth [default=die] pam_faillock.so "
	                            "authfail\nauth sufficient pam_faillock.so authsucc deny=2\nauth required "
	                            "pam_deny.so\n",
	         "called=yes effective etc/pam.d/common-auth:3\ndeny=2 effective etc/pam.d/common-auth:3\n"},
	        {"preauth that is optional lets the right password in", "faillock",
	         PAM("common-auth") "auth optional pam_faillock.so preauth\nauth sufficient pam_unix.so\nauth "
	                            "[default=die] pam_faillock.so authfail\n",
	         "called=no effective etc/pam.d/common-auth:1 # the right password gets a locked account in all the "
	         "same\n"},
	        {"a jump past authfail", "faillock",
	         PAM("common-auth") "auth required pam_faillock.so preauth\nauth [success=2 default=1] "
	                            "pam_unix.so\nauth [default=die] pam_faillock.so authfail\nauth requisite "
	                            "pam_deny.so\nauth required pam_permit.so\n",
	         "called=no effective etc/pam.d/common-auth:1 # a wrong password can be tried without pam_faillock "
	         "counting it\n"},
	        {"RHEL with authselect's with-faillock", "faillock",
	         RHEL PAM(
	                 "system-auth") "auth required pam_env.so\nauth required pam_faildelay.so delay=2000000\nauth "
	                                "required pam_faillock.so preauth silent\n"
	                                "auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\nauth "
	                                "[default=1 ignore=ignore success=ok] pam_localuser.so\n"
	                                "auth sufficient pam_unix.so nullok\nauth [default=1 ignore=ignore success=ok] "
	                                "pam_usertype.so isregular\nauth sufficient pam_sss.so forward_pass\n"
	                                "auth required pam_faillock.so authfail\nauth required pam_deny.so\naccount "
	                                "required pam_faillock.so\n",
	         "@effective\ncalled=yes effective etc/pam.d/system-auth:3\ndeny=3 default\n"},
	        {"one stack locks, the other does not", "faillock",
	         RHEL LOCKOUT PAM("password-auth") "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
	         "@effective\ncalled=yes [common-auth] effective etc/pam.d/common-auth:1\ncalled=no [password-auth] "
	         "effective etc/pam.d/password-auth:1\n"},
	        {"its file was not collected, and nobody calls it", "faillock",
	         "--- etc/os-release\nID=debian\n" PAM("common-auth") "auth required pam_unix.so\n",
	         "@not_in_force\ncalled=no effective etc/pam.d/common-auth:1\n", true},
	        {"its file was not collected, and somebody does", "faillock", "--- etc/os-release\nID=debian\n" LOCKOUT,
	         "@not_collected\ncalled -\n", true},
	        {"nobody calls it, and there is no file", "faillock", PAM("common-auth") "auth required pam_unix.so\n",
	         "@absent\n"},
	        {"a file that nobody reads", "faillock",
	         PAM("common-auth") "auth required pam_unix.so\n--- etc/security/faillock.conf\ndeny = 4\n",
	         "@not_in_force # no PAM stack calls pam_faillock\ncalled=no effective etc/pam.d/common-auth:1\ndeny=4 "
	         "not_in_force etc/security/faillock.conf:1\n"},
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
