/* `netsh advfirewall firewall show rule name=all`, with or without `verbose`, and `netsh advfirewall show allprofiles`, in English and Japanese. Other
   languages are known by their shape only. Labels: netsh of Windows 7 to 11. */
#include "firewall/dialects/windows.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum field {
	NAME,
	DESCRIPTION,
	ENABLED,
	DIRECTION,
	PROFILES,
	GROUPING,
	LOCAL_IP,
	REMOTE_IP,
	PROTOCOL,
	LOCAL_PORT,
	REMOTE_PORT,
	EDGE,
	PROGRAM,
	SERVICE,
	INTERFACES,
	COMPUTERS,
	USERS,
	SECURITY,
	SOURCE,
	ACTION,
	FIELDS
};

static const struct {
	kj_str english, japanese;
} labels[FIELDS] = {
        [NAME] = {KJ_STR_INIT("Rule Name"), KJ_STR_INIT("規則名")},
        [DESCRIPTION] = {KJ_STR_INIT("Description"), KJ_STR_INIT("説明")},
        [ENABLED] = {KJ_STR_INIT("Enabled"), KJ_STR_INIT("有効")},
        [DIRECTION] = {KJ_STR_INIT("Direction"), KJ_STR_INIT("方向")},
        [PROFILES] = {KJ_STR_INIT("Profiles"), KJ_STR_INIT("プロファイル")},
        [GROUPING] = {KJ_STR_INIT("Grouping"), KJ_STR_INIT("グループ")},
        [LOCAL_IP] = {KJ_STR_INIT("LocalIP"), KJ_STR_INIT("ローカル IP")},
        [REMOTE_IP] = {KJ_STR_INIT("RemoteIP"), KJ_STR_INIT("リモート IP")},
        [PROTOCOL] = {KJ_STR_INIT("Protocol"), KJ_STR_INIT("プロトコル")},
        [LOCAL_PORT] = {KJ_STR_INIT("LocalPort"), KJ_STR_INIT("ローカル ポート")},
        [REMOTE_PORT] = {KJ_STR_INIT("RemotePort"), KJ_STR_INIT("リモート ポート")},
        [EDGE] = {KJ_STR_INIT("Edge traversal"), KJ_STR_INIT("エッジ トラバーサル")},
        [PROGRAM] = {KJ_STR_INIT("Program"), KJ_STR_INIT("プログラム")},
        [SERVICE] = {KJ_STR_INIT("Service"), KJ_STR_INIT("サービス")},
        [INTERFACES] = {KJ_STR_INIT("InterfaceTypes"), KJ_STR_INIT("インターフェイスの種類")},
        [COMPUTERS] = {KJ_STR_INIT("RemoteComputerGroup"), KJ_STR_INIT("リモート コンピューター グループ")},
        [USERS] = {KJ_STR_INIT("RemoteUserGroup"), KJ_STR_INIT("リモート ユーザー グループ")},
        [SECURITY] = {KJ_STR_INIT("Security"), KJ_STR_INIT("セキュリティ")},
        [SOURCE] = {KJ_STR_INIT("Rule source"), KJ_STR_INIT("規則のソース")},
        [ACTION] = {KJ_STR_INIT("Action"), KJ_STR_INIT("操作")},
};

static const struct {
	kj_str word;
	char letter;
} answers[] = {
        {KJ_STR_INIT("Yes"), 'y'},      {KJ_STR_INIT("はい"), 'y'},     {KJ_STR_INIT("No"), 'n'},
        {KJ_STR_INIT("いいえ"), 'n'},   {KJ_STR_INIT("In"), 'i'},       {KJ_STR_INIT("入力"), 'i'},
        {KJ_STR_INIT("受信"), 'i'},     {KJ_STR_INIT("Out"), 'o'},      {KJ_STR_INIT("出力"), 'o'},
        {KJ_STR_INIT("送信"), 'o'},     {KJ_STR_INIT("Allow"), 'a'},    {KJ_STR_INIT("許可"), 'a'},
        {KJ_STR_INIT("Block"), 'b'},    {KJ_STR_INIT("ブロック"), 'b'}, {KJ_STR_INIT("Bypass"), 'p'},
        {KJ_STR_INIT("バイパス"), 'p'}, {KJ_STR_INIT("ON"), '1'},       {KJ_STR_INIT("オン"), '1'},
        {KJ_STR_INIT("OFF"), '0'},      {KJ_STR_INIT("オフ"), '0'},
};

