/* What `systemctl is-enabled` makes of the host's files: unit_file_lookup_state() and find_symlinks_in_scope() of systemd's src/shared/install.c (252),
   held against systemctl --root (tests/oracle/units_oracle.py). */
#include "resolve/units.h"
#include "resolve/work.h"

/* The search path of the system manager, strongest first (systemd.unit(5)). */
static const struct {
	kj_str path;
	enum { CONFIG, RUNTIME, GENERATOR, TRANSIENT, VENDOR } kind;
} folders[] = {
        {KJ_STR_INIT("etc/systemd/system.control"), CONFIG},
        {KJ_STR_INIT("run/systemd/system.control"), RUNTIME},
        {KJ_STR_INIT("run/systemd/transient"), TRANSIENT},
        {KJ_STR_INIT("run/systemd/generator.early"), GENERATOR},
        {KJ_STR_INIT("etc/systemd/system"), CONFIG},
        {KJ_STR_INIT("etc/systemd/system.attached"), CONFIG},
        {KJ_STR_INIT("run/systemd/system"), RUNTIME},
        {KJ_STR_INIT("run/systemd/system.attached"), RUNTIME},
        {KJ_STR_INIT("run/systemd/generator"), GENERATOR},
        {KJ_STR_INIT("usr/local/lib/systemd/system"), VENDOR},
        {KJ_STR_INIT("usr/lib/systemd/system"), VENDOR},
        {KJ_STR_INIT("lib/systemd/system"), VENDOR},
        {KJ_STR_INIT("run/systemd/generator.late"), GENERATOR},
};
enum { FOLDERS = sizeof folders / sizeof *folders, ADMIN = 4 /* etc/systemd/system */, LINKS_MAX = 64 };

/* A name in a folder of the search path. */
struct node {
	kj_str name, path; /* of the host */
	size_t folder;
	const struct kj_entry *entry;
	kj_str target; /* of a link: a host path, one step on */
};

struct nodes {
	KJ_VEC(struct node) list;
};

/* The lists of [Install] that matter; an empty assignment clears one. */
enum { WANTED_BY, REQUIRED_BY, UPHELD_BY, ALIAS, ALSO, LISTS };

struct install {
	struct words {
		KJ_VEC(kj_str) list;
	} words[LISTS];
	kj_str default_instance;
};

struct files {
	struct kj_units *units;
	struct kj_host *host;
	struct nodes direct;    /* in the folders themselves */
	struct nodes dependent; /* in their .wants and .requires */
	struct kj_map first;    /* name → the strongest struct node */
	struct kj_map wants;    /* name → struct nodes, dependent ones by name; a template stands for its instances */
	struct kj_map targets;  /* name → struct nodes, links by the name that they lead to */
	struct kj_map names;    /* links by their own name → struct nodes */
	bool links;             /* the copy kept symbolic links */
};

/* A unit as its name leads to it. */
struct info {
	kj_str name, path;       /* after links */
	const struct node *node; /* of `path`; NULL: outside the search path, or not collected */
	bool masked;
	bool bad; /* a link that systemd rejects: a plain name that leads to a template */
};

/* ---- listing ---- */

static kj_str base_of(kj_str path)
{
	return kj_str_from(path, kj_str_find_last(path, '/') == path.n ? 0 : kj_str_find_last(path, '/') + 1);
}

/* Where a link leads, as a host path without "..". */
static kj_str target_of(struct kj_arena *arena, kj_str folder, kj_str target)
{
	KJ_VEC(kj_str) parts = {0};
	kj_str rest = kj_str_starts(target, KJ_STR("/"))
	                      ? target
	                      : kj_str_fmt(arena, "%.*s/%.*s", KJ_FMT(folder), KJ_FMT(target));
	kj_str part;
	while (kj_str_cut(&rest, '/', &part)) {
		if (kj_str_eq(part, KJ_STR("..")))
			parts.n -= parts.n > 0;
		else if (part.n && !kj_str_eq(part, KJ_STR(".")))
			KJ_PUSH(arena, &parts, part);
	}
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; i < parts.n; i++)
		kj_buf_fmt(&buf, "%s%.*s", i ? "/" : "", KJ_FMT(parts.at[i]));
	/* Debian's /lib is /usr/lib by now, and links to /lib stay. */
	kj_str path = kj_buf_str(&buf);
	return kj_str_starts(path, KJ_STR("lib/systemd/")) ? kj_str_fmt(arena, "usr/%.*s", KJ_FMT(path)) : path;
}

