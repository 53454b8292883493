/* Reading checked maps by tables of keys: one table serves the loader and the schema, so that they cannot differ. */
#ifndef KJ_POLICY_LOAD_H
#define KJ_POLICY_LOAD_H

#include "policy/policy.h"

/* What is known while one text is read. Readers report into `diags` and leave a field as it is when its value is wrong;
   who needs to know whether all went well compares diags->errors. */
struct kj_load {
	struct kj_program *program;
	struct kj_arena *arena;
	struct kj_regex_scratch *scratch;
	struct kj_diags *diags;
	const struct kj_text *text;
	struct kj_policy *policy; /* NULL in sources and features: no parameters there */
	struct kj_map params;     /* of the policy: name → struct kj_param */
	unsigned depth;           /* of nested checks and cell conditions */
	bool cells;               /* in the conditions on a row, where "@column" is another cell */
	size_t strays;            /* unknown keys of the map being finished: what seems to be missing may be misspelt */
};

enum { KJ_CHECK_DEPTH = 32 };

struct kj_key;

/* What the value of a key may be: how it is read, and how an editor is told. */
struct kj_shape {
	void (*read)(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field);
	/* Writes the members of a schema object (between its braces). */
	void (*schema)(struct kj_json *json, const struct kj_shape *shape);
	const void *detail; /* what the two need to know: words, limits, the keys of a map */
};

/* A key of a map. `field`: offset of what the value is read into; `count`: offset of the size_t that goes with a list. */
struct kj_key {
	kj_str name;
	const struct kj_shape *shape;
	size_t field, count;
	bool required;
	const char *about; /* for editors */
};

/* All keys of one kind of map, in the order in which they are read. */
struct kj_keys {
	const char *what; /* "a rule" */
	const struct kj_key *key;
	size_t n;
	bool operators; /* operators stand among the keys: they go to the struct kj_tests at the offset `tests` */
	size_t tests;
	/* Called when all keys were read, also after errors: what concerns several keys. May be NULL. */
	void (*finish)(struct kj_load *load, const struct kj_node *map, void *object);
	/* For the schema, what `finish` checks too: of the keys `among` (NULL at the end) and the operators must stand exactly
	   one ("oneOf") or one or more ("anyOf"). NULL: no such demand. */
	const char *choice;
	const char *const *among;
};

/* Reads a map by its keys into *object (keys.c): unknown keys, missing ones, then each value. */
void kj_keys_read(struct kj_load *load, const struct kj_keys *keys, const struct kj_key *key, const struct kj_node *map,
                  void *object);
void kj_keys_schema(struct kj_json *json, const struct kj_keys *keys);

/* ---- errors that many readers report ---- */

/* "'KEY' wants WANTED, this is a list", or "…, not 'x'" for a scalar. NULL as kj_error. */
struct kj_diag *kj_wants(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                         const char *wanted);
/* "unknown WHAT 'word'", with the nearest of the words as a hint, or else all of them when they are few. */
void kj_unknown(struct kj_load *load, struct kj_span span, const char *what, kj_str word, const kj_str *words,
                size_t n);
/* "a, b, c" */
kj_str kj_joined(struct kj_arena *arena, const kj_str *words, size_t n);
/* The keys of a map as an array of strings. */
const kj_str *kj_map_words(struct kj_arena *arena, const struct kj_map *map);
/* "the WHAT 'id' is there already", with the first place as a hint. */
void kj_twice(struct kj_load *load, struct kj_span span, const char *what, kj_str id, struct kj_span first);

/* A scalar's text; false after a message. Numbers, true and false count as they are written. */
bool kj_text_of(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, const char *wanted,
                kj_str *out);
/* The values of a list; a scalar is a list of itself. *n of them. */
const struct kj_node *const *kj_listed(const struct kj_node *const *node, size_t *n);
/* The place of the count that goes with a list's field. */
size_t *kj_count_of(const struct kj_key *key, void *field);

/* ---- shapes of many maps (shapes.c) ---- */

