#include "policies.h"

/* Every mistake that a check can have, and where exactly it is shown. The check begins at 15:10. */
struct row {
	kj_str check;
	const char *want;
};

static const struct row mistakes[] = {
        {S("[]"), "15:10: 'check' wants a check, which is a map, this is a list"},
        {S("{}"), "15:10: this check does not say what to look at [a check has one of all, any, none, not, some_of, "
                  "setting, rows, text, file, exposure]"},
        {S("{equals: 22}"), "15:10: this check does not say what to look at [a check has one of all, any, none, not, "
                            "some_of, setting, rows, text, file, exposure]"},
        {S("{seting: sshd.Port, equals: 22}"), "15:11: unknown kind of check 'seting' [did you mean 'setting'?]"},
        {S("{setting: sshd.Port, rows: passwd, equals: 22}"),
         "15:31: a check looks at one thing, 'setting' or 'rows' [join two checks with 'all']"},
        {S("{setting: sshd.Port, equal: 22}"),
         "15:31: unknown key 'equal' in a check of a setting [did you mean 'equals'?]"},
        {S("{setting: sshd.Port, contains: 22}"),
         "15:31: unknown key 'contains' in a check of a setting [known are setting, as, exists, if_absent, locked, "
         "scope, equals, one_of, none_of, matches, not_matches, contains_all, contains_none, at_least, at_most, "
         "between, older_than, newer_than, version_at_least, within]"},
        {S("{setting: sshd.Port}"),
         "15:10: the setting is not compared with anything [add an operator, such as 'equals: yes' or 'exists: true']"},
        {S("{setting: sshd.Port, at_least: 1, at_most: 2}"),
         "15:44: only one of 'at_least' and 'at_most' may stand here [join two comparisons with 'all']"},
        {S("{setting: sshd.Port, equals: 1, exists: true}"),
         "15:42: only one of 'equals' and 'exists' may stand here [join two comparisons with 'all']"},
        {S("{setting: sshd.Port, exists: yes}"), "15:39: 'exists' wants true or false, not 'yes'"},
        {S("{setting: sshd.Port, exists: true, as: int, locked: true, if_absent: pass}"),
         "15:49: 'as' has no meaning beside 'exists'\n"
         "15:62: 'locked' has no meaning beside 'exists'\n"
         "15:79: 'if_absent' has no meaning beside 'exists'"},
        {S("{setting: shd.Port, equals: 22}"), "15:20: unknown source 'shd' [did you mean 'sshd'?]"},
        {S("{setting: \"nosuch.Port\", equals: 22}"), "15:21: unknown source 'nosuch' [known are sshd, dconf, passwd]"},
        {S("{setting: sshd, equals: 22}"),
         "15:20: 'setting' wants SOURCE.KEY, not 'sshd' [for example sshd.PermitRootLogin]"},
        {S("{setting: sshd., equals: 22}"),
         "15:20: 'setting' wants SOURCE.KEY, not 'sshd.' [for example sshd.PermitRootLogin]"},
        {S("{setting: [sshd.Port], equals: 22}"), "15:20: 'setting' wants SOURCE.KEY, this is a list"},
        {S("{setting: sshd.Port, equals: [22, 23]}"),
         "15:39: 'equals' wants text, this is a list [for one of several values there is 'one_of']"},
        {S("{setting: sshd.Port, equals: }"), "15:39: 'equals' wants text, nothing is written here"},
        {S("{setting: sshd.Port, equals: null}"), "15:39: 'equals' wants text, not 'null'"},
        {S("{setting: sshd.Port, as: secs, at_least: 1}"),
         "15:35: unknown type 'secs' [known are text, int, bool, seconds, minutes, duration, days, size, mode, date, "
         "version, list, address, period]"},
        {S("{setting: sshd.Port, as: seconds, at_least: [1]}"),
         "15:54: 'at_least' wants a number of seconds, this is a list"},
        {S("{setting: sshd.Port, as: seconds, at_least: soon}"),
         "15:54: 'at_least' wants a number of seconds, not 'soon'"},
        {S("{setting: sshd.Port, as: seconds, at_least: -1}"), "15:54: 'at_least' wants a number of seconds, not '-1'"},
        {S("{setting: sshd.Port, as: text, at_least: 1}"),
         "15:35: 'at_least' does not compare text [it compares int, seconds, minutes, duration, days, size, mode, "
         "date, version]"},
        {S("{setting: sshd.Port, at_least: 10m}"), "15:31: 'at_least' needs 'as': the type of the value [it compares "
                                                   "int, seconds, minutes, duration, days, size, mode, date, version]"},
        {S("{setting: sshd.Port, at_least: $word}"), "15:41: 'at_least' does not compare text [it compares int, "
                                                     "seconds, minutes, duration, days, size, mode, date, version]"},
        {S("{setting: sshd.Port, as: int, at_least: $soon}"),
         "15:50: 'at_least' wants a whole number, the parameter 'soon' is a length of time such as 90s, 10m or 2d [it "
         "is declared at t.yml:6]"},
        {S("{setting: sshd.Port, as: int, one_of: $names}"),
         "15:48: 'one_of' wants a whole number, the parameter 'names' is a list of words [it is declared at t.yml:7]"},
        {S("{setting: sshd.Port, one_of: [a, $ports]}"), "15:40: 'one_of' wants a whole number, not 'a'"},
        {S("{setting: sshd.Port, as: text, one_of: [a, $ports]}"),
         "15:53: 'one_of' wants text, the parameter 'ports' is a list, each item a whole number [it is declared at "
         "t.yml:8]"},
        {S("{setting: sshd.Port, at_least: $leest}"), "15:41: unknown parameter 'leest' [did you mean 'least'?]"},
        {S("{setting: sshd.Port, equals: $nothing-like}"),
         "15:39: unknown parameter 'nothing-like' [known are least, soon, names, ports, word]"},
        {S("{setting: sshd.Port, one_of: 22}"), "15:39: 'one_of' wants a list, not '22' [write [22]]"},
        {S("{setting: sshd.Port, one_of: []}"), "15:39: 'one_of' is an empty list"},
        {S("{setting: sshd.Port, as: int, one_of: [22, x]}"), "15:53: 'one_of' wants a whole number, not 'x'"},
        {S("{setting: sshd.Port, contains_all: {a: b}}"), "15:45: 'contains_all' wants a list, this is a map"},
        {S("{setting: sshd.Port, as: int, contains_all: [1]}"),
         "15:35: 'contains_all' does not compare a whole number [it compares list]"},
        {S("{setting: sshd.Port, as: int, between: 1}"),
         "15:49: 'between' wants a list of two, [least, most], not '1'"},
        {S("{setting: sshd.Port, as: int, between: [1, 2, 3]}"),
         "15:49: 'between' wants a list of two, [least, most], this list has 3"},
        {S("{setting: sshd.Port, as: int, between: [9, 8]}"), "15:49: nothing lies between '9' and '8'"},
        {S("{setting: sshd.Port, as: mode, between: [\"0604\", \"0640\"]}"),
         "15:50: nothing lies between '0604' and '0640'"},
        {S("{setting: sshd.Port, older_than: 90}"),
         "15:43: 'older_than' wants a length of time such as 90 days or 12 months, not '90' [write the unit too: 90 days]"},
        {S("{setting: sshd.Port, older_than: \"90\"}"),
         "15:43: 'older_than' wants a length of time such as 90 days or 12 months, not '90' [write the unit too: 90 days]"},
        {S("{setting: sshd.Port, newer_than: 2026-01-01}"),
         "15:43: 'newer_than' wants a length of time such as 90 days or 12 months, not '2026-01-01'"},
        {S("{setting: sshd.Port, as: int, newer_than: 90d}"),
         "15:35: 'newer_than' does not compare a whole number [it compares date]"},
        {S("{setting: sshd.Port, version_at_least: x}"),
         "15:49: 'version_at_least' wants a version such as 9.2p1, not 'x'"},
        {S("{setting: sshd.Port, within: [10.0.0.0/8, 10.0.0.0/33]}"),
         "15:52: 'within' wants an address, a prefix or a range, not '10.0.0.0/33'"},
        {S("{setting: sshd.Port, as: size, at_most: 10X}"),
         "15:50: 'at_most' wants a size such as 512K or 10M, not '10X'"},
        {S("{setting: sshd.Port, as: date, at_most: 2026-02-30}"),
         "15:50: 'at_most' wants a date such as 2026-11-23, not '2026-02-30'"},
        {S("{setting: sshd.Port, as: bool, equals: maybe}"), "15:49: 'equals' wants true or false, not 'maybe'"},
        {S("{setting: sshd.Port, as: mode, at_most: \"0698\"}"),
         "15:50: 'at_most' wants permissions in octal such as 0640, not '0698'"},
        {S("{setting: sshd.Port, matches: a(b}"),
         "15:43: this pattern cannot be compiled: missing closing parenthesis"},
        {S("{setting: sshd.Port, matches: 'it''s (b'}"),
         "15:49: this pattern cannot be compiled: missing closing parenthesis"},
        {S("{setting: sshd.Port, matches: \"\\x41\\u3042\\\"a\\\\d[b\"}"),
         "15:59: this pattern cannot be compiled: missing terminating ] for character class"},
        {S("{setting: sshd.Port, matches: \"あ(?<n>a\", locked: no}"),
         "15:61: 'locked' wants true or false, not 'no'\n"
         "15:50: this pattern cannot be compiled: missing closing parenthesis"},
        {S("\n    setting: sshd.Port\n    matches: |\n      a(b\n"),
         "17:14: this pattern cannot be compiled: missing closing parenthesis"},
        {S("{setting: sshd.Port, matches: \"\"}"), "15:40: the pattern is empty [it would match everything]"},
        {S("{setting: sshd.Port, matches: $word}"),
         "15:40: a pattern cannot be a parameter ['$word' as a pattern matches nothing, because $ is the end]"},
        {S("{setting: sshd.Port, matches: [a]}"), "15:40: 'matches' wants a pattern, this is a list"},
        {S("{setting: sshd.Port, as: list, matches: a}"),
         "15:35: 'matches' does not compare a list of words [it compares text]"},
        {S("{setting: sshd.Port, equals: a, scope: globl, if_absent: passs, locked: 1}"),
         "15:67: 'if_absent' wants one of default, pass, fail, unknown, not 'passs'\n"
         "15:82: 'locked' wants true or false, not '1'\n"
         "15:49: unknown scope 'globl' [did you mean 'global'?]"},
        {S("{all: []}"), "15:16: 'all' is an empty list"},
        {S("{any: {setting: sshd.Port, equals: 1}}"), "15:16: 'any' wants a list of checks, this is a map"},
        {S("{none: [x]}"), "15:18: 'none' wants a check, which is a map, not 'x'"},
        {S("{not: [{setting: sshd.Port, equals: 1}]}"), "15:16: 'not' wants a check, which is a map, this is a list"},
        {S("{all: [{setting: sshd.Port, equals: 1}], any: [{setting: sshd.Port, equals: 1}]}"),
         "15:51: a check looks at one thing, 'all' or 'any' [join two checks with 'all']"},
        {S("{some_of: {at_least: 0, of: [{setting: sshd.Port, equals: 1}]}}"),
         "15:31: 'at_least' wants how many must hold, 1 or more, not '0'"},
        {S("{some_of: {at_least: 2, of: [{setting: sshd.Port, equals: 1}]}}"), "15:31: at least 2 of 1 can never hold"},
        {S("{some_of: {of: []}}"), "15:20: 'some_of' needs the key 'at_least'\n"
                                   "15:25: 'of' is an empty list"},
        {S("{some_of: [a]}"), "15:20: 'some_of' wants a map, this is a list"},
        {S("{rows: passw, every: {uid: 1}}"), "15:17: unknown source 'passw' [did you mean 'passwd'?]"},
        {S("{rows: passwd}"), "15:10: nothing is demanded of the rows [add one of 'every', 'some', 'no' and 'count']"},
        {S("{rows: passwd, every: {uid: 1}, no: {uid: 0}}"),
         "15:42: only one of 'every' and 'no' may stand here [join two checks of rows with 'all']"},
        {S("{rows: passwd, wher: {uid: 0}, every: {uid: 1}}"),
         "15:25: unknown key 'wher' in a check of rows [did you mean 'where'?]"},
        {S("{rows: passwd, where: {}, every: [uid]}"), "15:32: 'where' names no column\n"
                                                       "15:43: 'every' wants a map of columns, this is a list"},
        {S("{rows: passwd, every: {uid: [0, 1]}}"),
         "15:38: 'uid' wants a text, or a map of operators, this is a list [write {one_of: […]} for one of several]"},
        {S("{rows: passwd, every: {uid: {}}}"),
         "15:38: no operator is given for this column [write it as {at_least: 8, as: int}]"},
        {S("{rows: passwd, every: {uid: {as: int}}}"),
         "15:38: no operator is given for this column [write it as {at_least: 8, as: int}]"},
        {S("{rows: passwd, every: {uid: {at_leest: 1}}}"),
         "15:39: unknown key 'at_leest' in the tests of a column [did you mean 'at_least'?]"},
        {S("{rows: passwd, every: {uid: {at_least: 1, as: int, at_most: x}}}"),
         "15:70: 'at_most' wants a whole number, not 'x'"},
        {S("{rows: passwd, every: {any: {uid: 1}, all: [], none: [1], not: [a]}}"),
         "15:38: 'any' wants a list of maps of columns, this is a map\n"
         "15:53: 'all' is an empty list\n"
         "15:64: 'none' wants a map of columns, not '1'\n"
         "15:73: 'not' wants a map of columns, this is a list"},
        {S("{rows: passwd, every: {shell: }}"), "15:40: 'shell' wants text, nothing is written here"},
        {S("{rows: passwd, count: 3}"), "15:32: 'count' wants a map, not '3'"},
        {S("{rows: passwd, count: {}}"),
         "15:32: 'count' is not compared with anything [add an operator, such as 'at_most: 3']"},
        {S("{rows: passwd, count: {at_most: 3, at_least: 1}}"),
         "15:45: only one of 'at_most' and 'at_least' may stand here ['between' takes the least and the most]"},
        {S("{rows: passwd, count: {at_most: many}}"), "15:42: 'at_most' wants a whole number, not 'many'"},
        {S("{rows: passwd, count: {matches: a}}"),
         "15:32: 'matches' does not compare a whole number [it compares text]"},
        {S("{rows: passwd, every: {name: {in: {rows: shadow, where: {name: \"@name\"}}}}}"),
         "15:51: unknown source 'shadow' [known are sshd, dconf, passwd]"},
        {S("{rows: passwd, every: {name: {as: int, in: {rows: passwd, were: {name: \"@name\"}}}}}"),
         "15:68: unknown key 'were' in a look-up [did you mean 'where'?]\n"
         "15:44: 'as' is for an operator, and there is none"},
        {S("{rows: passwd, every: {name: {in: {rows: passwd, where: {name: \"@\", uid: $names, gid: [1], home: "
           "$hom}}}}}"),
         "15:73: the name of a column is missing after '@'\n"
         "15:96: 'gid' wants a text, or a map of operators, this is a list [write {one_of: […]} for one of several]\n"
         "15:107: unknown parameter 'hom' [known are least, soon, names, ports, word]"},
        {S("{rows: passwd, every: {name: {as: date, at_most: \"@uid + 5 minutes\"}}}"),
         "15:59: '5 minutes' is not a length of time by the calendar such as 90 days, 12 months or 1 year"},
        {S("{rows: passwd, every: {name: {as: int, at_most: \"@uid + 5 days\"}}}"),
         "15:58: '5 days' moves a date: 'as' must say date"},
        {S("{rows: passwd, every: {name: {in: passwd}}}"), "15:44: 'in' wants a map, not 'passwd'"},
        {S("{text: etc/x}"), "15:10: the text is not compared with anything [add 'matches' or 'not_matches']"},
        {S("{text: /, matches: a}"), "15:17: the path '/' names no file"},
        {S("{text: ../x, matches: a}"), "15:17: the path '../x' has '..' in it"},
        {S("{text: \"\", matches: a}"), "15:17: 'text' is empty"},
        {S("{text: {comand: x}, matches: a}"), "15:18: unknown key 'comand' in 'text' [did you mean 'command'?]"},
        {S("{text: etc/x, matches: a, not_matches: b}"),
         "15:36: only one of 'matches' and 'not_matches' may stand here [join two checks of text with 'all']"},
        {S("{text: etc/x, matches: a, by: lines}"), "15:40: 'by' wants one of line, file, not 'lines'"},
        {S("{text: etc/x, matches: \"(a)(b)\", captures: {\"3\": {at_least: 1}}}"),
         "15:54: there is no group 3: the pattern has 2"},
        {S("{text: etc/x, matches: \"(a)(b)\", captures: {first: {at_least: 1}, \"1\": {}, \"2\": {as: int}, \"0\": "
           "{at_least: x, as: int}}}"),
         "15:54: 'captures' wants the numbers of groups, not 'first'\n"
         "15:81: no operator is given for this group [write it as {at_least: 8, as: int}]\n"
         "15:90: no operator is given for this group [write it as {at_least: 8, as: int}]\n"
         "15:117: 'at_least' wants a whole number, not 'x'"},
        {S("{text: etc/x, matches: \"(a)\", captures: {1: {at_least: 1}}}"),
         "15:51: a key must be text, not a whole number [put it in quotes]"},
        {S("{text: etc/x, matches: \"(a)\", captures: []}"), "15:50: 'captures' wants a map, this is a list"},
        {S("{text: etc/x, matches: \"(a)\", captures: {}}"), "15:50: 'captures' names no group"},
        {S("{text: etc/x, matches: \"()()()()()()()()()()()()()()()()()()()()\", captures: {\"16\": {equals: a}}}"),
         "15:88: group 16 cannot be compared: only the first 15 can"},
        {S("{file: etc/x}"),
         "15:10: nothing is demanded of the file [add one of 'exists', 'mode_at_most', 'owner' and 'group']"},
        {S("{file: etc/x, exists: 1}"), "15:32: 'exists' wants true or false, not '1'"},
        {S("{file: etc/x, exists: false, mode_at_most: \"0640\"}"),
         "15:53: 'mode_at_most' has no meaning for a file that must not be there"},
        {S("{file: etc/x, exists: true, if_absent: pass}"), "15:49: 'if_absent' has no meaning beside 'exists'"},
        {S("{file: etc/x, mode_at_most: \"0888\", owner: [], group: {a: b}}"),
         "15:38: 'mode_at_most' wants permissions in octal such as 0640, not '0888'\n"
         "15:53: 'owner' is an empty list\n"
         "15:64: 'group' wants a name, or a list of names, this is a map"},
        {S("{file: etc/x, mode_at_most: $word, owner: $ports, group: $least}"),
         "15:38: 'mode_at_most' wants permissions in octal such as 0640, the parameter 'word' is text [it is declared "
         "at t.yml:9]\n"
         "15:52: 'owner' wants a name, or a list of names, the parameter 'ports' is a list, each item a whole number "
         "[it is declared at t.yml:8]\n"
         "15:67: 'group' wants a name, or a list of names, the parameter 'least' is a whole number [it is declared at "
         "t.yml:5]"},
        {S("{exposure: internet}"), "15:21: 'exposure' wants a map, not 'internet'"},
        {S("{exposure: {from: internet}}"),
         "15:21: the exposure is not compared with anything [add 'at_most' or 'none_of', or write {compare: approved} "
         "alone]"},
        {S("{exposure: {to: self, at_most: []}}"), "15:21: 'exposure' needs the key 'from'"},
        {S("{exposure: {from: internet, at_most: ssh}}"), "15:47: 'at_most' wants a list, not 'ssh' [write [ssh]]"},
        {S("{exposure: {from: inter net, at_most: [ssh, 70000, 443/tcp/x, \"tcp/443\", 80-90/udp, 0/tcp, $names, "
           "$ports], none_of: []}}"),
         "15:28: 'from' wants the name of a zone, not 'inter net'\n"
         "15:54: 'at_most' wants services such as ssh, 443, 80-90/tcp, not '70000'\n"
         "15:61: 'at_most' wants services such as ssh, 443, 80-90/tcp, not '443/tcp/x'\n"
         "15:94: 'at_most' wants services such as ssh, 443, 80-90/tcp, not '0/tcp'\n"
         "15:109: 'at_most' wants services such as ssh, 443, 80-90/tcp, the parameter 'ports' is a list, each item a "
         "whole number [it is declared at t.yml:8]\n"
         "15:127: 'none_of' is an empty list"},
        {S("{exposure: {from: internet, except: [office], at_most: []}}"),
         "15:46: 'except' takes zones out of 'from: each', and of nothing else"},
        {S("{exposure: {from: each, except: [off ice, $ports], at_most: []}}"),
         "15:43: 'except' wants names of zones, not 'off ice'\n"
         "15:52: 'except' wants names of zones, the parameter 'ports' is a list, each item a whole number [it is "
         "declared at t.yml:8]"},
        {S("{exposure: {from: internet, at_most: roles}}"),
         "15:47: 'at_most' wants a list, not 'roles' [write [roles]]"},
        {S("{text: $word, not_matches: a}"), "15:17: the path '$word' is a parameter, which a path cannot be"},
};

