#include "policy/value.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* -- reading, one function a type -- */

static bool read_text(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	(void)value;
	return true;
}

static bool read_int(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	return kj_num_int(value->text, &value->num);
}

static bool read_bool(struct kj_arena *arena, struct kj_value *value)
{
	static const struct {
		kj_str word;
		bool value;
	} words[] = {
	        {KJ_STR_INIT("true"), true}, {KJ_STR_INIT("false"), false}, {KJ_STR_INIT("yes"), true},
	        {KJ_STR_INIT("no"), false},  {KJ_STR_INIT("on"), true},     {KJ_STR_INIT("off"), false},
	        {KJ_STR_INIT("1"), true},    {KJ_STR_INIT("0"), false},
	};
	(void)arena;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!kj_str_eq_fold(words[i].word, value->text))
			continue;
		value->num = words[i].value;
		return true;
	}
	return false;
}

/* A bare number counts in `unit` seconds; with units of its own it is a duration. */
static bool read_time(struct kj_value *value, int64_t unit)
{
	if (!kj_num_int(value->text, &value->num))
		return kj_num_duration(value->text, &value->num);
	return value->num >= 0 && !__builtin_mul_overflow(value->num, unit, &value->num);
}

static bool read_seconds(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	return read_time(value, 1);
}

static bool read_minutes(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	return read_time(value, MINUTE);
}

static bool read_days(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	return read_time(value, DAY);
}

static bool read_size(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	return kj_num_size(value->text, &value->num);
}

static bool read_mode(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	uint64_t bits;
	kj_str digits = kj_str_from(value->text, kj_str_starts(value->text, KJ_STR("0o")) ? 2 : 0);
	if (!kj_num_base(digits, 8, &bits) || bits > 07777)
		return false;
	value->num = (int64_t)bits;
	return true;
}

static bool read_date(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	struct kj_date date;
	if (!kj_date_parse(value->text, &date))
		return false;
	value->num = kj_date_days(date);
	return true;
}

static bool read_version(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	kj_str rest = kj_str_from(value->text, kj_str_starts_fold(value->text, KJ_STR("v")) ? 1 : 0);
	return rest.n && kj_is_digit(rest.p[0]) && kj_str_find_any(rest, KJ_STR(" \t\r\n\v\f,;")) == rest.n;
}

/* "90 days", "12 months", "1 year": whole numbers of days, weeks, months or years. */
static bool read_period(struct kj_arena *arena, struct kj_value *value)
{
	static const struct {
		kj_str word;
		int days, months;
	} units[] = {
	        {KJ_STR_INIT("d"), 1, 0},     {KJ_STR_INIT("day"), 1, 0},    {KJ_STR_INIT("days"), 1, 0},
	        {KJ_STR_INIT("w"), 7, 0},     {KJ_STR_INIT("week"), 7, 0},   {KJ_STR_INIT("weeks"), 7, 0},
	        {KJ_STR_INIT("month"), 0, 1}, {KJ_STR_INIT("months"), 0, 1}, {KJ_STR_INIT("y"), 0, 12},
	        {KJ_STR_INIT("year"), 0, 12}, {KJ_STR_INIT("years"), 0, 12},
	};
	enum { MOST = 100000 };
	(void)arena;
	size_t digits = 0;
	while (digits < value->text.n && kj_is_digit(value->text.p[digits]))
		digits++;
	kj_str unit = kj_str_trim(kj_str_from(value->text, digits));
	int64_t n;
	if (!kj_num_int(kj_str_upto(value->text, digits), &n) || n > MOST)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (!kj_str_eq(units[i].word, unit))
			continue;
		value->num = n * units[i].days;
		value->months = (int)n * units[i].months;
		return true;
	}
	return false;
}

