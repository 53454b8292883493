#include "policies.h"

static const struct kj_text policies[] = {
        {S("a.yml"), S("kijun: 1\nid: a\ntitle: a\nparams:\n"
                       "  lock: {type: duration, default: 10m}\n"
                       "  names: {type: list, default: [x, 'y z']}\n"
                       "  ports: {type: list, items: int, default: [22]}\n"
                       "  length: {type: int, default: 8}\n"
                       "rules:\n- {id: ra, item: 6-5, title: t, severity: low, check: {file: a, exists: true}}\n")},
        {S("b.yml"), S("kijun: 1\nid: b\ntitle: b\nparams:\n"
                       "  lock: {type: minutes, default: 5}\n"
                       "rules:\n- {id: rb, item: 6-5, title: t, severity: low, check: {file: a, exists: true}}\n")},
};

/* The parameters of a and b, in order; what the maps (NULL at the end of less than three) make of them, and what is said. */
static const struct {
	kj_str maps[3];
	const char *values[5];
	const char *said;
} rows[] = {
        {{{0}}, {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"}, ""},
        {{S("{length: 12}")}, {"600 s (10 min)", "x, y z", "22", "12", "300 s (5 min)"}, ""},
        {{S("{length: 12}"), S("{length: 13}"), S("{length: '14'}")},
         {"600 s (10 min)", "x, y z", "22", "14", "300 s (5 min)"},
         ""},
        {{{0}, S("{lock: 7}")}, {"7 s", "x, y z", "22", "8", "420 s (7 min)"}, ""},
        {{{0}, S("{b.lock: 7, a.lock: 1h}")}, {"3600 s (1 h)", "x, y z", "22", "8", "420 s (7 min)"}, ""},
        {{S("{lock: 1m}"), {0}, S("{a.lock: 2m}")}, {"120 s (2 min)", "x, y z", "22", "8", "60 s (1 min)"}, ""},
        {{S("{names: [], ports: [80, 443]}")}, {"600 s (10 min)", "(empty)", "80, 443", "8", "300 s (5 min)"}, ""},
        {{S("{names: 'q r', ports: '80 443'}")}, {"600 s (10 min)", "q, r", "80, 443", "8", "300 s (5 min)"}, ""},
        {{S("{names: [q, $lock]}")},
         {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"},
         "1:13: a parameter's value cannot be a parameter [the text '$lock' itself is written '$$lock']"},
        {{S("{names: $$lock}")}, {"600 s (10 min)", "$lock", "22", "8", "300 s (5 min)"}, ""},
        {{S("{lenght: 9}")},
         {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"},
         "1:2: unknown parameter 'lenght' [did you mean 'length'?]"},
        {{S("{c.lock: 9}")},
         {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"},
         "1:2: unknown parameter 'c.lock' [did you mean 'a.lock'?]"},
        {{S("{length: nine, names: {a: b}, ports: [1, x]}")},
         {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"},
         "1:10: 'length' wants a whole number, not 'nine'\n1:23: 'names' wants a list of words, this is a map\n"
         "1:42: 'ports' wants a whole number, not 'x'"},
        {{S("{ports: 1 x}")},
         {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"},
         "1:9: each item of 'ports' is a whole number, not 'x'"},
        {{S("[length]")},
         {"600 s (10 min)", "x, y z", "22", "8", "300 s (5 min)"},
         "1:1: 'params' wants a map of parameters, this is a list"},
};

static void check_row(struct loaded *to, size_t row)
{
	const struct kj_node *maps[3] = {NULL, NULL, NULL};
	struct kj_text texts[3];
	for (size_t i = 0; i < 3; i++) {
		texts[i] = (struct kj_text){KJ_STR("fleet.yml"), rows[row].maps[i]};
		if (texts[i].bytes.n)
			maps[i] = kj_yaml_read(to->arena, &texts[i], (struct kj_doc_limits){0}, &to->diags);
	}
	const struct kj_value *values = kj_params_bind(to->program, to->arena, maps, 3, &to->diags);
	for (size_t i = 0; i < to->program->params.n; i++)
		assert_str(kj_value_show(to->arena, &values[i]), rows[row].values[i]);
	assert_string_equal(messages(to), rows[row].said);
}

static void test_bind(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct loaded to = load_given();
		for (size_t k = 0; k < COUNT(policies); k++)
			assert_true(load(&to, POLICY, &policies[k]));
		assert_int_equal(to.program->params.n, 5);
		check_row(&to, i);
		kj_arena_free(to.arena);
	}
}

static void test_declared(void **state)
{
	(void)state;
	struct loaded to = load_given();
	assert_true(load(&to, POLICY, &policies[0]));
	const struct kj_policy *policy = to.program->policies.at[1];
	assert_int_equal(policy->params, 4);
	for (size_t i = 0; i < policy->params; i++) {
		assert_int_equal(policy->param[i]->index, i);
		assert_ptr_equal(policy->param[i]->policy, policy);
		assert_int_equal(policy->param[i]->span.line, 5 + i);
	}
	assert_int_equal(policy->param[2]->item, KJ_TYPE_INT);
	assert_int_equal(policy->param[2]->value.items[0].num, 22);
	assert_str(policy->param[1]->value.items[1].text, "y z");
	kj_arena_free(to.arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_bind),
	        cmocka_unit_test(test_declared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
