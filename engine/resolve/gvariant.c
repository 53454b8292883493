/* GVariant's text format: the pattern of types that a tree allows, then the value under the type that was chosen, in the
   manner of GLib's gvariant-parser.c, whose errors decide whether `dconf update` fails. */
#include "resolve/gvariant_tree.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 16384 }; /* patterns of hostile values grow with the square of their length */

/* ---- patterns: types with * (any), M (perhaps a maybe), N (any number), S (any string) ---- */

static bool is_double(kj_str number)
{
	if (kj_str_find(number, '.') < number.n || kj_str_ends(number, KJ_STR("inf")) ||
	    kj_str_ends(number, KJ_STR("nan")))
		return true;
	bool hex = kj_str_find_any(number, KJ_STR("xX")) < number.n;
	return !hex && kj_str_find_any(number, KJ_STR("eE")) < number.n;
}

/* Moves one pattern over: with brackets, and what stands before it. */
static void move_one(struct kj_buf *out, kj_str *from)
{
	size_t i = 0, open = 0;
	while (i < from->n && memchr("amM", from->p[i], 3))
		i++;
	do {
		open += i < from->n && (from->p[i] == '(' || from->p[i] == '{');
		open -= i < from->n && (from->p[i] == ')' || from->p[i] == '}');
		i++;
	} while (open && i < from->n);
	kj_buf_put(out, kj_str_upto(*from, i));
	*from = kj_str_from(*from, i);
}

/* One step where the heads differ: `a` is the looser of the two. */
static bool meet(struct kj_buf *out, kj_str *a, kj_str *b)
{
	char loose = a->p[0], firm = b->p[0];
	if (loose == '*' && firm != ')') {
		move_one(out, b);
		*a = kj_str_from(*a, 1);
		return true;
	}
	if (loose == 'M' && firm == 'm') {
		kj_buf_char(out, 'm');
		*b = kj_str_from(*b, 1);
		return true;
	}
	if (loose == 'M' && firm != '*') {
		*a = kj_str_from(*a, 1);
		return true;
	}
	if ((loose != 'N' || !memchr("ynqiuxthd", firm, 9)) && (loose != 'S' || !memchr("sog", firm, 3)))
		return false;
	kj_buf_char(out, firm);
	*a = kj_str_from(*a, 1);
	*b = kj_str_from(*b, 1);
	return true;
}

/* The pattern that both allow; p NULL when there is none. */
static kj_str coalesce(struct kj_arena *arena, kj_str a, kj_str b)
{
	struct kj_buf out = KJ_BUF(arena);
	while (a.n && b.n) {
		if (a.p[0] == b.p[0]) {
			kj_buf_char(&out, a.p[0]);
			a = kj_str_from(a, 1);
			b = kj_str_from(b, 1);
		} else if (!meet(&out, &a, &b) && !meet(&out, &b, &a)) {
			return (kj_str){NULL, 0};
		}
	}
	return a.n || b.n ? (kj_str){NULL, 0} : kj_buf_str(&out);
}

static kj_str pattern_of(struct kj_gvariant_reader *r, const struct kj_gvariant_node *node);

/* The common pattern of every `step`th child from `from` on. */
static kj_str pattern_of_all(struct kj_gvariant_reader *r, const struct kj_gvariant_node *node, size_t from,
                             size_t step)
{
	kj_str all = {NULL, 0};
	for (size_t i = from; i < node->children.n; i += step) {
		kj_str one = pattern_of(r, node->children.at[i]);
		if (!one.p)
			return one;
		all = all.p ? coalesce(r->arena, all, one) : one;
		if (!all.p) {
			kj_gvariant_refuse(r, "items without a common type");
			return all;
		}
	}
	return all;
}

