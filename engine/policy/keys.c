/* Maps read by tables of keys, and the messages about them. */
#include "policy/load.h"

enum { KEYS_SHOWN = 20 /* unknown keys of one map that are reported one by one */ };

/* -- messages -- */

struct kj_diag *kj_wants(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, const char *wanted)
{
	if (node->kind == KJ_SEQ || node->kind == KJ_MAP)
		return kj_error(load->diags, node->span, "'%.*s' wants %s, this is %s", KJ_FMT(key->name), wanted,
		                kj_doc_kind_name(node->kind));
	if (node->kind == KJ_NULL && !node->text.n)
		return kj_error(load->diags, node->span, "'%.*s' wants %s, nothing is written here", KJ_FMT(key->name),
		                wanted);
	return kj_error(load->diags, node->span, "'%.*s' wants %s, not '%.*s'", KJ_FMT(key->name), wanted,
	                KJ_FMT(node->text));
}

kj_str kj_joined(struct kj_arena *arena, const kj_str *words, size_t n)
{
	struct kj_buf list = KJ_BUF(arena);
	for (size_t i = 0; i < n; i++)
		kj_buf_fmt(&list, "%s%.*s", i ? ", " : "", KJ_FMT(words[i]));
	return kj_buf_str(&list);
}

static void suggest(struct kj_load *load, struct kj_diag *diag, kj_str word, const kj_str *words, size_t n)
{
	enum { FEW = 24 };
	kj_str near = kj_nearest(word, words, n);
	if (near.n) {
		kj_hint(load->diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
		return;
	}
	if (!diag || n == 0 || n > FEW)
		return;
	kj_hint(load->diags, diag, "%s %.*s", n == 1 ? "known is" : "known are",
	        KJ_FMT(kj_joined(load->arena, words, n)));
}

void kj_unknown(struct kj_load *load, struct kj_span span, const char *what, kj_str word, const kj_str *words, size_t n)
{
	suggest(load, kj_error(load->diags, span, "unknown %s '%.*s'", what, KJ_FMT(word)), word, words, n);
}

const kj_str *kj_map_words(struct kj_arena *arena, const struct kj_map *map)
{
	kj_str *words = KJ_NEW_ARRAY(arena, kj_str, map->n);
	size_t n = 0;
	for (const struct kj_map_entry *entry = map->first; entry; entry = entry->next)
		words[n++] = entry->key;
	return words;
}

void kj_twice(struct kj_load *load, struct kj_span span, const char *what, kj_str id, struct kj_span first)
{
	struct kj_diag *diag = kj_error(load->diags, span, "the %s '%.*s' is there already", what, KJ_FMT(id));
	kj_hint(load->diags, diag, "the first one is at %.*s:%u", KJ_FMT(first.text->name), first.line);
}

/* -- reading -- */

static const struct kj_key *find(const struct kj_keys *keys, kj_str name)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (kj_str_eq(keys->key[i].name, name))
			return &keys->key[i];
	}
	return NULL;
}

static const kj_str *names(struct kj_load *load, const struct kj_keys *keys, size_t *n)
{
	size_t operators;
	const struct kj_operator *op = kj_operators(&operators);
	operators = keys->operators ? operators : 0;
	*n = keys->n + operators;
	kj_str *all = KJ_NEW_ARRAY(load->arena, kj_str, *n);
	for (size_t i = 0; i < keys->n; i++)
		all[i] = keys->key[i].name;
	for (size_t i = 0; i < operators; i++)
		all[keys->n + i] = op[i].name;
	return all;
}

static void unknown_key(struct kj_load *load, const struct kj_keys *keys, const struct kj_pair *pair)
{
	size_t n;
	const kj_str *known = names(load, keys, &n);
	kj_str key = pair->key->text;
	struct kj_diag *diag =
	        kj_error(load->diags, pair->key->span, "unknown key '%.*s' in %s", KJ_FMT(key), keys->what);
	bool words = pair->value->kind == KJ_NULL && kj_str_find(key, ' ') < key.n;
	if (words) /* {en: one, and two} */
		kj_hint(load->diags, diag, "between braces a text with a comma needs quotes");
	else
		suggest(load, diag, key, known, n);
}

