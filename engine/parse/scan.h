/* What the parsers share: a walk over lines, and rows under construction. Private to this layer. */
#ifndef KJ_PARSE_SCAN_H
#define KJ_PARSE_SCAN_H

#include "base/buf.h"
#include "parse/parse.h"

#include <string.h>

/* A walk over the lines of a text. LF ends a line, CR LF too; a CR alone is a byte like any other. */
struct kj_scan {
	const char *at, *end; /* what is still to come */
	kj_str line;          /* the current line without its end */
	uint32_t number;      /* its number, from 1; 0 before the first */
};

static inline struct kj_scan kj_scan_of(const struct kj_text *text)
{
	return (struct kj_scan){.at = text->bytes.p,
	                        .end = text->bytes.n ? text->bytes.p + text->bytes.n : text->bytes.p};
}

/* Moves to the next line; false when there is none. */
static inline bool kj_scan_next(struct kj_scan *scan)
{
	if (scan->at == scan->end)
		return false;
	size_t left = (size_t)(scan->end - scan->at);
	const char *lf = memchr(scan->at, '\n', left);
	size_t n = lf ? (size_t)(lf - scan->at) : left;
	scan->line = (kj_str){scan->at, n && lf && scan->at[n - 1] == '\r' ? n - 1 : n};
	scan->at += lf ? n + 1 : n;
	scan->number++;
	return true;
}

/* The column of a byte of the current line. */
static inline uint32_t kj_scan_col(const struct kj_scan *scan, const char *at)
{
	return (uint32_t)(at - scan->line.p) + 1;
}

/* As kj_is_space, where each byte counts. */
static inline bool kj_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline kj_str kj_skip_blanks(kj_str s)
{
	size_t i = 0;
	while (i < s.n && kj_blank(s.p[i]))
		i++;
	return (kj_str){s.p + i, s.n - i};
}

static inline kj_str kj_drop_blanks(kj_str s)
{
	while (s.n && kj_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Adds a row; returns its cells, all empty, to be filled. NULL when the cap was reached: the parser then stops. */
kj_str *kj_rows_add(struct kj_parse *parse, uint32_t line, uint32_t col);
/* The same for what is not of the syntax. */
kj_str *kj_rows_bad(struct kj_parse *parse, uint32_t line, uint32_t col, const char *problem);
/* Turns the row added last into a bad one, unless it is one already. */
void kj_rows_spoil(struct kj_parse *parse, const char *problem);

/* Arguments collected for a cell. */
struct kj_args {
	struct kj_arena *arena;
	size_t n;
	kj_str first;         /* alone it needs no copy */
	struct kj_buf joined; /* all of them, once there are two */
	bool clash;           /* one holds the byte that stands between items */
};

void kj_args_add(struct kj_args *args, kj_str arg);
kj_str kj_args_list(const struct kj_args *args); /* with KJ_PARSE_LIST between */
kj_str kj_args_text(const struct kj_args *args); /* with blanks between */

extern const char kj_problem_clash[];

#define KJ_YES_NO(condition) ((condition) ? KJ_STR("yes") : KJ_STR("no"))

void kj_parse_apt_conf(struct kj_parse *parse);
void kj_parse_blocks(struct kj_parse *parse);
void kj_parse_csv(struct kj_parse *parse);
void kj_parse_cron(struct kj_parse *parse);
void kj_parse_directives(struct kj_parse *parse);
void kj_parse_fstab(struct kj_parse *parse);
void kj_parse_inf(struct kj_parse *parse);
void kj_parse_keyvalue(struct kj_parse *parse);
void kj_parse_lines(struct kj_parse *parse);
void kj_parse_lsblk(struct kj_parse *parse);
void kj_parse_lslogins(struct kj_parse *parse);
void kj_parse_modprobe(struct kj_parse *parse);
void kj_parse_mounts(struct kj_parse *parse);
void kj_parse_pam(struct kj_parse *parse);
void kj_parse_reg(struct kj_parse *parse);
void kj_parse_shell(struct kj_parse *parse);
void kj_parse_ss(struct kj_parse *parse);
void kj_parse_sysctl(struct kj_parse *parse);
void kj_parse_systemd(struct kj_parse *parse);
void kj_parse_sudoers(struct kj_parse *parse);
void kj_parse_table(struct kj_parse *parse);
void kj_parse_udev(struct kj_parse *parse);
void kj_parse_usbguard(struct kj_parse *parse);

#endif