static kj_str pattern_of_entries(struct kj_gvariant_reader *r, const struct kj_gvariant_node *node)
{
	if (!node->children.n)
		return KJ_STR("Ma{**}");
	kj_str key = pattern_of_all(r, node, 0, 2), value = pattern_of_all(r, node, 1, 2);
	if (!key.p || !value.p)
		return (kj_str){NULL, 0};
	if (key.p[0] == 'M')
		key = kj_str_from(key, 1);
	if (!key.n || !memchr("bnqiuxyhtdsogNS", key.p[0], 15)) {
		kj_gvariant_refuse(r, "a key that is neither string nor number");
		return (kj_str){NULL, 0};
	}
	return kj_str_fmt(r->arena, "M%s{%c%.*s}", node->kind == ENTRY ? "" : "a", key.p[0], KJ_FMT(value));
}

static kj_str pattern_of_tuple(struct kj_gvariant_reader *r, const struct kj_gvariant_node *node)
{
	struct kj_buf out = KJ_BUF(r->arena);
	kj_buf_put(&out, KJ_STR("M("));
	for (size_t i = 0; i < node->children.n; i++) {
		kj_str one = pattern_of(r, node->children.at[i]);
		if (!one.p)
			return one;
		kj_buf_put(&out, one);
	}
	kj_buf_char(&out, ')');
	return kj_buf_str(&out);
}

static kj_str pattern_of(struct kj_gvariant_reader *r, const struct kj_gvariant_node *node)
{
	static const kj_str fixed[] = {
	        [BOOLEAN] = KJ_STR_INIT("Mb"), [STRING] = KJ_STR_INIT("MS"),  [BYTES] = KJ_STR_INIT("May"),
	        [NOTHING] = KJ_STR_INIT("m*"), [VARIANT] = KJ_STR_INIT("Mv"), [TYPED] = KJ_STR_INIT("")};
	kj_str inner;
	switch (node->kind) {
	case NUMBER:
		return is_double(node->text) ? KJ_STR("Md") : KJ_STR("MN");
	case TYPED:
		return node->text;
	case TUPLE:
		return pattern_of_tuple(r, node);
	case DICTIONARY:
	case ENTRY:
		return pattern_of_entries(r, node);
	case ARRAY:
		inner = node->children.n ? pattern_of_all(r, node, 0, 1) : KJ_STR("*");
		return inner.p ? kj_str_fmt(r->arena, "Ma%.*s", KJ_FMT(inner)) : inner;
	case JUST:
		inner = pattern_of(r, node->children.at[0]);
		return inner.p ? kj_str_fmt(r->arena, "m%.*s", KJ_FMT(inner)) : inner;
	default:
		return fixed[node->kind];
	}
}

/* The type that a pattern comes to when nothing more is known. p NULL: none. */
static kj_str settle(struct kj_gvariant_reader *r, kj_str pattern)
{
	struct kj_buf out = KJ_BUF(r->arena);
	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.p[i];
		if (c == '*') {
			kj_gvariant_refuse(r, "a value that does not show its type");
			return (kj_str){NULL, 0};
		}
		if (c != 'M')
			kj_buf_char(&out, c == 'S' ? 's' : c == 'N' ? 'i' : c);
	}
	return kj_buf_str(&out);
}

/* ---- the value under its type ---- */

static bool no(struct kj_gvariant_reader *r, const char *why)
{
	kj_gvariant_refuse(r, why);
	return false;
}

static bool put_value(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                      kj_str type);

