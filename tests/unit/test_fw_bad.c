/* Firewall dumps as tired people send them: cut off, wrapped by a terminal, with prompts and pagers in them, several in
   one text, broken. Of each: what it says of three TCP ports from one sender, and the messages with their lines. What is
   lost must look neither closed nor open, what is there must still count. */
#include "fw_read.h"

#include "base/buf.h"

static const unsigned ports[] = {22, 23, 443};

struct bad {
	const char *about, *text;
	const char *answer; /* of ports 22, 23 and 443, "yes no maybe"; dumps parted by " / " */
	const char *says;   /* "LINE: message\n", without what is said of the dump as a whole */
};

/* -- the whole dumps, of which the others are broken pieces: 22 is open to all, 443 to the sender, 23 to nobody -- */

#define SAVE_CHAINS "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n"
#define SAVE_SSH    "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
#define SAVE_JUMP   "-A INPUT -s 192.0.2.0/24 -j web\n"
#define SAVE_WEB    "-A web -p tcp -m tcp --dport 443 -j ACCEPT\n"
#define SAVE        SAVE_CHAINS SAVE_SSH SAVE_JUMP SAVE_WEB "COMMIT\n"
#define LISTING     "-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N web\n" SAVE_SSH SAVE_JUMP
#define LEGACY      "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n"
#define LEGACY6     "# Warning: ip6tables-legacy tables present, use ip6tables-legacy-save to see them\n"
#define LEGACY_NOTE                                                                                                    \
	": there are rules of iptables-legacy too ('iptables-legacy-save' shows them): what they drop or redirect "    \
	"is not seen\n"

#define COLUMNS        " pkts bytes target     prot opt in     out     source               destination         \n"
#define CHAIN(heading) "Chain " heading "\n" COLUMNS
#define LIST_SSH       "    1    60 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:22\n"
#define LIST_JUMP      "    1    60 web        all  --  *      *       192.0.2.0/24         0.0.0.0/0           \n"
#define LIST_INPUT     CHAIN("INPUT (policy DROP 0 packets, 0 bytes)") LIST_SSH
#define LIST_OTHERS                                                                                                    \
	"\n" CHAIN("FORWARD (policy DROP 0 packets, 0 bytes)") "\n" CHAIN(                                             \
	        "OUTPUT (policy ACCEPT 0 packets, 0 bytes)") "\n"
#define LIST_WEB                                                                                                       \
	CHAIN("web (1 references)")                                                                                    \
	"    1    60 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:443"
#define LIST     LIST_INPUT LIST_JUMP LIST_OTHERS LIST_WEB "\n"

#define NFT_HEAD "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n"
#define NFT_SSH  "\t\ttcp dport 22 accept\n"
#define NFT_JUMP "\t\tip saddr 192.0.2.0/24 jump web\n\t}\n\n"
#define NFT_WEB  "\tchain web {\n\t\ttcp dport 443 accept\n\t}\n}\n"
#define NFT      NFT_HEAD NFT_SSH NFT_JUMP NFT_WEB

#define JSON_CHAIN                                                                                                     \
	"{\"nftables\": [\n{\"table\": {\"family\": \"inet\", \"name\": \"t\"}},\n"                                    \
	"{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\", \"type\": \"filter\", \"hook\": "       \
	"\"input\", "                                                                                                  \
	"\"prio\": 0, \"policy\": \"drop\"}}"
#define JSON_RULE(port, verdict)                                                                                       \
	",\n{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [{\"match\": {\"op\": "    \
	"\"==\", "                                                                                                     \
	"\"left\": {\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}, \"right\": " port "}}, {\"" verdict   \
	"\": null}]}}"
#define JSON JSON_CHAIN JSON_RULE("22", "accept") JSON_RULE("443", "accept") "\n]}\n"

#define UFW_HEAD                                                                                                       \
	"Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), disabled (routed)\n"           \
	"New profiles: skip\n\n"
