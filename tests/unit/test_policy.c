#include "policies.h"

#include <stdlib.h>

/* -- mistakes -- */

struct row {
	kj_str text;
	const char *want;
};

static const struct row file_mistakes[] = {
        {S("{\"kijun\": 1, \"rules\": []}"), "1:1: this is JSON; a policy is YAML"},
        {S("\xef\xbb\xbf\n  {\"kijun\": 1}"), "2:3: this is JSON; a policy is YAML"},
        {S(""), "0:0: the file is empty"},
        {S("- a\n"), "1:1: a policy is a map, this is a list"},
        {S("kijun: 1\nid: p\ntitle: t\nrules: []\n"), "4:8: 'rules' is an empty list"},
        {S("kijun: 2\nid: p\ntitle: t\nrules: []\n"),
         "1:8: 'kijun' wants the version of the language, 1, not '2' [a newer kijun reads this file]\n"
         "4:8: 'rules' is an empty list"},
        {S("id: p\nrules: []\n"), "1:1: a policy needs the key 'kijun'\n"
                                  "1:1: a policy needs the key 'title'\n"
                                  "2:8: 'rules' is an empty list"},
        {S("kijun: 1\nid: Clear Screen\ntitle: t\nrules: x\n"),
         "2:5: 'id' wants an id of lower-case letters and digits, with '-' or '_' between, not 'Clear Screen'\n"
         "4:8: 'rules' wants a list of rules, not 'x'"},
        {S("kijun: 1\nid: other\ntitle: {en: t, jp: t}\nrule: []\nrules: []\n"),
         "4:1: unknown key 'rule' in a policy [did you mean 'rules'?]\n"
         "3:16: unknown key 'jp' in a text in two languages [did you mean 'ja'?]\n"
         "5:8: 'rules' is an empty list\n"
         "2:5: the policy 'other' is there already [the first one is at other.yml:1]"},
        {S("kijun: 1\nsource: sshd\ntitle: t\n"), "2:1: this is a source, not a policy"},
        {S("kijun: 1\nfeatures: {}\n"), "2:1: this is a file of features, not a policy"},
        {S("kijun: 1\nid: p\n title: t\n"), "3:7: a ':' is not allowed here [check the indentation; a value that holds "
                                            "': ' needs quotes, and a key needs a blank after its ':']"},
        {S("kijun: 1\nid: &a p\n"), "2:5: anchors ('&…') and aliases ('*…') are not supported [put the value in quotes "
                                    "when it begins with '&' or '*']"},
        {S("kijun: 1\nid: p\ntitle: t\nparams:\n  a: {type: integer, default: 1}\n  Bad: {type: int, default: x}\n  c: "
           "{default: 1}\n  d: {type: int}\n  e: {type: int, items: int, default: 1}\n  f: {type: list, items: list, "
           "default: a}\n  g: {type: list, items: int, default: [1, x]}\n  h: {type: int, default: [1]}\n  i: {type: "
           "text, default: $a}\n  j: 5\n  k: {type: seconds, default: -1}\nrules: []\n"),
         "5:13: unknown type 'integer' [known are text, int, bool, seconds, minutes, duration, days, size, mode, date, "
         "version, list, address, period]\n"
         "6:3: a parameter has a name of lower-case letters, digits and '_', not 'Bad'\n"
         "6:29: 'default' wants a whole number, not 'x'\n"
         "7:6: a parameter needs the key 'type'\n"
         "8:6: a parameter needs the key 'default'\n"
         "9:25: 'items' has a meaning for a list only\n"
         "10:26: the items of a list cannot be lists\n"
         "11:44: 'default' wants a whole number, not 'x'\n"
         "12:27: 'default' wants a whole number, this is a list\n"
         "13:28: a parameter's value cannot be a parameter [the text '$a' itself is written '$$a']\n"
         "14:6: 'j' wants a map, not '5'\n"
         "15:31: 'default' wants a number of seconds, not '-1'\n"
         "16:8: 'rules' is an empty list"},
        {S("kijun: 1\nid: p\ntitle: t\nrules:\n- x\n"), "5:3: 'rules' wants a map, not 'x'"},
};

