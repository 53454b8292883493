/* Checks that look at settings, rows and files. */
#include "policy/load.h"

/* -- what several of them have -- */

static const kj_str if_absent_words[] = {
        [KJ_ABSENT_DEFAULT] = KJ_STR_INIT("default"),
        [KJ_ABSENT_PASS] = KJ_STR_INIT("pass"),
        [KJ_ABSENT_FAIL] = KJ_STR_INIT("fail"),
        [KJ_ABSENT_UNKNOWN] = KJ_STR_INIT("unknown"),
};
static const struct kj_words if_absent_table = {NULL, 4, if_absent_words};
const struct kj_shape kj_shape_if_absent = KJ_SHAPE_WORD(if_absent_table);

static const struct kj_source *source_named(struct kj_load *load, struct kj_span span, kj_str id)
{
	const struct kj_source *source = kj_program_source(load->program, id);
	if (!source)
		kj_unknown(load, span, "source", id, kj_map_words(load->arena, &load->program->source_by_id),
		           load->program->source_by_id.n);
	return source;
}

static void source_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	kj_str id;
	if (kj_text_of(load, key, node, "the id of a source", &id))
		*(const struct kj_source **)field = source_named(load, node->span, id);
}

static void string_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "string");
}

const struct kj_shape kj_shape_source = {source_read, string_schema, NULL};

#define DRAFT(member) offsetof(struct kj_check_draft, member)

/* -- setting -- */

/* "source.key": the key may hold dots, slashes, backslashes and blanks. */
static void setting_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_check_draft *draft = field;
	kj_str text;
	if (!kj_text_of(load, key, node, "SOURCE.KEY", &text))
		return;
	size_t dot = kj_str_find(text, '.');
	draft->check.setting.key = kj_str_from(text, dot + 1);
	if (dot == text.n || dot == 0 || !draft->check.setting.key.n) {
		kj_hint(load->diags, kj_wants(load, key, node, "SOURCE.KEY"), "for example sshd.PermitRootLogin");
		return;
	}
	struct kj_span span = node->span;
	span.col += node->quoted;
	span.len = (uint32_t)dot;
	draft->check.setting.source = source_named(load, span, kj_str_upto(text, dot));
}

static void setting_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "string");
	kj_json_pair_str(json, "pattern", KJ_STR("^[^.]+\\..+"));
}

static const kj_str scope_words[] = {KJ_STR_INIT("global")};
static const struct kj_words scopes = {"scope", 1, scope_words};
static const struct kj_shape scope_shape = {kj_one_word_read, kj_word_schema, &scopes};
static const struct kj_shape setting_shape = {setting_read, setting_schema, NULL};
static const char *const setting_among[] = {"exists", NULL};

/* `exists` compares nothing, so what serves a comparison has no meaning beside it. */
static void exists_alone(struct kj_load *load, const struct kj_node *map)
{
	static const char *const idle[] = {"as", "locked", "if_absent"};
	for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
		const struct kj_node *node = kj_doc_get(map, kj_str_of(idle[i]));
		if (node)
			kj_error(load->diags, node->span, "'%s' has no meaning beside 'exists'", idle[i]);
	}
}

static const struct kj_choice setting_choice = {setting_among, "the setting is not compared with anything",
                                                "add an operator, such as 'equals: yes' or 'exists: true'",
                                                "join two comparisons with 'all'"};

static void setting_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_check_draft *draft = object;
	const struct kj_pair *pair = kj_only_one(load, map, &setting_choice, &draft->tests);
	if (pair && draft->tests.list.n)
		kj_test_read(load, &draft->tests, pair, &draft->check.setting.test);
	else if (pair)
		exists_alone(load, map);
}

