/* ssh: each expected line was checked with `ssh -G` of OpenSSH 9.2p1 (Debian 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define MAIN         "--- etc/ssh/ssh_config\n"
#define DROPIN(name) "--- etc/ssh/ssh_config.d/" name "\n"
#define ALICE                                                                                                          \
	"--- etc/passwd\nroot:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n--- "                      \
	"home/alice/.ssh/config\n"

static void test_precedence(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the first value wins", "ssh", MAIN "hashknownhosts yes\nHashKnownHosts no\n",
	         "@effective\nhashknownhosts=yes effective etc/ssh/ssh_config:1 (no etc/ssh/ssh_config:2)\n"},
	        {"an Include stands where it is", "ssh",
	         MAIN "Include ssh_config.d/*.conf\nPort 22\n" DROPIN("b.conf") "Port 2\n" DROPIN("a.conf") "Port 1\n",
	         "port=1 effective etc/ssh/ssh_config.d/a.conf:1 (2 etc/ssh/ssh_config.d/b.conf:1, 22 "
	         "etc/ssh/ssh_config:2)\n"},
	        {"a line above beats the blocks, Host * at the end is a default for them", "ssh",
	         MAIN "Host web*\nPort 1\nHost *\nPort 2\nHost db\nPort 3\n",
	         "port=1 [host web*] effective etc/ssh/ssh_config:2\nport=2 effective etc/ssh/ssh_config:4 (3 "
	         "etc/ssh/ssh_config:6)\n"},
	        {"what no block sets for all has its default", "ssh", MAIN "Match user root\nPort 1\n",
	         "port=1 [match user root] effective etc/ssh/ssh_config:2\nport=22 default\n"},
	        {"criteria that always hold are none", "ssh", MAIN "Match host * user git localuser *\nPort 1\n",
	         "port=1 [match user git] effective etc/ssh/ssh_config:2\nport=22 default\n"},
	        {"Red Hat's block for all comes last", "ssh",
	         MAIN "Include ssh_config.d/*.conf\nHost web\nGSSAPIAuthentication no\n" DROPIN(
	                 "50-redhat.conf") "Match final all\nGSSAPIAuthentication yes\n",
	         "gssapiauthentication=no [host web] effective etc/ssh/ssh_config:3\ngssapiauthentication=yes "
	         "effective "
	         "etc/ssh/ssh_config.d/50-redhat.conf:2\n"},
	        {"what nobody can tell stays a scope", "ssh",
	         MAIN "Match exec \"test -f /x\"\nPort 1\nMatch canonical host a\nPort 2\nMatch final host b\nPort 3\n",
	         "port=1 [match exec \"test -f /x\"] effective etc/ssh/ssh_config:2\nport=2 [match canonical host a] "
	         "effective etc/ssh/ssh_config:4\nport=3 [match final host b] effective etc/ssh/ssh_config:6\nport=22 "
	         "default\n"},
	        {"a block that holds for nobody", "ssh", MAIN "Host !a\nPort 1\nMatch !all\nUser x\n",
	         "port=1 [never] not_in_force etc/ssh/ssh_config:2 # the block holds for no connection\nport=22 "
	         "default\nuser=x [never] not_in_force etc/ssh/ssh_config:4\n"},
	        {"an Include in a block is of its scope", "ssh",
	         MAIN "Host a\nInclude ssh_config.d/*.conf\nPort 2\n" DROPIN("x.conf") "Port 1\nMatch user b\nUser c\n",
	         "port=1 [host a] effective etc/ssh/ssh_config.d/x.conf:1 (2 etc/ssh/ssh_config:3)\nport=22 "
	         "default\nuser=c [host a / match user b] effective etc/ssh/ssh_config.d/x.conf:3\n"},
	        {"some keywords add up, and SendEnv can be taken back", "ssh",
	         MAIN "IdentityFile ~/a\nHost b\nIdentityFile ~/b\nHost *\nSendEnv LANG LC_*\nSendEnv -LC_*\n",
	         "identityfile=~/a effective etc/ssh/ssh_config:1\nidentityfile=~/b [host b] effective "
	         "etc/ssh/ssh_config:3\nsendenv=LANG effective etc/ssh/ssh_config:5\nsendenv=LC_* not_in_force "
	         "etc/ssh/ssh_config:5\n"},
	        {"two keywords count where they do not hold", "ssh",
	         MAIN "Host a\nSyslogFacility AUTH\nStreamLocalBindMask 077\nHost b\nSyslogFacility USER\n",
	         "syslogfacility=AUTH effective etc/ssh/ssh_config:2 (USER etc/ssh/ssh_config:5)\n"
	         "streamlocalbindmask=077 effective etc/ssh/ssh_config:3\n"},
	        {"ProxyJump and ProxyCommand shut each other out", "ssh", MAIN "ProxyJump a\nProxyCommand b\n",
	         "proxyjump=a effective etc/ssh/ssh_config:1 (b etc/ssh/ssh_config:2)\nproxycommand -\n"},
	        {"nothing set: the product's defaults", "ssh", MAIN,
	         "@effective\nstricthostkeychecking=ask default\nforwardagent=no default\nhashknownhosts=no "
	         "default\nforwardx11trusted=yes default\nupdatehostkeys=true default\nuser -\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_users(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"a user's own file is of that user", "ssh",
	         MAIN "Port 22\n" ALICE "Port 2\nHost web\nPort 3\nForwardAgent yes\n",
	         "port=22 effective etc/ssh/ssh_config:1\nport=2 [localuser alice] effective "
	         "home/alice/.ssh/config:1 (3 home/alice/.ssh/config:3)\nforwardagent=no default\nforwardagent=yes "
	         "[localuser alice / host web] effective home/alice/.ssh/config:4\n"},
	        {"and so is what it includes", "ssh",
	         MAIN ALICE "Include d/*\nInclude ~/x\n--- home/alice/.ssh/d/a\nPort 1\n--- home/alice/x\nUser b\n",
	         "port=22 default\nport=1 [localuser alice] effective home/alice/.ssh/d/a:1\nuser=b [localuser alice] "
	         "effective home/alice/x:1\n"},
	        {"a bad file stops ssh for that user", "ssh", MAIN "Port 1\n" ALICE "User b\nPortt 3\n",
	         "@effective\nport=1 effective etc/ssh/ssh_config:1\nuser=b [localuser alice] not_in_force "
	         "home/alice/.ssh/config:1 # 'home/alice/.ssh/config' line 2: unknown keyword Portt: ssh refuses the "
	         "file\n"},
	        {"homes without a passwd", "ssh", MAIN "--- home/bob/.ssh/config\nPort 2\n",
	         "port=22 default\nport=2 [localuser bob] effective "
	         "home/bob/.ssh/config:1\n"},
	        {"SendEnv - in one file does not reach another", "ssh", MAIN "SendEnv LANG\n" ALICE "SendEnv -*\n",
	         "sendenv=LANG effective etc/ssh/ssh_config:1\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_values(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"values as ssh -G prints them", "ssh",
	         MAIN "StrictHostKeyChecking off\nCheckHostIP TRUE\nPubkeyAuthentication yes\nServerAliveInterval 2m\n"
	              "ControlPersist 0\nAddKeysToAgent confirm 5m\nTunnelDevice 1\nEscapeChar ^C\nRekeyLimit 1G\n"
	              "LocalForward [::1]:80 web:8080\nRemoteForward 9 /run/x\nDynamicForward 1080\nKeepAlive no\n"
	              "ConnectTimeout none\nUserKnownHostsFile /dev/null\nRequestTTY yes\nTunnel yes\n",
	         "stricthostkeychecking=false effective etc/ssh/ssh_config:1\ncheckhostip=yes effective "
	         "etc/ssh/ssh_config:2\npubkeyauthentication=true effective etc/ssh/ssh_config:3\n"
	         "serveraliveinterval=120 effective etc/ssh/ssh_config:4\ncontrolpersist=yes effective "
	         "etc/ssh/ssh_config:5\naddkeystoagent=confirm 300 effective etc/ssh/ssh_config:6\n"
	         "tunneldevice=1:any effective etc/ssh/ssh_config:7\nescapechar=\\^C effective etc/ssh/ssh_config:8\n"
	         "rekeylimit=1073741824 0 effective etc/ssh/ssh_config:9\nlocalforward=[::1]:80 [web]:8080 effective "
	         "etc/ssh/ssh_config:10\nremoteforward=9 /run/x effective etc/ssh/ssh_config:11\ndynamicforward=1080 "
	         "effective etc/ssh/ssh_config:12\ntcpkeepalive=no effective etc/ssh/ssh_config:13\n"
	         "connecttimeout=none default\nupdatehostkeys=false default\nrequesttty=true effective "
	         "etc/ssh/ssh_config:16\ntunnel=point-to-point effective etc/ssh/ssh_config:17\n"},
	        {"a comment is part of a command", "ssh", MAIN "ProxyCommand =nc %h # x\n",
	         "proxycommand=nc %h # x effective etc/ssh/ssh_config:1\n"},
	        {"an older version", "ssh", "--- etc/os-release\nID=debian\nVERSION_ID=\"11\"\n" MAIN,
	         "checkhostip=yes default\nupdatehostkeys=false default\npubkeyauthentication=yes "
	         "default\nchallengeresponseauthentication=yes default\npermitremoteopen -\n"},
	        {"the client keeps methods that sshd 10.0 gave up", "ssh",
	         "--- etc/os-release\nID=debian\nVERSION_ID=\"13\"\n" MAIN "KexAlgorithms -*nistp*,sntrup*,curve*\n",
	         "kexalgorithms=mlkem768x25519-sha256,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-"
	         "sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256 effective etc/ssh/ssh_config:1\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_refusal(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"an unknown keyword stops ssh, in a block that does not hold too", "ssh",
	         MAIN "Port 1\nHost nobody\nPortt 2\n",
	         "@not_in_force # 'etc/ssh/ssh_config' line 3: unknown keyword Portt: ssh refuses the file\nport=1 "
	         "not_in_force etc/ssh/ssh_config:1\n"},
	        {"unless it is to be passed over", "ssh", MAIN "IgnoreUnknown porT?,x\nPortt 2\n", "@effective\n"},
	        {"a bad value", "ssh", MAIN "StrictHostKeyChecking maybe\n", "@not_in_force\n"},
	        {"one argument too many", "ssh", MAIN "ForwardAgent yes no\n", "@not_in_force\n"},
	        {"a criterion that is none", "ssh", MAIN "Match nickname bob\n", "@not_in_force\n"},
	        {"all with others", "ssh", MAIN "Match all host x\n", "@not_in_force\n"},
	        {"a home folder in the system's file", "ssh", MAIN "Include ~/x\n", "@not_in_force\n"},
	        {"a file that includes itself", "ssh", MAIN "Include ssh_config\n", "@not_in_force\n"},
	        {"a byte order mark", "ssh", MAIN "\xef\xbb\xbfPort 1\n", "@not_in_force\n"},
	        {"a keyword of a later version", "ssh", MAIN "ObscureKeystrokeTiming no\n", "@not_in_force\n"},
	        {"what is included can be written by others", "ssh",
	         MAIN "Include x\n--- etc/ssh/x\nPort 1\n--- manifest.tsv\n0666\t0\t0\troot\troot\tf\t7\t/etc/ssh/x\n",
	         "@not_in_force # 'etc/ssh/x' line 1: others than its owner can write the file: ssh refuses the "
	         "file\n"},
	        {"deprecated keywords do nothing", "ssh", MAIN "Protocol 1\nCipher none\nUseRoaming yes\n",
	         "@effective\nprotocol -\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_evidence(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"no ssh_config on the host", "ssh", "--- etc/ssh/sshd_config\n", "@absent\nport -\n"},
	        {"not collected", "ssh", "--- etc/os-release\nID=debian\n",
	         "@not_collected # /etc/ssh/ssh_config was not collected\n", true},
	        {"an included folder that was not collected may say anything", "ssh",
	         "--- etc/os-release\nID=debian\n" MAIN "Include /etc/ssh/ssh_config.d/*.conf\n",
	         "@not_collected # /etc/ssh/ssh_config.d/*.conf was not collected\n", true},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_precedence), cmocka_unit_test(test_users),    cmocka_unit_test(test_values),
	        cmocka_unit_test(test_refusal),    cmocka_unit_test(test_evidence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
