/* The targets of iptables: one row each. */
#include "firewall/dialects/iptables.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* What a target does, beside its options. Names that are not here are chains. */
static const struct target {
	const char *name;
	enum kj_fw_verdict verdict;
} targets[] = {
        {"ACCEPT", KJ_FW_ACCEPT},        {"DROP", KJ_FW_DROP},
        {"REJECT", KJ_FW_REJECT},        {"RETURN", KJ_FW_RETURN},
        {"LOG", KJ_FW_CONTINUE},         {"ULOG", KJ_FW_CONTINUE},
        {"NFLOG", KJ_FW_CONTINUE},       {"AUDIT", KJ_FW_CONTINUE},
        {"TRACE", KJ_FW_CONTINUE},       {"MARK", KJ_FW_CONTINUE},
        {"CONNMARK", KJ_FW_CONTINUE},    {"NOTRACK", KJ_FW_CONTINUE},
        {"CT", KJ_FW_CONTINUE},          {"TCPMSS", KJ_FW_CONTINUE},
        {"TCPOPTSTRIP", KJ_FW_CONTINUE}, {"TOS", KJ_FW_CONTINUE},
        {"DSCP", KJ_FW_CONTINUE},        {"ECN", KJ_FW_CONTINUE},
        {"TTL", KJ_FW_CONTINUE},         {"HL", KJ_FW_CONTINUE},
        {"CHECKSUM", KJ_FW_CONTINUE},    {"CLASSIFY", KJ_FW_CONTINUE},
        {"SET", KJ_FW_CONTINUE},         {"TEE", KJ_FW_CONTINUE},
        {"LED", KJ_FW_CONTINUE},         {"IDLETIMER", KJ_FW_CONTINUE},
        {"RATEEST", KJ_FW_CONTINUE},     {"SECMARK", KJ_FW_CONTINUE},
        {"CONNSECMARK", KJ_FW_CONTINUE}, {"HMARK", KJ_FW_CONTINUE},
        {"SNAT", KJ_FW_ACCEPT},          {"MASQUERADE", KJ_FW_ACCEPT},
        {"SAME", KJ_FW_ACCEPT},          {"DNPT", KJ_FW_UNSURE},
        {"SNPT", KJ_FW_CONTINUE},        {"DNAT", KJ_FW_REWRITE},
        {"REDIRECT", KJ_FW_REWRITE},     {"NETMAP", KJ_FW_REWRITE},
        {"QUEUE", KJ_FW_UNSURE},         {"NFQUEUE", KJ_FW_UNSURE},
        {"TPROXY", KJ_FW_UNSURE},        {"SYNPROXY", KJ_FW_UNSURE},
        {"CLUSTERIP", KJ_FW_UNSURE},     {"TARPIT", KJ_FW_UNSURE},
        {"DELUDE", KJ_FW_UNSURE},        {"CHAOS", KJ_FW_UNSURE},
        {"MIRROR", KJ_FW_UNSURE},        {"STEAL", KJ_FW_DROP},
};

static const struct target *find_target(kj_str name)
{
	for (size_t i = 0; i < COUNT(targets); i++) {
		if (kj_str_eq(name, kj_str_of(targets[i].name)))
			return &targets[i];
	}
	return NULL;
}

/* -- options -- */

/* "1.2.3.4", "1.2.3.4-1.2.3.9:80-90", "[2001:db8::1]:80", ":8080". */
static bool destination(struct kj_ipt_rule *r, kj_str arg)
{
	kj_str addr = arg, port = KJ_STR("");
	size_t colon = kj_str_find_last(arg, ':'), close = kj_str_find_last(arg, ']');
	if (kj_str_starts(arg, KJ_STR("["))) {
		addr = kj_str_upto(kj_str_from(arg, 1), close - 1);
		colon = close + 1 < arg.n ? close + 1 : arg.n;
	} else if (r->version == 6) {
		colon = arg.n;
	}
	if (colon < arg.n) {
		port = kj_str_from(arg, colon + 1);
		addr = addr.p == arg.p ? kj_str_upto(arg, colon) : addr;
	}
	struct kj_range range;
	if (port.n)
		r->rewrite.has_port = kj_ipt_ports(kj_str_upto(port, kj_str_find(port, '/')), '-',
		                                   &r->rewrite.port_first, &r->rewrite.port_last);
	if (addr.n && kj_ipt_range(addr, &range)) {
		struct kj_fw_set *set = kj_fw_set(r->rs, 1);
		if (r->rewrite.addr) /* several --to-destination: any of them */
			*set = *r->rewrite.addr;
		kj_fw_set_addr(r->rs, set, &range);
		r->rewrite.addr = set;
	}
	return (!addr.n || r->rewrite.addr) && (!port.n || r->rewrite.has_port);
}

