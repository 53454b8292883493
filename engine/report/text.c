/* The report for people: what is wrong, worst first; where exactly; what to do. */
#include "base/utf8.h"
#include "report/report.h"

#include <stdlib.h>

enum { SUBJECTS_SHOWN = 8, EVIDENCE_SHOWN = 3 };

struct page {
	const struct kj_report *report;
	const struct kj_report_options *options;
	struct kj_buf *out;
};

/* One rule with one verdict, and the subjects that got it. */
struct group {
	const struct kj_rule *rule;
	enum kj_verdict verdict;
	KJ_VEC(const struct kj_result *) results;
	KJ_VEC(const struct kj_finding *) findings;
};

/* ---- words ---- */

static const struct {
	struct kj_bilingual name;
	const char *color;
} words[KJ_VERDICTS] = {
        [KJ_PASS] = {{KJ_STR_INIT("PASS"), KJ_STR_INIT("適合")}, "\033[32m"},
        [KJ_FAIL] = {{KJ_STR_INIT("FAIL"), KJ_STR_INIT("不適合")}, "\033[1;31m"},
        [KJ_UNKNOWN] = {{KJ_STR_INIT("UNKNOWN"), KJ_STR_INIT("不明")}, "\033[33m"},
        [KJ_ERRORED] = {{KJ_STR_INIT("ERROR"), KJ_STR_INIT("エラー")}, "\033[35m"},
        [KJ_NOT_APPLICABLE] = {{KJ_STR_INIT("N/A"), KJ_STR_INIT("対象外")}, "\033[2m"},
        [KJ_WAIVED] = {{KJ_STR_INIT("WAIVED"), KJ_STR_INIT("適用除外")}, "\033[36m"},
};

static const enum kj_verdict worst_first[KJ_VERDICTS] = {KJ_FAIL,   KJ_ERRORED, KJ_UNKNOWN,
                                                         KJ_WAIVED, KJ_PASS,    KJ_NOT_APPLICABLE};

static kj_str pick(const struct page *page, struct kj_bilingual text)
{
	return page->options->japanese && text.ja.n ? text.ja : text.en;
}

/* The two formats take the same arguments. */
__attribute__((format_arg(2), format_arg(3))) static const char *word(const struct page *page, const char *en,
                                                                      const char *ja)
{
	return page->options->japanese ? ja : en;
}

static void put(struct page *page, const char *text)
{
	kj_buf_put(page->out, kj_str_of(text));
}

static void color(struct page *page, const char *code)
{
	if (page->options->color)
		put(page, code);
}

/* Foreign text, padded to `columns`. */
static void field(struct page *page, kj_str text, size_t columns)
{
	struct kj_buf safe = KJ_BUF(page->out->arena);
	kj_buf_safe(&safe, text, 0);
	kj_buf_put(page->out, kj_buf_str(&safe));
	for (size_t w = kj_str_width(kj_buf_str(&safe)); w < columns; w++)
		kj_buf_char(page->out, ' ');
}

static void verdict_word(struct page *page, enum kj_verdict verdict, size_t columns)
{
	color(page, words[verdict].color);
	field(page, pick(page, words[verdict].name), columns);
	color(page, "\033[0m");
}

/* Foreign text after `indent` blanks, broken at blanks where the terminal ends. */
static void paragraph(struct page *page, kj_str text, size_t indent)
{
	size_t total = page->options->width ? (size_t)page->options->width : 100;
	size_t room = total > indent + 20 ? total - indent : 20;
	struct kj_buf safe = KJ_BUF(page->out->arena);
	kj_buf_safe(&safe, kj_str_trim(text), 0);
	kj_str rest = kj_buf_str(&safe);
	while (rest.n) {
		size_t at = 0, width = 0, cut = 0;
		while (at < rest.n) {
			size_t before = at;
			int32_t ch = kj_utf8_next(rest, &at);
			width += (size_t)kj_utf8_width(ch);
			if (width > room) {
				at = before;
				break;
			}
			if (ch == ' ' || ch > 0x2e7f)
				cut = at;
		}
		if (at < rest.n && cut)
			at = cut;
		kj_buf_fmt(page->out, "%*s", (int)indent, "");
		kj_buf_put(page->out, kj_str_trim_right(kj_str_upto(rest, at)));
		put(page, "\n");
		rest = kj_str_trim_left(kj_str_from(rest, at));
	}
}

static void heading(struct page *page, const char *en, const char *ja)
{
	color(page, "\033[1m");
	kj_buf_fmt(page->out, "\n%s\n", word(page, en, ja));
	color(page, "\033[0m");
}

static void counts(struct page *page, const size_t count[KJ_VERDICTS])
{
	bool first = true;
	for (int i = 0; i < KJ_VERDICTS; i++) {
		enum kj_verdict v = worst_first[i];
		if (count[v] == 0)
			continue;
		kj_buf_fmt(page->out, "%s%zu ", first ? "" : ", ", count[v]);
		kj_str name =
		        page->options->japanese ? words[v].name.ja : kj_str_lower(page->out->arena, words[v].name.en);
		kj_buf_put(page->out, name);
		first = false;
	}
	put(page, "\n");
}

