/* The source `udev`: the tokens of all rules in the order in which udev reads them, and of each one that sets `authorized` of
   a USB device whether it keeps every USB storage device out (udev(7), Documentation/usb/authorization.rst of Linux). */
#include "resolve/work.h"

#include <string.h>

enum { RULE, KIND, KEY, ATTRIBUTE, OP, VALUE, STORAGE };
const char *const kj_udev_columns[] = {"rule", "kind", "key", "attribute", "op", "value", "storage", NULL};

/* Of how many storage devices something holds. MAYBE: nobody can tell. */
enum many { NEVER, SOME, MAYBE, ALL };
/* What a storage device that is plugged in brings: the event of the device, and one of its interface of class 08. */
enum event { INTERFACE, DEVICE, EVENTS };

enum says { NOTHING, DENY, ALLOW };
struct rule {
	size_t from, to; /* its rows */
	bool starts;     /* a file */
	kj_str label, go_to;
	size_t target;          /* of GOTO: the index of the rule it leads to; 0: none */
	enum many fits[EVENTS]; /* when the action is add */
	enum many ever[EVENTS]; /* whatever the action is */
	bool at_bind;           /* the event that follows when the kernel has found a driver */
	bool any_action, only_add;
	bool doubtful; /* udev drops it, and it may have let devices in */
};

struct udev {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_rows *rows;
	bool old; /* its interfaces have no `authorized` */
	KJ_VEC(struct rule) rules;
	/* Rules that let devices in, by index from 1: the last one, the last one that lets all in, the first one that does
	   so at other actions than add. */
	size_t last_allow, last_all[EVENTS], first_other;
};

/* ---- what is known of the device in an event ---- */

enum knows { ABSENT, VARIES, IS };
struct fact {
	const char *key, *attribute;
	enum knows knows[EVENTS];
	const char *value[EVENTS];
};
#define BOTH(text)                                                                                                     \
	{IS, IS},                                                                                                      \
	{                                                                                                              \
		text, text                                                                                             \
	}
#define OF_DEVICE                                                                                                      \
	{ABSENT, VARIES},                                                                                              \
	{                                                                                                              \
		"", ""                                                                                                 \
	}
#define OF_INTERFACE                                                                                                   \
	{VARIES, ABSENT},                                                                                              \
	{                                                                                                              \
		"", ""                                                                                                 \
	}

static const struct fact facts[] = {
        {"ACTION", "", BOTH("add")},
        {"SUBSYSTEM", "", BOTH("usb")},
        {"ENV", "ACTION", BOTH("add")},
        {"ENV", "SUBSYSTEM", BOTH("usb")},
        {"ENV", "DEVTYPE", {IS, IS}, {"usb_interface", "usb_device"}},
        {"ATTR", "authorized", BOTH("1")},
        {"ATTR", "bInterfaceClass", {IS, ABSENT}, {"08", ""}},
        {"ATTR", "bInterfaceSubClass", OF_INTERFACE},
        {"ATTR", "bInterfaceProtocol", OF_INTERFACE},
        {"ATTR", "bInterfaceNumber", OF_INTERFACE},
        {"ATTR", "bAlternateSetting", OF_INTERFACE},
        {"ATTR", "bNumEndpoints", OF_INTERFACE},
        {"ATTR", "bDeviceClass", OF_DEVICE},
        {"ATTR", "bDeviceSubClass", OF_DEVICE},
        {"ATTR", "bDeviceProtocol", OF_DEVICE},
        {"ATTR", "bcdDevice", OF_DEVICE},
        {"ATTR", "idVendor", OF_DEVICE},
        {"ATTR", "idProduct", OF_DEVICE},
        {"ATTR", "manufacturer", OF_DEVICE},
        {"ATTR", "product", OF_DEVICE},
        {"ATTR", "serial", OF_DEVICE},
        {"ATTR", "speed", OF_DEVICE},
        {"ATTR", "version", OF_DEVICE},
        {"TEST", "", BOTH("authorized")},
        {"KERNEL", "", {VARIES, VARIES}, {"", ""}},
};

/* `usb:v…ic08isc06ip50in00` and `8/6/80`: patterns that take every storage interface. */
static const char *const storage_modalias[] = {"*ic08*", "usb:*ic08*", "usb:v*p*d*dc*dsc*dp*ic08*", NULL};
static const char *const storage_interface[] = {"8/*", "8/*/*", NULL};

static bool is_in(kj_str word, const char *const *words)
{
	for (; *words; words++)
		if (kj_str_eq(word, kj_str_of(*words)))
			return true;
	return false;
}

