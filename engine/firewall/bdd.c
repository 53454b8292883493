#include "firewall/bdd.h"

#include <string.h>

#define CHUNK_BITS 12
#define CHUNK      (1u << CHUNK_BITS)
#define LEAF_VAR   UINT32_MAX

struct node {
	uint32_t var;
	kj_bdd lo, hi;
	uint32_t next; /* in its bucket; 0: the last */
};

enum op { OP_NONE, OP_AND, OP_OR, OP_DIFF, OP_EXISTS };

/* A remembered result. `op` is also the groups of OP_EXISTS, shifted. */
struct memo {
	uint64_t op;
	kj_bdd f, g, result;
};

struct kj_bdd_store {
	struct kj_arena *arena;
	struct node **chunk; /* nodes stay where they are: no copying, no waste in the arena */
	size_t n, max;
	uint32_t *bucket;
	struct memo *memo;
	size_t buckets, memos; /* powers of two */
	const unsigned char *group;
	size_t vars;
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

struct kj_bdd_store *kj_bdd_new(struct kj_arena *arena, size_t max_nodes, const unsigned char *group, size_t vars)
{
	struct kj_bdd_store *store = KJ_NEW(arena, struct kj_bdd_store);
	store->arena = arena;
	store->max = max_nodes < CHUNK ? CHUNK : max_nodes;
	store->chunk = KJ_NEW_ARRAY(arena, struct node *, store->max / CHUNK + 1);
	store->chunk[0] = KJ_NEW_ARRAY(arena, struct node, CHUNK);
	store->buckets = store->memos = CHUNK;
	store->bucket = KJ_NEW_ARRAY(arena, uint32_t, store->buckets);
	store->memo = KJ_NEW_ARRAY(arena, struct memo, store->memos);
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
	struct node *node = at(store, f);
	uint32_t *bucket = &store->bucket[mix(node->var, node->lo, node->hi) & (store->buckets - 1)];
	node->next = *bucket;
	*bucket = f;
}

static void relink(struct kj_bdd_store *store)
{
	memset(store->bucket, 0, store->buckets * sizeof *store->bucket);
	for (size_t f = 2; f < store->n; f++)
		link_node(store, (kj_bdd)f);
}

static void forget(struct kj_bdd_store *store)
{
	memset(store->memo, 0, store->memos * sizeof *store->memo);
}

/* As many buckets as nodes, half as many remembered results (fewer than that cost time, more cost cache misses). */
static void grow(struct kj_bdd_store *store)
{
	store->buckets *= 2;
	store->bucket = KJ_NEW_ARRAY(store->arena, uint32_t, store->buckets);
	relink(store);
	if (store->memos < store->buckets / 2 && store->memos < 1u << 19) {
		store->memos = store->buckets / 2;
		store->memo = KJ_NEW_ARRAY(store->arena, struct memo, store->memos);
	}
}

/* A place for one more node; false at the limit. */
static bool room(struct kj_bdd_store *store)
{
	if (store->n >= store->max) {
		store->over = true;
		return false;
	}
	if (store->n >= store->buckets)
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
	size_t hash = mix(var, lo, hi);
	for (uint32_t f = store->bucket[hash & (store->buckets - 1)]; f; f = at(store, f)->next) {
		const struct node *node = at(store, f);
		if (node->var == var && node->lo == lo && node->hi == hi)
			return f;
	}
	if (!room(store))
		return KJ_BDD_FALSE;
	kj_bdd f = (kj_bdd)store->n++;
	*at(store, f) = (struct node){var, lo, hi, 0};
	link_node(store, f);
	return f;
}

void kj_bdd_reset(struct kj_bdd_store *store, size_t nodes)
{
	store->over = false;
	if (store->n == nodes)
		return;
	store->n = nodes;
	relink(store);
	forget(store);
}

/* -- operations -- */

static struct memo *memo_of(struct kj_bdd_store *store, uint64_t op, kj_bdd f, kj_bdd g)
{
	return &store->memo[mix(op, f, g) & (store->memos - 1)];
}

static kj_bdd remember(struct kj_bdd_store *store, uint64_t op, kj_bdd f, kj_bdd g, kj_bdd result)
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

kj_bdd kj_bdd_or_all(struct kj_bdd_store *store, const kj_bdd *f, size_t n)
{
	if (n <= 1)
		return n ? *f : KJ_BDD_FALSE;
	return kj_bdd_or(store, kj_bdd_or_all(store, f, n / 2), kj_bdd_or_all(store, f + n / 2, n - n / 2));
}

kj_bdd kj_bdd_exists(struct kj_bdd_store *store, kj_bdd f, uint32_t groups)
{
	if (f <= KJ_BDD_TRUE || store->over)
		return f;
	uint64_t op = OP_EXISTS | (uint64_t)groups << 8;
	const struct memo *memo = memo_of(store, op, f, 0);
	if (memo->op == op && memo->f == f)
		return memo->result;
	const struct node node = *at(store, f);
	kj_bdd lo = kj_bdd_exists(store, node.lo, groups), hi = kj_bdd_exists(store, node.hi, groups);
	kj_bdd result = groups >> store->group[node.var] & 1 ? apply(store, OP_OR, lo, hi)
	                                                     : kj_bdd_node(store, node.var, lo, hi);
	return remember(store, op, f, 0, result);
}
