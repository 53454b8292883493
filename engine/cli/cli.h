/* The command line: one file a subcommand, a table of commands, a table of options. */
#ifndef KJ_CLI_CLI_H
#define KJ_CLI_CLI_H

#include "lib/run.h"

#include <stdio.h>

/* Exit statuses (design §5). */
enum { KJ_EXIT_OK = 0, KJ_EXIT_FAILED = 1, KJ_EXIT_USAGE = 2, KJ_EXIT_MISSING = 3 };

enum kj_color_choice { KJ_COLOR_AUTO, KJ_COLOR_ALWAYS, KJ_COLOR_NEVER };

/* What the user gave; one flat struct for all commands. */
struct kj_args {
	KJ_VEC(kj_str) policies, outputs, operands, compare;
	kj_str today, lang, jobs, color, data;
	kj_str from, to, hook, iface, oface, sport, sockets;
	kj_str max_file, max_line, max_entries, max_depth;
	bool quiet, verbose, explain_layout, help, version;
	/* Set once the options are read. */
	bool japanese, color_out, color_err;
	unsigned threads;
	int width;
};

struct kj_cli {
	struct kj_run *run;
	struct kj_arena *arena; /* the run's */
	struct kj_args args;
	const struct kj_command *command;
	FILE *out, *err;
};

struct kj_command {
	kj_str name;
	const char *usage;        /* after "kijun NAME " */
	const char *about;        /* one line */
	const char *more;         /* for --help; may be NULL */
	const char *const *takes; /* long names of its options, NULL at the end */
	size_t least;             /* operands it needs at least */
	int (*run)(struct kj_cli *cli);
};

const struct kj_command *kj_commands(size_t *n);

int kj_command_scan(struct kj_cli *cli);
int kj_command_show(struct kj_cli *cli);
int kj_command_lint(struct kj_cli *cli);
int kj_command_test(struct kj_cli *cli);
int kj_command_list(struct kj_cli *cli);
int kj_command_explain(struct kj_cli *cli);
int kj_command_firewall(struct kj_cli *cli);

/* ---- options.c ---- */

/* Reads the arguments after the command's name. False after one clear sentence on cli->err. */
bool kj_cli_read_options(struct kj_cli *cli, int argc, char **argv);
void kj_help_command(struct kj_cli *cli, const struct kj_command *command);
void kj_help_all(struct kj_cli *cli);

/* ---- common.c ---- */

/* One sentence on standard error: "kijun: error: …", and a hint when `hint` is not empty. Returns KJ_EXIT_USAGE. */
__attribute__((format(printf, 3, 4))) int kj_complain(struct kj_cli *cli, kj_str hint, const char *format, ...);
/* Loads sources, and the policies given with -p or, without any, the shipped baseline; binds them. False after printing what was wrong. */
bool kj_load_all(struct kj_cli *cli, bool with_policies);
/* Prints the run's messages to standard error. */
void kj_print_diags(struct kj_cli *cli);
/* "name=file" of -o: the format's name and the file (empty: standard output). */
void kj_output_split(kj_str output, kj_str *format, kj_str *file);
/* A file, or standard output, that a buffer (KJ_BUF_INTO) writes to. */
struct kj_out {
	struct kj_sink sink; /* first, so that it leads back here */
	FILE *file;
	kj_str path;
	int problem; /* errno of the first */
};

/* Opens it; standard output when `path` is empty or "-". */
void kj_out_open(struct kj_cli *cli, kj_str path, struct kj_out *out);
/* False after a sentence on standard error: it could not be opened, or not all could be written. */
bool kj_out_close(struct kj_cli *cli, struct kj_out *out);
/* Both, and `bytes` in between. */
bool kj_write_out(struct kj_cli *cli, kj_str path, kj_str bytes);
/* The candidate near to `word`, as a hint "did you mean '…'?", or empty. */
kj_str kj_did_you_mean(struct kj_cli *cli, kj_str word, const kj_str *candidates, size_t n);

#endif
