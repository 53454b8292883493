/* Units of systemd: what `systemctl is-enabled` would say of each, from captured output or from the links on the host. */
#ifndef KJ_RESOLVE_UNITS_H
#define KJ_RESOLVE_UNITS_H

#include "resolve/resolve.h"

struct kj_unit {
	kj_str name;  /* sshd.service */
	kj_str state; /* enabled, disabled, masked, static …; empty: not known */
	kj_str preset, load, active, sub, description;
	kj_str file; /* what describes it: a host path; empty where nothing shows it */
	struct kj_origin origin;
	bool instance; /* named by a link only: list-unit-files does not show it */
};

struct kj_units {
	struct kj_host *host;
	KJ_VEC(struct kj_unit *) list; /* in order of their names when it is done */
	struct kj_map by_name;
	enum kj_state state; /* EFFECTIVE, ABSENT or NOT_COLLECTED */
	kj_str message;
	kj_str unseen; /* why there may be units that are not in the list; empty: these are all */
	KJ_VEC(const struct kj_text *) texts;
};

/* The unit of that name, made when it is new. */
struct kj_unit *kj_unit_at(struct kj_units *units, kj_str name);
/* Is it a name that a unit can have? */
bool kj_unit_is_name(kj_str name);
/* "service"; empty when there is none. */
kj_str kj_unit_type(kj_str name);
/* foo@.service of foo@bar.service; empty when it is no instance. */
kj_str kj_unit_template(struct kj_arena *arena, kj_str name);

/* What systemctl told: list-unit-files, list-units, is-enabled, is-active (units_captured.c). False: nothing of it was captured. */
bool kj_units_captured(struct kj_units *units);
/* What the links and files of the host say (units_files.c). */
void kj_units_of_files(struct kj_units *units);
/* Both, the captured before the files; read once for all who ask. */
const struct kj_units *kj_units_of(struct kj_host *host);

/* enable or disable for each unit, by the first rule of the system-preset files that fits (units_preset.c). */
struct kj_presets;
struct kj_presets *kj_presets_read(struct kj_host *host); /* NULL: they were not collected */
kj_str kj_preset_of(const struct kj_presets *presets, kj_str unit);

#endif
