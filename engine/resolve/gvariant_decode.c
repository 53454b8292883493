/* GVariant's serialised form, little endian, as dconf's databases hold it: alignment, and offsets at the end of what
   has no fixed size (gvariant-specification-1.0). What is damaged is refused; GLib would take a default value. */
#include "resolve/gvariant.h"

#include "base/utf8.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

struct decoder {
	struct kj_buf *out;
	unsigned depth;
};

static bool put(struct decoder *d, kj_str bytes, kj_str type);

/* ---- shapes ---- */

struct shape {
	size_t align, size; /* size 0: not fixed */
};

static size_t rounded(size_t at, size_t align)
{
	return (at + align - 1) / align * align;
}

static struct shape shape_of(kj_str type);

/* Of a tuple or entry: the types between the brackets. */
static struct shape shape_of_items(kj_str types)
{
	struct shape all = {1, 0};
	size_t at = 0;
	bool fixed = true;
	for (size_t n; (n = kj_gvariant_type_length(types)); types = kj_str_from(types, n)) {
		struct shape one = shape_of(kj_str_upto(types, n));
		all.align = one.align > all.align ? one.align : all.align;
		at = rounded(at, one.align) + one.size;
		fixed = fixed && one.size;
	}
	all.size = fixed ? rounded(at ? at : 1, all.align) : 0;
	return all;
}

static struct shape shape_of(kj_str type)
{
	switch (type.p[0]) {
	case 'b':
	case 'y':
		return (struct shape){1, 1};
	case 'n':
	case 'q':
		return (struct shape){2, 2};
	case 'i':
	case 'u':
	case 'h':
		return (struct shape){4, 4};
	case 'x':
	case 't':
	case 'd':
		return (struct shape){8, 8};
	case 'a':
	case 'm':
		return (struct shape){shape_of(kj_str_from(type, 1)).align, 0};
	case '(':
	case '{':
		return shape_of_items(kj_str_upto(kj_str_from(type, 1), type.n - 2));
	case 'v':
		return (struct shape){8, 0};
	default:
		return (struct shape){1, 0};
	}
}

static uint64_t number_at(kj_str bytes, size_t at, size_t size)
{
	uint64_t value = 0;
	for (size_t i = size; i-- > 0;)
		value = value << 8 | (unsigned char)bytes.p[at + i];
	return value;
}

static size_t offset_size(kj_str bytes)
{
	return bytes.n <= UINT8_MAX ? 1 : bytes.n <= UINT16_MAX ? 2 : 4;
}

static kj_str slice(kj_str bytes, size_t from, size_t to)
{
	return from <= to && to <= bytes.n ? (kj_str){bytes.p + from, to - from} : (kj_str){NULL, 0};
}

/* ---- values ---- */

static bool put_fixed(struct decoder *d, kj_str bytes, kj_str type)
{
	uint64_t v = number_at(bytes, 0, bytes.n);
	double real;
	switch (type.p[0]) {
	case 'b':
		kj_buf_put(d->out, v ? KJ_STR("true") : KJ_STR("false"));
		return v < 2;
	case 'n':
		kj_buf_int(d->out, (int16_t)v);
		return true;
	case 'i':
	case 'h':
		kj_buf_int(d->out, (int32_t)v);
		return true;
	case 'x':
		kj_buf_int(d->out, (int64_t)v);
		return true;
	case 'd':
		memcpy(&real, &v, sizeof real);
		kj_gvariant_put_double(d->out, real);
		return true;
	default:
		kj_buf_fmt(d->out, "%llu", (unsigned long long)v);
		return true;
	}
}

static bool put_text(struct decoder *d, kj_str bytes)
{
	if (!bytes.n || kj_str_find(bytes, '\0') != bytes.n - 1 || !kj_utf8_valid(bytes))
		return false;
	kj_gvariant_quote(d->out, kj_str_upto(bytes, bytes.n - 1));
	return true;
}

static bool put_fixed_array(struct decoder *d, kj_str bytes, kj_str item, size_t size)
{
	for (size_t at = 0; at < bytes.n; at += size) {
		kj_str one = slice(bytes, at, at + size);
		if (at)
			kj_buf_put(d->out, KJ_STR(", "));
		if (!one.p || !put(d, one, item))
			return false;
	}
	return true;
}

/* Items of no fixed size: where each ends stands at the end of the array. */
static bool put_loose_array(struct decoder *d, kj_str bytes, kj_str item, size_t align)
{
	size_t width = offset_size(bytes);
	if (bytes.n < width)
		return bytes.n == 0;
	uint64_t last = number_at(bytes, bytes.n - width, width);
	if (last > bytes.n || (bytes.n - last) % width)
		return false;
	size_t n = (bytes.n - (size_t)last) / width, from = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t end = number_at(bytes, (size_t)last + i * width, width);
		kj_str one = end <= last ? slice(bytes, from, (size_t)end) : (kj_str){NULL, 0};
		if (i)
			kj_buf_put(d->out, KJ_STR(", "));
		if (!one.p || !put(d, one, item))
			return false;
		from = rounded((size_t)end, align);
	}
	return true;
}

/* b'…': bytes that end in their only NUL. */
static bool put_bytestring(struct decoder *d, kj_str bytes)
{
	if (!bytes.n || kj_str_find(bytes, '\0') != bytes.n - 1)
		return false;
	for (size_t i = 0; i + 1 < bytes.n; i++)
		if (bytes.p[i] < ' ' || bytes.p[i] > '~' || bytes.p[i] == '\'' || bytes.p[i] == '\\')
			return false;
	kj_buf_fmt(d->out, "b'%.*s'", KJ_FMT(kj_str_upto(bytes, bytes.n - 1)));
	return true;
}

