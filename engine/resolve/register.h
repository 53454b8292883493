/* Registers: ledgers that the organisation keeps as CSV, YAML or JSON. Private to this layer. */
#ifndef KJ_RESOLVE_REGISTER_H
#define KJ_RESOLVE_REGISTER_H

#include "resolve/work.h"

/* A column as the source declares it. */
struct kj_reg_column {
	kj_str name;
	const kj_str *also; /* other names of it in a header or as a key */
	size_t alsos;
	enum kj_type type;
	bool required;
	const kj_str *word; /* the values it may have; n 0: any */
	size_t words;
};

struct kj_reg_columns {
	KJ_VEC(struct kj_reg_column) list;
	size_t unique; /* the column that names a row: two rows of one name are a mistake; list.n: none */
};

/* What stands in a file, before it is checked. */
struct kj_reg_cell {
	kj_str text; /* items of a list with KJ_PARSE_LIST between */
	uint32_t line, col;
};
struct kj_reg_row {
	struct kj_reg_cell *cell; /* by column */
	uint32_t line, col;
	kj_str problem; /* it could not be read; empty: it could */
};
struct kj_reg_table {
	KJ_VEC(struct kj_reg_row) list;
	kj_str problem;     /* the file as a whole cannot be used, … */
	uint32_t line, col; /* … because of this place */
	bool capped;
};

/* Reads a file by the end of its name: .csv, .tsv, .yml, .yaml, .json. (register_read.c) */
void kj_reg_read(struct kj_host *host, const struct kj_artifact *artifact, const struct kj_reg_columns *columns,
                 struct kj_reg_table *out);
/* The column of that name, or list.n. */
size_t kj_reg_find(const struct kj_reg_columns *columns, kj_str name);

#endif
