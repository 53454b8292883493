/* What kind of collection an export is, from the names in it. */
#include "export/internal.h"

#include "base/glob.h"

static const kj_str nested[] = {
        KJ_STR_INIT(""), KJ_STR_INIT("host/"), KJ_STR_INIT("rootfs/"), KJ_STR_INIT("fs/"), KJ_STR_INIT("data/"),
};

/* A layout is recognised by names that stand together at one place; the first row that fits. */
static const struct {
	kj_str layout;
	kj_str names[2]; /* a slash at the end: a folder */
} marks[] = {
        {KJ_STR_INIT("sosreport"), {KJ_STR_INIT("sos_commands/")}},
        {KJ_STR_INIT("insights"), {KJ_STR_INIT("insights_commands/")}},
        {KJ_STR_INIT("rootfs"), {KJ_STR_INIT("etc/")}},
        {KJ_STR_INIT("rootfs"), {KJ_STR_INIT("usr/"), KJ_STR_INIT("var/")}},
        {KJ_STR_INIT("rootfs"), {KJ_STR_INIT("System/"), KJ_STR_INIT("Library/")}},
        {KJ_STR_INIT("etc"), {KJ_STR_INIT(".etckeeper")}},
        {KJ_STR_INIT("etc"), {KJ_STR_INIT("passwd"), KJ_STR_INIT("pam.d/")}},
        {KJ_STR_INIT("etc"), {KJ_STR_INIT("passwd"), KJ_STR_INIT("ssh/")}},
        {KJ_STR_INIT("etc"), {KJ_STR_INIT("pam.d/"), KJ_STR_INIT("security/")}},
        {KJ_STR_INIT("etc"), {KJ_STR_INIT("os-release"), KJ_STR_INIT("ssh/")}},
};

/* The names that Windows tools' output usually gets; the content decides in the end (host.c). */
static const kj_str windows_names[] = {
        KJ_STR_INIT("secedit*.inf"),
        KJ_STR_INIT("secedit*.cfg"),
        KJ_STR_INIT("secpol*.inf"),
        KJ_STR_INIT("secpol*.cfg"),
        KJ_STR_INIT("gpresult*"),
        KJ_STR_INIT("*.reg"),
        KJ_STR_INIT("registry.pol"),
        KJ_STR_INIT("systeminfo*"),
        KJ_STR_INIT("*mpcomputerstatus*"),
        KJ_STR_INIT("manage-bde*"),
        KJ_STR_INIT("*bitlocker*"),
        KJ_STR_INIT("auditpol*"),
        KJ_STR_INIT("net*accounts*"),
        KJ_STR_INIT("*advfirewall*"),
        KJ_STR_INIT("*.nfo"),
        KJ_STR_INIT("wevtutil*"),
        KJ_STR_INIT("*netfirewallprofile*"),
};

static bool is_there(struct kj_export *export, kj_str prefix, kj_str name)
{
	bool folder = kj_str_ends(name, KJ_STR("/"));
	kj_str path = kj_str_upto(name, name.n - folder);
	const struct kj_entry *entry = kj_index_get(export, kj_path_join(export->arena, prefix, path));
	return entry && (entry->kind == KJ_ENTRY_DIR) == folder && entry->kind != KJ_ENTRY_LINK;
}

static bool detect_at(struct kj_export *export, kj_str prefix)
{
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		bool fits = is_there(export, prefix, marks[i].names[0]);
		if (marks[i].names[1].n)
			fits = fits && is_there(export, prefix, marks[i].names[1]);
		/* Below a folder of a known name only a whole tree is looked for. */
		if (!fits || (prefix.n && kj_str_eq(marks[i].layout, KJ_STR("etc"))))
			continue;
		export->layout = marks[i].layout;
		export->prefix = prefix;
		return true;
	}
	return false;
}

bool kj_layout_is_windows_name(struct kj_arena *arena, kj_str name)
{
	name = kj_str_lower(arena, name);
	for (size_t i = 0; i < sizeof windows_names / sizeof *windows_names; i++) {
		if (kj_glob(windows_names[i], name, false))
			return true;
	}
	return false;
}

static bool has_windows_names(struct kj_export *export)
{
	for (size_t i = 0; i < export->entry_count; i++) {
		const struct kj_entry *entry = &export->entries[i];
		if (entry->kind == KJ_ENTRY_FILE && kj_named_is_near(entry->path) &&
		    kj_layout_is_windows_name(export->arena, kj_base_name(entry->path)))
			return true;
	}
	return false;
}

void kj_layout_detect(struct kj_export *export)
{
	export->prefix = KJ_STR("");
	if (export->layout.n)
		return; /* a single file */
	for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
		if (detect_at(export, nested[i]))
			return;
	}
	export->layout = has_windows_names(export) ? KJ_STR("windows") : KJ_STR("bag");
}
