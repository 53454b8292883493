/* The source `password`: what a new password must really be, for each PAM stack that can set one. A module counts
   when the stack cannot go past it, when its refusal is the stack's, and when it stands before the module that stores
   the password. */
#include "resolve/pwquality.h"

#include <limits.h>

/* What one module demands. */
struct demand {
	kj_str module;
	int64_t min_length;
	bool needs[3]; /* by enum kj_demand */
	bool root;     /* root is held to it too */
	bool lax;      /* the module only warns */
	struct kj_origin length_at, needs_at[3];
	kj_str note;
	kj_str whom; /* who is not held to it */
};

struct judge {
	struct kj_host *host;
	struct kj_resolved *out;
	const struct kj_pwquality *conf;
	struct kj_map seen; /* stacks by what is in them */
	kj_str unseen;      /* a file that a module reads and that was not collected */
};

/* ---- modules that judge passwords ---- */

static bool flag_arg(const struct kj_pam_entry *e, const char *name)
{
	return kj_pam_has_arg(e, kj_str_of(name));
}

static int64_t int_arg(const struct kj_pam_entry *e, const char *name, int64_t preset)
{
	kj_str text;
	int64_t n;
	return kj_pam_arg(e, kj_str_of(name), &text) && kj_num_int(text, &n) && n > INT32_MIN && n < INT32_MAX ? n
	                                                                                                       : preset;
}

static void from_credits(struct demand *d, const struct kj_credits *credits, int64_t floor)
{
	int64_t shortest = kj_credits_shortest(credits);
	d->min_length = shortest > floor ? shortest : floor;
	for (int i = 0; i < 3; i++)
		d->needs[i] = kj_credits_demand(credits, (enum kj_demand)i);
}

/* The line that sets a value, or the PAM line. */
static struct kj_origin origin_or(const struct kj_pwq_value *value, struct kj_origin other)
{
	return value->set ? value->origin : other;
}

static void pwquality_demand(struct judge *j, const struct kj_pam_entry *e, struct demand *d)
{
	struct kj_pwquality pwq = *j->conf;
	for (size_t i = 0; i < KJ_PWQ_KEYS; i++)
		pwq.value[i].overrides.cap = pwq.value[i].overrides.n; /* the next one makes a copy */
	kj_pwquality_args(j->host, &pwq, e);
	const struct kj_pwq_value *v = pwq.value;
	struct kj_credits credits = {v[KJ_PWQ_MINLEN].num,  v[KJ_PWQ_DCREDIT].num, v[KJ_PWQ_UCREDIT].num,
	                             v[KJ_PWQ_LCREDIT].num, v[KJ_PWQ_OCREDIT].num, v[KJ_PWQ_MINCLASS].num};
	/* cracklib, asked by dictcheck, takes nothing under 6 */
	from_credits(d, &credits, v[KJ_PWQ_DICTCHECK].num ? 6 : 1);
	static const enum kj_pwq by[3] = {KJ_PWQ_LCREDIT, KJ_PWQ_DCREDIT, KJ_PWQ_OCREDIT};
	d->length_at = origin_or(&v[KJ_PWQ_MINLEN], d->length_at);
	for (int i = 0; i < 3; i++) {
		enum kj_pwq key = i == KJ_DEMAND_LETTER && v[KJ_PWQ_LCREDIT].num >= 0 && v[KJ_PWQ_UCREDIT].set
		                          ? KJ_PWQ_UCREDIT
		                          : by[i];
		d->needs_at[i] = origin_or(&v[key], origin_or(&v[KJ_PWQ_MINCLASS], d->needs_at[i]));
	}
	d->root = v[KJ_PWQ_ENFORCE_FOR_ROOT].num != 0;
	d->lax = v[KJ_PWQ_ENFORCING].num == 0;
	if (d->lax)
		d->note = KJ_STR("enforcing is 0: bad passwords are only warned of");
	else if (v[KJ_PWQ_LOCAL_USERS_ONLY].num)
		d->whom = KJ_STR("local_users_only: users of other directories are not held to it");
	if (pwq.stopped)
		d->note = kj_str_fmt(j->host->arena, "libpwquality stopped reading at '%.*s' line %u: %s",
		                     KJ_FMT(pwq.stopped->text->name), pwq.stopped->line, pwq.stopped->problem);
	if (pwq.reads.hidden.n)
		j->unseen = pwq.reads.hidden;
}

/* pam_cracklib(8): minlen 9 and a credit of 1 for every class unless said otherwise; cracklib itself takes nothing
   under 6. */
