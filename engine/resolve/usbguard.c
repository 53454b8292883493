/* The source `usbguard`: the daemon's configuration (KeyValueParser of usbguard 1.1). The source `usbguard_rules`: the rules of USBGuard in their order, and which of them decide on a USB storage device. */
#include "resolve/work.h"

#include <stdlib.h>

enum {
	TARGET,
	ID,
	ID_OPERATOR,
	INTERFACE,
	INTERFACE_OPERATOR,
	NAME,
	SERIAL,
	HASH,
	PARENT_HASH,
	PORT,
	CONNECT,
	LABEL,
	IF,
	OPERATORS,
	STORAGE
};
const char *const kj_usbguard_columns[] = {"target",
                                           "id",
                                           "id_operator",
                                           "with_interface",
                                           "interface_operator",
                                           "name",
                                           "serial",
                                           "hash",
                                           "parent_hash",
                                           "via_port",
                                           "with_connect_type",
                                           "label",
                                           "condition",
                                           "operators",
                                           "storage",
                                           NULL};

/* ---- the daemon's configuration ---- */

static bool is_in(kj_str word, const char *const *words)
{
	for (; *words; words++)
		if (kj_str_eq(word, kj_str_of(*words)))
			return true;
	return false;
}

/* Why the daemon would not start; NULL: it would. */
static const char *refusal(kj_str key, kj_str value)
{
	static const char *const keys[] = {"RuleFile",
	                                   "RuleFolder",
	                                   "ImplicitPolicyTarget",
	                                   "PresentDevicePolicy",
	                                   "PresentControllerPolicy",
	                                   "InsertedDevicePolicy",
	                                   "AuthorizedDefault",
	                                   "RestoreControllerDeviceState",
	                                   "DeviceManagerBackend",
	                                   "IPCAllowedUsers",
	                                   "IPCAllowedGroups",
	                                   "IPCAccessControlFiles",
	                                   "DeviceRulesWithPort",
	                                   "AuditBackend",
	                                   "AuditFilePath",
	                                   "HidePII",
	                                   NULL};
	static const char *const targets[] = {"allow", "block", "reject", NULL};
	if (!is_in(key, keys))
		return "unknown key";
	if (kj_str_eq(key, KJ_STR("ImplicitPolicyTarget")) && !is_in(value, targets))
		return "not a target";
	return NULL;
}

static void refuse(struct kj_host *host, struct kj_resolved *out, const struct kj_row *row, const char *why)
{
	struct kj_row bad = *row;
	bad.bad = true;
	bad.problem = why;
	KJ_PUSH(host->arena, &out->bad, bad);
	if (out->refused)
		return;
	out->refused = true;
	out->at = kj_origin_of(row);
	kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE, "'%.*s' line %u: %s: usbguard-daemon does not start",
	                  KJ_FMT(row->text->name), row->line, why);
}

static void take_setting(struct kj_host *host, struct kj_resolved *out, kj_str key, kj_str value,
                         const struct kj_row *row)
{
	struct kj_setting *s = kj_setting_find(out, key, KJ_STR(""));
	if (!s) {
		kj_setting_add(host, out, key, value, KJ_STATE_EFFECTIVE, kj_origin_of(row));
		return;
	}
	kj_setting_override(host, s, s->value, s->origin);
	s->value = value;
	s->origin = kj_origin_of(row);
}

/* A `#` begins a comment in the first column only. */
static void take_configuration(struct kj_host *host, struct kj_resolved *out, const struct kj_rows *rows)
{
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		kj_str key = kj_row_cell(rows, row, KJ_STR("key")), value = kj_row_cell(rows, row, KJ_STR("value"));
		if (row->col == 1 && kj_str_starts(key, KJ_STR("#")))
			continue;
		const char *why = row->bad ? row->problem : refusal(key, value);
		if (why)
			refuse(host, out, row, why);
		else
			take_setting(host, out, key, value, row);
	}
}

void kj_resolve_usbguard(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out))
		return;
	for (size_t i = 0; i < reads.list.n; i++)
		take_configuration(host, out, reads.list.at[i].rows);
	if (out->refused)
		kj_settings_out_of_force(host, out);
	else
		kj_defaults_add(host, source, out);
}

/* ---- rules ---- */

/* The rules that match storage devices, USB class 08. */
enum storage { NO, COMPOSITE, YES };

/* Could a device with an interface of class 08 match? A composite one has others beside it. */
static enum storage matches(struct kj_arena *arena, kj_str interface, kj_str operator)
{
	const kj_str *value;
	size_t n = kj_cell_items(arena, interface, &value);
	bool any = false, whole = false;
	for (size_t i = 0; i < n; i++) {
		any |= kj_str_starts(value[i], KJ_STR("08:"));
		whole |= kj_str_eq(value[i], KJ_STR("08:*:*"));
	}
	if (!n)
		return YES;
	if (kj_str_eq(operator, KJ_STR("none-of")))
		return whole ? NO : YES;
	if (any)
		return YES;
	bool more = kj_str_eq(operator, KJ_STR("one-of")) || kj_str_eq(operator, KJ_STR("all-of"));
	return more ? COMPOSITE : NO;
}

