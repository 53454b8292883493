/* sudoers: each case was checked with visudo -c and cvtsudoers of sudo 1.9.13p3 (Debian 12). */
#include "parse_rows.h"

#define SUDO                                                                                                           \
	"sudoers",                                                                                                     \
	{                                                                                                              \
		.rest = false                                                                                          \
	}
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* kind|type|name|op|value|users|hosts|runas|groups|tags|options|command */
static const struct parse_case grants[] = {
        {SUDO, "root\tALL=(ALL:ALL) ALL\n", "1:20|grant|||||root|ALL|ALL|ALL|||ALL\n"},
        {SUDO, "%wheel, !bob, #100, +net, %#10, %:ad ALL = /bin/ls\n",
         "1:44|grant|||||%wheel~!bob~#100~+net~%#10~%:ad|ALL|||||/bin/ls\n"},
        {SUDO, "\"%domain admins@x\" ALL=ALL\n\"ALL\", \"A b\" ALL=ALL\n",
         "1:24|grant|||||\"%domain admins@x\"|ALL|||||ALL\n2:18|grant|||||\"ALL\"~\"A b\"|ALL|||||ALL\n"},
        /* tags, options and the account to run as are inherited along the list */
        {SUDO, "a ALL=(b) CWD=/x NOPASSWD:NOEXEC: /bin/a, PASSWD: /bin/b, (c:d) TIMEOUT=1h ALL\n",
         "1:35|grant|||||a|ALL|b||NOPASSWD NOEXEC|CWD=/x|/bin/a\n"
         "1:51|grant|||||a|ALL|b||PASSWD NOEXEC|CWD=/x|/bin/b\n"
         "1:76|grant|||||a|ALL|c|d|PASSWD NOEXEC|CWD=/x TIMEOUT=1h|ALL\n"},
        {SUDO, "a w1, 10.0.0.0/8, !fe80::1 = () ALL : ALL = (:g) list, sudoedit /etc/x\n",
         "1:33|grant|||||a|w1~10.0.0.0/8~!fe80::1|()||||ALL\n1:50|grant|||||a|ALL||g|||list\n"
         "1:56|grant|||||a|ALL||g|||sudoedit /etc/x\n"},
        {SUDO, "a ALL=sha256:" HASH " /bin/ls, !/bin/chown root\\:x *, !!/bin/b \"\"\n",
         "1:79|grant|||||a|ALL|||||sha256:" HASH " /bin/ls\n1:89|grant|||||a|ALL|||||!/bin/chown root:x *\n"
         "1:113|grant|||||a|ALL|||||/bin/b \"\"\n"},
        {SUDO, "a ALL=^/bin/(a|b)$ ^-[lx] f$, /sbin/, /opt/x/sudoedit f\n",
         "1:7|grant|||||a|ALL|||||^/bin/(a|b)$ ^-[lx] f$\n1:31|grant|||||a|ALL|||||/sbin/\n"
         "1:39|grant|||||a|ALL|||||sudoedit f\n"},
        {SUDO, "a ALL = \\\n  /bin/a \\\n x y, \\\n  /bin/b",
         "2:3|grant|||||a|ALL|||||/bin/a x y\n4:3|grant|||||a|ALL|||||/bin/b\n"},
        {SUDO, "# c \\\n#1000 ALL=ALL # c\n  #include x\n", "2:11|grant|||||#1000|ALL|||||ALL\n"},
        {SUDO, "Defaultsfoo ALL=ALL\nDefault\\x41 ALL=ALL\n",
         "1:17|grant|||||Defaultsfoo|ALL|||||ALL\n2:17|grant|||||DefaultA|ALL|||||ALL\n"},
};

static const struct parse_case others[] = {
        {SUDO, "User_Alias A = x, !y : B = %g\nCmd_Alias C=/bin/a, !B\nHost_Alias H = 10.1.2.3/255.0.0.0, w*\n",
         "1:12|alias|user|A||x~!y|||||||\n1:24|alias|user|B||%g|||||||\n2:11|alias|command|C||/bin/a~!B|||||||\n"
         "3:12|alias|host|H||10.1.2.3/255.0.0.0~w*|||||||\n"},
        {SUDO, "Defaults a, !b, c=1, d+=\"x y\",e -= z\n",
         "1:10|defaults||a|||||||||\n1:14|defaults||b|!||||||||\n1:17|defaults||c|=|1|||||||\n"
         "1:22|defaults||d|+=|x y|||||||\n1:31|defaults||e|-=|z|||||||\n"},
        {SUDO, "Defaults:%g , !u a\nDefaults@h a\nDefaults>root a\nDefaults!/bin/a,SH a\nDefaults !a\n",
         "1:18|defaults|user|a|||%g~!u||||||\n2:12|defaults|host|a|||h||||||\n3:15|defaults|runas|a|||root||||||\n"
         "4:20|defaults|command|a|||/bin/a~SH||||||\n5:11|defaults||a|!||||||||\n"},
        {SUDO, "#include /a\n@include \"b c\"\n#includedir d\\ e\n@includedir %h\n",
         "1:1|include||/a|||||||||\n2:1|include||b c|||||||||\n3:1|includedir||d e|||||||||\n"
         "4:1|includedir||%h|||||||||\n"},
        {SUDO, "Defaults p=\"a\\\"b\\x\", q=a\\ b\n",
         "1:10|defaults||p|=|a\"b\\x|||||||\n1:22|defaults||q|=|a b|||||||\n"},
};

