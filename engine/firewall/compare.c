#include "firewall/compare.h"

#include "firewall/detours.h"
#include "firewall/doubt.h"
#include "firewall/parts.h"
#include "firewall/witness.h"

/* The same as for one question. */
#define NODES_MAX ((size_t)4 << 20)
/* For more differences than these nobody is told who turns the witness away. */
#define TRACED_MAX 500
/* Nor where a side has more rulesets than these, as each analysis that waits to be asked takes memory. */
#define TRACED_RULESETS_MAX 64

/* What changes at one interface; at others too, where it is the same. */
struct group {
	struct kj_fw_ifaces ifaces;
	uint32_t asked[KJ_FW_SIDES]; /* the number of the first of them, for each side */
	struct change_set {
		KJ_VEC(struct kj_fw_class) at;
		kj_bdd certain;
	} change[KJ_FW_SIDES]; /* what this side lets in, and the other does not */
	struct kj_fw_detours detours;
};

struct groups {
	KJ_VEC(struct group) at;
};

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
static void add_class(struct kj_fw_meeting *m, struct change_set *change, const struct kj_fw_part *part, kj_bdd set)
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
static kj_bdd alike(struct kj_fw_meeting *m, const struct kj_fw_face *other, kj_str key)
{
	const kj_bdd *all = kj_map_get(&other->by_key, key);
	return all ? kj_bdd_diff(m->space->bdd, *all, m->differs) : KJ_BDD_FALSE;
}

static void find_change(struct kj_fw_meeting *m, const struct kj_fw_face *face, const struct kj_fw_face *other,
                        struct change_set *change)
{
	static const struct kj_fw_face nothing;
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

static bool same_detours(const struct kj_fw_detours *a, const struct kj_fw_detours *b)
{
	if (a->at.n != b->at.n)
		return false;
	for (size_t i = 0; i < a->at.n; i++) {
		const struct kj_fw_detour *x = &a->at.at[i], *y = &b->at.at[i];
		if (x->set != y->set || x->certain != y->certain || x->leads[KJ_FW_OLD] != y->leads[KJ_FW_OLD] ||
		    x->leads[KJ_FW_NOW] != y->leads[KJ_FW_NOW])
			return false;
	}
	return true;
}

static void add_group(struct kj_fw_meeting *m, struct groups *groups, struct group group, kj_str name)
{
	for (size_t i = 0; i < groups->at.n; i++) {
		struct group *known = &groups->at.at[i];
		if (!same_change(&known->change[KJ_FW_OLD], &group.change[KJ_FW_OLD]) ||
		    !same_change(&known->change[KJ_FW_NOW], &group.change[KJ_FW_NOW]) ||
		    !same_detours(&known->detours, &group.detours))
			continue;
		KJ_PUSH(m->arena, &known->ifaces.at, name);
		return;
	}
	KJ_PUSH(m->arena, &group.ifaces.at, name);
	KJ_PUSH(m->arena, &groups->at, group);
}

/* -- telling it -- */

static void tell_ofaces(struct kj_fw_meeting *m, struct kj_fw_change *change)
{
	change->ofaces.every = !change->part.oifs.n;
	for (size_t i = 0; i < change->part.oifs.n; i++)
		KJ_PUSH(m->arena, &change->ofaces.at, kj_fw_iface_name(m->arena, m->names, change->part.oifs.at[i]));
}

/* Who turns the witness away on the other side, asked as that side's survey asked about its interface `asked`. */
static void trace(struct kj_fw_meeting *m, enum kj_fw_side side, uint32_t asked, struct kj_fw_change *change)
{
	const struct kj_fw_survey *survey = m->survey[side];
	const struct kj_fw_face *face = kj_fw_meeting_face(m, side, change->hook, false, asked);
	change->against = survey ? survey->rs : NULL;
	if (!face || !survey->analysis[m->version == 6])
		return;
	struct kj_fw_question question = face->entry->question;
	question.diverted = change->diverted;
	if (question.by_oif) {
		uint32_t leaves = change->part.oifs.n ? change->part.oifs.at[0] : 0;
		question.by_oif = false;
		question.oif = leaves ? kj_fw_meeting_iface(survey->rs, &m->names->ifaces.at[leaves]) : 0;
	}
	change->has_closer =
	        kj_fw_turned_away(survey->analysis[m->version == 6], &question, &change->witness, &change->closer);
}

/* The part of a group's changes, and an example. */
static struct kj_fw_change change_of(struct kj_fw_meeting *m, const struct group *group, enum kj_fw_hook hook,
                                     bool diverted, const struct kj_fw_part *part)
{
	struct kj_fw_change change = {.hook = hook, .diverted = diverted, .ifaces = group->ifaces, .part = *part};
	change.witness = kj_fw_witness(part);
	tell_ofaces(m, &change);
	return change;
}

static void tell(struct kj_fw_meeting *m, const struct group *group, enum kj_fw_side side, enum kj_fw_hook hook,
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
		struct kj_fw_change change = change_of(m, group, hook, diverted, &answer.parts.at[i]);
		change.by = m->survey[side]->rs;
		if (changes->at.n < TRACED_MAX)
			trace(m, other, group->asked[other], &change);
		KJ_PUSH(m->arena, &changes->at, change);
	}
}

