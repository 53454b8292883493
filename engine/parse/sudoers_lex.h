/* The words of sudoers. Private to the parser. */
#ifndef KJ_PARSE_SUDOERS_LEX_H
#define KJ_PARSE_SUDOERS_LEX_H

#include "base/buf.h"
#include "base/num.h"
#include "parse/sudoers.h"

enum sudo_token {
	SUDO_END,
	SUDO_NEWLINE,
	SUDO_WORD,
	SUDO_ALIAS,
	SUDO_ALL,
	SUDO_GROUP,
	SUDO_NETGROUP,
	SUDO_ADDRESS,
	SUDO_COMMAND,
	SUDO_DEFVAR,
	SUDO_INCLUDE,
	SUDO_INCLUDEDIR,
	SUDO_DEFAULTS, /* code: the scope */
	SUDO_ALIASES,  /* code: the scope */
	SUDO_TAG,      /* code: the tag twice, and one more when it is off */
	SUDO_OPTION,   /* code: the option */
	SUDO_HASH,     /* sha256; text: the name */
	SUDO_DIGEST,
	SUDO_CHAR, /* code: one of , : = ! ( ) and + - for += -= */
	SUDO_ERROR,
};

/* Where the lexer is: the same bytes are other words there. */
enum sudo_state {
	SUDO_AT_START = 1,
	SUDO_AT_BINDING = 2, /* behind Defaults: */
	SUDO_AT_COMMAND = 4,
	SUDO_AT_REGEX = 8, /* a command's arguments that are one */
	SUDO_AT_NAME = 16, /* of a Defaults */
	SUDO_AT_VALUE = 32,
	SUDO_AT_STRING = 64,
	SUDO_AT_DIGEST = 128,
	SUDO_AT_INCLUDE = 256,
	SUDO_AT_PATH = 512, /* behind CWD and CHROOT */
};

struct sudo_lex {
	struct kj_arena *arena;
	const char *at, *end, *line_at;
	uint32_t line;
	enum sudo_state state, before; /* before: what a string or a path returns to */
	bool continued, blank;         /* a backslash joined lines; a blank was passed over */
	size_t digest;                 /* bytes of the digest that must follow */
	kj_str path;                   /* of a command whose arguments are being read */
	struct kj_buf args;
	bool has_args;
	struct kj_buf string;

	/* the word found last */
	enum sudo_token token;
	unsigned code, since;
	kj_str text, arguments;
	bool with_arguments;
	const char *problem; /* of SUDO_ERROR */
	uint32_t token_line, token_col;
};

/* The text must end in a newline and hold no NUL. */
void kj_sudo_lex_open(struct sudo_lex *lex, struct kj_arena *arena, kj_str bytes);
void kj_sudo_lex_next(struct sudo_lex *lex);

/* ---- sudoers_rules.c ---- */
/* Finds the word at the place, as the table says. True: it is a token; false: a longer one begins with it. */
bool kj_sudo_lex_word(struct sudo_lex *lex);
void kj_sudo_lex_fail(struct sudo_lex *lex, const char *problem);
/* What was found needs this version of sudo. */
void kj_sudo_lex_need(struct sudo_lex *lex, unsigned since);
void kj_sudo_lex_string(struct sudo_lex *lex);  /* a quote was found */
void kj_sudo_lex_include(struct sudo_lex *lex); /* the word for an include was found */

/* ---- sudoers_words.c: how long is the word of a kind that begins here? 0: none does ---- */
size_t kj_sudo_word(const char *at, const char *end);
size_t kj_sudo_id(const char *at, const char *end); /* #1000 */
size_t kj_sudo_path(const char *at, const char *end);
size_t kj_sudo_regex(const char *at, const char *end); /* ^…$ */
size_t kj_sudo_alias(const char *at, const char *end);
size_t kj_sudo_address(const char *at, const char *end, bool *bad);
size_t kj_sudo_white(const char *at, const char *end); /* blanks and tabs */
size_t kj_sudo_name(const char *at, const char *end);  /* a word or an id */
size_t kj_sudo_value(const char *at, const char *end); /* of a Defaults, without quotes */
/* Escapes taken off: \x41, and a backslash before anything. */
kj_str kj_sudo_unescape(struct kj_arena *arena, kj_str written);
/* The same for paths of commands, where only what sudoers itself gives a meaning is escaped. */
kj_str kj_sudo_unescape_path(struct kj_arena *arena, kj_str written);

#endif
