#include "firewall/prefix.h"

#include "firewall/intervals.h"

/* first + 2^bits - 1 */
static struct kj_fw_key block_end(struct kj_fw_key first, unsigned bits)
{
	first.lo |= bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
	if (bits > 64)
		first.hi |= bits >= 128 ? UINT64_MAX : ((uint64_t)1 << (bits - 64)) - 1;
	return first;
}

static bool aligned(struct kj_fw_key key, unsigned bits)
{
	struct kj_fw_key ones = block_end((struct kj_fw_key){0, 0}, bits);
	return !(key.lo & ones.lo) && !(key.hi & ones.hi);
}

static bool above(struct kj_fw_key a, struct kj_fw_key b)
{
	return kj_fw_key_cmp(a, b) > 0;
}

bool kj_fw_prefix_next(struct kj_fw_prefix_walk *walk, struct kj_fw_prefix *out)
{
	if (!walk->inside && walk->done == walk->of->at.n)
		return false;
	if (!walk->inside)
		walk->rest = walk->of->at.at[walk->done];
	unsigned width = walk->rest.version == 4 ? 32 : 128, bits = 0;
	while (bits < width && aligned(walk->rest.first, bits + 1) &&
	       !above(block_end(walk->rest.first, bits + 1), walk->rest.last))
		bits++;
	*out = (struct kj_fw_prefix){walk->rest, bits};
	out->block.last = block_end(walk->rest.first, bits);
	walk->inside = above(walk->rest.last, out->block.last);
	walk->done += !walk->inside;
	walk->rest.first = kj_fw_key_next(out->block.last);
	return true;
}

size_t kj_fw_prefix_count(const struct kj_fw_intervals *intervals)
{
	struct kj_fw_prefix_walk walk = {.of = intervals};
	struct kj_fw_prefix prefix;
	size_t n = 0;
	while (kj_fw_prefix_next(&walk, &prefix))
		n++;
	return n;
}

kj_str kj_fw_prefix_str(const struct kj_fw_prefix *prefix, char text[KJ_FW_PREFIX_TEXT])
{
	struct kj_range range = kj_fw_interval_range(&prefix->block);
	unsigned length = (prefix->block.version == 4 ? 32 : 128) - prefix->free;
	size_t n = kj_addr_write(&range.first, text);
	if (!prefix->free)
		return (kj_str){text, n};
	text[n++] = '/';
	if (length >= 100)
		text[n++] = '1';
	if (length >= 10)
		text[n++] = (char)('0' + length / 10 % 10);
	text[n++] = (char)('0' + length % 10);
	return (kj_str){text, n};
}

struct kj_fw_intervals kj_fw_complement(struct kj_arena *arena, const struct kj_fw_intervals *intervals,
                                        struct kj_fw_key most)
{
	struct kj_fw_intervals out = {{0}};
	struct kj_fw_interval gap = {.version = intervals->at.n ? intervals->at.at[0].version : 0};
	bool more = true;
	for (size_t i = 0; i < intervals->at.n && more; i++) {
		const struct kj_fw_interval *in = &intervals->at.at[i];
		gap.last = kj_fw_key_before(in->first);
		if (above(in->first, gap.first))
			KJ_PUSH(arena, &out.at, gap);
		gap.first = kj_fw_key_next(in->last);
		more = above(most, in->last);
	}
	gap.last = most;
	if (more)
		KJ_PUSH(arena, &out.at, gap);
	return out;
}
