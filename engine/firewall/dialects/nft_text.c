/* nft list ruleset: the text that nft(8) prints, and what it reads. */
#include "firewall/dialects/nft_text.h"
#include "base/num.h"
#include "firewall/capture.h"

enum { LINE_MAX_SHOWN = 200 };

/* The sets are read before the chains: a rule may come before the set that it uses. */
enum pass { SETS, CHAINS };

struct scan {
	struct kj_nft_reader r;
	enum pass pass;
	bool deep; /* the line at hand is indented more than its chain, as nft does it … */
	bool open; /* … and the statement before looks as if it went on */
};

/* The name that stands here. */
static kj_str take_name(struct kj_nft_lex *lex)
{
	kj_str name = lex->s;
	if (lex->token == KJ_NFT_WORD || lex->token == KJ_NFT_STRING)
		kj_nft_next(lex);
	return name;
}

/* -- sets and maps -- */

/* "ipv4_addr . inet_service", up to a colon or the end of the line. */
static void read_types(struct scan *s, struct kj_nft_set *set)
{
	struct kj_nft_lex *lex = &s->r.lex;
	do {
		kj_str name = take_name(lex);
		if (set->n < KJ_FW_DIMS)
			set->type[set->n++] = kj_nft_type_named(name);
	} while (kj_nft_take(lex, "."));
}

/* "ip saddr . tcp dport" */
static void read_typeof(struct scan *s, struct kj_nft_set *set)
{
	if (!kj_nft_read_keys(&s->r) || s->r.match.unread)
		return;
	set->n = s->r.match.n;
	for (unsigned i = 0; i < set->n; i++)
		set->type[i] = s->r.match.key[i].type;
}

static void read_set_elements(struct scan *s, struct kj_nft_set *set)
{
	struct kj_nft_lex *lex = &s->r.lex;
	struct kj_nft_element element;
	kj_nft_take(lex, "=");
	if (!kj_nft_take(lex, "{"))
		return;
	for (kj_nft_skip_newlines(lex); lex->token != KJ_NFT_END && !kj_nft_is(lex, "}"); kj_nft_skip_newlines(lex)) {
		if (kj_nft_read_element(lex, &element))
			kj_nft_set_add(s->r.nft, set, &element);
		kj_nft_take(lex, ",");
	}
	if (!kj_nft_take(lex, "}"))
		set->set->partial = true;
}

/* One line of a set's block. Statements there (limit, quota, ct count) work for each element. */
static void read_set_line(struct scan *s, struct kj_nft_set *set)
{
	struct kj_nft_lex *lex = &s->r.lex;
	if (kj_nft_take(lex, "type")) {
		read_types(s, set);
	} else if (kj_nft_take(lex, "typeof")) {
		read_typeof(s, set);
	} else if (kj_nft_take(lex, "elements")) {
		read_set_elements(s, set);
	} else if (kj_nft_take(lex, "flags")) {
		for (; !kj_nft_at_end(lex); kj_nft_next(lex))
			set->set->partial |= kj_nft_is(lex, "dynamic");
	} else {
		set->limited |= kj_nft_is(lex, "limit") || kj_nft_is(lex, "quota") || kj_nft_is(lex, "ct");
	}
	kj_nft_skip_statement(lex);
}

static void read_set(struct scan *s, bool map)
{
	struct kj_nft_lex *lex = &s->r.lex;
	uint32_t line = lex->line;
	kj_str name = take_name(lex);
	if (!kj_nft_is(lex, "{"))
		return;
	if (s->pass != SETS) {
		kj_nft_skip_block(lex);
		return;
	}
	kj_nft_next(lex);
	struct kj_nft_set *set = kj_nft_set(s->r.nft, name, line, map);
	while (lex->token != KJ_NFT_END && !kj_nft_is(lex, "}")) {
		if (kj_nft_at_end(lex))
			kj_nft_next(lex);
		else
			read_set_line(s, set);
	}
	set->set->partial |= !kj_nft_take(lex, "}");
}

/* -- chains -- */

