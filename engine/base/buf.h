/* A string under construction, growing in an arena. */
#ifndef KJ_BASE_BUF_H
#define KJ_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>

/* Takes the bytes of a buffer as it fills, so that long output needs no room of its own. */
struct kj_sink {
	void (*put)(struct kj_sink *sink, kj_str bytes);
};

struct kj_buf {
	struct kj_arena *arena;
	char *p;
	size_t n, cap;
	struct kj_sink *sink; /* NULL: the buffer keeps all */
};

#define KJ_BUF(arena_)             ((struct kj_buf){.arena = (arena_)})
#define KJ_BUF_INTO(arena_, sink_) ((struct kj_buf){.arena = (arena_), .sink = (sink_)})

void kj_buf_put(struct kj_buf *buf, kj_str s);
void kj_buf_char(struct kj_buf *buf, char c);
void kj_buf_int(struct kj_buf *buf, int64_t value);
__attribute__((format(printf, 2, 3))) void kj_buf_fmt(struct kj_buf *buf, const char *format, ...);
__attribute__((format(printf, 2, 0))) void kj_buf_vfmt(struct kj_buf *buf, const char *format, va_list args);
/* Hands what is there to the sink, where there is one. */
void kj_buf_flush(struct kj_buf *buf);
/* A view of what is there; good until the next addition. */
kj_str kj_buf_str(const struct kj_buf *buf);

/* A formatted string of its own. Text arguments: KJ_FMT(s) with %.*s. */
__attribute__((format(printf, 2, 3))) kj_str kj_str_fmt(struct kj_arena *arena, const char *format, ...);

#endif
