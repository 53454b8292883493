/* The plain resolver with the sources that YAML alone describes, and what binding refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve_check.h"

static void test_plain(void **state)
{
	(void)state;
	static const struct resolve_case cases[] = {
	        {"login.defs: the last value wins, # begins a comment at a line's start only", "login_defs",
	         "--- etc/login.defs\n# PASS_MAX_DAYS 1\nPASS_MAX_DAYS 90 # x\nUMASK 022\nUMASK 077\n",
	         "@effective\nPASS_MAX_DAYS=-1 default (90 # x etc/login.defs:2) # 'etc/login.defs' line 2: '90 # x' "
	         "is no "
	         "number, so the default holds\nUMASK=077 effective etc/login.defs:4 "
	         "(022 etc/login.defs:3)\n"
	         "PASS_MIN_DAYS=-1 default\n"},
	        {"keys have case", "login_defs", "--- etc/login.defs\npass_max_days 90\n",
	         "PASS_MAX_DAYS=-1 default\n"},
	        {"no such file: the defaults hold", "login_defs", "--- etc/x\n", "@absent\nPASS_MAX_DAYS=-1 default\n"},
	        {"not collected: nothing holds", "login_defs", "--- etc/os-release\nID=debian\n",
	         "@not_collected # /etc/login.defs was not collected\nPASS_MAX_DAYS -\n", true},
	        {"sysctl: all folders' files by name, / is ., a link to /dev/null masks, a name in a stronger folder "
	         "hides",
	         "sysctl",
	         "--- etc/sysctl.d/50-a.conf\nnet/ipv4/ip_forward = 1\nkernel.x=1\n--- "
	         "usr/lib/sysctl.d/99-z.conf\nnet.ipv4.ip_forward=0\n"
	         "--- usr/lib/sysctl.d/50-a.conf\nkernel.x=2\n--- etc/sysctl.d/60-m.conf -> /dev/null\n--- "
	         "usr/lib/sysctl.d/60-m.conf\nkernel.x=3\n"
	         "--- run/sysctl.d/x.txt\n--- usr/local/lib/sysctl.d/\n",
	         "@effective\nnet.ipv4.ip_forward=0 effective usr/lib/sysctl.d/99-z.conf:1 (1 "
	         "etc/sysctl.d/50-a.conf:1)\n"
	         "kernel.x=1 effective etc/sysctl.d/50-a.conf:2\n"},
	        {"a captured sysctl -a beats the files", "sysctl",
	         "--- etc/sysctl.d/a.conf\nkernel.x=1\nkernel.y=1\nkernel.gone=1\n--- captured/sysctl_-a.txt\nkernel.x "
	         "= 0\nkernel.y = 1\n",
	         "kernel.x=0 effective captured/sysctl_-a.txt:1 (1 etc/sysctl.d/a.conf:1) # 'etc/sysctl.d/a.conf' line "
	         "1 says 1: configured, not in force\n"
	         "kernel.y=1 effective captured/sysctl_-a.txt:2 (1 etc/sysctl.d/a.conf:2)\n"
	         "kernel.gone=1 not_in_force etc/sysctl.d/a.conf:3 # configured, but the captured output does not have "
	         "it\n"},
	        {"os-release: the vendor's file where the other is not; quotes go", "os_release",
	         "--- etc/passwd\n--- usr/lib/os-release\nID=debian\nNAME=\"Debian GNU/Linux\"\n--- etc/os-release -> "
	         "../usr/lib/os-release\n",
	         "ID=debian effective usr/lib/os-release:1\nNAME=Debian GNU/Linux effective usr/lib/os-release:2\n",
	         true},
	        {"rows", "passwd", "--- etc/passwd\nroot:x:0:0:root:/root:/bin/bash\nbob::1000:1000::/home/bob:\n",
	         "@effective\n|root|x|0|0|root|/root|/bin/bash|\n|bob||1000|1000||/home/bob||\n"},
	        {"a source of commands alone", "listening",
	         "--- captured/ss_-tulpn.txt\ntcp   LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n",
	         "@effective\n|tcp|0.0.0.0|22||LISTEN|||4|any|\n"},
	        {"a binary file", "login_defs",
	         "--- etc/login.defs\n\x01\x02\x03\x7f\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\n", "@error\n"},
	        {"a folder of that name", "login_defs", "--- etc/login.defs/x\n", "@error\n"},
	};
	RESOLVE_CHECK(cases);
}

static const struct {
	const char *yaml;
	const char *message, *hint;
	unsigned line, col;
} mistakes[] = {
        {"parser: keyvalu\ninputs: [{file: /etc/x}]\n", "there is no parser 'keyvalu'", "did you mean 'keyvalue'?", 4,
         9},
        {"parser: keyvalue\noptions: {separator: \"=\"}\ninputs: [{file: /etc/x}]\n",
         "the parser 'keyvalue' has no option 'separator'", "did you mean 'separators'?", 5, 11},
        {"parser: keyvalue\noptions: {sections: maybe}\ninputs: [{file: /etc/x}]\n",
         "the option 'sections' is true or false, not text", "", 5, 21},
        {"parser: table\noptions: {min_fields: three}\ninputs: [{file: /etc/x}]\n",
         "the option 'min_fields' is a whole number, not text", "", 5, 23},
        {"resolver: sshdd\ninputs: [{file: /etc/x}]\n", "there is no resolver 'sshdd'", "did you mean 'sshd'?", 4, 11},
        {"parser: keyvalue\ninputs: [{file: /etc/x, parser: line}]\n", "there is no parser 'line'",
         "did you mean 'lines'?", 5, 33},
        {"parser: keyvalue\ninputs: [{file: /etc/x}]\ndefaults: [{when: {distr: debian}, values: {a: 1}}]\n",
         "there is no condition 'distr' in 'when'", "did you mean 'distro'?", 6, 20},
        {"parser: keyvalue\ninputs: [{file: /etc/x}]\nwith: {section: off}\n",
         "'section' is 'join' or 'drop', not 'off'", "", 6, 17},
};

static void check_first(const struct kj_diags *diags, const char *message, const char *hint, unsigned line,
                        unsigned col)
{
	assert_int_equal(diags->errors, 1);
	const struct kj_diag *d = &diags->list.at[0];
	if (!kj_str_eq(d->message, kj_str_of(message)) || !kj_str_eq(d->hint, kj_str_of(hint)) ||
	    d->span.line != line || d->span.col != col)
		fail_msg("%u:%u %.*s (%.*s)", d->span.line, d->span.col, KJ_FMT(d->message), KJ_FMT(d->hint));
}

static void test_bind_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		struct kj_arena *arena = kj_arena_new(16 * KJ_MIB);
		struct kj_diags diags = {.arena = arena};
		struct kj_program *program = kj_program_new(arena);
		struct kj_text text = {KJ_STR("x.yml"),
		                       kj_str_fmt(arena, "kijun: 1\nsource: x\ntitle: {en: X}\n%s", mistakes[i].yaml)};
		assert_true(kj_source_load(program, &text, &diags));
		assert_false(kj_program_bind(program, &diags));
		check_first(&diags, mistakes[i].message, mistakes[i].hint, mistakes[i].line, mistakes[i].col);
		kj_arena_free(arena);
	}
}

static void test_bind_columns(void **state)
{
	(void)state;
	static const struct {
		const char *check, *message, *hint;
		unsigned col;
	} cases[] = {
	        {"{rows: passwd, every: {shel: /bin/sh}}", "the rows of 'passwd' have no column 'shel'",
	         "did you mean 'shell'?", 35},
	        {"{rows: pam, where: {modul: x}, count: {at_least: 1}}", "the rows of 'pam' have no column 'modul'",
	         "did you mean 'module'?", 32},
	        {"{rows: passwd, every: {name: {in: {rows: group, where: {nam: \"@name\"}}}}}",
	         "the rows of 'group' have no column 'nam'", "did you mean 'name'?", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
		struct kj_diags diags = {.arena = arena};
		struct kj_program *program = resolve_program(arena, &diags);
		assert_int_equal(diags.errors, 0);
		struct kj_text text = {KJ_STR("p.yml"), kj_str_fmt(arena,
		                                                   "kijun: 1\nid: p\ntitle: {en: P}\nrules:\n  - id: "
		                                                   "r\n    item: 6-5\n    title: {en: R}\n"
		                                                   "    severity: low\n    check: %s\n",
		                                                   cases[i].check)};
		bool loaded = kj_policy_load(program, &text, &diags);
		kj_diags_print(&diags, stderr, false);
		assert_true(loaded);
		assert_false(kj_program_bind(program, &diags));
		assert_true(kj_str_eq(diags.list.at[0].message, kj_str_of(cases[i].message)));
		assert_true(kj_str_eq(diags.list.at[0].hint, kj_str_of(cases[i].hint)));
		assert_int_equal(diags.list.at[0].span.line, 9);
		if (cases[i].col)
			assert_int_equal(diags.list.at[0].span.col, cases[i].col);
		kj_arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plain),
	        cmocka_unit_test(test_bind_sources),
	        cmocka_unit_test(test_bind_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
