/* No secret in evidence, and no plain setting taken for one. */
#include "eval/eval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct kj_arena *arena;
	const struct kj_redactor *redactor;
	struct kj_regex_scratch *scratch;
};

static int set_up(void **state)
{
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct fixture *f = KJ_NEW(arena, struct fixture);
	f->arena = arena;
	f->redactor = kj_redactor_new(arena, kj_regex_set_new(arena));
	f->scratch = kj_regex_scratch_new(arena);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	kj_arena_free(f->arena);
	return 0;
}

static void secrets_go(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
	        {"root:$6$rounds=5000$ab.cd$Xy/z:19000:0:99999:7:::", "root:[redacted:hash]:19000:0:99999:7:::"},
	        {"a:$y$j9T$Fq7$kGn.:1:", "a:[redacted:hash]:1:"},
	        {"user:$2b$12$abcdefghijklmnopqrstuv", "user:[redacted:hash]"},
	        {"userPassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "userPassword: {SSHA}[redacted:hash]"},
	        {"password = hunter2", "password = [redacted:secret]"},
	        {"db_password=\"hunter 2\"", "db_password=\"[redacted:secret] 2\""},
	        {"psk=\"correct-horse\"", "psk=\"[redacted:secret]\""},
	        {"  api_key: abc123", "  api_key: [redacted:secret]"},
	        {"\"client_secret\": \"s3cr3t\",", "\"client_secret\": \"[redacted:secret]\","},
	        {"enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "enable secret 5 [redacted:secret]"},
	        {"enable secret 9 letmein", "enable secret 9 [redacted:secret]"},
	        {"username bob privilege 15 password 7 0822455D0A16", "username bob privilege 15 password 7 [redacted:secret]"},
	        {"snmp-server community s3cret RO", "snmp-server community [redacted:community] RO"},
	        {"rocommunity public 10.0.0.0/8", "rocommunity [redacted:community] 10.0.0.0/8"},
	        {"    set password ENC SH2abcdef=", "    set password ENC [redacted:secret]"},
	        {"url = https://bob:pa55@example.org/x", "url = https://bob:[redacted:secret]@example.org/x"},
	        {"aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "aws_access_key_id = [redacted:key]"},
	        {"-----BEGIN OPENSSH PRIVATE KEY----- b3Blbn", "[redacted:key]"},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kj_str got = kj_redact(f->redactor, f->scratch, f->arena, kj_str_of(rows[i].line));
		if (!kj_str_eq(got, kj_str_of(rows[i].want)))
			fail_msg("'%s' became '%.*s', wanted '%s'", rows[i].line, KJ_FMT(got), rows[i].want);
	}
}

static void settings_stay(void **state)
{
	static const char *const rows[] = {
	        "PasswordAuthentication no",
	        "PermitEmptyPasswords no",
	        "password requisite pam_pwquality.so retry=3",
	        "MinimumPasswordLength = 8",
	        "PasswordComplexity = 1",
	        "PASS_MAX_DAYS 90",
	        "ENCRYPT_METHOD YESCRYPT",
	        "minlen = 8",
	        "-A INPUT -p tcp --dport 22 -j ACCEPT",
	        "root:!:19000:0:99999:7:::",
	        "min_length = 8",
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kj_str got = kj_redact(f->redactor, f->scratch, f->arena, kj_str_of(rows[i]));
		assert_true(kj_str_eq(got, kj_str_of(rows[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(secrets_go, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(settings_stay, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
