/* Conditions on the cells of one row, and look-ups of a cell in the rows of another source. */
#include "eval/cells.h"

static struct kj_cell_verdict test_cell(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                        const struct kj_row *row)
{
	struct kj_cell_verdict v = {0};
	kj_str cell = kj_row_cell(rows, row, cells->column);
	kj_str shown;
	v.truth = kj_compare(c, &cells->test, cell, &shown, &v.reason);
	v.found = kj_str_fmt(c->arena, "%.*s = %.*s", KJ_FMT(cells->column), KJ_FMT(shown));
	v.wanted = kj_str_fmt(c->arena, "%.*s: %.*s", KJ_FMT(cells->column), KJ_FMT(kj_wanted(c, &cells->test)));
	return v;
}

/* The text that a column of the other source must equal. */
static kj_str wanted_cell(struct kj_case *c, const struct kj_lookup_cell *cell, const struct kj_rows *rows,
                          const struct kj_row *row)
{
	if (!cell->cell.n)
		return kj_operand_value(c, &cell->operand)->text;
	if (kj_str_eq(cell->cell, KJ_STR("host")))
		return c->subject->name;
	if (kj_str_eq(cell->cell, KJ_STR("role")))
		return c->subject->role;
	if (kj_str_eq(cell->cell, KJ_STR("today")))
		return kj_date_str(c->arena, c->bench->today);
	return kj_row_cell(rows, row, cell->cell);
}

static bool row_matches(const struct kj_lookup *lookup, const kj_str *want, const struct kj_rows *other,
                        const struct kj_row *candidate)
{
	for (size_t i = 0; i < lookup->n; i++) {
		if (!kj_str_eq(kj_row_cell(other, candidate, lookup->where[i].column), want[i]))
			return false;
	}
	return true;
}

static struct kj_cell_verdict look_up(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                      const struct kj_row *row)
{
	const struct kj_lookup *lookup = cells->lookup;
	const struct kj_resolved *other = kj_resolve(c->host, lookup->source);
	struct kj_cell_verdict v = {.truth = KJ_FALSE};
	v.found = kj_str_fmt(c->arena, "%.*s = %.*s", KJ_FMT(cells->column),
	                     KJ_FMT(kj_row_cell(rows, row, cells->column)));
	v.wanted = kj_str_fmt(c->arena, "%.*s: in %.*s", KJ_FMT(cells->column), KJ_FMT(lookup->source->id));
	if (other->state == KJ_STATE_NOT_COLLECTED || other->state == KJ_STATE_ERROR) {
		v.truth = other->state == KJ_STATE_ERROR ? KJ_BROKEN : KJ_MAYBE;
		v.reason = kj_say(c->arena, "%.*s: %.*s", "%.*s: %.*s", KJ_FMT(lookup->source->id),
		                  KJ_FMT(other->message));
		return v;
	}
	kj_str *want = KJ_NEW_ARRAY(c->arena, kj_str, lookup->n);
	for (size_t i = 0; i < lookup->n; i++)
		want[i] = wanted_cell(c, &lookup->where[i], rows, row);
	for (size_t i = 0; i < other->rows->list.n; i++) {
		const struct kj_row *candidate = &other->rows->list.at[i];
		if (candidate->bad)
			v.truth = KJ_BROKEN;
		else if (row_matches(lookup, want, other->rows, candidate))
			return (struct kj_cell_verdict){KJ_TRUE, v.found, v.wanted, {{0}, {0}}};
	}
	if (other->rows->capped)
		v.truth = KJ_BROKEN;
	if (v.truth == KJ_BROKEN)
		v.reason = kj_say(c->arena, "%.*s has rows that could not be read", "%.*s に読めない行があります",
		                  KJ_FMT(lookup->source->id));
	return v;
}

static struct kj_cell_verdict join(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                   const struct kj_row *row, bool any)
{
	struct kj_cell_verdict whole = {.truth = any ? KJ_FALSE : KJ_TRUE};
	for (size_t i = 0; i < cells->n; i++) {
		struct kj_cell_verdict v = kj_cells_hold(c, cells->child[i], rows, row);
		enum kj_truth truth = any ? kj_truth_or(whole.truth, v.truth) : kj_truth_and(whole.truth, v.truth);
		if (i == 0 || truth != whole.truth)
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
		return look_up(c, cells, rows, row);
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
