/* Directives ended by `;` in blocks of {}: nginx's syntax (ngx_conf_read_token), near enough to that of named and
   JunOS. */
#include "parse/scan.h"

#define MAX_DEPTH 64
#define MAX_SCOPE 1024

struct block {
	kj_str name;  /* key and arguments */
	kj_str scope; /* path up to and with this block; empty until a row needs it */
};

struct blocks {
	struct kj_parse *parse;
	const char *at, *end, *line_start;
	uint32_t line;
	struct block stack[MAX_DEPTH];
	size_t depth; /* may be more than the stack holds: what lies deeper is bad */
	/* The directive at work. */
	bool pending;
	kj_str key;
	struct kj_args args;
	uint32_t key_line, key_col;
	uint32_t last_line, last_col; /* of the token before */
	const char *problem;
};

enum { SCOPE, KEY, VALUE, ARGS, KIND };

static void pass_newline(struct blocks *b)
{
	b->line++;
	b->line_start = b->at + 1;
}

static bool begins(const struct blocks *b, const char two[2])
{
	return b->end - b->at > 1 && b->at[0] == two[0] && b->at[1] == two[1];
}

static void skip_to_line_end(struct blocks *b)
{
	const char *lf = memchr(b->at, '\n', (size_t)(b->end - b->at));
	b->at = lf ? lf : b->end;
}

static void skip_long_comment(struct blocks *b)
{
	for (b->at += 2; b->at < b->end && !begins(b, "*/"); b->at++)
		if (*b->at == '\n')
			pass_newline(b);
	b->at += b->at < b->end ? 2 : 0;
}

static bool is_line_comment(const struct blocks *b)
{
	kj_str bytes = b->parse->options->comment.n ? b->parse->options->comment : KJ_STR("#");
	return memchr(bytes.p, *b->at, bytes.n) || (b->parse->options->slash_comments && begins(b, "//"));
}

/* Moves to the next token; false at the end. */
static bool skip_between(struct blocks *b)
{
	while (b->at < b->end) {
		if (*b->at == '\n')
			pass_newline(b);
		if (kj_blank(*b->at))
			b->at++;
		else if (is_line_comment(b))
			skip_to_line_end(b);
		else if (b->parse->options->slash_comments && begins(b, "/*"))
			skip_long_comment(b);
		else
			return true;
	}
	return false;
}

/* Undoes what nginx undoes: \" \' \\ and \t \r \n; any other backslash stays. */
static kj_str unescape(struct kj_arena *arena, kj_str s)
{
	if (!s.n || !memchr(s.p, '\\', s.n))
		return s;
	char *out = kj_alloc_text(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *known = i + 1 < s.n && s.p[i] == '\\' ? memchr("\"'\\trn", s.p[i + 1], 6) : NULL;
		if (known)
			i++;
		out[n++] = !known          ? s.p[i]
		           : *known == 't' ? '\t'
		           : *known == 'r' ? '\r'
		           : *known == 'n' ? '\n'
		                           : *known;
	}
	return (kj_str){out, n};
}

/* Moves over one byte, or two when a backslash quotes the second. */
static void pass_byte(struct blocks *b)
{
	if (*b->at == '\\' && b->at + 1 < b->end)
		b->at++;
	if (*b->at == '\n')
		pass_newline(b);
	b->at++;
}

static kj_str take_quoted(struct blocks *b)
{
	char quote = *b->at++;
	const char *start = b->at;
	while (b->at < b->end && *b->at != quote)
		pass_byte(b);
	kj_str text = {start, (size_t)(b->at - start)};
	if (b->at == b->end)
		b->problem = "the quote is not closed";
	else
		b->at++;
	return unescape(b->parse->arena, text);
}

static kj_str take_bare(struct blocks *b)
{
	const char *start = b->at;
	while (b->at < b->end && !kj_blank(*b->at) && *b->at != ';' && *b->at != '{' && *b->at != '}') {
		bool variable = begins(b, "${");
		pass_byte(b);
		if (!variable)
			continue;
		/* the braces of ${name} open no block */
		while (b->at < b->end && *b->at != '}' && !kj_blank(*b->at) && *b->at != ';')
			b->at++;
		if (b->at < b->end && *b->at == '}')
			b->at++;
	}
	return unescape(b->parse->arena, (kj_str){start, (size_t)(b->at - start)});
}

