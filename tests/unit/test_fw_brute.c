/* A second opinion on the analysis: small random rulesets, judged packet by packet by the plain reading of their rules,
   every doubt tried both ways. */
#include "firewall/analysis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The packets that are tried: all combinations of these. Values next to those that rules name stand for all others. */
static const unsigned char protos[] = {6, 17, 1, 47};
enum { ADDRESSES = 4, PORTS = 4, SPORTS = 3, MACS = 3, IFACES = 3, RULESETS = 4000, BASE = 0x0a000000, CHAINS = 4 };

struct packet {
	uint64_t field[KJ_FW_FIELDS];
};

/* --- random rulesets --- */

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static struct kj_range addresses(unsigned first, unsigned last)
{
	struct kj_fw_interval interval = kj_fw_interval_num(BASE + first, BASE + last);
	interval.version = 4;
	return kj_fw_interval_range(&interval);
}

static void add_test(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	static const char *const ifaces[] = {"eth0", "eth"};
	unsigned a = pick(3), b = a + pick(3 - a);
	bool negated = pick(4) == 0;
	struct kj_range range = addresses(a, b);
	switch (pick(12)) {
	case 0:
	case 1:
		kj_fw_test_num(rs, rule, KJ_FW_PROTO, negated, protos[a], protos[a] + (b - a) * 11);
		break;
	case 2:
	case 3:
		kj_fw_test_addr(rs, rule, KJ_FW_SRC, negated, &range);
		break;
	case 4:
		kj_fw_test_addr(rs, rule, KJ_FW_DST, negated, &range);
		break;
	case 5:
	case 6:
		kj_fw_test_num(rs, rule, KJ_FW_DPORT, negated, a, b);
		break;
	case 7:
		kj_fw_test_num(rs, rule, KJ_FW_SPORT, negated, a, a);
		break;
	case 8:
		kj_fw_test_iface(rs, rule, KJ_FW_IIF, negated, kj_str_of(ifaces[a % 2]), a % 2);
		break;
	case 9:
		kj_fw_test_num(rs, rule, KJ_FW_MAC, negated, a, a);
		break;
	case 10:
		kj_fw_test_mark(rs, rule, negated, a & 1, pick(2) ? 1 : UINT32_MAX);
		break;
	default:
		kj_fw_test_num(rs, rule, KJ_FW_STATE, negated, pick(2) ? KJ_FW_UNTRACKED : KJ_FW_NEW, KJ_FW_UNTRACKED);
		break;
	}
}

static void add_tuple(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule)
{
	struct kj_fw_set *set = kj_fw_set(rs, 2);
	static const enum kj_fw_field fields[] = {KJ_FW_SRC, KJ_FW_DPORT};
	for (unsigned n = 1 + pick(3); n > 0; n--) {
		struct kj_range range = addresses(pick(2), 2);
		unsigned port = pick(3);
		kj_fw_set_addr(rs, set, &range);
		if (pick(3))
			kj_fw_set_num(rs, set, port, port);
		else
			kj_fw_set_any(rs, set);
	}
	kj_fw_test_tuple(rs, rule, fields, 2, pick(3) == 0, set);
}

static void add_rule(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, struct kj_fw_chain *const *chains,
                     unsigned level)
{
	struct kj_fw_rule *rule = kj_fw_rule(rs, chain, (uint32_t)rs->rules.n + 1, KJ_STR("rule"));
	for (unsigned n = pick(3); n > 0; n--)
		add_test(rs, rule);
	if (pick(6) == 0)
		add_tuple(rs, rule);
	if (pick(8) == 0)
		kj_fw_beyond(rs, rule, KJ_STR("doubt"));
	unsigned verdict = pick(12);
	if (verdict < 4)
		rule->verdict = KJ_FW_ACCEPT;
	else if (verdict < 6)
		rule->verdict = pick(2) ? KJ_FW_DROP : KJ_FW_REJECT;
	else if (verdict == 6)
		rule->verdict = KJ_FW_RETURN;
	else if (verdict < 10 && level + 1 < CHAINS)
		kj_fw_rule_to(rule, pick(3) ? KJ_FW_JUMP : KJ_FW_GOTO, chains[level + 1 + pick(CHAINS - level - 1)]);
	else if (verdict == 10)
		kj_fw_assign_mark(rs, rule, pick(2), pick(2) ? 1 : UINT32_MAX);
	else if (pick(6) == 0)
		rule->verdict = KJ_FW_UNSURE;
}

