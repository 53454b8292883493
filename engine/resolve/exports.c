/* The source `exports`: the fleet's hosts, one row each, whatever was exported of them. Held against the assets
   register it shows hosts that nobody registered, and assets that nobody exported. */
#include "resolve/work.h"

const char *const kj_exports_columns[] = {"name", "kind", "platform", "role", "owner", NULL};

static void add(struct kj_host *host, struct kj_rows *rows, const struct kj_text *fleet, kj_str name,
                const struct kj_subject *subject)
{
	struct kj_row from = {.text = fleet};
	kj_str *cells = kj_rows_append(host, rows, &from);
	cells[0] = name;
	if (!subject)
		return;
	cells[1] = subject->kind;
	cells[2] = subject->platform;
	cells[3] = subject->role;
	cells[4] = subject->owner;
}

void kj_resolve_exports(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	const struct kj_fleet *fleet = host->fleet;
	struct kj_rows *rows = kj_rows_make(host, kj_exports_columns);
	out->rows = rows;
	if (!fleet)
		return;
	const struct kj_text *text = fleet->text.name.n ? &fleet->text : NULL;
	if (text)
		KJ_PUSH(host->arena, &out->texts, text);
	out->state = KJ_STATE_EFFECTIVE;
	for (size_t i = 0; host->subjects && i < host->subjects->list.n; i++) {
		const struct kj_subject *subject = &host->subjects->list.at[i];
		if (subject->fleet == fleet && !subject->organisation)
			add(host, rows, text, subject->name, subject);
	}
	for (size_t i = 0; fleet->exports && i < fleet->exports->n; i++)
		add(host, rows, text, fleet->exports->items[i]->text, NULL);
}
