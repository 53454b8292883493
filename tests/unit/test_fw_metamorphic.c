/* What must not change, and what must follow, over generated rulesets: rules that nothing reaches change nothing; neither
   does the order of neighbours with one verdict; two dumps in a row accept what either does; what one comparison opens
   its mirror closes, and it is just what the two answers differ in; a narrow question gets its part of the whole answer. */
#include "fw_read.h"

#include "firewall/compare.h"
#include "firewall/print.h"
#include "firewall/review.h"

#include <string.h>

enum { ROUNDS = 300, RULES = 8, PACKETS = 200, LINE = 160 };

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* --- rulesets as lists of lines --- */

struct lines {
	unsigned n;
	char line[3 * RULES][LINE];
	char verdict[3 * RULES]; /* its verdict and its chain */
};

static const char *const sources[] = {"", " -s 10.0.0.0/9", " -s 10.64.0.0/10", " ! -s 10.0.0.0/8", " -s 192.0.2.7"};
static const char *const ports[] = {"",
                                    " -p tcp",
                                    " -p udp --dport 53",
                                    " -p tcp --dport 22",
                                    " -p tcp --dport 20:30",
                                    " -p tcp -m multiport --dports 25,80"};
static const char *const ifaces[] = {"", "", " -i eth0", " -i eth+", " ! -i lo"};

static void add(struct lines *lines, const char *chain, const char *target)
{
	snprintf(lines->line[lines->n], LINE, "-A %s%s%s%s -j %s\n", chain, ifaces[pick(5)], sources[pick(5)],
	         ports[pick(6)], target);
	lines->verdict[lines->n++] = target[0] == 'T' ? 0 : (char)(target[0] == 'A' ? chain[0] : chain[0] + 1);
}

static void generate(struct lines *lines, bool accepts_only)
{
	lines->n = 0;
	unsigned inner = 2 + pick(RULES - 2), outer = 2 + pick(RULES - 2);
	for (unsigned i = 0; i < outer; i++)
		add(lines, "INPUT", accepts_only || pick(2) ? "ACCEPT" : pick(3) ? "DROP" : "T");
	for (unsigned i = 0; i < inner; i++)
		add(lines, "T", accepts_only || pick(2) ? "ACCEPT" : "DROP");
}

static kj_str dump(struct kj_arena *arena, const struct lines *a, const struct lines *b)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_put(&out, KJ_STR("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n:T - [0:0]\n:U - "
	                        "[0:0]\n"));
	for (unsigned i = 0; i < a->n; i++)
		kj_buf_fmt(&out, "%s", a->line[i]);
	for (unsigned i = 0; b && i < b->n; i++)
		kj_buf_fmt(&out, "%s", b->line[i]);
	kj_buf_put(&out, KJ_STR("COMMIT\n"));
	return kj_buf_str(&out);
}

/* --- comparing --- */

static void compare(struct kj_arena *arena, kj_str old, kj_str now, struct kj_fw_comparison *out)
{
	const struct kj_fw_request everything = {0};
	struct kj_fw_rulesets before = {{0}}, after = {{0}};
	FW_READ(arena, old, &before.at);
	FW_READ(arena, now, &after.at);
	kj_fw_compare(arena, &before, &after, &everything, out);
	assert_true(out->complete);
}

static void same(struct kj_arena *arena, kj_str old, kj_str now, const char *what)
{
	struct kj_fw_comparison comparison;
	compare(arena, old, now, &comparison);
	if (kj_fw_difference(&comparison) != KJ_FW_SAME)
		fail_msg("%s: %zu opened, %zu closed\n%.*s---\n%.*s", what, comparison.opens.at.n,
		         comparison.closes.at.n, KJ_FMT(old), KJ_FMT(now));
}

/* --- packets --- */

struct packet {
	const char *iface;
	unsigned proto, port;
	uint64_t src;
};

