/* PowerShell's NetSecurity objects as ConvertTo-Json writes them: Get-NetFirewallRule with Get-NetFirewallPortFilter, AddressFilter and the others (joined
   by InstanceID), Get-NetFirewallProfile, Get-NetConnectionProfile. In one value or several, lists or single objects, enumerations as numbers
   (PowerShell 5.1) or names; also rules that carry their ports and addresses themselves.
   https://learn.microsoft.com/powershell/module/netsecurity/ */
#include "base/num.h"
#include "firewall/dialects/windows.h"
#include "firewall/json_values.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* What is told about rules beside the rules themselves. */
enum kind { PORTS, ADDRESSES, PROGRAM, SERVICE, INTERFACE, INTERFACE_TYPE, SECURITY, KINDS };

/* A filter; `map` is NULL when there are several with one InstanceID. */
struct filter {
	const struct kj_node *map;
};

struct found_rule {
	const struct kj_fw_json_value *value;
	const struct kj_node *map;
};

struct dump {
	struct kj_win_firewall fw;
	KJ_VEC(struct found_rule) rules;
	struct kj_map filters[KINDS];
	bool any_profile;
};

/* -- values -- */

static const struct kj_node *get(const struct kj_node *map, const char *key)
{
	return kj_doc_get(map, kj_str_of(key));
}

/* The first of the keys that is there. */
static const struct kj_node *either(const struct kj_node *map, const char *a, const char *b)
{
	const struct kj_node *node = get(map, a);
	return node && node->kind != KJ_NULL ? node : get(map, b);
}

/* PowerShell 5.1 wraps lists and enumerations: {"value": …, "Count": 2}, {"value": 1, "Value": "Inbound"}. */
static const struct kj_node *unwrap(const struct kj_node *node)
{
	const struct kj_node *inner = node && node->kind == KJ_MAP ? either(node, "value", "Value") : NULL;
	return inner ? inner : node;
}

struct word {
	const char *name;
	int number, value;
};

/* The value of an enumeration, or -1. */
static int read_enum(const struct kj_node *node, const struct word *words, size_t n)
{
	kj_str text = kj_fw_json_text(unwrap(node));
	int64_t number = -1;
	bool numeric = kj_num_int(text, &number);
	for (size_t i = 0; i < n; i++) {
		if (numeric ? words[i].number == number : kj_str_eq_fold(text, kj_str_of(words[i].name)))
			return words[i].value;
	}
	return -1;
}

static const struct word enabled_words[] = {{"True", 1, 1}, {"False", 2, 0}};
static const struct word direction_words[] = {
        {"Inbound", 1, 'i'}, {"Outbound", 2, 'o'}, {"In", -2, 'i'}, {"Out", -2, 'o'}};
static const struct word action_words[] = {
        {"Allow", 2, KJ_WIN_ALLOW}, {"AllowBypass", 3, KJ_WIN_BYPASS}, {"Block", 4, KJ_WIN_BLOCK}};
/* GpoBoolean: False 0, True 1, NotConfigured 2. */
static const struct word switch_words[] = {
        {"False", 0, KJ_WIN_NO}, {"True", 1, KJ_WIN_YES}, {"NotConfigured", 2, KJ_WIN_UNTOLD}};
static const struct word default_words[] = {{"NotConfigured", 0, 0}, {"Allow", 2, 'a'}, {"Block", 4, 'b'}};
static const struct word category_words[] = {{"Public", 0, KJ_WIN_PUBLIC},
                                             {"Private", 1, KJ_WIN_PRIVATE},
                                             {"DomainAuthenticated", 2, KJ_WIN_DOMAIN},
                                             {"Domain", -2, KJ_WIN_DOMAIN}};
static const struct word source_words[] = {
        {"Local", 1, KJ_WIN_YES}, {"GroupPolicy", 2, KJ_WIN_NO}, {"MDM", 6, KJ_WIN_NO}};

#define READ_ENUM(node, words) read_enum((node), (words), COUNT(words))

static void add_words(struct kj_arena *arena, struct kj_win_words *words, const struct kj_node *node)
{
	node = unwrap(node);
	for (size_t i = 0; node && node->kind == KJ_SEQ && i < node->n; i++)
		kj_win_split(arena, words, kj_fw_json_text(node->items[i]));
	if (node && node->kind != KJ_SEQ)
		kj_win_split(arena, words, kj_fw_json_text(node));
}

