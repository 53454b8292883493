#include "fw_accepts.h"

#define TO_ALL "\"IpPermissionsEgress\":[{\"IpProtocol\":\"-1\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"}]}]"
#define GROUP(id, permissions)                                                                                         \
	"{\"SecurityGroups\":[{\"GroupId\":\"" id "\",\"GroupName\":\"x\",\n\"IpPermissions\":[" permissions           \
	"],\n" TO_ALL "}]}\n"
#define PERMISSION(proto, ports, peers) "{\"IpProtocol\":\"" proto "\"," ports peers "}"
#define FROM_TO(from, to)               "\"FromPort\":" from ",\"ToPort\":" to ","
#define V4(cidr)                        "\"IpRanges\":[{\"CidrIp\":\"" cidr "\"}]"
#define V6(cidr)                        "\"Ipv6Ranges\":[{\"CidrIpv6\":\"" cidr "\"}]"
#define GROUP_RULE(id, egress, proto, from, to, peer)                                                                  \
	"{\"SecurityGroupRuleId\":\"" id "\",\"GroupId\":\"sg-1\",\"IsEgress\":" egress ",\"IpProtocol\":\"" proto     \
	"\",\"FromPort\":" from ",\"ToPort\":" to "," peer "}"
#define ACL(entries) "{\"NetworkAcls\":[{\"NetworkAclId\":\"acl-1\",\"Entries\":[\n" entries "]}]}\n"
#define ENTRY(number, egress, proto, action, rest)                                                                     \
	"{\"RuleNumber\":" number ",\"Egress\":" egress ",\"Protocol\":\"" proto "\",\"RuleAction\":\"" action         \
	"\"," rest "}"
#define CIDR(cidr) "\"CidrBlock\":\"" cidr "\""

