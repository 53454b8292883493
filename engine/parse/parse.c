/* The table of parsers, the table of their options, and how one is run. */
#include "parse/parse.h"

#include "parse/scan.h"

static const struct kj_parser parsers[] = {
        {KJ_STR_INIT("apt_conf"), "apt.conf, and what apt-config dump prints", (const char *const[]){NULL},
         kj_parse_apt_conf, (const char *const[]){"key", "value", "kind", NULL}},
        {KJ_STR_INIT("blocks"), "directives ended by ; in blocks of {}: nginx, named, JunOS",
         (const char *const[]){"comment", "slash_comments", NULL}, kj_parse_blocks,
         (const char *const[]){"scope", "key", "value", "args", "kind", NULL}},
        {KJ_STR_INIT("cron"), "crontabs", (const char *const[]){"user_field", NULL}, kj_parse_cron,
         (const char *const[]){"kind", "when", "user", "command", NULL}},
        {KJ_STR_INIT("csv"), "comma-separated values (RFC 4180); the first record names the columns",
         (const char *const[]){"delimiter", NULL}, kj_parse_csv, NULL},
        {KJ_STR_INIT("directives"), "a keyword and its arguments on a line, Match blocks: sshd_config",
         (const char *const[]){NULL}, kj_parse_directives,
         (const char *const[]){"scope", "key", "value", "args", "raw", NULL}},
        {KJ_STR_INIT("fstab"), "file systems: fstab and /proc/mounts", (const char *const[]){NULL}, kj_parse_fstab,
         (const char *const[]){"device", "mount_point", "type", "options", "dump", "pass", NULL}},
        {KJ_STR_INIT("inf"), "security templates, as secedit /export writes them", (const char *const[]){NULL},
         kj_parse_inf, (const char *const[]){"section", "key", "value", "type", "data", NULL}},
        {KJ_STR_INIT("keyvalue"), "a key and a value on a line, with or without sections",
         (const char *const[]){"separators", "comment", "comment_anywhere", "comment_after_blank", "sections",
                               "backslash", "indent", "quotes", "escapes", "bare_keys", NULL},
         kj_parse_keyvalue, (const char *const[]){"section", "key", "value", NULL}},
        {KJ_STR_INIT("lines"), "plain lines",
         (const char *const[]){"comment", "comment_anywhere", "comment_after_blank", NULL}, kj_parse_lines,
         (const char *const[]){"text", NULL}},
        {KJ_STR_INIT("lsblk"), "block devices as lsblk prints them: tree, list, pairs, JSON",
         (const char *const[]){NULL}, kj_parse_lsblk,
         (const char *const[]){"name", "type", "fstype", "mountpoint", "parent", "kname", NULL}},
        {KJ_STR_INIT("lslogins"), "accounts as lslogins prints them: table, raw, pairs", (const char *const[]){NULL},
         kj_parse_lslogins,
         (const char *const[]){"user",        "uid",       "gecos",      "homedir",    "shell",         "nologin",
                               "pwd_lock",    "pwd_empty", "pwd_deny",   "pwd_method", "group",         "gid",
                               "supp_groups", "supp_gids", "last_login", "last_tty",   "last_hostname", "failed_login",
                               "failed_tty",  "hushed",    "pwd_warn",   "pwd_change", "pwd_min",       "pwd_max",
                               "pwd_expir",   "context",   "proc",       NULL}},
        {KJ_STR_INIT("modprobe"), "commands of modprobe.d", (const char *const[]){NULL}, kj_parse_modprobe,
         (const char *const[]){"command", "module", "value", NULL}},
        {KJ_STR_INIT("mounts"), "mounts as mount, findmnt and the kernel print them", (const char *const[]){NULL},
         kj_parse_mounts, (const char *const[]){"device", "mount_point", "type", "options", NULL}},
        {KJ_STR_INIT("pam"), "stacks of pam.d and pam.conf", (const char *const[]){"service_field", NULL}, kj_parse_pam,
         (const char *const[]){"service", "type", "control", "module", "args", "silent", NULL}},
        {KJ_STR_INIT("reg"), "registry exports of reg and regedit", (const char *const[]){NULL}, kj_parse_reg,
         (const char *const[]){"key", "name", "type", "value", NULL}},
        {KJ_STR_INIT("shell"), "assignments to variables in files that a shell reads", (const char *const[]){NULL},
         kj_parse_shell,
         (const char *const[]){"key", "value", "kind", "flags", "sets", "conditional", "dynamic", "after_return",
                               "depth", "in_function", "conditions", NULL}},
        {KJ_STR_INIT("ss"), "sockets as ss and netstat print them", (const char *const[]){NULL}, kj_parse_ss,
         (const char *const[]){"proto", "address", "port", "process", "state", "pid", "interface", "family", NULL}},
        {KJ_STR_INIT("sudoers"), "grants, aliases, Defaults and includes of one sudoers file",
         (const char *const[]){NULL}, kj_parse_sudoers,
         (const char *const[]){"kind", "type", "name", "op", "value", "users", "hosts", "runas", "groups", "tags",
                               "options", "command", NULL}},
        {KJ_STR_INIT("sysctl"), "kernel parameters: the files of sysctl.d", (const char *const[]){NULL},
         kj_parse_sysctl, (const char *const[]){"key", "value", "sign", NULL}},
        {KJ_STR_INIT("systemd"), "sections and assignments of systemd's files", (const char *const[]){"headings", NULL},
         kj_parse_systemd, (const char *const[]){"section", "key", "value", NULL}},
        {KJ_STR_INIT("table"), "fields between delimiters: passwd, fstab",
         (const char *const[]){"delimiter", "columns", "min_fields", "rest", "skip", "comment", "comment_anywhere",
                               "comment_after_blank", NULL},
         kj_parse_table, NULL},
        {KJ_STR_INIT("udev"), "rules of udev", (const char *const[]){NULL}, kj_parse_udev,
         (const char *const[]){"rule", "kind", "key", "attribute", "op", "value", NULL}},
        {KJ_STR_INIT("usbguard"), "rules of USBGuard", (const char *const[]){NULL}, kj_parse_usbguard,
         (const char *const[]){"target", "id", "id_operator", "with_interface", "interface_operator", "name", "serial",
                               "hash", "parent_hash", "via_port", "with_connect_type", "label", "condition",
                               "operators", NULL}},
};

