#include "policies.h"

struct row {
	kj_str text;
	const char *want;
};

static const struct row mistakes[] = {
        {S("{\"source\": 1}"), "1:1: this is JSON; a source is YAML"},
        {S("kijun: 1\nid: p\nrules: []\n"), "3:1: this is a policy, not a source"},
        {S("kijun: 1\nfeatures: {}\n"), "2:1: this is a file of features, not a source"},
        {S("kijun: 1\nsource: ssh..d\ntitle: t\ninputs: [{file: etc/x}]\nparser: p\n"),
         "2:9: 'source' wants an id of lower-case letters and digits, with '-', '_' or '.' between, not 'ssh..d'"},
        {S("kijun: 1\nsource: sshd\ntitle: t\ninputs: [{file: etc/x}]\nparser: p\n"),
         "2:9: the source 'sshd' is there already [the first one is at sshd.yml:1]"},
        {S("kijun: 1\nsource: s\ntitle: t\n"), "1:1: a source needs 'inputs', or a 'resolver' that finds its own"},
        {S("kijun: 1\nsource: s\ntitle: t\ninputs: [{file: etc/x}, {glob: y, parser: p}]\n"),
         "4:10: no 'parser' is given for this input, nor for the source"},
        {S("kijun: 1\nsource: s\ntitle: t\nparser: p\ninputs:\n- {}\n- {file: a, glob: b}\n- {file: [a, b]}\n- {glob: "
           "a, fallback: b, suffix: c, sniff: d}\n- {flie: a}\n- x\n- {file: etc/.., effective: 1, options: []}\n- "
           "{named: []}\n"),
         "6:3: the input does not say which artifact [add one of 'file', 'glob', 'dropins', 'command' and 'named']\n"
         "7:13: only one of 'file' and 'glob' may stand here [make two inputs of it]\n"
         "8:3: 'file' is one path ['fallback' takes the others]\n"
         "9:23: 'fallback' belongs to an input with 'file'\n"
         "9:34: 'suffix' belongs to an input with 'dropins'\n"
         "9:44: 'sniff' belongs to an input with 'named'\n"
         "10:4: unknown key 'flie' in an input [did you mean 'file'?]\n"
         "11:3: 'inputs' wants a map, not 'x'\n"
         "12:10: the path 'etc/..' has '..' in it\n"
         "12:29: 'effective' wants true or false, not '1'\n"
         "12:41: 'options' wants a map, this is a list"},
        {S("kijun: 1\nsource: s\ntitle: t\nparser: p\ninputs: {file: x}\n"),
         "5:9: 'inputs' wants a list of inputs, this is a map"},
        {S("kijun: 1\nsource: s\ntitle: t\nparser: p\nresolver: r\nwins: lst\nbad_line: ignore\nplatform: linx\nkeys: "
           "{case: folded, replace: {a: bc}, acumulate: x}\ncolumns: []\nsecret: {}\nwith: 1\n"),
         "8:11: unknown platform 'linx' [did you mean 'linux'?]\n"
         "12:7: 'with' wants a map, not '1'\n"
         "6:7: 'wins' wants one of last, first, all, not 'lst'\n"
         "7:11: 'bad_line' wants one of skip, stop, refuse, not 'ignore'\n"
         "9:40: unknown key 'acumulate' in 'keys' [did you mean 'accumulate'?]\n"
         "9:14: 'case' wants one of exact, fold, not 'folded'\n"
         "9:31: 'replace' gives one character for one other, as in {\"/\": \".\"}\n"
         "10:10: 'columns' is an empty list\n"
         "11:9: 'secret' wants text, this is a map"},
        {S("kijun: 1\nsource: s\ntitle: t\nparser: p\nresolver: r\nkeys: {replace: {a: b, c: d}}\ndefaults: x\n"),
         "6:17: 'replace' gives one character for one other, as in {\"/\": \".\"}\n"
         "7:11: 'defaults' wants a map of keys to values, not 'x'"},
        {S("kijun: 1\nsource: s\ntitle: t\nparser: p\nresolver: r\ndefaults: [{when: 1}, {values: {a: [1]}}, {vals: "
           "1}, x]\n"),
         "6:19: 'when' wants a map, not '1'\n"
         "6:12: a group of defaults needs the key 'values'\n"
         "6:36: 'a' wants text, this is a list\n"
         "6:44: unknown key 'vals' in a group of defaults [known are when, values]\n"
         "6:43: a group of defaults needs the key 'values'\n"
         "6:54: 'defaults' wants a map, not 'x'"},
};
static const struct row feature_mistakes[] = {
        {S("kijun: 1\nfeatures: []\n"), "2:11: 'features' wants a map of features, this is a list"},
        {S("kijun: 1\nfeatures:\n  gnome: {check: {file: x, exists: true}}\n  Kde: {about: t}\n  xfce: {check: "
           "{setting: sshd.Port, equals: $x}}\n  mate: 1\n"),
         "3:3: the feature 'gnome' is there already [the first one is at features.yml:3]\n"
         "4:8: a feature needs the key 'check'\n"
         "4:3: a feature has an id of lower-case letters and digits, with '-' or '_' between, not 'Kde'\n"
         "5:46: there are no parameters here [the text '$x' itself is written '$$x']\n"
         "6:9: 'mate' wants a map, not '1'"},
        {S("kijun: 1\nid: p\nrules: []\n"), "3:1: this is a policy, not a file of features"},
        {S("kijun: 1\nsource: p\n"), "2:1: this is a source, not a file of features"},
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++)
		assert_refused(SOURCE, mistakes[i].text, mistakes[i].want);
	for (size_t i = 0; i < COUNT(feature_mistakes); i++)
		assert_refused(FEATURES, feature_mistakes[i].text, feature_mistakes[i].want);
}

