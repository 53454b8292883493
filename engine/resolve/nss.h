/* The account databases as glibc reads them (nss/nss_files, pwd/, grp/, shadow/, gshadow/ of glibc 2.36): which lines
   are entries, and what their numbers are. Private to this layer. */
#ifndef KJ_RESOLVE_NSS_H
#define KJ_RESOLVE_NSS_H

#include "resolve/work.h"

struct kj_nss_passwd {
	kj_str name, password, gecos, home, shell;
	uint32_t uid, gid;
	struct kj_origin origin;
};

/* The days are -1 where the field is empty. */
struct kj_nss_shadow {
	kj_str name, password;
	int32_t changed, min, max, warn, inactive, expires;
	struct kj_origin origin;
};

struct kj_nss_group {
	kj_str name, password;
	kj_str members; /* as written: kj_nss_member cuts it */
	uint32_t gid;
	bool comment; /* its line begins with #: initgroups(3) heeds it, everybody else does not */
	struct kj_origin origin;
};

struct kj_nss_gshadow {
	kj_str name, password, admins, members;
	struct kj_origin origin;
};

/* One database. `state` EFFECTIVE: entries were read from it, in order; else `message` says why not. Names that begin
   with + or - are among them: only nss_compat heeds those. */
struct kj_nss {
	enum kj_state state;
	kj_str message;
	struct kj_origin at;
	bool captured; /* what getent printed, not a file */
	KJ_VEC(const struct kj_text *) texts;
	KJ_VEC(struct kj_row) bad; /* lines that glibc passes over */
	KJ_VEC(struct kj_nss_passwd) passwd;
	KJ_VEC(struct kj_nss_shadow) shadow;
	KJ_VEC(struct kj_nss_group) group;
	KJ_VEC(struct kj_nss_gshadow) gshadow;
};

/* Reads the inputs of the source of that name (passwd, shadow, group, gshadow); `captured`: those that getent printed,
   else the files. */
struct kj_nss *kj_nss_read(struct kj_host *host, kj_str source, bool captured);
/* Its artifacts, and the lines that glibc passes over, as those of a source. */
void kj_nss_take(struct kj_host *host, const struct kj_nss *db, struct kj_resolved *out);
/* What counts: getent's where it was captured, else the file's. */
struct kj_nss *kj_nss_load(struct kj_host *host, kj_str source);

/* The next member of a list: blanks before a name and empty names go, blanks after it stay. */
bool kj_nss_member(kj_str *rest, kj_str *member);

/* What several lines share: how many they are, and the first of their names as a list. */
struct kj_nss_shared {
	size_t n;
	struct kj_buf names;
};
/* Those of a key, a name or a number as it is printed; none yet when it is new. */
struct kj_nss_shared *kj_nss_shared(struct kj_arena *arena, struct kj_map *map, kj_str key);
void kj_nss_share(struct kj_nss_shared *shared, kj_str name);

static inline bool kj_nss_is_compat(kj_str name)
{
	return name.n && (name.p[0] == '+' || name.p[0] == '-');
}

/* Is a line a group by itself? Comments, and without getent names with + and -, count for initgroups(3) alone. */
static inline bool kj_nss_is_group(const struct kj_nss *db, const struct kj_nss_group *group)
{
	return !group->comment && (db->captured || !kj_nss_is_compat(group->name));
}

/* Which services nsswitch.conf names for a database (nsswitch.conf(5)). */
struct kj_nss_services {
	bool known;       /* the file was seen, or is known to be missing: then it is `files` */
	bool compat;      /* lines with + and - count */
	kj_str elsewhere; /* services that bring entries which no file here has; empty: none */
};
struct kj_nss_services kj_nss_services(struct kj_host *host, kj_str database);

#endif
