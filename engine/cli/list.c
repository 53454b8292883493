/* kijun list: what there is. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "firewall/dialect.h"
#include "parse/parse.h"

static kj_str pick(const struct kj_cli *cli, struct kj_bilingual text)
{
	return cli->args.japanese && text.ja.n ? text.ja : text.en;
}

static void line(struct kj_cli *cli, kj_str id, size_t columns, kj_str about)
{
	fprintf(cli->out, "%.*s", KJ_FMT(id));
	for (size_t w = kj_str_width(id); w < columns; w++)
		fputc(' ', cli->out);
	fprintf(cli->out, "  %.*s\n", KJ_FMT(about));
}

static void list_rules(struct kj_cli *cli)
{
	const struct kj_program *program = cli->run->program;
	for (size_t i = 0; i < program->rules.n; i++) {
		const struct kj_rule *rule = program->rules.at[i];
		kj_str about = kj_str_fmt(cli->arena, "%-5.*s %-9s %.*s", KJ_FMT(rule->item),
		                          kj_severity_name(rule->severity), KJ_FMT(pick(cli, rule->title)));
		line(cli, rule->id, 34, about);
	}
}

static void add_names(struct kj_buf *out, const kj_str *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (kj_str_find_str(kj_buf_str(out), name[i]) == out->n)
			kj_buf_fmt(out, "%s%.*s", out->n ? " " : "", KJ_FMT(name[i]));
}

/* What the rules of an item speak of: platforms, and kinds of subjects where they are of no platform. */
static kj_str platforms_of(struct kj_cli *cli, const struct kj_item *item, size_t *rules)
{
	const struct kj_program *program = cli->run->program;
	struct kj_buf out = KJ_BUF(cli->arena);
	*rules = 0;
	for (size_t i = 0; i < program->rules.n; i++) {
		const struct kj_rule *rule = program->rules.at[i];
		if (!kj_str_eq(rule->item, item->id))
			continue;
		(*rules)++;
		add_names(&out, rule->applies.platform, rule->applies.platforms);
		if (!rule->applies.platforms)
			add_names(&out, rule->applies.kind, rule->applies.kinds);
	}
	return kj_buf_str(&out);
}

static void list_items(struct kj_cli *cli)
{
	size_t n, rules;
	const struct kj_item *items = kj_items(&n);
	for (size_t i = 0; i < n; i++) {
		kj_str platforms = platforms_of(cli, &items[i], &rules);
		kj_str covered = rules ? kj_str_fmt(cli->arena, "%zu rule%s (%.*s)", rules, rules == 1 ? "" : "s",
		                                    KJ_FMT(platforms))
		                       : kj_str_of(cli->args.japanese ? "規則なし" : "no rule yet");
		line(cli, items[i].id, 5,
		     kj_str_fmt(cli->arena, "%.*s: %.*s", KJ_FMT(pick(cli, items[i].title)), KJ_FMT(covered)));
	}
}

static void list_sources(struct kj_cli *cli)
{
	const struct kj_program *program = cli->run->program;
	for (size_t i = 0; i < program->sources.n; i++)
		line(cli, program->sources.at[i]->id, 24, pick(cli, program->sources.at[i]->title));
}

static void list_parsers(struct kj_cli *cli)
{
	size_t n;
	const struct kj_parser *parsers = kj_parsers(&n);
	for (size_t i = 0; i < n; i++)
		line(cli, parsers[i].name, 18, kj_str_of(parsers[i].about));
}

static void list_dialects(struct kj_cli *cli)
{
	for (size_t i = 0; i < kj_fw_dialect_count; i++)
		line(cli, kj_str_of(kj_fw_dialects[i]->name), 22, kj_str_of(kj_fw_dialects[i]->about));
}

static void list_formats(struct kj_cli *cli)
{
	size_t n;
	const struct kj_format *formats = kj_formats(&n);
	for (size_t i = 0; i < n; i++)
		line(cli, formats[i].name, 18, kj_str_of(formats[i].about));
}

static const struct {
	kj_str name;
	void (*list)(struct kj_cli *cli);
	enum { NOTHING, SOURCES, POLICIES } needs;
} lists[] = {
        {KJ_STR_INIT("rules"), list_rules, POLICIES},      {KJ_STR_INIT("items"), list_items, POLICIES},
        {KJ_STR_INIT("sources"), list_sources, SOURCES},   {KJ_STR_INIT("parsers"), list_parsers, NOTHING},
        {KJ_STR_INIT("dialects"), list_dialects, NOTHING}, {KJ_STR_INIT("formats"), list_formats, NOTHING},
};
enum { LISTS = sizeof lists / sizeof *lists };

int kj_command_list(struct kj_cli *cli)
{
	kj_str what = cli->args.operands.at[0], names[LISTS];
	for (size_t i = 0; i < LISTS; i++) {
		names[i] = lists[i].name;
		if (!kj_str_eq(lists[i].name, what))
			continue;
		if (lists[i].needs != NOTHING && !kj_load_all(cli, lists[i].needs == POLICIES))
			return KJ_EXIT_USAGE;
		lists[i].list(cli);
		return KJ_EXIT_OK;
	}
	kj_str hint = kj_did_you_mean(cli, what, names, LISTS);
	return kj_complain(cli, hint.n ? hint : KJ_STR("one of rules, items, sources, parsers, dialects, formats"),
	                   "there is no list of '%.*s'", KJ_FMT(what));
}