/* The text begins at 15:3, after the first keys of a rule. */
static const struct row rule_mistakes[] = {
        {S(""), "11:3: a rule needs the key 'check'"},
        {S("check: {setting: sshd.Port, equals: 22}\n  seveirty: high"),
         "16:3: unknown key 'seveirty' in a rule [did you mean 'severity'?]"},
        {S("check: {setting: sshd.Port, equals: 22}\n- id: r\n  item: 6.6\n  title: []\n  severity: hihg\n  check: "
           "x\n- id: s\n  item: 9-9\n  title: \n  severity: [low]\n  check: {setting: sshd.Port, exists: false}"),
         "17:9: unknown item '6.6' [did you mean '6-6'?]\n"
         "18:10: 'title' wants text, or {en: …, ja: …}, this is a list\n"
         "19:13: unknown severity 'hihg' [did you mean 'high'?]\n"
         "20:10: 'check' wants a check, which is a map, not 'x'\n"
         "16:7: the rule 'r' is there already [the first one is at t.yml:11]\n"
         "22:9: unknown item '9-9' ['kijun list items' shows them]\n"
         "23:9: 'title' wants text, or {en: …, ja: …}, nothing is written here\n"
         "24:13: 'severity' wants one of low, medium, high, critical, this is a list"},
        {S("for: {platform: linus, kind: [host, pcs], has: gnom, distr: debian, role: []}\n  check: {setting: "
           "sshd.Port, equals: 22}"),
         "15:56: unknown key 'distr' in 'for' [did you mean 'distro'?]\n"
         "15:19: unknown platform 'linus' [did you mean 'linux'?]\n"
         "15:77: 'role' is an empty list\n"
         "15:39: unknown kind of subject 'pcs' [did you mean 'pc'?]\n"
         "15:50: unknown feature 'gnom' [did you mean 'gnome'?]"},
        {S("refs: {iso27001: [A.7.7], iso27001-2022: [A.9.1, A.8.35], cis-v8: [4.3, \"19.1\"], nist-csf-2.0: PR.ZZ, "
           "nist-800-53r5: [AC2]}\n  check: {setting: sshd.Port, equals: 22}"),
         "15:10: unknown framework 'iso27001' [did you mean 'iso27001-2022'?]\n"
         "15:45: 'iso27001-2022' wants a control such as A.7.7 or a clause such as 9.2, not 'A.9.1'\n"
         "15:52: 'iso27001-2022' wants a control such as A.7.7 or a clause such as 9.2, not 'A.8.35'\n"
         "15:75: 'cis-v8' wants a safeguard such as \"4.3\" (in quotes), not '19.1'\n"
         "15:98: 'nist-csf-2.0' wants a category such as PR.AA or a subcategory such as PR.AA-01, not 'PR.ZZ'\n"
         "15:121: 'nist-800-53r5' wants a control such as AC-2 or AC-2(1), not 'AC2'"},
        {S("refs: [a]\n  check: {setting: sshd.Port, equals: 22}"),
         "15:9: 'refs' wants a map of frameworks, as in {cis-v8: [\"4.3\"]}, this is a list"},
        {S("check: {setting: sshd.Port, equals: 22}\n  examples:\n  - {verdict: passed, files: {etc/x: y}}\n  - "
           "{verdict: pass, files: {etc/../x: y, ../a: z, etc/b: [1]}}\n  - {files: [etc/x]}\n  - {verdict: fail, "
           "files: {}, fleet: {rolle: web, params: {leest: 9, least: x, soon: 5m, names: [c]}}, today: 2026-02-30}"),
         "17:15: unknown verdict 'passed' [did you mean 'pass'?]\n"
         "18:29: the path 'etc/../x' has '..' in it\n"
         "18:42: the path '../a' has '..' in it\n"
         "18:58: 'etc/b' wants text, this is a list\n"
         "19:5: an example needs the key 'verdict'\n"
         "19:13: 'files' wants a map of paths to texts, this is a list\n"
         "20:40: unknown key 'rolle' in an example's 'fleet' [did you mean 'role'?]\n"
         "20:61: unknown parameter 'leest' [did you mean 'least'?]\n"
         "20:78: 'least' wants a whole number, not 'x'\n"
         "20:112: 'today' wants a date such as 2026-11-23, not '2026-02-30'"},
        {S("why: {en: one, and two}\n  check: {setting: sshd.Port, equals: 22}"),
         "15:18: unknown key 'and two' in a text in two languages [between braces a text with a comma needs quotes]"},
        {S("check: {setting: sshd.Port, equals: 22}\n- id: other-rule\n  item: 6-5\n  title: t\n  severity: low\n  "
           "check: {setting: sshd.Port, exists: false}"),
         "16:7: the rule 'other-rule' is there already [the first one is at other.yml:5]"},
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(file_mistakes); i++)
		assert_refused(POLICY, file_mistakes[i].text, file_mistakes[i].want);
	for (size_t i = 0; i < COUNT(rule_mistakes); i++) {
		struct kj_arena *arena = kj_arena_new(KJ_MIB);
		struct kj_buf bytes = KJ_BUF(arena);
		kj_buf_put(&bytes, KJ_STR(RULE "  "));
		kj_buf_put(&bytes, rule_mistakes[i].text);
		kj_buf_char(&bytes, '\n');
		assert_refused(POLICY, kj_buf_str(&bytes), rule_mistakes[i].want);
		kj_arena_free(arena);
	}
}

