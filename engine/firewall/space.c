#include "firewall/space.h"

#include "firewall/intervals.h"

#include <stdlib.h>
#include <string.h>

/* From this many intervals on, what was worked out for a set is kept for the next rule that uses it. */
#define BIG_SET     16

#define SCRATCH_MAX (512 * KJ_MIB)

/* Sets of more intervals are not worth the search for each cut. */
#define NARROW_MAX 64

/* -- values -- */

static const struct kj_fw_key greatest[KJ_FW_FIELDS] = {
        [KJ_FW_FAMILY] = {0, 15},
        [KJ_FW_STATE] = {0, KJ_FW_STATES - 1},
        [KJ_FW_PROTO] = {0, 255},
        [KJ_FW_SRC] = {UINT64_MAX, UINT64_MAX},
        [KJ_FW_DST] = {UINT64_MAX, UINT64_MAX},
        [KJ_FW_DPORT] = {0, 65535},
        [KJ_FW_FLAGS] = {0, 255},
        [KJ_FW_IIF] = {0, UINT32_MAX},
        [KJ_FW_OIF] = {0, UINT32_MAX},
        [KJ_FW_SPORT] = {0, 65535},
        [KJ_FW_SRC_TYPE] = {0, KJ_FW_TYPES - 1},
        [KJ_FW_DST_TYPE] = {0, KJ_FW_TYPES - 1},
        [KJ_FW_MAC] = {0, ((uint64_t)1 << 48) - 1},
        [KJ_FW_MARK] = {0, UINT32_MAX},
        [KJ_FW_CTMARK] = {0, UINT32_MAX},
        [KJ_FW_DNATED] = {0, 1},
        [KJ_FW_ODD] = {0, 1},
        [KJ_FW_ODD + 1] = {0, 1},
        [KJ_FW_ODD + 2] = {0, 1},
        [KJ_FW_ODD + 3] = {0, 1},
        [KJ_FW_ODD + 4] = {0, 1},
        [KJ_FW_ODD + 5] = {0, 1},
};

static bool is_addr(enum kj_fw_field field)
{
	return field == KJ_FW_SRC || field == KJ_FW_DST;
}

static bool is_iface(enum kj_fw_field field)
{
	return field == KJ_FW_IIF || field == KJ_FW_OIF;
}

struct kj_fw_key kj_fw_field_most(const struct kj_fw_space *space, enum kj_fw_field field)
{
	return is_addr(field) && space->version == 4 ? (struct kj_fw_key){0, UINT32_MAX} : greatest[field];
}

static int key_order(const void *a, const void *b)
{
	return kj_fw_key_cmp(*(const struct kj_fw_key *)a, *(const struct kj_fw_key *)b);
}

/* The interval as it lies in the field of this space; false: nothing of it does. */
static bool clip(const struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_interval *in,
                 struct kj_fw_interval *out)
{
	struct kj_fw_key most = kj_fw_field_most(space, field);
	*out = *in;
	if (in->any) {
		*out = (struct kj_fw_interval){.last = most};
		return true;
	}
	if (is_addr(field) && in->version != space->version)
		return false;
	if (kj_fw_key_cmp(out->last, most) > 0)
		out->last = most;
	return kj_fw_key_cmp(out->first, out->last) <= 0;
}

/* -- interfaces -- */

uint32_t kj_fw_no_iface(const struct kj_fw_ruleset *rs)
{
	return (uint32_t)rs->ifaces.n;
}

struct named {
	struct kj_fw_iface iface;
	uint32_t id;
};

static int named_order(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = kj_str_cmp(x->iface.name, y->iface.name);
	return order ? order : (int)y->iface.wildcard - (int)x->iface.wildcard;
}

/* Ranks: 0 for "any other", then the names by their letters (a beginning before all that begin so), at last "none". */
static void rank_ifaces(struct kj_fw_space *space)
{
	size_t n = space->rs->ifaces.n;
	struct named *sorted = KJ_NEW_ARRAY(space->scratch, struct named, n);
	for (uint32_t id = 1; id < n; id++)
		sorted[id - 1] = (struct named){space->rs->ifaces.at[id], id};
	qsort(sorted, n - 1, sizeof *sorted, named_order);
	space->iface_rank = KJ_NEW_ARRAY(space->arena, uint32_t, n + 1);
	space->iface_last = KJ_NEW_ARRAY(space->arena, uint32_t, n + 1);
	space->iface_rank[n] = space->iface_last[n] = (uint32_t)n;
	for (uint32_t i = 0; i + 1 < n; i++) {
		uint32_t last = i;
		if (sorted[i].iface.wildcard) {
			size_t low = i, high = n - 2; /* the last one that begins so */
			while (low < high) {
				size_t middle = (low + high + 1) / 2;
				if (kj_str_starts(sorted[middle].iface.name, sorted[i].iface.name))
					low = middle;
				else
					high = middle - 1;
			}
			last = (uint32_t)low;
		}
		space->iface_rank[sorted[i].id] = i + 1;
		space->iface_last[sorted[i].id] = last + 1;
	}
}

