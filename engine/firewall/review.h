/* What is odd about a ruleset: rules that can never match and those that shadow them, chains that nothing reaches, rules
   that open to everyone. */
#ifndef KJ_FIREWALL_REVIEW_H
#define KJ_FIREWALL_REVIEW_H

#include "doc/doc.h"
#include "firewall/survey.h"

/* A line whose rules no packet can match, of whatever connection state, at whatever interface. */
struct kj_fw_dead {
	uint32_t line;
	kj_str text;
	bool looked;                          /* false: there were too many to look for what shadows this one */
	bool impossible;                      /* no packet is all that it asks for, whatever stands before it */
	KJ_VEC(const struct kj_fw_rule *) by; /* the rules that take its packets, each line once */
};

/* A rule, or a policy, that surely lets in everyone on the internet. */
struct kj_fw_wide {
	struct kj_fw_decider decider;
	KJ_VEC(kj_str) services, ways; /* "ssh (tcp 22)"; "input", "forward, arriving at eth0" */
};

struct kj_fw_review {
	const struct kj_fw_ruleset *rs;
	KJ_VEC(struct kj_fw_dead) dead;
	KJ_VEC(const struct kj_fw_chain *) unreached; /* chains with rules; these are not in `dead` */
	KJ_VEC(struct kj_fw_wide) wide;
	bool complete; /* false: a limit was reached, and `dead` and `unreached` are empty */
};

/* Everyone on the internet: all globally reachable unicast addresses (the special-purpose registries of IANA, RFC 6890)
   but for fewer than one in 256, which earlier rules may single out. For IPv6: of 2000::/3. */
bool kj_fw_is_everyone(const struct kj_fw_intervals *src);

/* Reviews the ruleset of a survey that is not done. Everything lives in the arena. */
void kj_fw_review(struct kj_arena *arena, const struct kj_fw_survey *survey, struct kj_fw_review *review);

/* Members of the dump's JSON object: dead, unreached_chains, open_to_all. */
void kj_fw_review_json(struct kj_json *json, const struct kj_fw_review *review);
/* Lines for people; nothing where there is nothing to say. */
void kj_fw_review_text(struct kj_buf *out, const struct kj_fw_review *review);

#endif
