/* Memory: everything lives in an arena and goes with it. Only arena.c calls malloc and free. */
#ifndef KJ_BASE_ARENA_H
#define KJ_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct kj_arena;

/* A new, empty arena that may hold at most `cap` bytes. NULL only when the system has no memory at all. */
struct kj_arena *kj_arena_new(size_t cap);

/* Runs what kj_defer registered (last first) and gives all memory back. NULL is allowed. */
void kj_arena_free(struct kj_arena *arena);

/* As kj_arena_free, but the arena stays and is as new: for work that comes in rounds. */
void kj_arena_clear(struct kj_arena *arena);

/* Bytes handed out so far. */
size_t kj_arena_used(const struct kj_arena *arena);

/* `count` zeroed objects of `size` bytes, aligned for any type. Never returns NULL: where the cap is reached (or the
   product overflows) control returns to the innermost kj_guard of this arena; without a guard the program ends with
   status 2 and one line on standard error. */
void *kj_alloc(struct kj_arena *arena, size_t count, size_t size);

/* As kj_alloc(count, 1), without zeroing or alignment: for text. */
char *kj_alloc_text(struct kj_arena *arena, size_t count);

/* Makes the block `old` of `old_size` bytes `new_size` bytes long: in place when it was the last one, else by a copy. */
void *kj_regrow(struct kj_arena *arena, void *old, size_t old_size, size_t new_size);

/* Calls fn(ctx). False when an allocation in it went over the cap: everything fn had begun is then abandoned, and the
   arena is good for nothing but kj_arena_free. Guards may nest. The one setjmp of the project. */
bool kj_guard(struct kj_arena *arena, void (*fn)(void *ctx), void *ctx);

/* Calls fn(object) when the arena goes: for what other libraries allocate. */
void kj_defer(struct kj_arena *arena, void (*fn)(void *object), void *object);

#define KJ_NEW(arena, type) ((type *)kj_alloc((arena), 1, sizeof(type)))
#define KJ_NEW_ARRAY(arena, type, count) ((type *)kj_alloc((arena), (count), sizeof(type)))

#define KJ_KIB ((size_t)1024)
#define KJ_MIB (1024 * KJ_KIB)
#define KJ_GIB (1024 * KJ_MIB)

#endif
