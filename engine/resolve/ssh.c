/* ssh_config(5) as ssh reads it: a user's own file first, then the system's; includes in place, Host and Match blocks
   as scopes, and a line that it refuses refuses the whole (read_config_file_depth of readconf.c). */
#include "resolve/ssh.h"

#include <string.h>

enum {
	DEPTH_MAX = 16,    /* READCONF_MAX_DEPTH */
	LINES_MAX = 100000 /* of all files together: includes of includes multiply */
};

struct reader {
	struct ssh_config config;
	const struct kj_source *source;
	struct kj_reads reads;
	size_t rows_seen;
	kj_str home;    /* of the user, without the leading slash */
	kj_str ignored; /* IgnoreUnknown: patterns of keywords that may be unknown */
	kj_str refusal; /* why ssh does not run with these files; empty: it does */
	struct kj_origin at;
};

static struct kj_arena *arena_of(const struct reader *r)
{
	return r->config.host->arena;
}

/* ---- refusing ---- */

static void refuse(struct reader *r, const struct kj_row *row, const char *why, kj_str what)
{
	struct kj_row bad = *row;
	bad.bad = true;
	bad.problem = kj_str_zero(arena_of(r), kj_str_fmt(arena_of(r), "%s%.*s", why, KJ_FMT(what)));
	KJ_PUSH(arena_of(r), &r->config.out->bad, bad);
	if (r->refusal.n)
		return;
	r->at = kj_origin_of(row);
	r->refusal = kj_str_fmt(arena_of(r), "'%.*s' line %u: %s: ssh refuses the file", KJ_FMT(row->text->name),
	                        row->line, bad.problem);
}

/* ---- lines ---- */

static bool is_ignored(const struct reader *r, kj_str keyword)
{
	kj_str rest = r->ignored, pattern, name = kj_str_lower(arena_of(r), keyword);
	bool found = false;
	while (rest.n && kj_str_cut(&rest, ',', &pattern)) {
		bool negated = kj_str_starts(pattern, KJ_STR("!"));
		pattern = kj_str_lower(arena_of(r), negated ? kj_str_from(pattern, 1) : pattern);
		bool hit = openssh_matches(pattern, name);
		if (hit && negated)
			return false;
		found |= hit;
	}
	return found;
}

static void take_setting(struct reader *r, const struct kj_rows *rows, const struct kj_row *row, struct ssh_scope scope)
{
	kj_str keyword = kj_row_cell(rows, row, KJ_STR("key"));
	const struct openssh_key *key = openssh_key_find(&ssh_keys, &r->config.build, keyword);
	if (!key && is_ignored(r, keyword))
		return;
	if (!key) {
		refuse(r, row, "unknown keyword ", keyword);
		return;
	}
	struct openssh_args args = openssh_args_of(&r->config.build, rows, row);
	struct openssh_value value = {&r->config.build, key, args.arg, args.n, .raw = args.raw};
	if (!openssh_value_read(&value)) {
		refuse(r, row, "", kj_str_fmt(arena_of(r), "%.*s: %.*s", KJ_FMT(keyword), KJ_FMT(value.problem)));
		return;
	}
	if (key->flags & OPENSSH_MUTE || !value.out.n)
		return;
	/* Where its block does not hold, ssh refuses what the pattern would have excused, and no connection is made. */
	if (kj_str_eq(key->name, KJ_STR("ignoreunknown")) && !r->ignored.n)
		r->ignored = value.out.at[0];
	KJ_PUSH(arena_of(r), &r->config.lines, (struct ssh_line){key, row, scope, value.out.at, value.out.n});
}

/* ---- files ---- */

/* SSHCONF_CHECKPERM: of a user's file, and of what any file includes, others must not be able to write. */
static void check_owner(struct reader *r, const struct kj_read *read)
{
	const struct kj_entry *entry = read->artifact->entry;
	struct kj_row first = {.text = &read->artifact->text, .line = 1, .col = 1};
	if (!entry || !entry->stat_trusted)
		return;
	if (entry->mode & 022)
		refuse(r, &first, "others than its owner can write the file", KJ_STR(""));
	else if (!kj_str_eq(entry->owner, KJ_STR("root")) && !kj_str_eq(entry->owner, KJ_STR("0")) &&
	         !kj_str_eq(entry->owner, r->config.user))
		refuse(r, &first, "the file belongs to ", entry->owner);
}

static void read_file(struct reader *r, const struct kj_read *read, struct ssh_scope outer, unsigned depth);

