/* systemd.preset(5): the files of all folders by name, the first rule that fits a unit decides; without one a unit is enabled. */
#include "resolve/units.h"
#include "resolve/work.h"

struct rule {
	kj_str pattern;
	bool enable;
	kj_str instances; /* of a template: words */
};

struct kj_presets {
	struct kj_host *host;
	KJ_VEC(struct rule) rules;
};

static void read_line(struct kj_presets *presets, kj_str line)
{
	kj_str verb, pattern;
	if (!kj_str_word(&line, &verb) || !kj_str_word(&line, &pattern))
		return;
	bool enable = kj_str_eq(verb, KJ_STR("enable"));
	if (enable || kj_str_eq(verb, KJ_STR("disable")))
		KJ_PUSH(presets->host->arena, &presets->rules, (struct rule){pattern, enable, kj_str_trim(line)});
}

struct kj_presets *kj_presets_read(struct kj_host *host)
{
	static const kj_str folders[] = {
	        KJ_STR_INIT("/etc/systemd/system-preset"), KJ_STR_INIT("/run/systemd/system-preset"),
	        KJ_STR_INIT("/usr/local/lib/systemd/system-preset"), KJ_STR_INIT("/usr/lib/systemd/system-preset"),
	        KJ_STR_INIT("/lib/systemd/system-preset")};
	const struct kj_input input = {.kind = KJ_INPUT_DROPINS,
	                               .path = folders,
	                               .paths = sizeof folders / sizeof *folders,
	                               .suffix = KJ_STR_INIT(".preset")};
	const struct kj_source source = {.input = &input, .inputs = 1};
	struct kj_reads reads = {0};
	kj_read_inputs(host, &source, false, &reads);
	if (!reads.list.n)
		return NULL;
	struct kj_presets *presets = KJ_NEW(host->arena, struct kj_presets);
	presets->host = host;
	for (size_t i = 0; i < reads.list.n; i++) {
		kj_str rest = reads.list.at[i].artifact->text.bytes, line;
		while (kj_str_line(&rest, &line))
			if (!kj_str_starts(kj_str_trim_left(line), KJ_STR("#")) &&
			    !kj_str_starts(kj_str_trim_left(line), KJ_STR(";")))
				read_line(presets, line);
	}
	return presets;
}

/* A template's rule names the instances that are meant. */
static bool fits(const struct kj_presets *presets, const struct rule *rule, kj_str unit)
{
	kj_str template = kj_unit_template(presets->host->arena, unit);
	if (!rule->instances.n || !template.n)
		return kj_glob(rule->pattern, unit, false) || (template.n && kj_glob(rule->pattern, template, false));
	if (!kj_glob(rule->pattern, template, false))
		return false;
	size_t at = kj_str_find(unit, '@') + 1;
	kj_str instance = kj_str_from(kj_str_upto(unit, kj_str_find_last(unit, '.')), at);
	kj_str rest = rule->instances, word;
	while (kj_str_word(&rest, &word))
		if (kj_str_eq(word, instance))
			return true;
	return false;
}

kj_str kj_preset_of(const struct kj_presets *presets, kj_str unit)
{
	for (size_t i = 0; presets && i < presets->rules.n; i++)
		if (fits(presets, &presets->rules.at[i], unit))
			return presets->rules.at[i].enable ? KJ_STR("enabled") : KJ_STR("disabled");
	return presets ? KJ_STR("enabled") : KJ_STR("");
}
