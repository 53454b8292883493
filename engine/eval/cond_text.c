/* `text: glob`: PCRE2 over the lines, or the whole, of artifacts. */
#include "base/glob.h"
#include "eval/truth.h"

struct text_query {
	struct kj_case *c;
	const struct kj_check *check;
	struct kj_proofs *proofs;
	bool occurs;
	enum kj_truth held; /* of all occurrences: do their captures hold? */
	enum kj_truth gap;  /* what could not be looked at: true (nothing), maybe or broken */
};

static kj_str wanted(const struct text_query *q)
{
	return kj_str_fmt(q->c->arena, "%s/%.*s/", q->check->text.negated ? "no " : "",
	                  KJ_FMT(kj_regex_pattern(q->check->text.regex)));
}

static void prove(struct text_query *q, enum kj_truth truth, const struct kj_text *text, uint32_t line, kj_str found,
                  struct kj_bilingual reason)
{
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	kj_proof_at(q->c, proof, text, line);
	proof->evidence.found = kj_redact(q->c->bench->redactor, q->c->host->scratch, q->c->arena, found);
	proof->evidence.wanted = wanted(q);
	proof->reason = reason;
}

static enum kj_truth captures_hold(struct text_query *q, const struct kj_match *match, kj_str *shown,
                                   struct kj_bilingual *reason)
{
	enum kj_truth whole = KJ_TRUE;
	for (size_t i = 0; i < q->check->text.captures; i++) {
		const struct kj_capture *capture = &q->check->text.capture[i];
		kj_str group = capture->group < match->groups ? match->group[capture->group] : (kj_str){0};
		kj_str one;
		enum kj_truth truth = kj_compare(q->c, &capture->test, group, &one, reason);
		if (i == 0 || truth != KJ_TRUE)
			*shown = one;
		whole = kj_truth_and(whole, truth);
	}
	return whole;
}

/* One place where the pattern occurs. With captures every such place must hold: which one the program would use is not known here. */
static void occurrence(struct text_query *q, const struct kj_text *text, const struct kj_match *match)
{
	uint32_t line = kj_span_of(text, match->group[0]).line;
	kj_str shown = match->group[0];
	struct kj_bilingual reason = {0};
	enum kj_truth truth = captures_hold(q, match, &shown, &reason);
	q->held = kj_truth_and(q->held, truth);
	q->occurs = true;
	prove(q, q->check->text.negated ? kj_truth_not(truth) : truth, text, line, shown, reason);
}

static void limit(struct text_query *q, const struct kj_text *text, uint32_t line)
{
	q->gap = KJ_BROKEN;
	prove(q, KJ_BROKEN, text, line, KJ_STR(""),
	      kj_say(q->c->arena, "the pattern /%.*s/ hit its limit here",
	             "パターン /%.*s/ はここで実行上限に達しました", KJ_FMT(kj_regex_pattern(q->check->text.regex))));
}

static void search_whole(struct text_query *q, const struct kj_text *text)
{
	struct kj_match match;
	enum kj_regex_result result = kj_regex_find(q->check->text.regex, q->c->host->scratch, text->bytes, 0, &match);
	if (result == KJ_REGEX_LIMIT)
		limit(q, text, 0);
	else if (result == KJ_REGEX_YES)
		occurrence(q, text, &match);
}

static void search_lines(struct text_query *q, const struct kj_text *text)
{
	kj_str rest = text->bytes, line;
	for (uint32_t number = 1; kj_str_line(&rest, &line); number++) {
		struct kj_match match;
		enum kj_regex_result result = kj_regex_find(q->check->text.regex, q->c->host->scratch, line, 0, &match);
		if (result == KJ_REGEX_LIMIT)
			limit(q, text, number);
		else if (result == KJ_REGEX_YES)
			occurrence(q, text, &match);
		if (result != KJ_REGEX_NO && q->proofs->dropped)
			return;
	}
}

static void look_at(struct text_query *q, const struct kj_artifact *artifact)
{
	if (artifact->state == KJ_ARTIFACT_NOT_COLLECTED || artifact->state == KJ_ARTIFACT_ABSENT) {
		q->gap = kj_truth_and(q->gap, KJ_MAYBE);
		prove(q, KJ_MAYBE, NULL, 0, KJ_STR(""),
		      kj_say(q->c->arena, "not collected: %.*s", "収集されていません: %.*s",
		             KJ_FMT(artifact->text.name)));
		return;
	}
	if (artifact->state == KJ_ARTIFACT_ERROR) {
		struct kj_text named = {artifact->text.name, {0}};
		struct kj_text *kept = KJ_NEW(q->c->arena, struct kj_text);
		*kept = named;
		q->gap = KJ_BROKEN;
		prove(q, KJ_BROKEN, kept, 0, KJ_STR(""),
		      kj_say(q->c->arena, "%.*s: %.*s", "%.*s: %.*s", KJ_FMT(artifact->text.name),
		             KJ_FMT(artifact->message)));
		return;
	}
	if (q->check->text.whole)
		search_whole(q, &artifact->text);
	else
		search_lines(q, &artifact->text);
}

