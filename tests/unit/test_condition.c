/* Every piece of the check language, from YAML to verdict, on exports held in memory. */
#include "eval/eval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char source_kv[] = "kijun: 1\n"
                                "source: kv\n"
                                "title: {en: test, ja: test}\n"
                                "inputs: [{file: etc/kv.conf}]\n"
                                "parser: keyvalue\n"
                                "options: {separators: \"=\", comment: \"#\"}\n"
                                "wins: last\n"
                                "defaults: {known: \"7\"}\n";

static const char source_users[] = "kijun: 1\n"
                                   "source: users\n"
                                   "title: {en: test, ja: test}\n"
                                   "inputs: [{file: etc/passwd}]\n"
                                   "parser: table\n"
                                   "options: {delimiter: \":\", columns: name password uid gid gecos home shell}\n"
                                   "secret: [password]\n";

static const char source_ledger[] = "kijun: 1\n"
                                    "source: ledger\n"
                                    "title: {en: test, ja: test}\n"
                                    "inputs: [{file: etc/ledger}]\n"
                                    "parser: table\n"
                                    "options: {delimiter: \":\", columns: account host status}\n";

/* What makes /etc a full copy, so that a missing file is a file the host does not have. */
#define FULL                                                                                                           \
	{"etc/os-release", "ID=debian\nVERSION_ID=12\n"}, {"etc/group", "root:x:0:\n"}, {"etc/login.defs", "\n"},      \
	        {"etc/hosts", "\n"}, {"etc/fstab", "\n"}, {"etc/profile", "\n"}, {"etc/shells", "\n"},                 \
	        {"etc/nsswitch.conf", "\n"}

#define PASSWD                                                                                                         \
	{"etc/passwd",                                                                                                 \
	 "root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/bash\nold:x:1001:1001::/:/usr/sbin/nologin\n"}

struct row {
	const char *check;
	const char *verdict;
	struct {
		const char *path, *text;
	} file[12];
};