/* Does one of the patterns between `|` match? The values known have no slash. */
static bool any_matches(kj_str patterns, kj_str value)
{
	kj_str pattern;
	while (kj_str_cut(&patterns, '|', &pattern))
		if (kj_glob(pattern, value, false))
			return true;
	return false;
}

/* The key that a key for parents stands for; they fit the device itself too, and so does every key of its own. */
static kj_str own_key(kj_str key, bool *parents)
{
	static const char *const keys[] = {"ATTRS", "SUBSYSTEMS", "KERNELS", "DRIVERS", "TAGS", NULL};
	*parents = is_in(key, keys);
	return kj_str_upto(key, key.n - *parents);
}

static enum many of_property(const kj_str *cells, enum event event)
{
	bool modalias = kj_str_eq_fold(cells[ATTRIBUTE], KJ_STR("modalias"));
	bool interface = kj_str_eq(cells[KEY], KJ_STR("ENV")) && kj_str_eq(cells[ATTRIBUTE], KJ_STR("INTERFACE"));
	bool fits = (modalias && is_in(cells[VALUE], storage_modalias)) ||
	            (interface && is_in(cells[VALUE], storage_interface));
	return fits && event == INTERFACE && kj_str_eq(cells[OP], KJ_STR("==")) ? ALL : MAYBE;
}

/* Of how many storage devices does a match hold? An attribute that is not there fails == and != alike
   (token_match_attr). */
static enum many of_match(const kj_str *cells, enum event event)
{
	bool parents, equal = kj_str_eq(cells[OP], KJ_STR("=="));
	kj_str key = own_key(cells[KEY], &parents);
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		const struct fact *f = &facts[i];
		if (!kj_str_eq(key, kj_str_of(f->key)) || !kj_str_eq(cells[ATTRIBUTE], kj_str_of(f->attribute)))
			continue;
		if (f->knows[event] == ABSENT)
			return parents && event == INTERFACE ? SOME : NEVER;
		bool every = kj_str_eq(cells[VALUE], KJ_STR("*")) || kj_str_eq(cells[VALUE], KJ_STR("?*"));
		if (f->knows[event] == VARIES && kj_str_eq(key, KJ_STR("KERNEL")))
			return every && equal ? ALL : MAYBE; /* `*:*` may well be all of them */
		if (f->knows[event] == VARIES)
			return every ? MAYBE : SOME;
		if (any_matches(cells[VALUE], kj_str_of(f->value[event])) == equal)
			return ALL;
		bool elsewhere = kj_str_eq(key, KJ_STR("TEST")) || (parents && !kj_str_eq(key, KJ_STR("ATTR")));
		return elsewhere || (parents && kj_str_eq(cells[ATTRIBUTE], KJ_STR("authorized"))) ? MAYBE : NEVER;
	}
	if (kj_str_eq(key, KJ_STR("TEST")) && event == INTERFACE && equal &&
	    kj_str_eq(cells[VALUE], KJ_STR("../authorized")))
		return ALL;
	return of_property(cells, event);
}

/* ---- rules ---- */

static enum many both(enum many a, enum many b)
{
	return a < b ? a : b;
}

static void take_match(struct rule *rule, const kj_str *cells)
{
	bool action = kj_str_eq(cells[KEY], KJ_STR("ACTION")) ||
	              (kj_str_eq(cells[KEY], KJ_STR("ENV")) && kj_str_eq(cells[ATTRIBUTE], KJ_STR("ACTION")));
	for (enum event e = 0; e < EVENTS; e++) {
		enum many one = of_match(cells, e);
		rule->fits[e] = both(rule->fits[e], one);
		rule->ever[e] = both(rule->ever[e], action ? ALL : one);
	}
	if (!action)
		return;
	rule->any_action = false;
	rule->at_bind &= any_matches(cells[VALUE], KJ_STR("bind")) == kj_str_eq(cells[OP], KJ_STR("=="));
	rule->only_add |= kj_str_eq(cells[OP], KJ_STR("==")) && kj_str_eq(cells[VALUE], KJ_STR("add"));
}

static void take_token(struct rule *rule, const kj_str *cells)
{
	if (kj_str_eq(cells[KIND], KJ_STR("match")))
		take_match(rule, cells);
	else if (kj_str_eq(cells[KEY], KJ_STR("LABEL")))
		rule->label = cells[VALUE];
	else if (kj_str_eq(cells[KEY], KJ_STR("GOTO")))
		rule->go_to = cells[VALUE];
}

static struct rule *add_rule(struct udev *u, bool starts)
{
	struct rule rule = {.from = u->rows->list.n, .starts = starts, .any_action = true, .at_bind = true};
	rule.fits[INTERFACE] = rule.fits[DEVICE] = rule.ever[INTERFACE] = rule.ever[DEVICE] = ALL;
	KJ_PUSH(u->host->arena, &u->rules, rule);
	return &u->rules.at[u->rules.n - 1];
}

