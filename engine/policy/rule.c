/* Rules: what they are about, whom they concern, their examples. */
#include "policy/load.h"

/* -- item and severity -- */

/* "66", "6.6" and "6-06" mean 6-6. */
static bool same_digits(kj_str a, kj_str b)
{
	size_t i = 0, k = 0;
	while (i < a.n || k < b.n) {
		if (i < a.n && !kj_is_digit(a.p[i]))
			i++;
		else if (k < b.n && !kj_is_digit(b.p[k]))
			k++;
		else if (i == a.n || k == b.n || a.p[i++] != b.p[k++])
			return false;
	}
	return true;
}

static void item_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	kj_str id;
	size_t n;
	const struct kj_item *items = kj_items(&n);
	if (!kj_text_of(load, key, node, "an item of the questionnaire, such as 6-5", &id))
		return;
	*(kj_str *)field = id;
	if (kj_item_find(id))
		return;
	struct kj_diag *diag = kj_error(load->diags, node->span, "unknown item '%.*s'", KJ_FMT(id));
	kj_hint(load->diags, diag, "'kijun list items' shows them");
	for (size_t i = 0; i < n; i++) {
		if (same_digits(id, items[i].id))
			kj_hint(load->diags, diag, "did you mean '%.*s'?", KJ_FMT(items[i].id));
	}
}

static void item_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	size_t n;
	const struct kj_item *items = kj_items(&n);
	kj_json_key(json, "enum");
	kj_json_array(json);
	for (size_t i = 0; i < n; i++)
		kj_json_str(json, items[i].id);
	kj_json_array_end(json);
}

static const struct kj_shape item_shape = {item_read, item_schema, NULL};

static const kj_str severity_words[] = {[KJ_LOW] = KJ_STR_INIT("low"),
                                        [KJ_MEDIUM] = KJ_STR_INIT("medium"),
                                        [KJ_HIGH] = KJ_STR_INIT("high"),
                                        [KJ_CRITICAL] = KJ_STR_INIT("critical")};
static const struct kj_words severities = {"severity", 4, severity_words};
static const struct kj_shape severity_shape = KJ_SHAPE_WORD(severities);

const char *kj_severity_name(enum kj_severity_level level)
{
	return severity_words[level].p;
}

/* -- for -- */

static const struct kj_feature *feature_named(struct kj_load *load, const struct kj_key *key,
                                              const struct kj_node *node)
{
	kj_str id;
	if (!kj_text_of(load, key, node, "the name of a feature", &id))
		return NULL;
	const struct kj_map *known = &load->program->feature_by_id;
	const struct kj_feature *feature = kj_map_get(known, id);
	if (!feature)
		kj_unknown(load, node->span, "feature", id, kj_map_words(load->arena, known), known->n);
	return feature;
}

static void has_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	size_t n;
	const struct kj_node *const *items = kj_listed(&node, &n);
	const struct kj_feature **list = KJ_NEW_ARRAY(load->arena, const struct kj_feature *, n);
	for (size_t i = 0; i < n; i++)
		list[i] = feature_named(load, key, items[i]);
	if (n == 0)
		kj_error(load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key->name));
	*(const struct kj_feature *const **)field = list;
	*kj_count_of(key, field) = n;
}

static const struct kj_shape has_shape = {has_read, kj_texts_schema, NULL};

#define FOR(list, count) offsetof(struct kj_applies, list), offsetof(struct kj_applies, count)
static const struct kj_key for_keys[] = {
        {KJ_STR_INIT("platform"), &kj_shape_platforms, FOR(platform, platforms), false, "One of these platforms."},
        {KJ_STR_INIT("distro"), &kj_shape_texts, FOR(distro, distros), false,
         "One of these distributions, or of those that descend from it: the ID in os-release."},
        {KJ_STR_INIT("role"), &kj_shape_texts, FOR(role, roles), false, "One of these roles of fleet.yml."},
        {KJ_STR_INIT("kind"), &kj_shape_kinds, FOR(kind, kinds), false, "One of these kinds of subject."},
        {KJ_STR_INIT("has"), &has_shape, FOR(has, features), false, "All of these features."},
};
static const struct kj_keys for_table = {.what = "'for'", .key = for_keys, .n = sizeof for_keys / sizeof *for_keys};

static void for_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	((struct kj_applies *)field)->span = node->span;
	kj_keys_read(load, &for_table, key, node, field);
}

static void for_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_keys_schema(json, &for_table);
}

static const struct kj_shape for_shape = {for_read, for_schema, NULL};

/* -- examples -- */

