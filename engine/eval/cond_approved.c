/* `exposure: {compare: approved}`: whether the host's rule dumps let in just what the approved ones do, which the fleet keeps in approved/HOST/. What was
   closed since was no more approved than what was opened. */
#include "eval/dumps.h"
#include "firewall/compare.h"
#include "firewall/lead.h"
#include "firewall/print.h"
#include "firewall/witness.h"

struct approved_query {
	struct kj_case *c;
	struct kj_proofs *proofs;
	const struct kj_dumps *dumps, *approved;
	kj_str folder;  /* approved/HOST */
	kj_str problem; /* why it cannot be read, or empty */
	enum kj_truth truth;
};

static void note(struct approved_query *q, enum kj_truth truth, struct kj_bilingual reason, const struct kj_text *text)
{
	q->truth = kj_truth_and(q->truth, truth);
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	kj_proof_at(q->c, proof, text, 0);
	proof->reason = reason;
}

/* ---- the approved dumps ---- */

/* Of an example, whose files are held in memory: those below approved/HOST/. */
static struct kj_export *approved_in_memory(struct approved_query *q, struct kj_diags *diags)
{
	const struct kj_subject *subject = q->c->subject;
	struct kj_memory_file *files = KJ_NEW_ARRAY(q->c->arena, struct kj_memory_file, subject->file_count + 1);
	kj_str prefix = kj_str_fmt(q->c->arena, "%.*s/", KJ_FMT(q->folder));
	size_t n = 0;
	for (size_t i = 0; i < subject->file_count; i++) {
		if (kj_str_starts(subject->files[i].path, prefix))
			files[n++] = (struct kj_memory_file){kj_str_from(subject->files[i].path, prefix.n),
			                                     subject->files[i].text};
	}
	return n ? kj_export_of_files(q->c->arena, files, n, subject->name, q->c->bench->limits, diags) : NULL;
}

/* A name that leads out of the folder is no name of a host. */
static bool is_plain_name(kj_str name)
{
	return name.n && kj_str_find(name, '/') == name.n && name.p[0] != '.';
}

static struct kj_export *open_approved(struct approved_query *q)
{
	const struct kj_subject *subject = q->c->subject;
	struct kj_diags diags = {.arena = q->c->arena};
	q->folder = kj_str_fmt(q->c->arena, "approved/%.*s", KJ_FMT(subject->name));
	if (!is_plain_name(subject->name))
		return NULL;
	if (subject->files)
		return approved_in_memory(q, &diags);
	if (!subject->fleet || !subject->fleet->root.n)
		return NULL;
	kj_str path = kj_str_fmt(q->c->arena, "%.*s/%.*s", KJ_FMT(subject->fleet->root), KJ_FMT(q->folder));
	struct kj_export *export = kj_export_open(q->c->arena, path, subject->name, q->c->bench->limits, &diags);
	if (!export && kj_export_is_there(q->c->arena, path) && diags.list.n)
		q->problem = diags.list.at[0].message;
	return export;
}

/* False after a note. */
static bool read_approved(struct approved_query *q)
{
	struct kj_export *export = open_approved(q);
	if (export) {
		q->approved = kj_dumps_in(q->c, export);
		q->problem = q->approved->problem.en;
	}
	if (q->problem.n) {
		note(q, KJ_BROKEN,
		     kj_say(q->c->arena, "the approved dump cannot be read: %.*s",
		            "承認済みルールを読み取れません: %.*s", KJ_FMT(q->problem)),
		     NULL);
		return false;
	}
	if (export && q->approved->rulesets.n)
		return true;
	note(q, KJ_MAYBE,
	     kj_say(q->c->arena, "there is no approved dump in %.*s of the fleet",
	            "フリートの %.*s に承認済みルールがありません", KJ_FMT(q->folder)),
	     NULL);
	return false;
}

/* ---- how they differ ---- */

static struct kj_fw_rulesets rulesets_of(struct kj_arena *arena, const struct kj_dumps *dumps)
{
	struct kj_fw_rulesets rulesets = {{0}};
	for (size_t i = 0; i < dumps->rulesets.n; i++)
		KJ_PUSH(arena, &rulesets.at, dumps->rulesets.at[i]);
	return rulesets;
}

static uint32_t opener_line(const struct kj_fw_change *change)
{
	const struct kj_fw_part *part = &change->part;
	return part->deciders.n ? part->deciders.at[part->deciders.n - 1].line : 0;
}

/* The line that leads the packets elsewhere, where one does: what accepts them then is often the same for all. */
static uint32_t detour_line(const struct kj_fw_change *change)
{
	const struct kj_fw_decider *first = change->part.deciders.n ? &change->part.deciders.at[0] : NULL;
	return kj_fw_lead(first) ? first->line : 0;
}

