/* The table of named resolvers, and what a host remembers while it is judged. */
#include "resolve/resolve.h"

#include "resolve/work.h"

static const struct kj_resolver resolvers[] = {
        {KJ_STR_INIT("account"), kj_resolve_account, kj_account_columns,
         "passwd, shadow, group and gshadow joined, one row an account"},
        {KJ_STR_INIT("aging"), kj_resolve_aging, kj_aging_columns, "age of passwords, from chage -l and shadow"},
        {KJ_STR_INIT("apt"), kj_resolve_apt, kj_apt_columns, "apt.conf.d and apt.conf, or a captured dump"},
        {KJ_STR_INIT("apt_sources"), kj_resolve_apt_sources, kj_apt_sources_columns,
         "sources.list and sources.list.d, one-line and deb822"},
        {KJ_STR_INIT("automatic_updates"), kj_resolve_automatic, NULL,
         "a file that says whether updates are installed, and units that obey it"},
        {KJ_STR_INIT("block_devices"), kj_resolve_block_devices, kj_block_devices_columns,
         "lsblk, with what each device lies on"},
        {KJ_STR_INIT("cron"), kj_resolve_cron, kj_cron_columns, "what cron runs, and what it passes over"},
        {KJ_STR_INIT("dconf"), kj_resolve_dconf, kj_dconf_columns,
         "dconf databases of a profile, compiled or as keyfiles, with locks"},
        {KJ_STR_INIT("exports"), kj_resolve_exports, kj_exports_columns, "the hosts of the fleet"},
        {KJ_STR_INIT("faillock"), kj_resolve_faillock, NULL,
         "pam_faillock: its file, then its arguments in PAM stacks"},
        {KJ_STR_INIT("group"), kj_resolve_group, kj_group_columns, "/etc/group as glibc reads it"},
        {KJ_STR_INIT("kscreenlocker"), kj_resolve_kscreenlocker, NULL,
         "KDE's kscreenlockerrc, with [$i] and users' files"},
        {KJ_STR_INIT("last_update"), kj_resolve_last_update, NULL,
         "the day a package was last upgraded, from logs and lists"},
        {KJ_STR_INIT("lastlog"), kj_resolve_lastlog, kj_lastlog_columns, "last logins, as lastlog prints them"},
        {KJ_STR_INIT("listening"), kj_resolve_listening, kj_listening_columns,
         "captures of ss and netstat, by their options"},
        {KJ_STR_INIT("login_defs"), kj_resolve_login_defs, NULL, "login.defs as the shadow suite reads it"},
        {KJ_STR_INIT("lslogins"), kj_resolve_lslogins, kj_lslogins_columns, "captures of lslogins, joined by account"},
        {KJ_STR_INIT("modprobe"), kj_resolve_modprobe, kj_modprobe_columns,
         "kernel modules: modprobe.d, the kernel's command line, what is loaded"},
        {KJ_STR_INIT("mounts"), kj_resolve_mounts, kj_mounts_columns, "what is mounted, beside fstab"},
        {KJ_STR_INIT("packages"), kj_resolve_packages, kj_packages_columns, "installed packages, of dpkg or rpm"},
        {KJ_STR_INIT("pam"), kj_resolve_pam, kj_pam_columns, "PAM stacks with their includes spliced in"},
        {KJ_STR_INIT("pam_unix"), kj_resolve_pam_unix, kj_pam_unix_columns,
         "pam_unix: its arguments in PAM stacks, then login.defs"},
        {KJ_STR_INIT("password"), kj_resolve_password, NULL, "what a new password must be, by PAM stack"},
        {KJ_STR_INIT("password_windows"), kj_resolve_password_windows, NULL, "what a new password must be, by secedit"},
        {KJ_STR_INIT("pwhistory"), kj_resolve_pwhistory, NULL, "pam_pwhistory: its file, then its arguments"},
        {KJ_STR_INIT("pwquality"), kj_resolve_pwquality, NULL, "pwquality.conf.d, pwquality.conf, then PAM arguments"},
        {KJ_STR_INIT("register"), kj_resolve_register, NULL, "ledgers of the organisation: CSV, YAML, JSON",
         kj_register_columns, kj_register_check},
        {KJ_STR_INIT("registry"), kj_resolve_registry, kj_registry_columns, "registry exports, keys as paths"},
        {KJ_STR_INIT("repos"), kj_resolve_repos, kj_repos_columns,
         "repositories of dnf and yum, with what [main] says"},
        {KJ_STR_INIT("shell"), kj_resolve_shell, NULL, "variables set by the files that a login shell reads"},
        {KJ_STR_INIT("ssh"), kj_resolve_ssh, NULL, "ssh_config as ssh -G prints it, Host and Match blocks as scopes"},
        {KJ_STR_INIT("sshd"), kj_resolve_sshd, NULL, "sshd_config as sshd -T prints it, Match blocks as scopes"},
        {KJ_STR_INIT("sudo_admins"), kj_resolve_sudo_admins, kj_sudo_admins_columns, "who may become root by sudo"},
        {KJ_STR_INIT("sudoers"), kj_resolve_sudoers, kj_sudoers_columns,
         "sudoers: who may run what, and Defaults with their scopes"},
        {KJ_STR_INIT("swayidle"), kj_resolve_swayidle, kj_swayidle_columns,
         "what swayidle runs after how long, started by sway"},
        {KJ_STR_INIT("sysctl"), kj_resolve_sysctl, NULL,
         "kernel parameters: what runs, systemd-sysctl's and procps' reading of files"},
        {KJ_STR_INIT("systemd"), kj_resolve_systemd, NULL, "a daemon's main file and drop-ins, with types of values"},
        {KJ_STR_INIT("timers"), kj_resolve_timers, kj_timers_columns, "timers of systemd"},
        {KJ_STR_INIT("tmux"), kj_resolve_tmux, NULL, "tmux.conf of the system and of users, for the lock"},
        {KJ_STR_INIT("udev"), kj_resolve_udev, kj_udev_columns, "rules of udev, and which keep USB storage out"},
        {KJ_STR_INIT("unattended_upgrades"), kj_resolve_unattended, NULL,
         "what apt.systemd.daily and unattended-upgrade would do"},
        {KJ_STR_INIT("unit_files"), kj_resolve_unit_files, kj_unit_files_columns, "what units' files and drop-ins set"},
        {KJ_STR_INIT("units"), kj_resolve_units, kj_units_columns,
         "units of systemd, as systemctl is-enabled has them"},
        {KJ_STR_INIT("usbguard"), kj_resolve_usbguard, NULL, "the configuration of usbguard-daemon"},
        {KJ_STR_INIT("usbguard_rules"), kj_resolve_usbguard_rules, kj_usbguard_columns,
         "rules of USBGuard in their order, and which of them decide on storage"},
        {KJ_STR_INIT("windows_lock"), kj_resolve_windows_lock, NULL, "the screen lock of Windows"},
        {KJ_STR_INIT("xscreensaver"), kj_resolve_xscreensaver, NULL,
         "XScreenSaver: app-defaults and users' files, by version"},
};

