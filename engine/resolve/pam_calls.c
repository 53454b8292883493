/* Where stacks call a module: each line of a file once. */
#include "resolve/pam.h"

static bool is_listed(const struct kj_pam_calls *calls, const struct kj_row *row)
{
	for (size_t i = 0; i < calls->list.n; i++)
		if (calls->list.at[i].entry->row == row)
			return true;
	return false;
}

static void add_calls(struct kj_host *host, struct kj_pam_calls *calls, const struct kj_pam_stack *stack,
                      const char *module)
{
	for (size_t i = 0; i < stack->list.n; i++) {
		const struct kj_pam_entry *e = &stack->list.at[i];
		if (kj_pam_is(e, module) && !is_listed(calls, e->row) && kj_pam_is_reached(host, stack, i))
			KJ_PUSH(host->arena, &calls->list, (struct kj_pam_call){e, stack, i, KJ_STR("")});
	}
}

static kj_str file_of(const struct kj_pam_call *call)
{
	kj_str file = call->entry->row->text->name;
	size_t slash = kj_str_find_last(file, '/');
	return slash < file.n ? kj_str_from(file, slash + 1) : file;
}

/* The file's name, with the line where the file has several. */
static void name_scopes(struct kj_host *host, struct kj_pam_calls *calls)
{
	for (size_t i = 0; i < calls->list.n; i++) {
		struct kj_pam_call *call = &calls->list.at[i];
		size_t same = 0;
		for (size_t k = 0; k < calls->list.n; k++)
			same += kj_str_eq(file_of(call), file_of(&calls->list.at[k]));
		call->scope = same == 1 ? file_of(call)
		                        : kj_str_fmt(host->arena, "%.*s line %u", KJ_FMT(file_of(call)),
		                                     call->entry->row->line);
	}
}

struct kj_pam_calls kj_pam_find_calls(struct kj_host *host, const struct kj_pam *pam, const char *module, kj_str type)
{
	struct kj_pam_calls calls = {0};
	for (size_t s = 0; s < pam->stacks.n; s++) {
		struct kj_pam_stack *stack = KJ_NEW(host->arena, struct kj_pam_stack);
		*stack = kj_pam_of_type(host, pam, &pam->stacks.at[s], type);
		add_calls(host, &calls, stack, module);
	}
	name_scopes(host, &calls);
	return calls;
}