static void index_by(struct files *f, struct kj_map *map, kj_str key, struct node *node)
{
	void **place = kj_map_at(f->host->arena, map, key);
	struct nodes *nodes = *place ? *place : KJ_NEW(f->host->arena, struct nodes);
	*place = nodes;
	KJ_PUSH(f->host->arena, &nodes->list, *node);
}

static bool is_dependency_folder(kj_str name)
{
	return kj_str_ends(name, KJ_STR(".wants")) || kj_str_ends(name, KJ_STR(".requires"));
}

/* Copies that followed links have files in .wants; the names are as good there. */
static bool is_link(const struct files *f, const struct kj_entry *e)
{
	return e->kind == KJ_ENTRY_LINK || (!f->links && e->kind == KJ_ENTRY_FILE);
}

static void list_dependencies(struct files *f, size_t folder, kj_str path)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_list(f->host->export, f->host->arena, path, &presence);
	for (size_t i = 0; i < found.list.n; i++) {
		kj_str name = kj_str_from(found.paths.at[i], path.n + 1);
		if (!is_link(f, found.list.at[i]) || !kj_unit_is_name(name))
			continue;
		struct node node = {name, found.paths.at[i], folder, found.list.at[i], KJ_STR("")};
		if (node.entry->kind == KJ_ENTRY_LINK)
			node.target = target_of(f->host->arena, path, node.entry->target);
		KJ_PUSH(f->host->arena, &f->dependent.list, node);
		index_by(f, &f->wants, name, &node);
		kj_str template = kj_unit_template(f->host->arena, name);
		if (template.n)
			index_by(f, &f->wants, template, &node);
	}
}

static void add_node(struct files *f, struct node *node)
{
	struct kj_arena *arena = f->host->arena;
	struct node *kept = KJ_NEW(arena, struct node);
	if (node->entry->kind == KJ_ENTRY_LINK)
		node->target = target_of(arena, folders[node->folder].path, node->entry->target);
	*kept = *node;
	KJ_PUSH(arena, &f->direct.list, *kept);
	void **first = kj_map_at(arena, &f->first, node->name);
	*first = *first ? *first : kept;
	if (node->target.n) {
		index_by(f, &f->targets, base_of(node->target), node);
		index_by(f, &f->names, node->name, node);
	}
}

static enum kj_presence list_folder(struct files *f, size_t folder)
{
	kj_str path = folders[folder].path;
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_list(f->host->export, f->host->arena, path, &presence);
	bool twice = folder && found.list.n && kj_str_starts(path, KJ_STR("lib/")) &&
	             kj_str_starts(kj_str_from(found.list.at[0]->path, f->host->export->prefix.n), KJ_STR("usr/"));
	for (size_t i = 0; !twice && i < found.list.n; i++) {
		const struct kj_entry *e = found.list.at[i];
		kj_str name = kj_str_from(found.paths.at[i], path.n + 1);
		struct node node = {name, found.paths.at[i], folder, e, KJ_STR("")};
		if (is_dependency_folder(name))
			list_dependencies(f, folder, found.paths.at[i]);
		else if (e->kind != KJ_ENTRY_DIR && kj_unit_is_name(name))
			add_node(f, &node);
	}
	return presence;
}

/* ---- a unit by its name ---- */

/* An empty file masks. A manifest that only lists it says nothing of its size. */
static bool is_empty(const struct node *node)
{
	const struct kj_entry *e = node->entry;
	return e->kind == KJ_ENTRY_FILE && !e->size && !e->content.n && !e->listed_only;
}

static bool is_in_search_path(kj_str path)
{
	kj_str folder = kj_str_upto(path, path.n - base_of(path).n);
	folder = kj_str_upto(folder, folder.n ? folder.n - 1 : 0);
	for (size_t i = 0; i < FOLDERS; i++)
		if (kj_str_eq(folders[i].path, folder))
			return true;
	return false;
}

