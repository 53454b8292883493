/* The source `swayidle`: after how long a Sway session is locked. swayidle does what its command line and its file say
   (main.c of 1.8.0); what starts it is looked for in sway's configuration. A program that nobody here knows may lock or
   not: that is left open. */
#include "resolve/shell_words.h"
#include "resolve/work.h"

#include <string.h>

enum { DEPTH_MAX = 8, FILES_MAX = 100, VARIABLES_MAX = 500, LINE_MAX_BYTES = 65536 };

struct variable {
	kj_str name, value;
};

/* What one swayidle, or all of a person's, is told. */
struct person {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	struct kj_rows *rows;
	kj_str home, scope, user;          /* home without the leading slash; empty: nobody's */
	KJ_VEC(struct variable) variables; /* of sway */
	size_t files;
	unsigned depth;
	size_t first_row;
	bool started, idlehint, unseen;
	bool made_up;        /* seconds that the shell makes up */
	bool own_unseen;     /* whether there is a configuration of sway of the user's own */
	const char *refused; /* swayidle does not start */
	struct kj_origin refused_at;
	const struct kj_text *text; /* what is being read */
	uint32_t line;
};

/* ---- does a command lock? ---- */

enum locks { NO, YES, BY_LOCK, BY_SLEEP, OPEN }; /* BY_…: when the event of that name locks */

static bool listed(const struct person *p, const char *list, kj_str name)
{
	const struct kj_node *names = kj_doc_get(p->source->with, kj_str_of(list));
	for (size_t i = 0; names && i < names->n; i++)
		if (kj_str_eq(names->items[i]->text, name))
			return true;
	return false;
}

/* One command of a shell line. */
static enum locks simple_locks(const struct person *p, const struct kj_shell_word *word, size_t n)
{
	while (n && (kj_str_eq(word->text, KJ_STR("exec")) || kj_str_find(word->text, '=') < word->text.n))
		word++, n--;
	if (!n)
		return NO;
	size_t slash = kj_str_find_last(word->text, '/');
	kj_str program = kj_str_from(word->text, slash < word->text.n ? slash + 1 : 0);
	kj_str first = n > 1 ? word[1].text : KJ_STR("");
	if (word->dynamic && slash == word->text.n)
		return OPEN;
	if (listed(p, "lockers", program))
		return YES;
	if (kj_str_eq(program, KJ_STR("loginctl")))
		return kj_str_starts(first, KJ_STR("lock-session")) ? BY_LOCK : NO;
	if (kj_str_eq(program, KJ_STR("systemctl")))
		return listed(p, "sleeps", first) ? BY_SLEEP : NO;
	return listed(p, "others", program) ? NO : OPEN;
}

/* A whole line: what certainly runs decides; what runs on a condition leaves it open, but for `pgrep … || swaylock`. */
static enum locks command_locks(const struct person *p, kj_str command)
{
	struct kj_shell_words words;
	enum locks all = NO;
	bool conditional = false, guarded = false;
	kj_shell_split(p->host->arena, command, true, &words);
	if (words.problem)
		return OPEN;
	for (size_t i = 0, start = 0; i <= words.n; i++) {
		if (i < words.n && !words.at[i].operator)
			continue;
		kj_str op = i < words.n ? words.at[i].text : KJ_STR("");
		bool first = i == start;
		enum locks one = simple_locks(p, words.at + start, i - start);
		if (one == YES && (!conditional || guarded))
			return YES;
		if (one != NO && !first)
			all = conditional && !guarded ? OPEN : all == NO || one == OPEN ? one : all;
		kj_str program = first ? KJ_STR("") : words.at[start].text;
		guarded = kj_str_eq(op, KJ_STR("||")) &&
		          (kj_str_eq(program, KJ_STR("pgrep")) || kj_str_eq(program, KJ_STR("pidof")));
		conditional = op.n && !kj_str_eq(op, KJ_STR(";")) && !kj_str_eq(op, KJ_STR("&"));
		start = i + 1;
	}
	return all;
}

