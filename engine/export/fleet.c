/* Fleets: which folders are hosts, and what fleet.yml says of each. */
#include "export/fleet.h"
#include "export/internal.h"

#include "base/glob.h"

#include <stdlib.h>
#include <sys/stat.h>

static const struct kj_span nowhere;

const struct kj_zone *kj_fleet_zone(const struct kj_fleet *fleet, kj_str name)
{
	for (size_t i = 0; fleet && i < fleet->zone_count; i++) {
		if (kj_str_eq(fleet->zones[i].name, name))
			return &fleet->zones[i];
	}
	return NULL;
}

struct opening {
	struct kj_arena *arena;
	kj_str path;
	const struct kj_export_limits *limits;
	struct kj_subjects *subjects;
	struct kj_diags *diags;
	struct kj_export *folder; /* `path` as a place to read from; its entries are what is directly in it */
	struct kj_fleet *fleet;
};

/* --- what a host's entries in fleet.yml say --- */

/* The value of a field: from the host's own entry, else from the first glob that has it. */
static const struct kj_node *host_field(const struct kj_fleet *fleet, kj_str name, kj_str field)
{
	const struct kj_node *hosts = fleet && fleet->doc ? kj_doc_get(fleet->doc, KJ_STR("hosts")) : NULL;
	const struct kj_node *own = hosts ? kj_doc_get(kj_doc_get(hosts, name), field) : NULL;
	for (size_t i = 0; !own && hosts && hosts->kind == KJ_MAP && i < hosts->n; i++) {
		if (kj_glob(hosts->pairs[i].key->text, name, false))
			own = kj_doc_get(hosts->pairs[i].value, field);
	}
	return own;
}

static kj_str host_text(const struct kj_fleet *fleet, kj_str name, kj_str field)
{
	const struct kj_node *node = host_field(fleet, name, field);
	return node && node->text.p ? node->text : KJ_STR("");
}

static void add_subject(struct opening *o, kj_str name, kj_str path)
{
	struct kj_subject subject = {.name = name, .path = path, .fleet = o->fleet};
	if (o->fleet) {
		subject.role = host_text(o->fleet, name, KJ_STR("role"));
		subject.kind = host_text(o->fleet, name, KJ_STR("kind"));
		subject.platform = host_text(o->fleet, name, KJ_STR("platform"));
		subject.owner = host_text(o->fleet, name, KJ_STR("owner"));
		subject.interfaces = host_field(o->fleet, name, KJ_STR("interfaces"));
		subject.params[0] = o->fleet->params;
		subject.params[1] = kj_doc_get(kj_doc_get(o->fleet->roles, subject.role), KJ_STR("params"));
		subject.params[2] = host_field(o->fleet, name, KJ_STR("params"));
	}
	KJ_PUSH(o->arena, &o->subjects->list, subject);
}

/* --- which folders are hosts --- */

static bool is_host_folder(const struct kj_entry *entry)
{
	static const kj_str others[] = {KJ_STR_INIT("registers"), KJ_STR_INIT("records"), KJ_STR_INIT("approved")};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (kj_str_eq(entry->path, others[i]))
			return false;
	}
	return entry->kind == KJ_ENTRY_DIR && entry->path.p[0] != '.';
}

static const struct kj_node *hosts_of(const struct opening *o)
{
	const struct kj_node *hosts = o->fleet->doc ? kj_doc_get(o->fleet->doc, KJ_STR("hosts")) : NULL;
	return hosts && hosts->kind == KJ_MAP ? hosts : NULL;
}

/* Does a host of fleet.yml have its path in this folder? Then the folder is no host by its own name. */
static bool is_claimed(const struct opening *o, kj_str folder)
{
	const struct kj_node *hosts = hosts_of(o);
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		const struct kj_node *path = kj_doc_get(hosts->pairs[i].value, KJ_STR("path"));
		if (path && path->text.p && kj_str_eq(kj_str_upto(path->text, kj_str_find(path->text, '/')), folder))
			return true;
	}
	return false;
}

static void add_folders(struct opening *o)
{
	for (size_t i = 0; i < o->folder->entry_count; i++) {
		const struct kj_entry *entry = &o->folder->entries[i];
		if (entry->kind == KJ_ENTRY_LINK)
			kj_warning(o->diags, nowhere, "'%.*s' in '%.*s' is a symbolic link and is not followed",
			           KJ_FMT(entry->path), KJ_FMT(o->path));
		if (is_host_folder(entry) && !is_claimed(o, entry->path))
			add_subject(o, entry->path, kj_path_join(o->arena, o->path, entry->path));
	}
}

