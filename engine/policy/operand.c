/* Operands of checks: literals, and the parameters of the policy. */
#include "policy/load.h"

/* -- parameters -- */

kj_str kj_param_name(kj_str text)
{
	kj_str name = kj_str_from(text, 1);
	if (!kj_str_starts(text, KJ_STR("$")) || !name.n || kj_is_digit(name.p[0]) || name.p[0] == '-')
		return KJ_STR("");
	for (size_t i = 0; i < name.n; i++) {
		if (!kj_is_alnum(name.p[i]) && name.p[i] != '_' && name.p[i] != '-')
			return KJ_STR("");
	}
	return name;
}

const struct kj_param *kj_param_named(struct kj_load *load, const struct kj_node *node, bool *bad)
{
	kj_str name = node->kind == KJ_STRING ? kj_param_name(node->text) : KJ_STR("");
	*bad = false;
	if (!name.n)
		return NULL;
	const struct kj_param *param = kj_map_get(&load->params, name);
	*bad = !param;
	if (param)
		return param;
	if (load->policy)
		kj_unknown(load, node->span, "parameter", name, kj_map_words(load->arena, &load->params),
		           load->params.n);
	else
		kj_hint(load->diags, kj_error(load->diags, node->span, "there are no parameters here"),
		        "the text '$%.*s' itself is written '$$%.*s'", KJ_FMT(name), KJ_FMT(name));
	return NULL;
}

/* All times count in seconds, however they are written. */
static bool is_time(enum kj_type type)
{
	return type == KJ_TYPE_SECONDS || type == KJ_TYPE_MINUTES || type == KJ_TYPE_DURATION || type == KJ_TYPE_DAYS;
}

/* `have` is KJ_TYPES where a parameter's declaration has a mistake, which is said there. */
static bool alike(enum kj_type have, enum kj_type want)
{
	return have == want || have == KJ_TYPES || (is_time(have) && (is_time(want) || want == KJ_TYPE_PERIOD));
}

/* `several`: a list of what is wanted will do as well. */
static bool fits(const struct kj_param *param, struct kj_want want, bool several)
{
	if (param->type == KJ_TYPE_LIST)
		return want.type == KJ_TYPE_LIST ? alike(param->item, want.item)
		                                 : several && alike(param->item, want.type);
	return alike(param->type, want.type);
}

static bool param_operand(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                          const struct kj_param *param, struct kj_want want, bool several, struct kj_operand *out)
{
	if (fits(param, want, several)) {
		*out = (struct kj_operand){.param = param, .span = node->span};
		return true;
	}
	bool list = param->type == KJ_TYPE_LIST && param->item != KJ_TYPE_TEXT;
	struct kj_diag *diag = kj_error(load->diags, node->span, "'%.*s' wants %s, the parameter '%.*s' is %s%s%s",
	                                KJ_FMT(key->name), want.wanted ? want.wanted : kj_type_about(want.type),
	                                KJ_FMT(param->name), list ? "a list, each item " : kj_type_about(param->type),
	                                list ? kj_type_about(param->item) : "", "");
	kj_hint(load->diags, diag, "it is declared at %.*s:%u", KJ_FMT(param->span.text->name), param->span.line);
	return false;
}

/* -- literals -- */

static bool is_list(const struct kj_node *node)
{
	return node->kind == KJ_SEQ || node->kind == KJ_MAP;
}

/* "@name"; empty when the text has not that form, or has no row to be a cell of. "@@name" stands for the text "@name". */
static kj_str cell_name(const struct kj_load *load, const struct kj_node *node)
{
	bool at = load->cells && node->kind == KJ_STRING && kj_str_starts(node->text, KJ_STR("@"));
	kj_str name = kj_str_from(node->text, 1);
	return at && !kj_str_starts(name, KJ_STR("@")) ? name : KJ_STR("");
}

static bool scalar_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, enum kj_type type,
                        const char *wanted, struct kj_value *out)
{
	kj_str text = node->text;
	if (kj_param_name(kj_str_from(text, 1)).n && kj_str_starts(text, KJ_STR("$")))
		text = kj_str_from(text, 1);
	if (load->cells && node->kind == KJ_STRING && kj_str_starts(text, KJ_STR("@@")))
		text = kj_str_from(text, 1);
	if (!is_list(node) && node->kind != KJ_NULL && kj_value_read(load->arena, type, text, out))
		return true;
	kj_wants(load, key, node, wanted ? wanted : kj_type_about(type));
	return false;
}

/* The words of a text that is a list become values of the items' type. */
static bool words_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, struct kj_want want,
                       struct kj_value *out)
{
	struct kj_value *items = KJ_NEW_ARRAY(load->arena, struct kj_value, out->n);
	for (size_t i = 0; i < out->n; i++) {
		if (kj_value_read(load->arena, want.item, out->items[i].text, &items[i]))
			continue;
		kj_error(load->diags, node->span, "each item of '%.*s' is %s, not '%.*s'", KJ_FMT(key->name),
		         kj_type_about(want.item), KJ_FMT(out->items[i].text));
		return false;
	}
	out->items = items;
	return true;
}

