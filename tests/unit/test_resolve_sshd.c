/* sshd: each expected line was checked with `sshd -T` of OpenSSH 9.2p1 (Debian 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define MAIN         "--- etc/ssh/sshd_config\n"
#define DROPIN(name) "--- etc/ssh/sshd_config.d/" name "\n"

static void test_precedence(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"the first value wins, case does not count, and the later one is "
	         "remembered",
	         "sshd", MAIN "permitRootLogin no\nPermitRootLogin yes\n",
	         "@effective\npermitrootlogin=no effective etc/ssh/sshd_config:1 (yes "
	         "etc/ssh/sshd_config:2)\n"},
	        {"an Include at the top beats the main file, in byte order of names", "sshd",
	         MAIN
	         "Include /etc/ssh/sshd_config.d/*.conf\nX11Forwarding "
	         "yes\n" DROPIN("20-b.conf") "X11Forwarding yes\n" DROPIN(
	                 "10-a."
	                 "conf") "X11Forwarding no\n" DROPIN("05-off.bak") "X11Forwarding yes\n" DROPIN(".h.conf") "X1"
	                                                                                                           "1F"
	                                                                                                           "or"
	                                                                                                           "wa"
	                                                                                                           "rd"
	                                                                                                           "in"
	                                                                                                           "g "
	                                                                                                           "ye"
	                                                                                                           "s"
	                                                                                                           "\n",
	         "x11forwarding=no effective etc/ssh/sshd_config.d/10-a.conf:1 (yes "
	         "etc/ssh/sshd_config.d/20-b.conf:1, "
	         "yes etc/ssh/sshd_config:2)\n"},
	        {"an Include at the end comes too late; names are relative to /etc/ssh", "sshd",
	         MAIN "MaxAuthTries 3\nInclude sshd_config.d/*.conf\n" DROPIN("x.conf") "MaxAuthTries 9\n",
	         "maxauthtries=3 effective etc/ssh/sshd_config:1 (9 "
	         "etc/ssh/sshd_config.d/x.conf:1)\n"},
	        {"keywords that add up", "sshd",
	         MAIN "Port 22\nPort 2222\nAllowUsers alice bob\nAcceptEnv "
	              "LANG\nAllowUsers carol\n",
	         "port=22 effective etc/ssh/sshd_config:1\nport=2222 effective "
	         "etc/ssh/sshd_config:2\n"
	         "allowusers=alice effective etc/ssh/sshd_config:3\nallowusers=bob "
	         "effective etc/ssh/sshd_config:3\n"
	         "allowusers=carol effective etc/ssh/sshd_config:5\nacceptenv=LANG "
	         "effective etc/ssh/sshd_config:4\n"},
	        {"of some keywords the last line wins", "sshd",
	         MAIN "MaxStartups 5\nMaxStartups 10:30:60\nIPQoS ef\nIPQoS cs1 le\n",
	         "maxstartups=10:30:60 effective etc/ssh/sshd_config:2 (5:30:5 "
	         "etc/ssh/sshd_config:1)\n"
	         "ipqos=cs1 le effective etc/ssh/sshd_config:4 (ef ef "
	         "etc/ssh/sshd_config:3)\n"},
	        {"SetEnv does not add up, unlike AcceptEnv", "sshd", MAIN "SetEnv A=1 A=2 B=3\nSetEnv C=4\n",
	         "setenv=A=1 effective etc/ssh/sshd_config:1 (C=4 "
	         "etc/ssh/sshd_config:2)\nsetenv=B=3 effective "
	         "etc/ssh/sshd_config:1\n"},
	        {"a Match block is a scope, and ends with its file", "sshd",
	         MAIN "Include sshd_config.d/*.conf\nPasswordAuthentication no\n" DROPIN(
	                 "a.conf") "Match User bob\nX11Forwarding yes\n",
	         "x11forwarding=no default\nx11forwarding=yes [user bob] effective "
	         "etc/ssh/sshd_config.d/a.conf:2\n"
	         "passwordauthentication=no effective etc/ssh/sshd_config:2\n"},
	        {"an Include in a Match block is of its scope", "sshd",
	         MAIN "Match Group staff\nInclude sshd_config.d/*.conf\n" DROPIN(
	                 "a.conf") "PermitTTY no\nMatch User bob\nPermitTTY yes\n",
	         "permittty=yes default\npermittty=no [group staff] effective "
	         "etc/ssh/sshd_config.d/a.conf:1\n"
	         "permittty=yes [group staff user bob] effective "
	         "etc/ssh/sshd_config.d/a.conf:3\n"},
	        {"Match all holds for every connection: it beats the lines above, and "
	         "later blocks come too late",
	         "sshd",
	         MAIN "PermitRootLogin yes\nMatch all\nPermitRootLogin no\nMatch User "
	              "root\nPermitRootLogin yes\n",
	         "permitrootlogin=no effective etc/ssh/sshd_config:3 (yes "
	         "etc/ssh/sshd_config:1, yes etc/ssh/sshd_config:5)\n"},
	        {"a block before Match all keeps its own", "sshd",
	         MAIN "Match User root\nPermitRootLogin yes\nMatch "
	              "all\nPermitRootLogin no\n",
	         "permitrootlogin=no effective "
	         "etc/ssh/sshd_config:4\npermitrootlogin=yes [user root] effective "
	         "etc/ssh/sshd_config:2\n"},
	        {"RekeyLimit: each of its two numbers on its own", "sshd", MAIN "RekeyLimit 1G\nRekeyLimit 1M 1h\n",
	         "rekeylimit=1073741824 3600 effective etc/ssh/sshd_config:1 (1048576 "
	         "3600 etc/ssh/sshd_config:2)\n"},
	        {"nothing set: the product's defaults", "sshd", MAIN "# nothing\n",
	         "@effective\npermitrootlogin=without-password "
	         "default\nlogingracetime=120 default\nmaxauthtries=6 default\n"
	         "listenaddress=[::]:22 default\nlistenaddress=0.0.0.0:22 "
	         "default\nipqos=lowdelay throughput default\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_values(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"values as sshd -T prints them", "sshd",
	         MAIN "ChallengeResponseAuthentication no\nPermitRootLogin prohibit-password\nLoginGraceTime "
	              "1h1m1s\nCompression delayed\n"
	              "AllowTcpForwarding ALL\nStreamLocalBindMask 077\nBanner None\nSyslogFacility local3\nLogLevel "
	              "quiet\nPermitListen 8080\n"
	              "UnusedConnectionTimeout 5m\nClientAliveInterval=90s\nForceCommand /bin/echo \"a # b\"\n",
	         "kbdinteractiveauthentication=no effective etc/ssh/sshd_config:1\n"
	         "permitrootlogin=without-password effective etc/ssh/sshd_config:2\nlogingracetime=3661 effective "
	         "etc/ssh/sshd_config:3\n"
	         "compression=yes effective etc/ssh/sshd_config:4\nallowtcpforwarding=yes effective "
	         "etc/ssh/sshd_config:5\n"
	         "streamlocalbindmask=077 effective etc/ssh/sshd_config:6\nbanner=none effective "
	         "etc/ssh/sshd_config:7\n"
	         "syslogfacility=LOCAL3 effective etc/ssh/sshd_config:8\nloglevel=SILENT effective "
	         "etc/ssh/sshd_config:9\n"
	         "permitlisten=*:8080 effective etc/ssh/sshd_config:10\nunusedconnectiontimeout=300 effective "
	         "etc/ssh/sshd_config:11\n"
	         "clientaliveinterval=90 effective etc/ssh/sshd_config:12\nforcecommand=/bin/echo \"a # b\" effective "
	         "etc/ssh/sshd_config:13\n"},
	        {"lists of algorithms: + - ^ change the default", "sshd",
	         MAIN "Ciphers -chacha*,*gcm*\nMACs ^hmac-sha1\nCASignatureAlgorithms +ssh-rsa\n",
	         "ciphers=aes128-ctr,aes192-ctr,aes256-ctr effective etc/ssh/sshd_config:1\n"
	         "macs=hmac-sha1,umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
	         "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,"
	         "hmac-sha2-256,hmac-sha2-512 effective etc/ssh/sshd_config:2\n"
	         "casignaturealgorithms=ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
	         "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256,ssh-rsa "
	         "effective "
	         "etc/ssh/sshd_config:3\n"},
	        {"addresses with and without a port, on each port", "sshd",
	         MAIN "Port 2200\nListenAddress 192.0.2.1\nListenAddress [2001:db8::1]:22\n",
	         "listenaddress=192.0.2.1:2200 effective etc/ssh/sshd_config:2\nlistenaddress=[2001:db8::1]:22 "
	         "effective "
	         "etc/ssh/sshd_config:3\n"},
	        {"the defaults of an older version", "sshd", "--- etc/os-release\nID=debian\nVERSION_ID=\"11\"\n" MAIN,
	         "casignaturealgorithms=ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	         "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-"
	         "sha2-512,rsa-sha2-256 default\n"},
	        {"of an unknown version no algorithm is claimed", "sshd", "--- etc/os-release\nID=unheard\n" MAIN,
	         "ciphers -\nmacs -\nbanner=none default\n"},
	        {"the installed package tells the version", "sshd",
	         "--- var/lib/dpkg/status\nPackage: openssh-server\nStatus: install ok installed\nVersion: "
	         "1:10.0p1-1\n\n" MAIN,
	         "ciphers=chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,"
	         "aes192-ctr,aes256-ctr default\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_refusal(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"an unknown keyword keeps sshd from starting", "sshd",
	         MAIN "PermitRootLogin no\nPermitRootLogins no\n",
	         "@not_in_force # 'etc/ssh/sshd_config' line 2: unknown keyword PermitRootLogins: sshd refuses the "
	         "file\n"
	         "permitrootlogin=no not_in_force etc/ssh/sshd_config:1\n"},
	        {"so does a bad value, in a block that does not hold too", "sshd",
	         MAIN "Match User bob\nMaxAuthTries many\n",
	         "@not_in_force # 'etc/ssh/sshd_config' line 2: MaxAuthTries: 'many' is no number that it takes: sshd "
	         "refuses the file\n"},
	        {"a global keyword in a Match block", "sshd", MAIN "Match User bob\nPort 22\n",
	         "@not_in_force # 'etc/ssh/sshd_config' line 2: not allowed in a Match block: Port: sshd refuses the "
	         "file\n"},
	        {"one argument too many", "sshd", MAIN "PermitRootLogin no yes\n", "@not_in_force\n"},
	        {"an open quote", "sshd", MAIN "Banner \"/etc/issue\n", "@not_in_force\n"},
	        {"no argument", "sshd", MAIN "PermitRootLogin\n", "@not_in_force\n"},
	        {"a mask with host bits", "sshd", MAIN "Match Address 10.1.2.3/8\n", "@not_in_force\n"},
	        {"Match all with more", "sshd", MAIN "Match all User bob\n", "@not_in_force\n"},
	        {"a cipher nobody knows", "sshd", MAIN "Ciphers aes256-ctr,rot13\n", "@not_in_force\n"},
	        {"a file that includes itself", "sshd", MAIN "Include sshd_config\n", "@not_in_force\n"},
	        {"an address that AddressFamily shuts out", "sshd",
	         MAIN "AddressFamily inet6\nListenAddress 192.0.2.1\n", "@not_in_force\n"},
	        {"a command without its user", "sshd", MAIN "AuthorizedKeysCommand /usr/bin/keys\n", "@not_in_force\n"},
	        {"a byte order mark", "sshd", MAIN "\xef\xbb\xbfPermitRootLogin no\n", "@not_in_force\n"},
	        {"a keyword of a later version", "sshd", MAIN "PerSourcePenalties no\n", "@not_in_force\n"},
	        {"deprecated keywords do nothing, and are accepted", "sshd",
	         MAIN "Protocol 2\nUsePrivilegeSeparation sandbox\nRSAAuthentication no\n", "@effective\nprotocol -\n"},
	};
	RESOLVE_CHECK(cases);
}

#define RELEASE(id, version) "--- etc/os-release\nID=" id "\nVERSION_ID=\"" version "\"\n"

/* Checked with sshd -T of upstream builds of 8.0, 8.4, 8.7, 8.9, 9.6, 9.9 and 10.0. */
static void test_versions(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"until 8.7 the challenge is a keyword of its own, and turns the keyboard on", "sshd",
	         RELEASE("debian", "11") MAIN "KbdInteractiveAuthentication no\n",
	         "challengeresponseauthentication=yes default\nkbdinteractiveauthentication=yes default (no "
	         "etc/ssh/sshd_config:1) # by ChallengeResponseAuthentication\n"},
	        {"with the challenge off, the keyboard is off by default", "sshd",
	         RELEASE("rhel", "8.10") MAIN "ChallengeResponseAuthentication no\n",
	         "kbdinteractiveauthentication=no default\n"},
	        {"from 8.7 it is another name", "sshd",
	         RELEASE("ubuntu", "22.04") MAIN "ChallengeResponseAuthentication no\n",
	         "challengeresponseauthentication -\nkbdinteractiveauthentication=no effective "
	         "etc/ssh/sshd_config:1\n"},
	        {"old names are shown as new ones", "sshd",
	         RELEASE("debian", "11") MAIN "PubkeyAcceptedKeyTypes ssh-ed25519\n",
	         "pubkeyacceptedkeytypes -\npubkeyacceptedalgorithms=ssh-ed25519 effective etc/ssh/sshd_config:1\n"},
	        {"a name that is too new", "sshd",
	         RELEASE("debian", "11") MAIN "PubkeyAcceptedAlgorithms ssh-ed25519\n", "@not_in_force\n"},
	        {"Include came with 8.2", "sshd", RELEASE("debian", "10") MAIN "Include x\n", "@not_in_force\n"},
	        {"and Red Hat put it into 8.0", "sshd", RELEASE("rhel", "8.10") MAIN "Include x\n", "@effective\n"},
	        {"a comment behind a value", "sshd", RELEASE("debian", "11") MAIN "Banner /etc/issue # \"x\n",
	         "banner=/etc/issue effective etc/ssh/sshd_config:1\n"},
	        {"until 8.7 only double quotes", "sshd", RELEASE("debian", "11") MAIN "AllowUsers 'a b'\n",
	         "allowusers='a effective etc/ssh/sshd_config:1\nallowusers=b' effective etc/ssh/sshd_config:1\n"},
	        {"what 10.0 has by default", "sshd", RELEASE("debian", "13") MAIN,
	         "refuseconnection=no default\nchanneltimeout=none default\npersourcepenalties=crash:90 authfail:5 "
	         "noauth:1 grace-exceeded:10 refuseconnection:10 max:600 min:15 max-sources4:65536 "
	         "max-sources6:65536 overflow:permissive overflow6:permissive default\n"},
	        {"and 8.7 has not", "sshd", RELEASE("rhel", "9.4") MAIN,
	         "refuseconnection -\nchanneltimeout -\npersourcepenalties -\nrequiredrsasize=1024 default\n"},
	        {"Red Hat's own keyword", "sshd",
	         RELEASE("rocky", "9.4") "ID_LIKE=\"rhel centos fedora\"\n" MAIN "RSAMinSize 2048\n",
	         "requiredrsasize=2048 effective etc/ssh/sshd_config:1\n"},
	        {"which others refuse", "sshd", MAIN "RSAMinSize 2048\n", "@not_in_force\n"},
	        {"a subsystem twice: refused until 9.5", "sshd",
	         RELEASE("ubuntu", "22.04") MAIN "Subsystem a b\nSubsystem a c\n", "@not_in_force\n"},
	        {"then the first counts", "sshd", RELEASE("ubuntu", "24.04") MAIN "Subsystem a b\nSubsystem a c\n",
	         "@effective\nsubsystem=a b effective etc/ssh/sshd_config:1\n"},
	        {"9.9 alone takes no = in Match", "sshd", RELEASE("rhel", "10.0") MAIN "Match User=bob\n",
	         "@not_in_force\n"},
	        {"10.0 does", "sshd", RELEASE("debian", "13") MAIN "Match User=bob invalid-user\nPermitTTY no\n",
	         "permittty=yes default\npermittty=no [user bob invalid-user] effective etc/ssh/sshd_config:2\n"},
	        {"the version by ssh -V", "sshd",
	         RELEASE("other", "1") MAIN "--- captured/ssh_-V.txt\nOpenSSH_8.0p1, OpenSSL 1.1.1k  FIPS 25 Mar "
	                                    "2021\n",
	         "challengeresponseauthentication=yes default\n"},
	        {"DSA went with 9.8", "sshd", RELEASE("debian", "13") MAIN "HostKeyAlgorithms ssh-dss\n",
	         "@not_in_force\n"},
	};
	RESOLVE_CHECK(cases);
}

