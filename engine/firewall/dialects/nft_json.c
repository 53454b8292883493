/* nft -j list ruleset: libnftables-json(5). */
#include "firewall/dialects/nft_json.h"
#include "firewall/json_values.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Where a node stands in the text. */
static uint32_t line_of(const struct kj_nft_json *r, const struct kj_node *node)
{
	return r->before + node->span.line;
}

static struct kj_nft_table *enter(struct kj_nft_json *r, const struct kj_node *object, const char *table)
{
	return kj_nft_enter(r->nft, kj_nft_json_text(object, "family"), kj_nft_json_text(object, table),
	                    line_of(r, object));
}

/* The text of the rule is known only when it was read: the rules that it became get it then. */
static void read_rule(struct kj_nft_json *r, const struct kj_node *rule)
{
	const struct kj_node *expr = kj_nft_json_get(rule, "expr");
	struct kj_nft *nft = r->nft;
	if (enter(r, rule, "table")->outside)
		return;
	nft->chain = kj_fw_chain(nft->rs, nft->table->name, kj_nft_json_text(rule, "chain"));
	size_t first = nft->rs->rules.n;
	r->words = KJ_BUF(r->arena);
	kj_nft_rule_begin(nft, line_of(r, rule), KJ_STR(""));
	if (!kj_nft_json_is_list(expr))
		kj_nft_strange(nft, KJ_STR("a rule without expressions"));
	for (size_t i = 0; kj_nft_json_is_list(expr) && i < expr->n && !nft->done; i++)
		kj_nft_json_statement(r, expr->items[i]);
	kj_nft_rule_end(nft);
	kj_str text = kj_buf_str(&r->words);
	for (size_t i = first; i < nft->rs->rules.n; i++) {
		struct kj_fw_rule *made = nft->rs->rules.at[i];
		made->text = made->text.n ? kj_str_fmt(r->arena, "%.*s%.*s", KJ_FMT(text), KJ_FMT(made->text)) : text;
	}
}

static void read_chain(struct kj_nft_json *r, const struct kj_node *chain)
{
	struct kj_nft *nft = r->nft;
	const struct kj_node *prio = kj_nft_json_get(chain, "prio");
	kj_str hook = kj_nft_json_text(chain, "hook"), policy = kj_nft_json_text(chain, "policy");
	if (enter(r, chain, "table")->outside)
		return;
	kj_nft_chain(nft, kj_nft_json_text(chain, "name"), line_of(r, chain));
	if (!hook.n)
		return;
	int64_t priority = prio && prio->kind == KJ_INT ? prio->num : 0;
	if (prio && prio->kind != KJ_INT && !kj_nft_priority(prio->text, &priority))
		kj_fw_note(nft->rs, line_of(r, chain), "priority '%.*s' is not known; taken as 0", KJ_FMT(prio->text));
	kj_nft_hook(nft, kj_nft_json_text(chain, "type"), hook, priority);
	if (policy.n)
		kj_nft_policy(nft, policy, line_of(r, chain), kj_str_fmt(r->arena, "policy %.*s", KJ_FMT(policy)));
}

static bool has_word(const struct kj_node *node, const char *word)
{
	bool found = node && node->kind == KJ_STRING && kj_str_eq(node->text, kj_str_of(word));
	for (size_t i = 0; kj_nft_json_is_list(node) && i < node->n; i++)
		found |= kj_str_eq(node->items[i]->text, kj_str_of(word));
	return found;
}

/* nft 1.0 prints the table's name in the place of the flag's. */
static void read_table(struct kj_nft_json *r, const struct kj_node *object)
{
	const struct kj_node *flags = kj_nft_json_get(object, "flags");
	struct kj_nft_table *table = enter(r, object, "name");
	bool owned = has_word(flags, "owner") || has_word(flags, "persist");
	table->dormant = has_word(flags, "dormant");
	table->doubt = flags && !table->dormant && !owned;
	if (table->doubt)
		kj_fw_note(r->nft->rs, line_of(r, object),
		           "table '%.*s' may be dormant: what it drops is taken as uncertain", KJ_FMT(table->name));
}

/* "inet_service", ["ipv4_addr", "inet_service"], or {"typeof": …} */
static void read_type(struct kj_nft_json *r, const struct kj_node *node, struct kj_nft_set *set)
{
	const struct kj_node *of = kj_nft_json_get(node, "typeof");
	if (of) {
		kj_nft_json_keys(r, of);
		for (unsigned i = 0; i < r->match.n; i++)
			set->type[i] = r->match.key[i].type;
		set->n = r->match.unread ? 0 : r->match.n;
	} else if (kj_nft_json_is_list(node)) {
		for (size_t i = 0; i < node->n && i < KJ_FW_DIMS; i++)
			set->type[set->n++] = kj_nft_type_named(node->items[i]->text);
	} else if (node) {
		set->type[set->n++] = kj_nft_type_named(node->text);
	}
}

