/* The source `shell`: what the files of an interactive login bash make of TMOUT and of the umask (bash(1): INVOCATION,
   TMOUT). /etc/profile is followed through the files that it sources, then each user's own, statement by statement; what
   only a condition decides that nobody can see is a scope of its own. */
#include "resolve/shell_conditions.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, FILES_MAX = 2000 };

struct variable {
	bool readonly;
	bool perhaps_readonly; /* under a condition: what comes after may fail */
	bool set;              /* by a statement that is always reached */
	enum kj_reached holds; /* … something: what [ -n "$TMOUT" ] finds, where no value is under a condition */
	struct kj_setting setting_of;
	KJ_VEC(struct kj_setting) maybe; /* values under a condition, after it */
};

struct shell {
	struct kj_host *host;
	struct kj_resolved *out;
	kj_str name;
	struct variable var;
	struct kj_shell_scene scene;
	struct kj_map visited; /* paths of files that were read */
	size_t files;
	unsigned depth;
	kj_str stack[DEPTH_MAX]; /* the files at work: one that sources itself would never end */
	kj_str hidden;           /* a file below /etc or a home that is sourced and was not collected */
	const struct kj_artifact *broken;
	const struct kj_row *bad; /* after such a line the parser understood no more of the file */
	bool spent;               /* FILES_MAX was reached */
};

static kj_str cell(const struct kj_rows *rows, const struct kj_row *row, const char *column)
{
	return kj_row_cell(rows, row, kj_str_of(column));
}

static bool is_yes(const struct kj_rows *rows, const struct kj_row *row, const char *column)
{
	return kj_str_eq(cell(rows, row, column), KJ_STR("yes"));
}

static bool is_umask(const struct shell *sh)
{
	return kj_str_eq(sh->name, KJ_STR("umask"));
}

/* ---- values ---- */

/* bash reads TMOUT with atoi(): 10m is 10 seconds, and what is no number is 0, never. */
static kj_str as_seconds(struct kj_host *host, kj_str value, const char **note)
{
	bool plain = value.n > 0 && value.n < 10 && (value.p[0] != '0' || value.n == 1);
	for (size_t i = 0; i < value.n; i++)
		plain = plain && kj_is_digit(value.p[i]);
	if (plain)
		return value;
	long seconds = strtol(kj_str_zero(host->arena, value), NULL, 10);
	*note = "bash takes the digits at the beginning as seconds";
	return kj_str_fmt(host->arena, "%ld", seconds < 0 || seconds > INT32_MAX ? 0 : seconds);
}

/* Four octal digits, as `umask` prints them; a symbolic mask depends on the one before. p NULL: not known. */
static kj_str as_mask(struct kj_host *host, kj_str value)
{
	uint64_t mask;
	if (!kj_num_base(value, 8, &mask) || mask > 0777)
		return (kj_str){NULL, 0};
	return kj_str_fmt(host->arena, "%04o", (unsigned)mask);
}

/* ---- statements ---- */

static void override(struct shell *sh, struct kj_setting *s, kj_str value, const struct kj_row *row)
{
	kj_setting_override(sh->host, s, s->value, s->origin);
	s->value = value;
	s->origin = kj_origin_of(row);
}

static struct kj_setting setting_of(const struct shell *sh, kj_str value, const struct kj_row *row, const char *note,
                                    bool unknown)
{
	return (struct kj_setting){.key = sh->name,
	                           .value = value,
	                           .state = unknown ? KJ_STATE_ERROR : KJ_STATE_EFFECTIVE,
	                           .origin = kj_origin_of(row),
	                           .lockable = !is_umask(sh),
	                           .note = kj_str_of(note)};
}

/* A value that holds only sometimes. */
static void add_maybe(struct shell *sh, kj_str value, const struct kj_row *row, const char *note, bool unknown)
{
	struct kj_setting s = setting_of(sh, value, row, note, unknown);
	s.scope = kj_str_fmt(sh->host->arena, "under a condition, %.*s line %u", KJ_FMT(row->text->name), row->line);
	if (!note)
		kj_setting_note(sh->host, &s, "set under a condition");
	KJ_PUSH(sh->host->arena, &sh->var.maybe, s);
}

