#include "base/num.h"
#include "base/utf8.h"
#include "doc/build.h"

#include <math.h>
#include <string.h>
#include <yaml.h>

/* libyaml's event interface only: its document loader is quadratic in anchors and expands nothing for us, and with
   deep nesting its scanner is quadratic, so the depth is checked at every event. */

/* A place in the text that moves forward. libyaml counts characters, we count bytes. */
struct cursor {
	size_t character, byte;
	uint32_t line;
	size_t line_start;
};

struct yaml {
	struct kj_build build;
	const struct kj_text *text;
	kj_str s;   /* the text without its byte order mark, */
	size_t bom; /* which has so many bytes */
	struct cursor cursor;
	size_t documents;
	yaml_parser_t parser;
	yaml_event_t event;
	bool live; /* the parser holds memory */
};

/* Also called when the arena goes in the middle of reading. */
static void release(void *object)
{
	struct yaml *yaml = object;
	if (!yaml->live)
		return;
	yaml_event_delete(&yaml->event);
	yaml_parser_delete(&yaml->parser);
	yaml->live = false;
}

/* -- places -- */

static struct cursor start_of(const struct yaml *yaml)
{
	return (struct cursor){.byte = yaml->bom, .line = 1};
}

static void forward(const struct yaml *yaml, struct cursor *cursor, size_t character)
{
	kj_str bytes = yaml->text->bytes;
	while (cursor->character < character && cursor->byte < bytes.n) {
		if (bytes.p[cursor->byte] == '\n') {
			cursor->line++;
			cursor->line_start = cursor->byte + 1;
		}
		kj_utf8_next(bytes, &cursor->byte);
		cursor->character++;
	}
}

/* The place between two marks. Events come in the order of the text, so the walk is one over the whole text. */
static struct kj_span span(struct yaml *yaml, size_t start, size_t end)
{
	if (start < yaml->cursor.character)
		yaml->cursor = start_of(yaml);
	forward(yaml, &yaml->cursor, start);
	struct cursor from = yaml->cursor;
	forward(yaml, &yaml->cursor, end);
	return (struct kj_span){yaml->text, from.line, (uint32_t)(from.byte - from.line_start) + 1,
	                        (uint32_t)(yaml->cursor.byte - from.byte)};
}

/* The place of one character. The cursor stays on it: what a collection begins with begins there too. */
static struct kj_span character_span(struct yaml *yaml, size_t at)
{
	struct kj_span place = span(yaml, at, at);
	size_t end = yaml->cursor.byte;
	if (end < yaml->text->bytes.n)
		kj_utf8_next(yaml->text->bytes, &end);
	place.len = (uint32_t)(end - yaml->cursor.byte);
	return place;
}

static struct kj_span event_span(struct yaml *yaml)
{
	return span(yaml, yaml->event.start_mark.index, yaml->event.end_mark.index);
}

/* -- what libyaml refuses -- */

/* Its words for the common mistakes, and ours. With `context` the place is where the construct began. */
static const struct {
	const char *problem, *context, *message, *hint;
	bool at_context;
} mistakes[] = {
        {"found unexpected end of stream", "while scanning a quoted scalar",
         "the quote that opens here is never closed", "add the closing quote; a quote inside '…' is written twice",
         true},
        {"found unexpected document indicator", "while scanning a quoted scalar",
         "the quote that opens here is never closed", "add the closing quote; a quote inside '…' is written twice",
         true},
        {"found unknown escape character", "", "unknown escape in double quotes",
         "use single quotes, where a backslash is just a backslash, or write it twice", false},
        {"found a tab character that violates indentation", "", "a tab is used for indentation", "indent with blanks",
         false},
        {"found a tab character where an indentation space is expected", "", "a tab is used for indentation",
         "indent with blanks", false},
        {"mapping values are not allowed in this context", "", "a ':' is not allowed here",
         "check the indentation; a value that holds ': ' needs quotes, and a key needs a blank after its ':'", false},
        {"block sequence entries are not allowed in this context", "", "a list item is not allowed here",
         "put '- ' on a line of its own below the key", false},
        {"did not find expected key", "", "a key is expected here",
         "keys of one map begin in the same column; a value that goes on after its closing quote needs quotes around "
         "all of it",
         false},
        {"did not find expected '-' indicator", "", "a list item ('- ') is expected here",
         "items of one list begin in the same column", false},
        {"did not find expected ',' or ']'", "", "',' or ']' is expected here",
         "the list in brackets is not closed, or a comma is missing", false},
        {"did not find expected ',' or '}'", "", "',' or '}' is expected here",
         "the map in braces is not closed, or a comma is missing", false},
        {"did not find expected node content", "", "a value is expected here", "", false},
        {"did not find expected <document start>", "", "the document is over before this",
         "a line that goes on must not be indented less than the first one", false},
        {"could not find expected ':'", "", "a key without ':'",
         "write 'key: value', with a blank after the ':'; a text over several lines needs quotes or '|'", true},
        {"did not find expected alphabetic or numeric character", "",
         "anchors ('&…') and aliases ('*…') are not supported",
         "put the value in quotes when it begins with '&' or '*'", true},
        {"found undefined tag handle", "", "tags ('!…') are not supported",
         "put the value in quotes when it begins with '!'", false},
};

