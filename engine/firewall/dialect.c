#include "firewall/dialect.h"

#include "base/buf.h"
#include "firewall/capture.h"

extern const struct kj_fw_dialect kj_fw_dialect_firewalld;
extern const struct kj_fw_dialect kj_fw_dialect_firewalld_xml;
extern const struct kj_fw_dialect kj_fw_dialect_iptables_list;
extern const struct kj_fw_dialect kj_fw_dialect_iptables_save;
extern const struct kj_fw_dialect kj_fw_dialect_nft;
extern const struct kj_fw_dialect kj_fw_dialect_nft_json;
extern const struct kj_fw_dialect kj_fw_dialect_ufw_rules;
extern const struct kj_fw_dialect kj_fw_dialect_ufw_status;
extern const struct kj_fw_dialect kj_fw_dialect_aws;
extern const struct kj_fw_dialect kj_fw_dialect_netsh;
extern const struct kj_fw_dialect kj_fw_dialect_windows_json;
extern const struct kj_fw_dialect kj_fw_dialect_windows_registry;

/* The table: one row a dialect. */
const struct kj_fw_dialect *const kj_fw_dialects[] = {
        &kj_fw_dialect_ufw_rules, /* iptables-restore's language too: before it */
        &kj_fw_dialect_iptables_save,
        &kj_fw_dialect_iptables_list,
        &kj_fw_dialect_ufw_status,
        &kj_fw_dialect_firewalld,
        &kj_fw_dialect_firewalld_xml,
        &kj_fw_dialect_nft,
        &kj_fw_dialect_nft_json,
        &kj_fw_dialect_aws,
        &kj_fw_dialect_netsh,
        &kj_fw_dialect_windows_json,
        &kj_fw_dialect_windows_registry,
};
const size_t kj_fw_dialect_count = sizeof kj_fw_dialects / sizeof *kj_fw_dialects;

const struct kj_fw_dialect *kj_fw_dialect_named(kj_str name)
{
	for (size_t i = 0; i < kj_fw_dialect_count; i++) {
		if (kj_str_eq(name, kj_str_of(kj_fw_dialects[i]->name)))
			return kj_fw_dialects[i];
	}
	return NULL;
}

const struct kj_fw_dialect *kj_fw_dialect_of(kj_str bytes)
{
	const struct kj_fw_dialect *best = NULL;
	int most = 0;
	for (size_t i = 0; i < kj_fw_dialect_count; i++) {
		int score = kj_fw_dialects[i]->recognise(bytes);
		if (score > most) {
			most = score;
			best = kj_fw_dialects[i];
		}
	}
	return best;
}

/* -- messages about the whole text -- */

/* The first line that is not blank. */
static kj_str first_line(kj_str text)
{
	kj_str line = KJ_STR("");
	while (!kj_str_trim(line).n && kj_str_line(&text, &line))
		;
	return kj_str_trim(line);
}

static void complain_unknown(struct kj_fw_reading *reading)
{
	const struct kj_text *text = reading->text;
	kj_str line = first_line(text->bytes);
	struct kj_buf known = KJ_BUF(reading->arena);
	for (size_t i = 0; i < kj_fw_dialect_count; i++)
		kj_buf_fmt(&known, "%s%s", i ? ", " : "", kj_fw_dialects[i]->name);
	if (!line.n)
		kj_hint(reading->diags,
		        kj_error(reading->diags, kj_span_whole(text), "'%.*s' is empty", KJ_FMT(text->name)),
		        "most firewalls show their rules to an administrator only");
	else
		kj_hint(reading->diags,
		        kj_error(reading->diags, kj_span_of(text, line),
		                 "'%.*s' is not a firewall dump of a known kind", KJ_FMT(text->name)),
		        "known are %.*s ('kijun list dialects' names their commands)", KJ_FMT(kj_buf_str(&known)));
}

static uint32_t earlier(uint32_t a, uint32_t b)
{
	return b && b < a ? b : a;
}

/* Where the ruleset begins in the text. */
static uint32_t line_of(const struct kj_fw_ruleset *rs)
{
	uint32_t first = UINT32_MAX;
	for (size_t i = 0; i < rs->chains.n; i++) {
		first = earlier(first, rs->chains.at[i]->line);
		first = earlier(first, rs->chains.at[i]->policy_line);
	}
	for (size_t i = 0; i < rs->rules.n; i++)
		first = earlier(first, rs->rules.at[i]->line);
	return first < UINT32_MAX ? first : 0;
}

/* How many rulesets of each combination of families there are. */
struct tally {
	size_t of[KJ_FW_V46 + 1];
};

static size_t speak_of(const struct tally *tally, unsigned families)
{
	size_t n = 0;
	for (unsigned i = 0; i <= KJ_FW_V46; i++)
		n += i & families ? tally->of[i] : 0;
	return n;
}

/* Several dumps of one family in one text: each stands for itself, and says so. */
static void note_several(struct kj_fw_ruleset *const *rulesets, size_t n)
{
	struct tally all = {{0}}, before = {{0}};
	for (size_t i = 0; i < n; i++)
		all.of[rulesets[i]->families & KJ_FW_V46] += !rulesets[i]->name.n;
	for (size_t i = 0; i < n; i++) {
		unsigned families = rulesets[i]->families & KJ_FW_V46;
		size_t alike = speak_of(&all, families);
		if (rulesets[i]->name.n)
			continue;
		before.of[families]++;
		if (alike > 1)
			kj_fw_note(rulesets[i], line_of(rulesets[i]),
			           "the text holds %zu dumps, each judged by itself; here number %zu begins", alike,
			           speak_of(&before, families));
	}
}

/* Without what a terminal left in it. */
static const struct kj_text *plain_text(struct kj_arena *arena, const struct kj_text *text)
{
	struct kj_text plain = {text->name, kj_fw_capture_plain(arena, text->bytes)};
	if (plain.bytes.p == text->bytes.p)
		return text;
	struct kj_text *copy = KJ_NEW(arena, struct kj_text);
	*copy = plain;
	return copy;
}

bool kj_fw_read(struct kj_fw_reading *reading, const struct kj_fw_dialect *dialect)
{
	const struct kj_text *given = reading->text, *plain = plain_text(reading->arena, given);
	if (!dialect)
		dialect = kj_fw_dialect_of(plain->bytes);
	if (!dialect) {
		complain_unknown(reading);
		return false;
	}
	size_t before = reading->rulesets.n;
	reading->text = plain;
	dialect->parse(reading);
	reading->text = given;
	for (size_t i = before; i < reading->rulesets.n; i++) {
		reading->rulesets.at[i]->text = given;
		reading->rulesets.at[i]->joined = reading->joined;
	}
	if (reading->rulesets.n > before) {
		note_several(&reading->rulesets.at[before], reading->rulesets.n - before);
		return true;
	}
	kj_error(reading->diags, kj_span_whole(given), "'%.*s' holds no rules that '%s' can be read from",
	         KJ_FMT(given->name), dialect->name);
	return false;
}