static struct kj_buf policy_of(struct kj_arena *arena, kj_str check)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_put(&out, KJ_STR(RULE "  check: "));
	kj_buf_put(&out, check);
	kj_buf_char(&out, '\n');
	return out;
}

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct kj_arena *arena = kj_arena_new(KJ_MIB);
		struct kj_buf bytes = policy_of(arena, mistakes[i].check);
		assert_refused(POLICY, kj_buf_str(&bytes), mistakes[i].want);
		kj_arena_free(arena);
	}
}

static void put_times(struct kj_buf *out, kj_str s, size_t times)
{
	for (size_t i = 0; i < times; i++)
		kj_buf_put(out, s);
}

/* The check or the cells in so many levels of `not`. */
static const char *nested(struct kj_arena *arena, kj_str before, size_t levels, kj_str inner)
{
	struct kj_buf check = KJ_BUF(arena);
	kj_buf_put(&check, before);
	put_times(&check, KJ_STR("{not: "), levels);
	kj_buf_put(&check, inner);
	put_times(&check, KJ_STR("}"), levels + (before.n > 0));
	struct kj_buf bytes = policy_of(arena, kj_buf_str(&check));
	struct loaded to = load_given();
	struct kj_text text = {KJ_STR("t.yml"), kj_buf_str(&bytes)};
	bool good = load(&to, POLICY, &text);
	const char *said = kj_str_zero(arena, kj_str_of(messages(&to)));
	assert_int_equal(good, !*said);
	kj_arena_free(to.arena);
	return said;
}

