/* One rule line of iptables: words, options one after the other. Options of matches may stand behind the target as
   well. */
#include "firewall/dialects/iptables.h"

#include "base/num.h"
#include "firewall/services.h"

/* -- words -- */

static size_t word_end(kj_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (kj_is_space(s.p[i]))
			return i;
	}
	return s.n;
}

/* The end of a quoted word: the next quote without a backslash before it. */
static size_t quote_end(kj_str s, char quote)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == quote)
			return i;
	}
	return s.n;
}

void kj_ipt_split(struct kj_arena *arena, kj_str line, struct kj_ipt_words *words)
{
	words->at.n = words->next = 0;
	for (kj_str rest = kj_str_trim(line); rest.n; rest = kj_str_trim_left(rest)) {
		bool quoted = *rest.p == '"' || *rest.p == '\'';
		size_t end = quoted ? quote_end(kj_str_from(rest, 1), *rest.p) : word_end(rest);
		KJ_PUSH(arena, &words->at, quoted ? kj_str_upto(kj_str_from(rest, 1), end) : kj_str_upto(rest, end));
		rest = kj_str_from(rest, quoted ? end + 2 : end);
	}
}

kj_str kj_ipt_next(struct kj_ipt_rule *r)
{
	return r->words->next < r->words->at.n ? r->words->at.at[r->words->next++] : KJ_STR("");
}

static bool is_option(kj_str word)
{
	return (word.n > 1 && word.p[0] == '-' && !kj_is_digit(word.p[1])) || kj_str_eq(word, KJ_STR("!"));
}

void kj_ipt_skip_args(struct kj_ipt_rule *r)
{
	while (r->words->next < r->words->at.n && !is_option(r->words->at.at[r->words->next]))
		r->words->next++;
}

/* -- values -- */

/* "10.1" stands for 10.1.0.0 (only where a mask follows: alone it would be a host's short form). */
static kj_str padded(char *room, size_t size, kj_str s)
{
	size_t slash = kj_str_find(s, '/'), dots = 0, n = 0;
	for (size_t i = 0; i < slash; i++)
		dots += s.p[i] == '.';
	if (slash == s.n || dots >= 3 || kj_str_find(s, ':') < s.n || s.n + 8 > size)
		return s;
	for (size_t i = 0; i < slash; i++)
		room[n++] = s.p[i];
	for (; dots < 3; dots++) {
		room[n++] = '.';
		room[n++] = '0';
	}
	for (size_t i = slash; i < s.n; i++)
		room[n++] = s.p[i];
	return (kj_str){room, n};
}

bool kj_ipt_range(kj_str s, struct kj_range *out)
{
	char room[64];
	return kj_range_parse(padded(room, sizeof room, s), out);
}

bool kj_ipt_number(kj_str s, uint32_t *out)
{
	int64_t number;
	if (!kj_num_c(s, &number) || number < 0 || number > UINT32_MAX)
		return false;
	*out = (uint32_t)number;
	return true;
}

bool kj_ipt_masked(kj_str s, uint32_t *value, uint32_t *mask)
{
	size_t slash = kj_str_find(s, '/');
	*mask = UINT32_MAX;
	return kj_ipt_number(kj_str_upto(s, slash), value) &&
	       (slash == s.n || kj_ipt_number(kj_str_from(s, slash + 1), mask));
}

bool kj_ipt_ports(kj_str s, char between, uint16_t *first, uint16_t *last)
{
	size_t mark = kj_str_find(s, between);
	kj_str low = kj_str_upto(s, mark), high = kj_str_from(s, mark + 1);
	if (between == '-' && kj_fw_port_parse(s, first)) { /* a service with a dash in its name */
		*last = *first;
		return true;
	}
	*first = 0;
	*last = UINT16_MAX;
	if (low.n && !kj_fw_port_parse(low, first))
		return false;
	if (mark == s.n) {
		*last = *first;
		return s.n > 0;
	}
	return (!high.n || kj_fw_port_parse(high, last)) && *first <= *last;
}

/* -- the rule -- */

/* The words from index `from` up to the next one to be read, as they stand in the line. */
static kj_str span(const struct kj_ipt_rule *r, size_t from)
{
	kj_str first = r->words->at.at[from], last = r->words->at.at[r->words->next - 1];
	return (kj_str){first.p, (size_t)(last.p + last.n - first.p)};
}

/* An option nobody knows: of a target whose options do not matter, or a match that is beyond the model. */
static void unknown(struct kj_ipt_rule *r, size_t from)
{
	kj_ipt_skip_args(r);
	if (!r->unread)
		kj_fw_beyond(r->rs, r->rule, span(r, from));
}

static bool jump(struct kj_ipt_rule *r, kj_str option)
{
	bool go = kj_str_eq(option, KJ_STR("-g")) || kj_str_eq(option, KJ_STR("--goto"));
	if (!go && !kj_str_eq(option, KJ_STR("-j")) && !kj_str_eq(option, KJ_STR("--jump")))
		return false;
	r->twice |= r->target.n > 0;
	r->target = kj_ipt_next(r);
	r->go = go;
	r->unread = false;
	r->module = KJ_STR("");
	return true;
}

static bool module(struct kj_ipt_rule *r, kj_str option)
{
	if (!kj_str_eq(option, KJ_STR("-m")) && !kj_str_eq(option, KJ_STR("--match")))
		return false;
	kj_ipt_module(r, kj_ipt_next(r));
	return true;
}

void kj_ipt_give_up(struct kj_fw_rule *rule)
{
	rule->tests.n = 0;
	rule->assigns.n = 0;
	rule->maybe = true;
	rule->verdict = KJ_FW_UNSURE;
}

void kj_ipt_read_rule(struct kj_ipt_rule *r)
{
	bool negated = false;
	while (r->words->next < r->words->at.n) {
		size_t from = r->words->next;
		kj_str option = kj_ipt_next(r);
		if (kj_str_eq(option, KJ_STR("!"))) {
			negated = true;
			continue;
		}
		if (!module(r, option) && !jump(r, option) && !(r->target.n && kj_ipt_target_option(r, option)) &&
		    !kj_ipt_match(r, option, negated))
			unknown(r, from);
		negated = false;
	}
	kj_ipt_conclude(r);
	if (r->twice) {
		kj_ipt_give_up(r->rule);
		kj_fw_note(r->rs, r->rule->line, "two targets in one rule: are these two lines run together?");
	}
}
