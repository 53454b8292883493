/* One subject: open the export, judge every rule, keep what a report needs, give the rest back. */
#include "eval/truth.h"
#include "eval/waiver.h"

#define HOST_BYTES (2 * KJ_GIB)

struct kj_bench *kj_bench_new(struct kj_arena *arena, struct kj_program *program, const struct kj_export_limits *limits,
                              struct kj_date today)
{
	struct kj_bench *bench = KJ_NEW(arena, struct kj_bench);
	bench->program = program;
	bench->limits = limits;
	bench->today = today;
	bench->host_bytes = HOST_BYTES;
	bench->redactor = kj_redactor_new(arena, program->patterns);
	return bench;
}

void kj_bench_add_organisation(struct kj_bench *bench, struct kj_arena *arena, const struct kj_subjects *subjects,
                               const struct kj_subject *subject, struct kj_regex_scratch *scratch)
{
	struct kj_diags ignored = {.arena = arena};
	struct kj_export *export = kj_subject_open(arena, subject, bench->limits, &ignored);
	if (!export)
		return;
	struct kj_host *host = kj_host_new(arena, export, bench->program, scratch, bench->today);
	host->organisation = host;
	host->fleet = subject->fleet;
	host->subjects = subjects;
	for (size_t i = 0; i < bench->program->sources.n; i++)
		if (bench->program->sources.at[i]->of_fleet)
			kj_resolve(host, bench->program->sources.at[i]);
	KJ_PUSH(arena, &bench->organisations, host);
	KJ_PUSH(arena, &bench->fleets, subject->fleet);
}

/* Who answers for the fleet's sources: an export in memory holds them itself. */
static struct kj_host *organisation_of(const struct kj_bench *bench, const struct kj_subject *subject,
                                       struct kj_host *host)
{
	host->fleet = subject->fleet;
	if (subject->files)
		return host;
	for (size_t i = 0; i < bench->fleets.n; i++)
		if (subject->fleet && bench->fleets.at[i] == subject->fleet)
			return bench->organisations.at[i];
	return NULL;
}

/* ---- from proofs to a finding ---- */

/* No artifact makes a report large: what it contributes to one is cut. */
static kj_str clip(struct kj_arena *arena, kj_str text)
{
	enum { CLIP = 1000 };
	if (text.n <= CLIP)
		return kj_str_copy(arena, text);
	size_t cut = CLIP;
	while (cut > 0 && ((unsigned char)text.p[cut] & 0xc0) == 0x80)
		cut--;
	return kj_str_fmt(arena, "%.*s…", (int)cut, text.p);
}

static struct kj_bilingual copy_said(struct kj_arena *arena, struct kj_bilingual said)
{
	return (struct kj_bilingual){clip(arena, said.en), clip(arena, said.ja)};
}

static bool same_evidence(const struct kj_evidence *a, const struct kj_evidence *b)
{
	return a->line == b->line && kj_str_eq(a->artifact, b->artifact) && kj_str_eq(a->found, b->found) &&
	       kj_str_eq(a->wanted, b->wanted);
}

static bool empty_evidence(const struct kj_evidence *e)
{
	return !e->artifact.n && !e->found.n && !e->wanted.n && !e->text.n;
}

static void keep_evidence(struct kj_finding *finding, const struct kj_proofs *proofs, struct kj_arena *results)
{
	struct kj_evidence *kept = KJ_NEW_ARRAY(results, struct kj_evidence, proofs->list.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < proofs->list.n; i++) {
		const struct kj_evidence *e = &proofs->list.at[i].evidence;
		bool known = empty_evidence(e);
		for (size_t k = 0; k < n && !known; k++)
			known = same_evidence(&kept[k], e);
		if (known)
			continue;
		kept[n++] = (struct kj_evidence){clip(results, e->artifact), e->line, clip(results, e->text),
		                                 clip(results, e->found), clip(results, e->wanted)};
	}
	if (proofs->dropped)
		kept[n++] = (struct kj_evidence){.found = kj_str_fmt(results, "… and %zu more", proofs->dropped)};
	finding->evidence = kept;
	finding->evidence_count = n;
}

/* The sentence of a finding is that of its first proof: its reason, or what was found and wanted. */
static struct kj_bilingual sentence(const struct kj_proofs *proofs, enum kj_verdict verdict, struct kj_arena *arena)
{
	for (size_t i = 0; i < proofs->list.n; i++) {
		const struct kj_proof *p = &proofs->list.at[i];
		if (p->reason.en.n)
			return copy_said(arena, p->reason);
		if (!p->evidence.found.n)
			continue;
		if (verdict == KJ_PASS || !p->evidence.wanted.n)
			return kj_say(arena, "found %.*s", "検出: %.*s", KJ_FMT(p->evidence.found));
		return kj_say(arena, "found %.*s; wanted %.*s", "検出: %.*s、必要: %.*s", KJ_FMT(p->evidence.found),
		              KJ_FMT(p->evidence.wanted));
	}
	return kj_say(arena, "%s", "%s", verdict == KJ_PASS ? "ok" : "");
}

static const enum kj_verdict verdict_of[] = {
        [KJ_FALSE] = KJ_FAIL, [KJ_TRUE] = KJ_PASS, [KJ_MAYBE] = KJ_UNKNOWN, [KJ_BROKEN] = KJ_ERRORED};

