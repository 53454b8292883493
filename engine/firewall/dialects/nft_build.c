/* The tables, sets, chains and rules of nftables become a ruleset. */
#include "firewall/dialects/nft.h"

#include <limits.h>

/* Chains on single devices come before all others, or after. */
enum { INGRESS = INT_MIN / 2, EGRESS = INT_MAX / 2 };

/* -- the ruleset -- */

struct kj_nft *kj_nft_new(struct kj_arena *arena, const struct kj_text *text, const char *dialect)
{
	struct kj_nft *nft = KJ_NEW(arena, struct kj_nft);
	nft->rs = kj_fw_ruleset_new(arena, text, dialect, KJ_FW_V46);
	nft->rs->latest_first = true; /* nf_hook_entries_grow of the kernel puts it before its equals */
	return nft;
}

/* Something may happen to packets that the dump does not tell: at every hook a last chain that may drop. */
static void add_unsure_chains(struct kj_nft *nft, uint32_t line, kj_str text)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	for (unsigned i = 0; i < sizeof hooks / sizeof *hooks; i++) {
		kj_str name = kj_str_of(kj_fw_hook_name(hooks[i]));
		struct kj_fw_chain *chain = kj_fw_chain(nft->rs, KJ_STR("(not in the dump)"), name);
		chain->declared = true;
		chain->line = line;
		kj_fw_base(chain, hooks[i], EGRESS, KJ_FW_V46);
		chain->policy = KJ_FW_UNSURE;
		chain->policy_text = text;
	}
}

/* Puts an unsure rule before all others of the base chain. */
static void doubt(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, uint32_t line, kj_str text)
{
	struct kj_fw_rule *rule = kj_fw_rule(rs, chain, line, text);
	rule->verdict = KJ_FW_UNSURE;
	for (size_t i = chain->rules.n - 1; i > 0; i--)
		chain->rules.at[i] = chain->rules.at[i - 1];
	chain->rules.at[0] = rule;
}

void kj_nft_finish(struct kj_nft *nft)
{
	struct kj_fw_ruleset *rs = nft->rs;
	for (size_t i = 0; nft->elsewhere.n && i < rs->chains.n; i++) {
		if (rs->chains.at[i]->hook != KJ_FW_NO_HOOK)
			doubt(rs, rs->chains.at[i], nft->elsewhere_line, nft->elsewhere);
	}
	if (nft->elsewhere.n)
		add_unsure_chains(nft, nft->elsewhere_line, nft->elsewhere);
	kj_fw_finish(rs);
}

void kj_nft_cut_short(struct kj_nft *nft, uint32_t line)
{
	kj_str text = KJ_STR("the dump is cut short here");
	add_unsure_chains(nft, line, text);
	if (nft->chain)
		kj_fw_unreadable(nft->rs, nft->chain, line, text, "the dump is cut short: what follows is not known");
	else
		kj_fw_note(nft->rs, line, "the dump is cut short: what follows is not known");
}

void kj_nft_elsewhere(struct kj_nft *nft, uint32_t line, kj_str text)
{
	kj_fw_note(nft->rs, line, "'%.*s' is not followed; what it adds is not known", KJ_FMT(text));
	if (!nft->elsewhere.n) {
		nft->elsewhere = text;
		nft->elsewhere_line = line;
	}
}

/* -- tables -- */

struct kj_nft_table *kj_nft_enter(struct kj_nft *nft, kj_str family, kj_str name, uint32_t line)
{
	static const struct family {
		const char *name;
		unsigned families;
		bool outside;
	} families[] = {{"ip", KJ_FW_V4}, {"ip6", KJ_FW_V6},   {"inet", KJ_FW_V46},
	                {"arp", 0, true}, {"bridge", 0, true}, {"netdev", KJ_FW_V46}};
	struct kj_arena *arena = nft->rs->arena;
	kj_str key = kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(family), KJ_FMT(name));
	void **at = kj_map_at(arena, &nft->tables, key);
	nft->chain = NULL;
	nft->table = *at;
	if (*at)
		return *at;
	nft->table = *at = KJ_NEW(arena, struct kj_nft_table);
	*nft->table = (struct kj_nft_table){.name = key, .families = KJ_FW_V46, .outside = true};
	bool known = false;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		if (!kj_str_eq(family, kj_str_of(families[i].name)))
			continue;
		known = true;
		nft->table->families = families[i].families;
		nft->table->outside = families[i].outside;
	}
	if (!known)
		kj_nft_elsewhere(nft, line, key);
	else if (nft->table->outside)
		kj_fw_note(nft->rs, line, "table '%.*s' is not evaluated: it is not about IP packets of this host",
		           KJ_FMT(key));
	return nft->table;
}

