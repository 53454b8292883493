/* The forms in which util-linux prints tables (libsmartcols): columns under a heading, trees, pairs. */
#include "parse/storage.h"

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

kj_str kj_hex_escapes(struct kj_arena *arena, kj_str s)
{
	if (!s.n || !memchr(s.p, '\\', s.n))
		return s;
	char *out = kj_alloc_text(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool escape = i + 3 < s.n && s.p[i] == '\\' && s.p[i + 1] == 'x' && hex_digit(s.p[i + 2]) >= 0 &&
		              hex_digit(s.p[i + 3]) >= 0;
		out[n++] = escape ? (char)(hex_digit(s.p[i + 2]) * 16 + hex_digit(s.p[i + 3])) : s.p[i];
		i += escape ? 3 : 0;
	}
	return (kj_str){out, n};
}

/* ---- headings ---- */

static bool continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The byte at which the character number `at` begins. */
static size_t byte_of(kj_str line, size_t at)
{
	size_t i = 0;
	for (size_t c = 0; i < line.n; i++)
		if (!continues_character(line.p[i]) && c++ == at)
			break;
	return i;
}

struct kj_heading kj_heading_of(kj_str line)
{
	struct kj_heading heading = {.n = 0};
	kj_str rest = line, word;
	while (heading.n < 64 && kj_str_word(&rest, &word)) {
		heading.name[heading.n] = word;
		heading.at[heading.n++] = (size_t)(word.p - line.p); /* a heading is ASCII */
	}
	return heading;
}

size_t kj_heading_find(const struct kj_heading *heading, const char *const *names)
{
	for (; *names; names++)
		for (size_t i = 0; i < heading->n; i++)
			if (kj_str_eq(heading->name[i], kj_str_of(*names)))
				return i;
	return heading->n;
}

/* From the word's place up to the next word's. */
static kj_str below(const struct kj_heading *heading, kj_str line, size_t index)
{
	size_t from = byte_of(line, heading->at[index]);
	kj_str cell = kj_str_from(line, from);
	return index + 1 == heading->n ? cell : kj_str_upto(cell, byte_of(line, heading->at[index + 1]) - from);
}

kj_str kj_heading_cell(const struct kj_heading *heading, kj_str line, size_t index)
{
	if (index >= heading->n)
		return KJ_STR("");
	kj_str cell = below(heading, line, index);
	/* the next column may be right-aligned and begin before its heading */
	size_t end = index + 1 == heading->n ? cell.n : kj_str_find_str(kj_str_trim_right(cell), KJ_STR("  "));
	return kj_str_trim(kj_str_upto(cell, end));
}

/* ---- trees ---- */

size_t kj_tree_strip(kj_str *cell)
{
	static const kj_str marks[] = {
	        KJ_STR_INIT("\u251c\u2500"), KJ_STR_INIT("\u2514\u2500"), KJ_STR_INIT("\u2502 "), KJ_STR_INIT("|-"),
	        KJ_STR_INIT("`-"),           KJ_STR_INIT("| "),           KJ_STR_INIT("  ")};
	size_t depth = 0;
	for (size_t i = 0; i < sizeof marks / sizeof *marks;) {
		bool here = kj_str_starts(*cell, marks[i]);
		if (here)
			*cell = kj_str_from(*cell, marks[i].n);
		depth += here;
		i = here ? 0 : i + 1;
	}
	return depth;
}

kj_str kj_heading_tree(const struct kj_heading *heading, kj_str line, size_t index, size_t *depth)
{
	*depth = 0;
	if (index >= heading->n)
		return KJ_STR("");
	kj_str cell = below(heading, line, index);
	*depth = kj_tree_strip(&cell);
	return kj_str_trim(cell);
}

/* ---- pairs ---- */

kj_str kj_pair_value(struct kj_arena *arena, kj_str line, const char *key)
{
	kj_str name = kj_str_of(key), rest = line;
	while (rest.n) {
		rest = kj_skip_blanks(rest);
		size_t equals = kj_str_find_str(rest, KJ_STR("=\""));
		kj_str here = kj_str_upto(rest, equals), value = kj_str_from(rest, equals + 2);
		size_t end = kj_str_find(value, '"');
		if (equals < rest.n && kj_str_eq(here, name))
			return kj_hex_escapes(arena, kj_str_upto(value, end));
		rest = kj_str_from(value, end + 1);
	}
	return (kj_str){NULL, 0};
}

kj_str kj_json_text(const struct kj_node *map, const char *key)
{
	const struct kj_node *node = kj_doc_get(map, kj_str_of(key));
	return node && (node->kind == KJ_STRING || node->kind == KJ_INT) ? node->text : KJ_STR("");
}
