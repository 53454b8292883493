/* The sources `sudoers` (a row for each command that somebody may run, settings for Defaults) and `sudo_admins` (who may
   become root by it). */
#include "resolve/sudoers_policy.h"

const char *const kj_sudoers_columns[] = {"user",        "users",   "others",  "host",    "here",     "runas_user",
                                          "runas_group", "as_root", "command", "negated", "nopasswd", "setenv",
                                          "noexec",      "tags",    "options", "decides", NULL};
enum {
	USER,
	USERS,
	OTHERS,
	HOST,
	HERE,
	RUNAS_USER,
	RUNAS_GROUP,
	AS_ROOT,
	COMMAND,
	NEGATED,
	NOPASSWD,
	SETENV,
	NOEXEC,
	TAGS,
	OPTIONS,
	DECIDES
};

enum { ROWS_MAX = 100000 };

struct writer {
	struct sudo_policy *policy;
	struct kj_rows *rows;
	size_t root;
	bool full;
	/* the entry at work */
	const struct sudo_granted *granted;
	const struct kj_sudo_privilege *privilege;
	const struct kj_sudo_spec *spec;
	kj_str user, users, others, host, here;
};

static kj_str yes_no(bool yes)
{
	return yes ? KJ_STR("yes") : KJ_STR("no");
}

static kj_str says(unsigned mask)
{
	return mask == SUDO_ALLOW ? KJ_STR("yes") : mask & SUDO_ALLOW ? KJ_STR("unknown") : KJ_STR("no");
}

/* ---- whom ---- */

static kj_str names_of(struct writer *w, const struct sudo_people_mask *mask)
{
	struct kj_buf names = KJ_BUF(w->policy->host->arena);
	const struct sudo_people *people = &w->policy->people;
	sudo_policy_work(w->policy, people->accounts.n);
	for (size_t i = 0; i < people->accounts.n; i++) {
		if (!(sudo_people_of(mask, i) & SUDO_ALLOW))
			continue;
		if (names.n)
			kj_buf_char(&names, KJ_PARSE_LIST);
		kj_buf_put(&names, people->accounts.at[i].name);
	}
	return kj_buf_str(&names);
}

/* Whom it may mean that /etc/passwd does not name: a directory's people, or anybody where passwd was not seen. */
static kj_str others(const struct sudo_policy *policy, const struct sudo_people_mask *mask)
{
	unsigned beyond = sudo_people_of(mask, policy->people.accounts.n);
	return yes_no(policy->people.directory && beyond & SUDO_ALLOW);
}

/* How many there are to ask about: the accounts, and one that stands for the people of a directory. */
static size_t everybody(const struct sudo_policy *policy)
{
	return policy->people.accounts.n + policy->people.directory;
}

/* ---- passwords ---- */

static bool any_command_exempt(const struct sudo_policy *policy)
{
	for (size_t i = 0; i < policy->settings.n; i++) {
		const struct sudo_set *s = &policy->settings.at[i];
		if (!s->problem && s->d->scope == KJ_SUDO_CMND && s->d->op == '!' &&
		    kj_str_eq(s->d->name, KJ_STR("authenticate")))
			return true;
	}
	return false;
}

/* May somebody whom the entry is for run the command without a password? Root itself is never asked. */
static kj_str nopasswd(struct writer *w, const struct sudo_question *asked)
{
	struct sudo_policy *policy = w->policy;
	uint8_t tag = w->spec->tag[KJ_SUDO_NOPASSWD];
	unsigned all = 0;
	if (tag == KJ_SUDO_ON)
		return KJ_STR("yes");
	if (tag == KJ_SUDO_UNSET && !asked->probe.path.n && any_command_exempt(policy))
		return KJ_STR("yes");
	for (size_t i = 0; i < everybody(policy) && sudo_policy_work(policy, 1); i++) {
		bool root = i < policy->people.accounts.n && policy->people.accounts.at[i].uid == 0;
		if (root || !(sudo_people_of(&w->granted->people, i) & SUDO_ALLOW))
			continue;
		struct sudo_question question = *asked;
		question.account = i;
		unsigned one = sudo_password(policy, w->spec, &question);
		if (one == SUDO_DENY)
			return KJ_STR("yes");
		all |= one;
	}
	return all & SUDO_DENY ? KJ_STR("unknown") : KJ_STR("no");
}

