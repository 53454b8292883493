/* Diagrams of rules, and diagrams taken apart along a field. */
#include "firewall/space.h"

/* -- tuples -- */

static kj_bdd of_tuple(struct kj_fw_space *space, const struct kj_fw_test *test, const struct kj_fw_interval *parts)
{
	kj_bdd f = KJ_BDD_TRUE;
	for (unsigned dim = 0; dim < test->dims; dim++) {
		if (parts[dim].any)
			continue;
		struct kj_fw_set one = {
		        .dims = 1, .declared = true, .at = {.at = (struct kj_fw_interval[]){parts[dim]}, .n = 1}};
		f = kj_bdd_and(space->bdd, f, kj_fw_space_in(space, test->field[dim], &one));
	}
	return f;
}

/* The union of the tuples, halving: the diagrams joined stay of like size. */
static kj_bdd of_tuples(struct kj_fw_space *space, const struct kj_fw_test *test, const struct kj_fw_interval *at,
                        size_t tuples)
{
	if (tuples <= 1)
		return tuples ? of_tuple(space, test, at) : KJ_BDD_FALSE;
	size_t half = tuples / 2;
	return kj_bdd_or(space->bdd, of_tuples(space, test, at, half),
	                 of_tuples(space, test, at + half * test->dims, tuples - half));
}

/* -- tests -- */

static kj_bdd elements(struct kj_fw_space *space, const struct kj_fw_test *test)
{
	const struct kj_fw_set *set = test->set;
	if (test->dims == 1)
		return kj_fw_space_in(space, test->field[0], set);
	return kj_bdd_diff(space->bdd, of_tuples(space, test, set->at.at, set->at.n / set->dims),
	                   of_tuples(space, test, set->except.at, set->except.n / set->dims));
}

/* A set whose elements are not all known may hold more: its test is unsure where no listed element is. */
static struct kj_fw_match of_test(struct kj_fw_space *space, const struct kj_fw_test *test)
{
	const struct kj_fw_set *set = test->set;
	if (!set->declared || set->dims != test->dims)
		return (struct kj_fw_match){KJ_BDD_TRUE, KJ_BDD_FALSE};
	kj_bdd in = elements(space, test);
	kj_bdd sure = test->negated ? kj_bdd_diff(space->bdd, KJ_BDD_TRUE, in) : in;
	if (!set->partial)
		return (struct kj_fw_match){sure, sure};
	return test->negated ? (struct kj_fw_match){sure, KJ_BDD_FALSE} : (struct kj_fw_match){KJ_BDD_TRUE, sure};
}

struct kj_fw_match kj_fw_space_match(struct kj_fw_space *space, const struct kj_fw_rule *rule)
{
	struct kj_fw_match match = {KJ_BDD_TRUE, rule->maybe ? KJ_BDD_FALSE : KJ_BDD_TRUE};
	for (unsigned field = KJ_FW_FIELDS; field-- > 0;) { /* later fields first: each AND then only adds on top */
		for (size_t i = 0; i < rule->tests.n; i++) {
			if (rule->tests.at[i].field[0] != field)
				continue;
			struct kj_fw_match test = of_test(space, &rule->tests.at[i]);
			match.up = kj_bdd_and(space->bdd, test.up, match.up);
			match.lo = kj_bdd_and(space->bdd, test.lo, match.lo);
		}
	}
	return match;
}

/* -- taking apart -- */

static void split(struct kj_fw_space *space, const struct kj_fw_axis *axis, kj_bdd f, unsigned bit, uint64_t code,
                  struct kj_fw_pieces *out)
{
	if (f == KJ_BDD_FALSE || code >= axis->n)
		return;
	bool leaf = f <= KJ_BDD_TRUE || kj_bdd_var(space->bdd, f) >= axis->var + axis->bits;
	if (!leaf) {
		bool asks = kj_bdd_var(space->bdd, f) == axis->var + bit;
		uint64_t half = (uint64_t)1 << (axis->bits - bit - 1);
		split(space, axis, asks ? kj_bdd_lo(space->bdd, f) : f, bit + 1, code, out);
		split(space, axis, asks ? kj_bdd_hi(space->bdd, f) : f, bit + 1, code + half, out);
		return;
	}
	uint64_t last = code + ((uint64_t)1 << (axis->bits - bit)) - 1;
	if (last >= axis->n)
		last = axis->n - 1;
	struct kj_fw_piece *before = out->at.n ? &out->at.at[out->at.n - 1] : NULL;
	if (before && before->rest == f && before->last + 1 == code)
		before->last = (uint32_t)last;
	else
		KJ_PUSH(space->scratch, &out->at, (struct kj_fw_piece){(uint32_t)code, (uint32_t)last, f});
}

void kj_fw_space_split(struct kj_fw_space *space, kj_bdd f, enum kj_fw_field field, struct kj_fw_pieces *out)
{
	split(space, &space->axis[field], f, 0, 0, out);
}

struct kj_fw_interval kj_fw_space_values(const struct kj_fw_space *space, enum kj_fw_field field, uint32_t first,
                                         uint32_t last)
{
	const struct kj_fw_axis *axis = &space->axis[field];
	struct kj_fw_interval interval = {.first = axis->cuts.at[first]};
	bool addr = field == KJ_FW_SRC || field == KJ_FW_DST;
	if (addr)
		interval.version = space->version;
	if (last + 1 < axis->n) {
		struct kj_fw_key next = axis->cuts.at[last + 1];
		interval.last = (struct kj_fw_key){next.hi - (next.lo == 0), next.lo - 1};
	} else {
		interval.last = kj_fw_field_most(space, field);
	}
	return interval;
}
