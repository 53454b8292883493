/* `firewall-cmd --list-all-zones`, `--list-all`, `--info-zone=`, and with them `--get-active-zones`, `--info-ipset=`, `--list-all-policies`: firewall-cmd(1). */
#include "base/num.h"
#include "firewall/capture.h"
#include "firewall/dialect.h"
#include "firewall/dialects/firewalld.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* One "name (attributes)" and the "key: value" lines indented below it. */
struct block {
	struct kj_fwd_item item;
	kj_str name, attributes;
	struct pair {
		struct kj_fwd_item value;
		kj_str key;
	} * at;
	size_t n, cap;
	uint32_t cut; /* a line of it that is none, or not whole; or 0 */
};

/* Some limit to the dumps in one text there must be: each may be as long as the whole. */
enum { DUMPS_MAX = 256 };

struct reader {
	struct kj_fw_reading *reading;
	struct kj_arena *arena;
	KJ_VEC(struct block) blocks;
	bool gap;      /* the line before was blank, or a prompt */
	uint32_t half; /* a last line without an end; or 0 */
	/* the dump at work */
	struct kj_fwd_host host;
	size_t listed;    /* zones with their settings */
	uint32_t cut;     /* the line in or behind which the text breaks off; or 0 */
	bool mixed;       /* where it begins, or ends, is not clear */
	bool active_list; /* --get-active-zones is there too: zones without a place in it are not in use */
};

/* -- blocks -- */

/* "public", "public (default, active)" */
static void read_heading(struct reader *reader, kj_str line, uint32_t number)
{
	size_t open = kj_str_find_str(line, KJ_STR(" ("));
	struct block block = {
	        .item = {number, line}, .name = kj_str_upto(line, open), .attributes = kj_str_from(line, open)};
	KJ_PUSH(reader->arena, &reader->blocks, block);
}

static void push_pair(struct reader *reader, struct block *block, kj_str key, kj_str value, uint32_t number)
{
	block->at = kj_vec_reserve(reader->arena, block->at, block->n, &block->cap, 1, sizeof *block->at);
	block->at[block->n++] = (struct pair){{number, value}, key};
}

/* "  services: ssh"; a line that is indented by a tab goes on with the list before it. */
static void read_indented(struct reader *reader, kj_str line, uint32_t number)
{
	struct block *block = &reader->blocks.at[reader->blocks.n - 1];
	kj_str s = kj_str_trim(line);
	size_t colon = kj_str_find(s, ':');
	if (*line.p == '\t' && block->n)
		push_pair(reader, block, block->at[block->n - 1].key, s, number);
	else if (colon < s.n)
		push_pair(reader, block, kj_str_upto(s, colon), kj_str_trim(kj_str_from(s, colon + 1)), number);
	else
		block->cut = number;
}

static const struct pair *find_pair(const struct block *block, const char *key)
{
	for (size_t i = 0; i < block->n; i++) {
		if (kj_str_eq(block->at[i].key, kj_str_of(key)))
			return &block->at[i];
	}
	return NULL;
}

/* -- zones -- */

static bool is_yes(kj_str s)
{
	return kj_str_eq(s, KJ_STR("yes"));
}

static void add_items(struct reader *reader, kj_fwd_items *items, const struct kj_fwd_item *value)
{
	kj_str rest = value->text, word;
	while (kj_str_word(&rest, &word)) {
		if (!kj_fwd_has_item(items, word))
			KJ_PUSH(reader->arena, items, (struct kj_fwd_item){value->line, word});
	}
}

/* -- settings -- */

/* A setting that is not understood: anything may come of it. */
static void add_unknown(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair)
{
	struct kj_fwd_rule rule = {.item = pair->value, .unreadable = true};
	KJ_PUSH(reader->arena, &zone->rules, rule);
	kj_fw_note(reader->host.rs, pair->value.line, "setting '%.*s' of a zone is not understood", KJ_FMT(pair->key));
}

typedef void take_fn(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                     enum kj_fwd_element element);

static void take_target(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                        enum kj_fwd_element element)
{
	(void)reader, (void)element;
	zone->target = pair->value.text;
	zone->listed = true;
}

