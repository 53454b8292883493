#include "base/diag.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* -- places -- */

kj_str kj_text_line(const struct kj_text *text, uint32_t line)
{
	kj_str rest = text->bytes, found = {NULL, 0};
	for (uint32_t i = 0; i < line; i++) {
		if (!kj_str_line(&rest, &found))
			return KJ_STR("");
	}
	return found;
}

static uint32_t narrow(size_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

struct kj_span kj_span_at(const struct kj_text *text, size_t offset, size_t len)
{
	kj_str before = kj_str_upto(text->bytes, offset);
	size_t line = 1, at;
	while ((at = kj_str_find(before, '\n')) < before.n) {
		before = kj_str_from(before, at + 1);
		line++;
	}
	return (struct kj_span){text, narrow(line), narrow(before.n + 1), narrow(len)};
}

struct kj_span kj_span_of(const struct kj_text *text, kj_str part)
{
	uintptr_t start = (uintptr_t)text->bytes.p, at = (uintptr_t)part.p;
	if (!part.p || at < start || at - start > text->bytes.n)
		return kj_span_whole(text);
	return kj_span_at(text, at - start, part.n);
}

struct kj_span kj_span_whole(const struct kj_text *text)
{
	return (struct kj_span){.text = text};
}

/* -- collecting -- */

__attribute__((format(printf, 4, 0))) static struct kj_diag *add(struct kj_diags *diags, enum kj_severity severity,
                                                                 struct kj_span span, const char *format, va_list args)
{
	if (severity == KJ_ERROR)
		diags->errors++;
	else
		diags->warnings++;
	if (diags->list.n == KJ_DIAG_MAX) {
		diags->dropped++;
		return NULL;
	}
	struct kj_buf message = KJ_BUF(diags->arena);
	kj_buf_vfmt(&message, format, args);
	KJ_PUSH(diags->arena, &diags->list,
	        (struct kj_diag){.severity = severity, .span = span, .message = kj_buf_str(&message)});
	return &diags->list.at[diags->list.n - 1];
}

struct kj_diag *kj_error(struct kj_diags *diags, struct kj_span span, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct kj_diag *diag = add(diags, KJ_ERROR, span, format, args);
	va_end(args);
	return diag;
}

struct kj_diag *kj_warning(struct kj_diags *diags, struct kj_span span, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct kj_diag *diag = add(diags, KJ_WARNING, span, format, args);
	va_end(args);
	return diag;
}

void kj_hint(struct kj_diags *diags, struct kj_diag *diag, const char *format, ...)
{
	if (!diag)
		return;
	struct kj_buf hint = KJ_BUF(diags->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&hint, format, args);
	va_end(args);
	diag->hint = kj_buf_str(&hint);
}

/* -- printing -- */

#define WINDOW        100 /* columns of a line that are shown */
#define WINDOW_BEFORE 60  /* of them, at most so many before the place */

struct printer {
	struct kj_buf out;
	bool color;
};

static void put_color(struct printer *to, const char *code)
{
	if (to->color)
		kj_buf_fmt(&to->out, "\x1b[%sm", code);
}

static void put_colored(struct printer *to, const char *code, kj_str s)
{
	put_color(to, code);
	kj_buf_safe(&to->out, s, 0);
	put_color(to, "0");
}

static const struct {
	kj_str word;
	const char *color;
} severities[] = {
        [KJ_NOTE] = {KJ_STR_INIT("note:"), "1;36"},
        [KJ_WARNING] = {KJ_STR_INIT("warning:"), "1;35"},
        [KJ_ERROR] = {KJ_STR_INIT("error:"), "1;31"},
};

/* The byte offset of a column in its line; where that is inside a character, the character's first byte. */
static size_t place_in_line(kj_str line, uint32_t col)
{
	size_t at = col ? col - 1 : 0, start = at < line.n ? at : line.n;
	for (int i = 0; i < 3 && start > 0 && start < line.n && ((unsigned char)line.p[start] & 0xc0) == 0x80; i++)
		start--;
	return start;
}

static size_t count_characters(kj_str s)
{
	size_t n = 0;
	for (size_t at = 0; at < s.n; n++)
		kj_utf8_next(s, &at);
	return n;
}

static void put_place(struct printer *to, const struct kj_diag *diag, kj_str line)
{
	const struct kj_span *span = &diag->span;
	put_color(to, "1");
	kj_buf_safe(&to->out, span->text ? span->text->name : KJ_STR("kijun"), 0);
	if (span->text && span->line) {
		/* A column past the end of the line stays what it was. */
		size_t start = place_in_line(line, span->col);
		size_t past = span->col > line.n + 1 ? span->col - 1 - line.n : 0;
		kj_buf_fmt(&to->out, ":%u:%zu", span->line, count_characters(kj_str_upto(line, start)) + past + 1);
	}
	kj_buf_char(&to->out, ':');
	put_color(to, "0");
}

static kj_str safe(struct kj_arena *arena, kj_str s, size_t max)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_buf_safe(&buf, s, max);
	return kj_buf_str(&buf);
}

/* What is shown of the line before the place: its end, when it is long. */
static kj_str left_part(struct kj_arena *arena, kj_str before)
{
	/* No character has more than 4 bytes: no need to look at more. */
	size_t from =
	        before.n > WINDOW_BEFORE * 4 ? place_in_line(before, (uint32_t)(before.n - WINDOW_BEFORE * 4 + 1)) : 0;
	kj_str shown = safe(arena, kj_str_from(before, from), 0);
	while (from < before.n && kj_str_width(shown) > WINDOW_BEFORE) {
		kj_utf8_next(before, &from);
		shown = safe(arena, kj_str_from(before, from), 0);
	}
	return from ? kj_str_fmt(arena, "…%.*s", KJ_FMT(shown)) : shown;
}

