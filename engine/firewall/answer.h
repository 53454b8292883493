/* What came through, and the answers made of it: for one question, or for each of many interfaces at once. */
#ifndef KJ_FIREWALL_ANSWER_H
#define KJ_FIREWALL_ANSWER_H

#include "firewall/domain.h"
#include "firewall/parts.h"

/* A base chain of the asked hook: who let packets in, and what was left after it. */
struct kj_fw_passed {
	struct kj_fw_hits hits;
	kj_bdd left;
};

/* Packets on their way that have the same rewriting behind them. */
struct kj_fw_stream {
	const struct kj_fw_rule *by;        /* the rule that rewrote; NULL: as sent */
	kj_bdd sent;                        /* as the sender wrote them, of the seen fields; used when rewritten */
	bool kept;                          /* rewritten, but for the address */
	kj_bdd now;                         /* as they are */
	bool here, away;                    /* may be bound for this host; for another */
	KJ_VEC(struct kj_fw_passed) passed; /* each base chain of the asked hook */
};

struct kj_fw_found {
	struct kj_fw_space *space;
	const struct kj_fw_domain *domain;
	KJ_VEC(struct kj_fw_stream) streams;
	uint32_t unseen;        /* fields that do not come into the answer: kj_fw_unseen */
	enum kj_fw_field field; /* of the interfaces that kj_fw_found_each tells apart */
	kj_bdd dropped;         /* as sent, of the seen fields */
};

/* The fields that no sender chooses and no answer tells; interfaces are among them unless they are told apart. */
uint32_t kj_fw_unseen(bool by_oif, bool by_iif);

/* Packets of a stream as their senders wrote them, without the unseen fields. Over-approximates where a choice of the
   firewall or an unseen field is involved; accepted and dropped packets alike, so what remains certain is so. */
kj_bdd kj_fw_as_sent(const struct kj_fw_found *found, const struct kj_fw_stream *stream, kj_bdd set);

void kj_fw_found_one(struct kj_fw_found *found, struct kj_fw_answer *answer);
/* answers[i]: of ifaces[i]. Equal answers share their memory. */
void kj_fw_found_each(struct kj_fw_found *found, const uint32_t *ifaces, size_t n, struct kj_fw_answer *answers);

#endif
