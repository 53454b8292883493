/* Words and operators of POSIX shells (sh, bash, ksh, zsh), for parse/shell.c. Knows quotes, comments, here-documents,
   expansions; runs nothing. */
#ifndef KJ_PARSE_SHELL_LEX_H
#define KJ_PARSE_SHELL_LEX_H

#include "parse/scan.h"

#define KJ_SHELL_DEPTH 64
#define KJ_SHELL_HERES 16

enum kj_shell_token {
	KJ_SHELL_END,
	KJ_SHELL_NEWLINE,
	KJ_SHELL_WORD,
	KJ_SHELL_SEMI,   /* ; */
	KJ_SHELL_CASE,   /* ;; ;& ;;& */
	KJ_SHELL_AMP,    /* & */
	KJ_SHELL_AND_OR, /* && || */
	KJ_SHELL_PIPE,   /* | |& */
	KJ_SHELL_OPEN,   /* ( */
	KJ_SHELL_CLOSE,  /* ) */
	KJ_SHELL_BAD,    /* `problem` says what; nothing comes after it */
};

struct kj_shell_here {
	kj_str end; /* the line that ends it */
	bool tabs;  /* <<-: tabs before each line do not count */
};

struct kj_shell_lex {
	struct kj_arena *arena;
	const char *at, *end, *line_start;
	uint32_t line;
	const char *problem;
	struct kj_shell_here here[KJ_SHELL_HERES];
	size_t heres;
	/* The token read last. */
	kj_str word;          /* as written */
	bool quoted, dynamic; /* has quotes or backslashes; holds an expansion */
	uint32_t word_line, word_col;
};

struct kj_shell_lex kj_shell_lex_of(struct kj_arena *arena, const struct kj_text *text);
/* The next token. Redirections and comments are passed over. */
enum kj_shell_token kj_shell_next(struct kj_shell_lex *lex);
/* After the first of two opening parentheses: passes over an arithmetic command. False when it has no end. */
bool kj_shell_skip_arithmetic(struct kj_shell_lex *lex);
/* The text of a word that holds no expansion: quotes and backslashes undone. */
kj_str kj_shell_unquote(struct kj_arena *arena, kj_str word);

#endif
