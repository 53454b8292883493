/* `ufw status`, `ufw status verbose`, `ufw status numbered`: ufw(8). They show the user's rules in their order and (verbose) the defaults; what ufw
   adds by itself (ufw.h) they do not show. */
#include "base/num.h"
#include "firewall/capture.h"
#include "firewall/dialect.h"
#include "firewall/dialects/iptables.h"
#include "firewall/dialects/ufw.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* One end of a rule: "192.0.2.1 80,443/tcp (v6) on eth0". */
struct end {
	bool any, v6;
	struct kj_range addr;
	kj_str ports, proto, app, iface;
};

struct row {
	uint32_t line;
	kj_str text, action, way; /* ALLOW, DENY, REJECT, LIMIT; IN, OUT, FWD */
	struct end to, from;
	bool readable;
	const char *why; /* it is not */
};

struct reader {
	struct kj_fw_reading *reading;
	struct kj_arena *arena;
	KJ_VEC(struct row) rows;
	bool active, numbered, header;
	bool gap; /* a blank line came after the table: prose may follow */
	size_t action_column;
	uint32_t status_line, header_line;
	kj_str status;
	struct kj_ufw_defaults defaults;
	bool routing_off; /* "disabled (routed)" */
};

/* -- rows -- */

static const char *const actions[] = {"ALLOW", "DENY", "REJECT", "LIMIT"};
static const char *const ways[] = {"IN", "OUT", "FWD"};

static bool one_of(kj_str word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq(word, kj_str_of(list[i])))
			return true;
	}
	return false;
}

/* Where the action stands: at its column, or behind it when what is to the left was too long for its own. */
static size_t find_action(kj_str line, size_t column)
{
	for (size_t at = column; at < line.n; at++) {
		kj_str rest = kj_str_from(line, at), word;
		if ((at == 0 || kj_is_space(line.p[at - 1])) && !kj_is_space(line.p[at]) && kj_str_word(&rest, &word) &&
		    one_of(word, actions, COUNT(actions)))
			return at;
	}
	return line.n;
}

/* Cuts " (log)", " (log-all, out)" off the end. */
static kj_str without_attributes(kj_str s)
{
	static const char *const known[] = {"log", "log-all", "out"};
	size_t open = kj_str_find_last(s, '(');
	if (open == s.n || !kj_str_ends(s, KJ_STR(")")))
		return s;
	kj_str inside = (kj_str){s.p + open + 1, s.n - open - 2}, word;
	while (kj_str_cut(&inside, ',', &word)) {
		if (!one_of(kj_str_trim(word), known, COUNT(known)))
			return s;
	}
	return kj_str_trim_right(kj_str_upto(s, open));
}

static bool cut_end(kj_str *s, kj_str end)
{
	if (!kj_str_ends(*s, end))
		return false;
	*s = kj_str_trim_right(kj_str_upto(*s, s->n - end.n));
	return true;
}

/* " on eth0" */
static void cut_iface(kj_str *s, struct end *end)
{
	size_t space = kj_str_find_last(*s, ' ');
	kj_str before = kj_str_upto(*s, space);
	if (space == s->n || !kj_str_ends(before, KJ_STR(" on")))
		return;
	end->iface = kj_str_from(*s, space + 1);
	*s = kj_str_trim_right(kj_str_upto(before, before.n - 3));
}

/* The name of the profile that ports come from, in brackets: status verbose. */
static void cut_profile(kj_str *s)
{
	size_t open = kj_str_find_str(*s, KJ_STR(" ("));
	if (kj_str_ends(*s, KJ_STR(")")))
		*s = kj_str_trim_right(kj_str_upto(*s, open));
}

static bool is_ports(kj_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!kj_is_digit(s.p[i]) && s.p[i] != ',' && s.p[i] != ':')
			return false;
	}
	return s.n && kj_is_digit(*s.p);
}

