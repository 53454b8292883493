/* Sources: which artifacts, which parser, how they combine. */
#include "policy/load.h"

/* -- inputs -- */

struct input_draft {
	struct kj_input input;
	const kj_str *first, *fallback; /* the paths of the input's own key, and of `fallback` */
	size_t firsts, fallbacks;
};
#define INPUT(member) offsetof(struct input_draft, input.member)
#define FIRST         offsetof(struct input_draft, first), offsetof(struct input_draft, firsts)

/* Globs of names, between blanks or in a list. */
static void names_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	KJ_VEC(kj_str) names = {0};
	size_t n;
	const struct kj_node *const *items = kj_listed(&node, &n);
	for (size_t i = 0; i < n; i++) {
		kj_str rest = {0}, name;
		kj_shape_text.read(load, key, items[i], &rest);
		while (kj_str_word(&rest, &name))
			KJ_PUSH(load->arena, &names, name);
	}
	*(const kj_str **)field = names.at;
	*kj_count_of(key, field) = names.n;
}

static const struct kj_shape names_shape = {names_read, kj_texts_schema, NULL};

/* The ways an input can be said, in the order of enum kj_input_kind. */
static const char *const input_kinds[] = {
        [KJ_INPUT_FILE] = "file",       [KJ_INPUT_GLOB] = "glob",   [KJ_INPUT_DROPINS] = "dropins",
        [KJ_INPUT_COMMAND] = "command", [KJ_INPUT_NAMED] = "named", NULL};

/* Keys that mean something for one kind of input only. */
static const struct {
	kj_str name;
	enum kj_input_kind kind;
} special[] = {
        {KJ_STR_INIT("fallback"), KJ_INPUT_FILE},
        {KJ_STR_INIT("suffix"), KJ_INPUT_DROPINS},
        {KJ_STR_INIT("sniff"), KJ_INPUT_NAMED},
};

static const struct kj_choice input_choice = {input_kinds, "the input does not say which artifact",
                                              "add one of 'file', 'glob', 'dropins', 'command' and 'named'",
                                              "make two inputs of it"};

static void input_kind(struct kj_load *load, const struct kj_node *map, struct kj_input *input)
{
	const struct kj_pair *pair = kj_only_one(load, map, &input_choice, NULL);
	for (unsigned i = 0; pair && input_kinds[i]; i++) {
		if (kj_str_eq(pair->key->text, kj_str_of(input_kinds[i])))
			input->kind = (enum kj_input_kind)i;
	}
	for (size_t i = 0; pair && i < sizeof special / sizeof *special; i++) {
		const struct kj_node *node = kj_doc_get(map, special[i].name);
		if (node && special[i].kind != input->kind)
			kj_error(load->diags, node->span, "'%.*s' belongs to an input with '%s'",
			         KJ_FMT(special[i].name), input_kinds[special[i].kind]);
	}
}

static void input_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct input_draft *draft = object;
	kj_str *paths = KJ_NEW_ARRAY(load->arena, kj_str, draft->firsts + draft->fallbacks);
	draft->input.span = map->span;
	input_kind(load, map, &draft->input);
	if (draft->input.kind == KJ_INPUT_FILE && draft->firsts > 1)
		kj_hint(load->diags, kj_error(load->diags, map->span, "'file' is one path"),
		        "'fallback' takes the others");
	for (size_t i = 0; i < draft->firsts; i++)
		paths[draft->input.paths++] = draft->first[i];
	for (size_t i = 0; i < draft->fallbacks; i++)
		paths[draft->input.paths++] = draft->fallback[i];
	draft->input.path = paths;
}

static const struct kj_key input_keys[] = {
        {KJ_STR_INIT("file"), &kj_shape_paths, FIRST, false, "A path from the host's root."},
        {KJ_STR_INIT("fallback"), &kj_shape_paths, offsetof(struct input_draft, fallback),
         offsetof(struct input_draft, fallbacks), false, "Paths to take instead: the first that exists."},
        {KJ_STR_INIT("glob"), &kj_shape_paths, FIRST, false, "Paths by a pattern, in byte order."},
        {KJ_STR_INIT("dropins"), &kj_shape_paths, FIRST, false,
         "Folders, the strongest first: files sorted by name, and a name in an earlier folder hides the later ones."},
        {KJ_STR_INIT("suffix"), &kj_shape_text, INPUT(suffix), 0, false,
         "The end of the names in `dropins`, such as .conf."},
        {KJ_STR_INIT("command"), &kj_shape_texts, FIRST, false, "A captured command, in one or more spellings."},
        {KJ_STR_INIT("named"), &names_shape, FIRST, false, "Artifacts by their names, wherever they are: patterns."},
        {KJ_STR_INIT("sniff"), &kj_shape_text, INPUT(sniff), 0, false,
         "A text that stands at the beginning of a `named` one."},
        {KJ_STR_INIT("effective"), &kj_shape_flag, INPUT(effective), 0, false,
         "It tells what is really in force; files are compared with it."},
        {KJ_STR_INIT("parser"), &kj_shape_text, INPUT(parser), 0, false, "Its parser, if not the source's."},
        {KJ_STR_INIT("options"), &kj_shape_map, INPUT(options), 0, false, "Options of its parser."},
};
static const struct kj_keys input_table = {
        .what = "an input",
        .key = input_keys,
        .n = sizeof input_keys / sizeof *input_keys,
        .finish = input_finish,
        .choice = "oneOf",
        .among = input_kinds,
};