static void cracklib_demand(struct judge *j, const struct kj_pam_entry *e, struct demand *d)
{
	(void)j;
	struct kj_credits credits = {int_arg(e, "minlen", 9),  int_arg(e, "dcredit", 1), int_arg(e, "ucredit", 1),
	                             int_arg(e, "lcredit", 1), int_arg(e, "ocredit", 1), int_arg(e, "minclass", 0)};
	from_credits(d, &credits, 6);
	d->root = flag_arg(e, "enforce_for_root");
}

/* "min=N0,N1,N2,N3,N4" (passwdqc.conf(5)): the least length by kind of password; `disabled` forbids the kind. N0 one
   class, N1 two, N2 a passphrase, N3 three classes, N4 four. A number greater than the one before it does not count:
   the settings go down. */
static void passwdqc_min(kj_str list, int64_t *min)
{
	kj_str piece;
	for (size_t i = 0; i < 5 && kj_str_cut(&list, ',', &piece); i++) {
		int64_t n;
		min[i] = kj_str_eq(piece, KJ_STR("disabled")) ? INT32_MAX
		         : kj_num_int(piece, &n) && n >= 0    ? n
		                                              : min[i];
	}
}

struct passwdqc {
	int64_t min[5];
	kj_str enforce;
	struct kj_origin min_at;
};

static void passwdqc_option(struct passwdqc *p, kj_str option, struct kj_origin at)
{
	if (kj_str_starts(option, KJ_STR("min="))) {
		passwdqc_min(kj_str_from(option, 4), p->min);
		p->min_at = at;
	} else if (kj_str_starts(option, KJ_STR("enforce="))) {
		p->enforce = kj_str_from(option, 8);
	}
}

static void passwdqc_file(struct judge *j, struct passwdqc *p, kj_str path)
{
	struct kj_reads reads = {0};
	kj_read_path(j->host, &reads, NULL, path, KJ_STR("lines"), NULL);
	if (reads.hidden.n || reads.broken)
		j->unseen = path;
	for (size_t i = 0; reads.list.n && i < reads.list.at[0].rows->list.n; i++) {
		const struct kj_row *row = &reads.list.at[0].rows->list.at[i];
		passwdqc_option(p, row->cell[0], kj_origin_of(row));
	}
}

static void passwdqc_demand(struct judge *j, const struct kj_pam_entry *e, struct demand *d)
{
	struct passwdqc p = {.min = {INT32_MAX, 24, 11, 8, 7}, .enforce = KJ_STR("everyone"), .min_at = d->length_at};
	for (size_t i = 0; i < e->args; i++) {
		if (kj_str_starts(e->arg[i], KJ_STR("config=")))
			passwdqc_file(j, &p, kj_str_from(e->arg[i], 7));
		else
			passwdqc_option(&p, e->arg[i], kj_origin_of(e->row));
	}
	d->min_length = INT32_MAX;
	for (size_t i = 0; i < 5; i++)
		d->min_length = p.min[i] < d->min_length ? p.min[i] : d->min_length;
	bool four_only = p.min[4] < INT32_MAX;
	for (size_t i = 0; i < 4; i++)
		four_only &= p.min[i] == INT32_MAX;
	for (int i = 0; i < 3; i++) {
		d->needs[i] = four_only;
		d->needs_at[i] = p.min_at;
	}
	d->length_at = p.min_at;
	d->root = kj_str_eq(p.enforce, KJ_STR("everyone"));
	d->lax = kj_str_eq(p.enforce, KJ_STR("none"));
	if (d->lax)
		d->note = KJ_STR("enforce=none: bad passwords are only warned of");
}

static bool is_debian(const struct kj_export *export)
{
	return kj_str_eq(export->distro, KJ_STR("debian")) ||
	       kj_str_find_str(export->distro_like, KJ_STR("debian")) < export->distro_like.n;
}

/* pam_unix(8): no least length unless `minlen` says one; Debian's has 6. Root is not held to it. */
static void unix_demand(struct judge *j, const struct kj_pam_entry *e, struct demand *d)
{
	d->min_length = int_arg(e, "minlen", is_debian(j->host->export) ? 6 : 0);
	if (d->min_length < 0)
		d->min_length = 0;
}

static const struct {
	kj_str module;
	void (*demand)(struct judge *j, const struct kj_pam_entry *e, struct demand *d);
} modules[] = {
        {KJ_STR_INIT("pam_pwquality"), pwquality_demand},
        {KJ_STR_INIT("pam_cracklib"), cracklib_demand},
        {KJ_STR_INIT("pam_passwdqc"), passwdqc_demand},
        {KJ_STR_INIT("pam_unix"), unix_demand},
};
#define MODULES (sizeof modules / sizeof *modules)

static size_t module_find(kj_str name)
{
	size_t i = 0;
	while (i < MODULES && !kj_str_eq(modules[i].module, name))
		i++;
	return i;
}

