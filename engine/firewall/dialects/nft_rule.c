/* The statements of nft(8): one row each. */
#include "firewall/dialects/nft_text.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Takes what follows the statement's word; `from` is where the statement begins. */
typedef void take_fn(struct kj_nft_reader *r, size_t from);

static void take_strange(struct kj_nft_reader *r, size_t from)
{
	kj_nft_skip_statement(&r->lex);
	kj_nft_strange(r->nft, kj_nft_slice(&r->lex, from));
}

/* The word or name here; empty where none is. */
static kj_str word_here(struct kj_nft_reader *r)
{
	bool word = r->lex.token == KJ_NFT_WORD || r->lex.token == KJ_NFT_STRING;
	kj_str s = word ? r->lex.s : KJ_STR("");
	if (word)
		kj_nft_next(&r->lex);
	return s;
}

/* Whatever stands before the next statement. */
static void skip_words(struct kj_nft_reader *r)
{
	while (!kj_nft_at_end(&r->lex) && !kj_nft_is_statement(&r->lex)) {
		if (kj_nft_is(&r->lex, "{"))
			kj_nft_skip_block(&r->lex);
		else
			kj_nft_next(&r->lex);
	}
}

/* -- verdicts -- */

static void take_accept(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	kj_nft_verdict(r->nft, KJ_FW_ACCEPT, KJ_STR(""));
}

static void take_drop(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	kj_nft_verdict(r->nft, KJ_FW_DROP, KJ_STR(""));
}

static void take_return(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	kj_nft_verdict(r->nft, KJ_FW_RETURN, KJ_STR(""));
}

static void take_continue(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	kj_nft_verdict(r->nft, KJ_FW_CONTINUE, KJ_STR(""));
}

static void lead(struct kj_nft_reader *r, enum kj_fw_verdict verdict, size_t from)
{
	kj_str target = word_here(r);
	if (target.n)
		kj_nft_verdict(r->nft, verdict, target);
	else
		take_strange(r, from);
}

static void take_jump(struct kj_nft_reader *r, size_t from)
{
	lead(r, KJ_FW_JUMP, from);
}

static void take_goto(struct kj_nft_reader *r, size_t from)
{
	lead(r, KJ_FW_GOTO, from);
}

static void take_reject(struct kj_nft_reader *r, size_t from)
{
	kj_str with = kj_nft_take(&r->lex, "with") ? word_here(r) : KJ_STR("");
	(void)from;
	skip_words(r);
	kj_nft_reject(r->nft, with);
}

/* -- no bearing on what is accepted -- */

/* Options and their values, in any order; they are named since what follows them may be a match. */
static void take_options(struct kj_nft_reader *r, const char *const *options, size_t n)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			if (kj_nft_take(&r->lex, options[i])) {
				word_here(r);
				more = true;
			}
		}
	}
}

static void take_counter(struct kj_nft_reader *r, size_t from)
{
	static const char *const options[] = {"packets", "bytes", "name"};
	(void)from;
	take_options(r, options, COUNT(options));
}

static void take_last(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	if (kj_nft_take(&r->lex, "used"))
		word_here(r);
}

static void take_log(struct kj_nft_reader *r, size_t from)
{
	static const char *const options[] = {"prefix", "group", "snaplen", "queue-threshold", "level"};
	static const char *const plural[] = {"tcp", "ip"};
	(void)from;
	take_options(r, options, COUNT(options));
	while (kj_nft_take(&r->lex, "flags")) { /* "all", "skuid", "tcp sequence,options", "ip options" */
		bool two = kj_nft_is(&r->lex, plural[0]) || kj_nft_is(&r->lex, plural[1]);
		word_here(r);
		if (two)
			word_here(r);
		while (kj_nft_take(&r->lex, ","))
			word_here(r);
	}
	take_options(r, options, COUNT(options));
}

static void take_comment(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	word_here(r);
}

/* "flow add @NAME": only what is established already. */
static void take_flow(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	word_here(r);
	word_here(r);
}

