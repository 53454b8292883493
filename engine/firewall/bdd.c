#include "firewall/bdd.h"

#include "base/vec.h"

#include <string.h>

#define CHUNK_BITS 12
#define CHUNK      (1u << CHUNK_BITS)
#define LEAF_VAR   UINT32_MAX
#define MEMOS_MAX  ((size_t)1 << 19)

struct node {
	uint32_t var;
	kj_bdd lo, hi;
	uint32_t hash;
};

/* A place in the table of nodes: the next free one from where the hash points to. */
struct slot {
	uint32_t hash;
	kj_bdd f; /* 0: free */
};

enum op { OP_NONE, OP_AND, OP_OR, OP_DIFF, OP_EXISTS, OP_GIVEN };

/* A remembered result. */
struct memo {
	uint32_t op;
	kj_bdd f, g, result; /* OP_EXISTS: g is the groups */
};

struct kj_bdd_store {
	struct kj_arena *arena;
	struct kj_arena *tables; /* `slot` and `memo`, which are made anew as they grow */
	struct node **chunk;     /* nodes stay where they are: no copying, no waste in the arena */
	size_t n, max;
	struct slot *slot;
	struct memo *memo;
	size_t slots, memos; /* powers of two */
	const unsigned char *group;
	size_t vars;
	kj_bdd *stack; /* of kj_bdd_or_all, kept for the next time */
	size_t stack_cap;
	bool over;
};

static struct node *at(const struct kj_bdd_store *store, kj_bdd f)
{
	return &store->chunk[f >> CHUNK_BITS][f & (CHUNK - 1)];
}

static size_t mix(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t h = (a * 0x9e3779b97f4a7c15u) ^ (b * 0xc2b2ae3d27d4eb4fu) ^ (c * 0x165667b19e3779f9u);
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return (size_t)(h ^ h >> 32);
}

static void add_leaf(struct kj_bdd_store *store)
{
	*at(store, (kj_bdd)store->n++) = (struct node){.var = LEAF_VAR};
}

static void free_tables(void *arena)
{
	kj_arena_free(arena);
}

static void make_tables(struct kj_bdd_store *store, size_t slots, size_t memos)
{
	kj_arena_clear(store->tables);
	store->slots = slots;
	store->memos = memos;
	store->slot = KJ_NEW_ARRAY(store->tables, struct slot, slots);
	store->memo = KJ_NEW_ARRAY(store->tables, struct memo, memos);
}

struct kj_bdd_store *kj_bdd_new(struct kj_arena *arena, size_t max_nodes, const unsigned char *group, size_t vars)
{
	struct kj_bdd_store *store = KJ_NEW(arena, struct kj_bdd_store);
	store->arena = arena;
	store->max = max_nodes < CHUNK ? CHUNK : max_nodes;
	store->chunk = KJ_NEW_ARRAY(arena, struct node *, store->max / CHUNK + 1);
	store->chunk[0] = KJ_NEW_ARRAY(arena, struct node, CHUNK);
	store->tables = kj_arena_new(SIZE_MAX / 2);
	if (!store->tables)
		kj_alloc(arena, SIZE_MAX, 2); /* gives up, as any allocation does that cannot be had */
	kj_defer(arena, free_tables, store->tables);
	make_tables(store, 2 * CHUNK, CHUNK);
	store->group = group;
	store->vars = vars;
	add_leaf(store);
	add_leaf(store);
	return store;
}

bool kj_bdd_over(const struct kj_bdd_store *store)
{
	return store->over;
}

size_t kj_bdd_nodes(const struct kj_bdd_store *store)
{
	return store->n;
}

uint32_t kj_bdd_var(const struct kj_bdd_store *store, kj_bdd f)
{
	return at(store, f)->var;
}

kj_bdd kj_bdd_lo(const struct kj_bdd_store *store, kj_bdd f)
{
	return at(store, f)->lo;
}

