/* A hash trie: each level branches on two further bits of the hash. */
#include "base/map.h"

#include <stdint.h>

/* The slot where the entry of `key` is or belongs. The address of the root entry is the seed: it differs from map to
   map and from run to run, so that nobody can prepare keys that all take one path. */
static struct kj_map_entry **slot(struct kj_map_entry **at, kj_str key)
{
	if (!*at)
		return at;
	size_t hash = kj_str_hash(key, (size_t)(uintptr_t)*at);
	while (*at && !kj_str_eq((*at)->key, key)) {
		at = &(*at)->child[hash & 3];
		hash >>= 2;
	}
	return at;
}

void *kj_map_get(const struct kj_map *map, kj_str key)
{
	struct kj_map_entry *root = map->root;
	const struct kj_map_entry *entry = *slot(&root, key);
	return entry ? entry->value : NULL;
}

void **kj_map_at(struct kj_arena *arena, struct kj_map *map, kj_str key)
{
	struct kj_map_entry **at = slot(&map->root, key);
	if (*at)
		return &(*at)->value;
	struct kj_map_entry *entry = KJ_NEW(arena, struct kj_map_entry);
	entry->key = key;
	if (map->last)
		map->last->next = entry;
	else
		map->first = entry;
	map->last = *at = entry;
	map->n++;
	return &entry->value;
}
