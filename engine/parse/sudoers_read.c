/* The grammar of sudoers (gram.y), and how sudo goes on behind a fault: the rest of the line is dropped, with what of it
   had not been taken yet. */
#include "parse/sudoers_lex.h"

#include "parse/scan.h"

const char *const kj_sudo_tag_names[KJ_SUDO_TAGS][2] = {
        {"NOPASSWD", "PASSWD"},       {"NOEXEC", "EXEC"},           {"SETENV", "NOSETENV"},
        {"INTERCEPT", "NOINTERCEPT"}, {"LOG_INPUT", "NOLOG_INPUT"}, {"LOG_OUTPUT", "NOLOG_OUTPUT"},
        {"MAIL", "NOMAIL"},           {"FOLLOW", "NOFOLLOW"},
};
const char *const kj_sudo_option_names[KJ_SUDO_OPTIONS] = {"CWD",      "CHROOT", "TIMEOUT", "NOTBEFORE",
                                                           "NOTAFTER", "ROLE",   "TYPE"};

struct reader {
	struct kj_arena *arena;
	struct sudo_lex lex;
	struct kj_sudo_file *file;
	size_t statement;
	const char *problem;
	uint32_t line, col; /* of the problem */
};

/* ---- words ---- */

static void next(struct reader *r)
{
	kj_sudo_lex_next(&r->lex);
}

static bool at(const struct reader *r, enum sudo_token token)
{
	return r->lex.token == token;
}

static bool at_char(const struct reader *r, char c)
{
	return at(r, SUDO_CHAR) && r->lex.code == (unsigned char)c;
}

static bool take_char(struct reader *r, char c)
{
	bool here = at_char(r, c);
	if (here)
		next(r);
	return here;
}

/* sudo points at the word; of a command, which may go over several lines, at its end. */
static bool fault(struct reader *r, const char *problem)
{
	bool ended = at(r, SUDO_COMMAND);
	r->problem = at(r, SUDO_ERROR) ? r->lex.problem : problem;
	r->line = ended ? r->lex.line : r->lex.token_line;
	r->col = ended ? (uint32_t)(r->lex.at - r->lex.line_at) + 1 : r->lex.token_col;
	return false;
}

/* A fault that sudo finds when it has read a word: reading goes on behind it. */
static bool fault_behind(struct reader *r, const char *problem)
{
	fault(r, problem);
	next(r);
	return false;
}

static bool want_char(struct reader *r, char c)
{
	return take_char(r, c) || fault(r, "syntax error");
}

/* ---- entries ---- */

static struct kj_sudo_entry *add(struct reader *r, enum kj_sudo_entry_kind kind, uint32_t line, uint32_t col)
{
	KJ_PUSH(r->arena, &r->file->entries,
	        (struct kj_sudo_entry){.kind = kind,
	                               .line = line,
	                               .col = col,
	                               .last = r->lex.token_line,
	                               .statement = r->statement,
	                               .since = r->lex.since});
	return &r->file->entries.at[r->file->entries.n - 1];
}

static void add_bad(struct reader *r)
{
	add(r, KJ_SUDO_BAD, r->line, r->col)->is.problem = r->problem;
}

/* ---- lists ---- */

/* What may stand in a list, by its token; -1: not that. */
typedef int kind_of(enum sudo_token token);

static int user_kind(enum sudo_token token)
{
	switch (token) {
	case SUDO_ALIAS:
		return KJ_SUDO_ALIAS;
	case SUDO_ALL:
		return KJ_SUDO_ALL;
	case SUDO_NETGROUP:
		return KJ_SUDO_NETGROUP;
	case SUDO_GROUP:
		return KJ_SUDO_GROUP;
	case SUDO_WORD:
		return KJ_SUDO_WORD;
	default:
		return -1;
	}
}

static int host_kind(enum sudo_token token)
{
	return token == SUDO_ADDRESS ? KJ_SUDO_ADDRESS : token == SUDO_GROUP ? -1 : user_kind(token);
}