static bool read_list(struct kj_arena *arena, struct kj_value *value)
{
	static const char separator[] = {KJ_LIST_SEPARATOR};
	bool separated = kj_str_find(value->text, KJ_LIST_SEPARATOR) < value->text.n;
	kj_str between = separated ? (kj_str){separator, 1} : KJ_STR(" \t\r\n\v\f,");
	KJ_VEC(struct kj_value) items = {0};
	for (kj_str rest = value->text; rest.n;) {
		size_t end = kj_str_find_any(rest, between);
		if (end > 0)
			KJ_PUSH(arena, &items, (struct kj_value){.text = kj_str_upto(rest, end)});
		rest = kj_str_from(rest, end + 1);
	}
	value->items = items.at;
	value->n = items.n;
	return true;
}

static bool read_address(struct kj_arena *arena, struct kj_value *value)
{
	(void)arena;
	return kj_range_parse(value->text, &value->range);
}

/* -- showing -- */

static kj_str show_text(struct kj_arena *arena, const struct kj_value *value)
{
	(void)arena;
	return value->text.n ? value->text : KJ_STR("(empty)");
}

static kj_str show_bool(struct kj_arena *arena, const struct kj_value *value)
{
	(void)arena;
	return value->num ? KJ_STR("true") : KJ_STR("false");
}

/* "1 d 2 h 30 min": the parts that are there. */
static void put_parts(struct kj_buf *out, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{DAY, "d"}, {HOUR, "h"}, {MINUTE, "min"}, {1, "s"}};
	size_t start = out->n;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		int64_t count = seconds / units[i].seconds;
		if (count)
			kj_buf_fmt(out, "%s%lld %s", out->n > start ? " " : "", (long long)count, units[i].name);
		seconds %= units[i].seconds;
	}
}

static kj_str show_time(struct kj_arena *arena, const struct kj_value *value)
{
	if (value->num == INT64_MAX)
		return KJ_STR("never");
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_fmt(&out, "%lld s", (long long)value->num);
	if (value->num >= MINUTE) {
		kj_buf_put(&out, KJ_STR(" ("));
		put_parts(&out, value->num);
		kj_buf_char(&out, ')');
	}
	return kj_buf_str(&out);
}

static kj_str show_days(struct kj_arena *arena, const struct kj_value *value)
{
	if (value->num % DAY)
		return show_time(arena, value);
	return kj_str_fmt(arena, "%lld d", (long long)(value->num / DAY));
}

static kj_str show_period(struct kj_arena *arena, const struct kj_value *value)
{
	bool years = value->months && value->months % 12 == 0;
	long long n = years ? value->months / 12 : value->months ? value->months : value->num;
	return kj_str_fmt(arena, "%lld %s%s", n, years ? "year" : value->months ? "month" : "day", n == 1 ? "" : "s");
}

static kj_str show_size(struct kj_arena *arena, const struct kj_value *value)
{
	static const char *const names[] = {"KiB", "MiB", "GiB", "TiB"};
	int64_t count = value->num;
	size_t power = 0;
	while (power < 4 && count >= 1024 && count % 1024 == 0) {
		count /= 1024;
		power++;
	}
	if (!power)
		return kj_str_fmt(arena, "%lld B", (long long)value->num);
	return kj_str_fmt(arena, "%lld B (%lld %s)", (long long)value->num, (long long)count, names[power - 1]);
}

static kj_str show_mode(struct kj_arena *arena, const struct kj_value *value)
{
	return kj_str_fmt(arena, "%04o", (unsigned)value->num);
}

static kj_str show_date(struct kj_arena *arena, const struct kj_value *value)
{
	return kj_date_str(arena, kj_date_from_days(value->num));
}

static kj_str show_list(struct kj_arena *arena, const struct kj_value *value)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t i = 0; i < value->n; i++) {
		kj_buf_put(&out, i ? KJ_STR(", ") : KJ_STR(""));
		kj_buf_put(&out, kj_value_show(arena, &value->items[i]));
	}
	return value->n ? kj_buf_str(&out) : KJ_STR("(empty)");
}

