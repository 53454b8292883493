#include "parse/shell_lex.h"

struct kj_shell_lex kj_shell_lex_of(struct kj_arena *arena, const struct kj_text *text)
{
	const char *p = text->bytes.p;
	return (struct kj_shell_lex){
	        .arena = arena, .at = p, .end = text->bytes.n ? p + text->bytes.n : p, .line_start = p, .line = 1};
}

static char peek(const struct kj_shell_lex *lex, size_t ahead)
{
	return (size_t)(lex->end - lex->at) > ahead ? lex->at[ahead] : '\0';
}

static void advance(struct kj_shell_lex *lex)
{
	if (*lex->at++ != '\n')
		return;
	lex->line++;
	lex->line_start = lex->at;
}

/* A backslash and what it quotes. */
static void advance_escape(struct kj_shell_lex *lex)
{
	advance(lex);
	if (lex->at < lex->end)
		advance(lex);
}

static void advance_to(struct kj_shell_lex *lex, const char *to)
{
	while (lex->at < to)
		advance(lex);
}

static bool fail(struct kj_shell_lex *lex, const char *problem)
{
	if (!lex->problem)
		lex->problem = problem;
	lex->at = lex->end;
	return false;
}

static bool is_name(char c)
{
	return kj_is_alnum(c) || c == '_';
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '&' || c == '|' || c == '(' ||
	       c == ')' || c == '<' || c == '>';
}

static void skip_comment(struct kj_shell_lex *lex)
{
	const char *lf = memchr(lex->at, '\n', (size_t)(lex->end - lex->at));
	lex->at = lf ? lf : lex->end;
}

/* --- here-documents --- */

/* Passes over the bodies of the here-documents that were announced on the line just ended. */
static void skip_heres(struct kj_shell_lex *lex)
{
	for (size_t i = 0; i < lex->heres; i++) {
		bool ended = false;
		while (!ended && lex->at < lex->end) {
			kj_str line = {lex->at, 0};
			skip_comment(lex);
			line.n = (size_t)(lex->at - line.p);
			if (lex->at < lex->end)
				advance(lex);
			if (line.n && line.p[line.n - 1] == '\r')
				line.n--;
			while (lex->here[i].tabs && line.n && line.p[0] == '\t')
				line = (kj_str){line.p + 1, line.n - 1};
			ended = kj_str_eq(line, lex->here[i].end);
		}
	}
	lex->heres = 0;
}

static void advance_line(struct kj_shell_lex *lex)
{
	advance(lex);
	if (lex->heres)
		skip_heres(lex);
}

/* The word after `<<`. Nothing is expanded in it. */
static kj_str take_here_word(struct kj_shell_lex *lex)
{
	const char *start = lex->at;
	char quote = 0;
	while (lex->at < lex->end && *lex->at != '\n' && (quote || !ends_word(*lex->at))) {
		char c = *lex->at;
		if (c == '\\' && quote != '\'' && lex->end - lex->at > 1 && lex->at[1] != '\n')
			lex->at++;
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		lex->at++;
	}
	return (kj_str){start, (size_t)(lex->at - start)};
}

/* After `<<`: notes the word that will end the document. */
static bool announce_here(struct kj_shell_lex *lex)
{
	bool tabs = peek(lex, 0) == '-';
	lex->at += tabs;
	while (peek(lex, 0) == ' ' || peek(lex, 0) == '\t')
		lex->at++;
	kj_str word = take_here_word(lex);
	if (!word.n)
		return fail(lex, "no word after <<");
	if (lex->heres == KJ_SHELL_HERES)
		return fail(lex, "too many here-documents on a line");
	lex->here[lex->heres++] = (struct kj_shell_here){kj_shell_unquote(lex->arena, word), tabs};
	return true;
}

/* --- quotes and expansions --- */

static bool skip_single_quotes(struct kj_shell_lex *lex)
{
	const char *close = memchr(lex->at + 1, '\'', (size_t)(lex->end - lex->at) - 1);
	if (!close)
		return fail(lex, "the quote is not closed");
	advance_to(lex, close + 1);
	return true;
}

/* $'…', where a backslash quotes. */
static bool skip_ansi_quotes(struct kj_shell_lex *lex)
{
	lex->at += 2;
	while (lex->at < lex->end && *lex->at != '\'')
		*lex->at == '\\' ? advance_escape(lex) : advance(lex);
	if (lex->at == lex->end)
		return fail(lex, "the quote is not closed");
	lex->at++;
	return true;
}

/* What is open while the lexer is inside a word. Each is named by its opening byte; 'a' is arithmetic. */
struct nest {
	char open[KJ_SHELL_DEPTH];
	unsigned cases[KJ_SHELL_DEPTH]; /* `case` without `esac` so far: the ) of a pattern closes nothing */
	size_t n;
};

