#include "parse_check.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static struct kj_parse_options pick_options(unsigned choice)
{
	return (struct kj_parse_options){
	        .separators = choice & 1 ? KJ_STR(" =") : KJ_STR("="),
	        .comment = choice & 2 ? KJ_STR("#;") : KJ_STR(""),
	        .comment_anywhere = choice & 4,
	        .comment_after_blank = choice & 8,
	        .sections = choice & 16,
	        .backslash = choice & 32,
	        .indent = choice & 64,
	        .quotes = choice & 128 ? KJ_STR("\"'") : KJ_STR(""),
	        .escapes = choice & 256,
	        .bare_keys = choice & 512,
	        .delimiter = choice & 1 ? KJ_STR(" ") : KJ_STR(":"),
	        .columns = choice & 2 ? KJ_STR("a b c") : KJ_STR("a"),
	        .min_fields = choice % 3,
	        .rest = choice & 4,
	        .service_field = choice & 1,
	        .user_field = choice & 1,
	        .headings = choice & 1,
	        .slash_comments = choice & 1,
	};
}

struct run {
	struct kj_arena *arena;
	const struct kj_parser *parser;
	unsigned choice;
	struct kj_text text;
	const struct kj_rows *rows;
};

static void run_parser(void *ctx)
{
	struct run *run = ctx;
	struct kj_parse_options options = pick_options(run->choice);
	run->rows = kj_parse_text(run->arena, run->parser, &options, &run->text, 0);
}

static uint32_t count_lines(kj_str text)
{
	uint32_t n = text.n && text.p[text.n - 1] != '\n';
	for (const char *at = text.p; text.n && (at = memchr(at, '\n', (size_t)(text.p + text.n - at))); at++)
		n++;
	return n ? n : 1;
}

/* Reads bytes of a cell, so that the sanitizers see a wrong one; cells that rows share are read once. */
static void read_cell(kj_str cell, kj_str above)
{
	volatile char byte;
	if (cell.p == above.p && cell.n == above.n)
		return;
	for (size_t i = 0; i < cell.n; i += i + 64 < cell.n ? 64 : 1)
		byte = cell.p[i];
	(void)byte;
}

static const char *check_rows(const struct kj_rows *rows, const struct kj_text *text)
{
	uint32_t lines = count_lines(text->bytes), last = 0;
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		if (row->text != text || row->bad != (row->problem != NULL))
			return "a row without its text or its problem";
		/* what a backslash at the end promises is missed in the line that is not there: so sudo says */
		if (row->line < last || row->line < 1 || row->line > lines + 1)
			return "a line out of order or past the end";
		if (row->col < 1 || row->col > text->bytes.n + 1)
			return "a column past the end";
		last = row->line;
		for (size_t c = 0; c < rows->column_count; c++) {
			kj_str cell = row->cell[c];
			if (cell.n && !cell.p)
				return "a cell with length and no bytes";
			read_cell(cell, i ? row[-1].cell[c] : (kj_str){NULL, 0});
		}
	}
	return rows->column_count || !rows->list.n ? NULL : "rows without columns";
}

const char *parse_check(const struct kj_parser *parser, unsigned choice, kj_str input)
{
	/* a block of the exact size, so that a read past the end is seen */
	char *bytes = malloc(input.n ? input.n : 1);
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	struct run run = {
	        .arena = arena, .parser = parser, .choice = choice, .text = {KJ_STR("input"), {bytes, input.n}}};
	const char *problem = NULL;
	if (input.n)
		memcpy(bytes, input.p, input.n);
	if (kj_guard(arena, run_parser, &run))
		problem = check_rows(run.rows, &run.text);
	kj_arena_free(arena);
	free(bytes);
	return problem;
}
