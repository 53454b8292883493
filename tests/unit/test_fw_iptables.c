#include "fw_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALL  " from 0.0.0.0/0 to 0.0.0.0/0"
#define HEAD "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" /* rules begin in line 5 */
#define END  "COMMIT\n"

struct row {
	const char *about, *dump, *expected;
	const char *hook, *iface, *from; /* NULL: input, "eth0", everywhere */
};

static const struct row rows[] = {
        {"policies", HEAD END, ""},
        {"accept policy", "*filter\n:INPUT ACCEPT\n" END, "yes any" ALL " by 2\n"},
        {"no chain line: restoring leaves accept", "*filter\n-A INPUT -p tcp --dport 22 -j DROP\n" END,
         "yes icmp 0/0-255/255" ALL " by 0\nyes udp 0-65535" ALL " by 0\nyes other" ALL
         " by 0\nyes tcp 0-21,23-65535" ALL " by 0\n"},
        {"a port and a service by name", HEAD "-A INPUT -p tcp -m tcp --dport ssh -j ACCEPT\n" END,
         "yes tcp 22" ALL " by 5\n"},
        {"counters before the rule, CR LF",
         "*filter\r\n:INPUT DROP [0:0]\r\n[1:2] -A INPUT -p udp --dport 53 -j ACCEPT\r\n" END,
         "yes udp 53" ALL " by 3\n"},
        {"multiport behind the target",
         HEAD "-A INPUT -p tcp -m tcp -m multiport -j ACCEPT --dports ssh,www,8000:8010\n" END,
         "yes tcp 22,80,8000-8010" ALL " by 5\n"},
        {"either port", HEAD "-A INPUT -p udp -m multiport --ports 53 -j ACCEPT\n" END,
         "yes udp 0-65535" ALL " by 5\n"},
        {"negation, new", HEAD "-A INPUT ! -s 10.0.0.0/8 -p tcp ! --dport 1:65534 -j ACCEPT\n" END,
         "yes tcp 0,65535 from 0.0.0.0/5, 8.0.0.0/7, 11.0.0.0/8, 12.0.0.0/6, 16.0.0.0/4, 32.0.0.0/3, 64.0.0.0/2, "
         "128.0.0.0/1 to "
         "0.0.0.0/0 by 5\n"},
        {"negation, old", HEAD "-A INPUT -p tcp -s ! 128.0.0.0/1 --dport 22 -j ACCEPT\n" END,
         "yes tcp 22 from 0.0.0.0/1 to 0.0.0.0/0 by 5\n"},
        {"interfaces", HEAD "-A INPUT ! -i eth0 -j ACCEPT\n-A INPUT -i eth+ -p tcp --dport 22 -j ACCEPT\n" END,
         "yes tcp 22" ALL " by 6\n"},
        {"another interface", HEAD "-A INPUT ! -i eth0 -j ACCEPT\n" END, "yes any" ALL " by 5\n", NULL, "ppp0"},
        {"jump, return, goto",
         HEAD
         ":a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A INPUT -p tcp --dport 80 -j ACCEPT\n-A a -s 192.0.2.0/24 -j RETURN\n"
         "-A a -p tcp --dport 80 -g b\n-A a -p tcp --dport 25 -j ACCEPT\n-A b -s 198.51.100.0/24 -j DROP\n" END,
         "yes tcp 25 from 198.51.100.0/24 to 0.0.0.0/0 by 11\nyes tcp 80 from 192.0.2.0/24 to 0.0.0.0/0 by 8\n", NULL,
         NULL, "198.51.100.0/24,192.0.2.0/24"},
        {"a loop of jumps is not decided", HEAD ":a -\n-A INPUT -p tcp --dport 1 -j a\n-A a -j INPUT\n" END,
         "maybe tcp 1" ALL " by 7\n"},
        {"an undefined chain is not decided", HEAD "-A INPUT -p tcp --dport 1 -j nowhere\n" END,
         "maybe tcp 1" ALL " by 5\n"},
        {"states",
         HEAD "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -m conntrack --ctstate NEW -p icmp -j "
              "ACCEPT\n" END,
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" ALL " by 6\n"},
        {"invalid ICMP",
         HEAD "-A INPUT -m conntrack --ctstate INVALID -j DROP\n-A INPUT -p icmp --icmp-type 3/4 -j ACCEPT\n" END, ""},
        {"untracked",
         "*raw\n-A PREROUTING -p tcp --dport 80 -j CT --notrack\nCOMMIT\n" HEAD
         "-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n" END,
         "yes tcp 80" ALL " by 8\n"},
        {"tcp flags",
         HEAD "-A INPUT -p tcp --dport 1 --syn -j ACCEPT\n-A INPUT -p tcp --dport 2 ! --syn -j ACCEPT\n"
              "-A INPUT -p tcp --dport 3 --tcp-flags SYN,ACK SYN -j ACCEPT\n" END,
         "yes tcp 1" ALL " by 5\nyes tcp 3" ALL " by 7\n"},
        {"limits are not decided", HEAD "-A INPUT -p tcp --dport 22 -m limit --limit 3/min -j ACCEPT\n" END,
         "maybe tcp 22" ALL " by 5\n"},
        {"either way it is accepted",
         HEAD "-A INPUT -p tcp --dport 22 -m limit --limit 3/min -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n" END,
         "yes tcp 22" ALL " by 5,6\n"},
        {"limited logging decides nothing",
         HEAD "-A INPUT -m limit --limit 3/min -j LOG --log-prefix \"x -j ACCEPT\"\n-A INPUT -p tcp --dport 22 -j "
              "ACCEPT\n" END,
         "yes tcp 22" ALL " by 6\n"},
        {"recent --set matches", HEAD "-A INPUT -p tcp --dport 22 -m recent --set --name s --rsource -j ACCEPT\n" END,
         "yes tcp 22" ALL " by 5\n"},
        {"recent --update may",
         HEAD "-A INPUT -p tcp --dport 22 -m recent --update --seconds 9 --name s -j DROP\n-A INPUT -p tcp --dport 22 "
              "-j ACCEPT\n" END,
         "maybe tcp 22" ALL " by 6\n"},
        {"an unknown match", HEAD "-A INPUT -p tcp --dport 22 -m quux --frob 1 -j ACCEPT\n" END,
         "maybe tcp 22" ALL " by 5\n"},
        {"an unknown option", HEAD "-A INPUT -p tcp --dport 22 --frob 1 -j ACCEPT\n" END, "maybe tcp 22" ALL " by 5\n"},
        {"a host name", HEAD "-A INPUT -s <private>/32 -p tcp --dport 22 -j ACCEPT\n" END,
         "maybe tcp 22" ALL " by 5\n"},
        {"an unknown target",
         HEAD "-A INPUT -p tcp --dport 22 -j NFQUEUE --queue-num 1\n-A INPUT -p tcp --dport 22 -j ACCEPT\n" END,
         "maybe tcp 22" ALL " by 5,6\n"},
        {"odd packets only",
         HEAD "-A INPUT -m ttl --ttl-eq 255 -p tcp --dport 1 -j ACCEPT\n-A INPUT -m ttl --ttl-lt 3 -j DROP\n-A INPUT "
              "-p tcp --dport 2 -j ACCEPT\n" END,
         "maybe tcp 1" ALL " by 5\nyes tcp 2" ALL " by 7\n"},
        {"iprange, mac",
         HEAD "-A INPUT -m iprange --src-range 10.0.0.1-10.0.0.2 -p tcp --dport 1 -j ACCEPT\n"
              "-A INPUT -m mac --mac-source 00:11:22:33:44:55 -p tcp --dport 2 -j ACCEPT\n" END,
         "yes tcp 1 from 10.0.0.1, 10.0.0.2 to 0.0.0.0/0 by 5\nmaybe tcp 2" ALL " by 6\n"},
        {"kinds of addresses",
         HEAD "-A INPUT -m addrtype --dst-type LOCAL -p tcp --dport 1 -j ACCEPT\n-A INPUT -m addrtype ! --dst-type "
              "LOCAL -p tcp --dport 2 -j ACCEPT\n" END,
         "yes tcp 1 from 0.0.0.0/0 to 0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/3, 240.0.0.0/5, 248.0.0.0/6, 252.0.0.0/7, "
         "254.0.0.0/8, "
         "255.0.0.0/9, 255.128.0.0/10, 255.192.0.0/11, 255.224.0.0/12, 255.240.0.0/13, 255.248.0.0/14, 255.252.0.0/15, "
         "255.254.0.0/16, "
         "255.255.0.0/17, 255.255.128.0/18, 255.255.192.0/19, 255.255.224.0/20, 255.255.240.0/21, 255.255.248.0/22, "
         "255.255.252.0/23, "
         "255.255.254.0/24, 255.255.255.0/25, 255.255.255.128/26, 255.255.255.192/27, 255.255.255.224/28, "
         "255.255.255.240/29, "
         "255.255.255.248/30, 255.255.255.252/31, 255.255.255.254 by 5\n"
         "yes tcp 2 from 0.0.0.0/0 to 224.0.0.0/4, 255.255.255.255 by 6\n"},
        {"marks of some bits",
         "*mangle\n-A PREROUTING -p tcp --dport 1 -j MARK --set-xmark 0x4000/0x4000\nCOMMIT\n" HEAD
         "-A INPUT -m mark --mark 0x4000/0x4000 -j ACCEPT\n-A INPUT -m mark ! --mark 0x0 -j ACCEPT\n" END,
         "yes tcp 1" ALL " by 8\n"},
        {"marks of the connection",
         "*mangle\n-A PREROUTING -p tcp --dport 1 -j CONNMARK --set-mark 7\n-A PREROUTING -j CONNMARK "
         "--restore-mark\nCOMMIT\n" HEAD
         "-A INPUT -m mark --mark 7 -j ACCEPT\n-A INPUT -m connmark --mark 8 -j ACCEPT\n" END,
         "yes tcp 1" ALL " by 9\n"},
        {"dropped before filter",
         "*raw\n-A PREROUTING -s 10.0.0.0/8 -j DROP\nCOMMIT\n" HEAD "-A INPUT -p tcp --dport 1 -j ACCEPT\n" END,
         "yes tcp 1 from 11.0.0.0/8 to 0.0.0.0/0 by 8\n", NULL, NULL, "10.0.0.0/8,11.0.0.0/8"},
        {"REDIRECT",
         "*nat\n-A PREROUTING -p tcp --dport 2222 -j REDIRECT --to-ports 22\nCOMMIT\n" HEAD
         "-A INPUT -p tcp --dport 22 -j ACCEPT\n" END,
         "yes tcp 22" ALL " by 8\nyes tcp 2222" ALL " by 2,8\ndiverted yes tcp 2222" ALL " by 2,8\n"},
        {"DNAT takes it elsewhere",
         "*nat\n-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.9:8080\nCOMMIT\n" HEAD
         "-A INPUT -p tcp --dport 80:81 -j ACCEPT\n" END,
         "yes tcp 81" ALL " by 8\n"},
        {"published container port",
         "*nat\n-A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 80 -j DNAT --to-destination "
         "172.17.0.2:8080\nCOMMIT\n" HEAD "-A FORWARD -d 172.17.0.2/32 -o docker0 -p tcp --dport 8080 -j ACCEPT\n" END,
         "yes tcp 8080 from 0.0.0.0/0 to 172.17.0.2 via docker0 by 8\ndiverted yes tcp 80 from 0.0.0.0/0 to 0.0.0.0/1, "
         "128.0.0.0/2, 192.0.0.0/3, "
         "240.0.0.0/5, 248.0.0.0/6, 252.0.0.0/7, 254.0.0.0/8, 255.0.0.0/9, 255.128.0.0/10, 255.192.0.0/11, "
         "255.224.0.0/12, 255.240.0.0/13, "
         "255.248.0.0/14, 255.252.0.0/15, 255.254.0.0/16, 255.255.0.0/17, 255.255.128.0/18, 255.255.192.0/19, "
         "255.255.224.0/20, "
         "255.255.240.0/21, 255.255.248.0/22, 255.255.252.0/23, 255.255.254.0/24, 255.255.255.0/25, "
         "255.255.255.128/26, 255.255.255.192/27, "
         "255.255.255.224/28, 255.255.255.240/29, 255.255.255.248/30, 255.255.255.252/31, 255.255.255.254 via docker0 "
         "by 2,8\n",
         "forward"},
        {"ipset",
         "create s hash:ip,port family inet\nadd s 192.0.2.1,tcp:80\nadd s 192.0.2.2,udp:53\ncreate n hash:net\nadd n "
         "10.0.0.0/8\nadd n 10.1.0.0/16 nomatch\n" HEAD "-A INPUT -m set --match-set s src,dst -j ACCEPT\n-A INPUT -p "
         "tcp --dport 1 -m set --match-set n src -j ACCEPT\n" END,
         "yes tcp 80 from 192.0.2.1 to 0.0.0.0/0 by 11\nyes udp 53 from 192.0.2.2 to 0.0.0.0/0 by 11\nyes tcp 1 from "
         "10.0.0.0/16 to 0.0.0.0/0 by 12\n",
         NULL, NULL, "192.0.2.0/24,10.0.0.0/15"},
        {"ipset: the smallest network decides",
         "create n hash:net family inet\nadd n 10.0.0.0/8\nadd n 0.0.0.0/1 nomatch\nadd n 10.1.0.0/16 nomatch\nadd n "
         "10.1.2.0/24\n" HEAD "-A INPUT -p tcp --dport 1 -m set --match-set n src -j ACCEPT\n" END,
         "yes tcp 1 from 10.0.0.0/16, 10.1.2.0/24 to 0.0.0.0/0 by 10\n", NULL, NULL, "9.0.0.0/8,10.0.0.0/15"},
        {"ipset: so for each port",
         "create n hash:net,port\nadd n 10.0.0.0/16,tcp:1 nomatch\nadd n 10.0.0.0/15,tcp:1\nadd n "
         "10.0.0.0/15,tcp:2\nadd n 10.0.0.4/30,tcp:1\n" HEAD "-A INPUT -m set --match-set n src,dst -j ACCEPT\n" END,
         "yes tcp 2 from 10.0.0.0/30 to 0.0.0.0/0 by 10\nyes tcp 1-2 from 10.0.0.4/30, 10.1.0.0/16 to 0.0.0.0/0 by "
         "10\n",
         NULL, NULL, "10.0.0.0/29,10.1.0.0/16"},
        {"ipset: the smallest network decides, of whatever interface",
         "create n hash:net,iface\nadd n 10.0.0.0/15,eth0\nadd n 10.1.0.0/16,eth1\nadd n 10.1.2.0/24,eth0\nadd n "
         "10.1.2.0/24,eth1\n" HEAD "-A INPUT -p tcp --dport 1 -m set --match-set n src,src -j ACCEPT\n" END,
         "yes tcp 1 from 10.0.0.0/16, 10.1.2.0/24 to 0.0.0.0/0 by 10\n", NULL, NULL, "10.0.0.0/14"},
        {"ipset: networks that overlap in part are not decided",
         "create n hash:net\nadd n 10.0.0.0-10.0.0.9\nadd n 10.0.0.5-10.0.0.20\nadd n 10.0.0.6 nomatch\n" HEAD
         "-A INPUT -p tcp --dport 1 -m set --match-set n src -j ACCEPT\n" END,
         "maybe tcp 1" ALL " by 9\n"},
        {"ipset: bare ports are of tcp and udp",
         "create p bitmap:port range 0-65535\nadd p 255\nadd p 256\nadd p 258\n" HEAD
         "-A INPUT -m set --match-set p dst -j ACCEPT\n" END,
         "yes tcp 255-256,258" ALL " by 9\nyes udp 255-256,258" ALL " by 9\n"},
        {"a direction needs a connection",
         HEAD "-A INPUT -m conntrack --ctdir ORIGINAL -j DROP\n-A INPUT -p icmp --icmp-type 0 -j ACCEPT\n" END,
         "yes icmp 0/0-0/255" ALL " by 6\n"},
        {"a direction beside states",
         HEAD
         "-A INPUT -p icmp -m conntrack --ctstate NEW,INVALID --ctdir REPLY -m icmp --icmp-type 0 -j ACCEPT\n"
         "-A INPUT -p icmp -m conntrack ! --ctstate RELATED --ctdir ORIGINAL -m icmp --icmp-type 8 -j ACCEPT\n" END,
         "yes icmp 0/0-0/255" ALL " by 5\nyes icmp 8/0-8/255" ALL " by 6\n"},
        {"a connection's mark needs a connection",
         HEAD "-A INPUT -m connmark ! --mark 1 -j DROP\n-A INPUT -p icmp --icmp-type 0 -j ACCEPT\n" END,
         "yes icmp 0/0-0/255" ALL " by 6\n"},
        {"no mark to restore without a connection",
         "*mangle\n-A PREROUTING -j MARK --set-mark 1\n-A PREROUTING -j CONNMARK --restore-mark\nCOMMIT\n" HEAD
         "-A INPUT -p icmp -m mark --mark 1 -j ACCEPT\n-A INPUT -p tcp -m mark --mark 1 -j ACCEPT\n" END,
         "yes icmp 0/0-7/255 9/0-12/255 14/0-14/255 16/0-16/255 18/0-255/255" ALL " by 9\n"},
        {"a set that is not there", HEAD "-A INPUT -p tcp --dport 1 -m set --match-set s src -j ACCEPT\n" END,
         "maybe tcp 1" ALL " by 5\n"},
        {"the dump breaks off", HEAD "-A INPUT -p tcp --dport 1 -j ACCEPT\n-A INPUT -p tcp --dport 2 -j DROP\n",
         "yes tcp 1" ALL " by 5\nmaybe icmp 0/0-255/255" ALL " by 0\nmaybe udp 0-65535" ALL " by 0\nmaybe other" ALL
         " by 0\nmaybe tcp 0,3-65535" ALL " by 0\n"},
        {"the last line breaks off",
         HEAD "-A INPUT -p tcp --dport 1 -j ACCEPT\n-A INPUT -p tcp -s 10.0.0.0/8 --dport 22",
         "yes tcp 1 from 10.0.0.1 to 0.0.0.0/0 by 5\nmaybe icmp 0/0-255/255 from 10.0.0.1 to "
         "0.0.0.0/0 by 6,0\nmaybe udp 0-65535 from 10.0.0.1 to 0.0.0.0/0 by 6,0\nmaybe other from 10.0.0.1 to "
         "0.0.0.0/0 by 6,0\nmaybe tcp 0,2-65535 from 10.0.0.1 to 0.0.0.0/0 by 6,0\n",
         NULL, NULL, "10.0.0.1"},
        {"a wrapped line", HEAD "-A INPUT -p tcp\n   --dport 22 -j ACCEPT\n" END, "yes tcp 22" ALL " by 5\n"},
        {"a word cut by the terminal", HEAD "-A INPUT -p tcp --dport 2\n2 -j ACCEPT\n" END,
         "maybe tcp 22" ALL " by 5\n"},
        {"iptables -S",
         "-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N x\n-A INPUT -j x\n-A x -p tcp -m tcp --dport 22 -j "
         "ACCEPT\n",
         "yes tcp 22" ALL " by 6\n"},
        {"insertion", HEAD "-A INPUT -p tcp --dport 1 -j ACCEPT\n-I INPUT -p tcp --dport 1 -j DROP\n" END, ""},
        {"two dumps in one text",
         HEAD "-A INPUT -p tcp --dport 1 -j ACCEPT\n" END "prose\n" HEAD "-A INPUT -p tcp --dport 2 -j ACCEPT\n" END,
         "yes tcp 1" ALL " by 5\nyes tcp 2" ALL " by 12\n"},
        {"IPv6",
         "*filter\n:INPUT DROP\n-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT\n-A INPUT -s 2001:db8::/32 "
         "-p tcp --dport 22 -j ACCEPT\n" END,
         "yes icmpv6 135/0-135/255 from ::/0 to ::/0 by 3\nyes tcp 22 from 2001:db8::/32 to ::/0 by 4\n"},
        {"IPv6 states",
         "*filter\n:INPUT DROP\n-A INPUT -p ipv6-icmp -m state --state NEW -j ACCEPT\n-A INPUT -m conntrack --ctstate "
         "UNTRACKED -j ACCEPT\n" END,
         "yes icmpv6 128/0-128/255 139/0-139/255 from ::/0 to ::/0 by 3\nyes icmpv6 130/0-136/255 143/0-143/255 from "
         "::/0 to ::/0 by 4\n"},
        {"later fragments are put together first", HEAD "-A INPUT -f -j ACCEPT\n" END, ""},
        {"short addresses, lists", HEAD "-A INPUT -s 10/8,192.168/255.255.0.0 -p tcp --dport 1 -j ACCEPT\n" END,
         "yes tcp 1 from 10.0.0.0/8, 192.168.0.0/16 to 0.0.0.0/0 by 5\n"},
};

static void test_rows(void **state)
{
	unsigned wrong = 0;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct kj_fw_set from = {.dims = 1, .declared = true};
		struct kj_fw_request request = {.has_hook = true, .hook = rows[i].hook ? KJ_FW_FORWARD : KJ_FW_INPUT};
		kj_str list = kj_str_of(rows[i].from), piece;
		struct kj_range range;
		while (rows[i].from && kj_str_cut(&list, ',', &piece) && kj_range_parse(piece, &range))
			KJ_PUSH(arena, &from.at, kj_fw_interval_addr(&range));
		request.iface = kj_str_of(rows[i].iface ? rows[i].iface : "eth0");
		request.src = rows[i].from ? &from : NULL;
		kj_str got = fw_answer(arena, rows[i].dump, &request);
		if (!kj_str_eq(got, kj_str_of(rows[i].expected))) {
			print_error("%s:\n%s", rows[i].about, kj_str_zero(arena, got));
			wrong++;
		}
		kj_arena_free(arena);
	}
	assert_int_equal(wrong, 0);
}

static void test_recognised(void **state)
{
	static const struct {
		const char *text;
		bool known;
	} texts[] = {
	        {"*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", true},
	        {"$ iptables -S\n-P INPUT ACCEPT\n", true},
	        {"", false},
	        {"a letter\n- item\n", false},
	        {"*filter", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct kj_fw_dialect *dialect = kj_fw_dialect_of(kj_str_of(texts[i].text));
		assert_true(!texts[i].known ||
		            (dialect && kj_str_eq(kj_str_of(dialect->name), KJ_STR("iptables-save"))));
		assert_true(texts[i].known || !dialect ||
		            !kj_str_eq(kj_str_of(dialect->name), KJ_STR("iptables-save")) || texts[i].text[0] == '*');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_recognised)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