/* "22", "80,443/tcp", "6000:6007/udp", or the name of a profile. */
static void read_ports(kj_str s, struct end *end)
{
	size_t slash = kj_str_find(s, '/');
	if (is_ports(kj_str_upto(s, slash))) {
		end->ports = kj_str_upto(s, slash);
		end->proto = kj_str_from(s, slash + 1);
	} else {
		end->app = s;
	}
}

/* "192.0.2.0/24", "192.0.2.9/esp" */
static bool read_addr(kj_str s, struct end *end)
{
	size_t slash = kj_str_find_last(s, '/');
	if (kj_range_parse(s, &end->addr))
		return true;
	if (slash == s.n || !kj_range_parse(kj_str_upto(s, slash), &end->addr))
		return false;
	end->proto = kj_str_from(s, slash + 1);
	return true;
}

static bool read_end(kj_str s, struct end *end)
{
	kj_str rest = s, word;
	cut_iface(&rest, end);
	end->v6 = cut_end(&rest, KJ_STR("(v6)"));
	cut_profile(&rest);
	kj_str whole = rest;
	if (!kj_str_word(&rest, &word))
		return false;
	if (kj_str_eq(word, KJ_STR("Anywhere")) || kj_str_starts(word, KJ_STR("Anywhere/"))) {
		end->any = true;
		end->proto = kj_str_from(word, 9);
		return !kj_str_trim(rest).n;
	}
	if (!read_addr(word, end)) {
		end->any = true;
		rest = whole;
	}
	rest = kj_str_trim(rest);
	if (rest.n)
		read_ports(rest, end);
	return true;
}

/* Whether nothing can have been cut off the row's end. */
static bool is_ended(const struct row *row)
{
	return row->readable && kj_str_eq(row->way, KJ_STR("IN")) && row->from.any && !row->from.ports.n &&
	       !row->from.app.n && !row->from.iface.n && row->from.v6 == row->to.v6;
}

/* A row that may say anything. */
static void add_unreadable(struct reader *reader, kj_str text, uint32_t number, const char *why)
{
	KJ_PUSH(reader->arena, &reader->rows,
	        (struct row){.line = number, .text = text, .way = KJ_STR("IN"), .why = why});
}

static void read_row(struct reader *reader, kj_str line, uint32_t number, bool whole)
{
	size_t at = find_action(line, reader->action_column);
	struct row row = {.line = number, .text = kj_str_trim(line), .way = KJ_STR("IN")};
	kj_str to = kj_str_trim(kj_str_upto(line, at)), rest = kj_str_from(line, at), peek;
	if (reader->numbered && kj_str_starts(to, KJ_STR("[")))
		to = kj_str_trim_left(kj_str_from(to, kj_str_find(to, ']') + 1));
	if (kj_str_word(&rest, &row.action)) {
		peek = rest;
		if (kj_str_word(&peek, &row.way) && one_of(row.way, ways, COUNT(ways)))
			rest = peek;
		else
			row.way = KJ_STR("IN");
		kj_str from = kj_str_trim(kj_str_upto(rest, kj_str_find_str(rest, KJ_STR(" # "))));
		row.readable = read_end(to, &row.to) && read_end(without_attributes(from), &row.from);
		row.why = "not a rule as ufw lists it";
	}
	if (whole || is_ended(&row))
		KJ_PUSH(reader->arena, &reader->rows, row);
	else
		add_unreadable(reader, row.text, number, "the line may break off before its end");
}

/* -- the lines above the table -- */

static enum kj_fw_verdict policy_of(kj_str word)
{
	if (kj_str_eq(word, KJ_STR("allow")))
		return KJ_FW_ACCEPT;
	bool closed = kj_str_eq(word, KJ_STR("deny")) || kj_str_eq(word, KJ_STR("reject")) ||
	              kj_str_eq(word, KJ_STR("disabled"));
	return closed ? KJ_FW_DROP : KJ_FW_UNSURE;
}

