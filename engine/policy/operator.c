/* The operators: pure comparisons of a found value with operands. */
#include "policy/value.h"

/* -- equality -- */

static kj_str version_text(kj_str s)
{
	return kj_str_from(s, kj_str_starts_fold(s, KJ_STR("v")) ? 1 : 0);
}

/* Debian's epoch ("1:9.2", deb-version(7)) is the packager's: it counts only where both versions have one. */
static kj_str without_epoch(kj_str s)
{
	size_t colon = kj_str_find(s, ':');
	return colon < s.n ? kj_str_from(s, colon + 1) : s;
}

static int version_order(kj_str a, kj_str b)
{
	a = version_text(a);
	b = version_text(b);
	bool both = kj_str_find(a, ':') < a.n && kj_str_find(b, ':') < b.n;
	return both ? kj_version_cmp(a, b) : kj_version_cmp(without_epoch(a), without_epoch(b));
}

static bool same_items(const struct kj_value *a, const struct kj_value *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (!kj_str_eq(a->items[i].text, b->items[i].text))
			return false;
	}
	return a->n == b->n;
}

static bool same(const struct kj_value *found, const struct kj_value *operand)
{
	switch (found->type) {
	case KJ_TYPE_TEXT:
		return kj_str_eq(found->text, operand->text);
	case KJ_TYPE_VERSION:
		return version_order(found->text, operand->text) == 0;
	case KJ_TYPE_ADDRESS:
		return kj_range_within(&found->range, &operand->range) &&
		       kj_range_within(&operand->range, &found->range);
	case KJ_TYPE_LIST:
		return operand->type == KJ_TYPE_LIST ? same_items(found, operand)
		                                     : found->n == 1 && kj_str_eq(found->items[0].text, operand->text);
	default:
		return found->num == operand->num;
	}
}

/* Is it one of the operands, those opened up that are lists? */
static bool among(const struct kj_value *value, const struct kj_value *operand, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool open = operand[i].type == KJ_TYPE_LIST;
		if (open ? among(value, operand[i].items, operand[i].n) : same(value, &operand[i]))
			return true;
	}
	return false;
}

/* How many of the found list's items are among the operands. */
static size_t count_among(const struct kj_value *found, const struct kj_value *operand, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < found->n; i++)
		count += among(&found->items[i], operand, n);
	return count;
}

static bool equals(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	(void)today;
	return n == 1 && same(found, &operand[0]);
}

static bool one_of(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	(void)today;
	if (found->type == KJ_TYPE_LIST)
		return found->n > 0 && count_among(found, operand, n) == found->n;
	return among(found, operand, n);
}

static bool none_of(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	(void)today;
	if (found->type == KJ_TYPE_LIST)
		return count_among(found, operand, n) == 0;
	return !among(found, operand, n);
}

/* Is each operand, those opened up that are lists, an item of the found list? */
static bool contains_all(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	for (size_t i = 0; i < n; i++) {
		bool open = operand[i].type == KJ_TYPE_LIST;
		if (open ? !contains_all(found, operand[i].items, operand[i].n, today)
		         : !among(&operand[i], found->items, found->n))
			return false;
	}
	return true;
}

/* -- order -- */

static bool no_more(const struct kj_value *a, const struct kj_value *b)
{
	if (a->type == KJ_TYPE_MODE)
		return (a->num & ~b->num) == 0;
	if (a->type == KJ_TYPE_VERSION)
		return version_order(a->text, b->text) <= 0;
	return a->num <= b->num;
}

static bool at_least(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	(void)today;
	return n == 1 && no_more(&operand[0], found);
}

static bool at_most(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	(void)today;
	return n == 1 && no_more(found, &operand[0]);
}

static bool between(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	(void)today;
	return n == 2 && no_more(&operand[0], found) && no_more(found, &operand[1]);
}

/* -- dates -- */

/* The day that is so long before today. A period that was given as a time counts in whole days. */
static int64_t day_before(struct kj_date today, const struct kj_value *period)
{
	enum { DAY = 86400 };
	bool calendar = period->type == KJ_TYPE_PERIOD;
	int64_t back = calendar ? period->num : period->num / DAY;
	return kj_date_days(kj_date_add_months(today, calendar ? -period->months : 0)) - back;
}

