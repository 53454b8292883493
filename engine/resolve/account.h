/* The parts of the source `account`. Private to this layer. */
#ifndef KJ_RESOLVE_ACCOUNT_H
#define KJ_RESOLVE_ACCOUNT_H

#include "resolve/nss.h"
#include "resolve/sudoers.h"

/* The columns of its rows; their names are in account.c, in this order. */
enum kj_account_column {
	KJ_ACCOUNT_NAME,
	KJ_ACCOUNT_UID,
	KJ_ACCOUNT_GID,
	KJ_ACCOUNT_GROUP,
	KJ_ACCOUNT_GROUPS,
	KJ_ACCOUNT_OTHER_GROUPS,
	KJ_ACCOUNT_GECOS,
	KJ_ACCOUNT_HOME,
	KJ_ACCOUNT_SHELL,
	KJ_ACCOUNT_LOGIN_SHELL,
	KJ_ACCOUNT_INTERACTIVE,
	KJ_ACCOUNT_SYSTEM,
	KJ_ACCOUNT_PASSWORD_STATE,
	KJ_ACCOUNT_PASSWORDLESS,
	KJ_ACCOUNT_LOCKED,
	KJ_ACCOUNT_HASH,
	KJ_ACCOUNT_KEY_LOGIN,
	KJ_ACCOUNT_EXPIRED,
	KJ_ACCOUNT_CHANGE_DUE,
	KJ_ACCOUNT_CHANGED,
	KJ_ACCOUNT_MIN,
	KJ_ACCOUNT_MAX,
	KJ_ACCOUNT_WARN,
	KJ_ACCOUNT_INACTIVE,
	KJ_ACCOUNT_EXPIRES,
	KJ_ACCOUNT_PASSWORD_EXPIRES,
	KJ_ACCOUNT_ADMIN,
	KJ_ACCOUNT_ADMIN_BY,
	KJ_ACCOUNT_UID_SHARED,
	KJ_ACCOUNT_UID_NAMES,
	KJ_ACCOUNT_NAME_LINES,
	KJ_ACCOUNT_COLUMNS,
};

/* One row under construction. */
struct kj_account {
	struct kj_host *host;
	const struct kj_nss_passwd *entry;
	kj_str *cell;
	struct kj_cell_from *from;
};

static inline void kj_account_put(struct kj_account *a, enum kj_account_column column, kj_str value)
{
	a->cell[column] = value;
}

static inline void kj_account_flag(struct kj_account *a, enum kj_account_column column, bool value)
{
	a->cell[column] = value ? KJ_STR("yes") : KJ_STR("no");
}

/* Nobody can tell. */
static inline void kj_account_unseen(struct kj_account *a, enum kj_account_column column, kj_str why)
{
	a->cell[column] = why;
	a->from[column].unseen = true;
}

/* ---- account_password.c ---- */

/* Password, hash and aging, from PASSWORD_STATE to PASSWORD_EXPIRES. `entry` NULL: shadow has no such line; `shadow`
   tells whether that is because it was not seen. LOGIN_SHELL must be filled in. */
void kj_account_password(struct kj_account *a, const struct kj_nss *shadow, const struct kj_nss_shadow *entry);

/* ---- account_groups.c ---- */

struct kj_account_groups;

/* Group and gshadow, indexed. `with`: of the source: admin_groups, root_groups. */
const struct kj_account_groups *kj_account_groups_load(struct kj_host *host, const struct kj_node *with,
                                                       struct kj_resolved *out);
/* GROUP, GROUPS, OTHER_GROUPS, ADMIN and ADMIN_BY. `sudo`: what sudo lets the account do; NULL: sudo knows no such account. */
void kj_account_groups(struct kj_account *a, const struct kj_account_groups *groups, const struct kj_sudo_user *sudo);

/* Is the text one of the items of a list in YAML? */
bool kj_account_listed(const struct kj_node *list, kj_str text);

#endif
