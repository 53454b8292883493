/* What the tests of policies share: a program with a few sources, and messages as text. */
#ifndef KJ_TEST_POLICIES_H
#define KJ_TEST_POLICIES_H

#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define S(literal)  KJ_STR_INIT(literal)
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct loaded {
	struct kj_arena *arena;
	struct kj_program *program;
	struct kj_diags diags;
};

enum document { POLICY, SOURCE, FEATURES };

static const struct {
	enum document kind;
	struct kj_text text;
} given[] = {
        {SOURCE,
         {S("sshd.yml"), S("kijun: 1\nsource: sshd\ntitle: sshd\ninputs: [{file: etc/ssh/sshd_config}]\n"
                           "parser: directives\nkeys: {case: fold}\n")}},
        {SOURCE, {S("dconf.yml"), S("kijun: 1\nsource: dconf\ntitle: dconf\nresolver: dconf\n")}},
        {SOURCE,
         {S("passwd.yml"),
          S("kijun: 1\nsource: passwd\ntitle: accounts\ninputs: [{file: etc/passwd}]\nparser: table\n")}},
        {FEATURES,
         {S("features.yml"), S("kijun: 1\nfeatures:\n  gnome: {check: {file: usr/bin/gnome-shell, exists: true}}\n")}},
        {POLICY,
         {S("other.yml"),
          S("kijun: 1\nid: other\ntitle: other\nrules:\n"
            "- {id: other-rule, item: 6-4, title: t, severity: low, check: {file: etc/x, exists: true}}\n")}},
};

static inline bool load(struct loaded *to, enum document kind, const struct kj_text *text)
{
	static bool (*const loaders[])(struct kj_program *, const struct kj_text *,
	                               struct kj_diags *) = {kj_policy_load, kj_source_load, kj_features_load};
	return loaders[kind](to->program, text, &to->diags);
}

/* A program that knows the documents above. */
static inline struct loaded load_given(void)
{
	struct loaded to = {.arena = kj_arena_new(KJ_GIB)};
	to.program = kj_program_new(to.arena);
	to.diags.arena = to.arena;
	for (size_t i = 0; i < COUNT(given); i++)
		assert_true(load(&to, given[i].kind, &given[i].text));
	return to;
}

static inline void assert_str(kj_str got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.n ? got.p : "", want, got.n);
}

/* Each message on a line: "line:col: message [hint]". */
static inline const char *messages(const struct loaded *from)
{
	struct kj_buf out = KJ_BUF(from->arena);
	for (size_t i = 0; i < from->diags.list.n; i++) {
		const struct kj_diag *diag = &from->diags.list.at[i];
		kj_buf_fmt(&out, "%s%u:%u: %.*s", i ? "\n" : "", diag->span.line, diag->span.col,
		           KJ_FMT(diag->message));
		if (diag->hint.n)
			kj_buf_fmt(&out, " [%.*s]", KJ_FMT(diag->hint));
	}
	return kj_str_zero(from->arena, kj_buf_str(&out));
}

/* The text has these very mistakes, and loading it says that it has. */
static inline void assert_refused(enum document kind, kj_str bytes, const char *want)
{
	struct loaded to = load_given();
	struct kj_text text = {KJ_STR("t.yml"), bytes};
	bool good = load(&to, kind, &text);
	assert_string_equal(messages(&to), want);
	assert_false(good);
	kj_arena_free(to.arena);
}

/* The first lines of a policy with one rule; its last key may follow, indented by two. */
#define RULE                                                                                                           \
	"kijun: 1\nid: p\ntitle: t\nparams:\n"                                                                         \
	"  least: {type: int, default: 8}\n"                                                                           \
	"  soon: {type: duration, default: 10m}\n"                                                                     \
	"  names: {type: list, default: [a, b]}\n"                                                                     \
	"  ports: {type: list, items: int, default: [22]}\n"                                                           \
	"  word: {type: text, default: x}\n"                                                                           \
	"rules:\n- id: r\n  item: 6-5\n  title: t\n  severity: low\n"

#endif
