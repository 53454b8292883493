/* Policies, sources and features, checked and compiled: what the YAML under policies/ says, with every word bound that can be bound without an export. */
#ifndef KJ_POLICY_POLICY_H
#define KJ_POLICY_POLICY_H

#include "base/map.h"
#include "policy/value.h"

struct kj_bilingual {
	kj_str en, ja; /* ja empty: not given */
};

/* ---- checks ---- */

/* An operand: a literal, a parameter of the rule's policy, or another cell of the row that the check looks at. */
struct kj_operand {
	const struct kj_param *param;
	kj_str cell;           /* "@column": its name, or host, role, today; empty: none */
	struct kj_value shift; /* "@column + 30 days": a period to add, or (`back`) to take away; type TEXT: none */
	bool back;
	struct kj_value literal;
	struct kj_span span;
};

/* A comparison: one operator with its operands. */
struct kj_test {
	const struct kj_operator *op;
	enum kj_type as;
	const struct kj_operand *operand;
	size_t n;
	const struct kj_regex *regex; /* matches, not_matches: compiled (a parameter cannot be a pattern) */
	struct kj_span span;
};

enum kj_if_absent { KJ_ABSENT_DEFAULT, KJ_ABSENT_PASS, KJ_ABSENT_FAIL, KJ_ABSENT_UNKNOWN };

/* A condition on the cells of one row: every test holds (`all`), or a tree of such. */
enum kj_cell_kind { KJ_CELL_TEST, KJ_CELL_IN, KJ_CELL_ALL, KJ_CELL_ANY, KJ_CELL_NONE, KJ_CELL_NOT };
struct kj_cells {
	enum kj_cell_kind kind;
	kj_str column;                       /* TEST, IN */
	struct kj_test test;                 /* TEST; several tests on one column are an ALL */
	enum kj_if_absent if_empty;          /* TEST: of an empty cell; default: it is compared as it is */
	const struct kj_cells *const *child; /* ALL, ANY, NONE, NOT */
	size_t n;
	const struct kj_lookup *lookup;      /* IN */
	struct kj_span span;
};
/* Rows of another source that go with this one. Its `where` is about their cells; "@column" stands for the row that has
   the look-up. */
struct kj_lookup {
	const struct kj_source *source;
	const struct kj_cells *where;
	struct kj_test count; /* how many there must be; op NULL: one or more */
};

enum kj_quantifier { KJ_EVERY, KJ_SOME, KJ_NO, KJ_COUNT };

enum kj_check_kind {
	KJ_CHECK_ALL,
	KJ_CHECK_ANY,
	KJ_CHECK_NONE,
	KJ_CHECK_NOT,
	KJ_CHECK_SOME_OF,
	KJ_CHECK_SETTING,
	KJ_CHECK_ROWS,
	KJ_CHECK_TEXT,
	KJ_CHECK_FILE,
	KJ_CHECK_EXPOSURE,
};

struct kj_check {
	enum kj_check_kind kind;
	struct kj_span span;
	const struct kj_check *const *child; /* all any none not some_of */
	size_t n;
	int64_t at_least; /* some_of */
	union {
		struct {
			const struct kj_source *source;
			kj_str key;
			struct kj_test test; /* test.op NULL: `exists` */
			bool exists;         /* the wanted answer of `exists` */
			enum kj_if_absent if_absent;
			bool locked;  /* `locked: true`: the user must not be able to change it */
			kj_str scope; /* `scope: global`, or empty: every scope must hold */
		} setting;
		struct {
			const struct kj_source *source;
			const struct kj_cells *where; /* NULL: every row */
			enum kj_quantifier quantifier;
			const struct kj_cells *holds; /* every, some, no */
			struct kj_test count;         /* count */
			enum kj_if_absent
			        if_absent; /* what it means when the source's artifacts are absent on the host; default: no rows */
			enum kj_if_absent if_none; /* when `where` leaves no row; default: as the quantifier says */
		} rows;
		struct {
			kj_str glob;
			bool command; /* `text: {command: "sshd -T"}`: of a captured command */
			const struct kj_regex *regex;
			bool negated; /* not_matches */
			bool whole;   /* `by: file` */
			struct kj_capture {
				size_t group;
				struct kj_test test;
			} const *capture;
			size_t captures;
			enum kj_if_absent if_absent;
		} text;
		struct {
			kj_str glob;
			int exists;                                            /* -1: not asked, 0, 1 */
			const struct kj_operand *mode_at_most, *owner, *group; /* NULL: not asked */
			enum kj_if_absent if_absent;
		} file;
		struct {
			kj_str from; /* a zone, or `each`: every zone of the fleet and the internet … */
			const struct kj_operand *except; /* … but these */
			size_t excepts;
			kj_str to;         /* self, local, anywhere (all that is forwarded), or a zone */
			bool at_most_role; /* `at_most: role`: the list that fleet.yml gives the role for that zone */
			bool limits;       /* `at_most` was given: an empty list lets nothing be reachable */
			const struct kj_operand *at_most; /* services: names, ports, proto/port, $params */
			size_t n;
			const struct kj_operand *none_of; /* services that must not be reachable */
			size_t none;
			kj_str compare; /* "approved": with the approved dumps, and nothing of the above; or empty */
		} exposure;
	};
};

