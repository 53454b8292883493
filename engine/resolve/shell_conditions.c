/* Conditions of profile files, three-valued: tests of files are answered from the export, tests of what makes a shell
   an interactive login bash are true, everything else is not known. */
#include "resolve/shell_conditions.h"

#include <string.h>

typedef enum kj_reached reached;

static reached negate(reached r)
{
	return r == KJ_REACHED_YES ? KJ_REACHED_NO : r == KJ_REACHED_NO ? KJ_REACHED_YES : r;
}

static reached both(reached a, reached b)
{
	return a < b ? a : b;
}

static reached either(reached a, reached b)
{
	return a > b ? a : b;
}

static reached of(bool yes)
{
	return yes ? KJ_REACHED_YES : KJ_REACHED_NO;
}

/* ---- words ---- */

static kj_str bare(kj_str word)
{
	bool quoted = word.n > 1 && (word.p[0] == '"' || word.p[0] == '\'') && word.p[word.n - 1] == word.p[0];
	return quoted ? (kj_str){word.p + 1, word.n - 2} : word;
}

/* The name in $NAME, ${NAME}, ${NAME-}, ${NAME:-}; empty when the word is something else. */
static kj_str variable_of(kj_str word)
{
	word = bare(word);
	if (!kj_str_starts(word, KJ_STR("$")))
		return KJ_STR("");
	kj_str name = kj_str_from(word, 1);
	if (kj_str_starts(name, KJ_STR("{"))) {
		if (!kj_str_ends(name, KJ_STR("}")))
			return KJ_STR("");
		name = kj_str_from(kj_str_upto(name, name.n - 1), 1);
		name = kj_str_ends(name, KJ_STR(":-"))  ? kj_str_upto(name, name.n - 2)
		       : kj_str_ends(name, KJ_STR("-")) ? kj_str_upto(name, name.n - 1)
		                                        : name;
	}
	for (size_t i = 0; i < name.n; i++)
		if (!kj_is_alnum(name.p[i]) && name.p[i] != '_')
			return KJ_STR("");
	return name;
}

kj_str kj_shell_path(const struct kj_shell_scene *scene, kj_str word)
{
	static const kj_str homes[] = {KJ_STR_INIT("~/"), KJ_STR_INIT("$HOME/"), KJ_STR_INIT("${HOME}/"),
	                               KJ_STR_INIT("\"$HOME\"/"), KJ_STR_INIT("\"${HOME}\"/")};
	word = bare(word);
	kj_str name = variable_of(word);
	if (name.n && scene->loop_name.p && kj_str_eq(name, scene->loop_name))
		return scene->loop_file;
	for (size_t i = 0; scene->home.n && i < sizeof homes / sizeof *homes; i++)
		if (kj_str_starts(word, homes[i]))
			return kj_str_fmt(scene->host->arena, "/%.*s/%.*s", KJ_FMT(scene->home),
			                  KJ_FMT(kj_str_from(word, homes[i].n)));
	bool plain = kj_str_starts(word, KJ_STR("/")) && kj_str_find_any(word, KJ_STR("$`*?[\"'\\")) == word.n;
	return plain ? word : (kj_str){NULL, 0};
}

/* ---- tests ---- */

static reached file_test(const struct kj_shell_scene *scene, char test, kj_str word)
{
	kj_str path = kj_shell_path(scene, word);
	enum kj_presence presence;
	if (!path.p)
		return KJ_REACHED_MAYBE;
	const struct kj_entry *entry = kj_export_find(scene->host->export, path, &presence);
	if (!entry)
		return presence == KJ_ABSENT ? KJ_REACHED_NO : KJ_REACHED_MAYBE;
	bool folder = entry->kind == KJ_ENTRY_DIR;
	switch (test) {
	case 'd':
		return of(folder);
	case 'f':
		return of(!folder);
	case 's':
		return of(folder || entry->size > 0);
	case 'x':
		return entry->stat_trusted ? of(entry->mode & 0111) : KJ_REACHED_MAYBE;
	case 'r': /* everybody's eyes count: root reads all, and users are what the rule is for */
		return entry->stat_trusted && !(entry->mode & 04) ? KJ_REACHED_MAYBE : KJ_REACHED_YES;
	case 'L':
	case 'h':
		return KJ_REACHED_MAYBE;
	default:
		return KJ_REACHED_YES;
	}
}

