/* The source `account`: passwd, shadow, group and gshadow as one row an account, decided as the programs that let
   people in decide it: glibc reads the lines (nss.c), pam_unix judges passwords and their age, initgroups(3) the
   groups. What needs an artifact that was not collected is an unseen cell. */
#include "resolve/account.h"

const char *const kj_account_columns[] = {
        "name",       "uid",       "gid",         "group",       "groups",           "other_groups",   "gecos",
        "home",       "shell",     "login_shell", "interactive", "system",           "password_state", "passwordless",
        "locked",     "hash",      "key_login",   "expired",     "change_due",       "changed",        "min",
        "max",        "warn",      "inactive",    "expires",     "password_expires", "admin",          "admin_by",
        "uid_shared", "uid_names", "name_lines",  NULL};
_Static_assert(sizeof kj_account_columns / sizeof *kj_account_columns == KJ_ACCOUNT_COLUMNS + 1, "one name a column");

enum { ACCOUNTS_MAX = 200000, NAMES_SHOWN = 20 };

struct accounts {
	struct kj_host *host;
	const struct kj_node *with;
	struct kj_resolved *out;
	const struct kj_nss *passwd, *shadow;
	const struct kj_account_groups *groups;
	struct kj_map by_uid, by_name, in_shadow, in_sudo;
	int64_t uid_min; /* -1: login.defs was not seen */
	struct kj_rows *rows;
	KJ_VEC(const struct kj_nss_passwd *) lines; /* that get a row */
};

/* ---- what is an account ---- */

/* nss_compat takes lines with + and - for those of NIS: "+" brings accounts, "-NAME" hides those that follow.
   Everybody else passes over them (nsswitch.conf(5)). */
enum line { LINE_ACCOUNT, LINE_NOTHING, LINE_NIS, LINE_HIDES };

static enum line line_of(const struct accounts *all, const struct kj_nss_passwd *e,
                         const struct kj_nss_services *services)
{
	if (!kj_nss_is_compat(e->name) || all->passwd->captured)
		return LINE_ACCOUNT;
	bool heeded = services->compat || !services->known;
	if (e->name.p[0] == '-')
		return services->compat ? LINE_HIDES : LINE_NOTHING;
	return heeded ? LINE_NIS : LINE_NOTHING;
}

static kj_str number(struct kj_arena *arena, uint32_t id)
{
	return kj_str_fmt(arena, "%u", id);
}

/* False: its name stood before. */
static bool count_line(struct accounts *all, const struct kj_nss_passwd *e)
{
	struct kj_arena *arena = all->host->arena;
	struct kj_nss_shared *lines = kj_nss_shared(arena, &all->by_name, e->name);
	if (lines->n++)
		return false;
	kj_nss_share(kj_nss_shared(arena, &all->by_uid, number(arena, e->uid)), e->name);
	return true;
}

/* ---- cells ---- */

/* An empty field is /bin/sh (login(1), sshd(8)). */
static void put_shell(struct kj_account *a, const struct kj_node *with)
{
	kj_str shell = a->entry->shell.n ? a->entry->shell : KJ_STR("/bin/sh");
	size_t slash = kj_str_find_last(shell, '/');
	kj_str name = slash < shell.n ? kj_str_from(shell, slash + 1) : shell;
	kj_account_put(a, KJ_ACCOUNT_SHELL, shell);
	kj_account_flag(a, KJ_ACCOUNT_LOGIN_SHELL, !kj_account_listed(kj_doc_get(with, KJ_STR("no_shells")), name));
}

