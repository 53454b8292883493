/* What a dump lets in, at every hook and for every interface that it tells apart: what `kijun firewall` prints, and
   what exposure checks judge. */
#ifndef KJ_FIREWALL_SURVEY_H
#define KJ_FIREWALL_SURVEY_H

#include "firewall/analysis.h"

/* What is asked; zero fields ask for everything. */
struct kj_fw_request {
	bool has_hook;
	enum kj_fw_hook hook;
	kj_str iface, oface;                       /* real names of interfaces */
	const struct kj_fw_set *src, *dst, *local; /* as in struct kj_fw_scope; of both families */
	bool has_sport;
	uint16_t sport;
	unsigned char flags;
	size_t max_nodes;
};

/* The answer for one hook and one interface (each way). */
struct kj_fw_entry {
	enum kj_fw_hook hook;
	kj_str iface, oface; /* "*": any that the dump does not name; "eth+": any beginning so, that it does not name */
	bool diverted;       /* struct kj_fw_question */
	struct kj_fw_question question;
	struct kj_fw_answer answer; /* of both families */
};

struct kj_fw_survey {
	const struct kj_fw_ruleset *rs;
	KJ_VEC(struct kj_fw_entry) entries;
	struct kj_fw_work *work;            /* the memory of the analyses, until kj_fw_survey_done */
	struct kj_fw_analysis *analysis[2]; /* IPv4, IPv6, for further questions; NULL: not asked for, or done */
	const struct kj_fw_review *review;  /* for printing; NULL: not made */
	bool complete; /* false: a limit was reached somewhere; there everything is said to be open perhaps */
};

/* As in struct kj_fw_entry; "*" for KJ_FW_ANY_IFACE too. */
kj_str kj_fw_iface_name(struct kj_arena *arena, const struct kj_fw_ruleset *rs, uint32_t id);

/* Memory that is given back before the arena that it belongs to goes: analyses take much more than their answers. */
struct kj_fw_work {
	struct kj_arena *arena; /* NULL once it is done */
};
struct kj_fw_work *kj_fw_work_new(struct kj_arena *arena);
void kj_fw_work_done(struct kj_fw_work *work);

/* Surveys a ruleset. Everything lives in the arena, but for the analyses, which live in `work`. */
void kj_fw_survey(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_request *request,
                  struct kj_fw_survey *survey);
/* No further questions will be asked: gives the memory of the analyses back. The entries stay. */
void kj_fw_survey_done(struct kj_fw_survey *survey);

#endif
