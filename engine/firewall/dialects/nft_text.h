/* The reader of `nft list ruleset` text: what its files share. */
#ifndef KJ_FIREWALL_DIALECTS_NFT_TEXT_H
#define KJ_FIREWALL_DIALECTS_NFT_TEXT_H

#include "firewall/dialects/nft.h"
#include "firewall/dialects/nft_lex.h"

struct kj_nft_reader {
	struct kj_nft *nft;
	struct kj_nft_lex lex;
	struct kj_nft_match match; /* the one at work: its room is used again and again */
};

/* Of nft_value.c. The text from `from` up to the token before this one, trimmed. */
kj_str kj_nft_slice(const struct kj_nft_lex *lex, size_t from);
/* "ip saddr", "meta mark", "iifname", "fib daddr type" …, or several joined by ".", into r->match. False (and nothing taken) when no key begins here. */
bool kj_nft_read_keys(struct kj_nft_reader *r);
/* [& MASK] [OP] VALUE into r->match. */
void kj_nft_read_value(struct kj_nft_reader *r);
/* "{ … }" or "@NAME" into r->match; false when neither is here. */
bool kj_nft_read_elements(struct kj_nft_reader *r);
/* Goes past an expression: "ct mark & 0xff", "ip saddr map @NAME". */
void kj_nft_skip_expression(struct kj_nft_reader *r);
/* One element, up to its "," or "}". False when the text ends first. */
bool kj_nft_read_element(struct kj_nft_lex *lex, struct kj_nft_element *element);

/* Of nft_rule.c. Reads one rule into the chain at hand, up to its end. */
void kj_nft_read_rule(struct kj_nft_reader *r);
/* Does a statement begin with this word? */
bool kj_nft_is_statement(const struct kj_nft_lex *lex);

#endif
