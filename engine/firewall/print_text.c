/* Surveys for people. */
#include "base/utf8.h"
#include "firewall/join.h"
#include "firewall/print.h"
#include "firewall/review.h"
#include "firewall/table.h"
#include "firewall/witness.h"

enum { ADDRESSES_SHOWN = 4 };

/* "0.0.0.0/0", "10.0.0.0/8 by eth1" */
static kj_str destinations(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_put(&out, kj_fw_addresses(arena, &part->dst, ADDRESSES_SHOWN));
	for (size_t i = 0; i < part->oifs.n; i++) {
		kj_buf_put(&out, i ? KJ_STR(", ") : KJ_STR(" by "));
		kj_str name = kj_fw_iface_name(arena, rs, part->oifs.at[i]);
		kj_buf_put(&out, kj_str_eq(name, KJ_STR("*")) ? KJ_STR("any other") : name);
	}
	return kj_buf_str(&out);
}

/* -- entries that say the same are told together -- */

/* Answers that are the same share the memory of their lists. */
static bool same_part(const struct kj_fw_part *a, const struct kj_fw_part *b)
{
	return a->protos.at.at == b->protos.at.at && a->ports.at.at == b->ports.at.at && a->src.at.at == b->src.at.at &&
	       a->dst.at.at == b->dst.at.at && a->oifs.at == b->oifs.at && a->deciders.at == b->deciders.at &&
	       a->certain == b->certain;
}

static bool alike(const struct kj_fw_entry *a, const struct kj_fw_entry *b)
{
	bool same = a->hook == b->hook && a->diverted == b->diverted && a->answer.parts.n == b->answer.parts.n;
	for (size_t i = 0; same && i < a->answer.parts.n; i++)
		same = same_part(&a->answer.parts.at[i], &b->answer.parts.at[i]);
	return same;
}

static bool told_before(const struct kj_fw_survey *survey, size_t e)
{
	for (size_t i = 0; i < e; i++) {
		if (alike(&survey->entries.at[i], &survey->entries.at[e]))
			return true;
	}
	return false;
}

static kj_str iface_words(const struct kj_fw_entry *entry)
{
	kj_str name = entry->hook == KJ_FW_OUTPUT ? entry->oface : entry->iface;
	return kj_str_eq(name, KJ_STR("*")) ? KJ_STR("any other interface") : name;
}

/* "input, arriving at eth0, eth1, any other interface": the entry, and those after it that say the same. */
static void put_heading(struct kj_buf *out, const struct kj_fw_survey *survey, size_t e)
{
	const struct kj_fw_entry *entry = &survey->entries.at[e];
	struct kj_buf line = KJ_BUF(out->arena);
	kj_buf_fmt(&line, "%s, %s ", kj_fw_hook_name(entry->hook),
	           entry->hook == KJ_FW_OUTPUT ? "leaving by" : "arriving at");
	for (size_t i = e + 1; i < survey->entries.n; i++) {
		if (!alike(&survey->entries.at[i], entry))
			continue;
		kj_buf_put(&line, iface_words(&survey->entries.at[i]));
		kj_buf_put(&line, KJ_STR(", "));
	}
	kj_buf_put(&line, iface_words(entry)); /* last, for the first one is any other */
	if (entry->hook == KJ_FW_FORWARD && !kj_str_eq(entry->oface, KJ_STR("*")))
		kj_buf_fmt(&line, ", leaving by %.*s", KJ_FMT(entry->oface));
	if (entry->diverted)
		kj_buf_put(&line, entry->hook == KJ_FW_FORWARD ? KJ_STR(" (sent to this host, passed on by DNAT)")
		                                               : KJ_STR(" (sent to others, taken in by REDIRECT)"));
	kj_buf_safe(out, kj_buf_str(&line), 0);
	kj_buf_char(out, '\n');
}

/* Whether the destinations are worth a column. */
static bool tells_to(const struct kj_fw_answer *answer)
{
	for (size_t i = 0; i < answer->parts.n; i++) {
		if (answer->parts.at[i].oifs.n || !kj_fw_everywhere(&answer->parts.at[i].dst))
			return true;
	}
	return false;
}

