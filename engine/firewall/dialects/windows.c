#include "firewall/dialects/windows.h"

#include "firewall/dialects/windows_match.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define PROFILES     3u

static const char *const profile_names[PROFILES] = {"Domain", "Private", "Public"};

struct build {
	const struct kj_win_firewall *fw;
	struct kj_fw_ruleset *rs;
	unsigned profiles; /* those that can be */
	unsigned rest;     /* the one that also stands for interfaces of no known profile */
	bool hidden;       /* some rule's program was not told */
};

/* One direction. */
struct way {
	struct build *build;
	struct kj_fw_chain *chain;
	bool in;
	bool split; /* its profiles are not all alike */
};

/* -- words -- */

void kj_win_split(struct kj_arena *arena, struct kj_win_words *words, kj_str list)
{
	kj_str rest = list, piece, word;
	while (kj_str_cut(&rest, ',', &piece)) {
		while (kj_str_word(&piece, &word))
			KJ_PUSH(arena, &words->at, word);
	}
}

static const struct {
	kj_str word;
	unsigned profiles;
} profile_words[] = {
        {KJ_STR_INIT("Domain"), KJ_WIN_DOMAIN},     {KJ_STR_INIT("Private"), KJ_WIN_PRIVATE},
        {KJ_STR_INIT("Public"), KJ_WIN_PUBLIC},     {KJ_STR_INIT("Standard"), KJ_WIN_PRIVATE},
        {KJ_STR_INIT("ドメイン"), KJ_WIN_DOMAIN},   {KJ_STR_INIT("プライベート"), KJ_WIN_PRIVATE},
        {KJ_STR_INIT("パブリック"), KJ_WIN_PUBLIC}, {KJ_STR_INIT("Any"), KJ_WIN_ALL},
        {KJ_STR_INIT("All"), KJ_WIN_ALL},           {KJ_STR_INIT("任意"), KJ_WIN_ALL},
};

unsigned kj_win_profiles(kj_str list)
{
	unsigned profiles = 0;
	kj_str rest = list, piece;
	while (kj_str_cut(&rest, ',', &piece)) {
		for (size_t i = 0; i < COUNT(profile_words); i++) {
			if (kj_str_eq_fold(kj_str_trim(piece), profile_words[i].word))
				profiles |= profile_words[i].profiles;
		}
	}
	return profiles;
}

