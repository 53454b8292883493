/* The source `apt`: the configuration of apt as `apt-config dump` prints it. The order is that of pkgInitConfig()
   (apt-pkg/init.cc): what is built in, the files of apt.conf.d, apt.conf; names and clearing as in class Configuration
   (apt-pkg/contrib/configuration.cc). */
#include "resolve/apt.h"

#include "resolve/work.h"

#include <stdlib.h>

enum { KEY, VALUE, KIND };
#define MAX_INCLUDES 10   /* ReadConfigFile's own */
#define MAX_READS    4096 /* ours, so that files that include each other again and again come to an end */

struct item {
	kj_str tag, value;
	struct item *parent, *child, *last, *next;
	struct kj_map by_tag; /* of its children, folded; items of lists have no tag */
	struct kj_origin origin;
	bool builtin, emptied; /* emptied: set to nothing */
	KJ_VEC(struct kj_overridden) overrides;
};

struct apt {
	struct kj_host *host;
	struct kj_resolved *out; /* where what is read is noted */
	struct item root;
	struct kj_reads reads;
	bool failed; /* apt stops with an error */
	KJ_VEC(struct kj_setting) cleared;
};

/* What pkgInitConfig() sets before it reads a file. */
static const struct {
	kj_str key, value;
} builtin[] = {
        {KJ_STR_INIT("APT::Build-Essential::"), KJ_STR_INIT("build-essential")},
        {KJ_STR_INIT("APT::Install-Recommends"), KJ_STR_INIT("1")},
        {KJ_STR_INIT("APT::Install-Suggests"), KJ_STR_INIT("0")},
        {KJ_STR_INIT("Dir"), KJ_STR_INIT("/")},
        {KJ_STR_INIT("Dir::State"), KJ_STR_INIT("var/lib/apt")},
        {KJ_STR_INIT("Dir::State::lists"), KJ_STR_INIT("lists/")},
        {KJ_STR_INIT("Dir::State::cdroms"), KJ_STR_INIT("cdroms.list")},
        {KJ_STR_INIT("Dir::Cache"), KJ_STR_INIT("var/cache/apt")},
        {KJ_STR_INIT("Dir::Cache::archives"), KJ_STR_INIT("archives/")},
        {KJ_STR_INIT("Dir::Cache::srcpkgcache"), KJ_STR_INIT("srcpkgcache.bin")},
        {KJ_STR_INIT("Dir::Cache::pkgcache"), KJ_STR_INIT("pkgcache.bin")},
        {KJ_STR_INIT("Dir::Etc"), KJ_STR_INIT("etc/apt")},
        {KJ_STR_INIT("Dir::Etc::sourcelist"), KJ_STR_INIT("sources.list")},
        {KJ_STR_INIT("Dir::Etc::sourceparts"), KJ_STR_INIT("sources.list.d")},
        {KJ_STR_INIT("Dir::Etc::main"), KJ_STR_INIT("apt.conf")},
        {KJ_STR_INIT("Dir::Etc::netrc"), KJ_STR_INIT("auth.conf")},
        {KJ_STR_INIT("Dir::Etc::netrcparts"), KJ_STR_INIT("auth.conf.d")},
        {KJ_STR_INIT("Dir::Etc::parts"), KJ_STR_INIT("apt.conf.d")},
        {KJ_STR_INIT("Dir::Etc::preferences"), KJ_STR_INIT("preferences")},
        {KJ_STR_INIT("Dir::Etc::preferencesparts"), KJ_STR_INIT("preferences.d")},
        {KJ_STR_INIT("Dir::Etc::trusted"), KJ_STR_INIT("trusted.gpg")},
        {KJ_STR_INIT("Dir::Etc::trustedparts"), KJ_STR_INIT("trusted.gpg.d")},
        {KJ_STR_INIT("Dir::Bin::methods"), KJ_STR_INIT("/usr/lib/apt/methods")},
        {KJ_STR_INIT("Dir::Media::MountPath"), KJ_STR_INIT("/media/apt")},
        {KJ_STR_INIT("Dir::Log"), KJ_STR_INIT("var/log/apt")},
        {KJ_STR_INIT("Dir::Log::Terminal"), KJ_STR_INIT("term.log")},
        {KJ_STR_INIT("Dir::Log::History"), KJ_STR_INIT("history.log")},
        {KJ_STR_INIT("Dir::Log::Planner"), KJ_STR_INIT("eipp.log.xz")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("~$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.disabled$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.bak$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.dpkg-[a-z]+$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.ucf-[a-z]+$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.save$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.orig$")},
        {KJ_STR_INIT("Dir::Ignore-Files-Silently::"), KJ_STR_INIT("\\.distUpgrade$")},
};