static const kj_str verdict_words[] = {KJ_STR_INIT("pass"), KJ_STR_INIT("fail"), KJ_STR_INIT("unknown"),
                                       KJ_STR_INIT("error"), KJ_STR_INIT("not_applicable")};
static const struct kj_words verdicts = {"verdict", 5, verdict_words};
static const struct kj_shape verdict_shape = {kj_one_word_read, kj_word_schema, &verdicts};

static void files_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_MAP) {
		kj_wants(load, key, node, "a map of paths to texts");
		return;
	}
	struct kj_example_file *files = KJ_NEW_ARRAY(load->arena, struct kj_example_file, node->n);
	for (size_t i = 0; i < node->n; i++) {
		const struct kj_key path = {.name = node->pairs[i].key->text};
		kj_shape_path.read(load, &path, node->pairs[i].key, &files[i].path);
		kj_shape_any_text.read(load, &path, node->pairs[i].value, &files[i].text);
	}
	*(const struct kj_example_file **)field = files;
	*kj_count_of(key, field) = node->n;
}

static void files_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_key(json, "additionalProperties");
	kj_json_object(json);
	kj_schema_scalar(json);
	kj_json_object_end(json);
}

static void today_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_value date;
	if (kj_literal_read(load, key, node, (struct kj_want){.type = KJ_TYPE_DATE}, &date))
		*(kj_str *)field = date.text;
}

static void today_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "string");
	kj_json_pair_str(json, "format", KJ_STR("date"));
}

/* What an example says of its fleet and host is read when it runs; here the keys are checked, and the parameters. */
struct setting {
	kj_str name, role, kind, platform;
	const struct kj_node *maps, *params;
	const kj_str *exports;
	size_t export_count;
};

static void setting_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	const struct setting *setting = object;
	(void)map;
	if (setting->params)
		kj_params_check(load, setting->params);
}

static const struct kj_key fleet_keys[] = {
        {KJ_STR_INIT("name"), &kj_shape_text, offsetof(struct setting, name), 0, false, "The subject's name."},
        {KJ_STR_INIT("role"), &kj_shape_text, offsetof(struct setting, role), 0, false, "Its role."},
        {KJ_STR_INIT("kind"), &kj_shape_kind, offsetof(struct setting, kind), 0, false, "Its kind."},
        {KJ_STR_INIT("platform"), &kj_shape_platform, offsetof(struct setting, platform), 0, false, "Its platform."},
        {KJ_STR_INIT("zones"), &kj_shape_map, offsetof(struct setting, maps), 0, false, "As in fleet.yml."},
        {KJ_STR_INIT("services"), &kj_shape_map, offsetof(struct setting, maps), 0, false, "As in fleet.yml."},
        {KJ_STR_INIT("roles"), &kj_shape_map, offsetof(struct setting, maps), 0, false, "As in fleet.yml."},
        {KJ_STR_INIT("interfaces"), &kj_shape_map, offsetof(struct setting, maps), 0, false,
         "As in fleet.yml, of this host: the zones behind each interface."},
        {KJ_STR_INIT("exports"), &kj_shape_texts, offsetof(struct setting, exports),
         offsetof(struct setting, export_count), false, "The names of the fleet's hosts."},
        {KJ_STR_INIT("params"), &kj_shape_map, offsetof(struct setting, params), 0, false,
         "Other values of parameters."},
};
static const struct kj_keys fleet_table = {.what = "an example's 'fleet'",
                                           .key = fleet_keys,
                                           .n = sizeof fleet_keys / sizeof *fleet_keys,
                                           .finish = setting_finish};

static void fleet_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct setting setting = {0};
	kj_keys_read(load, &fleet_table, key, node, &setting);
	*(const struct kj_node **)field = node;
}

static void fleet_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_keys_schema(json, &fleet_table);
}

static const struct kj_shape files_shape = {files_read, files_schema, NULL};
static const struct kj_shape today_shape = {today_read, today_schema, NULL};
static const struct kj_shape fleet_shape = {fleet_read, fleet_schema, NULL};

static const struct kj_key example_keys[] = {
        {KJ_STR_INIT("verdict"), &verdict_shape, offsetof(struct kj_example, verdict), 0, true,
         "What the rule must say."},
        {KJ_STR_INIT("name"), &kj_shape_text, offsetof(struct kj_example, about), 0, false, "What the example shows."},
        {KJ_STR_INIT("files"), &files_shape, offsetof(struct kj_example, file), offsetof(struct kj_example, files),
         true, "The export: paths and what is in the files."},
        {KJ_STR_INIT("fleet"), &fleet_shape, offsetof(struct kj_example, fleet), 0, false,
         "What fleet.yml says of the subject."},
        {KJ_STR_INIT("today"), &today_shape, offsetof(struct kj_example, today), 0, false, "The day of the scan."},
};
static const struct kj_keys example_table = {
        .what = "an example", .key = example_keys, .n = sizeof example_keys / sizeof *example_keys};

