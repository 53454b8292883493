/* In which groups an account is, and whether that makes an administrator of it. initgroups(3) takes every line of
   /etc/group that names the account, also one that is commented out or is meant for NIS (nss/nss_files/
   files-initgroups.c of glibc), and privileges go by number: a second name for the number of `wheel` is wheel. */
#include "resolve/account.h"

/* What membership in a group makes of an account. */
enum worth { WORTH_NOTHING, WORTH_ADMIN, WORTH_ROOT };

/* A line of /etc/group, by who is in it. */
struct membership {
	const struct kj_nss_group *group;
	struct membership *next;
};

struct gshadow_role {
	const struct kj_nss_group *group;
	bool admin; /* else only a member by gshadow */
	struct gshadow_role *next;
};

struct kj_account_groups {
	struct kj_host *host;
	const struct kj_node *admin_groups, *root_groups;
	const struct kj_nss *group, *gshadow;
	bool open;                  /* NIS may add further members */
	struct kj_map by_name;      /* account → struct membership, the last line first */
	struct kj_map by_gid;       /* number → the first struct kj_nss_group of it */
	struct kj_map worth_of_gid; /* number → the first line whose name has a worth */
	struct kj_map roles;        /* account → struct gshadow_role */
};

bool kj_account_listed(const struct kj_node *list, kj_str text)
{
	for (size_t i = 0; list && list->kind == KJ_SEQ && i < list->n; i++)
		if (kj_str_eq(list->items[i]->text, text))
			return true;
	return false;
}

static kj_str number(struct kj_arena *arena, uint32_t gid)
{
	return kj_str_fmt(arena, "%u", gid);
}

static enum worth worth_of(const struct kj_account_groups *g, kj_str name)
{
	return kj_account_listed(g->root_groups, name)    ? WORTH_ROOT
	       : kj_account_listed(g->admin_groups, name) ? WORTH_ADMIN
	                                                  : WORTH_NOTHING;
}

/* ---- the index ---- */

static void index_number(struct kj_account_groups *g, const struct kj_nss_group *group)
{
	struct kj_arena *arena = g->host->arena;
	kj_str gid = number(arena, group->gid);
	void **place = kj_map_at(arena, &g->by_gid, gid);
	/* The maps hold plain pointers; nothing is changed through them. */
	*place = *place ? *place : (void *)(uintptr_t)group;
	if (worth_of(g, group->name) == WORTH_NOTHING)
		return;
	place = kj_map_at(arena, &g->worth_of_gid, gid);
	*place = *place ? *place : (void *)(uintptr_t)group;
}

static void index_members(struct kj_account_groups *g, const struct kj_nss_group *group)
{
	kj_str rest = group->members, member;
	while (kj_nss_member(&rest, &member)) {
		struct membership *m = KJ_NEW(g->host->arena, struct membership);
		void **place = kj_map_at(g->host->arena, &g->by_name, member);
		*m = (struct membership){group, *place};
		*place = m;
	}
}

/* nss_compat, which has an initgroups of its own, heeds neither comments nor, without NIS, lines with + and -. */
static void index_group(struct kj_account_groups *g, const struct kj_nss_group *group,
                        const struct kj_nss_services *services)
{
	bool odd = !kj_nss_is_group(g->group, group);
	bool nis = kj_nss_is_compat(group->name) && group->name.p[0] == '+' && !group->comment;
	g->open |= odd && nis && (services->compat || !services->known);
	if (!odd)
		index_number(g, group);
	if (!odd || !services->compat)
		index_members(g, group);
}

static void index_role(struct kj_account_groups *g, const struct kj_nss_group *group, kj_str list, bool admin)
{
	kj_str member;
	while (kj_nss_member(&list, &member)) {
		struct gshadow_role *role = KJ_NEW(g->host->arena, struct gshadow_role);
		void **place = kj_map_at(g->host->arena, &g->roles, member);
		*role = (struct gshadow_role){group, admin, *place};
		*place = role;
	}
}

