#include "base/utf8.h"
#include "doc/doc.h"

static void line_break(struct kj_json *json)
{
	if (!json->indent)
		return;
	static const char blank[] = "                ";
	size_t n = (size_t)json->indent * (size_t)json->depth, most = sizeof blank - 1;
	kj_buf_char(json->out, '\n');
	for (; n > most; n -= most)
		kj_buf_put(json->out, (kj_str){blank, most});
	kj_buf_put(json->out, (kj_str){blank, n});
}

/* What has to stand before the next key, or the next value that has none. */
static void next(struct kj_json *json)
{
	if (json->keyed) {
		json->keyed = false;
		return;
	}
	if (!json->first)
		kj_buf_char(json->out, ',');
	json->first = false;
	if (json->depth)
		line_break(json);
}

static void open(struct kj_json *json, char bracket)
{
	next(json);
	kj_buf_char(json->out, bracket);
	json->depth++;
	json->first = true;
}

static void end(struct kj_json *json, char bracket)
{
	json->depth--;
	if (!json->first)
		line_break(json);
	json->first = false;
	kj_buf_char(json->out, bracket);
}

/* The characters that RFC 8259 wants escaped, and those that a terminal should not get. */
static void put_character(struct kj_buf *out, int32_t c)
{
	static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	size_t at = c > 0 && c < 0x80 ? kj_str_find(KJ_STR("\"\\\b\f\n\r\t"), (char)c) : sizeof escaped - 1;
	if (at < sizeof escaped - 1) {
		kj_buf_char(out, '\\');
		kj_buf_char(out, letters[at]);
	} else if (c >= 0 && kj_utf8_unsafe(c)) {
		kj_buf_fmt(out, "\\u%04x", (unsigned)c);
	} else {
		kj_utf8_put(out, c < 0 ? KJ_UTF8_REPLACEMENT : (uint32_t)c);
	}
}

/* Where the characters end that stand for themselves: most texts are nothing else. */
static size_t plain_until(kj_str s, size_t at)
{
	while (at < s.n && s.p[at] >= 0x20 && s.p[at] < 0x7f && s.p[at] != '"' && s.p[at] != '\\')
		at++;
	return at;
}

static void put_quoted(struct kj_buf *out, kj_str s)
{
	kj_buf_char(out, '"');
	for (size_t at = 0; at < s.n;) {
		size_t end = plain_until(s, at);
		kj_buf_put(out, kj_str_upto(kj_str_from(s, at), end - at));
		at = end;
		if (at < s.n)
			put_character(out, kj_utf8_next(s, &at));
	}
	kj_buf_char(out, '"');
}

void kj_json_object(struct kj_json *json)
{
	open(json, '{');
}

void kj_json_object_end(struct kj_json *json)
{
	end(json, '}');
}

void kj_json_array(struct kj_json *json)
{
	open(json, '[');
}

void kj_json_array_end(struct kj_json *json)
{
	end(json, ']');
}

void kj_json_key(struct kj_json *json, const char *key)
{
	kj_json_key_str(json, kj_str_of(key));
}

void kj_json_key_str(struct kj_json *json, kj_str key)
{
	next(json);
	put_quoted(json->out, key);
	kj_buf_put(json->out, json->indent ? KJ_STR(": ") : KJ_STR(":"));
	json->keyed = true;
}

void kj_json_str(struct kj_json *json, kj_str value)
{
	next(json);
	put_quoted(json->out, value);
}

void kj_json_int(struct kj_json *json, int64_t value)
{
	next(json);
	kj_buf_int(json->out, value);
}

void kj_json_bool(struct kj_json *json, bool value)
{
	next(json);
	kj_buf_put(json->out, value ? KJ_STR("true") : KJ_STR("false"));
}

void kj_json_null(struct kj_json *json)
{
	next(json);
	kj_buf_put(json->out, KJ_STR("null"));
}

void kj_json_pair_str(struct kj_json *json, const char *key, kj_str value)
{
	kj_json_key(json, key);
	kj_json_str(json, value);
}

void kj_json_pair_int(struct kj_json *json, const char *key, int64_t value)
{
	kj_json_key(json, key);
	kj_json_int(json, value);
}

void kj_json_pair_bool(struct kj_json *json, const char *key, bool value)
{
	kj_json_key(json, key);
	kj_json_bool(json, value);
}
