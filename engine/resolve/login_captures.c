/* The sources `lastlog`, `aging` and `lslogins`: what lastlog(8), chage(1) and lslogins(1) printed, in English or
   Japanese. */
#include "resolve/nss.h"

/* ---- dates as strftime(3) writes months ---- */

/* "Nov" or "11月"; 0: neither. */
static int month_of(kj_str word)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	kj_str moon = KJ_STR("月");
	int64_t n;
	for (int i = 0; i < 12 && word.n == 3; i++)
		if (kj_str_eq_fold(word, (kj_str){names + (size_t)i * 3, 3}))
			return i + 1;
	bool japanese = kj_str_ends(word, moon) && kj_num_int(kj_str_upto(word, word.n - moon.n), &n);
	return japanese && n >= 1 && n <= 12 ? (int)n : 0;
}

static bool make_date(kj_str year, kj_str month, kj_str day, struct kj_date *out)
{
	int64_t y, d;
	*out = (struct kj_date){0};
	if (year.n != 4 || !kj_num_int(year, &y) || !kj_num_int(day, &d) || d < 1 || d > 31)
		return false;
	*out = (struct kj_date){(int)y, month_of(month), (int)d};
	return out->month;
}

/* Takes the last word off the text. */
static kj_str pop(kj_str *text)
{
	*text = kj_str_trim_right(*text);
	size_t blank = text->n;
	while (blank > 0 && !kj_is_space(text->p[blank - 1]))
		blank--;
	kj_str word = kj_str_from(*text, blank);
	*text = kj_str_upto(*text, blank);
	return word;
}

/* ---- lastlog ---- */

const char *const kj_lastlog_columns[] = {"user", "port", "from", "last", "never", NULL};
enum { USER, PORT, FROM, LAST, NEVER };

/* "Mon Nov 24 16:00:00 +0000 2025" at the end of a line. A long host name has no blank before it. */
static bool pop_login(kj_str *line, struct kj_date *date)
{
	kj_str rest = *line, year = pop(&rest), zone = pop(&rest);
	bool has_zone = zone.n == 5 && (zone.p[0] == '+' || zone.p[0] == '-');
	kj_str time = has_zone ? pop(&rest) : zone, day = pop(&rest), month = pop(&rest);
	if (!make_date(year, month, day, date) || kj_str_find(time, ':') == time.n)
		return false;
	rest = kj_str_trim_right(rest);
	size_t weekday = rest.n < 3 ? rest.n : 3; /* letters of "Mon", bytes of "月" */
	*line = kj_str_upto(rest, rest.n - weekday);
	return true;
}

/* A name may be longer than its column: what follows it is found by words. `first`: the line may be the heading. */
static void add_login(struct kj_host *host, struct kj_rows *rows, kj_str line, const struct kj_row *at, bool first)
{
	struct kj_date date = {0};
	size_t stars = kj_str_find_str(line, KJ_STR("**"));
	bool never = stars < line.n;
	kj_str rest = kj_str_upto(line, stars), user, port = {0};
	bool good = never || pop_login(&rest, &date);
	if (!good && first)
		return;
	struct kj_row row = *at;
	row.bad = !good || !kj_str_word(&rest, &user);
	row.problem = row.bad ? "there is no date at its end, nor that there was never a login" : NULL;
	kj_str *cell = kj_rows_append(host, rows, &row);
	if (row.bad)
		return;
	kj_str_word(&rest, &port);
	cell[USER] = user;
	cell[PORT] = port;
	cell[FROM] = kj_str_trim(rest);
	cell[LAST] = never ? KJ_STR("") : kj_date_str(host->arena, date);
	cell[NEVER] = never ? KJ_STR("yes") : KJ_STR("no");
}

void kj_resolve_lastlog(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct kj_rows *rows = kj_rows_make(host, kj_lastlog_columns);
	kj_read_inputs(host, source, true, &reads);
	if (reads.list.n) /* in one of the languages */
		reads.hidden = (kj_str){0};
	kj_judge_reads(host, &reads, out);
	out->rows = rows;
	for (size_t i = 0; i < reads.list.n; i++) {
		const struct kj_text *text = &reads.list.at[i].artifact->text;
		kj_str rest = text->bytes, line;
		for (uint32_t number = 1; kj_str_line(&rest, &line); number++)
			if (kj_str_trim(line).n)
				add_login(host, rows, line, &(struct kj_row){.text = text, .line = number, .col = 1},
				          number == 1);
	}
}

