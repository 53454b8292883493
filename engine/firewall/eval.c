#include "firewall/eval.h"

/* Rules tried in one base chain before it is given up: chains that jump to chains that jump … can cost more than anyone
   wants to wait for. */
#define STEPS_MAX 20000000u
/* Jumps within jumps. Linux allows 16 (nftables) or as many as there are chains (iptables). */
#define DEPTH_MAX 256
#define SEEN      4096u
/* Rules made ready with one filling of the scratch arena. */
#define CLEAR_EVERY 1024u

struct state {
	struct kj_fw_match match, fixed; /* for any interfaces; for the given ones */
	kj_bdd accepted;                 /* by this rule, in this base chain */
	bool matched;
};

/* A chain entered with a set gives back the same set the next time. */
struct seen {
	uint32_t chain, round;
	kj_bdd in, back;
};

struct kj_fw_machine {
	struct kj_fw_space *space;
	struct kj_bdd_store *bdd;
	struct state *rule;              /* by index */
	KJ_VEC(struct state *) on_iface; /* those that look at interfaces */
	bool *entered;                   /* chains being evaluated, by index */
	struct seen *seen;
	uint32_t round;
	uint32_t steps;
	struct kj_fw_outcome *out;
	struct kj_fw_hits *takes; /* kj_fw_watch, or NULL */
	struct pieces {
		KJ_VEC(kj_bdd) at;
	} dropped, accepted, doubts; /* joined at the end, which costs less than to grow one set piece by piece */
	bool changed;                /* some packet is no longer what came in */
};

static bool looks_at_iface(const struct kj_fw_rule *rule)
{
	for (size_t i = 0; i < rule->tests.n; i++) {
		for (unsigned dim = 0; dim < rule->tests.at[i].dims; dim++) {
			if (rule->tests.at[i].field[dim] == KJ_FW_IIF || rule->tests.at[i].field[dim] == KJ_FW_OIF)
				return true;
		}
	}
	return false;
}

struct kj_fw_machine *kj_fw_machine_new(struct kj_fw_space *space)
{
	const struct kj_fw_ruleset *rs = space->rs;
	struct kj_fw_machine *machine = KJ_NEW(space->arena, struct kj_fw_machine);
	machine->space = space;
	machine->bdd = space->bdd;
	machine->rule = KJ_NEW_ARRAY(space->arena, struct state, rs->rules.n + 1);
	machine->entered = KJ_NEW_ARRAY(space->arena, bool, rs->chains.n + 1);
	machine->seen = KJ_NEW_ARRAY(space->arena, struct seen, SEEN);
	for (size_t i = 0; i < rs->rules.n; i++) {
		struct state *state = &machine->rule[i];
		state->fixed = state->match = kj_fw_space_match(space, rs->rules.at[i]);
		if (looks_at_iface(rs->rules.at[i]))
			KJ_PUSH(space->arena, &machine->on_iface, state);
		if (i % CLEAR_EVERY == CLEAR_EVERY - 1)
			kj_arena_clear(space->scratch);
	}
	return machine;
}

void kj_fw_fix(struct kj_fw_machine *machine, uint32_t fields, kj_bdd cube)
{
	struct kj_bdd_store *bdd = machine->bdd;
	for (size_t i = 0; i < machine->on_iface.n; i++) {
		struct state *state = machine->on_iface.at[i];
		state->fixed.up = kj_bdd_exists(bdd, kj_bdd_and(bdd, state->match.up, cube), fields);
		state->fixed.lo = kj_bdd_exists(bdd, kj_bdd_and(bdd, state->match.lo, cube), fields);
	}
}

void kj_fw_watch(struct kj_fw_machine *machine, struct kj_fw_hits *takes)
{
	machine->takes = takes;
}

bool kj_fw_rule_matched(const struct kj_fw_machine *machine, const struct kj_fw_rule *rule)
{
	return machine->rule[rule->index].matched;
}

/* -- effects -- */

