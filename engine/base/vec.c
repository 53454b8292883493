#include "base/vec.h"

#include <stdint.h>

void *kj_vec_reserve(struct kj_arena *arena, void *at, size_t n, size_t *cap, size_t more, size_t size)
{
	if (more <= *cap - n)
		return at;
	if (more > SIZE_MAX / 4 / size - n)
		return kj_alloc(arena, SIZE_MAX, 2); /* gives up: more than any memory */
	size_t grown = *cap ? *cap * 2 : 8;
	if (grown < n + more)
		grown = n + more;
	at = kj_regrow(arena, at, *cap * size, grown * size);
	*cap = grown;
	return at;
}
