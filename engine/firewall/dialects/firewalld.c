/* A host's zones as chains, in the shape that firewalld's nftables backend gives them: what comes from a source of a zone goes to that zone, then what
   comes in by an interface of one, then the rest to the default zone; in a zone rules of negative priority, refusals, acceptances, rules of positive
   priority, ICMP, the target. */
#include "firewall/dialects/firewalld.h"
#include "base/num.h"
#include "firewall/analysis.h"
#include "firewall/services.h"

#include <limits.h>
#include <stdlib.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define TABLE        KJ_STR("firewalld")

/* What a packet passes: chains "IN_public", "FWD_public", "PRE_public" for zone "public". */
static const struct stage {
	const char *prefix, *base;
	enum kj_fw_hook hook;
	int priority;
} stages[] = {
        {"IN", "filter_INPUT", KJ_FW_INPUT, KJ_FW_PRIORITY_FILTER + 10},
        {"FWD", "filter_FORWARD", KJ_FW_FORWARD, KJ_FW_PRIORITY_FILTER + 10},
        {"PRE", "nat_PREROUTING", KJ_FW_PREROUTING, KJ_FW_PRIORITY_DSTNAT + 10},
};
enum { STAGE_IN, STAGE_FORWARD, STAGE_NAT };

static struct kj_fw_chain *zone_chain(const struct kj_fwd_host *host, unsigned stage, const struct kj_fwd_zone *zone)
{
	kj_str name = kj_str_fmt(host->rs->arena, "%s_%.*s", stages[stage].prefix, KJ_FMT(zone->name));
	return kj_fw_chain(host->rs, TABLE, name);
}

static struct kj_fw_rule *add_plain(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const char *text,
                                    enum kj_fw_verdict verdict)
{
	struct kj_fw_rule *rule =
	        kj_fw_rule(host->rs, chain, 0, kj_str_fmt(host->rs->arena, "firewalld's own: %s", text));
	rule->verdict = verdict;
	return rule;
}

/* -- tests -- */

static bool mac_of(kj_str s, uint64_t *mac)
{
	uint64_t byte;
	kj_str piece;
	unsigned n = 0;
	*mac = 0;
	for (; kj_str_cut(&s, ':', &piece); n++) {
		if (piece.n != 2 || !kj_num_base(piece, 16, &byte))
			return false;
		*mac = *mac << 8 | byte;
	}
	return n == 6;
}

static void test_addr(const struct kj_fwd_host *host, struct kj_fw_rule *rule, enum kj_fw_field field,
                      const struct kj_fwd_addr *addr)
{
	struct kj_range range;
	uint64_t mac;
	if (!addr->value.n)
		return;
	if (addr->ipset) {
		const struct kj_fw_set *set = kj_fw_set_named(host->rs, addr->value, rule->line);
		if (set->declared)
			kj_fw_test(host->rs, rule, field, addr->negated, set);
		else
			rule->maybe = true; /* kj_fw_finish says that it is missing */
	} else if (field == KJ_FW_SRC && mac_of(addr->value, &mac)) {
		kj_fw_test_num(host->rs, rule, KJ_FW_MAC, addr->negated, mac, mac);
	} else if (kj_range_parse(addr->value, &range)) {
		kj_fw_test_num(host->rs, rule, KJ_FW_FAMILY, false, range.first.version, range.first.version);
		kj_fw_test_addr(host->rs, rule, field, addr->negated, &range);
	} else {
		kj_fw_beyond(host->rs, rule, addr->value);
	}
}

static void test_iface(const struct kj_fwd_host *host, struct kj_fw_rule *rule, enum kj_fw_field field, kj_str name)
{
	bool wildcard = kj_str_ends(name, KJ_STR("+")) || kj_str_ends(name, KJ_STR("*"));
	kj_fw_test_iface(host->rs, rule, field, false, kj_str_upto(name, name.n - wildcard), wildcard);
}

static void test_dnated(const struct kj_fwd_host *host, struct kj_fw_rule *rule)
{
	kj_fw_test_num(host->rs, rule, KJ_FW_DNATED, false, 1, 1);
}