static bool items_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, struct kj_want want,
                       struct kj_value *out)
{
	struct kj_value *items = KJ_NEW_ARRAY(load->arena, struct kj_value, node->n);
	struct kj_buf text = KJ_BUF(load->arena);
	bool good = true;
	for (size_t i = 0; i < node->n; i++) {
		good &= scalar_read(load, key, node->items[i], want.item, NULL, &items[i]);
		kj_buf_put(&text, i ? KJ_STR(" ") : KJ_STR(""));
		kj_buf_put(&text, node->items[i]->text);
	}
	*out = (struct kj_value){.type = KJ_TYPE_LIST, .text = kj_buf_str(&text), .items = items, .n = node->n};
	return good;
}

bool kj_literal_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, struct kj_want want,
                     struct kj_value *out)
{
	struct kj_value value;
	bool good;
	if (want.type == KJ_TYPE_LIST && node->kind == KJ_SEQ)
		good = items_read(load, key, node, want, &value);
	else
		good = scalar_read(load, key, node, want.type, want.wanted, &value) &&
		       (want.type != KJ_TYPE_LIST || words_read(load, key, node, want, &value));
	if (good)
		*out = value;
	return good;
}

/* -- operands -- */

/* "joined + 30 days" is the cell `joined`, moved by a period; only a date can be. */
static bool shift_read(struct kj_load *load, struct kj_want want, struct kj_operand *out)
{
	size_t sign = kj_str_find_any(out->cell, KJ_STR("+-"));
	kj_str name = kj_str_trim(kj_str_upto(out->cell, sign)), period = kj_str_trim(kj_str_from(out->cell, sign + 1));
	/* '-' may be part of a name; a sign stands after a blank */
	if (sign == out->cell.n || !kj_str_ends(kj_str_upto(out->cell, sign), KJ_STR(" ")))
		return true;
	out->back = out->cell.p[sign] == '-';
	out->cell = name;
	if (kj_value_read(load->arena, KJ_TYPE_PERIOD, period, &out->shift) && want.type == KJ_TYPE_DATE)
		return true;
	kj_error(load->diags, out->span,
	         want.type == KJ_TYPE_DATE ? "'%.*s' is not %s" : "'%.*s' moves a date: 'as' must say %s",
	         KJ_FMT(period), want.type == KJ_TYPE_DATE ? kj_type_about(KJ_TYPE_PERIOD) : "date");
	return false;
}

static bool operand_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                         struct kj_want want, bool several, struct kj_operand *out)
{
	bool bad;
	const struct kj_param *param = kj_param_named(load, node, &bad);
	if (bad)
		return false;
	if (param)
		return param_operand(load, key, node, param, want, several, out);
	*out = (struct kj_operand){.cell = cell_name(load, node), .span = node->span};
	if (out->cell.n)
		return shift_read(load, want, out);
	if (load->cells && node->kind == KJ_STRING && kj_str_eq(node->text, KJ_STR("@"))) {
		kj_error(load->diags, node->span, "the name of a column is missing after '@'");
		return false;
	}
	return kj_literal_read(load, key, node, want, &out->literal);
}

bool kj_operand_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, struct kj_want want,
                     struct kj_operand *out)
{
	return operand_read(load, key, node, want, false, out);
}

const struct kj_operand *kj_operands_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node,
                                          struct kj_want want, size_t least, size_t *n)
{
	bool named = node->kind == KJ_STRING && (kj_param_name(node->text).n || cell_name(load, node).n);
	if (node->kind != KJ_SEQ && !named) {
		struct kj_diag *diag = kj_wants(load, key, node, "a list");
		if (node->kind != KJ_MAP && node->kind != KJ_NULL)
			kj_hint(load->diags, diag, "write [%.*s]", KJ_FMT(node->text));
		return NULL;
	}
	const struct kj_node *const *items = kj_listed(&node, n);
	if (*n < least) {
		kj_error(load->diags, node->span, "'%.*s' is an empty list", KJ_FMT(key->name));
		return NULL;
	}
	/* One more than there are, so that an empty list is no NULL. */
	struct kj_operand *operands = KJ_NEW_ARRAY(load->arena, struct kj_operand, *n + 1);
	bool good = true;
	for (size_t i = 0; i < *n; i++)
		good &= operand_read(load, key, items[i], want, true, &operands[i]);
	return good ? operands : NULL;
}

void kj_schema_operands(struct kj_json *json, size_t least)
{
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	kj_json_object(json);
	kj_schema_list(json, &kj_shape_any_text, false, least);
	kj_json_object_end(json);
	kj_json_object(json);
	kj_schema_type(json, "string");
	kj_json_pair_str(json, "pattern", KJ_STR("^[$][A-Za-z_]"));
	kj_json_object_end(json);
	kj_json_array_end(json);
}