static struct packet any_packet(void)
{
	static const char *const names[] = {"*", "eth0", "eth+"};
	static const unsigned numbers[] = {19, 20, 22, 25, 30, 31, 53, 80};
	static const uint64_t addresses[] = {0x0a000001, 0x0a400001, 0x0a7fffff, 0x0a800000,
	                                     0x0b000000, 0xc0000207, 0xc0000208};
	return (struct packet){names[pick(3)], pick(2) ? 6 : 17, numbers[pick(8)], addresses[pick(7)]};
}

static bool survey_accepts(const struct kj_fw_survey *survey, const struct packet *packet)
{
	const struct kj_fw_entry *any = NULL, *eth = NULL;
	for (size_t i = 0; i < survey->entries.n; i++) {
		const struct kj_fw_entry *entry = &survey->entries.at[i];
		if (entry->hook != KJ_FW_INPUT || entry->diverted)
			continue;
		if (kj_str_eq(entry->iface, KJ_STR("*")))
			any = entry;
		if (kj_str_eq(entry->iface, kj_str_of(packet->iface)))
			eth = entry;
		else if (!eth && packet->iface[0] == 'e' && kj_str_eq(entry->iface, KJ_STR("eth+")))
			eth = entry;
	}
	const struct kj_fw_entry *entry = eth ? eth : any;
	for (size_t i = 0; i < entry->answer.parts.n; i++) {
		if (fw_part_holds(&entry->answer.parts.at[i], packet->proto, packet->src, packet->port))
			return true;
	}
	return false;
}

/* An interface that the comparison does not name is one of those that it names together. */
static bool is_at(const struct kj_fw_change *change, const char *iface, bool named, bool beginning)
{
	kj_str wanted = named ? kj_str_of(iface) : beginning && iface[0] == 'e' ? KJ_STR("eth+") : KJ_STR("*");
	for (size_t i = 0; i < change->ifaces.at.n; i++) {
		if (kj_str_eq(change->ifaces.at.at[i], wanted))
			return true;
	}
	return false;
}

static bool names(kj_str dump, const char *iface)
{
	return kj_str_find_str(dump, kj_str_of(iface)) < dump.n;
}

static bool changes_hold(const struct kj_fw_changes *changes, const struct packet *packet, kj_str a, kj_str b)
{
	kj_str word = kj_str_of(packet->iface);
	bool named = kj_str_eq(word, KJ_STR("*")) || names(a, packet->iface) || names(b, packet->iface);
	bool beginning = names(a, "eth+") || names(b, "eth+");
	for (size_t i = 0; i < changes->at.n; i++) {
		const struct kj_fw_change *change = &changes->at.at[i];
		if (change->hook == KJ_FW_INPUT && is_at(change, packet->iface, named, beginning) &&
		    fw_part_holds(&change->part, packet->proto, packet->src, packet->port))
			return true;
	}
	return false;
}

/* `src` NULL: of every sender. */
static void survey_from(struct kj_arena *arena, kj_str text, const struct kj_fw_set *src, struct kj_fw_survey *out)
{
	const struct kj_fw_request request = {.src = src};
	kj_fw_survey(arena, fw_reading(arena, text).rulesets.at[0], &request, out);
}

static void survey(struct kj_arena *arena, kj_str text, struct kj_fw_survey *out)
{
	survey_from(arena, text, NULL, out);
}

/* --- the laws --- */

/* Neighbours of one chain with one verdict change places. */
static void shuffle(struct lines *lines)
{
	for (unsigned i = 0; i + 1 < lines->n; i++) {
		char swapped[LINE];
		if (!lines->verdict[i] || lines->verdict[i] != lines->verdict[i + 1] || !pick(2))
			continue;
		memcpy(swapped, lines->line[i], LINE);
		memcpy(lines->line[i], lines->line[i + 1], LINE);
		memcpy(lines->line[i + 1], swapped, LINE);
	}
}

