/* From files to stacks: pam.d(5), as _pam_init_handlers and _pam_parse_conf_file of Linux-PAM do it
   (libpam/pam_handlers.c), with Debian's @include (its patch 031_pam_include). */
#include "resolve/pam.h"

#include <stdlib.h>

enum {
	LEVELS_MAX = 16,   /* PAM_SUBSTACK_MAX_LEVEL; since 1.5.3 of includes too */
	DEPTH_MAX = 32,    /* of includes before, which only a loop reaches */
	ENTRIES_MAX = 200, /* of one service: includes multiply */
	ROWS_MAX = 50000,  /* looked at for all services */
};

static const kj_str folders[] = {KJ_STR_INIT("etc/pam.d"), KJ_STR_INIT("usr/lib/pam.d"), KJ_STR_INIT("usr/etc/pam.d")};
#define FOLDERS (sizeof folders / sizeof *folders)

struct loader {
	struct kj_host *host;
	struct kj_pam *pam;
	struct kj_pam_stack *stack;
	struct kj_map files;    /* name → struct file */
	struct kj_map included; /* names */
	size_t rows_seen;
	bool debian;
	const struct kj_rows *conf;   /* of pam.conf, when there are no folders */
	const struct kj_row *stopped; /* where libpam gave up on the file at work, or NULL */
	const char *problem;          /* … and why */
};

struct file {
	const struct kj_rows *rows; /* NULL: not there */
	kj_str path;
	bool unseen;
};

/* Where a name is looked for: the first file wins whole. Debian looks for what is included in /etc/pam.d alone. */
static size_t places(const struct loader *l, kj_str name, bool included)
{
	return kj_str_starts(name, KJ_STR("/")) || (included && l->debian) ? 1 : FOLDERS;
}

static const struct file *find_file(struct loader *l, kj_str name, bool included)
{
	struct kj_arena *arena = l->host->arena;
	size_t n = places(l, name, included);
	void **place = kj_map_at(arena, &l->files, kj_str_fmt(arena, "%zu %.*s", n, KJ_FMT(name)));
	if (*place)
		return *place;
	struct file *file = KJ_NEW(arena, struct file);
	*place = file;
	bool absolute = kj_str_starts(name, KJ_STR("/"));
	for (size_t i = 0; name.n && i < n; i++) {
		size_t before = l->pam->reads.list.n;
		kj_str path = absolute ? kj_host_path(name)
		                       : kj_str_fmt(arena, "%.*s/%.*s", KJ_FMT(folders[i]), KJ_FMT(name));
		enum kj_presence presence = kj_read_path(l->host, &l->pam->reads, NULL, path, KJ_STR("pam"), NULL);
		if (l->pam->reads.list.n > before) {
			file->rows = l->pam->reads.list.at[before].rows;
			file->path = path;
		}
		file->unseen |= presence == KJ_NOT_COLLECTED;
		if (presence != KJ_ABSENT)
			break;
	}
	return file;
}

/* ---- one file ---- */

/* Where the entries of a file go. */
struct inside {
	kj_str type; /* only these; empty: all */
	unsigned level, depth;
};

static bool add_file(struct loader *l, kj_str name, struct inside in);

static kj_str module_name(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	kj_str name = slash < path.n ? kj_str_from(path, slash + 1) : path;
	return kj_str_ends(name, KJ_STR(".so")) ? kj_str_upto(name, name.n - 3) : name;
}

static bool is_type(kj_str type)
{
	return kj_str_eq(type, KJ_STR("auth")) || kj_str_eq(type, KJ_STR("account")) ||
	       kj_str_eq(type, KJ_STR("password")) || kj_str_eq(type, KJ_STR("session"));
}

static struct kj_pam_entry entry_of(struct loader *l, const struct kj_rows *rows, const struct kj_row *row, kj_str type,
                                    unsigned level)
{
	struct kj_arena *arena = l->host->arena;
	struct kj_pam_entry e = {.row = row, .type = type, .level = level};
	e.control = kj_row_cell(rows, row, KJ_STR("control"));
	e.path = kj_row_cell(rows, row, KJ_STR("module"));
	e.module = module_name(e.path);
	e.arg_cell = kj_row_cell(rows, row, KJ_STR("args"));
	e.args = kj_cell_items(arena, e.arg_cell, &e.arg);
	e.silent = kj_str_eq(kj_row_cell(rows, row, KJ_STR("silent")), KJ_STR("yes"));
	return e;
}

