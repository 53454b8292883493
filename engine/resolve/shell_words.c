#include "resolve/shell_words.h"

#include "base/buf.h"

#include <string.h>

struct splitter {
	kj_str s;
	size_t at;
	bool shell; /* with operators and comments; false: wordexp, which refuses them */
};

static void read_quoted(struct splitter *p, struct kj_buf *text, struct kj_shell_word *word, struct kj_shell_words *out)
{
	char quote = p->s.p[p->at++];
	for (; p->at < p->s.n && p->s.p[p->at] != quote; p->at++) {
		char c = p->s.p[p->at];
		if (quote == '"' && c == '\\' && p->at + 1 < p->s.n && strchr("$`\"\\", p->s.p[p->at + 1]))
			c = p->s.p[++p->at];
		else if (quote == '"' && (c == '$' || c == '`'))
			word->dynamic = true;
		kj_buf_char(text, c);
	}
	if (p->at == p->s.n)
		out->problem = "a quote that is not closed";
	p->at++;
}

static bool is_operator(const struct splitter *p, char c)
{
	return c && strchr(p->shell ? "|&;<>()" : "|&;<>(){}", c);
}

static void read_operator(struct splitter *p, struct kj_shell_words *out, struct kj_shell_word *word)
{
	size_t first = p->at;
	while (p->at < p->s.n && p->s.p[p->at] == p->s.p[first])
		p->at++;
	word->operator= true;
	word->text = kj_str_upto(kj_str_from(p->s, first), p->at - first);
	if (!p->shell)
		out->problem = "a character that wordexp(3) refuses outside of quotes";
}

static void read_plain(struct kj_arena *arena, struct splitter *p, struct kj_shell_words *out,
                       struct kj_shell_word *word)
{
	struct kj_buf text = KJ_BUF(arena);
	while (p->at < p->s.n && !strchr(" \t\n", p->s.p[p->at]) && !is_operator(p, p->s.p[p->at])) {
		char c = p->s.p[p->at];
		if (c == '\'' || c == '"') {
			read_quoted(p, &text, word, out);
			continue;
		}
		word->dynamic |= c == '$' || c == '`' || c == '*' || c == '?' || c == '[' || c == '~';
		if (c == '\\' && p->at + 1 < p->s.n)
			c = p->s.p[++p->at];
		kj_buf_char(&text, c);
		p->at++;
	}
	word->text = kj_buf_str(&text);
}

void kj_shell_split(struct kj_arena *arena, kj_str s, bool shell, struct kj_shell_words *out)
{
	struct splitter p = {.s = s, .shell = shell};
	out->n = 0;
	out->problem = NULL;
	while (!out->problem && out->n < KJ_SHELL_WORDS_MAX) {
		while (p.at < s.n && (s.p[p.at] == ' ' || s.p[p.at] == '\t' || s.p[p.at] == '\n'))
			p.at++;
		if (p.at >= s.n || (shell && s.p[p.at] == '#'))
			return;
		struct kj_shell_word word = {.dynamic = false};
		if (is_operator(&p, s.p[p.at]))
			read_operator(&p, out, &word);
		else
			read_plain(arena, &p, out, &word);
		out->at[out->n++] = word;
	}
	if (!out->problem)
		out->problem = "too many words";
}