kj_bdd kj_bdd_hi(const struct kj_bdd_store *store, kj_bdd f)
{
	return at(store, f)->hi;
}

/* -- the table of nodes -- */

static void link_node(struct kj_bdd_store *store, kj_bdd f)
{
	uint32_t hash = at(store, f)->hash;
	size_t i = hash & (store->slots - 1);
	while (store->slot[i].f)
		i = (i + 1) & (store->slots - 1);
	store->slot[i] = (struct slot){hash, f};
}

static void relink(struct kj_bdd_store *store)
{
	for (size_t f = 2; f < store->n; f++)
		link_node(store, (kj_bdd)f);
}

/* 3 to 6 of 8 slots are taken; a quarter as many remembered results (fewer than that cost time, more cost cache
   misses). What is remembered is lost, which costs less than to keep it. */
static void grow(struct kj_bdd_store *store)
{
	size_t memos = store->slots / 2;
	make_tables(store, store->slots * 2, memos < MEMOS_MAX ? memos : MEMOS_MAX);
	relink(store);
}

/* A place for one more node; false at the limit. */
static bool room(struct kj_bdd_store *store)
{
	if (store->n >= store->max) {
		store->over = true;
		return false;
	}
	if (store->n >= store->slots / 4 * 3)
		grow(store);
	struct node **chunk = &store->chunk[store->n >> CHUNK_BITS];
	if (!*chunk)
		*chunk = KJ_NEW_ARRAY(store->arena, struct node, CHUNK);
	return true;
}

kj_bdd kj_bdd_node(struct kj_bdd_store *store, uint32_t var, kj_bdd lo, kj_bdd hi)
{
	if (lo == hi)
		return lo;
	uint32_t hash = (uint32_t)mix(var, lo, hi);
	size_t mask = store->slots - 1;
	for (size_t i = hash & mask; store->slot[i].f; i = (i + 1) & mask) {
		const struct node *node = store->slot[i].hash == hash ? at(store, store->slot[i].f) : NULL;
		if (node && node->var == var && node->lo == lo && node->hi == hi)
			return store->slot[i].f;
	}
	if (!room(store))
		return KJ_BDD_FALSE;
	kj_bdd f = (kj_bdd)store->n++;
	*at(store, f) = (struct node){var, lo, hi, hash};
	link_node(store, f);
	return f;
}

void kj_bdd_reset(struct kj_bdd_store *store, size_t nodes)
{
	store->over = false;
	if (store->n == nodes)
		return;
	store->n = nodes;
	make_tables(store, store->slots, store->memos);
	relink(store);
}

/* -- operations -- */

static struct memo *memo_of(struct kj_bdd_store *store, uint32_t op, kj_bdd f, kj_bdd g)
{
	return &store->memo[mix(op, f, g) & (store->memos - 1)];
}

static kj_bdd remember(struct kj_bdd_store *store, uint32_t op, kj_bdd f, kj_bdd g, kj_bdd result)
{
	*memo_of(store, op, f, g) = (struct memo){op, f, g, result};
	return result;
}

/* What is known without looking further; false when nothing is. */
static bool trivial(enum op op, kj_bdd f, kj_bdd g, kj_bdd *result)
{
	if (op == OP_AND && (f == g || f <= KJ_BDD_TRUE || g <= KJ_BDD_TRUE)) {
		*result = f == KJ_BDD_FALSE || g == KJ_BDD_FALSE ? KJ_BDD_FALSE : f == KJ_BDD_TRUE ? g : f;
		return true;
	}
	if (op == OP_OR && (f == g || f <= KJ_BDD_TRUE || g <= KJ_BDD_TRUE)) {
		*result = f == KJ_BDD_TRUE || g == KJ_BDD_TRUE ? KJ_BDD_TRUE : f == KJ_BDD_FALSE ? g : f;
		return true;
	}
	if (op == OP_DIFF && (f == KJ_BDD_FALSE || g == KJ_BDD_TRUE || f == g || g == KJ_BDD_FALSE)) {
		*result = g == KJ_BDD_FALSE ? f : KJ_BDD_FALSE;
		return true;
	}
	return false;
}

