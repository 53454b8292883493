/* The words of sudoers (toke.l), as a table: of all that may begin at a place the longest, of equally long ones the
   first. */
#include "parse/sudoers_lex.h"

#include "parse/scan.h"

/* ---- the table: what may begin at a place ---- */

typedef size_t measure(const struct sudo_lex *lex, const char *at, const char *word);

static size_t literal(const struct sudo_lex *lex, const char *at, const char *word)
{
	size_t n = *at == *word ? strlen(word) : 0;
	return n && (size_t)(lex->end - at) >= n && memcmp(at, word, n) == 0 ? n : 0;
}

/* NOPASSWD: with blanks before its colon. */
static size_t tag(const struct sudo_lex *lex, const char *at, const char *word)
{
	size_t n = literal(lex, at, word);
	if (!n)
		return 0;
	n += kj_sudo_white(at + n, lex->end);
	return at + n < lex->end && at[n] == ':' ? n + 1 : 0;
}

static size_t netgroup(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	size_t n = *at == '+' ? kj_sudo_word(at + 1, lex->end) : 0;
	return n ? n + 1 : 0;
}

static size_t group(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	if (*at != '%')
		return 0;
	size_t colon = at + 1 < lex->end && at[1] == ':';
	size_t n = kj_sudo_name(at + 1 + colon, lex->end);
	return n ? 1 + colon + n : 0;
}

static size_t address(const struct sudo_lex *lex, const char *at, const char *word)
{
	bool bad;
	(void)word;
	return kj_sudo_address(at, lex->end, &bad);
}

static size_t alias(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	return kj_sudo_alias(at, lex->end);
}

static size_t path(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	return kj_sudo_path(at, lex->end);
}

static size_t regex(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	return kj_sudo_regex(at, lex->end);
}

static size_t plain(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	return kj_sudo_name(at, lex->end);
}

static size_t hex(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	const char *p = at;
	while (p < lex->end && (kj_is_digit(*p) || (kj_lower(*p) >= 'a' && kj_lower(*p) <= 'f')))
		p++;
	return (size_t)(p - at);
}

static size_t base64(const struct sudo_lex *lex, const char *at, const char *word)
{
	(void)word;
	const char *p = at;
	while (p < lex->end && (kj_is_alnum(*p) || *p == '+' || *p == '/' || *p == '='))
		p++;
	return (size_t)(p - at);
}

typedef void finish(struct sudo_lex *lex, kj_str word, unsigned code);

static finish found_word, found_path_word, found_address, found_include, found_empty, found_bare_command, found_hash,
        found_command, found_regex_command, found_path_option, found_hex, found_base64, found_string, found_option;

enum { ANY = SUDO_AT_START | SUDO_AT_BINDING | SUDO_AT_DIGEST | SUDO_AT_PATH };

struct rule {
	unsigned states;
	measure *length;
	const char *word;
	enum sudo_token token;
	unsigned code;
	finish *finish; /* NULL: the token is all there is to say */
};

#define TAG(tag_, on, name)                                                                                            \
	{                                                                                                              \
		ANY, tag, name, SUDO_TAG, 2 * (unsigned)(tag_) + !(on), NULL                                           \
	}
#define CHAR(c)                                                                                                        \
	{                                                                                                              \
		ANY, literal, (const char[]){c, 0}, SUDO_CHAR, c, NULL                                                 \
	}

