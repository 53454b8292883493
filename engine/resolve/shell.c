/* The source `shell`: variables that the files of a login shell set, TMOUT above all (bash(1): TMOUT; INVOCATION). */
#include "resolve/work.h"

struct variable {
	bool readonly;
	bool set; /* by a statement that is always reached */
	struct kj_setting setting_of;
	KJ_VEC(struct kj_setting) maybe; /* values under a condition, after it */
};

struct shell {
	struct kj_host *host;
	struct kj_resolved *out;
	kj_str name;
	struct variable var;
};

static kj_str cell(const struct kj_rows *rows, const struct kj_row *row, const char *column)
{
	return kj_row_cell(rows, row, kj_str_of(column));
}

static bool is_yes(const struct kj_rows *rows, const struct kj_row *row, const char *column)
{
	return kj_str_eq(cell(rows, row, column), KJ_STR("yes"));
}

static void override(struct shell *sh, struct kj_setting *s, kj_str value, const struct kj_row *row)
{
	kj_setting_override(sh->host, s, s->value, s->origin);
	s->value = value;
	s->origin = kj_origin_of(row);
}

/* A value that holds only sometimes. */
static void add_maybe(struct shell *sh, kj_str value, const struct kj_row *row, bool dynamic)
{
	struct kj_setting s = {
	        .key = sh->name, .value = value, .state = KJ_STATE_EFFECTIVE, .origin = kj_origin_of(row)};
	s.scope = kj_str_fmt(sh->host->arena, "under a condition, %.*s line %u", KJ_FMT(row->text->name), row->line);
	s.lockable = true;
	if (dynamic)
		s.state = KJ_STATE_ERROR;
	kj_setting_note(sh->host, &s, dynamic ? "the value depends on other variables" : "set under a condition");
	KJ_PUSH(sh->host->arena, &sh->var.maybe, s);
}

static void assign(struct shell *sh, kj_str value, const struct kj_row *row, bool dynamic)
{
	struct variable *v = &sh->var;
	struct kj_setting *s = &v->setting_of;
	if (v->set) {
		override(sh, s, value, row);
	} else {
		*s = (struct kj_setting){
		        .key = sh->name, .value = value, .origin = kj_origin_of(row), .lockable = true};
		for (size_t i = 0; i < v->maybe.n; i++)
			kj_setting_override(sh->host, s, v->maybe.at[i].value, v->maybe.at[i].origin);
	}
	s->state = dynamic ? KJ_STATE_ERROR : KJ_STATE_EFFECTIVE;
	s->note = dynamic ? KJ_STR("the value depends on other variables") : KJ_STR("");
	v->set = true;
	v->maybe.n = 0;
}

static void take(struct shell *sh, const struct kj_rows *rows, const struct kj_row *row)
{
	struct variable *v = &sh->var;
	kj_str kind = cell(rows, row, "kind"), flags = cell(rows, row, "flags"), value = cell(rows, row, "value");
	bool unset = kj_str_eq(kind, KJ_STR("unset")), sets = is_yes(rows, row, "sets") || unset;
	bool preset = kj_str_eq(kind, KJ_STR("default"));
	bool maybe = is_yes(rows, row, "after_return") || is_yes(rows, row, "in_function");
	bool dynamic = is_yes(rows, row, "dynamic") || kj_str_eq(kind, KJ_STR("append"));
	/* ${NAME:=value} at the top sets what is not set, and only that */
	bool certain = preset && kj_str_eq(cell(rows, row, "depth"), KJ_STR("0")) && !v->set;
	maybe |= is_yes(rows, row, "conditional") && !certain;
	if (kj_str_eq(kind, KJ_STR("local")))
		return;
	if (sets && v->readonly) {
		kj_setting_override(sh->host, &v->setting_of, unset ? KJ_STR("") : value, kj_origin_of(row));
		return;
	}
	if (unset) /* no TMOUT is no time-out, as 0 */
		value = KJ_STR("0");
	if (sets && maybe && !(preset && v->set))
		add_maybe(sh, value, row, dynamic);
	else if (sets && !maybe)
		assign(sh, value, row, dynamic);
	if (kj_str_find(flags, 'r') < flags.n && !maybe && v->set)
		v->readonly = true;
}

static void take_rows(struct shell *sh, const struct kj_rows *rows, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		if (row->line < from || row->line >= to)
			continue;
		if (row->bad)
			KJ_PUSH(sh->host->arena, &sh->out->bad, *row);
		else if (kj_str_eq(cell(rows, row, "key"), sh->name))
			take(sh, rows, row);
	}
}

/* The line of /etc/profile at which it runs the files of profile.d: what it says later is said last. */
static uint32_t profile_d_line(const struct kj_text *text)
{
	kj_str rest = text->bytes, line;
	for (uint32_t n = 1; kj_str_line(&rest, &line); n++) {
		kj_str trimmed = kj_str_trim(line);
		if (!kj_str_starts(trimmed, KJ_STR("#")) && kj_str_find_str(trimmed, KJ_STR("profile.d")) < trimmed.n)
			return n;
	}
	return UINT32_MAX;
}

static void run(struct shell *sh, const struct kj_reads *reads)
{
	bool profile = reads->list.n && kj_str_eq(reads->list.at[0].path, KJ_STR("etc/profile"));
	uint32_t middle = profile ? profile_d_line(&reads->list.at[0].artifact->text) : UINT32_MAX;
	for (size_t i = 0; i < reads->list.n; i++)
		take_rows(sh, reads->list.at[i].rows, 0, i == 0 ? middle : UINT32_MAX);
	if (middle < UINT32_MAX)
		take_rows(sh, reads->list.at[0].rows, middle, UINT32_MAX);
}

static void show(struct shell *sh)
{
	struct variable *v = &sh->var;
	size_t kept = 0;
	if (v->set) {
		v->setting_of.locked = v->readonly;
		KJ_PUSH(sh->host->arena, &sh->out->settings, v->setting_of);
	} else if (!v->maybe.n) {
		kj_setting_add(sh->host, sh->out, sh->name, KJ_STR("0"), KJ_STATE_DEFAULT, (struct kj_origin){0})
		        ->lockable = true;
	}
	for (size_t i = 0; i < v->maybe.n; i++) {
		struct kj_setting s = v->maybe.at[i];
		if (v->set && kj_str_eq(s.value, v->setting_of.value) && s.state == v->setting_of.state)
			continue;
		/* without a value that holds always, nobody can say what holds when the condition does not */
		if (!v->set)
			s.state = KJ_STATE_ERROR;
		s.locked = v->readonly;
		KJ_PUSH(sh->host->arena, &sh->out->settings, s);
		kept++;
	}
	if (kept && v->set)
		sh->out->settings.at[sh->out->settings.n - kept - 1].locked = v->readonly;
}

void kj_resolve_shell(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out))
		return;
	const struct kj_node *names = kj_doc_get(source->with, KJ_STR("variables"));
	for (size_t i = 0; names && names->kind == KJ_SEQ && i < names->n; i++) {
		struct shell sh = {.host = host, .out = out, .name = names->items[i]->text};
		out->bad.n = 0;
		run(&sh, &reads);
		show(&sh);
	}
	/* after such a line the parser understood no more of the file */
	if (out->bad.n) {
		out->at = kj_origin_of(&out->bad.at[0]);
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s' line %u: %s", KJ_FMT(out->at.text->name),
		                  out->at.line, out->bad.at[0].problem);
	}
	out->rows = reads.list.at[0].rows;
}
