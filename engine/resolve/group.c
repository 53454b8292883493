/* The source `group`: the lines of /etc/group that getgrnam(3) takes, and which of them share a name or a number. */
#include "resolve/nss.h"

const char *const kj_group_columns[] = {"name", "password", "gid", "members", "name_lines", "gid_names", NULL};
enum { NAME, PASSWORD, GID, MEMBERS, NAME_LINES, GID_NAMES, COLUMNS };

static void add_row(struct kj_host *host, struct kj_rows *rows, const struct kj_nss_group *group,
                    struct kj_map *by_name, struct kj_map *by_gid)
{
	struct kj_row at = {.text = group->origin.text, .line = group->origin.line, .col = group->origin.col};
	kj_str *cell = kj_rows_append(host, rows, &at);
	cell[NAME] = group->name;
	cell[PASSWORD] = group->password;
	cell[GID] = kj_str_fmt(host->arena, "%u", group->gid);
	cell[MEMBERS] = group->members;
	cell[NAME_LINES] = kj_str_fmt(host->arena, "%zu", kj_nss_shared(host->arena, by_name, group->name)->n);
	cell[GID_NAMES] = kj_buf_str(&kj_nss_shared(host->arena, by_gid, cell[GID])->names);
}

void kj_resolve_group(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	const struct kj_nss *db = kj_nss_load(host, source->id);
	struct kj_rows *rows = kj_rows_make(host, kj_group_columns);
	struct kj_map by_name = {0}, by_gid = {0};
	kj_nss_take(host, db, out);
	for (size_t i = 0; i < db->group.n; i++) {
		const struct kj_nss_group *group = &db->group.at[i];
		if (!kj_nss_is_group(db, group))
			continue;
		kj_str gid = kj_str_fmt(host->arena, "%u", group->gid);
		kj_nss_share(kj_nss_shared(host->arena, &by_name, group->name), group->name);
		kj_nss_share(kj_nss_shared(host->arena, &by_gid, gid), group->name);
	}
	for (size_t i = 0; i < db->group.n; i++)
		if (kj_nss_is_group(db, &db->group.at[i]))
			add_row(host, rows, &db->group.at[i], &by_name, &by_gid);
	out->state = db->state;
	out->message = db->message;
	out->at = db->at;
	out->rows = rows;
}
