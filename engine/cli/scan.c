/* kijun scan */
#include "cli/cli.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- progress: a bar on a terminal, after half a second of silence ---- */

struct bar {
	struct kj_cli *cli;
	struct timespec start;
	double last;
	bool drawn;
};

static double seconds_since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static void draw(void *ctx, size_t done, size_t total)
{
	enum { CELLS = 24 };
	struct bar *bar = ctx;
	double spent = seconds_since(&bar->start);
	if (spent < 0.5 || (spent - bar->last < 0.1 && done < total))
		return;
	bar->last = spent;
	bar->drawn = true;
	double rate = (double)done / spent;
	char cells[CELLS + 1];
	for (size_t i = 0; i < CELLS; i++)
		cells[i] = i < done * CELLS / total ? '#' : '.';
	cells[CELLS] = '\0';
	fprintf(bar->cli->err, "\r[%s] %zu/%zu  %.0f/s  %.0f s left   ", cells, done, total, rate,
	        (double)(total - done) / rate);
	fflush(bar->cli->err);
}

static void erase(struct bar *bar)
{
	if (bar->drawn)
		fprintf(bar->cli->err, "\r\033[K");
}

/* ---- outputs ---- */

struct output {
	const struct kj_format *format;
	kj_str file;
};

static bool read_outputs(struct kj_cli *cli, struct output *outputs)
{
	size_t to_stdout = 0;
	for (size_t i = 0; i < cli->args.outputs.n; i++) {
		kj_str name, known[16];
		size_t n;
		kj_output_split(cli->args.outputs.at[i], &name, &outputs[i].file);
		outputs[i].format = kj_format_find(name);
		if (!outputs[i].format) {
			const struct kj_format *formats = kj_formats(&n);
			for (size_t k = 0; k < n && k < 16; k++)
				known[k] = formats[k].name;
			kj_str hint = kj_did_you_mean(cli, name, known, n);
			kj_complain(cli, hint.n ? hint : KJ_STR("'kijun list formats' lists them"),
			            "there is no report format '%.*s'", KJ_FMT(name));
			return false;
		}
		to_stdout += !outputs[i].file.n;
	}
	if (to_stdout > 1) {
		kj_complain(cli, KJ_STR("give all but one a file: -o json=report.json"),
		            "only one report can go to standard output");
		return false;
	}
	return true;
}

static bool write_report(struct kj_cli *cli, const struct output *output)
{
	struct kj_arena *arena = kj_arena_new(4 * KJ_GIB);
	struct kj_buf out = KJ_BUF(arena);
	bool to_stdout = !output->file.n;
	struct kj_report_options options = {.japanese = cli->args.japanese,
	                                    .color = cli->args.color_out && to_stdout,
	                                    .width = to_stdout ? cli->args.width : 0,
	                                    .verbose = cli->args.verbose};
	output->format->write(&cli->run->report, &options, &out);
	bool ok = kj_write_out(cli, output->file, kj_buf_str(&out));
	kj_arena_free(arena);
	return ok;
}

/* ---- the command ---- */

/* What was odd about the exports themselves. */
static void tell_exports(struct kj_cli *cli)
{
	for (size_t i = 0; i < cli->run->report.results; i++) {
		const struct kj_result *result = cli->run->report.result[i];
		if (!cli->args.quiet || result->failed)
			kj_diags_print(result->diags, cli->err, cli->args.color_err);
	}
}

/* A folder that holds nothing we know is more often a wrong path than a poor export. */
static void tell_unrecognised(struct kj_cli *cli)
{
	for (size_t i = 0; i < cli->run->report.results; i++) {
		const struct kj_result *result = cli->run->report.result[i];
		if (!result->failed && !result->platform.n && !result->count[KJ_PASS] && !result->count[KJ_FAIL])
			kj_warning(cli->run->diags, (struct kj_span){0},
			           "'%.*s' does not look like an export of any kind", KJ_FMT(result->name));
	}
}

static int explain_layout(struct kj_cli *cli)
{
	for (size_t i = 0; i < cli->run->subjects.list.n; i++) {
		const struct kj_subject *subject = &cli->run->subjects.list.at[i];
		struct kj_arena *arena = kj_arena_new(KJ_GIB);
		struct kj_diags diags = {.arena = arena};
		const struct kj_export *export = kj_subject_open(arena, subject, &cli->run->limits, &diags);
		if (export)
			fprintf(cli->out, "%-20.*s %-10.*s %-8.*s %-10.*s %zu entries  %s  %.*s\n",
			        KJ_FMT(subject->name), KJ_FMT(export->layout), KJ_FMT(export->platform),
			        KJ_FMT(subject->role), export->entry_count,
			        export->complete_etc ? "etc complete" : "etc not complete", KJ_FMT(subject->path));
		kj_diags_print(&diags, cli->err, cli->args.color_err);
		kj_arena_free(arena);
	}
	return KJ_EXIT_OK;
}

static bool add_exports(struct kj_cli *cli)
{
	bool ok = true;
	for (size_t i = 0; i < cli->args.operands.n; i++)
		ok = kj_run_add_export(cli->run, cli->args.operands.at[i]) && ok;
	return kj_subjects_finish(cli->arena, &cli->run->subjects, cli->run->diags) && ok;
}

static void judge(struct kj_cli *cli)
{
	struct bar bar = {.cli = cli};
	clock_gettime(CLOCK_MONOTONIC, &bar.start);
	if (!cli->args.quiet && isatty(fileno(cli->err))) {
		cli->run->progress = draw;
		cli->run->progress_ctx = &bar;
	}
	kj_run_scan(cli->run, cli->args.threads);
	erase(&bar);
}

int kj_command_scan(struct kj_cli *cli)
{
	if (cli->args.outputs.n == 0)
		KJ_PUSH(cli->arena, &cli->args.outputs, KJ_STR("text"));
	struct output *outputs = KJ_NEW_ARRAY(cli->arena, struct output, cli->args.outputs.n);
	if (!read_outputs(cli, outputs) || !kj_load_all(cli, true))
		return KJ_EXIT_USAGE;
	/* An EXPORT that cannot be opened does not cost the others their findings; the status tells all the same. */
	bool ok = add_exports(cli);
	ok = kj_run_check_fleets(cli->run) && ok;
	if (cli->run->subjects.list.n == 0 || cli->args.explain_layout)
		kj_print_diags(cli);
	if (cli->run->subjects.list.n == 0)
		return KJ_EXIT_USAGE;
	if (cli->args.explain_layout)
		return explain_layout(cli);
	judge(cli);
	tell_unrecognised(cli);
	if (!ok || !cli->args.quiet)
		kj_print_diags(cli);
	tell_exports(cli);
	for (size_t i = 0; i < cli->args.outputs.n; i++)
		ok = write_report(cli, &outputs[i]) && ok;
	return ok ? kj_report_status(&cli->run->report) : KJ_EXIT_USAGE;
}
