/* A run: policies loaded, subjects found, judged by a pool of threads, told in a report. What the command line and the public library share. */
#ifndef KJ_LIB_RUN_H
#define KJ_LIB_RUN_H

#include "report/report.h"

struct kj_run {
	struct kj_arena *arena;
	struct kj_diags *diags; /* about policies, fleet files and arguments */
	struct kj_program *program;
	struct kj_export_limits limits;
	struct kj_date today;
	struct kj_subjects subjects;
	struct kj_bench *bench;
	struct kj_map loaded; /* files by device and inode: none is loaded twice */
	KJ_VEC(struct kj_arena *) result_arenas;
	struct kj_report report;
	void (*progress)(void *ctx, size_t done, size_t total); /* called by one thread at a time; NULL: none */
	void *progress_ctx;
};

/* A new run in its own arena. */
struct kj_run *kj_run_new(void);
/* Gives everything back. */
void kj_run_free(struct kj_run *run);

/* Loads the shipped sources and features: `data` is the folder that holds sources/. False when there were errors (in run->diags), as for all below. */
bool kj_run_load_sources(struct kj_run *run, kj_str data);
/* Loads a policy file, or all *.yml and *.yaml below a folder, in byte order; files that declare sources or features add those. */
bool kj_run_load_policies(struct kj_run *run, kj_str path);
/* To be called once all is loaded: binds sources, rules and columns. */
bool kj_run_bind(struct kj_run *run);
/* Adds a host folder, a fleet folder or a dump file. */
bool kj_run_add_export(struct kj_run *run, kj_str path);
/* Checks what fleet files say against the policies: parameters, rules and items that waivers name. */
bool kj_run_check_fleets(struct kj_run *run);
/* Judges all subjects; fills run->report. */
void kj_run_scan(struct kj_run *run, unsigned threads);

/* Where the shipped policies are: the tree for a program that runs in its build folder, else the data directory. */
kj_str kj_run_data_folder(struct kj_arena *arena);

/* Reads a whole file of at most `cap` bytes; false and an error when it cannot. (files.c) */
bool kj_file_read(struct kj_arena *arena, kj_str path, size_t cap, struct kj_text *out, struct kj_diags *diags);
/* The *.yml and *.yaml files below a folder, byte order; or the file itself. False and an error when there is no such path. */
struct kj_paths {
	KJ_VEC(kj_str) list;
};
bool kj_files_find(struct kj_arena *arena, kj_str path, struct kj_paths *out, struct kj_diags *diags);
/* "device:inode" of a file: the same file by whatever path. Empty when it cannot be told. */
kj_str kj_file_identity(struct kj_arena *arena, kj_str path);

#endif
