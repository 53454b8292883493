/* The source `cron`: what cron runs, from the system's tables, the folders of scripts, the users' tables and anacron's. Debian's cron passes over a
   whole table with a mistake in it (its cron.c and entry.c, seen with `crontab -n`); cronie, which the others have, only the line. */
#include "resolve/work.h"

const char *const kj_cron_columns[] = {"when", "user", "command", "kind", "runs", "why", NULL};
enum { WHEN, USER, COMMAND, KIND, RUNS, WHY };

struct cron {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_rows *rows;
	struct kj_reads reads;
	bool debian;
};

/* ---- tables ---- */

static kj_str base_of(kj_str path)
{
	return kj_str_from(path, kj_str_find_last(path, '/') == path.n ? 0 : kj_str_find_last(path, '/') + 1);
}

/* Why cron runs nothing of a table; empty: it does. */
static kj_str table_fault(const struct cron *c, const struct kj_artifact *artifact, const struct kj_rows *rows)
{
	kj_str text = artifact->text.bytes;
	kj_str rest = kj_str_trim(
	        kj_str_from(text, kj_str_find_last(text, '\n') == text.n ? 0 : kj_str_find_last(text, '\n')));
	if (!c->debian)
		return KJ_STR("");
	if (rest.n && rest.p[0] != '#')
		return KJ_STR("the table has no newline at its end, so Debian's cron runs nothing of it");
	for (size_t i = 0; i < rows->list.n; i++)
		if (rows->list.at[i].bad)
			return kj_str_fmt(c->host->arena, "line %u: %s, so Debian's cron runs nothing of the table",
			                  rows->list.at[i].line, rows->list.at[i].problem);
	return KJ_STR("");
}

static kj_str *add_job(struct cron *c, const struct kj_row *row, const kj_str *values, kj_str why)
{
	kj_str *cells = kj_rows_append(c->host, c->rows, row);
	for (size_t i = WHEN; i <= KIND; i++)
		cells[i] = values[i];
	cells[RUNS] = why.n ? KJ_STR("no") : KJ_STR("yes");
	cells[WHY] = why;
	return cells;
}

/* `user` empty: each line names one. */
static void take_table(struct cron *c, const struct kj_artifact *artifact, const struct kj_rows *rows, kj_str user,
                       kj_str kind, kj_str why)
{
	kj_str fault = why.n ? why : table_fault(c, artifact, rows);
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		if (row->bad) {
			KJ_PUSH(c->host->arena, &c->out->bad, *row);
			continue;
		}
		if (!kj_str_eq(row->cell[0], KJ_STR("job")))
			continue;
		const kj_str values[] = {row->cell[1], user.n ? user : row->cell[2], row->cell[3], kind};
		add_job(c, row, values, fault);
	}
}

static const struct kj_node *with_user(const struct kj_source *source)
{
	return source->options;
}

/* Reads one table at a host path. */
static void read_table(struct cron *c, const struct kj_source *source, kj_str path, kj_str user, kj_str kind,
                       kj_str why)
{
	size_t before = c->reads.list.n;
	kj_read_path(c->host, &c->reads, NULL, path, KJ_STR("cron"), user.n ? NULL : with_user(source));
	if (c->reads.list.n > before)
		take_table(c, c->reads.list.at[before].artifact, c->reads.list.at[before].rows, user, kind, why);
}

/* ---- folders ---- */

static struct kj_entry_list list(struct cron *c, kj_str folder)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_list(c->host->export, c->host->arena, folder, &presence);
	if ((presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE) && !c->reads.hidden.n)
		c->reads.hidden = kj_str_fmt(c->host->arena, "/%.*s", KJ_FMT(folder));
	return found;
}

/* run-parts(8) of Debian, and its cron for cron.d: letters, digits, _ and - only. */
static bool is_plain_name(kj_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!kj_is_alnum(name.p[i]) && name.p[i] != '_' && name.p[i] != '-')
			return false;
	return name.n;
}

/* not_a_crontab() of cronie, and run-parts of crontabs. */
static bool is_leftover(kj_str name)
{
	static const char *const ends[] = {"~", ".rpmsave", ".rpmorig", ".rpmnew", ".cfsaved", ".swp", ",v"};
	bool leftover = name.p[0] == '.' || name.p[0] == '#';
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		leftover = leftover || kj_str_ends(name, kj_str_of(ends[i]));
	return leftover;
}