static void test_depth(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(KJ_MIB);
	kj_str leaf = KJ_STR("{setting: sshd.Port, equals: 1}"), cells = KJ_STR("{uid: 0}"),
	       rows = KJ_STR("{rows: passwd, every: ");
	assert_string_equal(nested(arena, KJ_STR(""), 31, leaf), "");
	assert_string_equal(nested(arena, KJ_STR(""), 32, leaf), "15:202: checks are nested more than 32 deep");
	assert_string_equal(nested(arena, rows, 30, cells), "");
	assert_string_equal(nested(arena, rows, 31, cells), "15:218: checks are nested more than 32 deep");
	assert_string_equal(nested(arena, KJ_STR(""), 1000, leaf),
	                    "15:760: lists and maps are nested more than 128 deep");
	kj_arena_free(arena);
}

/* What must load without a word. */
static const kj_str good[] = {
        S("{setting: sshd.Port, equals: 22}"),
        S("{setting: sshd.Port, as: int, between: [9, $least]}"),
        S("{setting: sshd.Port, as: int, one_of: [$least, $ports, 1]}"),
        S("{setting: sshd.Port, none_of: $names, locked: false}"),
        S("{setting: sshd.Port, contains_none: [a, $names, $word, 5, true], if_absent: unknown}"),
        S("{setting: sshd.Port, as: list, equals: [a, b]}"),
        S("{setting: sshd.Port, as: list, equals: $names}"),
        S("{setting: sshd.Port, as: list, one_of: [a]}"),
        S("{setting: sshd.Port, at_least: $soon, scope: global}"),
        S("{setting: sshd.Port, as: minutes, at_most: $soon}"),
        S("{setting: sshd.Port, as: size, at_most: 10M}"),
        S("{setting: sshd.Port, as: mode, at_most: 0640}"),
        S("{setting: sshd.Port, older_than: 90d}"),
        S("{setting: sshd.Port, newer_than: $soon}"),
        S("{setting: sshd.Port, version_at_least: 9.2}"),
        S("{setting: sshd.Port, within: [10.0.0.0/8, \"::1\"]}"),
        S("{setting: sshd.Port, not_matches: '^(?i)yes$'}"),
        S("{setting: sshd.Port, exists: false}"),
        S("{setting: \"dconf./org/gnome/a.b\\\\c d\", equals: \"\"}"),
        S("{rows: passwd, where: {uid: {at_least: 1000, at_most: $least, as: int}}, every: {shell: {none_of: "
          "[/bin/sh]}}}"),
        S("{rows: passwd, some: {any: [{uid: 0}, {not: {gid: $least}}], none: [{name: a}], all: [{home: {matches: "
          "^/}}]}}"),
        S("{rows: passwd, count: {between: [1, $least]}, if_absent: fail}"),
        S("{rows: passwd, no: {name: {in: {rows: passwd, where: {name: '@name', uid: 5, gid: $word, gecos: '@@x'}}}}}"),
        S("{text: etc/**/x, matches: a, by: file, if_absent: pass}"),
        S("{text: {command: sshd -T}, not_matches: '(a+)(b)?', captures: {'1': {as: int, at_least: 8, at_most: 9}, "
          "'0': {equals: $word}}}"),
        S("{file: etc/x, exists: true, owner: root, group: [root, shadow], mode_at_most: 0640}"),
        S("{file: etc/x, owner: $names, group: $word, if_absent: unknown}"),
        S("{exposure: {from: each, at_most: role, none_of: [telnet, 23/tcp]}}"),
        S("{exposure: {from: internet, to: service, at_most: []}}"),
        S("{exposure: {from: each, except: [office, mgmt], to: local, none_of: [ssh]}}"),
        S("{exposure: {from: each, except: $names, to: anywhere, at_most: []}}"),
        S("{exposure: {from: internet, at_most: $names}}"),
        S("{some_of: {at_least: 2, of: [{file: a, exists: true}, {not: {any: [{file: b, exists: true}]}}]}}"),
};