static void test_evidence(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"no sshd_config on the host", "sshd", "--- etc/ssh/ssh_config\n", "@absent\npermitrootlogin -\n"},
	        {"not collected", "sshd", "--- etc/os-release\nID=debian\n",
	         "@not_collected # /etc/ssh/sshd_config was not collected\n", true},
	        {"an included folder that was not collected may say anything", "sshd",
	         "--- etc/os-release\nID=debian\n" MAIN "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n",
	         "@not_collected # /etc/ssh/sshd_config.d/*.conf was not collected\n", true},
	        {"an included folder that the host has not", "sshd",
	         MAIN "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n",
	         "@effective\npermitrootlogin=no effective etc/ssh/sshd_config:2\n"},
	        {"captured sshd -T beats the files, and the difference is noted", "sshd",
	         MAIN "PermitRootLogin no\nMaxAuthTries 3\n--- captured/sshd_-T.txt\npermitrootlogin yes\nmaxauthtries "
	              "3\nport 22\n",
	         "@effective\npermitrootlogin=yes effective captured/sshd_-T.txt:1 (no etc/ssh/sshd_config:1) # "
	         "'etc/ssh/sshd_config' line 1 says no: configured, not in force\nmaxauthtries=3 effective "
	         "captured/sshd_-T.txt:2\n"},
	        {"sshd -T shows no Match block: those come from the files", "sshd",
	         MAIN "Match User bob\nPermitTTY no\n--- captured/sshd_-T.txt\npermittty yes\n",
	         "permittty=yes effective captured/sshd_-T.txt:1\npermittty=no [user bob] effective "
	         "etc/ssh/sshd_config:2\n"},
	        {"equal in meaning is no conflict", "sshd",
	         MAIN "ClientAliveInterval 2m\nPermitRootLogin prohibit-password\nChallengeResponseAuthentication "
	              "no\nCiphers -*cbc\nMACs +hmac-md5\nSubsystem sftp x\n--- captured/sshd_-T.txt\n"
	              "clientaliveinterval 120\npermitrootlogin without-password\nkbdinteractiveauthentication "
	              "no\nciphers aes256-ctr\nmacs hmac-sha1,hmac-md5\nsubsystem sftp x \n",
	         "clientaliveinterval=120 effective captured/sshd_-T.txt:1\npermitrootlogin=without-password effective "
	         "captured/sshd_-T.txt:2\nkbdinteractiveauthentication=no effective "
	         "captured/sshd_-T.txt:3\nciphers=aes256-ctr effective captured/sshd_-T.txt:4\n"
	         "macs=hmac-sha1,hmac-md5 effective captured/sshd_-T.txt:5\n"},
	        {"a list that was changed since", "sshd",
	         MAIN "MACs -hmac-md5\n--- captured/sshd_-T.txt\nmacs hmac-sha1,hmac-md5\n",
	         "macs=hmac-sha1,hmac-md5 effective captured/sshd_-T.txt:1 "
	         "(umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@"
	         "openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-"
	         "sha2-512,hmac-sha1 etc/ssh/sshd_config:1)\n"},
	        {"a line that has gone", "sshd",
	         MAIN "Port 22\n--- captured/sshd_-T.txt\npermitrootlogin yes\nport 22\n",
	         "permitrootlogin=yes effective captured/sshd_-T.txt:1 # no file says so, and the default is "
	         "without-password\n"},
	        {"old names in captured output", "sshd",
	         "--- etc/os-release\nID=debian\nVERSION_ID=\"11\"\n" MAIN
	         "--- captured/sshd_-T.txt\npubkeyacceptedkeytypes ssh-ed25519\n",
	         "pubkeyacceptedalgorithms=ssh-ed25519 effective captured/sshd_-T.txt:1\n"},
	        {"sshd -T shows what Match all says", "sshd",
	         MAIN "Match all\nX11Forwarding yes\n--- captured/sshd_-T.txt\nx11forwarding yes\n",
	         "x11forwarding=yes effective captured/sshd_-T.txt:1\n"},
	        {"sshd -T -C is a scope of its own", "sshd",
	         MAIN "Match User bob\nPermitTTY no\n--- captured/sshd_-T.txt\npermittty yes\nport 22\n--- "
	              "captured/sshd_-T_-C_user=bob,addr=10.0.0.1.txt\npermittty no\nport 22\n",
	         "permittty=yes effective captured/sshd_-T.txt:1\npermittty=no [user bob] effective "
	         "etc/ssh/sshd_config:2\npermittty=no [connection user=bob,addr=10.0.0.1] effective "
	         "captured/sshd_-T_-C_user=bob,addr=10.0.0.1.txt:1\nport=22 effective captured/sshd_-T.txt:2\n"},
	        {"without a Match, it shows what is not in force", "sshd",
	         MAIN "PermitTTY yes\n--- captured/sshd_-T_-C_user=bob.txt\npermittty no\n",
	         "permittty=yes effective etc/ssh/sshd_config:1\npermittty=no [connection user=bob] effective "
	         "captured/sshd_-T_-C_user=bob.txt:1 (yes etc/ssh/sshd_config:1)\n"},
	        {"without the files the blocks are not seen", "sshd",
	         "--- etc/os-release\nID=debian\n--- captured/sshd_-T.txt\npermittty yes\nport 22\n",
	         "@effective\npermittty=yes effective captured/sshd_-T.txt:1 # Match blocks were not seen: "
	         "/etc/ssh/sshd_config was not collected\n"
	         "port=22 effective captured/sshd_-T.txt:2\n",
	         true},
	};
	RESOLVE_CHECK(cases);
}

