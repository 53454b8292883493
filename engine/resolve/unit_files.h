/* What a unit's file and drop-ins set, as `systemctl cat` shows them. */
#ifndef KJ_RESOLVE_UNIT_FILES_H
#define KJ_RESOLVE_UNIT_FILES_H

#include "resolve/units.h"

struct kj_unit_setting {
	kj_str section, key, value;
	const struct kj_row *row;
	bool last; /* no later one of the key: that counts where a key has one value */
};

struct kj_unit_text {
	bool seen; /* the unit's own file was collected */
	KJ_VEC(struct kj_unit_setting) list;
};

/* In reading order; what an empty assignment cleared is gone. */
struct kj_unit_text kj_unit_read(struct kj_host *host, const struct kj_unit *unit);

#endif
