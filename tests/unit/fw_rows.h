/* Rows of tests of firewall dialects: a text, a question, and what kijun says (fw_answer.h). */
#ifndef KJ_TESTS_FW_ROWS_H
#define KJ_TESTS_FW_ROWS_H

#include "fw_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct fw_row {
	const char *about, *text, *expected;
	enum kj_fw_hook hook;
	const char *iface, *oface; /* real names; NULL: any other */
	const char *from, *to;     /* a range, or NULL: IPv4 as a whole; everywhere */
};

#define FW_ALL4 " from 0.0.0.0/0 to 0.0.0.0/0"
#define FW_ALL6 " from ::/0 to ::/0"

static inline const struct kj_fw_set *fw_range_set(struct kj_arena *arena, const char *text)
{
	struct kj_fw_set *set = KJ_NEW(arena, struct kj_fw_set);
	struct kj_range range;
	set->dims = 1;
	set->declared = true;
	assert_true(kj_range_parse(kj_str_of(text), &range));
	KJ_PUSH(arena, &set->at, kj_fw_interval_addr(&range));
	return set;
}

static inline kj_str fw_row_answer(struct kj_arena *arena, const struct fw_row *row)
{
	struct kj_fw_request request = {.has_hook = true, .hook = row->hook};
	request.src = fw_range_set(arena, row->from ? row->from : "0.0.0.0/0");
	request.dst = row->to ? fw_range_set(arena, row->to) : NULL;
	request.iface = kj_str_of(row->iface ? row->iface : "other0");
	request.oface = kj_str_of(row->oface ? row->oface : "other1");
	return fw_answer(arena, row->text, &request);
}

static inline void fw_check_rows(const struct fw_row *rows, size_t n)
{
	unsigned wrong = 0;
	for (size_t i = 0; i < n; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		kj_str got = fw_row_answer(arena, &rows[i]);
		if (!kj_str_eq(got, kj_str_of(rows[i].expected))) {
			fprintf(stderr, "%s: wanted\n%sgot\n%.*s", rows[i].about, rows[i].expected, KJ_FMT(got));
			wrong++;
		}
		kj_arena_free(arena);
	}
	assert_int_equal(wrong, 0);
}

/* Every beginning of the text, as a capture that broke off, and the text with each byte in turn changed: nothing breaks. */
static inline void fw_check_damage(const char *whole)
{
	kj_str text = kj_str_of(whole);
	for (size_t i = 0; i < 2 * text.n; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		char *copy = kj_alloc_text(arena, text.n + 1);
		size_t n = i < text.n ? i : text.n;
		for (size_t k = 0; k < n; k++)
			copy[k] = text.p[k];
		if (i >= text.n)
			copy[i - text.n] = (char)(copy[i - text.n] ^ 0x15);
		copy[n] = '\0';
		struct kj_fw_request request = {.has_hook = true, .hook = KJ_FW_INPUT, .iface = KJ_STR("eth0")};
		fw_answer(arena, copy, &request);
		kj_arena_free(arena);
	}
}

/* The notes of all rulesets, "LINE: what". */
static inline kj_str fw_notes(struct kj_arena *arena, const char *dump)
{
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	struct kj_diags diags = {.arena = arena};
	struct kj_fw_reading reading = {.arena = arena, .text = text, .diags = &diags};
	struct kj_buf out = KJ_BUF(arena);
	*text = (struct kj_text){KJ_STR("dump"), kj_str_of(dump)};
	if (!kj_fw_read(&reading, NULL))
		return KJ_STR("not read\n");
	for (size_t i = 0; i < reading.rulesets.n; i++) {
		const struct kj_fw_ruleset *rs = reading.rulesets.at[i];
		for (size_t k = 0; k < rs->notes.n; k++)
			kj_buf_fmt(&out, "%u: %.*s\n", rs->notes.at[k].line, KJ_FMT(rs->notes.at[k].what));
	}
	return kj_buf_str(&out);
}

static inline void fw_check_notes(const char *dump, const char *expected)
{
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	kj_str got = fw_notes(arena, dump);
	if (!kj_str_eq(got, kj_str_of(expected)))
		fprintf(stderr, "wanted\n%sgot\n%.*s", expected, KJ_FMT(got));
	assert_true(kj_str_eq(got, kj_str_of(expected)));
	kj_arena_free(arena);
}

#endif