/* The modules that store a new password. */
static bool stores(const struct kj_pam_entry *e)
{
	static const char *const names[] = {"pam_unix", "pam_unix2",   "pam_tcb",        "pam_sss",         "pam_ldap",
	                                    "pam_krb5", "pam_winbind", "pam_himmelblau", "pam_systemd_home"};
	for (size_t i = 0; !e->substack && !e->broken && i < sizeof names / sizeof *names; i++)
		if (kj_str_eq(e->module, kj_str_of(names[i])))
			return true;
	return false;
}

/* ---- one stack ---- */

struct stack {
	const struct kj_pam_stack *pam;
	kj_str scope;
	size_t stored_at; /* the first entry that stores */
	struct demand best;
	const struct kj_pam_entry *holder; /* a module beside pam_unix that counts */
	kj_str why;                        /* the first that does not count, and why */
	struct kj_origin why_at;
};

/* After a refusal that does not end the stack, a module that stores without use_authtok would ask for a password of
   its own. */
static const struct kj_pam_entry *asks_again(const struct stack *s, size_t i)
{
	if (s->pam->list.at[i].on[KJ_PAM_AUTHTOK_ERR].action == KJ_PAM_DIE)
		return NULL;
	for (size_t k = i + 1; k < s->pam->list.n; k++) {
		const struct kj_pam_entry *e = &s->pam->list.at[k];
		if (stores(e) && !flag_arg(e, "use_authtok") && !flag_arg(e, "use_first_pass"))
			return e;
	}
	return NULL;
}

__attribute__((format(printf, 4, 5))) static bool out_of_force(struct judge *j, struct stack *s,
                                                               const struct kj_pam_entry *e, const char *format, ...)
{
	if (s->why.n)
		return false;
	struct kj_buf buf = KJ_BUF(j->host->arena);
	kj_buf_fmt(&buf, "%.*s at '%.*s' line %u does not count: ", KJ_FMT(e->module), KJ_FMT(e->row->text->name),
	           e->row->line);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	s->why = kj_buf_str(&buf);
	s->why_at = kj_origin_of(e->row);
	return false;
}

/* The first entry by which a password can be stored without entry i being called, or list.n. One that only lets root
   pass takes root from those held to it. */
static size_t way_round(const struct stack *s, size_t i, struct demand *d)
{
	for (size_t j = 0; j < i; j++) {
		size_t landing;
		if (!kj_pam_passes(s->pam, j, i, &landing))
			continue;
		bool stored = stores(&s->pam->list.at[j]);
		for (size_t k = landing; k < s->pam->list.n; k++)
			stored |= stores(&s->pam->list.at[k]);
		bool root = kj_pam_asks_for_root(&s->pam->list.at[j]);
		d->root &= !(stored && root);
		if (stored && !root)
			return j;
	}
	return s->pam->list.n;
}

/* Is every new password of this stack held to entry i? */
static bool counts(struct judge *j, struct stack *s, size_t i, struct demand *d)
{
	const struct kj_pam_entry *e = &s->pam->list.at[i], *again;
	size_t way = way_round(s, i, d);
	if (way < s->pam->list.n)
		return out_of_force(j, s, e, "%.*s on line %u can end the stack or jump over it",
		                    KJ_FMT(s->pam->list.at[way].module), s->pam->list.at[way].row->line);
	if (i > s->stored_at)
		return out_of_force(j, s, e, "the password is stored before it, on line %u",
		                    s->pam->list.at[s->stored_at].row->line);
	if (d->lax)
		return out_of_force(j, s, e, "%.*s", KJ_FMT(d->note));
	if (!kj_pam_is_fatal(s->pam, i))
		return out_of_force(j, s, e, "with the control '%.*s' its refusal is not the stack's",
		                    KJ_FMT(e->control));
	if ((again = asks_again(s, i)))
		return out_of_force(j, s, e,
		                    "after a refusal %.*s on line %u asks for a password again, since it has no "
		                    "use_authtok",
		                    KJ_FMT(again->module), again->row->line);
	return true;
}

static void join(struct judge *j, struct stack *s, const struct demand *d)
{
	struct demand *best = &s->best;
	if (d->min_length > best->min_length || !best->module.n) {
		best->min_length = d->min_length;
		best->length_at = d->length_at;
	}
	for (int i = 0; i < 3; i++) {
		if ((d->needs[i] && !best->needs[i]) || !best->module.n)
			best->needs_at[i] = d->needs_at[i];
		best->needs[i] |= d->needs[i];
	}
	best->root |= d->root;
	best->module = best->module.n && !kj_str_eq(best->module, d->module)
	                       ? kj_str_fmt(j->host->arena, "%.*s %.*s", KJ_FMT(best->module), KJ_FMT(d->module))
	                       : d->module;
	if (d->note.n)
		best->note = d->note;
	if (d->whom.n)
		best->whom = d->whom;
}

