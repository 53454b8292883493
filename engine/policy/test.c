/* Tests: an operator with its operands, compiled for the type that `as` says or the operands show. */
#include "policy/load.h"

/* -- the type -- */

static size_t type_words(kj_str *words)
{
	size_t n;
	const struct kj_type_info *types = kj_types(&n);
	for (size_t i = 0; i < n; i++)
		words[i] = types[i].name;
	return n;
}

static void as_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct kj_tests *tests = field;
	kj_str name;
	tests->as_node = node;
	tests->as = KJ_TYPES;
	if (!kj_text_of(load, key, node, "the name of a type", &name))
		return;
	const struct kj_type_info *type = kj_type_find(name);
	if (type) {
		tests->as = type->type;
		return;
	}
	kj_str names[KJ_TYPES];
	kj_unknown(load, node->span, "type", name, names, type_words(names));
}

void kj_type_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_str names[KJ_TYPES];
	const struct kj_words words = {"type", type_words(names), names};
	const struct kj_shape enumerated = {NULL, NULL, &words};
	kj_word_schema(json, &enumerated);
}

const struct kj_shape kj_shape_as = {as_read, kj_type_schema, NULL};

/* The names of the types that an operator compares. */
static kj_str fitting(struct kj_load *load, const struct kj_operator *op)
{
	struct kj_buf out = KJ_BUF(load->arena);
	size_t n;
	const struct kj_type_info *types = kj_types(&n);
	for (size_t i = 0; i < n; i++) {
		if (op->fits >> types[i].type & 1)
			kj_buf_fmt(&out, "%s%.*s", out.n ? ", " : "", KJ_FMT(types[i].name));
	}
	return kj_buf_str(&out);
}

/* The first parameter among the operands, or NULL; an unknown one is an error (then *bad). */
static const struct kj_param *first_param(struct kj_load *load, const struct kj_node *const *items, size_t n, bool *bad)
{
	*bad = false;
	for (size_t i = 0; i < n; i++) {
		const struct kj_param *param = kj_param_named(load, items[i], bad);
		if (param || *bad)
			return param;
	}
	return NULL;
}

static bool all_whole(const struct kj_node *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (items[i]->kind != KJ_INT)
			return false;
	}
	return n > 0;
}

/* Where `as` is not said, the operands show the type: the first parameter has one, and whole numbers are compared as such
   where size counts. KJ_TYPES after a message. *at: what to point at when the operator does not compare that type. */
static enum kj_type shown_type(struct kj_load *load, const struct kj_operator *op, const struct kj_node *node,
                               struct kj_span *at)
{
	size_t n;
	const struct kj_node *const *items = kj_listed(&node, &n);
	bool bad;
	const struct kj_param *param = first_param(load, items, n, &bad);
	if (bad)
		return KJ_TYPES;
	if (param) {
		*at = node->span;
		return param->type == KJ_TYPE_LIST && op->arity == KJ_ARITY_LIST ? param->item : param->type;
	}
	return op->ordered && all_whole(items, n) ? KJ_TYPE_INT : op->assumes;
}

/* False after a message, also one about `as` itself. */
static bool find_type(struct kj_load *load, const struct kj_tests *tests, const struct kj_operator *op,
                      const struct kj_pair *pair, enum kj_type *as)
{
	struct kj_span at = pair->key->span;
	if (tests->as_node)
		at = tests->as_node->span;
	*as = tests->as_node ? tests->as : op->assumes;
	if (!tests->as_node && op->assumes == KJ_TYPE_TEXT && op->arity != KJ_ARITY_PATTERN)
		*as = shown_type(load, op, pair->value, &at);
	if (*as == KJ_TYPES || op->fits >> *as & 1)
		return *as != KJ_TYPES;
	struct kj_diag *diag;
	if (at.line == pair->key->span.line && at.col == pair->key->span.col)
		diag = kj_error(load->diags, at, "'%.*s' needs 'as': the type of the value", KJ_FMT(op->name));
	else
		diag = kj_error(load->diags, at, "'%.*s' does not compare %s", KJ_FMT(op->name), kj_type_about(*as));
	kj_hint(load->diags, diag, "it compares %.*s", KJ_FMT(fitting(load, op)));
	return false;
}

/* -- operands, by arity -- */

struct reading {
	struct kj_load *load;
	const struct kj_key *key; /* only its name: the operator's */
	const struct kj_node *node;
	struct kj_test *out;
};

static struct kj_want want_of(const struct kj_test *test)
{
	bool item = test->as == KJ_TYPE_LIST && test->op->arity == KJ_ARITY_LIST;
	return (struct kj_want){.type = item ? KJ_TYPE_TEXT : test->as, .item = KJ_TYPE_TEXT};
}

static bool read_one(const struct reading *r)
{
	struct kj_operand *operand = KJ_NEW(r->load->arena, struct kj_operand);
	r->out->operand = operand;
	r->out->n = 1;
	bool several = r->node->kind == KJ_SEQ && r->out->as != KJ_TYPE_LIST && r->out->op->fits >> KJ_TYPE_LIST & 1;
	if (!several)
		return kj_operand_read(r->load, r->key, r->node, want_of(r->out), operand);
	kj_hint(r->load->diags, kj_wants(r->load, r->key, r->node, kj_type_about(r->out->as)),
	        "for one of several values there is 'one_of'");
	return false;
}

