/* sshd_config(5) as sshd reads it: includes in place, Match blocks as scopes, and a line that it refuses refuses the
   whole. */
#include "resolve/sshd.h"

enum {
	DEPTH_MAX = 16,    /* SERVCONF_MAX_DEPTH */
	PORTS_MAX = 256,   /* MAX_PORTS */
	LINES_MAX = 100000 /* of all files together: includes of includes multiply */
};

struct reader {
	struct sshd_config config;
	const struct kj_source *source;
	struct kj_reads reads;
	size_t rows_seen;
	struct kj_map subsystems;
	bool methods_set;
	bool port_given; /* by -p */
	size_t ports;
};

/* ---- refusing ---- */

static void refuse(struct reader *r, const struct kj_row *row, const char *why, kj_str what)
{
	struct kj_row bad = *row;
	bad.bad = true;
	bad.problem =
	        kj_str_zero(r->config.host->arena, kj_str_fmt(r->config.host->arena, "%s%.*s", why, KJ_FMT(what)));
	KJ_PUSH(r->config.host->arena, &r->config.out->bad, bad);
	if (r->config.out->refused)
		return;
	r->config.out->refused = true;
	r->config.out->at = kj_origin_of(row);
	kj_resolved_state(r->config.host, r->config.out, KJ_STATE_NOT_IN_FORCE,
	                  "'%.*s' line %u: %s: sshd refuses the file", KJ_FMT(row->text->name), row->line, bad.problem);
}

/* ---- lines ---- */

static kj_str cell(const struct kj_rows *rows, const struct kj_row *row, const char *column)
{
	return kj_row_cell(rows, row, kj_str_of(column));
}

static bool allowed_here(const struct reader *r, const struct openssh_key *key, struct sshd_scope scope)
{
	bool subsystem = kj_str_eq(key->name, KJ_STR("subsystem"));
	return !scope.inactive || !(key->flags & OPENSSH_GLOBAL) ||
	       (subsystem && !openssh_older(&r->config.build, "9.5"));
}

/* What sshd refuses about a line beside its arguments. */
static bool check_whole(struct reader *r, const struct kj_row *row, const struct openssh_value *value,
                        struct sshd_scope scope)
{
	kj_str name = openssh_key_name(value->key);
	bool methods = kj_str_eq(name, KJ_STR("authenticationmethods"));
	if (methods && r->methods_set && kj_str_eq(value->out.at[0], KJ_STR("any"))) {
		refuse(r, row, "'any' must be the only authentication method", KJ_STR(""));
		return false;
	}
	r->methods_set |= methods && !scope.inactive;
	if (kj_str_eq(name, KJ_STR("port")) && ++r->ports > PORTS_MAX) {
		refuse(r, row, "too many ports", KJ_STR(""));
		return false;
	}
	if (!kj_str_eq(name, KJ_STR("subsystem")) || scope.inactive)
		return true;
	void **place = kj_map_at(r->config.host->arena, &r->subsystems, value->arg[0]);
	bool twice = *place != NULL;
	*place = r;
	if (twice && openssh_older(&r->config.build, "9.5"))
		refuse(r, row, "the subsystem is defined twice: ", value->arg[0]);
	return !twice || openssh_older(&r->config.build, "9.5");
}

static void take_setting(struct reader *r, const struct kj_rows *rows, const struct kj_row *row,
                         struct sshd_scope scope)
{
	kj_str keyword = cell(rows, row, "key");
	const struct openssh_key *key = openssh_key_find(&sshd_keys, &r->config.build, keyword);
	if (!key) {
		refuse(r, row, "unknown keyword ", keyword);
		return;
	}
	if (!allowed_here(r, key, scope)) {
		refuse(r, row, "not allowed in a Match block: ", keyword);
		return;
	}
	struct openssh_args args = openssh_args_of(&r->config.build, rows, row);
	struct openssh_value value = {&r->config.build, key, args.arg, args.n, .raw = args.raw};
	if (!openssh_value_read(&value)) {
		refuse(r, row, "",
		       kj_str_fmt(r->config.host->arena, "%.*s: %.*s", KJ_FMT(keyword), KJ_FMT(value.problem)));
		return;
	}
	if (r->port_given && kj_str_eq(key->name, KJ_STR("port")))
		return;
	if (key->flags & OPENSSH_MUTE || !value.out.n || !check_whole(r, row, &value, scope))
		return;
	struct sshd_line line = {key, row, scope, value.out.at, value.out.n, false, args.n ? args.arg[0] : KJ_STR("")};
	KJ_PUSH(r->config.host->arena, &r->config.lines, line);
}

/* ---- files ---- */

static void read_file(struct reader *r, const struct kj_read *read, struct sshd_scope outer, unsigned depth);

