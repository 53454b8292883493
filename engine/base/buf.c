#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A buffer with a sink is emptied whenever it holds as much. */
#define SINK_BLOCK (64 * KJ_KIB)

void kj_buf_flush(struct kj_buf *buf)
{
	if (!buf->sink || !buf->n)
		return;
	buf->sink->put(buf->sink, kj_buf_str(buf));
	buf->n = 0;
}

/* Room for `more` bytes behind what is there. */
static char *reserve(struct kj_buf *buf, size_t more)
{
	if (buf->n >= SINK_BLOCK)
		kj_buf_flush(buf);
	if (more <= buf->cap - buf->n)
		return buf->p + buf->n;
	if (more > SIZE_MAX / 4 - buf->n)
		return kj_alloc(buf->arena, SIZE_MAX, 2); /* gives up: more than any memory */
	size_t cap = buf->cap ? buf->cap * 2 : 64;
	if (cap < buf->n + more)
		cap = buf->n + more;
	buf->p = kj_regrow(buf->arena, buf->p, buf->cap, cap);
	buf->cap = cap;
	return buf->p + buf->n;
}

void kj_buf_put(struct kj_buf *buf, kj_str s)
{
	if (!s.n)
		return;
	memcpy(reserve(buf, s.n), s.p, s.n);
	buf->n += s.n;
}

void kj_buf_char(struct kj_buf *buf, char c)
{
	*reserve(buf, 1) = c;
	buf->n++;
}

void kj_buf_int(struct kj_buf *buf, int64_t value)
{
	char digits[24], *at = digits + sizeof digits;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	kj_buf_put(buf, (kj_str){at, (size_t)(digits + sizeof digits - at)});
}

void kj_buf_vfmt(struct kj_buf *buf, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	size_t room = 64;
	int n = vsnprintf(reserve(buf, room), room, format, args);
	if (n >= 0 && (size_t)n >= room) {
		room = (size_t)n + 1;
		n = vsnprintf(reserve(buf, room), room, format, again);
	}
	va_end(again);
	if (n > 0)
		buf->n += (size_t)n;
}

void kj_buf_fmt(struct kj_buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(buf, format, args);
	va_end(args);
}

kj_str kj_buf_str(const struct kj_buf *buf)
{
	return (kj_str){buf->p ? buf->p : "", buf->n};
}

kj_str kj_str_fmt(struct kj_arena *arena, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	buf.p = kj_regrow(arena, buf.p, buf.cap, buf.n);
	return kj_buf_str(&buf);
}
