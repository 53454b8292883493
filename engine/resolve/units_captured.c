/* Units as systemctl told them. */
#include "resolve/units.h"
#include "resolve/work.h"

/* The words that is-enabled says (systemctl(1)). */
static const kj_str states[] = {
        KJ_STR_INIT("enabled"),
        KJ_STR_INIT("enabled-runtime"),
        KJ_STR_INIT("linked"),
        KJ_STR_INIT("linked-runtime"),
        KJ_STR_INIT("alias"),
        KJ_STR_INIT("masked"),
        KJ_STR_INIT("masked-runtime"),
        KJ_STR_INIT("static"),
        KJ_STR_INIT("indirect"),
        KJ_STR_INIT("disabled"),
        KJ_STR_INIT("generated"),
        KJ_STR_INIT("transient"),
        KJ_STR_INIT("bad"),
        KJ_STR_INIT("not-found"),
};
static const kj_str activities[] = {
        KJ_STR_INIT("active"),    KJ_STR_INIT("inactive"),     KJ_STR_INIT("failed"),      KJ_STR_INIT("activating"),
        KJ_STR_INIT("reloading"), KJ_STR_INIT("deactivating"), KJ_STR_INIT("maintenance"), KJ_STR_INIT("refreshing"),
};
#define IS_ONE_OF(word, list) is_one_of(word, list, sizeof(list) / sizeof *(list))

static bool is_one_of(kj_str word, const kj_str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (kj_str_eq(word, list[i]))
			return true;
	return false;
}

/* The first that tells of a unit counts; what later ones add is taken. */
static void set(kj_str *cell, kj_str value)
{
	if (!cell->n)
		*cell = value;
}

struct line {
	kj_str rest;
	const struct kj_text *text;
	uint32_t number;
};

/* The next word of the line; empty at the end. */
static kj_str word_of(struct line *line)
{
	kj_str word = KJ_STR("");
	kj_str_word(&line->rest, &word);
	return word;
}

static struct kj_unit *unit_of(struct kj_units *units, const struct line *line, kj_str name)
{
	struct kj_unit *unit = kj_unit_at(units, name);
	if (!unit->origin.text)
		unit->origin = (struct kj_origin){line->text, line->number, 1};
	return unit;
}

/* ---- the commands ---- */

/* UNIT FILE, STATE, and (VENDOR) PRESET since systemd 245. */
static void take_unit_file(struct kj_units *units, struct line line)
{
	kj_str name = word_of(&line), state = word_of(&line), preset = word_of(&line);
	if (!kj_unit_is_name(name) || !IS_ONE_OF(state, states))
		return;
	struct kj_unit *unit = unit_of(units, &line, name);
	set(&unit->state, state);
	if (!kj_str_eq(preset, KJ_STR("-")))
		set(&unit->preset, preset);
}

/* A mark for failed ones, UNIT, LOAD, ACTIVE, SUB, DESCRIPTION. */
static void take_unit(struct kj_units *units, struct line line)
{
	kj_str name = word_of(&line);
	if (!kj_unit_is_name(name))
		name = word_of(&line);
	kj_str load = word_of(&line), active = word_of(&line), sub = word_of(&line);
	if (!kj_unit_is_name(name) || !IS_ONE_OF(active, activities))
		return;
	struct kj_unit *unit = unit_of(units, &line, name);
	set(&unit->load, load);
	set(&unit->active, active);
	set(&unit->sub, sub);
	set(&unit->description, kj_str_trim(line.rest));
}

/* The unit that a file is named after: "systemctl_is-enabled_sshd.txt". */
static kj_str unit_in_name(struct kj_arena *arena, kj_str file, kj_str command)
{
	static const kj_str extensions[] = {KJ_STR_INIT(".txt"), KJ_STR_INIT(".out"), KJ_STR_INIT(".log")};
	file = kj_str_from(file, kj_str_find_last(file, '/') == file.n ? 0 : kj_str_find_last(file, '/') + 1);
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
		if (kj_str_ends_fold(file, extensions[i]))
			file = kj_str_upto(file, file.n - extensions[i].n);
	kj_str name = kj_str_from(file, kj_str_find_str(file, command) + command.n);
	while (name.n && !kj_is_alnum(name.p[0]))
		name = kj_str_from(name, 1);
	return kj_unit_is_name(name) ? name : kj_str_fmt(arena, "%.*s.service", KJ_FMT(name));
}

/* One word, after what a redirection to SysV scripts prints. */
static void take_word(struct kj_units *units, struct line line, kj_str command, bool active)
{
	kj_str word = word_of(&line);
	bool known = active ? IS_ONE_OF(word, activities) : IS_ONE_OF(word, states);
	if (!known || word_of(&line).n)
		return;
	kj_str name = unit_in_name(units->host->arena, line.text->name, command);
	struct kj_unit *unit = kj_unit_is_name(name) ? unit_of(units, &line, name) : NULL;
	if (unit)
		set(active ? &unit->active : &unit->state, word);
}

static void take_enabled(struct kj_units *units, struct line line)
{
	take_word(units, line, KJ_STR("is-enabled"), false);
}

static void take_active(struct kj_units *units, struct line line)
{
	take_word(units, line, KJ_STR("is-active"), true);
}

static const struct {
	const char *globs;
	void (*take)(struct kj_units *units, struct line line);
	bool lists; /* it is a list of all units, when no option narrows it */
} commands[] = {
        {"*is-enabled*", take_enabled, false},
        {"*is-active*", take_active, false},
        {"*systemctl*list-unit-files*", take_unit_file, true},
        {"*systemctl*list-units*", take_unit, false},
};

/* Does the command's name, as its file has it, leave units out? */
static bool is_narrowed(kj_str file)
{
	static const char *const options[] = {"type", "state", "-t_", "-t ", "_t_", "user", "root", "grep"};
	file = kj_str_from(file, kj_str_find_last(file, '/') == file.n ? 0 : kj_str_find_last(file, '/') + 1);
	file = kj_str_from(file, kj_str_find_str(file, KJ_STR("list-unit-files")));
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (kj_str_find_str(file, kj_str_of(options[i])) < file.n)
			return true;
	return false;
}

bool kj_units_captured(struct kj_units *units)
{
	bool any = false, whole = false;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct kj_artifact **found;
		size_t n = kj_export_named_all(units->host->export, kj_str_of(commands[i].globs), KJ_STR(""), &found);
		for (size_t k = 0; k < n; k++) {
			if (found[k]->state != KJ_ARTIFACT_OK)
				continue;
			size_t before = units->list.n;
			struct line line = {.text = &found[k]->text};
			kj_str rest = found[k]->text.bytes;
			while (kj_str_line(&rest, &line.rest)) {
				line.number++;
				commands[i].take(units, line);
			}
			KJ_PUSH(units->host->arena, &units->texts, &found[k]->text);
			any = any || units->list.n;
			whole = whole ||
			        (commands[i].lists && units->list.n > before && !is_narrowed(found[k]->text.name));
		}
	}
	if (!whole)
		units->unseen = KJ_STR("no full 'systemctl list-unit-files' was captured");
	return any;
}