static kj_str show_address(struct kj_arena *arena, const struct kj_value *value)
{
	return kj_range_str(arena, &value->range);
}

/* -- the table -- */

/* In the order of enum kj_type. */
static const struct kj_type_info types[] = {
        {KJ_STR_INIT("text"), KJ_TYPE_TEXT, "text"},
        {KJ_STR_INIT("int"), KJ_TYPE_INT, "a whole number"},
        {KJ_STR_INIT("bool"), KJ_TYPE_BOOL, "true or false"},
        {KJ_STR_INIT("seconds"), KJ_TYPE_SECONDS, "a number of seconds"},
        {KJ_STR_INIT("minutes"), KJ_TYPE_MINUTES, "a number of minutes"},
        {KJ_STR_INIT("duration"), KJ_TYPE_DURATION, "a length of time such as 90s, 10m or 2d"},
        {KJ_STR_INIT("days"), KJ_TYPE_DAYS, "a number of days"},
        {KJ_STR_INIT("size"), KJ_TYPE_SIZE, "a size such as 512K or 10M"},
        {KJ_STR_INIT("mode"), KJ_TYPE_MODE, "permissions in octal such as 0640"},
        {KJ_STR_INIT("date"), KJ_TYPE_DATE, "a date such as 2026-11-23"},
        {KJ_STR_INIT("version"), KJ_TYPE_VERSION, "a version such as 9.2p1"},
        {KJ_STR_INIT("list"), KJ_TYPE_LIST, "a list of words"},
        {KJ_STR_INIT("address"), KJ_TYPE_ADDRESS, "an address, a prefix or a range"},
        {KJ_STR_INIT("period"), KJ_TYPE_PERIOD,
         "a length of time by the calendar such as 90 days, 12 months or 1 year"},
};
_Static_assert(sizeof types / sizeof *types == KJ_TYPES, "one row for each type");

static const struct {
	bool (*read)(struct kj_arena *arena, struct kj_value *value);
	kj_str (*show)(struct kj_arena *arena, const struct kj_value *value);
} ways[KJ_TYPES] = {
        [KJ_TYPE_TEXT] = {read_text, show_text},          [KJ_TYPE_INT] = {read_int, show_text},
        [KJ_TYPE_BOOL] = {read_bool, show_bool},          [KJ_TYPE_SECONDS] = {read_seconds, show_time},
        [KJ_TYPE_MINUTES] = {read_minutes, show_time},    [KJ_TYPE_DURATION] = {read_seconds, show_time},
        [KJ_TYPE_DAYS] = {read_days, show_days},          [KJ_TYPE_SIZE] = {read_size, show_size},
        [KJ_TYPE_MODE] = {read_mode, show_mode},          [KJ_TYPE_DATE] = {read_date, show_date},
        [KJ_TYPE_VERSION] = {read_version, show_text},    [KJ_TYPE_LIST] = {read_list, show_list},
        [KJ_TYPE_ADDRESS] = {read_address, show_address}, [KJ_TYPE_PERIOD] = {read_period, show_period},
};

const struct kj_type_info *kj_types(size_t *n)
{
	*n = KJ_TYPES;
	return types;
}

const struct kj_type_info *kj_type_find(kj_str name)
{
	for (size_t i = 0; i < KJ_TYPES; i++) {
		if (kj_str_eq(types[i].name, name))
			return &types[i];
	}
	return NULL;
}

const char *kj_type_about(enum kj_type type)
{
	return types[type].about;
}

bool kj_value_read(struct kj_arena *arena, enum kj_type type, kj_str text, struct kj_value *out)
{
	struct kj_value value = {.type = type, .text = type == KJ_TYPE_TEXT ? text : kj_str_trim(text)};
	if (!ways[type].read(arena, &value))
		return false;
	*out = value;
	return true;
}

kj_str kj_value_show(struct kj_arena *arena, const struct kj_value *value)
{
	return ways[value->type].show(arena, value);
}