static void read_set(struct kj_nft_json *r, const struct kj_node *object, bool map)
{
	const struct kj_node *elements = kj_nft_json_get(object, "elem");
	if (enter(r, object, "table")->outside)
		return;
	struct kj_nft_set *set = kj_nft_set(r->nft, kj_nft_json_text(object, "name"), line_of(r, object), map);
	set->n = 0;
	r->words = KJ_BUF(r->arena);
	read_type(r, kj_nft_json_get(object, "type"), set);
	set->set->partial |= has_word(kj_nft_json_get(object, "flags"), "dynamic");
	set->limited |= kj_nft_json_get(object, "stmt") != NULL;
	for (size_t i = 0; kj_nft_json_is_list(elements) && i < elements->n; i++) {
		struct kj_nft_element element = kj_nft_json_element(r, elements->items[i], map);
		kj_nft_set_add(r->nft, set, &element);
	}
}

/* One object of the list. Rules use sets that may come later: `sets` says whose turn it is. */
static void read_object(struct kj_nft_json *r, const struct kj_node *node, bool sets)
{
	static const char *const others[] = {"metainfo",  "counter",    "quota",     "limit",
	                                     "ct helper", "ct timeout", "flowtable", "ct expectation",
	                                     "secmark",   "synproxy",   "tunnel",    "flush"};
	const struct kj_pair *pair = kj_nft_json_only(node);
	if (pair && kj_str_eq(pair->key->text, KJ_STR("add")))
		pair = kj_nft_json_only(pair->value);
	kj_str name = pair ? pair->key->text : KJ_STR("");
	bool table = kj_str_eq(name, KJ_STR("table")), map = kj_str_eq(name, KJ_STR("map"));
	if (sets) {
		if (table)
			read_table(r, pair->value);
		else if (map || kj_str_eq(name, KJ_STR("set")))
			read_set(r, pair->value, map);
		return;
	}
	if (kj_str_eq(name, KJ_STR("chain"))) {
		read_chain(r, pair->value);
	} else if (kj_str_eq(name, KJ_STR("rule"))) {
		read_rule(r, pair->value);
	} else if (!table && !map && !kj_str_eq(name, KJ_STR("set"))) {
		for (size_t i = 0; i < COUNT(others); i++) {
			if (kj_str_eq(name, kj_str_of(others[i])))
				return;
		}
		kj_nft_elsewhere(r->nft, line_of(r, node), name.n ? name : KJ_STR("an object without a name"));
	}
}

/* What is whole of a text that breaks off was read; of every chain the last rules may be missing. */
static void doubt_chains(struct kj_nft_json *r, uint32_t line)
{
	struct kj_fw_ruleset *rs = r->nft->rs;
	r->nft->chain = NULL;
	kj_nft_cut_short(r->nft, line);
	for (size_t i = 0; i < rs->chains.n; i++)
		kj_fw_rule(rs, rs->chains.at[i], line, KJ_STR("the dump is cut short here"))->verdict = KJ_FW_UNSURE;
	for (const struct kj_map_entry *entry = rs->set_by_name.first; entry; entry = entry->next)
		((struct kj_fw_set *)entry->value)->partial = true;
}

/* One value: a dump. */
static void read_dump(struct kj_fw_reading *reading, const struct kj_fw_json *json,
                      const struct kj_fw_json_value *value)
{
	const struct kj_node *list = value ? kj_nft_json_get(value->root, "nftables") : NULL;
	struct kj_nft_json r = {.arena = reading->arena, .before = value ? value->before : 0};
	bool last = !value || value == &json->values.at[json->values.n - 1];
	r.nft = kj_nft_new(reading->arena, reading->text, "nft-json");
	for (int sets = 1; sets >= 0; sets--) {
		for (size_t i = 0; kj_nft_json_is_list(list) && i < list->n; i++)
			read_object(&r, list->items[i], sets);
	}
	if (json->malformed || !kj_nft_json_is_list(list))
		kj_fw_note(r.nft->rs, 0, "a part of the text is not JSON as nft prints it: what it says is not known");
	if ((json->cut && last) || json->malformed || !kj_nft_json_is_list(list))
		doubt_chains(&r, json->cut ? json->cut : 1);
	kj_nft_finish(r.nft);
	KJ_PUSH(reading->arena, &reading->rulesets, r.nft->rs);
}

static void parse(struct kj_fw_reading *reading)
{
	struct kj_fw_json json = kj_fw_json_read(reading->arena, reading->text, reading->diags);
	size_t before = reading->rulesets.n;
	for (size_t i = 0; i < json.values.n; i++) {
		if (kj_nft_json_is_list(kj_nft_json_get(json.values.at[i].root, "nftables")))
			read_dump(reading, &json, &json.values.at[i]);
	}
	if (reading->rulesets.n == before)
		read_dump(reading, &json, NULL);
}

static int recognise(kj_str text)
{
	kj_str head = kj_str_upto(text, 65536), key = KJ_STR("\"nftables\"");
	size_t at = kj_str_find_str(head, key);
	kj_str before = kj_str_trim_right(kj_str_upto(head, at));
	return at < head.n && kj_str_ends(before, KJ_STR("{")) ? 97 : 0;
}

extern const struct kj_fw_dialect kj_fw_dialect_nft_json;
const struct kj_fw_dialect kj_fw_dialect_nft_json = {
        .name = "nft-json",
        .about = "nft -j list ruleset",
        .recognise = recognise,
        .parse = parse,
};
