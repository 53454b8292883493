/* dconf's databases, as `dconf update` makes them and as it reads them. Private to the resolver of dconf. */
#ifndef KJ_RESOLVE_DCONF_H
#define KJ_RESOLVE_DCONF_H

#include "resolve/gvariant.h"
#include "resolve/work.h"

struct kj_dconf_value {
	struct kj_gvariant v;
	struct kj_origin origin;
	bool damaged; /* in the compiled file, and unreadable there */
	KJ_VEC(struct kj_overridden) overrides;
};

/* Values and locks: of keyfiles, or of a compiled file. */
struct kj_dconf_table {
	struct kj_map values; /* key → struct kj_dconf_value */
	struct kj_map locks;  /* key → struct kj_origin */
	kj_str broken;        /* why `dconf update` refuses the keyfiles; empty: it does not */
	struct kj_origin broken_at;
};

/* Reads one keyfile over what is in the table: a later file wins. GKeyFile's syntax, values in GVariant's text. `schemas`:
   groups are names of schemas (gschema.override), not paths. */
void kj_dconf_keyfile(struct kj_host *host, struct kj_dconf_table *table, const struct kj_artifact *artifact,
                      bool schemas);
/* Reads one file of a locks folder. */
void kj_dconf_locks(struct kj_host *host, struct kj_dconf_table *table, const struct kj_artifact *artifact);
/* The table of a compiled file; false when it is none. */
bool kj_dconf_compiled(struct kj_host *host, const struct kj_entry *entry, struct kj_dconf_table *table);

#endif
