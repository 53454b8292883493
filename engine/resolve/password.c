/* The source `password`: what a new password must really be, for each PAM stack that can set one. A module counts
   when no password that it did not accept can be stored. */
#include "resolve/password.h"

#include <limits.h>

struct judge {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_pw_config config;
	const struct kj_pam *pam;
	struct kj_map seen; /* stacks by what is in them */
};

/* ---- one stack ---- */

/* What all modules of a stack together demand. */
struct stack {
	const struct kj_pam_stack *pam;
	kj_str scope;
	size_t stored_at; /* the first entry that stores */
	struct kj_pw_demand best;
	kj_str modules;                    /* those that demand something */
	const struct kj_pam_entry *holder; /* a module beside pam_unix that counts */
	kj_str why;                        /* the first that does not count, and why */
	struct kj_origin why_at;
};

static void out_of_force(struct judge *j, struct stack *s, const struct kj_pam_entry *e, kj_str why)
{
	if (s->why.n)
		return;
	s->why = kj_str_fmt(j->host->arena, "%.*s at '%.*s' line %u does not count: %.*s", KJ_FMT(e->module),
	                    KJ_FMT(e->row->text->name), e->row->line, KJ_FMT(why));
	s->why_at = kj_origin_of(e->row);
}

static void join_quality(struct stack *s, const struct kj_pw_demand *d)
{
	struct kj_pw_demand *best = &s->best;
	if (d->min_length > best->min_length || !s->modules.n) {
		best->min_length = d->min_length;
		best->length_at = d->length_at;
	}
	for (int i = 0; i < 3; i++) {
		if ((d->needs[i] && !best->needs[i]) || !s->modules.n)
			best->needs_at[i] = d->needs_at[i];
		best->needs[i] |= d->needs[i];
	}
	best->root |= d->root;
	if (d->note.n)
		best->note = d->note;
	if (d->whom.n)
		best->whom = d->whom;
}

static void join_history(struct stack *s, const struct kj_pw_demand *d)
{
	if (d->remember <= s->best.remember)
		return;
	s->best.remember = d->remember;
	s->best.remember_at = d->remember_at;
}

static void name_module(struct judge *j, struct stack *s, const struct kj_pam_entry *e)
{
	if (!s->modules.n)
		s->modules = e->module;
	else if (!kj_str_eq(s->modules, e->module))
		s->modules = kj_str_fmt(j->host->arena, "%.*s %.*s", KJ_FMT(s->modules), KJ_FMT(e->module));
}

/* pam_unix refuses to store, whatever the control makes of that. */
static void judge_unix(struct judge *j, struct stack *s, const struct kj_pam_entry *e, const struct kj_pw_demand *d)
{
	join_history(s, d);
	if (d->min_length == 0)
		return;
	join_quality(s, d);
	name_module(j, s, e);
}

static void judge_entry(struct judge *j, struct stack *s, size_t i)
{
	const struct kj_pam_entry *e = &s->pam->list.at[i];
	struct kj_pw_demand d;
	kj_str why;
	if (!kj_pw_demands(&j->config, e, &d))
		return;
	bool history = kj_pam_is(e, "pam_pwhistory");
	if (history) /* what comes to it is as long as the modules before it want */
		d.min_length = s->best.min_length;
	if (kj_pam_is(e, "pam_unix")) {
		judge_unix(j, s, e, &d);
	} else if (!kj_pw_holds(j->host, s->pam, i, &d, &why)) {
		if (!history)
			out_of_force(j, s, e, why);
	} else if (history) {
		join_history(s, &d);
	} else {
		d.root = kj_pw_holds_root(j->host, s->pam, i, &d);
		s->holder = s->holder ? s->holder : e;
		join_quality(s, &d);
		name_module(j, s, e);
	}
}

static void show(struct judge *j, const struct stack *s, const char *key, kj_str value, struct kj_origin at)
{
	struct kj_setting *setting = kj_setting_add(j->host, j->out, kj_str_of(key), value, KJ_STATE_EFFECTIVE, at);
	setting->scope = s->scope;
	setting->note = s->holder ? s->best.note : s->why;
}

static kj_str yes_no(bool yes)
{
	return yes ? KJ_STR("yes") : KJ_STR("no");
}

static void show_stack(struct judge *j, struct stack *s)
{
	const struct kj_pw_demand *b = &s->best;
	struct kj_origin stored = kj_origin_of(s->pam->list.at[s->stored_at].row);
	struct kj_origin at = s->holder ? kj_origin_of(s->holder->row) : s->why.n ? s->why_at : stored;
	bool any = s->modules.n;
	bool enforced = s->holder || (!s->why.n && any);
	show(j, s, "min_length", kj_str_fmt(j->host->arena, "%lld", (long long)b->min_length), any ? b->length_at : at);
	show(j, s, "demands_letter", yes_no(b->needs[KJ_DEMAND_LETTER]), any ? b->needs_at[KJ_DEMAND_LETTER] : at);
	show(j, s, "demands_digit", yes_no(b->needs[KJ_DEMAND_DIGIT]), any ? b->needs_at[KJ_DEMAND_DIGIT] : at);
	show(j, s, "demands_symbol", yes_no(b->needs[KJ_DEMAND_SYMBOL]), any ? b->needs_at[KJ_DEMAND_SYMBOL] : at);
	show(j, s, "enforced", yes_no(enforced), at);
	struct kj_setting *force = &j->out->settings.at[j->out->settings.n - 1];
	force->note = force->note.n ? force->note : b->whom;
	show(j, s, "root_enforced", yes_no(enforced && b->root), at);
	show(j, s, "module", any ? s->modules : KJ_STR("none"), at);
	show(j, s, "remember", kj_str_fmt(j->host->arena, "%lld", (long long)b->remember),
	     b->remember ? b->remember_at : stored);
}

