/* The files of sudoers: includes in place, what sudo skips and what it refuses (file.c, toke.l, sudoers.c). */
#include "resolve/sudoers_policy.h"

#include "resolve/packages.h"

enum {
	DEPTH_MAX = 144,      /* MAX_SUDOERS_DEPTH is 128, looked at when a stack that grows by 16 is full */
	ENTRIES_MAX = 100000, /* of all files together: includes of includes multiply */
	WORK_MAX = 50000000,
	NESTING_MAX = 1000,
	RECOVERS = 10903, /* the first sudo that drops a faulty line and not the whole policy (NEWS) */
	REGEX = 10910,
	INCLUDE_MAY_MISS = 10913,
};

struct reader {
	struct sudo_policy *policy;
	struct kj_map parsed; /* path → struct kj_sudo_file */
	size_t entries;
};

/* ---- state ---- */

void sudo_policy_state(struct sudo_policy *policy, enum kj_state state, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(policy->host->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	policy->state = state;
	policy->message = kj_buf_str(&buf);
}

bool sudo_policy_work(struct sudo_policy *policy, size_t n)
{
	policy->work += n;
	if (policy->work > WORK_MAX && policy->state != KJ_STATE_ERROR)
		sudo_policy_state(policy, KJ_STATE_ERROR, "sudoers is too large to be judged");
	return policy->work <= WORK_MAX;
}

bool sudo_policy_enter(struct sudo_policy *policy)
{
	if (policy->nesting >= NESTING_MAX) {
		policy->work = WORK_MAX;
		return sudo_policy_work(policy, 1);
	}
	policy->nesting++;
	return true;
}

static bool older(const struct sudo_policy *policy, unsigned version)
{
	return policy->version && policy->version < version;
}

static void refuse(struct sudo_policy *policy, const struct kj_text *text, uint32_t line, const char *problem)
{
	if (policy->refused)
		return;
	policy->refused = true;
	policy->at = (struct kj_origin){text, line, 1};
	sudo_policy_state(policy, KJ_STATE_NOT_IN_FORCE, "'%.*s' line %u: %s: sudo refuses the file",
	                  KJ_FMT(text->name), line, problem);
}

void sudo_policy_bad(struct sudo_policy *policy, const struct kj_text *text, uint32_t line, uint32_t col,
                     const char *problem)
{
	KJ_PUSH(policy->host->arena, &policy->bad,
	        (struct kj_row){.text = text, .line = line, .col = col, .bad = true, .problem = problem});
	if (older(policy, RECOVERS))
		refuse(policy, text, line, problem);
}

/* ---- entries ---- */

static bool take_alias(struct sudo_policy *policy, const struct kj_text *text, const struct kj_sudo_entry *e)
{
	struct kj_arena *arena = policy->host->arena;
	void **place = kj_map_at(arena, &policy->aliases[e->is.alias->type], e->is.alias->name);
	if (*place) {
		sudo_policy_bad(policy, text, e->line, e->col,
		                kj_str_zero(arena, kj_str_fmt(arena, "the alias %.*s is defined twice",
		                                              KJ_FMT(e->is.alias->name))));
		return false;
	}
	struct sudo_named *named = KJ_NEW(arena, struct sudo_named);
	named->alias = e->is.alias;
	named->text = text;
	*place = named;
	return true;
}

bool sudo_policy_take(struct sudo_policy *policy, const struct kj_text *text, const struct kj_sudo_entry *e)
{
	struct kj_arena *arena = policy->host->arena;
	if (e->kind != KJ_SUDO_BAD && older(policy, e->since)) {
		sudo_policy_bad(policy, text, e->line, e->col, "this sudo does not know it yet");
		return false;
	}
	policy->typed |= e->since == REGEX;
	switch (e->kind) {
	case KJ_SUDO_BAD:
		sudo_policy_bad(policy, text, e->line, e->col, e->is.problem);
		return true;
	case KJ_SUDO_GRANT:
		KJ_PUSH(arena, &policy->grants, (struct sudo_granted){.grant = e->is.grant, .text = text});
		return true;
	case KJ_SUDO_DEFAULT:
		KJ_PUSH(arena, &policy->settings, (struct sudo_set){.d = e->is.setting, .text = text});
		return true;
	case KJ_SUDO_ALIAS_ENTRY:
		return take_alias(policy, text, e);
	default:
		return true;
	}
}

/* ---- files that sudo refuses ---- */

/* lib/util/secure_path.c; only a manifest or an archive knows owners and modes. */
static const char *insecure(const struct kj_entry *entry)
{
	if (!entry || !entry->stat_trusted)
		return NULL;
	bool root = kj_str_eq(entry->owner, KJ_STR("root")) || kj_str_eq(entry->owner, KJ_STR("0"));
	bool wheel = kj_str_eq(entry->group, KJ_STR("root")) || kj_str_eq(entry->group, KJ_STR("0"));
	if (entry->owner.n && !root)
		return "it is not owned by root";
	if (entry->mode & 02)
		return "it is world writable";
	if (entry->mode & 020 && entry->group.n && !wheel)
		return "its group may write to it, and is not root";
	return NULL;
}

static void read_file(struct reader *r, const struct kj_artifact *artifact, kj_str path, unsigned depth);

/* The name as sudo completes it; empty when the host's name is needed and not known. */
static kj_str expand(struct reader *r, kj_str path, kj_str from)
{
	struct kj_buf out = KJ_BUF(r->policy->host->arena);
	if (path.n > 1 && path.p[0] == '"' && kj_str_ends(path, KJ_STR("\"")))
		path = kj_str_upto(kj_str_from(path, 1), path.n - 2);
	size_t slash = kj_str_find_last(from, '/');
	if (!kj_str_starts(path, KJ_STR("/")) && slash < from.n)
		kj_buf_put(&out, kj_str_upto(from, slash + 1));
	for (size_t at; (at = kj_str_find_str(path, KJ_STR("%h"))) < path.n; path = kj_str_from(path, at + 2)) {
		if (!r->policy->host_short.n)
			return KJ_STR("");
		kj_buf_put(&out, kj_str_upto(path, at));
		kj_buf_put(&out, r->policy->host_short);
	}
	kj_buf_put(&out, path);
	return kj_buf_str(&out);
}

static void hide(struct reader *r, kj_str path)
{
	if (!r->policy->reads.hidden.n)
		r->policy->reads.hidden = path;
}

static void note_broken(struct reader *r, kj_str path, const struct kj_artifact *artifact)
{
	if (r->policy->reads.broken)
		return;
	r->policy->reads.broken = artifact;
	r->policy->reads.broken_path = path;
}

/* One file that is named or listed; false: sudo cannot open it. */
static bool open_file(struct reader *r, kj_str path, unsigned depth, const char **why)
{
	struct kj_host *host = r->policy->host;
	const struct kj_artifact *artifact = kj_export_read(host->export, kj_host_path(path));
	*why = "no such file";
	const struct kj_entry *entry = kj_export_find(host->export, kj_host_path(path), NULL);
	if (entry && entry->kind == KJ_ENTRY_DIR) {
		*why = "not a regular file";
		return false;
	}
	switch (artifact->state) {
	case KJ_ARTIFACT_ABSENT:
		return false;
	case KJ_ARTIFACT_NOT_COLLECTED:
		hide(r, path);
		return true;
	case KJ_ARTIFACT_ERROR:
		note_broken(r, path, artifact);
		return true;
	case KJ_ARTIFACT_OK:
		break;
	}
	*why = insecure(artifact->entry);
	if (*why)
		return false;
	read_file(r, artifact, path, depth);
	return true;
}

/* ---- includes ---- */

static void bad_include(struct reader *r, const struct kj_text *text, const struct kj_sudo_entry *e, kj_str path,
                        const char *why)
{
	struct kj_arena *arena = r->policy->host->arena;
	sudo_policy_bad(r->policy, text, e->line, e->col,
	                kj_str_zero(arena, kj_str_fmt(arena, "'%.*s': %s", KJ_FMT(path), why)));
}

/* False where an older sudo trips over it: it then drops the next line. */
static bool include_file(struct reader *r, const struct kj_text *text, const struct kj_sudo_entry *e, kj_str path,
                         unsigned depth)
{
	const char *why = "too many files include each other";
	if (depth < DEPTH_MAX && open_file(r, path, depth + 1, &why))
		return true;
	bad_include(r, text, e, path, why);
	return !older(r->policy, INCLUDE_MAY_MISS);
}

static bool is_listed(kj_str path)
{
	kj_str name = kj_str_from(path, kj_str_find_last(path, '/') + 1);
	return kj_str_find(name, '.') == name.n && !kj_str_ends(name, KJ_STR("~"));
}

/* A folder that is missing, or that others may write to, holds nothing for sudo. */
static void include_folder(struct reader *r, const struct kj_text *text, const struct kj_sudo_entry *e, kj_str path,
                           unsigned depth)
{
	struct kj_host *host = r->policy->host;
	kj_str folder = kj_host_path(path);
	while (kj_str_ends(folder, KJ_STR("/")))
		folder.n--;
	const struct kj_entry *entry = kj_export_find(host->export, folder, NULL);
	const char *why = entry && entry->kind != KJ_ENTRY_DIR ? "not a folder" : insecure(entry);
	if (why) {
		bad_include(r, text, e, path, why);
		return;
	}
	enum kj_presence presence;
	struct kj_entry_list found =
	        kj_export_glob(host->export, host->arena, kj_str_fmt(host->arena, "%.*s/*", KJ_FMT(folder)), &presence);
	if (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE)
		hide(r, path);
	if (found.paths.n && depth >= DEPTH_MAX) {
		bad_include(r, text, e, path, "too many files include each other");
		return;
	}
	for (size_t i = 0; i < found.paths.n; i++) {
		if (is_listed(found.paths.at[i]) &&
		    !open_file(r, kj_str_fmt(host->arena, "/%.*s", KJ_FMT(found.paths.at[i])), depth + 1, &why))
			bad_include(r, text, e, found.paths.at[i], why);
	}
}

static bool take_include(struct reader *r, const struct kj_text *text, const struct kj_sudo_entry *e, kj_str from,
                         unsigned depth)
{
	kj_str path = expand(r, e->is.path, from);
	if (!path.n) {
		hide(r, e->is.path);
		return true;
	}
	if (e->kind == KJ_SUDO_INCLUDE)
		return include_file(r, text, e, path, depth);
	include_folder(r, text, e, path, depth);
	return true;
}

/* ---- one file ---- */

static const struct kj_sudo_file *parse(struct reader *r, const struct kj_artifact *artifact)
{
	void **place = kj_map_at(r->policy->host->arena, &r->parsed, artifact->text.name);
	if (!*place) {
		struct kj_sudo_file *file = KJ_NEW(r->policy->host->arena, struct kj_sudo_file);
		*file = *kj_sudo_parse(r->policy->host->arena, &artifact->text);
		*place = file;
	}
	return *place;
}

static void too_many(struct reader *r, const struct kj_text *text)
{
	sudo_policy_state(r->policy, KJ_STATE_ERROR, "'%.*s' and what it includes have more than %d entries",
	                  KJ_FMT(text->name), ENTRIES_MAX);
	r->policy->at.text = text;
}

/* sudo goes on with the file that includes this one as if it were the same line. */
static void unfinished(struct reader *r, const struct kj_text *text, unsigned depth)
{
	if (!depth)
		refuse(r->policy, text, 1, "the last line ends in a backslash");
	else
		sudo_policy_state(r->policy, KJ_STATE_ERROR, "'%.*s' ends in a backslash, in the middle of a line",
		                  KJ_FMT(text->name));
}

static void take_entries(struct reader *r, const struct kj_sudo_file *file, const struct kj_text *text, kj_str path,
                         unsigned depth, uint32_t skip)
{
	size_t dropped = SIZE_MAX; /* the statement that a fault was found in */
	for (size_t i = 0; i < file->entries.n && r->entries < ENTRIES_MAX; i++, r->entries++) {
		const struct kj_sudo_entry *e = &file->entries.at[i];
		if (e->statement == dropped || e->line <= skip)
			continue;
		bool include = e->kind == KJ_SUDO_INCLUDE || e->kind == KJ_SUDO_INCLUDEDIR;
		if (!sudo_policy_take(r->policy, text, e))
			dropped = e->statement;
		else if (include && !take_include(r, text, e, path, depth))
			skip = e->last + 1;
	}
	if (r->entries >= ENTRIES_MAX)
		too_many(r, text);
}

static void read_file(struct reader *r, const struct kj_artifact *artifact, kj_str path, unsigned depth)
{
	const struct kj_text *text = &artifact->text;
	const struct kj_sudo_file *file = parse(r, artifact);
	KJ_PUSH(r->policy->host->arena, &r->policy->reads.list,
	        (struct kj_read){.path = kj_host_path(path), .artifact = artifact});
	bool mark = kj_has_mark(artifact);
	if (mark)
		sudo_policy_bad(r->policy, text, 1, 1, "a byte order mark");
	take_entries(r, file, text, path, depth, mark);
	if (file->unfinished)
		unfinished(r, text, depth);
}

/* ---- the host ---- */

static unsigned number(kj_str version)
{
	unsigned parts[3] = {0};
	for (size_t i = 0; i < 3 && version.n; i++) {
		for (; version.n && kj_is_digit(version.p[0]) && parts[i] < 100; version = kj_str_from(version, 1))
			parts[i] = parts[i] * 10 + (unsigned)(version.p[0] - '0');
		if (!version.n || version.p[0] != '.')
			break;
		version = kj_str_from(version, 1);
	}
	return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

static unsigned sudo_version(struct kj_host *host)
{
	static const struct kj_release releases[] = {
	        {"debian", "13", "1.9.16", false},    {"debian", "12", "1.9.13", false},
	        {"debian", "11", "1.9.5", false},     {"debian", "10", "1.8.27", false},
	        {"ubuntu", "24.04", "1.9.15", false}, {"ubuntu", "22.04", "1.9.9", false},
	        {"ubuntu", "20.04", "1.8.31", false}, {"ubuntu", "18.04", "1.8.21", false},
	        {"rhel", "10", "1.9.15", true},       {"rhel", "9", "1.9.5", true},
	        {"rhel", "7", "1.8.23", true},
	};
	kj_str version = kj_package_version(host, KJ_STR("sudo"));
	if (!version.n)
		version = kj_release_version(host->export, releases, sizeof releases / sizeof *releases);
	return version.n ? number(version) : 0;
}

static void name_host(struct sudo_policy *policy)
{
	struct kj_export *export = policy->host->export;
	const struct kj_artifact *of[] = {
	        kj_export_command(export, KJ_STR("hostname -f")), kj_export_command(export, KJ_STR("hostname")),
	        kj_export_command(export, KJ_STR("uname -n")), kj_export_read(export, KJ_STR("etc/hostname"))};
	for (size_t i = 0; i < sizeof of / sizeof *of && !policy->host_long.n; i++) {
		if (of[i]->state != KJ_ARTIFACT_OK)
			continue;
		kj_str rest = of[i]->text.bytes, line;
		while (!policy->host_long.n && kj_str_line(&rest, &line))
			if (kj_str_trim(line).n && kj_str_trim(line).p[0] != '#')
				policy->host_long = kj_str_trim(line);
	}
	policy->host_short = kj_str_upto(policy->host_long, kj_str_find(policy->host_long, '.'));
}

/* nsswitch.conf's `sudoers:` may name a directory beside the files, or in their place (sudo_nss.c). */
static void ask_nsswitch(struct sudo_policy *policy)
{
	const struct kj_artifact *nss = kj_export_read(policy->host->export, KJ_STR("etc/nsswitch.conf"));
	kj_str rest = nss->state == KJ_ARTIFACT_OK ? nss->text.bytes : KJ_STR(""), line, word;
	bool files = true;
	for (uint32_t n = 1; kj_str_line(&rest, &line); n++) {
		line = kj_str_trim(kj_str_upto(line, kj_str_find(line, '#')));
		if (!kj_str_starts_fold(line, KJ_STR("sudoers:")))
			continue;
		files = false;
		policy->elsewhere = false;
		policy->beyond.n = 0;
		for (line = kj_str_from(line, 8); kj_str_word(&line, &word);) {
			files |= kj_str_eq_fold(word, KJ_STR("files"));
			if (!kj_str_eq_fold(word, KJ_STR("sss")) && !kj_str_eq_fold(word, KJ_STR("ldap")))
				continue;
			policy->elsewhere = true;
			KJ_PUSH(policy->host->arena, &policy->beyond,
			        (struct kj_row){.text = &nss->text,
			                        .line = n,
			                        .col = 1,
			                        .bad = true,
			                        .problem =
			                                "rules of sudo may also come from a directory, which was not "
			                                "collected"});
		}
		if (!files) {
			policy->refused = true;
			policy->at = (struct kj_origin){&nss->text, n, 1};
			sudo_policy_state(policy, KJ_STATE_NOT_IN_FORCE, "'%.*s' line %u: sudo does not read the files",
			                  KJ_FMT(nss->text.name), n);
		}
	}
}

/* ---- all of it ---- */

static void judge(struct sudo_policy *policy)
{
	struct kj_resolved seen = {.state = KJ_STATE_EFFECTIVE};
	if (policy->state == KJ_STATE_ERROR)
		return;
	if (!kj_judge_reads(policy->host, &policy->reads, &seen)) {
		policy->state = seen.state;
		policy->message = seen.message;
		policy->at = seen.at;
		policy->refused = false;
	}
}

static struct sudo_policy *blank(struct kj_host *host)
{
	struct sudo_policy *policy = KJ_NEW(host->arena, struct sudo_policy);
	*policy = (struct sudo_policy){.host = host, .state = KJ_STATE_EFFECTIVE, .version = sudo_version(host)};
	name_host(policy);
	return policy;
}

static void finish(struct sudo_policy *policy)
{
	sudo_defaults_check(policy);
	sudo_people_load(policy);
	sudo_people_apply(policy);
}

struct sudo_policy *sudo_policy_of_files(struct kj_host *host, const struct kj_source *source)
{
	struct sudo_policy *policy = blank(host);
	struct reader r = {.policy = policy};
	struct kj_reads main = {0};
	ask_nsswitch(policy);
	kj_read_inputs(host, source, false, &main);
	policy->reads = main;
	policy->reads.list.n = 0;
	for (size_t i = 0; i < main.list.n; i++) {
		const struct kj_artifact *artifact = main.list.at[i].artifact;
		const char *why = insecure(artifact->entry);
		if (why)
			refuse(policy, &artifact->text, 1, why);
		read_file(&r, artifact, kj_str_fmt(host->arena, "/%.*s", KJ_FMT(main.list.at[i].path)), 0);
	}
	judge(policy);
	finish(policy);
	return policy;
}

static const struct kj_source *find_source(const struct kj_host *host)
{
	for (size_t i = 0; i < host->program->sources.n; i++)
		if (kj_str_eq(host->program->sources.at[i]->id, KJ_STR("sudoers")))
			return host->program->sources.at[i];
	return NULL;
}

/* NULL: there is none that can be read. */
static struct sudo_policy *policy_of_capture(struct kj_host *host, const struct kj_source *source)
{
	struct kj_reads captured = {0};
	kj_read_inputs(host, source, true, &captured);
	for (size_t i = 0; i < captured.list.n; i++) {
		struct sudo_policy *policy = blank(host);
		const struct kj_text *text = &captured.list.at[i].artifact->text;
		ask_nsswitch(policy);
		policy->reads = captured;
		policy->captured = text;
		if (!sudo_policy_read_json(policy, text))
			continue;
		finish(policy);
		return policy;
	}
	return NULL;
}

struct sudo_policy *sudo_policy_load(struct kj_host *host)
{
	const struct kj_source *source = find_source(host);
	if (!source) {
		struct sudo_policy *none = blank(host);
		sudo_policy_state(none, KJ_STATE_NOT_COLLECTED, "there is no source for sudoers");
		return none;
	}
	struct sudo_policy *files = sudo_policy_of_files(host, source);
	struct sudo_policy *captured = policy_of_capture(host, source);
	if (captured && (files->state == KJ_STATE_NOT_COLLECTED || files->state == KJ_STATE_ABSENT))
		return captured;
	files->otherwise = captured;
	return files;
}