static void include_pattern(struct reader *r, const struct kj_row *row, kj_str pattern, struct sshd_scope scope,
                            unsigned depth)
{
	struct kj_host *host = r->config.host;
	if (!kj_str_starts(pattern, KJ_STR("/")))
		pattern = kj_str_fmt(host->arena, "/etc/ssh/%.*s", KJ_FMT(pattern));
	/* of what crypto-policies makes, it is known what it can say */
	if (kj_str_eq(kj_host_path(pattern), KJ_STR(SSHD_POLICY)) &&
	    kj_export_read(host->export, kj_host_path(pattern))->state == KJ_ARTIFACT_NOT_COLLECTED) {
		r->config.policy_unseen = r->config.policy_unseen ? r->config.policy_unseen : r->config.lines.n + 1;
		return;
	}
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(host->export, host->arena, kj_host_path(pattern), &presence);
	if (presence == KJ_NOT_COLLECTED && !r->reads.hidden.n)
		r->reads.hidden = pattern;
	if (presence == KJ_UNREADABLE && !r->reads.broken)
		r->reads.hidden = pattern;
	for (size_t i = 0; i < found.paths.n && r->rows_seen < LINES_MAX; i++) {
		size_t before = r->reads.list.n;
		kj_read_path(host, &r->reads, NULL, found.paths.at[i], r->source->parser, r->source->options);
		if (r->reads.list.n == before)
			continue;
		if (depth + 1 > DEPTH_MAX)
			refuse(r, row, "too many files include each other: ", found.paths.at[i]);
		else
			read_file(r, &r->reads.list.at[before], scope, depth + 1);
	}
}

static void take_include(struct reader *r, const struct kj_rows *rows, const struct kj_row *row,
                         struct sshd_scope scope, unsigned depth)
{
	struct openssh_args args = openssh_args_of(&r->config.build, rows, row);
	if (!args.n)
		refuse(r, row, "Include without a file", KJ_STR(""));
	for (size_t i = 0; i < args.n; i++) {
		if (!args.arg[i].n)
			refuse(r, row, "Include with an empty name", KJ_STR(""));
		else if (depth <= DEPTH_MAX && r->rows_seen < LINES_MAX)
			include_pattern(r, row, args.arg[i], scope, depth);
	}
}

static void take_match(struct reader *r, const struct kj_rows *rows, const struct kj_row *row, struct sshd_scope outer,
                       struct sshd_scope *scope)
{
	kj_str problem;
	struct sshd_scope inner;
	struct openssh_args args = openssh_args_of(&r->config.build, rows, row);
	if (!sshd_match_read(&r->config.build, args, &inner, &problem))
		refuse(r, row, "", problem);
	*scope = sshd_scope_within(r->config.host->arena, outer, inner);
}

/* A file begins in the scope of the line that includes it, and its own Match ends with it. */
static void read_file(struct reader *r, const struct kj_read *read, struct sshd_scope outer, unsigned depth)
{
	const struct kj_rows *rows = read->rows;
	struct sshd_scope scope = outer;
	if (kj_has_mark(read->artifact))
		refuse(r, &(struct kj_row){.text = &read->artifact->text, .line = 1, .col = 1}, "a byte order mark",
		       KJ_STR(""));
	for (size_t i = 0; i < rows->list.n && r->rows_seen < LINES_MAX; i++, r->rows_seen++) {
		const struct kj_row *row = &rows->list.at[i];
		kj_str keyword = cell(rows, row, "key");
		bool bad = row->bad && !openssh_reads_words(&r->config.build);
		if (bad)
			refuse(r, row, row->problem, KJ_STR(""));
		if (kj_str_eq_fold(keyword, KJ_STR("match")))
			take_match(r, rows, row, outer, &scope);
		else if (bad)
			continue;
		else if (kj_str_eq_fold(keyword, KJ_STR("include")) &&
		         openssh_key_find(&sshd_keys, &r->config.build, keyword))
			take_include(r, rows, row, scope, depth);
		else
			take_setting(r, rows, row, scope);
	}
}

static void read_command(struct reader *r)
{
	struct sshd_command command = {0};
	sshd_command_read(&r->config, &command);
	for (size_t i = 0; i < command.lines.n; i++)
		for (size_t k = 0; k < command.lines.at[i]->list.n; k++)
			take_setting(r, command.lines.at[i], &command.lines.at[i]->list.at[k], (struct sshd_scope){0});
	r->port_given = command.port;
	if (command.policy_unseen)
		r->config.policy_unseen = r->config.lines.n + 1;
	if (command.unseen.n && !r->reads.hidden.n)
		r->reads.hidden = command.unseen;
	if (!command.file.n)
		return;
	r->reads = (struct kj_reads){.looked_for = command.file};
	kj_read_path(r->config.host, &r->reads, NULL, command.file, r->source->parser, r->source->options);
}