static int group_kind(enum sudo_token token)
{
	return token == SUDO_GROUP || token == SUDO_NETGROUP ? -1 : user_kind(token);
}

static struct kj_sudo_member member_here(const struct reader *r, int kind)
{
	return (struct kj_sudo_member){.kind = (enum kj_sudo_kind)kind,
	                               .name = r->lex.text,
	                               .line = r->lex.token_line,
	                               .col = r->lex.token_col};
}

static bool read_list(struct reader *r, kind_of *kinds, struct kj_sudo_list *list)
{
	do {
		bool negated = take_char(r, '!');
		int kind = kinds(r->lex.token);
		if (kind < 0)
			return fault(r, "syntax error");
		struct kj_sudo_member member = member_here(r, kind);
		member.negated = negated;
		KJ_PUSH(r->arena, &list->of, member);
		next(r);
	} while (take_char(r, ','));
	return true;
}

/* ---- commands ---- */

static bool read_digests(struct reader *r, kj_str *digests)
{
	struct kj_buf all = KJ_BUF(r->arena);
	while (at(r, SUDO_HASH)) {
		if (all.n)
			kj_buf_char(&all, KJ_PARSE_LIST);
		kj_buf_fmt(&all, "%.*s:", KJ_FMT(r->lex.text));
		next(r);
		if (!want_char(r, ':'))
			return false;
		if (!at(r, SUDO_DIGEST))
			return fault(r, "syntax error");
		kj_buf_put(&all, r->lex.text);
		next(r);
		if (at_char(r, ',')) {
			next(r);
			if (!at(r, SUDO_HASH))
				return fault(r, "syntax error");
		}
	}
	*digests = kj_buf_str(&all);
	return true;
}

static bool read_command(struct reader *r, struct kj_sudo_member *member)
{
	const size_t path_max = 4096;
	kj_str digests;
	if (!read_digests(r, &digests))
		return false;
	bool negated = take_char(r, '!');
	bool list = at(r, SUDO_WORD) && kj_str_eq(r->lex.text, KJ_STR("list"));
	if (at(r, SUDO_WORD) && !list)
		return fault_behind(r, "expected a fully-qualified path name");
	if (!at(r, SUDO_COMMAND) && !at(r, SUDO_ALL) && !at(r, SUDO_ALIAS) && !list)
		return fault(r, "syntax error");
	if (at(r, SUDO_COMMAND) && r->lex.text.n >= path_max)
		return fault_behind(r, "command too long");
	*member = member_here(r, at(r, SUDO_ALL) ? KJ_SUDO_ALL : at(r, SUDO_ALIAS) ? KJ_SUDO_ALIAS : KJ_SUDO_COMMAND);
	member->negated = negated;
	member->args = r->lex.arguments;
	member->has_args = r->lex.with_arguments;
	member->digests = digests;
	if (digests.n && at(r, SUDO_ALIAS))
		return fault_behind(r, "a digest requires a path name");
	next(r);
	return true;
}

static bool read_commands(struct reader *r, struct kj_sudo_list *list)
{
	do {
		struct kj_sudo_member member;
		if (!read_command(r, &member))
			return false;
		KJ_PUSH(r->arena, &list->of, member);
	} while (take_char(r, ','));
	return true;
}

/* ---- what stands before a command ---- */

static bool read_runas(struct reader *r, struct kj_sudo_spec *spec)
{
	if (!take_char(r, '('))
		return true;
	struct kj_sudo_list *users = KJ_NEW(r->arena, struct kj_sudo_list);
	struct kj_sudo_list *groups = KJ_NEW(r->arena, struct kj_sudo_list);
	bool named = !at_char(r, ')') && !at_char(r, ':');
	if (named && !read_list(r, user_kind, users))
		return false;
	bool colon = take_char(r, ':');
	if (colon && (named || !at_char(r, ')')) && !read_list(r, group_kind, groups))
		return false;
	if (!named && !groups->of.n)
		KJ_PUSH(r->arena, &users->of, member_here(r, KJ_SUDO_SELF));
	spec->users = users->of.n ? users : NULL;
	spec->groups = groups->of.n ? groups : NULL;
	return want_char(r, ')');
}

