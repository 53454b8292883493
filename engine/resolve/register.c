/* The resolver `register`: a ledger of the organisation, each row checked against the columns that the source declares
   in `with`:
     columns:  {person: {required: true}, joined: {type: date}, status: {one_of: [active, left]}, …}
     unique:   person          two rows with one of these are a mistake
   A cell that is not of its type makes its row a bad one, named by line and column: nobody can say what was meant. A
   register that is not there is "not collected": it neither passes nor fails. */
#include "resolve/register.h"

static const kj_str column_words[] = {KJ_STR_INIT("type"), KJ_STR_INIT("required"), KJ_STR_INIT("one_of"),
                                      KJ_STR_INIT("also"), KJ_STR_INIT("about")};
enum { COLUMN_WORDS = sizeof column_words / sizeof *column_words };

/* ---- the declaration ---- */

static const kj_str *texts_of(struct kj_arena *arena, const struct kj_node *node, size_t *n)
{
	*n = node && node->kind == KJ_SEQ ? node->n : 0;
	kj_str *texts = KJ_NEW_ARRAY(arena, kj_str, *n + 1);
	for (size_t i = 0; i < *n; i++)
		texts[i] = node->items[i]->text;
	return texts;
}

static struct kj_reg_column column_of(struct kj_arena *arena, const struct kj_pair *pair)
{
	const struct kj_node *type = kj_doc_get(pair->value, KJ_STR("type")),
	                     *required = kj_doc_get(pair->value, KJ_STR("required"));
	const struct kj_type_info *info = type ? kj_type_find(type->text) : NULL;
	struct kj_reg_column column = {.name = pair->key->text, .type = info ? info->type : KJ_TYPE_TEXT};
	column.required = required && required->kind == KJ_BOOL && required->num;
	column.word = texts_of(arena, kj_doc_get(pair->value, KJ_STR("one_of")), &column.words);
	column.also = texts_of(arena, kj_doc_get(pair->value, KJ_STR("also")), &column.alsos);
	return column;
}

static struct kj_reg_columns columns_of(struct kj_arena *arena, const struct kj_source *source)
{
	struct kj_reg_columns columns = {{0}};
	const struct kj_node *map = kj_doc_get(source->with, KJ_STR("columns")),
	                     *unique = kj_doc_get(source->with, KJ_STR("unique"));
	for (size_t i = 0; map && map->kind == KJ_MAP && i < map->n; i++)
		KJ_PUSH(arena, &columns.list, column_of(arena, &map->pairs[i]));
	columns.unique = unique ? kj_reg_find(&columns, unique->text) : columns.list.n;
	return columns;
}

const char *const *kj_register_columns(struct kj_arena *arena, const struct kj_source *source)
{
	struct kj_reg_columns columns = columns_of(arena, source);
	const char **names = KJ_NEW_ARRAY(arena, const char *, columns.list.n + 1);
	for (size_t i = 0; i < columns.list.n; i++)
		names[i] = kj_str_zero(arena, columns.list.at[i].name);
	return names;
}

static void check_column(const struct kj_pair *pair, struct kj_diags *diags)
{
	for (size_t i = 0; pair->value->kind == KJ_MAP && i < pair->value->n; i++) {
		const struct kj_node *key = pair->value->pairs[i].key;
		size_t w = 0;
		while (w < COLUMN_WORDS && !kj_str_eq(column_words[w], key->text))
			w++;
		kj_str near = kj_nearest(key->text, column_words, COLUMN_WORDS);
		struct kj_diag *diag =
		        w == COLUMN_WORDS
		                ? kj_error(diags, key->span, "a column of a register has no '%.*s'", KJ_FMT(key->text))
		                : NULL;
		if (diag && near.n)
			kj_hint(diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
	}
	const struct kj_node *type = kj_doc_get(pair->value, KJ_STR("type"));
	if (type && !kj_type_find(type->text))
		kj_error(diags, type->span, "there is no type '%.*s'", KJ_FMT(type->text));
}

void kj_register_check(const struct kj_source *source, struct kj_diags *diags)
{
	const struct kj_node *map = kj_doc_get(source->with, KJ_STR("columns"));
	if (!map || map->kind != KJ_MAP || !map->n)
		kj_error(diags, source->span, "a register needs its 'columns' in 'with'");
	for (size_t i = 0; map && map->kind == KJ_MAP && i < map->n; i++)
		check_column(&map->pairs[i], diags);
	const struct kj_node *unique = kj_doc_get(source->with, KJ_STR("unique"));
	struct kj_reg_columns columns = columns_of(diags->arena, source);
	if (unique && columns.unique == columns.list.n)
		kj_error(diags, unique->span, "there is no column '%.*s'", KJ_FMT(unique->text));
}

/* ---- the cells ---- */

/* Spreadsheets write dates with slashes and without zeros: 2026/4/1. */
static kj_str iso_date(struct kj_arena *arena, kj_str text)
{
	int64_t part[3] = {0};
	kj_str rest = text, word;
	size_t n = 0;
	while (n < 3 && kj_str_cut(&rest, '/', &word) && kj_num_int(word, &part[n]))
		n++;
	bool fits = n == 3 && !rest.n && part[0] >= 1000 && part[0] <= 9999 && part[1] >= 1 && part[1] <= 12 &&
	            part[2] >= 1 && part[2] <= 31;
	if (!fits)
		return text;
	return kj_str_fmt(arena, "%04d-%02d-%02d", (int)part[0], (int)part[1], (int)part[2]);
}

static bool is_word(const struct kj_reg_column *column, kj_str text)
{
	bool any = column->words == 0;
	for (size_t i = 0; i < column->words && !any; i++)
		any = kj_str_eq(column->word[i], text);
	return any;
}

static kj_str word_problem(struct kj_arena *arena, const struct kj_reg_column *column, kj_str text)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_buf_fmt(&buf, "%.*s: '%.*s' is none of", KJ_FMT(column->name), KJ_FMT(text));
	for (size_t i = 0; i < column->words; i++)
		kj_buf_fmt(&buf, "%s %.*s", i ? "," : "", KJ_FMT(column->word[i]));
	kj_str near = kj_nearest(text, column->word, column->words);
	if (near.n)
		kj_buf_fmt(&buf, "; did you mean '%.*s'?", KJ_FMT(near));
	return kj_buf_str(&buf);
}

