#include "eval/waiver.h"

#include "base/glob.h"
#include "eval/truth.h"

static bool covers(const struct kj_waiver *waiver, const struct kj_rule *rule, kj_str host)
{
	bool names_rule = waiver->rule.n ? kj_str_eq(waiver->rule, rule->id) : kj_str_eq(waiver->item, rule->item);
	if (!names_rule)
		return false;
	for (size_t i = 0; i < waiver->host_count; i++) {
		if (kj_glob(waiver->hosts[i], host, false))
			return true;
	}
	return waiver->host_count == 0;
}

static bool expired(const struct kj_waiver *waiver, struct kj_date today)
{
	struct kj_date last;
	return !kj_date_parse(waiver->expires, &last) || kj_date_days(last) < kj_date_days(today);
}

void kj_waive(struct kj_finding *finding, const struct kj_subject *subject, struct kj_date today,
              struct kj_arena *arena)
{
	const struct kj_fleet *fleet = subject->fleet;
	for (size_t i = 0; fleet && finding->verdict == KJ_FAIL && i < fleet->waiver_count; i++) {
		const struct kj_waiver *waiver = &fleet->waivers[i];
		if (!covers(waiver, finding->rule, subject->name))
			continue;
		finding->waiver = waiver;
		finding->waiver_expired = expired(waiver, today);
		if (!finding->waiver_expired)
			finding->verdict = KJ_WAIVED;
	}
	if (!finding->waiver)
		return;
	/* The two languages have sentences of their own, so each is put together by itself. */
	kj_str date = finding->waiver->expires;
	struct kj_bilingual was = finding->message;
	if (finding->waiver_expired) {
		finding->message.en =
		        kj_str_fmt(arena, "%.*s (the waiver expired on %.*s)", KJ_FMT(was.en), KJ_FMT(date));
		finding->message.ja =
		        kj_str_fmt(arena, "%.*s（適用除外は %.*s に期限切れ）", KJ_FMT(was.ja), KJ_FMT(date));
	} else {
		finding->message.en = kj_str_fmt(arena, "%.*s (waived until %.*s)", KJ_FMT(was.en), KJ_FMT(date));
		finding->message.ja = kj_str_fmt(arena, "%.*s（%.*s まで適用除外）", KJ_FMT(was.ja), KJ_FMT(date));
	}
}