static struct kj_fw_chain *base(struct kj_fw_ruleset *rs, const char *table, enum kj_fw_hook hook, int priority)
{
	struct kj_fw_chain *chain = kj_fw_chain_declare(rs, kj_str_of(table), KJ_STR("base"), 0);
	kj_fw_base(chain, hook, priority, KJ_FW_V4);
	if (pick(2))
		chain->policy = KJ_FW_DROP;
	return chain;
}

static void add_nat(struct kj_fw_ruleset *rs)
{
	struct kj_fw_chain *chain = base(rs, "nat", KJ_FW_PREROUTING, KJ_FW_PRIORITY_DSTNAT);
	chain->nat = true;
	chain->policy = KJ_FW_ACCEPT;
	for (unsigned n = 1 + pick(2); n > 0; n--) {
		struct kj_fw_rule *rule = kj_fw_rule(rs, chain, (uint32_t)rs->rules.n + 1, KJ_STR("nat"));
		struct kj_fw_rewrite to = {.to_self = pick(2), .has_port = true};
		to.port_first = (uint16_t)pick(3);
		to.port_last = (uint16_t)(to.port_first + pick(2));
		kj_fw_test_num(rs, rule, KJ_FW_PROTO, false, 6, 6);
		add_test(rs, rule);
		if (!to.to_self) {
			struct kj_fw_set *set = kj_fw_set(rs, 1);
			unsigned first = pick(3);
			struct kj_range range = addresses(first, pick(2) ? first : 2);
			kj_fw_set_addr(rs, set, &range);
			to.addr = set;
		}
		kj_fw_rewrite(rs, rule, to);
	}
}

static struct kj_fw_ruleset *random_ruleset(struct kj_arena *arena, const struct kj_text *text)
{
	struct kj_fw_ruleset *rs = kj_fw_ruleset_new(arena, text, "random", KJ_FW_V4);
	struct kj_fw_chain *chains[CHAINS];
	if (pick(3) == 0) {
		struct kj_fw_chain *raw = base(rs, "raw", KJ_FW_PREROUTING, KJ_FW_PRIORITY_RAW);
		struct kj_fw_rule *rule = kj_fw_rule(rs, raw, 1, KJ_STR("notrack"));
		raw->policy = KJ_FW_ACCEPT;
		add_test(rs, rule);
		kj_fw_assign_untracked(rs, rule);
	}
	if (pick(3) == 0)
		add_nat(rs);
	chains[0] = base(rs, "filter", KJ_FW_INPUT, 0);
	chains[1] = kj_fw_chain_declare(rs, KJ_STR("filter"), KJ_STR("a"), 0);
	chains[2] = kj_fw_chain_declare(rs, KJ_STR("filter"), KJ_STR("b"), 0);
	chains[3] = kj_fw_chain_declare(rs, KJ_STR("filter"), KJ_STR("c"), 0);
	for (unsigned i = 0; i < CHAINS; i++) {
		for (unsigned n = i ? pick(4) : 2 + pick(5); n > 0; n--)
			add_rule(rs, chains[i], chains, i);
	}
	if (pick(3) == 0) {
		struct kj_fw_chain *second = base(rs, "second", KJ_FW_INPUT, 10);
		for (unsigned n = 1 + pick(3); n > 0; n--)
			add_rule(rs, second, chains, CHAINS);
	}
	kj_fw_finish(rs);
	return rs;
}

/* --- one packet --- */

/* What may become of a packet: by the doubts that are resolved one way in this run (bits of `doubts`, in the order they
   are met). */
