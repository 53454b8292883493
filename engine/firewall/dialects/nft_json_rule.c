/* The expressions of a rule in libnftables-json(5): one row each. */
#include "firewall/dialects/nft_json.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* -- statements: `value` is what stands behind the statement's name, `from` where its words begin -- */

typedef void take_fn(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from);

static void take_match(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	static const struct op {
		const char *name;
		enum kj_nft_op op;
	} ops[] = {{"in", KJ_NFT_IS}, {"==", KJ_NFT_EQ}, {"!=", KJ_NFT_NE}, {"<", KJ_NFT_LT},
	           {">", KJ_NFT_GT},  {"<=", KJ_NFT_LE}, {">=", KJ_NFT_GE}, {"!", KJ_NFT_NONE_OF}};
	kj_str op = kj_nft_json_text(value, "op");
	bool known = false;
	(void)name;
	kj_nft_json_keys(r, kj_nft_json_get(value, "left"));
	for (size_t i = 0; i < COUNT(ops); i++) {
		if (!kj_str_eq(op, kj_str_of(ops[i].name)))
			continue;
		known = true;
		r->match.op = ops[i].op;
	}
	r->match.unread |= !known;
	if (r->match.op > KJ_NFT_EQ || r->match.mask.n)
		kj_nft_json_say(r, op);
	kj_nft_json_right(r, kj_nft_json_get(value, "right"), false);
	r->match.text = kj_nft_json_said(r, from);
	kj_nft_match(r->nft, &r->match);
}

static void take_vmap(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	(void)name;
	kj_nft_json_keys(r, kj_nft_json_get(value, "key"));
	kj_nft_json_say(r, KJ_STR("vmap"));
	kj_nft_json_right(r, kj_nft_json_get(value, "data"), true);
	r->match.text = kj_nft_json_said(r, from);
	kj_nft_vmap(r->nft, &r->match);
}

static void take_verdict(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	struct kj_node key = {.kind = KJ_STRING, .text = name};
	struct kj_pair pair = {&key, value};
	enum kj_fw_verdict verdict;
	kj_str target;
	kj_nft_json_say(r, name);
	kj_nft_json_say(r, kj_nft_json_text(value, "target"));
	if (kj_nft_json_verdict(&pair, &verdict, &target))
		kj_nft_verdict(r->nft, verdict, target);
	else
		kj_nft_strange(r->nft, kj_nft_json_said(r, from));
}

static void take_reject(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	(void)from;
	kj_nft_json_say(r, name);
	kj_nft_reject(r->nft, kj_nft_json_text(value, "type"));
}

static void take_strange(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	(void)value;
	kj_nft_json_say(r, name);
	kj_nft_strange(r->nft, kj_nft_json_said(r, from));
}

static void take_beyond(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	kj_nft_json_say(r, name);
	if (value && value->kind == KJ_STRING) {
		kj_nft_json_say(r, value->text);
	} else if (kj_nft_json_get(value, "rate")) {
		kj_nft_json_say(r, kj_nft_json_get(value, "inv") ? KJ_STR("rate over") : KJ_STR("rate"));
		kj_nft_json_say(r, kj_str_fmt(r->arena, "%.*s/%.*s", KJ_FMT(kj_nft_json_text(value, "rate")),
		                              KJ_FMT(kj_nft_json_text(value, "per"))));
	} else {
		kj_nft_json_say(r, kj_nft_json_get(value, "inv") ? KJ_STR("over") : KJ_STR(""));
		kj_nft_json_say(r, kj_nft_json_text(value, "val"));
		kj_nft_json_say(r, kj_nft_json_text(value, "name"));
	}
	kj_nft_beyond(r->nft, kj_nft_json_said(r, from));
}

static void take_nothing(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	(void)value, (void)from;
	if (!kj_str_eq(name, KJ_STR("counter")))
		kj_nft_json_say(r, name);
}

static void take_notrack(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	(void)value, (void)from;
	kj_nft_json_say(r, name);
	kj_nft_untrack(r->nft);
}

/* {"op": "add", "elem": …, "set": "@name", "stmt": […]} */
static void take_set(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	kj_str op = kj_nft_json_text(value, "op"), set = kj_nft_json_text(value, "set");
	(void)name;
	kj_nft_json_say(r, op);
	kj_nft_json_say(r, set);
	kj_nft_dynamic(r->nft, kj_str_from(set, 1), kj_str_eq(op, KJ_STR("delete")), kj_nft_json_said(r, from));
}

/* {"type": "match", "name": "recent"} */
static void take_xt(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	kj_str type = kj_nft_json_text(value, "type"), which = kj_nft_json_text(value, "name");
	kj_nft_json_say(r, name);
	kj_nft_json_say(r, type);
	kj_nft_json_say(r, which);
	if (kj_str_eq(type, KJ_STR("match")))
		kj_nft_xt(r->nft, false, which, kj_nft_json_said(r, from));
	else if (kj_str_eq(type, KJ_STR("target")))
		kj_nft_xt(r->nft, true, which, kj_nft_json_said(r, from));
	else
		kj_nft_strange(r->nft, kj_nft_json_said(r, from));
}

/* -- mangling -- */