const struct kj_resolver *kj_resolvers(size_t *n)
{
	*n = sizeof resolvers / sizeof *resolvers;
	return resolvers;
}

const struct kj_resolver *kj_resolver_find(kj_str name)
{
	for (size_t i = 0; i < sizeof resolvers / sizeof *resolvers; i++)
		if (kj_str_eq(resolvers[i].name, name))
			return &resolvers[i];
	return NULL;
}

const char *kj_state_name(enum kj_state state)
{
	static const char *const names[] = {"effective", "not_in_force", "default", "absent", "not_collected", "error"};
	return names[state];
}

struct kj_host *kj_host_new(struct kj_arena *arena, struct kj_export *export, const struct kj_program *program,
                            struct kj_regex_scratch *scratch, struct kj_date today)
{
	struct kj_host *host = KJ_NEW(arena, struct kj_host);
	*host = (struct kj_host){
	        .arena = arena, .export = export, .program = program, .scratch = scratch, .today = today};
	host->resolved = KJ_NEW_ARRAY(arena, const struct kj_resolved *, program->sources.n);
	return host;
}

static struct kj_resolved *blank(struct kj_host *host, const struct kj_source *source)
{
	static const char *const no_columns[] = {NULL};
	struct kj_resolved *out = KJ_NEW(host->arena, struct kj_resolved);
	out->source = source;
	out->state = KJ_STATE_NOT_COLLECTED;
	out->rows = kj_rows_make(host, no_columns);
	return out;
}

const struct kj_resolved *kj_resolve(struct kj_host *host, const struct kj_source *source)
{
	if (source->of_fleet && host->organisation && host->organisation != host)
		return kj_resolve(host->organisation, source);
	if (host->resolved[source->index])
		return host->resolved[source->index];
	struct kj_resolved *out = blank(host, source);
	/* Known from here on, so that a source that asks for itself by a detour gets an empty answer, not an endless
	   one. */
	host->resolved[source->index] = out;
	bool elsewhere =
	        source->platform.n && host->export->platform.n && !kj_str_eq(source->platform, host->export->platform);
	const struct kj_resolver *named = kj_resolver_find(source->resolver);
	if (source->of_fleet && !host->organisation)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED,
		                  "'%.*s' is kept for a fleet, and this export belongs to none", KJ_FMT(source->id));
	else if (elsewhere)
		kj_resolved_state(host, out, KJ_STATE_ABSENT, "'%.*s' is a matter of %.*s, and this is %.*s",
		                  KJ_FMT(source->id), KJ_FMT(source->platform), KJ_FMT(host->export->platform));
	else if (named)
		named->run(host, source, out);
	else
		kj_resolve_plain(host, source, out);
	kj_settings_index(host, out);
	return out;
}

const struct kj_setting_list *kj_resolved_get(const struct kj_resolved *resolved, kj_str key)
{
	if (!resolved->source->fold_keys)
		return kj_map_get(&resolved->by_key, key);
	char folded[256];
	if (key.n > sizeof folded)
		return NULL;
	for (size_t i = 0; i < key.n; i++)
		folded[i] = kj_lower(key.p[i]);
	return kj_map_get(&resolved->by_key, (kj_str){folded, key.n});
}