static bool nest_push(struct kj_shell_lex *lex, struct nest *nest, char open, size_t length)
{
	lex->at += length;
	if (nest->n == KJ_SHELL_DEPTH)
		return fail(lex, "quotes and expansions nested too deep");
	nest->cases[nest->n] = 0;
	nest->open[nest->n++] = open;
	return true;
}

/* Opens what begins here with $; false when the depth is spent. */
static bool nest_dollar(struct kj_shell_lex *lex, struct nest *nest)
{
	if (peek(lex, 1) == '(' && peek(lex, 2) == '(')
		return nest_push(lex, nest, 'a', 2);
	if (peek(lex, 1) == '(')
		return nest_push(lex, nest, '(', 2);
	if (peek(lex, 1) == '{')
		return nest_push(lex, nest, '{', 2);
	lex->at++;
	return true;
}

/* Words of a command substitution that matter: `case` and `esac` where a command may stand. */
static void count_cases(struct kj_shell_lex *lex, struct nest *nest, char before)
{
	kj_str rest = {lex->at, (size_t)(lex->end - lex->at)};
	bool command = before == '(' || before == ';' || before == '\n' || before == '&' || before == '|';
	if (!command || rest.n < 5 || is_name(rest.p[4]))
		return;
	if (kj_str_starts(rest, KJ_STR("case")))
		nest->cases[nest->n - 1]++;
	else if (kj_str_starts(rest, KJ_STR("esac")) && nest->cases[nest->n - 1])
		nest->cases[nest->n - 1]--;
}

/* One step inside $( ). *before: the last byte that was no blank. */
static bool step_command(struct kj_shell_lex *lex, struct nest *nest, char *before)
{
	char c = *lex->at, last = lex->at[-1];
	if (c == '#' && (kj_blank(last) || last == ';' || last == '(')) {
		skip_comment(lex);
		return true;
	}
	if (c == '<' && peek(lex, 1) == '<' && peek(lex, 2) != '<') {
		lex->at += 2;
		return announce_here(lex);
	}
	if (c == '<' && peek(lex, 1) == '<')
		lex->at += 2;
	count_cases(lex, nest, *before);
	if (c == '\n' || !kj_blank(c))
		*before = c;
	if (c == ')' && nest->cases[nest->n - 1] == 0)
		nest->n--;
	if (c == '(')
		return nest_push(lex, nest, '(', 1);
	if (c == '\n')
		advance_line(lex);
	else
		lex->at++;
	return true;
}

static bool is_open_in_double_quotes(const struct nest *nest)
{
	return nest->n > 1 && nest->open[nest->n - 1] == '{' && nest->open[nest->n - 2] == '"';
}

/* A ' in "${...}" is a quote for bash and a plain byte for dash. Where that makes no difference it is passed over. */
static bool skip_doubtful_quote(struct kj_shell_lex *lex)
{
	const char *close = memchr(lex->at + 1, '\'', (size_t)(lex->end - lex->at) - 1);
	kj_str inside = {lex->at + 1, close ? (size_t)(close - lex->at) - 1 : 0};
	if (!close || kj_str_find_any(inside, KJ_STR("}\"$`\\\n")) < inside.n)
		return fail(lex, "a ' inside \"${}\", which shells read in different ways");
	lex->at = close + 1;
	return true;
}

/* One step inside whatever is innermost. */
static bool step(struct kj_shell_lex *lex, struct nest *nest, char *before)
{
	char c = *lex->at, open = nest->open[nest->n - 1];
	char close = open == '{' ? '}' : open == 'a' ? ')' : open;
	if (c == '\\') {
		advance_escape(lex);
		return true;
	}
	if (open != '(' && c == close) {
		nest->n--;
		lex->at++;
		return true;
	}
	if (open == '`') {
		advance(lex);
		return true;
	}
	if (c == '$' && open != '"' && peek(lex, 1) == '\'')
		return skip_ansi_quotes(lex);
	if (c == '$')
		return nest_dollar(lex, nest);
	if (c == '`' || (c == '"' && open != '"'))
		return nest_push(lex, nest, c, 1);
	if (c == '\'' && is_open_in_double_quotes(nest))
		return skip_doubtful_quote(lex);
	if (c == '\'' && open != '"' && open != 'a')
		return skip_single_quotes(lex);
	if (open == 'a' && c == '(')
		return nest_push(lex, nest, 'a', 1);
	if (open == '(')
		return step_command(lex, nest, before);
	advance(lex);
	return true;
}

