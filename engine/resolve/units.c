/* The source `units`: a row and a setting for each unit, the setting's value being what `systemctl is-enabled` says. */
#include "resolve/units.h"

#include "resolve/work.h"

#include <stdlib.h>

const char *const kj_units_columns[] = {"name", "type",        "state", "preset", "active",
                                        "sub",  "description", "file",  NULL};

/* ---- names ---- */

kj_str kj_unit_type(kj_str name)
{
	static const kj_str types[] = {KJ_STR_INIT("service"), KJ_STR_INIT("socket"), KJ_STR_INIT("target"),
	                               KJ_STR_INIT("device"),  KJ_STR_INIT("mount"),  KJ_STR_INIT("automount"),
	                               KJ_STR_INIT("swap"),    KJ_STR_INIT("timer"),  KJ_STR_INIT("path"),
	                               KJ_STR_INIT("slice"),   KJ_STR_INIT("scope")};
	kj_str suffix = kj_str_from(name, kj_str_find_last(name, '.') + 1);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (kj_str_eq(suffix, types[i]))
			return types[i];
	return KJ_STR("");
}

/* unit_name_is_valid() of systemd. */
bool kj_unit_is_name(kj_str name)
{
	const size_t longest = 255;
	if (!kj_unit_type(name).n || name.n > longest || name.p[0] == '.' || name.p[0] == '@')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!kj_is_alnum(name.p[i]) && kj_str_find(KJ_STR(":-_.\\@"), name.p[i]) == 6)
			return false;
	return true;
}

kj_str kj_unit_template(struct kj_arena *arena, kj_str name)
{
	size_t at = kj_str_find(name, '@'), dot = kj_str_find_last(name, '.');
	if (at >= dot || at + 1 == dot)
		return KJ_STR("");
	return kj_str_fmt(arena, "%.*s%.*s", KJ_FMT(kj_str_upto(name, at + 1)), KJ_FMT(kj_str_from(name, dot)));
}

struct kj_unit *kj_unit_at(struct kj_units *units, kj_str name)
{
	void **place = kj_map_at(units->host->arena, &units->by_name, name);
	if (!*place) {
		struct kj_unit *unit = KJ_NEW(units->host->arena, struct kj_unit);
		unit->name = name;
		*place = unit;
		KJ_PUSH(units->host->arena, &units->list, unit);
	}
	return *place;
}

/* ---- captured before files ---- */

static int by_name(const void *a, const void *b)
{
	const struct kj_unit *const *left = a, *const *right = b;
	return kj_str_cmp((*left)->name, (*right)->name);
}

/* What a list of unit files cannot show is taken from the host's files, and of each unit the file. */
static void complete(struct kj_units *units, const struct kj_units *files)
{
	for (size_t i = 0; i < files->list.n; i++) {
		const struct kj_unit *file = files->list.at[i];
		struct kj_unit *unit = kj_map_get(&units->by_name, file->name);
		if (!unit && (file->instance || units->unseen.n))
			*(unit = kj_unit_at(units, file->name)) = *file;
		if (!unit)
			continue;
		unit->file = file->file;
		if (!unit->state.n) {
			unit->state = file->state;
			unit->origin = unit->origin.text ? unit->origin : file->origin;
		}
	}
	if (units->unseen.n && files->state != KJ_STATE_NOT_COLLECTED && !files->unseen.n)
		units->unseen = KJ_STR("");
}

static struct kj_units *units_new(struct kj_host *host)
{
	struct kj_units *units = KJ_NEW(host->arena, struct kj_units);
	units->host = host;
	return units;
}

/* Several sources ask for them. */
static void read_once(struct kj_host *host)
{
	if (host->units)
		return;
	struct kj_units *units = units_new(host), *files = units_new(host);
	kj_units_of_files(files);
	if (!kj_units_captured(units))
		units = files;
	else
		complete(units, files);
	if (units->list.n)
		qsort(units->list.at, units->list.n, sizeof(struct kj_unit *), by_name);
	host->units = units;
	host->unit_files = files;
}

const struct kj_units *kj_units_of(struct kj_host *host)
{
	read_once(host);
	return host->units;
}

/* ---- the source ---- */

enum { STATE = 2, ACTIVE = 4, SUB = 5, DESCRIPTION = 6 };

static void add_row(struct kj_host *host, struct kj_rows *rows, const struct kj_unit *unit)
{
	const struct kj_row at = {.text = unit->origin.text, .line = unit->origin.line, .col = 1};
	kj_str *cells = kj_rows_append(host, rows, &at);
	const kj_str values[] = {unit->name, kj_unit_type(unit->name), unit->state, unit->preset, unit->active,
	                         unit->sub,  unit->description,        unit->file};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		cells[i] = values[i];
	if (!unit->state.n)
		kj_rows_unseen(host, rows, cells, STATE, KJ_STR("neither its file nor a link to it was collected"));
	for (size_t i = ACTIVE; !unit->active.n && i <= DESCRIPTION; i++)
		kj_rows_unseen(host, rows, cells, i, KJ_STR("no 'systemctl list-units' was captured with it"));
}

static void add_setting(struct kj_host *host, struct kj_resolved *out, const struct kj_unit *unit)
{
	if (unit->state.n)
		kj_setting_add(host, out, unit->name, unit->state, KJ_STATE_EFFECTIVE, unit->origin);
}

/* Only what a list would show the same way is compared: a generator's units, for one, stand in no file. */
static void compare(struct kj_host *host, struct kj_resolved *out, const struct kj_units *files)
{
	static const kj_str sure[] = {KJ_STR_INIT("enabled"), KJ_STR_INIT("masked"), KJ_STR_INIT("disabled")};
	struct kj_resolved told = {.source = out->source};
	for (size_t i = 0; i < files->list.n; i++)
		for (size_t k = 0; k < sizeof sure / sizeof *sure; k++)
			if (kj_str_eq(files->list.at[i]->state, sure[k]) && files->list.at[i]->origin.text)
				add_setting(host, &told, files->list.at[i]);
	kj_settings_compare(host, out, &told);
}

void kj_resolve_units(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	read_once(host);
	const struct kj_units *files = host->unit_files, *units = host->units;
	struct kj_rows *rows = kj_rows_make(host, kj_units_columns);
	out->rows = rows;
	out->state = units->state;
	out->message = units->message;
	if (units != files)
		out->state = KJ_STATE_EFFECTIVE;
	for (size_t i = 0; i < units->texts.n; i++)
		KJ_PUSH(host->arena, &out->texts, units->texts.at[i]);
	for (size_t i = 0; i < units->list.n; i++) {
		add_row(host, rows, units->list.at[i]);
		add_setting(host, out, units->list.at[i]);
	}
	if (units->unseen.n && out->state == KJ_STATE_EFFECTIVE)
		kj_rows_add_unseen(host, rows, units->unseen);
	if (units != files)
		compare(host, out, files);
}
