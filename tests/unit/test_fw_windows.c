#include "fw_accepts.h"

#include "firewall/join.h"

#define DASHES "----------------------------------------------------------------------\r\n"

#define PROFILE(title, state, policy)                                                                                  \
	title ": \r\n" DASHES "State                                 " state                                           \
	      "\r\nFirewall Policy                       " policy                                                      \
	      "\r\nLocalFirewallRules                    N/A (GPO-store only)\r\n\r\n"
#define ALL_ON                                                                                                         \
	PROFILE("Domain Profile Settings", "ON", "BlockInbound,AllowOutbound")                                         \
	PROFILE("Private Profile Settings", "ON", "BlockInbound,AllowOutbound")                                        \
	PROFILE("Public Profile Settings", "ON", "BlockInbound,AllowOutbound") "Ok.\r\n\r\n"

/* Rules in the order of netsh's fields. */
#define HEAD(name, enabled, dir, profiles)                                                                             \
	"\r\nRule Name:                            " name "\r\n" DASHES                                                \
	"Enabled:                              " enabled "\r\nDirection:                            " dir              \
	"\r\nProfiles:                             " profiles "\r\nGrouping:                             \r\n"
#define ADDRESSES(local, remote)                                                                                       \
	"LocalIP:                              " local "\r\nRemoteIP:                             " remote "\r\n"
#define PORTS(proto, local, remote)                                                                                    \
	"Protocol:                             " proto "\r\nLocalPort:                            " local              \
	"\r\nRemotePort:                           " remote "\r\n"
#define ACTION(action)                                                                                                 \
	"Edge traversal:                       No\r\nAction:                               " action "\r\n"
#define VERBOSE(program, action)                                                                                       \
	"Edge traversal:                       No\r\n" program "InterfaceTypes:                       Any\r\n"         \
	"Security:                             NotRequired\r\nRule source:                          Local Setting\r\n" \
	"Action:                               " action "\r\n"
#define ANYWHERE ADDRESSES("Any", "Any")
#define EVERY    "Domain,Private,Public"

