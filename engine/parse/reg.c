/* Registry exports of reg export and regedit: version 5 (UTF-16LE text and data) and REGEDIT4 (8-bit text and data).
   https://learn.microsoft.com/troubleshoot/windows-server/performance/use-regedit-export-import */
#include "base/num.h"
#include "base/utf8.h"
#include "parse/scan.h"

struct reg {
	struct kj_parse *parse;
	struct kj_scan scan;
	kj_str key;
	bool wide;       /* hex text is UTF-16LE */
	bool quotes_end; /* no string after this line is closed by a quote on a later line */
	kj_str *cells;   /* of the row at work */
};

enum { KEY, NAME, TYPE, VALUE };

static void bad(struct reg *reg, const char *problem)
{
	kj_rows_spoil(reg->parse, problem);
}

/* --- strings --- */

/* The offset of the quote that closes the string at s.p[0], or s.n. */
static size_t string_end(kj_str s)
{
	size_t i = 1;
	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i : s.n;
}

static kj_str unescape(struct kj_arena *arena, kj_str s)
{
	if (!s.n || !memchr(s.p, '\\', s.n))
		return s;
	char *out = kj_alloc_text(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '\\' || s.p[i + 1] == '"'))
			i++;
		out[n++] = s.p[i];
	}
	return (kj_str){out, n};
}

static bool is_rest_empty(kj_str rest)
{
	rest = kj_skip_blanks(rest);
	return !rest.n || rest.p[0] == ';';
}

/* `"text"`; line ends stand inside as they are, so it may end on a later line. */
static void take_string(struct reg *reg, kj_str data)
{
	reg->cells[TYPE] = KJ_STR("sz");
	size_t end = string_end(data);
	if (end == data.n && !reg->quotes_end) {
		kj_str all = {data.p, (size_t)(reg->scan.end - data.p)};
		end = string_end(all);
		reg->quotes_end = end == all.n;
		if (!reg->quotes_end)
			data = all;
		else
			end = data.n;
	}
	if (end == data.n) {
		bad(reg, "the quote is not closed");
		return;
	}
	reg->cells[VALUE] = unescape(reg->parse->arena, (kj_str){data.p + 1, end - 1});
	const char *close = data.p + end;
	while (reg->scan.at <= close && kj_scan_next(&reg->scan)) {
	}
	if (!is_rest_empty((kj_str){close + 1, (size_t)(reg->scan.line.p + reg->scan.line.n - close - 1)}))
		bad(reg, "text after the closing quote");
}

/* --- numbers and bytes --- */