static bool older_than(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	return n == 1 && found->num < day_before(today, &operand[0]);
}

static bool newer_than(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	return n == 1 && found->num >= day_before(today, &operand[0]) && found->num <= kj_date_days(today);
}

/* -- addresses -- */

static bool within(const struct kj_value *found, const struct kj_value *operand, size_t n, struct kj_date today)
{
	for (size_t i = 0; i < n; i++) {
		bool open = operand[i].type == KJ_TYPE_LIST;
		if (open ? within(found, operand[i].items, operand[i].n, today)
		         : kj_range_within(&found->range, &operand[i].range))
			return true;
	}
	return false;
}

/* -- the table -- */

#define BIT(type) (1u << KJ_TYPE_##type)
enum {
	ANY = (1u << KJ_TYPES) - 1,
	ORDERED = BIT(INT) | BIT(SECONDS) | BIT(MINUTES) | BIT(DURATION) | BIT(DAYS) | BIT(SIZE) | BIT(MODE) |
	          BIT(DATE) | BIT(VERSION),
};

static const struct kj_operator operators[] = {
        {KJ_STR_INIT("equals"), KJ_ARITY_ONE, false, equals, "%s", ANY, KJ_TYPE_TEXT,
         "The value is this one. Text is compared letter by letter."},
        {KJ_STR_INIT("one_of"), KJ_ARITY_LIST, false, one_of, "one of %s", ANY, KJ_TYPE_TEXT,
         "The value, or each item of a list, is one of these."},
        {KJ_STR_INIT("none_of"), KJ_ARITY_LIST, false, none_of, "none of %s", ANY, KJ_TYPE_TEXT,
         "The value, or each item of a list, is none of these."},
        {KJ_STR_INIT("matches"), KJ_ARITY_PATTERN, false, NULL, "/%s/", BIT(TEXT), KJ_TYPE_TEXT,
         "The PCRE2 pattern occurs in the value."},
        {KJ_STR_INIT("not_matches"), KJ_ARITY_PATTERN, false, NULL, "no /%s/", BIT(TEXT), KJ_TYPE_TEXT,
         "The PCRE2 pattern does not occur in the value."},
        {KJ_STR_INIT("contains_all"), KJ_ARITY_LIST, false, contains_all, "all of %s", BIT(LIST), KJ_TYPE_LIST,
         "The list has each of these items."},
        {KJ_STR_INIT("contains_none"), KJ_ARITY_LIST, false, none_of, "none of %s", BIT(LIST), KJ_TYPE_LIST,
         "The list has none of these items."},
        {KJ_STR_INIT("at_least"), KJ_ARITY_ONE, true, at_least, "≥ %s", ORDERED, KJ_TYPE_TEXT,
         "The value is this one or more."},
        {KJ_STR_INIT("at_most"), KJ_ARITY_ONE, true, at_most, "≤ %s", ORDERED, KJ_TYPE_TEXT,
         "The value is this one or less. A mode: it permits nothing beyond this one."},
        {KJ_STR_INIT("between"), KJ_ARITY_TWO, true, between, "%s", ORDERED, KJ_TYPE_TEXT,
         "The value lies between the two, both included."},
        {KJ_STR_INIT("older_than"), KJ_ARITY_PERIOD, false, older_than, "more than %s ago", BIT(DATE), KJ_TYPE_DATE,
         "The date is longer ago than this."},
        {KJ_STR_INIT("newer_than"), KJ_ARITY_PERIOD, false, newer_than, "at most %s ago", BIT(DATE), KJ_TYPE_DATE,
         "The date is at most so long ago, and not in the future."},
        {KJ_STR_INIT("version_at_least"), KJ_ARITY_ONE, false, at_least, "version ≥ %s", BIT(VERSION),
         KJ_TYPE_VERSION, "The version is this one or later."},
        {KJ_STR_INIT("within"), KJ_ARITY_LIST, false, within, "within %s", BIT(ADDRESS), KJ_TYPE_ADDRESS,
         "The address or range lies in one of these."},
};

const struct kj_operator *kj_operators(size_t *n)
{
	*n = sizeof operators / sizeof *operators;
	return operators;
}

const struct kj_operator *kj_operator_find(kj_str name)
{
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		if (kj_str_eq(operators[i].name, name))
			return &operators[i];
	}
	return NULL;
}