/* ---- groups ---- */

static int group_order(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	if (a->verdict != b->verdict)
		return kj_verdict_worse(a->verdict, b->verdict) == a->verdict ? -1 : 1;
	if (a->rule->severity != b->rule->severity)
		return a->rule->severity > b->rule->severity ? -1 : 1;
	return a->rule->index < b->rule->index ? -1 : a->rule->index > b->rule->index;
}

static void add_to_group(struct page *page, struct group *groups, const struct kj_result *result,
                         const struct kj_finding *finding)
{
	struct group *g = &groups[finding->rule->index * KJ_VERDICTS + finding->verdict];
	g->rule = finding->rule;
	g->verdict = finding->verdict;
	KJ_PUSH(page->out->arena, &g->results, result);
	KJ_PUSH(page->out->arena, &g->findings, finding);
}

static size_t make_groups(struct page *page, struct group **out)
{
	size_t slots = page->report->program->rules.n * KJ_VERDICTS, n = 0;
	struct group *groups = KJ_NEW_ARRAY(page->out->arena, struct group, slots + 1);
	for (size_t i = 0; i < page->report->results; i++) {
		const struct kj_result *result = page->report->result[i];
		for (size_t k = 0; k < result->findings; k++)
			add_to_group(page, groups, result, &result->finding[k]);
	}
	for (size_t i = 0; i < slots; i++) {
		if (groups[i].findings.n)
			groups[n++] = groups[i];
	}
	qsort(groups, n, sizeof *groups, group_order);
	*out = groups;
	return n;
}

static void evidence(struct page *page, const struct kj_evidence *e)
{
	struct kj_buf *out = page->out;
	if (e->artifact.n) {
		put(page, "      ");
		color(page, "\033[36m");
		field(page, e->artifact, 0);
		if (e->line)
			kj_buf_fmt(out, ":%u", (unsigned)e->line);
		color(page, "\033[0m");
		put(page, "\n");
	}
	if (e->text.n) {
		put(page, "        | ");
		kj_buf_safe(out, e->text, page->options->width > 40 ? (size_t)page->options->width - 11 : 0);
		put(page, "\n");
	}
	if (e->found.n)
		paragraph(page, kj_str_fmt(out->arena, "%s %.*s", word(page, "found: ", "検出:"), KJ_FMT(e->found)), 8);
	if (e->wanted.n)
		paragraph(page, kj_str_fmt(out->arena, "%s %.*s", word(page, "wanted:", "必要:"), KJ_FMT(e->wanted)),
		          8);
}

/* Found and wanted say a plain failure better than its sentence does. */
static bool says_more(const struct kj_finding *f)
{
	return f->evidence_count == 0 || f->waiver || !kj_str_starts(f->message.en, KJ_STR("found "));
}

static void finding(struct page *page, const struct kj_result *result, const struct kj_finding *f)
{
	put(page, "    ");
	color(page, "\033[1m");
	field(page, result->name, 0);
	color(page, "\033[0m");
	put(page, "\n");
	if (says_more(f))
		paragraph(page, pick(page, f->message), 6);
	size_t shown =
	        page->options->verbose || f->evidence_count <= EVIDENCE_SHOWN ? f->evidence_count : EVIDENCE_SHOWN;
	for (size_t i = 0; i < shown; i++)
		evidence(page, &f->evidence[i]);
	if (shown < f->evidence_count)
		kj_buf_fmt(page->out,
		           word(page, "      … and %zu more places (-v shows all)\n",
		                "      …ほか %zu か所（-v で全て表示）\n"),
		           f->evidence_count - shown);
	if (f->waiver)
		paragraph(page,
		          kj_str_fmt(page->out->arena, "%s %.*s (%.*s)", word(page, "waiver:", "除外理由:"),
		                     KJ_FMT(f->waiver->reason), KJ_FMT(f->waiver->approver)),
		          6);
}

static void group(struct page *page, const struct group *g)
{
	put(page, "\n");
	verdict_word(page, g->verdict, 0);
	kj_buf_fmt(page->out, "  %.*s  %.*s  %s\n", KJ_FMT(g->rule->item), KJ_FMT(g->rule->id),
	           kj_severity_name(g->rule->severity));
	color(page, "\033[1m");
	paragraph(page, pick(page, g->rule->title), 2);
	color(page, "\033[0m");
	size_t n = g->findings.n, shown = page->options->verbose || n <= SUBJECTS_SHOWN ? n : SUBJECTS_SHOWN;
	for (size_t i = 0; i < shown; i++)
		finding(page, g->results.at[i], g->findings.at[i]);
	if (shown < n)
		kj_buf_fmt(page->out,
		           word(page, "    … and %zu more subjects (-v shows all)\n",
		                "    …ほか %zu 対象（-v で全て表示）\n"),
		           n - shown);
	if (g->verdict == KJ_FAIL && g->rule->fix.en.n)
		paragraph(page,
		          kj_str_fmt(page->out->arena, "%s %.*s", word(page, "fix:", "対処:"),
		                     KJ_FMT(pick(page, g->rule->fix))),
		          2);
}