kj_str kj_without_passwords(struct kj_arena *arena, kj_str text)
{
	static const kj_str scheme = KJ_STR_INIT("://");
	struct kj_buf out = KJ_BUF(arena);
	if (kj_str_find(text, '@') == text.n)
		return text;
	while (text.n) {
		size_t start = kj_str_find_str(text, scheme);
		kj_str rest = kj_str_from(text, start + scheme.n);
		kj_str user = kj_str_upto(rest, kj_str_find_any(rest, KJ_STR("/ \"")));
		size_t at = kj_str_find_last(user, '@'), colon = kj_str_find(user, ':');
		kj_buf_put(&out, kj_str_upto(text, start + scheme.n));
		if (at < user.n && colon < at) {
			kj_buf_put(&out, kj_str_upto(user, colon + 1));
			kj_buf_put(&out, KJ_STR("[redacted]"));
			rest = kj_str_from(rest, at);
		}
		text = rest;
	}
	return kj_buf_str(&out);
}

/* ---- the tree of names ---- */

static struct item *child_of(struct apt *a, struct item *parent, kj_str tag, bool create)
{
	void **place = NULL;
	if (tag.n) {
		kj_str folded = kj_str_lower(a->host->arena, tag);
		struct item *known = kj_map_get(&parent->by_tag, folded);
		if (known || !create)
			return known;
		place = kj_map_at(a->host->arena, &parent->by_tag, folded);
	} else if (!create) {
		return NULL;
	}
	struct item *item = KJ_NEW(a->host->arena, struct item);
	item->tag = tag;
	item->parent = parent;
	*(parent->last ? &parent->last->next : &parent->child) = item;
	parent->last = item;
	if (place)
		*place = item;
	return item;
}

/* Configuration::Lookup: after "::" the search goes on one byte later, so that in A::::B the second is part of the name. */
static struct item *look_up(struct apt *a, kj_str name, bool create)
{
	struct item *item = &a->root;
	size_t start = 0;
	for (size_t i = 0; i + 1 < name.n; i++) {
		if (name.p[i] != ':' || name.p[i + 1] != ':')
			continue;
		item = child_of(a, item, (kj_str){name.p + start, i - start}, create);
		if (!item)
			return NULL;
		i = start = i + 2;
	}
	return child_of(a, item, kj_str_from(name, start), create);
}

/* As QuoteString() writes it. */
static void put_quoted(struct kj_buf *buf, kj_str tag)
{
	for (size_t i = 0; i < tag.n; i++) {
		unsigned byte = (unsigned char)tag.p[i];
		if (byte <= ' ' || byte >= 0x7f || byte == '=' || byte == '"' || byte == '%')
			kj_buf_fmt(buf, "%%%02x", byte);
		else
			kj_buf_char(buf, tag.p[i]);
	}
}

static kj_str full_name(struct apt *a, const struct item *item)
{
	KJ_VEC(const struct item *) path = {0};
	struct kj_buf buf = KJ_BUF(a->host->arena);
	for (; item->parent; item = item->parent)
		KJ_PUSH(a->host->arena, &path, item);
	for (size_t i = path.n; i-- > 0;) {
		put_quoted(&buf, path.at[i]->tag);
		if (i)
			kj_buf_put(&buf, KJ_STR("::"));
	}
	return kj_buf_str(&buf);
}

/* The next in the order of a dump, or NULL; `top` is where the walk began. */
static struct item *next_item(struct item *item, const struct item *top)
{
	if (item->child)
		return item->child;
	while (item != top && !item->next)
		item = item->parent;
	return item == top ? NULL : item->next;
}

static void set(struct apt *a, kj_str key, kj_str value, struct kj_origin origin, bool preset)
{
	struct item *item = look_up(a, key, true);
	if (item->value.n && !item->builtin)
		KJ_PUSH(a->host->arena, &item->overrides, (struct kj_overridden){item->value, item->origin});
	item->value = kj_without_passwords(a->host->arena, value);
	item->origin = origin;
	item->builtin = preset;
	item->emptied = !value.n;
}

/* ---- settings ---- */

