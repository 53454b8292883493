#include "firewall/compare.h"

#include "firewall/doubt.h"
#include "firewall/parts.h"
#include "firewall/witness.h"

#include <stdlib.h>
#include <string.h>

/* The same as for one question. */
#define NODES_MAX ((size_t)4 << 20)
/* For more differences than these nobody is told who turns the witness away. */
#define TRACED_MAX 500

/* -- one answer of one side, as sets -- */

/* An answer of a survey, in the space that both sides share. */
struct face {
	const struct kj_fw_entry *entry;
	size_t n;
	const struct kj_fw_part **part;
	kj_bdd *set;             /* of each part */
	kj_str *key;             /* of each that is not certain: who may let it in (kj_fw_doubt_key) */
	kj_bdd certain, perhaps; /* of all */
	struct kj_map by_key;    /* key → kj_bdd of the parts that are not certain */
};

/* One pair of rulesets, for one family. */
struct meeting {
	struct kj_arena *arena;
	struct kj_fw_comparison *out;
	const struct kj_fw_survey *survey[KJ_FW_SIDES]; /* NULL: nothing is let in */
	const struct kj_fw_request *request;
	unsigned char version;
	bool given;                  /* the request names the interface of the hook at work: there is one answer */
	struct kj_fw_ruleset *names; /* without rules: the interfaces of both */
	struct kj_fw_space *space;
	kj_bdd differs; /* kj_fw_doubt_differs */
	kj_bdd every_oif;
	struct faces {
		KJ_VEC(struct face) at;
	} faces[KJ_FW_SIDES];
};

/* What changes at one interface; at others too, where it is the same. */
struct group {
	struct kj_fw_ifaces ifaces;
	uint32_t asked[KJ_FW_SIDES]; /* the number of the first of them, for each side */
	struct change_set {
		KJ_VEC(struct kj_fw_class) at;
		kj_bdd certain;
	} change[KJ_FW_SIDES]; /* what this side lets in, and the other does not */
};

struct groups {
	KJ_VEC(struct group) at;
};

/* -- interfaces -- */

/* What a name of an interface is for the ruleset: itself, the longest beginning that holds it, or any other. */
static uint32_t iface_in(const struct kj_fw_ruleset *rs, const struct kj_fw_iface *iface)
{
	uint32_t best = 0;
	for (uint32_t id = 1; id < rs->ifaces.n; id++) {
		const struct kj_fw_iface *own = &rs->ifaces.at[id];
		if (own->wildcard == iface->wildcard && kj_str_eq(own->name, iface->name))
			return id;
		if (own->wildcard && own->name.n && kj_str_starts(iface->name, own->name) &&
		    (!best || own->name.n > rs->ifaces.at[best].name.n))
			best = id;
	}
	return best;
}

static uint32_t asked_iface(const struct kj_fw_entry *entry)
{
	return entry->hook == KJ_FW_OUTPUT ? entry->question.oif : entry->question.iif;
}

/* The number that a side's survey asked about for an interface of `names`: its own, the longest beginning that holds it,
   or any other. */
static uint32_t asked_for(struct meeting *m, enum kj_fw_side side, enum kj_fw_hook hook, uint32_t id)
{
	const struct kj_fw_iface *iface = &m->names->ifaces.at[id];
	uint32_t best = 0;
	size_t best_n = 0;
	for (size_t i = 0; i < m->faces[side].at.n; i++) {
		const struct kj_fw_entry *entry = m->faces[side].at.at[i].entry;
		uint32_t asked = asked_iface(entry);
		const struct kj_fw_iface *own = &m->survey[side]->rs->ifaces.at[asked];
		if (entry->hook != hook || entry->diverted)
			continue;
		if (m->given)
			return asked;
		if (asked && own->wildcard == iface->wildcard && kj_str_eq(own->name, iface->name))
			return asked;
		if (asked && id && own->wildcard && own->name.n > best_n && kj_str_starts(iface->name, own->name)) {
			best = asked;
			best_n = own->name.n;
		}
	}
	return best;
}

/* The answer about an interface; NULL: nothing is let in. */
static const struct face *face_of(struct meeting *m, enum kj_fw_side side, enum kj_fw_hook hook, bool diverted,
                                  uint32_t asked)
{
	for (size_t i = 0; i < m->faces[side].at.n; i++) {
		const struct face *face = &m->faces[side].at.at[i];
		if (face->entry->hook == hook && face->entry->diverted == diverted && asked_iface(face->entry) == asked)
			return face;
	}
	return NULL;
}

