/* For the tests of firewall dialects: a case is a text and what it lets in, one part a line:
       input Domain: tcp 22,80 from 192.0.2.0/24 [line 3] maybe
   sorted, since an answer is a set. "== DIALECT NAME" before each ruleset; "to …" where not every address is meant; then the notes, "! LINE WHAT". */
#ifndef KJ_TEST_FW_ACCEPTS_H
#define KJ_TEST_FW_ACCEPTS_H

#include "firewall/dialect.h"
#include "firewall/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct fw_case {
	const char *text, *accepts;
	enum kj_fw_hook hook;
};

static void put_set(struct kj_buf *out, const char *what, const struct kj_fw_intervals *set)
{
	kj_str text = kj_fw_addresses(out->arena, set, 4);
	if (!kj_str_eq(text, KJ_STR("0.0.0.0/0")) && !kj_str_eq(text, KJ_STR("::/0")))
		kj_buf_fmt(out, " %s %.*s", what, KJ_FMT(text));
	else if (set->at.at[0].version == 6)
		kj_buf_fmt(out, " %s6", what);
}

/* "8/0-8/255": types and codes. */
static void put_icmp(struct kj_buf *out, const struct kj_fw_intervals *ports)
{
	for (size_t i = 0; i < ports->at.n; i++) {
		unsigned first = (unsigned)ports->at.at[i].first.lo, last = (unsigned)ports->at.at[i].last.lo;
		kj_buf_fmt(out, " %u/%u", first / 256, first % 256);
		if (first != last)
			kj_buf_fmt(out, "-%u/%u", last / 256, last % 256);
	}
}

static int number_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* The lines of the deciding rules, each once. */
static void put_lines(struct kj_buf *out, const struct kj_fw_part *part)
{
	uint32_t lines[64];
	size_t n = 0;
	for (; n < part->deciders.n && n < 64; n++)
		lines[n] = part->deciders.at[n].line;
	qsort(lines, n, sizeof *lines, number_order);
	kj_buf_put(out, KJ_STR(" ["));
	for (size_t i = 0; i < n; i++) {
		if (!i || lines[i] != lines[i - 1])
			kj_buf_fmt(out, "%s%u", i ? " " : "", lines[i]);
	}
	kj_buf_char(out, ']');
}

static int line_order(const void *a, const void *b)
{
	const kj_str *x = a, *y = b;
	return kj_str_cmp(*x, *y);
}

static void put_part(struct kj_buf *out, const struct kj_fw_part *part)
{
	kj_str proto = kj_fw_part_proto(out->arena, part), ports = kj_fw_part_ports(out->arena, part);
	kj_buf_put(out, proto);
	if (kj_str_starts(proto, KJ_STR("icmp")))
		put_icmp(out, &part->ports);
	else if (ports.n)
		kj_buf_fmt(out, " %.*s", KJ_FMT(ports));
	put_set(out, "from", &part->src);
	put_set(out, "to", &part->dst);
	put_lines(out, part);
	kj_buf_put(out, part->certain ? KJ_STR("\n") : KJ_STR(" maybe\n"));
}

static void put_ruleset(struct kj_buf *out, const struct kj_fw_ruleset *rs, enum kj_fw_hook hook)
{
	struct kj_fw_survey survey;
	struct kj_fw_request request = {.has_hook = true, .hook = hook};
	kj_fw_survey(out->arena, rs, &request, &survey);
	assert_true(survey.complete);
	kj_buf_fmt(out, "== %.*s%s%.*s\n", KJ_FMT(rs->dialect), rs->name.n ? " " : "", KJ_FMT(rs->name));
	KJ_VEC(kj_str) lines = {0};
	for (size_t e = 0; e < survey.entries.n; e++) {
		const struct kj_fw_entry *entry = &survey.entries.at[e];
		for (size_t p = 0; p < entry->answer.parts.n; p++) {
			struct kj_buf line = KJ_BUF(out->arena);
			kj_buf_fmt(&line, "%s %.*s: ", kj_fw_hook_name(hook),
			           KJ_FMT(hook == KJ_FW_OUTPUT ? entry->oface : entry->iface));
			put_part(&line, &entry->answer.parts.at[p]);
			KJ_PUSH(out->arena, &lines, kj_buf_str(&line));
		}
	}
	if (lines.n)
		qsort(lines.at, lines.n, sizeof *lines.at, line_order);
	for (size_t i = 0; i < lines.n; i++)
		kj_buf_put(out, lines.at[i]);
	for (size_t i = 0; i < rs->notes.n; i++)
		kj_buf_fmt(out, "! %u %.*s\n", rs->notes.at[i].line, KJ_FMT(rs->notes.at[i].what));
}

static kj_str fw_render(struct kj_arena *arena, const struct kj_text *text, enum kj_fw_hook hook)
{
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = text, .diags = &diags};
	struct kj_buf out = KJ_BUF(arena);
	kj_fw_read(&reading, NULL);
	for (size_t i = 0; i < diags.list.n; i++)
		kj_buf_fmt(&out, "%u: %.*s\n", diags.list.at[i].span.line, KJ_FMT(diags.list.at[i].message));
	for (size_t i = 0; i < reading.rulesets.n; i++)
		put_ruleset(&out, reading.rulesets.at[i], hook);
	return kj_buf_str(&out);
}

__attribute__((unused)) static void check_fw_cases(const struct fw_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct kj_text text = {KJ_STR("dump"), kj_str_of(cases[i].text)};
		kj_str got = fw_render(arena, &text, cases[i].hook);
		if (!kj_str_eq(got, kj_str_of(cases[i].accepts)))
			fprintf(stderr, "case %zu: wanted\n%sgot\n%.*s", i, cases[i].accepts, KJ_FMT(got));
		assert_true(kj_str_eq(got, kj_str_of(cases[i].accepts)));
		kj_arena_free(arena);
	}
}

/* Every beginning of the text, as a capture that was cut off: whatever comes of it, nothing breaks. */
__attribute__((unused)) static void check_fw_cuts(const char *whole)
{
	for (size_t n = kj_str_of(whole).n; n-- > 0;) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		struct kj_text text = {KJ_STR("dump"), kj_str_copy(arena, kj_str_upto(kj_str_of(whole), n))};
		fw_render(arena, &text, KJ_FW_INPUT);
		kj_arena_free(arena);
	}
}

#endif