static void test_many_unknown_keys(void **state)
{
	(void)state;
	struct loaded to = load_given();
	struct kj_buf bytes = KJ_BUF(to.arena);
	kj_buf_put(&bytes, KJ_STR("kijun: 1\n"));
	for (int i = 0; i < 50000; i++)
		kj_buf_fmt(&bytes, "k%d: 1\n", i);
	struct kj_text text = {KJ_STR("t.yml"), kj_buf_str(&bytes)};
	assert_false(load(&to, POLICY, &text));
	assert_int_equal(to.diags.errors, 20 + 1 + 3);
	assert_int_equal(to.diags.dropped, 0);
	kj_arena_free(to.arena);
}

/* -- a good one -- */

static const struct kj_text design = {
        S("policies/clear.yml"),
        S("kijun: 1\n"
          "id: clear-screen\n"
          "title: {en: Clear screen, ja: クリアスクリーン}\n"
          "params:\n"
          "  lock_after: {type: duration, default: 10m, about: {en: Longest idle time, ja: 最長時間}}\n"
          "rules:\n"
          "  - id: screen-lock-gnome\n"
          "    item: 6-6\n"
          "    title: {en: GNOME locks the screen when idle, ja: GNOME は無操作時に画面をロックする}\n"
          "    severity: high\n"
          "    for: {platform: linux, has: gnome}\n"
          "    refs: {iso27001-2022: [A.7.7, A.8.1], cis-v8: [\"4.3\"]}\n"
          "    check:\n"
          "      all:\n"
          "        - {setting: dconf./org/gnome/desktop/session/idle-delay, as: seconds, between: [1s, $lock_after], "
          "locked: true}\n"
          "        - {setting: dconf./org/gnome/desktop/screensaver/lock-enabled, equals: true, locked: true}\n"
          "    why: {en: …, ja: …}\n"
          "    fix: {en: …, ja: …}\n"
          "    examples:\n"
          "      - {verdict: pass, files: {etc/dconf/db/local.d/00-lock: "
          "\"[org/gnome/desktop/session]\\nidle-delay=uint32 "
          "600\\n…\"}}\n"
          "      - {verdict: fail, name: nothing set, files: {}, fleet: {role: web, params: {lock_after: 5m}}, "
          "today: 2026-11-23}\n")};

