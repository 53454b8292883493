/* Words of shells that mean something by themselves, for parse/shell.c. */
#ifndef KJ_PARSE_SHELL_WORDS_H
#define KJ_PARSE_SHELL_WORDS_H

#include "parse/shell_lex.h"

struct kj_shell_opener {
	kj_str word, closer;
	bool conditional;
};
/* if, while, for, case, { …; NULL: the word opens no block. */
const struct kj_shell_opener *kj_shell_opener(kj_str word);
const struct kj_shell_opener *kj_shell_subshell(void);
bool kj_shell_is_closer(kj_str word);
/* then, do, else …: a new list of commands begins. */
bool kj_shell_is_divider(kj_str word);

/* Bytes of a variable's name at the beginning. */
size_t kj_shell_name_length(kj_str s);
/* Is the word NAME=… or NAME+=…? `value` is the offset of what follows. */
bool kj_shell_is_assignment(kj_str word, size_t *name, size_t *value, bool *append);

/* A number up to KJ_SHELL_DEPTH as text. */
kj_str kj_shell_number(size_t n);

/* A list of conditions with a further one; `?` stands for one whose text is empty or long. */
kj_str kj_shell_also(struct kj_arena *arena, kj_str outer, const char *word, kj_str text);

#endif