/* The node that stands at a path, if there is one. */
static const struct node *node_at(const struct files *f, kj_str path)
{
	const struct node *n = kj_map_get(&f->first, base_of(path));
	for (size_t i = 0; n && !kj_str_eq(n->path, path) && i < f->direct.list.n; i++)
		if (kj_str_eq(f->direct.list.at[i].path, path))
			return &f->direct.list.at[i];
	return n && kj_str_eq(n->path, path) ? n : NULL;
}

static bool is_template(kj_str name)
{
	size_t at = kj_str_find(name, '@');
	return at < name.n && at + 1 == kj_str_find_last(name, '.');
}

/* The template's instance of the same name as another's: a@x.service, b@.service → b@x.service. */
static kj_str instance_of(struct kj_arena *arena, kj_str template, kj_str other)
{
	kj_str instance = kj_str_upto(kj_str_from(other, kj_str_find(other, '@') + 1), other.n);
	instance = kj_str_upto(instance, kj_str_find_last(instance, '.'));
	size_t at = kj_str_find(template, '@') + 1;
	return kj_str_fmt(arena, "%.*s%.*s%.*s", KJ_FMT(kj_str_upto(template, at)), KJ_FMT(instance),
	                  KJ_FMT(kj_str_from(template, at)));
}

/* Takes a link's one step: to a file outside the search path, or to the unit that its target names. */
static const struct node *step(struct files *f, struct info *info, const struct node *node)
{
	info->path = node->target;
	kj_str base = base_of(node->target);
	if (!is_in_search_path(node->target))
		return node_at(f, node->target);
	if (kj_str_eq(base, info->name))
		return node_at(f, node->target);
	kj_str template = kj_unit_template(f->host->arena, info->name);
	if (template.n && kj_str_eq(template, base)) /* foo@a.service → foo@.service: an instance by a link */
		return node_at(f, node->target);
	info->name = is_template(base) && template.n ? instance_of(f->host->arena, base, info->name) : base;
	const struct node *next = kj_map_get(&f->first, info->name);
	next = next ? next : kj_map_get(&f->first, base);
	info->path = next ? next->path : node->target;
	return next;
}

/* unit_symlink_name_compatible(): a plain name cannot lead to a template. */
static bool is_mismatch(struct files *f, const struct node *node)
{
	kj_str base = base_of(node->target);
	return node->target.n && is_template(base) && !is_template(node->name) &&
	       !kj_unit_template(f->host->arena, node->name).n;
}

static struct info discover(struct files *f, kj_str name)
{
	struct info info = {.name = name};
	const struct node *node = kj_map_get(&f->first, name);
	kj_str template = kj_unit_template(f->host->arena, name);
	if (!node && template.n)
		node = kj_map_get(&f->first, template);
	info.path = node ? node->path : KJ_STR("");
	for (size_t i = 0; node && i < LINKS_MAX; i++) {
		info.path = node->path;
		info.node = node;
		info.bad = is_mismatch(f, node);
		info.masked = kj_str_eq(node->target, KJ_STR("dev/null")) || is_empty(node);
		if (info.bad || info.masked || !node->target.n)
			return info;
		node = step(f, &info, node);
		info.node = NULL;
	}
	return info;
}

/* ---- [Install] ---- */

static void take_words(struct kj_arena *arena, struct words *words, kj_str value)
{
	kj_str word;
	if (!value.n)
		words->list.n = 0;
	while (kj_str_word(&value, &word))
		KJ_PUSH(arena, &words->list, word);
}

static void take_install(struct files *f, const struct kj_artifact *artifact, struct install *install)
{
	static const kj_str keys[LISTS] = {KJ_STR_INIT("WantedBy"), KJ_STR_INIT("RequiredBy"), KJ_STR_INIT("UpheldBy"),
	                                   KJ_STR_INIT("Alias"), KJ_STR_INIT("Also")};
	const struct kj_rows *rows = kj_host_rows(f->host, artifact, KJ_STR("systemd"), NULL);
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		kj_str key = row->cell[1], value = row->cell[2];
		if (row->bad || !kj_str_eq(row->cell[0], KJ_STR("Install")))
			continue;
		for (size_t k = 0; k < LISTS; k++)
			if (kj_str_eq(key, keys[k]))
				take_words(f->host->arena, &install->words[k], value);
		if (kj_str_eq(key, KJ_STR("DefaultInstance")))
			install->default_instance = value;
	}
}

