/* Reads GVariant's text format into a tree: what is a value there and what is not, as GLib's gvariant-parser.c sees it.
 */
#include "resolve/gvariant_tree.h"

#include "base/num.h"
#include "base/utf8.h"

#include <string.h>

static struct kj_gvariant_node *read_value(struct kj_gvariant_reader *r);

struct kj_gvariant_node *kj_gvariant_refuse(struct kj_gvariant_reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return NULL;
}

static struct kj_gvariant_node *node_of(struct kj_gvariant_reader *r, enum kj_gvariant_kind kind, kj_str text)
{
	struct kj_gvariant_node *node = KJ_NEW(r->arena, struct kj_gvariant_node);
	node->kind = kind;
	node->text = text;
	return node;
}

static char peek(struct kj_gvariant_reader *r)
{
	while (r->at < r->s.n && kj_is_space(r->s.p[r->at]))
		r->at++;
	return r->at < r->s.n ? r->s.p[r->at] : 0;
}

static bool eat(struct kj_gvariant_reader *r, char c)
{
	if (peek(r) != c || r->at == r->s.n)
		return false;
	r->at++;
	return true;
}

/* ---- strings ---- */

/* The character of \uXXXX or \UXXXXXXXX; false when digits are missing. */
static bool read_unicode(struct kj_gvariant_reader *r, size_t digits, struct kj_buf *out)
{
	uint64_t character;
	kj_str hex = kj_str_upto(kj_str_from(r->s, r->at + 1), digits);
	if (hex.n < digits || !kj_num_base(hex, 16, &character) || !character || character > 0x10ffff)
		return false;
	kj_utf8_put(out, (uint32_t)character);
	r->at += digits;
	return true;
}

/* What a backslash and the character at r->at stand for. */
static bool read_escape(struct kj_gvariant_reader *r, struct kj_buf *out)
{
	static const char letters[] = "abfnrtv", meaning[] = "\a\b\f\n\r\t\v";
	char c = r->s.p[r->at];
	const char *letter = memchr(letters, c, sizeof letters - 1);
	if (c == 'u' || c == 'U')
		return read_unicode(r, c == 'u' ? 4 : 8, out);
	if (letter)
		kj_buf_char(out, meaning[letter - letters]);
	else if (c != '\n')
		kj_buf_char(out, c);
	return true;
}

static struct kj_gvariant_node *read_string(struct kj_gvariant_reader *r)
{
	struct kj_buf out = KJ_BUF(r->arena);
	char quote = r->s.p[r->at++];
	for (; r->at < r->s.n && r->s.p[r->at] != quote; r->at++) {
		if (r->s.p[r->at] != '\\')
			kj_buf_char(&out, r->s.p[r->at]);
		else if (++r->at == r->s.n || !read_escape(r, &out))
			return kj_gvariant_refuse(r, "an escape without its digits");
	}
	if (r->at++ >= r->s.n)
		return kj_gvariant_refuse(r, "a string without its closing quote");
	if (!kj_utf8_valid(kj_buf_str(&out)))
		return kj_gvariant_refuse(r, "a string that is not UTF-8");
	return node_of(r, STRING, kj_buf_str(&out));
}

/* b'…': kept as written. */
static struct kj_gvariant_node *read_bytes(struct kj_gvariant_reader *r)
{
	size_t from = r->at++;
	char quote = r->s.p[r->at++];
	while (r->at < r->s.n && r->s.p[r->at] != quote)
		r->at += r->s.p[r->at] == '\\' ? 2 : 1;
	if (r->at++ >= r->s.n)
		return kj_gvariant_refuse(r, "a string without its closing quote");
	return node_of(r, BYTES, kj_str_upto(kj_str_from(r->s, from), r->at - from));
}

/* ---- containers ---- */

static bool read_child(struct kj_gvariant_reader *r, struct kj_gvariant_node *into)
{
	struct kj_gvariant_node *child = read_value(r);
	if (child)
		KJ_PUSH(r->arena, &into->children, child);
	return child;
}

