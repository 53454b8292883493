#include "base/arena.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KJ_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define KJ_ASAN 1
#endif

/* Under the address sanitizer a red zone follows every object, and what is not handed out is poisoned, so that it sees
   overruns inside a block too. */
#ifdef KJ_ASAN
#include <sanitizer/asan_interface.h>
#define KJ_RED_ZONE   ((size_t)16)
#define KJ_ALIGN_TEXT ((size_t)8) /* the sanitizer's grain */

/* Not inlined, or gcc takes the poisoning for a read of what was never written. */
__attribute__((noinline)) static void poison(void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}

static void unpoison(void *p, size_t n)
{
	__asan_unpoison_memory_region(p, n);
}
#else
#define KJ_RED_ZONE   ((size_t)0)
#define KJ_ALIGN_TEXT ((size_t)1)

static void poison(void *p, size_t n)
{
	(void)p, (void)n;
}

static void unpoison(void *p, size_t n)
{
	(void)p, (void)n;
}
#endif

#define KJ_ALIGN       ((size_t)16)
#define KJ_BLOCK_FIRST (64 * KJ_KIB)
#define KJ_BLOCK_MOST  (4 * KJ_MIB)

struct block {
	struct block *previous;
	size_t used, size;
	_Alignas(16) char bytes[];
};

struct deferred {
	struct deferred *previous;
	void (*fn)(void *object);
	void *object;
};

struct kj_arena {
	struct block *block;  /* the one that objects are cut from */
	struct block *single; /* blocks of one large object each */
	struct deferred *deferred;
	sigjmp_buf *guard;
	size_t used, cap, next_size;
};

struct kj_arena *kj_arena_new(size_t cap)
{
	struct kj_arena *arena = calloc(1, sizeof *arena);
	if (arena) {
		arena->cap = cap;
		arena->next_size = KJ_BLOCK_FIRST;
	}
	return arena;
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *previous = block->previous;
		unpoison(block->bytes, block->size);
		free(block);
		block = previous;
	}
}

static void run_deferred(struct deferred *d)
{
	while (d) {
		struct deferred *previous = d->previous;
		d->fn(d->object);
		free(d);
		d = previous;
	}
}

void kj_arena_clear(struct kj_arena *arena)
{
	run_deferred(arena->deferred);
	free_blocks(arena->block);
	free_blocks(arena->single);
	*arena = (struct kj_arena){.guard = arena->guard, .cap = arena->cap, .next_size = KJ_BLOCK_FIRST};
}

void kj_arena_free(struct kj_arena *arena)
{
	if (!arena)
		return;
	kj_arena_clear(arena);
	free(arena);
}

size_t kj_arena_used(const struct kj_arena *arena)
{
	return arena->used;
}

_Noreturn static void give_up(struct kj_arena *arena)
{
	if (arena->guard)
		siglongjmp(*arena->guard, 1);
	fputs("kijun: out of memory\n", stderr);
	exit(2);
}

/* Books `n` more bytes against the cap; half the address space is never to be had, which keeps sums from overflowing.
 */
static void charge(struct kj_arena *arena, size_t n)
{
	if (n > arena->cap - arena->used || n > SIZE_MAX / 2)
		give_up(arena);
	arena->used += n;
}

static struct block *new_block(struct kj_arena *arena, struct block *previous, size_t size)
{
	struct block *block = malloc(sizeof *block + size);
	if (!block)
		give_up(arena);
	*block = (struct block){.previous = previous, .size = size};
	poison(block->bytes, size);
	return block;
}

/* Cuts `n` bytes off the block; NULL when they do not fit. */
static char *cut(struct block *block, size_t n, size_t align)
{
	if (!block)
		return NULL;
	size_t start = (block->used + align - 1) / align * align;
	size_t end = start + n + KJ_RED_ZONE;
	if (end > block->size)
		return NULL;
	block->used = end;
	return block->bytes + start;
}

static char *cut_from_new(struct kj_arena *arena, size_t n)
{
	/* A large object must not waste the rest of the present block. */
	if (n > arena->next_size / 4) {
		arena->single = new_block(arena, arena->single, n + KJ_RED_ZONE);
		return cut(arena->single, n, 1);
	}
	arena->block = new_block(arena, arena->block, arena->next_size);
	if (arena->next_size < KJ_BLOCK_MOST)
		arena->next_size *= 2;
	return cut(arena->block, n, 1);
}

static char *take(struct kj_arena *arena, size_t n, size_t align)
{
	charge(arena, n);
	char *p = cut(arena->block, n, align);
	if (!p)
		p = cut_from_new(arena, n);
	unpoison(p, n);
	return p;
}

void *kj_alloc(struct kj_arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		give_up(arena);
	void *p = take(arena, count * size, KJ_ALIGN);
	return memset(p, 0, count * size);
}

char *kj_alloc_text(struct kj_arena *arena, size_t count)
{
	return take(arena, count, KJ_ALIGN_TEXT);
}

static bool is_last(const struct block *block, const char *object, size_t size)
{
	return block && object >= block->bytes && object + size + KJ_RED_ZONE == block->bytes + block->used;
}

static void resize_last(struct kj_arena *arena, char *object, size_t old_size, size_t new_size)
{
	if (new_size > old_size) {
		charge(arena, new_size - old_size);
		unpoison(object, new_size);
	} else {
		arena->used -= old_size - new_size;
		poison(object + new_size, old_size - new_size);
	}
	arena->block->used = arena->block->used - old_size + new_size;
}

void *kj_regrow(struct kj_arena *arena, void *old, size_t old_size, size_t new_size)
{
	bool last = old && is_last(arena->block, old, old_size);
	if (last && (new_size <= old_size || new_size - old_size <= arena->block->size - arena->block->used)) {
		resize_last(arena, old, old_size, new_size);
		return old;
	}
	if (old && new_size <= old_size)
		return old;
	void *p = take(arena, new_size, KJ_ALIGN);
	if (old)
		memcpy(p, old, old_size);
	return p;
}

bool kj_guard(struct kj_arena *arena, void (*fn)(void *ctx), void *ctx)
{
	sigjmp_buf here;
	sigjmp_buf *outer = arena->guard;
	arena->guard = &here;
	if (sigsetjmp(here, 0) == 0) {
		fn(ctx);
		arena->guard = outer;
		return true;
	}
	arena->guard = outer;
	return false;
}

void kj_defer(struct kj_arena *arena, void (*fn)(void *object), void *object)
{
	/* Not from the blocks: where the cap is reached the object would be lost before it is registered. */
	struct deferred *d = malloc(sizeof *d);
	if (!d) {
		fn(object);
		give_up(arena);
	}
	*d = (struct deferred){.previous = arena->deferred, .fn = fn, .object = object};
	arena->deferred = d;
}
