/* The source `pam`: every service of pam.d(5) with its includes spliced in, one row an entry. */
#include "resolve/pam.h"

const char *const kj_pam_columns[] = {"service", "type",   "control",   "module", "args",
                                      "file",    "silent", "skippable", "fatal",  NULL};
enum { SERVICE, TYPE, CONTROL, MODULE, ARGS, FILE_, SILENT, SKIPPABLE, FATAL };

static kj_str yes_no(bool yes)
{
	return yes ? KJ_STR("yes") : KJ_STR("no");
}

static void add_rows(struct kj_host *host, struct kj_rows *rows, const struct kj_pam_stack *stack, kj_str type)
{
	struct kj_pam_stack typed = kj_pam_of_type(host, stack, type);
	for (size_t i = 0; i < typed.list.n; i++) {
		const struct kj_pam_entry *e = &typed.list.at[i];
		if (e->substack)
			continue;
		kj_str *cells = kj_rows_append(host, rows, e->row);
		rows->list.at[rows->list.n - 1].bad = e->broken;
		rows->list.at[rows->list.n - 1].problem =
		        e->broken ? "libpam puts a module here that always fails" : NULL;
		cells[SERVICE] = stack->service;
		cells[TYPE] = e->type;
		cells[CONTROL] = e->control;
		cells[MODULE] = kj_str_from(
		        e->path, kj_str_find_last(e->path, '/') < e->path.n ? kj_str_find_last(e->path, '/') + 1 : 0);
		cells[ARGS] = e->arg_cell;
		cells[FILE_] = e->row->text->name;
		cells[SILENT] = yes_no(e->silent);
		cells[SKIPPABLE] = yes_no(kj_pam_skipped_by(&typed, i) < typed.list.n);
		cells[FATAL] = yes_no(kj_pam_is_fatal(&typed, i));
	}
}

void kj_resolve_pam(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	static const kj_str types[] = {KJ_STR_INIT("auth"), KJ_STR_INIT("account"), KJ_STR_INIT("password"),
	                               KJ_STR_INIT("session")};
	struct kj_pam pam = kj_pam_load(host);
	struct kj_rows *rows = kj_rows_make(host, kj_pam_columns);
	out->rows = rows;
	if (!kj_judge_reads(host, &pam.reads, out))
		return;
	kj_str unseen = kj_pam_unseen(&pam, KJ_STR(""));
	if (unseen.n)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the PAM file '%.*s' was not collected",
		                  KJ_FMT(unseen));
	for (size_t i = 0; i < pam.stacks.n; i++)
		for (size_t t = 0; t < 4; t++)
			add_rows(host, rows, &pam.stacks.at[i], types[t]);
}