static const struct fw_case netsh[] = {
        /* ports, lists, ranges, a rule that is off; outbound rules hold for what goes out */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "22,5000-5010", "Any") ACTION("Allow")
                 HEAD("b", "No", "In", EVERY) ANYWHERE PORTS("TCP", "23", "Any") ACTION("Allow")
                         HEAD("c", "Yes", "Out", EVERY) ANYWHERE PORTS("TCP", "Any", "25") ACTION("Block") "Ok.\r\n",
         "== netsh\n"
         "input *: tcp 22,5000-5010 [22]\n"
         "input *: tcp 22,5000-5010 from6 to6 [22]\n",
         KJ_FW_INPUT},
        {ALL_ON HEAD("c", "Yes", "Out", EVERY) ANYWHERE PORTS("TCP", "Any", "25") ACTION("Block") "Ok.\r\n",
         "== netsh\n"
         "output *: icmp 0/0-255/255 [16]\n"
         "output *: icmpv6 0/0-255/255 from6 to6 [16]\n"
         "output *: other [16]\n"
         "output *: other from6 to6 [16]\n"
         "output *: tcp 0-24,26-65535 [16]\n"
         "output *: tcp 0-24,26-65535 from6 to6 [16]\n"
         "output *: udp 0-65535 [16]\n"
         "output *: udp 0-65535 from6 to6 [16]\n",
         KJ_FW_OUTPUT},
        /* block beats allow, whatever the order; addresses on further lines */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ADDRESSES("198.51.100.1/32",
                                                        "192.0.2.0/24,\r\n      203.0.113.0-203.0.113.9")
                 PORTS("TCP", "443", "Any") ACTION("Allow") HEAD("b", "Yes", "In", EVERY)
                         ADDRESSES("Any", "192.0.2.0/25") "Protocol:                             Any\r\n" ACTION(
                                 "Block") "Ok.\r\n",
         "== netsh\n"
         "input *: tcp 443 from 192.0.2.128/25, 203.0.113.0/29, 203.0.113.8/31 to 198.51.100.1 [22]\n",
         KJ_FW_INPUT},
        /* profiles; without some, interfaces of no known profile are public */
        {ALL_ON HEAD("a", "Yes", "In", "Domain") ANYWHERE PORTS("TCP", "22", "Any") ACTION("Allow")
                 HEAD("b", "Yes", "In", "Public") ANYWHERE PORTS("UDP", "53", "Any") ACTION("Allow") "Ok.\r\n",
         "== netsh\n"
         "input *: udp 53 [36]\n"
         "input *: udp 53 from6 to6 [36]\n"
         "input Domain: tcp 22 [22]\n"
         "input Domain: tcp 22 from6 to6 [22]\n"
         "input Public: udp 53 [36]\n"
         "input Public: udp 53 from6 to6 [36]\n",
         KJ_FW_INPUT},
        /* states and default actions */
        {PROFILE("Domain Profile Settings", "OFF",
                 "BlockInbound,AllowOutbound") PROFILE("Private Profile Settings", "ON", "AllowInbound,AllowOutbound")
                 PROFILE("Public Profile Settings", "ON", "BlockInboundAlways,AllowOutbound") "Ok.\r\n" HEAD(
                         "a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "22", "Any") ACTION("Allow")
                         HEAD("b", "Yes", "In", EVERY) ANYWHERE PORTS("UDP", "53", "Any") ACTION("Block") "Ok.\r\n",
         "== netsh\n"
         "input Domain: any [3]\n"
         "input Domain: any from6 to6 [3]\n"
         "input Private: icmp 0/0-255/255 [10]\n"
         "input Private: icmpv6 0/0-255/255 from6 to6 [10]\n"
         "input Private: other [10]\n"
         "input Private: other from6 to6 [10]\n"
         "input Private: tcp 0-21,23-65535 [10]\n"
         "input Private: tcp 0-21,23-65535 from6 to6 [10]\n"
         "input Private: tcp 22 [21]\n"
         "input Private: tcp 22 from6 to6 [21]\n"
         "input Private: udp 0-52,54-65535 [10]\n"
         "input Private: udp 0-52,54-65535 from6 to6 [10]\n",
         KJ_FW_INPUT},
        /* without the profiles nothing is known to be closed, what is allowed is open all the same */
        {HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "22", "Any") ACTION("Allow") "Ok.\r\n",
         "== netsh\n"
         "input *: icmp 0/0-255/255 [0] maybe\n"
         "input *: icmpv6 0/0-255/255 from6 to6 [0] maybe\n"
         "input *: other [0] maybe\n"
         "input *: other from6 to6 [0] maybe\n"
         "input *: tcp 0-21,23-65535 [0] maybe\n"
         "input *: tcp 0-21,23-65535 from6 to6 [0] maybe\n"
         "input *: tcp 22 [0 2]\n"
         "input *: tcp 22 from6 to6 [0 2]\n"
         "input *: udp 0-65535 [0] maybe\n"
         "input *: udp 0-65535 from6 to6 [0] maybe\n"
         "! 0 whether the firewall is on is not in the dump for these profiles: Domain, Private, Public ('netsh "
         "advfirewall show allprofiles' or Get-NetFirewallProfile tells)\n",
         KJ_FW_INPUT},
        /* keywords; addresses that only the machine knows */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "80,RPC,RPC-EPMap", "Any") ACTION("Allow")
                 HEAD("b", "Yes", "In", EVERY) ADDRESSES("Any", "LocalSubnet,10.0.0.0/8") PORTS("UDP", "137", "Any")
                         ACTION("Allow") HEAD("c", "Yes", "In", EVERY) ANYWHERE PORTS("UDP", "Cortana", "Any")
                                 ACTION("Allow") "Ok.\r\n",
         "== netsh\n"
         "input *: tcp 1025-65535 [22] maybe\n"
         "input *: tcp 1025-65535 from6 to6 [22] maybe\n"
         "input *: tcp 80,135 [22]\n"
         "input *: tcp 80,135 from6 to6 [22]\n"
         "input *: udp 0-136,138-65535 [50] maybe\n"
         "input *: udp 0-136,138-65535 from6 to6 [50] maybe\n"
         "input *: udp 137 from 10.0.0.0/8 [36]\n"
         "input *: udp 137 from any but 10.0.0.0/8 [36 50] maybe\n"
         "input *: udp 137 from6 to6 [36 50] maybe\n"
         "! 50 'Cortana' is not evaluated as a port\n"
         "! 36 set 'LocalSubnet' is not in the dump\n",
         KJ_FW_INPUT},
        /* ICMP and protocols without ports */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ANYWHERE
         "Protocol:                             ICMPv4\r\n                                      Type    Code\r\n"
         "                                      8       Any \r\n                                      3       4 "
         "\r\n" ACTION("Allow") HEAD("b", "Yes", "In", EVERY) ANYWHERE
         "Protocol:                             GRE\r\n" ACTION("Allow") HEAD("c", "Yes", "In", EVERY) ANYWHERE
         "Protocol:                             41\r\n" ACTION("Allow") "Ok.\r\n",
         "== netsh\n"
         "input *: gre [37]\n"
         "input *: gre from6 to6 [37]\n"
         "input *: icmp 3/4 8/0-8/255 [22]\n"
         "input *: ipv6 [49]\n"
         "input *: ipv6 from6 to6 [49]\n",
         KJ_FW_INPUT},
        /* a rule for one program is open while it listens; without 'verbose' a rule that names no port may be one */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "3389", "Any") VERBOSE(
                 "Program:                              C:\\Program Files\\x.exe\r\nService:                         "
                 "     TermService\r\n",
                 "Allow") HEAD("b", "Yes", "In", EVERY) ANYWHERE PORTS("UDP", "69", "Any") VERBOSE("", "Allow")
                 HEAD("c", "Yes", "In", EVERY) ANYWHERE PORTS("UDP", "Any", "Any") ACTION("Block") "Ok.\r\n",
         "== netsh\n"
         "input *: tcp 3389 [22] maybe\n"
         "input *: tcp 3389 from6 to6 [22] maybe\n"
         "input *: udp 69 [41] maybe\n"
         "input *: udp 69 from6 to6 [41] maybe\n"
         "! 22 'program C:\\Program Files\\x.exe, service TermService' is not evaluated\n"
         "! 0 the dump does not tell which rules hold for one program only (netsh: 'verbose'; PowerShell: "
         "Get-NetFirewallApplicationFilter): those that name no ports may be such\n",
         KJ_FW_INPUT},
        /* bypass goes before block, and is never certain */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "22", "Any") ACTION("Block")
                 HEAD("b", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "22", "Any") VERBOSE("", "Bypass") "Ok.\r\n",
         "== netsh\n"
         "input *: tcp 22 [36] maybe\n"
         "input *: tcp 22 from6 to6 [36] maybe\n",
         KJ_FW_INPUT},
        /* cut off, and odd: never silent */
        {ALL_ON HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "22", "Any"),
         "== netsh\n"
         "input *: icmp 0/0-255/255 [0] maybe\n"
         "input *: icmpv6 0/0-255/255 from6 to6 [0] maybe\n"
         "input *: other [0] maybe\n"
         "input *: other from6 to6 [0] maybe\n"
         "input *: tcp 0-21,23-65535 [0] maybe\n"
         "input *: tcp 0-21,23-65535 from6 to6 [0] maybe\n"
         "input *: tcp 22 [0 22] maybe\n"
         "input *: tcp 22 from6 to6 [0 22] maybe\n"
         "input *: udp 0-65535 [0] maybe\n"
         "input *: udp 0-65535 from6 to6 [0] maybe\n"
         "! 22 the rule has no 'Action': is the text cut off?\n"
         "! 32 the list of rules has no 'Ok.' at its end: is the text cut off?\n",
         KJ_FW_INPUT},
        {ALL_ON HEAD("a", "Perhaps", "In", EVERY) ANYWHERE PORTS("TCP", "22", "Any") ACTION("Allow")
                 HEAD("b", "Yes", "In", "Home") ANYWHERE PORTS("TCP", "23", "Any") ACTION("Allow")
                         HEAD("c", "Yes", "In", EVERY) ANYWHERE PORTS("TCP", "24", "Any") ACTION("Allow")
                                 ACTION("Block") "Ok.\r\n",
         "== netsh\n"
         "input *: icmp 0/0-255/255 [50] maybe\n"
         "input *: icmpv6 0/0-255/255 from6 to6 [50] maybe\n"
         "input *: other [50] maybe\n"
         "input *: other from6 to6 [50] maybe\n"
         "input *: tcp 0-21,24-65535 [50] maybe\n"
         "input *: tcp 0-21,24-65535 from6 to6 [50] maybe\n"
         "input *: tcp 22 [22 50] maybe\n"
         "input *: tcp 22 from6 to6 [22 50] maybe\n"
         "input *: tcp 23 [36 50] maybe\n"
         "input *: tcp 23 from6 to6 [36 50] maybe\n"
         "input *: udp 0-65535 [50] maybe\n"
         "input *: udp 0-65535 from6 to6 [50] maybe\n"
         "! 22 'Perhaps' is not known as a value of 'Enabled'\n"
         "! 36 'Home' is not known as a profile; taken for all of them\n"
         "! 63 'Edge traversal' stands twice in one rule\n"
         "! 64 'Action' stands twice in one rule\n"
         "! 0 the dump does not tell which rules hold for one program only (netsh: 'verbose'; PowerShell: "
         "Get-NetFirewallApplicationFilter): those that name no ports may be such\n",
         KJ_FW_INPUT},
        /* Japanese */
        {"\r\n規則名:                               WSL SSH 2222\r\n" DASHES
         "有効:                                 はい\r\n方向:                                 入力\r\n"
         "プロファイル:                         ドメイン,プライベート\r\nグループ:\r\n"
         "ローカル IP:                          任意\r\nリモート IP:                          任意\r\n"
         "プロトコル:                           TCP\r\nローカル ポート:                      2222\r\n"
         "リモート ポート:                      任意\r\nエッジ トラバーサル:                  いいえ\r\n"
         "操作:                                 許可\r\nOK\r\n\r\n"
         "ドメイン プロファイル 設定:\r\n" DASHES "State                                 オン\r\n"
         "Firewall Policy                       BlockInbound,AllowOutbound\r\n\r\n"
         "プライベート プロファイル 設定:\r\n" DASHES "状態                                  オフ\r\n"
         "ファイアウォール ポリシー             BlockInbound,AllowOutbound\r\n\r\n"
         "パブリック プロファイル 設定:\r\n" DASHES "State                                 オン\r\n"
         "Firewall Policy                       BlockInbound,AllowOutbound\r\nOK\r\n",
         "== netsh\n"
         "input Domain: tcp 2222 [2]\n"
         "input Domain: tcp 2222 from6 to6 [2]\n"
         "input Private: any [24]\n"
         "input Private: any from6 to6 [24]\n",
         KJ_FW_INPUT},
        /* a language of which only the shape is known */
        {"\r\nRegelname:                            Remotedesktop\r\n" DASHES
         "Aktiviert:                            Ja\r\nRichtung:                             Eingehend\r\n"
         "Profile:                              Domäne\r\nGruppierung:                          x\r\n"
         "Lokales IP:                           Beliebig\r\nRemote-IP:                            Beliebig\r\n"
         "Protokoll:                            TCP\r\nLokaler Port:                         3389\r\n"
         "Remoteport:                           Beliebig\r\nAktion:                               Zulassen\r\nOK.\r\n",
         "== netsh\n"
         "input *: any [0] maybe\n"
         "input *: any from6 to6 [0] maybe\n"
         "! 2 'Regelname': only the English and the Japanese words of netsh are known; what this says is not "
         "evaluated\n"
         "! 0 whether the firewall is on is not in the dump for these profiles: Domain, Private, Public ('netsh "
         "advfirewall show allprofiles' or Get-NetFirewallProfile tells)\n",
         KJ_FW_INPUT},
};

