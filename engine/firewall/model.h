/* The rule model: what every firewall dialect becomes, and the one thing that the analysis reads.
 *
 * A ruleset is what one dump says. It holds chains; a chain holds rules; a rule is
 *
 *     IF all tests hold (an AND; none: every packet) THEN verdict
 *
 * and rules are tried in order: FIRST MATCH WINS. A chain that is hooked into the packet's way (a base chain) has a
 * hook, a priority and a policy (the verdict at its end); any other chain is entered by jump or goto, and its end
 * returns to the caller.
 *
 * The way of a packet, and so which base chains it meets, is that of Linux (base chains of one hook in the order of
 * their priority, then of their making, or (`latest_first`) against it; `accept` ends one base chain and goes on to the
 * next; drop is final; no base chain at a hook: accepted):
 *     input    PREROUTING, INPUT
 *     forward  PREROUTING, FORWARD, POSTROUTING
 *     output   OUTPUT, POSTROUTING
 * A base chain at PREROUTING or OUTPUT with a priority below -200 (KJ_FW_PRIORITY_CONNTRACK) runs before connections
 * are tracked.
 *
 * How other kinds of firewall become this one:
 *   access list on an interface   a base chain at PREROUTING (in) or POSTROUTING (out), policy accept, rule {IIF or OIF
 *                                 is that interface} goto the list's chain, which ends in an explicit drop rule (line
 *                                 of the list's last entry, text "implicit deny"). Control-plane lists: INPUT.
 *   zone pairs                    a base chain at FORWARD whose rules test IIF and OIF; where the interfaces of a zone
 *                                 are not known, the zone's name serves as the interface's. Host-inbound: INPUT.
 *   last match (pf)               the same packet set as first match over: the `quick` rules in their order, then the
 *                                 others in reverse; with anchors written in place (their condition added to each inner
 *                                 rule). Policy accept.
 *   security groups               base chains at INPUT and OUTPUT, allow rules in any order, policy drop.
 *   network ACLs                  by rule number, policy drop.
 *   block beats allow (Windows)   block rules first, then allow rules, then the profile's default as policy.
 *   maps and verdict maps         one rule for each element, with the line of the rule (or of the element).
 *
 * What a dialect cannot express exactly it must never leave out:
 *   - a match beyond the model: kj_fw_beyond(). The rule then matches AT MOST what its other tests say, and maybe less:
 *     what it accepts or drops becomes "maybe".
 *   - a verdict beyond the model: KJ_FW_UNSURE (may accept, may drop, may go on).
 *   - a line that is a rule but cannot be read: kj_fw_unreadable(): a rule without tests and with KJ_FW_UNSURE.
 * All three leave a note with the line, which is printed. A line that has no bearing on what is accepted (logging,
 * counters, comments) needs none.
 *
 * Everything lives in the ruleset's arena; views (rule text, names) point into the dump's text, which must live as
 * long.
 */
#ifndef KJ_FIREWALL_MODEL_H
#define KJ_FIREWALL_MODEL_H

#include "base/addr.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"

#include <stdint.h>

/* What a test looks at. The order is that of the variables in the decision diagrams (bdd.h): addresses before ports is
   the fast one. */
enum kj_fw_field {
	/* 4 or 6. Needed only where a rule of a chain for both families speaks of one: a test on an address set without any
	   address of the family is false by itself, but its negation is true. */
	KJ_FW_FAMILY,
	KJ_FW_STATE, /* enum kj_fw_state */
	KJ_FW_PROTO, /* 0..255, IANA protocol number */
	KJ_FW_IIF,   /* the interface it came in by (or its zone): kj_fw_test_iface */
	KJ_FW_SRC,   /* addresses */
	KJ_FW_DST,   /* addresses; as the rule sees it, i.e. after DNAT */
	/* tcp, udp, sctp, dccp, udplite: destination port. ICMP: type * 256 + code. Others: 0. A dialect adds the test on
	   PROTO that belongs to it. */
	KJ_FW_DPORT,
	/* TCP flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32; 0 for other protocols. kj_fw_test_flags */
	KJ_FW_FLAGS,
	KJ_FW_OIF,      /* the interface it leaves by */
	KJ_FW_SPORT,    /* source port, as DPORT; 0 for ICMP and others */
	KJ_FW_SRC_TYPE, /* enum kj_fw_addr_type of the source and of the destination */
	KJ_FW_DST_TYPE,
	KJ_FW_MAC,    /* source MAC address, 48 bits */
	KJ_FW_MARK,   /* mark of the packet, 32 bits: 0 until a rule assigns it: kj_fw_test_mark, kj_fw_assign_mark */
	KJ_FW_CTMARK, /* mark of the connection: 0 until a rule assigns it */
	KJ_FW_DNATED, /* 1 when the destination was rewritten, else 0 (ctstate DNAT, ct status dnat) */
	KJ_FW_ODD,    /* KJ_FW_ODDS fields for what a sender may do but plain packets do not: kj_fw_test_odd */
	KJ_FW_FIELDS = KJ_FW_ODD + 6
};
enum { KJ_FW_ODDS = KJ_FW_FIELDS - KJ_FW_ODD };

