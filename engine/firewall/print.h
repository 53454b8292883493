/* Surveys for programs and for people. */
#ifndef KJ_FIREWALL_PRINT_H
#define KJ_FIREWALL_PRINT_H

#include "doc/doc.h"
#include "firewall/survey.h"

/* The JSON of `kijun firewall -o json`: one object over all dumps. `indent` as in KJ_JSON. */
void kj_fw_print_json(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n, int indent);
/* Its member "dumps" alone. */
void kj_fw_json_dumps(struct kj_json *json, const struct kj_fw_survey *surveys, size_t n);

/* A table for people: service, from, to, the rule's line and text, and what is not certain. Control characters of the
   dump are escaped. */
void kj_fw_print_text(struct kj_buf *out, const struct kj_fw_survey *surveys, size_t n);

/* Pieces of both, for reports. Each goes into `arena`. (words.c) */
kj_str kj_fw_part_proto(struct kj_arena *arena, const struct kj_fw_part *part); /* "tcp", "any", "gre", "other" */
kj_str kj_fw_part_ports(struct kj_arena *arena, const struct kj_fw_part *part); /* "22,80-90"; empty without ports */
kj_str kj_fw_part_service(struct kj_arena *arena,
                          const struct kj_fw_part *part); /* "ssh (tcp 22)", "tcp 8000-8100", "any" */
bool kj_fw_part_has_ports(const struct kj_fw_part *part);
bool kj_fw_part_has_types(const struct kj_fw_part *part);                            /* ICMP, and not every type */
void kj_fw_put_numbers(struct kj_buf *out, const struct kj_fw_intervals *intervals); /* "22,80-90" */
/* A path without its folders: the artifacts that make up one dump lie together. */
kj_str kj_fw_base_name(kj_str path);
/* "12: -A INPUT … -j ACCEPT", with its artifact before it where that is not the ruleset's first; "default policy …" */
kj_str kj_fw_line_str(struct kj_arena *arena, const struct kj_fw_ruleset *rs, uint32_t line, kj_str text);
kj_str kj_fw_decider_str(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_decider *decider);
kj_str kj_fw_deciders_str(struct kj_arena *arena, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part);
/* "0.0.0.0/0", "192.0.2.1, 198.51.100.0/24", "any but 192.0.2.0/24": prefixes and single addresses, at most `most` of
   them and then "and N more". */
kj_str kj_fw_addresses(struct kj_arena *arena, const struct kj_fw_intervals *intervals, size_t most);

/* A line that names the dump, and its dialect. */
void kj_fw_put_name(struct kj_buf *out, const struct kj_fw_ruleset *rs);
/* A line each for what the dump holds beyond the model; `before` stands at their beginning. */
void kj_fw_put_notes(struct kj_buf *out, const struct kj_fw_ruleset *rs, const char *before);

/* Members of JSON objects: proto, ports, icmp, from and to of a part; deciding rules under a key; what a dump holds
   beyond the model. */
void kj_fw_json_what(struct kj_arena *arena, struct kj_json *json, const struct kj_fw_part *part);
void kj_fw_json_place(struct kj_json *json, const struct kj_fw_ruleset *rs, uint32_t line); /* artifact, line */
void kj_fw_json_rules(struct kj_json *json, const char *key, const struct kj_fw_ruleset *rs,
                      const struct kj_fw_decider *deciders, size_t n);
void kj_fw_json_addresses(struct kj_json *json, const char *key, const struct kj_fw_intervals *intervals);
void kj_fw_json_notes(struct kj_json *json, const struct kj_fw_ruleset *rs);

#endif
