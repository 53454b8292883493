/* The Windows firewall as `reg export` writes it: …\Services\SharedAccess\Parameters\FirewallPolicy (local) and
   …\Policies\Microsoft\WindowsFirewall (group policy). Rules are texts of the grammar in MS-GPFAS 2.2.2.19:
   "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|RA4=LocalSubnet|App=…|". */
#include "base/num.h"
#include "firewall/dialects/windows.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Where in the registry a line stands. */
enum place { ELSEWHERE, RULES, SERVICE_RULES, PROFILE, POLICY };

/* A profile's settings of one store. -1: not set. */
struct store {
	int64_t on, in, out, no_exceptions, merge;
	uint32_t line; /* of EnableFirewall, else of the first setting */
	kj_str text;
};

struct registry {
	struct kj_win_firewall fw;
	uint32_t line;
	enum place place;
	bool group_policy; /* the key belongs to group policy */
	unsigned profile;  /* its index */
	bool seen_rules, noted_services;
	struct store store[2][3]; /* local, group policy */
};

/* -- keys -- */

static const struct {
	const char *end;
	enum place place;
	unsigned profile;
} keys[] = {
        {"\\DomainProfile", PROFILE, 0}, {"\\PrivateProfile", PROFILE, 1}, {"\\StandardProfile", PROFILE, 1},
        {"\\PublicProfile", PROFILE, 2}, {"\\FirewallRules", RULES, 0},    {"\\WindowsFirewall", POLICY, 0},
        {"\\FirewallPolicy", POLICY, 0},
};

static bool mentions(kj_str text, const char *word)
{
	return kj_str_find_str(text, kj_str_of(word)) < text.n;
}

static void take_key(struct registry *registry, kj_str key)
{
	kj_str lower = kj_str_lower(registry->fw.arena, key);
	registry->group_policy = mentions(lower, "\\policies\\microsoft\\windowsfirewall");
	registry->place = ELSEWHERE;
	if (!registry->group_policy && !mentions(lower, "\\sharedaccess\\"))
		return;
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!kj_str_ends_fold(key, kj_str_of(keys[i].end)))
			continue;
		registry->place = keys[i].place;
		registry->profile = keys[i].profile;
	}
	if (mentions(lower, "\\restrictedservices\\"))
		registry->place = SERVICE_RULES;
}

/* -- rules -- */

/* Fields that hold lists; of "LPort2_10" and the like only the beginning counts. */
static struct kj_win_words *words_of(struct kj_win_rule *rule, kj_str field)
{
	if (kj_str_starts_fold(field, KJ_STR("LPort")))
		return &rule->local_ports;
	if (kj_str_starts_fold(field, KJ_STR("RPort")))
		return &rule->remote_ports;
	if (kj_str_starts_fold(field, KJ_STR("LA4")) || kj_str_starts_fold(field, KJ_STR("LA6")))
		return &rule->local;
	if (kj_str_starts_fold(field, KJ_STR("RA4")) || kj_str_starts_fold(field, KJ_STR("RA6")))
		return &rule->remote;
	return kj_str_eq_fold(field, KJ_STR("ICMP4")) || kj_str_eq_fold(field, KJ_STR("ICMP6")) ? &rule->icmp : NULL;
}

/* Fields that change nothing about what is let in. */
static const kj_str idle[] = {
        KJ_STR_INIT("Name"),  KJ_STR_INIT("Desc"), KJ_STR_INIT("EmbedCtxt"), KJ_STR_INIT("Edge"),
        KJ_STR_INIT("Defer"), KJ_STR_INIT("LSM"),  KJ_STR_INIT("Active"),
};

static bool is_idle(kj_str field)
{
	for (size_t i = 0; i < COUNT(idle); i++) {
		if (kj_str_eq_fold(idle[i], field))
			return true;
	}
	return false;
}

static void take_action(struct kj_win_rule *rule, kj_str value)
{
	static const struct {
		const char *word;
		enum kj_win_action action;
	} actions[] = {{"Allow", KJ_WIN_ALLOW}, {"Block", KJ_WIN_BLOCK}, {"ByPass", KJ_WIN_BYPASS}};
	for (size_t i = 0; i < COUNT(actions); i++) {
		if (kj_str_eq_fold(value, kj_str_of(actions[i].word)))
			rule->action = actions[i].action;
	}
}