void kj_gvariant_quote(struct kj_buf *buf, kj_str s)
{
	static const char controls[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
	char quote = kj_str_find(s, '\'') < s.n && kj_str_find(s, '"') == s.n ? '"' : '\'';
	kj_buf_char(buf, quote);
	for (size_t i = 0; i < s.n; i++) {
		const char *control = memchr(controls, s.p[i], sizeof controls - 1);
		if (control || s.p[i] == quote || s.p[i] == '\\')
			kj_buf_char(buf, '\\');
		kj_buf_char(buf, control ? letters[control - controls] : s.p[i]);
	}
	kj_buf_char(buf, quote);
}

void kj_gvariant_put_double(struct kj_buf *buf, double value)
{
	size_t from = buf->n;
	kj_buf_fmt(buf, "%.17g", value);
	kj_str text = kj_str_from(kj_buf_str(buf), from);
	if (kj_str_find_any(text, KJ_STR(".en")) == text.n)
		kj_buf_put(buf, KJ_STR(".0"));
}

/* A whole number within its type, in decimal. */
static bool put_integer(struct kj_gvariant_reader *r, struct kj_buf *out, kj_str token, char type)
{
	static const struct {
		char type;
		uint64_t below, above; /* how far it goes to either side of 0 */
	} ranges[] = {
	        {'y', 0, UINT8_MAX},
	        {'n', 1u << 15, INT16_MAX},
	        {'q', 0, UINT16_MAX},
	        {'i', 1u << 31, INT32_MAX},
	        {'h', 1u << 31, INT32_MAX},
	        {'u', 0, UINT32_MAX},
	        {'x', (uint64_t)1 << 63, INT64_MAX},
	        {'t', 0, UINT64_MAX},
	};
	bool minus = token.p[0] == '-';
	const char *digits = kj_str_zero(r->arena, kj_str_from(token, minus || token.p[0] == '+'));
	char *end;
	errno = 0;
	uint64_t value = strtoull(digits, &end, 0);
	if (!kj_is_digit(digits[0]) || *end)
		return no(r, "not a number");
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (ranges[i].type != type)
			continue;
		if (errno || value > (minus ? ranges[i].below : ranges[i].above))
			return no(r, "a number out of the range of its type");
		kj_buf_fmt(out, "%s%llu", minus && value ? "-" : "", (unsigned long long)value);
		return true;
	}
	return no(r, "a number where its type wants something else");
}

static bool put_number(struct kj_gvariant_reader *r, struct kj_buf *out, kj_str token, char type)
{
	if (type != 'd')
		return put_integer(r, out, token, type);
	const char *text = kj_str_zero(r->arena, token);
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end)
		return no(r, "not a number");
	if (isinf(value) && !kj_str_ends(token, KJ_STR("inf")))
		return no(r, "a number out of the range of its type");
	kj_gvariant_put_double(out, value);
	return true;
}

/* D-Bus: /, or /a/b of letters, digits and _. */
static bool is_object_path(kj_str s)
{
	if (!s.n || s.p[0] != '/' || (s.n > 1 && s.p[s.n - 1] == '/'))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] == '/' ? s.p[i - 1] == '/' : !kj_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

static bool is_signature(kj_str s)
{
	for (size_t n; s.n; s = kj_str_from(s, n))
		if (!(n = kj_gvariant_type_length(s)))
			return false;
	return true;
}

static bool put_string(struct kj_gvariant_reader *r, struct kj_buf *out, kj_str s, char type)
{
	if (type == 'o' && !is_object_path(s))
		return no(r, "not an object path");
	if (type == 'g' && !is_signature(s))
		return no(r, "not a signature");
	if (type != 's' && type != 'o' && type != 'g')
		return no(r, "a string where its type wants something else");
	kj_gvariant_quote(out, s);
	return true;
}

/* The children between brackets, each under the type that stands next in `types`; with one type, all under it. */
static bool put_items(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                      kj_str types, bool each)
{
	kj_str left = types;
	for (size_t i = 0; i < node->children.n; i++) {
		size_t n = kj_gvariant_type_length(left);
		if (!n)
			return no(r, "more items than its type has");
		if (i)
			kj_buf_put(out, KJ_STR(", "));
		if (!put_value(r, out, node->children.at[i], kj_str_upto(left, n)))
			return false;
		left = each ? types : kj_str_from(left, n);
	}
	return each || !left.n || no(r, "fewer items than its type has");
}

static bool put_entries(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                        kj_str entry)
{
	size_t n = kj_gvariant_type_length(kj_str_from(entry, 1));
	kj_str types[2] = {kj_str_upto(kj_str_from(entry, 1), n),
	                   kj_str_upto(kj_str_from(entry, 1 + n), entry.n - n - 2)};
	kj_buf_char(out, '{');
	for (size_t i = 0; i < node->children.n; i++) {
		if (i)
			kj_buf_put(out, node->kind == DICTIONARY && i % 2 ? KJ_STR(": ") : KJ_STR(", "));
		if (!put_value(r, out, node->children.at[i], types[i % 2]))
			return false;
	}
	kj_buf_char(out, '}');
	return true;
}