static void fail(struct kj_pam_entry *e, const char *problem)
{
	e->broken = true;
	e->problem = problem;
}

/* A module that fails stands for what libpam cannot read: by the line's own control when it has one. */
static void add_entry(struct loader *l, struct kj_pam_entry e)
{
	if (!kj_pam_control(&e) && !e.broken)
		e.problem = "libpam cannot read the control: the module fails whatever it says";
	KJ_PUSH(l->host->arena, &l->stack->list, e);
}

/* libpam gives up on the file; and on the service, when the file is not included with a type. */
static void stop(struct loader *l, const struct kj_row *row, const char *problem)
{
	l->stopped = row;
	l->problem = problem;
}

/* For an include that cannot be loaded. */
static void add_failure(struct loader *l, struct kj_pam_entry e, const char *problem)
{
	fail(&e, problem);
	kj_pam_control_all(&e, KJ_PAM_BAD);
	KJ_PUSH(l->host->arena, &l->stack->list, e);
}

/* NULL: spliced in. */
static const char *splice(struct loader *l, kj_str name, struct inside in)
{
	const struct kj_row *stopped = l->stopped;
	const char *problem = NULL;
	if (in.level >= LEVELS_MAX || in.depth >= DEPTH_MAX)
		problem = "too many files include each other";
	else if (!add_file(l, name, in))
		problem = "the included file is not there";
	else if (l->stopped)
		problem = l->problem;
	l->stopped = stopped;
	return problem;
}

static void include(struct loader *l, struct kj_pam_entry e, kj_str name, struct inside in, bool substack)
{
	if (substack) {
		struct kj_pam_entry mark = e;
		mark.substack = true;
		kj_pam_control_all(&mark, KJ_PAM_IGNORE);
		KJ_PUSH(l->host->arena, &l->stack->list, mark);
	}
	*kj_map_at(l->host->arena, &l->included, name) = l;
	in.depth++;
	in.level += substack;
	if (find_file(l, name, true)->unseen) {
		KJ_PUSH(l->host->arena, &l->stack->missing, (struct kj_pam_missing){name, in.type});
		return;
	}
	const char *problem = splice(l, name, in);
	if (problem && !in.type.n)
		/* @include outside an include: no type to put a failing module into */
		stop(l, e.row, problem);
	else if (problem)
		add_failure(l, e, problem);
}

static void add_row(struct loader *l, const struct kj_rows *rows, const struct kj_row *row, struct inside in)
{
	kj_str type = kj_str_lower(l->host->arena, kj_row_cell(rows, row, KJ_STR("type")));
	kj_str control = kj_row_cell(rows, row, KJ_STR("control")), module = kj_row_cell(rows, row, KJ_STR("module"));
	if (l->debian && kj_str_eq(type, KJ_STR("@include"))) {
		include(l, entry_of(l, rows, row, in.type, in.level), module, in, false);
		return;
	}
	if (in.type.n && is_type(type) && !kj_str_eq(in.type, type))
		return;
	/* of an unknown type libpam makes an entry of the type that it is reading, at the top of auth */
	bool known = is_type(type);
	struct kj_pam_entry e = entry_of(l, rows, row, known ? type : in.type.n ? in.type : KJ_STR("auth"), in.level);
	bool substack = kj_str_eq_fold(control, KJ_STR("substack"));
	if (!known)
		fail(&e, "an unknown type");
	else if (row->bad)
		fail(&e, row->problem);
	if (substack || kj_str_eq_fold(control, KJ_STR("include"))) {
		in.type = e.type;
		include(l, e, module, in, substack);
		return;
	}
	add_entry(l, e);
}

static bool is_full(const struct loader *l)
{
	return l->stack->list.n >= ENTRIES_MAX || l->rows_seen >= ROWS_MAX;
}

/* The service is an error, since nobody can say what the rest of it does. */
static void too_large(struct loader *l)
{
	struct kj_artifact *broken = KJ_NEW(l->host->arena, struct kj_artifact);
	broken->state = KJ_ARTIFACT_ERROR;
	broken->message =
	        kj_str_fmt(l->host->arena, "the stack and what it includes have more than %d entries", ENTRIES_MAX);
	l->pam->reads.broken = broken;
	l->pam->reads.broken_path = l->stack->file;
}