static struct kj_setting setting_of(struct apt *a, const struct item *item)
{
	struct kj_setting s = {.key = full_name(a, item),
	                       .value = item->value,
	                       .state = item->builtin ? KJ_STATE_DEFAULT : KJ_STATE_EFFECTIVE,
	                       .origin = item->origin};
	for (size_t i = 0; i < item->overrides.n; i++)
		KJ_PUSH(a->host->arena, &s.overrides, item->overrides.at[i]);
	return s;
}

/* Shown, and never judged: it is as if it had not been written. */
static struct kj_setting without_effect(struct apt *a, const struct item *item)
{
	struct kj_setting s = setting_of(a, item);
	s.state = KJ_STATE_NOT_IN_FORCE;
	s.unjudged = true;
	return s;
}

/* An empty value is none (Configuration::Find). */
static void add_settings(struct apt *a, struct kj_resolved *out)
{
	for (struct item *item = a->root.child; item; item = next_item(item, &a->root))
		if (item->value.n)
			KJ_PUSH(a->host->arena, &out->settings, setting_of(a, item));
}

static void add_without_effect(struct apt *a, struct kj_resolved *out)
{
	for (struct item *item = a->root.child; item; item = next_item(item, &a->root)) {
		if (!item->emptied)
			continue;
		struct kj_setting s = without_effect(a, item);
		kj_setting_note(a->host, &s, "set to nothing, which is as if it were not set");
		KJ_PUSH(a->host->arena, &out->settings, s);
	}
	for (size_t i = 0; i < a->cleared.n; i++)
		KJ_PUSH(a->host->arena, &out->settings, a->cleared.at[i]);
}

const char *const kj_apt_columns[] = {"key", "value", NULL};

/* What is in force, as rows. */
static void add_rows(struct apt *a, struct kj_resolved *out)
{
	struct kj_rows *rows = kj_rows_make(a->host, kj_apt_columns);
	for (size_t i = 0; i < out->settings.n; i++) {
		const struct kj_setting *s = &out->settings.at[i];
		if (s->state != KJ_STATE_EFFECTIVE)
			continue;
		struct kj_row from = {.text = s->origin.text, .line = s->origin.line, .col = s->origin.col};
		kj_str *cells = kj_rows_append(a->host, rows, &from);
		cells[0] = s->key;
		cells[1] = s->value;
	}
	out->rows = rows;
}

/* Configuration::Clear: the item stays in its place, without a value and without all below it. */
static void clear(struct apt *a, const struct kj_row *row)
{
	struct item *top = look_up(a, row->cell[KEY], false);
	if (!top)
		return;
	for (struct item *item = top; item; item = next_item(item, top)) {
		if (!item->value.n || item->builtin)
			continue;
		struct kj_setting s = without_effect(a, item);
		kj_setting_note(a->host, &s, "cleared by '%.*s' line %u", KJ_FMT(row->text->name), row->line);
		KJ_PUSH(a->host->arena, &a->cleared, s);
	}
	*top = (struct item){.tag = top->tag, .parent = top->parent, .next = top->next};
}

/* ---- files ---- */

/* apt stops with an error: no program that uses it does anything. */
static bool fail(struct apt *a, const struct kj_row *row, const char *problem)
{
	if (!a->failed) {
		a->out->at = kj_origin_of(row);
		kj_resolved_state(a->host, a->out, KJ_STATE_NOT_IN_FORCE, "'%.*s' line %u: %s: apt stops with an error",
		                  KJ_FMT(row->text->name), row->line, problem);
	}
	a->failed = true;
	return false;
}

static bool read_file(struct apt *a, kj_str path, const struct kj_row *included, size_t depth);
static bool read_folder(struct apt *a, kj_str folder, const struct kj_row *included, size_t depth);

static bool include(struct apt *a, const struct kj_row *row, size_t depth)
{
	kj_str path = row->cell[KEY];
	if (depth > MAX_INCLUDES)
		return fail(a, row, "too many nested includes");
	return path.n > 2 && kj_str_ends(path, KJ_STR("/")) ? read_folder(a, path, row, depth + 1)
	                                                    : read_file(a, path, row, depth + 1);
}

static bool take_row(struct apt *a, const struct kj_row *row, size_t depth)
{
	kj_str kind = row->cell[KIND];
	if (row->bad) {
		KJ_PUSH(a->host->arena, &a->out->bad, *row);
		return fail(a, row, row->problem);
	}
	if (kj_str_eq(kind, KJ_STR("include")))
		return include(a, row, depth);
	if (kj_str_eq(kind, KJ_STR("clear")))
		clear(a, row);
	else if (kj_str_eq(kind, KJ_STR("set")))
		set(a, row->cell[KEY], row->cell[VALUE], kj_origin_of(row), false);
	return true;
}

