/* What systemd's parsers of values take: parse-util.c, time-util.c and extract-word.c of systemd 252, as systemd-logind showed it. */
#include "resolve/systemd.h"

static bool read_text(struct kj_arena *arena, kj_str *value)
{
	(void)arena;
	(void)value;
	return true;
}

/* parse_boolean(). */
static bool read_boolean(struct kj_arena *arena, kj_str *value)
{
	static const kj_str yes[] = {KJ_STR_INIT("1"),    KJ_STR_INIT("yes"), KJ_STR_INIT("y"),
	                             KJ_STR_INIT("true"), KJ_STR_INIT("t"),   KJ_STR_INIT("on")};
	static const kj_str no[] = {KJ_STR_INIT("0"),     KJ_STR_INIT("no"), KJ_STR_INIT("n"),
	                            KJ_STR_INIT("false"), KJ_STR_INIT("f"),  KJ_STR_INIT("off")};
	(void)arena;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		bool is_yes = kj_str_eq_fold(*value, yes[i]);
		if (!is_yes && !kj_str_eq_fold(*value, no[i]))
			continue;
		*value = is_yes ? KJ_STR("yes") : KJ_STR("no");
		return true;
	}
	return false;
}

/* A span that policies read alike stays as it was written; "1h 30" (systemd: 30 s) and "+5" become seconds. */
static bool read_seconds(struct kj_arena *arena, kj_str *value)
{
	uint64_t span;
	int64_t seconds;
	if (!kj_num_span(*value, &span))
		return false;
	if (span == UINT64_MAX)
		*value = KJ_STR("infinity");
	else if (span % 1000000)
		*value = kj_str_fmt(arena, "%lluus", (unsigned long long)span);
	else if (!kj_num_duration(*value, &seconds) || (uint64_t)seconds != span / 1000000)
		*value = kj_str_fmt(arena, "%llu", (unsigned long long)(span / 1000000));
	return true;
}

/* config_parse_sec_fix_0(): nothing is no limit. */
static bool read_seconds_or_never(struct kj_arena *arena, kj_str *value)
{
	uint64_t span;
	if (kj_num_span(*value, &span) && !span) {
		*value = KJ_STR("infinity");
		return true;
	}
	return read_seconds(arena, value);
}

/* ---- sizes ---- */

static bool take_digits(kj_str *s, uint64_t *out)
{
	size_t n = 0;
	while (n < s->n && kj_is_digit(s->p[n]))
		n++;
	bool good = kj_num_base(kj_str_upto(*s, n), 10, out);
	*s = kj_str_from(*s, n);
	return good;
}

/* The fraction's share of `factor`, to the byte. */
static uint64_t share_of(uint64_t factor, kj_str digits)
{
	uint64_t share = 0, scale = 1;
	for (size_t i = 0; i < digits.n && i < 6; i++) {
		scale *= 10;
		share = share * 10 + (uint64_t)(digits.p[i] - '0');
	}
	return (uint64_t)((double)factor * ((double)share / (double)scale));
}

struct part {
	uint64_t whole;
	kj_str fraction;
	size_t unit;
};

static const char units[] = "EPTGMKB";
enum { UNITS = sizeof units - 1 };

/* "1.5G" at the front of *s. */
static bool take_part(kj_str *s, struct part *part)
{
	*s = kj_str_trim_left(*s);
	if (s->n && s->p[0] == '+')
		*s = kj_str_from(*s, 1);
	if (!take_digits(s, &part->whole))
		return false;
	part->fraction = KJ_STR("");
	if (s->n && s->p[0] == '.') {
		size_t n = 1;
		while (n < s->n && kj_is_digit(s->p[n]))
			n++;
		part->fraction = kj_str_from(kj_str_upto(*s, n), 1);
		*s = kj_str_from(*s, n);
	}
	*s = kj_str_trim_left(*s);
	part->unit = s->n ? kj_str_find((kj_str){units, UNITS}, s->p[0]) : UNITS;
	if (part->unit < UNITS)
		*s = kj_str_from(*s, 1);
	return true;
}

/* parse_size() with base 1024: units in falling order, "1G 5M". */
static bool parse_size(kj_str s, uint64_t *out)
{
	uint64_t sum = 0;
	size_t least = 0;
	do {
		struct part part;
		if (!take_part(&s, &part) || part.unit < least || least > UNITS)
			return false;
		unsigned shift = part.unit >= UNITS - 1 ? 0 : (unsigned)(UNITS - 1 - part.unit) * 10;
		uint64_t factor = (uint64_t)1 << shift, product;
		if (__builtin_mul_overflow(part.whole, factor, &product) ||
		    __builtin_add_overflow(product, share_of(factor, part.fraction), &product) ||
		    __builtin_add_overflow(sum, product, &sum))
			return false;
		least = part.unit + 1;
	} while (s.n);
	*out = sum;
	return true;
}

