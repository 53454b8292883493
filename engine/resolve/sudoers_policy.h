/* What the parts of the sudoers resolver share: sudo's policy put together from all files, and who and what it means on
   this host. The reference is sudo 1.9.13 and what NEWS says of other versions. */
#ifndef KJ_RESOLVE_SUDOERS_POLICY_H
#define KJ_RESOLVE_SUDOERS_POLICY_H

#include "base/regex.h"
#include "parse/sudoers.h"
#include "resolve/sudoers.h"

/* What a list may say of something: a mask. Certain is what has one bit. */
enum { SUDO_ALLOW = 1, SUDO_DENY = 2, SUDO_SILENT = 4 };

/* The same for all accounts at once: a bit an account, and one more for whoever is not in /etc/passwd. */
struct sudo_people_mask {
	uint64_t *allow, *deny, *silent;
};

struct sudo_named {
	const struct kj_sudo_alias *alias;
	const struct kj_text *text;
	bool open;                             /* being written out as rows */
	bool busy;                             /* being looked into: an alias within itself is none */
	const struct sudo_people_mask *people; /* of a user alias, once it is known */
};

struct sudo_granted {
	const struct kj_sudo_grant *grant;
	const struct kj_text *text;
	struct sudo_people_mask people;
};

struct sudo_set {
	const struct kj_sudo_default *d;
	const struct kj_text *text;
	const char *problem;                   /* sudo passes over it; NULL: it takes it */
	const struct sudo_people_mask *people; /* of a list of users, once it was asked for */
};

/* ---- sudoers_people.c: accounts and groups ---- */
struct sudo_account {
	kj_str name;
	uint64_t uid, gid;
};
struct sudo_group {
	kj_str name;
	uint64_t gid;
	uint64_t *members;
};
struct sudo_people {
	KJ_VEC(struct sudo_account) accounts;
	KJ_VEC(struct sudo_group) groups;
	struct kj_map by_name, group_by_name; /* lower case → index + 1 */
	size_t words;                         /* of a mask */
	bool known, groups_known;             /* passwd and group were seen */
	bool twins;                           /* two names differ in case alone, or not at all */
	bool directory;                       /* there may be people who are not in /etc/passwd */
};

struct sudo_policy {
	struct kj_host *host;
	struct kj_reads reads; /* what was read, and what could not be seen */
	unsigned version;      /* 10913 for 1.9.13; 0: not known */
	enum kj_state state;
	bool refused, elsewhere;
	kj_str message;
	struct kj_origin at;
	KJ_VEC(struct sudo_granted) grants;
	KJ_VEC(struct sudo_set) settings;
	struct kj_map aliases[5];     /* by enum kj_sudo_scope: name → struct sudo_named */
	KJ_VEC(struct kj_row) bad;    /* lines that sudo passes over, or refuses the whole for */
	KJ_VEC(struct kj_row) beyond; /* where rules may come from that were not seen */
	struct sudo_people people;
	kj_str host_short, host_long; /* empty: not known */
	bool fqdn, fold_users, fold_groups, group_plugin;
	kj_str runas_default, exempt_group;
	size_t work, nesting; /* done so far, and aliases within aliases: hostile policies are given up */
	bool typed;           /* there are regular expressions: they are compared with a path as it was typed */
	struct kj_regex_set *regexes;
	const struct kj_text *captured; /* cvtsudoers, which stands in for files that were not seen */
	struct sudo_policy *otherwise;  /* what it says, where the files were seen */
};

/* ---- sudoers_files.c ---- */
/* The policy of the files: entries of all of them in order, with what sudo would refuse taken out. */
struct sudo_policy *sudo_policy_of_files(struct kj_host *host, const struct kj_source *source);
/* The policy of the files; where they were not all seen, of a captured cvtsudoers, which reads the same files and tells
   less of them. Never NULL. */
struct sudo_policy *sudo_policy_load(struct kj_host *host);
void sudo_policy_bad(struct sudo_policy *policy, const struct kj_text *text, uint32_t line, uint32_t col,
                     const char *problem);
__attribute__((format(printf, 3, 4))) void sudo_policy_state(struct sudo_policy *policy, enum kj_state state,
                                                             const char *format, ...);
