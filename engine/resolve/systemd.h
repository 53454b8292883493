/* The types of values in systemd's files. Private to the resolver `systemd`. */
#ifndef KJ_RESOLVE_SYSTEMD_H
#define KJ_RESOLVE_SYSTEMD_H

#include "resolve/work.h"

struct kj_systemd_type {
	kj_str name;
	/* False when the daemon would log the value and go on with the one before. *value may become what a rule can compare. */
	bool (*read)(struct kj_arena *arena, kj_str *value);
	bool empty_unsets; /* an empty assignment is taken: nothing is set any more */
	bool list;         /* assignments add to each other, and an empty one clears them all */
	const char *about; /* "a time span": for messages */
};
/* NULL: there is none of that name. */
const struct kj_systemd_type *kj_systemd_type_find(kj_str name);

#endif