/* A character that begins no plain value. */
static void cannot_start(struct yaml *yaml, size_t at)
{
	struct kj_span where = character_span(yaml, at);
	char c = where.len ? yaml->text->bytes.p[yaml->cursor.byte] : ' ';
	struct kj_diags *diags = yaml->build.diags;
	if (c == '\t')
		kj_hint(diags, kj_error(diags, where, "a tab is used for indentation"), "indent with blanks");
	else
		kj_hint(diags, kj_error(diags, where, "a value cannot begin with '%c'", c), "put it in quotes");
}

/* Does the word at the cursor have a ':' with no blank behind it? */
static bool blank_missing(const struct yaml *yaml)
{
	kj_str line = kj_str_from(yaml->text->bytes, yaml->cursor.byte);
	line = kj_str_upto(line, kj_str_find(line, '\n'));
	size_t colon = kj_str_find(line, ':');
	return colon + 1 < line.n && kj_str_find_any(kj_str_upto(line, colon), KJ_STR(" '\"")) == colon;
}

static void mistake(struct yaml *yaml, const char *problem, const char *context, size_t at, size_t context_at)
{
	struct kj_diags *diags = yaml->build.diags;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		if (strcmp(mistakes[i].problem, problem) != 0 || !strstr(context, mistakes[i].context))
			continue;
		size_t place = mistakes[i].at_context ? context_at : at;
		struct kj_span where = span(yaml, place, place);
		bool tight = !strcmp(problem, "could not find expected ':'") && blank_missing(yaml);
		struct kj_diag *diag =
		        kj_error(diags, where, "%s", tight ? "a blank is missing after ':'" : mistakes[i].message);
		if (*mistakes[i].hint)
			kj_hint(diags, diag, "%s", mistakes[i].hint);
		return;
	}
	kj_error(diags, span(yaml, at, at), "%s%s%s", problem, *context ? " " : "", context);
}

static void refused(struct yaml *yaml)
{
	const yaml_parser_t *parser = &yaml->parser;
	const char *problem = parser->problem ? parser->problem : "libyaml is out of memory";
	yaml->build.failed = true;
	if (parser->error == YAML_READER_ERROR) { /* has a byte offset, and no mark; the text is known to be UTF-8 */
		size_t at = yaml->bom + parser->problem_offset;
		struct kj_diag *diag = kj_error(yaml->build.diags, kj_span_at(yaml->text, at, 1),
		                                "a control character is not allowed here");
		kj_hint(yaml->build.diags, diag, "write it as an escape such as \"\\x1b\" in double quotes");
	} else if (!strcmp(problem, "found character that cannot start any token")) {
		cannot_start(yaml, parser->problem_mark.index);
	} else {
		mistake(yaml, problem, parser->context ? parser->context : "", parser->problem_mark.index,
		        parser->context_mark.index);
	}
}

/* -- plain scalars: the core schema, https://yaml.org/spec/1.2.2/#103-core-schema -- */