static const struct kj_check *check_of(struct loaded *to, kj_str check)
{
	struct kj_buf bytes = policy_of(to->arena, check);
	struct kj_text *text = KJ_NEW(to->arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("t.yml"), kj_buf_str(&bytes)};
	bool loads = load(to, POLICY, text);
	assert_string_equal(messages(to), "");
	assert_true(loads);
	return kj_program_rule(to->program, KJ_STR("r"))->check;
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct loaded to = load_given();
		assert_non_null(check_of(&to, good[i]));
		kj_arena_free(to.arena);
	}
}

static void test_setting(void **state)
{
	(void)state;
	struct loaded to = load_given();
	const struct kj_check *check =
	        check_of(&to, KJ_STR("{setting: 'dconf./a.b\\c d', as: minutes, between: [1s, $soon], "
	                             "locked: true, scope: global, if_absent: fail}"));
	assert_int_equal(check->kind, KJ_CHECK_SETTING);
	assert_str(check->setting.source->id, "dconf");
	assert_str(check->setting.key, "/a.b\\c d");
	assert_true(check->setting.locked);
	assert_str(check->setting.scope, "global");
	assert_int_equal(check->setting.if_absent, KJ_ABSENT_FAIL);
	const struct kj_test *test = &check->setting.test;
	assert_str(test->op->name, "between");
	assert_int_equal(test->as, KJ_TYPE_MINUTES);
	assert_int_equal(test->n, 2);
	assert_null(test->operand[0].param);
	assert_int_equal(test->operand[0].literal.num, 1);
	assert_str(test->operand[1].param->name, "soon");
	assert_int_equal(test->operand[1].param->value.num, 600);
	assert_int_equal(check->span.line, 15);
	assert_int_equal(check->span.col, 10);
	kj_arena_free(to.arena);
}

