#include "firewall/model.h"

#include <stdarg.h>
#include <string.h>

static const char *const hook_names[KJ_FW_HOOKS + 1] = {"prerouting", "input",       "forward",
                                                        "output",     "postrouting", "none"};
static const char *const verdict_names[KJ_FW_VERDICTS] = {"accept", "drop",     "reject", "return", "jump",
                                                          "goto",   "continue", "unsure", "rewrite"};

const char *kj_fw_hook_name(enum kj_fw_hook hook)
{
	return hook_names[hook];
}

const char *kj_fw_verdict_name(enum kj_fw_verdict verdict)
{
	return verdict_names[verdict];
}

struct kj_fw_ruleset *kj_fw_ruleset_new(struct kj_arena *arena, const struct kj_text *text, const char *dialect,
                                        unsigned families)
{
	struct kj_fw_ruleset *rs = KJ_NEW(arena, struct kj_fw_ruleset);
	rs->arena = arena;
	rs->text = text;
	rs->dialect = kj_str_of(dialect);
	rs->families = families;
	KJ_PUSH(arena, &rs->ifaces, (struct kj_fw_iface){.name = KJ_STR("*")});
	return rs;
}

/* -- notes -- */

void kj_fw_note(struct kj_fw_ruleset *rs, uint32_t line, const char *format, ...)
{
	if (rs->notes.n == KJ_FW_NOTE_MAX) {
		rs->notes_dropped++;
		return;
	}
	struct kj_buf buf = KJ_BUF(rs->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	KJ_PUSH(rs->arena, &rs->notes, (struct kj_fw_note){line, kj_buf_str(&buf)});
}

/* -- chains -- */

static kj_str chain_key(const struct kj_fw_ruleset *rs, kj_str table, kj_str name)
{
	struct kj_buf key = KJ_BUF(rs->arena);
	kj_buf_put(&key, table);
	kj_buf_char(&key, '\0');
	kj_buf_put(&key, name);
	return kj_buf_str(&key);
}

struct kj_fw_chain *kj_fw_chain_find(const struct kj_fw_ruleset *rs, kj_str table, kj_str name)
{
	return kj_map_get(&rs->chain_by_name, chain_key(rs, table, name));
}

struct kj_fw_chain *kj_fw_chain(struct kj_fw_ruleset *rs, kj_str table, kj_str name)
{
	void **at = kj_map_at(rs->arena, &rs->chain_by_name, chain_key(rs, table, name));
	if (*at)
		return *at;
	struct kj_fw_chain *chain = *at = KJ_NEW(rs->arena, struct kj_fw_chain);
	chain->table = table;
	chain->name = name;
	chain->hook = KJ_FW_NO_HOOK;
	chain->index = (uint32_t)rs->chains.n;
	KJ_PUSH(rs->arena, &rs->chains, chain);
	return chain;
}

struct kj_fw_chain *kj_fw_chain_declare(struct kj_fw_ruleset *rs, kj_str table, kj_str name, uint32_t line)
{
	struct kj_fw_chain *chain = kj_fw_chain(rs, table, name);
	if (chain->declared)
		kj_fw_note(rs, line, "chain '%.*s' is declared a second time; its rules are taken as one chain",
		           KJ_FMT(name));
	else
		chain->line = line;
	chain->declared = true;
	return chain;
}

void kj_fw_base(struct kj_fw_chain *chain, enum kj_fw_hook hook, int priority, unsigned families)
{
	chain->hook = hook;
	chain->priority = priority;
	chain->families = families;
	chain->policy = KJ_FW_ACCEPT;
	chain->policy_line = chain->line;
}

/* -- rules -- */

struct kj_fw_rule *kj_fw_rule(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, uint32_t line, kj_str text)
{
	struct kj_fw_rule *rule = KJ_NEW(rs->arena, struct kj_fw_rule);
	rule->line = line;
	rule->index = (uint32_t)rs->rules.n;
	rule->text = text;
	rule->verdict = KJ_FW_CONTINUE;
	rule->chain = chain;
	KJ_PUSH(rs->arena, &rs->rules, rule);
	KJ_PUSH(rs->arena, &chain->rules, rule);
	return rule;
}

void kj_fw_rule_to(struct kj_fw_rule *rule, enum kj_fw_verdict verdict, struct kj_fw_chain *target)
{
	rule->verdict = verdict;
	rule->target = target;
	if (!target->used)
		target->used = rule->line;
}

void kj_fw_beyond(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, kj_str what)
{
	rule->maybe = true;
	kj_fw_note(rs, rule->line, "'%.*s' is not evaluated", KJ_FMT(what));
}

struct kj_fw_rule *kj_fw_unreadable(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, uint32_t line, kj_str text,
                                    const char *why)
{
	struct kj_fw_rule *rule = kj_fw_rule(rs, chain, line, text);
	rule->verdict = KJ_FW_UNSURE;
	kj_fw_note(rs, line, "%s", why);
	return rule;
}

void kj_fw_assign_untracked(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	KJ_PUSH(rs->arena, &rule->assigns,
	        (struct kj_fw_assign){.field = KJ_FW_STATE, .value = KJ_FW_UNTRACKED, .mask = UINT64_MAX});
}

void kj_fw_assign_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, uint32_t value, uint32_t mask)
{
	KJ_PUSH(rs->arena, &rule->assigns, (struct kj_fw_assign){.field = KJ_FW_MARK, .value = value, .mask = mask});
}

