/* What a host's firewalld is configured to do, however it was written down: firewalld.zone(5), firewalld.richlanguage(5). */
#ifndef KJ_FIREWALL_DIALECTS_FIREWALLD_H
#define KJ_FIREWALL_DIALECTS_FIREWALLD_H

#include "doc/doc.h"
#include "firewall/model.h"

/* Names of firewalld and where they stand. */
struct kj_fwd_item {
	uint32_t line;
	kj_str text;
};
typedef KJ_VEC(struct kj_fwd_item) kj_fwd_items;

/* The source or destination of a rule: an address or prefix, a hardware address, or the name of an ipset. */
struct kj_fwd_addr {
	kj_str value;
	bool ipset, negated;
};

enum kj_fwd_element {
	KJ_FWD_ANY,
	KJ_FWD_SERVICE,
	KJ_FWD_PORT,
	KJ_FWD_SOURCE_PORT,
	KJ_FWD_PROTOCOL,
	KJ_FWD_ICMP,
	KJ_FWD_FORWARD_PORT,
	KJ_FWD_OTHER /* masquerade, tcp-mss-clamp: lets nothing in */
};

/* A rich rule; what a zone lists one by one (services, ports …) is a rich rule of that element. */
struct kj_fwd_rule {
	struct kj_fwd_item item;
	int priority;
	unsigned family; /* 4, 6, or 0: both */
	struct kj_fwd_addr src, dst;
	enum kj_fwd_element element;
	kj_str name, port, proto, to_port, to_addr;
	enum kj_fw_verdict verdict; /* KJ_FW_CONTINUE: no action */
	bool limited;               /* the action holds only so often */
	bool unreadable;
	const char *why; /* it is, in plain words; NULL: it is no rich rule */
};

struct kj_fwd_zone {
	struct kj_fwd_item item;
	kj_str name, target;
	bool listed; /* its settings are known, not only its name and what is bound to it */
	bool is_default, inverted, forward, has_forward;
	int priority; /* ingress-priority (firewalld 2): the lower one is asked first */
	kj_fwd_items interfaces, sources;
	KJ_VEC(struct kj_fwd_rule) rules;
};

/* A service: "22/tcp 500-502/udp <1900/udp /esp", a port, a source port, a protocol. `dst4`, `dst6`: only for these
   destinations; both NULL: for any. */
struct kj_fwd_service {
	const char *name, *ports, *dst4, *dst6;
	const char *includes; /* names of other services, or NULL */
	bool unreadable;      /* what it lets in is not known */
};

struct kj_fwd_host {
	struct kj_fw_ruleset *rs;
	KJ_VEC(struct kj_fwd_zone *) zones; /* sorted by priority, then by name: firewalld's order for sources */
	struct kj_map zone_by_name;
	struct kj_map services; /* by name: services of the host's own, before those that firewalld ships */
	bool all_zones;         /* no zone with sources or interfaces is missing */
	bool policies;          /* it has policies (firewalld.policies(5)) or the like that are not understood */
};

/* The zone of that name, made when it was not there. */
struct kj_fwd_zone *kj_fwd_zone_named(struct kj_fwd_host *host, struct kj_fwd_item item, kj_str name);
bool kj_fwd_has_item(const kj_fwd_items *items, kj_str text);
/* Adds what a zone lists under `key`, as firewall-cmd prints it: a rule of its own that accepts. "22/tcp", "ssh". */
struct kj_fwd_rule *kj_fwd_add_listed(struct kj_fwd_host *host, struct kj_fwd_zone *zone, kj_str key,
                                      struct kj_fwd_item word, enum kj_fwd_element element);
/* "port=2022:proto=tcp:toport=22:toaddr=" (an IPv6 address has colons of its own) */
void kj_fwd_add_forward_port(struct kj_fwd_host *host, struct kj_fwd_zone *zone, struct kj_fwd_item value);
/* Notes whether the default zone is known. */
void kj_fwd_note_default(struct kj_fwd_host *host);
/* Sorts the zones, builds and finishes the ruleset. */
void kj_fwd_finish(struct kj_fwd_host *host);
/* "22", "8000-8100", names; first <= last. */
bool kj_fwd_ports(kj_str s, uint16_t *first, uint16_t *last);

/* Reads a rich rule. Never fails: an unreadable one says so. */
struct kj_fwd_rule kj_fwd_rich(struct kj_fwd_item item);
/* The same of an element <rule> of a zone file; its text becomes what firewall-cmd would print. Rules that firewalld does
   not take are unreadable. *known: there is nothing in it for which firewalld refuses the file. */
struct kj_fwd_rule kj_fwd_rich_xml(struct kj_arena *arena, uint32_t line, const struct kj_node *rule, bool *known);

/* Makes the ruleset: chains as firewalld's nftables backend has them. */
void kj_fwd_build(struct kj_fwd_host *host);

/* A service as firewalld ships it, or NULL when it is not known. */
const struct kj_fwd_service *kj_fwd_service(kj_str name);

#endif
