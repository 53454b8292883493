/* One packet that stands for many, in words: "tcp 203.0.113.9 → port 3306". */
#ifndef KJ_FIREWALL_WITNESS_H
#define KJ_FIREWALL_WITNESS_H

#include "firewall/analysis.h"

/* A packet of the part: addresses of documentation (RFC 5737, RFC 3849) and services that people know, where it has
   some. */
struct kj_fw_packet kj_fw_witness(const struct kj_fw_part *part);

/* An address of the set; the set is not empty. */
struct kj_fw_key kj_fw_witness_address(const struct kj_fw_intervals *set, bool destination);
kj_str kj_fw_address_str(struct kj_arena *arena, struct kj_fw_key address, unsigned char version);

/* `to`: name its destination too. */
kj_str kj_fw_packet_str(struct kj_arena *arena, const struct kj_fw_packet *packet, bool to);

/* Whether the set is every address of its version. */
bool kj_fw_everywhere(const struct kj_fw_intervals *set);

#endif
