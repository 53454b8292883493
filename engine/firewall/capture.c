#include "firewall/capture.h"

#include "base/buf.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char escape = '\x1b';

/* How long the control sequence is that begins here: 0 when there is none, or one that is not for colours and erasing.
   Those it would not be safe to take out: some swallow what follows. */
static size_t sequence(kj_str s)
{
	size_t n = 2;
	if (s.n < 3 || s.p[0] != escape || s.p[1] != '[')
		return 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '?')
		n++;
	return n < s.n && kj_str_find(KJ_STR("mKJGHhl"), s.p[n]) < 7 ? n + 1 : 0;
}

/* What pagers ask. Behind `begin` comes `end`, and between them at most a few characters. */
static const struct prompt {
	const char *begin, *end;
} prompts[] = {
        {"--More--(", ")"},                       /* util-linux, with the share that was shown */
        {"--More--", ""},                         /* more(1), Cisco IOS, FortiOS */
        {"-- More ", "--"},                       /* Windows */
        {"<--- More", "--->"},                    /* Cisco ASA */
        {"---(more", ")---"},                     /* Junos */
        {"\x1b[7m", "\x1b[27m"},                  /* reverse video: less(1), more(1) on most terminals */
        {"\x1b[7m", "\x1b[m"},                    /* … ended by the plain one */
        {"\x1b[7m", "\x1b[0m"},  {":\x1b[K", ""}, /* less(1) */
};
enum { PROMPT_MAX = 80 };

/* How long the pager's prompt is that begins here, or 0. */
static size_t prompt_length(kj_str s)
{
	for (size_t i = 0; i < COUNT(prompts); i++) {
		kj_str begin = kj_str_of(prompts[i].begin), end = kj_str_of(prompts[i].end);
		if (!kj_str_starts(s, begin))
			continue;
		kj_str rest = kj_str_upto(kj_str_from(s, begin.n), PROMPT_MAX);
		size_t at = kj_str_find_str(rest, end);
		if (at + end.n <= rest.n)
			return begin.n + at + end.n;
	}
	return 0;
}

/* How much of the beginning only wipes out what stood there: backspaces, carriage returns, erasing, and blanks before
   one of these. */
static size_t wipes(kj_str s)
{
	size_t sure = 0;
	for (size_t at = 0; at < s.n;) {
		size_t n = sequence(kj_str_from(s, at));
		bool back = s.p[at] == '\b' || s.p[at] == '\r';
		if (!n && !back && s.p[at] != ' ')
			break;
		at += n ? n : 1;
		if (n || back)
			sure = at;
	}
	return sure;
}

/* One line, without its end. */
static void put_plain(struct kj_buf *out, kj_str line)
{
	bool begins = true;
	while (line.n) {
		size_t skip = sequence(line);
		size_t prompt = begins ? prompt_length(line) : 0;
		if (prompt)
			skip = prompt + wipes(kj_str_from(line, prompt));
		if (!skip)
			kj_buf_char(out, *line.p);
		begins &= skip > 0;
		line = kj_str_from(line, skip ? skip : 1);
	}
}

kj_str kj_fw_capture_plain(struct kj_arena *arena, kj_str text)
{
	static const char *const signs[] = {"\x1b[", "--More--", "-- More ", "<--- More", "---(more"};
	bool any = false;
	for (size_t i = 0; i < COUNT(signs); i++)
		any |= kj_str_find_str(text, kj_str_of(signs[i])) < text.n;
	if (!any)
		return text;
	struct kj_buf out = KJ_BUF(arena);
	while (text.n) {
		size_t end = kj_str_find(text, '\n');
		put_plain(&out, kj_str_upto(text, end));
		if (end < text.n)
			kj_buf_char(&out, '\n');
		text = kj_str_from(text, end + 1);
	}
	return kj_buf_str(&out);
}

/* "user@host:~", "[user@host dir]" before the mark of a shell. */
static bool is_place(kj_str s)
{
	return kj_str_find(s, '@') < s.n && kj_str_find(s, '"') == s.n && kj_str_find(s, '/') > kj_str_find(s, '@');
}

bool kj_fw_is_prompt(kj_str line)
{
	kj_str s = kj_str_trim(line);
	size_t mark = kj_str_find_any(s, KJ_STR("#$%>"));
	bool ends = mark < s.n && (mark + 1 == s.n || kj_is_space(s.p[mark + 1]));
	bool windows = mark < s.n && s.p[mark] == '>' &&
	               (kj_str_starts(s, KJ_STR("PS ")) || kj_str_starts(kj_str_from(s, 1), KJ_STR(":\\")));
	if (windows)
		return true;
	return ends && (mark == 0 ? s.p[0] != '>' : is_place(kj_str_upto(s, mark)));
}
