/* The shapes of values that many maps have: text, words, flags, numbers, lists, paths. */
#include "policy/load.h"

/* -- scalars -- */

static bool is_scalar(const struct kj_node *node)
{
	return node->kind != KJ_SEQ && node->kind != KJ_MAP && node->kind != KJ_NULL;
}

bool kj_text_of(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, const char *wanted,
                kj_str *out)
{
	if (!is_scalar(node)) {
		kj_wants(load, key, node, wanted);
		return false;
	}
	*out = node->text;
	return true;
}

static void any_text_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	kj_text_of(load, key, node, "text", field);
}

static void text_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	kj_str text;
	if (!kj_text_of(load, key, node, "text", &text))
		return;
	if (!kj_str_trim(text).n)
		kj_error(load->diags, node->span, "'%.*s' is empty", KJ_FMT(key->name));
	*(kj_str *)field = text;
}

void kj_schema_scalar(struct kj_json *json)
{
	kj_json_key(json, "type");
	kj_json_array(json);
	kj_json_str(json, KJ_STR("string"));
	kj_json_str(json, KJ_STR("number"));
	kj_json_str(json, KJ_STR("boolean"));
	kj_json_array_end(json);
}

void kj_text_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_scalar(json);
}

const struct kj_shape kj_shape_text = {text_read, kj_text_schema, NULL};
const struct kj_shape kj_shape_any_text = {any_text_read, kj_text_schema, NULL};

static void flag_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind == KJ_BOOL)
		*(bool *)field = node->num;
	else
		kj_wants(load, key, node, "true or false");
}

static void flag_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "boolean");
}

const struct kj_shape kj_shape_flag = {flag_read, flag_schema, NULL};

void kj_number_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	const struct kj_limits *limits = key->shape->detail;
	if (node->kind == KJ_INT && node->num >= limits->least && node->num <= limits->most)
		*(int64_t *)field = node->num;
	else
		kj_wants(load, key, node, limits->wanted);
}

void kj_number_schema(struct kj_json *json, const struct kj_shape *shape)
{
	const struct kj_limits *limits = shape->detail;
	kj_schema_type(json, "integer");
	kj_json_pair_int(json, "minimum", limits->least);
	kj_json_pair_int(json, "maximum", limits->most);
}

static void version_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	(void)field;
	if (node->kind == KJ_INT && node->num == 1)
		return;
	struct kj_diag *diag = kj_wants(load, key, node, "the version of the language, 1");
	if (node->kind == KJ_INT && node->num > 1)
		kj_hint(load->diags, diag, "a newer kijun reads this file");
}

static void version_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_json_pair_int(json, "const", 1);
}

const struct kj_shape kj_shape_version_1 = {version_read, version_schema, NULL};

/* -- text in two languages -- */

static const struct kj_key language_keys[] = {
        {KJ_STR_INIT("en"), &kj_shape_text, offsetof(struct kj_bilingual, en), 0, true, "English"},
        {KJ_STR_INIT("ja"), &kj_shape_text, offsetof(struct kj_bilingual, ja), 0, false, "日本語"},
};
static const struct kj_keys languages = {.what = "a text in two languages", .key = language_keys, .n = 2};

static void bilingual_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind == KJ_MAP)
		kj_keys_read(load, &languages, key, node, field);
	else if (is_scalar(node))
		text_read(load, key, node, &((struct kj_bilingual *)field)->en);
	else
		kj_wants(load, key, node, "text, or {en: …, ja: …}");
}

static void bilingual_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	kj_json_object(json);
	kj_schema_scalar(json);
	kj_json_object_end(json);
	kj_json_object(json);
	kj_keys_schema(json, &languages);
	kj_json_object_end(json);
	kj_json_array_end(json);
}

const struct kj_shape kj_shape_bilingual = {bilingual_read, bilingual_schema, NULL};

/* -- lists -- */

const struct kj_node *const *kj_listed(const struct kj_node *const *node, size_t *n)
{
	bool list = (*node)->kind == KJ_SEQ;
	*n = list ? (*node)->n : 1;
	return list ? (*node)->items : node;
}