static void test_design(void **state)
{
	(void)state;
	struct loaded to = load_given();
	load(&to, POLICY, &design);
	assert_string_equal(messages(&to), "");
	const struct kj_policy *policy = to.program->policies.at[1];
	assert_str(policy->id, "clear-screen");
	assert_str(policy->path, "policies/clear.yml");
	assert_int_equal(policy->sha256.n, 64);
	assert_int_equal(policy->params, 1);
	assert_int_equal(policy->param[0]->value.num, 600);
	assert_str(policy->param[0]->about.ja, "最長時間");
	const struct kj_rule *rule = policy->rule[0];
	assert_ptr_equal(rule, kj_program_rule(to.program, KJ_STR("screen-lock-gnome")));
	assert_ptr_equal(rule->policy, policy);
	assert_int_equal(rule->index, 1);
	assert_int_equal(rule->severity, KJ_HIGH);
	assert_str(rule->item, "6-6");
	assert_int_equal(rule->applies.platforms, 1);
	assert_str(rule->applies.has[0]->id, "gnome");
	assert_int_equal(rule->refs, 3);
	assert_str(rule->ref[2].framework, "cis-v8");
	assert_str(rule->ref[2].id, "4.3");
	assert_int_equal(rule->check->kind, KJ_CHECK_ALL);
	assert_int_equal(rule->check->n, 2);
	assert_str(rule->check->child[1]->setting.test.operand[0].literal.text, "true");
	assert_int_equal(rule->examples, 2);
	assert_str(rule->example[0].file[0].path, "etc/dconf/db/local.d/00-lock");
	assert_str(rule->example[1].about, "nothing set");
	assert_str(rule->example[1].today, "2026-11-23");
	assert_str(kj_doc_path(rule->example[1].fleet, "params.lock_after")->text, "5m");
	assert_int_equal(rule->span.line, 7);
	kj_arena_free(to.arena);
}

/* Keys may stand in any order: parameters below the rules that name them. */
static void test_order(void **state)
{
	(void)state;
	static const struct kj_text text = {
	        S("t.yml"), S("rules:\n- check: {setting: sshd.a, at_most: $late}\n  severity: low\n  title: t\n"
	                      "  item: 5-10\n  id: r\nparams: {late: {default: 5, type: int}}\ntitle: t\nid: p\n"
	                      "kijun: 1\n")};
	struct loaded to = load_given();
	load(&to, POLICY, &text);
	assert_string_equal(messages(&to), "");
	assert_int_equal(to.program->rules.at[1]->check->setting.test.as, KJ_TYPE_INT);
	kj_arena_free(to.arena);
}

static void test_items(void **state)
{
	(void)state;
	static const char *const first_and_last[] = {"1-1", "8-1"};
	size_t n;
	const struct kj_item *items = kj_items(&n);
	assert_int_equal(n, 36);
	assert_str(items[0].id, first_and_last[0]);
	assert_str(items[n - 1].id, first_and_last[1]);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(kj_item_find(items[i].id), &items[i]);
		assert_true(items[i].title.en.n && items[i].title.ja.n);
	}
	assert_null(kj_item_find(KJ_STR("5-12")));
	assert_string_equal(kj_severity_name(KJ_CRITICAL), "critical");
}

/* -- mutations: what still loads must be whole -- */

static void assert_test(const struct kj_test *test)
{
	assert_non_null(test->op);
	assert_true(test->op->fits >> test->as & 1);
	assert_true(test->op->arity == KJ_ARITY_PATTERN ? test->regex != NULL : test->n > 0);
	for (size_t i = 0; i < test->n; i++)
		assert_true(test->operand[i].param || test->operand[i].literal.type < KJ_TYPES);
}