/* -- PowerShell -- */

#define PROFILES_ON                                                                                                    \
	"[{\"Name\":\"Domain\",\"Enabled\":1,\"DefaultInboundAction\":4,\"DefaultOutboundAction\":2},\n"               \
	"{\"Name\":\"Private\",\"Enabled\":\"True\",\"DefaultInboundAction\":\"NotConfigured\","                       \
	"\"DefaultOutboundAction\":0},\n"                                                                              \
	"{\"Name\":\"Public\",\"Enabled\":1,\"DefaultInboundAction\":0,\"DefaultOutboundAction\":0}]\n"
#define RULE(id, enabled, profile, direction, action)                                                                  \
	"{\"Name\":\"" id "\",\"DisplayName\":\"" id "\",\"InstanceID\":\"" id "\",\"Enabled\":" enabled               \
	",\"Profile\":" profile ",\"Direction\":" direction ",\"Action\":" action "}\n"
#define PORT(id, proto, local)                                                                                         \
	"{\"InstanceID\":\"" id "\",\"Protocol\":\"" proto "\",\"LocalPort\":" local                                   \
	",\"RemotePort\":\"Any\",\"IcmpType\":\"Any\",\"DynamicTarget\":0}\n"
#define ADDRESS(id, remote) "{\"InstanceID\":\"" id "\",\"LocalAddress\":\"Any\",\"RemoteAddress\":" remote "}\n"
#define APP(id, program)    "{\"InstanceID\":\"" id "\",\"Program\":\"" program "\",\"Package\":null}\n"

