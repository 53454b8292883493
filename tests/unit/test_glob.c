#include "base/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *pattern, *path;
	bool period, match;
} rows[] = {
        {"etc/passwd", "etc/passwd", false, true},
        {"etc/passwd", "etc/passwd-", false, false},
        {"", "", false, true},
        {"", "a", false, false},
        {"*", "", false, true},
        {"*", "abc", false, true},
        {"*", "a/c", false, false},
        {"a*c", "abbc", false, true},
        {"a*c", "abbcd", false, false},
        {"a*b*c", "aXbXbXc", false, true},
        {"?", "", false, false},
        {"?", "/", false, false},
        {"?", "基", false, true},
        {"??", "基", false, false},
        {"?", "\xff", false, true},
        {"*準", "基準", false, true},
        {"\xe5*", "基", false, false}, /* half a character */
        {"[基-準]", "準", false, true},
        {"[あ-ん]", "ア", false, false},
        {"[\xff]", "\xff", false, true},
        {"[\xff]", "ÿ", false, false},
        {"[a-c]x", "bx", false, true},
        {"[a-c]x", "dx", false, false},
        {"[!a-c]x", "dx", false, true},
        {"[^a-c]x", "ax", false, false},
        {"[]a]", "]", false, true},
        {"[!]a]", "]", false, false},
        {"[a-]", "-", false, true},
        {"[a-]", "b", false, false},
        {"[\\]]", "]", false, true},
        {"[!a]", "/", false, false},
        {"[/]", "/", false, false},
        {"[[:digit:]]*", "7up", false, true},
        {"[[:digit:]x]", "x", false, true},
        {"[![:digit:]]", "7", false, false},
        {"[[:space:]]", " ", false, true},
        {"[[:nope:]]", "n", false, false},
        {"a[", "a[", false, true},
        {"a[b", "a[b", false, true},
        {"[]", "[]", false, true},
        {"\\*", "*", false, true},
        {"\\*", "a", false, false},
        {"\\a", "a", false, true},
        {"a\\", "a\\", false, true},
        {"**", "a/b/c", false, true},
        {"**", "", false, true},
        {"a/**", "a/b/c", false, true},
        {"a/**", "a", false, false},
        {"a/**", "b/c", false, false},
        {"a/**/b", "a/b", false, true},
        {"a/**/b", "a/x/b", false, true},
        {"a/**/b", "a/x/y/b", false, true},
        {"a/**/b", "a/xb", false, false},
        {"a/**/b", "a/x/yb", false, false},
        {"a/**/b", "ab", false, false},
        {"**/b", "b", false, true},
        {"**/b", "x/b", false, true},
        {"**/b", "xb", false, false},
        {"**/*.conf", "a/b/c.conf", false, true},
        {"**/a/**/b", "a/b", false, true},
        {"**/**/b", "b", false, true},
        {"**/**/b", "x/y/b", false, true},
        {"a**b", "a/x/b", false, true},
        {"a***b", "a/x/b", false, true},
        {"*/b/*/d", "a/b/c/d", false, true},
        {"*.conf", ".conf", false, true},
        {"*.conf", ".conf", true, false},
        {"?conf", ".conf", true, false},
        {"[.]conf", ".conf", true, false},
        {".*", ".conf", true, true},
        {"\\.*", ".conf", true, true},
        {"etc/*", "etc/.x", true, false},
        {"etc/*", "etc/x.", true, true},
        {"etc/**/x", "etc/.d/x", true, false},
        {"etc/**/x", "etc/.d/x", false, true},
        {"etc/**/x", "etc/d.d/x", true, true},
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool match = kj_glob(kj_str_of(rows[i].pattern), kj_str_of(rows[i].path), rows[i].period);
		if (match != rows[i].match)
			fail_msg("'%s' on '%s': %d", rows[i].pattern, rows[i].path, match);
	}
}

static void test_bytes(void **state)
{
	(void)state;
	assert_true(kj_glob(KJ_STR("a?b*"), KJ_STR("a\0b\0"), false));
	assert_false(kj_glob(KJ_STR("a*\0c"), KJ_STR("a\0b"), false));
}

/* Shapes that take a backtracking matcher for ever. */
static void test_hostile(void **state)
{
	(void)state;
	static const char *const units[] = {"a*", "*a", "**a", "**/", "[a-b]*", "[:[:", "[[[[", "?*"};
	static char pattern[4096], path[10000];
	memset(path, 'a', sizeof path);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t unit = strlen(units[i]);
		for (size_t j = 0; j < 200; j++)
			memcpy(pattern + j * unit, units[i], unit);
		pattern[200 * unit] = 'b';
		assert_false(kj_glob((kj_str){pattern, 200 * unit + 1}, (kj_str){path, sizeof path}, false));
	}
	memset(pattern, '[', sizeof pattern);
	assert_true(kj_glob((kj_str){pattern, sizeof pattern}, (kj_str){pattern, sizeof pattern}, false));
	assert_false(kj_glob((kj_str){pattern, sizeof pattern}, (kj_str){path, sizeof path}, false));
	static char stars[10000];
	memset(stars, '*', sizeof stars);
	assert_false(kj_glob((kj_str){stars, sizeof stars}, KJ_STR("a"), false)); /* longer than any file name */
}

static void test_is(void **state)
{
	(void)state;
	assert_true(kj_glob_is(KJ_STR("*")));
	assert_true(kj_glob_is(KJ_STR("a?")));
	assert_true(kj_glob_is(KJ_STR("[a")));
	assert_false(kj_glob_is(KJ_STR("a/b.c")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_match),
	        cmocka_unit_test(test_bytes),
	        cmocka_unit_test(test_hostile),
	        cmocka_unit_test(test_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