/* ---- lslogins ---- */

const char *const kj_lslogins_columns[] = {
        "user",       "uid",      "gecos",         "homedir",      "shell",      "nologin",     "pwd_lock",
        "pwd_empty",  "pwd_deny", "pwd_method",    "group",        "gid",        "supp_groups", "supp_gids",
        "last_login", "last_tty", "last_hostname", "failed_login", "failed_tty", "hushed",      "pwd_warn",
        "pwd_change", "pwd_min",  "pwd_max",       "pwd_expir",    "context",    "proc",        NULL};

static bool is_date(size_t column)
{
	static const char *const dates[] = {"last_login", "failed_login", "pwd_change", "pwd_expir"};
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
		if (kj_str_eq(kj_str_of(dates[i]), kj_str_of(kj_lslogins_columns[column])))
			return true;
	return false;
}

/* "2022-Jan08" ("2022- 1月08"), "2026-11-25T00:53:20+00:00", "Wed Nov  4 00:53:20 2026". Of this year's dates the short form leaves the
   year out, and of today's all ("Nov25/00:53", "21:06"): the day of the capture is not known. */
static bool read_login(kj_str text, struct kj_date *date)
{
	if (kj_date_parse(kj_str_upto(text, kj_str_find(text, 'T')), date))
		return true;
	size_t dash = kj_str_find(text, '-');
	if (dash < text.n && text.n > dash + 3)
		return make_date(kj_str_upto(text, dash), kj_str_trim((kj_str){text.p + dash + 1, text.n - dash - 3}),
		                 kj_str_from(text, text.n - 2), date);
	kj_str year = pop(&text), time = pop(&text), day = pop(&text), month = pop(&text);
	return kj_str_find(time, ':') < time.n && make_date(year, month, day, date);
}

/* Several captures (lslogins -a, lslogins -p) make one row an account: each adds its columns. */
static void join_login(struct kj_host *host, struct kj_rows *rows, struct kj_map *by_user, const struct kj_row *row)
{
	kj_str user = row->cell[USER];
	void **place = !row->bad && user.n ? kj_map_at(host->arena, by_user, user) : NULL;
	size_t *at = place ? *place : NULL;
	if (!at) {
		struct kj_row first = *row;
		struct kj_cell_from *from = KJ_NEW_ARRAY(host->arena, struct kj_cell_from, rows->column_count);
		first.from = from;
		at = KJ_NEW(host->arena, size_t);
		*at = rows->list.n;
		kj_rows_append(host, rows, &first);
	}
	if (place)
		*place = at;
	struct kj_row *joined = &rows->list.at[*at];
	/* The row and its origins were made above. */
	kj_str *cell = (kj_str *)(uintptr_t)joined->cell;
	struct kj_cell_from *from = (struct kj_cell_from *)(uintptr_t)joined->from;
	for (size_t i = 0; i < rows->column_count; i++) {
		if (cell[i].p || !row->cell[i].p)
			continue;
		cell[i] = row->cell[i];
		from[i] = (struct kj_cell_from){.text = row->text, .line = row->line};
	}
}

/* What was not printed, or names no year, nobody can tell. */
static void settle_login(struct kj_host *host, struct kj_row *row, size_t columns)
{
	kj_str *cell = (kj_str *)(uintptr_t)row->cell;
	struct kj_cell_from *from = (struct kj_cell_from *)(uintptr_t)row->from;
	struct kj_date date;
	for (size_t i = 0; i < columns && !row->bad; i++) {
		if (!cell[i].p) {
			cell[i] = kj_str_fmt(host->arena, "the capture has no column %s", kj_lslogins_columns[i]);
			from[i].unseen = true;
		} else if (is_date(i) && cell[i].n && read_login(cell[i], &date)) {
			cell[i] = kj_date_str(host->arena, date);
		} else if (is_date(i) && cell[i].n) {
			cell[i] = kj_str_fmt(host->arena, "'%.*s' names no year (lslogins --time-format=iso does)",
			                     KJ_FMT(cell[i]));
			from[i].unseen = true;
		}
	}
}