static const struct fw_case json[] = {
        /* enumerations as numbers and as names; several values in one text */
        {PROFILES_ON RULE("a", "1", "0", "1", "2") RULE("b", "\"True\"", "\"Domain, Private\"", "\"Inbound\"",
                                                        "\"Allow\"") RULE("c", "2", "0", "1", "2")
                 RULE("d", "true", "{\"value\":1,\"Value\":\"Domain\"}", "1", "4") PORT("a", "TCP", "\"22\"")
                         PORT("b", "UDP", "[\"53\",\"5000-5002\"]") PORT("c", "TCP", "\"23\"") PORT("d", "UDP", "53")
                                 ADDRESS("a", "[\"10.0.0.0/255.0.0.0\",\"2001:db8::/32\"]") ADDRESS(
                                         "b", "{\"value\":[\"Any\"],\"Count\":1}") ADDRESS("c", "\"Any\"")
                                         ADDRESS("d", "\"Any\"") APP("a", "Any") APP("b", "Any") APP("d", "Any"),
         "== windows-json\n"
         "input *: tcp 22 from 10.0.0.0/8 [4]\n"
         "input *: tcp 22 from 2001:db8::/32 to6 [4]\n"
         "input Domain: tcp 22 from 10.0.0.0/8 [4]\n"
         "input Domain: tcp 22 from 2001:db8::/32 to6 [4]\n"
         "input Domain: udp 5000-5002 [5]\n"
         "input Domain: udp 5000-5002 from6 to6 [5]\n"
         "input Private: tcp 22 from 10.0.0.0/8 [4]\n"
         "input Private: tcp 22 from 2001:db8::/32 to6 [4]\n"
         "input Private: udp 53,5000-5002 [5]\n"
         "input Private: udp 53,5000-5002 from6 to6 [5]\n"
         "input Public: tcp 22 from 10.0.0.0/8 [4]\n"
         "input Public: tcp 22 from 2001:db8::/32 to6 [4]\n",
         KJ_FW_INPUT},
        /* one object for all; a filter that is not there; a program */
        {"{\"Rules\":[" RULE("a", "1", "0", "1", "2") "," RULE("b", "1", "0", "1", "2") "],\n\"PortFilters\":" PORT(
                 "a", "TCP",
                 "\"22\"") ",\n\"AddressFilters\":[" ADDRESS("a",
                                                             "\"Any\"") "," ADDRESS("b",
                                                                                    "\"192.0.2.1\"") "],"
                                                                                                     "\n\"App\""
                                                                                                     ":" APP("a",
                                                                                                             "C:"
                                                                                                             "\\\\"
                                                                                                             "x "
                                                                                                             "y."
                                                                                                             "exe") ","
                                                                                                                    "\""
                                                                                                                    "Pr"
                                                                                                                    "of"
                                                                                                                    "il"
                                                                                                                    "es"
                                                                                                                    "\""
                                                                                                                    ":" PROFILES_ON
                                                                                                                    "}",
         "== windows-json\n"
         "input *: icmp 0/0-255/255 from 192.0.2.1 [2] maybe\n"
         "input *: other from 192.0.2.1 [2] maybe\n"
         "input *: tcp 0-21,23-65535 from 192.0.2.1 [2] maybe\n"
         "input *: tcp 22 from 192.0.2.1 [1 2] maybe\n"
         "input *: tcp 22 from any but 192.0.2.1 [1] maybe\n"
         "input *: tcp 22 from6 to6 [1] maybe\n"
         "input *: udp 0-65535 from 192.0.2.1 [2] maybe\n"
         "! 1 'program C:\\x y.exe' is not evaluated\n"
         "! 2 'ports (their filter is not in the dump)' is not evaluated\n"
         "! 0 the dump does not tell which rules hold for one program only (netsh: 'verbose'; PowerShell: "
         "Get-NetFirewallApplicationFilter): those that name no ports may be such\n",
         KJ_FW_INPUT},
        /* rules that carry their ports themselves; only private networks now */
        {PROFILES_ON "[{\"Name\":\"Net\",\"InterfaceAlias\":\"Ethernet\",\"NetworkCategory\":1}]\n"
                     "[{\"DisplayName\":\"web\",\"Enabled\":\"True\",\"Profile\":\"Private\",\"Direction\":\"Inbound\","
                     "\"Action\":\"Allow\","
                     "\"Protocol\":\"TCP\",\"LocalPort\":\"80\",\"RemoteAddress\":\"Any\",\"Program\":\"Any\"},\n"
                     "{\"DisplayName\":\"no\",\"Enabled\":\"True\",\"Profile\":\"Public\",\"Direction\":\"Inbound\","
                     "\"Action\":\"Allow\","
                     "\"Protocol\":\"TCP\",\"LocalPort\":\"81\",\"RemoteAddress\":\"Any\",\"Program\":\"Any\"}]\n",
         "== windows-json\n"
         "input *: tcp 80 [5]\n"
         "input *: tcp 80 from6 to6 [5]\n",
         KJ_FW_INPUT},
        /* cut off in the middle */
        {PROFILES_ON "[" RULE("a", "1", "0", "1", "2") ",\n{\"Name\":\"b\",\"Ena",
         "== windows-json\n"
         "input *: any [0 4] maybe\n"
         "input *: any from6 to6 [0 4] maybe\n"
         "! 6 the text breaks off here: what follows is not known\n"
         "! 4 'ports (their filter is not in the dump), addresses (their filter is not in the dump)' is not evaluated\n"
         "! 0 the dump does not tell which rules hold for one program only (netsh: 'verbose'; PowerShell: "
         "Get-NetFirewallApplicationFilter): those that name no ports may be such\n",
         KJ_FW_INPUT},
        /* local rules that group policy does not let in; shields up */
        {"{\"Name\":\"Domain\",\"Enabled\":1,\"DefaultInboundAction\":4,\"DefaultOutboundAction\":2,"
         "\"AllowLocalFirewallRules\":0}\n"
         "{\"Name\":\"Private\",\"Enabled\":1,\"DefaultInboundAction\":4,\"DefaultOutboundAction\":2,"
         "\"AllowInboundRules\":0}\n"
         "{\"Name\":\"Public\",\"Enabled\":0,\"DefaultInboundAction\":4,\"DefaultOutboundAction\":2}\n"
         "{\"Name\":\"l\",\"InstanceID\":\"l\",\"Enabled\":1,\"Profile\":0,\"Direction\":1,\"Action\":2,"
         "\"PolicyStoreSourceType\":1,"
         "\"Protocol\":\"TCP\",\"LocalPort\":\"22\",\"RemoteAddress\":\"Any\",\"Program\":\"Any\"}\n"
         "{\"Name\":\"g\",\"InstanceID\":\"g\",\"Enabled\":1,\"Profile\":0,\"Direction\":1,\"Action\":2,"
         "\"PolicyStoreSourceType\":2,"
         "\"Protocol\":\"TCP\",\"LocalPort\":\"23\",\"RemoteAddress\":\"Any\",\"Program\":\"Any\"}\n",
         "== windows-json\n"
         "input *: any [3]\n"
         "input *: any from6 to6 [3]\n"
         "input Domain: tcp 23 [5]\n"
         "input Domain: tcp 23 from6 to6 [5]\n"
         "input Public: any [3]\n"
         "input Public: any from6 to6 [3]\n",
         KJ_FW_INPUT},
};

