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

static void put_out(struct kj_sink *sink, kj_str bytes)
{
	struct kj_out *out = (struct kj_out *)sink;
	if (!out->file || out->problem)
		return;
	errno = 0;
	if (fwrite(bytes.p, 1, bytes.n, out->file) != bytes.n)
		out->problem = errno ? errno : EIO;
}

void kj_out_open(struct kj_cli *cli, kj_str path, struct kj_out *out)
{
	bool to_stdout = !path.n || kj_str_eq(path, KJ_STR("-"));
	*out = (struct kj_out){.sink = {put_out}, .path = to_stdout ? KJ_STR("standard output") : path};
	errno = 0;
	out->file = to_stdout ? cli->out : fopen(kj_str_zero(cli->arena, path), "wbe");
	if (!out->file)
		out->problem = errno;
}

bool kj_out_close(struct kj_cli *cli, struct kj_out *out)
{
	bool flushed = !out->file || fflush(out->file) == 0;
	int problem = out->problem ? out->problem : flushed ? 0 : errno;
	if (out->file && out->file != cli->out && fclose(out->file) != 0 && !problem)
		problem = errno;
	if (problem)
		kj_complain(cli, KJ_STR(""), "cannot write '%.*s': %s", KJ_FMT(out->path), strerror(problem));
	return !problem;
}

bool kj_write_out(struct kj_cli *cli, kj_str path, kj_str bytes)
{
	struct kj_out out;
	kj_out_open(cli, path, &out);
	put_out(&out.sink, bytes);
	return kj_out_close(cli, &out);
}

kj_str kj_did_you_mean(struct kj_cli *cli, kj_str word, const kj_str *candidates, size_t n)
{
	kj_str near = kj_nearest(word, candidates, n);
	return near.n ? kj_str_fmt(cli->arena, "did you mean '%.*s'?", KJ_FMT(near)) : (kj_str){0};
}
