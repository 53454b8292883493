/* Rules in the words of nft(8) and libnftables-json(5): what the text and the JSON of `nft list ruleset` share. A reader of either form calls these in
   the order of the dump; texts are those of the dump and must live as long as the ruleset. */
#ifndef KJ_FIREWALL_DIALECTS_NFT_H
#define KJ_FIREWALL_DIALECTS_NFT_H

#include "firewall/dialect.h"

/* --- what is looked at (nft_keys.c) --- */

/* How values are written, and what they become in the model. */
enum kj_nft_type {
	KJ_NFT_OTHER, /* none that the model has */
	KJ_NFT_IPV4,
	KJ_NFT_IPV6,
	KJ_NFT_PORT,
	KJ_NFT_PROTO,
	KJ_NFT_IFNAME,
	KJ_NFT_IFINDEX,
	KJ_NFT_MARK,
	KJ_NFT_MAC,
	KJ_NFT_ICMP_TYPE,
	KJ_NFT_ICMPV6_TYPE,
	KJ_NFT_ICMP_CODE,
	KJ_NFT_ICMPV6_CODE,
	KJ_NFT_FAMILY,
	KJ_NFT_ETHER_TYPE,
	KJ_NFT_ADDR_TYPE,
	KJ_NFT_PKT_TYPE,
	KJ_NFT_DIRECTION,
	KJ_NFT_STATE, /* this and the next two are sets of bits */
	KJ_NFT_STATUS,
	KJ_NFT_FLAGS,
	KJ_NFT_TTL, /* these are what senders choose: kj_fw_test_odd */
	KJ_NFT_LENGTH,
	KJ_NFT_DSCP,
	KJ_NFT_FRAGMENT,
	KJ_NFT_HEADER /* an extension header that ordinary packets do not have */
};

#define KJ_NFT_BEYOND (-1)

/* "ip saddr", "meta mark", "ct state" … */
struct kj_nft_key {
	enum kj_nft_type type;
	int field;            /* enum kj_fw_field, or KJ_NFT_BEYOND */
	unsigned char family; /* only packets of this family have it: 4, 6; 0: all */
	short proto;          /* only packets of this protocol have it; -1: all */
	bool ports;           /* th: means ports only where the protocol has them */
};

/* A key of one word and one word, such as "tcp" "dport". What is not known is beyond the model, with the family and protocol that it implies. */
struct kj_nft_key kj_nft_key_of(kj_str head, kj_str field);
/* fib: what is looked up ("daddr", or several) and what of it ("type", "oif"). */
struct kj_nft_key kj_nft_key_fib(kj_str what, bool several, kj_str result);
/* An expression that ordinary packets do not answer to: exthdr, rt, frag …; or one beyond the model. */
struct kj_nft_key kj_nft_key_other(kj_str head);
/* By the name of a data type ("inet_service"), for the elements of sets. */
enum kj_nft_type kj_nft_type_named(kj_str name);

enum kj_nft_got {
	KJ_NFT_STRANGE, /* not understood */
	KJ_NFT_NEVER,   /* no packet of the model has it */
	KJ_NFT_VALUE
};
/* Reads "22", "80-90", "10.0.0.0/8", "eth*", "echo-request" … */
enum kj_nft_got kj_nft_encode(struct kj_fw_ruleset *rs, enum kj_nft_type type, kj_str text, struct kj_fw_interval *out);
/* Reads "syn,ack", "syn | ack", 0x12 … for the types that are sets of bits. */
bool kj_nft_bits(enum kj_nft_type type, kj_str text, unsigned *bits);
/* A plain number, decimal or hexadecimal. */
bool kj_nft_number(kj_str text, uint64_t *out);
/* The bit of nft for a state of the model. */
unsigned kj_nft_state_bit(enum kj_fw_state state);

/* --- what it is compared with --- */