/* -- sets and maps -- */

struct kj_nft_set *kj_nft_set(struct kj_nft *nft, kj_str name, uint32_t line, bool map)
{
	struct kj_arena *arena = nft->rs->arena;
	kj_str key = kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(nft->table->name), KJ_FMT(name));
	void **at = kj_map_at(arena, &nft->sets, key);
	struct kj_nft_set *set = *at;
	if (!set) {
		*at = set = KJ_NEW(arena, struct kj_nft_set);
		set->map = map;
		set->set = map ? kj_fw_set(nft->rs, 1) : kj_fw_set_named(nft->rs, key, 0);
		set->set->declared = true;
		set->set->line = line;
	}
	return set;
}

void kj_nft_set_add(struct kj_nft *nft, struct kj_nft_set *set, const struct kj_nft_element *element)
{
	set->limited |= element->limited;
	if (set->map) {
		KJ_PUSH(nft->rs->arena, &set->elements, *element);
		return;
	}
	set->set->dims = set->n;
	if (!set->n || kj_nft_add_element(nft, set->set, set->type, set->n, element) == KJ_NFT_STRANGE) {
		if (!set->set->partial)
			kj_fw_note(nft->rs, element->line, "set '%.*s' has elements that are not evaluated",
			           KJ_FMT(set->set->name));
		set->set->partial = true;
	}
}

void kj_nft_dynamic(struct kj_nft *nft, kj_str name, bool removes, kj_str what)
{
	struct kj_nft_set *set = kj_nft_find_set(nft, name);
	if (set)
		set->set->partial = true;
	if (set && removes)
		set->set->at.n = set->elements.n = 0; /* what is listed may be gone */
	kj_nft_beyond(nft, what);                     /* a full set takes nothing, and the rule ends there */
}

/* -- chains -- */

void kj_nft_chain(struct kj_nft *nft, kj_str name, uint32_t line)
{
	nft->chain = kj_fw_chain_declare(nft->rs, nft->table->name, name, line);
}

bool kj_nft_priority(kj_str name, int64_t *priority)
{
	static const struct word {
		const char *name;
		int priority;
	} words[] = {{"raw", KJ_FW_PRIORITY_RAW},           {"mangle", KJ_FW_PRIORITY_MANGLE},
	             {"dstnat", KJ_FW_PRIORITY_DSTNAT},     {"filter", KJ_FW_PRIORITY_FILTER},
	             {"security", KJ_FW_PRIORITY_SECURITY}, {"srcnat", KJ_FW_PRIORITY_SRCNAT}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (kj_str_eq(name, kj_str_of(words[i].name))) {
			*priority = words[i].priority;
			return true;
		}
	}
	return false;
}

/* Chains at the device: the device is not followed, so that what they drop is "maybe". */
static bool at_device(const struct kj_fw_chain *chain)
{
	return chain->hook != KJ_FW_NO_HOOK && (chain->priority <= INGRESS / 2 || chain->priority >= EGRESS / 2);
}

