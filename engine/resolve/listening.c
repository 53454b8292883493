/* The source `listening`: sockets that wait for others, from captures of ss and netstat with whatever options. A capture
   shows what its options ask for, so one of TCP alone says nothing of UDP; the options stand in the artifact's name
   (`ss_-tlnp.txt`), and the heading of netstat tells whether servers are shown. */
#include "resolve/work.h"

#include <string.h>

const char *const kj_listening_columns[] = {"proto", "address",   "port",   "process", "state",
                                            "pid",   "interface", "family", "scope",   NULL};
enum { PROTO, ADDRESS, PORT, PROCESS, STATE, PID, INTERFACE, FAMILY, SCOPE, PARSED = SCOPE };

enum shown { TCP4 = 1, TCP6 = 2, UDP4 = 4, UDP6 = 8, TCP = TCP4 | TCP6, UDP = UDP4 | UDP6, ALL = TCP | UDP };

struct capture {
	const struct kj_artifact *artifact;
	const struct kj_rows *rows;
	unsigned shown;
};

struct listening {
	struct kj_host *host;
	struct kj_resolved *out;
	KJ_VEC(struct capture) captures;
	const struct kj_artifact *broken; /* of that name, and unreadable */
	const struct kj_row *no_table;    /* readable, and no table of sockets */
	kj_str passed_over;               /* a capture of something else, for the message */
};

/* ---- the options in a name ---- */

struct options {
	unsigned protocols, families;
	bool others; /* a family of sockets that is neither TCP nor UDP was asked for */
	bool servers, elsewhere;
	bool filtered; /* by a state: UDP has none that is listening */
};

static const struct {
	kj_str word;
	unsigned protocols, families;
	bool others, servers, elsewhere, filtered;
} words[] = {
        {KJ_STR_INIT("tcp"), .protocols = TCP},
        {KJ_STR_INIT("udp"), .protocols = UDP},
        {KJ_STR_INIT("ipv4"), .families = TCP4 | UDP4},
        {KJ_STR_INIT("inet"), .families = TCP4 | UDP4},
        {KJ_STR_INIT("ipv6"), .families = TCP6 | UDP6},
        {KJ_STR_INIT("inet6"), .families = TCP6 | UDP6},
        {KJ_STR_INIT("unix"), .others = true},
        {KJ_STR_INIT("raw"), .others = true},
        {KJ_STR_INIT("listening"), .servers = true},
        {KJ_STR_INIT("all"), .servers = true},
        {KJ_STR_INIT("summary"), .elsewhere = true},
        {KJ_STR_INIT("statistics"), .elsewhere = true},
        {KJ_STR_INIT("route"), .elsewhere = true},
        {KJ_STR_INIT("interfaces"), .elsewhere = true},
        {KJ_STR_INIT("groups"), .elsewhere = true},
        {KJ_STR_INIT("established"), .elsewhere = true},
        {KJ_STR_INIT("connected"), .elsewhere = true},
        {KJ_STR_INIT("numeric")},
        {KJ_STR_INIT("processes")},
        {KJ_STR_INIT("program")},
        {KJ_STR_INIT("programs")},
        {KJ_STR_INIT("extend")},
        {KJ_STR_INIT("extended")},
        {KJ_STR_INIT("wide")},
        {KJ_STR_INIT("no")},
        {KJ_STR_INIT("header")},
        {KJ_STR_INIT("oneline")},
        {KJ_STR_INIT("state"), .filtered = true},
        {KJ_STR_INIT("sudo")},
};

/* What is no option is something else: a host's name, a date. */
static bool is_options(kj_str option, bool netstat)
{
	static const kj_str of_netstat = KJ_STR_INIT("abcefilnoprstuvwxgAFMNSUWZ46"),
	                    of_ss = KJ_STR_INIT("abdefhilmnoprstuwxzDEFHKMNOQSTVWZ046");
	kj_str known = netstat ? of_netstat : of_ss;
	bool letter = option.n == 1;
	for (size_t i = 0; i < option.n; i++) {
		if (kj_str_find(known, option.p[i]) == known.n)
			return false;
		letter |= !kj_is_digit(option.p[i]);
	}
	return letter;
}

static void take_letter(struct options *o, char letter, bool netstat)
{
	const char *tables = netstat ? "rigsM" : "s";
	o->protocols |= letter == 't' ? TCP : letter == 'u' ? UDP : 0;
	o->families |= letter == '4' ? TCP4 | UDP4 : letter == '6' ? TCP6 | UDP6 : 0;
	o->others |= strchr("xwdS0V", letter) != NULL;
	o->servers |= letter == 'l' || letter == 'a';
	o->elsewhere |= strchr(tables, letter) != NULL;
}

static void take_option(struct options *o, kj_str option, bool netstat)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!kj_str_eq_fold(option, words[i].word))
			continue;
		o->protocols |= words[i].protocols;
		o->families |= words[i].families;
		o->others |= words[i].others;
		o->servers |= words[i].servers;
		o->elsewhere |= words[i].elsewhere;
		o->filtered |= words[i].filtered;
		return;
	}
	for (size_t i = 0; i < option.n && is_options(option, netstat); i++)
		take_letter(o, option.p[i], netstat);
}