/* -- the registry -- */

#define POLICY "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy"
#define GROUP  "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall"
#define REG    "Windows Registry Editor Version 5.00\r\n\r\n"
#define REG_ON                                                                                                         \
	POLICY "\\DomainProfile]\r\n\"EnableFirewall\"=dword:00000001\r\n" POLICY                                      \
	       "\\PublicProfile]\r\n\"EnableFirewall\"=dword:00000001\r\n" POLICY                                      \
	       "\\StandardProfile]\r\n\"EnableFirewall\"=dword:00000001\r\n"

static const struct fw_case registry[] = {
        {REG REG_ON POLICY "\\FirewallRules]\r\n"
                           "\"a\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|LPort2_10=5000-5010|RA4="
                           "10.0.0.0/255.0.0.0|RA6=LocalSubnet|Name=a|\"\r\n"
                           "\"b\"=\"v2.31|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=23|Name=b|\"\r\n"
                           "\"c\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|Profile=Private|LPort=53|App=%"
                           "SystemRoot%\\\\x.exe|Name=\\\"c\\\"|\"\r\n"
                           "\"d\"=\"v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=5001|Profile=Public|\"\r\n"
                           "\"e\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=1|ICMP4=8:*|\"\r\n",
         "== windows-registry\n"
         "input *: icmp 8/0-8/255 [14]\n"
         "input *: tcp 22,5000,5002-5010 from 10.0.0.0/8 [10]\n"
         "input *: tcp 22,5000,5002-5010 from any but 10.0.0.0/8 [10] maybe\n"
         "input *: tcp 22,5000,5002-5010 from6 to6 [10] maybe\n"
         "input Domain: icmp 8/0-8/255 [14]\n"
         "input Domain: tcp 22,5000-5010 from 10.0.0.0/8 [10]\n"
         "input Domain: tcp 22,5000-5010 from any but 10.0.0.0/8 [10] maybe\n"
         "input Domain: tcp 22,5000-5010 from6 to6 [10] maybe\n"
         "input Private: icmp 8/0-8/255 [14]\n"
         "input Private: tcp 22,5000-5010 from 10.0.0.0/8 [10]\n"
         "input Private: tcp 22,5000-5010 from any but 10.0.0.0/8 [10] maybe\n"
         "input Private: tcp 22,5000-5010 from6 to6 [10] maybe\n"
         "input Private: udp 53 [12] maybe\n"
         "input Private: udp 53 from6 to6 [12] maybe\n"
         "input Public: icmp 8/0-8/255 [14]\n"
         "input Public: tcp 22,5000,5002-5010 from 10.0.0.0/8 [10]\n"
         "input Public: tcp 22,5000,5002-5010 from any but 10.0.0.0/8 [10] maybe\n"
         "input Public: tcp 22,5000,5002-5010 from6 to6 [10] maybe\n"
         "! 12 'App=%SystemRoot%\\x.exe' is not evaluated\n"
         "! 10 set 'LocalSubnet' is not in the dump\n",
         KJ_FW_INPUT},
        {REG REG_ON POLICY "\\FirewallRules]\r\n\"f\"=\"nonsense\"\r\n",
         "== windows-registry\n"
         "input *: any [10] maybe\n"
         "input *: any from6 to6 [10] maybe\n"
         "! 10 the rule's action or direction cannot be read\n",
         KJ_FW_INPUT},
        /* group policy goes before the machine's own settings; its rules come on top */
        {REG REG_ON POLICY
         "\\FirewallRules]\r\n\"a\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|\"\r\n" GROUP
         "\\DomainProfile]\r\n\"EnableFirewall\"=dword:00000000\r\n" GROUP
         "\\PublicProfile]\r\n\"AllowLocalPolicyMerge\"=dword:00000000\r\n" GROUP
         "\\StandardProfile]\r\n\"DefaultInboundAction\"=dword:00000000\r\n" GROUP
         "\\FirewallRules]\r\n\"g\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=25|\"\r\n",
         "== windows-registry\n"
         "input *: tcp 25 [18]\n"
         "input *: tcp 25 from6 to6 [18]\n"
         "input Domain: any [12]\n"
         "input Domain: any from6 to6 [12]\n"
         "input Private: icmp 0/0-255/255 [8]\n"
         "input Private: icmpv6 0/0-255/255 from6 to6 [8]\n"
         "input Private: other [8]\n"
         "input Private: other from6 to6 [8]\n"
         "input Private: tcp 0-21,23-24,26-65535 [8]\n"
         "input Private: tcp 0-21,23-24,26-65535 from6 to6 [8]\n"
         "input Private: tcp 22 [10]\n"
         "input Private: tcp 22 from6 to6 [10]\n"
         "input Private: tcp 25 [18]\n"
         "input Private: tcp 25 from6 to6 [18]\n"
         "input Private: udp 0-65535 [8]\n"
         "input Private: udp 0-65535 from6 to6 [8]\n"
         "input Public: tcp 25 [18]\n"
         "input Public: tcp 25 from6 to6 [18]\n",
         KJ_FW_INPUT},
        /* the machine's own rules are missing */
        {REG GROUP "\\FirewallRules]\r\n\"g\"=\"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=25|\"\r\n",
         "== windows-registry\n"
         "input *: icmp 0/0-255/255 [0] maybe\n"
         "input *: icmpv6 0/0-255/255 from6 to6 [0] maybe\n"
         "input *: other [0] maybe\n"
         "input *: other from6 to6 [0] maybe\n"
         "input *: tcp 0-24,26-65535 [0] maybe\n"
         "input *: tcp 0-24,26-65535 from6 to6 [0] maybe\n"
         "input *: tcp 25 [0 4] maybe\n"
         "input *: tcp 25 from6 to6 [0 4] maybe\n"
         "input *: udp 0-65535 [0] maybe\n"
         "input *: udp 0-65535 from6 to6 [0] maybe\n"
         "! 0 the machine's own rules (SharedAccess\\…\\FirewallRules) are not in the dump\n"
         "! 0 whether the firewall is on is not in the dump for these profiles: Domain, Private, Public ('netsh "
         "advfirewall show allprofiles' or Get-NetFirewallProfile tells)\n",
         KJ_FW_INPUT},
};

