#include "firewall/sockets.h"

#include "base/num.h"
#include "firewall/intervals.h"
#include "firewall/json_values.h"
#include "firewall/services.h"

#include <stdlib.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *const names[] = {"open, listening", "open, nobody listens", "listening, closed",
                                    "listening, this machine only"};

const char *kj_fw_meeting_name(enum kj_fw_meeting kind)
{
	return names[kind];
}

/* -- rows -- */

static const struct {
	const char *name;
	unsigned char proto;
} protos[] = {
        {"tcp", KJ_FW_TCP}, {"udp", KJ_FW_UDP}, {"sctp", KJ_FW_SCTP}, {"dccp", KJ_FW_DCCP}, {"udplite", KJ_FW_UDPLITE}};

/* 0: none that has listeners. */
static unsigned char proto_of(kj_str name)
{
	for (size_t i = 0; i < COUNT(protos); i++) {
		if (kj_str_eq_fold(name, kj_str_of(protos[i].name)))
			return protos[i].proto;
	}
	return 0;
}

/* The last is MSFT_NetTCPConnection's number for Listen. */
static const char *const waiting[] = {"", "LISTEN", "LISTENING", "UNCONN", "2"};

static bool waits(kj_str state)
{
	for (size_t i = 0; i < COUNT(waiting); i++) {
		if (kj_str_eq_fold(state, kj_str_of(waiting[i])))
			return true;
	}
	return false;
}

static bool all_zero(const struct kj_addr *addr)
{
	unsigned char any = 0;
	for (unsigned i = 0; i < sizeof addr->byte; i++)
		any |= addr->byte[i];
	return !any;
}

static bool is_loopback(const struct kj_addr *addr)
{
	static const char *const ranges[] = {"127.0.0.0/8", "::1", "::ffff:127.0.0.0/104"};
	struct kj_range one = {*addr, *addr}, range;
	for (size_t i = 0; i < COUNT(ranges); i++) {
		if (kj_range_parse(kj_str_of(ranges[i]), &range) && kj_range_within(&one, &range))
			return true;
	}
	return false;
}

/* ::ffff:192.0.2.1 takes IPv4 connections. */
static struct kj_addr unmapped(struct kj_addr addr)
{
	struct kj_range one = {addr, addr}, mapped;
	if (!kj_range_parse(KJ_STR("::ffff:0.0.0.0/96"), &mapped) || !kj_range_within(&one, &mapped))
		return addr;
	struct kj_addr plain = {.version = 4};
	for (unsigned i = 0; i < 4; i++)
		plain.byte[i] = addr.byte[12 + i];
	return plain;
}

static bool read_address(struct kj_fw_socket *socket, kj_str text)
{
	struct kj_addr addr;
	if (!text.n || kj_str_eq(text, KJ_STR("*"))) {
		socket->every = true;
		socket->versions = KJ_FW_V46;
		return true;
	}
	kj_str bare = kj_str_upto(text, kj_str_find(text, '%'));
	if (!kj_addr_parse(bare, &addr))
		return false;
	socket->loopback = is_loopback(&addr);
	socket->every = all_zero(&addr);
	socket->address = unmapped(addr);
	socket->versions = socket->address.version == 4 ? KJ_FW_V4 : KJ_FW_V6;
	socket->perhaps = socket->every && addr.version == 6 ? KJ_FW_V4 : 0;
	return true;
}

void kj_fw_sockets_leave(struct kj_fw_sockets *sockets, uint32_t line, const char *why, kj_str what)
{
	kj_str text = kj_str_fmt(sockets->arena, "%s '%.*s'", why, KJ_FMT(what));
	if (sockets->unread.n < KJ_FW_NOTE_MAX)
		KJ_PUSH(sockets->arena, &sockets->unread, (struct kj_fw_note){line, text});
}

void kj_fw_sockets_add(struct kj_fw_sockets *sockets, const struct kj_fw_socket_row *row)
{
	struct kj_fw_socket socket = {.proto = proto_of(row->proto), .interface = row->interface};
	socket.process = row->process;
	socket.line = row->line;
	socket.unsure = row->unsure;
	if (!socket.proto || !waits(row->state) || kj_str_eq(row->port, KJ_STR("*")) ||
	    kj_str_eq(row->port, KJ_STR("0")))
		return;
	if (!kj_fw_port_parse(row->port, &socket.port)) {
		kj_fw_sockets_leave(sockets, row->line, "no port is known by the name", row->port);
	} else if (!read_address(&socket, row->address)) {
		kj_fw_sockets_leave(sockets, row->line, "not read as an address:", row->address);
	} else {
		socket.loopback |= kj_str_eq(row->interface, KJ_STR("lo"));
		KJ_PUSH(sockets->arena, &sockets->at, socket);
	}
}

/* -- PowerShell -- */

