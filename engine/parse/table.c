/* Fields between delimiters: passwd, shadow, group, fstab, crypttab. Nothing is quoted and nothing is a comment unless
   the options say so. */
#include "parse/comment.h"

struct table {
	struct kj_parse *parse;
	char delimiter; /* ' ': runs of white space */
	size_t fields, least;
	bool rest;
};

static void name_columns(struct kj_parse *parse, struct table *table)
{
	kj_str names = parse->options->columns, name;
	size_t n = 0;
	for (kj_str rest = names; kj_str_word(&rest, &name);)
		n++;
	kj_str *columns = KJ_NEW_ARRAY(parse->arena, kj_str, n ? n : 1);
	columns[0] = KJ_STR("text");
	for (size_t i = 0; kj_str_word(&names, &name); i++)
		columns[i] = name;
	table->fields = n ? n : 1;
	table->rest = parse->options->rest || !n;
	parse->rows->columns = columns;
	parse->rows->column_count = table->fields;
}

/* Takes the next field; false when there is none. */
static bool next_field(const struct table *table, kj_str *rest, kj_str *field)
{
	if (!rest->p)
		return false;
	if (table->delimiter != ' ') {
		const char *end = rest->n ? memchr(rest->p, table->delimiter, rest->n) : NULL;
		size_t n = end ? (size_t)(end - rest->p) : rest->n;
		*field = (kj_str){rest->p, n};
		*rest = end ? (kj_str){end + 1, rest->n - n - 1} : (kj_str){NULL, 0};
		return true;
	}
	kj_str text = kj_skip_blanks(*rest);
	size_t n = 0;
	while (n < text.n && !kj_blank(text.p[n]))
		n++;
	*field = (kj_str){text.p, n};
	*rest = kj_skip_blanks((kj_str){text.p + n, text.n - n});
	return n;
}

static void fill(const struct table *table, kj_str line, kj_str *cells)
{
	kj_str rest = line;
	size_t n = 0;
	while (n < table->fields && !(table->rest && n + 1 == table->fields) && next_field(table, &rest, &cells[n]))
		n++;
	if (table->rest && n + 1 == table->fields && rest.p && (table->delimiter != ' ' || rest.n)) {
		cells[n++] = rest;
		rest = (kj_str){NULL, 0};
	}
	if (n < table->least)
		kj_rows_spoil(table->parse, "fewer fields than there should be");
	else if (table->delimiter == ' ' ? rest.n != 0 : rest.p != NULL)
		kj_rows_spoil(table->parse, "more fields than there are columns");
}

void kj_parse_table(struct kj_parse *parse)
{
	const struct kj_parse_options *options = parse->options;
	struct table table = {.parse = parse, .delimiter = options->delimiter.n ? options->delimiter.p[0] : ':'};
	name_columns(parse, &table);
	table.least = options->min_fields > 0 ? (size_t)options->min_fields : table.fields;
	struct kj_comment comment = kj_comment_of(options);
	struct kj_scan scan = kj_scan_of(parse->text);
	while (kj_scan_next(&scan)) {
		if ((int64_t)scan.number <= options->skip)
			continue;
		kj_str line = options->comment.n ? kj_comment_cut(&comment, scan.line) : scan.line;
		kj_str text = kj_skip_blanks(line);
		if (!text.n)
			continue;
		if (table.delimiter == ' ')
			line = kj_drop_blanks(text);
		kj_str *cells = kj_rows_add(parse, scan.number, kj_scan_col(&scan, line.p));
		if (!cells)
			return;
		fill(&table, line, cells);
	}
}
