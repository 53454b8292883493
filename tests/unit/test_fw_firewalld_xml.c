#include "fw_rows.h"

#include "firewall/print.h"

#include <stdlib.h>

#define AS_FILE(path, text) "==> " path " <==\n" text "\n"
#define CONF                AS_FILE("/etc/firewalld/firewalld.conf", "# x\nDefaultZone = public\nDefaultZone=dmz\n")
#define ZONE(name, head, body)                                                                                         \
	AS_FILE("/etc/firewalld/zones/" name ".xml", "<?xml version=\"1.0\"?>\n" head body "</zone>")
/* Zone public beside another, which tells that the version knows <forward/>. */
#define HOST(head, body)                                                                                               \
	CONF ZONE("dmz", "<zone>", "<forward/>") ZONE("public", head, "<interface name='eth0'/>\n" body)
#define PUBLIC(body)                      HOST("<zone>", body)

#define LISTED(heading, target, settings) heading "\n  target: " target "\n" settings "  masquerade: no\n\n"
#define LIST_HOST(target, settings)                                                                                    \
	LISTED("dmz", "default", "  services: \n  forward: yes\n  rich rules: \n")                                     \
	LISTED("public (default, active)", target, "  interfaces: eth0\n" settings)
#define LIST(settings)  LIST_HOST("default", "  services: \n  forward: no\n  rich rules: \n" settings)
#define LIST_RICH(rule) LIST("\t" rule "\n")