/* ---- who decides ---- */

/* Is this entry the last word on its command for somebody? A pattern is asked about as if it were a path. */
static kj_str decides(struct writer *w, const struct sudo_question *asked, bool asked_well)
{
	struct sudo_policy *policy = w->policy;
	if (!asked_well)
		return KJ_STR("yes");
	for (size_t i = 0; i < everybody(policy) && sudo_policy_work(policy, 1); i++) {
		if (!(sudo_people_of(&w->granted->people, i) & SUDO_ALLOW))
			continue;
		struct sudo_question question = *asked;
		question.account = i;
		if (sudo_may_decide(policy, &question, w->spec))
			return KJ_STR("yes");
	}
	return KJ_STR("no");
}

/* The account that an entry is asked about: root where it may be, else any it names. False: none is known. */
static bool target_of(struct writer *w, size_t *target)
{
	*target = w->root;
	if (sudo_match_runas(w->policy, w->spec, w->root, w->policy->runas_default) & SUDO_ALLOW)
		return true;
	for (size_t i = 0; i < w->policy->people.accounts.n && sudo_policy_work(w->policy, 1); i++) {
		*target = i;
		if (sudo_match_runas(w->policy, w->spec, i, w->policy->runas_default) & SUDO_ALLOW)
			return true;
	}
	return false;
}

/* ---- rows ---- */

static void put_tags(struct writer *w, kj_str *cells)
{
	struct kj_buf tags = KJ_BUF(w->policy->host->arena), options = KJ_BUF(w->policy->host->arena);
	const struct kj_sudo_spec *spec = w->spec;
	for (size_t t = 0; t < KJ_SUDO_TAGS; t++)
		if (spec->tag[t] == KJ_SUDO_ON || spec->tag[t] == KJ_SUDO_OFF)
			kj_buf_fmt(&tags, "%s%s", tags.n ? " " : "", kj_sudo_tag_names[t][spec->tag[t] == KJ_SUDO_OFF]);
	for (size_t o = 0; o < KJ_SUDO_OPTIONS; o++)
		if (spec->option[o].n)
			kj_buf_fmt(&options, "%s%s=%.*s", options.n ? " " : "", kj_sudo_option_names[o],
			           KJ_FMT(spec->option[o]));
	cells[TAGS] = kj_buf_str(&tags);
	cells[OPTIONS] = kj_buf_str(&options);
}

/* Does a flag hold, by its tag or else by Defaults for everybody? */
static bool flag(const struct sudo_policy *policy, const struct kj_sudo_spec *spec, enum kj_sudo_tag tag,
                 const char *name)
{
	bool on = spec->tag[tag] == KJ_SUDO_ON || spec->tag[tag] == KJ_SUDO_IMPLIED;
	if (spec->tag[tag] != KJ_SUDO_UNSET)
		return on;
	for (size_t i = 0; i < policy->settings.n; i++) {
		const struct sudo_set *s = &policy->settings.at[i];
		if (!s->problem && s->d->scope == KJ_SUDO_GLOBAL && kj_str_eq(s->d->name, kj_str_of(name)))
			on = s->d->op != '!';
	}
	return on;
}

static void put_runas(struct writer *w, kj_str *cells)
{
	struct kj_arena *arena = w->policy->host->arena;
	const struct kj_sudo_spec *spec = w->spec;
	cells[RUNAS_USER] = spec->users    ? kj_sudo_list_text(arena, spec->users)
	                    : spec->groups ? KJ_STR("")
	                                   : w->policy->runas_default;
	cells[RUNAS_GROUP] = spec->groups ? kj_sudo_list_text(arena, spec->groups) : KJ_STR("");
	cells[AS_ROOT] = says(sudo_match_runas(w->policy, spec, w->root, w->policy->runas_default));
}

