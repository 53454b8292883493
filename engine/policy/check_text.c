/* Checks that look at text with patterns, and at exposure. */
#include "policy/load.h"

#define DRAFT(member) offsetof(struct kj_check_draft, member)

/* -- text: of which artifact -- */

static const struct kj_key command_keys[] = {
        {KJ_STR_INIT("command"), &kj_shape_text, DRAFT(check.text.glob), 0, true,
         "The command whose captured output is meant, such as \"sshd -T\"."},
};
static const struct kj_keys command_table = {.what = "'text'", .key = command_keys, .n = 1};

static void text_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_check_draft *draft = field;
	draft->check.text.command = node->kind == KJ_MAP;
	if (node->kind == KJ_MAP)
		kj_keys_read(load, &command_table, key, node, draft);
	else
		kj_shape_path.read(load, key, node, &draft->check.text.glob);
}

static void text_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	kj_json_object(json);
	kj_schema_type(json, "string");
	kj_json_object_end(json);
	kj_json_object(json);
	kj_keys_schema(json, &command_table);
	kj_json_object_end(json);
	kj_json_array_end(json);
}

static const struct kj_shape text_shape = {text_read, text_schema, NULL};

/* -- text: captures -- */

static const struct kj_key capture_keys[] = {
        {KJ_STR_INIT("as"), &kj_shape_as, 0, 0, false, "The type of what the group captured."},
};
static void capture_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	const struct kj_tests *tests = object;
	if (!tests->list.n)
		kj_nothing_chosen(load, map, "no operator is given for this group",
		                  "write it as {at_least: 8, as: int}");
}

static const struct kj_keys capture_table = {
        .what = "the tests of a group",
        .key = capture_keys,
        .n = 1,
        .operators = true,
        .finish = capture_finish,
        .choice = "anyOf",
};

/* The number of a group that the pattern has. */
static bool group_read(struct kj_load *load, const struct kj_node *key, const struct kj_regex *regex, size_t *group)
{
	int64_t number;
	size_t groups = regex ? kj_regex_captures(regex) : 0;
	if (!kj_num_int(key->text, &number) || number < 0) {
		kj_error(load->diags, key->span, "'captures' wants the numbers of groups, not '%.*s'",
		         KJ_FMT(key->text));
		return false;
	}
	*group = (size_t)number;
	if (regex && *group > groups)
		kj_error(load->diags, key->span, "there is no group %zu: the pattern has %zu", *group, groups);
	else if (*group >= KJ_REGEX_GROUPS)
		kj_error(load->diags, key->span, "group %zu cannot be compared: only the first %d can", *group,
		         KJ_REGEX_GROUPS - 1);
	return true;
}

static void captures_finish(struct kj_load *load, const struct kj_node *map, struct kj_check *check)
{
	KJ_VEC(struct kj_capture) captures = {0};
	for (size_t i = 0; map->kind == KJ_MAP && i < map->n; i++) {
		const struct kj_key key = {.name = map->pairs[i].key->text};
		struct kj_tests tests = {0};
		struct kj_capture capture = {0};
		if (!group_read(load, map->pairs[i].key, check->text.regex, &capture.group))
			continue;
		kj_keys_read(load, &capture_table, &key, map->pairs[i].value, &tests);
		for (size_t k = 0; k < tests.list.n; k++) {
			kj_test_read(load, &tests, &tests.list.at[k], &capture.test);
			KJ_PUSH(load->arena, &captures, capture);
		}
	}
	if (map->kind == KJ_MAP && map->n == 0)
		kj_error(load->diags, map->span, "'captures' names no group");
	check->text.capture = captures.at;
	check->text.captures = captures.n;
}

/* Read by text_finish: the pattern must be known. */
static void captures_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	const struct kj_node *ignored;
	(void)field;
	kj_shape_map.read(load, key, node, &ignored);
}

static void captures_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_pair_int(json, "minProperties", 1);
	kj_json_key(json, "propertyNames");
	kj_json_object(json);
	kj_json_pair_str(json, "pattern", KJ_STR("^[0-9]+$"));
	kj_json_object_end(json);
	kj_json_key(json, "additionalProperties");
	kj_json_object(json);
	kj_keys_schema(json, &capture_table);
	kj_json_object_end(json);
}

static const struct kj_shape captures_shape = {captures_read, captures_schema, NULL};

/* -- text -- */

static const kj_str by_words[] = {KJ_STR_INIT("line"), KJ_STR_INIT("file")};
static const struct kj_words by_table = {NULL, 2, by_words};
static const struct kj_shape by_shape = KJ_SHAPE_WORD(by_table);
static const char *const text_among[] = {"matches", "not_matches", NULL};

