#include "fw_rows.h"

/* -- ufw status -- */

#define NONE(defaults) "Status: active\nLogging: on (low)\nDefault: " defaults "\nNew profiles: skip\n\n"
#define VERBOSE(defaults, rows)                                                                                        \
	NONE(defaults)                                                                                                 \
	"To                         Action      From\n--                         ------      ----\n" rows "\n"
#define DENY "deny (incoming), allow (outgoing), disabled (routed)"
/* Rows begin in line 8. */
#define ROWS(rows) VERBOSE(DENY, rows)

/* What ufw itself lets in to one address. */
#define FRAME                                                                                                          \
	"maybe icmp 8/0-8/255 from 0.0.0.0/0 to 192.0.2.1 by 0\n"                                                      \
	"maybe udp 68 from 0.0.0.0/0 to 192.0.2.1 by 0\n"

static const struct fw_row status[] = {
        {"what ufw itself lets in, as far as it is shipped so", NONE(DENY),
         "maybe icmp 8/0-8/255" FW_ALL4 " by 0\n"
         "maybe udp 68" FW_ALL4 " by 0\n"
         "maybe udp 5353 from 0.0.0.0/0 to 224.0.0.251 by 0\n"
         "maybe udp 1900 from 0.0.0.0/0 to 239.255.255.250 by 0\n",
         KJ_FW_INPUT},
        {"… for IPv6", NONE(DENY),
         "maybe icmpv6 129/0-129/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 128/0-128/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 133/0-133/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 134/0-134/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 135/0-135/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe udp 5353 from 2001:db8::/32 to ff02::fb by 0\n"
         "maybe udp 1900 from 2001:db8::/32 to ff02::f by 0\n",
         KJ_FW_INPUT, NULL, NULL, "2001:db8::/32"},
        {"the loopback", NONE(DENY), "yes any from 0.0.0.0/0 to 192.0.2.1 by 0\n", KJ_FW_INPUT, "lo",
         .to = "192.0.2.1"},
        {"a port, both protocols", ROWS("22                         ALLOW IN    Anywhere                  \n"),
         FRAME "yes tcp 22 from 0.0.0.0/0 to 192.0.2.1 by 8\n"
               "yes udp 22 from 0.0.0.0/0 to 192.0.2.1 by 8\n",
         KJ_FW_INPUT, .to = "192.0.2.1"},
        {"ports of one protocol", ROWS("80,443,6000:6007/tcp       ALLOW IN    Anywhere                  \n"),
         FRAME "yes tcp 80,443,6000-6007 from 0.0.0.0/0 to 192.0.2.1 by 8\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"order counts",
         ROWS("22/tcp                     DENY IN     192.0.2.66                \n"
              "22/tcp                     ALLOW IN    192.0.2.64/29             \n"),
         FRAME "yes tcp 22 from 192.0.2.64/31, 192.0.2.67, 192.0.2.68/30 to 192.0.2.1 by 9\n", KJ_FW_INPUT,
         .to = "192.0.2.1"},
        {"the other way round",
         ROWS("22/tcp                     ALLOW IN    192.0.2.64/29             \n"
              "22/tcp                     REJECT IN   192.0.2.66                \n"),
         FRAME "yes tcp 22 from 192.0.2.64/29 to 192.0.2.1 by 8\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"a limit lets in for a while",
         ROWS("22/tcp                     LIMIT IN    Anywhere                  \n"
              "22                         ALLOW IN    Anywhere                  \n"),
         FRAME "maybe tcp 22 from 0.0.0.0/0 to 192.0.2.1 by 8\n"
               "yes udp 22 from 0.0.0.0/0 to 192.0.2.1 by 9\n",
         KJ_FW_INPUT, .to = "192.0.2.1"},
        {"an interface", ROWS("3306/tcp on eth1           ALLOW IN    Anywhere                  \n"),
         FRAME "yes tcp 3306 from 0.0.0.0/0 to 192.0.2.1 by 8\n", KJ_FW_INPUT, "eth1", .to = "192.0.2.1"},
        {"not that interface", ROWS("3306/tcp on eth1           ALLOW IN    Anywhere                  \n"),
         "maybe icmp 8/0-8/255 from 0.0.0.0/0 to 192.0.2.1 by 0\n"
         "maybe udp 68 from 0.0.0.0/0 to 192.0.2.1 by 0\n",
         KJ_FW_INPUT, "eth2", .to = "192.0.2.1"},
        {"an address of its own", ROWS("192.0.2.1 25/tcp           ALLOW IN    10.0.0.0/8                \n"),
         FRAME "yes tcp 25 from 10.0.0.0/8 to 192.0.2.1 by 8\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"a protocol behind an address", ROWS("Anywhere                   ALLOW IN    203.0.113.9/esp           \n"),
         FRAME "yes esp from 203.0.113.9 to 192.0.2.1 by 8\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"a source port", ROWS("Anywhere                   ALLOW IN    203.0.113.9 53/udp        \n"),
         "maybe icmp 8/0-8/255 from 203.0.113.9 to 192.0.2.1 by 0\n"
         "yes udp 0-67,69-65535 from 203.0.113.9 to 192.0.2.1 by 8\n"
         "yes udp 68 from 203.0.113.9 to 192.0.2.1 by 0,8\n",
         KJ_FW_INPUT, .from = "203.0.113.9", .to = "192.0.2.1"},
        {"a comment and a log",
         ROWS("22/tcp                     ALLOW IN    Anywhere                   (log) # not DENY IN\n"),
         FRAME "yes tcp 22 from 0.0.0.0/0 to 192.0.2.1 by 8\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"a profile, verbose", ROWS("80,443/tcp (Nginx Full)    ALLOW IN    Anywhere                  \n"),
         FRAME "yes tcp 80,443 from 0.0.0.0/0 to 192.0.2.1 by 8\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"a rule for IPv6", ROWS("22/tcp (v6)                ALLOW IN    Anywhere (v6)             \n"),
         "maybe icmpv6 129/0-129/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 128/0-128/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 133/0-133/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 134/0-134/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 135/0-135/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "yes tcp 22 from 2001:db8::/32 to 2001:db8:1::1 by 8\n",
         KJ_FW_INPUT, NULL, NULL, "2001:db8::/32", .to = "2001:db8:1::1"},
        {"an IPv6 address", ROWS("22/tcp                     ALLOW IN    2001:db8:1::/48           \n"),
         "maybe icmpv6 129/0-129/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 128/0-128/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 133/0-133/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 134/0-134/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 135/0-135/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "yes tcp 22 from 2001:db8:1::/48 to 2001:db8:1::1 by 8\n",
         KJ_FW_INPUT, NULL, NULL, "2001:db8::/32", .to = "2001:db8:1::1"},
        {"a long one pushes the columns",
         ROWS("2001:db8:1111:2222:3333:4444:5555:6666 22/tcp ALLOW IN    Anywhere (v6)             \n"),
         "maybe icmpv6 129/0-129/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 128/0-128/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 133/0-133/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 134/0-134/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 135/0-135/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/32 to ::/0 by 0\n"
         "maybe udp 5353 from 2001:db8::/32 to ff02::fb by 0\n"
         "maybe udp 1900 from 2001:db8::/32 to ff02::f by 0\n"
         "yes tcp 22 from 2001:db8::/32 to 2001:db8:1111:2222:3333:4444:5555:6666 by 8\n",
         KJ_FW_INPUT, NULL, NULL, "2001:db8::/32"},
        {"routed, but nothing is", ROWS("10.9.8.7 80/tcp on eth1    ALLOW FWD   Anywhere on eth0          \n"),
         "maybe icmp 3/0-3/255" FW_ALL4 " by 0\n"
         "maybe icmp 11/0-11/255" FW_ALL4 " by 0\n"
         "maybe icmp 12/0-12/255" FW_ALL4 " by 0\n"
         "maybe icmp 8/0-8/255" FW_ALL4 " by 0\n"
         "maybe tcp 80 from 0.0.0.0/0 to 10.9.8.7 by 8\n",
         KJ_FW_FORWARD, "eth0", "eth1"},
        {"routed",
         VERBOSE("deny (incoming), allow (outgoing), deny (routed)",
                 "10.9.8.7 80/tcp on eth1    ALLOW FWD   Anywhere on eth0          \n"),
         "maybe icmp 3/0-3/255" FW_ALL4 " by 0\n"
         "maybe icmp 11/0-11/255" FW_ALL4 " by 0\n"
         "maybe icmp 12/0-12/255" FW_ALL4 " by 0\n"
         "maybe icmp 8/0-8/255" FW_ALL4 " by 0\n"
         "yes tcp 80 from 0.0.0.0/0 to 10.9.8.7 by 8\n",
         KJ_FW_FORWARD, "eth0", "eth1"},
        {"outgoing",
         VERBOSE("deny (incoming), reject (outgoing), deny (routed)",
                 "198.51.100.1 53/udp        ALLOW OUT   Anywhere on eth0           (out)\n"),
         "yes udp 53 from 0.0.0.0/0 to 198.51.100.1 by 8\n", KJ_FW_OUTPUT, NULL, "eth0"},
        {"a row that cannot be read is not decided", ROWS("flurb on                   ALLOW IN    what is this\n"),
         "maybe icmp 8/0-8/255 from 0.0.0.0/0 to 192.0.2.1 by 0\n"
         "maybe tcp 0-65535 from 0.0.0.0/0 to 192.0.2.1 by 8\n"
         "maybe udp 0-67,69-65535 from 0.0.0.0/0 to 192.0.2.1 by 8\n"
         "maybe udp 68 from 0.0.0.0/0 to 192.0.2.1 by 0,8\n",
         KJ_FW_INPUT, "eth0", .to = "192.0.2.1"},
        {"open by default",
         VERBOSE("allow (incoming), allow (outgoing), allow (routed)",
                 "23/tcp                     DENY IN     Anywhere                  \n"),
         "yes other from 0.0.0.0/0 to 192.0.2.1 by 3\n"
         "yes icmp 13/0-13/255 15/0-15/255 17/0-17/255 from 0.0.0.0/0 to 192.0.2.1 by 3\n"
         "yes tcp 0-22,24-65535 from 0.0.0.0/0 to 192.0.2.1 by 3\n"
         "yes udp 0-67,69-65535 from 0.0.0.0/0 to 192.0.2.1 by 3\n"
         "yes icmp 8/0-8/255 from 0.0.0.0/0 to 192.0.2.1 by 0,3\n"
         "yes udp 68 from 0.0.0.0/0 to 192.0.2.1 by 0,3\n",
         KJ_FW_INPUT, .to = "192.0.2.1"},
        {"… but perhaps not for IPv6", NONE("allow (incoming), allow (outgoing), allow (routed)"),
         "maybe icmpv6 129/0-129/255 from 2001:db8::/32 to 2001:db8:1::1 by 0\n"
         "maybe tcp 0-65535 from 2001:db8::/32 to 2001:db8:1::1 by 3\n"
         "maybe udp 0-65535 from 2001:db8::/32 to 2001:db8:1::1 by 3\n"
         "maybe other from 2001:db8::/32 to 2001:db8:1::1 by 3\n"
         "maybe icmpv6 130/0-132/255 139/0-139/255 143/0-143/255 from 2001:db8::/32 to 2001:db8:1::1 by 3\n"
         "maybe icmpv6 128/0-128/255 from 2001:db8::/32 to 2001:db8:1::1 by 0,3\n"
         "maybe icmpv6 133/0-133/255 from 2001:db8::/32 to 2001:db8:1::1 by 0,3\n"
         "maybe icmpv6 134/0-134/255 from 2001:db8::/32 to 2001:db8:1::1 by 0,3\n"
         "maybe icmpv6 135/0-135/255 from 2001:db8::/32 to 2001:db8:1::1 by 0,3\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/32 to 2001:db8:1::1 by 0,3\n",
         KJ_FW_INPUT, NULL, NULL, "2001:db8::/32", .to = "2001:db8:1::1"},
        {"inactive", "Status: inactive\n", "yes any from 0.0.0.0/0 to 192.0.2.1 by 1\n", KJ_FW_INPUT,
         .to = "192.0.2.1"},
        {"numbered: the default is not told",
         "Status: active\n\n     To                         Action      From\n     --                         ------   "
         "   ----\n"
         "[ 1] 22/tcp                     ALLOW IN    Anywhere                  \n",
         "yes tcp 22 from 0.0.0.0/0 to 192.0.2.1 by 5\n"
         "maybe other from 0.0.0.0/0 to 192.0.2.1 by 0\n"
         "maybe icmp 13/0-13/255 15/0-15/255 17/0-17/255 from 0.0.0.0/0 to 192.0.2.1 by 0\n"
         "maybe tcp 0-21,23-65535 from 0.0.0.0/0 to 192.0.2.1 by 0\n"
         "maybe udp 0-67,69-65535 from 0.0.0.0/0 to 192.0.2.1 by 0\n"
         "maybe icmp 8/0-8/255 from 0.0.0.0/0 to 192.0.2.1 by 0,0\n"
         "maybe udp 68 from 0.0.0.0/0 to 192.0.2.1 by 0,0\n",
         KJ_FW_INPUT, "eth0", .to = "192.0.2.1"},
        {"short, with profiles",
         "Status: active\n\nTo                         Action      From\n--                         ------      ----\n"
         "OpenSSH                    ALLOW       192.0.2.0/24              \nMy Own Thing               DENY        "
         "Anywhere                  \n",
         "yes tcp 22 from 192.0.2.0/24 to 192.0.2.1 by 5\n"
         "maybe other from 192.0.2.0/24 to 192.0.2.1 by 0\n"
         "maybe icmp 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 192.0.2.1 by 0\n"
         "maybe tcp 0-21,23-65535 from 192.0.2.0/24 to 192.0.2.1 by 0\n"
         "maybe udp 0-67,69-65535 from 192.0.2.0/24 to 192.0.2.1 by 0\n"
         "maybe icmp 8/0-8/255 from 192.0.2.0/24 to 192.0.2.1 by 0,0\n"
         "maybe udp 68 from 192.0.2.0/24 to 192.0.2.1 by 0,0\n",
         KJ_FW_INPUT, .from = "192.0.2.0/24", .to = "192.0.2.1"},
};

