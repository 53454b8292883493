/* sshd_config(5), as OpenSSH reads it: load_server_config and process_server_config_line_depth of servconf.c, strdelim
   and argv_split of misc.c (8.7 and later, where arguments may be followed by a comment). */
#include "parse/scan.h"

struct directives {
	struct kj_parse *parse;
	struct kj_scan scan;
	kj_str scope;
};

enum { SCOPE, KEY, VALUE, ARGS, RAW };

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static kj_str skip_white(kj_str s)
{
	size_t i = 0;
	while (i < s.n && is_white(s.p[i]))
		i++;
	return (kj_str){s.p + i, s.n - i};
}

/* A quoted part ends the token with its second quote: `Po"rt"` is Port. False when there is no second one. */
static bool quoted_token(struct kj_arena *arena, kj_str *rest, size_t quote, kj_str *token)
{
	kj_str inside = kj_str_from(*rest, quote + 1);
	const char *close = inside.n ? memchr(inside.p, '"', inside.n) : NULL;
	if (!close)
		return false;
	inside.n = (size_t)(close - inside.p);
	*token = inside;
	if (quote) {
		struct kj_buf joined = KJ_BUF(arena);
		kj_buf_put(&joined, kj_str_upto(*rest, quote));
		kj_buf_put(&joined, inside);
		*token = kj_buf_str(&joined);
	}
	*rest = skip_white(kj_str_from(*rest, quote + inside.n + 2));
	return true;
}

bool kj_directive_word(struct kj_arena *arena, kj_str *rest, kj_str *token)
{
	size_t i = 0;
	while (i < rest->n && !is_white(rest->p[i]) && rest->p[i] != '"' && rest->p[i] != '=')
		i++;
	if (i < rest->n && rest->p[i] == '"')
		return quoted_token(arena, rest, i, token);
	*token = kj_str_upto(*rest, i);
	bool equals = i < rest->n && rest->p[i] == '=';
	*rest = skip_white(kj_str_from(*rest, i + 1));
	if (!equals && rest->n && rest->p[0] == '=')
		*rest = skip_white(kj_str_from(*rest, 1));
	return true;
}

/* The keyword of a line; false for what sshd passes over: blank lines, comments, and a keyword whose quote is not
   closed. */
static bool take_keyword(struct directives *d, kj_str *rest, kj_str *keyword)
{
	if (!kj_directive_word(d->parse->arena, rest, keyword))
		return false;
	if (!keyword->n && (!rest->n || !kj_directive_word(d->parse->arena, rest, keyword)))
		return false;
	return keyword->n && keyword->p[0] != '#';
}

static bool is_escape(kj_str s, size_t i, char quote)
{
	if (s.p[i] != '\\' || i + 1 >= s.n)
		return false;
	char next = s.p[i + 1];
	return next == '\'' || next == '"' || next == '\\' || (!quote && next == ' ');
}

/* The length of the argument at s.p[0] as written; *plain: it is its own text; false for an unclosed quote. */
static bool measure(kj_str s, size_t *length, bool *plain)
{
	char quote = 0;
	size_t i = 0;
	*plain = true;
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (is_escape(s, i, quote)) {
			*plain = false;
			i++;
		} else if (!quote && (c == ' ' || c == '\t')) {
			break;
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			*plain = false;
			quote = quote ? 0 : c;
		}
	}
	*length = i;
	return !quote;
}

static kj_str unquote(struct kj_arena *arena, kj_str written)
{
	char *out = kj_alloc_text(arena, written.n);
	size_t n = 0;
	char quote = 0;
	for (size_t i = 0; i < written.n; i++) {
		char c = written.p[i];
		if (is_escape(written, i, quote))
			out[n++] = written.p[++i];
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else
			out[n++] = c;
	}
	return (kj_str){out, n};
}

/* argv_split with comments; false for an unclosed quote. */
static bool split_args(struct kj_args *args, kj_str rest)
{
	for (;;) {
		size_t i = 0, n;
		while (i < rest.n && (rest.p[i] == ' ' || rest.p[i] == '\t'))
			i++;
		rest = kj_str_from(rest, i);
		if (!rest.n || rest.p[0] == '#')
			return true;
		bool plain;
		if (!measure(rest, &n, &plain))
			return false;
		kj_str written = kj_str_upto(rest, n);
		kj_args_add(args, plain ? written : unquote(args->arena, written));
		rest = kj_str_from(rest, n);
	}
}

/* A Match opens a scope up to the next Match or the end of the file. Criteria that cannot be read give the scope "?",
   so that nothing below passes for global. */
static void enter_match(struct directives *d, const struct kj_args *args, bool readable)
{
	d->scope = readable && args->n ? kj_args_text(args) : KJ_STR("?");
	if (!args->n)
		kj_rows_spoil(d->parse, "no criteria after Match");
}

static bool take_line(struct directives *d, kj_str line, uint32_t col)
{
	kj_str rest = line, keyword;
	if (!take_keyword(d, &rest, &keyword))
		return true;
	kj_str *cells = kj_rows_add(d->parse, d->scan.number, col);
	if (!cells)
		return false;
	struct kj_args args = {.arena = d->parse->arena};
	bool readable = split_args(&args, rest);
	if (!rest.n)
		kj_rows_spoil(d->parse, "no argument after the keyword");
	else if (!readable)
		kj_rows_spoil(d->parse, "the quote is not closed");
	else if (args.clash)
		kj_rows_spoil(d->parse, kj_problem_clash);
	if (kj_str_eq_fold(keyword, KJ_STR("Match")))
		enter_match(d, &args, readable);
	cells[SCOPE] = d->scope;
	cells[KEY] = keyword;
	cells[VALUE] = kj_args_text(&args);
	cells[ARGS] = kj_args_list(&args);
	cells[RAW] = rest;
	return true;
}

void kj_parse_directives(struct kj_parse *parse)
{
	struct directives d = {.parse = parse, .scan = kj_scan_of(parse->text)};
	while (kj_scan_next(&d.scan)) {
		kj_str line = skip_white(d.scan.line);
		/* a form feed is allowed at the end only */
		while (line.n && (is_white(line.p[line.n - 1]) || line.p[line.n - 1] == '\f'))
			line.n--;
		if (line.n && !take_line(&d, line, kj_scan_col(&d.scan, line.p)))
			return;
	}
}
