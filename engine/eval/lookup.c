/* `in: {rows: SOURCE, where: …}`: rows of another source that go with the row that a check looks at. */
#include "eval/cells.h"

/* ---- which rows can be the ones ---- */

/* Rows by the text of one column, so that a thousand accounts do not each read a register of ten thousand rows. */
struct bucket {
	KJ_VEC(size_t) list;
};
struct index {
	struct kj_map by_text;
	struct bucket any; /* rows of which that column is not known */
};

static bool is_known(const struct kj_rows *rows, const struct kj_row *row, kj_str column)
{
	const struct kj_cell_from *from = kj_row_from(rows, row, column);
	return !row->bad && !(from && from->unseen);
}

static const struct index *index_of(struct kj_case *c, const struct kj_resolved *r, kj_str column)
{
	kj_str name = kj_str_fmt(c->arena, "%.*s %.*s", KJ_FMT(r->source->id), KJ_FMT(column));
	void **place = kj_map_at(c->arena, &c->indexes, name);
	if (*place)
		return *place;
	struct index *index = KJ_NEW(c->arena, struct index);
	*place = index;
	for (size_t i = 0; i < r->rows->list.n; i++) {
		const struct kj_row *row = &r->rows->list.at[i];
		struct bucket *bucket = &index->any;
		if (is_known(r->rows, row, column)) {
			void **entry = kj_map_at(c->arena, &index->by_text, kj_row_cell(r->rows, row, column));
			*entry = *entry ? *entry : KJ_NEW(c->arena, struct bucket);
			bucket = *entry;
		}
		KJ_PUSH(c->arena, &bucket->list, i);
	}
	return index;
}

/* A test for equality with a text that is known, which every row must meet; or NULL. */
static const struct kj_cells *key_of(const struct kj_case *c, const struct kj_cells *where)
{
	const struct kj_cells *const *part = where->kind == KJ_CELL_ALL ? where->child : &where;
	size_t n = where->kind == KJ_CELL_ALL ? where->n : 1;
	for (size_t i = 0; i < n; i++) {
		const struct kj_test *test = &part[i]->test;
		bool equal = part[i]->kind == KJ_CELL_TEST && kj_str_eq(test->op->name, KJ_STR("equals"));
		if (equal && test->as == KJ_TYPE_TEXT && part[i]->if_empty == KJ_ABSENT_DEFAULT &&
		    !kj_unseen_operand(c, test))
			return part[i];
	}
	return NULL;
}

/* ---- how many of them are ---- */

struct tally {
	size_t yes, maybe, broken;
	struct kj_bilingual reason; /* why the first one is not certain */
};

static void try_row(struct kj_case *c, const struct kj_lookup *lookup, const struct kj_resolved *r, size_t i,
                    struct tally *tally)
{
	const struct kj_row *row = &r->rows->list.at[i];
	struct kj_cell_verdict v = {.truth = KJ_BROKEN};
	if (row->bad)
		v.reason = kj_say(c->arena, "%.*s has rows that could not be read", "%.*s に読めない行があります",
		                  KJ_FMT(lookup->source->id));
	else
		v = kj_cells_hold(c, lookup->where, r->rows, row);
	enum kj_truth truth = v.truth;
	if ((truth == KJ_MAYBE || truth == KJ_BROKEN) && !tally->reason.en.n)
		tally->reason = v.reason;
	tally->yes += truth == KJ_TRUE;
	tally->maybe += truth == KJ_MAYBE;
	tally->broken += truth == KJ_BROKEN;
}

static struct tally count_rows(struct kj_case *c, const struct kj_lookup *lookup, const struct kj_resolved *r)
{
	struct tally tally = {.broken = r->rows->capped};
	bool one = !lookup->count.op; /* one row is enough */
	const struct kj_cells *key = key_of(c, lookup->where);
	const struct bucket nothing = {{0}};
	if (!key) {
		for (size_t i = 0; i < r->rows->list.n && !(one && tally.yes); i++)
			try_row(c, lookup, r, i, &tally);
		return tally;
	}
	const struct index *index = index_of(c, r, key->column);
	kj_str text = kj_operand_value(c, &key->test.operand[0])->text;
	const struct bucket *same = kj_map_get(&index->by_text, text);
	same = same ? same : &nothing;
	for (size_t i = 0; i < same->list.n && !(one && tally.yes); i++)
		try_row(c, lookup, r, same->list.at[i], &tally);
	for (size_t i = 0; i < index->any.list.n && !(one && tally.yes); i++)
		try_row(c, lookup, r, index->any.list.at[i], &tally);
	return tally;
}

static enum kj_truth truth_of(struct kj_case *c, const struct kj_lookup *lookup, const struct tally *tally)
{
	enum kj_truth unsure = tally->broken ? KJ_BROKEN : tally->maybe ? KJ_MAYBE : KJ_FALSE;
	if (!lookup->count.op)
		return tally->yes ? KJ_TRUE : unsure;
	return kj_compare_count(c, &lookup->count, tally->yes, tally->maybe, tally->broken);
}

/* ---- the answer ---- */

static kj_str wanted_of(struct kj_case *c, const struct kj_cells *cells)
{
	const struct kj_lookup *lookup = cells->lookup;
	kj_str where = kj_cells_wanted(c, lookup->where);
	kj_str count = lookup->count.op ? kj_wanted(c, &lookup->count) : KJ_STR("1 or more");
	return kj_str_fmt(c->arena, "%.*s rows of %.*s with %.*s", KJ_FMT(count), KJ_FMT(lookup->source->id),
	                  KJ_FMT(where));
}

struct kj_cell_verdict kj_look_up(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                  const struct kj_row *row)
{
	const struct kj_lookup *lookup = cells->lookup;
	const struct kj_resolved *other = kj_resolve(c->host, lookup->source);
	struct kj_cell_verdict v = {.from = kj_row_from(rows, row, cells->column), .wanted = wanted_of(c, cells)};
	if (other->state == KJ_STATE_NOT_COLLECTED || other->state == KJ_STATE_ERROR) {
		v.truth = other->state == KJ_STATE_ERROR ? KJ_BROKEN : KJ_MAYBE;
		v.reason = kj_say(c->arena, "%.*s: %.*s", "%.*s: %.*s", KJ_FMT(lookup->source->id),
		                  KJ_FMT(other->message));
		return v;
	}
	const struct kj_rows *outer_rows = c->at_rows;
	const struct kj_row *outer_row = c->at_row;
	c->at_rows = rows;
	c->at_row = row;
	struct tally tally = count_rows(c, lookup, other);
	c->at_rows = outer_rows;
	c->at_row = outer_row;
	v.truth = truth_of(c, lookup, &tally);
	v.found = kj_str_fmt(c->arena, "%.*s = %.*s, %zu such rows in %.*s", KJ_FMT(cells->column),
	                     KJ_FMT(kj_row_cell(rows, row, cells->column)), tally.yes, KJ_FMT(lookup->source->id));
	if (v.truth == KJ_MAYBE || v.truth == KJ_BROKEN)
		v.reason = tally.reason;
	if (v.truth == KJ_BROKEN && !v.reason.en.n)
		v.reason = kj_say(c->arena, "%.*s has too many rows to read them all",
		                  "%.*s の行数が上限を超えています", KJ_FMT(lookup->source->id));
	return v;
}