/* An element of a set or map, or one value: a tuple of texts. "*" alone: everything that no other element has. */
struct kj_nft_element {
	uint32_t line;
	unsigned n, data_n;
	kj_str part[KJ_FW_DIMS];
	/* maps: what it leads to */
	bool has_verdict;
	enum kj_fw_verdict verdict;
	kj_str target;
	kj_str data[2]; /* an address, a port, or both */
	bool limited;   /* has a limit or quota of its own */
};

enum kj_nft_op {
	KJ_NFT_IS,
	KJ_NFT_EQ,
	KJ_NFT_NE,
	KJ_NFT_LT,
	KJ_NFT_GT,
	KJ_NFT_LE,
	KJ_NFT_GE,
	KJ_NFT_NONE_OF,
	KJ_NFT_OPS
};

/* KEY [& MASK] OP VALUE. KJ_NFT_IS is what stands for no operator: any of the bits, or the value. */
struct kj_nft_match {
	kj_str text; /* as written */
	unsigned n;  /* keys: more than one is a concatenation */
	struct kj_nft_key key[KJ_FW_DIMS];
	enum kj_nft_op op;
	kj_str mask; /* empty: none */
	kj_str set;  /* the name of a set or map; empty: `elements` */
	bool braces; /* { … }: exact values */
	bool unread; /* has something that was not understood */
	KJ_VEC(struct kj_nft_element) elements;
};

struct kj_nft_nat {
	kj_str text;
	bool destination;               /* dnat and redirect, else snat and masquerade */
	bool to_self;                   /* redirect */
	unsigned char family;           /* 4, 6, or 0: not said */
	kj_str addr, port;              /* empty: unchanged */
	bool unknown;                   /* to something that was not understood */
	const struct kj_nft_match *map; /* … or looked up by these keys */
	bool map_port;                  /* the map gives the port */
};

/* What a mark is set to. */
struct kj_nft_marking {
	bool known;           /* else something that the model does not know */
	bool copy;            /* the other mark */
	uint32_t value, mask; /* (mark & ~mask) ^ value */
};
/* A number for a mark; false when it is none of 32 bits. */
bool kj_nft_mark_number(kj_str text, uint32_t *out);
/* One more step of the computation: '&', '|' or '^' and its number. */
void kj_nft_mark_step(struct kj_nft_marking *marking, char sign, uint32_t bits);

/* --- building (nft_build.c) --- */

struct kj_nft_table {
	kj_str name; /* with the family: "inet filter" */
	unsigned families;
	bool outside; /* arp, bridge */
	bool dormant; /* its chains are not at their hooks */
	bool doubt;   /* whether it is dormant is not known */
};

struct kj_nft_set {
	struct kj_fw_set *set;
	unsigned n;
	enum kj_nft_type type[KJ_FW_DIMS];
	bool map, limited;
	KJ_VEC(struct kj_nft_element) elements; /* of maps */
};

struct kj_nft {
	struct kj_fw_ruleset *rs;
	struct kj_map tables, sets;
	struct kj_nft_table *table;
	struct kj_fw_chain *chain;
	const struct kj_fw_set *family_is[7], *proto_is[256]; /* sets of one value, shared by the rules */
	kj_str elsewhere;                                     /* the first command that adds rules from elsewhere */
	uint32_t elsewhere_line;
	/* the rule at work */
	struct kj_fw_rule draft;
	bool done;       /* has its verdict */
	bool connection; /* is about packets of connections: already tested */
	bool ports;      /* is about protocols with ports only */
	unsigned family; /* 4, 6: already tested */
	short proto;     /* already tested */
};

struct kj_nft *kj_nft_new(struct kj_arena *arena, const struct kj_text *text, const char *dialect);
/* The last words: notes what is missing. */
void kj_nft_finish(struct kj_nft *nft);
/* The dump ends too early: whatever it would have said may close what is open. */
void kj_nft_cut_short(struct kj_nft *nft, uint32_t line);
/* Rules come from elsewhere (include, add rule …): every base chain may do anything. */
void kj_nft_elsewhere(struct kj_nft *nft, uint32_t line, kj_str text);

