#include "firewall/doubt.h"

/* More rules in doubt than these are told apart only when none has moved. */
#define MOVED_MAX 2000
/* Longer chains are taken for different ones. */
#define CLOSURE_MAX (256 * KJ_KIB)
#define DEPTH_MAX   16

/* -- texts -- */

/* "[12:345]", "12", "1024K": counters */
static bool is_counter(kj_str word, bool first)
{
	size_t i = 0;
	if (word.n > 2 && word.p[0] == '[' && word.p[word.n - 1] == ']')
		return kj_str_find(word, ':') < word.n;
	while (i < word.n && kj_is_digit(word.p[i]))
		i++;
	return first && i && (i == word.n || (i + 1 == word.n && kj_str_find(KJ_STR("KMGT"), word.p[i]) < 4));
}

/* A rule's text without what the kernel counts and numbers. */
static void put_plain(struct kj_buf *out, kj_str text)
{
	kj_str word;
	bool first = true;
	while (kj_str_word(&text, &word)) {
		if (is_counter(word, first))
			continue;
		first = false;
		if (kj_str_eq(word, KJ_STR("#")) && kj_str_starts(kj_str_trim_left(text), KJ_STR("handle")))
			break;
		if (kj_str_eq(word, KJ_STR("packets")) || kj_str_eq(word, KJ_STR("bytes"))) {
			kj_str_word(&text, &word);
			continue;
		}
		kj_buf_put(out, word);
		kj_buf_char(out, ' ');
	}
	kj_buf_char(out, '\n');
}

kj_str kj_fw_doubt_key(struct kj_arena *arena, const struct kj_fw_part *part)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < part->deciders.n; i++)
		put_plain(&out, part->deciders.at[i].text);
	return kj_buf_str(&out);
}

/* All rules of a chain and of those it leads to. False when they are too many. */
static bool put_chain(struct kj_buf *out, const struct kj_fw_chain *chain, unsigned depth)
{
	for (size_t i = 0; i < chain->rules.n; i++) {
		const struct kj_fw_rule *rule = chain->rules.at[i];
		put_plain(out, rule->text);
		if (out->n > CLOSURE_MAX || depth > DEPTH_MAX)
			return false;
		if (rule->target && !put_chain(out, rule->target, depth + 1))
			return false;
	}
	return true;
}

/* -- rules in doubt -- */

struct doubt {
	kj_str text;
	kj_bdd may;  /* at most these packets */
	size_t mate; /* its like in the other dump; SIZE_MAX: none */
};

struct doubts {
	KJ_VEC(struct doubt) at;
};

/* The fields that no question settles. */
static bool is_open(enum kj_fw_field field)
{
	return field == KJ_FW_MAC || field == KJ_FW_MARK || field == KJ_FW_CTMARK || field == KJ_FW_SRC_TYPE ||
	       field == KJ_FW_DST_TYPE || field >= KJ_FW_ODD;
}

static bool is_known(const struct kj_fw_test *test)
{
	return test->set->declared && !test->set->partial && test->set->dims == test->dims;
}

static bool in_doubt(const struct kj_fw_rule *rule)
{
	if (rule->maybe || rule->verdict == KJ_FW_UNSURE || rule->verdict == KJ_FW_REWRITE ||
	    (rule->target && !rule->target->declared))
		return true;
	for (size_t i = 0; i < rule->assigns.n; i++) {
		if (rule->assigns.at[i].unknown)
			return true;
	}
	for (size_t i = 0; i < rule->tests.n; i++) {
		const struct kj_fw_test *test = &rule->tests.at[i];
		if (!is_known(test))
			return true;
		for (unsigned dim = 0; dim < test->dims; dim++) {
			if (is_open(test->field[dim]))
				return true;
		}
	}
	return false;
}

static bool narrows(const struct kj_fw_test *test, bool rewritten)
{
	if (test->dims != 1 || !is_known(test))
		return false;
	if (test->field[0] == KJ_FW_PROTO || test->field[0] == KJ_FW_SRC)
		return true;
	return !rewritten && (test->field[0] == KJ_FW_DST || test->field[0] == KJ_FW_DPORT);
}

void kj_fw_doubt_cut(struct kj_fw_space *space, const struct kj_fw_ruleset *rs)
{
	bool rewritten = kj_fw_rewrites(rs);
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct kj_fw_rule *rule = rs->rules.at[i];
		for (size_t t = 0; t < rule->tests.n && in_doubt(rule); t++) {
			if (narrows(&rule->tests.at[t], rewritten))
				kj_fw_space_cut(space, (enum kj_fw_field)rule->tests.at[t].field[0],
				                rule->tests.at[t].set);
		}
	}
}

