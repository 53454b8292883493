#include "base/glob.h"

#include "base/utf8.h"

#include <string.h>

/* A pattern becomes tokens, and these a set of live positions that moves over the path character by character: no
   backtracking, so pattern × path steps at most. Longer patterns than PATH_MAX match nothing. */
enum { MAX_PATTERN = 4096 };

enum kind {
	END,
	LITERAL,  /* bytes [at, end) of the pattern */
	ANY,      /* ? */
	SET,      /* [at, end): what stands between the brackets */
	STAR,     /* * */
	DEEP,     /* ** */
	DEEP_DIR, /* the start of a component that is just `**`, with its slash: also matches nothing at all */
};

struct token {
	unsigned char kind;
	uint16_t at, end;
};

struct glob {
	kj_str pattern;
	bool period;
	size_t n;
	struct token token[MAX_PATTERN + 2];
};

/* Positions in the token list, each at most once. */
struct live {
	size_t n;
	uint16_t at[MAX_PATTERN + 2];
};

/* The end of the class "[:name:]" that begins at `at`, or 0. */
static size_t class_end(kj_str pattern, size_t at)
{
	kj_str rest = kj_str_upto(kj_str_from(pattern, at), sizeof "[:xdigit:]" - 1);
	if (!kj_str_starts(rest, KJ_STR("[:")))
		return 0;
	size_t close = kj_str_find_str(rest, KJ_STR(":]"));
	return close < rest.n ? at + close + 2 : 0;
}

/* Offset of the `]` that closes the bracket whose inside begins at `at`, or 0: then the `[` is a plain character. */
static size_t set_end(kj_str pattern, size_t at)
{
	if (at < pattern.n && (pattern.p[at] == '!' || pattern.p[at] == '^'))
		at++;
	for (size_t i = at; i < pattern.n;) {
		size_t past = class_end(pattern, i);
		if (past)
			i = past;
		else if (pattern.p[i] == ']' && i > at)
			return i;
		else
			i += pattern.p[i] == '\\' ? 2 : 1;
	}
	return 0;
}

static void push(struct glob *glob, enum kind kind, size_t at, size_t end)
{
	glob->token[glob->n++] = (struct token){(unsigned char)kind, (uint16_t)at, (uint16_t)end};
}

/* A run of stars from `at`; returns its end. */
static size_t push_stars(struct glob *glob, size_t at)
{
	kj_str p = glob->pattern;
	size_t end = at;
	while (end < p.n && p.p[end] == '*')
		end++;
	bool whole = (at == 0 || p.p[at - 1] == '/') && end < p.n && p.p[end] == '/';
	if (end - at == 1) {
		push(glob, STAR, at, end);
		return end;
	}
	if (whole)
		push(glob, DEEP_DIR, at, end);
	push(glob, DEEP, at, end);
	return end;
}

/* The token at `at`; returns where the next begins. */
static size_t push_token(struct glob *glob, size_t at)
{
	kj_str p = glob->pattern;
	size_t close;
	if (p.p[at] == '*')
		return push_stars(glob, at);
	if (p.p[at] == '?') {
		push(glob, ANY, at, at + 1);
		return at + 1;
	}
	if (p.p[at] == '[' && (close = set_end(p, at + 1))) {
		push(glob, SET, at + 1, close);
		return close + 1;
	}
	if (p.p[at] == '\\' && at + 1 < p.n)
		at++;
	size_t end = at;
	kj_utf8_next(p, &end);
	push(glob, LITERAL, at, end);
	return end;
}

static bool in_class(kj_str name, int32_t c)
{
	static const struct {
		kj_str name;
		const char *members;
	} classes[] = {
	        {KJ_STR_INIT("digit"), "09"},       {KJ_STR_INIT("lower"), "az"},
	        {KJ_STR_INIT("upper"), "AZ"},       {KJ_STR_INIT("alpha"), "azAZ"},
	        {KJ_STR_INIT("alnum"), "azAZ09"},   {KJ_STR_INIT("xdigit"), "09afAF"},
	        {KJ_STR_INIT("space"), "\t\r  "},   {KJ_STR_INIT("blank"), "\t\t  "},
	        {KJ_STR_INIT("punct"), "!/:@[`{~"}, {KJ_STR_INIT("print"), " ~"},
	        {KJ_STR_INIT("graph"), "!~"},       {KJ_STR_INIT("cntrl"), "\001\037\177\177"},
	};
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		if (!kj_str_eq(classes[i].name, name))
			continue;
		for (const char *m = classes[i].members; *m; m += 2) {
			if (c >= m[0] && c <= m[1])
				return true;
		}
	}
	return false;
}

