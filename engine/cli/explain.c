/* kijun explain RULE|ITEM: what is read, and how it is decided. */
#include "cli/cli.h"

#include "eval/cells.h"

struct telling {
	struct kj_cli *cli;
	struct kj_case c; /* of no host: parameters have their defaults */
};

static kj_str pick(const struct kj_cli *cli, struct kj_bilingual text)
{
	return cli->args.japanese && text.ja.n ? text.ja : text.en;
}

static void indent(struct telling *t, unsigned depth)
{
	fprintf(t->cli->out, "%*s", (int)(4 + depth * 2), "");
}

static void say_absent(struct telling *t, enum kj_if_absent if_absent)
{
	static const char *const words[] = {[KJ_ABSENT_DEFAULT] = "",
	                                    [KJ_ABSENT_PASS] = "  (absent: pass)",
	                                    [KJ_ABSENT_FAIL] = "  (absent: fail)",
	                                    [KJ_ABSENT_UNKNOWN] = "  (absent: unknown)"};
	fprintf(t->cli->out, "%s\n", words[if_absent]);
}

static void say_setting(struct telling *t, const struct kj_check *check)
{
	kj_str wanted = check->setting.test.op  ? kj_wanted(&t->c, &check->setting.test)
	                : check->setting.exists ? KJ_STR("set")
	                                        : KJ_STR("not set");
	fprintf(t->cli->out, "setting %.*s.%.*s: %.*s%s", KJ_FMT(check->setting.source->id), KJ_FMT(check->setting.key),
	        KJ_FMT(wanted), check->setting.locked ? ", locked" : "");
	say_absent(t, check->setting.if_absent);
}

static void say_rows(struct telling *t, const struct kj_check *check)
{
	static const char *const quantifiers[] = {
	        [KJ_EVERY] = "every", [KJ_SOME] = "some", [KJ_NO] = "no", [KJ_COUNT] = "count"};
	fprintf(t->cli->out, "rows of %.*s", KJ_FMT(check->rows.source->id));
	if (check->rows.where)
		fprintf(t->cli->out, " where %.*s", KJ_FMT(kj_cells_wanted(&t->c, check->rows.where)));
	kj_str holds = check->rows.quantifier == KJ_COUNT ? kj_wanted(&t->c, &check->rows.count)
	               : check->rows.holds                ? kj_cells_wanted(&t->c, check->rows.holds)
	                                                  : (kj_str){0};
	fprintf(t->cli->out, ": %s %.*s", quantifiers[check->rows.quantifier], KJ_FMT(holds));
	say_absent(t, check->rows.if_absent);
}

static void say_text(struct telling *t, const struct kj_check *check)
{
	fprintf(t->cli->out, "%s %.*s: %s /%.*s/", check->text.command ? "output of" : "text of",
	        KJ_FMT(check->text.glob), check->text.negated ? "no" : "matches",
	        KJ_FMT(kj_regex_pattern(check->text.regex)));
	say_absent(t, check->text.if_absent);
}

static void say_file(struct telling *t, const struct kj_check *check)
{
	fprintf(t->cli->out, "file %.*s%s%s%s%s", KJ_FMT(check->file.glob),
	        check->file.exists < 0 ? ""
	        : check->file.exists   ? ": is there"
	                               : ": is not there",
	        check->file.mode_at_most ? ", mode at most " : "", check->file.owner ? ", owner" : "",
	        check->file.group ? ", group" : "");
	if (check->file.mode_at_most)
		fprintf(t->cli->out, " %.*s", KJ_FMT(kj_operand_value(&t->c, check->file.mode_at_most)->text));
	say_absent(t, check->file.if_absent);
}

/* " at most ssh, 443": the operands after a word. */
static void say_operands(struct telling *t, const char *label, const struct kj_operand *operands, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(t->cli->out, "%s %.*s", i ? "," : label, KJ_FMT(kj_operand_value(&t->c, &operands[i])->text));
}

static void say_exposure(struct telling *t, const struct kj_check *check)
{
	if (check->exposure.compare.n) {
		fprintf(t->cli->out, "the firewall lets in just what the dumps in approved/HOST/ of the fleet do\n");
		return;
	}
	bool through = kj_str_eq(check->exposure.to, KJ_STR("anywhere"));
	fprintf(t->cli->out, "%s from %.*s", through ? "forwarded" : "reachable", KJ_FMT(check->exposure.from));
	say_operands(t, " except", check->exposure.except, check->exposure.excepts);
	fprintf(t->cli->out, " to %.*s:", KJ_FMT(check->exposure.to));
	if (check->exposure.at_most_role)
		fprintf(t->cli->out, " at most the services of the role in fleet.yml");
	if (check->exposure.limits && !check->exposure.at_most_role && !check->exposure.n)
		fprintf(t->cli->out, " nothing");
	say_operands(t, " at most", check->exposure.at_most, check->exposure.n);
	say_operands(t, " none of", check->exposure.none_of, check->exposure.none);
	fputc('\n', t->cli->out);
}