static bool is_loopback(const struct kj_fw_iface *iface)
{
	return !iface->wildcard && kj_str_eq(iface->name, KJ_STR("lo"));
}

static void add_names(struct meeting *m, const struct kj_fw_survey *survey)
{
	for (uint32_t id = 1; survey && id < survey->rs->ifaces.n; id++) {
		const struct kj_fw_iface *iface = &survey->rs->ifaces.at[id];
		if (iface->name.n)
			kj_fw_iface_id(m->names, iface->name, iface->wildcard);
	}
}

/* -- the space of both -- */

static struct kj_fw_set *set_of(struct kj_arena *arena, const struct kj_fw_intervals *intervals)
{
	struct kj_fw_set *set = KJ_NEW(arena, struct kj_fw_set);
	set->dims = 1;
	set->declared = true;
	set->at.at = intervals->at.at;
	set->at.n = set->at.cap = intervals->at.n;
	return set;
}

static bool is_of(const struct meeting *m, const struct kj_fw_part *part)
{
	return part->src.at.n && part->src.at.at[0].version == m->version;
}

static void cut_part(struct meeting *m, const struct kj_fw_part *part)
{
	kj_fw_space_cut(m->space, KJ_FW_PROTO, set_of(m->arena, &part->protos));
	kj_fw_space_cut(m->space, KJ_FW_SRC, set_of(m->arena, &part->src));
	kj_fw_space_cut(m->space, KJ_FW_DST, set_of(m->arena, &part->dst));
	kj_fw_space_cut(m->space, KJ_FW_DPORT, set_of(m->arena, &part->ports));
}

/* Protocols with ports stand apart: the writing of parts wants it so. */
static void cut_protos(struct meeting *m)
{
	for (unsigned proto = 0; proto < 256; proto++) {
		if (kj_fw_proto_has_ports(proto) || proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6)
			kj_fw_space_cut_num(m->space, KJ_FW_PROTO, proto, proto);
	}
}

static void add_faces(struct meeting *m, enum kj_fw_side side)
{
	const struct kj_fw_survey *survey = m->survey[side];
	for (size_t e = 0; survey && e < survey->entries.n; e++) {
		const struct kj_fw_entry *entry = &survey->entries.at[e];
		KJ_PUSH(m->arena, &m->faces[side].at, (struct face){.entry = entry});
		for (size_t p = 0; p < entry->answer.parts.n; p++) {
			if (is_of(m, &entry->answer.parts.at[p]))
				cut_part(m, &entry->answer.parts.at[p]);
		}
	}
	if (survey)
		kj_fw_doubt_cut(m->space, survey->rs);
}

/* Every interface but the loopback. */
static kj_bdd leaving_by_any(struct meeting *m)
{
	kj_bdd f = KJ_BDD_FALSE;
	for (uint32_t id = 0; id < m->names->ifaces.n; id++) {
		if (!is_loopback(&m->names->ifaces.at[id]))
			f = kj_bdd_or(m->space->bdd, f, kj_fw_space_iface(m->space, KJ_FW_OIF, id));
	}
	return f;
}

static void make_space(struct meeting *m)
{
	static const struct kj_text nothing = {KJ_STR_INIT(""), KJ_STR_INIT("")};
	m->names = kj_fw_ruleset_new(m->arena, &nothing, "comparison", KJ_FW_V46);
	add_names(m, m->survey[KJ_FW_NOW]);
	add_names(m, m->survey[KJ_FW_OLD]);
	m->space = kj_fw_space_begin(m->arena, m->names, m->version);
	cut_protos(m);
	kj_fw_space_cut(m->space, KJ_FW_OIF, kj_fw_set(m->names, 1));
	add_faces(m, KJ_FW_OLD);
	add_faces(m, KJ_FW_NOW);
	kj_fw_space_ready(m->space, NODES_MAX);
}