static const struct kj_text everything = {
        S("all.yml"),
        S("kijun: 1\n"
          "source: all\n"
          "title: {en: All, ja: 全部}\n"
          "about: everything that can be said\n"
          "platform: windows\n"
          "inputs:\n"
          "- {command: [sshd -T, sshd -G], effective: true, parser: keyvalue, options: {separators: ' '}}\n"
          "- {file: etc/a, fallback: [usr/etc/a, usr/lib/a]}\n"
          "- {glob: etc/a.d/*.conf}\n"
          "- {dropins: [etc/b.d, usr/lib/b.d], suffix: .conf}\n"
          "- {named: 'secedit*.inf secpol*.inf', sniff: '[System Access]'}\n"
          "parser: inf\n"
          "options: {comment: ';'}\n"
          "resolver: special\n"
          "with: {x: 1}\n"
          "wins: first\n"
          "bad_line: refuse\n"
          "keys: {case: fold, replace: {/: .}, accumulate: [AllowUsers, Port]}\n"
          "columns: [a, b]\n"
          "defaults:\n"
          "- {when: {distro: [debian]}, values: {a: 1, b: true}}\n"
          "- {values: {c: text}}\n"
          "secret: password\n")};

static void test_inputs(void **state)
{
	(void)state;
	struct loaded to = load_given();
	load(&to, SOURCE, &everything);
	assert_string_equal(messages(&to), "");
	const struct kj_source *source = kj_program_source(to.program, KJ_STR("all"));
	static const struct {
		enum kj_input_kind kind;
		size_t paths;
		const char *last;
	} rows[] = {
	        {KJ_INPUT_COMMAND, 2, "sshd -G"},     {KJ_INPUT_FILE, 3, "usr/lib/a"},
	        {KJ_INPUT_GLOB, 1, "etc/a.d/*.conf"}, {KJ_INPUT_DROPINS, 2, "usr/lib/b.d"},
	        {KJ_INPUT_NAMED, 2, "secpol*.inf"},
	};
	assert_int_equal(source->inputs, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kj_input *input = &source->input[i];
		assert_int_equal(input->kind, rows[i].kind);
		assert_int_equal(input->paths, rows[i].paths);
		assert_str(input->path[input->paths - 1], rows[i].last);
		assert_int_equal(input->span.line, 7 + i);
	}
	assert_true(source->input[0].effective && source->input[0].options);
	assert_str(source->input[0].parser, "keyvalue");
	assert_str(source->input[1].path[0], "etc/a");
	assert_str(source->input[3].suffix, ".conf");
	assert_str(source->input[4].sniff, "[System Access]");
	kj_arena_free(to.arena);
}

static void test_source(void **state)
{
	(void)state;
	struct loaded to = load_given();
	load(&to, SOURCE, &everything);
	const struct kj_source *source = kj_program_source(to.program, KJ_STR("all"));
	assert_str(source->title.ja, "全部");
	assert_str(source->about.en, "everything that can be said");
	assert_str(source->platform, "windows");
	assert_str(source->parser, "inf");
	assert_str(source->resolver, "special");
	assert_non_null(source->options);
	assert_non_null(source->with);
	assert_int_equal(source->wins, KJ_WINS_FIRST);
	assert_int_equal(source->bad_line, KJ_BAD_REFUSE);
	assert_true(source->fold_keys);
	assert_str(source->replace_from, "/");
	assert_str(source->replace_to, ".");
	assert_int_equal(source->accumulates, 2);
	assert_int_equal(source->known_column_count, 2);
	assert_int_equal(source->default_count, 2);
	assert_non_null(source->defaults[0].when);
	assert_str(source->defaults[0].pair[1].value->text, "true");
	assert_null(source->defaults[1].when);
	assert_int_equal(source->secrets, 1);
	assert_int_equal(source->index, to.program->sources.n - 1);
	kj_arena_free(to.arena);
}

static void test_plain_defaults(void **state)
{
	(void)state;
	static const struct kj_text text = {
	        S("t.yml"),
	        S("kijun: 1\nsource: t\ntitle: t\nresolver: r\ndefaults: {Port: 22, PermitRootLogin: no}\n")};
	struct loaded to = load_given();
	assert_true(load(&to, SOURCE, &text));
	const struct kj_source *source = kj_program_source(to.program, KJ_STR("t"));
	assert_int_equal(source->default_count, 1);
	assert_int_equal(source->defaults[0].n, 2);
	assert_str(source->defaults[0].pair[0].value->text, "22");
	assert_int_equal(source->wins, KJ_WINS_LAST);
	assert_int_equal(source->bad_line, KJ_BAD_SKIP);
	assert_false(source->fold_keys);
	kj_arena_free(to.arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_mistakes),
	        cmocka_unit_test(test_inputs),
	        cmocka_unit_test(test_source),
	        cmocka_unit_test(test_plain_defaults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