static bool has_rules(const struct install *install)
{
	bool any = false;
	for (size_t k = WANTED_BY; k <= ALIAS; k++)
		any = any || install->words[k].list.n;
	return any;
}

/* The fragment and its drop-ins; false when the fragment was not collected. */
static bool read_install(struct files *f, const struct info *info, struct install *install)
{
	const struct kj_artifact *artifact = kj_export_read(f->host->export, info->path);
	if (artifact->state != KJ_ARTIFACT_OK)
		return false;
	take_install(f, artifact, install);
	for (size_t i = 0; i < FOLDERS; i++) {
		enum kj_presence presence;
		kj_str folder = kj_str_fmt(f->host->arena, "%.*s/%.*s.d", KJ_FMT(folders[i].path), KJ_FMT(info->name));
		struct kj_entry_list found = kj_export_list(f->host->export, f->host->arena, folder, &presence);
		for (size_t k = 0; k < found.paths.n; k++) {
			artifact = kj_export_read(f->host->export, found.paths.at[k]);
			if (kj_str_ends(found.paths.at[k], KJ_STR(".conf")) && artifact->state == KJ_ARTIFACT_OK)
				take_install(f, artifact, install);
		}
	}
	return true;
}

/* ---- links ---- */

static bool is_runtime(size_t folder)
{
	return folders[folder].kind == RUNTIME || folders[folder].kind == GENERATOR ||
	       folders[folder].kind == TRANSIENT;
}

/* What find_symlinks_in_scope() remembers on its way. */
struct scope {
	const struct info *info;
	const struct install *install; /* NULL: any name counts */
	bool config, runtime, somewhere, linked, linked_runtime;
	const struct node *by;
};

/* is_symlink_with_known_name(). */
static bool is_known(struct files *f, const struct scope *s, kj_str name)
{
	if (!s->install || kj_str_eq(name, s->info->name))
		return true;
	const struct words *aliases = &s->install->words[ALIAS];
	for (size_t i = 0; i < aliases->list.n; i++)
		if (kj_str_eq(aliases->list.at[i], name))
			return true;
	size_t at = kj_str_find(s->info->name, '@');
	if (!s->install->default_instance.n || at + 1 != kj_str_find_last(s->info->name, '.'))
		return false;
	kj_str instance = kj_str_fmt(f->host->arena, "%.*s%.*s%.*s", KJ_FMT(kj_str_upto(s->info->name, at + 1)),
	                             KJ_FMT(s->install->default_instance), KJ_FMT(kj_str_from(s->info->name, at + 1)));
	return kj_str_eq(instance, name);
}

static void note(struct scope *s, const struct node *node)
{
	s->config |= node->folder == ADMIN;
	s->runtime |= is_runtime(node->folder);
	s->somewhere = true;
	if (!s->by || node->folder == ADMIN)
		s->by = node;
}

static void look_at_dependencies(struct files *f, struct scope *s)
{
	const struct nodes *nodes = kj_map_get(&f->wants, s->info->name);
	for (size_t i = 0; nodes && i < nodes->list.n; i++)
		if (is_known(f, s, nodes->list.at[i].name))
			note(s, &nodes->list.at[i]);
}

/* Links in the folders themselves: of the unit's own name (linked), or to its file (an alias). */
static void look_at_links(struct files *f, struct scope *s)
{
	const struct nodes *own = kj_map_get(&f->names, s->info->name), *to = kj_map_get(&f->targets, s->info->name);
	size_t weakest = s->info->node ? s->info->node->folder : FOLDERS;
	for (size_t i = 0; own && i < own->list.n; i++) {
		const struct node *n = &own->list.at[i];
		bool leads = kj_str_eq(n->target, s->info->path) && kj_str_eq(base_of(n->target), n->name);
		if (n->folder > weakest)
			continue;
		if (!leads) {
			note(s, n);
			continue;
		}
		s->linked |= n->folder == ADMIN;
		s->linked_runtime |= is_runtime(n->folder);
	}
	for (size_t i = 0; to && i < to->list.n; i++)
		if (!kj_str_eq(to->list.at[i].name, s->info->name) && is_known(f, s, to->list.at[i].name))
			note(s, &to->list.at[i]);
}