static const struct kj_choice text_choice = {text_among, "the text is not compared with anything",
                                             "add 'matches' or 'not_matches'", "join two checks of text with 'all'"};

static void text_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_check_draft *draft = object;
	struct kj_check *check = &draft->check;
	const struct kj_pair *pair = kj_only_one(load, map, &text_choice, NULL);
	check->text.whole = draft->by;
	if (pair) {
		const struct kj_key key = {.name = pair->key->text};
		check->text.negated = kj_str_eq(pair->key->text, KJ_STR("not_matches"));
		check->text.regex =
		        kj_pattern_read(load, &key, pair->value, check->text.whole ? KJ_REGEX_MULTILINE : 0);
	}
	const struct kj_node *captures = kj_doc_get(map, KJ_STR("captures"));
	if (captures)
		captures_finish(load, captures, check);
}

static const struct kj_key text_keys[] = {
        {KJ_STR_INIT("text"), &text_shape, 0, 0, true,
         "The artifacts: a path from the host's root (* ? [] and ** stand for many), or {command: …}."},
        {KJ_STR_INIT("matches"), &kj_shape_pattern, DRAFT(pattern), 0, false, "The PCRE2 pattern occurs."},
        {KJ_STR_INIT("not_matches"), &kj_shape_pattern, DRAFT(pattern), 0, false, "The PCRE2 pattern does not occur."},
        {KJ_STR_INIT("by"), &by_shape, DRAFT(by), 0, false,
         "`line`: in one line (if not said); `file`: in the whole text, with ^ and $ at its lines."},
        {KJ_STR_INIT("captures"), &captures_shape, 0, 0, false,
         "What the groups of the pattern must have captured, by number: {\"1\": {as: int, at_least: 8}}."},
        {KJ_STR_INIT("if_absent"), &kj_shape_if_absent, DRAFT(check.text.if_absent), 0, false,
         "The answer when the host has no such file. `default`: it has no such text."},
};
const struct kj_keys kj_keys_text = {
        .what = "a check of text",
        .key = text_keys,
        .n = sizeof text_keys / sizeof *text_keys,
        .finish = text_finish,
        .choice = "oneOf",
        .among = text_among,
};

/* -- exposure -- */

static bool is_port(kj_str s)
{
	int64_t port;
	return s.n && kj_is_digit(s.p[0]) && kj_num_int(s, &port) && port >= 1 && port <= 65535;
}

/* "22", "80-90", or a name. */
static bool is_service_part(kj_str s)
{
	size_t dash = kj_str_find(s, '-');
	if (s.n && kj_is_digit(s.p[0]))
		return is_port(kj_str_upto(s, dash)) && (dash == s.n || is_port(kj_str_from(s, dash + 1)));
	for (size_t i = 0; i < s.n; i++) {
		if (!kj_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
			return false;
	}
	return s.n > 0;
}

/* A name, a port or range of ports, or one of them with a protocol. */
static bool is_service(kj_str s)
{
	size_t slash = kj_str_find(s, '/');
	kj_str port = kj_str_upto(s, slash), proto = kj_str_from(s, slash + 1);
	if (slash == s.n)
		return is_service_part(s);
	return is_service_part(port) && is_service_part(proto) && kj_is_digit(port.p[0]) != kj_is_digit(proto.p[0]);
}

static const char service_wanted[] = "services such as ssh, 443, 80-90/tcp";

static const struct kj_operand *services(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                                         size_t least, size_t *n)
{
	struct kj_want want = {.type = KJ_TYPE_TEXT, .wanted = service_wanted};
	for (size_t i = 0; node->kind == KJ_SEQ && i < node->n; i++) {
		const struct kj_node *one = node->items[i];
		if (one->kind != KJ_SEQ && one->kind != KJ_MAP && !kj_param_name(one->text).n && !is_service(one->text))
			kj_wants(load, key, one, service_wanted);
	}
	return kj_operands_read(load, key, node, want, least, n);
}

static const struct kj_form zone_form = {"the name of a zone", "[A-Za-z0-9][A-Za-z0-9_.-]*"};

static void except_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_check *check = field;
	struct kj_want want = {.type = KJ_TYPE_TEXT, .wanted = "names of zones"};
	for (size_t i = 0; node->kind == KJ_SEQ && i < node->n; i++) {
		const struct kj_node *one = node->items[i];
		if (one->kind != KJ_SEQ && one->kind != KJ_MAP && !kj_param_name(one->text).n &&
		    !kj_form_check(load, &zone_form, one->text))
			kj_wants(load, key, one, want.wanted);
	}
	check->exposure.except = kj_operands_read(load, key, node, want, 0, &check->exposure.excepts);
}