static unsigned read_profiles(const struct kj_node *map)
{
	kj_str text = kj_fw_json_text(unwrap(either(map, "Profile", "Profiles")));
	int64_t bits;
	if (kj_num_int(text, &bits))
		return bits == 0 ? KJ_WIN_ALL : (unsigned)bits & KJ_WIN_ALL;
	return kj_win_profiles(text);
}

/* -- collecting -- */

static bool has(const struct kj_node *map, const char *key)
{
	return get(map, key) != NULL;
}

static bool is_rule(const struct kj_node *map)
{
	return has(map, "Direction") && has(map, "Action") && has(map, "Enabled");
}

/* Which filter an object is, by the keys that only this one has. */
static const struct {
	const char *key, *other;
	enum kind kind;
} filter_keys[] = {
        {"LocalPort", "IcmpType", PORTS},
        {"RemoteAddress", "RemoteIP", ADDRESSES},
        {"Program", "AppPath", PROGRAM},
        {"Service", "ServiceName", SERVICE},
        {"InterfaceType", "InterfaceType", INTERFACE_TYPE},
        {"InterfaceAlias", "InterfaceAlias", INTERFACE},
        {"Authentication", "OverrideBlockRules", SECURITY},
};

static bool take_filter(struct dump *dump, const struct kj_node *map)
{
	kj_str id = kj_fw_json_text(get(map, "InstanceID"));
	for (size_t i = 0; id.n && i < COUNT(filter_keys); i++) {
		if (!has(map, filter_keys[i].key) && !has(map, filter_keys[i].other))
			continue;
		void **at = kj_map_at(dump->fw.arena, &dump->filters[filter_keys[i].kind], id);
		struct filter *filter = KJ_NEW(dump->fw.arena, struct filter);
		filter->map = *at ? NULL : map;
		*at = filter;
		return true;
	}
	return false;
}

static void read_defaults(struct dump *dump, struct kj_win_profile *profile, const struct kj_node *map)
{
	int in = READ_ENUM(get(map, "DefaultInboundAction"), default_words);
	int out = READ_ENUM(get(map, "DefaultOutboundAction"), default_words);
	if (in < 0 || out < 0) {
		kj_win_note(&dump->fw, profile->line, "the profile's default actions cannot be read");
		dump->fw.partial = true;
	}
	profile->lets_in = in == 'a';
	profile->keeps_in = out == 'b';
	profile->shielded = READ_ENUM(get(map, "AllowInboundRules"), switch_words) == KJ_WIN_NO;
	profile->foreign_only = READ_ENUM(get(map, "AllowLocalFirewallRules"), switch_words) == KJ_WIN_NO;
}

static void take_profile(struct dump *dump, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	kj_str name = kj_fw_json_text(either(map, "Name", "Profile"));
	unsigned profiles = kj_win_profiles(name);
	uint32_t line = kj_fw_json_line(value, map);
	if (!profiles) {
		kj_win_note(&dump->fw, line, "'%.*s' is not known as a profile", KJ_FMT(name));
		dump->fw.partial = true;
	}
	int on = READ_ENUM(get(map, "Enabled"), switch_words);
	for (unsigned i = 0; i < 3; i++) {
		struct kj_win_profile *profile = &dump->fw.profile[i];
		if (!(profiles & 1u << i))
			continue;
		profile->line = line;
		profile->text = kj_str_fmt(dump->fw.arena, "%.*s profile", KJ_FMT(name));
		profile->on = on < 0 ? KJ_WIN_UNTOLD : (enum kj_win_truth)on;
		read_defaults(dump, profile, map);
	}
}

static bool take_map(void *ctx, const struct kj_fw_json_value *value, const struct kj_node *map)
{
	struct dump *dump = ctx;
	if (has(map, "OwningProcess"))
		return true; /* a socket */
	if (has(map, "DefaultInboundAction")) {
		take_profile(dump, value, map);
	} else if (has(map, "NetworkCategory")) {
		int category = READ_ENUM(get(map, "NetworkCategory"), category_words);
		dump->fw.active |= category > 0 ? (unsigned)category : KJ_WIN_ALL;
	} else if (is_rule(map)) {
		KJ_PUSH(dump->fw.arena, &dump->rules, (struct found_rule){value, map});
	} else {
		return take_filter(dump, map);
	}
	return true;
}

/* -- rules -- */