/* The same zones in both forms. */
static const struct twin {
	const char *xml, *list;
} twins[] = {
        {PUBLIC(""), LIST("")},
        {PUBLIC("<short>P</short><description>x &lt; y</description>\n<service name='ssh'/><service name='mdns'/>"
                "<port port='8080-8090' protocol='tcp'/><port protocol='udp' port='514'/><protocol value='esp'/>"
                "<source-port port='68' protocol='udp'/>"),
         LIST("  services: ssh mdns\n  ports: 8080-8090/tcp 514/udp\n  protocols: esp\n  source-ports: 68/udp\n")},
        {HOST("<zone target='ACCEPT'>", ""), LIST_HOST("ACCEPT", "  services: \n  forward: no\n  rich rules: \n")},
        {HOST("<zone target='DROP' version='1'>", "<service name='ssh'/>"),
         LIST_HOST("DROP", "  services: ssh\n  forward: no\n  rich rules: \n")},
        {HOST("<zone target='%%REJECT%%'>", ""),
         LIST_HOST("%%REJECT%%", "  services: \n  forward: no\n  rich rules: \n")},
        {PUBLIC("<icmp-block name='echo-request'/>"),
         LIST("  icmp-block-inversion: no\n  icmp-blocks: echo-request\n")},
        {PUBLIC("<icmp-block name='echo-request'/><icmp-block-inversion/>"),
         LIST("  icmp-block-inversion: yes\n  icmp-blocks: echo-request\n")},
        {PUBLIC("<forward/>"), LIST_HOST("default", "  services: \n  forward: yes\n  rich rules: \n")},
        {PUBLIC("<masquerade/>"), LIST("")},
        {PUBLIC("<forward-port port='2222' protocol='tcp' to-port='22'/>"
                "<forward-port port='80' protocol='tcp' to-addr='10.0.0.9'/>"),
         LIST("  forward-ports: port=2222:proto=tcp:toport=22:toaddr=\n\tport=80:proto=tcp:toport=:toaddr=10.0.0.9\n")},
        {PUBLIC("<source address='192.0.2.0/24'/><source address='02:00:00:00:00:01'/><source ipset='bad'/>"),
         LIST("  sources: 192.0.2.0/24 02:00:00:00:00:01 ipset:bad\n")},
        {PUBLIC("<source ipset='bad'/>")
                 AS_FILE("ipsets/bad.xml", "<ipset type='hash:net'><short>b</short><option name='family' value='inet'/>"
                                           "<entry>192.0.2.0/25</entry><entry> 198.51.100.7 </entry></ipset>"),
         LIST("  sources: ipset:bad\n") "bad\n  type: hash:net\n  options: \n  entries: 192.0.2.0/25 198.51.100.7\n"},
        {HOST("<zone ingress-priority='-10' egress-priority='1'>", "<source address='10.0.0.0/8'/>")
                 ZONE("a", "<zone target='ACCEPT'>", "<source address='10.1.0.0/16'/>"),
         LIST_HOST("default",
                   "  ingress-priority: -10\n  sources: 10.0.0.0/8\n  services: \n  forward: no\n  rich rules: \n")
                 LISTED("a", "ACCEPT", "  sources: 10.1.0.0/16\n  forward: no\n  rich rules: \n")},
        /* the host's own services */
        {PUBLIC("<service name='mine'/><service name='ssh'/>")
                 AS_FILE("services/mine.xml", "<service><short>M</short><port port='7000-7001' protocol='tcp'/>"
                                              "<protocol value='gre'/><port port='' protocol='esp'/>"
                                              "<source-port port='5' protocol='udp'/><include service='more'/>"
                                              "<module name='x'/><helper name='ftp'/></service>")
                         AS_FILE("services/more.xml",
                                 "<service><port port='9' protocol='udp'/><include service='mine'/></service>")
                                 AS_FILE("services/ssh.xml", "<service><port port='2222' protocol='tcp'/></service>")
                                         AS_FILE("/usr/lib/firewalld/services/ssh.xml",
                                                 "<service><port port='22' protocol='tcp'/></service>"),
         LIST("  ports: 7000-7001/tcp 9/udp 2222/tcp\n  protocols: gre esp\n  source-ports: 5/udp\n")},
        {PUBLIC("<service name='d'/>")
                 AS_FILE("services/d.xml", "<service><port port='5353' protocol='udp'/><destination ipv4='224.0.0.251' "
                                           "ipv6='ff02::fb'/></service>"),
         LIST("  services: mdns\n")},
        /* what firewalld looks at first, and what it does not look at */
        {AS_FILE("/usr/lib/firewalld/zones/public.xml", "<zone target='ACCEPT'></zone>")
                 PUBLIC("<port port='1' protocol='tcp'/>")
                         AS_FILE("zones/work.xml.old", "<zone target='ACCEPT'><interface name='eth0'/></zone>")
                                 AS_FILE("icmptypes/x.xml", "<icmptype/>") AS_FILE("helpers/x.xml", "<helper/>"),
         LIST("  ports: 1/tcp\n")},
        {PUBLIC("") AS_FILE("policies/off.xml", "<policy target='ACCEPT'><ingress-zone name='public'/></policy>")
                 AS_FILE("policies/allow-host-ipv6.xml",
                         "<policy target='CONTINUE' priority='-15000'><short>A</short><ingress-zone name='ANY'/>"
                         "<egress-zone name='HOST'/><rule family='ipv6'><icmp-type name='redirect'/><accept/></rule>"
                         "</policy>") AS_FILE("direct.xml", "<direct></direct>"),
         LIST("")},
        {CONF ZONE("dmz", "<zone>", "<forward/>") ZONE("public", "<zone>", "<interface name='eth0'/>")
                 AS_FILE("firewalld.conf", "AllowZoneDrifting=yes"),
         LIST("")},
};

#define RICH(rule) PUBLIC("<rule" rule "</rule>")

