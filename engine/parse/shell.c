/* Assignments to variables in files that shells read: /etc/profile, profile.d, bashrc, /etc/default. Not a shell:
   nothing is run or expanded. A row for each variable that a statement names:
     kind          the word: assign, append (+=), export, readonly, declare, typeset, local, unset, default (${NAME:=v})
     flags         what it makes of the variable: r (readonly), x (exported), rx, n (taken back: export -n, declare +x)
     sets          yes: it gives a value
     conditional   yes: inside a function, if, case, loop, subshell or pipe, or after && or ||
     dynamic       yes: the value holds an expansion; it stands in `value` as written
     after_return  yes: a `return` or `exit` that may end the file stands before
     depth         of the blocks around
     in_function   yes: it acts when the function is called, so perhaps after rows that stand below
     conditions    what must hold for the statement to be reached, as a list from the outside in, each a word and the text
                   as written: `if TEXT`, `else TEXT` (of the one `if`), `and LIST &&`, `for NAME in WORDS`, `case WORD in
                   … PATTERN`; `?` for what is not told apart (elif, while, functions, pipes, subshells, long texts)
   and further rows, that set no variable, with the command's word as key:
     kind source   `.` or `source`; value: the file, as written when dynamic
     kind umask    value: the operand
     kind return   `return` or `exit` outside of functions, where a condition stands before it
   What comes after a `return` or `exit` that is always reached is no row. `NAME=value command` sets nothing that stays
   and is no row. */
#include "parse/shell_words.h"

#define MAX_DEFAULT 256 /* bytes of a ${NAME:=value} that are looked at */

struct block {
	kj_str closer;    /* the word that ends it: fi, done, esac, }, ) */
	bool conditional; /* for what is inside */
	bool function;
	bool loop;                                                    /* for, select */
	const char *text_from;                                        /* where its condition begins; NULL after elif */
	kj_str text;                                                  /* the condition of an `if` */
	kj_str outer, conditions;                                     /* of the block, and for what is inside */
	enum { BODY, CASE_WORD, CASE_IN, PATTERN, IN_PATTERN } state; /* of a case */
};

/* A variable of the simple command at work; rows are made when it ends, since `NAME=value command` sets nothing. */
struct named {
	kj_str name, value, kind, flags;
	bool sets, dynamic;
	uint32_t line, col;
};

enum command {
	NOTHING,
	ASSIGNING,
	DECLARING,
	UNSETTING,
	LEAVING,
	FUNCTION,
	TESTING,
	FOR,
	SOURCING,
	MASKING,
	OTHER,
	AFTER_BLOCK
};

struct shell {
	struct kj_parse *parse;
	struct kj_shell_lex lex;
	struct block stack[KJ_SHELL_DEPTH];
	size_t depth;
	/* Cells of all rows, and where those of the list (up to ; or a line end) and of the command at work begin, by
	   depth: a & or | at their end says that they ran in a shell of their own. */
	KJ_VEC(kj_str *) cells;
	size_t list_start[KJ_SHELL_DEPTH + 1], command_start[KJ_SHELL_DEPTH + 1];
	bool and_or;  /* && or || stands before this command */
	bool in_pipe; /* | stands before it */
	bool after_return;
	bool function_next;             /* the next block is the body of a function */
	bool empty[KJ_SHELL_DEPTH + 1]; /* no command yet since `then`, `do`, `{` …: bash takes that for a mistake */
	const char *list_text[KJ_SHELL_DEPTH + 1]; /* where the list at work begins in the text */
	kj_str and_text;                           /* what stands before && or || in it */
	bool stop;
	/* The simple command at work. */
	enum command command;
	kj_str kind; /* of DECLARING: its word */
	bool readonly, exported, taken_back, not_variables;
	KJ_VEC(struct named) named;
};

enum { KEY, VALUE, KIND, FLAGS, SETS, CONDITIONAL, DYNAMIC, AFTER_RETURN, DEPTH, IN_FUNCTION, CONDITIONS };

/* --- rows --- */

static struct block *top(struct shell *sh)
{
	return sh->depth ? &sh->stack[sh->depth - 1] : NULL;
}

