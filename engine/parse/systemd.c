/* The files of systemd: sections and assignments (systemd.syntax(7), and config_parse in systemd's src/shared/conf-parser.c where the page is
   silent). */
#include "parse/scan.h"

struct systemd {
	struct kj_parse *parse;
	struct kj_scan scan;
	kj_str section;
	/* The logical line at work: continued ones joined. */
	kj_str text;
	uint32_t line, col;
};

static bool is_comment(kj_str line)
{
	line = kj_skip_blanks(line);
	return line.n && (line.p[0] == '#' || line.p[0] == ';');
}

/* An odd number of backslashes at the very end: white space after it makes it a byte like any other. */
static bool continues(kj_str line)
{
	size_t n = 0;
	while (n < line.n && line.p[line.n - 1 - n] == '\\')
		n++;
	return n % 2;
}

/* Where several files stand in one capture, `# /PATH` comes before each (systemd-analyze cat-config, systemctl cat). */
static bool is_heading(kj_str line)
{
	kj_str path = kj_str_from(line, 2);
	return kj_str_starts(line, KJ_STR("# /")) && kj_str_find(path, ' ') == path.n;
}

/* The next line that is no comment; false at the end. */
static bool next_physical(struct systemd *s)
{
	while (kj_scan_next(&s->scan)) {
		if (!is_comment(s->scan.line))
			return true;
		if (s->parse->options->headings && is_heading(s->scan.line))
			s->section = KJ_STR("");
	}
	return false;
}

/* Each backslash becomes a blank; comments between are left out, and a blank line ends it all the same. */
static kj_str join_continued(struct systemd *s, kj_str line)
{
	struct kj_buf joined = KJ_BUF(s->parse->arena);
	while (continues(line)) {
		kj_buf_put(&joined, kj_str_upto(line, line.n - 1));
		kj_buf_char(&joined, ' ');
		if (!next_physical(s))
			return kj_buf_str(&joined);
		line = s->scan.line;
	}
	kj_buf_put(&joined, line);
	return kj_buf_str(&joined);
}

static bool next_line(struct systemd *s)
{
	while (next_physical(s)) {
		kj_str text = kj_skip_blanks(s->scan.line);
		s->line = s->scan.number;
		s->col = kj_scan_col(&s->scan, text.p);
		if (continues(s->scan.line))
			text = kj_skip_blanks(join_continued(s, s->scan.line));
		s->text = kj_drop_blanks(text);
		if (s->text.n)
			return true;
	}
	return false;
}

/* At a header that is none systemd gives up the file; whoever resolves the rows sees it by the empty key. */
static bool take_section(struct systemd *s)
{
	if (s->text.p[s->text.n - 1] != ']') {
		kj_str *cells = kj_rows_bad(s->parse, s->line, s->col, "a section without its ']'");
		if (cells)
			cells[0] = s->text;
		return cells;
	}
	s->section = (kj_str){s->text.p + 1, s->text.n - 2};
	return true;
}

static bool take_pair(struct systemd *s)
{
	kj_str *cells = kj_rows_add(s->parse, s->line, s->col);
	if (!cells)
		return false;
	size_t equals = kj_str_find(s->text, '=');
	cells[0] = s->section;
	cells[1] = kj_drop_blanks(kj_str_upto(s->text, equals));
	cells[2] = kj_skip_blanks(kj_str_from(s->text, equals + 1));
	if (equals == s->text.n)
		kj_rows_spoil(s->parse, "no '=' after the key");
	else if (!cells[1].n)
		kj_rows_spoil(s->parse, "no key before the '='"), cells[1] = s->text;
	return true;
}

void kj_parse_systemd(struct kj_parse *parse)
{
	struct systemd s = {.parse = parse, .scan = kj_scan_of(parse->text)};
	bool more = true;
	while (more && next_line(&s))
		more = s.text.p[0] == '[' ? take_section(&s) : take_pair(&s);
}
