/* Numbers with units, as configuration files and policies write them. */
#ifndef KJ_BASE_NUM_H
#define KJ_BASE_NUM_H

#include "base/str.h"

#include <stdint.h>

/* Each parses the whole of s (no blanks around, no rest) and is false when it is not such a number or overflows. */
bool kj_num_int(kj_str s, int64_t *out);                 /* optional sign, decimal digits */
bool kj_num_base(kj_str s, int base, uint64_t *out);     /* 8 or 16; 0x and 0o prefixes not accepted */
bool kj_num_c(kj_str s, int64_t *out);                   /* as strtol(…, 0): 0x hex, leading 0 octal */
bool kj_num_size(kj_str s, int64_t *out);                /* bytes: 10, 10K, 10M, 10G, 10T (1024), 10KiB, 10KB (1000) */

/* Seconds: "90", "90s", "10m", "10min", "1h30m", "2 days", "1w", "1month" (30.44 d), "1y" (365.25 d) — the units of
   systemd.time(7); "infinity" and "never" give INT64_MAX. A bare number is seconds, and stands
   alone. False also for what is no whole number of seconds: cut down to 0 it might mean "off". */
bool kj_num_duration(kj_str s, int64_t *seconds);

/* Compares versions the way dpkg does for upstream versions (deb-version(7): digits by value, ~ before the end). */
int kj_version_cmp(kj_str a, kj_str b);

#endif