/* The ranks of an interface name of a rule. An empty beginning is every interface, and none. */
static void iface_ranks(const struct kj_fw_space *space, uint32_t id, uint32_t *first, uint32_t *last)
{
	const struct kj_fw_ruleset *rs = space->rs;
	*first = id <= rs->ifaces.n ? space->iface_rank[id] : (uint32_t)rs->ifaces.n;
	*last = id <= rs->ifaces.n ? space->iface_last[id] : (uint32_t)rs->ifaces.n;
	if (id < rs->ifaces.n && rs->ifaces.at[id].wildcard && !rs->ifaces.at[id].name.n) {
		*first = 0;
		*last = (uint32_t)rs->ifaces.n;
	}
}

/* -- cutting -- */

static void free_scratch(void *arena)
{
	kj_arena_free(arena);
}

struct kj_fw_space *kj_fw_space_begin(struct kj_arena *arena, const struct kj_fw_ruleset *rs, unsigned char version)
{
	struct kj_fw_space *space = KJ_NEW(arena, struct kj_fw_space);
	space->arena = space->results = arena;
	space->rs = rs;
	space->version = version;
	space->scratch = kj_arena_new(SCRATCH_MAX);
	if (!space->scratch)
		kj_alloc(arena, SIZE_MAX, 2); /* gives up, as any allocation does that cannot be had */
	kj_defer(arena, free_scratch, space->scratch);
	return space;
}

void kj_fw_space_narrow(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set)
{
	if (set->at.n <= NARROW_MAX)
		space->narrow[field] = set;
}

/* Whether the values below `key` and those from it on must be told apart: some in the set, or some in it and some not. */
static bool tells_apart(const struct kj_fw_space *space, enum kj_fw_field field, struct kj_fw_key key)
{
	const struct kj_fw_set *set = space->narrow[field];
	for (size_t i = 0; set && i < set->at.n; i++) {
		struct kj_fw_interval in;
		if (!clip(space, field, &set->at.at[i], &in) || kj_fw_key_cmp(key, in.first) < 0)
			continue;
		if (kj_fw_key_cmp(key, in.last) <= 0 || kj_fw_key_cmp(key, kj_fw_key_next(in.last)) == 0)
			return true;
	}
	return !set;
}

static void cut_at(struct kj_fw_space *space, enum kj_fw_field field, struct kj_fw_key key)
{
	if (tells_apart(space, field, key))
		KJ_PUSH(space->arena, &space->axis[field].cuts, key);
}

static void cut_interval(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_interval *interval)
{
	struct kj_fw_interval in;
	if (interval->any || !clip(space, field, interval, &in))
		return;
	cut_at(space, field, in.first);
	if (kj_fw_key_cmp(in.last, kj_fw_field_most(space, field)) < 0)
		cut_at(space, field, kj_fw_key_next(in.last));
}

/* The key of a set and a field for the two maps of large sets. */
static kj_str set_key(struct kj_fw_space *space, const struct kj_fw_set *set, enum kj_fw_field field)
{
	char *key = kj_alloc_text(space->arena, sizeof set + 1);
	memcpy(key, &set, sizeof set);
	key[sizeof set] = (char)field;
	return (kj_str){key, sizeof set + 1};
}

/* Dimension `dim` of a set, which stands for `field`. */
static void cut_dim(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set, unsigned dim)
{
	if (is_iface(field)) {
		space->axis[field].n = space->rs->ifaces.n + 1;
		return;
	}
	if (set->at.n > BIG_SET) {
		void **seen = kj_map_at(space->arena, &space->cut_sets,
		                        set_key(space, set, (enum kj_fw_field)(field + dim * 32)));
		if (*seen)
			return;
		*seen = space;
	}
	for (size_t i = dim; i < set->at.n; i += set->dims)
		cut_interval(space, field, &set->at.at[i]);
	for (size_t i = dim; i < set->except.n; i += set->dims)
		cut_interval(space, field, &set->except.at[i]);
}

void kj_fw_space_cut(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set)
{
	cut_dim(space, field, set, 0);
}

