/* Stacks of pam.d(5) and pam.conf(5), as Linux-PAM reads them: libpam_internal/pam_line.c, _pam_parse_conf_file and
   _pam_tokenize. */
#include "parse/scan.h"

const char *const kj_pam_unfinished = "the last line ends in a backslash";

struct pam {
	struct kj_parse *parse;
	struct kj_scan scan;
	/* The logical line at work. */
	kj_str text;
	uint32_t line, col;
	const char *problem;
};

enum { SERVICE, TYPE, CONTROL, MODULE, ARGS, SILENT };

static bool is_delimiter(char c)
{
	return c == ' ' || c == '\t';
}

static kj_str skip(kj_str s)
{
	size_t i = 0;
	while (i < s.n && is_delimiter(s.p[i]))
		i++;
	return (kj_str){s.p + i, s.n - i};
}

/* Cuts a comment off; else, when a backslash ends the line, cuts that off. True when the line goes on. */
static bool goes_on(kj_str *text)
{
	const char *comment = text->n ? memchr(text->p, '#', text->n) : NULL;
	if (comment)
		text->n = (size_t)(comment - text->p);
	while (text->n && is_delimiter(text->p[text->n - 1]))
		text->n--;
	if (comment || !text->n || text->p[text->n - 1] != '\\')
		return false;
	text->n--;
	return true;
}

static void join(struct pam *pam)
{
	struct kj_buf joined = KJ_BUF(pam->parse->arena);
	kj_buf_put(&joined, pam->text);
	bool more = true;
	while (more) {
		kj_buf_char(&joined, ' ');
		if (!kj_scan_next(&pam->scan)) {
			/* Linux-PAM gives up on the whole file */
			pam->problem = kj_pam_unfinished;
			break;
		}
		kj_str text = skip(pam->scan.line);
		bool empty = !text.n || text.p[0] == '#';
		/* 1.5 passes over such a line and goes on; 1.6 and later end the logical line here */
		if (empty)
			pam->problem = "a blank line or a comment after a backslash";
		more = goes_on(&text) || empty;
		kj_buf_put(&joined, text);
	}
	pam->text = kj_buf_str(&joined);
}

static bool next_line(struct pam *pam)
{
	while (kj_scan_next(&pam->scan)) {
		pam->text = skip(pam->scan.line);
		pam->line = pam->scan.number;
		pam->col = kj_scan_col(&pam->scan, pam->text.p);
		pam->problem = NULL;
		if (goes_on(&pam->text))
			join(pam);
		if (skip(pam->text).n)
			return true;
	}
	return false;
}

/* `[…]` with `\]` for a bracket inside. False when it has no end. */
static bool bracketed(struct kj_arena *arena, kj_str *rest, kj_str *token)
{
	kj_str s = kj_str_from(*rest, 1);
	size_t i = 0, escapes = 0;
	for (; i < s.n && s.p[i] != ']'; i++)
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == ']') {
			escapes++;
			i++;
		}
	*token = kj_str_upto(s, i);
	*rest = kj_str_from(s, i + 1);
	if (escapes) {
		char *out = kj_alloc_text(arena, i);
		size_t n = 0;
		for (size_t j = 0; j < i; j++)
			if (s.p[j] != '\\' || j + 1 >= i || s.p[j + 1] != ']')
				out[n++] = s.p[j];
		*token = (kj_str){out, n};
	}
	return i < s.n;
}

/* The next token; false when there is none. */
static bool next_token(struct pam *pam, kj_str *rest, kj_str *token)
{
	*rest = skip(*rest);
	if (!rest->n)
		return false;
	if (rest->p[0] == '[') {
		if (!bracketed(pam->parse->arena, rest, token))
			pam->problem = "the '[' is not closed";
		return true;
	}
	size_t n = 0;
	while (n < rest->n && !is_delimiter(rest->p[n]))
		n++;
	*token = kj_str_upto(*rest, n);
	*rest = kj_str_from(*rest, n + 1);
	return true;
}

static void take_entry(struct pam *pam, kj_str rest, kj_str *cells)
{
	bool included = kj_str_eq_fold(cells[TYPE], KJ_STR("@include")); /* Debian's addition */
	const char *before = pam->problem;
	if (!included && !next_token(pam, &rest, &cells[CONTROL]))
		pam->problem = "no control after the type";
	else if (!next_token(pam, &rest, &cells[MODULE]))
		pam->problem = included ? "no file after @include" : "no module after the control";
	pam->problem = before ? before : pam->problem;
	struct kj_args args = {.arena = pam->parse->arena};
	kj_str arg;
	while (next_token(pam, &rest, &arg))
		kj_args_add(&args, arg);
	cells[ARGS] = kj_args_list(&args);
	if (args.clash)
		pam->problem = kj_problem_clash;
}

static bool take_line(struct pam *pam)
{
	kj_str *cells = kj_rows_add(pam->parse, pam->line, pam->col);
	if (!cells)
		return false;
	kj_str rest = pam->text;
	if (pam->parse->options->service_field)
		next_token(pam, &rest, &cells[SERVICE]);
	bool typed = next_token(pam, &rest, &cells[TYPE]);
	bool silent = cells[TYPE].n && cells[TYPE].p[0] == '-';
	if (silent)
		cells[TYPE] = kj_str_from(cells[TYPE], 1);
	cells[SILENT] = KJ_YES_NO(silent);
	if (typed)
		take_entry(pam, rest, cells);
	else
		pam->problem = "no type after the service";
	if (pam->problem)
		kj_rows_spoil(pam->parse, pam->problem);
	return true;
}

void kj_parse_pam(struct kj_parse *parse)
{
	struct pam pam = {.parse = parse, .scan = kj_scan_of(parse->text)};
	while (next_line(&pam))
		if (!take_line(&pam))
			return;
}