/* The object that tells the rule's ports, addresses …: its filter, or itself. *known: false when there is none. */
static const struct kj_node *filter_of(const struct dump *dump, const struct kj_node *map, enum kind kind,
                                       const char *own, bool *known)
{
	const struct filter *filter = kj_map_get(&dump->filters[kind], kj_fw_json_text(get(map, "InstanceID")));
	if (!filter)
		filter = kj_map_get(&dump->filters[kind], kj_fw_json_text(either(map, "Name", "ID")));
	const struct kj_node *found = filter ? filter->map : has(map, own) ? map : NULL;
	*known = found != NULL;
	return found;
}

static void add_condition(struct dump *dump, struct kj_win_rule *rule, const char *what, kj_str text)
{
	bool none = !text.n || kj_str_eq_fold(text, KJ_STR("Any")) || kj_str_eq_fold(text, KJ_STR("NotRequired")) ||
	            kj_str_eq_fold(text, KJ_STR("False")) || kj_str_eq(text, KJ_STR("0"));
	if (!none)
		KJ_PUSH(dump->fw.arena, &rule->only.at, kj_str_fmt(dump->fw.arena, "%s %.*s", what, KJ_FMT(text)));
}

/* Every value of a list, or the one. */
static void add_conditions(struct dump *dump, struct kj_win_rule *rule, const char *what, const struct kj_node *node)
{
	node = unwrap(node);
	add_condition(dump, rule, what, kj_fw_json_text(node));
	for (size_t i = 0; node && node->kind == KJ_SEQ && i < node->n; i++)
		add_condition(dump, rule, what, kj_fw_json_text(node->items[i]));
}

/* What else a rule may ask: in which filter, under which key. */
static const struct {
	enum kind kind;
	const char *key, *what;
} conditions[] = {
        {PROGRAM, "Program", "program"},
        {PROGRAM, "AppPath", "program"},
        {PROGRAM, "Package", "package"},
        {SERVICE, "Service", "service"},
        {SERVICE, "ServiceName", "service"},
        {INTERFACE, "InterfaceAlias", "interface"},
        {INTERFACE_TYPE, "InterfaceType", "interface type"},
        {SECURITY, "Authentication", "authentication"},
        {SECURITY, "Encryption", "encryption"},
        {SECURITY, "LocalUser", "local user"},
        {SECURITY, "RemoteUser", "remote user"},
        {SECURITY, "RemoteMachine", "remote computer"},
        {PORTS, "DynamicTarget", "dynamic target"},
        {PORTS, "DynamicTransport", "dynamic transport"},
};

static void read_conditions(struct dump *dump, struct kj_win_rule *rule, const struct kj_node *map)
{
	bool known;
	for (size_t i = 0; i < COUNT(conditions); i++) {
		const struct kj_node *from = filter_of(dump, map, conditions[i].kind, conditions[i].key, &known);
		add_conditions(dump, rule, conditions[i].what, from ? get(from, conditions[i].key) : NULL);
	}
	add_condition(dump, rule, "owner", kj_fw_json_text(get(map, "Owner")));
	add_condition(dump, rule, "package", kj_fw_json_text(get(map, "PackageFamilyName")));
	add_condition(dump, rule, "local only mapping", kj_fw_json_text(get(map, "LocalOnlyMapping")));
	add_conditions(dump, rule, "remote dynamic keyword", get(map, "RemoteDynamicKeywordAddresses"));
	filter_of(dump, map, PROGRAM, "Program", &known);
	rule->programs_hidden = !known;
}

static void read_ports(struct dump *dump, struct kj_win_rule *rule, const struct kj_node *map)
{
	bool known;
	const struct kj_node *from = filter_of(dump, map, PORTS, "Protocol", &known);
	if (!known) {
		add_condition(dump, rule, "ports", KJ_STR("(their filter is not in the dump)"));
		return;
	}
	rule->protocol = kj_fw_json_text(unwrap(get(from, "Protocol")));
	add_words(dump->fw.arena, &rule->local_ports, get(from, "LocalPort"));
	add_words(dump->fw.arena, &rule->remote_ports, get(from, "RemotePort"));
	add_words(dump->fw.arena, &rule->icmp, get(from, "IcmpType"));
}

static void read_addresses(struct dump *dump, struct kj_win_rule *rule, const struct kj_node *map)
{
	bool known;
	const struct kj_node *from = filter_of(dump, map, ADDRESSES, "RemoteAddress", &known);
	if (!known) {
		add_condition(dump, rule, "addresses", KJ_STR("(their filter is not in the dump)"));
		return;
	}
	add_words(dump->fw.arena, &rule->local, either(from, "LocalAddress", "LocalIP"));
	add_words(dump->fw.arena, &rule->remote, either(from, "RemoteAddress", "RemoteIP"));
}

