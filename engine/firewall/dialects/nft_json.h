/* The reader of `nft -j list ruleset` (libnftables-json(5)): what its files share. */
#ifndef KJ_FIREWALL_DIALECTS_NFT_JSON_H
#define KJ_FIREWALL_DIALECTS_NFT_JSON_H

#include "doc/doc.h"
#include "firewall/dialects/nft.h"

struct kj_nft_json {
	struct kj_nft *nft;
	struct kj_arena *arena;
	uint32_t before;           /* lines of the text before the one that the value begins on */
	struct kj_nft_match match; /* the one at work: its room is used again and again */
	struct kj_buf words;       /* the rule at hand, as nft(8) would print it */
};

/* Of nft_json_value.c. The first pair of an object such as {"accept": null}, or NULL. */
const struct kj_pair *kj_nft_json_only(const struct kj_node *node);
const struct kj_node *kj_nft_json_get(const struct kj_node *node, const char *key);
/* The scalar of that key as text; empty where there is none. */
kj_str kj_nft_json_text(const struct kj_node *node, const char *key);
bool kj_nft_json_is_list(const struct kj_node *node);
/* A value as the text form has it. */
kj_str kj_nft_json_value(struct kj_nft_json *r, const struct kj_node *node);
/* Appends to the rule's words. */
void kj_nft_json_say(struct kj_nft_json *r, kj_str word);
/* What was said since `from`. */
kj_str kj_nft_json_said(const struct kj_nft_json *r, size_t from);
/* These read one key; a key, a concatenation or {"&": [key, mask]} into r->match; its right side, with the elements of a map if it is for one. */
struct kj_nft_key kj_nft_json_key(struct kj_nft_json *r, const struct kj_node *node);
void kj_nft_json_keys(struct kj_nft_json *r, const struct kj_node *node);
void kj_nft_json_right(struct kj_nft_json *r, const struct kj_node *node, bool map);
/* A value, {"elem": {"val": …}}, or, in maps, [key, data]. */
struct kj_nft_element kj_nft_json_element(struct kj_nft_json *r, const struct kj_node *node, bool map);
/* {"accept": null}, {"jump": {"target": …}} */
bool kj_nft_json_verdict(const struct kj_pair *pair, enum kj_fw_verdict *verdict, kj_str *target);

/* Of nft_json_rule.c. Reads one expression of a rule. */
void kj_nft_json_statement(struct kj_nft_json *r, const struct kj_node *node);

#endif
