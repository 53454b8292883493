/* The table of dialects: texts of firewalls to rulesets. A dialect is one file in dialects/ and one row in dialect.c.
   */
#ifndef KJ_FIREWALL_DIALECT_H
#define KJ_FIREWALL_DIALECT_H

#include "firewall/join.h"
#include "firewall/model.h"

/* What a dialect's parse() gets, and where it puts its result. */
struct kj_fw_reading {
	struct kj_arena *arena;
	const struct kj_text *text;
	const struct kj_fw_joined *joined; /* where several artifacts make up the text; or NULL */
	struct kj_diags *diags; /* for what concerns the whole text; what concerns a rule is a note of the ruleset */
	KJ_VEC(struct kj_fw_ruleset *) rulesets; /* one for each dump in the text, in order */
};

/* Whether files of one folder make up one dump together (gather.h), and whether each must say its name in it
   ("==> NAME <=="). */
enum kj_fw_joins { KJ_FW_ALONE, KJ_FW_JOINS, KJ_FW_JOINS_NAMED };

struct kj_fw_dialect {
	const char *name;  /* as on the command line and in JSON: "iptables-save" */
	const char *about; /* one line for `kijun list dialects` */
	/* How surely the text is of this dialect, judged from its content: 0 no; 1..49 perhaps; 50..99 very likely; 100
	   beyond doubt. The highest wins, the earlier row among equals. Must be fast (one pass at most) and must bear
	   any bytes. */
	int (*recognise)(kj_str text);
	/* Adds rulesets (each finished with kj_fw_finish). Never fails: what cannot be read becomes notes. */
	void (*parse)(struct kj_fw_reading *reading);
	enum kj_fw_joins joins;
};

extern const struct kj_fw_dialect *const kj_fw_dialects[];
extern const size_t kj_fw_dialect_count;

/* The dialect of that name, or NULL. */
const struct kj_fw_dialect *kj_fw_dialect_named(kj_str name);
/* The dialect that the content speaks, or NULL. */
const struct kj_fw_dialect *kj_fw_dialect_of(kj_str bytes);

/* Reads a text. dialect NULL: recognised from content; an error in diags when none is, or when nothing was found in it.
   False then. */
bool kj_fw_read(struct kj_fw_reading *reading, const struct kj_fw_dialect *dialect);

#endif
