/* Rules of USBGuard (usbguard-rules.conf(5)), as its parser takes them; and `usbguard list-rules`, which puts a number
   before each. */
#include "parse/scan.h"

enum {
	TARGET,
	ID,
	ID_OPERATOR,
	INTERFACE,
	INTERFACE_OPERATOR,
	NAME,
	SERIAL,
	HASH,
	PARENT_HASH,
	PORT,
	CONNECT,
	LABEL,
	IF,
	OPERATORS
};

struct rule {
	struct kj_parse *parse;
	kj_str rest;
	kj_str *cells;
	bool seen[OPERATORS];
	bool commented; /* a comment follows */
};

enum kind { DEVICE, CLASS, TEXT };
static const struct {
	kj_str word;
	size_t cell;
	enum kind kind;
} attributes[] = {
        {KJ_STR_INIT("id"), ID, DEVICE},       {KJ_STR_INIT("with-interface"), INTERFACE, CLASS},
        {KJ_STR_INIT("name"), NAME, TEXT},     {KJ_STR_INIT("serial"), SERIAL, TEXT},
        {KJ_STR_INIT("hash"), HASH, TEXT},     {KJ_STR_INIT("parent-hash"), PARENT_HASH, TEXT},
        {KJ_STR_INIT("via-port"), PORT, TEXT}, {KJ_STR_INIT("with-connect-type"), CONNECT, TEXT},
        {KJ_STR_INIT("label"), LABEL, TEXT},
};
#define ATTRIBUTES (sizeof attributes / sizeof *attributes)

static bool is_in(kj_str word, const char *const *words)
{
	for (; *words; words++)
		if (kj_str_eq(word, kj_str_of(*words)))
			return true;
	return false;
}

static bool is_operator(kj_str word)
{
	return is_in(word, (const char *const[]){"all-of", "one-of", "none-of", "equals", "equals-ordered", "match-all",
	                                         NULL});
}

/* ---- tokens ---- */

static void skip(struct rule *r)
{
	r->rest = kj_skip_blanks(r->rest);
}

/* A word up to a blank, a brace or a comment. */
static kj_str peek(const struct rule *r)
{
	size_t n = 0;
	while (n < r->rest.n && !kj_blank(r->rest.p[n]) && r->rest.p[n] != '{' && r->rest.p[n] != '}' &&
	       r->rest.p[n] != '#')
		n++;
	return kj_str_upto(r->rest, n);
}

static void pass(struct rule *r, size_t n)
{
	r->rest = kj_str_from(r->rest, n);
	skip(r);
}

static bool is_hex(kj_str s, size_t digits)
{
	for (size_t i = 0; i < s.n; i++)
		if (!kj_is_digit(s.p[i]) && !(kj_lower(s.p[i]) >= 'a' && kj_lower(s.p[i]) <= 'f'))
			return false;
	return s.n == digits;
}

/* 1234:5678, 1234:*, *:* */
static bool is_device(kj_str s)
{
	size_t colon = kj_str_find(s, ':');
	kj_str vendor = kj_str_upto(s, colon), product = kj_str_from(s, colon + 1);
	bool any_vendor = kj_str_eq(vendor, KJ_STR("*")), any_product = kj_str_eq(product, KJ_STR("*"));
	return colon < s.n && (any_vendor ? any_product : is_hex(vendor, 4) && (any_product || is_hex(product, 4)));
}

/* 08:06:50, 08:06:*, 08:*:* */
static bool is_class(kj_str s)
{
	kj_str part[3] = {{NULL, 0}};
	size_t n = 0;
	while (n < 3 && kj_str_cut(&s, ':', &part[n]))
		n++;
	bool any_sub = kj_str_eq(part[1], KJ_STR("*")), any_protocol = kj_str_eq(part[2], KJ_STR("*"));
	return n == 3 && !s.p && is_hex(part[0], 2) && (any_sub ? any_protocol : is_hex(part[1], 2)) &&
	       (any_protocol || is_hex(part[2], 2));
}

