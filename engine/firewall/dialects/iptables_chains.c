/* The base chains of iptables' tables: where they are hooked in, and in which order (NF_IP_PRI_* of linux/netfilter_ipv4.h). */
#include "firewall/dialects/iptables_chains.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct kj_ipt_builtin kj_ipt_builtins[] = {
        {"raw", "PREROUTING", KJ_FW_PREROUTING, KJ_FW_PRIORITY_RAW, false},
        {"raw", "OUTPUT", KJ_FW_OUTPUT, KJ_FW_PRIORITY_RAW, false},
        {"mangle", "PREROUTING", KJ_FW_PREROUTING, KJ_FW_PRIORITY_MANGLE, false},
        {"mangle", "INPUT", KJ_FW_INPUT, KJ_FW_PRIORITY_MANGLE, false},
        {"mangle", "FORWARD", KJ_FW_FORWARD, KJ_FW_PRIORITY_MANGLE, false},
        {"mangle", "OUTPUT", KJ_FW_OUTPUT, KJ_FW_PRIORITY_MANGLE, false},
        {"mangle", "POSTROUTING", KJ_FW_POSTROUTING, KJ_FW_PRIORITY_MANGLE, false},
        {"nat", "PREROUTING", KJ_FW_PREROUTING, KJ_FW_PRIORITY_DSTNAT, true},
        {"nat", "INPUT", KJ_FW_INPUT, KJ_FW_PRIORITY_SRCNAT, true},
        {"nat", "OUTPUT", KJ_FW_OUTPUT, KJ_FW_PRIORITY_DSTNAT, true},
        {"nat", "POSTROUTING", KJ_FW_POSTROUTING, KJ_FW_PRIORITY_SRCNAT, true},
        {"filter", "INPUT", KJ_FW_INPUT, KJ_FW_PRIORITY_FILTER, false},
        {"filter", "FORWARD", KJ_FW_FORWARD, KJ_FW_PRIORITY_FILTER, false},
        {"filter", "OUTPUT", KJ_FW_OUTPUT, KJ_FW_PRIORITY_FILTER, false},
        {"security", "INPUT", KJ_FW_INPUT, KJ_FW_PRIORITY_SECURITY, false},
        {"security", "FORWARD", KJ_FW_FORWARD, KJ_FW_PRIORITY_SECURITY, false},
        {"security", "OUTPUT", KJ_FW_OUTPUT, KJ_FW_PRIORITY_SECURITY, false},
};
const size_t kj_ipt_builtin_count = COUNT(kj_ipt_builtins);

struct kj_fw_chain *kj_ipt_declare(struct kj_fw_ruleset *rs, kj_str table, kj_str name, unsigned version, uint32_t line)
{
	struct kj_fw_chain *chain = kj_fw_chain_declare(rs, table, name, line);
	for (size_t i = 0; i < COUNT(kj_ipt_builtins); i++) {
		const struct kj_ipt_builtin *builtin = &kj_ipt_builtins[i];
		if (!kj_str_eq(table, kj_str_of(builtin->table)) || !kj_str_eq(name, kj_str_of(builtin->chain)))
			continue;
		kj_fw_base(chain, builtin->hook, builtin->priority, version == 6 ? KJ_FW_V6 : KJ_FW_V4);
		chain->nat = builtin->nat;
	}
	return chain;
}

void kj_ipt_doubt_all(struct kj_fw_ruleset *rs, uint32_t line, kj_str text)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_PREROUTING, KJ_FW_OUTPUT};
	for (size_t i = 0; i < COUNT(hooks); i++) {
		struct kj_fw_chain *chain = kj_fw_chain_declare(rs, text, kj_str_of(kj_fw_hook_name(hooks[i])), line);
		kj_fw_base(chain, hooks[i], KJ_FW_PRIORITY_RAW, rs->families);
		struct kj_fw_rule *rule = kj_fw_rule(rs, chain, line, text);
		rule->verdict = KJ_FW_DROP;
		rule->maybe = true;
	}
}