static void inputs_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	if (node->kind != KJ_SEQ) {
		kj_wants(load, key, node, "a list of inputs");
		return;
	}
	struct kj_input *inputs = KJ_NEW_ARRAY(load->arena, struct kj_input, node->n);
	for (size_t i = 0; i < node->n; i++) {
		struct input_draft draft = {0};
		kj_keys_read(load, &input_table, key, node->items[i], &draft);
		inputs[i] = draft.input;
	}
	*(const struct kj_input **)field = inputs;
	*kj_count_of(key, field) = node->n;
}

static void inputs_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	static const struct kj_shape item = KJ_SHAPE_PART(input_table);
	kj_schema_list(json, &item, false, 0);
}

static const struct kj_shape inputs_shape = {inputs_read, inputs_schema, NULL};

/* -- keys -- */

#define SOURCE(member) offsetof(struct kj_source, member)

/* The second of two words. */
static void second_word_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	unsigned word = 0;
	kj_word_read(load, key, node, &word);
	*(bool *)field = word;
}

static void replace_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_source *source = field;
	const struct kj_pair *pair = node->kind == KJ_MAP && node->n == 1 ? &node->pairs[0] : NULL;
	if (!pair || pair->key->text.n != 1 || pair->value->text.n != 1) {
		kj_error(load->diags, node->span, "'%.*s' gives one character for one other, as in {\"/\": \".\"}",
		         KJ_FMT(key->name));
		return;
	}
	source->replace_from = pair->key->text;
	source->replace_to = pair->value->text;
}

static void replace_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_pair_int(json, "maxProperties", 1);
}

static const kj_str case_words[] = {KJ_STR_INIT("exact"), KJ_STR_INIT("fold")};
static const struct kj_words cases = {NULL, 2, case_words};
static const struct kj_shape case_shape = {second_word_read, kj_word_schema, &cases};
static const struct kj_shape replace_shape = {replace_read, replace_schema, NULL};
static const struct kj_key key_keys[] = {
        {KJ_STR_INIT("case"), &case_shape, SOURCE(fold_keys), 0, false, "`fold`: letter case does not count."},
        {KJ_STR_INIT("replace"), &replace_shape, 0, 0, false, "A character of keys that stands for another."},
        {KJ_STR_INIT("accumulate"), &kj_shape_texts, SOURCE(accumulate), SOURCE(accumulates), false,
         "Keys that may stand several times, all of them counting."},
};
static const struct kj_keys key_table = {.what = "'keys'", .key = key_keys, .n = sizeof key_keys / sizeof *key_keys};
static const struct kj_shape keys_shape = KJ_SHAPE_PART(key_table);

/* -- defaults -- */

static void values_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_default *group = field;
	if (node->kind != KJ_MAP) {
		kj_wants(load, key, node, "a map of keys to values");
		return;
	}
	for (size_t i = 0; i < node->n; i++) {
		const struct kj_key one = {.name = node->pairs[i].key->text};
		kj_str ignored;
		kj_text_of(load, &one, node->pairs[i].value, "text", &ignored);
	}
	group->pair = node->pairs;
	group->n = node->n;
}

static void values_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_key(json, "additionalProperties");
	kj_json_object(json);
	kj_schema_scalar(json);
	kj_json_object_end(json);
}

static const struct kj_shape values_shape = {values_read, values_schema, NULL};
static const struct kj_key default_keys[] = {
        {KJ_STR_INIT("when"), &kj_shape_map, offsetof(struct kj_default, when), 0, false,
         "For which hosts: all, if not said."},
        {KJ_STR_INIT("values"), &values_shape, 0, 0, true, "Keys and the values that hold when nothing is set."},
};
static const struct kj_keys default_table = {.what = "a group of defaults", .key = default_keys, .n = 2};

static void defaults_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	size_t n = node->kind == KJ_SEQ ? node->n : 1;
	struct kj_default *groups = KJ_NEW_ARRAY(load->arena, struct kj_default, n);
	if (node->kind == KJ_SEQ) {
		for (size_t i = 0; i < n; i++)
			kj_keys_read(load, &default_table, key, node->items[i], &groups[i]);
	} else {
		values_read(load, key, node, groups);
	}
	*(const struct kj_default **)field = groups;
	*kj_count_of(key, field) = n;
}

