#include "fw_answer.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALL             " from 0.0.0.0/0 to 0.0.0.0/0"
#define BASE            "\t\ttype filter hook input priority filter; policy drop;\n"
#define CHAIN           "\tchain c {\n" BASE
#define INET            "table inet t {\n" CHAIN /* rules begin in line 4 */
#define END             "\t}\n}\n"
#define NAT             "table ip n {\n\tchain p {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
#define NAT6            "table ip6 n {\n\tchain p {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
#define FORWARD         "table ip f {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\n"
#define RULES(rules)    INET rules END
#define VIA(what, line) what " from 0.0.0.0/0 to 192.0.2.1 by " line ",13\n"

struct row {
	const char *about, *dump, *expected;
	const char *from, *iface; /* NULL: every IPv4 address, "eth0" */
	enum kj_fw_hook hook;     /* KJ_FW_PREROUTING stands for input */
};

static const struct row rows[] = {
        /* matches */
        {"policy", RULES(""), ""},
        {"accept policy", "table ip t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy accept;\n" END,
         "yes any" ALL " by 3\n"},
        {"ports", RULES("\t\ttcp dport { 22, 80-90 } accept\n\t\tudp dport != 1-65535 accept\n"),
         "yes tcp 22,80-90" ALL " by 4\nyes udp 0" ALL " by 5\n"},
        {"service by name", RULES("tcp dport ssh accept\n"), "yes tcp 22" ALL " by 4\n"},
        {"order", RULES("tcp dport > 65533 accept\ntcp dport <= 1 accept\n"),
         "yes tcp 65534-65535" ALL " by 4\nyes tcp 0-1" ALL " by 5\n"},
        {"some bits of a port", RULES("tcp dport & 16383 == 1 accept\n"), "yes tcp 1,16385,32769,49153" ALL " by 4\n"},
        {"addresses, both families",
         RULES("ip saddr 10.0.0.0/8 tcp dport 1 accept\nip6 saddr ::1 tcp dport 2 accept\n"),
         "yes tcp 1 from 10.0.0.0/8 to 0.0.0.0/0 by 4\n"},
        {"negated addresses are of one family", RULES("ip saddr != 10.0.0.0/8 accept\n"), "", "2001:db8::/32"},
        {"ranges", RULES("ip saddr { 10.0.0.1, 10.0.0.4-10.0.0.7, 192.168.0.0/16 } tcp dport 1 accept\n"),
         "yes tcp 1 from 10.0.0.1, 10.0.0.4/30, 192.168.0.0/16 to 0.0.0.0/0 by 4\n"},
        {"mask", RULES("ip saddr & 255.255.0.0 == 10.1.0.0 tcp dport 1 accept\n"),
         "yes tcp 1 from 10.1.0.0/16 to 0.0.0.0/0 by 4\n"},
        {"mask with holes", RULES("ip saddr & 255.0.255.0 == 10.0.1.0 tcp dport 1 accept\n"),
         "maybe tcp 1" ALL " by 4\n"},
        {"interfaces",
         RULES("iifname \"eth*\" tcp dport 1 accept\niifname != \"eth0\" tcp dport 2 accept\n"
               "iif \"eth0\" tcp dport 3 accept\niifname \"eth\\*\" tcp dport 4 accept\n"),
         "yes tcp 1" ALL " by 4\nyes tcp 3" ALL " by 6\n"},
        {"index of an interface that is gone", RULES("iif 7 tcp dport 1 accept\n"), "maybe tcp 1" ALL " by 4\n"},
        {"families and protocols", RULES("meta nfproto ipv4 meta l4proto udp accept\nmeta protocol ip6 accept\n"),
         "yes udp 0-65535" ALL " by 4\n"},
        {"states",
         RULES("ct state established,related accept\nct state { invalid } drop\nct state new tcp dport 1 accept\n"),
         "yes tcp 1" ALL " by 6\n"},
        {"states negated", RULES("ct state != { established, related } tcp dport 1 accept\n"),
         "yes tcp 1" ALL " by 4\n"},
        {"no state of several", RULES("ct state ! established,related tcp dport 1 accept\n"),
         "yes tcp 1" ALL " by 4\n"},
        {"not both states at once", RULES("ct state != established | new tcp dport 1 accept\n"),
         "yes tcp 1" ALL " by 4\n"},
        {"state map", RULES("ct state vmap { new : drop, established : accept }\nct state vmap { invalid : accept }\n"),
         "yes icmp 0/0-7/255 9/0-12/255 14/0-14/255 16/0-16/255 18/0-255/255" ALL " by 5\n"},
        {"an answer of one family or protocol rejects that alone",
         RULES("reject with icmpv6 port-unreachable\nreject with tcp reset\nudp dport 1 accept\ntcp dport 1 accept\n"),
         "yes udp 1" ALL " by 6\n"},
        {"an answer of any family rejects all", RULES("reject with icmpx port-unreachable\nudp dport 1 accept\n"), ""},
        {"what iptables-nft has loaded is not all printed",
         "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy drop;\n"
         "\t\tct status dnat tcp dport 1 counter packets 0 bytes 0 accept\n"
         "\t\ttcp sport . tcp dport { 0-65535 . 2, 2 . 0-65535 } tcp dport 2 counter packets 0 bytes 0 "
         "accept\n\t}\n}\n",
         "maybe tcp 1" ALL " by 4\nmaybe tcp 2" ALL " by 5\n"},
        {"no other direction without a connection",
         RULES("ct direction != reply tcp dport 1 drop\nct direction != original drop\nicmp type 0 accept\n"),
         "yes icmp 0/0-0/255" ALL " by 6\n"},
        {"direction", RULES("ct direction original tcp dport 1 accept\nct direction reply accept\n"),
         "yes tcp 1" ALL " by 4\n"},
        {"status", RULES("ct status dnat accept\nct status ! dnat tcp dport 1 accept\n"), "yes tcp 1" ALL " by 5\n"},
        {"SYN only",
         RULES("tcp flags syn / fin,syn,rst,ack tcp dport 1 accept\ntcp flags ack accept\n"
               "tcp flags & (fin|syn) == fin accept\ntcp flags != syn accept\ntcp flags == syn tcp dport 2 accept\n"
               "tcp flags { syn | ack, syn } tcp dport 3 accept\n"),
         "yes tcp 1" ALL " by 4\nyes tcp 2" ALL " by 8\nyes tcp 3" ALL " by 9\n"},
        {"ICMP",
         RULES("icmp type { destination-unreachable, redirect } icmp code 1-2 accept\nicmp type echo-request accept\n"
               "icmp type . icmp code { 13 . 4 } accept\n"),
         "yes icmp 3/1-3/2 5/1-5/2" ALL " by 4\nyes icmp 8/0-8/255" ALL " by 5\nyes icmp 13/4-13/4" ALL " by 6\n"},
        {"a type that is a word of statements", RULES("icmp type redirect accept\n"),
         "yes icmp 5/0-5/255" ALL " by 4\n"},
        {"ICMPv6", RULES("icmpv6 type nd-neighbor-solicit accept\n"),
         "yes icmpv6 135/0-135/255 from ::/0 to ::/0 by 4\n", "::/0"},
        {"any protocol's port",
         RULES("meta l4proto { tcp, udp } th dport 53 accept\nmeta l4proto . th dport { tcp . 22 } accept\n"),
         "yes tcp 53" ALL " by 4\nyes udp 53" ALL " by 4\nyes tcp 22" ALL " by 5\n"},
        {"a port of unknown protocols", RULES("meta l4proto udp drop\nth dport 53 ip protocol tcp accept\n"),
         "maybe tcp 0-65535" ALL " by 5\n"},
        {"local addresses",
         RULES("ip daddr 10.0.0.0/8 fib daddr type local tcp dport 1 accept\nip daddr 10.0.0.0/8 fib daddr type != "
               "local accept\n"
               "ip daddr 10.0.0.0/8 fib daddr . iif type local tcp dport 2 accept\n"),
         "yes tcp 1 from 0.0.0.0/0 to 10.0.0.0/8 by 4\nmaybe tcp 2 from 0.0.0.0/0 to 10.0.0.0/8 by 6\n"},
        {"what plain packets have", RULES("ip ttl < 5 drop\nexthdr hbh exists drop\nip dscp cs0 tcp dport 1 accept\n"),
         "yes tcp 1" ALL " by 6\n"},
        {"beyond the model",
         RULES("meta skuid 0 tcp dport 1 accept\nlimit rate 5/minute burst 5 packets tcp dport 2 accept\n"
               "ct count over 20 tcp dport 3 drop\ntcp dport 3 accept\nrt ip nexthop 10.0.0.1 drop\n"
               "socket transparent 1 meta mark set 1 accept\n"),
         "maybe tcp 3" ALL " by 7\nmaybe icmp 0/0-255/255" ALL " by 9\nmaybe udp 0-65535" ALL " by 9\nmaybe other" ALL
         " by 9\nmaybe tcp 0,4-65535" ALL " by 9\nmaybe tcp 1" ALL " by 4,9\nmaybe tcp 2" ALL " by 5,9\n"},
        {"never for first packets", RULES("ct status seen-reply accept\n"), ""},
        {"rule that is not understood", RULES("frobnicate 1 tcp dport 1\n"), "maybe any" ALL " by 4\n"},
        {"key that is not understood", RULES("meta frobnicate 1 tcp dport 1 accept\n"), "maybe tcp 1" ALL " by 4\n"},
        {"handles and comments", RULES("tcp dport 1 accept comment \"} # ; {\" # handle 7\n"),
         "yes tcp 1" ALL " by 4\n"},
        {"several rules a line", RULES("tcp dport 1 accept; tcp dport 2 accept;\n"),
         "yes tcp 1" ALL " by 4\nyes tcp 2" ALL " by 4\n"},
        {"a rule over several lines", RULES("tcp dport {\n\t1,\n\t2\n} accept\n"), "yes tcp 1-2" ALL " by 4\n"},
        {"logging and counting",
         RULES("counter packets 1 bytes 2 log prefix \"x \" level info flags tcp sequence,options flags skuid "
               "tcp dport 1 accept\ncounter name \"n\" tcp dport 2 accept\n"),
         "yes tcp 1" ALL " by 4\nyes tcp 2" ALL " by 5\n"},
        /* verdicts */
        {"reject, queue, return",
         RULES("tcp dport 1 reject with tcp reset\ntcp dport 2 queue num 1\ntcp dport 3 return\n"
               "tcp dport 1-3 accept\n"),
         "maybe tcp 2" ALL " by 5,7\n"},
        {"jump and goto",
         "table ip t {\n\tchain a {\n\t\ttcp dport 1 accept\n\t}\n" CHAIN
         "jump a\ntcp dport 2 goto a\ntcp dport 1-3 accept\n" END,
         "yes tcp 1" ALL " by 3\nyes tcp 3" ALL " by 9\n"},
        {"jump nowhere", RULES("tcp dport 1 jump nowhere\n"), "maybe tcp 1" ALL " by 4\n"},
        {"verdict map",
         "table ip t {\n\tchain a {\n\t\ttcp dport 1 return\n\t\taccept\n\t}\n" CHAIN
         "tcp dport vmap { 1 : jump a, 2 : jump a, 3 : drop, 4-5 : continue, * : goto a }\ntcp dport 4 accept\n" END,
         "yes tcp 0,2,6-65535" ALL " by 4\nyes tcp 4" ALL " by 9\n"},
        {"named verdict map of pairs",
         "table ip t {\n\tmap m {\n\t\ttype ipv4_addr . inet_service : verdict\n\t\tflags interval\n"
         "\t\telements = { 10.0.0.0/8 . 1-3 : accept,\n\t\t\t     10.9.9.9 . 4 comment \"x\" : drop }\n\t}\n" CHAIN
         "ip saddr . tcp dport vmap @m\nip saddr . tcp dport vmap @absent\n" END,
         "yes tcp 1-3 from 10.9.9.8/31 to 0.0.0.0/0 by 10\nmaybe tcp 0,4-65535 from 10.9.9.8 to 0.0.0.0/0 by 11\n"
         "maybe tcp 0,5-65535 from 10.9.9.9 to 0.0.0.0/0 by 11\n",
         "10.9.9.8/31"},
        /* sets */
        {"sets",
         "table inet t {\n\tset a {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\tauto-merge\n\t\telements = { "
         "10.0.0.0/8 timeout 1h expires 5m,\n"
         "\t\t\t     192.0.2.1-192.0.2.2 }\n\t}\n\tset p {\n\t\ttypeof tcp dport\n\t\telements = { 1, 2 }\n\t}\n" CHAIN
         "ip saddr @a tcp dport @p accept\n" END,
         "yes tcp 1-2 from 10.0.0.0/8, 192.0.2.1, 192.0.2.2 to 0.0.0.0/0 by 15\n"},
        {"empty set",
         "table inet t {\n\tset p {\n\t\ttype inet_service\n\t}\n" CHAIN
         "tcp dport @p accept\ntcp dport != @p udp dport 1 accept\n" END,
         ""},
        {"absent set", RULES("tcp dport @absent accept\n"), "maybe tcp 0-65535" ALL " by 4\n"},
        {"set that rules fill",
         "table inet t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags dynamic\n\t\telements = { 10.0.0.1 }\n\t}\n" CHAIN
         "ip saddr @s tcp dport 1 accept\n" END,
         "yes tcp 1 from 10.0.0.1 to 0.0.0.0/0 by 9\nmaybe tcp 1 from 10.0.0.0 to 0.0.0.0/0 by 9\n", "10.0.0.0/31"},
        {"set that rules empty",
         "table inet t {\n\tset s {\n\t\ttype inet_service\n\t\telements = { 1 }\n\t}\n" CHAIN
         "tcp dport 2 delete @s { tcp dport }\ntcp dport @s accept\n" END,
         "maybe tcp 0-65535" ALL " by 9\n"},
        {"set whose elements are limited",
         "table inet t {\n\tset s {\n\t\ttype inet_service\n\t\tlimit rate 1/minute\n\t\telements = { 1 limit rate "
         "1/minute }\n\t}\n" CHAIN "tcp dport @s accept\n" END,
         "maybe tcp 0-65535" ALL " by 9\n"},
        {"set of another type",
         "table inet t {\n\tset s {\n\t\ttype mark\n\t\telements = { 1 }\n\t}\n" CHAIN "tcp dport @s accept\n" END,
         "maybe tcp 0-65535" ALL " by 8\n"},
        {"element that is not understood", RULES("tcp dport { 1, frob } accept\n"),
         "yes tcp 1" ALL " by 4\nmaybe tcp 0,2-65535" ALL " by 4\n"},
        /* marks */
        {"marks",
         RULES("tcp dport 1 meta mark set 0x3 counter\nmeta mark & 0x1 == 0x1 accept\nmeta mark 0x0 tcp dport 2 "
               "accept\n"),
         "yes tcp 1" ALL " by 5\nyes tcp 2" ALL " by 6\n"},
        {"mark by steps",
         RULES("meta mark set meta mark | 0x4\nmeta mark set meta mark & 0xfffffffc | 0x1\nmeta mark 0x5 tcp dport 1 "
               "accept\n"),
         "yes tcp 1" ALL " by 6\n"},
        {"unknown mark", RULES("meta mark set numgen inc mod 2 tcp dport 1 accept\nmeta mark 1 tcp dport 2 accept\n"),
         "yes tcp 1" ALL " by 4\nmaybe tcp 2" ALL " by 5\n"},
        {"marks of connections", RULES("tcp dport 1 ct mark set 5\nmeta mark set ct mark\nmeta mark 5 accept\n"),
         "yes tcp 1" ALL " by 6\n"},
        {"matches behind what was set", RULES("meta mark set 1 tcp dport 1 accept\nmeta mark 1 tcp dport 2 accept\n"),
         "yes tcp 1" ALL " by 4\nyes tcp 2" ALL " by 5\n"},
        /* chains */
        {"two base chains: the later one can drop",
         "table ip a {\n" CHAIN "accept\n" END "table inet b {\n\tchain c {\n\t\ttype filter hook input "
         "priority filter + 10; policy accept;\n\t\ttcp dport != 1 drop\nmeta l4proto != tcp drop\n" END,
         "yes tcp 1" ALL " by 4\n"},
        {"priorities",
         "table ip a {\n\tchain c {\n\t\ttype filter hook input priority 5; policy drop;\n\t\tmeta mark 1 "
         "accept\n\t}\n\tchain d {\n"
         "\t\ttype filter hook input priority filter - 10; policy accept;\n\t\ttcp dport 1 meta mark set 1\n" END,
         "yes tcp 1" ALL " by 4\n"},
        {"dormant", "table ip a {\n\tflags dormant\n" CHAIN END, "yes any" ALL " by 0\n"},
        {"arp and bridge are outside", "table arp a {\n" CHAIN END "table bridge b {\n" CHAIN END,
         "yes any" ALL " by 0\n"},
        {"what is dropped at the device",
         "table netdev n {\n\tchain i {\n\t\ttype filter hook ingress device \"eth0\" priority filter; "
         "policy accept;\n\t\tip saddr 10.0.0.0/8 drop\n\t}\n}\n" INET "ip saddr 10.0.0.0/7 tcp dport 1 accept\n" END,
         "yes tcp 1 from 11.0.0.0/8 to 0.0.0.0/0 by 10\nmaybe tcp 1 from 10.0.0.0/8 to 0.0.0.0/0 by 10\n"},
        {"untracked",
         "table ip t {\n\tchain r {\n\t\ttype filter hook prerouting priority raw; policy accept;\n\t\ttcp dport 1 "
         "notrack\n\t}\n" CHAIN "ct state untracked accept\nct state new tcp dport 2 accept\n" END,
         "yes tcp 1" ALL " by 8\nyes tcp 2" ALL " by 9\n"},
        {"too late to untrack", RULES("tcp dport 1 notrack\nct state untracked accept\n"), ""},
        {"redirect",
         "table ip n {\n\tchain p {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\ttcp dport 2222 "
         "redirect to :22\n"
         "\t\tredirect to :tcp dport map { 2223 : 23 }\n\t}\n}\n" INET "tcp dport 22-23 accept\n" END,
         "yes tcp 22-23" ALL " by 11\nyes tcp 2222" ALL " by 4,11\nyes tcp 2223" ALL " by 5,11\n"
         "diverted yes tcp 2222" ALL " by 4,11\ndiverted yes tcp 2223" ALL " by 5,11\n"},
        {"dnat",
         NAT "ip daddr 192.0.2.1 tcp dport 80 dnat to 10.0.0.2:8080\nip daddr 192.0.2.1 dnat ip to tcp dport map { 81 "
             ": 10.0.0.3 }\n"
             "ip daddr 10.0.0.4 tcp dport 82 dnat to 10.0.0.4 persistent\n" END FORWARD
             "ip daddr 10.0.0.2 tcp dport 8080 accept\nct status dnat accept\n" END,
         "yes tcp 8080 from 0.0.0.0/0 to 10.0.0.2 by 12\nyes tcp 80 from 0.0.0.0/0 to 192.0.2.1 by 4,12\n"
         "yes tcp 81 from 0.0.0.0/0 to 192.0.2.1 by 5,13\ndiverted yes tcp 80 from 0.0.0.0/0 to 192.0.2.1 by 4,12\n"
         "diverted yes tcp 81 from 0.0.0.0/0 to 192.0.2.1 by 5,13\n",
         NULL, NULL, KJ_FW_FORWARD},
        {"dnat to an address that nothing forwards to",
         NAT "ip daddr 192.0.2.1 tcp dport 80 dnat to 10.0.0.2:8080\n" END FORWARD "ip daddr 10.0.0.2 drop\n" END
             "table ip f {\nchain i {\ntype filter hook input priority 0; policy drop;\ntcp dport 8080 accept\n" END,
         "yes tcp 8080" ALL " by 16\nmaybe tcp 80 from 0.0.0.0/0 to 192.0.2.1 by 4,16\n"
         "diverted maybe tcp 80 from 0.0.0.0/0 to 192.0.2.1 by 4,16\n"},
        {"of equal priorities the later chain comes first",
         "table ip f {\nchain a {\ntype filter hook input priority 0; policy drop;\nmeta mark 1 accept\n}\nchain b "
         "{\ntype filter hook input priority 0; policy accept;\ntcp dport 1 meta mark set 1\n" END,
         "yes tcp 1" ALL " by 4\n"},
        {"dnat to pairs of a map, to ranges, to something",
         NAT "ip daddr 192.0.2.1 dnat ip addr . port to tcp dport map { 1 : 10.0.0.2 . 2 }\n"
             "ip daddr 192.0.2.1 tcp dport 3 dnat to 10.0.0.2-10.0.0.3:4-5\n"
             "ip daddr 192.0.2.1 tcp dport 6 dnat to jhash ip saddr mod 2 map { 0 : 10.0.0.2 }\n"
             "ip daddr 192.0.2.1 tcp dport 7 dnat to $ELSEWHERE\n" END FORWARD
             "ip daddr 10.0.0.0/24 tcp dport != 5 accept\n" END,
         "yes tcp 0-4,6-65535 from 0.0.0.0/0 to 10.0.0.0/24 by 13\n" VIA("yes tcp 1", "4") VIA("maybe tcp 3", "5")
                 VIA("maybe tcp 6", "6") VIA("maybe tcp 7", "7") VIA("diverted yes tcp 1", "4") VIA(
                         "diverted maybe tcp 3", "5") VIA("diverted maybe tcp 6", "6") VIA("diverted maybe tcp 7", "7"),
         NULL, NULL, KJ_FW_FORWARD},
        {"dnat of IPv6",
         NAT6 "ip6 daddr 2001:db8::9 tcp dport 1 dnat ip6 to [2001:db8::1]:2\n"
              "ip6 daddr 2001:db8::9 tcp dport 3 dnat to 2001:db8::1\n" END
              "table ip6 f {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\nip6 daddr "
              "2001:db8::1 tcp dport { 2, 3 } accept\n" END,
         "yes tcp 2-3 from 2001:db8:ffff::/64 to 2001:db8::1 by 11\n"
         "yes tcp 1 from 2001:db8:ffff::/64 to 2001:db8::9 by 4,11\nyes tcp 3 from 2001:db8:ffff::/64 to 2001:db8::9 "
         "by 5,11\n"
         "diverted yes tcp 1 from 2001:db8:ffff::/64 to 2001:db8::9 by 4,11\n"
         "diverted yes tcp 3 from 2001:db8:ffff::/64 to 2001:db8::9 by 5,11\n",
         "2001:db8:ffff::/64", NULL, KJ_FW_FORWARD},
        /* iptables-nft */
        {"compatibility",
         RULES("xt match recent tcp dport 1 drop\ntcp dport 2 # xt_time counter accept\ntcp dport 3 xt target "
               "TPROXY\ntcp dport 1 accept\n"),
         "maybe tcp 2" ALL " by 5\nmaybe tcp 3" ALL " by 6\nmaybe tcp 1" ALL " by 7\n"},
        /* bad input */
        {"cut short in a chain", INET "tcp dport 1 accept\n",
         "maybe tcp 1" ALL " by 4\nmaybe icmp 0/0-255/255" ALL " by 5\nmaybe udp 0-65535" ALL " by 5\nmaybe other" ALL
         " by 5\nmaybe tcp 0,2-65535" ALL " by 5\n"},
        {"cut short in a set", "table ip t {\n" CHAIN "tcp dport 1 accept\n\t}\n\tset s {\n",
         "maybe tcp 1" ALL " by 4\n"},
        {"rules from elsewhere", "include \"/etc/nftables.d/*.nft\"\n" INET END, "maybe any" ALL " by 1\n"},
        {"rules from elsewhere, behind", INET "tcp dport 1 drop\n" END "add rule inet t c tcp dport 1 accept\n",
         "maybe any" ALL " by 7\n"},
        {"a prompt", "root@a:~# nft list ruleset\n" INET "tcp dport 1 accept\n" END, "yes tcp 1" ALL " by 5\n"},
        {"two dumps", INET "tcp dport 1 accept\n" END INET "tcp dport 2 accept\n" END,
         "yes tcp 1" ALL " by 4\nyes tcp 2" ALL " by 10\n"},
        {"CR LF",
         "table ip t {\r\n\tchain c {\r\n\t\ttype filter hook input priority 0; policy drop;\r\n\t\ttcp dport 1 "
         "accept\r\n\t}\r\n}\r\n",
         "yes tcp 1" ALL " by 4\n"},
};