static kj_bdd leaving_by(struct meeting *m, enum kj_fw_side side, const struct kj_fw_part *part)
{
	const struct kj_fw_ruleset *rs = m->survey[side]->rs;
	kj_bdd f = KJ_BDD_FALSE;
	if (!part->oifs.n)
		return m->every_oif;
	for (uint32_t id = 0; id < m->names->ifaces.n; id++) {
		uint32_t own = id ? iface_in(rs, &m->names->ifaces.at[id]) : 0;
		for (size_t i = 0; i < part->oifs.n && !is_loopback(&m->names->ifaces.at[id]); i++) {
			if (part->oifs.at[i] == own)
				f = kj_bdd_or(m->space->bdd, f, kj_fw_space_iface(m->space, KJ_FW_OIF, id));
		}
	}
	return f;
}

static kj_bdd set_of_part(struct meeting *m, enum kj_fw_side side, const struct kj_fw_part *part)
{
	struct kj_bdd_store *bdd = m->space->bdd;
	kj_bdd f = leaving_by(m, side, part);
	if (part->ports.at.n)
		f = kj_bdd_and(bdd, kj_fw_space_in(m->space, KJ_FW_DPORT, set_of(m->arena, &part->ports)), f);
	f = kj_bdd_and(bdd, kj_fw_space_in(m->space, KJ_FW_DST, set_of(m->arena, &part->dst)), f);
	f = kj_bdd_and(bdd, kj_fw_space_in(m->space, KJ_FW_SRC, set_of(m->arena, &part->src)), f);
	return kj_bdd_and(bdd, kj_fw_space_in(m->space, KJ_FW_PROTO, set_of(m->arena, &part->protos)), f);
}

/* For the part that is being added. */
static void add_key(struct meeting *m, struct face *face, kj_str key)
{
	void **at = kj_map_at(m->arena, &face->by_key, key);
	if (!*at)
		*at = KJ_NEW(m->arena, kj_bdd);
	kj_bdd *all = *at;
	*all = kj_bdd_or(m->space->bdd, *all, face->set[face->n]);
	face->key[face->n] = key;
}

static void make_face(struct meeting *m, enum kj_fw_side side, struct face *face)
{
	struct pieces {
		KJ_VEC(kj_bdd) at;
	} piece[2] = {{{0}}, {{0}}};
	const struct kj_fw_answer *answer = &face->entry->answer;
	face->part = KJ_NEW_ARRAY(m->arena, const struct kj_fw_part *, answer->parts.n + 1);
	face->set = KJ_NEW_ARRAY(m->arena, kj_bdd, answer->parts.n + 1);
	face->key = KJ_NEW_ARRAY(m->arena, kj_str, answer->parts.n + 1);
	for (size_t p = 0; p < answer->parts.n; p++) {
		const struct kj_fw_part *part = &answer->parts.at[p];
		if (!is_of(m, part))
			continue;
		face->part[face->n] = part;
		face->set[face->n] = set_of_part(m, side, part);
		if (!part->certain)
			add_key(m, face, kj_fw_doubt_key(m->arena, part));
		KJ_PUSH(m->arena, &piece[part->certain].at, face->set[face->n]);
		face->n++;
	}
	face->certain = kj_bdd_or_all(m->space->bdd, piece[1].at.at, piece[1].at.n);
	face->perhaps = kj_bdd_or_all(m->space->bdd, piece[0].at.at, piece[0].at.n);
}

/* -- what one lets in and the other does not -- */

static bool same_deciders(const struct kj_fw_class *a, const struct kj_fw_class *b)
{
	if (a->deciders.n != b->deciders.n)
		return false;
	for (size_t i = 0; i < a->deciders.n; i++) {
		const struct kj_fw_decider *x = &a->deciders.at[i], *y = &b->deciders.at[i];
		if (x->rule != y->rule || x->base != y->base)
			return false;
	}
	return true;
}

/* Adds packets to the class of those deciders. */
static void add_class(struct meeting *m, struct change_set *change, const struct kj_fw_part *part, kj_bdd set)
{
	struct kj_fw_class class = {.set = set};
	class.deciders.at = part->deciders.at;
	class.deciders.n = class.deciders.cap = part->deciders.n;
	for (size_t i = change->at.n; i > 0 && i + 64 > change->at.n; i--) {
		if (!same_deciders(&change->at.at[i - 1], &class))
			continue;
		change->at.at[i - 1].set = kj_bdd_or(m->space->bdd, change->at.at[i - 1].set, set);
		return;
	}
	KJ_PUSH(m->arena, &change->at, class);
}

/* What the other side may let in by the same rules, for the same doubts. */
static kj_bdd alike(struct meeting *m, const struct face *other, kj_str key)
{
	const kj_bdd *all = kj_map_get(&other->by_key, key);
	return all ? kj_bdd_diff(m->space->bdd, *all, m->differs) : KJ_BDD_FALSE;
}