static char answer(kj_str word)
{
	for (size_t i = 0; i < COUNT(answers); i++) {
		if (kj_str_eq_fold(answers[i].word, word))
			return answers[i].letter;
	}
	return '?';
}

struct netsh {
	struct kj_win_firewall fw;
	uint32_t line;
	/* the rule at work */
	bool in_rule;
	struct kj_win_rule rule;
	kj_str value[FIELDS];
	bool seen[FIELDS];
	enum field last;
	bool doubtful; /* it holds something that cannot be read */
	bool lost;     /* … in its lists: what they hold is not known */
	/* the profile at work, or NULL */
	struct kj_win_profile *profile;
	/* the text as a whole */
	bool inbound;           /* the list has inbound rules */
	bool listed;            /* there are rules, or it is said that there are none */
	bool in_list;           /* rules came since the last "Ok." */
	uint32_t cut;           /* where a list of rules ends without it; or 0 */
	unsigned lists, titled; /* lists with inbound rules; profiles whose settings are told */
	bool twice;             /* … and of one of them a second time */
	bool foreign;           /* speaks a language that we do not know */
};

/* -- lines -- */

/* "Label:   value"; the label is empty when there is none. */
static kj_str label_of(kj_str line, kj_str *value)
{
	size_t colon = kj_str_find(line, ':'), wide = kj_str_find_str(line, KJ_STR("："));
	size_t at = colon < wide ? colon : wide;
	*value = kj_str_trim(kj_str_from(line, at + (at == colon ? 1 : 3)));
	bool begins = line.n && !kj_is_space(line.p[0]);
	return begins && at < line.n ? kj_str_trim(kj_str_upto(line, at)) : KJ_STR("");
}

static bool is_rule_line(kj_str line)
{
	size_t i = 0;
	while (i < line.n && line.p[i] == '-')
		i++;
	return i >= 20 && i == line.n;
}

static enum field find_field(kj_str label)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		if (kj_str_eq_fold(labels[i].english, label) || kj_str_eq(labels[i].japanese, label))
			return (enum field)i;
	}
	return FIELDS;
}

/* -- rules -- */

/* What a rule asks beyond addresses and ports: its field, and the value that asks nothing. */
static const struct {
	enum field field;
	const char *what;
	kj_str nothing;
} conditions[] = {
        {PROGRAM, "program", KJ_STR_INIT("Any")},       {SERVICE, "service", KJ_STR_INIT("Any")},
        {INTERFACES, "interfaces", KJ_STR_INIT("Any")}, {COMPUTERS, "computers", KJ_STR_INIT("Any")},
        {USERS, "users", KJ_STR_INIT("Any")},           {SECURITY, "security", KJ_STR_INIT("NotRequired")},
};

static void read_conditions(struct netsh *netsh)
{
	struct kj_win_rule *rule = &netsh->rule;
	for (size_t i = 0; i < COUNT(conditions); i++) {
		kj_str value = netsh->value[conditions[i].field];
		if (value.n && !kj_str_eq_fold(value, conditions[i].nothing) && !kj_str_eq(value, KJ_STR("任意")))
			KJ_PUSH(netsh->fw.arena, &rule->only.at,
			        kj_str_fmt(netsh->fw.arena, "%s %.*s", conditions[i].what, KJ_FMT(value)));
	}
	bool verbose = netsh->seen[PROGRAM] || netsh->seen[INTERFACES] || netsh->seen[SECURITY] || netsh->seen[SOURCE];
	rule->programs_hidden = !verbose;
}

