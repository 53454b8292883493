/* Two rulesets that are compared, for one family: the answers of their surveys as sets in one space. */
#ifndef KJ_FIREWALL_MEETING_H
#define KJ_FIREWALL_MEETING_H

#include "firewall/compare.h"
#include "firewall/space.h"

/* An answer of a survey, in the space that both sides share. */
struct kj_fw_face {
	const struct kj_fw_entry *entry;
	size_t n;
	const struct kj_fw_part **part;
	kj_bdd *set;             /* of each part */
	kj_str *key;             /* of each that is not certain: who may let it in (kj_fw_doubt_key) */
	kj_bdd certain, perhaps; /* of all */
	struct kj_map by_key;    /* key → kj_bdd of the parts that are not certain */
};

/* One pair of rulesets, for one family. */
struct kj_fw_meeting {
	struct kj_arena *arena;
	struct kj_fw_work *work; /* of this meeting alone */
	struct kj_fw_comparison *out;
	const struct kj_fw_survey *survey[KJ_FW_SIDES]; /* NULL: nothing is let in */
	const struct kj_fw_request *request;
	unsigned char version;
	bool given;                  /* the request names the interface of the hook at work: there is one answer */
	struct kj_fw_ruleset *names; /* without rules: the interfaces of both */
	struct kj_fw_space *space;
	kj_bdd differs; /* kj_fw_doubt_differs */
	kj_bdd every_oif;
	struct kj_fw_detouring *detouring; /* NULL: neither side rewrites */
	struct kj_fw_faces {
		KJ_VEC(struct kj_fw_face) at;
	} faces[KJ_FW_SIDES];
};

/* What a name of an interface is for the ruleset: itself, the longest beginning that holds it, or any other. */
uint32_t kj_fw_meeting_iface(const struct kj_fw_ruleset *rs, const struct kj_fw_iface *iface);

/* The interface that an entry asked about. */
uint32_t kj_fw_meeting_asked(const struct kj_fw_entry *entry);

/* The number that a side's survey asked about for an interface of `names`: its own, the longest beginning that holds
   it, or any other. */
uint32_t kj_fw_meeting_asked_for(const struct kj_fw_meeting *m, enum kj_fw_side side, enum kj_fw_hook hook,
                                 uint32_t id);

/* The answer about an interface; NULL: nothing is let in. */
const struct kj_fw_face *kj_fw_meeting_face(const struct kj_fw_meeting *m, enum kj_fw_side side, enum kj_fw_hook hook,
                                            bool diverted, uint32_t asked);

/* The space of both, of which at most max_nodes are made. */
void kj_fw_meeting_space(struct kj_fw_meeting *m, size_t max_nodes);

/* All answers as sets, once there is the space. */
void kj_fw_meeting_faces(struct kj_fw_meeting *m);

#endif
