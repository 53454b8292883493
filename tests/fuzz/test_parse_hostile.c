/* Every parser over mutated and random bytes: rows ascend, stay within the file, and their cells lie in memory that can
   be read (which the sanitizers watch). Deterministic: the seed is fixed. */
#include "parse_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char *const seeds[] = {
        "# c\n[a]\nk = \"v\\\"\" # x\nflag\n  more\\\n  and\n'q'=1\n",
        "root:x:0:0::/root:/bin/sh\n\n+::::\n",
        "Port=22 # x\nMatch User \"a b\" Address *\n  AllowUsers 'c d' e\\ f\n",
        "http { server { listen 80; # c\n location ~ \"\\.x$\" { a ${b}c; } } }\n",
        "auth [default=die success=1] pam_x.so [a b\\]] c\\\n d\n@include x\n-session optional y\n",
        "[System Access]\nA = 1\n[Registry Values]\nMACHINE\\X=4,1\n\"a\",2,\"b\"\n",
        "Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\A]\n\"b\"=hex(7):61,00,\\\n "
        "00,00,00,00\n@=\"x\\\\\"\n\"d\"=dword:10\n[-K]\n",
        "if a; then TMOUT=\"$(b 'c')\"; fi\ncat <<E\n${x:=y}\nE\nf() { export -n A=1; }\ncase x in a) b=1;; esac\n[[ a "
        "]] && c=(1 2)\n",
        "tcp LISTEN 0 128 [::]:22 *:* users:((\"sshd\",pid=1,fd=2),(\"x\",1,2))\n  TCP 0.0.0.0:1 0.0.0.0:0 LISTENING "
        "4\n [a.exe]\nudp 0 0 *.5 *.* -\n",
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A seed with bytes changed, cut out and put twice; or plain noise. */
static size_t mutate(uint64_t *random, char *out, size_t cap)
{
	static const char special[] = "\0\n\r\t \"'\\#;={}[]()$`<&|,:\x1f\xff\xc3-@/";
	const char *seed = seeds[next_random(random) % (sizeof seeds / sizeof *seeds)];
	size_t n = strlen(seed);
	memcpy(out, seed, n);
	for (uint64_t edits = next_random(random) % 12; edits--;) {
		size_t at = next_random(random) % (n + 1), length = next_random(random) % 20;
		uint64_t kind = next_random(random) % 4;
		if (kind == 0 && at + length <= n && n + length <= cap) {
			memmove(out + at + length, out + at, n - at);
			n += length;
		} else if (kind == 1 && at + length <= n) {
			memmove(out + at, out + at + length, n - at - length);
			n -= length;
		} else if (at < n) {
			out[at] = kind == 2 ? special[next_random(random) % sizeof special] : (char)next_random(random);
		}
	}
	return n;
}

static void assert_good(const struct kj_parser *parser, unsigned choice, kj_str input)
{
	const char *problem = parse_check(parser, choice, input);
	if (problem)
		fail_msg("%.*s: %s", KJ_FMT(parser->name), problem);
}

static void test_mutants(void **state)
{
	(void)state;
	uint64_t random = 0x9e3779b97f4a7c15;
	size_t n;
	const struct kj_parser *parsers = kj_parsers(&n);
	static char bytes[4096];
	for (int round = 0; round < 4000; round++) {
		kj_str input = {bytes, mutate(&random, bytes, sizeof bytes)};
		for (size_t i = 0; i < n; i++)
			assert_good(&parsers[i], (unsigned)next_random(&random), input);
	}
}

/* Inputs on which a parser that looks at the rest of the text for each row would take minutes. */
static const struct {
	const char *head, *repeat;
} traps[] = {
        {"", "a"},
        {"", "\n"},
        {"", "a=\"\n"},
        {"", "\""},
        {"", "'"},
        {"", "a=1\\\n"},
        {"", "a=1\n\n#\n"},
        {"", "["},
        {"", "[a]\n"},
        {"", "{"},
        {"a_long_name_for_a_block_and_its_arguments {", "a{b;}"},
        {"Windows Registry Editor Version 5.00\n[K]\n", "\"a\"=\"x\n"},
        {"Windows Registry Editor Version 5.00\n[K]\n", "\"a\"=\"x\\\n"},
        {"Windows Registry Editor Version 5.00\n[K]\n", "\"a\"=hex:00,\\\n"},
        {"auth required x ", "[a"},
        {"", "auth \\\n"},
        {"Match User ", "a "},
        {"", "$("},
        {"", "$(("},
        {"x=$(# ", "${A:="},
        {"", "((("},
        {"", "cat <<E\n"},
        {"", "cat <<A <<B <<C\n"},
        {"", "if a; then "},
        {"", "A=( "},
        {"", "\"$(`"},
        {"", "a() "},
        {"tcp LISTEN 0 0 *:1 *:* users:((", "(\"a"},
        {"tcp 0 0 *:1 *:* ", "1/ "},
        {"", "/*"},
        {"", "${"},
};

#define TRAP_BYTES ((size_t)1 << 20)

static void test_traps(void **state)
{
	(void)state;
	size_t n;
	const struct kj_parser *parsers = kj_parsers(&n);
	char *bytes = test_malloc(TRAP_BYTES);
	clock_t begin = clock();
	for (size_t t = 0; t < sizeof traps / sizeof *traps; t++) {
		size_t head = strlen(traps[t].head), length = strlen(traps[t].repeat);
		memcpy(bytes, traps[t].head, head);
		for (size_t i = head; i < TRAP_BYTES; i++)
			bytes[i] = traps[t].repeat[(i - head) % length];
		for (size_t i = 0; i < n; i++)
			assert_good(&parsers[i], (unsigned)t * 7, (kj_str){bytes, TRAP_BYTES});
	}
	/* 300 MB in all: seconds even with sanitizers; one quadratic case would take minutes */
	assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 90);
	test_free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_mutants), cmocka_unit_test(test_traps)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
