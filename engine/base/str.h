/* Counted strings: views that own nothing. Text is bytes; it may hold NUL and invalid UTF-8. */
#ifndef KJ_BASE_STR_H
#define KJ_BASE_STR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct kj_str {
	const char *p;
	size_t n;
} kj_str;

/* A literal as a string; KJ_STR_INIT is the form for static tables. */
#define KJ_STR(literal) ((kj_str){"" literal, sizeof(literal) - 1})
#define KJ_STR_INIT(literal) {"" literal, sizeof(literal) - 1}

/* The two arguments of printf's %.*s, for short strings only. */
#define KJ_FMT(s) (int)((s).n > 4096 ? 4096 : (s).n), (s).p ? (s).p : ""

kj_str kj_str_of(const char *zero_terminated); /* NULL gives the empty string */
kj_str kj_str_copy(struct kj_arena *arena, kj_str s);
/* A zero-terminated copy, for system calls. A NUL inside stays and cuts it short there. */
const char *kj_str_zero(struct kj_arena *arena, kj_str s);

bool kj_str_eq(kj_str a, kj_str b);
bool kj_str_eq_fold(kj_str a, kj_str b); /* ASCII letters only */
int kj_str_cmp(kj_str a, kj_str b);      /* by bytes, as strcmp and LC_ALL=C sort */
bool kj_str_starts(kj_str s, kj_str prefix);
bool kj_str_starts_fold(kj_str s, kj_str prefix);
bool kj_str_ends(kj_str s, kj_str suffix);
bool kj_str_ends_fold(kj_str s, kj_str suffix);

/* Offset of the first (or last) byte or string, or s.n when it does not occur. */
size_t kj_str_find(kj_str s, char c);
size_t kj_str_find_last(kj_str s, char c);
size_t kj_str_find_str(kj_str s, kj_str needle);
size_t kj_str_find_any(kj_str s, kj_str bytes);

/* s from `from` on, and s up to `to`; both clamp. */
kj_str kj_str_from(kj_str s, size_t from);
kj_str kj_str_upto(kj_str s, size_t to);

/* Without the white space (space, tab, CR, LF, VT, FF) at both ends, or at one. */
kj_str kj_str_trim(kj_str s);
kj_str kj_str_trim_left(kj_str s);
kj_str kj_str_trim_right(kj_str s);

/* Cuts *rest at the first `sep`: returns what stood before, *rest is what follows. False when *rest was spent
   (rest->p is NULL then). An input "a," gives "a" and "". */
bool kj_str_cut(kj_str *rest, char sep, kj_str *piece);

/* The next line without its LF or CR LF; false at the end. A last line without LF counts; after a final LF there is none. */
bool kj_str_line(kj_str *rest, kj_str *line);

/* The next word between white space; false when there is none. */
bool kj_str_word(kj_str *rest, kj_str *word);

kj_str kj_str_lower(struct kj_arena *arena, kj_str s); /* ASCII; returns s itself when nothing changes */
char kj_lower(char c);
bool kj_is_space(char c); /* the six of kj_str_trim */
bool kj_is_digit(char c);
bool kj_is_alnum(char c);

/* Hash for maps; `seed` differs from map to map. */
size_t kj_str_hash(kj_str s, size_t seed);

/* Smallest number of single-character edits between the two (two neighbours swapped count as one), ASCII case folded;
   for "did you mean". At most `cap`, and that for more than 128 bytes. */
size_t kj_str_distance(kj_str a, kj_str b, size_t cap);

#endif
