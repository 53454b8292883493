/* Sockets, as ss, netstat (Linux, BusyBox, BSD) and Windows' netstat -ano print them. Lines are told apart by what they
   hold, not by columns or headers, since both change with options, versions and languages. Rows:
     proto      tcp, udp, raw …, without the version
     address    without brackets and %interface; "*" is every address of both versions
     port       after the last colon (BSD: the last dot); a name when the tool resolved it; "*" for any
     process    names, "," between; empty when the tool could not see it (no root) or was not asked
     state      LISTEN, UNCONN, ESTAB … as ss writes them; where the tool prints none, told from the peer
     pid        the first
     interface  what stood after % in the address
     family     4, 6, or empty when it is both or unknown: netstat and older ss print `:::80` for a socket of IPv6 that
                takes IPv4 too, and only an ss that writes 0.0.0.0 writes [::] for IPv6 alone */
#include "parse/scan.h"

#define MAX_WORDS 8

struct sockets {
	struct kj_parse *parse;
	struct kj_scan scan;
	kj_str word[MAX_WORDS];  /* the first of the line */
	kj_str after[MAX_WORDS]; /* what follows each */
	size_t n;
	kj_str *windows; /* cells of the last row, if the lines that follow may name its program (netstat -b) */
	bool recognised;
	bool writes_zeros; /* somewhere 0.0.0.0 stands for every address of IPv4 */
};

enum { PROTO, ADDRESS, PORT, PROCESS, STATE, PID, INTERFACE, FAMILY };

/* --- words --- */

static bool is_number(kj_str s)
{
	size_t i = 0;
	while (i < s.n && kj_is_digit(s.p[i]))
		i++;
	return s.n && i == s.n;
}

static void split_words(struct sockets *sockets, kj_str rest)
{
	for (sockets->n = 0; sockets->n < MAX_WORDS; sockets->n++) {
		rest = kj_skip_blanks(rest);
		size_t n = 0;
		while (n < rest.n && !kj_blank(rest.p[n]))
			n++;
		if (!n)
			return;
		sockets->word[sockets->n] = (kj_str){rest.p, n};
		rest = (kj_str){rest.p + n, rest.n - n};
		sockets->after[sockets->n] = rest;
	}
}

static kj_str word(const struct sockets *sockets, size_t i)
{
	return i < sockets->n ? sockets->word[i] : KJ_STR("");
}