static const struct twin rich[] = {
        {RICH(" family='ipv4'><source address='192.0.2.0/24'/><port port='5432' protocol='tcp'/><accept/>"),
         LIST_RICH("rule family=\"ipv4\" source address=\"192.0.2.0/24\" port port=\"5432\" protocol=\"tcp\" accept")},
        {RICH(" family='ipv4' priority='-5'><source invert='True' address='192.0.2.0/24'/><service name='ssh'/>"
              "<log prefix='a &quot;b' level='info'><limit value='3/m'/></log><drop/>"),
         LIST_RICH(
                 "rule priority=\"-5\" family=\"ipv4\" source NOT address=\"192.0.2.0/24\" service name=\"ssh\" drop")},
        {RICH("><service name='ssh'/><accept><limit value='3/m'/></accept>"),
         LIST_RICH("rule service name=\"ssh\" accept limit value=\"3/m\"")},
        {RICH(" family='ipv4'><source mac='02:00:00:00:00:01'/><destination ipset='x'/><audit/><accept/>"),
         LIST_RICH("rule family=\"ipv4\" source mac=\"02:00:00:00:00:01\" destination ipset=\"x\" audit accept")},
        {RICH("><icmp-block name='echo-request'/>"), LIST_RICH("rule icmp-block name=\"echo-request\"")},
        {RICH(" family='ipv4'><icmp-type name='echo-request'/><reject type='icmp-host-prohibited'/>"),
         LIST_RICH("rule family=\"ipv4\" icmp-type name=\"echo-request\" reject type=\"icmp-host-prohibited\"")},
        {RICH("><protocol value='gre'/><accept/>"), LIST_RICH("rule protocol value=\"gre\" accept")},
        {RICH("><source-port port='53' protocol='udp'/><nflog group='1'/><accept/>"),
         LIST_RICH("rule source-port port=\"53\" protocol=\"udp\" accept")},
        {RICH(" family='ipv4'><forward-port port='99' protocol='tcp' to-port='22' to-addr='10.0.0.9'/>"),
         LIST_RICH(
                 "rule family=\"ipv4\" forward-port port=\"99\" protocol=\"tcp\" to-port=\"22\" to-addr=\"10.0.0.9\"")},
        {RICH("><masquerade/>"), LIST("")},
        {RICH(" priority='32767'><drop/>"), LIST_RICH("rule priority=\"32767\" drop")},
        {RICH("><service name='ssh'/><mark set='1'/>"), LIST("")},
};

/* What firewalld leaves out: it may count or not, as a rule that is not understood. */
#define UNREAD LIST_RICH("rule flurb")
static const char *const left_out[] = {
        RICH("><source address='192.0.2.0/24'/><drop/>"), /* no family */
        RICH("><source address='192.0.2.0/24' ipset='x'/><drop/>"),
        RICH("><source/><drop/>"),
        RICH("><drop/>"),
        RICH("><destination ipset='x'/><drop/>"),
        RICH("><source ipset='x'/><source ipset='y'/><drop/>"),
        RICH("><service name='a'/><service name='b'/><drop/>"),
        RICH("><service name='ssh'/><drop/><accept/>"),
        RICH("><icmp-block name='echo-request'/><drop/>"),
        RICH("><forward-port port='99' protocol='tcp' to-port='22'/>"),
        RICH("><port port='9-9' protocol='tcp'/><drop/>"),
        RICH("><port port='9' protocol='udplite'/><drop/>"),
        RICH("><port port='x y' protocol='tcp'/><drop/>"),
        RICH("><service name='ssh'/><reject type='icmp-host-prohibited'/>"),
        RICH(" family='ipv6'><service name='ssh'/><reject type='icmp-host-prohibited'/>"),
        RICH("><service name='ssh'/><log level='err'/><drop/>"),
        RICH("><service name='ssh'/><drop><limit value='1/x'/></drop>"),
        RICH("><service name='ssh'/><drop><accept/></drop>"),
        RICH("><service name='ssh'/><log prefix='&quot;&apos; accept'/><drop/>"),
        RICH(" priority='99999'><service name='ssh'/><drop/>"),
};

static int line_order(const void *a, const void *b)
{
	const kj_str *x = a, *y = b;
	return kj_str_cmp(*x, *y);
}

/* Parts of an answer without the lines of the rules, sorted. */
static kj_str without_lines(struct kj_arena *arena, kj_str answer)
{
	struct kj_buf out = KJ_BUF(arena);
	KJ_VEC(kj_str) lines = {0};
	kj_str line;
	while (kj_str_line(&answer, &line))
		KJ_PUSH(arena, &lines, kj_str_upto(line, kj_str_find_str(line, KJ_STR(" by "))));
	if (lines.n)
		qsort(lines.at, lines.n, sizeof *lines.at, line_order);
	for (size_t i = 0; i < lines.n; i++)
		kj_buf_fmt(&out, "%.*s\n", KJ_FMT(lines.at[i]));
	return kj_buf_str(&out);
}

