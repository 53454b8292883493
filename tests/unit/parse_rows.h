/* For the tests of parsers: a case is an input and the rows expected, one a line: `line:col|cell|cell`, `-` before a
   bad row. A byte 0x1f shows as ~, a line end in a cell as ^. */
#ifndef KJ_TEST_PARSE_ROWS_H
#define KJ_TEST_PARSE_ROWS_H

#include "base/buf.h"
#include "parse/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct parse_case {
	const char *parser;
	struct kj_parse_options options;
	const char *input, *rows;
};

static void put_cell(struct kj_buf *out, kj_str cell)
{
	for (size_t i = 0; i < cell.n; i++)
		kj_buf_char(out, cell.p[i] == KJ_PARSE_LIST ? '~' : cell.p[i] == '\n' ? '^' : cell.p[i]);
}

static kj_str render(struct kj_arena *arena, const struct kj_rows *rows)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		kj_buf_fmt(&out, "%s%u:%u", row->bad ? "-" : "", row->line, row->col);
		for (size_t c = 0; c < rows->column_count; c++) {
			kj_buf_char(&out, '|');
			put_cell(&out, row->cell[c]);
		}
		kj_buf_char(&out, '\n');
		assert_true(row->bad == (row->problem != NULL));
	}
	return kj_buf_str(&out);
}

static void check_case(const struct parse_case *parse_case)
{
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	const struct kj_parser *parser = kj_parser_find(kj_str_of(parse_case->parser));
	assert_non_null(parser);
	struct kj_text text = {KJ_STR("test"), kj_str_of(parse_case->input)};
	const struct kj_rows *rows = kj_parse_text(arena, parser, &parse_case->options, &text, 0);
	kj_str got = render(arena, rows);
	if (!kj_str_eq(got, kj_str_of(parse_case->rows)))
		print_error("input:\n%s\nwanted:\n%s\ngot:\n%.*s\n", parse_case->input, parse_case->rows, KJ_FMT(got));
	assert_true(kj_str_eq(got, kj_str_of(parse_case->rows)));
	kj_arena_free(arena);
}

static void check_cases(const struct parse_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_case(&cases[i]);
}

#define CHECK_CASES(cases) check_cases(cases, sizeof(cases) / sizeof *(cases))

#endif
