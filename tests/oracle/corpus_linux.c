/* No line of the public Linux files is passed over in silence: corpus_linux POLICIES CORPUS [REASONS].
   A word that nobody knows is put before, into and after each line that is neither blank nor a comment, and what the
   sources that read the file make of it must change: another value, a bad line, a message, a refusal. REASONS lists the
   lines that mean nothing to the program: "file <TAB> line, or its beginning and * <TAB> why". */
#define _XOPEN_SOURCE 700 /* nftw */
#include "export/export.h"
#include "lib/run.h"
#include "resolve/work.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77, FAILURES_SHOWN = 400, FILE_MAX = 1 << 20 };

/* Corpus files, and where a host or a collector would have them. */
static const struct {
	const char *end;  /* of the path in the corpus */
	const char *path; /* in an export */
} places[] = {
        {"inspec-cmd/chage-l-root", "captured/chage_-l_root.txt"},
        {"inspec-cmd/crontab-root", "captured/crontab_-l.txt"},
        {"inspec-cmd/dpkg-query-W", "captured/dpkg-query_-W.txt"},
        {"inspec-cmd/lsof-nP-i-FpctPn", "captured/lsof_-nP_-i_-FpctPn.txt"},
        {"inspec-cmd/modprobe-config", "captured/modprobe_-c.txt"},
        {"inspec-cmd/mount", "captured/mount.txt"},
        {"inspec-cmd/ss-tulpen", "captured/ss_-tulpen.txt"},
        {"inspec-files/crondotd", "etc/cron.d/crondotd"},
        {"inspec-files/etcgroup", "etc/group"},
        {"inspec-files/fstab", "etc/fstab"},
        {"inspec-files/fstab_one_mount", "etc/fstab"},
        {"inspec-files/passwd", "etc/passwd"},
        {"/crontab-u.out", "etc/crontab"},
        {"/crontab-u-no-normal-entries.out", "etc/crontab"},
        {"/crontab-u-var-fix.out", "etc/crontab"},
        {"/crontab.out", "captured/crontab_-l.txt"},
        {"/dpkg-l-codes.out", "captured/dpkg_-l.txt"},
        {"/fstab.out", "etc/fstab"},
        {"/group.out", "etc/group"},
        {"/gshadow.out", "etc/gshadow"},
        {"/lsblk.out", "captured/lsblk.txt"},
        {"/lsmod.out", "captured/lsmod.txt"},
        {"/mount.out", "captured/mount.txt"},
        {"/mount-parens-in-filesystem.out", "captured/mount.txt"},
        {"/mount-spaces-in-filename.out", "captured/mount.txt"},
        {"/mount-spaces-in-mountpoint.out", "captured/mount.txt"},
        {"/netstat-l.out", "captured/netstat_-l.txt"},
        {"/netstat-old.out", "captured/netstat_-an.txt"},
        {"/netstat-p.out", "captured/netstat_-p.txt"},
        {"/netstat-sudo-aeep.out", "captured/netstat_-aeep.txt"},
        {"/netstat-sudo-lnp.out", "captured/netstat_-lnp.txt"},
        {"/netstat.out", "captured/netstat.txt"},
        {"/passwd.out", "etc/passwd"},
        {"/shadow.out", "etc/shadow"},
        {"/ss-sudo-a.out", "captured/ss_-a.txt"},
        {"/sshd-T.out", "captured/sshd_-T.txt"},
        {"/sysctl-a.out", "captured/sysctl_-a.txt"},
        {"/systemctl-luf.out", "captured/systemctl_list-unit-files.txt"},
        {"/systemctl.out", "captured/systemctl_list-units.txt"},
        {"upstream-defaults/login.defs", "etc/login.defs"},
        {"upstream-defaults/pwhistory.conf", "etc/security/pwhistory.conf"},
        {"upstream-defaults/pwquality.conf", "etc/security/pwquality.conf"},
        {"upstream-defaults/ssh_config", "etc/ssh/ssh_config"},
};