static kj_str name_fault(const struct cron *c, kj_str name)
{
	if (c->debian ? is_plain_name(name) : !is_leftover(name))
		return KJ_STR("");
	return c->debian ? KJ_STR("a name with other characters than letters, digits, _ and - is passed over")
	                 : KJ_STR("the name is that of a left-over, which is passed over");
}

static void read_cron_d(struct cron *c, const struct kj_source *source)
{
	struct kj_entry_list found = list(c, KJ_STR("etc/cron.d"));
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str name = base_of(found.paths.at[i]);
		if (found.list.at[i]->kind != KJ_ENTRY_DIR && !kj_str_eq(name, KJ_STR(".placeholder")))
			read_table(c, source, found.paths.at[i], KJ_STR(""), KJ_STR("cron.d"), name_fault(c, name));
	}
}

/* Scripts of a folder run when its time comes, if they may be executed. */
static void read_scripts(struct cron *c, const char *folder, const char *when)
{
	struct kj_entry_list found = list(c, kj_str_fmt(c->host->arena, "etc/%s", folder));
	for (size_t i = 0; i < found.paths.n; i++) {
		enum kj_presence presence;
		const struct kj_entry *e = kj_export_find(c->host->export, found.paths.at[i], &presence);
		kj_str name = base_of(found.paths.at[i]);
		if (found.list.at[i]->kind == KJ_ENTRY_DIR || name.p[0] == '.')
			continue;
		const struct kj_artifact *artifact = kj_export_read(c->host->export, found.paths.at[i]);
		const struct kj_row at = {.text = &artifact->text, .line = 1, .col = 1};
		kj_str command = kj_str_fmt(c->host->arena, "/%.*s", KJ_FMT(found.paths.at[i]));
		const kj_str values[] = {kj_str_of(when), KJ_STR("root"), command, KJ_STR("script")};
		kj_str why = name_fault(c, name);
		bool executable = !e || e->mode & 0111;
		if (!why.n && !executable && e->stat_trusted)
			why = KJ_STR("the file may not be executed");
		kj_str *cells = add_job(c, &at, values, why);
		if (!why.n && !executable && !e->stat_trusted)
			kj_rows_unseen(c->host, c->rows, cells, RUNS,
			               KJ_STR("the copy does not show that the file may be executed"));
	}
}

/* The users' own tables: the file's name is the user's. */
static void read_spool(struct cron *c, const struct kj_source *source)
{
	static const char *const folders[] = {"var/spool/cron/crontabs", "var/spool/cron/tabs", "var/spool/cron"};
	bool seen = false;
	for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
		enum kj_presence presence;
		struct kj_entry_list found =
		        kj_export_list(c->host->export, c->host->arena, kj_str_of(folders[f]), &presence);
		seen = seen || presence == KJ_PRESENT;
		for (size_t i = 0; i < found.paths.n; i++)
			if (found.list.at[i]->kind == KJ_ENTRY_FILE)
				read_table(c, source, found.paths.at[i], base_of(found.paths.at[i]), KJ_STR("user"),
				           KJ_STR(""));
		if (found.list.n && f + 1 < sizeof folders / sizeof *folders)
			break;
	}
	if (!seen && !c->reads.hidden.n)
		c->reads.hidden = KJ_STR("/var/spool/cron (the users' tables)");
}

/* anacrontab(5): days or @monthly, delay, name, command. */
static void read_anacrontab(struct cron *c)
{
	const struct kj_artifact *artifact = kj_export_read(c->host->export, KJ_STR("etc/anacrontab"));
	kj_str rest = artifact->text.bytes, line;
	uint32_t number = 0;
	while (artifact->state == KJ_ARTIFACT_OK && kj_str_line(&rest, &line)) {
		kj_str period, delay, name;
		int64_t days;
		struct kj_row at = {.text = &artifact->text, .line = ++number, .col = 1};
		line = kj_str_trim(line);
		if (kj_str_starts(line, KJ_STR("#")) || !kj_str_word(&line, &period) || !kj_str_word(&line, &delay) ||
		    !kj_str_word(&line, &name) || !(kj_num_int(period, &days) || period.p[0] == '@') ||
		    !kj_num_int(delay, &days))
			continue;
		kj_str when =
		        period.p[0] == '@' ? period : kj_str_fmt(c->host->arena, "every %.*s days", KJ_FMT(period));
		const kj_str values[] = {when, KJ_STR("root"), kj_str_trim(line), KJ_STR("anacron")};
		add_job(c, &at, values, KJ_STR(""));
	}
}

