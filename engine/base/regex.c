#include "base/regex.h"

#include "base/map.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	MATCH_LIMIT = 1000 * 1000,
	DEPTH_LIMIT = 100 * 1000, /* without JIT only */
	HEAP_LIMIT_KIB = 16 * 1024,
	MAX_PATTERN = 64 * 1024,
	STACK_START = 32 * 1024,
	STACK_MAX = 1024 * 1024,
	FLAGS = KJ_REGEX_FOLD | KJ_REGEX_MULTILINE | KJ_REGEX_DOTALL | KJ_REGEX_WHOLE,
};

struct kj_regex {
	pcre2_code *code;
	kj_str pattern;
	uint32_t captures;
};

struct kj_regex_set {
	struct kj_arena *arena;
	pcre2_compile_context *context;
	struct kj_map patterns[FLAGS + 1]; /* one for each combination of flags */
};

struct kj_regex_scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/* The owners are registered before PCRE2 allocates, so that nothing leaks when the arena overflows in between. All of
   PCRE2's free functions take NULL. */
static void free_set(void *object)
{
	struct kj_regex_set *set = object;
	pcre2_compile_context_free(set->context);
}

static void free_regex(void *object)
{
	struct kj_regex *regex = object;
	pcre2_code_free(regex->code);
}

static void free_scratch(void *object)
{
	struct kj_regex_scratch *scratch = object;
	pcre2_match_data_free(scratch->data);
	pcre2_match_context_free(scratch->context);
	pcre2_jit_stack_free(scratch->stack);
}

struct kj_regex_set *kj_regex_set_new(struct kj_arena *arena)
{
	struct kj_regex_set *set = KJ_NEW(arena, struct kj_regex_set);
	set->arena = arena;
	kj_defer(arena, free_set, set);
	set->context = pcre2_compile_context_create(NULL);
	if (set->context) {
		pcre2_set_max_pattern_length(set->context, MAX_PATTERN);
		pcre2_set_newline(set->context, PCRE2_NEWLINE_LF);
	}
	return set;
}

static uint32_t options_of(unsigned flags)
{
	static const struct {
		unsigned flag;
		uint32_t option;
	} options[] = {
	        {KJ_REGEX_FOLD, PCRE2_CASELESS},
	        {KJ_REGEX_MULTILINE, PCRE2_MULTILINE},
	        {KJ_REGEX_DOTALL, PCRE2_DOTALL},
	        {KJ_REGEX_WHOLE, PCRE2_ANCHORED | PCRE2_ENDANCHORED},
	};
	uint32_t all = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		all |= flags & options[i].flag ? options[i].option : 0;
	return all;
}

static kj_str error_text(struct kj_arena *arena, int code)
{
	char text[256] = "";
	pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
	return kj_str_copy(arena, kj_str_of(text));
}

const struct kj_regex *kj_regex_compile(struct kj_regex_set *set, kj_str pattern, unsigned flags,
                                        struct kj_regex_error *error)
{
	struct kj_map *map = &set->patterns[flags & FLAGS];
	struct kj_regex *regex = kj_map_get(map, pattern);
	if (regex)
		return regex;
	regex = KJ_NEW(set->arena, struct kj_regex);
	kj_defer(set->arena, free_regex, regex);
	int code = 0;
	size_t offset = 0;
	regex->code = pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n, options_of(flags), &code,
	                            &offset, set->context);
	if (!regex->code) {
		*error = (struct kj_regex_error){error_text(set->arena, code), offset < pattern.n ? offset : pattern.n};
		return NULL;
	}
	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); /* where it fails, the interpreter matches */
	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->captures);
	regex->pattern = kj_str_copy(set->arena, pattern);
	*kj_map_at(set->arena, map, regex->pattern) = regex;
	return regex;
}

kj_str kj_regex_pattern(const struct kj_regex *regex)
{
	return regex->pattern;
}

size_t kj_regex_captures(const struct kj_regex *regex)
{
	return regex->captures;
}

struct kj_regex_scratch *kj_regex_scratch_new(struct kj_arena *arena)
{
	struct kj_regex_scratch *scratch = KJ_NEW(arena, struct kj_regex_scratch);
	kj_defer(arena, free_scratch, scratch);
	scratch->data = pcre2_match_data_create(KJ_REGEX_GROUPS, NULL);
	scratch->context = pcre2_match_context_create(NULL);
	scratch->stack = pcre2_jit_stack_create(STACK_START, STACK_MAX, NULL);
	if (scratch->context) {
		pcre2_set_match_limit(scratch->context, MATCH_LIMIT);
		pcre2_set_depth_limit(scratch->context, DEPTH_LIMIT);
		pcre2_set_heap_limit(scratch->context, HEAP_LIMIT_KIB);
		pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
	}
	return scratch;
}

/* `found`: the highest group set and one; 0 when there are more groups than places. */
static void groups(const struct kj_regex *regex, pcre2_match_data *data, int found, kj_str subject,
                   struct kj_match *match)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
	size_t set = found ? (size_t)found : KJ_REGEX_GROUPS;
	*match = (struct kj_match){.groups = regex->captures + 1};
	if (match->groups > KJ_REGEX_GROUPS)
		match->groups = KJ_REGEX_GROUPS;
	for (size_t i = 0; i < set && i < match->groups; i++) {
		/* \K in a lookaround can put the start behind the end */
		if (at[2 * i] != PCRE2_UNSET && at[2 * i] <= at[2 * i + 1])
			match->group[i] = (kj_str){subject.p + at[2 * i], at[2 * i + 1] - at[2 * i]};
	}
}

enum kj_regex_result kj_regex_find(const struct kj_regex *regex, struct kj_regex_scratch *scratch, kj_str subject,
                                   size_t from, struct kj_match *match)
{
	if (from > subject.n)
		return KJ_REGEX_NO;
	if (!scratch->data || !scratch->context)
		return KJ_REGEX_LIMIT;
	if (!subject.p)
		subject.p = "";
	int found =
	        pcre2_match(regex->code, (PCRE2_SPTR)subject.p, subject.n, from, 0, scratch->data, scratch->context);
	if (found == PCRE2_ERROR_NOMATCH)
		return KJ_REGEX_NO;
	if (found < 0)
		return KJ_REGEX_LIMIT;
	if (match)
		groups(regex, scratch->data, found, subject, match);
	return KJ_REGEX_YES;
}