static kj_str ask(struct kj_arena *arena, const struct row *row)
{
	struct kj_fw_set from = {.dims = 1, .declared = true};
	struct kj_fw_request request = {.has_hook = true, .hook = row->hook ? row->hook : KJ_FW_INPUT, .src = &from};
	struct kj_range range;
	assert_true(kj_range_parse(kj_str_of(row->from ? row->from : "0.0.0.0/0"), &range));
	KJ_PUSH(arena, &from.at, kj_fw_interval_addr(&range));
	request.iface = kj_str_of(row->iface ? row->iface : "eth0");
	return fw_answer(arena, row->dump, &request);
}

static void check_rows(const struct row *table, size_t n)
{
	unsigned wrong = 0;
	for (size_t i = 0; i < n; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		kj_str got = ask(arena, &table[i]);
		if (!kj_str_eq(got, kj_str_of(table[i].expected))) {
			print_error("%s:\n%s", table[i].about, kj_str_zero(arena, got));
			wrong++;
		}
		kj_arena_free(arena);
	}
	assert_int_equal(wrong, 0);
}

static void test_text(void **state)
{
	(void)state;
	check_rows(rows, sizeof rows / sizeof *rows);
}

/* -- JSON -- */

#define JSON(sets, rules)                                                                                              \
	"{\"nftables\": [{\"metainfo\": {\"json_schema_version\": 1}},\n{\"table\": {\"family\": \"inet\", \"name\": " \
	"\"t\"}},\n" sets "{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\", \"type\": "           \
	"\"filter\", \"hook\": \"input\", \"prio\": 0, "                                                               \
	"\"policy\": \"drop\"}}" rules "]}\n"
