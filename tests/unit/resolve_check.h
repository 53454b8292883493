/* Tables for the resolvers: a tree of files, and the settings that must come of it. */
#ifndef KJ_TEST_RESOLVE_H
#define KJ_TEST_RESOLVE_H

#include "resolve/resolve.h"

/* `tree`: files as "--- PATH\n" and their text; "--- PATH -> TARGET" is a link, "--- PATH/" an empty folder. `whole`:
   with the files that make it a full copy of a Debian 12's /etc. `want`: a line "@state" for the source, then for
   each key that is named all its settings, in order, as `key=value [scope] state artifact:line locked (value
   artifact:line, …) # note`; what is empty is left out, and the note too unless the line wanted has one. "key -"
   means that there is none. Lines that begin with "|" are all the rows, cells with "|" between ("?": unseen), lists with
   commas; after "|: COLUMN COLUMN" only these columns. */
struct resolve_case {
	const char *name;
	const char *source;
	const char *tree;
	const char *want;
	bool part; /* not a full copy: what is missing was not collected */
};

/* Runs them all; fails with a message that shows both. */
void resolve_check(const struct resolve_case *cases, size_t n);

/* The shipped sources, loaded and bound. */
struct kj_program *resolve_program(struct kj_arena *arena, struct kj_diags *diags);

#define RESOLVE_CHECK(cases) resolve_check(cases, sizeof(cases) / sizeof *(cases))

#endif
