/* Days and dates by the algorithms of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in
   March, so that the leap day comes last, and 400 years (an era) are always 146097 days. */
#include "base/date.h"

#include "base/num.h"

#include <limits.h>
#include <time.h>

enum { DAYS_OF_ERA = 146097, DAYS_TO_1970 = 719468 };

static int days_of_month(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (leap && month == 2);
}

static bool parse_part(kj_str s, size_t at, size_t n, int *out)
{
	int64_t value;
	kj_str part = kj_str_upto(kj_str_from(s, at), n);
	if (!kj_is_digit(part.p[0]) || !kj_num_int(part, &value))
		return false;
	*out = (int)value;
	return true;
}

bool kj_date_parse(kj_str s, struct kj_date *out)
{
	struct kj_date d;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	if (!parse_part(s, 0, 4, &d.year) || !parse_part(s, 5, 2, &d.month) || !parse_part(s, 8, 2, &d.day))
		return false;
	if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > days_of_month(d.year, d.month))
		return false;
	*out = d;
	return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t kj_date_days(struct kj_date date)
{
	int64_t year = (int64_t)date.year - (date.month <= 2);
	int64_t era = floor_div(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_OF_ERA + day_of_era - DAYS_TO_1970;
}

struct kj_date kj_date_from_days(int64_t days)
{
	int64_t first = kj_date_days((struct kj_date){INT_MIN, 1, 1});
	int64_t last = kj_date_days((struct kj_date){INT_MAX, 12, 31});
	days = days < first ? first : days > last ? last : days;
	int64_t era = floor_div(days + DAYS_TO_1970, DAYS_OF_ERA);
	int64_t day_of_era = days + DAYS_TO_1970 - era * DAYS_OF_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
	int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
	month += month < 10 ? 3 : -9;
	return (struct kj_date){(int)(era * 400 + year_of_era + (month <= 2)), (int)month, (int)day};
}

struct kj_date kj_date_add_months(struct kj_date date, int months)
{
	int64_t total = (int64_t)date.year * 12 + date.month - 1 + months;
	int64_t year = floor_div(total, 12);
	int month = (int)(total - year * 12) + 1;
	int most = days_of_month(year, month);
	return (struct kj_date){(int)year, month, date.day < most ? date.day : most};
}

kj_str kj_date_str(struct kj_arena *arena, struct kj_date date)
{
	return kj_str_fmt(arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

struct kj_date kj_date_today(void)
{
	return kj_date_from_days(floor_div((int64_t)time(NULL), 86400));
}
