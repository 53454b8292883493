/* Amazon VPC, as the AWS CLI prints it: describe-security-groups, describe-security-group-rules, describe-network-acls. One ruleset for each group and
   each network ACL, named by its id. A group only allows; what none of its rules allows is dropped. A machine with several groups is open where any
   one of them is. Also the recordings of Cloud Custodian and lists without their wrapper.
   https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html, …/nacl-rules.html */
#include "base/num.h"
#include "firewall/analysis.h"
#include "firewall/dialect.h"
#include "firewall/json_values.h"
#include "firewall/services.h"

#include <stdlib.h>

/* A group or a network ACL: its ruleset and the chains of its two directions. */
struct owner {
	struct kj_fw_ruleset *rs;
	struct kj_fw_chain *way[2]; /* inbound, outbound */
};

struct account {
	struct kj_fw_reading *reading;
	const struct kj_fw_json *json;
	struct kj_map owners; /* security groups by id */
	bool more;            /* the answer was one page of several */
};

static const struct kj_node *get(const struct kj_node *map, const char *key)
{
	return kj_doc_get(map, kj_str_of(key));
}

static kj_str text_of(const struct kj_node *map, const char *key)
{
	return kj_fw_json_text(get(map, key));
}

static bool is_true(const struct kj_node *map, const char *key)
{
	return kj_str_eq_fold(text_of(map, key), KJ_STR("true"));
}

/* A whole number, or -1. */
static int64_t number_of(const struct kj_node *map, const char *key)
{
	int64_t value;
	return kj_num_int(text_of(map, key), &value) ? value : -1;
}

/* -- rulesets -- */

/* What is routed through passes both ways. */
static void add_forward(struct owner *owner, uint32_t line)
{
	static const char *const names[] = {"forwarded in", "forwarded out"};
	for (int way = 0; way < 2; way++) {
		struct kj_fw_chain *chain =
		        kj_fw_chain_declare(owner->rs, owner->rs->name, kj_str_of(names[way]), line);
		kj_fw_base(chain, KJ_FW_FORWARD, way, KJ_FW_V46);
		chain->policy = KJ_FW_DROP;
		chain->policy_text = KJ_STR("implicit deny");
		kj_fw_rule_to(kj_fw_rule(owner->rs, chain, line, owner->way[way]->name), KJ_FW_JUMP, owner->way[way]);
	}
}

static struct owner *add_owner(struct account *account, kj_str id, uint32_t line, const char *dialect)
{
	static const char *const names[] = {"inbound", "outbound"};
	struct kj_arena *arena = account->reading->arena;
	struct owner *owner = KJ_NEW(arena, struct owner);
	owner->rs = kj_fw_ruleset_new(arena, account->reading->text, dialect, KJ_FW_V46);
	owner->rs->name = id;
	for (int way = 0; way < 2; way++) {
		struct kj_fw_chain *chain = kj_fw_chain_declare(owner->rs, id, kj_str_of(names[way]), line);
		kj_fw_base(chain, way ? KJ_FW_OUTPUT : KJ_FW_INPUT, KJ_FW_PRIORITY_FILTER, KJ_FW_V46);
		chain->policy = KJ_FW_DROP;
		chain->policy_text = KJ_STR("implicit deny");
		owner->way[way] = chain;
	}
	add_forward(owner, line);
	KJ_PUSH(arena, &account->reading->rulesets, owner->rs);
	return owner;
}

/* Rules may be missing: nothing is certain that they could change. */
static void add_missing(struct owner *owner, uint32_t line, enum kj_fw_verdict verdict, const char *why)
{
	kj_fw_note(owner->rs, line, "%s", why);
	for (int way = 0; way < 2; way++) {
		struct kj_fw_rule *rule =
		        kj_fw_rule(owner->rs, owner->way[way], line, KJ_STR("what the dump does not hold"));
		rule->verdict = verdict;
		rule->maybe = true;
	}
}

/* -- protocols and ports -- */

