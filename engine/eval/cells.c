/* Conditions on the cells of one row. */
#include "eval/cells.h"

static bool is_unseen(const struct kj_cell_from *from)
{
	return from && from->unseen;
}

/* The cell itself could not be seen: its text says why. */
static struct kj_cell_verdict unseen(struct kj_case *c, const struct kj_cells *cells, kj_str why)
{
	struct kj_cell_verdict v = {.truth = KJ_MAYBE, .wanted = kj_cells_wanted(c, cells)};
	v.reason = kj_say(c->arena, "%.*s is not known: %.*s", "%.*s は不明です: %.*s", KJ_FMT(cells->column),
	                  KJ_FMT(why));
	return v;
}

static struct kj_cell_verdict empty(struct kj_case *c, const struct kj_cells *cells)
{
	static const enum kj_truth meaning[] = {
	        [KJ_ABSENT_PASS] = KJ_TRUE, [KJ_ABSENT_FAIL] = KJ_FALSE, [KJ_ABSENT_UNKNOWN] = KJ_MAYBE};
	struct kj_cell_verdict v = {.truth = meaning[cells->if_empty], .wanted = kj_cells_wanted(c, cells)};
	v.found = kj_str_fmt(c->arena, "%.*s = (empty)", KJ_FMT(cells->column));
	if (v.truth != KJ_TRUE)
		v.reason = kj_say(c->arena, "%.*s is empty", "%.*s が空です", KJ_FMT(cells->column));
	return v;
}

/* A date that must not have passed, and soon will: said although it holds. */
static void note_expiry(struct kj_case *c, const struct kj_cells *cells, kj_str cell, struct kj_cell_verdict *v)
{
	enum { SOON = 30 };
	const struct kj_test *test = &cells->test;
	bool today = test->as == KJ_TYPE_DATE && kj_str_eq(test->op->name, KJ_STR("at_least")) &&
	             kj_str_eq(test->operand[0].cell, KJ_STR("today"));
	struct kj_date date;
	if (v->truth != KJ_TRUE || !today || !kj_date_parse(kj_str_trim(cell), &date))
		return;
	long long left = (long long)(kj_date_days(date) - kj_date_days(c->bench->today));
	if (left <= SOON)
		v->reason = kj_say(c->arena, "%.*s is %.*s: it ends in %lld days", "%.*s は %.*s で、残り %lld 日です",
		                   KJ_FMT(cells->column), KJ_FMT(cell), left);
}

static struct kj_cell_verdict test_cell(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                        const struct kj_row *row)
{
	struct kj_cell_verdict v = {0};
	kj_str cell = kj_row_cell(rows, row, cells->column);
	kj_str shown;
	v.from = kj_row_from(rows, row, cells->column);
	if (is_unseen(v.from))
		return unseen(c, cells, cell);
	if (!cell.n && cells->if_empty != KJ_ABSENT_DEFAULT)
		return empty(c, cells);
	v.truth = kj_compare(c, &cells->test, cell, &shown, &v.reason);
	note_expiry(c, cells, cell, &v);
	v.found = kj_str_fmt(c->arena, "%.*s = %.*s", KJ_FMT(cells->column), KJ_FMT(shown));
	v.wanted = kj_str_fmt(c->arena, "%.*s: %.*s", KJ_FMT(cells->column), KJ_FMT(kj_wanted(c, &cells->test)));
	return v;
}

static struct kj_cell_verdict join(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                   const struct kj_row *row, bool any)
{
	struct kj_cell_verdict whole = {.truth = any ? KJ_FALSE : KJ_TRUE};
	for (size_t i = 0; i < cells->n; i++) {
		struct kj_cell_verdict v = kj_cells_hold(c, cells->child[i], rows, row);
		enum kj_truth truth = any ? kj_truth_or(whole.truth, v.truth) : kj_truth_and(whole.truth, v.truth);
		/* the part that decided, or the one that has something to say */
		if (i == 0 || truth != whole.truth || (v.truth == truth && v.reason.en.n && !whole.reason.en.n))
			whole = v;
		whole.truth = truth;
	}
	return whole;
}

struct kj_cell_verdict kj_cells_hold(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                     const struct kj_row *row)
{
	struct kj_cell_verdict v;
	switch (cells->kind) {
	case KJ_CELL_TEST:
		return test_cell(c, cells, rows, row);
	case KJ_CELL_IN:
		return kj_look_up(c, cells, rows, row);
	case KJ_CELL_ALL:
		return join(c, cells, rows, row, false);
	case KJ_CELL_ANY:
		return join(c, cells, rows, row, true);
	case KJ_CELL_NONE:
		v = join(c, cells, rows, row, true);
		break;
	case KJ_CELL_NOT:
	default:
		v = join(c, cells, rows, row, false);
		break;
	}
	v.truth = kj_truth_not(v.truth);
	v.wanted = v.wanted.n ? kj_str_fmt(c->arena, "not (%.*s)", KJ_FMT(v.wanted)) : v.wanted;
	return v;
}

kj_str kj_cells_wanted(struct kj_case *c, const struct kj_cells *cells)
{
	static const char *const between[] = {
	        [KJ_CELL_ALL] = ", ", [KJ_CELL_ANY] = " | ", [KJ_CELL_NONE] = " | ", [KJ_CELL_NOT] = ", "};
	if (cells->kind == KJ_CELL_TEST)
		return kj_str_fmt(c->arena, "%.*s: %.*s", KJ_FMT(cells->column), KJ_FMT(kj_wanted(c, &cells->test)));
	if (cells->kind == KJ_CELL_IN)
		return kj_str_fmt(c->arena, "%.*s: in %.*s", KJ_FMT(cells->column), KJ_FMT(cells->lookup->source->id));
	bool negated = cells->kind == KJ_CELL_NONE || cells->kind == KJ_CELL_NOT;
	struct kj_buf buf = KJ_BUF(c->arena);
	kj_buf_put(&buf, negated ? KJ_STR("not (") : KJ_STR(""));
	for (size_t i = 0; i < cells->n; i++) {
		if (i > 0)
			kj_buf_put(&buf, kj_str_of(between[cells->kind]));
		kj_buf_put(&buf, kj_cells_wanted(c, cells->child[i]));
	}
	kj_buf_put(&buf, negated ? KJ_STR(")") : KJ_STR(""));
	return kj_buf_str(&buf);
}
