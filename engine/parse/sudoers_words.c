/* The lengths of sudoers' words (toke.l), and their escapes (toke_util.c). */
#include "parse/sudoers_lex.h"

#include "parse/scan.h"

static bool in(char c, const char *set)
{
	return c && strchr(set, c);
}

size_t kj_sudo_word(const char *at, const char *end)
{
	const char *p = at;
	while (p < end) {
		if (*p == '\\' && p + 1 < end && !in(p[1], "\t\n"))
			p += 2;
		else if (*p == '\\' || in(*p, "#>!=:,() \t\r\n\""))
			break;
		else
			p++;
	}
	return (size_t)(p - at);
}

size_t kj_sudo_value(const char *at, const char *end)
{
	const char *p = at;
	while (p < end) {
		if (*p == '\\' && p + 1 < end && !in(p[1], "\r\n"))
			p += 2;
		else if (*p == '\\' || in(*p, "#=, \t\r\n\"") || (p == at && *p == '!'))
			break;
		else
			p++;
	}
	return (size_t)(p - at);
}

size_t kj_sudo_id(const char *at, const char *end)
{
	const char *p = at + 1;
	if (at >= end || *at != '#')
		return 0;
	if (p < end && *p == '-')
		p++;
	const char *digits = p;
	while (p < end && kj_is_digit(*p))
		p++;
	return p > digits ? (size_t)(p - at) : 0;
}

size_t kj_sudo_name(const char *at, const char *end)
{
	size_t word = kj_sudo_word(at, end), id = kj_sudo_id(at, end);
	return word > id ? word : id;
}

size_t kj_sudo_white(const char *at, const char *end)
{
	const char *p = at;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return (size_t)(p - at);
}

size_t kj_sudo_path(const char *at, const char *end)
{
	const char *p = at + 1;
	if (at >= end || *at != '/')
		return 0;
	while (p < end) {
		if (*p == '\\' && p + 1 < end && in(p[1], ",:= \t#"))
			p += 2;
		else if (*p == '\\' || in(*p, ",:= \t\r\n#"))
			break;
		else
			p++;
	}
	return p > at + 1 ? (size_t)(p - at) : 0;
}

/* To the last `$` that can be the end: one goes on behind a `$` or `#` only where a backslash stands before it. */
size_t kj_sudo_regex(const char *at, const char *end)
{
	size_t found = 0;
	if (at >= end || *at != '^')
		return 0;
	for (const char *p = at + 1; p < end && !in(*p, "\r\n"); p++) {
		bool escaped = p[-1] == '\\' && p - 1 > at;
		if (*p == '$')
			found = (size_t)(p - at) + 1;
		if (in(*p, "#$") && !escaped)
			break;
	}
	return found;
}

size_t kj_sudo_alias(const char *at, const char *end)
{
	const char *p = at;
	if (at >= end || *at < 'A' || *at > 'Z')
		return 0;
	while (p < end && ((*p >= 'A' && *p <= 'Z') || kj_is_digit(*p) || *p == '_'))
		p++;
	return (size_t)(p - at);
}

/* ---- addresses ---- */

/* One octet as long as it can be; 0: none. */
static size_t octet(const char *at, const char *end)
{
	size_t n = 0;
	unsigned value = 0;
	while (n < 3 && at + n < end && kj_is_digit(at[n])) {
		unsigned more = value * 10 + (unsigned)(at[n] - '0');
		if (more > 255 || (n == 2 && more < 100))
			break;
		value = more;
		n++;
	}
	return n;
}

static size_t ipv4(const char *at, const char *end)
{
	const char *p = at;
	for (int i = 0; i < 4; i++) {
		if (i && (p >= end || *p++ != '.'))
			return 0;
		size_t n = octet(p, end);
		if (!n)
			return 0;
		p += n;
	}
	return (size_t)(p - at);
}

static size_t hex16(const char *at, const char *end)
{
	size_t n = 0;
	while (n < 4 && at + n < end && (kj_is_digit(at[n]) || (kj_lower(at[n]) >= 'a' && kj_lower(at[n]) <= 'f')))
		n++;
	return n;
}

static size_t ipv6(const char *at, const char *end)
{
	const char *p = at;
	int groups = 0;
	size_t mapped = 0;
	while (groups < 7) {
		size_t n = hex16(p, end);
		if (p + n >= end || p[n] != ':')
			break;
		if (groups >= 2 && !n && ipv4(p + 1, end))
			mapped = (size_t)(p - at) + 1 + ipv4(p + 1, end);
		p += n + 1;
		groups++;
	}
	if (groups < 2)
		return 0;
	size_t plain = (size_t)(p - at) + hex16(p, end);
	return plain > mapped ? plain : mapped;
}

/* A mask in bits of at most `most`, without leading zeros. */
static size_t bits(const char *at, const char *end, unsigned most)
{
	size_t n = 0;
	unsigned value = 0;
	while (n < 3 && at + n < end && kj_is_digit(at[n]) && (!n || value)) {
		unsigned more = value * 10 + (unsigned)(at[n] - '0');
		if (more > most)
			break;
		value = more;
		n++;
	}
	return n;
}

static bool doubled(kj_str address)
{
	size_t first = kj_str_find_str(address, KJ_STR("::"));
	kj_str rest = kj_str_from(address, first + 1);
	return first < address.n && kj_str_find_str(rest, KJ_STR("::")) < rest.n;
}

size_t kj_sudo_address(const char *at, const char *end, bool *bad)
{
	size_t four = ipv4(at, end), six = four ? 0 : ipv6(at, end), n = four ? four : six;
	*bad = false;
	if (!n)
		return 0;
	if (six && doubled((kj_str){at, six}))
		*bad = true;
	if (at + n >= end || at[n] != '/')
		return n;
	const char *mask = at + n + 1;
	size_t long_mask = four ? ipv4(mask, end) : ipv6(mask, end), short_mask = bits(mask, end, four ? 32 : 128);
	if (six && long_mask && doubled((kj_str){mask, long_mask}))
		*bad = true;
	size_t m = long_mask > short_mask ? long_mask : short_mask;
	return m ? n + 1 + m : n;
}

/* ---- escapes ---- */

kj_str kj_sudo_unescape(struct kj_arena *arena, kj_str written)
{
	if (kj_str_find(written, '\\') == written.n)
		return written;
	char *out = kj_alloc_text(arena, written.n);
	size_t n = 0;
	for (size_t i = 0; i < written.n; i++) {
		uint64_t code;
		bool escape = written.p[i] == '\\' && i + 1 < written.n;
		if (escape && written.p[i + 1] == 'x' && i + 3 < written.n &&
		    kj_num_base(kj_str_upto(kj_str_from(written, i + 2), 2), 16, &code)) {
			out[n++] = (char)code;
			i += 3;
		} else {
			out[n++] = written.p[escape ? ++i : i];
		}
	}
	return (kj_str){out, n};
}

kj_str kj_sudo_unescape_path(struct kj_arena *arena, kj_str written)
{
	if (kj_str_find(written, '\\') == written.n || written.p[0] == '^')
		return written;
	char *out = kj_alloc_text(arena, written.n);
	size_t n = 0;
	for (size_t i = 0; i < written.n; i++) {
		if (written.p[i] == '\\' && i + 1 < written.n && in(written.p[i + 1], ",:= \t#"))
			i++;
		out[n++] = written.p[i];
	}
	return (kj_str){out, n};
}
