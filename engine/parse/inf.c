/* Security templates: the .inf that secedit /export writes. Sections, `Key = value`, `MACHINE\path\name=type,data`, and
   lines of fields
   (`"name",mode,"sddl"`). A `;` begins a comment at the start of a line only: values hold it unquoted. */
#include "parse/scan.h"

enum { SECTION, KEY, VALUE, TYPE, DATA };

static kj_str unquote(kj_str s)
{
	bool whole = s.n > 1 && s.p[0] == '"' && memchr(s.p + 1, '"', s.n - 1) == s.p + s.n - 1;
	return whole ? (kj_str){s.p + 1, s.n - 2} : s;
}

/* The offset of the byte between key and value, or line.n. */
static size_t find_separator(kj_str line)
{
	if (line.p[0] != '"')
		return kj_str_find(line, '=');
	size_t close = kj_str_find(kj_str_from(line, 1), '"') + 1;
	return close + kj_str_find_any(kj_str_from(line, close), KJ_STR("=,"));
}

/* `4,900`: the registry's number of a type, and the data. */
static void split_registry(kj_str value, kj_str *cells)
{
	size_t comma = kj_str_find(value, ',');
	cells[TYPE] = kj_drop_blanks(kj_str_upto(value, comma));
	cells[DATA] = unquote(kj_skip_blanks(kj_str_from(value, comma + 1)));
}

static bool take_pair(struct kj_parse *parse, const struct kj_scan *scan, kj_str section, kj_str line)
{
	kj_str *cells = kj_rows_add(parse, scan->number, kj_scan_col(scan, line.p));
	if (!cells)
		return false;
	size_t at = find_separator(line);
	kj_str value = kj_skip_blanks(kj_str_from(line, at + 1));
	cells[SECTION] = section;
	cells[KEY] = unquote(kj_drop_blanks(kj_str_upto(line, at)));
	cells[VALUE] = unquote(value);
	cells[DATA] = cells[VALUE];
	bool registry = kj_str_eq_fold(section, KJ_STR("Registry Values"));
	if (at >= line.n)
		kj_rows_spoil(parse, "no '=' after the key");
	else if (!cells[KEY].n)
		kj_rows_spoil(parse, "no key before the '='");
	else if (registry && kj_str_find(value, ',') == value.n)
		kj_rows_spoil(parse, "no type before the data of a registry value");
	else if (registry)
		split_registry(value, cells);
	return true;
}

static bool take_section(struct kj_parse *parse, const struct kj_scan *scan, kj_str line, kj_str *section)
{
	bool closed = line.p[line.n - 1] == ']';
	*section = kj_str_from(kj_str_upto(line, closed ? line.n - 1 : line.n), 1);
	if (closed)
		return true;
	kj_str *cells = kj_rows_bad(parse, scan->number, kj_scan_col(scan, line.p), "a section without its ']'");
	if (cells)
		cells[SECTION] = *section;
	return cells;
}

void kj_parse_inf(struct kj_parse *parse)
{
	struct kj_scan scan = kj_scan_of(parse->text);
	kj_str section = KJ_STR("");
	bool more = true;
	while (more && kj_scan_next(&scan)) {
		kj_str line = kj_drop_blanks(kj_skip_blanks(scan.line));
		if (!line.n || line.p[0] == ';')
			continue;
		more = line.p[0] == '[' ? take_section(parse, &scan, line, &section)
		                        : take_pair(parse, &scan, section, line);
	}
}
