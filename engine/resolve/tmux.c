/* The source `tmux`: when tmux locks, and with which program: /etc/tmux.conf, then the user's files (tmux(1)). tmux parses
   a whole file before it runs a line of it; what this reader does not know (blocks, %if, formats, commands) makes a value
   open, never certain. */
#include "resolve/work.h"

#include <string.h>

enum { OPTIONS = 2, WORDS_MAX = 64, DEPTH_MAX = 8, FILES_MAX = 200 };
static const char *const names[OPTIONS] = {"lock-after-time", "lock-command"};

struct option {
	kj_str value; /* p NULL: the default */
	struct kj_origin origin;
	const char *open; /* why nobody can say what it is; NULL: it is as told */
	KJ_VEC(struct kj_overridden) overrides;
};

struct tmux {
	struct kj_host *host;
	struct kj_resolved *out;
	struct option option[OPTIONS];
	size_t files;
	unsigned depth;
};

struct command {
	kj_str word[WORDS_MAX];
	size_t n;
	bool dynamic, block; /* some word is expanded by tmux; some word is a { … } */
	uint32_t line;
	uint32_t group; /* the commands of a line go together: when one fails, tmux drops the rest */
};

struct reader {
	struct tmux *tmux;
	const struct kj_text *text;
	size_t at;
	uint32_t line;
	unsigned conditions;       /* %if around */
	uint32_t failed, doubtful; /* groups in which a command failed, or may have */
	const char *problem;       /* tmux refuses the file, or may */
	uint32_t problem_line;
};

/* ---- words ---- */

static char peek(const struct reader *r)
{
	return r->at < r->text->bytes.n ? r->text->bytes.p[r->at] : 0;
}

static char next(struct reader *r)
{
	char c = peek(r);
	r->line += c == '\n';
	r->at += r->at < r->text->bytes.n;
	return c;
}

static bool at_end(const struct reader *r)
{
	return r->at >= r->text->bytes.n;
}

static void refuse(struct reader *r, const char *problem)
{
	if (r->problem)
		return;
	r->problem = problem;
	r->problem_line = r->line;
}

/* From { to its }; quotes inside are passed over. */
static void skip_block(struct reader *r)
{
	unsigned open = 0;
	char quote = 0;
	do {
		char c = next(r);
		if (c == '\\')
			next(r);
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else
			open = open + (c == '{') - (c == '}');
	} while (open && !at_end(r));
	if (open)
		refuse(r, "a '{' without its '}'");
}

static void read_quoted(struct reader *r, struct kj_buf *word, bool *dynamic)
{
	char quote = next(r), c = 0;
	while (!at_end(r) && (c = next(r)) != quote) {
		if (c == '\\' && quote == '"') {
			c = next(r);
			*dynamic |= c != '"' && c != '\\';
		} else if (c == '$' && quote == '"') {
			*dynamic = true;
		}
		kj_buf_char(word, c);
	}
	if (c != quote)
		refuse(r, "a quote that is not closed");
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == ';' || !c;
}

static kj_str read_word(struct reader *r, struct command *c)
{
	struct kj_buf word = KJ_BUF(r->tmux->host->arena);
	if (peek(r) == '{') {
		c->block = true;
		skip_block(r);
		return KJ_STR("{}");
	}
	while (!at_end(r) && !ends_word(peek(r))) {
		if (peek(r) == '"' || peek(r) == '\'') {
			read_quoted(r, &word, &c->dynamic);
			continue;
		}
		char letter = next(r);
		c->dynamic |= letter == '$' || letter == '~';
		if (letter == '\\')
			letter = next(r);
		kj_buf_char(&word, letter);
	}
	return kj_buf_str(&word);
}