enum kj_fw_state { KJ_FW_NEW, KJ_FW_ESTABLISHED, KJ_FW_RELATED, KJ_FW_INVALID, KJ_FW_UNTRACKED, KJ_FW_STATES };

/* As RTN_* of rtnetlink(7). Directed broadcast addresses, which no dump tells, are stood for by 255.255.255.255. */
enum kj_fw_addr_type {
	KJ_FW_TYPE_UNSPEC,
	KJ_FW_TYPE_UNICAST,
	KJ_FW_TYPE_LOCAL,
	KJ_FW_TYPE_BROADCAST,
	KJ_FW_TYPE_ANYCAST,
	KJ_FW_TYPE_MULTICAST,
	KJ_FW_TYPE_OTHER, /* blackhole, unreachable, prohibit … */
	KJ_FW_TYPES
};

/* --- sets --- */

/* A value: numbers and IPv4 addresses in `lo` (IPv4 as a 32-bit number), IPv6 in both. */
struct kj_fw_key {
	uint64_t hi, lo;
};

struct kj_fw_interval {
	struct kj_fw_key first, last; /* inclusive */
	unsigned char version;        /* addresses: 4 or 6; numbers: 0 */
	bool any;                     /* every value: a don't-care in a tuple */
};

/* A set of intervals, or (dims > 1) of tuples of intervals: `at` then holds dims intervals for each tuple. One interval
   may overlap another. */
struct kj_fw_set {
	kj_str name;   /* empty for a set without one */
	kj_str type;   /* in the words of the dialect; for its own use */
	uint32_t line; /* where it was declared; 0: nowhere */
	uint32_t used; /* the first line that uses it by name; 0: none */
	unsigned dims; /* 1 unless told otherwise */
	bool declared; /* its elements are known; a set that is used and never declared makes its tests "maybe" */
	bool partial;  /* not all elements are known: what is listed is certainly in, anything else may be */
	KJ_VEC(struct kj_fw_interval) at;
	KJ_VEC(struct kj_fw_interval) except; /* taken out of `at` (nomatch, !); as many dims */
};

#define KJ_FW_DIMS 5

/* --- rules --- */

/* Holds when the tuple of the packet's fields is in the set, or, negated, when it is not. */
struct kj_fw_test {
	unsigned char dims;
	bool negated;
	unsigned char field[KJ_FW_DIMS]; /* enum kj_fw_field */
	const struct kj_fw_set *set;
};

enum kj_fw_verdict {
	KJ_FW_ACCEPT,   /* ends this base chain, the next one goes on */
	KJ_FW_DROP,     /* final */
	KJ_FW_REJECT,   /* final, with an answer to the sender; closed all the same */
	KJ_FW_RETURN,   /* back to the caller; in a base chain: its policy */
	KJ_FW_JUMP,     /* to `target`; what comes back goes on with the next rule */
	KJ_FW_GOTO,     /* to `target`; what comes back goes to the caller of this chain */
	KJ_FW_CONTINUE, /* no verdict (log, count, and the bearer of `assign`s): the next rule */
	KJ_FW_UNSURE,   /* beyond the model: may accept, may drop, may go on */
	KJ_FW_REWRITE,  /* `rewrite` the destination, then as accept */
	KJ_FW_VERDICTS
};