static void take_destination(struct kj_ipt_rule *r, kj_str arg)
{
	if (!destination(r, arg)) {
		r->rewrite = (struct kj_fw_rewrite){.unknown = true};
		kj_fw_note(r->rs, r->rule->line, "where '%.*s' leads is not known", KJ_FMT(arg));
	}
}

static void take_to(struct kj_ipt_rule *r, kj_str arg)
{
	if (kj_str_eq(r->target, KJ_STR("DNAT")) || kj_str_eq(r->target, KJ_STR("NETMAP")))
		take_destination(r, arg);
}

static void take_to_ports(struct kj_ipt_rule *r, kj_str arg)
{
	r->rewrite.has_port = kj_ipt_ports(arg, '-', &r->rewrite.port_first, &r->rewrite.port_last);
}

static void mark_by(struct kj_ipt_rule *r, uint32_t value, uint32_t mask)
{
	r->marks = true;
	r->mark_value = value;
	r->mark_mask = mask;
}

static void take_set_mark(struct kj_ipt_rule *r, kj_str arg)
{
	uint32_t value, mask;
	r->unmarks = !kj_ipt_masked(arg, &value, &mask);
	if (!r->unmarks)
		mark_by(r, value, mask | value); /* --set-mark: bits of the mask become those of the value */
}

static void take_set_xmark(struct kj_ipt_rule *r, kj_str arg)
{
	uint32_t value, mask;
	r->unmarks = !kj_ipt_masked(arg, &value, &mask);
	if (!r->unmarks)
		mark_by(r, value, mask);
}

static void take_and_mark(struct kj_ipt_rule *r, kj_str arg)
{
	uint32_t bits;
	r->unmarks = !kj_ipt_number(arg, &bits);
	if (!r->unmarks)
		mark_by(r, 0, ~bits);
}

static void take_or_mark(struct kj_ipt_rule *r, kj_str arg)
{
	uint32_t bits;
	r->unmarks = !kj_ipt_number(arg, &bits);
	if (!r->unmarks)
		mark_by(r, bits, bits);
}

static void take_xor_mark(struct kj_ipt_rule *r, kj_str arg)
{
	uint32_t bits;
	r->unmarks = !kj_ipt_number(arg, &bits);
	if (!r->unmarks)
		mark_by(r, bits, 0);
}

static void take_save_mark(struct kj_ipt_rule *r, kj_str arg)
{
	(void)arg;
	r->saves = true;
}

static void take_restore_mark(struct kj_ipt_rule *r, kj_str arg)
{
	(void)arg;
	r->restores = true;
}

/* Copies bits only: unless they are all, what comes of it is not known. */
static void take_copied_bits(struct kj_ipt_rule *r, kj_str arg)
{
	uint32_t bits;
	r->unmarks |= !kj_ipt_number(arg, &bits) || bits != UINT32_MAX;
}

static void take_notrack(struct kj_ipt_rule *r, kj_str arg)
{
	(void)arg;
	r->notrack = true;
}

static const struct option {
	const char *target, *name;
	bool bare;
	void (*take)(struct kj_ipt_rule *r, kj_str arg);
} options[] = {
        {"DNAT", "--to-destination", false, take_destination},
        {"DNAT", "--to", false, take_to},
        {"NETMAP", "--to", false, take_to},
        {"REDIRECT", "--to-ports", false, take_to_ports},
        {"REDIRECT", "--to-port", false, take_to_ports},
        {"MARK", "--set-mark", false, take_set_mark},
        {"MARK", "--set-xmark", false, take_set_xmark},
        {"MARK", "--and-mark", false, take_and_mark},
        {"MARK", "--or-mark", false, take_or_mark},
        {"MARK", "--xor-mark", false, take_xor_mark},
        {"CONNMARK", "--set-mark", false, take_set_mark},
        {"CONNMARK", "--set-xmark", false, take_set_xmark},
        {"CONNMARK", "--and-mark", false, take_and_mark},
        {"CONNMARK", "--or-mark", false, take_or_mark},
        {"CONNMARK", "--xor-mark", false, take_xor_mark},
        {"CONNMARK", "--save-mark", true, take_save_mark},
        {"CONNMARK", "--restore-mark", true, take_restore_mark},
        {"CONNMARK", "--mask", false, take_copied_bits},
        {"CONNMARK", "--nfmask", false, take_copied_bits},
        {"CONNMARK", "--ctmask", false, take_copied_bits},
        {"CT", "--notrack", true, take_notrack},
};

