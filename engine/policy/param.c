/* Parameters: declared by policies, given other values by fleets. */
#include "policy/load.h"

/* -- declarations -- */

struct draft {
	struct kj_param param;
	unsigned type, item; /* enum kj_type, or KJ_TYPES: not said, or not understood */
	const struct kj_node *value;
};

static void type_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_tests as = {0};
	kj_shape_as.read(load, key, node, &as);
	*(unsigned *)field = as.as;
}

static void value_keep(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	(void)load;
	(void)key;
	*(const struct kj_node **)field = node;
}

static void value_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_list(json, &kj_shape_any_text, true, 0);
}

static const struct kj_shape type_shape = {type_read, kj_type_schema, NULL};
static const struct kj_shape value_shape = {value_keep, value_schema, NULL};

static struct kj_want want_of(const struct kj_param *param)
{
	return (struct kj_want){.type = param->type, .item = param->item};
}

/* A value for a parameter. `$other` would look like one that follows another, which no parameter does. */
static void value_read(struct kj_load *load, const struct kj_key *key, const struct kj_param *param,
                       const struct kj_node *node, struct kj_value *out)
{
	size_t n;
	const struct kj_node *const *items = kj_listed(&node, &n);
	for (size_t i = 0; i < n; i++) {
		if (items[i]->kind != KJ_STRING || !kj_param_name(items[i]->text).n)
			continue;
		kj_hint(load->diags, kj_error(load->diags, items[i]->span, "a parameter's value cannot be a parameter"),
		        "the text '%.*s' itself is written '$%.*s'", KJ_FMT(items[i]->text), KJ_FMT(items[i]->text));
		return;
	}
	kj_literal_read(load, key, node, want_of(param), out);
}

static void read_default(struct kj_load *load, struct draft *draft)
{
	const struct kj_key key = {.name = KJ_STR("default")};
	struct kj_param *param = &draft->param;
	if (draft->value && param->type != KJ_TYPES && param->item != KJ_TYPES)
		value_read(load, &key, param, draft->value, &param->value);
}

static void finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct draft *draft = object;
	const struct kj_node *items = kj_doc_get(map, KJ_STR("items"));
	draft->param.type = (enum kj_type)draft->type;
	draft->param.item = (enum kj_type)draft->item;
	if (items && draft->type != KJ_TYPE_LIST && draft->type != KJ_TYPES)
		kj_error(load->diags, items->span, "'items' has a meaning for a list only");
	if (items && draft->item == KJ_TYPE_LIST)
		kj_error(load->diags, items->span, "the items of a list cannot be lists");
	else
		read_default(load, draft);
}

static const struct kj_key keys[] = {
        {KJ_STR_INIT("type"), &type_shape, offsetof(struct draft, type), 0, true,
         "What its value is, and in which unit."},
        {KJ_STR_INIT("items"), &type_shape, offsetof(struct draft, item), 0, false,
         "What the items of a list are: text, if not said."},
        {KJ_STR_INIT("default"), &value_shape, offsetof(struct draft, value), 0, true,
         "Its value, where fleet.yml gives no other."},
        {KJ_STR_INIT("about"), &kj_shape_bilingual, offsetof(struct draft, param.about), 0, false, "What it is for."},
};
static const struct kj_keys table = {
        .what = "a parameter", .key = keys, .n = sizeof keys / sizeof *keys, .finish = finish};

static struct kj_param *declare(struct kj_load *load, const struct kj_pair *pair)
{
	const struct kj_key key = {.name = pair->key->text};
	struct draft *draft = KJ_NEW(load->arena, struct draft);
	struct kj_param *param = &draft->param;
	draft->type = KJ_TYPES;
	draft->item = KJ_TYPE_TEXT;
	if (!kj_form_check(load, &kj_form_name, pair->key->text))
		kj_error(load->diags, pair->key->span, "a parameter has %s, not '%.*s'", kj_form_name.wanted,
		         KJ_FMT(pair->key->text));
	param->name = pair->key->text;
	param->span = pair->key->span;
	param->policy = load->policy;
	param->index = load->program->params.n;
	param->type = KJ_TYPES;
	kj_keys_read(load, &table, &key, pair->value, draft);
	*kj_map_at(load->arena, &load->params, param->name) = param;
	KJ_PUSH(load->arena, &load->program->params, param);
	return param;
}

