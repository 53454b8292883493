#include "fw_accepts.h"

#include "firewall/sockets.h"

/* Sockets as "proto address port state interface process" a line, "-" for nothing; a dump; and what comes of both, one meeting a line. */
struct socket_case {
	const char *sockets, *dump, *met;
};

static kj_str next_cell(kj_str *rest)
{
	kj_str word = KJ_STR("");
	kj_str_word(rest, &word);
	return kj_str_eq(word, KJ_STR("-")) ? KJ_STR("") : word;
}

static void fill(struct kj_fw_sockets *sockets, kj_str table)
{
	kj_str line;
	for (uint32_t number = 1; kj_str_line(&table, &line); number++) {
		struct kj_fw_socket_row row = {.proto = next_cell(&line), .line = number};
		row.address = next_cell(&line);
		row.port = next_cell(&line);
		row.state = next_cell(&line);
		row.interface = next_cell(&line);
		row.process = next_cell(&line);
		kj_fw_sockets_add(sockets, &row);
	}
}

static void put_met(struct kj_buf *out, const struct kj_fw_met *met)
{
	kj_buf_fmt(out, "%s: %u %u", kj_fw_meeting_name(met->kind), met->proto, met->first);
	if (met->last != met->first)
		kj_buf_fmt(out, "-%u", met->last);
	if (met->socket)
		kj_buf_fmt(out, " %.*s:%u", KJ_FMT(met->socket->process), met->socket->line);
	if (met->part) {
		put_set(out, "from", &met->part->src);
		kj_buf_fmt(out, " [%u]", met->part->deciders.at[0].line);
	}
	kj_buf_put(out, met->certain ? KJ_STR("\n") : KJ_STR(" maybe\n"));
}

/* The answer for input from interfaces that the dump does not name. */
static kj_str meet(struct kj_arena *arena, const struct kj_text *dump, struct kj_fw_sockets *sockets)
{
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = dump, .diags = &diags};
	struct kj_fw_request request = {.has_hook = true, .hook = KJ_FW_INPUT};
	struct kj_fw_survey survey;
	struct kj_fw_met_list met = {0};
	struct kj_buf out = KJ_BUF(arena);
	assert_true(kj_fw_read(&reading, NULL));
	kj_fw_survey(arena, reading.rulesets.at[0], &request, &survey);
	kj_fw_sockets_join(&survey.entries.at[0].answer, survey.rs->families, sockets, &met);
	for (size_t i = 0; i < met.at.n; i++)
		put_met(&out, &met.at.at[i]);
	for (size_t i = 0; i < sockets->unread.n; i++)
		kj_buf_fmt(&out, "! %u %.*s\n", sockets->unread.at[i].line, KJ_FMT(sockets->unread.at[i].what));
	return kj_buf_str(&out);
}

static void check(kj_str got, const char *wanted, const char *what)
{
	if (!kj_str_eq(got, kj_str_of(wanted)))
		fprintf(stderr, "%s: wanted\n%sgot\n%.*s", what, wanted, KJ_FMT(got));
	assert_true(kj_str_eq(got, kj_str_of(wanted)));
}

#define DROP4(rules) "*filter\n:INPUT DROP [0:0]\n" rules "COMMIT\n"

