#include "base/utf8.h"
#include "doc/build.h"

/* RFC 8259. Iterative: nesting lives in the builder. */

struct json {
	struct kj_build build;
	const struct kj_text *text;
	kj_str s;
	size_t at;
	uint32_t line;
	size_t line_start;
};

/* Line breaks only occur between tokens, and only blanks() moves over them. */
static struct kj_span span(const struct json *json, size_t start, size_t end)
{
	return (struct kj_span){json->text, json->line, (uint32_t)(start - json->line_start) + 1,
	                        (uint32_t)(end - start)};
}

static int peek(const struct json *json)
{
	return json->at < json->s.n ? (unsigned char)json->s.p[json->at] : -1;
}

static void blanks(struct json *json)
{
	for (int c; (c = peek(json)) == ' ' || c == '\t' || c == '\n' || c == '\r';) {
		json->at++;
		if (c == '\n') {
			json->line++;
			json->line_start = json->at;
		}
	}
}

/* A message at byte `at`. Quotes the character there, or says that the text ends. */
static bool expected(struct json *json, size_t at, const char *what)
{
	size_t end = at;
	json->build.failed = true;
	if (at >= json->s.n) {
		kj_error(json->build.diags, span(json, at, at), "expected %s, but the text ends here", what);
		return false;
	}
	int32_t c = kj_utf8_next(json->s, &end);
	if (kj_utf8_unsafe(c))
		kj_error(json->build.diags, span(json, at, end), "expected %s, not the byte 0x%02x", what,
		         (unsigned char)json->s.p[at]);
	else
		kj_error(json->build.diags, span(json, at, end), "expected %s, not '%.*s'", what, (int)(end - at),
		         json->s.p + at);
	return false;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX at `at`, or -1. */
static int32_t hex4(kj_str s, size_t at)
{
	int32_t value = 0;
	if (s.n - at < 4)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		int digit = hex_digit((unsigned char)s.p[i]);
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static bool surrogate(int32_t unit, int32_t base)
{
	return unit >= base && unit < base + 0x400;
}

/* json->at is behind "\u". */
static bool unicode_escape(struct json *json, struct kj_buf *out)
{
	int32_t unit = hex4(json->s, json->at);
	if (unit < 0)
		return expected(json, json->at, "four hexadecimal digits after '\\u'");
	json->at += 4;
	if (surrogate(unit, 0xd800) && kj_str_starts(kj_str_from(json->s, json->at), KJ_STR("\\u"))) {
		int32_t low = hex4(json->s, json->at + 2);
		if (surrogate(low, 0xdc00)) {
			json->at += 6;
			unit = 0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00);
		}
	}
	kj_utf8_put(out, (uint32_t)unit); /* a lone surrogate becomes U+FFFD there */
	return true;
}

/* json->at is behind the backslash. */
static bool escape(struct json *json, struct kj_buf *out)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	int c = peek(json);
	size_t which = c < 0 ? sizeof letters - 1 : kj_str_find(KJ_STR("\"\\/bfnrt"), (char)c);
	if (c == 'u') {
		json->at++;
		return unicode_escape(json, out);
	}
	if (which == sizeof letters - 1)
		return expected(json, json->at, "one of \" \\ / b f n r t u after '\\'");
	json->at++;
	kj_buf_char(out, values[which]);
	return true;
}

/* The bytes from json->at that stand for themselves. */
static void plain_run(struct json *json, struct kj_buf *out)
{
	size_t start = json->at;
	for (int c; (c = peek(json)) >= 0x20 && c != '"' && c != '\\';)
		json->at++;
	kj_str run = kj_str_upto(kj_str_from(json->s, start), json->at - start);
	for (size_t bad; (bad = kj_utf8_bad(run)) < run.n; run = kj_str_from(run, bad + 1)) {
		kj_buf_put(out, kj_str_upto(run, bad));
		kj_utf8_put(out, KJ_UTF8_REPLACEMENT);
	}
	kj_buf_put(out, run);
}

/* A string from its opening quote on; the node gets its text. */
static bool string(struct json *json)
{
	size_t start = json->at++;
	struct kj_buf out = KJ_BUF(json->build.arena);
	for (int c; (c = peek(json)) != '"';) {
		if (c < 0)
			return expected(json, json->at, "'\"' at the end of the string");
		if (c < 0x20)
			return expected(json, json->at, "an escape such as \\n for a control character in a string");
		if (c == '\\') {
			json->at++;
			if (!escape(json, &out))
				return false;
		} else {
			plain_run(json, &out);
		}
	}
	json->at++;
	kj_str text = {out.p, out.n};
	if (out.p)
		text.p = kj_regrow(json->build.arena, out.p, out.cap, out.n); /* gives back what is not used */
	struct kj_node *node = kj_build_add(&json->build, KJ_STRING, span(json, start, json->at));
	if (!node)
		return false;
	node->quoted = true;
	node->text = text;
	return true;
}

