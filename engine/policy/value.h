/* Values with a type and a unit, and the operators that compare them. */
#ifndef KJ_POLICY_VALUE_H
#define KJ_POLICY_VALUE_H

#include "base/addr.h"
#include "base/date.h"
#include "base/num.h"
#include "base/regex.h"
#include "doc/doc.h"

/* What `as` and a parameter's `type` may say. */
enum kj_type {
	KJ_TYPE_TEXT,
	KJ_TYPE_INT,
	KJ_TYPE_BOOL,     /* true/false, yes/no, on/off, 1/0, any case */
	KJ_TYPE_SECONDS,  /* num: seconds; a bare number is seconds */
	KJ_TYPE_MINUTES,  /* num: seconds; a bare number is minutes */
	KJ_TYPE_DURATION, /* num: seconds; a bare number is seconds, units as in base/num.h */
	KJ_TYPE_DAYS,     /* num: seconds; a bare number is days */
	KJ_TYPE_SIZE,     /* num: bytes */
	KJ_TYPE_MODE,     /* num: permission bits, written in octal */
	KJ_TYPE_DATE,     /* num: days since 1970-01-01 */
	KJ_TYPE_VERSION,  /* begins with a digit, or v and a digit */
	KJ_TYPE_LIST,     /* words between blanks or commas */
	KJ_TYPE_ADDRESS,  /* an address, a prefix or a range */
	KJ_TYPE_PERIOD,   /* months: by the calendar; num: days beside them */
	KJ_TYPES,
};

struct kj_value {
	enum kj_type type;
	kj_str text; /* as written */
	int64_t num;
	int months; /* KJ_TYPE_PERIOD */
	struct kj_range range;
	const struct kj_value *items; /* KJ_TYPE_LIST */
	size_t n;
};

struct kj_type_info {
	kj_str name; /* in policies */
	enum kj_type type;
	const char *about; /* "a number of seconds": for messages */
};
const struct kj_type_info *kj_types(size_t *n);
const struct kj_type_info *kj_type_find(kj_str name);
const char *kj_type_about(enum kj_type type);

/* Reads a value of a type; false (and *out is as before) when the text is none. White space around it is left out, but
   for text. `never` and `infinity` are the longest time. Refused: negative times and sizes (products give them special
   meanings, so that comparing them by size would lie). The items of a list are text; where the text has KJ_LIST_SEPARATOR
   only that separates them. Views point into `text`. */
bool kj_value_read(struct kj_arena *arena, enum kj_type type, kj_str text, struct kj_value *out);
/* Parsers put it between the items of a cell that is a list. */
#define KJ_LIST_SEPARATOR '\x1f'
/* A value for people: "600 s (10 min)", "0640", "2026-11-23", "never", "(empty)". */
kj_str kj_value_show(struct kj_arena *arena, const struct kj_value *value);

/* PATTERN: the operand is a PCRE2 pattern; PERIOD: a length of time back from today, whatever the found value's type is. */
enum kj_arity { KJ_ARITY_ONE, KJ_ARITY_TWO, KJ_ARITY_LIST, KJ_ARITY_PATTERN, KJ_ARITY_PERIOD };

/* One operator, one row. `found` is never absent here: absence is the condition's matter. */
struct kj_operator {
	kj_str name; /* equals, one_of, … */
	enum kj_arity arity;
	bool ordered; /* compares by size: takes a number-like type (int … version) */
	/* The comparison; NULL for patterns. operand[0..n): of the found value's type (the items of lists: text; a PERIOD: a
	   time); an operand that is a list stands for its items. `today` for dates. A mode is "at most" another when it
	   permits nothing that the other does not. older_than: the date lies before the day
	   that is so long before today (months and years by the calendar); newer_than: neither there nor in the future. An empty list is one_of nothing. */
	bool (*apply)(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today);
	const char *wanted;   /* "≥ %s": how `wanted` reads; %s is the operand */
	unsigned fits;        /* the types it compares: bits 1 << enum kj_type */
	enum kj_type assumes; /* the type where `as` and the operands do not say one */
	const char *about;    /* for editors */
};
const struct kj_operator *kj_operators(size_t *n);
const struct kj_operator *kj_operator_find(kj_str name);

#endif
