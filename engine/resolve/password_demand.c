/* What each module that judges passwords demands: from its arguments, and from the files that it reads. */
#include "resolve/password.h"
#include "resolve/pwhistory.h"

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

static void from_credits(struct kj_pw_demand *d, const struct kj_credits *credits, int64_t floor)
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

static void pwquality_demand(struct kj_pw_config *j, const struct kj_pam_entry *e, struct kj_pw_demand *d)
{
	struct kj_pwquality pwq = *j->pwquality;
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
static void cracklib_demand(struct kj_pw_config *j, const struct kj_pam_entry *e, struct kj_pw_demand *d)
{
	(void)j;
	struct kj_credits credits = {int_arg(e, "minlen", 9),  int_arg(e, "dcredit", 1), int_arg(e, "ucredit", 1),
	                             int_arg(e, "lcredit", 1), int_arg(e, "ocredit", 1), int_arg(e, "minclass", 0)};
	from_credits(d, &credits, 6);
	d->root = flag_arg(e, "enforce_for_root");
}

/* ---- pam_passwdqc: passwdqc_parse.c, passwdqc_load.c ---- */

/* Lengths by kind of password; INT32_MAX forbids the kind. */
enum { ONE_CLASS, TWO_CLASSES, PASSPHRASE, THREE_CLASSES, FOUR_CLASSES, KINDS };

struct passwdqc {
	struct kj_pw_config *config;
	int64_t min[KINDS], words; /* words: of a passphrase; 0 forbids the kind */
	kj_str enforce, garbled;   /* garbled: the option that makes the module fail */
	struct kj_origin min_at;
	unsigned depth;
};

/* "min=N0,N1,N2,N3,N4": all five, none of them greater than the one before. */
static bool passwdqc_min(kj_str list, int64_t *min)
{
	int64_t n = INT32_MAX, before = INT32_MAX;
	for (size_t i = 0; i < KINDS; i++, before = n) {
		kj_str piece;
		if (!kj_str_cut(&list, ',', &piece))
			return false;
		n = INT32_MAX;
		if (!kj_str_eq(piece, KJ_STR("disabled")) && (!kj_num_int(piece, &n) || n < 0))
			return false;
		if (n > INT32_MAX || n > before)
			return false;
		min[i] = n;
	}
	return !list.n;
}

static bool is_count(kj_str text)
{
	int64_t n;
	return kj_num_int(text, &n) && n >= 0 && n <= INT32_MAX;
}

static bool is_one_of(kj_str text, const char *words)
{
	kj_str rest = kj_str_of(words), word;
	while (kj_str_word(&rest, &word))
		if (kj_str_eq(word, text))
			return true;
	return false;
}

static void passwdqc_file(struct passwdqc *p, kj_str path);

/* False: not an option of the module. */
static bool passwdqc_option(struct passwdqc *p, kj_str option, struct kj_origin at)
{
	size_t equals = kj_str_find(option, '=');
	kj_str name = kj_str_upto(option, equals), value = kj_str_from(option, equals + 1);
	if (kj_str_eq(name, KJ_STR("min"))) {
		p->min_at = at;
		return passwdqc_min(value, p->min);
	}
	if (kj_str_eq(name, KJ_STR("enforce"))) {
		p->enforce = value;
		return is_one_of(value, "users everyone none");
	}
	if (kj_str_eq(name, KJ_STR("config"))) {
		passwdqc_file(p, value);
		return !p->garbled.n;
	}
	if (kj_str_eq(name, KJ_STR("passphrase")))
		return is_count(value) && kj_num_int(value, &p->words);
	if (kj_str_eq(name, KJ_STR("random")) && kj_str_ends(value, KJ_STR(",only"))) {
		p->min[FOUR_CLASSES] = INT32_MAX;
		return is_count(kj_str_upto(value, value.n - 5));
	}
	if (is_one_of(name, "max match retry random"))
		return is_count(value);
	if (kj_str_eq(name, KJ_STR("similar")))
		return is_one_of(value, "permit deny");
	return is_one_of(name, "wordlist denylist filter ask_oldauthtok") ||
	       is_one_of(option, "non-unix check_oldauthtok use_first_pass use_authtok noaudit");
}

static void passwdqc_take(struct passwdqc *p, kj_str option, struct kj_origin at)
{
	if (!p->garbled.n && !passwdqc_option(p, option, at) && !p->garbled.n)
		p->garbled = option;
}

static void passwdqc_file(struct passwdqc *p, kj_str path)
{
	struct kj_reads reads = {0};
	enum { NESTED_MAX = 8 };
	if (p->depth == NESTED_MAX) {
		p->garbled = path;
		return;
	}
	enum kj_presence presence = kj_read_path(p->config->host, &reads, NULL, path, KJ_STR("lines"), NULL);
	if (presence == KJ_ABSENT)
		p->garbled = path;
	else if (!reads.list.n)
		p->config->unseen = path;
	p->depth++;
	for (size_t i = 0; reads.list.n && i < reads.list.at[0].rows->list.n; i++) {
		const struct kj_row *row = &reads.list.at[0].rows->list.at[i];
		if (!kj_str_starts(row->cell[0], KJ_STR("#")))
			passwdqc_take(p, row->cell[0], kj_origin_of(row));
	}
	p->depth--;
}

/* The shortest of the kinds that are allowed. A passphrase needs its words, which min_length leaves out of account. */
static int64_t passwdqc_shortest(const struct passwdqc *p)
{
	static const int64_t classes[KINDS] = {1, 2, 1, 3, 4};
	int64_t shortest = INT32_MAX;
	for (size_t i = 0; i < KINDS; i++) {
		int64_t n = p->min[i] > classes[i] ? p->min[i] : classes[i];
		if (n < shortest && (i != PASSPHRASE || p->words))
			shortest = n;
	}
	return shortest;
}

static void passwdqc_demand(struct kj_pw_config *j, const struct kj_pam_entry *e, struct kj_pw_demand *d)
{
	struct passwdqc p = {.config = j,
	                     .min = {INT32_MAX, 24, 11, 8, 7},
	                     .words = 3,
	                     .enforce = KJ_STR("everyone"),
	                     .min_at = d->length_at};
	for (size_t i = 0; i < e->args; i++)
		passwdqc_take(&p, e->arg[i], kj_origin_of(e->row));
	d->min_length = passwdqc_shortest(&p);
	bool phrase = p.words && p.min[PASSPHRASE] < INT32_MAX;
	bool few = phrase || p.min[ONE_CLASS] < INT32_MAX || p.min[TWO_CLASSES] < INT32_MAX;
	/* of three classes one is of letters */
	d->needs[KJ_DEMAND_LETTER] = !few;
	d->needs[KJ_DEMAND_DIGIT] = d->needs[KJ_DEMAND_SYMBOL] = !few && p.min[THREE_CLASSES] == INT32_MAX;
	for (int i = 0; i < 3; i++)
		d->needs_at[i] = p.min_at;
	d->length_at = p.min_at;
	d->root = kj_str_eq(p.enforce, KJ_STR("everyone"));
	d->lax = kj_str_eq(p.enforce, KJ_STR("none"));
	d->garbled = p.garbled.n > 0;
	if (d->garbled)
		d->note = kj_str_fmt(j->host->arena, "it takes no '%.*s', and fails", KJ_FMT(p.garbled));
	else if (d->lax)
		d->note = KJ_STR("enforce=none: bad passwords are only warned of");
}

/* ---- pam_unix, pam_pwhistory ---- */

/* The whole number that a text begins with, as atoi reads it. */
static int64_t leading_int(kj_str text)
{
	text = kj_str_trim_left(text);
	size_t n = text.n && (text.p[0] == '-' || text.p[0] == '+');
	while (n < text.n && kj_is_digit(text.p[n]))
		n++;
	int64_t value = 0;
	kj_num_int(kj_str_from(kj_str_upto(text, n), kj_str_starts(text, KJ_STR("+"))), &value);
	return value < 0 ? 0 : value < INT32_MAX ? value : INT32_MAX;
}

/* pam_unix(8): no least length unless `minlen` says one; Debian's has 6, and its `obscure` takes nothing of fewer than 5.
   Root is not held to it. */
static void unix_demand(struct kj_pw_config *j, const struct kj_pam_entry *e, struct kj_pw_demand *d)
{
	bool debian = kj_pam_debian(j->host->export);
	kj_str text;
	d->min_length = kj_pam_arg(e, KJ_STR("minlen"), &text) ? leading_int(text) : debian ? 6 : 0;
	if (debian && flag_arg(e, "obscure") && d->min_length < 5)
		d->min_length = 5;
	d->remember = kj_pam_arg(e, KJ_STR("remember"), &text) ? leading_int(text) : 0;
	d->remember = d->remember > 400 ? 400 : d->remember;
}

static void pwhistory_demand(struct kj_pw_config *j, const struct kj_pam_entry *e, struct kj_pw_demand *d)
{
	struct kj_pwhistory history = kj_pwhistory_of(j->host, e);
	if (history.unseen.n)
		j->unseen = history.unseen;
	d->remember = history.value[KJ_PWH_REMEMBER].num;
	if (history.value[KJ_PWH_REMEMBER].set)
		d->remember_at = history.value[KJ_PWH_REMEMBER].origin;
	d->root = history.value[KJ_PWH_ENFORCE_FOR_ROOT].num != 0;
}

static const struct {
	const char *module;
	void (*demand)(struct kj_pw_config *j, const struct kj_pam_entry *e, struct kj_pw_demand *d);
} modules[] = {
        {"pam_pwquality", pwquality_demand}, {"pam_cracklib", cracklib_demand}, {"pam_passwdqc", passwdqc_demand},
        {"pam_pwhistory", pwhistory_demand}, {"pam_unix", unix_demand},
};
#define MODULES (sizeof modules / sizeof *modules)

static size_t module_find(const struct kj_pam_entry *e)
{
	size_t i = 0;
	while (i < MODULES && !kj_pam_is(e, modules[i].module))
		i++;
	return i;
}

bool kj_pw_judges(const struct kj_pam_entry *e)
{
	return module_find(e) < MODULES && !kj_pam_is(e, "pam_unix");
}

bool kj_pw_demands(struct kj_pw_config *config, const struct kj_pam_entry *e, struct kj_pw_demand *d)
{
	size_t m = module_find(e);
	struct kj_origin at = kj_origin_of(e->row);
	*d = (struct kj_pw_demand){.length_at = at, .needs_at = {at, at, at}, .remember_at = at};
	if (m < MODULES)
		modules[m].demand(config, e, d);
	return m < MODULES;
}

/* ---- modules that store passwords ---- */

bool kj_pw_stores(const struct kj_pam_entry *e)
{
	static const char *const names[] = {"pam_unix", "pam_unix2",   "pam_tcb",        "pam_sss",         "pam_ldap",
	                                    "pam_krb5", "pam_winbind", "pam_himmelblau", "pam_systemd_home"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_pam_is(e, names[i]))
			return true;
	return false;
}