/* One character of a bracket, undoing `\`. An invalid byte stands for itself, above all characters. */
static int32_t set_character(kj_str set, size_t *at)
{
	if (set.p[*at] == '\\' && *at + 1 < set.n)
		++*at;
	size_t start = *at;
	int32_t c = kj_utf8_next(set, at);
	return c < 0 ? 0x110000 + (unsigned char)set.p[start] : c;
}

static bool in_set(kj_str set, int32_t c)
{
	bool negated = set.n && (set.p[0] == '!' || set.p[0] == '^');
	for (size_t at = negated; at < set.n;) {
		size_t past = class_end(set, at);
		if (past) {
			if (in_class(kj_str_upto(kj_str_from(set, at + 2), past - at - 4), c))
				return !negated;
			at = past;
			continue;
		}
		int32_t first = set_character(set, &at), last = first;
		if (at + 1 < set.n && set.p[at] == '-') {
			at++;
			last = set_character(set, &at);
		}
		if (c >= first && c <= last)
			return !negated;
	}
	return negated;
}

/* Adds a position and those that it reaches without a character. `seen` holds, by position, the last `step` it was
 * added in. */
static void add(const struct glob *glob, struct live *live, uint32_t *seen, uint32_t step, size_t at)
{
	for (;;) {
		if (seen[at] == step)
			return;
		seen[at] = step;
		live->at[live->n++] = (uint16_t)at;
		enum kind kind = glob->token[at].kind;
		if (kind == DEEP_DIR)
			add(glob, live, seen, step, at + 3); /* past the DEEP and its slash */
		else if (kind != STAR && kind != DEEP)
			return;
		at++;
	}
}

/* A character of the path: its bytes, its code (as set_character), and whether a component begins with it. */
struct step {
	kj_str bytes;
	int32_t character;
	bool leading;
};

/* Where a token leads on this character: +1 past it, 0 it stays, -1 nowhere. */
static int advance(const struct glob *glob, const struct token *token, const struct step *step)
{
	kj_str part = kj_str_upto(kj_str_from(glob->pattern, token->at), (size_t)(token->end - token->at));
	bool hidden = glob->period && step->leading && step->character == '.';
	bool behind_star = token > glob->token && (token[-1].kind == STAR || token[-1].kind == DEEP);
	if (token->kind == LITERAL)
		return kj_str_eq(part, step->bytes) && !(hidden && behind_star) ? 1 : -1;
	if (hidden || token->kind == END || token->kind == DEEP_DIR)
		return -1;
	if (token->kind == DEEP)
		return 0;
	if (step->character == '/')
		return -1;
	if (token->kind == SET)
		return in_set(part, step->character) ? 1 : -1;
	return token->kind == ANY ? 1 : 0;
}

static bool run(const struct glob *glob, kj_str path)
{
	struct live lists[2], *now = &lists[0], *next = &lists[1];
	uint32_t seen[MAX_PATTERN + 2], count = 1;
	memset(seen, 0, (glob->n + 1) * sizeof *seen);
	now->n = 0;
	add(glob, now, seen, count, 0);
	for (size_t at = 0; at < path.n && now->n; count++) {
		size_t start = at;
		int32_t c = kj_utf8_next(path, &at);
		struct step step = {{path.p + start, at - start},
		                    c < 0 ? 0x110000 + (unsigned char)path.p[start] : c,
		                    start == 0 || path.p[start - 1] == '/'};
		next->n = 0;
		for (size_t i = 0; i < now->n; i++) {
			int way = advance(glob, &glob->token[now->at[i]], &step);
			if (way >= 0)
				add(glob, next, seen, count + 1, now->at[i] + (size_t)way);
		}
		struct live *old = now;
		now = next;
		next = old;
	}
	return now->n && seen[glob->n - 1] == count;
}

bool kj_glob(kj_str pattern, kj_str path, bool period)
{
	if (!kj_glob_is(pattern) && kj_str_find(pattern, '\\') == pattern.n)
		return kj_str_eq(pattern, path);
	if (pattern.n > MAX_PATTERN)
		return false;
	struct glob glob; /* large: not worth clearing */
	glob.pattern = pattern;
	glob.period = period;
	glob.n = 0;
	for (size_t at = 0; at < pattern.n;)
		at = push_token(&glob, at);
	push(&glob, END, pattern.n, pattern.n);
	return run(&glob, path);
}

bool kj_glob_is(kj_str pattern)
{
	return kj_str_find_any(pattern, KJ_STR("*?[")) < pattern.n;
}