/* ---- policies ---- */

struct kj_param {
	kj_str name;
	enum kj_type type;
	enum kj_type item;     /* of a list's items; text when not said */
	struct kj_value value; /* the default */
	struct kj_bilingual about;
	struct kj_span span;
	size_t index; /* in the program's parameters: the slot of its value for a subject */
	const struct kj_policy *policy;
};

enum kj_severity_level { KJ_LOW, KJ_MEDIUM, KJ_HIGH, KJ_CRITICAL };

/* `for`: every field that is said must hold. */
struct kj_applies {
	const kj_str *platform, *distro, *role, *kind; /* one of; n 0: not said */
	size_t platforms, distros, roles, kinds;
	const struct kj_feature *const *has; /* all of */
	size_t features;
	struct kj_span span;
};

struct kj_ref {
	kj_str framework; /* iso27001-2022 */
	kj_str id;        /* A.7.7 */
};

struct kj_example_file {
	kj_str path; /* in the export; a path ending in .b64 is NOT special */
	kj_str text;
};
struct kj_example {
	kj_str verdict;
	kj_str about; /* optional `name` */
	const struct kj_example_file *file;
	size_t files;
	const struct kj_node *fleet; /* optional: role, kind, platform, zones, params as in fleet.yml's host; NULL */
	kj_str today;                /* optional */
	struct kj_span span;
};

struct kj_rule {
	kj_str id, item;
	struct kj_bilingual title, why, fix;
	enum kj_severity_level severity;
	struct kj_applies applies;
	bool must_apply; /* where it concerns no subject, its item is unknown */
	const struct kj_ref *ref;
	size_t refs;
	const struct kj_check *check;
	const struct kj_example *example;
	size_t examples;
	const struct kj_policy *policy;
	struct kj_span span;
	size_t index; /* in the program */
};

struct kj_policy {
	kj_str id, path, sha256;
	struct kj_bilingual title;
	const struct kj_param *const *param;
	size_t params;
	const struct kj_rule *const *rule;
	size_t rules;
	struct kj_text text;
	struct kj_span span;
};

/* A named fact about a subject (`has: gnome`): a check. */
struct kj_feature {
	kj_str id;
	struct kj_bilingual about;
	const struct kj_check *check;
	struct kj_span span;
};

/* ---- sources ---- */

enum kj_input_kind {
	KJ_INPUT_FILE,    /* one host path; `fallback`: the first that exists */
	KJ_INPUT_GLOB,    /* host paths by a glob, byte order */
	KJ_INPUT_DROPINS, /* systemd's way: *.conf of several folders, sorted by name; the earlier folder shadows a name; a link to /dev/null masks */
	KJ_INPUT_COMMAND, /* captured output */
	KJ_INPUT_NAMED,   /* any artifact of that name and look (Windows bags) */
};

struct kj_input {
	enum kj_input_kind kind;
	const kj_str *
	        path; /* FILE: the path and its fallbacks; GLOB: one; DROPINS: folders, strongest first; COMMAND: spellings; NAMED: globs */
	size_t paths;
	kj_str suffix;  /* DROPINS */
	kj_str sniff;   /* NAMED */
	bool effective; /* the truth of the running program: where it is there, files are only compared with it */
	kj_str parser;  /* empty: the source's */
	const struct kj_node *options; /* of the parser; NULL: the source's */
	struct kj_span span;
};

