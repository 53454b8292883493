/* The frame that ufw puts around the rules of its user: ufw-framework(8). */
#ifndef KJ_FIREWALL_DIALECTS_UFW_H
#define KJ_FIREWALL_DIALECTS_UFW_H

#include "firewall/model.h"

/* The defaults of one host; KJ_FW_UNSURE where they are not told. */
struct kj_ufw_defaults {
	enum kj_fw_verdict input, forward, output;
	uint32_t line; /* where they stand, or 0 */
	kj_str text;
};

/* Makes INPUT, FORWARD and OUTPUT of one family in that table, as ufw-init does: before rules, user rules, after rules, default. Chains that the ruleset
   has already (ufw-before-input …) are used; for before rules that it has not, those that ufw ships stand in, as "maybe" where they accept.
   User chains (ufw-user-input …) that are not declared are unsure. */
void kj_ufw_frame(struct kj_fw_ruleset *rs, kj_str table, unsigned version, const struct kj_ufw_defaults *defaults);

/* ufw-user-input, -forward or -output of that family, declared or not. */
struct kj_fw_chain *kj_ufw_user_chain(struct kj_fw_ruleset *rs, kj_str table, unsigned version, enum kj_fw_hook hook);

#endif
