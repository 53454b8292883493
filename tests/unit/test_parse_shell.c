#include "parse_rows.h"

#define SH                                                                                                             \
	"shell",                                                                                                       \
	{                                                                                                              \
		.rest = false                                                                                          \
	}

/* key value kind flags sets conditional dynamic after_return depth in_function conditions */
static const struct parse_case plain_cases[] = {
        {SH, "TMOUT=600\n", "1:1|TMOUT|600|assign||yes|no|no|no|0|no|\n"},
        {SH, "export TMOUT=600\nreadonly TMOUT\n",
         "1:8|TMOUT|600|export|x|yes|no|no|no|0|no|\n"
         "2:10|TMOUT||readonly|r|no|no|no|no|0|no|\n"},
        {SH, "declare -xr TMOUT=600; typeset -r -x A=1 B; unset C D\n",
         "1:13|TMOUT|600|declare|rx|yes|no|no|no|0|no|\n"
         "1:38|A|1|typeset|rx|yes|no|no|no|0|no|\n"
         "1:42|B||typeset|rx|no|no|no|no|0|no|\n"
         "1:51|C||unset||no|no|no|no|0|no|\n"
         "1:53|D||unset||no|no|no|no|0|no|\n"},
        {SH, "A=\"x y\" B='z' C=a\\ b D= E=1\"2\"'3'\nexport \"F=1 2\"\n",
         "1:1|A|x y|assign||yes|no|no|no|0|no|\n"
         "1:9|B|z|assign||yes|no|no|no|0|no|\n"
         "1:15|C|a b|assign||yes|no|no|no|0|no|\n"
         "1:22|D||assign||yes|no|no|no|0|no|\n"
         "1:25|E|123|assign||yes|no|no|no|0|no|\n"
         "2:8|F|1 2|export|x|yes|no|no|no|0|no|\n"},
        {SH, "A=$B C=\"$D\" E=`x` F='$G' H+=1 I=\"\\$J\"\n",
         "1:1|A|$B|assign||yes|no|yes|no|0|no|\n"
         "1:6|C|\"$D\"|assign||yes|no|yes|no|0|no|\n"
         "1:13|E|`x`|assign||yes|no|yes|no|0|no|\n"
         "1:19|F|$G|assign||yes|no|no|no|0|no|\n"
         "1:26|H|1|append||yes|no|no|no|0|no|\n"
         "1:31|I|$J|assign||yes|no|no|no|0|no|\n"},
        {SH, "export -n A; declare +x B; export -f f; declare -p C; unset -f g; unset -v H\n",
         "1:11|A||export|n|no|no|no|no|0|no|\n"
         "1:25|B||declare|n|no|no|no|no|0|no|\n"
         "1:76|H||unset||no|no|no|no|0|no|\n"},
        /* for the command alone: no assignment that stays */
        {SH, "TMOUT=0 ls -l\nTMOUT=0 export X\nenv TMOUT=0 ls\necho TMOUT=0\n", "2:16|X||export|x|no|no|no|no|0|no|\n"},
        {SH, "command export A=1\nbuiltin declare -r B=2\n! C=3\n",
         "1:16|A|1|export|x|yes|no|no|no|0|no|\n"
         "2:20|B|2|declare|r|yes|no|no|no|0|no|\n"
         "3:3|C|3|assign||yes|no|no|no|0|no|\n"},
        {SH, "A=1 >/dev/null 2>&1\nexport B=2 2>/dev/null\n",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "2:8|B|2|export|x|yes|no|no|no|0|no|\n"},
        {SH, "A=(1 2\n3) B=4\nC[0]=5\n",
         "1:1|A|(1 2^3)|assign||yes|no|yes|no|0|no|\n"
         "2:4|B|4|assign||yes|no|no|no|0|no|\n"},
        {SH, "TMOUT=600\r\nexport TMOUT\r\n",
         "1:1|TMOUT|600|assign||yes|no|no|no|0|no|\n"
         "2:8|TMOUT||export|x|no|no|no|no|0|no|\n"},
        {SH, "A=1 \\\nB=2\nexport \\\n  C=3",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "2:1|B|2|assign||yes|no|no|no|0|no|\n"
         "4:3|C|3|export|x|yes|no|no|no|0|no|\n"},
};

