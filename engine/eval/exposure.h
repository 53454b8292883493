/* `exposure` at work, in three files: asking the firewall analysis (exposure_ask.c), judging (cond_exposure.c), words
   (exposure_words.c). */
#ifndef KJ_EVAL_EXPOSURE_H
#define KJ_EVAL_EXPOSURE_H

#include "eval/dumps.h"
#include "eval/reach.h"
#include "eval/services.h"
#include "eval/zones.h"

enum kj_target {
	KJ_TO_SELF,     /* what is reached at the host's addresses */
	KJ_TO_LOCAL,    /* … and is not passed on */
	KJ_TO_ZONE,     /* what is forwarded to a zone */
	KJ_TO_ANYWHERE, /* all that is forwarded */
};

struct kj_exposure {
	struct kj_case *c;
	const struct kj_check *check; /* NULL: for the report, nothing is judged */
	struct kj_proofs *proofs;
	kj_str zone;
	const struct kj_fw_set *from;
	enum kj_target target;
	const struct kj_fw_set *to; /* KJ_TO_ZONE; else where the packets asked about just now end, NULL: anywhere */
	const kj_str *except;       /* zones that `each` leaves out */
	size_t excepts;
	kj_str unregistered; /* the first of them that the fleet does not have: who is in it is not known */
	struct kj_services allowed, forbidden;
	bool has_allowed;
	enum kj_truth truth;
	struct kj_result *result; /* of the report; NULL when judging */
	struct {
		KJ_VEC(struct kj_open_service) at;
	} open; /* what the report lists */
};

/* A port, or a stretch of them, that may not be open. */
struct kj_excess {
	unsigned proto, first, last;
};

/* Adds to the truth, with the reason as its proof. `text` may be NULL. */
void kj_exposure_note(struct kj_exposure *q, enum kj_truth truth, struct kj_bilingual reason,
                      const struct kj_text *text);

/* Asks all dumps for what is let in from q->from to q->target, both families; what cannot be told is noted. */
typedef void kj_exposure_part(struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part);
void kj_exposure_ask(struct kj_exposure *q, kj_exposure_part *each);
/* Notes the interfaces that the rules speak of and fleet.yml leaves out. */
void kj_exposure_check_ifaces(struct kj_exposure *q);

/* The sources of a part: the zone's name when it is all of it. */
kj_str kj_exposure_source(const struct kj_exposure *q, const struct kj_fw_part *part);
/* What was found, let in by the line, and what is wanted instead. */
kj_str kj_exposure_found(const struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part,
                         const struct kj_reach *reach, struct kj_excess excess, uint32_t line);
kj_str kj_exposure_wanted(const struct kj_exposure *q);

#endif