static void test_status(void **state)
{
	(void)state;
	fw_check_rows(status, sizeof status / sizeof *status);
}

/* -- rules files -- */

#define USER                                                                                                           \
	"*filter\n:ufw-user-input - [0:0]\n:ufw-user-output - [0:0]\n:ufw-user-forward - [0:0]\n"                      \
	":ufw-user-limit - [0:0]\n:ufw-user-limit-accept - [0:0]\n### RULES ###\n"                                     \
	"### tuple ### allow tcp 22 0.0.0.0/0 any 192.0.2.0/24 in\n-A ufw-user-input -p tcp --dport 22 -s "            \
	"192.0.2.0/24 -j ACCEPT\n"                                                                                     \
	"### tuple ### deny any any 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -j DROP\n### END RULES ###\n"        \
	"-A ufw-user-limit -j REJECT\n-A ufw-user-limit-accept -j ACCEPT\nCOMMIT\n"
#define USER6                                                                                                          \
	"*filter\n:ufw6-user-input - [0:0]\n:ufw6-user-output - [0:0]\n:ufw6-user-forward - [0:0]\n### RULES "         \
	"###\nCOMMIT\n"
#define BEFORE                                                                                                         \
	"*filter\n:ufw-before-input - [0:0]\n:ufw-before-output - [0:0]\n:ufw-before-forward - [0:0]\n"                \
	"-A ufw-before-input -p tcp --dport 80 -j ACCEPT\n-A ufw-before-input -s 192.0.2.0/24 -j DROP\nCOMMIT\n"