static void take_inversion(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                           enum kj_fwd_element element)
{
	(void)reader, (void)element;
	zone->inverted = is_yes(pair->value.text);
}

static void take_forward(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                         enum kj_fwd_element element)
{
	(void)reader, (void)element;
	zone->has_forward = true;
	zone->forward = is_yes(pair->value.text);
}

static void take_priority(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                          enum kj_fwd_element element)
{
	int64_t number;
	(void)element;
	if (kj_num_int(pair->value.text, &number) && number >= INT16_MIN && number <= INT16_MAX)
		zone->priority = (int)number;
	else
		add_unknown(reader, zone, pair);
}

static void take_interfaces(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                            enum kj_fwd_element element)
{
	(void)element;
	add_items(reader, &zone->interfaces, &pair->value);
}

static void take_sources(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                         enum kj_fwd_element element)
{
	(void)element;
	add_items(reader, &zone->sources, &pair->value);
}

/* Each word is one rule of that element. */
static void take_words(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                       enum kj_fwd_element element)
{
	struct kj_fwd_item item = {.line = pair->value.line};
	kj_str rest = pair->value.text;
	while (kj_str_word(&rest, &item.text))
		kj_fwd_add_listed(&reader->host, zone, pair->key, item, element);
}

/* Blocked types are refused; with inversion they are those that are let in. The line about inversion comes before. */
static void take_icmp(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                      enum kj_fwd_element element)
{
	size_t first = zone->rules.n;
	take_words(reader, zone, pair, element);
	for (size_t i = first; i < zone->rules.n; i++)
		zone->rules.at[i].verdict = zone->inverted ? KJ_FW_ACCEPT : KJ_FW_REJECT;
}

static void take_forward_port(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                              enum kj_fwd_element element)
{
	(void)element;
	if (pair->value.text.n)
		kj_fwd_add_forward_port(&reader->host, zone, pair->value);
}

static void take_rich(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                      enum kj_fwd_element element)
{
	(void)element;
	if (pair->value.text.n)
		KJ_PUSH(reader->arena, &zone->rules, kj_fwd_rich(pair->value));
}

static void take_nothing(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair,
                         enum kj_fwd_element element)
{
	(void)reader, (void)zone, (void)pair, (void)element;
}

static const struct setting {
	const char *key;
	take_fn *take;
	enum kj_fwd_element element;
} settings[] = {
        {"target", take_target, KJ_FWD_ANY},
        {"icmp-block-inversion", take_inversion, KJ_FWD_ANY},
        {"forward", take_forward, KJ_FWD_ANY},
        {"ingress-priority", take_priority, KJ_FWD_ANY},
        {"egress-priority", take_nothing, KJ_FWD_ANY},
        {"interfaces", take_interfaces, KJ_FWD_ANY},
        {"sources", take_sources, KJ_FWD_ANY},
        {"services", take_words, KJ_FWD_SERVICE},
        {"ports", take_words, KJ_FWD_PORT},
        {"source-ports", take_words, KJ_FWD_SOURCE_PORT},
        {"protocols", take_words, KJ_FWD_PROTOCOL},
        {"icmp-blocks", take_icmp, KJ_FWD_ICMP},
        {"forward-ports", take_forward_port, KJ_FWD_FORWARD_PORT},
        {"rich rules", take_rich, KJ_FWD_ANY},
        {"masquerade", take_nothing, KJ_FWD_ANY},
        {"summary", take_nothing, KJ_FWD_ANY},
        {"description", take_nothing, KJ_FWD_ANY},
};

static void read_setting(struct reader *reader, struct kj_fwd_zone *zone, const struct pair *pair)
{
	for (size_t i = 0; i < COUNT(settings); i++) {
		if (!kj_str_eq(pair->key, kj_str_of(settings[i].key)))
			continue;
		settings[i].take(reader, zone, pair, settings[i].element);
		return;
	}
	add_unknown(reader, zone, pair);
}