static void assign(struct shell *sh, kj_str value, const struct kj_row *row, const char *note, bool unknown)
{
	struct variable *v = &sh->var;
	struct kj_setting *s = &v->setting_of;
	if (v->set) {
		override(sh, s, value, row);
		s->state = unknown ? KJ_STATE_ERROR : KJ_STATE_EFFECTIVE;
		s->note = kj_str_of(note);
	} else {
		*s = setting_of(sh, value, row, note, unknown);
		for (size_t i = 0; i < v->maybe.n; i++)
			kj_setting_override(sh->host, s, v->maybe.at[i].value, v->maybe.at[i].origin);
	}
	v->set = true;
	v->maybe.n = 0;
}

static void set(struct shell *sh, kj_str value, const struct kj_row *row, bool dynamic, bool certain)
{
	const char *note = dynamic ? "the value depends on other variables" : NULL;
	if (is_umask(sh) && !dynamic) {
		kj_str mask = as_mask(sh->host, value);
		dynamic = !mask.p;
		note = dynamic ? "the mask depends on the one before" : NULL;
		value = mask.p ? mask : value;
	} else if (!dynamic) {
		value = as_seconds(sh->host, value, &note);
	}
	if (certain)
		assign(sh, value, row, note, dynamic);
	else
		add_maybe(sh, value, row, note, dynamic);
}

static void take(struct shell *sh, const struct kj_rows *rows, const struct kj_row *row, enum kj_reached reached)
{
	struct variable *v = &sh->var;
	kj_str kind = cell(rows, row, "kind"), flags = cell(rows, row, "flags"), value = cell(rows, row, "value");
	bool unset = kj_str_eq(kind, KJ_STR("unset")), preset = kj_str_eq(kind, KJ_STR("default"));
	bool sets = is_yes(rows, row, "sets") || unset || is_umask(sh);
	bool dynamic = is_yes(rows, row, "dynamic") || kj_str_eq(kind, KJ_STR("append"));
	bool certain = reached == KJ_REACHED_YES;
	if (kj_str_eq(kind, KJ_STR("local")))
		return;
	if (sets && v->readonly) {
		kj_setting_override(sh->host, &v->setting_of, unset ? KJ_STR("") : value, kj_origin_of(row));
		return;
	}
	if (unset) /* no TMOUT is no time-out, as 0 */
		value = KJ_STR("0");
	/* ${NAME:=value} sets what is not set or empty, and only that */
	bool held = preset && v->holds == KJ_REACHED_YES && !v->maybe.n;
	bool unsure = preset && (v->holds == KJ_REACHED_MAYBE || v->maybe.n);
	if (sets && !held) {
		certain = certain && !v->perhaps_readonly && !unsure;
		set(sh, value, row, dynamic && !preset, certain);
		if (certain)
			v->holds = dynamic && !preset  ? KJ_REACHED_MAYBE
			           : value.n && !unset ? KJ_REACHED_YES
			                               : KJ_REACHED_NO;
	}
	if (kj_str_find(flags, 'r') < flags.n)
		*(reached == KJ_REACHED_YES ? &v->readonly : &v->perhaps_readonly) = true;
}

/* ---- files ---- */

static void walk(struct shell *sh, kj_str path, enum kj_reached outer);

