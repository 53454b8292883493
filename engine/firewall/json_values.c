#include "firewall/json_values.h"

static const struct kj_doc_limits limits = {.bytes = 256 * KJ_MIB, .depth = 64, .nodes = 8000000};

/* Where one value ends. */
struct extent {
	struct kj_arena *arena;
	KJ_VEC(char) open; /* the closing brackets still to come */
	size_t end;        /* behind the value, or the end of the text */
	size_t whole;      /* behind the last inner map or list that was whole … */
	size_t depth;      /* … with so many brackets open there */
};

/* The offset of the quote that closes the string at s.p[at], or s.n. */
static size_t string_end(kj_str s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		at += s.p[at] == '\\';
	return at < s.n ? at : s.n;
}

static bool closes(const struct extent *extent, char c)
{
	return extent->open.n && extent->open.at[extent->open.n - 1] == c;
}

/* Measures the value that begins at s.p[at]. Wrong brackets end it: the reader then says what is wrong. */
static void measure(struct extent *extent, kj_str s, size_t at)
{
	for (; at < s.n; at++) {
		char c = s.p[at];
		if (c == '"') {
			at = string_end(s, at);
		} else if (c == '{' || c == '[') {
			KJ_PUSH(extent->arena, &extent->open, c == '{' ? '}' : ']');
		} else if (c == '}' || c == ']') {
			bool fits = closes(extent, c);
			extent->open.n -= fits;
			extent->whole = at + 1;
			extent->depth = extent->open.n;
			if (!fits)
				extent->open.n = 0;
			if (!extent->open.n)
				break;
		}
	}
	extent->end = at < s.n ? at + 1 : s.n;
}

/* What is whole of a value that breaks off, closed. */
static kj_str mended(const struct extent *extent, kj_str s, size_t start)
{
	struct kj_buf out = KJ_BUF(extent->arena);
	kj_buf_put(&out, kj_str_upto(kj_str_from(s, start), extent->whole - start));
	for (size_t i = extent->depth; i-- > 0;)
		kj_buf_char(&out, extent->open.at[i]);
	return kj_buf_str(&out);
}

struct reader {
	struct kj_arena *arena;
	const struct kj_text *text;
	struct kj_diags *diags;
	struct kj_fw_json *out;
	size_t at;
	size_t line_start;
	uint32_t line; /* of `at`, from 0 */
};

static void move_to(struct reader *reader, size_t at)
{
	for (; reader->at < at; reader->at++) {
		if (reader->text->bytes.p[reader->at] != '\n')
			continue;
		reader->line++;
		reader->line_start = reader->at + 1;
	}
}

/* Messages about a part of the text become messages about the text. */
static void pass_on(const struct reader *reader, const struct kj_diags *inner)
{
	for (size_t i = 0; i < inner->list.n; i++) {
		const struct kj_diag *diag = &inner->list.at[i];
		struct kj_span span = diag->span;
		span.text = reader->text;
		span.col += span.line == 1 ? (uint32_t)(reader->at - reader->line_start) : 0;
		span.line += span.line ? reader->line : 0;
		if (diag->severity == KJ_ERROR)
			kj_error(reader->diags, span, "%.*s", KJ_FMT(diag->message));
		else
			kj_warning(reader->diags, span, "%.*s", KJ_FMT(diag->message));
	}
}

static void read_value(struct reader *reader, kj_str bytes)
{
	struct kj_text *part = KJ_NEW(reader->arena, struct kj_text);
	struct kj_diags inner = {.arena = reader->arena};
	*part = (struct kj_text){reader->text->name, bytes};
	const struct kj_node *root = kj_json_read(reader->arena, part, limits, &inner);
	pass_on(reader, &inner);
	reader->out->malformed |= !root;
	if (root)
		KJ_PUSH(reader->arena, &reader->out->values, (struct kj_fw_json_value){root, reader->line});
}

static uint32_t last_line(const struct reader *reader)
{
	kj_str rest = kj_str_trim_right(kj_str_from(reader->text->bytes, reader->at)), line;
	uint32_t lines = reader->line;
	while (kj_str_line(&rest, &line))
		lines++;
	return lines;
}

/* Reads the value that begins at reader->at. */
static void take(struct reader *reader)
{
	kj_str s = reader->text->bytes;
	struct extent extent = {.arena = reader->arena};
	measure(&extent, s, reader->at);
	if (!extent.open.n) {
		read_value(reader, kj_str_upto(kj_str_from(s, reader->at), extent.end - reader->at));
	} else {
		reader->out->cut = last_line(reader);
		if (extent.whole)
			read_value(reader, mended(&extent, s, reader->at));
	}
	move_to(reader, extent.end);
}

struct kj_fw_json kj_fw_json_read(struct kj_arena *arena, const struct kj_text *text, struct kj_diags *diags)
{
	struct kj_fw_json out = {0};
	struct reader reader = {.arena = arena, .text = text, .diags = diags, .out = &out};
	kj_str s = text->bytes;
	bool fresh = true; /* nothing but blanks and values on this line so far */
	if (kj_str_starts(s, KJ_STR("\xef\xbb\xbf")))
		reader.at = 3;
	while (reader.at < s.n) {
		char c = s.p[reader.at];
		if (fresh && (c == '{' || c == '[')) {
			take(&reader);
			continue;
		}
		fresh = c == '\n' || (fresh && (kj_is_space(c) || c == ','));
		move_to(&reader, reader.at + 1);
	}
	return out;
}

uint32_t kj_fw_json_line(const struct kj_fw_json_value *value, const struct kj_node *node)
{
	return value->before + node->span.line;
}

static void visit(const struct kj_fw_json_value *value, const struct kj_node *node,
                  bool (*fn)(void *, const struct kj_fw_json_value *, const struct kj_node *), void *ctx)
{
	if (node->kind == KJ_MAP && fn(ctx, value, node))
		return;
	for (size_t i = 0; i < node->n && node->kind == KJ_MAP; i++)
		visit(value, node->pairs[i].value, fn, ctx);
	for (size_t i = 0; i < node->n && node->kind == KJ_SEQ; i++)
		visit(value, node->items[i], fn, ctx);
}

void kj_fw_json_maps(const struct kj_fw_json_value *value,
                     bool (*fn)(void *ctx, const struct kj_fw_json_value *value, const struct kj_node *map), void *ctx)
{
	visit(value, value->root, fn, ctx); /* no deeper than the reader's limit */
}

kj_str kj_fw_json_text(const struct kj_node *node)
{
	bool scalar = node && node->kind != KJ_NULL && node->kind != KJ_MAP && node->kind != KJ_SEQ;
	return scalar ? node->text : KJ_STR("");
}