static bool same(const char *xml, const char *list)
{
	static const struct fw_row questions[] = {
	        {.hook = KJ_FW_INPUT, .iface = "eth0"},
	        {.hook = KJ_FW_INPUT, .iface = "eth0", .from = "::/0"},
	        {.hook = KJ_FW_INPUT},
	        {.hook = KJ_FW_FORWARD, .iface = "eth0", .oface = "eth0"},
	        {.hook = KJ_FW_FORWARD, .iface = "eth0", .oface = "eth1"},
	};
	bool good = true;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct fw_row a = questions[i], b = questions[i];
		a.text = xml;
		b.text = list;
		kj_str got = without_lines(arena, fw_row_answer(arena, &a));
		kj_str wanted = without_lines(arena, fw_row_answer(arena, &b));
		if (!kj_str_eq(got, wanted)) {
			fprintf(stderr, "question %zu of\n%swanted\n%.*sgot\n%.*s", i, xml, KJ_FMT(wanted),
			        KJ_FMT(got));
			good = false;
		}
		kj_arena_free(arena);
	}
	return good;
}

static void check_twins(const struct twin *rows, size_t n)
{
	unsigned wrong = 0;
	for (size_t i = 0; i < n; i++)
		wrong += !same(rows[i].xml, rows[i].list);
	assert_int_equal(wrong, 0);
}

static void test_zones(void **state)
{
	(void)state;
	check_twins(twins, sizeof twins / sizeof *twins);
}

static void test_rich(void **state)
{
	(void)state;
	check_twins(rich, sizeof rich / sizeof *rich);
}

static void test_left_out(void **state)
{
	unsigned wrong = 0;
	(void)state;
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		wrong += !same(left_out[i], UNREAD);
	assert_int_equal(wrong, 0);
}

static const struct fw_row rows[] = {
        {"lines", PUBLIC("<service name='ssh'/>\n<port port='9' protocol='tcp'/>\n"),
         "yes tcp 22" FW_ALL4 " by 12\n"
         "yes tcp 9" FW_ALL4 " by 13\n"
         "yes icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255" FW_ALL4 " by 11\n"
         "yes icmpv6" FW_ALL4 " by 11\n",
         KJ_FW_INPUT, "eth0"},
        {"an element nobody knows leaves nothing certain", PUBLIC("<service name='ssh'/>\n<flurb/>\n"),
         "maybe udp 0-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe other from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe tcp 0-21,23-65535 from 192.0.2.0/24 to 0.0.0.0/0 by 0\n"
         "maybe icmpv6 from 192.0.2.0/24 to 0.0.0.0/0 by 0,11\n"
         "maybe tcp 22 from 192.0.2.0/24 to 0.0.0.0/0 by 0,12\n"
         "maybe icmp 8/0-8/255 13/0-13/255 15/0-15/255 17/0-17/255 from 192.0.2.0/24 to 0.0.0.0/0 by 0,11\n",
         KJ_FW_INPUT, "eth0", NULL, "192.0.2.0/24"},
};

static void test_rows(void **state)
{
	(void)state;
	fw_check_rows(rows, sizeof rows / sizeof *rows);
}

#define NOTES                                                                                                          \
	"0: these are firewalld's files: what was changed while it runs, and interfaces that NetworkManager puts "     \
	"into a "                                                                                                      \
	"zone, are not in them\n"                                                                                      \
	"0: services that are not here are taken as firewalld ships them; policies and direct rules that are not "     \
	"here, for "                                                                                                   \
	"none\n"                                                                                                       \
	"0: IPv6: whether the way back to a sender leads by the same interface (IPv6_rpfilter) is not known\n"