/* "filter + 10", "-90" */
static int64_t read_priority(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	int64_t priority = 0, more = 0;
	kj_str word = take_name(lex);
	if (!kj_nft_priority(word, &priority) && !kj_num_int(word, &priority))
		kj_fw_note(s->r.nft->rs, lex->line, "priority '%.*s' is not known; taken as 0", KJ_FMT(word));
	bool minus = kj_nft_is(lex, "-");
	if (minus || kj_nft_is(lex, "+")) {
		kj_nft_next(lex);
		if (kj_num_int(lex->s, &more))
			kj_nft_next(lex);
	}
	return minus ? priority - more : priority + more;
}

/* "filter hook input device "eth0" priority filter" */
static void read_hook(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	kj_str type = take_name(lex), hook = KJ_STR("");
	int64_t priority = 0;
	while (!kj_nft_at_end(lex)) {
		if (kj_nft_take(lex, "hook"))
			hook = take_name(lex);
		else if (kj_nft_take(lex, "priority"))
			priority = read_priority(s);
		else if (kj_nft_is(lex, "{"))
			kj_nft_skip_block(lex);
		else
			kj_nft_next(lex);
	}
	kj_nft_hook(s->r.nft, type, hook, priority);
}

/* The line of the text on which an offset lies; of a very long one the surroundings. */
static kj_str line_around(kj_str text, size_t at)
{
	size_t from = at, to = at;
	while (from > 0 && text.p[from - 1] != '\n' && at - from < LINE_MAX_SHOWN)
		from--;
	while (to < text.n && text.p[to] != '\n' && to - at < LINE_MAX_SHOWN)
		to++;
	return kj_str_trim(kj_str_upto(kj_str_from(text, from), to - from));
}

static void read_policy(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	uint32_t line = lex->line;
	kj_str text = line_around(lex->text, lex->from);
	kj_nft_policy(s->r.nft, take_name(lex), line, text);
}

/* What stands in a chain beside rules. */
static bool read_chain_header(struct scan *s)
{
	static const char *const others[] = {"comment", "device", "devices", "flags", "handle"};
	struct kj_nft_lex *lex = &s->r.lex;
	if (kj_nft_take(lex, "type")) {
		read_hook(s);
		return true;
	}
	if (kj_nft_take(lex, "policy")) {
		read_policy(s);
		return true;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (kj_nft_is(lex, others[i])) {
			kj_nft_skip_statement(lex);
			return true;
		}
	}
	return false;
}

