/* Files of sysctl.d as systemd-sysctl reads them: parse_file of src/sysctl/sysctl.c, read_line and strstrip of
   src/basic. procps' sysctl differs in corners only: a CR alone does not end its lines. */
#include "parse/scan.h"

enum { KEY, VALUE, SIGN };

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static kj_str strip(kj_str s)
{
	while (s.n && is_white(s.p[0]))
		s = kj_str_from(s, 1);
	while (s.n && is_white(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* `key = value`; `-key = value`, whose failure nobody minds; `-key`, which no pattern sets. */
static bool take_assignment(struct kj_parse *parse, uint32_t line, uint32_t col, kj_str text)
{
	size_t equals = kj_str_find(text, '=');
	bool minus = text.p[0] == '-';
	kj_str *cells = kj_rows_add(parse, line, col);
	if (!cells)
		return false;
	cells[KEY] = strip(kj_str_from(kj_str_upto(text, equals), minus ? 1 : 0));
	cells[VALUE] = strip(kj_str_from(text, equals + 1));
	cells[SIGN] = !minus ? KJ_STR("") : equals < text.n ? KJ_STR("ignore") : KJ_STR("exclude");
	if (equals == text.n && !minus)
		kj_rows_spoil(parse, "no '=' after the key");
	else if (!cells[KEY].n)
		kj_rows_spoil(parse, "no key before the '='");
	return true;
}

void kj_parse_sysctl(struct kj_parse *parse)
{
	struct kj_scan scan = kj_scan_of(parse->text);
	while (kj_scan_next(&scan)) {
		kj_str rest = scan.line, piece;
		while (kj_str_cut(&rest, '\r', &piece)) {
			kj_str text = strip(piece);
			if (!text.n || text.p[0] == '#' || text.p[0] == ';')
				continue;
			if (!take_assignment(parse, scan.number, kj_scan_col(&scan, text.p), text))
				return;
		}
	}
}