static const struct parse_case command_cases[] = {
        {SH, ". /etc/a\n. \"$x\" y; source 'b c'\numask 027\numask -S u=rwx,g=; umask\n",
         "1:3|.|/etc/a|source||no|no|no|no|0|no|\n"
         "2:3|.|\"$x\"|source||no|no|yes|no|0|no|\n"
         "2:18|source|b c|source||no|no|no|no|0|no|\n"
         "3:7|umask|027|umask||no|no|no|no|0|no|\n"
         "4:10|umask|u=rwx,g=|umask||no|no|no|no|0|no|\n"},
        {SH, "for i in /d/*.sh; do\n if [ -r $i ]; then . $i; fi\ndone\n[ -f /a ] && . /a\n",
         "2:23|.|$i|source||no|yes|yes|no|2|no|for i in /d/*.sh;~if [ -r $i ];\n"
         "4:16|.|/a|source||no|yes|no|no|0|no|and [ -f /a ] &&\n"},
        /* bash does not take an empty list of commands: what is commented out may leave one */
        {SH, "A=1\nif a; then\n # B=2\nfi\nC=3\n",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "-4:1|||||||||||\n"},
        {SH, "case a in\n b) ;;\nesac\nf() { :; }\n( x )\nfor i; do :; done\nA=1\n",
         "7:1|A|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "if a; then A=1; elif b; then B=1; else C=1; fi\n",
         "1:12|A|1|assign||yes|yes|no|no|1|no|if a;\n"
         "1:30|B|1|assign||yes|yes|no|no|1|no|?\n"
         "1:40|C|1|assign||yes|yes|no|no|1|no|?\n"},
};

static const struct parse_case hidden_cases[] = {
        {SH, "# TMOUT=1\necho 'TMOUT=2\nTMOUT=3' \"\nTMOUT=4\n\" # TMOUT=5\n", ""},
        {SH, "cat <<EOF\nTMOUT=1\nEOF\ncat <<-'E F' <<X\nTMOUT=2\n\tE F\nTMOUT=3\nX\nA=1\n",
         "9:1|A|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "x=$(\nTMOUT=1 # it's\n) y=`TMOUT=2`; A=$((1 << 2))\nB=1\n",
         "1:1|x|$(^TMOUT=1 # it's^)|assign||yes|no|yes|no|0|no|\n"
         "3:3|y|`TMOUT=2`|assign||yes|no|yes|no|0|no|\n"
         "3:16|A|$((1 << 2))|assign||yes|no|yes|no|0|no|\n"
         "4:1|B|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "x=$(cat <<E\nTMOUT=1 ) '\nE\n)\nA=1\n",
         "1:1|x|$(cat <<E^TMOUT=1 ) '^E^)|assign||yes|no|yes|no|0|no|\n"
         "5:1|A|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "x=$(case a in a) echo b;; esac) A=1\n",
         "1:1|x|$(case a in a) echo b;; esac)|assign||yes|no|yes|no|0|no|\n"
         "1:33|A|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "x=\"$(echo \"TMOUT=1\")\" A=1\ny=\"${z:-'a'}\" B=1\n",
         "1:1|x|\"$(echo \"TMOUT=1\")\"|assign||yes|no|yes|no|0|no|\n"
         "1:23|A|1|assign||yes|no|no|no|0|no|\n"
         "2:1|y|\"${z:-'a'}\"|assign||yes|no|yes|no|0|no|\n"
         "2:15|B|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "[[ $a == TMOUT=1 && ( $b < c ) ]]\ncat <<<TMOUT=2\n(( a=1 ))\nA=1\n",
         "4:1|A|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "A=1\necho \"open\nTMOUT=2\n",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "-2:6|||||||||||\n"},
        {SH, "A=$'a\\'b' B=$\"c\"\n",
         "1:1|A|$'a\\'b'|assign||yes|no|yes|no|0|no|\n"
         "1:11|B|$c|assign||yes|no|no|no|0|no|\n"},
};