/* A value that must be there and be one of ours. */
static char demand(struct netsh *netsh, enum field field)
{
	char letter = answer(netsh->value[field]);
	if (letter != '?')
		return letter;
	netsh->doubtful = true;
	netsh->fw.partial |= !netsh->seen[field];
	if (netsh->seen[field])
		kj_win_note(&netsh->fw, netsh->rule.line, "'%.*s' is not known as a value of '%.*s'",
		            KJ_FMT(netsh->value[field]), KJ_FMT(labels[field].english));
	else
		kj_win_note(&netsh->fw, netsh->rule.line, "the rule has no '%.*s': is the text cut off?",
		            KJ_FMT(labels[field].english));
	return letter;
}

/* Where the values of a field that holds a list go; NULL for other fields. */
static struct kj_win_words *words_of(struct netsh *netsh, enum field field)
{
	switch (field) {
	case LOCAL_IP:
		return &netsh->rule.local;
	case REMOTE_IP:
		return &netsh->rule.remote;
	case LOCAL_PORT:
		return &netsh->rule.local_ports;
	case REMOTE_PORT:
		return &netsh->rule.remote_ports;
	default:
		return NULL;
	}
}

static void read_profiles(struct netsh *netsh)
{
	struct kj_win_rule *rule = &netsh->rule;
	rule->profiles = kj_win_profiles(netsh->value[PROFILES]);
	if (rule->profiles)
		return;
	rule->profiles = KJ_WIN_ALL;
	if (netsh->seen[PROFILES])
		kj_win_note(&netsh->fw, rule->line, "'%.*s' is not known as a profile; taken for all of them",
		            KJ_FMT(netsh->value[PROFILES]));
	netsh->doubtful |= netsh->seen[PROFILES];
}

/* Whatever its lists say, the rule may be for something else. */
static void forget_lists(struct netsh *netsh)
{
	static const struct kj_win_words none;
	struct kj_win_rule *rule = &netsh->rule;
	rule->local = rule->remote = rule->local_ports = rule->remote_ports = rule->icmp = none;
	rule->protocol = KJ_STR("");
	if (!netsh->doubtful)
		KJ_PUSH(netsh->fw.arena, &rule->only.at, KJ_STR("a line that is not read"));
}

static void end_rule(struct netsh *netsh)
{
	struct kj_win_rule *rule = &netsh->rule;
	if (!netsh->in_rule)
		return;
	netsh->in_rule = false;
	char enabled = demand(netsh, ENABLED);
	if (enabled == 'n')
		return;
	char direction = demand(netsh, DIRECTION), action = demand(netsh, ACTION);
	rule->in = direction != 'o';
	rule->out = direction != 'i';
	rule->protocol = netsh->value[PROTOCOL];
	netsh->inbound |= rule->in;
	read_profiles(netsh);
	read_conditions(netsh);
	if (netsh->lost)
		forget_lists(netsh);
	rule->action = action == 'a' ? KJ_WIN_ALLOW : action == 'b' ? KJ_WIN_BLOCK : KJ_WIN_BYPASS;
	if (netsh->doubtful || (action != 'a' && action != 'b' && action != 'p'))
		rule->action = KJ_WIN_UNTOLD_ACTION;
	KJ_PUSH(netsh->fw.arena, &netsh->fw.rules, *rule);
}

static void begin_rule(struct netsh *netsh, kj_str line, kj_str name)
{
	end_rule(netsh);
	netsh->profile = NULL;
	netsh->in_rule = true;
	netsh->doubtful = netsh->lost = false;
	netsh->rule = (struct kj_win_rule){.line = netsh->line, .text = kj_str_trim(line)};
	for (unsigned i = 0; i < FIELDS; i++) {
		netsh->seen[i] = false;
		netsh->value[i] = KJ_STR("");
	}
	netsh->seen[NAME] = true;
	netsh->value[NAME] = name;
	netsh->last = NAME;
}