#define UFW_TABLE "To                         Action      From\n--                         ------      ----\n"
#define UFW_SSH   "22/tcp                     ALLOW IN    Anywhere                  \n"
#define UFW_WEB   "443/tcp                    ALLOW IN    192.0.2.0/24              \n"
#define UFW       UFW_HEAD UFW_TABLE UFW_SSH UFW_WEB "\n"

#define ZONE(name, target, rest)                                                                                       \
	name "\n  target: " target "\n  icmp-block-inversion: no\n  interfaces: \n  sources: \n" rest
#define ZONE_END "  protocols: \n  forward: yes\n  masquerade: no\n  rich rules: \n"
#define PUBLIC   ZONE("public (default, active)", "default", "  services: ssh\n  ports: 443/tcp\n" ZONE_END)
#define WORK     ZONE("work", "default", "  services: ssh\n  ports: \n" ZONE_END)

#define DASHES   "----------------------------------------------------------------------\n"
#define PROFILE(name, state)                                                                                           \
	name " Profile Settings: \n" DASHES "State                                 " state                             \
	     "\nFirewall Policy                       BlockInbound,AllowOutbound\n\n"
#define PROFILES(state) PROFILE("Domain", state) PROFILE("Private", state) PROFILE("Public", state) "Ok.\n\n"
#define NETSH_RULE(name, remote, ports)                                                                                \
	"Rule Name:                            " name "\n" DASHES "Enabled:                              Yes\n"        \
	"Direction:                            In\nProfiles:                             Domain,Private,Public\n"      \
	"LocalIP:                              Any\nRemoteIP:                             " remote                     \
	"\nProtocol:                             TCP\nLocalPort:                            " ports                    \
	"\nRemotePort:                           Any\nInterfaceTypes:                       Any\n"
#define ALLOW       "Action:                               Allow\n\n"
#define NETSH_SSH   NETSH_RULE("SSH", "Any", "22") ALLOW
#define NETSH_WEB   NETSH_RULE("Web", "192.0.2.0/24", "443") ALLOW
#define NETSH       PROFILES("ON") NETSH_SSH NETSH_WEB "Ok.\n"

#define MORE        "--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b"
#define MORE_COLOUR "\x1b[7m--More--\x1b[27m\r\x1b[K"
#define SEVERAL(n)  ": the text holds 2 dumps, each judged by itself; here number " n " begins\n"