static void put_first(struct lines *lines, const char *line)
{
	memmove(lines->line[1], lines->line[0], sizeof lines->line[0] * lines->n);
	memmove(lines->verdict + 1, lines->verdict, lines->n);
	snprintf(lines->line[0], LINE, "%s", line);
	lines->verdict[0] = 0;
	lines->n++;
}

/* Rules that nothing reaches: in a chain that nobody calls, and after all was decided. */
static void add_unreachable(struct lines *lines)
{
	put_first(lines, "-A U -j ACCEPT\n");
	snprintf(lines->line[lines->n++], LINE, "-A INPUT -j DROP\n");
	add(lines, "INPUT", pick(2) ? "ACCEPT" : "DROP");
}

static void round_of(struct kj_arena *arena)
{
	struct lines a, b, shuffled, longer;
	struct kj_fw_comparison there, back;
	struct kj_fw_survey of_a, of_b;
	generate(&a, false);
	generate(&b, false);
	shuffled = longer = a;
	shuffle(&shuffled);
	add_unreachable(&longer);
	kj_str text_a = dump(arena, &a, NULL), text_b = dump(arena, &b, NULL);
	same(arena, text_a, text_a, "itself");
	same(arena, text_a, dump(arena, &shuffled, NULL), "shuffled");
	same(arena, text_a, dump(arena, &longer, NULL), "with rules that nothing reaches");
	compare(arena, text_a, text_b, &there);
	compare(arena, text_b, text_a, &back);
	assert_int_equal(there.opens.at.n > 0, back.closes.at.n > 0);
	survey(arena, text_a, &of_a);
	survey(arena, text_b, &of_b);
	for (unsigned i = 0; i < PACKETS; i++) {
		struct packet packet = any_packet();
		bool in_a = survey_accepts(&of_a, &packet), in_b = survey_accepts(&of_b, &packet);
		if (changes_hold(&there.opens, &packet, text_a, text_b) != (in_b && !in_a) ||
		    changes_hold(&there.closes, &packet, text_a, text_b) != (in_a && !in_b) ||
		    changes_hold(&back.closes, &packet, text_a, text_b) != (in_b && !in_a))
			fail_msg("%s %u port %u from %llx: %d, %d\n%.*s---\n%.*s", packet.iface, packet.proto,
			         packet.port, (unsigned long long)packet.src, in_a, in_b, KJ_FMT(text_a),
			         KJ_FMT(text_b));
	}
}

static void union_of(struct kj_arena *arena)
{
	struct lines a, b;
	struct kj_fw_survey of_a, of_b, of_both;
	struct kj_fw_comparison comparison;
	generate(&a, true);
	generate(&b, true);
	kj_str text_a = dump(arena, &a, NULL), text_b = dump(arena, &b, NULL), both = dump(arena, &a, &b);
	same(arena, both, dump(arena, &b, &a), "two dumps in either order");
	compare(arena, text_a, both, &comparison);
	assert_int_equal(comparison.closes.at.n, 0);
	survey(arena, text_a, &of_a);
	survey(arena, text_b, &of_b);
	survey(arena, both, &of_both);
	for (unsigned i = 0; i < PACKETS; i++) {
		struct packet packet = any_packet();
		bool in_a = survey_accepts(&of_a, &packet), in_b = survey_accepts(&of_b, &packet);
		assert_int_equal(survey_accepts(&of_both, &packet), in_a || in_b);
		assert_int_equal(changes_hold(&comparison.opens, &packet, text_a, both), in_b && !in_a);
	}
}

/* A rule that never matches can go, whatever it says. */
static void without_dead(struct kj_arena *arena)
{
	const struct kj_fw_request everything = {0};
	struct lines a;
	struct kj_fw_survey of_a;
	struct kj_fw_review review;
	generate(&a, false);
	kj_str text = dump(arena, &a, NULL), rest = text, line;
	struct kj_buf out = KJ_BUF(arena);
	kj_fw_survey(arena, fw_reading(arena, text).rulesets.at[0], &everything, &of_a);
	kj_fw_review(arena, &of_a, &review);
	for (uint32_t number = 1; kj_str_line(&rest, &line); number++) {
		bool dead = false;
		for (size_t i = 0; i < review.dead.n; i++)
			dead |= review.dead.at[i].line == number;
		if (!dead)
			kj_buf_fmt(&out, "%.*s\n", KJ_FMT(line));
	}
	same(arena, text, kj_buf_str(&out), "without what never matches");
}