#define NO_DEFAULT "0: which zone is the default is not listed; what happens on other interfaces is not known\n"
#define NO_OTHERS  "0: other zones are not here: their sources come first\n"

static void test_notes(void **state)
{
	(void)state;
	fw_check_notes(PUBLIC("<service name='ssh'/>"), NOTES);
	fw_check_notes("<zone>\n</zone>", NO_OTHERS NO_DEFAULT NOTES);
	/* a folder that is told to be all */
	fw_check_notes("==> etc/firewalld/zones/ <==\n==> etc/firewalld/zones/a.xml <==\n<zone/>\n", NO_DEFAULT NOTES);
	/* each with its line */
	static const struct {
		const char *body, *note;
	} odd[] = {
	        {"\n<flurb/>", "11: <flurb> of zone 'public' is not evaluated\n"},
	        {"<port port='9-9' protocol='tcp'/>", "10: <port> of zone 'public' is not evaluated\n"},
	        {"<port port='70000' protocol='tcp'/>", "10: <port> of zone 'public' is not evaluated\n"},
	        {"<port port='9'/>", "10: <port> of zone 'public' is not evaluated\n"},
	        {"<port port='9' protocol='tcp' flurb=''/>", "10: <port> of zone 'public' is not evaluated\n"},
	        {"<service name='ssh'><drop/></service>", "10: <service> of zone 'public' is not evaluated\n"},
	        {"<service/>", "10: <service> of zone 'public' is not evaluated\n"},
	        {"<protocol value='flurb'/>", "10: <protocol> of zone 'public' is not evaluated\n"},
	        {"<source mac='02:00:00:00:00:01'/>", "10: <source> of zone 'public' is not evaluated\n"},
	        {"<source address='10.0.0.1' invert='true'/>", "10: <source> of zone 'public' is not evaluated\n"},
	        {"<interface/>", "10: <interface> of zone 'public' is not evaluated\n"},
	        {"<forward-port port='9' protocol='tcp'/>", "10: <forward-port> of zone 'public' is not evaluated\n"},
	        {"<forward-port port='9' protocol='tcp' to-addr='x'/>",
	         "10: <forward-port> of zone 'public' is not evaluated\n"},
	        {"\n<rule><drop/><flurb/></rule>", "11: <rule> of zone 'public' is not evaluated\n"},
	        {"<rule flurb='1'><drop/></rule>", "10: <rule> of zone 'public' is not evaluated\n"},
	        {"<rule><service name='ssh' flurb='1'/><drop/></rule>",
	         "10: <rule> of zone 'public' is not evaluated\n"},
	        {"<drop/>", "10: <drop> of zone 'public' is not evaluated\n"},
	};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
		kj_str dump = kj_str_fmt(
		        arena, CONF ZONE("dmz", "<zone>", "") "==> zones/public.xml <==\n<zone>%s</zone>", odd[i].body);
		fw_check_notes(kj_str_zero(arena, dump),
		               kj_str_zero(arena, kj_str_fmt(arena, "%s" NOTES, odd[i].note)));
		kj_arena_free(arena);
	}
	fw_check_notes(PUBLIC("<service name='x'/>") AS_FILE("services/x.xml", "<service><port port='x y'/></service>"),
	               NOTES "12: 'service x' is not evaluated\n");
	fw_check_notes(CONF ZONE("a", "<zone>", "<interface name='eth0'/>")
	                       ZONE("b", "<zone>", "<interface name='eth0'/>"),
	               "11: <interface> of zone 'b' is not evaluated\n" NO_DEFAULT NOTES);
	fw_check_notes(PUBLIC("") AS_FILE("zones/public/more.xml", "<zone/>"),
	               "14: <zone> of zone 'more' is not evaluated\n" NOTES);
	fw_check_notes(PUBLIC("") AS_FILE("zones/x.xml", "<zone>\n <a>\n</zone>"),
	               "16: not well-formed XML: mismatched tag\n" NOTES);
	fw_check_notes(PUBLIC("") AS_FILE("policies/p.xml", "<policy target='DROP'><ingress-zone name='ANY'/>\n"
	                                                    "<egress-zone name='HOST'/></policy>"),
	               "14: policy 'p' is not evaluated\n" NOTES);
	fw_check_notes(PUBLIC("")
	                       AS_FILE("direct.xml", "<direct>\n<passthrough ipv='ipv4'>-A x</passthrough></direct>"),
	               "15: direct rules are not evaluated\n" NOTES);
	fw_check_notes(PUBLIC("") AS_FILE("system-connections/a.nmconnection", "[connection]\nid=a\nzone=work")
	                       AS_FILE("network-scripts/ifcfg-b", "ZONE=\"\""),
	               "16: what NetworkManager puts into zone work is not evaluated\n" NOTES);
	fw_check_notes(PUBLIC("") AS_FILE("x.xml", "<flurb/>"), "14: <flurb> of flurb 'x' is not evaluated\n" NOTES);
	fw_check_notes("==> firewalld.conf <==\nAllowZoneDrifting=yes\n" ZONE(
	                       "public", "<zone>", "<source address='10.0.0.1'/>") ZONE("a", "<zone>", ""),
	               "2: AllowZoneDrifting=yes is not evaluated\n" NOTES);
}