/* "Default: deny (incoming), allow (outgoing), disabled (routed)" */
static void read_defaults(struct reader *reader, kj_str line, uint32_t number)
{
	kj_str rest = kj_str_from(line, 8), piece, policy, way;
	reader->defaults.line = number;
	reader->defaults.text = line;
	while (kj_str_cut(&rest, ',', &piece)) {
		if (!kj_str_word(&piece, &policy) || !kj_str_word(&piece, &way))
			continue;
		if (kj_str_eq(way, KJ_STR("(incoming)")))
			reader->defaults.input = policy_of(policy);
		if (kj_str_eq(way, KJ_STR("(outgoing)")))
			reader->defaults.output = policy_of(policy);
		if (kj_str_eq(way, KJ_STR("(routed)")))
			reader->defaults.forward = policy_of(policy);
		reader->routing_off |= kj_str_eq(way, KJ_STR("(routed)")) && kj_str_eq(policy, KJ_STR("disabled"));
	}
}

static bool is_header(kj_str s)
{
	kj_str to, action, from;
	return kj_str_word(&s, &to) && kj_str_word(&s, &action) && kj_str_word(&s, &from) &&
	       kj_str_eq(to, KJ_STR("To")) && kj_str_eq(action, KJ_STR("Action")) && kj_str_eq(from, KJ_STR("From"));
}

/* -- rules -- */

/* Profiles whose ports are the same wherever the package is: those of ufw itself and of Debian's packages. */
static const struct profile {
	const char *name, *ports; /* "22/tcp 53": as in the To column */
} profiles[] = {
        {"OpenSSH", "22/tcp"},
        {"SSH", "22/tcp"},
        {"Telnet", "23/tcp"},
        {"WWW", "80/tcp"},
        {"WWW Secure", "443/tcp"},
        {"WWW Full", "80,443/tcp"},
        {"WWW Cache", "8080/tcp"},
        {"Apache", "80/tcp"},
        {"Apache Secure", "443/tcp"},
        {"Apache Full", "80,443/tcp"},
        {"Nginx HTTP", "80/tcp"},
        {"Nginx HTTPS", "443/tcp"},
        {"Nginx Full", "80,443/tcp"},
        {"DNS", "53"},
        {"Bind9", "53"},
        {"SMTP", "25/tcp"},
        {"Mail submission", "587/tcp"},
        {"Postfix", "25/tcp"},
        {"Postfix SMTPS", "465/tcp"},
        {"Postfix Submission", "587/tcp"},
        {"IMAP", "143/tcp"},
        {"IMAPS", "993/tcp"},
        {"POP3", "110/tcp"},
        {"POP3S", "995/tcp"},
        {"Dovecot IMAP", "143/tcp"},
        {"Dovecot Secure IMAP", "993/tcp"},
        {"Dovecot POP3", "110/tcp"},
        {"Dovecot Secure POP3", "995/tcp"},
        {"LDAP", "389/tcp"},
        {"LDAPS", "636/tcp"},
        {"CIFS", "137,138/udp 139,445/tcp"},
        {"Samba", "137,138/udp 139,445/tcp"},
        {"NFS", "111,2049/tcp 111,2049/udp"},
        {"CUPS", "631"},
        {"IPP", "631"},
        {"LPD", "515/tcp"},
        {"VNC", "5900/tcp"},
        {"Socks", "1080/tcp"},
        {"Transparent Proxy", "8081/tcp"},
        {"Squid", "3128/tcp"},
        {"svnserve", "3690/tcp"},
        {"XMPP", "5222/tcp 5269/tcp"},
        {"Kerberos KDC", "88"},
        {"Kerberos Admin", "749/tcp"},
        {"Kerberos Password", "464/udp"},
};

static kj_str profile_ports(kj_str name)
{
	for (size_t i = 0; i < COUNT(profiles); i++) {
		if (kj_str_eq(name, kj_str_of(profiles[i].name)))
			return kj_str_of(profiles[i].ports);
	}
	return KJ_STR("");
}

static struct kj_fw_set *port_set(struct kj_fw_ruleset *rs, kj_str ports)
{
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	kj_str piece;
	uint16_t first, last;
	while (kj_str_cut(&ports, ',', &piece)) {
		if (!kj_ipt_ports(piece, ':', &first, &last))
			return NULL;
		kj_fw_set_num(rs, set, first, last);
	}
	return set;
}

