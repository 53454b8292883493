/* The options in one table, which also makes the help. */
#include "cli/cli.h"

#include "base/num.h"
#include "base/pool.h"
#include "base/utf8.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum option_kind { FLAG, TEXT, MANY };

struct option {
	const char *name; /* --name */
	char letter;      /* -x, or 0 */
	const char *arg;  /* what it takes, for the help; NULL: nothing */
	enum option_kind kind;
	size_t offset; /* in struct kj_args */
	const char *about;
};

#define AT(field) offsetof(struct kj_args, field)

static const struct option options[] = {
        {"policy", 'p', "POLICY", MANY, AT(policies),
         "a policy file or a folder of them (default: the shipped baseline); may be repeated"},
        {"output", 'o', "FORMAT[=FILE]", MANY, AT(outputs), "how to print, and where to; may be repeated"},
        {"today", 0, "YYYY-MM-DD", TEXT, AT(today), "judge dates against this day (default: today, UTC)"},
        {"lang", 0, "en|ja", TEXT, AT(lang), "the language of reports for people (default: en)"},
        {"jobs", 'j', "N", TEXT, AT(jobs), "threads (default: one a processor); the output is the same for every N"},
        {"color", 0, "auto|always|never", TEXT, AT(color), "colours (default: auto; NO_COLOR turns them off)"},
        {"quiet", 'q', NULL, FLAG, AT(quiet), "no progress and no warnings on standard error"},
        {"verbose", 'v', NULL, FLAG, AT(verbose), "everything: passes, all subjects, all evidence"},
        {"explain-layout", 0, NULL, FLAG, AT(explain_layout), "print how each export was understood, and stop"},
        {"from", 0, "ADDR|CIDR|ZONE", TEXT, AT(from), "only connections from there"},
        {"to", 0, "ADDR|CIDR", TEXT, AT(to), "only connections to there"},
        {"hook", 0, "input|forward|output", TEXT, AT(hook), "only this hook"},
        {"iface", 0, "NAME", TEXT, AT(iface), "only what comes in by this interface"},
        {"oface", 0, "NAME", TEXT, AT(oface), "only what leaves by this interface"},
        {"sport", 0, "PORT", TEXT, AT(sport), "only from this source port"},
        {"sockets", 0, "FILE", TEXT, AT(sockets),
         "join with listening sockets: output of ss, netstat, Get-NetTCPConnection as JSON, nmap -oX"},
        {"compare", 0, "OLD", MANY, AT(compare),
         "what DUMP opens and closes that OLD did not, by meaning; may be repeated"},
        {"data", 0, "FOLDER", TEXT, AT(data), "the folder of the shipped policies (default: found by itself)"},
        {"max-file", 0, "SIZE", TEXT, AT(max_file), "largest artifact that is read (default: 64M)"},
        {"max-line", 0, "SIZE", TEXT, AT(max_line), "longest line of an artifact (default: 1M)"},
        {"max-entries", 0, "N", TEXT, AT(max_entries), "most files in one export (default: 500000)"},
        {"max-depth", 0, "N", TEXT, AT(max_depth), "deepest folder of an export (default: 64)"},
        {"help", 'h', NULL, FLAG, AT(help), "this text"},
        {"version", 0, NULL, FLAG, AT(version), "the version"},
};
enum { OPTIONS = sizeof options / sizeof *options };

static bool taken_by(const struct kj_command *command, const struct option *o)
{
	if (strcmp(o->name, "help") == 0)
		return true;
	for (const char *const *name = command->takes; name && *name; name++) {
		if (strcmp(*name, o->name) == 0)
			return true;
	}
	return false;
}

/* ---- reading ---- */

static int unknown_option(struct kj_cli *cli, kj_str given, kj_str name)
{
	kj_str names[OPTIONS];
	size_t n = 0;
	for (size_t i = 0; i < OPTIONS; i++) {
		if (taken_by(cli->command, &options[i]))
			names[n++] = kj_str_of(options[i].name);
	}
	kj_str near = kj_nearest(name, names, n);
	kj_str hint =
	        near.n ? kj_str_fmt(cli->arena, "did you mean '--%.*s'?", KJ_FMT(near))
	               : kj_str_fmt(cli->arena, "'kijun %.*s --help' lists the options", KJ_FMT(cli->command->name));
	return kj_complain(cli, hint, "'kijun %.*s' has no option '%.*s'", KJ_FMT(cli->command->name), KJ_FMT(given));
}

