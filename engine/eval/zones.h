/* Zones as sets of addresses. */
#ifndef KJ_EVAL_ZONES_H
#define KJ_EVAL_ZONES_H

#include "export/fleet.h"
#include "firewall/analysis.h"

/* A set of ranges, for questions to the firewall analysis. */
const struct kj_fw_set *kj_range_set(struct kj_arena *arena, const struct kj_range *ranges, size_t n);

/* The addresses of a zone. `internet`, unless the fleet declares it, is every address that is in no zone. NULL: there is no such zone. `fleet` may
   be NULL: then only `internet` is known, and it is every address. */
const struct kj_fw_set *kj_zone_set(struct kj_arena *arena, const struct kj_fleet *fleet, kj_str name);

/* The same, less the addresses of n other zones (names that are none take nothing away). */
const struct kj_fw_set *kj_zone_set_but(struct kj_arena *arena, const struct kj_fleet *fleet, kj_str name,
                                        const kj_str *but, size_t n);

/* What is in no zone, also where the fleet declares `internet`. */
const struct kj_fw_set *kj_zone_rest(struct kj_arena *arena, const struct kj_fleet *fleet);

/* Are these all addresses of the zone's set of that family (4 or 6)? */
bool kj_zone_is_whole(struct kj_arena *arena, const struct kj_fw_set *zone, const struct kj_fw_intervals *part,
                      unsigned char version);

#endif