static void accept(struct kj_fw_machine *machine, const struct kj_fw_rule *rule, kj_bdd hit)
{
	struct state *state = &machine->rule[rule->index];
	struct kj_fw_hit first = {rule, rule->chain, KJ_BDD_FALSE};
	if (!machine->out)
		return;
	if (state->accepted == KJ_BDD_FALSE)
		KJ_PUSH(machine->space->scratch, &machine->out->accepts.at, first);
	state->accepted = kj_bdd_or(machine->bdd, state->accepted, hit);
}

static void drop(struct kj_fw_machine *machine, kj_bdd hit)
{
	KJ_PUSH(machine->space->scratch, &machine->dropped.at, hit);
}

/* More than one thing may become of these. */
static void doubt(struct kj_fw_machine *machine, kj_bdd set)
{
	if (set != KJ_BDD_FALSE)
		KJ_PUSH(machine->space->scratch, &machine->doubts.at, set);
}

static void take(struct kj_fw_machine *machine, const struct kj_fw_rule *rule, const struct kj_fw_chain *chain,
                 kj_bdd hit)
{
	if (machine->takes)
		KJ_PUSH(machine->space->scratch, &machine->takes->at, (struct kj_fw_hit){rule, chain, hit});
}

/* A mark that depends on what some mark was: for each that there can be. `from` is the field that is read. */
static kj_bdd remarked(struct kj_fw_machine *machine, const struct kj_fw_assign *assign, kj_bdd hit,
                       enum kj_fw_field from)
{
	const struct kj_fw_ruleset *rs = machine->space->rs;
	kj_bdd result = KJ_BDD_FALSE;
	for (size_t i = 0; i < rs->marks.n; i++) {
		uint64_t mark = rs->marks.at[i];
		uint64_t becomes = assign->copy ? mark : (uint32_t)((mark & ~assign->mask) ^ assign->value);
		kj_bdd those = kj_bdd_and(machine->bdd, hit, kj_fw_space_num(machine->space, from, mark, mark));
		those = kj_bdd_exists(machine->bdd, those, 1u << assign->field);
		those = kj_bdd_and(machine->bdd, those,
		                   kj_fw_space_num(machine->space, assign->field, becomes, becomes));
		result = kj_bdd_or(machine->bdd, result, those);
	}
	return result;
}

static kj_bdd assigned_one(struct kj_fw_machine *machine, const struct kj_fw_assign *assign, kj_bdd hit)
{
	enum kj_fw_field other = assign->field == KJ_FW_MARK ? KJ_FW_CTMARK : KJ_FW_MARK;
	bool depends = assign->field != KJ_FW_STATE && !assign->unknown && (assign->copy || assign->mask < UINT32_MAX);
	if (!kj_fw_space_uses(machine->space, assign->field))
		return hit;
	if (depends && !machine->space->rs->marks_open)
		return remarked(machine, assign, hit, assign->copy ? other : assign->field);
	hit = kj_bdd_exists(machine->bdd, hit, 1u << assign->field);
	if (assign->unknown || depends) /* any value may come of a mark that is not known */
		return hit;
	return kj_bdd_and(machine->bdd, hit,
	                  kj_fw_space_num(machine->space, assign->field, assign->value, assign->value));
}

/* The packets as the rule's assignments leave them. */
static kj_bdd assigned(struct kj_fw_machine *machine, const struct kj_fw_rule *rule, kj_bdd hit)
{
	kj_bdd before = hit;
	for (size_t i = 0; i < rule->assigns.n; i++)
		hit = assigned_one(machine, &rule->assigns.at[i], hit);
	machine->changed |= hit != before;
	return hit;
}

/* -- chains -- */

/* What comes back to the caller of a chain. */
struct frame {
	kj_bdd in, back;
};

static kj_bdd enter(struct kj_fw_machine *machine, const struct kj_fw_chain *chain, kj_bdd in, unsigned depth);