/* A single file that is no XML: a message at the spot. */
static void test_malformed(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_text text = {KJ_STR("a/public.xml"), KJ_STR("<zone>\n  <port port=1/>\n</zone>\n")};
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = &text, .diags = &diags};
	assert_false(kj_fw_read(&reading, NULL));
	assert_string_equal(kj_str_zero(arena, diags.list.at[0].message),
	                    "not well-formed XML: not well-formed (invalid token)");
	assert_int_equal(diags.list.at[0].span.line, 2);
	assert_int_equal(diags.list.at[0].span.col, 14);
	assert_ptr_equal(diags.list.at[0].span.text, &text);
	kj_arena_free(arena);
}

/* The name of a file is the zone's, whatever it calls itself. */
static void test_name(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_text text = {KJ_STR("a/work.xml"), KJ_STR("<zone target='DROP'><short>Play</short></zone>\n")};
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = &text, .diags = &diags};
	assert_true(kj_fw_read(&reading, NULL));
	assert_non_null(kj_fw_chain_find(reading.rulesets.at[0], KJ_STR("firewalld"), KJ_STR("IN_work")));
	assert_true(kj_str_eq(reading.rulesets.at[0]->dialect, KJ_STR("firewalld-xml")));
	kj_arena_free(arena);
}

static void test_recognised(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is;
	} texts[] = {
	        {"<zone/>", true},
	        {"\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- <x> -->\n<zone target='DROP'>", true},
	        {"<!DOCTYPE zone>\n<zone\n>", true},
	        {AS_FILE("a.conf", "x") AS_FILE("b.xml", "<zone>"), true},
	        {"<zones/>", false},
	        {"<service/>", false},
	        {"<x><zone/></x>", false},
	        {"<!-- <zone/>", false},
	        {"text <zone/>", false},
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct kj_fw_dialect *dialect = kj_fw_dialect_of(kj_str_of(texts[i].text));
		bool is = dialect && kj_str_eq(kj_str_of(dialect->name), KJ_STR("firewalld-xml"));
		if (is != texts[i].is)
			fail_msg("%s", texts[i].text);
	}
}

static void test_damage(void **state)
{
	(void)state;
	fw_check_damage(CONF ZONE("a", "<zone>",
	                          "<source ipset='b'/><rule family='ipv4'><source address='10.0.0.0/8'/><drop/></rule>")
	                        AS_FILE("ipsets/b.xml", "<ipset type='hash:ip'><entry>10.0.0.1</entry></ipset>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_zones), cmocka_unit_test(test_rich),       cmocka_unit_test(test_left_out),
	        cmocka_unit_test(test_rows),  cmocka_unit_test(test_notes),      cmocka_unit_test(test_malformed),
	        cmocka_unit_test(test_name),  cmocka_unit_test(test_recognised), cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