/* ---- events ---- */

enum column { USER, EVENT, SECONDS, COMMAND, RESUME, LOCKS };
const char *const kj_swayidle_columns[] = {"user", "event", "seconds", "command", "resume", "locks", NULL};
static const char *const events[] = {"timeout", "before-sleep", "after-resume", "lock", "unlock", "idlehint"};
enum { EVENTS = 6, TIMEOUT = 0, IDLEHINT = 5 };

static void refuse(struct person *p, const char *why)
{
	struct kj_row row = {.text = p->text, .line = p->line, .col = 1, .bad = true, .problem = why};
	if (p->refused)
		return;
	p->refused = why;
	p->refused_at = (struct kj_origin){p->text, p->line, 1};
	KJ_PUSH(p->host->arena, &p->out->bad, row);
}

/* strtoul(…, 10) and nothing after it, in an int of seconds, then of milliseconds; less than 1 is never. */
static bool as_seconds(kj_str text, int64_t *seconds)
{
	int64_t number = 0;
	if (text.n && !kj_num_int(kj_str_trim_left(text), &number))
		return false;
	int32_t whole = (int32_t)(uint32_t)number, milliseconds = (int32_t)((uint32_t)whole * 1000);
	*seconds = whole > 0 && milliseconds > 0 ? milliseconds / 1000 : 0;
	return true;
}

static void add_row(struct person *p, size_t event, int64_t seconds, const struct kj_shell_word *word, size_t command)
{
	struct kj_row from = {.text = p->text, .line = p->line, .col = 1};
	kj_str *cells = kj_rows_append(p->host, p->rows, &from);
	cells[USER] = p->user;
	cells[EVENT] = kj_str_of(events[event]);
	if (event == TIMEOUT || event == IDLEHINT)
		cells[SECONDS] = kj_str_fmt(p->host->arena, "%lld", (long long)seconds);
	if (event != IDLEHINT)
		cells[COMMAND] = word[command].text;
	static const char *const told[] = {"no", "yes", "lock", "sleep", "?"};
	if (event != IDLEHINT)
		cells[LOCKS] = kj_str_of(told[command_locks(p, word[command].text)]);
	if (event == TIMEOUT)
		cells[RESUME] = word[command + 2].text;
}

/* One event from its words; how many it takes. 0: swayidle ends. */
static size_t take_event(struct person *p, size_t event, const struct kj_shell_word *word, size_t n)
{
	int64_t seconds = 0;
	size_t needs = event == TIMEOUT ? 3 : 2;
	if (n < needs) {
		refuse(p, "too few words for the event: swayidle ends");
		return 0;
	}
	if (event == IDLEHINT && p->idlehint) {
		refuse(p, "a second idlehint: swayidle ends");
		return 0;
	}
	bool timed = event == TIMEOUT || event == IDLEHINT;
	p->made_up |= timed && word[1].dynamic;
	if (timed && !word[1].dynamic && !as_seconds(word[1].text, &seconds)) {
		refuse(p, "no number of seconds: swayidle ends");
		return 0;
	}
	p->idlehint |= event == IDLEHINT;
	struct kj_shell_word list[5] = {{.operator= false } };
	bool resume = event == TIMEOUT && n >= 5 && kj_str_eq(word[3].text, KJ_STR("resume"));
	memcpy(list, word, (resume ? 5 : needs) * sizeof *list);
	add_row(p, event, seconds, list, needs - 1);
	return resume ? 5 : needs;
}

/* A line of swayidle's file: any beginning of an event's name will do, and a blank at the line's begin means timeout. */
static void take_line(struct person *p, kj_str line, struct kj_shell_words *words)
{
	kj_str name = kj_str_upto(line, kj_str_find(line, ' '));
	size_t event = 0;
	while (event < EVENTS && !kj_str_starts(kj_str_of(events[event]), name))
		event++;
	if (event == EVENTS) {
		refuse(p, "no event of swayidle: it ends");
		return;
	}
	kj_shell_split(p->host->arena, line, false, words);
	if (words->problem)
		refuse(p, words->problem);
	else
		take_event(p, event, words->at, words->n);
}

