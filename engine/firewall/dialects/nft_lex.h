/* The tokens of nft(8). */
#ifndef KJ_FIREWALL_DIALECTS_NFT_LEX_H
#define KJ_FIREWALL_DIALECTS_NFT_LEX_H

#include "base/str.h"

#include <stdint.h>

enum kj_nft_token {
	KJ_NFT_END,
	KJ_NFT_NEWLINE,
	KJ_NFT_WORD,
	KJ_NFT_STRING, /* in quotes, which `s` leaves out */
	KJ_NFT_MARK_OF /* punctuation: { } ( ) , ; = == != ! < <= > >= & | ^ << >> */
};

/* A place in the text, with the token there. A copy of it is a way back. Comments are left out, but for "# xt_NAME", which nft prints in the place
   of what it can't say: a word. */
struct kj_nft_lex {
	kj_str text;
	size_t at; /* behind the token */
	uint32_t next_line;
	enum kj_nft_token token;
	kj_str s;
	size_t from, to; /* the token as written: bytes of the text */
	size_t before;   /* where the last one before it ended that is no line end */
	uint32_t line;
};

/* At the first token. `line`: of the beginning of the text. */
struct kj_nft_lex kj_nft_lex(kj_str text, uint32_t line);
void kj_nft_next(struct kj_nft_lex *lex);
void kj_nft_skip_newlines(struct kj_nft_lex *lex);
/* Is it this word, or this punctuation? */
bool kj_nft_is(const struct kj_nft_lex *lex, const char *word);
/* As kj_nft_is, and goes on if so. */
bool kj_nft_take(struct kj_nft_lex *lex, const char *word);
/* From '{' to behind its '}'. False when the text ends first. */
bool kj_nft_skip_block(struct kj_nft_lex *lex);
/* Does the statement or header end here: at a line's end, ';' or '}'? */
bool kj_nft_at_end(const struct kj_nft_lex *lex);
/* To the end of the statement, past anything in braces. The offset behind its last token. */
size_t kj_nft_skip_statement(struct kj_nft_lex *lex);

#endif