/* "-1", "tcp", "6", "icmpv6" … False when it is none. */
static bool read_protocol(kj_str name, bool *all, unsigned *proto)
{
	*all = kj_str_eq(name, KJ_STR("-1")) || kj_str_eq_fold(name, KJ_STR("all"));
	if (kj_str_eq_fold(name, KJ_STR("icmpv6"))) {
		*proto = KJ_FW_ICMPV6;
		return true;
	}
	return *all || kj_fw_proto_parse(name, proto);
}

/* ICMP: a type and a code, -1 for all. */
static void test_icmp(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, int64_t type, int64_t code)
{
	if (type < 0)
		return;
	if (type > 255 || code > 255)
		kj_fw_beyond(rs, rule, KJ_STR("an ICMP type above 255"));
	else
		kj_fw_test_icmp(rs, rule, false, (unsigned)type, code < 0 ? 0 : (unsigned)code,
		                code < 0 ? 255 : (unsigned)code);
}

static void test_ports(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, int64_t from, int64_t to)
{
	if (from < 0 && to < 0)
		return;
	if (from < 0 || from > to || to > 65535)
		kj_fw_beyond(rs, rule, KJ_STR("a range of ports"));
	else
		kj_fw_test_num(rs, rule, KJ_FW_DPORT, false, (uint64_t)from, (uint64_t)to);
}

static void test_protocol(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, kj_str name, int64_t from, int64_t to)
{
	bool all;
	unsigned proto = 0;
	if (!read_protocol(name, &all, &proto)) {
		kj_fw_beyond(rs, rule, kj_str_fmt(rs->arena, "protocol %.*s", KJ_FMT(name)));
		return;
	}
	if (all)
		return;
	kj_fw_test_num(rs, rule, KJ_FW_PROTO, false, proto, proto);
	if (proto == KJ_FW_ICMP || proto == KJ_FW_ICMPV6)
		test_icmp(rs, rule, from, to);
	else if (proto == KJ_FW_TCP || proto == KJ_FW_UDP)
		test_ports(rs, rule, from, to); /* others: all of it */
}

/* -- peers -- */

static void add_range(struct kj_fw_ruleset *rs, struct kj_fw_set *peers, kj_str cidr, uint32_t line)
{
	struct kj_range range;
	if (kj_range_parse(cidr, &range)) {
		kj_fw_set_addr(rs, peers, &range);
		return;
	}
	kj_fw_note(rs, line, "'%.*s' is not read as an address", KJ_FMT(cidr));
	peers->partial = true;
}

/* A group or a prefix list, whose addresses the dump does not hold. */
static void add_reference(struct kj_fw_ruleset *rs, struct kj_fw_set *peers, kj_str id, uint32_t line)
{
	peers->partial = true;
	kj_fw_note(rs, line, "the addresses of '%.*s' are not in the dump", KJ_FMT(id));
}

static const struct {
	const char *list, *key;
	bool reference;
} peer_lists[] = {
        {"IpRanges", "CidrIp", false},
        {"Ipv6Ranges", "CidrIpv6", false},
        {"PrefixListIds", "PrefixListId", true},
        {"UserIdGroupPairs", "GroupId", true},
};

static void add_peer(struct kj_fw_ruleset *rs, struct kj_fw_set *peers, const struct kj_node *item, size_t kind,
                     uint32_t line)
{
	kj_str value = item->kind == KJ_MAP ? text_of(item, peer_lists[kind].key) : kj_fw_json_text(item);
	if (!value.n && peer_lists[kind].reference)
		value = text_of(item, "GroupName");
	if (peer_lists[kind].reference)
		add_reference(rs, peers, value, line);
	else
		add_range(rs, peers, value, line);
}

/* -- security groups -- */