void kj_nft_hook(struct kj_nft *nft, kj_str type, kj_str word, int64_t priority)
{
	enum kj_fw_hook hook = KJ_FW_PREROUTING;
	bool ingress = kj_str_eq(word, KJ_STR("ingress")), egress = kj_str_eq(word, KJ_STR("egress"));
	while (hook < KJ_FW_HOOKS && !kj_str_eq(word, kj_str_of(kj_fw_hook_name(hook))))
		hook++;
	uint32_t line = nft->chain->line;
	int at = priority < INGRESS / 4 ? INGRESS / 4 : priority > EGRESS / 4 ? EGRESS / 4 : (int)priority;
	if (nft->table->dormant) {
		kj_fw_note(nft->rs, line, "table '%.*s' is dormant: its chains do nothing", KJ_FMT(nft->table->name));
		return;
	}
	if (ingress || egress) {
		hook = ingress ? KJ_FW_PREROUTING : KJ_FW_POSTROUTING;
		at = ingress ? INGRESS : EGRESS;
		kj_fw_note(nft->rs, line, "chain '%.*s' works on single devices: what it drops is taken as uncertain",
		           KJ_FMT(nft->chain->name));
	}
	if (hook == KJ_FW_NO_HOOK) {
		kj_fw_note(nft->rs, line, "chain '%.*s' has an unknown hook '%.*s'", KJ_FMT(nft->chain->name),
		           KJ_FMT(word));
		return;
	}
	kj_fw_base(nft->chain, hook, at, nft->table->families);
	nft->chain->nat = kj_str_eq(type, KJ_STR("nat"));
	nft->chain->policy_text = KJ_STR("default policy accept");
}

void kj_nft_policy(struct kj_nft *nft, kj_str policy, uint32_t line, kj_str text)
{
	struct kj_fw_chain *chain = nft->chain;
	if (chain->hook == KJ_FW_NO_HOOK)
		return;
	bool drop = kj_str_eq(policy, KJ_STR("drop")), accept = kj_str_eq(policy, KJ_STR("accept"));
	bool sure = accept || (drop && !at_device(chain) && !nft->table->doubt);
	chain->policy = !sure ? KJ_FW_UNSURE : drop ? KJ_FW_DROP : KJ_FW_ACCEPT;
	chain->policy_line = line;
	chain->policy_text = text;
	if (!drop && !accept)
		kj_fw_note(nft->rs, line, "policy '%.*s' is not known", KJ_FMT(policy));
}

/* -- rules -- */

void kj_nft_rule_begin(struct kj_nft *nft, uint32_t line, kj_str text)
{
	struct kj_fw_rule *draft = &nft->draft;
	draft->line = line;
	draft->text = text;
	draft->maybe = nft->table->doubt || at_device(nft->chain);
	draft->tests.n = draft->assigns.n = 0;
	draft->rewrite = NULL;
	nft->done = nft->ports = nft->connection = false;
	nft->family = 0;
	nft->proto = -1;
}

/* The draft as the chain's next rule; the draft stays as it is. */
static struct kj_fw_rule *emit(struct kj_nft *nft, enum kj_fw_verdict verdict, kj_str target)
{
	struct kj_arena *arena = nft->rs->arena;
	const struct kj_fw_rule *draft = &nft->draft;
	struct kj_fw_rule *rule = kj_fw_rule(nft->rs, nft->chain, draft->line, draft->text);
	rule->maybe = draft->maybe;
	rule->rewrite = draft->rewrite;
	if (draft->tests.n) {
		rule->tests.at = KJ_NEW_ARRAY(arena, struct kj_fw_test, draft->tests.n);
		rule->tests.n = rule->tests.cap = draft->tests.n;
		for (size_t i = 0; i < draft->tests.n; i++)
			rule->tests.at[i] = draft->tests.at[i];
	}
	for (size_t i = 0; i < draft->assigns.n; i++)
		KJ_PUSH(arena, &rule->assigns, draft->assigns.at[i]);
	if (verdict == KJ_FW_JUMP || verdict == KJ_FW_GOTO)
		kj_fw_rule_to(rule, verdict, kj_fw_chain(nft->rs, nft->table->name, target));
	else
		rule->verdict = verdict;
	return rule;
}

void kj_nft_rule_end(struct kj_nft *nft)
{
	if (!nft->done)
		emit(nft, KJ_FW_CONTINUE, KJ_STR(""));
	nft->done = true;
}

void kj_nft_verdict(struct kj_nft *nft, enum kj_fw_verdict verdict, kj_str target)
{
	emit(nft, verdict, target);
	nft->done = true;
}

void kj_nft_strange(struct kj_nft *nft, kj_str what)
{
	kj_fw_note(nft->rs, nft->draft.line, "what '%.*s' does with a packet is not known", KJ_FMT(what));
	kj_nft_verdict(nft, KJ_FW_UNSURE, KJ_STR(""));
}

