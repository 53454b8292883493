/* What holds when nothing is set: defaults, and the `when` that says for which hosts. */
#include "resolve/work.h"

static bool any_word(const struct kj_node *node, kj_str words)
{
	kj_str rest = words, word;
	while (kj_str_word(&rest, &word)) {
		if (node->kind == KJ_STRING && kj_str_eq(node->text, word))
			return true;
		for (size_t i = 0; node->kind == KJ_SEQ && i < node->n; i++)
			if (kj_str_eq(node->items[i]->text, word))
				return true;
	}
	return false;
}

static bool distro(const struct kj_host *host, const struct kj_node *want)
{
	return any_word(want, host->export->distro);
}

/* ID counts as well: Debian itself says no ID_LIKE. */
static bool distro_like(const struct kj_host *host, const struct kj_node *want)
{
	return any_word(want, host->export->distro) || any_word(want, host->export->distro_like);
}

static bool version_at_least(const struct kj_host *host, const struct kj_node *want)
{
	return host->export->distro_version.n && kj_version_cmp(host->export->distro_version, want->text) >= 0;
}

static bool version_below(const struct kj_host *host, const struct kj_node *want)
{
	return host->export->distro_version.n && kj_version_cmp(host->export->distro_version, want->text) < 0;
}

static bool platform(const struct kj_host *host, const struct kj_node *want)
{
	return any_word(want, host->export->platform);
}

static const struct {
	kj_str name;
	bool (*holds)(const struct kj_host *host, const struct kj_node *want);
} conditions[] = {
        {KJ_STR_INIT("distro"), distro},
        {KJ_STR_INIT("distro_like"), distro_like},
        {KJ_STR_INIT("distro_version_at_least"), version_at_least},
        {KJ_STR_INIT("distro_version_below"), version_below},
        {KJ_STR_INIT("platform"), platform},
};
#define CONDITIONS (sizeof conditions / sizeof *conditions)

static size_t condition_find(kj_str name)
{
	size_t i = 0;
	while (i < CONDITIONS && !kj_str_eq(conditions[i].name, name))
		i++;
	return i;
}

bool kj_when_holds(const struct kj_host *host, const struct kj_node *when)
{
	for (size_t i = 0; when && i < when->n; i++) {
		size_t c = condition_find(when->pairs[i].key->text);
		if (c == CONDITIONS || !conditions[c].holds(host, when->pairs[i].value))
			return false;
	}
	return true;
}

bool kj_when_check(const struct kj_node *when, struct kj_diags *diags)
{
	size_t errors = diags->errors;
	kj_str names[CONDITIONS];
	for (size_t i = 0; i < CONDITIONS; i++)
		names[i] = conditions[i].name;
	for (size_t i = 0; when && i < when->n; i++) {
		const struct kj_node *key = when->pairs[i].key;
		if (condition_find(key->text) < CONDITIONS)
			continue;
		struct kj_diag *diag =
		        kj_error(diags, key->span, "there is no condition '%.*s' in 'when'", KJ_FMT(key->text));
		kj_str near = kj_nearest(key->text, names, CONDITIONS);
		if (near.n)
			kj_hint(diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
	}
	return diags->errors == errors;
}

void kj_defaults_add(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_map set = {0};
	for (size_t i = 0; i < out->settings.n; i++) {
		const struct kj_setting *s = &out->settings.at[i];
		if (!s->scope.n)
			*kj_map_at(host->arena, &set, source->fold_keys ? kj_str_lower(host->arena, s->key) : s->key) =
			        out;
	}
	for (size_t d = 0; d < source->default_count; d++) {
		const struct kj_default *group = &source->defaults[d];
		for (size_t i = 0; kj_when_holds(host, group->when) && i < group->n; i++) {
			kj_str key = group->pair[i].key->text;
			void **place =
			        kj_map_at(host->arena, &set, source->fold_keys ? kj_str_lower(host->arena, key) : key);
			if (*place)
				continue;
			*place = out;
			kj_setting_add(host, out, key, group->pair[i].value->text, KJ_STATE_DEFAULT,
			               (struct kj_origin){0});
		}
	}
}
