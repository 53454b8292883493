/* Which parameters a check speaks of. */
#include "policy/policy.h"

static void operand(const struct kj_operand *o, bool *used)
{
	if (o && o->param)
		used[o->param->index] = true;
}

static void operands(const struct kj_operand *o, size_t n, bool *used)
{
	for (size_t i = 0; i < n; i++)
		operand(&o[i], used);
}

static void cells(const struct kj_cells *c, bool *used)
{
	if (!c)
		return;
	operands(c->test.operand, c->test.n, used);
	if (c->lookup) {
		cells(c->lookup->where, used);
		operands(c->lookup->count.operand, c->lookup->count.n, used);
	}
	for (size_t i = 0; i < c->n; i++)
		cells(c->child[i], used);
}

void kj_check_uses(const struct kj_check *check, bool *used)
{
	for (size_t i = 0; i < check->n; i++)
		kj_check_uses(check->child[i], used);
	switch (check->kind) {
	case KJ_CHECK_SETTING:
		operands(check->setting.test.operand, check->setting.test.n, used);
		break;
	case KJ_CHECK_ROWS:
		cells(check->rows.where, used);
		cells(check->rows.holds, used);
		operands(check->rows.count.operand, check->rows.count.n, used);
		break;
	case KJ_CHECK_TEXT:
		for (size_t i = 0; i < check->text.captures; i++)
			operands(check->text.capture[i].test.operand, check->text.capture[i].test.n, used);
		break;
	case KJ_CHECK_FILE:
		operand(check->file.mode_at_most, used);
		operand(check->file.owner, used);
		operand(check->file.group, used);
		break;
	case KJ_CHECK_EXPOSURE:
		operands(check->exposure.except, check->exposure.excepts, used);
		operands(check->exposure.at_most, check->exposure.n, used);
		operands(check->exposure.none_of, check->exposure.none, used);
		break;
	default:
		break;
	}
}