/* An export in memory. */
struct tree {
	const char *name;
	KJ_VEC(struct kj_memory_file) files;
};

struct check {
	struct kj_arena *arena;
	struct kj_run *run;
	kj_str corpus, reasons;
	size_t lines, failed, excused;
};

/* ---- the corpus ---- */

static kj_str slurp(struct kj_arena *arena, const char *path)
{
	struct kj_buf buf = KJ_BUF(arena);
	char block[65536];
	size_t n;
	FILE *file = fopen(path, "rb");
	while (file && buf.n < FILE_MAX && (n = fread(block, 1, sizeof block, file)) > 0)
		kj_buf_put(&buf, (kj_str){block, n});
	if (file)
		fclose(file);
	return kj_buf_str(&buf);
}

/* nftw(3) passes nothing on. */
static struct {
	struct kj_arena *arena;
	KJ_VEC(kj_str) paths;
} walk;

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)ftw;
	if (type == FTW_F)
		KJ_PUSH(walk.arena, &walk.paths, kj_str_fmt(walk.arena, "%s", path));
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return kj_str_cmp(*(const kj_str *)a, *(const kj_str *)b);
}

static void list_folder(struct kj_arena *arena, const char *folder)
{
	memset(&walk, 0, sizeof walk);
	walk.arena = arena;
	nftw(folder, visit, 32, FTW_PHYS);
	if (walk.paths.n)
		qsort(walk.paths.at, walk.paths.n, sizeof *walk.paths.at, by_text);
}

static void put(struct kj_arena *arena, struct tree *tree, kj_str path, kj_str text)
{
	KJ_PUSH(arena, &tree->files, (struct kj_memory_file){path, text});
}

/* A folder as it stands; os-release is added so that it is a Linux host. */
static struct tree tree_of(struct kj_arena *arena, const char *folder)
{
	struct tree tree = {.name = folder};
	list_folder(arena, folder);
	bool known = false;
	for (size_t i = 0; i < walk.paths.n; i++) {
		kj_str path = kj_str_from(walk.paths.at[i], strlen(folder) + 1);
		known |= kj_str_eq(path, KJ_STR("etc/os-release"));
		put(arena, &tree, path, slurp(arena, kj_str_zero(arena, walk.paths.at[i])));
	}
	if (!known)
		put(arena, &tree, KJ_STR("etc/os-release"), KJ_STR("ID=debian\nVERSION_ID=\"12\"\n"));
	return tree;
}

/* ---- what the sources say ---- */

struct digest {
	uint64_t sum;
};

static void mix(struct digest *d, kj_str text)
{
	for (size_t i = 0; i < text.n; i++)
		d->sum = (d->sum ^ (unsigned char)text.p[i]) * 0x100000001b3;
	d->sum = (d->sum ^ 0x100) * 0x100000001b3;
}

static void mix_number(struct digest *d, size_t n)
{
	d->sum = (d->sum ^ n) * 0x100000001b3;
}

static void mix_setting(struct digest *d, const struct kj_setting *s)
{
	mix(d, s->key);
	mix(d, s->value);
	mix(d, s->scope);
	mix(d, s->note);
	mix_number(d, (size_t)s->state * 4 + s->locked * 2 + s->unjudged);
	for (size_t i = 0; i < s->overrides.n; i++)
		mix(d, s->overrides.at[i].value);
}

static void mix_row(struct digest *d, const struct kj_row *row, size_t columns)
{
	mix_number(d, row->line * 2 + row->bad);
	for (size_t i = 0; row->cell && i < columns; i++)
		mix(d, row->cell[i]);
}

static uint64_t digest_of(const struct kj_resolved *r)
{
	struct digest d = {0xcbf29ce484222325};
	mix_number(&d, r->state);
	mix(&d, r->message);
	for (size_t i = 0; i < r->settings.n; i++)
		mix_setting(&d, &r->settings.at[i]);
	for (size_t i = 0; i < r->rows->list.n; i++)
		mix_row(&d, &r->rows->list.at[i], r->rows->column_count);
	for (size_t i = 0; i < r->bad.n; i++)
		mix_row(&d, &r->bad.at[i], 0);
	return d.sum;
}