bool kj_sudo_timeout(kj_str text, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t length;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	size_t unit = 0;
	*seconds = 0;
	while (text.n) {
		size_t digits = 0;
		int64_t n;
		while (digits < text.n && kj_is_digit(text.p[digits]))
			digits++;
		if (!kj_num_int(kj_str_upto(text, digits), &n) || n > INT32_MAX)
			return false;
		text = kj_str_from(text, digits);
		while (text.n && unit < 4 && units[unit].unit != kj_lower(text.p[0]))
			unit++;
		if (text.n && unit == 4)
			return false;
		n *= text.n ? units[unit].length : 1;
		text = kj_str_from(text, 1);
		*seconds += n;
		if (*seconds > INT32_MAX)
			return false;
	}
	return true;
}

/* RFC 4517: 2026112810[00[00]][.0](Z, +0900, or nothing for local time). */
static bool is_time(kj_str text)
{
	size_t digits = 0, zone = 1;
	while (digits < text.n && kj_is_digit(text.p[digits]))
		digits++;
	if (digits < 10 || digits > 14 || digits % 2)
		return false;
	text = kj_str_from(text, digits);
	if (text.n > 1 && (text.p[0] == '.' || text.p[0] == ',') && kj_is_digit(text.p[1]))
		text = kj_str_from(text, 2);
	if (!text.n || kj_str_eq(text, KJ_STR("Z")))
		return true;
	while (zone < text.n && kj_is_digit(text.p[zone]))
		zone++;
	return (text.p[0] == '+' || text.p[0] == '-') && zone == text.n && (zone == 3 || zone == 5);
}

static const char *option_problem(unsigned option, kj_str value)
{
	int64_t seconds;
	switch (option) {
	case KJ_SUDO_CWD:
	case KJ_SUDO_CHROOT:
		return value.p[0] == '/' || value.p[0] == '~' || kj_str_eq(value, KJ_STR("*"))
		               ? NULL
		               : "a folder must start with '/', '~', or be '*'";
	case KJ_SUDO_TIMEOUT:
		return kj_sudo_timeout(value, &seconds) ? NULL : "invalid timeout value";
	case KJ_SUDO_NOTBEFORE:
		return is_time(value) ? NULL : "invalid notbefore value";
	case KJ_SUDO_NOTAFTER:
		return is_time(value) ? NULL : "invalid notafter value";
	default:
		return NULL;
	}
}

static bool read_options(struct reader *r, struct kj_sudo_spec *spec)
{
	while (at(r, SUDO_OPTION)) {
		unsigned option = r->lex.code;
		next(r);
		if (!want_char(r, '='))
			return false;
		if (!at(r, SUDO_WORD))
			return fault(r, "syntax error");
		const char *problem = option_problem(option, r->lex.text);
		if (problem)
			return fault_behind(r, problem);
		spec->option[option] = r->lex.text;
		next(r);
	}
	return true;
}

static void read_tags(struct reader *r, struct kj_sudo_spec *spec)
{
	for (; at(r, SUDO_TAG); next(r))
		spec->tag[r->lex.code / 2] = r->lex.code & 1 ? KJ_SUDO_OFF : KJ_SUDO_ON;
}

/* What a command does not say itself, the one before it says. */
static void inherit(struct kj_sudo_spec *spec, const struct kj_sudo_spec *before)
{
	bool selinux = spec->option[KJ_SUDO_ROLE].n || spec->option[KJ_SUDO_TYPE].n;
	for (unsigned o = 0; o < KJ_SUDO_OPTIONS; o++)
		if (!spec->option[o].n && !(o >= KJ_SUDO_ROLE && selinux))
			spec->option[o] = before->option[o];
	for (unsigned t = 0; t < KJ_SUDO_TAGS; t++)
		if (spec->tag[t] == KJ_SUDO_UNSET && before->tag[t] != KJ_SUDO_IMPLIED)
			spec->tag[t] = before->tag[t];
	if (!spec->users && !spec->groups) {
		spec->users = before->users;
		spec->groups = before->groups;
	}
}