static void put_command(struct writer *w, const struct kj_sudo_member *m, bool negated)
{
	struct kj_arena *arena = w->policy->host->arena;
	if (w->rows->list.n >= ROWS_MAX) {
		w->full = true;
		return;
	}
	struct kj_row from = {.text = w->granted->text, .line = w->spec->command.line, .col = w->spec->command.col};
	kj_str *cells = kj_rows_append(w->policy->host, w->rows, &from);
	struct kj_sudo_member plain = *m;
	plain.negated = false;
	bool path = m->kind == KJ_SUDO_COMMAND && m->name.p[0] == '/' && !kj_str_ends(m->name, KJ_STR("/"));
	struct sudo_question question = {.probe = {path ? m->name : KJ_STR(""), m->has_args ? m->args : KJ_STR("")}};
	bool asked_well = target_of(w, &question.target) && (path || m->kind == KJ_SUDO_ALL);
	cells[USER] = w->user;
	cells[USERS] = w->users;
	cells[OTHERS] = w->others;
	cells[HOST] = w->host;
	cells[HERE] = w->here;
	cells[COMMAND] = kj_sudo_member_text(arena, &plain);
	cells[NEGATED] = yes_no(negated);
	cells[NOPASSWD] = negated ? KJ_STR("no") : nopasswd(w, &question);
	cells[SETENV] = yes_no(flag(w->policy, w->spec, KJ_SUDO_SETENV, "setenv"));
	cells[NOEXEC] = yes_no(flag(w->policy, w->spec, KJ_SUDO_NOEXEC, "noexec"));
	cells[DECIDES] = decides(w, &question, asked_well);
	put_runas(w, cells);
	put_tags(w, cells);
}

/* An alias is what it stands for; one that is not defined stands for nothing, and is shown as it is written. */
static void expand(struct writer *w, const struct kj_sudo_member *m, bool negated)
{
	struct sudo_named *named =
	        m->kind == KJ_SUDO_ALIAS ? kj_map_get(&w->policy->aliases[KJ_SUDO_CMND], m->name) : NULL;
	negated ^= m->negated;
	if (!named || named->open) {
		put_command(w, m, negated);
		return;
	}
	if (!sudo_policy_enter(w->policy))
		return;
	named->open = true;
	for (size_t i = 0; i < named->alias->members.of.n && !w->full && sudo_policy_work(w->policy, 1); i++)
		expand(w, &named->alias->members.of.at[i], negated);
	named->open = false;
	w->policy->nesting--;
}

static void write_grant(struct writer *w, const struct sudo_granted *granted)
{
	struct kj_arena *arena = w->policy->host->arena;
	w->granted = granted;
	w->user = kj_sudo_list_text(arena, &granted->grant->users);
	w->users = names_of(w, &granted->people);
	w->others = others(w->policy, &granted->people);
	for (size_t p = 0; p < granted->grant->privileges.n; p++) {
		w->privilege = &granted->grant->privileges.at[p];
		w->host = kj_sudo_list_text(arena, &w->privilege->hosts);
		unsigned host = sudo_match_host(w->policy, &w->privilege->hosts);
		for (size_t s = 0; s < w->privilege->specs.n && !w->full; s++) {
			w->spec = &w->privilege->specs.at[s];
			unsigned now = sudo_match_time(w->policy, w->spec);
			w->here = says(!(host & SUDO_ALLOW) || !(now & SUDO_ALLOW) ? SUDO_SILENT : host | now);
			expand(w, &w->spec->command, false);
		}
	}
}

static void write_rows(struct sudo_policy *policy, struct kj_resolved *out)
{
	struct writer w = {.policy = policy,
	                   .rows = kj_rows_make(policy->host, kj_sudoers_columns),
	                   .root = sudo_root_account(policy)};
	for (size_t i = 0; i < policy->grants.n && !w.full && policy->state != KJ_STATE_ERROR; i++)
		write_grant(&w, &policy->grants.at[i]);
	for (size_t i = 0; i < policy->beyond.n; i++) {
		kj_rows_append(policy->host, w.rows, &policy->beyond.at[i]);
	}
	if (w.full)
		sudo_policy_state(policy, KJ_STATE_ERROR, "sudoers lets people run more than %d commands", ROWS_MAX);
	out->rows = w.rows;
}