void kj_fw_assign_mark_unknown(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	KJ_PUSH(rs->arena, &rule->assigns, (struct kj_fw_assign){.field = KJ_FW_MARK, .unknown = true});
}

void kj_fw_assign_connmark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, uint32_t value, uint32_t mask)
{
	KJ_PUSH(rs->arena, &rule->assigns, (struct kj_fw_assign){.field = KJ_FW_CTMARK, .value = value, .mask = mask});
}

void kj_fw_assign_connmark_unknown(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	KJ_PUSH(rs->arena, &rule->assigns, (struct kj_fw_assign){.field = KJ_FW_CTMARK, .unknown = true});
}

void kj_fw_save_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	KJ_PUSH(rs->arena, &rule->assigns, (struct kj_fw_assign){.field = KJ_FW_CTMARK, .copy = true});
}

void kj_fw_restore_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	kj_fw_test_connected(rs, rule);
	KJ_PUSH(rs->arena, &rule->assigns, (struct kj_fw_assign){.field = KJ_FW_MARK, .copy = true});
}

void kj_fw_rewrite(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, struct kj_fw_rewrite rewrite)
{
	struct kj_fw_rewrite *copy = KJ_NEW(rs->arena, struct kj_fw_rewrite);
	*copy = rewrite;
	rule->verdict = KJ_FW_REWRITE;
	rule->rewrite = copy;
}

/* -- tests -- */

#define TESTS_USUAL 4

void kj_fw_test_tuple(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const enum kj_fw_field *fields, unsigned n,
                      bool negated, const struct kj_fw_set *set)
{
	struct kj_fw_test test = {.dims = (unsigned char)n, .negated = negated, .set = set};
	for (unsigned i = 0; i < n; i++)
		test.field[i] = (unsigned char)fields[i];
	if (!rule->tests.cap) { /* most rules have few: no more room than that */
		rule->tests.at = KJ_NEW_ARRAY(rs->arena, struct kj_fw_test, TESTS_USUAL);
		rule->tests.cap = TESTS_USUAL;
	}
	KJ_PUSH(rs->arena, &rule->tests, test);
}

void kj_fw_test(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                const struct kj_fw_set *set)
{
	kj_fw_test_tuple(rs, rule, &field, 1, negated, set);
}

static bool same_interval(const struct kj_fw_interval *a, const struct kj_fw_interval *b)
{
	return a->version == b->version && a->any == b->any && a->first.hi == b->first.hi &&
	       a->first.lo == b->first.lo && a->last.hi == b->last.hi && a->last.lo == b->last.lo;
}

/* A set of one interval: one that was made lately, or a new one that takes no more room than it needs. */
static const struct kj_fw_set *set_of_one(struct kj_fw_ruleset *rs, const struct kj_fw_interval *interval)
{
	uint64_t hash = (interval->first.lo * 31 + interval->last.lo + interval->first.hi + interval->version) *
	                0x9e3779b97f4a7c15u;
	const struct kj_fw_set **recent = &rs->recent[hash >> 56];
	if (*recent && same_interval(&(*recent)->at.at[0], interval))
		return *recent;
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	set->at.at = KJ_NEW(rs->arena, struct kj_fw_interval);
	set->at.at[0] = *interval;
	set->at.n = set->at.cap = 1;
	*recent = set;
	return set;
}