static bool read_spec(struct reader *r, struct kj_sudo_spec *spec)
{
	if (!read_runas(r, spec) || !read_options(r, spec))
		return false;
	read_tags(r, spec);
	if (!read_command(r, &spec->command))
		return false;
	bool all = spec->command.kind == KJ_SUDO_ALL && !spec->command.negated;
	if (all && spec->tag[KJ_SUDO_SETENV] == KJ_SUDO_UNSET)
		spec->tag[KJ_SUDO_SETENV] = KJ_SUDO_IMPLIED;
	return true;
}

static bool read_privilege(struct reader *r, struct kj_sudo_privilege *privilege)
{
	if (!read_list(r, host_kind, &privilege->hosts) || !want_char(r, '='))
		return false;
	do {
		struct kj_sudo_spec spec = {.users = NULL};
		if (!read_spec(r, &spec))
			return false;
		size_t n = privilege->specs.n;
		if (n)
			inherit(&spec, &privilege->specs.at[n - 1]);
		KJ_PUSH(r->arena, &privilege->specs, spec);
	} while (take_char(r, ','));
	return true;
}

/* ---- lines ---- */

static bool end_line(struct reader *r)
{
	return at(r, SUDO_NEWLINE) || fault(r, "syntax error");
}

/* Behind a colon a fault costs that part alone, where the line goes on or ends right there (`privileges ':' error`). */
static bool read_privileges(struct reader *r, struct kj_sudo_grant *grant)
{
	bool first = true;
	do {
		struct kj_sudo_privilege privilege = {.hosts = {.of = {0}}};
		if (read_privilege(r, &privilege))
			KJ_PUSH(r->arena, &grant->privileges, privilege);
		else if (first || (!at(r, SUDO_NEWLINE) && !at_char(r, ':')))
			return false;
		else
			add_bad(r);
		first = false;
	} while (take_char(r, ':'));
	return end_line(r);
}

static bool read_grant(struct reader *r)
{
	uint32_t line = r->lex.token_line, col = r->lex.token_col;
	struct kj_sudo_grant *grant = KJ_NEW(r->arena, struct kj_sudo_grant);
	if (!read_list(r, user_kind, &grant->users) || !read_privileges(r, grant))
		return false;
	add(r, KJ_SUDO_GRANT, line, col)->is.grant = grant;
	return true;
}

static bool read_members(struct reader *r, enum kj_sudo_scope type, struct kj_sudo_list *list)
{
	switch (type) {
	case KJ_SUDO_HOST:
		return read_list(r, host_kind, list);
	case KJ_SUDO_CMND:
		return read_commands(r, list);
	default:
		return read_list(r, user_kind, list);
	}
}

/* Each alias is taken as soon as its list has ended, whatever follows. */
static bool read_aliases(struct reader *r)
{
	enum kj_sudo_scope type = (enum kj_sudo_scope)r->lex.code;
	next(r);
	do {
		uint32_t line = r->lex.token_line, col = r->lex.token_col;
		struct kj_sudo_alias *alias = KJ_NEW(r->arena, struct kj_sudo_alias);
		alias->type = type;
		alias->name = r->lex.text;
		if (at(r, SUDO_ALL) || at(r, SUDO_OPTION))
			return fault_behind(r, "a reserved word as the name of an alias");
		if (!at(r, SUDO_ALIAS))
			return fault(r, "syntax error");
		next(r);
		if (!want_char(r, '=') || !read_members(r, type, &alias->members))
			return false;
		add(r, KJ_SUDO_ALIAS_ENTRY, line, col)->is.alias = alias;
	} while (take_char(r, ':'));
	return end_line(r);
}