static bool is_conditional(struct shell *sh)
{
	return sh->and_or || sh->in_pipe || (sh->depth && top(sh)->conditional);
}

/* ---- conditions ---- */

static kj_str since(const struct shell *sh, const char *from)
{
	return from && from < sh->lex.at ? (kj_str){from, (size_t)(sh->lex.at - from)} : KJ_STR("");
}

/* Text from there up to the word just read. */
static kj_str before_word(const struct shell *sh, const char *from)
{
	return from && from < sh->lex.word.p ? (kj_str){from, (size_t)(sh->lex.word.p - from)} : KJ_STR("");
}

/* What must hold for the command at work. */
static kj_str conditions_here(struct shell *sh)
{
	kj_str all = sh->depth ? top(sh)->conditions : KJ_STR("");
	if (sh->and_or)
		all = kj_shell_also(sh->parse->arena, all, "and", sh->and_text);
	return sh->in_pipe ? kj_shell_also(sh->parse->arena, all, "?", KJ_STR("")) : all;
}

static void refuse(struct shell *sh, const char *problem)
{
	kj_rows_bad(sh->parse, sh->lex.word_line, sh->lex.word_col, problem);
	sh->stop = true;
}

static bool is_in_function(const struct shell *sh)
{
	for (size_t i = 0; i < sh->depth; i++)
		if (sh->stack[i].function)
			return true;
	return false;
}

static void put_row(struct shell *sh, const struct named *named, bool conditional)
{
	kj_str *cells = kj_rows_add(sh->parse, named->line, named->col);
	if (!cells) {
		sh->stop = true;
		return;
	}
	cells[KEY] = named->name;
	cells[VALUE] = named->value;
	cells[KIND] = named->kind;
	cells[FLAGS] = named->flags;
	cells[SETS] = KJ_YES_NO(named->sets);
	cells[CONDITIONAL] = KJ_YES_NO(conditional);
	cells[DYNAMIC] = KJ_YES_NO(named->dynamic);
	cells[AFTER_RETURN] = KJ_YES_NO(sh->after_return);
	cells[DEPTH] = kj_shell_number(sh->depth);
	cells[IN_FUNCTION] = KJ_YES_NO(is_in_function(sh));
	cells[CONDITIONS] = conditions_here(sh);
	KJ_PUSH(sh->parse->arena, &sh->cells, cells);
}

/* --- the simple command --- */

static void leave(struct shell *sh, bool conditional)
{
	if (is_in_function(sh))
		return;
	struct named named = {.name = sh->kind, .kind = KJ_STR("return"), .line = sh->lex.word_line, .col = 1};
	if (conditional)
		put_row(sh, &named, true);
	sh->after_return = true;
	if (!conditional)
		sh->stop = true;
}

/* The rows from `start` on come from a shell of its own: nothing in it stays. */
static void mark_subshell(struct shell *sh, size_t start)
{
	for (size_t i = start; i < sh->cells.n; i++) {
		sh->cells.at[i][CONDITIONAL] = KJ_STR("yes");
		sh->cells.at[i][CONDITIONS] =
		        kj_shell_also(sh->parse->arena, sh->cells.at[i][CONDITIONS], "?", KJ_STR(""));
	}
}

/* Ends the command at the operator (KJ_SHELL_END for the end of a block or of the text). */
static void end_command(struct shell *sh, enum kj_shell_token operator)
{
	bool conditional = is_conditional(sh);
	for (size_t i = 0; i < sh->named.n && !sh->stop; i++) {
		bool is_default = kj_str_eq(sh->named.at[i].kind, KJ_STR("default"));
		if (is_default || sh->command != OTHER)
			put_row(sh, &sh->named.at[i], conditional || is_default);
	}
	bool pipe = operator== KJ_SHELL_PIPE, list = !pipe && operator!= KJ_SHELL_AND_OR;
	if (pipe || operator== KJ_SHELL_AMP)
		mark_subshell(sh, pipe ? sh->command_start[sh->depth] : sh->list_start[sh->depth]);
	else if (sh->command == LEAVING)
		leave(sh, conditional);
	sh->command_start[sh->depth] = sh->cells.n;
	if (list)
		sh->list_start[sh->depth] = sh->cells.n;
	sh->command = NOTHING;
	sh->named.n = 0;
	sh->function_next = false;
	sh->readonly = sh->exported = sh->taken_back = sh->not_variables = false;
}