/* "dup to ADDRESS device NAME": a copy, the packet itself goes on. */
static void take_dup(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	if (kj_nft_take(&r->lex, "to"))
		kj_nft_skip_expression(r);
	if (kj_nft_take(&r->lex, "device"))
		kj_nft_skip_expression(r);
}

/* "reset tcp option NAME" */
static void take_reset(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	for (unsigned i = 0; i < 3; i++)
		word_here(r);
}

/* -- limits -- */

static void take_unit(struct kj_nft_reader *r)
{
	static const char *const units[] = {"packets", "bytes", "kbytes", "mbytes", "gbytes"};
	for (size_t i = 0; i < COUNT(units); i++)
		kj_nft_take(&r->lex, units[i]);
}

/* "rate over 10/second burst 5 packets", "rate 1 mbytes/second", "name X" */
static void take_limit(struct kj_nft_reader *r, size_t from)
{
	if (kj_nft_take(&r->lex, "name")) {
		word_here(r);
	} else {
		kj_nft_take(&r->lex, "rate");
		kj_nft_take(&r->lex, "over");
		kj_str rate = word_here(r);
		if (kj_str_find(rate, '/') == rate.n)
			word_here(r);
		if (kj_nft_take(&r->lex, "burst"))
			word_here(r);
		take_unit(r);
	}
	kj_nft_beyond(r->nft, kj_nft_slice(&r->lex, from));
}

/* "over 25 mbytes used 1 mbytes", "name X" */
static void take_quota(struct kj_nft_reader *r, size_t from)
{
	if (!kj_nft_take(&r->lex, "name") && !kj_nft_take(&r->lex, "over"))
		kj_nft_take(&r->lex, "until");
	word_here(r);
	take_unit(r);
	if (kj_nft_take(&r->lex, "used")) {
		word_here(r);
		take_unit(r);
	}
	kj_nft_beyond(r->nft, kj_nft_slice(&r->lex, from));
}

/* -- sets from rules -- */

static void change_set(struct kj_nft_reader *r, size_t from, bool removes)
{
	kj_str name = word_here(r);
	bool block = kj_str_starts(name, KJ_STR("@")) && kj_nft_is(&r->lex, "{");
	if (!block) {
		take_strange(r, from);
		return;
	}
	kj_nft_skip_block(&r->lex);
	kj_nft_dynamic(r->nft, kj_str_from(name, 1), removes, kj_nft_slice(&r->lex, from));
}

static void take_add(struct kj_nft_reader *r, size_t from)
{
	change_set(r, from, false);
}

static void take_delete(struct kj_nft_reader *r, size_t from)
{
	change_set(r, from, true);
}

/* "meter NAME size N { ip saddr limit rate … }" */
static void take_meter(struct kj_nft_reader *r, size_t from)
{
	while (word_here(r).n)
		;
	if (kj_nft_is(&r->lex, "{"))
		kj_nft_skip_block(&r->lex);
	kj_nft_beyond(r->nft, kj_nft_slice(&r->lex, from));
}

/* -- tracking -- */

static void take_notrack(struct kj_nft_reader *r, size_t from)
{
	(void)from;
	kj_nft_untrack(r->nft);
}

/* -- address translation -- */

/* "10.0.0.1:80", "10.0.0.1-10.0.0.9:1000-2000", "[2001:db8::1]:80", "2001:db8::1", ":80" */
static void split_target(kj_str word, struct kj_nft_nat *nat)
{
	size_t colon = kj_str_find_last(word, ':'), close = kj_str_find(word, ']');
	if (kj_str_starts(word, KJ_STR("[")) && close < word.n) {
		nat->addr = kj_str_upto(kj_str_from(word, 1), close - 1);
		kj_str rest = kj_str_from(word, close + 1);
		nat->port = kj_str_from(rest, 1);
		nat->unknown |= rest.n && rest.p[0] != ':';
	} else if (colon < word.n && kj_str_find(word, ':') == colon) {
		nat->addr = kj_str_upto(word, colon);
		nat->port = kj_str_from(word, colon + 1);
	} else {
		nat->addr = word;
	}
}

