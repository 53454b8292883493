#include "resolve/gvariant.h"

enum { DEPTH_MAX = 64 };

struct parser {
	kj_str s;
	size_t at;
	unsigned depth;
};

static bool value(struct parser *p);

static void skip(struct parser *p)
{
	while (p->at < p->s.n && kj_is_space(p->s.p[p->at]))
		p->at++;
}

static char peek(struct parser *p)
{
	skip(p);
	return p->at < p->s.n ? p->s.p[p->at] : 0;
}

static bool eat(struct parser *p, char c)
{
	if (peek(p) != c || p->at == p->s.n)
		return false;
	p->at++;
	return true;
}

static bool string(struct parser *p)
{
	char quote = p->s.p[p->at++];
	for (; p->at < p->s.n; p->at++) {
		if (p->s.p[p->at] == '\\')
			p->at++;
		else if (p->s.p[p->at] == quote) {
			p->at++;
			return true;
		}
	}
	return false;
}

/* What a bare word may be made of. */
static bool is_word(char c)
{
	return kj_is_alnum(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

static kj_str word(struct parser *p)
{
	size_t from = p->at;
	while (p->at < p->s.n && is_word(p->s.p[p->at]))
		p->at++;
	return kj_str_upto(kj_str_from(p->s, from), p->at - from);
}

/* Digits of a base; false when there is none or something else follows. */
static bool all_digits(kj_str s, int base)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = kj_lower(s.p[i]);
		int digit = kj_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
		if (digit >= base)
			return false;
	}
	return s.n > 0;
}

/* 12, -5, 0x1f, 017, 1.5, 1e9, inf, nan */
static bool is_number(kj_str s)
{
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = kj_str_from(s, 1);
	if (kj_str_eq(s, KJ_STR("inf")) || kj_str_eq(s, KJ_STR("nan")))
		return true;
	if (kj_str_starts_fold(s, KJ_STR("0x")))
		return all_digits(kj_str_from(s, 2), 16);
	size_t e = kj_str_find_any(s, KJ_STR("eE"));
	kj_str mantissa = kj_str_upto(s, e), exponent = kj_str_from(s, e + 1);
	size_t dot = kj_str_find(mantissa, '.');
	if (e == s.n && dot == s.n)
		return s.n > 1 && s.p[0] == '0' ? all_digits(s, 8) : all_digits(s, 10);
	if (exponent.n && (exponent.p[0] == '-' || exponent.p[0] == '+'))
		exponent = kj_str_from(exponent, 1);
	kj_str whole = kj_str_upto(mantissa, dot), part = kj_str_from(mantissa, dot + 1);
	return (e == s.n || all_digits(exponent, 10)) && (whole.n || part.n) && (!whole.n || all_digits(whole, 10)) &&
	       (!part.n || all_digits(part, 10));
}

static bool is_type_name(kj_str s)
{
	static const char *const names[] = {"boolean",    "byte",      "int16", "uint16", "int32",
	                                    "uint32",     "handle",    "int64", "uint64", "double",
	                                    "objectpath", "signature", "string"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_str_eq(s, kj_str_of(names[i])))
			return true;
	return false;
}

/* Items up to `close`; with `pairs` each is key: value. */
static bool items(struct parser *p, char close, bool pairs)
{
	p->at++;
	if (eat(p, close))
		return true;
	do {
		if (close == ')' && peek(p) == ')')
			break; /* (1,) */
		if (!value(p))
			return false;
		if (pairs && !((eat(p, ':') || eat(p, ',')) && value(p)))
			return false;
	} while (eat(p, ','));
	return eat(p, close);
}

static bool typed(struct parser *p)
{
	size_t from = ++p->at;
	while (p->at < p->s.n && !kj_is_space(p->s.p[p->at]))
		p->at++;
	return p->at > from && value(p);
}

static bool bare(struct parser *p)
{
	kj_str w = word(p);
	if (kj_str_eq(w, KJ_STR("true")) || kj_str_eq(w, KJ_STR("false")) || kj_str_eq(w, KJ_STR("nothing")))
		return true;
	if (kj_str_eq(w, KJ_STR("just")) || is_type_name(w))
		return value(p);
	return is_number(w);
}

static bool one(struct parser *p)
{
	char c = peek(p);
	char next = p->at + 1 < p->s.n ? p->s.p[p->at + 1] : 0;
	switch (c) {
	case '\'':
	case '"':
		return string(p);
	case '[':
		return items(p, ']', false);
	case '(':
		return items(p, ')', false);
	case '{':
		return items(p, '}', true);
	case '<':
		p->at++;
		return value(p) && eat(p, '>');
	case '@':
		return typed(p);
	default:
		if (c == 'b' && (next == '\'' || next == '"')) {
			p->at++;
			return string(p);
		}
		return bare(p);
	}
}

static bool value(struct parser *p)
{
	if (++p->depth > DEPTH_MAX)
		return false;
	bool ok = one(p);
	p->depth--;
	return ok;
}

static kj_str unquoted(struct kj_arena *arena, kj_str s)
{
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (s.p[i] == '\\' && i + 2 < s.n)
			i++;
		kj_buf_char(&buf, s.p[i]);
	}
	return kj_buf_str(&buf);
}

bool kj_gvariant_read(struct kj_arena *arena, kj_str text, kj_str *plain)
{
	struct parser p = {.s = text};
	bool ok = value(&p) && (skip(&p), p.at == text.n);
	kj_str s = kj_str_trim(text);
	size_t blank = kj_str_find_any(s, KJ_STR(" \t"));
	if (blank < s.n && (is_type_name(kj_str_upto(s, blank)) || s.p[0] == '@'))
		s = kj_str_trim(kj_str_from(s, blank));
	*plain = s.n >= 2 && (s.p[0] == '\'' || s.p[0] == '"') ? unquoted(arena, s) : s;
	return ok;
}