struct json_sockets {
	struct kj_fw_sockets *sockets;
	kj_str untold;
};

static kj_str text_of(const struct kj_node *map, const char *key)
{
	return kj_fw_json_text(kj_doc_get(map, kj_str_of(key)));
}

static bool has(const struct kj_node *map, const char *key)
{
	return kj_doc_get(map, kj_str_of(key)) != NULL;
}

/* Only connections have a state and a peer; an endpoint of udp that has all its properties has an InstanceID and neither. */
static kj_str json_proto(const struct json_sockets *json, const struct kj_node *map)
{
	if (has(map, "State") || has(map, "RemotePort"))
		return KJ_STR("tcp");
	if (has(map, "Protocol"))
		return text_of(map, "Protocol");
	return has(map, "InstanceID") || has(map, "CimClass") ? KJ_STR("udp") : json->untold;
}

static kj_str json_process(struct kj_arena *arena, const struct kj_node *map)
{
	kj_str name = text_of(map, "ProcessName"), pid = text_of(map, "OwningProcess");
	if (!name.n)
		name = text_of(map, "OwningProcessName");
	return name.n ? name : pid.n ? kj_str_fmt(arena, "pid %.*s", KJ_FMT(pid)) : KJ_STR("");
}

static bool take_map(void *ctx, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	struct json_sockets *json = ctx;
	if (!has(map, "LocalPort") || !has(map, "LocalAddress"))
		return false;
	struct kj_fw_socket_row row = {.proto = json_proto(json, map), .line = kj_fw_json_line(value, map)};
	const struct kj_node *state = kj_doc_get(map, KJ_STR("State"));
	row.address = text_of(map, "LocalAddress");
	row.port = text_of(map, "LocalPort");
	row.state = state && state->kind == KJ_MAP ? text_of(state, "value") : kj_fw_json_text(state);
	row.process = json_process(json->sockets->arena, map);
	if (row.proto.n)
		kj_fw_sockets_add(json->sockets, &row);
	else
		kj_fw_sockets_leave(json->sockets, row.line, "neither tcp nor udp is told for port", row.port);
	return true;
}

bool kj_fw_sockets_json(struct kj_fw_sockets *sockets, kj_str untold, struct kj_diags *diags)
{
	size_t before = sockets->unread.n;
	struct kj_fw_json json = kj_fw_json_read(sockets->arena, sockets->text, diags);
	struct json_sockets ctx = {.sockets = sockets, .untold = untold};
	for (size_t i = 0; i < json.values.n; i++)
		kj_fw_json_maps(&json.values.at[i], take_map, &ctx);
	if (json.cut)
		kj_fw_sockets_leave(sockets, json.cut, "the text breaks off within", sockets->text->name);
	else if (json.malformed)
		kj_fw_sockets_leave(sockets, 0, "not all is JSON in", sockets->text->name);
	return sockets->unread.n == before;
}

/* -- the join -- */

static unsigned versions_of(const struct kj_fw_intervals *addresses)
{
	unsigned versions = 0;
	for (size_t i = 0; i < addresses->at.n; i++)
		versions |= addresses->at.at[i].version == 4 ? KJ_FW_V4 : KJ_FW_V6;
	return versions;
}

static bool reaches(const struct kj_fw_intervals *addresses, const struct kj_addr *addr)
{
	struct kj_range one = {*addr, *addr};
	for (size_t i = 0; i < addresses->at.n; i++) {
		struct kj_range range = kj_fw_interval_range(&addresses->at.at[i]);
		if (range.first.version == addr->version && kj_range_within(&one, &range))
			return true;
	}
	return false;
}

enum takes { NEVER, PERHAPS, SURELY };

/* Whether a socket takes what a part lets in. */
static enum takes socket_takes(const struct kj_fw_socket *socket, const struct kj_fw_part *part)
{
	unsigned versions = versions_of(&part->dst);
	if (socket->loopback || !kj_fw_intervals_have(&part->protos, socket->proto) ||
	    (part->ports.at.n && !kj_fw_intervals_have(&part->ports, socket->port)))
		return NEVER;
	if (!(versions & (socket->versions | socket->perhaps)) ||
	    (!socket->every && !reaches(&part->dst, &socket->address)))
		return NEVER;
	return versions & socket->versions && !socket->interface.n && !socket->unsure ? SURELY : PERHAPS;
}

#define PORTS 65536u

struct join {
	const struct kj_fw_sockets *sockets;
	struct kj_fw_met_list *out;
	bool *met;    /* by socket */
	bool *every4; /* by row of `protos` and port: a socket takes IPv4 on every address */
};