/* The next run of letters and digits. */
static bool next_option(kj_str *rest, kj_str *option)
{
	size_t start = 0;
	while (start < rest->n && !kj_is_alnum(rest->p[start]))
		start++;
	size_t end = start;
	while (end < rest->n && kj_is_alnum(rest->p[end]))
		end++;
	*option = (kj_str){rest->p + start, end - start};
	*rest = kj_str_from(*rest, end);
	return option->n > 0;
}

/* False when the name is not that of such a capture. */
static bool read_name(kj_str name, struct options *o)
{
	kj_str rest = kj_str_upto(name, kj_str_find(name, '.')), option;
	if (!next_option(&rest, &option))
		return false;
	bool netstat = kj_str_eq_fold(option, KJ_STR("netstat"));
	if (!netstat && !kj_str_eq_fold(option, KJ_STR("ss")))
		return false;
	*o = (struct options){0};
	while (next_option(&rest, &option))
		take_option(o, option, netstat);
	return true;
}

static unsigned shown_by(const struct options *o)
{
	unsigned protocols = o->protocols ? o->protocols : o->others ? 0 : ALL;
	return protocols & (o->families ? o->families : ALL) & (o->filtered ? TCP : ALL);
}

/* ---- captures ---- */

/* Without -l or -a only connections are shown; the heading of netstat, or a server among the rows, tells better. */
static bool shows_servers(const struct options *o, kj_str text, const struct kj_rows *rows)
{
	static const kj_str headings[] = {KJ_STR_INIT("(only servers)"), KJ_STR_INIT("(servers and established)"),
	                                  KJ_STR_INIT("(including servers)")};
	kj_str head = kj_str_upto(text, 4096);
	if (kj_str_find_str(head, KJ_STR("(w/o servers)")) < head.n)
		return false;
	bool shown = o->servers;
	for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
		shown |= kj_str_find_str(head, headings[i]) < head.n;
	for (size_t i = 0; i < rows->list.n && !shown; i++)
		shown = kj_str_eq(rows->list.at[i].cell[STATE], KJ_STR("LISTEN"));
	return shown;
}

static bool is_table(const struct kj_rows *rows)
{
	return rows->list.n != 1 || !rows->list.at[0].bad || rows->list.at[0].cell[PROTO].n;
}

static void consider(struct listening *l, kj_str name, const struct options *o)
{
	const struct kj_artifact *artifact = kj_export_command(l->host->export, name);
	for (size_t i = 0; i < l->captures.n; i++)
		if (l->captures.at[i].artifact == artifact)
			return;
	if (artifact->state == KJ_ARTIFACT_ERROR)
		l->broken = artifact;
	if (artifact->state != KJ_ARTIFACT_OK)
		return;
	const struct kj_rows *rows = kj_host_rows(l->host, artifact, KJ_STR("ss"), NULL);
	struct capture c = {artifact, rows, shown_by(o)};
	if (!is_table(rows))
		l->no_table = &rows->list.at[0];
	else if (!o->elsewhere && c.shown && shows_servers(o, artifact->text.bytes, rows))
		KJ_PUSH(l->host->arena, &l->captures, c);
	else
		l->passed_over = artifact->text.name;
}

static void find_captures(struct listening *l)
{
	const struct kj_export *export = l->host->export;
	for (size_t i = 0; i < export->entry_count; i++) {
		kj_str path = export->entries[i].path;
		size_t slash = kj_str_find_last(path, '/');
		kj_str name = slash < path.n ? kj_str_from(path, slash + 1) : path;
		struct options o;
		if (export->entries[i].kind != KJ_ENTRY_DIR && read_name(name, &o) && !o.elsewhere)
			consider(l, name, &o);
	}
}

static unsigned count_bits(unsigned set)
{
	unsigned n = 0;
	for (; set; set &= set - 1)
		n++;
	return n;
}

static bool from_ss(const struct capture *c)
{
	kj_str name = c->artifact->text.name;
	size_t slash = kj_str_find_last(name, '/');
	return kj_str_starts_fold(slash < name.n ? kj_str_from(name, slash + 1) : name, KJ_STR("ss"));
}

/* The capture that adds most to what is seen; ss before netstat, since it tells IPv6 sockets that take IPv4 too. NULL
   when none adds anything. */
static const struct capture *best_capture(const struct listening *l, unsigned seen)
{
	const struct capture *best = NULL;
	unsigned most = 0;
	for (size_t i = 0; i < l->captures.n; i++) {
		const struct capture *c = &l->captures.at[i];
		unsigned gain = 2 * count_bits(c->shown & ~seen);
		gain += gain && from_ss(c);
		if (gain > most)
			best = c;
		most = gain > most ? gain : most;
	}
	return best;
}

/* ---- rows ---- */

