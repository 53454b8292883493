/* Parser options: from YAML, with the table of parse/ as the only list of their names. */
#include "resolve/work.h"

static bool takes(const struct kj_parser *parser, kj_str name)
{
	for (const char *const *t = parser->takes; *t; t++)
		if (kj_str_eq(name, kj_str_of(*t)))
			return true;
	return false;
}

static const struct kj_option *option_find(kj_str name)
{
	size_t n;
	const struct kj_option *options = kj_parse_options_table(&n);
	for (size_t i = 0; i < n; i++)
		if (kj_str_eq(options[i].name, name))
			return &options[i];
	return NULL;
}

static void unknown(const struct kj_parser *parser, const struct kj_node *key, struct kj_diags *diags)
{
	kj_str names[32];
	size_t n = 0;
	while (n < 32 && parser->takes[n]) {
		names[n] = kj_str_of(parser->takes[n]);
		n++;
	}
	struct kj_diag *diag = kj_error(diags, key->span, "the parser '%.*s' has no option '%.*s'",
	                                KJ_FMT(parser->name), KJ_FMT(key->text));
	kj_str near = kj_nearest(key->text, names, n);
	if (near.n)
		kj_hint(diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
	else if (!n)
		kj_hint(diags, diag, "it takes none");
}

static bool store(struct kj_parse_options *options, const struct kj_option *option, const struct kj_node *value)
{
	static const enum kj_node_kind wanted[] = {
	        [KJ_OPTION_BOOL] = KJ_BOOL, [KJ_OPTION_STR] = KJ_STRING, [KJ_OPTION_INT] = KJ_INT};
	if (value->kind != wanted[option->kind])
		return false;
	void *place = (char *)options + option->offset;
	switch (option->kind) {
	case KJ_OPTION_BOOL:
		*(bool *)place = value->num != 0;
		break;
	case KJ_OPTION_STR:
		*(kj_str *)place = value->text;
		break;
	case KJ_OPTION_INT:
		*(int64_t *)place = value->num;
		break;
	}
	return true;
}

const struct kj_parse_options *kj_options_read(struct kj_arena *arena, const struct kj_parser *parser,
                                               const struct kj_node *node, struct kj_diags *diags)
{
	static const char *const kinds[] = {
	        [KJ_OPTION_BOOL] = "true or false", [KJ_OPTION_STR] = "a text", [KJ_OPTION_INT] = "a whole number"};
	struct kj_parse_options *options = KJ_NEW(arena, struct kj_parse_options);
	for (size_t i = 0; node && node->kind == KJ_MAP && i < node->n; i++) {
		const struct kj_node *key = node->pairs[i].key, *value = node->pairs[i].value;
		const struct kj_option *option = takes(parser, key->text) ? option_find(key->text) : NULL;
		if (!option && diags)
			unknown(parser, key, diags);
		else if (option && !store(options, option, value) && diags)
			kj_error(diags, value->span, "the option '%.*s' is %s, not %s", KJ_FMT(key->text),
			         kinds[option->kind], kj_doc_kind_name(value->kind));
	}
	return options;
}
