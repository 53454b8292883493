#include "fw_read.h"

#include "firewall/review.h"

/* What a review finds: "dead 7 by 5,6", "dead 8 impossible", "chain T", "open 4: ssh (tcp 22)". */
struct review_case {
	const char *dump, *found;
};

static kj_str reviewed(struct kj_arena *arena, const char *dump)
{
	struct kj_fw_reading reading = fw_reading(arena, kj_str_of(dump));
	const struct kj_fw_request everything = {0};
	struct kj_fw_survey survey;
	struct kj_fw_review review;
	struct kj_buf out = KJ_BUF(arena);
	kj_fw_survey(arena, reading.rulesets.at[0], &everything, &survey);
	kj_fw_review(arena, &survey, &review);
	assert_true(review.complete);
	for (size_t i = 0; i < review.dead.n; i++) {
		const struct kj_fw_dead *dead = &review.dead.at[i];
		assert_true(dead->looked);
		kj_buf_fmt(&out, dead->impossible ? "dead %u impossible" : "dead %u by", dead->line);
		for (size_t k = 0; k < dead->by.n; k++)
			kj_buf_fmt(&out, k ? ",%u" : " %u", dead->by.at[k]->line);
		kj_buf_char(&out, '\n');
	}
	for (size_t i = 0; i < review.unreached.n; i++)
		kj_buf_fmt(&out, "chain %.*s\n", KJ_FMT(review.unreached.at[i]->name));
	for (size_t i = 0; i < review.wide.n; i++) {
		const struct kj_fw_wide *wide = &review.wide.at[i];
		kj_buf_fmt(&out, "open %u:", wide->decider.line);
		for (size_t k = 0; k < wide->services.n; k++)
			kj_buf_fmt(&out, "%s %.*s", k ? ";" : "", KJ_FMT(wide->services.at[k]));
		kj_buf_char(&out, '\n');
	}
	return kj_buf_str(&out);
}

#define SAVE(rules) "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n" rules "COMMIT\n"

