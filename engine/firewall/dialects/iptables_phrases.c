/* What the print functions of iptables' extensions write (libxt_*.c, libipt_*.c, libip6t_*.c of iptables 1.4 to 1.8): one row a phrase. */
#include "base/buf.h"
#include "base/num.h"
#include "firewall/dialects/iptables_list.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct reader {
	struct kj_ipl_text *in;
	KJ_VEC(kj_str) words;
	size_t next, end; /* the target's own words begin at `end` */
	bool negated;     /* "!" stood before the phrase */
};

struct phrase;
/* Reads what follows the phrase's first word; false when it is not as expected. `value`: what that word has behind the phrase's name. */
typedef bool take_fn(struct reader *r, const struct phrase *phrase, kj_str value);

struct phrase {
	const char *word;
	bool begins; /* `word` is only the beginning of the first word */
	take_fn *take;
	const char *with; /* what `take` needs to know */
};

/* -- words -- */

static bool more(const struct reader *r)
{
	return r->next < r->end;
}

static kj_str take_word(struct reader *r)
{
	return more(r) ? r->words.at[r->next++] : KJ_STR("");
}

static bool take_if(struct reader *r, const char *word)
{
	if (!more(r) || !kj_str_eq(r->words.at[r->next], kj_str_of(word)))
		return false;
	r->next++;
	return true;
}

/* The words first .. next-1 as they stand in the line. */
static kj_str span(const struct reader *r, size_t first)
{
	kj_str a = r->words.at[first], b = r->words.at[r->next - 1];
	return (kj_str){a.p, (size_t)(b.p + b.n - a.p)};
}

bool kj_ipl_plain(kj_str word)
{
	return word.n && kj_str_find_any(kj_str_upto(word, 1), KJ_STR("-!\"'")) == 1;
}

/* Some versions print no blank before "flags:": "dpt:22flags: 0x17/0x02". */
static void split(struct reader *r)
{
	struct kj_arena *arena = r->in->rs->arena;
	kj_str rest = r->in->text, word;
	while (kj_str_word(&rest, &word)) {
		size_t flags = kj_str_find_str(word, KJ_STR("flags:"));
		if (flags > 0 && flags < word.n) {
			KJ_PUSH(arena, &r->words, kj_str_upto(word, flags));
			word = kj_str_from(word, flags);
		}
		KJ_PUSH(arena, &r->words, word);
	}
	r->end = r->words.n;
}

/* -- phrases with a counterpart -- */

/* A value with its negation: "!22", "! 22". */
static kj_str value_of(struct reader *r, kj_str value)
{
	if (!value.n)
		value = take_word(r);
	if (kj_str_starts(value, KJ_STR("!"))) {
		r->negated = !r->negated;
		value = value.n > 1 ? kj_str_from(value, 1) : take_word(r);
	}
	return value;
}

/* Appends "MODULE [!] OPTION VALUE"; `with` is "-m MODULE|--OPTION" or "--OPTION". */
static bool put(struct reader *r, const char *with, kj_str value)
{
	kj_str option = kj_str_of(with), module = KJ_STR("");
	size_t bar = kj_str_find(option, '|');
	if (!kj_ipl_plain(value))
		return false;
	if (bar < option.n) {
		module = kj_str_upto(option, bar);
		option = kj_str_from(option, bar + 1);
	}
	kj_buf_fmt(r->in->matches, " %.*s%s %.*s ", KJ_FMT(module), r->negated ? " !" : "", KJ_FMT(option));
	kj_buf_put(r->in->matches, value);
	return true;
}

static bool take_nothing(struct reader *r, const struct phrase *phrase, kj_str value)
{
	(void)phrase, (void)value;
	return !r->negated;
}

static bool take_value(struct reader *r, const struct phrase *phrase, kj_str value)
{
	return put(r, phrase->with, value_of(r, value));
}

/* "mark match 0x1" */
static bool take_match_value(struct reader *r, const struct phrase *phrase, kj_str value)
{
	return take_if(r, "match") && take_value(r, phrase, value);
}

static bool take_flags(struct reader *r, const struct phrase *phrase, kj_str value)
{
	value = value_of(r, value);
	size_t slash = kj_str_find(value, '/');
	kj_str mask = kj_str_upto(value, slash), bits = kj_str_from(value, slash + 1);
	return kj_ipl_plain(mask) && kj_ipl_plain(bits) &&
	       put(r, phrase->with, kj_str_fmt(r->in->rs->arena, "%.*s %.*s", KJ_FMT(mask), KJ_FMT(bits)));
}