/* One permission: one rule. Without peers it allows nothing. */
static void add_permission(struct owner *owner, int way, const struct kj_fw_json_value *value,
                           const struct kj_node *permission)
{
	struct kj_fw_ruleset *rs = owner->rs;
	struct kj_fw_set *peers = kj_fw_set(rs, 1);
	uint32_t line = kj_fw_json_line(value, permission);
	bool any = false;
	for (size_t kind = 0; kind < sizeof peer_lists / sizeof *peer_lists; kind++) {
		const struct kj_node *list = get(permission, peer_lists[kind].list);
		for (size_t i = 0; list && list->kind == KJ_SEQ && i < list->n; i++)
			add_peer(rs, peers, list->items[i], kind, line);
		any |= list && list->n;
	}
	if (!any)
		return;
	kj_str protocol = text_of(permission, "IpProtocol");
	struct kj_fw_rule *rule = kj_fw_rule(rs, owner->way[way], line,
	                                     kj_str_fmt(rs->arena, "%.*s %s %.*s", KJ_FMT(owner->rs->name),
	                                                way ? "egress" : "ingress", KJ_FMT(protocol)));
	rule->verdict = KJ_FW_ACCEPT;
	test_protocol(rs, rule, protocol, number_of(permission, "FromPort"), number_of(permission, "ToPort"));
	kj_fw_test(rs, rule, way ? KJ_FW_DST : KJ_FW_SRC, false, peers);
}

static struct owner *group(struct account *account, kj_str id, uint32_t line)
{
	void **at = kj_map_at(account->reading->arena, &account->owners, id);
	if (!*at)
		*at = add_owner(account, id, line, "aws-security-group");
	return *at;
}

static void take_group(struct account *account, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	static const char *const lists[] = {"IpPermissions", "IpPermissionsEgress"};
	uint32_t line = kj_fw_json_line(value, map);
	kj_str id = text_of(map, "GroupId");
	struct owner *owner = group(account, id.n ? id : text_of(map, "GroupName"), line);
	for (int way = 0; way < 2; way++) {
		const struct kj_node *list = get(map, lists[way]);
		for (size_t i = 0; list && list->kind == KJ_SEQ && i < list->n; i++)
			add_permission(owner, way, value, list->items[i]);
		if (!list || list->kind != KJ_SEQ) {
			kj_fw_note(owner->rs, line, "'%s' is not in the dump", lists[way]);
			owner->way[way]->policy = KJ_FW_UNSURE;
		}
	}
}

/* An element of describe-security-group-rules. */
static void take_group_rule(struct account *account, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	uint32_t line = kj_fw_json_line(value, map);
	struct owner *owner = group(account, text_of(map, "GroupId"), line);
	struct kj_fw_ruleset *rs = owner->rs;
	int way = is_true(map, "IsEgress");
	kj_str text = text_of(map, "SecurityGroupRuleId");
	struct kj_fw_rule *rule = kj_fw_rule(rs, owner->way[way], line, text);
	struct kj_fw_set *peers = kj_fw_set(rs, 1);
	kj_str cidr4 = text_of(map, "CidrIpv4"), cidr6 = text_of(map, "CidrIpv6");
	kj_str list = text_of(map, "PrefixListId");
	rule->verdict = KJ_FW_ACCEPT;
	test_protocol(rs, rule, text_of(map, "IpProtocol"), number_of(map, "FromPort"), number_of(map, "ToPort"));
	if (cidr4.n || cidr6.n)
		add_range(rs, peers, cidr4.n ? cidr4 : cidr6, line);
	else
		add_reference(rs, peers, list.n ? list : text_of(get(map, "ReferencedGroupInfo"), "GroupId"), line);
	kj_fw_test(rs, rule, way ? KJ_FW_DST : KJ_FW_SRC, false, peers);
}

/* -- network ACLs -- */

struct entry {
	int64_t number;
	const struct kj_node *map;
	size_t index;
};

static int entry_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int64_t inner_number(const struct kj_node *map, const char *key, const char *inner)
{
	return number_of(get(map, key), inner);
}