/* Only groups that are worth something: the administrators of gshadow may add whom they like (gpasswd(1)), and its
   members may switch to the group (newgrp(1)). */
static void index_gshadow(struct kj_account_groups *g)
{
	for (size_t i = 0; i < g->gshadow->gshadow.n; i++) {
		const struct kj_nss_gshadow *entry = &g->gshadow->gshadow.at[i];
		const struct kj_nss_group *group = NULL;
		if (worth_of(g, entry->name) == WORTH_NOTHING)
			continue;
		for (size_t k = 0; k < g->group->group.n && !group; k++)
			if (kj_str_eq(g->group->group.at[k].name, entry->name))
				group = &g->group->group.at[k];
		if (group) {
			index_role(g, group, entry->members, false);
			index_role(g, group, entry->admins, true);
		}
	}
}

const struct kj_account_groups *kj_account_groups_load(struct kj_host *host, const struct kj_node *with,
                                                       struct kj_resolved *out)
{
	struct kj_account_groups *g = KJ_NEW(host->arena, struct kj_account_groups);
	struct kj_nss_services services = kj_nss_services(host, KJ_STR("group"));
	*g = (struct kj_account_groups){.host = host,
	                                .admin_groups = kj_doc_get(with, KJ_STR("admin_groups")),
	                                .root_groups = kj_doc_get(with, KJ_STR("root_groups")),
	                                .group = kj_nss_load(host, KJ_STR("group")),
	                                .gshadow = kj_nss_load(host, KJ_STR("gshadow"))};
	kj_nss_take(host, g->group, out);
	kj_nss_take(host, g->gshadow, out);
	for (size_t i = 0; i < g->group->group.n; i++)
		index_group(g, &g->group->group.at[i], &services);
	index_gshadow(g);
	return g;
}

/* ---- one account ---- */

static kj_str name_of(const struct kj_account_groups *g, uint32_t gid)
{
	kj_str text = number(g->host->arena, gid);
	const struct kj_nss_group *group = kj_map_get(&g->by_gid, text);
	return group ? group->name : text;
}

/* Lists whose items are told once. */
struct list {
	struct kj_buf buf;
	struct kj_map seen;
};

static void list_add(struct list *list, kj_str item)
{
	void **place = kj_map_at(list->buf.arena, &list->seen, item);
	if (*place)
		return;
	*place = list;
	if (list->buf.n)
		kj_buf_char(&list->buf, KJ_PARSE_LIST);
	kj_buf_put(&list->buf, item);
}

/* The groups of one account, and what makes an administrator of it. */
struct joined {
	const struct kj_nss_passwd *entry;
	struct list names, others, by;
};

/* The primary group of the account's own name, which gives nothing that the account has not: neither by another name of
   its number, nor as group 0. */
static bool is_private(const struct kj_account_groups *g, const struct kj_nss_passwd *entry)
{
	return (entry->gid != 0 || entry->uid == 0) && kj_str_eq(name_of(g, entry->gid), entry->name) &&
	       !kj_map_get(&g->worth_of_gid, number(g->host->arena, entry->gid));
}

/* `line`: what makes a member; NULL: it is the primary group. */
static void add_group(const struct kj_account_groups *g, uint32_t gid, const struct kj_nss_group *line,
                      struct joined *joined)
{
	struct kj_arena *arena = g->host->arena;
	const struct kj_nss_group *group = kj_map_get(&g->worth_of_gid, number(arena, gid));
	list_add(&joined->names, name_of(g, gid));
	if (gid != joined->entry->gid || !is_private(g, joined->entry))
		list_add(&joined->others, name_of(g, gid));
	if (!group)
		return;
	bool odd = line && !kj_nss_is_group(g->group, line);
	list_add(&joined->by,
	         kj_str_fmt(arena, "%s %.*s%s%s%.*s%s", line ? "group" : "primary group", KJ_FMT(group->name),
	                    worth_of(g, group->name) == WORTH_ROOT ? " (as good as root)" : "",
	                    odd ? " (by the line '" : "", KJ_FMT(odd ? line->name : KJ_STR("")),
	                    odd ? "', which counts at login)" : ""));
}

