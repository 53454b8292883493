/* Comma-separated values, RFC 4180: the first record names the columns; a field in quotes may hold commas, line ends
   and doubled quotes. The type line of PowerShell's Export-Csv ("#TYPE …") and empty records are left out. */
#include "parse/scan.h"

enum { COLUMNS_MAX = 1000 };

struct csv {
	struct kj_parse *parse;
	const char *at, *end;
	uint32_t line; /* where `at` stands */
	char delimiter;
	kj_str *field; /* of the record at work */
	size_t fields;
	const char *problem;
};

/* The inside of a quoted field with each doubled quote as one. */
static kj_str undouble(struct kj_arena *arena, kj_str s)
{
	char *out = kj_alloc_text(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		out[n++] = s.p[i];
		i += s.p[i] == '"';
	}
	return (kj_str){out, n};
}

static kj_str quoted(struct csv *csv)
{
	const char *start = ++csv->at;
	bool doubled = false;
	for (; csv->at < csv->end; csv->at++) {
		if (*csv->at == '\n') {
			csv->line++;
		} else if (*csv->at == '"' && csv->at + 1 < csv->end && csv->at[1] == '"') {
			doubled = true;
			csv->at++;
		} else if (*csv->at == '"') {
			kj_str inside = {start, (size_t)(csv->at++ - start)};
			return doubled ? undouble(csv->parse->arena, inside) : inside;
		}
	}
	csv->problem = "the quote is not closed";
	return (kj_str){start, (size_t)(csv->end - start)};
}

static bool ends_field(const struct csv *csv)
{
	return csv->at == csv->end || *csv->at == csv->delimiter || *csv->at == '\n' ||
	       (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n');
}

static kj_str plain(struct csv *csv)
{
	const char *start = csv->at;
	while (!ends_field(csv))
		csv->at++;
	return (kj_str){start, (size_t)(csv->at - start)};
}

static void take_field(struct csv *csv)
{
	kj_str field = csv->at < csv->end && *csv->at == '"' ? quoted(csv) : plain(csv);
	if (!ends_field(csv)) {
		csv->problem = "text after the closing quote";
		plain(csv);
	}
	if (csv->fields < COLUMNS_MAX)
		csv->field[csv->fields] = field;
	csv->fields++;
}

/* The next record's fields; false at the end of the text. */
static bool next_record(struct csv *csv)
{
	csv->fields = 0;
	csv->problem = NULL;
	if (csv->at == csv->end)
		return false;
	for (;;) {
		take_field(csv);
		if (csv->at < csv->end && *csv->at == csv->delimiter) {
			csv->at++;
			continue;
		}
		if (csv->at < csv->end)
			csv->at += *csv->at == '\r' ? 2 : 1;
		csv->line++;
		return true;
	}
}

/* Spreadsheets leave records of nothing but commas behind. */
static bool is_empty(const struct csv *csv)
{
	for (size_t i = 0; i < csv->fields && i < COLUMNS_MAX; i++)
		if (kj_str_trim(csv->field[i]).n)
			return false;
	return true;
}

static bool is_type_line(const struct csv *csv)
{
	return csv->fields == 1 && kj_str_starts(csv->field[0], KJ_STR("#TYPE "));
}

/* Names the columns. False, and one bad row, when the header cannot be used. */
static bool take_header(struct csv *csv)
{
	struct kj_rows *rows = csv->parse->rows;
	uint32_t line = csv->line;
	while (next_record(csv) && (is_empty(csv) || is_type_line(csv)))
		line = csv->line;
	size_t n = csv->fields < COLUMNS_MAX ? csv->fields : COLUMNS_MAX;
	kj_str *names = KJ_NEW_ARRAY(csv->parse->arena, kj_str, n + 1);
	const char *problem = csv->fields > COLUMNS_MAX ? "more than 1000 columns" : csv->problem;
	for (size_t i = 0; i < n; i++) {
		names[i] = kj_str_trim(csv->field[i]);
		for (size_t k = 0; k < i && names[i].n && !problem; k++)
			problem = kj_str_eq(names[i], names[k]) ? "two columns have one name" : NULL;
	}
	rows->columns = names;
	rows->column_count = n;
	if (problem)
		kj_rows_bad(csv->parse, line, 1, problem);
	return n && !problem;
}

static bool take_record(struct csv *csv, uint32_t line)
{
	const struct kj_rows *rows = csv->parse->rows;
	kj_str *cells = kj_rows_add(csv->parse, line, 1);
	if (!cells)
		return false;
	for (size_t i = 0; i < rows->column_count && i < csv->fields; i++)
		cells[i] = csv->field[i];
	if (csv->problem)
		kj_rows_spoil(csv->parse, csv->problem);
	else if (csv->fields < rows->column_count)
		kj_rows_spoil(csv->parse, "fewer fields than the header has");
	else if (csv->fields > rows->column_count)
		kj_rows_spoil(csv->parse, "more fields than the header has");
	return true;
}

void kj_parse_csv(struct kj_parse *parse)
{
	kj_str bytes = parse->text->bytes, delimiter = parse->options->delimiter;
	struct csv csv = {
	        .parse = parse,
	        .at = bytes.p,
	        .end = bytes.n ? bytes.p + bytes.n : bytes.p,
	        .line = 1,
	        .delimiter = delimiter.n ? delimiter.p[0] : ',',
	        .field = KJ_NEW_ARRAY(parse->arena, kj_str, COLUMNS_MAX),
	};
	if (!take_header(&csv))
		return;
	for (uint32_t line = csv.line; next_record(&csv); line = csv.line)
		if (!is_empty(&csv) && !take_record(&csv, line))
			return;
}