static bool take_multiport(struct reader *r, const struct phrase *phrase, kj_str value)
{
	static const char *const kinds[][2] = {{"sports", "--sports"}, {"dports", "--dports"}, {"ports", "--ports"}};
	(void)phrase;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (take_if(r, kinds[i][0]))
			return put(r, kinds[i][1], value_of(r, value));
	}
	return false;
}

/* "icmptype 3 code 4", "icmp type 3", "icmp !type 8", "icmp echo-request" */
static bool take_icmp(struct reader *r, const struct phrase *phrase, kj_str value)
{
	kj_str type = value_of(r, value);
	bool named = kj_str_eq(type, KJ_STR("type")),
	     numeric = named || kj_str_ends(kj_str_of(phrase->word), KJ_STR("type"));
	if (named)
		type = take_word(r);
	if (numeric && take_if(r, "codes"))
		return false;
	if (numeric && take_if(r, "code")) {
		kj_str code = take_word(r);
		type = kj_str_fmt(r->in->rs->arena, "%.*s/%.*s", KJ_FMT(type), KJ_FMT(code));
	}
	return put(r, phrase->with, type);
}

/* "source IP range 192.0.2.1-192.0.2.9" */
static bool take_range(struct reader *r, const struct phrase *phrase, kj_str value)
{
	return take_if(r, "IP") && take_if(r, "range") && take_value(r, phrase, value);
}

static bool take_set(struct reader *r, const struct phrase *phrase, kj_str value)
{
	kj_str name = value.n ? value : take_word(r), flags = take_word(r);
	return kj_ipl_plain(name) && kj_ipl_plain(flags) &&
	       put(r, phrase->with, kj_str_fmt(r->in->rs->arena, "%.*s %.*s", KJ_FMT(name), KJ_FMT(flags)));
}

/* "TTL match TTL < 5", "HL match HL == 255"; `with`: the options for ==, < and >. */
static bool take_ttl(struct reader *r, const struct phrase *phrase, kj_str value)
{
	static const struct order {
		const char *sign, *option;
		bool negated;
	} orders[] = {{"==", "eq", false}, {"!=", "eq", true}, {"<", "lt", false}, {">", "gt", false}};
	if (!take_if(r, "match") || !take_if(r, phrase->word))
		return false;
	kj_str sign = take_word(r);
	value = take_word(r);
	for (size_t i = 0; i < COUNT(orders); i++) {
		if (!kj_str_eq(sign, kj_str_of(orders[i].sign)))
			continue;
		r->negated = orders[i].negated;
		return put(r,
		           kj_str_zero(r->in->rs->arena, kj_str_fmt(r->in->rs->arena, "-m %s|--%s-%s", phrase->with,
		                                                    phrase->with, orders[i].option)),
		           value);
	}
	return false;
}

static bool take_pkttype(struct reader *r, const struct phrase *phrase, kj_str value)
{
	r->negated = take_if(r, "!=");
	return (r->negated || take_if(r, "=")) && take_value(r, phrase, value);
}

static bool take_addrtype(struct reader *r, const struct phrase *phrase, kj_str value)
{
	static const char *const kinds[][2] = {{"src-type", "-m addrtype|--src-type"},
	                                       {"dst-type", "-m addrtype|--dst-type"}};
	bool known = take_if(r, "match");
	(void)phrase, (void)value;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		r->negated = false;
		if (known && take_if(r, kinds[i][0]))
			known = put(r, kinds[i][1], value_of(r, KJ_STR("")));
	}
	if (known && (take_if(r, "limit-in") || take_if(r, "limit-out")))
		kj_fw_beyond(r->in->rs, r->in->rule, KJ_STR("addrtype limited to an interface"));
	return known;
}

static bool take_mac(struct reader *r, const struct phrase *phrase, kj_str value)
{
	return put(r, phrase->with, value_of(r, value));
}

static bool take_comment(struct reader *r, const struct phrase *phrase, kj_str value)
{
	(void)phrase, (void)value;
	while (more(r)) {
		if (kj_str_ends(take_word(r), KJ_STR("*/")))
			return true;
	}
	return false;
}

static bool take_goto(struct reader *r, const struct phrase *phrase, kj_str value)
{
	(void)phrase, (void)value;
	r->in->go = true;
	return true;
}

/* -- phrases beyond the model, whose ends are known -- */