static void add_roles(const struct kj_account_groups *g, kj_str name, struct list *by)
{
	for (const struct gshadow_role *role = kj_map_get(&g->roles, name); role; role = role->next)
		list_add(by, kj_str_fmt(g->host->arena,
		                        role->admin ? "administrator of group %.*s (gshadow)"
		                                    : "group %.*s by newgrp (gshadow)",
		                        KJ_FMT(role->group->name)));
}

static void add_sudo(struct kj_account *a, const struct kj_sudo_user *sudo, struct list *by)
{
	if (!sudo || sudo->root != KJ_SUDO_YES || a->entry->uid == 0)
		return;
	if (!by->buf.n) {
		a->from[KJ_ACCOUNT_ADMIN].text = a->from[KJ_ACCOUNT_ADMIN_BY].text = sudo->by.text;
		a->from[KJ_ACCOUNT_ADMIN].line = a->from[KJ_ACCOUNT_ADMIN_BY].line = sudo->by.line;
	}
	list_add(by, kj_str_fmt(a->host->arena, "sudo%s: %.*s",
	                        sudo->password == KJ_SUDO_NO ? " without a password" : "", KJ_FMT(sudo->why)));
}

/* Why it cannot be said that sudo gives nothing; empty: it can. */
static kj_str sudo_doubt(const struct kj_sudo_user *sudo)
{
	if (!sudo)
		return KJ_STR("what sudo gives this account was not seen");
	return sudo->root == KJ_SUDO_UNKNOWN ? sudo->why : KJ_STR("");
}

/* Why the groups may be more; empty: these are all. */
static kj_str doubt(const struct kj_account_groups *g)
{
	if (g->group->state != KJ_STATE_EFFECTIVE && g->group->state != KJ_STATE_ABSENT)
		return g->group->message;
	return g->open ? KJ_STR("/etc/group takes members from NIS") : KJ_STR("");
}

void kj_account_groups(struct kj_account *a, const struct kj_account_groups *g, const struct kj_sudo_user *sudo)
{
	struct list empty = {.buf = KJ_BUF(a->host->arena)};
	struct joined joined = {a->entry, empty, empty, empty};
	struct list *by = &joined.by;
	const struct membership *m = kj_map_get(&g->by_name, a->entry->name);
	kj_str why = doubt(g);
	if (a->entry->uid == 0)
		list_add(by, KJ_STR("uid 0"));
	add_group(g, a->entry->gid, NULL, &joined);
	KJ_VEC(const struct kj_nss_group *) lines = {0};
	for (; m; m = m->next)
		KJ_PUSH(a->host->arena, &lines, m->group);
	for (size_t i = lines.n; i-- > 0;)
		add_group(g, lines.at[i]->gid, lines.at[i], &joined);
	add_roles(g, a->entry->name, by);
	add_sudo(a, sudo, by);
	kj_account_put(a, KJ_ACCOUNT_GROUP, name_of(g, a->entry->gid));
	kj_account_put(a, KJ_ACCOUNT_GROUPS, kj_buf_str(&joined.names.buf));
	kj_account_put(a, KJ_ACCOUNT_OTHER_GROUPS, kj_buf_str(&joined.others.buf));
	kj_account_put(a, KJ_ACCOUNT_ADMIN_BY, kj_buf_str(&by->buf));
	kj_account_flag(a, KJ_ACCOUNT_ADMIN, by->buf.n);
	if (why.n && !g->group->group.n)
		kj_account_unseen(a, KJ_ACCOUNT_GROUP, why);
	if (why.n) {
		kj_account_unseen(a, KJ_ACCOUNT_GROUPS, why);
		kj_account_unseen(a, KJ_ACCOUNT_OTHER_GROUPS, why);
	}
	why = why.n ? why : sudo_doubt(sudo);
	if (why.n && !by->buf.n) {
		kj_account_unseen(a, KJ_ACCOUNT_ADMIN, why);
		kj_account_unseen(a, KJ_ACCOUNT_ADMIN_BY, why);
	}
}