static void store(struct kj_cli *cli, const struct option *o, kj_str value)
{
	void *field = (char *)&cli->args + o->offset;
	if (o->kind == FLAG)
		*(bool *)field = true;
	else if (o->kind == TEXT)
		*(kj_str *)field = value;
	else {
		/* every MANY field has the type of the first */
		__typeof__(cli->args.policies) *list = field;
		KJ_PUSH(cli->arena, list, value);
	}
}

static const struct option *find_long(const struct kj_command *command, kj_str name)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (kj_str_eq(name, kj_str_of(options[i].name)) && taken_by(command, &options[i]))
			return &options[i];
	}
	return NULL;
}

static const struct option *find_letter(const struct kj_command *command, char letter)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (options[i].letter && options[i].letter == letter && taken_by(command, &options[i]))
			return &options[i];
	}
	return NULL;
}

/* The value of an option: attached, or the next argument. */
static bool take_value(struct kj_cli *cli, const struct option *o, kj_str attached, bool has, char ***next)
{
	if (o->kind == FLAG) {
		if (has) {
			kj_complain(cli, KJ_STR(""), "'--%s' takes no value, got '%.*s'", o->name, KJ_FMT(attached));
			return false;
		}
		store(cli, o, attached);
		return true;
	}
	if (!has) {
		if (!**next) {
			kj_complain(cli, KJ_STR(""), "'--%s' needs a value: %s", o->name, o->arg);
			return false;
		}
		attached = kj_str_of(*(*next)++);
	}
	store(cli, o, attached);
	return true;
}

static bool read_long(struct kj_cli *cli, kj_str arg, char ***next)
{
	kj_str name = kj_str_from(arg, 2);
	size_t eq = kj_str_find(name, '=');
	bool has = eq < name.n;
	const struct option *o = find_long(cli->command, kj_str_upto(name, eq));
	if (!o) {
		unknown_option(cli, arg, kj_str_upto(name, eq));
		return false;
	}
	return take_value(cli, o, kj_str_from(name, eq + 1), has, next);
}

static bool read_letters(struct kj_cli *cli, kj_str arg, char ***next)
{
	for (size_t i = 1; i < arg.n; i++) {
		const struct option *o = find_letter(cli->command, arg.p[i]);
		if (!o) {
			unknown_option(cli, arg, (kj_str){arg.p + i, 1});
			return false;
		}
		if (o->kind == FLAG) {
			store(cli, o, (kj_str){0});
			continue;
		}
		kj_str rest = kj_str_from(arg, i + 1);
		return take_value(cli, o, rest, rest.n > 0, next);
	}
	return true;
}

/* ---- checking ---- */

static bool read_size(struct kj_cli *cli, kj_str given, const char *name, uint64_t *out)
{
	int64_t value;
	if (!given.n)
		return true;
	if (!kj_num_size(given, &value) || value <= 0) {
		kj_complain(cli, KJ_STR("for example 64M"), "'--%s' wants a size, got '%.*s'", name, KJ_FMT(given));
		return false;
	}
	*out = (uint64_t)value;
	return true;
}

static bool check_limits(struct kj_cli *cli)
{
	struct kj_export_limits *limits = &cli->run->limits;
	uint64_t line = limits->line_bytes, entries = limits->entries, depth = limits->depth;
	bool ok = read_size(cli, cli->args.max_file, "max-file", &limits->file_bytes) &&
	          read_size(cli, cli->args.max_line, "max-line", &line) &&
	          read_size(cli, cli->args.max_entries, "max-entries", &entries) &&
	          read_size(cli, cli->args.max_depth, "max-depth", &depth);
	limits->line_bytes = (size_t)line;
	limits->entries = (size_t)entries;
	limits->depth = (size_t)depth;
	return ok;
}

static bool wants_color(struct kj_cli *cli, FILE *stream)
{
	if (kj_str_eq(cli->args.color, KJ_STR("always")))
		return true;
	const char *none = getenv("NO_COLOR"); /* https://no-color.org: set and not empty */
	return !kj_str_eq(cli->args.color, KJ_STR("never")) && isatty(fileno(stream)) && !(none && *none);
}