/* The next command; false at the end. */
static bool read_command(struct reader *r, struct command *c)
{
	*c = (struct command){.line = 0};
	bool note = false;
	while (!at_end(r)) {
		char letter = peek(r);
		bool joined = letter == '\\' && r->at + 1 < r->text->bytes.n && r->text->bytes.p[r->at + 1] == '\n';
		if (letter == '#') {
			note = c->n > 0;
			while (!at_end(r) && peek(r) != '\n')
				next(r);
		} else if (joined) {
			next(r);
			next(r);
		} else if (letter == ' ' || letter == '\t' || letter == '\r')
			next(r);
		else if (letter == '\n' || letter == ';') {
			/* tmux 3.3 counts a command with a comment after it to the next line */
			c->group = r->line + (note && letter == '\n');
			next(r);
			if (c->n)
				return true;
		} else {
			c->line = c->line ? c->line : r->line;
			kj_str word = read_word(r, c);
			if (c->n < WORDS_MAX)
				c->word[c->n++] = word;
		}
	}
	c->group = r->line + note;
	return c->n > 0;
}

/* ---- commands ---- */

/* Those that say nothing of options, as people put them into tmux.conf, with their short names. */
static bool is_harmless(kj_str word)
{
	static const char known[] =
	        " bind bind-key unbind unbind-key setenv set-environment set-hook run run-shell display "
	        "display-message "
	        "start start-server new new-session neww new-window splitw split-window send send-keys send-prefix "
	        "selectp select-pane selectw select-window selectl select-layout rename rename-session renamew "
	        "rename-window show show-options showw show-window-options source source-file set set-option setw "
	        "set-window-option if if-shell kill-session killw kill-window killp kill-pane resizep resize-pane "
	        "resizew resize-window swapp swap-pane swapw swap-window move-window movew list-keys lsk ls "
	        "list-sessions attach attach-session detach detach-client copy-mode command-prompt confirm "
	        "confirm-before choose-tree clock-mode link-window linkw wait wait-for refresh refresh-client ";
	kj_str list = kj_str_of(known);
	char padded[40];
	int n = snprintf(padded, sizeof padded, " %.*s ", KJ_FMT(kj_str_upto(word, 30)));
	return word.n && word.n <= 30 && kj_str_find_str(list, (kj_str){padded, (size_t)n}) < list.n;
}

static bool is_word(kj_str word, const char *one, const char *other)
{
	return kj_str_eq(word, kj_str_of(one)) || kj_str_eq(word, kj_str_of(other));
}

/* Which of our options a name means: tmux takes any beginning that only one option has. */
static size_t option_of(kj_str name)
{
	size_t i = 0;
	while (i < OPTIONS && !(name.n > 5 && kj_str_starts(kj_str_of(names[i]), name)))
		i++;
	return i;
}

static void change(struct reader *r, const struct command *c, struct option *o, kj_str value, const char *open)
{
	struct kj_arena *arena = r->tmux->host->arena;
	if (o->origin.text)
		KJ_PUSH(arena, &o->overrides, (struct kj_overridden){o->value, o->origin});
	o->value = value;
	o->origin = (struct kj_origin){r->text, c->line, 1};
	o->open = r->conditions             ? "set under a condition"
	          : r->doubtful == c->group ? "a command before it on the line may fail"
	                                    : open;
}

/* A number as tmux reads it; p NULL: tmux refuses it. */
static kj_str as_number(struct kj_arena *arena, kj_str value)
{
	int64_t number;
	bool digits = value.n && kj_is_digit(value.p[0]);
	return digits && kj_num_int(value, &number) && number <= INT32_MAX
	               ? kj_str_fmt(arena, "%lld", (long long)number)
	               : (kj_str){NULL, 0};
}

static void assign(struct reader *r, const struct command *c, size_t which, kj_str value, bool append)
{
	struct kj_arena *arena = r->tmux->host->arena;
	struct option *o = &r->tmux->option[which];
	const char *open = c->dynamic || c->block ? "the value is made up by tmux" : NULL;
	if (which == 1 && append)
		value = kj_str_fmt(arena, "%.*s%.*s", KJ_FMT(o->value.p ? o->value : KJ_STR("lock -np")),
		                   KJ_FMT(value));
	if (open)
		r->doubtful = c->group;
	if (which == 0 && !open && !(value = as_number(arena, value)).p)
		r->failed = c->group;
	else
		change(r, c, o, value, open);
}

