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
	uint64_t microseconds;
};
#define SECONDS(n) ((uint64_t)(n)*1000000)

/* systemd.time(7), "Parsing time spans"; systemd's month is a twelfth of its year. Case matters: M and m differ. */
static const struct unit time_units[] = {
        {KJ_STR_INIT("us"), 1},
        {KJ_STR_INIT("usec"), 1},
        {KJ_STR_INIT("\xc2\xb5s"), 1}, /* micro sign */
        {KJ_STR_INIT("\xce\xbcs"), 1}, /* Greek mu */
        {KJ_STR_INIT("ms"), 1000},
        {KJ_STR_INIT("msec"), 1000},
        {KJ_STR_INIT("s"), SECONDS(1)},
        {KJ_STR_INIT("sec"), SECONDS(1)},
        {KJ_STR_INIT("second"), SECONDS(1)},
        {KJ_STR_INIT("seconds"), SECONDS(1)},
        {KJ_STR_INIT("m"), SECONDS(60)},
        {KJ_STR_INIT("min"), SECONDS(60)},
        {KJ_STR_INIT("minute"), SECONDS(60)},
        {KJ_STR_INIT("minutes"), SECONDS(60)},
        {KJ_STR_INIT("h"), SECONDS(3600)},
        {KJ_STR_INIT("hr"), SECONDS(3600)},
        {KJ_STR_INIT("hour"), SECONDS(3600)},
        {KJ_STR_INIT("hours"), SECONDS(3600)},
        {KJ_STR_INIT("d"), SECONDS(86400)},
        {KJ_STR_INIT("day"), SECONDS(86400)},
        {KJ_STR_INIT("days"), SECONDS(86400)},
        {KJ_STR_INIT("w"), SECONDS(604800)},
        {KJ_STR_INIT("week"), SECONDS(604800)},
        {KJ_STR_INIT("weeks"), SECONDS(604800)},
        {KJ_STR_INIT("M"), SECONDS(2629800)},
        {KJ_STR_INIT("month"), SECONDS(2629800)},
        {KJ_STR_INIT("months"), SECONDS(2629800)},
        {KJ_STR_INIT("y"), SECONDS(31557600)},
        {KJ_STR_INIT("year"), SECONDS(31557600)},
        {KJ_STR_INIT("years"), SECONDS(31557600)},
};

/* The unit at the front; seconds where there is none, and *named is false then. NULL: no unit of that name. */
static const struct unit *take_unit(kj_str *s, bool *named)
{
	static const struct unit seconds = {KJ_STR_INIT(""), SECONDS(1)};
	kj_str text = kj_str_trim_left(*s);
	size_t n = 0;
	while (n < text.n && !kj_is_digit(text.p[n]) && !kj_is_space(text.p[n]) && text.p[n] != '.' && text.p[n] != '+')
		n++;
	*named = n;
	bool apart = !text.n || text.p != s->p; /* "1.5 .5" is two counts, "1.5.5" is none */
	kj_str name = kj_str_upto(text, n);
	*s = kj_str_from(text, n);
	if (!n)
		return apart ? &seconds : NULL;
	for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++) {
		if (kj_str_eq(name, time_units[i].name))
			return &time_units[i];
	}
	return NULL;
}

/* Adds count × each, and the fraction's digits of it. */
static bool add_count(uint64_t *sum, uint64_t count, kj_str fraction, uint64_t each)
{
	uint64_t product;
	if (__builtin_mul_overflow(count, each, &product) || __builtin_add_overflow(*sum, product, sum))
		return false;
	for (size_t i = 0; i < fraction.n && each; i++) {
		each /= 10;
		if (__builtin_add_overflow(*sum, (uint64_t)(fraction.p[i] - '0') * each, sum))
			return false;
	}
	return *sum < UINT64_MAX;
}

/* "1.5", ".5" at the front of *s. A number alone may have a sign. */
static bool take_count(kj_str *s, uint64_t *count, kj_str *fraction)
{
	size_t n = 0;
	while (n < s->n && kj_is_digit(s->p[n]))
		n++;
	kj_str whole = kj_str_upto(*s, n);
	bool dot = n < s->n && s->p[n] == '.';
	*s = kj_str_from(*s, dot ? n + 1 : n);
	for (n = 0; dot && n < s->n && kj_is_digit(s->p[n]);)
		n++;
	*fraction = kj_str_upto(*s, n);
	*s = kj_str_from(*s, n);
	*count = 0;
	int64_t within;
	if (dot && !n)
		return false;
	return (dot && !whole.n) || (parse_digits(whole, 10, count) && kj_num_int(whole, &within));
}

/* Counts with their units; `bare`: one may have none. */
static bool parse_span(kj_str s, bool bare, uint64_t *out)
{
	uint64_t sum = 0;
	s = kj_str_trim(s);
	if (!s.n)
		return false;
	for (; s.n; s = kj_str_trim_left(s)) {
		uint64_t count;
		kj_str fraction;
		bool named;
		if (s.p[0] == '+')
			s = kj_str_from(s, 1);
		if (!take_count(&s, &count, &fraction))
			return false;
		const struct unit *unit = take_unit(&s, &named);
		if (!unit || !(named || bare) || !add_count(&sum, count, fraction, unit->microseconds))
			return false;
	}
	*out = sum;
	return true;
}

bool kj_num_span(kj_str s, uint64_t *microseconds)
{
	*microseconds = UINT64_MAX;
	return kj_str_eq(kj_str_trim(s), KJ_STR("infinity")) || parse_span(s, true, microseconds);
}

bool kj_num_duration(kj_str s, int64_t *seconds)
{
	if (kj_str_eq(s, KJ_STR("infinity")) || kj_str_eq(s, KJ_STR("never"))) {
		*seconds = INT64_MAX;
		return true;
	}
	if (!s.n || !kj_is_digit(s.p[0]) || kj_is_space(s.p[s.n - 1]))
		return false;
	uint64_t span;
	if (kj_num_int(s, seconds))
		return true;
	if (!parse_span(s, false, &span) || span % SECONDS(1))
		return false;
	*seconds = (int64_t)(span / SECONDS(1));
	return true;
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