#define AFTER                                                                                                          \
	"*filter\n:ufw-after-input - [0:0]\n:ufw-after-output - [0:0]\n:ufw-after-forward - [0:0]\n"                   \
	"-A ufw-after-input -p udp --dport 137 -j ufw-skip-to-policy-input\nCOMMIT\n"

static const struct fw_row files[] = {
        {"user.rules", USER, FRAME "yes tcp 22 from 192.0.2.0/24 to 192.0.2.1 by 9\n", KJ_FW_INPUT, .to = "192.0.2.1"},
        {"user.rules, what is routed is not told", USER,
         "maybe tcp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe icmp 0/0-2/255 4/0-7/255 9/0-10/255 13/0-255/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe icmp 3/0-3/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0,0\n"
         "maybe icmp 11/0-11/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0,0\n"
         "maybe icmp 12/0-12/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0,0\n"
         "maybe icmp 8/0-8/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0,0\n",
         KJ_FW_FORWARD, NULL, NULL, "192.0.2.0/24"},
        {"user6.rules without a rule", USER6,
         "maybe icmpv6 129/0-129/255 from 2001:db8::/64 to 2001:db8:1::1 by 0\n"
         "maybe tcp 0-65535 from 2001:db8::/64 to 2001:db8:1::1 by 0\n"
         "maybe udp 0-65535 from 2001:db8::/64 to 2001:db8:1::1 by 0\n"
         "maybe other from 2001:db8::/64 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 130/0-132/255 139/0-139/255 143/0-143/255 from 2001:db8::/64 to 2001:db8:1::1 by 0\n"
         "maybe icmpv6 128/0-128/255 from 2001:db8::/64 to 2001:db8:1::1 by 0,0\n"
         "maybe icmpv6 133/0-133/255 from 2001:db8::/64 to 2001:db8:1::1 by 0,0\n"
         "maybe icmpv6 134/0-134/255 from 2001:db8::/64 to 2001:db8:1::1 by 0,0\n"
         "maybe icmpv6 135/0-135/255 from 2001:db8::/64 to 2001:db8:1::1 by 0,0\n"
         "maybe icmpv6 136/0-136/255 from 2001:db8::/64 to 2001:db8:1::1 by 0,0\n",
         KJ_FW_INPUT, NULL, NULL, "2001:db8::/64", .to = "2001:db8:1::1"},
        {"before.rules: what follows is not known", BEFORE, "yes tcp 80 from 192.0.2.0/24 to 192.0.2.1 by 5\n",
         KJ_FW_INPUT, NULL, NULL, "192.0.2.0/24", .to = "192.0.2.1"},
        {"after.rules: what comes before is not known", AFTER,
         "maybe icmp 8/0-8/255 from 192.0.2.0/24 to 192.0.2.1 by 0,0,0\n"
         "maybe udp 68 from 192.0.2.0/24 to 192.0.2.1 by 0,0,0\n"
         "maybe tcp 0-65535 from 192.0.2.0/24 to 192.0.2.1 by 0,0\n"
         "maybe other from 192.0.2.0/24 to 192.0.2.1 by 0,0\n"
         "maybe icmp 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 192.0.2.1 by 0,0\n"
         "maybe udp 0-67,69-136,138-65535 from 192.0.2.0/24 to 192.0.2.1 by 0,0\n"
         "maybe udp 137 from 192.0.2.0/24 to 192.0.2.1 by 0,5,0\n",
         KJ_FW_INPUT, NULL, NULL, "192.0.2.0/24", .to = "192.0.2.1"},
        {"two files in one text", USER USER6,
         "maybe icmp 8/0-8/255 from 192.0.2.0/24 to 192.0.2.1 by 0\n"
         "maybe udp 68 from 192.0.2.0/24 to 192.0.2.1 by 0\n"
         "yes tcp 22 from 192.0.2.0/24 to 192.0.2.1 by 9\n",
         KJ_FW_INPUT, NULL, NULL, "192.0.2.0/24", .to = "192.0.2.1"},
};