static const struct bad rows[] = {
        /* iptables-save */
        {"save", SAVE, "yes no yes", ""},
        {"cut within a line", SAVE_CHAINS SAVE_SSH SAVE_JUMP "-A web -p tcp -m tcp --dport 44", "yes maybe maybe",
         "8: the line may break off before its end\n8: the dump breaks off before the end of table 'filter'\n"},
        {"cut behind a line", SAVE_CHAINS SAVE_SSH, "yes maybe maybe",
         "6: the dump breaks off before the end of table 'filter'\n"},
        {"CR LF", "*filter\r\n:INPUT DROP [0:0]\r\n-A INPUT -p tcp --dport 22 -j ACCEPT\r\nCOMMIT\r\n", "yes no no",
         ""},
        {"prompts and prose", "$ sudo iptables-save\nThis is it:\n" SAVE "root@web:~# exit\nThat is all.\n",
         "yes no yes", ""},
        {"a pager", SAVE_CHAINS SAVE_SSH MORE SAVE_JUMP SAVE_WEB "COMMIT\n", "yes no yes", ""},
        {"a pager in reverse video", SAVE_CHAINS SAVE_SSH MORE_COLOUR SAVE_JUMP SAVE_WEB "COMMIT\n", "yes no yes", ""},
        {"a pager that was given Enter",
         SAVE_CHAINS SAVE_SSH "\x1b[7m--More--(50%)\x1b[m\x1b[K\n" SAVE_JUMP SAVE_WEB "COMMIT\n", "yes no yes", ""},
        {"colours", SAVE_CHAINS "-A INPUT -p tcp --dport 22 -j \x1b[32mACCEPT\x1b[0m\n" SAVE_JUMP SAVE_WEB "COMMIT\n",
         "yes no yes", ""},
        {"a wrapped word", SAVE_CHAINS "-A INPUT -p tcp -m tcp --dp\nort 22 -j ACCEPT\nCOMMIT\n", "maybe no no",
         "6: the line was wrapped; its words may be cut\n"},
        {"wrapped before an option", SAVE_CHAINS "-A INPUT -p tcp\n --dport 22\n -j ACCEPT\nCOMMIT\n", "yes no no", ""},
        {"a line that is none", SAVE_CHAINS SAVE_SSH "hello world\n" SAVE_JUMP SAVE_WEB "COMMIT\n", "maybe maybe maybe",
         "6: 'world' is not evaluated\n6: the line was wrapped; its words may be cut\n6: chain 'ACCEPThello' is not in "
         "the dump\n"},
        {"half a rule behind another", SAVE_CHAINS SAVE_SSH "--dport 443 -j ACCEPT\n" SAVE_JUMP SAVE_WEB "COMMIT\n",
         "maybe maybe maybe", "6: two targets in one rule: are these two lines run together?\n"},
        {"two dumps", SAVE SAVE_CHAINS "COMMIT\n", "yes no yes / no no no", "2" SEVERAL("1") "11" SEVERAL("2")},
        {"dumps of both families", SAVE "# Generated by ip6tables-save\n" SAVE_CHAINS SAVE_SSH "COMMIT\n",
         "yes no yes / no no no", ""},
        {"a chain declared twice", SAVE_CHAINS ":web - [0:0]\n" SAVE_SSH SAVE_JUMP SAVE_WEB "COMMIT\n", "yes no yes",
         ""},
        {"an unknown match", SAVE_CHAINS "-A INPUT -p tcp --dport 22 -m geoip --src-cc JP -j ACCEPT\nCOMMIT\n",
         "maybe no no", "6: 'geoip --src-cc JP' is not evaluated\n"},
        {"an unknown target", SAVE_CHAINS "-A INPUT -p tcp --dport 22 -j GEOIP\nCOMMIT\n", "maybe no no",
         "6: chain 'GEOIP' is not in the dump\n"},
        {"an undefined set", SAVE_CHAINS "-A INPUT -p tcp --dport 22 -m set --match-set evil src -j ACCEPT\nCOMMIT\n",
         "maybe no no", "6: set 'evil' is not in the dump\n"},
        {"a chain that jumps to itself", SAVE_CHAINS SAVE_SSH SAVE_JUMP "-A web -p tcp --dport 443 -j web\nCOMMIT\n",
         "yes no maybe", "8: chain 'web' leads back to itself: what it does is not known\n"},
        {"a loop of gotos",
         SAVE_CHAINS ":b - [0:0]\n" SAVE_SSH SAVE_JUMP "-A web -p tcp --dport 443 -g b\n-A b -g web\nCOMMIT\n",
         "yes no maybe", "10: chain 'web' leads back to itself: what it does is not known\n"},
        {"a first line that is missing", ":INPUT DROP [0:0]\n:web - [0:0]\n" SAVE_SSH SAVE_JUMP SAVE_WEB "COMMIT\n",
         "yes no yes", "1: the beginning of the dump is missing: these rules are taken for those of table 'filter'\n"},
        {"first lines that are missing", SAVE_SSH SAVE_JUMP SAVE_WEB "COMMIT\n", "maybe maybe maybe",
         "1: the beginning of the dump is missing: these rules are taken for those of table 'filter'\n"},
        {"rules of iptables-legacy", SAVE LEGACY, "maybe no maybe", "10" LEGACY_NOTE},
        {"… of ip6tables-legacy", SAVE "# Generated by ip6tables-save\n" SAVE_CHAINS "COMMIT\n" LEGACY6,
         "yes no yes / no no no",
         "17: there are rules of iptables-legacy too ('ip6tables-legacy-save' shows them): what they drop or redirect "
         "is "
         "not seen\n"},
        {"a comment that would steer a terminal",
         SAVE_CHAINS
         "-A INPUT -p tcp --dport 22 -m comment --comment \"\x1b]0;x\x07\x1b[2J -j DROP\" -j ACCEPT\nCOMMIT\n",
         "yes no no", ""},
        /* iptables -S */
        {"-S", LISTING SAVE_WEB, "yes no yes", ""},
        {"-S, copied without the last line's end", LISTING "-A web -p tcp --dport 443 -j ACCEPT", "yes no yes", ""},
        {"-S, cut", LISTING "-A web -p tcp --dp", "yes maybe maybe",
         "7: '--dp' is not evaluated\n7: the line may break off before its end\n"},
        {"-S of two hosts", LISTING SAVE_WEB "-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT DROP\n",
         "yes no yes / no no no", "1" SEVERAL("1") "8" SEVERAL("2")},
        {"-S and -t nat -S",
         LISTING SAVE_WEB "-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n",
         "yes no yes", ""},
        {"-t nat -S alone", "-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n",
         "maybe maybe maybe", ""},
        {"-S without policies", "-N web\n" SAVE_SSH SAVE_JUMP SAVE_WEB, "yes maybe yes", ""},
        {"-S and rules of iptables-legacy", LEGACY LISTING SAVE_WEB, "maybe no maybe", "1" LEGACY_NOTE},
        /* iptables -L */
        {"-L", LIST, "yes no yes", ""},
        {"-L cut within a row",
         LIST_INPUT LIST_JUMP LIST_OTHERS CHAIN("web (1 references)") "    1    60 ACCEPT     tcp  --  *      *   "
                                                                      "    0.0.0.0/0            "
                                                                      "0.0.0.0/0            tcp dpt:44",
         "yes maybe maybe", "14: the line may break off before its end\n"},
        {"-L cut behind a chain", LIST_INPUT LIST_JUMP LIST_OTHERS, "yes maybe maybe",
         "4: chain 'web' is not in the dump\n"},
        {"-L through a pager", LIST_INPUT MORE LIST_JUMP LIST_OTHERS LIST_WEB "\n", "yes no yes", ""},
        {"-L through a pager in reverse video", LIST_INPUT MORE_COLOUR LIST_JUMP LIST_OTHERS LIST_WEB "\n",
         "yes no yes", ""},
        {"-L wrapped",
         LIST_INPUT LIST_JUMP LIST_OTHERS CHAIN("web (1 references)") "    1    60 ACCEPT     tcp  --  *      *       "
                                                                      "0.0.0.0/0            0.0.0.0/0   "
                                                                      "         \ntcp dpt:443\n",
         "yes no maybe", "14: the line was wrapped; its words may be cut\n"},
        {"-L, a row that is none", LIST_INPUT "who knows\n" LIST_JUMP LIST_OTHERS LIST_WEB "\n", "maybe maybe maybe",
         "3: 'knows' is not evaluated\n3: '--dport 22who' is not evaluated\n3: the line was wrapped; its words may be "
         "cut\n"},
        {"-L of two hosts", LIST LIST_INPUT LIST_OTHERS, "yes no yes / yes no no", "1" SEVERAL("1") "15" SEVERAL("2")},
        {"-L and rules of iptables-legacy", LIST LEGACY, "maybe no maybe",
         "15: iptables-legacy has rules too, which are not in this listing\n"},
        /* nft */
        {"nft", NFT, "yes no yes", ""},
        {"nft cut within a chain", NFT_HEAD NFT_SSH "\t\tip saddr 192", "maybe maybe maybe",
         "5: 'ip saddr 192' is not evaluated\n5: the dump is cut short: what follows is not known\n"},
        {"nft cut behind a chain", NFT_HEAD NFT_SSH NFT_JUMP, "maybe maybe maybe",
         "8: the dump is cut short: what follows is not known\n5: chain 'web' is not in the dump\n"},
        {"nft with prompts", "root@web:~# nft list ruleset\n" NFT "root@web:~# \n", "yes no yes", ""},
        {"nft through a pager", NFT_HEAD NFT_SSH MORE NFT_JUMP NFT_WEB, "yes no yes", ""},
        {"nft through less", NFT_HEAD NFT_SSH ":\x1b[K\x1b[K" NFT_JUMP NFT_WEB, "yes no yes", ""},
        {"nft wrapped between words", NFT_HEAD NFT_SSH "\t\tip saddr 192.0.2.0/24\njump web\n\t}\n\n" NFT_WEB,
         "yes maybe maybe", "6: the line was wrapped: how its rule reads is not known\n"},
        {"nft wrapped within a word", NFT_HEAD NFT_SSH "\t\tip saddr 192.0.2.0/24 ju\nmp web\n\t}\n\n" NFT_WEB,
         "yes maybe maybe",
         "5: what 'ip saddr 192.0.2.0/24 ju' does with a packet is not known\n6: what 'mp web' does with a packet is "
         "not "
         "known\n"},
        {"nft wrapped within a setting",
         "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy\ndrop;\n" NFT_SSH
         "\t}\n}\n",
         "maybe maybe maybe", "3: policy '' is not known\n4: the line was wrapped: how its rule reads is not known\n"},
        {"nft wrapped within a set", NFT_HEAD "\t\ttcp dport { 22, 44\n3 } accept\n\t}\n}\n", "yes maybe maybe",
         "4: 'tcp dport { 22, 44\n3 }' has elements that are not evaluated\n"},
        {"nft of two hosts", NFT NFT_HEAD "\t}\n}\n", "yes no yes / no no no", "2" SEVERAL("1") "13" SEVERAL("2")},
        {"nft, an undefined set", NFT_HEAD NFT_SSH "\t\tip saddr @evil accept\n\t}\n}\n", "yes maybe maybe",
         "5: set 'inet filter evil' is not in the dump\n"},
        {"nft, an undefined chain", NFT_HEAD "\t\ttcp dport vmap { 22 : accept, 443 : jump gone }\n\t}\n}\n",
         "yes no maybe", "4: chain 'gone' is not in the dump\n"},
        {"nft, an undefined map", NFT_HEAD "\t\ttcp dport vmap @gone\n\t}\n}\n", "maybe maybe maybe",
         "4: map 'gone' is not in the dump\n4: what 'tcp dport vmap @gone' does with a packet is not known\n"},
        {"nft, a loop", NFT_HEAD NFT_SSH NFT_JUMP "\tchain web {\n\t\ttcp dport 443 jump web\n\t}\n}\n", "yes no maybe",
         "9: chain 'web' leads back to itself: what it does is not known\n"},
        {"nft -j", JSON, "yes no yes", ""},
        {"nft -j cut", JSON_CHAIN JSON_RULE("23", "drop") JSON_RULE("22", "accept") ",\n{\"rule\": {\"fam",
         "maybe no maybe", "6: the dump is cut short: what follows is not known\n"},
        {"nft -j cut before the rules", JSON_CHAIN, "maybe maybe maybe",
         "3: the dump is cut short: what follows is not known\n"},
        {"nft -j with prompts", "# nft -j list ruleset\n" JSON "# \n", "yes no yes", ""},
        {"nft -j of two hosts", JSON JSON_CHAIN "]}\n", "yes no yes / no no no", "3" SEVERAL("1") "9" SEVERAL("2")},
        /* ufw */
        {"ufw", UFW, "yes no yes", ""},
        {"ufw cut within a row", UFW_HEAD UFW_TABLE UFW_SSH "443/tcp                    ALLOW IN    192.0.2.1",
         "yes maybe maybe", "9: the line may break off before its end\n"},
        {"ufw cut behind the heading", UFW_HEAD UFW_TABLE, "maybe maybe maybe",
         "6: no rules below the heading, which ufw prints above rules only: is the text cut off?\n"},
        {"ufw through a pager", UFW_HEAD UFW_TABLE UFW_SSH MORE UFW_WEB "\n", "yes no yes", ""},
        {"ufw with prompts", "me@web:~$ sudo ufw status verbose\n" UFW "me@web:~$ exit\n", "yes no yes", ""},
        {"ufw, a row that is none", UFW_HEAD UFW_TABLE UFW_SSH "Samba                      PERMIT IN   Anywhere\n\n",
         "yes maybe maybe", "9: not a rule as ufw lists it\n"},
        {"ufw wrapped", UFW_HEAD UFW_TABLE UFW_SSH "443/tcp                    ALLOW IN    \n192.0.2.0/24\n\n",
         "yes maybe maybe", "9: not a rule as ufw lists it\n10: not a rule as ufw lists it\n"},
        {"ufw of two hosts", UFW "Status: inactive\n", "yes no yes / yes yes yes",
         "3" SEVERAL("1") "11: ufw is not active; whether another firewall is, it does not tell\n11" SEVERAL("2")},
        /* firewalld: the answer is of IPv4 */
        {"firewalld", PUBLIC "\n" WORK "\n", "yes no yes", ""},
        {"firewalld through a pager",
         ZONE("public (default, active)", "default", "  services: ssh\n" MORE "  ports: 443/tcp\n" ZONE_END) "\n" WORK,
         "yes no yes", ""},
        {"firewalld, a list that was wrapped",
         ZONE("public (default, active)", "default", "  services: ssh\ntelnet\n  ports: 443/tcp\n" ZONE_END) "\n" WORK,
         "maybe maybe maybe", "7: the zone is broken here: a line is wrapped, or the text is cut off\n"},
        {"firewalld cut within a zone", WORK "\n" ZONE("public (default, active)", "default", "  services: ssh\n"),
         "maybe maybe maybe", "18: the zone is broken here: a line is wrapped, or the text is cut off\n"},
        {"firewalld cut within a line", PUBLIC "\n" WORK "\trule service name=\"http", "maybe maybe maybe",
         "24: the zone is broken here: a line is wrapped, or the text is cut off\n24: 'service \"http' is not "
         "evaluated\n"},
        {"firewalld of two hosts",
         PUBLIC "\n" WORK "\n" ZONE("public (default, active)", "DROP", "  services: \n" ZONE_END) "\n" WORK,
         "yes no yes / no no no", "1" SEVERAL("1") "25" SEVERAL("2")},
        {"firewalld listed twice", PUBLIC "\n" PUBLIC "\n" WORK, "yes no yes", ""},
        /* netsh */
        {"netsh", NETSH, "yes no yes", ""},
        {"netsh cut behind a rule", PROFILES("ON") NETSH_SSH, "maybe maybe maybe",
         "30: the list of rules has no 'Ok.' at its end: is the text cut off?\n"},
        {"netsh cut within a rule", PROFILES("ON") NETSH_SSH NETSH_RULE("Web", "192.0.2.0/24", "44"),
         "maybe maybe maybe",
         "31: the rule has no 'Action': is the text cut off?\n41: the list of rules has no 'Ok.' at its end: is the "
         "text cut "
         "off?\n"},
        {"netsh cut, then the profiles", NETSH_SSH PROFILES("ON"), "maybe maybe maybe",
         "14: the list of rules has no 'Ok.' at its end: is the text cut off?\n"},
        {"netsh through more",
         PROFILES("ON") NETSH_RULE("SSH", "Any",
                                   "22\n-- More (50%) --\r              \rEdge traversal:                       No")
                 ALLOW "Ok.\n",
         "yes no no", ""},
        {"netsh, a line that is none",
         PROFILES("ON") NETSH_SSH NETSH_RULE("Web", "Any\nProtocol:                             TCP\nwho knows", "443")
                 ALLOW "Ok.\n",
         "maybe maybe maybe", "39: 'who knows' is not read\n40: 'Protocol' stands twice in one rule\n"},
        {"netsh, ports that were wrapped", PROFILES("ON") NETSH_SSH NETSH_RULE("Web", "Any", "80,44\n3") ALLOW "Ok.\n",
         "yes maybe maybe", "40: '3' is not read\n31: 'a line that is not read' is not evaluated\n"},
        {"netsh of two machines", NETSH PROFILES("OFF") NETSH_SSH "Ok.\n", "maybe maybe maybe", ""},
        /* Amazon */
        {"a security group, cut",
         "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"IpPermissions\": [\n{\"IpProtocol\": \"tcp\", \"FromPort\": "
         "22, "
         "\"ToPort\": 22, \"IpRanges\": [{\"CidrIp\": \"0.0.0.0/0\"}]},\n{\"IpProtocol\": \"tc",
         "yes maybe maybe",
         "1: 'IpPermissionsEgress' is not in the dump\n3: the text breaks off here: rules may be missing\n"},
};

