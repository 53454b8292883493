/* `iptables -L` as text: chains and the rules listed below them, with what commands and headings tell of the table. */
#include "firewall/capture.h"
#include "firewall/dialects/iptables_list.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* An empty target column is at least as wide as this. */
enum { EMPTY_TARGET = 10 };

/* -- one rule's line -- */

static bool is_counter(kj_str word)
{
	size_t digits = 0;
	while (digits < word.n && kj_is_digit(word.p[digits]))
		digits++;
	return digits > 0 &&
	       (digits == word.n || (digits + 1 == word.n && kj_str_find(KJ_STR("KMGTP"), word.p[digits]) < 5));
}

/* The next word, with a "!" that stands alone before it. */
static kj_str next_word(kj_str *rest)
{
	kj_str word, value;
	if (!kj_str_word(rest, &word))
		return KJ_STR("");
	if (kj_str_eq(word, KJ_STR("!")) && kj_str_word(rest, &value))
		return (kj_str){word.p, (size_t)(value.p + value.n - word.p)};
	return word;
}

kj_str kj_ipl_without_not(kj_str word)
{
	return kj_str_starts(word, KJ_STR("!")) ? kj_str_trim_left(kj_str_from(word, 1)) : word;
}

static bool is_opt(kj_str word)
{
	static const char *const opts[] = {"--", "-f", "!f"};
	for (size_t i = 0; i < COUNT(opts); i++) {
		if (kj_str_eq(word, kj_str_of(opts[i])))
			return true;
	}
	return false;
}

static bool is_proto(kj_str word)
{
	unsigned proto;
	word = kj_ipl_without_not(word);
	return kj_str_eq(word, KJ_STR("all")) || kj_fw_proto_parse(word, &proto);
}

/* Reads the columns before the target: false when they are not there. */
static bool skip_counts(const struct kj_ipl_columns *columns, kj_str *rest)
{
	kj_str word;
	for (unsigned i = columns->numbered ? 0 : 1; i < (columns->counted ? 3 : 1); i++) {
		if (!kj_str_word(rest, &word) || !is_counter(word))
			return false;
	}
	return true;
}

static kj_str peek_word(kj_str rest)
{
	return next_word(&rest);
}

/* Does a rule begin here? Reads up to the option column. ip6tables before 1.8.9 left that empty. */
static bool read_front(const struct kj_ipl_columns *columns, kj_str line, struct kj_ipl_head *h)
{
	kj_str rest = line;
	if (!skip_counts(columns, &rest))
		return false;
	bool empty = rest.n - kj_str_trim_left(rest).n >= EMPTY_TARGET;
	h->target = empty ? KJ_STR("") : next_word(&rest);
	h->proto = next_word(&rest);
	if (!empty && is_opt(h->proto) && is_proto(h->target)) { /* the blanks at the line's beginning are lost */
		h->opt = h->proto;
		h->proto = h->target;
		h->target = KJ_STR("");
	} else {
		h->opt = is_opt(peek_word(rest)) ? next_word(&rest) : KJ_STR("");
	}
	h->rest = rest;
	return h->proto.n && (h->opt.n || is_proto(h->proto));
}

bool kj_ipl_read_head(const struct kj_ipl_columns *columns, kj_str line, struct kj_ipl_head *h)
{
	*h = (struct kj_ipl_head){.in = KJ_STR("*"), .out = KJ_STR("*")};
	if (!read_front(columns, line, h))
		return false;
	if (columns->ifaces) {
		h->in = next_word(&h->rest);
		h->out = next_word(&h->rest);
	}
	h->src = next_word(&h->rest);
	h->dst = next_word(&h->rest);
	return h->dst.n;
}

unsigned kj_ipl_version_of(kj_str word)
{
	struct kj_range range;
	return kj_range_parse(kj_ipl_without_not(word), &range) ? range.first.version : 0;
}

/* -- blocks -- */

struct reader {
	struct kj_arena *arena;
	struct kj_ipl_listing *out;
	struct kj_ipl_block next; /* what the lines before the next block told of it */
	bool open, gap;           /* rules may follow; a blank line came */
};

static bool has(kj_str s, const char *needle)
{
	kj_str text = kj_str_of(needle);
	return kj_str_find_str(s, text) < s.n;
}

/* "Chain INPUT (policy DROP 3 packets, 180 bytes)", "Chain docker (2 references)" */
bool kj_ipl_read_header(kj_str line, struct kj_ipl_block *block)
{
	kj_str rest = line, word;
	if (!kj_str_starts(rest, KJ_STR("Chain ")) || !kj_str_word(&rest, &word) || !kj_str_word(&rest, &block->name))
		return false;
	rest = kj_str_trim(rest);
	block->header = line;
	block->builtin = kj_str_starts(rest, KJ_STR("(policy "));
	if (block->builtin) {
		rest = kj_str_from(rest, 8);
		block->policy = kj_str_upto(rest, kj_str_find_any(rest, KJ_STR(" )[")));
	}
	return block->builtin || (kj_str_starts(rest, KJ_STR("(")) && (has(rest, "reference") || has(rest, "refs")));
}