static void examples_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_SEQ) {
		kj_wants(load, key, node, "a list of examples");
		return;
	}
	struct kj_example *examples = KJ_NEW_ARRAY(load->arena, struct kj_example, node->n);
	for (size_t i = 0; i < node->n; i++) {
		examples[i].span = node->items[i]->span;
		kj_keys_read(load, &example_table, key, node->items[i], &examples[i]);
	}
	*(const struct kj_example **)field = examples;
	*kj_count_of(key, field) = node->n;
}

static void keys_list_schema(struct kj_json *json, const struct kj_keys *keys, size_t least)
{
	const struct kj_shape item = {kj_part_read, kj_part_schema, keys};
	kj_schema_list(json, &item, false, least);
}

static void examples_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	keys_list_schema(json, &example_table, 0);
}

static const struct kj_shape examples_shape = {examples_read, examples_schema, NULL};

/* -- rules -- */

#define RULE(member) offsetof(struct kj_rule, member)
static const struct kj_key rule_keys[] = {
        {KJ_STR_INIT("id"), &kj_shape_id, RULE(id), 0, true, "Its id: no two rules have the same."},
        {KJ_STR_INIT("item"), &item_shape, RULE(item), 0, true, "The item of the questionnaire it belongs to."},
        {KJ_STR_INIT("title"), &kj_shape_bilingual, RULE(title), 0, true, "The requirement in one sentence."},
        {KJ_STR_INIT("severity"), &severity_shape, RULE(severity), 0, true, "How bad it is when it is not met."},
        {KJ_STR_INIT("for"), &for_shape, RULE(applies), 0, false, "Whom it concerns: everybody, if not said."},
        {KJ_STR_INIT("must_apply"), &kj_shape_flag, RULE(must_apply), 0, false,
         "`true`: somebody must be concerned. Where `for` holds for no subject, the item is unknown."},
        {KJ_STR_INIT("refs"), &kj_shape_refs, RULE(ref), RULE(refs), false, "Where frameworks demand it."},
        {KJ_STR_INIT("check"), &kj_shape_check, RULE(check), 0, true, "What must hold."},
        {KJ_STR_INIT("why"), &kj_shape_bilingual, RULE(why), 0, false, "Why it matters."},
        {KJ_STR_INIT("fix"), &kj_shape_bilingual, RULE(fix), 0, false, "How to meet it."},
        {KJ_STR_INIT("examples"), &examples_shape, RULE(example), RULE(examples), false,
         "Small exports and what the rule must say of them; `kijun test` runs them."},
};
static const struct kj_keys rule_table = {
        .what = "a rule", .key = rule_keys, .n = sizeof rule_keys / sizeof *rule_keys};

static struct kj_rule *read_rule(struct kj_load *load, const struct kj_key *key, const struct kj_node *node)
{
	struct kj_rule *rule = KJ_NEW(load->arena, struct kj_rule);
	rule->policy = load->policy;
	rule->span = node->span;
	rule->index = load->program->rules.n;
	kj_keys_read(load, &rule_table, key, node, rule);
	void **place = rule->id.n ? kj_map_at(load->arena, &load->program->rule_by_id, rule->id) : NULL;
	if (place && *place)
		kj_twice(load, kj_doc_get(node, KJ_STR("id"))->span, "rule", rule->id,
		         ((const struct kj_rule *)*place)->span);
	else if (place)
		*place = rule;
	KJ_PUSH(load->arena, &load->program->rules, rule);
	return rule;
}

static void rules_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_SEQ) {
		kj_wants(load, key, node, "a list of rules");
		return;
	}
	if (node->n == 0)
		kj_error(load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key->name));
	const struct kj_rule **rules = KJ_NEW_ARRAY(load->arena, const struct kj_rule *, node->n);
	for (size_t i = 0; i < node->n; i++)
		rules[i] = read_rule(load, key, node->items[i]);
	*(const struct kj_rule *const **)field = rules;
	*kj_count_of(key, field) = node->n;
}

static void rules_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	keys_list_schema(json, &rule_table, 1);
}

const struct kj_shape kj_shape_rules = {rules_read, rules_schema, NULL};
