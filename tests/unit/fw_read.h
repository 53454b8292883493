/* For tests of comparisons and reviews: dumps given as text, read, surveyed, looked up. */
#ifndef KJ_TESTS_FW_READ_H
#define KJ_TESTS_FW_READ_H

#include "firewall/dialect.h"
#include "firewall/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Adds the rulesets of a dump to a vector of them. */
#define FW_READ(arena_, dump_, vec_)                                                                                   \
	do {                                                                                                           \
		struct kj_fw_reading reading_ = fw_reading((arena_), (dump_));                                         \
		for (size_t i_ = 0; i_ < reading_.rulesets.n; i_++)                                                    \
			KJ_PUSH((arena_), (vec_), reading_.rulesets.at[i_]);                                           \
	} while (0)

static inline struct kj_fw_reading fw_reading(struct kj_arena *arena, kj_str dump)
{
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	struct kj_diags *diags = KJ_NEW(arena, struct kj_diags);
	diags->arena = arena;
	*text = (struct kj_text){KJ_STR("dump"), dump};
	struct kj_fw_reading reading = {.arena = arena, .text = text, .diags = diags};
	assert_true(kj_fw_read(&reading, NULL));
	return reading;
}

static inline bool fw_holds(const struct kj_fw_intervals *set, uint64_t value)
{
	for (size_t i = 0; i < set->at.n; i++) {
		if (set->at.at[i].first.lo <= value && value <= set->at.at[i].last.lo)
			return true;
	}
	return false;
}

/* Whether an IPv4 packet is in the part. */
static inline bool fw_part_holds(const struct kj_fw_part *part, unsigned proto, uint64_t src, unsigned port)
{
	return part->src.at.at[0].version == 4 && fw_holds(&part->protos, proto) && fw_holds(&part->src, src) &&
	       (!part->ports.at.n || fw_holds(&part->ports, port));
}

#endif