static struct kj_gvariant_node *read_array(struct kj_gvariant_reader *r)
{
	struct kj_gvariant_node *array = node_of(r, ARRAY, KJ_STR(""));
	r->at++;
	while (!eat(r, ']')) {
		if (array->children.n && !eat(r, ','))
			return kj_gvariant_refuse(r, "no ',' or ']' after an item of an array");
		if (!read_child(r, array))
			return NULL;
	}
	return array;
}

/* A tuple of one needs its comma: (1,). */
static struct kj_gvariant_node *read_tuple(struct kj_gvariant_reader *r)
{
	struct kj_gvariant_node *tuple = node_of(r, TUPLE, KJ_STR(""));
	r->at++;
	while (!eat(r, ')')) {
		if (tuple->children.n > 1 && !eat(r, ','))
			return kj_gvariant_refuse(r, "no ',' or ')' after an item of a tuple");
		if (!read_child(r, tuple))
			return NULL;
		if (tuple->children.n == 1 && !eat(r, ','))
			return kj_gvariant_refuse(r, "no ',' after the first item of a tuple");
	}
	return tuple;
}

/* {key: value, …}, or a single entry {key, value}. */
static struct kj_gvariant_node *read_dictionary(struct kj_gvariant_reader *r)
{
	struct kj_gvariant_node *d = node_of(r, DICTIONARY, KJ_STR(""));
	r->at++;
	while (!eat(r, '}')) {
		if (d->children.n && !eat(r, ','))
			return kj_gvariant_refuse(r, "no ',' or '}' after an entry");
		if (!read_child(r, d))
			return NULL;
		bool entry = d->children.n == 1 && eat(r, ',');
		if (!entry && !eat(r, ':'))
			return kj_gvariant_refuse(r, "no ':' after a key");
		if (!read_child(r, d))
			return NULL;
		if (!entry)
			continue;
		d->kind = ENTRY;
		return eat(r, '}') ? d : kj_gvariant_refuse(r, "no '}' after an entry");
	}
	return d;
}

static struct kj_gvariant_node *read_variant(struct kj_gvariant_reader *r)
{
	struct kj_gvariant_node *variant = node_of(r, VARIANT, KJ_STR(""));
	r->at++;
	if (!read_child(r, variant))
		return NULL;
	return eat(r, '>') ? variant : kj_gvariant_refuse(r, "no '>' after the value of a variant");
}

/* ---- words ---- */

kj_str kj_gvariant_type(kj_str word)
{
	static const struct {
		kj_str word, type;
	} names[] = {
	        {KJ_STR_INIT("boolean"), KJ_STR_INIT("b")},    {KJ_STR_INIT("byte"), KJ_STR_INIT("y")},
	        {KJ_STR_INIT("int16"), KJ_STR_INIT("n")},      {KJ_STR_INIT("uint16"), KJ_STR_INIT("q")},
	        {KJ_STR_INIT("int32"), KJ_STR_INIT("i")},      {KJ_STR_INIT("uint32"), KJ_STR_INIT("u")},
	        {KJ_STR_INIT("handle"), KJ_STR_INIT("h")},     {KJ_STR_INIT("int64"), KJ_STR_INIT("x")},
	        {KJ_STR_INIT("uint64"), KJ_STR_INIT("t")},     {KJ_STR_INIT("double"), KJ_STR_INIT("d")},
	        {KJ_STR_INIT("objectpath"), KJ_STR_INIT("o")}, {KJ_STR_INIT("signature"), KJ_STR_INIT("g")},
	        {KJ_STR_INIT("string"), KJ_STR_INIT("s")},
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_str_eq(names[i].word, word))
			return names[i].type;
	return (kj_str){NULL, 0};
}

