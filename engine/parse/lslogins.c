/* Accounts as lslogins(1) of util-linux prints them: a table under a heading, the same without columns (-r, -c), pairs
   (-e, -n). A row an account. Cells whose column was not printed have no text at all (p NULL); empty ones have. */
#include "base/num.h"
#include "base/utf8.h"
#include "parse/storage.h"

/* In the order of the parser's columns. */
static const struct {
	kj_str name;
	bool right; /* aligned */
} printed[] = {
        {KJ_STR_INIT("USER"), false},          {KJ_STR_INIT("UID"), true},
        {KJ_STR_INIT("GECOS"), false},         {KJ_STR_INIT("HOMEDIR"), false},
        {KJ_STR_INIT("SHELL"), false},         {KJ_STR_INIT("NOLOGIN"), true},
        {KJ_STR_INIT("PWD-LOCK"), true},       {KJ_STR_INIT("PWD-EMPTY"), true},
        {KJ_STR_INIT("PWD-DENY"), true},       {KJ_STR_INIT("PWD-METHOD"), false},
        {KJ_STR_INIT("GROUP"), false},         {KJ_STR_INIT("GID"), true},
        {KJ_STR_INIT("SUPP-GROUPS"), false},   {KJ_STR_INIT("SUPP-GIDS"), false},
        {KJ_STR_INIT("LAST-LOGIN"), true},     {KJ_STR_INIT("LAST-TTY"), false},
        {KJ_STR_INIT("LAST-HOSTNAME"), false}, {KJ_STR_INIT("FAILED-LOGIN"), false},
        {KJ_STR_INIT("FAILED-TTY"), false},    {KJ_STR_INIT("HUSHED"), true},
        {KJ_STR_INIT("PWD-WARN"), true},       {KJ_STR_INIT("PWD-CHANGE"), true},
        {KJ_STR_INIT("PWD-MIN"), true},        {KJ_STR_INIT("PWD-MAX"), true},
        {KJ_STR_INIT("PWD-EXPIR"), true},      {KJ_STR_INIT("CONTEXT"), false},
        {KJ_STR_INIT("PROC"), true},
};
enum { USER = 0, COLUMNS = sizeof printed / sizeof *printed };

/* What stands between the fields of a line: BY_PLACE: they stand under the words of the heading. */
enum { BY_PLACE = 0 };

struct lslogins {
	struct kj_parse *parse;
	struct kj_heading heading;
	size_t column[64]; /* of each word of the heading */
	char separator;
	kj_str *open; /* cells that pairs are filling */
};

/* With -y the names are PWD_LOCK and the like. */
static size_t column_of(kj_str word)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		bool same = word.n == printed[i].name.n;
		for (size_t k = 0; same && k < word.n; k++)
			same = word.p[k] == printed[i].name.p[k] || (word.p[k] == '_' && printed[i].name.p[k] == '-');
		if (same)
			return i;
	}
	return COLUMNS;
}

/* An empty cell has a text. */
static kj_str value_of(const struct lslogins *l, kj_str text)
{
	text = kj_str_trim(text);
	return text.n ? kj_hex_escapes(l->parse->arena, text) : KJ_STR("");
}

/* ---- tables ---- */

/* What stands from a place of the terminal up to another; *whole: the line goes on until there. */
static kj_str span(kj_str line, size_t from, size_t to, bool *whole)
{
	size_t i = 0, width = 0, begin = line.n;
	while (i < line.n && width < to) {
		if (width >= from && begin == line.n)
			begin = i;
		width += (size_t)kj_utf8_width(kj_utf8_next(line, &i));
	}
	*whole = width >= to;
	return begin < i ? (kj_str){line.p + begin, i - begin} : KJ_STR("");
}

/* Where a column's words end, when they are right-aligned. */
static size_t end_of(const struct lslogins *l, size_t k)
{
	return l->heading.at[k] + l->heading.name[k].n;
}

static bool is_right(const struct lslogins *l, size_t k)
{
	return k < l->heading.n && printed[l->column[k]].right;
}