/* Sets a field for the rules that follow (mark, notrack). Done when the rule matches, before its verdict. */
struct kj_fw_assign {
	enum kj_fw_field field; /* KJ_FW_MARK, KJ_FW_CTMARK or KJ_FW_STATE */
	bool unknown;           /* to a value the model does not know */
	bool copy;              /* one mark takes the value of the other; value and mask do not count */
	uint64_t value, mask;   /* new = (old & ~mask) ^ value; all ones in `mask`: new = value */
};

/* A new destination (DNAT, REDIRECT, virtual IP). A choice among several values: any of them may come. */
struct kj_fw_rewrite {
	bool to_self;                 /* to an address of this host (REDIRECT); `addr` is NULL then */
	bool unknown;                 /* to an address that is not known */
	const struct kj_fw_set *addr; /* new addresses, or NULL: unchanged */
	bool has_port;
	uint16_t port_first, port_last;
};

struct kj_fw_chain;

struct kj_fw_rule {
	uint32_t line;  /* in the dump, from 1; 0: implied by the dialect */
	uint32_t index; /* counts all rules of the ruleset, in order of their making */
	kj_str text;    /* as written, trimmed */
	enum kj_fw_verdict verdict;
	struct kj_fw_chain *chain, *target; /* where it stands; JUMP, GOTO: where it leads */
	bool maybe;                         /* has a match beyond the model */
	KJ_VEC(struct kj_fw_test) tests;
	KJ_VEC(struct kj_fw_assign) assigns;
	const struct kj_fw_rewrite *rewrite;
};

/* --- chains --- */

enum kj_fw_hook {
	KJ_FW_PREROUTING,
	KJ_FW_INPUT,
	KJ_FW_FORWARD,
	KJ_FW_OUTPUT,
	KJ_FW_POSTROUTING,
	KJ_FW_HOOKS,
	KJ_FW_NO_HOOK = KJ_FW_HOOKS
};

enum {
	KJ_FW_PRIORITY_RAW = -300,
	KJ_FW_PRIORITY_CONNTRACK = -200,
	KJ_FW_PRIORITY_MANGLE = -150,
	KJ_FW_PRIORITY_DSTNAT = -100,
	KJ_FW_PRIORITY_FILTER = 0,
	KJ_FW_PRIORITY_SECURITY = 50,
	KJ_FW_PRIORITY_SRCNAT = 100
};

enum { KJ_FW_V4 = 1, KJ_FW_V6 = 2, KJ_FW_V46 = 3 };

struct kj_fw_chain {
	kj_str table, name; /* a name is unique in its table */
	uint32_t line;      /* of the declaration, or 0 */
	uint32_t used;      /* the first line that jumps here; 0: none */
	uint32_t index;     /* counts the chains of the ruleset */
	bool declared;      /* else: only jumped to. Entering it is KJ_FW_UNSURE */
	KJ_VEC(struct kj_fw_rule *) rules;
	/* base chains only */
	enum kj_fw_hook hook; /* KJ_FW_NO_HOOK: not a base chain */
	int priority;
	unsigned families;         /* KJ_FW_V4 | KJ_FW_V6 */
	bool nat;                  /* sees only the first packet of tracked connections, once rewritten not again */
	enum kj_fw_verdict policy; /* ACCEPT, DROP, REJECT or UNSURE */
	uint32_t policy_line;      /* where the policy stands; 0: implied */
	kj_str policy_text;        /* that line, or words such as "default policy accept" */
};

/* --- the ruleset --- */

struct kj_fw_note {
	uint32_t line; /* 0: the dump as a whole */
	kj_str what;   /* plain words; no capital, no full stop */
};

/* A name of an interface, or with `wildcard` the beginning of names ("eth" for eth+, eth*; "" for every interface). */
struct kj_fw_iface {
	kj_str name;
	bool wildcard;
};

/* A test of some bits of the mark; its set is filled once all marks are known. */
struct kj_fw_mark_test {
	struct kj_fw_set *set;
	uint32_t line;
	uint32_t value, mask;
};

#define KJ_FW_RECENT 256

