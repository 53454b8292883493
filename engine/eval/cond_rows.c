/* `rows: source`: every, some, no or so many rows hold. */
#include "eval/cells.h"

enum { SHOWN = 5 };

struct rows_query {
	struct kj_case *c;
	const struct kj_check *check;
	const struct kj_resolved *resolved;
	struct kj_proofs *proofs;
	size_t selected, held, refused, broken, maybe; /* rows */
};

static const char *const quantifier_names[] = {
        [KJ_EVERY] = "every row: ", [KJ_SOME] = "some row: ", [KJ_NO] = "no row: ", [KJ_COUNT] = "rows: "};

static kj_str wanted(const struct rows_query *q)
{
	if (q->check->rows.quantifier == KJ_COUNT)
		return kj_str_fmt(q->c->arena, "rows: %.*s", KJ_FMT(kj_wanted(q->c, &q->check->rows.count)));
	kj_str cells = q->check->rows.holds ? kj_cells_wanted(q->c, q->check->rows.holds) : KJ_STR("");
	return kj_str_fmt(q->c->arena, "%s%.*s", quantifier_names[q->check->rows.quantifier], KJ_FMT(cells));
}

static void prove_row(struct rows_query *q, const struct kj_row *row, enum kj_truth truth,
                      const struct kj_cell_verdict *v)
{
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	kj_proof_row(q->c, proof, q->resolved, row, v->from);
	proof->evidence.found = kj_redact(q->c->bench->redactor, q->c->host->scratch, q->c->arena, v->found);
	proof->evidence.wanted = v->wanted.n ? v->wanted : wanted(q);
	proof->reason = v->reason;
}

/* A bad row could be any row: it keeps `every` and `no` from being true, and `some` from being false. */
static void bad_row(struct rows_query *q, const struct kj_row *row)
{
	struct kj_cell_verdict v = {.truth = KJ_BROKEN};
	kj_str what = kj_str_of(row->problem ? row->problem : "not of the syntax");
	v.reason = kj_say(q->c->arena, "this line could not be read: %.*s", "この行は読めません: %.*s", KJ_FMT(what));
	q->broken++;
	prove_row(q, row, KJ_BROKEN, &v);
}

static enum kj_truth selected(struct rows_query *q, const struct kj_row *row, struct kj_cell_verdict *v)
{
	*v = (struct kj_cell_verdict){.truth = KJ_TRUE};
	if (q->check->rows.where)
		*v = kj_cells_hold(q->c, q->check->rows.where, q->resolved->rows, row);
	return v->truth;
}

/* Which truth of a row's condition is worth a proof: the one that decides the quantifier. */
static bool decides(enum kj_quantifier quantifier, enum kj_truth truth)
{
	switch (quantifier) {
	case KJ_EVERY:
		return truth != KJ_TRUE;
	case KJ_SOME:
	case KJ_NO:
		return truth != KJ_FALSE;
	case KJ_COUNT:
		break;
	}
	return true;
}

static void judge_row(struct rows_query *q, const struct kj_row *row)
{
	if (row->bad) {
		bad_row(q, row);
		return;
	}
	struct kj_cell_verdict v;
	q->c->at_rows = q->resolved->rows;
	q->c->at_row = row;
	enum kj_truth in = selected(q, row, &v);
	if (in == KJ_FALSE)
		return;
	enum kj_truth holds = KJ_TRUE;
	if (q->check->rows.holds) {
		struct kj_cell_verdict h = kj_cells_hold(q->c, q->check->rows.holds, q->resolved->rows, row);
		holds = h.truth;
		if (in == KJ_TRUE)
			v = h;
	}
	/* Not sure to be selected: the row can make the answer unsure, and does so only where it would decide. */
	if (in != KJ_TRUE && decides(q->check->rows.quantifier, holds))
		holds = in;
	q->selected++;
	q->held += holds == KJ_TRUE;
	q->refused += holds == KJ_FALSE;
	q->broken += holds == KJ_BROKEN;
	q->maybe += holds == KJ_MAYBE;
	bool says = holds == KJ_TRUE && v.reason.en.n; /* it holds, and there is something to say of it all the same */
	/* where none is as it should be, the first few say why not */
	says |= q->check->rows.quantifier == KJ_SOME && holds == KJ_FALSE && q->refused <= SHOWN;
	if (says || decides(q->check->rows.quantifier, holds)) {
		enum kj_truth proves = q->check->rows.quantifier == KJ_NO ? kj_truth_not(holds) : holds;
		prove_row(q, row, proves, &v);
	}
}