/* ---- a captured cvtsudoers beside the files ---- */

/* The rows as cvtsudoers and the files can be compared: it writes lengths of time as seconds. */
static kj_str fingerprint(struct kj_host *host, const struct kj_rows *rows)
{
	struct kj_buf buf = KJ_BUF(host->arena);
	for (size_t i = 0; i < rows->list.n; i++) {
		for (size_t c = 0; c < rows->column_count; c++) {
			if (c != OPTIONS && c != TAGS && c != DECIDES)
				kj_buf_fmt(&buf, "%.*s|", KJ_FMT(rows->list.at[i].cell[c]));
		}
		kj_buf_char(&buf, '\n');
	}
	return kj_buf_str(&buf);
}

static void compare(struct sudo_policy *policy, struct kj_resolved *out)
{
	struct kj_resolved other = {.state = KJ_STATE_EFFECTIVE};
	if (!policy->otherwise || policy->state != KJ_STATE_EFFECTIVE)
		return;
	KJ_PUSH(policy->host->arena, &out->texts, policy->otherwise->captured);
	write_rows(policy->otherwise, &other);
	if (kj_str_eq(fingerprint(policy->host, out->rows), fingerprint(policy->host, other.rows)))
		return;
	KJ_PUSH(policy->host->arena, &out->bad,
	        (struct kj_row){.text = policy->otherwise->captured,
	                        .line = 1,
	                        .col = 1,
	                        .bad = true,
	                        .problem = "the captured output is not of these files: the files are judged"});
}

/* ---- the sources ---- */

static void take_state(const struct sudo_policy *policy, struct kj_resolved *out)
{
	out->state = policy->state;
	out->message = policy->message;
	out->refused = policy->refused && policy->state == KJ_STATE_NOT_IN_FORCE;
	out->at = policy->at;
}

void kj_resolve_sudoers(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct sudo_policy *policy = sudo_policy_load(host);
	(void)source;
	kj_note_texts(host, &policy->reads, out);
	for (size_t i = 0; i < policy->bad.n; i++)
		KJ_PUSH(host->arena, &out->bad, policy->bad.at[i]);
	if (policy->state == KJ_STATE_EFFECTIVE || policy->state == KJ_STATE_NOT_IN_FORCE) {
		sudo_defaults_apply(policy, out);
		write_rows(policy, out);
		compare(policy, out);
	}
	take_state(policy, out);
	if (out->refused)
		kj_settings_out_of_force(host, out);
}

const char *const kj_sudo_admins_columns[] = {"user", "root", "password", "why", NULL};

static kj_str answer_text(enum kj_sudo_answer answer)
{
	static const kj_str texts[] = {KJ_STR_INIT("no"), KJ_STR_INIT("yes"), KJ_STR_INIT("unknown")};
	return texts[answer];
}

void kj_resolve_sudo_admins(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	const struct kj_sudo *sudo = kj_sudo_load(host);
	struct kj_rows *rows = kj_rows_make(host, kj_sudo_admins_columns);
	(void)source;
	for (size_t i = 0; i < sudo->texts.n; i++)
		KJ_PUSH(host->arena, &out->texts, sudo->texts.at[i]);
	for (size_t i = 0; i < sudo->users.n; i++) {
		const struct kj_sudo_user *user = &sudo->users.at[i];
		if (user->root == KJ_SUDO_NO)
			continue;
		struct kj_row from = {.text = user->by.text, .line = user->by.line, .col = user->by.col};
		kj_str *cells = kj_rows_append(host, rows, &from);
		cells[0] = user->name;
		cells[1] = answer_text(user->root);
		cells[2] = answer_text(user->password);
		cells[3] = user->why;
	}
	out->rows = rows;
	out->state = sudo->state;
	out->message = sudo->message;
}