static const struct socket_case cases[] = {
        /* every address, loopback, nobody, several programs on one port */
        {"tcp 0.0.0.0 22 LISTEN - sshd\ntcp 127.0.0.1 25 LISTEN - master\ntcp 0.0.0.0 3306 LISTEN - mysqld\n"
         "tcp 0.0.0.0 22 ESTAB - sshd\nudp 0.0.0.0 53 UNCONN - a\nudp 0.0.0.0 53 UNCONN - b\nunix /x 0 LISTEN - -\n",
         DROP4("-A INPUT -p tcp -m multiport --dports 22,25,80 -j ACCEPT\n-A INPUT -s 192.0.2.0/24 -p udp --dport 53 "
               "-j "
               "ACCEPT\n"),
         "open, listening: 6 22 sshd:1 [3]\n"
         "open, nobody listens: 6 25 [3]\n"
         "listening, this machine only: 6 25 master:2\n"
         "open, nobody listens: 6 80 [3]\n"
         "listening, closed: 6 3306 mysqld:3\n"
         "open, listening: 17 53 a:5 from 192.0.2.0/24 [4]\n"
         "open, listening: 17 53 b:6 from 192.0.2.0/24 [4]\n"},
        /* one address; bound to an interface; "::" perhaps takes IPv4 too, unless another does */
        {"tcp 192.0.2.1 22 LISTEN - sshd\ntcp 192.0.2.9 23 LISTEN - other\ntcp 0.0.0.0 80 LISTEN virbr0 dnsmasq\n"
         "tcp :: 81 LISTEN - six\ntcp :: 82 LISTEN - six\ntcp 0.0.0.0 82 LISTEN - four\ntcp * 83 LISTEN - both\n"
         "tcp ::ffff:192.0.2.1 84 LISTEN - mapped\ntcp 127.0.0.53 85 LISTEN lo -\n",
         DROP4("-A INPUT -d 192.0.2.1 -p tcp --dport 22:84 -j ACCEPT\n"),
         "open, listening: 6 22 sshd:1 [3]\n"
         "open, nobody listens: 6 23-79 [3]\n"
         "listening, closed: 6 23 other:2\n"
         "open, listening: 6 80 dnsmasq:3 [3] maybe\n"
         "open, listening: 6 81 six:4 [3] maybe\n"
         "open, listening: 6 82 four:6 [3]\n"
         "listening, closed: 6 82 six:5 maybe\n"
         "open, listening: 6 83 both:7 [3]\n"
         "open, listening: 6 84 mapped:8 [3]\n"
         "listening, this machine only: 6 85 :9\n"},
        /* names of services; what cannot be read leaves nothing certainly silent */
        {"tcp 0.0.0.0 ssh LISTEN - -\ntcp 0.0.0.0 strange-name LISTEN - -\nudp here 5 - - x\n",
         DROP4("-A INPUT -p tcp --dport 22:23 -j ACCEPT\n"),
         "open, listening: 6 22 :1 [3]\n"
         "open, nobody listens: 6 23 [3] maybe\n"
         "! 2 no port is known by the name 'strange-name'\n"
         "! 3 not read as an address: 'here'\n"},
        /* a firewall that is not certain; one that lets all in */
        {"tcp 0.0.0.0 22 LISTEN - sshd\n", DROP4("-A INPUT -p tcp --dport 22 -m time --timestart 09:00 -j ACCEPT\n"),
         "open, listening: 6 22 sshd:1 [3] maybe\n"},
        {"tcp 0.0.0.0 22 LISTEN - sshd\nsctp 0.0.0.0 9 LISTEN - x\n", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
         "open, nobody listens: 6 0-21 [2]\n"
         "open, listening: 6 22 sshd:1 [2]\n"
         "open, nobody listens: 6 23-65535 [2]\n"
         "open, nobody listens: 17 0-65535 [2]\n"
         "open, listening: 132 9 x:2 [2]\n"},
};

static void test_join(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct kj_fw_sockets sockets = {.arena = arena};
		struct kj_text dump = {KJ_STR("dump"), kj_str_of(cases[i].dump)};
		fill(&sockets, kj_str_of(cases[i].sockets));
		check(meet(arena, &dump, &sockets), cases[i].met, cases[i].sockets);
		kj_arena_free(arena);
	}
}

