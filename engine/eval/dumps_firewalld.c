#include "eval/dumps_firewalld.h"
#include "eval/units.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* -- does it run? -- */

static bool runs(struct kj_case *c, struct kj_export *export)
{
	const struct kj_artifact *a = kj_export_command(export, KJ_STR("firewall-cmd --state"));
	if (a->state == KJ_ARTIFACT_OK)
		return kj_str_eq(kj_str_trim(a->text.bytes), KJ_STR("running"));
	return kj_unit_runs(c, export, "firewalld");
}

/* -- the files -- */

struct finding {
	struct kj_case *c;
	struct kj_export *export;
	struct kj_firewalld *out;
};

static void unreadable(struct finding *f, kj_str name, kj_str message)
{
	struct kj_text *text = KJ_NEW(f->c->arena, struct kj_text);
	text->name = name;
	f->out->broken = text;
	f->out->problem = kj_say(f->c->arena, "%.*s: %.*s", "%.*s: %.*s", KJ_FMT(name), KJ_FMT(message));
}

/* NULL after a problem. */
static const struct kj_artifact *read_at(struct finding *f, kj_str path)
{
	const struct kj_artifact *a = kj_export_read(f->export, path);
	if (a->state == KJ_ARTIFACT_OK)
		return a;
	unreadable(f, path, a->message.n ? a->message : KJ_STR("was not collected"));
	return NULL;
}

static void add_heading(struct finding *f, kj_str name)
{
	struct kj_text *heading = KJ_NEW(f->c->arena, struct kj_text);
	*heading = (struct kj_text){name, kj_str_fmt(f->c->arena, "==> %.*s <==\n", KJ_FMT(name))};
	KJ_PUSH(f->c->arena, &f->out->texts, heading);
}

static void add_file(struct finding *f, const struct kj_artifact *a)
{
	add_heading(f, a->text.name);
	KJ_PUSH(f->c->arena, &f->out->texts, &a->text);
}

/* zone=trusted in a profile of NetworkManager, ZONE="trusted" in an ifcfg file: nm-settings(5),
   nm-settings-ifcfg-rh(5). The others are nobody's business. */
static bool names_zone(kj_str text)
{
	kj_str line;
	while (kj_str_line(&text, &line)) {
		if (kj_str_starts_fold(kj_str_trim_left(line), KJ_STR("zone")))
			return true;
	}
	return false;
}

/* Profiles hold passwords, and whoever collects leaves them out: false when there are none where some must be. */
static bool add_profiles(struct finding *f)
{
	static const char *const globs[] = {
	        "etc/NetworkManager/system-connections/*", "etc/sysconfig/network-scripts/ifcfg-*",
	        "run/NetworkManager/system-connections/*", "usr/lib/NetworkManager/system-connections/*"};
	enum kj_presence presence;
	size_t profiles = 0;
	for (size_t i = 0; i < COUNT(globs); i++) {
		struct kj_entry_list found = kj_export_glob(f->export, f->c->arena, kj_str_of(globs[i]), &presence);
		if (found.problem.n)
			unreadable(f, kj_str_of(globs[i]), found.problem);
		for (size_t k = 0; k < found.paths.n; k++) {
			const struct kj_artifact *a = read_at(f, found.paths.at[k]);
			profiles++;
			if (a && names_zone(a->text.bytes))
				add_file(f, a);
		}
	}
	return profiles ||
	       (!kj_export_find(f->export, KJ_STR("etc/NetworkManager"), &presence) && presence == KJ_ABSENT);
}

static void add_files(struct finding *f, const char *glob)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(f->export, f->c->arena, kj_str_of(glob), &presence);
	if (found.problem.n)
		unreadable(f, kj_str_of(glob), found.problem);
	for (size_t i = 0; i < found.paths.n; i++) {
		const struct kj_artifact *a = read_at(f, found.paths.at[i]);
		if (a)
			add_file(f, a);
	}
}

static void add_all(struct finding *f)
{
	static const char *const globs[] = {
	        "etc/firewalld/firewalld.conf",   "etc/firewalld/zones/*.xml",       "etc/firewalld/zones/*/*.xml",
	        "etc/firewalld/services/*.xml",   "etc/firewalld/ipsets/*.xml",      "etc/firewalld/policies/*.xml",
	        "etc/firewalld/direct.xml",       "usr/lib/firewalld/zones/*.xml",   "usr/lib/firewalld/services/*.xml",
	        "usr/lib/firewalld/ipsets/*.xml", "usr/lib/firewalld/policies/*.xml"};
	for (size_t i = 0; i < COUNT(globs); i++)
		add_files(f, globs[i]);
}

/* Would another file there have been collected? */
static bool is_whole(const struct kj_export *export)
{
	enum kj_presence presence;
	return !kj_export_find(export, KJ_STR("etc/firewalld/zones/no such zone.xml"), &presence) &&
	       presence == KJ_ABSENT;
}

static bool has_zones(struct finding *f)
{
	return kj_entry_at(f->c, f->export, KJ_STR("etc/firewalld/zones/*.xml")) ||
	       kj_entry_at(f->c, f->export, KJ_STR("usr/lib/firewalld/zones/*.xml"));
}

struct kj_firewalld kj_firewalld_files(struct kj_case *c, struct kj_export *export)
{
	struct kj_firewalld out = {{0}};
	struct finding f = {c, export, &out};
	if (!has_zones(&f) || !runs(c, export) || !is_whole(export))
		return out;
	add_all(&f);
	add_heading(&f, KJ_STR("etc/firewalld/zones/"));
	if (!add_profiles(&f))
		out.texts.n = 0;
	return out;
}
