/* Who a host is: platform, distribution, kind, name. */
#include "export/internal.h"

/* --- platform --- */

/* Host paths that only one platform has. */
static const struct {
	const char *platform, *path;
} paths[] = {
        {"macos", "System/Library"},     {"macos", "private/etc"},        {"linux", "etc/os-release"},
        {"linux", "usr/lib/os-release"}, {"linux", "etc/pam.d"},          {"linux", "etc/login.defs"},
        {"linux", "etc/shadow"},         {"linux", "etc/nsswitch.conf"},  {"linux", "etc/systemd"},
        {"linux", "usr/lib/systemd"},    {"linux", "etc/debian_version"}, {"linux", "etc/redhat-release"},
        {"linux", "etc/security"},       {"linux", "etc/dconf"},          {"linux", "proc/sys"},
        {"linux", "etc/sysctl.d"},
};

/* Files of a bag: usual names, and what such a file holds near its beginning. The content decides, so that a text of
 * the same name tells nothing. */
static const struct {
	const char *platform, *kind;
	kj_str names, sniff;
} contents[] = {
        {"windows", "host", KJ_STR_INIT("systeminfo*"), KJ_STR_INIT("Windows Server")},
        {"windows", "pc", KJ_STR_INIT("systeminfo*"), KJ_STR_INIT("Microsoft Windows")},
        {"windows", "pc", KJ_STR_INIT("*.inf *.cfg"), KJ_STR_INIT("[System Access]")},
        {"windows", "pc", KJ_STR_INIT("*.inf *.cfg"), KJ_STR_INIT("$CHICAGO$")},
        {"windows", "pc", KJ_STR_INIT("*.reg"), KJ_STR_INIT("Windows Registry Editor")},
        {"windows", "pc", KJ_STR_INIT("*.reg"), KJ_STR_INIT("REGEDIT4")},
        {"windows", "pc", KJ_STR_INIT("gpresult*"), KJ_STR_INIT("Rsop")},
        {"windows", "pc", KJ_STR_INIT("manage-bde*"), KJ_STR_INIT("BitLocker")},
        {"windows", "pc", KJ_STR_INIT("auditpol*"), KJ_STR_INIT("{0CCE9")},
        {"windows", "pc", KJ_STR_INIT("*mpcomputerstatus*"), KJ_STR_INIT("AMServiceEnabled")},
        {"windows", "pc", KJ_STR_INIT("*.nfo"), KJ_STR_INIT("<MsInfo")},
        {"macos", "pc", KJ_STR_INIT("*.mobileconfig *.plist *.xml"), KJ_STR_INIT("PayloadContent")},
        {"macos", "pc", KJ_STR_INIT("fdesetup*"), KJ_STR_INIT("FileVault is")},
        {"macos", "pc", KJ_STR_INIT("pwpolicy*"), KJ_STR_INIT("policyCategoryPasswordContent")},
        {"network", "firewall", KJ_STR_INIT("*"), KJ_STR_INIT("#config-version=")},
        {"network", "firewall", KJ_STR_INIT("*"), KJ_STR_INIT("\nASA Version ")},
        {"network", "firewall", KJ_STR_INIT("*"), KJ_STR_INIT("!RANCID-CONTENT-TYPE")},
};

static bool set_platform(struct kj_export *export, const char *platform, const char *kind)
{
	export->platform = kj_str_of(platform);
	export->kind = kj_str_of(kind);
	return true;
}

static bool platform_from_paths(struct kj_export *export)
{
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct kj_trail trail = kj_trail_follow(export, kj_str_of(paths[i].path), KJ_SPACE_HOST);
		bool mac = paths[i].platform[0] == 'm';
		if (trail.end == KJ_TRAIL_FOUND && trail.entry)
			return set_platform(export, paths[i].platform, mac ? "pc" : "host");
	}
	return false;
}

static bool is_bag(const struct kj_export *export)
{
	return kj_str_eq(export->layout, KJ_STR("windows")) || kj_str_eq(export->layout, KJ_STR("bag")) ||
	       kj_str_eq(export->layout, KJ_STR("file"));
}

#define LOOK_INTO_ALL 256 /* files of any name are looked into only where they are few */

static bool platform_from_contents(struct kj_export *export)
{
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		if (kj_str_eq(contents[i].names, KJ_STR("*")) && export->entry_count > LOOK_INTO_ALL)
			continue;
		const struct kj_artifact *artifact = kj_export_named(export, contents[i].names, contents[i].sniff);
		if (artifact->state == KJ_ARTIFACT_OK)
			return set_platform(export, contents[i].platform, contents[i].kind);
	}
	return false;
}

/* A bag with a Windows file under another name is one all the same, and the other way round. */
static void fit_layout(struct kj_export *export)
{
	if (kj_str_eq(export->layout, KJ_STR("file")))
		return;
	bool windows = kj_str_eq(export->platform, KJ_STR("windows"));
	export->layout = windows ? KJ_STR("windows") : KJ_STR("bag");
}

