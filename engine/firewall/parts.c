#include "firewall/parts.h"

#include <stdlib.h>

/* Who may have accepted a packet is told completely while that stays cheap; beyond, the first one alone is named. */
#define OVERLAP_WORK 200000u

/* -- classes -- */

struct kj_fw_decider kj_fw_decider_of(const struct kj_fw_hit *hit)
{
	if (hit->rule)
		return (struct kj_fw_decider){hit->rule, hit->base, hit->rule->line, hit->rule->text};
	return (struct kj_fw_decider){NULL, hit->base, hit->base->policy_line, hit->base->policy_text};
}

static bool names(const struct kj_fw_class *class, const struct kj_fw_decider *decider)
{
	for (size_t i = 0; i < class->deciders.n; i++) {
		if (class->deciders.at[i].rule == decider->rule && class->deciders.at[i].base == decider->base)
			return true;
	}
	return false;
}

static void name(struct kj_arena *arena, struct kj_fw_class *class, const struct kj_fw_decider *decider)
{
	if (class->deciders.n < KJ_FW_DECIDERS_MAX && !names(class, decider))
		KJ_PUSH(arena, &class->deciders, *decider);
}

static struct kj_fw_class copy_class(struct kj_arena *arena, const struct kj_fw_class *class, kj_bdd set)
{
	struct kj_fw_class copy = {.set = set};
	copy.deciders.cap = class->deciders.n + 1;
	copy.deciders.at = KJ_NEW_ARRAY(arena, struct kj_fw_decider, copy.deciders.cap);
	for (size_t i = 0; i < class->deciders.n; i++)
		KJ_PUSH(arena, &copy.deciders, class->deciders.at[i]);
	return copy;
}

/* Classes that are apart. */
struct apart {
	KJ_VEC(struct kj_fw_class) at;
	kj_bdd all;
};

/* What the new class shares with those that are there gets its deciders too, split off where only a part is shared. */
static void share(struct kj_fw_classes *classes, struct apart *apart, const struct kj_fw_class *with)
{
	struct kj_arena *arena = classes->space->scratch;
	struct kj_bdd_store *bdd = classes->space->bdd;
	kj_bdd shared = kj_bdd_and(bdd, with->set, apart->all);
	size_t n = apart->at.n;
	for (size_t i = 0; i < n && shared != KJ_BDD_FALSE && classes->work < OVERLAP_WORK; i++) {
		classes->work++;
		kj_bdd both = kj_bdd_and(bdd, apart->at.at[i].set, shared);
		if (both == KJ_BDD_FALSE)
			continue;
		shared = kj_bdd_diff(bdd, shared, both);
		size_t target = i;
		if (both != apart->at.at[i].set) {
			struct kj_fw_class part = copy_class(arena, &apart->at.at[i], both);
			apart->at.at[i].set = kj_bdd_diff(bdd, apart->at.at[i].set, both);
			target = apart->at.n;
			KJ_PUSH(arena, &apart->at, part);
		}
		for (size_t d = 0; d < with->deciders.n; d++)
			name(arena, &apart->at.at[target], &with->deciders.at[d]);
	}
}

/* What is in two classes or more. */
static kj_bdd shared_by_two(const struct kj_fw_classes *classes)
{
	kj_bdd *sets = KJ_NEW_ARRAY(classes->space->scratch, kj_bdd, classes->at.n + 1);
	for (size_t i = 0; i < classes->at.n; i++)
		sets[i] = classes->at.at[i].set;
	return kj_bdd_join(classes->space->bdd, sets, classes->at.n).twice;
}

/* Parts all classes. They mostly are apart already: only what is undecided, or differs in fields that are not told, has
   several deciders. */
static void part_all(struct kj_fw_classes *classes)
{
	struct kj_bdd_store *bdd = classes->space->bdd;
	struct apart apart = {0};
	kj_bdd twice = shared_by_two(classes);
	for (size_t i = 0; i < classes->at.n && twice != KJ_BDD_FALSE; i++) {
		struct kj_fw_class class = classes->at.at[i];
		class.set = kj_bdd_and(bdd, class.set, twice);
		if (class.set == KJ_BDD_FALSE)
			continue;
		classes->at.at[i].set = kj_bdd_diff(bdd, classes->at.at[i].set, twice);
		share(classes, &apart, &class);
		kj_bdd set = class.set;
		class.set = kj_bdd_diff(bdd, set, apart.all);
		apart.all = kj_bdd_or(bdd, apart.all, set);
		if (class.set != KJ_BDD_FALSE)
			KJ_PUSH(classes->space->scratch, &apart.at, class);
	}
	for (size_t i = 0; i < apart.at.n; i++)
		KJ_PUSH(classes->space->scratch, &classes->at, apart.at.at[i]);
}

