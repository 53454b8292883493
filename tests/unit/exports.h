/* Exports made of trees, for tests. */
#ifndef KJ_TESTS_EXPORTS_H
#define KJ_TESTS_EXPORTS_H

#include "export/export.h"

#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct opened {
	struct kj_diags diags;
	struct kj_export *export;
};

static inline struct opened *open_tree_with(struct tree *tree, const struct kj_export_limits *limits)
{
	struct opened *o = KJ_NEW(tree->arena, struct opened);
	o->diags.arena = tree->arena;
	o->export = kj_export_open(tree->arena, kj_str_of(tree->root), KJ_STR(""), limits, &o->diags);
	return o;
}

static inline struct kj_export *open_tree(struct tree *tree)
{
	struct opened *o = open_tree_with(tree, NULL);
	assert_non_null(o->export);
	return o->export;
}

static inline void assert_text(kj_str have, const char *want)
{
	if (!kj_str_eq(have, kj_str_of(want)))
		fail_msg("'%.*s' is not '%s'", KJ_FMT(have), want);
}

static inline bool holds(kj_str text, const char *part)
{
	return kj_str_find_str(text, kj_str_of(part)) < text.n;
}

/* The paths of a list with blanks between. */
static inline kj_str joined(struct kj_arena *arena, const struct kj_entry_list *list)
{
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; i < list->paths.n; i++) {
		if (i)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, list->paths.at[i]);
	}
	return kj_buf_str(&buf);
}

#endif
