#include "parse/comment.h"

static void mark(struct kj_comment *comment, kj_str bytes, unsigned char what)
{
	for (size_t i = 0; i < bytes.n; i++)
		comment->class[(unsigned char)bytes.p[i]] |= what;
}

struct kj_comment kj_comment_of(const struct kj_parse_options *options)
{
	struct kj_comment comment = {.options = options};
	mark(&comment, options->comment, KJ_IS_COMMENT);
	mark(&comment, options->quotes, KJ_IS_QUOTE);
	mark(&comment, options->separators.n ? options->separators : KJ_STR("="), KJ_IS_SEPARATOR);
	return comment;
}

size_t kj_quote_end(kj_str s, bool escapes)
{
	if (!escapes) {
		const char *close = s.n > 1 ? memchr(s.p + 1, s.p[0], s.n - 1) : NULL;
		return close ? (size_t)(close - s.p) : s.n;
	}
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == s.p[0])
			return i;
	return s.n;
}

static bool begins_comment(const struct kj_comment *comment, kj_str line, size_t i)
{
	return comment->options->comment_anywhere || !i || kj_blank(line.p[i - 1]);
}

/* The offset of the comment, or line.n, where nothing is quoted. */
static size_t find_unquoted(const struct kj_comment *comment, kj_str line)
{
	for (size_t i = 0; i < line.n; i++) {
		if (comment->options->comment.n == 1)
			i += kj_str_find(kj_str_from(line, i), comment->options->comment.p[0]);
		if (i < line.n && kj_comment_is(comment, line.p[i], KJ_IS_COMMENT) && begins_comment(comment, line, i))
			return i;
	}
	return line.n;
}

static size_t find_comment(const struct kj_comment *comment, kj_str line)
{
	if (!comment->options->quotes.n)
		return find_unquoted(comment, line);
	bool open[256] = {false}; /* quotes known to have no end: looked for only once */
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		if (comment->class[c] & KJ_IS_COMMENT && begins_comment(comment, line, i))
			return i;
		if (!(comment->class[c] & KJ_IS_QUOTE) || open[c])
			continue;
		size_t end = kj_quote_end((kj_str){line.p + i, line.n - i}, comment->options->escapes);
		if (end == line.n - i)
			open[c] = true;
		else
			i += end;
	}
	return line.n;
}

kj_str kj_comment_cut(const struct kj_comment *comment, kj_str line)
{
	const struct kj_parse_options *options = comment->options;
	if (options->comment.n && (options->comment_anywhere || options->comment_after_blank)) {
		line.n = find_comment(comment, line);
	} else if (options->comment.n) {
		kj_str text = kj_skip_blanks(line);
		if (text.n && kj_comment_is(comment, text.p[0], KJ_IS_COMMENT))
			line.n = 0;
	}
	return kj_drop_blanks(line);
}
