/* The source `listening`: what a capture's options show, and which captures are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

#define HEAD    "Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
#define TCP     "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n"
#define UDP     "udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*\n"
#define TCP_ROW "|tcp|0.0.0.0|22||LISTEN|||4|any|\n"
#define UDP_ROW "|udp|127.0.0.53|53||UNCONN||lo|4|loopback|\n"

static void test_captures(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"both protocols", "listening", "--- captured/ss_-tulpn.txt\n" HEAD TCP UDP,
	         "@effective\n" TCP_ROW UDP_ROW},
	        {"options in another order, and a folder of sos", "listening",
	         "--- sos_commands/networking/ss_-peaonmi\n" HEAD TCP, "@effective\n" TCP_ROW},
	        {"TCP alone says nothing of UDP", "listening", "--- captured/ss_-tlnp.txt\n" HEAD TCP,
	         "@not_collected # the options of 'captured/ss_-tlnp.txt' leave out sockets of UDP\n" TCP_ROW},
	        {"two captures complete each other", "listening",
	         "--- captured/ss_-tlnp.txt\n" HEAD TCP "--- captured/ss_-ulnp.txt\n" HEAD UDP,
	         "@effective\n" TCP_ROW UDP_ROW},
	        {"IPv4 alone", "listening", "--- captured/ss_-4_-tuln.txt\n" HEAD TCP,
	         "@not_collected # the options of 'captured/ss_-4_-tuln.txt' leave out sockets of IPv6\n" TCP_ROW},
	        {"of two that show all, the one of ss counts, and only that", "listening",
	         "--- captured/netstat_-tulpn.txt\nProto Recv-Q\ntcp 0 0 0.0.0.0:23 0.0.0.0:* LISTEN\n--- "
	         "captured/ss_-tuln.txt\n" HEAD TCP,
	         "@effective\n" TCP_ROW},
	        {"connections only", "listening",
	         "--- captured/ss_-tun.txt\n" HEAD "tcp ESTAB 0 0 10.0.0.1:22 10.0.0.2:5\n",
	         "@not_collected # 'captured/ss_-tun.txt' does not show what listens\n"},
	        {"without options, told by the heading", "listening",
	         "--- captured/netstat.txt\nActive Internet connections (w/o servers)\nProto Recv-Q\n",
	         "@not_collected\n"},
	        {"a heading that says servers", "listening",
	         "--- captured/netstat.txt\nActive Internet connections (servers and established)\nProto Recv-Q "
	         "Send-Q\ntcp 0 0 "
	         "0.0.0.0:22 0.0.0.0:* LISTEN\n",
	         "@effective\n" TCP_ROW},
	        {"routes and summaries are something else", "listening",
	         "--- captured/netstat_-rn.txt\nKernel IP routing table\n--- captured/ss_-s.txt\nTotal: 10\n",
	         "@not_collected # no output of ss or netstat was collected ('ss -tulpn')\n"},
	        {"a state as filter hides UDP", "listening", "--- captured/ss_-tu_state_listening.txt\n" HEAD TCP,
	         "@not_collected\n" TCP_ROW},
	        {"a host's name or a date is no option", "listening",
	         "--- captured/ss_-tulpn_web01_2026.txt\n" HEAD TCP, "@effective\n" TCP_ROW},
	        {"the command failed", "listening", "--- captured/ss_-tulpn.txt\nss: not found\n", "@error\n"},
	        {"nothing was collected", "listening", "--- etc/x\n", "@not_collected\n"},
	        {"an empty table", "listening", "--- captured/ss_-tulpn.txt\n" HEAD, "@effective\n"},
	        {"scopes", "listening",
	         "--- captured/ss_-tuln.txt\n" HEAD
	         "tcp LISTEN 0 1 *:1 *:*\ntcp LISTEN 0 1 [::1]:2 [::]:*\ntcp LISTEN 0 1 "
	         "[::ffff:127.0.0.1]:3 *:*\ntcp LISTEN 0 1 172.20.0.1:4 0.0.0.0:*\ntcp LISTEN 0 1 172.32.0.1:5 "
	         "0.0.0.0:*\nudp UNCONN 0 0 [fe80::1]%eth0:6 [::]:*\nudp UNCONN 0 0 224.0.0.251:7 0.0.0.0:*\ntcp "
	         "LISTEN 0 1 "
	         "web.example:8 *:*\ntcp LISTEN 0 1 localhost:9 *:*\n",
	         "@effective\n|tcp|*|1||LISTEN||||any|\n|tcp|::1|2||LISTEN|||6|loopback|\n"
	         "|tcp|::ffff:127.0.0.1|3||LISTEN|||6|loopback|\n|tcp|172.20.0.1|4||LISTEN|||4|private|\n"
	         "|tcp|172.32.0.1|5||LISTEN|||4|global|\n|udp|fe80::1|6||UNCONN||eth0|6|link|\n"
	         "|udp|224.0.0.251|7||UNCONN|||4|multicast|\n|tcp|web.example|8||LISTEN|||4||\n"
	         "|tcp|localhost|9||LISTEN|||4|loopback|\n"},
	};
	RESOLVE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
