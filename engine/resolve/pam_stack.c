/* From files to stacks: pam.d(5), as _pam_parse_conf_file and _pam_load_conf_file of Linux-PAM do it, with Debian's
   @include. */
#include "resolve/pam.h"

#include <stdlib.h>

enum {
	DEPTH_MAX = 32,    /* PAM_SUBSTACK_MAX_LEVEL and the limit of includes */
	ENTRIES_MAX = 500, /* of one service: includes multiply */
	ROWS_MAX = 50000,  /* looked at for all services */
};

static const kj_str folders[] = {KJ_STR_INIT("etc/pam.d"), KJ_STR_INIT("usr/lib/pam.d"), KJ_STR_INIT("usr/etc/pam.d")};

struct loader {
	struct kj_host *host;
	struct kj_pam *pam;
	struct kj_pam_stack *stack;
	struct kj_map rows; /* host path → struct file */
	size_t rows_seen;
};

struct file {
	const struct kj_rows *rows; /* NULL: not there */
	kj_str path;
	bool unseen;
};

/* The first that exists wins whole. Names that package managers and editors leave behind are nobody's service, but
   may be included. */
static const struct file *find_file(struct loader *l, kj_str name)
{
	void **place = kj_map_at(l->host->arena, &l->rows, kj_str_copy(l->host->arena, name));
	if (*place)
		return *place;
	struct file *file = KJ_NEW(l->host->arena, struct file);
	*place = file;
	bool absolute = kj_str_starts(name, KJ_STR("/"));
	for (size_t i = 0; i < (absolute ? 1 : sizeof folders / sizeof *folders); i++) {
		size_t before = l->pam->reads.list.n;
		kj_str path = absolute ? kj_host_path(name)
		                       : kj_str_fmt(l->host->arena, "%.*s/%.*s", KJ_FMT(folders[i]), KJ_FMT(name));
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

static bool add_file(struct loader *l, kj_str name, kj_str type, unsigned level, unsigned depth);

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

static bool is_control(kj_str control)
{
	static const char *const words[] = {"required", "requisite", "optional", "sufficient"};
	for (size_t i = 0; i < 4; i++)
		if (kj_str_eq(control, kj_str_of(words[i])))
			return true;
	return kj_str_find(control, '=') < control.n;
}

static void include(struct loader *l, kj_str name, kj_str type, unsigned level, unsigned depth)
{
	struct kj_pam_missing missing = {name, type, find_file(l, name)->unseen};
	if (!add_file(l, name, type, level, depth))
		KJ_PUSH(l->host->arena, &l->stack->missing, missing);
}

static void add_entry(struct loader *l, const struct kj_rows *rows, const struct kj_row *row, kj_str type,
                      unsigned level, bool substack)
{
	struct kj_arena *arena = l->host->arena;
	struct kj_pam_entry e = {.row = row, .type = type, .level = level, .substack = substack};
	e.control = kj_str_lower(arena, kj_row_cell(rows, row, KJ_STR("control")));
	e.path = kj_row_cell(rows, row, KJ_STR("module"));
	e.module = module_name(e.path);
	e.arg_cell = kj_row_cell(rows, row, KJ_STR("args"));
	e.args = kj_cell_items(arena, e.arg_cell, &e.arg);
	e.silent = kj_str_eq(kj_row_cell(rows, row, KJ_STR("silent")), KJ_STR("yes"));
	e.broken = row->bad || (!substack && (!is_type(type) || !is_control(e.control)));
	kj_pam_learn(&e);
	KJ_PUSH(arena, &l->stack->list, e);
}

static void add_row(struct loader *l, const struct kj_rows *rows, const struct kj_row *row, kj_str wanted,
                    unsigned level, unsigned depth)
{
	struct kj_arena *arena = l->host->arena;
	kj_str type = kj_str_lower(arena, kj_row_cell(rows, row, KJ_STR("type")));
	kj_str control = kj_row_cell(rows, row, KJ_STR("control")), module = kj_row_cell(rows, row, KJ_STR("module"));
	if (kj_str_eq(type, KJ_STR("@include"))) {
		include(l, module, wanted, level, depth + 1);
		return;
	}
	if (wanted.n && is_type(type) && !kj_str_eq(wanted, type))
		return;
	bool spliced = kj_str_eq_fold(control, KJ_STR("include")),
	     substack = kj_str_eq_fold(control, KJ_STR("substack"));
	if (row->bad || !(spliced || substack)) {
		/* of a line with an unknown type libpam cannot tell whose it is: it fails all of them */
		add_entry(l, rows, row, is_type(type) || !wanted.n ? type : wanted, level, false);
		return;
	}
	if (substack)
		add_entry(l, rows, row, type, level, true);
	include(l, module, type, level + substack, depth + 1);
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

/* False when the file is not there. `type` empty: all types. */
static bool add_file(struct loader *l, kj_str name, kj_str type, unsigned level, unsigned depth)
{
	const struct file *file = find_file(l, name);
	if (!file->rows || depth > DEPTH_MAX)
		return false;
	for (size_t i = 0; i < file->rows->list.n && !is_full(l); i++) {
		l->rows_seen++;
		add_row(l, file->rows, &file->rows->list.at[i], type, level, depth);
	}
	return true;
}

/* ---- services ---- */

static bool is_leftover(kj_str name)
{
	static const char *const ends[] = {".rpmnew", ".rpmsave", ".rpmorig",  ".dpkg-old", ".dpkg-new", ".dpkg-dist",
	                                   ".pacnew", ".pacsave", ".pam-old",  ".bak",      ".orig",     ".old",
	                                   "~",       ".swp",     ".ucf-dist", ".ucf-old",  ".save"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (kj_str_ends(name, kj_str_of(ends[i])))
			return true;
	return false;
}

static void list_services(struct loader *l, struct kj_map *names)
{
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		enum kj_presence presence;
		kj_str glob = kj_str_fmt(l->host->arena, "%.*s/*", KJ_FMT(folders[i]));
		struct kj_entry_list found = kj_export_glob(l->host->export, l->host->arena, glob, &presence);
		for (size_t k = 0; k < found.paths.n; k++) {
			kj_str name = kj_str_from(found.paths.at[k], folders[i].n + 1);
			if (!is_leftover(name))
				*kj_map_at(l->host->arena, names, name) = l;
		}
		if (i == 0 && (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE))
			l->pam->reads.hidden = KJ_STR("/etc/pam.d");
	}
	l->pam->reads.looked_for = KJ_STR("/etc/pam.d, /usr/lib/pam.d");
}

static int by_service(const void *a, const void *b)
{
	const struct kj_pam_stack *left = a, *right = b;
	return kj_str_cmp(left->service, right->service);
}

struct kj_pam kj_pam_load(struct kj_host *host)
{
	struct kj_pam pam = {0};
	struct loader l = {.host = host, .pam = &pam};
	struct kj_map names = {0};
	list_services(&l, &names);
	for (const struct kj_map_entry *e = names.first; e; e = e->next) {
		struct kj_pam_stack stack = {.service = e->key};
		l.stack = &stack;
		add_file(&l, e->key, KJ_STR(""), 0, 0);
		stack.file = find_file(&l, e->key)->path;
		if (is_full(&l))
			too_large(&l);
		KJ_PUSH(host->arena, &pam.stacks, stack);
	}
	if (pam.stacks.n)
		qsort(pam.stacks.at, pam.stacks.n, sizeof *pam.stacks.at, by_service);
	return pam;
}

struct kj_pam_stack kj_pam_of_type(struct kj_host *host, const struct kj_pam_stack *stack, kj_str type)
{
	struct kj_pam_stack out = {.service = stack->service, .file = stack->file};
	for (size_t i = 0; i < stack->list.n; i++) {
		const struct kj_pam_entry *e = &stack->list.at[i];
		if (kj_str_eq(e->type, type) || (e->broken && !is_type(e->type)))
			KJ_PUSH(host->arena, &out.list, *e);
	}
	kj_pam_measure(&out);
	for (size_t i = 0; i < stack->missing.n; i++) {
		const struct kj_pam_missing *m = &stack->missing.at[i];
		if (!m->type.n || kj_str_eq(m->type, type))
			KJ_PUSH(host->arena, &out.missing, *m);
	}
	return out;
}

kj_str kj_pam_unseen(const struct kj_pam *pam, kj_str type)
{
	for (size_t s = 0; s < pam->stacks.n; s++) {
		const struct kj_pam_stack *stack = &pam->stacks.at[s];
		for (size_t i = 0; i < stack->missing.n; i++) {
			const struct kj_pam_missing *m = &stack->missing.at[i];
			if (m->unseen && (!type.n || !m->type.n || kj_str_eq(m->type, type)))
				return m->name;
		}
	}
	return KJ_STR("");
}
