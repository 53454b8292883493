/* `setting: source.key`: what the program would really use. */
#include "eval/truth.h"

struct setting_query {
	struct kj_case *c;
	const struct kj_check *check;
	const struct kj_resolved *resolved;
	struct kj_proofs *proofs;
};

static kj_str wanted(const struct setting_query *q)
{
	if (!q->check->setting.test.op)
		return q->check->setting.exists ? KJ_STR("set") : KJ_STR("not set");
	kj_str text = kj_wanted(q->c, &q->check->setting.test);
	if (!q->check->setting.locked)
		return text;
	return kj_str_fmt(q->c->arena, "%.*s, locked", KJ_FMT(text));
}

static kj_str name_of(const struct setting_query *q)
{
	return kj_str_fmt(q->c->arena, "%.*s.%.*s", KJ_FMT(q->resolved->source->id), KJ_FMT(q->check->setting.key));
}

static enum kj_truth absent(const struct setting_query *q)
{
	static const enum kj_truth meaning[] = {[KJ_ABSENT_DEFAULT] = KJ_MAYBE,
	                                        [KJ_ABSENT_PASS] = KJ_TRUE,
	                                        [KJ_ABSENT_FAIL] = KJ_FALSE,
	                                        [KJ_ABSENT_UNKNOWN] = KJ_MAYBE};
	enum kj_truth truth = meaning[q->check->setting.if_absent];
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return truth;
	kj_proof_at(q->c, proof, q->resolved->texts.n ? q->resolved->texts.at[0] : q->resolved->at.text, 0);
	proof->evidence.found = KJ_STR("not set");
	proof->evidence.wanted = wanted(q);
	if (truth == KJ_MAYBE)
		proof->reason = kj_say(q->c->arena, "%.*s is not set, and what holds then is not known",
		                       "%.*s は設定されておらず、その場合の既定値も不明です", KJ_FMT(name_of(q)));
	else
		proof->reason = kj_say(q->c->arena, "%.*s is not set", "%.*s が設定されていません", KJ_FMT(name_of(q)));
	return truth;
}

static void tell(const struct setting_query *q, const struct kj_setting *s, struct kj_proof *proof, kj_str shown)
{
	if (!proof)
		return;
	struct kj_arena *arena = q->c->arena;
	kj_proof_at(q->c, proof, s->origin.text, s->origin.line);
	struct kj_buf found = KJ_BUF(arena);
	kj_buf_fmt(&found, "%.*s = %.*s", KJ_FMT(s->key), KJ_FMT(shown));
	if (s->scope.n)
		kj_buf_fmt(&found, " [%.*s]", KJ_FMT(s->scope));
	if (s->state == KJ_STATE_DEFAULT)
		kj_buf_put(&found, KJ_STR(" (default)"));
	if (q->check->setting.locked && s->lockable && !s->locked && !s->lock_unseen)
		kj_buf_put(&found, KJ_STR(", not locked"));
	proof->evidence.found = kj_redact(q->c->bench->redactor, q->c->host->scratch, arena, kj_buf_str(&found));
	proof->evidence.wanted = wanted(q);
}

static enum kj_truth default_truth(const struct setting_query *q, bool *decided)
{
	*decided = true;
	switch (q->check->setting.if_absent) {
	case KJ_ABSENT_PASS:
		return KJ_TRUE;
	case KJ_ABSENT_FAIL:
		return KJ_FALSE;
	case KJ_ABSENT_UNKNOWN:
		return KJ_MAYBE;
	case KJ_ABSENT_DEFAULT:
		break;
	}
	*decided = false;
	return KJ_MAYBE;
}

/* The truth of one value; *reason when found and wanted do not say it all. */
static enum kj_truth value_truth(const struct setting_query *q, const struct kj_setting *s, kj_str value, kj_str *shown,
                                 struct kj_bilingual *reason)
{
	struct kj_arena *arena = q->c->arena;
	*shown = value;
	if (s->state == KJ_STATE_ERROR) {
		*reason = kj_say(arena, "%.*s: %.*s", "%.*s: %.*s", KJ_FMT(s->key), KJ_FMT(s->note));
		return KJ_BROKEN;
	}
	if (s->state == KJ_STATE_NOT_COLLECTED) {
		*reason = kj_say(arena, "%.*s is not known: %.*s", "%.*s は不明です: %.*s", KJ_FMT(s->key),
		                 KJ_FMT(s->note));
		return KJ_MAYBE;
	}
	if (s->state == KJ_STATE_NOT_IN_FORCE) {
		kj_str why = s->note.n ? s->note : q->resolved->message;
		*reason = kj_say(arena, "%.*s is set but not in force: %.*s",
		                 "%.*s は設定されていますが有効ではありません: %.*s", KJ_FMT(s->key), KJ_FMT(why));
		return KJ_FALSE;
	}
	bool decided = false;
	enum kj_truth truth = s->state == KJ_STATE_DEFAULT ? default_truth(q, &decided) : KJ_MAYBE;
	if (!decided)
		truth = kj_compare(q->c, &q->check->setting.test, value, shown, reason);
	if (truth == KJ_TRUE && q->check->setting.locked && s->lock_unseen) {
		*reason = kj_say(arena, "what shows whether %.*s is locked was not collected",
		                 "%.*s がロックされているかを示すものが採取されていません", KJ_FMT(s->key));
		return KJ_MAYBE;
	}
	if (truth == KJ_TRUE && q->check->setting.locked && s->lockable && !s->locked) {
		*reason =
		        kj_say(arena, "%.*s can be changed by the user", "%.*s は利用者が変更できます", KJ_FMT(s->key));
		return KJ_FALSE;
	}
	if (truth != KJ_TRUE && !reason->en.n && s->note.n)
		*reason = kj_say(arena, "%.*s = %.*s: %.*s", "%.*s = %.*s: %.*s", KJ_FMT(s->key), KJ_FMT(*shown),
		                 KJ_FMT(s->note));
	return truth;
}