static void find_change(struct meeting *m, const struct face *face, const struct face *other, struct change_set *change)
{
	static const struct face nothing;
	struct kj_bdd_store *bdd = m->space->bdd;
	if (!other)
		other = &nothing;
	for (size_t i = 0; face && i < face->n && !kj_bdd_over(bdd); i++) {
		const struct kj_fw_part *part = face->part[i];
		kj_bdd lacks = kj_bdd_diff(bdd, face->set[i], other->certain), sure = KJ_BDD_FALSE;
		if (part->certain)
			sure = kj_bdd_diff(bdd, lacks, other->perhaps);
		else
			lacks = kj_bdd_diff(bdd, lacks, alike(m, other, face->key[i]));
		if (lacks == KJ_BDD_FALSE)
			continue;
		add_class(m, change, part, lacks);
		change->certain = kj_bdd_or(bdd, change->certain, sure);
	}
}

static bool same_change(const struct change_set *a, const struct change_set *b)
{
	if (a->at.n != b->at.n || a->certain != b->certain)
		return false;
	for (size_t i = 0; i < a->at.n; i++) {
		if (a->at.at[i].set != b->at.at[i].set || !same_deciders(&a->at.at[i], &b->at.at[i]))
			return false;
	}
	return true;
}

static void add_group(struct meeting *m, struct groups *groups, struct group group, kj_str name)
{
	for (size_t i = 0; i < groups->at.n; i++) {
		struct group *known = &groups->at.at[i];
		if (!same_change(&known->change[KJ_FW_OLD], &group.change[KJ_FW_OLD]) ||
		    !same_change(&known->change[KJ_FW_NOW], &group.change[KJ_FW_NOW]))
			continue;
		KJ_PUSH(m->arena, &known->ifaces.at, name);
		return;
	}
	KJ_PUSH(m->arena, &group.ifaces.at, name);
	KJ_PUSH(m->arena, &groups->at, group);
}

/* -- telling it -- */

static void tell_ofaces(struct meeting *m, struct kj_fw_change *change)
{
	change->ofaces.every = !change->part.oifs.n;
	for (size_t i = 0; i < change->part.oifs.n; i++)
		KJ_PUSH(m->arena, &change->ofaces.at, kj_fw_iface_name(m->arena, m->names, change->part.oifs.at[i]));
}

/* Who turns the witness away on the other side, asked as that side's survey asked about its interface `asked`. */
static void trace(struct meeting *m, enum kj_fw_side side, uint32_t asked, struct kj_fw_change *change)
{
	const struct kj_fw_survey *survey = m->survey[side];
	const struct face *face = face_of(m, side, change->hook, false, asked);
	change->against = survey ? survey->rs : NULL;
	if (!face || !survey->analysis[m->version == 6])
		return;
	struct kj_fw_question question = face->entry->question;
	question.diverted = change->diverted;
	if (question.by_oif) {
		uint32_t leaves = change->part.oifs.n ? change->part.oifs.at[0] : 0;
		question.by_oif = false;
		question.oif = leaves ? iface_in(survey->rs, &m->names->ifaces.at[leaves]) : 0;
	}
	change->has_closer =
	        kj_fw_turned_away(survey->analysis[m->version == 6], &question, &change->witness, &change->closer);
}

static void tell(struct meeting *m, const struct group *group, enum kj_fw_side side, enum kj_fw_hook hook,
                 bool diverted)
{
	enum kj_fw_side other = side == KJ_FW_OLD ? KJ_FW_NOW : KJ_FW_OLD;
	struct kj_fw_changes *changes = side == KJ_FW_NOW ? &m->out->opens : &m->out->closes;
	struct kj_fw_classes classes = {.space = m->space, .every_oif = m->every_oif};
	struct kj_fw_answer answer = {{0}};
	for (size_t i = 0; i < group->change[side].at.n; i++)
		KJ_PUSH(m->space->scratch, &classes.at, group->change[side].at.at[i]);
	kj_fw_classes_parts(&classes, group->change[side].certain, &answer);
	for (size_t i = 0; i < answer.parts.n && !kj_bdd_over(m->space->bdd); i++) {
		struct kj_fw_change change = {.hook = hook, .diverted = diverted, .ifaces = group->ifaces};
		change.part = answer.parts.at[i];
		change.by = m->survey[side]->rs;
		change.witness = kj_fw_witness(&change.part);
		tell_ofaces(m, &change);
		if (changes->at.n < TRACED_MAX)
			trace(m, other, group->asked[other], &change);
		KJ_PUSH(m->arena, &changes->at, change);
	}
}