static void read_idle_file(struct person *p, const struct kj_text *text)
{
	struct kj_shell_words words;
	kj_str rest = text->bytes, line;
	p->text = text;
	p->line = 0;
	KJ_PUSH(p->host->arena, &p->out->texts, text);
	while (rest.n && !p->refused) {
		kj_str_cut(&rest, '\n', &line);
		p->line++;
		if (line.n && line.p[0] != '#')
			take_line(p, line, &words);
	}
}

/* ---- the files of a person ---- */

static const struct kj_text *file_of(struct person *p, kj_str path)
{
	const struct kj_artifact *artifact = kj_export_read(p->host->export, path);
	p->unseen |= artifact->state != KJ_ARTIFACT_OK && artifact->state != KJ_ARTIFACT_ABSENT;
	return artifact->state == KJ_ARTIFACT_OK ? &artifact->text : NULL;
}

/* The first of those in the home, else the system's. */
static const struct kj_text *first_file(struct person *p, const char *one, const char *other, const char *system)
{
	const char *const own[] = {one, other};
	bool unseen = p->unseen;
	for (size_t i = 0; p->home.n && i < 2; i++) {
		const struct kj_text *text = file_of(p, kj_str_fmt(p->host->arena, "%.*s/%s", KJ_FMT(p->home), own[i]));
		if (text) {
			p->unseen = unseen;
			return text;
		}
	}
	return file_of(p, kj_str_of(system));
}

static kj_str home_path(const struct person *p, kj_str path)
{
	static const char *const homes[] = {"~/", "$HOME/"};
	for (size_t i = 0; i < 2; i++)
		if (kj_str_starts(path, kj_str_of(homes[i])) && p->home.n)
			return kj_str_fmt(p->host->arena, "%.*s/%.*s", KJ_FMT(p->home),
			                  KJ_FMT(kj_str_from(path, strlen(homes[i]))));
	return path;
}

/* ---- swayidle's command line ---- */

/* The options of getopt "C:hdwS:", POSIX's, which stops at the first other word; 0: swayidle only prints its usage. */
static bool take_options(struct person *p, const struct kj_shell_word *word, size_t n, size_t *used, kj_str *config)
{
	size_t i = 0;
	for (; i < n && word[i].text.n > 1 && word[i].text.p[0] == '-'; i++) {
		kj_str text = word[i].text, value;
		if (kj_str_eq(text, KJ_STR("--"))) {
			i++;
			break;
		}
		size_t at = kj_str_find_any(text, KJ_STR("CS"));
		for (size_t k = 1; k < at && k < text.n; k++)
			if (text.p[k] != 'd' && text.p[k] != 'w')
				return false;
		if (at == text.n)
			continue;
		value = kj_str_from(text, at + 1);
		if (!value.n && ++i == n)
			return false;
		if (text.p[at] == 'C')
			*config = home_path(p, value.n ? value : word[i].text);
	}
	*used = i;
	return true;
}

static void take_start(struct person *p, const struct kj_shell_word *word, size_t n)
{
	kj_str config = {0};
	size_t used;
	p->started = true;
	if (!take_options(p, word, n, &used, &config)) {
		refuse(p, "an option that swayidle does not have: it does not start");
		return;
	}
	for (size_t i = used, took = 1; i < n && took && !p->refused; i += took) {
		size_t event = 0;
		while (event < EVENTS && !kj_str_eq(kj_str_of(events[event]), word[i].text))
			event++;
		if (event == EVENTS)
			refuse(p, "no event of swayidle (quote the command): it does not start");
		else
			took = take_event(p, event, word + i, n - i);
	}
	const struct kj_text *before = p->text;
	uint32_t line = p->line;
	const struct kj_text *text =
	        config.p ? file_of(p, kj_host_path(config))
	                 : first_file(p, ".config/swayidle/config", ".swayidle/config", "etc/swayidle/config");
	if (text && !p->refused)
		read_idle_file(p, text);
	p->text = before;
	p->line = line;
}

