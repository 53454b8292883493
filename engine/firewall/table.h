/* Tables for people: columns as wide as their widest cell. */
#ifndef KJ_FIREWALL_TABLE_H
#define KJ_FIREWALL_TABLE_H

#include "base/buf.h"
#include "base/vec.h"

enum { KJ_FW_COLUMNS = 6, KJ_FW_BELOW = 3 };

struct kj_fw_cells {
	kj_str cell[KJ_FW_COLUMNS];
	kj_str below[KJ_FW_BELOW]; /* lines of their own below the row; or empty */
};

struct kj_fw_table {
	unsigned columns; /* that are used */
	KJ_VEC(struct kj_fw_cells) rows;
	size_t width[KJ_FW_COLUMNS];
};

/* Adds a row. Control characters are escaped, and all cells but the last are cut at 60 columns. */
void kj_fw_table_add(struct kj_arena *arena, struct kj_fw_table *table, struct kj_fw_cells cells);
void kj_fw_table_put(struct kj_buf *out, const struct kj_fw_table *table);

#endif
