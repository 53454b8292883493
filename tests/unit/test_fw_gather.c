/* Which files make up one dump. */
#include "base/buf.h"
#include "firewall/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RULES "*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set a src -j ACCEPT\nCOMMIT\n"
#define SETS  "create a hash:ip family inet hashsize 1024 maxelem 65536\nadd a 192.0.2.1\n"
#define SHOWN                                                                                                          \
	"Rule Name:                            ssh\n"                                                                  \
	"----------------------------------------------------------------------\n"                                     \
	"Enabled:                              Yes\nDirection:                            In\n"
#define PROFILES                                                                                                       \
	"Domain Profile Settings:\n"                                                                                   \
	"----------------------------------------------------------------------\n"                                     \
	"State                                 ON\n"
#define ZONE "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<zone>\n  <service name=\"x\"/>\n</zone>\n"
#define SERVICE                                                                                                        \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<service>\n  <port protocol=\"tcp\" port=\"7\"/>\n</service>\n"
#define CONF "DefaultZone=public\n"

enum { FILES = 4 };

/* Files by name and text; then the dumps, a line each: the names of its files, headings left out. */
static const struct row {
	struct {
		const char *name, *text;
	} file[FILES];
	const char *dumps;
} rows[] = {
        {{{"a/4.txt", RULES}, {"a/6.txt", RULES}}, "a/4.txt\na/6.txt\n"},
        {{{"a/4.txt", RULES}, {"a/sets", SETS}, {"a/6.txt", RULES}}, "a/4.txt a/sets\na/6.txt a/sets\n"},
        {{{"a/sets", SETS}, {"a/4.txt", RULES}}, "a/4.txt a/sets\n"},
        {{{"a/4.txt", RULES}, {"b/sets", SETS}}, "a/4.txt b/sets\n"},
        {{{"a/4", RULES}, {"b/4", RULES}, {"a/sets", SETS}, {"b/sets", SETS}}, "a/4 a/sets\nb/4 b/sets\n"},
        {{{"sets", SETS}}, "sets\n"},
        {{{"a/sets", SETS}, {"a/nonsense", "what\n"}}, "a/sets\na/nonsense\n"},
        {{{"rules", SHOWN}, {"profiles", PROFILES}}, "rules profiles\n"},
        {{{"a/rules", SHOWN}, {"b/rules", SHOWN}, {"b/profiles", PROFILES}}, "a/rules\nb/rules b/profiles\n"},
        {{{"fw/zones/public.xml", ZONE}, {"fw/services/x.xml", SERVICE}, {"fw/firewalld.conf", CONF}},
         "fw/zones/public.xml fw/services/x.xml fw/firewalld.conf\n"},
        {{{"a/zones/public.xml", ZONE}, {"b/zones/public.xml", ZONE}}, "a/zones/public.xml\nb/zones/public.xml\n"},
};

static kj_str dumps_of(struct kj_arena *arena, const struct kj_fw_gathered *gathered)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < gathered->at.n; i++) {
		kj_str last = KJ_STR("");
		for (size_t k = 0; k < gathered->at.at[i]->parts.n; k++) {
			kj_str name = gathered->at.at[i]->parts.at[k].text->name;
			if (!kj_str_eq(name, last))
				kj_buf_fmt(&out, "%s%.*s", k ? " " : "", KJ_FMT(name));
			last = name;
		}
		kj_buf_char(&out, '\n');
	}
	return kj_buf_str(&out);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_arena *arena = kj_arena_new(KJ_MIB);
		struct kj_text text[FILES];
		const struct kj_text *texts[FILES];
		struct kj_fw_gathered gathered = {{0}};
		size_t n = 0;
		for (; n < FILES && rows[i].file[n].name; n++) {
			text[n] = (struct kj_text){kj_str_of(rows[i].file[n].name), kj_str_of(rows[i].file[n].text)};
			texts[n] = &text[n];
		}
		kj_fw_gather(arena, texts, n, &gathered);
		kj_str got = dumps_of(arena, &gathered);
		if (!kj_str_eq(got, kj_str_of(rows[i].dumps)))
			fail_msg("row %zu: %.*s", i, KJ_FMT(got));
		kj_arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
