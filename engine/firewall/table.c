#include "firewall/table.h"

#include "base/utf8.h"

enum { WIDEST = 60 };

static kj_str safe(struct kj_arena *arena, kj_str text, size_t most)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_safe(&out, text, most);
	return kj_buf_str(&out);
}

void kj_fw_table_add(struct kj_arena *arena, struct kj_fw_table *table, struct kj_fw_cells cells)
{
	for (unsigned i = 0; i < table->columns; i++) {
		cells.cell[i] = safe(arena, cells.cell[i], i + 1 < table->columns ? WIDEST : 0);
		size_t width = kj_str_width(cells.cell[i]);
		if (width > table->width[i])
			table->width[i] = width;
	}
	for (unsigned i = 0; i < KJ_FW_BELOW; i++)
		cells.below[i] = safe(arena, cells.below[i], 0);
	KJ_PUSH(arena, &table->rows, cells);
}

void kj_fw_table_put(struct kj_buf *out, const struct kj_fw_table *table)
{
	for (size_t r = 0; r < table->rows.n; r++) {
		const struct kj_fw_cells *row = &table->rows.at[r];
		kj_buf_put(out, KJ_STR(" "));
		for (unsigned i = 0; i < table->columns; i++) {
			kj_buf_char(out, ' ');
			kj_buf_put(out, row->cell[i]);
			for (size_t w = kj_str_width(row->cell[i]); i + 1 < table->columns && w <= table->width[i]; w++)
				kj_buf_char(out, ' ');
		}
		kj_buf_char(out, '\n');
		for (unsigned i = 0; i < KJ_FW_BELOW && row->below[i].n; i++)
			kj_buf_fmt(out, "      %.*s\n", KJ_FMT(row->below[i]));
	}
}