#define RULE(expr)             ",\n{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [" expr "]}}"
#define MATCH(op, left, right) "{\"match\": {\"op\": \"" op "\", \"left\": " left ", \"right\": " right "}}, "
#define DPORT                  "{\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}"
#define SADDR                  "{\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}"
#define META(key)              "{\"meta\": {\"key\": \"" key "\"}}"
#define ACCEPT                 "{\"accept\": null}"

static const struct row json_rows[] = {
        {"ports", JSON("", RULE(MATCH("==", DPORT, "{\"set\": [22, {\"range\": [80, 90]}]}") ACCEPT)),
         "yes tcp 22,80-90" ALL " by 4\n"},
        {"prefix, range, one",
         JSON("", RULE(MATCH("!=", SADDR, "{\"prefix\": {\"addr\": \"128.0.0.0\", \"len\": 1}}") MATCH("==", DPORT, "1")
                               ACCEPT)),
         "yes tcp 1 from 0.0.0.0/1 to 0.0.0.0/0 by 4\n"},
        {"flags",
         JSON("",
              RULE(MATCH("==",
                         "{\"&\": [{\"payload\": {\"protocol\": \"tcp\", \"field\": \"flags\"}}, [\"fin\", \"syn\"]]}",
                         "\"syn\"") MATCH("in", "{\"ct\": {\"key\": \"state\"}}", "[\"new\", \"related\"]")
                           MATCH("<", DPORT, "2") ACCEPT)),
         "yes tcp 0-1" ALL " by 4\n"},
        {"a set, and a map of tuples",
         JSON("{\"set\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"s\", \"type\": \"inet_service\", "
              "\"elem\": [{\"elem\": {\"val\": 5, \"timeout\": 9}}]}},\n"
              "{\"map\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"m\", \"type\": [\"ipv4_addr\", "
              "\"inet_service\"], \"map\": \"verdict\", "
              "\"elem\": [[{\"concat\": [\"10.0.0.1\", 6]}, {\"accept\": null}], [{\"concat\": [\"10.0.0.2\", 7]}, "
              "{\"jump\": {\"target\": \"j\"}}]]}},\n"
              "{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"j\"}},\n"
              "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"j\", \"expr\": [{\"accept\": "
              "null}]}},\n",
              RULE(MATCH("==", DPORT, "\"@s\"") ACCEPT)
                      RULE("{\"vmap\": {\"key\": {\"concat\": [" SADDR ", " DPORT "]}, \"data\": \"@m\"}}")),
         "yes tcp 5" ALL
         " by 8\nyes tcp 6 from 10.0.0.1 to 0.0.0.0/0 by 9\nyes tcp 7 from 10.0.0.2 to 0.0.0.0/0 by 6\n"},
        {"marks",
         JSON("", RULE(MATCH("==", DPORT, "1") "{\"mangle\": {\"key\": " META("mark") ", \"value\": {\"|\": [" META(
                          "mark") ", 4]}}}") RULE(MATCH("==", "{\"&\": [" META("mark") ", 4]}", "4") ACCEPT)),
         "yes tcp 1" ALL " by 5\n"},
        {"beyond",
         JSON("", RULE("{\"limit\": {\"rate\": 1, \"per\": \"second\"}}, " MATCH("==", DPORT, "1") ACCEPT)
                          RULE("{\"xt\": {\"type\": \"match\", \"name\": \"time\"}}, " MATCH("==", DPORT, "2")
                                       ACCEPT) RULE(MATCH("==", DPORT, "3") "{\"frobnicate\": null}")
                                  RULE(MATCH("~", DPORT, "3") ACCEPT) RULE(MATCH("==", DPORT, "{\"frob\": 1}") ACCEPT)),
         "maybe tcp 1" ALL " by 4,7,8\nmaybe tcp 2" ALL " by 5,7,8\nmaybe tcp 3" ALL
         " by 6,7,8\nmaybe tcp 0,4-65535" ALL " by 7,8\n"},
        {"an answer of one family rejects that alone",
         JSON("", RULE("{\"reject\": {\"type\": \"icmpv6\", \"expr\": \"no-route\"}}") RULE(MATCH(
                          "==", DPORT, "1") ACCEPT) RULE("{\"reject\": null}") RULE(MATCH("==", DPORT, "2") ACCEPT)),
         "yes tcp 1" ALL " by 5\n"},
        {"no list", "{\"nftables\": {\"rule\": 1}}", "maybe any" ALL " by 1,1\n"},
        {"cut short", "{\"nftables\": [{\"chain\": {\"family\"", "maybe any" ALL " by 1,1\n"},
        {"nothing of use", "{\"nftables\": [1, null, [], {}, {\"rule\": {}}, {\"chain\": 5}]}",
         "maybe any" ALL " by 1\n"},
};

