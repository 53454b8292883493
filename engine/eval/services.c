#include "eval/services.h"

#include "firewall/services.h"

#include "base/num.h"

enum { NESTING_MAX = 8, SERVICES_MAX = 10000 };

static bool read_ports(kj_str text, struct kj_service *out)
{
	size_t dash = kj_str_find(text, '-');
	int64_t first, last;
	if (kj_fw_port_parse(text, &out->first)) {
		out->last = out->first;
		return true;
	}
	if (dash == text.n || !kj_num_int(kj_str_upto(text, dash), &first) ||
	    !kj_num_int(kj_str_from(text, dash + 1), &last))
		return false;
	if (first < 0 || last > 65535 || first > last)
		return false;
	out->first = (uint16_t)first;
	out->last = (uint16_t)last;
	return true;
}

/* "443", "https", "443/tcp", "tcp/443", "esp". */
static bool read_service(kj_str name, struct kj_service *out)
{
	size_t slash = kj_str_find(name, '/');
	kj_str ports = kj_str_upto(name, slash), proto = kj_str_from(name, slash + 1);
	unsigned number;
	*out = (struct kj_service){.name = name, .proto = -1, .last = 65535};
	if (slash == name.n) {
		if (read_ports(name, out))
			return true;
		if (kj_is_digit(name.n ? name.p[0] : '0') || !kj_fw_proto_parse(name, &number))
			return false;
		out->proto = (int)number;
		return true;
	}
	if (!kj_fw_proto_parse(proto, &number)) {
		if (!kj_fw_proto_parse(ports, &number))
			return false;
		ports = proto;
	}
	out->proto = (int)number;
	return kj_str_eq(ports, KJ_STR("*")) || read_ports(ports, out);
}

static void add(struct kj_case *c, struct kj_services *services, kj_str name, unsigned depth)
{
	const struct kj_node *lists = c->subject->fleet ? c->subject->fleet->services : NULL;
	const struct kj_node *list = kj_doc_get(lists, name);
	struct kj_service service;
	if (services->list.n >= SERVICES_MAX)
		return;
	if (list && depth < NESTING_MAX) {
		for (size_t i = 0; list->kind == KJ_SEQ && i < list->n; i++)
			add(c, services, list->items[i]->text, depth + 1);
	} else if (read_service(name, &service)) {
		KJ_PUSH(c->arena, &services->list, service);
	} else {
		services->problem = name;
	}
}

void kj_services_add(struct kj_case *c, struct kj_services *services, kj_str name)
{
	add(c, services, name, 0);
}

bool kj_services_of_role(struct kj_case *c, kj_str zone, struct kj_services *services, struct kj_bilingual *reason)
{
	const struct kj_fleet *fleet = c->subject->fleet;
	if (!c->subject->role.n) {
		*reason = kj_say(c->arena, "no role is given in fleet.yml, so what '%.*s' may offer is not known",
		                 "fleet.yml にロールがないため、'%.*s' に許される通信が分かりません",
		                 KJ_FMT(c->subject->name));
		return false;
	}
	const struct kj_node *role = kj_doc_get(fleet ? fleet->roles : NULL, c->subject->role);
	const struct kj_node *allowed = kj_doc_get(role, KJ_STR("services"));
	if (!allowed) {
		*reason = kj_say(c->arena, "fleet.yml does not say what services the role '%.*s' may offer",
		                 "fleet.yml にロール '%.*s' の services がありません", KJ_FMT(c->subject->role));
		return false;
	}
	const struct kj_node *list = kj_doc_get(allowed, zone);
	for (size_t i = 0; list && list->kind == KJ_SEQ && i < list->n; i++)
		kj_services_add(c, services, list->items[i]->text);
	return true;
}

kj_str kj_services_str(struct kj_case *c, const struct kj_services *services)
{
	struct kj_buf buf = KJ_BUF(c->arena);
	for (size_t i = 0; i < services->list.n; i++)
		kj_buf_fmt(&buf, "%s%.*s", i ? ", " : "", KJ_FMT(services->list.at[i].name));
	return services->list.n ? kj_buf_str(&buf) : KJ_STR("nothing");
}