bool kj_ipl_read_columns(kj_str line, struct kj_ipl_columns *columns)
{
	kj_str word;
	bool target = false, proto = false;
	struct kj_ipl_columns found = {0};
	while (kj_str_word(&line, &word)) {
		target |= kj_str_eq(word, KJ_STR("target"));
		proto |= kj_str_eq(word, KJ_STR("prot"));
		found.numbered |= kj_str_eq(word, KJ_STR("num"));
		found.counted |= kj_str_eq(word, KJ_STR("pkts"));
		found.ifaces |= kj_str_eq(word, KJ_STR("in"));
	}
	if (target && proto)
		*columns = found;
	return target && proto;
}

/* What a command or a heading says of the listing behind it: "# ip6tables -t nat -L", "Table: nat", "IPV6 (raw):". */
static bool read_command(struct reader *reader, kj_str line)
{
	static const char *const marks[] = {"ip6tables", "iptables", "Table:", "IPV4", "IPV6"};
	kj_str word, before = KJ_STR("");
	size_t mark = 0;
	while (mark < COUNT(marks) && !has(line, marks[mark]))
		mark++;
	if (mark == COUNT(marks) || kj_str_starts(line, KJ_STR("# Warning")))
		return false;
	reader->next = (struct kj_ipl_block){.begins = true, .version = mark == 0 || mark == 4 ? 6 : mark == 2 ? 0 : 4};
	while (kj_str_word(&line, &word)) {
		if (kj_str_eq(before, KJ_STR("-t")) || kj_str_eq(before, KJ_STR("--table")) ||
		    kj_str_eq(before, KJ_STR("Table:")))
			reader->next.table = word;
		before = word;
	}
	return true;
}

static void join(struct reader *reader, struct kj_ipl_row *row, kj_str more)
{
	if (!row->joined) {
		row->more = KJ_BUF(reader->arena);
		kj_buf_put(&row->more, row->text);
	}
	kj_buf_put(&row->more, more);
	row->text = kj_buf_str(&row->more);
	row->joined = true;
}

static struct kj_ipl_block *last_block(struct reader *reader)
{
	return &reader->out->blocks.at[reader->out->blocks.n - 1];
}

/* Does a rule begin on this line? Behind a blank line prose may follow: there it must look very much like one. */
static bool is_rule(struct reader *reader, kj_str line)
{
	const struct kj_ipl_columns *columns = &last_block(reader)->columns;
	struct kj_ipl_head head;
	if (!reader->gap)
		return read_front(columns, line, &head);
	return kj_ipl_read_head(columns, line, &head) && (head.opt.n || kj_ipl_version_of(head.src));
}

/* A line inside a block that is no rule's first: the columns' names, prose, or more of the rule before it. */
static void read_more(struct reader *reader, kj_str line, uint32_t number)
{
	struct kj_ipl_block *block = last_block(reader);
	struct kj_ipl_row *before = block->rows.n ? &block->rows.at[block->rows.n - 1] : NULL;
	if (kj_ipl_read_columns(line, &block->columns) || reader->gap)
		return;
	if (before)
		join(reader, before, line);
	else
		KJ_PUSH(reader->arena, &block->rows, (struct kj_ipl_row){.line = number, .text = line});
}

static void read_line(struct reader *reader, kj_str line, uint32_t number)
{
	struct kj_ipl_block block = {.line = number};
	kj_str s = kj_str_trim(line);
	if (kj_ipl_read_header(s, &block)) {
		block.begins = reader->next.begins;
		block.table = reader->next.table;
		block.version = reader->next.version;
		if (reader->out->blocks.n)
			block.columns = reader->out->blocks.at[reader->out->blocks.n - 1].columns;
		reader->next = (struct kj_ipl_block){0};
		KJ_PUSH(reader->arena, &reader->out->blocks, block);
		reader->open = true;
		reader->gap = false;
		return;
	}
	if (kj_str_starts(s, KJ_STR("# Warning: ip")) && has(s, "-legacy tables present"))
		reader->out->legacy = number;
	if (!s.n)
		reader->gap = true;
	else if (reader->open && is_rule(reader, line))
		KJ_PUSH(reader->arena, &last_block(reader)->rows, (struct kj_ipl_row){.line = number, .text = line});
	else if (read_command(reader, s) || kj_fw_is_prompt(s))
		reader->open = false;
	else if (reader->open)
		read_more(reader, line, number);
}

/* Whether the last line, which has no end, is part of the last block: it may go on, and rows may follow it. Rows begin
   with blanks. */
static bool ends_within(const struct kj_ipl_block *block, kj_str line, uint32_t number)
{
	struct kj_ipl_columns columns;
	bool row = block->rows.n && block->rows.at[block->rows.n - 1].line == number;
	return row || block->line == number || kj_ipl_read_columns(line, &columns) || !kj_str_trim(line).n;
}

void kj_ipl_read_listing(struct kj_arena *arena, kj_str text, struct kj_ipl_listing *listing)
{
	struct reader reader = {.arena = arena, .out = listing};
	kj_str line = KJ_STR("");
	bool ended = kj_str_ends(text, KJ_STR("\n"));
	uint32_t number = 0;
	while (kj_str_line(&text, &line))
		read_line(&reader, line, ++number);
	if (!ended && listing->blocks.n && ends_within(last_block(&reader), line, number))
		last_block(&reader)->cut = number;
}