static int terminal_width(FILE *stream)
{
	struct winsize size;
	if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 0;
}

static bool one_of(struct kj_cli *cli, const char *name, kj_str given, const char *a, const char *b, const char *c)
{
	if (!given.n || kj_str_eq(given, kj_str_of(a)) || kj_str_eq(given, kj_str_of(b)) ||
	    kj_str_eq(given, kj_str_of(c)))
		return true;
	kj_complain(cli, KJ_STR(""), "'--%s' wants %s%s%s%s%s, got '%.*s'", name, a, c ? ", " : " or ", b,
	            c ? " or " : "", c ? c : "", KJ_FMT(given));
	return false;
}

static bool check(struct kj_cli *cli)
{
	struct kj_args *args = &cli->args;
	int64_t threads = 0;
	if (!one_of(cli, "lang", args->lang, "en", "ja", NULL) ||
	    !one_of(cli, "color", args->color, "auto", "always", "never"))
		return false;
	if (args->jobs.n && (!kj_num_int(args->jobs, &threads) || threads < 1 || threads > 1024)) {
		kj_complain(cli, KJ_STR(""), "'--jobs' wants a number from 1 to 1024, got '%.*s'", KJ_FMT(args->jobs));
		return false;
	}
	if (args->today.n && !kj_date_parse(args->today, &cli->run->today)) {
		kj_complain(cli, KJ_STR("for example 2026-11-23"), "'--today' wants a date, got '%.*s'",
		            KJ_FMT(args->today));
		return false;
	}
	args->threads = threads ? (unsigned)threads : kj_pool_processors();
	args->japanese = kj_str_eq(args->lang, KJ_STR("ja"));
	args->color_out = wants_color(cli, cli->out);
	args->color_err = wants_color(cli, cli->err);
	args->width = terminal_width(cli->out);
	return check_limits(cli);
}

bool kj_cli_read_options(struct kj_cli *cli, int argc, char **argv)
{
	(void)argc;
	char **next = argv;
	bool only_operands = false;
	while (*next) {
		kj_str arg = kj_str_of(*next++);
		if (only_operands || arg.n < 2 || arg.p[0] != '-') {
			KJ_PUSH(cli->arena, &cli->args.operands, arg);
			continue;
		}
		if (kj_str_eq(arg, KJ_STR("--"))) {
			only_operands = true;
			continue;
		}
		if (!(arg.p[1] == '-' ? read_long(cli, arg, &next) : read_letters(cli, arg, &next)))
			return false;
	}
	return check(cli);
}

/* ---- help ---- */

static void help_option(struct kj_cli *cli, const struct option *o)
{
	struct kj_buf left = KJ_BUF(cli->arena);
	kj_buf_fmt(&left, o->letter ? "  -%c, " : "      ", o->letter);
	kj_buf_fmt(&left, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	kj_str text = kj_buf_str(&left);
	fprintf(cli->out, "%-34.*s%s%s\n", KJ_FMT(text), text.n > 33 ? "\n                                  " : "",
	        o->about);
}

void kj_help_command(struct kj_cli *cli, const struct kj_command *command)
{
	fprintf(cli->out, "kijun %.*s %s\n\n%s\n", KJ_FMT(command->name), command->usage, command->about);
	if (command->more)
		fprintf(cli->out, "\n%s", command->more);
	fprintf(cli->out, "\nOptions:\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		if (taken_by(command, &options[i]))
			help_option(cli, &options[i]);
	}
}

void kj_help_all(struct kj_cli *cli)
{
	size_t n;
	const struct kj_command *commands = kj_commands(&n);
	fprintf(cli->out, "kijun: does exported configuration meet the security baseline?\n\n");
	for (size_t i = 0; i < n; i++)
		fprintf(cli->out, "  kijun %-9.*s %s\n", KJ_FMT(commands[i].name), commands[i].about);
	fprintf(cli->out, "\n'kijun COMMAND --help' tells more. Exit status: 0 nothing failed and nothing was unknown; "
	                  "1 something failed;\n"
	                  "2 usage, policy or internal error, or nothing was checked; 3 nothing failed, but evidence "
	                  "is missing or unreadable.\n");
}
