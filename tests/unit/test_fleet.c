#include "export/fleet.h"

#include "exports.h"

struct fleet_run {
	struct kj_subjects subjects;
	struct kj_diags diags;
	bool opened;
};

static struct fleet_run *run_at(struct tree *tree, const char *path)
{
	struct fleet_run *run = KJ_NEW(tree->arena, struct fleet_run);
	run->diags.arena = tree->arena;
	run->opened = kj_fleet_open(tree->arena, kj_str_of(path), NULL, &run->subjects, &run->diags);
	run->opened = kj_subjects_finish(tree->arena, &run->subjects, &run->diags) && run->opened;
	return run;
}

static struct fleet_run *run_tree(struct tree *tree)
{
	return run_at(tree, tree->root);
}

static const char *names_of(struct tree *tree, const struct fleet_run *run)
{
	struct kj_buf buf = KJ_BUF(tree->arena);
	for (size_t i = 0; i < run->subjects.list.n; i++) {
		if (i)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, run->subjects.list.at[i].name);
	}
	return kj_str_zero(tree->arena, kj_buf_str(&buf));
}

/* --- which folders are hosts --- */

static const struct {
	const char *files; /* with blanks between */
	const char *names; /* of the subjects; NULL: the folder's own */
} shapes[] = {
        {"web01/etc/passwd db01/etc/passwd", "db01 web01"},
        {"web01/etc/passwd", "web01"},
        {"web01/etc/passwd notes/todo.txt .git/config registers/a.csv records/b.yml approved/web01/nft", "notes organisation web01"},
        {"web01/host/etc/passwd web02/host/etc/passwd", "web01 web02"},
        {"pc01/secedit.inf pc02/lock.reg", "pc01 pc02"},
        {"pc01/secedit.inf pc01/a pc01/b", NULL},
        {"lock.reg sub/secedit.inf sub2/x.reg", NULL},
        {"etc/passwd var/log/x", NULL},
        {"host/etc/passwd captured/x", NULL},
        {"notes.txt", NULL},
        {"a/notes.txt b/notes.txt", NULL},
        {"fleet.yml a/notes.txt b/notes.txt registers/x .hid/x", "a b organisation"},
        {"fleet.yml etc/passwd", NULL},
        {"fleets/fleet.yml fleets/a/etc/passwd fleets/b/etc/passwd run", "a b"},
        {"east/a/etc/passwd west/b/etc/passwd notes.txt", "a b"},
        {"x/y/z/pc01/secedit.inf x/y/z/pc02/secedit.inf", NULL},
};

static void make_files(struct tree *tree, const char *files)
{
	kj_str rest = kj_str_of(files), file;
	while (kj_str_word(&rest, &file)) {
		const char *path = kj_str_zero(tree->arena, file);
		const char *text = "x\n";
		if (kj_str_ends(file, KJ_STR(".inf")))
			text = "[System Access]\r\n";
		if (kj_str_ends(file, KJ_STR(".reg")))
			text = "Windows Registry Editor Version 5.00\r\n";
		tree_file(tree, path, kj_str_ends(file, KJ_STR("fleet.yml")) ? "kijun: 1\n" : text);
	}
}

static void test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct tree tree;
		tree_begin(&tree);
		make_files(&tree, shapes[i].files);
		int before = open_descriptors();
		struct fleet_run *run = run_tree(&tree);
		const char *want = shapes[i].names ? shapes[i].names : strrchr(tree.root, '/') + 1;
		if (!run->opened || strcmp(names_of(&tree, run), want) != 0)
			fail_msg("%s: '%s' errors %zu", shapes[i].files, names_of(&tree, run), run->diags.errors);
		assert_int_equal(open_descriptors(), before);
		tree_end(&tree);
	}
}