/* firewall-cmd prints all keys of a zone, the rich rules last. */
static void check_whole(struct reader *reader, struct kj_fwd_zone *zone, const struct block *block)
{
	if (find_pair(block, "rich rules") && !block->cut)
		return;
	const struct pair *last = &block->at[block->n - 1];
	uint32_t line = block->cut ? block->cut : last->value.line;
	struct kj_fwd_rule rule = {.item = {line, last->value.text}, .unreadable = true};
	rule.why = "the zone is broken here: a line is wrapped, or the text is cut off";
	if (!find_pair(block, "rich rules") || line == reader->half)
		reader->cut = line;
	KJ_PUSH(reader->arena, &zone->rules, rule);
}

static void read_zone(struct reader *reader, const struct block *block)
{
	struct kj_fwd_zone *zone = kj_fwd_zone_named(&reader->host, block->item, block->name);
	bool settings_here = find_pair(block, "target") != NULL;
	if (settings_here && zone->listed)
		return; /* printed twice: --list-all and --list-all-zones; if it differed, a new dump would have begun */
	reader->active_list |= !settings_here;
	reader->listed += settings_here;
	if (settings_here)
		zone->item = block->item;
	zone->is_default |= kj_str_find_str(block->attributes, KJ_STR("default")) < block->attributes.n;
	for (size_t i = 0; i < block->n; i++)
		read_setting(reader, zone, &block->at[i]);
	if (settings_here)
		check_whole(reader, zone, block);
}

/* -- ipsets and policies -- */

static void read_ipset(struct reader *reader, const struct block *block)
{
	const struct pair *type = find_pair(block, "type"), *entries = find_pair(block, "entries");
	struct kj_fw_set *set = kj_fw_set_named(reader->host.rs, block->name, 0);
	kj_str rest = entries ? entries->value.text : KJ_STR(""), word;
	struct kj_range range;
	bool addresses =
	        kj_str_eq(type->value.text, KJ_STR("hash:ip")) || kj_str_eq(type->value.text, KJ_STR("hash:net"));
	set->line = block->item.line;
	set->declared = addresses && entries;
	while (set->declared && kj_str_word(&rest, &word)) {
		if (kj_range_parse(word, &range))
			kj_fw_set_addr(reader->host.rs, set, &range);
		else
			set->partial = true;
	}
}

static void read_policy(struct reader *reader, const struct block *block)
{
	if (kj_str_eq(block->name, KJ_STR("allow-host-ipv6")) ||
	    kj_str_find_str(block->attributes, KJ_STR("active")) == block->attributes.n)
		return;
	reader->host.policies = true;
	kj_fw_note(reader->host.rs, block->item.line, "policy '%.*s' is not evaluated", KJ_FMT(block->name));
}

static void read_block(struct reader *reader, const struct block *block)
{
	if (find_pair(block, "ingress-zones"))
		read_policy(reader, block);
	else if (find_pair(block, "type") && !find_pair(block, "target"))
		read_ipset(reader, block);
	else if (find_pair(block, "target") || find_pair(block, "interfaces") || find_pair(block, "sources"))
		read_zone(reader, block);
}

/* -- the text -- */

/* One zone alone is what --list-all prints. */
static void note_missing(struct reader *reader)
{
	struct kj_fw_ruleset *rs = reader->host.rs;
	reader->host.all_zones = (reader->listed > 1 || reader->active_list) && !reader->cut && !reader->mixed;
	if (!reader->host.all_zones)
		kj_fw_note(rs, 0,
		           "other zones are not listed ('firewall-cmd --list-all-zones' lists them): their sources "
		           "come first");
	kj_fwd_note_default(&reader->host);
	kj_fw_note(rs, 0, "services are taken as firewalld ships them; policies and direct rules are not listed");
}

static void read_dump(struct reader *reader, size_t first, size_t end)
{
	reader->host = (struct kj_fwd_host){0};
	reader->listed = reader->cut = 0;
	reader->active_list = false;
	reader->host.rs = kj_fw_ruleset_new(reader->arena, reader->reading->text, "firewalld", KJ_FW_V46);
	for (size_t i = first; i < end; i++)
		read_block(reader, &reader->blocks.at[i]);
	if (!reader->listed)
		return;
	note_missing(reader);
	kj_fwd_finish(&reader->host);
	KJ_PUSH(reader->arena, &reader->reading->rulesets, reader->host.rs);
}