/* What is not in the table: operators are set aside, the rest is a mistake. How many mistakes? */
static size_t sort_out(struct kj_load *load, const struct kj_keys *keys, const struct kj_node *map, void *object)
{
	struct kj_tests *tests = keys->operators ? (struct kj_tests *)(void *)((char *)object + keys->tests) : NULL;
	size_t unknown = 0;
	for (size_t i = 0; i < map->n; i++) {
		const struct kj_node *key = map->pairs[i].key;
		if (find(keys, key->text))
			continue;
		if (tests && kj_operator_find(key->text))
			KJ_PUSH(load->arena, &tests->list, map->pairs[i]);
		else if (unknown++ < KEYS_SHOWN)
			unknown_key(load, keys, &map->pairs[i]);
	}
	if (unknown > KEYS_SHOWN)
		kj_error(load->diags, map->span, "%zu more unknown keys in %s", unknown - KEYS_SHOWN, keys->what);
	return unknown;
}

/* Is there an unknown key that was reported as this one misspelt? */
static bool is_misspelt(const struct kj_keys *keys, const struct kj_node *map, kj_str name)
{
	for (size_t i = 0; i < map->n && i < KEYS_SHOWN; i++) {
		kj_str key = map->pairs[i].key->text;
		if (!find(keys, key) && kj_nearest(key, &name, 1).n)
			return true;
	}
	return false;
}

void kj_keys_read(struct kj_load *load, const struct kj_keys *keys, const struct kj_key *key, const struct kj_node *map,
                  void *object)
{
	if (map->kind != KJ_MAP) {
		kj_wants(load, key, map, "a map");
		return;
	}
	size_t strays = sort_out(load, keys, map, object);
	for (size_t i = 0; i < keys->n; i++) {
		const struct kj_key *one = &keys->key[i];
		const struct kj_node *value = kj_doc_get(map, one->name);
		if (value)
			one->shape->read(load, one, value, (char *)object + one->field);
		else if (one->required && !(strays && is_misspelt(keys, map, one->name)))
			kj_error(load->diags, map->span, "%s needs the key '%.*s'", keys->what, KJ_FMT(one->name));
	}
	load->strays = strays;
	if (keys->finish)
		keys->finish(load, map, object);
}

/* -- the schema -- */

void kj_schema_ref(struct kj_json *json, const char *def)
{
	struct kj_buf path = KJ_BUF(json->out->arena);
	kj_buf_fmt(&path, "#/$defs/%s", def);
	kj_json_pair_str(json, "$ref", kj_buf_str(&path));
}

void kj_schema_type(struct kj_json *json, const char *type)
{
	kj_json_pair_str(json, "type", kj_str_of(type));
}

static void write_property(struct kj_json *json, const struct kj_key *key)
{
	kj_json_key_str(json, key->name);
	kj_json_object(json);
	if (key->about)
		kj_json_pair_str(json, "description", kj_str_of(key->about));
	key->shape->schema(json, key->shape);
	kj_json_object_end(json);
}

static void write_operators(struct kj_json *json)
{
	size_t n;
	const struct kj_operator *op = kj_operators(&n);
	for (size_t i = 0; i < n; i++) {
		kj_json_key_str(json, op[i].name);
		kj_json_object(json);
		kj_json_pair_str(json, "description", kj_str_of(op[i].about));
		kj_operator_schema(json, &op[i]);
		kj_json_object_end(json);
	}
}

static void write_required(struct kj_json *json, const struct kj_keys *keys)
{
	size_t required = 0;
	for (size_t i = 0; i < keys->n; i++)
		required += keys->key[i].required;
	if (!required)
		return;
	kj_json_key(json, "required");
	kj_json_array(json);
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->key[i].required)
			kj_json_str(json, keys->key[i].name);
	}
	kj_json_array_end(json);
}

/* {"required": [name]}: such a key stands. */
static void write_has(struct kj_json *json, kj_str name)
{
	kj_json_object(json);
	kj_json_key(json, "required");
	kj_json_array(json);
	kj_json_str(json, name);
	kj_json_array_end(json);
	kj_json_object_end(json);
}

static void write_choice(struct kj_json *json, const struct kj_keys *keys)
{
	if (!keys->choice)
		return;
	kj_json_key(json, keys->choice);
	kj_json_array(json);
	for (const char *const *name = keys->among; name && *name; name++)
		write_has(json, kj_str_of(*name));
	size_t n;
	const struct kj_operator *op = kj_operators(&n);
	for (size_t i = 0; keys->operators && i < n; i++)
		write_has(json, op[i].name);
	kj_json_array_end(json);
}

void kj_keys_schema(struct kj_json *json, const struct kj_keys *keys)
{
	kj_schema_type(json, "object");
	kj_json_key(json, "properties");
	kj_json_object(json);
	for (size_t i = 0; i < keys->n; i++)
		write_property(json, &keys->key[i]);
	if (keys->operators)
		write_operators(json);
	kj_json_object_end(json);
	write_required(json, keys);
	write_choice(json, keys);
	kj_json_pair_bool(json, "additionalProperties", false);
}