/* Not known, or entered while it is being evaluated (no kernel takes such a loop): anything may come of it. */
static bool unsure(const struct kj_fw_machine *machine, const struct kj_fw_rule *rule, unsigned depth)
{
	bool leads = rule->verdict == KJ_FW_JUMP || rule->verdict == KJ_FW_GOTO;
	return rule->verdict == KJ_FW_UNSURE ||
	       (leads && (!rule->target->declared || machine->entered[rule->target->index] || depth >= DEPTH_MAX));
}

/* `hit` meets the verdict; what goes on with the next rule is returned. */
static kj_bdd judge(struct kj_fw_machine *machine, const struct kj_fw_rule *rule, kj_bdd hit, struct frame *frame,
                    unsigned depth)
{
	bool open = unsure(machine, rule, depth);
	if (open || (rule->verdict != KJ_FW_JUMP && rule->verdict != KJ_FW_CONTINUE))
		take(machine, rule, rule->chain, hit);
	if (open) {
		accept(machine, rule, hit);
		drop(machine, hit);
		doubt(machine, hit);
		return hit;
	}
	switch (rule->verdict) {
	case KJ_FW_ACCEPT:
		accept(machine, rule, hit);
		return KJ_BDD_FALSE;
	case KJ_FW_REWRITE:
		if (!machine->out)
			return KJ_BDD_FALSE;
		KJ_PUSH(machine->space->scratch, &machine->out->rewrites.at,
		        (struct kj_fw_hit){rule, rule->chain, hit});
		return KJ_BDD_FALSE;
	case KJ_FW_DROP:
	case KJ_FW_REJECT:
		drop(machine, hit);
		return KJ_BDD_FALSE;
	case KJ_FW_RETURN:
		frame->back = kj_bdd_or(machine->bdd, frame->back, hit);
		return KJ_BDD_FALSE;
	case KJ_FW_JUMP:
		return enter(machine, rule->target, hit, depth + 1);
	case KJ_FW_GOTO:
		frame->back = kj_bdd_or(machine->bdd, frame->back, enter(machine, rule->target, hit, depth + 1));
		return KJ_BDD_FALSE;
	default:
		return hit;
	}
}

static void try_rule(struct kj_fw_machine *machine, const struct kj_fw_rule *rule, struct frame *frame, unsigned depth)
{
	struct state *state = &machine->rule[rule->index];
	machine->steps++;
	kj_bdd hit = kj_bdd_and(machine->bdd, frame->in, state->fixed.up);
	if (hit == KJ_BDD_FALSE || kj_bdd_over(machine->bdd))
		return;
	state->matched = true;
	if (rule->verdict == KJ_FW_CONTINUE && !rule->assigns.n)
		return;
	kj_bdd rest = kj_bdd_diff(machine->bdd, frame->in, state->fixed.lo);
	if (state->fixed.up != state->fixed.lo)
		doubt(machine, kj_bdd_and(machine->bdd, hit, rest));
	kj_bdd on = judge(machine, rule, assigned(machine, rule, hit), frame, depth);
	frame->in = kj_bdd_or(machine->bdd, rest, on);
}

static bool exhausted(const struct kj_fw_machine *machine)
{
	return machine->steps > STEPS_MAX || kj_bdd_over(machine->bdd);
}

static kj_bdd enter(struct kj_fw_machine *machine, const struct kj_fw_chain *chain, kj_bdd in, unsigned depth)
{
	struct seen *seen = &machine->seen[(chain->index * 0x9e3779b1u ^ in * 0x85ebca6bu) % SEEN];
	if (seen->round == machine->round && seen->chain == chain->index && seen->in == in)
		return seen->back;
	struct frame frame = {in, KJ_BDD_FALSE};
	machine->entered[chain->index] = true;
	for (size_t i = 0; i < chain->rules.n && frame.in != KJ_BDD_FALSE && !exhausted(machine); i++)
		try_rule(machine, chain->rules.at[i], &frame, depth);
	machine->entered[chain->index] = false;
	kj_bdd back = kj_bdd_or(machine->bdd, frame.back, frame.in);
	*seen = (struct seen){chain->index, machine->round, in, back};
	return back;
}

