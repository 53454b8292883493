/* What a firewall dump lets in, as text: one line a part, "yes tcp 22 from 0.0.0.0/0 to 0.0.0.0/0 by 4" (maybe; policy
   or implied: by 0), for tables of expected answers in the tests of dialects. */
#ifndef KJ_TESTS_FW_ANSWER_H
#define KJ_TESTS_FW_ANSWER_H

#include "firewall/dialect.h"
#include "firewall/print.h"

static inline void fw_put_part(struct kj_buf *out, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_fw_part plain = *part;
	struct kj_arena *arena = out->arena;
	kj_str proto = kj_fw_part_proto(arena, part), ports = kj_fw_part_ports(arena, part);
	kj_str src = kj_fw_addresses(arena, &plain.src, 100), dst = kj_fw_addresses(arena, &plain.dst, 100);
	kj_buf_fmt(out, "%s %.*s", part->certain ? "yes" : "maybe", KJ_FMT(proto));
	if (ports.n)
		kj_buf_fmt(out, " %.*s", KJ_FMT(ports));
	else if (kj_str_starts(proto, KJ_STR("icmp")))
		for (size_t i = 0; i < part->ports.at.n; i++)
			kj_buf_fmt(out, " %u/%u-%u/%u", (unsigned)part->ports.at.at[i].first.lo / 256,
			           (unsigned)part->ports.at.at[i].first.lo % 256,
			           (unsigned)part->ports.at.at[i].last.lo / 256,
			           (unsigned)part->ports.at.at[i].last.lo % 256);
	kj_buf_fmt(out, " from %.*s to %.*s", KJ_FMT(src), KJ_FMT(dst));
	for (size_t i = 0; i < part->oifs.n; i++) {
		kj_str name = kj_fw_iface_name(arena, rs, part->oifs.at[i]);
		kj_buf_fmt(out, " via %.*s", KJ_FMT(name));
	}
	for (size_t i = 0; i < part->deciders.n; i++)
		kj_buf_fmt(out, i ? ",%u" : " by %u", part->deciders.at[i].line);
	kj_buf_char(out, '\n');
}

/* All entries of all dumps in the text. Those that are diverted begin with "diverted". */
static inline kj_str fw_answer(struct kj_arena *arena, const char *dump, const struct kj_fw_request *request)
{
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = text, .diags = &diags};
	struct kj_buf out = KJ_BUF(arena);
	text->name = KJ_STR("dump");
	text->bytes = kj_str_of(dump);
	if (!kj_fw_read(&reading, NULL))
		return KJ_STR("not read\n");
	for (size_t i = 0; i < reading.rulesets.n; i++) {
		struct kj_fw_survey survey;
		kj_fw_survey(arena, reading.rulesets.at[i], request, &survey);
		if (!survey.complete)
			kj_buf_put(&out, KJ_STR("incomplete\n"));
		for (size_t e = 0; e < survey.entries.n; e++) {
			for (size_t p = 0; p < survey.entries.at[e].answer.parts.n; p++) {
				kj_buf_put(&out, survey.entries.at[e].diverted ? KJ_STR("diverted ") : KJ_STR(""));
				fw_put_part(&out, survey.rs, &survey.entries.at[e].answer.parts.at[p]);
			}
		}
	}
	return kj_buf_str(&out);
}

#endif
