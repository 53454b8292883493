/* The tree of a value in GVariant's text format; for gvariant.c and gvariant_tree.c alone. */
#ifndef KJ_RESOLVE_GVARIANT_TREE_H
#define KJ_RESOLVE_GVARIANT_TREE_H

#include "base/vec.h"
#include "resolve/gvariant.h"

#define KJ_GVARIANT_DEPTH 64

enum kj_gvariant_kind {
	BOOLEAN,
	NUMBER,
	STRING,
	BYTES,
	ARRAY,
	TUPLE,
	DICTIONARY,
	ENTRY,
	JUST,
	NOTHING,
	VARIANT,
	TYPED
};

struct kj_gvariant_node {
	enum kj_gvariant_kind kind;
	kj_str text; /* of a number or bytes: the token; of a string: what it stands for; of TYPED: the type */
	KJ_VEC(struct kj_gvariant_node *) children; /* of a dictionary: key, value, key, value … */
};

struct kj_gvariant_reader {
	struct kj_arena *arena;
	kj_str s;
	size_t at;
	unsigned depth;
	const char *why;
};

/* Reads a whole text. NULL and r->why: it is no value. */
struct kj_gvariant_node *kj_gvariant_tree(struct kj_gvariant_reader *r);
/* Notes why the text is no value, once; NULL, which is false too. */
struct kj_gvariant_node *kj_gvariant_refuse(struct kj_gvariant_reader *r, const char *why);

#endif