/* -- layers -- */

struct drafts {
	KJ_VEC(struct kj_fw_class) at;
};

/* A policy decides only where no rule did; then the last one does. */
static void drop_policies(struct kj_fw_class *class)
{
	size_t rules = 0, n = 0;
	for (size_t i = 0; i < class->deciders.n; i++)
		rules += class->deciders.at[i].rule && class->deciders.at[i].rule->verdict != KJ_FW_REWRITE;
	for (size_t i = 0; i < class->deciders.n; i++) {
		bool last = !rules && i + 1 == class->deciders.n;
		if (class->deciders.at[i].rule || last)
			class->deciders.at[n++] = class->deciders.at[i];
	}
	class->deciders.n = n;
}

/* `inside`: all the layer's hits are known to lie in the drafts' one set. */
static void cross(struct kj_fw_classes *classes, struct drafts *drafts, const struct kj_fw_hits *layer, bool inside)
{
	struct kj_arena *arena = classes->space->scratch;
	struct drafts crossed = {0};
	for (size_t i = 0; i < drafts->at.n; i++) {
		for (size_t h = 0; h < layer->at.n; h++) {
			kj_bdd set = layer->at.at[h].set;
			if (!inside)
				set = kj_bdd_and(classes->space->bdd, drafts->at.at[i].set, set);
			if (set == KJ_BDD_FALSE)
				continue;
			struct kj_fw_class class = copy_class(arena, &drafts->at.at[i], set);
			struct kj_fw_decider decider = kj_fw_decider_of(&layer->at.at[h]);
			name(arena, &class, &decider);
			KJ_PUSH(arena, &crossed.at, class);
		}
	}
	*drafts = crossed;
}

/* A layer that only its policy let through tells nothing more; it counts where no other does. */
static bool tells(const struct kj_fw_hits *layer)
{
	return layer->at.n > 1 || (layer->at.n == 1 && layer->at.at[0].rule);
}

static const struct kj_fw_hits *last_policy(const struct kj_fw_layers *layers)
{
	const struct kj_fw_hits *found = NULL;
	for (size_t i = 0; i < layers->at.n; i++) {
		const struct kj_fw_hits *hits = &layers->at.at[i].hits;
		if (hits->at.n && !hits->at.at[0].base->nat)
			found = hits;
	}
	return found;
}

void kj_fw_classes_add(struct kj_fw_classes *classes, kj_bdd open, const struct kj_fw_rule *by,
                       const struct kj_fw_layers *layers)
{
	struct kj_arena *arena = classes->space->scratch;
	struct drafts drafts = {0};
	struct kj_fw_class first = {.set = open};
	if (open == KJ_BDD_FALSE)
		return;
	if (by)
		KJ_PUSH(arena, &first.deciders, (struct kj_fw_decider){by, by->chain, by->line, by->text});
	KJ_PUSH(arena, &drafts.at, first);
	size_t told = 0;
	for (size_t i = 0; i < layers->at.n; i++)
		told += tells(&layers->at.at[i].hits);
	for (size_t i = 0; i < layers->at.n; i++) {
		if (tells(&layers->at.at[i].hits))
			cross(classes, &drafts, &layers->at.at[i].hits, told == 1 && layers->at.at[i].kept);
	}
	if (!told && last_policy(layers))
		cross(classes, &drafts, last_policy(layers), false);
	for (size_t i = 0; i < drafts.at.n; i++) {
		drop_policies(&drafts.at.at[i]);
		if (!drafts.at.at[i].deciders.n)
			KJ_PUSH(arena, &drafts.at.at[i].deciders,
			        (struct kj_fw_decider){.text = KJ_STR("nothing filters here")});
		KJ_PUSH(arena, &classes->at, drafts.at.at[i]);
	}
}

/* -- parts -- */

/* Pieces along a field that ask the same of later fields: n of them from `pieces` on. */
struct group {
	kj_bdd rest;
	const struct kj_fw_piece *pieces;
	size_t n;
};

struct groups {
	KJ_VEC(struct group) at;
};

static int by_rest(const void *a, const void *b)
{
	const struct kj_fw_piece *x = a, *y = b;
	if (x->rest != y->rest)
		return x->rest < y->rest ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static int by_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	return x->pieces->first < y->pieces->first ? -1 : x->pieces->first > y->pieces->first;
}