bool kj_ipt_target_option(struct kj_ipt_rule *r, kj_str name)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		if (!kj_str_eq(r->target, kj_str_of(options[i].target)) || !kj_str_eq(name, kj_str_of(options[i].name)))
			continue;
		options[i].take(r, options[i].bare ? KJ_STR("") : kj_ipt_next(r));
		return true;
	}
	/* Options of logging, rejecting, queueing … change nothing; a chain and the plain verdicts have none: those are
	   of matches. */
	const struct target *target = find_target(r->target);
	static const char *const of_targets[] = {
	        "--log-",       "--reject-",    "--nflog-",    "--ulog-",     "--queue-",     "--to-source",
	        "--random",     "--persistent", "--set-",      "--clamp-",    "--checksum-",  "--helper",
	        "--zone",       "--timeout",    "--ctevents",  "--expevents", "--type",       "--gateway",
	        "--on-",        "--tproxy-",    "--add-set",   "--del-set",   "--map-set",    "--exist",
	        "--hmark-",     "--ttl-set",    "--ttl-dec",   "--ttl-inc",   "--hl-set",     "--hl-dec",
	        "--hl-inc",     "--ecn-",       "--strip-",    "--led-",      "--label",      "--rateest-",
	        "--selctx",     "--save",       "--restore",   "--tarpit",    "--honeypot",   "--reset",
	        "--to-ports",   "--to",         "--nodst",     "--hash",      "--clustermac", "--total-nodes",
	        "--local-node", "--new",        "--sack-perm", "--timestamp", "--wscale",     "--mss",
	        "--ecn",
	};
	for (size_t i = 0; target && i < COUNT(of_targets); i++) {
		bool plain = target->verdict == KJ_FW_ACCEPT && !kj_str_eq(r->table, KJ_STR("nat"));
		if (!plain && kj_str_starts(name, kj_str_of(of_targets[i]))) {
			kj_ipt_skip_args(r);
			return true;
		}
	}
	return false;
}

/* -- the verdict -- */

static void rewrite(struct kj_ipt_rule *r)
{
	if (kj_str_eq(r->target, KJ_STR("REDIRECT")))
		r->rewrite.to_self = true;
	else if (!r->rewrite.addr && !r->rewrite.has_port)
		r->rewrite.unknown = true;
	kj_fw_rewrite(r->rs, r->rule, r->rewrite);
}

static void mark(struct kj_ipt_rule *r)
{
	bool connection = kj_str_eq(r->target, KJ_STR("CONNMARK"));
	if (r->unmarks && connection && !r->restores)
		kj_fw_assign_connmark_unknown(r->rs, r->rule);
	else if (r->unmarks)
		kj_fw_assign_mark_unknown(r->rs, r->rule);
	else if (r->saves)
		kj_fw_save_mark(r->rs, r->rule);
	else if (r->restores)
		kj_fw_restore_mark(r->rs, r->rule);
	else if (r->marks && connection)
		kj_fw_assign_connmark(r->rs, r->rule, r->mark_value, r->mark_mask);
	else if (r->marks)
		kj_fw_assign_mark(r->rs, r->rule, r->mark_value, r->mark_mask);
}

void kj_ipt_conclude(struct kj_ipt_rule *r)
{
	const struct target *target = find_target(r->target);
	if (!r->target.n)
		return; /* a rule that only counts */
	if (!target || r->go) {
		kj_fw_rule_to(r->rule, r->go ? KJ_FW_GOTO : KJ_FW_JUMP, kj_fw_chain(r->rs, r->table, r->target));
		return;
	}
	r->rule->verdict = target->verdict;
	if (target->verdict == KJ_FW_REWRITE)
		rewrite(r);
	if (target->verdict == KJ_FW_UNSURE)
		kj_fw_note(r->rs, r->rule->line, "what '%.*s' does with a packet is not known", KJ_FMT(r->target));
	if (r->notrack || kj_str_eq(r->target, KJ_STR("NOTRACK")))
		kj_fw_assign_untracked(r->rs, r->rule);
	mark(r);
}