static bool read_size(struct kj_arena *arena, kj_str *value)
{
	uint64_t bytes;
	int64_t same;
	if (!parse_size(*value, &bytes))
		return false;
	if (!kj_num_size(*value, &same) || (uint64_t)same != bytes)
		*value = kj_str_fmt(arena, "%llu", (unsigned long long)bytes);
	return true;
}

/* config_parse_tmpfs_size(): a share of the memory, or a size; neither may be nothing. */
static bool read_memory(struct kj_arena *arena, kj_str *value)
{
	uint64_t number;
	if (kj_str_ends(*value, KJ_STR("%"))) {
		kj_str rest = kj_str_upto(*value, value->n - 1);
		size_t dot = kj_str_find(rest, '.');
		kj_str after = kj_str_from(rest, dot + 1);
		bool fraction = dot == rest.n || (after.n >= 1 && after.n <= 2 && kj_num_base(after, 10, &number));
		uint64_t hundredths = fraction && dot < rest.n ? number : 0;
		return kj_num_base(kj_str_upto(rest, dot), 10, &number) && fraction && number <= 100 &&
		       (number || hundredths) && (number < 100 || !hundredths);
	}
	return parse_size(*value, &number) && number && read_size(arena, value);
}

/* ---- numbers ---- */

/* What strtoul() passes over. */
static kj_str skip_plus(kj_str s)
{
	s = kj_str_trim_left(s);
	return kj_str_from(s, s.n && s.p[0] == '+' ? 1 : 0);
}

/* safe_atou_full() with base 0: 0x, 0o, 0b, and a leading 0 is octal. */
static bool parse_unsigned(kj_str s, uint64_t *out)
{
	static const struct {
		kj_str prefix;
		int base;
	} bases[] = {{KJ_STR_INIT("0x"), 16}, {KJ_STR_INIT("0o"), 8}, {KJ_STR_INIT("0b"), 2}, {KJ_STR_INIT("0"), 8}};
	s = skip_plus(s);
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		if (s.n > 1 && kj_str_starts_fold(s, bases[i].prefix))
			return kj_num_base(skip_plus(kj_str_from(s, bases[i].prefix.n)), bases[i].base, out);
	return kj_num_base(s, 10, out);
}

static bool read_number(struct kj_arena *arena, kj_str *value, uint64_t most)
{
	uint64_t number;
	if (!parse_unsigned(*value, &number) || number > most)
		return false;
	*value = kj_str_fmt(arena, "%llu", (unsigned long long)number);
	return true;
}

static bool read_unsigned(struct kj_arena *arena, kj_str *value)
{
	return read_number(arena, value, UINT32_MAX);
}

static bool read_uint64(struct kj_arena *arena, kj_str *value)
{
	return read_number(arena, value, UINT64_MAX);
}

/* ---- text ---- */

static bool read_path(struct kj_arena *arena, kj_str *value)
{
	(void)arena;
	return !value->n || value->p[0] == '/';
}

/* Words in quotes or not, backslashes kept; a quote without end spoils the whole assignment. */
static bool read_list(struct kj_arena *arena, kj_str *value)
{
	struct kj_buf out = KJ_BUF(arena);
	char quote = 0;
	for (size_t i = 0; i < value->n; i++) {
		char c = value->p[i];
		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else
			kj_buf_char(&out, c);
	}
	*value = kj_buf_str(&out);
	return !quote;
}

static const struct kj_systemd_type types[] = {
        {KJ_STR_INIT("boolean"), read_boolean, false, false, "a boolean"},
        {KJ_STR_INIT("list"), read_list, true, true, "a list of words"},
        {KJ_STR_INIT("memory"), read_memory, false, false, "a size or a share of the memory"},
        {KJ_STR_INIT("path"), read_path, true, false, "an absolute path"},
        {KJ_STR_INIT("seconds"), read_seconds, false, false, "a time span"},
        {KJ_STR_INIT("seconds_or_never"), read_seconds_or_never, false, false, "a time span"},
        {KJ_STR_INIT("size"), read_size, false, false, "a size"},
        {KJ_STR_INIT("text"), read_text, true, false, "a text"},
        {KJ_STR_INIT("tristate"), read_boolean, true, false, "a boolean"},
        {KJ_STR_INIT("uint64"), read_uint64, false, false, "a number"},
        {KJ_STR_INIT("unsigned"), read_unsigned, false, false, "a number below 2^32"},
};
enum { TYPES = sizeof types / sizeof *types };

const struct kj_systemd_type *kj_systemd_type_find(kj_str name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (kj_str_eq(types[i].name, name))
			return &types[i];
	return NULL;
}