void kj_resolve_lslogins(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct kj_map by_user = {0};
	struct kj_rows *rows = kj_rows_make(host, kj_lslogins_columns);
	kj_read_inputs(host, source, true, &reads);
	kj_judge_reads(host, &reads, out);
	out->rows = rows;
	for (size_t i = 0; i < reads.list.n; i++) {
		rows->capped |= reads.list.at[i].rows->capped;
		for (size_t k = 0; k < reads.list.at[i].rows->list.n; k++)
			join_login(host, rows, &by_user, &reads.list.at[i].rows->list.at[k]);
	}
	for (size_t i = 0; i < rows->list.n; i++)
		settle_login(host, &rows->list.at[i], rows->column_count);
}

/* ---- aging ---- */

const char *const kj_aging_columns[] = {
        "user",        "changed", "password_expires", "password_inactive", "expires", "min", "max", "warn",
        "must_change", NULL};
enum { AGING_USER, CHANGED, PASSWORD_EXPIRES, PASSWORD_INACTIVE, EXPIRES, MIN, MAX, WARN, MUST_CHANGE, AGING_COLUMNS };

/* "Oct 04, 2024", "10月 04, 2024", or as chage -i writes it. */
static bool read_day(kj_str text, struct kj_date *date)
{
	if (kj_date_parse(text, date))
		return true;
	kj_str year = pop(&text), day = pop(&text), month = pop(&text);
	return kj_str_ends(day, KJ_STR(",")) && make_date(year, month, kj_str_upto(day, day.n - 1), date);
}

/* What is neither a day nor a number is "never" or "password must be changed". */
static bool put_value(struct kj_host *host, kj_str *cell, size_t column, kj_str value)
{
	struct kj_date date;
	int64_t number;
	if (column >= MIN) {
		cell[column] = value;
		return kj_num_int(value, &number);
	}
	bool never = kj_str_eq(value, KJ_STR("never")) || kj_str_eq(value, KJ_STR("なし"));
	bool must = kj_str_eq(value, KJ_STR("password must be changed")) ||
	            kj_str_eq(value, KJ_STR("パスワードは変更しなければなりません"));
	if (must)
		cell[MUST_CHANGE] = KJ_STR("yes");
	if (read_day(value, &date))
		cell[column] = kj_date_str(host->arena, date);
	else if (never || must)
		cell[column] = KJ_STR("never");
	else
		return false;
	return true;
}

/* The account of "chage_-l_root.txt". */
static kj_str user_of(kj_str name)
{
	static const kj_str ends[] = {KJ_STR_INIT(".txt"), KJ_STR_INIT(".out"), KJ_STR_INIT(".log")};
	name = kj_str_from(name, kj_str_find_last(name, '/') < name.n ? kj_str_find_last(name, '/') + 1 : 0);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (kj_str_ends(name, ends[i]))
			name = kj_str_upto(name, name.n - ends[i].n);
	size_t option = kj_str_find_str(name, KJ_STR("-l"));
	kj_str user = kj_str_from(name, option + 3);
	return kj_str_starts(user, KJ_STR("-i_")) ? kj_str_from(user, 3) : user;
}

/* The labels are translated, their order is not: seven lines, each with its value after the last colon. */
static void add_chage(struct kj_host *host, struct kj_rows *rows, const struct kj_text *text)
{
	struct kj_row at = {.text = text, .line = 1, .col = 1};
	kj_str rest = text->bytes, line, *cell = kj_rows_append(host, rows, &at);
	struct kj_row *row = &rows->list.at[rows->list.n - 1];
	size_t column = CHANGED;
	cell[AGING_USER] = user_of(text->name);
	cell[MUST_CHANGE] = KJ_STR("no");
	while (kj_str_line(&rest, &line)) {
		size_t colon = kj_str_find_last(line, ':');
		if (!kj_str_trim(line).n)
			continue;
		bool good = colon < line.n && column <= WARN;
		if (!good || !put_value(host, cell, column, kj_str_trim(kj_str_from(line, colon + 1))))
			row->bad = true;
		column++;
	}
	row->bad |= column <= WARN || !cell[AGING_USER].n;
	row->problem = row->bad ? "this is not what chage -l prints of an account" : NULL;
}