/* The protocol, or where a port needs one and none is named, tcp and udp. */
static bool test_proto(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, kj_str name, bool ports)
{
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	unsigned proto;
	if (!name.n && !ports)
		return true;
	if (name.n && !kj_fw_proto_parse(name, &proto))
		return false;
	kj_fw_set_num(rs, set, name.n ? proto : 6, name.n ? proto : 6);
	if (!name.n)
		kj_fw_set_num(rs, set, 17, 17);
	kj_fw_test(rs, rule, KJ_FW_PROTO, false, set);
	return true;
}

static bool test_end(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const struct end *end, enum kj_fw_field addr,
                     enum kj_fw_field port)
{
	if (!end->any)
		kj_fw_test_addr(rs, rule, addr, false, &end->addr);
	if (!end->ports.n)
		return true;
	const struct kj_fw_set *set = port_set(rs, end->ports);
	if (set)
		kj_fw_test(rs, rule, port, false, set);
	return set;
}

/* Interfaces stand at the far end of what is routed, and at the host's own end of what is not. */
static void test_ifaces(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const struct row *row)
{
	bool routed = kj_str_eq(row->way, KJ_STR("FWD"));
	kj_str in = routed ? row->from.iface : row->to.iface, out = routed ? row->to.iface : row->from.iface;
	if (in.n)
		kj_fw_test_iface(rs, rule, KJ_FW_IIF, false, in, false);
	if (out.n)
		kj_fw_test_iface(rs, rule, KJ_FW_OIF, false, out, false);
}

static struct kj_fw_rule *add_rule(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, const struct row *row,
                                   enum kj_fw_verdict verdict)
{
	struct kj_fw_rule *rule = kj_fw_rule(rs, chain, row->line, row->text);
	kj_str proto = row->to.proto.n ? row->to.proto : row->from.proto;
	bool profile = row->to.app.n || row->from.app.n; /* one whose ports are not known */
	bool ports = row->to.ports.n || row->from.ports.n || profile;
	rule->verdict = verdict;
	if (profile)
		kj_fw_beyond(rs, rule, row->to.app.n ? row->to.app : row->from.app);
	test_ifaces(rs, rule, row);
	if (!test_proto(rs, rule, proto, ports) || !test_end(rs, rule, &row->to, KJ_FW_DST, KJ_FW_DPORT) ||
	    !test_end(rs, rule, &row->from, KJ_FW_SRC, KJ_FW_SPORT))
		kj_fw_beyond(rs, rule, row->text);
	return rule;
}

/* ALLOW, DENY and REJECT; LIMIT lets in until there are too many, and then refuses. */
static void add_action(struct reader *reader, struct kj_fw_ruleset *rs, struct kj_fw_chain *chain,
                       const struct row *row)
{
	bool limit = kj_str_eq(row->action, KJ_STR("LIMIT")), deny = kj_str_eq(row->action, KJ_STR("DENY"));
	bool allow = limit || kj_str_eq(row->action, KJ_STR("ALLOW"));
	struct kj_fw_rule *rule = add_rule(rs, chain, row, allow ? KJ_FW_ACCEPT : deny ? KJ_FW_DROP : KJ_FW_REJECT);
	bool off = kj_str_eq(row->way, KJ_STR("FWD")) && reader->routing_off;
	rule->maybe |= limit || off;
	if (limit)
		add_rule(rs, chain, row, KJ_FW_REJECT);
}

/* A profile that is known: a rule for each protocol of it. */
static void add_row(struct reader *reader, struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, const struct row *row)
{
	const struct end *named = row->to.app.n ? &row->to : &row->from;
	kj_str list = profile_ports(named->app), ports;
	if (!list.n || (row->to.app.n && row->from.app.n)) {
		add_action(reader, rs, chain, row);
		return;
	}
	while (kj_str_word(&list, &ports)) {
		struct row known = *row;
		struct end *end = named == &row->to ? &known.to : &known.from;
		end->app = KJ_STR("");
		read_ports(ports, end);
		add_action(reader, rs, chain, &known);
	}
}

