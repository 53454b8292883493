/* What the words of a Windows rule match: protocols, ports, ICMP types, addresses. */
#ifndef KJ_FIREWALL_DIALECTS_WINDOWS_MATCH_H
#define KJ_FIREWALL_DIALECTS_WINDOWS_MATCH_H

#include "firewall/dialects/windows.h"

/* Every value: an empty list, or one that says so. */
bool kj_win_any(const struct kj_win_words *words);

/* Ports of one end. A keyword such as RPC stands for a port that the system chooses: within `all`, but not in `sure`. */
struct kj_win_ports {
	bool any;
	struct kj_fw_set *sure, *all;
};
struct kj_win_ports kj_win_ports(struct kj_fw_ruleset *rs, const struct kj_win_words *words, uint32_t line);

/* Tests on the protocol (and ICMP types). `ports`: the rule names ports. */
void kj_win_test_protocol(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const struct kj_win_rule *from,
                          bool ports);
/* A test on the addresses of one end, where not all are meant. What LocalSubnet, DNS … mean is not in any export: those are sets that nobody
   declares. */
void kj_win_test_addresses(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field,
                           const struct kj_win_words *words);

/* TCP, UDP, or every protocol: one where a rule that names no ports may be meant for one program. */
bool kj_win_portless_is_wide(kj_str protocol);

#endif
