/* Keys and values of nft(8), as `nft list ruleset` prints them. */
#include "firewall/dialects/nft_text.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Words that belong to one key at most: "ct original ip saddr". */
enum { WORDS_MAX = 8 };

kj_str kj_nft_slice(const struct kj_nft_lex *lex, size_t from)
{
	return kj_str_upto(kj_str_from(lex->text, from), lex->before > from ? lex->before - from : 0);
}

static bool is_value_word(const struct kj_nft_lex *lex)
{
	return lex->token == KJ_NFT_WORD || lex->token == KJ_NFT_STRING;
}

/* -- keys -- */

enum kind { FIELD, BARE, FIB, OTHER, HASH };

static const struct head {
	const char *name;
	enum kind kind;
} heads[] = {
        {"ip", FIELD},      {"ip6", FIELD},      {"tcp", FIELD},     {"udp", FIELD},    {"udplite", FIELD},
        {"sctp", FIELD},    {"dccp", FIELD},     {"th", FIELD},      {"icmp", FIELD},   {"icmpv6", FIELD},
        {"igmp", FIELD},    {"esp", FIELD},      {"ah", FIELD},      {"comp", FIELD},   {"ether", FIELD},
        {"vlan", FIELD},    {"arp", FIELD},      {"meta", FIELD},    {"ct", FIELD},     {"gre", OTHER},
        {"vxlan", OTHER},   {"geneve", OTHER},   {"gretap", OTHER},  {"fib", FIB},      {"iif", BARE},
        {"iifname", BARE},  {"iiftype", BARE},   {"iifgroup", BARE}, {"oif", BARE},     {"oifname", BARE},
        {"oiftype", BARE},  {"oifgroup", BARE},  {"skuid", BARE},    {"skgid", BARE},   {"mark", BARE},
        {"nftrace", BARE},  {"rtclassid", BARE}, {"pkttype", BARE},  {"cpu", BARE},     {"cgroup", BARE},
        {"l4proto", BARE},  {"nfproto", BARE},   {"protocol", BARE}, {"length", BARE},  {"priority", BARE},
        {"time", BARE},     {"day", BARE},       {"hour", BARE},     {"ibrname", BARE}, {"obrname", BARE},
        {"ibriport", BARE}, {"obriport", BARE},  {"iifkind", BARE},  {"oifkind", BARE}, {"sdif", BARE},
        {"sdifname", BARE}, {"exthdr", OTHER},   {"rt", OTHER},      {"frag", OTHER},   {"hbh", OTHER},
        {"dst", OTHER},     {"mh", OTHER},       {"srh", OTHER},     {"socket", OTHER}, {"osf", OTHER},
        {"ipsec", OTHER},   {"@nh", OTHER},      {"@th", OTHER},     {"@ll", OTHER},    {"@ih", OTHER},
        {"numgen", HASH},   {"jhash", HASH},     {"symhash", HASH},
};

static const struct head *head_here(const struct kj_nft_lex *lex)
{
	for (size_t i = 0; lex->token == KJ_NFT_WORD && i < COUNT(heads); i++) {
		if (kj_nft_is(lex, heads[i].name))
			return &heads[i];
	}
	return NULL;
}

/* "tcp option", "ct original", "ct count" … are longer than two words. */
static bool goes_on(kj_str head, const struct kj_nft_lex *lex)
{
	static const struct longer {
		const char *head, *field;
	} table[] = {{"tcp", "option"},  {"ip", "option"}, {"sctp", "chunk"}, {"dccp", "option"},
	             {"ct", "original"}, {"ct", "reply"},  {"ct", "count"}};
	for (size_t i = 0; i < COUNT(table); i++) {
		if (kj_str_eq(head, kj_str_of(table[i].head)) && kj_nft_is(lex, table[i].field))
			return true;
	}
	return false;
}