/* The length of one complete type, a few levels deep. */
static size_t type_length(kj_str t, unsigned depth)
{
	if (!t.n || depth > KJ_GVARIANT_DEPTH)
		return 0;
	if (memchr("bynqiuxthdsogv", t.p[0], 14))
		return 1;
	if (t.p[0] == 'a' || t.p[0] == 'm') {
		size_t n = type_length(kj_str_from(t, 1), depth + 1);
		return n ? n + 1 : 0;
	}
	if (t.p[0] != '(' && t.p[0] != '{')
		return 0;
	char close = t.p[0] == '(' ? ')' : '}';
	size_t at = 1, items = 0;
	while (at < t.n && t.p[at] != close) {
		size_t n = type_length(kj_str_from(t, at), depth + 1);
		if (!n)
			return 0;
		at += n;
		items++;
	}
	bool good = at < t.n && (close == ')' || (items == 2 && memchr("bynqiuxthdsog", t.p[1], 13)));
	return good ? at + 1 : 0;
}

size_t kj_gvariant_type_length(kj_str type)
{
	return type_length(type, 0);
}

/* The type string after @ ends where the text format ends it: a blank, comma, colon, or a bracket that it did not open.
 */
static struct kj_gvariant_node *read_typed(struct kj_gvariant_reader *r)
{
	size_t from = ++r->at, open = 0;
	for (; r->at < r->s.n && !kj_is_space(r->s.p[r->at]) && !memchr(",:>]", r->s.p[r->at], 4); r->at++) {
		char c = r->s.p[r->at];
		open += c == '(' || c == '{';
		if ((c == ')' || c == '}') && !open--)
			break;
	}
	kj_str type = kj_str_upto(kj_str_from(r->s, from), r->at - from);
	if (!type.n || kj_gvariant_type_length(type) != type.n)
		return kj_gvariant_refuse(r, "not a type");
	struct kj_gvariant_node *typed = node_of(r, TYPED, type);
	return read_child(r, typed) ? typed : NULL;
}

static bool is_word(char c)
{
	return kj_is_alnum(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

static struct kj_gvariant_node *read_word(struct kj_gvariant_reader *r)
{
	size_t from = r->at;
	while (r->at < r->s.n && is_word(r->s.p[r->at]))
		r->at++;
	kj_str word = kj_str_upto(kj_str_from(r->s, from), r->at - from);
	if (kj_str_eq(word, KJ_STR("true")) || kj_str_eq(word, KJ_STR("false")))
		return node_of(r, BOOLEAN, word);
	if (kj_str_eq(word, KJ_STR("nothing")))
		return node_of(r, NOTHING, word);
	bool number = word.n && (kj_is_digit(word.p[0]) || memchr("+-.", word.p[0], 3));
	if (number || kj_str_eq(word, KJ_STR("inf")) || kj_str_eq(word, KJ_STR("nan")))
		return node_of(r, NUMBER, word);
	kj_str type = kj_gvariant_type(word);
	bool just = kj_str_eq(word, KJ_STR("just"));
	if (!just && !type.p)
		return kj_gvariant_refuse(r, "no value of GVariant's text format");
	struct kj_gvariant_node *node = node_of(r, just ? JUST : TYPED, type);
	return read_child(r, node) ? node : NULL;
}

static struct kj_gvariant_node *read_one(struct kj_gvariant_reader *r)
{
	char c = peek(r), next = r->at + 1 < r->s.n ? r->s.p[r->at + 1] : 0;
	switch (c) {
	case '\'':
	case '"':
		return read_string(r);
	case '[':
		return read_array(r);
	case '(':
		return read_tuple(r);
	case '{':
		return read_dictionary(r);
	case '<':
		return read_variant(r);
	case '@':
		return read_typed(r);
	default:
		return c == 'b' && (next == '\'' || next == '"') ? read_bytes(r) : read_word(r);
	}
}

static struct kj_gvariant_node *read_value(struct kj_gvariant_reader *r)
{
	if (++r->depth > KJ_GVARIANT_DEPTH)
		return kj_gvariant_refuse(r, "a value nested too deep");
	struct kj_gvariant_node *node = read_one(r);
	r->depth--;
	return node;
}

struct kj_gvariant_node *kj_gvariant_tree(struct kj_gvariant_reader *r)
{
	struct kj_gvariant_node *node = read_value(r);
	bool more = node && (peek(r), r->at < r->s.n);
	return more ? kj_gvariant_refuse(r, "something after the value") : node;
}
