/* Parsers: the bytes of one syntax to rows. They know nothing of meaning: no defaults, no precedence, no includes. */
#ifndef KJ_PARSE_PARSE_H
#define KJ_PARSE_PARSE_H

#include "base/diag.h"

#include <stdint.h>

/* What a resolver that joins artifacts knows of one cell. */
struct kj_cell_from {
	const struct kj_text *text; /* it stood in another line than its row, here; NULL: in the row's own */
	uint32_t line;
	kj_str secret; /* the part of that line that is never shown */
	bool unseen;   /* nobody can tell what it is, and the cell's text says why: tests on it are unknown */
};

/* One datum with its origin. cell[i] belongs to column i of the rows it stands in. */
struct kj_row {
	const struct kj_text *text; /* the artifact */
	uint32_t line, col;         /* from 1; col in bytes */
	bool bad;                   /* not of the syntax: cells hold what could be read, `problem` says what is wrong */
	const char *problem;        /* a constant, or text in the arena; NULL when not bad */
	const kj_str *cell;
	const struct kj_cell_from *from; /* from[i] belongs to cell[i]; NULL: all are the row's own */
};

struct kj_rows {
	const kj_str *columns;
	size_t column_count;
	KJ_VEC(struct kj_row) list;
	bool capped; /* the row cap was hit: what follows is missing */
};

/* The index of a column, or column_count. */
size_t kj_rows_column(const struct kj_rows *rows, kj_str name);
/* A cell by column name; empty when there is no such column. */
kj_str kj_row_cell(const struct kj_rows *rows, const struct kj_row *row, kj_str column);
/* Where it is from; NULL: the row's own line. */
const struct kj_cell_from *kj_row_from(const struct kj_rows *rows, const struct kj_row *row, kj_str column);

/* What a source may set for its parser. One flat struct for all parsers; each parser names those it takes. */
struct kj_parse_options {
	/* keyvalue */
	kj_str separators;     /* bytes that end a key, e.g. "=" or "=:"; a blank stands for any white space */
	kj_str comment;        /* bytes that begin a comment, e.g. "#;" */
	bool comment_anywhere; /* they begin one anywhere in a line (pwquality), not just at its start (login.defs) */
	bool comment_after_blank; /* … or after a blank (shell, sshd) */
	bool sections;            /* [name] lines: column `section` */
	bool backslash;           /* a backslash at the end continues the line */
	bool indent;              /* an indented line continues the one before (postfix, fail2ban) */
	kj_str quotes;  /* bytes that quote a value; the quotes are taken off a value that is quoted as a whole */
	bool escapes;   /* in such a value a backslash quotes the next of \" \' \\ $ ` (os-release(5)) */
	bool bare_keys; /* a line with a key alone is a row with an empty value, not a bad one */
	/* table */
	kj_str delimiter;   /* one byte, or " " for runs of white space */
	kj_str columns;     /* names with blanks between, e.g. "name password uid gid gecos home shell" */
	int64_t min_fields; /* fewer fields make a row bad; 0: as many as columns */
	bool rest;          /* the last column takes the rest of the line */
	int64_t skip;       /* header lines to leave out */
	/* pam */
	bool service_field; /* the first field is the service: pam.conf, not pam.d */
	/* blocks */
	bool slash_comments; /* // and slash-star comments too (named, JunOS) */
	/* systemd */
	bool headings; /* a comment `# /PATH` begins another file: captures of several */
	/* cron */
	bool user_field; /* a user stands before the command: /etc/crontab, /etc/cron.d */
};

struct kj_parse {
	struct kj_arena *arena;
	const struct kj_text *text; /* UTF-8 (export/decode has done its work); may hold anything all the same */
	const struct kj_parse_options *options;
	size_t max_rows;
	struct kj_rows *rows; /* the result: empty, columns not set yet */
};

struct kj_parser {
	kj_str name;
	const char *about;
	const char *const *takes; /* names of its options, NULL at the end */
	void (*run)(struct kj_parse *parse);
	/* The column names when they are fixed (NULL at the end), else NULL: table names its own. */
	const char *const *columns;
};

