/* Conditions on the cells of a row: `where`, `every`, `some`, `no`. */
#include "policy/load.h"

static const struct kj_cells *cells_of(struct kj_load *load, const struct kj_key *key, const struct kj_node *node);

/* The conditions that one map holds: all of them must hold. */
struct gathering {
	struct kj_load *load;
	KJ_VEC(const struct kj_cells *) list;
};

static struct kj_cells *add(struct gathering *all, enum kj_cell_kind kind, const struct kj_pair *pair)
{
	struct kj_cells *cells = KJ_NEW(all->load->arena, struct kj_cells);
	cells->kind = kind;
	cells->column = pair->key->text;
	cells->span = pair->key->span;
	KJ_PUSH(all->load->arena, &all->list, cells);
	return cells;
}

/* -- look-ups -- */

static const struct kj_choice count_choice = {NULL, "'count' is not compared with anything",
                                              "add an operator, such as 'at_least: 4'",
                                              "'between' takes the least and the most"};

struct lookup_draft {
	struct kj_lookup lookup;
	struct kj_tests tests;
};
#define LOOKUP(member) offsetof(struct lookup_draft, member)

static void count_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct lookup_draft *draft = object;
	const struct kj_pair *pair = kj_only_one(load, map, &count_choice, &draft->tests);
	draft->tests.as_node = map;
	draft->tests.as = KJ_TYPE_INT;
	if (pair)
		kj_test_read(load, &draft->tests, pair, &draft->lookup.count);
}

static const struct kj_keys count_table = {
        .what = "'count'", .operators = true, .tests = LOOKUP(tests), .finish = count_finish, .choice = "oneOf"};
static const struct kj_shape count_shape = KJ_SHAPE_PART(count_table);
static const struct kj_key lookup_keys[] = {
        {KJ_STR_INIT("rows"), &kj_shape_source, LOOKUP(lookup.source), 0, true, "The source in whose rows to look."},
        {KJ_STR_INIT("where"), &kj_shape_cells, LOOKUP(lookup.where), 0, true,
         "What the cells of such a row must be; \"@column\" is a cell of the row that has this `in`."},
        {KJ_STR_INIT("count"), &count_shape, 0, 0, false,
         "How many such rows there must be: one or more, if not said."},
};
static const struct kj_keys lookup_table = {.what = "a look-up", .key = lookup_keys, .n = 3};

static void lookup_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct lookup_draft *draft = KJ_NEW(load->arena, struct lookup_draft);
	kj_keys_read(load, &lookup_table, key, node, draft);
	*(const struct kj_lookup **)field = &draft->lookup;
}

static void lookup_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_keys_schema(json, &lookup_table);
}

static const struct kj_shape lookup_shape = {lookup_read, lookup_schema, NULL};

/* -- one column -- */

struct column {
	struct kj_tests tests;
	const struct kj_lookup *lookup;
	enum kj_if_absent if_empty;
};

static void column_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	const struct column *column = object;
	if (!column->tests.list.n && !column->lookup)
		kj_nothing_chosen(load, map, "no operator is given for this column",
		                  "write it as {at_least: 8, as: int}");
	else if (!column->tests.list.n && column->tests.as_node)
		kj_error(load->diags, column->tests.as_node->span, "'as' is for an operator, and there is none");
}

static const struct kj_key column_keys[] = {
        {KJ_STR_INIT("as"), &kj_shape_as, offsetof(struct column, tests), 0, false, "The type of the cell."},
        {KJ_STR_INIT("in"), &lookup_shape, offsetof(struct column, lookup), 0, false,
         "Rows of another source go with this one."},
        {KJ_STR_INIT("if_empty"), &kj_shape_if_absent, offsetof(struct column, if_empty), 0, false,
         "The answer when the cell is empty. `default`: it is compared as it is."},
};
static const char *const column_among[] = {"in", NULL};
static const struct kj_keys column_table = {
        .what = "the tests of a column",
        .key = column_keys,
        .n = sizeof column_keys / sizeof *column_keys,
        .operators = true,
        .tests = offsetof(struct column, tests),
        .finish = column_finish,
        .choice = "anyOf",
        .among = column_among,
};

static void read_column(struct gathering *all, const struct kj_pair *pair)
{
	const struct kj_key key = {.name = pair->key->text};
	struct column column = {0};
	if (pair->value->kind == KJ_SEQ) {
		kj_hint(all->load->diags, kj_wants(all->load, &key, pair->value, "a text, or a map of operators"),
		        "write {one_of: […]} for one of several");
		return;
	}
	if (pair->value->kind != KJ_MAP) {
		kj_test_equals(all->load, pair, &add(all, KJ_CELL_TEST, pair)->test);
		return;
	}
	kj_keys_read(all->load, &column_table, &key, pair->value, &column);
	for (size_t i = 0; i < column.tests.list.n; i++) {
		struct kj_cells *cells = add(all, KJ_CELL_TEST, pair);
		cells->if_empty = column.if_empty;
		kj_test_read(all->load, &column.tests, &column.tests.list.at[i], &cells->test);
	}
	if (column.lookup)
		add(all, KJ_CELL_IN, pair)->lookup = column.lookup;
}

