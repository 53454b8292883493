/* Checks: which kind a map is, and the ones that join others. */
#include "policy/load.h"

bool kj_deeper(struct kj_load *load, struct kj_span span)
{
	if (load->depth < KJ_CHECK_DEPTH) {
		load->depth++;
		return true;
	}
	kj_error(load->diags, span, "checks are nested more than %d deep", KJ_CHECK_DEPTH);
	return false;
}

static bool listed(const char *const *names, kj_str word)
{
	for (; names && *names; names++) {
		if (kj_str_eq(kj_str_of(*names), word))
			return true;
	}
	return false;
}

static bool among_tests(const struct kj_tests *tests, kj_str word)
{
	for (size_t i = 0; tests && i < tests->list.n; i++) {
		if (kj_str_eq(tests->list.at[i].key->text, word))
			return true;
	}
	return false;
}

void kj_nothing_chosen(struct kj_load *load, const struct kj_node *map, const char *missing, const char *add)
{
	if (!load->strays)
		kj_hint(load->diags, kj_error(load->diags, map->span, "%s", missing), "%s", add);
}

const struct kj_pair *kj_only_one(struct kj_load *load, const struct kj_node *map, const struct kj_choice *choice,
                                  const struct kj_tests *tests)
{
	const struct kj_pair *one = NULL;
	for (size_t i = 0; i < map->n; i++) {
		const struct kj_pair *pair = &map->pairs[i];
		if (!listed(choice->among, pair->key->text) && !among_tests(tests, pair->key->text))
			continue;
		if (one) {
			struct kj_diag *diag =
			        kj_error(load->diags, pair->key->span, "only one of '%.*s' and '%.*s' may stand here",
			                 KJ_FMT(one->key->text), KJ_FMT(pair->key->text));
			kj_hint(load->diags, diag, "%s", choice->join);
			return NULL;
		}
		one = pair;
	}
	if (!one)
		kj_nothing_chosen(load, map, choice->missing, choice->add);
	return one;
}

/* -- all, any, none, not, some_of -- */

static void checks_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_SEQ) {
		kj_wants(load, key, node, "a list of checks");
		return;
	}
	if (node->n == 0)
		kj_error(load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key->name));
	const struct kj_check **child = KJ_NEW_ARRAY(load->arena, const struct kj_check *, node->n);
	for (size_t i = 0; i < node->n; i++)
		kj_shape_check.read(load, key, node->items[i], &child[i]);
	*(const struct kj_check *const **)field = child;
	*kj_count_of(key, field) = node->n;
}

static void checks_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_list(json, &kj_shape_check, false, 1);
}

static const struct kj_shape checks_shape = {checks_read, checks_schema, NULL};

static void only_child_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	const struct kj_check **child = KJ_NEW(load->arena, const struct kj_check *);
	kj_shape_check.read(load, key, node, child);
	*(const struct kj_check *const **)field = child;
	*kj_count_of(key, field) = 1;
}

static void check_ref(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_ref(json, "check");
}

static const struct kj_shape only_child_shape = {only_child_read, check_ref, NULL};

#define CHILD offsetof(struct kj_check, child), offsetof(struct kj_check, n)

static void some_of_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	const struct kj_check *check = object;
	if (check->n && check->at_least > (int64_t)check->n)
		kj_error(load->diags, kj_doc_get(map, KJ_STR("at_least"))->span, "at least %lld of %zu can never hold",
		         (long long)check->at_least, check->n);
}

static const struct kj_limits some_of_limits = {1, 10000, "how many must hold, 1 or more"};
static const struct kj_shape some_of_number = {kj_number_read, kj_number_schema, &some_of_limits};
static const struct kj_key some_of_parts[] = {
        {KJ_STR_INIT("at_least"), &some_of_number, offsetof(struct kj_check, at_least), 0, true,
         "How many of the checks must hold."},
        {KJ_STR_INIT("of"), &checks_shape, CHILD, true, "The checks."},
};
static const struct kj_keys some_of_table = {
        .what = "'some_of'", .key = some_of_parts, .n = 2, .finish = some_of_finish};
static const struct kj_shape some_of_shape = KJ_SHAPE_PART(some_of_table);

static const struct kj_key all_keys[] = {{KJ_STR_INIT("all"), &checks_shape, CHILD, true, "Every check holds."}};
static const struct kj_key any_keys[] = {{KJ_STR_INIT("any"), &checks_shape, CHILD, true, "One check or more holds."}};
static const struct kj_key none_keys[] = {{KJ_STR_INIT("none"), &checks_shape, CHILD, true, "No check holds."}};
static const struct kj_key not_keys[] = {
        {KJ_STR_INIT("not"), &only_child_shape, CHILD, true, "The check does not hold."}};
