/* Reviews for programs and for people. */
#include "firewall/review.h"

#include "base/utf8.h"
#include "firewall/print.h"

/* -- JSON -- */

static void json_dead(struct kj_json *json, const struct kj_fw_review *review)
{
	kj_json_key(json, "dead");
	kj_json_array(json);
	for (size_t i = 0; i < review->dead.n; i++) {
		const struct kj_fw_dead *dead = &review->dead.at[i];
		kj_json_object(json);
		kj_fw_json_place(json, review->rs, dead->line);
		if (dead->looked) {
			kj_json_key(json, "by");
			kj_json_array(json);
			for (size_t k = 0; k < dead->by.n; k++) {
				kj_json_object(json);
				kj_fw_json_place(json, review->rs, dead->by.at[k]->line);
				kj_json_object_end(json);
			}
			kj_json_array_end(json);
		}
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void json_unreached(struct kj_json *json, const struct kj_fw_review *review)
{
	kj_json_key(json, "unreached_chains");
	kj_json_array(json);
	for (size_t i = 0; i < review->unreached.n; i++) {
		kj_json_object(json);
		kj_json_pair_str(json, "table", review->unreached.at[i]->table);
		kj_json_pair_str(json, "chain", review->unreached.at[i]->name);
		kj_fw_json_place(json, review->rs, review->unreached.at[i]->line);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static void json_words(struct kj_json *json, const char *key, const kj_str *at, size_t n)
{
	kj_json_key(json, key);
	kj_json_array(json);
	for (size_t i = 0; i < n; i++)
		kj_json_str(json, at[i]);
	kj_json_array_end(json);
}

void kj_fw_review_json(struct kj_json *json, const struct kj_fw_review *review)
{
	if (review->complete) {
		json_dead(json, review);
		json_unreached(json, review);
	}
	kj_json_key(json, "open_to_all");
	kj_json_array(json);
	for (size_t i = 0; i < review->wide.n; i++) {
		const struct kj_fw_wide *wide = &review->wide.at[i];
		kj_json_object(json);
		kj_fw_json_place(json, review->rs, wide->decider.line);
		kj_json_pair_bool(json, "policy", !wide->decider.rule);
		json_words(json, "services", wide->services.at, wide->services.n);
		json_words(json, "ways", wide->ways.at, wide->ways.n);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

/* -- text -- */

static void put_line(struct kj_buf *out, const struct kj_fw_review *review, uint32_t line, kj_str text)
{
	kj_buf_safe(out, kj_fw_line_str(out->arena, review->rs, line, text), 0);
}

static void text_dead(struct kj_buf *out, const struct kj_fw_review *review)
{
	if (review->dead.n)
		kj_buf_put(out, KJ_STR("rules that never match:\n"));
	for (size_t i = 0; i < review->dead.n; i++) {
		const struct kj_fw_dead *dead = &review->dead.at[i];
		kj_buf_put(out, KJ_STR("  "));
		put_line(out, review, dead->line, dead->text);
		kj_buf_char(out, '\n');
		if (dead->looked && dead->impossible)
			kj_buf_put(out, KJ_STR("      no packet is all that it asks for\n"));
		for (size_t k = 0; k < dead->by.n; k++) {
			kj_buf_put(out, KJ_STR("      shadowed by "));
			put_line(out, review, dead->by.at[k]->line, dead->by.at[k]->text);
			kj_buf_char(out, '\n');
		}
	}
}

static void put_words(struct kj_buf *out, const kj_str *at, size_t n)
{
	enum { SHOWN = 6 };
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		kj_buf_put(out, i ? KJ_STR("; ") : KJ_STR(""));
		kj_buf_safe(out, at[i], 0);
	}
	if (n > SHOWN)
		kj_buf_fmt(out, " and %zu more", n - SHOWN);
}

static void text_wide(struct kj_buf *out, const struct kj_fw_review *review)
{
	if (review->wide.n)
		kj_buf_put(out, KJ_STR("open to everyone:\n"));
	for (size_t i = 0; i < review->wide.n; i++) {
		const struct kj_fw_wide *wide = &review->wide.at[i];
		kj_buf_put(out, KJ_STR("  "));
		put_line(out, review, wide->decider.line, wide->decider.text);
		kj_buf_put(out, KJ_STR("\n      "));
		put_words(out, wide->services.at, wide->services.n);
		kj_buf_put(out, KJ_STR(" ("));
		put_words(out, wide->ways.at, wide->ways.n);
		kj_buf_put(out, KJ_STR(")\n"));
	}
}

void kj_fw_review_text(struct kj_buf *out, const struct kj_fw_review *review)
{
	text_wide(out, review);
	text_dead(out, review);
	if (review->unreached.n)
		kj_buf_put(out, KJ_STR("chains that nothing reaches:\n"));
	for (size_t i = 0; i < review->unreached.n; i++) {
		kj_buf_put(out, KJ_STR("  "));
		put_line(out, review, review->unreached.at[i]->line, review->unreached.at[i]->name);
		kj_buf_char(out, '\n');
	}
	if (!review->complete)
		kj_buf_put(out, KJ_STR("the rules are too many to tell which of them never match\n"));
}
