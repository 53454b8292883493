/* Patterns in policies: what is wrong with one is shown inside it, as it stands in the file. */
#include "base/utf8.h"
#include "policy/load.h"

/* The scalar as it is written, quotes and all; empty when it goes over several lines. */
static kj_str written(const struct kj_node *node)
{
	kj_str line = kj_str_from(kj_text_line(node->span.text, node->span.line), node->span.col - 1);
	return node->span.len <= line.n ? kj_str_upto(line, node->span.len) : KJ_STR("");
}

/* Bytes that the escape at the start of `raw` (a backslash first) stands for; *len: the bytes it is written with.
   https://yaml.org/spec/1.2.2/#57-escaped-characters */
static size_t escaped(kj_str raw, size_t *len)
{
	static const struct {
		char letter;
		size_t digits;
	} codes[] = {{'x', 2}, {'u', 4}, {'U', 8}};
	char letter = raw.n > 1 ? raw.p[1] : '\0';
	*len = 2;
	uint32_t character = letter == 'N' ? 0x85 : letter == '_' ? 0xa0 : letter == 'L' || letter == 'P' ? 0x2028 : 0;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		uint64_t code;
		if (letter != codes[i].letter ||
		    !kj_num_base(kj_str_upto(kj_str_from(raw, 2), codes[i].digits), 16, &code))
			continue;
		*len += codes[i].digits;
		character = (uint32_t)code;
	}
	return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

/* The offset in a quoted scalar (its quote first) at which byte `offset` of its text is written. */
static size_t written_offset(kj_str raw, size_t offset)
{
	char quote = raw.p[0];
	size_t at = 1, text = 0;
	while (text < offset && at + 1 < raw.n) {
		size_t len = 1, bytes = 1;
		if (quote == '"' && raw.p[at] == '\\')
			bytes = escaped(kj_str_from(raw, at), &len);
		else if (quote == '\'' && raw.p[at] == '\'')
			len = 2;
		at += len;
		text += bytes;
	}
	return at < raw.n ? at : raw.n;
}

/* Where byte `offset` of the text of a scalar is written; its beginning where that cannot be told (block scalars, text
   over several lines). */
static struct kj_span place_in(const struct kj_node *node, size_t offset)
{
	struct kj_span span = node->span;
	kj_str raw = written(node);
	bool quoted = node->quoted && raw.n && (raw.p[0] == '"' || raw.p[0] == '\'');
	if (!quoted && (node->quoted || !kj_str_eq(raw, node->text)))
		return span;
	span.col += (uint32_t)(quoted ? written_offset(raw, offset) : offset);
	span.len = 1;
	return span;
}

const struct kj_regex *kj_pattern_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                                       unsigned flags)
{
	kj_str pattern;
	if (!kj_text_of(load, key, node, "a pattern", &pattern))
		return NULL;
	if (!pattern.n) {
		kj_hint(load->diags, kj_error(load->diags, node->span, "the pattern is empty"),
		        "it would match everything");
		return NULL;
	}
	if (kj_param_name(pattern).n) {
		struct kj_diag *diag = kj_error(load->diags, node->span, "a pattern cannot be a parameter");
		kj_hint(load->diags, diag, "'%.*s' as a pattern matches nothing, because $ is the end",
		        KJ_FMT(pattern));
		return NULL;
	}
	struct kj_regex_error error;
	const struct kj_regex *regex = kj_regex_compile(load->program->patterns, pattern, flags, &error);
	if (!regex)
		kj_error(load->diags, place_in(node, error.offset), "this pattern cannot be compiled: %.*s",
		         KJ_FMT(error.message));
	return regex;
}

static void keep(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	(void)load;
	(void)key;
	*(const struct kj_node **)field = node;
}

static void schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "string");
	kj_json_pair_str(json, "format", KJ_STR("regex"));
}

const struct kj_shape kj_shape_pattern = {keep, schema, NULL};
