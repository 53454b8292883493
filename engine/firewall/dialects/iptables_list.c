/* `iptables -L` and `ip6tables -L`, with -n, -v, -x, --line-numbers or without: iptables(8). The listing does not name its tables; they are told from
   their chains, or from the commands that a capture holds with it. */
#include "firewall/dialects/iptables_list.h"
#include "firewall/dialect.h"
#include "firewall/dialects/iptables.h"
#include "firewall/dialects/iptables_chains.h"
#include "firewall/services.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Each is as long as a whole text could be: some limit there must be. */
enum { DUMPS_MAX = 256 };

struct reader {
	struct kj_fw_reading *reading;
	struct kj_arena *arena;
	struct kj_ipl_listing listing;
	struct kj_fw_ruleset *rs[2]; /* the dump that is being made, of each family … */
	struct kj_map chains[2];     /* … and the chains that it has already */
	uint32_t hidden[2];          /* … and its first chain without interfaces, or 0 */
	unsigned last;               /* the family of the table before */
	struct kj_ipset_lines lines; /* of its sets */
	bool sets, full;             /* the text has ipsets; it has too many dumps */
};

/* -- tables -- */

/* Consecutive blocks of one table. */
struct group {
	size_t first, end;
	kj_str table;
	unsigned version, later; /* 4 or 6, or 0: not told; that of the next group that tells */
};

