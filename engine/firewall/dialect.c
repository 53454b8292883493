#include "firewall/dialect.h"

extern const struct kj_fw_dialect kj_fw_dialect_firewalld;
extern const struct kj_fw_dialect kj_fw_dialect_firewalld_xml;
extern const struct kj_fw_dialect kj_fw_dialect_iptables_list;
extern const struct kj_fw_dialect kj_fw_dialect_iptables_save;
extern const struct kj_fw_dialect kj_fw_dialect_nft;
extern const struct kj_fw_dialect kj_fw_dialect_nft_json;
extern const struct kj_fw_dialect kj_fw_dialect_ufw_rules;
extern const struct kj_fw_dialect kj_fw_dialect_ufw_status;
extern const struct kj_fw_dialect kj_fw_dialect_aws;
extern const struct kj_fw_dialect kj_fw_dialect_netsh;
extern const struct kj_fw_dialect kj_fw_dialect_windows_json;
extern const struct kj_fw_dialect kj_fw_dialect_windows_registry;

/* The table: one row a dialect. */
const struct kj_fw_dialect *const kj_fw_dialects[] = {
        &kj_fw_dialect_ufw_rules, /* iptables-restore's language too: before it */
        &kj_fw_dialect_iptables_save,
        &kj_fw_dialect_iptables_list,
        &kj_fw_dialect_ufw_status,
        &kj_fw_dialect_firewalld,
        &kj_fw_dialect_firewalld_xml,
        &kj_fw_dialect_nft,
        &kj_fw_dialect_nft_json,
        &kj_fw_dialect_aws,
        &kj_fw_dialect_netsh,
        &kj_fw_dialect_windows_json,
        &kj_fw_dialect_windows_registry,
};
const size_t kj_fw_dialect_count = sizeof kj_fw_dialects / sizeof *kj_fw_dialects;

const struct kj_fw_dialect *kj_fw_dialect_named(kj_str name)
{
	for (size_t i = 0; i < kj_fw_dialect_count; i++) {
		if (kj_str_eq(name, kj_str_of(kj_fw_dialects[i]->name)))
			return kj_fw_dialects[i];
	}
	return NULL;
}

const struct kj_fw_dialect *kj_fw_dialect_of(kj_str bytes)
{
	const struct kj_fw_dialect *best = NULL;
	int most = 0;
	for (size_t i = 0; i < kj_fw_dialect_count; i++) {
		int score = kj_fw_dialects[i]->recognise(bytes);
		if (score > most) {
			most = score;
			best = kj_fw_dialects[i];
		}
	}
	return best;
}

bool kj_fw_read(struct kj_fw_reading *reading, const struct kj_fw_dialect *dialect)
{
	struct kj_span whole = kj_span_whole(reading->text);
	if (!dialect)
		dialect = kj_fw_dialect_of(reading->text->bytes);
	if (!dialect) {
		kj_error(reading->diags, whole, "'%.*s' is not a firewall dump of a known kind",
		         KJ_FMT(reading->text->name));
		return false;
	}
	size_t before = reading->rulesets.n;
	dialect->parse(reading);
	for (size_t i = before; i < reading->rulesets.n; i++)
		reading->rulesets.at[i]->joined = reading->joined;
	if (reading->rulesets.n > before)
		return true;
	kj_error(reading->diags, whole, "'%.*s' holds no rules that '%s' can be read from", KJ_FMT(reading->text->name),
	         dialect->name);
	return false;
}
