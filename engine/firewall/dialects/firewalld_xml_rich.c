/* Rich rules of zone files: written as firewall-cmd prints them and read as those are. firewalld leaves out with a
   warning what it does not take (Rich_Rule.check() of firewalld 1.3); such a rule must not be counted on. */
#include "base/num.h"
#include "firewall/dialects/firewalld.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum kind { SOURCE, DESTINATION, ELEMENT, LOG, AUDIT, ACTION, KINDS };

static const struct part {
	const char *name, *attributes;
	enum kind kind;
} parts[] = {
        {"source", "address mac ipset invert family", SOURCE},
        {"destination", "address ipset invert", DESTINATION},
        {"service", "name", ELEMENT},
        {"port", "port protocol", ELEMENT},
        {"source-port", "port protocol", ELEMENT},
        {"protocol", "value", ELEMENT},
        {"icmp-type", "name", ELEMENT},
        {"icmp-block", "name", ELEMENT},
        {"forward-port", "port protocol to-port to-addr", ELEMENT},
        {"masquerade", "enabled", ELEMENT},
        {"tcp-mss-clamp", "value", ELEMENT},
        {"log", "prefix level", LOG},
        {"nflog", "group prefix queue-size", LOG},
        {"audit", "", AUDIT},
        {"accept", "", ACTION},
        {"reject", "type", ACTION},
        {"drop", "", ACTION},
        {"mark", "set", ACTION},
};

struct writer {
	struct kj_buf out;
	unsigned seen[KINDS];
	bool bad, unknown;
	kj_str reject, level; /* reject type=, log level= */
	const struct part *element;
};

static bool has_word(const char *words, kj_str word)
{
	kj_str rest = kj_str_of(words), one;
	while (kj_str_word(&rest, &one)) {
		if (kj_str_eq(one, word))
			return true;
	}
	return false;
}

/* name="value" */
static void put_attribute(struct writer *w, kj_str name, kj_str value)
{
	char quote = kj_str_find(value, '"') < value.n ? '\'' : '"';
	w->bad |= kj_str_find(value, quote) < value.n;
	kj_buf_fmt(&w->out, " %.*s=%c", KJ_FMT(name), quote);
	kj_buf_put(&w->out, value);
	kj_buf_char(&w->out, quote);
}

static bool is_limit(kj_str value)
{
	size_t slash = kj_str_find(value, '/');
	int64_t rate;
	return kj_num_int(kj_str_upto(value, slash), &rate) && rate > 0 && !kj_str_eq(value, KJ_STR("1/d")) &&
	       has_word("s m h d second minute hour day", kj_str_from(value, slash + 1));
}

/* <limit value="3/m"/> within a log or an action. */
static void put_limits(struct writer *w, const struct kj_node *node, enum kind kind)
{
	unsigned limits = 0;
	for (size_t i = 1; i < node->n; i++) {
		const struct kj_node *child = node->items[i];
		if (child->kind != KJ_SEQ)
			continue;
		kj_str value = kj_xml_attribute(child, "value");
		w->bad |= kind < LOG || !kj_xml_is(child, "limit") || child->n > 1 || limits++ || !is_limit(value);
		kj_buf_put(&w->out, KJ_STR(" limit"));
		put_attribute(w, KJ_STR("value"), value);
	}
}

static bool is_true(kj_str value)
{
	return kj_str_eq_fold(value, KJ_STR("true")) || kj_str_eq_fold(value, KJ_STR("yes"));
}

static void put_part(struct writer *w, const struct kj_node *node, const struct part *part)
{
	const struct kj_node *map = node->items[0];
	kj_buf_fmt(&w->out, " %s%s", part->name, is_true(kj_xml_attribute(node, "invert")) ? " NOT" : "");
	for (size_t i = 0; i < map->n; i++) {
		kj_str name = map->pairs[i].key->text;
		w->unknown |= !has_word(part->attributes, name);
		if (!kj_str_eq(name, KJ_STR("invert")) && !kj_str_eq(name, KJ_STR("enabled")) &&
		    !(part->kind == SOURCE && kj_str_eq(name, KJ_STR("family"))))
			put_attribute(w, name, map->pairs[i].value->text);
	}
	put_limits(w, node, part->kind);
	w->bad |= w->seen[part->kind]++ > 0;
	if (part->kind == ELEMENT)
		w->element = part;
	if (part->kind == ACTION)
		w->reject = kj_xml_attribute(node, "type");
	if (part->kind == LOG)
		w->level = kj_xml_attribute(node, "level");
}