#define OPTION(field, kind)                                                                                            \
	{                                                                                                              \
		KJ_STR_INIT(#field), kind, offsetof(struct kj_parse_options, field)                                    \
	}

static const struct kj_option options_table[] = {
        OPTION(separators, KJ_OPTION_STR),
        OPTION(comment, KJ_OPTION_STR),
        OPTION(comment_anywhere, KJ_OPTION_BOOL),
        OPTION(comment_after_blank, KJ_OPTION_BOOL),
        OPTION(sections, KJ_OPTION_BOOL),
        OPTION(backslash, KJ_OPTION_BOOL),
        OPTION(indent, KJ_OPTION_BOOL),
        OPTION(quotes, KJ_OPTION_STR),
        OPTION(escapes, KJ_OPTION_BOOL),
        OPTION(bare_keys, KJ_OPTION_BOOL),
        OPTION(delimiter, KJ_OPTION_STR),
        OPTION(columns, KJ_OPTION_STR),
        OPTION(min_fields, KJ_OPTION_INT),
        OPTION(rest, KJ_OPTION_BOOL),
        OPTION(skip, KJ_OPTION_INT),
        OPTION(service_field, KJ_OPTION_BOOL),
        OPTION(slash_comments, KJ_OPTION_BOOL),
        OPTION(headings, KJ_OPTION_BOOL),
        OPTION(user_field, KJ_OPTION_BOOL),
};

const struct kj_parser *kj_parsers(size_t *n)
{
	*n = sizeof parsers / sizeof *parsers;
	return parsers;
}

const struct kj_parser *kj_parser_find(kj_str name)
{
	for (size_t i = 0; i < sizeof parsers / sizeof *parsers; i++)
		if (kj_str_eq(parsers[i].name, name))
			return &parsers[i];
	return NULL;
}

const struct kj_option *kj_parse_options_table(size_t *n)
{
	*n = sizeof options_table / sizeof *options_table;
	return options_table;
}

size_t kj_rows_column(const struct kj_rows *rows, kj_str name)
{
	size_t i = 0;
	while (i < rows->column_count && !kj_str_eq(rows->columns[i], name))
		i++;
	return i;
}

kj_str kj_row_cell(const struct kj_rows *rows, const struct kj_row *row, kj_str column)
{
	size_t i = kj_rows_column(rows, column);
	return i < rows->column_count ? row->cell[i] : (kj_str){NULL, 0};
}

const struct kj_cell_from *kj_row_from(const struct kj_rows *rows, const struct kj_row *row, kj_str column)
{
	size_t i = kj_rows_column(rows, column);
	return row->from && i < rows->column_count ? &row->from[i] : NULL;
}

static void name_columns(struct kj_parse *parse, const char *const *names)
{
	size_t n = 0;
	while (names[n])
		n++;
	kj_str *columns = KJ_NEW_ARRAY(parse->arena, kj_str, n);
	for (size_t i = 0; i < n; i++)
		columns[i] = kj_str_of(names[i]);
	parse->rows->columns = columns;
	parse->rows->column_count = n;
}

static void spoil(struct kj_row *row, const char *problem)
{
	if (row->bad)
		return;
	row->bad = true;
	row->problem = problem;
}

/* Programs written in C stop at a NUL, each in its own way, so nobody can say what they made of a row that has one:
   spoils the last row that begins at or before each line with a NUL. */
static void spoil_nuls(struct kj_rows *rows, const struct kj_text *text)
{
	if (!text->bytes.n || !memchr(text->bytes.p, '\0', text->bytes.n))
		return;
	struct kj_scan scan = kj_scan_of(text);
	for (size_t i = 0, spoilt = 0; kj_scan_next(&scan);) {
		while (i < rows->list.n && rows->list.at[i].line <= scan.number)
			i++;
		if (i == spoilt || !scan.line.n || !memchr(scan.line.p, '\0', scan.line.n))
			continue;
		spoilt = i;
		for (size_t j = i; j-- && rows->list.at[j].line == rows->list.at[i - 1].line;)
			spoil(&rows->list.at[j], "a NUL byte in the line");
	}
}

const struct kj_rows *kj_parse_text(struct kj_arena *arena, const struct kj_parser *parser,
                                    const struct kj_parse_options *options, const struct kj_text *text, size_t max_rows)
{
	static const struct kj_parse_options none = {.rest = false};
	struct kj_parse parse = {
	        .arena = arena,
	        .text = text,
	        .options = options ? options : &none,
	        .max_rows = max_rows ? max_rows : 1000000,
	        .rows = KJ_NEW(arena, struct kj_rows),
	};
	if (parser->columns)
		name_columns(&parse, parser->columns);
	parser->run(&parse);
	spoil_nuls(parse.rows, text);
	return parse.rows;
}