/* The scope of what stands in the innermost block. Made when the first row asks for it, and short, so that many blocks
   in deep ones cost little. */
static kj_str scope_of(struct blocks *b)
{
	static const kj_str unknown = KJ_STR_INIT("?");
	if (!b->depth)
		return KJ_STR("");
	struct block *top = b->depth <= MAX_DEPTH ? &b->stack[b->depth - 1] : NULL;
	if (top && !top->scope.p) {
		struct kj_buf path = KJ_BUF(b->parse->arena);
		for (size_t i = 0; i < b->depth && path.n <= MAX_SCOPE; i++) {
			kj_buf_put(&path, i ? KJ_STR(" > ") : KJ_STR(""));
			kj_buf_put(&path, kj_str_upto(b->stack[i].name, MAX_SCOPE + 1));
		}
		top->scope = path.n > MAX_SCOPE ? unknown : kj_buf_str(&path);
	}
	if (top && top->scope.p != unknown.p)
		return top->scope;
	b->problem = "the blocks around are too many or their names too long";
	return unknown;
}

/* Ends the directive at work with a row. */
static bool finish(struct blocks *b, kj_str kind)
{
	kj_str *cells = kj_rows_add(b->parse, b->key_line, b->key_col);
	if (!cells)
		return false;
	cells[SCOPE] = scope_of(b);
	cells[KEY] = b->key;
	cells[VALUE] = kj_args_text(&b->args);
	cells[ARGS] = kj_args_list(&b->args);
	cells[KIND] = kind;
	if (b->args.clash)
		b->problem = kj_problem_clash;
	if (b->problem)
		kj_rows_spoil(b->parse, b->problem);
	b->problem = NULL;
	b->pending = false;
	return true;
}

static void begin(struct blocks *b, kj_str key)
{
	b->pending = true;
	b->key = key;
	b->args = (struct kj_args){.arena = b->parse->arena};
	b->key_line = b->last_line;
	b->key_col = b->last_col;
}

static bool open_block(struct blocks *b)
{
	if (!b->pending)
		begin(b, KJ_STR(""));
	struct kj_args name = {.arena = b->parse->arena};
	kj_args_add(&name, b->key);
	if (b->args.n)
		kj_args_add(&name, kj_args_text(&b->args));
	if (!finish(b, KJ_STR("block")))
		return false;
	if (b->depth < MAX_DEPTH)
		b->stack[b->depth] = (struct block){.name = kj_args_text(&name)};
	b->depth++;
	return true;
}

static bool close_block(struct blocks *b)
{
	if (b->pending) {
		b->problem = "no ';' before the '}'";
		if (!finish(b, KJ_STR("directive")))
			return false;
	}
	if (!b->depth)
		return kj_rows_bad(b->parse, b->last_line, b->last_col, "a '}' that closes nothing");
	b->depth--;
	return true;
}

static bool take_token(struct blocks *b)
{
	b->last_line = b->line;
	b->last_col = (uint32_t)(b->at - b->line_start) + 1;
	switch (*b->at) {
	case ';':
		b->at++;
		return b->pending ? finish(b, KJ_STR("directive")) : true;
	case '{':
		b->at++;
		return open_block(b);
	case '}':
		b->at++;
		return close_block(b);
	default:
		break;
	}
	kj_str token = *b->at == '"' || *b->at == '\'' ? take_quoted(b) : take_bare(b);
	if (b->pending)
		kj_args_add(&b->args, token);
	else
		begin(b, token);
	return true;
}

void kj_parse_blocks(struct kj_parse *parse)
{
	kj_str text = parse->text->bytes;
	if (!text.n)
		return;
	struct blocks b = {.parse = parse, .at = text.p, .end = text.p + text.n, .line_start = text.p, .line = 1};
	while (skip_between(&b))
		if (!take_token(&b))
			return;
	if (b.pending) {
		b.problem = b.problem ? b.problem : "no ';' at the end";
		finish(&b, KJ_STR("directive"));
	}
	if (b.depth)
		kj_rows_bad(parse, b.last_line, b.last_col, "a block is not closed");
}
