/* Crontabs: crontab(5), and what Debian's cron takes beyond it (its entry.c and env.c, seen with `crontab -n`). */
#include "parse/scan.h"

struct field {
	const char *problem;
	unsigned low, high;
	const char *const *names; /* of the numbers from `low` on; NULL: none */
};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                     "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
static const struct field fields[] = {{"bad minute", 0, 59, NULL},
                                      {"bad hour", 0, 23, NULL},
                                      {"bad day of month", 1, 31, NULL},
                                      {"bad month", 1, 12, months},
                                      {"bad day of week", 0, 7, days}};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static kj_str skip_blanks(kj_str s)
{
	size_t i = 0;
	while (i < s.n && is_blank(s.p[i]))
		i++;
	return kj_str_from(s, i);
}

/* The next word, which is cut off *rest. */
static kj_str take_word(kj_str *rest)
{
	size_t n = 0;
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	kj_str word = kj_str_upto(*rest, n);
	*rest = skip_blanks(kj_str_from(*rest, n));
	return word;
}

/* ---- times ---- */

static bool named(const struct field *field, kj_str word, unsigned *out)
{
	for (unsigned i = 0; field->names && field->names[i]; i++) {
		*out = field->low + i;
		if (kj_str_eq_fold(word, kj_str_of(field->names[i])))
			return true;
	}
	return false;
}

/* Letters and digits at the front of *s. */
static bool take_number(const struct field *field, kj_str *s, unsigned *out)
{
	size_t n = 0;
	while (n < s->n && kj_is_alnum(s->p[n]))
		n++;
	kj_str word = kj_str_upto(*s, n);
	*s = kj_str_from(*s, n);
	if (named(field, word, out))
		return true;
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (!kj_is_digit(word.p[i]) || *out > 9999)
			return false;
		*out = *out * 10 + (unsigned)(word.p[i] - '0');
	}
	return n;
}

static bool is_in(const struct field *field, unsigned number)
{
	return number >= field->low && number <= field->high;
}

/* `*`, `5`, `1-5`, `1-5/2`; what follows them up to a comma or blank is passed over, as cron does. */
static bool take_range(const struct field *field, kj_str *s)
{
	unsigned from = field->low, to = field->high, step;
	bool single = false;
	if (kj_str_starts(*s, KJ_STR("*"))) {
		*s = kj_str_from(*s, 1);
	} else {
		if (!take_number(field, s, &from) || !is_in(field, from))
			return false;
		single = !kj_str_starts(*s, KJ_STR("-"));
		*s = kj_str_from(*s, single ? 0 : 1);
		if (!single && (!take_number(field, s, &to) || !is_in(field, to)))
			return false;
	}
	if (!kj_str_starts(*s, KJ_STR("/")))
		return true;
	*s = kj_str_from(*s, 1);
	return !single && take_number(field, s, &step) && step;
}

static bool is_list(const struct field *field, kj_str word)
{
	while (take_range(field, &word)) {
		if (!kj_str_starts(word, KJ_STR(",")))
			return true;
		word = kj_str_from(word, 1);
	}
	return false;
}

static bool is_nickname(kj_str word)
{
	static const char *const names[] = {"@reboot", "@yearly", "@annually", "@monthly",
	                                    "@weekly", "@daily",  "@midnight", "@hourly"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_str_eq(word, kj_str_of(names[i])))
			return true;
	return false;
}

/* Takes the time off *rest; NULL, or what is wrong with it. */
static const char *take_time(kj_str *rest, kj_str *when)
{
	kj_str line = *rest;
	if (kj_str_starts(line, KJ_STR("@"))) {
		*when = take_word(rest);
		return is_nickname(*when) ? NULL : "bad time specifier";
	}
	kj_str last = {NULL, 0};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		last = take_word(rest);
		if (!last.n || !is_list(&fields[i], last))
			return fields[i].problem;
	}
	*when = (kj_str){line.p, (size_t)(last.p + last.n - line.p)};
	return NULL;
}

/* ---- variables ---- */

/* A name or value in quotes or not at the front of *s; false when its quote has no end. `equals`: it ends at a blank or =. */
static bool take_part(kj_str *s, bool equals, kj_str *part)
{
	char quote = s->n && (s->p[0] == '"' || s->p[0] == '\'') ? s->p[0] : 0;
	size_t from = quote ? 1 : 0, n = from;
	while (n < s->n && (quote ? s->p[n] != quote : !equals || (!kj_blank(s->p[n]) && s->p[n] != '=')))
		n++;
	*part = (kj_str){s->p + from, n - from};
	if (quote && (n == s->n || (equals && kj_str_find(*part, '=') < part->n)))
		return false;
	*s = kj_str_from(*s, quote ? n + 1 : n);
	return true;
}

/* NAME = value. */
static bool is_variable(kj_str line, kj_str *name, kj_str *value)
{
	if (!take_part(&line, true, name))
		return false;
	line = kj_skip_blanks(line);
	if (!kj_str_starts(line, KJ_STR("=")))
		return false;
	line = kj_skip_blanks(kj_str_from(line, 1));
	bool quoted = line.n && (line.p[0] == '"' || line.p[0] == '\'');
	if (!line.n || !take_part(&line, false, value))
		return false;
	*value = quoted ? *value : kj_drop_blanks(*value);
	return !kj_skip_blanks(line).n;
}

/* ---- lines ---- */

enum { KIND, WHEN, USER, COMMAND };

/* The command runs up to a % that has no backslash before it; what follows is its input. */
static kj_str command_of(struct kj_arena *arena, kj_str text)
{
	char *out = kj_alloc_text(arena, text.n);
	size_t n = 0;
	for (size_t i = 0; i < text.n && text.p[i] != '%'; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '%')
			i++;
		out[n++] = text.p[i];
	}
	return kj_drop_blanks((kj_str){out, n});
}

static void take_line(struct kj_parse *parse, kj_str line, kj_str *cells)
{
	if (is_variable(line, &cells[WHEN], &cells[COMMAND])) {
		cells[KIND] = KJ_STR("env");
		return;
	}
	cells[KIND] = KJ_STR("job");
	cells[WHEN] = cells[COMMAND] = (kj_str){NULL, 0};
	const char *problem = take_time(&line, &cells[WHEN]);
	if (problem) {
		kj_rows_spoil(parse, problem);
		return;
	}
	if (parse->options->user_field)
		cells[USER] = take_word(&line);
	if (parse->options->user_field && !cells[USER].n)
		kj_rows_spoil(parse, "bad user name");
	cells[COMMAND] = memchr(line.p, '%', line.n) ? command_of(parse->arena, line) : kj_drop_blanks(line);
}

void kj_parse_cron(struct kj_parse *parse)
{
	struct kj_scan scan = kj_scan_of(parse->text);
	while (kj_scan_next(&scan)) {
		kj_str line = skip_blanks(scan.line);
		if (!line.n || line.p[0] == '#')
			continue;
		kj_str *cells = kj_rows_add(parse, scan.number, kj_scan_col(&scan, line.p));
		if (!cells)
			return;
		take_line(parse, line, cells);
	}
}