void kj_fw_space_cut_num(struct kj_fw_space *space, enum kj_fw_field field, uint64_t first, uint64_t last)
{
	struct kj_fw_interval interval = kj_fw_interval_num(first, last);
	if (is_addr(field))
		interval.version = space->version;
	cut_interval(space, field, &interval);
}

static void cut_rule(struct kj_fw_space *space, const struct kj_fw_rule *rule)
{
	for (size_t i = 0; i < rule->tests.n; i++) {
		const struct kj_fw_test *test = &rule->tests.at[i];
		for (unsigned dim = 0; dim < test->dims && test->set->dims == test->dims; dim++)
			cut_dim(space, test->field[dim], test->set, dim);
	}
	const struct kj_fw_rewrite *rewrite = rule->rewrite;
	if (rewrite && rewrite->addr)
		kj_fw_space_cut(space, KJ_FW_DST, rewrite->addr);
	if (rewrite && rewrite->has_port)
		kj_fw_space_cut_num(space, KJ_FW_DPORT, rewrite->port_first, rewrite->port_last);
}

/* Sorts the cuts, each once, and counts the bits. */
static void settle(struct kj_fw_space *space, enum kj_fw_field field)
{
	struct kj_fw_axis *axis = &space->axis[field];
	if (!is_iface(field)) {
		KJ_PUSH(space->arena, &axis->cuts, (struct kj_fw_key){0, 0});
		qsort(axis->cuts.at, axis->cuts.n, sizeof *axis->cuts.at, key_order);
		size_t n = 0;
		for (size_t i = 0; i < axis->cuts.n; i++) {
			if (!n || kj_fw_key_cmp(axis->cuts.at[n - 1], axis->cuts.at[i]))
				axis->cuts.at[n++] = axis->cuts.at[i];
		}
		axis->n = axis->cuts.n = n;
	}
	if (!axis->n)
		axis->n = 1;
	while ((size_t)1 << axis->bits < axis->n)
		axis->bits++;
}

void kj_fw_space_ready(struct kj_fw_space *space, size_t max_nodes)
{
	const struct kj_fw_ruleset *rs = space->rs;
	for (size_t i = 0; i < rs->rules.n; i++)
		cut_rule(space, rs->rules.at[i]);
	rank_ifaces(space);
	unsigned vars = 0;
	for (unsigned field = 0; field < KJ_FW_FIELDS; field++) {
		settle(space, field);
		space->axis[field].var = vars;
		vars += space->axis[field].bits;
	}
	space->group = KJ_NEW_ARRAY(space->arena, unsigned char, vars + 1);
	for (unsigned field = 0; field < KJ_FW_FIELDS; field++) {
		for (unsigned bit = 0; bit < space->axis[field].bits; bit++)
			space->group[space->axis[field].var + bit] = (unsigned char)field;
	}
	space->bdd = kj_bdd_new(space->arena, max_nodes, space->group, vars);
}

bool kj_fw_space_uses(const struct kj_fw_space *space, enum kj_fw_field field)
{
	return space->axis[field].n > 1;
}

/* -- diagrams of sets -- */

struct rank_range {
	uint32_t first, last;
};

struct ranks {
	KJ_VEC(struct rank_range) at;
};

/* The piece that begins at `key`, or the one it lies in. */
static uint32_t rank_of(const struct kj_fw_axis *axis, struct kj_fw_key key)
{
	size_t low = 0, high = axis->cuts.n - 1;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;
		if (kj_fw_key_cmp(axis->cuts.at[middle], key) <= 0)
			low = middle;
		else
			high = middle - 1;
	}
	return (uint32_t)low;
}

static void add_ranks(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_interval *interval,
                      struct ranks *ranks)
{
	struct kj_fw_interval in;
	if (!clip(space, field, interval, &in))
		return;
	if (!is_iface(field) || in.any) {
		uint32_t last = in.any ? (uint32_t)space->axis[field].n - 1 : rank_of(&space->axis[field], in.last);
		KJ_PUSH(space->scratch, &ranks->at,
		        (struct rank_range){in.any ? 0 : rank_of(&space->axis[field], in.first), last});
		return;
	}
	for (uint64_t id = in.first.lo; id <= in.last.lo && id <= space->rs->ifaces.n; id++) {
		struct rank_range range;
		iface_ranks(space, (uint32_t)id, &range.first, &range.last);
		KJ_PUSH(space->scratch, &ranks->at, range);
	}
}