static enum kj_truth whole_truth(struct rows_query *q)
{
	enum kj_truth unsure = q->broken ? KJ_BROKEN : q->maybe ? KJ_MAYBE : KJ_FALSE;
	switch (q->check->rows.quantifier) {
	case KJ_SOME:
		return q->held ? KJ_TRUE : unsure;
	case KJ_NO:
		return q->held ? KJ_FALSE : kj_truth_not(unsure);
	case KJ_COUNT:
		return kj_compare_count(q->c, &q->check->rows.count, q->held, q->maybe, q->broken);
	case KJ_EVERY:
		break;
	}
	return q->refused ? KJ_FALSE : kj_truth_not(unsure);
}

/* No row decided by itself: the rows as a whole are the evidence. */
static void prove_whole(struct rows_query *q, enum kj_truth truth, size_t from)
{
	size_t kept = from;
	for (size_t i = from; i < q->proofs->list.n; i++) {
		if (q->proofs->list.at[i].truth == truth || q->check->rows.quantifier == KJ_COUNT)
			q->proofs->list.at[kept++] = q->proofs->list.at[i];
	}
	q->proofs->list.n = kept;
	if (kept > from && q->check->rows.quantifier != KJ_COUNT)
		return;
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	kj_proof_at(q->c, proof, q->resolved->texts.n ? q->resolved->texts.at[0] : NULL, 0);
	proof->evidence.found = kj_str_fmt(q->c->arena, "%zu rows looked at, %zu hold", q->selected, q->held);
	proof->evidence.wanted = wanted(q);
}

/* The answer that the rule itself gives for what is not there. */
static enum kj_truth said(struct rows_query *q, enum kj_if_absent answer, struct kj_bilingual reason)
{
	static const enum kj_truth meaning[] = {
	        [KJ_ABSENT_PASS] = KJ_TRUE, [KJ_ABSENT_FAIL] = KJ_FALSE, [KJ_ABSENT_UNKNOWN] = KJ_MAYBE};
	struct kj_proof *proof = kj_prove(q->c, q->proofs, meaning[answer]);
	if (!proof)
		return meaning[answer];
	kj_proof_at(q->c, proof, q->resolved->texts.n ? q->resolved->texts.at[0] : NULL, 0);
	proof->evidence.wanted = wanted(q);
	proof->reason = reason;
	return meaning[answer];
}

static struct kj_bilingual none_such(struct rows_query *q)
{
	kj_str where = q->check->rows.where ? kj_cells_wanted(q->c, q->check->rows.where) : KJ_STR("");
	return kj_say(q->c->arena, "%.*s has no row with %.*s", "%.*s に該当する行がありません（%.*s）",
	              KJ_FMT(q->resolved->source->id), KJ_FMT(where));
}

enum kj_truth kj_condition_rows(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct rows_query q = {
	        .c = c, .check = check, .resolved = kj_resolve(c->host, check->rows.source), .proofs = proofs};
	const struct kj_resolved *r = q.resolved;
	if (r->state == KJ_STATE_NOT_COLLECTED || r->state == KJ_STATE_ERROR ||
	    (r->state == KJ_STATE_NOT_IN_FORCE && r->refused))
		return kj_prove_state(c, proofs, r);
	if (r->state == KJ_STATE_ABSENT && check->rows.if_absent != KJ_ABSENT_DEFAULT) {
		struct kj_bilingual reason = kj_say(c->arena, "%.*s", "%.*s", KJ_FMT(r->message));
		return said(&q, check->rows.if_absent, reason);
	}
	size_t from = proofs->list.n;
	for (size_t i = 0; i < r->rows->list.n; i++)
		judge_row(&q, &r->rows->list.at[i]);
	q.broken += r->rows->capped;
	if (!q.selected && !q.broken && check->rows.if_none != KJ_ABSENT_DEFAULT)
		return said(&q, check->rows.if_none, none_such(&q));
	enum kj_truth truth = whole_truth(&q);
	prove_whole(&q, truth, from);
	return truth;
}