static kj_str nearest_folder(struct opening *o, kj_str name)
{
	kj_str *names = KJ_NEW_ARRAY(o->arena, kj_str, o->folder->entry_count + 1);
	size_t n = 0;
	for (size_t i = 0; i < o->folder->entry_count; i++) {
		if (is_host_folder(&o->folder->entries[i]))
			names[n++] = o->folder->entries[i].path;
	}
	return kj_nearest(name, names, n);
}

/* Is there a folder or a file at the path below the fleet's folder, without links on the way? */
static bool is_place(struct opening *o, kj_str path)
{
	kj_str so_far = o->path, part;
	struct stat st = {0};
	bool there = true;
	path = kj_path_plain(path);
	while (there && kj_str_cut(&path, '/', &part)) {
		so_far = kj_path_join(o->arena, so_far, part);
		there = lstat(kj_str_zero(o->arena, so_far), &st) == 0 && !S_ISLNK(st.st_mode);
	}
	return there && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
}

/* A host that fleet.yml names, and has no folder of that name: by its path, or a mistake. */
static void add_named(struct opening *o, const struct kj_pair *pair)
{
	kj_str name = pair->key->text;
	const struct kj_node *path = kj_doc_get(pair->value, KJ_STR("path"));
	kj_str place = path && path->text.p ? path->text : name;
	if (is_place(o, place)) {
		add_subject(o, name, kj_path_join(o->arena, o->path, kj_path_plain(place)));
		return;
	}
	struct kj_diag *diag =
	        kj_error(o->diags, path ? path->span : pair->key->span,
	                 "there is no folder '%.*s' for this host in '%.*s'", KJ_FMT(place), KJ_FMT(o->path));
	kj_str near = nearest_folder(o, place);
	if (near.n)
		kj_hint(o->diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
}

static bool has_subject(const struct opening *o, kj_str name)
{
	for (size_t i = 0; i < o->subjects->list.n; i++) {
		const struct kj_subject *subject = &o->subjects->list.at[i];
		if (subject->fleet == o->fleet && kj_glob(name, subject->name, false))
			return true;
	}
	return false;
}

static void add_hosts(struct opening *o)
{
	add_folders(o);
	const struct kj_node *hosts = hosts_of(o);
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		if (!kj_glob_is(hosts->pairs[i].key->text) && !has_subject(o, hosts->pairs[i].key->text))
			add_named(o, &hosts->pairs[i]);
	}
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		const struct kj_node *key = hosts->pairs[i].key;
		if (kj_glob_is(key->text) && !has_subject(o, key->text))
			kj_warning(o->diags, key->span, "no host's name matches '%.*s'", KJ_FMT(key->text));
	}
	if (!has_subject(o, KJ_STR("*")) && !has_subject(o, KJ_STR(".*")))
		kj_error(o->diags, nowhere, "there is no host in '%.*s': it has no folder with an export",
		         KJ_FMT(o->path));
}

/* --- one path of the command line --- */

/* A quick look: enough for the layout and the name. */
static const struct kj_export_limits look_limits = {
        .file_bytes = KJ_MIB,
        .line_bytes = KJ_MIB,
        .entries = 20000,
        .depth = 3,
};

static struct kj_export *look(struct opening *o, kj_str path)
{
	struct kj_diags quiet = {.arena = o->arena};
	struct kj_export *export = kj_export_open(o->arena, path, KJ_STR(""), &look_limits, &quiet);
	if (export)
		export->diags = o->diags;
	return export;
}

static bool is_tree(const struct kj_export *export)
{
	return !kj_str_eq(export->layout, KJ_STR("bag")) && !kj_str_eq(export->layout, KJ_STR("windows"));
}

/* Does a file that lies directly in the folder make it the export of a Windows host? */
static bool has_own_files(const struct opening *o)
{
	for (size_t i = 0; i < o->folder->entry_count; i++) {
		const struct kj_entry *entry = &o->folder->entries[i];
		if (entry->kind == KJ_ENTRY_FILE && kj_layout_is_windows_name(o->arena, entry->path))
			return true;
	}
	return false;
}