static void test_state(const struct kj_fwd_host *host, struct kj_fw_rule *rule, enum kj_fw_state a, enum kj_fw_state b)
{
	struct kj_fw_set *set = kj_fw_set(host->rs, 1);
	kj_fw_set_num(host->rs, set, a, a);
	kj_fw_set_num(host->rs, set, b, b);
	kj_fw_test(host->rs, rule, KJ_FW_STATE, false, set);
}

static bool test_proto(const struct kj_fwd_host *host, struct kj_fw_rule *rule, kj_str name)
{
	unsigned proto;
	bool ok = kj_fw_proto_parse(name, &proto);
	if (ok)
		kj_fw_test_num(host->rs, rule, KJ_FW_PROTO, false, proto, proto);
	return ok;
}

static void test_icmp(const struct kj_fwd_host *host, struct kj_fw_rule *rule, unsigned version, unsigned type,
                      unsigned code_first, unsigned code_last)
{
	unsigned proto = version == 6 ? KJ_FW_ICMPV6 : KJ_FW_ICMP;
	kj_fw_test_num(host->rs, rule, KJ_FW_PROTO, false, proto, proto);
	kj_fw_test_icmp(host->rs, rule, false, type, code_first, code_last);
}

static bool test_port(const struct kj_fwd_host *host, struct kj_fw_rule *rule, enum kj_fw_field field, kj_str port,
                      kj_str proto)
{
	uint16_t first, last;
	if (!test_proto(host, rule, proto) || !kj_fwd_ports(port, &first, &last))
		return false;
	kj_fw_test_num(host->rs, rule, field, false, first, last);
	return true;
}

/* -- one rule of a zone -- */

/* With all that is not the element. */
static struct kj_fw_rule *begin(const struct kj_fwd_host *host, struct kj_fw_chain *chain,
                                const struct kj_fwd_rule *rich)
{
	struct kj_fw_rule *rule = kj_fw_rule(host->rs, chain, rich->item.line, rich->item.text);
	rule->verdict = rich->verdict;
	if (rich->family)
		kj_fw_test_num(host->rs, rule, KJ_FW_FAMILY, false, rich->family, rich->family);
	test_addr(host, rule, KJ_FW_SRC, &rich->src);
	test_addr(host, rule, KJ_FW_DST, &rich->dst);
	if (rich->limited)
		kj_fw_beyond(host->rs, rule, KJ_STR("limit"));
	return rule;
}

/* "22/tcp", "<1900/udp" (a source port), "/esp" */
static void test_entry(const struct kj_fwd_host *host, struct kj_fw_rule *rule, kj_str entry)
{
	bool source = kj_str_starts(entry, KJ_STR("<"));
	entry = kj_str_from(entry, source);
	size_t slash = kj_str_find(entry, '/');
	kj_str port = kj_str_upto(entry, slash), proto = kj_str_from(entry, slash + 1);
	bool ok = port.n ? test_port(host, rule, source ? KJ_FW_SPORT : KJ_FW_DPORT, port, proto)
	                 : test_proto(host, rule, proto);
	if (!ok)
		kj_fw_beyond(host->rs, rule, entry);
}

static const struct kj_fwd_service *service_of(const struct kj_fwd_host *host, kj_str name)
{
	const struct kj_fwd_service *own = kj_map_get(&host->services, name);
	return own ? own : kj_fwd_service(name);
}

static void add_entries(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_rule *rich,
                        const struct kj_fwd_service *service)
{
	const char *const targets[] = {service->dst4, service->dst6};
	bool anywhere = !service->dst4 && !service->dst6;
	for (size_t i = 0; i < (anywhere ? 1 : COUNT(targets)); i++) {
		kj_str ports = kj_str_of(service->ports), entry;
		while ((anywhere || targets[i]) && kj_str_word(&ports, &entry)) {
			struct kj_fw_rule *rule = begin(host, chain, rich);
			if (!anywhere)
				test_addr(host, rule, KJ_FW_DST, &(struct kj_fwd_addr){.value = kj_str_of(targets[i])});
			test_entry(host, rule, entry);
		}
	}
}

