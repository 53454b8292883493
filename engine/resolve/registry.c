/* The source `registry`: all .reg files; keys as HKLM\…\Name. */
#include "resolve/work.h"

const char *const kj_registry_columns[] = {"key", "name", "type", "value", NULL};

/* What ordinary users may not write: the machine's part, and the policies in their own. */
static bool is_locked(kj_str key)
{
	static const kj_str policies[] = {KJ_STR_INIT("\\software\\policies\\"),
	                                  KJ_STR_INIT("\\software\\microsoft\\windows\\currentversion\\policies\\")};
	if (kj_str_starts_fold(key, KJ_STR("HKLM\\")))
		return true;
	bool own = kj_str_starts_fold(key, KJ_STR("HKCU\\"));
	if (!own && !kj_str_starts_fold(key, KJ_STR("HKU\\")))
		return false;
	kj_str below = own ? kj_str_from(key, 4) : kj_str_from(key, 4 + kj_str_find(kj_str_from(key, 4), '\\'));
	for (size_t i = 0; i < 2; i++)
		if (kj_str_starts_fold(below, policies[i]))
			return true;
	return false;
}

static void take(struct kj_host *host, struct kj_resolved *out, struct kj_map *places, const struct kj_rows *rows,
                 const struct kj_row *row)
{
	kj_str key = kj_str_fmt(host->arena, "%.*s\\%.*s", KJ_FMT(kj_row_cell(rows, row, KJ_STR("key"))),
	                        KJ_FMT(kj_row_cell(rows, row, KJ_STR("name"))));
	kj_str value = kj_row_cell(rows, row, KJ_STR("value"));
	void **place = kj_map_at(host->arena, places, kj_str_lower(host->arena, key));
	size_t *index = *place;
	if (!index) {
		index = KJ_NEW(host->arena, size_t);
		*index = out->settings.n;
		*place = index;
		struct kj_setting *s = kj_setting_add(host, out, key, value, KJ_STATE_EFFECTIVE, kj_origin_of(row));
		s->lockable = true;
		s->locked = is_locked(key);
		return;
	}
	struct kj_setting *s = &out->settings.at[*index];
	kj_setting_override(host, s, s->value, s->origin);
	if (!kj_str_eq(s->value, value))
		kj_setting_note(host, s, "'%.*s' line %u says %.*s", KJ_FMT(s->origin.text->name), s->origin.line,
		                KJ_FMT(s->value));
	s->value = value;
	s->origin = kj_origin_of(row);
}

void kj_resolve_registry(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct kj_map places = {0};
	kj_read_inputs(host, source, false, &reads);
	kj_judge_reads(host, &reads, out);
	struct kj_rows *all = kj_rows_make(host, kj_registry_columns);
	for (size_t i = 0; i < reads.list.n; i++) {
		const struct kj_rows *rows = reads.list.at[i].rows;
		for (size_t k = 0; k < rows->list.n; k++) {
			const struct kj_row *row = &rows->list.at[k];
			KJ_PUSH(host->arena, &all->list, *row);
			if (row->bad)
				KJ_PUSH(host->arena, &out->bad, *row);
			else if (!kj_str_eq(kj_row_cell(rows, row, KJ_STR("type")), KJ_STR("delete")) &&
			         !kj_str_eq(kj_row_cell(rows, row, KJ_STR("type")), KJ_STR("none")))
				take(host, out, &places, rows, row);
		}
		all->capped |= rows->capped;
	}
	out->rows = all;
}