void kj_nft_beyond(struct kj_nft *nft, kj_str what)
{
	kj_fw_beyond(nft->rs, &nft->draft, what);
}

static bool looks_at(const struct kj_fw_test *test, enum kj_fw_field field)
{
	for (unsigned i = 0; i < test->dims; i++) {
		if (test->field[i] == field)
			return true;
	}
	return false;
}

/* Statements work in turn: what was set already must not wait for the matches that follow. So it becomes a rule of its
   own, and what was asked of the old value can't be asked again. */
void kj_nft_settle(struct kj_nft *nft)
{
	struct kj_fw_rule *draft = &nft->draft;
	if (!draft->assigns.n)
		return;
	emit(nft, KJ_FW_CONTINUE, KJ_STR(""));
	size_t kept = 0;
	for (size_t i = 0; i < draft->tests.n; i++) {
		bool stale = false;
		for (size_t a = 0; a < draft->assigns.n; a++)
			stale |= looks_at(&draft->tests.at[i], draft->assigns.at[a].field);
		draft->maybe |= stale;
		if (!stale)
			draft->tests.at[kept++] = draft->tests.at[i];
	}
	if (kept < draft->tests.n)
		kj_fw_note(nft->rs, draft->line, "a match before what sets its value is not evaluated");
	draft->tests.n = kept;
	draft->assigns.n = 0;
}

bool kj_nft_mark_number(kj_str text, uint32_t *out)
{
	uint64_t number;
	if (!kj_nft_number(text, &number) || number > UINT32_MAX)
		return false;
	*out = (uint32_t)number;
	return true;
}

void kj_nft_mark_step(struct kj_nft_marking *marking, char sign, uint32_t bits)
{
	if (sign == '&') {
		marking->value &= bits;
		marking->mask |= ~bits;
	} else if (sign == '|') {
		marking->value |= bits;
		marking->mask |= bits;
	} else {
		marking->value ^= bits;
	}
	marking->known &= !marking->copy; /* some bits of the other mark */
}

void kj_nft_set_mark(struct kj_nft *nft, enum kj_fw_field field, const struct kj_nft_marking *marking)
{
	struct kj_fw_ruleset *rs = nft->rs;
	struct kj_fw_rule *draft = &nft->draft;
	bool packet = field == KJ_FW_MARK;
	if (!marking->known && packet)
		kj_fw_assign_mark_unknown(rs, draft);
	else if (!marking->known)
		kj_fw_assign_connmark_unknown(rs, draft);
	else if (marking->copy && packet)
		kj_fw_restore_mark(rs, draft);
	else if (marking->copy)
		kj_fw_save_mark(rs, draft);
	else if (packet)
		kj_fw_assign_mark(rs, draft, marking->value, marking->mask);
	else
		kj_fw_assign_connmark(rs, draft, marking->value, marking->mask);
}

/* Packets that are tracked already stay so. */
void kj_nft_untrack(struct kj_nft *nft)
{
	const struct kj_fw_chain *chain = nft->chain;
	if (chain->hook == KJ_FW_NO_HOOK || chain->priority < KJ_FW_PRIORITY_CONNTRACK)
		kj_fw_assign_untracked(nft->rs, &nft->draft);
}

void kj_nft_write(struct kj_nft *nft, const struct kj_nft_key *key, kj_str what)
{
	static const enum kj_fw_field told[] = {KJ_FW_SRC,   KJ_FW_DST,   KJ_FW_SPORT,
	                                        KJ_FW_DPORT, KJ_FW_PROTO, KJ_FW_FLAGS};
	for (unsigned i = 0; i < sizeof told / sizeof *told; i++) {
		if (key->field == (int)told[i]) {
			kj_nft_strange(nft, what);
			return;
		}
	}
}

/* -- maps -- */

/* A rule for each element: the draft's tests, the element's, then what `each` makes of it. `each` calls emit(). */
struct lookup {
	const struct kj_nft_match *match;
	const struct kj_nft_element *at;
	size_t n;
	void (*each)(struct kj_nft *nft, const struct kj_nft_element *element, const void *ctx);
	const void *ctx;
};

