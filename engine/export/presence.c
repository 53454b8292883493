/* What it means that an export lacks something: the host has none, or nobody knows. */
#include "export/internal.h"

#include "base/glob.h"

/* Every Linux host has most of these, world readable: where they are together, /etc was copied as a whole. */
static const char *const company[] = {"group", "login.defs",    "pam.d", "profile",  "hosts",
                                      "fstab", "nsswitch.conf", "ssh",   "hostname", "shells"};
#define COMPANY_LEAST 3

/* What ordinary users cannot read as distributions install it, so that a copy made without root lacks it. */
static const struct {
	kj_str glob;      /* below /etc */
	bool always;      /* often left out on purpose: never shown absent, even when root copied */
	const char *like; /* only on systems like this; NULL: everywhere */
} closed[] = {
        {KJ_STR_INIT("shadow*"), true, NULL},
        {KJ_STR_INIT("gshadow*"), true, NULL},
        {KJ_STR_INIT("sudoers"), true, NULL},
        {KJ_STR_INIT("sudoers.d/**"), true, NULL},
        {KJ_STR_INIT("security/opasswd"), true, NULL},
        {KJ_STR_INIT("ssh/ssh_host_*_key"), true, NULL},
        {KJ_STR_INIT("ssl/private/**"), true, NULL},
        {KJ_STR_INIT("audit/**"), false, NULL},
        {KJ_STR_INIT("polkit-1/**"), false, NULL},
        {KJ_STR_INIT("firewalld/**"), false, NULL},
        {KJ_STR_INIT("nftables/**"), false, NULL},
        {KJ_STR_INIT("ipsec.secrets"), false, NULL},
        {KJ_STR_INIT("at.allow"), false, NULL},
        {KJ_STR_INIT("at.deny"), false, NULL},
        {KJ_STR_INIT("cron.allow"), false, NULL},
        {KJ_STR_INIT("ssh/sshd_config"), false, "rhel"},
        {KJ_STR_INIT("ssh/sshd_config.d/**"), false, "rhel"},
        {KJ_STR_INIT("sysconfig/sshd"), false, "rhel"},
        {KJ_STR_INIT("sysconfig/*tables*"), false, "rhel"},
        {KJ_STR_INIT("crypttab"), false, "rhel"},
};

static bool word_in(kj_str words, kj_str word)
{
	kj_str w;
	while (kj_str_word(&words, &w)) {
		if (kj_str_eq_fold(w, word))
			return true;
	}
	return false;
}

static bool is_like(const struct kj_export *export, const char *family)
{
	static const kj_str kin[] = {KJ_STR_INIT("rhel"), KJ_STR_INIT("fedora"), KJ_STR_INIT("centos")};
	if (!family)
		return true;
	for (size_t i = 0; i < sizeof kin / sizeof *kin; i++) {
		if (kj_str_eq(export->distro, kin[i]) || word_in(export->distro_like, kin[i]))
			return true;
	}
	return !export->distro.n;
}

/* May the host have this although a copy of /etc has not? `below` is the path below /etc. */
static bool may_be_closed(const struct kj_export *export, kj_str below)
{
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
		kj_str glob = closed[i].glob;
		bool folder = kj_str_ends(glob, KJ_STR("/**"));
		bool hit = kj_glob(glob, below, false) || (folder && kj_str_eq(kj_str_upto(glob, glob.n - 3), below));
		if (hit && is_like(export, closed[i].like))
			return closed[i].always || !export->as_root;
	}
	return false;
}

static kj_str parent_of(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	return slash < path.n ? kj_str_upto(path, slash) : KJ_STR("");
}

static bool has_children(const struct kj_export *export, kj_str key)
{
	kj_str below = kj_index_below(export->arena, key);
	size_t i = kj_index_from(export, below);
	return i < export->entry_count && kj_str_starts(export->entries[i].path, below);
}

