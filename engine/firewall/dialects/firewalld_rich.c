/* Rich rules, as firewall-cmd prints them: rule priority="-10" family="ipv4" source NOT address="10.0.0.0/8" service name="ssh" drop */
#include "base/num.h"
#include "firewall/dialects/firewalld.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct reader {
	kj_str rest;
	struct kj_fwd_rule *rule;
	kj_str word; /* the element that attributes belong to */
	bool negated;
};

/* -- words: name or name="value" -- */

struct token {
	kj_str name, value;
	bool has_value;
};

/* The end of a word: a blank outside quotes. */
static size_t token_end(kj_str s)
{
	char quote = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (quote ? s.p[i] == quote : (s.p[i] == '"' || s.p[i] == '\''))
			quote = quote ? 0 : s.p[i];
		else if (!quote && kj_is_space(s.p[i]))
			return i;
	}
	return s.n;
}

static kj_str unquoted(kj_str s)
{
	bool quoted = s.n >= 2 && (*s.p == '"' || *s.p == '\'') && s.p[s.n - 1] == *s.p;
	return quoted ? (kj_str){s.p + 1, s.n - 2} : s;
}

static bool next_token(struct reader *r, struct token *token)
{
	r->rest = kj_str_trim_left(r->rest);
	if (!r->rest.n)
		return false;
	kj_str word = kj_str_upto(r->rest, token_end(r->rest));
	size_t equals = kj_str_find(word, '=');
	r->rest = kj_str_from(r->rest, word.n);
	token->has_value = equals < word.n;
	token->name = kj_str_upto(word, equals);
	token->value = unquoted(kj_str_from(word, equals + 1));
	return true;
}

/* -- elements -- */

static const struct element {
	const char *word;
	enum kj_fwd_element element;
} elements[] = {
        {"service", KJ_FWD_SERVICE},           {"port", KJ_FWD_PORT},        {"source-port", KJ_FWD_SOURCE_PORT},
        {"protocol", KJ_FWD_PROTOCOL},         {"icmp-type", KJ_FWD_ICMP},   {"icmp-block", KJ_FWD_ICMP},
        {"forward-port", KJ_FWD_FORWARD_PORT}, {"masquerade", KJ_FWD_OTHER}, {"tcp-mss-clamp", KJ_FWD_OTHER},
};

static const struct action {
	const char *word;
	enum kj_fw_verdict verdict;
} actions[] = {
        {"accept", KJ_FW_ACCEPT},
        {"drop", KJ_FW_DROP},
        {"reject", KJ_FW_REJECT},
        {"mark", KJ_FW_CONTINUE},
};

/* Words that stand for themselves or that attributes follow which do not matter. */
static const char *const others[] = {"rule", "source", "destination", "log", "nflog", "audit", "limit"};

static bool take_word(struct reader *r, kj_str word)
{
	for (size_t i = 0; i < COUNT(elements); i++) {
		if (!kj_str_eq(word, kj_str_of(elements[i].word)))
			continue;
		bool first = r->rule->element == KJ_FWD_ANY;
		r->rule->element = elements[i].element;
		if (kj_str_eq(word, KJ_STR("icmp-block"))) /* refused without being told so */
			r->rule->verdict = KJ_FW_REJECT;
		return first;
	}
	for (size_t i = 0; i < COUNT(actions); i++) {
		if (kj_str_eq(word, kj_str_of(actions[i].word))) {
			r->rule->verdict = actions[i].verdict;
			return true;
		}
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		if (kj_str_eq(word, kj_str_of(others[i])))
			return true;
	}
	return false;
}

/* -- attributes -- */

static bool take_priority(struct reader *r, kj_str value)
{
	int64_t number;
	if (!kj_num_int(value, &number) || number < INT16_MIN || number > INT16_MAX)
		return false;
	r->rule->priority = (int)number;
	return true;
}

static bool take_family(struct reader *r, kj_str value)
{
	r->rule->family = kj_str_eq(value, KJ_STR("ipv4")) ? 4 : kj_str_eq(value, KJ_STR("ipv6")) ? 6 : 0;
	return r->rule->family;
}

static bool is_end(const struct reader *r)
{
	return kj_str_eq(r->word, KJ_STR("source")) || kj_str_eq(r->word, KJ_STR("destination"));
}

