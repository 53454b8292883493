/* The criteria of Match lines (match_cfg_line of servconf.c). */
#include "resolve/sshd.h"

static bool good_port(kj_str value)
{
	int64_t port;
	return kj_str_eq(value, KJ_STR("ssh")) || (kj_num_int(value, &port) && port >= 0 && port <= 65535);
}

static const struct {
	kj_str name;
	bool (*check)(kj_str value);
	const char *since; /* NULL: always */
} criteria[] = {
        {KJ_STR_INIT("user"), NULL, NULL},
        {KJ_STR_INIT("group"), NULL, NULL},
        {KJ_STR_INIT("host"), NULL, NULL},
        {KJ_STR_INIT("address"), openssh_mask_clean, NULL},
        {KJ_STR_INIT("localaddress"), openssh_mask_clean, NULL},
        {KJ_STR_INIT("localport"), good_port, NULL},
        {KJ_STR_INIT("rdomain"), NULL, NULL},
        {KJ_STR_INIT("version"), NULL, "10.0"},
};

struct match {
	const struct openssh_build *build;
	struct openssh_args words;
	size_t used;
	struct kj_buf text;
	kj_str *problem;
};

static bool next_word(struct match *m, kj_str *word)
{
	if (m->used == m->words.n)
		return false;
	*word = m->words.arg[m->used++];
	return word->n && word->p[0] != '#';
}

static bool refuse(struct match *m, const char *format, kj_str what)
{
	*m->problem = kj_str_fmt(m->build->host->arena, "%s '%.*s'", format, KJ_FMT(what));
	return false;
}

static void spell(struct match *m, kj_str name, kj_str value)
{
	if (m->text.n)
		kj_buf_char(&m->text, ' ');
	kj_buf_put(&m->text, name);
	bool quoted = kj_str_find_any(value, KJ_STR(" \t=")) < value.n;
	if (value.n)
		kj_buf_fmt(&m->text, quoted ? " \"%.*s\"" : " %.*s", KJ_FMT(value));
}

static bool take_criterion(struct match *m, kj_str word)
{
	kj_str value;
	if (kj_str_eq_fold(word, KJ_STR("invalid-user")) && !openssh_older(m->build, "9.9")) {
		spell(m, KJ_STR("invalid-user"), KJ_STR(""));
		return true;
	}
	for (size_t i = 0; i < sizeof criteria / sizeof *criteria; i++) {
		if (!kj_str_eq_fold(criteria[i].name, word) ||
		    (criteria[i].since && openssh_older(m->build, criteria[i].since)))
			continue;
		if (!next_word(m, &value))
			return refuse(m, "there is nothing after the criterion", word);
		if (criteria[i].check && !criteria[i].check(value))
			return refuse(m, "sshd takes no such address or port:", value);
		spell(m, criteria[i].name, value);
		return true;
	}
	return refuse(m, "Match has no criterion", word);
}

bool sshd_match_read(const struct openssh_build *build, struct openssh_args args, struct sshd_scope *scope,
                     kj_str *problem)
{
	static const char *const valued[] = {"user",      "group",   "host",    "address", "localaddress",
	                                     "localport", "rdomain", "version", NULL};
	struct match m = {.build = build, .text = KJ_BUF(build->host->arena), .problem = problem};
	kj_str word, after;
	*scope = (struct sshd_scope){.text = KJ_STR("?"), .inactive = true};
	m.words = openssh_criteria(build, args, valued);
	while (next_word(&m, &word)) {
		if (!kj_str_eq_fold(word, KJ_STR("all"))) {
			if (!take_criterion(&m, word))
				return false;
			continue;
		}
		if (m.text.n || next_word(&m, &after))
			return refuse(&m, "'all' stands alone after Match, not with",
			              m.text.n ? kj_buf_str(&m.text) : after);
		*scope = (struct sshd_scope){.text = KJ_STR("all"), .all = true};
		return true;
	}
	if (!m.text.n)
		return refuse(&m, "Match wants criteria after", KJ_STR("Match"));
	scope->text = kj_buf_str(&m.text);
	return true;
}

struct sshd_scope sshd_scope_within(struct kj_arena *arena, struct sshd_scope outer, struct sshd_scope inner)
{
	if (!outer.inactive)
		return inner.text.n ? inner : outer;
	if (!inner.inactive)
		return outer;
	kj_str text = kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(outer.text), KJ_FMT(inner.text));
	return (struct sshd_scope){.text = text, .inactive = true};
}