static void say(struct telling *t, const struct kj_check *check, unsigned depth)
{
	static void (*const leaves[])(struct telling *, const struct kj_check *) = {
	        [KJ_CHECK_SETTING] = say_setting, [KJ_CHECK_ROWS] = say_rows,         [KJ_CHECK_TEXT] = say_text,
	        [KJ_CHECK_FILE] = say_file,       [KJ_CHECK_EXPOSURE] = say_exposure,
	};
	static const char *const trees[] = {[KJ_CHECK_ALL] = "all of",
	                                    [KJ_CHECK_ANY] = "any of",
	                                    [KJ_CHECK_NONE] = "none of",
	                                    [KJ_CHECK_NOT] = "not"};
	indent(t, depth);
	if (check->kind >= KJ_CHECK_SETTING) {
		leaves[check->kind](t, check);
		return;
	}
	if (check->kind == KJ_CHECK_SOME_OF)
		fprintf(t->cli->out, "at least %lld of:\n", (long long)check->at_least);
	else
		fprintf(t->cli->out, "%s:\n", trees[check->kind]);
	for (size_t i = 0; i < check->n; i++)
		say(t, check->child[i], depth + 1);
}

static void words(struct telling *t, const char *label, const kj_str *list, size_t n)
{
	if (n == 0)
		return;
	fprintf(t->cli->out, "  %s", label);
	for (size_t i = 0; i < n; i++)
		fprintf(t->cli->out, "%s %.*s", i ? "," : "", KJ_FMT(list[i]));
	fputc('\n', t->cli->out);
}

static void say_applies(struct telling *t, const struct kj_applies *a)
{
	words(t, "platform:", a->platform, a->platforms);
	words(t, "distro:", a->distro, a->distros);
	words(t, "kind:", a->kind, a->kinds);
	words(t, "role:", a->role, a->roles);
	for (size_t i = 0; i < a->features; i++)
		fprintf(t->cli->out, "  has: %.*s (%.*s)\n", KJ_FMT(a->has[i]->id),
		        KJ_FMT(pick(t->cli, a->has[i]->about)));
}

static void say_params(struct telling *t, const struct kj_rule *rule)
{
	const struct kj_program *program = t->cli->run->program;
	bool *used = KJ_NEW_ARRAY(t->cli->arena, bool, program->params.n + 1), first = true;
	kj_check_uses(rule->check, used);
	for (size_t i = 0; i < program->params.n; i++) {
		const struct kj_param *p = program->params.at[i];
		if (!used[i])
			continue;
		fprintf(t->cli->out, "%s    %.*s = %.*s  (%.*s)\n", first ? "  parameters:\n" : "", KJ_FMT(p->name),
		        KJ_FMT(p->value.text), KJ_FMT(pick(t->cli, p->about)));
		first = false;
	}
}

static void say_rule(struct telling *t, const struct kj_rule *rule)
{
	FILE *out = t->cli->out;
	fprintf(out, "%.*s  %.*s  %s\n  %.*s\n", KJ_FMT(rule->item), KJ_FMT(rule->id), kj_severity_name(rule->severity),
	        KJ_FMT(pick(t->cli, rule->title)));
	say_applies(t, &rule->applies);
	fprintf(out, "  check:\n");
	say(t, rule->check, 0);
	say_params(t, rule);
	if (rule->why.en.n)
		fprintf(out, "  why: %.*s\n", KJ_FMT(kj_str_trim(pick(t->cli, rule->why))));
	if (rule->fix.en.n)
		fprintf(out, "  fix: %.*s\n", KJ_FMT(kj_str_trim(pick(t->cli, rule->fix))));
	for (size_t i = 0; i < rule->refs; i++)
		fprintf(out, "%s%.*s %.*s", i ? ", " : "  refs: ", KJ_FMT(rule->ref[i].framework),
		        KJ_FMT(rule->ref[i].id));
	fprintf(out, "%s  %zu examples, %.*s:%u\n\n", rule->refs ? "\n" : "", rule->examples,
	        KJ_FMT(rule->policy->path), (unsigned)rule->span.line);
}

int kj_command_explain(struct kj_cli *cli)
{
	if (!kj_load_all(cli, true))
		return KJ_EXIT_USAGE;
	const struct kj_program *program = cli->run->program;
	struct telling t = {.cli = cli};
	t.c.bench = kj_bench_new(cli->arena, cli->run->program, &cli->run->limits, cli->run->today);
	t.c.arena = cli->arena;
	t.c.params = kj_params_bind(program, cli->arena, NULL, 0, cli->run->diags);
	kj_str what = cli->args.operands.at[0];
	size_t told = 0;
	kj_str *ids = KJ_NEW_ARRAY(cli->arena, kj_str, program->rules.n + 1);
	for (size_t i = 0; i < program->rules.n; i++) {
		const struct kj_rule *rule = program->rules.at[i];
		ids[i] = rule->id;
		if (!kj_str_eq(rule->id, what) && !kj_str_eq(rule->item, what))
			continue;
		say_rule(&t, rule);
		told++;
	}
	if (told)
		return KJ_EXIT_OK;
	const struct kj_item *item = kj_item_find(what);
	if (item)
		return kj_complain(cli, KJ_STR(""), "no rule decides item %.*s (%.*s) yet", KJ_FMT(item->id),
		                   KJ_FMT(item->title.en));
	kj_str hint = kj_did_you_mean(cli, what, ids, program->rules.n);
	return kj_complain(cli, hint.n ? hint : KJ_STR("'kijun list rules' lists them"),
	                   "there is no rule or item '%.*s'", KJ_FMT(what));
}