#define LOOKS_MAX 64 /* folders that are looked into to tell a fleet */

/* Do the folders in it look like exports of their own? One tree is enough; two folders of Windows files. */
static bool holds_exports(struct opening *o)
{
	size_t looks = 0, bags = 0;
	for (size_t i = 0; i < o->folder->entry_count && looks < LOOKS_MAX; i++) {
		const struct kj_entry *entry = &o->folder->entries[i];
		if (!is_host_folder(entry))
			continue;
		looks++;
		struct kj_export *export = look(o, kj_path_join(o->arena, o->path, entry->path));
		if (export && is_tree(export))
			return true;
		bags += export && kj_str_eq(export->layout, KJ_STR("windows"));
	}
	return bags >= 2;
}

/* Registers and records belong to no host: the organisation is a subject of its own. */
static void add_organisation(struct opening *o)
{
	const struct kj_node *told = kj_doc_get(o->fleet->doc, KJ_STR("organisation")),
	                     *name = kj_doc_get(told, KJ_STR("name")), *owner = kj_doc_get(told, KJ_STR("owner"));
	bool keeps = kj_index_get(o->folder, KJ_STR("registers")) || kj_index_get(o->folder, KJ_STR("records"));
	if (!told && !keeps)
		return;
	struct kj_subject subject = {.path = o->path, .fleet = o->fleet, .organisation = true};
	subject.name = name && name->text.n ? name->text : KJ_STR("organisation");
	subject.owner = owner ? owner->text : KJ_STR("");
	subject.params[0] = o->fleet->params;
	KJ_PUSH(o->arena, &o->subjects->list, subject);
}

static bool add_fleet(struct opening *o)
{
	size_t before = o->diags->errors;
	o->fleet->root = o->path;
	KJ_PUSH(o->arena, &o->subjects->fleets, o->fleet);
	struct kj_export *self = look(o, o->path);
	if (self && is_tree(self))
		add_subject(o, self->name, o->path);
	else
		add_hosts(o);
	add_organisation(o);
	return o->diags->errors == before;
}

/* Reads fleet.yml; false when it has errors. Without one the fleet stays empty. */
static bool read_fleet_file(struct opening *o, const struct kj_entry *entry)
{
	o->fleet = KJ_NEW(o->arena, struct kj_fleet);
	if (!entry)
		return true;
	const struct kj_artifact *artifact = kj_read_entry(o->folder, entry);
	o->fleet->text = (struct kj_text){kj_path_join(o->arena, o->path, entry->path), artifact->text.bytes};
	if (artifact->state != KJ_ARTIFACT_OK) {
		kj_error(o->diags, kj_span_whole(&o->fleet->text), "%.*s", KJ_FMT(artifact->message));
		return false;
	}
	o->fleet->doc = kj_yaml_read(o->arena, &o->fleet->text, (struct kj_doc_limits){0}, o->diags);
	return o->fleet->doc && kj_fleet_read(o->arena, o->fleet, o->diags);
}

/* What is directly in the folder; NULL and an error when it cannot be listed or is empty. */
static struct kj_export *list_folder(struct opening *o)
{
	struct kj_export *folder = KJ_NEW(o->arena, struct kj_export);
	folder->arena = o->arena;
	folder->diags = o->diags;
	folder->root = o->path;
	folder->limits = o->limits ? o->limits : &kj_export_limits_default;
	folder->held = kj_held_new(o->arena);
	kj_entries entries = {0};
	if (!kj_folder_list(folder, &entries, false))
		return NULL;
	kj_index_set(folder, &entries);
	return folder;
}

/* One host: a folder or a file. */
static bool add_host(struct opening *o, const struct kj_export *seen)
{
	if (seen) {
		add_subject(o, seen->name, o->path);
		return true;
	}
	/* Not to be opened: once more, to say why. */
	kj_export_open(o->arena, o->path, KJ_STR(""), o->limits, o->diags);
	return false;
}

static bool is_folder(struct opening *o)
{
	struct stat st;
	return stat(kj_str_zero(o->arena, o->path), &st) == 0 && S_ISDIR(st.st_mode);
}