/* Where the file began with a byte order mark, it is part of the first word to apt. */
static const struct kj_rows *rows_of(struct apt *a, const struct kj_artifact *artifact)
{
	if (!kj_has_mark(artifact))
		return kj_host_rows(a->host, artifact, KJ_STR("apt_conf"), NULL);
	struct kj_text *text = KJ_NEW(a->host->arena, struct kj_text);
	text->name = artifact->text.name;
	text->bytes = kj_str_fmt(a->host->arena, "\xef\xbb\xbf");
	struct kj_buf buf = KJ_BUF(a->host->arena);
	kj_buf_put(&buf, text->bytes);
	kj_buf_put(&buf, artifact->text.bytes);
	text->bytes = kj_buf_str(&buf);
	return kj_parse_text(a->host->arena, kj_parser_find(KJ_STR("apt_conf")), NULL, text, 0);
}

/* False when apt gives up the file, and so the one that includes it. */
static bool read_file(struct apt *a, kj_str path, const struct kj_row *included, size_t depth)
{
	size_t before = a->reads.list.n;
	enum kj_presence presence = kj_read_path(a->host, &a->reads, NULL, path, KJ_STR(""), NULL);
	if (included && presence == KJ_ABSENT)
		return fail(a, included, "there is no such file to include");
	if (included && presence == KJ_NOT_COLLECTED)
		a->reads.hidden = path;
	if (a->reads.list.n == before)
		return true;
	const struct kj_rows *rows = rows_of(a, a->reads.list.at[before].artifact);
	for (size_t i = 0; i < rows->list.n && before < MAX_READS; i++)
		if (!take_row(a, &rows->list.at[i], depth))
			return false;
	return true;
}

bool kj_apt_takes_name(kj_str path, kj_str ending)
{
	static const kj_str marks = KJ_STR_INIT("_-:.");
	size_t slash = kj_str_find_last(path, '/');
	kj_str name = slash < path.n ? kj_str_from(path, slash + 1) : path;
	size_t dot = kj_str_find_last(name, '.');
	for (size_t i = 0; i < name.n; i++)
		if (!kj_is_alnum(name.p[i]) && kj_str_find(marks, name.p[i]) == marks.n)
			return false;
	return name.n && name.p[0] != '.' && (dot == name.n || kj_str_eq(kj_str_from(name, dot + 1), ending));
}

/* What is wrong in one file does not keep apt from reading the others. */
static bool read_folder(struct apt *a, kj_str folder, const struct kj_row *included, size_t depth)
{
	enum kj_presence presence;
	bool good = true;
	folder = kj_host_path(folder);
	kj_str glob =
	        kj_str_fmt(a->host->arena, "%.*s%s*", KJ_FMT(folder), kj_str_ends(folder, KJ_STR("/")) ? "" : "/");
	struct kj_entry_list found = kj_export_glob(a->host->export, a->host->arena, glob, &presence);
	if (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE)
		a->reads.hidden = kj_str_fmt(a->host->arena, "/%.*s", KJ_FMT(glob));
	if (included && presence == KJ_ABSENT)
		return fail(a, included, "there is no such folder to include");
	for (size_t i = 0; i < found.paths.n; i++)
		if (kj_apt_takes_name(found.paths.at[i], KJ_STR("conf")))
			good &= read_file(a, found.paths.at[i], NULL, depth);
	return good;
}

/* ---- Configuration::FindFile ---- */

static bool is_absolute(kj_str path)
{
	return kj_str_starts(path, KJ_STR("/")) || kj_str_starts(path, KJ_STR("./")) ||
	       kj_str_starts(path, KJ_STR("../")) || kj_str_starts(path, KJ_STR("~/"));
}

/* A relative value stands below that of the block around it. */
static kj_str find_path(struct apt *a, kj_str name)
{
	const struct item *item = look_up(a, name, false);
	if (!item || !item->value.n)
		return KJ_STR("");
	kj_str path = item->value;
	for (item = item->parent; item && !is_absolute(path); item = item->parent) {
		bool slash = kj_str_ends(item->value, KJ_STR("/"));
		if (item->value.n)
			path = kj_str_fmt(a->host->arena, "%.*s%s%.*s", KJ_FMT(item->value), slash ? "" : "/",
			                  KJ_FMT(path));
	}
	return path;
}