/* What sway gives to sh. */
static void take_exec(struct person *p, kj_str command)
{
	struct kj_shell_words words;
	kj_shell_split(p->host->arena, command, true, &words);
	if (words.problem && kj_str_find_str(command, KJ_STR("swayidle")) < command.n) {
		p->started = true;
		refuse(p, words.problem);
	}
	for (size_t i = 0, start = 0; i <= words.n && !words.problem; i++) {
		if (i < words.n && !words.at[i].operator)
			continue;
		while (start < i && kj_str_eq(words.at[start].text, KJ_STR("exec")))
			start++;
		kj_str program = start < i ? words.at[start].text : KJ_STR("");
		size_t slash = kj_str_find_last(program, '/');
		if (kj_str_eq(kj_str_from(program, slash < program.n ? slash + 1 : 0), KJ_STR("swayidle")))
			take_start(p, words.at + start + 1, i - start - 1);
		start = i + 1;
	}
}

/* ---- sway's configuration ---- */

static void read_sway_file(struct person *p, const struct kj_text *text);

static void take_include(struct person *p, kj_str pattern)
{
	enum kj_presence presence;
	kj_str path = kj_host_path(home_path(p, pattern));
	if (pattern.n && pattern.p[0] != '/' && path.p == pattern.p) {
		kj_str name = p->text->name;
		path = kj_str_fmt(p->host->arena, "%.*s/%.*s", KJ_FMT(kj_str_upto(name, kj_str_find_last(name, '/'))),
		                  KJ_FMT(pattern));
	}
	struct kj_entry_list found = kj_export_glob(p->host->export, p->host->arena, path, &presence);
	for (size_t i = 0; i < found.paths.n && p->files < FILES_MAX && p->depth < DEPTH_MAX; i++) {
		const struct kj_text *text = file_of(p, found.paths.at[i]);
		if (text)
			read_sway_file(p, text);
	}
}

/* $name by its value; of several that begin alike the longest. */
static kj_str replace(struct person *p, kj_str line)
{
	struct kj_buf out = KJ_BUF(p->host->arena);
	for (size_t i = 0; i < line.n && out.n < LINE_MAX_BYTES;) {
		const struct variable *best = NULL;
		for (size_t k = 0; line.p[i] == '$' && k < p->variables.n; k++) {
			const struct variable *v = &p->variables.at[k];
			if (kj_str_starts(kj_str_from(line, i), v->name) && (!best || v->name.n >= best->name.n))
				best = v;
		}
		if (best)
			kj_buf_put(&out, best->value);
		else
			kj_buf_char(&out, line.p[i]);
		i += best ? best->name.n : 1;
	}
	return kj_buf_str(&out);
}

static kj_str unquote(kj_str s)
{
	bool quoted = s.n > 1 && (s.p[0] == '\'' || s.p[0] == '"') && s.p[s.n - 1] == s.p[0] &&
	              kj_str_find(kj_str_from(s, 1), s.p[0]) == s.n - 2;
	return quoted ? kj_str_upto(kj_str_from(s, 1), s.n - 2) : s;
}

static void take_sway_line(struct person *p, kj_str line)
{
	kj_str rest = line, word, name;
	kj_str_word(&rest, &word);
	if (kj_str_eq(word, KJ_STR("set")) && kj_str_word(&rest, &name)) {
		/* so short that values made of values do not grow without end */
		kj_str value = kj_str_upto(unquote(kj_str_trim(replace(p, rest))), 1000);
		if (p->variables.n < VARIABLES_MAX)
			KJ_PUSH(p->host->arena, &p->variables, (struct variable){name, value});
	} else if (kj_str_eq(word, KJ_STR("include"))) {
		take_include(p, unquote(kj_str_trim(replace(p, rest))));
	} else if (kj_str_eq(word, KJ_STR("exec")) || kj_str_eq(word, KJ_STR("exec_always"))) {
		rest = kj_str_trim(replace(p, rest));
		if (kj_str_starts(rest, KJ_STR("--no-startup-id")))
			rest = kj_str_trim(kj_str_from(rest, sizeof "--no-startup-id" - 1));
		take_exec(p, unquote(rest));
	}
}