static void include_pattern(struct reader *r, const struct kj_row *row, kj_str pattern, struct ssh_scope scope,
                            unsigned depth)
{
	struct kj_host *host = r->config.host;
	bool tilde = kj_str_starts(pattern, KJ_STR("~/"));
	if (tilde)
		pattern = kj_str_fmt(host->arena, "/%.*s/%.*s", KJ_FMT(r->home), KJ_FMT(kj_str_from(pattern, 2)));
	else if (!kj_str_starts(pattern, KJ_STR("/")) && r->config.user.n)
		pattern = kj_str_fmt(host->arena, "/%.*s/.ssh/%.*s", KJ_FMT(r->home), KJ_FMT(pattern));
	else if (!kj_str_starts(pattern, KJ_STR("/")))
		pattern = kj_str_fmt(host->arena, "/etc/ssh/%.*s", KJ_FMT(pattern));
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(host->export, host->arena, kj_host_path(pattern), &presence);
	if ((presence == KJ_NOT_COLLECTED && !r->reads.hidden.n) || (presence == KJ_UNREADABLE && !r->reads.broken))
		r->reads.hidden = pattern;
	for (size_t i = 0; i < found.paths.n && r->rows_seen < LINES_MAX; i++) {
		size_t before = r->reads.list.n;
		kj_read_path(host, &r->reads, NULL, found.paths.at[i], r->source->parser, r->source->options);
		if (r->reads.list.n == before)
			continue;
		struct kj_read read = r->reads.list.at[before];
		check_owner(r, &read);
		if (depth + 1 > DEPTH_MAX)
			refuse(r, row, "too many files include each other: ", found.paths.at[i]);
		else
			read_file(r, &read, scope, depth + 1);
	}
}

static void take_include(struct reader *r, const struct kj_rows *rows, const struct kj_row *row, struct ssh_scope scope,
                         unsigned depth)
{
	struct openssh_args args = openssh_args_of(&r->config.build, rows, row);
	for (size_t i = 0; i < args.n; i++) {
		bool tilde = kj_str_starts(args.arg[i], KJ_STR("~"));
		if (!args.arg[i].n)
			refuse(r, row, "Include with an empty name", KJ_STR(""));
		else if (tilde && !r->config.user.n)
			refuse(r, row, "Include of a home folder in the system's file: ", args.arg[i]);
		else if (depth <= DEPTH_MAX && r->rows_seen < LINES_MAX)
			include_pattern(r, row, args.arg[i], scope, depth);
	}
}

/* A Host or Match begins a scope, up to the next or the end of the file. */
static bool take_block(struct reader *r, const struct kj_rows *rows, const struct kj_row *row, struct ssh_scope outer,
                       struct ssh_scope *scope)
{
	kj_str keyword = kj_row_cell(rows, row, KJ_STR("key")), problem;
	bool host = kj_str_eq_fold(keyword, KJ_STR("host"));
	struct ssh_scope inner;
	if (!host && !kj_str_eq_fold(keyword, KJ_STR("match")))
		return false;
	struct openssh_args args = openssh_args_of(&r->config.build, rows, row);
	if (host ? !ssh_host_read(arena_of(r), args, &inner, &problem)
	         : !ssh_match_read(&r->config.build, args, &inner, &problem)) {
		refuse(r, row, "", problem);
		inner = (struct ssh_scope){.text = KJ_STR("?")};
	}
	*scope = ssh_scope_within(arena_of(r), outer, inner);
	return true;
}

static void read_file(struct reader *r, const struct kj_read *read, struct ssh_scope outer, unsigned depth)
{
	const struct kj_rows *rows = read->rows;
	struct ssh_scope scope = outer;
	if (kj_has_mark(read->artifact))
		refuse(r, &(struct kj_row){.text = &read->artifact->text, .line = 1, .col = 1}, "a byte order mark",
		       KJ_STR(""));
	for (size_t i = 0; i < rows->list.n && r->rows_seen < LINES_MAX; i++, r->rows_seen++) {
		const struct kj_row *row = &rows->list.at[i];
		bool bad = row->bad && !openssh_reads_words(&r->config.build);
		if (bad)
			refuse(r, row, row->problem, KJ_STR(""));
		if (bad || take_block(r, rows, row, outer, &scope))
			continue;
		if (kj_str_eq_fold(kj_row_cell(rows, row, KJ_STR("key")), KJ_STR("include")))
			take_include(r, rows, row, scope, depth);
		else
			take_setting(r, rows, row, scope);
	}
}

/* ---- users ---- */

