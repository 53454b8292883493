/* The bytes of a register to cells with their places: CSV by its header, YAML and JSON by keys. */
#include "resolve/register.h"

enum { NAME_MOST = 200 };

size_t kj_reg_find(const struct kj_reg_columns *columns, kj_str name)
{
	for (size_t i = 0; i < columns->list.n; i++) {
		const struct kj_reg_column *column = &columns->list.at[i];
		if (kj_str_eq_fold(column->name, name))
			return i;
		for (size_t k = 0; k < column->alsos; k++)
			if (kj_str_eq(column->also[k], name))
				return i;
	}
	return columns->list.n;
}

/* A name that is none, but nearly one that is missing, is a slip of the pen; any other is a column of the
   organisation's own. */
static kj_str nearly(struct kj_arena *arena, const struct kj_reg_columns *columns, kj_str name, const bool *has)
{
	kj_str *names = KJ_NEW_ARRAY(arena, kj_str, columns->list.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < columns->list.n; i++)
		if (!has[i])
			names[n++] = columns->list.at[i].name;
	return name.n < NAME_MOST ? kj_nearest(name, names, n) : KJ_STR("");
}

struct reading {
	struct kj_host *host;
	const struct kj_text *text;
	const struct kj_reg_columns *columns;
	struct kj_reg_table *out;
};

__attribute__((format(printf, 4, 5))) static void refuse(struct reading *r, uint32_t line, uint32_t col,
                                                         const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(r->host->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	if (r->out->problem.n)
		return;
	r->out->problem = kj_buf_str(&buf);
	r->out->line = line;
	r->out->col = col;
}

static struct kj_reg_row *add_row(struct reading *r, uint32_t line, uint32_t col)
{
	struct kj_reg_cell *cells = KJ_NEW_ARRAY(r->host->arena, struct kj_reg_cell, r->columns->list.n + 1);
	for (size_t i = 0; i < r->columns->list.n; i++)
		cells[i] = (struct kj_reg_cell){.line = line, .col = col};
	KJ_PUSH(r->host->arena, &r->out->list, (struct kj_reg_row){.cell = cells, .line = line, .col = col});
	return &r->out->list.at[r->out->list.n - 1];
}

/* ---- CSV ---- */

/* The place of a cell: it is a view into the text, unless quotes in it were undone. */
static void place_cell(const struct reading *r, struct kj_reg_cell *cell, kj_str text, uint32_t line)
{
	kj_str bytes = r->text->bytes;
	cell->line = line;
	cell->col = 1;
	if (!text.n || text.p < bytes.p || text.p >= bytes.p + bytes.n)
		return;
	size_t at = (size_t)(text.p - bytes.p), start = at;
	while (start && bytes.p[start - 1] != '\n')
		start--;
	cell->col = (uint32_t)(at - start) + 1;
}

/* Which column each field of the header is; list.n: one of the organisation's own. False: the header is refused. */
static bool read_header(struct reading *r, const struct kj_rows *rows, size_t *which)
{
	size_t n = r->columns->list.n;
	bool *has = KJ_NEW_ARRAY(r->host->arena, bool, n + 1);
	for (size_t i = 0; i < rows->column_count; i++) {
		which[i] = kj_reg_find(r->columns, rows->columns[i]);
		if (which[i] < n && has[which[i]])
			refuse(r, 1, 1, "the column '%.*s' is there twice", KJ_FMT(r->columns->list.at[which[i]].name));
		has[which[i]] = true;
	}
	for (size_t i = 0; i < rows->column_count; i++) {
		struct kj_reg_cell cell;
		place_cell(r, &cell, rows->columns[i], 1);
		kj_str near = which[i] == n ? nearly(r->host->arena, r->columns, rows->columns[i], has) : KJ_STR("");
		if (near.n)
			refuse(r, cell.line, cell.col, "there is no column '%.*s'; did you mean '%.*s'?",
			       KJ_FMT(rows->columns[i]), KJ_FMT(near));
	}
	for (size_t i = 0; i < n; i++)
		if (!has[i] && r->columns->list.at[i].required)
			refuse(r, 1, 1, "the column '%.*s' is missing", KJ_FMT(r->columns->list.at[i].name));
	return !r->out->problem.n;
}

/* A list in a cell: its items stand between ; , 、 or line ends. */
static kj_str split_list(struct kj_arena *arena, kj_str text)
{
	const kj_str comma = KJ_STR("、");
	struct kj_buf buf = KJ_BUF(arena);
	bool between = false;
	for (size_t i = 0; i < text.n; i++) {
		bool wide = kj_str_starts(kj_str_from(text, i), comma);
		if (wide || text.p[i] == ';' || text.p[i] == ',' || text.p[i] == '\n' || text.p[i] == '\r') {
			between = buf.n > 0;
			i += wide ? comma.n - 1 : 0;
			continue;
		}
		if (kj_is_space(text.p[i]) && (between || !buf.n))
			continue;
		if (between)
			kj_buf_char(&buf, KJ_PARSE_LIST);
		between = false;
		kj_buf_char(&buf, text.p[i]);
	}
	return kj_str_trim_right(kj_buf_str(&buf));
}

static void read_csv(struct reading *r, char delimiter)
{
	struct kj_parse_options options = {.delimiter = {&delimiter, 1}};
	const struct kj_rows *rows = kj_parse_text(r->host->arena, kj_parser_find(KJ_STR("csv")), &options, r->text, 0);
	size_t *which = KJ_NEW_ARRAY(r->host->arena, size_t, rows->column_count + 1);
	bool usable = rows->column_count && !(rows->list.n && rows->list.at[0].bad && rows->list.at[0].line <= 1);
	if (!usable) {
		refuse(r, 1, 1, "%s", rows->list.n ? rows->list.at[0].problem : "there is no header");
		return;
	}
	if (!read_header(r, rows, which))
		return;
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		struct kj_reg_row *to = add_row(r, row->line, row->col);
		to->problem = row->bad ? kj_str_of(row->problem) : KJ_STR("");
		for (size_t k = 0; k < rows->column_count; k++) {
			if (which[k] == r->columns->list.n)
				continue;
			struct kj_reg_cell *cell = &to->cell[which[k]];
			bool list = r->columns->list.at[which[k]].type == KJ_TYPE_LIST;
			kj_str text = kj_str_trim(row->cell[k]);
			place_cell(r, cell, text, row->line);
			cell->text = list ? split_list(r->host->arena, text) : text;
		}
	}
	r->out->capped = rows->capped;
}

