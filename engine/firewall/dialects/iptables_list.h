/* `iptables -L`: its text as blocks of rows (iptables_blocks.c), and what it prints behind a rule's addresses in the words of iptables-save
   (iptables_phrases.c). */
#ifndef KJ_FIREWALL_DIALECTS_IPTABLES_LIST_H
#define KJ_FIREWALL_DIALECTS_IPTABLES_LIST_H

#include "firewall/model.h"

/* One rule's line. Words may begin with "!". */
struct kj_ipl_head {
	kj_str target, proto, opt, in, out, src, dst, rest;
};

struct kj_ipl_columns {
	bool numbered, counted, ifaces; /* --line-numbers, -v */
};

/* A rule, on one line or, wrapped by a terminal, on several. */
struct kj_ipl_row {
	uint32_t line;
	kj_str text;
	struct kj_buf more; /* the text when it was joined */
	bool joined;
};

struct kj_ipl_block {
	kj_str name, policy, header;
	uint32_t line;
	bool builtin, begins; /* has a policy; a new command begins here */
	uint32_t cut;         /* the line of it within which the text ends; or 0 */
	kj_str table;         /* that the command names, or empty */
	unsigned version;     /* that the command tells, or 0 */
	struct kj_ipl_columns columns;
	KJ_VEC(struct kj_ipl_row) rows;
};

/* All that a text lists. */
struct kj_ipl_listing {
	KJ_VEC(struct kj_ipl_block) blocks;
	uint32_t legacy; /* where iptables warned of tables that it does not list; or 0 */
};
void kj_ipl_read_listing(struct kj_arena *arena, kj_str text, struct kj_ipl_listing *listing);

/* False when the line is no rule's, or breaks off before the destination. */
bool kj_ipl_read_head(const struct kj_ipl_columns *columns, kj_str line, struct kj_ipl_head *head);
/* "Chain INPUT (policy DROP)": name, policy and header of the block. */
bool kj_ipl_read_header(kj_str line, struct kj_ipl_block *block);
/* The line that names the columns. */
bool kj_ipl_read_columns(kj_str line, struct kj_ipl_columns *columns);

kj_str kj_ipl_without_not(kj_str word);
/* 4 or 6 for an address, negated or not; else 0. */
unsigned kj_ipl_version_of(kj_str word);

/* What stands behind the addresses of one listed rule. */
struct kj_ipl_text {
	struct kj_fw_ruleset *rs;
	struct kj_fw_rule *rule;
	kj_str target, text;
	struct kj_buf *matches; /* options of matches are appended here: " -m tcp --dport 22" */
	struct kj_buf *options; /* and those of the target here */
	bool go;                /* out: "[goto]" */
};

/* Reads the phrases. What has no counterpart, and everything behind a phrase that is not known (its end is not known either), becomes
   kj_fw_beyond(). */
void kj_ipl_read(struct kj_ipl_text *text);

/* Whether iptables-save's words can hold it: no quotes, no option, no negation at its beginning. */
bool kj_ipl_plain(kj_str word);

#endif