static const struct {
	kj_str word, proto, family;
} protos[] = {
        {KJ_STR_INIT("tcp"), KJ_STR_INIT("tcp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("tcp4"), KJ_STR_INIT("tcp"), KJ_STR_INIT("4")},
        {KJ_STR_INIT("tcp6"), KJ_STR_INIT("tcp"), KJ_STR_INIT("6")},
        {KJ_STR_INIT("tcp46"), KJ_STR_INIT("tcp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("udp"), KJ_STR_INIT("udp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("udp4"), KJ_STR_INIT("udp"), KJ_STR_INIT("4")},
        {KJ_STR_INIT("udp6"), KJ_STR_INIT("udp"), KJ_STR_INIT("6")},
        {KJ_STR_INIT("udp46"), KJ_STR_INIT("udp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("udplite"), KJ_STR_INIT("udplite"), KJ_STR_INIT("")},
        {KJ_STR_INIT("udpl"), KJ_STR_INIT("udplite"), KJ_STR_INIT("")},
        {KJ_STR_INIT("udpl6"), KJ_STR_INIT("udplite"), KJ_STR_INIT("6")},
        {KJ_STR_INIT("raw"), KJ_STR_INIT("raw"), KJ_STR_INIT("")},
        {KJ_STR_INIT("raw6"), KJ_STR_INIT("raw"), KJ_STR_INIT("6")},
        {KJ_STR_INIT("sctp"), KJ_STR_INIT("sctp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("dccp"), KJ_STR_INIT("dccp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("mptcp"), KJ_STR_INIT("tcp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("icmp"), KJ_STR_INIT("icmp"), KJ_STR_INIT("")},
        {KJ_STR_INIT("icmp6"), KJ_STR_INIT("icmp"), KJ_STR_INIT("6")},
};

/* The row of `protos`, or -1. */
static int find_proto(kj_str word)
{
	for (size_t i = 0; i < sizeof protos / sizeof *protos; i++)
		if (kj_str_eq_fold(protos[i].word, word))
			return (int)i;
	return -1;
}

static const struct {
	kj_str word, state;
} states[] = {
        {KJ_STR_INIT("LISTEN"), KJ_STR_INIT("LISTEN")},         {KJ_STR_INIT("LISTENING"), KJ_STR_INIT("LISTEN")},
        {KJ_STR_INIT("UNCONN"), KJ_STR_INIT("UNCONN")},         {KJ_STR_INIT("ESTAB"), KJ_STR_INIT("ESTAB")},
        {KJ_STR_INIT("ESTABLISHED"), KJ_STR_INIT("ESTAB")},     {KJ_STR_INIT("SYN-SENT"), KJ_STR_INIT("SYN-SENT")},
        {KJ_STR_INIT("SYN_SENT"), KJ_STR_INIT("SYN-SENT")},     {KJ_STR_INIT("SYN-RECV"), KJ_STR_INIT("SYN-RECV")},
        {KJ_STR_INIT("SYN_RECV"), KJ_STR_INIT("SYN-RECV")},     {KJ_STR_INIT("SYN_RECEIVED"), KJ_STR_INIT("SYN-RECV")},
        {KJ_STR_INIT("FIN-WAIT-1"), KJ_STR_INIT("FIN-WAIT-1")}, {KJ_STR_INIT("FIN_WAIT1"), KJ_STR_INIT("FIN-WAIT-1")},
        {KJ_STR_INIT("FIN_WAIT_1"), KJ_STR_INIT("FIN-WAIT-1")}, {KJ_STR_INIT("FIN-WAIT-2"), KJ_STR_INIT("FIN-WAIT-2")},
        {KJ_STR_INIT("FIN_WAIT2"), KJ_STR_INIT("FIN-WAIT-2")},  {KJ_STR_INIT("FIN_WAIT_2"), KJ_STR_INIT("FIN-WAIT-2")},
        {KJ_STR_INIT("TIME-WAIT"), KJ_STR_INIT("TIME-WAIT")},   {KJ_STR_INIT("TIME_WAIT"), KJ_STR_INIT("TIME-WAIT")},
        {KJ_STR_INIT("CLOSE-WAIT"), KJ_STR_INIT("CLOSE-WAIT")}, {KJ_STR_INIT("CLOSE_WAIT"), KJ_STR_INIT("CLOSE-WAIT")},
        {KJ_STR_INIT("LAST-ACK"), KJ_STR_INIT("LAST-ACK")},     {KJ_STR_INIT("LAST_ACK"), KJ_STR_INIT("LAST-ACK")},
        {KJ_STR_INIT("CLOSING"), KJ_STR_INIT("CLOSING")},       {KJ_STR_INIT("CLOSED"), KJ_STR_INIT("CLOSED")},
        {KJ_STR_INIT("CLOSE"), KJ_STR_INIT("CLOSED")},          {KJ_STR_INIT("BOUND"), KJ_STR_INIT("BOUND")},
};

/* The state in ss's words; empty when the word is none. */
static kj_str find_state(kj_str word)
{
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (kj_str_eq_fold(states[i].word, word))
			return states[i].state;
	return KJ_STR("");
}

/* --- cells --- */

/* Splits at the last colon, or at a dot after it, as BSD writes (`*.22`, `::1.631`). False when there is neither. */
static bool split_port(kj_str s, kj_str *address, kj_str *port)
{
	size_t at = kj_str_find_last(s, ':'), dot = kj_str_find_last(s, '.');
	if (dot < s.n && (at == s.n || dot > at))
		at = dot;
	*address = kj_str_upto(s, at);
	*port = kj_str_from(s, at + 1);
	return at < s.n && address->n && port->n;
}

/* `[::1]`, `127.0.0.53%lo`, `[fe80::1%12]` (Windows), `[fe80::1]%eth0` (ss) */
static void put_address(kj_str *cells, kj_str address)
{
	size_t percent = kj_str_find(address, '%');
	kj_str interface = kj_str_from(address, percent + 1);
	address = kj_str_upto(address, percent);
	bool open = kj_str_starts(address, KJ_STR("["));
	if (open)
		address = kj_str_from(address, 1);
	if (open && kj_str_ends(address, KJ_STR("]")))
		address = kj_str_upto(address, address.n - 1);
	else if (open && kj_str_ends(interface, KJ_STR("]")))
		interface = kj_str_upto(interface, interface.n - 1);
	cells[INTERFACE] = interface;
	cells[ADDRESS] = address;
	kj_str version = kj_str_find(cells[ADDRESS], ':') < cells[ADDRESS].n ? KJ_STR("6") : KJ_STR("4");
	if (!cells[FAMILY].n && !kj_str_eq(cells[ADDRESS], KJ_STR("*")))
		cells[FAMILY] = version;
}

/* A socket whose peer is every address on every port waits for others. */
static kj_str state_from_peer(kj_str proto, kj_str peer)
{
	kj_str address, port;
	if (!split_port(peer, &address, &port) || !(kj_str_eq(port, KJ_STR("*")) || kj_str_eq(port, KJ_STR("0"))))
		return KJ_STR("");
	return kj_str_eq(proto, KJ_STR("tcp")) ? KJ_STR("LISTEN") : KJ_STR("UNCONN");
}

/* `users:(("sshd",pid=1222,fd=3),("systemd",pid=1,fd=45))`, of old ones `(("sendmail",3965,4))`. */
static void put_users(struct sockets *sockets, kj_str *cells, kj_str text)
{
	struct kj_buf names = KJ_BUF(sockets->parse->arena);
	kj_str last = KJ_STR("");
	size_t at = kj_str_find_str(text, KJ_STR("users:(("));
	text = kj_str_from(text, at);
	for (kj_str open = KJ_STR("(\""); (at = kj_str_find_str(text, open)) < text.n;) {
		text = kj_str_from(text, at + open.n);
		size_t end = kj_str_find_str(text, KJ_STR("\","));
		kj_str name = kj_str_upto(text, end);
		text = kj_str_from(text, end + 2);
		if (!cells[PID].n) {
			kj_str pid = kj_str_starts(text, KJ_STR("pid=")) ? kj_str_from(text, 4) : text;
			cells[PID] = kj_str_upto(pid, kj_str_find_any(pid, KJ_STR(",)")));
		}
		if (kj_str_eq(name, last))
			continue;
		if (names.n)
			kj_buf_char(&names, ',');
		kj_buf_put(&names, name);
		last = name;
	}
	cells[PROCESS] = kj_buf_str(&names);
}

/* netstat -p: `1206/sshd`, `600/sshd: /usr/sbin`, `-`; user and inode may stand before, timers after two blanks. */
static void put_program(kj_str *cells, kj_str text)
{
	kj_str rest = text, item;
	while (kj_str_word(&rest, &item)) {
		size_t slash = kj_str_find(item, '/');
		if (slash == item.n || !is_number(kj_str_upto(item, slash)))
			continue;
		cells[PID] = kj_str_upto(item, slash);
		kj_str name = {item.p + slash + 1, (size_t)(text.p + text.n - item.p) - slash - 1};
		cells[PROCESS] = kj_drop_blanks(kj_str_upto(name, kj_str_find_str(name, KJ_STR("  "))));
		return;
	}
}

/* Adds a row for a socket whose local and peer addresses are the words `local` and `local` + 1. */
static kj_str *add(struct sockets *sockets, kj_str proto, kj_str family, kj_str state, size_t local)
{
	kj_str address, port;
	kj_str *cells =
	        kj_rows_add(sockets->parse, sockets->scan.number, kj_scan_col(&sockets->scan, sockets->word[0].p));
	if (!cells)
		return NULL;
	cells[PROTO] = proto;
	cells[FAMILY] = family;
	cells[STATE] = state.n ? state : state_from_peer(proto, word(sockets, local + 1));
	sockets->recognised = true;
	if (!split_port(word(sockets, local), &address, &port)) {
		cells[ADDRESS] = word(sockets, local);
		kj_rows_spoil(sockets->parse, "a socket without an address and a port");
		return cells;
	}
	put_address(cells, address);
	cells[PORT] = port;
	return cells;
}

/* --- lines --- */

/* Is it two numbers, the queues? */
static bool has_queues(const struct sockets *sockets, size_t at)
{
	return is_number(word(sockets, at)) && is_number(word(sockets, at + 1));
}

/* Does a socket on [::] or :: take IPv4 too? Then its family is both; where nobody can tell, too. */
static void put_both(const struct sockets *sockets, kj_str *cells, kj_str local, kj_str rest)
{
	bool alone = kj_str_find_str(rest, KJ_STR("v6only:1")) < rest.n ||
	             (kj_str_starts(local, KJ_STR("[")) && sockets->writes_zeros);
	if (kj_str_eq(cells[ADDRESS], KJ_STR("::")) && !alone && !kj_str_eq(cells[PROTO], KJ_STR("raw")))
		cells[FAMILY] = KJ_STR("");
}

/* What follows word i, to the end of the line. */
static kj_str after(const struct sockets *sockets, size_t i)
{
	return i < sockets->n ? sockets->after[i] : KJ_STR("");
}

/* `LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:…`: ss -t or -u alone, where the protocol is told by the state. */
static bool take_ss_bare(struct sockets *sockets)
{
	kj_str state = find_state(sockets->word[0]);
	kj_str proto = kj_str_eq(state, KJ_STR("UNCONN")) ? KJ_STR("udp") : KJ_STR("tcp");
	kj_str *cells = add(sockets, proto, KJ_STR(""), state, 3);
	if (!cells)
		return false;
	put_both(sockets, cells, word(sockets, 3), after(sockets, 4));
	put_users(sockets, cells, after(sockets, 4));
	return true;
}

/* `tcp LISTEN 0 128 *:22 *:* users:…` */
static bool take_ss(struct sockets *sockets, int proto)
{
	kj_str *cells = add(sockets, protos[proto].proto, protos[proto].family, find_state(sockets->word[1]), 4);
	if (!cells)
		return false;
	put_both(sockets, cells, word(sockets, 4), after(sockets, 5));
	put_users(sockets, cells, after(sockets, 5));
	return true;
}

/* `tcp 0 0 127.0.0.1:25 0.0.0.0:* LISTEN 1469/master`; an old ss too, whose state may be blank. BSD writes the socket's
   address before. */
static bool take_netstat(struct sockets *sockets, int proto, size_t first)
{
	kj_str state = find_state(word(sockets, first + 5));
	kj_str *cells = add(sockets, protos[proto].proto, protos[proto].family, state, first + 3);
	if (!cells)
		return false;
	kj_str rest = after(sockets, first + 4);
	put_both(sockets, cells, word(sockets, first + 3), rest);
	if (kj_str_find_str(rest, KJ_STR("users:((")) < rest.n)
		put_users(sockets, cells, rest);
	else
		put_program(cells, rest);
	return true;
}

/* `TCP 0.0.0.0:22 0.0.0.0:0 LISTENING 1264`, `UDP [::]:123 *:* 1234`; the state may be in the system's language. */
static bool take_windows(struct sockets *sockets, int proto)
{
	kj_str state = find_state(word(sockets, 3));
	kj_str *cells = add(sockets, protos[proto].proto, KJ_STR(""), state, 1);
	if (!cells)
		return false;
	kj_str pid = is_number(word(sockets, 3)) ? word(sockets, 3) : word(sockets, 4);
	if (is_number(pid))
		cells[PID] = pid;
	sockets->windows = cells;
	return true;
}

/* ` [svchost.exe]` under a socket (netstat -b). */
static void take_owner(struct sockets *sockets, kj_str line)
{
	line = kj_drop_blanks(kj_skip_blanks(line));
	if (sockets->windows && line.n > 2 && line.p[0] == '[' && line.p[line.n - 1] == ']') {
		sockets->windows[PROCESS] = (kj_str){line.p + 1, line.n - 2};
		sockets->windows = NULL;
	}
}

static bool is_header(kj_str line)
{
	static const kj_str signs[] = {KJ_STR_INIT("Local Address"), KJ_STR_INIT("Recv-Q"), KJ_STR_INIT("Active "),
	                               KJ_STR_INIT("Proto "), KJ_STR_INIT("ローカル アドレス")};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (kj_str_find_str(line, signs[i]) < line.n)
			return true;
	return false;
}

static bool take_proto(struct sockets *sockets, int proto, size_t first)
{
	kj_str address, port;
	if (has_queues(sockets, first + 1))
		return take_netstat(sockets, proto, first);
	if (find_state(word(sockets, first + 1)).n && has_queues(sockets, first + 2))
		return take_ss(sockets, proto);
	if (split_port(word(sockets, first + 1), &address, &port))
		return take_windows(sockets, proto);
	sockets->recognised = true;
	return kj_rows_bad(sockets->parse, sockets->scan.number, kj_scan_col(&sockets->scan, sockets->word[0].p),
	                   "a socket in no known layout");
}

static bool take_line(struct sockets *sockets)
{
	kj_str line = sockets->scan.line;
	bool indented = line.n && line.p[0] == '\t';
	split_words(sockets, line);
	if (!sockets->n || indented)
		return true;
	int proto = find_proto(sockets->word[0]), second = find_proto(word(sockets, 1));
	if (proto >= 0 || (second >= 0 && has_queues(sockets, 2))) {
		sockets->windows = NULL;
		return take_proto(sockets, proto >= 0 ? proto : second, proto < 0);
	}
	if (find_state(sockets->word[0]).n && has_queues(sockets, 1))
		return take_ss_bare(sockets);
	if (!sockets->recognised)
		sockets->recognised = is_header(line);
	take_owner(sockets, line);
	return true;
}

void kj_parse_ss(struct kj_parse *parse)
{
	struct sockets sockets = {.parse = parse, .scan = kj_scan_of(parse->text)};
	kj_str text = parse->text->bytes;
	sockets.writes_zeros = kj_str_find_str(text, KJ_STR("0.0.0.0:")) < text.n;
	while (kj_scan_next(&sockets.scan))
		if (!take_line(&sockets))
			return;
	/* an empty table has a header; what has neither is something else, or its command failed */
	if (!sockets.recognised)
		kj_rows_bad(parse, 1, 1, "no table of sockets");
}
