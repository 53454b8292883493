/* `file: glob`: is it there, who owns it, who may read and write it. */
#include "eval/truth.h"

struct file_query {
	struct kj_case *c;
	const struct kj_check *check;
	struct kj_proofs *proofs;
};

static struct kj_proof *prove(struct file_query *q, enum kj_truth truth, kj_str path, kj_str found, kj_str wanted)
{
	struct kj_proof *proof = kj_prove(q->c, q->proofs, truth);
	if (!proof)
		return NULL;
	proof->evidence = (struct kj_evidence){.artifact = path, .found = found, .wanted = wanted};
	return proof;
}

static bool name_in(const struct kj_value *wanted, kj_str name)
{
	for (size_t i = 0; wanted->type == KJ_TYPE_LIST && i < wanted->n; i++) {
		if (kj_str_eq(wanted->items[i].text, name))
			return true;
	}
	return wanted->type != KJ_TYPE_LIST && kj_str_eq(wanted->text, name);
}

static enum kj_truth judge_name(struct file_query *q, const struct kj_entry *entry, const struct kj_operand *operand,
                                kj_str name, const char *what)
{
	if (!operand)
		return KJ_TRUE;
	const struct kj_value *wanted = kj_operand_value(q->c, operand);
	enum kj_truth truth = kj_truth_of(name_in(wanted, name));
	prove(q, truth, entry->path, kj_str_fmt(q->c->arena, "%s %.*s", what, KJ_FMT(name)),
	      kj_str_fmt(q->c->arena, "%s %.*s", what, KJ_FMT(kj_value_show(q->c->arena, wanted))));
	return truth;
}

static enum kj_truth judge_mode(struct file_query *q, const struct kj_entry *entry)
{
	if (!q->check->file.mode_at_most)
		return KJ_TRUE;
	int64_t most = kj_operand_value(q->c, q->check->file.mode_at_most)->num;
	enum kj_truth truth = kj_truth_of((entry->mode & 07777 & ~(uint32_t)most) == 0);
	prove(q, truth, entry->path, kj_str_fmt(q->c->arena, "mode %04o", (unsigned)(entry->mode & 07777)),
	      kj_str_fmt(q->c->arena, "mode ≤ %04o", (unsigned)most));
	return truth;
}

static enum kj_truth judge_entry(struct file_query *q, const struct kj_entry *entry)
{
	if (!entry->stat_trusted) {
		struct kj_proof *proof = prove(q, KJ_MAYBE, entry->path, KJ_STR(""), KJ_STR(""));
		if (proof)
			proof->reason = kj_say(
			        q->c->arena, "owner and mode of %.*s were not collected (the copy's own say nothing)",
			        "%.*s の所有者とモードは収集されていません（コピーのものは証拠になりません）",
			        KJ_FMT(entry->path));
		return KJ_MAYBE;
	}
	enum kj_truth truth = judge_mode(q, entry);
	truth = kj_truth_and(truth, judge_name(q, entry, q->check->file.owner, entry->owner, "owner"));
	return kj_truth_and(truth, judge_name(q, entry, q->check->file.group, entry->group, "group"));
}

static enum kj_truth nothing_there(struct file_query *q, enum kj_presence presence)
{
	static const enum kj_truth said[] = {[KJ_ABSENT_DEFAULT] = KJ_FALSE,
	                                     [KJ_ABSENT_PASS] = KJ_TRUE,
	                                     [KJ_ABSENT_FAIL] = KJ_FALSE,
	                                     [KJ_ABSENT_UNKNOWN] = KJ_MAYBE};
	kj_str glob = q->check->file.glob;
	struct kj_proof *proof;
	if (presence == KJ_NOT_COLLECTED) {
		proof = prove(q, KJ_MAYBE, KJ_STR(""), KJ_STR(""), KJ_STR(""));
		if (proof)
			proof->reason =
			        kj_say(q->c->arena, "not collected: %.*s", "収集されていません: %.*s", KJ_FMT(glob));
		return KJ_MAYBE;
	}
	enum kj_truth truth =
	        q->check->file.exists >= 0 ? kj_truth_of(!q->check->file.exists) : said[q->check->file.if_absent];
	prove(q, truth, glob, KJ_STR("no such file"), q->check->file.exists > 0 ? KJ_STR("the file") : KJ_STR(""));
	return truth;
}

enum kj_truth kj_condition_file(struct kj_case *c, const struct kj_check *check, struct kj_proofs *proofs)
{
	struct file_query q = {c, check, proofs};
	enum kj_presence presence;
	struct kj_entry_list list = kj_export_glob(c->host->export, c->arena, check->file.glob, &presence);
	if (presence == KJ_UNREADABLE) {
		struct kj_proof *proof = prove(&q, KJ_BROKEN, KJ_STR(""), KJ_STR(""), KJ_STR(""));
		if (proof)
			proof->reason = kj_say(c->arena, "%.*s", "%.*s", KJ_FMT(list.problem));
		return KJ_BROKEN;
	}
	if (list.list.n == 0)
		return nothing_there(&q, presence == KJ_PRESENT ? KJ_ABSENT : presence);
	if (check->file.exists == 0) {
		prove(&q, KJ_FALSE, list.list.at[0]->path, KJ_STR("the file is there"), KJ_STR("no such file"));
		return KJ_FALSE;
	}
	bool asks_more = check->file.mode_at_most || check->file.owner || check->file.group;
	if (!asks_more)
		prove(&q, KJ_TRUE, list.list.at[0]->path, KJ_STR("the file is there"), KJ_STR("the file"));
	size_t from = proofs->list.n, kept = from;
	enum kj_truth truth = KJ_TRUE;
	for (size_t i = 0; asks_more && i < list.list.n; i++)
		truth = kj_truth_and(truth, judge_entry(&q, list.list.at[i]));
	for (size_t i = from; i < proofs->list.n; i++) {
		if (proofs->list.at[i].truth == truth)
			proofs->list.at[kept++] = proofs->list.at[i];
	}
	proofs->list.n = kept;
	return truth;
}
