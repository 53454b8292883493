#include "eval/zones.h"

#include <stdlib.h>

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

typedef KJ_VEC(struct kj_fw_interval) interval_vec;

static int key_cmp(struct kj_fw_key a, struct kj_fw_key b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

static struct kj_fw_key next_key(struct kj_fw_key key)
{
	key.lo++;
	key.hi += key.lo == 0;
	return key;
}

static struct kj_fw_key key_before(struct kj_fw_key key)
{
	key.hi -= key.lo == 0;
	key.lo--;
	return key;
}

static int by_first(const void *a, const void *b)
{
	return key_cmp(((const struct kj_fw_interval *)a)->first, ((const struct kj_fw_interval *)b)->first);
}

/* Sorted, and neighbours made one. */
static void tidy(interval_vec *v)
{
	size_t kept = 0;
	if (v->n == 0)
		return;
	qsort(v->at, v->n, sizeof *v->at, by_first);
	for (size_t i = 1; i < v->n; i++) {
		struct kj_fw_interval *last = &v->at[kept];
		struct kj_fw_key after = next_key(last->last);
		bool at_end = after.hi == 0 && after.lo == 0;
		if (!at_end && key_cmp(v->at[i].first, after) > 0) {
			v->at[++kept] = v->at[i];
		} else if (key_cmp(v->at[i].last, last->last) > 0) {
			last->last = v->at[i].last;
		}
	}
	v->n = kept + 1;
}

static interval_vec without(struct kj_arena *arena, const interval_vec *from, const struct kj_fw_interval *hole)
{
	interval_vec out = {0};
	for (size_t i = 0; i < from->n; i++) {
		struct kj_fw_interval v = from->at[i];
		if (v.version != hole->version || key_cmp(v.last, hole->first) < 0 ||
		    key_cmp(v.first, hole->last) > 0) {
			KJ_PUSH(arena, &out, v);
			continue;
		}
		struct kj_fw_interval left = v, right = v;
		left.last = key_before(hole->first);
		right.first = next_key(hole->last);
		if (key_cmp(v.first, hole->first) < 0)
			KJ_PUSH(arena, &out, left);
		if (key_cmp(v.last, hole->last) > 0)
			KJ_PUSH(arena, &out, right);
	}
	return out;
}

bool kj_zone_is_whole(struct kj_arena *arena, const struct kj_fw_set *zone, const struct kj_fw_intervals *part,
                      unsigned char version)
{
	interval_vec all = {0}, have = {0};
	for (size_t i = 0; i < zone->at.n; i++) {
		if (zone->at.at[i].version == version)
			KJ_PUSH(arena, &all, zone->at.at[i]);
	}
	for (size_t i = 0; i < zone->except.n; i++) {
		if (zone->except.at[i].version == version)
			all = without(arena, &all, &zone->except.at[i]);
	}
	for (size_t i = 0; i < part->at.n; i++)
		KJ_PUSH(arena, &have, part->at.at[i]);
	tidy(&all);
	tidy(&have);
	if (all.n != have.n)
		return false;
	for (size_t i = 0; i < all.n; i++) {
		if (key_cmp(all.at[i].first, have.at[i].first) || key_cmp(all.at[i].last, have.at[i].last))
			return false;
	}
	return true;
}

static void meet_one(struct kj_arena *arena, interval_vec *out, struct kj_fw_interval a, const struct kj_fw_interval *b)
{
	if (a.version != b->version || key_cmp(a.last, b->first) < 0 || key_cmp(a.first, b->last) > 0)
		return;
	if (key_cmp(a.first, b->first) < 0)
		a.first = b->first;
	if (key_cmp(a.last, b->last) > 0)
		a.last = b->last;
	KJ_PUSH(arena, out, a);
}

struct kj_fw_intervals kj_zone_meet(struct kj_arena *arena, const struct kj_fw_set *zone,
                                    const struct kj_fw_intervals *from, bool *whole)
{
	interval_vec in = {0}, out = {0};
	struct kj_fw_intervals met = {{0}};
	for (size_t i = 0; i < from->at.n; i++) {
		KJ_PUSH(arena, &out, from->at.at[i]);
		for (size_t z = 0; z < zone->at.n; z++)
			meet_one(arena, &in, from->at.at[i], &zone->at.at[z]);
	}
	for (size_t i = 0; i < zone->except.n; i++)
		in = without(arena, &in, &zone->except.at[i]);
	tidy(&in);
	for (size_t i = 0; i < in.n; i++) {
		out = without(arena, &out, &in.at[i]);
		KJ_PUSH(arena, &met.at, in.at[i]);
	}
	*whole = out.n == 0;
	return met;
}