/* `between` with its ends the wrong way round would never hold. */
static bool in_order(const struct reading *r, const struct kj_operand *ends)
{
	struct kj_date nowhen = {1970, 1, 1};
	if (ends[0].param || ends[1].param || ends[0].cell.n || ends[1].cell.n ||
	    kj_operator_find(KJ_STR("at_most"))->apply(&ends[0].literal, &ends[1].literal, 1, nowhen))
		return true;
	kj_error(r->load->diags, r->node->span, "nothing lies between '%.*s' and '%.*s'",
	         KJ_FMT(r->node->items[0]->text), KJ_FMT(r->node->items[1]->text));
	return false;
}

static bool read_two(const struct reading *r)
{
	static const char wanted[] = "a list of two, [least, most]";
	if (r->node->kind != KJ_SEQ) {
		kj_wants(r->load, r->key, r->node, wanted);
		return false;
	}
	if (r->node->n != 2) {
		kj_error(r->load->diags, r->node->span, "'%.*s' wants %s, this list has %zu", KJ_FMT(r->key->name),
		         wanted, r->node->n);
		return false;
	}
	struct kj_operand *ends = KJ_NEW_ARRAY(r->load->arena, struct kj_operand, 2);
	bool first = kj_operand_read(r->load, r->key, r->node->items[0], want_of(r->out), &ends[0]);
	bool second = kj_operand_read(r->load, r->key, r->node->items[1], want_of(r->out), &ends[1]);
	r->out->operand = ends;
	r->out->n = 2;
	return first && second && in_order(r, ends);
}

static bool read_list(const struct reading *r)
{
	r->out->operand = kj_operands_read(r->load, r->key, r->node, want_of(r->out), 1, &r->out->n);
	return r->out->operand != NULL;
}

static bool read_pattern(const struct reading *r)
{
	r->out->regex = kj_pattern_read(r->load, r->key, r->node, 0);
	return r->out->regex != NULL;
}

/* A bare number would be seconds, and nobody means that of a date. */
static bool read_period(const struct reading *r)
{
	struct kj_operand *operand = KJ_NEW(r->load->arena, struct kj_operand);
	struct kj_want want = {KJ_TYPE_PERIOD, KJ_TYPE_TEXT, "a length of time such as 90 days or 12 months"};
	r->out->operand = operand;
	r->out->n = 1;
	int64_t number;
	if (r->node->kind == KJ_INT || (r->node->kind == KJ_STRING && kj_num_int(r->node->text, &number))) {
		struct kj_diag *diag = kj_wants(r->load, r->key, r->node, want.wanted);
		kj_hint(r->load->diags, diag, "write the unit too: %.*s days", KJ_FMT(r->node->text));
		return false;
	}
	return kj_operand_read(r->load, r->key, r->node, want, operand);
}

static bool (*const readers[])(const struct reading *r) = {
        [KJ_ARITY_ONE] = read_one,         [KJ_ARITY_TWO] = read_two,       [KJ_ARITY_LIST] = read_list,
        [KJ_ARITY_PATTERN] = read_pattern, [KJ_ARITY_PERIOD] = read_period,
};

bool kj_test_read(struct kj_load *load, const struct kj_tests *tests, const struct kj_pair *pair, struct kj_test *out)
{
	const struct kj_operator *op = kj_operator_find(pair->key->text);
	const struct kj_key key = {.name = op->name};
	*out = (struct kj_test){.op = op, .span = pair->key->span};
	if (!find_type(load, tests, op, pair, &out->as))
		return false;
	const struct reading reading = {load, &key, pair->value, out};
	return readers[op->arity](&reading);
}

bool kj_test_equals(struct kj_load *load, const struct kj_pair *pair, struct kj_test *out)
{
	const struct kj_tests none = {0};
	const struct kj_key key = {.name = pair->key->text};
	*out = (struct kj_test){.op = kj_operator_find(KJ_STR("equals")), .span = pair->key->span};
	const struct reading reading = {load, &key, pair->value, out};
	return find_type(load, &none, out->op, pair, &out->as) && read_one(&reading);
}

/* -- the schema -- */

static void one_schema(struct kj_json *json)
{
	kj_schema_scalar(json);
}

static void two_schema(struct kj_json *json)
{
	kj_schema_list(json, &kj_shape_any_text, false, 2);
	kj_json_pair_int(json, "maxItems", 2);
}

static void list_schema(struct kj_json *json)
{
	kj_schema_operands(json, 1);
}

static void string_schema(struct kj_json *json)
{
	kj_schema_type(json, "string");
}

void kj_operator_schema(struct kj_json *json, const struct kj_operator *op)
{
	static void (*const schemas[])(struct kj_json * json) = {
	        [KJ_ARITY_ONE] = one_schema,        [KJ_ARITY_TWO] = two_schema,       [KJ_ARITY_LIST] = list_schema,
	        [KJ_ARITY_PATTERN] = string_schema, [KJ_ARITY_PERIOD] = string_schema,
	};
	if (op->arity == KJ_ARITY_ONE && op->fits >> KJ_TYPE_LIST & 1)
		kj_schema_list(json, &kj_shape_any_text, true, 1);
	else
		schemas[op->arity](json);
}
