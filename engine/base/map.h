/* String to pointer, in an arena. Keys are not copied. Order of insertion is kept: `first`, `next`. */
#ifndef KJ_BASE_MAP_H
#define KJ_BASE_MAP_H

#include "base/str.h"

struct kj_map_entry {
	kj_str key;
	void *value;
	struct kj_map_entry *next;     /* in order of insertion */
	struct kj_map_entry *child[4]; /* the trie */
};

struct kj_map {
	struct kj_map_entry *root, *first, *last;
	size_t n;
};

/* The value of `key`, or NULL. */
void *kj_map_get(const struct kj_map *map, kj_str key);
/* The place for the value of `key`, made (holding NULL) when it was not there. */
void **kj_map_at(struct kj_arena *arena, struct kj_map *map, kj_str key);

#endif
