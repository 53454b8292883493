/* Places in texts, and messages about them: file:line:col: error: what; the line; a caret; a hint. */
#ifndef KJ_BASE_DIAG_H
#define KJ_BASE_DIAG_H

#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>
#include <stdio.h>

/* A named text: a policy file, or an artifact of an export. */
struct kj_text {
	kj_str name;
	kj_str bytes;
};

/* A place: `line` and `col` count from 1, `col` and `len` in bytes. line 0: the text as a whole; text NULL: nowhere. */
struct kj_span {
	const struct kj_text *text;
	uint32_t line, col, len;
};

/* The line `line` (from 1) of a text without its end; empty past the end. */
kj_str kj_text_line(const struct kj_text *text, uint32_t line);
/* The place of bytes [offset, offset+len) of a text. `part` variant: of a view that lies inside the text. */
struct kj_span kj_span_at(const struct kj_text *text, size_t offset, size_t len);
struct kj_span kj_span_of(const struct kj_text *text, kj_str part);
struct kj_span kj_span_whole(const struct kj_text *text);

enum kj_severity { KJ_NOTE, KJ_WARNING, KJ_ERROR };

struct kj_diag {
	enum kj_severity severity;
	struct kj_span span;
	kj_str message; /* what is wrong, in plain words; no capital, no full stop */
	kj_str hint;    /* what to do, or empty */
};

/* A list of messages. After `KJ_DIAG_MAX` further ones are only counted. */
struct kj_diags {
	struct kj_arena *arena;
	KJ_VEC(struct kj_diag) list;
	size_t errors, warnings, dropped;
};

#define KJ_DIAG_MAX 500

/* Adds a message; NULL when it was only counted (kj_hint takes that). */
__attribute__((format(printf, 3, 4))) struct kj_diag *kj_error(struct kj_diags *diags, struct kj_span span,
                                                                const char *format, ...);
__attribute__((format(printf, 3, 4))) struct kj_diag *kj_warning(struct kj_diags *diags, struct kj_span span,
                                                                  const char *format, ...);
/* Adds the hint to a message just made (the pointer is good only until the next message). */
__attribute__((format(printf, 3, 4))) void kj_hint(struct kj_diags *diags, struct kj_diag *diag, const char *format,
                                                   ...);

/* Prints all messages, by file and line, each once. `color`: with ANSI colours. Control characters are escaped. */
void kj_diags_print(const struct kj_diags *diags, FILE *out, bool color);

/* The candidate nearest to `word`, or the empty string when none is near: for "did you mean". */
kj_str kj_nearest(kj_str word, const kj_str *candidates, size_t n);

#endif