/* Does the variable hold something in an interactive login bash? */
static reached is_set(const struct kj_shell_scene *scene, kj_str name)
{
	static const char *const set[] = {"PS1", "BASH", "BASH_VERSION", "HOME", "USER", "PATH", "SHELL", "LOGNAME"};
	static const char *const never[] = {"ZSH_VERSION", "KSH_VERSION", "POSIXLY_CORRECT", "PROFILEREAD"};
	for (size_t i = 0; i < sizeof set / sizeof *set; i++)
		if (kj_str_eq(name, kj_str_of(set[i])))
			return KJ_REACHED_YES;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (kj_str_eq(name, kj_str_of(never[i])))
			return KJ_REACHED_NO;
	return scene->is_set(scene->ctx, name);
}

static reached word_test(const struct kj_shell_scene *scene, kj_str word)
{
	kj_str name = variable_of(word);
	if (name.n)
		return is_set(scene, name);
	kj_str text = bare(word);
	return kj_str_find_any(text, KJ_STR("$`*?[")) < text.n ? KJ_REACHED_MAYBE : of(text.n > 0);
}

static reached compare(kj_str left, kj_str op, kj_str right)
{
	bool equal = kj_str_eq(op, KJ_STR("=")) || kj_str_eq(op, KJ_STR("==")), differs = kj_str_eq(op, KJ_STR("!="));
	left = bare(left);
	right = bare(right);
	if (!equal && !differs)
		return KJ_REACHED_MAYBE;
	kj_str name = variable_of(left);
	if (kj_str_eq(name, KJ_STR("BASH")) && kj_str_find_any(right, KJ_STR("$`*?[")) == right.n) {
		bool same = kj_str_eq(right, KJ_STR("/bin/bash")) || kj_str_eq(right, KJ_STR("/usr/bin/bash"));
		return same ? KJ_REACHED_MAYBE : of(differs);
	}
	/* the test of RHEL's profile for an interactive shell: is there an i in $- */
	bool without = kj_str_eq(left, KJ_STR("${-#*i}")) && kj_str_eq(right, KJ_STR("$-"));
	if (without)
		return of(differs);
	bool has_i = kj_str_eq(left, KJ_STR("$-")) && kj_str_eq(right, KJ_STR("*i*"));
	return has_i ? of(equal) : KJ_REACHED_MAYBE;
}

/* The words between [ and ], or after test. */
static reached test_words(const struct kj_shell_scene *scene, kj_str text)
{
	kj_str word[4], rest = text;
	size_t n = 0;
	while (n < 4 && kj_str_word(&rest, &word[n]))
		n++;
	if (n && kj_str_eq(word[0], KJ_STR("!")))
		return negate(test_words(scene, kj_str_from(text, (size_t)(word[0].p + 1 - text.p))));
	if (n == 1)
		return word_test(scene, word[0]);
	if (n == 3)
		return compare(word[0], word[1], word[2]);
	if (n != 2 || word[0].n != 2 || word[0].p[0] != '-')
		return KJ_REACHED_MAYBE;
	char test = word[0].p[1];
	if (test == 'n' || test == 'z')
		return test == 'n' ? word_test(scene, word[1]) : negate(word_test(scene, word[1]));
	if (test == 't')
		return kj_str_eq(word[1], KJ_STR("0")) ? KJ_REACHED_YES : KJ_REACHED_MAYBE;
	return memchr("defrsxhL", test, 8) ? file_test(scene, test, word[1]) : KJ_REACHED_MAYBE;
}

static reached one_command(const struct kj_shell_scene *scene, kj_str text)
{
	static const struct {
		kj_str open, close;
	} forms[] = {{KJ_STR_INIT("[["), KJ_STR_INIT("]]")},
	             {KJ_STR_INIT("["), KJ_STR_INIT("]")},
	             {KJ_STR_INIT("test"), KJ_STR_INIT("")}};
	text = kj_str_trim(text);
	kj_str rest = text, first;
	if (!kj_str_word(&rest, &first))
		return KJ_REACHED_MAYBE;
	if (kj_str_eq(first, KJ_STR("!")))
		return negate(one_command(scene, rest));
	for (size_t i = 0; i < 3; i++)
		if (kj_str_eq(first, forms[i].open) && kj_str_ends(text, forms[i].close))
			return test_words(scene, kj_str_trim(kj_str_upto(rest, rest.n - forms[i].close.n)));
	if (kj_str_eq(text, KJ_STR("true")) || kj_str_eq(text, KJ_STR(":")) ||
	    kj_str_eq(text, KJ_STR("shopt -q login_shell")))
		return KJ_REACHED_YES;
	return kj_str_eq(text, KJ_STR("false")) ? KJ_REACHED_NO : KJ_REACHED_MAYBE;
}