static const struct row rows[] = {
        /* setting: effective, default, absent, not collected, malformed */
        {"{setting: kv.a, as: int, at_least: 8}", "pass", {{"etc/kv.conf", "a=8\n"}}},
        {"{setting: kv.a, as: int, at_least: 8}", "fail", {{"etc/kv.conf", "a=7\n"}}},
        {"{setting: kv.a, as: int, at_least: 8}", "fail", {{"etc/kv.conf", "a=9\na=7\n"}}},
        {"{setting: kv.a, as: int, at_least: 8}", "unknown", {{"etc/other", "a=8\n"}}},
        {"{setting: kv.a, as: int, at_least: 8}", "error", {{"etc/kv.conf", "a=many\n"}}},
        {"{setting: kv.a, as: int, at_least: 8}", "error", {{"etc/kv.conf", "a=99999999999999999999\n"}}},
        {"{setting: kv.known, as: int, at_least: 7}", "pass", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.known, as: int, at_least: 8}", "fail", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.known, as: int, at_least: 7, if_absent: fail}", "fail", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.b, equals: x}", "unknown", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.b, equals: x, if_absent: pass}", "pass", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.b, equals: x, if_absent: fail}", "fail", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.b, exists: false}", "pass", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.a, exists: true}", "pass", {{"etc/kv.conf", "a=1\n"}}},
        {"{setting: kv.a, exists: true}", "unknown", {{"etc/other", "a=1\n"}}},
        {"{setting: kv.a, exists: false}", "unknown", {{"etc/other", "a=1\n"}}},
        {"{setting: kv.a, as: seconds, between: [1s, 10m]}", "pass", {{"etc/kv.conf", "a=600\n"}}},
        {"{setting: kv.a, as: seconds, between: [1s, 10m]}", "fail", {{"etc/kv.conf", "a=0\n"}}},
        {"{setting: kv.a, as: minutes, between: [1s, $limit]}", "pass", {{"etc/kv.conf", "a=10\n"}}},
        {"{setting: kv.a, as: minutes, between: [1s, $limit]}", "fail", {{"etc/kv.conf", "a=11\n"}}},
        {"{setting: kv.a, as: list, contains_none: [bad]}", "fail", {{"etc/kv.conf", "a=good,bad\n"}}},
        {"{setting: kv.a, as: list, contains_all: [good]}", "pass", {{"etc/kv.conf", "a=good,bad\n"}}},
        {"{setting: kv.a, matches: '^x+$'}", "pass", {{"etc/kv.conf", "a=xxx\n"}}},
        {"{setting: kv.a, not_matches: '^x+$'}", "fail", {{"etc/kv.conf", "a=xxx\n"}}},
        {"{setting: kv.a, as: address, within: [10.0.0.0/8]}", "pass", {{"etc/kv.conf", "a=10.1.2.3\n"}}},
        {"{setting: kv.a, as: address, within: [10.0.0.0/8]}", "fail", {{"etc/kv.conf", "a=192.0.2.1\n"}}},
        {"{setting: kv.a, as: date, newer_than: 90d}", "pass", {{"etc/kv.conf", "a=2026-11-01\n"}}},
        {"{setting: kv.a, as: date, newer_than: 90d}", "fail", {{"etc/kv.conf", "a=2026-01-01\n"}}},
        {"{setting: kv.a, as: version, version_at_least: '9.2'}", "pass", {{"etc/kv.conf", "a=10.0\n"}}},
        /* trees: what was not seen never makes a pass, and never hides a fail */
        {"{all: [{setting: kv.a, equals: x}, {setting: ledger.q, equals: x}]}", "unknown", {{"etc/kv.conf", "a=x\n"}}},
        {"{all: [{setting: kv.a, equals: x}, {setting: ledger.q, equals: x}]}", "fail", {{"etc/kv.conf", "a=y\n"}}},
        {"{any: [{setting: kv.a, equals: x}, {setting: ledger.q, equals: x}]}", "pass", {{"etc/kv.conf", "a=x\n"}}},
        {"{any: [{setting: kv.a, equals: x}, {setting: ledger.q, equals: x}]}", "unknown", {{"etc/kv.conf", "a=y\n"}}},
        {"{none: [{setting: kv.a, equals: x}, {setting: ledger.q, equals: x}]}", "fail", {{"etc/kv.conf", "a=x\n"}}},
        {"{none: [{setting: kv.a, equals: x}, {setting: ledger.q, equals: x}]}", "unknown", {{"etc/kv.conf", "a=y\n"}}},
        {"{not: {setting: kv.a, equals: x}}", "pass", {{"etc/kv.conf", "a=y\n"}}},
        {"{not: {setting: kv.a, equals: x}}", "unknown", {{"etc/other", "a=y\n"}}},
        {"{some_of: {at_least: 2, of: [{setting: kv.a, equals: x}, {setting: kv.b, equals: x}, {setting: ledger.q, equals: x}]}}", "pass",
         {{"etc/kv.conf", "a=x\nb=x\n"}}},
        {"{some_of: {at_least: 2, of: [{setting: kv.a, equals: x}, {setting: kv.b, equals: x}, {setting: ledger.q, equals: x}]}}", "unknown",
         {{"etc/kv.conf", "a=x\nb=y\n"}}},
        {"{some_of: {at_least: 2, of: [{setting: kv.a, equals: x}, {setting: kv.b, equals: x}, {setting: ledger.q, equals: x}]}}", "fail",
         {{"etc/kv.conf", "a=y\nb=y\n"}}},
        {"{all: [{setting: kv.a, as: int, equals: 1}, {setting: ledger.q, equals: x}]}", "error", {{"etc/kv.conf", "a=one\n"}}},
        /* rows */
        {"{rows: users, where: {uid: {as: int, equals: 0}}, every: {name: root}}", "pass", {PASSWD}},
        {"{rows: users, where: {uid: {as: int, equals: 0}}, every: {name: root}}", "fail",
         {{"etc/passwd", "root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n"}}},
        {"{rows: users, no: {password: ''}}", "pass", {PASSWD}},
        {"{rows: users, no: {password: ''}}", "fail", {{"etc/passwd", "a::1:1::/:/bin/sh\n"}}},
        {"{rows: users, no: {password: ''}}", "error", {{"etc/passwd", "a:x:1:1::/:/bin/sh\nbroken line\n"}}},
        {"{rows: users, no: {password: ''}}", "fail", {{"etc/passwd", "a::1:1::/:/bin/sh\nbroken line\n"}}},
        {"{rows: users, no: {password: ''}}", "unknown", {{"etc/other", "x\n"}}},
        {"{rows: users, some: {name: bob}}", "pass", {PASSWD}},
        {"{rows: users, some: {name: eve}}", "fail", {PASSWD}},
        {"{rows: users, where: {uid: {as: int, at_least: 1000}}, count: {at_most: 2}}", "pass", {PASSWD}},
        {"{rows: users, where: {uid: {as: int, at_least: 1000}}, count: {at_most: 1}}", "fail", {PASSWD}},
        {"{rows: users, where: {uid: {as: int, at_least: 1000}}, count: {at_most: 1}}", "error",
         {{"etc/passwd", "bob:x:1000:1::/:/bin/sh\neve:x:abc:1::/:/bin/sh\n"}}},
        /* look-ups */
        {"{rows: users, where: {uid: {as: int, at_least: 1000}, shell: {not_matches: nologin}}, every: {name: {in: {rows: ledger, where: "
         "{account: '@name', host: '@host', status: active}}}}}",
         "pass",
         {PASSWD, {"etc/ledger", "bob:example:active\n"}}},
        {"{rows: users, where: {uid: {as: int, at_least: 1000}, shell: {not_matches: nologin}}, every: {name: {in: {rows: ledger, where: "
         "{account: '@name', host: '@host', status: active}}}}}",
         "fail",
         {PASSWD, {"etc/ledger", "bob:example:left\n"}}},
        {"{rows: users, where: {uid: {as: int, at_least: 1000}, shell: {not_matches: nologin}}, every: {name: {in: {rows: ledger, where: "
         "{account: '@name', host: '@host', status: active}}}}}",
         "unknown",
         {PASSWD}},
        /* text */
        {"{text: etc/motd, matches: '^Authorised'}", "pass", {{"etc/motd", "x\nAuthorised only\n"}}},
        {"{text: etc/motd, matches: '^Authorised'}", "fail", {{"etc/motd", "Welcome\n"}}},
        {"{text: etc/motd, matches: '^Authorised'}", "unknown", {{"etc/other", "x\n"}}},
        {"{text: etc/motd, not_matches: 'secret'}", "unknown", {{"etc/other", "x\n"}}},
        {"{text: etc/motd, not_matches: 'secret'}", "pass", {PASSWD, FULL}},
        {"{text: etc/motd, matches: 'x'}", "fail", {PASSWD, FULL}},
        {"{text: etc/motd, not_matches: 'secret'}", "fail", {{"etc/motd", "the secret\n"}}},
        {"{text: etc/motd, matches: 'a\\nb', by: file}", "pass", {{"etc/motd", "a\nb\n"}}},
        {"{text: 'etc/c.d/*.conf', matches: '^n=(\\d+)$', captures: {\"1\": {as: int, at_least: 5}}}", "pass",
         {{"etc/c.d/1.conf", "n=5\n"}, {"etc/c.d/2.conf", "n=6\n"}}},
        {"{text: 'etc/c.d/*.conf', matches: '^n=(\\d+)$', captures: {\"1\": {as: int, at_least: 5}}}", "fail",
         {{"etc/c.d/1.conf", "n=5\n"}, {"etc/c.d/2.conf", "n=4\n"}}},
        {"{text: etc/motd, matches: '(a+)+$'}", "error", {{"etc/motd", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n"}}},
        {"{text: etc/motd, matches: x}", "error", {{"etc/motd/inner", "x\n"}}},
        /* files */
        {"{file: etc/motd, exists: true}", "pass", {{"etc/motd", "x\n"}}},
        {"{file: etc/motd, exists: true}", "unknown", {{"etc/other", "x\n"}}},
        {"{file: etc/motd, exists: false}", "unknown", {{"etc/other", "x\n"}}},
        {"{file: etc/motd, exists: false}", "pass", {PASSWD, FULL}},
        {"{file: etc/motd, exists: true}", "fail", {PASSWD, FULL}},
        {"{file: etc/motd, exists: false}", "fail", {{"etc/motd", "x\n"}}},
        {"{file: etc/motd, mode_at_most: '0644', owner: root}", "unknown", {{"etc/motd", "x\n"}}},
        {"{file: etc/motd, mode_at_most: '0644', owner: root}", "pass",
         {{"etc/motd", "x\n"}, {"manifest.tsv", "0755\t0\t0\troot\troot\td\t0\t/etc\n0640\t0\t0\troot\troot\tf\t2\t/etc/motd\n"}}},
        {"{file: etc/motd, mode_at_most: '0644', owner: root}", "fail",
         {{"etc/motd", "x\n"}, {"manifest.tsv", "0755\t0\t0\troot\troot\td\t0\t/etc\n0646\t0\t0\troot\troot\tf\t2\t/etc/motd\n"}}},
        {"{file: etc/motd, mode_at_most: '0644', group: [root, adm]}", "pass",
         {{"etc/motd", "x\n"}, {"manifest.tsv", "0755\t0\t0\troot\troot\td\t0\t/etc\n0640\t0\t4\troot\tadm\tf\t2\t/etc/motd\n"}}},
};

static const struct kj_text *text_of(struct kj_arena *arena, const char *name, kj_str bytes)
{
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	*text = (struct kj_text){kj_str_of(name), bytes};
	return text;
}

static void load(struct kj_program *program, struct kj_diags *diags, const char *check)
{
	struct kj_arena *arena = program->arena;
	bool ok = kj_source_load(program, text_of(arena, "kv.yml", kj_str_of(source_kv)), diags) &&
	          kj_source_load(program, text_of(arena, "users.yml", kj_str_of(source_users)), diags) &&
	          kj_source_load(program, text_of(arena, "ledger.yml", kj_str_of(source_ledger)), diags);
	kj_str policy = kj_str_fmt(arena,
	                           "kijun: 1\nid: t\ntitle: {en: t, ja: t}\n"
	                           "params:\n  limit: {type: duration, default: 10m, about: {en: t, ja: t}}\n"
	                           "rules:\n  - id: r\n    item: 6-5\n    title: {en: t, ja: t}\n    severity: high\n    check: %s\n",
	                           check);
	ok = ok && kj_policy_load(program, text_of(arena, "policy.yml", policy), diags) && kj_program_bind(program, diags);
	if (!ok) {
		kj_diags_print(diags, stderr, false);
		fail_msg("does not load: %s", check);
	}
}

static void judge_row(const struct row *row)
{
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB), *results = kj_arena_new(64 * KJ_MIB);
	struct kj_diags diags = {.arena = arena};
	struct kj_program *program = kj_program_new(arena);
	load(program, &diags, row->check);
	struct kj_memory_file files[12];
	size_t n = 0;
	for (; n < 12 && row->file[n].path; n++)
		files[n] = (struct kj_memory_file){kj_str_of(row->file[n].path), kj_str_of(row->file[n].text)};
	struct kj_subject subject = {.name = KJ_STR("example"), .files = files, .file_count = n};
	struct kj_date today = {2026, 11, 23};
	const struct kj_bench *bench = kj_bench_new(arena, program, &kj_export_limits_default, today);
	const struct kj_result *result = kj_judge(bench, &subject, kj_regex_scratch_new(arena), results);
	assert_int_equal(result->findings, 1);
	const struct kj_finding *f = &result->finding[0];
	if (strcmp(kj_verdict_name(f->verdict), row->verdict) != 0)
		fail_msg("%s\n  on %s: wanted %s, got %s: %.*s", row->check, row->file[0].path, row->verdict,
		         kj_verdict_name(f->verdict), KJ_FMT(f->message.en));
	assert_true(f->message.en.n > 0 && f->message.ja.n > 0);
	kj_arena_free(arena);
	kj_arena_free(results);
}

static void all_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		judge_row(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_rows)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