static struct named named_here(const struct shell *sh)
{
	return (struct named){.line = sh->lex.word_line, .col = sh->lex.word_col};
}

static kj_str flags_of(const struct shell *sh)
{
	if (sh->taken_back)
		return KJ_STR("n");
	return sh->readonly ? (sh->exported ? KJ_STR("rx") : KJ_STR("r")) : sh->exported ? KJ_STR("x") : KJ_STR("");
}

/* `${NAME:=value}` in a word without quotes that could hide it. It may find the variable set: conditional. */
static void note_defaults(struct shell *sh)
{
	kj_str word = sh->lex.word;
	if (!sh->lex.dynamic || kj_str_find_any(word, KJ_STR("'\\")) < word.n)
		return;
	for (kj_str rest = word; (rest = kj_str_from(rest, kj_str_find_str(rest, KJ_STR("${")))).n;) {
		rest = kj_str_from(rest, 2);
		size_t n = kj_shell_name_length(rest);
		kj_str after = kj_str_from(rest, n);
		if (!n || !(kj_str_starts(after, KJ_STR(":=")) || kj_str_starts(after, KJ_STR("="))))
			continue;
		struct named named = named_here(sh);
		named.name = kj_str_upto(rest, n);
		kj_str value = kj_str_upto(kj_str_from(after, after.p[0] == ':' ? 2 : 1), MAX_DEFAULT);
		named.value = kj_str_upto(value, kj_str_find(value, '}'));
		named.kind = KJ_STR("default");
		named.sets = named.dynamic = true;
		KJ_PUSH(sh->parse->arena, &sh->named, named);
	}
}

/* NAME=value where a command may stand. */
static bool take_assignment(struct shell *sh)
{
	size_t name, value;
	bool append;
	if (!kj_shell_is_assignment(sh->lex.word, &name, &value, &append))
		return false;
	struct named named = named_here(sh);
	named.name = kj_str_upto(sh->lex.word, name);
	named.value = kj_str_from(sh->lex.word, value);
	named.kind = append ? KJ_STR("append") : KJ_STR("assign");
	named.sets = true;
	named.dynamic = sh->lex.dynamic;
	if (!named.dynamic)
		named.value = kj_shell_unquote(sh->parse->arena, named.value);
	KJ_PUSH(sh->parse->arena, &sh->named, named);
	sh->command = ASSIGNING;
	return true;
}

/* -rx, +x, -f … of declare, export, readonly, unset. */
static void take_options(struct shell *sh, kj_str word)
{
	bool on = word.p[0] == '-';
	for (size_t i = 1; i < word.n; i++) {
		char c = word.p[i];
		if (c == 'r' && on)
			sh->readonly = true;
		else if (c == 'x' && on)
			sh->exported = true;
		else if ((c == 'n' && kj_str_eq(sh->kind, KJ_STR("export"))) || (c == 'x' && !on))
			sh->taken_back = true;
		else if (c == 'f' || c == 'F' || c == 'p')
			sh->not_variables = true;
	}
}

/* An argument of export, readonly, declare, typeset, local, unset. The builtin sees it without its quotes. */
static void take_variable(struct shell *sh)
{
	kj_str word = sh->lex.dynamic ? sh->lex.word : kj_shell_unquote(sh->parse->arena, sh->lex.word);
	if (sh->lex.dynamic && word.n && word.p[0] == '"')
		word = kj_str_from(word, 1);
	if (word.n > 1 && (word.p[0] == '-' || word.p[0] == '+')) {
		take_options(sh, word);
		return;
	}
	struct named named = named_here(sh);
	size_t name, value;
	bool append;
	named.kind = sh->kind;
	named.flags = flags_of(sh);
	named.dynamic = sh->lex.dynamic;
	named.sets = sh->command == DECLARING && kj_shell_is_assignment(word, &name, &value, &append);
	if (!named.sets && (kj_shell_name_length(word) != word.n || !word.n))
		return;
	named.name = named.sets ? kj_str_upto(word, name) : word;
	named.value = named.sets ? kj_str_from(word, value) : KJ_STR("");
	if (!sh->not_variables)
		KJ_PUSH(sh->parse->arena, &sh->named, named);
}