static int range_order(const void *a, const void *b)
{
	const struct rank_range *x = a, *y = b;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts and joins; the last piece takes the codes that are left over, so that they need no care elsewhere. */
static void join_ranks(struct ranks *ranks, const struct kj_fw_axis *axis)
{
	if (ranks->at.n > 1)
		qsort(ranks->at.at, ranks->at.n, sizeof *ranks->at.at, range_order);
	size_t n = 0;
	for (size_t i = 0; i < ranks->at.n; i++) {
		struct rank_range range = ranks->at.at[i];
		if (range.last == axis->n - 1)
			range.last = (uint32_t)(((uint64_t)1 << axis->bits) - 1);
		struct rank_range *before = n ? &ranks->at.at[n - 1] : NULL;
		if (before && range.first <= (uint64_t)before->last + 1)
			before->last = before->last > range.last ? before->last : range.last;
		else
			ranks->at.at[n++] = range;
	}
	ranks->at.n = n;
}

/* The diagram of ranges[0..n) over the bits from `bit` on of codes `code`…: `in` inside, `out` outside. */
static kj_bdd build(struct kj_fw_space *space, const struct kj_fw_axis *axis, const struct rank_range *ranges, size_t n,
                    unsigned bit, uint64_t code, kj_bdd in, kj_bdd out)
{
	uint64_t width = (uint64_t)1 << (axis->bits - bit), last = code + width - 1;
	while (n && ranges[0].last < code) {
		ranges++;
		n--;
	}
	while (n && ranges[n - 1].first > last)
		n--;
	if (!n)
		return out;
	if (ranges[0].first <= code && ranges[0].last >= last)
		return in;
	kj_bdd lo = build(space, axis, ranges, n, bit + 1, code, in, out);
	kj_bdd hi = build(space, axis, ranges, n, bit + 1, code + width / 2, in, out);
	return kj_bdd_node(space->bdd, axis->var + bit, lo, hi);
}

static kj_bdd of_intervals(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_interval *at, size_t n,
                           size_t step, kj_bdd in, kj_bdd out)
{
	struct ranks ranks = {0};
	for (size_t i = 0; i < n; i += step)
		add_ranks(space, field, &at[i], &ranks);
	const struct kj_fw_axis *axis = &space->axis[field];
	join_ranks(&ranks, axis);
	return build(space, axis, ranks.at.at, ranks.at.n, 0, 0, in, out);
}

kj_bdd kj_fw_space_in(struct kj_fw_space *space, enum kj_fw_field field, const struct kj_fw_set *set)
{
	uint32_t *known = NULL;
	if (set->at.n > BIG_SET) {
		void **at = kj_map_at(space->arena, &space->known_sets, set_key(space, set, field));
		if (*at)
			return *(const uint32_t *)*at;
		*at = known = KJ_NEW(space->arena, uint32_t);
	}
	kj_bdd f = of_intervals(space, field, set->at.at, set->at.n, 1, KJ_BDD_TRUE, KJ_BDD_FALSE);
	if (set->except.n)
		f = kj_bdd_diff(
		        space->bdd, f,
		        of_intervals(space, field, set->except.at, set->except.n, 1, KJ_BDD_TRUE, KJ_BDD_FALSE));
	if (known)
		*known = f;
	return f;
}

kj_bdd kj_fw_space_num(struct kj_fw_space *space, enum kj_fw_field field, uint64_t first, uint64_t last)
{
	struct kj_fw_interval interval = kj_fw_interval_num(first, last);
	if (is_addr(field))
		interval.version = space->version;
	return of_intervals(space, field, &interval, 1, 1, KJ_BDD_TRUE, KJ_BDD_FALSE);
}

kj_bdd kj_fw_space_is(struct kj_fw_space *space, enum kj_fw_field field, uint64_t value)
{
	return kj_fw_space_num(space, field, value, value);
}

uint32_t kj_fw_space_iface_at(const struct kj_fw_space *space, uint32_t rank)
{
	uint32_t id = 0;
	while (space->iface_rank[id] != rank)
		id++;
	return id;
}

kj_bdd kj_fw_space_iface(struct kj_fw_space *space, enum kj_fw_field field, uint32_t id)
{
	struct ranks ranks = {0};
	uint32_t rank = space->iface_rank[id];
	KJ_PUSH(space->scratch, &ranks.at, (struct rank_range){rank, rank});
	const struct kj_fw_axis *axis = &space->axis[field];
	if (axis->n == 1)
		return KJ_BDD_TRUE;
	join_ranks(&ranks, axis);
	return build(space, axis, ranks.at.at, ranks.at.n, 0, 0, KJ_BDD_TRUE, KJ_BDD_FALSE);
}