static bool is_rest(const struct kj_nft_element *element)
{
	return element->n == 1 && kj_str_eq(element->part[0], KJ_STR("*"));
}

static void look_up(struct kj_nft *nft, const struct lookup *lookup)
{
	struct kj_fw_rule *draft = &nft->draft;
	size_t tests = draft->tests.n;
	bool maybe = draft->maybe, ports = nft->ports, doubtful = false;
	for (size_t i = 0; i < lookup->n; i++) {
		const struct kj_nft_element *element = &lookup->at[i];
		bool matches = true;
		if (is_rest(element))
			kj_nft_test_none(nft, lookup->match, lookup->at, lookup->n);
		else
			matches = kj_nft_test_element(nft, lookup->match, element);
		if (matches)
			lookup->each(nft, element, lookup->ctx);
		doubtful |= draft->maybe && !maybe;
		draft->tests.n = tests;
		draft->maybe = maybe;
		nft->ports = ports;
	}
	if (doubtful)
		kj_fw_note(nft->rs, draft->line, "'%.*s' is not evaluated", KJ_FMT(lookup->match->text));
	if (!lookup->n)
		emit(nft, KJ_FW_CONTINUE, KJ_STR("")); /* nothing is ever found */
	nft->done = true;
}

/* The elements that a match against a map means; false when there is no such map. */
static bool map_elements(struct kj_nft *nft, const struct kj_nft_match *match, struct lookup *lookup)
{
	struct kj_nft_set *map = match->set.n ? kj_nft_find_set(nft, match->set) : NULL;
	lookup->match = match;
	lookup->at = map ? map->elements.at : match->elements.at;
	lookup->n = map ? map->elements.n : match->elements.n;
	if (match->set.n && !map)
		kj_fw_note(nft->rs, nft->draft.line, "map '%.*s' is not in the dump", KJ_FMT(match->set));
	return (!match->set.n || (map && map->map && !map->limited && !map->set->partial)) && !match->unread;
}

static void each_verdict(struct kj_nft *nft, const struct kj_nft_element *element, const void *ctx)
{
	const struct kj_nft_match *match = ctx;
	kj_str text = nft->draft.text;
	if (match->set.n && element->n == 1) /* which element of a map that stands elsewhere */
		nft->draft.text = kj_str_fmt(nft->rs->arena, "%.*s (%.*s)", KJ_FMT(text), KJ_FMT(element->part[0]));
	emit(nft, element->has_verdict ? element->verdict : KJ_FW_UNSURE, element->target);
	nft->draft.text = text;
}

void kj_nft_vmap(struct kj_nft *nft, const struct kj_nft_match *match)
{
	struct lookup lookup = {.each = each_verdict, .ctx = match};
	kj_nft_settle(nft);
	kj_nft_depend(nft, match);
	if (map_elements(nft, match, &lookup))
		look_up(nft, &lookup);
	else
		kj_nft_strange(nft, match->text);
}

/* -- address translation -- */

static bool read_ports(struct kj_nft *nft, kj_str text, struct kj_fw_rewrite *rewrite)
{
	struct kj_fw_interval ports;
	if (kj_nft_encode(nft->rs, KJ_NFT_PORT, text, &ports) != KJ_NFT_VALUE)
		return false;
	rewrite->has_port = true;
	rewrite->port_first = (uint16_t)ports.first.lo;
	rewrite->port_last = (uint16_t)ports.last.lo;
	return true;
}

static bool read_addr(struct kj_nft *nft, kj_str text, struct kj_fw_rewrite *rewrite, unsigned char *family)
{
	struct kj_range range;
	if (!kj_range_parse(text, &range))
		return false;
	struct kj_fw_set *set = kj_fw_set(nft->rs, 1);
	kj_fw_set_addr(nft->rs, set, &range);
	rewrite->addr = set;
	*family = range.first.version;
	return true;
}