struct kj_fw_ruleset {
	struct kj_arena *arena;
	const struct kj_text *text;        /* the artifact, or several that were joined */
	const struct kj_fw_joined *joined; /* which ones (join.h); NULL: one */
	kj_str dialect;                    /* e.g. "iptables-save" */
	kj_str name;       /* where one text holds several: of this one, e.g. a security group's id; or empty */
	bool latest_first; /* of base chains of one hook and priority the one made last comes first */
	unsigned families; /* the dump speaks about these: with no base chain at a hook for one of them, it is open */
	KJ_VEC(struct kj_fw_chain *) chains;
	KJ_VEC(struct kj_fw_rule *) rules;
	KJ_VEC(struct kj_fw_iface) ifaces; /* [0]: any interface the dump does not name; its name is "*" */
	KJ_VEC(struct kj_fw_note) notes;
	KJ_VEC(uint32_t)
	marks;           /* every mark that a packet or a connection can have, the first is 0; made by kj_fw_finish */
	bool marks_open; /* … and others that are not known */
	KJ_VEC(struct kj_fw_mark_test) mark_tests;
	kj_str odd[KJ_FW_ODDS]; /* the texts that the fields KJ_FW_ODD + i stand for */
	const struct kj_fw_set
	        *recent[KJ_FW_RECENT]; /* sets of one interval, by hash: rules share them, for there are many alike */
	struct kj_map chain_by_name, set_by_name, iface_by_name;
	size_t notes_dropped; /* beyond KJ_FW_NOTE_MAX */
};

#define KJ_FW_NOTE_MAX 10000

/* --- building: for dialects --- */

/* A ruleset without chains. `families`: KJ_FW_V4, KJ_FW_V6 or both. */
struct kj_fw_ruleset *kj_fw_ruleset_new(struct kj_arena *arena, const struct kj_text *text, const char *dialect,
                                        unsigned families);

/* The chain of that name, made (not declared) when it was not there: so a rule can jump to a chain that comes later. */
struct kj_fw_chain *kj_fw_chain(struct kj_fw_ruleset *rs, kj_str table, kj_str name);
/* The chain of that name if a rule or a declaration has named it already, else NULL. */
struct kj_fw_chain *kj_fw_chain_find(const struct kj_fw_ruleset *rs, kj_str table, kj_str name);
/* Declares it: an ordinary chain (declared twice: a note, and the rules go on in the one chain) … */
struct kj_fw_chain *kj_fw_chain_declare(struct kj_fw_ruleset *rs, kj_str table, kj_str name, uint32_t line);
/* … or makes a declared chain a base chain, with policy accept until the caller sets ->policy, ->policy_line and
   ->policy_text. */
void kj_fw_base(struct kj_fw_chain *chain, enum kj_fw_hook hook, int priority, unsigned families);

/* A new last rule of the chain: no tests, no effect (KJ_FW_CONTINUE) until the caller says more. `text`: the rule as
   written, trimmed. */
struct kj_fw_rule *kj_fw_rule(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, uint32_t line, kj_str text);
/* The verdict jump or goto. */
void kj_fw_rule_to(struct kj_fw_rule *rule, enum kj_fw_verdict verdict, struct kj_fw_chain *target);

/* Adds a test (AND). A set may be shared between rules. */
void kj_fw_test(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                const struct kj_fw_set *set);
void kj_fw_test_num(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                    uint64_t first, uint64_t last);
void kj_fw_test_addr(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                     const struct kj_range *range);
/* `name` as in struct kj_fw_iface; field is KJ_FW_IIF or KJ_FW_OIF. For sets of interfaces see kj_fw_iface_id. */
void kj_fw_test_iface(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field field, bool negated,
                      kj_str name, bool wildcard);
/* (flags & mask) == value, on KJ_FW_FLAGS. */
void kj_fw_test_flags(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, unsigned mask, unsigned value);
/* An ICMP type with codes first..last (0..255: every code), on KJ_FW_DPORT. */
void kj_fw_test_icmp(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, unsigned type,
                     unsigned code_first, unsigned code_last);
/* The tuple of `n` fields is in a set of n dims. */
void kj_fw_test_tuple(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, const enum kj_fw_field *fields, unsigned n,
                      bool negated, const struct kj_fw_set *set);
/* Either of two fields is in `set` (one dim): "source or destination port is …". */
void kj_fw_test_either(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, enum kj_fw_field a, enum kj_fw_field b,
                       bool negated, const struct kj_fw_set *set);

/* A match that the model does not have: what the rule matches becomes "maybe", and a note says "'WHAT' is not
   evaluated". */