static bool digits(struct json *json)
{
	if (!kj_is_digit((char)peek(json)))
		return expected(json, json->at, "a digit");
	while (kj_is_digit((char)peek(json)))
		json->at++;
	return true;
}

static bool number(struct json *json)
{
	size_t start = json->at;
	json->at += peek(json) == '-';
	if (peek(json) == '0')
		json->at++;
	else if (!digits(json))
		return false;
	if (peek(json) == '.') {
		json->at++;
		if (!digits(json))
			return false;
	}
	if (peek(json) == 'e' || peek(json) == 'E') {
		json->at++;
		json->at += peek(json) == '+' || peek(json) == '-';
		if (!digits(json))
			return false;
	}
	struct kj_node *node = kj_build_add(&json->build, KJ_REAL, span(json, start, json->at));
	if (!node)
		return false;
	node->text = kj_str_copy(json->build.arena, kj_str_upto(kj_str_from(json->s, start), json->at - start));
	kj_build_number(&json->build, node);
	return true;
}

static bool word(struct json *json)
{
	static const struct {
		kj_str word;
		enum kj_node_kind kind;
		int num;
	} words[] = {
	        {KJ_STR_INIT("true"), KJ_BOOL, 1},
	        {KJ_STR_INIT("false"), KJ_BOOL, 0},
	        {KJ_STR_INIT("null"), KJ_NULL, 0},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!kj_str_starts(kj_str_from(json->s, json->at), words[i].word))
			continue;
		size_t start = json->at;
		json->at += words[i].word.n;
		struct kj_node *node = kj_build_add(&json->build, words[i].kind, span(json, start, json->at));
		if (node) {
			node->text = words[i].word;
			node->num = words[i].num;
		}
		return node;
	}
	return expected(json, json->at, "a value");
}

static bool open(struct json *json)
{
	kj_build_open(&json->build, peek(json) == '{' ? KJ_MAP : KJ_SEQ, span(json, json->at, json->at + 1));
	json->at++;
	return !json->build.failed;
}

static const struct kj_node *innermost(const struct json *json)
{
	return json->build.open.n ? json->build.open.at[json->build.open.n - 1].node : NULL;
}

/* A key and its colon, where one is due. */
static bool key(struct json *json, const char *what)
{
	blanks(json);
	if (peek(json) != '"')
		return expected(json, json->at, what);
	if (!string(json))
		return false;
	blanks(json);
	if (peek(json) != ':')
		return expected(json, json->at, "':' after the key");
	json->at++;
	return true;
}

/* A scalar, or the opening of a collection; *opened says which. */
static bool value(struct json *json, bool *opened)
{
	blanks(json);
	int c = peek(json);
	*opened = c == '{' || c == '[';
	if (*opened)
		return open(json);
	if (c == '"')
		return string(json);
	return c == '-' || kj_is_digit((char)c) ? number(json) : word(json);
}

/* Closes what ends here; then either a comma leads to the next value, or the whole text is done. */
static bool after_value(struct json *json, bool *done)
{
	for (const struct kj_node *in; (in = innermost(json)); json->at++) {
		blanks(json);
		bool map = in->kind == KJ_MAP;
		if (peek(json) == ',') {
			json->at++;
			return !map || key(json, "a key in quotes after ','");
		}
		if (peek(json) != (map ? '}' : ']'))
			return expected(json, json->at, map ? "',' or '}'" : "',' or ']'");
		kj_build_close(&json->build);
	}
	*done = true;
	return true;
}

/* Behind an opening bracket: an empty collection is closed at once (*closed), a map begins with its first key. */
static bool after_open(struct json *json, bool *closed)
{
	bool map = kj_build_wants_key(&json->build);
	blanks(json);
	*closed = peek(json) == (map ? '}' : ']');
	if (*closed) {
		json->at++;
		kj_build_close(&json->build);
		return true;
	}
	return !map || key(json, "a key in quotes or '}'");
}

static bool document(struct json *json)
{
	for (bool done = false; !done;) {
		bool opened, closed = true;
		if (!value(json, &opened) || (opened && !after_open(json, &closed)))
			return false;
		if (closed && !after_value(json, &done))
			return false;
	}
	blanks(json);
	return json->at == json->s.n || expected(json, json->at, "nothing more after the value");
}

const struct kj_node *kj_json_read(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                                   struct kj_diags *diags)
{
	struct json json = {.text = text, .s = text->bytes, .line = 1};
	json.build = kj_build_new(arena, text, limits, diags);
	json.build.last_wins = true;
	if (json.build.failed)
		return NULL;
	if (kj_str_starts(json.s, KJ_STR("\xef\xbb\xbf")))
		json.at = 3;
	return document(&json) ? kj_build_root(&json.build) : NULL;
}
