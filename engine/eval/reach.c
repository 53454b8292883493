#include "eval/reach.h"

#include "firewall/intervals.h"
#include "firewall/lead.h"

static struct kj_fw_intervals ports_after(struct kj_arena *arena, const struct kj_fw_part *part,
                                          const struct kj_fw_rewrite *rewrite)
{
	struct kj_fw_intervals ports = {{0}};
	if (!rewrite || !rewrite->has_port)
		return part->ports;
	KJ_PUSH(arena, &ports.at, kj_fw_interval_num(rewrite->port_first, rewrite->port_last));
	return ports;
}

/* One way the part may have gone: rewritten by `by`, or (NULL) as sent. */
static void go_on(struct kj_arena *arena, struct kj_reaches *out, const struct kj_fw_part *part,
                  const struct kj_fw_decider *by, const struct kj_fw_set *set, bool sure)
{
	const struct kj_fw_rewrite *rewrite = kj_fw_lead(by);
	bool one_port = !rewrite || !rewrite->has_port || rewrite->port_first == rewrite->port_last, whole = true;
	struct kj_reach reach = {.by = by, .ports = ports_after(arena, part, rewrite)};
	reach.dst = kj_fw_lead_keeps_address(rewrite) ? part->dst
	                                              : kj_fw_lead_to(arena, rewrite, part->src.at.at[0].version);
	bool known = reach.dst.at.n > 0;
	if (set && known) {
		reach.dst = kj_fw_intervals_meet(arena, &reach.dst, set, &whole);
		if (!reach.dst.at.n)
			return;
	}
	/* As sent, each address is one that somebody can send to; of several new ones the firewall takes one. */
	reach.certain =
	        sure && part->certain && one_port && (known || !set) && (whole || kj_fw_lead_keeps_address(rewrite));
	KJ_PUSH(arena, &out->at, reach);
}

struct kj_reaches kj_reaches_in(struct kj_arena *arena, const struct kj_fw_part *part, const struct kj_fw_set *set)
{
	struct kj_reaches out = {{0}};
	size_t rewriters = 0;
	for (size_t i = 0; i < part->deciders.n; i++)
		rewriters += kj_fw_lead(&part->deciders.at[i]) != NULL;
	/* The rewriting rule comes first: where another does, the packets may as well go on as they were sent. */
	bool first = rewriters && kj_fw_lead(&part->deciders.at[0]);
	if (!first)
		go_on(arena, &out, part, NULL, set, rewriters == 0);
	for (size_t i = 0; rewriters && i < part->deciders.n; i++) {
		if (kj_fw_lead(&part->deciders.at[i]))
			go_on(arena, &out, part, &part->deciders.at[i], set, first && rewriters == 1);
	}
	return out;
}