static void judge_entry(struct judge *j, struct stack *s, size_t i)
{
	const struct kj_pam_entry *e = &s->pam->list.at[i];
	size_t m = module_find(e->module);
	if (m == MODULES || e->substack || e->broken)
		return;
	struct kj_origin at = kj_origin_of(e->row);
	struct demand d = {.module = e->module, .length_at = at, .needs_at = {at, at, at}};
	modules[m].demand(j, e, &d);
	/* pam_unix refuses to store, whatever the control makes of that */
	bool is_unix = kj_str_eq(e->module, KJ_STR("pam_unix"));
	if (is_unix ? d.min_length == 0 : !counts(j, s, i, &d))
		return;
	if (!is_unix)
		s->holder = s->holder ? s->holder : e;
	join(j, s, &d);
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
	const struct demand *b = &s->best;
	struct kj_origin stored = kj_origin_of(s->pam->list.at[s->stored_at].row);
	struct kj_origin at = s->holder ? kj_origin_of(s->holder->row) : s->why.n ? s->why_at : stored;
	bool any = b->module.n;
	bool enforced = s->holder || (!s->why.n && any);
	show(j, s, "min_length", kj_str_fmt(j->host->arena, "%lld", (long long)b->min_length), any ? b->length_at : at);
	show(j, s, "demands_letter", yes_no(b->needs[KJ_DEMAND_LETTER]), any ? b->needs_at[KJ_DEMAND_LETTER] : at);
	show(j, s, "demands_digit", yes_no(b->needs[KJ_DEMAND_DIGIT]), any ? b->needs_at[KJ_DEMAND_DIGIT] : at);
	show(j, s, "demands_symbol", yes_no(b->needs[KJ_DEMAND_SYMBOL]), any ? b->needs_at[KJ_DEMAND_SYMBOL] : at);
	show(j, s, "enforced", yes_no(enforced), at);
	struct kj_setting *force = &j->out->settings.at[j->out->settings.n - 1];
	force->note = force->note.n ? force->note : b->whom;
	show(j, s, "root_enforced", yes_no(enforced && b->root), at);
	show(j, s, "module", any ? b->module : KJ_STR("none"), at);
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
	while (i < stack->list.n && !stores(&stack->list.at[i]))
		i++;
	return i;
}

static void show_missing(struct judge *j, const struct stack *s, const struct kj_pam_missing *missing)
{
	if (missing->unseen) {
		j->unseen = kj_str_fmt(j->host->arena, "the PAM file '%.*s'", KJ_FMT(missing->name));
		return;
	}
	struct kj_setting *broken = kj_setting_add(j->host, j->out, KJ_STR("enforced"), KJ_STR(""), KJ_STATE_ERROR,
	                                           kj_origin_of(s->pam->list.at[0].row));
	broken->scope = s->scope;
	kj_setting_note(j->host, broken, "the stack includes '%.*s', which is not there", KJ_FMT(missing->name));
}

static void judge_stack(struct judge *j, const struct kj_pam_stack *pam, bool own)
{
	struct kj_pam_stack typed = kj_pam_of_type(j->host, pam, KJ_STR("password"));
	struct stack s = {.pam = &typed, .scope = pam->service, .stored_at = first_store(&typed)};
	if (s.stored_at == typed.list.n && typed.missing.n && typed.missing.at[0].unseen)
		show_missing(j, &s, &typed.missing.at[0]);
	if (s.stored_at == typed.list.n)
		return; /* nothing here can set a password */
	bool all_own = true;
	for (size_t i = 0; i < typed.list.n; i++)
		all_own &= kj_str_ends(typed.list.at[i].row->text->name, pam->file);
	if (all_own != own || seen_before(j, &typed))
		return;
	if (typed.missing.n) {
		show_missing(j, &s, &typed.missing.at[0]);
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
	struct judge j = {.host = host, .out = out, .conf = &conf};
	/* the files whose own lines make a stack come first, so that the stack has their name */
	for (size_t i = 0; i < pam.stacks.n; i++)
		judge_stack(&j, &pam.stacks.at[i], true);
	for (size_t i = 0; i < pam.stacks.n; i++)
		judge_stack(&j, &pam.stacks.at[i], false);
	if (j.unseen.n)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "%.*s was not collected", KJ_FMT(j.unseen));
	else if (conf.reads.broken && j.out->settings.n)
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(conf.reads.broken_path),
		                  KJ_FMT(conf.reads.broken->message));
	else
		kj_note_texts(host, &conf.reads, out);
}