static const struct kj_key setting_keys[] = {
        {KJ_STR_INIT("setting"), &setting_shape, 0, 0, true,
         "SOURCE.KEY: the effective value of a setting, such as sshd.PermitRootLogin."},
        {KJ_STR_INIT("as"), &kj_shape_as, DRAFT(tests), 0, false, "The type and unit of the value."},
        {KJ_STR_INIT("exists"), &kj_shape_flag, DRAFT(check.setting.exists), 0, false, "Is it set at all?"},
        {KJ_STR_INIT("if_absent"), &kj_shape_if_absent, DRAFT(check.setting.if_absent), 0, false,
         "The answer when it is not set. `default`: what the product does then is judged, if that is known."},
        {KJ_STR_INIT("locked"), &kj_shape_flag, DRAFT(check.setting.locked), 0, false,
         "The user must not be able to change it."},
        {KJ_STR_INIT("scope"), &scope_shape, DRAFT(check.setting.scope), 0, false,
         "`global`: only outside of conditions such as sshd's Match. Otherwise every scope must hold."},
};
const struct kj_keys kj_keys_setting = {
        .what = "a check of a setting",
        .key = setting_keys,
        .n = sizeof setting_keys / sizeof *setting_keys,
        .operators = true,
        .tests = DRAFT(tests),
        .finish = setting_finish,
        .choice = "oneOf",
        .among = setting_among,
};

/* -- rows -- */

static const char *const quantifiers[] = {
        [KJ_EVERY] = "every", [KJ_SOME] = "some", [KJ_NO] = "no", [KJ_COUNT] = "count", NULL};

static const struct kj_choice count_choice = {NULL, "'count' is not compared with anything",
                                              "add an operator, such as 'at_most: 3'",
                                              "'between' takes the least and the most"};

static void count_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_check_draft *draft = object;
	const struct kj_pair *pair = kj_only_one(load, map, &count_choice, &draft->tests);
	draft->tests.as_node = map;
	draft->tests.as = KJ_TYPE_INT;
	if (pair)
		kj_test_read(load, &draft->tests, pair, &draft->check.rows.count);
}

static const struct kj_keys count_table = {
        .what = "'count'", .operators = true, .tests = DRAFT(tests), .finish = count_finish, .choice = "oneOf"};
static const struct kj_shape count_shape = KJ_SHAPE_PART(count_table);

static const struct kj_choice rows_choice = {quantifiers, "nothing is demanded of the rows",
                                             "add one of 'every', 'some', 'no' and 'count'",
                                             "join two checks of rows with 'all'"};

static void rows_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_check_draft *draft = object;
	const struct kj_pair *pair = kj_only_one(load, map, &rows_choice, NULL);
	for (unsigned i = 0; pair && quantifiers[i]; i++) {
		if (kj_str_eq(pair->key->text, kj_str_of(quantifiers[i])))
			draft->check.rows.quantifier = (enum kj_quantifier)i;
	}
}

static const struct kj_key rows_keys[] = {
        {KJ_STR_INIT("rows"), &kj_shape_source, DRAFT(check.rows.source), 0, true, "The source of the rows."},
        {KJ_STR_INIT("where"), &kj_shape_cells, DRAFT(check.rows.where), 0, false,
         "Which rows to look at: all, if not said."},
        {KJ_STR_INIT("every"), &kj_shape_cells, DRAFT(check.rows.holds), 0, false, "Every such row is like this."},
        {KJ_STR_INIT("some"), &kj_shape_cells, DRAFT(check.rows.holds), 0, false, "One such row or more is like this."},
        {KJ_STR_INIT("no"), &kj_shape_cells, DRAFT(check.rows.holds), 0, false, "No such row is like this."},
        {KJ_STR_INIT("count"), &count_shape, 0, 0, false, "How many such rows there are."},
        {KJ_STR_INIT("if_absent"), &kj_shape_if_absent, DRAFT(check.rows.if_absent), 0, false,
         "The answer when the host has none of the source's files. `default`: there are no rows."},
        {KJ_STR_INIT("if_none"), &kj_shape_if_absent, DRAFT(check.rows.if_none), 0, false,
         "The answer when `where` leaves no row. `default`: as `every`, `some`, `no` or `count` say."},
};
const struct kj_keys kj_keys_rows = {
        .what = "a check of rows",
        .key = rows_keys,
        .n = sizeof rows_keys / sizeof *rows_keys,
        .finish = rows_finish,
        .choice = "oneOf",
        .among = quantifiers,
};