/* Who can reach it, as far as the address tells: any, loopback, link, private, multicast or global. */
static kj_str scope_of(kj_str address)
{
	static const struct {
		kj_str prefix, scope;
	} prefixes[] = {
	        {KJ_STR_INIT("127."), KJ_STR_INIT("loopback")},    {KJ_STR_INIT("169.254."), KJ_STR_INIT("link")},
	        {KJ_STR_INIT("fe80:"), KJ_STR_INIT("link")},       {KJ_STR_INIT("10."), KJ_STR_INIT("private")},
	        {KJ_STR_INIT("192.168."), KJ_STR_INIT("private")}, {KJ_STR_INIT("fc"), KJ_STR_INIT("private")},
	        {KJ_STR_INIT("fd"), KJ_STR_INIT("private")},       {KJ_STR_INIT("ff"), KJ_STR_INIT("multicast")},
	};
	static const kj_str any[] = {KJ_STR_INIT("*"), KJ_STR_INIT("0.0.0.0"), KJ_STR_INIT("::")};
	static const kj_str own[] = {KJ_STR_INIT("::1"), KJ_STR_INIT("localhost"), KJ_STR_INIT("ip6-localhost"),
	                             KJ_STR_INIT("localhost.localdomain")};
	int64_t first, second;
	if (kj_str_starts_fold(address, KJ_STR("::ffff:")) && kj_str_find(address, '.') < address.n)
		address = kj_str_from(address, 7);
	for (size_t i = 0; i < sizeof any / sizeof *any; i++)
		if (kj_str_eq(address, any[i]))
			return KJ_STR("any");
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (kj_str_eq(address, own[i]))
			return KJ_STR("loopback");
	kj_str rest = kj_str_from(address, kj_str_find(address, '.') + 1);
	bool v4 = kj_num_int(kj_str_upto(address, kj_str_find(address, '.')), &first) &&
	          kj_num_int(kj_str_upto(rest, kj_str_find(rest, '.')), &second);
	bool v6 = kj_str_find(address, ':') < address.n;
	for (size_t i = 0; (v4 || v6) && i < sizeof prefixes / sizeof *prefixes; i++)
		if (kj_str_starts_fold(address, prefixes[i].prefix))
			return prefixes[i].scope;
	if (v4 && first == 172 && second >= 16 && second < 32)
		return KJ_STR("private");
	if (v4 && first >= 224 && first < 240)
		return KJ_STR("multicast");
	return v4 || v6 ? KJ_STR("global") : KJ_STR("");
}

static void add_rows(struct listening *l, struct kj_rows *all, const struct capture *c)
{
	KJ_PUSH(l->host->arena, &l->out->texts, &c->artifact->text);
	all->capped |= c->rows->capped;
	for (size_t i = 0; i < c->rows->list.n; i++) {
		const struct kj_row *row = &c->rows->list.at[i];
		kj_str *cells = kj_rows_append(l->host, all, row);
		memcpy(cells, row->cell, PARSED * sizeof *cells);
		cells[SCOPE] = scope_of(cells[ADDRESS]);
		if (row->bad)
			KJ_PUSH(l->host->arena, &l->out->bad, *row);
	}
}

static void nothing_seen(struct listening *l)
{
	if (l->no_table) {
		l->out->at = kj_origin_of(l->no_table);
		kj_resolved_state(l->host, l->out, KJ_STATE_ERROR, "'%.*s': %s", KJ_FMT(l->no_table->text->name),
		                  l->no_table->problem);
	} else if (l->broken) {
		kj_resolved_state(l->host, l->out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(l->broken->text.name),
		                  KJ_FMT(l->broken->message));
	} else if (l->passed_over.n) {
		kj_resolved_state(l->host, l->out, KJ_STATE_NOT_COLLECTED, "'%.*s' does not show what listens",
		                  KJ_FMT(l->passed_over));
	} else {
		kj_resolved_state(l->host, l->out, KJ_STATE_NOT_COLLECTED,
		                  "no output of ss or netstat was collected ('ss -tulpn')");
	}
}

/* Which sockets no capture shows; empty: none. */
static const char *left_out(unsigned seen)
{
	return !(seen & TCP)             ? "TCP"
	       : !(seen & UDP)           ? "UDP"
	       : !(seen & (TCP4 | UDP4)) ? "IPv4"
	       : !(seen & (TCP6 | UDP6)) ? "IPv6"
	       : seen != ALL             ? "one protocol by IPv4 or IPv6"
	                                 : "";
}

void kj_resolve_listening(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct listening l = {.host = host, .out = out};
	struct kj_rows *all = kj_rows_make(host, kj_listening_columns);
	unsigned seen = 0;
	out->rows = all;
	find_captures(&l);
	for (const struct capture *c; (c = best_capture(&l, seen)); seen |= c->shown)
		add_rows(&l, all, c);
	if (!seen)
		nothing_seen(&l);
	else if (seen != ALL)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the options of '%.*s' leave out sockets of %s",
		                  KJ_FMT(out->texts.at[0]->name), left_out(seen));
	else
		out->state = KJ_STATE_EFFECTIVE;
}