static enum kj_truth judge_value(const struct setting_query *q, const struct kj_setting *s, kj_str value)
{
	kj_str shown;
	struct kj_bilingual reason = {0};
	enum kj_truth truth = value_truth(q, s, value, &shown, &reason);
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	tell(q, s, proof, shown);
	if (proof)
		proof->reason = reason;
	return truth;
}

/* Values that accumulate in one scope make one list for the operators that look at lists. */
static kj_str joined(const struct setting_query *q, const struct kj_setting_list *list, size_t from)
{
	struct kj_buf buf = KJ_BUF(q->c->arena);
	kj_str scope = list->list.at[from]->scope;
	for (size_t i = from; i < list->list.n; i++) {
		if (!kj_str_eq(list->list.at[i]->scope, scope))
			continue;
		if (buf.n)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, list->list.at[i]->value);
	}
	return kj_buf_str(&buf);
}

static bool scope_seen(const struct kj_setting_list *list, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (kj_str_eq(list->list.at[k]->scope, list->list.at[i]->scope))
			return true;
	}
	return false;
}

static enum kj_truth exists(const struct setting_query *q, const struct kj_setting_list *list)
{
	const struct kj_setting *set = NULL;
	for (size_t i = 0; list && i < list->list.n && !set; i++) {
		if (list->list.at[i]->state == KJ_STATE_EFFECTIVE)
			set = list->list.at[i];
	}
	enum kj_truth truth = kj_truth_of((set != NULL) == q->check->setting.exists);
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (proof && set) {
		tell(q, set, proof, set->value);
	} else if (proof) {
		kj_proof_at(q->c, proof, q->resolved->texts.n ? q->resolved->texts.at[0] : NULL, 0);
		proof->evidence.found = KJ_STR("not set");
		proof->evidence.wanted = wanted(q);
	}
	return truth;
}

/* Every scope (sshd's Match) must hold: the weakest decides. */
static enum kj_truth every_scope(const struct setting_query *q, const struct kj_setting_list *list)
{
	bool global_only = kj_str_eq(q->check->setting.scope, KJ_STR("global"));
	bool as_list = q->check->setting.test.as == KJ_TYPE_LIST;
	enum kj_truth whole = KJ_TRUE;
	bool any = false;
	for (size_t i = 0; i < list->list.n; i++) {
		const struct kj_setting *s = list->list.at[i];
		if ((global_only && s->scope.n) || (as_list && scope_seen(list, i)))
			continue;
		any = true;
		whole = kj_truth_and(whole, judge_value(q, s, as_list ? joined(q, list, i) : s->value));
	}
	return any ? whole : absent(q);
}

/* Of a conjunction over scopes only the parts that decided are worth showing. */
static void keep_decisive(struct kj_proofs *proofs, size_t from, enum kj_truth whole)
{
	size_t kept = from;
	for (size_t i = from; i < proofs->list.n; i++) {
		if (proofs->list.at[i].truth == whole)
			proofs->list.at[kept++] = proofs->list.at[i];
	}
	proofs->list.n = kept;
}

enum kj_truth kj_condition_setting(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct setting_query q = {c, check, kj_resolve(c->host, check->setting.source), proofs};
	const struct kj_resolved *r = q.resolved;
	if (r->state == KJ_STATE_NOT_COLLECTED || r->state == KJ_STATE_ERROR ||
	    (r->state == KJ_STATE_NOT_IN_FORCE && r->refused))
		return kj_prove_state(c, proofs, r);
	const struct kj_setting_list *list = kj_resolved_get(r, check->setting.key);
	if (!check->setting.test.op)
		return exists(&q, list);
	if (!list || list->list.n == 0)
		return absent(&q);
	size_t from = proofs->list.n;
	enum kj_truth whole = every_scope(&q, list);
	keep_decisive(proofs, from, whole);
	return whole;
}