static void read_files(struct apt *a)
{
	for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
		set(a, builtin[i].key, builtin[i].value, (struct kj_origin){0}, true);
	read_folder(a, find_path(a, KJ_STR("Dir::Etc::parts")), NULL, 0);
	kj_str main = find_path(a, KJ_STR("Dir::Etc::main"));
	if (main.n)
		read_file(a, main, NULL, 0);
	a->reads.looked_for = KJ_STR("/etc/apt/apt.conf.d/*, /etc/apt/apt.conf");
	if (a->reads.list.n >= MAX_READS && !a->failed)
		kj_resolved_state(a->host, a->out, KJ_STATE_ERROR, "the files include each other too often");
}

/* ---- a captured dump ---- */

static bool is_list(kj_str key)
{
	return kj_str_ends(key, KJ_STR("::"));
}

/* Items of a list are told apart by their values while they are compared. */
static void scope_lists(struct kj_resolved *r, bool on)
{
	for (size_t i = 0; i < r->settings.n; i++)
		if (is_list(r->settings.at[i].key))
			r->settings.at[i].scope = on ? r->settings.at[i].value : KJ_STR("");
}

static void compare(struct apt *dump, struct kj_resolved *out)
{
	struct kj_resolved files = {.source = out->source};
	struct apt a = {.host = dump->host, .out = &files};
	read_files(&a);
	kj_note_texts(a.host, &a.reads, out);
	add_settings(&a, &files);
	scope_lists(out, true);
	scope_lists(&files, true);
	kj_settings_compare(a.host, out, &files);
	scope_lists(out, false);
	add_without_effect(&a, out);
}

/* `NAME "value";`, where a value may hold quotes, so that it is not quite the syntax of the files. */
static bool take_dump_line(struct apt *a, const struct kj_row *row)
{
	kj_str line = row->cell[0];
	size_t quote = kj_str_find(line, '"');
	kj_str key = kj_str_trim_right(kj_str_upto(line, quote)), value = kj_str_from(line, quote);
	if (value.n < 3 || !kj_str_ends(value, KJ_STR("\";")))
		return false;
	if (value.n > 3)
		KJ_PUSH(a->host->arena, &a->out->settings,
		        (struct kj_setting){.key = key,
		                            .value = kj_without_passwords(
		                                    a->host->arena, kj_str_upto(kj_str_from(value, 1), value.n - 3)),
		                            .state = KJ_STATE_EFFECTIVE,
		                            .origin = kj_origin_of(row)});
	return true;
}

static void read_dump(struct apt *a, const struct kj_source *source)
{
	const struct kj_read *read = &a->reads.list.at[0];
	bool good = read->rows->list.n > 0;
	for (size_t i = 0; i < read->rows->list.n && good; i++)
		good = !read->rows->list.at[i].bad && take_dump_line(a, &read->rows->list.at[i]);
	kj_note_texts(a->host, &a->reads, a->out);
	a->out->state = KJ_STATE_EFFECTIVE;
	if (!good)
		kj_resolved_state(a->host, a->out, KJ_STATE_ERROR, "'%.*s' is not what apt-config dump prints",
		                  KJ_FMT(read->artifact->text.name));
	add_rows(a, a->out);
	compare(a, a->out);
	if (good)
		kj_defaults_add(a->host, source, a->out);
}

void kj_resolve_apt(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct apt dump = {.host = host, .out = out}, files = {.host = host, .out = out};
	kj_read_inputs(host, source, true, &dump.reads);
	if (dump.reads.list.n) {
		read_dump(&dump, source);
		return;
	}
	read_files(&files);
	files.reads.broken = files.reads.broken ? files.reads.broken : dump.reads.broken;
	struct kj_resolved told = *out;
	bool whole = kj_judge_reads(host, &files.reads, out);
	add_settings(&files, out);
	add_rows(&files, out);
	add_without_effect(&files, out);
	if (files.failed) {
		out->refused = true;
		kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE, "%.*s", KJ_FMT(told.message));
		kj_settings_out_of_force(host, out);
	} else if (whole && told.state == KJ_STATE_ERROR) {
		kj_resolved_state(host, out, KJ_STATE_ERROR, "%.*s", KJ_FMT(told.message));
	} else if (out->state == KJ_STATE_EFFECTIVE || out->state == KJ_STATE_ABSENT) {
		kj_defaults_add(host, source, out);
	}
}
