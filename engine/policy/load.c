/* Files of policies, sources and features, and the program that they make up. */
#include "policy/load.h"
#include "base/sha256.h"

/* -- policies -- */

static const struct kj_key policy_keys[] = {
        {KJ_STR_INIT("kijun"), &kj_shape_version_1, 0, 0, true, "The version of the language: 1."},
        {KJ_STR_INIT("id"), &kj_shape_id, offsetof(struct kj_policy, id), 0, true,
         "Its id: no two policies have the same."},
        {KJ_STR_INIT("title"), &kj_shape_bilingual, offsetof(struct kj_policy, title), 0, true, "What it is about."},
        {KJ_STR_INIT("params"), &kj_shape_params, offsetof(struct kj_policy, param), offsetof(struct kj_policy, params),
         false, "Values that checks name as $NAME and that fleet.yml may change."},
        {KJ_STR_INIT("rules"), &kj_shape_rules, offsetof(struct kj_policy, rule), offsetof(struct kj_policy, rules),
         true, "Its requirements."},
};
static const struct kj_keys policy_table = {
        .what = "a policy", .key = policy_keys, .n = sizeof policy_keys / sizeof *policy_keys};

static void policy_begin(struct kj_load *load, void *object)
{
	struct kj_policy *policy = object;
	policy->path = load->text->name;
	policy->text = *load->text;
	policy->sha256 = kj_sha256(load->arena, load->text->bytes);
	load->policy = policy;
}

/* The place for an object in a map of ids; NULL when it has no id, or after a message when another has the same. */
static void **place_of(struct kj_load *load, struct kj_map *map, kj_str id)
{
	return id.n ? kj_map_at(load->arena, map, id) : NULL;
}

static void policy_end(struct kj_load *load, const struct kj_node *root, void *object)
{
	struct kj_policy *policy = object;
	void **place = place_of(load, &load->program->policy_by_id, policy->id);
	policy->span = root->span;
	if (place && *place)
		kj_twice(load, kj_doc_get(root, KJ_STR("id"))->span, "policy", policy->id,
		         ((const struct kj_policy *)*place)->span);
	else if (place)
		*place = policy;
	KJ_PUSH(load->arena, &load->program->policies, policy);
}

/* -- sources -- */

static void source_end(struct kj_load *load, const struct kj_node *root, void *object)
{
	struct kj_source *source = object;
	void **place = place_of(load, &load->program->source_by_id, source->id);
	source->index = load->program->sources.n;
	if (place && *place)
		kj_twice(load, kj_doc_get(root, KJ_STR("source"))->span, "source", source->id,
		         ((const struct kj_source *)*place)->span);
	else if (place)
		*place = source;
	KJ_PUSH(load->arena, &load->program->sources, source);
}

/* -- features -- */

static const struct kj_key feature_keys[] = {
        {KJ_STR_INIT("about"), &kj_shape_bilingual, offsetof(struct kj_feature, about), 0, false, "What it is."},
        {KJ_STR_INIT("check"), &kj_shape_check, offsetof(struct kj_feature, check), 0, true,
         "What shows that a subject has it."},
};
static const struct kj_keys feature_table = {.what = "a feature", .key = feature_keys, .n = 2};

static void feature_read(struct kj_load *load, const struct kj_pair *pair)
{
	const struct kj_key key = {.name = pair->key->text};
	struct kj_feature *feature = KJ_NEW(load->arena, struct kj_feature);
	feature->id = pair->key->text;
	feature->span = pair->key->span;
	kj_keys_read(load, &feature_table, &key, pair->value, feature);
	if (!kj_form_check(load, &kj_form_id, feature->id))
		kj_error(load->diags, feature->span, "a feature has %s, not '%.*s'", kj_form_id.wanted,
		         KJ_FMT(feature->id));
	void **place = kj_map_at(load->arena, &load->program->feature_by_id, feature->id);
	if (*place)
		kj_twice(load, feature->span, "feature", feature->id, ((const struct kj_feature *)*place)->span);
	else
		*place = feature;
	KJ_PUSH(load->arena, &load->program->features, feature);
}

static void features_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	(void)field;
	if (node->kind != KJ_MAP)
		kj_wants(load, key, node, "a map of features");
	for (size_t i = 0; node->kind == KJ_MAP && i < node->n; i++)
		feature_read(load, &node->pairs[i]);
}

static void features_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_key(json, "additionalProperties");
	kj_json_object(json);
	kj_keys_schema(json, &feature_table);
	kj_json_object_end(json);
}

static const struct kj_shape features_shape = {features_read, features_schema, NULL};
static const struct kj_key features_keys[] = {
        {KJ_STR_INIT("kijun"), &kj_shape_version_1, 0, 0, true, "The version of the language: 1."},
        {KJ_STR_INIT("features"), &features_shape, 0, 0, true, "Facts about subjects that `for: {has: …}` may name."},
};
static const struct kj_keys features_table = {.what = "a file of features", .key = features_keys, .n = 2};

