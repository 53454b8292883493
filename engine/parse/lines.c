/* Plain lines. */
#include "parse/comment.h"

void kj_parse_lines(struct kj_parse *parse)
{
	struct kj_comment comment = kj_comment_of(parse->options);
	struct kj_scan scan = kj_scan_of(parse->text);
	while (kj_scan_next(&scan)) {
		kj_str text = kj_skip_blanks(kj_comment_cut(&comment, scan.line));
		if (!text.n)
			continue;
		kj_str *cells = kj_rows_add(parse, scan.number, kj_scan_col(&scan, text.p));
		if (!cells)
			return;
		cells[0] = text;
	}
}