/* The rewriting to an address and a port; either may be empty. */
static void emit_rewrite(struct kj_nft *nft, const struct kj_nft_nat *nat, kj_str addr, kj_str port)
{
	struct kj_fw_rewrite rewrite = {.to_self = nat->to_self};
	unsigned char family = nat->family;
	size_t tests = nft->draft.tests.n;
	unsigned tested = nft->family;
	bool known = !nat->unknown && (!port.n || read_ports(nft, port, &rewrite)) &&
	             (!addr.n || read_addr(nft, addr, &rewrite, &family)) && (nat->to_self || addr.n || port.n);
	if (!known) {
		rewrite = (struct kj_fw_rewrite){.unknown = true};
		kj_fw_note(nft->rs, nft->draft.line, "where '%.*s' leads is not known", KJ_FMT(nat->text));
	}
	if (family) {
		struct kj_nft_match match = {.n = 1, .key = {{.family = family, .proto = -1}}};
		kj_nft_depend(nft, &match);
	}
	kj_fw_rewrite(nft->rs, &nft->draft, rewrite);
	emit(nft, KJ_FW_REWRITE, KJ_STR(""));
	nft->draft.rewrite = NULL;
	nft->draft.tests.n = tests;
	nft->family = tested;
	nft->done = true;
}

static void each_rewrite(struct kj_nft *nft, const struct kj_nft_element *element, const void *ctx)
{
	const struct kj_nft_nat *nat = ctx;
	kj_str first = element->data_n ? element->data[0] : KJ_STR("?");
	kj_str second = element->data_n > 1 ? element->data[1] : nat->port;
	emit_rewrite(nft, nat, nat->map_port ? nat->addr : first, nat->map_port ? first : second);
}

void kj_nft_nat(struct kj_nft *nft, const struct kj_nft_nat *nat)
{
	struct lookup lookup = {.each = each_rewrite, .ctx = nat};
	if (!nat->destination) {
		kj_nft_verdict(nft, KJ_FW_ACCEPT, KJ_STR(""));
		return;
	}
	if (!nat->map) {
		emit_rewrite(nft, nat, nat->addr, nat->port);
		return;
	}
	kj_nft_settle(nft);
	kj_nft_depend(nft, nat->map);
	if (map_elements(nft, nat->map, &lookup)) {
		look_up(nft, &lookup);
		return;
	}
	struct kj_nft_nat unknown = *nat;
	unknown.unknown = true;
	nft->draft.maybe = true; /* what the map does not have is not rewritten */
	emit_rewrite(nft, &unknown, KJ_STR(""), KJ_STR(""));
}

/* -- iptables-nft -- */

void kj_nft_xt(struct kj_nft *nft, bool target, kj_str name, kj_str what)
{
	static const struct known {
		const char *name;
		enum kj_fw_verdict verdict;
	} targets[] = {{"LOG", KJ_FW_CONTINUE},      {"NFLOG", KJ_FW_CONTINUE},  {"TRACE", KJ_FW_CONTINUE},
	               {"AUDIT", KJ_FW_CONTINUE},    {"TCPMSS", KJ_FW_CONTINUE}, {"CHECKSUM", KJ_FW_CONTINUE},
	               {"CLASSIFY", KJ_FW_CONTINUE}, {"REJECT", KJ_FW_REJECT},   {"MASQUERADE", KJ_FW_ACCEPT},
	               {"SNAT", KJ_FW_ACCEPT}};
	struct kj_nft_nat nat = {.text = what, .destination = true, .unknown = true};
	if (!target) {
		if (!kj_str_eq(name, KJ_STR("comment")))
			kj_nft_beyond(nft, what);
		return;
	}
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		if (!kj_str_eq(name, kj_str_of(targets[i].name)))
			continue;
		if (targets[i].verdict != KJ_FW_CONTINUE)
			kj_nft_verdict(nft, targets[i].verdict, KJ_STR(""));
		return;
	}
	if (kj_str_eq(name, KJ_STR("MARK")) || kj_str_eq(name, KJ_STR("CONNMARK"))) {
		kj_fw_assign_mark_unknown(nft->rs, &nft->draft);
		kj_fw_assign_connmark_unknown(nft->rs, &nft->draft);
	} else if (kj_str_eq(name, KJ_STR("DNAT")) || kj_str_eq(name, KJ_STR("REDIRECT")))
		emit_rewrite(nft, &nat, KJ_STR(""), KJ_STR(""));
	else {
		kj_nft_strange(nft, what);
	}
}