static struct kj_host *host_of(struct check *c, struct kj_arena *arena, const struct tree *tree)
{
	struct kj_diags *diags = KJ_NEW(arena, struct kj_diags);
	diags->arena = arena;
	struct kj_export *export =
	        kj_export_of_files(arena, tree->files.at, tree->files.n, KJ_STR("corpus"), NULL, diags);
	return export ? kj_host_new(arena, export, c->run->program, kj_regex_scratch_new(arena),
	                            (struct kj_date){2026, 1, 1})
	              : NULL;
}

static bool reads(const struct kj_resolved *r, kj_str path)
{
	for (size_t i = 0; i < r->texts.n; i++)
		if (kj_str_eq(r->texts.at[i]->name, path))
			return true;
	return false;
}

/* ---- one line at a time ---- */

/* A source that reads the file, and what it says of it as it is. */
struct reader {
	const struct kj_source *source;
	uint64_t digest;
};
struct readers {
	KJ_VEC(struct reader) list;
};

static struct readers readers_of(struct check *c, struct kj_arena *arena, const struct tree *tree, kj_str path)
{
	struct readers readers = {0};
	struct kj_host *host = host_of(c, arena, tree);
	for (size_t i = 0; host && i < c->run->program->sources.n; i++) {
		const struct kj_source *source = c->run->program->sources.at[i];
		const struct kj_resolved *r = kj_resolve(host, source);
		if (reads(r, path))
			KJ_PUSH(arena, &readers.list, (struct reader){source, digest_of(r)});
	}
	return readers;
}

/* Does any source notice that the file is this text? */
static bool noticed(struct check *c, const struct tree *tree, size_t file, kj_str text, const struct readers *readers)
{
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	struct tree changed = {0};
	for (size_t i = 0; i < tree->files.n; i++)
		put(arena, &changed, tree->files.at[i].path, i == file ? text : tree->files.at[i].text);
	struct kj_host *host = host_of(c, arena, &changed);
	bool found = !host;
	for (size_t i = 0; !found && i < readers->list.n; i++)
		found = digest_of(kj_resolve(host, readers->list.at[i].source)) != readers->list.at[i].digest;
	kj_arena_free(arena);
	return found;
}

static kj_str with_mark(struct kj_arena *arena, kj_str text, size_t at)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_buf_put(&buf, kj_str_upto(text, at));
	kj_buf_put(&buf, KJ_STR("kijunmark"));
	kj_buf_put(&buf, kj_str_from(text, at));
	return kj_buf_str(&buf);
}

static bool is_comment(kj_str line)
{
	line = kj_str_trim(line);
	return !line.n || line.p[0] == ';' || kj_str_starts(line, KJ_STR("//")) ||
	       (line.p[0] == '#' && !kj_str_starts(line, KJ_STR("#include")));
}

/* `pattern` may end in *. */
static bool fits(kj_str pattern, kj_str text)
{
	bool open = kj_str_ends(pattern, KJ_STR("*"));
	return open ? kj_str_starts(text, kj_str_upto(pattern, pattern.n - 1)) : kj_str_eq(pattern, text);
}

static bool excused(const struct check *c, kj_str name, kj_str line)
{
	kj_str rest = c->reasons, reason, file, text;
	while (kj_str_line(&rest, &reason)) {
		if (!kj_str_cut(&reason, '\t', &file) || !kj_str_cut(&reason, '\t', &text))
			continue;
		if (reason.n && fits(file, name) && fits(text, kj_str_trim(line)))
			return true;
	}
	return false;
}

