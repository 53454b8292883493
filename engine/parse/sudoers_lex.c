/* The walk over sudoers as sudo's scanner does it (toke.l): line ends, continued lines, comments, strings, and states in
   which the same bytes are other words. */
#include "parse/sudoers_lex.h"

#include "parse/scan.h"

static bool is_white(char c)
{
	return c == ' ' || c == '\t';
}

/* The length of a line's end here: LF or CR LF. */
static size_t line_end(const char *at, const char *end)
{
	if (at < end && *at == '\n')
		return 1;
	return at + 1 < end && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

/* A backslash that joins the next line: blanks may stand behind it. */
static size_t joint(const char *at, const char *end)
{
	if (at >= end || *at != '\\')
		return 0;
	size_t n = 1 + kj_sudo_white(at + 1, end), more = line_end(at + n, end);
	return more ? n + more : 0;
}

static bool starts(const struct sudo_lex *lex, const char *at, const char *word)
{
	size_t n = strlen(word);
	return (size_t)(lex->end - at) >= n && memcmp(at, word, n) == 0;
}

/* ---- the start of a line ---- */

static void take(struct sudo_lex *lex, enum sudo_token token, size_t n)
{
	lex->token = token;
	lex->at += n;
}

/* #include and #includedir with a blank behind: only in the first column, and no comment. */
static bool hash_include(struct sudo_lex *lex)
{
	static const struct {
		const char *word;
		enum sudo_token token;
	} words[] = {{"#includedir", SUDO_INCLUDEDIR}, {"#include", SUDO_INCLUDE}};
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(words[i].word);
		if (!starts(lex, lex->at, words[i].word) || lex->at + n >= lex->end || !is_white(lex->at[n]))
			continue;
		take(lex, words[i].token, n);
		kj_sudo_lex_include(lex);
		return true;
	}
	return false;
}

/* `Defaults`, with the mark of its scope where a name follows. */
static void found_defaults(struct sudo_lex *lex, const char *at)
{
	static const char marks[] = ":@>!";
	static const unsigned scopes[] = {KJ_SUDO_USER, KJ_SUDO_HOST, KJ_SUDO_RUNAS, KJ_SUDO_CMND};
	lex->token = SUDO_DEFAULTS;
	lex->code = KJ_SUDO_GLOBAL;
	lex->state = SUDO_AT_BINDING;
	const char *mark = at < lex->end && *at ? strchr(marks, *at) : NULL;
	const char *name = mark ? at + 1 + kj_sudo_white(at + 1, lex->end) : at, *binding = name;
	while (name < lex->end && *name == '!')
		name++;
	if (name < lex->end && *name == '"')
		name++;
	if (mark && kj_sudo_name(name, lex->end)) {
		lex->code = scopes[mark - marks];
		at = binding;
	}
	lex->at = at;
	if (lex->continued)
		kj_sudo_lex_fail(lex, "Defaults on a continued line");
}

static bool found_aliases(struct sudo_lex *lex, const char *at)
{
	static const struct {
		const char *word;
		unsigned scope, since;
	} words[] = {{"Host_Alias", KJ_SUDO_HOST, 0},
	             {"Cmnd_Alias", KJ_SUDO_CMND, 0},
	             {"Cmd_Alias", KJ_SUDO_CMND, 10900},
	             {"User_Alias", KJ_SUDO_USER, 0},
	             {"Runas_Alias", KJ_SUDO_RUNAS, 0}};
	size_t i = 0;
	while (i < sizeof words / sizeof *words && !starts(lex, at, words[i].word))
		i++;
	size_t n = i < sizeof words / sizeof *words ? strlen(words[i].word) : 0;
	if (!n || (at == lex->at && kj_sudo_word(at, lex->end) > n))
		return false;
	lex->token = SUDO_ALIASES;
	lex->code = words[i].scope;
	lex->at = at + n;
	kj_sudo_lex_need(lex, words[i].since);
	if (lex->continued)
		kj_sudo_lex_fail(lex, "an alias on a continued line");
	return true;
}

