/* The source `mounts`: what is mounted and how, or, where nothing was captured, what fstab would mount. */
#include "resolve/work.h"

#include <string.h>

enum { DEVICE, MOUNT_POINT, TYPE, OPTIONS, MOUNTED, FSTAB_OPTIONS, NOTE };
const char *const kj_mounts_columns[] = {"device",  "mount_point",   "type", "options",
                                         "mounted", "fstab_options", "note", NULL};

static const kj_str guards[] = {KJ_STR_INIT("nosuid"), KJ_STR_INIT("nodev"), KJ_STR_INIT("noexec")};
#define GUARDS (sizeof guards / sizeof *guards)

static bool has_option(kj_str options, kj_str wanted)
{
	kj_str rest = options, option;
	while (kj_str_cut(&rest, ',', &option))
		if (kj_str_eq(option, wanted))
			return true;
	return false;
}

static bool is_one_of(kj_str option, const char *const *words)
{
	for (; *words; words++)
		if (kj_str_eq(option, kj_str_of(*words)))
			return true;
	return false;
}

/* What mount(8) makes of fstab's options: `user` implies noexec, nosuid and nodev, `owner` and `group` the last two,
   `defaults` the opposite of each, and what comes later counts. */
static kj_str effective_options(struct kj_arena *arena, kj_str written)
{
	bool guarded[GUARDS] = {false}, read_only = false;
	struct kj_buf others = KJ_BUF(arena), buf = KJ_BUF(arena);
	kj_str rest = written, option;
	while (kj_str_cut(&rest, ',', &option)) {
		bool users = is_one_of(option, (const char *const[]){"user", "users", NULL});
		bool owners = users || is_one_of(option, (const char *const[]){"owner", "group", NULL});
		bool defaults = kj_str_eq(option, KJ_STR("defaults")), known = defaults;
		for (size_t i = 0; i < GUARDS; i++) {
			bool on = kj_str_eq(option, guards[i]), off = kj_str_eq(option, kj_str_from(guards[i], 2));
			bool implied = users || (owners && i < 2);
			guarded[i] = on || implied || (guarded[i] && !off && !defaults);
			known |= on || off;
		}
		bool ro = kj_str_eq(option, KJ_STR("ro")), rw = kj_str_eq(option, KJ_STR("rw"));
		read_only = ro || (read_only && !rw && !defaults);
		if (!known && !ro && !rw && option.n)
			kj_buf_fmt(&others, ",%.*s", KJ_FMT(option));
	}
	kj_buf_put(&buf, read_only ? KJ_STR("ro") : KJ_STR("rw"));
	for (size_t i = 0; i < GUARDS; i++)
		if (guarded[i])
			kj_buf_fmt(&buf, ",%.*s", KJ_FMT(guards[i]));
	kj_buf_put(&buf, kj_buf_str(&others));
	return kj_buf_str(&buf);
}

struct mounts {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_rows *rows;
	struct kj_map fstab; /* mount point → struct kj_row of its last line */
	struct kj_map last;  /* mount point → struct kj_row of what is mounted on top */
	const struct kj_rows *fstab_rows, *mounted_rows;
};

/* No slash at the end, but for the root itself. */
static kj_str place_of(const struct kj_rows *rows, const struct kj_row *row)
{
	kj_str place = kj_row_cell(rows, row, KJ_STR("mount_point"));
	while (place.n > 1 && place.p[place.n - 1] == '/')
		place.n--;
	return place;
}

static void index_rows(struct mounts *m, const struct kj_reads *reads, const struct kj_rows **rows, struct kj_map *map)
{
	if (!reads->list.n)
		return;
	*rows = reads->list.at[0].rows;
	for (size_t i = 0; i < (*rows)->list.n; i++) {
		struct kj_row *row = &(*rows)->list.at[i];
		if (row->bad)
			KJ_PUSH(m->host->arena, &m->out->bad, *row);
		else
			*kj_map_at(m->host->arena, map, place_of(*rows, row)) = row;
	}
}

static kj_str *add(struct mounts *m, const struct kj_rows *from, const struct kj_row *row)
{
	kj_str *cells = kj_rows_append(m->host, m->rows, row);
	cells[DEVICE] = kj_row_cell(from, row, KJ_STR("device"));
	cells[MOUNT_POINT] = place_of(from, row);
	cells[TYPE] = kj_row_cell(from, row, KJ_STR("type"));
	return cells;
}

/* What fstab asks for and the mount does not have. */
static kj_str missing(struct mounts *m, kj_str configured, kj_str options)
{
	struct kj_buf buf = KJ_BUF(m->host->arena);
	for (size_t i = 0; i <= GUARDS; i++) {
		kj_str guard = i < GUARDS ? guards[i] : KJ_STR("ro");
		if (has_option(configured, guard) && !has_option(options, guard))
			kj_buf_fmt(&buf, "%s%.*s", buf.n ? ", " : "", KJ_FMT(guard));
	}
	if (!buf.n)
		return KJ_STR("");
	return kj_str_fmt(m->host->arena, "fstab says %.*s: configured, not in force", KJ_FMT(kj_buf_str(&buf)));
}

static kj_str configured(struct mounts *m, kj_str place)
{
	const struct kj_row *row = kj_map_get(&m->fstab, place);
	if (!row)
		return KJ_STR("");
	return effective_options(m->host->arena, kj_row_cell(m->fstab_rows, row, KJ_STR("options")));
}

static void add_mounted(struct mounts *m)
{
	for (const struct kj_map_entry *e = m->last.first; e; e = e->next) {
		kj_str *cells = add(m, m->mounted_rows, e->value);
		cells[OPTIONS] = kj_row_cell(m->mounted_rows, e->value, KJ_STR("options"));
		cells[MOUNTED] = KJ_STR("yes");
		cells[FSTAB_OPTIONS] = configured(m, e->key);
		cells[NOTE] = missing(m, cells[FSTAB_OPTIONS], cells[OPTIONS]);
	}
}

static void add_configured(struct mounts *m)
{
	for (const struct kj_map_entry *e = m->fstab.first; e; e = e->next) {
		if (!kj_str_starts(e->key, KJ_STR("/")) || kj_map_get(&m->last, e->key))
			continue; /* swap has no place */
		kj_str *cells = add(m, m->fstab_rows, e->value);
		cells[FSTAB_OPTIONS] = configured(m, e->key);
		cells[OPTIONS] = m->mounted_rows ? KJ_STR("") : cells[FSTAB_OPTIONS];
		cells[MOUNTED] = m->mounted_rows ? KJ_STR("no") : KJ_STR("");
		if (m->mounted_rows)
			cells[NOTE] = KJ_STR("stands in fstab and is not mounted: configured, not in force");
	}
}

void kj_resolve_mounts(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct mounts m = {.host = host, .out = out, .rows = kj_rows_make(host, kj_mounts_columns)};
	struct kj_reads mounted = {0}, fstab = {0};
	out->rows = m.rows;
	kj_read_inputs(host, source, true, &mounted);
	kj_read_inputs(host, source, false, &fstab);
	index_rows(&m, &mounted, &m.mounted_rows, &m.last);
	index_rows(&m, &fstab, &m.fstab_rows, &m.fstab);
	if (mounted.list.n) {
		kj_note_texts(host, &mounted, out);
		kj_note_texts(host, &fstab, out);
		out->state = KJ_STATE_EFFECTIVE;
	} else {
		kj_judge_reads(host, &fstab, out);
	}
	add_mounted(&m);
	add_configured(&m);
}