/* -- one hook -- */

/* The interfaces that either side asked about, each once; 0 first. */
static void asked_ifaces(struct meeting *m, enum kj_fw_hook hook, bool *asked)
{
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		for (size_t i = 0; i < m->faces[side].at.n; i++) {
			const struct kj_fw_entry *entry = m->faces[side].at.at[i].entry;
			if (entry->hook == hook)
				asked[iface_in(m->names, &m->survey[side]->rs->ifaces.at[asked_iface(entry)])] = true;
		}
	}
}

static void compare_at(struct meeting *m, enum kj_fw_hook hook, bool diverted, uint32_t id, struct groups *groups)
{
	struct group group = {.asked = {0, 0}};
	const struct face *face[KJ_FW_SIDES];
	kj_str given = hook == KJ_FW_OUTPUT ? m->request->oface : m->request->iface;
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		group.asked[side] = asked_for(m, (enum kj_fw_side)side, hook, id);
		face[side] = face_of(m, (enum kj_fw_side)side, hook, diverted, group.asked[side]);
	}
	find_change(m, face[KJ_FW_OLD], face[KJ_FW_NOW], &group.change[KJ_FW_OLD]);
	find_change(m, face[KJ_FW_NOW], face[KJ_FW_OLD], &group.change[KJ_FW_NOW]);
	add_group(m, groups, group, m->given ? given : kj_fw_iface_name(m->arena, m->names, id));
}

static void compare_hook(struct meeting *m, enum kj_fw_hook hook, bool diverted)
{
	struct groups groups = {0};
	bool *asked = KJ_NEW_ARRAY(m->arena, bool, m->names->ifaces.n);
	size_t n = 0;
	m->given = hook == KJ_FW_OUTPUT ? m->request->oface.n : m->request->iface.n;
	asked_ifaces(m, hook, asked);
	for (uint32_t id = 0; id < m->names->ifaces.n; id++) {
		if (m->given ? id > 0 : !asked[id])
			continue;
		compare_at(m, hook, diverted, id, &groups);
		n++;
	}
	for (size_t i = 0; i < groups.at.n && !kj_bdd_over(m->space->bdd); i++) {
		groups.at.at[i].ifaces.every = !m->given && groups.at.at[i].ifaces.at.n == n;
		tell(m, &groups.at.at[i], KJ_FW_NOW, hook, diverted);
		tell(m, &groups.at.at[i], KJ_FW_OLD, hook, diverted);
		kj_arena_clear(m->space->scratch);
	}
}

/* -- one pair -- */

static void compare_all(void *ctx)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	struct meeting *m = ctx;
	m->every_oif = leaving_by_any(m);
	if (m->survey[KJ_FW_OLD] && m->survey[KJ_FW_NOW])
		m->differs = kj_fw_doubt_differs(m->space, m->survey[KJ_FW_OLD]->rs, m->survey[KJ_FW_NOW]->rs);
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		for (size_t i = 0; i < m->faces[side].at.n && !kj_bdd_over(m->space->bdd); i++)
			make_face(m, (enum kj_fw_side)side, &m->faces[side].at.at[i]);
	}
	kj_arena_clear(m->space->scratch);
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks && !kj_bdd_over(m->space->bdd); i++) {
		compare_hook(m, hooks[i], false);
		compare_hook(m, hooks[i], true);
	}
}

struct sides {
	struct kj_arena *arena;
	const struct kj_fw_request *request;
	struct kj_fw_comparison *out;
	struct surveys {
		struct kj_fw_survey *at;
		size_t n;
	} side[KJ_FW_SIDES];
};

static void meet(struct sides *s, const struct kj_fw_survey *old, const struct kj_fw_survey *now, unsigned char version)
{
	struct meeting m = {
	        .arena = s->arena, .request = s->request, .out = s->out, .survey = {old, now}, .version = version};
	make_space(&m);
	bool done = kj_guard(m.space->scratch, compare_all, &m);
	if (!done || kj_bdd_over(m.space->bdd) || (old && !old->complete) || (now && !now->complete))
		s->out->complete = false;
}