static void read_sway_file(struct person *p, const struct kj_text *text)
{
	const struct kj_text *before = p->text;
	uint32_t line_before = p->line, line = 0;
	kj_str rest = text->bytes, part;
	unsigned blocks = 0;
	p->files++;
	p->depth++;
	KJ_PUSH(p->host->arena, &p->out->texts, text);
	while (rest.n) {
		struct kj_buf joined = KJ_BUF(p->host->arena);
		bool goes_on;
		p->line = line + 1;
		do {
			line++;
			kj_str_line(&rest, &part);
			goes_on = kj_str_ends(part, KJ_STR("\\")) && (joined.n || part.p[0] != '#');
			kj_buf_put(&joined, kj_str_upto(part, part.n - goes_on));
		} while (goes_on && rest.n);
		kj_str whole = kj_str_trim(kj_buf_str(&joined));
		p->text = text;
		if (kj_str_ends(whole, KJ_STR("{")))
			blocks++;
		else if (kj_str_eq(whole, KJ_STR("}")))
			blocks -= blocks > 0;
		else if (whole.n && !blocks && whole.p[0] != '#')
			take_sway_line(p, whole);
	}
	p->depth--;
	p->text = before;
	p->line = line_before;
}

/* ---- what comes of it ---- */

static kj_str last_command(const struct person *p, kj_str event, struct kj_origin *origin)
{
	kj_str command = {0};
	for (size_t i = p->first_row; i < p->rows->list.n; i++) {
		const struct kj_row *row = &p->rows->list.at[i];
		if (!kj_str_eq(row->cell[EVENT], event))
			continue;
		command = row->cell[COMMAND];
		*origin = kj_origin_of(row);
	}
	return command;
}

/* Does the last command of an event lock? */
static enum locks event_locks(const struct person *p, kj_str event)
{
	struct kj_origin at;
	kj_str command = last_command(p, event, &at);
	enum locks locks = command.p ? command_locks(p, command) : NO;
	return locks == YES || locks == NO ? locks : OPEN;
}

static void show_lock_after(struct person *p)
{
	int64_t least = 0, open = 0, seconds;
	struct kj_origin at = p->refused_at, open_at = {0};
	enum locks lock = event_locks(p, KJ_STR("lock")), asleep = event_locks(p, KJ_STR("before-sleep"));
	for (size_t i = p->first_row; i < p->rows->list.n; i++) {
		struct kj_row *row = &p->rows->list.at[i];
		bool timeout = kj_str_eq(row->cell[EVENT], KJ_STR("timeout"));
		enum locks locks = timeout ? command_locks(p, row->cell[COMMAND]) : NO;
		locks = locks == BY_LOCK ? lock : locks == BY_SLEEP ? asleep : locks;
		if (!kj_num_int(row->cell[SECONDS], &seconds) || !seconds || locks == NO)
			continue;
		int64_t *place = locks == YES ? &least : &open;
		if (!*place || seconds < *place) {
			*place = seconds;
			*(locks == YES ? &at : &open_at) = kj_origin_of(row);
		}
	}
	bool left_open = !least && open;
	enum kj_state state = KJ_STATE_EFFECTIVE;
	if (p->refused)
		state = KJ_STATE_NOT_IN_FORCE;
	else if (!p->started || p->own_unseen || (p->unseen && !least && !open))
		state = KJ_STATE_NOT_COLLECTED;
	else if (left_open || p->made_up)
		state = KJ_STATE_ERROR;
	struct kj_setting *s = kj_setting_add(p->host, p->out, KJ_STR("lock_after"),
	                                      kj_str_fmt(p->host->arena, "%lld", (long long)(left_open ? open : least)),
	                                      state, left_open ? open_at : at);
	s->scope = p->scope;
	s->lockable = true;
	if (p->refused)
		kj_setting_note(p->host, s, "%s", p->refused);
	else if (!p->started)
		kj_setting_note(p->host, s, "nothing was seen that starts swayidle");
	else if (p->made_up && state == KJ_STATE_ERROR)
		kj_setting_note(p->host, s, "the shell makes up the seconds of a timeout");
	else if (left_open && state == KJ_STATE_ERROR)
		kj_setting_note(p->host, s, "nobody can say whether its command locks");
	else if (state == KJ_STATE_NOT_COLLECTED)
		kj_setting_note(p->host, s, "a file that swayidle or sway reads was not collected");
	else if (!least)
		kj_setting_note(p->host, s, "no timeout runs a locker");
}

