#include "policies.h"

static const struct kj_date today = {2026, 11, 23};

/* operator, type, found, operands (| between), does it hold? */
static const struct {
	const char *op;
	enum kj_type type;
	kj_str found;
	kj_str operands;
	bool holds;
} rows[] = {
        {"equals", KJ_TYPE_TEXT, S("yes"), S("yes"), true},
        {"equals", KJ_TYPE_TEXT, S("Yes"), S("yes"), false},
        {"equals", KJ_TYPE_TEXT, S("yes "), S("yes"), false},
        {"equals", KJ_TYPE_TEXT, S(""), S(""), true},
        {"equals", KJ_TYPE_TEXT, S("08"), S("8"), false},
        {"equals", KJ_TYPE_INT, S("08"), S("8"), true},
        {"equals", KJ_TYPE_INT, S("-9223372036854775808"), S("9223372036854775807"), false},
        {"equals", KJ_TYPE_BOOL, S("ON"), S("true"), true},
        {"equals", KJ_TYPE_BOOL, S("0"), S("true"), false},
        {"equals", KJ_TYPE_SECONDS, S("600"), S("10m"), true},
        {"equals", KJ_TYPE_SECONDS, S("never"), S("infinity"), true},
        {"equals", KJ_TYPE_MODE, S("640"), S("0640"), true},
        {"equals", KJ_TYPE_DATE, S("2026-11-23"), S("2026-11-23"), true},
        {"equals", KJ_TYPE_VERSION, S("v1.02"), S("1.2"), true},
        {"equals", KJ_TYPE_VERSION, S("1:1.2"), S("1.2"), true},
        {"equals", KJ_TYPE_VERSION, S("1:1.2"), S("2:1.2"), false},
        {"equals", KJ_TYPE_ADDRESS, S("192.0.2.5/24"), S("192.0.2.0-192.0.2.255"), true},
        {"equals", KJ_TYPE_ADDRESS, S("192.0.2.5"), S("192.0.2.0/24"), false},
        {"equals", KJ_TYPE_LIST, S("a"), S("a"), true},
        {"equals", KJ_TYPE_LIST, S("a, b"), S("a"), false},
        {"equals", KJ_TYPE_LIST, S(""), S("a"), false},
        {"one_of", KJ_TYPE_TEXT, S("b"), S("a|b"), true},
        {"one_of", KJ_TYPE_TEXT, S("B"), S("a|b"), false},
        {"one_of", KJ_TYPE_TEXT, S("ab"), S("a|b"), false},
        {"one_of", KJ_TYPE_INT, S("022"), S("22|80"), true},
        {"one_of", KJ_TYPE_LIST, S("a b a"), S("a|b|c"), true},
        {"one_of", KJ_TYPE_LIST, S("a d"), S("a|b|c"), false},
        {"one_of", KJ_TYPE_LIST, S(""), S("a|b|c"), false},
        {"none_of", KJ_TYPE_TEXT, S("c"), S("a|b"), true},
        {"none_of", KJ_TYPE_TEXT, S("a"), S("a|b"), false},
        {"none_of", KJ_TYPE_LIST, S("c d"), S("a|b"), true},
        {"none_of", KJ_TYPE_LIST, S("c b"), S("a|b"), false},
        {"none_of", KJ_TYPE_LIST, S(""), S("a|b"), true},
        {"contains_all", KJ_TYPE_LIST, S("c,b,a"), S("a|b"), true},
        {"contains_all", KJ_TYPE_LIST, S("a"), S("a|b"), false},
        {"contains_all", KJ_TYPE_LIST, S("ab"), S("a|b"), false},
        {"contains_all", KJ_TYPE_LIST, S(""), S("a"), false},
        {"contains_none", KJ_TYPE_LIST, S("c d"), S("a|b"), true},
        {"contains_none", KJ_TYPE_LIST, S("c a"), S("a|b"), false},
        {"contains_none", KJ_TYPE_LIST, S("A"), S("a|b"), true},
        {"contains_none", KJ_TYPE_LIST, S(""), S("a"), true},
        {"at_least", KJ_TYPE_INT, S("8"), S("8"), true},
        {"at_least", KJ_TYPE_INT, S("7"), S("8"), false},
        {"at_least", KJ_TYPE_INT, S("-9"), S("8"), false},
        {"at_least", KJ_TYPE_INT, S("9223372036854775807"), S("-9223372036854775808"), true},
        {"at_least", KJ_TYPE_INT, S("-9223372036854775808"), S("-9223372036854775807"), false},
        {"at_least", KJ_TYPE_SECONDS, S("0"), S("1s"), false},
        {"at_least", KJ_TYPE_SECONDS, S("never"), S("1y"), true},
        {"at_least", KJ_TYPE_MODE, S("0644"), S("0640"), true},
        {"at_least", KJ_TYPE_MODE, S("0604"), S("0440"), false},
        {"at_most", KJ_TYPE_INT, S("8"), S("8"), true},
        {"at_most", KJ_TYPE_INT, S("9"), S("8"), false},
        {"at_most", KJ_TYPE_SECONDS, S("0"), S("10m"), true},
        {"at_most", KJ_TYPE_SECONDS, S("never"), S("10m"), false},
        {"at_most", KJ_TYPE_MINUTES, S("10"), S("10m"), true},
        {"at_most", KJ_TYPE_MINUTES, S("11"), S("10m"), false},
        {"at_most", KJ_TYPE_DAYS, S("99999"), S("90"), false},
        {"at_most", KJ_TYPE_SIZE, S("1025K"), S("1M"), false},
        {"at_most", KJ_TYPE_SIZE, S("1024K"), S("1M"), true},
        {"at_most", KJ_TYPE_DATE, S("2026-11-24"), S("2026-11-23"), false},
        {"at_most", KJ_TYPE_MODE, S("0600"), S("0640"), true},
        {"at_most", KJ_TYPE_MODE, S("0604"), S("0640"), false}, /* less as a number, but others may read */
        {"at_most", KJ_TYPE_MODE, S("4000"), S("0777"), false},
        {"between", KJ_TYPE_SECONDS, S("1"), S("1s|10m"), true},
        {"between", KJ_TYPE_SECONDS, S("600"), S("1s|10m"), true},
        {"between", KJ_TYPE_SECONDS, S("0"), S("1s|10m"), false},
        {"between", KJ_TYPE_SECONDS, S("601"), S("1s|10m"), false},
        {"between", KJ_TYPE_SECONDS, S("never"), S("1s|10m"), false},
        {"between", KJ_TYPE_SECONDS, S("never"), S("1s|never"), true},
        {"between", KJ_TYPE_INT, S("5"), S("5|5"), true},
        {"between", KJ_TYPE_VERSION, S("1.10"), S("1.9|1.11"), true},
        {"older_than", KJ_TYPE_DATE, S("2026-08-25"), S("90d"), false}, /* 90 days ago */
        {"older_than", KJ_TYPE_DATE, S("2026-08-24"), S("90d"), true},
        {"older_than", KJ_TYPE_DATE, S("2026-11-23"), S("0 days"), false},
        {"older_than", KJ_TYPE_DATE, S("2026-11-22"), S("0 days"), true},
        {"older_than", KJ_TYPE_DATE, S("2025-11-23"), S("12 months"), false},
        {"older_than", KJ_TYPE_DATE, S("2025-11-22"), S("12 months"), true},
        {"older_than", KJ_TYPE_DATE, S("2024-11-23"), S("2 years"), false}, /* 730 days, with no leap day between */
        {"older_than", KJ_TYPE_DATE, S("2022-11-23"), S("4 years"), false}, /* 1461 days */
        {"older_than", KJ_TYPE_DATE, S("2026-11-16"), S("1 week"), false},
        {"older_than", KJ_TYPE_DATE, S("2026-11-15"), S("1 week"), true},
        {"older_than", KJ_TYPE_DATE, S("9999-12-31"), S("0 days"), false},
        {"newer_than", KJ_TYPE_DATE, S("2026-08-25"), S("90d"), true},
        {"newer_than", KJ_TYPE_DATE, S("2026-08-24"), S("90d"), false},
        {"newer_than", KJ_TYPE_DATE, S("2026-11-23"), S("0 days"), true},
        {"newer_than", KJ_TYPE_DATE, S("2026-11-24"), S("0 days"), false}, /* nothing was done tomorrow */
        {"newer_than", KJ_TYPE_DATE, S("9999-12-31"), S("1 year"), false},
        {"newer_than", KJ_TYPE_DATE, S("2026-11-22"), S("0 days"), false},
        {"newer_than", KJ_TYPE_DATE, S("2026-05-23"), S("6 months"), true},
        {"newer_than", KJ_TYPE_DATE, S("2026-05-22"), S("6 months"), false},
        {"version_at_least", KJ_TYPE_VERSION, S("9.2p1"), S("9.2"), true},
        {"version_at_least", KJ_TYPE_VERSION, S("9.10"), S("9.9"), true},
        {"version_at_least", KJ_TYPE_VERSION, S("9.2~rc1"), S("9.2"), false},
        {"version_at_least", KJ_TYPE_VERSION, S("1:8.9"), S("9.2"), false},
        {"version_at_least", KJ_TYPE_VERSION, S("1:9.2"), S("2:1.0"), false},
        {"within", KJ_TYPE_ADDRESS, S("10.1.2.3"), S("192.0.2.0/24|10.0.0.0/8"), true},
        {"within", KJ_TYPE_ADDRESS, S("10.0.0.0/7"), S("10.0.0.0/8"), false},
        {"within", KJ_TYPE_ADDRESS, S("10.0.0.0/8"), S("10.0.0.0/9|10.128.0.0/9"), false},
        {"within", KJ_TYPE_ADDRESS, S("0.0.0.0/0"), S("::/0"), false},
        {"within", KJ_TYPE_ADDRESS, S("2001:db8::5"), S("2001:db8::/32"), true},
};

