#include "firewall/domain.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const unsigned char with_ports[] = {KJ_FW_TCP, KJ_FW_UDP, KJ_FW_DCCP, KJ_FW_SCTP, KJ_FW_UDPLITE};

bool kj_fw_proto_has_ports(unsigned proto)
{
	for (size_t i = 0; i < COUNT(with_ports); i++) {
		if (with_ports[i] == proto)
			return true;
	}
	return false;
}

/* ICMP types that begin a connection, and those that are never tracked; without a connection all others are INVALID
   (nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c of Linux; seen at a kernel 6.18). */
static const struct icmp_state {
	unsigned char version, first, last, state;
} icmp_states[] = {
        {4, 8, 8, KJ_FW_NEW},           {4, 13, 13, KJ_FW_NEW},         {4, 15, 15, KJ_FW_NEW},
        {4, 17, 17, KJ_FW_NEW},         {6, 128, 128, KJ_FW_NEW},       {6, 139, 139, KJ_FW_NEW},
        {6, 130, 136, KJ_FW_UNTRACKED}, {6, 143, 143, KJ_FW_UNTRACKED},
};

/* Addresses with a kind of their own. */
static const struct special {
	unsigned char version, type;
	bool src, dst;
	const char *range;
} specials[] = {
        {4, KJ_FW_TYPE_MULTICAST, true, true, "224.0.0.0/4"},
        {4, KJ_FW_TYPE_BROADCAST, true, true, "255.255.255.255"},
        {4, KJ_FW_TYPE_BROADCAST, true, false, "0.0.0.0"},
        {6, KJ_FW_TYPE_MULTICAST, true, true, "ff00::/8"},
};

/* RFC 4291 2.5.6: routers do not forward link-local packets. */
#define LINK_LOCAL "fe80::/10"

static bool tested(const struct kj_fw_ruleset *rs, enum kj_fw_field field)
{
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct kj_fw_rule *rule = rs->rules.at[i];
		for (size_t t = 0; t < rule->tests.n; t++) {
			for (unsigned dim = 0; dim < rule->tests.at[t].dims; dim++) {
				if (rule->tests.at[t].field[dim] == field)
					return true;
			}
		}
	}
	return false;
}

static struct kj_fw_set *range_set(struct kj_fw_space *space, const char *text)
{
	struct kj_fw_set *set = KJ_NEW(space->arena, struct kj_fw_set);
	struct kj_range range;
	set->dims = 1;
	set->declared = true;
	if (kj_range_parse(kj_str_of(text), &range))
		KJ_PUSH(space->arena, &set->at, kj_fw_interval_addr(&range));
	return set;
}

static unsigned icmp_of(const struct kj_fw_space *space)
{
	return space->version == 4 ? KJ_FW_ICMP : KJ_FW_ICMPV6;
}

/* -- cuts -- */

static void cut_addresses(struct kj_fw_space *space, const struct kj_fw_scope *scope)
{
	if (scope->src)
		kj_fw_space_cut(space, KJ_FW_SRC, scope->src);
	if (scope->dst)
		kj_fw_space_cut(space, KJ_FW_DST, scope->dst);
	if (scope->src && space->version == 6)
		kj_fw_space_cut(space, KJ_FW_SRC, range_set(space, LINK_LOCAL));
	bool src = tested(space->rs, KJ_FW_SRC_TYPE), dst = tested(space->rs, KJ_FW_DST_TYPE);
	for (size_t i = 0; i < COUNT(specials); i++) {
		if (src && specials[i].src)
			kj_fw_space_cut(space, KJ_FW_SRC, range_set(space, specials[i].range));
		if (dst && specials[i].dst)
			kj_fw_space_cut(space, KJ_FW_DST, range_set(space, specials[i].range));
	}
	for (unsigned type = 0; type < KJ_FW_TYPES; type++) {
		if (src)
			kj_fw_space_cut_num(space, KJ_FW_SRC_TYPE, type, type);
		if (dst)
			kj_fw_space_cut_num(space, KJ_FW_DST_TYPE, type, type);
	}
}

