/* The public library over a run. */
#include "kijun/kijun.h"

#include "lib/run.h"

#include <stdlib.h>

struct kijun {
	struct kj_run *run;
	kj_str data;
	bool broken, scanned;
	size_t findings;
};

/* A call that may run out of memory: the object is then broken, the program goes on. */
struct call {
	struct kijun *kijun;
	const char *text;
	unsigned threads;
	bool ok;
};

static int guarded(struct kijun *kijun, void (*fn)(void *call), struct call call)
{
	call.kijun = kijun;
	if (kijun->broken || !kj_guard(kijun->run->arena, fn, &call)) {
		kijun->broken = true;
		return -1;
	}
	return call.ok ? 0 : -1;
}

const char *kijun_version(void)
{
	return KJ_VERSION;
}

static void load_sources(void *ctx)
{
	struct call *call = ctx;
	struct kijun *kijun = call->kijun;
	kijun->data = call->text ? kj_str_copy(kijun->run->arena, kj_str_of(call->text))
	                         : kj_run_data_folder(kijun->run->arena);
	call->ok = kj_run_load_sources(kijun->run, kijun->data);
}

struct kijun *kijun_new(const char *data)
{
	struct kj_run *run = kj_run_new();
	struct kijun *kijun = KJ_NEW(run->arena, struct kijun);
	kijun->run = run;
	guarded(kijun, load_sources, (struct call){.text = data});
	return kijun;
}

void kijun_free(struct kijun *kijun)
{
	if (kijun)
		kj_run_free(kijun->run);
}

static void add_policy(void *ctx)
{
	struct call *call = ctx;
	struct kj_run *run = call->kijun->run;
	kj_str path = call->text ? kj_str_copy(run->arena, kj_str_of(call->text))
	                         : kj_str_fmt(run->arena, "%.*s/baseline", KJ_FMT(call->kijun->data));
	call->ok = kj_run_load_policies(run, path);
}

int kijun_add_policy(struct kijun *kijun, const char *path)
{
	return guarded(kijun, add_policy, (struct call){.text = path});
}

static void add_export(void *ctx)
{
	struct call *call = ctx;
	struct kj_run *run = call->kijun->run;
	call->ok = kj_run_add_export(run, kj_str_copy(run->arena, kj_str_of(call->text)));
}

int kijun_add_export(struct kijun *kijun, const char *path)
{
	return guarded(kijun, add_export, (struct call){.text = path});
}

int kijun_set_today(struct kijun *kijun, const char *date)
{
	return kj_date_parse(kj_str_of(date), &kijun->run->today) ? 0 : -1;
}

static void scan(void *ctx)
{
	struct call *call = ctx;
	struct kijun *kijun = call->kijun;
	struct kj_run *run = kijun->run;
	call->ok = !kijun->scanned && run->diags->errors == 0 && kj_run_bind(run) &&
	           kj_subjects_finish(run->arena, &run->subjects, run->diags) && kj_run_check_fleets(run);
	if (!call->ok)
		return;
	kijun->scanned = true;
	kj_run_scan(run, call->threads);
	for (size_t i = 0; i < run->report.results; i++)
		kijun->findings += run->report.result[i]->findings;
}

int kijun_scan(struct kijun *kijun, unsigned threads)
{
	return guarded(kijun, scan, (struct call){.threads = threads});
}

size_t kijun_finding_count(const struct kijun *kijun)
{
	return kijun->findings;
}

static const struct kj_finding *find(const struct kijun *kijun, size_t index, const struct kj_result **result)
{
	for (size_t i = 0; i < kijun->run->report.results; i++) {
		*result = kijun->run->report.result[i];
		if (index < (*result)->findings)
			return &(*result)->finding[index];
		index -= (*result)->findings;
	}
	return NULL;
}

static const char *zero(struct kijun *kijun, kj_str s)
{
	return kj_str_zero(kijun->run->arena, s);
}

struct kijun_finding kijun_finding(struct kijun *kijun, size_t index)
{
	/* The public words are the engine's, in the engine's order. */
	_Static_assert((int)KIJUN_PASS == (int)KJ_PASS && (int)KIJUN_FAIL == (int)KJ_FAIL &&
	                       (int)KIJUN_UNKNOWN == (int)KJ_UNKNOWN && (int)KIJUN_ERROR == (int)KJ_ERRORED &&
	                       (int)KIJUN_NOT_APPLICABLE == (int)KJ_NOT_APPLICABLE &&
	                       (int)KIJUN_WAIVED == (int)KJ_WAIVED,
	               "verdicts differ");
	const struct kj_result *result;
	const struct kj_finding *f = find(kijun, index, &result);
	if (!f)
		return (struct kijun_finding){"", "", "", "", KIJUN_UNKNOWN, "", 0};
	return (struct kijun_finding){zero(kijun, result->name),
	                              zero(kijun, f->rule->id),
	                              zero(kijun, f->rule->item),
	                              kj_severity_name(f->rule->severity),
	                              (enum kijun_verdict)f->verdict,
	                              zero(kijun, f->message.en),
	                              f->evidence_count};
}

struct kijun_evidence kijun_finding_evidence(struct kijun *kijun, size_t index, size_t evidence)
{
	const struct kj_result *result;
	const struct kj_finding *f = find(kijun, index, &result);
	if (!f || evidence >= f->evidence_count)
		return (struct kijun_evidence){"", 0, "", "", ""};
	const struct kj_evidence *e = &f->evidence[evidence];
	return (struct kijun_evidence){zero(kijun, e->artifact), e->line, zero(kijun, e->text), zero(kijun, e->found),
	                               zero(kijun, e->wanted)};
}

const char *kijun_report(struct kijun *kijun, const char *format)
{
	const struct kj_format *f = kj_format_find(kj_str_of(format));
	if (!f || !kijun->scanned)
		return "";
	struct kj_buf out = KJ_BUF(kijun->run->arena);
	f->write(&kijun->run->report, &(struct kj_report_options){0}, &out);
	return zero(kijun, kj_buf_str(&out));
}

const char *kijun_messages(struct kijun *kijun)
{
	if (kijun->broken)
		return "kijun: error: out of memory\n";
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return "";
	kj_diags_print(kijun->run->diags, out, false);
	fclose(out);
	kj_defer(kijun->run->arena, free, text);
	return text ? text : "";
}
