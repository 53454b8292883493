/* Rows under construction, and cells that hold lists. */
#include "parse/scan.h"

const char kj_problem_clash[] = "the byte 0x1f in the line";

kj_str *kj_rows_add(struct kj_parse *parse, uint32_t line, uint32_t col)
{
	struct kj_rows *rows = parse->rows;
	if (rows->list.n >= parse->max_rows) {
		rows->capped = true;
		return NULL;
	}
	kj_str *cells = KJ_NEW_ARRAY(parse->arena, kj_str, rows->column_count);
	KJ_PUSH(parse->arena, &rows->list,
	        (struct kj_row){.text = parse->text, .line = line, .col = col, .cell = cells});
	return cells;
}

kj_str *kj_rows_bad(struct kj_parse *parse, uint32_t line, uint32_t col, const char *problem)
{
	kj_str *cells = kj_rows_add(parse, line, col);
	if (cells)
		kj_rows_spoil(parse, problem);
	return cells;
}

void kj_rows_spoil(struct kj_parse *parse, const char *problem)
{
	struct kj_row *row = &parse->rows->list.at[parse->rows->list.n - 1];
	if (row->bad)
		return;
	row->bad = true;
	row->problem = problem;
}

void kj_args_add(struct kj_args *args, kj_str arg)
{
	if (arg.n && memchr(arg.p, KJ_PARSE_LIST, arg.n))
		args->clash = true;
	if (args->n++ == 0) {
		args->first = arg;
		return;
	}
	if (args->n == 2) {
		args->joined = KJ_BUF(args->arena);
		kj_buf_put(&args->joined, args->first);
	}
	kj_buf_char(&args->joined, KJ_PARSE_LIST);
	kj_buf_put(&args->joined, arg);
}

kj_str kj_args_list(const struct kj_args *args)
{
	return args->n > 1 ? kj_buf_str(&args->joined) : args->first;
}

kj_str kj_args_text(const struct kj_args *args)
{
	kj_str list = kj_args_list(args);
	if (args->n < 2)
		return list;
	char *text = kj_alloc_text(args->arena, list.n);
	memcpy(text, list.p, list.n);
	for (size_t i = 0; i < list.n; i++)
		if (text[i] == KJ_PARSE_LIST)
			text[i] = ' ';
	return (kj_str){text, list.n};
}