/* Takes one entry. False: a fault that sudo finds in it, which drops the rest of its statement. */
bool sudo_policy_take(struct sudo_policy *policy, const struct kj_text *text, const struct kj_sudo_entry *entry);
/* Counts work; false, and the state is ERROR, once it is too much. */
bool sudo_policy_work(struct sudo_policy *policy, size_t n);
/* Goes one alias deeper; false when that is too deep. */
bool sudo_policy_enter(struct sudo_policy *policy);

/* ---- sudoers_json.c: cvtsudoers -f json ---- */
bool sudo_policy_read_json(struct sudo_policy *policy, const struct kj_text *text);

/* ---- sudoers_people.c ---- */
void sudo_people_load(struct sudo_policy *policy);
/* Works out who is meant by each grant. */
void sudo_people_apply(struct sudo_policy *policy);
struct sudo_people_mask sudo_people_list(struct sudo_policy *policy, const struct kj_sudo_list *list);
/* What a mask says of the account with this index. */
unsigned sudo_people_of(const struct sudo_people_mask *mask, size_t index);
/* Is an account in a group ("wheel", "#10")? */
bool sudo_people_in_group(const struct sudo_policy *policy, size_t account, kj_str group);

/* ---- sudoers_match.c ---- */
unsigned sudo_match_host(struct sudo_policy *policy, const struct kj_sudo_list *hosts);
/* May it be run as this account? */
unsigned sudo_match_runas(struct sudo_policy *policy, const struct kj_sudo_spec *spec, size_t target,
                          kj_str runas_default);
unsigned sudo_match_runas_list(struct sudo_policy *policy, const struct kj_sudo_list *list, size_t target);
/* What is asked about: a command with its arguments; path empty: one that only ALL stands for. */
struct sudo_probe {
	kj_str path, args;
};
unsigned sudo_match_command(struct sudo_policy *policy, const struct kj_sudo_member *command,
                            const struct sudo_probe *probe);
unsigned sudo_match_commands(struct sudo_policy *policy, const struct kj_sudo_list *list,
                             const struct sudo_probe *probe);
/* NOTBEFORE and NOTAFTER on the day of the scan: ALLOW, SILENT or both. */
unsigned sudo_match_time(const struct sudo_policy *policy, const struct kj_sudo_spec *spec);

/* ---- sudoers_defaults.c ---- */
/* Finds out which Defaults sudo takes, and what they mean for matching. */
void sudo_defaults_check(struct sudo_policy *policy);
/* The settings, with their scopes, what they overrode, and the built-in defaults. */
void sudo_defaults_apply(struct sudo_policy *policy, struct kj_resolved *out);
/* The value of a Defaults that is text, for a question; `general`: what it is for everybody. */
kj_str sudo_defaults_text(struct sudo_policy *policy, kj_str name, kj_str general, size_t account, size_t target,
                          const struct sudo_probe *probe);
/* Must an account give a password, by Defaults alone? A mask of ALLOW (yes) and DENY (no). */
unsigned sudo_defaults_authenticate(struct sudo_policy *policy, size_t account, size_t target,
                                    const struct sudo_probe *probe);

/* ---- sudoers_answer.c ---- */
struct sudo_question {
	size_t account, target; /* indices; of those that are not in /etc/passwd: accounts.n */
	struct sudo_probe probe;
};
/* What an answer may be: ALLOW, DENY and SILENT as for lists, and by which entry. */
struct sudo_verdict {
	unsigned may;
	const struct kj_sudo_spec *by; /* the last that may allow it */
	const struct sudo_granted *granted;
	unsigned password; /* where it is allowed: ALLOW one is asked for, DENY none, or both */
};
struct sudo_verdict sudo_ask(struct sudo_policy *policy, const struct sudo_question *question);
/* Can this entry be the one that decides? */
bool sudo_may_decide(struct sudo_policy *policy, const struct sudo_question *question, const struct kj_sudo_spec *spec);
/* Must an account give a password for a command of this entry? As sudo_verdict.password. */
unsigned sudo_password(struct sudo_policy *policy, const struct kj_sudo_spec *spec,
                       const struct sudo_question *question);
/* The account to ask about as root: its index. */
size_t sudo_root_account(const struct sudo_policy *policy);

#endif
