/* Service files: firewalld.service(5). */
#include "firewall/dialects/firewalld_xml.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

bool kj_fwd_is_word(kj_str s)
{
	kj_str rest = s, word;
	return kj_str_word(&rest, &word) && word.n == s.n;
}

kj_str kj_fwd_xml_port(struct kj_arena *arena, const struct kj_node *node)
{
	kj_str port = kj_xml_attribute(node, "port"), proto = kj_xml_attribute(node, "protocol");
	static const char *const protos[] = {"tcp", "udp", "sctp", "dccp"};
	uint16_t first, last;
	if (!kj_fwd_is_word(port) || !kj_fwd_ports(port, &first, &last) ||
	    (first == last && kj_str_find(port, '-') < port.n))
		return KJ_STR("");
	for (size_t i = 0; i < COUNT(protos); i++) {
		if (kj_str_eq(proto, kj_str_of(protos[i])))
			return kj_str_fmt(arena, "%.*s/%.*s", KJ_FMT(port), KJ_FMT(proto));
	}
	return KJ_STR("");
}

kj_str kj_fwd_xml_protocol(const struct kj_node *node, const char *attribute)
{
	kj_str proto = kj_xml_attribute(node, attribute);
	unsigned number;
	return kj_fwd_is_word(proto) && kj_fw_proto_parse(proto, &number) ? proto : KJ_STR("");
}

struct service_reader {
	struct kj_arena *arena;
	struct kj_fwd_service *service;
	struct kj_buf ports, includes; /* entries, each after a blank */
};

typedef bool take_service_fn(struct service_reader *s, const struct kj_node *node);

static bool put_word(struct kj_buf *out, const char *prefix, kj_str word)
{
	kj_buf_fmt(out, " %s%.*s", prefix, KJ_FMT(word));
	return kj_fwd_is_word(word);
}

/* A port that is empty means the protocol. */
static bool take_service_port(struct service_reader *s, const struct kj_node *node)
{
	kj_str port = kj_xml_attribute(node, "port");
	return port.p && !port.n ? put_word(&s->ports, "/", kj_fwd_xml_protocol(node, "protocol"))
	                         : put_word(&s->ports, "", kj_fwd_xml_port(s->arena, node));
}

static bool take_service_source_port(struct service_reader *s, const struct kj_node *node)
{
	return put_word(&s->ports, "<", kj_fwd_xml_port(s->arena, node));
}

static bool take_service_protocol(struct service_reader *s, const struct kj_node *node)
{
	return put_word(&s->ports, "/", kj_fwd_xml_protocol(node, "value"));
}

static bool take_include(struct service_reader *s, const struct kj_node *node)
{
	return put_word(&s->includes, "", kj_xml_attribute(node, "service"));
}

static bool take_destination(struct service_reader *s, const struct kj_node *node)
{
	const char **const targets[] = {&s->service->dst4, &s->service->dst6};
	static const char *const names[] = {"ipv4", "ipv6"};
	struct kj_range range;
	bool ok = true;
	for (size_t i = 0; i < COUNT(targets); i++) {
		kj_str value = kj_xml_attribute(node, names[i]);
		if (!value.p || *targets[i])
			continue;
		ok = ok && kj_range_parse(value, &range) && range.first.version == (i ? 6 : 4);
		*targets[i] = kj_str_zero(s->arena, value);
	}
	return ok;
}

static bool take_no_service(struct service_reader *s, const struct kj_node *node)
{
	(void)s, (void)node;
	return true;
}

static const struct service_element {
	const char *name;
	take_service_fn *take;
} service_elements[] = {
        {"short", take_no_service},
        {"description", take_no_service},
        {"port", take_service_port},
        {"source-port", take_service_source_port},
        {"protocol", take_service_protocol},
        {"include", take_include},
        {"destination", take_destination},
        {"module", take_no_service}, /* of connections that are related to others */
        {"helper", take_no_service},
};

static bool read_service_element(struct service_reader *s, const struct kj_node *node)
{
	for (size_t i = 0; i < COUNT(service_elements); i++) {
		if (kj_xml_is(node, service_elements[i].name))
			return service_elements[i].take(s, node);
	}
	return node->kind == KJ_STRING;
}

struct kj_fwd_service *kj_fwd_service_xml(struct kj_arena *arena, kj_str name, const struct kj_node *root)
{
	struct kj_fwd_service *service = KJ_NEW(arena, struct kj_fwd_service);
	struct service_reader s = {arena, service, KJ_BUF(arena), KJ_BUF(arena)};
	for (size_t i = 1; i < root->n; i++)
		service->unreadable |= !read_service_element(&s, root->items[i]);
	service->name = kj_str_zero(arena, name);
	service->ports = kj_str_zero(arena, kj_buf_str(&s.ports));
	service->includes = kj_str_zero(arena, kj_buf_str(&s.includes));
	return service;
}
