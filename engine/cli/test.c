/* kijun test: the examples of every rule, each an export of its own held in memory. */
#include "cli/cli.h"

#include "base/utf8.h"

struct testing {
	struct kj_cli *cli;
	const struct kj_bench *bench;
	struct kj_regex_scratch *scratch;
	size_t passed, failed;
};

static struct kj_memory_file *files_of(struct kj_arena *arena, const struct kj_example *example)
{
	struct kj_memory_file *files = KJ_NEW_ARRAY(arena, struct kj_memory_file, example->files + 1);
	for (size_t i = 0; i < example->files; i++)
		files[i] = (struct kj_memory_file){example->file[i].path, example->file[i].text};
	return files;
}

static void print_finding(struct testing *t, const struct kj_finding *f)
{
	struct kj_buf out = KJ_BUF(t->cli->arena);
	kj_buf_put(&out, KJ_STR("    "));
	kj_buf_safe(&out, f->message.en, 0);
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct kj_evidence *e = &f->evidence[i];
		kj_buf_put(&out, KJ_STR("\n    "));
		kj_buf_safe(&out, e->artifact, 0);
		kj_buf_fmt(&out, ":%u: found ", (unsigned)e->line);
		kj_buf_safe(&out, e->found, 0);
		kj_buf_put(&out, KJ_STR(", wanted "));
		kj_buf_safe(&out, e->wanted, 0);
	}
	kj_buf_char(&out, '\n');
	fwrite(out.p, 1, out.n, t->cli->out);
}

static void tell(struct testing *t, const struct kj_rule *rule, const struct kj_example *example,
                 const struct kj_result *result)
{
	const struct kj_finding *f = result->findings ? &result->finding[0] : NULL;
	kj_str got = kj_str_of(f ? kj_verdict_name(f->verdict) : "nothing");
	bool ok = kj_str_eq(got, example->verdict);
	t->passed += ok;
	t->failed += !ok;
	if (ok && !t->cli->args.verbose)
		return;
	fprintf(t->cli->out, "%s %.*s:%u: %.*s%s%.*s: wanted %.*s, got %.*s\n", ok ? "ok  " : "FAIL",
	        KJ_FMT(rule->policy->path), (unsigned)example->span.line, KJ_FMT(rule->id),
	        example->about.n ? ", " : "", KJ_FMT(example->about), KJ_FMT(example->verdict), KJ_FMT(got));
	if (!ok && f)
		print_finding(t, f);
}

/* An example's `fleet` map is a small fleet.yml with one host. */
static bool fill_subject(struct testing *t, const struct kj_example *example, struct kj_subject *subject)
{
	*subject = (struct kj_subject){.name = KJ_STR("example")};
	if (!example->fleet)
		return true;
	return kj_fleet_example(t->cli->arena, example->fleet, subject, t->cli->run->diags);
}

static void run_example(struct testing *t, const struct kj_rule *rule, const struct kj_example *example)
{
	struct kj_bench bench = *t->bench;
	struct kj_subject subject;
	struct kj_arena *results = kj_arena_new(64 * KJ_MIB);
	if (example->today.n)
		kj_date_parse(example->today, &bench.today);
	if (fill_subject(t, example, &subject)) {
		subject.files = files_of(results, example);
		subject.file_count = example->files;
		kj_params_bind(t->cli->run->program, t->cli->arena, subject.params, 3, t->cli->run->diags);
		tell(t, rule, example, kj_judge_rule(&bench, &subject, rule, t->scratch, results));
	} else {
		t->failed++;
	}
	kj_arena_free(results);
}

int kj_command_test(struct kj_cli *cli)
{
	for (size_t i = 0; i < cli->args.operands.n; i++)
		KJ_PUSH(cli->arena, &cli->args.policies, cli->args.operands.at[i]);
	if (!kj_load_all(cli, true))
		return KJ_EXIT_USAGE;
	const struct kj_program *program = cli->run->program;
	struct testing t = {.cli = cli, .scratch = kj_regex_scratch_new(cli->arena)};
	t.bench = kj_bench_new(cli->arena, cli->run->program, &cli->run->limits, cli->run->today);
	for (size_t i = 0; i < program->rules.n; i++) {
		for (size_t k = 0; k < program->rules.at[i]->examples; k++)
			run_example(&t, program->rules.at[i], &program->rules.at[i]->example[k]);
	}
	kj_print_diags(cli);
	fprintf(cli->out, "%zu passed, %zu failed\n", t.passed, t.failed);
	if (t.passed + t.failed == 0)
		return kj_complain(cli, KJ_STR("an example is a verdict and the files it is judged by"),
		                   "these policies have no examples");
	return t.failed || cli->run->diags->errors ? KJ_EXIT_FAILED : KJ_EXIT_OK;
}
