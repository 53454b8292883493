/* GVDB, the hash files that `dconf update` makes of keyfiles (gvdb-format.h of GNOME/gvdb). */
#ifndef KJ_RESOLVE_GVDB_H
#define KJ_RESOLVE_GVDB_H

#include "base/vec.h"
#include "resolve/gvariant.h"

struct kj_gvdb_value {
	kj_str key; /* /org/gnome/… */
	struct kj_gvariant value;
	bool damaged; /* there, and unreadable */
};

struct kj_gvdb {
	KJ_VEC(struct kj_gvdb_value) values;
	KJ_VEC(kj_str) locks;
};

/* Reads a database. False when it is none, or damaged as a whole. */
bool kj_gvdb_read(struct kj_arena *arena, kj_str bytes, struct kj_gvdb *out);

#endif