static kj_bdd may_match(struct kj_fw_space *space, const struct kj_fw_rule *rule, bool rewritten)
{
	kj_bdd f = KJ_BDD_TRUE;
	for (size_t i = 0; i < rule->tests.n; i++) {
		const struct kj_fw_test *test = &rule->tests.at[i];
		if (!narrows(test, rewritten))
			continue;
		kj_bdd in = kj_fw_space_in(space, (enum kj_fw_field)test->field[0], test->set);
		f = test->negated ? kj_bdd_diff(space->bdd, f, in) : kj_bdd_and(space->bdd, f, in);
	}
	return f;
}

static void collect(struct kj_fw_space *space, const struct kj_fw_ruleset *rs, const char *side, struct doubts *out)
{
	bool rewritten = kj_fw_rewrites(rs);
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct kj_fw_rule *rule = rs->rules.at[i];
		struct kj_buf text = KJ_BUF(space->scratch);
		if (!in_doubt(rule))
			continue;
		put_plain(&text, rule->text);
		if (rule->target && !put_chain(&text, rule->target, 0))
			kj_buf_put(&text, kj_str_of(side));
		KJ_PUSH(space->scratch, &out->at,
		        (struct doubt){kj_buf_str(&text), may_match(space, rule, rewritten), SIZE_MAX});
	}
	for (size_t i = 0; i < rs->chains.n; i++) {
		struct kj_buf text = KJ_BUF(space->scratch);
		if (rs->chains.at[i]->hook == KJ_FW_NO_HOOK || rs->chains.at[i]->policy != KJ_FW_UNSURE)
			continue;
		put_plain(&text, rs->chains.at[i]->policy_text);
		KJ_PUSH(space->scratch, &out->at, (struct doubt){kj_buf_str(&text), KJ_BDD_TRUE, SIZE_MAX});
	}
}

/* -- pairs of equal texts -- */

struct places {
	KJ_VEC(size_t) at;
	size_t used;
};

static void pair(struct kj_arena *arena, struct doubts *a, struct doubts *b)
{
	struct kj_map map = {0};
	for (size_t i = 0; i < b->at.n; i++) {
		void **at = kj_map_at(arena, &map, b->at.at[i].text);
		struct places *places = *at ? *at : (*at = KJ_NEW(arena, struct places));
		KJ_PUSH(arena, &places->at, i);
	}
	for (size_t i = 0; i < a->at.n; i++) {
		struct places *places = kj_map_get(&map, a->at.at[i].text);
		if (!places || places->used == places->at.n)
			continue;
		a->at.at[i].mate = places->at.at[places->used++];
		b->at.at[a->at.at[i].mate].mate = i;
	}
}

/* What two rules may match that have changed places. */
static kj_bdd moved(struct kj_bdd_store *bdd, const struct doubts *a)
{
	kj_bdd f = KJ_BDD_FALSE;
	bool any = false;
	for (size_t i = 0; i < a->at.n; i++) {
		for (size_t j = i + 1; j < a->at.n && a->at.n <= MOVED_MAX; j++) {
			if (a->at.at[i].mate != SIZE_MAX && a->at.at[j].mate < a->at.at[i].mate)
				f = kj_bdd_or(bdd, f, kj_bdd_and(bdd, a->at.at[i].may, a->at.at[j].may));
		}
		any |= a->at.at[i].mate != i;
	}
	return any && a->at.n > MOVED_MAX ? KJ_BDD_TRUE : f;
}

kj_bdd kj_fw_doubt_differs(struct kj_fw_space *space, const struct kj_fw_ruleset *a, const struct kj_fw_ruleset *b)
{
	struct kj_bdd_store *bdd = space->bdd;
	struct doubts in_a = {0}, in_b = {0};
	collect(space, a, "old", &in_a);
	collect(space, b, "new", &in_b);
	pair(space->scratch, &in_a, &in_b);
	kj_bdd f = moved(bdd, &in_a);
	for (size_t i = 0; i < in_a.at.n; i++) {
		size_t mate = in_a.at.at[i].mate;
		kj_bdd may = in_a.at.at[i].may, other = mate == SIZE_MAX ? KJ_BDD_FALSE : in_b.at.at[mate].may;
		f = kj_bdd_or(bdd, f, kj_bdd_or(bdd, kj_bdd_diff(bdd, may, other), kj_bdd_diff(bdd, other, may)));
	}
	for (size_t i = 0; i < in_b.at.n; i++) {
		if (in_b.at.at[i].mate == SIZE_MAX)
			f = kj_bdd_or(bdd, f, in_b.at.at[i].may);
	}
	return f;
}

kj_str kj_fw_doubt_unseen(const struct kj_fw_ruleset *a, const struct kj_fw_ruleset *b)
{
	for (const struct kj_map_entry *entry = a->set_by_name.first; entry; entry = entry->next) {
		const struct kj_fw_set *set = entry->value, *other = kj_map_get(&b->set_by_name, entry->key);
		if (!set->declared && set->used && other && !other->declared && other->used)
			return set->name;
	}
	return KJ_STR("");
}