static int hex_digit(char c)
{
	if (kj_is_digit(c))
		return c - '0';
	c = kj_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void take_dword(struct reg *reg, kj_str digits)
{
	uint64_t value;
	reg->cells[TYPE] = KJ_STR("dword");
	reg->cells[VALUE] = digits;
	digits = kj_drop_blanks(kj_str_upto(digits, kj_str_find(digits, ';')));
	if (digits.n > 8 || !kj_num_base(digits, 16, &value))
		bad(reg, "not a hexadecimal number of up to 8 digits");
	else
		reg->cells[VALUE] = kj_str_fmt(reg->parse->arena, "%lu", (unsigned long)value);
}

/* Reads the bytes of one line; *more: a backslash says that the next line goes on. False when it is none. */
static bool read_bytes(kj_str line, struct kj_buf *bytes, bool *more)
{
	*more = false;
	bool comma = true;
	for (kj_str rest = kj_skip_blanks(line); rest.n; rest = kj_skip_blanks(rest)) {
		if (rest.p[0] == '\\' || rest.p[0] == ';') {
			*more = rest.p[0] == '\\';
			return is_rest_empty(kj_str_from(rest, *more));
		}
		if (rest.p[0] == ',') {
			comma = true;
			rest = kj_str_from(rest, 1);
			continue;
		}
		int high = hex_digit(rest.p[0]), low = rest.n > 1 ? hex_digit(rest.p[1]) : -1;
		if (high < 0 || !comma)
			return false;
		kj_buf_char(bytes, (char)(low < 0 ? high : high * 16 + low));
		rest = kj_str_from(rest, low < 0 ? 1 : 2);
		comma = false;
	}
	return true;
}

static bool ends_in_backslash(kj_str line)
{
	line = kj_drop_blanks(line);
	return line.n && line.p[line.n - 1] == '\\';
}

static uint32_t unit(kj_str bytes, size_t at)
{
	return (uint32_t)(unsigned char)bytes.p[at] | (uint32_t)(unsigned char)bytes.p[at + 1] << 8;
}

/* UTF-16LE or bytes to text. */
static kj_str to_text(struct reg *reg, kj_str bytes)
{
	if (!reg->wide)
		return bytes;
	struct kj_buf out = KJ_BUF(reg->parse->arena);
	for (size_t i = 0; i + 1 < bytes.n; i += 2) {
		uint32_t c = unit(bytes, i);
		bool high = c >= 0xd800 && c < 0xdc00;
		uint32_t low = high && i + 3 < bytes.n ? unit(bytes, i + 2) : 0;
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		kj_utf8_put(&out, c);
	}
	return kj_buf_str(&out);
}

/* Text up to its first NUL. */
static kj_str decode_text(struct reg *reg, kj_str bytes)
{
	kj_str text = to_text(reg, bytes);
	return kj_str_upto(text, kj_str_find(text, '\0'));
}

/* Texts ended by NULs, the list ended by an empty one. */
static kj_str decode_list(struct reg *reg, kj_str bytes)
{
	kj_str rest = to_text(reg, bytes), item;
	struct kj_args args = {.arena = reg->parse->arena};
	while (rest.n && kj_str_cut(&rest, '\0', &item) && item.n)
		kj_args_add(&args, item);
	if (args.clash)
		bad(reg, kj_problem_clash);
	return kj_args_list(&args);
}

static kj_str decode_hex(struct reg *reg, kj_str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *out = kj_alloc_text(reg->parse->arena, bytes.n * 2);
	for (size_t i = 0; i < bytes.n; i++) {
		out[2 * i] = digits[(unsigned char)bytes.p[i] >> 4];
		out[2 * i + 1] = digits[(unsigned char)bytes.p[i] & 15];
	}
	return (kj_str){out, bytes.n * 2};
}

static kj_str decode_number(struct reg *reg, kj_str bytes)
{
	uint64_t value = 0;
	if (bytes.n != 4 && bytes.n != 8)
		bad(reg, "a number that has neither 4 nor 8 bytes");
	for (size_t i = bytes.n > 8 ? 8 : bytes.n; i--;)
		value = value << 8 | (unsigned char)bytes.p[i];
	return kj_str_fmt(reg->parse->arena, "%llu", (unsigned long long)value);
}

static const struct data_type {
	kj_str prefix, name;
	kj_str (*decode)(struct reg *reg, kj_str bytes);
} data_types[] = {
        {KJ_STR_INIT("hex:"), KJ_STR_INIT("binary"), decode_hex},
        {KJ_STR_INIT("hex(0):"), KJ_STR_INIT("none"), decode_hex},
        {KJ_STR_INIT("hex(1):"), KJ_STR_INIT("sz"), decode_text},
        {KJ_STR_INIT("hex(2):"), KJ_STR_INIT("expand_sz"), decode_text},
        {KJ_STR_INIT("hex(3):"), KJ_STR_INIT("binary"), decode_hex},
        {KJ_STR_INIT("hex(4):"), KJ_STR_INIT("dword"), decode_number},
        {KJ_STR_INIT("hex(7):"), KJ_STR_INIT("multi_sz"), decode_list},
        {KJ_STR_INIT("hex(b):"), KJ_STR_INIT("qword"), decode_number},
};

/* Reads bytes over all their lines; false when they are no bytes. The lines are passed over in any case. */
static bool collect_bytes(struct reg *reg, kj_str data, struct kj_buf *bytes)
{
	bool more, good = read_bytes(data, bytes, &more);
	for (more = ends_in_backslash(data); more && kj_scan_next(&reg->scan);
	     more = ends_in_backslash(reg->scan.line)) {
		bool unused;
		good = good && read_bytes(reg->scan.line, bytes, &unused);
	}
	return good && !more;
}

static void take_bytes(struct reg *reg, kj_str data)
{
	const struct data_type *type = NULL;
	for (size_t i = 0; !type && i < sizeof data_types / sizeof *data_types; i++)
		if (kj_str_starts_fold(data, data_types[i].prefix))
			type = &data_types[i];
	size_t colon = kj_str_find(data, ':');
	bool prefixed = kj_str_starts_fold(data, KJ_STR("hex")) && colon < data.n;
	reg->cells[TYPE] = type ? type->name : kj_str_upto(data, prefixed ? colon : 0);
	struct kj_buf bytes = KJ_BUF(reg->parse->arena);
	if (!collect_bytes(reg, kj_str_from(data, prefixed ? colon + 1 : 0), &bytes) || !prefixed) {
		reg->cells[VALUE] = data;
		bad(reg, prefixed ? "not a list of hexadecimal bytes" : "data of no known form");
		return;
	}
	reg->cells[VALUE] = type ? type->decode(reg, kj_buf_str(&bytes)) : decode_hex(reg, kj_buf_str(&bytes));
}

/* --- lines --- */

static void take_data(struct reg *reg, kj_str data)
{
	if (data.n && data.p[0] == '"') {
		take_string(reg, data);
	} else if (data.n && data.p[0] == '-' && is_rest_empty(kj_str_from(data, 1))) {
		reg->cells[TYPE] = KJ_STR("delete");
	} else if (kj_str_starts_fold(data, KJ_STR("dword:"))) {
		take_dword(reg, kj_str_from(data, 6));
	} else {
		take_bytes(reg, data);
	}
}

static void take_value(struct reg *reg, kj_str line)
{
	reg->cells[KEY] = reg->key;
	size_t end = line.p[0] == '"' ? string_end(line) : line.p[0] == '@' ? 0 : line.n;
	if (end == line.n) {
		bad(reg, "neither a [key] nor a \"name\"=value");
		return;
	}
	reg->cells[NAME] = KJ_STR("@");
	if (end)
		reg->cells[NAME] = unescape(reg->parse->arena, (kj_str){line.p + 1, end - 1});
	kj_str rest = kj_skip_blanks(kj_str_from(line, end + 1));
	if (!rest.n || rest.p[0] != '=')
		bad(reg, "no '=' after the name");
	else if (!reg->key.n)
		bad(reg, "a value before the first [key]");
	else
		take_data(reg, kj_skip_blanks(kj_str_from(rest, 1)));
}

static kj_str shorten(struct kj_arena *arena, kj_str key)
{
	static const struct {
		kj_str long_name, short_name;
	} roots[] = {
	        {KJ_STR_INIT("HKEY_LOCAL_MACHINE"), KJ_STR_INIT("HKLM")},
	        {KJ_STR_INIT("HKEY_CURRENT_USER"), KJ_STR_INIT("HKCU")},
	        {KJ_STR_INIT("HKEY_USERS"), KJ_STR_INIT("HKU")},
	        {KJ_STR_INIT("HKEY_CLASSES_ROOT"), KJ_STR_INIT("HKCR")},
	        {KJ_STR_INIT("HKEY_CURRENT_CONFIG"), KJ_STR_INIT("HKCC")},
	};
	size_t root = kj_str_find(key, '\\');
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		if (!kj_str_eq_fold(kj_str_upto(key, root), roots[i].long_name))
			continue;
		struct kj_buf out = KJ_BUF(arena);
		kj_buf_put(&out, roots[i].short_name);
		kj_buf_put(&out, kj_str_from(key, root));
		return kj_buf_str(&out);
	}
	return key;
}