/* Does the rule stop every storage device, so that what follows never sees one? */
static bool closes(struct kj_arena *arena, const kj_str *cells)
{
	for (size_t i = 0; i < STORAGE; i++)
		if (i != TARGET && i != INTERFACE && i != INTERFACE_OPERATOR && i != LABEL && cells[i].n)
			return false;
	if (!kj_str_eq(cells[TARGET], KJ_STR("block")) && !kj_str_eq(cells[TARGET], KJ_STR("reject")))
		return false;
	const kj_str *value;
	size_t n = kj_cell_items(arena, cells[INTERFACE], &value);
	bool one_of = kj_str_eq(cells[INTERFACE_OPERATOR], KJ_STR("one-of"));
	bool all_of = kj_str_eq(cells[INTERFACE_OPERATOR], KJ_STR("all-of")) && n == 1;
	for (size_t i = 0; i < n; i++)
		if ((one_of || all_of) && kj_str_eq(value[i], KJ_STR("08:*:*")))
			return true;
	return !n;
}

static int by_name(const void *a, const void *b)
{
	return kj_str_cmp(*(const kj_str *)a, *(const kj_str *)b);
}

/* All files of the folder by name, hidden ones and back-ups too: so the daemon does. */
static void read_folder(struct kj_host *host, struct kj_reads *reads, kj_str folder, kj_str parser)
{
	static const char *const globs[] = {"*", ".*"};
	KJ_VEC(kj_str) names = {0};
	for (size_t g = 0; g < sizeof globs / sizeof *globs; g++) {
		enum kj_presence presence;
		struct kj_entry_list found =
		        kj_export_glob(host->export, host->arena,
		                       kj_str_fmt(host->arena, "%.*s/%s", KJ_FMT(folder), globs[g]), &presence);
		if (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE)
			reads->hidden = kj_str_fmt(host->arena, "/%.*s", KJ_FMT(folder));
		for (size_t i = 0; i < found.paths.n; i++)
			KJ_PUSH(host->arena, &names, found.paths.at[i]);
	}
	if (names.n)
		qsort(names.at, names.n, sizeof *names.at, by_name);
	for (size_t i = 0; i < names.n; i++)
		kj_read_path(host, reads, NULL, names.at[i], parser, NULL);
}

/* Where the daemon's configuration says the rules are. */
static kj_str configured(struct kj_host *host, const char *key, const char *preset)
{
	const struct kj_source *daemon = kj_program_source(host->program, KJ_STR("usbguard"));
	const struct kj_resolved *settings = daemon ? kj_resolve(host, daemon) : NULL;
	const struct kj_setting_list *list = settings ? kj_resolved_get(settings, kj_str_of(key)) : NULL;
	kj_str path = list && list->list.n ? list->list.at[0]->value : kj_str_of(preset);
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

static void read_rules(struct kj_host *host, const struct kj_source *source, struct kj_reads *reads)
{
	kj_str file = configured(host, "RuleFile", ""), folder = configured(host, "RuleFolder", "");
	if (!file.n && !folder.n)
		file = KJ_STR("/etc/usbguard/rules.conf");
	if (file.n)
		kj_read_path(host, reads, NULL, file, source->parser, NULL);
	if (folder.n)
		read_folder(host, reads, kj_host_path(folder), source->parser);
	reads->looked_for = kj_str_fmt(host->arena, "%.*s %.*s/*", KJ_FMT(file), KJ_FMT(folder));
}

static void take_rows(struct kj_host *host, const struct kj_reads *reads, struct kj_rows *rows, struct kj_resolved *out)
{
	static const char *const words[] = {"no", "composite", "yes"};
	bool closed = false;
	for (size_t f = 0; f < reads->list.n; f++) {
		const struct kj_rows *from = reads->list.at[f].rows;
		for (size_t i = 0; i < from->list.n; i++) {
			const struct kj_row *row = &from->list.at[i];
			kj_str *cells = kj_rows_append(host, rows, row);
			for (size_t c = 0; c < STORAGE; c++)
				cells[c] = row->cell[c];
			if (row->bad) {
				refuse(host, out, row, row->problem);
				continue;
			}
			enum storage storage = matches(host->arena, cells[INTERFACE], cells[INTERFACE_OPERATOR]);
			cells[STORAGE] = closed ? KJ_STR("no") : kj_str_of(words[storage]);
			closed |= closes(host->arena, cells);
		}
	}
}

void kj_resolve_usbguard_rules(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads captured = {0}, files = {0};
	struct kj_rows *rows = kj_rows_make(host, kj_usbguard_columns);
	out->rows = rows;
	kj_read_inputs(host, source, true, &captured);
	captured.hidden = KJ_STR("");
	if (!captured.list.n)
		read_rules(host, source, &files);
	struct kj_reads *reads = captured.list.n ? &captured : &files;
	kj_judge_reads(host, reads, out);
	take_rows(host, reads, rows, out);
}