/* KEY map { … } or KEY map @NAME */
static bool read_map(struct kj_nft_reader *r, struct kj_nft_nat *nat)
{
	if (!kj_nft_read_keys(r))
		return false;
	nat->map = &r->match;
	bool read = kj_nft_take(&r->lex, "map") && kj_nft_read_elements(r);
	nat->unknown |= !read;
	r->match.unread |= !read;
	return true;
}

static void read_target(struct kj_nft_reader *r, struct kj_nft_nat *nat)
{
	struct kj_nft_lex before = r->lex;
	if (read_map(r, nat))
		return;
	if (kj_str_starts(r->lex.s, KJ_STR(":"))) { /* ":tcp dport map { … }" */
		r->lex.at = r->lex.from + 1;
		kj_nft_next(&r->lex);
		nat->map_port = true;
		if (read_map(r, nat))
			return;
		r->lex = before;
		nat->map_port = false;
	}
	split_target(word_here(r), nat);
}

static void translate(struct kj_nft_reader *r, size_t from, bool destination, bool to_self)
{
	struct kj_nft_nat nat = {.destination = destination, .to_self = to_self};
	if (kj_nft_take(&r->lex, "ip"))
		nat.family = 4;
	else if (kj_nft_take(&r->lex, "ip6"))
		nat.family = 6;
	if (kj_nft_take(&r->lex, "addr")) { /* "addr . port to" */
		kj_nft_take(&r->lex, ".");
		kj_nft_take(&r->lex, "port");
	}
	kj_nft_take(&r->lex, "prefix");
	kj_nft_take(&r->lex, "interval");
	if (kj_nft_take(&r->lex, "to") && destination)
		read_target(r, &nat);
	skip_words(r); /* random, persistent … */
	nat.text = kj_nft_slice(&r->lex, from);
	if (nat.map)
		r->match.text = nat.text;
	kj_nft_nat(r->nft, &nat);
}

static void take_dnat(struct kj_nft_reader *r, size_t from)
{
	translate(r, from, true, false);
}

static void take_redirect(struct kj_nft_reader *r, size_t from)
{
	translate(r, from, true, true);
}

static void take_snat(struct kj_nft_reader *r, size_t from)
{
	translate(r, from, false, false);
}

/* -- iptables-nft -- */

static void take_xt(struct kj_nft_reader *r, size_t from)
{
	bool target = kj_nft_is(&r->lex, "target");
	word_here(r);
	kj_str name = word_here(r);
	kj_nft_xt(r->nft, target, name, kj_nft_slice(&r->lex, from));
}

/* -- the table -- */

static const struct statement {
	const char *name;
	take_fn *take;
} statements[] = {
        {"accept", take_accept},   {"drop", take_drop},         {"return", take_return}, {"continue", take_continue},
        {"jump", take_jump},       {"goto", take_goto},         {"reject", take_reject}, {"queue", take_strange},
        {"counter", take_counter}, {"last", take_last},         {"log", take_log},       {"comment", take_comment},
        {"flow", take_flow},       {"dup", take_dup},           {"fwd", take_strange},   {"synproxy", take_strange},
        {"tproxy", take_strange},  {"limit", take_limit},       {"quota", take_quota},   {"add", take_add},
        {"update", take_add},      {"delete", take_delete},     {"meter", take_meter},   {"notrack", take_notrack},
        {"dnat", take_dnat},       {"redirect", take_redirect}, {"snat", take_snat},     {"masquerade", take_snat},
        {"xt", take_xt},           {"reset", take_reset},
};

static const struct statement *statement_here(const struct kj_nft_lex *lex)
{
	for (size_t i = 0; lex->token == KJ_NFT_WORD && i < COUNT(statements); i++) {
		if (kj_nft_is(lex, statements[i].name))
			return &statements[i];
	}
	return NULL;
}

bool kj_nft_is_statement(const struct kj_nft_lex *lex)
{
	return statement_here(lex);
}

/* -- what begins with a key -- */

