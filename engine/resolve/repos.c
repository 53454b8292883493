/* The source `repos`: repositories of dnf and yum. Files of reposdir by name; of one id the first counts (RepoDict.add of
   dnf refuses another); what a repository does not say, [main] says, else dnf's default (dnf.conf(5)). dnf5's
   repos.override.d comes last. */
#include "resolve/apt.h"
#include "resolve/work.h"

#include <stdlib.h>
#include <string.h>

const char *const kj_repos_columns[] = {"id",        "name",    "enabled",  "gpgcheck",   "repo_gpgcheck",
                                        "sslverify", "baseurl", "metalink", "mirrorlist", "gpgkey",
                                        NULL};
enum { ID, NAME, ENABLED, GPGCHECK, REPO_GPGCHECK, SSLVERIFY, BASEURL, COLUMNS = 10 };

/* What a repository takes from [main], and the default; other columns are empty when not said. */
static const struct {
	size_t column;
	kj_str preset;
	bool inherited;
} presets[] = {
        {ENABLED, KJ_STR_INIT("yes"), false},
        {GPGCHECK, KJ_STR_INIT("no"), true},
        {REPO_GPGCHECK, KJ_STR_INIT("no"), true},
        {SSLVERIFY, KJ_STR_INIT("yes"), true},
};
#define PRESETS (sizeof presets / sizeof *presets)

struct repo {
	kj_str cell[COLUMNS];
	const struct kj_text *text; /* the file that it stands in */
	struct kj_row at;
};

struct repos {
	struct kj_host *host;
	struct kj_resolved *out;
	KJ_VEC(struct repo *) list;
	struct kj_map by_id;
	struct repo main; /* of its cells only those that are inherited */
	KJ_VEC(struct kj_row) ignored;
};

/* As libdnf reads a boolean; empty when it is none. */
static kj_str truth(kj_str value)
{
	static const kj_str yes[] = {KJ_STR_INIT("1"), KJ_STR_INIT("yes"), KJ_STR_INIT("true"), KJ_STR_INIT("on")};
	static const kj_str no[] = {KJ_STR_INIT("0"), KJ_STR_INIT("no"), KJ_STR_INIT("false"), KJ_STR_INIT("off")};
	for (size_t i = 0; i < 4; i++) {
		if (kj_str_eq_fold(value, yes[i]))
			return KJ_STR("yes");
		if (kj_str_eq_fold(value, no[i]))
			return KJ_STR("no");
	}
	return KJ_STR("");
}

static size_t column_of(kj_str key)
{
	size_t i = NAME;
	while (i < COLUMNS && !kj_str_eq(key, kj_str_of(kj_repos_columns[i])))
		i++;
	return i;
}

/* Of a key that stands twice the last value counts alone: where that is no boolean, dnf logs it and what [main] says, or
   the default, holds. */
static void set(struct repos *r, struct repo *repo, kj_str key, kj_str value, const struct kj_row *row)
{
	size_t column = column_of(key);
	if (column == COLUMNS)
		return;
	bool boolean = column >= ENABLED && column <= SSLVERIFY;
	if (boolean && !truth(value).n) {
		struct kj_row bad = *row;
		bad.bad = true;
		bad.problem = "neither yes nor no: passed over";
		KJ_PUSH(r->host->arena, &r->ignored, bad);
	}
	repo->cell[column] = boolean ? truth(value) : kj_without_passwords(r->host->arena, value);
}

static struct repo *repo_at(struct repos *r, kj_str id, const struct kj_row *row)
{
	void **place = kj_map_at(r->host->arena, &r->by_id, id);
	if (!*place) {
		struct repo *repo = KJ_NEW(r->host->arena, struct repo);
		repo->cell[ID] = id;
		repo->text = row->text;
		repo->at = *row;
		*place = repo;
		KJ_PUSH(r->host->arena, &r->list, repo);
	}
	return *place;
}

static void take_row(struct repos *r, const struct kj_rows *rows, const struct kj_row *row, bool override)
{
	kj_str section = kj_row_cell(rows, row, KJ_STR("section")), key = kj_row_cell(rows, row, KJ_STR("key"));
	kj_str value = kj_row_cell(rows, row, KJ_STR("value"));
	if (row->bad) {
		KJ_PUSH(r->host->arena, &r->out->bad, *row);
		return;
	}
	if (override) {
		for (size_t i = 0; i < r->list.n; i++)
			if (kj_glob(section, r->list.at[i]->cell[ID], false))
				set(r, r->list.at[i], key, value, row);
		return;
	}
	struct repo *repo = kj_str_eq(section, KJ_STR("main")) ? &r->main : section.n ? repo_at(r, section, row) : NULL;
	if (repo && (repo == &r->main || repo->text == row->text))
		set(r, repo, key, value, row);
}

static void add_repo(struct repos *r, struct kj_rows *rows, const struct repo *repo)
{
	kj_str *cells = kj_rows_append(r->host, rows, &repo->at);
	memcpy(cells, repo->cell, sizeof repo->cell);
	for (size_t i = 0; i < PRESETS; i++) {
		size_t column = presets[i].column;
		if (!cells[column].n)
			cells[column] = presets[i].inherited && r->main.cell[column].n ? r->main.cell[column]
			                                                               : presets[i].preset;
	}
}

void kj_resolve_repos(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct repos r = {.host = host, .out = out};
	struct kj_reads reads = {0};
	struct kj_rows *rows = kj_rows_make(host, kj_repos_columns);
	out->rows = rows;
	kj_read_inputs(host, source, false, &reads);
	reads.veiled = KJ_STR(""); /* vendors' folders are a matter of dnf5, which no host has without /etc/dnf */
	if (!kj_judge_reads(host, &reads, out) && !reads.list.n)
		return;
	for (size_t i = 0; i < reads.list.n; i++) {
		const struct kj_read *read = &reads.list.at[i];
		bool override = kj_str_find_str(read->path, KJ_STR("repos.override.d/")) < read->path.n;
		for (size_t k = 0; k < read->rows->list.n; k++)
			take_row(&r, read->rows, &read->rows->list.at[k], override);
		rows->capped |= read->rows->capped;
	}
	for (size_t i = 0; i < r.list.n; i++)
		add_repo(&r, rows, r.list.at[i]);
	for (size_t i = 0; i < r.ignored.n; i++)
		KJ_PUSH(host->arena, &out->bad, r.ignored.at[i]);
}