static void add_entry(struct owner *owner, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	struct kj_fw_ruleset *rs = owner->rs;
	int way = is_true(map, "Egress");
	kj_str action = text_of(map, "RuleAction"), cidr = text_of(map, "CidrBlock"),
	       protocol = text_of(map, "Protocol");
	kj_str text = kj_str_fmt(rs->arena, "rule %.*s %.*s", KJ_FMT(text_of(map, "RuleNumber")), KJ_FMT(action));
	struct kj_fw_rule *rule = kj_fw_rule(rs, owner->way[way], kj_fw_json_line(value, map), text);
	struct kj_fw_set *peers = kj_fw_set(rs, 1);
	bool allow = kj_str_eq_fold(action, KJ_STR("allow")), deny = kj_str_eq_fold(action, KJ_STR("deny"));
	rule->verdict = allow ? KJ_FW_ACCEPT : deny ? KJ_FW_DROP : KJ_FW_UNSURE;
	if (!allow && !deny)
		kj_fw_note(rs, rule->line, "'%.*s' is not known as a rule action", KJ_FMT(action));
	bool icmp = kj_str_eq(protocol, KJ_STR("1")) || kj_str_eq(protocol, KJ_STR("58"));
	test_protocol(rs, rule, protocol,
	              icmp ? inner_number(map, "IcmpTypeCode", "Type") : inner_number(map, "PortRange", "From"),
	              icmp ? inner_number(map, "IcmpTypeCode", "Code") : inner_number(map, "PortRange", "To"));
	add_range(rs, peers, cidr.n ? cidr : text_of(map, "Ipv6CidrBlock"), rule->line);
	kj_fw_test(rs, rule, way ? KJ_FW_DST : KJ_FW_SRC, false, peers);
}

static void take_acl(struct account *account, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	struct owner *owner =
	        add_owner(account, text_of(map, "NetworkAclId"), kj_fw_json_line(value, map), "aws-network-acl");
	const struct kj_node *list = get(map, "Entries");
	struct entry *entries = KJ_NEW_ARRAY(account->reading->arena, struct entry, list->n + 1);
	size_t n = 0;
	for (size_t i = 0; list->kind == KJ_SEQ && i < list->n; i++) {
		if (list->items[i]->kind == KJ_MAP)
			entries[n++] = (struct entry){number_of(list->items[i], "RuleNumber"), list->items[i], i};
	}
	qsort(entries, n, sizeof *entries, entry_order);
	for (size_t i = 0; i < n; i++)
		add_entry(owner, value, entries[i].map);
	if (account->json->cut)
		add_missing(owner, account->json->cut, KJ_FW_UNSURE,
		            "the text breaks off here: entries may be missing");
}

/* -- the text -- */

static bool take_map(void *ctx, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	struct account *account = ctx;
	account->more |= text_of(map, "NextToken").n > 0;
	if (get(map, "IpPermissions") || get(map, "IpPermissionsEgress"))
		take_group(account, value, map);
	else if (get(map, "SecurityGroupRuleId"))
		take_group_rule(account, value, map);
	else if (get(map, "NetworkAclId") && get(map, "Entries"))
		take_acl(account, value, map);
	else
		return false;
	return true;
}

static void parse(struct kj_fw_reading *reading)
{
	struct kj_fw_json json = kj_fw_json_read(reading->arena, reading->text, reading->diags);
	struct account account = {.reading = reading, .json = &json};
	size_t first = reading->rulesets.n;
	for (size_t i = 0; i < json.values.n; i++)
		kj_fw_json_maps(&json.values.at[i], take_map, &account);
	for (const struct kj_map_entry *entry = account.owners.first; entry; entry = entry->next) {
		if (json.cut)
			add_missing(entry->value, json.cut, KJ_FW_ACCEPT,
			            "the text breaks off here: rules may be missing");
		if (account.more)
			add_missing(entry->value, 0, KJ_FW_ACCEPT,
			            "the answer has further pages (NextToken): rules may be missing");
	}
	for (size_t i = first; i < reading->rulesets.n; i++)
		kj_fw_finish(reading->rulesets.at[i]);
}

static bool mentions(kj_str text, const char *word)
{
	return kj_str_find_str(text, kj_str_of(word)) < text.n;
}

static int recognise(kj_str text)
{
	bool group = mentions(text, "\"IpPermissions\"") &&
	             (mentions(text, "\"IpRanges\"") || mentions(text, "\"GroupId\""));
	bool rules = mentions(text, "\"SecurityGroupRuleId\"") && mentions(text, "\"IsEgress\"");
	bool acl = mentions(text, "\"NetworkAclId\"") && mentions(text, "\"RuleNumber\"");
	return group || rules || acl ? 95 : 0;
}

const struct kj_fw_dialect kj_fw_dialect_aws = {
        .name = "aws",
        .about = "Amazon: aws ec2 describe-security-groups, describe-security-group-rules, describe-network-acls",
        .recognise = recognise,
        .parse = parse,
};