/* Empty: no link says anything. */
static kj_str state_by_links(struct files *f, struct scope *s)
{
	look_at_dependencies(f, s);
	look_at_links(f, s);
	if (s->config)
		return KJ_STR("enabled");
	if (s->runtime)
		return KJ_STR("enabled-runtime");
	if (s->somewhere && kj_unit_template(f->host->arena, s->info->name).n)
		return KJ_STR("static");
	if (s->linked)
		return KJ_STR("linked");
	return s->linked_runtime ? KJ_STR("linked-runtime") : KJ_STR("");
}

/* ---- the state ---- */

static bool is_absent(const struct files *f, kj_str path)
{
	enum kj_presence presence = KJ_PRESENT;
	return !kj_export_find(f->host->export, path, &presence) && presence == KJ_ABSENT;
}

/* Does the export show that no folder has a file for the unit? Then a link to it leads into the void. */
static bool is_nowhere(const struct files *f, kj_str name)
{
	for (size_t i = 0; i < FOLDERS; i++)
		if (folders[i].kind == VENDOR &&
		    !is_absent(f, kj_str_fmt(f->host->arena, "%.*s/%.*s", KJ_FMT(folders[i].path), KJ_FMT(name))))
			return false;
	return true;
}

/* No fragment was seen: only links can tell. */
static kj_str state_unseen(struct files *f, const struct info *info, const struct node **by)
{
	struct scope any = {.info = info};
	kj_str state = state_by_links(f, &any);
	*by = any.by;
	return state;
}

static kj_str state_of(struct files *f, kj_str asked, const struct info *info, const struct node **by)
{
	*by = info->node ? info->node : kj_map_get(&f->first, asked);
	if (info->masked)
		return info->node && is_runtime(info->node->folder) ? KJ_STR("masked-runtime") : KJ_STR("masked");
	bool instance = kj_unit_template(f->host->arena, info->name).n;
	if (info->bad || (info->path.n && is_absent(f, info->path)))
		return KJ_STR("bad");
	if (!info->path.n && is_nowhere(f, asked))
		return KJ_STR("not-found");
	if (info->path.n && !kj_str_eq(asked, base_of(info->path)) && !instance)
		return KJ_STR("alias");
	if (info->node && folders[info->node->folder].kind == GENERATOR)
		return KJ_STR("generated");
	if (info->node && folders[info->node->folder].kind == TRANSIENT)
		return KJ_STR("transient");
	struct install install = {0};
	if (!info->path.n || !read_install(f, info, &install))
		return state_unseen(f, info, by);
	struct scope known = {.info = info, .install = &install}, any = {.info = info};
	kj_str state = state_by_links(f, &known);
	if (known.by)
		*by = known.by;
	if (state.n)
		return state;
	if (state_by_links(f, &any).n) {
		*by = any.by ? any.by : *by;
		return KJ_STR("indirect");
	}
	bool also = install.words[ALSO].list.n;
	return has_rules(&install) ? KJ_STR("disabled") : also ? KJ_STR("indirect") : KJ_STR("static");
}

/* ---- units ---- */

/* A place that reports can show: the link or file that decided. */
static struct kj_origin origin_of(struct files *f, const struct node *node)
{
	if (!node)
		return (struct kj_origin){0};
	const struct kj_artifact *artifact =
	        node->entry->kind == KJ_ENTRY_FILE ? kj_export_read(f->host->export, node->path) : NULL;
	struct kj_text *text = KJ_NEW(f->host->arena, struct kj_text);
	*text = artifact && artifact->state == KJ_ARTIFACT_OK ? artifact->text
	                                                      : (struct kj_text){node->entry->path, KJ_STR("")};
	return (struct kj_origin){text, 1, 1};
}

static void add_unit(struct files *f, kj_str name, bool by_link, const struct kj_presets *presets)
{
	static const kj_str no_preset[] = {KJ_STR_INIT("alias"), KJ_STR_INIT("static"), KJ_STR_INIT("generated"),
	                                   KJ_STR_INIT("transient")};
	if (kj_map_get(&f->units->by_name, name))
		return;
	struct info info = discover(f, name);
	const struct node *by;
	struct kj_unit *unit = kj_unit_at(f->units, name);
	unit->state = state_of(f, name, &info, &by);
	unit->file = info.path.n && !info.masked ? kj_str_fmt(f->host->arena, "/%.*s", KJ_FMT(info.path)) : KJ_STR("");
	unit->origin = origin_of(f, by);
	unit->instance = by_link;
	unit->preset = kj_preset_of(presets, name);
	for (size_t i = 0; i < sizeof no_preset / sizeof *no_preset; i++)
		if (kj_str_eq(unit->state, no_preset[i]))
			unit->preset = KJ_STR("");
}

