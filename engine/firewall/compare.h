/* What one set of dumps lets in that another does not, and what both let in but lead elsewhere, by meaning: sets of new
   connections, whatever the order, the style and the dialect of the rules. */
#ifndef KJ_FIREWALL_COMPARE_H
#define KJ_FIREWALL_COMPARE_H

#include "firewall/survey.h"

enum kj_fw_side { KJ_FW_OLD, KJ_FW_NOW, KJ_FW_SIDES };

struct kj_fw_ifaces {
	KJ_VEC(kj_str) at; /* "*": any that neither dump names; "eth+": any other beginning so */
	bool every;        /* these are all that the dumps tell apart */
};

/* Connections that one side lets in and the other does not; or that both let in, and lead elsewhere. */
struct kj_fw_change {
	enum kj_fw_hook hook;
	bool diverted;                  /* struct kj_fw_question */
	struct kj_fw_ifaces ifaces;     /* arriving at any of these (output: leaving by) */
	struct kj_fw_ifaces ofaces;     /* forward: leaving by any of these */
	struct kj_fw_part part;         /* the connections; deciders: of the side that lets them in; `oifs` is not used.
	                                   certain: one side surely lets them in, the other surely does not */
	const struct kj_fw_ruleset *by; /* that side's rules; elsewhere: the new ones */
	struct kj_fw_packet witness;    /* one of them */
	const struct kj_fw_ruleset *against; /* the other side's rules; NULL: it has none that speak of this */
	bool has_closer;                     /* `closer` is known: who turns the witness away there, or may do so */
	struct kj_fw_decider closer;
	/* Elsewhere: who rewrites on each side, or may; NULL: nobody. The part has no deciders then, and certain means that
	   both sides surely let them in, and not to the same ends: of several addresses any may come. */
	const struct kj_fw_decider *leads[KJ_FW_SIDES];
};

struct kj_fw_changes {
	KJ_VEC(struct kj_fw_change) at;
};

struct kj_fw_comparison {
	struct kj_fw_changes opens, closes, elsewhere;
	unsigned only[KJ_FW_SIDES]; /* families (KJ_FW_V4, KJ_FW_V6) that only this side speaks about: not compared */
	size_t extra[KJ_FW_SIDES];  /* dumps without a counterpart on the other side: not compared */
	kj_str unseen;              /* a set that both sides ask for and neither holds; empty: none */
	bool complete;              /* false: a limit was reached; differences may be missing */
};

struct kj_fw_rulesets {
	KJ_VEC(const struct kj_fw_ruleset *) at;
};

/* Compares all rulesets of `old` with those of `now`. Those with a name (security groups) are compared with their
   namesakes, or with "nothing is let in" where there is none; the others one by one, in their order, for each family.
   `request` as for a survey. Everything lives in the arena. */
void kj_fw_compare(struct kj_arena *arena, const struct kj_fw_rulesets *old, const struct kj_fw_rulesets *now,
                   const struct kj_fw_request *request, struct kj_fw_comparison *out);

/* The same; something surely differs; or something perhaps does, or could not be compared. */
enum kj_fw_difference { KJ_FW_SAME, KJ_FW_DIFFERS, KJ_FW_PERHAPS };
enum kj_fw_difference kj_fw_difference(const struct kj_fw_comparison *comparison);

/* The JSON and the text of `kijun firewall --compare`. */
void kj_fw_compare_json(struct kj_buf *out, const struct kj_fw_comparison *comparison, const struct kj_fw_rulesets *old,
                        const struct kj_fw_rulesets *now, int indent);
void kj_fw_compare_text(struct kj_buf *out, const struct kj_fw_comparison *comparison, const struct kj_fw_rulesets *old,
                        const struct kj_fw_rulesets *now);

#endif