/* -- which with which -- */

static struct surveys survey_all(struct kj_arena *arena, const struct kj_fw_rulesets *rulesets,
                                 const struct kj_fw_request *request)
{
	struct surveys surveys = {KJ_NEW_ARRAY(arena, struct kj_fw_survey, rulesets->at.n + 1), rulesets->at.n};
	for (size_t i = 0; i < surveys.n; i++)
		kj_fw_survey(arena, rulesets->at.at[i], request, &surveys.at[i]);
	return surveys;
}

/* The next without a name that speaks about the family, from *at on. */
static const struct kj_fw_survey *next_unnamed(const struct surveys *surveys, unsigned family, size_t *at)
{
	while (*at < surveys->n) {
		const struct kj_fw_survey *survey = &surveys->at[(*at)++];
		if (!survey->rs->name.n && survey->rs->families & family)
			return survey;
	}
	return NULL;
}

static const struct kj_fw_survey *namesake(const struct surveys *surveys, kj_str name, unsigned family)
{
	for (size_t i = 0; i < surveys->n; i++) {
		if (kj_str_eq(surveys->at[i].rs->name, name) && surveys->at[i].rs->families & family)
			return &surveys->at[i];
	}
	return NULL;
}

static void meet_unnamed(struct sides *s, unsigned char version, unsigned family)
{
	size_t at[KJ_FW_SIDES] = {0, 0}, pairs = 0;
	for (;;) {
		const struct kj_fw_survey *old = next_unnamed(&s->side[KJ_FW_OLD], family, &at[KJ_FW_OLD]);
		const struct kj_fw_survey *now = next_unnamed(&s->side[KJ_FW_NOW], family, &at[KJ_FW_NOW]);
		if (!old && !now)
			return;
		if (old && now)
			meet(s, old, now, version);
		else if (!pairs)
			s->out->only[old ? KJ_FW_OLD : KJ_FW_NOW] |= family;
		else
			s->out->extra[old ? KJ_FW_OLD : KJ_FW_NOW]++;
		pairs++;
	}
}

static void meet_named(struct sides *s, unsigned char version, unsigned family)
{
	for (size_t i = 0; i < s->side[KJ_FW_NOW].n; i++) {
		const struct kj_fw_survey *now = &s->side[KJ_FW_NOW].at[i];
		if (now->rs->name.n && now->rs->families & family)
			meet(s, namesake(&s->side[KJ_FW_OLD], now->rs->name, family), now, version);
	}
	for (size_t i = 0; i < s->side[KJ_FW_OLD].n; i++) {
		const struct kj_fw_survey *old = &s->side[KJ_FW_OLD].at[i];
		if (old->rs->name.n && old->rs->families & family &&
		    !namesake(&s->side[KJ_FW_NOW], old->rs->name, family))
			meet(s, old, NULL, version);
	}
}

void kj_fw_compare(struct kj_arena *arena, const struct kj_fw_rulesets *old, const struct kj_fw_rulesets *now,
                   const struct kj_fw_request *request, struct kj_fw_comparison *out)
{
	*out = (struct kj_fw_comparison){.complete = true};
	struct sides s = {.arena = arena, .request = request, .out = out};
	s.side[KJ_FW_OLD] = survey_all(arena, old, request);
	s.side[KJ_FW_NOW] = survey_all(arena, now, request);
	for (unsigned char version = 4; version <= 6; version += 2) {
		unsigned family = version == 4 ? KJ_FW_V4 : KJ_FW_V6;
		meet_unnamed(&s, version, family);
		meet_named(&s, version, family);
	}
}

enum kj_fw_difference kj_fw_difference(const struct kj_fw_comparison *comparison)
{
	const struct kj_fw_changes *both[] = {&comparison->opens, &comparison->closes};
	for (size_t i = 0; i < 2; i++) {
		for (size_t c = 0; c < both[i]->at.n; c++) {
			if (both[i]->at.at[c].part.certain)
				return KJ_FW_DIFFERS;
		}
	}
	bool gaps = !comparison->complete || comparison->only[KJ_FW_OLD] || comparison->only[KJ_FW_NOW] ||
	            comparison->extra[KJ_FW_OLD] || comparison->extra[KJ_FW_NOW];
	return gaps || comparison->opens.at.n || comparison->closes.at.n ? KJ_FW_PERHAPS : KJ_FW_SAME;
}
