/* apt.conf, and what `apt-config dump` prints, which is of the same syntax: as ReadConfigFile() reads it
   (apt-pkg/contrib/configuration.cc). It goes by lines: comments are cut off each line first, quotes count within a
   line only, and what is left is joined by blanks up to a `;`, `{` or `}`. At the first mistake apt stops reading, so
   the bad row is the last. Rows:
     key    the full name: that of the blocks around and its own, with "::" between; it ends with "::" for an item of a list
     value  without quotes
     kind   set, clear, include, index (#x-apt-configure-index) */
#include "parse/scan.h"

#define MAX_SCOPE 1024 /* ours, so that deep blocks cost little */

struct conf {
	struct kj_parse *parse;
	struct kj_scan scan;
	struct kj_buf statement; /* what was read of it so far */
	uint32_t line, col;      /* where it began */
	struct kj_buf scope;     /* names of the open blocks with "::" between */
	KJ_VEC(size_t) outer;    /* its length before each open block */
	bool in_comment;
};

enum { KEY, VALUE, KIND };

static bool refuse(struct conf *c, const char *problem)
{
	kj_rows_bad(c->parse, c->scan.number, 1, problem);
	return false;
}

/* ---- words ---- */

static int hex_value(char c)
{
	return kj_is_digit(c) ? c - '0' : kj_lower(c) >= 'a' && kj_lower(c) <= 'f' ? kj_lower(c) - 'a' + 10 : -1;
}

/* Without quotes, and with %41 as A. */
static kj_str unquote(struct kj_arena *arena, kj_str word)
{
	char *out = kj_alloc_text(arena, word.n);
	size_t n = 0;
	for (size_t i = 0; i < word.n; i++) {
		bool coded = word.p[i] == '%' && i + 2 < word.n && hex_value(word.p[i + 1]) >= 0 &&
		             hex_value(word.p[i + 2]) >= 0;
		if (coded) {
			out[n++] = (char)(hex_value(word.p[i + 1]) * 16 + hex_value(word.p[i + 2]));
			i += 2;
		} else if (word.p[i] != '"') {
			out[n++] = word.p[i];
		}
	}
	const char *nul = memchr(out, '\0', n); /* a C string to apt */
	return (kj_str){out, nul ? (size_t)(nul - out) : n};
}

/* ParseQuoteWord: up to a blank outside of quotes and brackets; what follows it is left in *rest. */
static bool take_word(struct conf *c, kj_str *rest, kj_str *word)
{
	kj_str s = *rest;
	size_t i = 0;
	for (; i < s.n && !kj_blank(s.p[i]); i++) {
		if (s.p[i] == '"')
			i += 1 + kj_str_find(kj_str_from(s, i + 1), '"');
		if (i < s.n && s.p[i] == '[')
			i += 1 + kj_str_find(kj_str_from(s, i + 1), ']');
		if (i >= s.n)
			return false;
	}
	if (!i)
		return false;
	*word = unquote(c->parse->arena, kj_str_upto(s, i));
	*rest = kj_skip_blanks(kj_str_from(s, i));
	return true;
}

/* ParseCWord: quoted strings and nothing else, put together; blanks between them become one. */
static bool take_quoted(struct conf *c, kj_str *rest, kj_str *word)
{
	kj_str s = *rest;
	struct kj_buf out = KJ_BUF(c->parse->arena);
	if (!s.n || s.p[0] != '"')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"') {
			kj_str text = kj_str_from(s, i + 1);
			size_t end = kj_str_find(text, '"');
			if (end == text.n)
				return false;
			kj_buf_put(&out, kj_str_upto(text, end));
			i += end + 1;
		} else if (!kj_blank(s.p[i])) {
			return false;
		} else if (!kj_blank(s.p[i - 1])) {
			kj_buf_char(&out, ' ');
		}
	}
	*word = kj_buf_str(&out);
	*rest = KJ_STR("");
	return true;
}

/* ---- statements ---- */

static void leave_scope(struct conf *c)
{
	c->scope.n = c->outer.n ? c->outer.at[--c->outer.n] : 0;
}

static bool enter_scope(struct conf *c, kj_str name)
{
	KJ_PUSH(c->parse->arena, &c->outer, c->scope.n);
	if (c->scope.n)
		kj_buf_put(&c->scope, KJ_STR("::"));
	kj_buf_put(&c->scope, name);
	return c->scope.n <= MAX_SCOPE || refuse(c, "the names of the blocks around are too long");
}

static bool add(struct conf *c, kj_str key, kj_str value, kj_str kind)
{
	kj_str *cells = kj_rows_add(c->parse, c->line, c->col);
	if (!cells)
		return false;
	cells[KEY] = key;
	cells[VALUE] = value;
	cells[KIND] = kind;
	return true;
}

/* `#clear X;` and its like, which must not stand in a block. */
static bool add_directive(struct conf *c, kj_str tag, kj_str word)
{
	static const struct {
		kj_str tag, kind;
	} known[] = {{KJ_STR_INIT("#clear"), KJ_STR_INIT("clear")},
	             {KJ_STR_INIT("#include"), KJ_STR_INIT("include")},
	             {KJ_STR_INIT("#x-apt-configure-index"), KJ_STR_INIT("index")}};
	if (c->scope.n)
		return refuse(c, "a directive inside a block");
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (kj_str_eq(tag, known[i].tag))
			return add(c, word, KJ_STR(""), known[i].kind);
	return refuse(c, "no such directive");
}