static uint32_t closer_line(const struct kj_fw_change *change)
{
	return change->has_closer ? change->closer.line : 0;
}

/* "turned away, as by approved/gw01/iptables-save.txt line 12" */
static kj_str approved_words(struct approved_query *q, const char *what, const struct kj_fw_ruleset *rs, uint32_t line)
{
	if (!line || !rs)
		return kj_str_fmt(q->c->arena, "%s, as by the approved rules", what);
	const struct kj_text *text = kj_fw_ruleset_place(rs, &line);
	return kj_str_fmt(q->c->arena, "%s, as by %.*s/%.*s line %u", what, KJ_FMT(q->folder), KJ_FMT(text->name),
	                  (unsigned)line);
}

/* "tcp 203.0.113.9 → port 22, accepted by line 12 (input: ssh (tcp 22) from 0.0.0.0/0)"; `detour`: a line that leads it
   elsewhere first, or 0. */
static kj_str found_words(struct approved_query *q, const struct kj_fw_change *change, const char *what,
                          uint32_t detour, uint32_t line)
{
	struct kj_arena *arena = q->c->arena;
	struct kj_buf buf = KJ_BUF(arena);
	bool to = change->hook != KJ_FW_INPUT || !kj_fw_everywhere(&change->part.dst);
	kj_buf_put(&buf, kj_fw_packet_str(arena, &change->witness, to));
	if (detour)
		kj_buf_fmt(&buf, ", led on by line %u", (unsigned)detour);
	kj_buf_fmt(&buf, ", %s%s", change->part.certain ? "" : "may be ", what);
	if (line)
		kj_buf_fmt(&buf, " by line %u", (unsigned)line);
	kj_buf_fmt(&buf, " (%s: %.*s from %.*s)", kj_fw_hook_name(change->hook),
	           KJ_FMT(kj_fw_part_service(arena, &change->part)),
	           KJ_FMT(kj_fw_addresses(arena, &change->part.src, 3)));
	return kj_buf_str(&buf);
}

/* The place in the present dump is the rule that leads the packets elsewhere, if one does. `rs` may be NULL. NULL when
   there is nothing more to say. */
static struct kj_proof *prove_change(struct approved_query *q, const struct kj_fw_change *change, const char *what,
                                     const struct kj_fw_ruleset *rs, uint32_t line)
{
	enum kj_truth truth = change->part.certain ? KJ_FALSE : KJ_MAYBE;
	uint32_t detour = change->by == rs ? detour_line(change) : 0, at = detour ? detour : line;
	const struct kj_text *text = rs ? kj_fw_ruleset_place(rs, &at) : NULL;
	if (rs && detour)
		kj_fw_ruleset_place(rs, &line);
	kj_str found = found_words(q, change, what, detour ? at : 0, detour ? line : at);
	q->truth = kj_truth_and(q->truth, truth);
	struct kj_proof *proof = kj_proofs_found(q->proofs, found) ? NULL : kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return NULL;
	kj_proof_at(q->c, proof, text, at);
	proof->evidence.found = found;
	return proof;
}

static void judge_opened(struct approved_query *q, const struct kj_fw_change *change)
{
	struct kj_proof *proof = prove_change(q, change, "accepted", change->by, opener_line(change));
	if (!proof)
		return;
	proof->evidence.wanted = approved_words(q, "turned away", change->against, closer_line(change));
	kj_str service = kj_fw_part_service(q->c->arena, &change->part);
	if (proof->truth == KJ_MAYBE)
		proof->reason = kj_say(q->c->arena, "%.*s may be open beyond the approved rules",
		                       "%.*s は承認済みルールを超えて開いている可能性があります", KJ_FMT(service));
}

static void judge_closed(struct approved_query *q, const struct kj_fw_change *change)
{
	struct kj_proof *proof = prove_change(q, change, "turned away", change->against, closer_line(change));
	if (!proof)
		return;
	proof->evidence.wanted = approved_words(q, "accepted", change->by, opener_line(change));
	kj_str service = kj_fw_part_service(q->c->arena, &change->part);
	if (proof->truth == KJ_MAYBE)
		proof->reason =
		        kj_say(q->c->arena, "%.*s may be closed, and the approved rules let it in",
		               "承認済みルールで許可されている %.*s が閉じられている可能性があります", KJ_FMT(service));
}