static bool skip_words(struct reader *r, size_t n)
{
	for (; n; n--) {
		take_if(r, "!");
		if (!take_word(r).n)
			return false;
	}
	return true;
}

/* Takes one "key" of the list "key:n key:n …" with its n words; a key that ends in "*" is the beginning of a word. */
static bool skip_key(struct reader *r, kj_str list)
{
	kj_str row, word = more(r) ? r->words.at[r->next] : KJ_STR("");
	while (word.n && kj_str_word(&list, &row)) {
		size_t mark = kj_str_find_last(row, '=');
		kj_str key = kj_str_upto(row, mark);
		bool begins = kj_str_ends(key, KJ_STR("*"));
		if (begins ? !kj_str_starts(word, kj_str_upto(key, key.n - 1)) : !kj_str_eq(word, key))
			continue;
		r->next++;
		return skip_words(r, mark < row.n ? (size_t)(row.p[mark + 1] - '0') : 0);
	}
	return false;
}

/* All that belongs to the phrase, by its keys. */
static kj_str skip_keys(struct reader *r, const struct phrase *phrase)
{
	size_t first = r->next - 1;
	while (more(r)) {
		size_t before = r->next;
		take_if(r, "!");
		if (!skip_key(r, kj_str_of(phrase->with))) {
			r->next = before;
			break;
		}
	}
	return span(r, first);
}

static bool take_beyond(struct reader *r, const struct phrase *phrase, kj_str value)
{
	(void)value;
	kj_fw_beyond(r->in->rs, r->in->rule, skip_keys(r, phrase));
	return true;
}

/* A phrase of one word, or of as many as `with` says behind the first. */
static bool take_beyond_words(struct reader *r, const struct phrase *phrase, kj_str value)
{
	size_t first = r->next - 1;
	(void)value;
	if (!skip_words(r, (size_t)(*phrase->with - '0')))
		return false;
	kj_fw_beyond(r->in->rs, r->in->rule, span(r, first));
	return true;
}

/* `recent: SET` alone always matches: it only takes note of the sender. */
static bool take_recent(struct reader *r, const struct phrase *phrase, kj_str value)
{
	bool notes = !r->negated && more(r) && kj_str_eq(r->words.at[r->next], KJ_STR("SET"));
	(void)value;
	kj_str text = skip_keys(r, phrase);
	if (!notes)
		kj_fw_beyond(r->in->rs, r->in->rule, text);
	return true;
}

/* Extension headers of IPv6, which ordinary packets do not have. */
static bool take_header(struct reader *r, const struct phrase *phrase, kj_str value)
{
	(void)value;
	kj_str text = skip_keys(r, phrase);
	if (r->negated || kj_str_find(text, '!') < text.n)
		kj_fw_beyond(r->in->rs, r->in->rule, text);
	else
		kj_fw_test_odd(r->in->rs, r->in->rule, false, text);
	return true;
}

/* -- the table -- */