/* With the services that it includes, each once. */
static void add_service(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_rule *rich)
{
	struct kj_arena *arena = host->rs->arena;
	struct kj_map seen = {0};
	KJ_VEC(kj_str) names = {0};
	kj_str name;
	KJ_PUSH(arena, &names, rich->name);
	for (size_t i = 0; i < names.n; i++) {
		const struct kj_fwd_service *service = service_of(host, names.at[i]);
		void **at = kj_map_at(arena, &seen, names.at[i]);
		if (*at)
			continue;
		*at = arena;
		if (!service || service->unreadable) {
			kj_fw_beyond(host->rs, begin(host, chain, rich),
			             kj_str_fmt(arena, "service %.*s", KJ_FMT(names.at[i])));
			continue;
		}
		add_entries(host, chain, rich, service);
		kj_str includes = kj_str_of(service->includes);
		while (kj_str_word(&includes, &name))
			KJ_PUSH(arena, &names, name);
	}
}

static void add_icmp(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_rule *rich)
{
	unsigned type, first, last, known = 0;
	for (unsigned version = 4; version <= 6; version += 2) {
		if (!kj_fw_icmp_parse(rich->name, version, &type, &first, &last))
			continue;
		test_icmp(host, begin(host, chain, rich), version, type, first, last);
		known++;
	}
	if (!known)
		kj_fw_beyond(host->rs, begin(host, chain, rich),
		             kj_str_fmt(host->rs->arena, "icmp-type %.*s", KJ_FMT(rich->name)));
}

/* DNAT, or where no address is given a redirection to the host itself. IPv4 unless told otherwise. */
static void add_forward_port(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_rule *rich)
{
	struct kj_fwd_rule with = *rich;
	struct kj_fw_rewrite rewrite = {.to_self = !rich->to_addr.n};
	struct kj_range range;
	bool known = kj_range_parse(rich->to_addr, &range);
	if (!with.family)
		with.family = known ? range.first.version : 4;
	struct kj_fw_rule *rule = begin(host, chain, &with);
	if (!test_port(host, rule, KJ_FW_DPORT, rich->port, rich->proto))
		kj_fw_beyond(host->rs, rule, rich->port);
	if (rich->to_port.n)
		rewrite.has_port = kj_fwd_ports(rich->to_port, &rewrite.port_first, &rewrite.port_last);
	if (rich->to_addr.n && known) {
		struct kj_fw_set *set = kj_fw_set(host->rs, 1);
		kj_fw_set_addr(host->rs, set, &range);
		rewrite.addr = set;
	}
	rewrite.unknown = (rich->to_addr.n && !known) || (rich->to_port.n && !rewrite.has_port);
	kj_fw_rewrite(host->rs, rule, rewrite);
}

static void add_rule(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_rule *rich)
{
	struct kj_fw_rule *rule;
	if (rich->unreadable) {
		kj_fw_unreadable(host->rs, chain, rich->item.line, rich->item.text,
		                 rich->why ? rich->why : "not a rich rule that is understood");
		return;
	}
	switch (rich->element) {
	case KJ_FWD_SERVICE:
		add_service(host, chain, rich);
		return;
	case KJ_FWD_ICMP:
		add_icmp(host, chain, rich);
		return;
	case KJ_FWD_FORWARD_PORT:
	case KJ_FWD_OTHER:
		return; /* not of this chain */
	default:
		break;
	}
	rule = begin(host, chain, rich);
	bool ports = rich->element == KJ_FWD_PORT || rich->element == KJ_FWD_SOURCE_PORT;
	if (ports &&
	    !test_port(host, rule, rich->element == KJ_FWD_PORT ? KJ_FW_DPORT : KJ_FW_SPORT, rich->port, rich->proto))
		kj_fw_beyond(host->rs, rule, rich->port);
	if (rich->element == KJ_FWD_PROTOCOL && !test_proto(host, rule, rich->proto))
		kj_fw_beyond(host->rs, rule, rich->proto);
}

/* -- the chains of a zone -- */

/* In the order that firewalld tries them: by priority; of priority 0 those that refuse come before those that accept. */
static int rank(const struct kj_fwd_rule *rule)
{
	bool refuses = rule->verdict == KJ_FW_DROP || rule->verdict == KJ_FW_REJECT;
	if (rule->unreadable)
		return INT_MIN; /* it may stand anywhere */
	return rule->priority * 2 + (rule->priority == 0 && !refuses);
}