void kj_fw_beyond(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, kj_str what);
/* A line of a chain that cannot be read, with why: an unsure rule and a note. */
struct kj_fw_rule *kj_fw_unreadable(struct kj_fw_ruleset *rs, struct kj_fw_chain *chain, uint32_t line, kj_str text,
                                    const char *why);
/* A note. The text is formatted into the arena. */
__attribute__((format(printf, 3, 4))) void kj_fw_note(struct kj_fw_ruleset *rs, uint32_t line, const char *format, ...);

/* The packet belongs to a connection: those that are invalid or untracked do not. */
void kj_fw_test_connected(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule);
/* (mark & mask) == value, of the packet or of its connection (without one, negated or not, it does not hold). */
void kj_fw_test_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, uint32_t value, uint32_t mask);
void kj_fw_test_connmark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool negated, uint32_t value,
                         uint32_t mask);
/* A match on something that the sender chooses and that the first packets of ordinary connections all have alike
   (`plain`: they match, or they do not): TTL, length, DSCP, IPv6 extension headers. What only odd packets reach is
   "maybe"; what plain ones do is certain. Equal texts are one thing; the first KJ_FW_ODDS different ones are told
   apart, the rest are kj_fw_beyond(). */
void kj_fw_test_odd(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, bool plain, kj_str what);

/* The rule exempts from connection tracking (NOTRACK). */
void kj_fw_assign_untracked(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule);
/* mark = (mark & ~mask) ^ value; or a value that is not known (restored from the connection, looked up …). */
void kj_fw_assign_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, uint32_t value, uint32_t mask);
void kj_fw_assign_mark_unknown(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule);
/* The same for the connection's mark; the connection's mark := the packet's (save), or the other way (restore: the rule
   is then one for packets that belong to a connection). */
void kj_fw_assign_connmark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, uint32_t value, uint32_t mask);
void kj_fw_assign_connmark_unknown(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule);
void kj_fw_save_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule);
void kj_fw_restore_mark(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule);
/* Makes the verdict KJ_FW_REWRITE. */
void kj_fw_rewrite(struct kj_fw_ruleset *rs, struct kj_fw_rule *rule, struct kj_fw_rewrite rewrite);

/* A set without a name. */
struct kj_fw_set *kj_fw_set(struct kj_fw_ruleset *rs, unsigned dims);
/* The set of that name (give it the table's name too where names are per table), made undeclared when it was not there:
   a rule may use it before its elements come. Declare it with ->declared = true, ->line and ->dims. `line`: the rule
   that uses it, or 0. */
struct kj_fw_set *kj_fw_set_named(struct kj_fw_ruleset *rs, kj_str name, uint32_t line);
/* Adds an element, or one part of a tuple: dims calls in the order of the dims make one element. */
void kj_fw_set_num(struct kj_fw_ruleset *rs, struct kj_fw_set *set, uint64_t first, uint64_t last);
void kj_fw_set_addr(struct kj_fw_ruleset *rs, struct kj_fw_set *set, const struct kj_range *range);
void kj_fw_set_any(struct kj_fw_ruleset *rs, struct kj_fw_set *set);
struct kj_fw_interval kj_fw_interval_addr(const struct kj_range *range);
struct kj_fw_interval kj_fw_interval_num(uint64_t first, uint64_t last);
/* Back to an address. */
struct kj_range kj_fw_interval_range(const struct kj_fw_interval *interval);

/* The number of an interface name for sets on KJ_FW_IIF and KJ_FW_OIF. */
uint32_t kj_fw_iface_id(struct kj_fw_ruleset *rs, kj_str name, bool wildcard);
/* The number under which the rules know a real interface: that of its name, of the longest beginning that fits, or 0
   (any other). */
uint32_t kj_fw_iface_find(const struct kj_fw_ruleset *rs, kj_str name);

/* To be called once after the last line: notes what is used and nowhere declared, works out the marks. */
void kj_fw_finish(struct kj_fw_ruleset *rs);

/* Whether some rule rewrites destinations: rules that follow see others than the sender wrote. */
bool kj_fw_rewrites(const struct kj_fw_ruleset *rs);

/* --- words --- */

/* "input", "forward" …; "accept", "drop" … */
const char *kj_fw_hook_name(enum kj_fw_hook hook);
const char *kj_fw_verdict_name(enum kj_fw_verdict verdict);

#endif