/* The files that the loop around a `. $i` goes through. */
static void source_loop(struct shell *sh, kj_str conditions, kj_str words, kj_str name, enum kj_reached outer)
{
	struct kj_shell_scene before = sh->scene;
	kj_str word;
	if (kj_str_find_str(words, KJ_STR("run-parts")) < words.n &&
	    kj_str_find_str(words, KJ_STR("/etc/profile.d")) < words.n)
		words = KJ_STR("/etc/profile.d/*.sh");
	while (kj_str_word(&words, &word)) {
		enum kj_presence presence;
		if (kj_str_find_any(word, KJ_STR("$`")) < word.n || !kj_str_starts(word, KJ_STR("/")))
			continue;
		struct kj_entry_list found =
		        kj_export_glob(sh->host->export, sh->host->arena, kj_host_path(word), &presence);
		if (presence == KJ_NOT_COLLECTED && !sh->hidden.n && kj_str_starts(word, KJ_STR("/etc/")))
			sh->hidden = word;
		for (size_t i = 0; i < found.paths.n; i++) {
			sh->scene.loop_name = name;
			sh->scene.loop_file = kj_str_fmt(sh->host->arena, "/%.*s", KJ_FMT(found.paths.at[i]));
			enum kj_reached here = kj_shell_reached(&sh->scene, conditions);
			sh->scene.loop_name = (kj_str){NULL, 0};
			walk(sh, found.paths.at[i], here < outer ? here : outer);
		}
	}
	sh->scene = before;
}

static void source(struct shell *sh, const struct kj_rows *rows, const struct kj_row *row, enum kj_reached outer)
{
	kj_str value = cell(rows, row, "value"), conditions = cell(rows, row, "conditions"), name, words;
	kj_str path = kj_shell_path(&sh->scene, value);
	enum kj_reached here = kj_shell_reached(&sh->scene, conditions);
	if (path.p)
		walk(sh, path, here < outer ? here : outer);
	else if (kj_shell_loop(conditions, &name, &words))
		source_loop(sh, conditions, words, name, outer);
}

/* One statement; false when it ends the file. */
static bool step(struct shell *sh, const struct kj_rows *rows, const struct kj_row *row, enum kj_reached *outer)
{
	kj_str kind = cell(rows, row, "kind");
	if (row->bad) {
		sh->bad = sh->bad ? sh->bad : row;
		return false;
	}
	if (kj_str_eq(kind, KJ_STR("source"))) {
		source(sh, rows, row, *outer);
		return true;
	}
	bool leaves = kj_str_eq(kind, KJ_STR("return"));
	if (!leaves && !kj_str_eq(cell(rows, row, "key"), sh->name))
		return true;
	enum kj_reached here = kj_shell_reached(&sh->scene, cell(rows, row, "conditions"));
	here = here < *outer ? here : *outer;
	if (leaves && here == KJ_REACHED_YES)
		return false;
	if (leaves && here == KJ_REACHED_MAYBE)
		*outer = KJ_REACHED_MAYBE;
	if (!leaves && here != KJ_REACHED_NO)
		take(sh, rows, row, here);
	return true;
}

/* May the file say something of our variables when it was not collected? What packages have in /usr does not. */
static bool matters(kj_str path)
{
	return kj_str_starts(path, KJ_STR("etc/")) || kj_str_starts(path, KJ_STR("home/")) ||
	       kj_str_starts(path, KJ_STR("root/"));
}

static bool is_at_work(const struct shell *sh, kj_str path)
{
	for (size_t i = 0; i < sh->depth; i++)
		if (kj_str_eq(sh->stack[i], path))
			return true;
	return false;
}

static void walk(struct shell *sh, kj_str path, enum kj_reached outer)
{
	path = kj_host_path(path);
	if (outer == KJ_REACHED_NO || sh->depth == DEPTH_MAX || is_at_work(sh, path))
		return;
	if (++sh->files > FILES_MAX) {
		sh->spent = true;
		return;
	}
	const struct kj_artifact *artifact = kj_export_read(sh->host->export, path);
	if (artifact->state == KJ_ARTIFACT_NOT_COLLECTED && matters(path) && !sh->hidden.n)
		sh->hidden = kj_str_fmt(sh->host->arena, "/%.*s", KJ_FMT(path));
	if (artifact->state == KJ_ARTIFACT_ERROR && !sh->broken)
		sh->broken = artifact;
	if (artifact->state != KJ_ARTIFACT_OK)
		return;
	*kj_map_at(sh->host->arena, &sh->visited, artifact->text.name) = sh;
	const struct kj_rows *rows = kj_host_rows(sh->host, artifact, KJ_STR("shell"), NULL);
	sh->stack[sh->depth++] = path;
	bool more = true;
	for (size_t i = 0; more && i < rows->list.n; i++)
		more = step(sh, rows, &rows->list.at[i], &outer);
	sh->depth--;
}

