#include "firewall/lead.h"

#include "firewall/intervals.h"
#include "firewall/print.h"

const struct kj_fw_rewrite *kj_fw_lead(const struct kj_fw_decider *decider)
{
	return decider && decider->rule ? decider->rule->rewrite : NULL;
}

bool kj_fw_lead_keeps_address(const struct kj_fw_rewrite *rewrite)
{
	return !rewrite || (!rewrite->addr && !rewrite->to_self && !rewrite->unknown);
}

struct kj_fw_intervals kj_fw_lead_to(struct kj_arena *arena, const struct kj_fw_rewrite *rewrite, unsigned char version)
{
	struct kj_fw_intervals to = {{0}};
	const struct kj_fw_set *addr = rewrite->addr;
	if (rewrite->unknown || !addr || !addr->declared || addr->partial || addr->except.n)
		return to;
	for (size_t i = 0; i < addr->at.n; i++) {
		if (addr->at.at[i].version == version)
			KJ_PUSH(arena, &to.at, addr->at.at[i]);
	}
	kj_fw_intervals_tidy(&to);
	return to;
}

kj_str kj_fw_lead_words(struct kj_arena *arena, const struct kj_fw_decider *decider, unsigned char version)
{
	enum { ADDRESSES_SHOWN = 3 };
	const struct kj_fw_rewrite *rewrite = kj_fw_lead(decider);
	struct kj_buf buf = KJ_BUF(arena);
	if (!rewrite)
		return KJ_STR("where they were sent");
	struct kj_fw_intervals to = kj_fw_lead_to(arena, rewrite, version);
	if (rewrite->to_self)
		kj_buf_put(&buf, KJ_STR("the host itself"));
	else if (to.at.n)
		kj_buf_put(&buf, kj_fw_addresses(arena, &to, ADDRESSES_SHOWN));
	else if (!kj_fw_lead_keeps_address(rewrite))
		kj_buf_put(&buf, KJ_STR("an address that is not known"));
	if (rewrite->has_port)
		kj_buf_fmt(&buf, rewrite->port_first == rewrite->port_last ? "%sport %u" : "%sports %u-%u",
		           buf.n ? " " : "", rewrite->port_first, rewrite->port_last);
	return buf.n ? kj_buf_str(&buf) : KJ_STR("where they were sent");
}