/* -- what kijun says -- */

static const char *word_of(const struct kj_fw_survey *survey, unsigned port)
{
	const char *word = "no";
	for (size_t e = 0; e < survey->entries.n; e++) {
		const struct kj_fw_entry *entry = &survey->entries.at[e];
		for (size_t p = 0; p < entry->answer.parts.n && !entry->diverted; p++) {
			const struct kj_fw_part *part = &entry->answer.parts.at[p];
			if (fw_part_holds(part, KJ_FW_TCP, 0xc0000201, port) && (part->certain || *word == 'n'))
				word = part->certain ? "yes" : "maybe";
		}
	}
	return word;
}

static kj_str answer_of(struct kj_arena *arena, const struct kj_fw_reading *reading)
{
	struct kj_buf out = KJ_BUF(arena);
	struct kj_fw_request request = {.has_hook = true, .hook = KJ_FW_INPUT, .iface = KJ_STR("other0")};
	for (size_t i = 0; i < reading->rulesets.n; i++) {
		struct kj_fw_survey survey;
		kj_fw_survey(arena, reading->rulesets.at[i], &request, &survey);
		assert_true(survey.complete);
		for (size_t p = 0; p < sizeof ports / sizeof *ports; p++)
			kj_buf_fmt(&out, "%s%s", p ? " " : i ? " / " : "", word_of(&survey, ports[p]));
	}
	return kj_buf_str(&out);
}

