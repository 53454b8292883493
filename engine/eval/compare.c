/* Comparing what was found with what a policy wants. */
#include "eval/truth.h"

const struct kj_value *kj_operand_value(const struct kj_case *c, const struct kj_operand *operand)
{
	return operand->param ? &c->params[operand->param->index] : &operand->literal;
}

/* The operands as one array of values of the test's type; a list-typed parameter given as the only operand is opened up. */
static const struct kj_value *operands(const struct kj_case *c, const struct kj_test *test, size_t *n)
{
	if (test->n == 1) {
		const struct kj_value *only = kj_operand_value(c, &test->operand[0]);
		bool open = only->type == KJ_TYPE_LIST &&
		            (test->op->arity == KJ_ARITY_LIST || test->op->arity == KJ_ARITY_TWO);
		*n = open ? only->n : 1;
		return open ? only->items : only;
	}
	struct kj_value *values = KJ_NEW_ARRAY(c->arena, struct kj_value, test->n);
	for (size_t i = 0; i < test->n; i++)
		values[i] = *kj_operand_value(c, &test->operand[i]);
	*n = test->n;
	return values;
}

/* Parameters have the unit of their own type; a duration compares with seconds, minutes and days alike, because `num` is seconds for all. What is left to
   convert is text that a parameter holds for a test of another type. */
static const struct kj_value *convert(const struct kj_case *c, enum kj_type as, const struct kj_value *values, size_t n)
{
	struct kj_value *out = NULL;
	for (size_t i = 0; i < n; i++) {
		if (values[i].type != KJ_TYPE_TEXT || as == KJ_TYPE_TEXT || as == KJ_TYPE_LIST)
			continue;
		if (!out) {
			out = KJ_NEW_ARRAY(c->arena, struct kj_value, n);
			for (size_t k = 0; k < n; k++)
				out[k] = values[k];
		}
		kj_value_read(c->arena, as, values[i].text, &out[i]);
	}
	return out ? out : values;
}

static enum kj_truth match(struct kj_case *c, const struct kj_test *test, kj_str found, struct kj_bilingual *reason)
{
	enum kj_regex_result result = kj_regex_find(test->regex, c->host->scratch, found, 0, NULL);
	if (result == KJ_REGEX_LIMIT) {
		*reason = kj_say(c->arena, "the pattern /%.*s/ hit its limit on this text",
		                 "パターン /%.*s/ はこの文字列で実行上限に達しました",
		                 KJ_FMT(kj_regex_pattern(test->regex)));
		return KJ_BROKEN;
	}
	bool wants = !kj_str_starts(test->op->name, KJ_STR("not_"));
	return kj_truth_of((result == KJ_REGEX_YES) == wants);
}

enum kj_truth kj_compare(struct kj_case *c, const struct kj_test *test, kj_str found, kj_str *shown,
                         struct kj_bilingual *reason)
{
	*shown = found;
	if (test->op->arity == KJ_ARITY_PATTERN)
		return match(c, test, found, reason);
	struct kj_value value;
	if (!kj_value_read(c->arena, test->as, found, &value)) {
		*reason = kj_say(c->arena, "'%.*s' is not %s", "'%.*s' は値として読めません（必要な型: %s）",
		                 KJ_FMT(found), kj_type_about(test->as));
		return KJ_BROKEN;
	}
	*shown = kj_value_show(c->arena, &value);
	size_t n;
	const struct kj_value *wanted = operands(c, test, &n);
	wanted = convert(c, test->as, wanted, n);
	return kj_truth_of(test->op->apply(&value, wanted, n, c->bench->today));
}

static kj_str join(const struct kj_case *c, const struct kj_value *values, size_t n)
{
	struct kj_buf buf = KJ_BUF(c->arena);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			kj_buf_put(&buf, KJ_STR(", "));
		kj_buf_put(&buf, kj_value_show(c->arena, &values[i]));
	}
	return kj_buf_str(&buf);
}

kj_str kj_wanted(const struct kj_case *c, const struct kj_test *test)
{
	if (test->op->arity == KJ_ARITY_PATTERN)
		return kj_str_fmt(c->arena, "%s/%.*s/", kj_str_starts(test->op->name, KJ_STR("not_")) ? "≠ " : "",
		                  KJ_FMT(kj_regex_pattern(test->regex)));
	size_t n;
	const struct kj_value *values = operands(c, test, &n);
	values = convert(c, test->as, values, n);
	if (test->op->arity == KJ_ARITY_TWO && n == 2)
		return kj_str_fmt(c->arena, "%.*s … %.*s", KJ_FMT(kj_value_show(c->arena, &values[0])),
		                  KJ_FMT(kj_value_show(c->arena, &values[1])));
	kj_str list = join(c, values, n);
	struct kj_buf buf = KJ_BUF(c->arena);
	kj_str form = kj_str_of(test->op->wanted ? test->op->wanted : "%s");
	size_t at = kj_str_find_str(form, KJ_STR("%s"));
	kj_buf_put(&buf, kj_str_upto(form, at));
	kj_buf_put(&buf, list);
	kj_buf_put(&buf, kj_str_from(form, at + 2));
	return kj_buf_str(&buf);
}
