/* Puts a tree together from what a reader meets, and minds the limits. For the readers of this layer. */
#ifndef KJ_DOC_BUILD_H
#define KJ_DOC_BUILD_H

#include "doc/doc.h"

struct kj_build_frame {
	struct kj_node *node; /* the open collection */
	size_t first;         /* its first value in `values` */
};

struct kj_build {
	struct kj_arena *arena;
	struct kj_diags *diags;
	struct kj_doc_limits limits;
	bool last_wins; /* duplicate keys: a warning and the last one wins; else an error */
	bool failed;    /* a message was given and the tree is good for nothing */
	size_t nodes;
	KJ_VEC(struct kj_build_frame) open;
	KJ_VEC(const struct kj_node *) values; /* of the open collections; a map's keys and values in turn */
};

/* A builder with the defaults for limits that are 0. Check `failed`: the text may be over its cap already. */
struct kj_build kj_build_new(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                             struct kj_diags *diags);
/* A new node as the next value of the innermost open collection. NULL where a limit is hit. */
struct kj_node *kj_build_add(struct kj_build *build, enum kj_node_kind kind, struct kj_span span);
/* As kj_build_add for a collection; what follows goes into it. */
void kj_build_open(struct kj_build *build, enum kj_node_kind kind, struct kj_span span);
void kj_build_close(struct kj_build *build);
/* Does the innermost open collection want a key next? */
bool kj_build_wants_key(const struct kj_build *build);
/* The finished tree; NULL when it failed or is empty. */
const struct kj_node *kj_build_root(const struct kj_build *build);

/* Reads node->text, decimal digits with optional sign, fraction and exponent, into num and real. */
void kj_build_number(struct kj_build *build, struct kj_node *node);

#endif