/* Passes over what opens here: up to the byte that closes it. */
static bool skip_nested(struct kj_shell_lex *lex, char open, size_t length)
{
	struct nest nest = {.n = 0};
	char before = '(';
	nest_push(lex, &nest, open, length);
	while (nest.n && lex->at < lex->end)
		if (!step(lex, &nest, &before))
			return false;
	return !nest.n ||
	       fail(lex, open == '"' || open == '`' ? "the quote is not closed" : "the expansion is not closed");
}

bool kj_shell_skip_arithmetic(struct kj_shell_lex *lex)
{
	struct nest nest = {.n = 0};
	char before = '(';
	nest_push(lex, &nest, 'a', 0);
	nest_push(lex, &nest, 'a', 1);
	while (nest.n && lex->at < lex->end)
		if (!step(lex, &nest, &before))
			return false;
	return !nest.n || fail(lex, "the (( is not closed");
}

static bool skip_dollar(struct kj_shell_lex *lex)
{
	char next = peek(lex, 1);
	if (next == '\'') {
		lex->dynamic = lex->quoted = true;
		return skip_ansi_quotes(lex);
	}
	if (next == '"') {
		lex->at++;
		return true;
	}
	if (is_name(next) || (next && memchr("({*@#?-$!", next, 9)))
		lex->dynamic = true;
	if (next == '(')
		return skip_nested(lex, peek(lex, 2) == '(' ? 'a' : '(', 2);
	if (next == '{')
		return skip_nested(lex, '{', 2);
	lex->at++;
	return true;
}

/* Does the expansion of a "…" matter? A dollar or backquote that no backslash quotes. */
static bool is_dynamic(kj_str quoted)
{
	for (size_t i = 0; i < quoted.n; i++) {
		if (quoted.p[i] == '\\')
			i++;
		else if (quoted.p[i] == '$' || quoted.p[i] == '`')
			return true;
	}
	return false;
}

static bool skip_double_quotes(struct kj_shell_lex *lex)
{
	const char *start = lex->at;
	lex->quoted = true;
	if (!skip_nested(lex, '"', 1))
		return false;
	lex->dynamic = lex->dynamic || is_dynamic((kj_str){start, (size_t)(lex->at - start)});
	return true;
}

/* Is what was read so far NAME= or NAME+=, so that a ( opens a list of values? */
static bool is_list(kj_str word)
{
	size_t i = 0;
	while (i < word.n && is_name(word.p[i]))
		i++;
	return i && i < word.n &&
	       (i + 1 == word.n ? word.p[i] == '=' : i + 2 == word.n && word.p[i] == '+' && word.p[i + 1] == '=');
}

/* One step of a word outside of quotes; false when something has no end. */
static bool step_word(struct kj_shell_lex *lex)
{
	switch (*lex->at) {
	case '\\':
		lex->quoted = true;
		advance_escape(lex);
		return true;
	case '\'':
		lex->quoted = true;
		return skip_single_quotes(lex);
	case '"':
		return skip_double_quotes(lex);
	case '`':
		lex->dynamic = true;
		return skip_nested(lex, '`', 1);
	case '$':
		return skip_dollar(lex);
	default:
		lex->at++;
		return true;
	}
}

static bool is_process_substitution(const struct kj_shell_lex *lex)
{
	return (*lex->at == '<' || *lex->at == '>') && peek(lex, 1) == '(';
}

/* Reads a word into lex->word; it may come out empty. */
static bool read_word(struct kj_shell_lex *lex)
{
	const char *start = lex->at;
	lex->quoted = lex->dynamic = false;
	lex->word_line = lex->line;
	lex->word_col = (uint32_t)(lex->at - lex->line_start) + 1;
	while (lex->at < lex->end) {
		size_t length = *lex->at == '(' ? 1 : is_process_substitution(lex) ? 2 : 0;
		kj_str so_far = {start, (size_t)(lex->at - start)};
		if (length == 2 || (length && is_list(so_far))) {
			lex->dynamic = true;
			if (!skip_nested(lex, '(', length))
				return false;
		} else if (ends_word(*lex->at)) {
			break;
		} else if (!step_word(lex)) {
			return false;
		}
	}
	lex->word = (kj_str){start, (size_t)(lex->at - start)};
	return true;
}

/* --- tokens --- */

/* A redirection and its word. */
static bool skip_redirection(struct kj_shell_lex *lex)
{
	if (peek(lex, 0) == '<' && peek(lex, 1) == '<' && peek(lex, 2) != '<') {
		lex->at += 2;
		return announce_here(lex);
	}
	while (lex->at < lex->end && memchr("<>&|", *lex->at, 4))
		lex->at++;
	while (peek(lex, 0) == ' ' || peek(lex, 0) == '\t')
		lex->at++;
	return read_word(lex);
}

