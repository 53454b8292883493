#include "export/internal.h"

#include <iconv.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* iconv(3) wants a pointer to bytes that it does not change, without const. */
union bytes {
	const char *given;
	char *wanted;
};

static size_t convert(iconv_t cd, kj_str bytes, char *to, size_t room, size_t *bad)
{
	union bytes in = {.given = bytes.p};
	char *out = to;
	size_t left = bytes.n;
	while (left && iconv(cd, &in.wanted, &left, &out, &room) == (size_t)-1) {
		if (!left || room < 3)
			break;
		memcpy(out, REPLACEMENT, 3);
		out += 3;
		room -= 3;
		in.wanted++;
		left--;
		++*bad;
	}
	return (size_t)(out - to);
}

bool kj_cp932_decode(struct kj_arena *arena, kj_str bytes, kj_str *out, size_t *bad)
{
	size_t high = 0;
	for (size_t i = 0; i < bytes.n; i++)
		high += (unsigned char)bytes.p[i] >= 0x80;
	/* A byte above ASCII gives at most three; all memory is taken before iconv_open. */
	size_t room = bytes.n + 2 * high;
	char *text = kj_alloc_text(arena, room + 1);
	iconv_t cd = iconv_open("UTF-8", "CP932");
	if (cd == (iconv_t)-1)
		return false;
	*bad = 0;
	*out = (kj_str){text, convert(cd, bytes, text, room, bad)};
	iconv_close(cd);
	return true;
}
