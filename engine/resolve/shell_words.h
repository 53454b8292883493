/* Words of a command, as sh(1) and wordexp(3) split them. Nothing is expanded. */
#ifndef KJ_RESOLVE_SHELL_WORDS_H
#define KJ_RESOLVE_SHELL_WORDS_H

#include "base/str.h"

enum { KJ_SHELL_WORDS_MAX = 200 };

struct kj_shell_word {
	kj_str text;
	bool operator; /* of the shell: ; & && | || > < and the like */
	bool dynamic;  /* with something in it that the shell makes up */
};

struct kj_shell_words {
	struct kj_shell_word at[KJ_SHELL_WORDS_MAX];
	size_t n;
	const char *problem; /* why the shell cannot read it; NULL: it can */
};

/* `shell`: with operators and comments, as sh has them; false: as wordexp(3), which refuses operators. */
void kj_shell_split(struct kj_arena *arena, kj_str s, bool shell, struct kj_shell_words *out);

#endif