/* The operand of . and umask: the first word that is no option. */
static void take_operand(struct shell *sh)
{
	bool option = sh->command == MASKING && sh->lex.word.n > 1 && sh->lex.word.p[0] == '-';
	if (option || sh->named.n)
		return;
	struct named named = named_here(sh);
	named.name = sh->kind;
	named.kind = sh->command == MASKING ? KJ_STR("umask") : KJ_STR("source");
	named.dynamic = sh->lex.dynamic;
	named.value = named.dynamic ? sh->lex.word : kj_shell_unquote(sh->parse->arena, sh->lex.word);
	KJ_PUSH(sh->parse->arena, &sh->named, named);
}

static const struct builtin {
	kj_str word;
	enum command command;
	bool readonly, exported;
} builtins[] = {
        {KJ_STR_INIT("export"), DECLARING, false, true},   {KJ_STR_INIT("readonly"), DECLARING, true, false},
        {KJ_STR_INIT("declare"), DECLARING, false, false}, {KJ_STR_INIT("typeset"), DECLARING, false, false},
        {KJ_STR_INIT("local"), DECLARING, false, false},   {KJ_STR_INIT("unset"), UNSETTING, false, false},
        {KJ_STR_INIT("return"), LEAVING, false, false},    {KJ_STR_INIT("exit"), LEAVING, false, false},
        {KJ_STR_INIT("function"), FUNCTION, false, false}, {KJ_STR_INIT("[["), TESTING, false, false},
        {KJ_STR_INIT("."), SOURCING, false, false},        {KJ_STR_INIT("source"), SOURCING, false, false},
        {KJ_STR_INIT("umask"), MASKING, false, false},     {KJ_STR_INIT("command"), NOTHING, false, false},
        {KJ_STR_INIT("builtin"), NOTHING, false, false},   {KJ_STR_INIT("time"), NOTHING, false, false},
        {KJ_STR_INIT("!"), NOTHING, false, false},
};

/* The word that names the command. */
static void take_command(struct shell *sh)
{
	kj_str word = sh->lex.dynamic ? KJ_STR("") : kj_shell_unquote(sh->parse->arena, sh->lex.word);
	sh->command = OTHER;
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
		if (!kj_str_eq(builtins[i].word, word))
			continue;
		sh->command = builtins[i].command;
		sh->kind = builtins[i].word;
		sh->readonly = builtins[i].readonly;
		sh->exported = builtins[i].exported;
		sh->named.n = 0; /* assignments before a builtin last no longer than it */
	}
}

/* --- blocks --- */

static void open_block(struct shell *sh, const struct kj_shell_opener *opener)
{
	if (sh->depth == KJ_SHELL_DEPTH) {
		refuse(sh, "blocks nested too deep");
		return;
	}
	bool head = kj_str_eq(opener->word, KJ_STR("for")) || kj_str_eq(opener->word, KJ_STR("select"));
	bool is_case = kj_str_eq(opener->word, KJ_STR("case")), plain = kj_str_eq(opener->word, KJ_STR("{"));
	kj_str outer = conditions_here(sh);
	sh->stack[sh->depth] = (struct block){
	        .text_from = sh->lex.at,
	        .conditions =
	                plain && !sh->function_next ? outer : kj_shell_also(sh->parse->arena, outer, "?", KJ_STR("")),
	        .outer = outer,
	        .closer = opener->closer,
	        .conditional = is_conditional(sh) || opener->conditional || sh->function_next,
	        .function = sh->function_next,
	        .state = is_case ? CASE_WORD : BODY,
	};
	sh->depth++;
	sh->list_start[sh->depth] = sh->command_start[sh->depth] = sh->cells.n;
	sh->list_text[sh->depth] = sh->lex.at;
	sh->empty[sh->depth] = !is_case && !head;
	sh->and_or = sh->in_pipe = sh->function_next = false;
	sh->stack[sh->depth - 1].loop = head;
	sh->command = head ? FOR : NOTHING;
}