enum kj_wins { KJ_WINS_LAST, KJ_WINS_FIRST, KJ_WINS_ALL };
enum kj_bad_line { KJ_BAD_SKIP, KJ_BAD_STOP, KJ_BAD_REFUSE };

struct kj_default {
	const struct kj_node *when; /* map: distro, distro_version_at_least …; NULL: always */
	const struct kj_pair *pair; /* key: value */
	size_t n;
};

struct kj_source {
	kj_str id;
	struct kj_bilingual title, about;
	kj_str platform; /* empty: any */
	bool of_fleet;   /* kept by the organisation for the whole fleet, not by a host */
	const struct kj_input *input;
	size_t inputs;
	kj_str parser;
	const struct kj_node *options;
	kj_str resolver;            /* a named resolver in engine/resolve/; empty: the plain one */
	const struct kj_node *with; /* what the named resolver is told */
	enum kj_wins wins;
	enum kj_bad_line bad_line;
	bool fold_keys;                  /* keys are compared without case, and shown in lower case */
	kj_str replace_from, replace_to; /* in keys: one byte each, e.g. '/' to '.' for sysctl; empty: none */
	const kj_str *accumulate;        /* keys whose values all hold */
	size_t accumulates;
	const kj_str *known_columns; /* `columns`: declared columns of a resolver's rows; else the parser's */
	size_t known_column_count;
	const struct kj_default
	        *defaults; /* the first whose `when` holds; several may hold: the earlier wins for a key */
	size_t default_count;
	const kj_str *secret; /* columns, or keys, whose values are redacted */
	size_t secrets;
	struct kj_span span;
	size_t index; /* in the program */
};

/* ---- the program ---- */

/* Everything compiled. Read-only once loaded; shared by all threads. */
struct kj_program {
	struct kj_arena *arena;
	struct kj_regex_set *patterns;
	struct kj_regex_scratch *scratch; /* for the loader's own patterns */
	KJ_VEC(struct kj_source *) sources;
	KJ_VEC(struct kj_feature *) features;
	KJ_VEC(struct kj_policy *) policies;
	KJ_VEC(struct kj_rule *) rules;
	KJ_VEC(struct kj_param *) params;
	struct kj_map source_by_id, feature_by_id, policy_by_id, rule_by_id;
};

struct kj_program *kj_program_new(struct kj_arena *arena);

/* Each loads one text and adds to the program; false when it had errors (all of them are in diags, exact to the
   character): the program is then good for loading more texts, to find their errors too, and for nothing else. Order:
   sources, then features, then policies. The text must live as long as the program. */
bool kj_source_load(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags);
bool kj_features_load(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags);
bool kj_policy_load(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags);

const struct kj_source *kj_program_source(const struct kj_program *program, kj_str id);
const struct kj_rule *kj_program_rule(const struct kj_program *program, kj_str id);

/* The values of all parameters for a subject: defaults, then the maps in order (fleet, role, host; NULL ones are
   skipped): name, or policy.name, to value. Wrong names (with suggestion) and wrong types are errors in diags (their texts
   are fleet.yml's), and the value stays as it was: do not judge by it. Result: program->params.n values. */
const struct kj_value *kj_params_bind(const struct kj_program *program, struct kj_arena *arena,
                                      const struct kj_node *const *maps, size_t n, struct kj_diags *diags);

/* Sets used[param.index] for every parameter that the check speaks of. `used` has program->params.n elements. */
void kj_check_uses(const struct kj_check *check, bool *used);

/* The 36 items (design: questionnaire): id, chapter, titles. */
struct kj_item {
	kj_str id;
	struct kj_bilingual title;
};
const struct kj_item *kj_items(size_t *n);
const struct kj_item *kj_item_find(kj_str id);

const char *kj_severity_name(enum kj_severity_level level);

/* The JSON Schemas (draft 2020-12) of the files under policies/, for editors, made from the tables that the loader reads
   by: index 0, 1, … The name of the file, or NULL at the end; and its text. */
const char *kj_schema_name(size_t index);
void kj_schema_write(size_t index, struct kj_buf *out);

#endif
