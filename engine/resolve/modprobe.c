/* The source `modprobe`: for each module that something speaks of, whether it can be loaded, by its name and by the
   hardware, and whether it is loaded (modprobe.d(5), libkmod). */
#include "resolve/work.h"

#include <stdlib.h>
#include <string.h>

enum { MODULE, BLACKLISTED, INSTALL, LOADABLE, AUTOLOAD, OPTIONS, ALIAS, SOFTDEP, AT_BOOT, LOADED, BUILTIN, NOTE };
const char *const kj_modprobe_columns[] = {"module",  "blacklisted", "install", "loadable", "autoload",
                                           "options", "alias",       "softdep", "at_boot",  "loaded",
                                           "builtin", "note",        NULL};

#define YES_NO(condition) ((condition) ? KJ_STR("yes") : KJ_STR("no"))

enum { MATCHES = 4000000 }; /* patterns × modules that are tried */

/* An `install` or `softdep` line: the first that fits a module counts. */
struct command {
	kj_str pattern, value;
	const struct kj_row *row;
	size_t order; /* of reading */
};
struct commands {
	struct kj_map exact; /* name → its first command */
	KJ_VEC(struct command) patterns;
	size_t n; /* of both */
};

struct module {
	kj_str name;
	const struct kj_row *row; /* the first place that speaks of it */
	const struct kj_row *blacklist;
	bool banned; /* module_blacklist= of the kernel: nobody can load it */
	kj_str options, alias;
	bool at_boot, loaded, builtin;
};

struct modprobe {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_map modules; /* → struct module */
	struct commands install, softdep;
	bool saw_loaded; /* something shows what is loaded */
};

static struct module *module_of(struct modprobe *m, kj_str name, const struct kj_row *row)
{
	void **place = kj_map_at(m->host->arena, &m->modules, name);
	if (!*place) {
		struct module *new = KJ_NEW(m->host->arena, struct module);
		*new = (struct module){.name = name, .row = row};
		*place = new;
	}
	return *place;
}

static kj_str with_underscores(struct kj_arena *arena, kj_str name)
{
	char *copy = kj_alloc_text(arena, name.n);
	for (size_t i = 0; i < name.n; i++)
		copy[i] = name.p[i] == '-' ? '_' : name.p[i];
	return (kj_str){copy, name.n};
}

/* ---- modprobe.d ---- */

static void add_command(struct modprobe *m, struct commands *to, kj_str name, kj_str value, const struct kj_row *row)
{
	struct command *command = KJ_NEW(m->host->arena, struct command);
	*command = (struct command){name, value, row, to->n++};
	if (kj_glob_is(name)) {
		KJ_PUSH(m->host->arena, &to->patterns, *command);
		return;
	}
	void **place = kj_map_at(m->host->arena, &to->exact, name);
	*place = *place ? *place : command;
}

static void add_options(struct modprobe *m, struct module *module, kj_str options)
{
	module->options = module->options.n
	                          ? kj_str_fmt(m->host->arena, "%.*s %.*s", KJ_FMT(module->options), KJ_FMT(options))
	                          : options;
}

static void take_row(struct modprobe *m, const struct kj_rows *rows, const struct kj_row *row)
{
	kj_str command = kj_row_cell(rows, row, KJ_STR("command")), name = kj_row_cell(rows, row, KJ_STR("module"));
	kj_str value = kj_row_cell(rows, row, KJ_STR("value"));
	struct module *module = module_of(m, name, row);
	if (kj_str_eq(command, KJ_STR("blacklist")))
		module->blacklist = module->blacklist ? module->blacklist : row;
	else if (kj_str_eq(command, KJ_STR("install")))
		add_command(m, &m->install, name, value, row);
	else if (kj_str_eq(command, KJ_STR("softdep")))
		add_command(m, &m->softdep, name, value, row);
	else if (kj_str_eq(command, KJ_STR("options")))
		add_options(m, module, value);
	else if (kj_str_eq(command, KJ_STR("alias")) && !module->alias.n)
		module->alias = value;
}