static void take_field(struct registry *registry, struct kj_win_rule *rule, kj_str field, kj_str value)
{
	struct kj_arena *arena = registry->fw.arena;
	struct kj_win_words *words = words_of(rule, field);
	if (words) {
		kj_win_split(arena, words, value);
	} else if (kj_str_eq_fold(field, KJ_STR("Action"))) {
		take_action(rule, value);
	} else if (kj_str_eq_fold(field, KJ_STR("Dir"))) {
		rule->in = !kj_str_eq_fold(value, KJ_STR("Out"));
		rule->out = !kj_str_eq_fold(value, KJ_STR("In"));
	} else if (kj_str_eq_fold(field, KJ_STR("Protocol"))) {
		rule->protocol = value;
	} else if (kj_str_eq_fold(field, KJ_STR("Profile"))) {
		unsigned profile = kj_win_profiles(value);
		rule->profiles |= profile ? profile : KJ_WIN_ALL;
	} else if (!is_idle(field) && !kj_str_eq(value, KJ_STR("*"))) {
		KJ_PUSH(arena, &rule->only.at, kj_str_fmt(arena, "%.*s=%.*s", KJ_FMT(field), KJ_FMT(value)));
	}
}

/* "field=value"; false when the rule is switched off. */
static bool take_fields(struct registry *registry, struct kj_win_rule *rule, kj_str data)
{
	kj_str rest = data, piece;
	bool active = true;
	kj_str_cut(&rest, '|', &piece); /* the version */
	while (kj_str_cut(&rest, '|', &piece)) {
		size_t equals = kj_str_find(piece, '=');
		kj_str field = kj_str_upto(piece, equals), value = kj_str_from(piece, equals + 1);
		if (kj_str_eq_fold(field, KJ_STR("Active")) && kj_str_eq_fold(value, KJ_STR("FALSE")))
			active = false;
		if (field.n)
			take_field(registry, rule, field, value);
	}
	return active;
}

static void take_rule(struct registry *registry, kj_str line, kj_str data)
{
	struct kj_win_rule rule = {.line = registry->line, .text = kj_str_trim(line), .in = true, .out = true};
	rule.local_source = registry->group_policy ? KJ_WIN_NO : KJ_WIN_YES;
	if (!take_fields(registry, &rule, data))
		return;
	if (!rule.action || (rule.in && rule.out))
		kj_win_note(&registry->fw, registry->line, "the rule's action or direction cannot be read");
	rule.profiles = rule.profiles ? rule.profiles : KJ_WIN_ALL;
	KJ_PUSH(registry->fw.arena, &registry->fw.rules, rule);
}

/* -- profiles -- */

static const struct {
	const char *name;
	size_t offset;
} settings[] = {
        {"EnableFirewall", offsetof(struct store, on)},
        {"DefaultInboundAction", offsetof(struct store, in)},
        {"DefaultOutboundAction", offsetof(struct store, out)},
        {"DoNotAllowExceptions", offsetof(struct store, no_exceptions)},
        {"AllowLocalPolicyMerge", offsetof(struct store, merge)},
};

static void take_setting(struct registry *registry, kj_str line, kj_str name, kj_str data)
{
	struct store *store = &registry->store[registry->group_policy][registry->profile];
	uint64_t value;
	for (size_t i = 0; i < COUNT(settings); i++) {
		if (!kj_str_eq_fold(name, kj_str_of(settings[i].name)))
			continue;
		if (!kj_str_starts_fold(data, KJ_STR("dword:")) || !kj_num_base(kj_str_from(data, 6), 16, &value)) {
			kj_win_note(&registry->fw, registry->line, "'%.*s' is not read", KJ_FMT(kj_str_trim(line)));
			registry->fw.partial = true;
			return;
		}
		*(int64_t *)(void *)((char *)store + settings[i].offset) = (int64_t)value;
		if (!store->line || settings[i].offset == offsetof(struct store, on)) {
			store->line = registry->line;
			store->text = kj_str_trim(line);
		}
	}
}

