#include "eval/units.h"

#include "eval/dumps.h"

static kj_str first_word(kj_str text, kj_str service)
{
	kj_str word = KJ_STR("");
	(void)service;
	kj_str_word(&text, &word);
	return word;
}

/* "firewalld.service  enabled  enabled" */
static kj_str state_in_list(kj_str text, kj_str service)
{
	kj_str line, word;
	while (kj_str_line(&text, &line)) {
		if (kj_str_word(&line, &word) && kj_str_eq(word, service))
			return first_word(line, service);
	}
	return KJ_STR("");
}

/* Commands whose output tells, the unit's name in the place of %s; the first that was collected decides. */
static const struct sign {
	const char *commands[3];
	kj_str (*read)(kj_str text, kj_str service);
	const char *yes;
} signs[] = {
        {{"systemctl is-active %s", "systemctl is-active %s.service"}, first_word, "active"},
        {{"systemctl is-enabled %s", "systemctl is-enabled %s.service"}, first_word, "enabled"},
        {{"systemctl list-unit-files", "systemctl list-unit-files --no-pager",
          "systemctl list-unit-files --type=service"},
         state_in_list,
         "enabled"},
};

const struct kj_entry *kj_entry_at(struct kj_case *c, struct kj_export *export, kj_str glob)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(export, c->arena, glob, &presence);
	return found.list.n ? found.list.at[0] : NULL;
}

/* The command with the unit's name in it. */
static kj_str command(struct kj_arena *arena, const char *pattern, const char *unit)
{
	kj_str text = kj_str_of(pattern);
	size_t at = kj_str_find_str(text, KJ_STR("%s"));
	if (at == text.n)
		return text;
	return kj_str_fmt(arena, "%.*s%s%.*s", KJ_FMT(kj_str_upto(text, at)), unit, KJ_FMT(kj_str_from(text, at + 2)));
}

/* What `systemctl enable` and `systemctl mask` leave behind. */
static bool is_enabled(struct kj_case *c, struct kj_export *export, kj_str service)
{
	const struct kj_entry *unit =
	        kj_entry_at(c, export, kj_str_fmt(c->arena, "etc/systemd/system/%.*s", KJ_FMT(service)));
	bool masked = unit && unit->kind == KJ_ENTRY_LINK && kj_str_eq(unit->target, KJ_STR("/dev/null"));
	return !masked &&
	       kj_entry_at(c, export, kj_str_fmt(c->arena, "etc/systemd/system/*.wants/%.*s", KJ_FMT(service)));
}

bool kj_unit_runs(struct kj_case *c, struct kj_export *export, const char *unit)
{
	kj_str service = kj_str_fmt(c->arena, "%s.service", unit);
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		for (size_t k = 0; k < 3 && signs[i].commands[k]; k++) {
			const struct kj_artifact *a =
			        kj_export_command(export, command(c->arena, signs[i].commands[k], unit));
			if (a->state == KJ_ARTIFACT_OK)
				return kj_str_eq(signs[i].read(a->text.bytes, service), kj_str_of(signs[i].yes));
		}
	}
	return is_enabled(c, export, service);
}
