/* Conditions on the cells of one row, and look-ups of a cell in the rows of another source. */
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

static struct kj_cell_verdict test_cell(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                        const struct kj_row *row)
{
	struct kj_cell_verdict v = {0};
	kj_str cell = kj_row_cell(rows, row, cells->column);
	kj_str shown;
	v.from = kj_row_from(rows, row, cells->column);
	if (is_unseen(v.from))
		return unseen(c, cells, cell);
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

static enum kj_truth row_matches(const struct kj_lookup *lookup, const kj_str *want, const struct kj_rows *other,
                                 const struct kj_row *candidate)
{
	enum kj_truth truth = KJ_TRUE;
	for (size_t i = 0; i < lookup->n; i++) {
		kj_str column = lookup->where[i].column;
		if (is_unseen(kj_row_from(other, candidate, column)))
			truth = KJ_MAYBE;
		else if (!kj_str_eq(kj_row_cell(other, candidate, column), want[i]))
			return KJ_FALSE;
	}
	return truth;
}

/* The first cell of the present row that the look-up needs and that could not be seen; NULL when all were. */
static const struct kj_lookup_cell *unseen_key(const struct kj_lookup *lookup, const struct kj_rows *rows,
                                               const struct kj_row *row)
{
	for (size_t i = 0; i < lookup->n; i++) {
		if (lookup->where[i].cell.n && is_unseen(kj_row_from(rows, row, lookup->where[i].cell)))
			return &lookup->where[i];
	}
	return NULL;
}

/* Does some row of the other source have these cells? */
static enum kj_truth search(const struct kj_lookup *lookup, const kj_str *want, const struct kj_rows *other)
{
	enum kj_truth truth = other->capped ? KJ_BROKEN : KJ_FALSE;
	for (size_t i = 0; i < other->list.n && truth != KJ_TRUE; i++) {
		const struct kj_row *candidate = &other->list.at[i];
		truth = kj_truth_or(truth, candidate->bad ? KJ_BROKEN : row_matches(lookup, want, other, candidate));
	}
	return truth;
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
	const struct kj_lookup_cell *key = unseen_key(lookup, rows, row);
	if (key)
		return unseen(c, cells, kj_row_cell(rows, row, key->cell));
	kj_str *want = KJ_NEW_ARRAY(c->arena, kj_str, lookup->n);
	for (size_t i = 0; i < lookup->n; i++)
		want[i] = wanted_cell(c, &lookup->where[i], rows, row);
	v.truth = search(lookup, want, other->rows);
	if (v.truth == KJ_MAYBE)
		v.reason = kj_say(c->arena, "%.*s has cells that could not be seen", "%.*s に不明な項目があります",
		                  KJ_FMT(lookup->source->id));
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
