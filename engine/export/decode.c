/* From the bytes of a file to UTF-8. What an artifact's encoding is must be guessed: Windows tools write UTF-16LE with
   a BOM, PowerShell too, console programs the OEM code page (CP932 in Japan), and everybody UTF-8. */
#include "base/utf8.h"
#include "export/internal.h"

/* --- UTF-16 --- */

static unsigned unit_at(kj_str s, size_t at, bool big)
{
	unsigned a = (unsigned char)s.p[at], b = (unsigned char)s.p[at + 1];
	return big ? a << 8 | b : b << 8 | a;
}

/* The character at *at; moves past it. Half a surrogate pair and half a unit give U+FFFD. */
static uint32_t next_utf16(kj_str s, size_t *at, bool big)
{
	if (s.n - *at < 2) {
		*at = s.n;
		return 0xfffd;
	}
	unsigned unit = unit_at(s, *at, big);
	*at += 2;
	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	if (unit > 0xdbff || s.n - *at < 2)
		return 0xfffd;
	unsigned low = unit_at(s, *at, big);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*at += 2;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static kj_str from_utf16(struct kj_arena *arena, kj_str s, bool big)
{
	struct kj_buf out = KJ_BUF(arena);
	for (size_t at = 0; at < s.n;)
		kj_utf8_put(&out, next_utf16(s, &at, big));
	return kj_buf_str(&out);
}

#define SAMPLE (64 * KJ_KIB)

struct nuls {
	size_t even, odd; /* where NULs stand */
	size_t wide;      /* pairs without a NUL … */
	size_t wide_text; /* … that ASCII text could be as well */
};

static bool is_ascii_text(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r');
}

static struct nuls count_nuls(kj_str s)
{
	struct nuls nuls = {0};
	for (size_t i = 0; i + 1 < s.n && i < SAMPLE; i += 2) {
		unsigned char a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];
		nuls.even += !a;
		nuls.odd += !b;
		nuls.wide += a && b;
		nuls.wide_text += is_ascii_text(a) && is_ascii_text(b);
	}
	return nuls;
}

/* Do the NULs stand where UTF-16 without a BOM has them? In one half of the pairs only; and the pairs without one are
   not just ASCII text in which some NULs have got lost. */
static bool looks_utf16(kj_str s, bool *big)
{
	struct nuls nuls = count_nuls(s);
	size_t high = nuls.even > nuls.odd ? nuls.even : nuls.odd;
	size_t low = nuls.even > nuls.odd ? nuls.odd : nuls.even;
	*big = nuls.even > nuls.odd;
	if (s.n < 4 || s.n % 2 || low * 50 > high)
		return false;
	return nuls.wide * 10 <= high || (nuls.wide <= high * 50 && nuls.wide_text * 4 <= nuls.wide * 3);
}

/* --- text or not --- */

static bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' && c != '\b' && c != 0x1b) ||
	       c == 0x7f;
}

/* More than one byte in twenty is a control character. */
static bool is_binary(kj_str s)
{
	size_t controls = 0;
	for (size_t i = 0; i < s.n; i++)
		controls += is_control((unsigned char)s.p[i]);
	return controls * 20 > s.n && (controls > 2 || controls * 2 > s.n);
}

/* --- 8-bit --- */

struct utf8_count {
	size_t good, bad; /* characters of several bytes; bytes that are none */
};

static struct utf8_count count_utf8(kj_str s)
{
	struct utf8_count count = {0};
	for (size_t at = 0; at < s.n;) {
		int32_t c = kj_utf8_next(s, &at);
		count.bad += c < 0;
		count.good += c >= 0x80;
	}
	return count;
}

/* How much speaks for CP932 and how much against. Kana, punctuation and the common kanji have lead bytes 81–9F, which
   are rare in 8-bit western text; E0–FC are accented letters there, and a lone A1–DF is one too, while half-width kana
   come in runs. */
struct japanese {
	size_t yes, maybe, no;
};

static bool is_lead(unsigned char c)
{
	return (c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc);
}

static bool is_trail(unsigned char c)
{
	return c >= 0x40 && c <= 0xfc && c != 0x7f;
}

static bool is_half_kana(unsigned char c)
{
	return c >= 0xa1 && c <= 0xdf;
}