/* ---- what comes of it ---- */

static void show(struct shell *sh, kj_str scope)
{
	struct variable *v = &sh->var;
	kj_str between = scope.n ? KJ_STR(", ") : KJ_STR("");
	if (v->set) {
		v->setting_of.locked = v->readonly;
		v->setting_of.scope = scope;
		KJ_PUSH(sh->host->arena, &sh->out->settings, v->setting_of);
	} else if (!v->maybe.n && !is_umask(sh)) {
		struct kj_setting *s = kj_setting_add(sh->host, sh->out, sh->name, KJ_STR("0"), KJ_STATE_DEFAULT,
		                                      (struct kj_origin){0});
		s->lockable = true;
		s->locked = v->readonly; /* readonly TMOUT without a value: nobody can set one */
		s->scope = scope;
		s->overrides = v->setting_of.overrides;
	}
	for (size_t i = 0; i < v->maybe.n; i++) {
		struct kj_setting s = v->maybe.at[i];
		if (v->set && kj_str_eq(s.value, v->setting_of.value) && s.state == v->setting_of.state)
			continue;
		/* without a value that holds always, nobody can say what holds when the condition does not */
		if (!v->set)
			s.state = KJ_STATE_ERROR;
		s.locked = v->readonly;
		s.scope = kj_str_fmt(sh->host->arena, "%.*s%.*s%.*s", KJ_FMT(scope), KJ_FMT(between), KJ_FMT(s.scope));
		KJ_PUSH(sh->host->arena, &sh->out->settings, s);
	}
}

/* Files that login shells do not come to: what they say is shown, where nothing else is said. */
static void show_unread(struct shell *sh, const struct kj_reads *reads)
{
	for (size_t i = 0; i < reads->list.n && !sh->var.set && !sh->var.maybe.n; i++) {
		const struct kj_read *read = &reads->list.at[i];
		for (size_t k = 0; k < read->rows->list.n; k++) {
			const struct kj_row *row = &read->rows->list.at[k];
			if (row->bad || kj_map_get(&sh->visited, row->text->name) ||
			    !kj_str_eq(cell(read->rows, row, "key"), sh->name) || !is_yes(read->rows, row, "sets"))
				continue;
			struct kj_setting *s =
			        kj_setting_add(sh->host, sh->out, sh->name, cell(read->rows, row, "value"),
			                       KJ_STATE_NOT_IN_FORCE, kj_origin_of(row));
			s->lockable = true;
			s->unjudged = true;
			kj_setting_note(sh->host, s, "a login shell does not read '%.*s'", KJ_FMT(row->text->name));
		}
	}
}

static enum kj_reached variable_is_set(void *ctx, kj_str name)
{
	const struct shell *sh = ctx;
	if (!kj_str_eq(name, sh->name) || sh->var.maybe.n)
		return KJ_REACHED_MAYBE;
	return sh->var.holds;
}

/* ---- users ---- */

static bool same_end(const struct variable *a, const struct variable *b)
{
	return a->set == b->set && a->readonly == b->readonly && a->maybe.n == b->maybe.n &&
	       (!a->set ||
	        (kj_str_eq(a->setting_of.value, b->setting_of.value) && a->setting_of.state == b->setting_of.state));
}

/* A variable that may go on without the other one. */
static struct variable copy_of(struct kj_arena *arena, const struct variable *v)
{
	struct variable copy = *v;
	memset(&copy.maybe, 0, sizeof copy.maybe);
	memset(&copy.setting_of.overrides, 0, sizeof copy.setting_of.overrides);
	for (size_t i = 0; i < v->maybe.n; i++)
		KJ_PUSH(arena, &copy.maybe, v->maybe.at[i]);
	for (size_t i = 0; i < v->setting_of.overrides.n; i++)
		KJ_PUSH(arena, &copy.setting_of.overrides, v->setting_of.overrides.at[i]);
	return copy;
}