/* " 20:28:29", not the end of an IPv6 address. */
static bool ends_in_time(kj_str text)
{
	enum { TIME = 8 };
	for (size_t i = 0; text.n > TIME && i < TIME; i++) {
		char c = text.p[text.n - TIME + i];
		if (i % 3 == 2 ? c != ':' : !kj_is_digit(c))
			return false;
	}
	return text.n > TIME && text.p[text.n - TIME - 1] == ' ';
}

/* The last word of a text: where it begins. Dates may have several: "Wed Nov  4 00:53:20 2026" (--time-format=full) and,
   in Japanese, "2018- 4月12". */
static size_t last_value(kj_str text)
{
	enum { YEAR = 4, WORDS_OF_FULL = 5 };
	size_t at = text.n, words = 1;
	for (size_t n = 0; n < words; n++) {
		while (at && text.p[at - 1] == ' ')
			at--;
		size_t end = at;
		while (at && text.p[at - 1] != ' ')
			at--;
		kj_str word = {text.p + at, end - at}, before = kj_str_trim_right(kj_str_upto(text, at));
		int64_t year;
		if (n == 0 && word.n == YEAR && kj_num_int(word, &year) && ends_in_time(before))
			words = WORDS_OF_FULL;
		if (n == 0 && before.n > YEAR && kj_str_ends(before, KJ_STR("-")) &&
		    kj_str_find_str(word, KJ_STR("月")) < word.n)
			words = 2;
	}
	return at;
}

/* A right-aligned value ends where its heading does, and a left-aligned one before it may come near: between them only
   the blanks tell. */
static kj_str cell_at(const struct lslogins *l, kj_str line, size_t k)
{
	const struct kj_heading *h = &l->heading;
	size_t right = is_right(l, k) ? k : k + 1, to = is_right(l, right) ? end_of(l, right)
	                                                : right < h->n     ? h->at[right]
	                                                                   : SIZE_MAX;
	size_t from = right != k ? h->at[k] : k == 0 ? 0 : is_right(l, k - 1) ? end_of(l, k - 1) : h->at[k - 1];
	bool whole;
	kj_str text = span(line, from, to, &whole);
	if (!is_right(l, right) || (right == k && (k == 0 || is_right(l, k - 1))))
		return text;
	bool there = whole && text.n && text.p[text.n - 1] != ' ';
	size_t at = there ? last_value(text) : text.n;
	return right == k ? kj_str_from(text, at) : kj_str_upto(text, at);
}

/* Does a line stand under the heading: is there a blank beside each column? */
static bool fits(const struct lslogins *l, kj_str line)
{
	bool whole;
	for (size_t k = 0; k < l->heading.n; k++) {
		size_t beside = is_right(l, k) ? end_of(l, k) : l->heading.at[k] - (l->heading.at[k] > 0);
		kj_str byte = span(line, beside, beside + 1, &whole);
		if ((is_right(l, k) || l->heading.at[k] > 0) && byte.n && !kj_str_eq(byte, KJ_STR(" ")))
			return false;
	}
	return true;
}

static void take_line(struct lslogins *l, kj_str line, kj_str *cells)
{
	kj_str rest = line, field;
	bool left = true;
	if (l->separator == BY_PLACE) {
		for (size_t k = 0; k < l->heading.n; k++)
			cells[l->column[k]] = value_of(l, cell_at(l, line, k));
		if (!fits(l, line))
			kj_rows_spoil(l->parse, "its fields do not stand under the heading");
		return;
	}
	for (size_t k = 0; k < l->heading.n; k++) {
		left = left && kj_str_cut(&rest, l->separator, &field);
		cells[l->column[k]] = value_of(l, left ? field : KJ_STR(""));
	}
	if (left && rest.p && kj_str_trim(rest).n)
		kj_rows_spoil(l->parse, "more fields than the heading has: a value holds what separates them");
}

static bool take_row(struct lslogins *l, uint32_t number, kj_str line)
{
	kj_str *cells = kj_rows_add(l->parse, number, 1);
	if (!cells)
		return false;
	take_line(l, line, cells);
	if (cells[USER].p && !cells[USER].n)
		kj_rows_spoil(l->parse, "no name of a user");
	return true;
}