static enum kj_truth nothing_there(struct text_query *q, enum kj_presence presence)
{
	static const enum kj_truth said[] = {
	        [KJ_ABSENT_PASS] = KJ_TRUE, [KJ_ABSENT_FAIL] = KJ_FALSE, [KJ_ABSENT_UNKNOWN] = KJ_MAYBE};
	kj_str glob = q->check->text.glob;
	struct kj_bilingual missing =
	        kj_say(q->c->arena, "not collected: %.*s", "収集されていません: %.*s", KJ_FMT(glob));
	if (presence == KJ_NOT_COLLECTED) {
		prove(q, KJ_MAYBE, NULL, 0, KJ_STR(""), missing);
		return KJ_MAYBE;
	}
	enum kj_truth truth = q->check->text.if_absent == KJ_ABSENT_DEFAULT ? kj_truth_of(q->check->text.negated)
	                                                                    : said[q->check->text.if_absent];
	prove(q, truth, NULL, 0, KJ_STR("no such file"),
	      kj_say(q->c->arena, "the host has no %.*s", "ホストに %.*s はありません", KJ_FMT(glob)));
	return truth;
}

/* A folder that could not be listed may hold what the pattern looks for. */
static void unreadable(struct text_query *q, kj_str problem)
{
	q->gap = KJ_BROKEN;
	prove(q, KJ_BROKEN, NULL, 0, KJ_STR(""), kj_say(q->c->arena, "%.*s", "%.*s", KJ_FMT(problem)));
}

/* One occurrence settles it, unless captures must hold at every one and some place could not be looked at. */
static enum kj_truth occurs(const struct text_query *q)
{
	if (!q->occurs)
		return q->gap == KJ_TRUE ? KJ_FALSE : q->gap;
	return q->check->text.captures ? kj_truth_and(q->held, q->gap) : q->held;
}

static enum kj_truth conclude(struct text_query *q, size_t from, const struct kj_text *first)
{
	enum kj_truth truth = occurs(q);
	truth = q->check->text.negated ? kj_truth_not(truth) : truth;
	size_t kept = from;
	for (size_t i = from; i < q->proofs->list.n; i++) {
		if (q->proofs->list.at[i].truth == truth)
			q->proofs->list.at[kept++] = q->proofs->list.at[i];
	}
	q->proofs->list.n = kept;
	if (kept == from)
		prove(q, truth, first, 0, KJ_STR("no match"), (struct kj_bilingual){0});
	return truth;
}

/* One artifact, by its path or by the command whose output it is. A folder of that name is an error there, not an absence. */
static enum kj_truth one_artifact(struct text_query *q, const struct kj_artifact *artifact, size_t from)
{
	if (artifact->state == KJ_ARTIFACT_ABSENT)
		return nothing_there(q, KJ_ABSENT);
	if (artifact->state == KJ_ARTIFACT_NOT_COLLECTED)
		return nothing_there(q, KJ_NOT_COLLECTED);
	look_at(q, artifact);
	return conclude(q, from, &artifact->text);
}

enum kj_truth kj_condition_text(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct text_query q = {.c = c, .check = check, .proofs = proofs, .held = KJ_TRUE, .gap = KJ_TRUE};
	size_t from = proofs->list.n;
	const struct kj_text *one = NULL;
	if (check->text.command)
		return one_artifact(&q, kj_export_command(c->host->export, check->text.glob), from);
	if (!kj_glob_is(check->text.glob))
		return one_artifact(&q, kj_export_read(c->host->export, check->text.glob), from);
	enum kj_presence presence;
	struct kj_entry_list list = kj_export_glob(c->host->export, c->arena, check->text.glob, &presence);
	for (size_t i = 0; i < list.list.n; i++) {
		const struct kj_artifact *a = kj_export_read(c->host->export, list.paths.at[i]);
		look_at(&q, a);
		one = one ? one : &a->text;
	}
	if (presence == KJ_UNREADABLE)
		unreadable(&q, list.problem);
	else if (list.list.n == 0)
		return nothing_there(&q, presence == KJ_PRESENT ? KJ_ABSENT : presence);
	return conclude(&q, from, one);
}
