/* What listens behind the dumps of a host: each interface's answer joined with the sockets, for programs and people. */
#ifndef KJ_FIREWALL_LISTENING_H
#define KJ_FIREWALL_LISTENING_H

#include "doc/doc.h"
#include "firewall/sockets.h"
#include "firewall/survey.h"

/* The meetings at one interface. */
struct kj_fw_behind {
	kj_str iface;                      /* "*": any that the dumps do not name */
	const struct kj_fw_ruleset *rs[2]; /* who answers for IPv4, for IPv6; NULL: nobody */
	struct kj_fw_answer answer;
	struct kj_fw_met_list met;
};

struct kj_fw_listening {
	const struct kj_fw_sockets *sockets;
	KJ_VEC(struct kj_fw_behind) at;
};

/* Joins all input of the surveys (of one host; those for other families complete each other) with its sockets. The
   loopback is left out. Everything lives in the arena; the surveys must live as long. */
void kj_fw_listen(struct kj_arena *arena, const struct kj_fw_survey *surveys, size_t n,
                  const struct kj_fw_sockets *sockets, struct kj_fw_listening *out);

/* The member "sockets" of a JSON object. */
void kj_fw_listening_json(struct kj_json *json, const struct kj_fw_listening *listening);
void kj_fw_listening_text(struct kj_buf *out, const struct kj_fw_listening *listening);

#endif
