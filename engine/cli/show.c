/* kijun show SOURCE EXPORT: why does kijun think so? */
#include "cli/cli.h"

#include "base/utf8.h"

static const struct kj_source *find_source(struct kj_cli *cli, kj_str id)
{
	const struct kj_source *source = kj_program_source(cli->run->program, id);
	if (source)
		return source;
	size_t n = cli->run->program->sources.n;
	kj_str *ids = KJ_NEW_ARRAY(cli->arena, kj_str, n + 1);
	for (size_t i = 0; i < n; i++)
		ids[i] = cli->run->program->sources.at[i]->id;
	kj_str hint = kj_did_you_mean(cli, id, ids, n);
	kj_complain(cli, hint.n ? hint : KJ_STR("'kijun list sources' lists them"), "there is no source '%.*s'",
	            KJ_FMT(id));
	return NULL;
}

/* ---- JSON: the contract of design §5 ---- */

/* A cell for people: the items of a list with commas between. */
static kj_str plain(struct kj_arena *arena, kj_str cell)
{
	if (kj_str_find(cell, KJ_PARSE_LIST) == cell.n)
		return cell;
	struct kj_buf buf = KJ_BUF(arena);
	kj_str item;
	while (kj_str_cut(&cell, KJ_PARSE_LIST, &item)) {
		kj_buf_put(&buf, buf.n ? KJ_STR(", ") : KJ_STR(""));
		kj_buf_put(&buf, item);
	}
	return kj_buf_str(&buf);
}

static void origin(struct kj_json *json, const struct kj_origin *origin)
{
	kj_json_pair_str(json, "artifact", origin->text ? origin->text->name : KJ_STR(""));
	kj_json_pair_int(json, "line", origin->line);
}

static bool secret(const struct kj_source *source, kj_str key)
{
	for (size_t i = 0; i < source->secrets; i++) {
		if (kj_str_eq_fold(source->secret[i], key))
			return true;
	}
	return false;
}

static kj_str hidden(const struct kj_resolved *r, kj_str key, kj_str value)
{
	return value.n && secret(r->source, key) ? KJ_STR("[redacted]") : value;
}

