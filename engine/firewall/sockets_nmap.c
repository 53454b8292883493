/* Ports that nmap found open: https://nmap.org/book/nmap-dtd.html,
   https://nmap.org/book/man-port-scanning-basics.html */
#include "base/num.h"
#include "doc/doc.h"
#include "firewall/sockets.h"

/* open: a program takes it. open|filtered: no answer came, which a program or a firewall may be the reason of. The
   other states tell of no listener that could be reached. */
static bool is_open(kj_str state, bool *unsure)
{
	*unsure = kj_str_eq(state, KJ_STR("open|filtered"));
	return *unsure || kj_str_eq(state, KJ_STR("open"));
}

/* "ssh (OpenSSH 9.2p1)"; "ssh?" when only the port's number says so. */
static kj_str service_of(struct kj_arena *arena, const struct kj_node *port)
{
	const struct kj_node *service = kj_xml_child(port, "service");
	struct kj_buf out = KJ_BUF(arena);
	if (!service)
		return KJ_STR("");
	kj_str name = kj_xml_attribute(service, "name"), product = kj_xml_attribute(service, "product");
	kj_str version = kj_xml_attribute(service, "version");
	kj_buf_put(&out, name);
	if (name.n && kj_str_eq(kj_xml_attribute(service, "method"), KJ_STR("table")))
		kj_buf_char(&out, '?');
	if (product.n)
		kj_buf_fmt(&out, "%s%.*s%s%.*s%s", name.n ? " (" : "", KJ_FMT(product), version.n ? " " : "",
		           KJ_FMT(version), name.n ? ")" : "");
	return kj_buf_str(&out);
}

static void add_port(struct kj_fw_sockets *sockets, kj_str address, const struct kj_node *port)
{
	const struct kj_node *state = kj_xml_child(port, "state");
	struct kj_fw_socket_row row = {.address = address, .line = port->span.line};
	size_t before = sockets->at.n;
	row.proto = kj_xml_attribute(port, "protocol");
	row.port = kj_xml_attribute(port, "portid");
	if (!state || !is_open(kj_xml_attribute(state, "state"), &row.unsure))
		return;
	row.process = service_of(sockets->arena, port);
	kj_fw_sockets_add(sockets, &row);
	if (sockets->at.n == before || !sockets->at.at[before].loopback)
		return;
	struct kj_fw_socket *socket = &sockets->at.at[before];
	socket->loopback = false;
	socket->every = socket->unsure = true;
	socket->versions = 0;
	socket->perhaps = KJ_FW_V46;
}

/* Ports that are alike are only counted. */
static void add_extra(struct kj_fw_sockets *sockets, const struct kj_node *extra)
{
	bool unsure;
	if (!is_open(kj_xml_attribute(extra, "state"), &unsure))
		return;
	kj_str what = kj_str_fmt(sockets->arena, "%.*s, %.*s", KJ_FMT(kj_xml_attribute(extra, "count")),
	                         KJ_FMT(kj_xml_attribute(extra, "state")));
	kj_fw_sockets_leave(sockets, extra->span.line, "ports that are counted and not named:", what);
}

/* Its first address of IPv4 or IPv6; there is another for the hardware. */
static kj_str address_of(const struct kj_node *host)
{
	for (size_t i = 1; i < host->n; i++) {
		const struct kj_node *node = host->items[i];
		if (kj_xml_is(node, "address") && kj_str_starts(kj_xml_attribute(node, "addrtype"), KJ_STR("ipv")))
			return kj_xml_attribute(node, "addr");
	}
	return KJ_STR("");
}

static bool is_in(const struct kj_fw_set *set, kj_str address)
{
	struct kj_range one;
	if (!kj_range_parse(address, &one))
		return false;
	for (size_t i = 0; i < set->at.n; i++) {
		struct kj_range range = kj_fw_interval_range(&set->at.at[i]);
		if (range.first.version == one.first.version && kj_range_within(&one, &range))
			return true;
	}
	return false;
}

static void add_host(struct kj_fw_sockets *sockets, const struct kj_node *node, const struct kj_fw_set *only)
{
	const struct kj_node *status = kj_xml_child(node, "status");
	kj_str address = address_of(node);
	if ((status && kj_str_eq(kj_xml_attribute(status, "state"), KJ_STR("down"))) || (only && !is_in(only, address)))
		return;
	sockets->hosts++;
	if (!address.n) {
		kj_fw_sockets_leave(sockets, node->span.line, "a host without an address in", sockets->text->name);
		return;
	}
	const struct kj_node *ports = kj_xml_child(node, "ports");
	for (size_t i = 1; ports && i < ports->n; i++) {
		if (kj_xml_is(ports->items[i], "port"))
			add_port(sockets, address, ports->items[i]);
		else if (kj_xml_is(ports->items[i], "extraports"))
			add_extra(sockets, ports->items[i]);
	}
}

bool kj_fw_sockets_nmap(struct kj_fw_sockets *sockets, const struct kj_fw_set *host, struct kj_diags *diags)
{
	static const struct kj_doc_limits limits = {.bytes = 256 * KJ_MIB, .nodes = 8000000};
	const struct kj_node *root = kj_xml_read(sockets->arena, sockets->text, limits, diags);
	if (!root)
		return false;
	sockets->scanned = true;
	for (size_t i = 1; i < root->n; i++) {
		if (kj_xml_is(root->items[i], "host"))
			add_host(sockets, root->items[i], host);
	}
	for (size_t i = 0; sockets->hosts > 1 && i < sockets->at.n; i++)
		sockets->at.at[i].unsure = true;
	return true;
}