static int by_rank(const void *a, const void *b)
{
	const struct kj_fwd_rule *x = *(const struct kj_fwd_rule *const *)a, *y = *(const struct kj_fwd_rule *const *)b;
	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	return x < y ? -1 : x > y;
}

static const struct kj_fwd_rule **sorted(const struct kj_fwd_host *host, const struct kj_fwd_zone *zone)
{
	const struct kj_fwd_rule **list = KJ_NEW_ARRAY(host->rs->arena, const struct kj_fwd_rule *, zone->rules.n + 1);
	for (size_t i = 0; i < zone->rules.n; i++)
		list[i] = &zone->rules.at[i];
	qsort(list, zone->rules.n, sizeof(const struct kj_fwd_rule *), by_rank);
	return list;
}

/* Neighbour discovery is let in by the policy allow-host-ipv6, which every firewalld since 0.9 has. */
static void add_neighbours(const struct kj_fwd_host *host, struct kj_fw_chain *chain)
{
	static const unsigned types[] = {134, 135, 136, 137};
	for (size_t i = 0; i < COUNT(types); i++) {
		struct kj_fw_rule *rule = add_plain(host, chain, "policy allow-host-ipv6", KJ_FW_ACCEPT);
		rule->maybe = true;
		test_icmp(host, rule, 6, types[i], 0, 255);
	}
}

static enum kj_fw_verdict target_of(const struct kj_fwd_zone *zone)
{
	static const struct target {
		const char *name;
		enum kj_fw_verdict verdict;
	} targets[] = {{"default", KJ_FW_REJECT},
	               {"%%REJECT%%", KJ_FW_REJECT},
	               {"REJECT", KJ_FW_REJECT},
	               {"DROP", KJ_FW_DROP},
	               {"ACCEPT", KJ_FW_ACCEPT}};
	for (size_t i = 0; i < COUNT(targets); i++) {
		if (kj_str_eq(zone->target, kj_str_of(targets[i].name)))
			return targets[i].verdict;
	}
	return KJ_FW_UNSURE;
}

static void add_target(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_zone *zone)
{
	kj_str text = kj_str_fmt(host->rs->arena, "zone %.*s, target: %.*s", KJ_FMT(zone->name), KJ_FMT(zone->target));
	struct kj_fw_rule *rule = kj_fw_rule(host->rs, chain, zone->item.line, text);
	rule->verdict = target_of(zone);
	if (rule->verdict == KJ_FW_UNSURE)
		kj_fw_note(host->rs, zone->item.line, "target '%.*s' of zone '%.*s' is not known", KJ_FMT(zone->target),
		           KJ_FMT(zone->name));
}

/* ICMP is let in where the target rejects by default, or with inversion refused. */
static void add_icmp_default(const struct kj_fwd_host *host, struct kj_fw_chain *chain, const struct kj_fwd_zone *zone)
{
	static const unsigned protos[] = {KJ_FW_ICMP, KJ_FW_ICMPV6};
	if (target_of(zone) != KJ_FW_REJECT && !zone->inverted)
		return;
	for (size_t i = 0; i < COUNT(protos); i++) {
		kj_str text = kj_str_fmt(host->rs->arena, "zone %.*s, icmp-block-inversion: %s", KJ_FMT(zone->name),
		                         zone->inverted ? "yes" : "no");
		struct kj_fw_rule *rule = kj_fw_rule(host->rs, chain, zone->item.line, text);
		rule->verdict = zone->inverted ? KJ_FW_REJECT : KJ_FW_ACCEPT;
		kj_fw_test_num(host->rs, rule, KJ_FW_PROTO, false, protos[i], protos[i]);
	}
}

static void fill_input(const struct kj_fwd_host *host, const struct kj_fwd_zone *zone)
{
	struct kj_fw_chain *chain = zone_chain(host, STAGE_IN, zone);
	const struct kj_fwd_rule **rules = sorted(host, zone);
	add_neighbours(host, chain);
	for (size_t i = 0; i < zone->rules.n; i++)
		add_rule(host, chain, rules[i]);
	add_icmp_default(host, chain, zone);
	add_target(host, chain, zone);
}