/* What follows is of this table. */
struct kj_nft_table *kj_nft_enter(struct kj_nft *nft, kj_str family, kj_str name, uint32_t line);

/* A set or map of the table, empty for now; an element of it. */
struct kj_nft_set *kj_nft_set(struct kj_nft *nft, kj_str name, uint32_t line, bool map);
void kj_nft_set_add(struct kj_nft *nft, struct kj_nft_set *set, const struct kj_nft_element *element);

/* Declares a chain of the table; the rules that follow are its. */
void kj_nft_chain(struct kj_nft *nft, kj_str name, uint32_t line);
/* Hooks it in. `type`: filter, nat, route. */
void kj_nft_hook(struct kj_nft *nft, kj_str type, kj_str hook, int64_t priority);
void kj_nft_policy(struct kj_nft *nft, kj_str policy, uint32_t line, kj_str text);
/* "filter", "dstnat" … */
bool kj_nft_priority(kj_str name, int64_t *priority);

void kj_nft_rule_begin(struct kj_nft *nft, uint32_t line, kj_str text);
void kj_nft_rule_end(struct kj_nft *nft);
void kj_nft_verdict(struct kj_nft *nft, enum kj_fw_verdict verdict, kj_str target);
/* Rejects `with` "icmp", "icmpv6", "icmpx", "tcp reset", or nothing told. Such an answer tells what the rule is about: nft
   leaves the test of the family out where it prints one. */
void kj_nft_reject(struct kj_nft *nft, kj_str with);
void kj_nft_vmap(struct kj_nft *nft, const struct kj_nft_match *match);
void kj_nft_nat(struct kj_nft *nft, const struct kj_nft_nat *nat);
/* A match or a limit that the model does not have. */
void kj_nft_beyond(struct kj_nft *nft, kj_str what);
/* A statement that may do anything with the packet. Ends the rule. */
void kj_nft_strange(struct kj_nft *nft, kj_str what);
/* add, update and delete @set { … }: its elements come and go. */
void kj_nft_dynamic(struct kj_nft *nft, kj_str set, bool removes, kj_str what);
/* Sets the mark of the packet (KJ_FW_MARK) or of the connection (KJ_FW_CTMARK). */
void kj_nft_set_mark(struct kj_nft *nft, enum kj_fw_field field, const struct kj_nft_marking *marking);
void kj_nft_untrack(struct kj_nft *nft);
/* Writes into the packet: `key` tells what. */
void kj_nft_write(struct kj_nft *nft, const struct kj_nft_key *key, kj_str what);
/* A compatibility expression of iptables-nft. */
void kj_nft_xt(struct kj_nft *nft, bool target, kj_str name, kj_str what);

/* --- matches (nft_match.c) --- */

/* Adds the tests of one match. */
void kj_nft_match(struct kj_nft *nft, struct kj_nft_match *match);
/* What was assigned so far becomes a rule of its own: to be called before every match. */
void kj_nft_settle(struct kj_nft *nft);
/* The tests that every packet passes that has the keys at all. */
void kj_nft_depend(struct kj_nft *nft, const struct kj_nft_match *match);
/* Adds the test for one element of a map; false: it never matches. What is not understood makes the rule "maybe". */
bool kj_nft_test_element(struct kj_nft *nft, const struct kj_nft_match *match, const struct kj_nft_element *element);
/* Adds the test that no element of the map has it. */
void kj_nft_test_none(struct kj_nft *nft, const struct kj_nft_match *match, const struct kj_nft_element *at, size_t n);
/* The set or map of that name in the table; NULL where there is none. */
struct kj_nft_set *kj_nft_find_set(const struct kj_nft *nft, kj_str name);
/* Appends the intervals of an element. */
enum kj_nft_got kj_nft_add_element(struct kj_nft *nft, struct kj_fw_set *set, const enum kj_nft_type *types, unsigned n,
                                   const struct kj_nft_element *element);

#endif