static const struct {
	const char *text, *untold, *sockets;
} json_cases[] = {
        /* PowerShell 5.1 and 7; several values; connections are no listeners */
        {"[{\"LocalAddress\":\"0.0.0.0\",\"LocalPort\":135,\"RemotePort\":0,\"State\":2,\"OwningProcess\":900},\n"
         "{\"LocalAddress\":\"10.0.0.1\",\"LocalPort\":50000,\"RemotePort\":443,\"State\":5,\"OwningProcess\":901},\n"
         "{\"LocalAddress\":\"fe80::1%12\",\"LocalPort\":445,\"RemotePort\":0,\"State\":\"Listen\",\"OwningProcess\":4}"
         "]\n"
         "{\"InstanceID\":\"::++123\",\"LocalAddress\":\"::\",\"LocalPort\":123,\"OwningProcess\":902}\n",
         "", "6 0.0.0.0 135 pid 900:1\n6 fe80::1 445 pid 4:3\n17 :: 123 pid 902:4\n"},
        {"[{\"LocalAddress\":\"0.0.0.0\",\"LocalPort\":53,\"OwningProcess\":1,\"ProcessName\":\"dns\"}]", "udp",
         "17 0.0.0.0 53 dns:1\n"},
        {"[{\"LocalAddress\":\"0.0.0.0\",\"LocalPort\":53}]", "", "! 1 neither tcp nor udp is told for port '53'\n"},
        {"[{\"LocalAddress\":\"0.0.0.0\",\"LocalPort\":53,\"State\":2},\n{\"Local", "",
         "6 0.0.0.0 53 :1\n! 2 the text breaks off within 'sockets'\n"},
        {"{\"LocalAddress\":}", "", "! 0 not all is JSON in 'sockets'\n"},
};

static kj_str list_sockets(struct kj_arena *arena, const struct kj_fw_sockets *sockets)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < sockets->at.n; i++) {
		const struct kj_fw_socket *socket = &sockets->at.at[i];
		kj_buf_fmt(&out, "%u %.*s %u %.*s:%u\n", socket->proto, KJ_FMT(kj_addr_str(arena, &socket->address)),
		           socket->port, KJ_FMT(socket->process), socket->line);
	}
	for (size_t i = 0; i < sockets->unread.n; i++)
		kj_buf_fmt(&out, "! %u %.*s\n", sockets->unread.at[i].line, KJ_FMT(sockets->unread.at[i].what));
	return kj_buf_str(&out);
}

static void test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof json_cases / sizeof *json_cases; i++) {
		struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
		struct kj_text text = {KJ_STR("sockets"), kj_str_of(json_cases[i].text)};
		struct kj_fw_sockets sockets = {.arena = arena, .text = &text};
		struct kj_diags diags = {.arena = arena};
		bool ok = kj_fw_sockets_json(&sockets, kj_str_of(json_cases[i].untold), &diags);
		assert_int_equal(ok, sockets.unread.n == 0);
		check(list_sockets(arena, &sockets), json_cases[i].sockets, json_cases[i].text);
		kj_arena_free(arena);
	}
}

#define NMAP(hosts)                                                                                                    \
	"<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun>\n<?xml-stylesheet href=\"x\"?>\n<nmaprun "                        \
	"scanner=\"nmap\">\n" hosts "</nmaprun>\n"
#define NMAP_HOST(addr, ports)                                                                                         \
	"<host><status state=\"up\"/><address addr=\"02:00:00:00:00:01\" addrtype=\"mac\"/><address addr=\"" addr      \
	"\" addrtype=\"ipv4\"/><ports>" ports "</ports></host>\n"
#define NMAP_PORT(proto, port, state, service)                                                                         \
	"<port protocol=\"" proto "\" portid=\"" port "\"><state state=\"" state "\" reason=\"x\"/>" service "</"      \
	                                                                                                     "port>\n"