/* Routed packets: inside the zone with "forward: yes", else as the target says. Versions that do not print the line had other rules. */
static void fill_forward(const struct kj_fwd_host *host, const struct kj_fwd_zone *zone)
{
	struct kj_fw_chain *chain = zone_chain(host, STAGE_FORWARD, zone);
	if (!zone->has_forward) {
		add_plain(host, chain, "forwarding, which this version does not list", KJ_FW_UNSURE);
		return;
	}
	for (size_t i = 0; zone->forward && i < zone->interfaces.n; i++) {
		const struct kj_fwd_item *item = &zone->interfaces.at[i];
		struct kj_fw_rule *rule = kj_fw_rule(host->rs, chain, item->line, KJ_STR("forward: yes"));
		rule->verdict = KJ_FW_ACCEPT;
		test_iface(host, rule, KJ_FW_OIF, item->text);
	}
	for (size_t i = 0; zone->forward && i < zone->sources.n; i++) {
		kj_str source = zone->sources.at[i].text;
		bool ipset = kj_str_starts(source, KJ_STR("ipset:"));
		struct kj_fw_rule *rule = kj_fw_rule(host->rs, chain, zone->sources.at[i].line, KJ_STR("forward: yes"));
		rule->verdict = KJ_FW_ACCEPT;
		test_addr(host, rule, KJ_FW_DST,
		          &(struct kj_fwd_addr){kj_str_from(source, ipset ? 6 : 0), ipset, false});
	}
	add_target(host, chain, zone);
}

static void fill_nat(const struct kj_fwd_host *host, const struct kj_fwd_zone *zone)
{
	const struct kj_fwd_rule **rules = sorted(host, zone);
	for (size_t i = 0; i < zone->rules.n; i++) {
		if (!rules[i]->unreadable && rules[i]->element == KJ_FWD_FORWARD_PORT)
			add_forward_port(host, zone_chain(host, STAGE_NAT, zone), rules[i]);
	}
}

/* -- to the zones -- */

static void add_zone(const struct kj_fwd_host *host, struct kj_fw_chain *base, unsigned stage,
                     const struct kj_fwd_zone *zone, const struct kj_fwd_item *by, bool source)
{
	kj_str text = kj_str_fmt(host->rs->arena, "zone %.*s: %.*s", KJ_FMT(zone->name), KJ_FMT(by->text));
	struct kj_fw_rule *rule = kj_fw_rule(host->rs, base, by->line, text);
	bool ipset = kj_str_starts(by->text, KJ_STR("ipset:"));
	kj_fw_rule_to(rule, KJ_FW_GOTO, zone_chain(host, stage, zone));
	if (source)
		test_addr(host, rule, KJ_FW_SRC,
		          &(struct kj_fwd_addr){kj_str_from(by->text, ipset ? 6 : 0), ipset, false});
	else
		test_iface(host, rule, KJ_FW_IIF, by->text);
}

static void add_unknown(const struct kj_fwd_host *host, struct kj_fw_chain *base, const char *why)
{
	add_plain(host, base, why, KJ_FW_UNSURE);
}

static bool is_wild(kj_str iface)
{
	return kj_str_ends(iface, KJ_STR("+")) || kj_str_ends(iface, KJ_STR("*"));
}

static void add_default(const struct kj_fwd_host *host, struct kj_fw_chain *base, unsigned stage)
{
	for (size_t i = 0; i < host->zones.n; i++) {
		const struct kj_fwd_zone *zone = host->zones.at[i];
		if (!zone->is_default)
			continue;
		struct kj_fw_rule *rule = kj_fw_rule(host->rs, base, zone->item.line, zone->item.text);
		kj_fw_rule_to(rule, KJ_FW_GOTO, zone_chain(host, stage, zone));
		return;
	}
	add_unknown(host, base, "the default zone, which is not listed as such");
}

