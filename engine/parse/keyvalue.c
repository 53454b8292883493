/* A key and a value on a line: pwquality.conf, login.defs, sysctl, systemd, dconf, os-release, the output of sshd
   -T … What differs between them is in the options. */
#include "parse/comment.h"

struct keyvalue {
	struct kj_parse *parse;
	const struct kj_parse_options *options;
	struct kj_comment comment;
	struct kj_scan scan;
	kj_str section;
	/* The logical line at work. */
	kj_str text; /* begins with its first byte that is no blank */
	uint32_t line, col;
};

static bool is_blank_or_comment(const struct keyvalue *kv, kj_str text)
{
	return !text.n || kj_comment_is(&kv->comment, text.p[0], KJ_IS_COMMENT);
}

/* An odd number of backslashes at the end: the last one is not itself quoted (systemd.syntax(7)). */
static bool continues(kj_str text)
{
	size_t n = 0;
	while (n < text.n && text.p[text.n - 1 - n] == '\\')
		n++;
	return n % 2;
}

/* Appends the lines that follow a backslash, comments between them left out, each backslash as a blank
   (systemd.syntax(7)). */
static kj_str join_backslashes(struct keyvalue *kv, kj_str text)
{
	struct kj_buf joined = KJ_BUF(kv->parse->arena);
	while (continues(text)) {
		kj_buf_put(&joined, kj_str_upto(text, text.n - 1));
		kj_buf_char(&joined, ' ');
		do {
			if (!kj_scan_next(&kv->scan))
				return kj_buf_str(&joined);
			text = kj_drop_blanks(kj_skip_blanks(kv->scan.line));
		} while (text.n && is_blank_or_comment(kv, text));
	}
	kj_buf_put(&joined, text);
	return kj_buf_str(&joined);
}

/* Moves to the next line that goes on with the one before: indented, blank lines and comments between left out. */
static bool next_indented(struct keyvalue *kv, kj_str *text)
{
	struct kj_scan ahead = kv->scan;
	while (kj_scan_next(&ahead)) {
		kj_str line = kj_skip_blanks(ahead.line);
		if (is_blank_or_comment(kv, line))
			continue;
		if (line.p == ahead.line.p)
			return false;
		kv->scan = ahead;
		*text = kj_skip_blanks(kj_comment_cut(&kv->comment, line));
		return true;
	}
	return false;
}

static kj_str join_indented(struct keyvalue *kv, kj_str text)
{
	kj_str more;
	if (!next_indented(kv, &more))
		return text;
	struct kj_buf joined = KJ_BUF(kv->parse->arena);
	kj_buf_put(&joined, text);
	do {
		kj_buf_char(&joined, ' ');
		kj_buf_put(&joined, more);
	} while (next_indented(kv, &more));
	return kj_buf_str(&joined);
}

static bool next_line(struct keyvalue *kv)
{
	while (kj_scan_next(&kv->scan)) {
		kj_str text = kj_skip_blanks(kv->scan.line);
		if (is_blank_or_comment(kv, text))
			continue;
		kv->line = kv->scan.number;
		kv->col = kj_scan_col(&kv->scan, text.p);
		text = kj_comment_cut(&kv->comment, text);
		if (kv->options->backslash && continues(text))
			text = join_backslashes(kv, text);
		if (kv->options->indent && !(kv->options->sections && text.n && text.p[0] == '['))
			text = join_indented(kv, text);
		kv->text = text;
		if (text.n)
			return true;
	}
	return false;
}

/* `[name]`; of `[a][$i]` the name is `a][$i`. */
static bool take_section(struct keyvalue *kv)
{
	kj_str text = kv->text;
	size_t close = kj_str_find_last(text, ']');
	bool closed = close < text.n;
	kv->section = kj_str_from(kj_str_upto(text, close), 1);
	if (closed && close + 1 == text.n)
		return true;
	kj_str *cells = kj_rows_bad(kv->parse, kv->line, kv->col,
	                            closed ? "text after the ']' of a section" : "a section without its ']'");
	if (cells)
		cells[0] = kv->section;
	return cells;
}

/* Splits the line; false when there is no separator. */
static bool split(const struct keyvalue *kv, kj_str *key, kj_str *value)
{
	kj_str text = kv->text;
	const unsigned char *class = kv->comment.class;
	bool blanks = class[' '] & KJ_IS_SEPARATOR;
	size_t i = 0;
	while (i < text.n && !(class[(unsigned char)text.p[i]] & KJ_IS_SEPARATOR) && !(blanks && kj_blank(text.p[i])))
		i++;
	*key = kj_drop_blanks((kj_str){text.p, i});
	*value = (kj_str){text.p + text.n, 0};
	if (i == text.n)
		return false;
	bool by_blank = kj_blank(text.p[i]);
	*value = kj_skip_blanks((kj_str){text.p + i + 1, text.n - i - 1});
	/* `key = value` where a blank may separate too: one separator stands among the blanks */
	if (by_blank && value->n && class[(unsigned char)value->p[0]] & KJ_IS_SEPARATOR)
		*value = kj_skip_blanks(kj_str_from(*value, 1));
	return true;
}

static kj_str unescape(struct kj_arena *arena, kj_str s)
{
	if (!s.n || !memchr(s.p, '\\', s.n))
		return s;
	char *out = kj_alloc_text(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && memchr("\"'\\$`", s.p[i + 1], 5))
			i++;
		out[n++] = s.p[i];
	}
	return (kj_str){out, n};
}

/* Takes the quotes off a value that is quoted as a whole; false when its quote has no end. */
static bool unquote(const struct keyvalue *kv, kj_str *value)
{
	if (!value->n || !kj_comment_is(&kv->comment, value->p[0], KJ_IS_QUOTE))
		return true;
	size_t end = kj_quote_end(*value, kv->options->escapes);
	if (end == value->n)
		return false;
	if (end + 1 == value->n) {
		*value = (kj_str){value->p + 1, end - 1};
		if (kv->options->escapes)
			*value = unescape(kv->parse->arena, *value);
	}
	return true;
}

static bool take_pair(struct keyvalue *kv)
{
	kj_str *cells = kj_rows_add(kv->parse, kv->line, kv->col);
	if (!cells)
		return false;
	cells[0] = kv->section;
	bool separated = split(kv, &cells[1], &cells[2]);
	if (!separated && !kv->options->bare_keys)
		kj_rows_spoil(kv->parse, "no separator after the key");
	else if (!cells[1].n)
		kj_rows_spoil(kv->parse, "no key before the separator");
	else if (!unquote(kv, &cells[2]))
		kj_rows_spoil(kv->parse, "the quote is not closed");
	return true;
}

void kj_parse_keyvalue(struct kj_parse *parse)
{
	struct keyvalue kv = {
	        .parse = parse,
	        .options = parse->options,
	        .comment = kj_comment_of(parse->options),
	        .scan = kj_scan_of(parse->text),
	};
	bool more = true;
	while (more && next_line(&kv))
		more = parse->options->sections && kv.text.p[0] == '[' ? take_section(&kv) : take_pair(&kv);
}