/* set-option [-aFgopqsuUw] [-t target] option [value] */
static void take_set(struct reader *r, const struct command *c)
{
	size_t i = 1;
	bool append = false, global = false, unset = false, only = false, format = false;
	for (; i < c->n && c->word[i].n > 1 && c->word[i].p[0] == '-' && !kj_is_digit(c->word[i].p[1]); i++) {
		kj_str flags = kj_str_from(c->word[i], 1);
		append |= kj_str_find(flags, 'a') < flags.n;
		global |= kj_str_find(flags, 'g') < flags.n;
		unset |= kj_str_find_any(flags, KJ_STR("uU")) < flags.n;
		only |= kj_str_find(flags, 'o') < flags.n;
		format |= kj_str_find(flags, 'F') < flags.n;
		i += kj_str_ends(flags, KJ_STR("t"));
	}
	if (i >= c->n || c->n > i + 2) {
		refuse(r, "an option with too few or too many words");
		return;
	}
	if (r->failed == c->group)
		return;
	size_t which = option_of(c->word[i]);
	struct command known = *c;
	known.dynamic |= format && i + 1 < c->n && kj_str_find_str(c->word[i + 1], KJ_STR("#")) < c->word[i + 1].n;
	/* without -g a session is meant, and there is none yet; -o leaves alone what has a value, as globals have */
	if (!global)
		r->doubtful = c->group;
	if (which < OPTIONS && (!global || only))
		r->failed = c->group;
	if (which == OPTIONS || !global || only)
		return;
	if (unset)
		change(r, c, &r->tmux->option[which], (kj_str){NULL, 0}, NULL);
	else if (i + 1 < c->n)
		assign(r, &known, which, c->word[i + 1], append);
	else
		r->failed = c->group;
}

static void read_file(struct tmux *t, const struct kj_text *text);

static void take_source(struct reader *r, const struct command *c)
{
	enum kj_presence presence;
	for (size_t i = 1; i < c->n; i++) {
		if (!kj_str_starts(c->word[i], KJ_STR("/")) || r->tmux->depth == DEPTH_MAX)
			continue;
		struct kj_entry_list found = kj_export_glob(r->tmux->host->export, r->tmux->host->arena,
		                                            kj_host_path(c->word[i]), &presence);
		for (size_t k = 0; k < found.paths.n && r->tmux->files < FILES_MAX; k++) {
			const struct kj_artifact *artifact = kj_export_read(r->tmux->host->export, found.paths.at[k]);
			if (artifact->state == KJ_ARTIFACT_OK)
				read_file(r->tmux, &artifact->text);
		}
	}
}

/* Does a word of a command that runs others speak of our options? */
static void take_other(struct reader *r, const struct command *c)
{
	for (size_t i = 1; i < c->n; i++)
		for (size_t k = 0; k < OPTIONS; k++)
			if (kj_str_find_str(c->word[i], kj_str_of(names[k])) < c->word[i].n)
				r->tmux->option[k].open = "another command may set it";
	if (c->block && is_word(c->word[0], "if", "if-shell"))
		for (size_t k = 0; k < OPTIONS; k++)
			r->tmux->option[k].open = "a block under a condition may set it";
}