static void test_one(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                     struct kj_fw_interval interval)
{
	kj_fw_test(rs, rule, field, negated, set_of_one(rs, &interval));
}

void kj_fw_test_num(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                    uint64_t first, uint64_t last)
{
	test_one(rs, rule, field, negated, kj_fw_interval_num(first, last));
}

void kj_fw_test_addr(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                     const struct kj_range *range)
{
	test_one(rs, rule, field, negated, kj_fw_interval_addr(range));
}

void kj_fw_test_iface(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                      kj_str name, bool wildcard)
{
	uint32_t id = kj_fw_iface_id(rs, name, wildcard);
	kj_fw_test_num(rs, rule, field, negated, id, id);
}

void kj_fw_test_flags(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, unsigned mask, unsigned value)
{
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	for (unsigned first = 0; first < 256; first++) {
		if ((first & mask) != value)
			continue;
		unsigned last = first;
		while (last < 255 && ((last + 1) & mask) == value)
			last++;
		kj_fw_set_num(rs, set, first, last);
		first = last;
	}
	kj_fw_test(rs, rule, KJ_FW_FLAGS, negated, set);
}

void kj_fw_test_icmp(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, unsigned type,
                     unsigned code_first, unsigned code_last)
{
	kj_fw_test_num(rs, rule, KJ_FW_DPORT, negated, type * 256 + code_first, type * 256 + code_last);
}

void kj_fw_test_either(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field a, enum kj_fw_field b,
                       bool negated, const struct kj_fw_set *set)
{
	struct kj_fw_set *pairs = kj_fw_set(rs, 2);
	for (size_t i = 0; i < set->at.n; i++) {
		KJ_PUSH(rs->arena, &pairs->at, set->at.at[i]);
		kj_fw_set_any(rs, pairs);
		kj_fw_set_any(rs, pairs);
		KJ_PUSH(rs->arena, &pairs->at, set->at.at[i]);
	}
	kj_fw_test_tuple(rs, rule, (const enum kj_fw_field[]){a, b}, 2, negated, pairs);
}

static void test_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                      uint32_t value, uint32_t mask)
{
	struct kj_fw_set *set = kj_fw_set(rs, 1);
	kj_fw_test(rs, rule, field, negated, set);
	if (mask == UINT32_MAX)
		kj_fw_set_num(rs, set, value, value);
	else
		KJ_PUSH(rs->arena, &rs->mark_tests, (struct kj_fw_mark_test){set, rule->line, value, mask});
}

void kj_fw_test_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, uint32_t value, uint32_t mask)
{
	test_mark(rs, rule, KJ_FW_MARK, negated, value, mask);
}

void kj_fw_test_connected(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	kj_fw_test_num(rs, rule, KJ_FW_STATE, false, KJ_FW_NEW, KJ_FW_RELATED);
}

void kj_fw_test_connmark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, uint32_t value, uint32_t mask)
{
	kj_fw_test_connected(rs, rule);
	test_mark(rs, rule, KJ_FW_CTMARK, negated, value, mask);
}

void kj_fw_test_odd(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool plain, kj_str what)
{
	unsigned i = 0;
	while (i < KJ_FW_ODDS && rs->odd[i].n && !kj_str_eq(rs->odd[i], what))
		i++;
	if (i == KJ_FW_ODDS || !what.n) {
		kj_fw_beyond(rs, rule, what);
		return;
	}
	rs->odd[i] = what;
	kj_fw_test_num(rs, rule, (enum kj_fw_field)(KJ_FW_ODD + i), false, !plain, !plain);
}

/* -- sets -- */

struct kj_fw_set *kj_fw_set(struct kj_fw_ruleset *rs, unsigned dims)
{
	struct kj_fw_set *set = KJ_NEW(rs->arena, struct kj_fw_set);
	set->dims = dims;
	set->declared = true;
	return set;
}

struct kj_fw_set *kj_fw_set_named(struct kj_fw_ruleset *rs, kj_str name, uint32_t line)
{
	void **at = kj_map_at(rs->arena, &rs->set_by_name, name);
	struct kj_fw_set *set = *at;
	if (!set) {
		*at = set = kj_fw_set(rs, 1);
		set->name = name;
		set->declared = false;
	}
	if (!set->used)
		set->used = line;
	return set;
}