static void put_child(struct writer *w, const struct kj_node *node)
{
	if (node->kind != KJ_SEQ)
		return;
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (kj_xml_is(node, parts[i].name)) {
			put_part(w, node, &parts[i]);
			return;
		}
	}
	kj_buf_fmt(&w->out, " %.*s", KJ_FMT(node->text));
	w->unknown = true;
}

/* REJECT_TYPES of firewalld: of IPv4, of IPv6. */
static const char *const reject_types[] = {
        "icmp-host-prohibited host-prohib icmp-net-unreachable net-unreach icmp-host-unreachable host-unreach "
        "icmp-port-unreachable port-unreach icmp-proto-unreachable proto-unreach icmp-net-prohibited net-prohib "
        "tcp-reset tcp-rst icmp-admin-prohibited admin-prohib",
        "icmp6-adm-prohibited adm-prohibited icmp6-no-route no-route icmp6-addr-unreachable addr-unreach "
        "icmp6-port-unreachable port-unreach tcp-reset"};

static bool ports_are_good(kj_str port, kj_str proto)
{
	uint16_t first, last;
	return kj_fwd_ports(port, &first, &last) && (first < last || kj_str_find(port, '-') == port.n) &&
	       has_word("tcp udp sctp dccp", proto);
}

static bool element_is_good(const struct writer *w, const struct kj_fwd_rule *rule)
{
	/* masquerade, icmp-block and the like are actions themselves */
	bool acts =
	        w->element && has_word("icmp-block forward-port masquerade tcp-mss-clamp", kj_str_of(w->element->name));
	if (acts && w->seen[ACTION])
		return false;
	switch (rule->element) {
	case KJ_FWD_PORT:
	case KJ_FWD_SOURCE_PORT:
		return ports_are_good(rule->port, rule->proto);
	case KJ_FWD_FORWARD_PORT:
		return rule->family && ports_are_good(rule->port, rule->proto) && (rule->to_port.n || rule->to_addr.n);
	case KJ_FWD_SERVICE:
	case KJ_FWD_ICMP:
		return rule->name.n;
	default:
		return true;
	}
}

/* A rule of priority 0 must tell something apart. */
static bool is_vague(const struct writer *w, const struct kj_fwd_rule *rule)
{
	return !w->element && !rule->priority && !w->seen[SOURCE] && !w->seen[DESTINATION];
}

static bool end_is_good(const struct kj_fwd_rule *rule, const struct kj_fwd_addr *addr, const struct kj_node *node)
{
	bool address = node && kj_xml_attribute(node, "address").p;
	unsigned names = address;
	names += node && kj_xml_attribute(node, "mac").p;
	names += node && kj_xml_attribute(node, "ipset").p;
	return !node || (names == 1 && addr->value.n && (!address || rule->family));
}

static bool is_good(const struct writer *w, const struct kj_fwd_rule *rule, const struct kj_node *node)
{
	static const char levels[] = "emerg alert crit error warning notice info debug";
	if (w->level.p && !has_word(levels, w->level))
		return false;
	if (w->reject.p && (!rule->family || !has_word(reject_types[rule->family == 6], w->reject)))
		return false;
	if (is_vague(w, rule) || (w->seen[DESTINATION] && !rule->family))
		return false;
	return element_is_good(w, rule) && end_is_good(rule, &rule->src, kj_xml_child(node, "source")) &&
	       end_is_good(rule, &rule->dst, kj_xml_child(node, "destination"));
}

struct kj_fwd_rule kj_fwd_rich_xml(struct kj_arena *arena, uint32_t line, const struct kj_node *node, bool *known)
{
	static const char *const heads[] = {"priority", "family"};
	struct writer w = {.out = KJ_BUF(arena)};
	const struct kj_node *map = node->items[0];
	kj_buf_put(&w.out, KJ_STR("rule"));
	for (size_t i = 0; i < map->n; i++)
		w.unknown |= !has_word("family priority", map->pairs[i].key->text);
	for (size_t i = 0; i < COUNT(heads); i++) {
		kj_str value = kj_xml_attribute(node, heads[i]);
		if (value.p)
			put_attribute(&w, kj_str_of(heads[i]), value);
	}
	for (size_t i = 1; i < node->n; i++)
		put_child(&w, node->items[i]);
	struct kj_fwd_rule rule = kj_fwd_rich((struct kj_fwd_item){line, kj_buf_str(&w.out)});
	rule.unreadable |= w.bad || !is_good(&w, &rule, node);
	*known = !w.unknown;
	return rule;
}