static unsigned version_of(const struct row *row)
{
	if (!row->to.any)
		return row->to.addr.first.version;
	if (!row->from.any)
		return row->from.addr.first.version;
	return row->to.v6 || row->from.v6 ? 6 : 4;
}

static enum kj_fw_hook hook_of(const struct row *row)
{
	if (kj_str_eq(row->way, KJ_STR("FWD")))
		return KJ_FW_FORWARD;
	return kj_str_eq(row->way, KJ_STR("OUT")) ? KJ_FW_OUTPUT : KJ_FW_INPUT;
}

/* -- the host -- */

static kj_str table_of(unsigned version)
{
	return version == 6 ? KJ_STR("filter6") : KJ_STR("filter");
}

static void declare_chains(struct kj_fw_ruleset *rs, unsigned version)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	for (size_t i = 0; i < COUNT(hooks); i++)
		kj_ufw_user_chain(rs, table_of(version), version, hooks[i])->declared = true;
}

static bool has_ipv6(const struct reader *reader)
{
	for (size_t i = 0; i < reader->rows.n; i++) {
		if (version_of(&reader->rows.at[i]) == 6)
			return true;
	}
	return false;
}

/* Without a rule for IPv6, ufw may have been told to leave it (IPV6=no): then nothing but the loopback is open. */
static void add_frames(struct reader *reader, struct kj_fw_ruleset *rs)
{
	struct kj_ufw_defaults six = reader->defaults;
	if (!has_ipv6(reader)) {
		six.input = six.input == KJ_FW_ACCEPT ? KJ_FW_UNSURE : six.input;
		six.forward = six.forward == KJ_FW_ACCEPT ? KJ_FW_UNSURE : six.forward;
		six.output = six.output == KJ_FW_ACCEPT ? KJ_FW_UNSURE : six.output;
	}
	declare_chains(rs, 4);
	declare_chains(rs, 6);
	kj_ufw_frame(rs, table_of(4), 4, &reader->defaults);
	kj_ufw_frame(rs, table_of(6), 6, &six);
}

static void add_rows(struct reader *reader, struct kj_fw_ruleset *rs)
{
	for (size_t i = 0; i < reader->rows.n; i++) {
		const struct row *row = &reader->rows.at[i];
		if (!row->readable)
			kj_fw_note(rs, row->line, "%s", row->why);
		for (unsigned version = 4; version <= 6; version += 2) {
			struct kj_fw_chain *chain = kj_ufw_user_chain(rs, table_of(version), version, hook_of(row));
			if (!row->readable)
				kj_fw_rule(rs, chain, row->line, row->text)->verdict = KJ_FW_UNSURE;
			else if (version_of(row) == version)
				add_row(reader, rs, chain, row);
		}
	}
}

/* An inactive ufw leaves every hook open. */
static void add_open(struct reader *reader, struct kj_fw_ruleset *rs)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	for (size_t i = 0; i < COUNT(hooks); i++) {
		struct kj_fw_chain *chain =
		        kj_fw_chain_declare(rs, KJ_STR("filter"), kj_str_of(kj_fw_hook_name(hooks[i])), 0);
		kj_fw_base(chain, hooks[i], KJ_FW_PRIORITY_FILTER, KJ_FW_V46);
		chain->policy_line = reader->status_line;
		chain->policy_text = reader->status;
	}
}

