/* The resolver that a declaration drives: read the inputs in order, let the first or the last value of a key win. */
#include "resolve/work.h"

#include <string.h>

struct plain {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	struct kj_map at; /* key → index + 1 of its setting, as a pointer-sized number in struct place */
	bool join_sections;
	bool stopped; /* a bad line ended the reading */
};

struct place {
	size_t index;
};

/* How a section goes into a key: `with: {section: drop}` leaves it out, else "section.key". */
static bool joins_sections(const struct kj_source *source)
{
	const struct kj_node *section = kj_doc_get(source->with, KJ_STR("section"));
	return !section || !kj_str_eq(section->text, KJ_STR("drop"));
}

bool kj_plain_check(const struct kj_source *source, struct kj_diags *diags)
{
	size_t errors = diags->errors;
	for (size_t i = 0; source->with && i < source->with->n; i++) {
		const struct kj_node *key = source->with->pairs[i].key, *value = source->with->pairs[i].value;
		if (!kj_str_eq(key->text, KJ_STR("section")))
			kj_hint(diags, kj_error(diags, key->span, "there is no '%.*s' in 'with'", KJ_FMT(key->text)),
			        "without a resolver, only 'section' may stand here");
		else if (!kj_str_eq(value->text, KJ_STR("drop")) && !kj_str_eq(value->text, KJ_STR("join")))
			kj_error(diags, value->span, "'section' is 'join' or 'drop', not '%.*s'", KJ_FMT(value->text));
	}
	return diags->errors == errors;
}

static bool accumulates(const struct plain *p, kj_str key)
{
	for (size_t i = 0; i < p->source->accumulates; i++)
		if (p->source->fold_keys ? kj_str_eq_fold(p->source->accumulate[i], key)
		                         : kj_str_eq(p->source->accumulate[i], key))
			return true;
	return p->source->wins == KJ_WINS_ALL;
}

static kj_str key_of(const struct plain *p, const struct kj_rows *rows, const struct kj_row *row)
{
	struct kj_arena *arena = p->host->arena;
	kj_str key = kj_row_cell(rows, row, KJ_STR("key")), section = kj_row_cell(rows, row, KJ_STR("section"));
	if (section.n && p->join_sections)
		key = kj_str_fmt(arena, "%.*s.%.*s", KJ_FMT(section), KJ_FMT(key));
	if (p->source->fold_keys)
		key = kj_str_lower(arena, key);
	if (!p->source->replace_from.n || kj_str_find(key, p->source->replace_from.p[0]) == key.n)
		return key;
	char *copy = kj_alloc_text(arena, key.n);
	for (size_t i = 0; i < key.n; i++)
		copy[i] = key.p[i] == p->source->replace_from.p[0] ? p->source->replace_to.p[0] : key.p[i];
	return (kj_str){copy, key.n};
}

static kj_str value_of(const struct kj_rows *rows, const struct kj_row *row)
{
	bool inf = kj_rows_column(rows, KJ_STR("data")) < rows->column_count;
	return kj_row_cell(rows, row, inf ? KJ_STR("data") : KJ_STR("value"));
}

static void take(struct plain *p, kj_str key, kj_str value, const struct kj_row *row)
{
	struct kj_origin origin = kj_origin_of(row);
	void **found = kj_map_at(p->host->arena, &p->at, key);
	if (!*found || accumulates(p, key)) {
		struct place *place = KJ_NEW(p->host->arena, struct place);
		place->index = p->out->settings.n;
		*found = *found ? *found : place;
		kj_setting_add(p->host, p->out, key, value, KJ_STATE_EFFECTIVE, origin);
		return;
	}
	const struct place *place = *found;
	struct kj_setting *s = &p->out->settings.at[place->index];
	if (p->source->wins == KJ_WINS_FIRST) {
		kj_setting_override(p->host, s, value, origin);
		return;
	}
	kj_setting_override(p->host, s, s->value, s->origin);
	s->value = value;
	s->origin = origin;
}

