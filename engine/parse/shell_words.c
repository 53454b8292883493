#include "parse/shell_words.h"

#define MAX_CONDITION  512  /* bytes of the text of a condition */
#define MAX_CONDITIONS 2048 /* … of all that enclose a statement */

kj_str kj_shell_number(size_t n)
{
	static const char digits[] = "000102030405060708091011121314151617181920212223242526272829303132"
	                             "3334353637383940414243444546474849505152535455565758596061626364";
	return n < 10 ? (kj_str){digits + 2 * n + 1, 1} : (kj_str){digits + 2 * n, 2};
}

static bool is_name_byte(char c, bool first)
{
	return c == '_' || (first ? kj_is_alnum(c) && !kj_is_digit(c) : kj_is_alnum(c));
}

size_t kj_shell_name_length(kj_str s)
{
	size_t i = 0;
	while (i < s.n && is_name_byte(s.p[i], i == 0))
		i++;
	return i;
}

bool kj_shell_is_assignment(kj_str word, size_t *name, size_t *value, bool *append)
{
	*name = kj_shell_name_length(word);
	*append = *name + 1 < word.n && word.p[*name] == '+' && word.p[*name + 1] == '=';
	*value = *name + (*append ? 2 : 1);
	return *name && *name < word.n && (*append || word.p[*name] == '=');
}

static const struct kj_shell_opener openers[] = {
        {KJ_STR_INIT("if"), KJ_STR_INIT("fi"), true},       {KJ_STR_INIT("while"), KJ_STR_INIT("done"), true},
        {KJ_STR_INIT("until"), KJ_STR_INIT("done"), true},  {KJ_STR_INIT("for"), KJ_STR_INIT("done"), true},
        {KJ_STR_INIT("select"), KJ_STR_INIT("done"), true}, {KJ_STR_INIT("case"), KJ_STR_INIT("esac"), true},
        {KJ_STR_INIT("{"), KJ_STR_INIT("}"), false},
};

const struct kj_shell_opener *kj_shell_subshell(void)
{
	static const struct kj_shell_opener subshell = {KJ_STR_INIT("("), KJ_STR_INIT(")"), true};
	return &subshell;
}

const struct kj_shell_opener *kj_shell_opener(kj_str word)
{
	for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
		if (kj_str_eq(openers[i].word, word))
			return &openers[i];
	return NULL;
}

bool kj_shell_is_closer(kj_str word)
{
	for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
		if (kj_str_eq(openers[i].closer, word))
			return true;
	return false;
}

bool kj_shell_is_divider(kj_str word)
{
	static const kj_str words[] = {KJ_STR_INIT("then"), KJ_STR_INIT("else"), KJ_STR_INIT("elif"),
	                               KJ_STR_INIT("do")};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (kj_str_eq(words[i], word))
			return true;
	return false;
}

kj_str kj_shell_also(struct kj_arena *arena, kj_str outer, const char *word, kj_str text)
{
	text = kj_str_trim(text);
	if (outer.n > MAX_CONDITIONS)
		return kj_str_ends(outer, KJ_STR("?")) ? outer
		                                       : kj_str_fmt(arena, "%.*s%c?", KJ_FMT(outer), KJ_PARSE_LIST);
	bool known = text.n && text.n <= MAX_CONDITION && kj_str_find(text, KJ_PARSE_LIST) == text.n;
	char between[2] = {outer.n ? KJ_PARSE_LIST : 0, 0};
	return known ? kj_str_fmt(arena, "%.*s%s%s %.*s", KJ_FMT(outer), between, word, KJ_FMT(text))
	             : kj_str_fmt(arena, "%.*s%s?", KJ_FMT(outer), between);
}