/* Words that only the start of a line has, blanks before them or not. */
static bool line_word(struct sudo_lex *lex)
{
	if (lex->at != lex->line_at || lex->state != SUDO_AT_START)
		return false;
	if (*lex->at == '#')
		return hash_include(lex);
	const char *at = lex->at + kj_sudo_white(lex->at, lex->end);
	size_t n = strlen("Defaults");
	if (!starts(lex, at, "Defaults"))
		return found_aliases(lex, at);
	bool longer = at == lex->at && kj_sudo_word(at, lex->end) > n;
	const char *before = lex->at;
	found_defaults(lex, at + n);
	if (!longer || lex->code != KJ_SUDO_GLOBAL)
		return true;
	lex->at = before;
	lex->state = SUDO_AT_START;
	return false;
}

/* ---- the states ---- */

static void mark(struct sudo_lex *lex)
{
	lex->token_line = lex->line;
	lex->token_col = (uint32_t)(lex->at - lex->line_at) + 1;
}

/* A fault within a word: it is there that sudo sees it. */
static void broken(struct sudo_lex *lex, const char *problem)
{
	mark(lex);
	kj_sudo_lex_fail(lex, problem);
}

static void unknown(struct sudo_lex *lex)
{
	mark(lex);
	lex->at++;
	kj_sudo_lex_fail(lex, "syntax error");
}

static void end_line(struct sudo_lex *lex, size_t n)
{
	take(lex, SUDO_NEWLINE, n);
	lex->state = SUDO_AT_START;
	lex->line++;
	lex->line_at = lex->at;
	lex->continued = false;
}

/* A comment takes the line's end with it. `#` and digits are none: they are a uid. */
static bool comment(struct sudo_lex *lex)
{
	if (*lex->at != '#' || !(lex->state & (SUDO_AT_START | SUDO_AT_NAME | SUDO_AT_VALUE)))
		return false;
	const char *p = lex->at + 1;
	if (p < lex->end && *p == '-')
		p++;
	bool uid = p < lex->end && kj_is_digit(*p), cut = p < lex->end && *p == '\r' && !line_end(p, lex->end);
	if (uid || cut || (p > lex->at + 1 && line_end(p, lex->end)))
		return false;
	const char *lf = memchr(lex->at, '\n', (size_t)(lex->end - lex->at));
	end_line(lex, (size_t)(lf - lex->at) + 1);
	return true;
}

/* Several `!` are one or none; false: none. */
static bool negation(struct sudo_lex *lex)
{
	size_t n = 0;
	while (lex->at + n < lex->end && lex->at[n] == '!')
		n++;
	take(lex, SUDO_CHAR, n);
	lex->code = '!';
	return n & 1;
}

static void end_command(struct sudo_lex *lex)
{
	lex->token = SUDO_COMMAND;
	lex->state = SUDO_AT_START;
	lex->text = lex->path;
	lex->arguments = kj_buf_str(&lex->args);
	lex->with_arguments = lex->has_args;
}

static void add_argument(struct sudo_lex *lex, kj_str text, bool spaced)
{
	if (spaced && lex->has_args && lex->blank)
		kj_buf_char(&lex->args, ' ');
	kj_buf_put(&lex->args, text);
	lex->has_args = true;
	lex->blank = false;
}

static bool in_command(struct sudo_lex *lex)
{
	char c = *lex->at;
	bool more = lex->at + 1 < lex->end;
	const char *p = lex->at;
	if (c == '\\' && more && strchr("*?[]!^:\\,= \t#", lex->at[1])) {
		bool kept = strchr("*?[]!^", lex->at[1]);
		add_argument(lex, (kj_str){lex->at + !kept, kept ? 2 : 1}, true);
		lex->at += 2;
		return false;
	}
	while (p < lex->end && !strchr("#\\:, \t\r\n", *p))
		p++;
	if (p == lex->at || (c == '=' && p == lex->at + 1)) {
		if (c == '\\')
			unknown(lex);
		else
			end_command(lex);
		return true;
	}
	if (c == '^' && !lex->has_args) {
		lex->state = SUDO_AT_REGEX;
		kj_sudo_lex_need(lex, 10910);
		return false;
	}
	add_argument(lex, (kj_str){lex->at, (size_t)(p - lex->at)}, true);
	lex->at = p;
	return false;
}

