/* Whether an export shows that a unit of systemd runs, so that the files it loads when it starts are in force. */
#ifndef KJ_EVAL_UNITS_H
#define KJ_EVAL_UNITS_H

#include "eval/truth.h"

/* Is UNIT.service active, as systemctl told, or else enabled? False where nothing shows it. */
bool kj_unit_runs(struct kj_case *c, struct kj_export *export, const char *unit);

/* The first entry that fits the glob, or NULL. */
const struct kj_entry *kj_entry_at(struct kj_case *c, struct kj_export *export, kj_str glob);

#endif