/* A text in quotes; a backslash quotes the next byte, \xNN is a byte. */
static bool take_text(struct rule *r, kj_str *value)
{
	struct kj_buf buf = KJ_BUF(r->parse->arena);
	size_t i = 1;
	if (!r->rest.n || r->rest.p[0] != '"')
		return false;
	for (; i < r->rest.n && r->rest.p[i] != '"'; i++) {
		uint64_t byte = 0;
		if (r->rest.p[i] != '\\' || i + 1 == r->rest.n) {
			kj_buf_char(&buf, r->rest.p[i]);
			continue;
		}
		kj_str digits = kj_str_upto(kj_str_from(r->rest, i + 2), 2);
		bool hex = r->rest.p[i + 1] == 'x' && is_hex(digits, 2);
		for (size_t d = 0; hex && d < 2; d++)
			byte = byte * 16 + (uint64_t)(kj_is_digit(digits.p[d]) ? digits.p[d] - '0'
			                                                       : kj_lower(digits.p[d]) - 'a' + 10);
		kj_buf_char(&buf, hex ? (char)byte : r->rest.p[i + 1]);
		i += hex ? 3 : 1;
	}
	if (i >= r->rest.n)
		return false;
	*value = kj_buf_str(&buf);
	pass(r, i + 1);
	return true;
}

static bool take_value(struct rule *r, enum kind kind, kj_str *value)
{
	if (kind == TEXT)
		return take_text(r, value);
	*value = peek(r);
	if (!(kind == DEVICE ? is_device(*value) : is_class(*value)))
		return false;
	pass(r, value->n);
	*value = kj_str_lower(r->parse->arena, *value);
	return true;
}

/* ---- attributes ---- */

static bool take_values(struct rule *r, enum kind kind, kj_str *values, kj_str *operator)
{
	struct kj_args args = {.arena = r->parse->arena};
	kj_str word = peek(r), value;
	*operator= KJ_STR("equals");
	if (is_operator(word)) {
		*operator= word;
		pass(r, word.n);
	} else if (!r->rest.n || r->rest.p[0] != '{') {
		return take_value(r, kind, values);
	}
	if (!r->rest.n || r->rest.p[0] != '{')
		return false;
	pass(r, 1);
	while (take_value(r, kind, &value))
		kj_args_add(&args, value);
	if (!args.n || args.clash || !r->rest.n || r->rest.p[0] != '}')
		return false;
	pass(r, 1);
	*values = kj_args_list(&args);
	return true;
}

static bool take_condition(struct rule *r)
{
	static const char *const names[] = {"allowed-matches", "localtime", "random", "rule-applied",
	                                    "rule-evaluated",  "true",      "false",  NULL};
	kj_str name = r->rest;
	if (name.n && name.p[0] == '!')
		name = kj_str_from(name, 1);
	size_t n = 0;
	while (n < name.n && (kj_is_alnum(name.p[n]) || name.p[n] == '-'))
		n++;
	if (!is_in(kj_str_upto(name, n), names))
		return false;
	pass(r, (size_t)(name.p - r->rest.p) + n);
	if (r->rest.n && r->rest.p[0] == '(') {
		size_t close = kj_str_find(r->rest, ')');
		if (close == r->rest.n)
			return false;
		pass(r, close + 1);
	}
	return true;
}

static bool take_if(struct rule *r)
{
	const char *from = r->rest.p;
	kj_str word = peek(r);
	bool several = is_operator(word) || (r->rest.n && r->rest.p[0] == '{');
	if (is_operator(word))
		pass(r, word.n);
	if (several && (!r->rest.n || r->rest.p[0] != '{'))
		return false;
	pass(r, several ? 1 : 0);
	if (!take_condition(r))
		return false;
	while (several && take_condition(r))
		continue;
	if (several && (!r->rest.n || r->rest.p[0] != '}'))
		return false;
	pass(r, several ? 1 : 0);
	r->cells[IF] = kj_str_trim((kj_str){from, (size_t)(r->rest.p - from)});
	return true;
}

