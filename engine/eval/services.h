/* Services as policies and fleet.yml name them: sets of protocols and ports. */
#ifndef KJ_EVAL_SERVICES_H
#define KJ_EVAL_SERVICES_H

#include "eval/truth.h"

/* One service: "https", "443", "443/tcp", "8000-8100/udp", "dns/udp", "esp". A name or port without a protocol means tcp and udp. */
struct kj_service {
	kj_str name;
	int proto;            /* -1: tcp and udp */
	uint16_t first, last; /* ports; 0 and 65535 for a protocol without ports */
};

struct kj_services {
	KJ_VEC(struct kj_service) list;
	kj_str problem; /* a name that is no service; empty: none */
};

/* Adds a service by its name; a name of a list of fleet.yml's `services` adds all of that list. */
void kj_services_add(struct kj_case *c, struct kj_services *services, kj_str name);
/* What fleet.yml allows the subject's role from a zone. False and *reason when it says nothing about that. */
bool kj_services_of_role(struct kj_case *c, kj_str zone, struct kj_services *services, struct kj_bilingual *reason);
/* "ssh, https": for `wanted`. */
kj_str kj_services_str(struct kj_case *c, const struct kj_services *services);

#endif