static bool same_block(const struct block *a, const struct block *b)
{
	bool same = a->n == b->n && a->cut == b->cut;
	for (size_t i = 0; same && i < a->n; i++)
		same = kj_str_eq(a->at[i].key, b->at[i].key) && kj_str_eq(a->at[i].value.text, b->at[i].value.text);
	return same;
}

/* Where the next dump begins: at the first zone that comes again, unless all that come again are as before (--list-all
   and --list-all-zones). A list of all zones begins as the one before it; where that is not so, the two are mixed. */
static size_t next_dump(struct reader *reader, size_t first)
{
	struct kj_map zones = {0};
	const struct block *begin = NULL;
	size_t again = reader->blocks.n;
	bool differs = false;
	for (size_t i = first; i < reader->blocks.n; i++) {
		const struct block *block = &reader->blocks.at[i];
		if (!find_pair(block, "target"))
			continue;
		begin = begin ? begin : block;
		void **at = kj_map_at(reader->arena, &zones, block->name);
		if (*at) {
			again = i < again ? i : again;
			differs |= !same_block(*at, block);
		} else if (again == reader->blocks.n) {
			*at = &reader->blocks.at[i];
		}
	}
	if (!differs)
		return reader->blocks.n;
	reader->mixed |= !kj_str_eq(reader->blocks.at[again].name, begin->name);
	return again;
}

/* A line that is not indented: a heading, a prompt, or the rest of a line that a terminal wrapped: zones are parted by
   blank lines. */
static void read_margin(struct reader *reader, kj_str line, uint32_t number)
{
	struct block *block = reader->blocks.n ? &reader->blocks.at[reader->blocks.n - 1] : NULL;
	if (kj_fw_is_prompt(line))
		reader->gap = true;
	else if (reader->gap || !block || !find_pair(block, "target"))
		read_heading(reader, line, number);
	else
		block->cut = number;
}

static void read_lines(struct reader *reader)
{
	kj_str text = reader->reading->text->bytes, rest = text, line, s = KJ_STR("");
	uint32_t number = 1;
	for (; kj_str_line(&rest, &line); number++) {
		s = kj_str_trim_right(line);
		if (s.n && !kj_is_space(*s.p))
			read_margin(reader, s, number);
		else if (s.n && reader->blocks.n)
			read_indented(reader, s, number);
		reader->gap = !s.n || (reader->gap && kj_fw_is_prompt(s));
	}
	if (!kj_str_ends(text, KJ_STR("\n")) && reader->blocks.n && s.n && !kj_str_eq(s, KJ_STR("  rich rules:")))
		reader->half = reader->blocks.at[reader->blocks.n - 1].cut = number - 1;
}

static void parse(struct kj_fw_reading *reading)
{
	struct reader reader = {.reading = reading, .arena = reading->arena, .gap = true};
	size_t dumps = 0;
	read_lines(&reader);
	for (size_t first = 0, end; first < reader.blocks.n; first = end) {
		end = ++dumps < DUMPS_MAX ? next_dump(&reader, first) : reader.blocks.n;
		read_dump(&reader, first, end);
	}
	if (dumps == DUMPS_MAX)
		kj_error(reading->diags, kj_span_whole(reading->text),
		         "more than %d lists in one text; the others are not read", DUMPS_MAX - 1);
}

/* A zone's settings, indented as firewall-cmd does. */
static int recognise(kj_str text)
{
	static const char *const signs[] = {"  target: ", "  services:", "  masquerade:", "  rich rules:"};
	kj_str line;
	bool seen[COUNT(signs)] = {false};
	while (kj_str_line(&text, &line)) {
		size_t n = 0;
		for (size_t i = 0; i < COUNT(signs); i++) {
			seen[i] |= kj_str_starts(line, kj_str_of(signs[i]));
			n += seen[i];
		}
		if (n == COUNT(signs))
			return 98;
	}
	return 0;
}

const struct kj_fw_dialect kj_fw_dialect_firewalld = {"firewalld", "firewall-cmd --list-all-zones, --list-all",
                                                      recognise, parse};