static void take_field(struct netsh *netsh, enum field field, kj_str value)
{
	if (netsh->seen[field]) {
		kj_win_note(&netsh->fw, netsh->line, "'%.*s' stands twice in one rule", KJ_FMT(labels[field].english));
		netsh->doubtful = netsh->lost = true;
	}
	netsh->seen[field] = true;
	netsh->value[field] = value;
	netsh->last = field;
	struct kj_win_words *words = words_of(netsh, field);
	if (words)
		kj_win_split(netsh->fw.arena, words, value);
}

static bool is_number_or_any(kj_str word)
{
	bool digits = word.n > 0;
	for (size_t i = 0; i < word.n; i++)
		digits &= kj_is_digit(word.p[i]);
	return digits || kj_str_eq_fold(word, KJ_STR("Any")) || kj_str_eq(word, KJ_STR("任意"));
}

/* A line of the table below an ICMP protocol: "8    Any", under "Type    Code". False when it is none. */
static bool take_icmp(struct netsh *netsh, kj_str line)
{
	kj_str rest = line, type, code;
	if (!kj_str_starts_fold(netsh->value[PROTOCOL], KJ_STR("ICMP")) || !kj_str_word(&rest, &type) ||
	    !kj_str_word(&rest, &code))
		return false;
	if (kj_str_eq_fold(type, KJ_STR("Type")) || kj_str_eq(type, KJ_STR("種類")))
		return true;
	KJ_PUSH(netsh->fw.arena, &netsh->rule.icmp.at,
	        kj_str_fmt(netsh->fw.arena, "%.*s:%.*s", KJ_FMT(type), KJ_FMT(code)));
	return is_number_or_any(type) && is_number_or_any(code);
}

/* A line that goes on with the field before it. netsh indents such; what begins at the margin was wrapped by a terminal,
   in the middle of a word perhaps. */
static void take_more(struct netsh *netsh, kj_str line)
{
	struct kj_win_words *words = words_of(netsh, netsh->last);
	if (netsh->last == PROTOCOL && take_icmp(netsh, line))
		return;
	if (words && kj_is_space(*line.p)) {
		kj_win_split(netsh->fw.arena, words, line);
	} else if (netsh->last != DESCRIPTION && netsh->last != GROUPING && netsh->last != NAME) {
		kj_win_note(&netsh->fw, netsh->line, "'%.*s' is not read", KJ_FMT(kj_str_trim(line)));
		netsh->lost = true;
	}
}

static void take_rule_line(struct netsh *netsh, kj_str line)
{
	kj_str value, label = label_of(line, &value);
	enum field field = find_field(label);
	if (field < FIELDS)
		take_field(netsh, field, value);
	else
		take_more(netsh, line);
}

/* -- profiles -- */

static const struct {
	kj_str english, japanese;
} profile_titles[] = {
        {KJ_STR_INIT("Domain Profile"), KJ_STR_INIT("ドメイン プロファイル")},
        {KJ_STR_INIT("Private Profile"), KJ_STR_INIT("プライベート プロファイル")},
        {KJ_STR_INIT("Public Profile"), KJ_STR_INIT("パブリック プロファイル")},
};

/* Which profile's settings the line heads, or -1. */
static int find_profile(kj_str line)
{
	kj_str value;
	if (!label_of(line, &value).n || value.n)
		return -1;
	for (size_t i = 0; i < COUNT(profile_titles); i++) {
		if (kj_str_starts_fold(line, profile_titles[i].english) ||
		    kj_str_starts(line, profile_titles[i].japanese))
			return (int)i;
	}
	return -1;
}

static const struct {
	kj_str word;
	bool in, lets, shielded;
} policies[] = {
        {KJ_STR_INIT("BlockInbound"), true, false, false},  {KJ_STR_INIT("BlockInboundAlways"), true, false, true},
        {KJ_STR_INIT("AllowInbound"), true, true, false},   {KJ_STR_INIT("BlockOutbound"), false, false, false},
        {KJ_STR_INIT("AllowOutbound"), false, true, false}, {KJ_STR_INIT("NotConfigured"), true, false, false},
};