static int by_base_name(const void *a, const void *b)
{
	kj_str left = ((const struct kj_read *)a)->path, right = ((const struct kj_read *)b)->path;
	return kj_str_cmp(kj_str_from(left, kj_str_find_last(left, '/') + 1),
	                  kj_str_from(right, kj_str_find_last(right, '/') + 1));
}

static void take_files(struct modprobe *m, struct kj_reads *reads)
{
	if (reads->list.n)
		qsort(reads->list.at, reads->list.n, sizeof *reads->list.at, by_base_name);
	for (size_t i = 0; i < reads->list.n; i++) {
		const struct kj_rows *rows = reads->list.at[i].rows;
		for (size_t k = 0; k < rows->list.n; k++) {
			if (rows->list.at[k].bad)
				KJ_PUSH(m->host->arena, &m->out->bad, rows->list.at[k]);
			else
				take_row(m, rows, &rows->list.at[k]);
		}
	}
}

/* ---- the kernel's command line, what is loaded, what is built in, what is loaded at boot ---- */

static const struct kj_row *row_in(struct modprobe *m, const struct kj_artifact *artifact)
{
	struct kj_row *row = KJ_NEW(m->host->arena, struct kj_row);
	*row = (struct kj_row){.text = &artifact->text, .line = 1, .col = 1};
	return row;
}

/* `module.option=value` is an option of the module; any other word with a dot looks like one too. */
static void take_option(struct modprobe *m, kj_str word, const struct kj_row *row)
{
	kj_str name = kj_str_upto(word, kj_str_find_any(word, KJ_STR(".=")));
	if (name.n && name.n < word.n && word.p[name.n] == '.' && kj_str_find(word, '"') == word.n &&
	    kj_str_find(word, '=') < word.n)
		add_options(m, module_of(m, with_underscores(m->host->arena, name), row),
		            kj_str_from(word, name.n + 1));
}

/* modprobe.blacklist= is libkmod's and is compared as it is written: usb-storage is no module's name there.
   module_blacklist= is the kernel's own (kernel/module/main.c). */
static void take_cmdline(struct modprobe *m, const struct kj_artifact *artifact)
{
	kj_str rest = artifact->state == KJ_ARTIFACT_OK ? artifact->text.bytes : KJ_STR(""), word, name;
	if (!rest.n)
		return;
	const struct kj_row *row = row_in(m, artifact);
	KJ_PUSH(m->host->arena, &m->out->texts, &artifact->text);
	while (kj_str_word(&rest, &word)) {
		bool ours = kj_str_starts(word, KJ_STR("modprobe.blacklist="));
		bool kernel = kj_str_starts(word, KJ_STR("module_blacklist="));
		kj_str names = kj_str_from(word, kj_str_find(word, '=') + 1);
		if (!ours && !kernel)
			take_option(m, word, row);
		while ((ours || kernel) && kj_str_cut(&names, ',', &name)) {
			if (!name.n)
				continue;
			struct module *module = module_of(m, name, row);
			module->banned |= kernel;
			if (ours && !module->blacklist)
				module->blacklist = row;
		}
	}
}

/* Of each line the first word: lsmod, /proc/modules. */
static void take_loaded(struct modprobe *m, const struct kj_artifact *artifact)
{
	kj_str rest = artifact->state == KJ_ARTIFACT_OK ? artifact->text.bytes : KJ_STR(""), line, word;
	if (artifact->state != KJ_ARTIFACT_OK)
		return;
	m->saw_loaded = true;
	KJ_PUSH(m->host->arena, &m->out->texts, &artifact->text);
	for (uint32_t number = 1; kj_str_line(&rest, &line); number++) {
		kj_str words = line, size;
		if (!kj_str_word(&words, &word) || !kj_str_word(&words, &size) || !kj_is_digit(size.p[0]))
			continue;
		struct kj_row *row = KJ_NEW(m->host->arena, struct kj_row);
		*row = (struct kj_row){.text = &artifact->text, .line = number, .col = 1};
		module_of(m, with_underscores(m->host->arena, word), row)->loaded = true;
	}
}

