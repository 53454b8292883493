/* Which artifacts belong to a source, in reading order, and what it means when one is not there. */
#include "resolve/work.h"

#include <stdlib.h>

kj_str kj_host_path(kj_str path)
{
	size_t i = 0;
	while (i < path.n && path.p[i] == '/')
		i++;
	return kj_str_from(path, i);
}

/* The options as the parser was really given them: equal ones share the parsed rows, however they were written. */
static kj_str options_name(struct kj_arena *arena, const struct kj_parse_options *options)
{
	struct kj_buf buf = KJ_BUF(arena);
	size_t n;
	const struct kj_option *table = kj_parse_options_table(&n);
	for (size_t i = 0; i < n; i++) {
		const void *place = (const char *)options + table[i].offset;
		if (table[i].kind == KJ_OPTION_BOOL)
			kj_buf_char(&buf, *(const bool *)place ? 'y' : 'n');
		else if (table[i].kind == KJ_OPTION_INT)
			kj_buf_fmt(&buf, "%lld,", (long long)*(const int64_t *)place);
		else
			kj_buf_fmt(&buf, "%zu:%.*s", ((const kj_str *)place)->n, KJ_FMT(*(const kj_str *)place));
	}
	return kj_buf_str(&buf);
}

const struct kj_rows *kj_host_rows(struct kj_host *host, const struct kj_artifact *artifact, kj_str parser_name,
                                   const struct kj_node *node)
{
	const struct kj_parser *parser = kj_parser_find(parser_name);
	const struct kj_parse_options *options = kj_options_read(host->arena, parser, node, NULL);
	kj_str name = kj_str_fmt(host->arena, "%.*s %.*s %.*s", KJ_FMT(parser_name),
	                         KJ_FMT(options_name(host->arena, options)), KJ_FMT(artifact->text.name));
	void **place = kj_map_at(host->arena, &host->parsed, name);
	if (!*place) {
		/* The map holds plain pointers; the rows are not changed through it. */
		struct kj_rows *rows = KJ_NEW(host->arena, struct kj_rows);
		*rows = *kj_parse_text(host->arena, parser, options, &artifact->text, 0);
		*place = rows;
	}
	return *place;
}

static void look_for(struct kj_host *host, struct kj_reads *reads, kj_str what)
{
	reads->looked_for = reads->looked_for.n
	                            ? kj_str_fmt(host->arena, "%.*s, %.*s", KJ_FMT(reads->looked_for), KJ_FMT(what))
	                            : kj_str_fmt(host->arena, "%.*s", KJ_FMT(what));
}

bool kj_export_is_suse(const struct kj_export *export)
{
	return kj_str_find_str(export->distro, KJ_STR("suse")) < export->distro.n ||
	       kj_str_find_str(export->distro_like, KJ_STR("suse")) < export->distro_like.n;
}

/* Nobody can tell whether the host has it. */
static void not_seen(struct kj_host *host, struct kj_reads *reads, kj_str path)
{
	/* /usr/etc is a thing of SUSE alone; so is login.defs.d (builds with libeconf) */
	bool suse = kj_export_is_suse(host->export);
	if (kj_str_starts(path, KJ_STR("usr/etc/")) && !suse)
		return;
	if (kj_str_starts(path, KJ_STR("etc/login.defs.d/")) && host->export->distro.n && !suse)
		return;
	bool vendor = kj_str_starts(path, KJ_STR("usr/")) || kj_str_starts(path, KJ_STR("run/")) ||
	              kj_str_starts(path, KJ_STR("lib/"));
	kj_str *place = vendor ? &reads->veiled : &reads->hidden;
	if (!place->n)
		*place = kj_str_fmt(host->arena, "/%.*s", KJ_FMT(path));
}

static void add(struct kj_host *host, struct kj_reads *reads, const struct kj_input *input, kj_str path,
                const struct kj_artifact *artifact, kj_str parser, const struct kj_node *options)
{
	if (artifact->state == KJ_ARTIFACT_ERROR && !reads->broken) {
		reads->broken = artifact;
		reads->broken_path = path;
	}
	if (artifact->state != KJ_ARTIFACT_OK)
		return;
	struct kj_read read = {.input = input, .path = path, .artifact = artifact};
	if (parser.n)
		read.rows = kj_host_rows(host, artifact, parser, options);
	KJ_PUSH(host->arena, &reads->list, read);
}

