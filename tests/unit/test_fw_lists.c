#include "fw_rows.h"

#define COLS  " pkts bytes target     prot opt in     out     source               destination\n"
#define SHORT "target     prot opt source               destination\n"
#define REST                                                                                                           \
	"\nChain FORWARD (policy DROP 0 packets, 0 bytes)\n" COLS                                                      \
	"\nChain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\n" COLS
/* Rules of INPUT begin in line 3. */
#define INPUT(rules) "Chain INPUT (policy DROP 0 packets, 0 bytes)\n" COLS rules REST
/* One rule with these matches behind the addresses. */
#define MATCH(proto, matches)                                                                                          \
	INPUT("    0     0 ACCEPT     " proto                                                                          \
	      "  --  *      *       0.0.0.0/0            0.0.0.0/0            " matches "\n")

static const struct fw_row rules[] = {
        {"a port", MATCH("tcp", "tcp dpt:22"), "yes tcp 22" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a range, numeric protocol", MATCH("17 ", "udp dpts:1000:2000"), "yes udp 1000-2000" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"not that port", MATCH("6  ", "tcp dpt:!22"), "yes tcp 0-21,23-65535" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a service by name", MATCH("tcp", "tcp dpt:ssh"), "yes tcp 22" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"an unknown service by name", MATCH("tcp", "tcp dpt:flurb"), "maybe tcp 0-65535" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"multiport", MATCH("tcp", "multiport dports 80,443,8000:8010"), "yes tcp 80,443,8000-8010" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"multiport negated", MATCH("tcp", "multiport dports  !0:79,81:65535"), "yes tcp 80" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"flags of a first packet", MATCH("tcp", "tcp dpt:25 flags:0x17/0x02"), "yes tcp 25" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"flags, printed without a blank", MATCH("tcp", "state NEW tcp dpt:25flags: 0x17/0x02"),
         "yes tcp 25" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"flags by name, negated", MATCH("tcp", "tcp dpt:25 flags:!FIN,SYN,RST,ACK/SYN"), "", KJ_FW_INPUT},
        {"states of later packets", MATCH("0  ", "ctstate RELATED,ESTABLISHED"), "", KJ_FW_INPUT},
        {"a state negated", MATCH("tcp", "! ctstate INVALID tcp dpt:1"), "yes tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"ICMP type and code", MATCH("icmp", "icmptype 8 code 0"), "yes icmp 8/0-8/0" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"ICMP type by name", MATCH("icmp", "icmp echo-request"), "yes icmp 8/0-8/255" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"ICMP type negated", MATCH("icmp", "icmp !type 8"), "yes icmp 0/0-7/255 9/0-255/255" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"an address range", MATCH("tcp", "source IP range 192.0.2.1-192.0.2.3 tcp dpt:1"),
         "yes tcp 1 from 192.0.2.1, 192.0.2.2/31 to 0.0.0.0/0 by 3\n", KJ_FW_INPUT},
        {"kinds of addresses", MATCH("udp", "ADDRTYPE match dst-type BROADCAST udp dpt:1"),
         "yes udp 1 from 0.0.0.0/0 to 255.255.255.255 by 3\n", KJ_FW_INPUT},
        {"a comment that looks like a match", MATCH("tcp", "/* tcp dpt:1 */ tcp dpt:2"), "yes tcp 2" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"a comment without its end", MATCH("tcp", "tcp dpt:2 /* tcp dpt:1"), "maybe tcp 2" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"recent that only takes note",
         MATCH("tcp", "recent: SET name: X side: source mask: 255.255.255.255 tcp dpt:1"),
         "yes tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"recent that decides", MATCH("tcp", "recent: UPDATE seconds: 60 hit_count: 2 name: X side: source tcp dpt:1"),
         "maybe tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a limit", MATCH("tcp", "limit: avg 3/min burst 10 tcp dpt:1"), "maybe tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a set that is not in the dump", MATCH("tcp", "match-set good src tcp dpt:1"), "maybe tcp 1" FW_ALL4 " by 3\n",
         KJ_FW_INPUT},
        {"a match nobody knows hides those behind it", MATCH("tcp", "tcp dpt:5 flurb 3 tcp dpt:1"),
         "maybe tcp 5" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a string that looks like a match", MATCH("tcp", "STRING match  \"tcp dpt:1\" ALGO name bm"),
         "maybe tcp 0-65535" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"negated protocol, interface and address",
         INPUT("    0     0 ACCEPT    !6    --  !eth0  *      !128.0.0.0/1          0.0.0.0/0           \n"),
         "yes icmp 0/0-255/255 from 0.0.0.0/1 to 0.0.0.0/0 by 3\n"
         "yes udp 0-65535 from 0.0.0.0/1 to 0.0.0.0/0 by 3\n"
         "yes other from 0.0.0.0/1 to 0.0.0.0/0 by 3\n",
         KJ_FW_INPUT},
        {"… not on that interface",
         INPUT("    0     0 ACCEPT    !6    --  !eth0  *      !128.0.0.0/1          0.0.0.0/0           \n"), "",
         KJ_FW_INPUT, "eth0"},
        {"a blank behind the negation, units of counters",
         INPUT("  12K  34M ACCEPT     tcp  --  eth+   *      ! 128.0.0.0/1          0.0.0.0/0            tcp dpt:7\n"),
         "yes tcp 7 from 0.0.0.0/1 to 0.0.0.0/0 by 3\n", KJ_FW_INPUT, "eth3"},
        {"no target: it only counts",
         INPUT("    0     0            tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:7\n"),
         "", KJ_FW_INPUT},
        {"fragments are never seen",
         INPUT("    0     0 ACCEPT     all  -f  *      *       0.0.0.0/0            0.0.0.0/0           \n"), "",
         KJ_FW_INPUT},
        {"a host's name",
         INPUT("    0     0 ACCEPT     tcp  --  any    any     gw.example           anywhere             tcp dpt:1\n"),
         "maybe tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a mask with holes",
         INPUT("    0     0 ACCEPT     tcp  --  *      *       10.0.0.0/255.0.255.0  0.0.0.0/0            tcp dpt:1\n"),
         "maybe tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"jump and goto",
         INPUT("    0     0 a          tcp  --  *      *       0.0.0.0/0            0.0.0.0/0           \n"
               "    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:1\n"
               "\nChain a (1 references)\n" COLS "    0     0 b          tcp  --  *      *       0.0.0.0/0            "
               "0.0.0.0/0           [goto]  tcp dpt:1\n"
               "    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:2\n"
               "\nChain b (1 references)\n" COLS
               "    0     0 DROP       tcp  --  *      *       128.0.0.0/1          0.0.0.0/0           \n"),
         "yes tcp 2" FW_ALL4 " by 9\n"
         "yes tcp 1 from 0.0.0.0/1 to 0.0.0.0/0 by 4\n",
         KJ_FW_INPUT},
        {"a chain that is not listed",
         INPUT("    0     0 nowhere    tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:1\n"),
         "maybe tcp 1" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"marks",
         INPUT("    0     0 MARK       tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:1 "
               "MARK set 0x1\n"
               "    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            mark match "
               "0x1\n"),
         "yes tcp 1" FW_ALL4 " by 4\n", KJ_FW_INPUT},
        {"an unknown policy",
         "Chain INPUT (policy FLURB)\n" SHORT "\nChain FORWARD (policy DROP)\n" SHORT
         "\nChain OUTPUT (policy DROP)\n" SHORT,
         "maybe any" FW_ALL4 " by 1\n", KJ_FW_INPUT},
        {"without -v a rule may be for some interfaces only",
         "Chain INPUT (policy DROP)\n" SHORT "DROP       tcp  --  192.0.2.1            0.0.0.0/0           \n"
         "ACCEPT     tcp  --  0.0.0.0/0            0.0.0.0/0            tcp dpt:22\n",
         "maybe tcp 22" FW_ALL4 " by 4\n", KJ_FW_INPUT},
        {"without -n, with numbers",
         "Chain INPUT (policy DROP)\nnum  " SHORT
         "1    ACCEPT     tcp  --  anywhere             anywhere             tcp dpt:ssh\n",
         "maybe tcp 22" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a chain that is not listed at all is not decided", "Chain INPUT (policy DROP)\n" SHORT,
         "maybe any" FW_ALL4 " by 0\n", KJ_FW_FORWARD},
        {"IPv6, as it was printed before 1.8.9",
         "Chain INPUT (policy DROP 0 packets, 0 bytes)\n pkts bytes target     prot opt in     out     source          "
         "     destination\n"
         "    0     0 ACCEPT     tcp      *      *       ::/0                 2001:db8::1/128     tcp dpt:22\n"
         "    0     0            tcp      *      *       ::/0                 ::/0                \n"
         "    0     0 ACCEPT     icmpv6    *      *       ::/0                 ::/0                ipv6-icmp type "
         "128\n",
         "yes tcp 22 from ::/0 to 2001:db8::1 by 3\n"
         "yes icmpv6 128/0-128/255" FW_ALL6 " by 5\n",
         KJ_FW_INPUT, NULL, NULL, "::/0"},
        {"IPv6, headers that ordinary packets have not",
         INPUT("    0     0 DROP       0    --  *      *       ::/0                 ::/0                 rt type:0\n"
               "    0     0 ACCEPT     6    --  *      *       ::/0                 ::/0                 tcp dpt:22\n"),
         "yes tcp 22" FW_ALL6 " by 4\n", KJ_FW_INPUT, NULL, NULL, "::/0"},
        {"a wrapped line may have lost something",
         INPUT("    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/\n0            tcp "
               "dpt:22\n"),
         "maybe tcp 22" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"a pager's mark",
         INPUT("--More--\b\b\b    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            "
               "tcp dpt:22\n"),
         "yes tcp 22" FW_ALL4 " by 3\n", KJ_FW_INPUT},
        {"garbage in a chain is not decided", INPUT("flurb\n"), "maybe any" FW_ALL4 " by 3\n", KJ_FW_INPUT},
};

