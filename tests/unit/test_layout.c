/* Layouts, platforms, names; commands, artifacts by name, manifests. */
#include "exports.h"

/* --- layouts, platforms, names --- */

static const struct {
	const char *files[4];                                 /* path and text by turns */
	const char *layout, *prefix, *platform, *kind, *name; /* name NULL: the folder's */
} layouts[] = {
        {{"etc/hostname", "# c\nweb02\n", "etc/os-release", "ID=debian\n"}, "rootfs", "", "linux", "host", "web02"},
        {{"host/etc/hostname", "web03", "captured/hostname", "other"}, "rootfs", "host/", "", "host", "web03"},
        {{"rootfs/etc/pam.d/x", "", "rootfs/etc/hostname", "localhost\n"}, "rootfs", "rootfs/", "linux", "host", NULL},
        {{"etc/hostname", "\x1b[31mred\n", "x", ""}, "rootfs", "", "", "host", NULL},
        {{"usr/lib/os-release", "ID=\"fedora\"", "var/log/x", ""}, "rootfs", "", "linux", "host", NULL},
        {{"passwd", "root:x:0:0::/:/bin/sh\n", "pam.d/sshd", ""}, "etc", "", "linux", "host", NULL},
        {{"ssh/sshd_config", "", ".etckeeper", ""}, "etc", "", "", "host", NULL},
        {{"sos_commands/host/hostname", "db.example\n", "etc/pam.d/x", ""},
         "sosreport",
         "",
         "linux",
         "host",
         "db.example"},
        {{"data/insights_commands/hostname_-f", "db.example\n", "data/etc/pam.d/x", ""},
         "insights",
         "data/",
         "linux",
         "host",
         "db.example"},
        {{"secedit.inf", "\xff\xfe[\0U\0]\0\n\0", "a.txt", "a"}, "bag", "", "", "host", NULL},
        {{"x.inf", "[Version]\r\nsignature=\"$CHICAGO$\"\r\n", "a.txt", "a"}, "windows", "", "windows", "pc", NULL},
        {{"lock.reg", "Windows Registry Editor Version 5.00\r\n", "systeminfo.txt", "\r\nHost Name:      PC01\r\n"},
         "windows",
         "",
         "windows",
         "pc",
         "PC01"},
        {{"systeminfo.txt", "Host Name: SV1\r\nOS Name: Microsoft Windows Server 2022\r\n", "a", "a"},
         "windows",
         "",
         "windows",
         "host",
         "SV1"},
        {{"fw.conf", "#config-version=FGT60F-7.2\n", "a", "a"}, "bag", "", "network", "firewall", NULL},
        {{"notes.txt", "hello\n", "a", "a"}, "bag", "", "", "host", NULL},
};

static void test_layouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		struct tree tree;
		tree_begin(&tree);
		tree_file(&tree, layouts[i].files[0], layouts[i].files[1]);
		tree_file(&tree, layouts[i].files[2], layouts[i].files[3]);
		struct kj_export *e = open_tree(&tree);
		const char *name = layouts[i].name ? layouts[i].name : strrchr(tree.root, '/') + 1;
		if (!kj_str_eq(e->layout, kj_str_of(layouts[i].layout)) ||
		    !kj_str_eq(e->prefix, kj_str_of(layouts[i].prefix)) ||
		    !kj_str_eq(e->platform, kj_str_of(layouts[i].platform)) ||
		    !kj_str_eq(e->kind, kj_str_of(layouts[i].kind)) || !kj_str_eq(e->name, kj_str_of(name)))
			fail_msg("%s: layout %.*s, prefix '%.*s', platform %.*s, kind %.*s, name %.*s",
			         layouts[i].files[0], KJ_FMT(e->layout), KJ_FMT(e->prefix), KJ_FMT(e->platform),
			         KJ_FMT(e->kind), KJ_FMT(e->name));
		tree_end(&tree);
	}
}

