#include "lib/run.h"

#include "base/pool.h"
#include "lib/paths.h"

#include <pthread.h>
#include <unistd.h>

#define RUN_BYTES    (8 * KJ_GIB)
#define RESULT_BYTES (256 * KJ_MIB)
#define POLICY_BYTES (4 * KJ_MIB)

struct kj_run *kj_run_new(void)
{
	struct kj_arena *arena = kj_arena_new(RUN_BYTES);
	struct kj_run *run = KJ_NEW(arena, struct kj_run);
	run->arena = arena;
	run->diags = KJ_NEW(arena, struct kj_diags);
	run->diags->arena = arena;
	run->program = kj_program_new(arena);
	run->limits = kj_export_limits_default;
	run->today = kj_date_today();
	return run;
}

void kj_run_free(struct kj_run *run)
{
	for (size_t i = 0; i < run->result_arenas.n; i++)
		kj_arena_free(run->result_arenas.at[i]);
	kj_arena_free(run->arena);
}

/* ---- policies ---- */

/* What a file declares, told by its first telling key at the left margin. */
static bool declares(kj_str bytes, kj_str key)
{
	kj_str line;
	while (kj_str_line(&bytes, &line)) {
		if (kj_str_starts(line, key))
			return true;
	}
	return false;
}

static bool load_file(struct kj_run *run, kj_str path)
{
	kj_str identity = kj_file_identity(run->arena, path);
	void **seen = kj_map_at(run->arena, &run->loaded, identity.n ? identity : path);
	if (*seen)
		return true;
	struct kj_text *text = KJ_NEW(run->arena, struct kj_text);
	*seen = text;
	if (!kj_file_read(run->arena, path, POLICY_BYTES, text, run->diags))
		return false;
	if (declares(text->bytes, KJ_STR("source:")))
		return kj_source_load(run->program, text, run->diags);
	if (declares(text->bytes, KJ_STR("features:")))
		return kj_features_load(run->program, text, run->diags);
	return kj_policy_load(run->program, text, run->diags);
}

/* Sources and features go first, whatever their names: policies speak of them. */
static int rank_of(struct kj_run *run, kj_str path)
{
	struct kj_text text;
	struct kj_diags quiet = {.arena = run->arena};
	if (!kj_file_read(run->arena, path, POLICY_BYTES, &text, &quiet))
		return 2;
	return declares(text.bytes, KJ_STR("source:")) ? 0 : declares(text.bytes, KJ_STR("features:")) ? 1 : 2;
}

bool kj_run_load_policies(struct kj_run *run, kj_str path)
{
	struct kj_paths files = {{0}};
	if (!kj_files_find(run->arena, path, &files, run->diags))
		return false;
	int *rank = KJ_NEW_ARRAY(run->arena, int, files.list.n);
	for (size_t i = 0; i < files.list.n; i++)
		rank[i] = rank_of(run, files.list.at[i]);
	bool ok = true;
	for (int wanted = 0; wanted <= 2; wanted++) {
		for (size_t i = 0; i < files.list.n; i++) {
			if (rank[i] == wanted)
				ok = load_file(run, files.list.at[i]) && ok;
		}
	}
	return ok;
}

bool kj_run_load_sources(struct kj_run *run, kj_str data)
{
	return kj_run_load_policies(run, kj_str_fmt(run->arena, "%.*s/sources", KJ_FMT(data)));
}

bool kj_run_bind(struct kj_run *run)
{
	return kj_program_bind(run->program, run->diags);
}

kj_str kj_run_data_folder(struct kj_arena *arena)
{
	char *self = kj_alloc_text(arena, 4096);
	ssize_t n = readlink("/proc/self/exe", self, 4096);
	kj_str path = {self, n > 0 ? (size_t)n : 0};
	bool in_build = kj_str_starts(path, KJ_STR(KJ_BUILD_FOLDER "/"));
	return in_build ? KJ_STR(KJ_SOURCE_FOLDER "/policies") : KJ_STR(KJ_DATA_FOLDER "/policies");
}

/* ---- subjects ---- */

bool kj_run_add_export(struct kj_run *run, kj_str path)
{
	return kj_fleet_open(run->arena, path, &run->limits, &run->subjects, run->diags);
}