static const char *take_attribute(struct rule *r)
{
	kj_str word = peek(r), operator= {NULL, 0};
	size_t i = 0;
	while (i < ATTRIBUTES && !kj_str_eq(attributes[i].word, word))
		i++;
	bool condition = kj_str_eq(word, KJ_STR("if"));
	if (i == ATTRIBUTES && !condition)
		return "there is no such attribute";
	size_t cell = condition ? IF : attributes[i].cell;
	bool again = r->seen[cell];
	if (again && cell != LABEL) /* labels gather; they match nothing */
		return "the attribute is there already";
	r->seen[cell] = true;
	pass(r, word.n);
	if (condition)
		return take_if(r) ? NULL : "not a condition";
	kj_str before = r->cells[cell];
	if (!take_values(r, attributes[i].kind, &r->cells[cell], &operator))
		return "not a value of the attribute";
	if (again)
		r->cells[cell] = kj_str_fmt(r->parse->arena, "%.*s%c%.*s", KJ_FMT(before), KJ_PARSE_LIST,
		                            KJ_FMT(r->cells[cell]));
	if (cell == ID || cell == INTERFACE)
		r->cells[cell + 1] = operator;
	else if (again || !kj_str_eq(operator, KJ_STR("equals")))
		r->cells[OPERATORS] = kj_str_fmt(r->parse->arena, "%.*s%s%.*s %.*s", KJ_FMT(r->cells[OPERATORS]),
		                                 r->cells[OPERATORS].n ? ", " : "", KJ_FMT(word), KJ_FMT(operator));
	return NULL;
}

static const char *take_rule(struct rule *r)
{
	kj_str target = peek(r);
	r->cells[TARGET] = target;
	if (!is_in(target, (const char *const[]){"allow", "block", "reject", "match", "device", NULL}))
		return "no target at the beginning";
	pass(r, target.n);
	if (is_device(peek(r))) { /* `id` may be left out */
		r->seen[ID] = true;
		r->cells[ID_OPERATOR] = KJ_STR("equals");
		take_value(r, DEVICE, &r->cells[ID]);
	}
	const char *problem = NULL;
	while (!problem && r->rest.n && r->rest.p[0] != '#')
		problem = take_attribute(r);
	r->commented = r->rest.n;
	return problem;
}

/* `12: allow …` */
static kj_str without_number(kj_str line)
{
	size_t n = 0;
	while (n < line.n && kj_is_digit(line.p[n]))
		n++;
	bool numbered = n && n + 1 < line.n && line.p[n] == ':' && line.p[n + 1] == ' ';
	return numbered ? kj_str_from(line, n + 2) : line;
}

void kj_parse_usbguard(struct kj_parse *parse)
{
	struct kj_scan scan = kj_scan_of(parse->text);
	while (kj_scan_next(&scan)) {
		kj_str line = without_number(scan.line), text = kj_skip_blanks(line);
		if (!line.n || (text.n && text.p[0] == '#'))
			continue;
		struct rule r = {.parse = parse, .rest = line};
		r.cells = kj_rows_add(parse, scan.number, kj_scan_col(&scan, line.p));
		if (!r.cells)
			return;
		/* the grammar has no blanks at either end, nor a CR */
		bool cr = line.p == scan.line.p && line.p + line.n < scan.end && line.p[line.n] == '\r';
		const char *problem = text.p != line.p ? "a blank before the rule" : take_rule(&r);
		if (!problem && (cr || (!r.commented && kj_blank(line.p[line.n - 1]))))
			problem = "a blank or a CR behind the rule";
		if (problem)
			kj_rows_spoil(parse, problem);
	}
}