/* Senders stay what they are; addressees do where no rule rewrites them. */
static void narrow(struct kj_fw_space *space, const struct kj_fw_scope *scope)
{
	if (scope->src)
		kj_fw_space_narrow(space, KJ_FW_SRC, scope->src);
	if (scope->dst && !kj_fw_rewrites(space->rs))
		kj_fw_space_narrow(space, KJ_FW_DST, scope->dst);
}

static bool has_nat(const struct kj_fw_ruleset *rs)
{
	for (size_t i = 0; i < rs->chains.n; i++) {
		if (rs->chains.at[i]->nat && rs->chains.at[i]->rules.n)
			return true;
	}
	return false;
}

void kj_fw_domain_cut(struct kj_fw_space *space, const struct kj_fw_scope *scope)
{
	narrow(space, scope);
	for (size_t i = 0; i < COUNT(with_ports); i++)
		kj_fw_space_cut_num(space, KJ_FW_PROTO, with_ports[i], with_ports[i]);
	kj_fw_space_cut_num(space, KJ_FW_PROTO, icmp_of(space), icmp_of(space));
	cut_addresses(space, scope);
	if (scope->has_sport)
		kj_fw_space_cut_num(space, KJ_FW_SPORT, scope->sport, scope->sport);
	if (tested(space->rs, KJ_FW_FLAGS)) {
		kj_fw_space_cut_num(space, KJ_FW_FLAGS, 0, 0);
		kj_fw_space_cut_num(space, KJ_FW_FLAGS, scope->flags ? scope->flags : 2,
		                    scope->flags ? scope->flags : 2);
	}
	if (tested(space->rs, KJ_FW_DNATED))
		kj_fw_space_cut_num(space, KJ_FW_DNATED, 1, 1);
	bool marks = tested(space->rs, KJ_FW_MARK) || tested(space->rs, KJ_FW_CTMARK); /* one may come of the other */
	for (size_t i = 0; i < space->rs->marks.n && marks; i++) {
		kj_fw_space_cut_num(space, KJ_FW_MARK, space->rs->marks.at[i], space->rs->marks.at[i]);
		kj_fw_space_cut_num(space, KJ_FW_CTMARK, space->rs->marks.at[i], space->rs->marks.at[i]);
	}
	if (!tested(space->rs, KJ_FW_STATE) && !has_nat(space->rs))
		return;
	for (unsigned state = 0; state < KJ_FW_STATES; state++)
		kj_fw_space_cut_num(space, KJ_FW_STATE, state, state);
	for (size_t i = 0; i < COUNT(icmp_states); i++) {
		if (icmp_states[i].version == space->version)
			kj_fw_space_cut_num(space, KJ_FW_DPORT, icmp_states[i].first * 256u,
			                    icmp_states[i].last * 256u + 255);
	}
}

/* -- what packets there are -- */

static kj_bdd port_protos(struct kj_fw_space *space)
{
	kj_bdd protos = KJ_BDD_FALSE;
	for (size_t i = 0; i < COUNT(with_ports); i++)
		protos = kj_bdd_or(space->bdd, protos, kj_fw_space_is(space, KJ_FW_PROTO, with_ports[i]));
	return protos;
}

/* when, then; otherwise, els. */
static kj_bdd choose(struct kj_fw_space *space, kj_bdd when, kj_bdd then, kj_bdd els)
{
	return kj_bdd_or(space->bdd, kj_bdd_and(space->bdd, when, then), kj_bdd_diff(space->bdd, els, when));
}