static const struct fw_case cases[] = {
        /* ports, both versions; egress does not let in */
        {GROUP("sg-1",
               PERMISSION("tcp", FROM_TO("22", "23"), V4("192.0.2.0/24") "," V6("2001:db8::/32")) ",\n" PERMISSION(
                       "udp", FROM_TO("53", "53"), V4("0.0.0.0/0")) ",\n" PERMISSION("tcp", FROM_TO("80", "80"),
                                                                                     "\"IpRanges\":[]")),
         "== aws-security-group sg-1\n"
         "input *: tcp 22-23 from 192.0.2.0/24 [2]\n"
         "input *: tcp 22-23 from 2001:db8::/32 to6 [2]\n"
         "input *: udp 53 [3]\n",
         KJ_FW_INPUT},
        {GROUP("sg-1", ""),
         "== aws-security-group sg-1\n"
         "output *: any [3]\n",
         KJ_FW_OUTPUT},
        /* routed through: both ways must allow it */
        {GROUP("sg-1", PERMISSION("tcp", FROM_TO("22", "22"), V4("192.0.2.0/24") "," V6("2001:db8::/32"))),
         "== aws-security-group sg-1\n"
         "forward *: tcp 22 from 192.0.2.0/24 [2 3]\n",
         KJ_FW_FORWARD},
        /* ICMP; a protocol by number, whose ports mean nothing; all */
        {GROUP("sg-1",
               PERMISSION("icmp", FROM_TO("8", "-1"), V4("192.0.2.1/32")) ",\n" PERMISSION("icmp", FROM_TO("3", "4"), V4("192.0.2.2/32")) ",\n" PERMISSION(
                       "icmpv6", FROM_TO("-1", "-1"),
                       V6("2001:db8::/64")) ",\n" PERMISSION("50", FROM_TO("1", "2"),
                                                             V4("192.0.2.3/32")) ",\n" PERMISSION("-1", "",
                                                                                                  V4("192.0.2.4/32"))),
         "== aws-security-group sg-1\n"
         "input *: any from 192.0.2.4 [6]\n"
         "input *: esp from 192.0.2.3 [5]\n"
         "input *: icmp 3/4 from 192.0.2.2 [3]\n"
         "input *: icmp 8/0-8/255 from 192.0.2.1 [2]\n"
         "input *: icmpv6 0/0-255/255 from 2001:db8::/64 to6 [4]\n",
         KJ_FW_INPUT},
        /* references: somebody, and nobody knows who */
        {GROUP("sg-1",
               PERMISSION(
                       "tcp", FROM_TO("22", "22"),
                       V4("192.0.2.0/24") ",\"UserIdGroupPairs\":[{\"GroupId\":\"sg-2\"}]") ",\n" PERMISSION("udp",
                                                                                                             FROM_TO("5"
                                                                                                                     "3",
                                                                                                                     "5"
                                                                                                                     "3"),
                                                                                                             "\"PrefixL"
                                                                                                             "istIds\":"
                                                                                                             "[{"
                                                                                                             "\"PrefixL"
                                                                                                             "istId\":"
                                                                                                             "\"pl-1\"}"
                                                                                                             "]")),
         "== aws-security-group sg-1\n"
         "input *: tcp 22 from 192.0.2.0/24 [2]\n"
         "input *: tcp 22 from any but 192.0.2.0/24 [2] maybe\n"
         "input *: tcp 22 from6 to6 [2] maybe\n"
         "input *: udp 53 [3] maybe\n"
         "input *: udp 53 from6 to6 [3] maybe\n"
         "! 2 the addresses of 'sg-2' are not in the dump\n"
         "! 3 the addresses of 'pl-1' are not in the dump\n",
         KJ_FW_INPUT},
        /* odd: never silent */
        {GROUP("sg-1", PERMISSION("strange", "", V4("192.0.2.1/32")) ",\n" PERMISSION(
                               "tcp", FROM_TO("9", "8"),
                               V4("192.0.2.2/32")) ",\n" PERMISSION("udp", FROM_TO("53", "53"), V4("here"))),
         "== aws-security-group sg-1\n"
         "input *: icmp 0/0-255/255 from 192.0.2.1 [2] maybe\n"
         "input *: other from 192.0.2.1 [2] maybe\n"
         "input *: tcp 0-65535 from 192.0.2.1 [2] maybe\n"
         "input *: tcp 0-65535 from 192.0.2.2 [3] maybe\n"
         "input *: udp 0-52,54-65535 from 192.0.2.1 [2] maybe\n"
         "input *: udp 53 from 192.0.2.1 [2 4] maybe\n"
         "input *: udp 53 from any but 192.0.2.1 [4] maybe\n"
         "input *: udp 53 from6 to6 [4] maybe\n"
         "! 2 'protocol strange' is not evaluated\n"
         "! 3 'a range of ports' is not evaluated\n"
         "! 4 'here' is not read as an address\n",
         KJ_FW_INPUT},
        {"{\"SecurityGroups\":[{\"GroupId\":\"sg-1\",\"IpPermissions\":[]}],\"NextToken\":\"abc\"}",
         "== aws-security-group sg-1\n"
         "input *: any [0] maybe\n"
         "input *: any from6 to6 [0] maybe\n"
         "! 1 'IpPermissionsEgress' is not in the dump\n"
         "! 0 the answer has further pages (NextToken): rules may be missing\n",
         KJ_FW_INPUT},
        /* two groups, wrapped in a recording; a list without a wrapper */
        {"{\"status_code\":200,\"data\":{\"SecurityGroups\":[{\"GroupId\":\"sg-1\",\"IpPermissions\":[" PERMISSION(
                 "tcp", FROM_TO("22", "22"),
                 V4("192.0.2.1/32")) "]},\n"
                                     "{\"GroupId\":\"sg-2\",\"IpPermissions\":[" PERMISSION(
                                             "tcp", FROM_TO("23", "23"),
                                             V4("192.0.2.1/32")) "]}]}}\n"
                                                                 "[{\"GroupId\":\"sg-3\",\"IpPermissions\":"
                                                                 "[" PERMISSION("tcp", FROM_TO("24", "24"),
                                                                                V4("192.0.2.1/32")) "]}]\n",
         "== aws-security-group sg-1\n"
         "input *: tcp 22 from 192.0.2.1 [1]\n"
         "! 1 'IpPermissionsEgress' is not in the dump\n"
         "== aws-security-group sg-2\n"
         "input *: tcp 23 from 192.0.2.1 [2]\n"
         "! 2 'IpPermissionsEgress' is not in the dump\n"
         "== aws-security-group sg-3\n"
         "input *: tcp 24 from 192.0.2.1 [3]\n"
         "! 3 'IpPermissionsEgress' is not in the dump\n",
         KJ_FW_INPUT},
        /* describe-security-group-rules */
        {"{\"SecurityGroupRules\":[\n" GROUP_RULE("sgr-1", "false", "tcp", "22", "22", "\"CidrIpv4\":\"192.0.2.0/24\"") ",\n" GROUP_RULE(
                 "sgr-2", "true", "-1", "-1", "-1",
                 "\"CidrIpv4\":\"0.0.0.0/0\"") ",\n" GROUP_RULE("sgr-3", "false", "udp", "53", "53",
                                                                "\"ReferencedGroupInfo\":{\"GroupId\":\"sg-"
                                                                "9\"}") ",\n" GROUP_RULE("sgr-4", "false", "tcp", "443",
                                                                                         "443",
                                                                                         "\"CidrIpv6\":\"::"
                                                                                         "/0\"") "]}\n",
         "== aws-security-group sg-1\n"
         "input *: tcp 22 from 192.0.2.0/24 [2]\n"
         "input *: tcp 443 from6 to6 [5]\n"
         "input *: udp 53 [4] maybe\n"
         "input *: udp 53 from6 to6 [4] maybe\n"
         "! 4 the addresses of 'sg-9' are not in the dump\n",
         KJ_FW_INPUT},
        /* network ACLs: by number, not by place; deny; what none names is denied */
        {ACL(ENTRY("32767", "false", "-1", "deny", CIDR("0.0.0.0/0")) ",\n" ENTRY("200", "false", "6", "allow", CIDR("0.0.0.0/0") ",\"PortRange\":{\"From\":22,\"To\":80}") ",\n" ENTRY(
                 "100", "false", "6", "deny",
                 CIDR("192.0.2.0/24") ",\"PortRange\":{\"From\":22,\"To\":22}") ",\n" ENTRY("300", "false", "1",
                                                                                            "allow",
                                                                                            CIDR("0.0.0.0/0") ",\"IcmpT"
                                                                                                              "ypeCode"
                                                                                                              "\":{"
                                                                                                              "\"Type\""
                                                                                                              ":8,"
                                                                                                              "\"Code\""
                                                                                                              ":-1}") ",\n" ENTRY("100",
                                                                                                                                  "true",
                                                                                                                                  "-1",
                                                                                                                                  "allow",
                                                                                                                                  CIDR("0.0.0.0/0")) ",\n" ENTRY("101",
                                                                                                                                                                 "false",
                                                                                                                                                                 "17",
                                                                                                                                                                 "allow",
                                                                                                                                                                 "\"Ipv6CidrBlock\":\"2001:db8::/32\",\"PortRange\":{\"From\":53,\"To\":53}")),
         "== aws-network-acl acl-1\n"
         "input *: icmp 8/0-8/255 [5]\n"
         "input *: tcp 22-80 from any but 192.0.2.0/24 [3]\n"
         "input *: tcp 23-80 from 192.0.2.0/24 [3]\n"
         "input *: udp 53 from 2001:db8::/32 to6 [7]\n",
         KJ_FW_INPUT},
        {ACL(ENTRY("1", "false", "-1", "perhaps", CIDR("192.0.2.0/24"))),
         "== aws-network-acl acl-1\n"
         "input *: any from 192.0.2.0/24 [2] maybe\n"
         "! 2 'perhaps' is not known as a rule action\n",
         KJ_FW_INPUT},
        /* cut off: what was whole is read, the rest may be open */
        {"{\"SecurityGroups\":[{\"GroupId\":\"sg-1\",\"IpPermissions\":[" PERMISSION(
                 "tcp", FROM_TO("22", "22"), V4("192.0.2.1/32")) ",\n{\"IpProtocol\":\"ud",
         "== aws-security-group sg-1\n"
         "input *: any from6 to6 [2] maybe\n"
         "input *: icmp 0/0-255/255 [2] maybe\n"
         "input *: other [2] maybe\n"
         "input *: tcp 0-21,23-65535 from 192.0.2.1 [2] maybe\n"
         "input *: tcp 0-65535 from any but 192.0.2.1 [2] maybe\n"
         "input *: tcp 22 from 192.0.2.1 [1]\n"
         "input *: udp 0-65535 [2] maybe\n"
         "! 1 'IpPermissionsEgress' is not in the dump\n"
         "! 2 the text breaks off here: rules may be missing\n",
         KJ_FW_INPUT},
        /* prose around it, as a manual page has it */
        {"To describe::\n\n    aws ec2 describe-security-groups\n\nOutput::\n\n    " GROUP(
                 "sg-1", PERMISSION("tcp", FROM_TO("22", "22"), V4("192.0.2.1/32"))) "\nFor more see [there].\n",
         "== aws-security-group sg-1\n"
         "input *: tcp 22 from 192.0.2.1 [8]\n",
         KJ_FW_INPUT},
};

static void test_cases(void **state)
{
	(void)state;
	check_fw_cases(cases, sizeof cases / sizeof *cases);
}

static void test_cuts(void **state)
{
	(void)state;
	check_fw_cuts(cases[4].text);
	check_fw_cuts(cases[9].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_cuts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
