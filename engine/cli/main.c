#include "cli/cli.h"

#include <string.h>

static const char *const scan_takes[] = {"policy",   "output",      "today",     "lang",           "jobs",
                                         "color",    "quiet",       "verbose",   "explain-layout", "max-file",
                                         "max-line", "max-entries", "max-depth", "data",           NULL};
static const char *const show_takes[] = {"output", "today", "color", "max-file", "max-line", "data", NULL};
static const char *const policy_takes[] = {"color", "quiet", "verbose", "data", "today", NULL};
static const char *const list_takes[] = {"policy", "lang", "color", "data", NULL};
static const char *const firewall_takes[] = {"from",    "to",      "hook",   "iface", "oface", "sport",
                                             "sockets", "compare", "output", "color", NULL};

static const struct kj_command commands[] = {
        {KJ_STR_INIT("scan"), "[-p POLICY]... [-o FORMAT[=FILE]]... EXPORT...", "judge exports by policies and report",
         "EXPORT is a host's folder, a fleet's folder (with or without fleet.yml) or one dump file. Standard output "
         "carries the\n"
         "report only.\n",
         scan_takes, 1, kj_command_scan},
        {KJ_STR_INIT("firewall"), "[OPTION]... DUMP...", "what a firewall rule dump lets in, from whom, by which rule",
         "DUMP is a file in one of the dialects of 'kijun list dialects', recognised by its content. It speaks of new "
         "connections.\n"
         "With --compare the exit status is 0 when both let in the same, 1 when they differ, 3 when they perhaps do.\n",
         firewall_takes, 1, kj_command_firewall},
        {KJ_STR_INIT("show"), "SOURCE EXPORT [-o json]",
         "a source's effective settings: value, origin, and what it overrode",
         "The answer to \"why does kijun think so?\". 'kijun list sources' names the sources.\n", show_takes, 2,
         kj_command_show},
        {KJ_STR_INIT("explain"), "[-p POLICY]... RULE|ITEM", "what a rule reads and how it decides", NULL, list_takes,
         1, kj_command_explain},
        {KJ_STR_INIT("list"), "rules|items|sources|parsers|dialects|formats", "what there is", NULL, list_takes, 1,
         kj_command_list},
        {KJ_STR_INIT("lint"), "POLICY...", "check policies, to the character", NULL, policy_takes, 1, kj_command_lint},
        {KJ_STR_INIT("test"), "POLICY...", "run the examples of policies", NULL, policy_takes, 1, kj_command_test},
};

const struct kj_command *kj_commands(size_t *n)
{
	*n = sizeof commands / sizeof *commands;
	return commands;
}

static const struct kj_command *find(kj_str name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (kj_str_eq(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static int unknown_command(struct kj_cli *cli, kj_str name)
{
	kj_str names[sizeof commands / sizeof *commands];
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		names[i] = commands[i].name;
	kj_str hint = kj_did_you_mean(cli, name, names, sizeof commands / sizeof *commands);
	return kj_complain(cli, hint.n ? hint : KJ_STR("'kijun --help' lists the commands"),
	                   "there is no command '%.*s'", KJ_FMT(name));
}

struct invocation {
	struct kj_cli cli;
	int argc;
	char **argv;
	int status;
};

static void run(void *ctx)
{
	struct invocation *inv = ctx;
	struct kj_cli *cli = &inv->cli;
	kj_str name = kj_str_of(inv->argc > 1 ? inv->argv[1] : "");
	if (kj_str_eq(name, KJ_STR("--help")) || kj_str_eq(name, KJ_STR("-h")) || kj_str_eq(name, KJ_STR("help"))) {
		kj_help_all(cli);
		return;
	}
	if (kj_str_eq(name, KJ_STR("--version"))) {
		fprintf(cli->out, "kijun %s\n", KJ_VERSION);
		return;
	}
	inv->status = KJ_EXIT_USAGE;
	if (!name.n) {
		kj_complain(cli, KJ_STR("'kijun --help' lists the commands"), "no command given");
		return;
	}
	cli->command = find(name);
	if (!cli->command) {
		unknown_command(cli, name);
		return;
	}
	if (!kj_cli_read_options(cli, inv->argc - 2, inv->argv + 2))
		return;
	if (cli->args.help) {
		kj_help_command(cli, cli->command);
		inv->status = KJ_EXIT_OK;
	} else if (cli->args.operands.n < cli->command->least) {
		kj_complain(cli, KJ_STR("'--help' after the command tells more"), "usage: kijun %.*s %s", KJ_FMT(name),
		            cli->command->usage);
	} else {
		inv->status = cli->command->run(cli);
	}
}

int main(int argc, char **argv)
{
	struct invocation inv = {.argc = argc, .argv = argv};
	inv.cli.run = kj_run_new();
	inv.cli.arena = inv.cli.run->arena;
	inv.cli.out = stdout;
	inv.cli.err = stderr;
	if (!kj_guard(inv.cli.arena, run, &inv)) {
		fputs("kijun: error: this needs more memory than the limit allows\n", stderr);
		inv.status = KJ_EXIT_USAGE;
	}
	kj_run_free(inv.cli.run);
	if (fflush(stdout) != 0 || ferror(stdout))
		inv.status = KJ_EXIT_USAGE;
	return inv.status;
}
