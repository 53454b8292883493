/* What a host's firewalld is configured to do, however it was written down: firewalld.zone(5), firewalld.richlanguage(5). */
#ifndef KJ_FIREWALL_DIALECTS_FIREWALLD_H
#define KJ_FIREWALL_DIALECTS_FIREWALLD_H

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

struct kj_fwd_host {
	struct kj_fw_ruleset *rs;
	KJ_VEC(struct kj_fwd_zone *) zones; /* sorted by priority, then by name: firewalld's order for sources */
	bool all_zones;                     /* no zone with sources or interfaces is missing */
	bool policies;                      /* it has policies (firewalld.policies(5)) that are not understood */
};

/* Reads a rich rule. Never fails: an unreadable one says so. */
struct kj_fwd_rule kj_fwd_rich(struct kj_fwd_item item);

/* Makes the ruleset: chains as firewalld's nftables backend has them. */
void kj_fwd_build(struct kj_fwd_host *host);

/* A service as firewalld ships it: "22/tcp 500-502/udp <1900/udp /esp", a port, a source port, a protocol. NULL when it is not known.
   `dst4`, `dst6`: only for these destinations; both NULL: for any. */
struct kj_fwd_service {
	const char *name, *ports, *dst4, *dst6;
};
const struct kj_fwd_service *kj_fwd_service(kj_str name);

#endif