static void put_repeated(struct printer *to, char c, size_t n)
{
	while (n-- > 0)
		kj_buf_char(&to->out, c);
}

/* The line of the place, with a caret under each column of it. */
static void put_excerpt(struct printer *to, const struct kj_diag *diag, kj_str line)
{
	struct kj_arena *arena = to->out.arena;
	size_t start = place_in_line(line, diag->span.col);
	kj_str marked =
	        kj_str_upto(kj_str_from(line, start), diag->span.len < WINDOW * 4 ? diag->span.len : WINDOW * 4);
	kj_str left = left_part(arena, kj_str_upto(line, start));
	size_t indent = kj_str_width(left);
	kj_str right = safe(arena, kj_str_from(line, start), WINDOW - indent);
	size_t carets = kj_str_width(safe(arena, marked, 0)), room = kj_str_width(right);
	carets = carets < room ? carets : room;

	kj_buf_fmt(&to->out, "%5u | ", diag->span.line);
	kj_buf_put(&to->out, left);
	kj_buf_put(&to->out, right);
	kj_buf_fmt(&to->out, "\n%5s | ", "");
	put_repeated(to, ' ', indent);
	put_color(to, severities[diag->severity].color);
	put_repeated(to, '^', carets ? carets : 1);
	put_color(to, "0");
	kj_buf_char(&to->out, '\n');
}

static void put_diag(struct printer *to, const struct kj_diag *diag)
{
	const struct kj_span *span = &diag->span;
	kj_str line = span->text && span->line ? kj_text_line(span->text, span->line) : KJ_STR("");
	put_place(to, diag, line);
	kj_buf_char(&to->out, ' ');
	put_colored(to, severities[diag->severity].color, severities[diag->severity].word);
	kj_buf_char(&to->out, ' ');
	kj_buf_safe(&to->out, diag->message, 0);
	kj_buf_char(&to->out, '\n');
	if (line.n)
		put_excerpt(to, diag, line);
	if (diag->hint.n) {
		kj_buf_fmt(&to->out, "%5s = ", "");
		put_colored(to, "1", KJ_STR("hint:"));
		kj_buf_char(&to->out, ' ');
		kj_buf_safe(&to->out, diag->hint, 0);
		kj_buf_char(&to->out, '\n');
	}
}

static int compare_places(const struct kj_span *a, const struct kj_span *b)
{
	int order = kj_str_cmp(a->text ? a->text->name : KJ_STR(""), b->text ? b->text->name : KJ_STR(""));
	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	return order ? order : (a->col > b->col) - (a->col < b->col);
}

static int compare(const void *left, const void *right)
{
	const struct kj_diag *a = *(const struct kj_diag *const *)left, *b = *(const struct kj_diag *const *)right;
	int order = compare_places(&a->span, &b->span);
	return order ? order : (a > b) - (a < b);
}

/* Was the same said before, at the same place? */
static bool is_repeated(const struct kj_diag **sorted, size_t at)
{
	for (size_t i = at; i > 0 && compare_places(&sorted[i - 1]->span, &sorted[at]->span) == 0; i--) {
		if (sorted[i - 1]->severity == sorted[at]->severity &&
		    kj_str_eq(sorted[i - 1]->message, sorted[at]->message))
			return true;
	}
	return false;
}

void kj_diags_print(const struct kj_diags *diags, FILE *out, bool color)
{
	const struct kj_diag **sorted = KJ_NEW_ARRAY(diags->arena, const struct kj_diag *, diags->list.n);
	for (size_t i = 0; i < diags->list.n; i++)
		sorted[i] = &diags->list.at[i];
	qsort(sorted, diags->list.n, sizeof(*sorted), compare);

	struct printer to = {.out = KJ_BUF(diags->arena), .color = color};
	for (size_t i = 0; i < diags->list.n; i++) {
		if (!is_repeated(sorted, i))
			put_diag(&to, sorted[i]);
	}
	if (diags->dropped)
		kj_buf_fmt(&to.out, "kijun: %zu more messages are not shown\n", diags->dropped);
	kj_str all = kj_buf_str(&to.out);
	fwrite(all.p, 1, all.n, out);
}

/* -- did you mean -- */

static kj_str only_with_prefix(kj_str prefix, const kj_str *candidates, size_t n)
{
	kj_str found = KJ_STR("");
	for (size_t i = 0; i < n; i++) {
		if (!kj_str_starts_fold(candidates[i], prefix))
			continue;
		if (found.n)
			return KJ_STR("");
		found = candidates[i];
	}
	return found;
}

kj_str kj_nearest(kj_str word, const kj_str *candidates, size_t n)
{
	/* As many edits as the word has characters would make any word of it. */
	size_t edits = word.n / 3 > 1 ? word.n / 3 : 1;
	size_t best = edits < word.n ? edits + 1 : word.n;
	kj_str nearest = KJ_STR("");
	for (size_t i = 0; i < n && best > 0; i++) {
		size_t distance = kj_str_distance(word, candidates[i], best);
		if (distance < best) {
			best = distance;
			nearest = candidates[i];
		}
	}
	return nearest.n || word.n < 3 ? nearest : only_with_prefix(word, candidates, n);
}