/* -- base chains -- */

static void apply_policy(struct kj_fw_machine *machine, const struct kj_fw_chain *base, kj_bdd rest)
{
	if (rest == KJ_BDD_FALSE)
		return;
	take(machine, NULL, base, rest);
	if (!machine->out)
		return;
	if (base->policy == KJ_FW_ACCEPT || base->policy == KJ_FW_UNSURE) {
		KJ_PUSH(machine->space->scratch, &machine->out->accepts.at, (struct kj_fw_hit){NULL, base, rest});
		KJ_PUSH(machine->space->scratch, &machine->accepted.at, rest);
	}
	if (base->policy != KJ_FW_ACCEPT)
		drop(machine, rest);
	if (base->policy == KJ_FW_UNSURE)
		doubt(machine, rest);
}

static kj_bdd join(struct kj_fw_machine *machine, const struct pieces *pieces)
{
	return kj_bdd_or_all(machine->bdd, pieces->at.at, pieces->at.n);
}

/* Of what is in doubt, what some rule drops. One doubtful rule near the top often is the reason for all doubts, and drops
   them all: a few rules are looked at before all are. */
static kj_bdd dropped_in_doubt(struct kj_fw_machine *machine)
{
	enum { FIRST = 64 };
	struct kj_bdd_store *bdd = machine->bdd;
	struct pieces pieces = {{0}};
	kj_bdd doubts = join(machine, &machine->doubts), left = doubts;
	for (size_t i = 0; i < machine->dropped.at.n && left != KJ_BDD_FALSE; i++) {
		if (i < FIRST)
			left = kj_bdd_diff(bdd, left, machine->dropped.at.at[i]);
		else
			KJ_PUSH(machine->space->scratch, &pieces.at, kj_bdd_and(bdd, machine->dropped.at.at[i], left));
	}
	kj_bdd early = kj_bdd_diff(bdd, doubts, left);
	return kj_bdd_or(bdd, early, join(machine, &pieces));
}

/* What is not in doubt is either let through or dropped: to take the one from all that came in costs much less than to
   join the pieces of the other. */
static kj_bdd all_dropped(struct kj_fw_machine *machine, kj_bdd in, const struct kj_fw_outcome *out)
{
	if (machine->changed)
		return join(machine, &machine->dropped);
	kj_bdd rest = kj_bdd_diff(machine->bdd, in, out->accepted);
	for (size_t i = 0; i < out->rewrites.at.n; i++)
		rest = kj_bdd_diff(machine->bdd, rest, out->rewrites.at.at[i].set);
	return kj_bdd_or(machine->bdd, rest, dropped_in_doubt(machine));
}

static void conclude(struct kj_fw_machine *machine, kj_bdd in, struct kj_fw_outcome *out)
{
	out->accepted = join(machine, &machine->accepted);
	out->dropped = all_dropped(machine, in, out);
}

static void gather_accepts(struct kj_fw_machine *machine, struct kj_fw_outcome *out)
{
	for (size_t i = 0; i < out->accepts.at.n; i++) {
		struct kj_fw_hit *hit = &out->accepts.at.at[i];
		hit->set = machine->rule[hit->rule->index].accepted;
		machine->rule[hit->rule->index].accepted = KJ_BDD_FALSE;
		KJ_PUSH(machine->space->scratch, &machine->accepted.at, hit->set);
	}
}

bool kj_fw_eval(struct kj_fw_machine *machine, const struct kj_fw_chain *base, kj_bdd in, struct kj_fw_outcome *out)
{
	machine->out = out;
	machine->steps = 0;
	machine->round++;
	machine->accepted = machine->dropped = machine->doubts = (struct pieces){0};
	machine->changed = false;
	if (out)
		*out = (struct kj_fw_outcome){0};
	kj_bdd rest = enter(machine, base, in, 0);
	if (out)
		gather_accepts(machine, out);
	apply_policy(machine, base, rest);
	if (out)
		conclude(machine, in, out);
	return !exhausted(machine);
}