/* "BlockInbound,AllowOutbound": the same in every language. */
static void take_policy(struct netsh *netsh, kj_str list)
{
	kj_str rest = list, word;
	while (kj_str_cut(&rest, ',', &word)) {
		size_t i = 0;
		while (i < COUNT(policies) && !kj_str_eq_fold(policies[i].word, kj_str_trim(word)))
			i++;
		if (i == COUNT(policies)) {
			kj_win_note(&netsh->fw, netsh->line, "'%.*s' is not known as a firewall policy", KJ_FMT(word));
			netsh->fw.partial = true;
		} else if (policies[i].in) {
			netsh->profile->lets_in = policies[i].lets;
			netsh->profile->shielded = policies[i].shielded;
		} else {
			netsh->profile->keeps_in = !policies[i].lets;
		}
	}
}

static bool takes(kj_str *line, kj_str word)
{
	if (!kj_str_starts_fold(*line, word) || (line->n > word.n && !kj_is_space(line->p[word.n])))
		return false;
	*line = kj_str_trim(kj_str_from(*line, word.n));
	return true;
}

static void take_profile_line(struct netsh *netsh, kj_str line)
{
	kj_str rest = kj_str_trim(line);
	if (takes(&rest, KJ_STR("State")) || takes(&rest, KJ_STR("状態"))) {
		char letter = answer(rest);
		netsh->profile->on = letter == '1' ? KJ_WIN_YES : letter == '0' ? KJ_WIN_NO : KJ_WIN_UNTOLD;
		netsh->profile->line = netsh->line;
		netsh->profile->text = kj_str_trim(line);
		if (netsh->profile->on == KJ_WIN_UNTOLD)
			kj_win_note(&netsh->fw, netsh->line, "'%.*s' is not known as a state", KJ_FMT(rest));
	} else if (takes(&rest, KJ_STR("Firewall Policy")) || takes(&rest, KJ_STR("ファイアウォール ポリシー"))) {
		take_policy(netsh, rest);
		if (netsh->profile->on != KJ_WIN_NO) {
			netsh->profile->line = netsh->line;
			netsh->profile->text = kj_str_trim(line);
		}
	}
}

/* -- the text -- */

/* netsh says "Ok." below its rules. */
static void end_list(struct netsh *netsh, bool ok)
{
	end_rule(netsh);
	if (netsh->in_list && !ok)
		netsh->cut = netsh->line;
	netsh->lists += netsh->inbound;
	netsh->inbound = netsh->in_list = false;
}

/* A heading: a line that ends in a label and its value, or in a colon, above a line of dashes. */
static void take_heading(struct netsh *netsh, kj_str line)
{
	kj_str value, label = label_of(line, &value);
	int profile = find_profile(line);
	if (find_field(label) == NAME) {
		begin_rule(netsh, line, value);
		netsh->in_list = netsh->listed = true;
	} else if (profile >= 0) {
		end_list(netsh, false);
		netsh->twice |= netsh->titled & 1u << profile;
		netsh->titled |= 1u << profile;
		netsh->profile = &netsh->fw.profile[profile];
	} else if (label.n) {
		end_rule(netsh);
		netsh->profile = NULL;
		if (!netsh->foreign)
			kj_win_note(&netsh->fw, netsh->line,
			            "'%.*s': only the English and the Japanese words of netsh are known; what this "
			            "says is not "
			            "evaluated",
			            KJ_FMT(label));
		netsh->foreign = true;
	}
}

static bool is_end(kj_str line)
{
	kj_str word = kj_str_trim(line);
	return kj_str_eq_fold(word, KJ_STR("Ok.")) || kj_str_eq_fold(word, KJ_STR("OK"));
}