static void tell_detour(struct kj_fw_meeting *m, const struct group *group, const struct kj_fw_detour *detour,
                        enum kj_fw_hook hook, bool diverted)
{
	struct kj_fw_classes classes = {.space = m->space, .every_oif = m->every_oif};
	struct kj_fw_class class = {.set = detour->set};
	struct kj_fw_answer answer = {{0}};
	KJ_PUSH(m->space->scratch, &classes.at, class);
	kj_fw_classes_parts(&classes, detour->certain, &answer);
	for (size_t i = 0; i < answer.parts.n && !kj_bdd_over(m->space->bdd); i++) {
		struct kj_fw_change change = change_of(m, group, hook, diverted, &answer.parts.at[i]);
		change.by = m->survey[KJ_FW_NOW]->rs;
		change.against = m->survey[KJ_FW_OLD]->rs;
		change.leads[KJ_FW_OLD] = detour->leads[KJ_FW_OLD];
		change.leads[KJ_FW_NOW] = detour->leads[KJ_FW_NOW];
		KJ_PUSH(m->arena, &m->out->elsewhere.at, change);
	}
}

/* -- one hook -- */

/* The interfaces that either side asked about, each once; 0 first. */
static void asked_ifaces(struct kj_fw_meeting *m, enum kj_fw_hook hook, bool *asked)
{
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		for (size_t i = 0; i < m->faces[side].at.n; i++) {
			const struct kj_fw_entry *entry = m->faces[side].at.at[i].entry;
			if (entry->hook == hook)
				asked[kj_fw_meeting_iface(
				        m->names, &m->survey[side]->rs->ifaces.at[kj_fw_meeting_asked(entry)])] = true;
		}
	}
}

static void compare_at(struct kj_fw_meeting *m, enum kj_fw_hook hook, bool diverted, uint32_t id, struct groups *groups)
{
	struct group group = {.asked = {0, 0}};
	const struct kj_fw_face *face[KJ_FW_SIDES];
	kj_str given = hook == KJ_FW_OUTPUT ? m->request->oface : m->request->iface;
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		group.asked[side] = kj_fw_meeting_asked_for(m, (enum kj_fw_side)side, hook, id);
		face[side] = kj_fw_meeting_face(m, (enum kj_fw_side)side, hook, diverted, group.asked[side]);
	}
	find_change(m, face[KJ_FW_OLD], face[KJ_FW_NOW], &group.change[KJ_FW_OLD]);
	find_change(m, face[KJ_FW_NOW], face[KJ_FW_OLD], &group.change[KJ_FW_NOW]);
	if (!kj_fw_detours_find(m->detouring, face[KJ_FW_OLD], face[KJ_FW_NOW], &group.detours))
		m->out->complete = false;
	add_group(m, groups, group, m->given ? given : kj_fw_iface_name(m->arena, m->names, id));
}

static void compare_hook(struct kj_fw_meeting *m, enum kj_fw_hook hook, bool diverted)
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
		for (size_t d = 0; d < groups.at.at[i].detours.at.n; d++)
			tell_detour(m, &groups.at.at[i], &groups.at.at[i].detours.at.at[d], hook, diverted);
		kj_arena_clear(m->space->scratch);
	}
}

/* -- one pair -- */

static void compare_all(void *ctx)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	struct kj_fw_meeting *m = ctx;
	kj_fw_meeting_faces(m);
	m->detouring = kj_fw_detouring_new(m);
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
	struct kj_fw_meeting m = {
	        .arena = s->arena, .request = s->request, .out = s->out, .survey = {old, now}, .version = version};
	m.work = kj_fw_work_new(s->arena);
	kj_fw_meeting_space(&m, NODES_MAX);
	bool done = kj_guard(m.space->scratch, compare_all, &m);
	if (!done || kj_bdd_over(m.space->bdd) || (old && !old->complete) || (now && !now->complete))
		s->out->complete = false;
	kj_fw_work_done(m.work);
	if (old && now && !s->out->unseen.n)
		s->out->unseen = kj_fw_doubt_unseen(old->rs, now->rs);
}

/* -- which with which -- */

static struct surveys survey_all(struct kj_arena *arena, const struct kj_fw_rulesets *rulesets,
                                 const struct kj_fw_request *request)
{
	struct surveys surveys = {KJ_NEW_ARRAY(arena, struct kj_fw_survey, rulesets->at.n + 1), rulesets->at.n};
	for (size_t i = 0; i < surveys.n; i++) {
		kj_fw_survey(arena, rulesets->at.at[i], request, &surveys.at[i]);
		if (surveys.n > TRACED_RULESETS_MAX)
			kj_fw_survey_done(&surveys.at[i]);
	}
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
	const struct kj_fw_changes *lists[] = {&comparison->opens, &comparison->closes, &comparison->elsewhere};
	bool some = false;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		for (size_t c = 0; c < lists[i]->at.n; c++) {
			if (lists[i]->at.at[c].part.certain)
				return KJ_FW_DIFFERS;
			some = true;
		}
	}
	bool gaps = !comparison->complete || comparison->unseen.n || comparison->only[KJ_FW_OLD] ||
	            comparison->only[KJ_FW_NOW] || comparison->extra[KJ_FW_OLD] || comparison->extra[KJ_FW_NOW];
	return gaps || some ? KJ_FW_PERHAPS : KJ_FW_SAME;
}
