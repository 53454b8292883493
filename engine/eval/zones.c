#include "eval/zones.h"

#include "firewall/intervals.h"

static struct kj_fw_set *empty_set(struct kj_arena *arena)
{
	struct kj_fw_set *set = KJ_NEW(arena, struct kj_fw_set);
	set->dims = 1;
	set->declared = true;
	return set;
}

const struct kj_fw_set *kj_range_set(struct kj_arena *arena, const struct kj_range *ranges, size_t n)
{
	struct kj_fw_set *set = empty_set(arena);
	for (size_t i = 0; i < n; i++)
		KJ_PUSH(arena, &set->at, kj_fw_interval_addr(&ranges[i]));
	return set;
}

/* Everything but the zones, and but what never is a stranger's address: loopback. */
const struct kj_fw_set *kj_zone_rest(struct kj_arena *arena, const struct kj_fleet *fleet)
{
	static const kj_str all[] = {KJ_STR_INIT("0.0.0.0/0"), KJ_STR_INIT("::/0")};
	static const kj_str own[] = {KJ_STR_INIT("127.0.0.0/8"), KJ_STR_INIT("::1")};
	struct kj_fw_set *set = empty_set(arena);
	struct kj_range range;
	for (size_t i = 0; i < 2; i++) {
		kj_range_parse(all[i], &range);
		KJ_PUSH(arena, &set->at, kj_fw_interval_addr(&range));
		kj_range_parse(own[i], &range);
		KJ_PUSH(arena, &set->except, kj_fw_interval_addr(&range));
	}
	for (size_t z = 0; fleet && z < fleet->zone_count; z++) {
		for (size_t i = 0; i < fleet->zones[z].n; i++)
			KJ_PUSH(arena, &set->except, kj_fw_interval_addr(&fleet->zones[z].ranges[i]));
	}
	return set;
}

const struct kj_fw_set *kj_zone_set(struct kj_arena *arena, const struct kj_fleet *fleet, kj_str name)
{
	const struct kj_zone *zone = fleet ? kj_fleet_zone(fleet, name) : NULL;
	if (zone)
		return kj_range_set(arena, zone->ranges, zone->n);
	return kj_str_eq(name, KJ_STR("internet")) ? kj_zone_rest(arena, fleet) : NULL;
}

const struct kj_fw_set *kj_zone_set_but(struct kj_arena *arena, const struct kj_fleet *fleet, kj_str name,
                                        const kj_str *but, size_t n)
{
	const struct kj_fw_set *all = kj_zone_set(arena, fleet, name);
	if (!all)
		return NULL;
	struct kj_fw_set *set = empty_set(arena);
	for (size_t i = 0; i < all->at.n; i++)
		KJ_PUSH(arena, &set->at, all->at.at[i]);
	for (size_t i = 0; i < all->except.n; i++)
		KJ_PUSH(arena, &set->except, all->except.at[i]);
	for (size_t z = 0; z < n; z++) {
		const struct kj_zone *zone = fleet ? kj_fleet_zone(fleet, but[z]) : NULL;
		for (size_t i = 0; zone && i < zone->n; i++)
			KJ_PUSH(arena, &set->except, kj_fw_interval_addr(&zone->ranges[i]));
	}
	return set;
}

/* ---- comparing a part of an answer with the zone that was asked about ---- */

bool kj_zone_is_whole(struct kj_arena *arena, const struct kj_fw_set *zone, const struct kj_fw_intervals *part,
                      unsigned char version)
{
	struct kj_fw_intervals all = {{0}}, have = {{0}};
	for (size_t i = 0; i < zone->at.n; i++) {
		if (zone->at.at[i].version == version)
			KJ_PUSH(arena, &all.at, zone->at.at[i]);
	}
	for (size_t i = 0; i < zone->except.n; i++) {
		if (zone->except.at[i].version == version)
			all = kj_fw_intervals_without(arena, &all, &zone->except.at[i]);
	}
	for (size_t i = 0; i < part->at.n; i++)
		KJ_PUSH(arena, &have.at, part->at.at[i]);
	kj_fw_intervals_tidy(&all);
	kj_fw_intervals_tidy(&have);
	if (all.at.n != have.at.n)
		return false;
	for (size_t i = 0; i < all.at.n; i++) {
		if (kj_fw_key_cmp(all.at.at[i].first, have.at.at[i].first) ||
		    kj_fw_key_cmp(all.at.at[i].last, have.at.at[i].last))
			return false;
	}
	return true;
}
