/* The source `timers`: a row for each timer unit, from its file and drop-ins (systemd.timer(5)) and from `systemctl list-timers`. */
#include "resolve/unit_files.h"
#include "resolve/work.h"

const char *const kj_timers_columns[] = {"unit",       "activates", "on_calendar", "on_boot", "on_active",
                                         "persistent", "state",     "last",        "file",    NULL};
enum { UNIT, ACTIVATES, ON_CALENDAR, ON_BOOT, ON_ACTIVE, PERSISTENT, STATE, LAST, FILE_CELL, COLUMNS };

static const struct {
	kj_str key;
	size_t column;
} keys[] = {
        {KJ_STR_INIT("Unit"), ACTIVATES},
        {KJ_STR_INIT("OnCalendar"), ON_CALENDAR},
        {KJ_STR_INIT("OnBootSec"), ON_BOOT},
        {KJ_STR_INIT("OnStartupSec"), ON_BOOT},
        {KJ_STR_INIT("OnActiveSec"), ON_ACTIVE},
        {KJ_STR_INIT("OnUnitActiveSec"), ON_ACTIVE},
        {KJ_STR_INIT("OnUnitInactiveSec"), ON_ACTIVE},
        {KJ_STR_INIT("Persistent"), PERSISTENT},
};

struct timers {
	struct kj_host *host;
	struct kj_rows *rows;
	struct kj_map last; /* unit → kj_str: the date, or "never" */
	struct kj_map activates;
	bool listed;
};

/* ---- systemctl list-timers ---- */

static bool is_day(kj_str word)
{
	struct kj_date date;
	return kj_date_parse(word, &date);
}

/* "NEXT LEFT LAST PASSED UNIT ACTIVATES": the columns stand where the header has them; of a moment only the day is kept. */
static void take_listed(struct timers *t, kj_str line, size_t at, size_t end)
{
	kj_str words = line, word, unit = KJ_STR(""), activates = KJ_STR("");
	while (kj_str_word(&words, &word)) {
		if (unit.n)
			activates = word;
		unit = unit.n || !kj_str_ends(word, KJ_STR(".timer")) ? unit : word;
	}
	if (!unit.n)
		return;
	kj_str *day = KJ_NEW(t->host->arena, kj_str), *service = KJ_NEW(t->host->arena, kj_str);
	kj_str moment = kj_str_from(kj_str_upto(line, end), at);
	*day = KJ_STR("never");
	while (kj_str_word(&moment, &word))
		*day = is_day(word) ? word : *day;
	*service = activates;
	*kj_map_at(t->host->arena, &t->last, unit) = day;
	*kj_map_at(t->host->arena, &t->activates, unit) = service;
}

static void read_listed(struct timers *t, struct kj_resolved *out)
{
	const struct kj_artifact **found;
	size_t n = kj_export_named_all(t->host->export, KJ_STR("*systemctl*list-timers*"), KJ_STR(""), &found);
	for (size_t i = 0; i < n; i++) {
		if (found[i]->state != KJ_ARTIFACT_OK)
			continue;
		kj_str rest = found[i]->text.bytes, line;
		size_t at = 0, end = 0;
		KJ_PUSH(t->host->arena, &out->texts, &found[i]->text);
		while (kj_str_line(&rest, &line)) {
			if (kj_str_starts(kj_str_trim_left(line), KJ_STR("NEXT "))) {
				at = kj_str_find_str(line, KJ_STR("LAST"));
				end = kj_str_find_str(line, KJ_STR("PASSED"));
				t->listed = true;
			} else if (end) {
				take_listed(t, line, at, end);
			}
		}
	}
}

/* ---- rows ---- */

static void take_file(struct timers *t, kj_str *cells, const struct kj_unit_text *text)
{
	for (size_t i = 0; i < text->list.n; i++) {
		const struct kj_unit_setting *s = &text->list.at[i];
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			if (!kj_str_eq(s->section, KJ_STR("Timer")) || !kj_str_eq(s->key, keys[k].key))
				continue;
			kj_str *cell = &cells[keys[k].column];
			bool adds = cell->n && keys[k].column != ACTIVATES && keys[k].column != PERSISTENT;
			*cell = adds ? kj_str_fmt(t->host->arena, "%.*s; %.*s", KJ_FMT(*cell), KJ_FMT(s->value))
			             : s->value;
		}
	}
}

static kj_str own_service(struct kj_arena *arena, kj_str timer)
{
	return kj_str_fmt(arena, "%.*s.service", KJ_FMT(kj_str_upto(timer, kj_str_find_last(timer, '.'))));
}

static void add_row(struct timers *t, const struct kj_unit *unit)
{
	const struct kj_row at = {.text = unit->origin.text, .line = unit->origin.line, .col = 1};
	struct kj_unit_text text = kj_unit_read(t->host, unit);
	kj_str *cells = kj_rows_append(t->host, t->rows, &at);
	cells[UNIT] = unit->name;
	cells[STATE] = unit->state;
	cells[FILE_CELL] = unit->file;
	take_file(t, cells, &text);
	for (size_t i = ON_CALENDAR; !text.seen && i <= PERSISTENT; i++)
		kj_rows_unseen(t->host, t->rows, cells, i, KJ_STR("the timer's file was not collected"));
	if (text.seen && !cells[PERSISTENT].n)
		cells[PERSISTENT] = KJ_STR("no");
	const kj_str *last = kj_map_get(&t->last, unit->name), *activates = kj_map_get(&t->activates, unit->name);
	if (!cells[ACTIVATES].n)
		cells[ACTIVATES] = activates && activates->n ? *activates : own_service(t->host->arena, unit->name);
	if (last)
		cells[LAST] = *last;
	else
		kj_rows_unseen(t->host, t->rows, cells, LAST,
		               t->listed ? KJ_STR("the timer is not in the list of timers")
		                         : KJ_STR("no 'systemctl list-timers' was captured"));
	if (!unit->state.n)
		kj_rows_unseen(t->host, t->rows, cells, STATE,
		               KJ_STR("neither its file nor a link to it was collected"));
}

void kj_resolve_timers(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	const struct kj_units *units = kj_units_of(host);
	struct timers t = {.host = host, .rows = kj_rows_make(host, kj_timers_columns)};
	read_listed(&t, out);
	out->rows = t.rows;
	out->state = t.listed ? KJ_STATE_EFFECTIVE : units->state;
	out->message = units->message;
	for (size_t i = 0; i < units->list.n; i++)
		if (kj_str_eq(kj_unit_type(units->list.at[i]->name), KJ_STR("timer")))
			add_row(&t, units->list.at[i]);
	for (const struct kj_map_entry *e = t.last.first; e; e = e->next)
		if (!kj_map_get(&units->by_name, e->key))
			add_row(&t, &(struct kj_unit){.name = e->key});
	if (units->unseen.n && !t.listed && out->state == KJ_STATE_EFFECTIVE)
		kj_rows_add_unseen(host, t.rows, units->unseen);
}