static void take_builtin(struct modprobe *m)
{
	static const char *const globs[] = {"usr/lib/modules/*/modules.builtin", "lib/modules/*/modules.builtin"};
	for (size_t g = 0; g < sizeof globs / sizeof *globs; g++) {
		enum kj_presence presence;
		struct kj_entry_list found =
		        kj_export_glob(m->host->export, m->host->arena, kj_str_of(globs[g]), &presence);
		for (size_t i = 0; i < found.paths.n; i++) {
			const struct kj_artifact *artifact = kj_export_read(m->host->export, found.paths.at[i]);
			kj_str rest = artifact->state == KJ_ARTIFACT_OK ? artifact->text.bytes : KJ_STR(""), line;
			while (kj_str_line(&rest, &line)) {
				line = kj_str_from(line, kj_str_find_last(line, '/') + 1);
				line = kj_str_upto(line, kj_str_find(line, '.'));
				struct module *module = kj_map_get(&m->modules, with_underscores(m->host->arena, line));
				if (module)
					module->builtin = true;
			}
		}
	}
}

static void take_boot(struct modprobe *m, const struct kj_reads *reads)
{
	for (size_t i = 0; i < reads->list.n; i++) {
		const struct kj_rows *rows = reads->list.at[i].rows;
		for (size_t k = 0; k < rows->list.n; k++) {
			kj_str name = rows->list.at[k].cell[0]; /* systemd takes the whole line for the name */
			if (kj_str_find_any(name, KJ_STR(" \t")) < name.n)
				KJ_PUSH(m->host->arena, &m->out->bad, rows->list.at[k]);
			else
				module_of(m, with_underscores(m->host->arena, name), &rows->list.at[k])->at_boot = true;
		}
	}
}

/* ---- judging a module ---- */

/* The first command that fits, in the order of reading. */
static const struct command *command_for(const struct commands *commands, kj_str name, size_t *budget)
{
	const struct command *best = kj_map_get(&commands->exact, name);
	for (size_t i = 0; i < commands->patterns.n && *budget; i++, --*budget) {
		const struct command *pattern = &commands->patterns.at[i];
		if (kj_glob(pattern->pattern, name, false))
			return best && best->order < pattern->order ? best : pattern;
	}
	return best;
}

/* Does a softdep line name a module at all? */
static bool has_dependency(kj_str softdep)
{
	kj_str word;
	bool in = false;
	while (kj_str_word(&softdep, &word)) {
		bool mark = kj_str_eq(word, KJ_STR("pre:")) || kj_str_eq(word, KJ_STR("post:"));
		if (in && !mark)
			return true;
		in |= mark;
	}
	return false;
}

/* Does the command that stands for loading load nothing? "yes", "no", or "perhaps". modprobe gives it to a shell. */
static kj_str command_loads(kj_str command)
{
	static const char *const nothing[] = {"true", "false", ":", "null", "nologin"};
	kj_str rest = command, word;
	if (kj_str_find_str(command, KJ_STR("modprobe")) < command.n ||
	    kj_str_find_str(command, KJ_STR("insmod")) < command.n)
		return KJ_STR("yes");
	if (!kj_str_word(&rest, &word) || kj_str_find_any(command, KJ_STR(";&|`$()<>\n")) < command.n)
		return KJ_STR("perhaps");
	word = kj_str_from(word, kj_str_find_last(word, '/') < word.n ? kj_str_find_last(word, '/') + 1 : 0);
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		if (kj_str_eq(word, kj_str_of(nothing[i])))
			return KJ_STR("no");
	return KJ_STR("perhaps");
}