/* A question about some senders is answered as the one about all is, of these. */
static void some_senders(struct kj_arena *arena)
{
	struct lines a;
	struct kj_fw_survey all, some;
	struct packet from = any_packet(), to = any_packet();
	struct kj_fw_interval range =
	        kj_fw_interval_num(from.src < to.src ? from.src : to.src, from.src < to.src ? to.src : from.src);
	struct kj_fw_set set = {.dims = 1, .declared = true, .at = {.at = &range, .n = 1}};
	range.version = 4;
	generate(&a, false);
	kj_str text = dump(arena, &a, NULL);
	survey(arena, text, &all);
	survey_from(arena, text, &set, &some);
	for (unsigned i = 0; i < PACKETS; i++) {
		struct packet packet = any_packet();
		bool asked = packet.src >= range.first.lo && packet.src <= range.last.lo;
		assert_int_equal(survey_accepts(&some, &packet), asked && survey_accepts(&all, &packet));
	}
}

static void each_round(void (*law)(struct kj_arena *arena))
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		seed = i * 7919u + 1;
		law(arena);
		kj_arena_free(arena);
	}
}

static void test_rounds(void **state)
{
	(void)state;
	each_round(round_of);
}

static void test_union(void **state)
{
	(void)state;
	each_round(union_of);
}

static void test_without_dead(void **state)
{
	(void)state;
	each_round(without_dead);
}

static void test_some_senders(void **state)
{
	(void)state;
	each_round(some_senders);
}

/* Analyses go before the answers do. */
static void test_answers_stay(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	struct lines a;
	struct kj_fw_survey out;
	struct kj_buf before = KJ_BUF(arena), after = KJ_BUF(arena);
	struct kj_fw_review review;
	generate(&a, false);
	survey(arena, dump(arena, &a, NULL), &out);
	kj_fw_review(arena, &out, &review);
	out.review = &review;
	kj_fw_print_json(&before, &out, 1, 0);
	assert_non_null(out.work->arena);
	kj_fw_survey_done(&out);
	assert_null(out.work->arena);
	kj_fw_print_json(&after, &out, 1, 0);
	assert_true(kj_str_eq(kj_buf_str(&before), kj_buf_str(&after)));
	kj_arena_free(arena);
}

/* The last address there is has none behind it. */
static void test_last_address(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	struct kj_range range;
	struct kj_fw_survey out;
	assert_true(kj_range_parse(KJ_STR("8000::/1"), &range));
	struct kj_fw_interval interval = kj_fw_interval_addr(&range);
	struct kj_fw_set set = {.dims = 1, .declared = true, .at = {.at = &interval, .n = 1}};
	survey_from(arena,
	            KJ_STR("# Generated by ip6tables-save\n*filter\n:INPUT DROP [0:0]\n"
	                   "-A INPUT -s c000::/2 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n"),
	            &set, &out);
	const struct kj_fw_answer *answer = &out.entries.at[0].answer;
	assert_int_equal(answer->parts.n, 1);
	assert_int_equal(answer->parts.at[0].src.at.n, 1);
	assert_true(answer->parts.at[0].src.at.at[0].first.hi == (uint64_t)3 << 62);
	assert_true(answer->parts.at[0].src.at.at[0].last.lo == UINT64_MAX);
	kj_arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rounds),       cmocka_unit_test(test_union),
	        cmocka_unit_test(test_without_dead), cmocka_unit_test(test_some_senders),
	        cmocka_unit_test(test_answers_stay), cmocka_unit_test(test_last_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