static const struct review_case cases[] = {
        {SAVE(""), ""},
        /* shadowed by one, by several together, by one that needs no help */
        {SAVE("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 10.1.0.0/16 -j DROP\n"), "dead 5 by 4\n"},
        {SAVE("-A INPUT -s 10.0.0.0/9 -j ACCEPT\n-A INPUT -s 10.128.0.0/9 -j DROP\n-A INPUT -s 10.0.0.0/8 -j DROP\n"),
         "dead 6 by 4,5\n"},
        {SAVE("-A INPUT -i lo -j ACCEPT\n-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 10.0.0.0/8 -p tcp -j ACCEPT\n"),
         "dead 6 by 5\n"},
        /* matches that no new connection has are not dead; after them is not after all */
        {SAVE("-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A INPUT -m conntrack --ctstate INVALID -j "
              "DROP\n"),
         ""},
        {SAVE("-A INPUT -m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID,UNTRACKED -j DROP\n"
              "-A INPUT -p udp -j LOG\n"),
         "dead 5 by 4\n"},
        /* a doubtful rule takes nothing for certain */
        {SAVE("-A INPUT -m time --timestart 09:00 -j DROP\n-A INPUT -s 10.0.0.0/8 -j DROP\n"), ""},
        {SAVE("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 10.0.0.0/8 -m time --timestart 09:00 -j ACCEPT\n"),
         "dead 5 by 4\n"},
        /* by a return; by what stands before the jump; in a chain with two callers */
        {SAVE(":T - [0:0]\n-A INPUT -j T\n-A INPUT -j DROP\n-A T -s 10.0.0.0/8 -j RETURN\n-A T -s 10.0.0.0/9 -j "
              "DROP\n"),
         "dead 8 by 7\n"},
        {SAVE(":T - [0:0]\n-A INPUT -p tcp --dport 22 -j DROP\n-A INPUT -j T\n-A T -p tcp --dport 22 -j DROP\n"
              "-A T -j LOG\n"),
         "dead 7 by 5\n"},
        {SAVE(":T - [0:0]\n-A INPUT -s 10.0.0.0/8 -j T\n-A FORWARD -s 192.168.0.0/16 -j T\n-A T -s 10.0.0.0/9 -j DROP\n"
              "-A T -s 172.16.0.0/12 -j DROP\n"),
         "dead 8 impossible\n"},
        {SAVE(":T - [0:0]\n:U - [0:0]\n-A INPUT -j U\n-A INPUT -s 10.0.0.0/8 -j T\n-A U -s 10.0.0.0/8 -j DROP\n"
              "-A T -p tcp -j DROP\n-A T -p udp -j DROP\n"),
         "dead 7 by 8\nchain T\n"},
        /* asks for what cannot be */
        {SAVE("-A INPUT -o eth0 -j DROP\n"), "dead 4 impossible\n"},
        {"table inet t {\n chain i {\n  type filter hook input priority 0; policy drop;\n"
         "  ip saddr 10.0.0.0/8 ip saddr 192.168.0.0/16 drop\n }\n}\n",
         "dead 4 impossible\n"},
        /* elements of a map: a line is dead when all are */
        {"table inet t {\n chain i {\n  type filter hook input priority 0; policy drop;\n  tcp dport { 22, 23 } drop\n"
         "  tcp dport { 22, 80 } drop\n  tcp dport { 22, 23 } drop\n }\n}\n",
         "dead 6 by 4\n"},
        /* chains */
        {SAVE(":T - [0:0]\n:EMPTY - [0:0]\n-A T -j DROP\n"), "chain T\n"},
        /* open to everyone: some senders may be singled out, special ones are not the internet; not by halves, not in doubt */
        {SAVE("-A INPUT -p tcp --dport 22 -j ACCEPT\n"), "open 4: ssh (tcp 22)\n"},
        {SAVE("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 198.51.100.7 -j DROP\n-A INPUT -s 8.8.0.0/16 -j DROP\n"
              "-A INPUT -p tcp --dport 22 -j ACCEPT\n"),
         "open 7: ssh (tcp 22)\n"},
        {SAVE("-A INPUT -s 8.0.0.0/6 -j DROP\n-A INPUT -p tcp --dport 22 -j ACCEPT\n"), ""},
        {SAVE("-A INPUT -s 0.0.0.0/1 -p tcp --dport 22 -j ACCEPT\n"), ""},
        {SAVE("-A INPUT -i lo -j ACCEPT\n-A INPUT -m time --timestart 09:00 -p tcp --dport 22 -j ACCEPT\n"), ""},
        {"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p tcp --dport 23 -j DROP\nCOMMIT\n",
         "open 2: icmp; udp, every port; any but icmp,tcp,udp; tcp, every port but 23\n"},
        {"table ip6 t {\n chain i {\n  type filter hook input priority 0; policy drop;\n"
         "  ip6 saddr 2001:db8::/32 drop\n  tcp dport 22 accept\n }\n chain f {\n"
         "  type filter hook forward priority 0; policy drop;\n }\n}\ntable ip u {\n chain i {\n"
         "  type filter hook input priority 0; policy drop;\n }\n chain f {\n"
         "  type filter hook forward priority 0; policy drop;\n }\n}\n",
         "open 5: ssh (tcp 22)\n"},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
		kj_str got = reviewed(arena, cases[i].dump);
		if (!kj_str_eq(got, kj_str_of(cases[i].found)))
			fail_msg("case %zu\n%s: wanted\n%sgot\n%.*s", i, cases[i].dump, cases[i].found, KJ_FMT(got));
		kj_arena_free(arena);
	}
}

/* Many rules, all dead but the first, in time. */
static void test_many(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(1024 * KJ_MIB);
	struct kj_buf dump = KJ_BUF(arena);
	enum { RULES = 3000 };
	kj_buf_put(&dump, KJ_STR("*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.0/8 -j DROP\n"));
	for (unsigned i = 0; i < RULES; i++)
		kj_buf_fmt(&dump, "-A INPUT -s 10.%u.%u.0/24 -p tcp --dport %u -j ACCEPT\n", i / 256, i % 256, i + 1);
	kj_buf_put(&dump, KJ_STR("COMMIT\n"));
	struct kj_fw_reading reading = fw_reading(arena, kj_buf_str(&dump));
	struct kj_fw_survey survey = {.rs = reading.rulesets.at[0]};
	struct kj_fw_review review;
	kj_fw_review(arena, &survey, &review);
	assert_int_equal(review.dead.n, RULES);
	assert_true(review.dead.at[RULES - 1].looked);
	assert_int_equal(review.dead.at[RULES - 1].by.n, 1);
	assert_int_equal(review.dead.at[RULES - 1].by.at[0]->line, 3);
	kj_arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cases),
	        cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