struct run {
	const struct kj_fw_ruleset *rs;
	struct packet packet;
	uint32_t doubts;
	unsigned met;
	bool rewritten, elsewhere;
	unsigned choice;     /* which of its values a rewriting takes */
	KJ_VEC(uint32_t) by; /* indexes of accepting rules */
	struct kj_arena *arena;
};

static bool in_interval(const struct kj_fw_ruleset *rs, const struct kj_fw_interval *in, unsigned field, uint64_t value)
{
	if (in->any)
		return true;
	if (field != KJ_FW_IIF)
		return in->first.lo <= value && value <= in->last.lo;
	const struct kj_fw_iface *iface = &rs->ifaces.at[in->first.lo];
	static const char *const names[IFACES] = {"ppp0", "eth0", "eth7"};
	kj_str name = kj_str_of(names[value]);
	return iface->wildcard ? kj_str_starts(name, iface->name) : kj_str_eq(name, iface->name);
}

static bool holds(const struct run *run, const struct kj_fw_test *test)
{
	bool found = false;
	for (size_t i = 0; i < test->set->at.n; i += test->dims) {
		bool all = true;
		for (unsigned dim = 0; dim < test->dims; dim++)
			all &= in_interval(run->rs, &test->set->at.at[i + dim], test->field[dim],
			                   run->packet.field[test->field[dim]]);
		found |= all;
	}
	return found != test->negated;
}

static bool doubt(struct run *run)
{
	return run->met < 16 ? run->doubts >> run->met++ & 1 : false;
}

static bool matches(struct run *run, const struct kj_fw_rule *rule)
{
	for (size_t i = 0; i < rule->tests.n; i++) {
		if (!holds(run, &rule->tests.at[i]))
			return false;
	}
	return !rule->maybe || doubt(run);
}

static void assign(struct run *run, const struct kj_fw_rule *rule)
{
	for (size_t i = 0; i < rule->assigns.n; i++) {
		const struct kj_fw_assign *a = &rule->assigns.at[i];
		uint64_t *field = &run->packet.field[a->field];
		*field = ((*field & ~a->mask) ^ a->value) & UINT32_MAX;
	}
}

/* A new address of this host is any of ours; one that it had already leaves a packet where it is; any other takes it
   elsewhere. */
static void rewrite(struct run *run, const struct kj_fw_rewrite *to)
{
	unsigned choice = run->choice;
	uint64_t dst = run->packet.field[KJ_FW_DST], new = BASE + choice / 2 % ADDRESSES;
	if (to->addr) {
		uint64_t first = to->addr->at.at[0].first.lo;
		new = first + choice / 2 % (to->addr->at.at[0].last.lo - first + 1);
	}
	run->elsewhere = !to->to_self && new != dst;
	run->packet.field[KJ_FW_DPORT] = to->port_first + choice % (to->port_last - to->port_first + 1u);
	run->packet.field[KJ_FW_DST] = new;
	run->rewritten = true;
}

enum fate { FATE_ACCEPT, FATE_DROP, FATE_BACK };

static enum fate walk(struct run *run, const struct kj_fw_chain *chain)
{
	for (size_t i = 0; i < chain->rules.n; i++) {
		const struct kj_fw_rule *rule = chain->rules.at[i];
		enum fate fate = FATE_BACK;
		if (!matches(run, rule))
			continue;
		assign(run, rule);
		bool unsure = rule->verdict == KJ_FW_UNSURE, go = unsure && doubt(run), in = unsure && doubt(run);
		if (rule->verdict == KJ_FW_ACCEPT || (unsure && !go && in)) {
			KJ_PUSH(run->arena, &run->by, rule->index);
			return FATE_ACCEPT;
		}
		if (rule->verdict == KJ_FW_DROP || rule->verdict == KJ_FW_REJECT || (unsure && !go))
			return FATE_DROP;
		if (rule->verdict == KJ_FW_RETURN)
			return FATE_BACK;
		if (rule->verdict == KJ_FW_REWRITE) {
			rewrite(run, rule->rewrite);
			return FATE_ACCEPT;
		}
		if (rule->target)
			fate = walk(run, rule->target);
		if (fate != FATE_BACK || rule->verdict == KJ_FW_GOTO)
			return fate;
	}
	return FATE_BACK;
}