/* -- file -- */

static void operand_of(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field,
                       struct kj_want want)
{
	struct kj_operand *operand = KJ_NEW(load->arena, struct kj_operand);
	if (kj_operand_read(load, key, node, want, operand))
		*(const struct kj_operand **)field = operand;
}

static void mode_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	operand_of(load, key, node, field, (struct kj_want){.type = KJ_TYPE_MODE});
}

/* One name or a list of names; a list is one operand. */
static void owners_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	bool bad;
	const struct kj_param *param = kj_param_named(load, node, &bad);
	bool list = param ? param->type == KJ_TYPE_LIST : node->kind == KJ_SEQ;
	if (node->kind == KJ_SEQ && node->n == 0)
		kj_error(load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key->name));
	else if (!bad)
		operand_of(load, key, node, field,
		           (struct kj_want){list ? KJ_TYPE_LIST : KJ_TYPE_TEXT, KJ_TYPE_TEXT,
		                            "a name, or a list of names"});
}

static const struct kj_shape mode_shape = {mode_read, kj_text_schema, NULL};

static const struct kj_shape owners_shape = {owners_read, kj_texts_schema, NULL};
static const char *const file_among[] = {"exists", "mode_at_most", "owner", "group", NULL};

static void file_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_check_draft *draft = object;
	const struct kj_node *exists = kj_doc_get(map, KJ_STR("exists"));
	draft->check.file.exists = exists ? draft->exists : -1;
	size_t asked = 0;
	for (size_t i = 0; file_among[i]; i++) {
		const struct kj_node *node = kj_doc_get(map, kj_str_of(file_among[i]));
		asked += node != NULL;
		if (node && node != exists && exists && !draft->exists)
			kj_error(load->diags, node->span, "'%s' has no meaning for a file that must not be there",
			         file_among[i]);
	}
	if (!asked)
		kj_nothing_chosen(load, map, "nothing is demanded of the file",
		                  "add one of 'exists', 'mode_at_most', 'owner' and 'group'");
	const struct kj_node *if_absent = kj_doc_get(map, KJ_STR("if_absent"));
	if (exists && if_absent)
		kj_error(load->diags, if_absent->span, "'if_absent' has no meaning beside 'exists'");
}

static const struct kj_key file_keys[] = {
        {KJ_STR_INIT("file"), &kj_shape_path, DRAFT(check.file.glob), 0, true,
         "A path from the host's root, such as etc/shadow; * ? [] and ** stand for many."},
        {KJ_STR_INIT("exists"), &kj_shape_flag, DRAFT(exists), 0, false, "Is such a file there?"},
        {KJ_STR_INIT("mode_at_most"), &mode_shape, DRAFT(check.file.mode_at_most), 0, false,
         "Permissions that it may have at most, such as \"0640\"."},
        {KJ_STR_INIT("owner"), &owners_shape, DRAFT(check.file.owner), 0, false, "Who may own it."},
        {KJ_STR_INIT("group"), &owners_shape, DRAFT(check.file.group), 0, false, "Which group it may have."},
        {KJ_STR_INIT("if_absent"), &kj_shape_if_absent, DRAFT(check.file.if_absent), 0, false,
         "The answer when the host has no such file. `default`: fail."},
};
const struct kj_keys kj_keys_file = {
        .what = "a check of files",
        .key = file_keys,
        .n = sizeof file_keys / sizeof *file_keys,
        .finish = file_finish,
        .choice = "anyOf",
        .among = file_among,
};
