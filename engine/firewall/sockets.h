/* What listens on a host, joined with what its firewall lets in: open and listening, open and nobody listens, listening and closed. */
#ifndef KJ_FIREWALL_SOCKETS_H
#define KJ_FIREWALL_SOCKETS_H

#include "firewall/analysis.h"

/* A line of ss or netstat in words, as the parsers of those give them; an object of PowerShell; a port of nmap. */
struct kj_fw_socket_row {
	kj_str proto; /* tcp, udp, sctp, dccp, udplite; rows of any other protocol are not listeners and are left out */
	kj_str address; /* without brackets and interface; "*" or empty: every address of both versions */
	kj_str port;    /* a number or a service name; "*": none */
	kj_str state; /* LISTEN (or LISTENING, Listen, 2) and UNCONN wait for others; empty: not told, taken for waiting */
	kj_str interface; /* bound to this interface only; or empty */
	kj_str process;   /* names, or whatever tells whose it is; or empty */
	bool unsure;      /* it may be that nobody listens there */
	uint32_t line;
};

struct kj_fw_socket {
	unsigned char proto;
	unsigned versions; /* KJ_FW_V4, KJ_FW_V6 or both: the connections it takes */
	unsigned perhaps;  /* versions that it may take as well: "::" is both on some systems and not on others */
	bool every;        /* on every address of these versions; else `address` */
	struct kj_addr address;
	bool loopback; /* takes nothing from other machines */
	bool unsure;   /* may not be there */
	uint16_t port;
	kj_str interface, process;
	uint32_t line;
};

struct kj_fw_sockets {
	struct kj_arena *arena;
	const struct kj_text *text; /* the artifact */
	KJ_VEC(struct kj_fw_socket) at;
	KJ_VEC(struct kj_fw_note)
	unread; /* rows that may be of listeners and could not be read: then nothing can be said to be silent */
	bool scanned; /* seen by a scan from elsewhere, which sees only what is reachable from there: nothing is silent for certain */
	size_t hosts; /* of a scan: how many answered */
};

/* Adds a row where it is of a listener. */
void kj_fw_sockets_add(struct kj_fw_sockets *sockets, const struct kj_fw_socket_row *row);

/* Adds the objects of Get-NetTCPConnection and Get-NetUDPEndpoint from JSON (as ConvertTo-Json writes them; sockets->text). `untold`: the protocol of
   objects cut down to an address and a port, which tell none ("tcp", "udp"; empty: they cannot be read). False when something could not be read: see
   ->unread, and diags for what is no JSON. */
bool kj_fw_sockets_json(struct kj_fw_sockets *sockets, kj_str untold, struct kj_diags *diags);

/* Adds the open ports that nmap saw (nmap -oX: https://nmap.org/book/nmap-dtd.html), those of `host` alone where it is not
   NULL. What is open|filtered is unsure; so is everything when several hosts are in it. A scan of the loopback does not
   tell on which addresses a program listens. False when it is no XML: see diags. */
bool kj_fw_sockets_nmap(struct kj_fw_sockets *sockets, const struct kj_fw_set *host, struct kj_diags *diags);

/* Notes that a listener may be missing: "WHY 'WHAT'". */
void kj_fw_sockets_leave(struct kj_fw_sockets *sockets, uint32_t line, const char *why, kj_str what);

enum kj_fw_meeting {
	KJ_FW_OPEN_LISTENING, /* the firewall lets it in and a program takes it */
	KJ_FW_OPEN_SILENT,    /* let in, and nobody listens: a program started tomorrow is open at once */
	KJ_FW_SHUT,           /* a program listens and the firewall lets nobody in */
	KJ_FW_LOCAL           /* a program listens on the loopback only: no firewall needed */
};

struct kj_fw_met {
	enum kj_fw_meeting kind;
	unsigned char proto;
	uint16_t first, last;              /* ports; one port unless OPEN_SILENT */
	const struct kj_fw_part *part;     /* what the firewall says: senders, deciding rules; NULL: SHUT, LOCAL */
	const struct kj_fw_socket *socket; /* NULL: OPEN_SILENT */
	bool certain; /* false: may be so: the firewall's answer is not certain, it says nothing of a version that the socket takes, or it is not
	                 certain that the socket takes these packets */
};

struct kj_fw_met_list {
	KJ_VEC(struct kj_fw_met) at;
};

/* Joins the answer for new connections to the host itself (both families in one answer, as a survey gives them) with all its listeners. By protocol and
   port. `families`: what the dumps speak about (struct kj_fw_ruleset). Where a part holds every protocol, tcp and udp are joined. Views point into
   `answer` and `sockets`. */
void kj_fw_sockets_join(const struct kj_fw_answer *answer, unsigned families, const struct kj_fw_sockets *sockets,
                        struct kj_fw_met_list *out);

/* "open, listening", "open, nobody listens", "listening, closed", "listening, this machine only" */
const char *kj_fw_meeting_name(enum kj_fw_meeting kind);

#endif
