/* What `cvtsudoers -f json` prints: the same policy without lines. It does not tell Defaults of users from those of accounts
   to run as, so these count as both; and where a command has CWD, CHROOT, ROLE or TYPE, sudo 1.9.13 prints text that is no
   JSON. */
#include "resolve/sudoers_policy.h"

struct json {
	struct sudo_policy *policy;
	struct kj_arena *arena;
	const struct kj_text *text;
};

static kj_str text_of(const struct kj_node *node)
{
	return node && node->kind != KJ_MAP && node->kind != KJ_SEQ ? node->text : KJ_STR("");
}

static bool is_true(const struct kj_node *node)
{
	return node && node->kind == KJ_BOOL && node->num;
}

/* ---- members ---- */

/* How a member is called in the output, and what stands before its name in sudoers. */
static const struct {
	kj_str key;
	enum kj_sudo_kind kind;
	const char *mark;
} kinds[] = {
        {KJ_STR_INIT("username"), KJ_SUDO_WORD, ""},        {KJ_STR_INIT("userid"), KJ_SUDO_WORD, "#"},
        {KJ_STR_INIT("usergroup"), KJ_SUDO_GROUP, "%"},     {KJ_STR_INIT("usergid"), KJ_SUDO_GROUP, "%#"},
        {KJ_STR_INIT("nonunixgroup"), KJ_SUDO_GROUP, "%:"}, {KJ_STR_INIT("nonunixgid"), KJ_SUDO_GROUP, "%:#"},
        {KJ_STR_INIT("netgroup"), KJ_SUDO_NETGROUP, "+"},   {KJ_STR_INIT("hostname"), KJ_SUDO_WORD, ""},
        {KJ_STR_INIT("networkaddr"), KJ_SUDO_ADDRESS, ""},  {KJ_STR_INIT("useralias"), KJ_SUDO_ALIAS, ""},
        {KJ_STR_INIT("runasalias"), KJ_SUDO_ALIAS, ""},     {KJ_STR_INIT("hostalias"), KJ_SUDO_ALIAS, ""},
        {KJ_STR_INIT("cmndalias"), KJ_SUDO_ALIAS, ""},      {KJ_STR_INIT("command"), KJ_SUDO_COMMAND, ""},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static size_t kind_of(const struct kj_node *node, kj_str *name)
{
	size_t k = 0;
	const struct kj_node *value = NULL;
	while (k < KINDS && !(value = kj_doc_get(node, kinds[k].key)))
		k++;
	*name = text_of(value);
	return k;
}

/* A path and its arguments are one text. */
static void split_command(struct json *j, struct kj_sudo_member *m)
{
	kj_str text = m->name;
	size_t end = kj_str_find(text, ' ');
	if (kj_str_starts(text, KJ_STR("^"))) {
		end = kj_str_find_str(text, KJ_STR("$ "));
		end += end < text.n;
		j->policy->typed = true;
	}
	m->name = kj_str_upto(text, end);
	m->has_args = end < text.n;
	m->args = kj_str_from(text, end + 1);
}

static kj_str digests_of(struct json *j, const struct kj_node *node)
{
	struct kj_buf buf = KJ_BUF(j->arena);
	for (size_t i = 0; i < node->n; i++) {
		kj_str key = node->pairs[i].key->text;
		if (!kj_str_starts(key, KJ_STR("sha")))
			continue;
		if (buf.n)
			kj_buf_char(&buf, KJ_PARSE_LIST);
		kj_buf_fmt(&buf, "%.*s:%.*s", KJ_FMT(key), KJ_FMT(text_of(node->pairs[i].value)));
	}
	return kj_buf_str(&buf);
}

/* `groups`: of the groups to run as, which have no mark in sudoers. */
static bool read_member(struct json *j, const struct kj_node *node, bool groups, struct kj_sudo_member *m)
{
	kj_str name;
	if (node->kind != KJ_MAP)
		return false;
	size_t k = kind_of(node, &name);
	if (k == KINDS)
		return false;
	*m = (struct kj_sudo_member){.kind = kinds[k].kind, .line = node->span.line, .col = node->span.col};
	m->negated = is_true(kj_doc_get(node, KJ_STR("negated")));
	bool mark = !groups || kinds[k].kind != KJ_SUDO_GROUP;
	const char *before = !mark && kj_str_eq(kinds[k].key, KJ_STR("usergid")) ? "#" : mark ? kinds[k].mark : "";
	m->name = kj_str_fmt(j->arena, "%s%.*s", before, KJ_FMT(name));
	if (!mark)
		m->kind = KJ_SUDO_WORD;
	if (kj_str_eq(name, KJ_STR("ALL")) && m->kind != KJ_SUDO_ALIAS)
		m->kind = KJ_SUDO_ALL;
	else if (!name.n && m->kind == KJ_SUDO_WORD)
		m->kind = KJ_SUDO_SELF;
	else if (m->kind == KJ_SUDO_COMMAND)
		split_command(j, m);
	if (kj_str_eq(kinds[k].key, KJ_STR("command")))
		m->digests = digests_of(j, node);
	return true;
}

static bool read_list(struct json *j, const struct kj_node *node, bool groups, struct kj_sudo_list *list)
{
	for (size_t i = 0; node && i < node->n; i++) {
		struct kj_sudo_member m;
		if (node->kind != KJ_SEQ || !read_member(j, node->items[i], groups, &m))
			return false;
		KJ_PUSH(j->arena, &list->of, m);
	}
	return true;
}

static struct kj_sudo_entry entry_at(const struct kj_node *node, enum kj_sudo_entry_kind kind)
{
	return (struct kj_sudo_entry){
	        .kind = kind, .line = node->span.line, .col = node->span.col, .last = node->span.line};
}

/* ---- Defaults ---- */

static kj_str words_of(struct json *j, const struct kj_node *list)
{
	struct kj_buf buf = KJ_BUF(j->arena);
	for (size_t i = 0; i < list->n; i++)
		kj_buf_fmt(&buf, "%s%.*s", i ? " " : "", KJ_FMT(text_of(list->items[i])));
	return kj_buf_str(&buf);
}

static void take_default(struct json *j, const struct kj_node *option, enum kj_sudo_scope scope,
                         const struct kj_sudo_list *binding)
{
	kj_str operation = text_of(kj_doc_get(option, KJ_STR("operation")));
	for (size_t i = 0; option->kind == KJ_MAP && i < option->n; i++) {
		const struct kj_node *value = option->pairs[i].value;
		struct kj_sudo_default *d = KJ_NEW(j->arena, struct kj_sudo_default);
		if (kj_str_eq(option->pairs[i].key->text, KJ_STR("operation")))
			continue;
		*d = (struct kj_sudo_default){.scope = scope,
		                              .binding = binding,
		                              .name = option->pairs[i].key->text,
		                              .line = option->span.line,
		                              .col = option->span.col};
		d->op = value->kind == KJ_BOOL ? (value->num ? 't' : '!') : '=';
		d->value = value->kind == KJ_SEQ    ? words_of(j, value)
		           : value->kind == KJ_BOOL ? KJ_STR("")
		                                    : text_of(value);
		if (kj_str_eq(operation, KJ_STR("list_add")))
			d->op = '+';
		else if (kj_str_eq(operation, KJ_STR("list_remove")))
			d->op = '-';
		struct kj_sudo_entry entry = entry_at(option, KJ_SUDO_DEFAULT);
		entry.is.setting = d;
		sudo_policy_take(j->policy, j->text, &entry);
	}
}

/* What the binding's members show; *both: users or accounts to run as, nobody can tell. */
static enum kj_sudo_scope scope_of(const struct kj_node *binding, bool *both)
{
	*both = false;
	for (size_t i = 0; i < binding->n; i++) {
		const struct kj_node *m = binding->items[i];
		if (kj_doc_get(m, KJ_STR("command")) || kj_doc_get(m, KJ_STR("cmndalias")))
			return KJ_SUDO_CMND;
		if (kj_doc_get(m, KJ_STR("hostname")) || kj_doc_get(m, KJ_STR("networkaddr")) ||
		    kj_doc_get(m, KJ_STR("hostalias")))
			return KJ_SUDO_HOST;
		if (kj_doc_get(m, KJ_STR("runasalias")))
			return KJ_SUDO_RUNAS;
		if (kj_doc_get(m, KJ_STR("useralias")))
			return KJ_SUDO_USER;
	}
	*both = true;
	return KJ_SUDO_USER;
}

static bool read_defaults(struct json *j, const struct kj_node *all)
{
	for (size_t i = 0; all && i < all->n; i++) {
		const struct kj_node *options = kj_doc_get(all->items[i], KJ_STR("Options"));
		const struct kj_node *bound = kj_doc_get(all->items[i], KJ_STR("Binding"));
		struct kj_sudo_list *binding = bound ? KJ_NEW(j->arena, struct kj_sudo_list) : NULL;
		bool both = false;
		enum kj_sudo_scope scope = bound ? scope_of(bound, &both) : KJ_SUDO_GLOBAL;
		if (!options || (bound && !read_list(j, bound, false, binding)))
			return false;
		for (size_t o = 0; o < options->n; o++)
			take_default(j, options->items[o], scope, binding);
		for (size_t o = 0; both && o < options->n; o++)
			take_default(j, options->items[o], KJ_SUDO_RUNAS, binding);
	}
	return true;
}

/* ---- aliases ---- */

static bool read_aliases(struct json *j, const struct kj_node *all, enum kj_sudo_scope type)
{
	for (size_t i = 0; all && all->kind == KJ_MAP && i < all->n; i++) {
		struct kj_sudo_alias *alias = KJ_NEW(j->arena, struct kj_sudo_alias);
		alias->type = type;
		alias->name = all->pairs[i].key->text;
		if (!read_list(j, all->pairs[i].value, false, &alias->members))
			return false;
		struct kj_sudo_entry entry = entry_at(all->pairs[i].key, KJ_SUDO_ALIAS_ENTRY);
		entry.is.alias = alias;
		sudo_policy_take(j->policy, j->text, &entry);
	}
	return true;
}

/* ---- entries ---- */

static const struct {
	kj_str key;
	enum kj_sudo_tag tag;
} tags[] = {
        {KJ_STR_INIT("noexec"), KJ_SUDO_NOEXEC},          {KJ_STR_INIT("setenv"), KJ_SUDO_SETENV},
        {KJ_STR_INIT("intercept"), KJ_SUDO_INTERCEPT},    {KJ_STR_INIT("log_input"), KJ_SUDO_LOG_INPUT},
        {KJ_STR_INIT("log_output"), KJ_SUDO_LOG_OUTPUT},  {KJ_STR_INIT("send_mail"), KJ_SUDO_MAIL},
        {KJ_STR_INIT("sudoedit_follow"), KJ_SUDO_FOLLOW},
};
static const struct {
	kj_str key;
	enum kj_sudo_option option;
} options[] = {
        {KJ_STR_INIT("command_timeout"), KJ_SUDO_TIMEOUT}, {KJ_STR_INIT("notbefore"), KJ_SUDO_NOTBEFORE},
        {KJ_STR_INIT("notafter"), KJ_SUDO_NOTAFTER},       {KJ_STR_INIT("runcwd"), KJ_SUDO_CWD},
        {KJ_STR_INIT("runchroot"), KJ_SUDO_CHROOT},
};

static void take_option(struct kj_sudo_spec *spec, kj_str key, const struct kj_node *value)
{
	if (kj_str_eq(key, KJ_STR("authenticate")))
		spec->tag[KJ_SUDO_NOPASSWD] = is_true(value) ? KJ_SUDO_OFF : KJ_SUDO_ON;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (kj_str_eq(key, tags[i].key))
			spec->tag[tags[i].tag] = is_true(value) ? KJ_SUDO_ON : KJ_SUDO_OFF;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (kj_str_eq(key, options[i].key))
			spec->option[options[i].option] = text_of(value);
}

static bool read_runas(struct json *j, const struct kj_node *node, bool groups, const struct kj_sudo_list **out)
{
	struct kj_sudo_list *list = KJ_NEW(j->arena, struct kj_sudo_list);
	*out = node ? list : NULL;
	return read_list(j, node, groups, list);
}

/* One list of commands that share what stands before them. */
static bool read_specs(struct json *j, const struct kj_node *node, struct kj_sudo_privilege *privilege)
{
	struct kj_sudo_spec spec = {.users = NULL};
	struct kj_sudo_list commands = {.of = {0}};
	const struct kj_node *given = kj_doc_get(node, KJ_STR("Options"));
	for (size_t i = 0; given && i < given->n; i++)
		for (size_t k = 0; given->items[i]->kind == KJ_MAP && k < given->items[i]->n; k++)
			take_option(&spec, given->items[i]->pairs[k].key->text, given->items[i]->pairs[k].value);
	if (!read_runas(j, kj_doc_get(node, KJ_STR("runasusers")), false, &spec.users) ||
	    !read_runas(j, kj_doc_get(node, KJ_STR("runasgroups")), true, &spec.groups) ||
	    !read_list(j, kj_doc_get(node, KJ_STR("Commands")), false, &commands))
		return false;
	for (size_t i = 0; i < commands.of.n; i++) {
		struct kj_sudo_spec one = spec;
		one.command = commands.of.at[i];
		bool all = one.command.kind == KJ_SUDO_ALL && !one.command.negated;
		if (all && one.tag[KJ_SUDO_SETENV] == KJ_SUDO_UNSET)
			one.tag[KJ_SUDO_SETENV] = KJ_SUDO_IMPLIED;
		KJ_PUSH(j->arena, &privilege->specs, one);
	}
	return true;
}

static bool read_grants(struct json *j, const struct kj_node *all)
{
	for (size_t i = 0; all && i < all->n; i++) {
		const struct kj_node *node = all->items[i], *specs = kj_doc_get(node, KJ_STR("Cmnd_Specs"));
		struct kj_sudo_grant *grant = KJ_NEW(j->arena, struct kj_sudo_grant);
		struct kj_sudo_privilege privilege = {.hosts = {.of = {0}}};
		if (!specs || !read_list(j, kj_doc_get(node, KJ_STR("User_List")), false, &grant->users) ||
		    !read_list(j, kj_doc_get(node, KJ_STR("Host_List")), false, &privilege.hosts))
			return false;
		for (size_t s = 0; s < specs->n; s++)
			if (!read_specs(j, specs->items[s], &privilege))
				return false;
		KJ_PUSH(j->arena, &grant->privileges, privilege);
		struct kj_sudo_entry entry = entry_at(node, KJ_SUDO_GRANT);
		entry.is.grant = grant;
		sudo_policy_take(j->policy, j->text, &entry);
	}
	return true;
}

bool sudo_policy_read_json(struct sudo_policy *policy, const struct kj_text *text)
{
	struct json j = {policy, policy->host->arena, text};
	struct kj_diags diags = {.arena = policy->host->arena};
	const struct kj_node *root = kj_json_read(policy->host->arena, text, (struct kj_doc_limits){0}, &diags);
	static const struct {
		kj_str key;
		enum kj_sudo_scope type;
	} aliases[] = {{KJ_STR_INIT("User_Aliases"), KJ_SUDO_USER},
	               {KJ_STR_INIT("Runas_Aliases"), KJ_SUDO_RUNAS},
	               {KJ_STR_INIT("Host_Aliases"), KJ_SUDO_HOST},
	               {KJ_STR_INIT("Command_Aliases"), KJ_SUDO_CMND}};
	if (!root || root->kind != KJ_MAP)
		return false;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (!read_aliases(&j, kj_doc_get(root, aliases[i].key), aliases[i].type))
			return false;
	return read_defaults(&j, kj_doc_get(root, KJ_STR("Defaults"))) &&
	       read_grants(&j, kj_doc_get(root, KJ_STR("User_Specs")));
}
