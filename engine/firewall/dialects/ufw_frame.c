#include "firewall/dialects/iptables.h"
#include "firewall/dialects/ufw.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* What the before rules of ufw 0.36 do. A "#" stands for each of the ICMP types behind it. */
static const struct before {
	unsigned version;
	enum kj_fw_hook hook;
	bool sure; /* every host's: not what an administrator would change */
	const char *words, *types;
} befores[] = {
        {4, KJ_FW_INPUT, true, "-i lo -j ACCEPT", ""},
        {4, KJ_FW_INPUT, true, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ""},
        {4, KJ_FW_INPUT, true, "-m conntrack --ctstate INVALID -j DROP", ""},
        {4, KJ_FW_INPUT, false, "-p icmp --icmp-type # -j ACCEPT", "3 11 12 8"},
        {4, KJ_FW_INPUT, false, "-p udp --sport 67 --dport 68 -j ACCEPT", ""},
        {4, KJ_FW_INPUT, false, "-p udp -d 224.0.0.251 --dport 5353 -j ACCEPT", ""},
        {4, KJ_FW_INPUT, false, "-p udp -d 239.255.255.250 --dport 1900 -j ACCEPT", ""},
        {4, KJ_FW_FORWARD, true, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ""},
        {4, KJ_FW_FORWARD, false, "-p icmp --icmp-type # -j ACCEPT", "3 11 12 8"},
        {4, KJ_FW_OUTPUT, true, "-o lo -j ACCEPT", ""},
        {4, KJ_FW_OUTPUT, true, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ""},
        {6, KJ_FW_INPUT, true, "-i lo -j ACCEPT", ""},
        {6, KJ_FW_INPUT, true, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ""},
        {6, KJ_FW_INPUT, false, "-p icmpv6 --icmpv6-type # -j ACCEPT", "129"},
        {6, KJ_FW_INPUT, true, "-m conntrack --ctstate INVALID -j DROP", ""},
        {6, KJ_FW_INPUT, false, "-p icmpv6 --icmpv6-type # -j ACCEPT",
         "1 2 3 4 128 133 134 135 136 141 142 144 145 146 147 148 149"},
        {6, KJ_FW_INPUT, false, "-p icmpv6 -s fe80::/10 --icmpv6-type # -j ACCEPT", "130 131 132 143 151 152 153"},
        {6, KJ_FW_INPUT, false, "-p udp -s fe80::/10 --sport 547 -d fe80::/10 --dport 546 -j ACCEPT", ""},
        {6, KJ_FW_INPUT, false, "-p udp -d ff02::fb --dport 5353 -j ACCEPT", ""},
        {6, KJ_FW_INPUT, false, "-p udp -d ff02::f --dport 1900 -j ACCEPT", ""},
        {6, KJ_FW_FORWARD, true, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ""},
        {6, KJ_FW_FORWARD, false, "-p icmpv6 --icmpv6-type # -j ACCEPT", "1 2 3 4 128 129"},
        {6, KJ_FW_OUTPUT, true, "-o lo -j ACCEPT", ""},
        {6, KJ_FW_OUTPUT, true, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ""},
        {6, KJ_FW_OUTPUT, false, "-p icmpv6 --icmpv6-type # -j ACCEPT",
         "1 2 3 4 128 129 130 131 132 133 134 135 136 141 142 143 148 149 151 152 153"},
};

static const struct place {
	enum kj_fw_hook hook;
	const char *base, *suffix;
} places[] = {
        {KJ_FW_INPUT, "INPUT", "input"}, {KJ_FW_FORWARD, "FORWARD", "forward"}, {KJ_FW_OUTPUT, "OUTPUT", "output"}};

/* One chain of one family in the making. */
struct frame {
	struct kj_fw_ruleset *rs;
	kj_str table;
	unsigned version;
	const struct place *place;
	struct kj_fw_chain *base;
};

static kj_str name_of(const struct frame *frame, const char *part)
{
	return kj_str_fmt(frame->rs->arena, "ufw%s-%s-%s", frame->version == 6 ? "6" : "", part, frame->place->suffix);
}