/* ---- crontab -l ---- */

/* Of "crontab_-l_-u_alice.txt" alice; who collects is root. */
static kj_str user_in_name(kj_str file)
{
	static const kj_str extensions[] = {KJ_STR_INIT(".txt"), KJ_STR_INIT(".out")};
	kj_str name = base_of(file);
	for (size_t i = 0; i < 2; i++)
		if (kj_str_ends_fold(name, extensions[i]))
			name = kj_str_upto(name, name.n - extensions[i].n);
	size_t at = kj_str_find_str(name, KJ_STR("-u"));
	name = kj_str_from(name, at == name.n ? name.n : at + 2);
	name = kj_str_upto(name, kj_str_find_str(name, KJ_STR("_-l")));
	while (name.n && !kj_is_alnum(name.p[0]))
		name = kj_str_from(name, 1);
	return name.n ? name : KJ_STR("root");
}

static bool read_captured(struct cron *c)
{
	const struct kj_artifact **found;
	size_t n = kj_export_named_all(c->host->export, KJ_STR("crontab*-l*"), KJ_STR(""), &found);
	for (size_t i = 0; i < n; i++) {
		bool none = kj_str_starts(found[i]->text.bytes, KJ_STR("no crontab for"));
		if (found[i]->state != KJ_ARTIFACT_OK)
			continue;
		KJ_PUSH(c->host->arena, &c->out->texts, &found[i]->text);
		const struct kj_rows *rows = kj_host_rows(c->host, found[i], KJ_STR("cron"), NULL);
		if (!none)
			take_table(c, found[i], rows, user_in_name(found[i]->text.name), KJ_STR("user"), KJ_STR(""));
	}
	return n;
}

static bool is_like_debian(const struct kj_export *export)
{
	kj_str debian = KJ_STR("debian");
	return kj_str_eq(export->distro, debian) || kj_str_eq(export->distro, KJ_STR("ubuntu")) ||
	       kj_str_find_str(export->distro_like, debian) < export->distro_like.n;
}

void kj_resolve_cron(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	static const char *const scripts[][2] = {{"cron.hourly", "@hourly"},
	                                         {"cron.daily", "@daily"},
	                                         {"cron.weekly", "@weekly"},
	                                         {"cron.monthly", "@monthly"}};
	struct cron c = {.host = host, .out = out, .debian = is_like_debian(host->export)};
	c.rows = kj_rows_make(host, kj_cron_columns);
	c.reads.looked_for = KJ_STR("/etc/crontab, /etc/cron.d, /etc/cron.daily, /var/spool/cron");
	out->rows = c.rows;
	read_table(&c, source, KJ_STR("etc/crontab"), KJ_STR(""), KJ_STR("crontab"), KJ_STR(""));
	read_cron_d(&c, source);
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		read_scripts(&c, scripts[i][0], scripts[i][1]);
	read_anacrontab(&c);
	bool captured = read_captured(&c);
	kj_str hidden = c.reads.hidden;
	if (!captured)
		read_spool(&c, source);
	hidden = hidden.n ? hidden : c.reads.hidden;
	if (c.rows->list.n || captured)
		c.reads.hidden = KJ_STR("");
	kj_judge_reads(host, &c.reads, out);
	if (c.rows->list.n && out->state != KJ_STATE_ERROR)
		kj_resolved_state(host, out, KJ_STATE_EFFECTIVE, "%s", "");
	if (out->state == KJ_STATE_EFFECTIVE && hidden.n)
		kj_rows_add_unseen(host, c.rows, kj_str_fmt(host->arena, "%.*s was not collected", KJ_FMT(hidden)));
}