/* ---- the parts of the page ---- */

/* Nobody is concerned by a rule that must concern somebody. */
static void missed(struct page *page, const struct kj_rule *rule)
{
	struct kj_buf kinds = KJ_BUF(page->out->arena);
	for (size_t i = 0; i < rule->applies.kinds; i++)
		kj_buf_fmt(&kinds, "%s%.*s", i ? ", " : " (kind: ", KJ_FMT(rule->applies.kind[i]));
	if (kinds.n)
		kj_buf_put(&kinds, KJ_STR(")"));
	kj_str text = kj_buf_str(&kinds);
	paragraph(
	        page,
	        kj_str_fmt(page->out->arena,
	                   word(page,
	                        "no subject is what %.*s is about%.*s: scan one too, or give its kind in fleet.yml",
	                        "%.*s の対象がありません%.*s。エクスポートを追加するか、fleet.yml で種類（kind）を指定"
	                        "してください"),
	                   KJ_FMT(rule->id), KJ_FMT(text)),
	        8);
}

static void items(struct page *page, const struct kj_summary *s)
{
	size_t widest = 0;
	for (size_t i = 0; i < s->items; i++) {
		size_t w = kj_str_width(pick(page, s->item[i].item->title));
		widest = w > widest ? w : widest;
	}
	heading(page, "By item", "項目別");
	for (size_t i = 0; i < s->items; i++) {
		put(page, "  ");
		field(page, s->item[i].item->id, 6);
		field(page, pick(page, s->item[i].item->title), widest + 2);
		verdict_word(page, s->item[i].verdict, 10);
		counts(page, s->item[i].count);
		if (s->item[i].nobody)
			missed(page, s->item[i].nobody);
	}
}

static void subjects(struct page *page)
{
	size_t name = 0, role = 0;
	for (size_t i = 0; i < page->report->results; i++) {
		size_t w = kj_str_width(page->report->result[i]->name), r = kj_str_width(page->report->result[i]->role);
		name = w > name ? w : name;
		role = r > role ? r : role;
	}
	heading(page, "By subject", "対象別");
	for (int v = 0; v < KJ_VERDICTS; v++) {
		for (size_t i = 0; i < page->report->results; i++) {
			const struct kj_result *result = page->report->result[i];
			if (kj_result_verdict(result) != worst_first[v])
				continue;
			put(page, "  ");
			field(page, result->name, name + 2);
			field(page, result->platform, 9);
			field(page, result->role, role + 2);
			verdict_word(page, worst_first[v], 10);
			if (result->failed)
				put(page, word(page, "could not be read\n", "読み取れませんでした\n"));
			else
				counts(page, result->count);
		}
	}
}

static void findings(struct page *page)
{
	struct group *groups;
	size_t n = make_groups(page, &groups), hidden = 0;
	heading(page, "Findings", "所見");
	for (size_t i = 0; i < n; i++) {
		bool quiet = groups[i].verdict == KJ_PASS || groups[i].verdict == KJ_NOT_APPLICABLE;
		if (quiet && !page->options->verbose)
			hidden += groups[i].findings.n;
		else
			group(page, &groups[i]);
	}
	if (hidden)
		kj_buf_fmt(page->out,
		           word(page, "\n%zu findings that pass or do not apply are not shown (-v shows them).\n",
		                "\n適合または対象外の %zu 件は表示していません（-v で表示）。\n"),
		           hidden);
}

static void idle_waivers(struct page *page)
{
	if (page->report->idle_waivers)
		heading(page, "Waivers that cover nothing", "何も対象としていない適用除外");
	for (size_t i = 0; i < page->report->idle_waivers; i++) {
		const struct kj_waiver *w = page->report->idle_waiver[i];
		paragraph(page,
		          kj_str_fmt(page->out->arena, "%.*s:%u: %.*s",
		                     KJ_FMT(w->span.text ? w->span.text->name : KJ_STR("fleet.yml")),
		                     (unsigned)w->span.line, KJ_FMT(w->rule.n ? w->rule : w->item)),
		          2);
	}
}

void kj_report_text(const struct kj_report *report, const struct kj_report_options *options, struct kj_buf *out)
{
	struct page page = {report, options, out};
	struct kj_summary s = kj_summarise(report, out->arena);
	kj_buf_fmt(out, "kijun %s   %.*s   ", KJ_VERSION, KJ_FMT(kj_date_str(out->arena, report->today)));
	kj_buf_fmt(out, word(&page, "%zu subjects   %zu findings: ", "対象 %zu   所見 %zu: "), s.subjects, s.findings);
	counts(&page, s.count);
	items(&page, &s);
	subjects(&page);
	findings(&page);
	idle_waivers(&page);
}
