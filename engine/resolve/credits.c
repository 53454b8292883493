/* The arithmetic of credits and classes: simple() and numclass() of libpwquality's check.c, the same as cracklib's. */
#include "resolve/pwquality.h"

int64_t kj_credits_shortest(const struct kj_credits *c)
{
	const int64_t credit[4] = {c->digit, c->upper, c->lower, c->other};
	int64_t demanded = 0, discount = 0, demanding = 0, discounting = 0;
	for (size_t i = 0; i < 4; i++) {
		demanded += credit[i] < 0 ? -credit[i] : 0;
		discount += credit[i] > 0 ? credit[i] : 0;
		demanding += credit[i] < 0;
		discounting += credit[i] > 0;
	}
	int64_t minclass = c->minclass > 4 ? 4 : c->minclass;
	int64_t further = minclass > demanding ? minclass - demanding : 0;  /* classes beside the demanded ones */
	int64_t barren = further > discounting ? further - discounting : 0; /* of these, the ones that earn nothing */
	/* Of length n, n - demanded characters are free; all but the barren ones earn a discount while there is any. */
	int64_t n = demanded + further;
	int64_t earned = n - demanded - barren;
	if (earned > discount)
		earned = discount;
	if (c->minlen - earned <= n)
		return n > 1 ? n : 1;
	/* each further character earns one and counts one, then only counts */
	int64_t missing = c->minlen - earned - n, left = discount - earned;
	int64_t pairs = (missing + 1) / 2 < left ? (missing + 1) / 2 : left;
	missing -= 2 * pairs;
	n += pairs + (missing > 0 ? missing : 0);
	return n > 1 ? n : 1;
}

bool kj_credits_demand(const struct kj_credits *c, enum kj_demand what)
{
	enum { DIGIT = 1, UPPER = 2, LOWER = 4, OTHER = 8 };
	static const unsigned wanted[] = {
	        [KJ_DEMAND_LETTER] = UPPER | LOWER, [KJ_DEMAND_DIGIT] = DIGIT, [KJ_DEMAND_SYMBOL] = OTHER};
	unsigned must = (c->digit < 0 ? DIGIT : 0u) | (c->upper < 0 ? UPPER : 0u) | (c->lower < 0 ? LOWER : 0u) |
	                (c->other < 0 ? OTHER : 0u);
	int64_t minclass = c->minclass > 4 ? 4 : c->minclass;
	for (unsigned set = 1; set < 16; set++) {
		int64_t classes = (set & 1) + (set >> 1 & 1) + (set >> 2 & 1) + (set >> 3 & 1);
		if ((set & must) == must && classes >= minclass && !(set & wanted[what]))
			return false;
	}
	return true;
}