static void skip_blanks(struct kj_shell_lex *lex)
{
	while (lex->at < lex->end) {
		char c = *lex->at;
		if (c == '\\' && peek(lex, 1) == '\n')
			advance_escape(lex);
		else if (c == '\\' && peek(lex, 1) == '\r' && peek(lex, 2) == '\n')
			advance_to(lex, lex->at + 3);
		else if (c == ' ' || c == '\t' || c == '\r')
			lex->at++;
		else if (c == '#')
			skip_comment(lex);
		else
			return;
	}
}

static enum kj_shell_token take(struct kj_shell_lex *lex, size_t length, enum kj_shell_token token)
{
	lex->at += length;
	return token;
}

static enum kj_shell_token read_operator(struct kj_shell_lex *lex)
{
	char c = *lex->at, next = peek(lex, 1);
	switch (c) {
	case '\n':
		advance_line(lex);
		return KJ_SHELL_NEWLINE;
	case ';':
		return next == ';' ? take(lex, peek(lex, 2) == '&' ? 3 : 2, KJ_SHELL_CASE)
		                   : take(lex, next == '&' ? 2 : 1, next == '&' ? KJ_SHELL_CASE : KJ_SHELL_SEMI);
	case '&':
		return take(lex, next == '&' ? 2 : 1, next == '&' ? KJ_SHELL_AND_OR : KJ_SHELL_AMP);
	case '|':
		return take(lex, next == '|' || next == '&' ? 2 : 1, next == '|' ? KJ_SHELL_AND_OR : KJ_SHELL_PIPE);
	case '(':
		return take(lex, 1, KJ_SHELL_OPEN);
	default:
		return take(lex, 1, KJ_SHELL_CLOSE);
	}
}

/* Does the word just read belong to a redirection: the 2 of `2>file`? */
static bool is_descriptor(const struct kj_shell_lex *lex)
{
	size_t i = 0;
	while (i < lex->word.n && kj_is_digit(lex->word.p[i]))
		i++;
	return i == lex->word.n && (peek(lex, 0) == '<' || peek(lex, 0) == '>');
}

enum kj_shell_token kj_shell_next(struct kj_shell_lex *lex)
{
	for (;;) {
		skip_blanks(lex);
		if (lex->at == lex->end)
			return lex->problem ? KJ_SHELL_BAD : KJ_SHELL_END;
		lex->word_line = lex->line;
		lex->word_col = (uint32_t)(lex->at - lex->line_start) + 1;
		char c = *lex->at;
		bool redirection =
		        ((c == '<' || c == '>') && !is_process_substitution(lex)) || (c == '&' && peek(lex, 1) == '>');
		if (redirection) {
			if (!skip_redirection(lex))
				return KJ_SHELL_BAD;
			continue;
		}
		if (ends_word(c) && !is_process_substitution(lex))
			return read_operator(lex);
		if (!read_word(lex))
			return KJ_SHELL_BAD;
		if (!is_descriptor(lex))
			return KJ_SHELL_WORD;
	}
}

/* Undoes one quoted part at word.p[*i]; writes what it stands for. */
static size_t unquote_part(kj_str word, size_t *i, char *out)
{
	char quote = word.p[*i];
	size_t n = 0;
	for (++*i; *i < word.n && word.p[*i] != quote; ++*i) {
		bool escape = quote == '"' && word.p[*i] == '\\' && *i + 1 < word.n;
		if (escape && word.p[*i + 1] == '\n') {
			++*i;
			continue;
		}
		if (escape && memchr("$`\"\\", word.p[*i + 1], 4))
			++*i;
		out[n++] = word.p[*i];
	}
	return n;
}

kj_str kj_shell_unquote(struct kj_arena *arena, kj_str word)
{
	if (kj_str_find_any(word, KJ_STR("'\"\\")) == word.n)
		return word;
	bool simple = word.n > 1 && (word.p[0] == '"' || word.p[0] == '\'') && word.p[word.n - 1] == word.p[0];
	kj_str inside = simple ? (kj_str){word.p + 1, word.n - 2} : word;
	if (simple && kj_str_find_any(inside, KJ_STR("'\"\\")) == inside.n)
		return inside;
	char *out = kj_alloc_text(arena, word.n);
	size_t n = 0;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		if (c == '\'' || c == '"')
			n += unquote_part(word, &i, out + n);
		else if (c != '\\')
			out[n++] = c;
		else if (++i < word.n && word.p[i] != '\n')
			out[n++] = word.p[i];
	}
	return (kj_str){out, n};
}