/* Protocols without ports have 0 there, TCP alone has flags. */
static kj_bdd headers(struct kj_fw_space *space, const struct kj_fw_scope *scope)
{
	struct kj_bdd_store *bdd = space->bdd;
	kj_bdd ports = port_protos(space), icmp = kj_fw_space_is(space, KJ_FW_PROTO, icmp_of(space));
	kj_bdd sport = scope->has_sport ? kj_fw_space_is(space, KJ_FW_SPORT, scope->sport) : KJ_BDD_TRUE;
	unsigned flags = scope->flags ? scope->flags : 2;
	kj_bdd f = choose(space, kj_bdd_or(bdd, ports, icmp), KJ_BDD_TRUE, kj_fw_space_is(space, KJ_FW_DPORT, 0));
	f = kj_bdd_and(bdd, f, choose(space, ports, sport, kj_fw_space_is(space, KJ_FW_SPORT, 0)));
	return kj_bdd_and(bdd, f,
	                  choose(space, kj_fw_space_is(space, KJ_FW_PROTO, KJ_FW_TCP),
	                         kj_fw_space_is(space, KJ_FW_FLAGS, flags), kj_fw_space_is(space, KJ_FW_FLAGS, 0)));
}

/* What a TCP packet without a connection is (tcp_conntracks of Linux, nf_conntrack_tcp_loose = 1: a bare ACK is taken
   for a connection under way). */
static enum kj_fw_state tcp_state(unsigned flags)
{
	unsigned kind = (flags ? flags : 2) & (1u | 2u | 4u | 16u);
	return kind == 2 || kind == 16 ? KJ_FW_NEW : KJ_FW_INVALID;
}

static kj_bdd states(struct kj_fw_space *space, const struct kj_fw_scope *scope)
{
	kj_bdd icmp = kj_fw_space_is(space, KJ_FW_STATE, KJ_FW_INVALID);
	for (size_t i = 0; i < COUNT(icmp_states); i++) {
		const struct icmp_state *row = &icmp_states[i];
		if (row->version == space->version)
			icmp = choose(space,
			              kj_fw_space_num(space, KJ_FW_DPORT, row->first * 256u, row->last * 256u + 255),
			              kj_fw_space_is(space, KJ_FW_STATE, row->state), icmp);
	}
	kj_bdd f = kj_fw_space_is(space, KJ_FW_STATE, KJ_FW_NEW);
	f = choose(space, kj_fw_space_is(space, KJ_FW_PROTO, KJ_FW_TCP),
	           kj_fw_space_is(space, KJ_FW_STATE, tcp_state(scope->flags)), f);
	f = choose(space, kj_fw_space_is(space, KJ_FW_PROTO, icmp_of(space)), icmp, f);
	return f;
}

static void find_specials(struct kj_fw_domain *domain)
{
	struct kj_fw_space *space = domain->space;
	for (unsigned end = 0; end < 2; end++) {
		enum kj_fw_field type = end ? KJ_FW_DST_TYPE : KJ_FW_SRC_TYPE, addr = end ? KJ_FW_DST : KJ_FW_SRC;
		for (size_t i = 0; i < COUNT(specials) && kj_fw_space_uses(space, type); i++) {
			kj_bdd *kind = specials[i].type == KJ_FW_TYPE_MULTICAST ? &domain->multicast[end]
			                                                        : &domain->broadcast[end];
			if (specials[i].version == space->version && (end ? specials[i].dst : specials[i].src))
				*kind = kj_bdd_or(space->bdd, *kind,
				                  kj_fw_space_in(space, addr, range_set(space, specials[i].range)));
		}
	}
}