/* Zones first .. end-1: their sources, then their interfaces, and of these whole names before beginnings. */
static void add_group(const struct kj_fwd_host *host, struct kj_fw_chain *base, unsigned stage, size_t first,
                      size_t end)
{
	for (size_t i = first; i < end; i++) {
		const struct kj_fwd_zone *zone = host->zones.at[i];
		for (size_t k = 0; k < zone->sources.n; k++)
			add_zone(host, base, stage, zone, &zone->sources.at[k], true);
	}
	for (unsigned wild = 0; wild < 2; wild++) {
		for (size_t i = first; i < end; i++) {
			const struct kj_fwd_zone *zone = host->zones.at[i];
			for (size_t k = 0; k < zone->interfaces.n; k++) {
				if (is_wild(zone->interfaces.at[k].text) == wild)
					add_zone(host, base, stage, zone, &zone->interfaces.at[k], false);
			}
		}
	}
}

static void add_zones(const struct kj_fwd_host *host, struct kj_fw_chain *base, unsigned stage)
{
	if (!host->all_zones)
		add_unknown(host, base, "zones that are not listed");
	for (size_t first = 0, end; first < host->zones.n; first = end) {
		for (end = first + 1; end < host->zones.n; end++) {
			if (host->zones.at[end]->priority != host->zones.at[first]->priority)
				break;
		}
		add_group(host, base, stage, first, end);
	}
	add_default(host, base, stage);
}

static void add_stage(const struct kj_fwd_host *host, unsigned stage)
{
	struct kj_fw_chain *base = kj_fw_chain_declare(host->rs, TABLE, kj_str_of(stages[stage].base), 0);
	kj_fw_base(base, stages[stage].hook, stages[stage].priority, KJ_FW_V46);
	base->policy_text = KJ_STR("firewalld's own: policy");
	base->nat = stage == STAGE_NAT;
	if (stage != STAGE_NAT) {
		base->policy = KJ_FW_REJECT;
		test_state(host, add_plain(host, base, "established, related", KJ_FW_ACCEPT), KJ_FW_ESTABLISHED,
		           KJ_FW_RELATED);
		test_dnated(host, add_plain(host, base, "ct status dnat", KJ_FW_ACCEPT));
		test_iface(host, add_plain(host, base, "iifname lo", KJ_FW_ACCEPT), KJ_FW_IIF, KJ_STR("lo"));
		test_state(host, add_plain(host, base, "ct state invalid", KJ_FW_DROP), KJ_FW_INVALID, KJ_FW_INVALID);
		if (host->policies)
			add_unknown(host, base, "what is not evaluated");
	}
	add_zones(host, base, stage);
}

/* IPv6_rpfilter of firewalld.conf(5), on by default: what comes in by an interface that does not lead back to its sender is dropped. */
static void add_rpfilter(const struct kj_fwd_host *host)
{
	static const unsigned types[] = {134, 135};
	struct kj_fw_chain *base = kj_fw_chain_declare(host->rs, TABLE, KJ_STR("filter_PREROUTING"), 0);
	kj_fw_base(base, KJ_FW_PREROUTING, KJ_FW_PRIORITY_FILTER + 10, KJ_FW_V6);
	base->policy_text = KJ_STR("firewalld's own: policy");
	for (size_t i = 0; i < COUNT(types); i++)
		test_icmp(host, add_plain(host, base, "neighbour discovery", KJ_FW_ACCEPT), 6, types[i], 0, 255);
	add_plain(host, base, "IPv6_rpfilter", KJ_FW_DROP)->maybe = true;
	kj_fw_note(host->rs, 0,
	           "IPv6: whether the way back to a sender leads by the same interface (IPv6_rpfilter) is not known");
}

void kj_fwd_build(struct kj_fwd_host *host)
{
	add_rpfilter(host);
	for (unsigned stage = 0; stage < COUNT(stages); stage++) {
		add_stage(host, stage);
		for (size_t i = 0; i < host->zones.n; i++) {
			struct kj_fw_chain *chain = zone_chain(host, stage, host->zones.at[i]);
			chain->declared = host->zones.at[i]->listed;
			chain->line = host->zones.at[i]->item.line;
		}
	}
	for (size_t i = 0; i < host->zones.n; i++) {
		const struct kj_fwd_zone *zone = host->zones.at[i];
		if (!zone->listed)
			continue;
		fill_input(host, zone);
		fill_forward(host, zone);
		fill_nat(host, zone);
	}
}
