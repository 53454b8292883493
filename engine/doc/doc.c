#include "doc/doc.h"

const struct kj_node *kj_doc_get(const struct kj_node *map, kj_str key)
{
	if (!map || map->kind != KJ_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++) {
		if (kj_str_eq(map->pairs[i].key->text, key))
			return map->pairs[i].value;
	}
	return NULL;
}

const struct kj_node *kj_doc_path(const struct kj_node *map, const char *path)
{
	kj_str rest = kj_str_of(path), key;
	while (map && kj_str_cut(&rest, '.', &key))
		map = kj_doc_get(map, key);
	return map;
}

const char *kj_doc_kind_name(enum kj_node_kind kind)
{
	static const char *const names[] = {
	        [KJ_NULL] = "nothing", [KJ_BOOL] = "true or false", [KJ_INT] = "a whole number", [KJ_REAL] = "a number",
	        [KJ_STRING] = "text",  [KJ_SEQ] = "a list",         [KJ_MAP] = "a map",
	};
	return names[kind];
}