/* ---- YAML and JSON ---- */

static bool is_scalar(const struct kj_node *node)
{
	return node->kind != KJ_SEQ && node->kind != KJ_MAP;
}

/* A scalar, or a list of scalars where the column is a list; false for anything else. */
static bool node_text(struct reading *r, const struct kj_node *node, bool list, kj_str *out)
{
	if (is_scalar(node)) {
		*out = node->kind == KJ_NULL ? KJ_STR("") : kj_str_trim(node->text);
		return true;
	}
	if (node->kind != KJ_SEQ || !list)
		return false;
	struct kj_buf buf = KJ_BUF(r->host->arena);
	for (size_t i = 0; i < node->n; i++) {
		if (!is_scalar(node->items[i]))
			return false;
		if (i)
			kj_buf_char(&buf, KJ_PARSE_LIST);
		kj_buf_put(&buf, node->items[i]->text);
	}
	*out = kj_buf_str(&buf);
	return true;
}

static void take_pair(struct reading *r, struct kj_reg_row *row, const struct kj_pair *pair, bool *has)
{
	size_t at = kj_reg_find(r->columns, pair->key->text);
	if (at == r->columns->list.n)
		return;
	struct kj_reg_cell *cell = &row->cell[at];
	bool list = r->columns->list.at[at].type == KJ_TYPE_LIST;
	has[at] = true;
	cell->line = pair->value->span.line;
	cell->col = pair->value->span.col;
	if (node_text(r, pair->value, list, &cell->text))
		return;
	row->problem = kj_str_fmt(r->host->arena, "'%.*s' is %s, %s is wanted", KJ_FMT(pair->key->text),
	                          kj_doc_kind_name(pair->value->kind), list ? "a list of words" : "one value");
	row->line = cell->line;
	row->col = cell->col;
}