static void defaults_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	static const struct kj_shape group = KJ_SHAPE_PART(default_table);
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	kj_json_object(json);
	values_schema(json, NULL);
	kj_json_object_end(json);
	kj_json_object(json);
	kj_schema_list(json, &group, false, 0);
	kj_json_object_end(json);
	kj_json_array_end(json);
}

static const struct kj_shape defaults_shape = {defaults_read, defaults_schema, NULL};

/* -- the source -- */

/* Without a resolver of its own the source is read by parsers alone, so every input needs one. */
static void source_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_source *source = object;
	source->span = map->span;
	if (source->resolver.n)
		return;
	if (!kj_doc_get(map, KJ_STR("inputs")))
		kj_error(load->diags, map->span, "a source needs 'inputs', or a 'resolver' that finds its own");
	for (size_t i = 0; i < source->inputs && !source->parser.n; i++) {
		if (!source->input[i].parser.n)
			kj_error(load->diags, source->input[i].span,
			         "no 'parser' is given for this input, nor for the source");
	}
}

static const kj_str wins_words[] = {[KJ_WINS_LAST] = KJ_STR_INIT("last"),
                                    [KJ_WINS_FIRST] = KJ_STR_INIT("first"),
                                    [KJ_WINS_ALL] = KJ_STR_INIT("all")};
static const kj_str bad_line_words[] = {[KJ_BAD_SKIP] = KJ_STR_INIT("skip"),
                                        [KJ_BAD_STOP] = KJ_STR_INIT("stop"),
                                        [KJ_BAD_REFUSE] = KJ_STR_INIT("refuse")};
static const kj_str of_words[] = {KJ_STR_INIT("host"), KJ_STR_INIT("fleet")};
static const struct kj_words ofs = {NULL, 2, of_words};
static const struct kj_shape of_shape = {second_word_read, kj_word_schema, &ofs};
static const struct kj_words wins = {NULL, 3, wins_words};
static const struct kj_words bad_lines = {NULL, 3, bad_line_words};
static const struct kj_shape wins_shape = KJ_SHAPE_WORD(wins);
static const struct kj_shape bad_line_shape = KJ_SHAPE_WORD(bad_lines);

static const struct kj_key source_keys[] = {
        {KJ_STR_INIT("kijun"), &kj_shape_version_1, 0, 0, true, "The version of the language: 1."},
        {KJ_STR_INIT("source"), &kj_shape_source_id, SOURCE(id), 0, true, "Its id: no two sources have the same."},
        {KJ_STR_INIT("title"), &kj_shape_bilingual, SOURCE(title), 0, true, "What it is, in a few words."},
        {KJ_STR_INIT("about"), &kj_shape_bilingual, SOURCE(about), 0, false, "What one should know about it."},
        {KJ_STR_INIT("platform"), &kj_shape_platform, SOURCE(platform), 0, false,
         "Where it is found: anywhere, if not said."},
        {KJ_STR_INIT("of"), &of_shape, SOURCE(of_fleet), 0, false,
         "`fleet`: the organisation keeps it for all hosts, in the fleet's folder; else each host has its own."},
        {KJ_STR_INIT("inputs"), &inputs_shape, SOURCE(input), SOURCE(inputs), false,
         "Its artifacts, in reading order."},
        {KJ_STR_INIT("parser"), &kj_shape_text, SOURCE(parser), 0, false, "The parser of its artifacts."},
        {KJ_STR_INIT("options"), &kj_shape_map, SOURCE(options), 0, false, "Options of the parser."},
        {KJ_STR_INIT("resolver"), &kj_shape_text, SOURCE(resolver), 0, false,
         "Who knows the precedence, where YAML cannot say it."},
        {KJ_STR_INIT("with"), &kj_shape_map, SOURCE(with), 0, false, "What the resolver is told."},
        {KJ_STR_INIT("wins"), &wins_shape, SOURCE(wins), 0, false,
         "Which of several values of a key counts: the last, if not said."},
        {KJ_STR_INIT("bad_line"), &bad_line_shape, SOURCE(bad_line), 0, false,
         "What the program does at a line that it cannot read: skips it, stops reading, or refuses to run."},
        {KJ_STR_INIT("keys"), &keys_shape, 0, 0, false, "How keys are compared."},
        {KJ_STR_INIT("columns"), &kj_shape_texts, SOURCE(known_columns), SOURCE(known_column_count), false,
         "The columns of the rows that a resolver makes."},
        {KJ_STR_INIT("defaults"), &defaults_shape, SOURCE(defaults), SOURCE(default_count), false,
         "What holds when nothing is set."},
        {KJ_STR_INIT("secret"), &kj_shape_texts, SOURCE(secret), SOURCE(secrets), false,
         "Columns or keys whose values are never shown."},
};
const struct kj_keys kj_keys_source = {
        .what = "a source",
        .key = source_keys,
        .n = sizeof source_keys / sizeof *source_keys,
        .finish = source_finish,
};