#define RHEL8 RELEASE("rhel", "8.10")
#define RHEL9 RELEASE("rhel", "9.4")

static void test_command(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"options of the service beat the file", "sshd",
	         MAIN "PermitRootLogin no\nPort 22\nPort 23\n--- etc/default/ssh\nSSHD_OPTS=\"-4 -p 2222 -o "
	              "PermitRootLogin=yes\"\n",
	         "permitrootlogin=yes effective etc/default/ssh:1 (no etc/ssh/sshd_config:1)\nport=2222 effective "
	         "etc/default/ssh:1\naddressfamily=inet effective etc/default/ssh:1\n"},
	        {"they may name another file", "sshd",
	         MAIN "Port 22\n--- etc/default/ssh\nSSHD_OPTS=\"-f /etc/ssh/other\"\n--- etc/ssh/other\nPort 23\n",
	         "port=23 effective etc/ssh/other:1\n"},
	        {"an ExecStart of one's own", "sshd",
	         MAIN "Port 22\n--- "
	              "etc/systemd/system/ssh.service.d/x.conf\n[Service]\nExecStart=\nExecStart=/usr/sbin/sshd "
	              "-D -p 24 $SSHD_OPTS\n--- etc/default/ssh\nSSHD_OPTS=-oX11Forwarding=yes\n",
	         "port=24 effective etc/systemd/system/ssh.service.d/x.conf:3\nx11forwarding=yes effective "
	         "etc/default/ssh:1\n"},
	        {"with a variable that nobody can see", "sshd",
	         MAIN "Port 22\n--- etc/systemd/system/sshd.service\n[Service]\nExecStart=/usr/sbin/sshd -D ${MORE}\n",
	         "@not_collected # what the service passes to sshd by $MORE was not collected\n"},
	        {"a bad one keeps sshd from starting", "sshd",
	         MAIN "Port 22\n--- etc/default/ssh\nSSHD_OPTS=-oPortt=1\n", "@not_in_force\n"},
	        {"Red Hat's name for them; Debian's says nothing there", "sshd",
	         RHEL9 MAIN "--- etc/sysconfig/sshd\nOPTIONS=\"-u0 -oX11Forwarding=yes\"\n--- "
	                    "etc/default/ssh\nSSHD_OPTS=-oX11Forwarding=no\n",
	         "x11forwarding=yes effective etc/sysconfig/sshd:1\n"},
	        {"RHEL 8 passes the crypto policy on", "sshd",
	         RHEL8 MAIN "Ciphers aes128-ctr\n--- etc/crypto-policies/back-ends/opensshserver.config\n"
	                    "CRYPTO_POLICY='-oCiphers=aes256-ctr -oMACs=hmac-sha2-512'\n",
	         "ciphers=aes256-ctr effective etc/crypto-policies/back-ends/opensshserver.config:1 (aes128-ctr "
	         "etc/ssh/sshd_config:1)\nmacs=hmac-sha2-512 effective "
	         "etc/crypto-policies/back-ends/opensshserver.config:1\n"},
	        {"unless it is blanked", "sshd",
	         RHEL8 MAIN "Ciphers aes128-ctr\n--- etc/sysconfig/sshd\nCRYPTO_POLICY=\n--- "
	                    "etc/crypto-policies/back-ends/opensshserver.config\n"
	                    "CRYPTO_POLICY='-oCiphers=aes256-ctr'\n",
	         "ciphers=aes128-ctr effective etc/ssh/sshd_config:1\n"},
	        {"a policy that was not collected", "sshd",
	         RHEL8 MAIN "X11Forwarding yes\nCiphers aes128-ctr\n--- "
	                    "etc/crypto-policies/back-ends/opensshserver.config -> "
	                    "/usr/share/crypto-policies/DEFAULT/opensshserver.txt\n",
	         "@effective\nx11forwarding=yes effective etc/ssh/sshd_config:1\nciphers=aes128-ctr not_collected "
	         "etc/ssh/sshd_config:2 # /etc/crypto-policies/back-ends/opensshserver.config was not collected\n"},
	        {"RHEL 9 includes it, and what stands before it holds", "sshd",
	         RHEL9 MAIN "MACs hmac-sha2-512\nInclude "
	                    "/etc/crypto-policies/back-ends/opensshserver.config\nPermitRootLogin no\n--- "
	                    "etc/crypto-policies/back-ends/opensshserver.config -> "
	                    "/usr/share/crypto-policies/DEFAULT/opensshserver.txt\n",
	         "@effective\npermitrootlogin=no effective etc/ssh/sshd_config:3\nmacs=hmac-sha2-512 effective "
	         "etc/ssh/"
	         "sshd_config:1\nkexalgorithms=curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
	         "ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-"
	         "sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256 not_collected\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_precedence), cmocka_unit_test(test_values),   cmocka_unit_test(test_refusal),
	        cmocka_unit_test(test_versions),   cmocka_unit_test(test_evidence), cmocka_unit_test(test_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