enum kj_presence kj_read_path(struct kj_host *host, struct kj_reads *reads, const struct kj_input *input, kj_str path,
                              kj_str parser, const struct kj_node *options)
{
	path = kj_host_path(path);
	const struct kj_artifact *artifact = kj_export_read(host->export, path);
	add(host, reads, input, path, artifact, parser, options);
	if (artifact->state == KJ_ARTIFACT_NOT_COLLECTED)
		not_seen(host, reads, path);
	return artifact->state == KJ_ARTIFACT_ABSENT          ? KJ_ABSENT
	       : artifact->state == KJ_ARTIFACT_NOT_COLLECTED ? KJ_NOT_COLLECTED
	                                                      : KJ_PRESENT;
}

/* ---- the kinds of input ---- */

struct reading {
	struct kj_host *host;
	const struct kj_source *source;
	const struct kj_input *input;
	struct kj_reads *reads;
	kj_str parser;
	const struct kj_node *options;
};

/* May a file there be passed over unseen? Copies hardly ever hold these, and hosts have no file there that matters. */
static bool is_rarely_copied(kj_str path)
{
	return kj_str_starts(path, KJ_STR("run/")) || kj_str_starts(path, KJ_STR("usr/local/lib/"));
}

/* The first that exists; what follows one that nobody can see is not looked at. */
static void read_file(struct reading *r)
{
	for (size_t i = 0; i < r->input->paths; i++) {
		look_for(r->host, r->reads, r->input->path[i]);
		kj_str path = kj_host_path(r->input->path[i]);
		enum kj_presence presence = kj_read_path(r->host, r->reads, r->input, path, r->parser, r->options);
		if (presence == KJ_PRESENT || (presence != KJ_ABSENT && !is_rarely_copied(path)))
			return;
	}
}

/* A glob's folder could not be listed. */
static void unlisted(struct reading *r, kj_str problem)
{
	if (r->reads->broken)
		return;
	struct kj_artifact *none = KJ_NEW(r->host->arena, struct kj_artifact);
	none->state = KJ_ARTIFACT_ERROR;
	none->message = problem;
	r->reads->broken = none;
	r->reads->broken_path = kj_host_path(r->input->path[0]);
}

static struct kj_entry_list list_glob(struct reading *r, kj_str glob)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(r->host->export, r->host->arena, glob, &presence);
	if (presence == KJ_NOT_COLLECTED)
		not_seen(r->host, r->reads, glob);
	if (presence == KJ_UNREADABLE)
		unlisted(r, found.problem);
	return found;
}

static void read_glob(struct reading *r)
{
	look_for(r->host, r->reads, r->input->path[0]);
	struct kj_entry_list found = list_glob(r, kj_host_path(r->input->path[0]));
	for (size_t i = 0; i < found.paths.n; i++)
		kj_read_path(r->host, r->reads, r->input, found.paths.at[i], r->parser, r->options);
}

struct dropin {
	kj_str name, path;
	size_t folder;
	bool masked;
};

static int by_name_then_folder(const void *a, const void *b)
{
	const struct dropin *left = a, *right = b;
	int order = kj_str_cmp(left->name, right->name);
	return order ? order : (left->folder > right->folder) - (left->folder < right->folder);
}

/* The files of one folder of drop-ins. A link is one wherever it leads: its name hides the weaker folders'. */
static struct kj_entry_list list_folder(struct reading *r, kj_str folder)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_list(r->host->export, r->host->arena, folder, &presence);
	if (presence == KJ_NOT_COLLECTED)
		not_seen(r->host, r->reads, kj_str_fmt(r->host->arena, "%.*s/*", KJ_FMT(folder)));
	if (presence == KJ_UNREADABLE)
		unlisted(r, found.problem);
	return found;
}

/* systemd's way (systemd-system.conf(5)): all folders' files sorted by name; of one name the strongest folder's
   counts, a link to /dev/null masks it. */