/* A chain that the dump declares, or NULL. */
static struct kj_fw_chain *own_chain(const struct frame *frame, const char *part)
{
	struct kj_fw_chain *chain = kj_fw_chain_find(frame->rs, frame->table, name_of(frame, part));
	return chain && chain->declared ? chain : NULL;
}

static void add_jump(const struct frame *frame, struct kj_fw_chain *from, struct kj_fw_chain *to)
{
	kj_str text = kj_str_fmt(frame->rs->arena, "ufw's own: -j %.*s", KJ_FMT(to->name));
	kj_fw_rule_to(kj_fw_rule(frame->rs, from, 0, text), KJ_FW_JUMP, to);
}

static void add_words(const struct frame *frame, bool sure, kj_str words)
{
	struct kj_ipt_words split = {0};
	kj_str text = kj_str_fmt(frame->rs->arena, "ufw's own: %.*s", KJ_FMT(words));
	struct kj_ipt_rule ipt = {.rs = frame->rs, .table = frame->table, .version = frame->version, .words = &split};
	ipt.rule = kj_fw_rule(frame->rs, frame->base, 0, text);
	kj_ipt_split(frame->rs->arena, words, &split);
	kj_ipt_read_rule(&ipt);
	ipt.rule->maybe |= !sure;
}

static void add_before(const struct frame *frame, const struct before *before)
{
	kj_str words = kj_str_of(before->words), types = kj_str_of(before->types), type;
	size_t mark = kj_str_find(words, '#');
	if (mark == words.n)
		add_words(frame, before->sure, words);
	while (mark < words.n && kj_str_word(&types, &type))
		add_words(frame, before->sure,
		          kj_str_fmt(frame->rs->arena, "%.*s%.*s%.*s", (int)mark, words.p, KJ_FMT(type),
		                     KJ_FMT(kj_str_from(words, mark + 1))));
}

/* The before rules: those of the dump, from which ufw jumps to the user's, or those that ufw ships. */
static void add_befores(const struct frame *frame)
{
	struct kj_fw_chain *own = own_chain(frame, "before");
	struct kj_fw_chain *user = kj_fw_chain(frame->rs, frame->table, name_of(frame, "user"));
	if (own)
		add_jump(frame, frame->base, own);
	for (size_t i = 0; !own && i < COUNT(befores); i++) {
		if (befores[i].version == frame->version && befores[i].hook == frame->place->hook)
			add_before(frame, &befores[i]);
	}
	add_jump(frame, own ? own : frame->base, user);
}

static void set_policy(const struct frame *frame, enum kj_fw_verdict policy, const struct kj_ufw_defaults *defaults)
{
	frame->base->policy = policy;
	frame->base->policy_line = defaults->line;
	frame->base->policy_text = defaults->text;
}

struct kj_fw_chain *kj_ufw_user_chain(struct kj_fw_ruleset *rs, kj_str table, unsigned version, enum kj_fw_hook hook)
{
	for (size_t i = 0; i < COUNT(places); i++) {
		struct frame frame = {.rs = rs, .table = table, .version = version, .place = &places[i]};
		if (places[i].hook == hook)
			return kj_fw_chain(rs, table, name_of(&frame, "user"));
	}
	return NULL;
}

void kj_ufw_frame(struct kj_fw_ruleset *rs, kj_str table, unsigned version, const struct kj_ufw_defaults *defaults)
{
	const enum kj_fw_verdict policies[] = {defaults->input, defaults->forward, defaults->output};
	for (size_t i = 0; i < COUNT(places); i++) {
		struct frame frame = {.rs = rs, .table = table, .version = version, .place = &places[i]};
		frame.base = kj_fw_chain_declare(rs, table, kj_str_of(places[i].base), 0);
		kj_fw_base(frame.base, places[i].hook, KJ_FW_PRIORITY_FILTER, version == 6 ? KJ_FW_V6 : KJ_FW_V4);
		add_befores(&frame);
		struct kj_fw_chain *after = own_chain(&frame, "after");
		if (after)
			add_jump(&frame, frame.base, after);
		set_policy(&frame, policies[i], defaults);
	}
}