/* Without login.defs: distributions have begun people's numbers at 500 or at 1000. */
static void put_kind(struct kj_account *a, int64_t uid_min)
{
	enum { NOBODY = 65534, NOBODY_16 = 65535, LEAST_MIN = 500, USUAL_MIN = 1000 };
	int64_t uid = a->entry->uid;
	bool sure = uid_min >= 0 || uid < LEAST_MIN || uid >= USUAL_MIN;
	bool system = uid != 0 && (uid < (uid_min >= 0 ? uid_min : USUAL_MIN) || uid == NOBODY || uid == NOBODY_16);
	bool shell = kj_str_eq(a->cell[KJ_ACCOUNT_LOGIN_SHELL], KJ_STR("yes"));
	kj_str why = KJ_STR("/etc/login.defs (UID_MIN) was not collected");
	kj_account_flag(a, KJ_ACCOUNT_SYSTEM, system);
	kj_account_flag(a, KJ_ACCOUNT_INTERACTIVE, shell && !system);
	if (!sure)
		kj_account_unseen(a, KJ_ACCOUNT_SYSTEM, why);
	if (!sure && shell)
		kj_account_unseen(a, KJ_ACCOUNT_INTERACTIVE, why);
}

static void put_shared(struct accounts *all, struct kj_account *a)
{
	const struct kj_nss_shared *names = kj_map_get(&all->by_uid, a->cell[KJ_ACCOUNT_UID]);
	const struct kj_nss_shared *lines = kj_map_get(&all->by_name, a->entry->name);
	kj_account_flag(a, KJ_ACCOUNT_UID_SHARED, names->n > 1);
	kj_account_put(a, KJ_ACCOUNT_UID_NAMES, kj_buf_str(&names->names));
	kj_account_put(a, KJ_ACCOUNT_NAME_LINES, kj_str_fmt(all->host->arena, "%zu", lines->n));
}

static struct kj_account row_of(struct accounts *all, const struct kj_nss_passwd *e)
{
	struct kj_row at = {.text = e->origin.text, .line = e->origin.line, .col = e->origin.col};
	struct kj_account a = {.host = all->host, .entry = e};
	a.cell = kj_rows_append(all->host, all->rows, &at);
	a.from = KJ_NEW_ARRAY(all->host->arena, struct kj_cell_from, KJ_ACCOUNT_COLUMNS);
	all->rows->list.at[all->rows->list.n - 1].from = a.from;
	kj_account_put(&a, KJ_ACCOUNT_NAME, e->name);
	return a;
}

static void add_account(struct accounts *all, const struct kj_nss_passwd *e)
{
	struct kj_account a = row_of(all, e);
	kj_account_put(&a, KJ_ACCOUNT_UID, number(all->host->arena, e->uid));
	kj_account_put(&a, KJ_ACCOUNT_GID, number(all->host->arena, e->gid));
	kj_account_put(&a, KJ_ACCOUNT_GECOS, e->gecos);
	kj_account_put(&a, KJ_ACCOUNT_HOME, e->home);
	put_shell(&a, all->with);
	put_kind(&a, all->uid_min);
	kj_account_password(&a, all->shadow, kj_map_get(&all->in_shadow, e->name));
	kj_account_groups(&a, all->groups, kj_map_get(&all->in_sudo, e->name));
	put_shared(all, &a);
}

/* Accounts that NIS may bring here: a row of which nothing is known keeps `every` and `no` from being true. */
static void add_nis(struct accounts *all, const struct kj_nss_passwd *e)
{
	struct kj_account a = row_of(all, e);
	a.from[KJ_ACCOUNT_NAME].secret = e->password;
	for (enum kj_account_column c = KJ_ACCOUNT_NAME + 1; c < KJ_ACCOUNT_COLUMNS; c++)
		kj_account_unseen(&a, c, KJ_STR("this line brings accounts of NIS, which were not collected"));
}

/* ---- the databases ---- */

/* The first line of a name counts, as with getspnam(3). */
static void index_shadow(struct accounts *all)
{
	for (size_t i = 0; i < all->shadow->shadow.n; i++) {
		const struct kj_nss_shadow *e = &all->shadow->shadow.at[i];
		void **place = kj_map_at(all->host->arena, &all->in_shadow, e->name);
		if (!*place)
			*place = (void *)(uintptr_t)e; /* nothing is changed through it */
	}
}

static void index_sudo(struct accounts *all)
{
	const struct kj_sudo *sudo = kj_sudo_load(all->host);
	for (size_t i = 0; i < sudo->users.n; i++) {
		void **place = kj_map_at(all->host->arena, &all->in_sudo, sudo->users.at[i].name);
		*place = *place ? *place : &sudo->users.at[i];
	}
	for (size_t i = 0; i < sudo->texts.n; i++)
		KJ_PUSH(all->host->arena, &all->out->texts, sudo->texts.at[i]);
}