static bool word(struct kj_node *node)
{
	static const struct {
		kj_str word;
		enum kj_node_kind kind;
		double value;
	} words[] = {
	        {KJ_STR_INIT(""), KJ_NULL, 0},
	        {KJ_STR_INIT("~"), KJ_NULL, 0},
	        {KJ_STR_INIT("null"), KJ_NULL, 0},
	        {KJ_STR_INIT("Null"), KJ_NULL, 0},
	        {KJ_STR_INIT("NULL"), KJ_NULL, 0},
	        {KJ_STR_INIT("true"), KJ_BOOL, 1},
	        {KJ_STR_INIT("True"), KJ_BOOL, 1},
	        {KJ_STR_INIT("TRUE"), KJ_BOOL, 1},
	        {KJ_STR_INIT("false"), KJ_BOOL, 0},
	        {KJ_STR_INIT("False"), KJ_BOOL, 0},
	        {KJ_STR_INIT("FALSE"), KJ_BOOL, 0},
	        {KJ_STR_INIT(".inf"), KJ_REAL, INFINITY},
	        {KJ_STR_INIT("+.inf"), KJ_REAL, INFINITY},
	        {KJ_STR_INIT("-.inf"), KJ_REAL, -INFINITY},
	        {KJ_STR_INIT(".nan"), KJ_REAL, NAN},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!kj_str_eq(words[i].word, node->text))
			continue;
		node->kind = words[i].kind;
		node->num = words[i].kind == KJ_BOOL && words[i].value > 0;
		node->real = words[i].kind == KJ_REAL ? words[i].value : 0;
		return true;
	}
	return false;
}

/* 0o17, 0x1f */
static bool based_number(struct kj_node *node)
{
	uint64_t value;
	bool octal = kj_str_starts(node->text, KJ_STR("0o"));
	if (!octal && !kj_str_starts(node->text, KJ_STR("0x")))
		return false;
	if (!kj_num_base(kj_str_from(node->text, 2), octal ? 8 : 16, &value) || value > INT64_MAX)
		return false;
	node->kind = KJ_INT;
	node->num = (int64_t)value;
	node->real = (double)value;
	return true;
}

static size_t skip_digits(kj_str s, size_t at)
{
	while (at < s.n && kj_is_digit(s.p[at]))
		at++;
	return at;
}

static size_t skip_sign(kj_str s, size_t at)
{
	return at < s.n && (s.p[at] == '-' || s.p[at] == '+') ? at + 1 : at;
}

/* [-+]? ( \.[0-9]+ | [0-9]+ ( \.[0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_decimal(kj_str s)
{
	size_t first = skip_sign(s, 0), at = skip_digits(s, first), digits = at - first;
	if (at < s.n && s.p[at] == '.') {
		size_t end = skip_digits(s, at + 1);
		digits += end - at - 1;
		at = end;
	}
	if (!digits)
		return false;
	if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
		size_t exponent = skip_sign(s, at + 1);
		at = skip_digits(s, exponent);
		return at > exponent && at == s.n;
	}
	return at == s.n;
}

static void resolve_plain(struct yaml *yaml, struct kj_node *node)
{
	if (word(node) || based_number(node))
		return;
	if (is_decimal(node->text))
		kj_build_number(&yaml->build, node);
}

/* -- events to nodes -- */

static void refuse(struct yaml *yaml, struct kj_span where, const char *message, const char *hint)
{
	yaml->build.failed = true;
	kj_hint(yaml->build.diags, kj_error(yaml->build.diags, where, "%s", message), "%s", hint);
}

static void refuse_alias(struct yaml *yaml)
{
	refuse(yaml, event_span(yaml), "anchors ('&…') and aliases ('*…') are not supported",
	       "put the value in quotes when it begins with '&' or '*'");
}

/* What a node may carry in YAML, and not here. */
static bool bare(struct yaml *yaml, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		refuse_alias(yaml);
	else if (tag)
		refuse(yaml, event_span(yaml), "tags ('!…') are not supported",
		       "put the value in quotes when it begins with '!'");
	return !anchor && !tag;
}

static void document_start(struct yaml *yaml)
{
	if (yaml->event.data.document_start.tag_directives.start != yaml->event.data.document_start.tag_directives.end)
		refuse(yaml, event_span(yaml), "tags ('!…') are not supported", "leave out the %TAG line");
	else if (yaml->documents++)
		refuse(yaml, event_span(yaml), "a second document begins here, but a file holds one",
		       "make it a file of its own");
}

static void check_key(struct yaml *yaml, const struct kj_node *key)
{
	if (key->kind != KJ_STRING) {
		yaml->build.failed = true;
		kj_hint(yaml->build.diags,
		        kj_error(yaml->build.diags, key->span, "a key must be text, not %s",
		                 kj_doc_kind_name(key->kind)),
		        "put it in quotes");
	} else if (!key->quoted && kj_str_eq(key->text, KJ_STR("<<"))) {
		refuse(yaml, key->span, "merge keys ('<<') are not supported", "write the keys out");
	}
}