static bool base_accepts(struct run *run, const struct kj_fw_chain *chain)
{
	if (chain->nat && (run->packet.field[KJ_FW_STATE] != KJ_FW_NEW || run->rewritten))
		return true;
	enum fate fate = walk(run, chain);
	return fate == FATE_BACK ? chain->policy == KJ_FW_ACCEPT : fate == FATE_ACCEPT;
}

/* The state that connection tracking gives; ICMP type 0 begins no connection. */
static void track(struct run *run)
{
	uint64_t *state = &run->packet.field[KJ_FW_STATE];
	if (*state != KJ_FW_UNTRACKED)
		*state = run->packet.field[KJ_FW_PROTO] == 1 ? KJ_FW_INVALID : KJ_FW_NEW;
}

static bool run_accepts(struct run *run)
{
	static const char *const order[] = {"raw", "", "nat", "filter", "second"};
	run->packet.field[KJ_FW_STATE] = KJ_FW_INVALID;
	for (unsigned i = 0; i < sizeof order / sizeof *order; i++) {
		if (!*order[i])
			track(run);
		for (size_t c = 0; *order[i] && c < run->rs->chains.n; c++) {
			const struct kj_fw_chain *chain = run->rs->chains.at[c];
			if (chain->hook != KJ_FW_NO_HOOK && kj_str_eq(chain->table, kj_str_of(order[i])) &&
			    !base_accepts(run, chain))
				return false;
			if (run->elsewhere)
				return false;
		}
	}
	return true;
}

/* --- all ways --- */

struct expected {
	bool may, must;
	bool by[256]; /* rules of the filter chains that may be the one that accepts */
};

/* Every doubt and every choice of a rewriting, for one packet with all its fields. */
static void try_all(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct packet *packet,
                    struct expected *e, bool *drops)
{
	for (unsigned choice = 0; choice < 2 * ADDRESSES; choice++) {
		for (uint32_t doubts = 0, more = 1; doubts < more && doubts < 4096; doubts++) {
			struct run run = {
			        .rs = rs, .packet = *packet, .doubts = doubts, .choice = choice, .arena = arena};
			bool in = run_accepts(&run);
			if (1u << run.met > more)
				more = 1u << run.met;
			e->may |= in;
			*drops |= !in;
			for (size_t i = 0; in && i < run.by.n; i++)
				e->by[run.by.at[i]] = true;
			if (choice && !run.rewritten)
				break;
		}
	}
}

/* Over the fields that the answer does not tell: the sender chooses its port; its address and interface are as they
   are. */
static void expect(struct kj_arena *arena, const struct kj_fw_ruleset *rs, struct packet packet, int iif, int sport,
                   struct expected *e)
{
	*e = (struct expected){0};
	bool ports = packet.field[KJ_FW_PROTO] == 6 || packet.field[KJ_FW_PROTO] == 17;
	for (unsigned s = 0; s < (ports ? SPORTS : 1u); s++) {
		bool drops = false, before = e->may;
		if (ports && sport >= 0 && s != (unsigned)sport)
			continue;
		e->may = false;
		packet.field[KJ_FW_SPORT] = ports ? s : 0;
		for (unsigned i = 0; i < IFACES; i++) {
			for (unsigned mac = 0; mac < MACS && (iif < 0 || i == (unsigned)iif); mac++) {
				packet.field[KJ_FW_IIF] = i;
				packet.field[KJ_FW_MAC] = mac;
				try_all(arena, rs, &packet, e, &drops);
			}
		}
		e->must |= e->may && !drops;
		e->may |= before;
	}
}

static bool holds_value(const struct kj_fw_intervals *intervals, uint64_t value)
{
	for (size_t i = 0; i < intervals->at.n; i++) {
		if (intervals->at.at[i].first.lo <= value && value <= intervals->at.at[i].last.lo)
			return true;
	}
	return false;
}

