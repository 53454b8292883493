/* How fast are the parsers, and how long does a whole /etc take to resolve?
     build/tests/bench/parse POLICIES EXPORT...
   Every file of the exports is read by the parsers of the sources that name it; then each export is opened and all
   sources are resolved. The best of several rounds counts, in time of the processor. */
#include "export/export.h"
#include "lib/run.h"
#include "resolve/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 20, AGAIN = 40 };

/* A text, and who reads it. */
struct load {
	const struct kj_parser *parser;
	const struct kj_parse_options *options;
	const struct kj_text *text;
};

struct bench {
	struct kj_arena *arena;
	struct kj_run *run;
	KJ_VEC(struct load) loads;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_load(struct bench *b, kj_str parser_name, const struct kj_node *options, const struct kj_text *text)
{
	const struct kj_parser *parser = kj_parser_find(parser_name);
	if (!parser || !text->bytes.n)
		return;
	for (size_t i = 0; i < b->loads.n; i++)
		if (b->loads.at[i].parser == parser && b->loads.at[i].text == text)
			return;
	KJ_PUSH(b->arena, &b->loads, (struct load){parser, kj_options_read(b->arena, parser, options, NULL), text});
}

static struct kj_host *open_host(struct bench *b, struct kj_arena *arena, const char *path)
{
	struct kj_diags *diags = KJ_NEW(arena, struct kj_diags);
	diags->arena = arena;
	struct kj_export *export = kj_export_open(arena, kj_str_of(path), KJ_STR("bench"), NULL, diags);
	if (!export) {
		fprintf(stderr, "%s: cannot be opened\n", path);
		exit(2);
	}
	return kj_host_new(arena, export, b->run->program, kj_regex_scratch_new(arena), (struct kj_date){2026, 1, 1});
}

static void collect_source(struct bench *b, struct kj_host *host, const struct kj_source *source)
{
	if (source->platform.n && !kj_str_eq(source->platform, KJ_STR("linux")))
		return;
	for (int effective = 0; effective < 2; effective++) {
		struct kj_reads reads = {0};
		kj_read_inputs(host, source, effective, &reads);
		for (size_t i = 0; i < reads.list.n; i++) {
			const struct kj_input *input = reads.list.at[i].input;
			kj_str parser = input->parser.n ? input->parser : source->parser;
			const struct kj_node *options =
			        input->options || input->parser.n ? input->options : source->options;
			add_load(b, parser, options, &reads.list.at[i].artifact->text);
		}
	}
}

static void collect(struct bench *b, const char *path)
{
	struct kj_host *host = open_host(b, b->arena, path);
	for (size_t i = 0; i < b->run->program->sources.n; i++)
		collect_source(b, host, b->run->program->sources.at[i]);
	enum kj_presence presence;
	struct kj_entry_list stacks = kj_export_glob(host->export, b->arena, KJ_STR("etc/pam.d/*"), &presence);
	for (size_t i = 0; i < stacks.list.n; i++)
		add_load(b, KJ_STR("pam"), NULL, &kj_export_read(host->export, stacks.paths.at[i])->text);
}

/* The bytes that were read. */
static size_t parse_all(struct bench *b, const struct kj_parser *parser, struct kj_arena *arena)
{
	size_t read = 0;
	for (size_t i = 0; i < b->loads.n; i++) {
		const struct load *l = &b->loads.at[i];
		if (l->parser != parser)
			continue;
		kj_parse_text(arena, parser, l->options, l->text, 0);
		read += l->text->bytes.n;
	}
	return read;
}

/* MB/s of one parser over its texts; 0 when it has none. Adds to what all parsers read and took. */
static double measure_parser(struct bench *b, const struct kj_parser *parser, size_t *bytes, double *seconds)
{
	double best = 0;
	size_t read = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct kj_arena *arena = kj_arena_new(4 * KJ_GIB);
		double start = now();
		read = 0;
		for (int again = 0; again < AGAIN; again++)
			read += parse_all(b, parser, arena);
		double took = now() - start;
		best = !best || took < best ? took : best;
		kj_arena_free(arena);
	}
	if (!read)
		return 0;
	*bytes += read;
	*seconds += best;
	return (double)read / best / 1e6;
}

static void measure_parsers(struct bench *b)
{
	size_t n, bytes = 0;
	double seconds = 0;
	const struct kj_parser *parsers = kj_parsers(&n);
	for (size_t i = 0; i < n; i++) {
		size_t texts = 0, size = 0;
		for (size_t k = 0; k < b->loads.n; k++)
			if (b->loads.at[k].parser == &parsers[i]) {
				texts++;
				size += b->loads.at[k].text->bytes.n;
			}
		double speed = measure_parser(b, &parsers[i], &bytes, &seconds);
		if (texts)
			printf("%-12.*s %5zu texts %8zu bytes %7.0f MB/s\n", KJ_FMT(parsers[i].name), texts, size,
			       speed);
	}
	printf("together %.0f MB/s\n", (double)bytes / seconds / 1e6);
}

/* The best of several rounds, in milliseconds: opening and reading the export, and resolving every source. */
static void measure_host(struct bench *b, const char *path)
{
	double open_best = 1e9, best = 1e9;
	size_t files = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct kj_arena *arena = kj_arena_new(4 * KJ_GIB);
		double start = now();
		struct kj_host *host = open_host(b, arena, path);
		files = host->export->entry_count;
		double opened = now();
		for (size_t i = 0; i < b->run->program->sources.n; i++)
			kj_resolve(host, b->run->program->sources.at[i]);
		double end = now();
		open_best = opened - start < open_best ? opened - start : open_best;
		best = end - opened < best ? end - opened : best;
		kj_arena_free(arena);
	}
	printf("%s: %zu entries, opened in %.2f ms, every source read and resolved in %.2f ms\n", path, files,
	       open_best * 1e3, best * 1e3);
}

/* Which sources took longest, one after the other on one host: what several of them need counts for the first. */
static void measure_sources(struct bench *b, const char *path)
{
	struct kj_arena *arena = kj_arena_new(4 * KJ_GIB);
	struct kj_host *host = open_host(b, arena, path);
	for (size_t i = 0; i < b->run->program->sources.n; i++) {
		double start = now();
		kj_resolve(host, b->run->program->sources.at[i]);
		double took = now() - start;
		if (took > 1e-4)
			printf("  %-20.*s %.2f ms\n", KJ_FMT(b->run->program->sources.at[i]->id), took * 1e3);
	}
	kj_arena_free(arena);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: %s POLICIES EXPORT...\n", argv[0]);
		return 2;
	}
	struct bench b = {.arena = kj_arena_new(4 * KJ_GIB), .run = kj_run_new()};
	if (!kj_run_load_sources(b.run, kj_str_of(argv[1])) || !kj_run_bind(b.run)) {
		fprintf(stderr, "%s: the sources cannot be loaded\n", argv[1]);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		collect(&b, argv[i]);
	measure_parsers(&b);
	for (int i = 2; i < argc; i++) {
		measure_host(&b, argv[i]);
		measure_sources(&b, argv[i]);
	}
	kj_run_free(b.run);
	kj_arena_free(b.arena);
	return 0;
}
