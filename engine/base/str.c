#define _GNU_SOURCE /* memmem, which is linear */
#include "base/str.h"

#include <stdint.h>
#include <string.h>

kj_str kj_str_of(const char *zero_terminated)
{
	return zero_terminated ? (kj_str){zero_terminated, strlen(zero_terminated)} : KJ_STR("");
}

kj_str kj_str_copy(struct kj_arena *arena, kj_str s)
{
	return (kj_str){kj_str_zero(arena, s), s.n};
}

const char *kj_str_zero(struct kj_arena *arena, kj_str s)
{
	char *p = kj_alloc_text(arena, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char kj_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool kj_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool kj_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool kj_is_alnum(char c)
{
	return kj_is_digit(c) || (kj_lower(c) >= 'a' && kj_lower(c) <= 'z');
}

/* -- comparing -- */

bool kj_str_eq(kj_str a, kj_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool kj_str_eq_fold(kj_str a, kj_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (kj_lower(a.p[i]) != kj_lower(b.p[i]))
			return false;
	}
	return true;
}

int kj_str_cmp(kj_str a, kj_str b)
{
	size_t common = a.n < b.n ? a.n : b.n;
	int order = common ? memcmp(a.p, b.p, common) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool kj_str_starts(kj_str s, kj_str prefix)
{
	return s.n >= prefix.n && kj_str_eq(kj_str_upto(s, prefix.n), prefix);
}

bool kj_str_starts_fold(kj_str s, kj_str prefix)
{
	return s.n >= prefix.n && kj_str_eq_fold(kj_str_upto(s, prefix.n), prefix);
}

bool kj_str_ends(kj_str s, kj_str suffix)
{
	return s.n >= suffix.n && kj_str_eq(kj_str_from(s, s.n - suffix.n), suffix);
}

bool kj_str_ends_fold(kj_str s, kj_str suffix)
{
	return s.n >= suffix.n && kj_str_eq_fold(kj_str_from(s, s.n - suffix.n), suffix);
}

/* -- finding -- */

size_t kj_str_find(kj_str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : s.n;
}

size_t kj_str_find_last(kj_str s, char c)
{
	for (size_t i = s.n; i > 0; i--) {
		if (s.p[i - 1] == c)
			return i - 1;
	}
	return s.n;
}

size_t kj_str_find_str(kj_str s, kj_str needle)
{
	if (!needle.n)
		return 0;
	const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at ? (size_t)(at - s.p) : s.n;
}

size_t kj_str_find_any(kj_str s, kj_str bytes)
{
	size_t i = 0;
	while (i < s.n && kj_str_find(bytes, s.p[i]) == bytes.n)
		i++;
	return i;
}

/* -- cutting -- */

kj_str kj_str_from(kj_str s, size_t from)
{
	if (from == 0)
		return s;
	return from < s.n ? (kj_str){s.p + from, s.n - from} : (kj_str){s.p ? s.p + s.n : NULL, 0};
}

kj_str kj_str_upto(kj_str s, size_t to)
{
	return (kj_str){s.p, to < s.n ? to : s.n};
}

kj_str kj_str_trim(kj_str s)
{
	return kj_str_trim_left(kj_str_trim_right(s));
}

kj_str kj_str_trim_left(kj_str s)
{
	size_t i = 0;
	while (i < s.n && kj_is_space(s.p[i]))
		i++;
	return kj_str_from(s, i);
}

kj_str kj_str_trim_right(kj_str s)
{
	while (s.n && kj_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool kj_str_cut(kj_str *rest, char sep, kj_str *piece)
{
	if (!rest->p)
		return false;
	size_t at = kj_str_find(*rest, sep);
	*piece = kj_str_upto(*rest, at);
	*rest = at < rest->n ? kj_str_from(*rest, at + 1) : (kj_str){NULL, 0};
	return true;
}

bool kj_str_line(kj_str *rest, kj_str *line)
{
	if (!rest->n)
		return false;
	size_t at = kj_str_find(*rest, '\n');
	*line = kj_str_upto(*rest, at);
	/* A lone CR at the end of the text is no line end. */
	if (at < rest->n && line->n && line->p[line->n - 1] == '\r')
		line->n--;
	*rest = kj_str_from(*rest, at + 1);
	return true;
}

bool kj_str_word(kj_str *rest, kj_str *word)
{
	kj_str s = kj_str_trim_left(*rest);
	size_t n = 0;
	while (n < s.n && !kj_is_space(s.p[n]))
		n++;
	*word = kj_str_upto(s, n);
	*rest = kj_str_from(s, n);
	return n > 0;
}

kj_str kj_str_lower(struct kj_arena *arena, kj_str s)
{
	size_t i = 0;
	while (i < s.n && kj_lower(s.p[i]) == s.p[i])
		i++;
	if (i == s.n)
		return s;
	char *p = kj_alloc_text(arena, s.n);
	for (i = 0; i < s.n; i++)
		p[i] = kj_lower(s.p[i]);
	return (kj_str){p, s.n};
}

/* -- hashing: SipHash-1-3 (Aumasson and Bernstein, 2012), which resists prepared collisions -- */

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

size_t kj_str_hash(kj_str s, size_t seed)
{
	uint64_t k0 = seed, k1 = ~(uint64_t)seed;
	uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
	                 k1 ^ 0x7465646279746573};
	uint64_t word;
	size_t i = 0;
	for (; s.n - i >= sizeof word; i += sizeof word) {
		memcpy(&word, s.p + i, sizeof word);
		sip_word(v, word);
	}
	word = 0;
	if (i < s.n)
		memcpy(&word, s.p + i, s.n - i);
	sip_word(v, word);
	sip_word(v, s.n);
	v[2] ^= 0xff;
	for (int round = 0; round < 3; round++)
		sip_round(v);
	return (size_t)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}

/* -- likeness -- */

/* Longer ones are not words that somebody mistyped. */
#define LONGEST_WORD 128

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(kj_str a, size_t i, kj_str b, size_t j)
{
	return kj_lower(a.p[i]) == kj_lower(b.p[j]);
}

/* Levenshtein's distance, with swaps (optimal string alignment); three rows of its table at a time. */
size_t kj_str_distance(kj_str a, kj_str b, size_t cap)
{
	if (a.n > LONGEST_WORD || b.n > LONGEST_WORD)
		return kj_str_eq_fold(a, b) ? 0 : cap;
	size_t rows[3][LONGEST_WORD + 1];
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		const size_t *two_up = rows[(i + 1) % 3], *up = rows[(i + 2) % 3];
		size_t *row = rows[i % 3];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			row[j] = least(least(up[j], row[j - 1]) + 1, up[j - 1] + !same(a, i - 1, b, j - 1));
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1))
				row[j] = least(row[j], two_up[j - 2] + 1);
		}
	}
	return least(rows[a.n % 3][b.n], cap);
}