enum { MOST = 4 };

static size_t read_operands(struct kj_arena *arena, enum kj_type type, kj_str text, struct kj_value *operands)
{
	size_t n = 0;
	kj_str one;
	while (kj_str_cut(&text, '|', &one)) {
		assert_true(n < MOST);
		assert_true(kj_value_read(arena, type, one, &operands[n++]));
	}
	return n;
}

static enum kj_type operand_type(const struct kj_operator *op, enum kj_type found)
{
	if (op->arity == KJ_ARITY_PERIOD)
		return KJ_TYPE_PERIOD;
	return found == KJ_TYPE_LIST ? KJ_TYPE_TEXT : found;
}

static void test_rows(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kj_operator *op = kj_operator_find(kj_str_of(rows[i].op));
		struct kj_value found, operands[MOST];
		assert_true(op->fits >> rows[i].type & 1);
		assert_true(kj_value_read(arena, rows[i].type, rows[i].found, &found));
		size_t n = read_operands(arena, operand_type(op, rows[i].type), rows[i].operands, operands);
		if (op->apply(&found, operands, n, today) != rows[i].holds)
			fail_msg("row %zu: %s %s", i, rows[i].op, rows[i].found.p);
	}
	kj_arena_free(arena);
}

/* Each operator holds somewhere and fails somewhere in the table. */
static void test_every_operator(void **state)
{
	(void)state;
	size_t n;
	const struct kj_operator *op = kj_operators(&n);
	for (size_t i = 0; i < n; i++) {
		bool seen[2] = {false, false};
		assert_ptr_equal(kj_operator_find(op[i].name), &op[i]);
		for (size_t k = 0; k < COUNT(rows); k++) {
			if (kj_str_eq(op[i].name, kj_str_of(rows[k].op)))
				seen[rows[k].holds] = true;
		}
		assert_int_equal(op[i].apply != NULL, op[i].arity != KJ_ARITY_PATTERN);
		assert_true(!op[i].apply || (seen[0] && seen[1]));
		assert_true(op[i].wanted && op[i].about);
	}
	assert_null(kj_operator_find(KJ_STR("exists")));
}