static void detect_platform(struct kj_export *export)
{
	export->kind = KJ_STR("host");
	if (!is_bag(export)) {
		platform_from_paths(export);
	} else if (platform_from_contents(export)) {
		fit_layout(export);
	} else if (kj_str_eq(export->layout, KJ_STR("windows"))) {
		export->layout = KJ_STR("bag");
	}
}

/* --- distribution: os-release(5) --- */

/* The value of a shell-like assignment: without its quotes and backslashes. */
static kj_str unquote(struct kj_arena *arena, kj_str value)
{
	struct kj_buf out = KJ_BUF(arena);
	value = kj_str_trim(value);
	if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
		value = kj_str_upto(kj_str_from(value, 1), value.n - 2);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' && i + 1 < value.n)
			i++;
		kj_buf_char(&out, value.p[i]);
	}
	return kj_buf_str(&out);
}

static void read_os_release(struct kj_export *export, kj_str text)
{
	struct {
		kj_str key, *to;
	} wanted[] = {
	        {KJ_STR("ID"), &export->distro},
	        {KJ_STR("ID_LIKE"), &export->distro_like},
	        {KJ_STR("VERSION_ID"), &export->distro_version},
	};
	kj_str line;
	while (kj_str_line(&text, &line)) {
		kj_str key;
		if (!kj_str_cut(&line, '=', &key) || !line.p)
			continue;
		for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
			if (kj_str_eq(kj_str_trim(key), wanted[i].key))
				*wanted[i].to = unquote(export->arena, line);
		}
	}
}

static void detect_distro(struct kj_export *export)
{
	static const kj_str files[] = {KJ_STR_INIT("etc/os-release"), KJ_STR_INIT("usr/lib/os-release")};
	for (size_t i = 0; i < sizeof files / sizeof *files && !export->distro.n; i++) {
		const struct kj_artifact *artifact = kj_export_read(export, files[i]);
		if (artifact->state == KJ_ARTIFACT_OK)
			read_os_release(export, artifact->text.bytes);
	}
	if (kj_str_ends(export->distro, KJ_STR("bsd")))
		export->platform = KJ_STR("bsd");
}

/* --- name --- */

static bool is_name(kj_str s)
{
	if (!s.n || s.n > 253 || s.p[0] == '-' || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!kj_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.' && s.p[i] != '_')
			return false;
	}
	/* The name that a host has before it gets one says nothing. */
	return !kj_str_starts_fold(s, KJ_STR("localhost")) && !kj_str_eq_fold(s, KJ_STR("none"));
}

/* The first line that is not blank or a comment. */
static kj_str name_in(kj_str text)
{
	kj_str line;
	while (kj_str_line(&text, &line)) {
		line = kj_str_trim(line);
		if (line.n && line.p[0] != '#')
			return is_name(line) ? line : KJ_STR("");
	}
	return KJ_STR("");
}

/* systeminfo: `Host Name:   PC01`; Japanese: `ホスト名:   PC01`. */
static kj_str name_in_systeminfo(kj_str text)
{
	kj_str line;
	while (kj_str_line(&text, &line)) {
		kj_str key;
		if (!kj_str_cut(&line, ':', &key) || !line.p)
			continue;
		key = kj_str_trim(key);
		if (kj_str_eq_fold(key, KJ_STR("Host Name")) || kj_str_eq(key, KJ_STR("ホスト名")))
			return is_name(kj_str_trim(line)) ? kj_str_trim(line) : KJ_STR("");
	}
	return KJ_STR("");
}

static kj_str own_name(struct kj_export *export)
{
	const struct kj_artifact *file = kj_export_read(export, KJ_STR("etc/hostname"));
	kj_str name = file->state == KJ_ARTIFACT_OK ? name_in(file->text.bytes) : KJ_STR("");
	static const kj_str commands[] = {KJ_STR_INIT("hostname"), KJ_STR_INIT("hostname -f")};
	for (size_t i = 0; i < sizeof commands / sizeof *commands && !name.n; i++) {
		const struct kj_artifact *output = kj_export_command(export, commands[i]);
		if (output->state == KJ_ARTIFACT_OK)
			name = name_in(output->text.bytes);
	}
	if (name.n || !kj_str_eq(export->platform, KJ_STR("windows")))
		return name;
	const struct kj_artifact *info = kj_export_named(export, KJ_STR("systeminfo*"), KJ_STR(""));
	return info->state == KJ_ARTIFACT_OK ? name_in_systeminfo(info->text.bytes) : KJ_STR("");
}

void kj_host_detect(struct kj_export *export)
{
	detect_platform(export);
	detect_distro(export);
	if (!export->name.n)
		export->name = own_name(export);
}
