/* The Windows firewall, however it was exported: what netsh, PowerShell and the registry tell in the same words, and its one meaning. */
#ifndef KJ_FIREWALL_DIALECTS_WINDOWS_H
#define KJ_FIREWALL_DIALECTS_WINDOWS_H

#include "firewall/dialect.h"

/* Profiles are kinds of networks. Each interface has one at a time; the network nobody has classed is public. */
enum { KJ_WIN_DOMAIN = 1, KJ_WIN_PRIVATE = 2, KJ_WIN_PUBLIC = 4, KJ_WIN_ALL = 7 };

enum kj_win_truth { KJ_WIN_UNTOLD, KJ_WIN_NO, KJ_WIN_YES };

struct kj_win_profile {
	uint32_t line; /* where its state stands; 0: nowhere */
	kj_str text;
	enum kj_win_truth on;
	bool lets_in,
	        keeps_in; /* default actions: inbound allowed, outbound blocked; Windows' own defaults are the contrary */
	bool shielded; /* lets nothing in, whatever the rules say (BlockInboundAlways, AllowInboundRules false, DoNotAllowExceptions) */
	bool foreign_only; /* takes only rules of group policy (AllowLocalFirewallRules false, AllowLocalPolicyMerge 0) */
};

enum kj_win_action { KJ_WIN_UNTOLD_ACTION, KJ_WIN_ALLOW, KJ_WIN_BLOCK, KJ_WIN_BYPASS };

struct kj_win_words {
	KJ_VEC(kj_str) at;
};

/* An active rule. Lists that are empty, or hold "Any" or "*", hold everything. */
struct kj_win_rule {
	uint32_t line;
	kj_str text;
	enum kj_win_action action;
	bool in, out; /* its direction; both: not told */
	unsigned profiles;
	kj_str protocol; /* name or number; empty: any */
	struct kj_win_words local_ports, remote_ports, local, remote;
	struct kj_win_words icmp; /* "8:0", "3:*" */
	struct kj_win_words only; /* what else a packet must be: a program's, a service's, of a kind of interface … */
	bool programs_hidden;     /* the export does not tell whether it is for one program */
	enum kj_win_truth local_source; /* made on the machine (and not by group policy)? */
};

struct kj_win_firewall {
	struct kj_arena *arena;
	const struct kj_text *text;
	KJ_VEC(struct kj_win_rule) rules;
	struct kj_win_profile profile[3]; /* domain, private, public */
	unsigned active;                  /* the profiles that networks have just now; 0: not told */
	KJ_VEC(struct kj_fw_note) notes;
	bool partial; /* there are rules or settings that could not be read (a note tells): nothing is certain */
};

/* Splits at commas (and white space) into words. */
void kj_win_split(struct kj_arena *arena, struct kj_win_words *words, kj_str list);
/* The profiles that a list such as "Domain,Private" or "ドメイン,パブリック" names; 0: none that we know. */
unsigned kj_win_profiles(kj_str list);
__attribute__((format(printf, 3, 4))) void kj_win_note(struct kj_win_firewall *fw, uint32_t line, const char *format,
                                                       ...);

/* The ruleset: interfaces are named for the profile of their network ("Domain", "Private", "Public"; any other is public). Block rules come before
   allow rules, authenticated bypass before both, then the profile's default.
   https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/rules */
struct kj_fw_ruleset *kj_win_ruleset(const struct kj_win_firewall *fw, const char *dialect);

#endif