static void close_block(struct shell *sh, kj_str word)
{
	const struct block *block = top(sh);
	if (!block || !kj_str_eq(block->closer, word)) {
		refuse(sh, "the end of a block that does not stand open");
		return;
	}
	if (sh->empty[sh->depth])
		refuse(sh, "a block without a command");
	sh->depth--;
	sh->empty[sh->depth] = false;
	sh->and_or = sh->in_pipe = false;
	sh->command = AFTER_BLOCK;
}

/* What the divider says of the commands after it. */
static void divide(struct shell *sh, kj_str word)
{
	struct block *block = top(sh);
	bool elif = kj_str_eq(word, KJ_STR("elif")), fi = block && kj_str_eq(block->closer, KJ_STR("fi"));
	sh->list_text[sh->depth] = sh->lex.at;
	if (!block)
		return;
	if (sh->empty[sh->depth])
		refuse(sh, "a block without a command");
	sh->empty[sh->depth] = true;
	if (fi && kj_str_eq(word, KJ_STR("then")) && block->text_from) {
		block->text = before_word(sh, block->text_from);
		block->conditions = kj_shell_also(sh->parse->arena, block->outer, "if", block->text);
	} else if (fi && kj_str_eq(word, KJ_STR("else")) && block->text_from) {
		block->conditions = kj_shell_also(sh->parse->arena, block->outer, "else", block->text);
	} else if (kj_str_eq(block->closer, KJ_STR("done")) && block->loop) {
		block->conditions =
		        kj_shell_also(sh->parse->arena, block->outer, "for", before_word(sh, block->text_from));
	} else {
		block->conditions = kj_shell_also(sh->parse->arena, block->outer, "?", KJ_STR(""));
	}
	if (elif)
		block->text_from = NULL;
}

static bool take_reserved(struct shell *sh)
{
	kj_str word = sh->lex.word;
	const struct kj_shell_opener *opener = kj_shell_opener(word);
	if (!opener && kj_shell_is_divider(word))
		divide(sh, word);
	if (opener)
		open_block(sh, opener);
	else if (kj_shell_is_closer(word))
		close_block(sh, word);
	else
		return kj_shell_is_divider(word);
	return true;
}

/* The head of a case and its patterns, up to the ) after which commands stand. True when the token belonged there. */
static bool take_case_part(struct shell *sh, enum kj_shell_token token)
{
	struct block *block = top(sh);
	if (!block || block->state == BODY || token == KJ_SHELL_END)
		return false;
	bool is_word = token == KJ_SHELL_WORD;
	if (block->state == CASE_WORD) {
		block->state = is_word ? CASE_IN : CASE_WORD;
	} else if (block->state == CASE_IN) {
		block->state = is_word && kj_str_eq(sh->lex.word, KJ_STR("in")) ? PATTERN : CASE_IN;
	} else if (block->state == PATTERN && is_word && kj_str_eq(sh->lex.word, KJ_STR("esac"))) {
		close_block(sh, KJ_STR("esac"));
	} else if (token == KJ_SHELL_CLOSE) {
		block->state = BODY;
		block->conditions = kj_shell_also(sh->parse->arena, block->outer, "case", since(sh, block->text_from));
		sh->list_text[sh->depth] = sh->lex.at;
		sh->command = NOTHING;
	} else if (token != KJ_SHELL_NEWLINE) {
		block->state = IN_PATTERN;
	}
	return true;
}

/* --- tokens --- */

