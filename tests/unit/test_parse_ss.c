#include "parse_rows.h"

#define SS                                                                                                             \
	"ss",                                                                                                          \
	{                                                                                                              \
		.rest = false                                                                                          \
	}

/* proto address port process state pid interface family */
static const struct parse_case cases[] = {
        {SS,
         "Netid  State      Recv-Q Send-Q  Local Address:Port  Peer Address:Port\n"
         "udp    UNCONN     0      0       127.0.0.53%lo:53    0.0.0.0:*   "
         "users:((\"systemd-resolve\",pid=893,fd=12))\n"
         "tcp    LISTEN     0      128     *:22                *:*         "
         "users:((\"sshd\",pid=1222,fd=3),(\"sshd\",pid=1223,fd=3),(\"systemd\",pid=1,fd=4))\n"
         "tcp    LISTEN     0      128     [::]:80             [::]:*      users:((\"nginx\",pid=583,fd=8)) ino:1 sk:1 "
         "<->\n"
         "\t skmem:(r0,rb87380)\n"
         "tcp    LISTEN     0      128     ::ffff:10.0.2.15:9200   :::*\n"
         "tcp    LISTEN     0      128     fe80::a00%enp0s3:9200   :::*\n"
         "tcp               0      128     *:25                *:*         users:((\"sendmail\",3965,4)) ino:1\n"
         "tcp    ESTAB      0      0       10.0.0.1:22         10.0.0.2:5\n"
         "nl     UNCONN     0      0       rtnl:kernel         *\n"
         "u_str  LISTEN     0      128     /run/x 123          * 0\n",
         "2:1|udp|127.0.0.53|53|systemd-resolve|UNCONN|893|lo|4\n3:1|tcp|*|22|sshd,systemd|LISTEN|1222||\n"
         "4:1|tcp|::|80|nginx|LISTEN|583||6\n6:1|tcp|::ffff:10.0.2.15|9200||LISTEN|||6\n"
         "7:1|tcp|fe80::a00|9200||LISTEN||enp0s3|6\n8:1|tcp|*|25|sendmail|LISTEN|3965||\n9:1|tcp|10.0.0.1|22||ESTAB|||"
         "4\n"},
        {SS,
         "State   Recv-Q  Send-Q  Local Address:Port  Peer Address:PortProcess\nLISTEN  0  128  0.0.0.0:ssh  "
         "0.0.0.0:*\nUNCONN 0 0 *:* *:*\n",
         "2:1|tcp|0.0.0.0|ssh||LISTEN|||4\n3:1|udp|*|*||UNCONN|||\n"},
        {SS,
         "Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address      "
         "   State       PID/Program name    \n"
         "tcp        0      0 127.0.0.1:25            0.0.0.0:*               LISTEN      1469/master         \n"
         "tcp6       0      0 :::22                   :::*                    LISTEN      600/sshd: /usr/sbin  off "
         "(0.00/0/0)\n"
         "udp        0      0 0.0.0.0:68              0.0.0.0:*                           1939/dhclient       \n"
         "udp        0      0 0.0.0.0:69              0.0.0.0:*               -\n"
         "tcp        0      0 0.0.0.0:111  0.0.0.0:*   LISTEN      systemd-resolve 26985      893/systemd-resolve \n"
         "raw6       0      0 :::58                   :::*                    7           865/NetworkManager  \n"
         "Active UNIX domain sockets (only servers)\nunix  2      [ ACC ]     STREAM     LISTENING     13851    "
         "1/systemd   /run/x\n",
         "3:1|tcp|127.0.0.1|25|master|LISTEN|1469||4\n4:1|tcp|::|22|sshd: "
         "/usr/sbin|LISTEN|600||\n5:1|udp|0.0.0.0|68|dhclient|UNCONN|1939||4\n"
         "6:1|udp|0.0.0.0|69||UNCONN|||4\n7:1|tcp|0.0.0.0|111|systemd-resolve|LISTEN|893||4\n8:1|raw|::|58|"
         "NetworkManager|UNCONN|865||6\n"},
        {SS,
         "udp UNCONN 0 0 [fe80::7]%eth0:546 [::]:*\ntcp LISTEN 0 128 [::]%eth0:22 [::]:*\ntcp LISTEN 0 1 *%eth0:1 "
         "*:*\n",
         "1:1|udp|fe80::7|546||UNCONN||eth0|6\n2:1|tcp|::|22||LISTEN||eth0|\n3:1|tcp|*|1||LISTEN||eth0|\n"},
        /* does a socket of IPv6 take IPv4 too? */
        {SS, "tcp LISTEN 0 128 [::]:22 [::]:*\ntcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\n",
         "1:1|tcp|::|22||LISTEN|||6\n2:1|tcp|0.0.0.0|80||LISTEN|||4\n"},
        {SS,
         "tcp LISTEN 0 128 [::]:22 [::]:*\ntcp LISTEN 0 128 :::23 :::* ino:1 v6only:1 <->\ntcp LISTEN 0 128 :::24 :::* "
         "v6only:0 <->\n",
         "1:1|tcp|::|22||LISTEN|||\n2:1|tcp|::|23||LISTEN|||6\n3:1|tcp|::|24||LISTEN|||\n"},
        /* BusyBox */
        {SS,
         "netstat: showing only processes with your user ID\nProto Recv-Q Send-Q Local Address Foreign Address "
         "State\ntcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN\n",
         "3:1|tcp|0.0.0.0|80||LISTEN|||4\n"},
        /* Windows, with the programs of -b, and in Japanese */
        {SS,
         "\r\nActive Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n"
         "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1712\r\n  RpcSs\r\n [svchost.exe]\r\n"
         "  TCP    [::]:445               [::]:0                 LISTENING       4\r\n Can not obtain ownership "
         "information\r\n"
         "  UDP    0.0.0.0:123            *:*                                    1234\r\n"
         "  UDP    [fe80::1%12]:546       *:*                                    5\r\n [x y.exe]\r\n",
         "5:3|tcp|0.0.0.0|135|svchost.exe|LISTEN|1712||4\n8:3|tcp|::|445||LISTEN|4||6\n10:3|udp|0.0.0.0|123||UNCONN|"
         "1234||4\n"
         "11:3|udp|fe80::1|546|x y.exe|UNCONN|5|12|6\n"},
        {SS,
         "アクティブな接続\n  プロトコル  ローカル アドレス  外部アドレス  状態  PID\n  TCP  0.0.0.0:80  0.0.0.0:0  "
         "ABHÖREN  4\n",
         "3:3|tcp|0.0.0.0|80||LISTEN|4||4\n"},
        /* BSD */
        {SS,
         "tcp4       0      0  *.22      *.*    LISTEN\ntcp6 0 0 ::1.631 *.* LISTEN\nf0000000000000001 tcp4        0   "
         "   0 *.22              *.*               LISTEN\n",
         "1:1|tcp|*|22||LISTEN|||4\n2:1|tcp|::1|631||LISTEN|||6\n3:1|tcp|*|22||LISTEN|||4\n"},
        /* an empty table, no table, broken lines */
        {SS, "Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n", ""},
        {SS, "bash: ss: command not found\n", "-1:1||||||||\n"},
        {SS, "tcp LISTEN 0 128 nonsense *:*\ntcp x\n", "-1:1|tcp|nonsense|||LISTEN|||\n-2:1||||||||\n"},
};

static void test_cases(void **state)
{
	(void)state;
	CHECK_CASES(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