void kj_fw_domain_make(struct kj_fw_domain *domain, struct kj_fw_space *space, const struct kj_fw_scope *scope)
{
	struct kj_bdd_store *bdd = space->bdd;
	*domain = (struct kj_fw_domain){.space = space, .scope = scope};
	domain->scoped = kj_bdd_and(bdd, kj_fw_space_is(space, KJ_FW_FAMILY, scope->version), headers(space, scope));
	if (scope->src)
		domain->scoped = kj_bdd_and(bdd, domain->scoped, kj_fw_space_in(space, KJ_FW_SRC, scope->src));
	if (scope->dst)
		domain->scoped = kj_bdd_and(bdd, domain->scoped, kj_fw_space_in(space, KJ_FW_DST, scope->dst));
	domain->scoped = kj_bdd_and(bdd, domain->scoped, kj_fw_space_is(space, KJ_FW_DNATED, 0));
	domain->states = states(space, scope);
	domain->untracked = kj_fw_space_is(space, KJ_FW_STATE, KJ_FW_UNTRACKED);
	domain->invalid = kj_fw_space_is(space, KJ_FW_STATE, KJ_FW_INVALID);
	domain->natted = kj_bdd_or(bdd, kj_fw_space_is(space, KJ_FW_STATE, KJ_FW_NEW),
	                           kj_fw_space_is(space, KJ_FW_STATE, KJ_FW_RELATED));
	domain->plain = KJ_BDD_TRUE;
	for (unsigned i = 0; i < KJ_FW_ODDS; i++)
		domain->plain =
		        kj_bdd_and(bdd, domain->plain, kj_fw_space_is(space, (enum kj_fw_field)(KJ_FW_ODD + i), 0));
	if (scope->src && space->version == 6)
		domain->unforwarded = kj_fw_space_in(space, KJ_FW_SRC, range_set(space, LINK_LOCAL));
	find_specials(domain);
	if (has_nat(space->rs))
		kj_fw_domain_find_passed_on(domain);
	for (size_t i = 0; i < space->rs->rules.n; i++) {
		const struct kj_fw_rewrite *rewrite = space->rs->rules.at[i]->rewrite;
		if (rewrite && rewrite->addr)
			kj_fw_space_in(space, KJ_FW_DST, rewrite->addr);
	}
}

/* -- a question's packets -- */

kj_bdd kj_fw_domain_ifaces(const struct kj_fw_domain *domain, enum kj_fw_field field)
{
	struct kj_fw_space *space = domain->space;
	const uint32_t *lo = kj_map_get(&space->rs->iface_by_name, KJ_STR("lo"));
	if (!kj_fw_space_uses(space, field))
		return KJ_BDD_TRUE;
	kj_bdd f = kj_bdd_diff(space->bdd, KJ_BDD_TRUE, kj_fw_space_iface(space, field, kj_fw_no_iface(space->rs)));
	return lo ? kj_bdd_diff(space->bdd, f, kj_fw_space_iface(space, field, *lo)) : f;
}

/* `end` 0: sources, 1: destinations; `usual` is the kind of those without a special one. */
static kj_bdd types(const struct kj_fw_domain *domain, unsigned end, enum kj_fw_addr_type usual)
{
	struct kj_fw_space *space = domain->space;
	enum kj_fw_field field = end ? KJ_FW_DST_TYPE : KJ_FW_SRC_TYPE;
	kj_bdd f = choose(space, domain->broadcast[end], kj_fw_space_is(space, field, KJ_FW_TYPE_BROADCAST),
	                  kj_fw_space_is(space, field, usual));
	return choose(space, domain->multicast[end], kj_fw_space_is(space, field, KJ_FW_TYPE_MULTICAST), f);
}

static uint32_t iif_of(const struct kj_fw_domain *domain, const struct kj_fw_question *question)
{
	return question->hook == KJ_FW_OUTPUT ? kj_fw_no_iface(domain->space->rs) : question->iif;
}

static uint32_t oif_of(const struct kj_fw_domain *domain, const struct kj_fw_question *question)
{
	return question->hook == KJ_FW_INPUT ? kj_fw_no_iface(domain->space->rs) : question->oif;
}

/* The set of the field's interfaces that are asked for, or given (then also in *ways). */
static kj_bdd way(const struct kj_fw_domain *domain, enum kj_fw_field field, uint32_t id, struct kj_fw_ways *ways)
{
	struct kj_fw_space *space = domain->space;
	if (id == KJ_FW_ANY_IFACE)
		return kj_fw_domain_ifaces(domain, field);
	ways->given |= 1u << field;
	ways->cube = kj_bdd_and(space->bdd, ways->cube, kj_fw_space_iface(space, field, id));
	return KJ_BDD_TRUE;
}