void kj_win_note(struct kj_win_firewall *fw, uint32_t line, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(fw->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	if (fw->notes.n < KJ_FW_NOTE_MAX)
		KJ_PUSH(fw->arena, &fw->notes, (struct kj_fw_note){line, kj_buf_str(&buf)});
}

/* -- profiles -- */

/* Only on interfaces whose network has one of the profiles. The number 0 stands for interfaces of no known profile. */
static void test_profiles(struct way *way, struct kj_fw_rule *rule, unsigned profiles)
{
	const struct build *build = way->build;
	profiles &= build->profiles;
	if (profiles == build->profiles)
		return;
	way->split = true;
	struct kj_fw_set *set = kj_fw_set(build->rs, 1);
	if (profiles & build->rest)
		kj_fw_set_num(build->rs, set, 0, 0);
	for (unsigned i = 0; i < PROFILES; i++) {
		if (!(build->profiles & 1u << i))
			continue;
		uint32_t id = kj_fw_iface_id(build->rs, kj_str_of(profile_names[i]), false);
		if (profiles & 1u << i)
			kj_fw_set_num(build->rs, set, id, id);
	}
	kj_fw_test(build->rs, rule, way->in ? KJ_FW_IIF : KJ_FW_OIF, false, set);
}

static struct kj_fw_rule *add(struct way *way, uint32_t line, kj_str text, enum kj_fw_verdict verdict,
                              unsigned profiles)
{
	struct kj_fw_rule *rule = kj_fw_rule(way->build->rs, way->chain, line, text);
	rule->verdict = verdict;
	test_profiles(way, rule, profiles);
	return rule;
}

/* Whether a profile that is not told is switched on, nobody knows: all that it would block may be open. */
static void add_untold(struct way *way)
{
	unsigned untold = 0;
	for (unsigned i = 0; i < PROFILES; i++)
		untold |= way->build->fw->profile[i].on == KJ_WIN_UNTOLD ? 1u << i : 0;
	untold &= way->build->profiles;
	if (!untold)
		return;
	add(way, 0, KJ_STR("state not in the dump: may be off"), KJ_FW_ACCEPT, untold)->maybe = true;
	struct kj_buf list = KJ_BUF(way->build->rs->arena);
	for (unsigned i = 0; i < PROFILES; i++) {
		if (untold & 1u << i)
			kj_buf_fmt(&list, "%s%s", list.n ? ", " : "", profile_names[i]);
	}
	if (way->in)
		kj_fw_note(way->build->rs, 0,
		           "whether the firewall is on is not in the dump for these profiles: %.*s ('netsh advfirewall "
		           "show "
		           "allprofiles' or Get-NetFirewallProfile tells)",
		           KJ_FMT(kj_buf_str(&list)));
}

/* What a profile decides before any rule. */
static void add_states(struct way *way)
{
	for (unsigned i = 0; i < PROFILES; i++) {
		const struct kj_win_profile *profile = &way->build->fw->profile[i];
		if (!(way->build->profiles & 1u << i))
			continue;
		if (profile->on == KJ_WIN_NO)
			add(way, profile->line, profile->text, KJ_FW_ACCEPT, 1u << i);
		else if (profile->shielded && way->in)
			add(way, profile->line, profile->text, KJ_FW_DROP, 1u << i);
	}
	add_untold(way);
}

static bool accepts(const struct way *way, unsigned profile)
{
	const struct kj_win_profile *p = &way->build->fw->profile[profile];
	return way->in ? p->lets_in : !p->keeps_in;
}

/* What a profile decides after all rules. The last profile's decision is the policy. */
static void add_defaults(struct way *way)
{
	unsigned last = 0;
	for (unsigned i = 0; i < PROFILES; i++)
		last = way->build->profiles & 1u << i ? i : last;
	const struct kj_win_profile *final = &way->build->fw->profile[last];
	way->chain->policy = accepts(way, last) ? KJ_FW_ACCEPT : KJ_FW_DROP;
	way->chain->policy_line = final->line;
	way->chain->policy_text = final->line ? final->text : KJ_STR("default action");
	for (unsigned i = 0; i < last; i++) {
		const struct kj_win_profile *profile = &way->build->fw->profile[i];
		if (way->build->profiles & 1u << i && accepts(way, i) != accepts(way, last))
			add(way, profile->line, profile->text, accepts(way, i) ? KJ_FW_ACCEPT : KJ_FW_DROP, 1u << i);
	}
}

/* A rule without effect that names every profile: so each is told apart where one is. */
static void name_profiles(struct way *way)
{
	struct build *build = way->build;
	if (!way->split)
		return;
	struct kj_fw_rule *rule = kj_fw_rule(build->rs, way->chain, 0, KJ_STR("profiles"));
	struct kj_fw_set *set = kj_fw_set(build->rs, 1);
	for (uint32_t id = 1; id < build->rs->ifaces.n; id++)
		kj_fw_set_num(build->rs, set, id, id);
	kj_fw_test(build->rs, rule, way->in ? KJ_FW_IIF : KJ_FW_OIF, false, set);
}

/* -- rules -- */

/* A rule whose program is not told is taken for one that holds for all programs where it names ports (block rules also: addresses). Rules for a
   program seldom do; those that Windows makes on its own for a program name neither. */
static bool may_be_for_a_program(const struct kj_win_rule *rule)
{
	bool named = !kj_win_any(&rule->local_ports) || !kj_win_any(&rule->remote_ports) ||
	             !kj_win_portless_is_wide(rule->protocol) ||
	             (rule->action == KJ_WIN_BLOCK && !kj_win_any(&rule->remote));
	return rule->programs_hidden && !named;
}

static enum kj_fw_verdict verdict_of(const struct kj_win_rule *rule)
{
	static const enum kj_fw_verdict verdicts[] = {KJ_FW_UNSURE, KJ_FW_ACCEPT, KJ_FW_DROP, KJ_FW_ACCEPT};
	return verdicts[rule->action];
}

/* The profiles on which the rule is in force, and those where it may be. */
static unsigned in_force(const struct build *build, const struct kj_win_rule *rule, bool *maybe)
{
	unsigned profiles = rule->profiles & build->profiles;
	for (unsigned i = 0; i < PROFILES; i++) {
		if (!build->fw->profile[i].foreign_only || !(profiles & 1u << i))
			continue;
		if (rule->local_source == KJ_WIN_YES)
			profiles &= ~(1u << i);
		*maybe |= rule->local_source == KJ_WIN_UNTOLD;
	}
	return profiles;
}

static struct kj_fw_rule *add_rule(struct way *way, const struct kj_win_rule *from, unsigned profiles,
                                   const struct kj_fw_set *local, const struct kj_fw_set *remote)
{
	struct kj_fw_ruleset *rs = way->build->rs;
	struct kj_fw_rule *rule = add(way, from->line, from->text, verdict_of(from), profiles);
	kj_win_test_protocol(rs, rule, from, local || remote);
	if (local)
		kj_fw_test(rs, rule, way->in ? KJ_FW_DPORT : KJ_FW_SPORT, false, local);
	if (remote)
		kj_fw_test(rs, rule, way->in ? KJ_FW_SPORT : KJ_FW_DPORT, false, remote);
	kj_win_test_addresses(rs, rule, way->in ? KJ_FW_DST : KJ_FW_SRC, &from->local);
	kj_win_test_addresses(rs, rule, way->in ? KJ_FW_SRC : KJ_FW_DST, &from->remote);
	return rule;
}

/* All that the rule asks beyond the model, as one note. */
static void add_conditions(const struct way *way, struct kj_fw_rule *rule, const struct kj_win_rule *from)
{
	struct kj_buf what = KJ_BUF(way->build->rs->arena);
	for (size_t i = 0; i < from->only.at.n; i++) {
		kj_buf_put(&what, i ? KJ_STR(", ") : KJ_STR(""));
		kj_buf_put(&what, from->only.at.at[i]);
	}
	if (what.n)
		kj_fw_beyond(way->build->rs, rule, kj_buf_str(&what));
}

static bool has_keywords(const struct kj_win_ports *ports)
{
	return !ports->any && ports->all->at.n > ports->sure->at.n;
}

/* The rule for the ports it is sure of; and, where keywords stand for others, one that may match those. */
static void add_rules(struct way *way, const struct kj_win_rule *from)
{
	bool hidden = may_be_for_a_program(from);
	bool maybe = hidden || from->only.at.n || from->action == KJ_WIN_BYPASS || (from->in && from->out);
	unsigned profiles = in_force(way->build, from, &maybe);
	if (!profiles)
		return;
	way->build->hidden |= hidden;
	struct kj_win_ports local = kj_win_ports(way->build->rs, &from->local_ports, from->line);
	struct kj_win_ports remote = kj_win_ports(way->build->rs, &from->remote_ports, from->line);
	bool keywords = has_keywords(&local) || has_keywords(&remote);
	if (keywords && !maybe)
		add_rule(way, from, profiles, local.sure, remote.sure);
	struct kj_fw_rule *rule = add_rule(way, from, profiles, local.all, remote.all);
	add_conditions(way, rule, from);
	rule->maybe |= maybe || keywords;
}

static void add_all(struct way *way, enum kj_win_action action)
{
	for (size_t i = 0; i < way->build->fw->rules.n; i++) {
		const struct kj_win_rule *rule = &way->build->fw->rules.at[i];
		if (rule->action == action && (way->in ? rule->in : rule->out))
			add_rules(way, rule);
	}
}

/* -- the ruleset -- */

static void build_way(struct build *build, bool in)
{
	static const enum kj_win_action order[] = {KJ_WIN_BYPASS, KJ_WIN_UNTOLD_ACTION, KJ_WIN_BLOCK, KJ_WIN_ALLOW};
	kj_str name = in ? KJ_STR("inbound") : KJ_STR("outbound");
	struct way way = {build, kj_fw_chain_declare(build->rs, KJ_STR(""), name, 0), in, false};
	kj_fw_base(way.chain, in ? KJ_FW_INPUT : KJ_FW_OUTPUT, KJ_FW_PRIORITY_FILTER, KJ_FW_V46);
	if (build->fw->partial)
		add(&way, 0, KJ_STR("what could not be read"), KJ_FW_UNSURE, KJ_WIN_ALL);
	add_states(&way);
	for (size_t i = 0; i < COUNT(order); i++)
		add_all(&way, order[i]);
	add_defaults(&way);
	name_profiles(&way);
}

/* Rules do not hold for what the machine routes for others. */
static void build_forward(struct build *build)
{
	struct kj_fw_chain *chain = kj_fw_chain_declare(build->rs, KJ_STR(""), KJ_STR("forwarded"), 0);
	kj_fw_base(chain, KJ_FW_FORWARD, KJ_FW_PRIORITY_FILTER, KJ_FW_V46);
	chain->policy = KJ_FW_UNSURE;
	chain->policy_text = KJ_STR("whether this machine routes is not in the dump");
}

struct kj_fw_ruleset *kj_win_ruleset(const struct kj_win_firewall *fw, const char *dialect)
{
	struct build build = {.fw = fw, .profiles = fw->active ? fw->active : KJ_WIN_ALL};
	build.rs = kj_fw_ruleset_new(fw->arena, fw->text, dialect, KJ_FW_V46);
	for (unsigned i = 0; i < PROFILES; i++)
		build.rest = build.profiles & 1u << i ? 1u << i : build.rest;
	for (size_t i = 0; i < fw->notes.n; i++)
		kj_fw_note(build.rs, fw->notes.at[i].line, "%.*s", KJ_FMT(fw->notes.at[i].what));
	build_way(&build, true);
	build_way(&build, false);
	build_forward(&build);
	if (build.hidden)
		kj_fw_note(
		        build.rs, 0,
		        "the dump does not tell which rules hold for one program only (netsh: 'verbose'; PowerShell: "
		        "Get-NetFirewallApplicationFilter): those that name no ports may be such");
	kj_fw_finish(build.rs);
	return build.rs;
}