static void take_bad(struct udev *u, const struct kj_row *row, const char *problem, kj_str text, bool *starts)
{
	struct kj_row bad = *row;
	bad.bad = true;
	bad.problem = problem;
	KJ_PUSH(u->host->arena, &u->out->bad, bad);
	bool denies = kj_str_find_str(text, KJ_STR("authorized}=\"0\"")) < text.n;
	if (denies || kj_str_find_str(text, KJ_STR("authorized")) == text.n)
		return;
	struct rule *rule = add_rule(u, *starts);
	rule->doubtful = true;
	rule->to = rule->from;
	*starts = false;
}

/* The parser's columns are ours but for the last one. */
static void take_file(struct udev *u, const struct kj_read *read)
{
	bool marked = kj_has_mark(read->artifact), starts = true;
	kj_str last = KJ_STR("");
	struct rule *rule = NULL;
	for (size_t i = 0; i < read->rows->list.n; i++) {
		const struct kj_row *row = &read->rows->list.at[i];
		if (row->bad || (marked && row->line == 1)) {
			const char *problem =
			        row->bad ? row->problem : "a byte order mark before the key: udev drops the rule";
			take_bad(u, row, problem, row->cell[VALUE], &starts);
			continue;
		}
		if (!rule || !kj_str_eq(row->cell[RULE], last)) {
			rule = add_rule(u, starts);
			starts = false;
		}
		last = row->cell[RULE];
		kj_str *cells = kj_rows_append(u->host, u->rows, row);
		for (size_t c = 0; c < STORAGE; c++)
			cells[c] = row->cell[c];
		cells[RULE] = kj_str_fmt(u->host->arena, "/%.*s:%.*s", KJ_FMT(read->path), KJ_FMT(last));
		take_token(rule, cells);
		rule->to = u->rows->list.n;
	}
}

/* GOTO leads to the first rule below it in its file that has the label; without one it does nothing. */
static void resolve_gotos(struct udev *u)
{
	struct kj_map labels = {0};
	for (size_t i = u->rules.n; i-- > 0;) {
		struct rule *rule = &u->rules.at[i];
		const size_t *target = rule->go_to.p ? kj_map_get(&labels, rule->go_to) : NULL;
		rule->target = target ? *target : 0;
		if (rule->label.p) {
			size_t *here = KJ_NEW(u->host->arena, size_t);
			*here = i;
			*kj_map_at(u->host->arena, &labels, rule->label) = here;
		}
		if (rule->starts)
			labels = (struct kj_map){0};
	}
}

/* ---- who is let in ---- */

/* Interfaces can be authorized since Linux 4.4. */
static bool is_old(const struct kj_export *export)
{
	static const struct {
		const char *distro, *since;
	} since[] = {{"rhel", "8"},   {"centos", "8"},     {"ol", "8"},
	             {"debian", "9"}, {"ubuntu", "16.04"}, {"sles", "12.2"}};
	for (size_t i = 0; export->distro_version.n && i < sizeof since / sizeof *since; i++)
		if (kj_str_eq(export->distro, kj_str_of(since[i].distro)))
			return kj_version_cmp(export->distro_version, kj_str_of(since[i].since)) < 0;
	return false;
}

/* What a token says of USB devices, and of how many more than its rule's matches say. */
static enum says says(const struct udev *u, const kj_str *cells, enum many limit[EVENTS], const char **why)
{
	limit[INTERFACE] = limit[DEVICE] = ALL;
	*why = "perhaps: its conditions may not fit every storage device";
	kj_str value = cells[VALUE];
	bool set = kj_str_eq(cells[KEY], KJ_STR("ATTR")) && kj_str_eq(cells[KIND], KJ_STR("assignment"));
	kj_str where = set ? cells[ATTRIBUTE] : value;
	if ((!set && !kj_str_eq(cells[KEY], KJ_STR("RUN"))) || kj_str_find_str(where, KJ_STR("authorized")) == where.n)
		return NOTHING;
	bool zero = set ? kj_str_eq(value, KJ_STR("0"))
	                : kj_str_find_str(value, KJ_STR("echo 0")) < value.n &&
	                            kj_str_find_str(value, KJ_STR("echo 1")) == value.n;
	bool above = kj_str_eq(where, KJ_STR("../authorized"));
	if (set && above)
		limit[DEVICE] = NEVER; /* it would be the hub's */
	else if (!set || !kj_str_eq(where, KJ_STR("authorized"))) {
		*why = set ? "perhaps: it keeps out what comes later, or another device"
		           : "perhaps: what a command does cannot be told";
		limit[INTERFACE] = limit[DEVICE] = MAYBE;
	} else if (u->old)
		limit[INTERFACE] = NEVER;
	bool preset = set && kj_str_ends(where, KJ_STR("authorized_default"));
	return zero ? DENY : preset ? NOTHING : ALLOW;
}