/* Does a value, or something else than a key's word, stand here? */
static bool ends_key(const struct kj_nft_lex *lex)
{
	static const char *const stops[] = {"set", "vmap", "map", "exists", "missing", "and", "or", "xor", ".", "/"};
	if (lex->token != KJ_NFT_WORD || kj_is_digit(lex->s.p[0]) || lex->s.p[0] == '@' || kj_nft_is_statement(lex))
		return true;
	for (size_t i = 0; i < COUNT(stops); i++) {
		if (kj_nft_is(lex, stops[i]))
			return true;
	}
	return false;
}

/* The rest of a key that we know no more of than where it ends. */
static void read_other(struct kj_nft_lex *lex, bool raw)
{
	for (unsigned i = 0; i < WORDS_MAX && raw && kj_nft_take(lex, ","); i++)
		kj_nft_next(lex);
	for (unsigned i = 0; i < WORDS_MAX && !raw && !ends_key(lex); i++)
		kj_nft_next(lex);
}

/* "inc mod 2 offset 5" */
static void read_hash(struct kj_nft_lex *lex)
{
	static const char *const options[] = {"mod", "seed", "offset"};
	for (unsigned i = 0; i < WORDS_MAX && !ends_key(lex) && !kj_nft_is(lex, "mod"); i++) {
		kj_nft_next(lex);
		kj_nft_take(lex, ".");
	}
	for (size_t i = 0; i < COUNT(options); i++) {
		if (kj_nft_take(lex, options[i]) && !kj_nft_at_end(lex))
			kj_nft_next(lex);
	}
}

/* "rt nexthop" is about the route, "rt type" about the routing header. */
static bool is_route(const struct kj_nft_lex *lex)
{
	static const char *const fields[] = {"nexthdr", "hdrlength", "type", "seg-left"};
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (kj_nft_is(lex, fields[i]))
			return false;
	}
	return true;
}

/* "daddr . iif type" */
static struct kj_nft_key read_fib(struct kj_nft_lex *lex)
{
	kj_str what = lex->s;
	bool several = false;
	kj_nft_next(lex);
	while (kj_nft_take(lex, ".") && lex->token == KJ_NFT_WORD) {
		several = true;
		kj_nft_next(lex);
	}
	kj_str result = lex->s;
	if (lex->token == KJ_NFT_WORD)
		kj_nft_next(lex);
	return kj_nft_key_fib(what, several, result);
}

static struct kj_nft_key read_field(struct kj_nft_lex *lex, kj_str head)
{
	kj_str field = lex->s;
	if (goes_on(head, lex)) {
		bool option = kj_str_eq(head, KJ_STR("ip"));
		struct kj_nft_key key = kj_nft_key_of(head, field);
		key.type = option ? KJ_NFT_HEADER : KJ_NFT_OTHER;
		read_other(lex, false);
		return key;
	}
	if (lex->token == KJ_NFT_WORD)
		kj_nft_next(lex);
	return kj_nft_key_of(head, field);
}

/* False when no key begins here. */
static bool read_key(struct kj_nft_lex *lex, struct kj_nft_key *key)
{
	const struct head *head = head_here(lex);
	if (!head)
		return false;
	kj_str name = lex->s;
	kj_nft_next(lex);
	switch (head->kind) {
	case FIELD:
		*key = read_field(lex, name);
		return true;
	case BARE:
		*key = kj_nft_key_of(KJ_STR("meta"), name);
		return true;
	case FIB:
		*key = read_fib(lex);
		return true;
	case OTHER:
		if (kj_str_eq(name, KJ_STR("rt")) && is_route(lex))
			name = KJ_STR("");
		read_other(lex, name.n && name.p[0] == '@');
		break;
	case HASH:
		read_hash(lex);
		break;
	}
	*key = kj_nft_key_other(name);
	return true;
}

bool kj_nft_read_keys(struct kj_nft_reader *r)
{
	struct kj_nft_match *m = &r->match;
	struct kj_nft_key key;
	m->n = 0;
	m->elements.n = 0;
	m->op = KJ_NFT_IS;
	m->mask = m->set = KJ_STR("");
	m->braces = m->unread = false;
	if (!read_key(&r->lex, &key))
		return false;
	m->key[m->n++] = key;
	while (kj_nft_take(&r->lex, ".")) {
		if (!read_key(&r->lex, &key) || m->n == KJ_FW_DIMS)
			m->unread = true;
		else
			m->key[m->n++] = key;
	}
	return true;
}