static const struct kj_fw_part *part_of(const struct kj_fw_answer *answer, const struct packet *packet)
{
	const struct kj_fw_part *found = NULL;
	for (size_t i = 0; i < answer->parts.n; i++) {
		const struct kj_fw_part *part = &answer->parts.at[i];
		bool in = holds_value(&part->protos, packet->field[KJ_FW_PROTO]) &&
		          holds_value(&part->src, packet->field[KJ_FW_SRC]) &&
		          holds_value(&part->dst, packet->field[KJ_FW_DST]) &&
		          (!part->ports.at.n || holds_value(&part->ports, packet->field[KJ_FW_DPORT]));
		assert_true(!in || !found); /* parts do not overlap */
		found = in ? part : found;
	}
	return found;
}

static void check_packet(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_answer *answer,
                         const struct packet *packet, int iif, int sport)
{
	struct expected e;
	expect(arena, rs, *packet, iif, sport, &e);
	const struct kj_fw_part *part = part_of(answer, packet);
	assert_int_equal(part != NULL, e.may);
	if (!part)
		return;
	assert_int_equal(part->certain, e.must);
	for (size_t i = 0; i < rs->rules.n && part->deciders.n < 8; i++) {
		bool named = false;
		for (size_t d = 0; d < part->deciders.n; d++)
			named |= part->deciders.at[d].rule == rs->rules.at[i];
		assert_true(named || !e.by[i] || rs->rules.at[i]->chain->hook == KJ_FW_PREROUTING);
	}
	for (size_t d = 0; d < part->deciders.n; d++) {
		const struct kj_fw_rule *rule = part->deciders.at[d].rule;
		bool single = kj_map_get(&rs->chain_by_name, (kj_str){"second\0base", 11}) == NULL;
		assert_true(!rule || !single || rule->verdict == KJ_FW_REWRITE || e.by[rule->index]);
	}
}

static void check_ruleset(struct kj_arena *arena, const struct kj_fw_ruleset *rs)
{
	static const char *const names[IFACES] = {"ppp0", "eth0", "eth7"};
	int iif = (int)pick(IFACES + 1) - 1, sport = (int)pick(SPORTS + 1) - 1;
	struct kj_fw_set none = {.dims = 1, .declared = true};
	struct kj_fw_scope scope = {
	        .version = 4, .local = &none, .has_sport = sport >= 0, .sport = (uint16_t)(sport >= 0 ? sport : 0)};
	struct kj_fw_question question = {.hook = KJ_FW_INPUT, .iif = KJ_FW_ANY_IFACE, .oif = KJ_FW_ANY_IFACE};
	struct kj_fw_answer answer;
	if (iif >= 0)
		question.iif = kj_fw_iface_find(rs, kj_str_of(names[iif]));
	assert_true(kj_fw_ask(kj_fw_analysis_new(arena, rs, &scope), &question, &answer));
	for (unsigned n = 0; n < sizeof protos * ADDRESSES * ADDRESSES * PORTS; n++) {
		struct packet packet = {{0}};
		packet.field[KJ_FW_PROTO] = protos[n % 4];
		packet.field[KJ_FW_SRC] = BASE + n / 4 % ADDRESSES;
		packet.field[KJ_FW_DST] = BASE + n / 16 % ADDRESSES;
		packet.field[KJ_FW_DPORT] = packet.field[KJ_FW_PROTO] == 47 ? 0 : n / 64 % PORTS;
		if (pick(4) == 0) /* a sample is enough: there are many rulesets */
			check_packet(arena, rs, &answer, &packet, iif, sport);
	}
}

static void test_brute(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RULESETS; i++) {
		struct kj_arena *arena = kj_arena_new(512 * KJ_MIB);
		const struct kj_text text = {KJ_STR("random"), KJ_STR("")};
		seed = i;
		check_ruleset(arena, random_ruleset(arena, &text));
		kj_arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_brute)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