/* What a bad line costs; false when it ends the reading. */
static bool take_bad(struct plain *p, const struct kj_row *row)
{
	KJ_PUSH(p->host->arena, &p->out->bad, *row);
	switch (p->source->bad_line) {
	case KJ_BAD_SKIP:
		return true;
	case KJ_BAD_STOP:
		p->stopped = true;
		return false;
	case KJ_BAD_REFUSE:
		break;
	}
	if (p->out->refused)
		return true;
	p->out->refused = true;
	p->out->at = kj_origin_of(row);
	kj_resolved_state(p->host, p->out, KJ_STATE_NOT_IN_FORCE, "'%.*s' line %u: %s: the program refuses the file",
	                  KJ_FMT(row->text->name), row->line, row->problem);
	return true;
}

static bool has_keys(const struct kj_rows *rows)
{
	return kj_rows_column(rows, KJ_STR("key")) < rows->column_count &&
	       kj_rows_column(rows, KJ_STR("value")) < rows->column_count;
}

static void take_rows(struct plain *p, const struct kj_rows *rows)
{
	bool keyed = has_keys(rows);
	for (size_t i = 0; i < rows->list.n && !p->stopped; i++) {
		const struct kj_row *row = &rows->list.at[i];
		if (row->bad)
			take_bad(p, row);
		else if (keyed)
			take(p, key_of(p, rows, row), value_of(rows, row), row);
	}
}

/* The rows of all artifacts as one list. Those of another parser's shape are left out. */
static const struct kj_rows *gather_rows(struct kj_host *host, const struct kj_reads *reads)
{
	struct kj_rows *all = KJ_NEW(host->arena, struct kj_rows);
	*all = *reads->list.at[0].rows;
	if (reads->list.n == 1)
		return reads->list.at[0].rows;
	memset(&all->list, 0, sizeof all->list);
	for (size_t i = 0; i < reads->list.n; i++) {
		const struct kj_rows *rows = reads->list.at[i].rows;
		if (rows->column_count != all->column_count)
			continue;
		for (size_t k = 0; k < rows->list.n; k++)
			KJ_PUSH(host->arena, &all->list, rows->list.at[k]);
		all->capped |= rows->capped;
	}
	return all;
}

static bool any_capped(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out)
{
	for (size_t i = 0; i < reads->list.n; i++) {
		if (!reads->list.at[i].rows->capped)
			continue;
		out->at.text = &reads->list.at[i].artifact->text;
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s' has more than %zu rows",
		                  KJ_FMT(out->at.text->name), reads->list.at[i].rows->list.n);
		return true;
	}
	return false;
}

static void take_reads(struct plain *p, const struct kj_reads *reads)
{
	for (size_t i = 0; i < reads->list.n && !p->stopped; i++)
		take_rows(p, reads->list.at[i].rows);
	if (reads->list.n)
		p->out->rows = gather_rows(p->host, reads);
}

/* ---- captured truth against files ---- */

static void compare_files(struct plain *p)
{
	struct kj_reads reads = {0};
	kj_read_inputs(p->host, p->source, false, &reads);
	kj_note_texts(p->host, &reads, p->out);
	struct kj_resolved files = {.source = p->source};
	struct plain q = {.host = p->host, .source = p->source, .out = &files, .join_sections = p->join_sections};
	take_reads(&q, &reads);
	kj_settings_compare(p->host, p->out, &files);
}

void kj_resolve_plain(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct plain p = {.host = host, .source = source, .out = out, .join_sections = joins_sections(source)};
	struct kj_reads captured = {0}, files = {0};
	kj_read_inputs(host, source, true, &captured);
	if (captured.list.n) {
		kj_note_texts(host, &captured, out);
		out->state = KJ_STATE_EFFECTIVE;
		take_reads(&p, &captured);
		compare_files(&p);
		any_capped(host, &captured, out);
		return;
	}
	kj_read_inputs(host, source, false, &files);
	if (captured.broken && !files.broken)
		files.broken = captured.broken;
	bool only_captured = !files.looked_for.n;
	struct kj_reads *reads = only_captured ? &captured : &files;
	bool readable = kj_judge_reads(host, reads, out);
	take_reads(&p, reads);
	if (readable && any_capped(host, reads, out))
		return;
	if (p.out->refused)
		kj_settings_out_of_force(host, out);
	else if (out->state == KJ_STATE_EFFECTIVE || out->state == KJ_STATE_ABSENT)
		if (!reads->veiled.n)
			kj_defaults_add(host, source, out);
}