/* Brings a cell into the form that rules compare; says what is wrong with it, or nothing. */
static kj_str check_cell(struct kj_arena *arena, const struct kj_reg_column *column, struct kj_reg_cell *cell)
{
	struct kj_value value;
	if (!cell->text.n)
		return column->required ? kj_str_fmt(arena, "%.*s is empty", KJ_FMT(column->name)) : KJ_STR("");
	if (column->type == KJ_TYPE_DATE)
		cell->text = iso_date(arena, cell->text);
	if (!kj_value_read(arena, column->type, cell->text, &value))
		return kj_str_fmt(arena, "%.*s: '%.*s' is not %s", KJ_FMT(column->name), KJ_FMT(cell->text),
		                  kj_type_about(column->type));
	const kj_str *item = &cell->text;
	size_t n = 1;
	if (column->type == KJ_TYPE_LIST)
		n = kj_cell_items(arena, cell->text, &item);
	for (size_t i = 0; i < n; i++)
		if (!is_word(column, item[i]))
			return word_problem(arena, column, item[i]);
	return KJ_STR("");
}

/* ---- the rows ---- */

struct register_ {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_reg_columns columns;
	struct kj_rows *rows;
	struct kj_map seen; /* the unique cells: to their rows */
};

static void check_unique(struct register_ *reg, struct kj_reg_row *row)
{
	if (reg->columns.unique == reg->columns.list.n)
		return;
	const struct kj_reg_cell *cell = &row->cell[reg->columns.unique];
	void **place = kj_map_at(reg->host->arena, &reg->seen, cell->text);
	const struct kj_reg_row *first = *place;
	if (first && cell->text.n) {
		row->problem = kj_str_fmt(reg->host->arena, "%.*s '%.*s' stands in line %u already",
		                          KJ_FMT(reg->columns.list.at[reg->columns.unique].name), KJ_FMT(cell->text),
		                          first->line);
		row->line = cell->line;
		row->col = cell->col;
	}
	*place = first ? *place : row;
}

static void take_row(struct register_ *reg, const struct kj_text *text, struct kj_reg_row *row)
{
	for (size_t i = 0; i < reg->columns.list.n && !row->problem.n; i++) {
		row->problem = check_cell(reg->host->arena, &reg->columns.list.at[i], &row->cell[i]);
		if (row->problem.n) {
			row->line = row->cell[i].line;
			row->col = row->cell[i].col;
		}
	}
	if (!row->problem.n)
		check_unique(reg, row);
	struct kj_row from = {.text = text, .line = row->line, .col = row->col, .bad = row->problem.n > 0};
	from.problem = from.bad ? kj_str_zero(reg->host->arena, row->problem) : NULL;
	kj_str *cells = kj_rows_append(reg->host, reg->rows, &from);
	for (size_t i = 0; i < reg->columns.list.n; i++)
		cells[i] = row->cell[i].text;
	if (from.bad)
		KJ_PUSH(reg->host->arena, &reg->out->bad, from);
}

static void take_file(struct register_ *reg, const struct kj_artifact *artifact)
{
	struct kj_reg_table *table = KJ_NEW(reg->host->arena, struct kj_reg_table);
	kj_reg_read(reg->host, artifact, &reg->columns, table);
	if (table->problem.n && reg->out->state != KJ_STATE_ERROR) {
		reg->out->at = (struct kj_origin){&artifact->text, table->line, table->col};
		kj_str line = table->line ? kj_str_fmt(reg->host->arena, " line %u", table->line) : KJ_STR("");
		kj_resolved_state(reg->host, reg->out, KJ_STATE_ERROR, "'%.*s'%.*s: %.*s", KJ_FMT(artifact->text.name),
		                  KJ_FMT(line), KJ_FMT(table->problem));
	}
	for (size_t i = 0; i < table->list.n; i++)
		take_row(reg, &artifact->text, &table->list.at[i]);
	reg->rows->capped |= table->capped;
}

void kj_resolve_register(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct register_ reg = {.host = host, .out = out, .columns = columns_of(host->arena, source)};
	struct kj_reads reads = {0};
	reg.rows = kj_rows_make(host, kj_register_columns(host->arena, source));
	out->rows = reg.rows;
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out) && !reads.list.n) {
		if (out->state != KJ_STATE_ERROR)
			kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the fleet has none of %.*s",
			                  KJ_FMT(reads.looked_for));
		return;
	}
	for (size_t i = 0; i < reads.list.n; i++)
		take_file(&reg, reads.list.at[i].artifact);
}
