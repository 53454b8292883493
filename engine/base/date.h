/* Calendar dates, UTC, proleptic Gregorian. */
#ifndef KJ_BASE_DATE_H
#define KJ_BASE_DATE_H

#include "base/buf.h"

struct kj_date {
	int year, month, day;
};

/* "2026-11-23"; false for anything else and for days that do not exist. */
bool kj_date_parse(kj_str s, struct kj_date *out);
int64_t kj_date_days(struct kj_date date); /* days since 1970-01-01 */
/* Days too far away for the year to fit give the first or last date that does. */
struct kj_date kj_date_from_days(int64_t days);
/* Moves by months, clamping the day to the month's last: 31 Jan + 1 month = 28 or 29 Feb. */
struct kj_date kj_date_add_months(struct kj_date date, int months);
kj_str kj_date_str(struct kj_arena *arena, struct kj_date date);
struct kj_date kj_date_today(void);

#endif
