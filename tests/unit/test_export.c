#include "exports.h"

/* --- links --- */

static const struct {
	const char *path, *text; /* text NULL: see state and message */
	enum kj_artifact_state state;
	const char *message;
} links[] = {
        {"/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", KJ_ARTIFACT_OK, ""},
        {"etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", KJ_ARTIFACT_OK, ""},
        {"/etc//./ssh/../passwd", "root:x:0:0:root:/root:/bin/bash\n", KJ_ARTIFACT_OK, ""},
        {"/../../../etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", KJ_ARTIFACT_OK, ""},
        {"/etc/absolute", "target\n", KJ_ARTIFACT_OK, ""},
        {"/etc/relative", "target\n", KJ_ARTIFACT_OK, ""},
        {"/etc/clamped", "target\n", KJ_ARTIFACT_OK, ""},
        {"/etc/chain", "target\n", KJ_ARTIFACT_OK, ""},
        {"/etc/folderlink/file", "target\n", KJ_ARTIFACT_OK, ""},
        {"/etc/folderlink/../lib/file", "target\n", KJ_ARTIFACT_OK, ""},
        {"/etc/outside", NULL, KJ_ARTIFACT_NOT_COLLECTED, ""},
        {"/etc/outside2", NULL, KJ_ARTIFACT_NOT_COLLECTED, ""},
        {"/etc/gone", NULL, KJ_ARTIFACT_ABSENT, ""},
        {"/etc/loop", NULL, KJ_ARTIFACT_ERROR, "too many symbolic links follow each other (a loop)"},
        {"/etc/loop/x", NULL, KJ_ARTIFACT_ERROR, "too many symbolic links follow each other (a loop)"},
        {"/etc/self", NULL, KJ_ARTIFACT_ERROR, "too many symbolic links follow each other (a loop)"},
        {"/etc/ssh", NULL, KJ_ARTIFACT_ERROR, "is a folder"},
        {"/", NULL, KJ_ARTIFACT_ERROR, "is a folder"},
        {"/etc/passwd/x", NULL, KJ_ARTIFACT_ABSENT, ""},
        {"/etc/pipe", NULL, KJ_ARTIFACT_ERROR, "is a device, pipe or socket"},
        {"/etc/pipelink", NULL, KJ_ARTIFACT_ERROR, "is a device, pipe or socket"},
        {"/etc/nothing", NULL, KJ_ARTIFACT_ABSENT, ""},
        {"/var/lib/nothing", NULL, KJ_ARTIFACT_NOT_COLLECTED, ""},
};

