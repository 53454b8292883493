/* What the conditions in profile files come to in a login shell. Private to the resolver of shells. */
#ifndef KJ_RESOLVE_SHELL_CONDITIONS_H
#define KJ_RESOLVE_SHELL_CONDITIONS_H

#include "resolve/work.h"

enum kj_reached { KJ_REACHED_NO, KJ_REACHED_MAYBE, KJ_REACHED_YES };

/* What is known where a condition stands. */
struct kj_shell_scene {
	struct kj_host *host;
	kj_str home;                 /* of the user, without the first slash; empty: any user */
	kj_str loop_name, loop_file; /* the variable of a `for`, and what it holds now; p NULL: none */
	/* The value of a variable that the resolver follows. MAYBE: it is not known. */
	enum kj_reached (*is_set)(void *ctx, kj_str name);
	void *ctx;
};

/* Is a statement with these conditions (a cell of the parser `shell`) reached by an interactive login bash? */
enum kj_reached kj_shell_reached(const struct kj_shell_scene *scene, kj_str conditions);

/* A word as a path of the host, with $HOME, ~ and the loop's variable put in. p NULL: not known. */
kj_str kj_shell_path(const struct kj_shell_scene *scene, kj_str word);

/* The NAME and the WORDS of the innermost `for` among the conditions; false when there is none. */
bool kj_shell_loop(kj_str conditions, kj_str *name, kj_str *words);

#endif
