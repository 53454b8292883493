/* The tables of iptables and their base chains. */
#ifndef KJ_FIREWALL_DIALECTS_IPTABLES_CHAINS_H
#define KJ_FIREWALL_DIALECTS_IPTABLES_CHAINS_H

#include "firewall/model.h"

/* A base chain of one of the tables. */
struct kj_ipt_builtin {
	const char *table, *chain;
	enum kj_fw_hook hook;
	int priority;
	bool nat;
};
extern const struct kj_ipt_builtin kj_ipt_builtins[];
extern const size_t kj_ipt_builtin_count;

/* Declares a chain; a base chain is hooked in, with policy accept until the caller sets it. */
struct kj_fw_chain *kj_ipt_declare(struct kj_fw_ruleset *rs, kj_str table, kj_str name, unsigned version,
                                   uint32_t line);

/* Other rules, which the dump does not show, may drop packets (before all others, or behind them: it is the same). */
void kj_ipt_doubt_all(struct kj_fw_ruleset *rs, uint32_t line, kj_str text);

#endif
