#include "fw_rows.h"

/* A zone with these settings beside the target; rules of the zone's first setting stand in its third line. */
#define ZONE(heading, target, settings)                                                                                \
	heading "\n  target: " target "\n" settings "  forward: yes\n  masquerade: no\n\n"
#define ICMP(inversion)           "  icmp-block-inversion: " inversion "\n"
#define BIND(interfaces, sources) "  interfaces: " interfaces "\n  sources: " sources "\n"
#define LISTS(services, ports)    "  services: " services "\n  ports: " ports "\n"
#define RICH(rules)               "  rich rules: \n" rules
#define NO_RULES                  "  rich rules: \n"
#define PUBLIC(settings)          ZONE("public (default, active)", "default", BIND("eth0", "") settings)
/* Another zone, so that the list counts as whole. */
#define DMZ ZONE("dmz", "default", BIND("", "") LISTS("", "") NO_RULES)
/* One rich rule in zone public: line 7. */
#define RULE(rule) DMZ PUBLIC(LISTS("", "") RICH("\t" rule "\n"))

/* ICMP, as the target of zone public lets it in. */
#define PING                                                                                                           \
	"yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 11\n"                                    \
	"yes icmpv6" FW_ALL4 " by 11\n"

static const struct fw_row rows[] = {
        {"services and ports", DMZ PUBLIC(LISTS("ssh https", "8080-8090/tcp 514/udp") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 15\n"
         "yes tcp 443" FW_ALL4 " by 15\n"
         "yes tcp 8080-8090" FW_ALL4 " by 16\n"
         "yes udp 514" FW_ALL4 " by 16\n" PING,
         KJ_FW_INPUT, "eth0"},
        {"a service with places of its own, and helpers", DMZ PUBLIC(LISTS("mdns samba", "") NO_RULES),
         "yes udp 5353 from 0.0.0.0/0 to 224.0.0.251 by 15\n"
         "yes udp 137" FW_ALL4 " by 15\n"
         "yes udp 138" FW_ALL4 " by 15\n"
         "yes tcp 139" FW_ALL4 " by 15\n"
         "yes tcp 445" FW_ALL4 " by 15\n" PING,
         KJ_FW_INPUT, "eth0"},
        {"a service for IPv6 only", DMZ PUBLIC(LISTS("dhcpv6-client", "") NO_RULES),
         "maybe udp 546 from 2001:db8::/32 to fe80::/64 by 15\n"
         "maybe icmp from 2001:db8::/32 to ::/0 by 11\n"
         "maybe icmpv6 128/0-128/255 130/0-133/255 139/0-139/255 143/0-143/255 from 2001:db8::/32 to ::/0 by 11\n"
         "yes icmpv6 134/0-134/255 from 2001:db8::/32 to ::/0 by 0,11\n"
         "yes icmpv6 135/0-135/255 from 2001:db8::/32 to ::/0 by 0,11\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/32 to ::/0 by 0,11\n",
         KJ_FW_INPUT, "eth0", NULL, "2001:db8::/32"},
        {"a service nobody knows", DMZ PUBLIC(LISTS("my-thing", "") NO_RULES),
         "maybe tcp 0-65535" FW_ALL4 " by 15\n"
         "maybe udp 0-65535" FW_ALL4 " by 15\n"
         "maybe other" FW_ALL4 " by 15\n"
         "yes icmpv6" FW_ALL4 " by 15,11\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 15,11\n",
         KJ_FW_INPUT, "eth0"},
        {"protocols and source ports", DMZ PUBLIC(LISTS("", "") "  protocols: esp\n  source-ports: 68/udp\n" NO_RULES),
         "yes esp" FW_ALL4 " by 17\n"
         "yes udp 0-65535" FW_ALL4 " by 18\n" PING,
         KJ_FW_INPUT, "eth0"},
        {"other interfaces go to the default zone", DMZ PUBLIC(LISTS("ssh", "") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 15\n" PING, KJ_FW_INPUT, "eth7"},
        {"no default zone told", DMZ ZONE("public (active)", "default", BIND("eth0", "") LISTS("ssh", "") NO_RULES),
         "maybe tcp 0-65535" FW_ALL4 " by 0\n"
         "maybe udp 0-65535" FW_ALL4 " by 0\n"
         "maybe other" FW_ALL4 " by 0\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 0\n",
         KJ_FW_INPUT, "eth7"},
        {"… but for its interfaces it does not matter",
         DMZ ZONE("public (active)", "default", BIND("eth0", "") LISTS("ssh", "") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 15\n" PING, KJ_FW_INPUT, "eth0"},
        {"sources come before interfaces",
         ZONE("internal (active)", "default", BIND("", "10.0.0.0/8 192.0.2.1") LISTS("mysql", "") NO_RULES)
                 PUBLIC(LISTS("ssh", "") NO_RULES),
         "yes tcp 3306 from 192.0.2.1 to 0.0.0.0/0 by 5\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.1 to 0.0.0.0/0 by 1\n"
         "yes icmpv6 from 192.0.2.1 to 0.0.0.0/0 by 1\n"
         "yes tcp 22 from 192.0.2.0, 192.0.2.2/31 to 0.0.0.0/0 by 15\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0, 192.0.2.2/31 to 0.0.0.0/0 by 11\n"
         "yes icmpv6 from 192.0.2.0, 192.0.2.2/31 to 0.0.0.0/0 by 11\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/30"},
        {"sources of two zones: the first by name",
         ZONE("trusted (active)", "ACCEPT", BIND("", "10.0.0.0/8") LISTS("", "") NO_RULES)
                 ZONE("drop (active)", "DROP", BIND("", "10.1.0.0/16") LISTS("", "") NO_RULES),
         "yes tcp 0-65535 from 10.0.0.0/16, 10.2.0.0/15, 10.4.0.0/14, 10.8.0.0/13, 10.16.0.0/12, 10.32.0.0/11, "
         "10.64.0.0/10, 10.128.0.0/9 to 0.0.0.0/0 by 1\n"
         "yes udp 0-65535 from 10.0.0.0/16, 10.2.0.0/15, 10.4.0.0/14, 10.8.0.0/13, 10.16.0.0/12, 10.32.0.0/11, "
         "10.64.0.0/10, 10.128.0.0/9 to 0.0.0.0/0 by 1\n"
         "yes other from 10.0.0.0/16, 10.2.0.0/15, 10.4.0.0/14, 10.8.0.0/13, 10.16.0.0/12, 10.32.0.0/11, 10.64.0.0/10, "
         "10.128.0.0/9 to 0.0.0.0/0 by 1\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 10.0.0.0/16, 10.2.0.0/15, 10.4.0.0/14, "
         "10.8.0.0/13, 10.16.0.0/12, 10.32.0.0/11, 10.64.0.0/10, 10.128.0.0/9 to 0.0.0.0/0 by 1\n",
         KJ_FW_INPUT, "eth0", NULL, "10.0.0.0/8"},
        {"a zone of higher priority",
         ZONE("trusted (active)", "ACCEPT",
              "  ingress-priority: -10\n  egress-priority: 0\n" BIND("", "10.0.0.0/8") LISTS("", "") NO_RULES)
                 ZONE("drop (active)", "DROP",
                      "  ingress-priority: 0\n  egress-priority: 0\n" BIND("", "10.1.0.0/16") LISTS("", "") NO_RULES),
         "yes tcp 0-65535 from 10.0.0.0/8 to 0.0.0.0/0 by 1\n"
         "yes udp 0-65535 from 10.0.0.0/8 to 0.0.0.0/0 by 1\n"
         "yes other from 10.0.0.0/8 to 0.0.0.0/0 by 1\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 10.0.0.0/8 to 0.0.0.0/0 by 1\n",
         KJ_FW_INPUT, "eth0", NULL, "10.0.0.0/8"},
        {"an ipset that is not told",
         ZONE("drop (active)", "DROP", BIND("", "ipset:bad") LISTS("", "") NO_RULES) PUBLIC(LISTS("ssh", "") NO_RULES),
         "maybe tcp 22" FW_ALL4 " by 15\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 11\n"
         "maybe icmpv6" FW_ALL4 " by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"an ipset that is",
         ZONE("drop (active)", "DROP", BIND("", "ipset:bad") LISTS("", "") NO_RULES) PUBLIC(
                 LISTS("ssh", "") NO_RULES) "bad\n  type: hash:net\n  options: \n  entries: 0.0.0.0/1 128.0.0.0/2\n",
         "yes tcp 22 from 192.0.0.0/2 to 0.0.0.0/0 by 15\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.0.0/2 to 0.0.0.0/0 by 11\n"
         "yes icmpv6 from 192.0.0.0/2 to 0.0.0.0/0 by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"interfaces with the same beginning",
         DMZ PUBLIC(LISTS("", "") NO_RULES) ZONE("work (active)", "default", BIND("vm+", "") LISTS("ssh", "") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 25\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 21\n"
         "yes icmpv6" FW_ALL4 " by 21\n",
         KJ_FW_INPUT, "vm12"},
        {"targets: DROP lets no ICMP in",
         DMZ ZONE("a (default, active)", "DROP", BIND("eth0", "") LISTS("ssh", "") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 15\n", KJ_FW_INPUT, "eth0"},
        {"targets: ACCEPT", DMZ ZONE("a (default, active)", "ACCEPT", BIND("eth0", "") LISTS("ssh", "") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 15\n"
         "yes udp 0-65535" FW_ALL4 " by 11\n"
         "yes other" FW_ALL4 " by 11\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 11\n"
         "yes tcp 0-21,23-65535" FW_ALL4 " by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"targets: %%REJECT%%",
         DMZ ZONE("a (default, active)", "%%REJECT%%", BIND("eth0", "") LISTS("ssh", "") NO_RULES),
         "yes tcp 22" FW_ALL4 " by 15\n" PING, KJ_FW_INPUT, "eth0"},
        {"blocked ICMP",
         DMZ PUBLIC(ICMP("no") LISTS("", "") "  icmp-blocks: echo-request timestamp-request\n" NO_RULES),
         "yes icmp 15/0-15/255 17/0-17/255" FW_ALL4 " by 11\n"
         "yes icmpv6" FW_ALL4 " by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"… inverted", DMZ PUBLIC(ICMP("yes") LISTS("", "") "  icmp-blocks: echo-request\n" NO_RULES),
         "yes icmp 8/0-8/255" FW_ALL4 " by 18\n", KJ_FW_INPUT, "eth0"},
        {"forwarded to the host itself",
         DMZ PUBLIC(LISTS("", "") "  forward-ports: \n\tport=2222:proto=tcp:toport=22:toaddr=\n" NO_RULES),
         PING "yes tcp 2222" FW_ALL4 " by 18,0\n"
              "diverted yes tcp 2222" FW_ALL4 " by 18,0\n",
         KJ_FW_INPUT, "eth0"},
        {"forwarded to another host",
         DMZ PUBLIC(LISTS("", "") "  forward-ports: port=80:proto=tcp:toport=8080:toaddr=10.0.0.9\n" NO_RULES),
         "yes tcp 80 from 0.0.0.0/0 to 203.0.113.5 by 17,0\n"
         "diverted yes tcp 80 from 0.0.0.0/0 to 203.0.113.5 by 17,0\n",
         KJ_FW_FORWARD, "eth0", .to = "203.0.113.5"},
        {"forwarding inside a zone", DMZ PUBLIC(LISTS("", "") NO_RULES),
         "yes tcp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 13\n"
         "yes udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 13\n"
         "yes other from 192.0.2.0/24 to 0.0.0.0/0 by 13\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 13\n",
         KJ_FW_FORWARD, "eth0", "eth0", "192.0.2.0/24"},
        {"forwarding out of a zone", DMZ PUBLIC(LISTS("", "") NO_RULES), "", KJ_FW_FORWARD, "eth0", "eth1",
         "192.0.2.0/24"},
        {"a version that lists no forwarding",
         "public (default, active)\n  target: default\n  interfaces: eth0\n  sources: \n  services: ssh\n  masquerade: "
         "no\n  rich rules: \n\nwork\n  target: default\n  rich rules: \n",
         "maybe tcp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n",
         KJ_FW_FORWARD, "eth0", "eth1", "192.0.2.0/24"},
        {"one zone alone: others may have sources", PUBLIC(LISTS("ssh", "") NO_RULES),
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe tcp 0-21,23-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe icmpv6 from 192.0.2.0/24 to 0.0.0.0/0 by 0,1\n"
         "maybe tcp 22 from 192.0.2.0/24 to 0.0.0.0/0 by 0,5\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0,1\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/24"},
        {"… but not with the active zones beside it", "public\n  interfaces: eth0\n" PUBLIC(LISTS("ssh", "") NO_RULES),
         "yes tcp 22 from 192.0.2.0/24 to 0.0.0.0/0 by 7\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 3\n"
         "yes icmpv6 from 192.0.2.0/24 to 0.0.0.0/0 by 3\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/24"},
        {"… when all of those are there",
         "public\n  interfaces: eth0\ntrusted\n  sources: 10.0.0.0/8\n" PUBLIC(LISTS("ssh", "") NO_RULES),
         "maybe udp 0-65535 from 10.0.0.0/8 to 0.0.0.0/0 by 4\n"
         "maybe other from 10.0.0.0/8 to 0.0.0.0/0 by 4\n"
         "maybe tcp 0-21,23-65535 from 10.0.0.0/8 to 0.0.0.0/0 by 4\n"
         "maybe icmpv6 from 10.0.0.0/8 to 0.0.0.0/0 by 4,5\n"
         "maybe tcp 22 from 10.0.0.0/8 to 0.0.0.0/0 by 4,9\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 10.0.0.0/8 to 0.0.0.0/0 by 4,5\n",
         KJ_FW_INPUT, "eth0", NULL, "10.0.0.0/8"},
        {"a setting nobody knows", DMZ PUBLIC("  flurbs: yes\n" LISTS("ssh", "") NO_RULES),
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 15\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 15\n"
         "maybe tcp 0-21,23-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 15\n"
         "maybe icmpv6 from 192.0.2.0/24 to 0.0.0.0/0 by 15,11\n"
         "maybe tcp 22 from 192.0.2.0/24 to 0.0.0.0/0 by 15,16\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 15,11\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/24"},
};

static const struct fw_row rich[] = {
        {"a source and a port",
         RULE("rule family=\"ipv4\" source address=\"192.0.2.0/24\" port port=\"5432\" protocol=\"tcp\" accept"),
         "yes tcp 5432 from 192.0.2.0/24 to 0.0.0.0/0 by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"not that source", RULE("rule source NOT address=\"128.0.0.0/1\" service name=\"ssh\" accept"),
         "yes tcp 22 from 0.0.0.0/1 to 0.0.0.0/0 by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"a destination",
         RULE("rule family=\"ipv4\" destination address=\"203.0.113.7\" service name=\"ssh\" log prefix=\"x y\" "
              "level=\"info\" limit value=\"3/m\" accept"),
         "yes tcp 22 from 0.0.0.0/0 to 203.0.113.7 by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"accepted so often only", RULE("rule service name=\"ssh\" accept limit value=\"3/m\""),
         "maybe tcp 22" FW_ALL4 " by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"the log's limit is no limit", RULE("rule service name=\"ssh\" log limit value=\"3/m\" accept"),
         "yes tcp 22" FW_ALL4 " by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"one family", RULE("rule family=\"ipv6\" service name=\"ssh\" accept"), PING, KJ_FW_INPUT, "eth0"},
        {"a hardware address", RULE("rule source mac=\"02:00:00:00:00:01\" service name=\"ssh\" accept"),
         "maybe tcp 22" FW_ALL4 " by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"an ipset", RULE("rule source ipset=\"good\" service name=\"ssh\" accept"),
         "maybe tcp 22" FW_ALL4 " by 18\n" PING, KJ_FW_INPUT, "eth0"},
        {"no action", RULE("rule service name=\"ssh\" log"), PING, KJ_FW_INPUT, "eth0"},
        {"everything from there", RULE("rule family=\"ipv4\" source address=\"192.0.2.7\" accept"),
         "yes tcp 0-65535 from 192.0.2.7 to 0.0.0.0/0 by 18\n"
         "yes udp 0-65535 from 192.0.2.7 to 0.0.0.0/0 by 18\n"
         "yes other from 192.0.2.7 to 0.0.0.0/0 by 18\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.7 to 0.0.0.0/0 by 18\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.6 to 0.0.0.0/0 by 11\n"
         "yes icmpv6 from 192.0.2.6 to 0.0.0.0/0 by 11\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.6/31"},
        {"ICMP", RULE("rule icmp-block name=\"echo-request\""),
         "yes icmp 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 11\n"
         "yes icmpv6" FW_ALL4 " by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"a protocol, a source port",
         RULE("rule protocol value=\"gre\" accept\n\trule source-port port=\"53\" protocol=\"udp\" accept"),
         "yes gre" FW_ALL4 " by 18\n"
         "yes udp 0-65535" FW_ALL4 " by 19\n" PING,
         KJ_FW_INPUT, "eth0"},
        {"a forward port",
         RULE("rule family=\"ipv4\" source address=\"192.0.2.0/24\" forward-port port=\"99\" protocol=\"tcp\" "
              "to-port=\"22\""),
         PING "yes tcp 99 from 192.0.2.0/24 to 0.0.0.0/0 by 18,0\n"
              "diverted yes tcp 99 from 192.0.2.0/24 to 0.0.0.0/0 by 18,0\n",
         KJ_FW_INPUT, "eth0"},
        {"refusals before acceptances",
         RULE("rule service name=\"ssh\" accept\n\trule family=\"ipv4\" source address=\"128.0.0.0/1\" drop"),
         "yes tcp 22 from 0.0.0.0/1 to 0.0.0.0/0 by 18\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 0.0.0.0/1 to 0.0.0.0/0 by 11\n"
         "yes icmpv6 from 0.0.0.0/1 to 0.0.0.0/0 by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"… but for priorities",
         RULE("rule priority=\"-1\" service name=\"ssh\" accept\n\trule family=\"ipv4\" source address=\"128.0.0.0/1\" "
              "drop\n\trule priority=\"5\" service name=\"http\" accept"),
         "yes tcp 22" FW_ALL4 " by 18\n"
         "yes tcp 80 from 0.0.0.0/1 to 0.0.0.0/0 by 20\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 0.0.0.0/1 to 0.0.0.0/0 by 11\n"
         "yes icmpv6 from 0.0.0.0/1 to 0.0.0.0/0 by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"a rule that cannot be read is not decided", RULE("rule flurb service name=\"ssh\" accept"),
         "maybe tcp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 18\n"
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 18\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 18\n"
         "maybe icmpv6 from 192.0.2.0/24 to 0.0.0.0/0 by 18,11\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 18,11\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/24"},
        {"a rule with two elements neither", RULE("rule service name=\"ssh\" port port=\"1\" protocol=\"tcp\" accept"),
         "maybe tcp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 18\n"
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 18\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 18\n"
         "maybe icmpv6 from 192.0.2.0/24 to 0.0.0.0/0 by 18,11\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 18,11\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/24"},
};

static void test_zones(void **state)
{
	(void)state;
	fw_check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_rich(void **state)
{
	(void)state;
	fw_check_rows(rich, sizeof rich / sizeof *rich);
}

#define SHIPPED                                                                                                        \
	"0: services are taken as firewalld ships them; policies and direct rules are not listed\n"                    \
	"0: IPv6: whether the way back to a sender leads by the same interface (IPv6_rpfilter) is not known\n"

static void test_notes(void **state)
{
	(void)state;
	fw_check_notes(DMZ PUBLIC(LISTS("ssh flurb", "") NO_RULES), SHIPPED "15: 'service flurb' is not evaluated\n");
	fw_check_notes(
	        ZONE("public", "default", BIND("", "ipset:x") LISTS("", "x/tcp") NO_RULES),
	        "0: other zones are not listed ('firewall-cmd --list-all-zones' lists them): their sources come first\n"
	        "0: which zone is the default is not listed; what happens on other interfaces is not known\n" SHIPPED
	        "6: 'x' is not evaluated\n4: set 'x' is not in the dump\n");
	fw_check_notes(
	        DMZ PUBLIC(LISTS("", "") RICH(
	                "\trule flurb\n")) "mine (active)\n  priority: -1\n  target: CONTINUE\n  ingress-zones: ANY\n",
	        "22: policy 'mine' is not evaluated\n" SHIPPED "18: not a rich rule that is understood\n");
}

static void test_damage(void **state)
{
	(void)state;
	fw_check_damage(RULE("rule priority=\"-1\" family=\"ipv4\" source NOT address=\"10.0.0.0/8\" service "
	                     "name=\"ssh\" drop limit value=\"1/m\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_zones),
	        cmocka_unit_test(test_rich),
	        cmocka_unit_test(test_notes),
	        cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