static const struct parse_case conditional_cases[] = {
        {SH, "if [ -n \"$A\" ]; then\n  TMOUT=1\nelse TMOUT=2; fi; TMOUT=3\n",
         "2:3|TMOUT|1|assign||yes|yes|no|no|1|no|if [ -n \"$A\" ];\n"
         "3:6|TMOUT|2|assign||yes|yes|no|no|1|no|else [ -n \"$A\" ];\n"
         "3:19|TMOUT|3|assign||yes|no|no|no|0|no|\n"},
        {SH, "[ -z \"$T\" ] && TMOUT=1\nA=1 || B=2; C=3\nx &&\n\nD=4\n",
         "1:16|TMOUT|1|assign||yes|yes|no|no|0|no|and [ -z \"$T\" ] &&\n"
         "2:1|A|1|assign||yes|no|no|no|0|no|\n"
         "2:8|B|2|assign||yes|yes|no|no|0|no|and A=1 ||\n"
         "2:13|C|3|assign||yes|no|no|no|0|no|\n"
         "5:1|D|4|assign||yes|yes|no|no|0|no|and x &&\n"},
        {SH, "f() { A=1; }\nfunction g {\nB=2\n}\nh ()\n{ C=3; }\nfunction i() ( D=4 )\n{ E=5; }\n",
         "1:7|A|1|assign||yes|yes|no|no|1|yes|?\n"
         "3:1|B|2|assign||yes|yes|no|no|1|yes|?\n"
         "6:3|C|3|assign||yes|yes|no|no|1|yes|?\n"
         "7:16|D|4|assign||yes|yes|no|no|1|yes|?\n"
         "8:3|E|5|assign||yes|no|no|no|1|no|\n"},
        {SH,
         "case $- in\n *i*) A=1 ;;\n (b|c) B=2;;\n esac; for x in A=9 b; do C=3; done; while D=4; do E=5; done "
         ">x\nF=6\n",
         "2:7|A|1|assign||yes|yes|no|no|1|no|case $- in^ *i*)\n"
         "3:8|B|2|assign||yes|yes|no|no|1|no|case $- in^ *i*) A=1 ;;^ (b|c)\n"
         "4:27|C|3|assign||yes|yes|no|no|1|no|for x in A=9 b;\n"
         "4:44|D|4|assign||yes|yes|no|no|1|no|?\n"
         "4:52|E|5|assign||yes|yes|no|no|1|no|?\n"
         "5:1|F|6|assign||yes|no|no|no|0|no|\n"},
        {SH, "(A=1); B=2 | cat; C=3 & D=4\ncat | E=5\nif a; then if b; then F=6; fi fi\n",
         "1:2|A|1|assign||yes|yes|no|no|1|no|?\n"
         "1:8|B|2|assign||yes|yes|no|no|0|no|?\n"
         "1:19|C|3|assign||yes|yes|no|no|0|no|?\n"
         "1:25|D|4|assign||yes|no|no|no|0|no|\n"
         "2:7|E|5|assign||yes|yes|no|no|0|no|?\n"
         "3:23|F|6|assign||yes|yes|no|no|2|no|if a;~if b;\n"},
        {SH, ": ${TMOUT:=600}\n: \"${A=1}\" '${B:=2}'\n",
         "1:3|TMOUT|600|default||yes|yes|yes|no|0|no|\n"
         "2:3|A|1|default||yes|yes|yes|no|0|no|\n"},
        {SH, "for ((i=0;i<3;i++)); do A=1; done\nB=2\n",
         "1:25|A|1|assign||yes|yes|no|no|1|no|for ((i=0;i<3;i++));\n"
         "2:1|B|2|assign||yes|no|no|no|0|no|\n"},
        /* a shell of its own, seen only at the end */
        {SH, "{ A=1; } | cat\nx && { B=2; C=3; } && D=4 &\nE=5; F=6 &&\nG=7 &\nH=8\n",
         "1:3|A|1|assign||yes|yes|no|no|1|no|?\n"
         "2:8|B|2|assign||yes|yes|no|no|1|no|and x &&~?\n"
         "2:13|C|3|assign||yes|yes|no|no|1|no|and x &&~?\n"
         "2:23|D|4|assign||yes|yes|no|no|0|no|and x && { B=2; C=3; } &&~?\n"
         "3:1|E|5|assign||yes|no|no|no|0|no|\n"
         "3:6|F|6|assign||yes|yes|no|no|0|no|?\n"
         "4:1|G|7|assign||yes|yes|no|no|0|no|and F=6 &&~?\n"
         "5:1|H|8|assign||yes|no|no|no|0|no|\n"},
        {SH, "A=1\nx=\"${y:-'}\"\nB=2 '\n",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "-2:1|||||||||||\n"},
        /* what a return leaves out */
        {SH, "A=1\nreturn 0\nB=2\n", "1:1|A|1|assign||yes|no|no|no|0|no|\n"},
        {SH, "[ -z \"$PS1\" ] && return\nA=1\n",
         "1:1|return||return||no|yes|no|no|0|no|and [ -z \"$PS1\" ] &&\n"
         "2:1|A|1|assign||yes|no|no|yes|0|no|\n"},
        {SH, "f() { return 1; }\nA=1\n", "2:1|A|1|assign||yes|no|no|no|0|no|\n"},
        /* blocks that do not fit: what was read stays, the rest is unknown */
        {SH, "A=1\nfi\nB=2\n",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "-2:1|||||||||||\n"},
        {SH, "if a; then\nA=1\n",
         "2:1|A|1|assign||yes|yes|no|no|1|no|if a;\n"
         "-2:4|||||||||||\n"},
        {SH, "A=1 )\n",
         "1:1|A|1|assign||yes|no|no|no|0|no|\n"
         "-1:5|||||||||||\n"},
};

static void test_plain(void **state)
{
	(void)state;
	CHECK_CASES(plain_cases);
}

static void test_commands(void **state)
{
	(void)state;
	CHECK_CASES(command_cases);
}

static void test_hidden(void **state)
{
	(void)state;
	CHECK_CASES(hidden_cases);
}

static void test_conditional(void **state)
{
	(void)state;
	CHECK_CASES(conditional_cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plain),
	        cmocka_unit_test(test_commands),
	        cmocka_unit_test(test_hidden),
	        cmocka_unit_test(test_conditional),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