/* A fault costs what it costs sudo. */
static const struct parse_case faults[] = {
        {SUDO, "a ALL=ALL x\nb ALL=ALL\n", "-1:11||||||||||||\n2:7|grant|||||b|ALL|||||ALL\n"},
        /* an alias is taken before its line is read to the end */
        {SUDO, "User_Alias A = x y\nUser_Alias B = x : ALL = y : C = z\n",
         "1:12|alias|user|A||x|||||||\n-1:18||||||||||||\n2:12|alias|user|B||x|||||||\n-2:20||||||||||||\n"},
        {SUDO, "Defaults a, b c\nDefaults:u\n", "-1:15||||||||||||\n-2:11||||||||||||\n"},
        /* behind a colon a fault costs that part, where the line ends or goes on right there */
        {SUDO, "a ALL=/bin/a : h=foo : ALL=/bin/b\na ALL=/bin/a : x y\na ALL=/bin/a :\n",
         "-1:18||||||||||||\n1:7|grant|||||a|ALL|||||/bin/a\n1:28|grant|||||a|ALL|||||/bin/b\n-2:18||||||||||||\n"
         "-3:15||||||||||||\n3:7|grant|||||a|ALL|||||/bin/a\n"},
        {SUDO, "a ALL=ls\na ALL=NOPASSWD: CWD=/x ALL\na ALL=CWD=x ALL\na ALL=TIMEOUT=1x ALL\n",
         "-1:7||||||||||||\n-2:17||||||||||||\n-3:11||||||||||||\n-4:15||||||||||||\n"},
        {SUDO, "#1 the first rule\n% ALL=ALL\n\"\" ALL=ALL\n\"a\n",
         "-1:8||||||||||||\n-2:1||||||||||||\n-3:3||||||||||||\n-4:3||||||||||||\n"},
        {SUDO, "a ALL=(x:) ALL\na ALL=sha256:00 /bin/a\na ALL=sha256:" HASH " A\n",
         "-1:10||||||||||||\n-2:14||||||||||||\n-3:79||||||||||||\n"},
        {SUDO, "a ALL=\\\nDefaults b\n@include x y\n",
         "-2:1||||||||||||\n-3:12||||||||||||\n3:1|include||x|||||||||\n"},
        {SUDO, "a ! /bin/a b \\\n#c\n", "-2:1||||||||||||\n"},
        {SUDO, "a ALL=ALL \\\n", "-2:1||||||||||||\n"},
        {SUDO, "a ALL=/bin/\\x\na ALL=/bin/a \\x\na ALL=^x\n",
         "-1:7||||||||||||\n-2:14||||||||||||\n-3:7||||||||||||\n"},
};

/* CR LF is a line's end, but a path before it is lost. */
static const struct parse_case crlf[] = {
        {SUDO, "a ALL=ALL\r\nb ALL=/bin/ls\r\nc ALL=/bin/ls -l\r\nd ALL=/sbin/\r\nDefaults e, f=1\r\n",
         "1:7|grant|||||a|ALL|||||ALL\n-2:14||||||||||||\n-3:17||||||||||||\n4:7|grant|||||d|ALL|||||/sbin/\n"
         "5:10|defaults||e|||||||||\n5:13|defaults||f|=|1|||||||\n"},
};

static void test_crlf(void **state)
{
	(void)state;
	CHECK_CASES(crlf);
}

static void test_grants(void **state)
{
	(void)state;
	CHECK_CASES(grants);
}

static void test_others(void **state)
{
	(void)state;
	CHECK_CASES(others);
}

static void test_faults(void **state)
{
	(void)state;
	CHECK_CASES(faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_grants),
	        cmocka_unit_test(test_others),
	        cmocka_unit_test(test_faults),
	        cmocka_unit_test(test_crlf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