/* A dictionary {k: v, …}, a bytestring, an array [a, b] else. */
static bool put_array(struct decoder *d, kj_str bytes, kj_str item)
{
	struct shape shape = shape_of(item);
	bool entries = item.p[0] == '{';
	if (item.p[0] == 'y' && put_bytestring(d, bytes))
		return true;
	kj_buf_char(d->out, entries ? '{' : '[');
	bool good = shape.size ? put_fixed_array(d, bytes, item, shape.size)
	                       : put_loose_array(d, bytes, item, shape.align);
	kj_buf_char(d->out, entries ? '}' : ']');
	return good;
}

/* The items of a tuple or entry. Ends of loose ones stand at the end, the first one last; the last item has none. */
static bool put_items(struct decoder *d, kj_str bytes, kj_str types, const char *between)
{
	size_t width = offset_size(bytes), at = 0, spent = 0;
	for (size_t i = 0, n; (n = kj_gvariant_type_length(types)); i++, types = kj_str_from(types, n)) {
		kj_str type = kj_str_upto(types, n);
		struct shape shape = shape_of(type);
		size_t from = rounded(at, shape.align), end = from + shape.size;
		bool last = n == types.n;
		if (!shape.size && last) {
			end = bytes.n - spent;
		} else if (!shape.size) {
			spent += width;
			if (spent > bytes.n)
				return false;
			end = (size_t)number_at(bytes, bytes.n - spent, width);
		}
		kj_str one = slice(bytes, from, end);
		if (i)
			kj_buf_put(d->out, kj_str_of(between));
		if (!one.p || !put(d, one, type))
			return false;
		at = end;
	}
	return true;
}

/* An entry that stands alone: {k, v}. In a dictionary the brackets are the dictionary's. */
static bool put_entry(struct decoder *d, kj_str bytes, kj_str types, bool alone)
{
	if (!alone)
		return put_items(d, bytes, types, ": ");
	kj_buf_char(d->out, '{');
	bool good = put_items(d, bytes, types, ", ");
	kj_buf_char(d->out, '}');
	return good;
}

static bool put_tuple(struct decoder *d, kj_str bytes, kj_str types)
{
	kj_buf_char(d->out, '(');
	bool good = put_items(d, bytes, types, ", ");
	kj_buf_put(d->out, types.n && kj_gvariant_type_length(types) == types.n ? KJ_STR(",)") : KJ_STR(")"));
	return good;
}

/* A value, a NUL, and the value's type. */
static bool split_variant(kj_str bytes, kj_str *value, kj_str *type)
{
	size_t nul = kj_str_find_last(bytes, '\0');
	*value = kj_str_upto(bytes, nul);
	*type = kj_str_from(bytes, nul + 1);
	return nul < bytes.n && type->n && kj_gvariant_type_length(*type) == type->n;
}

static bool put_variant(struct decoder *d, kj_str bytes)
{
	kj_str value, type;
	kj_buf_char(d->out, '<');
	bool good = split_variant(bytes, &value, &type) && put(d, value, type);
	kj_buf_char(d->out, '>');
	return good;
}

/* Nothing, or a value, after which a byte stands where its size is not fixed. */
static bool put_maybe(struct decoder *d, kj_str bytes, kj_str item)
{
	if (!bytes.n) {
		kj_buf_put(d->out, KJ_STR("nothing"));
		return true;
	}
	return put(d, shape_of(item).size ? bytes : kj_str_upto(bytes, bytes.n - 1), item);
}

static bool put_one(struct decoder *d, kj_str bytes, kj_str type)
{
	struct shape shape = shape_of(type);
	kj_str inner = kj_str_from(type, 1);
	if (shape.size && bytes.n != shape.size)
		return false;
	switch (type.p[0]) {
	case 's':
	case 'o':
	case 'g':
		return put_text(d, bytes);
	case 'a':
		return put_array(d, bytes, inner);
	case 'm':
		return put_maybe(d, bytes, inner);
	case '(':
		return put_tuple(d, bytes, kj_str_upto(inner, inner.n - 1));
	case '{':
		return put_entry(d, bytes, kj_str_upto(inner, inner.n - 1), d->depth == 1);
	case 'v':
		return put_variant(d, bytes);
	default:
		return put_fixed(d, bytes, type);
	}
}

static bool put(struct decoder *d, kj_str bytes, kj_str type)
{
	if (++d->depth > DEPTH_MAX)
		return false;
	bool good = put_one(d, bytes, type);
	d->depth--;
	return good;
}

bool kj_gvariant_decode(struct kj_arena *arena, kj_str bytes, struct kj_gvariant *out)
{
	struct kj_buf plain = KJ_BUF(arena);
	struct decoder d = {.out = &plain};
	kj_str value, type;
	if (!split_variant(bytes, &value, &type))
		return false;
	bool text = kj_str_eq(type, KJ_STR("s")) || kj_str_eq(type, KJ_STR("o")) || kj_str_eq(type, KJ_STR("g"));
	bool good = put(&d, value, type);
	out->type = type;
	out->plain = good && text ? kj_str_upto(value, value.n - 1) : kj_buf_str(&plain);
	return good;
}
