/* UTF-8: checking, widths, and making foreign text safe to print. */
#ifndef KJ_BASE_UTF8_H
#define KJ_BASE_UTF8_H

#include "base/buf.h"

/* Decodes one character at s[*at] and moves *at past it. An invalid byte gives -1 and moves by one. */
int32_t kj_utf8_next(kj_str s, size_t *at);
bool kj_utf8_valid(kj_str s);
/* Offset of the first byte that is not UTF-8, or s.n. */
size_t kj_utf8_bad(kj_str s);
/* Appends a character; what is none (a surrogate, above U+10FFFF) becomes U+FFFD. */
#define KJ_UTF8_REPLACEMENT 0xfffdu
void kj_utf8_put(struct kj_buf *buf, uint32_t character);
/* Columns a terminal gives: 0 for combining, 2 for wide (UAX #11 W and F), 1 else. */
int kj_utf8_width(int32_t character);
size_t kj_str_width(kj_str s);

/* Control characters (C0, DEL, C1), line separators, bidi controls, and -1: what no terminal should get (CWE-150). */
bool kj_utf8_unsafe(int32_t character);

/* For a terminal: control characters (C0, DEL, C1), bidi controls and invalid bytes become visible escapes (^[ , \x9b, \u202e); a tab becomes a
   space. At most `max` columns (0: no limit); a text that was cut ends in "…", which counts. */
void kj_buf_safe(struct kj_buf *buf, kj_str s, size_t max);

#endif