extern const struct kj_shape kj_shape_text;      /* kj_str, not empty */
extern const struct kj_shape kj_shape_any_text;  /* kj_str, may be empty */
extern const struct kj_shape kj_shape_bilingual; /* struct kj_bilingual */
extern const struct kj_shape kj_shape_flag;      /* bool */
extern const struct kj_shape kj_shape_texts;     /* const kj_str *, with count */
extern const struct kj_shape kj_shape_path;      /* kj_str: a path or glob from the host's root, without its slash */
extern const struct kj_shape kj_shape_paths;     /* const kj_str *, with count */
extern const struct kj_shape kj_shape_map;       /* const struct kj_node *: a map that others read later */
extern const struct kj_shape kj_shape_version_1; /* `kijun: 1`: nothing is stored */

void kj_text_schema(struct kj_json *json, const struct kj_shape *shape);
void kj_texts_schema(struct kj_json *json, const struct kj_shape *shape);

/* A word of a fixed list, stored as its index in an enum (or an int). detail: struct kj_words. */
struct kj_words {
	const char *what; /* "severity"; NULL: the words have no common name */
	size_t n;
	const kj_str *word;
};
void kj_word_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field);
void kj_word_schema(struct kj_json *json, const struct kj_shape *shape);
#define KJ_SHAPE_WORD(words_)                                                                                          \
	{                                                                                                              \
		kj_word_read, kj_word_schema, &(words_)                                                                \
	}
/* The word itself: kj_str. */
void kj_one_word_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field);
extern const struct kj_shape kj_shape_platform, kj_shape_platforms, kj_shape_kind, kj_shape_kinds;

/* Text of a form: kj_str. detail: struct kj_form. */
struct kj_form {
	const char *wanted;  /* "a version such as …" */
	const char *pattern; /* the whole text matches; PCRE2 and ECMA 262 alike */
};
bool kj_form_check(struct kj_load *load, const struct kj_form *form, kj_str text);
void kj_form_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field);
void kj_form_schema(struct kj_json *json, const struct kj_shape *shape);
extern const struct kj_form kj_form_id, kj_form_name;
extern const struct kj_shape kj_shape_id;
extern const struct kj_shape kj_shape_source_id;

/* A whole number within limits: int64_t. detail: struct kj_limits. */
struct kj_limits {
	int64_t least, most;
	const char *wanted;
};
void kj_number_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field);
void kj_number_schema(struct kj_json *json, const struct kj_shape *shape);

/* A map with keys of its own, read into the field. detail: struct kj_keys. */
void kj_part_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field);
void kj_part_schema(struct kj_json *json, const struct kj_shape *shape);
#define KJ_SHAPE_PART(keys_)                                                                                           \
	{                                                                                                              \
		kj_part_read, kj_part_schema, &(keys_)                                                                 \
	}

/* Schema pieces. */
void kj_schema_ref(struct kj_json *json, const char *def);
void kj_schema_type(struct kj_json *json, const char *type);
void kj_schema_scalar(struct kj_json *json); /* a text, a number, true or false */
/* A list of things of a schema; `or_one`: one such thing stands for a list of one. */
void kj_schema_list(struct kj_json *json, const struct kj_shape *item, bool or_one, size_t least);

/* ---- operands and tests (operand.c, test.c) ---- */

/* What an operand should be. */
struct kj_want {
	enum kj_type type, item; /* item: of a list's items */
	const char *wanted;      /* for messages; NULL: the type's */
};

/* The name in "$name"; empty when the text has not that form. "$$name" stands for the text "$name". */
kj_str kj_param_name(kj_str text);
/* The parameter that a scalar names, or NULL: it names none, or (after a message, *bad) an unknown one. */
const struct kj_param *kj_param_named(struct kj_load *load, const struct kj_node *node, bool *bad);
/* A value from the tree, without parameters. False after a message. */
bool kj_literal_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, struct kj_want want,
                     struct kj_value *out);
/* A literal, or a parameter that fits. False after a message. */
bool kj_operand_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, struct kj_want want,
                     struct kj_operand *out);
/* A list of operands, or a single $parameter for all of it; a parameter may itself be a list of what is wanted. NULL after
   a message: fewer than `least` is one. */
const struct kj_operand *kj_operands_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                                          struct kj_want want, size_t least, size_t *n);

/* The operators that a map gave, not yet compiled: what they mean depends on `as`. */
struct kj_tests {
	KJ_VEC(struct kj_pair) list;
	const struct kj_node *as_node; /* NULL: not said */
	enum kj_type as;
};
extern const struct kj_shape kj_shape_as; /* struct kj_tests */