static const struct rule rules[] = {
        {SUDO_AT_DIGEST, hex, NULL, SUDO_DIGEST, 0, found_hex},
        {SUDO_AT_DIGEST, base64, NULL, SUDO_DIGEST, 0, found_base64},
        {SUDO_AT_START, literal, "@include", SUDO_INCLUDE, 10901, found_include},
        {SUDO_AT_START, literal, "@includedir", SUDO_INCLUDEDIR, 10901, found_include},
        TAG(KJ_SUDO_NOPASSWD, true, "NOPASSWD"),
        TAG(KJ_SUDO_NOPASSWD, false, "PASSWD"),
        TAG(KJ_SUDO_NOEXEC, true, "NOEXEC"),
        TAG(KJ_SUDO_NOEXEC, false, "EXEC"),
        TAG(KJ_SUDO_INTERCEPT, true, "INTERCEPT"),
        TAG(KJ_SUDO_INTERCEPT, false, "NOINTERCEPT"),
        TAG(KJ_SUDO_SETENV, true, "SETENV"),
        TAG(KJ_SUDO_SETENV, false, "NOSETENV"),
        TAG(KJ_SUDO_LOG_OUTPUT, true, "LOG_OUTPUT"),
        TAG(KJ_SUDO_LOG_OUTPUT, false, "NOLOG_OUTPUT"),
        TAG(KJ_SUDO_LOG_INPUT, true, "LOG_INPUT"),
        TAG(KJ_SUDO_LOG_INPUT, false, "NOLOG_INPUT"),
        TAG(KJ_SUDO_MAIL, true, "MAIL"),
        TAG(KJ_SUDO_MAIL, false, "NOMAIL"),
        TAG(KJ_SUDO_FOLLOW, true, "FOLLOW"),
        TAG(KJ_SUDO_FOLLOW, false, "NOFOLLOW"),
        {SUDO_AT_START | SUDO_AT_BINDING, literal, "+", SUDO_ERROR, 0, found_empty},
        {SUDO_AT_START | SUDO_AT_BINDING, literal, "%", SUDO_ERROR, 0, found_empty},
        {SUDO_AT_START | SUDO_AT_BINDING, literal, "%:", SUDO_ERROR, 0, found_empty},
        {ANY, netgroup, NULL, SUDO_NETGROUP, 0, found_word},
        {ANY, group, NULL, SUDO_GROUP, 0, found_word},
        {ANY, address, NULL, SUDO_ADDRESS, 0, found_address},
        {ANY, literal, "ALL", SUDO_ALL, 0, NULL},
        {SUDO_AT_START, literal, "TIMEOUT", SUDO_OPTION, KJ_SUDO_TIMEOUT, found_option},
        {SUDO_AT_START, literal, "NOTBEFORE", SUDO_OPTION, KJ_SUDO_NOTBEFORE, found_option},
        {SUDO_AT_START, literal, "NOTAFTER", SUDO_OPTION, KJ_SUDO_NOTAFTER, found_option},
        {SUDO_AT_START, literal, "CWD", SUDO_OPTION, KJ_SUDO_CWD, found_path_option},
        {SUDO_AT_START, literal, "CHROOT", SUDO_OPTION, KJ_SUDO_CHROOT, found_path_option},
        {SUDO_AT_START, literal, "ROLE", SUDO_OPTION, KJ_SUDO_ROLE, NULL},
        {SUDO_AT_START, literal, "TYPE", SUDO_OPTION, KJ_SUDO_TYPE, NULL},
        {ANY, alias, NULL, SUDO_ALIAS, 0, found_word},
        {SUDO_AT_BINDING, path, NULL, SUDO_COMMAND, 0, found_bare_command},
        {SUDO_AT_BINDING, regex, NULL, SUDO_COMMAND, 0, found_bare_command},
        {SUDO_AT_BINDING, literal, "sudoedit", SUDO_COMMAND, 0, found_bare_command},
        {ANY, literal, "sha224", SUDO_HASH, 28, found_hash},
        {ANY, literal, "sha256", SUDO_HASH, 32, found_hash},
        {ANY, literal, "sha384", SUDO_HASH, 48, found_hash},
        {ANY, literal, "sha512", SUDO_HASH, 64, found_hash},
        {ANY, literal, "sudoedit", SUDO_COMMAND, 0, found_command},
        {SUDO_AT_PATH, path, NULL, SUDO_WORD, 0, found_path_word},
        {SUDO_AT_PATH, plain, NULL, SUDO_WORD, 0, found_path_word},
        {ANY, path, NULL, SUDO_COMMAND, 0, found_command},
        {ANY, regex, NULL, SUDO_COMMAND, 0, found_regex_command},
        {SUDO_AT_START | SUDO_AT_BINDING, literal, "\"", SUDO_WORD, 0, found_string},
        {SUDO_AT_START | SUDO_AT_BINDING, plain, NULL, SUDO_WORD, 0, found_word},
        CHAR('('),
        CHAR(')'),
        CHAR(','),
        CHAR('='),
        CHAR(':'),
};

/* ---- what each leads to ---- */

void kj_sudo_lex_need(struct sudo_lex *lex, unsigned since)
{
	if (lex->since < since)
		lex->since = since;
}

void kj_sudo_lex_fail(struct sudo_lex *lex, const char *problem)
{
	lex->token = SUDO_ERROR;
	lex->problem = problem;
}