static void setting_json(struct kj_json *json, const struct kj_resolved *r, const struct kj_setting *s)
{
	kj_json_object(json);
	kj_json_pair_str(json, "key", s->key);
	kj_json_pair_str(json, "value", hidden(r, s->key, s->value));
	kj_json_pair_str(json, "scope", s->scope);
	origin(json, &s->origin);
	kj_json_pair_bool(json, "default", s->state == KJ_STATE_DEFAULT);
	kj_json_pair_str(json, "state", kj_str_of(kj_state_name(s->state)));
	if (s->lockable && !s->lock_unseen)
		kj_json_pair_bool(json, "locked", s->locked);
	if (s->note.n)
		kj_json_pair_str(json, "note", s->note);
	kj_json_key(json, "overrides");
	kj_json_array(json);
	for (size_t i = 0; i < s->overrides.n; i++) {
		kj_json_object(json);
		kj_json_pair_str(json, "value", hidden(r, s->key, s->overrides.at[i].value));
		origin(json, &s->overrides.at[i].origin);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
	kj_json_object_end(json);
}

static bool unseen(const struct kj_row *row, size_t column)
{
	return row->from && row->from[column].unseen;
}

/* Rows of sources that have no settings: the columns by name, null for what could not be seen. */
static void row_json(struct kj_json *json, const struct kj_resolved *r, const struct kj_row *row)
{
	kj_json_object(json);
	for (size_t i = 0; row->cell && i < r->rows->column_count; i++) {
		kj_json_key_str(json, r->rows->columns[i]);
		if (unseen(row, i))
			kj_json_null(json);
		else
			kj_json_str(json, hidden(r, r->rows->columns[i], row->cell[i]));
	}
	origin(json, &(struct kj_origin){row->text, row->line, row->col});
	if (row->bad)
		kj_json_pair_str(json, "problem", kj_str_of(row->problem));
	kj_json_object_end(json);
}

/* Rows that a resolver made are shown beside the settings; what a parser made of the files the settings are made of. */
static bool shows_rows(const struct kj_resolved *r)
{
	const struct kj_resolver *resolver = kj_resolver_find(r->source->resolver);
	return r->settings.n == 0 || (resolver && resolver->columns);
}

/* Lines that the program passes over: only where the rows do not show them. */
static bool shows_bad(const struct kj_resolved *r)
{
	bool among_rows = false;
	for (size_t i = 0; r->rows && !r->settings.n && i < r->rows->list.n; i++)
		among_rows |= r->rows->list.at[i].bad;
	return r->bad.n && !among_rows;
}

static void bad_json(struct kj_json *json, const struct kj_resolved *r)
{
	kj_json_key(json, "bad");
	kj_json_array(json);
	for (size_t i = 0; i < r->bad.n; i++) {
		const struct kj_row *row = &r->bad.at[i];
		kj_json_object(json);
		origin(json, &(struct kj_origin){row->text, row->line, row->col});
		kj_json_pair_str(json, "problem", kj_str_of(row->problem));
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void show_json(const struct kj_resolved *r, struct kj_buf *out)
{
	struct kj_json json = KJ_JSON(out, 1);
	kj_json_object(&json);
	kj_json_pair_int(&json, "schema", 1);
	kj_json_pair_str(&json, "source", r->source->id);
	kj_json_pair_str(&json, "state", kj_str_of(kj_state_name(r->state)));
	if (r->message.n)
		kj_json_pair_str(&json, "message", r->message);
	kj_json_key(&json, "settings");
	kj_json_array(&json);
	for (size_t i = 0; i < r->settings.n; i++)
		setting_json(&json, r, &r->settings.at[i]);
	kj_json_array_end(&json);
	if (shows_rows(r) && r->rows->list.n) {
		kj_json_key(&json, "rows");
		kj_json_array(&json);
		for (size_t i = 0; i < r->rows->list.n; i++)
			row_json(&json, r, &r->rows->list.at[i]);
		kj_json_array_end(&json);
	}
	if (shows_bad(r))
		bad_json(&json, r);
	kj_json_object_end(&json);
	kj_buf_char(out, '\n');
}

/* ---- text ---- */

static void place(struct kj_buf *out, const struct kj_origin *origin)
{
	if (!origin->text)
		return;
	kj_buf_put(out, KJ_STR("   "));
	kj_buf_safe(out, origin->text->name, 0);
	if (origin->line)
		kj_buf_fmt(out, ":%u", (unsigned)origin->line);
}

static void setting_text(struct kj_buf *out, const struct kj_resolved *r, const struct kj_setting *s)
{
	kj_buf_safe(out, s->key, 0);
	kj_buf_put(out, KJ_STR(" = "));
	kj_buf_safe(out, hidden(r, s->key, s->value), 200);
	if (s->scope.n) {
		kj_buf_put(out, KJ_STR("   ["));
		kj_buf_safe(out, s->scope, 0);
		kj_buf_char(out, ']');
	}
	if (s->lockable && !s->lock_unseen)
		kj_buf_put(out, s->locked ? KJ_STR("   locked") : KJ_STR("   not locked"));
	if (s->state != KJ_STATE_EFFECTIVE)
		kj_buf_fmt(out, "   (%s)", kj_state_name(s->state));
	place(out, &s->origin);
	kj_buf_char(out, '\n');
	for (size_t i = 0; i < s->overrides.n; i++) {
		kj_buf_put(out, KJ_STR("    overrides "));
		kj_buf_safe(out, hidden(r, s->key, s->overrides.at[i].value), 200);
		place(out, &s->overrides.at[i].origin);
		kj_buf_char(out, '\n');
	}
	if (s->note.n) {
		kj_buf_put(out, KJ_STR("    note: "));
		kj_buf_safe(out, s->note, 0);
		kj_buf_char(out, '\n');
	}
}

/* Why is said once for neighbours that share it. */
static void unseen_text(struct kj_buf *out, kj_str why, kj_str *said)
{
	kj_buf_char(out, '?');
	if (kj_str_eq(why, *said))
		return;
	*said = why;
	kj_buf_put(out, KJ_STR(" ("));
	kj_buf_safe(out, why, 120);
	kj_buf_char(out, ')');
}

static void row_text(struct kj_buf *out, const struct kj_resolved *r, const struct kj_row *row)
{
	kj_str why = {0};
	for (size_t i = 0; row->cell && i < r->rows->column_count; i++) {
		if (!row->cell[i].n)
			continue;
		kj_buf_safe(out, r->rows->columns[i], 0);
		kj_buf_char(out, '=');
		if (unseen(row, i))
			unseen_text(out, row->cell[i], &why);
		else
			kj_buf_safe(out, plain(out->arena, hidden(r, r->rows->columns[i], row->cell[i])), 120);
		kj_buf_char(out, ' ');
	}
	if (row->bad)
		kj_buf_fmt(out, " (could not be read: %s)", row->problem ? row->problem : "");
	place(out, &(struct kj_origin){row->text, row->line, row->col});
	kj_buf_char(out, '\n');
}

static void show_text(const struct kj_resolved *r, struct kj_buf *out)
{
	kj_buf_fmt(out, "%.*s: %s", KJ_FMT(r->source->id), kj_state_name(r->state));
	if (r->message.n) {
		kj_buf_put(out, KJ_STR(": "));
		kj_buf_safe(out, r->message, 0);
	}
	kj_buf_char(out, '\n');
	for (size_t i = 0; i < r->settings.n; i++)
		setting_text(out, r, &r->settings.at[i]);
	for (size_t i = 0; shows_rows(r) && i < r->rows->list.n; i++)
		row_text(out, r, &r->rows->list.at[i]);
	for (size_t i = 0; shows_bad(r) && i < r->bad.n; i++) {
		kj_buf_fmt(out, "not taken: %s", r->bad.at[i].problem);
		place(out, &(struct kj_origin){r->bad.at[i].text, r->bad.at[i].line, r->bad.at[i].col});
		kj_buf_char(out, '\n');
	}
}

/* ---- the command ---- */

static int show(struct kj_cli *cli, const struct kj_source *source, const struct kj_subject *subject, kj_str format,
                kj_str file)
{
	struct kj_export *export = kj_subject_open(cli->arena, subject, &cli->run->limits, cli->run->diags);
	if (!export) {
		kj_print_diags(cli);
		return KJ_EXIT_USAGE;
	}
	struct kj_host *host =
	        kj_host_new(cli->arena, export, cli->run->program, kj_regex_scratch_new(cli->arena), cli->run->today);
	host->organisation = subject->organisation ? host : NULL;
	host->fleet = subject->fleet;
	host->subjects = &cli->run->subjects;
	const struct kj_resolved *resolved = kj_resolve(host, source);
	struct kj_buf out = KJ_BUF(cli->arena);
	if (kj_str_eq(format, KJ_STR("json")))
		show_json(resolved, &out);
	else
		show_text(resolved, &out);
	kj_print_diags(cli);
	if (!kj_write_out(cli, file, kj_buf_str(&out)))
		return KJ_EXIT_USAGE;
	bool seen = resolved->state != KJ_STATE_NOT_COLLECTED && resolved->state != KJ_STATE_ERROR;
	return seen ? KJ_EXIT_OK : KJ_EXIT_MISSING;
}

int kj_command_show(struct kj_cli *cli)
{
	kj_str format = KJ_STR("text"), file = {0};
	if (cli->args.operands.n > 2)
		return kj_complain(cli, KJ_STR(""), "'kijun show' takes one source and one export");
	if (cli->args.outputs.n)
		kj_output_split(cli->args.outputs.at[cli->args.outputs.n - 1], &format, &file);
	if (!kj_str_eq(format, KJ_STR("json")) && !kj_str_eq(format, KJ_STR("text")))
		return kj_complain(cli, KJ_STR(""), "'kijun show' prints text or json, not '%.*s'", KJ_FMT(format));
	if (!kj_load_all(cli, false))
		return KJ_EXIT_USAGE;
	const struct kj_source *source = find_source(cli, cli->args.operands.at[0]);
	if (!source)
		return KJ_EXIT_USAGE;
	struct kj_subjects *subjects = &cli->run->subjects;
	if (!kj_run_add_export(cli->run, cli->args.operands.at[1])) {
		kj_print_diags(cli);
		return KJ_EXIT_USAGE;
	}
	for (size_t i = 0; source->of_fleet && i < subjects->list.n; i++)
		if (subjects->list.at[i].organisation)
			return show(cli, source, &subjects->list.at[i], format, file);
	if (subjects->list.n != 1)
		return kj_complain(cli, KJ_STR("name the folder of one host"), "'%.*s' holds %zu subjects",
		                   KJ_FMT(cli->args.operands.at[1]), subjects->list.n);
	return show(cli, source, &subjects->list.at[0], format, file);
}