static bool read_default(struct reader *r, struct kj_sudo_default *d)
{
	d->op = take_char(r, '!') ? '!' : 't';
	d->name = r->lex.text;
	d->line = r->lex.token_line;
	d->col = r->lex.token_col;
	if (!at(r, SUDO_DEFVAR))
		return fault(r, "syntax error");
	next(r);
	if (d->op == '!' || !(at_char(r, '=') || at_char(r, '+') || at_char(r, '-')))
		return true;
	d->op = (char)r->lex.code;
	next(r);
	if (!at(r, SUDO_WORD))
		return fault(r, "syntax error");
	d->value = r->lex.text;
	next(r);
	return true;
}

static bool read_defaults(struct reader *r)
{
	KJ_VEC(struct kj_sudo_default *) found = {0};
	enum kj_sudo_scope scope = (enum kj_sudo_scope)r->lex.code;
	struct kj_sudo_list *binding = scope == KJ_SUDO_GLOBAL ? NULL : KJ_NEW(r->arena, struct kj_sudo_list);
	next(r);
	if (binding && !read_members(r, scope, binding))
		return false;
	do {
		struct kj_sudo_default *d = KJ_NEW(r->arena, struct kj_sudo_default);
		d->scope = scope;
		d->binding = binding;
		if (!read_default(r, d))
			return false;
		KJ_PUSH(r->arena, &found, d);
	} while (take_char(r, ','));
	if (!end_line(r))
		return false;
	for (size_t i = 0; i < found.n; i++)
		add(r, KJ_SUDO_DEFAULT, found.at[i]->line, found.at[i]->col)->is.setting = found.at[i];
	return true;
}

/* Behind the name nothing may follow; sudo includes the file all the same. */
static bool read_include(struct reader *r)
{
	enum kj_sudo_entry_kind kind = at(r, SUDO_INCLUDE) ? KJ_SUDO_INCLUDE : KJ_SUDO_INCLUDEDIR;
	uint32_t line = r->lex.token_line, col = r->lex.token_col;
	next(r);
	if (!at(r, SUDO_WORD))
		return fault(r, "syntax error");
	kj_str path = r->lex.text;
	next(r);
	bool good = end_line(r);
	if (!good)
		add_bad(r);
	while (!at(r, SUDO_NEWLINE) && !at(r, SUDO_END))
		next(r);
	add(r, kind, line, col)->is.path = path;
	return true;
}

static bool read_statement(struct reader *r)
{
	switch (r->lex.token) {
	case SUDO_INCLUDE:
	case SUDO_INCLUDEDIR:
		return read_include(r);
	case SUDO_ALIASES:
		return read_aliases(r);
	case SUDO_DEFAULTS:
		return read_defaults(r);
	default:
		return read_grant(r);
	}
}

static void read_all(struct reader *r)
{
	next(r);
	for (; !at(r, SUDO_END); r->statement++) {
		if (!at(r, SUDO_NEWLINE) && !read_statement(r))
			add_bad(r);
		while (!at(r, SUDO_NEWLINE) && !at(r, SUDO_END))
			next(r);
		r->file->unfinished = at(r, SUDO_END);
		r->lex.since = 0;
		next(r);
	}
}

/* sudo reads lines up to a NUL, and gives the last one its newline. */
static kj_str clean(struct kj_arena *arena, kj_str bytes)
{
	if (!bytes.n || (bytes.p[bytes.n - 1] == '\n' && !memchr(bytes.p, '\0', bytes.n)))
		return bytes;
	struct kj_buf out = KJ_BUF(arena);
	kj_str line;
	while (kj_str_cut(&bytes, '\n', &line)) {
		if (!bytes.p && !line.n)
			break;
		kj_buf_put(&out, kj_str_upto(line, kj_str_find(line, '\0')));
		kj_buf_char(&out, '\n');
	}
	return kj_buf_str(&out);
}

const struct kj_sudo_file *kj_sudo_parse(struct kj_arena *arena, const struct kj_text *text)
{
	struct kj_sudo_file *file = KJ_NEW(arena, struct kj_sudo_file);
	struct reader r = {.arena = arena, .file = file};
	kj_str bytes = clean(arena, text->bytes);
	if (!bytes.n)
		return file;
	kj_sudo_lex_open(&r.lex, arena, bytes);
	read_all(&r);
	return file;
}
