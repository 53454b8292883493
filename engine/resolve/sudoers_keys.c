/* The names that Defaults knows, and the values it takes (def_data.in, defaults.c). */
#include "resolve/sudoers_keys.h"

#include "base/num.h"
#include "parse/sudoers.h"

#define KEY(name, kind, bool_, preset, since)                                                                          \
	{                                                                                                              \
		KJ_STR_INIT(name), kind, bool_, preset, since, NULL                                                    \
	}
#define FLAG(name, preset, since)                                                                                      \
	{                                                                                                              \
		KJ_STR_INIT(name), SUDO_FLAG, true, preset, since, NULL                                                \
	}
#define WORDS(name, bool_, words, preset, since)                                                                       \
	{                                                                                                              \
		KJ_STR_INIT(name), SUDO_TUPLE, bool_, preset, since, words                                             \
	}

/* Sorted. The presets are those of a plain build; the last number is the sudo that brought the name, where that is after
   1.8.21. */
static const struct sudo_key keys[] = {
        KEY("admin_flag", SUDO_FOLDER, true, NULL, 10906),
        FLAG("always_query_group_plugin", "no", 0),
        FLAG("always_set_home", "no", 0),
        KEY("apparmor_profile", SUDO_TEXT, false, NULL, 10911),
        FLAG("authenticate", "yes", 0),
        KEY("authfail_message", SUDO_TEXT, false, NULL, 10822),
        KEY("badpass_message", SUDO_TEXT, false, NULL, 0),
        FLAG("case_insensitive_group", "yes", 10823),
        FLAG("case_insensitive_user", "yes", 10823),
        KEY("closefrom", SUDO_INT, false, "3", 0),
        FLAG("closefrom_override", "no", 0),
        KEY("cmddenial_message", SUDO_TEXT, false, NULL, 10916),
        KEY("command_timeout", SUDO_TIMEOUT, true, NULL, 0),
        FLAG("compress_io", "yes", 0),
        KEY("editor", SUDO_PATH, false, NULL, 0),
        KEY("env_check", SUDO_LIST, true, NULL, 0),
        KEY("env_delete", SUDO_LIST, true, NULL, 0),
        FLAG("env_editor", "no", 0),
        KEY("env_file", SUDO_PATH, true, NULL, 0),
        KEY("env_keep", SUDO_LIST, true, NULL, 0),
        FLAG("env_reset", "yes", 0),
        FLAG("exec_background", "no", 0),
        KEY("exempt_group", SUDO_TEXT, true, NULL, 0),
        FLAG("fast_glob", "no", 0),
        WORDS("fdexec", true, "never digest_only always", "digest_only", 0),
        FLAG("fqdn", "no", 0),
        KEY("group_plugin", SUDO_TEXT, false, NULL, 0),
        FLAG("ignore_audit_errors", "yes", 0),
        FLAG("ignore_dot", "no", 0),
        FLAG("ignore_iolog_errors", "no", 0),
        FLAG("ignore_local_sudoers", "no", 0),
        FLAG("ignore_logfile_errors", "yes", 0),
        FLAG("ignore_unknown_defaults", "no", 0),
        FLAG("insults", "no", 0),
        FLAG("intercept", "no", 10908),
        FLAG("intercept_allow_setid", "no", 10908),
        FLAG("intercept_authenticate", "no", 10908),
        WORDS("intercept_type", false, "dso trace", NULL, 10911),
        FLAG("intercept_verify", "yes", 10912),
        KEY("iolog_dir", SUDO_PATH, false, "/var/log/sudo-io", 0),
        KEY("iolog_file", SUDO_TEXT, false, "%{seq}", 0),
        FLAG("iolog_flush", "no", 0),
        KEY("iolog_group", SUDO_TEXT, true, NULL, 0),
        KEY("iolog_mode", SUDO_MODE, false, "0600", 0),
        KEY("iolog_user", SUDO_TEXT, true, NULL, 0),
        WORDS("lecture", true, "never once always", NULL, 0),
        KEY("lecture_file", SUDO_PATH, true, NULL, 0),
        KEY("lecture_status_dir", SUDO_PATH, false, NULL, 0),
        KEY("limitprivs", SUDO_TEXT, false, NULL, 0),
        WORDS("listpw", true, "never any all always", "any", 0),
        FLAG("log_allowed", "yes", 10829),
        FLAG("log_denied", "yes", 10829),
        FLAG("log_exit_status", "no", 10908),
        WORDS("log_format", false, "sudo json json_compact json_pretty", "sudo", 10904),
        FLAG("log_host", "no", 0),
        FLAG("log_input", "no", 0),
        FLAG("log_output", "no", 0),
        FLAG("log_passwords", "yes", 10910),
        KEY("log_server_cabundle", SUDO_PATH, true, NULL, 10900),
        FLAG("log_server_keepalive", "yes", 10900),
        KEY("log_server_peer_cert", SUDO_PATH, true, NULL, 10900),
        KEY("log_server_peer_key", SUDO_PATH, true, NULL, 10900),
        KEY("log_server_timeout", SUDO_TIMEOUT, true, "30", 10900),
        FLAG("log_server_verify", "yes", 10900),
        KEY("log_servers", SUDO_LIST, true, NULL, 10900),
        FLAG("log_stderr", "no", 10912),
        FLAG("log_stdin", "no", 10912),
        FLAG("log_stdout", "no", 10912),
        FLAG("log_subcmds", "no", 10908),
        FLAG("log_ttyin", "no", 10912),
        FLAG("log_ttyout", "no", 10912),
        FLAG("log_year", "no", 0),
        KEY("logfile", SUDO_PATH, true, NULL, 0),
        KEY("loglinelen", SUDO_UINT, true, "80", 0),
        FLAG("long_otp_prompt", "no", 0),
        FLAG("mail_all_cmnds", "no", 0),
        FLAG("mail_always", "no", 0),
        FLAG("mail_badpass", "no", 0),
        FLAG("mail_no_host", "no", 0),
        FLAG("mail_no_perms", "no", 0),
        FLAG("mail_no_user", "yes", 0),
        KEY("mailerflags", SUDO_TEXT, true, NULL, 0),
        KEY("mailerpath", SUDO_PATH, true, NULL, 0),
        KEY("mailfrom", SUDO_TEXT, true, NULL, 0),
        KEY("mailsub", SUDO_TEXT, false, NULL, 0),
        KEY("mailto", SUDO_TEXT, true, "root", 0),
        FLAG("match_group_by_gid", "no", 0),
        KEY("maxseq", SUDO_TEXT, false, NULL, 0),
        FLAG("netgroup_tuple", "no", 0),
        FLAG("noexec", "no", 0),
        FLAG("noninteractive_auth", "no", 10910),
        FLAG("pam_acct_mgmt", "yes", 10828),
        KEY("pam_askpass_service", SUDO_TEXT, false, NULL, 10909),
        KEY("pam_login_service", SUDO_TEXT, false, NULL, 0),
        FLAG("pam_rhost", "no", 10900),
        FLAG("pam_ruser", "yes", 10900),
        KEY("pam_service", SUDO_TEXT, false, "sudo", 0),
        FLAG("pam_session", "yes", 0),
        FLAG("pam_setcred", "yes", 0),
        FLAG("pam_silent", "no", 10916),
        KEY("passprompt", SUDO_TEXT, false, NULL, 0),
        FLAG("passprompt_override", "no", 0),
        KEY("passprompt_regex", SUDO_LIST, true, NULL, 10910),
        KEY("passwd_timeout", SUDO_MINUTES, true, NULL, 0),
        KEY("passwd_tries", SUDO_UINT, false, "3", 0),
        FLAG("path_info", "yes", 0),
        FLAG("preserve_groups", "no", 0),
        KEY("privs", SUDO_TEXT, false, NULL, 0),
        FLAG("pwfeedback", "no", 0),
        FLAG("requiretty", "no", 0),
        KEY("restricted_env_file", SUDO_PATH, true, NULL, 0),
        KEY("rlimit_as", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_core", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_cpu", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_data", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_fsize", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_locks", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_memlock", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_nofile", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_nproc", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_rss", SUDO_RLIMIT, true, NULL, 10909),
        KEY("rlimit_stack", SUDO_RLIMIT, true, NULL, 10909),
        KEY("role", SUDO_TEXT, false, NULL, 0),
        FLAG("root_sudo", "yes", 0),
        FLAG("rootpw", "no", 0),
        FLAG("runas_allow_unknown_id", "no", 10830),
        FLAG("runas_check_shell", "no", 10830),
        KEY("runas_default", SUDO_TEXT, false, "root", 0),
        FLAG("runaspw", "no", 0),
        KEY("runchroot", SUDO_FOLDER, true, NULL, 10903),
        KEY("runcwd", SUDO_FOLDER, true, NULL, 10903),
        KEY("secure_path", SUDO_TEXT, true, NULL, 0),
        FLAG("selinux", "no", 10905),
        FLAG("set_home", "no", 0),
        FLAG("set_logname", "yes", 0),
        FLAG("set_utmp", "yes", 0),
        FLAG("setenv", "no", 0),
        FLAG("shell_noargs", "no", 0),
        FLAG("stay_setuid", "no", 0),
        FLAG("sudoedit_checkdir", "yes", 0),
        FLAG("sudoedit_follow", "no", 0),
        KEY("sudoers_locale", SUDO_TEXT, false, "C", 0),
        KEY("syslog", SUDO_FACILITY, true, NULL, 0),
        KEY("syslog_badpri", SUDO_PRIORITY, true, "alert", 0),
        KEY("syslog_goodpri", SUDO_PRIORITY, true, "notice", 0),
        KEY("syslog_maxlen", SUDO_UINT, false, "960", 0),
        FLAG("syslog_pid", "no", 0),
        FLAG("targetpw", "no", 0),
        KEY("timestamp_timeout", SUDO_MINUTES, true, NULL, 0),
        WORDS("timestamp_type", false, "global ppid tty kernel", "tty", 0),
        KEY("timestampdir", SUDO_PATH, false, NULL, 0),
        KEY("timestampowner", SUDO_TEXT, false, NULL, 0),
        FLAG("tty_tickets", "no", 0),
        KEY("type", SUDO_TEXT, false, NULL, 0),
        KEY("umask", SUDO_MODE, true, "022", 0),
        FLAG("umask_override", "no", 0),
        FLAG("use_loginclass", "no", 0),
        FLAG("use_netgroups", "yes", 0),
        FLAG("use_pty", "no", 0),
        FLAG("user_command_timeouts", "no", 0),
        FLAG("utmp_runas", "no", 0),
        WORDS("verifypw", true, "never all any always", "all", 0),
        FLAG("visiblepw", "no", 0),
};

const struct sudo_key *sudo_keys(size_t *n)
{
	*n = sizeof keys / sizeof *keys;
	return keys;
}

const struct sudo_key *sudo_key_find(kj_str name)
{
	size_t low = 0, high = sizeof keys / sizeof *keys;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = kj_str_cmp(keys[middle].name, name);
		if (!order)
			return &keys[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- values ---- */

static bool is_word_of(const char *words, kj_str value)
{
	kj_str rest = kj_str_of(words), word;
	while (kj_str_word(&rest, &word))
		if (kj_str_eq(word, value))
			return true;
	return false;
}

/* Minutes, with a sign and a fraction of up to nine digits. */
static bool is_minutes(kj_str value)
{
	size_t i = value.n && (value.p[0] == '+' || value.p[0] == '-'), digits = 0;
	while (i < value.n && kj_is_digit(value.p[i]) && digits++ < 17)
		i++;
	if (i < value.n && value.p[i] == '.')
		for (i++, digits = 0; i < value.n && digits < 9 && kj_is_digit(value.p[i]); digits++)
			i++;
	return i == value.n || digits == 9;
}

static bool is_limit(kj_str value)
{
	if (kj_str_eq(value, KJ_STR("infinity")))
		return true;
	size_t i = 0;
	while (i < value.n && kj_is_digit(value.p[i]))
		i++;
	return i && i == value.n && i <= 20;
}

static bool is_limits(kj_str value)
{
	size_t comma = kj_str_find(value, ',');
	if (kj_str_eq(value, KJ_STR("user")) || kj_str_eq(value, KJ_STR("default")))
		return true;
	return is_limit(kj_str_upto(value, comma)) && (comma == value.n || is_limit(kj_str_from(value, comma + 1)));
}

static bool is_whole(kj_str value, int64_t least, int64_t most)
{
	int64_t n;
	return kj_num_int(value, &n) && n >= least && n <= most;
}

static const char facilities[] = "authpriv auth daemon user local0 local1 local2 local3 local4 local5 local6 local7";
static const char priorities[] = "alert crit debug emerg err info notice warning none";

static bool fits(const struct sudo_key *key, kj_str value)
{
	uint64_t mode;
	int64_t seconds;
	switch (key->kind) {
	case SUDO_INT:
		return is_whole(value, INT32_MIN, INT32_MAX);
	case SUDO_UINT:
		return is_whole(value, 0, UINT32_MAX);
	case SUDO_MINUTES:
		return is_minutes(value);
	case SUDO_MODE:
		return kj_num_base(value, 8, &mode) && mode <= 0777;
	case SUDO_TIMEOUT:
		return kj_sudo_timeout(value, &seconds);
	case SUDO_TUPLE:
		return is_word_of(key->words, value);
	case SUDO_FACILITY:
		return is_word_of(facilities, value);
	case SUDO_PRIORITY:
		return is_word_of(priorities, value);
	case SUDO_RLIMIT:
		return is_limits(value);
	default:
		return true;
	}
}

/* A name alone, or with `!`. */
static const char *alone_problem(const struct sudo_key *key, char op)
{
	bool off = op == '!';
	switch (key->kind) {
	case SUDO_FLAG:
		return NULL;
	case SUDO_TUPLE:
		/* whatever is no yes or no becomes the name of a syslog facility */
		return key->may_be_off || off ? NULL : "no value";
	case SUDO_FACILITY:
		return NULL;
	default:
		return key->may_be_off && off ? NULL : "no value";
	}
}

const char *sudo_key_problem(const struct sudo_key *key, char op, kj_str value)
{
	if (op == 't' || op == '!')
		return alone_problem(key, op);
	if (key->kind == SUDO_FLAG)
		return op == '=' ? "takes no value" : "not a list";
	if (op != '=' && key->kind != SUDO_LIST)
		return "not a list";
	bool any = key->kind == SUDO_FOLDER && (kj_str_starts(value, KJ_STR("~")) || kj_str_eq(value, KJ_STR("*")));
	if ((key->kind == SUDO_PATH || key->kind == SUDO_FOLDER) && !any && !kj_str_starts(value, KJ_STR("/")))
		return "not an absolute path";
	return fits(key, value) ? NULL : "not a value for it";
}
