/* Entries of sudoers as text and as rows. */
#include "parse/sudoers.h"

#include "parse/scan.h"
#include "parse/sudoers_lex.h"

enum { KIND, TYPE, NAME, OP, VALUE, USERS, HOSTS, RUNAS, GROUPS, TAGS, OPTIONS, COMMAND };

static const char *const scopes[] = {"", "user", "host", "runas", "command"};

/* ---- text ---- */

static bool reads_as_other(kj_str name)
{
	static const kj_str words[] = {KJ_STR_INIT("sudoedit"), KJ_STR_INIT("sha224"), KJ_STR_INIT("sha256"),
	                               KJ_STR_INIT("sha384"), KJ_STR_INIT("sha512")};
	const char *end = name.p + name.n;
	bool bad;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (kj_str_eq(name, words[i]))
			return true;
	if (kj_sudo_id(name.p, end) == name.n)
		return false;
	return kj_sudo_word(name.p, end) != name.n || kj_sudo_alias(name.p, end) == name.n || name.p[0] == '/' ||
	       name.p[0] == '%' || name.p[0] == '+' || kj_sudo_address(name.p, end, &bad) == name.n;
}

static void put_name(struct kj_buf *buf, const struct kj_sudo_member *m)
{
	bool mark = m->kind == KJ_SUDO_GROUP || m->kind == KJ_SUDO_NETGROUP;
	kj_str name = kj_str_from(m->name, mark && kj_str_starts(m->name, KJ_STR("%:")) ? 2 : mark);
	bool word = m->kind == KJ_SUDO_WORD;
	bool odd = name.n && (mark ? kj_sudo_word(name.p, name.p + name.n) != name.n &&
	                                      kj_sudo_id(name.p, name.p + name.n) != name.n
	                           : word && reads_as_other(name));
	kj_buf_fmt(buf, odd ? "\"%.*s\"" : "%.*s", KJ_FMT(m->name));
}

kj_str kj_sudo_member_text(struct kj_arena *arena, const struct kj_sudo_member *m)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_str rest = m->digests, digest;
	while (m->digests.n && kj_str_cut(&rest, KJ_PARSE_LIST, &digest))
		kj_buf_fmt(&buf, "%.*s%s", KJ_FMT(digest), rest.p ? ", " : " ");
	if (m->negated)
		kj_buf_char(&buf, '!');
	switch (m->kind) {
	case KJ_SUDO_ALL:
		kj_buf_put(&buf, KJ_STR("ALL"));
		break;
	case KJ_SUDO_SELF:
		kj_buf_put(&buf, KJ_STR("()"));
		break;
	default:
		put_name(&buf, m);
	}
	if (m->has_args)
		kj_buf_fmt(&buf, " %.*s", KJ_FMT(m->args));
	return kj_buf_str(&buf);
}

static kj_str joined(struct kj_arena *arena, const struct kj_sudo_list *list, kj_str between)
{
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; list && i < list->of.n; i++) {
		if (i)
			kj_buf_put(&buf, between);
		kj_buf_put(&buf, kj_sudo_member_text(arena, &list->of.at[i]));
	}
	return kj_buf_str(&buf);
}

kj_str kj_sudo_list_text(struct kj_arena *arena, const struct kj_sudo_list *list)
{
	return joined(arena, list, KJ_STR(", "));
}

/* ---- rows ---- */

static kj_str cell(struct kj_arena *arena, const struct kj_sudo_list *list)
{
	static const char between = KJ_PARSE_LIST;
	return joined(arena, list, (kj_str){&between, 1});
}

static void put_tags(struct kj_arena *arena, kj_str *cells, const struct kj_sudo_spec *spec)
{
	struct kj_buf tags = KJ_BUF(arena), options = KJ_BUF(arena);
	for (size_t t = 0; t < KJ_SUDO_TAGS; t++)
		if (spec->tag[t] == KJ_SUDO_ON || spec->tag[t] == KJ_SUDO_OFF)
			kj_buf_fmt(&tags, "%s%s", tags.n ? " " : "", kj_sudo_tag_names[t][spec->tag[t] == KJ_SUDO_OFF]);
	for (size_t o = 0; o < KJ_SUDO_OPTIONS; o++)
		if (spec->option[o].n)
			kj_buf_fmt(&options, "%s%s=%.*s", options.n ? " " : "", kj_sudo_option_names[o],
			           KJ_FMT(spec->option[o]));
	cells[TAGS] = kj_buf_str(&tags);
	cells[OPTIONS] = kj_buf_str(&options);
}

static bool put_grant(struct kj_parse *parse, const struct kj_sudo_grant *grant)
{
	kj_str users = cell(parse->arena, &grant->users);
	for (size_t p = 0; p < grant->privileges.n; p++) {
		const struct kj_sudo_privilege *privilege = &grant->privileges.at[p];
		kj_str hosts = cell(parse->arena, &privilege->hosts);
		for (size_t s = 0; s < privilege->specs.n; s++) {
			const struct kj_sudo_spec *spec = &privilege->specs.at[s];
			kj_str *cells = kj_rows_add(parse, spec->command.line, spec->command.col);
			if (!cells)
				return false;
			cells[KIND] = KJ_STR("grant");
			cells[USERS] = users;
			cells[HOSTS] = hosts;
			cells[RUNAS] = cell(parse->arena, spec->users);
			cells[GROUPS] = cell(parse->arena, spec->groups);
			cells[COMMAND] = kj_sudo_member_text(parse->arena, &spec->command);
			put_tags(parse->arena, cells, spec);
		}
	}
	return true;
}

static void put_default(struct kj_parse *parse, kj_str *cells, const struct kj_sudo_default *d)
{
	static const struct {
		char op;
		const char *text;
	} ops[] = {{'=', "="}, {'+', "+="}, {'-', "-="}, {'!', "!"}};
	cells[KIND] = KJ_STR("defaults");
	cells[TYPE] = kj_str_of(scopes[d->scope]);
	cells[USERS] = cell(parse->arena, d->binding);
	cells[NAME] = d->name;
	cells[VALUE] = d->value;
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (ops[i].op == d->op)
			cells[OP] = kj_str_of(ops[i].text);
}

static bool put_entry(struct kj_parse *parse, const struct kj_sudo_entry *e)
{
	if (e->kind == KJ_SUDO_GRANT)
		return put_grant(parse, e->is.grant);
	if (e->kind == KJ_SUDO_BAD)
		return kj_rows_bad(parse, e->line, e->col, e->is.problem);
	kj_str *cells = kj_rows_add(parse, e->line, e->col);
	if (!cells)
		return false;
	if (e->kind == KJ_SUDO_DEFAULT) {
		put_default(parse, cells, e->is.setting);
	} else if (e->kind == KJ_SUDO_ALIAS_ENTRY) {
		cells[KIND] = KJ_STR("alias");
		cells[TYPE] = kj_str_of(scopes[e->is.alias->type]);
		cells[NAME] = e->is.alias->name;
		cells[VALUE] = cell(parse->arena, &e->is.alias->members);
	} else {
		cells[KIND] = e->kind == KJ_SUDO_INCLUDE ? KJ_STR("include") : KJ_STR("includedir");
		cells[NAME] = e->is.path;
	}
	return true;
}

void kj_parse_sudoers(struct kj_parse *parse)
{
	const struct kj_sudo_file *file = kj_sudo_parse(parse->arena, parse->text);
	for (size_t i = 0; i < file->entries.n; i++)
		if (!put_entry(parse, &file->entries.at[i]))
			return;
}