/* -- tables -- */

#define NAT                                                                                                            \
	"Chain PREROUTING (policy ACCEPT 0 packets, 0 bytes)\n" COLS                                                   \
	"    0     0 REDIRECT   tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:2222 redir " \
	"ports 22\n"                                                                                                   \
	"    0     0 DNAT       tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:80 "         \
	"to:10.0.0.9:8080\n\n"                                                                                         \
	"Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n" COLS                                                        \
	"\nChain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\n" COLS                                                     \
	"\nChain POSTROUTING (policy ACCEPT 0 packets, 0 bytes)\n" COLS "\n"
#define RAW                                                                                                            \
	"Chain PREROUTING (policy ACCEPT 0 packets, 0 bytes)\n" COLS                                                   \
	"    0     0 DROP       all  --  *      *       192.0.2.0/24         0.0.0.0/0           \n\n"                 \
	"Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\n" COLS "\n"
#define SSH                                                                                                            \
	INPUT("    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:22\n")
#define SIX                                                                                                            \
	INPUT("    0     0 ACCEPT     tcp  --  *      *       ::/0                 ::/0                 tcp dpt:22\n")

static const struct fw_row tables[] = {
        {"nat is told from its chains", NAT SSH,
         "yes tcp 22 from 198.51.100.0/24 to 0.0.0.0/0 by 17\n"
         "yes tcp 2222 from 198.51.100.0/24 to 0.0.0.0/0 by 3,17\n"
         "diverted yes tcp 2222 from 198.51.100.0/24 to 0.0.0.0/0 by 3,17\n",
         KJ_FW_INPUT, NULL, NULL, "198.51.100.0/24"},
        {"… in any order", SSH "\n" NAT,
         "yes tcp 22 from 198.51.100.0/24 to 0.0.0.0/0 by 3\n"
         "yes tcp 2222 from 198.51.100.0/24 to 0.0.0.0/0 by 13,3\n"
         "diverted yes tcp 2222 from 198.51.100.0/24 to 0.0.0.0/0 by 13,3\n",
         KJ_FW_INPUT, NULL, NULL, "198.51.100.0/24"},
        {"raw drops before", RAW SSH, "", KJ_FW_INPUT, NULL, NULL, "192.0.2.0/24"},
        {"the command names the table",
         "# iptables -t nat -L PREROUTING -n -v\nChain PREROUTING (policy ACCEPT)\n" COLS
         "    0     0 REDIRECT   tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:2222 redir "
         "ports 22\n"
         "# iptables -L -n -v\n" SSH,
         "yes tcp 22" FW_ALL4 " by 8\n"
         "yes tcp 2222" FW_ALL4 " by 4,8\n"
         "diverted yes tcp 2222" FW_ALL4 " by 4,8\n",
         KJ_FW_INPUT},
        {"both families", SSH "\n" SIX, "yes tcp 22" FW_ALL6 " by 13\n", KJ_FW_INPUT, NULL, NULL, "::/0"},
        {"an empty table is of its neighbour's family",
         RAW SSH "\nChain PREROUTING (policy ACCEPT)\n" COLS "\nChain OUTPUT (policy DROP)\n" COLS "\n" SIX,
         "yes tcp 22" FW_ALL6 " by 26\n", KJ_FW_INPUT, NULL, NULL, "::/0"},
        {"the same table again is another dump", SSH "\n" SSH,
         "yes tcp 22" FW_ALL4 " by 3\n"
         "yes tcp 22" FW_ALL4 " by 13\n",
         KJ_FW_INPUT},
};