/* Scripts of System V that no unit replaces (systemd-sysv-generator(8)): enabled when a link starts them in runlevel 2 to 5. */
static void add_scripts(struct files *f)
{
	enum kj_presence presence;
	struct kj_entry_list scripts = kj_export_list(f->host->export, f->host->arena, KJ_STR("etc/init.d"), &presence);
	struct kj_entry_list links =
	        kj_export_glob(f->host->export, f->host->arena, KJ_STR("etc/rc[2345].d/S*"), &presence);
	for (size_t i = 0; i < scripts.list.n; i++) {
		kj_str script = base_of(scripts.paths.at[i]);
		kj_str stem = kj_str_ends(script, KJ_STR(".sh")) ? kj_str_upto(script, script.n - 3) : script;
		kj_str name = kj_str_fmt(f->host->arena, "%.*s.service", KJ_FMT(stem));
		if (scripts.list.at[i]->kind != KJ_ENTRY_FILE || !(scripts.list.at[i]->mode & 0100) ||
		    !kj_unit_is_name(name) || kj_map_get(&f->units->by_name, name))
			continue;
		struct kj_unit *unit = kj_unit_at(f->units, name);
		const struct node node = {.path = scripts.paths.at[i], .entry = scripts.list.at[i]};
		unit->file = kj_str_fmt(f->host->arena, "/%.*s", KJ_FMT(scripts.paths.at[i]));
		unit->origin = origin_of(f, &node);
		unit->state = KJ_STR("disabled");
		for (size_t k = 0; k < links.paths.n; k++)
			if (kj_str_eq(kj_str_from(base_of(links.paths.at[k]), 3), script))
				unit->state = KJ_STR("enabled");
	}
}

static bool has_links(const struct kj_export *export)
{
	for (size_t i = 0; i < export->entry_count; i++)
		if (export->entries[i].kind == KJ_ENTRY_LINK)
			return true;
	return false;
}

/* Are all links seen? */
static void judge(struct files *f, enum kj_presence admin)
{
	struct kj_units *units = f->units;
	enum kj_presence other = KJ_NOT_COLLECTED;
	if (admin == KJ_PRESENT)
		kj_export_find(f->host->export, KJ_STR("etc/systemd/system/no such.service"), &other);
	units->state = admin == KJ_ABSENT ? KJ_STATE_ABSENT : KJ_STATE_EFFECTIVE;
	if (admin == KJ_ABSENT)
		units->message = KJ_STR("the host has no /etc/systemd/system");
	else if (!f->links)
		units->unseen = KJ_STR("the copy has no symbolic links, and they tell which units are enabled");
	else if (other != KJ_ABSENT)
		units->unseen = KJ_STR("not all of /etc/systemd/system was collected");
	if (!units->list.n && units->unseen.n) {
		units->state = KJ_STATE_NOT_COLLECTED;
		units->message = units->unseen;
	}
}

void kj_units_of_files(struct kj_units *units)
{
	struct files f = {.units = units, .host = units->host, .links = has_links(units->host->export)};
	enum kj_presence admin = KJ_NOT_COLLECTED;
	for (size_t i = 0; i < FOLDERS; i++) {
		enum kj_presence presence = list_folder(&f, i);
		admin = i == ADMIN ? presence : admin;
	}
	const struct kj_presets *presets = kj_presets_read(units->host);
	for (size_t i = 0; i < f.direct.list.n; i++)
		add_unit(&f, f.direct.list.at[i].name, false, presets);
	for (size_t i = 0; i < f.dependent.list.n; i++)
		add_unit(&f, f.dependent.list.at[i].name, true, presets);
	for (size_t i = 0; i < f.direct.list.n; i++)
		if (f.direct.list.at[i].target.n && kj_unit_is_name(base_of(f.direct.list.at[i].target)) &&
		    is_in_search_path(f.direct.list.at[i].target))
			add_unit(&f, base_of(f.direct.list.at[i].target), true, presets);
	add_scripts(&f);
	judge(&f, admin);
}
