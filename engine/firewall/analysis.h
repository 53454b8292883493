/* The one analysis: which NEW connections (their first packets) get through a hook, and which rule let each in. Exact
   where the dump decides; where it does not (a match beyond the model, an interface or a hardware address that the
   question leaves open) the part is not certain. */
#ifndef KJ_FIREWALL_ANALYSIS_H
#define KJ_FIREWALL_ANALYSIS_H

#include "firewall/model.h"

/* What all questions to one analysis have in common. Zero fields ask for everything. */
struct kj_fw_scope {
	unsigned char version;       /* 4 or 6 */
	const struct kj_fw_set *src; /* only these senders */
	const struct kj_fw_set *dst; /* only these addressees, as the sender wrote them (before DNAT) */
	const struct kj_fw_set
	        *local; /* addresses known to be the host's own, beside 127.0.0.0/8 and ::1: tells where DNAT leads */
	bool has_sport; /* only this source port; else the sender chooses it, so that one port that gets in is enough */
	uint16_t sport;
	unsigned char flags;      /* TCP flags of the first packet; 0: SYN */
	size_t max_nodes;         /* of the decision diagrams, 16 to 32 bytes each; 0: 4 million */
	struct kj_arena *results; /* where answers go; NULL: where the analysis is */
};

/* An interface that the question leaves open: all but the loopback, and only what all of them let in is certain. */
#define KJ_FW_ANY_IFACE UINT32_MAX

struct kj_fw_question {
	enum kj_fw_hook hook; /* KJ_FW_INPUT, KJ_FW_FORWARD or KJ_FW_OUTPUT */
	uint32_t iif, oif; /* numbers of interfaces (kj_fw_iface_find), where the hook has them; or KJ_FW_ANY_IFACE */
	bool by_oif;       /* with oif KJ_FW_ANY_IFACE: tell them apart, in `oifs` of the parts */
	/* Not what the hook is for, but what DNAT brings there: forward: packets sent to an address of the host itself
	   (published container ports); input: packets sent to somebody else (transparent proxies). */
	bool diverted;
};

/* What decided: a rule, or the policy of a base chain. */
struct kj_fw_decider {
	const struct kj_fw_rule *rule;  /* NULL: a policy */
	const struct kj_fw_chain *base; /* with rule NULL; NULL too: nothing filters here */
	uint32_t line;
	kj_str text;
};

struct kj_fw_intervals {
	KJ_VEC(struct kj_fw_interval) at;
};

/* Accepted: any of the protocols, to any of the ports, from any of the sources, to any of the destinations. Parts of
   one answer do not overlap. */
struct kj_fw_part {
	struct kj_fw_intervals protos; /* one of tcp, udp, sctp, dccp, udplite, ICMP alone; or others; or 0..255 */
	struct kj_fw_intervals ports;  /* of these; ICMP: type * 256 + code; empty for others, and 0..65535 for "all" */
	struct kj_fw_intervals src, dst;
	KJ_VEC(uint32_t) oifs; /* by_oif: only when it leaves by one of these; empty: whichever way */
	bool certain;          /* false: may be open */
	KJ_VEC(struct kj_fw_decider)
	deciders; /* all that it took, the rewriting rule first; where undecided, those that may have accepted */
};

struct kj_fw_answer {
	KJ_VEC(struct kj_fw_part) parts;
	bool vague; /* that costs too much: parts may lack deciders */
};

/* One packet. */
struct kj_fw_packet {
	unsigned char version, proto;
	uint16_t port; /* destination port; ICMP: type * 256 + code; others: 0 */
	struct kj_fw_key src, dst;
};

struct kj_fw_analysis;

/* Prepares. Everything lives in the arena; the analysis may be asked many questions, one after the other. */
struct kj_fw_analysis *kj_fw_analysis_new(struct kj_arena *arena, const struct kj_fw_ruleset *rs,
                                          const struct kj_fw_scope *scope);
/* Answers. False when the limit of nodes (or of rules tried) was reached: the answer is empty then and nothing may be
   concluded. */
bool kj_fw_ask(struct kj_fw_analysis *analysis, const struct kj_fw_question *question, struct kj_fw_answer *answer);

/* Answers the same question for each of n interfaces that packets come in by (output: leave by), answers[i] for
   ifaces[i]; what the question says of that interface does not count. One analysis serves them all, and those that
   are treated alike share their answer. False, and no answers, when that reached a limit: one by one it may do. */
bool kj_fw_ask_each(struct kj_fw_analysis *analysis, const struct kj_fw_question *question, const uint32_t *ifaces,
                    size_t n, struct kj_fw_answer *answers);
/* KJ_FW_IIF, or KJ_FW_OIF for output. */
enum kj_fw_field kj_fw_each_field(enum kj_fw_hook hook);

/* Who turns such a packet away first, or may do so: of a question that leaves nothing about interfaces open. False when
   nobody does, or a limit was reached. */
bool kj_fw_turned_away(struct kj_fw_analysis *analysis, const struct kj_fw_question *question,
                       const struct kj_fw_packet *packet, struct kj_fw_decider *by);

/* Whether some packet of the questions so far may match the rule. */
bool kj_fw_was_matched(const struct kj_fw_analysis *analysis, const struct kj_fw_rule *rule);

/* Protocol numbers with ports (as the Linux conntrack knows them), and those of ICMP. */
bool kj_fw_proto_has_ports(unsigned proto);
enum {
	KJ_FW_ICMP = 1,
	KJ_FW_TCP = 6,
	KJ_FW_UDP = 17,
	KJ_FW_DCCP = 33,
	KJ_FW_ICMPV6 = 58,
	KJ_FW_SCTP = 132,
	KJ_FW_UDPLITE = 136
};

#endif