/* The root is the host's /etc: host paths and links into /etc work, others were not collected. */
static void test_etc_layout(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	static const char *const files[] = {"passwd", "group", "login.defs", "hosts", "pam.d/login"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		tree_file(&tree, files[i], "x\n");
	tree_link(&tree, "os-release", "../usr/lib/os-release");
	tree_link(&tree, "pam.d/system", "/etc/pam.d/login");
	tree_link(&tree, "pam.d/up", "../../etc/pam.d/login");
	struct kj_export *export = open_tree(&tree);
	assert_text(export->layout, "etc");
	assert_true(export->complete_etc);
	static const struct {
		const char *path;
		enum kj_artifact_state state;
	} rows[] = {
	        {"/etc/passwd", KJ_ARTIFACT_OK},
	        {"/etc/pam.d/system", KJ_ARTIFACT_OK},
	        {"/etc/pam.d/up", KJ_ARTIFACT_OK},
	        {"/etc/nothing", KJ_ARTIFACT_ABSENT},
	        {"/passwd", KJ_ARTIFACT_NOT_COLLECTED},
	        {"/etc/os-release", KJ_ARTIFACT_NOT_COLLECTED},
	        {"/etc", KJ_ARTIFACT_ERROR},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct kj_artifact *a = kj_export_read(export, kj_str_of(rows[i].path));
		if (a->state != rows[i].state)
			fail_msg("%s: state %d", rows[i].path, (int)a->state);
	}
	enum kj_presence presence;
	struct kj_entry_list list = kj_export_glob(export, tree.arena, KJ_STR("/etc/pam.d/*"), &presence);
	assert_text(joined(tree.arena, &list), "etc/pam.d/login etc/pam.d/system etc/pam.d/up");
	tree_end(&tree);
}

static void test_single_file(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_file(&tree, "fw1.rules", "*filter\nCOMMIT\n");
	struct kj_diags diags = {.arena = tree.arena};
	struct kj_export *export =
	        kj_export_open(tree.arena, kj_str_of(tree_path(&tree, "fw1.rules")), KJ_STR(""), NULL, &diags);
	assert_non_null(export);
	assert_text(export->layout, "file");
	assert_text(export->name, "fw1.rules");
	assert_int_equal(export->entry_count, 1);
	assert_text(kj_export_named(export, KJ_STR("*.RULES"), KJ_STR("*filter"))->text.bytes, "*filter\nCOMMIT\n");
	tree_end(&tree);
}

static void test_nothing_to_open(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_dir(&tree, "empty");
	tree_dir(&tree, "hollow/etc/ssh");
	assert_int_equal(mkfifo(tree_path(&tree, "pipe"), 0644), 0);
	static const struct {
		const char *path, *message;
	} rows[] = {
	        {"missing", "there is no '"},
	        {"empty", "is empty: nothing was exported"},
	        {"empty/", "is empty: nothing was exported"},
	        {"hollow", "is empty: nothing was exported"},
	        {"pipe", "is neither a folder nor a file"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_diags diags = {.arena = tree.arena};
		assert_null(kj_export_open(tree.arena, kj_str_of(tree_path(&tree, rows[i].path)), KJ_STR(""), NULL,
		                           &diags));
		assert_int_equal(diags.errors, 1);
		if (!holds(diags.list.at[0].message, rows[i].message))
			fail_msg("%s: %.*s", rows[i].path, KJ_FMT(diags.list.at[0].message));
	}
	tree_end(&tree);
}

/* --- commands and names --- */

static const struct {
	const char *command, *text; /* NULL: none */
} commands[] = {
        {"sshd -T", "captured sshd"},
        {"/usr/sbin/sshd -T", "captured sshd"},
        {"sysctl -a", "sysctl"},
        {"sysctl -a --deprecated", "deprecated"},
        {"sysctl", NULL},
        {"ss -tulpn", "ss"},
        {"iptables -S", "big s"},
        {"iptables -s", "small s"},
        {"nft list ruleset", "nft"},
        {"lsblk --json", "lsblk"},
        {"apt-config dump", "apt"},
        {"hostname", "via link"},
        {"ls", NULL},
        {"", NULL},
        {"--", NULL},
};

static void check_commands(const char *prefix)
{
	struct tree tree;
	tree_begin(&tree);
	static const char *const files[][2] = {
	        {"captured/sshd-T.txt", "captured sshd"},
	        {"sos_commands/ssh/sshd_-T", "sos sshd"},
	        {"sos_commands/kernel/sysctl_-a_--deprecated", "deprecated"},
	        {"sos_commands/kernel/sysctl_-a", "sysctl"},
	        {"commands/ss_-tulpn.OUT", "ss"},
	        {"commands/iptables_-S", "big s"},
	        {"captured/iptables_-s", "small s"},
	        {"nft-list-ruleset.log", "nft"},
	        {"insights_commands/lsblk_--json.json", "lsblk"},
	        {"captured/APT-config_dump", "apt"},
	        {"sos_commands/host/hostname", "via link"},
	        {"var/ls", "elsewhere"},
	        {"etc/x", "x"},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		tree_file(&tree, kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%s%s", prefix, files[i][0])),
		          files[i][1]);
	tree_link(&tree, kj_str_zero(tree.arena, kj_str_fmt(tree.arena, "%shostname", prefix)),
	          "sos_commands/host/hostname");
	struct kj_export *export = open_tree(&tree);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct kj_artifact *a = kj_export_command(export, kj_str_of(commands[i].command));
		assert_int_equal(a->state, commands[i].text ? KJ_ARTIFACT_OK : KJ_ARTIFACT_NOT_COLLECTED);
		assert_text(a->text.bytes, commands[i].text ? commands[i].text : "");
	}
	tree_end(&tree);
}

static void test_commands(void **state)
{
	(void)state;
	check_commands("");
	check_commands("host/");
}

static void test_named(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_file(&tree, "b/SecEdit.INF", "[Unicode]\r\n[System Access]\r\n");
	tree_file(&tree, "a/other.inf", "[Version]\r\n");
	tree_file(&tree, "c/secpol.cfg", "[System Access]\r\n");
	tree_bytes(&tree, "d/bin.inf", (kj_str)KJ_STR_INIT("\0\1\2\3[System Access]"));
	struct kj_export *export = open_tree(&tree);
	kj_str names = KJ_STR("*.inf *.CFG"), sniff = KJ_STR("[System Access]");
	assert_text(kj_export_named(export, names, sniff)->text.name, "b/SecEdit.INF");
	assert_text(kj_export_named(export, names, KJ_STR(""))->text.name, "a/other.inf");
	const struct kj_artifact **all;
	assert_int_equal(kj_export_named_all(export, names, sniff, &all), 2);
	assert_text(all[1]->text.name, "c/secpol.cfg");
	assert_int_equal(kj_export_named_all(export, names, KJ_STR(""), &all), 4);
	assert_int_equal(all[3]->state, KJ_ARTIFACT_ERROR);
	assert_int_equal(kj_export_named(export, KJ_STR("*.xml"), KJ_STR(""))->state, KJ_ARTIFACT_NOT_COLLECTED);
	assert_int_equal(kj_export_named(export, KJ_STR("bin.inf"), KJ_STR(""))->state, KJ_ARTIFACT_ERROR);
	tree_end(&tree);
}

/* --- manifest --- */

#define MANIFEST                                                                                                       \
	"0755\t0\t0\troot\troot\td\t0\t/\n"                                                                            \
	"0755\t0\t0\troot\troot\td\t0\t/etc\n"                                                                         \
	"0600\t0\t0\troot\troot\tf\t6\t/etc/secret\n"                                                                  \
	"0640\t0\t42\troot\tshadow\tf\t900\t/etc/shadow\n"                                                             \
	"0777\t0\t0\troot\troot\tl\t0\t/etc/mtab -> ../proc/self/mounts\n"                                             \
	"0644\t0\t0\troot\troot\tf\t1\t/etc/a\\tb\\xff\n"                                                              \
	"0644\t0\t0\troot\troot\tf\t1\t/etc/deep/down/file\n"                                                          \
	"0555\t0\t0\troot\troot\td\t0\t/proc\n"

static void test_manifest(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_file(&tree, "host/etc/secret", "secret");
	tree_file(&tree, "host/etc/a\tb\xff", "x");
	tree_file(&tree, "manifest.tsv", MANIFEST);
	struct kj_export *export = open_tree(&tree);
	assert_true(export->lists_root && export->lists_etc && export->as_root);
	enum kj_presence why;
	const struct kj_entry *e = kj_export_find(export, KJ_STR("/etc/secret"), &why);
	assert_true(e && e->stat_trusted && e->mode == 0600);
	assert_text(e->owner, "root");
	e = kj_export_find(export, KJ_STR("/etc/shadow"), &why);
	assert_true(e && e->listed_only && e->stat_trusted && e->mode == 0640 && e->size == 900);
	assert_text(e->group, "shadow");
	assert_int_equal(kj_export_read(export, KJ_STR("/etc/shadow"))->state, KJ_ARTIFACT_NOT_COLLECTED);
	assert_true(kj_export_find(export, KJ_STR("/etc/a\tb\xff"), &why)->stat_trusted);
	assert_non_null(kj_export_find(export, KJ_STR("/etc/deep/down/file"), &why));
	static const struct {
		const char *path;
		enum kj_presence presence;
	} rows[] = {
	        {"/etc/nothing", KJ_ABSENT},       {"/etc/sudoers", KJ_ABSENT},     {"/usr/lib/x", KJ_ABSENT},
	        {"/proc/sys/x", KJ_NOT_COLLECTED}, {"/etc/mtab", KJ_NOT_COLLECTED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_null(kj_export_find(export, kj_str_of(rows[i].path), &why));
		if (why != rows[i].presence)
			fail_msg("%s: presence %d", rows[i].path, (int)why);
	}
	tree_end(&tree);
}

static void test_damaged_manifest(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_file(&tree, "host/etc/secret", "secret");
	tree_file(&tree, "manifest.tsv", MANIFEST "0644\t0\t0\troot\n");
	struct opened *o = open_tree_with(&tree, NULL);
	assert_int_equal(o->diags.warnings, 1);
	assert_int_equal(o->diags.list.at[0].span.line, 9);
	enum kj_presence why;
	kj_export_find(o->export, KJ_STR("/etc/nothing"), &why);
	assert_int_equal(why, KJ_NOT_COLLECTED);
	tree_end(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_layouts),     cmocka_unit_test(test_etc_layout),
	        cmocka_unit_test(test_single_file), cmocka_unit_test(test_nothing_to_open),
	        cmocka_unit_test(test_commands),    cmocka_unit_test(test_named),
	        cmocka_unit_test(test_manifest),    cmocka_unit_test(test_damaged_manifest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