static void read_dropins(struct reading *r)
{
	KJ_VEC(struct dropin) all = {0};
	for (size_t f = 0; f < r->input->paths; f++) {
		kj_str folder = kj_host_path(r->input->path[f]);
		kj_str suffix = r->input->suffix.n ? r->input->suffix : KJ_STR(".conf");
		look_for(r->host, r->reads, kj_str_fmt(r->host->arena, "/%.*s/*%.*s", KJ_FMT(folder), KJ_FMT(suffix)));
		struct kj_entry_list found = list_folder(r, folder);
		for (size_t i = 0; i < found.paths.n; i++) {
			const struct kj_entry *e = found.list.at[i];
			kj_str path = found.paths.at[i];
			bool masked = e->kind == KJ_ENTRY_LINK && kj_str_eq(e->target, KJ_STR("/dev/null"));
			kj_str name = kj_str_from(path, kj_str_find_last(path, '/') + 1);
			if (e->kind != KJ_ENTRY_DIR && kj_str_ends(name, suffix) && name.p[0] != '.')
				KJ_PUSH(r->host->arena, &all, (struct dropin){name, path, f, masked});
		}
	}
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, by_name_then_folder);
	for (size_t i = 0; i < all.n; i++) {
		bool shadowed = i && kj_str_eq(all.at[i].name, all.at[i - 1].name);
		if (!shadowed && !all.at[i].masked)
			kj_read_path(r->host, r->reads, r->input, all.at[i].path, r->parser, r->options);
	}
}

static void read_command(struct reading *r)
{
	for (size_t i = 0; i < r->input->paths; i++) {
		kj_str command = r->input->path[i];
		look_for(r->host, r->reads, kj_str_fmt(r->host->arena, "'%.*s'", KJ_FMT(command)));
		const struct kj_artifact *artifact = kj_export_command(r->host->export, command);
		add(r->host, r->reads, r->input, command, artifact, r->parser, r->options);
		if (artifact->state == KJ_ARTIFACT_OK)
			return;
	}
	if (!r->reads->hidden.n)
		r->reads->hidden = kj_str_fmt(r->host->arena, "'%.*s'", KJ_FMT(r->input->path[0]));
}

static void read_named(struct reading *r)
{
	struct kj_buf globs = KJ_BUF(r->host->arena);
	for (size_t i = 0; i < r->input->paths; i++)
		kj_buf_fmt(&globs, "%s%.*s", i ? " " : "", KJ_FMT(r->input->path[i]));
	const struct kj_artifact **found;
	size_t n = kj_export_named_all(r->host->export, kj_buf_str(&globs), r->input->sniff, &found);
	look_for(r->host, r->reads, kj_buf_str(&globs));
	for (size_t k = 0; k < n; k++)
		add(r->host, r->reads, r->input, found[k]->text.name, found[k], r->parser, r->options);
	if (!n && !r->reads->hidden.n)
		r->reads->hidden = kj_buf_str(&globs);
}

void kj_read_inputs(struct kj_host *host, const struct kj_source *source, bool effective, struct kj_reads *reads)
{
	static void (*const readers[])(struct reading *) = {
	        [KJ_INPUT_FILE] = read_file,       [KJ_INPUT_GLOB] = read_glob,   [KJ_INPUT_DROPINS] = read_dropins,
	        [KJ_INPUT_COMMAND] = read_command, [KJ_INPUT_NAMED] = read_named,
	};
	for (size_t i = 0; i < source->inputs; i++) {
		const struct kj_input *input = &source->input[i];
		if (input->effective != effective)
			continue;
		struct reading r = {.host = host, .source = source, .input = input, .reads = reads};
		r.parser = input->parser.n ? input->parser : source->parser;
		r.options = input->options || input->parser.n ? input->options : source->options;
		readers[input->kind](&r);
	}
}

bool kj_has_mark(const struct kj_artifact *artifact)
{
	if (kj_str_starts(artifact->encoding, KJ_STR("utf-16")))
		return true;
	const uint64_t mark = 3; /* of UTF-8; decoding takes nothing else away */
	return artifact->entry && kj_str_eq(artifact->encoding, KJ_STR("utf-8")) &&
	       artifact->entry->size == artifact->text.bytes.n + mark;
}

void kj_note_texts(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out)
{
	for (size_t i = 0; i < reads->list.n; i++)
		KJ_PUSH(host->arena, &out->texts, &reads->list.at[i].artifact->text);
}

bool kj_judge_reads(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out)
{
	kj_note_texts(host, reads, out);
	if (reads->broken) {
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(reads->broken_path),
		                  KJ_FMT(reads->broken->message));
		if (reads->broken->text.name.n)
			out->at.text = &reads->broken->text;
	} else if (reads->hidden.n || (!reads->list.n && reads->veiled.n)) {
		kj_str what = reads->hidden.n ? reads->hidden : reads->veiled;
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "%.*s was not collected", KJ_FMT(what));
	} else if (!reads->list.n) {
		kj_resolved_state(host, out, KJ_STATE_ABSENT, "the host has none of %.*s", KJ_FMT(reads->looked_for));
	} else {
		out->state = KJ_STATE_EFFECTIVE;
	}
	return out->state == KJ_STATE_EFFECTIVE;
}