static void test_types(void **state)
{
	(void)state;
	static const struct {
		kj_str check;
		enum kj_type as;
	} rows[] = {
	        {S("{setting: sshd.a, equals: 22}"), KJ_TYPE_TEXT},
	        {S("{setting: sshd.a, at_least: 22}"), KJ_TYPE_INT},
	        {S("{setting: sshd.a, equals: $least}"), KJ_TYPE_INT},
	        {S("{setting: sshd.a, at_most: $soon}"), KJ_TYPE_DURATION},
	        {S("{setting: sshd.a, one_of: $ports}"), KJ_TYPE_INT},
	        {S("{setting: sshd.a, one_of: $names}"), KJ_TYPE_TEXT},
	        {S("{setting: sshd.a, equals: $names}"), KJ_TYPE_LIST},
	        {S("{setting: sshd.a, newer_than: 1d}"), KJ_TYPE_DATE},
	        {S("{setting: sshd.a, contains_all: [a]}"), KJ_TYPE_LIST},
	        {S("{setting: sshd.a, within: [\"::\"]}"), KJ_TYPE_ADDRESS},
	        {S("{setting: sshd.a, version_at_least: 1}"), KJ_TYPE_VERSION},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct loaded to = load_given();
		assert_int_equal(check_of(&to, rows[i].check)->setting.test.as, rows[i].as);
		kj_arena_free(to.arena);
	}
}