static void check_line(struct check *c, const struct tree *tree, size_t file, kj_str line,
                       const struct readers *readers)
{
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	kj_str text = tree->files.at[file].text;
	size_t start = (size_t)(line.p - text.p), indent = 0;
	while (indent < line.n && (line.p[indent] == ' ' || line.p[indent] == '\t'))
		indent++;
	size_t spots[] = {start + indent, start + line.n, start + indent + 1};
	bool found = false;
	for (size_t i = 0; !found && i < sizeof spots / sizeof *spots; i++)
		found = noticed(c, tree, file, with_mark(arena, text, spots[i]), readers);
	c->lines++;
	kj_str name = kj_str_fmt(arena, "%s:%.*s", tree->name, KJ_FMT(tree->files.at[file].path));
	if (!found && excused(c, name, line))
		c->excused++;
	else if (!found && c->failed++ < FAILURES_SHOWN)
		printf("FAILED %.*s: nothing reads \"%.*s\"\n", KJ_FMT(name), KJ_FMT(line));
	kj_arena_free(arena);
}

static void check_file(struct check *c, const struct tree *tree, size_t file)
{
	struct kj_arena *arena = kj_arena_new(KJ_GIB);
	struct readers readers = readers_of(c, arena, tree, tree->files.at[file].path);
	kj_str rest = tree->files.at[file].text, line;
	size_t before = c->lines;
	while (readers.list.n && kj_str_line(&rest, &line))
		if (!is_comment(line))
			check_line(c, tree, file, line, &readers);
	if (c->lines > before) {
		printf("%s:%.*s: %zu lines, read by", tree->name, KJ_FMT(tree->files.at[file].path), c->lines - before);
		for (size_t i = 0; i < readers.list.n; i++)
			printf(" %.*s", KJ_FMT(readers.list.at[i].source->id));
		printf("\n");
	}
	kj_arena_free(arena);
}

static void check_trees(struct check *c)
{
	static const char *const names[] = {"casjay_centos", "hashbang_shell-etc"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		kj_str folder = kj_str_fmt(c->arena, "%.*s/etc-trees/%s", KJ_FMT(c->corpus), names[i]);
		struct tree tree = tree_of(c->arena, kj_str_zero(c->arena, folder));
		tree.name = names[i];
		for (size_t k = 0; k < tree.files.n; k++)
			check_file(c, &tree, k);
	}
}

/* Single files and captured commands, each on a host that has nothing else. */
static void check_singles(struct check *c)
{
	list_folder(c->arena, kj_str_zero(c->arena, c->corpus));
	for (size_t i = 0; i < walk.paths.n; i++) {
		for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
			if (!kj_str_ends(walk.paths.at[i], kj_str_of(places[k].end)))
				continue;
			struct tree tree = {0};
			kj_str name = kj_str_from(walk.paths.at[i], c->corpus.n + 1);
			tree.name = kj_str_zero(c->arena, name);
			put(c->arena, &tree, KJ_STR("etc/os-release"), KJ_STR("ID=debian\nVERSION_ID=\"12\"\n"));
			put(c->arena, &tree, kj_str_of(places[k].path),
			    slurp(c->arena, kj_str_zero(c->arena, walk.paths.at[i])));
			check_file(c, &tree, 1);
		}
	}
}

int main(int argc, char **argv)
{
	struct check c = {.arena = kj_arena_new(4 * KJ_GIB), .run = kj_run_new()};
	if (argc < 3 || !kj_run_load_sources(c.run, kj_str_of(argv[1])) || !kj_run_bind(c.run)) {
		fprintf(stderr, "usage: %s POLICIES CORPUS [REASONS]\n", argv[0]);
		return 2;
	}
	c.corpus = kj_str_of(argv[2]);
	c.reasons = argc > 3 ? slurp(c.arena, argv[3]) : KJ_STR("");
	if (!kj_export_is_there(c.arena, c.corpus)) {
		printf("skipped: the public Linux files are not here (%s)\n0 passed, 0 failed, 1 skipped\n", argv[2]);
		return SKIPPED;
	}
	check_trees(&c);
	check_singles(&c);
	printf("%zu lines noticed, %zu mean nothing to the program, %zu failed\n", c.lines - c.failed - c.excused,
	       c.excused, c.failed);
	kj_run_free(c.run);
	kj_arena_free(c.arena);
	return c.failed || !c.lines;
}