/* Notes with a line, and the messages about the whole text. */
static kj_str messages_of(struct kj_arena *arena, const struct kj_fw_reading *reading)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < reading->diags->list.n; i++)
		kj_buf_fmt(&out, "%u: %.*s\n", reading->diags->list.at[i].span.line,
		           KJ_FMT(reading->diags->list.at[i].message));
	for (size_t i = 0; i < reading->rulesets.n; i++) {
		const struct kj_fw_ruleset *rs = reading->rulesets.at[i];
		for (size_t n = 0; n < rs->notes.n; n++) {
			if (rs->notes.at[n].line)
				kj_buf_fmt(&out, "%u: %.*s\n", rs->notes.at[n].line, KJ_FMT(rs->notes.at[n].what));
		}
	}
	return kj_buf_str(&out);
}

static void test_rows(void **state)
{
	unsigned wrong = 0;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct kj_fw_reading reading = fw_reading(arena, kj_str_of(rows[i].text));
		kj_str answer = answer_of(arena, &reading), says = messages_of(arena, &reading);
		if (!kj_str_eq(answer, kj_str_of(rows[i].answer)) || !kj_str_eq(says, kj_str_of(rows[i].says))) {
			fprintf(stderr, "%s: wanted %s\n%sgot %.*s\n%.*s\n", rows[i].about, rows[i].answer,
			        rows[i].says, KJ_FMT(answer), KJ_FMT(says));
			wrong++;
		}
		kj_arena_free(arena);
	}
	assert_int_equal(wrong, 0);
}

