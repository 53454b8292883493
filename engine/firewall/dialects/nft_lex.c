#include "firewall/dialects/nft_lex.h"

static bool is_blank(char c)
{
	return kj_is_space(c) && c != '\n';
}

static bool is_word(char c)
{
	static const kj_str others = KJ_STR_INIT("{}(),;=!<>&|^\"#");
	return !kj_is_space(c) && kj_str_find(others, c) == others.n;
}

/* "# xt_limit" */
static bool is_xt(const struct kj_nft_lex *lex)
{
	return kj_str_starts(kj_str_from(lex->text, lex->at + 1), KJ_STR(" xt_"));
}

/* Blanks, comments, and line ends behind a backslash. */
static void skip_blanks(struct kj_nft_lex *lex)
{
	while (lex->at < lex->text.n) {
		char c = lex->text.p[lex->at];
		if (c == '\\' && lex->at + 1 < lex->text.n && lex->text.p[lex->at + 1] == '\n') {
			lex->at += 2;
			lex->next_line++;
		} else if (c == '#' && !is_xt(lex)) {
			while (lex->at < lex->text.n && lex->text.p[lex->at] != '\n')
				lex->at++;
		} else if (is_blank(c) || c == '#') {
			lex->at++;
		} else {
			return;
		}
	}
}

/* Strings have no escapes and end with their line at the latest. */
static void read_string(struct kj_nft_lex *lex)
{
	size_t first = ++lex->at;
	while (lex->at < lex->text.n && lex->text.p[lex->at] != '"' && lex->text.p[lex->at] != '\n')
		lex->at++;
	lex->token = KJ_NFT_STRING;
	lex->s = (kj_str){lex->text.p + first, lex->at - first};
	lex->at += lex->at < lex->text.n && lex->text.p[lex->at] == '"';
}

static void read_punctuation(struct kj_nft_lex *lex, char c)
{
	char next = lex->at + 1 < lex->text.n ? lex->text.p[lex->at + 1] : '\0';
	bool two = (next == '=' && kj_str_find(KJ_STR("=!<>"), c) < 4) || (next == c && (c == '<' || c == '>'));
	lex->token = KJ_NFT_MARK_OF;
	lex->at += two ? 2 : 1;
	lex->s = (kj_str){lex->text.p + lex->from, two ? 2 : 1};
}

void kj_nft_next(struct kj_nft_lex *lex)
{
	if (lex->token != KJ_NFT_NEWLINE)
		lex->before = lex->to;
	skip_blanks(lex);
	lex->from = lex->at;
	lex->line = lex->next_line;
	lex->s = KJ_STR("");
	if (lex->at >= lex->text.n) {
		lex->token = KJ_NFT_END;
	} else if (lex->text.p[lex->at] == '\n') {
		lex->token = KJ_NFT_NEWLINE;
		lex->at++;
		lex->next_line++;
	} else if (lex->text.p[lex->at] == '"') {
		read_string(lex);
	} else if (!is_word(lex->text.p[lex->at])) {
		read_punctuation(lex, lex->text.p[lex->at]);
	} else {
		while (lex->at < lex->text.n && is_word(lex->text.p[lex->at]))
			lex->at++;
		lex->token = KJ_NFT_WORD;
		lex->s = (kj_str){lex->text.p + lex->from, lex->at - lex->from};
	}
	lex->to = lex->at;
}

struct kj_nft_lex kj_nft_lex(kj_str text, uint32_t line)
{
	struct kj_nft_lex lex = {.text = text, .next_line = line};
	kj_nft_next(&lex);
	return lex;
}

void kj_nft_skip_newlines(struct kj_nft_lex *lex)
{
	while (lex->token == KJ_NFT_NEWLINE)
		kj_nft_next(lex);
}

bool kj_nft_is(const struct kj_nft_lex *lex, const char *word)
{
	return (lex->token == KJ_NFT_WORD || lex->token == KJ_NFT_MARK_OF) && kj_str_eq(lex->s, kj_str_of(word));
}

bool kj_nft_take(struct kj_nft_lex *lex, const char *word)
{
	bool is = kj_nft_is(lex, word);
	if (is)
		kj_nft_next(lex);
	return is;
}

/* To the closing brace of the block that opens here; false when the text ends first. */
static bool find_close(struct kj_nft_lex *lex)
{
	size_t depth = 0;
	for (;; kj_nft_next(lex)) {
		depth += kj_nft_is(lex, "{");
		depth -= kj_nft_is(lex, "}");
		if (!depth || lex->token == KJ_NFT_END)
			return lex->token != KJ_NFT_END;
	}
}

bool kj_nft_skip_block(struct kj_nft_lex *lex)
{
	bool closed = find_close(lex);
	kj_nft_next(lex);
	return closed;
}

bool kj_nft_at_end(const struct kj_nft_lex *lex)
{
	return lex->token == KJ_NFT_END || lex->token == KJ_NFT_NEWLINE || kj_nft_is(lex, ";") || kj_nft_is(lex, "}");
}

size_t kj_nft_skip_statement(struct kj_nft_lex *lex)
{
	size_t end = lex->from;
	for (; !kj_nft_at_end(lex); kj_nft_next(lex)) {
		if (kj_nft_is(lex, "{"))
			find_close(lex);
		end = lex->to;
	}
	return end;
}