/* Two services with the very same entries are one stack: that of the file whose lines they are. */
static bool seen_before(struct judge *j, const struct kj_pam_stack *stack)
{
	struct kj_buf key = KJ_BUF(j->host->arena);
	unsigned top = UINT_MAX; /* a stack that is a substack of another and nothing more is the same */
	for (size_t i = 0; i < stack->list.n; i++)
		if (!stack->list.at[i].substack && stack->list.at[i].level < top)
			top = stack->list.at[i].level;
	for (size_t i = 0; i < stack->list.n; i++) {
		const struct kj_pam_entry *e = &stack->list.at[i];
		if (!e->substack)
			kj_buf_fmt(&key, "%.*s:%u:%u ", KJ_FMT(e->row->text->name), e->row->line, e->level - top);
	}
	void **place = kj_map_at(j->host->arena, &j->seen, kj_buf_str(&key));
	bool seen = *place != NULL;
	*place = j;
	return seen;
}

static size_t first_store(const struct kj_pam_stack *stack)
{
	size_t i = 0;
	while (i < stack->list.n && !kj_pw_stores(&stack->list.at[i]))
		i++;
	return i;
}

/* A module that cannot read its options fails, whatever it is asked. */
static void spoil_garbled(struct judge *j, struct kj_pam_stack *stack)
{
	for (size_t i = 0; i < stack->list.n; i++) {
		struct kj_pam_entry *e = &stack->list.at[i];
		struct kj_pw_demand d;
		if (!kj_pw_demands(&j->config, e, &d) || !d.garbled)
			continue;
		e->broken = true;
		e->problem = kj_str_zero(j->host->arena, d.note);
	}
}

/* A stack that would set passwords but for something in it that always fails. */
static void show_broken(struct judge *j, const struct kj_pam_stack *stack)
{
	size_t i = 0;
	while (i < stack->list.n && !stack->list.at[i].problem)
		i++;
	if (i == stack->list.n)
		return;
	const struct kj_pam_entry *e = &stack->list.at[i];
	struct kj_setting *s =
	        kj_setting_add(j->host, j->out, KJ_STR("enforced"), KJ_STR(""), KJ_STATE_ERROR, kj_origin_of(e->row));
	s->scope = stack->service;
	kj_setting_note(j->host, s, "no password can be set here: '%.*s' line %u: %s", KJ_FMT(e->row->text->name),
	                e->row->line, e->problem);
}

static bool has_own_lines(const struct kj_pam_stack *stack)
{
	for (size_t i = 0; i < stack->list.n; i++)
		if (!kj_str_ends(stack->list.at[i].row->text->name, stack->file))
			return false;
	return true;
}

static void judge_stack(struct judge *j, const struct kj_pam_stack *pam, bool own)
{
	struct kj_pam_stack typed = kj_pam_of_type(j->host, j->pam, pam, KJ_STR("password"));
	struct stack s = {.pam = &typed, .scope = pam->service, .stored_at = first_store(&typed)};
	if (typed.missing.n) {
		j->config.unseen = kj_str_fmt(j->host->arena, "the PAM file '%.*s'", KJ_FMT(typed.missing.at[0].name));
		return;
	}
	if (s.stored_at == typed.list.n || has_own_lines(&typed) != own || seen_before(j, &typed))
		return;
	spoil_garbled(j, &typed);
	if (!kj_pw_can_store(j->host, &typed)) {
		show_broken(j, &typed);
		return;
	}
	for (size_t i = 0; i < typed.list.n; i++)
		judge_entry(j, &s, i);
	show_stack(j, &s);
}

void kj_resolve_password(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct kj_pam pam = kj_pam_load(host);
	if (!kj_judge_reads(host, &pam.reads, out))
		return;
	struct kj_pwquality conf = kj_pwquality_read(host);
	struct judge j = {.host = host, .out = out, .pam = &pam, .config = {host, &conf, KJ_STR("")}};
	/* the files whose own lines make a stack come first, so that the stack has their name */
	for (size_t i = 0; i < pam.stacks.n; i++)
		judge_stack(&j, &pam.stacks.at[i], true);
	for (size_t i = 0; i < pam.stacks.n; i++)
		judge_stack(&j, &pam.stacks.at[i], false);
	if (j.config.unseen.n)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "%.*s was not collected", KJ_FMT(j.config.unseen));
	else if (conf.reads.broken && j.out->settings.n)
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(conf.reads.broken_path),
		                  KJ_FMT(conf.reads.broken->message));
	else
		kj_note_texts(host, &conf.reads, out);
}