static kj_bdd one_of(struct kj_fw_space *space, enum kj_fw_field field, const uint32_t *ids, size_t n)
{
	if (n <= 1)
		return n ? kj_fw_space_iface(space, field, *ids) : KJ_BDD_FALSE;
	return kj_bdd_or(space->bdd, one_of(space, field, ids, n / 2), one_of(space, field, ids + n / 2, n - n / 2));
}

struct kj_fw_ways kj_fw_domain_ways(const struct kj_fw_domain *domain, const struct kj_fw_question *question,
                                    const uint32_t *each, size_t n)
{
	struct kj_fw_space *space = domain->space;
	struct kj_fw_ways ways = {.cube = KJ_BDD_TRUE, .open = KJ_BDD_TRUE};
	const enum kj_fw_field fields[] = {KJ_FW_IIF, KJ_FW_OIF};
	const uint32_t ids[] = {iif_of(domain, question), oif_of(domain, question)};
	for (unsigned i = 0; i < COUNT(fields); i++) {
		bool all = n && fields[i] == kj_fw_each_field(question->hook);
		kj_bdd set = all ? one_of(space, fields[i], each, n) : way(domain, fields[i], ids[i], &ways);
		ways.open = kj_bdd_and(space->bdd, ways.open, set);
	}
	return ways;
}

/* The kinds of the addresses at one end; they are this host's where packets come by (go out by) the loopback. */
static kj_bdd kinds(const struct kj_fw_domain *domain, unsigned end, enum kj_fw_field field, uint32_t id, bool own)
{
	struct kj_fw_space *space = domain->space;
	const uint32_t *lo = kj_map_get(&space->rs->iface_by_name, KJ_STR("lo"));
	if (!kj_fw_space_uses(space, end ? KJ_FW_DST_TYPE : KJ_FW_SRC_TYPE))
		return KJ_BDD_TRUE;
	kj_bdd local = types(domain, end, KJ_FW_TYPE_LOCAL), others = types(domain, end, KJ_FW_TYPE_UNICAST);
	if (own || (lo && *lo == id))
		return local;
	return lo && id == KJ_FW_ANY_IFACE ? choose(space, kj_fw_space_iface(space, field, *lo), local, others)
	                                   : others;
}

kj_bdd kj_fw_domain_packets(const struct kj_fw_domain *domain, const struct kj_fw_question *question, kj_bdd open)
{
	struct kj_fw_space *space = domain->space;
	struct kj_bdd_store *bdd = space->bdd;
	enum kj_fw_hook hook = question->hook;
	bool output = hook == KJ_FW_OUTPUT;
	kj_bdd f = kj_bdd_and(bdd, domain->scoped, open);
	f = kj_bdd_and(bdd, f, domain->invalid); /* what rules see before connection tracking */
	kj_bdd to = output ? kinds(domain, 1, KJ_FW_OIF, question->oif, false)
	                   : kinds(domain, 1, KJ_FW_IIF, 0, (hook == KJ_FW_INPUT) != question->diverted);
	f = kj_bdd_and(bdd, f, kj_bdd_and(bdd, to, kinds(domain, 0, KJ_FW_IIF, output ? 0 : question->iif, output)));
	if (hook == KJ_FW_FORWARD)
		f = kj_bdd_diff(bdd, f, domain->unforwarded);
	return kj_bdd_and(
	        bdd, f, kj_bdd_and(bdd, kj_fw_space_is(space, KJ_FW_MARK, 0), kj_fw_space_is(space, KJ_FW_CTMARK, 0)));
}

/* -- changes on the way -- */

kj_bdd kj_fw_domain_track(const struct kj_fw_domain *domain, kj_bdd set)
{
	struct kj_bdd_store *bdd = domain->space->bdd;
	kj_bdd exempt = kj_bdd_and(bdd, set, domain->untracked);
	kj_bdd others = kj_bdd_exists(bdd, kj_bdd_diff(bdd, set, exempt), 1u << KJ_FW_STATE);
	return kj_bdd_or(bdd, exempt, kj_bdd_and(bdd, others, domain->states));
}