/* Group policy goes before the machine's own setting. */
static int64_t effective(const struct registry *registry, unsigned profile, size_t offset)
{
	for (int policy = 1; policy >= 0; policy--) {
		const struct store *store = &registry->store[policy][profile];
		int64_t value = *(const int64_t *)(const void *)((const char *)store + offset);
		if (value >= 0)
			return value;
	}
	return -1;
}

static void settle_profiles(struct registry *registry)
{
	for (unsigned i = 0; i < 3; i++) {
		struct kj_win_profile *profile = &registry->fw.profile[i];
		const struct store *store = &registry->store[registry->store[1][i].on >= 0][i];
		int64_t on = effective(registry, i, offsetof(struct store, on));
		profile->on = on < 0 ? KJ_WIN_UNTOLD : on ? KJ_WIN_YES : KJ_WIN_NO;
		profile->lets_in = effective(registry, i, offsetof(struct store, in)) == 0;
		profile->keeps_in = effective(registry, i, offsetof(struct store, out)) == 1;
		profile->shielded = effective(registry, i, offsetof(struct store, no_exceptions)) == 1;
		profile->foreign_only = registry->store[1][i].merge == 0;
		profile->line = store->line;
		profile->text = store->text;
	}
}

/* -- lines -- */

/* A text in quotes at the beginning of s; *after: behind it. */
static bool quoted(struct kj_arena *arena, kj_str s, kj_str *text, kj_str *after)
{
	struct kj_buf out = KJ_BUF(arena);
	if (!s.n || s.p[0] != '"')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"') {
			*text = kj_buf_str(&out);
			*after = kj_str_from(s, i + 1);
			return true;
		}
		i += s.p[i] == '\\' && i + 1 < s.n;
		kj_buf_char(&out, s.p[i]);
	}
	return false;
}

static void take_value(struct registry *registry, kj_str line)
{
	kj_str name, rest, data = KJ_STR(""), after;
	if (!quoted(registry->fw.arena, line, &name, &rest) || !rest.n || rest.p[0] != '=')
		return;
	rest = kj_str_trim(kj_str_from(rest, 1));
	if (registry->place == PROFILE) {
		take_setting(registry, line, name, rest);
	} else if (registry->place == RULES) {
		quoted(registry->fw.arena, rest, &data, &after);
		take_rule(registry, line, data);
	} else if (registry->place == SERVICE_RULES && !registry->noted_services) {
		kj_win_note(&registry->fw, registry->line, "the restrictions of single services are not evaluated");
		registry->noted_services = true;
	}
}

static void parse(struct kj_fw_reading *reading)
{
	struct registry registry = {.fw = {.arena = reading->arena, .text = reading->text}};
	for (unsigned i = 0; i < 6; i++)
		registry.store[i / 3][i % 3] = (struct store){-1, -1, -1, -1, -1, 0, KJ_STR("")};
	kj_str rest = reading->text->bytes, line;
	while (kj_str_line(&rest, &line)) {
		registry.line++;
		line = kj_str_trim(line);
		if (line.n > 1 && line.p[0] == '[' && line.p[line.n - 1] == ']')
			take_key(&registry, kj_str_upto(kj_str_from(line, 1), line.n - 2));
		else
			take_value(&registry, line);
		registry.seen_rules |= registry.place == RULES && !registry.group_policy;
	}
	if (!registry.seen_rules) {
		kj_win_note(&registry.fw, 0,
		            "the machine's own rules (SharedAccess\\…\\FirewallRules) are not in the dump");
		registry.fw.partial = true;
	}
	settle_profiles(&registry);
	KJ_PUSH(reading->arena, &reading->rulesets, kj_win_ruleset(&registry.fw, "windows-registry"));
}

static int recognise(kj_str text)
{
	bool ours = mentions(text, "\\FirewallPolicy") || mentions(text, "\\FirewallRules]");
	bool reg = mentions(kj_str_upto(text, 256), "Windows Registry Editor") ||
	           mentions(kj_str_upto(text, 256), "REGEDIT4");
	return ours ? (reg ? 95 : mentions(text, "|Action=") ? 70 : 0) : 0;
}

const struct kj_fw_dialect kj_fw_dialect_windows_registry = {
        .name = "windows-registry",
        .about = "Windows: reg export of SharedAccess\\Parameters\\FirewallPolicy and "
                 "Policies\\Microsoft\\WindowsFirewall",
        .recognise = recognise,
        .parse = parse,
};