static size_t kana_run(kj_str s, size_t at)
{
	size_t end = at;
	while (end < s.n && is_half_kana((unsigned char)s.p[end]))
		end++;
	return end - at;
}

static struct japanese weigh_japanese(kj_str s)
{
	struct japanese weight = {0};
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t run = kana_run(s, i);
		if (run) {
			*(run > 1 ? &weight.yes : &weight.maybe) += run;
			i += run;
		} else if (is_lead(c) && i + 1 < s.n && is_trail((unsigned char)s.p[i + 1])) {
			++*(c <= 0x9f ? &weight.yes : &weight.maybe);
			i += 2;
		} else {
			weight.no += c >= 0x80;
			i++;
		}
	}
	return weight;
}

static bool is_japanese(kj_str s)
{
	struct japanese weight = weigh_japanese(s);
	return weight.yes && weight.yes >= weight.maybe && weight.no * 50 <= weight.yes;
}

/* Neither UTF-16 nor valid UTF-8. */
static bool decode_8bit(struct kj_arena *arena, kj_str bytes, kj_str *out, kj_str *encoding, kj_str *message)
{
	struct utf8_count utf8 = count_utf8(bytes);
	*out = bytes;
	*encoding = KJ_STR("utf-8");
	if (utf8.bad * 2 <= utf8.good)
		return true;
	*encoding = KJ_STR("8bit");
	if (!is_japanese(bytes))
		return true;
	kj_str text;
	size_t bad;
	if (!kj_cp932_decode(arena, bytes, &text, &bad)) {
		*message = KJ_STR("is in CP932 (Shift_JIS), and this system's iconv cannot decode it");
		return false;
	}
	if (bad * 50 > bytes.n)
		return true;
	*out = text;
	*encoding = KJ_STR("cp932");
	return true;
}

/* --- all of it --- */

enum form { UTF8, UTF16LE, UTF16BE, UTF32 };

/* UTF-32LE before UTF-16LE: its BOM starts alike. */
static const struct {
	kj_str bytes;
	enum form form;
} boms[] = {
        {KJ_STR_INIT("\xef\xbb\xbf"), UTF8}, {KJ_STR_INIT("\xff\xfe\0\0"), UTF32}, {KJ_STR_INIT("\0\0\xfe\xff"), UTF32},
        {KJ_STR_INIT("\xff\xfe"), UTF16LE},  {KJ_STR_INIT("\xfe\xff"), UTF16BE},
};

static enum form form_of(kj_str *bytes)
{
	for (size_t i = 0; i < sizeof boms / sizeof *boms; i++) {
		if (kj_str_starts(*bytes, boms[i].bytes)) {
			*bytes = kj_str_from(*bytes, boms[i].bytes.n);
			return boms[i].form;
		}
	}
	bool big;
	if (kj_str_find(*bytes, '\0') < bytes->n && looks_utf16(*bytes, &big))
		return big ? UTF16BE : UTF16LE;
	return UTF8;
}

static bool refuse(kj_str message, kj_str *out, kj_str *encoding, kj_str *to)
{
	*out = (kj_str){"", 0};
	*encoding = KJ_STR("binary");
	*to = message;
	return false;
}

bool kj_decode(struct kj_arena *arena, kj_str bytes, kj_str *out, kj_str *encoding, kj_str *message)
{
	*message = (kj_str){"", 0};
	enum form form = form_of(&bytes);
	if (form == UTF32)
		return refuse(KJ_STR("is in UTF-32, which is not read"), out, encoding, message);
	if (form == UTF16LE || form == UTF16BE) {
		*out = from_utf16(arena, bytes, form == UTF16BE);
		*encoding = form == UTF16BE ? KJ_STR("utf-16be") : KJ_STR("utf-16le");
		return !is_binary(*out) || refuse(KJ_STR("is binary"), out, encoding, message);
	}
	if (kj_str_find(bytes, '\0') < bytes.n || is_binary(bytes))
		return refuse(KJ_STR("is binary"), out, encoding, message);
	*out = bytes;
	*encoding = KJ_STR("utf-8");
	return kj_utf8_valid(bytes) || decode_8bit(arena, bytes, out, encoding, message);
}