static kj_bdd apply(struct kj_bdd_store *store, enum op op, kj_bdd f, kj_bdd g)
{
	kj_bdd result;
	if (trivial(op, f, g, &result))
		return result;
	if (op != OP_DIFF && f > g) {
		kj_bdd swap = f;
		f = g;
		g = swap;
	}
	const struct memo *memo = memo_of(store, op, f, g);
	if (memo->op == op && memo->f == f && memo->g == g)
		return memo->result;
	if (store->over)
		return KJ_BDD_FALSE;
	const struct node a = *at(store, f), b = *at(store, g);
	uint32_t var = a.var < b.var ? a.var : b.var;
	kj_bdd lo = apply(store, op, a.var == var ? a.lo : f, b.var == var ? b.lo : g);
	kj_bdd hi = apply(store, op, a.var == var ? a.hi : f, b.var == var ? b.hi : g);
	return remember(store, op, f, g, kj_bdd_node(store, var, lo, hi));
}

kj_bdd kj_bdd_and(struct kj_bdd_store *store, kj_bdd f, kj_bdd g)
{
	return apply(store, OP_AND, f, g);
}

kj_bdd kj_bdd_or(struct kj_bdd_store *store, kj_bdd f, kj_bdd g)
{
	return apply(store, OP_OR, f, g);
}

kj_bdd kj_bdd_diff(struct kj_bdd_store *store, kj_bdd f, kj_bdd g)
{
	return apply(store, OP_DIFF, f, g);
}

/* -- many at once -- */

/* Functions to be joined lie on a stack; those that begin with the same variable are joined branch by branch, so that
   each is gone through once and nothing but the result is made. */
struct joining {
	struct kj_bdd_store *store;
	KJ_VEC(kj_bdd) stack;
	size_t work; /* that may still be done so: what many branches share is gone through again and again */
	bool with_twice;
};

static struct kj_bdd_joined join_list(struct joining *j, size_t first, size_t n);

static struct kj_bdd_joined both(const struct joining *j, struct kj_bdd_joined a, struct kj_bdd_joined b)
{
	struct kj_bdd_joined out = {.any = kj_bdd_or(j->store, a.any, b.any)};
	if (j->with_twice)
		out.twice =
		        kj_bdd_or(j->store, kj_bdd_or(j->store, a.twice, b.twice), kj_bdd_and(j->store, a.any, b.any));
	return out;
}

/* One branch of n functions that begin with the same variable. */
static struct kj_bdd_joined join_branch(struct joining *j, size_t first, size_t n, bool high)
{
	size_t top = j->stack.n;
	KJ_RESERVE(j->store->arena, &j->stack, n);
	for (size_t i = 0; i < n; i++) {
		const struct node *node = at(j->store, j->stack.at[first + i]);
		kj_bdd next = high ? node->hi : node->lo;
		if (next != KJ_BDD_FALSE)
			j->stack.at[j->stack.n++] = next;
	}
	struct kj_bdd_joined out = join_list(j, top, j->stack.n - top);
	j->stack.n = top;
	return out;
}

/* Moves those that begin with the first variable of all to the front; gives their number. */
static size_t gather(struct joining *j, size_t first, size_t n, uint32_t *var)
{
	size_t front = 0;
	*var = LEAF_VAR;
	for (size_t i = first; i < first + n; i++) {
		uint32_t own = at(j->store, j->stack.at[i])->var;
		*var = own < *var ? own : *var;
	}
	for (size_t i = first; i < first + n; i++) {
		kj_bdd f = j->stack.at[i];
		if (at(j->store, f)->var != *var)
			continue;
		j->stack.at[i] = j->stack.at[first + front];
		j->stack.at[first + front++] = f;
	}
	return front;
}