static void read_head(struct dump *dump, struct kj_win_rule *rule, const struct kj_node *map)
{
	int direction = READ_ENUM(get(map, "Direction"), direction_words);
	int action = READ_ENUM(get(map, "Action"), action_words);
	int source = READ_ENUM(get(map, "PolicyStoreSourceType"), source_words);
	rule->in = direction != 'o';
	rule->out = direction != 'i';
	rule->action = action < 0 ? KJ_WIN_UNTOLD_ACTION : (enum kj_win_action)action;
	rule->local_source = source < 0 ? KJ_WIN_UNTOLD : (enum kj_win_truth)source;
	rule->profiles = read_profiles(map);
	if (direction < 0 || action < 0 || !rule->profiles)
		kj_win_note(&dump->fw, rule->line,
		            "the direction, the action or the profiles of rule '%.*s' cannot be read",
		            KJ_FMT(rule->text));
	if (!rule->profiles) {
		rule->profiles = KJ_WIN_ALL;
		rule->action = KJ_WIN_UNTOLD_ACTION;
	}
}

static void read_rule(struct dump *dump, const struct found_rule *found)
{
	int enabled = READ_ENUM(get(found->map, "Enabled"), enabled_words);
	struct kj_win_rule rule = {.line = kj_fw_json_line(found->value, found->map)};
	rule.text = kj_fw_json_text(either(found->map, "DisplayName", "Name"));
	if (!rule.text.n)
		rule.text = kj_fw_json_text(either(found->map, "ElementName", "InstanceID"));
	if (!enabled)
		return;
	read_head(dump, &rule, found->map);
	read_ports(dump, &rule, found->map);
	read_addresses(dump, &rule, found->map);
	read_conditions(dump, &rule, found->map);
	if (enabled < 0) {
		kj_win_note(&dump->fw, rule.line, "whether rule '%.*s' is enabled cannot be read", KJ_FMT(rule.text));
		rule.action = KJ_WIN_UNTOLD_ACTION;
	}
	KJ_PUSH(dump->fw.arena, &dump->fw.rules, rule);
}

/* -- the text -- */

static void parse(struct kj_fw_reading *reading)
{
	struct dump dump = {.fw = {.arena = reading->arena, .text = reading->text}};
	struct kj_fw_json json = kj_fw_json_read(reading->arena, reading->text, reading->diags);
	for (size_t i = 0; i < json.values.n; i++)
		kj_fw_json_maps(&json.values.at[i], take_map, &dump);
	if (json.cut)
		kj_win_note(&dump.fw, json.cut, "the text breaks off here: what follows is not known");
	if (json.malformed)
		kj_win_note(&dump.fw, 0, "a part of the text is not JSON: what it says is not known");
	if (!dump.rules.n)
		kj_win_note(&dump.fw, 0, "the dump has no rules (Get-NetFirewallRule lists them)");
	dump.fw.partial |= json.cut || json.malformed || !dump.rules.n;
	for (size_t i = 0; i < dump.rules.n; i++)
		read_rule(&dump, &dump.rules.at[i]);
	KJ_PUSH(reading->arena, &reading->rulesets, kj_win_ruleset(&dump.fw, "windows-json"));
}

static bool mentions(kj_str text, const char *word)
{
	return kj_str_find_str(text, kj_str_of(word)) < text.n;
}

static int recognise(kj_str text)
{
	kj_str body = kj_str_trim_left(kj_str_starts(text, KJ_STR("\xef\xbb\xbf")) ? kj_str_from(text, 3) : text);
	bool json = body.n && (body.p[0] == '{' || body.p[0] == '[');
	if (mentions(text, "\"DefaultInboundAction\""))
		return json ? 95 : 60;
	bool rule = mentions(text, "\"Direction\"") && mentions(text, "\"Action\"") && mentions(text, "\"Enabled\"");
	bool ours = mentions(text, "\"InstanceID\"") || mentions(text, "\"DisplayName\"") ||
	            mentions(text, "\"DisplayGroup\"");
	return rule && ours ? (json ? 90 : 55) : 0;
}

const struct kj_fw_dialect kj_fw_dialect_windows_json = {
        .name = "windows-json",
        .about = "Windows: Get-NetFirewallRule, …PortFilter, …AddressFilter, …Profile as JSON",
        .recognise = recognise,
        .parse = parse,
        .joins = KJ_FW_JOINS,
};