/* -- every beginning of a dump -- */

#define GROUP                                                                                                          \
	"{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"IpPermissions\": [\n{\"IpProtocol\": \"tcp\", \"FromPort\": " \
	"22, "                                                                                                         \
	"\"ToPort\": 22, \"IpRanges\": [{\"CidrIp\": \"0.0.0.0/0\"}]},\n{\"IpProtocol\": \"tcp\", \"FromPort\": 443, " \
	"\"ToPort\": 443, \"IpRanges\": [{\"CidrIp\": \"192.0.2.0/24\"}]}], \"IpPermissionsEgress\": []}]}\n"
#define WINDOWS_RULE(name, port)                                                                                       \
	"{\"Name\": \"" name "\", \"InstanceID\": \"" name "\", \"DisplayName\": \"" name                              \
	"\", \"Enabled\": 1, \"Profile\": 0, \"Direction\": 1, \"Action\": 2, \"Protocol\": \"TCP\", \"LocalPort\": "  \
	"\"" port                                                                                                      \
	"\", \"RemotePort\": \"Any\", \"LocalAddress\": \"Any\", \"RemoteAddress\": \"Any\", \"Program\": \"Any\"}"
#define WINDOWS_PROFILE(name)                                                                                          \
	"{\"Name\": \"" name "\", \"Enabled\": 1, \"DefaultInboundAction\": 4, \"DefaultOutboundAction\": 2}"