static const struct phrase phrases[] = {
        {"[goto]", false, take_goto, NULL},
        {"tcp", false, take_nothing, NULL},
        {"udp", false, take_nothing, NULL},
        {"udplite", false, take_nothing, NULL},
        {"sctp", false, take_nothing, NULL},
        {"dccp", false, take_nothing, NULL},
        {"spt:", true, take_value, "--sport"},
        {"spts:", true, take_value, "--sport"},
        {"dpt:", true, take_value, "--dport"},
        {"dpts:", true, take_value, "--dport"},
        {"flags:", true, take_flags, "--tcp-flags"},
        {"multiport", false, take_multiport, NULL},
        {"icmp", false, take_icmp, "-m icmp|--icmp-type"},
        {"icmptype", false, take_icmp, "-m icmp|--icmp-type"},
        {"ipv6-icmp", false, take_icmp, "-m icmp6|--icmpv6-type"},
        {"ipv6-icmptype", false, take_icmp, "-m icmp6|--icmpv6-type"},
        {"state", false, take_value, "-m state|--state"},
        {"ctstate", false, take_value, "-m conntrack|--ctstate"},
        {"ctproto", false, take_value, "-m conntrack|--ctproto"},
        {"ctdir", false, take_value, "-m conntrack|--ctdir"},
        {"MAC", true, take_mac, "-m mac|--mac-source"},
        {"source", false, take_range, "-m iprange|--src-range"},
        {"destination", false, take_range, "-m iprange|--dst-range"},
        {"match-set", false, take_set, "-m set|--match-set"},
        {"set", false, take_set, "-m set|--match-set"},
        {"mark", false, take_match_value, "-m mark|--mark"},
        {"connmark", false, take_match_value, "-m connmark|--mark"},
        {"length", false, take_value, "-m length|--length"},
        {"TTL", false, take_ttl, "ttl"},
        {"HL", false, take_ttl, "hl"},
        {"PKTTYPE", false, take_pkttype, "-m pkttype|--pkt-type"},
        {"ADDRTYPE", false, take_addrtype, NULL},
        {"/*", false, take_comment, NULL},
        {"recent:", false, take_recent,
         "SET=0 UPDATE=0 CHECK=0 REMOVE=0 seconds:=1 reap=0 hit_count:=1 TTL-Match=0 name:=1 side:=1 mask:=1"},
        {"rt", false, take_header, "type:* segsleft:* segslefts:* length:* reserved=0 0-addrs=1 0-not-strict=0"},
        {"frag", false, take_header, "id:* ids:* length:* reserved=0 first=0 more=0 last=0"},
        {"hbh", false, take_header, "length:* opts=1"},
        {"dst", false, take_header, "length:* opts=1"},
        {"limit:", false, take_beyond,
         "avg=1 up=2 above=1 burst=1 mode=1 srcmask=1 dstmask=1 htable-size=1 htable-max=1 htable-gcinterval=1 "
         "htable-expire=1 "
         "rate-match=0 rate-interval=1"},
        {"owner", false, take_beyond, "UID=2 GID=2 PID=2 SID=2 CMD=2 socket=1"},
        {"PHYSDEV", false, take_beyond,
         "match=0 --physdev-in=1 --physdev-out=1 --physdev-is-in=0 --physdev-is-out=0 --physdev-is-bridged=0"},
        {"policy", false, take_beyond,
         "match=0 dir=1 pol=1 strict=0 reqid=1 spi=1 proto=1 mode=1 tunnel-src=1 tunnel-dst=1 next=0"},
        {"statistic", false, take_beyond, "mode=1 probability=1 every=1 packet=1"},
        {"TIME", false, take_beyond, "from=1 to=1 on=1 UTC=0"},
        {"rpfilter", false, take_beyond, "loose=0 validmark=0 accept-local=0 invert=0"},
        {"socket", false, take_beyond, "--transparent=0 --nowildcard=0 --restore-skmark=0"},
        {"helper", false, take_beyond, "match=1"},
        {"DSCP", false, take_beyond, "match=1"},
        {"tos", false, take_beyond, "match*"},
        {"#conn", false, take_beyond_words, "3"},
        {"ctorigsrc", false, take_beyond_words, "1"},
        {"ctorigdst", false, take_beyond_words, "1"},
        {"ctreplsrc", false, take_beyond_words, "1"},
        {"ctrepldst", false, take_beyond_words, "1"},
        {"ctorigsrcport", false, take_beyond_words, "1"},
        {"ctorigdstport", false, take_beyond_words, "1"},
        {"ctreplsrcport", false, take_beyond_words, "1"},
        {"ctrepldstport", false, take_beyond_words, "1"},
        {"ctstatus", false, take_beyond_words, "1"},
        {"ctexpire", false, take_beyond_words, "1"},
        {"realm", false, take_beyond_words, "1"},
        {"mh", false, take_beyond_words, "1"},
        {"option=", true, take_beyond_words, "0"},
        {"eui64", false, take_beyond_words, "0"},
};

static const struct phrase *find_phrase(kj_str word)
{
	for (size_t i = 0; i < COUNT(phrases); i++) {
		kj_str name = kj_str_of(phrases[i].word);
		if (phrases[i].begins ? kj_str_starts(word, name) : kj_str_eq(word, name))
			return &phrases[i];
	}
	return NULL;
}

/* -- the target's words: the last ones -- */

struct tail {
	const char *target, *lead; /* `lead` begins the first of the target's words */
	const char *option;        /* for a value that the first word has behind `lead`; NULL: nothing that matters */
};

#define MARK_OPTIONS "set --set-mark xset --set-xmark and --and-mark or --or-mark xor --xor-mark"