/* Compiles one operator. False after a message. */
bool kj_test_read(struct kj_load *load, const struct kj_tests *tests, const struct kj_pair *pair, struct kj_test *out);
/* "column: literal": equals. */
bool kj_test_equals(struct kj_load *load, const struct kj_pair *pair, struct kj_test *out);
void kj_operator_schema(struct kj_json *json, const struct kj_operator *op);
/* A list of at least so many operands, or one parameter. */
void kj_schema_operands(struct kj_json *json, size_t least);
/* The names of all types. */
void kj_type_schema(struct kj_json *json, const struct kj_shape *shape);

/* A pattern: NULL after a message with the caret inside the pattern (pattern.c). */
const struct kj_regex *kj_pattern_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                                       unsigned flags);
extern const struct kj_shape kj_shape_pattern; /* const struct kj_node *: compiled by the one who knows the flags */

/* ---- checks (check.c, check_*.c, cells.c) ---- */

/* A check while it is read. `check` comes first, so that the whole lives on as the check. */
struct kj_check_draft {
	struct kj_check check;
	struct kj_tests tests;
	bool exists; /* what `exists` says, where it stands */
	unsigned by; /* text: 0 line, 1 file */
	const struct kj_node *pattern; /* text: as written */
};

/* The ways a check can look at something, one row each. */
struct kj_check_way {
	kj_str name; /* the key that makes a map this kind of check */
	enum kj_check_kind kind;
	const struct kj_keys *keys;
};
const struct kj_check_way *kj_check_ways(size_t *n);
extern const struct kj_keys kj_keys_setting, kj_keys_rows, kj_keys_text, kj_keys_file, kj_keys_exposure;

extern const struct kj_shape kj_shape_check; /* const struct kj_check * */
extern const struct kj_shape kj_shape_cells; /* const struct kj_cells * */
extern const struct kj_shape kj_shape_if_absent;
extern const struct kj_shape kj_shape_source; /* const struct kj_source * */

/* The schemas themselves; the shapes refer to them by name. */
void kj_column_schema(struct kj_json *json);
void kj_cells_schema(struct kj_json *json);

/* Of these keys (NULL at the end), and of the operators where there are some, exactly one must stand in a map. */
struct kj_choice {
	const char *const *among;
	const char *missing, *add; /* what to say when none does, and what to do then */
	const char *join;          /* what to do about two */
};
/* The pair that stands, or NULL after a message. `tests` may be NULL. */
const struct kj_pair *kj_only_one(struct kj_load *load, const struct kj_node *map, const struct kj_choice *choice,
                                  const struct kj_tests *tests);
/* The answer when nothing of a choice stands, for `finish` functions: says so unless a key was misspelt. */
void kj_nothing_chosen(struct kj_load *load, const struct kj_node *map, const char *missing, const char *add);
/* Steps one level down; false after a message when that is too deep. The caller steps up again: load->depth--. */
bool kj_deeper(struct kj_load *load, struct kj_span span);

/* ---- rules, policies, sources ---- */

extern const struct kj_shape kj_shape_params; /* const struct kj_param *const *, with count */
extern const struct kj_shape kj_shape_rules;  /* const struct kj_rule *const *, with count */
extern const struct kj_shape kj_shape_refs;   /* const struct kj_ref *, with count */
extern const struct kj_keys kj_keys_source;   /* struct kj_source */

/* Are these names of the policy's parameters, with values that fit them? */
void kj_params_check(struct kj_load *load, const struct kj_node *map);

/* One row for each kind of file. */
enum kj_document_kind { KJ_DOCUMENT_POLICY, KJ_DOCUMENT_SOURCE, KJ_DOCUMENT_FEATURES };
struct kj_document {
	const char *what; /* "a policy" */
	kj_str marker;    /* the key that shows that it is one */
	const struct kj_keys *keys;
	size_t size; /* of the object that the keys fill */
	void (*begin)(struct kj_load *load, void *object);
	/* Puts the object into the program, also after errors, so that what refers to it is not an error too. */
	void (*end)(struct kj_load *load, const struct kj_node *root, void *object);
	const char *schema; /* the name of its schema under policies/ */
};
const struct kj_document *kj_documents(size_t *n);

#endif
