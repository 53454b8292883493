/* fstab(5) and /proc/mounts as libmount reads them (mnt_parse_table_line and unmangle of util-linux). */
#include "parse/scan.h"

#include "parse/storage.h"

enum { DEVICE, MOUNT_POINT, TYPE, OPTIONS, DUMP, PASS, FIELDS };

kj_str kj_octal_escapes(struct kj_arena *arena, kj_str s)
{
	if (!s.n || !memchr(s.p, '\\', s.n))
		return s;
	char *out = kj_alloc_text(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int c = 0;
		size_t digits = 0;
		while (s.p[i] == '\\' && digits < 3 && i + 1 + digits < s.n && s.p[i + 1 + digits] >= '0' &&
		       s.p[i + 1 + digits] <= '7')
			c = c * 8 + (s.p[i + ++digits] - '0');
		out[n++] = digits == 3 ? (char)c : s.p[i];
		i += digits == 3 ? 3 : 0;
	}
	return (kj_str){out, n};
}

static bool is_number(kj_str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
	if (i == s.n && s.n)
		return false;
	for (; i < s.n; i++)
		if (!kj_is_digit(s.p[i]))
			return false;
	return true;
}

void kj_parse_fstab(struct kj_parse *parse)
{
	struct kj_scan scan = kj_scan_of(parse->text);
	while (kj_scan_next(&scan)) {
		kj_str rest = kj_skip_blanks(scan.line);
		if (!rest.n || rest.p[0] == '#')
			continue;
		kj_str *cells = kj_rows_add(parse, scan.number, kj_scan_col(&scan, rest.p));
		if (!cells)
			return;
		for (size_t i = 0; i < FIELDS && kj_str_word(&rest, &cells[i]); i++)
			if (i < DUMP)
				cells[i] = kj_octal_escapes(parse->arena, cells[i]);
		if (!cells[TYPE].n)
			kj_rows_spoil(parse, "fewer than three fields");
		else if (!is_number(cells[DUMP]) || !is_number(cells[PASS]))
			kj_rows_spoil(parse, "the fifth or the sixth field is no number");
	}
}