static void take_word(struct shell *sh)
{
	size_t depth = sh->depth;
	note_defaults(sh);
	switch (sh->command) {
	case NOTHING:
		if (!sh->lex.quoted && !sh->named.n && take_reserved(sh))
			return;
		sh->empty[depth] = false;
		if (!take_assignment(sh))
			take_command(sh);
		return;
	case ASSIGNING:
		if (!take_assignment(sh))
			take_command(sh);
		return;
	case DECLARING:
	case UNSETTING:
		take_variable(sh);
		break;
	case SOURCING:
	case MASKING:
		take_operand(sh);
		break;
	case FUNCTION:
		sh->function_next = true;
		sh->command = NOTHING;
		break;
	case TESTING:
		if (!sh->lex.quoted && kj_str_eq(sh->lex.word, KJ_STR("]]")))
			sh->command = AFTER_BLOCK;
		break;
	case AFTER_BLOCK:
		/* `fi fi` and `} done` need no ; between */
		if (!sh->lex.quoted && (kj_shell_is_closer(sh->lex.word) || kj_shell_is_divider(sh->lex.word))) {
			end_command(sh, KJ_SHELL_END);
			take_reserved(sh);
		}
		break;
	default:
		break;
	}
}

/* Is it the `()` after a name? Passes over the second then. */
static bool take_parameters(struct shell *sh)
{
	const char *at = sh->lex.at;
	while (at < sh->lex.end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == sh->lex.end || *at != ')')
		return false;
	sh->lex.at = at + 1;
	sh->named.n = 0;
	sh->function_next = true;
	sh->command = NOTHING;
	return true;
}

/* ( opens a subshell, or stands in `name ()` and `((`. */
static void take_open(struct shell *sh)
{
	bool arithmetic =
	        sh->lex.at < sh->lex.end && *sh->lex.at == '(' && (sh->command == NOTHING || sh->command == FOR);
	if (!arithmetic && !take_parameters(sh))
		open_block(sh, kj_shell_subshell());
	if (arithmetic && kj_shell_skip_arithmetic(&sh->lex))
		sh->command = sh->command == FOR ? FOR : AFTER_BLOCK;
}

static void take_close(struct shell *sh)
{
	end_command(sh, KJ_SHELL_END);
	close_block(sh, KJ_STR(")"));
}

static void take_operator(struct shell *sh, enum kj_shell_token token)
{
	bool goes_on = token == KJ_SHELL_NEWLINE && sh->command == NOTHING;
	if (goes_on)
		return; /* after an operator or a blank line: the state before it still holds */
	end_command(sh, token);
	sh->and_or = token == KJ_SHELL_AND_OR;
	if (sh->and_or)
		sh->and_text = since(sh, sh->list_text[sh->depth]);
	else if (token != KJ_SHELL_PIPE)
		sh->list_text[sh->depth] = sh->lex.at;
	sh->in_pipe = token == KJ_SHELL_PIPE;
	struct block *block = top(sh);
	if (token == KJ_SHELL_CASE && block && kj_str_eq(block->closer, KJ_STR("esac")))
		block->state = PATTERN;
}

/* False at the end. */
static bool take_token(struct shell *sh)
{
	enum kj_shell_token token = kj_shell_next(&sh->lex);
	if (token == KJ_SHELL_BAD) {
		refuse(sh, sh->lex.problem);
		return false;
	}
	if (take_case_part(sh, token))
		return !sh->stop;
	if (token == KJ_SHELL_WORD)
		take_word(sh);
	else if (sh->command == TESTING && token != KJ_SHELL_END)
		return true; /* [[ a && ( b < c ) ]] */
	else if (token == KJ_SHELL_OPEN)
		take_open(sh);
	else if (token == KJ_SHELL_CLOSE)
		take_close(sh);
	else if (token != KJ_SHELL_END)
		take_operator(sh, token);
	return token != KJ_SHELL_END && !sh->stop;
}

void kj_parse_shell(struct kj_parse *parse)
{
	struct shell sh = {.parse = parse, .lex = kj_shell_lex_of(parse->arena, parse->text)};
	sh.list_text[0] = sh.lex.at;
	while (take_token(&sh)) {
	}
	if (sh.stop)
		return;
	bool testing = sh.command == TESTING;
	end_command(&sh, KJ_SHELL_END);
	if (!sh.stop && (sh.depth || testing))
		refuse(&sh, "a block is not closed");
}