/* An operand that is a list (a parameter) stands for its items. */
static void test_lists_of_parameters(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	struct kj_value text, list, operands[2];
	kj_value_read(arena, KJ_TYPE_TEXT, KJ_STR("b"), &text);
	kj_value_read(arena, KJ_TYPE_LIST, KJ_STR("b c"), &list);
	kj_value_read(arena, KJ_TYPE_TEXT, KJ_STR("x"), &operands[0]);
	kj_value_read(arena, KJ_TYPE_LIST, KJ_STR("a b c"), &operands[1]);
	assert_true(kj_operator_find(KJ_STR("one_of"))->apply(&text, operands, 2, today));
	assert_false(kj_operator_find(KJ_STR("none_of"))->apply(&text, operands, 2, today));
	assert_true(kj_operator_find(KJ_STR("one_of"))->apply(&list, operands, 2, today));
	assert_false(kj_operator_find(KJ_STR("contains_none"))->apply(&list, operands, 2, today));
	assert_false(kj_operator_find(KJ_STR("contains_all"))->apply(&list, operands, 2, today));
	assert_true(kj_operator_find(KJ_STR("contains_all"))->apply(&operands[1], &list, 1, today));
	assert_true(kj_operator_find(KJ_STR("equals"))->apply(&list, &list, 1, today));
	assert_false(kj_operator_find(KJ_STR("equals"))->apply(&operands[1], &list, 1, today));
	assert_false(kj_operator_find(KJ_STR("one_of"))->apply(&text, NULL, 0, today));
	kj_arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_every_operator),
	        cmocka_unit_test(test_lists_of_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