static int64_t uid_min(struct kj_host *host)
{
	const struct kj_source *source = kj_program_source(host->program, KJ_STR("login_defs"));
	const struct kj_resolved *defs = source ? kj_resolve(host, source) : NULL;
	const struct kj_setting_list *list = defs ? kj_resolved_get(defs, KJ_STR("UID_MIN")) : NULL;
	int64_t value;
	if (!list || !kj_num_c(list->list.at[0]->value, &value) || value < 0)
		return -1;
	return value;
}

static void note(struct accounts *all, const char *what, kj_str which)
{
	struct kj_resolved *out = all->out;
	out->message = kj_str_fmt(all->host->arena, "%.*s%s%s%.*s", KJ_FMT(out->message), out->message.n ? "; " : "",
	                          what, KJ_FMT(which));
}

/* Accounts of the file that getent did not print. */
static void compare_file(struct accounts *all)
{
	struct kj_buf names = KJ_BUF(all->host->arena);
	const struct kj_nss *file = kj_nss_read(all->host, KJ_STR("passwd"), false);
	size_t n = 0;
	for (size_t i = 0; i < file->passwd.n; i++) {
		const struct kj_nss_passwd *e = &file->passwd.at[i];
		if (kj_nss_is_compat(e->name) || kj_map_get(&all->by_name, e->name))
			continue;
		if (n++ < NAMES_SHOWN)
			kj_buf_fmt(&names, "%s%.*s", names.n ? ", " : "", KJ_FMT(e->name));
	}
	if (n)
		note(all, "configured in /etc/passwd, not in force, since 'getent passwd' does not print it: ",
		     kj_buf_str(&names));
}

/* The lines that are accounts, each name once, and those of NIS. */
static void choose_lines(struct accounts *all)
{
	struct kj_nss_services services = kj_nss_services(all->host, KJ_STR("passwd"));
	struct kj_map hidden = {0};
	size_t n = all->passwd->passwd.n < ACCOUNTS_MAX ? all->passwd->passwd.n : ACCOUNTS_MAX;
	all->rows->capped = n < all->passwd->passwd.n;
	for (size_t i = 0; i < n; i++) {
		const struct kj_nss_passwd *e = &all->passwd->passwd.at[i];
		enum line line = line_of(all, e, &services);
		if (line == LINE_HIDES)
			*kj_map_at(all->host->arena, &hidden, kj_str_from(e->name, 1)) = all;
		bool account = line == LINE_ACCOUNT && !kj_map_get(&hidden, e->name);
		if (line == LINE_NIS || (account && count_line(all, e)))
			KJ_PUSH(all->host->arena, &all->lines, e);
	}
	if (services.elsewhere.n && !all->passwd->captured)
		note(all, "nsswitch.conf also takes accounts from ", services.elsewhere);
}

static void add_rows(struct accounts *all)
{
	for (size_t i = 0; i < all->lines.n; i++)
		if (kj_nss_is_compat(all->lines.at[i]->name) && !all->passwd->captured)
			add_nis(all, all->lines.at[i]);
		else
			add_account(all, all->lines.at[i]);
}

void kj_resolve_account(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct accounts all = {.host = host, .with = source->with, .out = out};
	all.passwd = kj_nss_load(host, KJ_STR("passwd"));
	all.shadow = kj_nss_load(host, KJ_STR("shadow"));
	out->state = all.passwd->state;
	out->message = all.passwd->message;
	out->at = all.passwd->at;
	if (out->state != KJ_STATE_EFFECTIVE)
		return;
	all.rows = kj_rows_make(host, kj_account_columns);
	kj_nss_take(host, all.passwd, out);
	kj_nss_take(host, all.shadow, out);
	all.groups = kj_account_groups_load(host, source->with, out);
	all.uid_min = uid_min(host);
	index_shadow(&all);
	index_sudo(&all);
	choose_lines(&all);
	add_rows(&all);
	if (all.passwd->captured)
		compare_file(&all);
	out->rows = all.rows;
}