static void at_most_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_check *check = field;
	check->exposure.limits = true;
	check->exposure.at_most_role = node->kind == KJ_STRING && kj_str_eq(node->text, KJ_STR("role"));
	if (!check->exposure.at_most_role)
		check->exposure.at_most = services(load, key, node, 0, &check->exposure.n);
}

static void none_of_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_check *check = field;
	check->exposure.none_of = services(load, key, node, 1, &check->exposure.none);
}

static void at_most_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	kj_json_object(json);
	kj_json_pair_str(json, "const", KJ_STR("role"));
	kj_json_object_end(json);
	kj_json_object(json);
	kj_schema_operands(json, 0);
	kj_json_object_end(json);
	kj_json_array_end(json);
}

static void none_of_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_operands(json, 1);
}

static void except_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_operands(json, 0);
}

static const struct kj_shape zone_shape = {kj_form_read, kj_form_schema, &zone_form};
static const struct kj_shape at_most_shape = {at_most_read, at_most_schema, NULL};
static const struct kj_shape none_of_shape = {none_of_read, none_of_schema, NULL};
static const struct kj_shape except_shape = {except_read, except_schema, NULL};
static const char *const exposure_among[] = {"at_most", "none_of", NULL};

static void exposure_finish(struct kj_load *load, const struct kj_node *map, void *object)
{
	struct kj_check *check = object;
	if (!check->exposure.to.n)
		check->exposure.to = KJ_STR("self");
	if (!kj_doc_get(map, KJ_STR("at_most")) && !kj_doc_get(map, KJ_STR("none_of")))
		kj_nothing_chosen(load, map, "the exposure is not compared with anything",
		                  "add 'at_most' or 'none_of', or write {compare: approved} alone");
	const struct kj_node *except = kj_doc_get(map, KJ_STR("except"));
	if (except && !kj_str_eq(check->exposure.from, KJ_STR("each")))
		kj_error(load->diags, except->span, "'except' takes zones out of 'from: each', and of nothing else");
}

static const struct kj_key exposure_parts[] = {
        {KJ_STR_INIT("from"), &zone_shape, offsetof(struct kj_check, exposure.from), 0, true,
         "A zone, `internet`, or `each`: every zone of the fleet and the internet."},
        {KJ_STR_INIT("except"), &except_shape, 0, 0, false,
         "With `from: each`: zones that are not asked about, for they are registered."},
        {KJ_STR_INIT("to"), &zone_shape, offsetof(struct kj_check, exposure.to), 0, false,
         "`self` (if not said): what is reached at the host's addresses, wherever it is passed on to; `local`: what "
         "ends "
         "at the host itself; a zone: what is forwarded there; `anywhere`: all that is forwarded."},
        {KJ_STR_INIT("at_most"), &at_most_shape, 0, 0, false,
         "The services that may be reachable, or `role`: those that fleet.yml gives the role."},
        {KJ_STR_INIT("none_of"), &none_of_shape, 0, 0, false, "Services that must not be reachable."},
};
static const struct kj_keys exposure_table = {
        .what = "'exposure'",
        .key = exposure_parts,
        .n = sizeof exposure_parts / sizeof *exposure_parts,
        .finish = exposure_finish,
        .choice = "anyOf",
        .among = exposure_among,
};
static const kj_str compare_words[] = {KJ_STR_INIT("approved")};
static const struct kj_words compare_table = {NULL, 1, compare_words};
static const struct kj_shape compare_shape = {kj_one_word_read, kj_word_schema, &compare_table};
static const struct kj_key compare_parts[] = {
        {KJ_STR_INIT("compare"), &compare_shape, offsetof(struct kj_check, exposure.compare), 0, true,
         "`approved`: the rules let in just what the approved ones do, which are dumps in approved/HOST/ of the "
         "fleet."},
};
static const struct kj_keys compare_keys = {.what = "'exposure'", .key = compare_parts, .n = 1};

static void exposure_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	bool compares = kj_doc_get(node, KJ_STR("compare"));
	kj_keys_read(load, compares ? &compare_keys : &exposure_table, key, node, field);
}

static void exposure_schema(struct kj_json *json, const struct kj_shape *shape)
{
	static const struct kj_keys *const forms[] = {&exposure_table, &compare_keys};
	(void)shape;
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		kj_json_object(json);
		kj_keys_schema(json, forms[i]);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static const struct kj_shape exposure_shape = {exposure_read, exposure_schema, NULL};
static const struct kj_key exposure_keys[] = {
        {KJ_STR_INIT("exposure"), &exposure_shape, 0, 0, true, "What the host's firewall lets in."},
};
const struct kj_keys kj_keys_exposure = {.what = "a check of exposure", .key = exposure_keys, .n = 1};