/* "tcp 203.0.113.9 → 198.51.100.2 port 443, led on to 10.30.0.66 by line 7": what both let in, and lead elsewhere. */
static void judge_elsewhere(struct approved_query *q, const struct kj_fw_change *change)
{
	struct kj_arena *arena = q->c->arena;
	enum kj_truth truth = change->part.certain ? KJ_FALSE : KJ_MAYBE;
	const struct kj_fw_decider *now = change->leads[KJ_FW_NOW], *old = change->leads[KJ_FW_OLD];
	unsigned char version = change->witness.version;
	uint32_t line = now ? now->line : 0;
	const struct kj_text *text = kj_fw_ruleset_place(change->by, &line);
	struct kj_buf found = KJ_BUF(arena);
	kj_buf_fmt(&found, "%.*s, %sled on to %.*s", KJ_FMT(kj_fw_packet_str(arena, &change->witness, true)),
	           truth == KJ_FALSE ? "" : "may be ", KJ_FMT(kj_fw_lead_words(arena, now, version)));
	if (line)
		kj_buf_fmt(&found, " by line %u", (unsigned)line);
	q->truth = kj_truth_and(q->truth, truth);
	struct kj_proof *proof =
	        kj_proofs_found(q->proofs, kj_buf_str(&found)) ? NULL : kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return;
	kj_proof_at(q->c, proof, text, line);
	proof->evidence.found = kj_buf_str(&found);
	kj_str to = kj_str_fmt(arena, "led on to %.*s", KJ_FMT(kj_fw_lead_words(arena, old, version)));
	proof->evidence.wanted = approved_words(q, kj_str_zero(arena, to), change->against, old ? old->line : 0);
	if (truth == KJ_MAYBE)
		proof->reason = kj_say(arena, "%.*s may be led elsewhere than by the approved rules",
		                       "%.*s の転送先が承認済みルールと異なる可能性があります",
		                       KJ_FMT(kj_fw_part_service(arena, &change->part)));
}

/* What the comparison could not see. */
static void judge_gaps(struct approved_query *q, const struct kj_fw_comparison *comparison)
{
	for (unsigned version = 4; version <= 6; version += 2) {
		unsigned family = version == 4 ? KJ_FW_V4 : KJ_FW_V6;
		if (!(q->dumps->families & family))
			note(q, KJ_MAYBE,
			     kj_say(q->c->arena, "no rule dump for IPv%u was collected",
			            "IPv%u のルールが収集されていません", version),
			     NULL);
		else if (!(q->approved->families & family))
			note(q, KJ_MAYBE,
			     kj_say(q->c->arena, "the approved dump does not speak of IPv%u",
			            "承認済みルールに IPv%u がありません", version),
			     NULL);
	}
	if (comparison->extra[KJ_FW_NOW] || comparison->extra[KJ_FW_OLD])
		note(q, KJ_MAYBE,
		     kj_say(q->c->arena, "the host has another number of dumps than were approved%s",
		            "ダンプの数が承認済みのものと異なります%s", ""),
		     NULL);
	if (comparison->unseen.n)
		note(q, KJ_MAYBE,
		     kj_say(q->c->arena, "the set '%.*s' is in neither dump, so that its elements cannot be compared",
		            "セット '%.*s' の内容がどちらのダンプにもないため比較できません",
		            KJ_FMT(comparison->unseen)),
		     NULL);
	if (!comparison->complete)
		note(q, KJ_BROKEN,
		     kj_say(q->c->arena, "the rules are too many to be compared within the limit%s",
		            "ルールが多すぎて上限内で比較できません%s", ""),
		     NULL);
}

static void compare(struct approved_query *q)
{
	struct kj_fw_rulesets old = rulesets_of(q->c->arena, q->approved), now = rulesets_of(q->c->arena, q->dumps);
	const struct kj_fw_request everything = {0};
	struct kj_fw_comparison comparison;
	kj_fw_compare(q->c->arena, &old, &now, &everything, &comparison);
	for (size_t i = 0; i < comparison.opens.at.n; i++)
		judge_opened(q, &comparison.opens.at.at[i]);
	for (size_t i = 0; i < comparison.closes.at.n; i++)
		judge_closed(q, &comparison.closes.at.at[i]);
	for (size_t i = 0; i < comparison.elsewhere.at.n; i++)
		judge_elsewhere(q, &comparison.elsewhere.at.at[i]);
	judge_gaps(q, &comparison);
}

enum kj_truth kj_condition_approved(struct kj_case *c, struct kj_proofs *proofs)
{
	struct approved_query q = {.c = c, .proofs = proofs, .dumps = kj_dumps_of(c), .truth = KJ_TRUE};
	size_t from = proofs->list.n;
	if (q.dumps->problem.en.n)
		note(&q, KJ_BROKEN, q.dumps->problem, q.dumps->broken);
	if (!q.dumps->rulesets.n && !q.dumps->problem.en.n)
		note(&q, KJ_MAYBE, q.dumps->missing, NULL);
	if (q.dumps->hidden.en.n)
		note(&q, KJ_MAYBE, q.dumps->hidden, q.dumps->rulesets.at[0]->text);
	if (q.dumps->rulesets.n && read_approved(&q))
		compare(&q);
	kj_dumps_conclude(c, q.dumps, q.truth, KJ_STR("the same is let in as by the approved rules"), from, proofs);
	return q.truth;
}
