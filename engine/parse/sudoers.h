/* sudoers(5): one file as a list of entries. The grammar and its recovery from errors are those of sudo 1.9.13 (gram.y,
   toke.l); entries that need a later sudo than others say so. Includes are entries: who follows them is not our
   matter. */
#ifndef KJ_PARSE_SUDOERS_H
#define KJ_PARSE_SUDOERS_H

#include "parse/parse.h"

enum kj_sudo_kind {
	KJ_SUDO_WORD,     /* a name, #uid, a host; of groups to run as: a group */
	KJ_SUDO_ALIAS,    /* in the form of an alias; where there is none of the name, a word */
	KJ_SUDO_ALL,      /* ALL; of commands it may have digests */
	KJ_SUDO_GROUP,    /* %group, %#gid, %:nonunix: the name with its % */
	KJ_SUDO_NETGROUP, /* +netgroup: the name with its + */
	KJ_SUDO_ADDRESS,
	KJ_SUDO_COMMAND, /* a path, ^regex$, sudoedit, list */
	KJ_SUDO_SELF,    /* `()`: the user itself */
};

struct kj_sudo_member {
	enum kj_sudo_kind kind;
	bool negated, has_args;
	kj_str name;    /* escapes taken off */
	kj_str args;    /* of a command */
	kj_str digests; /* "sha256:…", several with KJ_PARSE_LIST between */
	uint32_t line, col;
};
struct kj_sudo_list {
	KJ_VEC(struct kj_sudo_member) of;
};

enum kj_sudo_tag {
	KJ_SUDO_NOPASSWD,
	KJ_SUDO_NOEXEC,
	KJ_SUDO_SETENV,
	KJ_SUDO_INTERCEPT,
	KJ_SUDO_LOG_INPUT,
	KJ_SUDO_LOG_OUTPUT,
	KJ_SUDO_MAIL,
	KJ_SUDO_FOLLOW,
	KJ_SUDO_TAGS
};
/* The value of a tag. IMPLIED: SETENV, because the command is ALL. */
enum { KJ_SUDO_UNSET, KJ_SUDO_ON, KJ_SUDO_OFF, KJ_SUDO_IMPLIED };
extern const char *const kj_sudo_tag_names[KJ_SUDO_TAGS][2]; /* on, off: "NOPASSWD", "PASSWD" */

enum kj_sudo_option {
	KJ_SUDO_CWD,
	KJ_SUDO_CHROOT,
	KJ_SUDO_TIMEOUT,
	KJ_SUDO_NOTBEFORE,
	KJ_SUDO_NOTAFTER,
	KJ_SUDO_ROLE,
	KJ_SUDO_TYPE,
	KJ_SUDO_OPTIONS
};
extern const char *const kj_sudo_option_names[KJ_SUDO_OPTIONS];

/* A command with what holds for it; what the ones before it in the list say is inherited already. */
struct kj_sudo_spec {
	const struct kj_sudo_list *users, *groups; /* to run as. NULL: not given; both: the user of runas_default */
	uint8_t tag[KJ_SUDO_TAGS];
	kj_str option[KJ_SUDO_OPTIONS];
	struct kj_sudo_member command;
};
struct kj_sudo_privilege {
	struct kj_sudo_list hosts;
	KJ_VEC(struct kj_sudo_spec) specs;
};
struct kj_sudo_grant {
	struct kj_sudo_list users;
	KJ_VEC(struct kj_sudo_privilege) privileges;
};

/* Also the kinds of aliases. */
enum kj_sudo_scope { KJ_SUDO_GLOBAL, KJ_SUDO_USER, KJ_SUDO_HOST, KJ_SUDO_RUNAS, KJ_SUDO_CMND };
struct kj_sudo_default {
	enum kj_sudo_scope scope;
	const struct kj_sudo_list *binding; /* NULL when global */
	kj_str name, value;
	char op; /* '=', '+', '-'; 't' a flag alone, '!' a negated one */
	uint32_t line, col;
};
struct kj_sudo_alias {
	enum kj_sudo_scope type;
	kj_str name;
	struct kj_sudo_list members;
};

enum kj_sudo_entry_kind {
	KJ_SUDO_BAD,
	KJ_SUDO_GRANT,
	KJ_SUDO_DEFAULT,
	KJ_SUDO_ALIAS_ENTRY,
	KJ_SUDO_INCLUDE,
	KJ_SUDO_INCLUDEDIR
};
struct kj_sudo_entry {
	enum kj_sudo_entry_kind kind;
	uint32_t line, col;
	uint32_t last;    /* the line on which it ends */
	size_t statement; /* several aliases may stand on one line: a fault in one drops those after it */
	unsigned since;   /* 10910: sudo 1.9.10 or later; older ones find a syntax error. 0: any */
	union {
		const char *problem;
		const struct kj_sudo_grant *grant;
		const struct kj_sudo_default *setting;
		const struct kj_sudo_alias *alias;
		kj_str path; /* of an include */
	} is;
};

struct kj_sudo_file {
	KJ_VEC(struct kj_sudo_entry) entries;
	bool unfinished; /* the last line ends in a backslash: sudo reads on in the file that includes this one */
};

const struct kj_sudo_file *kj_sudo_parse(struct kj_arena *arena, const struct kj_text *text);

/* A member as sudoers writes it: quoted where it would be taken for something else. */
kj_str kj_sudo_member_text(struct kj_arena *arena, const struct kj_sudo_member *member);
/* A whole list, with ", " between. */
kj_str kj_sudo_list_text(struct kj_arena *arena, const struct kj_sudo_list *list);

/* The lengths that sudo takes: "1d2h3m4s" or seconds. False: not one. */
bool kj_sudo_timeout(kj_str text, int64_t *seconds);

#endif