static void close_dump(struct reader *reader)
{
	if (!reader->status_line)
		return;
	struct kj_fw_ruleset *rs = kj_fw_ruleset_new(reader->arena, reader->reading->text, "ufw-status", KJ_FW_V46);
	if (reader->active && reader->header && !reader->rows.n)
		add_unreadable(reader, KJ_STR("rules below this heading"), reader->header_line,
		               "no rules below the heading, which ufw prints above rules only: is the text cut off?");
	if (reader->active) {
		add_frames(reader, rs);
		add_rows(reader, rs);
		kj_fw_note(rs, 0,
		           "ufw lists its user's rules only: before.rules is taken as shipped, and what Docker or "
		           "others add is not seen");
		if (!reader->defaults.line)
			kj_fw_note(rs, 0, "the default policy is not listed ('ufw status verbose' lists it)");
	} else {
		add_open(reader, rs);
		kj_fw_note(rs, reader->status_line, "ufw is not active; whether another firewall is, it does not tell");
	}
	kj_fw_finish(rs);
	KJ_PUSH(reader->arena, &reader->reading->rulesets, rs);
}

static struct reader new_dump(struct kj_fw_reading *reading)
{
	struct reader reader = {.reading = reading, .arena = reading->arena};
	reader.defaults = (struct kj_ufw_defaults){KJ_FW_UNSURE, KJ_FW_UNSURE, KJ_FW_UNSURE, 0,
	                                           KJ_STR("ufw's default policy, which only 'status verbose' shows")};
	return reader;
}

/* "--                         ------      ----" */
static bool is_rule_line(kj_str s)
{
	size_t i = 0;
	while (i < s.n && (s.p[i] == '-' || s.p[i] == ' '))
		i++;
	return i == s.n;
}

/* A line below the heading of the table. `whole`: it has its end. */
static void read_below(struct reader *reader, kj_str line, uint32_t number, bool whole)
{
	kj_str s = kj_str_trim(line);
	bool begun = kj_is_digit(*s.p) || *s.p == '[';
	if (find_action(line, reader->action_column) < line.n)
		read_row(reader, line, number, whole);
	else if (begun || (!reader->gap && !kj_fw_is_prompt(s)))
		add_unreadable(reader, s, number,
		               whole ? "not a rule as ufw lists it" : "the line may break off before its end");
}

static void read_line(struct reader *reader, kj_str line, uint32_t number, bool whole)
{
	kj_str s = kj_str_trim(line);
	if (kj_str_starts(s, KJ_STR("Status: "))) {
		close_dump(reader);
		*reader = new_dump(reader->reading);
		reader->status = s;
		reader->status_line = number;
		reader->active = kj_str_eq(s, KJ_STR("Status: active"));
	} else if (kj_str_starts(s, KJ_STR("Default: "))) {
		read_defaults(reader, s, number);
	} else if (is_header(s)) {
		reader->header = true;
		reader->header_line = number;
		reader->numbered = line.n && kj_is_space(*line.p);
		reader->action_column = kj_str_find_str(line, KJ_STR("Action"));
	} else if (!s.n) {
		reader->gap |= reader->rows.n > 0;
	} else if (reader->header && !is_rule_line(s)) {
		read_below(reader, line, number, whole);
		return;
	}
	bool above = reader->status_line && !reader->rows.n && s.n && !kj_fw_is_prompt(s);
	if (!whole && above && number > reader->status_line)
		add_unreadable(reader, s, number, "the line may break off before its end");
}

static void parse(struct kj_fw_reading *reading)
{
	struct reader reader = new_dump(reading);
	kj_str rest = reading->text->bytes, line;
	bool ended = kj_str_ends(rest, KJ_STR("\n"));
	for (uint32_t number = 1; kj_str_line(&rest, &line); number++)
		read_line(&reader, line, number, rest.n || ended);
	close_dump(&reader);
}

static int recognise(kj_str text)
{
	kj_str line;
	bool status = false;
	while (kj_str_line(&text, &line)) {
		kj_str s = kj_str_trim(line);
		bool inactive = kj_str_eq(s, KJ_STR("Status: inactive"));
		status |= inactive || kj_str_eq(s, KJ_STR("Status: active"));
		if (status && (is_header(s) || kj_str_starts(s, KJ_STR("New profiles:"))))
			return 95;
		if (inactive)
			return 40;
	}
	return status ? 40 : 0;
}

const struct kj_fw_dialect kj_fw_dialect_ufw_status = {"ufw-status", "ufw status, best with verbose", recognise, parse};