static bool check_waiver(struct kj_run *run, const struct kj_waiver *waiver)
{
	if (waiver->item.n && !kj_item_find(waiver->item)) {
		kj_error(run->diags, waiver->span, "there is no item '%.*s'", KJ_FMT(waiver->item));
		return false;
	}
	if (!waiver->rule.n || kj_program_rule(run->program, waiver->rule))
		return true;
	kj_str *ids = KJ_NEW_ARRAY(run->arena, kj_str, run->program->rules.n + 1);
	for (size_t i = 0; i < run->program->rules.n; i++)
		ids[i] = run->program->rules.at[i]->id;
	kj_str near = kj_nearest(waiver->rule, ids, run->program->rules.n);
	struct kj_diag *d = kj_error(run->diags, waiver->span, "no policy has a rule '%.*s'", KJ_FMT(waiver->rule));
	if (near.n)
		kj_hint(run->diags, d, "did you mean '%.*s'?", KJ_FMT(near));
	return false;
}

static bool same_params(const struct kj_subject *a, const struct kj_subject *b)
{
	return a->params[0] == b->params[0] && a->params[1] == b->params[1] && a->params[2] == b->params[2];
}

bool kj_run_check_fleets(struct kj_run *run)
{
	size_t errors = run->diags->errors;
	const struct kj_subject *before = NULL;
	for (size_t i = 0; i < run->subjects.list.n; i++) {
		const struct kj_subject *subject = &run->subjects.list.at[i];
		if (!before || !same_params(before, subject))
			kj_params_bind(run->program, run->arena, subject->params, 3, run->diags);
		before = subject;
	}
	for (size_t f = 0; f < run->subjects.fleets.n; f++) {
		for (size_t w = 0; w < run->subjects.fleets.at[f]->waiver_count; w++)
			check_waiver(run, &run->subjects.fleets.at[f]->waivers[w]);
	}
	return run->diags->errors == errors;
}

/* ---- judging ---- */

struct scan {
	struct kj_run *run;
	struct kj_regex_scratch **scratch; /* by worker */
	const struct kj_result **result;   /* by subject */
	struct kj_arena **arena;           /* of the results, by subject */
	pthread_mutex_t lock;
	size_t done;
};

static void judge_one(void *ctx, size_t index, unsigned worker)
{
	struct scan *scan = ctx;
	struct kj_run *run = scan->run;
	scan->result[index] =
	        kj_judge(run->bench, &run->subjects.list.at[index], scan->scratch[worker], scan->arena[index]);
	pthread_mutex_lock(&scan->lock);
	scan->done++;
	if (run->progress)
		run->progress(run->progress_ctx, scan->done, run->subjects.list.n);
	pthread_mutex_unlock(&scan->lock);
}

static bool waiver_used(const struct kj_report *report, const struct kj_waiver *waiver)
{
	for (size_t i = 0; i < report->results; i++) {
		for (size_t k = 0; k < report->result[i]->findings; k++) {
			if (report->result[i]->finding[k].waiver == waiver)
				return true;
		}
	}
	return false;
}

static void find_idle_waivers(struct kj_run *run)
{
	KJ_VEC(const struct kj_waiver *) idle = {0};
	for (size_t f = 0; f < run->subjects.fleets.n; f++) {
		const struct kj_fleet *fleet = run->subjects.fleets.at[f];
		for (size_t w = 0; w < fleet->waiver_count; w++) {
			if (!waiver_used(&run->report, &fleet->waivers[w]))
				KJ_PUSH(run->arena, &idle, &fleet->waivers[w]);
		}
	}
	run->report.idle_waiver = idle.at;
	run->report.idle_waivers = idle.n;
}

void kj_run_scan(struct kj_run *run, unsigned threads)
{
	size_t n = run->subjects.list.n;
	threads = threads ? threads : kj_pool_processors();
	struct scan scan = {.run = run, .lock = PTHREAD_MUTEX_INITIALIZER};
	scan.scratch = KJ_NEW_ARRAY(run->arena, struct kj_regex_scratch *, threads);
	for (unsigned i = 0; i < threads; i++)
		scan.scratch[i] = kj_regex_scratch_new(run->arena);
	scan.result = KJ_NEW_ARRAY(run->arena, const struct kj_result *, n + 1);
	scan.arena = KJ_NEW_ARRAY(run->arena, struct kj_arena *, n + 1);
	for (size_t i = 0; i < n; i++) {
		scan.arena[i] = kj_arena_new(RESULT_BYTES);
		KJ_PUSH(run->arena, &run->result_arenas, scan.arena[i]);
	}
	run->bench = kj_bench_new(run->arena, run->program, &run->limits, run->today);
	for (size_t i = 0; i < n; i++)
		if (run->subjects.list.at[i].organisation)
			kj_bench_add_organisation(run->bench, run->arena, &run->subjects, &run->subjects.list.at[i],
			                          scan.scratch[0]);
	kj_pool_run(threads, n, judge_one, &scan);
	run->report =
	        (struct kj_report){.program = run->program, .result = scan.result, .results = n, .today = run->today};
	find_idle_waivers(run);
}
