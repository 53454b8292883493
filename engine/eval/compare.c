/* Comparing what was found with what a policy wants. */
#include "eval/truth.h"

/* A date moved by a period; what is no date stays, and is said to be none later. */
static kj_str moved(const struct kj_case *c, const struct kj_operand *operand, kj_str text)
{
	struct kj_date date;
	if (operand->shift.type != KJ_TYPE_PERIOD || !kj_date_parse(kj_str_trim(text), &date))
		return text;
	int sign = operand->back ? -1 : 1;
	date = kj_date_add_months(date, sign * operand->shift.months);
	return kj_date_str(c->arena, kj_date_from_days(kj_date_days(date) + sign * operand->shift.num));
}

/* The text of "@column", or of a word of the subject. */
static kj_str cell_text(const struct kj_case *c, kj_str name)
{
	if (kj_str_eq(name, KJ_STR("host")))
		return c->subject->name;
	if (kj_str_eq(name, KJ_STR("role")))
		return c->subject->role;
	if (kj_str_eq(name, KJ_STR("today")))
		return kj_date_str(c->arena, c->bench->today);
	return c->at_row ? kj_row_cell(c->at_rows, c->at_row, name) : KJ_STR("");
}

const struct kj_value *kj_operand_value(const struct kj_case *c, const struct kj_operand *operand)
{
	if (!operand->cell.n)
		return operand->param ? &c->params[operand->param->index] : &operand->literal;
	struct kj_value *value = KJ_NEW(c->arena, struct kj_value);
	*value = (struct kj_value){.type = KJ_TYPE_TEXT, .text = moved(c, operand, cell_text(c, operand->cell))};
	return value;
}

/* The value of an operand for a test: a cell that holds a list stands for its items, as a parameter does. */
static const struct kj_value *value_for(const struct kj_case *c, const struct kj_test *test, size_t i)
{
	const struct kj_value *value = kj_operand_value(c, &test->operand[i]);
	bool cell = test->operand[i].cell.n;
	bool list = test->as == KJ_TYPE_LIST || kj_str_find(value->text, KJ_LIST_SEPARATOR) < value->text.n;
	struct kj_value *items = KJ_NEW(c->arena, struct kj_value);
	return cell && list && kj_value_read(c->arena, KJ_TYPE_LIST, value->text, items) ? items : value;
}

/* The operands as one array of values of the test's type; a list-typed parameter given as the only operand is opened up. */
static const struct kj_value *operands(const struct kj_case *c, const struct kj_test *test, size_t *n)
{
	if (test->n == 1) {
		const struct kj_value *only = value_for(c, test, 0);
		bool open = only->type == KJ_TYPE_LIST &&
		            (test->op->arity == KJ_ARITY_LIST || test->op->arity == KJ_ARITY_TWO);
		*n = open ? only->n : 1;
		return open ? only->items : only;
	}
	struct kj_value *values = KJ_NEW_ARRAY(c->arena, struct kj_value, test->n);
	for (size_t i = 0; i < test->n; i++)
		values[i] = *value_for(c, test, i);
	*n = test->n;
	return values;
}

/* Parameters have the unit of their own type; a duration compares with seconds, minutes and days alike, because `num` is seconds for all. What is left to
   convert is text that a parameter or a cell holds for a test of another type. *bad: the first that is none. */
static const struct kj_value *convert(const struct kj_case *c, enum kj_type as, const struct kj_value *values, size_t n,
                                      const struct kj_value **bad)
{
	struct kj_value *out = NULL;
	*bad = NULL;
	for (size_t i = 0; i < n; i++) {
		if (values[i].type != KJ_TYPE_TEXT || as == KJ_TYPE_TEXT || as == KJ_TYPE_LIST)
			continue;
		if (!out) {
			out = KJ_NEW_ARRAY(c->arena, struct kj_value, n);
			for (size_t k = 0; k < n; k++)
				out[k] = values[k];
		}
		if (!kj_value_read(c->arena, as, values[i].text, &out[i]) && !*bad)
			*bad = &values[i];
	}
	return out ? out : values;
}

const struct kj_operand *kj_unseen_operand(const struct kj_case *c, const struct kj_test *test)
{
	for (size_t i = 0; c->at_row && i < test->n; i++) {
		kj_str name = test->operand[i].cell;
		const struct kj_cell_from *from = name.n ? kj_row_from(c->at_rows, c->at_row, name) : NULL;
		if (from && from->unseen)
			return &test->operand[i];
	}
	return NULL;
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
	const struct kj_operand *unseen = kj_unseen_operand(c, test);
	if (unseen) {
		*reason = kj_say(c->arena, "%.*s is not known: %.*s", "%.*s は不明です: %.*s", KJ_FMT(unseen->cell),
		                 KJ_FMT(cell_text(c, unseen->cell)));
		return KJ_MAYBE;
	}
	struct kj_value value;
	if (!kj_value_read(c->arena, test->as, found, &value)) {
		*reason = kj_say(c->arena, "'%.*s' is not %s", "'%.*s' は値として読めません（必要な型: %s）",
		                 KJ_FMT(found), kj_type_about(test->as));
		return KJ_BROKEN;
	}
	*shown = kj_value_show(c->arena, &value);
	size_t n;
	const struct kj_value *bad, *wanted = operands(c, test, &n);
	wanted = convert(c, test->as, wanted, n, &bad);
	if (bad) {
		*reason = kj_say(c->arena, "'%.*s' is not %s", "'%.*s' は値として読めません（必要な型: %s）",
		                 KJ_FMT(bad->text), kj_type_about(test->as));
		return KJ_BROKEN;
	}
	return kj_truth_of(test->op->apply(&value, wanted, n, c->bench->today));
}

enum kj_truth kj_compare_count(struct kj_case *c, const struct kj_test *test, size_t yes, size_t maybe, size_t broken)
{
	struct kj_bilingual ignored = {0};
	kj_str shown;
	enum kj_truth first = KJ_FALSE;
	for (size_t n = yes; n <= yes + maybe + broken; n++) {
		enum kj_truth truth = kj_compare(c, test, kj_str_fmt(c->arena, "%zu", n), &shown, &ignored);
		if (n > yes && truth != first)
			return broken ? KJ_BROKEN : KJ_MAYBE;
		first = truth;
	}
	return first;
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
	const struct kj_value *bad, *values = operands(c, test, &n);
	values = convert(c, test->as, values, n, &bad);
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