struct kj_fw_interval kj_fw_interval_num(uint64_t first, uint64_t last)
{
	return (struct kj_fw_interval){.first.lo = first, .last.lo = last};
}

static struct kj_fw_key key_of(const struct kj_addr *addr)
{
	unsigned bytes = addr->version == 4 ? 4 : 16;
	struct kj_fw_key key = {0, 0};
	for (unsigned i = 0; i < bytes; i++) {
		key.hi = key.hi << 8 | key.lo >> 56;
		key.lo = key.lo << 8 | addr->byte[i];
	}
	return key;
}

static struct kj_addr addr_of(struct kj_fw_key key, unsigned char version)
{
	struct kj_addr addr = {.version = version};
	for (unsigned i = version == 4 ? 4 : 16; i-- > 0;) {
		addr.byte[i] = (unsigned char)key.lo;
		key.lo = key.lo >> 8 | key.hi << 56;
		key.hi >>= 8;
	}
	return addr;
}

struct kj_fw_interval kj_fw_interval_addr(const struct kj_range *range)
{
	return (struct kj_fw_interval){key_of(&range->first), key_of(&range->last), range->first.version, false};
}

struct kj_range kj_fw_interval_range(const struct kj_fw_interval *interval)
{
	return (struct kj_range){addr_of(interval->first, interval->version),
	                         addr_of(interval->last, interval->version)};
}

void kj_fw_set_num(struct kj_fw_ruleset *rs, struct kj_fw_set *set, uint64_t first, uint64_t last)
{
	KJ_PUSH(rs->arena, &set->at, kj_fw_interval_num(first, last));
}

void kj_fw_set_addr(struct kj_fw_ruleset *rs, struct kj_fw_set *set, const struct kj_range *range)
{
	KJ_PUSH(rs->arena, &set->at, kj_fw_interval_addr(range));
}

void kj_fw_set_any(struct kj_fw_ruleset *rs, struct kj_fw_set *set)
{
	KJ_PUSH(rs->arena, &set->at, (struct kj_fw_interval){.any = true});
}

uint32_t kj_fw_iface_id(struct kj_fw_ruleset *rs, kj_str name, bool wildcard)
{
	void **at = kj_map_at(rs->arena, &rs->iface_by_name,
	                      wildcard ? kj_str_fmt(rs->arena, "%.*s\n+", KJ_FMT(name)) : name);
	if (!*at) {
		uint32_t *id = KJ_NEW(rs->arena, uint32_t);
		*id = (uint32_t)rs->ifaces.n;
		*at = id;
		KJ_PUSH(rs->arena, &rs->ifaces, (struct kj_fw_iface){name, wildcard});
	}
	return *(const uint32_t *)*at;
}

uint32_t kj_fw_iface_find(const struct kj_fw_ruleset *rs, kj_str name)
{
	uint32_t best = 0;
	for (uint32_t id = 1; id < rs->ifaces.n; id++) {
		const struct kj_fw_iface *iface = &rs->ifaces.at[id];
		if (!iface->wildcard && kj_str_eq(iface->name, name))
			return id;
		if (iface->wildcard && iface->name.n && kj_str_starts(name, iface->name) &&
		    (!best || iface->name.n > rs->ifaces.at[best].name.n))
			best = id;
	}
	return best;
}

/* -- at the end -- */

/* More marks than these are not followed. */
#define MARKS_MAX 256

static bool has_mark(const struct kj_fw_ruleset *rs, uint32_t mark)
{
	for (size_t i = 0; i < rs->marks.n; i++) {
		if (rs->marks.at[i] == mark)
			return true;
	}
	return false;
}

/* The marks that come of the known ones by one more assignment. */
static void apply_mark(struct kj_fw_ruleset *rs, const struct kj_fw_assign *assign)
{
	rs->marks_open |= assign->unknown;
	for (size_t i = 0; i < rs->marks.n && !assign->unknown && !assign->copy; i++) {
		uint32_t mark = (uint32_t)((rs->marks.at[i] & ~assign->mask) ^ assign->value);
		if (has_mark(rs, mark))
			continue;
		if (rs->marks.n < MARKS_MAX)
			KJ_PUSH(rs->arena, &rs->marks, mark);
		else
			rs->marks_open = true;
	}
}