static int order_of(kj_str chain)
{
	static const char *const order[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
	for (int i = 0; i < (int)COUNT(order); i++) {
		if (kj_str_eq(chain, kj_str_of(order[i])))
			return i;
	}
	return -1;
}

/* Built-in chains come first and in the packets' order (but for nat before Linux 2.6.34: PREROUTING, POSTROUTING, OUTPUT). */
static bool begins_table(const struct kj_ipl_block *block, const struct kj_ipl_block *before, bool old_nat)
{
	if (!before || block->begins)
		return true;
	if (!block->builtin)
		return false;
	return !before->builtin || (order_of(block->name) <= order_of(before->name) && !old_nat);
}

static size_t end_of_table(const struct reader *reader, size_t first)
{
	size_t i = first + 1;
	for (; i < reader->listing.blocks.n; i++) {
		const struct kj_ipl_block *at = reader->listing.blocks.at;
		bool old_nat = i == first + 2 && order_of(at[i].name) == 3 && order_of(at[i - 1].name) == 4 &&
		               order_of(at[first].name) == 0;
		if (begins_table(&at[i], &at[i - 1], old_nat))
			break;
	}
	return i;
}

static kj_str table_by_chains(const struct reader *reader, const struct group *group)
{
	bool has_chain[5] = {false};
	for (size_t i = group->first; i < group->end; i++) {
		int order = order_of(reader->listing.blocks.at[i].name);
		if (order >= 0)
			has_chain[order] = true;
	}
	bool pre = has_chain[0], input = has_chain[1], forward = has_chain[2], output = has_chain[3],
	     post = has_chain[4];
	if (forward)
		return pre || post ? KJ_STR("mangle") : KJ_STR("filter");
	if (post || (pre && (input || !output)))
		return KJ_STR("nat");
	return pre ? KJ_STR("raw") : KJ_STR("filter");
}

static unsigned version_of_head(const struct kj_ipl_head *head)
{
	unsigned version = kj_ipl_version_of(head->src), proto;
	if (!version)
		version = kj_ipl_version_of(head->dst);
	if (!version && kj_fw_proto_parse(kj_ipl_without_not(head->proto), &proto))
		version = proto == 58 ? 6 : proto == 1 ? 4 : 0;
	return version;
}

/* The family: as the addresses are, else as the command says; 0: nothing tells. */
static unsigned version_by_rules(const struct reader *reader, const struct group *group)
{
	struct kj_ipl_head head;
	for (size_t i = group->first; i < group->end; i++) {
		const struct kj_ipl_block *block = &reader->listing.blocks.at[i];
		for (size_t r = 0; r < block->rows.n; r++) {
			unsigned version = kj_ipl_read_head(&block->columns, block->rows.at[r].text, &head)
			                           ? version_of_head(&head)
			                           : 0;
			if (version)
				return version;
		}
	}
	return reader->listing.blocks.at[group->first].version;
}

/* -- rules -- */

/* " -s 10.0.0.0/8", or beyond the model when it is a host's name. */
static void put_addr(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, struct kj_buf *words, const char *option,
                     kj_str word)
{
	struct kj_range range;
	bool negated = kj_str_starts(word, KJ_STR("!"));
	kj_str value = kj_ipl_without_not(word);
	if (kj_str_eq(value, KJ_STR("anywhere")) && !negated)
		return;
	if (!kj_range_parse(value, &range))
		kj_fw_beyond(rs, rule, kj_str_fmt(rs->arena, "%s %.*s", option, KJ_FMT(word)));
	else
		kj_buf_fmt(words, "%s %s %.*s", negated ? " !" : "", option, KJ_FMT(value));
}

static void put_iface(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, struct kj_buf *words, const char *option,
                      kj_str word)
{
	kj_str value = kj_ipl_without_not(word);
	if (kj_str_eq(word, KJ_STR("*")) || kj_str_eq(word, KJ_STR("any")))
		return;
	if (!kj_ipl_plain(value))
		kj_fw_beyond(rs, rule, kj_str_fmt(rs->arena, "%s %.*s", option, KJ_FMT(word)));
	else
		kj_buf_fmt(words, "%s %s %.*s", value.p == word.p ? "" : " !", option, KJ_FMT(value));
}

static void put_opt(struct kj_buf *words, kj_str opt)
{
	if (kj_str_ends(opt, KJ_STR("f")))
		kj_buf_put(words, kj_str_starts(opt, KJ_STR("!")) ? KJ_STR(" ! -f") : KJ_STR(" -f"));
}

static void put_head(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, struct kj_buf *words,
                     const struct kj_ipl_head *head)
{
	put_addr(rs, rule, words, "-s", head->src);
	put_addr(rs, rule, words, "-d", head->dst);
	put_iface(rs, rule, words, "-i", head->in);
	put_iface(rs, rule, words, "-o", head->out);
	put_opt(words, head->opt);
	kj_str proto = kj_ipl_without_not(head->proto);
	if (kj_ipl_plain(proto))
		kj_buf_fmt(words, "%s -p %.*s", proto.p == head->proto.p ? "" : " !", KJ_FMT(proto));
	else
		kj_fw_beyond(rs, rule, head->proto);
}

/* The line once more in the words of iptables-save, read as such. */
static void read_rule(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, unsigned version,
                      const struct kj_ipl_block *block, const struct kj_ipl_row *row)
{
	struct kj_ipl_head head;
	if (!kj_ipl_read_head(&block->columns, row->text, &head) || (head.target.n && !kj_ipl_plain(head.target))) {
		kj_fw_unreadable(rs, chain, row->line, kj_str_trim(row->text), "not a rule as iptables lists it");
		return;
	}
	struct kj_fw_rule *rule = kj_fw_rule(rs, chain, row->line, kj_str_trim(row->text));
	struct kj_buf words = KJ_BUF(rs->arena), options = KJ_BUF(rs->arena);
	struct kj_ipl_text text = {rs, rule, head.target, head.rest, &words, &options, false};
	put_head(rs, rule, &words, &head);
	kj_ipl_read(&text);
	if (head.target.n)
		kj_buf_fmt(&words, " %s %.*s", text.go ? "-g" : "-j", KJ_FMT(head.target));
	kj_buf_put(&words, kj_buf_str(&options));
	struct kj_ipt_words split = {0};
	kj_ipt_split(rs->arena, kj_buf_str(&words), &split);
	struct kj_ipt_rule ipt = {.rs = rs, .rule = rule, .table = chain->table, .version = version, .words = &split};
	kj_ipt_read_rule(&ipt);
	if (row->joined) {
		if (rule->maybe)
			kj_ipt_give_up(rule);
		kj_fw_note(rs, row->line, "the line was wrapped; its words may be cut");
	}
	rule->maybe |= !block->columns.ifaces || row->joined;
}

/* The text ends within the chain: what its last line says is not sure, and further rows may be missing. */
static void doubt_last(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, uint32_t line)
{
	struct kj_fw_rule *last = chain->rules.n ? chain->rules.at[chain->rules.n - 1] : NULL;
	if (last && last->line == line)
		kj_ipt_give_up(last);
	kj_fw_note(rs, line, "the line may break off before its end");
	kj_fw_rule(rs, chain, 0, KJ_STR("the rest is not in the dump"))->verdict = KJ_FW_UNSURE;
}

/* -- dumps -- */

static kj_str chain_key(const struct reader *reader, const struct group *group, size_t block)
{
	return kj_str_fmt(reader->arena, "%.*s %.*s", KJ_FMT(group->table),
	                  KJ_FMT(reader->listing.blocks.at[block].name));
}

static void read_chain(struct kj_fw_ruleset *rs, const struct group *group, const struct kj_ipl_block *block)
{
	struct kj_fw_chain *chain = kj_ipt_declare(rs, group->table, block->name, group->version, block->line);
	if (chain->hook != KJ_FW_NO_HOOK) {
		bool accept = kj_str_eq(block->policy, KJ_STR("ACCEPT")),
		     drop = kj_str_eq(block->policy, KJ_STR("DROP"));
		chain->policy = accept ? KJ_FW_ACCEPT : drop ? KJ_FW_DROP : KJ_FW_UNSURE;
		chain->policy_line = block->line;
		chain->policy_text = block->header;
		if (!accept && !drop)
			kj_fw_note(rs, block->line, "policy '%.*s' is not known", KJ_FMT(block->policy));
	} else if (block->builtin) {
		kj_fw_note(rs, block->line, "chain '%.*s' is none of table '%.*s'; it is left out", KJ_FMT(block->name),
		           KJ_FMT(group->table));
	}
	for (size_t i = 0; i < block->rows.n; i++)
		read_rule(rs, chain, group->version, block, &block->rows.at[i]);
	if (block->cut)
		doubt_last(rs, chain, block->cut);
}

static bool lists_table(const struct kj_fw_ruleset *rs, kj_str table)
{
	for (size_t i = 0; i < rs->chains.n; i++) {
		if (rs->chains.at[i]->declared && kj_str_eq(rs->chains.at[i]->table, table))
			return true;
	}
	return false;
}

static void note_missing(struct kj_fw_ruleset *rs)
{
	static const char *const tables[] = {"raw", "mangle", "nat"};
	struct kj_buf missing = KJ_BUF(rs->arena);
	for (size_t i = 0; i < COUNT(tables); i++) {
		if (!lists_table(rs, kj_str_of(tables[i])))
			kj_buf_fmt(&missing, "%s'%s'", missing.n ? ", " : "", tables[i]);
	}
	if (missing.n)
		kj_fw_note(rs, 0, "not listed: table %.*s; what they drop or redirect is not seen",
		           KJ_FMT(kj_buf_str(&missing)));
}

static void close_dump(struct reader *reader, unsigned version)
{
	static const char *const filter[] = {"INPUT", "FORWARD", "OUTPUT"};
	struct kj_fw_ruleset *rs = reader->rs[version == 6];
	if (!rs)
		return;
	for (size_t i = 0; i < COUNT(filter); i++) {
		struct kj_fw_chain *chain = kj_fw_chain(rs, KJ_STR("filter"), kj_str_of(filter[i]));
		if (chain->declared)
			continue;
		kj_ipt_declare(rs, chain->table, chain->name, version, 0);
		chain->policy = KJ_FW_UNSURE;
		chain->policy_text = KJ_STR("not in the dump");
		kj_fw_note(rs, 0, "chain '%s' of table 'filter' is not listed", filter[i]);
	}
	note_missing(rs);
	uint32_t hidden = reader->hidden[version == 6];
	if (hidden)
		kj_fw_note(rs, hidden,
		           "interfaces are not listed (iptables -L without -v): every rule may hold for some only");
	reader->hidden[version == 6] = 0;
	if (reader->listing.legacy) {
		kj_fw_note(rs, reader->listing.legacy, "iptables-legacy has rules too, which are not in this listing");
		kj_ipt_doubt_all(rs, reader->listing.legacy, KJ_STR("rules of iptables-legacy, which are not listed"));
	}
	kj_fw_finish(rs);
	KJ_PUSH(reader->arena, &reader->reading->rulesets, rs);
	reader->rs[version == 6] = NULL;
}

/* Whether the family's dump already has a chain of the group. */
static bool repeats(struct reader *reader, unsigned version, const struct group *group)
{
	for (size_t i = group->first; reader->rs[version == 6] && i < group->end; i++) {
		if (kj_map_get(&reader->chains[version == 6], chain_key(reader, group, i)))
			return true;
	}
	return false;
}

/* Where the listing leaves the family open: that of the table before, unless that family has this table already; else of the one behind. */
static unsigned guess_version(struct reader *reader, const struct group *group)
{
	if (reader->last && !repeats(reader, reader->last, group))
		return reader->last;
	return group->later ? group->later : reader->last ? reader->last : 4;
}

/* The dump that the group goes into: that of its family, or a new one. */
static struct kj_fw_ruleset *dump_of(struct reader *reader, const struct group *group, bool told)
{
	bool six = group->version == 6;
	if (repeats(reader, group->version, group))
		close_dump(reader, group->version);
	if (reader->rs[six])
		return reader->rs[six];
	struct kj_fw_ruleset *rs =
	        kj_fw_ruleset_new(reader->arena, reader->reading->text, six ? "ip6tables-list" : "iptables-list",
	                          six ? KJ_FW_V6 : KJ_FW_V4);
	if (reader->sets)
		kj_ipset_read(rs, reader->reading->text->bytes, &reader->lines);
	if (!told)
		kj_fw_note(rs, reader->listing.blocks.at[group->first].line,
		           "nothing tells IPv4 from IPv6 here; taken for IPv4");
	reader->chains[six] = (struct kj_map){0};
	reader->rs[six] = rs;
	return rs;
}

static bool is_table(kj_str name)
{
	static const char *const tables[] = {"raw", "mangle", "nat", "filter", "security"};
	for (size_t i = 0; i < COUNT(tables); i++) {
		if (kj_str_eq(name, kj_str_of(tables[i])))
			return true;
	}
	return false;
}

static void read_group(struct reader *reader, struct group *group)
{
	bool told = group->version || group->later || reader->last;
	if (!group->version)
		group->version = guess_version(reader, group);
	if (reader->reading->rulesets.n >= DUMPS_MAX) {
		reader->full = true;
		return;
	}
	struct kj_fw_ruleset *rs = dump_of(reader, group, told);
	for (size_t i = group->first; i < group->end; i++) {
		const struct kj_ipl_block *block = &reader->listing.blocks.at[i];
		read_chain(rs, group, block);
		if (!block->columns.ifaces && block->rows.n && !reader->hidden[group->version == 6])
			reader->hidden[group->version == 6] = block->line;
		*kj_map_at(reader->arena, &reader->chains[group->version == 6], chain_key(reader, group, i)) = rs;
	}
	reader->last = group->version;
}

static void read_groups(struct reader *reader)
{
	KJ_VEC(struct group) groups = {0};
	unsigned later = 0;
	for (struct group group = {0}; group.first < reader->listing.blocks.n; group.first = group.end) {
		group.end = end_of_table(reader, group.first);
		kj_str table = reader->listing.blocks.at[group.first].table;
		group.table = is_table(table) ? table : table_by_chains(reader, &group);
		group.version = version_by_rules(reader, &group);
		KJ_PUSH(reader->arena, &groups, group);
	}
	for (size_t i = groups.n; i > 0; i--) {
		groups.at[i - 1].later = later;
		later = groups.at[i - 1].version ? groups.at[i - 1].version : later;
	}
	for (size_t i = 0; i < groups.n; i++)
		read_group(reader, &groups.at[i]);
}

static void parse(struct kj_fw_reading *reading)
{
	struct reader reader = {.reading = reading, .arena = reading->arena};
	kj_ipl_read_listing(reading->arena, reading->text->bytes, &reader.listing);
	kj_str create = KJ_STR("create ");
	reader.sets = kj_str_find_str(reading->text->bytes, create) < reading->text->bytes.n;
	read_groups(&reader);
	close_dump(&reader, 4);
	close_dump(&reader, 6);
	if (reader.full)
		kj_error(reading->diags, kj_span_whole(reading->text),
		         "more than %d listings in one text; the others are not read", DUMPS_MAX);
}

/* A chain's heading with the columns' names below it. */
static int recognise(kj_str text)
{
	kj_str line;
	struct kj_ipl_block block;
	struct kj_ipl_columns columns;
	bool before = false;
	while (kj_str_line(&text, &line)) {
		if (before && kj_ipl_read_columns(line, &columns))
			return 95;
		before = kj_ipl_read_header(kj_str_trim(line), &block);
	}
	return 0;
}

const struct kj_fw_dialect kj_fw_dialect_iptables_list = {"iptables-list", "iptables -L, ip6tables -L, best with -n -v",
                                                          recognise, parse};
