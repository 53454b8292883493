/* Names of protocols, services and ICMP types: tables of our own, so that an answer does not depend on the machine's
   /etc/services. Names and numbers are those of the IANA registries and of Debian's netbase. */
#ifndef KJ_FIREWALL_SERVICES_H
#define KJ_FIREWALL_SERVICES_H

#include "base/str.h"

#include <stdint.h>

/* By name (any case) or decimal number, 0..255. "all" and "any" are not protocols. */
bool kj_fw_proto_parse(kj_str s, unsigned *proto);
/* The name, or NULL where we have none. */
const char *kj_fw_proto_name(unsigned proto);

/* A port by service name (any case) or decimal number. */
bool kj_fw_port_parse(kj_str s, uint16_t *port);
/* The usual service of a port of tcp (6) or udp (17), or NULL. */
const char *kj_fw_service_name(unsigned proto, unsigned port);

/* An ICMP type as iptables and nft write it: a name, "8", "3/4". `version` 4 or 6. Gives the type and its codes
   (0..255: all). */
bool kj_fw_icmp_parse(kj_str s, unsigned version, unsigned *type, unsigned *code_first, unsigned *code_last);

#endif
