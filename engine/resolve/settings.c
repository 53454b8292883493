/* Settings and rows under construction. */
#include "resolve/work.h"

struct kj_origin kj_origin_of(const struct kj_row *row)
{
	return (struct kj_origin){row->text, row->line, row->col};
}

struct kj_setting *kj_setting_add(struct kj_host *host, struct kj_resolved *out, kj_str key, kj_str value,
                                  enum kj_state state, struct kj_origin origin)
{
	KJ_PUSH(host->arena, &out->settings,
	        (struct kj_setting){.key = key, .value = value, .state = state, .origin = origin});
	return &out->settings.at[out->settings.n - 1];
}

void kj_setting_override(struct kj_host *host, struct kj_setting *setting, kj_str value, struct kj_origin origin)
{
	KJ_PUSH(host->arena, &setting->overrides, (struct kj_overridden){value, origin});
}

struct kj_setting *kj_setting_find(struct kj_resolved *out, kj_str key, kj_str scope)
{
	for (size_t i = 0; i < out->settings.n; i++) {
		struct kj_setting *s = &out->settings.at[i];
		if (kj_str_eq(s->key, key) && kj_str_eq(s->scope, scope))
			return s;
	}
	return NULL;
}

void kj_setting_note(struct kj_host *host, struct kj_setting *setting, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(host->arena);
	kj_buf_put(&buf, setting->note);
	if (setting->note.n)
		kj_buf_put(&buf, KJ_STR("; "));
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	setting->note = kj_buf_str(&buf);
}

/* ---- captured truth against files ---- */

static kj_str words_only(struct kj_arena *arena, kj_str value)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_str rest = value, word;
	while (kj_str_word(&rest, &word)) {
		if (buf.n)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, word);
	}
	return kj_buf_str(&buf);
}

static kj_str scoped_key(struct kj_arena *arena, const struct kj_setting *s)
{
	return s->scope.n ? kj_str_fmt(arena, "%.*s%c%.*s", KJ_FMT(s->key), KJ_PARSE_LIST, KJ_FMT(s->scope)) : s->key;
}

static void add_configured(struct kj_host *host, struct kj_resolved *out, const struct kj_setting *file)
{
	struct kj_setting *s = kj_setting_add(host, out, file->key, file->value, KJ_STATE_NOT_IN_FORCE, file->origin);
	s->scope = file->scope;
	s->overrides = file->overrides;
	s->unjudged = true;
	kj_setting_note(host, s, "configured, but the captured output does not have it");
}

static void compare(struct kj_host *host, struct kj_setting *captured, const struct kj_setting *file)
{
	kj_setting_override(host, captured, file->value, file->origin);
	if (!kj_str_eq(words_only(host->arena, captured->value), words_only(host->arena, file->value)))
		kj_setting_note(host, captured, "'%.*s' line %u says %.*s: configured, not in force",
		                KJ_FMT(file->origin.text->name), file->origin.line, KJ_FMT(file->value));
}

void kj_settings_compare(struct kj_host *host, struct kj_resolved *out, const struct kj_resolved *files)
{
	struct kj_map captured = {0};
	size_t n = out->settings.n;
	size_t *index = KJ_NEW_ARRAY(host->arena, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		void **place = kj_map_at(host->arena, &captured, scoped_key(host->arena, &out->settings.at[i]));
		index[i] = i;
		*place = *place ? *place : &index[i];
	}
	for (size_t i = 0; i < files->settings.n; i++) {
		const struct kj_setting *file = &files->settings.at[i];
		const size_t *at = kj_map_get(&captured, scoped_key(host->arena, file));
		if (file->state == KJ_STATE_DEFAULT)
			continue;
		if (at)
			compare(host, &out->settings.at[*at], file);
		else
			add_configured(host, out, file);
	}
}

void kj_settings_index(struct kj_host *host, struct kj_resolved *out)
{
	for (size_t i = 0; i < out->settings.n; i++) {
		const struct kj_setting *s = &out->settings.at[i];
		if (s->unjudged)
			continue;
		kj_str key = out->source->fold_keys ? kj_str_lower(host->arena, s->key) : s->key;
		void **place = kj_map_at(host->arena, &out->by_key, key);
		if (!*place)
			*place = KJ_NEW(host->arena, struct kj_setting_list);
		struct kj_setting_list *list = *place;
		KJ_PUSH(host->arena, &list->list, s);
	}
}

void kj_resolved_state(struct kj_host *host, struct kj_resolved *out, enum kj_state state, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(host->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	out->state = state;
	out->message = kj_buf_str(&buf);
}

void kj_settings_out_of_force(struct kj_host *host, struct kj_resolved *out)
{
	for (size_t i = 0; i < out->settings.n; i++) {
		struct kj_setting *s = &out->settings.at[i];
		s->state = KJ_STATE_NOT_IN_FORCE;
		kj_setting_note(host, s, "%.*s", KJ_FMT(out->message));
	}
}

struct kj_rows *kj_rows_make(struct kj_host *host, const char *const *names)
{
	struct kj_rows *rows = KJ_NEW(host->arena, struct kj_rows);
	while (names[rows->column_count])
		rows->column_count++;
	kj_str *columns = KJ_NEW_ARRAY(host->arena, kj_str, rows->column_count);
	for (size_t i = 0; i < rows->column_count; i++)
		columns[i] = kj_str_of(names[i]);
	rows->columns = columns;
	return rows;
}

kj_str *kj_rows_append(struct kj_host *host, struct kj_rows *rows, const struct kj_row *from)
{
	kj_str *cells = KJ_NEW_ARRAY(host->arena, kj_str, rows->column_count);
	struct kj_row row = *from;
	row.cell = cells;
	KJ_PUSH(host->arena, &rows->list, row);
	return cells;
}

void kj_rows_unseen(struct kj_host *host, struct kj_rows *rows, kj_str *cells, size_t column, kj_str why)
{
	struct kj_row *row = &rows->list.at[rows->list.n - 1];
	struct kj_cell_from *from = KJ_NEW_ARRAY(host->arena, struct kj_cell_from, rows->column_count);
	for (size_t i = 0; row->from && i < rows->column_count; i++)
		from[i] = row->from[i];
	from[column].unseen = true;
	row->from = from;
	cells[column] = why;
}

void kj_rows_add_unseen(struct kj_host *host, struct kj_rows *rows, kj_str why)
{
	const struct kj_row nowhere = {.col = 1};
	kj_str *cells = kj_rows_append(host, rows, &nowhere);
	for (size_t i = 0; i < rows->column_count; i++)
		kj_rows_unseen(host, rows, cells, i, why);
}

size_t kj_cell_items(struct kj_arena *arena, kj_str cell, const kj_str **items)
{
	KJ_VEC(kj_str) list = {0};
	kj_str rest = cell, item;
	while (cell.n && kj_str_cut(&rest, KJ_PARSE_LIST, &item))
		KJ_PUSH(arena, &list, item);
	*items = list.at;
	return list.n;
}