static const struct kj_key some_of_keys[] = {
        {KJ_STR_INIT("some_of"), &some_of_shape, 0, 0, true, "So many of the checks hold."}};
static const struct kj_keys all_table = {.what = "a check with 'all'", .key = all_keys, .n = 1};
static const struct kj_keys any_table = {.what = "a check with 'any'", .key = any_keys, .n = 1};
static const struct kj_keys none_table = {.what = "a check with 'none'", .key = none_keys, .n = 1};
static const struct kj_keys not_table = {.what = "a check with 'not'", .key = not_keys, .n = 1};
static const struct kj_keys some_of_way = {.what = "a check with 'some_of'", .key = some_of_keys, .n = 1};

/* -- the kinds -- */

static const struct kj_check_way ways[] = {
        {KJ_STR_INIT("all"), KJ_CHECK_ALL, &all_table},
        {KJ_STR_INIT("any"), KJ_CHECK_ANY, &any_table},
        {KJ_STR_INIT("none"), KJ_CHECK_NONE, &none_table},
        {KJ_STR_INIT("not"), KJ_CHECK_NOT, &not_table},
        {KJ_STR_INIT("some_of"), KJ_CHECK_SOME_OF, &some_of_way},
        {KJ_STR_INIT("setting"), KJ_CHECK_SETTING, &kj_keys_setting},
        {KJ_STR_INIT("rows"), KJ_CHECK_ROWS, &kj_keys_rows},
        {KJ_STR_INIT("text"), KJ_CHECK_TEXT, &kj_keys_text},
        {KJ_STR_INIT("file"), KJ_CHECK_FILE, &kj_keys_file},
        {KJ_STR_INIT("exposure"), KJ_CHECK_EXPOSURE, &kj_keys_exposure},
};
enum { WAYS = sizeof ways / sizeof *ways };

const struct kj_check_way *kj_check_ways(size_t *n)
{
	*n = WAYS;
	return ways;
}

static const struct kj_check_way *way_of(kj_str name)
{
	for (size_t i = 0; i < WAYS; i++) {
		if (kj_str_eq(ways[i].name, name))
			return &ways[i];
	}
	return NULL;
}

/* No key says what kind of check this is: perhaps one is misspelt. */
static void no_way(struct kj_load *load, const struct kj_node *map)
{
	kj_str names[WAYS];
	for (size_t i = 0; i < WAYS; i++)
		names[i] = ways[i].name;
	for (size_t i = 0; i < map->n; i++) {
		const struct kj_node *key = map->pairs[i].key;
		if (!kj_operator_find(key->text) && kj_nearest(key->text, names, WAYS).n) {
			kj_unknown(load, key->span, "kind of check", key->text, names, WAYS);
			return;
		}
	}
	kj_hint(load->diags, kj_error(load->diags, map->span, "this check does not say what to look at"),
	        "a check has one of all, any, none, not, some_of, setting, rows, text, file, exposure");
}

static const struct kj_check_way *find_way(struct kj_load *load, const struct kj_node *map)
{
	const struct kj_check_way *way = NULL;
	for (size_t i = 0; i < map->n; i++) {
		const struct kj_node *key = map->pairs[i].key;
		const struct kj_check_way *one = way_of(key->text);
		if (one && way) {
			struct kj_diag *diag =
			        kj_error(load->diags, key->span, "a check looks at one thing, '%.*s' or '%.*s'",
			                 KJ_FMT(way->name), KJ_FMT(one->name));
			kj_hint(load->diags, diag, "join two checks with 'all'");
			return NULL;
		}
		way = one ? one : way;
	}
	if (!way)
		no_way(load, map);
	return way;
}

static void check_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_MAP) {
		kj_wants(load, key, node, "a check, which is a map");
		return;
	}
	const struct kj_check_way *way = find_way(load, node);
	if (!way || !kj_deeper(load, node->span))
		return;
	struct kj_check_draft *draft = KJ_NEW(load->arena, struct kj_check_draft);
	draft->check.kind = way->kind;
	draft->check.span = node->span;
	kj_keys_read(load, way->keys, key, node, draft);
	load->depth--;
	*(const struct kj_check **)field = &draft->check;
}

const struct kj_shape kj_shape_check = {check_read, check_ref, NULL};
