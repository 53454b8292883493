/* The criteria of Host and Match (oHost in process_config_line_depth, and match_cfg_line, of readconf.c). */
#include "resolve/ssh.h"

static void spell(struct kj_buf *text, kj_str word, bool quote)
{
	if (text->n)
		kj_buf_char(text, ' ');
	kj_buf_fmt(text, quote ? "\"%.*s\"" : "%.*s", KJ_FMT(word));
}

bool ssh_host_read(struct kj_arena *arena, struct openssh_args args, struct ssh_scope *scope, kj_str *problem)
{
	struct kj_buf text = KJ_BUF(arena);
	bool every = false, some = false, but = false;
	kj_buf_put(&text, KJ_STR("host"));
	for (size_t i = 0; i < args.n; i++) {
		if (!args.arg[i].n) {
			*problem = KJ_STR("Host with an empty pattern");
			return false;
		}
		bool negated = args.arg[i].p[0] == '!';
		but |= negated;
		some |= !negated;
		every |= kj_str_eq(args.arg[i], KJ_STR("*"));
		spell(&text, args.arg[i], false);
	}
	*scope = (struct ssh_scope){.text = every && !but ? KJ_STR("") : kj_buf_str(&text), .never = !some};
	return true;
}

/* ---- Match ---- */

/* In the order of match_cfg_line. */
static const struct {
	const char *name, *since; /* NULL: always */
	bool pattern;             /* its value is a list of patterns */
} criteria[] = {
        {"host", NULL, true},      {"originalhost", NULL, true}, {"user", NULL, true},
        {"localuser", NULL, true}, {"exec", NULL, false},        {"localnetwork", "9.4", false},
        {"tagged", "9.4", true},   {"version", "10.0", true},    {"sessiontype", "10.0", true},
        {"command", "10.0", true},
};

struct match {
	const struct openssh_build *build;
	struct openssh_args words;
	size_t used;
	struct kj_buf text;
	struct ssh_scope *scope;
	kj_str *problem;
};

static bool refuse(struct match *m, const char *why, kj_str what)
{
	*m->problem = kj_str_fmt(m->build->host->arena, "%s '%.*s'", why, KJ_FMT(what));
	return false;
}

static bool next_word(struct match *m, kj_str *word)
{
	if (m->used == m->words.n)
		return false;
	*word = m->words.arg[m->used++];
	return word->n && word->p[0] != '#';
}

/* A list with a lone * and nothing negated always matches. */
static bool is_everything(kj_str patterns)
{
	bool every = false;
	kj_str pattern;
	while (kj_str_cut(&patterns, ',', &pattern)) {
		if (pattern.n && pattern.p[0] == '!')
			return false;
		every |= kj_str_eq(pattern, KJ_STR("*"));
	}
	return every;
}

/* `final` and `canonical` hold when the files are read again: always for the one, which asks for it itself. */
static void take_pass(struct match *m, kj_str name, bool negated)
{
	if (negated)
		return; /* holds the first time, and what that finds stays */
	m->scope->final = true;
	if (kj_str_eq(name, KJ_STR("canonical")))
		spell(&m->text, name, false);
}

static bool take_criterion(struct match *m, kj_str word)
{
	bool negated = word.p[0] == '!';
	kj_str name = kj_str_lower(m->build->host->arena, negated ? kj_str_from(word, 1) : word), value;
	if (kj_str_eq(name, KJ_STR("canonical")) || kj_str_eq(name, KJ_STR("final"))) {
		take_pass(m, name, negated);
		return true;
	}
	size_t i = 0, n = sizeof criteria / sizeof *criteria;
	while (i < n && !(kj_str_eq(name, kj_str_of(criteria[i].name)) &&
	                  (!criteria[i].since || !openssh_older(m->build, criteria[i].since))))
		i++;
	if (i == n)
		return refuse(m, "Match has no criterion", word);
	if (!next_word(m, &value))
		return refuse(m, "there is nothing after the criterion", word);
	if (criteria[i].pattern && is_everything(value)) {
		m->scope->never |= negated;
		return true;
	}
	spell(&m->text, negated ? kj_str_fmt(m->build->host->arena, "!%.*s", KJ_FMT(name)) : name, false);
	spell(&m->text, value, !criteria[i].pattern || kj_str_find_any(value, KJ_STR(" \t=\"")) < value.n);
	return true;
}

/* `final` with nothing else holds always: no criteria are left. */
static void finish(struct match *m)
{
	kj_str text = kj_buf_str(&m->text);
	bool final = m->scope->final && !kj_str_starts(text, KJ_STR("canonical"));
	m->scope->text = text;
	if (text.n)
		m->scope->text =
		        kj_str_fmt(m->build->host->arena, final ? "match final %.*s" : "match %.*s", KJ_FMT(text));
}

bool ssh_match_read(const struct openssh_build *build, struct openssh_args args, struct ssh_scope *scope,
                    kj_str *problem)
{
	static const char *const valued[] = {"host",         "originalhost", "user",   "localuser",
	                                     "localnetwork", "version",      "tagged", "sessiontype",
	                                     "command",      "exec",         NULL};
	struct match m = {.build = build, .text = KJ_BUF(build->host->arena), .scope = scope, .problem = problem};
	kj_str word, after;
	size_t count = 0;
	*scope = (struct ssh_scope){0};
	m.words = openssh_criteria(build, args, valued);
	while (next_word(&m, &word)) {
		bool negated = word.p[0] == '!';
		if (kj_str_eq_fold(negated ? kj_str_from(word, 1) : word, KJ_STR("all"))) {
			if (count > 1 || next_word(&m, &after))
				return refuse(&m, "other criteria do not go with", word);
			scope->never |= negated;
			finish(&m);
			return true;
		}
		count++;
		if (!take_criterion(&m, word))
			return false;
	}
	if (!count)
		return refuse(&m, "Match wants criteria after", KJ_STR("Match"));
	finish(&m);
	return true;
}

struct ssh_scope ssh_scope_within(struct kj_arena *arena, struct ssh_scope outer, struct ssh_scope inner)
{
	struct ssh_scope both = {.never = outer.never || inner.never, .final = outer.final || inner.final};
	both.text = !outer.text.n   ? inner.text
	            : !inner.text.n ? outer.text
	                            : kj_str_fmt(arena, "%.*s / %.*s", KJ_FMT(outer.text), KJ_FMT(inner.text));
	return both;
}