static bool add_setting(struct conf *c, kj_str tag, kj_str word, bool block)
{
	struct kj_arena *arena = c->parse->arena;
	kj_str scope = kj_buf_str(&c->scope);
	kj_str key = !scope.n ? tag
	             : block  ? kj_str_copy(arena, scope)
	                      : kj_str_fmt(arena, "%.*s::%.*s", KJ_FMT(scope), KJ_FMT(tag));
	return add(c, key, word, KJ_STR("set"));
}

/* What stands before `end`, which is one of ; { }. */
static bool take_statement(struct conf *c, kj_str text, char end)
{
	kj_str tag, word = KJ_STR("");
	bool block = end == '{';
	if (!take_word(c, &text, &tag))
		return refuse(c, "a quote or a bracket is not closed");
	bool worded = take_quoted(c, &text, &word) || take_word(c, &text, &word);
	if (text.n)
		return refuse(c, "more than one value");
	if (!worded && !block) { /* an item of the list that the block around is */
		word = tag;
		tag = KJ_STR("");
	}
	if (block) {
		if (!enter_scope(c, tag))
			return false;
		tag = KJ_STR("");
	}
	if (kj_str_starts(tag, KJ_STR("#")))
		return add_directive(c, tag, word);
	if (!tag.n && kj_str_eq(word, KJ_STR("#clear")))
		return refuse(c, "#clear needs a name");
	return (block && !worded) || add_setting(c, tag, word, block);
}

/* A byte that ends a statement came. */
static bool end_statement(struct conf *c, char end)
{
	bool good = true;
	kj_str text = kj_str_copy(c->parse->arena, kj_buf_str(&c->statement));
	c->statement.n = 0;
	if (text.n)
		good = take_statement(c, text, end);
	else if (end == '{')
		good = refuse(c, "a block without a name");
	if (good && end == '}')
		leave_scope(c);
	return good;
}

/* Adds to the statement, with tabs as the eight blanks that apt makes of them. */
static void append(struct conf *c, kj_str piece)
{
	piece = kj_drop_blanks(kj_skip_blanks(piece));
	if (!piece.n)
		return;
	if (c->statement.n) {
		kj_buf_char(&c->statement, ' ');
	} else {
		c->line = c->scan.number;
		c->col = piece.p >= c->scan.line.p && piece.p < c->scan.line.p + c->scan.line.n
		                 ? kj_scan_col(&c->scan, piece.p)
		                 : 1;
	}
	for (kj_str part; kj_str_cut(&piece, '\t', &part);) {
		kj_buf_put(&c->statement, part);
		if (piece.p)
			kj_buf_put(&c->statement, KJ_STR("        "));
	}
}

static bool take_fragment(struct conf *c, kj_str fragment)
{
	bool quoted = false;
	size_t start = 0;
	for (size_t i = 0; i < fragment.n; i++) {
		char b = fragment.p[i];
		quoted ^= b == '"';
		if (quoted || (b != ';' && b != '{' && b != '}'))
			continue;
		append(c, (kj_str){fragment.p + start, i - start});
		start = i + 1;
		if (!end_statement(c, b))
			return false;
	}
	append(c, kj_str_from(fragment, start));
	return true;
}

/* ---- lines ---- */

static bool begins_line_comment(kj_str rest)
{
	static const kj_str directives[] = {KJ_STR_INIT("#clear"), KJ_STR_INIT("#include"),
	                                    KJ_STR_INIT("#x-apt-configure-index")};
	if (rest.p[0] != '#')
		return kj_str_starts(rest, KJ_STR("//"));
	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++)
		if (kj_str_starts(rest, directives[i]))
			return false;
	return true;
}

static bool begins_long_comment(kj_str rest)
{
	return kj_str_starts(rest, KJ_STR("/*"));
}

/* Where a comment begins outside of quotes, or line.n. */
static size_t find_comment(kj_str line, bool (*begins)(kj_str rest))
{
	bool quoted = false;
	for (size_t i = 0; i < line.n; i++) {
		quoted ^= line.p[i] == '"';
		if (!quoted && (line.p[i] == '/' || line.p[i] == '#') && begins(kj_str_from(line, i)))
			return i;
	}
	return line.n;
}

/* A line without its comments. Those of one line are cut off first, so that a `//` hides the end of a long one. */
static kj_str cut_comments(struct conf *c, kj_str line)
{
	if (c->in_comment) {
		size_t end = kj_str_find_str(line, KJ_STR("*/"));
		if (end == line.n)
			return KJ_STR("");
		c->in_comment = false;
		line = kj_str_from(line, end + 2);
	}
	line = kj_str_upto(line, find_comment(line, begins_line_comment));
	size_t at = find_comment(line, begins_long_comment);
	if (at == line.n)
		return line;
	struct kj_buf kept = KJ_BUF(c->parse->arena);
	for (; at < line.n; at = find_comment(line, begins_long_comment)) {
		kj_buf_put(&kept, kj_str_upto(line, at));
		line = kj_str_from(line, at + 2);
		size_t end = kj_str_find_str(line, KJ_STR("*/"));
		c->in_comment = end == line.n;
		line = kj_str_from(line, end + 2);
	}
	kj_buf_put(&kept, line);
	return kj_buf_str(&kept);
}

void kj_parse_apt_conf(struct kj_parse *parse)
{
	struct conf c = {.parse = parse,
	                 .scan = kj_scan_of(parse->text),
	                 .statement = KJ_BUF(parse->arena),
	                 .scope = KJ_BUF(parse->arena)};
	while (kj_scan_next(&c.scan))
		if (!take_fragment(&c, cut_comments(&c, kj_drop_blanks(kj_skip_blanks(c.scan.line)))))
			return;
	if (c.statement.n)
		refuse(&c, "no ';' at the end");
}