/* Of such a line libpam makes an error of the whole file. */
static bool is_unfinished(const struct kj_row *row)
{
	return row->bad && kj_str_eq(kj_str_of(row->problem), kj_str_of(kj_pam_unfinished));
}

static void add_rows(struct loader *l, const struct kj_rows *rows, struct inside in)
{
	bool conf = rows == l->conf;
	for (size_t i = 0; i < rows->list.n && !is_full(l) && !l->stopped; i++) {
		const struct kj_row *row = &rows->list.at[i];
		l->rows_seen++;
		if (is_unfinished(row))
			stop(l, row, row->problem);
		else if (!conf || kj_str_eq_fold(kj_row_cell(rows, row, KJ_STR("service")), l->stack->service))
			add_row(l, rows, row, in);
	}
}

/* False when the file is not there. */
static bool add_file(struct loader *l, kj_str name, struct inside in)
{
	const struct file *file = find_file(l, name, in.depth > 0);
	if (!file->rows)
		return false;
	l->stopped = NULL;
	add_rows(l, file->rows, in);
	return true;
}

/* ---- services ---- */

/* Names that package managers and editors leave behind are nobody's service, but may be included. libpam puts names
   of services into lower case before it looks for them. */
static bool is_leftover(struct kj_arena *arena, kj_str name)
{
	static const char *const ends[] = {".rpmnew", ".rpmsave", ".rpmorig",  ".dpkg-old", ".dpkg-new", ".dpkg-dist",
	                                   ".pacnew", ".pacsave", ".pam-old",  ".bak",      ".orig",     ".old",
	                                   "~",       ".swp",     ".ucf-dist", ".ucf-old",  ".save"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (kj_str_ends(name, kj_str_of(ends[i])))
			return true;
	return !kj_str_eq(name, kj_str_lower(arena, name));
}

/* True when there is such a folder. */
static bool list_folder(struct loader *l, size_t folder, struct kj_map *names)
{
	enum kj_presence presence;
	kj_str glob = kj_str_fmt(l->host->arena, "%.*s/*", KJ_FMT(folders[folder]));
	struct kj_entry_list found = kj_export_glob(l->host->export, l->host->arena, glob, &presence);
	for (size_t k = 0; k < found.paths.n; k++) {
		kj_str name = kj_str_from(found.paths.at[k], folders[folder].n + 1);
		if (!is_leftover(l->host->arena, name))
			*kj_map_at(l->host->arena, names, name) = l;
	}
	if (folder == 0 && (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE))
		l->pam->reads.hidden = KJ_STR("/etc/pam.d");
	return presence == KJ_PRESENT;
}

/* pam.conf is read where there is none of the folders. */
static void list_conf(struct loader *l, struct kj_map *names)
{
	static const char yaml[] = "service_field: true\n";
	struct kj_arena *arena = l->host->arena;
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("pam.conf"), kj_str_of(yaml)};
	struct kj_diags diags = {.arena = arena};
	const struct kj_node *options = kj_yaml_read(arena, text, (struct kj_doc_limits){0}, &diags);
	struct kj_reads reads = {0};
	kj_read_path(l->host, &reads, NULL, KJ_STR("etc/pam.conf"), KJ_STR("pam"), options);
	if (!reads.list.n || l->pam->reads.hidden.n)
		return;
	KJ_PUSH(arena, &l->pam->reads.list, reads.list.at[0]);
	l->conf = reads.list.at[0].rows;
	for (size_t i = 0; i < l->conf->list.n; i++) {
		kj_str service = kj_row_cell(l->conf, &l->conf->list.at[i], KJ_STR("service"));
		*kj_map_at(arena, names, kj_str_lower(arena, service)) = l;
	}
}

static void list_services(struct loader *l, struct kj_map *names)
{
	bool any = false;
	for (size_t i = 0; i < FOLDERS; i++)
		any |= list_folder(l, i, names);
	l->pam->reads.looked_for = KJ_STR("/etc/pam.d, /usr/lib/pam.d, /etc/pam.conf");
	if (!any)
		list_conf(l, names);
}

