#include "base/num.h"

#include <limits.h>

/* The value of a digit in any base up to 16; 16 for what is none. */
static int digit_value(char c)
{
	c = kj_lower(c);
	if (kj_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Digits of `base`, at least one, and nothing else. */
static bool parse_digits(kj_str s, int base, uint64_t *out)
{
	uint64_t value = 0;
	for (size_t i = 0; i < s.n; i++) {
		int digit = digit_value(s.p[i]);
		if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	*out = value;
	return s.n > 0;
}

/* Takes one + or - off; is it a minus? */
static bool take_sign(kj_str *s)
{
	bool minus = s->n && s->p[0] == '-';
	if (minus || (s->n && s->p[0] == '+'))
		*s = kj_str_from(*s, 1);
	return minus;
}

static bool with_sign(uint64_t magnitude, bool minus, int64_t *out)
{
	if (magnitude > (uint64_t)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

bool kj_num_int(kj_str s, int64_t *out)
{
	uint64_t magnitude;
	bool minus = take_sign(&s);
	return parse_digits(s, 10, &magnitude) && with_sign(magnitude, minus, out);
}

bool kj_num_base(kj_str s, int base, uint64_t *out)
{
	return parse_digits(s, base, out);
}

bool kj_num_c(kj_str s, int64_t *out)
{
	uint64_t magnitude;
	bool minus = take_sign(&s);
	int base = 10;
	if (kj_str_starts_fold(s, KJ_STR("0x"))) {
		base = 16;
		s = kj_str_from(s, 2);
	} else if (kj_str_starts(s, KJ_STR("0"))) {
		base = 8;
	}
	return parse_digits(s, base, &magnitude) && with_sign(magnitude, minus, out);
}

/* The digits at the front; *s moves to what follows them. */
static bool take_number(kj_str *s, int64_t *out)
{
	size_t n = 0;
	while (n < s->n && kj_is_digit(s->p[n]))
		n++;
	kj_str digits = kj_str_upto(*s, n);
	*s = kj_str_from(*s, n);
	return kj_num_int(digits, out);
}

/* -- sizes -- */

bool kj_num_size(kj_str s, int64_t *out)
{
	static const struct {
		kj_str name;
		int64_t bytes;
	} units[] = {
	        {KJ_STR_INIT(""), 1},
	        {KJ_STR_INIT("B"), 1},
	        {KJ_STR_INIT("K"), (int64_t)1 << 10},
	        {KJ_STR_INIT("KiB"), (int64_t)1 << 10},
	        {KJ_STR_INIT("KB"), 1000},
	        {KJ_STR_INIT("M"), (int64_t)1 << 20},
	        {KJ_STR_INIT("MiB"), (int64_t)1 << 20},
	        {KJ_STR_INIT("MB"), 1000 * 1000},
	        {KJ_STR_INIT("G"), (int64_t)1 << 30},
	        {KJ_STR_INIT("GiB"), (int64_t)1 << 30},
	        {KJ_STR_INIT("GB"), 1000 * 1000 * 1000},
	        {KJ_STR_INIT("T"), (int64_t)1 << 40},
	        {KJ_STR_INIT("TiB"), (int64_t)1 << 40},
	        {KJ_STR_INIT("TB"), (int64_t)1000 * 1000 * 1000 * 1000},
	};
	int64_t count;
	if (!take_number(&s, &count))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (kj_str_eq_fold(s, units[i].name))
			return !__builtin_mul_overflow(count, units[i].bytes, out);
	}
	return false;
}

/* -- durations -- */

struct unit {
	kj_str name;
	int64_t seconds, microseconds;
};

/* systemd.time(7), "Parsing time spans"; systemd's month is a twelfth of its year. Case matters: M and m differ. */
static const struct unit time_units[] = {
        {KJ_STR_INIT("us"), 0, 1},
        {KJ_STR_INIT("usec"), 0, 1},
        {KJ_STR_INIT("\xc2\xb5s"), 0, 1}, /* micro sign */
        {KJ_STR_INIT("\xce\xbcs"), 0, 1}, /* Greek mu */
        {KJ_STR_INIT("ms"), 0, 1000},
        {KJ_STR_INIT("msec"), 0, 1000},
        {KJ_STR_INIT("s"), 1, 0},
        {KJ_STR_INIT("sec"), 1, 0},
        {KJ_STR_INIT("second"), 1, 0},
        {KJ_STR_INIT("seconds"), 1, 0},
        {KJ_STR_INIT("m"), 60, 0},
        {KJ_STR_INIT("min"), 60, 0},
        {KJ_STR_INIT("minute"), 60, 0},
        {KJ_STR_INIT("minutes"), 60, 0},
        {KJ_STR_INIT("h"), 3600, 0},
        {KJ_STR_INIT("hr"), 3600, 0},
        {KJ_STR_INIT("hour"), 3600, 0},
        {KJ_STR_INIT("hours"), 3600, 0},
        {KJ_STR_INIT("d"), 86400, 0},
        {KJ_STR_INIT("day"), 86400, 0},
        {KJ_STR_INIT("days"), 86400, 0},
        {KJ_STR_INIT("w"), 604800, 0},
        {KJ_STR_INIT("week"), 604800, 0},
        {KJ_STR_INIT("weeks"), 604800, 0},
        {KJ_STR_INIT("M"), 2629800, 0},
        {KJ_STR_INIT("month"), 2629800, 0},
        {KJ_STR_INIT("months"), 2629800, 0},
        {KJ_STR_INIT("y"), 31557600, 0},
        {KJ_STR_INIT("year"), 31557600, 0},
        {KJ_STR_INIT("years"), 31557600, 0},
};

static const struct unit *take_unit(kj_str *s)
{
	*s = kj_str_trim_left(*s);
	size_t n = 0;
	while (n < s->n && !kj_is_digit(s->p[n]) && !kj_is_space(s->p[n]))
		n++;
	kj_str name = kj_str_upto(*s, n);
	*s = kj_str_trim_left(kj_str_from(*s, n));
	for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++) {
		if (kj_str_eq(name, time_units[i].name))
			return &time_units[i];
	}
	return NULL;
}

static bool add_product(int64_t *sum, int64_t count, int64_t each)
{
	int64_t product;
	return !__builtin_mul_overflow(count, each, &product) && !__builtin_add_overflow(*sum, product, sum);
}

static bool parse_units(kj_str s, int64_t *out)
{
	int64_t seconds = 0, microseconds = 0;
	while (s.n) {
		int64_t count;
		if (!take_number(&s, &count))
			return false;
		const struct unit *unit = take_unit(&s);
		if (!unit || !add_product(&seconds, count, unit->seconds) ||
		    !add_product(&microseconds, count, unit->microseconds))
			return false;
	}
	*out = seconds;
	return microseconds % 1000000 == 0 && add_product(out, microseconds / 1000000, 1);
}

bool kj_num_duration(kj_str s, int64_t *seconds)
{
	if (kj_str_eq(s, KJ_STR("infinity")) || kj_str_eq(s, KJ_STR("never"))) {
		*seconds = INT64_MAX;
		return true;
	}
	if (!s.n || !kj_is_digit(s.p[0]) || kj_is_space(s.p[s.n - 1]))
		return false;
	return kj_num_int(s, seconds) || parse_units(s, seconds);
}

/* -- versions -- */

/* The weight of the first character where it is no digit: ~, then the end (or a digit), then letters, then the rest. */
static int version_weight(kj_str s)
{
	if (!s.n || kj_is_digit(s.p[0]))
		return 0;
	if (s.p[0] == '~')
		return -1;
	return kj_is_alnum(s.p[0]) ? s.p[0] : (unsigned char)s.p[0] + UCHAR_MAX + 1;
}

static bool starts_with_other(kj_str s)
{
	return s.n && !kj_is_digit(s.p[0]);
}

static kj_str take_digits(kj_str *s)
{
	while (s->n && s->p[0] == '0')
		*s = kj_str_from(*s, 1);
	size_t n = 0;
	while (n < s->n && kj_is_digit(s->p[n]))
		n++;
	kj_str digits = kj_str_upto(*s, n);
	*s = kj_str_from(*s, n);
	return digits;
}

int kj_version_cmp(kj_str a, kj_str b)
{
	while (a.n || b.n) {
		while (starts_with_other(a) || starts_with_other(b)) {
			int order = version_weight(a) - version_weight(b);
			if (order)
				return order;
			a = kj_str_from(a, 1);
			b = kj_str_from(b, 1);
		}
		kj_str left = take_digits(&a), right = take_digits(&b);
		int order = left.n == right.n ? kj_str_cmp(left, right) : left.n < right.n ? -1 : 1;
		if (order)
			return order;
	}
	return 0;
}