/* How far what stands at an offset is indented, or SIZE_MAX when something stands before it on its line. */
static size_t indent_of(kj_str text, size_t at)
{
	size_t from = at;
	while (from > 0 && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t'))
		from--;
	return from == 0 || text.p[from - 1] == '\n' ? at - from : SIZE_MAX;
}

/* Whether a line of a chain goes on with the one before it, since a terminal wrapped that: nft indents what stands in a
   chain more than the chain, ends settings with ";" and most rules with a verdict. */
static bool is_wrapped(const struct scan *s, size_t indent)
{
	const struct kj_nft_lex *lex = &s->r.lex;
	return s->open && indent != SIZE_MAX && indent_of(lex->text, lex->from) <= indent;
}

/* Reads one statement of a chain. */
static void read_statement(struct scan *s, size_t indent)
{
	struct kj_nft_lex *lex = &s->r.lex;
	size_t here = indent_of(lex->text, lex->from);
	const struct kj_fw_chain *chain = s->r.nft->chain;
	bool header = read_chain_header(s);
	if (!header)
		kj_nft_read_rule(&s->r);
	bool ended = header ? kj_nft_is(lex, ";")
	                    : !chain->rules.n || chain->rules.at[chain->rules.n - 1]->verdict != KJ_FW_CONTINUE;
	s->deep = here == SIZE_MAX ? s->deep : here > indent;
	s->open = s->deep && !ended;
}

/* What either of the two lines is, is lost. */
static void read_wrapped(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	struct kj_fw_chain *chain = s->r.nft->chain;
	uint32_t line = lex->line, before = chain->rules.n ? chain->rules.at[chain->rules.n - 1]->line : 0;
	for (size_t i = chain->rules.n; i > 0 && chain->rules.at[i - 1]->line == before; i--) {
		chain->rules.at[i - 1]->tests.n = 0;
		chain->rules.at[i - 1]->verdict = KJ_FW_UNSURE;
	}
	kj_str text = line_around(lex->text, lex->from);
	kj_nft_skip_statement(lex);
	kj_fw_unreadable(s->r.nft->rs, chain, line, text, "the line was wrapped: how its rule reads is not known");
}

static void read_chain(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	uint32_t line = lex->line;
	size_t indent = indent_of(lex->text, lex->from);
	kj_nft_next(lex);
	kj_str name = take_name(lex);
	if (!kj_nft_is(lex, "{"))
		return;
	if (s->pass != CHAINS || s->r.nft->table->outside) {
		kj_nft_skip_block(lex);
		return;
	}
	kj_nft_next(lex);
	kj_nft_chain(s->r.nft, name, line);
	while (lex->token != KJ_NFT_END && !kj_nft_is(lex, "}")) {
		if (kj_nft_at_end(lex))
			kj_nft_next(lex);
		else if (is_wrapped(s, indent))
			read_wrapped(s);
		else
			read_statement(s, indent);
	}
	s->open = false;
	if (kj_nft_take(lex, "}"))
		s->r.nft->chain = NULL;
}

/* -- tables -- */

/* "flags dormant" */
static void read_table_flags(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	for (; !kj_nft_at_end(lex); kj_nft_next(lex))
		s->r.nft->table->dormant |= kj_nft_is(lex, "dormant");
}

/* Something else in a table: counters, quotas, flowtables … with or without a block. */
static void skip_object(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	static const char *const known[] = {"counter", "quota",   "limit",    "ct",       "flowtable",
	                                    "secmark", "comment", "synproxy", "elements", "tunnel"};
	bool is_known = false;
	uint32_t line = lex->line;
	size_t from = lex->from;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		is_known |= kj_nft_is(lex, known[i]);
	size_t to = kj_nft_skip_statement(lex);
	if (!is_known && s->pass == CHAINS)
		kj_fw_note(s->r.nft->rs, line, "'%.*s' is not understood",
		           KJ_FMT(line_around(lex->text, from < to ? from : to)));
}

static void read_table(struct scan *s)
{
	struct kj_nft_lex *lex = &s->r.lex;
	uint32_t line = lex->line;
	kj_str family = take_name(lex), name = KJ_STR("");
	if (kj_nft_is(lex, "{")) { /* the family may be left out */
		name = family;
		family = KJ_STR("ip");
	} else {
		name = take_name(lex);
	}
	if (!kj_nft_take(lex, "{"))
		return;
	kj_nft_enter(s->r.nft, family, name, line);
	while (lex->token != KJ_NFT_END && !kj_nft_is(lex, "}")) {
		if (kj_nft_at_end(lex))
			kj_nft_next(lex);
		else if (kj_nft_is(lex, "chain"))
			read_chain(s);
		else if (kj_nft_is(lex, "set") || kj_nft_is(lex, "map")) {
			bool map = kj_nft_is(lex, "map");
			kj_nft_next(lex);
			read_set(s, map);
		} else if (kj_nft_take(lex, "flags"))
			read_table_flags(s);
		else
			skip_object(s);
	}
	if (!kj_nft_take(lex, "}") && s->pass == CHAINS)
		kj_nft_cut_short(s->r.nft, lex->line);
}

/* -- the whole text -- */

/* A line outside of all tables: a command (nft -f reads those), or what a terminal shows. */
static void read_outside(struct scan *s)
{
	static const char *const commands[] = {"include", "add", "insert", "create", "replace", "delete", "destroy"};
	static const char *const harmless[] = {"flush", "define", "undefine", "redefine"};
	struct kj_nft_lex *lex = &s->r.lex;
	uint32_t line = lex->line;
	size_t from = lex->from;
	bool command = false, known = kj_fw_is_prompt(line_around(lex->text, from));
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		command |= kj_nft_is(lex, commands[i]);
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		known |= kj_nft_is(lex, harmless[i]);
	size_t to = kj_nft_skip_statement(lex);
	if (lex->token != KJ_NFT_END)
		kj_nft_next(lex);
	kj_str text = kj_str_upto(kj_str_from(lex->text, from), to - from);
	if (s->pass == CHAINS && command)
		kj_nft_elsewhere(s->r.nft, line, text);
	else if (s->pass == CHAINS && !known && text.n)
		kj_fw_note(s->r.nft->rs, line, "'%.*s' is not understood", KJ_FMT(text));
}

static void run_pass(struct scan *s, enum pass pass, kj_str text, uint32_t line)
{
	s->pass = pass;
	s->r.lex = kj_nft_lex(text, line);
	while (s->r.lex.token != KJ_NFT_END) {
		if (kj_nft_take(&s->r.lex, "table"))
			read_table(s);
		else if (kj_nft_at_end(&s->r.lex))
			kj_nft_next(&s->r.lex);
		else
			read_outside(s);
	}
}

static void read_dump(struct kj_fw_reading *reading, kj_str text, uint32_t line)
{
	struct scan s = {.r.nft = kj_nft_new(reading->arena, reading->text, "nft")};
	run_pass(&s, SETS, text, line);
	run_pass(&s, CHAINS, text, line);
	kj_nft_finish(s.r.nft);
	if (s.r.nft->tables.n)
		KJ_PUSH(reading->arena, &reading->rulesets, s.r.nft->rs);
}

/* Where the next dump begins: at the table that holds a chain for the second time. Or text.n. */
static size_t next_dump(struct kj_arena *arena, kj_str text, uint32_t *line)
{
	struct kj_map chains = {0};
	kj_str table = KJ_STR("");
	size_t start = 0, depth = 0;
	for (struct kj_nft_lex lex = kj_nft_lex(text, *line); lex.token != KJ_NFT_END;) {
		struct kj_nft_lex at = lex;
		kj_nft_next(&lex);
		if (depth == 0 && kj_nft_is(&at, "table")) {
			start = at.from;
			*line = at.line;
			kj_nft_next(&lex); /* the family */
			kj_nft_next(&lex); /* the name */
			table = kj_nft_slice(&lex, start);
		} else if (depth == 1 && kj_nft_is(&at, "chain") && lex.token == KJ_NFT_WORD) {
			void **seen = kj_map_at(arena, &chains,
			                        kj_str_fmt(arena, "%.*s\n%.*s", KJ_FMT(table), KJ_FMT(lex.s)));
			size_t *where = *seen ? *seen : KJ_NEW(arena, size_t);
			if (*seen && *where != start)
				return start;
			*where = start;
			*seen = where;
		}
		depth += kj_nft_is(&at, "{");
		depth -= depth && kj_nft_is(&at, "}");
	}
	return text.n;
}

static void parse(struct kj_fw_reading *reading)
{
	kj_str text = reading->text->bytes;
	uint32_t line = 1;
	while (text.n) {
		uint32_t next_line = line;
		size_t end = next_dump(reading->arena, text, &next_line);
		read_dump(reading, kj_str_upto(text, end), line);
		text = kj_str_from(text, end);
		line = next_line;
	}
}

/* -- recognition -- */

/* "table inet filter {" */
static bool is_table(kj_str line)
{
	static const char *const families[] = {"ip", "ip6", "inet", "arp", "bridge", "netdev"};
	kj_str word[4];
	for (size_t i = 0; i < 4; i++) {
		if (!kj_str_word(&line, &word[i]))
			return false;
	}
	bool known = false;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		known |= kj_str_eq(word[1], kj_str_of(families[i]));
	return known && kj_str_eq(word[0], KJ_STR("table")) && kj_str_eq(word[3], KJ_STR("{"));
}

static int recognise(kj_str text)
{
	kj_str line;
	int sure = 0;
	while (kj_str_line(&text, &line)) {
		line = kj_str_trim(line);
		if (is_table(line))
			sure = sure > 80 ? sure : 80;
		if (sure && kj_str_starts(line, KJ_STR("type ")) && kj_str_find_str(line, KJ_STR(" hook ")) < line.n)
			return 98;
	}
	return sure;
}

extern const struct kj_fw_dialect kj_fw_dialect_nft;
const struct kj_fw_dialect kj_fw_dialect_nft = {
        .name = "nft",
        .about = "nft list ruleset",
        .recognise = recognise,
        .parse = parse,
};