/* One step of "meta mark & 0xff | 0x1". */
static bool mark_step(struct kj_nft_reader *r, struct kj_nft_marking *marking)
{
	static const char *const signs[] = {"&", "|", "^"}, *const words[] = {"and", "or", "xor"};
	uint32_t bits;
	for (size_t i = 0; i < COUNT(signs); i++) {
		if (!kj_nft_take(&r->lex, signs[i]) && !kj_nft_take(&r->lex, words[i]))
			continue;
		marking->known &= kj_nft_mark_number(word_here(r), &bits);
		if (marking->known)
			kj_nft_mark_step(marking, *signs[i], bits);
		return marking->known;
	}
	return false;
}

/* A number, one of the marks, or steps from there. */
static void set_mark(struct kj_nft_reader *r, enum kj_fw_field field)
{
	struct kj_nft_lex before = r->lex;
	struct kj_nft_marking marking = {.mask = UINT32_MAX, .known = true};
	if (kj_nft_mark_number(r->lex.s, &marking.value)) {
		kj_nft_next(&r->lex);
	} else {
		bool connection = kj_nft_take(&r->lex, "ct");
		if (!connection)
			kj_nft_take(&r->lex, "meta");
		marking = (struct kj_nft_marking){.copy = connection == (field == KJ_FW_MARK)};
		marking.known = kj_nft_take(&r->lex, "mark");
	}
	while (mark_step(r, &marking))
		;
	bool ends = kj_nft_at_end(&r->lex) || (r->lex.token == KJ_NFT_WORD && !kj_nft_is(&r->lex, "map"));
	if (!marking.known || !ends || kj_nft_is(&r->lex, ".")) {
		marking.known = false;
		r->lex = before;
		kj_nft_skip_expression(r);
	}
	kj_nft_set_mark(r->nft, field, &marking);
}

/* KEY set VALUE */
static void take_write(struct kj_nft_reader *r, size_t from)
{
	struct kj_nft_key key = r->match.key[0];
	if (key.field == KJ_FW_MARK || key.field == KJ_FW_CTMARK) {
		set_mark(r, (enum kj_fw_field)key.field);
		return;
	}
	kj_nft_skip_expression(r);
	kj_nft_write(r->nft, &key, kj_nft_slice(&r->lex, from));
}

static bool take_match(struct kj_nft_reader *r, size_t from)
{
	if (!kj_nft_read_keys(r))
		return false;
	if (kj_nft_take(&r->lex, "set")) {
		take_write(r, from);
		return true;
	}
	bool vmap = kj_nft_take(&r->lex, "vmap");
	if (vmap)
		r->match.unread |= !kj_nft_read_elements(r);
	else
		kj_nft_read_value(r);
	r->match.text = kj_nft_slice(&r->lex, from);
	if (vmap)
		kj_nft_vmap(r->nft, &r->match);
	else
		kj_nft_match(r->nft, &r->match);
	return true;
}

/* nft prints "# xt_limit" where it has no words for a match, "# xt_LOG" for a target. */
static bool take_xt_comment(struct kj_nft_reader *r)
{
	kj_str name = kj_str_from(r->lex.s, 3);
	if (r->lex.token != KJ_NFT_WORD || !kj_str_starts(r->lex.s, KJ_STR("xt_")) || !name.n)
		return false;
	bool target = name.p[0] >= 'A' && name.p[0] <= 'Z';
	kj_nft_xt(r->nft, target, name, r->lex.s);
	kj_nft_next(&r->lex);
	return true;
}

void kj_nft_read_rule(struct kj_nft_reader *r)
{
	struct kj_nft_lex end = r->lex;
	size_t start = r->lex.from, stop = kj_nft_skip_statement(&end);
	kj_str text = kj_str_upto(kj_str_from(r->lex.text, start), stop - start);
	kj_nft_rule_begin(r->nft, r->lex.line, text);
	while (r->lex.from < stop && !r->nft->done) {
		size_t from = r->lex.from;
		const struct statement *statement = statement_here(&r->lex);
		if (statement) {
			kj_nft_next(&r->lex);
			statement->take(r, from);
		} else if (!take_match(r, from) && !take_xt_comment(r)) {
			kj_nft_strange(r->nft, text);
		}
	}
	kj_nft_rule_end(r->nft);
	r->lex = end;
}
