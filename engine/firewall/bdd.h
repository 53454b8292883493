/* Reduced ordered binary decision diagrams (Bryant 1986): sets of packets as Boolean functions, each in one canonical
   form, so that equal sets are the same number. */
#ifndef KJ_FIREWALL_BDD_H
#define KJ_FIREWALL_BDD_H

#include "base/arena.h"

#include <stdint.h>

/* A function: the number of its node. */
typedef uint32_t kj_bdd;

enum { KJ_BDD_FALSE = 0, KJ_BDD_TRUE = 1 };

struct kj_bdd_store;

/* A store of at most `max_nodes` nodes (16 bytes each, and about as much again for its tables). `group` gives each of
   the `vars` variables a group below 32, for kj_bdd_exists; it must live as long as the store. */
struct kj_bdd_store *kj_bdd_new(struct kj_arena *arena, size_t max_nodes, const unsigned char *group, size_t vars);

/* True once more nodes were wanted than allowed: every result since then is meaningless. */
bool kj_bdd_over(const struct kj_bdd_store *store);
size_t kj_bdd_nodes(const struct kj_bdd_store *store);

/* if var then hi else lo; the variables of lo and hi come after var. */
kj_bdd kj_bdd_node(struct kj_bdd_store *store, uint32_t var, kj_bdd lo, kj_bdd hi);
kj_bdd kj_bdd_and(struct kj_bdd_store *store, kj_bdd f, kj_bdd g);
kj_bdd kj_bdd_or(struct kj_bdd_store *store, kj_bdd f, kj_bdd g);
kj_bdd kj_bdd_diff(struct kj_bdd_store *store, kj_bdd f, kj_bdd g); /* f without g */

/* The union of n functions. */
kj_bdd kj_bdd_or_all(struct kj_bdd_store *store, const kj_bdd *f, size_t n);
/* … and where two or more of them are true. */
struct kj_bdd_joined {
	kj_bdd any, twice;
};
struct kj_bdd_joined kj_bdd_join(struct kj_bdd_store *store, const kj_bdd *f, size_t n);

/* f with the variables of all groups in the bit set `groups` forgotten: true where some value of them makes it true. */
kj_bdd kj_bdd_exists(struct kj_bdd_store *store, kj_bdd f, uint32_t groups);

/* f where the variables of `cube` have the values that it says; cube: an AND of variables and of negated ones. */
kj_bdd kj_bdd_given(struct kj_bdd_store *store, kj_bdd f, kj_bdd cube);

/* The parts of a node that is neither false nor true. */
uint32_t kj_bdd_var(const struct kj_bdd_store *store, kj_bdd f);
kj_bdd kj_bdd_lo(const struct kj_bdd_store *store, kj_bdd f);
kj_bdd kj_bdd_hi(const struct kj_bdd_store *store, kj_bdd f);

/* Forgets all nodes made since kj_bdd_nodes() gave `nodes`, and that the limit was reached. */
void kj_bdd_reset(struct kj_bdd_store *store, size_t nodes);

#endif
