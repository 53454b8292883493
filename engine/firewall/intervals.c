#include "firewall/intervals.h"

#include <stdlib.h>

int kj_fw_key_cmp(struct kj_fw_key a, struct kj_fw_key b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

struct kj_fw_key kj_fw_key_next(struct kj_fw_key key)
{
	key.lo++;
	key.hi += key.lo == 0;
	return key;
}

struct kj_fw_key kj_fw_key_before(struct kj_fw_key key)
{
	key.hi -= key.lo == 0;
	key.lo--;
	return key;
}

bool kj_fw_intervals_have(const struct kj_fw_intervals *intervals, uint64_t value)
{
	for (size_t i = 0; i < intervals->at.n; i++) {
		const struct kj_fw_interval *in = &intervals->at.at[i];
		if (in->any || (in->first.lo <= value && value <= in->last.lo))
			return true;
	}
	return false;
}

static int by_first(const void *a, const void *b)
{
	return kj_fw_key_cmp(((const struct kj_fw_interval *)a)->first, ((const struct kj_fw_interval *)b)->first);
}

void kj_fw_intervals_tidy(struct kj_fw_intervals *intervals)
{
	struct kj_fw_interval *at = intervals->at.at;
	size_t kept = 0;
	if (intervals->at.n == 0)
		return;
	qsort(at, intervals->at.n, sizeof *at, by_first);
	for (size_t i = 1; i < intervals->at.n; i++) {
		struct kj_fw_key after = kj_fw_key_next(at[kept].last);
		bool at_end = after.hi == 0 && after.lo == 0;
		if (!at_end && kj_fw_key_cmp(at[i].first, after) > 0)
			at[++kept] = at[i];
		else if (kj_fw_key_cmp(at[i].last, at[kept].last) > 0)
			at[kept].last = at[i].last;
	}
	intervals->at.n = kept + 1;
}

static bool apart(const struct kj_fw_interval *a, const struct kj_fw_interval *b)
{
	return a->version != b->version || kj_fw_key_cmp(a->last, b->first) < 0 || kj_fw_key_cmp(a->first, b->last) > 0;
}

struct kj_fw_intervals kj_fw_intervals_without(struct kj_arena *arena, const struct kj_fw_intervals *from,
                                               const struct kj_fw_interval *hole)
{
	struct kj_fw_intervals out = {{0}};
	for (size_t i = 0; i < from->at.n; i++) {
		struct kj_fw_interval left = from->at.at[i], right = left;
		if (apart(&left, hole)) {
			KJ_PUSH(arena, &out.at, left);
			continue;
		}
		left.last = kj_fw_key_before(hole->first);
		right.first = kj_fw_key_next(hole->last);
		if (kj_fw_key_cmp(from->at.at[i].first, hole->first) < 0)
			KJ_PUSH(arena, &out.at, left);
		if (kj_fw_key_cmp(from->at.at[i].last, hole->last) > 0)
			KJ_PUSH(arena, &out.at, right);
	}
	return out;
}

static void meet_one(struct kj_arena *arena, struct kj_fw_intervals *out, struct kj_fw_interval a,
                     const struct kj_fw_interval *b)
{
	if (apart(&a, b))
		return;
	if (kj_fw_key_cmp(a.first, b->first) < 0)
		a.first = b->first;
	if (kj_fw_key_cmp(a.last, b->last) > 0)
		a.last = b->last;
	KJ_PUSH(arena, &out->at, a);
}

struct kj_fw_intervals kj_fw_intervals_meet(struct kj_arena *arena, const struct kj_fw_intervals *from,
                                            const struct kj_fw_set *set, bool *whole)
{
	struct kj_fw_intervals in = {{0}}, out = *from;
	for (size_t i = 0; i < from->at.n; i++) {
		for (size_t s = 0; s < set->at.n; s++)
			meet_one(arena, &in, from->at.at[i], &set->at.at[s]);
	}
	for (size_t i = 0; i < set->except.n; i++)
		in = kj_fw_intervals_without(arena, &in, &set->except.at[i]);
	kj_fw_intervals_tidy(&in);
	for (size_t i = 0; i < in.at.n; i++)
		out = kj_fw_intervals_without(arena, &out, &in.at.at[i]);
	*whole = out.at.n == 0;
	return in;
}