static void test_netsh(void **state)
{
	(void)state;
	check_fw_cases(netsh, sizeof netsh / sizeof *netsh);
}

static void test_json(void **state)
{
	(void)state;
	check_fw_cases(json, sizeof json / sizeof *json);
}

static void test_registry(void **state)
{
	(void)state;
	check_fw_cases(registry, sizeof registry / sizeof *registry);
}

/* Rules in one artifact, profiles in another. */
static void test_join(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	const struct kj_text rules = {KJ_STR("rules"), KJ_STR(HEAD("a", "Yes", "In", EVERY) ANYWHERE PORTS(
	                                                       "TCP", "22", "Any") ACTION("Allow") "Ok.")};
	const struct kj_text profiles = {KJ_STR("profiles"), KJ_STR("\xef\xbb\xbf" ALL_ON)};
	const struct kj_text *texts[] = {&rules, &profiles};
	const struct kj_fw_joined *joined = kj_fw_join(arena, texts, 2);
	kj_str got = fw_render(arena, &joined->text, KJ_FW_INPUT);
	assert_true(kj_str_eq(got, KJ_STR("== netsh\ninput *: tcp 22 [2]\ninput *: tcp 22 from6 to6 [2]\n")));
	static const struct {
		uint32_t line, part, there;
	} places[] = {{0, 0, 0}, {1, 0, 1}, {15, 0, 15}, {16, 1, 1}, {18, 1, 3}};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		uint32_t line = places[i].line;
		assert_ptr_equal(kj_fw_place(joined, &line), texts[places[i].part]);
		assert_int_equal(line, places[i].there);
	}
	assert_true(kj_str_eq(kj_text_line(&joined->text, 16), KJ_STR("Domain Profile Settings: ")));
	kj_arena_free(arena);
}

static void test_cuts(void **state)
{
	(void)state;
	check_fw_cuts(netsh[8].text);
	check_fw_cuts(json[1].text);
	check_fw_cuts(registry[0].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_netsh), cmocka_unit_test(test_json), cmocka_unit_test(test_registry),
	        cmocka_unit_test(test_join),  cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
