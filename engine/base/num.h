/* Numbers with units, as configuration files and policies write them. */
#ifndef KJ_BASE_NUM_H
#define KJ_BASE_NUM_H

#include "base/str.h"

#include <stdint.h>

/* Each parses the whole of s (no blanks around, no rest) and is false when it is not such a number or overflows. */
bool kj_num_int(kj_str s, int64_t *out);                 /* optional sign, decimal digits */
bool kj_num_base(kj_str s, int base, uint64_t *out);     /* 2 to 16; 0x and 0o prefixes not accepted */
bool kj_num_c(kj_str s, int64_t *out);                   /* as strtol(…, 0): 0x hex, leading 0 octal */
bool kj_num_size(kj_str s, int64_t *out);                /* bytes: 10, 10K, 10M, 10G, 10T (1024), 10KiB, 10KB (1000) */

/* Seconds: "90", "90s", "10m", "10min", "1h30m", "2 days", "1w", "1month" (30.44 d), "1y" (365.25 d) — the units of
   systemd.time(7), also "1.5h"; "infinity" and "never" give INT64_MAX. A bare number is seconds, and stands
   alone. False also for what is no whole number of seconds: cut down to 0 it might mean "off". */
bool kj_num_duration(kj_str s, int64_t *seconds);

/* Microseconds, exactly as systemd's parse_sec() takes them: also "1h 30" (the 30 are seconds), ".5s", "+5"; "infinity"
   is UINT64_MAX. Cut down to the microsecond, as there. */
bool kj_num_span(kj_str s, uint64_t *microseconds);

/* Compares versions the way dpkg does for upstream versions (deb-version(7): digits by value, ~ before the end). */
int kj_version_cmp(kj_str a, kj_str b);

#endif
