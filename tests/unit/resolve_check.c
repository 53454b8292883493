#define _XOPEN_SOURCE 700 /* nftw */
#include "resolve_check.h"

#include <dirent.h>
#include <ftw.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

static const char whole[] =
        "--- etc/passwd\nroot:x:0:0:root:/root:/bin/bash\n--- etc/group\nroot:x:0:\n--- etc/hosts\n127.0.0.1 "
        "localhost\n"
        "--- etc/hostname\nhost01\n--- etc/fstab\n--- etc/os-release\nID=debian\nVERSION_ID=\"12\"\n";

/* ---- the program ---- */

static kj_str slurp(struct kj_arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	struct kj_buf buf = KJ_BUF(arena);
	char block[4096];
	size_t n;
	if (!file)
		fail_msg("cannot open %s", path);
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		kj_buf_put(&buf, (kj_str){block, n});
	fclose(file);
	return kj_buf_str(&buf);
}

static void load_folder(struct kj_program *program, struct kj_arena *arena, const char *folder, struct kj_diags *diags)
{
	struct dirent **list;
	int n = scandir(folder, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		kj_str path = kj_str_fmt(arena, "%s/%s", folder, list[i]->d_name);
		struct kj_text *text = KJ_NEW(arena, struct kj_text);
		text->name = path;
		if (kj_str_ends(path, KJ_STR(".yml")) && !kj_str_ends(path, KJ_STR("features.yml"))) {
			text->bytes = slurp(arena, kj_str_zero(arena, path));
			kj_source_load(program, text, diags);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

struct kj_program *resolve_program(struct kj_arena *arena, struct kj_diags *diags)
{
	struct kj_program *program = kj_program_new(arena);
	static const char *const folders[] = {"", "/linux", "/registers", "/windows"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		kj_str folder = kj_str_fmt(arena, "%s/policies/sources%s", KJ_SOURCE_ROOT, folders[i]);
		load_folder(program, arena, kj_str_zero(arena, folder), diags);
	}
	kj_program_bind(program, diags);
	return program;
}

/* ---- trees ---- */

static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void write_entry(const char *root, kj_str name, kj_str text)
{
	char path[4096];
	size_t arrow = kj_str_find_str(name, KJ_STR(" -> "));
	snprintf(path, sizeof path, "%s/%.*s", root, KJ_FMT(kj_str_upto(name, arrow)));
	make_parents(path);
	if (arrow < name.n) {
		char target[4096];
		snprintf(target, sizeof target, "%.*s", KJ_FMT(kj_str_from(name, arrow + 4)));
		if (symlink(target, path))
			fail_msg("cannot link %s", path);
	} else if (!kj_str_ends(name, KJ_STR("/"))) {
		FILE *file = fopen(path, "wb");
		if (!file)
			fail_msg("cannot write %s", path);
		fwrite(text.p, 1, text.n, file);
		fclose(file);
	}
}

static void write_tree(const char *root, const char *tree)
{
	kj_str rest = kj_str_of(tree);
	while (kj_str_starts(rest, KJ_STR("--- "))) {
		kj_str name;
		kj_str_line(&rest, &name);
		size_t end = kj_str_starts(rest, KJ_STR("--- ")) ? 0 : kj_str_find_str(rest, KJ_STR("\n--- "));
		kj_str text = kj_str_upto(rest, end ? end + 1 : 0);
		write_entry(root, kj_str_from(name, 4), text);
		rest = kj_str_from(rest, text.n);
	}
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

/* ---- rendering ---- */

static void put_origin(struct kj_buf *buf, struct kj_origin origin)
{
	if (origin.text)
		kj_buf_fmt(buf, " %.*s:%u", KJ_FMT(origin.text->name), origin.line);
}

static void put_setting(struct kj_buf *buf, const struct kj_setting *s, bool note)
{
	kj_buf_fmt(buf, "%.*s=%.*s", KJ_FMT(s->key), KJ_FMT(s->value));
	if (s->scope.n)
		kj_buf_fmt(buf, " [%.*s]", KJ_FMT(s->scope));
	kj_buf_fmt(buf, " %s", kj_state_name(s->state));
	put_origin(buf, s->origin);
	if (s->locked)
		kj_buf_put(buf, KJ_STR(" locked"));
	for (size_t i = 0; i < s->overrides.n; i++) {
		kj_buf_fmt(buf, "%s%.*s", i ? ", " : " (", KJ_FMT(s->overrides.at[i].value));
		put_origin(buf, s->overrides.at[i].origin);
	}
	if (s->overrides.n)
		kj_buf_char(buf, ')');
	if (note && s->note.n)
		kj_buf_fmt(buf, " # %.*s", KJ_FMT(s->note));
	kj_buf_char(buf, '\n');
}

/* All settings of the key that a wanted line names; the line after it may name the same key again. */
static void put_key(struct kj_buf *buf, const struct kj_resolved *r, kj_str line, struct kj_map *done)
{
	bool none = kj_str_ends(line, KJ_STR(" -"));
	kj_str key = none ? kj_str_upto(line, line.n - 2) : kj_str_upto(line, kj_str_find(line, '='));
	void **seen = kj_map_at(buf->arena, done, key);
	size_t before = buf->n;
	if (*seen)
		return;
	*seen = buf;
	for (size_t i = 0; i < r->settings.n; i++)
		if (kj_str_eq(r->settings.at[i].key, key))
			put_setting(buf, &r->settings.at[i], kj_str_find_str(line, KJ_STR(" # ")) < line.n);
	if (buf->n == before)
		kj_buf_fmt(buf, "%.*s -\n", KJ_FMT(key));
}

static kj_str render(struct kj_arena *arena, const struct kj_resolved *r, kj_str want)
{
	struct kj_buf buf = KJ_BUF(arena);
	struct kj_map done = {0};
	kj_str line;
	while (kj_str_line(&want, &line)) {
		if (kj_str_find_str(line, KJ_STR(" # ")) < line.n && line.p[0] == '@')
			kj_buf_fmt(&buf, "@%s # %.*s\n", kj_state_name(r->state), KJ_FMT(r->message));
		else if (line.p[0] == '@')
			kj_buf_fmt(&buf, "@%s\n", kj_state_name(r->state));
		else if (line.p[0] != '|')
			put_key(&buf, r, line, &done);
	}
	return kj_buf_str(&buf);
}

static void put_cell(struct kj_buf *buf, const struct kj_row *row, size_t column)
{
	kj_str cell = row->cell[column];
	bool unseen = row->from && row->from[column].unseen;
	for (size_t k = 0; k < cell.n && !unseen; k++)
		kj_buf_char(buf, cell.p[k] == KJ_PARSE_LIST ? ',' : cell.p[k]);
	kj_buf_put(buf, unseen ? KJ_STR("?|") : KJ_STR("|"));
}

/* Lines that begin with `|` are rows: all of them, cells with `|` between; of the columns that a line `|: COLUMN…` names,
   if there is one. */
static kj_str render_rows(struct kj_arena *arena, const struct kj_resolved *r, kj_str want)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_str line = {0}, column;
	while (kj_str_line(&want, &line) && !kj_str_starts(line, KJ_STR("|:")))
		line = (kj_str){0};
	if (line.n)
		kj_buf_fmt(&buf, "%.*s\n", KJ_FMT(line));
	for (size_t i = 0; i < r->rows->list.n; i++) {
		kj_str names = kj_str_from(line, 2);
		kj_buf_char(&buf, '|');
		for (size_t c = 0; !line.n && c < r->rows->column_count; c++)
			put_cell(&buf, &r->rows->list.at[i], c);
		while (kj_str_word(&names, &column))
			put_cell(&buf, &r->rows->list.at[i], kj_rows_column(r->rows, column));
		kj_buf_char(&buf, '\n');
	}
	return kj_buf_str(&buf);
}

static void run(const struct resolve_case *c, const char *root)
{
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	struct kj_diags diags = {.arena = arena};
	struct kj_program *program = resolve_program(arena, &diags);
	kj_diags_print(&diags, stderr, false);
	assert_int_equal(diags.errors, 0);
	struct kj_export *export = kj_export_open(arena, kj_str_of(root), KJ_STR("host01"), NULL, &diags);
	assert_non_null(export);
	struct kj_host *host =
	        kj_host_new(arena, export, program, kj_regex_scratch_new(arena), (struct kj_date){2026, 11, 23});
	const struct kj_source *source = kj_program_source(program, kj_str_of(c->source));
	assert_non_null(source);
	const struct kj_resolved *r = kj_resolve(host, source);
	assert_ptr_equal(r, kj_resolve(host, source));
	kj_str got = render(arena, r, kj_str_of(c->want));
	if (strchr(c->want, '|'))
		got = kj_str_fmt(arena, "%.*s%.*s", KJ_FMT(got), KJ_FMT(render_rows(arena, r, kj_str_of(c->want))));
	bool same = kj_str_eq(got, kj_str_of(c->want));
	if (!same)
		print_error("%s\n--- wanted\n%s--- got (%.*s)\n%.*s", c->name, c->want, KJ_FMT(r->message),
		            KJ_FMT(got));
	kj_arena_free(arena);
	assert_true(same);
}

void resolve_check(const struct resolve_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char root[] = "/tmp/kijun-resolve-XXXXXX";
		assert_non_null(mkdtemp(root));
		if (!cases[i].part)
			write_tree(root, whole);
		write_tree(root, cases[i].tree);
		run(&cases[i], root);
		nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	}
}