static void test_rules(void **state)
{
	(void)state;
	fw_check_rows(rules, sizeof rules / sizeof *rules);
}

static void test_tables(void **state)
{
	(void)state;
	fw_check_rows(tables, sizeof tables / sizeof *tables);
}

static void test_notes(void **state)
{
	(void)state;
	fw_check_notes("# Warning: iptables-legacy tables present, use iptables-legacy to see them\n" RAW NAT SSH,
	               "0: not listed: table 'mangle'; what they drop or redirect is not seen\n"
	               "1: iptables-legacy has rules too, which are not in this listing\n");
	fw_check_notes("Chain INPUT (policy ACCEPT)\n" SHORT
	               "ACCEPT     all  --  0.0.0.0/0            0.0.0.0/0           \n",
	               "0: chain 'FORWARD' of table 'filter' is not listed\n"
	               "0: chain 'OUTPUT' of table 'filter' is not listed\n"
	               "0: not listed: table 'raw', 'mangle', 'nat'; what they drop or redirect is not seen\n"
	               "1: interfaces are not listed (iptables -L without -v): every rule may hold for some only\n");
	fw_check_notes("Chain INPUT (policy ACCEPT)\n" SHORT "\nChain FORWARD (policy ACCEPT)\n" SHORT
	               "\nChain OUTPUT (policy ACCEPT)\n" SHORT,
	               "1: nothing tells IPv4 from IPv6 here; taken for IPv4\n"
	               "0: not listed: table 'raw', 'mangle', 'nat'; what they drop or redirect is not seen\n");
	fw_check_notes("Chain INPUT\nChain FLURB (many)\n", "not read\n");
}

static void test_damage(void **state)
{
	(void)state;
	fw_check_damage(NAT SSH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rules),
	        cmocka_unit_test(test_tables),
	        cmocka_unit_test(test_notes),
	        cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
