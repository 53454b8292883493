/* Growing arrays in an arena: KJ_VEC(struct row) rows; KJ_PUSH(arena, &rows, row); rows.at[i], i < rows.n. */
#ifndef KJ_BASE_VEC_H
#define KJ_BASE_VEC_H

#include "base/arena.h"

#define KJ_VEC(type)                                                                                                   \
	struct {                                                                                                       \
		type *at;                                                                                              \
		size_t n, cap;                                                                                         \
	}

/* Appends a value. */
#define KJ_PUSH(arena, vec, ...)                                                                                       \
	do {                                                                                                           \
		KJ_RESERVE(arena, vec, 1);                                                                             \
		(vec)->at[(vec)->n++] = (__VA_ARGS__);                                                                 \
	} while (0)

/* Room for `more` further elements. */
#define KJ_RESERVE(arena, vec, more)                                                                                   \
	((vec)->at = kj_vec_reserve((arena), (vec)->at, (vec)->n, &(vec)->cap, (more), sizeof *(vec)->at))

void *kj_vec_reserve(struct kj_arena *arena, void *at, size_t n, size_t *cap, size_t more, size_t size);

#endif