static bool in_regex(struct sudo_lex *lex)
{
	char c = *lex->at;
	size_t n = c == '$' ? 1 : 2;
	if (c == '#' || c == '\r' || c == '\n') {
		lex->state = SUDO_AT_START;
		broken(lex, "unterminated regular expression");
		return true;
	}
	if (c == '$' || (c == '\\' && lex->at + 1 < lex->end && !strchr("\r\n", lex->at[1]))) {
		add_argument(lex, (kj_str){lex->at, n}, false);
		lex->at += n;
		if (c == '$')
			end_command(lex);
		return c == '$';
	}
	const char *p = lex->at;
	while (p < lex->end && !strchr("#\\\r\n$", *p))
		p++;
	if (p == lex->at) {
		unknown(lex);
		return true;
	}
	const char *from = lex->continued ? lex->at + kj_sudo_white(lex->at, p) : lex->at;
	lex->continued = false;
	add_argument(lex, (kj_str){from, (size_t)(p - from)}, false);
	lex->at = p;
	return false;
}

static bool in_name(struct sudo_lex *lex)
{
	const char *p = lex->at;
	while (p < lex->end && ((*p >= 'a' && *p <= 'z') || *p == '_'))
		p++;
	if (p == lex->at) {
		unknown(lex);
		return true;
	}
	lex->text = (kj_str){lex->at, (size_t)(p - lex->at)};
	take(lex, SUDO_DEFVAR, lex->text.n);
	lex->state = SUDO_AT_VALUE;
	return true;
}

static bool in_value(struct sudo_lex *lex)
{
	char c = *lex->at, next = lex->at + 1 < lex->end ? lex->at[1] : 0;
	bool add = (c == '+' || c == '-') && next == '=';
	if (add || c == '=' || c == ',') {
		take(lex, SUDO_CHAR, add ? 2 : 1);
		lex->code = (unsigned char)c;
		lex->state = c == ',' ? SUDO_AT_NAME : SUDO_AT_VALUE;
		return true;
	}
	if (c == '"') {
		lex->at++;
		kj_sudo_lex_string(lex);
		return false;
	}
	size_t n = kj_sudo_value(lex->at, lex->end);
	if (!n) {
		unknown(lex);
		return true;
	}
	lex->text = kj_sudo_unescape(lex->arena, (kj_str){lex->at, n});
	take(lex, SUDO_WORD, n);
	return true;
}

static bool in_include(struct sudo_lex *lex)
{
	const char *p = lex->at;
	if (*p == '"') {
		lex->at++;
		lex->state = SUDO_AT_START;
		kj_sudo_lex_string(lex);
		return false;
	}
	while (p < lex->end && (!kj_blank(*p) || (p > lex->at && p[-1] == '\\' && is_white(*p))))
		p++;
	if (p == lex->at) {
		unknown(lex);
		return true;
	}
	lex->text = kj_sudo_unescape(lex->arena, (kj_str){lex->at, (size_t)(p - lex->at)});
	take(lex, SUDO_WORD, (size_t)(p - lex->at));
	lex->state = SUDO_AT_START;
	return true;
}

static void end_string(struct sudo_lex *lex)
{
	lex->at++;
	lex->token = SUDO_WORD;
	lex->text = kj_buf_str(&lex->string);
	lex->state = lex->before;
	if (!lex->text.n) {
		broken(lex, "empty string");
		return;
	}
	char first = lex->text.p[0];
	if (lex->state == SUDO_AT_VALUE || (first != '%' && first != '+'))
		return;
	lex->token = first == '%' ? SUDO_GROUP : SUDO_NETGROUP;
	if (lex->text.n == 1 || kj_str_eq(lex->text, KJ_STR("%:")))
		kj_sudo_lex_fail(lex, first == '%' ? "empty group" : "empty netgroup");
}

