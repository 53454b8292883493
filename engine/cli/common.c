#include "cli/cli.h"

#include "base/utf8.h"

#include <errno.h>
#include <string.h>

int kj_complain(struct kj_cli *cli, kj_str hint, const char *format, ...)
{
	struct kj_buf message = KJ_BUF(cli->arena), safe = KJ_BUF(cli->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&message, format, args);
	va_end(args);
	kj_buf_safe(&safe, kj_buf_str(&message), 0);
	fprintf(cli->err, "kijun: error: %.*s\n", KJ_FMT(kj_buf_str(&safe)));
	if (hint.n)
		fprintf(cli->err, "      = hint: %.*s\n", KJ_FMT(hint));
	return KJ_EXIT_USAGE;
}

void kj_print_diags(struct kj_cli *cli)
{
	fflush(cli->out);
	kj_diags_print(cli->run->diags, cli->err, cli->args.color_err);
}

bool kj_load_all(struct kj_cli *cli, bool with_policies)
{
	struct kj_run *run = cli->run;
	kj_str data = cli->args.data.n ? cli->args.data : kj_run_data_folder(cli->arena);
	bool ok = kj_run_load_sources(run, data);
	for (size_t i = 0; with_policies && i < cli->args.policies.n; i++)
		ok = kj_run_load_policies(run, cli->args.policies.at[i]) && ok;
	if (with_policies && cli->args.policies.n == 0)
		ok = kj_run_load_policies(run, kj_str_fmt(cli->arena, "%.*s/baseline", KJ_FMT(data))) && ok;
	ok = ok && kj_run_bind(run);
	if (!ok)
		kj_print_diags(cli);
	return ok;
}

void kj_output_split(kj_str output, kj_str *format, kj_str *file)
{
	size_t eq = kj_str_find(output, '=');
	*format = kj_str_upto(output, eq);
	*file = kj_str_from(output, eq + 1);
}

bool kj_write_out(struct kj_cli *cli, kj_str file, kj_str bytes)
{
	bool to_stdout = !file.n || kj_str_eq(file, KJ_STR("-"));
	errno = 0;
	FILE *out = to_stdout ? cli->out : fopen(kj_str_zero(cli->arena, file), "wbe");
	bool ok = out != NULL;
	if (ok)
		ok = fwrite(bytes.p, 1, bytes.n, out) == bytes.n && fflush(out) == 0;
	int problem = errno;
	if (out && !to_stdout)
		ok = fclose(out) == 0 && ok;
	if (!ok)
		kj_complain(cli, KJ_STR(""), "cannot write '%.*s': %s",
		            KJ_FMT(to_stdout ? KJ_STR("standard output") : file), strerror(problem));
	return ok;
}

kj_str kj_did_you_mean(struct kj_cli *cli, kj_str word, const kj_str *candidates, size_t n)
{
	kj_str near = kj_nearest(word, candidates, n);
	return near.n ? kj_str_fmt(cli->arena, "did you mean '%.*s'?", KJ_FMT(near)) : (kj_str){0};
}
