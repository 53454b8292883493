/* PCRE2, for the whole project: each distinct pattern compiled once, with JIT and limits; bytes in, offsets out. */
#ifndef KJ_BASE_REGEX_H
#define KJ_BASE_REGEX_H

#include "base/diag.h"

struct kj_regex;
struct kj_regex_set;     /* compiled patterns; shared read-only by threads once built */
struct kj_regex_scratch; /* what matching needs; one a thread */

enum { KJ_REGEX_FOLD = 1, KJ_REGEX_MULTILINE = 2, KJ_REGEX_DOTALL = 4, KJ_REGEX_WHOLE = 8 /* the whole subject must match */ };

/* Patterns live as long as the arena. Not for several threads at once. */
struct kj_regex_set *kj_regex_set_new(struct kj_arena *arena);

struct kj_regex_error {
	kj_str message;
	size_t offset; /* into the pattern, bytes */
};

/* The compiled pattern, or NULL and *error. The same pattern and flags give the same object. UTF-8 subjects; invalid
   UTF-8 in a subject never matches as a character but stops nothing (PCRE2_MATCH_INVALID_UTF). \C is refused. */
const struct kj_regex *kj_regex_compile(struct kj_regex_set *set, kj_str pattern, unsigned flags,
                                        struct kj_regex_error *error);
kj_str kj_regex_pattern(const struct kj_regex *regex);
size_t kj_regex_captures(const struct kj_regex *regex);

struct kj_regex_scratch *kj_regex_scratch_new(struct kj_arena *arena);

enum kj_regex_result {
	KJ_REGEX_NO,
	KJ_REGEX_YES,
	KJ_REGEX_LIMIT, /* a match, depth, heap or stack limit was hit: nothing is known */
};

#define KJ_REGEX_GROUPS 16

struct kj_match {
	kj_str group[KJ_REGEX_GROUPS]; /* [0] is the whole match; p NULL: not set */
	size_t groups;
};

/* Looks for the pattern in subject from byte `from` on. *match may be NULL. Views point into the subject. */
enum kj_regex_result kj_regex_find(const struct kj_regex *regex, struct kj_regex_scratch *scratch, kj_str subject,
                                   size_t from, struct kj_match *match);

#endif