/* -- elements -- */

/* Words behind an element's parts. */
static bool is_option(const struct kj_nft_lex *lex)
{
	static const char *const options[] = {"timeout", "expires", "comment", "counter",
	                                      "limit",   "quota",   "ct",      "last"};
	for (size_t i = 0; i < COUNT(options); i++) {
		if (kj_nft_is(lex, options[i]))
			return true;
	}
	return false;
}

static bool at_element_end(const struct kj_nft_lex *lex)
{
	return lex->token == KJ_NFT_END || kj_nft_is(lex, ",") || kj_nft_is(lex, "}");
}

static void skip_options(struct kj_nft_lex *lex, struct kj_nft_element *element)
{
	for (; !at_element_end(lex) && !kj_nft_is(lex, ":"); kj_nft_next(lex))
		element->limited |= kj_nft_is(lex, "limit") || kj_nft_is(lex, "quota") || kj_nft_is(lex, "ct");
}

/* One part of a tuple: a name in quotes without them, anything else as it stands. */
static kj_str read_part(struct kj_nft_lex *lex)
{
	kj_str first = lex->s;
	bool string = lex->token == KJ_NFT_STRING;
	size_t from = lex->from, tokens = 0;
	for (; !at_element_end(lex) && !kj_nft_is(lex, ":") && !kj_nft_is(lex, ".") && !(tokens && is_option(lex));
	     tokens++) {
		kj_nft_next(lex);
		kj_nft_skip_newlines(lex);
	}
	return string && tokens == 1 ? first : kj_nft_slice(lex, from);
}

static unsigned read_parts(struct kj_nft_lex *lex, kj_str *parts, unsigned room)
{
	unsigned n = 0;
	do {
		kj_nft_skip_newlines(lex);
		kj_str part = read_part(lex);
		if (n < room)
			parts[n] = part;
		n++;
	} while (kj_nft_take(lex, "."));
	return n;
}

static void read_verdict(struct kj_nft_lex *lex, struct kj_nft_element *element)
{
	static const struct word {
		const char *name;
		enum kj_fw_verdict verdict;
	} words[] = {{"accept", KJ_FW_ACCEPT}, {"drop", KJ_FW_DROP}, {"continue", KJ_FW_CONTINUE},
	             {"return", KJ_FW_RETURN}, {"jump", KJ_FW_JUMP}, {"goto", KJ_FW_GOTO},
	             {"queue", KJ_FW_UNSURE}};
	for (size_t i = 0; i < COUNT(words); i++) {
		if (!kj_nft_take(lex, words[i].name))
			continue;
		element->has_verdict = true;
		element->verdict = words[i].verdict;
		bool leads = words[i].verdict == KJ_FW_JUMP || words[i].verdict == KJ_FW_GOTO;
		if (leads && is_value_word(lex)) {
			element->target = lex->s;
			kj_nft_next(lex);
		}
	}
}

bool kj_nft_read_element(struct kj_nft_lex *lex, struct kj_nft_element *element)
{
	*element = (struct kj_nft_element){.line = lex->line};
	element->n = read_parts(lex, element->part, KJ_FW_DIMS);
	skip_options(lex, element);
	if (kj_nft_take(lex, ":")) {
		kj_nft_skip_newlines(lex);
		read_verdict(lex, element);
		if (!element->has_verdict)
			element->data_n = read_parts(lex, element->data, COUNT(element->data));
		skip_options(lex, element);
	}
	if (element->n > KJ_FW_DIMS)
		element->n = 0; /* more than any key has: not understood */
	if (element->data_n > COUNT(element->data))
		element->data_n = 0;
	return lex->token != KJ_NFT_END;
}