static struct kj_finding judge_rule(struct kj_case *c, const struct kj_rule *rule, struct kj_arena *results)
{
	struct kj_finding finding = {.rule = rule};
	struct kj_bilingual reason = {0};
	enum kj_truth applies = kj_applies(c, &rule->applies, &reason);
	if (applies == KJ_FALSE) {
		finding.verdict = KJ_NOT_APPLICABLE;
		finding.message =
		        kj_say(results, "does not apply to this subject%s", "この対象には当てはまりません%s", "");
		return finding;
	}
	if (applies != KJ_TRUE) {
		finding.verdict = verdict_of[applies];
		finding.message = reason.en.n ? copy_said(results, reason)
		                              : kj_say(results, "whether this rule applies is not known%s",
		                                       "この規則が当てはまるか分かりません%s", "");
		return finding;
	}
	struct kj_proofs proofs = {0};
	finding.verdict = verdict_of[kj_condition(c, rule->check, &proofs)];
	finding.message = sentence(&proofs, finding.verdict, results);
	keep_evidence(&finding, &proofs, results);
	kj_waive(&finding, c->subject, c->bench->today, results);
	return finding;
}

/* ---- one subject ---- */

struct judging {
	const struct kj_bench *bench;
	const struct kj_subject *subject;
	const struct kj_rule *only;
	struct kj_regex_scratch *scratch;
	struct kj_arena *host_arena, *results;
	struct kj_result *result;
};

static void judge_rules(struct judging *j, struct kj_case *c)
{
	const struct kj_program *program = j->bench->program;
	struct kj_finding *findings = KJ_NEW_ARRAY(j->results, struct kj_finding, program->rules.n + 1);
	struct kj_result *result = j->result;
	for (size_t i = 0; i < program->rules.n; i++) {
		if (j->only && program->rules.at[i] != j->only)
			continue;
		findings[result->findings] = judge_rule(c, program->rules.at[i], j->results);
		result->count[findings[result->findings++].verdict]++;
	}
	result->finding = findings;
}

/* Messages outlive the host's arena: names and words are copied, the texts they point into are not. */
static void keep_diags(struct kj_diags *kept, const struct kj_diags *diags)
{
	for (size_t i = 0; i < diags->list.n; i++) {
		struct kj_diag d = diags->list.at[i];
		struct kj_text *text = KJ_NEW(kept->arena, struct kj_text);
		if (d.span.text)
			text->name = kj_str_copy(kept->arena, d.span.text->name);
		struct kj_span span = {d.span.text ? text : NULL, d.span.line, d.span.col, 0};
		struct kj_diag *copy = d.severity == KJ_ERROR ? kj_error(kept, span, "%.*s", KJ_FMT(d.message))
		                                              : kj_warning(kept, span, "%.*s", KJ_FMT(d.message));
		if (copy && d.hint.n)
			kj_hint(kept, copy, "%.*s", KJ_FMT(d.hint));
	}
}

static void judge_host(void *ctx)
{
	struct judging *j = ctx;
	struct kj_result *result = j->result;
	struct kj_arena *arena = j->host_arena;
	struct kj_diags diags = {.arena = arena}, ignored = {.arena = arena};
	struct kj_export *export = kj_subject_open(arena, j->subject, j->bench->limits, &diags);
	keep_diags(result->diags, &diags);
	if (!export) {
		result->failed = true;
		return;
	}
	/* Mistakes in fleet.yml's parameters were told before the first export was opened. */
	const struct kj_value *params = kj_params_bind(j->bench->program, arena, j->subject->params, 3, &ignored);
	struct kj_host *host = kj_host_new(arena, export, j->bench->program, j->scratch, j->bench->today);
	host->organisation = organisation_of(j->bench, j->subject, host);
	struct kj_case c = {.bench = j->bench, .host = host, .subject = j->subject, .params = params, .arena = arena};
	result->kind = kj_str_copy(j->results, export->kind);
	result->platform = kj_str_copy(j->results, export->platform);
	result->layout = kj_str_copy(j->results, export->layout);
	judge_rules(j, &c);
	kj_open_services(&c, result);
}

/* Over the memory cap: what was found so far may be half of it, so nothing of it is told. */
static void over_the_cap(struct judging *j)
{
	struct kj_result *result = j->result;
	result->failed = true;
	result->findings = 0;
	result->opens = 0;
	for (int i = 0; i < KJ_VERDICTS; i++)
		result->count[i] = 0;
	kj_error(result->diags, (struct kj_span){0}, "judging '%.*s' needs more than %zu MiB of memory",
	         KJ_FMT(result->name), j->bench->host_bytes / KJ_MIB);
}

const struct kj_result *kj_judge_rule(const struct kj_bench *bench, const struct kj_subject *subject,
                                      const struct kj_rule *rule, struct kj_regex_scratch *scratch,
                                      struct kj_arena *results)
{
	struct kj_result *result = KJ_NEW(results, struct kj_result);
	result->name = kj_str_copy(results, subject->name);
	result->role = kj_str_copy(results, subject->role);
	result->fleet = subject->fleet;
	result->diags = KJ_NEW(results, struct kj_diags);
	result->diags->arena = results;
	struct judging j = {bench, subject, rule, scratch, kj_arena_new(bench->host_bytes), results, result};
	if (!j.host_arena || !kj_guard(j.host_arena, judge_host, &j))
		over_the_cap(&j);
	kj_arena_free(j.host_arena);
	return result;
}

const struct kj_result *kj_judge(const struct kj_bench *bench, const struct kj_subject *subject,
                                 struct kj_regex_scratch *scratch, struct kj_arena *results)
{
	return kj_judge_rule(bench, subject, NULL, scratch, results);
}
