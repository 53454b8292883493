#include "report/report.h"

enum kj_verdict kj_result_verdict(const struct kj_result *result)
{
	enum kj_verdict worst = result->failed ? KJ_ERRORED : KJ_NOT_APPLICABLE;
	for (int v = 0; v < KJ_VERDICTS; v++) {
		if (result->count[v])
			worst = kj_verdict_worse(worst, (enum kj_verdict)v);
	}
	return worst;
}

static struct kj_item_summary *items_asked(const struct kj_report *report, struct kj_arena *arena, size_t *n)
{
	size_t all;
	const struct kj_item *items = kj_items(&all);
	struct kj_item_summary *out = KJ_NEW_ARRAY(arena, struct kj_item_summary, all);
	*n = 0;
	for (size_t i = 0; i < all; i++) {
		for (size_t r = 0; r < report->program->rules.n; r++) {
			if (!kj_str_eq(report->program->rules.at[r]->item, items[i].id))
				continue;
			out[(*n)++] = (struct kj_item_summary){.item = &items[i], .verdict = KJ_NOT_APPLICABLE};
			break;
		}
	}
	return out;
}

static struct kj_item_summary *item_of(struct kj_item_summary *items, size_t n, const struct kj_finding *finding)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq(items[i].item->id, finding->rule->item))
			return &items[i];
	}
	return NULL;
}

bool kj_rule_misses(const struct kj_report *report, const struct kj_rule *rule)
{
	for (size_t i = 0; rule->must_apply && i < report->results; i++) {
		const struct kj_result *result = report->result[i];
		for (size_t k = 0; k < result->findings; k++) {
			if (result->finding[k].rule == rule && result->finding[k].verdict != KJ_NOT_APPLICABLE)
				return false;
		}
	}
	return rule->must_apply;
}

/* Where no gateway was exported, that all others are no gateways answers nothing. */
static void find_missed(const struct kj_report *report, struct kj_item_summary *item)
{
	for (size_t r = 0; !item->nobody && r < report->program->rules.n; r++) {
		const struct kj_rule *rule = report->program->rules.at[r];
		if (kj_str_eq(rule->item, item->item->id) && kj_rule_misses(report, rule))
			item->nobody = rule;
	}
	if (item->nobody)
		item->verdict = kj_verdict_worse(item->verdict, KJ_UNKNOWN);
}

struct kj_summary kj_summarise(const struct kj_report *report, struct kj_arena *arena)
{
	struct kj_summary s = {.subjects = report->results};
	struct kj_item_summary *items = items_asked(report, arena, &s.items);
	for (size_t i = 0; i < report->results; i++) {
		const struct kj_result *result = report->result[i];
		for (size_t k = 0; k < result->findings; k++) {
			const struct kj_finding *finding = &result->finding[k];
			struct kj_item_summary *item = item_of(items, s.items, finding);
			s.findings++;
			s.count[finding->verdict]++;
			if (!item)
				continue;
			item->count[finding->verdict]++;
			item->verdict = kj_verdict_worse(item->verdict, finding->verdict);
		}
	}
	for (size_t i = 0; i < s.items; i++)
		find_missed(report, &items[i]);
	s.item = items;
	return s;
}

int kj_report_status(const struct kj_report *report)
{
	size_t count[KJ_VERDICTS] = {0}, lost = 0, findings = 0;
	bool recognised = false, misses = false;
	for (size_t i = 0; i < report->results; i++) {
		recognised = recognised || report->result[i]->platform.n;
		lost += report->result[i]->failed;
		findings += report->result[i]->findings;
		for (int v = 0; v < KJ_VERDICTS; v++)
			count[v] += report->result[i]->count[v];
	}
	for (size_t i = 0; i < report->program->rules.n; i++)
		misses = misses || kj_rule_misses(report, report->program->rules.at[i]);
	if (count[KJ_FAIL])
		return 1;
	if (findings == 0 && lost == 0)
		return 2;
	/* Folders that are no exports at all: whatever is unknown of them, nothing was checked. */
	if (!recognised && count[KJ_UNKNOWN] + count[KJ_NOT_APPLICABLE] == findings && !lost)
		return 2;
	if (count[KJ_UNKNOWN] || count[KJ_ERRORED] || lost)
		return 3;
	if (findings == count[KJ_NOT_APPLICABLE])
		return 2;
	return misses ? 3 : 0;
}