static void take(struct reader *r, const struct command *c)
{
	kj_str word = c->word[0];
	if (kj_str_starts(word, KJ_STR("%"))) {
		if (kj_str_eq(word, KJ_STR("%if")))
			r->conditions++;
		else if (kj_str_eq(word, KJ_STR("%endif")) && r->conditions)
			r->conditions--;
		return;
	}
	bool assignment = c->n == 1 && kj_str_find(word, '=') < word.n;
	if (is_word(word, "set", "set-option") || is_word(word, "setw", "set-window-option"))
		take_set(r, c);
	else if (r->failed == c->group && is_harmless(word))
		return;
	else if (is_word(word, "source", "source-file"))
		take_source(r, c);
	else if (is_word(word, "if", "if-shell") || is_word(word, "run", "run-shell"))
		take_other(r, c);
	else if (!assignment && !is_harmless(word))
		refuse(r, "a command that kijun does not know: where tmux does not know it either, it runs no line of "
		          "the file");
}

/* ---- files ---- */

static void read_file(struct tmux *t, const struct kj_text *text)
{
	struct reader r = {.tmux = t, .text = text, .line = 1};
	struct command c;
	t->files++;
	t->depth++;
	while (read_command(&r, &c))
		take(&r, &c);
	t->depth--;
	if (!r.problem)
		return;
	struct kj_row row = {.text = text, .line = r.problem_line, .col = 1, .bad = true, .problem = r.problem};
	KJ_PUSH(t->host->arena, &t->out->bad, row);
	for (size_t i = 0; i < OPTIONS; i++)
		t->option[i].open = r.problem;
}

static void show(struct tmux *t, const struct tmux *before, kj_str scope)
{
	static const char *const presets[OPTIONS] = {"0", "lock -np"};
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &t->option[i];
		if (before && o->origin.text == before->option[i].origin.text && o->open == before->option[i].open &&
		    o->origin.line == before->option[i].origin.line)
			continue;
		enum kj_state state = o->open ? KJ_STATE_ERROR : o->value.p ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT;
		struct kj_setting *s = kj_setting_add(t->host, t->out, kj_str_of(names[i]),
		                                      o->value.p ? o->value : kj_str_of(presets[i]), state, o->origin);
		s->scope = scope;
		s->note = kj_str_of(o->open);
		for (size_t k = 0; k < o->overrides.n; k++)
			kj_setting_override(t->host, s, o->overrides.at[k].value, o->overrides.at[k].origin);
	}
}

static void show_user(const struct tmux *system, kj_str home)
{
	static const char *const files[] = {".tmux.conf", ".config/tmux/tmux.conf"};
	struct tmux own = *system;
	for (size_t i = 0; i < OPTIONS; i++)
		memset(&own.option[i].overrides, 0, sizeof own.option[i].overrides);
	for (size_t i = 0; i < 2; i++) {
		kj_str path = kj_str_fmt(own.host->arena, "%.*s/%s", KJ_FMT(home), files[i]);
		const struct kj_artifact *artifact = kj_export_read(own.host->export, path);
		if (artifact->state == KJ_ARTIFACT_OK)
			read_file(&own, &artifact->text);
	}
	kj_str name = kj_str_from(home, kj_str_eq(home, KJ_STR("root")) ? 0 : sizeof "home/" - 1);
	show(&own, system, kj_str_fmt(own.host->arena, "user %.*s", KJ_FMT(name)));
}

static void show_users(const struct tmux *system)
{
	enum kj_presence presence;
	struct kj_entry_list found =
	        kj_export_glob(system->host->export, system->host->arena, KJ_STR("home/*/.*"), &presence);
	kj_str last = KJ_STR("");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str home = kj_str_upto(found.paths.at[i], kj_str_find_last(found.paths.at[i], '/'));
		if (!kj_str_eq(home, last))
			show_user(system, home);
		last = home;
	}
	show_user(system, KJ_STR("root"));
}

void kj_resolve_tmux(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct tmux t = {.host = host, .out = out};
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out) && out->state != KJ_STATE_ABSENT)
		return;
	for (size_t i = 0; i < reads.list.n; i++)
		read_file(&t, &reads.list.at[i].artifact->text);
	show(&t, NULL, KJ_STR(""));
	show_users(&t);
}