/* All marks that assignments can make of 0, and what the tests of some bits mean among them. */
static void close_marks(struct kj_fw_ruleset *rs)
{
	KJ_VEC(const struct kj_fw_assign *) assigns = {0};
	for (size_t i = 0; i < rs->rules.n; i++) {
		for (size_t a = 0; a < rs->rules.at[i]->assigns.n; a++) {
			if (rs->rules.at[i]->assigns.at[a].field != KJ_FW_STATE)
				KJ_PUSH(rs->arena, &assigns, &rs->rules.at[i]->assigns.at[a]);
		}
	}
	KJ_PUSH(rs->arena, &rs->marks, 0);
	for (size_t before = 0; before != rs->marks.n;) {
		before = rs->marks.n;
		for (size_t i = 0; i < assigns.n; i++)
			apply_mark(rs, assigns.at[i]);
	}
	for (size_t i = 0; i < rs->mark_tests.n; i++) {
		const struct kj_fw_mark_test *test = &rs->mark_tests.at[i];
		for (size_t m = 0; m < rs->marks.n; m++) {
			if ((rs->marks.at[m] & test->mask) == test->value)
				kj_fw_set_num(rs, test->set, rs->marks.at[m], rs->marks.at[m]);
		}
		test->set->declared = !rs->marks_open;
		if (rs->marks_open)
			kj_fw_note(rs, test->line, "the mark is not evaluated: its values are not all known");
	}
}

/* -- loops -- */

/* A chain on the way from one to the next, and how many of its rules were followed. */
struct step {
	const struct kj_fw_chain *chain;
	size_t next;
};

enum { LOOPS_NOTED = 16 };

/* Where a chain leads back to one that leads to it; no kernel has such a ruleset. What it does is unsure, and it is
   said where. `seen`: 1 on the way, 2 done. */
static void follow(struct kj_fw_ruleset *rs, unsigned char *seen, const struct kj_fw_chain *from, unsigned *loops)
{
	KJ_VEC(struct step) way = {0};
	KJ_PUSH(rs->arena, &way, (struct step){from, 0});
	seen[from->index] = 1;
	while (way.n) {
		struct step *step = &way.at[way.n - 1];
		if (step->next == step->chain->rules.n) {
			seen[step->chain->index] = 2;
			way.n--;
			continue;
		}
		const struct kj_fw_rule *rule = step->chain->rules.at[step->next++];
		if (!rule->target || seen[rule->target->index] == 2)
			continue;
		if (seen[rule->target->index] == 1) {
			if ((*loops)++ < LOOPS_NOTED)
				kj_fw_note(rs, rule->line,
				           "chain '%.*s' leads back to itself: what it does is not known",
				           KJ_FMT(rule->target->name));
			continue;
		}
		seen[rule->target->index] = 1;
		KJ_PUSH(rs->arena, &way, (struct step){rule->target, 0});
	}
}

static void note_loops(struct kj_fw_ruleset *rs)
{
	unsigned char *seen = KJ_NEW_ARRAY(rs->arena, unsigned char, rs->chains.n + 1);
	unsigned loops = 0;
	for (size_t i = 0; i < rs->chains.n; i++) {
		if (!seen[i])
			follow(rs, seen, rs->chains.at[i], &loops);
	}
}

void kj_fw_finish(struct kj_fw_ruleset *rs)
{
	close_marks(rs);
	note_loops(rs);
	for (size_t i = 0; i < rs->chains.n; i++) {
		const struct kj_fw_chain *chain = rs->chains.at[i];
		if (!chain->declared)
			kj_fw_note(rs, chain->used, "chain '%.*s' is not in the dump", KJ_FMT(chain->name));
	}
	for (const struct kj_map_entry *entry = rs->set_by_name.first; entry; entry = entry->next) {
		const struct kj_fw_set *set = entry->value;
		if (!set->declared && set->used)
			kj_fw_note(rs, set->used, "set '%.*s' is not in the dump", KJ_FMT(set->name));
	}
}

bool kj_fw_rewrites(const struct kj_fw_ruleset *rs)
{
	for (size_t i = 0; i < rs->rules.n; i++) {
		if (rs->rules.at[i]->rewrite)
			return true;
	}
	return false;
}
