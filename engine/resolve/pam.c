/* The source `pam`: every service of pam.d(5) with its includes spliced in, one row an entry. */
#include "resolve/pam.h"

const char *const kj_pam_columns[] = {"service", "type",    "control",   "module", "args",    "file",
                                      "silent",  "reached", "skippable", "fatal",  "problem", NULL};
enum { SERVICE, TYPE, CONTROL, MODULE, ARGS, FILE_, SILENT, REACHED, SKIPPABLE, FATAL, PROBLEM };

static kj_str yes_no(bool yes)
{
	return yes ? KJ_STR("yes") : KJ_STR("no");
}

static void add_rows(struct kj_host *host, struct kj_rows *rows, const struct kj_pam_stack *stack)
{
	for (size_t i = 0; i < stack->list.n; i++) {
		const struct kj_pam_entry *e = &stack->list.at[i];
		if (e->substack)
			continue;
		kj_str *cells = kj_rows_append(host, rows, e->row);
		/* its cells are known all the same: what stands here, libpam makes a failure of */
		rows->list.at[rows->list.n - 1].bad = false;
		size_t slash = kj_str_find_last(e->path, '/');
		cells[SERVICE] = stack->service;
		cells[TYPE] = e->type;
		cells[CONTROL] = e->control;
		if (!e->broken)
			cells[MODULE] = kj_str_from(e->path, slash < e->path.n ? slash + 1 : 0);
		cells[ARGS] = e->arg_cell;
		cells[FILE_] = e->row->text->name;
		cells[SILENT] = yes_no(e->silent);
		cells[REACHED] = yes_no(kj_pam_is_reached(host, stack, i));
		cells[SKIPPABLE] = yes_no(kj_pam_is_skippable(host, stack, i));
		cells[PROBLEM] = kj_str_of(e->problem);
		cells[FATAL] = yes_no(kj_pam_is_fatal(host, stack, i));
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
		for (size_t t = 0; t < 4; t++) {
			struct kj_pam_stack typed = kj_pam_of_type(host, &pam, &pam.stacks.at[i], types[t]);
			add_rows(host, rows, &typed);
		}
}