size_t *kj_count_of(const struct kj_key *key, void *field)
{
	return (size_t *)(void *)((char *)field - key->field + key->count);
}

/* Reads each item by the reader of one; items with mistakes stay empty, but then there were messages. */
static void list_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field,
                      void (*read)(struct kj_load *, const struct kj_key *, const struct kj_node *, void *))
{
	size_t n;
	const struct kj_node *const *items = kj_listed(&node, &n);
	kj_str *list = KJ_NEW_ARRAY(load->arena, kj_str, n);
	for (size_t i = 0; i < n; i++)
		read(load, key, items[i], &list[i]);
	if (n == 0)
		kj_error(load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key->name));
	*(const kj_str **)field = list;
	*kj_count_of(key, field) = n;
}

static void texts_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	list_read(load, key, node, field, text_read);
}

void kj_schema_list(struct kj_json *json, const struct kj_shape *item, bool or_one, size_t least)
{
	if (or_one) {
		kj_json_key(json, "anyOf");
		kj_json_array(json);
		kj_json_object(json);
		item->schema(json, item);
		kj_json_object_end(json);
		kj_json_object(json);
	}
	kj_schema_type(json, "array");
	kj_json_key(json, "items");
	kj_json_object(json);
	item->schema(json, item);
	kj_json_object_end(json);
	if (least)
		kj_json_pair_int(json, "minItems", (int64_t)least);
	if (or_one) {
		kj_json_object_end(json);
		kj_json_array_end(json);
	}
}

void kj_texts_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_list(json, &kj_shape_text, true, 1);
}

const struct kj_shape kj_shape_texts = {texts_read, kj_texts_schema, NULL};

/* -- words -- */

static size_t word_index(struct kj_load *load, const struct kj_key *key, const struct kj_node *node)
{
	const struct kj_words *words = key->shape->detail;
	kj_str wanted = kj_str_fmt(load->arena, "%s%.*s", words->n > 1 ? "one of " : "",
	                           KJ_FMT(kj_joined(load->arena, words->word, words->n)));
	kj_str text;
	if (!kj_text_of(load, key, node, kj_str_zero(load->arena, wanted), &text))
		return words->n;
	for (size_t i = 0; i < words->n; i++) {
		if (kj_str_eq(words->word[i], text))
			return i;
	}
	if (words->what)
		kj_unknown(load, node->span, words->what, text, words->word, words->n);
	else
		kj_wants(load, key, node, kj_str_zero(load->arena, wanted));
	return words->n;
}

void kj_word_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	const struct kj_words *words = key->shape->detail;
	size_t index = word_index(load, key, node);
	if (index < words->n)
		*(unsigned *)field = (unsigned)index;
}

void kj_one_word_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	const struct kj_words *words = key->shape->detail;
	size_t index = word_index(load, key, node);
	if (index < words->n)
		*(kj_str *)field = words->word[index];
}

static void words_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	list_read(load, key, node, field, kj_one_word_read);
}

void kj_word_schema(struct kj_json *json, const struct kj_shape *shape)
{
	const struct kj_words *words = shape->detail;
	kj_json_key(json, "enum");
	kj_json_array(json);
	for (size_t i = 0; i < words->n; i++)
		kj_json_str(json, words->word[i]);
	kj_json_array_end(json);
}

static void words_schema(struct kj_json *json, const struct kj_shape *shape)
{
	const struct kj_shape one = {kj_one_word_read, kj_word_schema, shape->detail};
	kj_schema_list(json, &one, true, 1);
}

static const kj_str platform_words[] = {KJ_STR_INIT("linux"),   KJ_STR_INIT("windows"), KJ_STR_INIT("macos"),
                                        KJ_STR_INIT("network"), KJ_STR_INIT("aws"),     KJ_STR_INIT("azure"),
                                        KJ_STR_INIT("gcp")};
static const kj_str kind_words[] = {KJ_STR_INIT("host"), KJ_STR_INIT("pc"), KJ_STR_INIT("account"),
                                    KJ_STR_INIT("firewall"), KJ_STR_INIT("organisation")};
