#include "firewall/meeting.h"

#include "firewall/detours.h"
#include "firewall/doubt.h"

/* -- interfaces -- */

uint32_t kj_fw_meeting_iface(const struct kj_fw_ruleset *rs, const struct kj_fw_iface *iface)
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

uint32_t kj_fw_meeting_asked(const struct kj_fw_entry *entry)
{
	return entry->hook == KJ_FW_OUTPUT ? entry->question.oif : entry->question.iif;
}

uint32_t kj_fw_meeting_asked_for(const struct kj_fw_meeting *m, enum kj_fw_side side, enum kj_fw_hook hook, uint32_t id)
{
	const struct kj_fw_iface *iface = &m->names->ifaces.at[id];
	uint32_t best = 0;
	size_t best_n = 0;
	for (size_t i = 0; i < m->faces[side].at.n; i++) {
		const struct kj_fw_entry *entry = m->faces[side].at.at[i].entry;
		uint32_t asked = kj_fw_meeting_asked(entry);
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

const struct kj_fw_face *kj_fw_meeting_face(const struct kj_fw_meeting *m, enum kj_fw_side side, enum kj_fw_hook hook,
                                            bool diverted, uint32_t asked)
{
	for (size_t i = 0; i < m->faces[side].at.n; i++) {
		const struct kj_fw_face *face = &m->faces[side].at.at[i];
		if (face->entry->hook == hook && face->entry->diverted == diverted &&
		    kj_fw_meeting_asked(face->entry) == asked)
			return face;
	}
	return NULL;
}

static bool is_loopback(const struct kj_fw_iface *iface)
{
	return !iface->wildcard && kj_str_eq(iface->name, KJ_STR("lo"));
}

static void add_names(struct kj_fw_meeting *m, const struct kj_fw_survey *survey)
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

static bool is_of(const struct kj_fw_meeting *m, const struct kj_fw_part *part)
{
	return part->src.at.n && part->src.at.at[0].version == m->version;
}

static void cut_part(struct kj_fw_meeting *m, const struct kj_fw_part *part)
{
	kj_fw_space_cut(m->space, KJ_FW_PROTO, set_of(m->arena, &part->protos));
	kj_fw_space_cut(m->space, KJ_FW_SRC, set_of(m->arena, &part->src));
	kj_fw_space_cut(m->space, KJ_FW_DST, set_of(m->arena, &part->dst));
	kj_fw_space_cut(m->space, KJ_FW_DPORT, set_of(m->arena, &part->ports));
}

/* Protocols with ports stand apart: the writing of parts wants it so. */
static void cut_protos(struct kj_fw_meeting *m)
{
	for (unsigned proto = 0; proto < 256; proto++) {
		if (kj_fw_proto_has_ports(proto) || proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6)
			kj_fw_space_cut_num(m->space, KJ_FW_PROTO, proto, proto);
	}
}

static void add_faces(struct kj_fw_meeting *m, enum kj_fw_side side)
{
	const struct kj_fw_survey *survey = m->survey[side];
	for (size_t e = 0; survey && e < survey->entries.n; e++) {
		const struct kj_fw_entry *entry = &survey->entries.at[e];
		KJ_PUSH(m->arena, &m->faces[side].at, (struct kj_fw_face){.entry = entry});
		for (size_t p = 0; p < entry->answer.parts.n; p++) {
			if (is_of(m, &entry->answer.parts.at[p]))
				cut_part(m, &entry->answer.parts.at[p]);
		}
	}
	if (survey) {
		kj_fw_doubt_cut(m->space, survey->rs);
		kj_fw_detours_cut(m->space, survey->rs);
	}
}

/* Every interface but the loopback. */
static kj_bdd leaving_by_any(struct kj_fw_meeting *m)
{
	kj_bdd f = KJ_BDD_FALSE;
	for (uint32_t id = 0; id < m->names->ifaces.n; id++) {
		if (!is_loopback(&m->names->ifaces.at[id]))
			f = kj_bdd_or(m->space->bdd, f, kj_fw_space_iface(m->space, KJ_FW_OIF, id));
	}
	return f;
}

void kj_fw_meeting_space(struct kj_fw_meeting *m, size_t max_nodes)
{
	static const struct kj_text nothing = {KJ_STR_INIT(""), KJ_STR_INIT("")};
	m->names = kj_fw_ruleset_new(m->arena, &nothing, "comparison", KJ_FW_V46);
	add_names(m, m->survey[KJ_FW_NOW]);
	add_names(m, m->survey[KJ_FW_OLD]);
	m->space = kj_fw_space_begin(m->work->arena, m->names, m->version);
	m->space->results = m->arena;
	cut_protos(m);
	kj_fw_space_cut(m->space, KJ_FW_OIF, kj_fw_set(m->names, 1));
	add_faces(m, KJ_FW_OLD);
	add_faces(m, KJ_FW_NOW);
	kj_fw_space_ready(m->space, max_nodes);
}

static kj_bdd leaving_by(struct kj_fw_meeting *m, enum kj_fw_side side, const struct kj_fw_part *part)
{
	const struct kj_fw_ruleset *rs = m->survey[side]->rs;
	kj_bdd f = KJ_BDD_FALSE;
	if (!part->oifs.n)
		return m->every_oif;
	for (uint32_t id = 0; id < m->names->ifaces.n; id++) {
		uint32_t own = id ? kj_fw_meeting_iface(rs, &m->names->ifaces.at[id]) : 0;
		for (size_t i = 0; i < part->oifs.n && !is_loopback(&m->names->ifaces.at[id]); i++) {
			if (part->oifs.at[i] == own)
				f = kj_bdd_or(m->space->bdd, f, kj_fw_space_iface(m->space, KJ_FW_OIF, id));
		}
	}
	return f;
}

static kj_bdd set_of_part(struct kj_fw_meeting *m, enum kj_fw_side side, const struct kj_fw_part *part)
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
static void add_key(struct kj_fw_meeting *m, struct kj_fw_face *face, kj_str key)
{
	void **at = kj_map_at(m->arena, &face->by_key, key);
	if (!*at)
		*at = KJ_NEW(m->arena, kj_bdd);
	kj_bdd *all = *at;
	*all = kj_bdd_or(m->space->bdd, *all, face->set[face->n]);
	face->key[face->n] = key;
}

static void make_face(struct kj_fw_meeting *m, enum kj_fw_side side, struct kj_fw_face *face)
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

void kj_fw_meeting_faces(struct kj_fw_meeting *m)
{
	m->every_oif = leaving_by_any(m);
	if (m->survey[KJ_FW_OLD] && m->survey[KJ_FW_NOW])
		m->differs = kj_fw_doubt_differs(m->space, m->survey[KJ_FW_OLD]->rs, m->survey[KJ_FW_NOW]->rs);
	for (unsigned side = 0; side < KJ_FW_SIDES; side++) {
		for (size_t i = 0; i < m->faces[side].at.n && !kj_bdd_over(m->space->bdd); i++)
			make_face(m, (enum kj_fw_side)side, &m->faces[side].at.at[i]);
	}
	kj_arena_clear(m->space->scratch);
}