/* A user's file that is not understood says nothing of the others. */
static void show_bad(struct shell *own, kj_str scope)
{
	struct kj_setting *s =
	        kj_setting_add(own->host, own->out, own->name, KJ_STR(""), KJ_STATE_ERROR, kj_origin_of(own->bad));
	s->scope = scope;
	s->lockable = !is_umask(own);
	kj_setting_note(own->host, s, "%s", own->bad->problem);
	KJ_PUSH(own->host->arena, &own->out->bad, *own->bad);
}

/* bash reads the first of three files in the user's home. */
static void show_user(struct shell *sh, kj_str home)
{
	static const char *const names[] = {".bash_profile", ".bash_login", ".profile"};
	struct shell own = *sh;
	own.scene.ctx = &own;
	own.scene.home = home;
	own.hidden = KJ_STR("");
	own.var = copy_of(sh->host->arena, &sh->var);
	bool found = false;
	for (size_t i = 0; i < 3 && !found; i++) {
		kj_str path = kj_str_fmt(sh->host->arena, "%.*s/%s", KJ_FMT(home), names[i]);
		found = kj_export_read(sh->host->export, path)->state == KJ_ARTIFACT_OK;
		if (found)
			walk(&own, path, KJ_REACHED_YES);
	}
	kj_str name = kj_str_from(home, kj_str_find_last(home, '/') + 1);
	if (kj_str_find(home, '/') == home.n)
		name = home;
	kj_str scope = kj_str_fmt(sh->host->arena, "user %.*s", KJ_FMT(name));
	if (own.bad && !sh->bad)
		show_bad(&own, scope);
	else if (found && !same_end(&sh->var, &own.var))
		show(&own, scope);
	sh->broken = sh->broken ? sh->broken : own.broken;
	sh->spent = sh->spent || own.spent;
}

static void show_users(struct shell *sh)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(sh->host->export, sh->host->arena, KJ_STR("home/*/.*"), &presence);
	kj_str last = KJ_STR("");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str home = kj_str_upto(found.paths.at[i], kj_str_find_last(found.paths.at[i], '/'));
		if (!kj_str_eq(home, last))
			show_user(sh, home);
		last = home;
	}
	show_user(sh, KJ_STR("root"));
}

/* ---- the whole ---- */

static void judge(struct shell *sh)
{
	struct kj_resolved *out = sh->out;
	if (sh->bad) {
		KJ_PUSH(sh->host->arena, &out->bad, *sh->bad);
		out->at = kj_origin_of(sh->bad);
		kj_resolved_state(sh->host, out, KJ_STATE_ERROR, "'%.*s' line %u: %s", KJ_FMT(out->at.text->name),
		                  out->at.line, sh->bad->problem);
	} else if (sh->broken) {
		kj_resolved_state(sh->host, out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(sh->broken->text.name),
		                  KJ_FMT(sh->broken->message));
	} else if (sh->spent) {
		kj_resolved_state(sh->host, out, KJ_STATE_ERROR, "profile files source more than %d files", FILES_MAX);
	} else if (sh->hidden.n) {
		kj_resolved_state(sh->host, out, KJ_STATE_NOT_COLLECTED, "%.*s was not collected", KJ_FMT(sh->hidden));
	}
}

void kj_resolve_shell(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	kj_read_inputs(host, source, false, &reads);
	if (!kj_judge_reads(host, &reads, out))
		return;
	const struct kj_node *names = kj_doc_get(source->with, KJ_STR("variables"));
	for (size_t i = 0; names && names->kind == KJ_SEQ && i < names->n; i++) {
		struct shell sh = {.host = host, .out = out, .name = names->items[i]->text};
		sh.scene = (struct kj_shell_scene){.host = host, .is_set = variable_is_set, .ctx = &sh};
		walk(&sh, KJ_STR("etc/profile"), KJ_REACHED_YES);
		show(&sh, KJ_STR(""));
		show_unread(&sh, &reads);
		show_users(&sh);
		judge(&sh);
	}
	out->rows = reads.list.at[0].rows;
}
