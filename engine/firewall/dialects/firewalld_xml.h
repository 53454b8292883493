/* firewalld's files, several in one text as `tail -n +1 FILE...` prints them: each below a line "==> PATH <==". A text
   without such a line is one file. */
#ifndef KJ_FIREWALL_DIALECTS_FIREWALLD_XML_H
#define KJ_FIREWALL_DIALECTS_FIREWALLD_XML_H

#include "firewall/dialects/firewalld.h"

struct kj_fwd_file {
	kj_str path; /* empty: not told */
	kj_str bytes;
	uint32_t before; /* lines of the text before the file's first */
};

struct kj_fwd_files {
	kj_str rest;
	uint32_t line; /* lines read so far */
};

/* The next file; false at the end. */
bool kj_fwd_next_file(struct kj_fwd_files *files, struct kj_fwd_file *file);

/* "public" of "/etc/firewalld/zones/public.xml". */
kj_str kj_fwd_file_name(kj_str path);
/* "zones" of it; empty when there is none. */
kj_str kj_fwd_file_folder(kj_str path);

/* One word without blanks. */
bool kj_fwd_is_word(kj_str s);
/* "22/tcp" of an element with a port and a protocol; empty when firewalld would not take it. */
kj_str kj_fwd_xml_port(struct kj_arena *arena, const struct kj_node *node);
/* The protocol that an attribute names; empty when it is none. */
kj_str kj_fwd_xml_protocol(const struct kj_node *node, const char *attribute);

struct kj_fwd_service *kj_fwd_service_xml(struct kj_arena *arena, kj_str name, const struct kj_node *root);

#endif
