/* The JSON report, schema 1: a contract (include/kijun/report.schema.json). */
#include "report/report.h"

static void counts(struct kj_json *json, const size_t count[KJ_VERDICTS])
{
	static const enum kj_verdict order[KJ_VERDICTS] = {KJ_PASS,    KJ_FAIL,           KJ_UNKNOWN,
	                                                   KJ_ERRORED, KJ_NOT_APPLICABLE, KJ_WAIVED};
	for (int i = 0; i < KJ_VERDICTS; i++)
		kj_json_pair_int(json, kj_verdict_name(order[i]), (int64_t)count[order[i]]);
}

static void bilingual(struct kj_json *json, const char *key, struct kj_bilingual text)
{
	kj_json_key(json, key);
	kj_json_object(json);
	kj_json_pair_str(json, "en", text.en);
	kj_json_pair_str(json, "ja", text.ja.n ? text.ja : text.en);
	kj_json_object_end(json);
}

static void policies(struct kj_json *json, const struct kj_program *program)
{
	kj_json_key(json, "policies");
	kj_json_array(json);
	for (size_t i = 0; i < program->policies.n; i++) {
		const struct kj_policy *policy = program->policies.at[i];
		kj_json_object(json);
		kj_json_pair_str(json, "id", policy->id);
		kj_json_pair_str(json, "path", policy->path);
		kj_json_pair_str(json, "sha256", policy->sha256);
		kj_json_pair_int(json, "rules", (int64_t)policy->rules);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void summary(struct kj_json *json, const struct kj_summary *s)
{
	kj_json_key(json, "summary");
	kj_json_object(json);
	kj_json_pair_int(json, "subjects", (int64_t)s->subjects);
	kj_json_pair_int(json, "findings", (int64_t)s->findings);
	counts(json, s->count);
	kj_json_object_end(json);
	kj_json_key(json, "items");
	kj_json_array(json);
	for (size_t i = 0; i < s->items; i++) {
		kj_json_object(json);
		kj_json_pair_str(json, "id", s->item[i].item->id);
		bilingual(json, "title", s->item[i].item->title);
		kj_json_pair_str(json, "verdict", kj_str_of(kj_verdict_name(s->item[i].verdict)));
		counts(json, s->item[i].count);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void evidence(struct kj_json *json, const struct kj_evidence *e)
{
	kj_json_object(json);
	kj_json_pair_str(json, "artifact", e->artifact);
	kj_json_pair_int(json, "line", e->line);
	kj_json_pair_str(json, "text", e->text);
	kj_json_pair_str(json, "found", e->found);
	kj_json_pair_str(json, "wanted", e->wanted);
	kj_json_object_end(json);
}

static void finding(struct kj_json *json, const struct kj_finding *f, bool japanese)
{
	kj_json_object(json);
	kj_json_pair_str(json, "rule", f->rule->id);
	kj_json_pair_str(json, "item", f->rule->item);
	kj_json_pair_str(json, "severity", kj_str_of(kj_severity_name(f->rule->severity)));
	kj_json_pair_str(json, "verdict", kj_str_of(kj_verdict_name(f->verdict)));
	kj_json_pair_str(json, "message", japanese && f->message.ja.n ? f->message.ja : f->message.en);
	kj_json_key(json, "evidence");
	kj_json_array(json);
	for (size_t i = 0; i < f->evidence_count; i++)
		evidence(json, &f->evidence[i]);
	kj_json_array_end(json);
	if (f->waiver) {
		kj_json_key(json, "waiver");
		kj_json_object(json);
		kj_json_pair_str(json, "reason", f->waiver->reason);
		kj_json_pair_str(json, "approver", f->waiver->approver);
		kj_json_pair_str(json, "expires", f->waiver->expires);
		kj_json_pair_bool(json, "expired", f->waiver_expired);
		kj_json_object_end(json);
	}
	kj_json_object_end(json);
}

static void subject(struct kj_json *json, const struct kj_result *result, bool japanese)
{
	kj_json_object(json);
	kj_json_pair_str(json, "name", result->name);
	kj_json_pair_str(json, "kind", result->kind);
	kj_json_pair_str(json, "platform", result->platform);
	kj_json_pair_str(json, "role", result->role);
	kj_json_pair_str(json, "layout", result->layout);
	kj_json_key(json, "findings");
	kj_json_array(json);
	for (size_t i = 0; i < result->findings; i++)
		finding(json, &result->finding[i], japanese);
	kj_json_array_end(json);
	if (result->diags->list.n) {
		kj_json_key(json, "problems");
		kj_json_array(json);
		for (size_t i = 0; i < result->diags->list.n; i++)
			kj_json_str(json, result->diags->list.at[i].message);
		kj_json_array_end(json);
	}
	kj_json_object_end(json);
}

static void service(struct kj_json *json, const struct kj_open_service *s)
{
	kj_json_object(json);
	kj_json_pair_str(json, "proto", s->proto);
	kj_json_pair_str(json, "ports", s->ports);
	kj_json_pair_str(json, "from", s->from);
	kj_json_key(json, "rule");
	kj_json_object(json);
	kj_json_pair_str(json, "artifact", s->artifact);
	kj_json_pair_int(json, "line", s->line);
	kj_json_object_end(json);
	kj_json_pair_bool(json, "certain", s->certain);
	kj_json_object_end(json);
}

/* One entry for each subject and zone: the services of one zone stand together. */
static void exposure(struct kj_json *json, const struct kj_result *result)
{
	for (size_t i = 0; i < result->opens;) {
		kj_str zone = result->open[i].zone;
		kj_json_object(json);
		kj_json_pair_str(json, "subject", result->name);
		kj_json_pair_str(json, "zone", zone);
		kj_json_key(json, "services");
		kj_json_array(json);
		for (; i < result->opens && kj_str_eq(result->open[i].zone, zone); i++)
			service(json, &result->open[i]);
		kj_json_array_end(json);
		kj_json_object_end(json);
	}
}

void kj_report_json(const struct kj_report *report, const struct kj_report_options *options, struct kj_buf *out)
{
	struct kj_json json = KJ_JSON(out, 1);
	struct kj_summary s = kj_summarise(report, out->arena);
	kj_json_object(&json);
	kj_json_pair_int(&json, "schema", 1);
	kj_json_key(&json, "tool");
	kj_json_object(&json);
	kj_json_pair_str(&json, "name", KJ_STR("kijun"));
	kj_json_pair_str(&json, "version", KJ_STR(KJ_VERSION));
	kj_json_object_end(&json);
	kj_json_pair_str(&json, "today", kj_date_str(out->arena, report->today));
	policies(&json, report->program);
	summary(&json, &s);
	kj_json_key(&json, "subjects");
	kj_json_array(&json);
	for (size_t i = 0; i < report->results; i++)
		subject(&json, report->result[i], options->japanese);
	kj_json_array_end(&json);
	kj_json_key(&json, "exposure");
	kj_json_array(&json);
	for (size_t i = 0; i < report->results; i++)
		exposure(&json, report->result[i]);
	kj_json_array_end(&json);
	kj_json_object_end(&json);
	kj_buf_char(out, '\n');
}