static const struct {
	const char *text, *host, *dump, *met;
} nmap_cases[] = {
        /* what is open, may be, is not; names that were asked for and names that were looked up */
        {NMAP(NMAP_HOST("192.0.2.1",
                        "<extraports state=\"closed\" count=\"990\"/>" NMAP_PORT(
                                "tcp", "22", "open",
                                "<service name=\"ssh\" product=\"OpenSSH\" version=\"9.2\" method=\"probed\"/>")
                                NMAP_PORT("tcp", "80", "closed", "") NMAP_PORT("tcp", "81", "filtered", "") NMAP_PORT(
                                        "udp", "53", "open|filtered", "<service name=\"domain\" method=\"table\"/>")
                                        NMAP_PORT("tcp", "443", "open", "") NMAP_PORT("ip", "47", "open", ""))),
         NULL, DROP4("-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT\n-A INPUT -p udp --dport 53 -j ACCEPT\n"),
         "open, listening: 6 22 ssh (OpenSSH 9.2):5 [3]\n"
         "open, nobody listens: 6 80 [3] maybe\n"
         "listening, closed: 6 443 :9\n"
         "open, listening: 17 53 domain?:8 [4] maybe\n"},
        /* the address counts */
        {NMAP(NMAP_HOST("192.0.2.1", NMAP_PORT("tcp", "22", "open", "") NMAP_PORT("udp", "9", "open|filtered", ""))),
         NULL, DROP4("-A INPUT -d 192.0.2.2 -p tcp --dport 22 -j ACCEPT\n"),
         "open, nobody listens: 6 22 [3] maybe\n"
         "listening, closed: 6 22 :5\n"
         "listening, closed: 17 9 :6 maybe\n"},
        /* of the host itself: on which addresses it listens is not told */
        {NMAP(NMAP_HOST("127.0.0.1", NMAP_PORT("tcp", "22", "open", "") NMAP_PORT("tcp", "25", "open", ""))), NULL,
         DROP4("-A INPUT -p tcp --dport 22 -j ACCEPT\n"),
         "open, listening: 6 22 :5 [3] maybe\n"
         "listening, closed: 6 25 :6 maybe\n"},
        /* several hosts: unsure, unless one is meant */
        {NMAP(NMAP_HOST("192.0.2.1", NMAP_PORT("tcp", "22", "open", ""))
                      NMAP_HOST("192.0.2.2", NMAP_PORT("tcp", "25", "open", ""))),
         NULL, DROP4("-A INPUT -p tcp --dport 22 -j ACCEPT\n"),
         "open, listening: 6 22 :5 [3] maybe\n"
         "listening, closed: 6 25 :7 maybe\n"},
        {NMAP(NMAP_HOST("192.0.2.1", NMAP_PORT("tcp", "22", "open", ""))
                      NMAP_HOST("192.0.2.2", NMAP_PORT("tcp", "25", "open", ""))),
         "192.0.2.1", DROP4("-A INPUT -p tcp --dport 22 -j ACCEPT\n"), "open, listening: 6 22 :5 [3]\n"},
        /* down; counted only; no address */
        {NMAP("<host><status state=\"down\"/><address addr=\"192.0.2.9\" addrtype=\"ipv4\"/></host>\n" NMAP_HOST(
                 "192.0.2.1", "<extraports state=\"open|filtered\" count=\"1000\"/>") "<host/>\n"),
         NULL, DROP4("-A INPUT -p udp --dport 53 -j ACCEPT\n"),
         "open, nobody listens: 17 53 [3] maybe\n"
         "! 6 ports that are counted and not named: '1000, open|filtered'\n"
         "! 7 a host without an address in 'sockets'\n"},
};

static void test_nmap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof nmap_cases / sizeof *nmap_cases; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct kj_text text = {KJ_STR("sockets"), kj_str_of(nmap_cases[i].text)};
		struct kj_text dump = {KJ_STR("dump"), kj_str_of(nmap_cases[i].dump)};
		struct kj_fw_sockets sockets = {.arena = arena, .text = &text};
		struct kj_fw_set host = {.dims = 1, .declared = true};
		struct kj_diags diags = {.arena = arena};
		struct kj_range range;
		if (nmap_cases[i].host && kj_range_parse(kj_str_of(nmap_cases[i].host), &range))
			KJ_PUSH(arena, &host.at, kj_fw_interval_addr(&range));
		assert_true(kj_fw_sockets_nmap(&sockets, host.at.n ? &host : NULL, &diags));
		check(meet(arena, &dump, &sockets), nmap_cases[i].met, nmap_cases[i].text);
		kj_arena_free(arena);
	}
}

/* A scan that broke off. */
static void test_nmap_cut(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_text text = {KJ_STR("sockets"), KJ_STR("<nmaprun>\n<host>\n")};
	struct kj_fw_sockets sockets = {.arena = arena, .text = &text};
	struct kj_diags diags = {.arena = arena};
	assert_false(kj_fw_sockets_nmap(&sockets, NULL, &diags));
	assert_int_equal(diags.list.at[0].span.line, 3);
	kj_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_join), cmocka_unit_test(test_json),
	                                   cmocka_unit_test(test_nmap), cmocka_unit_test(test_nmap_cut)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
