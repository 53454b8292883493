/* Which packets there are: what the kernel makes of a first packet (its connection state, the kind of its addresses),
   the question's limits, and what connection tracking and rewriting change on the way. */
#ifndef KJ_FIREWALL_DOMAIN_H
#define KJ_FIREWALL_DOMAIN_H

#include "firewall/analysis.h"
#include "firewall/space.h"

struct kj_fw_domain {
	struct kj_fw_space *space;
	const struct kj_fw_scope *scope;
	kj_bdd scoped;                     /* what the scope allows: family, addresses, ports, flags */
	kj_bdd states;                     /* each packet with the state that connection tracking gives it */
	kj_bdd untracked, invalid;         /* by state */
	kj_bdd natted;                     /* packets that nat chains see */
	kj_bdd plain;                      /* packets without odd headers */
	kj_bdd multicast[2], broadcast[2]; /* sources, destinations */
	struct kj_map passed_on;           /* addresses that the dump's rules for forwarding name */
	kj_bdd unforwarded; /* senders whose packets no router passes on; only where the scope names senders */
};

/* Cuts for the constants used here; before kj_fw_space_ready. */
void kj_fw_domain_cut(struct kj_fw_space *space, const struct kj_fw_scope *scope);
void kj_fw_domain_make(struct kj_fw_domain *domain, struct kj_fw_space *space, const struct kj_fw_scope *scope);

/* The interfaces of a question. */
struct kj_fw_ways {
	uint32_t given; /* fields of which the question gives the interface */
	kj_bdd cube;    /* those interfaces, as a set of packets */
	kj_bdd open;    /* the interfaces that it leaves open */
};

/* `each`: n interfaces that are asked for all at once, in the field of kj_fw_each_field; n 0: by the question alone. */
struct kj_fw_ways kj_fw_domain_ways(const struct kj_fw_domain *domain, const struct kj_fw_question *question,
                                    const uint32_t *each, size_t n);
/* The first packets that the question is about, before any chain; of given interfaces nothing is said. */
kj_bdd kj_fw_domain_packets(const struct kj_fw_domain *domain, const struct kj_fw_question *question, kj_bdd open);
/* All interfaces but the loopback. */
kj_bdd kj_fw_domain_ifaces(const struct kj_fw_domain *domain, enum kj_fw_field field);
/* Connection tracking: gives each packet its state, but for those that a rule exempted. */
kj_bdd kj_fw_domain_track(const struct kj_fw_domain *domain, kj_bdd set);
/* --- nat.c --- */

/* Fills `passed_on`. */
void kj_fw_domain_find_passed_on(struct kj_fw_domain *domain);
/* The packets that have the new destination already: nothing is rewritten then, and they do not count as rewritten
   (nf_nat_setup_info() of Linux). */
kj_bdd kj_fw_domain_unmoved(const struct kj_fw_domain *domain, kj_bdd set, const struct kj_fw_rewrite *rewrite);
/* The packets whose address is one of the new ones already, so that they may stay where they are; *one: surely, there
   is but one. */
kj_bdd kj_fw_domain_held(const struct kj_fw_domain *domain, kj_bdd set, const struct kj_fw_rewrite *rewrite, bool *one);
/* Whether a new address may be this host's, and whether it may be another's; unchanged where the address is. A dump
   does not tell the host's addresses: unless the scope does, a new address is taken for another's, but who asks for
   input is told that it may be the host's own, if no rule forwards to it. */
void kj_fw_domain_leads(const struct kj_fw_domain *domain, const struct kj_fw_rewrite *rewrite, enum kj_fw_hook hook,
                        bool *here, bool *away);
/* Rewrites the destination, to this host (`here`), to another (`away`), or to either; all but the address where that is
   `kept`. */
kj_bdd kj_fw_domain_rewrite(const struct kj_fw_domain *domain, kj_bdd set, const struct kj_fw_rewrite *rewrite,
                            bool kept, bool here, bool away);

#endif