static void find_every4(struct join *join)
{
	join->every4 = KJ_NEW_ARRAY(join->sockets->arena, bool, COUNT(protos) * PORTS);
	for (size_t i = 0; i < join->sockets->at.n; i++) {
		const struct kj_fw_socket *socket = &join->sockets->at.at[i];
		for (size_t p = 0; p < COUNT(protos); p++) {
			if (protos[p].proto == socket->proto && socket->every && socket->versions & KJ_FW_V4 &&
			    !socket->interface.n)
				join->every4[p * PORTS + socket->port] = true;
		}
	}
}

/* "::" does not take IPv4 where another socket has the port for it. */
static bool relieved(const struct join *join, size_t p, const struct kj_fw_socket *socket,
                     const struct kj_fw_part *part)
{
	return !(versions_of(&part->dst) & socket->versions) && join->every4[p * PORTS + socket->port];
}

static void add(struct join *join, struct kj_fw_met met)
{
	KJ_PUSH(join->sockets->arena, &join->out->at, met);
}

/* The listeners of one protocol (a row of `protos`) that a part reaches; marks their ports. */
static void meet(struct join *join, const struct kj_fw_part *part, size_t p, bool *taken)
{
	unsigned char proto = protos[p].proto;
	for (size_t i = 0; i < join->sockets->at.n; i++) {
		const struct kj_fw_socket *socket = &join->sockets->at.at[i];
		enum takes takes = socket->proto == proto ? socket_takes(socket, part) : NEVER;
		if (takes == NEVER || (takes == PERHAPS && relieved(join, p, socket, part)))
			continue;
		taken[socket->port] = join->met[i] = true;
		add(join, (struct kj_fw_met){KJ_FW_OPEN_LISTENING, proto, socket->port, socket->port, part, socket,
		                             part->certain && takes == SURELY});
	}
}

/* The ports of a part that nobody takes. */
static void find_silent(struct join *join, const struct kj_fw_part *part, unsigned char proto, const bool *taken)
{
	const struct kj_fw_interval whole = kj_fw_interval_num(0, 65535);
	size_t n = part->ports.at.n ? part->ports.at.n : 1;
	for (size_t i = 0; i < n; i++) {
		const struct kj_fw_interval *in =
		        part->ports.at.n && !part->ports.at.at[i].any ? &part->ports.at.at[i] : &whole;
		for (uint64_t first = in->first.lo; first <= in->last.lo && first <= 65535; first++) {
			uint64_t last = first;
			if (taken[first])
				continue;
			while (last < in->last.lo && last < 65535 && !taken[last + 1])
				last++;
			add(join, (struct kj_fw_met){KJ_FW_OPEN_SILENT, proto, (uint16_t)first, (uint16_t)last, part,
			                             NULL, part->certain && !join->sockets->unread.n &&
			                                     !join->sockets->scanned});
			first = last;
		}
	}
}

static void join_part(struct join *join, const struct kj_fw_part *part)
{
	bool all = kj_fw_intervals_have(&part->protos, KJ_FW_TCP) && kj_fw_intervals_have(&part->protos, KJ_FW_UDP);
	for (size_t p = 0; p < COUNT(protos); p++) {
		bool taken[PORTS] = {false};
		unsigned char proto = protos[p].proto;
		if (!kj_fw_intervals_have(&part->protos, proto))
			continue;
		meet(join, part, p, taken);
		if (!all || proto == KJ_FW_TCP || proto == KJ_FW_UDP)
			find_silent(join, part, proto, taken);
	}
}

static int met_order(const void *a, const void *b)
{
	const struct kj_fw_met *x = a, *y = b;
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	uint32_t line_x = x->socket ? x->socket->line : 0, line_y = y->socket ? y->socket->line : 0;
	if (line_x != line_y)
		return line_x < line_y ? -1 : 1;
	return x->part < y->part ? -1 : x->part > y->part;
}

/* A listener that no part reaches. */
static void add_unmet(struct join *join, const struct kj_fw_socket *socket, unsigned families)
{
	struct kj_fw_met met = {.kind = KJ_FW_LOCAL, .proto = socket->proto, .socket = socket, .certain = true};
	met.first = met.last = socket->port;
	if (!socket->loopback) {
		met.kind = KJ_FW_SHUT;
		met.certain = !socket->unsure && !(socket->versions & ~families);
	}
	add(join, met);
}

void kj_fw_sockets_join(const struct kj_fw_answer *answer, unsigned families, const struct kj_fw_sockets *sockets,
                        struct kj_fw_met_list *out)
{
	struct join join = {.sockets = sockets, .out = out};
	join.met = KJ_NEW_ARRAY(sockets->arena, bool, sockets->at.n + 1);
	find_every4(&join);
	for (size_t i = 0; i < answer->parts.n; i++)
		join_part(&join, &answer->parts.at[i]);
	for (size_t i = 0; i < sockets->at.n; i++) {
		if (!join.met[i])
			add_unmet(&join, &sockets->at.at[i], families);
	}
	if (out->at.n)
		qsort(out->at.at, out->at.n, sizeof *out->at.at, met_order);
}