static void test_files(void **state)
{
	(void)state;
	fw_check_rows(files, sizeof files / sizeof *files);
}

static void test_recognised(void **state)
{
	static const struct {
		const char *text, *dialect;
	} texts[] = {
	        {USER, "ufw-rules"},
	        {BEFORE, "ufw-rules"},
	        {"*filter\n:INPUT DROP [0:0]\n:ufw-user-input - [0:0]\n-A INPUT -j ufw-user-input\nCOMMIT\n",
	         "iptables-save"},
	        {"Status: inactive\n", "ufw-status"},
	        {NONE(DENY), "ufw-status"},
	        {"Status: active\n", "ufw-status"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_string_equal(kj_fw_dialect_of(kj_str_of(texts[i].text))->name, texts[i].dialect);
}

#define SHIPPED                                                                                                        \
	"0: ufw lists its user's rules only: before.rules is taken as shipped, and what Docker or others add is not "  \
	"seen\n"
#define DEFAULTS "0: ufw's defaults (/etc/default/ufw) are not in this file: what no rule decides may be open\n"

static void test_notes(void **state)
{
	(void)state;
	fw_check_notes("Status: inactive\n", "1: ufw is not active; whether another firewall is, it does not tell\n");
	fw_check_notes(NONE(DENY), SHIPPED);
	fw_check_notes("Status: active\n",
	               SHIPPED "0: the default policy is not listed ('ufw status verbose' lists it)\n");
	fw_check_notes(USER, DEFAULTS);
	fw_check_notes(BEFORE,
	               "0: chain 'ufw-user-input' is not in this file of ufw; what it does is not known\n"
	               "0: chain 'ufw-user-forward' is not in this file of ufw; what it does is not known\n"
	               "0: chain 'ufw-user-output' is not in this file of ufw; what it does is not known\n" DEFAULTS);
}

static void test_damage(void **state)
{
	(void)state;
	fw_check_damage(
	        ROWS("[ 1] 192.0.2.1 80,443/tcp (v6) on eth0 ALLOW IN    2001:db8::/32 53/udp on eth1 (log) # x\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_status), cmocka_unit_test(test_files),  cmocka_unit_test(test_recognised),
	        cmocka_unit_test(test_notes),  cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