static void test_rows(void **state)
{
	(void)state;
	struct loaded to = load_given();
	const struct kj_check *check = check_of(
	        &to, KJ_STR("{rows: passwd, where: {uid: {at_least: 1000, at_most: 2000, as: int}, shell: $word}, "
	                    "no: {name: {in: {rows: passwd, where: {name: '@name', host: '@@host', uid: $least}}}}}"));
	assert_int_equal(check->kind, KJ_CHECK_ROWS);
	assert_int_equal(check->rows.quantifier, KJ_NO);
	const struct kj_cells *where = check->rows.where;
	assert_int_equal(where->kind, KJ_CELL_ALL);
	assert_int_equal(where->n, 3);
	assert_str(where->child[1]->column, "uid");
	assert_str(where->child[1]->test.op->name, "at_most");
	assert_int_equal(where->child[1]->test.operand[0].literal.num, 2000);
	assert_str(where->child[2]->test.op->name, "equals");
	assert_str(where->child[2]->test.operand[0].param->name, "word");
	const struct kj_cells *in = check->rows.holds;
	assert_int_equal(in->kind, KJ_CELL_IN);
	const struct kj_cells *there = in->lookup->where;
	assert_int_equal(there->n, 3);
	assert_str(there->child[0]->test.operand[0].cell, "name");
	assert_str(there->child[1]->test.operand[0].literal.text, "@host");
	assert_int_equal(there->child[1]->test.operand[0].cell.n, 0);
	assert_str(there->child[2]->test.operand[0].param->name, "least");
	assert_null(in->lookup->count.op);
	kj_arena_free(to.arena);
}