/* sshd's main() refuses a command without the user to run it. */
static void check_commands(struct reader *r)
{
	static const struct {
		kj_str command, user;
	} pairs[] = {{KJ_STR_INIT("authorizedkeyscommand"), KJ_STR_INIT("authorizedkeyscommanduser")},
	             {KJ_STR_INIT("authorizedprincipalscommand"), KJ_STR_INIT("authorizedprincipalscommanduser")}};
	for (size_t i = 0; i < 2; i++) {
		const struct sshd_line *command = NULL;
		bool user = false;
		for (size_t k = 0; k < r->config.lines.n; k++) {
			const struct sshd_line *line = &r->config.lines.at[k];
			if (line->scope.inactive)
				continue;
			user |= kj_str_eq(line->key->name, pairs[i].user);
			if (!command && kj_str_eq(line->key->name, pairs[i].command))
				command = line;
		}
		if (command && !user && !kj_str_eq_fold(command->value[0], KJ_STR("none")))
			refuse(r, command->row, "a command without the user to run it: ", pairs[i].command);
	}
}

static void judge(struct reader *r)
{
	struct kj_resolved *out = r->config.out;
	bool refused = out->refused;
	kj_str message = out->message;
	if (!kj_judge_reads(r->config.host, &r->reads, out))
		out->refused = false;
	else if (refused)
		kj_resolved_state(r->config.host, out, KJ_STATE_NOT_IN_FORCE, "%.*s", KJ_FMT(message));
	if (r->rows_seen >= LINES_MAX)
		kj_resolved_state(r->config.host, out, KJ_STATE_ERROR,
		                  "'%.*s' and what it includes have more than %d lines", KJ_FMT(out->texts.at[0]->name),
		                  LINES_MAX);
}

/* With a captured sshd -T the files only tell of Match blocks and of what differs. */
static void take_captured(struct reader *r, const struct kj_reads *captured)
{
	struct kj_resolved *out = r->config.out;
	bool files = out->state == KJ_STATE_EFFECTIVE || out->state == KJ_STATE_NOT_IN_FORCE;
	kj_str unseen = files ? KJ_STR("") : out->message;
	kj_str refusal = out->refused ? out->message : KJ_STR("");
	out->state = KJ_STATE_EFFECTIVE;
	out->message = KJ_STR("");
	out->refused = false;
	kj_note_texts(r->config.host, captured, out);
	sshd_apply_captured(&r->config, captured->list.at[0].rows);
	for (size_t i = 0; i < out->settings.n; i++) {
		struct kj_setting *s = &out->settings.at[i];
		const struct openssh_key *key = openssh_key_find(&sshd_keys, &r->config.build, s->key);
		if (unseen.n && !s->scope.n && key && !(key->flags & OPENSSH_GLOBAL))
			kj_setting_note(r->config.host, s, "Match blocks were not seen: %.*s", KJ_FMT(unseen));
	}
	if (refusal.n && out->settings.n)
		kj_setting_note(r->config.host, &out->settings.at[0], "%.*s", KJ_FMT(refusal));
}

/* sshd -T -C user=… : each is the truth for its connection. */
static void take_connections(struct reader *r)
{
	const struct kj_input *input = NULL;
	const struct kj_captured *captured;
	size_t n = kj_export_command_all(r->config.host->export, KJ_STR("sshd -T -C"), &captured);
	for (size_t i = 0; i < r->source->inputs; i++)
		if (r->source->input[i].effective)
			input = &r->source->input[i];
	for (size_t i = 0; input && i < n; i++) {
		if (captured[i].artifact->state != KJ_ARTIFACT_OK)
			continue;
		KJ_PUSH(r->config.host->arena, &r->config.out->texts, &captured[i].artifact->text);
		sshd_apply_connection(
		        &r->config, captured[i].rest,
		        kj_host_rows(r->config.host, captured[i].artifact, input->parser, input->options));
	}
}

void kj_resolve_sshd(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	static const char *const packages[] = {"openssh-server", "openssh", NULL};
	struct reader r = {.source = source,
	                   .config = {.host = host, .out = out, .build = openssh_build_of(host, packages)}};
	struct kj_reads captured = {0};
	kj_read_inputs(host, source, true, &captured);
	kj_read_inputs(host, source, false, &r.reads);
	read_command(&r);
	size_t files = r.reads.list.n;
	for (size_t i = 0; i < files; i++) {
		struct kj_read read = r.reads.list.at[i]; /* the list grows by what it includes */
		read_file(&r, &read, (struct sshd_scope){0}, 0);
	}
	check_commands(&r);
	judge(&r);
	r.config.sure = out->state == KJ_STATE_EFFECTIVE;
	bool absent = out->state == KJ_STATE_ABSENT;
	if (!absent && (files || captured.list.n))
		sshd_apply(&r.config);
	sshd_apply_unseen_policy(&r.config);
	if (captured.list.n)
		take_captured(&r, &captured);
	else if (out->refused)
		kj_settings_out_of_force(host, out);
	take_connections(&r);
	if (r.reads.list.n)
		out->rows = r.reads.list.at[0].rows;
}