static const struct tail tails[] = {
        {"DNAT", "to:", "--to-destination"},
        {"NETMAP", "to:", "--to"},
        {"REDIRECT", "redir", "ports --to-ports"},
        {"MARK", "MARK", MARK_OPTIONS},
        {"CONNMARK", "CONNMARK", MARK_OPTIONS " save --save-mark restore --restore-mark"},
        {"CT", "NOTRACK", "--notrack"},
        {"CT", "CT", "notrack --notrack"},
        {"REJECT", "reject-with", NULL},
        {"LOG", "LOG", NULL},
        {"ULOG", "ULOG", NULL},
        {"NFLOG", "nflog-", NULL},
        {"NFQUEUE", "NFQUEUE", NULL},
        {"SNAT", "to:", NULL},
        {"MASQUERADE", "masq", NULL},
        {"MASQUERADE", "random", NULL},
        {"TCPMSS", "TCPMSS", NULL},
        {"TPROXY", "TPROXY", NULL},
        {"TOS", "TOS", NULL},
        {"DSCP", "DSCP", NULL},
        {"ECN", "ECN", NULL},
        {"TTL", "TTL", NULL},
        {"HL", "HL", NULL},
        {"CLASSIFY", "CLASSIFY", NULL},
        {"CHECKSUM", "CHECKSUM", NULL},
        {"AUDIT", "AUDIT", NULL},
        {"TEE", "TEE", NULL},
        {"SET", "add-set", NULL},
        {"SET", "del-set", NULL},
};

/* The target's word number i, or empty. */
static kj_str tail_word(const struct reader *r, size_t i)
{
	return r->end + i < r->words.n ? r->words.at[r->end + i] : KJ_STR("");
}

/* The mark is changed in a way that is not understood. */
static void put_unknown_mark(struct reader *r)
{
	if (kj_str_ends(r->in->target, KJ_STR("MARK")))
		kj_buf_put(r->in->options, KJ_STR(" --set-mark unknown"));
}

/* "word OPTION word OPTION …": the option for the target's second word, with the third as its value. "CONNMARK save mask 0xff" copies some bits. */
static void put_worded(struct reader *r, const struct tail *tail)
{
	kj_str rows = kj_str_of(tail->option), word, option;
	while (kj_str_word(&rows, &word) && kj_str_word(&rows, &option)) {
		if (!kj_str_eq(word, tail_word(r, 1)))
			continue;
		bool copies = kj_str_eq(word, KJ_STR("save")) || kj_str_eq(word, KJ_STR("restore"));
		kj_str value = tail_word(r, copies ? 3 : 2);
		kj_buf_fmt(r->in->options, " %.*s", KJ_FMT(option));
		if (kj_ipl_plain(value))
			kj_buf_fmt(r->in->options, "%s %.*s", copies ? " --mask" : "", KJ_FMT(value));
		return;
	}
	put_unknown_mark(r);
}

static void put_tail(struct reader *r, const struct tail *tail)
{
	kj_str value = kj_str_from(r->words.at[r->end], kj_str_of(tail->lead).n);
	if (!tail->option)
		return;
	if (*tail->option != '-')
		put_worded(r, tail);
	else if (kj_ipl_plain(value))
		kj_buf_fmt(r->in->options, " %s %.*s", tail->option, KJ_FMT(value));
	else if (!value.n)
		kj_buf_fmt(r->in->options, " %s", tail->option);
}

/* Finds the target's words from behind, but not inside a comment. */
static void cut_tail(struct reader *r)
{
	for (size_t i = r->words.n; i > 0 && !kj_str_ends(r->words.at[i - 1], KJ_STR("*/")); i--) {
		for (size_t t = 0; t < COUNT(tails); t++) {
			if (!kj_str_eq(r->in->target, kj_str_of(tails[t].target)) ||
			    !kj_str_starts(r->words.at[i - 1], kj_str_of(tails[t].lead)))
				continue;
			r->end = i - 1;
			put_tail(r, &tails[t]);
			return;
		}
	}
	put_unknown_mark(r);
}

void kj_ipl_read(struct kj_ipl_text *text)
{
	struct reader r = {.in = text};
	split(&r);
	cut_tail(&r);
	while (more(&r)) {
		size_t first = r.next, tests = text->matches->n;
		r.negated = take_if(&r, "!");
		kj_str word = take_word(&r);
		const struct phrase *phrase = find_phrase(word);
		if (phrase && phrase->take(&r, phrase,
		                           phrase->begins ? kj_str_from(word, kj_str_of(phrase->word).n) : KJ_STR("")))
			continue;
		text->matches->n = tests;
		r.next = r.end;
		kj_fw_beyond(text->rs, text->rule, span(&r, first));
		return;
	}
}