static void scalar(struct yaml *yaml)
{
	bool is_key = kj_build_wants_key(&yaml->build);
	if (!bare(yaml, yaml->event.data.scalar.anchor, yaml->event.data.scalar.tag))
		return;
	struct kj_node *node = kj_build_add(&yaml->build, KJ_STRING, event_span(yaml));
	if (!node)
		return;
	node->quoted = yaml->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text = kj_str_copy(yaml->build.arena,
	                         (kj_str){(const char *)yaml->event.data.scalar.value, yaml->event.data.scalar.length});
	if (!node->quoted)
		resolve_plain(yaml, node);
	if (is_key)
		check_key(yaml, node);
}

static void open(struct yaml *yaml, enum kj_node_kind kind)
{
	struct kj_span where = character_span(yaml, yaml->event.start_mark.index);
	if (kj_build_wants_key(&yaml->build))
		refuse(yaml, where, "a key must be text, not a list or a map",
		       "a value that begins with '[' or '{' needs quotes");
	else
		kj_build_open(&yaml->build, kind, where);
}

static void sequence_start(struct yaml *yaml)
{
	if (bare(yaml, yaml->event.data.sequence_start.anchor, yaml->event.data.sequence_start.tag))
		open(yaml, KJ_SEQ);
}

static void mapping_start(struct yaml *yaml)
{
	if (bare(yaml, yaml->event.data.mapping_start.anchor, yaml->event.data.mapping_start.tag))
		open(yaml, KJ_MAP);
}

static void collection_end(struct yaml *yaml)
{
	kj_build_close(&yaml->build);
}

/* One event; false at the end of the stream and after a message. */
static bool step(struct yaml *yaml)
{
	static void (*const handlers[])(struct yaml *) = {
	        [YAML_DOCUMENT_START_EVENT] = document_start,
	        [YAML_ALIAS_EVENT] = refuse_alias,
	        [YAML_SCALAR_EVENT] = scalar,
	        [YAML_SEQUENCE_START_EVENT] = sequence_start,
	        [YAML_SEQUENCE_END_EVENT] = collection_end,
	        [YAML_MAPPING_START_EVENT] = mapping_start,
	        [YAML_MAPPING_END_EVENT] = collection_end,
	};
	if (!yaml_parser_parse(&yaml->parser, &yaml->event)) {
		refused(yaml);
		return false;
	}
	yaml_event_type_t type = yaml->event.type;
	if (type < sizeof handlers / sizeof *handlers && handlers[type])
		handlers[type](yaml);
	yaml_event_delete(&yaml->event);
	return type != YAML_STREAM_END_EVENT && !yaml->build.failed;
}

static void read_events(struct yaml *yaml)
{
	kj_defer(yaml->build.arena, release, yaml);
	if (!yaml_parser_initialize(&yaml->parser)) {
		refused(yaml);
		return;
	}
	yaml->live = true;
	yaml_parser_set_encoding(&yaml->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&yaml->parser, (const unsigned char *)yaml->s.p, yaml->s.n);
	while (step(yaml))
		;
	release(yaml);
}

static void check_utf8(struct yaml *yaml)
{
	size_t bad = kj_utf8_bad(yaml->text->bytes);
	if (bad < yaml->text->bytes.n)
		refuse(yaml, kj_span_at(yaml->text, bad, 1), "this byte is not UTF-8", "save the file as UTF-8");
}

const struct kj_node *kj_yaml_read(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                                   struct kj_diags *diags)
{
	struct yaml *yaml = KJ_NEW(arena, struct yaml);
	yaml->build = kj_build_new(arena, text, limits, diags);
	yaml->text = text;
	yaml->s = text->bytes.n ? text->bytes : KJ_STR("");
	if (kj_str_starts(yaml->s, KJ_STR("\xef\xbb\xbf")))
		yaml->s = kj_str_from(yaml->s, 3);
	yaml->bom = text->bytes.n - yaml->s.n;
	yaml->cursor = start_of(yaml);
	if (!yaml->build.failed)
		check_utf8(yaml);
	if (!yaml->build.failed)
		read_events(yaml);
	if (!yaml->build.failed && !yaml->build.values.n)
		kj_build_add(&yaml->build, KJ_NULL, kj_span_whole(text));
	return kj_build_root(&yaml->build);
}