static void test_nothing(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_dir(&tree, "empty");
	tree_file(&tree, "bare/fleet.yml", "kijun: 1\n");
	tree_file(&tree, "linked/fleet.yml", "kijun: 1\n");
	tree_link(&tree, "linked/web01", "/etc");
	static const struct {
		const char *path, *message;
	} rows[] = {
	        {"missing", "there is no '"},
	        {"empty", "is empty: nothing was exported"},
	        {"bare", "it has no folder with an export"},
	        {"linked", "it has no folder with an export"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fleet_run *run = run_at(&tree, tree_path(&tree, rows[i].path));
		assert_false(run->opened);
		assert_int_equal(run->diags.errors, 1);
		kj_str message = run->diags.list.at[run->diags.list.n - 1].message;
		if (!holds(message, rows[i].message))
			fail_msg("%s: %.*s", rows[i].path, KJ_FMT(message));
	}
	tree_end(&tree);
}

/* A bad host is its own trouble. */
static void test_empty_host_among_others(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_dir(&tree, "broken");
	tree_etc(&tree, "web01/");
	struct fleet_run *run = run_tree(&tree);
	assert_true(run->opened);
	assert_string_equal(names_of(&tree, run), "broken web01");
	assert_null(kj_subject_open(tree.arena, &run->subjects.list.at[0], NULL, &run->diags));
	assert_int_equal(run->diags.errors, 1);
	assert_non_null(kj_subject_open(tree.arena, &run->subjects.list.at[1], NULL, &run->diags));
	tree_end(&tree);
}

static void test_double_names(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_etc(&tree, "a/");
	tree_etc(&tree, "b/");
	struct fleet_run *run = KJ_NEW(tree.arena, struct fleet_run);
	run->diags.arena = tree.arena;
	assert_true(kj_fleet_open(tree.arena, kj_str_of(tree_path(&tree, "a")), NULL, &run->subjects, &run->diags));
	assert_true(kj_fleet_open(tree.arena, kj_str_of(tree_path(&tree, "b")), NULL, &run->subjects, &run->diags));
	assert_false(kj_subjects_finish(tree.arena, &run->subjects, &run->diags));
	assert_true(holds(run->diags.list.at[0].message, "two exports are of a host called 'web01'"));
	tree_end(&tree);
}

/* --- fleet.yml --- */

#define FLEET                                                                                                          \
	"kijun: 1\n"                                                                                                   \
	"zones:\n  office: [192.0.2.0/24, '2001:db8:1::/48']\n  service: [10.0.0.0/8]\n"                               \
	"params: {lock_after: 5m}\n"                                                                                   \
	"services: {mgmt: [ssh, 10050/tcp, 443]}\n"                                                                    \
	"roles:\n"                                                                                                     \
	"  web: {about: {en: web, ja: ウェブ}, services: {internet: [https], office: [ssh]}, params: {a: 1}}\n"     \
	"  db: {services: {service: [5432/tcp]}}\n"                                                                    \
	"hosts:\n"                                                                                                     \
	"  web*: {role: web, kind: host, owner: team}\n"                                                               \
	"  web02: {owner: else, platform: linux, params: {b: 2}, interfaces: {eth0: []}}\n"                            \
	"  main-db: {path: dbs/one, role: db, kind: organisation}\n"                                                   \
	"  fw: {path: dumps/fw.rules}\n"                                                                               \
	"waivers:\n"                                                                                                   \
	"  - {rule: ssh-root, hosts: [web*], reason: r, approver: me, expires: 2027-03-31}\n"                          \
	"  - {item: 6-4, reason: r, approver: me, expires: '2027-02-28'}\n"

static const struct kj_subject *subject_of(const struct fleet_run *run, const char *name)
{
	for (size_t i = 0; i < run->subjects.list.n; i++) {
		if (kj_str_eq(run->subjects.list.at[i].name, kj_str_of(name)))
			return &run->subjects.list.at[i];
	}
	fail_msg("no subject %s", name);
	return NULL;
}

static void test_fleet_file(void **state)
{
	(void)state;
	struct tree tree;
	tree_begin(&tree);
	tree_file(&tree, "fleet.yml", FLEET);
	make_files(&tree, "web01/etc/passwd web02/etc/passwd other/x dbs/one/etc/passwd dumps/fw.rules");
	struct fleet_run *run = run_tree(&tree);
	if (!run->opened)
		kj_diags_print(&run->diags, stderr, false);
	assert_true(run->opened);
	assert_string_equal(names_of(&tree, run), "fw main-db other web01 web02");
	const struct kj_subject *web01 = subject_of(run, "web01"), *web02 = subject_of(run, "web02");
	assert_text(web01->role, "web");
	assert_text(web01->owner, "team");
	assert_text(web02->role, "web");
	assert_text(web02->owner, "else");
	assert_null(web01->interfaces);
	assert_text(web02->interfaces->pairs[0].key->text, "eth0");
	assert_text(web02->platform, "linux");
	assert_non_null(kj_doc_get(web02->params[0], KJ_STR("lock_after")));
	assert_non_null(kj_doc_get(web02->params[1], KJ_STR("a")));
	assert_non_null(kj_doc_get(web02->params[2], KJ_STR("b")));
	assert_null(web01->params[2]);
	assert_text(subject_of(run, "other")->role, "");
	struct kj_export *db = kj_subject_open(tree.arena, subject_of(run, "main-db"), NULL, &run->diags);
	assert_text(db->name, "main-db");
	assert_text(db->kind, "organisation");
	struct kj_export *fw = kj_subject_open(tree.arena, subject_of(run, "fw"), NULL, &run->diags);
	assert_text(fw->layout, "file");

	const struct kj_fleet *fleet = web01->fleet;
	assert_ptr_equal(fleet, run->subjects.fleets.at[0]);
	assert_int_equal(fleet->zone_count, 2);
	assert_int_equal(kj_fleet_zone(fleet, KJ_STR("office"))->n, 2);
	assert_null(kj_fleet_zone(fleet, KJ_STR("internet")));
	assert_null(kj_fleet_zone(NULL, KJ_STR("office")));
	assert_int_equal(fleet->waiver_count, 2);
	assert_text(fleet->waivers[0].rule, "ssh-root");
	assert_text(fleet->waivers[0].hosts[0], "web*");
	assert_text(fleet->waivers[1].item, "6-4");
	assert_int_equal(fleet->waivers[1].host_count, 0);
	assert_text(fleet->waivers[1].expires, "2027-02-28");
	assert_int_equal(fleet->waivers[1].span.line, 17);
	tree_end(&tree);
}

static const struct {
	const char *yaml, *message, *hint;
	uint32_t line, col;
} mistakes[] = {
        {"zones: {}\n", "the version of this file's language is missing", "write 'kijun: 1' at its beginning", 1, 1},
        {"kijun: 2\n", "this file is of version 2, and only 1 is known", "", 1, 8},
        {"kijun: one\n", "'kijun' must be a whole number, this is text", "", 1, 8},
        {"- a\n", "'fleet.yml' must be a map, this is a list", "", 1, 1},
        {"kijun: 1\nzone: {}\n", "unknown key 'zone' in fleet.yml", "did you mean 'zones'?", 2, 1},
        {"kijun: 1\nzones: [a]\n", "'zones' must be a map, this is a list", "", 2, 8},
        {"kijun: 1\nzones: {o: 10.0.0.0/8}\n", "'o' must be a list, this is text", "", 2, 12},
        {"kijun: 1\nzones: {o: [10.0.0.0/33]}\n", "'10.0.0.0/33' is no range of addresses",
         "write 192.0.2.1, 192.0.2.0/24, 2001:db8::/48 or 192.0.2.1-192.0.2.9", 2, 13},
        {"kijun: 1\nzones: {self: []}\n", "a zone cannot be called 'self': that is the host itself", "", 2, 9},
        {"kijun: 1\nzones: {anywhere: []}\n", "a zone cannot be called 'anywhere': that is all that is forwarded", "",
         2, 9},
        {"kijun: 1\nzones: {local: []}\n", "a zone cannot be called 'local': that is what ends at the host itself", "",
         2, 9},
        {"kijun: 1\nzones: {office: []}\nhosts: {a: {interfaces: {eth0: [internet], eth1: [ofice]}}}\n",
         "there is no zone 'ofice' in 'zones'", "did you mean 'office'?", 3, 51},
        {"kijun: 1\nhosts: {a: {interfaces: {eth0: internet}}}\n", "'eth0' must be a list, this is text", "", 2, 32},
        {"kijun: 1\nservices: {m: [[ssh]]}\n", "'a service' must be text, this is a list", "", 2, 16},
        {"kijun: 1\nroles: {web: {service: {}}}\n", "unknown key 'service' in role 'web'", "did you mean 'services'?",
         2, 15},
        {"kijun: 1\nzones: {office: []}\nroles: {web: {services: {ofice: [ssh]}}}\n",
         "there is no zone 'ofice' in 'zones'", "did you mean 'office'?", 3, 26},
        {"kijun: 1\nroles: {web: {}}\nhosts: {a: {role: wep}}\n", "there is no role 'wep' in 'roles'",
         "did you mean 'web'?", 3, 19},
        {"kijun: 1\nhosts: {a: {rol: web}}\n", "unknown key 'rol' in host 'a'", "did you mean 'role'?", 2, 13},
        {"kijun: 1\nhosts: {a: {kind: server}}\n", "'server' is no kind of subject",
         "one of host, pc, account, firewall, organisation", 2, 19},
        {"kijun: 1\nhosts: {a: web}\n", "'host 'a'' must be a map, this is text", "", 2, 12},
        {"kijun: 1\nhosts: {a*: {path: a}}\n", "'a*' stands for several hosts, and they cannot share a path", "", 2,
         20},
        {"kijun: 1\nhosts: {a: {path: ../b}}\n", "the path '../b' must stay below the folder of fleet.yml", "", 2, 19},
        {"kijun: 1\nhosts: {a: {path: /etc}}\n", "the path '/etc' must stay below the folder of fleet.yml", "", 2, 19},
        {"kijun: 1\nhosts: {wev01: {}}\n", "there is no folder 'wev01' for this host in '", "did you mean 'web01'?", 2,
         9},
        {"kijun: 1\nhosts: {x: {path: web1}}\n", "there is no folder 'web1' for this host in '",
         "did you mean 'web01'?", 2, 19},
        {"kijun: 1\nwaivers: {rule: x}\n", "'waivers' must be a list, this is a map", "", 2, 10},
        {"kijun: 1\nwaivers:\n- {rule: x, reason: r, approver: a, expires: 2027-02-30}\n", "'2027-02-30' is no date",
         "write a day that exists as 2027-03-31", 3, 46},
        {"kijun: 1\nwaivers:\n- {rule: x, approver: a, expires: 2027-03-31}\n", "this waiver has no 'reason'", "", 3,
         3},
        {"kijun: 1\nwaivers:\n- {rule: x, reason: ' ', approver: a, expires: 2027-03-31}\n",
         "this waiver has no 'reason'", "", 3, 21},
        {"kijun: 1\nwaivers:\n- {reason: r, approver: a, expires: 2027-03-31}\n",
         "a waiver names either a 'rule' or an 'item'", "", 3, 3},
        {"kijun: 1\nwaivers:\n- {rule: x, item: y, reason: r, approver: a, expires: 2027-03-31}\n",
         "a waiver names either a 'rule' or an 'item', not both", "", 3, 3},
        {"kijun: 1\nwaivers:\n- {rule: x, hosts: [], reason: r, approver: a, expires: 2027-03-31}\n",
         "this waiver is for no host: name some, or leave 'hosts' out for all", "", 3, 20},
        {"kijun: 1\nwaivers: [x]\n", "'a waiver' must be a map, this is text", "", 2, 11},
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		struct tree tree;
		tree_begin(&tree);
		tree_file(&tree, "fleet.yml", mistakes[i].yaml);
		make_files(&tree, "web01/etc/passwd a/etc/passwd b/etc/passwd");
		struct fleet_run *run = run_tree(&tree);
		assert_false(run->opened);
		const struct kj_diag *d = &run->diags.list.at[0];
		if (run->diags.errors == 0 || !kj_str_starts(d->message, kj_str_of(mistakes[i].message)) ||
		    !kj_str_eq(d->hint, kj_str_of(mistakes[i].hint)) || d->span.line != mistakes[i].line ||
		    d->span.col != mistakes[i].col)
			fail_msg("%s: %u:%u: %.*s (%.*s)", mistakes[i].yaml, d->span.line, d->span.col,
			         KJ_FMT(d->message), KJ_FMT(d->hint));
		/* The hosts are there all the same. */
		assert_true(run->subjects.list.n >= 2);
		tree_end(&tree);
	}
}

/* Odd, and no error. */
static const struct {
	const char *yaml;
	size_t warnings;
} odd[] = {
        {"kijun: 1\nhosts:\n  web01:\n", 0},
        {"kijun: 1\nzones:\nhosts:\nwaivers:\nparams:\n", 0},
        {"kijun: 1\nhosts: {db*: {}}\n", 1},
        {"kijun: 1\nhosts: {web01: {owner: 12, params: }}\n", 0},
};

static void test_odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct tree tree;
		tree_begin(&tree);
		tree_file(&tree, "fleet.yml", odd[i].yaml);
		make_files(&tree, "web01/etc/passwd a/etc/passwd");
		struct fleet_run *run = run_tree(&tree);
		if (!run->opened)
			kj_diags_print(&run->diags, stderr, false);
		assert_true(run->opened);
		assert_int_equal(run->diags.warnings, odd[i].warnings);
		tree_end(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_shapes),
	        cmocka_unit_test(test_nothing),
	        cmocka_unit_test(test_empty_host_among_others),
	        cmocka_unit_test(test_double_names),
	        cmocka_unit_test(test_fleet_file),
	        cmocka_unit_test(test_mistakes),
	        cmocka_unit_test(test_odd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