static void found_word(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	lex->text = kj_sudo_unescape(lex->arena, word);
}

static void found_path_word(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	lex->text = kj_sudo_unescape(lex->arena, word);
	lex->state = lex->before;
}

static void found_address(struct sudo_lex *lex, kj_str word, unsigned code)
{
	bool bad;
	(void)code;
	kj_sudo_address(word.p, word.p + word.n, &bad);
	lex->text = word;
	if (bad)
		kj_sudo_lex_fail(lex, "invalid IPv6 address");
}

void kj_sudo_lex_include(struct sudo_lex *lex)
{
	if (lex->continued)
		kj_sudo_lex_fail(lex, "an include on a continued line");
	else
		lex->state = SUDO_AT_INCLUDE;
}

static void found_include(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)word;
	kj_sudo_lex_need(lex, code);
	kj_sudo_lex_include(lex);
}

static void found_empty(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	kj_sudo_lex_fail(lex, *word.p == '+' ? "empty netgroup" : "empty group");
}

static void found_hash(struct sudo_lex *lex, kj_str word, unsigned code)
{
	lex->text = word;
	lex->digest = code;
	lex->state = SUDO_AT_DIGEST;
}

/* A digest of another length is passed over. */
static void found_digest(struct sudo_lex *lex, kj_str word, size_t length)
{
	lex->text = word;
	lex->state = SUDO_AT_START;
	if (word.n != length)
		kj_sudo_lex_fail(lex, "a digest of the wrong length");
}

static void found_hex(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	found_digest(lex, word, 2 * lex->digest);
}

static void found_base64(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	bool padded = word.p[word.n - 1] == '=';
	found_digest(lex, word, padded ? 4 * ((lex->digest + 2) / 3) : (4 * lex->digest + 2) / 3);
}

static void found_option(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)word;
	(void)code;
	kj_sudo_lex_need(lex, 10820);
}

static void found_path_option(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)word;
	(void)code;
	kj_sudo_lex_need(lex, 10903);
	lex->before = lex->state;
	lex->state = SUDO_AT_PATH;
}

void kj_sudo_lex_string(struct sudo_lex *lex)
{
	lex->before = lex->state;
	lex->state = SUDO_AT_STRING;
	lex->string = KJ_BUF(lex->arena);
}

static void found_string(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)word;
	(void)code;
	kj_sudo_lex_string(lex);
}

static kj_str command_path(struct sudo_lex *lex, kj_str word)
{
	if (*word.p == '^')
		kj_sudo_lex_need(lex, 10910);
	kj_str name = kj_sudo_unescape_path(lex->arena, word);
	return *word.p != '^' && kj_str_ends(name, KJ_STR("/sudoedit")) ? KJ_STR("sudoedit") : name;
}

static void found_bare_command(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	lex->text = command_path(lex, word);
	lex->with_arguments = false;
}

static void found_regex_command(struct sudo_lex *lex, kj_str word, unsigned code)
{
	(void)code;
	lex->path = command_path(lex, word);
	lex->args = KJ_BUF(lex->arena);
	lex->has_args = false;
	lex->state = SUDO_AT_COMMAND;
}

/* A folder has no arguments; else they follow, and the command ends with them. */
static void found_command(struct sudo_lex *lex, kj_str word, unsigned code)
{
	if (word.p[word.n - 1] == '/')
		found_bare_command(lex, word, code);
	else
		found_regex_command(lex, word, code);
}

bool kj_sudo_lex_word(struct sudo_lex *lex)
{
	const struct rule *best = NULL;
	size_t n = 0;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (!(rules[i].states & lex->state))
			continue;
		size_t more = rules[i].length(lex, lex->at, rules[i].word);
		if (more > n) {
			n = more;
			best = &rules[i];
		}
	}
	if (!best) {
		lex->at++;
		kj_sudo_lex_fail(lex, "syntax error");
		return true;
	}
	kj_str word = {lex->at, n};
	lex->token = best->token;
	lex->at += n;
	lex->code = best->code;
	if (best->token == SUDO_TAG && best->code / 2 == KJ_SUDO_INTERCEPT)
		kj_sudo_lex_need(lex, 10908);
	if (best->finish)
		best->finish(lex, word, best->code);
	return lex->state != SUDO_AT_STRING && (lex->state != SUDO_AT_COMMAND || lex->token == SUDO_ERROR);
}