static kj_str loadable(const struct module *module, const struct command *install, const struct command *softdep,
                       kj_str *note)
{
	if (module->builtin)
		*note = KJ_STR("built into the kernel: there is nothing to load, and nothing to keep from it");
	if (module->builtin || !(install || module->banned))
		return KJ_STR("yes");
	if (module->banned)
		return KJ_STR("no");
	kj_str loads = command_loads(install->value);
	if (!kj_str_eq(loads, KJ_STR("yes")) && softdep && has_dependency(softdep->value)) {
		/* __kmod_module_fill_softdep of libkmod */
		*note = KJ_STR(
		        "modprobe ignores the install command of a module whose softdep names a module that exists");
		return KJ_STR("perhaps");
	}
	return loads;
}

static void add_row(struct modprobe *m, struct kj_rows *rows, const struct module *module, size_t *budget)
{
	const struct command *install = command_for(&m->install, module->name, budget);
	const struct command *softdep = command_for(&m->softdep, module->name, budget);
	kj_str note = KJ_STR("");
	const struct kj_row *from = install ? install->row : module->blacklist ? module->blacklist : module->row;
	kj_str *cells = kj_rows_append(m->host, rows, from);
	cells[MODULE] = module->name;
	cells[BLACKLISTED] = YES_NO(module->blacklist);
	cells[INSTALL] = install ? install->value : KJ_STR("");
	cells[LOADABLE] = loadable(module, install, softdep, &note);
	cells[AUTOLOAD] = module->blacklist && !module->builtin ? KJ_STR("no") : cells[LOADABLE];
	cells[OPTIONS] = module->options;
	cells[ALIAS] = module->alias;
	cells[SOFTDEP] = softdep ? softdep->value : KJ_STR("");
	/* systemd-modules-load heeds the blacklist (module_load_and_warn of systemd) */
	cells[AT_BOOT] = module->at_boot ? cells[AUTOLOAD] : KJ_STR("no");
	cells[LOADED] = m->saw_loaded ? YES_NO(module->loaded) : KJ_STR("");
	cells[BUILTIN] = YES_NO(module->builtin);
	if (module->loaded && !kj_str_eq(cells[LOADABLE], KJ_STR("yes")))
		note = KJ_STR("loaded, although the files keep it from being loaded: configured, not in force");
	else if (module->name.n && module->name.p[module->name.n - 1] == '\r')
		note = KJ_STR("the line ends in CR LF, and modprobe takes the CR for a part of the name");
	cells[NOTE] = note;
}

static void add_rows(struct modprobe *m)
{
	struct kj_rows *rows = kj_rows_make(m->host, kj_modprobe_columns);
	size_t budget = MATCHES;
	for (const struct kj_map_entry *e = m->modules.first; e && budget; e = e->next)
		add_row(m, rows, e->value, &budget);
	m->out->rows = rows;
	if (!budget)
		kj_resolved_state(m->host, m->out, KJ_STATE_ERROR,
		                  "the files have too many patterns to try each on every module");
}

/* ---- together ---- */

struct inputs {
	struct kj_reads config, boot;
};

static void read_all(struct kj_host *host, const struct kj_source *source, struct inputs *in)
{
	for (size_t i = 0; i < source->inputs; i++) {
		struct kj_source part = *source;
		part.input = &source->input[i];
		part.inputs = 1;
		kj_read_inputs(host, &part, false, source->input[i].parser.n ? &in->boot : &in->config);
	}
}

void kj_resolve_modprobe(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct modprobe m = {.host = host, .out = out};
	struct inputs in = {0};
	read_all(host, source, &in);
	take_files(&m, &in.config);
	take_cmdline(&m, kj_export_read(host->export, KJ_STR("proc/cmdline")));
	take_cmdline(&m, kj_export_command(host->export, KJ_STR("cat /proc/cmdline")));
	take_boot(&m, &in.boot);
	take_loaded(&m, kj_export_command(host->export, KJ_STR("lsmod")));
	take_loaded(&m, kj_export_read(host->export, KJ_STR("proc/modules")));
	take_builtin(&m);
	kj_note_texts(host, &in.boot, out);
	kj_judge_reads(host, &in.config, out);
	if (out->state == KJ_STATE_ABSENT && m.modules.n)
		kj_resolved_state(host, out, KJ_STATE_EFFECTIVE, "%s", "");
	add_rows(&m);
}