static void take_map(struct reading *r, const struct kj_node *map)
{
	struct kj_reg_row *row = add_row(r, map->span.line, map->span.col);
	bool *has = KJ_NEW_ARRAY(r->host->arena, bool, r->columns->list.n + 1);
	if (map->kind != KJ_MAP) {
		row->problem = kj_str_fmt(r->host->arena, "this is %s, a map of columns is wanted",
		                          kj_doc_kind_name(map->kind));
		return;
	}
	for (size_t i = 0; i < map->n; i++)
		take_pair(r, row, &map->pairs[i], has);
	for (size_t i = 0; i < map->n && !row->problem.n; i++) {
		const struct kj_node *key = map->pairs[i].key;
		bool known = kj_reg_find(r->columns, key->text) < r->columns->list.n;
		kj_str near = known ? KJ_STR("") : nearly(r->host->arena, r->columns, key->text, has);
		if (!near.n)
			continue;
		row->problem = kj_str_fmt(r->host->arena, "there is no '%.*s'; did you mean '%.*s'?", KJ_FMT(key->text),
		                          KJ_FMT(near));
		row->line = key->span.line;
		row->col = key->span.col;
	}
}

/* A list of maps, alone or under one key; or one map, a row by itself. */
static void read_tree(struct reading *r, bool json)
{
	struct kj_diags diags = {.arena = r->host->arena};
	const struct kj_node *doc =
	        (json ? kj_json_read : kj_yaml_read)(r->host->arena, r->text, (struct kj_doc_limits){0}, &diags);
	for (size_t i = 0; !doc && i < diags.list.n; i++)
		if (diags.list.at[i].severity == KJ_ERROR)
			refuse(r, diags.list.at[i].span.line, diags.list.at[i].span.col, "%.*s",
			       KJ_FMT(diags.list.at[i].message));
	if (!doc)
		return;
	bool wrapped = doc->kind == KJ_MAP && doc->n == 1 && doc->pairs[0].value->kind == KJ_SEQ &&
	               kj_reg_find(r->columns, doc->pairs[0].key->text) == r->columns->list.n;
	doc = wrapped ? doc->pairs[0].value : doc;
	if (doc->kind != KJ_SEQ && doc->kind != KJ_NULL)
		take_map(r, doc);
	for (size_t i = 0; doc->kind == KJ_SEQ && i < doc->n; i++)
		take_map(r, doc->items[i]);
}

/* ---- by name ---- */

static void read_comma(struct reading *r)
{
	read_csv(r, ',');
}
static void read_tab(struct reading *r)
{
	read_csv(r, '\t');
}
static void read_yaml(struct reading *r)
{
	read_tree(r, false);
}
static void read_json(struct reading *r)
{
	read_tree(r, true);
}

static const struct {
	kj_str suffix;
	void (*read)(struct reading *);
} formats[] = {
        {KJ_STR_INIT(".csv"), read_comma}, {KJ_STR_INIT(".tsv"), read_tab},   {KJ_STR_INIT(".yml"), read_yaml},
        {KJ_STR_INIT(".yaml"), read_yaml}, {KJ_STR_INIT(".json"), read_json},
};

void kj_reg_read(struct kj_host *host, const struct kj_artifact *artifact, const struct kj_reg_columns *columns,
                 struct kj_reg_table *out)
{
	struct reading r = {host, &artifact->text, columns, out};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (kj_str_ends_fold(artifact->text.name, formats[i].suffix)) {
			formats[i].read(&r);
			return;
		}
	}
	refuse(&r, 0, 0, "a register is a .csv, .tsv, .yml, .yaml or .json file");
}