static void group_by(struct kj_fw_space *space, kj_bdd f, enum kj_fw_field field, struct groups *out)
{
	struct kj_fw_pieces pieces = {0};
	kj_fw_space_split(space, f, field, &pieces);
	if (pieces.at.n > 1)
		qsort(pieces.at.at, pieces.at.n, sizeof *pieces.at.at, by_rest);
	for (size_t i = 0; i < pieces.at.n; i++) {
		const struct kj_fw_piece *piece = &pieces.at.at[i];
		if (!out->at.n || out->at.at[out->at.n - 1].rest != piece->rest)
			KJ_PUSH(space->scratch, &out->at, (struct group){piece->rest, piece, 0});
		out->at.at[out->at.n - 1].n++;
	}
	if (out->at.n > 1)
		qsort(out->at.at, out->at.n, sizeof *out->at.at, by_first);
}

/* The values of the pieces; there are many such lists, so each takes no more room than it needs. */
static struct kj_fw_intervals values(struct kj_fw_space *space, enum kj_fw_field field, const struct group *group)
{
	struct kj_fw_intervals out = {0};
	out.at.at = KJ_NEW_ARRAY(space->results, struct kj_fw_interval, group->n);
	out.at.cap = group->n;
	for (size_t i = 0; i < group->n; i++)
		out.at.at[out.at.n++] = kj_fw_space_values(space, field, group->pieces[i].first, group->pieces[i].last);
	return out;
}

/* The writing of one class. */
struct writing {
	struct kj_fw_space *space;
	kj_bdd every_oif;
	struct kj_fw_answer *answer;
};

static void put_oifs(const struct writing *w, struct kj_fw_part part, kj_bdd f)
{
	struct kj_fw_pieces pieces = {0};
	if (f != KJ_BDD_TRUE && f != w->every_oif)
		kj_fw_space_split(w->space, f, KJ_FW_OIF, &pieces);
	for (size_t i = 0; i < pieces.at.n; i++) {
		for (uint32_t rank = pieces.at.at[i].first; rank <= pieces.at.at[i].last; rank++)
			KJ_PUSH(w->space->results, &part.oifs, kj_fw_space_iface_at(w->space, rank));
	}
	KJ_PUSH(w->space->results, &w->answer->parts, part);
}

static void put_ports(const struct writing *w, struct kj_fw_part part, bool ports, kj_bdd f)
{
	struct groups groups = {0};
	if (!ports) {
		put_oifs(w, part, f);
		return;
	}
	group_by(w->space, f, KJ_FW_DPORT, &groups);
	for (size_t i = 0; i < groups.at.n; i++) {
		part.ports = values(w->space, KJ_FW_DPORT, &groups.at.at[i]);
		put_oifs(w, part, groups.at.at[i].rest);
	}
}

/* The parts of one kind of protocols; `ports`: with ports, or ICMP types. */
static void put_addresses(const struct writing *w, struct kj_fw_part part, bool ports, kj_bdd f)
{
	struct kj_fw_space *space = w->space;
	struct groups sources = {0};
	group_by(space, f, KJ_FW_SRC, &sources);
	for (size_t s = 0; s < sources.at.n; s++) {
		struct groups destinations = {0};
		part.src = values(space, KJ_FW_SRC, &sources.at.at[s]);
		group_by(space, sources.at.at[s].rest, KJ_FW_DST, &destinations);
		for (size_t d = 0; d < destinations.at.n; d++) {
			part.dst = values(space, KJ_FW_DST, &destinations.at.at[d]);
			put_ports(w, part, ports, destinations.at.at[d].rest);
		}
	}
}

static bool is_icmp(const struct kj_fw_space *space, uint64_t proto)
{
	return proto == (space->version == 4 ? KJ_FW_ICMP : KJ_FW_ICMPV6);
}

static bool with_ports(const struct kj_fw_space *space, uint64_t proto)
{
	return kj_fw_proto_has_ports((unsigned)proto) || is_icmp(space, proto);
}

/* Whether f asks for ports at all. */
static bool asks_port(const struct writing *w, kj_bdd f)
{
	return kj_bdd_exists(w->space->bdd, f, 1u << KJ_FW_DPORT) != f;
}