static const struct kj_words platforms = {"platform", sizeof platform_words / sizeof *platform_words, platform_words};
static const struct kj_words kinds = {"kind of subject", sizeof kind_words / sizeof *kind_words, kind_words};
const struct kj_shape kj_shape_platform = {kj_one_word_read, kj_word_schema, &platforms};
const struct kj_shape kj_shape_kind = {kj_one_word_read, kj_word_schema, &kinds};
const struct kj_shape kj_shape_platforms = {words_read, words_schema, &platforms};
const struct kj_shape kj_shape_kinds = {words_read, words_schema, &kinds};

/* -- texts of a form -- */

bool kj_form_check(struct kj_load *load, const struct kj_form *form, kj_str text)
{
	struct kj_regex_error error;
	const struct kj_regex *regex =
	        kj_regex_compile(load->program->patterns, kj_str_of(form->pattern), KJ_REGEX_WHOLE, &error);
	return regex && kj_regex_find(regex, load->scratch, text, 0, NULL) == KJ_REGEX_YES;
}

void kj_form_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	const struct kj_form *form = key->shape->detail;
	kj_str text;
	if (!kj_text_of(load, key, node, form->wanted, &text))
		return;
	if (kj_form_check(load, form, text))
		*(kj_str *)field = text;
	else
		kj_wants(load, key, node, form->wanted);
}

void kj_form_schema(struct kj_json *json, const struct kj_shape *shape)
{
	const struct kj_form *form = shape->detail;
	struct kj_buf pattern = KJ_BUF(json->out->arena);
	kj_buf_fmt(&pattern, "^(?:%s)$", form->pattern);
	kj_schema_type(json, "string");
	kj_json_pair_str(json, "pattern", kj_buf_str(&pattern));
}

const struct kj_form kj_form_id = {"an id of lower-case letters and digits, with '-' or '_' between",
                                   "[a-z0-9]+([-_][a-z0-9]+)*"};
const struct kj_form kj_form_name = {"a name of lower-case letters, digits and '_'", "[a-z][a-z0-9_]*"};
/* register.people: sources of one kind share the word before the dot. */
static const struct kj_form source_id = {"an id of lower-case letters and digits, with '-', '_' or '.' between",
                                         "[a-z0-9]+([-_.][a-z0-9]+)*"};
const struct kj_shape kj_shape_source_id = {kj_form_read, kj_form_schema, &source_id};
const struct kj_shape kj_shape_id = {kj_form_read, kj_form_schema, &kj_form_id};

/* -- paths in an export -- */

static const char *path_problem(const struct kj_node *node, kj_str path)
{
	kj_str name;
	if (kj_param_name(path).n)
		return "is a parameter, which a path cannot be";
	for (kj_str rest = path; kj_str_cut(&rest, '/', &name);) {
		if (kj_str_eq(name, KJ_STR("..")))
			return "has '..' in it";
	}
	if (!path.n && node->text.n)
		return "names no file";
	return kj_str_find(path, '\0') < path.n ? "has a NUL in it" : NULL;
}

/* "/etc/x" and "etc/x" are the same file of the host: it is kept without the slash. */
static void path_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	kj_str path = {0};
	text_read(load, key, node, &path);
	while (kj_str_starts(path, KJ_STR("/")))
		path = kj_str_from(path, 1);
	const char *problem = path_problem(node, path);
	if (problem)
		kj_error(load->diags, node->span, "the path '%.*s' %s", KJ_FMT(node->text), problem);
	*(kj_str *)field = path;
}

static void paths_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	list_read(load, key, node, field, path_read);
}

const struct kj_shape kj_shape_path = {path_read, kj_text_schema, NULL};
const struct kj_shape kj_shape_paths = {paths_read, kj_texts_schema, NULL};

/* -- maps -- */

static void map_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind == KJ_MAP)
		*(const struct kj_node **)field = node;
	else
		kj_wants(load, key, node, "a map");
}

static void map_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
}

const struct kj_shape kj_shape_map = {map_read, map_schema, NULL};

void kj_part_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	kj_keys_read(load, key->shape->detail, key, node, field);
}

void kj_part_schema(struct kj_json *json, const struct kj_shape *shape)
{
	kj_keys_schema(json, shape->detail);
}