static void show(struct person *p)
{
	static const char *const hooks[] = {"before-sleep", "lock"};
	show_lock_after(p);
	for (size_t i = 0; i < 2; i++) {
		struct kj_origin origin = {0};
		kj_str command = last_command(p, kj_str_of(hooks[i]), &origin);
		if (!command.p)
			continue;
		struct kj_setting *s = kj_setting_add(p->host, p->out, kj_str_of(hooks[i]), command,
		                                      p->refused                     ? KJ_STATE_NOT_IN_FORCE
		                                      : !p->started || p->own_unseen ? KJ_STATE_NOT_COLLECTED
		                                                                     : KJ_STATE_EFFECTIVE,
		                                      origin);
		s->scope = p->scope;
		s->lockable = true;
	}
}

static void resolve_person(struct person *p)
{
	p->first_row = p->rows->list.n;
	const struct kj_text *sway = first_file(p, ".sway/config", ".config/sway/config", "etc/sway/config");
	p->own_unseen = p->unseen && p->home.n;
	if (sway)
		read_sway_file(p, sway);
	if (!p->started) {
		const struct kj_text *idle =
		        first_file(p, ".config/swayidle/config", ".swayidle/config", "etc/swayidle/config");
		if (idle)
			read_idle_file(p, idle);
	}
	show(p);
}

static void show_user(const struct person *system, kj_str home)
{
	size_t slash = kj_str_find_last(home, '/');
	struct person own = {.host = system->host, .source = system->source, .out = system->out, .rows = system->rows};
	own.home = home;
	own.user = kj_str_from(home, slash < home.n ? slash + 1 : 0);
	own.scope = kj_str_fmt(own.host->arena, "user %.*s", KJ_FMT(own.user));
	resolve_person(&own);
}

/* Those of whom something was collected that sway or swayidle read. */
static void show_users(const struct person *system)
{
	static const char *const homes[] = {"home/*", "root"};
	static const char *const files[] = {".sway", ".config/sway", ".swayidle", ".config/swayidle"};
	struct kj_arena *arena = system->host->arena;
	struct kj_map users = {0};
	for (size_t i = 0; i < 8; i++) {
		enum kj_presence presence;
		kj_str glob = kj_str_fmt(arena, "%s/%s/config", homes[i / 4], files[i % 4]);
		struct kj_entry_list found = kj_export_glob(system->host->export, arena, glob, &presence);
		for (size_t k = 0; k < found.paths.n; k++) {
			kj_str path = found.paths.at[k];
			*kj_map_at(arena, &users, kj_str_upto(path, kj_str_find_str(path, KJ_STR("/.")))) = &users;
		}
	}
	for (const struct kj_map_entry *e = users.first; e; e = e->next)
		show_user(system, e->key);
}

void kj_resolve_swayidle(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct person system = {
	        .host = host, .source = source, .out = out, .rows = kj_rows_make(host, kj_swayidle_columns)};
	kj_read_inputs(host, source, false, &reads);
	bool any = kj_judge_reads(host, &reads, out);
	out->texts.n = 0;
	out->rows = system.rows;
	if (any)
		resolve_person(&system);
	show_users(&system);
}