/* Is the folder there with nothing in it, and is that no proof that it is empty on the host? So it is when others may
   not list it and no root copied, and for mount points and pseudo file systems (/proc, /run, /var), which listings
   often leave out. */
static bool empty_proves_nothing(const struct kj_export *export, kj_str folder)
{
	struct kj_trail trail = kj_trail_follow(export, folder, KJ_SPACE_HOST);
	if (trail.end != KJ_TRAIL_FOUND || !trail.entry || has_children(export, trail.key))
		return false;
	bool top = kj_str_find(folder, '/') == folder.n;
	return top || (!export->as_root && (trail.entry->mode & 05) != 05);
}

/* `path` is a host path that is not there, `whole` what was looked for, at or below it. */
static enum kj_presence judge(const struct kj_export *export, kj_str path, kj_str whole)
{
	kj_str etc = KJ_STR("etc/");
	bool in_etc = kj_str_starts(path, etc);
	bool listed = export->lists_root || (export->lists_etc && in_etc);
	if (export->partial || !(listed || (in_etc && export->complete_etc)))
		return KJ_NOT_COLLECTED;
	if (empty_proves_nothing(export, parent_of(path)))
		return KJ_NOT_COLLECTED;
	if (listed)
		return KJ_ABSENT;
	bool unsure =
	        may_be_closed(export, kj_str_from(path, etc.n)) || may_be_closed(export, kj_str_from(whole, etc.n));
	return unsure ? KJ_NOT_COLLECTED : KJ_ABSENT;
}

enum kj_presence kj_presence_of(const struct kj_export *export, const struct kj_trail *trail)
{
	switch (trail->end) {
	case KJ_TRAIL_FOUND:
		return KJ_PRESENT;
	case KJ_TRAIL_BLOCKED:
		return KJ_UNREADABLE;
	case KJ_TRAIL_NO_FOLDER:
		return KJ_ABSENT;
	case KJ_TRAIL_MISSING:
		break;
	}
	kj_str whole = trail->rest.n ? kj_path_join(export->arena, trail->missing, trail->rest) : trail->missing;
	return judge(export, trail->missing, whole);
}

enum kj_presence kj_presence_in(const struct kj_export *export, kj_str folder)
{
	kj_str any = kj_path_join(export->arena, folder, KJ_STR("any"));
	return judge(export, any, any);
}

/* --- the evidence --- */

static bool has(const struct kj_export *export, const char *below_etc)
{
	/* A link counts, wherever it leads: it is a name in /etc. */
	kj_str path = kj_str_fmt(export->arena, "etc/%s", below_etc);
	kj_str key = kj_str_eq(export->layout, KJ_STR("etc")) ? kj_str_from(path, 4)
	                                                      : kj_path_join(export->arena, export->prefix, path);
	const struct kj_entry *entry = kj_index_get(export, key);
	return entry && !entry->listed_only;
}

static bool copied_as_root(const struct kj_export *export)
{
	if (has(export, "shadow") || has(export, "gshadow") || has(export, "sudoers"))
		return true;
	for (size_t i = 0; i < export->entry_count; i++) {
		const struct kj_entry *e = &export->entries[i];
		if (e->kind == KJ_ENTRY_FILE && e->stat_trusted && !e->listed_only && !(e->mode & 04) &&
		    kj_str_eq(e->owner, KJ_STR("root")))
			return true;
	}
	return false;
}

/* Collectors that pick single files make trees that look whole and are not. */
static bool picks_files(const struct kj_export *export)
{
	return kj_str_eq(export->layout, KJ_STR("sosreport")) || kj_str_eq(export->layout, KJ_STR("insights"));
}

void kj_presence_judge(struct kj_export *export)
{
	size_t n = 0;
	for (size_t i = 0; i < sizeof company / sizeof *company; i++)
		n += has(export, company[i]);
	export->complete_etc =
	        !picks_files(export) && has(export, "os-release") && has(export, "passwd") && n >= COMPANY_LEAST;
	export->as_root = copied_as_root(export);
}