/* ssh does not run for the user: what the file says has no effect, and neither has what the system's says. */
static void show_refused(struct reader *r, size_t from)
{
	struct kj_resolved *out = r->config.out;
	for (size_t i = from; i < out->settings.n; i++) {
		struct kj_setting *s = &out->settings.at[i];
		s->state = KJ_STATE_NOT_IN_FORCE;
		s->unjudged = true;
		kj_setting_note(r->config.host, s, "%.*s", KJ_FMT(r->refusal));
	}
}

static void note_missing(struct reader *r, size_t from)
{
	struct kj_resolved *out = r->config.out;
	kj_str what = r->reads.hidden.n ? r->reads.hidden : r->reads.broken_path;
	for (size_t i = from; what.n && i < out->settings.n; i++)
		kj_setting_note(r->config.host, &out->settings.at[i],
		                "%.*s, which the user's file includes, was not seen", KJ_FMT(what));
}

static void read_user(struct reader *system, kj_str user, kj_str home)
{
	struct reader r = {.config = system->config, .source = system->source, .home = home};
	r.config.user = user;
	memset(&r.config.lines, 0, sizeof r.config.lines);
	kj_str path = kj_str_fmt(arena_of(&r), "%.*s/.ssh/config", KJ_FMT(home));
	if (!kj_export_find(r.config.host->export, path, NULL))
		return;
	kj_read_path(r.config.host, &r.reads, NULL, path, r.source->parser, r.source->options);
	size_t from = r.config.out->settings.n;
	if (!r.reads.list.n)
		return;
	struct kj_read read = r.reads.list.at[0];
	check_owner(&r, &read);
	read_file(&r, &read, (struct ssh_scope){0}, 0);
	kj_note_texts(r.config.host, &r.reads, r.config.out);
	ssh_apply(&r.config);
	if (r.refusal.n)
		show_refused(&r, from);
	note_missing(&r, from);
}

/* The users of /etc/passwd; without it, those that have a folder in /home. */
static void read_users(struct reader *r)
{
	struct kj_host *host = r->config.host;
	struct kj_map done = {0};
	const struct kj_artifact *passwd = kj_export_read(host->export, KJ_STR("etc/passwd"));
	kj_str text = passwd->state == KJ_ARTIFACT_OK ? passwd->text.bytes : KJ_STR(""), line;
	while (kj_str_line(&text, &line)) {
		kj_str field[6];
		size_t n = 0;
		while (n < 6 && kj_str_cut(&line, ':', &field[n]))
			n++;
		if (n < 6 || !field[0].n || !kj_host_path(field[5]).n)
			continue;
		void **place = kj_map_at(host->arena, &done, kj_host_path(field[5]));
		if (!*place)
			read_user(r, field[0], kj_host_path(field[5]));
		*place = r;
	}
	enum kj_presence presence;
	struct kj_entry_list homes = kj_export_glob(host->export, host->arena, KJ_STR("home/*/.ssh/config"), &presence);
	for (size_t i = 0; i < homes.paths.n; i++) {
		kj_str home = kj_str_upto(homes.paths.at[i], homes.paths.at[i].n - KJ_STR("/.ssh/config").n);
		if (!kj_map_get(&done, home))
			read_user(r, kj_str_from(home, KJ_STR("home/").n), home);
	}
}

/* ---- the whole ---- */

static void judge(struct reader *r)
{
	struct kj_resolved *out = r->config.out;
	if (kj_judge_reads(r->config.host, &r->reads, out) && r->refusal.n) {
		out->refused = true;
		out->at = r->at;
		kj_resolved_state(r->config.host, out, KJ_STATE_NOT_IN_FORCE, "%.*s", KJ_FMT(r->refusal));
	}
	if (r->rows_seen >= LINES_MAX)
		kj_resolved_state(r->config.host, out, KJ_STATE_ERROR,
		                  "'%.*s' and what it includes have more than %d lines", KJ_FMT(out->texts.at[0]->name),
		                  LINES_MAX);
}

void kj_resolve_ssh(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	static const char *const packages[] = {"openssh-client", "openssh-clients", "openssh", NULL};
	struct reader r = {.source = source,
	                   .config = {.host = host, .out = out, .build = openssh_build_of(host, packages)}};
	r.config.build.client = true;
	kj_read_inputs(host, source, false, &r.reads);
	size_t files = r.reads.list.n;
	for (size_t i = 0; i < files; i++) {
		struct kj_read read = r.reads.list.at[i];
		read_file(&r, &read, (struct ssh_scope){0}, 0);
	}
	judge(&r);
	if (files)
		ssh_apply(&r.config);
	if (out->refused)
		kj_settings_out_of_force(host, out);
	read_users(&r);
	if (files)
		out->rows = r.reads.list.at[0].rows;
}
