/* Rules in the words of iptables(8) and iptables-extensions(8): what iptables-save, iptables -S and rules files share.
   */
#ifndef KJ_FIREWALL_DIALECTS_IPTABLES_H
#define KJ_FIREWALL_DIALECTS_IPTABLES_H

#include "firewall/model.h"

/* The words of one rule line. Quotes are taken off; a word is a view into the line. */
struct kj_ipt_words {
	KJ_VEC(kj_str) at;
	size_t next;
};

/* One rule while it is read. */
struct kj_ipt_rule {
	struct kj_fw_ruleset *rs;
	struct kj_fw_rule *rule;
	kj_str table;
	unsigned version; /* 4 or 6 */
	struct kj_ipt_words *words;
	kj_str module; /* the last -m */
	bool unread;   /* its options are beyond the model; already noted */
	/* the target and its options */
	kj_str target;
	bool go;
	bool twice; /* there is more than one: iptables knows no such rule, these are two that were run together */
	struct kj_fw_rewrite rewrite;
	bool notrack;         /* exempts from connection tracking */
	bool marks, unmarks;  /* sets the mark (CONNMARK: of the connection) to value/mask; to something unknown */
	bool saves, restores; /* CONNMARK: one mark to the other */
	uint32_t mark_value, mark_mask;
};

/* Splits a line into words. */
void kj_ipt_split(struct kj_arena *arena, kj_str line, struct kj_ipt_words *words);
/* Reads the words from `next` on into the rule. */
void kj_ipt_read_rule(struct kj_ipt_rule *r);

/* Of iptables_match.c: takes one match option; false when it is none. `negated`: "!" stood before it. */
bool kj_ipt_match(struct kj_ipt_rule *r, kj_str option, bool negated);
/* -m NAME */
void kj_ipt_module(struct kj_ipt_rule *r, kj_str name);
/* Of iptables_target.c: takes one option of the target; false when it is none. */
bool kj_ipt_target_option(struct kj_ipt_rule *r, kj_str option);
/* The rule's verdict from its target. */
void kj_ipt_conclude(struct kj_ipt_rule *r);
/* A rule of which so much is lost that it may be any. */
void kj_ipt_give_up(struct kj_fw_rule *rule);

/* The next word; empty at the end. */
kj_str kj_ipt_next(struct kj_ipt_rule *r);
/* Skips words up to the next option or "!". */
void kj_ipt_skip_args(struct kj_ipt_rule *r);
/* An address of iptables: host, prefix, dotted mask, short forms such as 10/8. */
bool kj_ipt_range(kj_str s, struct kj_range *out);
/* "0x10", "16", "020". */
bool kj_ipt_number(kj_str s, uint32_t *out);
/* value[/mask]; mask all ones where it is not given. */
bool kj_ipt_masked(kj_str s, uint32_t *value, uint32_t *mask);
/* first[:last], either may be missing or a service name; `dash`: the mark between them. */
bool kj_ipt_ports(kj_str s, char between, uint16_t *first, uint16_t *last);

/* Of ipset.c: is a text what `ipset save` prints? */
bool kj_ipset_recognise(kj_str text);
/* The `create` and `add` lines of `ipset save` in a text, for all rulesets that are read from it. */
struct kj_ipset_lines {
	KJ_VEC(struct kj_ipset_line) at;
	size_t read; /* lines, over all rulesets */
	bool found;  /* the text was gone through */
};
/* Of ipset.c: reads all such lines of the text into the ruleset's sets. `lines`: zero at first, the same for each ruleset
   of the text. Where there are so many of both that it would take forever, sets stay undeclared, with a note. */
void kj_ipset_read(struct kj_fw_ruleset *rs, kj_str text, struct kj_ipset_lines *lines);
/* Of ipset_nets.c: of the networks in a set that an address lies in, the smallest decides. Takes away from each what
   smaller ones decide, and with that `except`. `net`: which dimension is the network; `any`: smaller ones decide
   whatever their other dimensions are, else only where those are the same. */
void kj_ipset_smallest_decides(struct kj_fw_ruleset *rs, struct kj_fw_set *set, unsigned net, bool any);
/* Adds the test of --match-set NAME FLAGS. */
void kj_ipset_test(struct kj_ipt_rule *r, kj_str name, kj_str flags, bool negated);

#endif
