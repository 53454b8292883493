/* Comments as the options `comment`, `comment_anywhere`, `comment_after_blank`, `quotes` and `escapes` describe them.
   Private to this layer. */
#ifndef KJ_PARSE_COMMENT_H
#define KJ_PARSE_COMMENT_H

#include "parse/scan.h"

enum { KJ_IS_COMMENT = 1, KJ_IS_QUOTE = 2, KJ_IS_SEPARATOR = 4 };

struct kj_comment {
	const struct kj_parse_options *options;
	unsigned char class[256]; /* of each byte */
};

struct kj_comment kj_comment_of(const struct kj_parse_options *options);

static inline bool kj_comment_is(const struct kj_comment *comment, char c, int what)
{
	return comment->class[(unsigned char)c] & what;
}

/* The line without its comment and without blanks at its end; empty when it is a comment as a whole. A quote that is
   closed on the line hides comment bytes; one that is not closed hides none. */
kj_str kj_comment_cut(const struct kj_comment *comment, kj_str line);

/* The offset of the byte that closes the quote at s.p[0], or s.n. With `escapes` a backslash quotes the next byte. */
size_t kj_quote_end(kj_str s, bool escapes);

#endif