static struct kj_bdd_joined join_list(struct joining *j, size_t first, size_t n)
{
	struct kj_bdd_joined out = {KJ_BDD_FALSE, KJ_BDD_FALSE};
	if (n <= 1) {
		out.any = n ? j->stack.at[first] : KJ_BDD_FALSE;
		return out;
	}
	uint32_t var;
	size_t front = n > 2 && j->work > n ? gather(j, first, n, &var) : 1;
	if (front == 1 || var == LEAF_VAR) { /* nothing to go through together: halves */
		struct kj_bdd_joined left = join_list(j, first, n / 2);
		return both(j, left, join_list(j, first + n / 2, n - n / 2));
	}
	j->work -= n;
	struct kj_bdd_joined lo = join_branch(j, first, front, false), hi = join_branch(j, first, front, true);
	out.any = kj_bdd_node(j->store, var, lo.any, hi.any);
	out.twice = kj_bdd_node(j->store, var, lo.twice, hi.twice);
	return front < n ? both(j, out, join_list(j, first + front, n - front)) : out;
}

static struct kj_bdd_joined join_all(struct kj_bdd_store *store, const kj_bdd *f, size_t n, bool with_twice)
{
	struct joining j = {.store = store, .work = 256 * n, .with_twice = with_twice};
	j.stack.at = store->stack;
	j.stack.cap = store->stack_cap;
	KJ_RESERVE(store->arena, &j.stack, n);
	for (size_t i = 0; i < n; i++) {
		if (f[i] != KJ_BDD_FALSE)
			j.stack.at[j.stack.n++] = f[i];
	}
	struct kj_bdd_joined out = join_list(&j, 0, j.stack.n);
	store->stack = j.stack.at;
	store->stack_cap = j.stack.cap;
	return out;
}

kj_bdd kj_bdd_or_all(struct kj_bdd_store *store, const kj_bdd *f, size_t n)
{
	return join_all(store, f, n, false).any;
}

struct kj_bdd_joined kj_bdd_join(struct kj_bdd_store *store, const kj_bdd *f, size_t n)
{
	return join_all(store, f, n, true);
}

kj_bdd kj_bdd_exists(struct kj_bdd_store *store, kj_bdd f, uint32_t groups)
{
	if (f <= KJ_BDD_TRUE || store->over)
		return f;
	const struct memo *memo = memo_of(store, OP_EXISTS, f, groups);
	if (memo->op == OP_EXISTS && memo->f == f && memo->g == groups)
		return memo->result;
	const struct node node = *at(store, f);
	kj_bdd lo = kj_bdd_exists(store, node.lo, groups), hi = kj_bdd_exists(store, node.hi, groups);
	kj_bdd result = groups >> store->group[node.var] & 1 ? apply(store, OP_OR, lo, hi)
	                                                     : kj_bdd_node(store, node.var, lo, hi);
	return remember(store, OP_EXISTS, f, groups, result);
}

kj_bdd kj_bdd_given(struct kj_bdd_store *store, kj_bdd f, kj_bdd cube)
{
	while (cube > KJ_BDD_TRUE && f > KJ_BDD_TRUE && at(store, cube)->var <= at(store, f)->var) {
		const struct node *asked = at(store, cube);
		bool high = asked->lo == KJ_BDD_FALSE;
		if (asked->var == at(store, f)->var)
			f = high ? at(store, f)->hi : at(store, f)->lo;
		cube = high ? asked->hi : asked->lo;
	}
	if (cube <= KJ_BDD_TRUE || f <= KJ_BDD_TRUE || store->over)
		return f;
	const struct memo *memo = memo_of(store, OP_GIVEN, f, cube);
	if (memo->op == OP_GIVEN && memo->f == f && memo->g == cube)
		return memo->result;
	const struct node node = *at(store, f);
	kj_bdd lo = kj_bdd_given(store, node.lo, cube), hi = kj_bdd_given(store, node.hi, cube);
	return remember(store, OP_GIVEN, f, cube, kj_bdd_node(store, node.var, lo, hi));
}