bool kj_nft_read_elements(struct kj_nft_reader *r)
{
	struct kj_nft_lex *lex = &r->lex;
	struct kj_nft_element element;
	if (lex->token == KJ_NFT_WORD && lex->s.n > 1 && lex->s.p[0] == '@') {
		r->match.set = kj_str_from(lex->s, 1);
		kj_nft_next(lex);
		return true;
	}
	if (!kj_nft_take(lex, "{"))
		return false;
	r->match.braces = true;
	for (kj_nft_skip_newlines(lex); lex->token != KJ_NFT_END && !kj_nft_is(lex, "}"); kj_nft_skip_newlines(lex)) {
		kj_nft_read_element(lex, &element);
		KJ_PUSH(r->nft->rs->arena, &r->match.elements, element);
		kj_nft_take(lex, ",");
	}
	r->match.unread |= !kj_nft_take(lex, "}");
	return true;
}

/* -- values -- */

/* "(fin | syn)", "established,related", "10.0.0.0/8", "lo" in quotes. */
static kj_str read_words(struct kj_nft_lex *lex)
{
	size_t from = lex->from;
	kj_str first = lex->s;
	bool string = lex->token == KJ_NFT_STRING, parens = kj_nft_take(lex, "("), more = true;
	while (more && is_value_word(lex)) {
		kj_nft_next(lex);
		more = kj_nft_is(lex, ",") || kj_nft_is(lex, "|") || kj_nft_is(lex, "-");
		if (more) {
			kj_nft_next(lex);
			string = false;
		}
	}
	if (parens)
		kj_nft_take(lex, ")");
	return string ? first : kj_nft_slice(lex, from);
}

/* One value, a tuple of them, or VALUE / MASK. */
static void read_single(struct kj_nft_reader *r)
{
	struct kj_nft_lex *lex = &r->lex;
	struct kj_nft_element element = {.line = lex->line};
	enum kj_nft_type type = r->match.key[0].type;
	bool unnamed = type == KJ_NFT_OTHER ||
	               type == KJ_NFT_HEADER; /* such a key may stand alone; "icmp type redirect" is a value */
	do {
		bool value = is_value_word(lex) || kj_nft_is(lex, "(");
		if (!value || element.n == KJ_FW_DIMS || (unnamed && kj_nft_is_statement(lex))) {
			r->match.unread = true;
			return;
		}
		element.part[element.n++] = read_words(lex);
	} while (r->match.n > 1 && kj_nft_take(lex, "."));
	if (kj_nft_take(lex, "/"))
		r->match.mask = read_words(lex);
	KJ_PUSH(r->nft->rs->arena, &r->match.elements, element);
}

void kj_nft_read_value(struct kj_nft_reader *r)
{
	static const char *const ops[KJ_NFT_OPS] = {
	        [KJ_NFT_EQ] = "==", [KJ_NFT_NE] = "!=", [KJ_NFT_LT] = "<",      [KJ_NFT_GT] = ">",
	        [KJ_NFT_LE] = "<=", [KJ_NFT_GE] = ">=", [KJ_NFT_NONE_OF] = "!",
	};
	if (kj_nft_take(&r->lex, "&") || kj_nft_take(&r->lex, "and"))
		r->match.mask = read_words(&r->lex);
	for (unsigned op = KJ_NFT_EQ; op < KJ_NFT_OPS && r->match.op == KJ_NFT_IS; op++) {
		if (kj_nft_take(&r->lex, ops[op]))
			r->match.op = (enum kj_nft_op)op;
	}
	if (!kj_nft_read_elements(r))
		read_single(r);
}

/* -- what is not evaluated -- */

static void skip_operand(struct kj_nft_reader *r)
{
	struct kj_nft_key key;
	bool parens = kj_nft_take(&r->lex, "(");
	if (!read_key(&r->lex, &key) && is_value_word(&r->lex))
		kj_nft_next(&r->lex);
	if (parens)
		kj_nft_take(&r->lex, ")");
}

void kj_nft_skip_expression(struct kj_nft_reader *r)
{
	static const char *const signs[] = {"&", "|", "^", "<<", ">>", "and", "or", "xor", "."};
	skip_operand(r);
	for (size_t i = 0; i < COUNT(signs); i++) {
		while (kj_nft_take(&r->lex, signs[i])) {
			skip_operand(r);
			i = 0;
		}
	}
	if (kj_nft_take(&r->lex, "map"))
		kj_nft_read_elements(r);
}