static void test_json(void **state)
{
	(void)state;
	check_rows(json_rows, sizeof json_rows / sizeof *json_rows);
}

/* -- notes -- */

static kj_str notes_of(struct kj_arena *arena, const char *dump)
{
	struct kj_text text = {KJ_STR("dump"), kj_str_of(dump)};
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = &text, .diags = &diags};
	struct kj_buf out = KJ_BUF(arena);
	kj_fw_read(&reading, NULL);
	for (size_t i = 0; i < reading.rulesets.n; i++) {
		const struct kj_fw_ruleset *rs = reading.rulesets.at[i];
		for (size_t n = 0; n < rs->notes.n; n++)
			kj_buf_fmt(&out, "%u %.*s\n", rs->notes.at[n].line, KJ_FMT(rs->notes.at[n].what));
	}
	return kj_buf_str(&out);
}

static void test_notes(void **state)
{
	static const struct {
		const char *dump, *notes;
	} cases[] = {
	        {RULES("log prefix \"x\"\ncounter accept # handle 4\n"), ""},
	        {RULES("meta skuid 0 accept\n"), "4 'meta skuid 0' is not evaluated\n"},
	        {RULES("limit rate over 10/second burst 5 packets drop\n"),
	         "4 'limit rate over 10/second burst 5 packets' is not evaluated\n"},
	        {RULES("frob 1 accept\n"), "4 what 'frob 1 accept' does with a packet is not known\n"},
	        {RULES("tcp dport @p jump j\n"),
	         "4 chain 'j' is not in the dump\n4 set 'inet t p' is not in the dump\n"},
	        {RULES("tcp dport { 1, frob } accept\n"),
	         "4 'tcp dport { 1, frob }' has elements that are not evaluated\n"},
	        {"table bridge b {\n" CHAIN END,
	         "1 table 'bridge b' is not evaluated: it is not about IP packets of this host\n"},
	        {"a line\n" INET END, "1 'a line' is not understood\n"},
	        {INET "accept\n", "5 the dump is cut short: what follows is not known\n"},
	        {JSON("", RULE(MATCH("==", META("skuid"), "0") ACCEPT)), "4 'meta skuid 0' is not evaluated\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		assert_string_equal(kj_str_zero(arena, notes_of(arena, cases[i].dump)), cases[i].notes);
		kj_arena_free(arena);
	}
}

/* -- recognition, and what is no dump -- */

static void test_recognised(void **state)
{
	static const struct {
		const char *text, *dialect;
	} cases[] = {
	        {INET END, "nft"},
	        {"\n$ nft list ruleset\ntable ip6 x {\n}\n", "nft"},
	        {"  {\"nftables\": []}", "nft-json"},
	        {"table ip t { chain c { } }\n", "nft"},
	        {"table of contents {\n}\n", NULL},
	        {"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct kj_fw_dialect *dialect = kj_fw_dialect_of(kj_str_of(cases[i].text));
		assert_true(!dialect == !cases[i].dialect);
		if (dialect)
			assert_string_equal(dialect->name, cases[i].dialect);
	}
}

/* Cut off anywhere, or with bytes that do not belong there: whatever comes of it, nothing breaks. */
static void test_damaged(void **state)
{
	static const char bytes[] = {'{', '}', '"', '#', '\n', '@', ',', ':', '.', '\\', '\0', (char)0xff};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows + sizeof json_rows / sizeof *json_rows; i++) {
		size_t texts = sizeof rows / sizeof *rows;
		kj_str whole = kj_str_of(i < texts ? rows[i].dump : json_rows[i - texts].dump);
		for (size_t at = i % 3; at < whole.n; at += 3) {
			struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
			kj_str damaged = kj_str_copy(arena, whole);
			char *byte = kj_alloc_text(arena, whole.n + 1);
			memcpy(byte, damaged.p, damaged.n);
			byte[at] = bytes[at % sizeof bytes];
			byte[at % 2 ? whole.n : at] = '\0';
			notes_of(arena, byte);
			kj_arena_free(arena);
		}
	}
}

/* -- public dumps, where they are at hand -- */

static const char *corpus(void)
{
	static char path[4096];
	const char *shared = getenv("KIJUN_SHARED");
	snprintf(path, sizeof path, "%s/corpus/firewall/nft", shared ? shared : KJ_SOURCE_ROOT "/../shared");
	return path;
}

/* The answer without lines and notes. */
static kj_str plain_answer(struct kj_arena *arena, const char *path)
{
	struct kj_buf dump = KJ_BUF(arena), plain = KJ_BUF(arena);
	struct kj_fw_request request = {.has_hook = true, .hook = KJ_FW_INPUT};
	FILE *file = fopen(path, "rb");
	char chunk[65536];
	size_t n;
	assert_non_null(file);
	while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
		kj_buf_put(&dump, (kj_str){chunk, n});
	fclose(file);
	kj_str answer = fw_answer(arena, kj_str_zero(arena, kj_buf_str(&dump)), &request), line;
	while (kj_str_line(&answer, &line)) {
		kj_buf_put(&plain, kj_str_upto(line, kj_str_find_str(line, KJ_STR(" by "))));
		kj_buf_char(&plain, '\n');
	}
	return kj_buf_str(&plain);
}

/* What nft prints as text and as JSON is the same ruleset. */
static void test_both_forms(void **state)
{
	DIR *folder = opendir(corpus());
	unsigned compared = 0;
	(void)state;
	if (!folder) {
		print_message("no public dumps at %s\n", corpus());
		skip();
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		struct kj_arena *arena = kj_arena_new(KJ_GIB);
		kj_str name = kj_str_of(entry->d_name);
		if (kj_str_ends(name, KJ_STR(".nft"))) {
			const char *path = kj_str_zero(arena, kj_str_fmt(arena, "%s/%s", corpus(), entry->d_name));
			kj_str text = plain_answer(arena, path);
			kj_str json = plain_answer(arena, kj_str_zero(arena, kj_str_fmt(arena, "%s.json", path)));
			if (!kj_str_eq(text, json))
				print_error("%s: text and JSON differ\n", entry->d_name);
			assert_true(kj_str_eq(text, json));
			compared++;
		}
		kj_arena_free(arena);
	}
	closedir(folder);
	assert_true(compared > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_text),       cmocka_unit_test(test_json),    cmocka_unit_test(test_notes),
	        cmocka_unit_test(test_recognised), cmocka_unit_test(test_damaged), cmocka_unit_test(test_both_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