static bool put_inferred(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                         kj_str *type)
{
	kj_str pattern = pattern_of(r, node);
	*type = pattern.p ? settle(r, pattern) : pattern;
	return type->p && put_value(r, out, node, *type);
}

static bool put_bracketed(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                          kj_str type)
{
	char open = node->kind == ARRAY ? '[' : '(';
	kj_buf_char(out, open);
	bool good =
	        put_items(r, out, node,
	                  node->kind == ARRAY ? kj_str_from(type, 1) : kj_str_upto(kj_str_from(type, 1), type.n - 2),
	                  node->kind == ARRAY);
	if (node->kind == TUPLE && node->children.n == 1)
		kj_buf_char(out, ',');
	kj_buf_char(out, node->kind == ARRAY ? ']' : ')');
	return good;
}

static bool put_variant(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node)
{
	kj_str type;
	kj_buf_char(out, '<');
	bool good = put_inferred(r, out, node->children.at[0], &type);
	kj_buf_char(out, '>');
	return good;
}

static bool put_maybe(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                      kj_str type)
{
	if (node->kind == NOTHING) {
		kj_buf_put(out, KJ_STR("nothing"));
		return true;
	}
	return put_value(r, out, node->kind == JUST ? node->children.at[0] : node, kj_str_from(type, 1));
}

/* Does a type begin as a value of this kind needs? */
static bool suits(enum kj_gvariant_kind kind, kj_str type)
{
	static const char *const begins[] = {
	        [BOOLEAN] = "b", [BYTES] = "ay", [ARRAY] = "a", [TUPLE] = "(", [DICTIONARY] = "a{", [ENTRY] = "{",
	        [VARIANT] = "v", [NUMBER] = "",  [STRING] = "", [JUST] = "m",  [NOTHING] = "m",     [TYPED] = ""};
	return kj_str_starts(type, kj_str_of(begins[kind]));
}

static bool put_suited(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                       kj_str type)
{
	switch (node->kind) {
	case NUMBER:
		return put_number(r, out, node->text, type.n ? type.p[0] : 0);
	case STRING:
		return put_string(r, out, node->text, type.n ? type.p[0] : 0);
	case ARRAY:
	case TUPLE:
		return put_bracketed(r, out, node, type);
	case DICTIONARY:
		return put_entries(r, out, node, kj_str_from(type, 1));
	case ENTRY:
		return put_entries(r, out, node, type);
	case VARIANT:
		return put_variant(r, out, node);
	default:
		kj_buf_put(out, node->text);
		return true;
	}
}

static bool put_value(struct kj_gvariant_reader *r, struct kj_buf *out, const struct kj_gvariant_node *node,
                      kj_str type)
{
	if (node->kind == TYPED && kj_str_eq(node->text, type))
		return put_value(r, out, node->children.at[0], type);
	if (node->kind != TYPED && kj_str_starts(type, KJ_STR("m")))
		return put_maybe(r, out, node, type);
	if (node->kind == TYPED || !suits(node->kind, type))
		return no(r, "a value of another type than said");
	return put_suited(r, out, node, type);
}

bool kj_gvariant_read(struct kj_arena *arena, kj_str text, struct kj_gvariant *out, const char **why)
{
	struct kj_gvariant_reader r = {.arena = arena, .s = text};
	struct kj_buf plain = KJ_BUF(arena);
	struct kj_gvariant_node *node =
	        text.n > VALUE_MAX ? kj_gvariant_refuse(&r, "a value longer than 16 KiB") : kj_gvariant_tree(&r);
	*out = (struct kj_gvariant){KJ_STR(""), text};
	bool good = node && put_inferred(&r, &plain, node, &out->type);
	if (good)
		out->plain = node->kind == STRING ? node->text : kj_buf_str(&plain);
	while (good && node->kind == TYPED)
		if ((node = node->children.at[0])->kind == STRING)
			out->plain = node->text;
	*why = r.why ? r.why : "no value of GVariant's text format";
	return good;
}