static void add_shadow(struct kj_host *host, struct kj_rows *rows, const struct kj_nss_shadow *e)
{
	enum { NEVER_DAYS = 10000 };
	struct kj_row at = {.text = e->origin.text, .line = e->origin.line, .col = e->origin.col};
	kj_str *cell = kj_rows_append(host, rows, &at);
	int64_t expires = (int64_t)e->changed + e->max, inactive = expires + e->inactive;
	bool ages = e->changed > 0 && e->max >= 0 && e->max < NEVER_DAYS;
	const struct {
		int64_t day;
		bool said;
	} days[] = {{e->changed, e->changed > 0},
	            {expires, ages},
	            {inactive, ages && e->inactive >= 0},
	            {e->expires, e->expires >= 0}};
	cell[AGING_USER] = e->name;
	for (size_t i = 0; i < sizeof days / sizeof *days; i++)
		cell[CHANGED + i] =
		        days[i].said ? kj_date_str(host->arena, kj_date_from_days(days[i].day)) : KJ_STR("never");
	cell[MIN] = kj_str_fmt(host->arena, "%d", e->min);
	cell[MAX] = kj_str_fmt(host->arena, "%d", e->max);
	cell[WARN] = kj_str_fmt(host->arena, "%d", e->warn);
	cell[MUST_CHANGE] = e->changed == 0 ? KJ_STR("yes") : KJ_STR("no");
	struct kj_cell_from *from = KJ_NEW_ARRAY(host->arena, struct kj_cell_from, AGING_COLUMNS);
	from[AGING_USER].secret = e->password;
	rows->list.at[rows->list.n - 1].from = from;
}

/* Were all accounts of /etc/passwd asked for? */
static bool is_whole(struct kj_host *host, const struct kj_map *done)
{
	const struct kj_nss *passwd = kj_nss_load(host, KJ_STR("passwd"));
	for (size_t i = 0; i < passwd->passwd.n; i++)
		if (!kj_map_get(done, passwd->passwd.at[i].name))
			return false;
	return passwd->state == KJ_STATE_EFFECTIVE;
}

/* A row of which nothing is known keeps `every` and `no` from being true. */
static void add_others(struct kj_host *host, struct kj_rows *rows, const struct kj_text *text)
{
	struct kj_row at = {.text = text};
	kj_str *cell = kj_rows_append(host, rows, &at);
	struct kj_cell_from *from = KJ_NEW_ARRAY(host->arena, struct kj_cell_from, AGING_COLUMNS);
	for (size_t i = 0; i < AGING_COLUMNS; i++) {
		cell[i] = KJ_STR("chage was not asked for all accounts, and /etc/shadow was not collected");
		from[i].unseen = true;
	}
	rows->list.at[rows->list.n - 1].from = from;
}

/* chage shows what shadow has; where both were collected, shadow tells of the accounts that chage was not asked for. */
void kj_resolve_aging(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct kj_map done = {0};
	struct kj_rows *rows = kj_rows_make(host, kj_aging_columns);
	const struct kj_nss *shadow = kj_nss_load(host, KJ_STR("shadow"));
	kj_read_inputs(host, source, true, &reads);
	kj_note_texts(host, &reads, out);
	out->rows = rows;
	for (size_t i = 0; i < reads.list.n; i++) {
		add_chage(host, rows, &reads.list.at[i].artifact->text);
		*kj_map_at(host->arena, &done, rows->list.at[i].cell[AGING_USER]) = rows;
	}
	kj_nss_take(host, shadow, out);
	for (size_t i = 0; i < shadow->shadow.n; i++) {
		void **place = kj_map_at(host->arena, &done, shadow->shadow.at[i].name);
		if (!*place && !kj_nss_is_compat(shadow->shadow.at[i].name))
			add_shadow(host, rows, &shadow->shadow.at[i]);
		*place = rows;
	}
	out->state = reads.list.n ? KJ_STATE_EFFECTIVE : shadow->state;
	out->message = reads.list.n ? out->message : shadow->message;
	if (reads.list.n && shadow->state != KJ_STATE_EFFECTIVE && !is_whole(host, &done))
		add_others(host, rows, &reads.list.at[0].artifact->text);
}
