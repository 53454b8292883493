/* The source `unit_files`: systemd.unit(5), "Description": the unit's file, then the drop-ins of all folders by name. An empty assignment clears a
   list; a key of one value keeps its last. */
#include "resolve/unit_files.h"

#include "resolve/work.h"

const char *const kj_unit_files_columns[] = {"unit", "section", "key", "value", "last", NULL};

/* The folders of the search path that hold drop-ins, strongest first. */
static const char *const folders[] = {
        "/etc/systemd/system.control",   "/run/systemd/system.control", "/run/systemd/transient",
        "/etc/systemd/system",           "/run/systemd/system",         "/run/systemd/generator",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",     "/lib/systemd/system"};
enum { FOLDERS = sizeof folders / sizeof *folders, NAMES = 3 };

static void take_rows(struct kj_host *host, struct kj_unit_text *out, const struct kj_artifact *artifact)
{
	const struct kj_rows *rows = kj_host_rows(host, artifact, KJ_STR("systemd"), NULL);
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		struct kj_unit_setting s = {row->cell[0], row->cell[1], row->cell[2], row, true};
		if (row->bad && !s.key.n)
			return;
		if (row->bad)
			continue;
		size_t kept = 0;
		for (size_t k = 0; k < out->list.n; k++) {
			struct kj_unit_setting *old = &out->list.at[k];
			bool same = kj_str_eq(old->section, s.section) && kj_str_eq(old->key, s.key);
			old->last = old->last && !same;
			if (!same || s.value.n)
				out->list.at[kept++] = *old;
		}
		out->list.n = kept;
		if (s.value.n)
			KJ_PUSH(host->arena, &out->list, s);
	}
}

/* The drop-ins of a unit, of its template and of its type; the weakest first. */
static void read_dropins(struct kj_host *host, struct kj_unit_text *out, kj_str unit)
{
	kj_str template = kj_unit_template(host->arena, unit);
	const kj_str names[NAMES] = {unit, template, kj_unit_type(unit)};
	kj_str paths[FOLDERS * NAMES];
	struct kj_input input = {.kind = KJ_INPUT_DROPINS, .path = paths};
	for (size_t n = 0; n < NAMES; n++)
		for (size_t i = 0; names[n].n && i < FOLDERS; i++)
			paths[input.paths++] = kj_str_fmt(host->arena, "%s/%.*s.d", folders[i], KJ_FMT(names[n]));
	const struct kj_source source = {.input = &input, .inputs = 1};
	struct kj_reads reads = {0};
	kj_read_inputs(host, &source, false, &reads);
	for (size_t i = 0; i < reads.list.n; i++)
		take_rows(host, out, reads.list.at[i].artifact);
}

struct kj_unit_text kj_unit_read(struct kj_host *host, const struct kj_unit *unit)
{
	struct kj_unit_text out = {0};
	if (!unit->file.n)
		return out;
	const struct kj_artifact *artifact = kj_export_read(host->export, unit->file);
	out.seen = artifact->state == KJ_ARTIFACT_OK;
	if (out.seen)
		take_rows(host, &out, artifact);
	read_dropins(host, &out, unit->name);
	return out;
}

static void add_rows(struct kj_host *host, struct kj_rows *rows, const struct kj_unit *unit,
                     const struct kj_unit_text *text)
{
	for (size_t i = 0; i < text->list.n; i++) {
		const struct kj_unit_setting *s = &text->list.at[i];
		kj_str *cells = kj_rows_append(host, rows, s->row);
		const kj_str values[] = {unit->name, s->section, s->key, s->value,
		                         s->last ? KJ_STR("yes") : KJ_STR("no")};
		for (size_t k = 0; k < sizeof values / sizeof *values; k++)
			cells[k] = values[k];
	}
}

/* All of a unit that nobody can see but its name. */
static void add_unseen(struct kj_host *host, struct kj_rows *rows, const struct kj_unit *unit)
{
	const struct kj_row at = {.text = unit->origin.text, .line = unit->origin.line, .col = 1};
	kj_str *cells = kj_rows_append(host, rows, &at);
	cells[0] = unit->name;
	for (size_t i = 1; i < rows->column_count; i++)
		kj_rows_unseen(host, rows, cells, i, KJ_STR("the unit's file was not collected"));
}

void kj_resolve_unit_files(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	const struct kj_units *units = kj_units_of(host);
	struct kj_rows *rows = kj_rows_make(host, kj_unit_files_columns);
	out->rows = rows;
	out->state = units->state;
	out->message = units->message;
	for (size_t i = 0; i < units->list.n; i++) {
		struct kj_unit_text text = kj_unit_read(host, units->list.at[i]);
		add_rows(host, rows, units->list.at[i], &text);
		if (!text.seen && !kj_str_starts(units->list.at[i]->state, KJ_STR("masked")))
			add_unseen(host, rows, units->list.at[i]);
	}
}
