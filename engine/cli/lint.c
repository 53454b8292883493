/* kijun lint: are these policies what they should be? */
#include "cli/cli.h"

/* What a good rule has beyond what the loader demands. */
static void lint_rule(struct kj_cli *cli, const struct kj_rule *rule)
{
	struct kj_diags *diags = cli->run->diags;
	const char *missing = !rule->title.ja.n                   ? "title"
	                      : rule->why.en.n && !rule->why.ja.n ? "why"
	                      : rule->fix.en.n && !rule->fix.ja.n ? "fix"
	                                                          : NULL;
	if (missing)
		kj_warning(diags, rule->span, "rule '%.*s' has no Japanese %s", KJ_FMT(rule->id), missing);
	if (!rule->why.en.n)
		kj_warning(diags, rule->span, "rule '%.*s' does not say why", KJ_FMT(rule->id));
	if (!rule->fix.en.n)
		kj_warning(diags, rule->span, "rule '%.*s' does not say how to fix it", KJ_FMT(rule->id));
	bool pass = false, fail = false;
	for (size_t i = 0; i < rule->examples; i++) {
		pass = pass || kj_str_eq(rule->example[i].verdict, KJ_STR("pass"));
		/* A rule that can only pass or be unknown shows that instead. */
		fail = fail || kj_str_eq(rule->example[i].verdict, KJ_STR("fail")) ||
		       kj_str_eq(rule->example[i].verdict, KJ_STR("unknown"));
	}
	if (!pass || !fail)
		kj_warning(diags, rule->span, "rule '%.*s' has no example that must %s", KJ_FMT(rule->id),
		           !pass ? "pass" : "fail");
}

static void lint_params(struct kj_cli *cli)
{
	const struct kj_program *program = cli->run->program;
	bool *used = KJ_NEW_ARRAY(cli->arena, bool, program->params.n + 1);
	for (size_t i = 0; i < program->rules.n; i++)
		kj_check_uses(program->rules.at[i]->check, used);
	for (size_t i = 0; i < program->params.n; i++) {
		const struct kj_param *p = program->params.at[i];
		if (!used[i])
			kj_warning(cli->run->diags, p->span, "no rule uses the parameter '%.*s'", KJ_FMT(p->name));
	}
}

int kj_command_lint(struct kj_cli *cli)
{
	cli->args.policies.n = 0;
	for (size_t i = 0; i < cli->args.operands.n; i++)
		KJ_PUSH(cli->arena, &cli->args.policies, cli->args.operands.at[i]);
	if (!kj_load_all(cli, true))
		return KJ_EXIT_USAGE;
	const struct kj_program *program = cli->run->program;
	for (size_t i = 0; i < program->rules.n; i++)
		lint_rule(cli, program->rules.at[i]);
	lint_params(cli);
	kj_print_diags(cli);
	if (!cli->args.quiet)
		fprintf(cli->out, "%zu policies, %zu rules, %zu sources: %zu warnings\n", program->policies.n,
		        program->rules.n, program->sources.n, cli->run->diags->warnings);
	return cli->run->diags->warnings ? KJ_EXIT_FAILED : KJ_EXIT_OK;
}