#define WINDOWS                                                                                                        \
	"[" WINDOWS_PROFILE("Domain") ",\n" WINDOWS_PROFILE("Private") ",\n" WINDOWS_PROFILE(                          \
	        "Public") ",\n" WINDOWS_RULE("a", "22") ",\n" WINDOWS_RULE("b", "443") "]\n"
#define UFW_RULES                                                                                                      \
	"*filter\n:ufw-user-input - [0:0]\n:ufw-user-output - [0:0]\n:ufw-user-forward - [0:0]\n### RULES ###\n"       \
	"-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n-A ufw-user-input -p tcp --dport 23 -j DROP\n"                 \
	"-A ufw-user-input -p tcp --dport 443 -s 192.0.2.0/24 -j ACCEPT\nCOMMIT\n"

/* Whether the format has a mark at its end: then a beginning that ends with a line is known for one, too. Of the others
   people copy the last line without its end. */
static const struct whole {
	const char *text;
	bool marked;
} wholes[] = {
        {SAVE, true},
        {LISTING SAVE_WEB, false},
        {LIST, false},
        {NFT, true},
        {JSON, true},
        {UFW, false},
        {WORK "\n" PUBLIC "\n", false},
        {PUBLIC "\n" WORK "\n", false},
        {NETSH, true},
        {NETSH_SSH NETSH_WEB "Ok.\n" PROFILES("ON"), true},
        {GROUP, true},
        {WINDOWS, true},
        {UFW_RULES, true},
        {"*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 23 -j DROP\nCOMMIT\n" SAVE, true},
};