static void test_others(void **state)
{
	(void)state;
	struct loaded to = load_given();
	const struct kj_check *all =
	        check_of(&to, KJ_STR("{all: [{text: {command: sshd -T}, not_matches: '(a)(b)', by: file, captures: "
	                             "{'2': {at_least: 8, at_most: 9}}}, "
	                             "{file: etc/x, mode_at_most: 0640, group: [root, shadow]}, "
	                             "{exposure: {from: internet, at_most: [ssh, 443, $names], none_of: [23/tcp]}}, "
	                             "{some_of: {at_least: 1, of: [{file: a, exists: false}]}}, {setting: sshd.a, "
	                             "equals: $$word}]}"));
	assert_int_equal(all->n, 5);
	const struct kj_check *text = all->child[0], *file = all->child[1], *exposure = all->child[2],
	                      *some = all->child[3];
	assert_true(text->text.command && text->text.negated && text->text.whole && text->text.regex);
	assert_str(text->text.glob, "sshd -T");
	assert_int_equal(text->text.captures, 2);
	assert_int_equal(text->text.capture[1].group, 2);
	assert_int_equal(text->text.capture[1].test.operand[0].literal.num, 9);
	assert_int_equal(file->file.exists, -1);
	assert_int_equal(file->file.mode_at_most->literal.num, 0640);
	assert_int_equal(file->file.group->literal.n, 2);
	assert_null(file->file.owner);
	assert_str(exposure->exposure.to, "self");
	assert_int_equal(exposure->exposure.n, 3);
	assert_str(exposure->exposure.at_most[1].literal.text, "443");
	assert_int_equal(exposure->exposure.none, 1);
	assert_int_equal(some->at_least, 1);
	assert_int_equal(some->child[0]->file.exists, 0);
	assert_str(all->child[4]->setting.test.operand[0].literal.text, "$word");
	kj_arena_free(to.arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_mistakes), cmocka_unit_test(test_depth), cmocka_unit_test(test_good),
	        cmocka_unit_test(test_setting),  cmocka_unit_test(test_types), cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