/* -- all, any, none, not -- */

static const struct {
	kj_str word;
	enum kj_cell_kind kind;
} words[] = {
        {KJ_STR_INIT("all"), KJ_CELL_ALL},
        {KJ_STR_INIT("any"), KJ_CELL_ANY},
        {KJ_STR_INIT("none"), KJ_CELL_NONE},
        {KJ_STR_INIT("not"), KJ_CELL_NOT},
};
enum { WORDS = sizeof words / sizeof *words };

/* `not` takes one map, the others a list of maps. */
static void read_word(struct gathering *all, const struct kj_pair *pair, enum kj_cell_kind kind)
{
	const struct kj_key key = {.name = pair->key->text};
	const struct kj_node *node = pair->value;
	bool list = kind != KJ_CELL_NOT;
	if (list && (node->kind != KJ_SEQ || node->n == 0)) {
		if (node->kind == KJ_SEQ)
			kj_error(all->load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key.name));
		else
			kj_wants(all->load, &key, node, "a list of maps of columns");
		return;
	}
	size_t n = list ? node->n : 1;
	const struct kj_cells **child = KJ_NEW_ARRAY(all->load->arena, const struct kj_cells *, n);
	for (size_t i = 0; i < n; i++)
		child[i] = cells_of(all->load, &key, list ? node->items[i] : node);
	struct kj_cells *cells = add(all, kind, pair);
	cells->child = child;
	cells->n = n;
}

static void read_pair(struct gathering *all, const struct kj_pair *pair)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (kj_str_eq(words[i].word, pair->key->text)) {
			read_word(all, pair, words[i].kind);
			return;
		}
	}
	read_column(all, pair);
}

/* -- a map of columns -- */

static const struct kj_cells *joined(struct gathering *all, struct kj_span span)
{
	if (all->list.n == 1)
		return all->list.at[0];
	struct kj_cells *cells = KJ_NEW(all->load->arena, struct kj_cells);
	cells->kind = KJ_CELL_ALL;
	cells->child = all->list.at;
	cells->n = all->list.n;
	cells->span = span;
	return cells;
}

static const struct kj_cells *cells_of(struct kj_load *load, const struct kj_key *key, const struct kj_node *node)
{
	struct gathering all = {.load = load};
	if (node->kind != KJ_MAP || node->n == 0) {
		if (node->kind == KJ_MAP)
			kj_error(load->diags, node->span, "'%.*s' names no column", KJ_FMT(key->name));
		else
			kj_wants(load, key, node, "a map of columns");
		return joined(&all, node->span);
	}
	bool outside = !load->cells;
	load->cells = true;
	if (kj_deeper(load, node->span)) {
		for (size_t i = 0; i < node->n; i++)
			read_pair(&all, &node->pairs[i]);
		load->depth--;
	}
	load->cells = !outside;
	return joined(&all, node->span);
}

static void cells_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	*(const struct kj_cells **)field = cells_of(load, key, node);
}

static void cells_ref(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_ref(json, "cells");
}

const struct kj_shape kj_shape_cells = {cells_read, cells_ref, NULL};

void kj_cells_schema(struct kj_json *json)
{
	kj_json_pair_str(json, "description", KJ_STR("Columns and what their cells must be; all of it must hold."));
	kj_schema_type(json, "object");
	kj_json_pair_int(json, "minProperties", 1);
	kj_json_key(json, "properties");
	kj_json_object(json);
	for (size_t i = 0; i < WORDS; i++) {
		kj_json_key_str(json, words[i].word);
		kj_json_object(json);
		if (words[i].kind == KJ_CELL_NOT)
			kj_schema_ref(json, "cells");
		else
			kj_schema_list(json, &kj_shape_cells, false, 1);
		kj_json_object_end(json);
	}
	kj_json_object_end(json);
	kj_json_key(json, "additionalProperties");
	kj_json_object(json);
	kj_schema_ref(json, "column");
	kj_json_object_end(json);
}

void kj_column_schema(struct kj_json *json)
{
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	kj_json_object(json);
	kj_schema_scalar(json);
	kj_json_object_end(json);
	kj_json_object(json);
	kj_keys_schema(json, &column_table);
	kj_json_object_end(json);
	kj_json_array_end(json);
}