/* `[key]` opens a key, `[-key]` is a row: the key is deleted. */
static bool take_key(struct reg *reg, kj_str line)
{
	size_t close = kj_str_find_last(line, ']');
	bool closed = close < line.n && is_rest_empty(kj_str_from(line, close + 1));
	bool deleted = line.n > 1 && line.p[1] == '-';
	reg->key = shorten(reg->parse->arena, kj_str_from(kj_str_upto(line, close), deleted ? 2 : 1));
	if (closed && !deleted)
		return true;
	reg->cells = kj_rows_add(reg->parse, reg->scan.number, kj_scan_col(&reg->scan, line.p));
	if (!reg->cells)
		return false;
	reg->cells[KEY] = reg->key;
	if (deleted)
		reg->cells[TYPE] = KJ_STR("delete");
	if (!closed)
		bad(reg, "a key without its ']'");
	if (deleted)
		reg->key = KJ_STR("");
	return true;
}

static bool take_line(struct reg *reg, kj_str line)
{
	if (line.p[0] == '[')
		return take_key(reg, line);
	reg->cells = kj_rows_add(reg->parse, reg->scan.number, kj_scan_col(&reg->scan, line.p));
	if (!reg->cells)
		return false;
	take_value(reg, line);
	return true;
}

static bool take_header(struct reg *reg, kj_str line)
{
	bool wide = kj_str_eq_fold(line, KJ_STR("Windows Registry Editor Version 5.00"));
	if (!wide && !kj_str_eq(line, KJ_STR("REGEDIT4")))
		return false;
	reg->wide = wide;
	return true;
}

void kj_parse_reg(struct kj_parse *parse)
{
	struct reg reg = {.parse = parse, .scan = kj_scan_of(parse->text), .wide = true};
	bool headed = false;
	while (kj_scan_next(&reg.scan)) {
		kj_str line = kj_drop_blanks(kj_skip_blanks(reg.scan.line));
		if (!line.n || line.p[0] == ';')
			continue;
		if (take_header(&reg, line)) {
			headed = true;
			continue;
		}
		if (!headed &&
		    !kj_rows_bad(parse, reg.scan.number, 1, "no header of a registry export before this line"))
			return;
		headed = true;
		if (!take_line(&reg, line))
			return;
	}
}