static void add_row(struct kj_arena *arena, struct kj_fw_table *table, kj_str service, kj_str from, const kj_str *to,
                    kj_str certain, kj_str rule)
{
	struct kj_fw_cells cells = {{service, from}};
	size_t n = 2;
	if (to)
		cells.cell[n++] = *to;
	cells.cell[n++] = certain;
	cells.cell[n] = rule;
	kj_fw_table_add(arena, table, cells);
}

static void text_entry(struct kj_buf *out, const struct kj_fw_survey *survey, size_t e)
{
	static const char *const nothing[KJ_FW_HOOKS] = {[KJ_FW_INPUT] = "nothing gets in",
	                                                 [KJ_FW_FORWARD] = "nothing is passed on",
	                                                 [KJ_FW_OUTPUT] = "nothing gets out"};
	const struct kj_fw_entry *entry = &survey->entries.at[e];
	const struct kj_fw_ruleset *rs = survey->rs;
	struct kj_arena *arena = out->arena;
	bool with_to = tells_to(&entry->answer);
	struct kj_fw_table table = {.columns = with_to ? 5 : 4};
	kj_str to = KJ_STR("TO");
	put_heading(out, survey, e);
	if (!entry->answer.parts.n) {
		kj_buf_fmt(out, "  %s\n", nothing[entry->hook]);
		return;
	}
	add_row(arena, &table, KJ_STR("SERVICE"), KJ_STR("FROM"), with_to ? &to : NULL, KJ_STR("CERTAIN"),
	        KJ_STR("RULE"));
	for (size_t i = 0; i < entry->answer.parts.n; i++) {
		const struct kj_fw_part *part = &entry->answer.parts.at[i];
		to = destinations(arena, rs, part);
		add_row(arena, &table, kj_fw_part_service(arena, part),
		        kj_fw_addresses(arena, &part->src, ADDRESSES_SHOWN), with_to ? &to : NULL,
		        part->certain ? KJ_STR("yes") : KJ_STR("maybe"), kj_fw_deciders_str(arena, rs, part));
	}
	kj_fw_table_put(out, &table);
}

void kj_fw_put_name(struct kj_buf *out, const struct kj_fw_ruleset *rs)
{
	kj_buf_safe(out, rs->text->name, 0);
	kj_buf_put(out, rs->name.n ? KJ_STR(" ") : KJ_STR(""));
	kj_buf_safe(out, rs->name, 0);
	kj_buf_fmt(out, " (%.*s)\n", KJ_FMT(rs->dialect));
}

void kj_fw_put_notes(struct kj_buf *out, const struct kj_fw_ruleset *rs, const char *before)
{
	for (size_t i = 0; i < rs->notes.n; i++) {
		uint32_t line = rs->notes.at[i].line;
		const struct kj_text *artifact = kj_fw_ruleset_place(rs, &line);
		kj_buf_put(out, kj_str_of(before));
		if (!kj_str_eq(artifact->name, rs->text->name)) {
			kj_buf_safe(out, kj_fw_base_name(artifact->name), 0);
			kj_buf_char(out, ' ');
		}
		if (line)
			kj_buf_fmt(out, "line %u: ", line);
		kj_buf_safe(out, rs->notes.at[i].what, 0);
		kj_buf_char(out, '\n');
	}
}

void kj_fw_print_text(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct kj_fw_survey *survey = &surveys[i];
		kj_buf_put(out, i ? KJ_STR("\n") : KJ_STR(""));
		kj_fw_put_name(out, survey->rs);
		for (size_t e = 0; e < survey->entries.n; e++) {
			if (!told_before(survey, e))
				text_entry(out, survey, e);
		}
		if (!survey->complete)
			kj_buf_put(out, KJ_STR("the analysis reached its limit; what is missing here is not known to "
			                       "be closed\n"));
		kj_fw_put_notes(out, survey->rs, "");
		if (survey->review)
			kj_fw_review_text(out, survey->review);
	}
}