static int by_service(const void *a, const void *b)
{
	const struct kj_pam_stack *left = a, *right = b;
	return kj_str_cmp(left->service, right->service);
}

static void load_service(struct loader *l, kj_str name)
{
	struct kj_pam_stack stack = {.service = name};
	l->stack = &stack;
	l->stopped = NULL;
	if (l->conf) {
		stack.file = KJ_STR("etc/pam.conf");
		add_rows(l, l->conf, (struct inside){0});
	} else {
		stack.file = find_file(l, name, false)->path;
		add_file(l, name, (struct inside){0});
	}
	stack.refused = l->stopped;
	stack.problem = l->problem;
	if (is_full(l))
		too_large(l);
	KJ_PUSH(l->host->arena, &l->pam->stacks, stack);
}

struct kj_pam kj_pam_load(struct kj_host *host)
{
	if (host->pam)
		return *host->pam;
	struct kj_pam *pam = KJ_NEW(host->arena, struct kj_pam);
	host->pam = pam;
	/* where nobody knows the distribution, @include tells it */
	struct loader l = {.host = host, .pam = pam, .debian = kj_pam_debian(host->export) || !host->export->distro.n};
	struct kj_map names = {0};
	list_services(&l, &names);
	for (const struct kj_map_entry *e = names.first; e; e = e->next)
		load_service(&l, e->key);
	if (pam->stacks.n)
		qsort(pam->stacks.at, pam->stacks.n, sizeof *pam->stacks.at, by_service);
	for (size_t i = 0; i < pam->stacks.n; i++)
		pam->stacks.at[i].included = kj_map_get(&l.included, pam->stacks.at[i].service) != NULL;
	return *pam;
}

/* ---- one type ---- */

static void select_type(struct kj_host *host, const struct kj_pam_stack *stack, kj_str type, struct kj_pam_stack *out)
{
	for (size_t i = 0; i < stack->list.n; i++)
		if (kj_str_eq(stack->list.at[i].type, type))
			KJ_PUSH(host->arena, &out->list, stack->list.at[i]);
	for (size_t i = 0; i < stack->missing.n; i++) {
		const struct kj_pam_missing *m = &stack->missing.at[i];
		if (!m->type.n || kj_str_eq(m->type, type))
			KJ_PUSH(host->arena, &out->missing, *m);
	}
}

/* The service fails before any module is asked. */
static void add_refusal(struct kj_host *host, const struct kj_pam_stack *refused, kj_str type, struct kj_pam_stack *out)
{
	struct kj_pam_entry e = {.row = refused->refused, .type = type};
	fail(&e, refused->problem);
	kj_pam_control_all(&e, KJ_PAM_DIE);
	KJ_PUSH(host->arena, &out->list, e);
}

static const struct kj_pam_stack *other_of(const struct kj_pam *pam)
{
	for (size_t i = 0; i < pam->stacks.n; i++)
		if (kj_str_eq(pam->stacks.at[i].service, KJ_STR("other")))
			return &pam->stacks.at[i];
	return NULL;
}

struct kj_pam_stack kj_pam_of_type(struct kj_host *host, const struct kj_pam *pam, const struct kj_pam_stack *stack,
                                   kj_str type)
{
	struct kj_pam_stack out = {.service = stack->service, .file = stack->file, .included = stack->included};
	/* a file that only others include has no `other` */
	const struct kj_pam_stack *other = stack->included ? NULL : other_of(pam);
	const struct kj_pam_stack *refused = stack->refused ? stack : other && other->refused ? other : NULL;
	if (refused)
		add_refusal(host, refused, type, &out);
	select_type(host, stack, type, &out);
	if (other && other != stack && !out.list.n && !out.missing.n) {
		select_type(host, other, type, &out);
		out.is_other = true;
	}
	return out;
}

kj_str kj_pam_unseen(const struct kj_pam *pam, kj_str type)
{
	for (size_t s = 0; s < pam->stacks.n; s++) {
		const struct kj_pam_stack *stack = &pam->stacks.at[s];
		for (size_t i = 0; i < stack->missing.n; i++) {
			const struct kj_pam_missing *m = &stack->missing.at[i];
			if (!type.n || !m->type.n || kj_str_eq(m->type, type))
				return m->name;
		}
	}
	return KJ_STR("");
}
