/* Surveys for programs and for people. */
#ifndef KJ_FIREWALL_PRINT_H
#define KJ_FIREWALL_PRINT_H

#include "doc/doc.h"
#include "firewall/survey.h"

/* The JSON of `kijun firewall -o json`: one object over all dumps. `indent` as in KJ_JSON. */
void kj_fw_print_json(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n, int indent);

/* A table for people: service, from, to, the rule's line and text, and what is not certain. Control characters of the
   dump are escaped. */
void kj_fw_print_text(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n);

/* Pieces of both, for reports. Each goes into `arena`. */
kj_str kj_fw_part_proto(struct kj_arena *arena, const struct kj_fw_part *part); /* "tcp", "any", "gre", "other" */
kj_str kj_fw_part_ports(struct kj_arena *arena, const struct kj_fw_part *part); /* "22,80-90"; empty without ports */
kj_str kj_fw_part_service(struct kj_arena *arena,
                          const struct kj_fw_part *part); /* "ssh (tcp 22)", "tcp 8000-8100", "any" */
/* "0.0.0.0/0", "192.0.2.1, 198.51.100.0/24": prefixes and single addresses, at most `most` of them and then "and N
   more". */
kj_str kj_fw_addresses(struct kj_arena *arena, const struct kj_fw_intervals *intervals, size_t most);

#endif