static size_t count_checks(const struct kj_check *check)
{
	size_t count = 1;
	assert_non_null(check);
	if (check->kind == KJ_CHECK_SETTING) {
		assert_true(check->setting.source && check->setting.key.n);
		assert_test(&check->setting.test);
	}
	for (size_t i = 0; i < check->n; i++)
		count += count_checks(check->child[i]);
	return count;
}

/* The maps below a `check` that are checks. */
static size_t count_maps(const struct kj_node *node)
{
	size_t count = 0;
	for (size_t i = 0; node->kind == KJ_SEQ && i < node->n; i++)
		count += count_maps(node->items[i]);
	if (node->kind == KJ_MAP)
		count = 1 + (node->n == 1 ? count_maps(node->pairs[0].value) : 0);
	return count;
}

static void assert_whole(struct loaded *from, const struct kj_text *text)
{
	const struct kj_node *root = kj_yaml_read(from->arena, text, (struct kj_doc_limits){0}, &from->diags);
	const struct kj_node *rules = kj_doc_get(root, KJ_STR("rules")), *params = kj_doc_get(root, KJ_STR("params"));
	const struct kj_policy *policy = from->program->policies.at[1];
	assert_int_equal(policy->rules, rules->n);
	assert_int_equal(policy->params, params ? params->n : 0);
	for (size_t i = 0; i < policy->rules; i++) {
		const struct kj_node *refs = kj_doc_get(rules->items[i], KJ_STR("refs"));
		const struct kj_node *examples = kj_doc_get(rules->items[i], KJ_STR("examples"));
		const struct kj_rule *rule = policy->rule[i];
		assert_true(rule->id.n && rule->title.en.n && kj_item_find(rule->item));
		assert_true(rule->refs >= (refs ? refs->n : 0));
		assert_int_equal(rule->examples, examples ? examples->n : 0);
		assert_int_equal(count_checks(rule->check), count_maps(kj_doc_get(rules->items[i], KJ_STR("check"))));
		for (size_t k = 0; k < rule->examples; k++)
			assert_true(rule->example[k].verdict.n);
	}
}

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

/* Changes, removes, doubles or swaps a few bytes. */
static size_t mutate(char *bytes, size_t n, unsigned *seed)
{
	static const char telling[] = "{}[]:,-\"'$&*#| \n\t@`%0\\\x80\xe3";
	for (unsigned times = next(seed) % 3 + 1; times > 0; times--) {
		size_t at = next(seed) % n, len = next(seed) % 8 + 1;
		len = len < n - at ? len : n - at;
		switch (next(seed) % 4) {
		case 0:
			bytes[at] = telling[next(seed) % (sizeof telling - 1)];
			break;
		case 1:
			bytes[at] = (char)next(seed);
			break;
		case 2:
			memmove(bytes + at, bytes + at + len, n - at - len);
			n -= len;
			break;
		default:
			memmove(bytes + at, bytes + next(seed) % (n - len + 1), len);
			break;
		}
	}
	return n;
}

static void test_mutations(void **state)
{
	(void)state;
	unsigned seed = 6;
	size_t whole = 0;
	for (int i = 0; i < 4000; i++) {
		struct loaded to = load_given();
		char *bytes = kj_alloc_text(to.arena, design.bytes.n);
		memcpy(bytes, design.bytes.p, design.bytes.n);
		struct kj_text text = {KJ_STR("m.yml"), {bytes, mutate(bytes, design.bytes.n, &seed)}};
		bool good = load(&to, POLICY, &text);
		assert_int_equal(good, to.diags.errors == 0);
		if (good)
			assert_whole(&to, &text);
		whole += good;
		kj_arena_free(to.arena);
	}
	assert_true(whole > 100); /* mutations of titles and texts load; else this test would see nothing */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_mistakes), cmocka_unit_test(test_many_unknown_keys),
	        cmocka_unit_test(test_design),   cmocka_unit_test(test_order),
	        cmocka_unit_test(test_items),    cmocka_unit_test(test_mutations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
