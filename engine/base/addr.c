#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

static size_t addr_bytes(unsigned char version)
{
	return version == 4 ? 4 : 16;
}

bool kj_addr_parse(kj_str s, struct kj_addr *out)
{
	char text[INET6_ADDRSTRLEN];
	if (!s.n || s.n >= sizeof text || memchr(s.p, 0, s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	*out = (struct kj_addr){.version = kj_str_find(s, ':') < s.n ? 6 : 4};
	return inet_pton(out->version == 4 ? AF_INET : AF_INET6, text, out->byte) == 1;
}

int kj_addr_cmp(const struct kj_addr *a, const struct kj_addr *b)
{
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	return memcmp(a->byte, b->byte, sizeof a->byte);
}

/* The netmask of a prefix length. */
static struct kj_addr mask_of(unsigned char version, unsigned prefix)
{
	struct kj_addr mask = {.version = version};
	for (unsigned bit = 0; bit < prefix; bit++)
		mask.byte[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	return mask;
}

/* One to three digits, no leading zero. */
static bool prefix_length(kj_str s, unsigned *out)
{
	*out = 0;
	if (!s.n || s.n > 3 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!kj_is_digit(s.p[i]))
			return false;
		*out = *out * 10 + (unsigned)(s.p[i] - '0');
	}
	return true;
}

/* Ones first, then only zeros? */
static bool mask_contiguous(const struct kj_addr *mask)
{
	for (unsigned prefix = 0; prefix <= addr_bytes(mask->version) * 8; prefix++) {
		struct kj_addr want = mask_of(mask->version, prefix);
		if (!kj_addr_cmp(mask, &want))
			return true;
	}
	return false;
}

/* What follows the slash: a length or a netmask. */
static bool mask_parse(kj_str s, unsigned char version, struct kj_addr *mask)
{
	unsigned prefix;
	if (prefix_length(s, &prefix)) {
		*mask = mask_of(version, prefix <= addr_bytes(version) * 8 ? prefix : 0);
		return prefix <= addr_bytes(version) * 8;
	}
	return kj_addr_parse(s, mask) && mask->version == version && mask_contiguous(mask);
}

bool kj_range_parse(kj_str s, struct kj_range *out)
{
	size_t slash = kj_str_find(s, '/'), dash = kj_str_find(s, '-');
	if (!kj_addr_parse(kj_str_upto(s, slash < dash ? slash : dash), &out->first))
		return false;
	out->last = out->first;
	if (dash < slash)
		return kj_addr_parse(kj_str_from(s, dash + 1), &out->last) && out->last.version == out->first.version &&
		       kj_addr_cmp(&out->first, &out->last) <= 0;
	struct kj_addr mask;
	if (slash == s.n)
		return true;
	if (!mask_parse(kj_str_from(s, slash + 1), out->first.version, &mask))
		return false;
	for (size_t i = 0; i < addr_bytes(mask.version); i++) {
		out->first.byte[i] &= mask.byte[i];
		out->last.byte[i] |= (unsigned char)~mask.byte[i];
	}
	return true;
}

bool kj_range_within(const struct kj_range *inner, const struct kj_range *outer)
{
	return inner->first.version == outer->first.version && kj_addr_cmp(&inner->first, &outer->first) >= 0 &&
	       kj_addr_cmp(&inner->last, &outer->last) <= 0;
}

_Static_assert(KJ_ADDR_TEXT >= INET6_ADDRSTRLEN, "room for any address");

static unsigned word_at(const struct kj_addr *addr, unsigned i)
{
	return (unsigned)addr->byte[2 * i] << 8 | addr->byte[2 * i + 1];
}

/* Where the longest run of two or more zero words begins, the first of equals (RFC 5952 4.2); 8: nowhere. */
static unsigned zero_run(const struct kj_addr *addr, unsigned *n)
{
	unsigned best = 8;
	*n = 1;
	for (unsigned i = 0, end; i < 8; i = end + 1) {
		for (end = i; end < 8 && !word_at(addr, end); end++)
			;
		if (end - i > *n) {
			best = i;
			*n = end - i;
		}
	}
	return best;
}

static size_t put_word(char *text, unsigned word)
{
	size_t n = 0;
	for (int shift = 12; shift >= 0; shift -= 4) {
		if (n || word >> shift || !shift)
			text[n++] = "0123456789abcdef"[word >> shift & 15];
	}
	return n;
}

/* As inet_ntop(3) writes them, which takes many times as long: answers about IPv6 hold hundreds of thousands. */
static size_t write_v6(const struct kj_addr *addr, char text[KJ_ADDR_TEXT])
{
	unsigned run, from = zero_run(addr, &run);
	size_t n = 0;
	for (unsigned i = 0; i < 8; i++) {
		if (i == from) {
			text[n++] = ':';
			i += run - 1;
			if (i == 7)
				text[n++] = ':';
			continue;
		}
		if (i)
			text[n++] = ':';
		n += put_word(text + n, word_at(addr, i));
	}
	text[n] = '\0';
	return n;
}

/* ::a.b.c.d and ::ffff:a.b.c.d have a form of their own. */
static bool holds_v4(const struct kj_addr *addr)
{
	for (unsigned i = 0; i < 5; i++) {
		if (word_at(addr, i))
			return false;
	}
	return true;
}

size_t kj_addr_write(const struct kj_addr *addr, char text[KJ_ADDR_TEXT])
{
	if (addr->version == 6 && !holds_v4(addr))
		return write_v6(addr, text);
	*text = '\0';
	inet_ntop(addr->version == 4 ? AF_INET : AF_INET6, addr->byte, text, KJ_ADDR_TEXT);
	return strlen(text);
}

kj_str kj_addr_str(struct kj_arena *arena, const struct kj_addr *addr)
{
	char text[KJ_ADDR_TEXT];
	return kj_str_copy(arena, (kj_str){text, kj_addr_write(addr, text)});
}

static unsigned bit_of(const struct kj_addr *addr, unsigned bit)
{
	return addr->byte[bit / 8] >> (7 - bit % 8) & 1u;
}

/* The prefix length when the range is one prefix, else -1. */
static int range_prefix(const struct kj_range *range)
{
	unsigned bits = (unsigned)addr_bytes(range->first.version) * 8, prefix = 0;
	while (prefix < bits && bit_of(&range->first, prefix) == bit_of(&range->last, prefix))
		prefix++;
	for (unsigned bit = prefix; bit < bits; bit++) {
		if (bit_of(&range->first, bit) || !bit_of(&range->last, bit))
			return -1;
	}
	return (int)prefix;
}

kj_str kj_range_str(struct kj_arena *arena, const struct kj_range *range)
{
	kj_str first = kj_addr_str(arena, &range->first);
	if (!kj_addr_cmp(&range->first, &range->last))
		return first;
	int prefix = range_prefix(range);
	if (prefix >= 0)
		return kj_str_fmt(arena, "%.*s/%d", KJ_FMT(first), prefix);
	kj_str last = kj_addr_str(arena, &range->last);
	return kj_str_fmt(arena, "%.*s-%.*s", KJ_FMT(first), KJ_FMT(last));
}