static void add_proto(struct kj_fw_space *space, struct kj_fw_intervals *protos, struct kj_fw_interval proto)
{
	struct kj_fw_interval *before = protos->at.n ? &protos->at.at[protos->at.n - 1] : NULL;
	if (before && before->last.lo + 1 == proto.first.lo)
		before->last = proto.last;
	else
		KJ_PUSH(space->results, &protos->at, proto);
}

/* Every protocol; or one part for each whose ports matter, and for tcp, udp and ICMP anyway, and one for all the
   others. */
static void put_protos(const struct writing *w, struct kj_fw_part part, const struct group *group)
{
	struct kj_fw_space *space = w->space;
	struct kj_fw_intervals others = {0};
	const struct kj_fw_piece *first = group->pieces;
	bool ports = asks_port(w, group->rest);
	if (first->first == 0 && first->last == space->axis[KJ_FW_PROTO].n - 1) {
		part.protos = values(space, KJ_FW_PROTO, group);
		put_addresses(w, part, false, group->rest);
		return;
	}
	for (size_t i = 0; i < group->n; i++) {
		for (uint32_t rank = group->pieces[i].first; rank <= group->pieces[i].last; rank++) {
			struct kj_fw_interval proto = kj_fw_space_values(space, KJ_FW_PROTO, rank, rank);
			struct kj_fw_part one = part;
			bool main = proto.first.lo == KJ_FW_TCP || proto.first.lo == KJ_FW_UDP ||
			            is_icmp(space, proto.first.lo);
			if (!with_ports(space, proto.first.lo) || !(ports || main)) {
				add_proto(space, &others, proto);
				continue;
			}
			one.protos.at.at = KJ_NEW(space->results, struct kj_fw_interval);
			one.protos.at.at[0] = proto;
			one.protos.at.n = one.protos.at.cap = 1;
			put_addresses(w, one, true, group->rest);
		}
	}
	part.protos = others;
	if (others.at.n)
		put_addresses(w, part, false, group->rest);
}

static void put_class(const struct writing *w, const struct kj_fw_class *class, kj_bdd set, bool certain)
{
	struct groups protos = {0};
	struct kj_fw_part part = {.certain = certain};
	if (set == KJ_BDD_FALSE)
		return;
	part.deciders.at = KJ_NEW_ARRAY(w->space->results, struct kj_fw_decider, class->deciders.n);
	for (size_t i = 0; i < class->deciders.n; i++)
		part.deciders.at[part.deciders.n++] = class->deciders.at[i];
	part.deciders.cap = part.deciders.n;
	group_by(w->space, set, KJ_FW_PROTO, &protos);
	for (size_t i = 0; i < protos.at.n; i++)
		put_protos(w, part, &protos.at.at[i]);
}

/* Packets whose port field says something. */
static kj_bdd ported(struct kj_fw_space *space)
{
	kj_bdd f = KJ_BDD_FALSE;
	for (uint32_t rank = 0; rank < space->axis[KJ_FW_PROTO].n; rank++) {
		struct kj_fw_interval proto = kj_fw_space_values(space, KJ_FW_PROTO, rank, rank);
		if (with_ports(space, proto.first.lo))
			f = kj_bdd_or(space->bdd, f,
			              kj_fw_space_num(space, KJ_FW_PROTO, proto.first.lo, proto.last.lo));
	}
	return f;
}

/* Protocols without ports are one thing, whatever their (absent) port. */
static kj_bdd without_ports(struct kj_fw_space *space, kj_bdd set, kj_bdd with)
{
	kj_bdd none = kj_bdd_diff(space->bdd, set, with);
	if (none == KJ_BDD_FALSE)
		return set;
	return kj_bdd_or(space->bdd, kj_bdd_and(space->bdd, set, with),
	                 kj_bdd_exists(space->bdd, none, 1u << KJ_FW_DPORT));
}

void kj_fw_classes_parts(struct kj_fw_classes *classes, kj_bdd certain, struct kj_fw_answer *answer)
{
	struct kj_fw_space *space = classes->space;
	struct writing w = {space, classes->every_oif, answer};
	kj_bdd with = ported(space);
	part_all(classes);
	answer->vague |= classes->work >= OVERLAP_WORK;
	for (size_t i = 0; i < classes->at.n; i++) {
		const struct kj_fw_class *class = &classes->at.at[i];
		kj_bdd sure = without_ports(space, kj_bdd_and(space->bdd, class->set, certain), with);
		kj_bdd rest = without_ports(space, kj_bdd_diff(space->bdd, class->set, certain), with);
		put_class(&w, class, sure, true);
		put_class(&w, class, rest, false);
	}
}