/* ---- headings ---- */

static bool read_heading(struct lslogins *l, kj_str line)
{
	struct lslogins found = {.parse = l->parse};
	kj_str text = line, name;
	bool colons = kj_str_find(line, ':') < line.n && kj_str_find(line, ' ') == line.n;
	found.separator = colons ? ':' : BY_PLACE;
	while (colons && found.heading.n < 64 && kj_str_cut(&text, ':', &name))
		found.heading.name[found.heading.n++] = name;
	if (!colons)
		found.heading = kj_heading_of(line);
	for (size_t k = 0; k < found.heading.n; k++)
		if ((found.column[k] = column_of(found.heading.name[k])) == COLUMNS)
			return false;
	/* an account may be called USER */
	if (!found.heading.n || (found.heading.n == 1 && l->heading.n > 1))
		return false;
	*l = found;
	return true;
}

static size_t fields_of(kj_str line)
{
	size_t n = 1;
	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == ' ';
	return n;
}

/* Is the table raw (-r), one blank between the fields? Its heading and the lines up to the next one (`scan`, a copy)
   tell: each has as many fields, or fewer where a copy lost blanks at the ends of lines and the places do not fit. */
static bool is_raw(const struct lslogins *l, kj_str heading, struct kj_scan scan)
{
	bool exact = true, in_place = true;
	struct lslogins other = *l;
	if (fields_of(heading) != l->heading.n)
		return false;
	while (kj_scan_next(&scan) && !read_heading(&other, kj_drop_blanks(scan.line))) {
		size_t n = fields_of(scan.line);
		if (!scan.line.n)
			continue;
		if (n > l->heading.n)
			return false;
		exact &= n == l->heading.n;
		in_place &= fits(l, scan.line);
	}
	return exact || !in_place;
}

/* ---- pairs ---- */

static bool next_pair(kj_str *rest, kj_str *name, kj_str *value)
{
	*rest = kj_skip_blanks(*rest);
	size_t equals = kj_str_find_str(*rest, KJ_STR("=\""));
	*name = kj_str_upto(*rest, equals);
	*rest = kj_str_from(*rest, equals + 2);
	size_t end = kj_str_find(*rest, '"');
	*value = kj_str_upto(*rest, end);
	bool closed = end < rest->n;
	*rest = kj_str_from(*rest, end + 1);
	return closed;
}

/* With -n each pair has a line: an account begins with a name that the one before has already. */
static bool take_pairs(struct lslogins *l, uint32_t number, kj_str line)
{
	kj_str rest = line, name, value;
	while (kj_skip_blanks(rest).n) {
		bool good = next_pair(&rest, &name, &value);
		size_t column = good ? column_of(name) : COLUMNS;
		if (!l->open || (column < COLUMNS && l->open[column].p))
			l->open = kj_rows_add(l->parse, number, 1);
		if (!l->open)
			return false;
		if (!good)
			kj_rows_spoil(l->parse, "a value without its closing quote");
		else if (column < COLUMNS)
			l->open[column] = value_of(l, value);
	}
	return true;
}

void kj_parse_lslogins(struct kj_parse *parse)
{
	struct lslogins l = {.parse = parse};
	struct kj_scan scan = kj_scan_of(parse->text);
	bool more = true;
	while (more && kj_scan_next(&scan)) {
		kj_str line = kj_drop_blanks(scan.line);
		if (!line.n)
			continue;
		if (read_heading(&l, line))
			l.separator = l.separator == BY_PLACE && is_raw(&l, line, scan) ? ' ' : l.separator;
		else if (kj_str_find_str(line, KJ_STR("=\"")) < line.n && !l.heading.n)
			more = take_pairs(&l, scan.number, line);
		else if (l.heading.n)
			more = take_row(&l, scan.number, scan.line);
		else
			more = kj_rows_bad(parse, scan.number, 1, "before the heading");
	}
}