/* -- documents -- */

static const struct kj_document documents[] = {
        [KJ_DOCUMENT_POLICY] = {"a policy", KJ_STR_INIT("rules"), &policy_table, sizeof(struct kj_policy), policy_begin,
                                policy_end, "kijun.schema.json"},
        [KJ_DOCUMENT_SOURCE] = {"a source", KJ_STR_INIT("source"), &kj_keys_source, sizeof(struct kj_source), NULL,
                                source_end, "source.schema.json"},
        [KJ_DOCUMENT_FEATURES] = {"a file of features", KJ_STR_INIT("features"), &features_table, 1, NULL, NULL,
                                  "features.schema.json"},
};
enum { DOCUMENTS = sizeof documents / sizeof *documents };

const struct kj_document *kj_documents(size_t *n)
{
	*n = DOCUMENTS;
	return documents;
}

/* YAML would take most of JSON, but then the messages would speak of another language than the author does. */
static bool is_json(struct kj_load *load, const struct kj_document *document)
{
	kj_str bytes = load->text->bytes;
	kj_str rest = kj_str_trim_left(kj_str_from(bytes, kj_str_starts(bytes, KJ_STR("\xef\xbb\xbf")) ? 3 : 0));
	if (!kj_str_starts(rest, KJ_STR("{")))
		return false;
	kj_error(load->diags, kj_span_at(load->text, bytes.n - rest.n, 1), "this is JSON; %s is YAML", document->what);
	return true;
}

/* Is the map another kind of document than it was given for? */
static bool is_other(struct kj_load *load, const struct kj_document *document, const struct kj_node *root)
{
	for (size_t i = 0; i < DOCUMENTS && !kj_doc_get(root, document->marker); i++) {
		for (size_t k = 0; k < root->n; k++) {
			if (!kj_str_eq(root->pairs[k].key->text, documents[i].marker))
				continue;
			kj_error(load->diags, root->pairs[k].key->span, "this is %s, not %s", documents[i].what,
			         document->what);
			return true;
		}
	}
	return false;
}

static const struct kj_node *read_root(struct kj_load *load, const struct kj_document *document)
{
	enum { DEPTH = 4 * KJ_CHECK_DEPTH }; /* a level of checks is a map and a list */
	if (is_json(load, document))
		return NULL;
	struct kj_doc_limits limits = {.depth = DEPTH};
	const struct kj_node *root = kj_yaml_read(load->arena, load->text, limits, load->diags);
	if (root && root->kind == KJ_NULL)
		kj_error(load->diags, kj_span_whole(load->text), "the file is empty");
	else if (root && root->kind != KJ_MAP)
		kj_error(load->diags, root->span, "%s is a map, this is %s", document->what,
		         kj_doc_kind_name(root->kind));
	return root && root->kind == KJ_MAP && !is_other(load, document, root) ? root : NULL;
}

static bool load_document(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags,
                          enum kj_document_kind kind)
{
	const struct kj_document *document = &documents[kind];
	struct kj_load load = {.program = program, .arena = program->arena, .diags = diags, .text = text};
	size_t errors = diags->errors;
	const struct kj_node *root = read_root(&load, document);
	if (!root)
		return false;
	load.scratch = program->scratch;
	void *object = kj_alloc(load.arena, 1, document->size);
	if (document->begin)
		document->begin(&load, object);
	kj_keys_read(&load, document->keys, NULL, root, object);
	if (document->end)
		document->end(&load, root, object);
	return diags->errors == errors;
}

bool kj_policy_load(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags)
{
	return load_document(program, text, diags, KJ_DOCUMENT_POLICY);
}

bool kj_source_load(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags)
{
	return load_document(program, text, diags, KJ_DOCUMENT_SOURCE);
}

bool kj_features_load(struct kj_program *program, const struct kj_text *text, struct kj_diags *diags)
{
	return load_document(program, text, diags, KJ_DOCUMENT_FEATURES);
}

/* -- the program -- */

struct kj_program *kj_program_new(struct kj_arena *arena)
{
	struct kj_program *program = KJ_NEW(arena, struct kj_program);
	program->arena = arena;
	program->patterns = kj_regex_set_new(arena);
	program->scratch = kj_regex_scratch_new(arena);
	return program;
}

const struct kj_source *kj_program_source(const struct kj_program *program, kj_str id)
{
	return kj_map_get(&program->source_by_id, id);
}

const struct kj_rule *kj_program_rule(const struct kj_program *program, kj_str id)
{
	return kj_map_get(&program->rule_by_id, id);
}