static bool take_addr(struct reader *r, kj_str value, bool ipset)
{
	bool source = kj_str_eq(r->word, KJ_STR("source"));
	*(source ? &r->rule->src : &r->rule->dst) = (struct kj_fwd_addr){value, ipset, r->negated};
	return is_end(r) && value.n;
}

static bool take_address(struct reader *r, kj_str value)
{
	return take_addr(r, value, false);
}

static bool take_ipset(struct reader *r, kj_str value)
{
	return take_addr(r, value, true);
}

static bool take_invert(struct reader *r, kj_str value)
{
	struct kj_fwd_addr *addr = kj_str_eq(r->word, KJ_STR("source")) ? &r->rule->src : &r->rule->dst;
	r->negated = kj_str_eq_fold(value, KJ_STR("true")) || kj_str_eq_fold(value, KJ_STR("yes"));
	addr->negated = r->negated; /* of an address before it; r->negated, of one that follows */
	return is_end(r);
}

static bool take_name(struct reader *r, kj_str value)
{
	r->rule->name = value;
	return true;
}

static bool take_port(struct reader *r, kj_str value)
{
	r->rule->port = value;
	return true;
}

static bool take_proto(struct reader *r, kj_str value)
{
	r->rule->proto = value;
	return true;
}

static bool take_to_port(struct reader *r, kj_str value)
{
	r->rule->to_port = value;
	return true;
}

static bool take_to_addr(struct reader *r, kj_str value)
{
	r->rule->to_addr = value;
	return true;
}

/* protocol value=, limit value=, tcp-mss-clamp value= */
static bool take_value(struct reader *r, kj_str value)
{
	if (kj_str_eq(r->word, KJ_STR("protocol")))
		r->rule->proto = value;
	return true;
}

static bool take_nothing(struct reader *r, kj_str value)
{
	(void)r, (void)value;
	return true;
}

static const struct attribute {
	const char *name;
	bool (*take)(struct reader *r, kj_str value);
} attributes[] = {
        {"priority", take_priority}, {"family", take_family},   {"address", take_address}, {"mac", take_address},
        {"ipset", take_ipset},       {"invert", take_invert},   {"name", take_name},       {"port", take_port},
        {"protocol", take_proto},    {"to-port", take_to_port}, {"to-addr", take_to_addr}, {"value", take_value},
        {"prefix", take_nothing},    {"level", take_nothing},   {"group", take_nothing},   {"queue-size", take_nothing},
        {"type", take_nothing},      {"set", take_nothing},     {"burst", take_nothing},
};

static bool take_attribute(struct reader *r, const struct token *token)
{
	for (size_t i = 0; i < COUNT(attributes); i++) {
		if (kj_str_eq(token->name, kj_str_of(attributes[i].name)))
			return attributes[i].take(r, token->value);
	}
	return false;
}

/* -- the rule -- */

static bool take_token(struct reader *r, const struct token *token)
{
	static const char *const logs[] = {"log", "nflog", "audit"};
	if (token->has_value)
		return take_attribute(r, token);
	if (kj_str_eq(token->name, KJ_STR("NOT")) || kj_str_eq(token->name, KJ_STR("not"))) {
		r->negated = true;
		return is_end(r);
	}
	bool logged = false;
	for (size_t i = 0; i < COUNT(logs); i++)
		logged |= kj_str_eq(r->word, kj_str_of(logs[i]));
	if (kj_str_eq(token->name, KJ_STR("limit"))) { /* of a log it does not matter */
		r->rule->limited |= !logged;
		return true;
	}
	r->word = token->name;
	r->negated = false;
	return take_word(r, token->name);
}

struct kj_fwd_rule kj_fwd_rich(struct kj_fwd_item item)
{
	struct kj_fwd_rule rule = {.item = item, .verdict = KJ_FW_CONTINUE};
	struct reader r = {.rest = item.text, .rule = &rule};
	struct token token;
	bool ok = true;
	while (ok && next_token(&r, &token))
		ok = take_token(&r, &token);
	rule.unreadable = !ok || !kj_str_starts(item.text, KJ_STR("rule"));
	return rule;
}