/* A number, one of the marks, or {"|": [mark, number]} and its like. */
static struct kj_nft_marking marking_of(const struct kj_node *node, enum kj_fw_field field)
{
	const struct kj_pair *pair = kj_nft_json_only(node);
	struct kj_nft_marking marking = {.mask = UINT32_MAX};
	uint32_t bits = 0;
	if (!pair) {
		marking.known = node && kj_nft_mark_number(node->text, &marking.value);
		return marking;
	}
	kj_str op = pair->key->text;
	bool meta = kj_str_eq(op, KJ_STR("meta")), ct = kj_str_eq(op, KJ_STR("ct"));
	if (meta || ct)
		return (struct kj_nft_marking){.known = kj_str_eq(kj_nft_json_text(pair->value, "key"), KJ_STR("mark")),
		                               .copy = ct == (field == KJ_FW_MARK)};
	bool sign = op.n == 1 && kj_str_find(KJ_STR("&|^"), op.p[0]) < 3;
	if (!sign || !kj_nft_json_is_list(pair->value) || pair->value->n != 2 ||
	    !kj_nft_mark_number(pair->value->items[1]->text, &bits))
		return marking;
	marking = marking_of(pair->value->items[0], field);
	kj_nft_mark_step(&marking, op.p[0], bits);
	return marking;
}

static void take_mangle(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	(void)name;
	struct kj_nft_key key = kj_nft_json_key(r, kj_nft_json_get(value, "key"));
	kj_nft_json_say(r, KJ_STR("set"));
	kj_nft_json_say(r, kj_nft_json_value(r, kj_nft_json_get(value, "value")));
	if (key.field != KJ_FW_MARK && key.field != KJ_FW_CTMARK) {
		kj_nft_write(r->nft, &key, kj_nft_json_said(r, from));
		return;
	}
	struct kj_nft_marking marking = marking_of(kj_nft_json_get(value, "value"), (enum kj_fw_field)key.field);
	kj_nft_set_mark(r->nft, (enum kj_fw_field)key.field, &marking);
}

/* -- address translation -- */

/* {"map": {"key": …, "data": …}} into r->match. */
static bool read_map(struct kj_nft_json *r, const struct kj_node *node, struct kj_nft_nat *nat)
{
	const struct kj_node *map = kj_nft_json_get(node, "map");
	if (!map)
		return false;
	kj_nft_json_keys(r, kj_nft_json_get(map, "key"));
	kj_nft_json_say(r, KJ_STR("map"));
	kj_nft_json_right(r, kj_nft_json_get(map, "data"), true);
	nat->map = &r->match;
	return true;
}

static void take_nat(struct kj_nft_json *r, kj_str name, const struct kj_node *value, size_t from)
{
	struct kj_nft_nat nat = {.to_self = kj_str_eq(name, KJ_STR("redirect"))};
	const struct kj_node *addr = kj_nft_json_get(value, "addr"), *port = kj_nft_json_get(value, "port");
	kj_str family = kj_nft_json_text(value, "family");
	nat.destination = nat.to_self || kj_str_eq(name, KJ_STR("dnat"));
	nat.family = kj_str_eq(family, KJ_STR("ip")) ? 4 : kj_str_eq(family, KJ_STR("ip6")) ? 6 : 0;
	kj_nft_json_say(r, name);
	if (addr || port)
		kj_nft_json_say(r, KJ_STR("to"));
	if (addr && !read_map(r, addr, &nat)) {
		nat.addr = kj_nft_json_value(r, addr);
		kj_nft_json_say(r, nat.addr);
	}
	bool port_map = port && !nat.map && read_map(r, port, &nat);
	nat.map_port = port_map;
	nat.unknown = port && nat.map && !port_map && kj_nft_json_get(port, "map"); /* both looked up */
	if (port && !port_map && !nat.unknown) {
		nat.port = kj_nft_json_value(r, port);
		kj_buf_fmt(&r->words, "%s:%.*s", addr ? "" : " ", KJ_FMT(nat.port));
	}
	nat.text = kj_nft_json_said(r, from);
	if (nat.map)
		r->match.text = nat.text;
	kj_nft_nat(r->nft, &nat);
}

static const struct statement {
	const char *name;
	take_fn *take;
} statements[] = {
        {"match", take_match},
        {"vmap", take_vmap},
        {"accept", take_verdict},
        {"drop", take_verdict},
        {"return", take_verdict},
        {"continue", take_verdict},
        {"jump", take_verdict},
        {"goto", take_verdict},
        {"reject", take_reject},
        {"counter", take_nothing},
        {"log", take_nothing},
        {"last", take_nothing},
        {"flow", take_nothing},
        {"dup", take_nothing},
        {"reset", take_nothing},
        {"ct helper", take_nothing},
        {"ct timeout", take_nothing},
        {"ct expectation", take_nothing},
        {"secmark", take_nothing},
        {"limit", take_beyond},
        {"quota", take_beyond},
        {"ct count", take_beyond},
        {"meter", take_beyond},
        {"notrack", take_notrack},
        {"mangle", take_mangle},
        {"set", take_set},
        {"xt", take_xt},
        {"dnat", take_nat},
        {"redirect", take_nat},
        {"snat", take_nat},
        {"masquerade", take_nat},
};

void kj_nft_json_statement(struct kj_nft_json *r, const struct kj_node *node)
{
	const struct kj_pair *pair = kj_nft_json_only(node);
	size_t from = r->words.n;
	for (size_t i = 0; pair && i < COUNT(statements); i++) {
		if (kj_str_eq(pair->key->text, kj_str_of(statements[i].name))) {
			statements[i].take(r, pair->key->text, pair->value, from);
			return;
		}
	}
	take_strange(r, pair ? pair->key->text : KJ_STR("an unknown expression"), NULL, from);
}