/* A path two folders down that shows the folder above it to be a fleet: a fleet.yml there, or a host's own folders. */
static bool shows_fleet(kj_str path)
{
	static const kj_str marks[] = {KJ_STR_INIT("etc"), KJ_STR_INIT("sos_commands"),
	                               KJ_STR_INIT("insights_commands")};
	kj_str parts[4];
	size_t n = 0;
	while (n < 4 && kj_str_cut(&path, '/', &parts[n]))
		n++;
	if (n == 2)
		return kj_str_eq(parts[1], KJ_STR("fleet.yml"));
	for (size_t i = 0; n == 3 && i < sizeof marks / sizeof *marks; i++) {
		if (kj_str_eq(parts[2], marks[i]))
			return true;
	}
	return false;
}

/* A folder of fleets is opened fleet by fleet: read as one export, its hosts would be one host that has everything. *found: there were some. */
static bool add_fleets_below(struct opening *o, const struct kj_export *self, bool *found)
{
	bool ok = true;
	kj_str before = {0};
	for (size_t i = 0; i < self->entry_count; i++) {
		kj_str path = self->entries[i].path, child = kj_str_upto(path, kj_str_find(path, '/'));
		if (kj_str_eq(child, before) || !shows_fleet(path))
			continue;
		before = child;
		*found = true;
		ok = kj_fleet_open(o->arena, kj_path_join(o->arena, o->path, child), o->limits, o->subjects,
		                   o->diags) &&
		     ok;
	}
	return ok;
}

bool kj_fleet_open(struct kj_arena *arena, kj_str path, const struct kj_export_limits *limits,
                   struct kj_subjects *subjects, struct kj_diags *diags)
{
	struct opening o = {
	        .arena = arena,
	        .path = kj_path_plain(kj_str_copy(arena, path)),
	        .limits = limits,
	        .subjects = subjects,
	        .diags = diags,
	};
	if (!is_folder(&o))
		return add_host(&o, look(&o, o.path));
	o.folder = list_folder(&o);
	if (!o.folder)
		return false;
	const struct kj_entry *file = kj_index_get(o.folder, KJ_STR("fleet.yml"));
	struct kj_export *self = file ? NULL : look(&o, o.path);
	bool fleet = file || (self && !is_tree(self) && !has_own_files(&o) && holds_exports(&o));
	bool below = false;
	if (!fleet && self && !is_tree(self) && !has_own_files(&o)) {
		bool ok = add_fleets_below(&o, self, &below);
		if (below)
			return ok;
	}
	if (!fleet)
		return add_host(&o, self);
	bool read = read_fleet_file(&o, file);
	return add_fleet(&o) && read;
}

/* --- afterwards --- */

static int by_name(const void *a, const void *b)
{
	const struct kj_subject *left = a, *right = b;
	int order = kj_str_cmp(left->name, right->name);
	return order ? order : kj_str_cmp(left->path, right->path);
}

bool kj_subjects_finish(struct kj_arena *arena, struct kj_subjects *subjects, struct kj_diags *diags)
{
	(void)arena;
	size_t before = diags->errors;
	if (subjects->list.n)
		qsort(subjects->list.at, subjects->list.n, sizeof *subjects->list.at, by_name);
	for (size_t i = 1; i < subjects->list.n; i++) {
		const struct kj_subject *a = &subjects->list.at[i - 1], *b = &subjects->list.at[i];
		if (!kj_str_eq(a->name, b->name))
			continue;
		struct kj_diag *diag =
		        kj_error(diags, nowhere, "two exports are of a host called '%.*s': '%.*s' and '%.*s'",
		                 KJ_FMT(a->name), KJ_FMT(a->path), KJ_FMT(b->path));
		kj_hint(diags, diag, "put them in one folder, each under its own name, with a fleet.yml");
	}
	return diags->errors == before;
}

struct kj_export *kj_subject_open(struct kj_arena *arena, const struct kj_subject *subject,
                                  const struct kj_export_limits *limits, struct kj_diags *diags)
{
	if (subject->organisation)
		return kj_export_open_organisation(arena, subject->path, subject->name, limits, diags);
	struct kj_export *export = subject->files ? kj_export_of_files(arena, subject->files, subject->file_count,
	                                                               subject->name, limits, diags)
	                                          : kj_export_open(arena, subject->path, subject->name, limits, diags);
	if (!export)
		return NULL;
	if (subject->kind.n)
		export->kind = subject->kind;
	if (subject->platform.n)
		export->platform = subject->platform;
	return export;
}