/* Where a cell holds a list (args, MULTI_SZ), this byte stands between its items. A line that itself holds the byte
   gives a bad row. */
#define KJ_PARSE_LIST '\x1f'

/* The columns of each parser:
     apt_conf    key value kind: full names, "A::B::" for an item of a list; kind is set, clear, include or index
     keyvalue    section key value
     csv         those of the first record
     cron        kind when user command: kind is job or env (when is then the variable's name, command its value); user
                 only with `user_field`; the command without what follows its first %
     directives  scope key value args raw: sshd_config. scope: the criteria of the Match above, empty before the first;
                 a Match line is a row in its own scope. value: the arguments joined by blanks, args: the same as list,
                 raw: what stood after the keyword
     blocks      scope key value args kind: scope is the path of the enclosing blocks ("http > server"), kind is
                 directive or block
     pam         service type control module args silent: as PAM sees them, so without the [] of controls and arguments;
                 silent (yes, no): the type had a leading "-". `@include X` is type "@include", module X
     table       those of the option `columns`
     inf         section key value type data: [Registry Values] split `4,1` into type 4 and data 1; elsewhere data is
                 value
     reg         key name type value: key with HKLM, HKCU, HKU, HKCR, HKCC; name "@" for the default value; types sz
                 expand_sz multi_sz dword qword binary none hex(n) delete; value as text, decimal, or lower-case hex
     lines       text: the lines that are not blank, trimmed
     shell       key value kind flags sets conditional dynamic after_return depth in_function conditions (see shell.c)
     ss          proto address port process state pid interface family (see ss.c)
     fstab       device mount_point type options dump pass: octal escapes undone
     lsblk       name type fstype mountpoint parent kname: a row for each place in the tree and each mount point
     lslogins    the columns of lslogins in small letters, - as _ (see lslogins.c); those not printed have no text (p NULL)
     udev        rule kind key attribute op value: a row a token; rule: the number of the rule's last line; kind is match,
                 assignment or flow (GOTO, LABEL); op as udev takes it; a bad row with a text in value is a whole rule
                 that udev drops, a bad one with a key a token that it passes over
     usbguard    target id id_operator with_interface interface_operator name serial hash parent_hash via_port
                 with_connect_type label condition operators: values as lists
     mounts      device mount_point type options
     modprobe    command module value: dashes of the module are underscores; value: what follows, of alias a module
     sudoers     kind type name op value users hosts runas groups tags options command: kind is grant (a row a command),
                 alias (type: of what; value: its members), defaults (type: of what scope; users: of whom), include, includedir
     sysctl      key value sign: the key as written; sign is empty, ignore (`-key = value`) or exclude (`-key`)
     systemd     section key value: a bad row without key is a section header that makes systemd give up the file */

/* pam: the problem of a last line that goes on: libpam refuses the whole file. */
extern const char *const kj_pam_unfinished;

/* All parsers, sorted by name; *n of them. */
const struct kj_parser *kj_parsers(size_t *n);
const struct kj_parser *kj_parser_find(kj_str name);

/* strdelim of OpenSSH's misc.c: takes the word at the beginning of *rest, which ends at white space or at one `=` with
   white space around it; "…" quotes, and ends the word. False for a quote that is not closed. For what `directives`
   leaves to its readers: criteria of Match, and arguments of versions before 8.7. */
bool kj_directive_word(struct kj_arena *arena, kj_str *rest, kj_str *word);

/* Every option by name, so that a source declaration can be checked. */
enum kj_option_kind { KJ_OPTION_BOOL, KJ_OPTION_STR, KJ_OPTION_INT };
struct kj_option {
	kj_str name; /* as in YAML: comment_anywhere */
	enum kj_option_kind kind;
	size_t offset; /* in struct kj_parse_options */
};
const struct kj_option *kj_parse_options_table(size_t *n);

/* Runs a parser over a text. Never fails: what it cannot read is a bad row. Rows live in the arena, cells are views
   into the text where possible. max_rows 0: 1,000,000. */
const struct kj_rows *kj_parse_text(struct kj_arena *arena, const struct kj_parser *parser,
                                    const struct kj_parse_options *options, const struct kj_text *text,
                                    size_t max_rows);

#endif