static void take_line(struct netsh *netsh, kj_str line, kj_str next)
{
	netsh->line++;
	line = kj_str_trim_right(line);
	netsh->listed |= kj_str_eq(line, KJ_STR("No rules match the specified criteria."));
	if (is_rule_line(line))
		return;
	if (is_rule_line(kj_str_trim_right(next))) {
		take_heading(netsh, line);
	} else if (is_end(line)) {
		end_list(netsh, true);
		netsh->profile = NULL;
	} else if (netsh->in_rule && line.n) {
		take_rule_line(netsh, line);
	} else if (netsh->profile && line.n) {
		take_profile_line(netsh, line);
	}
}

/* Nothing of a list may be missing; and of one machine netsh tells the profiles once. */
static void check_whole(struct netsh *netsh)
{
	end_list(netsh, false);
	if (netsh->cut && !netsh->foreign)
		kj_win_note(&netsh->fw, netsh->cut, "the list of rules has no 'Ok.' at its end: is the text cut off?");
	if (netsh->twice && netsh->lists > 1)
		kj_win_note(&netsh->fw, 0,
		            "the profiles and the rules stand in the text more than once: if they are of several "
		            "machines, give each a file of its own");
	if (!netsh->listed && !netsh->foreign)
		kj_win_note(
		        &netsh->fw, 0,
		        "the dump has no rules ('netsh advfirewall firewall show rule name=all verbose' lists them)");
	netsh->fw.partial |= netsh->cut || !netsh->listed || (netsh->twice && netsh->lists > 1);
}

static kj_str without_mark(kj_str s)
{
	return kj_str_starts(s, KJ_STR("\xef\xbb\xbf")) ? kj_str_from(s, 3) : s;
}

static void parse(struct kj_fw_reading *reading)
{
	struct netsh netsh = {.fw = {.arena = reading->arena, .text = reading->text}};
	kj_str rest = without_mark(reading->text->bytes), line, next;
	bool more = kj_str_line(&rest, &line);
	while (more) {
		bool following = kj_str_line(&rest, &next);
		take_line(&netsh, line, following ? next : KJ_STR(""));
		line = next;
		more = following;
	}
	check_whole(&netsh);
	netsh.fw.partial |= netsh.foreign;
	KJ_PUSH(reading->arena, &reading->rulesets, kj_win_ruleset(&netsh.fw, "netsh"));
}

/* -- recognising -- */

static bool names_protocol(kj_str value)
{
	static const kj_str words[] = {KJ_STR_INIT("TCP"), KJ_STR_INIT("UDP"), KJ_STR_INIT("ICMPv4"),
	                               KJ_STR_INIT("ICMPv6")};
	for (size_t i = 0; i < COUNT(words); i++) {
		if (kj_str_eq(words[i], value))
			return true;
	}
	return false;
}

/* A block in any language: below the line of dashes, at least eight labels and among them a protocol; or a policy of allprofiles. */
static bool foreign_block(kj_str rest)
{
	kj_str line, value;
	unsigned labelled = 0;
	bool protocol = false;
	for (unsigned i = 0; i < 24 && kj_str_line(&rest, &line) && kj_str_trim(line).n; i++) {
		labelled += label_of(line, &value).n > 0;
		protocol |= names_protocol(value);
		if (kj_str_find_str(line, KJ_STR("Inbound,")) < line.n)
			return true;
	}
	return labelled >= 8 && protocol;
}

static int recognise(kj_str text)
{
	kj_str rest = without_mark(text), line, value, before = KJ_STR("");
	int foreign = 0;
	while (kj_str_line(&rest, &line)) {
		kj_str label = label_of(kj_str_trim_right(before), &value);
		if (label.n && is_rule_line(kj_str_trim_right(line))) {
			if (find_field(label) == NAME || find_profile(kj_str_trim_right(before)) >= 0)
				return 95;
			if (!foreign && foreign_block(rest))
				foreign = 60;
		}
		before = line;
	}
	return foreign;
}

const struct kj_fw_dialect kj_fw_dialect_netsh = {
        .name = "netsh",
        .about = "Windows: netsh advfirewall firewall show rule name=all [verbose], show allprofiles",
        .recognise = recognise,
        .parse = parse,
        .joins = KJ_FW_JOINS,
};