static void make_links(struct tree *tree, const char *prefix)
{
	tree_etc(tree, prefix);
	kj_str p = kj_str_of(prefix);
	const char *const made[][2] = {
	        {"etc/absolute", "/usr/lib/file"},
	        {"etc/relative", "../usr/lib/file"},
	        {"etc/clamped", "../../../../../../usr/lib/file"},
	        {"etc/chain", "absolute"},
	        {"etc/folderlink", "/usr/lib"},
	        {"etc/outside", "/nowhere/passwd"},
	        {"etc/outside2", "../../../../../../../../nowhere/passwd"},
	        {"etc/gone", "/etc/missing"},
	        {"etc/loop", "loop2"},
	        {"etc/loop2", "/etc/loop"},
	        {"etc/self", "self"},
	        {"etc/pipelink", "pipe"},
	};
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		tree_link(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%.*s%s", KJ_FMT(p), made[i][0])),
		          made[i][1]);
	tree_dir(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%.*setc/ssh", KJ_FMT(p))));
	tree_file(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%.*susr/lib/file", KJ_FMT(p))), "target\n");
	const char *pipe =
	        tree_path(tree, kj_str_zero(tree->arena, kj_str_fmt(tree->arena, "%.*setc/pipe", KJ_FMT(p))));
	assert_int_equal(mkfifo(pipe, 0644), 0);
}

static void check_links(const char *prefix)
{
	struct tree tree;
	tree_begin(&tree);
	make_links(&tree, prefix);
	struct kj_export *export = open_tree(&tree);
	assert_text(export->prefix, prefix);
	int before = open_descriptors();
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		const struct kj_artifact *a = kj_export_read(export, kj_str_of(links[i].path));
		if (a->state != links[i].state || !kj_str_eq(a->message, kj_str_of(links[i].message)))
			fail_msg("%s: state %d, message '%.*s'", links[i].path, (int)a->state, KJ_FMT(a->message));
		if (links[i].text)
			assert_text(a->text.bytes, links[i].text);
		/* Read once. */
		assert_ptr_equal(a, kj_export_read(export, kj_str_of(links[i].path)));
	}
	assert_int_equal(open_descriptors(), before);
	tree_end(&tree);
}

static void test_links(void **state)
{
	(void)state;
	check_links("");
	check_links("host/");
}

static void test_read_once_by_any_name(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	make_links(&tree, "rootfs/");
	struct kj_export *export = open_tree(&tree);
	const struct kj_artifact *direct = kj_export_read(export, KJ_STR("/usr/lib/file"));
	assert_ptr_equal(direct, kj_export_read(export, KJ_STR("/etc/chain")));
	assert_text(direct->text.name, "rootfs/usr/lib/file");
	assert_text(kj_export_read(export, KJ_STR("/etc/nothing"))->text.name, "rootfs/etc/nothing");
	tree_end(&tree);
}

/* --- what is missing --- */

static const struct {
	const char *path;
	enum kj_presence bare, with_root; /* without and with evidence that root copied */
} missing[] = {
        {"/etc/nothing", KJ_ABSENT, KJ_ABSENT},
        {"/etc/ssh/sshd_config", KJ_ABSENT, KJ_ABSENT},
        {"/etc/shadow", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/etc/gshadow", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/etc/sudoers.d/admins", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/etc/sudoers.d", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/etc/security/opasswd", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/etc/audit/auditd.conf", KJ_NOT_COLLECTED, KJ_ABSENT},
        {"/etc/closed/file", KJ_NOT_COLLECTED, KJ_ABSENT},
        {"/usr/lib/nothing", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/usr/lib/../../etc/nothing", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
        {"/proc/sys/x", KJ_NOT_COLLECTED, KJ_NOT_COLLECTED},
};

static void check_missing(bool with_root)
{
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_dir(&tree, "etc/closed");
	assert_int_equal(chmod(tree_path(&tree, "etc/closed"), 0700), 0);
	if (with_root)
		tree_file(&tree, "etc/sudoers", "root ALL=(ALL:ALL) ALL\n");
	struct kj_export *export = open_tree(&tree);
	assert_true(export->complete_etc);
	assert_int_equal(export->as_root, with_root);
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		enum kj_presence why, want = with_root ? missing[i].with_root : missing[i].bare;
		assert_null(kj_export_find(export, kj_str_of(missing[i].path), &why));
		if (why != want)
			fail_msg("%s, root %d: presence %d", missing[i].path, with_root, (int)why);
	}
	tree_end(&tree);
}

static void test_missing(void **state)
{
	(void)state;
	check_missing(false);
	check_missing(true);
}

/* A few fetched files, or a tool that picks, are no whole /etc. */
static void test_half_collected(void **state)
{
	(void)state;
	static const char *const extra[] = {"etc/ssh/sshd_config", "sos_commands/ssh/sshd_-T",
	                                    "insights_commands/sshd_-T"};
	for (size_t i = 0; i < 3; i++) {
		struct tree tree;
		tree_begin(&tree);
		if (i)
			tree_etc(&tree, "");
		tree_file(&tree, extra[i], "port 22\n");
		struct kj_export *export = open_tree(&tree);
		enum kj_presence why;
		assert_false(export->complete_etc);
		assert_null(kj_export_find(export, KJ_STR("/etc/nothing"), &why));
		assert_int_equal(why, KJ_NOT_COLLECTED);
		tree_end(&tree);
	}
}

/* RHEL keeps sshd_config from all but root. */
static void test_closed_by_family(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_file(&tree, "etc/os-release", "ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID='9.3'\n");
	struct kj_export *export = open_tree(&tree);
	assert_text(export->distro, "almalinux");
	assert_text(export->distro_like, "rhel centos fedora");
	assert_text(export->distro_version, "9.3");
	enum kj_presence why;
	kj_export_find(export, KJ_STR("/etc/ssh/sshd_config"), &why);
	assert_int_equal(why, KJ_NOT_COLLECTED);
	tree_end(&tree);
}

static void test_os_release_link_counts(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	assert_int_equal(remove(tree_path(&tree, "etc/os-release")), 0);
	tree_link(&tree, "etc/os-release", "../usr/lib/os-release");
	struct kj_export *export = open_tree(&tree);
	assert_true(export->complete_etc);
	assert_text(export->platform, "linux");
	assert_text(export->distro, "");
	tree_end(&tree);
}

/* --- a folder that cannot be listed --- */

static void test_no_permission(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_file(&tree, "etc/ssh/sshd_config", "Port 22\n");
	tree_file(&tree, "etc/secret", "x\n");
	assert_int_equal(chmod(tree_path(&tree, "etc/ssh"), 0), 0);
	assert_int_equal(chmod(tree_path(&tree, "etc/secret"), 0), 0);
	bool root = geteuid() == 0;
	if (root)
		assert_int_equal(seteuid(65534), 0);
	struct opened *o = open_tree_with(&tree, NULL);
	assert_non_null(o->export);
	assert_int_equal(o->diags.warnings, 1);
	assert_true(holds(o->diags.list.at[0].message, "folder 'etc/ssh' of"));
	assert_true(holds(o->diags.list.at[0].message, "permission denied"));
	const struct kj_artifact *a = kj_export_read(o->export, KJ_STR("/etc/ssh/sshd_config"));
	assert_int_equal(a->state, KJ_ARTIFACT_ERROR);
	assert_text(a->message, "folder 'etc/ssh': permission denied");
	a = kj_export_read(o->export, KJ_STR("/etc/secret"));
	assert_int_equal(a->state, KJ_ARTIFACT_ERROR);
	assert_text(a->message, "permission denied");
	enum kj_presence presence;
	struct kj_entry_list list = kj_export_glob(o->export, tree.arena, KJ_STR("/etc/ssh/*.conf"), &presence);
	assert_int_equal(presence, KJ_UNREADABLE);
	assert_int_equal(list.list.n, 0);
	assert_text(list.problem, "folder 'etc/ssh': permission denied");
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(tree_path(&tree, "etc/ssh"), 0755), 0);
	tree_end(&tree);
}

/* --- globs --- */

static const struct {
	const char *glob, *paths; /* with blanks between */
	enum kj_presence presence;
} globs[] = {
        {"/etc/ssh/sshd_config.d/*.conf",
         "etc/ssh/sshd_config.d/10-a.conf etc/ssh/sshd_config.d/20-link.conf "
         "etc/ssh/sshd_config.d/30-lost.conf",
         KJ_PRESENT},
        {"/etc/ssh/sshd_config.d/.*", "etc/ssh/sshd_config.d/.hidden.conf", KJ_PRESENT},
        {"/etc/ssh/ssh*_config", "etc/ssh/sshd_config", KJ_PRESENT},
        {"/etc/ssh/sshd_config", "etc/ssh/sshd_config", KJ_PRESENT},
        {"/etc/s*/sshd_config", "etc/ssh/sshd_config", KJ_PRESENT},
        {"/etc/d/*.conf", "etc/d/10-a.conf etc/d/20-link.conf etc/d/30-lost.conf", KJ_PRESENT},
        {"/etc/ssh/**.conf",
         "etc/ssh/sshd_config.d/10-a.conf etc/ssh/sshd_config.d/20-link.conf etc/ssh/sshd_config.d/30-lost.conf",
         KJ_PRESENT},
        {"/etc/ssh/*.rules", "", KJ_PRESENT},
        {"/etc/empty.d/*", "", KJ_PRESENT},
        {"/etc/none.d/*", "", KJ_ABSENT},
        {"/etc/none", "", KJ_ABSENT},
        {"/etc/passwd/*", "", KJ_ABSENT},
        {"/etc/sudoers.d/*", "", KJ_NOT_COLLECTED},
        {"/run/sysctl.d/*.conf", "", KJ_NOT_COLLECTED},
        {"/usr/lib/sysctl.d/*.rules", "", KJ_PRESENT},
        {"/usr/lib/*.rules", "", KJ_NOT_COLLECTED},
};

static void check_globs(const char *prefix)
{
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, prefix);
	static const char *const files[] = {"etc/ssh/sshd_config", "etc/ssh/sshd_config.d/10-a.conf",
	                                    "etc/ssh/sshd_config.d/.hidden.conf", "etc/ssh/sshd_config.d/README",
	                                    "usr/lib/sysctl.d/50.conf"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		tree_file(&tree, kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%s%s", prefix, files[i])), "x\n");
	tree_link(&tree,
	          kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%setc/ssh/sshd_config.d/20-link.conf", prefix)),
	          "/etc/ssh/sshd_config");
	tree_link(&tree,
	          kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%setc/ssh/sshd_config.d/30-lost.conf", prefix)),
	          "/srv/lost.conf");
	tree_link(&tree,
	          kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%setc/ssh/sshd_config.d/40-gone.conf", prefix)),
	          "/etc/gone.conf");
	tree_link(&tree, kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%setc/d", prefix)), "ssh/sshd_config.d");
	tree_dir(&tree, kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%setc/empty.d", prefix)));
	struct kj_export *export = open_tree(&tree);
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
		enum kj_presence presence;
		struct kj_entry_list list = kj_export_glob(export, tree.arena, kj_str_of(globs[i].glob), &presence);
		kj_str paths = joined(tree.arena, &list);
		if (!kj_str_eq(paths, kj_str_of(globs[i].paths)) || presence != globs[i].presence)
			fail_msg("%s: '%.*s' presence %d", globs[i].glob, KJ_FMT(paths), (int)presence);
	}
	const struct kj_artifact *lost = kj_export_read(export, KJ_STR("etc/ssh/sshd_config.d/30-lost.conf"));
	assert_int_equal(lost->state, KJ_ARTIFACT_NOT_COLLECTED);
	tree_end(&tree);
}

static void test_globs(void **state)
{
	(void)state;
	check_globs("");
	check_globs("host/");
}

/* A folder's own entries: links as links, wherever they lead. */
static void test_list(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_file(&tree, "etc/t/b", "");
	tree_file(&tree, "etc/t/.hidden", "");
	tree_file(&tree, "etc/t/sub/x", "");
	tree_link(&tree, "etc/t/gone", "nowhere");
	tree_link(&tree, "etc/t/null", "/dev/null");
	tree_link(&tree, "etc/u", "t");
	struct kj_export *export = open_tree(&tree);
	enum kj_presence presence;
	struct kj_entry_list list = kj_export_list(export, tree.arena, KJ_STR("etc/u"), &presence);
	assert_int_equal(presence, KJ_PRESENT);
	assert_text(joined(tree.arena, &list), "etc/u/.hidden etc/u/b etc/u/gone etc/u/null etc/u/sub");
	assert_int_equal(list.list.at[2]->kind, KJ_ENTRY_LINK);
	assert_text(list.list.at[3]->target, "/dev/null");
	assert_int_equal(list.list.at[4]->kind, KJ_ENTRY_DIR);
	kj_export_list(export, tree.arena, KJ_STR("etc/none"), &presence);
	assert_int_equal(presence, KJ_ABSENT);
	kj_export_list(export, tree.arena, KJ_STR("etc/t/b"), &presence);
	assert_int_equal(presence, KJ_ABSENT);
	kj_export_list(export, tree.arena, KJ_STR("usr/lib"), &presence);
	assert_int_equal(presence, KJ_NOT_COLLECTED);
	tree_end(&tree);
}

/* Ten links to their own folder, eight stars deep: more paths than can be counted. */
static void test_glob_has_an_end(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	for (int i = 0; i < 10; i++)
		tree_link(&tree, kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "etc/t/%d", i)), ".");
	struct kj_export *export = open_tree(&tree);
	enum kj_presence presence;
	struct kj_entry_list list = kj_export_glob(export, tree.arena, KJ_STR("/etc/t/*/*/*/*/*/*/*/*"), &presence);
	assert_int_equal(presence, KJ_UNREADABLE);
	assert_true(holds(list.problem, "paths match the pattern"));
	tree_end(&tree);
}

/* --- limits --- */

static void test_limits(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_file(&tree, "etc/huge", "");
	assert_int_equal(truncate(tree_path(&tree, "etc/huge"), 200L * 1024 * 1024), 0);
	tree_file(&tree, "etc/line", "short\n0123456789012345678901234567890123456789\n");
	tree_file(&tree, "etc/fits", "01234567890123456789012345678901\n01234567890123456789012345678901");
	tree_file(&tree, "etc/empty", "");
	tree_file(&tree, "etc/json", " [ {\"nftables\": \"0123456789012345678901234567890123456789\"}]\n");
	tree_file(&tree, "etc/brace", "{ 0123456789012345678901234567890123456789 }\n");
	tree_bytes(&tree, "etc/binary",
	           (kj_str)KJ_STR_INIT("\x7f"
	                               "ELF\0\0\0\1"));
	tree_file(&tree, "etc/a/b/c/d/deep", "x\n");
	struct kj_export_limits limits = {.file_bytes = 1024 * 1024, .line_bytes = 32, .entries = 1000, .depth = 4};
	struct opened *o = open_tree_with(&tree, &limits);
	static const struct {
		const char *path, *message;
	} rows[] = {
	        {"etc/huge", "has 200 MB, the limit is 1 MB"},
	        {"etc/line", "line 2 has 40 bytes, the limit is 32 bytes"},
	        {"etc/fits", ""},
	        {"etc/empty", ""},
	        {"etc/json", ""},
	        {"etc/brace", "line 1 has 44 bytes, the limit is 32 bytes"},
	        {"etc/binary", "is binary"},
	        {"etc/a/b/c/d/deep", "folder 'etc/a/b/c/d': is nested deeper than 4 folders, the limit"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct kj_artifact *a = kj_export_read(o->export, kj_str_of(rows[i].path));
		assert_int_equal(a->state, rows[i].message[0] ? KJ_ARTIFACT_ERROR : KJ_ARTIFACT_OK);
		assert_text(a->message, rows[i].message);
	}
	limits.entries = 5;
	o = open_tree_with(&tree, &limits);
	assert_true(o->export->partial);
	assert_int_equal(o->diags.errors, 1);
	assert_true(holds(o->diags.list.at[0].message, "more than 5 entries"));
	enum kj_presence why;
	kj_export_find(o->export, KJ_STR("/etc/nothing"), &why);
	assert_int_equal(why, KJ_NOT_COLLECTED);
	tree_end(&tree);
}

/* What changed after the listing: a link or a pipe in the file's place. */
static void test_swapped(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_file(&tree, "etc/a", "a\n");
	tree_file(&tree, "etc/b", "b\n");
	tree_file(&tree, "etc/ssh/c", "c\n");
	struct kj_export *export = open_tree(&tree);
	remove(tree_path(&tree, "etc/a"));
	tree_link(&tree, "etc/a", "/etc/passwd");
	remove(tree_path(&tree, "etc/b"));
	assert_int_equal(mkfifo(tree_path(&tree, "etc/b"), 0644), 0);
	remove(tree_path(&tree, "etc/ssh/c"));
	remove(tree_path(&tree, "etc/ssh"));
	tree_link(&tree, "etc/ssh", "/etc");
	const char *const paths[] = {"etc/a", "etc/b", "etc/ssh/c"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(kj_export_read(export, kj_str_of(paths[i]))->state, KJ_ARTIFACT_ERROR);
	tree_end(&tree);
}

/* --- memory that runs out --- */

struct tight {
	struct kj_arena *arena;
	const char *root;
	bool done;
};

static void use_tight(void *ctx)
{
	struct tight *t = ctx;
	struct kj_diags diags = {.arena = t->arena};
	struct kj_export *export = kj_export_open(t->arena, kj_str_of(t->root), KJ_STR(""), NULL, &diags);
	kj_export_read(export, KJ_STR("/etc/passwd"));
	kj_export_command(export, KJ_STR("sshd -T"));
	t->done = true;
}

static void test_arena_overflow_leaks_nothing(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "");
	tree_file(&tree, "etc/ssh/sshd_config.d/x.conf", "x\n");
	int before = open_descriptors(), failed = 0;
	struct tight t = {.root = tree.root};
	for (size_t cap = 500; !t.done; cap += 200) {
		t.arena = kj_arena_new(cap);
		failed += !kj_guard(t.arena, use_tight, &t);
		kj_arena_free(t.arena);
		assert_int_equal(open_descriptors(), before);
	}
	assert_true(failed > 20);
	tree_end(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_links),
	        cmocka_unit_test(test_read_once_by_any_name),
	        cmocka_unit_test(test_missing),
	        cmocka_unit_test(test_half_collected),
	        cmocka_unit_test(test_closed_by_family),
	        cmocka_unit_test(test_os_release_link_counts),
	        cmocka_unit_test(test_no_permission),
	        cmocka_unit_test(test_globs),
	        cmocka_unit_test(test_glob_has_an_end),
	        cmocka_unit_test(test_list),
	        cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_swapped),
	        cmocka_unit_test(test_arena_overflow_leaks_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