static bool in_string(struct sudo_lex *lex)
{
	size_t n = joint(lex->at, lex->end);
	if (n) {
		lex->at += n;
		lex->line++;
		lex->line_at = lex->at;
		lex->continued = true;
		lex->at += kj_sudo_white(lex->at, lex->end);
		return false;
	}
	if (line_end(lex->at, lex->end)) {
		lex->state = SUDO_AT_START;
		broken(lex, "unexpected line break in string");
		return true;
	}
	if (*lex->at == '"') {
		end_string(lex);
		return true;
	}
	if (*lex->at == '\r') {
		unknown(lex);
		return true;
	}
	if (*lex->at == '\\' && lex->at + 1 < lex->end && lex->at[1] == '"')
		lex->at++;
	kj_buf_char(&lex->string, *lex->at++);
	return false;
}

/* ---- */

/* What means the same in all states but inside strings. True: it was there; *token: it is a token. */
static bool everywhere(struct sudo_lex *lex, bool *token)
{
	size_t n = line_end(lex->at, lex->end);
	*token = false;
	if (n) {
		/* LF ends a command; CR LF is a line's end before it can, and the command is lost: a fault */
		bool pending = lex->state == SUDO_AT_COMMAND && n == 1;
		*token = true;
		if (lex->state == SUDO_AT_REGEX && n == 1)
			return false;
		if (pending) {
			end_command(lex);
		} else {
			mark(lex);
			end_line(lex, n);
		}
	} else if ((n = joint(lex->at, lex->end))) {
		lex->at += n;
		lex->line++;
		lex->line_at = lex->at;
		lex->continued = lex->blank = true;
	} else if (*lex->at == '!' && !(lex->state & (SUDO_AT_COMMAND | SUDO_AT_REGEX | SUDO_AT_INCLUDE))) {
		*token = negation(lex);
	} else if (is_white(*lex->at) && lex->state != SUDO_AT_REGEX) {
		lex->at += kj_sudo_white(lex->at, lex->end);
		lex->blank = true;
	} else {
		return false;
	}
	return true;
}

/* Behind Defaults: blanks lead to the names of settings, unless a comma stands among them. */
static bool binding_blank(struct sudo_lex *lex, bool *token)
{
	const char *p = lex->at + kj_sudo_white(lex->at, lex->end);
	*token = false;
	if (lex->state != SUDO_AT_BINDING || p >= lex->end || (p == lex->at && *p != ','))
		return false;
	if (*p == ',') {
		lex->at = p + 1 + kj_sudo_white(p + 1, lex->end);
		lex->token = SUDO_CHAR;
		lex->code = ',';
		*token = true;
	} else {
		lex->at = p;
		lex->state = SUDO_AT_NAME;
	}
	return true;
}

static bool in_state(struct sudo_lex *lex)
{
	bool token;
	switch (lex->state) {
	case SUDO_AT_STRING:
		return in_string(lex);
	case SUDO_AT_COMMAND:
		return everywhere(lex, &token) ? token : in_command(lex);
	case SUDO_AT_REGEX:
		return everywhere(lex, &token) ? token : in_regex(lex);
	default:
		break;
	}
	mark(lex);
	if (line_word(lex) || comment(lex))
		return true;
	if (binding_blank(lex, &token) || everywhere(lex, &token))
		return token;
	switch (lex->state) {
	case SUDO_AT_NAME:
		return in_name(lex);
	case SUDO_AT_VALUE:
		return in_value(lex);
	case SUDO_AT_INCLUDE:
		return in_include(lex);
	default:
		return kj_sudo_lex_word(lex);
	}
}

void kj_sudo_lex_open(struct sudo_lex *lex, struct kj_arena *arena, kj_str bytes)
{
	*lex = (struct sudo_lex){.arena = arena, .at = bytes.p, .line_at = bytes.p, .line = 1, .state = SUDO_AT_START};
	lex->end = bytes.p + bytes.n;
}

void kj_sudo_lex_next(struct sudo_lex *lex)
{
	lex->text = lex->arguments = KJ_STR("");
	lex->with_arguments = false;
	while (lex->at < lex->end)
		if (in_state(lex))
			return;
	mark(lex);
	lex->token = SUDO_END;
}