static void note_allow(struct udev *u, const struct rule *rule, size_t index, const enum many *limit)
{
	if (rule->ever[INTERFACE] == NEVER && rule->ever[DEVICE] == NEVER)
		return;
	u->last_allow = index;
	for (enum event e = 0; e < EVENTS; e++)
		if (both(rule->fits[e], limit[e]) == ALL)
			u->last_all[e] = index;
	if (!rule->only_add && !u->first_other)
		u->first_other = index;
}

static void find_allows(struct udev *u)
{
	static const enum many unknown[EVENTS] = {MAYBE, MAYBE};
	for (size_t i = 0; i < u->rules.n; i++) {
		const struct rule *rule = &u->rules.at[i];
		enum many limit[EVENTS];
		const char *why;
		if (rule->doubtful)
			note_allow(u, rule, rule->from + 1, unknown);
		for (size_t r = rule->from; r < rule->to; r++)
			if (says(u, u->rows->list.at[r].cell, limit, &why) == ALLOW)
				note_allow(u, rule, r + 1, limit);
	}
}

struct jumps {
	size_t sure[EVENTS], unsure[EVENTS]; /* rules before these are passed over */
};

static enum many denies(const struct udev *u, const struct rule *rule, size_t rule_index, size_t row,
                        const struct jumps *jumps, const char **why)
{
	enum many limit[EVENTS], best = NEVER;
	const char *reason;
	says(u, u->rows->list.at[row].cell, limit, &reason);
	*why = reason;
	for (enum event e = 0; e < EVENTS; e++) {
		enum many one = both(rule->fits[e], limit[e]);
		if (one == NEVER && rule->at_bind)
			one = both(rule->ever[e], both(limit[e], MAYBE));
		if (rule_index < jumps->sure[e] || u->last_all[e] > row + 1)
			one = NEVER;
		else if (one == ALL && rule_index < jumps->unsure[e]) {
			one = MAYBE;
			reason = "perhaps: a rule above may lead past it";
		}
		if (one > best)
			*why = reason;
		best = one > best ? one : best;
	}
	bool undone = u->last_allow > row + 1 || (!rule->any_action && u->first_other && u->first_other <= row);
	if (best == ALL && undone)
		*why = "perhaps: another rule lets devices in";
	return best == ALL && undone ? MAYBE : best;
}

static void judge_rule(struct udev *u, size_t i, const struct jumps *jumps)
{
	const struct rule *rule = &u->rules.at[i];
	for (size_t r = rule->from; r < rule->to; r++) {
		struct kj_row *row = &u->rows->list.at[r];
		kj_str *cells = KJ_NEW_ARRAY(u->host->arena, kj_str, STORAGE + 1);
		enum many limit[EVENTS];
		const char *why;
		enum says what = says(u, row->cell, limit, &why);
		if (what == NOTHING)
			continue;
		memcpy(cells, row->cell, (STORAGE + 1) * sizeof *cells);
		enum many many = what == DENY ? denies(u, rule, i, r, jumps, &why) : NEVER;
		cells[STORAGE] = many == ALL ? KJ_STR("yes") : many == MAYBE ? kj_str_of(why) : KJ_STR("no");
		row->cell = cells;
		if (many == MAYBE) {
			struct kj_cell_from *from = KJ_NEW_ARRAY(u->host->arena, struct kj_cell_from, STORAGE + 1);
			from[STORAGE].unseen = true;
			row->from = from;
		}
	}
}

static void judge(struct udev *u)
{
	struct jumps jumps = {0};
	for (size_t i = 0; i < u->rules.n; i++) {
		const struct rule *rule = &u->rules.at[i];
		judge_rule(u, i, &jumps);
		for (enum event e = 0; rule->target && e < EVENTS; e++) {
			size_t *until = rule->fits[e] == ALL ? &jumps.sure[e] : &jumps.unsure[e];
			if (rule->fits[e] != NEVER && rule->target > *until)
				*until = rule->target;
		}
	}
}

void kj_resolve_udev(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct udev u = {.host = host, .out = out, .rows = kj_rows_make(host, kj_udev_columns)};
	u.old = is_old(host->export);
	struct kj_reads reads = {0};
	out->rows = u.rows;
	kj_read_inputs(host, source, false, &reads);
	kj_judge_reads(host, &reads, out);
	for (size_t i = 0; i < reads.list.n; i++)
		take_file(&u, &reads.list.at[i]);
	resolve_gotos(&u);
	find_allows(&u);
	judge(&u);
}