/* For each port 'y' yes, 'n' no, 'm' maybe; empty: not read. */
static kj_str letters_of(struct kj_arena *arena, kj_str dump)
{
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = text, .diags = &diags};
	struct kj_buf out = KJ_BUF(arena);
	*text = (struct kj_text){KJ_STR("dump"), dump};
	if (!kj_fw_read(&reading, NULL))
		return KJ_STR("");
	kj_str rest = answer_of(arena, &reading), word;
	while (kj_str_word(&rest, &word))
		kj_buf_char(&out, *word.p);
	return kj_buf_str(&out);
}

/* What a line still has behind an offset; nothing at its beginning. */
static kj_str rest_of_line(kj_str text, size_t at)
{
	kj_str rest = kj_str_from(text, at), line = KJ_STR("");
	if (text.p[at - 1] != '\n')
		kj_str_line(&rest, &line);
	return line;
}

/* What is open in the whole is not closed in a beginning of it, and what is closed is not open. */
static void test_beginnings(void **state)
{
	unsigned wrong = 0, read = 0;
	(void)state;
	for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
		kj_str whole = kj_str_of(wholes[i].text);
		for (size_t n = 1; n + 1 < whole.n; n++) {
			struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
			kj_str some = letters_of(arena, kj_str_copy(arena, kj_str_upto(whole, n)));
			kj_str all = letters_of(arena, whole);
			bool known = wholes[i].marked || kj_str_trim(rest_of_line(whole, n)).n;
			for (size_t p = 0; known && p < some.n; p++) {
				bool bad =
				        (all.p[p] == 'y' && some.p[p] == 'n') || (all.p[p] == 'n' && some.p[p] == 'y');
				if (bad && wrong++ < 20)
					fprintf(stderr, "dump %zu, %zu bytes: port %u is %c, of the whole %c\n", i, n,
					        ports[p], some.p[p], all.p[p]);
			}
			read += some.n > 0;
			kj_arena_free(arena);
		}
	}
	assert_int_equal(wrong, 0);
	assert_true(read > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_beginnings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
