/* Rules of udev, as udev 252 reads them: udev_rules_parse_file, parse_line and parse_token of src/udev/udev-rules.c,
   udev_rule_parse_value of src/shared/udev-util.c, read_line of src/basic/fileio.c. A row for each token; a rule that udev
   drops is one bad row, whose value is the whole rule. */
#include "base/num.h"
#include "base/utf8.h"
#include "parse/scan.h"

enum { RULE, KIND, KEY, ATTRIBUTE, OP, VALUE };
enum { LINE_MAX_BYTES = 16384 }; /* UDEV_LINE_SIZE */

/* ---- keys ---- */

enum attribute { NONE, NEEDED, MAY };
struct key {
	kj_str name;
	enum attribute attribute;
	bool match;         /* == and != */
	const char *assign; /* of = + - :, which stand for = += -= := */
	const char *plain;  /* those of them that udev takes for = */
	bool asks;          /* an assignment is taken for == */
};

static const struct key keys[] = {
        {KJ_STR_INIT("ACTION"), NONE, true, "", "", false},
        {KJ_STR_INIT("ATTR"), NEEDED, true, "=+:", "+:", false},
        {KJ_STR_INIT("ATTRS"), NEEDED, true, "", "", false},
        {KJ_STR_INIT("CONST"), NEEDED, true, "", "", false},
        {KJ_STR_INIT("DEVPATH"), NONE, true, "", "", false},
        {KJ_STR_INIT("DRIVER"), NONE, true, "", "", false},
        {KJ_STR_INIT("DRIVERS"), NONE, true, "", "", false},
        {KJ_STR_INIT("ENV"), NEEDED, true, "=+:", ":", false},
        {KJ_STR_INIT("GOTO"), NONE, false, "=", "", false},
        {KJ_STR_INIT("GROUP"), NONE, false, "=+:", "+", false},
        {KJ_STR_INIT("IMPORT"), NEEDED, true, "=+:", "", true},
        {KJ_STR_INIT("KERNEL"), NONE, true, "", "", false},
        {KJ_STR_INIT("KERNELS"), NONE, true, "", "", false},
        {KJ_STR_INIT("LABEL"), NONE, false, "=", "", false},
        {KJ_STR_INIT("MODE"), NONE, false, "=+:", "+", false},
        {KJ_STR_INIT("NAME"), NONE, true, "=+:", "+", false},
        {KJ_STR_INIT("OPTIONS"), NONE, false, "=+:", "+", false},
        {KJ_STR_INIT("OWNER"), NONE, false, "=+:", "+", false},
        {KJ_STR_INIT("PROGRAM"), NONE, true, "=+:", "", true},
        {KJ_STR_INIT("RESULT"), NONE, true, "", "", false},
        {KJ_STR_INIT("RUN"), MAY, false, "=+:", "", false},
        {KJ_STR_INIT("SECLABEL"), NEEDED, false, "=+:", ":", false},
        {KJ_STR_INIT("SUBSYSTEM"), NONE, true, "", "", false},
        {KJ_STR_INIT("SUBSYSTEMS"), NONE, true, "", "", false},
        {KJ_STR_INIT("SYMLINK"), NONE, true, "=+:", "", false},
        {KJ_STR_INIT("SYSCTL"), NEEDED, true, "=+:", "+:", false},
        {KJ_STR_INIT("TAG"), NONE, true, "=+-:", ":", false},
        {KJ_STR_INIT("TAGS"), NONE, true, "", "", false},
        {KJ_STR_INIT("TEST"), MAY, true, "", "", false},
};