/* Where the first && or || outside of quotes and brackets stands. */
static size_t joint(kj_str text)
{
	char quote = 0;
	size_t open = 0;
	for (size_t i = 0; i + 1 < text.n; i++) {
		char c = text.p[i];
		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'' || c == '`')
			quote = c;
		else if (c == '(' || c == '{')
			open++;
		else if ((c == ')' || c == '}') && open)
			open--;
		else if (!open && (c == '&' || c == '|') && text.p[i + 1] == c)
			return i;
	}
	return text.n;
}

/* A list of commands with && and ||, from left to right. `open`: an operator ends it, before the statement asked for. */
static reached list(const struct kj_shell_scene *scene, kj_str text, bool open)
{
	text = kj_str_trim(text);
	if (kj_str_ends(text, KJ_STR(";")))
		text = kj_str_trim(kj_str_upto(text, text.n - 1));
	reached all = KJ_REACHED_MAYBE;
	char by = 0;
	for (bool first = true; text.n; first = false) {
		size_t end = joint(text);
		kj_str piece = kj_str_upto(text, end);
		if (kj_str_find_any(piece, KJ_STR(";\n|")) < piece.n || kj_str_find_str(piece, KJ_STR(" #")) < piece.n)
			return KJ_REACHED_MAYBE;
		reached one = one_command(scene, piece);
		all = first ? one : by == '&' ? both(all, one) : either(all, one);
		by = end < text.n ? text.p[end] : 0;
		text = kj_str_trim(kj_str_from(text, end + 2));
	}
	return open && by == '|' ? negate(all) : all;
}

/* `$- in … PATTERN)`: is the last pattern the one that an interactive shell takes? */
static reached pattern(kj_str text)
{
	kj_str rest = text, word;
	if (!kj_str_word(&rest, &word) || !kj_str_eq(bare(word), KJ_STR("$-")))
		return KJ_REACHED_MAYBE;
	size_t i = kj_str_find_str(rest, KJ_STR("*i*")), close = kj_str_find(kj_str_from(rest, i), ')');
	if (i == rest.n || kj_str_find(rest, ')') < i)
		return KJ_REACHED_MAYBE;
	return of(kj_str_find(kj_str_from(rest, i + close + 1), ')') == rest.n - i - close - 1);
}

bool kj_shell_loop(kj_str conditions, kj_str *name, kj_str *words)
{
	kj_str item;
	bool found = false;
	while (conditions.n && kj_str_cut(&conditions, KJ_PARSE_LIST, &item)) {
		kj_str rest = kj_str_from(item, 4), in;
		if (!kj_str_starts(item, KJ_STR("for ")) || !kj_str_word(&rest, name) || !kj_str_word(&rest, &in) ||
		    !kj_str_eq(in, KJ_STR("in")))
			continue;
		*words = kj_str_trim(kj_str_upto(rest, kj_str_find_any(rest, KJ_STR(";\n"))));
		found = true;
	}
	return found;
}

enum kj_reached kj_shell_reached(const struct kj_shell_scene *scene, kj_str conditions)
{
	reached all = KJ_REACHED_YES;
	kj_str item;
	while (conditions.n && kj_str_cut(&conditions, KJ_PARSE_LIST, &item)) {
		kj_str word = kj_str_upto(item, kj_str_find(item, ' ')), text = kj_str_from(item, word.n + 1);
		reached one = KJ_REACHED_MAYBE;
		if (kj_str_eq(word, KJ_STR("if")))
			one = list(scene, text, false);
		else if (kj_str_eq(word, KJ_STR("else")))
			one = negate(list(scene, text, false));
		else if (kj_str_eq(word, KJ_STR("and")))
			one = list(scene, text, true);
		else if (kj_str_eq(word, KJ_STR("case")))
			one = pattern(text);
		else if (kj_str_eq(word, KJ_STR("for")))
			one = scene->loop_name.p ? KJ_REACHED_YES : KJ_REACHED_MAYBE;
		all = both(all, one);
	}
	return all;
}