static void params_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_MAP) {
		kj_wants(load, key, node, "a map of parameters");
		return;
	}
	const struct kj_param **list = KJ_NEW_ARRAY(load->arena, const struct kj_param *, node->n);
	for (size_t i = 0; i < node->n; i++)
		list[i] = declare(load, &node->pairs[i]);
	*(const struct kj_param *const **)field = list;
	*kj_count_of(key, field) = node->n;
}

static void params_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_key(json, "propertyNames");
	kj_json_object(json);
	const struct kj_shape name = {kj_form_read, kj_form_schema, &kj_form_name};
	kj_form_schema(json, &name);
	kj_json_object_end(json);
	kj_json_key(json, "additionalProperties");
	kj_json_object(json);
	kj_keys_schema(json, &table);
	kj_json_object_end(json);
}

const struct kj_shape kj_shape_params = {params_read, params_schema, NULL};

/* -- other values -- */

/* Is the parameter called `name`, alone or as policy.name? */
static bool is_called(const struct kj_param *param, kj_str name)
{
	kj_str policy = param->policy->id;
	if (kj_str_eq(param->name, name))
		return true;
	return name.n == policy.n + 1 + param->name.n && kj_str_starts(name, policy) && name.p[policy.n] == '.' &&
	       kj_str_ends(name, param->name);
}

static void unknown_param(struct kj_load *load, const struct kj_node *key)
{
	size_t params = load->program->params.n, n = 0;
	kj_str *words = KJ_NEW_ARRAY(load->arena, kj_str, 2 * params);
	for (size_t i = 0; i < params; i++) {
		const struct kj_param *param = load->program->params.at[i];
		words[n++] = param->name;
		words[n++] = kj_str_fmt(load->arena, "%.*s.%.*s", KJ_FMT(param->policy->id), KJ_FMT(param->name));
	}
	kj_str near = kj_nearest(key->text, words, n);
	struct kj_diag *diag = kj_error(load->diags, key->span, "unknown parameter '%.*s'", KJ_FMT(key->text));
	if (near.n)
		kj_hint(load->diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
}

/* Gives every parameter of that name the value. `only`: the policy whose parameters count; NULL: all. */
static void set(struct kj_load *load, const struct kj_policy *only, const struct kj_pair *pair, struct kj_value *values)
{
	const struct kj_key key = {.name = pair->key->text};
	bool found = false;
	for (size_t i = 0; i < load->program->params.n; i++) {
		const struct kj_param *param = load->program->params.at[i];
		if ((only && param->policy != only) || !is_called(param, key.name))
			continue;
		found = true;
		if (param->type != KJ_TYPES && param->item != KJ_TYPES)
			value_read(load, &key, param, pair->value, &values[i]);
	}
	if (!found)
		unknown_param(load, pair->key);
}

static struct kj_value *defaults(const struct kj_program *program, struct kj_arena *arena)
{
	struct kj_value *values = KJ_NEW_ARRAY(arena, struct kj_value, program->params.n);
	for (size_t i = 0; i < program->params.n; i++)
		values[i] = program->params.at[i]->value;
	return values;
}

void kj_params_check(struct kj_load *load, const struct kj_node *map)
{
	struct kj_value *values = defaults(load->program, load->arena);
	for (size_t i = 0; i < map->n; i++)
		set(load, load->policy, &map->pairs[i], values);
}

const struct kj_value *kj_params_bind(const struct kj_program *program, struct kj_arena *arena,
                                      const struct kj_node *const *maps, size_t n, struct kj_diags *diags)
{
	struct kj_value *values = defaults(program, arena);
	struct kj_program shared = *program;
	struct kj_load load = {.program = &shared, .arena = arena, .diags = diags};
	for (size_t i = 0; i < n; i++) {
		const struct kj_key key = {.name = KJ_STR("params")};
		if (maps[i] && maps[i]->kind != KJ_MAP)
			kj_wants(&load, &key, maps[i], "a map of parameters");
		for (size_t k = 0; maps[i] && maps[i]->kind == KJ_MAP && k < maps[i]->n; k++)
			set(&load, NULL, &maps[i]->pairs[k], values);
	}
	return values;
}
