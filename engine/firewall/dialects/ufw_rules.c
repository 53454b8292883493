/* ufw's rules files: user.rules, before.rules, after.rules and their like for IPv6. They are written for iptables-restore and hold some chains of the
   whole; ufw lays the others around them when it starts: ufw-framework(8). */
#include "firewall/dialect.h"
#include "firewall/dialects/ufw.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

extern const struct kj_fw_dialect kj_fw_dialect_iptables_save;

static bool is_ipv6(const struct kj_fw_ruleset *rs)
{
	for (size_t i = 0; i < rs->chains.n; i++) {
		if (kj_str_starts(rs->chains.at[i]->name, KJ_STR("ufw6-")))
			return true;
	}
	return false;
}

static bool has_frame(const struct kj_fw_ruleset *rs)
{
	for (size_t i = 0; i < rs->chains.n; i++) {
		const struct kj_fw_chain *chain = rs->chains.at[i];
		if (chain->hook == KJ_FW_INPUT && kj_str_eq(chain->table, KJ_STR("filter")))
			return true;
	}
	return false;
}

static void note_missing(struct kj_fw_ruleset *rs, unsigned version)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	for (size_t i = 0; i < COUNT(hooks); i++) {
		const struct kj_fw_chain *user = kj_ufw_user_chain(rs, KJ_STR("filter"), version, hooks[i]);
		if (!user->declared)
			kj_fw_note(rs, 0, "chain '%.*s' is not in this file of ufw; what it does is not known",
			           KJ_FMT(user->name));
	}
	kj_fw_note(rs, 0, "ufw's defaults (/etc/default/ufw) are not in this file: what no rule decides may be open");
}

/* Around each dump the frame; an after.rules alone is unsure from its first missing chain on. */
static void parse(struct kj_fw_reading *reading)
{
	static const struct kj_ufw_defaults unknown = {
	        KJ_FW_UNSURE, KJ_FW_UNSURE, KJ_FW_UNSURE, 0,
	        KJ_STR_INIT("ufw's default policy, which this file does not tell")};
	size_t first = reading->rulesets.n;
	kj_fw_dialect_iptables_save.parse(reading);
	for (size_t i = first; i < reading->rulesets.n; i++) {
		struct kj_fw_ruleset *rs = reading->rulesets.at[i];
		unsigned version = is_ipv6(rs) ? 6 : 4;
		if (has_frame(rs))
			continue; /* a dump of iptables in the same text */
		rs->dialect = KJ_STR("ufw-rules");
		rs->families = version == 6 ? KJ_FW_V6 : KJ_FW_V4;
		kj_ufw_frame(rs, KJ_STR("filter"), version, &unknown);
		note_missing(rs, version);
	}
}

/* Chains of ufw declared in a filter table that has no INPUT of its own: iptables-save would show one. */
static int recognise(kj_str text)
{
	static const char *const chains[] = {":ufw-user-input ",  ":ufw-before-input ",  ":ufw-after-input ",
	                                     ":ufw6-user-input ", ":ufw6-before-input ", ":ufw6-after-input "};
	kj_str line;
	bool filter = false, chain = false;
	while (kj_str_line(&text, &line)) {
		filter |= kj_str_starts(line, KJ_STR("*filter"));
		if (kj_str_starts(line, KJ_STR(":INPUT ")))
			return 0;
		for (size_t i = 0; i < COUNT(chains); i++)
			chain |= kj_str_starts(line, kj_str_of(chains[i]));
	}
	return filter && chain ? 100 : 0;
}

const struct kj_fw_dialect kj_fw_dialect_ufw_rules = {
        "ufw-rules", "ufw's rules files: user.rules, before.rules, after.rules", recognise, parse};
