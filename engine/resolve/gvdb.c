/* Reads a whole GVDB file, item by item: its hash buckets and bloom filter only speed up single look-ups, and are passed
   over. Little endian, as machines with dconf are. */
#include "resolve/gvdb.h"

#include "base/map.h"

#include <string.h>

#define NO_PARENT UINT32_MAX
enum { HEADER = 24, TABLE_HEADER = 8, ITEM = 24, ITEMS_MAX = 50000, VALUE_MAX = 16384, DEPTH_MAX = 64 };

struct item {
	uint32_t parent;
	kj_str key; /* what it adds to its parent's name */
	char type;  /* v: a value, H: a table, L: a list of children */
	uint32_t from, to;
};

struct table {
	kj_str bytes;
	size_t first, n; /* of its items */
};

static uint32_t number_at(kj_str bytes, size_t at, size_t size)
{
	uint32_t value = 0;
	for (size_t i = size; i-- > 0;)
		value = value << 8 | (unsigned char)bytes.p[at + i];
	return value;
}

/* A table lies between two offsets: how many bloom words and buckets it has, these, then its items. */
static bool table_at(kj_str bytes, uint32_t from, uint32_t to, struct table *table)
{
	if (from > to || to > bytes.n || to - from < TABLE_HEADER)
		return false;
	uint64_t blooms = number_at(bytes, from, 4) & 0x7ffffff, buckets = number_at(bytes, from + 4, 4);
	uint64_t before = TABLE_HEADER + 4 * (blooms + buckets);
	if (before > to - from)
		return false;
	*table = (struct table){bytes, from + (size_t)before, (to - from - (size_t)before) / ITEM};
	return table->n <= ITEMS_MAX;
}

static bool item_at(const struct table *table, size_t i, struct item *item)
{
	size_t at = table->first + i * ITEM;
	size_t start = number_at(table->bytes, at + 8, 4), size = number_at(table->bytes, at + 12, 2);
	*item = (struct item){
	        .parent = number_at(table->bytes, at + 4, 4),
	        .type = table->bytes.p[at + 14],
	        .from = number_at(table->bytes, at + 16, 4),
	        .to = number_at(table->bytes, at + 20, 4),
	};
	if (start + size > table->bytes.n)
		return false;
	item->key = (kj_str){table->bytes.p + start, size};
	return item->type != 'v' || (item->from <= item->to && item->to <= table->bytes.n);
}

/* The whole name: those of its parents before it. Empty when that has no end. */
static kj_str name_of(struct kj_arena *arena, const struct table *table, struct item item)
{
	kj_str parts[DEPTH_MAX];
	size_t n = 0;
	parts[n++] = item.key;
	while (item.parent != NO_PARENT) {
		if (n == DEPTH_MAX || item.parent >= table->n || !item_at(table, item.parent, &item))
			return KJ_STR("");
		parts[n++] = item.key;
	}
	struct kj_buf name = KJ_BUF(arena);
	while (n)
		kj_buf_put(&name, parts[--n]);
	return kj_buf_str(&name);
}

static void add_value(struct kj_arena *arena, const struct table *table, const struct item *item, struct kj_gvdb *out)
{
	struct kj_gvdb_value value = {.key = name_of(arena, table, *item)};
	kj_str bytes = kj_str_upto(kj_str_from(table->bytes, item->from), item->to - item->from);
	value.damaged = bytes.n > VALUE_MAX || !kj_gvariant_decode(arena, bytes, &value.value);
	if (value.key.n)
		KJ_PUSH(arena, &out->values, value);
}

static bool read_locks(struct kj_arena *arena, const struct table *table, struct kj_gvdb *out)
{
	for (size_t i = 0; i < table->n; i++) {
		struct item item;
		if (!item_at(table, i, &item))
			return false;
		kj_str name = name_of(arena, table, item);
		if (item.type == 'v' && name.n)
			KJ_PUSH(arena, &out->locks, name);
	}
	return true;
}

static bool read_items(struct kj_arena *arena, const struct table *table, struct kj_gvdb *out)
{
	for (size_t i = 0; i < table->n; i++) {
		struct item item;
		struct table locks;
		if (!item_at(table, i, &item))
			return false;
		if (item.type == 'v')
			add_value(arena, table, &item, out);
		else if (item.type == 'H' && kj_str_eq(item.key, KJ_STR(".locks")) &&
		         !(table_at(table->bytes, item.from, item.to, &locks) && read_locks(arena, &locks, out)))
			return false;
	}
	return true;
}

bool kj_gvdb_read(struct kj_arena *arena, kj_str bytes, struct kj_gvdb *out)
{
	struct table root;
	*out = (struct kj_gvdb){0};
	return bytes.n >= HEADER && kj_str_starts(bytes, KJ_STR("GVariant")) && number_at(bytes, 8, 4) == 0 &&
	       table_at(bytes, number_at(bytes, 16, 4), number_at(bytes, 20, 4), &root) &&
	       read_items(arena, &root, out);
}