static const struct key *find_key(kj_str name)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (kj_str_eq(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static bool is_in(kj_str word, const char *const *words)
{
	for (; *words; words++)
		if (kj_str_eq(word, kj_str_of(*words)))
			return true;
	return false;
}

/* ---- a token: key, attribute, operator, value ---- */

struct token {
	kj_str key, attribute, op, value;
	bool has_attribute;
};

struct rule {
	struct kj_parse *parse;
	uint32_t first; /* its first line */
	uint32_t last;  /* the number of its last one, as udev counts */
	kj_str text, rest;
	size_t rows; /* of all rules before */
	bool does;   /* anything but match */
	bool has_goto;
	const char *aside; /* an option or GOTO that udev passes over */
};

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static kj_str skip_white(kj_str s)
{
	size_t i = 0;
	while (i < s.n && is_white(s.p[i]))
		i++;
	return kj_str_from(s, i);
}

static int digit_of(char c)
{
	c = kj_lower(c);
	return kj_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* `count` digits of a base to a number. */
static bool take_digits(kj_str s, size_t count, int base, uint32_t *number)
{
	*number = 0;
	for (size_t i = 0; i < count; i++) {
		if (i >= s.n || digit_of(s.p[i]) >= base)
			return false;
		*number = *number * (uint32_t)base + (uint32_t)digit_of(s.p[i]);
	}
	return true;
}

/* What may stand in \U… (unichar_is_valid). */
static bool is_character(uint32_t c)
{
	return c <= 0x10FFFF && (c & 0xFFFFF800) != 0xD800 && !(c >= 0xFDD0 && c <= 0xFDEF) && (c & 0xFFFE) != 0xFFFE;
}

/* An escape behind its backslash (cunescape_one); how many bytes it is, 0 for none that udev knows. */
static size_t unescape_one(struct kj_buf *buf, kj_str s)
{
	static const char letters[] = "abfnrtv\\\"'s", meant[] = "\a\b\f\n\r\t\v\\\"' ";
	uint32_t number;
	const char *letter = s.n && s.p[0] ? strchr(letters, s.p[0]) : NULL;
	if (letter) {
		kj_buf_char(buf, meant[letter - letters]);
		return 1;
	}
	if (!s.n)
		return 0;
	kj_str behind = kj_str_from(s, 1);
	size_t count = s.p[0] == 'x' ? 2 : s.p[0] == 'u' ? 4 : s.p[0] == 'U' ? 8 : 0;
	if (!count) {
		if (!take_digits(s, 3, 8, &number) || !number || number > 255)
			return 0;
		kj_buf_char(buf, (char)number);
		return 3;
	}
	if (!take_digits(behind, count, 16, &number) || !number || (count == 8 && !is_character(number)))
		return 0;
	if (count == 2)
		kj_buf_char(buf, (char)number);
	else
		kj_utf8_put(buf, number);
	return count + 1;
}

static bool take_escaped(struct rule *r, kj_str *value)
{
	struct kj_buf buf = KJ_BUF(r->parse->arena);
	for (size_t i = 1; i < r->rest.n; i++) {
		if (r->rest.p[i] == '"') {
			*value = kj_buf_str(&buf);
			r->rest = kj_str_from(r->rest, i + 1);
			return true;
		}
		if (r->rest.p[i] != '\\') {
			kj_buf_char(&buf, r->rest.p[i]);
			continue;
		}
		size_t n = unescape_one(&buf, kj_str_from(r->rest, i + 1));
		if (!n)
			return false;
		i += n;
	}
	return false;
}

/* "…": \" is a quote, every other backslash stays. */
static bool take_quoted(struct rule *r, kj_str *value)
{
	struct kj_buf buf = KJ_BUF(r->parse->arena);
	for (size_t i = 1; i < r->rest.n; i++) {
		if (r->rest.p[i] == '"') {
			*value = kj_buf_str(&buf);
			r->rest = kj_str_from(r->rest, i + 1);
			return true;
		}
		i += r->rest.p[i] == '\\' && i + 1 < r->rest.n && r->rest.p[i + 1] == '"';
		kj_buf_char(&buf, r->rest.p[i]);
	}
	return false;
}

static const char *take_value(struct rule *r, kj_str *value)
{
	bool escaped = kj_str_starts(r->rest, KJ_STR("e"));
	r->rest = kj_str_from(r->rest, escaped ? 1 : 0);
	if (!kj_str_starts(r->rest, KJ_STR("\"")))
		return "a value without quotes: udev drops the rule";
	if (!(escaped ? take_escaped(r, value) : take_quoted(r, value)))
		return "a quote that is not closed, or a wrong escape: udev drops the rule";
	return NULL;
}

static kj_str operator_at(kj_str s)
{
	size_t n = kj_str_starts(s, KJ_STR("=")) && !kj_str_starts(s, KJ_STR("==")) ? 1 : 2;
	if (n == 2 && (s.n < 2 || s.p[1] != '=' || !strchr("=!+-:", s.p[0])))
		n = 0;
	return kj_str_upto(s, n);
}

/* Where the key ends: at white space, `=`, `{` or an operator. */
static size_t key_length(kj_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_white(s.p[i]) || s.p[i] == '=' || s.p[i] == '{' ||
		    (i + 1 < s.n && s.p[i + 1] == '=' && strchr("+-!:", s.p[i])))
			return i;
	return s.n;
}

/* The next token. NULL in *problem and an empty operator: there is none. */
static struct token take_token(struct rule *r, const char **problem)
{
	static const char wrong[] = "not a key, an operator and a value: udev drops the rule";
	struct token t = {0};
	while (r->rest.n && (is_white(r->rest.p[0]) || r->rest.p[0] == ','))
		r->rest = kj_str_from(r->rest, 1);
	*problem = NULL;
	if (!r->rest.n)
		return t;
	size_t end = key_length(r->rest);
	t.key = kj_str_upto(r->rest, end);
	t.has_attribute = end < r->rest.n && r->rest.p[end] == '{';
	r->rest = kj_str_from(r->rest, end + t.has_attribute);
	if (t.has_attribute) {
		size_t close = kj_str_find(r->rest, '}');
		t.attribute = kj_str_upto(r->rest, close);
		*problem = close < r->rest.n ? NULL : wrong;
		r->rest = kj_str_from(r->rest, close + 1);
	}
	r->rest = skip_white(r->rest);
	t.op = operator_at(r->rest);
	if (*problem || !t.op.n) {
		*problem = wrong;
		return t;
	}
	r->rest = skip_white(kj_str_from(r->rest, t.op.n));
	*problem = take_value(r, &t.value);
	return t;
}

/* ---- what a key takes (parse_token) ---- */

/* The first builtin whose name begins with the word, so none has an empty one (udev_builtin_lookup). */
static bool is_builtin(kj_str command)
{
	static const char *const builtins[] = {"blkid",  "btrfs",          "hwdb",    "input_id", "keyboard", "kmod",
	                                       "net_id", "net_setup_link", "path_id", "usb_id",   "uaccess",  NULL};
	size_t n = 0;
	command = skip_white(command);
	while (n < command.n && !is_white(command.p[n]))
		n++;
	for (size_t i = 0; builtins[i]; i++)
		if (kj_str_starts(kj_str_of(builtins[i]), kj_str_upto(command, n)))
			return true;
	return false;
}

static bool is_mode(kj_str text)
{
	uint32_t mode;
	text = skip_white(text);
	return text.n && text.n <= 10 && take_digits(text, text.n, 8, &mode) && mode <= 07777;
}

/* strtol(…, 0) and nothing behind. */
static bool is_integer(kj_str text)
{
	text = skip_white(text);
	text = kj_str_from(text, text.n && strchr("+-", text.p[0]) ? 1 : 0);
	bool zero = text.n > 1 && text.p[0] == '0';
	int base = !zero ? 10 : kj_lower(text.p[1]) == 'x' ? 16 : text.p[1] == 'b' ? 2 : 8;
	text = kj_str_from(text, base == 16 || base == 2 || (zero && text.p[1] == 'o') ? 2 : 0);
	uint32_t number;
	return text.n && text.n <= 9 && take_digits(text, text.n, base, &number);
}

static const char *check_options(struct rule *r, kj_str value)
{
	static const char *const plain[] = {
	        "string_escape=none", "string_escape=replace", "db_persist", "watch", "nowatch", NULL};
	static const char *const levels[] = {"reset",  "emerg", "alert", "crit", "err", "warning",
	                                     "notice", "info",  "debug", "0",    "1",   "2",
	                                     "3",      "4",     "5",     "6",    "7",   NULL};
	kj_str word = kj_str_upto(value, kj_str_find(value, '=')), after = kj_str_from(value, word.n + 1);
	bool has = word.n < value.n;
	if (has && kj_str_eq(word, KJ_STR("link_priority")))
		return is_integer(after) ? NULL : "not a number: udev drops the rule";
	if (has && kj_str_eq(word, KJ_STR("log_level")))
		return is_in(after, levels) ? NULL : "not a level: udev drops the rule";
	if (!is_in(value, plain) && !(has && kj_str_eq(word, KJ_STR("static_node"))))
		r->aside = "not an option: udev passes over it";
	return NULL;
}

/* Why udev drops the rule for this value or attribute. */
static const char *check_more(struct rule *r, const struct token *t, bool match)
{
	static const char *const fixed[] = {"ACTION",    "DEVLINKS", "DEVNAME", "DEVPATH", "DEVTYPE",
	                                    "DRIVER",    "IFINDEX",  "MAJOR",   "MINOR",   "SEQNUM",
	                                    "SUBSYSTEM", "TAGS",     NULL};
	static const char *const imports[] = {"file", "program", "builtin", "db", "cmdline", "parent", NULL};
	bool builtin = kj_str_eq(t->attribute, KJ_STR("builtin")) && !is_builtin(t->value);
	if (kj_str_eq(t->key, KJ_STR("NAME")) && !match && (!t->value.n || kj_str_eq(t->value, KJ_STR("%k"))))
		return "a name that takes no effect: udev drops the rule";
	if (kj_str_eq(t->key, KJ_STR("ENV")) && !match && is_in(t->attribute, fixed))
		return "a property that cannot be set: udev drops the rule";
	if (kj_str_eq(t->key, KJ_STR("CONST")) && !is_in(t->attribute, (const char *const[]){"arch", "virt", NULL}))
		return "there is no such constant: udev drops the rule";
	if (kj_str_eq(t->key, KJ_STR("TEST")) && t->attribute.n && !is_mode(t->attribute))
		return "not a mode: udev drops the rule";
	if (kj_str_eq(t->key, KJ_STR("IMPORT")) && (builtin || !is_in(t->attribute, imports)))
		return "there is no such import: udev drops the rule";
	if (kj_str_eq(t->key, KJ_STR("RUN")) &&
	    (builtin || (t->has_attribute && !is_in(t->attribute, (const char *const[]){"program", "builtin", NULL}))))
		return "there is no such thing to run: udev drops the rule";
	return kj_str_eq(t->key, KJ_STR("OPTIONS")) ? check_options(r, t->value) : NULL;
}

/* The same for all, and the operator as udev takes it. */
static const char *check(struct rule *r, struct token *t)
{
	const struct key *key = find_key(t->key);
	if (!key)
		return "there is no such key: udev drops the rule";
	if ((key->attribute == NONE && t->has_attribute) || (key->attribute == NEEDED && !t->attribute.n))
		return key->attribute == NONE ? "the key has no {}: udev drops the rule"
		                              : "the key needs an {attribute}: udev drops the rule";
	char sign = t->op.n == 1 ? '=' : t->op.p[0];
	bool match = t->op.n == 2 && (sign == '=' || sign == '!');
	if (match ? !key->match : !strchr(key->assign, sign))
		return "the key does not take this operator: udev drops the rule";
	if (!match && (key->asks || strchr(key->plain, sign)))
		t->op = key->asks ? KJ_STR("==") : KJ_STR("=");
	return check_more(r, t, match || key->asks);
}

/* ---- a rule ---- */

static bool is_flow(kj_str key)
{
	return kj_str_eq(key, KJ_STR("GOTO")) || kj_str_eq(key, KJ_STR("LABEL"));
}

static kj_str number_text(struct rule *r)
{
	return kj_str_fmt(r->parse->arena, "%u", r->last);
}

/* Nothing of the rule counts. */
static bool drop(struct rule *r, const char *problem)
{
	r->parse->rows->list.n = r->rows;
	kj_str *cells = kj_rows_bad(r->parse, r->first, 1, problem);
	if (!cells)
		return false;
	cells[RULE] = number_text(r);
	cells[VALUE] = r->text;
	return true;
}

/* `does` of udev: a line of matches alone is dropped, unless one of them imports or runs something. */
static bool add(struct rule *r, const struct token *t)
{
	bool match = t->op.n == 2 && (t->op.p[0] == '=' || t->op.p[0] == '!');
	bool second = r->has_goto && kj_str_eq(t->key, KJ_STR("GOTO"));
	const char *aside = second ? "a second GOTO: udev passes over it" : r->aside;
	kj_str *cells = aside ? kj_rows_bad(r->parse, r->first, 1, aside) : kj_rows_add(r->parse, r->first, 1);
	if (!cells)
		return false;
	r->aside = NULL;
	r->does |= !aside && (!match || is_in(t->key, (const char *const[]){"IMPORT", "PROGRAM", NULL}));
	r->has_goto |= kj_str_eq(t->key, KJ_STR("GOTO"));
	cells[RULE] = number_text(r);
	cells[KIND] = match ? KJ_STR("match") : is_flow(t->key) ? KJ_STR("flow") : KJ_STR("assignment");
	cells[KEY] = t->key;
	cells[ATTRIBUTE] = t->attribute;
	cells[OP] = t->op;
	cells[VALUE] = t->value;
	return true;
}

static bool take_rule(struct rule *r)
{
	const char *problem;
	r->rest = r->text;
	r->rows = r->parse->rows->list.n;
	for (;;) {
		struct token t = take_token(r, &problem);
		if (!problem && !t.op.n)
			break;
		problem = problem ? problem : check(r, &t);
		if (problem)
			return drop(r, problem);
		if (!add(r, &t))
			return false;
	}
	return r->does || drop(r, "matches alone: the rule takes no effect");
}

/* ---- lines ---- */

struct lines {
	const char *at, *end;
	uint32_t number; /* as udev counts */
	uint32_t feeds;  /* LF before `at` */
};

static unsigned end_kind(char c)
{
	return c == '\n' ? 1 : c == '\r' ? 2 : c == '\0' ? 4 : 0;
}

/* LF, CR, NUL, and each behind another, end a line. */
static bool next_line(struct lines *l, kj_str *line)
{
	const char *start = l->at;
	if (l->at == l->end)
		return false;
	while (l->at < l->end && !end_kind(*l->at))
		l->at++;
	*line = (kj_str){start, (size_t)(l->at - start)};
	for (unsigned seen = 0; l->at < l->end && end_kind(*l->at) && !(seen & (end_kind(*l->at) | 4)); l->at++) {
		seen |= end_kind(*l->at);
		l->feeds += *l->at == '\n';
	}
	l->number++;
	return true;
}

/* What the lines of a rule come to, with the backslashes at the end of what was joined held back: an empty line below may
   find one there, and go on. */
struct joint {
	struct kj_buf text;
	size_t length, held;
	bool open, too_long;
};

/* Adds a line; true: the rule goes on. */
static bool join(struct joint *j, kj_str line)
{
	j->too_long |= j->open && j->length + line.n >= LINE_MAX_BYTES;
	size_t backslashes = 0;
	while (backslashes < line.n && line.p[line.n - 1 - backslashes] == '\\')
		backslashes++;
	bool goes_on = backslashes || (!line.n && j->held && !j->too_long);
	if (!j->too_long && line.n) {
		for (; j->held; j->held--)
			kj_buf_char(&j->text, '\\');
		kj_buf_put(&j->text, kj_str_upto(line, line.n - backslashes));
		j->held = backslashes;
	}
	j->held -= goes_on && j->held;
	j->length += line.n - (goes_on && j->length + line.n);
	j->open = goes_on;
	return goes_on;
}

static bool finish(struct rule *r, struct joint *j)
{
	r->text = kj_buf_str(&j->text);
	r->does = r->has_goto = false;
	r->rows = r->parse->rows->list.n;
	bool too_long = j->too_long;
	*j = (struct joint){.text = KJ_BUF(r->parse->arena)};
	if (too_long)
		return drop(r, "longer than 16383 bytes: udev drops the rule");
	return !r->text.n || take_rule(r);
}

static void stop(struct rule *r, const char *problem)
{
	r->text = KJ_STR("");
	r->rows = r->parse->rows->list.n;
	drop(r, problem);
}

void kj_parse_udev(struct kj_parse *parse)
{
	kj_str text = parse->text->bytes, line;
	struct lines l = {.at = text.p, .end = text.n ? text.p + text.n : text.p};
	struct rule r = {.parse = parse};
	struct joint j = {.text = KJ_BUF(parse->arena)};
	for (uint32_t feeds = 0; next_line(&l, &line); feeds = l.feeds) {
		r.last = l.number;
		r.first = j.open ? r.first : feeds + 1;
		if (line.n >= LINE_MAX_BYTES) {
			stop(&r, "longer than 16383 bytes: udev reads no further");
			return;
		}
		line = skip_white(line);
		if (kj_str_starts(line, KJ_STR("#")))
			continue; /* between the lines of a rule too */
		if (!join(&j, line) && !finish(&r, &j))
			return;
	}
	if (j.open)
		stop(&r, "the last line goes on: udev drops the rule");
}
